//! Reads a question by its keywords.
//!
//! No template is inverted: the reader looks for names of tables and columns, for constants, and for the words that
//! people use for comparisons, totals and order. It understands plain questions and guesses at others.

use std::sync::OnceLock;

use crate::{
    lexicon::Lexicon,
    plan::{Aggregate, Function, Join, Op, Order, Output, Plan, Test},
    protocol::AnalysisRequest,
    schema::{ColumnRef, Kind, Reference, Schema},
    value::{day_of, Value},
};

/// A piece of a question.
#[derive(Clone, Debug, PartialEq)]
enum Item {
    Word(String),
    Constant(Value),
    Column(ColumnRef),
    Table(usize),
}

/// The constants that a query may name: those of the request, or those of its question.
pub fn constants(request: &AnalysisRequest) -> Vec<Value> {
    let mut all = request.constants.clone();
    all.extend(pieces(&request.question).into_iter().filter_map(|piece| match piece {
        Item::Constant(value) => Some(value),
        _ => None,
    }));
    all.sort();
    all.dedup();
    all
}

/// The likely meaning of a question; `None` if it names too little.
pub fn read(request: &AnalysisRequest) -> Option<Plan> {
    let schema = &request.schema;
    let items = mark(pieces(&request.question), schema);
    let parts = Parts::cut(&items);
    let mentioned = mentions(parts.head, schema);
    let grouped = mentioned.iter().any(|output| output.aggregate().is_some());
    let mut plan = Plan::of(0, mentioned);
    if grouped {
        // Keys come first, wherever the question names them.
        plan.outputs.sort_by_key(|output| output.column().is_none());
    }
    plan.outputs.dedup();
    plan.distinct =
        !grouped && ["different", "once", "unique", "distinct"].iter().any(|cue| has(parts.head, cue));
    if plan.outputs.is_empty() {
        return None;
    }
    (plan.tests, _) = tests(parts.filters, schema);
    connect(&mut plan, &parts, schema)?;
    for output in &mut plan.outputs {
        if let Output::Aggregate(aggregate) = output {
            if aggregate.function == Function::Rows {
                aggregate.column = ColumnRef { table: plan.base, column: 0 };
            }
        }
    }
    if grouped {
        plan.having = having(parts.having, schema, plan.base);
    }
    if request.ordered || !parts.order.is_empty() {
        let by = mentions(parts.order, schema).into_iter().next();
        let same = |output: &Output| match (output.aggregate(), by.and_then(|by| by.aggregate())) {
            (Some(one), Some(other)) if one.function == Function::Rows => other.function == Function::Rows,
            _ => Some(*output) == by,
        };
        let output = plan.outputs.iter().position(same).unwrap_or(plan.outputs.len() - 1);
        let descending = has(parts.order, "descending") || before(parts.order, "high", "low");
        plan.order = Some(Order { output, descending });
        plan.limit = parts.limit;
    }
    Some(plan)
}

/// A question cut by its keywords.
struct Parts<'a> {
    head: &'a [Item],
    filters: &'a [Item],
    having: &'a [Item],
    order: &'a [Item],
    limit: Option<u32>,
}

impl<'a> Parts<'a> {
    fn cut(items: &'a [Item]) -> Self {
        let find = |from: usize, cues: &[&str]| {
            let hit = |item: &Item| matches!(item, Item::Word(word) if cues.contains(&word.as_str()));
            items[from..].iter().position(hit).map(|at| at + from)
        };
        let order =
            find(0, &["sorted", "ordered", "ascending", "descending", "ranked"]).unwrap_or(items.len());
        let having = find(0, &["groups"]).filter(|at| *at < order).unwrap_or(order);
        let filters = find(0, &["where", "whose", "only", "satisfying", "provided"])
            .filter(|at| *at < having)
            .unwrap_or(having);
        let first = find(0, &["first", "top"]).and_then(|at| {
            items[at..].iter().take(3).find_map(|item| match item {
                Item::Constant(value) => value.whole().and_then(|number| u32::try_from(number).ok()),
                _ => None,
            })
        });
        Parts {
            head: &items[..filters],
            filters: &items[filters..having],
            having: &items[having..order],
            order: &items[order..],
            limit: first,
        }
    }
}

fn is(item: &Item, word: &str) -> bool {
    matches!(item, Item::Word(found) if found == word)
}

fn has(items: &[Item], word: &str) -> bool {
    items.iter().any(|item| is(item, word))
}

fn has_any(items: &[Item], words: &[&str]) -> bool {
    words.iter().any(|word| has(items, word))
}

/// Whether one word stands before another.
fn before(items: &[Item], one: &str, other: &str) -> bool {
    let place = |word: &str| items.iter().position(|item| is(item, word));
    matches!((place(one), place(other)), (Some(one), Some(other)) if one < other)
}

/// Words, signs and constants of a text.
fn pieces(text: &str) -> Vec<Item> {
    let mut all = Vec::new();
    let mut rest = text.trim();
    while let Some(first) = rest.chars().next() {
        if let Some((quoted, after)) = rest.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
            all.push(Item::Constant(Value::text(quoted)));
            rest = after;
            continue;
        }
        let wordy = |c: char| c.is_alphanumeric() || c == '-' || c == '_' || c == '\'';
        let end =
            if wordy(first) { rest.find(|c| !wordy(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        let (word, after) = rest.split_at(end);
        rest = after;
        if let Ok(number) = word.parse::<i64>() {
            all.push(Item::Constant(Value::Integer(number)));
        } else if day_of(word).is_some() {
            all.push(Item::Constant(Value::text(word)));
        } else if !word.trim().is_empty() {
            all.push(Item::Word(word.to_lowercase()));
        }
    }
    all
}

/// Replaces words by the columns and tables that they name, the longest names first.
fn mark(items: Vec<Item>, schema: &Schema) -> Vec<Item> {
    let mut names: Vec<(Vec<String>, Item)> = Vec::new();
    for (at, table) in schema.tables.iter().enumerate() {
        names.push((split(&table.name), Item::Table(at)));
        for (column, found) in schema.columns_of(at).filter(|(column, _)| !schema.is_link(*column)) {
            for name in [&found.name].into_iter().chain(synonyms(&found.name)) {
                names.push((split(name), Item::Column(column)));
            }
        }
    }
    names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    let mut marked = Vec::new();
    let mut at = 0;
    while let Some(item) = items.get(at) {
        let stands = |words: &[String]| {
            !words.is_empty()
                && words
                    .iter()
                    .enumerate()
                    .all(|(more, word)| items.get(at + more).is_some_and(|item| is(item, word)))
        };
        match names.iter().find(|(words, _)| stands(words)) {
            Some((words, name)) => {
                marked.push(name.clone());
                at += words.len();
            }
            None => {
                marked.push(item.clone());
                at += 1;
            }
        }
    }
    marked
}

fn split(name: &str) -> Vec<String> {
    name.split(['_', ' ']).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// Words of the public lexicon for a column.
fn synonyms(name: &str) -> &'static [String] {
    static LEXICON: OnceLock<Option<Lexicon>> = OnceLock::new();
    let lexicon = LEXICON.get_or_init(|| Lexicon::public().ok());
    let found =
        lexicon.iter().flat_map(|lexicon| &lexicon.attributes).find(|attribute| attribute.name == name);
    found.map(|attribute| attribute.words.as_slice()).unwrap_or_default()
}

/// The function that words before a column name.
fn function(words: &[Item]) -> Option<Function> {
    let counted = has_any(words, &["number", "many", "count"]);
    let cues: [(&[&str], Function); 4] = [
        (&["total", "sum", "altogether"], Function::Sum),
        (&["average", "mean"], Function::Average),
        (&["smallest", "minimum", "least", "lowest", "earliest"], Function::Least),
        (&["largest", "maximum", "greatest", "highest", "latest"], Function::Greatest),
    ];
    match counted {
        true if has_any(words, &["different", "distinct", "unique"]) => Some(Function::Distinct),
        true if has_any(words, &["known", "values"]) => Some(Function::Count),
        _ => cues.iter().find(|(words_of, _)| has_any(words, words_of)).map(|(_, function)| *function),
    }
}

/// The columns and aggregates that a part of a question names, in order.
fn mentions(items: &[Item], schema: &Schema) -> Vec<Output> {
    let mut all = Vec::new();
    let mut from = 0;
    for (at, item) in items.iter().enumerate() {
        let words = &items[from..at];
        match item {
            Item::Column(column) => {
                let amount = schema.column(*column).is_some_and(|found| found.kind.is_amount());
                let function = function(words)
                    .filter(|function| amount || !matches!(function, Function::Sum | Function::Average));
                all.push(match function {
                    Some(function) => Output::Aggregate(Aggregate { function, column: *column }),
                    None => Output::Column(*column),
                });
                from = at + 1;
            }
            Item::Word(word) if word == "rows" && has_any(words, &["number", "many", "count"]) => {
                let column = ColumnRef { table: 0, column: 0 };
                all.push(Output::Aggregate(Aggregate { function: Function::Rows, column }));
                from = at + 1;
            }
            _ => {}
        }
    }
    all
}

/// The comparison that words name.
fn op(words: &[Item]) -> Op {
    let pair = |one: &str, other: &str| words.windows(2).any(|two| is(&two[0], one) && is(&two[1], other));
    let any = |list: &[&str]| has_any(words, list);
    if pair("at", "least") || pair("or", "more") || pair("no", "less") {
        Op::Ge
    } else if pair("at", "most") || pair("or", "less") || pair("no", "more") {
        Op::Le
    } else if any(&["less", "below", "under", "before", "fewer", "smaller", "lower"]) {
        Op::Lt
    } else if any(&["greater", "above", "exceeds", "more", "over", "after", "larger", "higher", "beyond"]) {
        Op::Gt
    } else if any(&["not", "differs", "except", "other"]) {
        Op::Ne
    } else {
        Op::Eq
    }
}

/// The tests that a part of a question names, and the tables that stand between them.
fn tests(items: &[Item], schema: &Schema) -> (Vec<Test>, Vec<usize>) {
    let mut all: Vec<Test> = Vec::new();
    let mut tables = Vec::new();
    let mut at = 0;
    let mut either = None;
    while let Some(item) = items.get(at) {
        at += 1;
        match item {
            Item::Word(word) if word == "either" || word == "(" => either = Some(all.len()),
            Item::Column(column) => {
                let end = items[at..].iter().position(|item| matches!(item, Item::Column(_)));
                let region = &items[at..end.map_or(items.len(), |end| at + end)];
                all.extend(test(*column, region, schema));
            }
            Item::Table(table) => {
                tables.push(*table);
                let rest = &items[at.saturating_sub(3)..items.len().min(at + 6)];
                let other = items[at..].iter().take(6).find_map(|item| match item {
                    Item::Table(other) => Some(*other),
                    _ => None,
                });
                let link = other.and_then(|other| {
                    let joins = |link: &crate::schema::Reference| {
                        (link.table, link.to) == (*table, other) || (link.table, link.to) == (other, *table)
                    };
                    schema.references.iter().position(joins)
                });
                all.extend(link.filter(|_| has_any(rest, &["no", "without", "none"])).map(Test::Without));
            }
            _ => {}
        }
    }
    if let Some(from) = either.filter(|from| all.len() >= from + 2) {
        let other = all.remove(from + 1);
        let one = all.remove(from);
        all.insert(from, Test::Either(Box::new(one), Box::new(other)));
    }
    (all, tables)
}

/// The test of one column by the words and constants after it.
fn test(at: ColumnRef, region: &[Item], schema: &Schema) -> Option<Test> {
    let values: Vec<Value> = region
        .iter()
        .filter_map(|item| match item {
            Item::Constant(value) => Some(value.clone()),
            _ => None,
        })
        .collect();
    let kind = schema.column(at)?.kind;
    let words = &region[..region
        .iter()
        .rposition(|item| matches!(item, Item::Constant(_)))
        .map_or(region.len(), |last| region.len().min(last + 3))];
    if has_any(region, &["average", "mean"]) && kind.is_amount() {
        return Some(Test::Average(at, op(region) != Op::Lt));
    }
    let (first, second) = (values.first().cloned(), values.get(1).cloned());
    match (first, second) {
        (None, _) => {
            let not = has(region, "not");
            let missing = has_any(region, &["missing", "unknown", "empty", "blank"]);
            let known = has_any(region, &["known", "present", "given"]);
            (missing || known).then_some(Test::Null(at, missing != not))
        }
        (Some(Value::Text(text)), _) if has_any(words, &["starts", "begins", "starting", "beginning"]) => {
            Some(Test::Like(at, text, true))
        }
        (Some(Value::Text(text)), _)
            if has_any(words, &["contains", "somewhere", "includes", "containing"]) =>
        {
            Some(Test::Like(at, text, false))
        }
        (Some(low), Some(high)) if kind != Kind::Text && has_any(words, &["between", "from", "through"]) => {
            Some(Test::Between(at, low, high))
        }
        (Some(_), Some(_)) if kind == Kind::Text => Some(Test::OneOf(at, values)),
        (Some(value), _) => Some(Test::Compare(at, op(words), value)),
    }
}

fn having(items: &[Item], schema: &Schema, base: usize) -> Option<(Aggregate, Op, i64)> {
    let mut aggregate = mentions(items, schema).first().and_then(Output::aggregate)?;
    if aggregate.function == Function::Rows {
        aggregate.column = ColumnRef { table: base, column: 0 };
    }
    let number = items.iter().find_map(|item| match item {
        Item::Constant(value) => value.whole(),
        _ => None,
    })?;
    Some((aggregate, op(items), number))
}

/// Finds the first table and joins every other one that is needed.
fn connect(plan: &mut Plan, parts: &Parts, schema: &Schema) -> Option<()> {
    let named = |items: &[Item]| -> Vec<usize> {
        let tables = items.iter().filter_map(|item| match item {
            Item::Table(table) => Some(*table),
            _ => None,
        });
        tables.collect()
    };
    let mut wanted = named(parts.head);
    let columns = plan.outputs.iter().filter_map(|output| match output {
        Output::Column(at) => Some(at.table),
        Output::Aggregate(aggregate) if aggregate.function != Function::Rows => Some(aggregate.column.table),
        Output::Aggregate(_) => None,
    });
    wanted.extend(columns);
    wanted.extend(plan.tests.iter().flat_map(Test::columns).map(|at| at.table));
    wanted.extend(plan.tests.iter().filter_map(|test| match test {
        Test::Without(reference) => schema.references.get(*reference).map(|link| link.to),
        _ => None,
    }));
    plan.base = *wanted.first()?;
    loop {
        let tables = plan.tables(schema)?;
        let missing: Vec<usize> = wanted.iter().copied().filter(|table| !tables.contains(table)).collect();
        if missing.is_empty() {
            return Some(());
        }
        // A reference to a missing table, or else one that leads on.
        let leads = |direct: bool| {
            let links = schema.references.iter().enumerate();
            let new = |link: &Reference| match (tables.contains(&link.table), tables.contains(&link.to)) {
                (true, false) => Some(link.to),
                (false, true) => Some(link.table),
                _ => None,
            };
            let mut news = links.filter_map(|(reference, link)| Some((reference, new(link)?)));
            news.find(|(_, new)| !direct || missing.contains(new))
        };
        let (reference, new) = leads(true).or_else(|| leads(false))?;
        plan.joins.push(Join { reference, keep: is_optional(parts.head, new) });
    }
}

/// Whether rows without a partner in a table are kept: the words for it stand after the table's first mention, before
/// the next table is joined.
fn is_optional(head: &[Item], table: usize) -> bool {
    let Some(at) = head.iter().position(|item| *item == Item::Table(table)) else { return false };
    let rest = &head[at + 1..];
    let end = rest.iter().position(|item| is(item, "with") || is(item, "matched")).unwrap_or(rest.len());
    let said = &rest[..end];
    // "without its decimals" means a rounded average.
    let lacks = said.windows(2).any(|pair| is(&pair[0], "without") && matches!(pair[1], Item::Table(_)));
    lacks || has_any(said, &["any", "even", "including", "also"])
}

#[cfg(test)]
mod tests {
    use myelin_wire::{record::Ppm, seed::Seed};

    use super::*;
    use crate::{
        judge::Judge,
        protocol::AnalysisResponse,
        task::{draw, Form, Source},
    };

    #[test]
    fn plain_questions_are_understood() {
        let source = Source::public().unwrap();
        let count = 40;
        let right = (0..count).filter(|number| {
            let task = draw(&source, Form::Words, &Seed([6; 32]).derive(b"words", *number)).unwrap();
            let Some(plan) = read(&task.request) else { return false };
            let sql = plan.to_sql(&task.request.schema);
            let verdict =
                Judge::open(&task.hidden).unwrap().judge(&AnalysisResponse { sql, ..Default::default() });
            verdict.is_ok_and(|verdict| verdict.accuracy == Ppm::ONE)
        });
        let right = right.count();
        assert!(right >= 12, "{right} of {count}");
    }

    #[test]
    fn constants_are_read_as_they_are_written() {
        let request =
            AnalysisRequest { question: "a is -3, b \"x y\", on 2024-02-29".into(), ..Default::default() };
        assert_eq!(constants(&request), [Value::Integer(-3), Value::text("2024-02-29"), Value::text("x y")]);
    }
}

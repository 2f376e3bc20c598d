//! Runs the public phrasebook backwards: reads a question as the output of its templates.
//!
//! Against a validator that uses the public phrasebook this miner understands every question, so questions in words
//! weigh little there. Against a phrasebook of the validator's own it understands none.

use std::collections::BTreeSet;

use myelin_subnet::{phrases::Templates, AnswerContext, AnswerError, SubnetError};

use crate::{
    lexicon::{public_phrasebook, with_slots, Lexicon},
    miner::{explained, Backend, Searcher},
    plan::{Aggregate, Function, Join, Op, Order, Output, Plan, Test},
    protocol::{AnalysisRequest, AnalysisResponse},
    schema::{ColumnRef, Reference, Schema},
    value::{day_of, Value},
};

/// Reads questions by the public templates, and falls back to the search by example of the honest baseline.
pub struct Inverter {
    book: Templates,
    lexicon: Lexicon,
    search: Searcher,
}

impl Inverter {
    /// Inverts the public phrasebook; `search` answers the other questions.
    pub fn new(search: Searcher) -> Result<Self, SubnetError> {
        Ok(Self { book: public_phrasebook()?, lexicon: Lexicon::public()?, search })
    }

    /// Inverts the phrasebooks of so many other secrets as well: everybody who has the program can draw as many as they
    /// like. Where those have an invented word, the inverter takes any word.
    pub fn of_others(count: u8, search: Searcher) -> Result<Self, SubnetError> {
        let mut all = Self::new(search)?;
        for number in 0..count {
            let (lexicon, book) = with_slots([number; 32])?;
            all.book.extend(book);
            all.lexicon.attributes.extend(lexicon.attributes);
        }
        Ok(all)
    }

    /// The meaning of a question by the templates; `None` if they could not have made it.
    pub fn invert(&self, request: &AnalysisRequest) -> Option<Plan> {
        let reader = Reader { book: &self.book, lexicon: &self.lexicon, schema: &request.schema };
        ["groups", "total", "distinct", "list"].into_iter().find_map(|construct| {
            let readings = reader.construct(construct, &request.question);
            let whole = readings.into_iter().filter(|(_, rest)| rest.is_empty());
            whole.into_iter().find_map(|(slots, _)| plan(construct, slots))
        })
    }
}

impl Backend for Inverter {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        match self.invert(request).map(|plan| plan.to_sql(&request.schema)).filter(|sql| !sql.is_empty()) {
            Some(sql) => explained(&sql, request),
            None => self.search.answer(context, request),
        }
    }
}

/// The content of a slot.
#[derive(Clone, Debug)]
enum Filled {
    Outputs(Vec<Output>),
    Source(usize, Vec<Join>),
    Tests(Vec<Test>),
    Having(Option<(Aggregate, Op, i64)>),
    Order(Option<(Output, bool, Option<u32>)>),
    Output(Output),
    Value(Value),
    Values(Vec<Value>),
    Table(usize),
    Invented,
}

/// The slots of a template with their contents.
type Slots = Vec<(String, Filled)>;
/// Ways to read the beginning of a text, each with the rest of the text.
type Readings<'a, T> = Vec<(T, &'a str)>;

struct Reader<'b> {
    book: &'b Templates,
    lexicon: &'b Lexicon,
    schema: &'b Schema,
}

impl Reader<'_> {
    /// All ways in which a construct's templates can begin a text.
    fn construct<'a>(&self, construct: &str, text: &'a str) -> Readings<'a, Slots> {
        self.book.of(construct).iter().flat_map(|template| self.template(construct, template, text)).collect()
    }

    fn template<'a>(&self, construct: &str, template: &str, text: &'a str) -> Readings<'a, Slots> {
        let Some(open) = template.find('{') else {
            return text.strip_prefix(template).map(|rest| (Vec::new(), rest)).into_iter().collect();
        };
        let Some((slot, after)) = template[open + 1..].split_once('}') else { return Vec::new() };
        let Some(text) = text.strip_prefix(&template[..open]) else { return Vec::new() };
        let mut all = Vec::new();
        for (filled, rest) in self.slot(construct, slot, text) {
            for (mut slots, rest) in self.template(construct, after, rest) {
                slots.insert(0, (slot.to_owned(), filled.clone()));
                all.push((slots, rest));
            }
        }
        all
    }

    fn slot<'a>(&self, construct: &str, slot: &str, text: &'a str) -> Readings<'a, Filled> {
        match (construct, slot) {
            (_, "outputs" | "keys") => named(self.list(text, |text| self.output(text)), Filled::Outputs),
            (_, "output") => named(self.output(text), Filled::Output),
            (_, "table" | "joined") => named(self.table(text), Filled::Table),
            (_, "source") => self.source(text),
            (_, "invented") => {
                let letters = text.bytes().take_while(u8::is_ascii_lowercase).count();
                (letters > 0).then(|| (Filled::Invented, &text[letters..])).into_iter().collect()
            }
            (_, "filters") => {
                let some = self
                    .construct("filters", text)
                    .into_iter()
                    .filter_map(|(slots, rest)| slots.into_iter().next().map(|(_, tests)| (tests, rest)));
                some.chain([(Filled::Tests(Vec::new()), text)]).collect()
            }
            (_, "tests") => named(self.list(text, |text| self.test(text)), Filled::Tests),
            (_, "one" | "other") => named(self.test(text), |test| Filled::Tests(vec![test])),
            (_, "having") => {
                let some = self
                    .construct("having", text)
                    .into_iter()
                    .filter_map(|(slots, rest)| slots.into_iter().next().map(|(_, having)| (having, rest)));
                some.chain([(Filled::Having(None), text)]).collect()
            }
            ("having", "test") => self.having(text),
            (_, "order") => self.order(text),
            // In a test of groups the column is an aggregate.
            (_, "column") => named(self.column(text), |at| Filled::Output(Output::Column(at))),
            (_, "value" | "low" | "high" | "text" | "number") => named(value(text), Filled::Value),
            (_, "values") => {
                let mut all = named(value(text), |value| vec![value]);
                let mut from = 0;
                while let Some((values, rest)) = all.get(from).cloned() {
                    from += 1;
                    let more = rest.strip_prefix(", ").map(value).unwrap_or_default();
                    all.extend(
                        more.into_iter().map(|(next, rest)| ([values.clone(), vec![next]].concat(), rest)),
                    );
                }
                named(all, Filled::Values)
            }
            _ => Vec::new(),
        }
    }

    /// One item, or several with commas and a last "and".
    fn list<'a, T: Clone>(
        &self,
        text: &'a str,
        item: impl Fn(&'a str) -> Readings<'a, T>,
    ) -> Readings<'a, Vec<T>> {
        let mut begun = named(item(text), |item| vec![item]);
        let mut all = begun.clone();
        for _ in 0..3 {
            let mut longer = Vec::new();
            for (items, rest) in &begun {
                for and in self.book.of("and") {
                    let last = rest.strip_prefix(and.as_str()).map(&item).unwrap_or_default();
                    all.extend(
                        last.into_iter().map(|(item, rest)| ([items.clone(), vec![item]].concat(), rest)),
                    );
                }
                let next = rest.strip_prefix(", ").map(&item).unwrap_or_default();
                longer.extend(
                    next.into_iter().map(|(item, rest)| ([items.clone(), vec![item]].concat(), rest)),
                );
            }
            begun = longer;
        }
        all
    }

    fn table<'a>(&self, text: &'a str) -> Readings<'a, usize> {
        let tables = self.schema.tables.iter().enumerate();
        tables
            .filter_map(|(at, table)| Some((at, text.strip_prefix(&table.name.replace('_', " "))?)))
            .collect()
    }

    fn column<'a>(&self, text: &'a str) -> Readings<'a, ColumnRef> {
        let mut all = Vec::new();
        for table in 0..self.schema.tables.len() {
            for (at, column) in self.schema.columns_of(table) {
                let known = self.lexicon.attributes.iter().filter(|attribute| attribute.name == column.name);
                let words: BTreeSet<&String> = known.flat_map(|attribute| &attribute.words).collect();
                for name in words.into_iter().cloned().chain([column.name.replace('_', " ")]) {
                    all.extend(text.strip_prefix(&name).map(|rest| (at, rest)));
                }
            }
        }
        all
    }

    fn output<'a>(&self, text: &'a str) -> Readings<'a, Output> {
        let mut all = named(self.column(text), Output::Column);
        for function in Function::ALL {
            for (slots, rest) in self.construct(word(function), text) {
                let column = match slots.first() {
                    Some((_, Filled::Output(Output::Column(at)))) => *at,
                    _ => ColumnRef { table: 0, column: 0 },
                };
                all.push((Output::Aggregate(Aggregate { function, column }), rest));
            }
        }
        all
    }

    fn source<'a>(&self, text: &'a str) -> Readings<'a, Filled> {
        let plain = self.construct("source", text).into_iter();
        let mut begun: Readings<'a, (usize, Vec<Join>)> = plain
            .filter_map(|(slots, rest)| match slots.first()? {
                (_, Filled::Table(table)) => Some(((*table, Vec::new()), rest)),
                _ => None,
            })
            .collect();
        let mut all = begun.clone();
        for _ in 0..2 {
            let mut longer = Vec::new();
            for ((base, joins), rest) in &begun {
                for construct in ["joined", "kept"] {
                    for (slots, rest) in self.construct(construct, rest) {
                        let reference = self.link_of(&slots);
                        longer.extend(reference.map(|reference| {
                            let join = Join { reference, keep: construct == "kept" };
                            ((*base, [joins.clone(), vec![join]].concat()), rest)
                        }));
                    }
                }
            }
            all.extend(longer.iter().cloned());
            begun = longer;
        }
        // The readings that name more tables come first.
        all.reverse();
        named(all, |(base, joins)| Filled::Source(base, joins))
    }

    /// The reference between the two tables that a template names.
    fn link_of(&self, slots: &Slots) -> Option<usize> {
        let table = |name: &str| match slots.iter().find(|(slot, _)| slot == name) {
            Some((_, Filled::Table(table))) => Some(*table),
            _ => None,
        };
        let (known, new) = (table("table")?, table("joined")?);
        let joins =
            |link: &Reference| (link.table, link.to) == (known, new) || (link.table, link.to) == (new, known);
        self.schema.references.iter().position(joins)
    }

    fn test<'a>(&self, text: &'a str) -> Readings<'a, Test> {
        let constructs = [
            "between",
            "one_of",
            "null",
            "not_null",
            "prefix",
            "contains",
            "above_average",
            "below_average",
            "without",
            "either",
            "ge",
            "le",
            "gt",
            "lt",
            "ne",
            "eq",
        ];
        let mut all = Vec::new();
        for construct in constructs {
            for (slots, rest) in self.construct(construct, text) {
                all.extend(self.test_of(construct, &slots).map(|test| (test, rest)));
            }
        }
        all
    }

    fn test_of(&self, construct: &str, slots: &Slots) -> Option<Test> {
        let find = |name: &str| slots.iter().find(|(slot, _)| slot == name).map(|(_, filled)| filled);
        let column = || match find("column") {
            Some(Filled::Output(Output::Column(at))) => Some(*at),
            _ => None,
        };
        let value = |name: &str| match find(name) {
            Some(Filled::Value(value)) => Some(value.clone()),
            _ => None,
        };
        Some(match construct {
            "between" => Test::Between(column()?, value("low")?, value("high")?),
            "one_of" => match find("values") {
                Some(Filled::Values(values)) => Test::OneOf(column()?, values.clone()),
                _ => return None,
            },
            "null" | "not_null" => Test::Null(column()?, construct == "null"),
            "prefix" | "contains" => match value("text")? {
                Value::Text(text) => Test::Like(column()?, text, construct == "prefix"),
                _ => return None,
            },
            "above_average" | "below_average" => Test::Average(column()?, construct == "above_average"),
            "without" => match (find("table"), find("joined")) {
                (Some(Filled::Table(to)), Some(Filled::Table(from))) => Test::Without(
                    self.schema.references.iter().position(|link| (link.table, link.to) == (*from, *to))?,
                ),
                _ => return None,
            },
            "either" => match (find("one"), find("other")) {
                (Some(Filled::Tests(one)), Some(Filled::Tests(other))) => {
                    Test::Either(Box::new(one.first()?.clone()), Box::new(other.first()?.clone()))
                }
                _ => return None,
            },
            _ => Test::Compare(column()?, op(construct)?, value("value")?),
        })
    }

    fn having<'a>(&self, text: &'a str) -> Readings<'a, Filled> {
        let mut all = Vec::new();
        for (output, rest) in self.output(text) {
            let Some(aggregate) = output.aggregate() else { continue };
            for construct in ["ge", "le", "gt", "lt"] {
                for template in self.book.of(construct) {
                    let Some(after) = template.strip_prefix("{column}") else { continue };
                    for (slots, rest) in self.template(construct, after, rest) {
                        if let (Some((_, Filled::Value(value))), Some(op)) = (slots.first(), op(construct)) {
                            all.extend(
                                value
                                    .whole()
                                    .map(|number| (Filled::Having(Some((aggregate, op, number))), rest)),
                            );
                        }
                    }
                }
            }
        }
        all
    }

    fn order<'a>(&self, text: &'a str) -> Readings<'a, Filled> {
        let mut all = vec![(Filled::Order(None), text)];
        for construct in ["ascending", "descending"] {
            for (slots, rest) in self.construct(construct, text) {
                let Some((_, Filled::Output(output))) = slots.first() else { continue };
                let order = |limit| Filled::Order(Some((*output, construct == "descending", limit)));
                all.push((order(None), rest));
                for (slots, rest) in self.construct("limit", rest) {
                    if let Some((_, Filled::Value(number))) = slots.first() {
                        all.push((order(number.whole().and_then(|number| u32::try_from(number).ok())), rest));
                    }
                }
            }
        }
        all
    }
}

fn named<T, U>(readings: Readings<'_, T>, name: impl Fn(T) -> U) -> Readings<'_, U> {
    readings.into_iter().map(|(read, rest)| (name(read), rest)).collect()
}

/// A number, a day, or a text in quotes.
fn value(text: &str) -> Readings<'_, Value> {
    if let Some((quoted, rest)) = text.strip_prefix('"').and_then(|inner| inner.split_once('"')) {
        return vec![(Value::text(quoted), rest)];
    }
    let day = text.get(..10).filter(|day| day_of(day).is_some());
    if let Some(day) = day {
        return vec![(Value::text(day), &text[10..])];
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with('-'));
    let end = sign + digits(&text[sign..]);
    text[..end].parse().map(|number| (Value::Integer(number), &text[end..])).into_iter().collect()
}

fn word(function: Function) -> &'static str {
    match function {
        Function::Rows => "rows",
        Function::Count => "count",
        Function::Distinct => "count_distinct",
        Function::Sum => "sum",
        Function::Least => "least",
        Function::Greatest => "greatest",
        Function::Average => "average",
    }
}

fn op(construct: &str) -> Option<Op> {
    ["eq", "ne", "lt", "le", "gt", "ge"].iter().position(|name| *name == construct).map(|at| Op::ALL[at])
}

/// The plan of a whole question.
fn plan(construct: &str, slots: Slots) -> Option<Plan> {
    let mut plan = Plan::of(0, Vec::new());
    let (mut keys, mut outputs, mut order) = (Vec::new(), Vec::new(), None);
    for (slot, filled) in slots {
        match (slot.as_str(), filled) {
            ("keys", Filled::Outputs(found)) => keys = found,
            (_, Filled::Outputs(found)) => outputs = found,
            (_, Filled::Source(base, joins)) => (plan.base, plan.joins) = (base, joins),
            (_, Filled::Tests(tests)) => plan.tests = tests,
            (_, Filled::Having(having)) => plan.having = having,
            (_, Filled::Order(found)) => order = found,
            _ => {}
        }
    }
    let grouped = outputs.iter().any(|output| output.aggregate().is_some());
    if grouped != matches!(construct, "groups" | "total") {
        return None;
    }
    plan.distinct = construct == "distinct";
    plan.outputs = keys.into_iter().chain(outputs).collect();
    if let Some((by, descending, limit)) = order {
        let output = plan.outputs.iter().position(|output| *output == by)?;
        plan.order = Some(Order { output, descending });
        plan.limit = limit;
    }
    Some(plan)
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::task::{draw, Form, Source};

    #[test]
    fn the_public_phrasebook_is_read_backwards() {
        let inverter = Inverter::new(Searcher::default()).unwrap();
        let source = Source::public().unwrap();
        let right = (0..40).filter(|number| {
            let task = draw(&source, Form::Words, &Seed([9; 32]).derive(b"invert", *number)).unwrap();
            let schema = &task.request.schema;
            let plan = inverter.invert(&task.request);
            plan.is_some_and(|plan| plan.to_sql(schema) == task.hidden.sql())
        });
        let right = right.count();
        assert!(right >= 30, "{right} of 40: the inverter must be a strong one, or beating it says nothing");
    }
}

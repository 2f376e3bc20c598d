//! Scores whether an explanation describes its query.
//!
//! An explanation is a sentence for people in which every table, column and constant stands between backticks. It names
//! the actions on them in words of its own ([`ACTIONS`]). The facts of the query are known: tables and columns from the
//! engine, constants and actions from the query's own words. The score is the number of facts that both have, divided
//! by the number that either has, so leaving a fact out costs as much as adding one. Words with many meanings count
//! against an explanation only if many of them come together.

use std::collections::BTreeSet;

use myelin_wire::record::Ppm;

use crate::{
    engine::Reads,
    protocol::MAX_EXPLANATION,
    query::{self, Query, Token},
    schema::{ColumnRef, Schema},
};

/// A fact of a query.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A table.
    Table(usize),
    /// A column.
    Column(ColumnRef),
    /// A constant, as it stands in SQL.
    Constant(String),
    /// An action, by its place among the [`ACTIONS`].
    Action(usize),
}

/// An action of queries, with the words for it.
pub struct Action {
    /// Words of SQL, any of which performs the action.
    sql: &'static str,
    /// Words of [`explain`] for it.
    phrase: &'static str,
    /// Words that mean this action and hardly anything else. They are wrong for a query without the action.
    said: &'static str,
    /// Words that mean this action or another thing. A word of several actions means those that the query performs.
    also: &'static str,
}

/// Actions that an explanation must name if its query performs them, in sentences or in words of SQL between backticks.
pub const ACTIONS: &[Action] = &[
    Action {
        sql: "sum total",
        phrase: "adds up",
        said: "sum sums summed summing",
        // An average may be a sum divided by a number, and a sum of ones counts.
        also: "adds add adding added total totals together overall combined average averages mean count counts counting number many \
            share percentage proportion",
    },
    Action {
        sql: "avg",
        phrase: "averages",
        said: "averages averaged averaging",
        also: "average mean means share percentage proportion",
    },
    Action {
        sql: "count",
        phrase: "counts",
        said: "",
        also: "count counts counted counting number many average averages mean total times share percentage proportion",
    },
    Action {
        sql: "min",
        phrase: "takes the smallest",
        said: "",
        also: "smallest lowest minimum min earliest least fewest first cheapest shortest youngest",
    },
    Action {
        sql: "max",
        phrase: "takes the largest",
        said: "",
        also: "largest highest maximum max latest most greatest biggest last longest oldest top",
    },
    Action {
        sql: "group partition",
        phrase: "groups",
        said: "groups grouped grouping",
        also: "group each per every by distinct unique different within",
    },
    Action {
        sql: "order",
        phrase: "sorts",
        said: "sorts sorted sorting",
        also: "sort order orders ordered ordering rank ranks ranked ranking ascending descending by top highest lowest largest \
            smallest biggest most least fewest latest earliest first last alphabetically",
    },
    Action {
        sql: "limit",
        phrase: "keeps the first",
        said: "",
        also: "limit limits limited limiting first top only best single highest lowest largest smallest biggest most least fewest \
            latest earliest",
    },
    Action {
        sql: "distinct",
        phrase: "drops what is repeated",
        said: "",
        also: "distinct unique different once repeated duplicates duplicate",
    },
];

/// Whether `word` is one of `words`.
fn is_among(words: &str, word: &str) -> bool {
    words.split_ascii_whitespace().any(|other| other == word)
}

/// Most actions that words with several meanings may name by chance; further ones count as wrong.
const BY_CHANCE: usize = 3;

/// The facts of a query.
pub fn facts(query: &Query, reads: &Reads) -> BTreeSet<Fact> {
    let tables = reads.tables.iter().map(|at| Fact::Table(*at));
    let columns = reads.columns.iter().map(|at| Fact::Column(*at));
    let constants = query.constants().iter().map(|constant| Fact::Constant(constant.clone()));
    tables.chain(columns).chain(constants).chain(actions(query.done()).map(Fact::Action)).collect()
}

/// The actions whose words of SQL are among `words`.
fn actions(words: &BTreeSet<String>) -> impl Iterator<Item = usize> + '_ {
    let done = |action: &Action| action.sql.split_ascii_whitespace().any(|word| words.contains(word));
    ACTIONS.iter().enumerate().filter(move |(_, action)| done(action)).map(|(at, _)| at)
}

/// The facts that an explanation names. A name that is not of these tables becomes a constant of its own, so that it
/// counts against the explanation.
pub fn named(explanation: &str, query: &Query, reads: &Reads, schema: &Schema) -> BTreeSet<Fact> {
    let mut all = BTreeSet::new();
    if explanation.len() > MAX_EXPLANATION {
        return all;
    }
    let done: BTreeSet<usize> = actions(query.done()).collect();
    let mut by_chance = BTreeSet::new();
    // Every second piece stands between backticks.
    for (at, piece) in explanation.split('`').enumerate() {
        if at % 2 == 0 {
            let words = piece.split(|c: char| !c.is_alphanumeric()).map(str::to_ascii_lowercase);
            words.for_each(|word| name_actions(&word, &done, &mut all, &mut by_chance));
            continue;
        }
        match query::tokens(piece) {
            Ok(tokens) => {
                name_tokens(&tokens, schema, &reads.tables, &mut all);
                all.extend(actions(&query::done(&tokens)).map(Fact::Action));
            }
            Err(_) => drop(all.insert(Fact::Constant(piece.to_owned()))),
        }
    }
    all.extend(by_chance.into_iter().skip(BY_CHANCE).map(Fact::Action));
    all
}

/// Adds the actions that a word names, for a query that performs `done`.
fn name_actions(
    word: &str,
    done: &BTreeSet<usize>,
    all: &mut BTreeSet<Fact>,
    by_chance: &mut BTreeSet<usize>,
) {
    let says = |at: &usize| {
        ACTIONS.get(*at).is_some_and(|action| is_among(action.said, word) || is_among(action.also, word))
    };
    let mut right = done.iter().copied().filter(says).peekable();
    if right.peek().is_some() {
        return all.extend(right.map(Fact::Action));
    }
    if let Some(wrong) = ACTIONS.iter().position(|action| is_among(action.said, word)) {
        all.insert(Fact::Action(wrong));
    }
    by_chance.extend((0..ACTIONS.len()).find(says));
}

fn name_tokens(tokens: &[Token], schema: &Schema, used: &BTreeSet<usize>, all: &mut BTreeSet<Fact>) {
    let name = |at: usize| match tokens.get(at) {
        Some(Token::Word(name) | Token::Name(name)) => Some(name.as_str()),
        _ => None,
    };
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let Some(first) = name(at - 1) else {
            all.extend(query::constant(token).map(Fact::Constant));
            continue;
        };
        if let (Some(Token::Sign(".")), Some(second)) = (tokens.get(at), name(at + 1)) {
            at += 2;
            let found = table(schema, first).and_then(|table| column(schema, table, second));
            match found {
                Some(found) => all.extend([Fact::Table(found.table), Fact::Column(found)]),
                None => drop(all.insert(Fact::Constant(format!("{first}.{second}")))),
            }
        } else if let Some(table) = table(schema, first) {
            all.insert(Fact::Table(table));
        } else {
            // A column's name alone means the only table in use that has such a column. Other words belong to SQL or to
            // people.
            let mut found = used.iter().filter_map(|table| column(schema, *table, first));
            if let (Some(only), None) = (found.next(), found.next()) {
                all.insert(Fact::Column(only));
            }
        }
    }
}

fn table(schema: &Schema, name: &str) -> Option<usize> {
    schema.tables.iter().position(|table| table.name.eq_ignore_ascii_case(name))
}

fn column(schema: &Schema, table: usize, name: &str) -> Option<ColumnRef> {
    let found = schema.columns_of(table).find(|(_, column)| column.name.eq_ignore_ascii_case(name));
    found.map(|(at, _)| at)
}

/// Share of the facts that query and explanation have in common, among those that either has. Rounds down.
pub fn part(explanation: &str, query: &Query, reads: &Reads, schema: &Schema) -> Ppm {
    let used = facts(query, reads);
    let named = named(explanation, query, reads, schema);
    let common = used.intersection(&named).count() as u64;
    Ppm::ratio(common, used.union(&named).count() as u64)
}

/// An explanation that names all facts of a query.
pub fn explain(query: &Query, reads: &Reads, schema: &Schema) -> String {
    let quote = |names: Vec<String>| {
        let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
        names.join(", ")
    };
    let quoted = crate::plan::quoted;
    let tables = reads.tables.iter().filter_map(|at| schema.tables.get(*at));
    let columns = reads.columns.iter().filter_map(|at| {
        Some(format!("{}.{}", quoted(&schema.tables.get(at.table)?.name), quoted(&schema.column(*at)?.name)))
    });
    let (tables, columns) =
        (quote(tables.map(|table| quoted(&table.name)).collect()), quote(columns.collect()));
    let constants = quote(query.constants().iter().cloned().collect());
    let mut said = format!("The query reads {tables}");
    for (what, names) in [(", there the columns ", columns), (", and compares with ", constants)] {
        if !names.is_empty() {
            said += what;
            said += &names;
        }
    }
    let phrases: Vec<&str> = actions(query.done()).map(|at| ACTIONS[at].phrase).collect();
    if !phrases.is_empty() {
        said += ". It ";
        said += &phrases.join(", ");
    }
    said + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        engine::Database,
        schema::{Column, Kind, Table},
    };

    fn part_of(sql: &str, explanation: Option<&str>) -> u32 {
        let column = |name: &str, kind| Column { name: name.into(), kind, nullable: true };
        let columns =
            vec![column("id", Kind::Integer), column("price", Kind::Integer), column("status", Kind::Text)];
        let other = vec![column("id", Kind::Integer), column("city", Kind::Text)];
        let schema = Schema {
            tables: vec![
                Table { name: "orders".into(), columns, keyed: true },
                Table { name: "customers".into(), columns: other, keyed: true },
            ],
            references: vec![],
        };
        let database = Database::open(&schema, &vec![vec![], vec![]]).unwrap();
        let query = Query::read(sql).unwrap();
        let reads = database.prepare(&query).unwrap().reads;
        let own = explain(&query, &reads, &schema);
        part(explanation.unwrap_or(&own), &query, &reads, &schema).get()
    }

    #[test]
    fn an_explanation_names_what_the_query_uses_no_more_no_less() {
        let sql = "SELECT SUM(price) FROM orders WHERE status = 'it''s open' AND price > 5";
        assert_eq!(part_of(sql, None), 1_000_000);
        let said =
            "Adds up `price` of `orders` where `orders.status = 'it''s open'` and the price is above `5`.";
        assert_eq!(part_of(sql, Some(said)), 1_000_000);
        assert_eq!(
            part_of(sql, Some("Adds up `price` of `orders` where `status` is `'it''s open'`.")),
            833_333
        );
        for more in ["`customers`", "`6`", "`orders.nothing`", "Sorted."] {
            assert_eq!(part_of(sql, Some(&format!("{said} {more}"))), 857_142, "{more}");
        }
        let bare = "`orders`, `price`, `status`, `'it''s open'`, `5`";
        assert_eq!(part_of(sql, Some(bare)), 833_333, "what is done is left out");
        for nothing in ["", "the price of open orders", "`````", "`\u{0}`"] {
            assert_eq!(part_of(sql, Some(nothing)), 0, "{nothing:?}");
        }
        assert_eq!(part_of(sql, Some(&format!("{said}{}", " x".repeat(1000)))), 0);
    }

    #[test]
    fn what_is_done_is_said_in_many_ways() {
        for (sql, said) in [
            (
                "SELECT status FROM orders ORDER BY price DESC LIMIT 1",
                "The `status` of the one with the highest `price` in `orders`, `1`.",
            ),
            (
                "SELECT status, MAX(price) FROM orders GROUP BY status",
                "The highest `price` per `status` of `orders`.",
            ),
            (
                "SELECT status, MAX(price) FROM orders GROUP BY status",
                "`MAX(price)` of `orders`, `GROUP BY status`.",
            ),
            (
                "SELECT status, MAX(price) FROM orders GROUP BY status",
                "For each unique `status` in `orders`, the maximum `price`.",
            ),
            ("SELECT COUNT(*) FROM orders", "Counts the total number of `orders`."),
            ("SELECT COUNT(*) AS total FROM orders", "The number of rows, at least one, in `orders`."),
            ("SELECT SUM(price) / COUNT(price) FROM orders", "The average `price` of `orders`."),
            ("SELECT SUM(price) FROM orders", "Adds up each order's `price` in `orders`."),
            (
                "SELECT status FROM orders WHERE price >= 5",
                "Each `status` in `orders`, limited to a minimum `price` of `5`.",
            ),
            ("SELECT DISTINCT status FROM orders", "The different values of `status` in `orders`."),
        ] {
            assert_eq!(part_of(sql, Some(said)), 1_000_000, "{sql}: {said}");
            assert_eq!(part_of(sql, None), 1_000_000, "{sql}");
        }
    }

    #[test]
    fn a_sentence_that_says_everything_says_what_is_not_so() {
        let sql = "SELECT SUM(price) FROM orders";
        assert_eq!(part_of(sql, Some("The sum of `price` in `orders`, sorted.")), 750_000);
        assert_eq!(part_of(sql, Some("`AVG(price)` of `orders`, the total.")), 750_000);
        let all = "Of `orders` the `price`: together means number least most each order first once.";
        assert!(part_of(sql, Some(all)) <= 500_000, "{}", part_of(sql, Some(all)));
    }

    #[test]
    fn queries_that_read_one_table_twice_are_explained_once() {
        assert_eq!(
            part_of("SELECT COUNT(*) FROM customers a JOIN customers b ON a.id = b.id", None),
            1_000_000
        );
        assert_eq!(part_of("SELECT COUNT(*) FROM customers", Some("Counts `customers`.")), 1_000_000);
    }
}

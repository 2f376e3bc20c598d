//! Whether an explanation says what its query does.
//!
//! An explanation is a sentence for people in which every table, column and constant stands between
//! backticks. What the query really uses is known: tables and columns from the engine, constants from the
//! query's own words. The part is the share of what both name in what either names, so that to leave
//! something out costs as much as to add it.

use std::collections::BTreeSet;

use myelin_wire::record::Ppm;

use crate::{
    engine::Reads,
    protocol::MAX_EXPLANATION,
    query::{self, Query, Token},
    schema::{ColumnRef, Schema},
};

/// Something that a query uses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A table.
    Table(usize),
    /// A column.
    Column(ColumnRef),
    /// A constant, as it stands in SQL.
    Constant(String),
}

/// What a query uses.
pub fn facts(query: &Query, reads: &Reads) -> BTreeSet<Fact> {
    let tables = reads.tables.iter().map(|at| Fact::Table(*at));
    let columns = reads.columns.iter().map(|at| Fact::Column(*at));
    let constants = query.constants().iter().map(|constant| Fact::Constant(constant.clone()));
    tables.chain(columns).chain(constants).collect()
}

/// What an explanation names. What is no name of these tables becomes a constant of its own, so that it
/// counts.
pub fn named(explanation: &str, schema: &Schema, used: &BTreeSet<usize>) -> BTreeSet<Fact> {
    let mut all = BTreeSet::new();
    if explanation.len() > MAX_EXPLANATION {
        return all;
    }
    // Every second piece stands between backticks.
    for piece in explanation.split('`').skip(1).step_by(2) {
        match query::tokens(piece) {
            Ok(tokens) => name_tokens(&tokens, schema, used, &mut all),
            Err(_) => drop(all.insert(Fact::Constant(piece.to_owned()))),
        }
    }
    all
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
            // A column by its name alone belongs to the one table in use that has it; other words are SQL's
            // or people's.
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

/// Common part of what the query uses and what the explanation names.
pub fn part(explanation: &str, query: &Query, reads: &Reads, schema: &Schema) -> Ppm {
    let used = facts(query, reads);
    let named = named(explanation, schema, &reads.tables);
    let common = used.intersection(&named).count() as u64;
    Ppm::ratio(common, used.union(&named).count() as u64)
}

/// An explanation that names everything a query uses.
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
            800_000
        );
        assert_eq!(part_of(sql, Some(&format!("{said} `customers`"))), 833_333);
        assert_eq!(part_of(sql, Some(&format!("{said} `6`"))), 833_333);
        assert_eq!(part_of(sql, Some(&format!("{said} `orders.nothing`"))), 833_333);
        for nothing in ["", "adds up the price of open orders", "`````", "`\u{0}`"] {
            assert_eq!(part_of(sql, Some(nothing)), 0, "{nothing:?}");
        }
        assert_eq!(part_of(sql, Some(&format!("{said}{}", " x".repeat(1000)))), 0);
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

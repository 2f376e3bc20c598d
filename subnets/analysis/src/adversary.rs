//! Dishonest and lazy miners, for tests, the tournament and the demo. Nothing in the product's own path uses
//! them.
//!
//! Each does one wrong thing, so that a report can say which wrong thing was noticed.

use std::collections::{BTreeMap, BTreeSet};

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};

use crate::{
    miner::{explained, Backend},
    plan::Plan,
    protocol::{AnalysisRequest, AnalysisResponse},
    schema::Schema,
    task::{self, Form, Source},
    value::{Row, Value},
};

mod inverter;

pub use inverter::Inverter;

fn answer(sql: impl Into<String>) -> Result<AnalysisResponse, AnswerError> {
    Ok(AnalysisResponse { sql: sql.into(), explanation: String::new() })
}

/// Sends the result of the first example as constants.
pub struct Literal;

impl Backend for Literal {
    fn answer(&self, _: &AnswerContext, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        let rows = request.examples.iter().find_map(|example| example.result.as_ref());
        let select = |row: &Row| {
            let cells: Vec<String> = row.iter().map(Value::to_sql).collect();
            format!("SELECT {}", cells.join(", "))
        };
        let selects: Vec<String> = rows.into_iter().flatten().take(8).map(select).collect();
        answer(if selects.is_empty() { "SELECT 0".into() } else { selects.join(" UNION ALL ") })
    }
}

/// Sends the most common query whatever the request: all rows of the first table, or their number.
pub struct Commonplace;

impl Backend for Commonplace {
    fn answer(&self, _: &AnswerContext, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        let table = request.schema.tables.first().map_or("x", |table| table.name.as_str());
        let many =
            request.examples.iter().filter_map(|example| example.result.as_ref()).any(|rows| rows.len() > 1);
        answer(format!("SELECT {} FROM \"{table}\"", if many { "*" } else { "COUNT(*)" }))
    }
}

/// Sends no query at all.
pub struct Garbage;

impl Backend for Garbage {
    fn answer(&self, _: &AnswerContext, _: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        answer("lorem ipsum; DROP TABLE customers; --")
    }
}

/// Another miner that uses the first example only. Many queries that fit it fail on the others and on hidden rows.
pub struct FirstExample<B>(pub B);

impl<B: Backend> Backend for FirstExample<B> {
    fn model_id(&self) -> [u8; 32] {
        self.0.model_id()
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        let mut request = request.clone();
        request.examples.truncate(1);
        self.0.answer(context, &request)
    }
}

/// Has drawn many tasks from the public source, and answers with the query of the most similar one. Similar means the
/// same question but for names, or the same constants and number of result columns.
pub struct Lookup {
    known: BTreeMap<String, Plan>,
}

impl Lookup {
    /// Indexes so many tasks of a source.
    pub fn new(source: &Source, count: u64) -> Self {
        let seed = Seed([0xab; 32]);
        let mut known = BTreeMap::new();
        for number in 0..count {
            for form in [Form::Example, Form::Words, Form::Both] {
                let Some(task) = task::draw(source, form, &seed.derive(b"lookup", number)) else { continue };
                let Some(plan) = task.hidden.plan() else { continue };
                known.extend(Self::keys(&task.request).into_iter().map(|key| (key, plan.clone())));
            }
        }
        Self { known }
    }

    /// Keys by which a request is looked up, the most specific first: its words, then the shape of its result.
    fn keys(request: &AnalysisRequest) -> Vec<String> {
        let names: BTreeSet<&str> = request
            .schema
            .tables
            .iter()
            .flat_map(|table| {
                [table.name.as_str()].into_iter().chain(table.columns.iter().map(|c| c.name.as_str()))
            })
            .collect();
        let words = request.question.split(|c: char| !c.is_alphanumeric());
        let words: Vec<&str> = words.filter(|word| !word.is_empty() && !names.contains(word)).collect();
        let width = request
            .examples
            .iter()
            .filter_map(|example| example.result.as_ref()?.first())
            .map(Vec::len)
            .next();
        let shape = format!("{} {width:?} {}", request.schema.tables.len(), request.constants.len());
        match words.is_empty() {
            true => vec![shape],
            false => vec![words.join(" "), format!("{} {shape}", words.len())],
        }
    }
}

impl Backend for Lookup {
    fn answer(&self, _: &AnswerContext, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        let plan = Self::keys(request).into_iter().find_map(|key| self.known.get(&key));
        let sql = plan.map(|plan| plan.to_sql(&request.schema)).filter(|sql| !sql.is_empty());
        let sql = sql.ok_or_else(|| AnswerError::Backend("nothing like it is known".into()))?;
        explained(&sql, request).or_else(|_| answer(sql))
    }
}

/// The answer of a miner that knows the hidden plan and is right with this chance, else wrong in one place. For tests
/// of the scoring alone: no miner can be built like this.
pub fn oracle(
    accuracy: Ppm,
    hidden: &Plan,
    schema: &Schema,
    request: &AnalysisRequest,
    rng: &mut SeedRng,
) -> AnalysisResponse {
    let mutants = hidden.mutants(schema);
    let right = rng.below(1_000_000) < u64::from(accuracy.get());
    let plan = if right { hidden } else { rng.choose(&mutants).unwrap_or(hidden) };
    let sql = plan.to_sql(schema);
    explained(&sql, request).unwrap_or(AnalysisResponse { sql, explanation: String::new() })
}

/// Queries that try to take time, memory or data that they were not given. A validator must survive each, and pay none.
pub fn attacks(schema: &Schema) -> Vec<(&'static str, String)> {
    let table = schema.tables.first().map_or_else(|| "x".into(), |table| format!("\"{}\"", table.name));
    let column = schema.tables.first().and_then(|table| table.columns.last());
    let column = column.map_or_else(|| "x".into(), |column| format!("\"{}\"", column.name));
    let aliases = |count: usize| {
        let names: Vec<String> = (0..count).map(|number| format!("{table} AS t{number}")).collect();
        names.join(", ")
    };
    let mut doubled = column.clone();
    while doubled.len() < 1500 {
        doubled = format!("({doubled} || {doubled})");
    }
    let slots = [
        ("{t}", &*table),
        ("{c}", &*column),
        ("{t3}", &*aliases(3)),
        ("{t12}", &*aliases(12)),
        ("{cc}", &*doubled),
    ];
    let fill = |(name, sql): &(&'static str, &str)| {
        let filled = slots.iter().fold((*sql).to_owned(), |sql, (slot, text)| sql.replace(slot, text));
        (*name, filled)
    };
    let mut all: Vec<(&'static str, String)> = ATTACKS.iter().map(fill).collect();
    let around = |before: &str, after: &str| format!("SELECT {before}1{after} FROM {table}");
    all.extend([
        ("cross join of many tables", format!("SELECT COUNT(*) FROM {}", aliases(90))),
        ("long pattern", format!("SELECT 1 FROM {table} WHERE {column} LIKE '{}'", "%a".repeat(1000))),
        ("deep brackets", around(&"(".repeat(1500), &")".repeat(1500))),
        ("deep operators", around(&"- ".repeat(600), "")),
        ("many operators", around(&"1 + ".repeat(300), "")),
        ("many columns", around(&"1, ".repeat(300), "")),
        ("many unions", vec![around("", ""); 60].join(" UNION ")),
        ("too long", format!("SELECT '{}'", "x".repeat(5000))),
    ]);
    all
}

/// Attacks by name; `{t}` is a table, `{c}` a column of it, `{t3}` the table under three names, `{cc}` a long text.
const ATTACKS: &[(&str, &str)] = &[
    ("cross join", "SELECT COUNT(*) FROM {t12}"),
    ("ambiguous cross join", "SELECT COUNT(*) FROM {t}, {t}, {t}, {t}, {t}, {t}, {t}, {t}"),
    ("recursion", "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT MAX(n) FROM r"),
    ("hidden recursion", "WITH r AS (SELECT 1 n UNION ALL SELECT n + 1 FROM r) SELECT MAX(n) FROM r"),
    ("sorted cross join", "SELECT DISTINCT t0.{c} || t1.{c} || t2.{c} AS x FROM {t3} ORDER BY x"),
    ("wide sort", "SELECT COUNT(*) FROM (SELECT {cc} AS x FROM {t} ORDER BY x)"),
    ("slow pattern", "SELECT 1 FROM {t3} WHERE t0.{c} || t1.{c} || t2.{c} LIKE '%a%b%c%d%e%f%g%h%i%j%'"),
    ("great blob", "SELECT zeroblob(1000000000)"),
    ("random blob", "SELECT hex(randomblob(100000000))"),
    ("width of printf", "SELECT printf('%1000000000d', 1)"),
    ("joined texts", "SELECT group_concat({c}) FROM {t12}"),
    ("doubled text", "SELECT {cc} FROM {t}"),
    ("replaced text", "SELECT replace(replace({c}, '', 'aaaaaaaa'), 'a', 'aaaaaaaaaaaaaaaa') FROM {t}"),
    (
        "multiplied names",
        "WITH a AS (SELECT 1 x FROM {t}, {t} p), b AS (SELECT 1 x FROM a, a p), c AS (SELECT 1 x FROM b, b p), \
         d AS (SELECT 1 x FROM c, c p), e AS (SELECT 1 x FROM d, d p) SELECT COUNT(*) FROM e",
    ),
    ("chance", "SELECT COUNT(*) FROM {t} WHERE random() > 0"),
    ("clock", "SELECT datetime('now')"),
    ("clock without brackets", "SELECT CURRENT_TIMESTAMP"),
    ("day", "SELECT COUNT(*) FROM {t} WHERE date('now') > '2020-01-01'"),
    ("version", "SELECT sqlite_version()"),
    ("source", "SELECT sqlite_source_id()"),
    ("catalogue", "SELECT sql FROM sqlite_master"),
    ("catalogue by its other name", "SELECT COUNT(*) FROM main.sqlite_schema"),
    ("pragma", "PRAGMA database_list"),
    ("pragma as a table", "SELECT * FROM pragma_database_list"),
    ("pragma as a function", "SELECT * FROM pragma_table_info('x')"),
    ("attached file", "ATTACH DATABASE '/tmp/x' AS y"),
    ("extension", "SELECT load_extension('libc.so')"),
    ("file", "SELECT readfile('/etc/passwd')"),
    ("write", "DELETE FROM {t}"),
    ("second statement", "SELECT 1 FROM {t}; DROP TABLE {t}"),
    ("second statement beside comments", "SELECT 1 FROM {t} /* ; */ ; DROP TABLE {t} --"),
    ("write in a common table", "WITH a AS (DELETE FROM {t} RETURNING 1) SELECT * FROM a"),
    ("constants as rows", "SELECT * FROM (VALUES (1), (2))"),
    ("parameter", "SELECT ?1"),
    ("byte string", "SELECT x'00'"),
    ("zero byte", "SELECT 1 FROM {t} WHERE {c} = 'a\0b'"),
    ("full-width letters", "\u{ff33}\u{ff25}\u{ff2c}\u{ff25}\u{ff23}\u{ff34} 1"),
    ("turned text", "SELECT 1 FROM {t} \u{202e}--"),
    ("odd space", "SELECT\u{a0}1\u{2003}FROM\u{3000}{t}"),
    ("half a quote", "SELECT 1 FROM {t} WHERE {c} = 'x"),
    ("half a comment", "SELECT 1 FROM {t} /* x"),
    ("great number", "SELECT 99999999999999999999999999999999999999"),
    ("exponent", "SELECT 1e308 * 10"),
    ("overflow", "SELECT SUM(9223372036854775807) FROM {t}"),
    ("nothing", " \n\t"),
    ("only a comment", "-- SELECT 1"),
];

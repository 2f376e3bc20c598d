//! Users' files become tables: CSV and Parquet, with limits on everything a file can claim.
//!
//! A request carries only a few rows of each table; the answer's query runs where the files are ([`Upload::request`],
//! [`Upload::run`]).

use std::collections::BTreeSet;

use crate::{
    engine::{Database, EngineError, Limits},
    protocol::{AnalysisRequest, AnalysisResponse, Example},
    query::Query,
    schema::{Column, ColumnRef, Kind, Reference, Rows, Schema, SchemaError, Table, MAX_COLUMNS, MAX_NAME},
    value::{day_of, Row, Value},
};

mod pages;
mod parquet;

/// Limits of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadLimits {
    /// Bytes of a file.
    pub bytes: usize,
    /// Bytes of a file after decompression, in all and in one page.
    pub unpacked: usize,
    /// Rows of a table.
    pub rows: usize,
    /// Bytes of a cell.
    pub cell: usize,
}

impl Default for UploadLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, unpacked: 64 << 20, rows: 200_000, cell: 16 << 10 }
    }
}

/// A file with the name for its table.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Name of the table.
    pub name: &'a str,
    /// Content of the file.
    pub bytes: &'a [u8],
}

/// Reasons for refusing a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadError {
    /// A number is beyond its limit.
    #[error("reading {name:?}: {what} is {found}, the limit is {limit}; upload a part of it")]
    Size {
        /// The file.
        name: String,
        /// The thing that is counted.
        what: &'static str,
        /// Its number.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The file is not of its kind.
    #[error("reading {name:?}: {found}; upload plain {kind}")]
    Malformed {
        /// The file.
        name: String,
        /// The fault.
        found: String,
        /// The kind that the file should be.
        kind: &'static str,
    },
    /// The tables do not fit together.
    #[error("{0}")]
    Schema(#[from] SchemaError),
}

/// Tables of a user.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Names and kinds, found from the cells.
    pub schema: Schema,
    /// All rows.
    pub rows: Rows,
}

/// The result of a query on a user's tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// Rows of a table that a request shows.
const SHOWN_ROWS: usize = 20;

/// Reads CSV files, one table each; the first line holds the names of the columns.
pub fn tables_from_csv(files: &[File<'_>], limits: &UploadLimits) -> Result<Upload, UploadError> {
    assemble(files.iter().map(|file| read_csv(file, limits)).collect::<Result<_, _>>()?)
}

/// Reads Parquet files, one table each; plain columns, not compressed, or with Snappy or zstd.
pub fn tables_from_parquet(files: &[File<'_>], limits: &UploadLimits) -> Result<Upload, UploadError> {
    assemble(files.iter().map(|file| parquet::read(file, limits)).collect::<Result<_, _>>()?)
}

/// A table as it was read.
struct Raw {
    name: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
}

fn check_size(name: &str, what: &'static str, found: usize, limit: usize) -> Result<(), UploadError> {
    match found > limit {
        true => Err(UploadError::Size { name: name.into(), what, found, limit }),
        false => Ok(()),
    }
}

fn read_csv(file: &File<'_>, limits: &UploadLimits) -> Result<Raw, UploadError> {
    let name = file.name;
    let malformed = |found: String| UploadError::Malformed {
        name: name.into(),
        found,
        kind: "CSV in UTF-8 with a line of names",
    };
    check_size(name, "its size in bytes", file.bytes.len(), limits.bytes)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file.bytes);
    let names = reader.headers().map_err(|error| malformed(error.to_string()))?.clone();
    check_size(name, "the number of columns", names.len(), MAX_COLUMNS)?;
    let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|error| malformed(error.to_string()))?;
        check_size(name, "the number of rows", number + 1, limits.rows)?;
        for (column, cell) in cells.iter_mut().zip(&record) {
            check_size(name, "the size of a cell in bytes", cell.len(), limits.cell)?;
            column.push((!cell.is_empty()).then(|| cell.to_owned()));
        }
    }
    let count = cells.first().map_or(0, Vec::len);
    let mut columns = Vec::new();
    let mut values = Vec::new();
    for (name, cells) in table_names(names.iter()).into_iter().zip(&cells) {
        let kind = kind_of(cells.iter().flatten().map(String::as_str));
        columns.push(Column { name, kind, nullable: cells.iter().any(Option::is_none) });
        let value = |cell: &Option<String>| cell.as_ref().map_or(Value::Null, |cell| value_of(cell, kind));
        values.push(cells.iter().map(value).collect::<Vec<Value>>());
    }
    let row = |at: usize| values.iter().filter_map(|column| column.get(at).cloned()).collect();
    Ok(Raw { name: name.into(), columns, rows: (0..count).map(row).collect() })
}

/// The kind that all known cells of a column fit; text if there are none.
fn kind_of<'a>(cells: impl Iterator<Item = &'a str> + Clone) -> Kind {
    let all = |fits: fn(&str) -> bool| cells.clone().next().is_some() && cells.clone().all(fits);
    if all(|cell| truth(cell).is_some()) {
        Kind::Boolean
    } else if all(is_whole) {
        Kind::Integer
    } else if all(|cell| day_of(cell).is_some()) {
        Kind::Date
    } else if all(is_decimal) {
        Kind::Real
    } else {
        Kind::Text
    }
}

fn truth(cell: &str) -> Option<i64> {
    match cell.to_ascii_lowercase().as_str() {
        "true" => Some(1),
        "false" => Some(0),
        _ => None,
    }
}

/// Whether a cell is a whole number as people write them: `007` is a text, because a code would lose its zeros.
fn is_whole(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let plain = digits == "0" || !digits.starts_with('0');
    plain && digits.bytes().all(|byte| byte.is_ascii_digit()) && cell.parse::<i64>().is_ok()
}

/// Whether a cell is a plain decimal or a whole number; no exponent, no infinity.
fn is_decimal(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain =
        |part: &str| !part.is_empty() && part.len() <= 15 && part.bytes().all(|byte| byte.is_ascii_digit());
    plain(whole) && plain(fraction) && (whole == "0" || !whole.starts_with('0'))
}

fn value_of(cell: &str, kind: Kind) -> Value {
    match kind {
        Kind::Boolean => truth(cell).map_or(Value::Null, Value::Integer),
        Kind::Integer => cell.parse().map_or(Value::Null, Value::Integer),
        Kind::Real => cell.parse().map_or(Value::Null, Value::Real),
        Kind::Text | Kind::Date => Value::text(cell),
    }
}

/// Names that a schema accepts: without quotes and control characters, none empty, none twice.
fn table_names<'a>(names: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for (number, name) in names.enumerate() {
        let plain = |c: char| if c.is_control() || "\"'`[]".contains(c) { '_' } else { c };
        let mut name: String = name.trim_start_matches('\u{feff}').chars().map(plain).collect();
        while name.len() > MAX_NAME - 8 {
            name.pop();
        }
        if name.is_empty() || name.to_ascii_lowercase().starts_with("sqlite_") {
            name = format!("column_{}", number + 1);
        }
        let base = name.clone();
        let mut again = 2;
        while !taken.insert(name.to_ascii_lowercase()) {
            name = format!("{base}_{again}");
            again += 1;
        }
        all.push(name);
    }
    all
}

/// Assembles tables: finds keys, and columns whose name and values refer to a key.
fn assemble(raw: Vec<Raw>) -> Result<Upload, UploadError> {
    let mut schema = Schema::default();
    let mut rows = Rows::new();
    for table in raw {
        let first = table.columns.first().filter(|column| column.kind == Kind::Integer && !column.nullable);
        let keys: BTreeSet<&Value> = table.rows.iter().filter_map(|row| row.first()).collect();
        let keyed = first.is_some() && keys.len() == table.rows.len();
        let name = table_names([table.name.as_str()].into_iter()).remove(0);
        schema.tables.push(Table { name, columns: table.columns, keyed });
        rows.push(table.rows);
    }
    let keys: Vec<BTreeSet<&Value>> =
        rows.iter().map(|rows| rows.iter().filter_map(|row| row.first()).collect()).collect();
    let mut references = Vec::new();
    for (table, own) in rows.iter().enumerate() {
        for (at, column) in schema.columns_of(table) {
            let refers = |to: &usize| {
                let other = schema.tables.get(*to).filter(|other| other.keyed && *to != table);
                let named = other.is_some_and(|other| refers_by_name(&column.name, &other.name));
                let cells = || own.iter().filter_map(|row| row.get(at.column)).filter(|cell| !cell.is_null());
                named && cells().all(|cell| keys.get(*to).is_some_and(|keys| keys.contains(cell)))
            };
            let found = (0..schema.tables.len()).find(refers);
            references.extend(found.map(|to| Reference { table, column: at.column, to }));
        }
    }
    schema.references = references;
    schema.check()?;
    Ok(Upload { schema, rows })
}

/// Whether a column's name is that of a reference to a table: `customer_id` for `customers`, `city_id` for `cities`.
fn refers_by_name(column: &str, table: &str) -> bool {
    let (column, table) = (column.to_lowercase(), table.to_lowercase());
    let Some(noun) = column.strip_suffix("_id").or_else(|| column.strip_suffix("_key")) else { return false };
    let plurals = [noun.to_owned(), format!("{noun}s"), format!("{noun}es")];
    let ies = noun.strip_suffix('y').map(|stem| format!("{stem}ies"));
    plurals.iter().chain(&ies).any(|plural| *plural == table)
}

impl Upload {
    /// The request for a question: names, kinds, and a few rows from all over each table.
    pub fn request(&self, question: &str) -> AnalysisRequest {
        let few = |rows: &Vec<Row>| {
            let step = rows.len().div_ceil(SHOWN_ROWS).max(1);
            rows.iter().step_by(step).cloned().collect()
        };
        AnalysisRequest {
            question: question.into(),
            schema: self.schema.clone(),
            examples: vec![Example { tables: self.rows.iter().map(few).collect(), result: None }],
            constants: Vec::new(),
            ordered: false,
        }
    }

    /// Runs an answer on all rows. A stranger's query is as harmless here as on a validator.
    ///
    /// Quotients keep their fraction here, unlike in tasks: the average of 10 and 21 is 15.5.
    pub fn run(&self, response: &AnalysisResponse, limits: Limits) -> Result<Answered, EngineError> {
        let exact = with_fractions(&response.sql);
        let query = Query::read(&exact).map_err(|error| EngineError::Query(error.to_string()))?;
        let database = Database::open_for_user(&self.schema, &self.rows)?;
        let mut prepared = database.prepare(&query)?;
        let columns = prepared.columns().iter().map(|name| heading(name)).collect();
        let mut rows = prepared.run(limits)?.rows;
        rows.iter_mut().flatten().for_each(Value::round);
        Ok(Answered { columns, rows })
    }

    /// The tables with every decimal as a whole number of its last place, so that sums are exact. Tasks are drawn only
    /// from real tables in this form. A column `price` with two places becomes `price_x100`; a column with more than
    /// four places becomes text.
    pub fn exact(mut self) -> Self {
        for (table, rows) in self.schema.tables.iter_mut().zip(&mut self.rows) {
            for (at, column) in table.columns.iter_mut().enumerate() {
                if column.kind != Kind::Real {
                    continue;
                }
                let places = rows.iter().filter_map(|row| row.get(at)).map(places).max().unwrap_or(0);
                let scale = 10i64.pow(places.min(4) as u32);
                let exact = |value: &Value| !matches!(value, Value::Real(number) if number.abs() >= 1e11);
                let fits = places <= 4 && rows.iter().filter_map(|row| row.get(at)).all(exact);
                for cell in rows.iter_mut().filter_map(|row| row.get_mut(at)) {
                    if let Value::Real(number) = *cell {
                        *cell = match fits {
                            true => Value::Integer((number * scale as f64).round() as i64),
                            false => Value::text(format!("{number}")),
                        };
                    }
                }
                column.kind = if fits { Kind::Integer } else { Kind::Text };
                if fits && places > 0 {
                    column.name = format!("{}_x{scale}", column.name);
                }
            }
        }
        self
    }

    /// The tables without columns that hold texts longer than `bytes`; for tables without references.
    pub(crate) fn without_long_texts(mut self, bytes: usize) -> Self {
        for (table, rows) in self.schema.tables.iter_mut().zip(&mut self.rows) {
            let short = |at: usize| {
                rows.iter().all(|row| !matches!(row.get(at), Some(Value::Text(text)) if text.len() > bytes))
            };
            let kept: Vec<bool> = (0..table.columns.len()).map(short).collect();
            let mut at = kept.iter();
            table.columns.retain(|_| at.next() == Some(&true));
            for row in rows {
                let mut at = kept.iter();
                row.retain(|_| at.next() == Some(&true));
            }
        }
        self
    }

    /// Places of all columns.
    pub fn columns(&self) -> impl Iterator<Item = (ColumnRef, &Column)> {
        (0..self.schema.tables.len()).flat_map(|table| self.schema.columns_of(table))
    }
}

/// A quotient that keeps its fraction, in SQL.
const QUOTIENT: &str = "* 1.0 /";

/// A query in which quotients of whole numbers keep their fraction.
fn with_fractions(sql: &str) -> String {
    let mut exact = String::with_capacity(sql.len());
    let (mut quote, mut letters) = (None, sql.chars().peekable());
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"' | '`', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            // A slash of a comment is not an operator.
            ('/', None) if letters.peek() != Some(&'*') && !exact.ends_with('*') => {
                exact.push_str(QUOTIENT);
                continue;
            }
            _ => {}
        }
        exact.push(letter);
    }
    exact
}

/// A column's name for people: `SUM ( "sales" . "price" )` is `sum(price)`.
fn heading(name: &str) -> String {
    let plain = name.replace(QUOTIENT, "/").replace(['"', '`'], "");
    let mut words: Vec<&str> = Vec::new();
    for word in plain.split_whitespace().flat_map(|word| word.split_inclusive('.')) {
        match word.strip_suffix('.') {
            Some("") => {
                words.pop();
            }
            Some(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => words.push(word),
            // A table's name before a column's.
            Some(_) => {}
            None => words.push(word),
        }
    }
    let joined = words.join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")").replace(" ,", ",");
    match joined.split_once('(') {
        Some((function, _)) if function.bytes().all(|byte| byte.is_ascii_alphabetic()) => {
            let lower = ["SUM", "COUNT", "MIN", "MAX", "DISTINCT", "AVG"];
            lower.iter().fold(joined.clone(), |text, word| text.replace(word, &word.to_lowercase()))
        }
        _ => joined,
    }
}

/// Decimal places of a number in its shortest form.
fn places(value: &Value) -> usize {
    match value {
        Value::Real(number) => format!("{number}").split_once('.').map_or(0, |(_, fraction)| fraction.len()),
        _ => 0,
    }
}

#[cfg(test)]
mod tests;

//! The engine: SQLite in memory, with every limit that makes a stranger's query harmless.
//!
//! | danger of a query | measure against it |
//! |---|---|
//! | change something, read data of others | a guard is asked about every table and function |
//! | run for ever | steps of the engine's virtual machine are counted; they are the same on every machine |
//! | fill the memory | no value and no row is longer than [`MAX_CELL`] bytes; rows and their bytes are counted |
//! | take long before it runs | length, depth, columns, joined tables and program size are limited |
//! | look at clock, chance, files, version | no such function is on the list |
//!
//! The version of SQLite is compiled in and pinned exactly, because results, steps and even the meaning of a
//! query must be the same for all validators.

use std::{
    collections::BTreeSet,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc, Mutex, PoisonError,
    },
};

use rusqlite::{
    config::DbConfig,
    hooks::{AuthAction, AuthContext, Authorization},
    limits::Limit,
    types::ValueRef,
    Connection, Statement, StatementStatus,
};

use crate::{
    plan::quoted,
    query::{Query, FUNCTIONS},
    schema::{ColumnRef, Kind, Rows, Schema},
    value::{Row, Value},
};

/// The version of SQLite that all validators run.
pub const SQLITE_VERSION: &str = "3.51.3";

/// Checks that this build holds the engine that all validators run.
pub fn check_version() -> Result<(), myelin_subnet::SubnetError> {
    match rusqlite::version() {
        SQLITE_VERSION => Ok(()),
        other => Err(myelin_subnet::SubnetError::new(
            format!("looking for SQLite {SQLITE_VERSION}"),
            format!("this program is built with {other}"),
            "build it with the lock file of this release",
        )),
    }
}

/// Longest value and longest row in bytes.
pub const MAX_CELL: usize = 2048;
/// The same for tables that users bring and run queries on themselves.
pub const MAX_USER_ROW: usize = 1 << 20;
/// Longest result: the bytes of its texts.
pub const MAX_RESULT: usize = 16 << 20;
/// Most steps for reading and planning a query.
const READING_STEPS: u64 = 100_000;
/// Steps between two checks of the meter.
const METER_STEPS: u64 = 1000;
/// Most questions to the guard about one query.
const GUARD_LIMIT: usize = 4000;

/// Limits of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps of the virtual machine.
    pub steps: u64,
    /// Rows of the result.
    pub rows: usize,
}

/// A result and its cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The rows.
    pub rows: Vec<Row>,
    /// Steps of the virtual machine.
    pub steps: u64,
}

/// Tables and columns that a query reads, by the engine's own account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reads {
    /// The tables, by their place.
    pub tables: BTreeSet<usize>,
    /// The columns.
    pub columns: BTreeSet<ColumnRef>,
    /// Whether the query may read more columns: the engine does not report those by which tables are joined by name
    /// (`USING`, `NATURAL`).
    pub more: bool,
}

impl Reads {
    /// Adds the reads of another query.
    pub fn extend(&mut self, other: &Reads) {
        self.tables.extend(&other.tables);
        self.columns.extend(&other.columns);
        self.more |= other.more;
    }
}

/// Reasons for a query without a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The tables could not be filled.
    #[error("filling tables for a query: {0}; check names and values")]
    Tables(String),
    /// The query is not a query of these tables, or does a denied thing.
    #[error("running the query: {0}; correct it")]
    Query(String),
    /// Too many steps.
    #[error("running the query: more than {0} steps; join and filter less wastefully")]
    Steps(u64),
    /// Too many rows.
    #[error("running the query: more than {0} rows; ask for fewer")]
    Rows(usize),
    /// Too long a result.
    #[error("running the query: a result of more than {0} bytes; ask for less")]
    Bytes(usize),
}

/// Tables in memory, ready for queries.
pub struct Database {
    connection: Connection,
    meter: Arc<Meter>,
    guard: Arc<Mutex<Guard>>,
    longest: i32,
    /// For each table the statements that empty it and that insert a row.
    filling: Vec<(String, String)>,
}

/// Fills the tables of a database, with other rows each time.
pub struct Filler<'a> {
    database: &'a Database,
    tables: Vec<(Statement<'a>, Statement<'a>)>,
}

/// A query that was read and allowed, to be run on any content of the tables.
pub struct Prepared<'a> {
    database: &'a Database,
    statement: Statement<'a>,
    /// The tables and columns that it reads.
    pub reads: Reads,
}

#[derive(Default)]
struct Meter {
    used: AtomicU64,
    limit: AtomicU64,
}

/// Decides what a query may read, and notes what it reads.
struct Guard {
    /// Names in lower case, because SQL ignores case.
    tables: Vec<(String, Vec<String>)>,
    /// Names of the query's own common table expressions.
    common: BTreeSet<String>,
    reads: Reads,
    asked: usize,
    /// Whether tables are being made and filled, during which no stranger's query is read.
    open: bool,
}

impl Guard {
    fn judge(&mut self, context: &AuthContext<'_>) -> Authorization {
        if self.open {
            return Authorization::Allow;
        }
        self.asked += 1;
        let allowed = self.asked <= GUARD_LIMIT
            && match context.action {
                AuthAction::Select => true,
                AuthAction::Function { function_name } => {
                    FUNCTIONS.iter().any(|known| known.eq_ignore_ascii_case(function_name))
                }
                AuthAction::Read { table_name, column_name } => self.read(table_name, column_name),
                _ => false,
            };
        if allowed {
            Authorization::Allow
        } else {
            Authorization::Deny
        }
    }

    /// Notes a column, or a table alone when no column of it is read. Denies tables and columns outside of the
    /// question.
    fn read(&mut self, table: &str, column: &str) -> bool {
        let Some(at) = self.tables.iter().position(|(name, _)| *name == table.to_ascii_lowercase()) else {
            // A common table expression of which no column is read.
            return column.is_empty() && self.common.contains(&table.to_ascii_lowercase());
        };
        self.reads.tables.insert(at);
        if column.is_empty() {
            return true;
        }
        let columns = self.tables.get(at).map(|(_, columns)| columns.as_slice()).unwrap_or_default();
        let found = columns.iter().position(|name| *name == column.to_ascii_lowercase());
        self.reads.columns.extend(found.map(|column| ColumnRef { table: at, column }));
        found.is_some()
    }
}

impl Database {
    /// Fills tables.
    pub fn open(schema: &Schema, rows: &Rows) -> Result<Self, EngineError> {
        Self::filled(schema, rows, MAX_CELL)
    }

    /// Fills tables with the longer texts that users have; see [`MAX_USER_ROW`].
    pub fn open_for_user(schema: &Schema, rows: &Rows) -> Result<Self, EngineError> {
        Self::filled(schema, rows, MAX_USER_ROW)
    }

    fn filled(schema: &Schema, rows: &Rows, longest: usize) -> Result<Self, EngineError> {
        let database = Self::make(schema, longest).map_err(tables_failed)?;
        database.filler()?.fill(rows)?;
        Ok(database)
    }

    /// A database of empty tables.
    pub fn empty(schema: &Schema) -> Result<Self, EngineError> {
        Self::make(schema, MAX_CELL).map_err(tables_failed)
    }

    fn make(schema: &Schema, longest: usize) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open_in_memory()?;
        // Sorting and grouping stay in memory, and no statement is ever rolled back. Names in double quotes are never
        // taken for texts.
        connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF")?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        let mut filling = Vec::new();
        for table in &schema.tables {
            let columns: Vec<String> = table
                .columns
                .iter()
                .enumerate()
                .map(|(at, column)| {
                    let kind = match column.kind {
                        Kind::Integer | Kind::Boolean => "INTEGER",
                        Kind::Real => "REAL",
                        Kind::Text | Kind::Date => "TEXT",
                    };
                    let key = if table.keyed && at == 0 { " PRIMARY KEY" } else { "" };
                    format!("{} {kind}{key}", quoted(&column.name))
                })
                .collect();
            let name = quoted(&table.name);
            connection.execute_batch(&format!("CREATE TABLE {name} ({})", columns.join(", ")))?;
            let holes = vec!["?"; table.columns.len()].join(", ");
            filling.push((format!("DELETE FROM {name}"), format!("INSERT INTO {name} VALUES ({holes})")));
        }
        restrict(&connection)?;
        let lower = |name: &str| name.to_ascii_lowercase();
        let tables = schema
            .tables
            .iter()
            .map(|table| {
                (lower(&table.name), table.columns.iter().map(|column| lower(&column.name)).collect())
            })
            .collect();
        let guard = Arc::new(Mutex::new(Guard {
            tables,
            common: BTreeSet::new(),
            reads: Reads::default(),
            asked: 0,
            open: false,
        }));
        let watching = Arc::clone(&guard);
        connection.authorizer(Some(move |context: AuthContext<'_>| {
            watching.lock().unwrap_or_else(PoisonError::into_inner).judge(&context)
        }))?;
        let meter = Arc::new(Meter::default());
        let metered = Arc::clone(&meter);
        let stop = move || {
            let used = metered.used.fetch_add(METER_STEPS, Ordering::Relaxed).saturating_add(METER_STEPS);
            used > metered.limit.load(Ordering::Relaxed)
        };
        connection.progress_handler(METER_STEPS as i32, Some(stop))?;
        let longest = i32::try_from(longest).unwrap_or(i32::MAX);
        let database = Self { connection, meter, guard, longest, filling };
        database.close()?;
        Ok(database)
    }

    /// Lets the tables be filled.
    fn open_up(&self) -> Result<(), rusqlite::Error> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).open = true;
        self.set_meter(u64::MAX);
        self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, i32::MAX)?;
        self.connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1000)?;
        Ok(())
    }

    /// Ends the filling; from here on strangers' queries are read and run.
    fn close(&self) -> Result<(), rusqlite::Error> {
        self.guard.lock().unwrap_or_else(PoisonError::into_inner).open = false;
        self.connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, self.longest)?;
        self.connection.set_limit(Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 0)?;
        Ok(())
    }

    fn set_meter(&self, limit: u64) {
        self.meter.used.store(0, Ordering::Relaxed);
        self.meter.limit.store(limit, Ordering::Relaxed);
    }

    /// A filler of the tables, to be used once or many times.
    pub fn filler(&self) -> Result<Filler<'_>, EngineError> {
        let prepare = || {
            self.open_up()?;
            let prepare = |(empty, insert): &(String, String)| {
                Ok((self.connection.prepare(empty)?, self.connection.prepare(insert)?))
            };
            self.filling.iter().map(prepare).collect::<Result<_, rusqlite::Error>>()
        };
        let prepared = prepare();
        self.close().map_err(tables_failed)?;
        Ok(Filler { database: self, tables: prepared.map_err(tables_failed)? })
    }

    /// Reads a query.
    pub fn prepare(&self, query: &Query) -> Result<Prepared<'_>, EngineError> {
        {
            let mut guard = self.guard.lock().unwrap_or_else(PoisonError::into_inner);
            guard.common = query.common().clone();
            guard.reads = Reads::default();
            guard.asked = 0;
        }
        self.set_meter(READING_STEPS);
        let statement = self.connection.prepare(query.sql()).map_err(|error| failed(error, READING_STEPS))?;
        // The guard denies all other statements; this check repeats it.
        if !statement.readonly() || statement.parameter_count() > 0 || statement.is_explain() != 0 {
            return Err(EngineError::Query("it is no plain SELECT".into()));
        }
        let mut reads = std::mem::take(&mut self.guard.lock().unwrap_or_else(PoisonError::into_inner).reads);
        let text = query.sql().to_ascii_lowercase();
        reads.more = ["using", "natural"].iter().any(|word| text.contains(word));
        Ok(Prepared { database: self, statement, reads })
    }

    /// Runs a query.
    pub fn run(&self, query: &Query, limits: Limits) -> Result<Outcome, EngineError> {
        self.prepare(query)?.run(limits)
    }
}

impl Filler<'_> {
    /// Replaces the rows of all tables by these. Tables whose rows have no cells stay empty: no query reads them.
    pub fn fill(&mut self, rows: &Rows) -> Result<(), EngineError> {
        let database = self.database;
        let filled = database.open_up().and_then(|()| self.insert(rows));
        database.close().and(filled).map_err(tables_failed)
    }

    fn insert(&mut self, rows: &Rows) -> Result<(), rusqlite::Error> {
        let connection = &self.database.connection;
        connection.execute_batch("BEGIN")?;
        for (at, (empty, insert)) in self.tables.iter_mut().enumerate() {
            empty.execute([])?;
            for row in rows.get(at).into_iter().flatten().filter(|row| !row.is_empty()) {
                insert.execute(rusqlite::params_from_iter(row.iter().map(Cell)))?;
            }
        }
        connection.execute_batch("COMMIT")
    }
}

impl Prepared<'_> {
    /// The columns of the result, as the query calls them.
    pub fn columns(&self) -> Vec<String> {
        self.statement.column_names().into_iter().map(str::to_owned).collect()
    }

    /// Runs the query on the present rows of the tables.
    pub fn run(&mut self, limits: Limits) -> Result<Outcome, EngineError> {
        self.database.set_meter(limits.steps);
        self.statement.reset_status(StatementStatus::VmStep);
        let wrong = |error: rusqlite::Error| failed(error, limits.steps);
        let width = self.statement.column_count();
        let mut rows = Vec::new();
        let mut bytes = 0;
        {
            let mut cursor = self.statement.query([]).map_err(wrong)?;
            while let Some(row) = cursor.next().map_err(wrong)? {
                if rows.len() >= limits.rows {
                    return Err(EngineError::Rows(limits.rows));
                }
                let cells: Result<Row, _> = (0..width).map(|at| row.get_ref(at).map(value)).collect();
                let cells = cells.map_err(wrong)?;
                bytes += cells.iter().map(Value::size).sum::<usize>();
                if bytes > MAX_RESULT {
                    return Err(EngineError::Bytes(MAX_RESULT));
                }
                rows.push(cells);
            }
        }
        let steps = u64::try_from(self.statement.get_status(StatementStatus::VmStep)).unwrap_or(u64::MAX);
        if steps > limits.steps {
            return Err(EngineError::Steps(limits.steps));
        }
        Ok(Outcome { rows, steps })
    }
}

fn failed(error: rusqlite::Error, steps: u64) -> EngineError {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::OperationInterrupted) => EngineError::Steps(steps),
        _ => EngineError::Query(error.to_string()),
    }
}

fn tables_failed(error: rusqlite::Error) -> EngineError {
    EngineError::Tables(error.to_string())
}

/// Limits that hold for every query of a connection, beside those of [`Database::close`].
fn restrict(connection: &Connection) -> Result<(), rusqlite::Error> {
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 2 * crate::query::MAX_BYTES as i32),
        (Limit::SQLITE_LIMIT_COLUMN, 100),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 60),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 8),
        (Limit::SQLITE_LIMIT_VDBE_OP, 25_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 64),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 0),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    Ok(())
}

/// A cell on its way into the engine.
struct Cell<'a>(&'a Value);

impl rusqlite::ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        let value = match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
        };
        Ok(rusqlite::types::ToSqlOutput::Borrowed(value))
    }
}

fn value(found: ValueRef<'_>) -> Value {
    match found {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        // Byte strings answer no question; the text that they would read as is not a value of any table.
        ValueRef::Text(text) | ValueRef::Blob(text) => {
            Value::Text(String::from_utf8_lossy(text).into_owned())
        }
    }
}

#[cfg(test)]
mod tests;

//! What validators, users and miners of this subnet say to each other.

use serde::{Deserialize, Serialize};

use crate::{
    schema::{Rows, Schema, SchemaError},
    value::{Row, Value},
};

/// Version of protocol and scoring; part of the subnet's name on the wire.
pub const VERSION: u32 = 3;
/// Most examples of a request.
pub const MAX_EXAMPLES: usize = 6;
/// Most rows of all tables of one example.
pub const MAX_ROWS: usize = 2000;
/// Longest question in bytes.
pub const MAX_QUESTION: usize = 4096;
/// Most constants that are named beside the question.
pub const MAX_CONSTANTS: usize = 64;
/// Longest explanation in bytes.
pub const MAX_EXPLANATION: usize = 2000;

/// A question over tables: in words, by example, or both.
///
/// The answer is one `SELECT` of SQLite's dialect. Its columns come in the order in which the question names
/// them, keys of groups first. Where order is asked for, rows that are equal in what they are sorted by are
/// sorted by the other columns of the result from left to right, ascending; nothing known comes first.
/// Averages and other quotients are cut to whole numbers. Truth values are 0 and 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnalysisRequest {
    /// What is asked, in words; empty if the examples say it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Names and kinds.
    pub schema: Schema,
    /// Tables with a few rows.
    pub examples: Vec<Example>,
    /// Constants that the query may name, true ones and others, if it is asked for by example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Value>,
    /// Whether the order of the result matters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

/// Tables, and what the query must give for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The rows of every table, in the order of the schema.
    pub tables: Rows,
    /// The right result; absent if the rows only show what the tables look like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Vec<Row>>,
}

/// What a miner answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisResponse {
    /// One `SELECT`.
    pub sql: String,
    /// What the query does, for people: names every table, column and constant that it uses, each between backticks, as
    /// in "adds up `orders.price` where `orders.status` is `'open'`", and no other. Numbers after `LIMIT` and
    /// `ORDER BY` are constants too. What is done (adding up, averaging, counting, least and most, grouping, sorting,
    /// keeping the first, dropping what is repeated) is said in words or as SQL between backticks.
    #[serde(default)]
    pub explanation: String,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The tables are not sound.
    #[error("{0}")]
    Schema(#[from] SchemaError),
    /// Something is larger than this subnet serves, or missing.
    #[error("{what} is {found}, it must be 1 to {limit}; ask for less")]
    Size {
        /// What it is.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// Neither a question nor a result.
    #[error("the request has neither a question nor an example with a result; add one")]
    Nothing,
}

impl AnalysisRequest {
    /// Checks sizes and shapes.
    pub fn check(&self) -> Result<(), RequestError> {
        self.schema.check()?;
        let sizes = [
            ("the number of examples", self.examples.len().max(1), MAX_EXAMPLES),
            ("the length of the question", self.question.len(), MAX_QUESTION),
            ("the number of constants", self.constants.len(), MAX_CONSTANTS),
        ];
        if let Some((what, found, limit)) = sizes.into_iter().find(|(_, found, limit)| found > limit) {
            return Err(RequestError::Size { what, found, limit });
        }
        for example in &self.examples {
            self.schema.check_rows(&example.tables, MAX_ROWS)?;
        }
        let shown = self.examples.iter().any(|example| example.result.is_some());
        if self.question.trim().is_empty() && !shown {
            return Err(RequestError::Nothing);
        }
        Ok(())
    }
}

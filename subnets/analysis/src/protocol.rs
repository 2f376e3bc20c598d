//! Messages between validators, users and miners of this subnet.

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
/// The answer is one `SELECT` of SQLite's dialect. Its columns come in the order in which the question names them, keys
/// of groups first. Where the request wants an order, rows with equal sort values are sorted by the other columns of
/// the result from left to right, ascending; unknown values come first. Averages and other quotients are cut to whole
/// numbers. Truth values are 0 and 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AnalysisRequest {
    /// The question in words; empty if the examples suffice.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// Names and kinds of tables and columns.
    pub schema: Schema,
    /// Tables with a few rows.
    pub examples: Vec<Example>,
    /// Constants that the query may name, true ones and others; given for a question by example.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub constants: Vec<Value>,
    /// Whether the order of the result matters.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ordered: bool,
}

/// Tables, and the result that the query must give for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Example {
    /// The rows of every table, in the order of the schema.
    pub tables: Rows,
    /// The right result; absent if the rows only show the form of the tables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Vec<Row>>,
}

/// A miner's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisResponse {
    /// One `SELECT`.
    pub sql: String,
    /// Description of the query for people. It names every table, column and constant that the query uses and no other,
    /// each between backticks, as in "adds up `orders.price` where `orders.status` is `'open'`". Numbers after `LIMIT`
    /// and `ORDER BY` are constants too. Actions are named in words or as SQL between backticks: adding up, averaging,
    /// counting, least and most, grouping, sorting, keeping the first, dropping repeated rows.
    #[serde(default)]
    pub explanation: String,
}

/// Reasons for refusing a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The tables are malformed.
    #[error("{0}")]
    Schema(#[from] SchemaError),
    /// A part is larger than this subnet serves, or missing.
    #[error("{what} is {found}, it must be 1 to {limit}; ask for less")]
    Size {
        /// The part.
        what: &'static str,
        /// Its size.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The request has neither a question nor a result.
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

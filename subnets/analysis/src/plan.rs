//! Meaning of a question: a small typed algebra of queries, and its SQL.
//!
//! Tasks are drawn as plans, references are rendered from plans, and the miner of this crate searches for plans. A plan
//! can express less than SQL on purpose: every plan has one meaning, exact in whole numbers.

use serde::{Deserialize, Serialize};

use crate::{
    schema::{ColumnRef, Schema},
    value::Value,
};

mod mutants;
mod run;
mod sql;

pub(crate) use run::{Outcome, Runner};
pub(crate) use sql::quoted;

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// At most.
    Le,
    /// Greater.
    Gt,
    /// At least.
    Ge,
}

impl Op {
    /// All comparisons.
    pub const ALL: [Op; 6] = [Op::Eq, Op::Ne, Op::Lt, Op::Le, Op::Gt, Op::Ge];

    /// The comparison as it stands in SQL.
    pub fn sign(self) -> &'static str {
        match self {
            Op::Eq => "=",
            Op::Ne => "<>",
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
        }
    }

    /// Whether the comparison holds between values that are both known.
    pub fn holds(self, left: &Value, right: &Value) -> bool {
        match self {
            Op::Eq => left == right,
            Op::Ne => left != right,
            Op::Lt => left < right,
            Op::Le => left <= right,
            Op::Gt => left > right,
            Op::Ge => left >= right,
        }
    }
}

/// A test that a row passes or not. A comparison with an unknown cell is not passed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Test {
    /// A column against a constant.
    Compare(ColumnRef, Op, Value),
    /// Between two values, both included.
    Between(ColumnRef, Value, Value),
    /// One of several constants.
    OneOf(ColumnRef, Vec<Value>),
    /// Unknown (`true`) or known.
    Null(ColumnRef, bool),
    /// A text begins with this one (`true`) or contains it. The case of ASCII letters does not matter, as for SQL's
    /// LIKE.
    Like(ColumnRef, String, bool),
    /// Above (`true`) or below the average of the column over its whole table.
    Average(ColumnRef, bool),
    /// No row refers to this row by the reference of that number; its target must be among the tables.
    Without(usize),
    /// One or the other.
    Either(Box<Test>, Box<Test>),
}

/// A function that makes one value of many rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Function {
    /// Number of rows.
    Rows,
    /// Number of known cells.
    Count,
    /// Number of different known cells.
    Distinct,
    /// Sum of the known cells; unknown if there are none.
    Sum,
    /// The least known cell.
    Least,
    /// The greatest known cell.
    Greatest,
    /// The average of the known cells without its decimals.
    Average,
}

impl Function {
    /// All functions.
    pub const ALL: [Function; 7] = [
        Function::Rows,
        Function::Count,
        Function::Distinct,
        Function::Sum,
        Function::Least,
        Function::Greatest,
        Function::Average,
    ];
}

/// A function of a column. For [`Function::Rows`] the column is ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Aggregate {
    /// The function.
    pub function: Function,
    /// The column.
    pub column: ColumnRef,
}

/// A column of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Output {
    /// A column as it is; beside aggregates it makes the groups.
    Column(ColumnRef),
    /// One value for a group of rows.
    Aggregate(Aggregate),
}

/// Another table, joined by a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Join {
    /// Number of the reference in the schema.
    pub reference: usize,
    /// Whether rows without a match in the other table are kept.
    pub keep: bool,
}

/// Order of the result: by one output, then by the others from left to right, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Order {
    /// Place of the output that is compared first.
    pub output: usize,
    /// Whether the greatest value comes first.
    pub descending: bool,
}

/// A query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The first table.
    pub base: usize,
    /// Further tables, each joined to one before it.
    pub joins: Vec<Join>,
    /// Tests that all must be passed.
    pub tests: Vec<Test>,
    /// Columns of the result.
    pub outputs: Vec<Output>,
    /// Whether equal rows of the result are shown once.
    pub distinct: bool,
    /// A test of groups: an aggregate against a number.
    pub having: Option<(Aggregate, Op, i64)>,
    /// Order, if it matters.
    pub order: Option<Order>,
    /// Most rows of the result; needs an order.
    pub limit: Option<u32>,
}

impl Test {
    /// The columns that the test reads; those that a reference connects are not among them.
    pub fn columns(&self) -> Vec<ColumnRef> {
        match self {
            Test::Compare(at, ..)
            | Test::Between(at, ..)
            | Test::OneOf(at, ..)
            | Test::Null(at, _)
            | Test::Like(at, ..)
            | Test::Average(at, _) => vec![*at],
            Test::Without(_) => Vec::new(),
            Test::Either(one, other) => [one.columns(), other.columns()].concat(),
        }
    }

    /// The constants that the test names, with their column.
    pub fn constants(&self) -> Vec<(ColumnRef, Value)> {
        match self {
            Test::Compare(at, _, value) => vec![(*at, value.clone())],
            Test::Between(at, low, high) => vec![(*at, low.clone()), (*at, high.clone())],
            Test::OneOf(at, values) => values.iter().map(|value| (*at, value.clone())).collect(),
            Test::Like(at, text, _) => vec![(*at, Value::text(text))],
            Test::Null(..) | Test::Average(..) | Test::Without(_) => Vec::new(),
            Test::Either(one, other) => [one.constants(), other.constants()].concat(),
        }
    }
}

impl Plan {
    /// A plan that shows columns of one table.
    pub fn of(base: usize, outputs: Vec<Output>) -> Self {
        Plan {
            base,
            joins: Vec::new(),
            tests: Vec::new(),
            outputs,
            distinct: false,
            having: None,
            order: None,
            limit: None,
        }
    }

    /// The tables in the order in which they are joined; `None` if a join does not connect.
    pub fn tables(&self, schema: &Schema) -> Option<Vec<usize>> {
        let mut tables = vec![self.base];
        for join in &self.joins {
            let link = schema.references.get(join.reference)?;
            let new = match (tables.contains(&link.table), tables.contains(&link.to)) {
                (true, false) => link.to,
                (false, true) => link.table,
                _ => return None,
            };
            tables.push(new);
        }
        Some(tables)
    }

    /// Whether rows are put into groups.
    pub fn is_grouped(&self) -> bool {
        self.outputs.iter().any(|output| matches!(output, Output::Aggregate(_)))
    }

    /// The columns that make the groups.
    pub fn keys(&self) -> Vec<ColumnRef> {
        self.outputs.iter().filter_map(Output::column).collect()
    }

    /// Constants by column: those of tests, without the numbers that groups are compared with.
    pub fn focus(&self) -> crate::data::Focus {
        let mut focus = crate::data::Focus::new();
        for (at, value) in self.tests.iter().flat_map(Test::constants) {
            focus.entry(at).or_default().push(value);
        }
        focus
    }

    /// Every constant that the SQL names, but for the number of rows, sorted.
    pub fn constants(&self) -> Vec<Value> {
        let mut constants: Vec<Value> =
            self.tests.iter().flat_map(Test::constants).map(|(_, value)| value).collect();
        constants.extend(self.having.map(|(_, _, number)| Value::Integer(number)));
        constants.sort();
        constants.dedup();
        constants
    }
}

impl Output {
    /// The column, if this output is a column.
    pub fn column(&self) -> Option<ColumnRef> {
        match self {
            Output::Column(at) => Some(*at),
            Output::Aggregate(_) => None,
        }
    }

    /// The aggregate, if this output is an aggregate.
    pub fn aggregate(&self) -> Option<Aggregate> {
        match self {
            Output::Column(_) => None,
            Output::Aggregate(aggregate) => Some(*aggregate),
        }
    }
}

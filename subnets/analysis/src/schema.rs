//! Form of tables: names, kinds of columns, and references between tables.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::value::{Row, Value};

/// Most tables of a request.
pub const MAX_TABLES: usize = 8;
/// Most columns of a table.
pub const MAX_COLUMNS: usize = 64;
/// Longest name in bytes.
pub const MAX_NAME: usize = 64;

/// Kind of a column's cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole numbers.
    Integer,
    /// Numbers with a fraction; in tables of users only.
    Real,
    /// Texts.
    Text,
    /// Days, as `YYYY-MM-DD`.
    Date,
    /// 0 or 1.
    Boolean,
}

impl Kind {
    /// Whether its cells are numbers that may be added up.
    pub fn is_amount(self) -> bool {
        matches!(self, Kind::Integer | Kind::Real)
    }
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Kind of its cells.
    pub kind: Kind,
    /// Whether a cell may be unknown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub nullable: bool,
}

/// A table without its rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Whether the first column is a key: a whole number that no two rows share.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub keyed: bool,
}

/// A column whose values are keys of another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// The table that refers, by its place in the schema.
    pub table: usize,
    /// The column that refers.
    pub column: usize,
    /// The table referred to, by its first column.
    pub to: usize,
}

/// Tables and the references between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// The tables.
    pub tables: Vec<Table>,
    /// References from table to table.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
}

/// A column by its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ColumnRef {
    /// Place of the table in the schema.
    pub table: usize,
    /// Place of the column in the table.
    pub column: usize,
}

/// The rows of all tables of a schema, table by table.
pub type Rows = Vec<Vec<Row>>;

/// Reasons for refusing a schema or its rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The number of something is beyond its limit.
    #[error("reading tables: {what} is {found}, the limit is {limit}; send smaller tables")]
    Size {
        /// The thing that is counted.
        what: &'static str,
        /// Its number.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// A name is empty, odd or taken.
    #[error("reading tables: the name {0:?} is empty, holds a quote or control character, or stands twice; rename it")]
    Name(String),
    /// A reference points nowhere.
    #[error("reading tables: reference {0} names a table or column that is not there; correct it")]
    Reference(usize),
    /// Rows do not fit the columns.
    #[error(
        "reading tables: a row of {0:?} does not fit its columns; give every row one cell for each column"
    )]
    Row(String),
}

impl Schema {
    /// The column at a place; places come from this schema.
    pub fn column(&self, at: ColumnRef) -> Option<&Column> {
        self.tables.get(at.table)?.columns.get(at.column)
    }

    /// All columns of a table.
    pub fn columns_of(&self, table: usize) -> impl Iterator<Item = (ColumnRef, &Column)> {
        let columns = self.tables.get(table).map(|table| table.columns.as_slice()).unwrap_or_default();
        columns.iter().enumerate().map(move |(column, found)| (ColumnRef { table, column }, found))
    }

    /// Whether a column is a key or refers to one: such numbers are names, not amounts.
    pub fn is_link(&self, at: ColumnRef) -> bool {
        let keyed = self.tables.get(at.table).is_some_and(|table| table.keyed);
        (keyed && at.column == 0)
            || self.references.iter().any(|link| (link.table, link.column) == (at.table, at.column))
    }

    /// Checks names, sizes and references of a schema from a peer or a user.
    pub fn check(&self) -> Result<(), SchemaError> {
        let size = |what, found, limit| match found > limit || found == 0 {
            true => Err(SchemaError::Size { what, found, limit }),
            false => Ok(()),
        };
        size("the number of tables", self.tables.len(), MAX_TABLES)?;
        let mut tables = BTreeSet::new();
        for table in &self.tables {
            check_name(&table.name, &mut tables)?;
            size("the number of columns", table.columns.len(), MAX_COLUMNS)?;
            let mut columns = BTreeSet::new();
            for column in &table.columns {
                check_name(&column.name, &mut columns)?;
            }
        }
        for (number, link) in self.references.iter().enumerate() {
            let from = self.column(ColumnRef { table: link.table, column: link.column });
            let keyed = self.tables.get(link.to).is_some_and(|table| table.keyed);
            if from.is_none() || !keyed || link.to == link.table {
                return Err(SchemaError::Reference(number));
            }
        }
        Ok(())
    }

    /// Checks that rows fit the columns, and that there are at most `limit` of them in all.
    pub fn check_rows(&self, rows: &Rows, limit: usize) -> Result<(), SchemaError> {
        let found = rows.iter().map(Vec::len).sum();
        if found > limit {
            return Err(SchemaError::Size { what: "the number of rows", found, limit });
        }
        if rows.len() != self.tables.len() {
            return Err(SchemaError::Size {
                what: "lists of rows",
                found: rows.len(),
                limit: self.tables.len(),
            });
        }
        for (table, rows) in self.tables.iter().zip(rows) {
            if rows.iter().any(|row| row.len() != table.columns.len()) {
                return Err(SchemaError::Row(table.name.clone()));
            }
            let keys: BTreeSet<&Value> = rows.iter().filter_map(|row| row.first()).collect();
            let whole = keys.iter().all(|key| matches!(key, Value::Integer(_)));
            if table.keyed && (keys.len() != rows.len() || !whole) {
                return Err(SchemaError::Row(table.name.clone()));
            }
        }
        Ok(())
    }
}

fn check_name(name: &str, taken: &mut BTreeSet<String>) -> Result<(), SchemaError> {
    let odd = |c: char| c.is_control() || matches!(c, '"' | '`' | '[' | ']' | '\'');
    // SQLite ignores the case of ASCII letters in names, and reserves names that begin with `sqlite_`.
    let folded = name.to_ascii_lowercase();
    let refused =
        name.is_empty() || name.len() > MAX_NAME || name.contains(odd) || folded.starts_with("sqlite_");
    if refused || !taken.insert(folded) {
        return Err(SchemaError::Name(name.chars().take(MAX_NAME).collect()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str) -> Column {
        Column { name: name.into(), kind: Kind::Integer, nullable: false }
    }

    fn two() -> Schema {
        let table =
            |name: &str| Table { name: name.into(), columns: vec![column("id"), column("n")], keyed: true };
        Schema {
            tables: vec![table("a"), table("b")],
            references: vec![Reference { table: 1, column: 1, to: 0 }],
        }
    }

    #[test]
    fn odd_names_and_dangling_references_are_refused() {
        assert_eq!(two().check(), Ok(()));
        for name in ["", "a\"b", "x\0", "B", "sqlite_master", "a'b"] {
            let mut schema = two();
            schema.tables[0].name = name.into();
            assert!(matches!(schema.check(), Err(SchemaError::Name(_))), "{name:?}");
        }
        let mut schema = two();
        schema.references[0].to = 7;
        assert_eq!(schema.check(), Err(SchemaError::Reference(0)));
        assert!(Schema::default().check().is_err());
    }

    #[test]
    fn rows_fit_their_columns_and_keys_differ() {
        let row = |id: i64| vec![Value::Integer(id), Value::Null];
        assert_eq!(two().check_rows(&vec![vec![row(1), row(2)], vec![]], 9), Ok(()));
        assert!(two().check_rows(&vec![vec![row(1), row(1)], vec![]], 9).is_err());
        assert!(two().check_rows(&vec![vec![row(1), row(2)], vec![]], 1).is_err());
        assert!(two().check_rows(&vec![vec![vec![Value::Null]], vec![]], 9).is_err());
        assert!(two().check_rows(&vec![vec![]], 9).is_err());
    }
}

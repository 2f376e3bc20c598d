//! The report as data: sections of statements and tables. HTML and JSON are written from the same value, so that they
//! cannot differ. `docs/reference/evidence-report.md` describes the JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::output::readable;

/// Name and version of the JSON's form.
pub const SCHEMA: &str = "myelin/evidence-report/1";
/// Most letters of a stranger's name or short text.
pub const MOST_LETTERS: usize = 128;

/// A value, or the reason why it is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Cell {
    /// The value.
    Value(Value),
    /// The reason, a clause that follows "because".
    Unknown(String),
}

impl<T: Into<Value>> From<T> for Cell {
    fn from(value: T) -> Self {
        Cell::Value(value.into())
    }
}

/// A known value, or the reason why it is not known.
pub type Known<T> = Result<T, String>;

/// The cell of something that may be unknown.
pub fn cell<T, V: Into<Value>>(known: &Known<T>, value: impl FnOnce(&T) -> V) -> Cell {
    match known {
        Ok(known) => Cell::Value(value(known).into()),
        Err(why) => Cell::Unknown(why.clone()),
    }
}

/// Unit of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A count, a block, a name.
    Plain,
    /// 1,000,000 = 1.
    Millionths,
    /// 65,535 = 1.
    Of65535,
    /// Billionths of TAO or alpha.
    Rao,
}

impl Unit {
    /// A value in this unit, for people.
    pub fn show(self, value: u64) -> String {
        match self {
            Unit::Plain => value.to_string(),
            Unit::Millionths => format!("{}.{:06}", value / 1_000_000, value % 1_000_000),
            Unit::Of65535 => {
                let hundredths = value.saturating_mul(10_000) / 65_535;
                format!("{}.{:02} %", hundredths / 100, hundredths % 100)
            }
            Unit::Rao => format!("{}.{:09}", value / 1_000_000_000, value % 1_000_000_000),
        }
    }
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// Its name for programs.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// The value.
    #[serde(flatten)]
    pub cell: Cell,
    /// Unit of the value.
    pub unit: Unit,
    /// Meaning of the value, where the name does not suffice.
    pub note: &'static str,
    /// Commands that verify it.
    pub verify: Vec<String>,
}

impl Fact {
    /// A statement without a unit and a note.
    pub fn new(id: &'static str, name: &'static str, cell: impl Into<Cell>, verify: &[&String]) -> Self {
        let verify = verify.iter().map(|command| (*command).clone()).collect();
        Self { id, name, cell: cell.into(), unit: Unit::Plain, note: "", verify }
    }

    /// The same with a note.
    pub fn noted(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// The same in another unit.
    pub fn in_unit(self, unit: Unit) -> Self {
        Self { unit, ..self }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name for programs.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// Unit of its values.
    pub unit: Unit,
}

impl Column {
    /// A column of values in a unit, by its names for programs and for people.
    pub fn of(id: &'static str, name: &'static str, unit: Unit) -> Self {
        Self { id, name, unit }
    }

    /// A column of values without a unit.
    pub fn plain(id: &'static str, name: &'static str) -> Self {
        Self::of(id, name, Unit::Plain)
    }
}

/// A row of a table.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Row {
    /// Values by the id of their column.
    pub cells: BTreeMap<&'static str, Cell>,
    /// Commands that verify this row.
    pub verify: Vec<String>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// Its name for programs.
    pub id: &'static str,
    /// Its name for people.
    pub caption: String,
    /// The columns. The first one names the row.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Rows beyond the most that a table has.
    pub left_out: usize,
    /// Commands that verify all rows.
    pub verify: Vec<String>,
}

/// A longer text, unchanged.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Annex {
    /// Its heading.
    pub title: String,
    /// The text.
    pub text: String,
}

/// A section.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Section {
    /// Its name for programs.
    pub id: String,
    /// Its heading.
    pub title: String,
    /// Sentences about it.
    pub about: Vec<String>,
    /// Statements.
    pub facts: Vec<Fact>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Longer texts.
    pub annexes: Vec<Annex>,
}

/// A report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Document {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Its title.
    pub title: String,
    /// The subnet.
    pub netuid: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// The epochs.
    pub epochs: Vec<u64>,
    /// The sections.
    pub sections: Vec<Section>,
}

/// A stranger's short text: cut, and with letters that change the display of others shown by their numbers.
pub fn short(text: &str) -> String {
    let mut shown = readable(&text.chars().take(MOST_LETTERS).collect::<String>(), false);
    if text.chars().nth(MOST_LETTERS).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_texts_are_cut_and_cannot_change_the_order_of_letters() {
        assert_eq!(short("précis 模型"), "précis 模型");
        assert_eq!(short("a\u{202e}b\n\u{1b}[2J"), "a\\u{202e}b\\u{a}\\u{1b}[2J");
        let long = short(&"x".repeat(1_000));
        assert_eq!(long.chars().count(), MOST_LETTERS + 1);
        assert_eq!(short(&"x".repeat(MOST_LETTERS)).len(), MOST_LETTERS);
    }

    #[test]
    fn a_value_is_there_or_its_reason() {
        let fact = Fact::new("a", "A", 3, &[&"myelin node status".to_owned()]);
        let shown = serde_json::to_value(&fact).expect("JSON");
        assert_eq!((&shown["value"], &shown["unit"]), (&3.into(), &"plain".into()));
        let unknown = cell(&Err::<u64, _>("the state is gone".into()), |block| *block);
        let shown = serde_json::to_value(Fact::new("a", "A", 3, &[])).expect("JSON");
        assert_eq!(shown["verify"], serde_json::json!([]));
        assert_eq!(
            serde_json::to_value(unknown).expect("JSON"),
            serde_json::json!({ "unknown": "the state is gone" })
        );
    }
}

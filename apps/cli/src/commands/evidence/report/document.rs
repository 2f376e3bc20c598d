//! The report as data: sections of statements and tables. HTML and JSON are written from the same value, so that they
//! cannot differ. `docs/reference/evidence-report.md` describes the JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

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

/// A text with letters that change the display of others shown by their numbers. Line breaks may stay.
pub fn readable(text: &str, lines: bool) -> String {
    let mut shown = String::new();
    for letter in text.chars() {
        let stays = lines && letter == '\n';
        // Marks of direction, invisible letters, and letters of private use.
        let odd = matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{e000}'..='\u{f8ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{10ffff}'
        );
        match !stays && (letter.is_control() || odd) {
            true => shown.extend(letter.escape_unicode()),
            false => shown.push(letter),
        }
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
        assert_eq!(readable("a\nb\u{200b}", true), "a\nb\\u{200b}");
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

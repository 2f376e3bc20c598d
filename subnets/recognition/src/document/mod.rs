//! Documents: what stands in them, and how it lies on the page.
//!
//! Names, items, codes, dates and amounts are drawn anew for each document, a good part of the names as words that no
//! list has, so that nothing but the picture says what they are.

mod content;
mod page;
mod words;

pub(crate) use content::LABELS;
pub use content::{compose, Kind, OPEN_KINDS, RESERVED_KINDS};
pub use page::{lay_out, Column, Typeset};
pub use words::Vocabulary;

/// Something with a name that stands in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, as the request asks for it.
    pub name: String,
    /// What stands there.
    pub value: String,
}

/// A document before it lies on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its rows from top to bottom.
    pub rows: Vec<Row>,
    /// What can be asked for.
    pub fields: Vec<Field>,
}

/// How a line lies between the margins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// At the left.
    Left,
    /// In the middle.
    Centre,
    /// At the right.
    Right,
}

/// A row of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A line of text.
    Line {
        /// The text.
        text: String,
        /// Its size in percent of the document's.
        percent: i32,
        /// Where it lies.
        align: Align,
    },
    /// A label and a value beside it.
    Pair {
        /// What it is.
        label: String,
        /// What stands there.
        value: String,
    },
    /// Cells of a table, in columns.
    Cells(Vec<String>),
    /// A line from margin to margin.
    Rule,
    /// Half an empty line.
    Gap,
}

impl Document {
    /// The text in reading order, row by row.
    pub fn text(&self) -> String {
        let mut lines = Vec::new();
        for row in &self.rows {
            match row {
                Row::Line { text, .. } => lines.push(text.clone()),
                Row::Pair { label, value } => lines.push(format!("{label} {value}")),
                Row::Cells(cells) => lines.push(cells.join(" ")),
                Row::Rule | Row::Gap => {}
            }
        }
        lines.join("\n")
    }
}

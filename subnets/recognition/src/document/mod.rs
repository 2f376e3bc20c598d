//! Documents: their content and their layout on the page.
//!
//! Names, items, codes, dates and amounts are drawn anew for each document. Many of the names are words that no list
//! has, so that only the picture shows them.

mod content;
mod page;
mod words;

pub(crate) use content::LABELS;
pub use content::{compose, Kind, OPEN_KINDS, RESERVED_KINDS};
pub use page::{lay_out, Column, Typeset};
pub use words::Vocabulary;

/// A named value in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the field, as the request uses it.
    pub name: String,
    /// Value of the field.
    pub value: String,
}

/// A document before it lies on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Kind of the document.
    pub kind: Kind,
    /// Its rows from top to bottom.
    pub rows: Vec<Row>,
    /// Fields that a request may ask for.
    pub fields: Vec<Field>,
}

/// Position of a line between the margins.
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
        /// Text of the line.
        text: String,
        /// Size of the letters in percent of the document's.
        percent: i32,
        /// Position of the line.
        align: Align,
    },
    /// A label and a value beside it.
    Pair {
        /// Label of the value.
        label: String,
        /// The value.
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

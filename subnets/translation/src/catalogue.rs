//! Localisation files: what is to be translated, and the file with its translations.
//!
//! A file is read as pieces: text that stays as it is, byte by byte, and places for translations. So comments, order,
//! spacing and everything that a reader does not know come back unchanged.

pub mod json;
pub mod mo;
pub mod po;
pub mod strings;
pub mod xliff;

use std::fmt;

/// Most segments of a file.
pub const MOST_SEGMENTS: usize = 50_000;

/// A text that is to be translated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// The text.
    pub source: String,
    /// The text for more than one, if the translation follows a number.
    pub plural: Option<String>,
    /// Name of the text, or the place where it stands.
    pub context: Option<String>,
    /// Remarks for translators.
    pub comment: Option<String>,
    /// The translation that is there: one, or one for each plural form. Empty if there is none.
    pub present: Vec<String>,
    /// Whether the translation that is there is marked as unsure.
    pub unsure: bool,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text that stays.
    Text(String),
    /// The place of a segment's translation.
    Translation(usize),
    /// A line that marks the next segment's translation as unsure, and the same line without the mark.
    Mark(usize, String, String),
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue {
    pub(crate) pieces: Vec<Piece>,
    /// The texts to translate, in the order of the file.
    pub segments: Vec<Segment>,
}

/// A defect of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueError {
    /// The line, from 1.
    pub line: usize,
    /// The defect, and what to do.
    pub what: String,
}

impl fmt::Display for CatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for CatalogueError {}

impl Catalogue {
    pub(crate) fn new() -> Self {
        Self { pieces: Vec::new(), segments: Vec::new() }
    }

    /// Appends text that stays.
    pub(crate) fn keep(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(kept)) => kept.push_str(text),
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    /// Appends the place of a translation.
    pub(crate) fn place(&mut self, segment: Segment) {
        self.pieces.push(Piece::Translation(self.segments.len()));
        self.segments.push(segment);
    }

    /// Keeps the marks of a segment that did not come.
    pub(crate) fn unmark(&mut self) {
        let next = self.segments.len();
        for piece in self.pieces.iter_mut().rev().take_while(|piece| !matches!(piece, Piece::Translation(_)))
        {
            if let Piece::Mark(segment, line, _) = piece {
                if *segment == next {
                    *piece = Piece::Text(std::mem::take(line));
                }
            }
        }
    }

    /// The file, with each segment's translation written by `write`. Marks of `renewed` segments are left out.
    pub(crate) fn written(
        &self,
        mut write: impl FnMut(&mut String, usize),
        renewed: impl Fn(usize) -> bool,
    ) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Translation(segment) => write(&mut out, *segment),
                Piece::Mark(segment, _, without) if renewed(*segment) => out.push_str(without),
                Piece::Mark(_, line, _) => out.push_str(line),
            }
        }
        out
    }
}

/// Reads what stands between quotes in C's way: `\n`, `\t`, `\"`, `\\` and others. `Err` is the escape that is unknown.
pub(crate) fn unquoted(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter != '\\' {
            out.push(letter);
            continue;
        }
        out.push(match letters.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some(same @ ('"' | '\\' | '\'' | '?' | '/')) => same,
            Some('U' | 'u') => {
                let digits: String = letters.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                code.ok_or_else(|| format!("\\U{digits}"))?
            }
            Some('x') => return Err("\\x".to_owned()),
            Some(other) => return Err(format!("\\{other}")),
            None => return Err("\\ at the end".to_owned()),
        });
    }
    Ok(out)
}

/// Writes a text as it stands between quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for letter in text.chars() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\u{b}' => out.push_str("\\v"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            other => out.push(other),
        }
    }
    out
}

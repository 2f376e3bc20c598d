//! Places in held-out files.

use crate::corpus::Corpus;
use crate::kernel::Random;
use crate::lessons::floor_char;

/// Most text given on each side, in bytes.
const BEFORE: usize = 1500;
const AFTER: usize = 600;
/// Shortest and longest rest of a line worth asking for, in bytes.
const REFERENCE: std::ops::RangeInclusive<usize> = 4..=80;

/// A place in a file, with the text around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The file.
    pub label: String,
    /// Text left of the cursor, cut at a character, possibly inside a word.
    pub before: String,
    /// Text after the reference; begins with the line break that ends the reference.
    pub after: String,
    /// The rest of the line.
    pub reference: String,
}

/// Chooses `count` places in the Rust files of a corpus; fewer if it holds too few.
///
/// Files are drawn by length, places uniformly; blanks before the cursor are as likely as in the text.
pub fn cursors(corpus: &Corpus, count: usize, seed: u64) -> Vec<Cursor> {
    let files: Vec<_> = corpus.documents.iter().filter(|d| d.label.ends_with(".rs")).collect();
    let total: usize = files.iter().map(|d| d.text.len()).sum();
    let mut random = Random::new(seed);
    let mut found = Vec::new();
    for _ in 0..count * 8 {
        if found.len() == count || total == 0 {
            break;
        }
        let mut at = random.below(total);
        let mut files = files.iter();
        let Some(file) = files.find(|d| {
            let inside = at < d.text.len();
            if !inside {
                at -= d.text.len();
            }
            inside
        }) else {
            continue;
        };
        let text = file.text.as_str();
        let at = floor_char(text, at);
        let end = text[at..].find('\n').map_or(text.len(), |i| at + i);
        let reference = &text[at..end];
        let indented = text[..at].ends_with(['\n', ' ']) && reference.starts_with(' ');
        if !REFERENCE.contains(&reference.trim().len()) || reference.len() > *REFERENCE.end() || indented {
            continue;
        }
        let from = (at.saturating_sub(BEFORE)..=at).find(|&i| text.is_char_boundary(i)).unwrap_or(at);
        let upto = floor_char(text, end + AFTER);
        found.push(Cursor {
            label: file.label.clone(),
            before: text[from..at].to_owned(),
            after: text[end..upto].to_owned(),
            reference: reference.to_owned(),
        });
    }
    found
}

//! Checks of sentences that a model said in other words, and their places in a file of sentences.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::output::{at, fail, Failure, Outcome};

/// Words of a sentence outside of its slots, at least; fewer cannot be said otherwise.
const LEAST_WORDS: usize = 2;

/// Whether a string of a file is a sentence, or a part of one, and not a name, a word or a key.
pub fn is_sentence(text: &str) -> bool {
    let outside = text.split('{').map(|part| part.split_once('}').map_or(part, |(_, rest)| rest));
    let words =
        outside.flat_map(str::split_whitespace).filter(|word| word.chars().any(char::is_alphabetic)).count();
    let has_slot = text.contains('{');
    words >= LEAST_WORDS && (has_slot || words >= 4) && !text.contains('\n')
}

/// All sentences in the lists of a file, in its order, each once.
pub fn collect(value: &toml::Value, found: &mut Vec<String>) {
    match value {
        toml::Value::Array(items) => items.iter().for_each(|item| match item {
            toml::Value::String(text) if is_sentence(text) && !found.contains(text) => {
                found.push(text.clone())
            }
            other => collect(other, found),
        }),
        toml::Value::Table(items) => items.iter().for_each(|(_, item)| collect(item, found)),
        _ => {}
    }
}

/// Puts the new words of sentences in their places. A list in which some were found keeps only those.
pub fn replace(value: &mut toml::Value, journal: &Journal) {
    match value {
        toml::Value::Array(items) => {
            let mut said: Vec<String> =
                items.iter().filter_map(|item| journal.said(item.as_str()?)).map(str::to_owned).collect();
            said.dedup();
            match said.is_empty() {
                true => items.iter_mut().for_each(|item| replace(item, journal)),
                false => *items = said.into_iter().map(toml::Value::String).collect(),
            }
        }
        toml::Value::Table(items) => items.iter_mut().for_each(|(_, item)| replace(item, journal)),
        _ => {}
    }
}

/// An answer as a sentence in place of another one: between the same marks, and with the same slots, quoted parts,
/// numbers and words in capitals. `None` if it cannot stand there.
pub fn reworded(sentence: &str, answer: &str) -> Option<String> {
    let answer = without_fence(answer).trim().trim_matches('"').trim();
    let (lead, core, tail) = parts(sentence);
    let (_, said, _) = parts(answer);
    let is_other = said.to_lowercase() != core.to_lowercase();
    let fits = !answer.contains('\n') && said.len() <= 3 * core.len() + 40;
    if said.is_empty() || !is_other || !fits || kept(said) != kept(core) {
        return None;
    }
    let mut letters = said.chars();
    let first = letters.next()?;
    let starts_small =
        core.starts_with(char::is_lowercase) && letters.clone().next().is_some_and(char::is_lowercase);
    let first = if starts_small { first.to_lowercase().to_string() } else { first.to_string() };
    Some([lead, &first, letters.as_str(), tail].concat())
}

/// A sentence between the marks and blanks around it.
fn parts(sentence: &str) -> (&str, &str, &str) {
    let inner = |letter: char| letter.is_alphanumeric() || matches!(letter, '{' | '}' | '`' | '%');
    let start = sentence.find(inner).unwrap_or(sentence.len());
    let end = sentence
        .rfind(inner)
        .map_or(start, |at| at + sentence[at..].chars().next().map_or(0, char::len_utf8));
    (&sentence[..start], &sentence[start..end], &sentence[end..])
}

/// Parts of a sentence that other words must keep, sorted: slots, what stands in backquotes, numbers and words in
/// capitals.
fn kept(sentence: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(['{', '`']) {
        let (mark, close) = if rest[at..].starts_with('{') { ("{", '}') } else { ("`", '`') };
        let inside = &rest[at + 1..];
        let Some(end) = inside.find(close) else { break };
        found.push(format!("{mark}{}", &inside[..end]));
        found.extend(plain_parts(&rest[..at]));
        rest = &inside[end + 1..];
    }
    found.extend(plain_parts(rest));
    found.sort();
    found
}

fn plain_parts(text: &str) -> impl Iterator<Item = String> + '_ {
    let words = text.split(|letter: char| !letter.is_alphanumeric());
    let is_kept = |word: &&str| {
        let number = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        number || word.len() > 1 && word.chars().all(char::is_uppercase)
    };
    words.filter(is_kept).map(str::to_owned)
}

/// A text without the fence that models put around code.
pub fn without_fence(text: &str) -> &str {
    let trimmed = text.trim();
    let inside = trimmed.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    inside.and_then(|inside| inside.split_once('\n')).map_or(trimmed, |(_, text)| text)
}

/// Sentences that were asked for, with what they became; one line of JSON for each, so that a run can go on.
pub struct Journal {
    said: HashMap<String, Option<String>>,
    path: PathBuf,
    file: File,
}

impl Journal {
    /// The journal at a path; a new one if there is none.
    pub fn open(path: &Path) -> Result<Self, Failure> {
        let mut said = HashMap::new();
        if path.exists() {
            for (number, line) in (1..).zip(std::fs::read_to_string(path).map_err(at(path))?.lines()) {
                let Ok((sentence, other)) = serde_json::from_str::<(String, Option<String>)>(line) else {
                    return fail(format!("{}: line {number} is damaged; remove that line", path.display()));
                };
                said.insert(sentence, other);
            }
        }
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(at(path))?;
        Ok(Self { said, path: path.to_owned(), file })
    }

    /// Whether the sentence was asked for.
    pub fn knows(&self, sentence: &str) -> bool {
        self.said.contains_key(sentence)
    }

    /// A sentence in other words.
    pub fn said(&self, sentence: &str) -> Option<&str> {
        self.said.get(sentence)?.as_deref()
    }

    /// Keeps what a sentence became; `None` if it stays.
    pub fn keep(&mut self, sentence: &str, said: Option<String>) -> Outcome {
        let line = serde_json::to_string(&(sentence, &said))?;
        writeln!(self.file, "{line}").map_err(at(&self.path))?;
        self.said.insert(sentence.to_owned(), said);
        Ok(())
    }
}

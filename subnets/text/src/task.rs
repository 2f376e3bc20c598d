//! Draws tasks from a seed.
//!
//! | kind | what is asked | hidden |
//! |---|---|---|
//! | `fill` | the rest of a line of code, with the text before and after it | the rest of the line |
//! | `continue` | what follows in code or prose | the next 72 bytes or so |
//! | `arithmetic`, `extract`, `program` | a chat message, see [`crate::verifiable`] | what checks the answer |
//! | `control` | what a customer asked before | what the customer accepted |
//!
//! Passages come from a [`Library`]. By default each is composed for its task alone and stands nowhere else. Those that
//! are cut from texts as they stand get fresh names; whoever aligns the prompt with its source can put the names in as
//! well.

use std::borrow::Cow;

use myelin_wire::seed::{Seed, SeedRng};
use serde::{Deserialize, Serialize};

use crate::{
    declared::Accounts,
    library::Library,
    past::Past,
    protocol::TextRequest,
    substitution::{Substitution, Words},
    verifiable::{arithmetic, extraction, program, Phrases},
};

/// Bytes of text before the cursor, at most.
pub const PREFIX_BYTES: usize = 400;
/// Bytes of text after the gap, at most.
pub const SUFFIX_BYTES: usize = 120;
/// Length of a hidden continuation.
pub const CONTINUATION_BYTES: std::ops::Range<usize> = 56..88;
/// Length of a hidden rest of a line.
pub const LINE_BYTES: std::ops::Range<usize> = 10..64;
/// Identifiers renamed in a passage.
pub const RENAMED: usize = 3;
/// Sampling temperature of open tasks: low enough for sense, high enough for honest miners to differ.
pub const TEMPERATURE: f32 = 0.7;
/// Bytes of an accepted answer that are compared: as far as models agree with people at all.
const ACCEPTED_BYTES: usize = 240;
/// Texts that are tried, and places in each, before there is no task.
const TEXTS: usize = 50;
const PLACES: usize = 8;

/// What the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Hidden {
    /// What the author wrote, with the fresh names.
    Reference {
        /// The text.
        text: String,
    },
    /// The number at the end of a story.
    Number(i64),
    /// What a text says.
    Fields(extraction::Fields),
    /// Inputs of a program with the right results.
    Program(Vec<program::Case>),
}

/// A drawn task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// For the miner.
    pub request: TextRequest,
    /// For the validator.
    pub hidden: Hidden,
}

/// The rest of a line of code.
pub fn fill(library: &Library, seed: &Seed) -> Option<Task> {
    let mut rng = seed.rng();
    let mut draw = || {
        let passage = cut(|rng| library.code(rng), cut_line, &mut rng)?;
        Some(passage.freshened(library, Words::All, &mut rng))
    };
    let own = draw()?;
    let request = |passage: &Passage| TextRequest {
        prompt: passage.prefix.clone(),
        suffix: Some(passage.suffix.clone()),
        max_tokens: 32,
        temperature: TEMPERATURE,
        stop: vec!["\n".into()],
        ..TextRequest::default()
    };
    Some(own.task(request(&own)))
}

/// What follows in a text; every second one is prose.
pub fn continuation(library: &Library, seed: &Seed) -> Option<Task> {
    let mut rng = seed.rng();
    let prose = rng.below(2) == 0;
    let mut draw = || {
        let text = |rng: &mut SeedRng| if prose { library.prose(rng) } else { library.code(rng) };
        let passage = cut(text, cut_continuation, &mut rng)?;
        Some(passage.freshened(library, if prose { Words::Compound } else { Words::All }, &mut rng))
    };
    let own = draw()?;
    let request = |passage: &Passage| TextRequest {
        prompt: passage.prefix.clone(),
        max_tokens: 24,
        temperature: TEMPERATURE,
        ..TextRequest::default()
    };
    Some(own.task(request(&own)))
}

/// A story at whose end a number is asked.
pub fn arithmetic(phrases: &Phrases, seed: &Seed) -> Option<Task> {
    let (request, number) = arithmetic::draw(phrases, &mut seed.rng())?;
    Some(Task { request, hidden: Hidden::Number(number) })
}

/// A text from which fields are to be read.
pub fn extract(library: &Library, phrases: &Phrases, seed: &Seed) -> Option<Task> {
    let (request, fields) = extraction::draw(library, phrases, &mut seed.rng())?;
    Some(Task { request, hidden: Hidden::Fields(fields) })
}

/// A program to be written.
pub fn program(phrases: &Phrases, seed: &Seed) -> Option<Task> {
    let (request, cases) = program::draw(phrases, &mut seed.rng())?;
    Some(Task { request, hidden: Hidden::Program(cases) })
}

/// What a customer asked before, if possible what was not used up yet.
pub fn control(past: &Past, accounts: &Accounts, seed: &Seed) -> Option<Task> {
    let (mut rng, lines) = (seed.rng(), past.lines());
    let own = past.draw(&accounts.asked, &mut rng)?;
    let accepted = &lines[own].answer;
    let text = accepted[..floor_char(accepted, ACCEPTED_BYTES)].to_owned();
    Some(Task { request: lines[own].request.clone(), hidden: Hidden::Reference { text } })
}

/// A piece of text in three parts.
struct Passage {
    prefix: String,
    hidden: String,
    suffix: String,
}

impl Passage {
    fn task(&self, request: TextRequest) -> Task {
        Task { request, hidden: Hidden::Reference { text: self.hidden.clone() } }
    }

    fn freshened(&self, library: &Library, which: Words, rng: &mut SeedRng) -> Passage {
        let whole = [self.prefix.as_str(), &self.hidden, &self.suffix].concat();
        let pairs = Substitution::draw(&whole, &self.hidden, (RENAMED, which), library.names(), rng);
        // The cuts may fall into words, so the whole is renamed first and the cuts move with what stands before them.
        let renamed = pairs.apply(&whole);
        let first = moved(&pairs, &whole, self.prefix.len());
        let second = moved(&pairs, &whole, self.prefix.len() + self.hidden.len());
        Passage {
            prefix: renamed[..first].to_owned(),
            hidden: renamed[first..second].to_owned(),
            suffix: renamed[second..].to_owned(),
        }
    }
}

/// Where position `at` of `whole` lies after renaming; a position within a renamed word moves to the word's start.
fn moved(pairs: &Substitution, whole: &str, at: usize) -> usize {
    let in_word =
        crate::substitution::words(whole).find(|(start, word)| *start < at && at < start + word.len());
    let Some((start, word)) = in_word else { return pairs.apply(&whole[..at]).len() };
    let kept = if pairs.apply(word) == word { at - start } else { 0 };
    pairs.apply(&whole[..start]).len() + kept
}

/// Cuts a passage out of one of several texts, at one of several places.
fn cut<'l>(
    text: impl Fn(&mut SeedRng) -> Cow<'l, str>,
    place: fn(&str, &mut SeedRng) -> Option<Passage>,
    rng: &mut SeedRng,
) -> Option<Passage> {
    (0..TEXTS).find_map(|_| {
        let text = text(rng);
        (0..PLACES).find_map(|_| place(&text, rng))
    })
}

/// Cuts a line of code at a random place; `None` if the place drawn is not worth asking.
fn cut_line(text: &str, rng: &mut SeedRng) -> Option<Passage> {
    let start = line_start(text, rng.index(text.len())?);
    let line = text[start..].lines().next()?;
    let indent = line.len() - line.trim_start().len();
    let body = line.trim_start();
    if body.starts_with("//") || body.starts_with("#[") || body.starts_with("use ") || !line.is_ascii() {
        return None;
    }
    let latest = line.len().checked_sub(LINE_BYTES.start)?;
    let earliest = (indent + 3).max(line.len().saturating_sub(LINE_BYTES.end));
    let cut = start + rng.range(earliest as u64, latest.max(earliest) as u64) as usize;
    let end = start + line.len();
    let hidden = text.get(cut..end)?;
    let suffix_end = floor_char(text, end + SUFFIX_BYTES);
    let passage = Passage {
        prefix: before(text, cut).to_owned(),
        hidden: hidden.to_owned(),
        suffix: text[end..suffix_end].to_owned(),
    };
    (LINE_BYTES.contains(&hidden.len()) && letters(hidden) >= 5 && passage.prefix.len() >= 80)
        .then_some(passage)
}

/// Cuts a text at a random word; `None` if the place drawn is not worth asking.
fn cut_continuation(text: &str, rng: &mut SeedRng) -> Option<Passage> {
    let words =
        |at: usize| text.get(at..).and_then(|rest| rest.find([' ', '\n'])).map(|space| at + space + 1);
    let at = floor_char(text, rng.index(text.len())?);
    let cut = words(at)?;
    let length = rng.range(CONTINUATION_BYTES.start as u64, CONTINUATION_BYTES.end as u64 - 1) as usize;
    let end = words(floor_char(text, cut + length))?;
    let hidden = text.get(cut..end)?;
    let passage =
        Passage { prefix: before(text, cut).to_owned(), hidden: hidden.to_owned(), suffix: String::new() };
    let worth = letters(hidden) * 2 >= hidden.len() && hidden.len() < 2 * CONTINUATION_BYTES.end;
    (worth && hidden.is_ascii() && passage.prefix.len() >= 160).then_some(passage)
}

fn letters(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_alphabetic).count()
}

fn line_start(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |newline| newline + 1)
}

/// The text before `cut`, from the start of a line, at most [`PREFIX_BYTES`].
fn before(text: &str, cut: usize) -> &str {
    let earliest = cut.saturating_sub(PREFIX_BYTES);
    let from = match earliest {
        0 => 0,
        _ => match text.as_bytes()[earliest..cut].iter().position(|&byte| byte == b'\n') {
            Some(newline) => earliest + newline + 1,
            None => ceil_char(text, earliest),
        },
    };
    &text[from..cut]
}

fn floor_char(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

fn ceil_char(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;

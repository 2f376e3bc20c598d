//! Draws tasks from a seed.
//!
//! | kind | request | hidden side |
//! |---|---|---|
//! | `fill` | the rest of a line of code, with the text before and after it | the rest of the line |
//! | `continue` | what follows within a line of code | the next 72 bytes or so |
//! | `arithmetic`, `extract`, `program` | a chat message, see [`crate::verifiable`] | what checks the answer |
//! | `rate` | continuations to compare, see [`crate::rating`] | which comparisons are gold, and their better sides |
//! | `judged` | a wish about a passage, see [`crate::judge`] | the verdicts, once the judge was asked |
//! | `control` | an earlier request of a customer | the text that the customer accepted |
//!
//! An open task needs a passage of which three things hold. Its hidden part begins with a mark or within a word, and
//! with words that a reader can know. None of the validator's own strings ([`crate::strings`]) has its first word. The
//! texts that passages are composed of do not show how it goes on ([`crate::shape`]). Where the n-gram model, the
//! cheapest that everybody has, finishes the word, few passages are taken.
//!
//! Passages come from a [`Library`]. By default each is composed for its task alone and stands nowhere else. Passages
//! that are cut from texts as they stand get fresh names. A miner that aligns such a prompt with its source can put the
//! names in as well.

use myelin_subnet::evaluation::raters::Item;
use myelin_wire::seed::{Seed, SeedRng};
use serde::{Deserialize, Serialize};

use crate::{
    declared::Accounts,
    judge::{self, Verdicts},
    library::Library,
    past::Past,
    protocol::TextRequest,
    rating::{self, Sayings},
    score::{first_words, words},
    shape::floor_char,
    strings,
    substitution::{style_of, Substitution},
    verifiable::{arithmetic, extraction, grade, program, trail, Phrases, Right},
};

/// Most bytes of text before the cursor.
pub const PREFIX_BYTES: usize = 400;
/// Most bytes of text after the gap.
pub const SUFFIX_BYTES: usize = 120;
/// Length of a hidden continuation.
pub const CONTINUATION_BYTES: std::ops::Range<usize> = 56..88;
/// Length of a hidden rest of a line.
pub const LINE_BYTES: std::ops::Range<usize> = 10..64;
/// Number of identifiers renamed in a passage.
pub const RENAMED: usize = 3;
/// Open tasks ask for the likeliest text. Drawing several answers and choosing one gains nothing, because the model
/// would choose the likeliest text.
pub const TEMPERATURE: f32 = 0.0;
/// Least bytes of a line before a cut.
const BEGUN: usize = 3;
/// Tokens that a request asks for: about as many as the compared words take.
const TOKENS: u32 = 24;
/// First words of a hidden text that a reader must be able to know; the least number of its words.
const FORESEEABLE: usize = 4;
const LEAST_WORDS: usize = 5;
/// One in so many places is asked where the n-gram model finishes the begun word.
const GUESSED: u64 = 6;
/// Bytes of an accepted answer that are compared. Beyond them, models do not agree with people.
const ACCEPTED_BYTES: usize = 240;
/// Texts that are tried, and places tried in each, before the draw gives up. Most composed texts have no place.
const TEXTS: usize = 500;
const PLACES: usize = 24;

/// The side of a task that the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Hidden {
    /// The author's text, with the fresh names.
    Reference {
        /// The text.
        text: String,
        /// Number of its first words that the best of the validator's own strings has.
        zero: usize,
    },
    /// The right answer to a task with a check.
    Graded {
        /// Steps of the task.
        grade: u32,
        /// The right answer.
        right: Right,
    },
    /// Continuations that are compared.
    Rating {
        /// Their strata, and the better side of gold.
        items: Vec<Item>,
    },
    /// An open request, with the verdicts of a judge on its answers.
    Judged(Verdicts),
}

/// A drawn task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The miner's side.
    pub request: TextRequest,
    /// The validator's side.
    pub hidden: Hidden,
}

/// A gap: the rest of a line of code is hidden.
pub fn fill(library: &Library, seed: &Seed) -> Option<Task> {
    open(library, cut_line, seed, |passage| TextRequest {
        prompt: passage.prefix.to_owned(),
        suffix: Some(passage.suffix.to_owned()),
        max_tokens: TOKENS,
        temperature: TEMPERATURE,
        stop: vec!["\n".into()],
        ..TextRequest::default()
    })
}

/// A continuation: code is hidden from within a line on.
pub fn continuation(library: &Library, seed: &Seed) -> Option<Task> {
    open(library, cut_continuation, seed, |passage| TextRequest {
        prompt: passage.prefix.to_owned(),
        max_tokens: TOKENS,
        temperature: TEMPERATURE,
        ..TextRequest::default()
    })
}

/// Continuations of the round before, to be compared.
pub fn rate(sayings: &Sayings, library: &Library, seed: &Seed) -> Option<Task> {
    let rating::Drawn { compare, items } = rating::draw(sayings, library, seed)?;
    Some(Task {
        request: TextRequest { compare, ..TextRequest::default() },
        hidden: Hidden::Rating { items },
    })
}

/// An open request, whose answers a judge behind an endpoint compares.
pub fn judged(library: &Library, seed: &Seed) -> Option<Task> {
    let (request, verdicts) = judge::draw(library, seed)?;
    Some(Task { request, hidden: Hidden::Judged(verdicts) })
}

/// A passage of code whose hidden part tells models apart, with the request for it.
fn open(
    library: &Library,
    place: for<'t> fn(&'t str, &mut SeedRng) -> Option<Passage<'t>>,
    seed: &Seed,
    request: fn(&Passage) -> TextRequest,
) -> Option<Task> {
    let mut rng = seed.rng();
    (0..TEXTS).find_map(|_| {
        let text = library.code(&mut rng);
        (0..PLACES).find_map(|_| {
            let passage = place(&text, &mut rng)?;
            if !passage.is_foreseeable() || library.goes_on(passage.prefix, passage.hidden) {
                return None;
            }
            let fresh = (!library.is_composed()).then(|| passage.freshened(library, &mut rng));
            let passage =
                fresh.as_ref().map_or(passage, |[prefix, hidden, suffix]| Passage { prefix, hidden, suffix });
            let request = request(&passage);
            if strings::zero_line_begins(&request, passage.hidden) {
                return None;
            }
            let rare = passage.is_begun() && library.is_guessed(&request, passage.hidden);
            if rare && rng.below(GUESSED) > 0 {
                return None;
            }
            Some(Task { request, hidden: Hidden::Reference { text: passage.hidden.to_owned(), zero: 0 } })
        })
    })
}

/// The number of the reference's first words that the best of the validator's own strings has.
fn zero(request: &TextRequest, reference: &str) -> usize {
    let written = strings::zero_line(request, reference);
    written.iter().map(|text| first_words(text, reference, request.is_line())).max().unwrap_or_default()
}

/// A task with a check, of a grade up to this level.
fn graded(
    level: u8,
    seed: &Seed,
    draw: impl FnOnce(u32, &mut SeedRng) -> Option<(TextRequest, Right)>,
) -> Option<Task> {
    let mut rng = seed.rng();
    let grade = grade::draw(level, &mut rng);
    let (request, right) = draw(grade, &mut rng)?;
    Some(Task { request, hidden: Hidden::Graded { grade, right } })
}

/// A story at whose end a number is asked.
pub fn arithmetic(phrases: &Phrases, level: u8, seed: &Seed) -> Option<Task> {
    graded(level, seed, |grade, rng| {
        let (request, number) = arithmetic::draw(phrases, grade, rng)?;
        Some((request, Right::Number(number)))
    })
}

/// A text from which values are to be read: the things of people in two of three, else fields. Both are one kind,
/// because the chain has little room for rules.
pub fn extract(library: &Library, phrases: &Phrases, level: u8, seed: &Seed) -> Option<Task> {
    match seed.derive(b"text", 0).rng().below(3) {
        0 => fields(library, phrases, level, seed),
        _ => trail(phrases, level, seed),
    }
}

/// A text from which fields are to be read.
pub fn fields(library: &Library, phrases: &Phrases, level: u8, seed: &Seed) -> Option<Task> {
    graded(level, seed, |grade, rng| {
        let (request, fields) = extraction::draw(library, phrases, grade, rng)?;
        Some((request, Right::Fields(fields)))
    })
}

/// A text in which things change hands.
pub fn trail(phrases: &Phrases, level: u8, seed: &Seed) -> Option<Task> {
    graded(level, seed, |grade, rng| {
        let (request, things) = trail::draw(phrases, grade, rng)?;
        Some((request, Right::Fields(things)))
    })
}

/// A program to be written.
pub fn program(phrases: &Phrases, level: u8, seed: &Seed) -> Option<Task> {
    graded(level.min(grade::TOP_OF_PROGRAMS), seed, |grade, rng| {
        let (request, cases) = program::draw(phrases, grade, rng)?;
        Some((request, Right::Program(cases)))
    })
}

/// A control: an earlier request of a customer, if possible one that is not used up.
pub fn control(past: &Past, accounts: &Accounts, seed: &Seed) -> Option<Task> {
    let (mut rng, lines) = (seed.rng(), past.lines());
    let own = past.draw(&accounts.asked, &mut rng)?;
    let accepted = &lines[own].answer;
    let text = accepted[..floor_char(accepted, ACCEPTED_BYTES)].to_owned();
    let request = lines[own].request.clone();
    let zero = zero(&request, &text);
    Some(Task { request, hidden: Hidden::Reference { text, zero } })
}

fn in_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Whether a word stands in a text as a whole.
fn has_word(text: &str, word: &str) -> bool {
    let is_whole = |(at, _): (usize, &str)| {
        !text[..at].ends_with(in_word) && !text[at + word.len()..].starts_with(in_word)
    };
    text.match_indices(word).any(is_whole)
}

/// A piece of text in three parts.
struct Passage<'t> {
    prefix: &'t str,
    hidden: &'t str,
    suffix: &'t str,
}

impl Passage<'_> {
    /// Whether the hidden part begins within a word.
    fn is_begun(&self) -> bool {
        self.prefix.ends_with(in_word) && self.hidden.starts_with(in_word)
    }

    /// Whether the hidden part begins with a mark or within a word, and with words that a reader can know: marks, words
    /// that stand in the passage, and words that no author chooses. A word that depends on a new name alone tells
    /// models apart by luck.
    fn is_foreseeable(&self) -> bool {
        // Models as small as ours know next to nothing of a word of which nothing is there yet.
        if !self.is_begun() && self.hidden.trim_start().starts_with(in_word) {
            return false;
        }
        let begun = &self.prefix[self.prefix.trim_end_matches(in_word).len()..];
        let begun = if self.is_begun() { begun } else { "" };
        let known = |(at, word): (usize, &str)| {
            let whole = if at == 0 { format!("{begun}{word}") } else { word.to_owned() };
            let is_number = whole.starts_with(|letter: char| letter.is_ascii_digit());
            let is_common = if is_number { whole.len() == 1 } else { style_of(&whole).is_none() };
            is_common || has_word(self.prefix, &whole) || has_word(self.suffix, &whole)
        };
        let enough = words(self.hidden).count() >= LEAST_WORDS;
        enough && words(self.hidden).take(FORESEEABLE).enumerate().all(known)
    }

    /// The three parts with fresh names.
    fn freshened(&self, library: &Library, rng: &mut SeedRng) -> [String; 3] {
        let whole = [self.prefix, self.hidden, self.suffix].concat();
        let pairs = Substitution::draw(&whole, self.hidden, RENAMED, library.names(), rng);
        // The cuts may fall into words, so the whole is renamed first and the cuts move with what stands before them.
        let renamed = pairs.apply(&whole);
        let first = moved(&pairs, &whole, self.prefix.len());
        let second = moved(&pairs, &whole, self.prefix.len() + self.hidden.len());
        [&renamed[..first], &renamed[first..second], &renamed[second..]].map(str::to_owned)
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

/// Cuts a line of code at a random place; `None` if the place drawn is not worth asking.
fn cut_line<'t>(text: &'t str, rng: &mut SeedRng) -> Option<Passage<'t>> {
    let start = line_start(text, rng.index(text.len())?);
    let line = text[start..].lines().next()?;
    let indent = line.len() - line.trim_start().len();
    let body = line.trim_start();
    if body.starts_with("//") || body.starts_with("#[") || body.starts_with("use ") || !line.is_ascii() {
        return None;
    }
    let latest = line.len().checked_sub(LINE_BYTES.start)?;
    let earliest = (indent + BEGUN).max(line.len().saturating_sub(LINE_BYTES.end));
    let cut = start + rng.range(earliest as u64, latest.max(earliest) as u64) as usize;
    let end = start + line.len();
    let hidden = text.get(cut..end)?;
    let suffix_end = floor_char(text, end + SUFFIX_BYTES);
    let passage = Passage { prefix: before(text, cut), hidden, suffix: &text[end..suffix_end] };
    (LINE_BYTES.contains(&hidden.len()) && letters(hidden) >= 5 && passage.prefix.len() >= 80)
        .then_some(passage)
}

/// Cuts a text within a random line; `None` if the place drawn is not worth asking.
fn cut_continuation<'t>(text: &'t str, rng: &mut SeedRng) -> Option<Passage<'t>> {
    let cut = floor_char(text, rng.index(text.len())?);
    if text[line_start(text, cut)..cut].trim_start().len() < BEGUN {
        return None;
    }
    let length = rng.range(CONTINUATION_BYTES.start as u64, CONTINUATION_BYTES.end as u64 - 1) as usize;
    let rest = floor_char(text, cut + length);
    let end = rest + text[rest..].find([' ', '\n'])?;
    let hidden = text.get(cut..end)?;
    let passage = Passage { prefix: before(text, cut), hidden, suffix: "" };
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

fn ceil_char(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&i| text.is_char_boundary(i)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;

//! Rating: miners compare continuations that miners gave in the round before.
//!
//! A comparison shows two texts, each with a continuation; the better continued one is to be named. Half of the
//! comparisons are *gold*: one of the texts has the continuation of another text. In the others both continuations are
//! their own, and nobody knows the better one. Texts and continuations are answers to open tasks, without their
//! authors. Where too few are known, references of fresh tasks stand in.
//!
//! Each continuation stands in one comparison of one round alone: otherwise a rater would see under two texts what was
//! moved.

use std::cmp::Ordering;

use myelin_subnet::evaluation::{
    raters::{Item, MOST_STRATA},
    Ballot, Side,
};
use myelin_wire::{
    record::{Ppm, Reason},
    seed::{Seed, SeedRng},
};
use serde::{Deserialize, Serialize};

use crate::{
    library::Library,
    protocol::{TextRequest, TextResponse},
    shape::floor_char,
    task::{self, Hidden},
};

/// Comparisons of a round; half of them are gold.
pub const COMPARISONS: usize = 128;
/// Most bytes of a text and of its continuation.
pub const TEXT_BYTES: usize = 128;
/// Most bytes of a continuation.
pub const CONTINUATION_BYTES: usize = 56;
/// Most answers that are kept of a round, and most of one miner.
const KEPT: usize = 2 * COMPARISONS;
const KEPT_OF_ONE: usize = 16;

/// A text with a continuation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Continued {
    /// The text.
    pub text: String,
    /// Its continuation.
    pub continuation: String,
}

/// Two continued texts, of which the better continued one is to be named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The first.
    pub first: Continued,
    /// The second.
    pub second: Continued,
}

impl Comparison {
    /// Bytes of its texts.
    pub fn bytes(&self) -> usize {
        [&self.first, &self.second].iter().map(|one| one.text.len() + one.continuation.len()).sum()
    }
}

/// An answer of an open task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The author's uid.
    uid: u16,
    /// The end of the prompt, and the beginning of the answer.
    #[serde(flatten)]
    shown: Continued,
    /// How much of the answer was right, in millionths.
    right: u32,
}

/// Answers of the rounds before, as far as they are compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sayings {
    /// Answers of this round so far.
    gathering: Vec<Said>,
    /// Answers of the round before, of which comparisons are drawn.
    told: Vec<Said>,
}

impl Sayings {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.gathering.is_empty() && self.told.is_empty()
    }

    /// Notes an answer that was judged.
    pub fn note(&mut self, uid: u16, request: &TextRequest, answer: &str, right: Ppm) {
        let of_one = self.gathering.iter().filter(|said| said.uid == uid).count();
        let is_plain = request.suffix.is_none() && request.messages.is_empty();
        if !is_plain || self.gathering.len() >= KEPT || of_one >= KEPT_OF_ONE {
            return;
        }
        let shown = Continued::cut(&request.prompt, answer);
        let is_known = self.gathering.iter().any(|said| said.shown == shown);
        if !is_known && !shown.continuation.trim().is_empty() {
            self.gathering.push(Said { uid, shown, right: right.get() });
        }
    }

    /// Ends a round: what was gathered is compared from now on.
    pub fn turn(&mut self) {
        self.told = std::mem::take(&mut self.gathering);
    }
}

impl Continued {
    fn cut(text: &str, continuation: &str) -> Self {
        let mut from = text.len().saturating_sub(TEXT_BYTES);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        let to = floor_char(continuation, CONTINUATION_BYTES);
        Self { text: text[from..].to_owned(), continuation: continuation[..to].to_owned() }
    }
}

/// Comparisons of a round, and what they are worth as items.
pub struct Drawn {
    /// The comparisons.
    pub compare: Vec<Comparison>,
    /// Strata, and the better side of gold.
    pub items: Vec<Item>,
}

/// Draws the comparisons of a round; `None` if the library has no passages.
pub fn draw(sayings: &Sayings, library: &Library, seed: &Seed) -> Option<Drawn> {
    let mut rng = seed.derive(b"comparisons", 0).rng();
    let mut said = sayings.told.clone();
    rng.shuffle(&mut said);
    said.truncate(KEPT);
    for number in said.len()..KEPT {
        said.push(reference(library, &seed.derive(b"reference", number as u64))?);
    }
    rng.shuffle(&mut said);
    // Gold takes the first half: pairs, of which the second one gets the continuation of the next pair's second one.
    let (gold, open) = said.split_at(KEPT / 2);
    let moved = |at: usize| &gold[(at + 2) % gold.len()];
    let mut drawn: Vec<(Comparison, Item)> = Vec::with_capacity(COMPARISONS);
    for at in (0..gold.len()).step_by(2) {
        let displaced = Said {
            shown: Continued {
                text: gold[at + 1].shown.text.clone(),
                continuation: moved(at + 1).shown.continuation.clone(),
            },
            ..moved(at + 1).clone()
        };
        drawn.push(pair(&gold[at], &displaced, true, &mut rng));
    }
    for two in open.chunks_exact(2) {
        drawn.push(pair(&two[0], &two[1], false, &mut rng));
    }
    rng.shuffle(&mut drawn);
    let (compare, items) = drawn.into_iter().unzip();
    Some(Drawn { compare, items })
}

/// The reference of a fresh task, in the place of an answer.
fn reference(library: &Library, seed: &Seed) -> Option<Said> {
    let task = task::continuation(library, seed)?;
    let Hidden::Reference { text, .. } = &task.hidden else { return None };
    Some(Said { uid: u16::MAX, shown: Continued::cut(&task.request.prompt, text), right: 0 })
}

/// A comparison with its sides in a random order. Of gold, `one` is better.
fn pair(one: &Said, other: &Said, gold: bool, rng: &mut SeedRng) -> (Comparison, Item) {
    let swapped = rng.below(2) == 1;
    let (first, second) = if swapped { (other, one) } else { (one, other) };
    let better = if swapped { Side::Second } else { Side::First };
    let longer = first.shown.continuation.len().cmp(&second.shown.continuation.len());
    let rank = |order: Ordering| match order {
        Ordering::Less => 0u8,
        Ordering::Equal => 1,
        Ordering::Greater => 2,
    };
    // Raters may know an author by its style, and remember how it scored: that is no judgement of the answer.
    let stratum = 3 * rank(longer) + rank(first.right.cmp(&second.right));
    const { assert!(MOST_STRATA > 8) };
    let comparison = Comparison { first: first.shown.clone(), second: second.shown.clone() };
    (comparison, Item { stratum, truth: gold.then_some(better) })
}

/// The votes of an answer: a character for each comparison, `1`, `2`, or `-` for none. Otherwise what is wrong.
pub fn votes(response: &TextResponse, comparisons: usize) -> Result<Vec<Option<Side>>, (Reason, String)> {
    let text = response.completion.as_bytes();
    if text.len() != comparisons {
        let note = format!("{} bytes for {comparisons} comparisons", text.len());
        return Err((Reason::Malformed, note));
    }
    let vote = |byte: &u8| match byte {
        b'1' => Ok(Some(Side::First)),
        b'2' => Ok(Some(Side::Second)),
        b'-' => Ok(None),
        _ => Err((Reason::Malformed, format!("a vote is 1, 2 or -, and one is byte {byte}"))),
    };
    text.iter().map(vote).collect()
}

/// The part of the gold comparisons on which votes are right.
pub fn right_on_gold(items: &[Item], votes: &[Option<Side>]) -> Ppm {
    let gold = items.iter().zip(votes).filter(|(item, _)| item.truth.is_some());
    let right = gold.clone().filter(|(item, vote)| item.truth == **vote).count();
    Ppm::ratio(right as u64, gold.count() as u64)
}

/// The ballot of a task.
pub fn ballot<'a>(items: &[Item], answers: impl Iterator<Item = &'a TextResponse>) -> Ballot {
    let votes = answers.map(|answer| votes(answer, items.len()).unwrap_or_default()).collect();
    Ballot { items: items.to_vec(), votes }
}

/// Votes for the side whose continuation costs a reader less per byte; `cost` is `None` where the reader cannot tell.
pub fn vote(compare: &[Comparison], mut cost: impl FnMut(&Continued) -> Option<i64>) -> String {
    let mut vote = |one: &Comparison| match (cost(&one.first), cost(&one.second)) {
        (Some(first), Some(second)) if first < second => '1',
        (Some(first), Some(second)) if first > second => '2',
        _ => '-',
    };
    compare.iter().map(&mut vote).collect()
}

#[cfg(test)]
mod tests;

//! Rating: miners compare continuations that miners gave in the round before.
//!
//! A comparison shows two texts, each with a continuation; the better continued one is to be named. Half of the
//! comparisons are *gold*: one of the texts has the continuation of another text. In the others both continuations are
//! their own, and nobody knows the better one. Texts and continuations are answers to open tasks, without their
//! authors. Where too few are known, references of fresh tasks stand in.
//!
//! Each continuation stands in one comparison of one round alone: otherwise a rater would see under two texts what was
//! moved.

use myelin_subnet::evaluation::{
    comparisons::{self, pair, Facing, Kept, LastRound},
    raters::Item,
};
use myelin_wire::{record::Ppm, seed::Seed};
use serde::{Deserialize, Serialize};

use crate::{
    library::Library,
    protocol::TextRequest,
    shape::floor_char,
    task::{self, Hidden},
};

/// Comparisons of a round; half of them are gold.
pub const COMPARISONS: usize = 128;
/// Most bytes of a text and of its continuation.
pub const TEXT_BYTES: usize = 128;
/// Most bytes of a continuation.
pub const CONTINUATION_BYTES: usize = 56;
/// Most answers that are kept of a round.
const KEPT: usize = 2 * COMPARISONS;

/// A text with a continuation.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
        [&self.first, &self.second].iter().map(|side| side.text.len() + side.continuation.len()).sum()
    }
}

/// Answers of the rounds before, as far as they are compared.
pub type Sayings = LastRound<Continued>;

/// Notes an answer that was judged.
pub fn note(sayings: &mut Sayings, uid: u16, request: &TextRequest, answer: &str, right: Ppm) {
    let is_plain = request.suffix.is_none() && request.messages.is_empty();
    let shown = Continued::cut(&request.prompt, answer);
    if is_plain && !shown.continuation.trim().is_empty() {
        sayings.note(Kept::new(uid, request.prompt.as_bytes(), right, shown), KEPT);
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
    let said = sayings.shuffled(&mut rng).into_iter();
    let mut said: Vec<Facing<Continued>> = said.map(|kept| facing(kept.shown, kept.right)).collect();
    said.truncate(KEPT);
    for number in said.len()..KEPT {
        said.push(facing(reference(library, &seed.derive(b"reference", number as u64))?, 0));
    }
    rng.shuffle(&mut said);
    // Gold takes the first half: pairs, of which the second one gets the continuation of the next pair's second one.
    let (gold, open) = said.split_at(KEPT / 2);
    let mut drawn: Vec<(Continued, Continued, Item)> = Vec::with_capacity(COMPARISONS);
    for at in (0..gold.len()).step_by(2) {
        let moved = &gold[(at + 3) % gold.len()];
        let text = gold[at + 1].shown.text.clone();
        let shown = Continued { text, ..moved.shown.clone() };
        drawn.push(pair([gold[at].clone(), facing(shown, moved.standing)], true, &mut rng));
    }
    for two in open.chunks_exact(2) {
        drawn.push(pair([two[0].clone(), two[1].clone()], false, &mut rng));
    }
    rng.shuffle(&mut drawn);
    let (compare, items) =
        drawn.into_iter().map(|(first, second, item)| (Comparison { first, second }, item)).unzip();
    Some(Drawn { compare, items })
}

fn facing(shown: Continued, standing: u32) -> Facing<Continued> {
    Facing { length: shown.continuation.len(), shown, standing }
}

/// The reference of a fresh task, in the place of an answer.
fn reference(library: &Library, seed: &Seed) -> Option<Continued> {
    let task = task::continuation(library, seed)?;
    let Hidden::Reference { text, .. } = &task.hidden else { return None };
    Some(Continued::cut(&task.request.prompt, text))
}

/// Votes for the side whose continuation costs a reader less per byte; `cost` is `None` where the reader cannot tell.
pub fn vote(compare: &[Comparison], mut cost: impl FnMut(&Continued) -> Option<i64>) -> String {
    comparisons::cheaper(compare.iter().map(|comparison| [cost(&comparison.first), cost(&comparison.second)]))
}

#[cfg(test)]
mod tests;

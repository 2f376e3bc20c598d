//! The names of a text: few, so that each occurs again.

use std::collections::{BTreeSet, HashSet};

use myelin_subnet::phrases::capital;
use myelin_wire::seed::SeedRng;

use super::lot;
use crate::substitution::words;

/// Role of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Variable,
    Field,
    Call,
    Type,
    Constant,
    /// A word of a sentence; true if it begins with a capital.
    Word(bool),
}

/// Endings of words; words with the same ending are used alike.
const ENDINGS: [&str; 7] = ["ing", "ed", "ly", "ion", "er", "s", ""];
/// Number of names of a role, and of words of an ending, in a text.
const NAMES: usize = 4;
const WORDS: usize = 5;
/// A validator uses one in so many of the words of its texts.
const USED: u64 = 2;
/// Percentage of places where a word keeps its name within a text.
const SAME: u64 = 95;
/// Least number of words of each ending.
pub(super) const LEAST_STEMS: usize = WORDS;

/// The words of which names are made, by ending.
pub(super) struct Stems([Vec<Stem>; ENDINGS.len()]);

/// A word in small letters, and with a capital.
type Stem = [String; 2];

impl Stems {
    /// The words of the texts that are not `common`; the secret selects some of them, unless an ending has few.
    pub fn of<'a>(
        texts: impl Iterator<Item = &'a &'a str>,
        common: &[HashSet<String>; 2],
        secret: &[u8; 32],
    ) -> Self {
        let plain = |word: &&str| {
            (4..=10).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_lowercase())
                && common.iter().all(|common| !common.contains(*word))
        };
        let all: BTreeSet<&str> =
            texts.flat_map(|text| words(text).map(|(_, word)| word)).filter(plain).collect();
        let (mut stems, mut left) = (Self(Default::default()), Self(Default::default()));
        for word in all {
            let is_used = lot(secret, word.as_bytes()).is_multiple_of(USED);
            let chosen = if is_used { &mut stems } else { &mut left };
            chosen.0[ending(word)].push([word.to_owned(), capital(word)]);
        }
        for (stems, left) in stems.0.iter_mut().zip(left.0) {
            if stems.len() < LEAST_STEMS {
                stems.extend(left);
            }
        }
        stems
    }

    /// Endings of words, and how many words have each.
    pub fn endings(&self) -> impl Iterator<Item = (&'static str, usize)> + '_ {
        ENDINGS.into_iter().zip(&self.0).map(|(ending, stems)| (ending, stems.len()))
    }

    /// A random stem; every ending has some.
    fn any(&self, rng: &mut SeedRng) -> Option<&Stem> {
        let kind = [1, 3, 5, 6, 6, 6][rng.below(6) as usize];
        rng.choose(&self.0[kind])
    }
}

fn ending(word: &str) -> usize {
    ENDINGS.iter().position(|ending| word.ends_with(ending)).unwrap_or(ENDINGS.len() - 1)
}

/// The names of one text.
pub(super) struct Cast<'s> {
    /// Names of variables, fields, calls, types and constants.
    names: [Vec<String>; 5],
    words: [Vec<&'s Stem>; ENDINGS.len()],
    nonce: u64,
}

impl<'s> Cast<'s> {
    pub fn draw(stems: &'s Stems, rng: &mut SeedRng) -> Self {
        let mut name = |case: usize, between: &str| -> Vec<String> {
            (0..NAMES)
                .map(|_| {
                    let parts =
                        [stems.any(rng), stems.any(rng)].map(|stem| stem.map_or("", |stem| &stem[case]));
                    parts[..1 + rng.below(2) as usize].join(between)
                })
                .collect()
        };
        let mut names = [name(0, "_"), name(0, "_"), name(0, "_"), name(1, ""), name(0, "_")];
        names[4].iter_mut().for_each(|name| name.make_ascii_uppercase());
        let words =
            std::array::from_fn(|ending| (0..WORDS).filter_map(|_| rng.choose(&stems.0[ending])).collect());
        Self { names, words, nonce: rng.next_u64() }
    }

    /// The name for a word in a role: mostly the same as before.
    pub fn name(&self, role: Role, word: &str, rng: &mut SeedRng) -> &str {
        let place = if rng.below(100) < SAME { self.place(word) } else { rng.next_u64() };
        let at = |len: usize| (place % len.max(1) as u64) as usize;
        let names = match role {
            Role::Variable => &self.names[0],
            Role::Field => &self.names[1],
            Role::Call => &self.names[2],
            Role::Type => &self.names[3],
            Role::Constant => &self.names[4],
            Role::Word(capital) => {
                let words = &self.words[ending(&word.to_ascii_lowercase())];
                return words.get(at(words.len())).map_or("", |word| &word[usize::from(capital)]);
            }
        };
        names.get(at(names.len())).map_or("", String::as_str)
    }

    /// A hash of a word in this text (FNV-1a).
    fn place(&self, word: &str) -> u64 {
        let start = 0xcbf2_9ce4_8422_2325 ^ self.nonce;
        let hash =
            word.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        hash ^ hash >> 32
    }
}

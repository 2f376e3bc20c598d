//! Texts with all names and digits taken out: the part of a text that survives their replacement.
//!
//! Composed passages have names of their own, but a piece of a line keeps its shape. Everybody who has the texts finds
//! the piece by its shape and knows how it goes on ([`crate::adversary::Shapes`]). So a validator makes no task where
//! the shape before the cursor stands in the texts and goes on as the hidden text does ([`Runs`]).

use crate::substitution::{style_of, words};

/// Bytes before a cursor in which the signs of a run mostly stand, and in which they stand at most.
const NEAR: [usize; 2] = [80, 240];
/// Bytes behind a cursor in which the next sign stands.
const BEHIND: usize = 48;

/// A word or another letter: its place, and its shape, which is the same for all names.
pub struct Sign {
    /// Position of its first byte.
    pub from: usize,
    /// Position of the byte behind it.
    pub to: usize,
    /// Number of its shape.
    pub shape: u64,
}

/// The signs of a text. Blanks are not signs.
pub fn signs(text: &str) -> Vec<Sign> {
    let mut signs = Vec::new();
    let mut at = 0;
    let letters = |from: usize, to: usize, signs: &mut Vec<Sign>| {
        for (offset, c) in text[from..to].char_indices().filter(|(_, c)| *c != ' ') {
            let shape = if c.is_ascii_digit() { 1 } else { 256 + u64::from(c) };
            signs.push(Sign { from: from + offset, to: from + offset + c.len_utf8(), shape });
        }
    };
    for (start, word) in words(text) {
        letters(at, start, &mut signs);
        at = start + word.len();
        let shape = match style_of(word) {
            Some(_) => 0,
            None => word.bytes().fold(1 << 40, |hash: u64, byte| {
                let byte = if byte.is_ascii_digit() { b'0' } else { byte };
                hash.wrapping_mul(31) ^ u64::from(byte)
            }),
        };
        signs.push(Sign { from: start, to: at, shape });
    }
    letters(at, text.len(), &mut signs);
    signs
}

/// The hash of a run of signs (FNV-1a over their shapes).
pub fn hash(run: &[Sign]) -> u64 {
    run.iter().fold(0xcbf2_9ce4_8422_2325, |hash, sign| (hash ^ sign.shape).wrapping_mul(0x0100_0000_01b3))
}

/// The runs of signs of some texts: the last few signs before a place, with the sign behind it.
pub struct Runs {
    hashes: Vec<u64>,
    before: usize,
}

impl Runs {
    /// The runs of these texts, of so many signs before a place.
    pub fn of<'t>(texts: impl Iterator<Item = &'t str>, before: usize) -> Self {
        let runs = |text: &str| signs(text).windows(before + 1).map(hash).collect::<Vec<_>>();
        let mut hashes: Vec<u64> = texts.flat_map(runs).collect();
        hashes.sort_unstable();
        hashes.dedup();
        Self { hashes, before }
    }

    /// Whether the texts contain this run.
    fn has(&self, run: &[Sign]) -> bool {
        let from = run.len().checked_sub(self.before + 1);
        from.is_some_and(|from| self.hashes.binary_search(&hash(&run[from..])).is_ok())
    }
}

/// Whether some of these texts contain the end of `before` followed by the first sign of `behind`.
pub fn go_on(runs: &[Runs], before: &str, behind: &str) -> bool {
    let behind = &behind[..floor_char(behind, BEHIND)];
    let most = runs.iter().map(|runs| runs.before).max().unwrap_or_default();
    for near in NEAR {
        let from = floor_char(before, before.len().saturating_sub(near));
        let signs = signs(&[&before[from..], behind].concat());
        let Some(next) = signs.iter().position(|sign| sign.to > before.len() - from) else { return false };
        // The first sign may be the rest of a word, so it counts in the wider text alone.
        if next > most || near == NEAR[1] {
            return runs.iter().any(|runs| runs.has(&signs[..=next]));
        }
    }
    false
}

/// The end of a letter at or before `at`.
pub fn floor_char(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_known_by_the_signs_around_it_whatever_names_stand_there() {
        let runs = [Runs::of(["let total = prices.iter().map(|price| price.whole()).sum();"].into_iter(), 5)];
        assert!(go_on(&runs, "let count = first.iter().ma", "p(|name| name.size());"), "within a word");
        assert!(go_on(&runs, "let count = first.iter()", ".map(|name| name.size());"));
        assert!(!go_on(&runs, "let count = first.iter()", ";"), "it goes on otherwise");
        assert!(!go_on(&runs, "let count = (first)", ".map(|name| name.size());"), "it stands elsewhere");
        assert!(!go_on(&runs, "iter()", ".map(|name| name.size());"), "too short to be known");
        assert!(!go_on(&runs, "let count = first.iter()", ""));
    }
}

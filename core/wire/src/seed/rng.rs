//! A deterministic generator for drawing tasks.

use super::{block_of, Seed};

/// Draws numbers from a [`Seed`]: the stream is `Blake2b-512(seed ‖ counter)` for counter 0, 1, 2, …, read as
/// little-endian 64-bit words.
///
/// It serves reproducible choices, not secrecy: the seed reveals the stream. Every method documents the number of words
/// it takes, because a change of that would change every task.
#[derive(Clone)]
pub struct SeedRng {
    seed: Seed,
    counter: u64,
    block: [u8; 64],
    used: usize,
}

impl SeedRng {
    /// A generator at the start of the seed's stream.
    pub fn new(seed: Seed) -> Self {
        Self { seed, counter: 0, block: [0; 64], used: 64 }
    }

    /// The next word.
    pub fn next_u64(&mut self) -> u64 {
        if self.used >= 64 {
            self.block = block_of(&self.seed, self.counter);
            self.counter = self.counter.wrapping_add(1);
            self.used = 0;
        }
        let mut word = [0; 8];
        word.copy_from_slice(&self.block[self.used..self.used + 8]);
        self.used += 8;
        u64::from_le_bytes(word)
    }

    /// A number below `bound`, each with the same chance; 0 if `bound` is 0. Takes one word, and another for each
    /// word that falls into the incomplete last part of the range (rejection sampling).
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let rejected = (u64::MAX % bound + 1) % bound;
        loop {
            let word = self.next_u64();
            if word <= u64::MAX - rejected {
                return word % bound;
            }
        }
    }

    /// An index into a sequence of `len` elements, or `None` for an empty one.
    pub fn index(&mut self, len: usize) -> Option<usize> {
        (len > 0).then(|| self.below(len as u64) as usize)
    }

    /// A number in `low..=high`; `low` if the range is empty.
    pub fn range(&mut self, low: u64, high: u64) -> u64 {
        match high.checked_sub(low).and_then(|d| d.checked_add(1)) {
            Some(width) => low + self.below(width),
            None if low == 0 && high == u64::MAX => self.next_u64(),
            None => low,
        }
    }

    /// One element, or `None` of an empty slice.
    pub fn choose<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.index(items.len()).map(|at| &items[at])
    }

    /// Puts the items in a random order (Fisher and Yates, from the end).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let at = self.below(end as u64 + 1) as usize;
            items.swap(end, at);
        }
    }
}

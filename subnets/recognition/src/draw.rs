//! Small choices from a seed.
//!
//! Content, degradation and noise each draw from a sub-seed of their own. Sub-seeds are one-way. The noise of a picture
//! is made by a fast and invertible generator, but its sub-seed does not show the content below.

use myelin_lm::kernel::Random;
use myelin_wire::seed::{Seed, SeedRng};

/// Choices that [`SeedRng`] has no method for.
pub trait Choices {
    /// A number from 0 to below 1 in steps of 2⁻²⁴.
    fn unit(&mut self) -> f32;

    /// A number from `low` to below `high`.
    fn between(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// True in `permille` of a thousand cases.
    fn chance(&mut self, permille: u64) -> bool;

    /// One of the items.
    fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T;

    /// A number from `low` to `high`, both included.
    fn whole(&mut self, low: i32, high: i32) -> i32;
}

impl Choices for SeedRng {
    fn unit(&mut self) -> f32 {
        (self.next_u64() >> 40) as f32 / (1u32 << 24) as f32
    }

    fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// Panics on an empty list: the lists here are constants.
    fn one<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u64) as usize]
    }

    fn whole(&mut self, low: i32, high: i32) -> i32 {
        let width = i64::from(high) - i64::from(low) + 1;
        low + self.below(width.max(1) as u64) as i32
    }
}

/// Fast noise for pixels.
pub fn noise(seed: &Seed) -> Random {
    Random::new(seed.derive(b"noise", 0).rng().next_u64())
}

/// A roughly normal number with deviation 1 from one word: the sum of its eight bytes.
pub fn normal(random: &mut Random) -> f32 {
    const EVEN: u64 = 0x00ff_00ff_00ff_00ff;
    let word = random.next_u64();
    // Four sums of two bytes, then their sum in the highest sixteen bits.
    let pairs = (word & EVEN) + (word >> 8 & EVEN);
    let sum = (pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as i32;
    // Eight uniform bytes have the mean 1020 and the deviation 209.
    (sum - 1020) as f32 * (1.0 / 209.0)
}

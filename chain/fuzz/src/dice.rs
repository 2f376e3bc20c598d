//! Random numbers that a seed decides.

/// A source of random numbers: SplitMix64 (Steele, Lea, Flood 2014). The same seed gives the same numbers on every
/// machine.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The source of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 if the limit is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.number().checked_rem(limit).unwrap_or(0)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these; `None` if there are none.
    pub fn pick<'a, V>(&mut self, from: &'a [V]) -> Option<&'a V> {
        let at = self.below(from.len() as u64);
        from.get(at as usize)
    }

    /// A number of any magnitude up to 2⁶⁴: each length in bits is equally likely.
    pub fn magnitude(&mut self) -> u64 {
        let bits = self.below(64);
        self.number() >> bits
    }

    /// Part of an amount: all of it, nearly nothing, more than it, or any part.
    pub fn part_of(&mut self, amount: u64) -> u64 {
        match self.below(10) {
            0 => amount,
            1 => amount.saturating_add(1),
            2 => amount / 1_000,
            3 => amount / 2,
            _ => (u128::from(amount) * u128::from(self.below(1_000)) / 1_000) as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_decides_every_number() {
        let (mut one, mut two, mut other) = (Dice::new(7), Dice::new(7), Dice::new(8));
        let numbers: Vec<_> = (0..100).map(|_| one.number()).collect();
        assert_eq!(numbers, (0..100).map(|_| two.number()).collect::<Vec<_>>());
        assert_ne!(numbers, (0..100).map(|_| other.number()).collect::<Vec<_>>());
        assert!((0..1_000).all(|_| one.below(6) < 6));
        assert_eq!(one.below(0), 0);
    }
}

//! The time between an entry and the seed that it may not know.
//!
//! Seeds of tasks come from the beacon, to which the authors of blocks contribute in turn. A party that writes several
//! blocks in a row knows the value of the last one in the first one. So an entry, such as the commitment to a program
//! or the registration of a miner, counts for a seed only if another author has contributed in between. Nobody sees
//! whose keys are connected, so the number of blocks decides (decision 0118).
//!
//! With the seats in random order, a party with a third of them writes a given run of sixteen blocks with a
//! probability of `3⁻¹⁶`, 2 in 100 million.

use myelin_units::Block;

/// Most blocks between an entry and the source of its seed.
pub const MOST_DELAY: u32 = 16;

/// Blocks between an entry and the source of its seed: a turn of all authorities, at most [`MOST_DELAY`].
pub fn delay(authorities: u32) -> Block {
    authorities.clamp(1, MOST_DELAY).into()
}

/// Whether an entry of block `entered` counts for a seed whose source is block `source`.
pub fn is_settled(entered: Block, source: Block, authorities: u32) -> bool {
    entered.saturating_add(delay(authorities)) <= source
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_settles_within_a_turn_of_all_authorities() {
        assert_eq!([0, 1, 4, 16, 128].map(delay), [1, 1, 4, 16, 16]);
        assert!(is_settled(100, 104, 4) && !is_settled(101, 104, 4));
        assert!(!is_settled(100, 100, 1), "not in the same block");
    }
}

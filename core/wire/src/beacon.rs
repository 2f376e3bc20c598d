//! The beacon of the chain: a random value for each block, which the author of the block cannot choose.
//!
//! The author of a block evaluates a verifiable random function (VRF, sr25519) with its block-writing key over the
//! [`Turn`]: the chain, the value before and the slot. One key has one output for a turn, so the contents of the block
//! do not matter, and there is nothing to try out. A block without a contribution has a value too, which everybody can
//! compute from the turn alone.
//!
//! The values form a chain. Whoever has a value and the blocks after it recomputes all later values with
//! [`Turn::value`], as the runtime does.
//!
//! **Strict rules** (decision 0118). A chain names the block from which they hold, or none. From that block on a block
//! needs its author's contribution, [seeds](seed_source) are drawn from values instead of hashes of blocks, and samples
//! of proofs are drawn a turn of all authorities [later](delay). Everything from earlier blocks stays as it was.
//!
//! This module knows neither blocks nor keystores: the caller names the author of a slot.

use core::ops::RangeInclusive;

use crate::{
    hash::{blake2_256_of, row},
    sr25519::{Entropy, Keypair},
    vrf::{self, VrfError, VrfSignature},
    AccountId,
};

/// Blocks from the demand for contributions, on a chain without the strict rules, to the first block that needs one. At
/// least twice the longest [delay] of a seed, so that every reader of a final state knows the switch before it uses a
/// value. At most two months of blocks of twelve seconds, because nobody can take a demand back.
pub const NOTICE: RangeInclusive<u32> = 32..=432_000;

/// Domain of the VRF.
pub const DOMAIN: &[u8] = b"myelin/beacon/1";
const VALUE_DOMAIN: &[u8] = b"myelin/beacon-value/1";
/// Mark of a value without a contribution.
const ABSENT: &[u8] = &[0];
/// Mark of a value with a contribution.
const PRESENT: &[u8] = &[1];

/// Length of the input of the VRF.
pub const INPUT_LENGTH: usize = 72;

/// A value of the beacon.
pub type Value = [u8; 32];

/// The value before the first one.
pub const START: Value = [0; 32];

/// Most blocks between an entry and the source of its seed.
pub const MOST_DELAY: u32 = 16;

/// Blocks between an entry and the source of its seed: a turn of all authorities, at most [`MOST_DELAY`].
///
/// A party that writes several blocks in a row knows the value of the last one in the first one. Nobody sees whose keys
/// are connected, so the number of blocks decides. With the seats in random order, a party with a third of them writes
/// a given run of sixteen blocks with a probability of `3⁻¹⁶`, 2 in 100 million.
pub fn delay(authorities: u32) -> u64 {
    authorities.clamp(1, MOST_DELAY).into()
}

/// Whether the strict rules hold in a block, where they hold from block `from` on; without one they never do.
pub fn is_strict(from: Option<u64>, block: u64) -> bool {
    from.is_some_and(|from| from <= block)
}

/// Blocks between an entry and the block from which its first seed is drawn: a turn of all authorities under the strict
/// rules, else one. An entry is the registration of a miner, or a commitment to a program.
pub fn settling(strict_from: Option<u64>, source: u64, authorities: u32) -> u64 {
    if is_strict(strict_from, source) {
        delay(authorities)
    } else {
        1
    }
}

/// Whether an entry of block `entered` counts for a seed from block `source`, with so many blocks of [`settling`].
pub fn is_settled(entered: u64, source: u64, settling: u64) -> bool {
    entered.saturating_add(settling) <= source
}

/// Contribution of a block to the seeds that are drawn over it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The beacon's value, if seeds are drawn from it; `None` if they are drawn from the hash of the block.
    pub value: Option<Value>,
    /// See [`settling`].
    pub settling: u64,
}

/// The 32 bytes from which seeds over a block are drawn: the beacon's value of the block under the strict rules, else
/// its hash. `None` if the value is due and not known.
pub fn seed_source(
    strict_from: Option<u64>,
    block: u64,
    hash: [u8; 32],
    value: Option<Value>,
) -> Option<[u8; 32]> {
    if is_strict(strict_from, block) {
        value
    } else {
        Some(hash)
    }
}

/// Everything that the value of a block depends on, beside its author's contribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Hash of the chain's first block.
    pub genesis: [u8; 32],
    /// Value of the parent block.
    pub before: Value,
    /// Slot of the block.
    pub slot: u64,
}

impl Turn {
    /// Input of the VRF: genesis hash, value before, slot in little-endian order.
    pub fn input(&self) -> [u8; INPUT_LENGTH] {
        row(&[&self.genesis, &self.before, &self.slot.to_le_bytes()])
    }

    /// The contribution of `author`. Entropy changes its proof, not its output.
    pub fn contribute(&self, author: &Keypair, entropy: Entropy) -> VrfSignature {
        vrf::sign(author, DOMAIN, &self.input(), entropy).0
    }

    /// Value of the block that `author` wrote.
    ///
    /// With a contribution it is `blake2_256(domain, 1, value before, randomness)`, without one
    /// `blake2_256(domain, 0, value before, slot)`.
    ///
    /// # Errors
    /// If the contribution is not the author's for this turn.
    pub fn value(&self, author: &AccountId, contribution: Option<&VrfSignature>) -> Result<Value, VrfError> {
        let Some(contribution) = contribution else { return Ok(self.value_without()) };
        let randomness = vrf::verify(author, DOMAIN, &self.input(), contribution)?;
        Ok(blake2_256_of(&[VALUE_DOMAIN, PRESENT, &self.before, &randomness]))
    }

    /// Value of a block without a contribution.
    pub fn value_without(&self) -> Value {
        blake2_256_of(&[VALUE_DOMAIN, ABSENT, &self.before, &self.slot.to_le_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::hash::to_hex;

    const TURN: Turn = Turn { genesis: [1; 32], before: [2; 32], slot: 3 };

    fn author() -> Keypair {
        Keypair::from_seed(&[4; 32])
    }

    fn value_of(turn: Turn, author: &Keypair, entropy: Entropy) -> Value {
        let contribution = turn.contribute(author, entropy);
        turn.value(&author.public(), Some(&contribution)).expect("the author's own contribution")
    }

    #[test]
    fn values_stay_what_they_were() {
        let with = "4adcc452e1e8c401d8355c89132c398b6b4472ce7d2ead7a3906788c64681af5";
        assert_eq!(to_hex(&value_of(TURN, &author(), [0; 32])), with);
        let without = "05d2aff59cb31b938a6176644e7e7d54276119b8aeba13487ad11334aeb76661";
        assert_eq!(to_hex(&TURN.value_without()), without);
    }

    #[test]
    fn a_contribution_fits_one_author_and_one_turn() {
        let contribution = TURN.contribute(&author(), [0; 32]);
        let stranger = Keypair::from_seed(&[5; 32]);
        assert_eq!(TURN.value(&stranger.public(), Some(&contribution)), Err(VrfError::Invalid));
        for other in
            [Turn { genesis: [0; 32], ..TURN }, Turn { before: [0; 32], ..TURN }, Turn { slot: 4, ..TURN }]
        {
            assert_eq!(other.value(&author().public(), Some(&contribution)), Err(VrfError::Invalid));
        }
        let seed = vrf::sign(&author(), b"myelin/seed/1", &TURN.input(), [0; 32]).0;
        assert_eq!(TURN.value(&author().public(), Some(&seed)), Err(VrfError::Invalid));
    }

    #[test]
    fn a_delay_is_a_turn_of_all_authorities_up_to_sixteen_blocks() {
        assert_eq!([0, 1, 4, 16, 128].map(delay), [1, 1, 4, 16, 16]);
    }

    #[test]
    fn an_entry_settles_within_a_turn_of_all_authorities() {
        let settled = |entered, authorities| is_settled(entered, 100, settling(Some(50), 100, authorities));
        assert!(settled(96, 4) && !settled(97, 4));
        assert!(settled(84, 128) && !settled(85, 128));
        assert!(settled(99, 1) && !settled(100, 1), "not in the same block");
        assert!(!settled(u64::MAX, 1));
        assert_eq!([None, Some(101)].map(|from| settling(from, 100, 128)), [1, 1], "the old rule");
    }

    #[test]
    fn strict_rules_hold_from_their_block_on() {
        assert_eq!([7, 8, 9].map(|block| is_strict(Some(8), block)), [false, true, true]);
        assert!(!is_strict(None, u64::MAX));
    }

    proptest! {
        #[test]
        fn seeds_are_drawn_from_the_hash_before_the_strict_rules_and_never_after(
            from: Option<u64>, block: u64, hash: [u8; 32], value: Option<[u8; 32]>,
        ) {
            let source = seed_source(from, block, hash, value);
            match from {
                Some(from) if from <= block => prop_assert_eq!(source, value),
                _ => prop_assert_eq!(source, Some(hash)),
            }
        }

        #[test]
        fn an_author_has_two_values_to_choose_from(
            genesis: [u8; 32], before: [u8; 32], slot: u64, seed: [u8; 32], entropies: [[u8; 32]; 2],
        ) {
            let turn = Turn { genesis, before, slot };
            let author = Keypair::from_seed(&seed);
            let [first, second] = entropies.map(|entropy| value_of(turn, &author, entropy));
            prop_assert_eq!(first, second);
            prop_assert_ne!(first, turn.value_without());
            prop_assert_eq!(turn.value(&author.public(), None), Ok(turn.value_without()));
        }

        #[test]
        fn every_part_of_a_turn_changes_its_value(
            before: [u8; 32], other: [u8; 32], slot in 0..u64::MAX, contributes: bool,
        ) {
            prop_assume!(before != other);
            let value = |before, slot| {
                let turn = Turn { genesis: [1; 32], before, slot };
                if contributes { value_of(turn, &author(), [0; 32]) } else { turn.value_without() }
            };
            prop_assert_ne!(value(before, slot), value(other, slot));
            prop_assert_ne!(value(before, slot), value(before, slot + 1));
        }

        #[test]
        fn any_bytes_are_refused(output: [u8; 32], low: [u8; 32], high: [u8; 32]) {
            let mut proof = [0; 64];
            proof[..32].copy_from_slice(&low);
            proof[32..].copy_from_slice(&high);
            let forged = VrfSignature { output, proof };
            prop_assert!(TURN.value(&author().public(), Some(&forged)).is_err());
        }
    }
}

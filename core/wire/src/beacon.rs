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
//! This module knows neither blocks nor keystores: the caller names the author of a slot.

use crate::{
    hash::blake2_256_of,
    sr25519::{Entropy, Keypair},
    vrf::{self, VrfError, VrfSignature},
    AccountId,
};

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
        let mut input = [0; INPUT_LENGTH];
        input[..32].copy_from_slice(&self.genesis);
        input[32..64].copy_from_slice(&self.before);
        input[64..].copy_from_slice(&self.slot.to_le_bytes());
        input
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

    proptest! {
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

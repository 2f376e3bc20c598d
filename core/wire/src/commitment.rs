//! Commitments: a miner binds itself to an answer before anybody's answer of the round is opened.
//!
//! `blake2b-256("myelin/commitment/1" ++ challenge id ++ answer hash ++ hotkey ++ salt)`. The hotkey keeps a
//! copier from repeating somebody else's commitment; the salt keeps short answers from being guessed.

use crate::{
    hash::{blake2_256_of, Hash},
    AccountId,
};

const DOMAIN: &[u8] = b"myelin/commitment/1";
const CHALLENGE_DOMAIN: &[u8] = b"myelin/commit-challenge/1";

/// The challenge id under which a commitment to the answer of `challenge` is signed: another statement than the answer.
pub fn commit_challenge(challenge: &[u8; 32]) -> Hash {
    blake2_256_of(&[CHALLENGE_DOMAIN, challenge])
}

/// What is opened later: everything the commitment hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Which question was answered.
    pub challenge_id: [u8; 32],
    /// [`blake2_256`](crate::hash::blake2_256) of the raw answer body.
    pub answer_hash: Hash,
    /// The miner's own hotkey.
    pub hotkey: AccountId,
    /// 32 random bytes chosen by the miner.
    pub salt: [u8; 32],
}

impl Opening {
    /// The commitment to publish before the round is opened.
    pub fn commitment(&self) -> Hash {
        blake2_256_of(&[DOMAIN, &self.challenge_id, &self.answer_hash, &self.hotkey, &self.salt])
    }

    /// Whether this opening is the one that was committed to.
    pub fn opens(&self, commitment: &Hash) -> bool {
        self.commitment() == *commitment
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{blake2_256, to_hex};

    #[test]
    fn only_the_same_answer_key_challenge_and_salt_open_a_commitment() {
        let opening = Opening {
            challenge_id: [1; 32],
            answer_hash: blake2_256(b"answer"),
            hotkey: [2; 32],
            salt: [3; 32],
        };
        let commitment = opening.commitment();
        assert!(opening.opens(&commitment));
        for other in [
            Opening { challenge_id: [9; 32], ..opening },
            Opening { answer_hash: blake2_256(b"Answer"), ..opening },
            Opening { hotkey: [9; 32], ..opening },
            Opening { salt: [9; 32], ..opening },
        ] {
            assert!(!other.opens(&commitment));
        }
        assert_eq!(to_hex(&commitment), "6cdec389fddfc5fcbf8429938adc67d63834dfb8553c070afa9026e0323671a4");
    }
}

//! Commitments: a miner binds itself to an answer before anybody's answer of the round is opened.
//!
//! `blake2b-256("myelin/commitment/1" ++ challenge id ++ answer hash ++ hotkey ++ salt)`. The hotkey keeps a
//! copier from repeating somebody else's commitment; the salt keeps short answers from being guessed.
//!
//! A miner that submits a program or a model instead of answering commits to it on the chain, by [`Submission`]. There
//! the hotkey matters even more: without it, anybody who sees a commitment before it is in a block could send it first.

use crate::{
    hash::{blake2_256_of, Hash},
    AccountId,
};

const DOMAIN: &[u8] = b"myelin/commitment/1";
const SUBMISSION_DOMAIN: &[u8] = b"myelin/submission/1";
const CHALLENGE_DOMAIN: &[u8] = b"myelin/commit-challenge/1";

/// The challenge id under which a commitment to the answer of `challenge` is signed: a statement separate from the
/// answer.
pub fn commit_challenge(challenge: &[u8; 32]) -> Hash {
    blake2_256_of(&[CHALLENGE_DOMAIN, challenge])
}

/// The values that are published later: everything the commitment hides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Id of the answered question.
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

    /// Whether this opening matches the commitment.
    pub fn opens(&self, commitment: &Hash) -> bool {
        self.commitment() == *commitment
    }
}

/// A miner's entry in a competition of artefacts, by hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Submission {
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// The subnet's mechanism.
    pub mechanism: u8,
    /// The miner's own hotkey.
    pub hotkey: AccountId,
    /// [`blake2_256`](crate::hash::blake2_256) of the artefact's bytes.
    pub artefact: Hash,
}

impl Submission {
    /// The commitment to publish on the chain before the tasks are drawn.
    pub fn commitment(&self) -> Hash {
        let (netuid, mechanism) = (self.netuid.to_le_bytes(), [self.mechanism]);
        blake2_256_of(&[SUBMISSION_DOMAIN, &self.genesis, &netuid, &mechanism, &self.hotkey, &self.artefact])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::{blake2_256, to_hex};

    #[test]
    fn a_submission_is_one_miners_on_one_mechanism_of_one_subnet_of_one_chain() {
        let submission = Submission {
            genesis: [1; 32],
            netuid: 2,
            mechanism: 1,
            hotkey: [3; 32],
            artefact: blake2_256(b"program"),
        };
        let commitment = submission.commitment();
        for other in [
            Submission { genesis: [9; 32], ..submission },
            Submission { netuid: 9, ..submission },
            Submission { mechanism: 9, ..submission },
            Submission { hotkey: [9; 32], ..submission },
            Submission { artefact: [9; 32], ..submission },
        ] {
            assert_ne!(other.commitment(), commitment);
        }
        assert_eq!(to_hex(&commitment), "3e4e7c0b840d76b13989f4cd946c99fc04684027a68e79a318ff32e21899eef6");
    }

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

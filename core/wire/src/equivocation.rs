//! Equivocation: two different answers signed by one miner for one challenge and one request.
//!
//! A challenge id belongs to the validator that asks and is used once; a miner that signs two answers to it contradicts
//! itself. The proof is the two signed answers; anybody can check it with no further knowledge. An axon protects its
//! honest owner by refusing to sign a second, different answer to a challenge it has answered.
//!
//! Both answers must be to the same request. Otherwise a validator could ask two axons of one key different questions
//! under one challenge id, and convict a miner of its own misconduct.

use crate::{
    answer::SignedAnswer,
    sr25519::{self, Signature, NOBODY},
    AccountId,
};

pub mod report;

/// Two signed answers that cannot both be honest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Equivocation {
    /// One of the two answers.
    pub first: SignedAnswer,
    /// The other one.
    pub second: SignedAnswer,
}

/// Reasons why two signed answers prove nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The answers belong to different chains, subnets, challenges, requests, validators or miners.
    #[error(
        "the two answers do not belong to the same chain, subnet, challenge, request, validator and miner"
    )]
    Unrelated,
    /// Both answers are the same.
    #[error("both answers are the same")]
    SameAnswer,
    /// A signature is not the miner's.
    #[error("one of the two signatures is not the miner's")]
    WrongSignature,
}

/// Checks a proof and returns the hotkey of the miner that contradicted itself.
pub fn verify_equivocation(proof: &Equivocation) -> Result<AccountId, NotProven> {
    verify_equivocation_with(proof, sr25519::verify)
}

/// [`verify_equivocation`] with another implementation of sr25519, such as the one that a chain offers its runtime:
/// whether a public key signed a message with Substrate's context.
pub fn verify_equivocation_with(
    proof: &Equivocation,
    signed: impl Fn(&AccountId, &[u8], &Signature) -> bool,
) -> Result<AccountId, NotProven> {
    let (a, b) = (&proof.first.claim, &proof.second.claim);
    let related = a.genesis_hash == b.genesis_hash
        && a.netuid == b.netuid
        && a.challenge_id == b.challenge_id
        && a.request_hash == b.request_hash
        && a.validator == b.validator
        && a.miner == b.miner;
    if !related {
        return Err(NotProven::Unrelated);
    }
    if a.answer_hash == b.answer_hash {
        return Err(NotProven::SameAnswer);
    }
    let is_key = a.miner != NOBODY;
    let by_miner =
        |answer: &SignedAnswer| is_key && signed(&a.miner, &answer.claim.payload(), &answer.signature);
    if !by_miner(&proof.first) || !by_miner(&proof.second) {
        return Err(NotProven::WrongSignature);
    }
    Ok(a.miner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::{
        tests::{claim, miner},
        AnswerClaim,
    };
    use crate::sr25519::Signer;

    #[test]
    fn two_different_answers_to_one_challenge_convict_the_miner() {
        let first = claim(b"yes").sign(&miner());
        let second = claim(b"no").sign(&miner());
        assert_eq!(verify_equivocation(&Equivocation { first, second }), Ok(miner().public()));
    }

    #[test]
    fn honest_or_forged_pairs_prove_nothing() {
        let first = claim(b"yes").sign(&miner());
        let same = claim(b"yes").sign(&miner());
        assert_eq!(verify_equivocation(&Equivocation { first, second: same }), Err(NotProven::SameAnswer));
        for other in [
            AnswerClaim { genesis_hash: [9; 32], ..claim(b"no") },
            AnswerClaim { netuid: 9, ..claim(b"no") },
            AnswerClaim { challenge_id: [9; 32], ..claim(b"no") },
            AnswerClaim { request_hash: [9; 32], ..claim(b"no") },
            AnswerClaim { validator: [9; 32], ..claim(b"no") },
            AnswerClaim { miner: [9; 32], ..claim(b"no") },
        ] {
            let second = other.sign(&miner());
            assert_eq!(verify_equivocation(&Equivocation { first, second }), Err(NotProven::Unrelated));
        }
        let mut forged = claim(b"no").sign(&miner());
        forged.signature = first.signature;
        assert_eq!(
            verify_equivocation(&Equivocation { first, second: forged }),
            Err(NotProven::WrongSignature)
        );
    }

    #[test]
    fn nobody_is_convicted_by_a_signature_that_fits_every_message() {
        let said = |answer: &[u8]| {
            let claim = AnswerClaim { miner: NOBODY, ..claim(answer) };
            SignedAnswer { claim, signature: [0; 64] }
        };
        let proof = Equivocation { first: said(b"yes"), second: said(b"no") };
        let any = |_: &AccountId, _: &[u8], _: &Signature| true;
        assert_eq!(verify_equivocation_with(&proof, any), Err(NotProven::WrongSignature));
    }
}

//! A report of equivocation for a verifier that was not there, such as a chain.
//!
//! Two signed answers prove that a miner contradicted itself, but not when. A report adds the origin of their
//! challenge. The challenge id is a hash over, among other things, a block of the chain and its hash
//! ([`SeedContext`](crate::seed::SeedContext)). It did not exist before that block, and neither did any signature for
//! it. A verifier that knows the chain's blocks therefore knows the greatest possible age of the misconduct.
//!
//! Every byte of a report enters the challenge id or a signature: a report with any byte changed proves nothing.

use super::{verify_equivocation_with, Equivocation, NotProven};
use crate::{
    answer::{AnswerClaim, SignedAnswer},
    commitment::commit_challenge,
    hash::Hash,
    seed::{challenge_id, seed_reference, SeedContext, SeedProof},
    sr25519::Signature,
    AccountId,
};

/// Origin of a challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChallengeOrigin {
    /// Context of the challenge's seed: chain, subnet, occasion and source block.
    pub context: SeedContext,
    /// The hotkey that drew the seed.
    pub signer: AccountId,
    /// The output of its verifiable random function.
    pub output: [u8; 32],
    /// Number of the task within the seed.
    pub task: u16,
    /// Whether the challenge asked for a commitment to the answer.
    pub committed: bool,
}

impl ChallengeOrigin {
    /// The challenge id under which `validator` asked.
    pub fn challenge_id(&self, validator: &AccountId) -> [u8; 32] {
        let reference = seed_reference(&self.context, &self.signer, &self.output);
        let challenge = challenge_id(&reference, self.task, validator);
        if self.committed {
            commit_challenge(&challenge)
        } else {
            challenge
        }
    }
}

/// One of the two answers, with its signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// Blake2b-256 of the raw request body.
    pub request_hash: Hash,
    /// Blake2b-256 of the raw answer body.
    pub answer_hash: Hash,
    /// Id of the model that answered, as the miner declares it.
    pub model_id: [u8; 32],
    /// The miner's signature.
    pub signature: Signature,
}

/// Two answers to one challenge, and the origin of the challenge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The origin of the challenge.
    pub origin: ChallengeOrigin,
    /// The validator that asked.
    pub validator: AccountId,
    /// The miner that answered twice.
    pub miner: AccountId,
    /// The two answers.
    pub answers: [Said; 2],
}

impl Report {
    /// The report of two contradicting answers, if one of `seeds` and one of the task numbers made their challenge.
    pub fn trace(
        proof: &Equivocation,
        seeds: &[SeedProof],
        tasks: impl Iterator<Item = u16> + Clone,
    ) -> Option<Self> {
        let claim = &proof.first.claim;
        let origins = seeds.iter().flat_map(|seed| {
            tasks.clone().flat_map(move |task| {
                [false, true].map(|committed| ChallengeOrigin {
                    context: seed.context,
                    signer: seed.signer,
                    output: seed.vrf.output,
                    task,
                    committed,
                })
            })
        });
        let origin = origins.into_iter().find(|origin| {
            let occasion = (origin.context.genesis, origin.context.netuid);
            occasion == (claim.genesis_hash, claim.netuid)
                && origin.challenge_id(&claim.validator) == claim.challenge_id
        })?;
        let said = |answer: &SignedAnswer| Said {
            request_hash: answer.claim.request_hash,
            answer_hash: answer.claim.answer_hash,
            model_id: answer.claim.model_id,
            signature: answer.signature,
        };
        let answers = [said(&proof.first), said(&proof.second)];
        Some(Self { origin, validator: claim.validator, miner: claim.miner, answers })
    }

    /// The two signed answers in full.
    pub fn equivocation(&self) -> Equivocation {
        let challenge_id = self.origin.challenge_id(&self.validator);
        let [first, second] = self.answers.map(|said| SignedAnswer {
            claim: AnswerClaim {
                genesis_hash: self.origin.context.genesis,
                netuid: self.origin.context.netuid,
                challenge_id,
                request_hash: said.request_hash,
                answer_hash: said.answer_hash,
                model_id: said.model_id,
                validator: self.validator,
                miner: self.miner,
            },
            signature: said.signature,
        });
        Equivocation { first, second }
    }

    /// Checks everything but the source block, which the verifier compares with its chain, and returns the miner's
    /// hotkey.
    ///
    /// `signed` says whether a public key signed a message with Substrate's context.
    pub fn verify(
        &self,
        signed: impl Fn(&AccountId, &[u8], &Signature) -> bool,
    ) -> Result<AccountId, NotProven> {
        verify_equivocation_with(&self.equivocation(), signed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        answer::tests::miner,
        hash::blake2_256,
        seed::Audience,
        sr25519::{self, Keypair, Signer},
    };

    fn drawn() -> SeedProof {
        let context = SeedContext {
            genesis: [1; 32],
            netuid: 7,
            epoch: 42,
            round: 3,
            audience: Audience::Round,
            source_block: 900,
            source_hash: [9; 32],
        };
        SeedProof::draw(context, &Keypair::from_seed(&[6; 32]), [2; 32]).0
    }

    fn proof(committed: bool) -> Equivocation {
        let seed = drawn();
        let validator = seed.signer;
        let asked = challenge_id(&seed.reference(), 11, &validator);
        let claim = |answer: &[u8]| AnswerClaim {
            genesis_hash: [1; 32],
            netuid: 7,
            challenge_id: if committed { commit_challenge(&asked) } else { asked },
            request_hash: blake2_256(b"request"),
            answer_hash: blake2_256(answer),
            model_id: [5; 32],
            validator,
            miner: miner().public(),
        };
        Equivocation { first: claim(b"yes").sign(&miner()), second: claim(b"no").sign(&miner()) }
    }

    #[test]
    fn a_report_is_traced_from_answers_and_seeds_and_convicts() {
        for committed in [false, true] {
            let report = Report::trace(&proof(committed), &[drawn()], 0..20).expect("task 11 is among them");
            assert_eq!((report.origin.task, report.origin.committed), (11, committed));
            assert_eq!(report.equivocation(), proof(committed));
            assert_eq!(report.verify(sr25519::verify), Ok(miner().public()));
        }
        assert_eq!(Report::trace(&proof(false), &[drawn()], 0..11), None, "no such task");
        assert_eq!(Report::trace(&proof(false), &[], 0..20), None);
    }

    #[test]
    fn a_report_with_another_source_proves_nothing() {
        let report = Report::trace(&proof(false), &[drawn()], 0..20).expect("task 11 is among them");
        let context = report.origin.context;
        let other = |context| Report { origin: ChallengeOrigin { context, ..report.origin }, ..report };
        for changed in [
            other(SeedContext { genesis: [2; 32], ..context }),
            other(SeedContext { netuid: 8, ..context }),
            other(SeedContext { epoch: 43, ..context }),
            other(SeedContext { round: 4, ..context }),
            other(SeedContext { audience: Audience::Miner([0; 32]), ..context }),
            other(SeedContext { source_block: 901, ..context }),
            other(SeedContext { source_hash: [8; 32], ..context }),
            Report { validator: [3; 32], ..report },
            Report { miner: [3; 32], ..report },
            Report { answers: [report.answers[1]; 2], ..report },
        ] {
            assert!(changed.verify(sr25519::verify).is_err(), "{changed:?}");
        }
    }
}

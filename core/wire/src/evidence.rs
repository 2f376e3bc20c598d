//! Roots over the evidence of an epoch, and proofs that a validator asked the miners it pays.
//!
//! With its weights a validator commits to one [root](EpochHead::root) over all answers that miners signed for it, its
//! evaluation records, its standings before and after, and the rest of its evidence. Randomness that nobody knew at
//! that time then [draws](draw) miners, and one answer of each. [`BY_WEIGHT`] are drawn in proportion to the weights,
//! and every one is to be opened. [`BY_HEAD`] are drawn evenly among the miners that were paid in the epoch before, and
//! [`MOST_ABSENT`] of them may have no answer, or more if their miners say that they were away ([`may_lack`]). So it
//! helps little to ask a part of the miners, whether the others get a weight or not. An [`EvaluationProof`] opens the
//! answers. Whoever checks it needs the chain alone: keys, block hashes, the miners that were paid, their roots, and
//! the randomness.
//!
//! A proof shows this of each sampled miner. It signed an answer for this validator. The seed of the challenge is a
//! hash over a block of this epoch, so the answer is not older than that block. The root holds as many different
//! answers of the miner as the subnet demands. For the first [`VRF_SAMPLES`], the seed is also the output of the
//! validator's verifiable random function, so the validator did not choose it.
//!
//! It does not show that the question was the one that the seed draws, or that the score is right. Those who
//! hold the evidence recompute both.
//!
//! | part | bytes under the root |
//! |---|---|
//! | answer | challenge id (32), then a hash of the rest: seed, task, request, answer, model, signature, record |
//! | miner | uid, hotkey, number and root of its answers, number and root of its records |
//! | epoch | netuid, epoch, validator, number and root of the miners, hashes of standings and files |
//!
//! Answers of a miner are sorted by challenge id, miners by uid.

use alloc::vec::Vec;

use crate::{
    beacon::{delay, is_strict},
    hash::{blake2_256, blake2_256_each, blake2_256_of, each_row, row, Hash},
    seed::{challenge_id, challenge_ids, Seed},
    sr25519::Signature,
    AccountId,
};

mod away;
mod branches;
mod files;
mod grown;
mod opening;
mod proof;
pub mod seeds;
mod signed;
#[cfg(test)]
mod tests;
pub mod tree;

pub use away::{answers_due, may_lack, needs_excuse, says_away, MOST_AWAY, MOST_UNEXCUSED, SEEN_WITHIN};
pub use branches::{possession_tag, Branches, TAG_LEN};
pub use files::{FileList, FileListError};
pub use grown::{CannotProve, EvidenceTree, Files, MinerEvidence};
pub use opening::{OpeningFault, RecordOpening};
pub use proof::{
    Chain, EvaluationProof, Occasion, ProofError, Sample, SampleFault, SeedOpening, PROOF_LIMIT,
};
pub use signed::{SignedLeaf, SignedList, SignedOpening};

/// Answers that are drawn by weight. A validator with answers for three quarters of its weight has all of them in 10 of
/// 100 draws, one with half of it in 4 of 1,000.
pub const BY_WEIGHT: usize = 8;

/// Answers that are drawn by head, evenly among the miners that were paid.
pub const BY_HEAD: usize = 12;

/// Miners drawn by head that may have no answer for any reason. A validator that asked 95 of 100 miners has no more
/// absent ones in 998 of 1,000 draws, one that asked half of them in 73 of 1,000.
pub const MOST_ABSENT: usize = 3;

/// Least number of blocks between the beginning of an epoch and the block whose randomness draws the samples of its
/// reveals.
pub const DRAW_DELAY: u64 = 2;

/// The block whose randomness draws the samples of reveals in the epoch that `began` in a block.
///
/// Under the strict rules of the beacon, a turn of all authorities lies in between:
/// `began + max(2, min(authorities, 16, ⌊tempo / 4⌋))`. So a party that writes blocks does not know the draw when it
/// commits, and miners' roots are [due](answers_due) after the draw. Without these rules it is two blocks later.
pub fn draw_block(began: u64, tempo: u16, authorities: u32, strict_from: Option<u64>) -> u64 {
    let turn = match is_strict(strict_from, began) {
        true => delay(authorities).min(u64::from(tempo / 4)),
        false => 0,
    };
    began.saturating_add(turn.max(DRAW_DELAY))
}

/// Samples whose verifiable random function is checked.
pub const VRF_SAMPLES: usize = 2;

const ROOT_DOMAIN: &[u8] = b"myelin/evidence-root/1";
const ANSWER_DOMAIN: &[u8] = b"myelin/evidence-answer/1";
const MINER_DOMAIN: &[u8] = b"myelin/evidence-miner/1";
const DRAW_DOMAIN: &[u8] = b"myelin/evidence-draw/1";

/// An answer that a miner signed for the validator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Reference of the seed that drew the task.
    pub seed: Hash,
    /// Number of the task within the seed.
    pub task: u16,
    /// Hash of the request.
    pub request: Hash,
    /// Hash of the answer.
    pub answer: Hash,
    /// Id of the model that answered, as the miner declares it.
    pub model: [u8; 32],
    /// The miner's signature.
    pub signature: Signature,
    /// Hash of the evaluation record; zero for an answer that is judged in a later epoch.
    pub record: Hash,
}

impl Answer {
    /// The leaf of this answer, given to `validator`.
    pub fn leaf(&self, validator: &AccountId) -> AnswerLeaf {
        let challenge = challenge_id(&self.seed, self.task, validator);
        AnswerLeaf { challenge, content: blake2_256(&self.row()) }
    }

    fn row(&self) -> [u8; 250] {
        row(&[
            ANSWER_DOMAIN,
            &self.seed,
            &self.task.to_le_bytes(),
            &self.request,
            &self.answer,
            &self.model,
            &self.signature,
            &self.record,
        ])
    }
}

/// The leaf of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct AnswerLeaf {
    /// Id of the challenge. A miner's leaves are sorted by it, so an answer that is listed twice shows.
    pub challenge: Hash,
    /// Hash of the answer's fields.
    pub content: Hash,
}

impl AnswerLeaf {
    /// The leaves of several answers, given to `validator`.
    fn each(answers: &[Answer], validator: &AccountId) -> Vec<Self> {
        let challenges = challenge_ids(answers.iter().map(|answer| (&answer.seed, answer.task)), validator);
        let contents = each_row(answers.iter().map(Answer::row));
        challenges.into_iter().zip(contents).map(|(challenge, content)| Self { challenge, content }).collect()
    }

    /// The hash of the leaf.
    pub fn hash(&self) -> Hash {
        blake2_256(&self.row())
    }

    fn row(&self) -> [u8; 65] {
        row(&[&[0], &self.challenge, &self.content])
    }
}

/// Root and size of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ListRoot {
    /// Entries of the list.
    pub len: u32,
    /// Root of their hashes; zero for an empty list.
    pub root: Hash,
}

impl ListRoot {
    /// The root of leaves with these hashes.
    pub fn of(leaves: &[Hash]) -> Self {
        Self { len: leaves.len() as u32, root: tree::root(leaves) }
    }
}

/// Everything about one miner under a root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinerLeaf {
    /// Its uid.
    pub uid: u16,
    /// The hotkey that signed its answers.
    pub hotkey: AccountId,
    /// Its signed answers.
    pub answers: ListRoot,
    /// Its evaluation records, of which some have no answer.
    pub records: ListRoot,
}

impl MinerLeaf {
    /// Bytes of the canonical form.
    pub const LEN: usize = 2 + 32 + 36 + 36;

    /// The hash of the leaf.
    pub fn hash(&self) -> Hash {
        tree::leaf_hash(&[MINER_DOMAIN, &self.to_bytes()])
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN);
        out.extend_from_slice(&self.uid.to_le_bytes());
        out.extend_from_slice(&self.hotkey);
        for list in [&self.answers, &self.records] {
            out.extend_from_slice(&list.len.to_le_bytes());
            out.extend_from_slice(&list.root);
        }
        out
    }
}

/// The top of the tree: the occasion, and the roots of everything below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochHead {
    /// The subnet.
    pub netuid: u16,
    /// The subnet's epoch index.
    pub epoch: u64,
    /// The hotkey that asked and judged.
    pub validator: AccountId,
    /// The miners.
    pub miners: ListRoot,
    /// Hash of the standings before the epoch's first round; zero without a round.
    pub before: Hash,
    /// Hash of the standings that the weights follow from.
    pub after: Hash,
    /// Hash over names and hashes of the other files of the evidence.
    pub files: Hash,
}

impl EpochHead {
    /// Bytes of the canonical form.
    pub const LEN: usize = 2 + 8 + 32 + 36 + 32 * 3;

    /// The root that is committed to.
    pub fn root(&self) -> Hash {
        blake2_256_of(&[ROOT_DOMAIN, &self.to_bytes()])
    }

    fn to_bytes(self) -> Vec<u8> {
        let mut out = Vec::with_capacity(Self::LEN);
        out.extend_from_slice(&self.netuid.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.validator);
        out.extend_from_slice(&self.miners.len.to_le_bytes());
        out.extend_from_slice(&self.miners.root);
        for hash in [&self.before, &self.after, &self.files] {
            out.extend_from_slice(hash);
        }
        out
    }
}

/// A miner drawn in proportion to its weight, and the number that draws among its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// The miner.
    pub uid: u16,
    /// Position among the answers, of 2⁶⁴.
    pub position: u64,
}

impl Draw {
    /// The index among `len` answers: `floor(position · len / 2⁶⁴)`.
    pub fn index(&self, len: u32) -> u32 {
        ((u128::from(self.position) * u128::from(len)) >> 64) as u32
    }
}

/// All that a draw follows from, besides the root.
#[derive(Clone, Copy, Debug)]
pub struct Lots<'a> {
    /// Randomness that came after the commitment.
    pub randomness: [u8; 32],
    /// Weights that need proof, by uid.
    pub weights: &'a [(u16, u16)],
    /// Miners that were paid in the epoch before.
    pub paid: &'a [u16],
    /// Least number of signed answers of each opened miner.
    pub answers: u32,
}

/// The drawn miners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// [`BY_WEIGHT`] miners, each with a chance in proportion to its weight; none if all weights are zero.
    pub by_weight: Vec<Draw>,
    /// [`BY_HEAD`] miners, each with the same chance among those that were paid; none if nobody was.
    pub by_head: Vec<Draw>,
}

/// Draws miners by their weights, and evenly among those that were paid.
///
/// The draw follows from the randomness and the committed `root`. Its validator did not know the one when it committed
/// to the other, and cannot change it afterwards.
pub fn draw(root: &Hash, lots: &Lots) -> Drawn {
    let Lots { randomness, weights, paid, .. } = lots;
    let seed = Seed(blake2_256_of(&[DRAW_DOMAIN, randomness, root]));
    let mut rng = seed.derive(b"head", 0).rng();
    let head = |_| {
        let uid = paid.get(rng.index(paid.len())?)?;
        Some(Draw { uid: *uid, position: rng.next_u64() })
    };
    Drawn { by_head: (0..BY_HEAD).filter_map(head).collect(), by_weight: by_weight(&seed, weights) }
}

fn by_weight(seed: &Seed, weights: &[(u16, u16)]) -> Vec<Draw> {
    let total: u64 = weights.iter().map(|(_, weight)| u64::from(*weight)).sum();
    if total == 0 {
        return Vec::new();
    }
    let mut rng = seed.derive(b"weight", 0).rng();
    let one = |_| {
        let mut left = rng.below(total);
        let position = rng.next_u64();
        let drawn = weights.iter().find(|(_, weight)| match left.checked_sub(u64::from(*weight)) {
            Some(rest) => {
                left = rest;
                false
            }
            None => true,
        });
        drawn.map(|(uid, _)| Draw { uid: *uid, position })
    };
    (0..BY_WEIGHT).filter_map(one).collect()
}

/// The hash of a record's bytes, as leaves and answers name it.
pub fn record_leaf(bytes: &[u8]) -> Hash {
    tree::leaf_hash(&[&blake2_256(bytes)])
}

/// [`record_leaf`] of each of several records.
pub fn record_leaves<'a>(records: impl IntoIterator<Item = &'a [u8]>) -> Vec<Hash> {
    each_row(blake2_256_each(records).iter().map(|hash| row::<33>(&[&[0], hash])))
}

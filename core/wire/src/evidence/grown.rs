//! The tree over a validator's evidence, from which roots and proofs are made.

use alloc::{collections::BTreeMap, vec::Vec};

use super::{
    draw,
    proof::{neighbour_of, EvaluationProof, Sample, SeedOpening},
    record_leaf, tree, Answer, AnswerLeaf, Branches, Draw, EpochHead, ListRoot, Lots, MinerLeaf,
    RecordOpening, MOST_AWAY, VRF_SAMPLES,
};
use crate::{
    hash::{each_row, Hash},
    record::{miner_digest, Record},
    seed::{Audience, SeedProof},
    AccountId,
};

/// Evidence about one miner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinerEvidence {
    /// Its uid.
    pub uid: u16,
    /// The hotkey that signed its answers.
    pub hotkey: AccountId,
    /// Its signed answers, in any order. Of several to one challenge the first counts.
    pub answers: Vec<Answer>,
    /// The hashes of its records, see [`record_leaf`](super::record_leaf).
    pub records: Vec<Hash>,
}

/// Hashes of everything that is not told by miner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// Hash of the standings before the epoch's first round; zero without a round.
    pub before: Hash,
    /// Hash of the standings that the weights follow from.
    pub after: Hash,
    /// Hash over names and hashes of the other files.
    pub others: Hash,
}

/// Miners without a signed answer were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotProve {
    /// No answer of it.
    #[error("uid {0} was drawn, and signed too few answers in the epoch")]
    NoAnswer(u16),
    /// Too many miners that were paid have none, whether they were away or not.
    #[error(
        "{0} of the miners that were paid and drawn by head have no answer, and at most {MOST_AWAY} may"
    )]
    Absent(usize),
    /// The seed of its answer was not kept.
    #[error("the seed of an answer of uid {0} is not in the evidence")]
    NoSeed(u16),
}

/// The tree over the evidence of one epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceTree {
    head: EpochHead,
    miners: Vec<Branch>,
    hashes: Vec<Hash>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Branch {
    leaf: MinerLeaf,
    answers: Vec<(AnswerLeaf, Answer)>,
    hashes: Vec<Hash>,
    records: Vec<Hash>,
}

impl Branch {
    fn new(miner: MinerEvidence, validator: &AccountId) -> Self {
        let MinerEvidence { uid, hotkey, answers, records } = miner;
        let leaves = AnswerLeaf::each(&answers, validator);
        // Sorted by their places, since an answer is large.
        let mut places: Vec<(AnswerLeaf, usize)> = leaves.into_iter().zip(0..).collect();
        places.sort_by_key(|(leaf, _)| leaf.challenge);
        places.dedup_by_key(|(leaf, _)| leaf.challenge);
        let hashes = each_row(places.iter().map(|(leaf, _)| leaf.row()));
        let answers = places.into_iter().map(|(leaf, place)| (leaf, answers[place])).collect();
        let leaf = MinerLeaf { uid, hotkey, answers: ListRoot::of(&hashes), records: ListRoot::of(&records) };
        Self { leaf, answers, hashes, records }
    }
}

impl EvidenceTree {
    /// The tree over what `validator` knows of the miners of a subnet, in one epoch.
    pub fn new(
        (netuid, epoch): (u16, u64),
        validator: AccountId,
        files: Files,
        miners: Vec<MinerEvidence>,
    ) -> Self {
        let mut miners: Vec<Branch> =
            miners.into_iter().map(|miner| Branch::new(miner, &validator)).collect();
        miners.sort_by_key(|branch| (branch.leaf.uid, branch.leaf.hotkey));
        let hashes: Vec<Hash> = miners.iter().map(|branch| branch.leaf.hash()).collect();
        let Files { before, after, others } = files;
        let miner_root = ListRoot::of(&hashes);
        let head = EpochHead { netuid, epoch, validator, miners: miner_root, before, after, files: others };
        Self { head, miners, hashes }
    }

    /// The top of the tree.
    pub fn head(&self) -> &EpochHead {
        &self.head
    }

    /// The head and the miners, without their answers.
    pub fn branches(&self) -> Branches {
        Branches { head: self.head, miners: self.miners.iter().map(|branch| branch.leaf).collect() }
    }

    /// The root to commit to.
    pub fn root(&self) -> Hash {
        self.head.root()
    }

    /// Signed answers of the miner at a uid, with this hotkey.
    pub fn answers_of(&self, uid: u16, hotkey: &AccountId) -> u32 {
        let its = self.at(uid).filter(|(_, branch)| branch.leaf.hotkey == *hotkey);
        its.map(|(_, branch)| branch.leaf.answers.len).max().unwrap_or(0)
    }

    /// The hotkeys that had a uid in the epoch, with their places.
    fn at(&self, uid: u16) -> impl Iterator<Item = (usize, &Branch)> {
        self.miners.iter().enumerate().filter(move |(_, branch)| branch.leaf.uid == uid)
    }

    /// The miner that answers as `uid`. Where several hotkeys had the uid in the epoch, it is the one that `sits` there
    /// if that has `least` answers. Otherwise it is the one with most: the key that was replaced, if the miner is the
    /// same.
    fn find(&self, uid: u16, sits: Option<AccountId>, least: u32) -> Option<(usize, &Branch)> {
        self.at(uid).max_by_key(|(_, branch)| {
            let MinerLeaf { hotkey, answers, .. } = branch.leaf;
            (sits == Some(hotkey) && answers.len >= least, answers.len)
        })
    }

    /// The way from a record to the root; `None` if the record is not under it.
    pub fn open_record(&self, record: &Record) -> Option<RecordOpening> {
        let is_its =
            |leaf: &MinerLeaf| leaf.uid == record.miner_uid && miner_digest(&leaf.hotkey) == record.miner;
        let place = self.miners.iter().position(|branch| is_its(&branch.leaf))?;
        let Branch { leaf: miner, records, .. } = self.miners.get(place)?;
        let hash = record_leaf(&record.to_bytes().ok()?);
        let index = records.iter().position(|one| *one == hash)?;
        let opening = RecordOpening {
            head: self.head,
            miner: *miner,
            place: place as u32,
            miner_path: tree::path(&self.hashes, place)?,
            index: index as u32,
            path: tree::path(records, index)?,
        };
        opening.root_over(record).is_ok().then_some(opening)
    }

    /// Opens the drawn answers. `seeds` has the proofs of seeds by reference, and `sits` the hotkey at a uid. Whether
    /// the proof holds may depend on miners that were away, see [`lacking`](EvaluationProof::lacking).
    pub fn prove(
        &self,
        lots: &Lots,
        seeds: &BTreeMap<Hash, SeedProof>,
        sits: impl Fn(u16) -> Option<AccountId>,
    ) -> Result<EvaluationProof, CannotProve> {
        let drawn = draw(&self.root(), lots);
        let mut opened = 0;
        let mut open = |drawn: Draw| {
            let uid = drawn.uid;
            let (place, branch) =
                self.find(uid, sits(uid), lots.answers).ok_or(CannotProve::NoAnswer(uid))?;
            let few = branch.leaf.answers.len < lots.answers;
            let index = drawn.index(branch.leaf.answers.len);
            let answer =
                branch.answers.get(index as usize).filter(|_| !few).ok_or(CannotProve::NoAnswer(uid))?;
            let seed = seeds.get(&answer.1.seed).ok_or(CannotProve::NoSeed(uid))?;
            let neighbour = neighbour_of(index, branch.leaf.answers.len).and_then(|place| {
                let (leaf, _) = branch.answers.get(place as usize)?;
                Some((*leaf, tree::path(&branch.hashes, place as usize)?))
            });
            let sample = Sample {
                miner: branch.leaf,
                place: place as u32,
                miner_path: tree::path(&self.hashes, place).unwrap_or_default(),
                seed: SeedOpening {
                    round: seed.context.round,
                    own: seed.context.audience != Audience::Round,
                    source_block: seed.context.source_block,
                    output: seed.vrf.output,
                    proof: (opened < VRF_SAMPLES).then_some(seed.vrf.proof),
                },
                answer: answer.1,
                path: tree::path(&branch.hashes, index as usize).unwrap_or_default(),
                neighbour,
            };
            opened += 1;
            Ok(sample)
        };
        let samples = drawn.by_weight.into_iter().map(&mut open).collect::<Result<_, _>>()?;
        let heads: Vec<Option<Sample>> = drawn.by_head.into_iter().map(|drawn| open(drawn).ok()).collect();
        let absent = heads.iter().filter(|head| head.is_none()).count();
        if absent > MOST_AWAY {
            return Err(CannotProve::Absent(absent));
        }
        Ok(EvaluationProof { head: self.head, samples, heads })
    }
}

//! A miner's objection to records that say that it gave no answer, in a file that anybody checks.
//!
//! A validator signs a miner's records when it reports them. A miner commits to a root over the answers that it signed
//! ([`miner::signed`](crate::miner::signed)). The file holds both: the validator's pages, and the miner's answer to the
//! very question of the record with its path to a root on the chain.
//!
//! It shows that the miner was bound to an answer to that question no later than the epoch after it. It does not show
//! that or when the answer arrived. The question of a task that all miners get may have come from another miner.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_abi::AnswerRoot;
use myelin_wire::{
    commitment::commit_challenge,
    evidence::{ListRoot, SignedLeaf, SignedList, SignedOpening},
    hash::{blake2_256, from_hex, to_hex, Hash},
    record::{miner_digest, Reason, Record},
    seed::challenge_id,
    AccountId,
};
use serde::{Deserialize, Serialize};

use crate::{
    disclosure::{Part, Told, ToldPage},
    evidence::records_in,
    miner::signed,
};

/// Name of the file's format.
pub const FORMAT: &str = "myelin/contest";
/// Its version.
pub const VERSION: u32 = 1;
/// Most pages of a round: 37,000 records.
pub const MOST_PAGES: usize = 64;
/// Most hashes of a path: a list has fewer than 2³² answers.
const MOST_STEPS: usize = 32;

/// The objection. Hashes and accounts are hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// Hash of the chain's first block.
    pub genesis: String,
    /// The subnet.
    pub netuid: u16,
    /// The miner.
    pub miner: String,
    /// The rounds, each of one validator.
    pub rounds: Vec<ContestedRound>,
}

/// Records of a round that are contested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestedRound {
    /// The validator.
    pub validator: String,
    /// The epoch.
    pub epoch: u64,
    /// The round.
    pub round: u16,
    /// All records of the miner in that round, as the validator signed them.
    pub pages: Vec<ToldPage>,
    /// The contested ones.
    pub records: Vec<ContestedRecord>,
}

/// A record, and the miner's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContestedRecord {
    /// Hash of the record.
    pub record: String,
    /// The answer, see [`SignedLeaf::to_bytes`].
    pub leaf: String,
    /// Its index in the miner's list.
    pub index: u32,
    /// The hashes up to the root.
    pub path: Vec<String>,
    /// Epoch of the list.
    pub list_epoch: u64,
    /// Answers of the list.
    pub answers: u32,
    /// The root.
    pub root: String,
    /// Block in which the chain took it.
    pub block: u64,
}

/// A contested record that holds against the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The record, which names its validator.
    pub record: Record,
    /// Whether the miner signed a commitment to an answer, instead of the answer.
    pub committed: bool,
    /// The root that the answer is under.
    pub root: AnswerRoot,
}

/// Reason why an objection does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContestFault {
    /// The file has another form.
    #[error("the file is no contest of this version: {0}")]
    Malformed(&'static str),
    /// Made for another chain.
    #[error("the file is about the chain with the first block {0}, and the node is of another")]
    OtherChain(String),
    /// The validator did not sign the records.
    #[error("page {0} of the records is not signed by the validator that the file names, for this miner and round")]
    NotTold(usize),
    /// The pages do not belong together.
    #[error("the pages are not those of one document")]
    BrokenDocument,
    /// No such record.
    #[error("the validator's pages have no record with the hash {0}")]
    NoRecord(String),
    /// A record of another subject.
    #[error("record {0} is about another miner, validator or round than the file says")]
    OtherSubject(String),
    /// A record of an answer.
    #[error("record {0} does not say that the miner gave no answer in time")]
    NotDenied(String),
    /// An answer to another question.
    #[error("the miner's answer is to another question, or for another validator, than record {0} is about")]
    OtherQuestion(String),
    /// Not under the root.
    #[error("the answer to record {0} does not lead to the root that the file names")]
    NotUnder(String),
    /// A list of another epoch.
    #[error("the list is of epoch {list}; an answer of epoch {record} is in the list of that epoch or the one before")]
    OtherEpoch {
        /// Epoch of the list.
        list: u64,
        /// Epoch of the record.
        record: u64,
    },
    /// The chain has no such root.
    #[error(
        "the chain has no root {root} of this miner over {answers} answers of epoch {epoch} in block {block}"
    )]
    NoRoot {
        /// The root.
        root: String,
        /// Epoch of the list.
        epoch: u64,
        /// Answers of the list.
        answers: u32,
        /// Block of the commitment.
        block: u64,
    },
}

/// Whether a record says that the miner gave no answer, or none in time.
pub fn denies_answer(record: &Record) -> bool {
    record.answer == Hash::default() || matches!(record.reason, Reason::Late | Reason::Unreachable)
}

/// Leaves for the question of a record: the answer, and the commitment to it. Which answer it was is left open.
fn signed_for(record: &Record) -> [SignedLeaf; 2] {
    let (validator, request) = (record.signer, record.request);
    let challenge = challenge_id(&record.seed, record.task, &validator);
    [challenge, commit_challenge(&challenge)].map(|challenge| SignedLeaf {
        validator,
        challenge,
        request,
        answer: Hash::default(),
    })
}

/// Whether a leaf answers the question of another.
fn is_for(leaf: &SignedLeaf, question: &SignedLeaf) -> bool {
    let asked = |leaf: &SignedLeaf| (leaf.validator, leaf.challenge, leaf.request);
    asked(leaf) == asked(question)
}

/// Epochs under which an answer of an epoch may be listed. A miner sees the end of an epoch some blocks later.
fn lists_of(epoch: u64) -> [u64; 2] {
    [epoch, epoch.saturating_sub(1)]
}

impl Contest {
    /// An objection without records.
    pub fn new(genesis: &Hash, netuid: u16, miner: &AccountId) -> Self {
        let (genesis, miner) = (to_hex(genesis), to_hex(miner));
        Self { format: FORMAT.into(), version: VERSION, genesis, netuid, miner, rounds: Vec::new() }
    }

    /// Reads a file.
    pub fn from_json(text: &[u8]) -> Result<Self, ContestFault> {
        let read: Self =
            serde_json::from_slice(text).map_err(|_| ContestFault::Malformed("it has other fields"))?;
        match (&*read.format, read.version) {
            (FORMAT, VERSION) => Ok(read),
            _ => Err(ContestFault::Malformed("it names another format or version")),
        }
    }

    /// The miner.
    pub fn miner(&self) -> Result<AccountId, ContestFault> {
        from_hex(&self.miner).ok_or(ContestFault::Malformed("its miner is no account"))
    }

    /// Checks everything that the file says against the chain: its first block, and the miner's roots there.
    pub fn check(&self, genesis: &Hash, roots: &[AnswerRoot]) -> Result<Vec<Held>, ContestFault> {
        if from_hex(&self.genesis) != Some(*genesis) {
            return Err(ContestFault::OtherChain(self.genesis.clone()));
        }
        let miner = self.miner()?;
        let mut held = Vec::new();
        for round in &self.rounds {
            let records = round.told(*genesis, self.netuid, miner)?;
            let mut by_name: HashMap<String, Record> =
                records.into_iter().map(|record| (name(&record), record)).collect();
            for contested in &round.records {
                // Each is contested once.
                let record = by_name.remove(&contested.record);
                let record = record.ok_or_else(|| ContestFault::NoRecord(contested.record.clone()))?;
                held.push(contested.check(record, roots)?);
            }
        }
        match held.is_empty() {
            true => Err(ContestFault::Malformed("it contests nothing")),
            false => Ok(held),
        }
    }
}

impl ContestedRound {
    /// The records that the validator signed.
    fn told(&self, genesis: Hash, netuid: u16, miner: AccountId) -> Result<Vec<Record>, ContestFault> {
        let validator: AccountId =
            from_hex(&self.validator).ok_or(ContestFault::Malformed("its validator is no account"))?;
        if self.pages.len() > MOST_PAGES {
            return Err(ContestFault::Malformed("a round has too many pages"));
        }
        let mut document = Vec::new();
        for (number, ToldPage { request, signed }) in self.pages.iter().enumerate() {
            let page = &signed.page;
            let told = Told { genesis, netuid, validator, asker: miner, request, page };
            let of_round =
                (request.part, request.epoch, request.round) == (Part::Own, self.epoch, self.round);
            if !of_round || !told.is_signed(&signed.signature) {
                return Err(ContestFault::NotTold(number + 1));
            }
            let at = document.len() as u64;
            let bytes = STANDARD.decode(&page.bytes).map_err(|_| ContestFault::BrokenDocument)?;
            if (request.from, page.from) != (at, at) {
                return Err(ContestFault::BrokenDocument);
            }
            document.extend(bytes);
        }
        let hash = to_hex(&blake2_256(&document));
        if self.pages.is_empty() || self.pages.iter().any(|told| told.signed.page.hash != hash) {
            return Err(ContestFault::BrokenDocument);
        }
        let records = records_in(&document).map_err(|_| ContestFault::BrokenDocument)?;
        let subject = (validator, miner_digest(&miner), netuid, self.epoch, self.round);
        for record in &records {
            if (record.signer, record.miner, record.netuid, record.epoch, record.round) != subject {
                return Err(ContestFault::OtherSubject(name(record)));
            }
        }
        Ok(records)
    }
}

impl ContestedRecord {
    fn new(record: &Record, opening: &SignedOpening, root: &AnswerRoot) -> Self {
        Self {
            record: name(record),
            leaf: to_hex(&opening.leaf.to_bytes()),
            index: opening.index,
            path: opening.path.iter().map(|hash| to_hex(hash)).collect(),
            list_epoch: root.epoch,
            answers: root.answers,
            root: to_hex(&root.root),
            block: root.block,
        }
    }

    fn check(&self, record: Record, roots: &[AnswerRoot]) -> Result<Held, ContestFault> {
        let named = || self.record.clone();
        if !denies_answer(&record) {
            return Err(ContestFault::NotDenied(named()));
        }
        let leaf = from_hex(&self.leaf).ok_or(ContestFault::Malformed("an answer has 256 digits"))?;
        let leaf = SignedLeaf::from_bytes(&leaf);
        let [answer, commitment] = signed_for(&record).map(|question| is_for(&leaf, &question));
        if !answer && !commitment {
            return Err(ContestFault::OtherQuestion(named()));
        }
        let path: Option<Vec<Hash>> = self.path.iter().take(MOST_STEPS).map(|hash| from_hex(hash)).collect();
        let path = path.ok_or(ContestFault::Malformed("a path has hashes of 64 digits"))?;
        let root = from_hex(&self.root).ok_or(ContestFault::Malformed("a root has 64 digits"))?;
        let opening = SignedOpening { leaf, index: self.index, path };
        if self.path.len() > MOST_STEPS || !opening.is_under(&ListRoot { len: self.answers, root }) {
            return Err(ContestFault::NotUnder(named()));
        }
        let &Self { list_epoch: epoch, answers, block, .. } = self;
        if !lists_of(record.epoch).contains(&epoch) {
            return Err(ContestFault::OtherEpoch { list: epoch, record: record.epoch });
        }
        let root = AnswerRoot { epoch, root, answers, block };
        if !roots.contains(&root) {
            return Err(ContestFault::NoRoot { root: self.root.clone(), epoch, answers, block });
        }
        Ok(Held { record, committed: commitment, root })
    }
}

/// The hash of a record. It was read from bytes, so it fits its form.
fn name(record: &Record) -> String {
    record.hash().map(|hash| to_hex(&hash)).unwrap_or_default()
}

/// A miner's lists, each with its root if the chain has it.
pub struct OwnAnswers(BTreeMap<u64, (SignedList, Option<AnswerRoot>)>);

/// A miner's answer to the question of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    leaf: SignedLeaf,
    /// Epoch of the list.
    pub epoch: u64,
    /// The root on the chain that it is under.
    pub root: Option<AnswerRoot>,
}

impl OwnAnswers {
    /// Reads the lists around these epochs from the [folder](signed::folder) of a miner.
    pub fn read(
        folder: &Path,
        epochs: impl IntoIterator<Item = u64>,
        roots: &[AnswerRoot],
    ) -> std::io::Result<Self> {
        let mut lists = BTreeMap::new();
        for epoch in epochs.into_iter().flat_map(lists_of) {
            if lists.contains_key(&epoch) {
                continue;
            }
            let list = SignedList::new(signed::read(folder, epoch)?);
            let ListRoot { len, root } = list.root();
            let is_same =
                |known: &&AnswerRoot| (known.epoch, known.root, known.answers) == (epoch, root, len);
            lists.insert(epoch, (list, roots.iter().find(is_same).copied()));
        }
        Ok(Self(lists))
    }

    /// The answer to the question of a record.
    pub fn find(&self, record: &Record) -> Option<Found> {
        let listed = |question: SignedLeaf, epoch: u64| {
            let (list, root) = self.0.get(&epoch)?;
            let (_, leaf) = list.find(&question.validator, &question.challenge)?;
            is_for(leaf, &question).then_some(Found { leaf: *leaf, epoch, root: *root })
        };
        let signed = signed_for(record).into_iter();
        let mut found = signed.flat_map(|leaf| lists_of(record.epoch).map(|epoch| listed(leaf, epoch)));
        found.find_map(|found| found)
    }

    /// The objection to a record: `None` unless the record denies an answer that is under a root on the chain.
    pub fn contest(&self, record: &Record) -> Option<ContestedRecord> {
        let Found { leaf, epoch, root } = self.find(record).filter(|_| denies_answer(record))?;
        let opening = self.0.get(&epoch)?.0.open(&leaf.validator, &leaf.challenge)?;
        Some(ContestedRecord::new(record, &opening, &root?))
    }
}

#[cfg(test)]
mod tests;

//! An epoch in an evidence folder, counted. It holds no request and no answer, and no hash of one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use myelin_subnet::chain::CommittedRoot;
use myelin_subnet::evidence::{
    CommittedEpoch, DeletedTask, EvidenceFolder, KeptMiner, KeptWeights, RoundOutline,
};
use myelin_wire::answer::SignedAnswer;
use myelin_wire::evidence::{Branches, EpochHead};
use myelin_wire::hash::{from_hex, to_hex, Hash};
use myelin_wire::record::{miner_digest, Reason, Record, MAX_PARTS};
use myelin_wire::AccountId;

use crate::output::{fail, Failure};

/// Most models of a miner that are told apart.
const MOST_MODELS: usize = 8;

/// Counts about answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Records, by the code of their reason.
    pub by_reason: [u64; Reason::ALL.len()],
    /// Answers that came.
    pub answers: u64,
    /// Answers with a valid signature, as the validator says.
    pub signed: u64,
    /// Records whose score counts, and the sum of their scores in millionths.
    pub scores: (u64, u64),
    /// Records of tasks that are made of customers' requests, and those of them whose texts were deleted.
    pub customers: (u64, u64),
    /// Records whose score counts although their texts were deleted.
    pub resting: u64,
    /// Sums of the parts of paid answers, in millionths, and the number of answers that have such a part.
    pub parts: [(u64, u64); MAX_PARTS],
}

impl Tally {
    fn add(&mut self, record: &Record, of_customer: Option<bool>) {
        if let Some(deleted) = of_customer {
            self.customers.0 += 1;
            self.customers.1 += u64::from(deleted);
            self.resting += u64::from(deleted && record.reason.counts());
        }
        self.by_reason[usize::from(record.reason.code())] += 1;
        self.answers += u64::from(record.answer != Hash::default());
        self.signed += u64::from(record.signed);
        if record.reason.counts() {
            self.scores.0 += 1;
            self.scores.1 += u64::from(record.score.get());
        }
        if record.reason.pays() {
            for ((sum, number), part) in self.parts.iter_mut().zip(&record.parts) {
                *sum += u64::from(part.get());
                *number += 1;
            }
        }
    }

    /// Records of a reason.
    pub fn of(&self, reason: Reason) -> u64 {
        self.by_reason[usize::from(reason.code())]
    }

    /// All records.
    pub fn records(&self) -> u64 {
        self.by_reason.iter().sum()
    }

    /// The mean score in millionths, rounded down; `None` without a score that counts.
    pub fn mean(&self) -> Option<u64> {
        self.scores.1.checked_div(self.scores.0)
    }

    /// The part of the score that rests on records whose texts were deleted, in millionths, rounded down, each record
    /// counted alike; `None` without a score that counts.
    pub fn resting(&self) -> Option<u64> {
        self.resting.saturating_mul(1_000_000).checked_div(self.scores.0)
    }

    /// The mean of each part in millionths, rounded down.
    pub fn parts(&self) -> Vec<u64> {
        self.parts.iter().map_while(|(sum, number)| sum.checked_div(*number)).collect()
    }
}

/// A miner in an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Miner {
    /// Counts about its answers.
    pub tally: Tally,
    /// Ids of the models that it declared in answers that it signed, and how often.
    pub models: BTreeMap<Hash, u64>,
    /// Signed answers whose model is not told apart any longer.
    pub more_models: u64,
    /// Commitments of the artefacts that it submitted to the mechanism and that were there.
    pub submitted: BTreeSet<Hash>,
}

/// An epoch as the folder has it.
#[derive(Clone, Debug, Default)]
pub struct Epoch {
    /// Its number.
    pub number: u64,
    /// The validator.
    pub validator: AccountId,
    /// Judged rounds.
    pub rounds: usize,
    /// Blocks that questions were drawn from, with their hashes.
    pub sources: BTreeMap<u64, Hash>,
    /// Hash of the chain's first block, as the rounds name it.
    pub genesis: Option<Hash>,
    /// Questions, each counted once for however many miners got it.
    pub questions: usize,
    /// Miners by uid and hotkey.
    pub miners: BTreeMap<(u16, AccountId), Miner>,
    /// All records together.
    pub all: Tally,
    /// The first bytes of the rubric's hash, as the records name it.
    pub rubrics: BTreeSet<[u8; 4]>,
    /// Texts that judged records name, and how many of them the folder has.
    pub texts: (usize, usize),
    /// Tasks of customers whose texts were deleted, of all mechanisms.
    pub deleted: Vec<DeletedTask>,
    /// Weights of the mechanism.
    pub weights: Option<KeptWeights>,
    /// Root of the tree over the folder.
    pub root: Hash,
    /// Whether only the public part is in the folder: no tasks, seeds, signatures and texts.
    pub public: bool,
}

/// The epoch to read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The folder.
    pub folder: &'a EvidenceFolder,
    /// The subnet.
    pub netuid: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// Kinds of the mechanism's tasks; `None` where they are not known. Then all tasks count.
    pub kinds: Option<&'a [String]>,
}

impl Wanted<'_> {
    /// Reads and counts an epoch.
    pub fn read(&self, number: u64) -> Result<Epoch, Failure> {
        let Wanted { folder, netuid, mechanism, .. } = *self;
        let rounds = folder.rounds(number);
        if rounds.is_empty() {
            return fail(format!(
                "epoch {number} of the evidence has no judged round, so there is nothing to report"
            ));
        }
        let public = folder.is_public_part(number);
        let mut epoch = Epoch { number, rounds: rounds.len(), public, ..Epoch::default() };
        let (mut signer, mut texts) = (None, HashSet::new());
        let branches = if public { public_branches(folder, number)? } else { None };
        // The miners of a public part are those under its root.
        let miners = branches.iter().flat_map(|branches| &branches.miners);
        let miners =
            miners.map(|miner| KeptMiner { uid: miner.uid, hotkey: to_hex(&miner.hotkey) }).collect();
        let of_all = RoundOutline { miners, ..RoundOutline::default() };
        epoch.deleted = folder.deleted(number)?;
        for round in rounds {
            let tasks = if public { of_all.clone() } else { folder.outline(number, round)? };
            let records = folder.records(number, round)?;
            epoch.place(&tasks, (netuid, round))?;
            for record in &records {
                ensure_own(record, (netuid, number, round), *signer.get_or_insert(record.signer))?;
            }
            let Some(signer) = signer else { continue };
            self.count(&mut epoch, &tasks, &records, &mut texts);
            if public {
                continue;
            }
            for signed in folder.signed(number, round)? {
                epoch.declared(&signed, signer, netuid);
            }
        }
        let Some(validator) = signer else {
            return fail(format!("the evidence of epoch {number} has no record: nobody was asked"));
        };
        epoch.validator = validator;
        epoch.texts = (texts.len(), texts.iter().filter(|hash| has_text(folder, number, hash)).count());
        epoch.weights = folder.weights(number)?.into_iter().find(|kept| kept.mechanism == mechanism);
        epoch.root = match branches {
            Some(branches) => branches.root().unwrap_or_default(),
            None => folder.tree(netuid, number, validator)?.tree.root(),
        };
        Ok(epoch)
    }

    /// Counts the records of the mechanism in a round.
    fn count(&self, epoch: &mut Epoch, tasks: &RoundOutline, records: &[Record], texts: &mut HashSet<Hash>) {
        let earlier = tasks.matured.iter();
        let miners = tasks.miners.iter().chain(tasks.entries.iter().map(|entry| &entry.miner));
        let hotkeys: HashMap<(u16, [u8; 16]), AccountId> =
            miners.chain(earlier.clone().flat_map(|matured| &matured.miners)).filter_map(by_digest).collect();
        let judged = tasks.tasks.iter().chain(earlier.flat_map(|matured| &matured.tasks));
        let is_ours = |kind: &String| self.kinds.is_none_or(|kinds| kinds.contains(kind));
        let of_others: HashSet<(Hash, u16)> = judged
            .filter(|task| !is_ours(&task.kind))
            .filter_map(|task| Some((from_hex(&task.seed)?, task.number)))
            .collect();
        let deleted: HashSet<(&str, u16)> =
            epoch.deleted.iter().map(|task| (task.seed.as_str(), task.number)).collect();
        let of_customers: HashMap<(Hash, u16), bool> = tasks
            .tasks
            .iter()
            .filter(|task| task.customer.is_some())
            .filter_map(|task| {
                let is_deleted = deleted.contains(&(task.seed.as_str(), task.number));
                Some(((from_hex(&task.seed)?, task.number), is_deleted))
            })
            .collect();
        let mut questions = HashSet::new();
        for record in records.iter().filter(|record| !of_others.contains(&(record.seed, record.task))) {
            questions.insert((record.seed, record.task));
            let of_customer = of_customers.get(&(record.seed, record.task)).copied();
            epoch.all.add(record, of_customer);
            epoch.rubrics.insert(record.rubric);
            if record.reason != Reason::Counted {
                let named =
                    [record.request, record.answer].into_iter().filter(|hash| *hash != Hash::default());
                texts.extend(named);
            }
            if let Some(hotkey) = hotkeys.get(&(record.miner_uid, record.miner)) {
                epoch.miners.entry((record.miner_uid, *hotkey)).or_default().tally.add(record, of_customer);
            }
        }
        for entry in tasks.entries.iter().filter(|entry| entry.mechanism == self.mechanism) {
            let hotkey: Option<AccountId> = from_hex(&entry.miner.hotkey);
            let miner = hotkey.and_then(|hotkey| epoch.miners.get_mut(&(entry.miner.uid, hotkey)));
            let commitment = from_hex(&entry.commitment).filter(|_| entry.missing.is_none());
            if let (Some(miner), Some(commitment)) = (miner, commitment) {
                miner.submitted.insert(commitment);
            }
        }
        epoch.questions += questions.len();
    }
}

impl Epoch {
    /// Notes the block of a round, and refuses the rounds of another subnet or of two chains.
    fn place(&mut self, tasks: &RoundOutline, (netuid, round): (u16, u16)) -> Result<(), Failure> {
        let Some(source) = &tasks.source else { return Ok(()) };
        let (number, place) = (self.number, format!("round {round} of epoch {}", self.number));
        ensure_netuid(source.netuid, netuid)?;
        let (Some(genesis), Some(hash)) = (from_hex(&source.genesis), from_hex(&source.hash)) else {
            return fail(format!(
                "{place} names a block by something that is no hash; fetch the epoch again"
            ));
        };
        if *self.genesis.get_or_insert(genesis) != genesis {
            return fail(format!("the rounds of epoch {number} are of two chains; fetch the epoch again"));
        }
        self.sources.insert(source.block, hash);
        Ok(())
    }

    /// Notes the model of an answer that its miner signed for this validator. A signature is checked once for each
    /// miner and model, so the work is bounded by the number of miners.
    fn declared(&mut self, signed: &SignedAnswer, validator: AccountId, netuid: u16) {
        let claim = &signed.claim;
        let is_here = claim.validator == validator
            && claim.netuid == netuid
            && Some(claim.genesis_hash) == self.genesis;
        if !is_here {
            return;
        }
        // A hotkey has one uid in an epoch, or two if it registered anew; the answer counts for the first.
        let Some((_, miner)) = self.miners.iter_mut().find(|((_, hotkey), _)| *hotkey == claim.miner) else {
            return;
        };
        if let Some(times) = miner.models.get_mut(&claim.model_id) {
            *times += 1;
        } else if miner.models.len() >= MOST_MODELS {
            miner.more_models += 1;
        } else if signed.verify() {
            miner.models.insert(claim.model_id, 1);
        }
    }
}

/// The head and the miners of a public part, whose records are checked against them.
fn public_branches(folder: &EvidenceFolder, number: u64) -> Result<Option<Branches>, Failure> {
    let Some(bytes) = folder.branches(number)? else { return Ok(None) };
    let wrong = |why: String| Failure::new(format!("epoch {number} of the evidence: {why}; fetch it again"));
    let branches = Branches::from_bytes(&bytes).map_err(|error| wrong(error.to_string()))?;
    let EpochHead { netuid, epoch, validator: signer, .. } = branches.head;
    let by = CommittedRoot { validator: signer, signer, root: branches.root().unwrap_or_default() };
    // The report says beside the root whether it is the one on the chain.
    folder.checked_records(&CommittedEpoch { netuid, epoch, by }).map_err(|why| wrong(why.to_string()))?;
    Ok(Some(branches))
}

/// Refuses the evidence of another subnet.
fn ensure_netuid(found: u16, netuid: u16) -> Result<(), Failure> {
    match found == netuid {
        true => Ok(()),
        false => fail(format!(
            "the evidence is of subnet {found}, and --netuid is {netuid}; name the folder of a validator of this subnet"
        )),
    }
}

/// Refuses a record of another subnet, epoch, round or validator.
fn ensure_own(
    record: &Record,
    (netuid, epoch, round): (u16, u64, u16),
    signer: AccountId,
) -> Result<(), Failure> {
    ensure_netuid(record.netuid, netuid)?;
    let (theirs, ours) = ((record.epoch, record.round, record.signer), (epoch, round, signer));
    match theirs == ours {
        true => Ok(()),
        false => fail(format!(
            "a record in round {round} of epoch {epoch} is of another epoch, round or validator; fetch the epoch again"
        )),
    }
}

fn by_digest(miner: &KeptMiner) -> Option<((u16, [u8; 16]), AccountId)> {
    let hotkey: AccountId = from_hex(&miner.hotkey)?;
    Some(((miner.uid, miner_digest(&hotkey)), hotkey))
}

fn has_text(folder: &EvidenceFolder, epoch: u64, hash: &Hash) -> bool {
    folder.path.join(format!("epoch-{epoch:06}")).join("texts").join(to_hex(hash)).is_file()
}

/// Kinds of tasks that the text of rules names.
pub fn kinds_in(rules: &str) -> Vec<String> {
    let kind = |line: &str| Some(line.strip_prefix("task ")?.split(' ').next()?.to_owned());
    rules.lines().filter_map(kind).collect()
}

/// Names of the parts of a score, from the text of rules: those of the rubric that its first lines are, if records name
/// that one.
pub fn parts_in(rules: &str, named: &BTreeSet<[u8; 4]>) -> Option<Vec<String>> {
    let is_of_rubric = |line: &&str| {
        line.starts_with("myelin/rubric/") || line.starts_with("share ") || line.starts_with("factor ")
    };
    let lines: Vec<&str> = rules.lines().take_while(is_of_rubric).collect();
    let text: String = lines.iter().flat_map(|line| [*line, "\n"]).collect();
    let hash = myelin_wire::hash::blake2_256(text.as_bytes());
    let same = named.len() == 1 && named.iter().all(|tag| hash.starts_with(tag));
    let name = |line: &&str| line.split(' ').nth(1).map(str::to_owned);
    same.then(|| lines.iter().skip(1).filter_map(name).collect())
}

#[cfg(test)]
pub mod tests;

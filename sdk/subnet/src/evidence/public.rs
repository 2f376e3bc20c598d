//! The public part of an epoch: whoever has it and the root on the chain checks that no record was changed, added or
//! left out, without tasks and texts.
//!
//! A folder of such parts has the same file forms as the validator's own, and in each epoch a file `branches`: the head
//! and the miners under the root ([`Branches`]). Tasks, seeds, signatures and texts are not in it.

use std::{
    collections::{BTreeMap, HashMap},
    fs, io,
    path::{Path, PathBuf},
};

use myelin_wire::{
    evidence::{possession_tag, Branches, ListRoot, TAG_LEN},
    hash::{blake2_256, to_hex, Hash},
    record::miner_digest,
    AccountId,
};
use serde::Serialize;

use super::{
    damaged, disk, leaves_in, read_up_to, read_whole, record_bytes, records_in, round_file, write_whole,
    EvidenceError, EvidenceFolder, KeptWeights, RoundStandings,
};
use crate::chain::CommittedRoot;

/// Most rounds of an epoch.
pub(crate) const MOST_ROUNDS: usize = 256;

/// An epoch of a validator, and the root that it committed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommittedEpoch {
    /// The subnet.
    pub netuid: u16,
    /// The epoch.
    pub epoch: u64,
    /// The validator, and its root.
    pub by: CommittedRoot,
}

/// The public part of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct PublicPart {
    /// The upper half of the evidence tree.
    pub branches: Branches,
    /// The records of each round in their canonical form.
    pub records: BTreeMap<u16, Vec<u8>>,
    /// Hashes of the standings around each round.
    pub around: BTreeMap<u16, RoundStandings>,
    /// Standings by their hash, in their canonical form.
    pub standings: BTreeMap<Hash, Vec<u8>>,
    /// The weights, which are not under the root: the chain has them as well.
    pub weights: Vec<KeptWeights>,
}

fn shown(root: Option<&Hash>) -> String {
    root.map_or_else(|| "none".into(), |root| to_hex(root))
}

/// Reason why a public part is not what its validator committed to.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// The upper half of the tree has no form.
    #[error("the upper half of the tree cannot be read: {0}")]
    Malformed(String),
    /// The upper half leads to another root.
    #[error("the tree has the root {}, and the chain has {}", shown(found.as_ref()), to_hex(expected))]
    OtherRoot {
        /// The root of the tree, if its miners are those of its head.
        found: Option<Hash>,
        /// The root on the chain.
        expected: Hash,
    },
    /// The head names another occasion.
    #[error(
        "the tree is of subnet {netuid}, epoch {epoch} and validator 0x{}, not of those asked for",
        to_hex(validator)
    )]
    OtherEpoch {
        /// The subnet that the head names.
        netuid: u16,
        /// Its epoch.
        epoch: u64,
        /// Its validator.
        validator: AccountId,
    },
    /// Records cannot be read, or are of another occasion.
    #[error("the records of round {round} are not those of the epoch: {what}")]
    Round {
        /// The round.
        round: u16,
        /// Defect of the records.
        what: String,
    },
    /// The records of a miner are not those under the root.
    #[error("the records about uid {0} are not those under the root: some were changed, added or left out")]
    Records(u16),
    /// There are records about a miner that is not under the root.
    #[error("there are records about uid {0}, which is not under the root")]
    NoSuchMiner(u16),
    /// Standings have another hash.
    #[error("the standings {0} are not those under the root or of that hash")]
    Standings(&'static str),
    /// Files cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

impl CommittedEpoch {
    /// Reads the upper half of the tree, and checks that it is the one that was committed to.
    pub fn branches(&self, bytes: &[u8]) -> Result<Branches, Unproven> {
        let branches = Branches::from_bytes(bytes).map_err(|error| Unproven::Malformed(error.to_string()))?;
        let (found, expected) = (branches.root(), self.by.root);
        if found != Some(expected) {
            return Err(Unproven::OtherRoot { found, expected });
        }
        let myelin_wire::evidence::EpochHead { netuid, epoch, validator, .. } = branches.head;
        match (netuid, epoch, validator) == (self.netuid, self.epoch, self.by.signer) {
            true => Ok(branches),
            false => Err(Unproven::OtherEpoch { netuid, epoch, validator }),
        }
    }

    /// Reads the records of a round, and returns them in their canonical form.
    pub fn records(&self, round: u16, bytes: &[u8]) -> Result<Vec<u8>, Unproven> {
        let wrong = |what: String| Unproven::Round { round, what };
        let records = records_in(bytes).map_err(wrong)?;
        let own = (self.netuid, self.epoch, round, self.by.signer);
        let foreign =
            records.iter().any(|record| (record.netuid, record.epoch, record.round, record.signer) != own);
        if foreign {
            return Err(wrong("a record is of another subnet, epoch, round or validator".into()));
        }
        record_bytes(records.iter()).map_err(|error| wrong(error.to_string()))
    }
}

/// Checks that the records of all rounds, in ascending order, are those under the root: all of each miner, and no
/// others.
pub fn check_records<'a>(
    branches: &Branches,
    rounds: impl IntoIterator<Item = (&'a u16, &'a Vec<u8>)>,
) -> Result<(), Unproven> {
    let mut leaves: HashMap<(u16, [u8; 16]), Vec<Hash>> = HashMap::new();
    for (round, bytes) in rounds {
        let wrong = |what: String| Unproven::Round { round: *round, what };
        for (record, leaf) in leaves_in(bytes).map_err(wrong)? {
            leaves.entry((record.miner_uid, record.miner)).or_default().push(leaf);
        }
    }
    for miner in &branches.miners {
        let found = leaves.remove(&(miner.uid, miner_digest(&miner.hotkey))).unwrap_or_default();
        if ListRoot::of(&found) != miner.records {
            return Err(Unproven::Records(miner.uid));
        }
    }
    match leaves.keys().map(|(uid, _)| *uid).min() {
        Some(uid) => Err(Unproven::NoSuchMiner(uid)),
        None => Ok(()),
    }
}

impl PublicPart {
    /// Checks records and standings against the root. Whoever reads the branches has checked those.
    pub fn check(&self) -> Result<(), Unproven> {
        check_records(&self.branches, &self.records)?;
        let head = &self.branches.head;
        let first = self.around.values().next().map(|around| around.before.clone());
        let last = self.around.values().next_back().map(|around| around.after.clone());
        let fits =
            |hash: Option<String>, under: &Hash| hash.unwrap_or_else(|| to_hex(&[0; 32])) == to_hex(under);
        if !fits(first, &head.before) {
            return Err(Unproven::Standings("before the epoch"));
        }
        if !fits(last, &head.after) {
            return Err(Unproven::Standings("after the epoch"));
        }
        match self.standings.iter().all(|(hash, bytes)| blake2_256(bytes) == *hash) {
            true => Ok(()),
            false => Err(Unproven::Standings("of a round")),
        }
    }

    /// Writes the files of the epoch into a new folder.
    fn write_to(&self, folder: &Path) -> Result<(), EvidenceError> {
        let standings = folder.join("standings");
        crate::private::create_folder(&standings).map_err(|found| disk("creating", &standings, found))?;
        for (hash, bytes) in &self.standings {
            write_whole(&standings.join(to_hex(hash)), bytes)?;
        }
        for (round, bytes) in &self.records {
            write_whole(&round_file(folder, *round, "records"), bytes)?;
        }
        for (round, around) in &self.around {
            write_json(&round_file(folder, *round, "standings"), around)?;
        }
        for kept in &self.weights {
            write_json(&folder.join(format!("weights-{:02}", kept.mechanism)), kept)?;
        }
        write_whole(&branches_file(folder), &self.branches.to_bytes())
    }
}

impl EvidenceFolder {
    /// Folder of the evidence that is held of other validators, beside the own.
    pub fn held(&self) -> PathBuf {
        self.path.with_file_name("held")
    }

    /// Evidence that is held of another validator, by the hotkey that signed it.
    pub fn held_of(&self, signer: &AccountId) -> EvidenceFolder {
        EvidenceFolder { path: self.held().join(to_hex(signer)), keep: self.keep }
    }

    /// Keeps the upper half of an epoch's tree.
    pub fn write_branches(&self, epoch: u64, branches: &Branches) -> Result<(), EvidenceError> {
        write_whole(&branches_file(&self.epoch_path(epoch)), &branches.to_bytes())
    }

    /// The upper half of an epoch's tree in its canonical form; `None` if it was not kept.
    pub fn branches(&self, epoch: u64) -> Result<Option<Vec<u8>>, EvidenceError> {
        let path = self.branches_file(epoch);
        path.map(|path| read_up_to(&path, Branches::MOST_BYTES as u64)).transpose()
    }

    /// The file of the upper half of an epoch's tree; `None` if it was not kept.
    pub(crate) fn branches_file(&self, epoch: u64) -> Option<PathBuf> {
        Some(branches_file(&self.epoch_path(epoch))).filter(|path| path.exists())
    }

    /// The same of the validator's own evidence. It is computed once, and kept.
    pub fn own_branches(&self, epoch: u64) -> Result<Option<Vec<u8>>, EvidenceError> {
        if let Some(kept) = self.branches(epoch)? {
            return Ok(Some(kept));
        }
        let Some((netuid, signer)) = self.judge_of(epoch)? else { return Ok(None) };
        let branches = self.tree(netuid, epoch, signer)?.tree.branches();
        self.write_branches(epoch, &branches)?;
        Ok(Some(branches.to_bytes()))
    }

    /// Subnet and validator that the first record of an epoch names.
    pub fn judge_of(&self, epoch: u64) -> Result<Option<(u16, AccountId)>, EvidenceError> {
        for round in self.rounds(epoch) {
            if let Some(first) = self.records(epoch, round)?.first() {
                return Ok(Some((first.netuid, first.signer)));
            }
        }
        Ok(None)
    }

    /// Whether only the public part of an epoch is here: no tasks, seeds, signatures and texts.
    pub fn is_public_part(&self, epoch: u64) -> bool {
        let folder = self.epoch_path(epoch);
        let has_tasks = |round: &u16| round_file(&folder, *round, "tasks").exists();
        branches_file(&folder).exists() && !self.rounds(epoch).iter().any(has_tasks)
    }

    /// The records of all rounds of an epoch, checked against the root on the chain.
    pub fn checked_records(&self, wanted: &CommittedEpoch) -> Result<BTreeMap<u16, Vec<u8>>, Unproven> {
        let none = || Unproven::Malformed("it is not here".into());
        let branches = wanted.branches(&self.branches(wanted.epoch)?.ok_or_else(none)?)?;
        let mut records = BTreeMap::new();
        for round in self.rounds(wanted.epoch).into_iter().take(MOST_ROUNDS) {
            let bytes = read_whole(&self.records_file(wanted.epoch, round))?;
            records.insert(round, wanted.records(round, &bytes)?);
        }
        check_records(&branches, &records)?;
        Ok(records)
    }

    /// Keeps the public part of an epoch, in place of an earlier one. It appears whole or not at all.
    pub fn write_public(&self, epoch: u64, part: &PublicPart) -> Result<(), EvidenceError> {
        self.replace(epoch, |beside| part.write_to(beside))
    }

    /// Puts a folder that `write` fills in the place of an epoch. If `write` fails, nothing of the new folder is left,
    /// because a disk that is full needs the room, and the earlier epoch stays.
    fn replace(
        &self,
        epoch: u64,
        write: impl FnOnce(&Path) -> Result<(), EvidenceError>,
    ) -> Result<(), EvidenceError> {
        let (beside, path) = (self.path.join(format!("epoch-{epoch:06}.part")), self.epoch_path(epoch));
        remove_folder(&beside)?;
        write(&beside).and_then(|()| remove_folder(&path)).inspect_err(|_| {
            // The first error says what is wrong.
            let _ = remove_folder(&beside);
        })?;
        // The earlier epoch is gone: a new one that cannot be moved stays beside, and the next attempt replaces it.
        fs::rename(&beside, &path).map_err(|found| disk("moving", &path, found))
    }

    /// Removes the epochs before `first` and what an interrupted write left, and the folder itself once it is empty.
    pub fn remove_before(&self, first: u64) -> Result<(), EvidenceError> {
        for entry in fs::read_dir(&self.path).into_iter().flatten().flatten() {
            if entry.path().extension().is_some_and(|end| end == "part") {
                remove_folder(&entry.path())?;
            }
        }
        let epochs = self.epochs();
        for epoch in epochs.iter().take_while(|epoch| **epoch < first) {
            remove_folder(&self.epoch_path(*epoch))?;
        }
        match epochs.last().is_none_or(|last| *last < first) {
            true => remove_folder(&self.path),
            false => Ok(()),
        }
    }
}

/// The tag with which a holder states that it has these records.
pub fn tag_of(
    holder: &AccountId,
    (netuid, epoch): (u16, u64),
    records: &BTreeMap<u16, Vec<u8>>,
) -> [u8; TAG_LEN] {
    let records: Vec<&[u8]> = records.values().map(Vec::as_slice).collect();
    possession_tag(holder, netuid, epoch, &records)
}

fn branches_file(folder: &Path) -> PathBuf {
    folder.join("branches")
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), EvidenceError> {
    write_whole(path, &serde_json::to_vec(value).map_err(|error| damaged(path, error))?)
}

fn remove_folder(path: &Path) -> Result<(), EvidenceError> {
    match fs::remove_dir_all(path) {
        Err(found) if found.kind() != io::ErrorKind::NotFound => Err(disk("removing", path, found)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

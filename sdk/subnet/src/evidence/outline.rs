//! A round's list of tasks without requests and hidden parts, which are most of its file, or without the tasks.

use std::io::{BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::Deserialize;

use super::{
    damaged, disk, opened, round_file, EvidenceError, EvidenceFolder, KeptEntry, KeptMiner, KeptSource,
    TASKS_LIMIT,
};

/// Longest file that is read at once, which is twice as fast as piece by piece.
const AT_ONCE: u64 = 64 << 20;

/// Miners that were asked in a round, and its source: the list of tasks without those that were judged. The fields are
/// those of [`RoundTasks`](super::RoundTasks).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoundAsked {
    /// The miners.
    pub miners: Vec<KeptMiner>,
    /// Source of the common seed.
    #[serde(default)]
    pub source: Option<KeptSource>,
    /// Submissions. They are in a file of their own.
    #[serde(skip)]
    pub entries: Vec<KeptEntry>,
    /// Tasks that were asked in this round and are judged in a later one.
    #[serde(default)]
    pub deferred: Vec<OutlinedTask>,
    /// Tasks of earlier rounds that are judged in this one.
    #[serde(default)]
    pub matured: Vec<OutlinedEarlier>,
}

/// Miners and tasks of a round. The fields are those of [`RoundTasks`](super::RoundTasks).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoundOutline {
    /// The miners.
    pub miners: Vec<KeptMiner>,
    /// The tasks.
    #[serde(default)]
    pub tasks: Vec<OutlinedTask>,
    /// Source of the common seed.
    #[serde(default)]
    pub source: Option<KeptSource>,
    /// Submissions. They are in a file of their own.
    #[serde(skip)]
    pub entries: Vec<KeptEntry>,
    /// Tasks that were asked in this round and are judged in a later one.
    #[serde(default)]
    pub deferred: Vec<OutlinedTask>,
    /// Tasks of earlier rounds that are judged in this one.
    #[serde(default)]
    pub matured: Vec<OutlinedEarlier>,
}

/// A task by its place.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OutlinedTask {
    /// Reference of its seed, hexadecimal.
    pub seed: String,
    /// Its number within the seed.
    pub number: u16,
    /// Its kind.
    pub kind: String,
    /// The commitment to its private part, if it is made of a customer's request.
    #[serde(default)]
    pub customer: Option<String>,
}

/// Tasks of an earlier round.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OutlinedEarlier {
    /// The mechanism.
    #[serde(default)]
    pub mechanism: u8,
    /// The miners that were asked.
    pub miners: Vec<KeptMiner>,
    /// The tasks.
    #[serde(default)]
    pub tasks: Vec<OutlinedTask>,
}

impl EvidenceFolder {
    /// Reads a round's list of tasks. Requests and hidden parts are passed over.
    pub fn outline(&self, epoch: u64, round: u16) -> Result<RoundOutline, EvidenceError> {
        let outline: RoundOutline = list(&round_file(&self.epoch_path(epoch), round, "tasks"))?;
        Ok(RoundOutline { entries: self.entries(epoch, round)?, ..outline })
    }

    /// The same without its tasks.
    pub fn asked(&self, epoch: u64, round: u16) -> Result<RoundAsked, EvidenceError> {
        let asked: RoundAsked = list(&round_file(&self.epoch_path(epoch), round, "tasks"))?;
        Ok(RoundAsked { entries: self.entries(epoch, round)?, ..asked })
    }
}

/// The content of a list of tasks. A long one is read piece by piece.
fn list<T: DeserializeOwned>(path: &Path) -> Result<T, EvidenceError> {
    let file = opened(path)?;
    let length = file.metadata().map_err(|found| disk("reading", path, found))?.len();
    let mut file = file.take(TASKS_LIMIT);
    let read = match length <= AT_ONCE {
        true => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(|found| disk("reading", path, found))?;
            serde_json::from_slice(&bytes)
        }
        false => serde_json::from_reader(BufReader::new(file)),
    };
    read.map_err(|error| damaged(path, error))
}

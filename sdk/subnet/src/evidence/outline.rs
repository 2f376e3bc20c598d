//! A round's list of tasks without requests and hidden parts, which are most of its file.

use std::io::{BufReader, Read};

use serde::Deserialize;

use super::{
    damaged, opened, round_file, EvidenceError, EvidenceFolder, KeptEntry, KeptMiner, KeptSource, TASKS_LIMIT,
};

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
    /// Reads a round's list of tasks piece by piece. Requests and hidden parts are passed over.
    pub fn outline(&self, epoch: u64, round: u16) -> Result<RoundOutline, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "tasks");
        let read = serde_json::from_reader(BufReader::new(opened(&path)?.take(TASKS_LIMIT)));
        let outline: RoundOutline = read.map_err(|error| damaged(&path, error))?;
        Ok(RoundOutline { entries: self.entries(epoch, round)?, ..outline })
    }
}

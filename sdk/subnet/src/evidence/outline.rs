//! A round's list of tasks without requests and hidden parts, which are most of its file.

use std::io::{BufReader, Read};

use serde::de::{DeserializeOwned, IgnoredAny};
use serde::Deserialize;

use super::{
    damaged, disk, opened, round_file, EvidenceError, EvidenceFolder, KeptEntry, KeptMiner, KeptSource,
    TASKS_LIMIT,
};

/// Longest file that is read at once, which is twice as fast as piece by piece.
const AT_ONCE: u64 = 64 << 20;

/// Miners and tasks of a round, of which `T` is kept. The fields are those of [`RoundTasks`](super::RoundTasks).
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoundOutline<T = OutlinedTask> {
    /// The miners.
    pub miners: Vec<KeptMiner>,
    /// The tasks.
    #[serde(default)]
    pub tasks: Vec<T>,
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

/// Miners of a round and their number of tasks.
pub type RoundAsked = RoundOutline<IgnoredAny>;

/// A task by its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
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
        self.list(epoch, round)
    }

    /// The same without what its tasks are.
    pub fn asked(&self, epoch: u64, round: u16) -> Result<RoundAsked, EvidenceError> {
        self.list(epoch, round)
    }

    /// A long list is read piece by piece.
    fn list<T: DeserializeOwned + Default>(
        &self,
        epoch: u64,
        round: u16,
    ) -> Result<RoundOutline<T>, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "tasks");
        let unread = |found| disk("reading", &path, found);
        let file = opened(&path)?;
        let length = file.metadata().map_err(unread)?.len();
        let mut file = file.take(TASKS_LIMIT);
        let read = match length <= AT_ONCE {
            true => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes).map_err(unread)?;
                serde_json::from_slice(&bytes)
            }
            false => serde_json::from_reader(BufReader::new(file)),
        };
        let list: RoundOutline<T> = read.map_err(|error| damaged(&path, error))?;
        Ok(RoundOutline { entries: self.entries(epoch, round)?, ..list })
    }
}

//! A validator's memory on disk: one file that survives crashes.
//!
//! Two promises: a round enters the averages exactly once, because averages, subnet state and progress are written in
//! one transaction; and no commitment to weights leaves the process before its salt is on disk.

use std::{collections::BTreeMap, path::Path};

use myelin_wire::AccountId;
use redb::{Durability, ReadableTable, TableDefinition};
use serde::{de::DeserializeOwned, Serialize};

use super::{
    commitment::PendingWeights,
    deferred::{Waiting, WaitingKey},
    schedule::Progress,
};
use crate::{
    database::{existing, DatabaseFile, Fault},
    evaluation::Standings,
};

const META: TableDefinition<&str, &[u8]> = TableDefinition::new("meta");
const STANDINGS: TableDefinition<&[u8], &[u8]> = TableDefinition::new("standings");
const PENDING: TableDefinition<u64, &[u8]> = TableDefinition::new("pending-weights");
const WAITING: TableDefinition<WaitingKey, &[u8]> = TableDefinition::new("waiting-tasks");
const ANSWERS: TableDefinition<WaitingKey, &[u8]> = TableDefinition::new("waiting-answers");

/// Owner of a store; opening it for any other is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct StoreIdentity {
    /// Hash of the chain's block 0.
    pub genesis: [u8; 32],
    /// The subnet.
    pub netuid: u16,
    /// The validator.
    pub hotkey: AccountId,
    /// Name and version of the subnet's protocol.
    pub protocol: String,
}

/// Reason why the memory could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file could not be opened, read or written.
    #[error("{attempted} in {path} failed: {found}")]
    File {
        /// The operation.
        attempted: &'static str,
        /// The file.
        path: String,
        /// Error of the storage.
        found: String,
    },
    /// The file belongs to another chain, subnet, hotkey or protocol.
    #[error(
        "{path} belongs to another {field}; use a state folder of its own for each chain, subnet and hotkey"
    )]
    Foreign {
        /// The file.
        path: String,
        /// The part of the identity that differs.
        field: &'static str,
    },
}

/// State that a validator keeps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory<T> {
    /// Progress in the epoch.
    pub progress: Progress,
    /// Averages by mechanism and hotkey.
    pub standings: Standings,
    /// State of the subnet.
    pub subnet: T,
    /// Commitments that wait for their epoch, by the epoch in which they were made and the mechanism.
    pub pending: BTreeMap<(u64, u8), PendingWeights>,
    /// The rules by which each mechanism was last judged without contradicting the chain.
    pub agreed: BTreeMap<u8, AgreedRules>,
    /// Tasks that wait for their outcome. Their answers stay on disk until then.
    pub waiting: BTreeMap<WaitingKey, Waiting>,
}

/// Rules that were in force, or that no announcement on the chain contradicted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct AgreedRules {
    /// Their hash.
    pub hash: [u8; 32],
    /// The last epoch for which that is true.
    pub epoch: u64,
}

/// The key of an average: the hotkey, followed by the mechanism unless that is the first.
fn standing_key((mechanism, hotkey): &(u8, AccountId)) -> Vec<u8> {
    match mechanism {
        0 => hotkey.to_vec(),
        mechanism => [&hotkey[..], &[*mechanism]].concat(),
    }
}

fn read_standing_key(bytes: &[u8]) -> Option<(u8, AccountId)> {
    let (hotkey, rest) = bytes.split_first_chunk()?;
    match rest {
        [] => Some((0, *hotkey)),
        [mechanism] => Some((*mechanism, *hotkey)),
        _ => None,
    }
}

/// The key of a commitment: its epoch, with the mechanism in the highest byte.
fn pending_key(epoch: u64, mechanism: u8) -> u64 {
    epoch | u64::from(mechanism) << 56
}

/// The database file of a validator.
pub struct ValidatorStore(DatabaseFile);

impl ValidatorStore {
    /// Opens or creates the file for `identity`.
    pub fn open(path: &Path, identity: &StoreIdentity) -> Result<Self, StoreError> {
        let failed = |fault: Fault| StoreError::File {
            attempted: "opening",
            path: path.display().to_string(),
            found: fault.to_string(),
        };
        let store = Self(DatabaseFile::open(path).map_err(failed)?);
        match store.meta::<StoreIdentity>("identity")? {
            None => store.write("creating", |tables| tables.set_meta("identity", identity))?,
            Some(found) => store.check(&found, identity)?,
        }
        Ok(store)
    }

    fn check(&self, found: &StoreIdentity, expected: &StoreIdentity) -> Result<(), StoreError> {
        let differs = [
            ("chain", found.genesis != expected.genesis),
            ("subnet", found.netuid != expected.netuid),
            ("hotkey", found.hotkey != expected.hotkey),
            ("version of the subnet's protocol", found.protocol != expected.protocol),
        ];
        match differs.into_iter().find(|(_, differs)| *differs) {
            Some((field, _)) => Err(StoreError::Foreign { path: self.0.shown(), field }),
            None => Ok(()),
        }
    }

    /// Reads everything.
    pub fn load<T: DeserializeOwned + Default>(&self) -> Result<Memory<T>, StoreError> {
        let mut memory = Memory {
            progress: self.meta("progress")?.unwrap_or_default(),
            subnet: self.meta("subnet")?.unwrap_or_default(),
            standings: BTreeMap::new(),
            pending: BTreeMap::new(),
            agreed: self.meta("agreed")?.unwrap_or_default(),
            waiting: BTreeMap::new(),
        };
        self.read("reading", |transaction| {
            if let Some(table) = existing(transaction.open_table(STANDINGS))? {
                for row in table.iter()? {
                    let (hotkey, standing) = row?;
                    let key = read_standing_key(hotkey.value()).ok_or("a hotkey is not 32 bytes")?;
                    memory.standings.insert(key, serde_json::from_slice(standing.value())?);
                }
            }
            if let Some(table) = existing(transaction.open_table(PENDING))? {
                for row in table.iter()? {
                    let pending: PendingWeights = serde_json::from_slice(row?.1.value())?;
                    memory.pending.insert((pending.epoch, pending.mechanism), pending);
                }
            }
            if let Some(table) = existing(transaction.open_table(WAITING))? {
                for row in table.iter()? {
                    let (key, waiting) = row?;
                    memory.waiting.insert(key.value(), serde_json::from_slice(waiting.value())?);
                }
            }
            Ok(())
        })?;
        Ok(memory)
    }

    /// Saves a finished round in one transaction: averages, the subnet's state, waiting tasks, and progress. `answers`
    /// are those of tasks that wait from this round on.
    pub fn finish_round<T: Serialize>(
        &self,
        memory: &Memory<T>,
        answers: &BTreeMap<WaitingKey, Vec<u8>>,
    ) -> Result<(), StoreError> {
        self.write("saving a round", |tables| {
            let mut table = tables.0.open_table(STANDINGS)?;
            let kept =
                |key: &[u8]| read_standing_key(key).is_some_and(|key| memory.standings.contains_key(&key));
            table.retain(|key, _| kept(key))?;
            for (key, standing) in &memory.standings {
                table.insert(standing_key(key).as_slice(), serde_json::to_vec(standing)?.as_slice())?;
            }
            drop(table);
            tables.keep_waiting(&memory.waiting, answers)?;
            tables.set_meta("subnet", &memory.subnet)?;
            tables.set_meta("progress", &memory.progress)
        })
    }

    /// The answers to tasks that wait.
    pub fn answers(&self, key: &WaitingKey) -> Result<Option<Vec<u8>>, StoreError> {
        self.read("reading answers", |transaction| {
            let Some(table) = existing(transaction.open_table(ANSWERS))? else { return Ok(None) };
            Ok(table.get(key)?.map(|answers| answers.value().to_vec()))
        })
    }

    /// Saves progress alone.
    pub fn save_progress(&self, progress: &Progress) -> Result<(), StoreError> {
        self.write("saving progress", |tables| tables.set_meta("progress", progress))
    }

    /// Saves the rules by which mechanisms were judged without contradicting the chain.
    pub fn save_agreed(&self, agreed: &BTreeMap<u8, AgreedRules>) -> Result<(), StoreError> {
        self.write("saving the rules", |tables| tables.set_meta("agreed", agreed))
    }

    /// Saves or updates a commitment to weights.
    pub fn save_pending(&self, pending: &PendingWeights) -> Result<(), StoreError> {
        self.write("saving weights", |tables| {
            let mut table = tables.0.open_table(PENDING)?;
            let key = pending_key(pending.epoch, pending.mechanism);
            table.insert(key, serde_json::to_vec(pending)?.as_slice())?;
            Ok(())
        })
    }

    /// Forgets a commitment that was revealed or has expired.
    pub fn drop_pending(&self, epoch: u64, mechanism: u8) -> Result<(), StoreError> {
        self.write("dropping weights", |tables| {
            tables.0.open_table(PENDING)?.remove(pending_key(epoch, mechanism))?;
            Ok(())
        })
    }

    fn meta<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, StoreError> {
        self.read("reading", |transaction| {
            let Some(table) = existing(transaction.open_table(META))? else { return Ok(None) };
            let value = table.get(key)?;
            value.map(|value| serde_json::from_slice(value.value()).map_err(Fault::from)).transpose()
        })
    }

    fn read<T>(
        &self,
        attempted: &'static str,
        body: impl FnOnce(&redb::ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        self.0.read(body).map_err(|fault| self.failed(attempted, fault))
    }

    fn write(
        &self,
        attempted: &'static str,
        body: impl FnOnce(&Tables) -> Result<(), Fault>,
    ) -> Result<(), StoreError> {
        let written = self.0.write(Durability::Immediate, |transaction| body(&Tables(transaction)));
        written.map_err(|fault| self.failed(attempted, fault))
    }

    fn failed(&self, attempted: &'static str, fault: Fault) -> StoreError {
        StoreError::File { attempted, path: self.0.shown(), found: fault.to_string() }
    }
}

struct Tables<'a>(&'a redb::WriteTransaction);

impl Tables<'_> {
    fn set_meta<T: Serialize>(&self, key: &str, value: &T) -> Result<(), Fault> {
        self.0.open_table(META)?.insert(key, serde_json::to_vec(value)?.as_slice())?;
        Ok(())
    }

    /// Removes tasks that wait no longer, and adds those that wait from now on.
    fn keep_waiting(
        &self,
        waiting: &BTreeMap<WaitingKey, Waiting>,
        answers: &BTreeMap<WaitingKey, Vec<u8>>,
    ) -> Result<(), Fault> {
        let (mut tasks, mut texts) = (self.0.open_table(WAITING)?, self.0.open_table(ANSWERS)?);
        let known = tasks.iter()?.map(|row| Ok(row?.0.value())).collect::<Result<Vec<_>, Fault>>()?;
        for gone in known.iter().filter(|key| !waiting.contains_key(*key)) {
            tasks.remove(gone)?;
            texts.remove(gone)?;
        }
        for (key, answers) in answers {
            if let Some(waiting) = waiting.get(key) {
                tasks.insert(key, serde_json::to_vec(waiting)?.as_slice())?;
                texts.insert(key, answers.as_slice())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::record::Ppm;

    use super::*;
    use crate::{
        chain::WeightVector,
        evaluation::{Maturity, Standing},
        evidence::{DeferredTasks, KeptSource},
    };

    fn identity() -> StoreIdentity {
        StoreIdentity { genesis: [1; 32], netuid: 2, hotkey: [3; 32], protocol: "Test/1".into() }
    }

    fn pending(epoch: u64) -> PendingWeights {
        PendingWeights {
            mechanism: (epoch % 2) as u8,
            epoch,
            reveal_epoch: epoch + 1,
            weights: WeightVector { uids: vec![1], values: vec![65_535], version_key: 0 },
            salt: vec![1, 2, 3],
            root: None,
            confirmed: false,
        }
    }

    #[test]
    fn a_restart_finds_everything_as_it_was_saved() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state/validator.redb");
        let mut standing = Standing::default();
        standing.update(Ppm::new(700_000), Ppm::new(500_000));
        let mut memory = Memory {
            progress: Progress { epoch: 5, next_round: 2, done: [1].into() },
            standings: BTreeMap::from([((0, [7; 32]), standing.clone()), ((1, [7; 32]), standing)]),
            subnet: 42u32,
            pending: BTreeMap::new(),
            agreed: BTreeMap::from([(0, AgreedRules { hash: [4; 32], epoch: 5 })]),
            waiting: BTreeMap::new(),
        };
        {
            let store = ValidatorStore::open(&path, &identity()).unwrap();
            assert_eq!(store.load::<u32>().unwrap(), Memory::default());
            store.finish_round(&memory, &BTreeMap::new()).unwrap();
            store.save_agreed(&memory.agreed).unwrap();
            store.save_pending(&pending(4)).unwrap();
            store.save_pending(&pending(5)).unwrap();
            store.drop_pending(4, 0).unwrap();
        }
        memory.pending.insert((5, 1), pending(5));
        let store = ValidatorStore::open(&path, &identity()).unwrap();
        assert_eq!(store.load::<u32>().unwrap(), memory);
    }

    #[test]
    fn miners_that_left_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let store = ValidatorStore::open(&folder.path().join("v.redb"), &identity()).unwrap();
        let mut memory = Memory::<()>::default();
        memory.standings.insert((0, [1; 32]), Standing::default());
        memory.standings.insert((1, [2; 32]), Standing::default());
        store.finish_round(&memory, &BTreeMap::new()).unwrap();
        memory.standings.remove(&(0, [1; 32]));
        store.finish_round(&memory, &BTreeMap::new()).unwrap();
        assert_eq!(store.load::<()>().unwrap().standings.len(), 1);
    }

    #[test]
    fn answers_wait_through_restarts_and_go_with_their_tasks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.redb");
        let source =
            KeptSource { genesis: "00".into(), netuid: 2, block: 40, hash: "11".into(), value: None };
        let (miners, tasks) = (Vec::new(), Vec::new());
        let tasks = DeferredTasks { epoch: 5, round: 1, mechanism: 0, source, miners, tasks };
        let waiting = Waiting { tasks, maturity: Maturity { after: 10, limit: 5 }, bytes: 3 };
        let keys = [(5, 1, 0), (5, 1, 1), (6, 0, 0)];
        let all = keys.map(|key| (key, waiting.clone())).into();
        let mut memory = Memory::<()> { waiting: all, ..Memory::default() };
        let answers = keys.map(|key| (key, vec![key.2 as u8; 3])).into();
        let open = || ValidatorStore::open(&path, &identity()).unwrap();
        open().finish_round(&memory, &answers).unwrap();

        assert_eq!(open().load::<()>().unwrap(), memory);
        memory.waiting.remove(&keys[1]);
        open().finish_round(&memory, &BTreeMap::new()).unwrap();
        assert_eq!(open().load::<()>().unwrap(), memory);
        let found = keys.map(|key| open().answers(&key).unwrap());
        assert_eq!(found, [Some(vec![0; 3]), None, Some(vec![0; 3])]);
    }

    #[test]
    fn a_store_of_another_chain_subnet_or_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.redb");
        drop(ValidatorStore::open(&path, &identity()).unwrap());
        for other in [
            StoreIdentity { genesis: [9; 32], ..identity() },
            StoreIdentity { netuid: 9, ..identity() },
            StoreIdentity { hotkey: [9; 32], ..identity() },
            StoreIdentity { protocol: "Test/2".into(), ..identity() },
        ] {
            assert!(matches!(ValidatorStore::open(&path, &other), Err(StoreError::Foreign { .. })));
        }
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "not a folder").unwrap();
        let error = ValidatorStore::open(&file.join("v.redb"), &identity()).err().unwrap();
        assert!(error.to_string().contains("v.redb"), "{error}");
    }
}

//! What a miner has answered, so that it never answers one challenge twice in two ways.
//!
//! A validator repeats a question after a lost connection or a restart of its own. A sampling model would answer
//! differently the second time, and two signed answers to one challenge prove misconduct. So every answer to a
//! challenge is kept, in memory and in a file, and given again.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use redb::{Database, Durability, ReadableDatabase, ReadableTable, TableDefinition};

use crate::exchange::AskedBy;

const ANSWERS: TableDefinition<u64, &[u8]> = TableDefinition::new("answers");
const KEY_LEN: usize = 64;

/// An answer as it will be given, and the commitment to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// The body.
    pub body: Bytes,
    /// The salt of its commitment.
    pub salt: [u8; 32],
}

/// Why answers could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("keeping answers in {path} failed: {found}; is the disk full, or another miner using this folder?")]
pub struct MemoryError {
    /// The file.
    pub path: String,
    /// What the storage said.
    pub found: String,
}

/// The latest answers, a bounded number of them.
pub struct AnswerMemory {
    kept: Mutex<Kept>,
    file: Option<(Database, String)>,
    capacity: usize,
}

#[derive(Default)]
struct Kept {
    answers: HashMap<AskedBy, KeptAnswer>,
    order: VecDeque<(u64, AskedBy)>,
    next: u64,
}

impl AnswerMemory {
    /// A memory of `capacity` answers without a file: for tests, and for miners that keep no state.
    pub fn in_memory(capacity: usize) -> Self {
        Self { kept: Mutex::default(), file: None, capacity }
    }

    /// A memory of `capacity` answers that survives a restart.
    pub fn open(path: &Path, capacity: usize) -> Result<Self, MemoryError> {
        let shown = path.display().to_string();
        let failed = |found: String| MemoryError { path: shown.clone(), found };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        }
        let database = Database::create(path).map_err(|error| failed(error.to_string()))?;
        let kept = read(&database).map_err(|error| failed(error.to_string()))?;
        Ok(Self { kept: Mutex::new(kept), file: Some((database, shown)), capacity })
    }

    /// The answer given before.
    pub fn find(&self, asked: &AskedBy) -> Option<KeptAnswer> {
        self.lock().answers.get(asked).cloned()
    }

    /// Keeps an answer, unless there is one already: returns the one that counts.
    ///
    /// The file is written without waiting for the disk; [`flush`](Self::flush) makes it durable.
    pub fn keep(&self, asked: AskedBy, answer: KeptAnswer) -> Result<KeptAnswer, MemoryError> {
        let mut kept = self.lock();
        if let Some(first) = kept.answers.get(&asked) {
            return Ok(first.clone());
        }
        let number = kept.next;
        kept.next += 1;
        kept.order.push_back((number, asked));
        kept.answers.insert(asked, answer.clone());
        let mut forgotten = Vec::new();
        while kept.order.len() > self.capacity {
            if let Some((number, oldest)) = kept.order.pop_front() {
                kept.answers.remove(&oldest);
                forgotten.push(number);
            }
        }
        drop(kept);
        self.write(Durability::None, |table| {
            table.insert(number, encode(&asked, &answer).as_slice())?;
            for number in &forgotten {
                table.remove(number)?;
            }
            Ok(())
        })?;
        Ok(answer)
    }

    /// Makes everything kept so far survive a power cut.
    pub fn flush(&self) -> Result<(), MemoryError> {
        self.write(Durability::Immediate, |_| Ok(()))
    }

    fn write(
        &self,
        durability: Durability,
        change: impl FnOnce(&mut redb::Table<u64, &[u8]>) -> Result<(), redb::Error>,
    ) -> Result<(), MemoryError> {
        let Some((database, path)) = &self.file else { return Ok(()) };
        let write = || -> Result<(), redb::Error> {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(durability)?;
            change(&mut transaction.open_table(ANSWERS)?)?;
            Ok(transaction.commit()?)
        };
        write().map_err(|error| MemoryError { path: path.clone(), found: error.to_string() })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One task at a time computes the answer to a challenge; the others wait for it.
#[derive(Clone, Default)]
pub struct InProgress(Arc<Mutex<HashMap<AskedBy, Arc<tokio::sync::Mutex<()>>>>>);

impl InProgress {
    /// The turn for one challenge. Entries that nobody holds are dropped on the way.
    pub fn turn(&self, asked: AskedBy) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(asked).or_default().clone()
    }
}

fn read(database: &Database) -> Result<Kept, redb::Error> {
    let mut kept = Kept::default();
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(ANSWERS) {
        Ok(table) => table,
        Err(redb::TableError::TableDoesNotExist(_)) => return Ok(kept),
        Err(error) => return Err(error.into()),
    };
    for row in table.iter()? {
        let (number, bytes) = row?;
        if let Some((asked, answer)) = decode(bytes.value()) {
            kept.order.push_back((number.value(), asked));
            kept.answers.insert(asked, answer);
            kept.next = number.value() + 1;
        }
    }
    Ok(kept)
}

fn encode(asked: &AskedBy, answer: &KeptAnswer) -> Vec<u8> {
    [&asked.validator[..], &asked.challenge, &answer.salt, &answer.body].concat()
}

fn decode(bytes: &[u8]) -> Option<(AskedBy, KeptAnswer)> {
    let (key, rest) = bytes.split_at_checked(KEY_LEN)?;
    let (salt, body) = rest.split_at_checked(32)?;
    let asked = AskedBy { validator: key[..32].try_into().ok()?, challenge: key[32..].try_into().ok()? };
    Some((asked, KeptAnswer { body: Bytes::copy_from_slice(body), salt: salt.try_into().ok()? }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(number: u8) -> AskedBy {
        AskedBy { validator: [1; 32], challenge: [number; 32] }
    }

    fn answer(text: &'static str) -> KeptAnswer {
        KeptAnswer { body: Bytes::from_static(text.as_bytes()), salt: [3; 32] }
    }

    #[test]
    fn the_first_answer_to_a_challenge_counts_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miner/answers.redb");
        {
            let memory = AnswerMemory::open(&path, 10).unwrap();
            memory.keep(asked(1), answer("first")).unwrap();
            assert_eq!(memory.keep(asked(1), answer("second")).unwrap(), answer("first"));
            memory.flush().unwrap();
        }
        let memory = AnswerMemory::open(&path, 10).unwrap();
        assert_eq!(memory.find(&asked(1)), Some(answer("first")));
        assert_eq!(memory.keep(asked(1), answer("third")).unwrap(), answer("first"));
    }

    #[test]
    fn the_oldest_answers_are_forgotten_and_memory_stays_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.redb");
        let memory = AnswerMemory::open(&path, 3).unwrap();
        for number in 0..10 {
            memory.keep(asked(number), answer("text")).unwrap();
        }
        memory.flush().unwrap();
        drop(memory);
        let memory = AnswerMemory::open(&path, 3).unwrap();
        assert_eq!(memory.lock().answers.len(), 3);
        assert!(memory.find(&asked(9)).is_some() && memory.find(&asked(6)).is_none());
    }
}

//! What a miner has answered, so that it never answers one challenge twice in two ways.
//!
//! A validator repeats a question after a lost connection or a restart of its own. A sampling model would answer
//! differently the second time, and two signed answers to one challenge prove misconduct. So every answer to a
//! challenge is kept, in memory and in a file, and given again.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, PoisonError,
    },
};

use bytes::Bytes;
use redb::{Durability, ReadableTable, TableDefinition};

use crate::{
    database::{existing, DatabaseFile, Fault},
    exchange::AskedBy,
};

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
    file: Option<DatabaseFile>,
    /// Whether the last write failed, so that a full disk is reported once.
    failing: AtomicBool,
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
        Self { kept: Mutex::default(), file: None, failing: AtomicBool::new(false), capacity }
    }

    /// A memory of `capacity` answers that survives a restart.
    pub fn open(path: &Path, capacity: usize) -> Result<Self, MemoryError> {
        let failed =
            |fault: Fault| MemoryError { path: path.display().to_string(), found: fault.to_string() };
        let file = DatabaseFile::open(path).map_err(failed)?;
        let kept = read(&file).map_err(failed)?;
        Ok(Self { kept: Mutex::new(kept), file: Some(file), failing: AtomicBool::new(false), capacity })
    }

    /// The answer given before.
    pub fn find(&self, asked: &AskedBy) -> Option<KeptAnswer> {
        self.lock().answers.get(asked).cloned()
    }

    /// Keeps an answer, unless there is one already: returns the one that counts.
    ///
    /// The file is written without waiting for the disk; [`flush`](Self::flush) makes it durable. If it cannot be
    /// written, answers are kept in memory alone and service goes on; the log says so once.
    pub fn keep(&self, asked: AskedBy, answer: KeptAnswer) -> KeptAnswer {
        let mut kept = self.lock();
        if let Some(first) = kept.answers.get(&asked) {
            return first.clone();
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
        let written = self.write(Durability::None, |table| {
            table.insert(number, encode(&asked, &answer).as_slice())?;
            for number in &forgotten {
                table.remove(number)?;
            }
            Ok(())
        });
        self.note(written);
        answer
    }

    /// Makes everything kept so far survive a power cut.
    pub fn flush(&self) {
        self.note(self.write(Durability::Immediate, |_| Ok(())));
    }

    fn note(&self, written: Result<(), MemoryError>) {
        let failed = written.is_err();
        let before = self.failing.swap(failed, Ordering::Relaxed);
        match written {
            Err(error) if !before => tracing::error!(%error, "answers are kept in memory only"),
            Ok(()) if before => tracing::info!("answers are kept on disk again"),
            _ => {}
        }
    }

    fn write(
        &self,
        durability: Durability,
        change: impl FnOnce(&mut redb::Table<u64, &[u8]>) -> Result<(), Fault>,
    ) -> Result<(), MemoryError> {
        let Some(file) = &self.file else { return Ok(()) };
        let written = file.write(durability, |transaction| change(&mut transaction.open_table(ANSWERS)?));
        written.map_err(|fault| MemoryError { path: file.shown(), found: fault.to_string() })
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

fn read(file: &DatabaseFile) -> Result<Kept, Fault> {
    file.read(|transaction| {
        let mut kept = Kept::default();
        let Some(table) = existing(transaction.open_table(ANSWERS))? else { return Ok(kept) };
        for row in table.iter()? {
            let (number, bytes) = row?;
            if let Some((asked, answer)) = decode(bytes.value()) {
                kept.order.push_back((number.value(), asked));
                kept.answers.insert(asked, answer);
                kept.next = number.value() + 1;
            }
        }
        Ok(kept)
    })
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
            memory.keep(asked(1), answer("first"));
            assert_eq!(memory.keep(asked(1), answer("second")), answer("first"));
            memory.flush();
        }
        let memory = AnswerMemory::open(&path, 10).unwrap();
        assert_eq!(memory.find(&asked(1)), Some(answer("first")));
        assert_eq!(memory.keep(asked(1), answer("third")), answer("first"));
    }

    #[test]
    fn the_oldest_answers_are_forgotten_and_memory_stays_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.redb");
        let memory = AnswerMemory::open(&path, 3).unwrap();
        for number in 0..10 {
            memory.keep(asked(number), answer("text"));
        }
        memory.flush();
        drop(memory);
        let memory = AnswerMemory::open(&path, 3).unwrap();
        assert_eq!(memory.lock().answers.len(), 3);
        assert!(memory.find(&asked(9)).is_some() && memory.find(&asked(6)).is_none());
    }
}

//! Memory of a miner's answers, so that it never gives two answers to one challenge.
//!
//! A validator repeats a question after a lost connection or a restart of its own. A sampling model would answer
//! differently the second time, and two signed answers to one challenge prove misconduct. So every answer to a
//! challenge is kept, in memory and in a file, and given again.
//!
//! The memory keeps the response, the salt, and the hash of the request. A repeated question brings the request again,
//! and the body is built from both. Memory is bounded in bytes. When validators fill it, the validator with the most
//! bytes loses its oldest answers, so that none takes another's share. Strangers have a part of their own.

use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, PoisonError,
    },
};

use bytes::Bytes;
use myelin_wire::{
    hash::{blake2_256, Hash},
    AccountId,
};
use redb::{Durability, ReadableTable, TableDefinition, TableHandle};
use serde::Serialize;

use crate::{
    database::{existing, DatabaseFile, Fault},
    exchange::AskedBy,
};

const ANSWERS: TableDefinition<u64, &[u8]> = TableDefinition::new("answers/2");
/// Whole bodies, as earlier versions kept them.
const FORMER: TableDefinition<u64, &[u8]> = TableDefinition::new("answers");
/// Memory that an answer takes beside its response: keys, places in the tables.
const OVERHEAD: usize = 384;

/// How many bytes of answers are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryBudget {
    /// Answers to validators.
    pub validators: usize,
    /// Answers to everybody else.
    pub strangers: usize,
}

impl Default for MemoryBudget {
    /// 256 MiB, and 16 MiB for strangers.
    fn default() -> Self {
        Self { validators: 256 << 20, strangers: 16 << 20 }
    }
}

/// Owner of the memory that an answer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Owner {
    /// The validator that asked.
    Validator(AccountId),
    /// Any other caller.
    Strangers,
}

/// An answer as it will be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAnswer {
    /// Hash of the request that it answers.
    request: Hash,
    /// The response as JSON.
    pub response: Bytes,
    /// The salt of its commitment, if it was committed to.
    pub salt: Option<[u8; 32]>,
}

impl KeptAnswer {
    /// The answer to a request.
    pub fn new(
        request: &impl Serialize,
        response: &impl Serialize,
        salt: Option<[u8; 32]>,
    ) -> Result<Self, serde_json::Error> {
        let response = serde_json::to_vec(response)?.into();
        Ok(Self { request: blake2_256(&serde_json::to_vec(request)?), response, salt })
    }

    /// Whether this is the request that it answers.
    pub fn answers(&self, request: &impl Serialize) -> Result<bool, serde_json::Error> {
        Ok(self.request == blake2_256(&serde_json::to_vec(request)?))
    }

    fn cost(&self) -> usize {
        self.response.len() + OVERHEAD
    }
}

/// Why answers could not be kept.
#[derive(Debug, thiserror::Error)]
#[error("keeping answers in {path} failed: {found}")]
pub struct MemoryError {
    /// The file.
    pub path: String,
    /// Error of the storage.
    pub found: String,
}

/// The latest answers, a bounded number of bytes.
pub struct AnswerMemory {
    kept: Mutex<Kept>,
    file: Option<DatabaseFile>,
    /// Whether the last write failed, so that a full disk is reported once.
    failing: AtomicBool,
    /// Whether something was written that a power cut would take.
    unsaved: AtomicBool,
}

struct Kept {
    budget: MemoryBudget,
    answers: HashMap<AskedBy, KeptAnswer>,
    shares: HashMap<Owner, Share>,
    /// Validators by the bytes that they hold.
    by_size: BTreeSet<(usize, Owner)>,
    /// Bytes of all validators.
    bytes: usize,
    next: u64,
}

/// Answers of one owner, the oldest first, each with its number in the file.
#[derive(Default)]
struct Share {
    order: VecDeque<(u64, AskedBy)>,
    bytes: usize,
}

impl Kept {
    fn new(budget: MemoryBudget) -> Self {
        let (answers, shares, by_size) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { budget, answers, shares, by_size, bytes: 0, next: 0 }
    }

    /// Adds an answer under a number, and returns the numbers of the answers that make room for it.
    fn add(&mut self, number: u64, asked: AskedBy, owner: Owner, answer: KeptAnswer) -> Vec<u64> {
        self.next = self.next.max(number + 1);
        let cost = answer.cost();
        self.answers.insert(asked, answer);
        self.change(owner, |share| {
            share.order.push_back((number, asked));
            share.bytes += cost;
        });
        let mut forgotten = Vec::new();
        while let Some(owner) = self.over() {
            forgotten.extend(self.forget_oldest(owner));
        }
        forgotten
    }

    /// Owner that has to give up an answer, if any.
    fn over(&self) -> Option<Owner> {
        let strangers = self.shares.get(&Owner::Strangers).map_or(0, |share| share.bytes);
        if strangers > self.budget.strangers {
            return Some(Owner::Strangers);
        }
        let (_, largest) = self.by_size.last()?;
        (self.bytes > self.budget.validators).then_some(*largest)
    }

    fn forget_oldest(&mut self, owner: Owner) -> Option<u64> {
        let (number, asked) = self.shares.get(&owner)?.order.front().copied()?;
        let cost = self.answers.remove(&asked).map_or(0, |answer| answer.cost());
        self.change(owner, |share| {
            share.order.pop_front();
            share.bytes -= cost;
        });
        Some(number)
    }

    /// Changes a share, and the sums with it.
    fn change(&mut self, owner: Owner, change: impl FnOnce(&mut Share)) {
        let share = self.shares.entry(owner).or_default();
        let before = share.bytes;
        change(share);
        let after = share.bytes;
        if share.order.is_empty() {
            self.shares.remove(&owner);
        }
        if owner != Owner::Strangers {
            self.bytes = self.bytes - before + after;
            self.by_size.remove(&(before, owner));
            if after > 0 {
                self.by_size.insert((after, owner));
            }
        }
    }
}

impl AnswerMemory {
    /// A memory without a file: for tests, and for miners that keep no state.
    pub fn in_memory(budget: MemoryBudget) -> Self {
        Self::new(Kept::new(budget), None)
    }

    /// A memory that survives a restart.
    pub fn open(path: &Path, budget: MemoryBudget) -> Result<Self, MemoryError> {
        let failed =
            |fault: Fault| MemoryError { path: path.display().to_string(), found: fault.to_string() };
        let file = DatabaseFile::open(path).map_err(failed)?;
        let kept = read(&file, budget).map_err(failed)?;
        Ok(Self::new(kept, Some(file)))
    }

    fn new(kept: Kept, file: Option<DatabaseFile>) -> Self {
        let (failing, unsaved) = (AtomicBool::new(false), AtomicBool::new(false));
        Self { kept: Mutex::new(kept), file, failing, unsaved }
    }

    /// The answer given earlier.
    pub fn find(&self, asked: &AskedBy) -> Option<KeptAnswer> {
        self.lock().answers.get(asked).cloned()
    }

    /// Keeps an answer, unless there is one already. Returns the kept answer.
    ///
    /// The file is written without waiting for the disk; [`flush`](Self::flush) makes it durable. If it cannot be
    /// written, answers are kept in memory alone and service goes on; the log says so once.
    pub fn keep(&self, asked: AskedBy, owner: Owner, answer: KeptAnswer) -> KeptAnswer {
        let mut kept = self.lock();
        if let Some(first) = kept.answers.get(&asked) {
            return first.clone();
        }
        let number = kept.next;
        let forgotten = kept.add(number, asked, owner, answer.clone());
        drop(kept);
        let written = self.write(Durability::None, |table| {
            table.insert(number, encode(&asked, owner, &answer).as_slice())?;
            for number in &forgotten {
                table.remove(number)?;
            }
            Ok(())
        });
        self.unsaved.store(true, Ordering::Relaxed);
        self.note(written);
        answer
    }

    /// Bytes that are kept, as they are counted.
    pub fn bytes(&self) -> usize {
        self.lock().shares.values().map(|share| share.bytes).sum()
    }

    /// Makes everything kept so far survive a power cut. Waits for the disk only if there is something new.
    pub fn flush(&self) {
        if self.unsaved.swap(false, Ordering::Relaxed) || self.failing.load(Ordering::Relaxed) {
            self.note(self.write(Durability::Immediate, |_| Ok(())));
        }
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
    /// The turn for one challenge. Unused entries are dropped on the way.
    pub fn turn(&self, asked: AskedBy) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        turns.entry(asked).or_default().clone()
    }
}

fn read(file: &DatabaseFile, budget: MemoryBudget) -> Result<Kept, Fault> {
    let (mut kept, mut forgotten) = (Kept::new(budget), Vec::new());
    file.read(|transaction| {
        let Some(table) = existing(transaction.open_table(ANSWERS))? else { return Ok(()) };
        for row in table.iter()? {
            let (number, bytes) = row?;
            match decode(bytes.value()) {
                Some((asked, owner, answer)) => {
                    forgotten.extend(kept.add(number.value(), asked, owner, answer));
                }
                None => forgotten.push(number.value()),
            }
        }
        Ok(())
    })?;
    file.write(Durability::Immediate, |transaction| {
        if transaction.list_tables()?.any(|table| table.name() == FORMER.name()) {
            transaction.delete_table(FORMER)?;
        }
        let mut table = transaction.open_table(ANSWERS)?;
        for number in &forgotten {
            table.remove(number)?;
        }
        Ok(())
    })?;
    Ok(kept)
}

/// A row: the kind of the owner, whether there is a salt, and the parts, the response last.
fn encode(asked: &AskedBy, owner: Owner, answer: &KeptAnswer) -> Vec<u8> {
    let marks = [u8::from(owner != Owner::Strangers), u8::from(answer.salt.is_some())];
    let salt = answer.salt.unwrap_or_default();
    [&marks[..], &asked.validator, &asked.challenge, &salt, &answer.request, &answer.response].concat()
}

fn decode(bytes: &[u8]) -> Option<(AskedBy, Owner, KeptAnswer)> {
    let ([of_validator, salted], rest) = bytes.split_first_chunk::<2>()?;
    let (validator, rest) = rest.split_first_chunk::<32>()?;
    let (challenge, rest) = rest.split_first_chunk::<32>()?;
    let (salt, rest) = rest.split_first_chunk::<32>()?;
    let (request, response) = rest.split_first_chunk::<32>()?;
    let asked = AskedBy { validator: *validator, challenge: *challenge };
    let owner = if *of_validator == 1 { Owner::Validator(*validator) } else { Owner::Strangers };
    let salt = (*salted == 1).then_some(*salt);
    Some((asked, owner, KeptAnswer { request: *request, response: Bytes::copy_from_slice(response), salt }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: MemoryBudget = MemoryBudget { validators: 10_000, strangers: 2_000 };

    fn asked(validator: u8, number: u8) -> AskedBy {
        AskedBy { validator: [validator; 32], challenge: [number; 32] }
    }

    fn answer(text: &str) -> KeptAnswer {
        KeptAnswer::new(&"question", &text, Some([3; 32])).unwrap()
    }

    fn of(validator: u8) -> Owner {
        Owner::Validator([validator; 32])
    }

    #[test]
    fn the_first_answer_to_a_challenge_counts_also_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("miner/answers.redb");
        {
            let memory = AnswerMemory::open(&path, BUDGET).unwrap();
            memory.keep(asked(1, 1), of(1), answer("first"));
            assert_eq!(memory.keep(asked(1, 1), of(1), answer("second")), answer("first"));
            memory.flush();
        }
        let memory = AnswerMemory::open(&path, BUDGET).unwrap();
        assert_eq!(memory.find(&asked(1, 1)), Some(answer("first")));
        assert_eq!(memory.keep(asked(1, 1), of(1), answer("third")), answer("first"));
        let kept = memory.find(&asked(1, 1)).unwrap();
        assert!(kept.answers(&"question").unwrap() && !kept.answers(&"another").unwrap());
    }

    /// A thousand miners on a machine would otherwise wait for its disk 200 times a second.
    #[test]
    fn a_flush_without_new_answers_leaves_the_disk_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.redb");
        let written = || std::fs::metadata(&path).unwrap().modified().unwrap();
        let memory = AnswerMemory::open(&path, BUDGET).unwrap();
        memory.keep(asked(1, 1), of(1), answer("first"));
        memory.flush();
        let before = written();
        std::thread::sleep(std::time::Duration::from_millis(20));
        memory.flush();
        assert_eq!(written(), before);
        memory.keep(asked(1, 2), of(1), answer("second"));
        memory.flush();
        assert!(written() > before);
    }

    /// Two hundred thousand answers of 100 kB were 20 GB.
    #[test]
    fn memory_is_bounded_in_bytes_however_large_answers_are() {
        let memory = AnswerMemory::in_memory(MemoryBudget { validators: 8 << 20, strangers: 1 << 20 });
        let large = answer(&"x".repeat(100_000));
        for number in 0..200 {
            memory.keep(asked(1, number), of(1), large.clone());
            memory.keep(asked(2, number), Owner::Strangers, large.clone());
            assert!(memory.bytes() <= 9 << 20);
        }
        assert!(memory.find(&asked(1, 199)).is_some() && memory.find(&asked(1, 0)).is_none());
        assert!(memory.find(&asked(2, 199)).is_some() && memory.find(&asked(2, 0)).is_none());
    }

    #[test]
    fn who_holds_most_loses_first_and_a_small_share_is_never_touched() {
        let memory = AnswerMemory::in_memory(BUDGET);
        for number in 0..5 {
            memory.keep(asked(1, number), of(1), answer("small"));
        }
        for number in 0..100 {
            memory.keep(asked(2, number), of(2), answer(&"x".repeat(600)));
            memory.keep(asked(3, number), Owner::Strangers, answer(&"x".repeat(600)));
        }
        assert!((0..5).all(|number| memory.find(&asked(1, number)).is_some()));
        assert!(memory.find(&asked(2, 99)).is_some() && memory.find(&asked(2, 0)).is_none());
        let kept = memory.lock();
        let sizes: usize = kept.by_size.iter().map(|(bytes, _)| bytes).sum();
        assert_eq!((sizes, kept.by_size.len()), (kept.bytes, 2));
        assert_eq!(kept.answers.len(), kept.shares.values().map(|share| share.order.len()).sum::<usize>());
    }

    #[test]
    fn the_oldest_answers_are_forgotten_in_the_file_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers.redb");
        let memory = AnswerMemory::open(&path, BUDGET).unwrap();
        for number in 0..100 {
            memory.keep(asked(1, number), of(1), answer("text"));
        }
        memory.flush();
        let held = memory.lock().answers.len();
        drop(memory);
        let memory = AnswerMemory::open(&path, BUDGET).unwrap();
        assert!(held < 100 && memory.lock().answers.len() == held);
        assert!(memory.find(&asked(1, 99)).is_some() && memory.find(&asked(1, 0)).is_none());
        drop(memory);
        let smaller = MemoryBudget { validators: 1_000, ..BUDGET };
        drop(AnswerMemory::open(&path, smaller).unwrap());
        assert_eq!(AnswerMemory::open(&path, BUDGET).unwrap().lock().answers.len(), 2);
    }
}

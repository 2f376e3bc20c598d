//! Deletion of customers' texts from an epoch, without a change of its root.
//!
//! A task that is made of a customer's request stands in `round-NN.tasks`, and so under the root, with its seed, number
//! and kind. In place of request and hidden part there is a commitment: the hash of its private part. That is a file
//! below `private/`, which is not under the root, and it begins with a salt. Request and answer lie below `texts/`,
//! and records name their hashes; a salt in the request makes those hashes unguessable ([`question_salt`]).
//!
//! All salts of an epoch follow from 32 random bytes in the file `salt`. It is removed with the first texts, so even
//! the validator cannot guess what is deleted.
//!
//! The file `deleted` lists the deleted tasks. It is on disk before anything is removed, and a listed task counts as
//! deleted whatever is left of it. So a crash in between leaves a folder that is checked like one after the deletion,
//! and deleting again removes the rest.

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
    io::{self, Write},
    path::Path,
};

use myelin_wire::{
    hash::{blake2_256, blake2_256_of, from_hex, to_hex, Hash},
    record::NO_EXTENSION,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    damaged, disk, read_up_to, read_whole, round_file, write_whole, EvidenceError, EvidenceFolder, KeptTask,
    RoundTasks, TASKS_LIMIT,
};

const SALT: &str = "salt";
const DELETED: &str = "deleted";
const PRIVATE: &str = "private";

/// Bytes from which all salts of an epoch follow.
pub type EpochSalt = [u8; 32];

/// The salt of a request in an epoch: 16 bytes that nobody computes without the epoch's.
pub fn question_salt(salt: &EpochSalt, challenge: &Hash) -> [u8; 16] {
    let hash = blake2_256_of(&[b"myelin/question-salt/1", salt, challenge]);
    std::array::from_fn(|at| hash[at])
}

/// The part of a customer's task that can be deleted.
#[derive(Serialize, Deserialize)]
struct PrivatePart {
    salt: String,
    request: Value,
    hidden: Value,
}

/// A task whose texts were deleted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct DeletedTask {
    /// Its round.
    pub round: u16,
    /// Reference of its seed, hexadecimal.
    pub seed: String,
    /// Its number within the seed.
    pub number: u16,
    /// Time of the deletion by the validator's clock, in seconds since 1970.
    pub at: u64,
    /// Whether it was named by hand; otherwise all tasks of customers were deleted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
}

/// The tasks to delete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// All tasks that are made of customers' requests.
    Customers,
    /// Some of them, by seed reference (64 hexadecimal digits) and number.
    Tasks(Vec<(String, u16)>),
}

/// Result of a deletion.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Deleted {
    /// Tasks that were deleted now.
    pub tasks: usize,
    /// All tasks of the epoch whose texts are deleted.
    pub all: usize,
    /// Files that were removed now.
    pub files: usize,
}

/// Reason why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub enum DeletionError {
    /// The folder cannot be read or written.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The task is not made of a customer's request.
    #[error(
        "task {number} of seed {seed} is the validator's own: under the root of epoch {epoch} it is no customer's, and \
         only customers' tasks can be deleted; nothing was deleted"
    )]
    NotOfCustomer {
        /// The epoch.
        epoch: u64,
        /// The seed.
        seed: String,
        /// The number.
        number: u16,
    },
    /// There is no such task.
    #[error("no task {number} of seed {seed} is in epoch {epoch}; nothing was deleted")]
    NoSuchTask {
        /// The epoch.
        epoch: u64,
        /// The seed.
        seed: String,
        /// The number.
        number: u16,
    },
}

impl KeptTask {
    /// Marks the task as made of a customer's request: commits to its private part.
    pub fn of_customer(mut self, salt: &EpochSalt) -> Self {
        self.customer = Some(to_hex(&blake2_256(&self.private_bytes(salt))));
        self
    }

    /// Whether its texts were deleted.
    pub fn is_deleted(&self) -> bool {
        self.customer.is_some() && self.request.is_null()
    }

    fn private_bytes(&self, salt: &EpochSalt) -> Vec<u8> {
        let number = self.number.to_le_bytes();
        let own = blake2_256_of(&[b"myelin/private-salt/1", salt, self.seed.as_bytes(), &number]);
        let part =
            PrivatePart { salt: to_hex(&own), request: self.request.clone(), hidden: self.hidden.clone() };
        // JSON values are written as they are.
        serde_json::to_vec(&part).unwrap_or_default()
    }
}

/// A task as a file holds it: of a customer's without its private part.
#[derive(Serialize)]
struct WrittenTask<'a> {
    seed: &'a str,
    number: u16,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
}

impl Serialize for KeptTask {
    fn serialize<W: serde::Serializer>(&self, writer: W) -> Result<W::Ok, W::Error> {
        let open = self.customer.is_none();
        let written = WrittenTask {
            seed: &self.seed,
            number: self.number,
            kind: &self.kind,
            request: open.then_some(&self.request),
            hidden: open.then_some(&self.hidden),
            customer: self.customer.as_deref(),
        };
        written.serialize(writer)
    }
}

/// A deleted task's name.
type Name = (String, u16);

impl EvidenceFolder {
    /// The bytes from which the salts of an epoch follow. They are drawn at the first call.
    pub fn salt(&self, epoch: u64) -> Result<EpochSalt, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let path = folder.join(SALT);
        if !path.exists() {
            crate::private::create_folder(&folder).map_err(|found| disk("creating", &folder, found))?;
            write_durably(&path, &rand::random::<EpochSalt>())?;
        }
        let bytes = read_whole(&path)?;
        bytes.try_into().map_err(|_| damaged(&path, "it has not 32 bytes"))
    }

    /// Writes the private parts of a round's tasks.
    pub(super) fn write_private(&self, epoch: u64, tasks: &RoundTasks) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch).join(PRIVATE);
        let mut salt = None;
        for task in tasks.tasks.iter().filter(|task| !task.is_deleted()) {
            let Some(name) = &task.customer else { continue };
            let path = private_file(&folder, name)?;
            if path.exists() {
                continue;
            }
            crate::private::create_folder(&folder).map_err(|found| disk("creating", &folder, found))?;
            let salt = match salt {
                Some(salt) => salt,
                None => *salt.insert(self.salt(epoch)?),
            };
            let bytes = task.private_bytes(&salt);
            if to_hex(&blake2_256(&bytes)) != *name {
                return Err(damaged(&path, "the task was marked with another salt than the epoch's"));
            }
            write_whole(&path, &bytes)?;
        }
        Ok(())
    }

    /// Reads the private parts of tasks as a file holds them. A deleted task stays without one.
    pub(super) fn read_private(&self, epoch: u64, tasks: &mut RoundTasks) -> Result<(), EvidenceError> {
        if tasks.tasks.iter().all(|task| task.customer.is_none()) {
            return Ok(());
        }
        let deleted: HashSet<Name> = self.deleted(epoch)?.into_iter().map(name_of).collect();
        let folder = self.epoch_path(epoch).join(PRIVATE);
        for task in &mut tasks.tasks {
            let Some(name) = &task.customer else { continue };
            (task.request, task.hidden) = (Value::Null, Value::Null);
            if deleted.contains(&(task.seed.clone(), task.number)) {
                continue;
            }
            let path = private_file(&folder, name)?;
            if !path.exists() {
                return Err(damaged(
                    &path,
                    "it is not there, and the list of deletions does not name its task",
                ));
            }
            let bytes = read_whole(&path)?;
            if to_hex(&blake2_256(&bytes)) != *name {
                return Err(damaged(&path, "its content does not have the hash of its name"));
            }
            let part: PrivatePart = serde_json::from_slice(&bytes).map_err(|error| damaged(&path, error))?;
            if part.request.is_null() {
                return Err(damaged(&path, "it holds no request"));
            }
            (task.request, task.hidden) = (part.request, part.hidden);
        }
        Ok(())
    }

    /// The tasks of an epoch whose texts were deleted, in order.
    pub fn deleted(&self, epoch: u64) -> Result<Vec<DeletedTask>, EvidenceError> {
        let path = self.epoch_path(epoch).join(DELETED);
        if !path.exists() {
            return Ok(Vec::new());
        }
        serde_json::from_slice(&read_whole(&path)?).map_err(|error| damaged(&path, error))
    }

    /// Whether anything of an epoch may still have to be deleted: its salt, or private parts.
    pub fn may_delete(&self, epoch: u64) -> bool {
        let folder = self.epoch_path(epoch);
        folder.join(SALT).exists() || folder.join(PRIVATE).exists()
    }

    /// Deletes texts of customers from an epoch that no round changes any more. `now` is in seconds since 1970.
    ///
    /// Root, records, signatures and standings stay as they are. Texts that no record of another task names are removed
    /// too: an attempt at a round that was cut off leaves such.
    pub fn delete(&self, epoch: u64, which: &Deletion, now: u64) -> Result<Deleted, DeletionError> {
        let (mut of_customers, mut own) = (BTreeMap::new(), BTreeSet::new());
        for round in self.asked_rounds(epoch)? {
            let path = round_file(&self.epoch_path(epoch), round, "tasks");
            let tasks: RoundTasks = serde_json::from_slice(&read_up_to(&path, TASKS_LIMIT)?)
                .map_err(|error| damaged(&path, error))?;
            for task in tasks.tasks {
                let name = (task.seed, task.number);
                match task.customer {
                    Some(part) => drop(of_customers.insert(name, (round, part))),
                    None => drop(own.insert(name)),
                }
            }
        }
        let mut list = self.deleted(epoch)?;
        let before: HashSet<Name> = list.iter().cloned().map(name_of).collect();
        let (wanted, named) = match which {
            Deletion::Customers => (of_customers.keys().cloned().collect(), false),
            Deletion::Tasks(tasks) => (tasks.clone(), true),
        };
        for (seed, number) in wanted {
            let name = (seed, number);
            let Some((round, _)) = of_customers.get(&name) else {
                let (is_own, (seed, number)) = (own.contains(&name), name);
                return Err(match is_own {
                    true => DeletionError::NotOfCustomer { epoch, seed, number },
                    false => DeletionError::NoSuchTask { epoch, seed, number },
                });
            };
            if !before.contains(&name) {
                list.push(DeletedTask { round: *round, seed: name.0, number, at: now, named });
            }
        }
        list.sort();
        list.dedup_by(|one, other| (&one.seed, one.number) == (&other.seed, other.number));
        let tasks = list.len() - before.len();
        if tasks > 0 {
            let path = self.epoch_path(epoch).join(DELETED);
            let bytes = serde_json::to_vec(&list).map_err(|error| damaged(&path, error))?;
            write_durably(&path, &bytes)?;
        }
        let all = list.len();
        let gone: HashSet<Name> = list.into_iter().map(name_of).collect();
        let kept = of_customers.iter().filter(|(name, _)| !gone.contains(*name));
        let kept: HashSet<String> = kept.map(|(_, (_, part))| part.clone()).collect();
        let files = self.remove(epoch, &gone, &kept)?;
        Ok(Deleted { tasks, all, files })
    }

    /// Removes whatever only `gone` tasks need. `kept` are the private parts of others. The salt goes last, so as long
    /// as it is there the rest may not be.
    fn remove(
        &self,
        epoch: u64,
        gone: &HashSet<Name>,
        kept: &HashSet<String>,
    ) -> Result<usize, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let mut files = 0;
        let texts = self.texts_of_others(epoch, gone)?;
        files += remove_but(&folder.join("texts"), |name| texts.contains(name))?;
        files += remove_but(&folder.join(PRIVATE), |name| kept.contains(name))?;
        // Unfinished files of a write that crashed.
        files += remove_but(&folder, |name| !name.ends_with(".part"))?;
        if kept.is_empty() && folder.join(PRIVATE).exists() {
            let path = folder.join(PRIVATE);
            fs::remove_dir(&path).map_err(|found| disk("removing", &path, found))?;
        }
        sync_folder(&folder)?;
        files += remove_but(&folder, |name| name != SALT)?;
        sync_folder(&folder)?;
        Ok(files)
    }

    /// Names of the texts that records of other tasks than `gone` name, and of all extensions.
    fn texts_of_others(&self, epoch: u64, gone: &HashSet<Name>) -> Result<HashSet<String>, EvidenceError> {
        let mut texts = HashSet::new();
        for round in self.rounds(epoch) {
            for record in self.records(epoch, round)? {
                if record.extension != NO_EXTENSION {
                    texts.insert(to_hex(&record.extension));
                }
                if !gone.contains(&(to_hex(&record.seed), record.task)) {
                    texts.extend([to_hex(&record.request), to_hex(&record.answer)]);
                }
            }
        }
        Ok(texts)
    }

    /// Rounds of an epoch that were asked, judged or not.
    fn asked_rounds(&self, epoch: u64) -> Result<Vec<u16>, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let names = fs::read_dir(&folder).map_err(|found| disk("reading", &folder, found))?;
        let number = |entry: fs::DirEntry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("round-")?.strip_suffix(".tasks")?.parse().ok()
        };
        Ok(names.flatten().filter_map(number).collect())
    }
}

fn name_of(task: DeletedTask) -> Name {
    (task.seed, task.number)
}

/// The file of a private part. Its name may come from a stranger.
fn private_file(folder: &Path, name: &str) -> Result<std::path::PathBuf, EvidenceError> {
    match from_hex::<32>(name).is_some() && !name.starts_with("0x") {
        true => Ok(folder.join(name)),
        false => Err(damaged(folder, "a commitment to a private part is not 64 hexadecimal digits")),
    }
}

/// Removes the files of a folder whose names are not `kept`. Folders in it stay. A link to a folder is refused, since
/// it may lead to files of others.
fn remove_but(folder: &Path, kept: impl Fn(&str) -> bool) -> Result<usize, EvidenceError> {
    if fs::symlink_metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return Err(damaged(
            folder,
            "it is a link or a file where a folder is expected, so nothing in it was removed",
        ));
    }
    let names = match fs::read_dir(folder) {
        Ok(names) => names,
        Err(found) if found.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(found) => return Err(disk("reading", folder, found)),
    };
    let mut removed = 0;
    for entry in names {
        let entry = entry.map_err(|found| disk("reading", folder, found))?;
        let is_file = entry.file_type().is_ok_and(|kind| !kind.is_dir());
        if is_file && !entry.file_name().to_str().is_some_and(&kept) {
            let path = entry.path();
            fs::remove_file(&path).map_err(|found| disk("removing", &path, found))?;
            removed += 1;
        }
    }
    if removed > 0 {
        sync_folder(folder)?;
    }
    Ok(removed)
}

/// Writes a file beside its place and moves it there. It is on disk when this returns.
fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    let beside = path.with_extension("part");
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    });
    written.map_err(|found| disk("writing", path, found))?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Puts the names in a folder on disk.
fn sync_folder(folder: &Path) -> Result<(), EvidenceError> {
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(|found| disk("saving", folder, found))
}

#[cfg(test)]
mod tests;

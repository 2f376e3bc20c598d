//! Evidence that a validator keeps so that others can check its judgements.
//!
//! One folder per epoch:
//!
//! ```text
//! epoch-000042/
//!   round-00.records     evaluation records, each after its length in one byte
//!   round-00.seeds       seed proofs, 273 bytes each
//!   round-00.tasks       who was asked, and what was asked and hidden, as JSON
//!   round-00.signed      signed answers: 241 bytes of claim, 64 of signature
//!   round-00.state       what the subnet remembered before the round, as JSON: an auditor can begin here
//!   round-00.standings   hashes of the standings before and after the round, as JSON
//!   standings/<hash>     standings in their canonical form, a line of JSON each, named by their hash
//!   branches             the head and the miners under the epoch's root ([`PublicPart`])
//!   weights-00           the weights of a mechanism, and the standings that they follow from
//!   private/<hash>       request and hidden part of a task made of a customer's request, named by the hash that the
//!                        task has in round-00.tasks
//!   salt                 32 bytes from which the salts of requests and private parts follow
//!   deleted              tasks of customers whose texts were deleted, as JSON ([`deletion`])
//!   texts/<hash>         requests and answers as they went over the wire, and extensions of records, named by the hash
//!                        that records use
//!   equivocation-<hash>  two signed answers that contradict each other
//! artefacts/<hash>       what miners submitted, named by the commitment on the chain
//! limits.json            the limits with which all this is kept, by the validator's own statement ([`KeepLimits`])
//! ```
//!
//! A deferred task ([`DeferredTasks`]) stands in the evidence of two rounds: in the round that asked it as task and
//! signatures, and in the later round that judged it with texts, outcome and records.
//!
//! For answers that count and are not judged, records and signatures hold the hashes; their texts are not kept.
//!
//! A file is written beside its place and moved into it, so a reader never sees half of one, and writing a round again
//! after a restart is harmless. Old epochs are removed beyond [`EvidenceFolder::keep`] and the [`Quota`] of bytes, and
//! when the disk is full. An epoch stays whatever the limits say as long as a proof over it is due.

use std::{
    collections::BTreeSet,
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use serde::{de::DeserializeOwned, Deserialize, Serialize};

use myelin_wire::{
    answer::{AnswerClaim, SignedAnswer, PAYLOAD_LEN},
    equivocation::{report::Report, Equivocation},
    evidence::record_leaves,
    hash::{blake2_256, to_hex, Hash},
    record::{Extension, Record, RecordError, NO_EXTENSION, RECORD_LIMIT},
    seed::SeedProof,
};

mod audit;
mod deferred;
mod deletion;
mod files;
mod limits;
mod outline;
mod public;
mod quota;
mod redraw;
mod replay;
mod rooted;
mod standings;
pub(crate) mod tree;

pub use audit::{audit_round, Audit, Resting, Unjudged, MOST_FAULTY};
pub use deferred::{DeferredAnswers, DeferredTasks};
pub use deletion::{question_salt, Deleted, DeletedTask, Deletion, DeletionError, EpochSalt};
pub(crate) use files::{hash_of, opened, read_part};
use files::{open_regular, read_named};
pub use limits::KeepLimits;
pub use outline::{OutlinedEarlier, OutlinedTask, RoundAsked, RoundOutline};
pub(crate) use public::MOST_ROUNDS;
pub use public::{check_records, tag_of, CommittedEpoch, PublicPart, Unproven};
pub use quota::Quota;
pub use redraw::{redraw_round, Redrawn};
pub(crate) use replay::{read_asked, read_miners};
pub use replay::{replay_round, ReplayError};
pub use rooted::{FaultClaim, PartsError, Rooted};
pub use standings::{
    audit_between, audit_weights, other_rules, standings_bytes, standings_hash, KeptSeat, KeptWeights,
    RoundStandings, Silent,
};
pub use tree::EpochTree;

const SIGNED_LEN: usize = PAYLOAD_LEN + 64;
/// Largest file that a reader accepts.
const TEXT_LIMIT: u64 = 64 << 20;
/// Largest list of tasks that a reader accepts. It holds every judged request, some of which have 100 KiB.
const TASKS_LIMIT: u64 = 2 << 30;

/// Requests and answers of one round.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RoundEvidence {
    /// The seeds of the round.
    pub seeds: Vec<SeedProof>,
    /// Miners and tasks.
    pub tasks: RoundTasks,
    /// The answers' signatures.
    pub signed: Vec<SignedAnswer>,
    /// Requests and answers.
    pub texts: Vec<Bytes>,
    /// Contradictions found.
    pub equivocations: Vec<Equivocation>,
}

/// Miners of a round, and all tasks, in the order in which they were judged.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoundTasks {
    /// The miners.
    pub miners: Vec<KeptMiner>,
    /// The tasks.
    pub tasks: Vec<KeptTask>,
    /// Source of the common seed.
    #[serde(default)]
    pub source: Option<KeptSource>,
    /// BLAKE2b-256 of the secret with which the tasks were drawn, hexadecimal; none if they are drawn without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// Submissions. They are kept in a file of their own, which is read for whoever asks.
    #[serde(skip)]
    pub entries: Vec<KeptEntry>,
    /// Tasks that were asked in this round and are judged in a later one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deferred: Vec<KeptTask>,
    /// Tasks of earlier rounds that are judged in this one, before its own and in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matured: Vec<DeferredTasks>,
}

/// Source of a common seed, besides epoch and round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSource {
    /// Hash of block 0, hexadecimal.
    pub genesis: String,
    /// The subnet.
    pub netuid: u16,
    /// Height of the source block.
    pub block: u64,
    /// Its hash, hexadecimal.
    pub hash: String,
    /// The beacon's value of it, hexadecimal, if seeds are drawn from that instead of the hash. Evidence of chains
    /// without the beacon's strict rules, and of blocks before them, has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl KeptSource {
    /// The bytes from which seeds over the block are drawn, hexadecimal.
    pub fn drawn_from(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.hash)
    }
}

/// Submission of a miner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    /// The mechanism.
    pub mechanism: u8,
    /// The miner.
    #[serde(flatten)]
    pub miner: KeptMiner,
    /// 0 for the miner's current entry; from 1 on for entries that it replaced.
    pub place: u8,
    /// Block of the commitment.
    pub block: u64,
    /// The commitment, hexadecimal.
    pub commitment: String,
    /// Number of the reason why there was no artefact then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<u8>,
}

/// A miner that was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMiner {
    /// Its uid.
    pub uid: u16,
    /// Its hotkey, hexadecimal.
    pub hotkey: String,
}

/// A task in full. Of a customer's task a file holds the commitment in place of request and hidden part.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct KeptTask {
    /// Reference of its seed, hexadecimal.
    pub seed: String,
    /// Its number within the seed.
    pub number: u16,
    /// Its kind.
    pub kind: String,
    /// The request; null if it was deleted.
    #[serde(default)]
    pub request: serde_json::Value,
    /// The hidden part of the task; null if it was deleted.
    #[serde(default)]
    pub hidden: serde_json::Value,
    /// For a task that is made of a customer's request: BLAKE2b-256 of its private part, hexadecimal
    /// ([`of_customer`](Self::of_customer)).
    #[serde(default)]
    pub customer: Option<String>,
}

/// Remedy for a failed disk operation.
fn remedy(found: &io::Error) -> &'static str {
    match found.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "; free some space, keep less, or move the data folder to a larger disk"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; let this program read and write there, or move the data folder to another disk"
        }
        io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::DirectoryNotEmpty
        | io::ErrorKind::AlreadyExists => "; something else is in its place, so move that away",
        _ => "",
    }
}

/// Reason why evidence could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A disk operation failed.
    #[error("{attempted} {path} failed: {found}{}", remedy(.found))]
    Disk {
        /// The operation.
        attempted: &'static str,
        /// Path of the file.
        path: String,
        /// Error of the system.
        found: io::Error,
    },
    /// A file is damaged.
    #[error("{path} is damaged: {what}; fetch the epoch again from its validator")]
    Damaged {
        /// Path of the file.
        path: String,
        /// Defect of the file.
        what: String,
    },
}

/// The folder in which a validator keeps its evidence.
#[derive(Clone, Debug)]
pub struct EvidenceFolder {
    /// The folder.
    pub path: PathBuf,
    /// Epochs that are kept.
    pub keep: usize,
}

impl EvidenceFolder {
    /// Keeps the requests and answers of one round, before it is judged, where no epoch is due ([`write_beside`]).
    ///
    /// [`write_beside`]: Self::write_beside
    pub fn write(&self, epoch: u64, round: u16, evidence: &RoundEvidence) -> Result<(), EvidenceError> {
        self.write_beside(&BTreeSet::new(), epoch, round, evidence)
    }

    /// Keeps the requests and answers of one round, before it is judged. Old epochs beyond [`keep`](Self::keep) are
    /// removed, and more of them on a full disk, but none that is `due`.
    pub fn write_beside(
        &self,
        due: &BTreeSet<u64>,
        epoch: u64,
        round: u16,
        evidence: &RoundEvidence,
    ) -> Result<(), EvidenceError> {
        self.making_room(due, || self.try_writing(epoch, round, evidence))?;
        self.prune(due)
    }

    /// Repeats a write on a full disk, each time without the oldest epoch that is not `due`.
    pub(crate) fn making_room(
        &self,
        due: &BTreeSet<u64>,
        write: impl Fn() -> Result<(), EvidenceError>,
    ) -> Result<(), EvidenceError> {
        loop {
            match write() {
                Err(EvidenceError::Disk { found, .. })
                    if matches!(found.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
                        && self.remove_oldest(due)?.is_some() => {}
                written => return written,
            }
        }
    }

    /// Writes the requests and answers of one round. After an error some of the files may be missing.
    pub(crate) fn try_writing(
        &self,
        epoch: u64,
        round: u16,
        evidence: &RoundEvidence,
    ) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch);
        let texts = folder.join("texts");
        crate::private::create_folder(&texts).map_err(|found| disk("creating", &texts, found))?;
        for text in &evidence.texts {
            let path = texts.join(to_hex(&blake2_256(text)));
            if !path.exists() {
                write_whole(&path, text)?;
            }
        }
        for proof in &evidence.equivocations {
            let bytes = pair_bytes(proof);
            write_whole(&folder.join(format!("equivocation-{}", to_hex(&blake2_256(&bytes)))), &bytes)?;
        }
        write_whole(&round_file(&folder, round, "seeds"), &joined(&evidence.seeds, SeedProof::to_bytes))?;
        let path = round_file(&folder, round, "entries");
        let entries = serde_json::to_vec(&evidence.tasks.entries).map_err(|error| damaged(&path, error))?;
        write_whole(&path, &entries)?;
        // Written task by task, so that their text is not held a second time.
        self.write_private(epoch, &evidence.tasks)?;
        let tasks = round_file(&folder, round, "tasks");
        write_with(&tasks, |file| Ok(serde_json::to_writer(file, &evidence.tasks)?))?;
        write_whole(&round_file(&folder, round, "signed"), &joined(&evidence.signed, signed_bytes))
    }

    /// Keeps the records of a round, once it is judged.
    pub fn write_records<'a>(
        &self,
        epoch: u64,
        round: u16,
        records: impl Iterator<Item = &'a Record>,
    ) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch);
        crate::private::create_folder(&folder).map_err(|found| disk("creating", &folder, found))?;
        let path = round_file(&folder, round, "records");
        write_whole(&path, &record_bytes(records).map_err(|error| damaged(&path, error))?)
    }

    /// Keeps the subnet's state before a round, so that the round can be judged again without earlier rounds.
    pub fn write_state<T: Serialize>(&self, epoch: u64, round: u16, state: &T) -> Result<(), EvidenceError> {
        let folder = self.epoch_path(epoch);
        fs::create_dir_all(&folder).map_err(|found| disk("creating", &folder, found))?;
        let path = round_file(&folder, round, "state");
        let state = serde_json::to_vec(state).map_err(|error| damaged(&path, error))?;
        write_whole(&path, &state)
    }

    /// The subnet's state before a round, as the validator recorded it; `None` if it was not kept.
    pub fn state<T: DeserializeOwned>(&self, epoch: u64, round: u16) -> Result<Option<T>, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "state");
        if !path.exists() {
            return Ok(None);
        }
        serde_json::from_slice(&read_whole(&path)?).map(Some).map_err(|error| damaged(&path, error))
    }

    /// Reads the evidence of one round.
    pub fn read(&self, epoch: u64, round: u16) -> Result<RoundEvidence, EvidenceError> {
        Ok(RoundEvidence {
            seeds: read_seeds(&round_file(&self.epoch_path(epoch), round, "seeds"))?,
            tasks: self.tasks(epoch, round)?,
            signed: self.signed(epoch, round)?,
            ..RoundEvidence::default()
        })
    }

    /// Reads who was asked what in one round.
    pub fn tasks(&self, epoch: u64, round: u16) -> Result<RoundTasks, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "tasks");
        let tasks = serde_json::from_slice(&read_up_to(&path, TASKS_LIMIT)?);
        let mut tasks: RoundTasks = tasks.map_err(|error| damaged(&path, error))?;
        self.read_private(epoch, &mut tasks)?;
        Ok(RoundTasks { entries: self.entries(epoch, round)?, ..tasks })
    }

    /// Reads the submissions of one round.
    pub fn entries(&self, epoch: u64, round: u16) -> Result<Vec<KeptEntry>, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "entries");
        serde_json::from_slice(&read_whole(&path)?).map_err(|error| damaged(&path, error))
    }

    /// Reads the records of one round.
    pub fn records(&self, epoch: u64, round: u16) -> Result<Vec<Record>, EvidenceError> {
        let path = self.records_file(epoch, round);
        records_in(&read_whole(&path)?).map_err(|what| damaged(&path, what))
    }

    /// Reads the signed answers of one round.
    pub fn signed(&self, epoch: u64, round: u16) -> Result<Vec<SignedAnswer>, EvidenceError> {
        let path = round_file(&self.epoch_path(epoch), round, "signed");
        let bytes = read_whole(&path)?;
        let mut all = Vec::with_capacity(bytes.len() / SIGNED_LEN);
        for chunk in bytes.chunks(SIGNED_LEN) {
            all.push(read_signed(chunk).ok_or_else(|| damaged(&path, "not a signed answer"))?);
        }
        Ok(all)
    }

    /// A request or answer by its hash.
    pub fn text(&self, epoch: u64, hash: &[u8; 32]) -> Result<Vec<u8>, EvidenceError> {
        read_named(&self.epoch_path(epoch).join("texts"), hash)
    }

    /// The extension of a record: facts beyond its fields.
    pub fn extension(&self, record: &Record) -> Result<Extension, EvidenceError> {
        if record.extension == NO_EXTENSION {
            return Ok(Extension::default());
        }
        let text = self.text(record.epoch, &record.extension)?;
        let path = self.epoch_path(record.epoch).join("texts").join(to_hex(&record.extension));
        Extension::from_bytes(&text).map_err(|error| damaged(&path, error))
    }

    /// Reports of the contradictions that were seen in an epoch, which others can check without having been there.
    ///
    /// A contradiction whose seed was not kept is left out: without the seed nothing can be proved.
    pub fn reports(&self, epoch: u64) -> Result<Vec<Report>, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let (mut seeds, mut tasks) = (Vec::new(), 0);
        let names = fs::read_dir(&folder).map_err(|found| disk("reading", &folder, found))?;
        for path in names.flatten().map(|entry| entry.path()) {
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
            if name.ends_with(".seeds") {
                seeds.extend(read_seeds(&path)?);
            } else if name.ends_with(".tasks") {
                let kept: RoundTasks =
                    serde_json::from_slice(&read_whole(&path)?).map_err(|error| damaged(&path, error))?;
                let earlier = kept.matured.iter().flat_map(|one| &one.tasks);
                let all = kept.tasks.iter().chain(&kept.deferred).chain(earlier);
                tasks = all.map(|task| task.number.saturating_add(1)).fold(tasks, u16::max);
            }
        }
        Ok(self
            .equivocations(epoch)?
            .iter()
            .filter_map(|proof| Report::trace(proof, &seeds, 0..tasks))
            .collect())
    }

    /// Contradictions that were seen in an epoch.
    pub fn equivocations(&self, epoch: u64) -> Result<Vec<Equivocation>, EvidenceError> {
        let folder = self.epoch_path(epoch);
        let names = fs::read_dir(&folder).map_err(|found| disk("reading", &folder, found))?;
        let is_one = |path: &PathBuf| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("equivocation-") && !name.ends_with(".part"))
        };
        let read = |path: PathBuf| {
            read_pair(&read_whole(&path)?).ok_or_else(|| damaged(&path, "not two signed answers"))
        };
        names.flatten().map(|entry| entry.path()).filter(is_one).map(read).collect()
    }

    /// Epochs of which evidence is kept, ascending.
    pub fn epochs(&self) -> Vec<u64> {
        let names = fs::read_dir(&self.path).into_iter().flatten().flatten();
        let number = |entry: fs::DirEntry| entry.file_name().to_str()?.strip_prefix("epoch-")?.parse().ok();
        let mut epochs: Vec<u64> = names.filter_map(number).collect();
        epochs.sort_unstable();
        epochs
    }

    /// Rounds of an epoch that were judged, ascending.
    pub fn rounds(&self, epoch: u64) -> Vec<u16> {
        let names = fs::read_dir(self.epoch_path(epoch)).into_iter().flatten().flatten();
        let number = |entry: fs::DirEntry| {
            let name = entry.file_name();
            name.to_str()?.strip_prefix("round-")?.strip_suffix(".records")?.parse().ok()
        };
        let mut rounds: Vec<u16> = names.filter_map(number).collect();
        rounds.sort_unstable();
        rounds
    }

    /// Folder of the artefacts.
    pub fn artefacts(&self) -> PathBuf {
        self.path.join("artefacts")
    }

    /// Bytes of an artefact, `most` of them from `from` on, and how many it has; `None` if it is not kept.
    pub fn artefact(
        &self,
        commitment: &[u8; 32],
        from: u64,
        most: usize,
    ) -> Result<Option<(u64, Vec<u8>)>, EvidenceError> {
        let path = self.artefacts().join(to_hex(commitment));
        let read = || -> io::Result<Option<(u64, Vec<u8>)>> {
            let Some(file) = open_regular(&path)? else { return Ok(None) };
            let total = file.metadata()?.len();
            Ok(Some((total, read_part(&file, from.min(total), most)?)))
        };
        match read() {
            Err(found) if found.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map_err(|found| disk("reading", &path, found)),
        }
    }

    /// The file of a round's records.
    pub(crate) fn records_file(&self, epoch: u64, round: u16) -> PathBuf {
        round_file(&self.epoch_path(epoch), round, "records")
    }

    fn epoch_path(&self, epoch: u64) -> PathBuf {
        self.path.join(format!("epoch-{epoch:06}"))
    }
}

fn round_file(folder: &Path, round: u16, what: &str) -> PathBuf {
    folder.join(format!("round-{round:02}.{what}"))
}

fn joined<T>(items: &[T], bytes: impl Fn(&T) -> Vec<u8>) -> Vec<u8> {
    items.iter().flat_map(bytes).collect()
}

fn signed_bytes(signed: &SignedAnswer) -> Vec<u8> {
    [&signed.claim.payload()[..], &signed.signature].concat()
}

fn read_signed(bytes: &[u8]) -> Option<SignedAnswer> {
    let (claim, signature) = bytes.split_at_checked(PAYLOAD_LEN)?;
    Some(SignedAnswer { claim: AnswerClaim::from_payload(claim)?, signature: signature.try_into().ok()? })
}

fn pair_bytes(proof: &Equivocation) -> Vec<u8> {
    [signed_bytes(&proof.first), signed_bytes(&proof.second)].concat()
}

fn read_pair(bytes: &[u8]) -> Option<Equivocation> {
    let (first, second) = bytes.split_at_checked(SIGNED_LEN)?;
    Some(Equivocation { first: read_signed(first)?, second: read_signed(second)? })
}

/// Records, each after its length in one byte.
pub(crate) fn record_bytes<'a>(records: impl Iterator<Item = &'a Record>) -> Result<Vec<u8>, RecordError> {
    let mut out = Vec::new();
    for record in records {
        let bytes = record.to_bytes()?;
        debug_assert!(bytes.len() <= RECORD_LIMIT);
        out.push(bytes.len() as u8);
        out.extend(bytes);
    }
    Ok(out)
}

/// Reads the bytes of [`record_bytes`]. The error describes their defect.
pub(crate) fn records_in(bytes: &[u8]) -> Result<Vec<Record>, String> {
    cut_records(bytes)?.into_iter().map(read_record).collect()
}

/// The same with the leaf of each record in the tree of its epoch.
fn leaves_in(bytes: &[u8]) -> Result<Vec<(Record, Hash)>, String> {
    let cut = cut_records(bytes)?;
    let leaves = record_leaves(cut.iter().copied());
    cut.into_iter().zip(leaves).map(|(record, leaf)| Ok((read_record(record)?, leaf))).collect()
}

fn read_record(bytes: &[u8]) -> Result<Record, String> {
    Record::from_bytes(bytes).map_err(|error| error.to_string())
}

fn cut_records(bytes: &[u8]) -> Result<Vec<&[u8]>, String> {
    let (mut rest, mut records) = (bytes, Vec::new());
    while let Some((length, tail)) = rest.split_first() {
        let cut = tail.split_at_checked(usize::from(*length));
        let (record, tail) = cut.ok_or("it ends within a record")?;
        records.push(record);
        rest = tail;
    }
    Ok(records)
}

fn read_seeds(path: &Path) -> Result<Vec<SeedProof>, EvidenceError> {
    let read = |chunk: &[u8]| SeedProof::from_bytes(chunk).map_err(|error| damaged(path, error));
    read_whole(path)?.chunks(SeedProof::LEN).map(read).collect()
}

fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), EvidenceError> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes a file beside its place and renames it, so that no half of it is ever read. After a failure nothing of it is
/// left, because a disk that is full needs the room.
fn write_with(
    path: &Path,
    write: impl FnOnce(&mut io::BufWriter<fs::File>) -> io::Result<()>,
) -> Result<(), EvidenceError> {
    let beside = path.with_extension("part");
    let written = fs::File::create(&beside).and_then(|file| {
        let mut file = io::BufWriter::new(file);
        write(&mut file)?;
        file.flush()?;
        fs::rename(&beside, path)
    });
    written.map_err(|found| {
        // The first error says what is wrong.
        let _ = fs::remove_file(&beside);
        disk("writing", path, found)
    })
}

fn read_whole(path: &Path) -> Result<Vec<u8>, EvidenceError> {
    read_up_to(path, TEXT_LIMIT)
}

fn read_up_to(path: &Path, limit: u64) -> Result<Vec<u8>, EvidenceError> {
    match read_at_most(path, limit) {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(damaged(path, format!("it is no file of at most {limit} bytes"))),
        Err(found) => Err(disk("reading", path, found)),
    }
}

/// Content of a file; `None` if it is larger than `limit` or no regular file. A folder of evidence may come from
/// strangers.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = open_regular(path)? else { return Ok(None) };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= limit).then_some(bytes))
}

pub(crate) fn disk(attempted: &'static str, path: &Path, found: io::Error) -> EvidenceError {
    EvidenceError::Disk { attempted, path: path.display().to_string(), found }
}

pub(crate) fn damaged(path: &Path, what: impl ToString) -> EvidenceError {
    EvidenceError::Damaged { path: path.display().to_string(), what: what.to_string() }
}

#[cfg(test)]
pub(crate) mod tests;

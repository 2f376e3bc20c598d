//! Evaluation records: the evidence that a validator keeps of every answer it judged.
//!
//! A record names the seed that drew the task and the miner, the request and the answer by hash, each part of the
//! score, and the reason. From the records of an epoch, the seed proofs and the texts that the hashes name, anybody can
//! draw the tasks again, score the answers again, and compare. Records are small (at most [`RECORD_LIMIT`] bytes)
//! because a chain or an archive keeps many: texts and proofs stand elsewhere, once each.
//!
//! Scores are integers in millionths ([`Ppm`]) and a [`Rubric`] combines the parts by integer arithmetic alone, so two
//! machines that agree on the parts agree on the score to the last bit.
//!
//! The layout has one spelling per record: fixed fields in order, integers little-endian, no padding, nothing after the
//! end. This module does not know what the parts measure; a subnet names them in its rubric.
//!
//! | bytes | field |
//! |---|---|
//! | 1 | layout version: 1, or 2 with an extension |
//! | 2, 8, 2, 2 | netuid, epoch, round, task |
//! | 1, 32, 32 | audience, reference of the seed, its signer |
//! | 2, 16 | the miner: uid, half a hash of its hotkey |
//! | 32, 32 | hashes of request and answer |
//! | 4 | beginning of the rubric's hash |
//! | 1, 1, 1, 1 | signed, commit order, latency bucket, reason |
//! | 4 | score in millionths |
//! | 1, then 4 each | number of parts, at most [`MAX_PARTS`], and the parts |
//! | 32 | version 2 only: hash of the [`Extension`], not zero |
//!
//! A record without an extension is written as version 1. So its bytes and its hash are what they were before there was
//! a version 2, and nobody pays 32 bytes for a zero.

use alloc::{string::String, vec::Vec};

use crate::{
    hash::{blake2_256, blake2_256_of},
    seed::Audience,
    AccountId,
};

mod extension;
mod rubric;
#[cfg(test)]
mod tests;

pub use extension::{Asked, Extension, EXTENSION_LIMIT};
pub use rubric::{PartRule, Rubric, RubricError};

/// No record is longer than this, in bytes: 200 without an extension, and 32 for the hash of one.
pub const RECORD_LIMIT: usize = 232;

/// A record holds at most this many score parts.
pub const MAX_PARTS: usize = 6;

/// Layout version of a record without an extension, its first byte.
pub const RECORD_VERSION: u8 = 1;

/// Layout version of a record with an extension.
pub const EXTENDED_VERSION: u8 = 2;

/// The hash that a record without an extension has in its place.
pub const NO_EXTENSION: [u8; 32] = [0; 32];

const MINER_DOMAIN: &[u8] = b"myelin/record-miner/1";
const FIXED_LEN: usize = 1 + 2 + 8 + 2 + 2 + 1 + 32 + 32 + 2 + 16 + 32 + 32 + 4 + 1 + 1 + 1 + 1 + 4 + 1;

/// A proportion in millionths: `0..=1_000_000`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(u32);

impl Ppm {
    /// Nothing.
    pub const ZERO: Ppm = Ppm(0);
    /// The whole: a million millionths.
    pub const ONE: Ppm = Ppm(1_000_000);

    /// `value` millionths; more than a million become a million.
    pub const fn new(value: u32) -> Self {
        if value > 1_000_000 {
            Ppm::ONE
        } else {
            Ppm(value)
        }
    }

    /// `part / whole`, floored to millionths and capped at the whole; zero if `whole` is zero.
    pub fn ratio(part: u64, whole: u64) -> Self {
        if whole == 0 {
            return Ppm::ZERO;
        }
        let floored = u128::from(part) * 1_000_000 / u128::from(whole);
        Ppm(u32::try_from(floored.min(1_000_000)).unwrap_or(1_000_000))
    }

    /// The millionths.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// `self · other`, floored.
    pub fn of(self, other: Ppm) -> Self {
        Ppm((u64::from(self.0) * u64::from(other.0) / 1_000_000) as u32)
    }

    /// The difference to the whole.
    pub fn rest(self) -> Self {
        Ppm(1_000_000 - self.0)
    }
}

/// Reason of a score. Each code either pays by the rubric or pays nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// The answer was judged by the rubric.
    Scored = 0,
    /// The miner gave no text.
    Empty = 1,
    /// The text is not what the task asks for by any measure.
    Garbage = 2,
    /// The time was over without an answer.
    Late = 3,
    /// The answer is larger than the task allows.
    Oversize = 4,
    /// The reply could not be read as an answer of this subnet.
    Malformed = 5,
    /// Nobody accepted the connection, or it broke before there was a reply.
    Unreachable = 6,
    /// Neither paid nor counted. Either an allowance of the miner, for single requests or for whole rounds, covers that
    /// it was unreachable, or the validator could not judge the answer.
    Excused = 7,
    /// The signature on the answer does not verify.
    BadSignature = 8,
    /// The task asks for a commitment first, and none came.
    NoCommitment = 9,
    /// The opened answer is not the one committed to.
    BrokenCommitment = 10,
    /// The miner signed two different answers to one challenge and one request.
    Equivocation = 11,
    /// The miner's answers of the round agree with another's beyond chance; the group is paid through the other.
    Grouped = 12,
    /// The miner refused to answer, with any status and before its time was over.
    Refused = 13,
    /// The answer came in time and form, and was not among those drawn to be judged. It counts toward the amount of
    /// work that the miner did.
    Counted = 14,
    /// The answer came sooner than it can be computed: the miner knew it before the question.
    TooFast = 15,
}

impl Reason {
    /// Every reason, in the order of its code.
    pub const ALL: [Reason; 16] = [
        Reason::Scored,
        Reason::Empty,
        Reason::Garbage,
        Reason::Late,
        Reason::Oversize,
        Reason::Malformed,
        Reason::Unreachable,
        Reason::Excused,
        Reason::BadSignature,
        Reason::NoCommitment,
        Reason::BrokenCommitment,
        Reason::Equivocation,
        Reason::Grouped,
        Reason::Refused,
        Reason::Counted,
        Reason::TooFast,
    ];

    /// The code in a record.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The reason of a code.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether the parts are paid by the rubric; otherwise the score is zero.
    pub fn pays(self) -> bool {
        self == Reason::Scored
    }

    /// Whether the score enters the miner's average; an excused fault and an answer that was not judged do not.
    pub fn counts(self) -> bool {
        !matches!(self, Reason::Excused | Reason::Counted)
    }

    /// One lower-case word for tables and logs.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Scored => "scored",
            Reason::Empty => "empty",
            Reason::Garbage => "garbage",
            Reason::Late => "late",
            Reason::Oversize => "oversize",
            Reason::Malformed => "malformed",
            Reason::Unreachable => "unreachable",
            Reason::Excused => "excused",
            Reason::BadSignature => "bad-signature",
            Reason::NoCommitment => "no-commitment",
            Reason::BrokenCommitment => "broken-commitment",
            Reason::Equivocation => "equivocation",
            Reason::Grouped => "grouped",
            Reason::Refused => "refused",
            Reason::Counted => "counted",
            Reason::TooFast => "too-fast",
        }
    }
}

/// Latency of an answer, in four steps per doubling: exact enough to judge speed, coarse enough to be one byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LatencyBucket(u8);

impl LatencyBucket {
    /// The bucket of a duration: the index of the largest step not above it.
    ///
    /// Milliseconds below 4 are their own bucket; above, `4·(log2 floor − 1) + the two bits after the leading one`.
    pub fn of_ms(ms: u64) -> Self {
        if ms < 4 {
            return Self(ms as u8);
        }
        let log = ms.ilog2();
        let fraction = (ms >> (log - 2)) & 3;
        Self((4 * (log - 1)) as u8 + fraction as u8)
    }

    /// The shortest duration of the bucket in milliseconds: scores for speed are computed from it.
    pub fn start_ms(self) -> u64 {
        if self.0 < 4 {
            return u64::from(self.0);
        }
        let log = u32::from(self.0) / 4 + 1;
        let fraction = u64::from(self.0) & 3;
        (4 + fraction) << (log - 2)
    }

    /// The bucket's number.
    pub fn number(self) -> u8 {
        self.0
    }

    fn from_number(number: u8) -> Option<Self> {
        // The last bucket that a 64-bit number of milliseconds falls into.
        (number <= 251).then_some(Self(number))
    }
}

/// The 16 bytes by which a record names a miner's hotkey.
pub fn miner_digest(hotkey: &AccountId) -> [u8; 16] {
    let mut digest = [0; 16];
    digest.copy_from_slice(&blake2_256_of(&[MINER_DOMAIN, hotkey])[..16]);
    digest
}

/// One judged answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The subnet.
    pub netuid: u16,
    /// The subnet's epoch index.
    pub epoch: u64,
    /// Round within the epoch.
    pub round: u16,
    /// Number of the task within its seed.
    pub task: u16,
    /// Tag of the seed's audience: 0 the round, 1 one miner (then it is the miner of this record).
    pub audience: u8,
    /// [`SeedProof::reference`](crate::seed::SeedProof::reference) of the seed.
    pub seed: [u8; 32],
    /// The hotkey that evaluated the VRF of the seed.
    pub signer: AccountId,
    /// The miner's uid when it was asked.
    pub miner_uid: u16,
    /// [`miner_digest`] of its hotkey.
    pub miner: [u8; 16],
    /// Hash of the request.
    pub request: [u8; 32],
    /// Hash of the answer as the miner signed it; zero if there was none.
    pub answer: [u8; 32],
    /// First four bytes of the rubric's hash.
    pub rubric: [u8; 4],
    /// Whether the answer carried a valid signature of the miner.
    pub signed: bool,
    /// Place of the miner's commitment among those of this task, from 0; 255 if it made none.
    pub commit_order: u8,
    /// Latency of the miner's answer.
    pub latency: LatencyBucket,
    /// Reason of the score.
    pub reason: Reason,
    /// Score of the answer.
    pub score: Ppm,
    /// The parts of the score in the order of the rubric, at most [`MAX_PARTS`].
    pub parts: Vec<Ppm>,
    /// [`Extension::hash`] of the record's extension; [`NO_EXTENSION`] for none.
    pub extension: [u8; 32],
}

/// Reasons why bytes are not a record, or why a record does not follow its rubric.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The bytes are no record of a known layout, or no extension of one.
    #[error("not an evaluation record or an extension of one: {what} at byte {at}")]
    Malformed {
        /// The problem.
        what: &'static str,
        /// Byte of the problem.
        at: usize,
    },
    /// More parts than a record holds.
    #[error("a record holds at most {MAX_PARTS} score parts, not {0}")]
    TooManyParts(usize),
    /// Made with another rubric.
    #[error("the record was made with another rubric than the one it is checked by")]
    OtherRubric,
    /// The score does not follow from the parts.
    #[error("the record claims a score of {claimed} millionths, its parts give {recomputed}")]
    WrongScore {
        /// Score in the record.
        claimed: u32,
        /// Score by the rubric.
        recomputed: u32,
    },
    /// The rubric cannot be applied.
    #[error("{0}")]
    Rubric(#[from] RubricError),
}

impl Record {
    /// Canonical bytes, at most [`RECORD_LIMIT`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        if self.parts.len() > MAX_PARTS {
            return Err(RecordError::TooManyParts(self.parts.len()));
        }
        let extended = self.extension != NO_EXTENSION;
        let mut out = Vec::with_capacity(FIXED_LEN + 4 * self.parts.len() + 32);
        out.push(if extended { EXTENDED_VERSION } else { RECORD_VERSION });
        out.extend_from_slice(&self.netuid.to_le_bytes());
        out.extend_from_slice(&self.epoch.to_le_bytes());
        out.extend_from_slice(&self.round.to_le_bytes());
        out.extend_from_slice(&self.task.to_le_bytes());
        out.push(self.audience);
        out.extend_from_slice(&self.seed);
        out.extend_from_slice(&self.signer);
        out.extend_from_slice(&self.miner_uid.to_le_bytes());
        out.extend_from_slice(&self.miner);
        out.extend_from_slice(&self.request);
        out.extend_from_slice(&self.answer);
        out.extend_from_slice(&self.rubric);
        out.push(u8::from(self.signed));
        out.push(self.commit_order);
        out.push(self.latency.number());
        out.push(self.reason.code());
        out.extend_from_slice(&self.score.get().to_le_bytes());
        out.push(self.parts.len() as u8);
        for part in &self.parts {
            out.extend_from_slice(&part.get().to_le_bytes());
        }
        if extended {
            out.extend_from_slice(&self.extension);
        }
        Ok(out)
    }

    /// Reads [`to_bytes`](Self::to_bytes); every other spelling is refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let mut reader = Reader { bytes, at: 0 };
        let version = |byte| match byte {
            RECORD_VERSION => Some(false),
            EXTENDED_VERSION => Some(true),
            _ => None,
        };
        let extended = reader.read("unknown layout version", version)?;
        let record = Record {
            netuid: u16::from_le_bytes(reader.take()?),
            epoch: u64::from_le_bytes(reader.take()?),
            round: u16::from_le_bytes(reader.take()?),
            task: u16::from_le_bytes(reader.take()?),
            audience: reader.read("unknown audience", |tag| (tag <= 1).then_some(tag))?,
            seed: reader.take()?,
            signer: reader.take()?,
            miner_uid: u16::from_le_bytes(reader.take()?),
            miner: reader.take()?,
            request: reader.take()?,
            answer: reader.take()?,
            rubric: reader.take()?,
            signed: reader.read("signature mark is neither 0 nor 1", |b| (b <= 1).then_some(b == 1))?,
            commit_order: reader.read("", Some)?,
            latency: reader.read("unknown latency bucket", LatencyBucket::from_number)?,
            reason: reader.read("unknown reason", Reason::from_code)?,
            score: reader.ppm()?,
            parts: {
                let count = reader.read("too many parts", |n| (usize::from(n) <= MAX_PARTS).then_some(n))?;
                (0..count).map(|_| reader.ppm()).collect::<Result<_, _>>()?
            },
            extension: match extended {
                true => reader.extension()?,
                false => NO_EXTENSION,
            },
        };
        reader.finish()?;
        Ok(record)
    }

    /// Hash of the canonical bytes.
    pub fn hash(&self) -> Result<[u8; 32], RecordError> {
        self.to_bytes().map(|bytes| blake2_256(&bytes))
    }

    /// The score that `rubric` gives to this record's parts and reason: the number an auditor recomputes.
    pub fn recompute(&self, rubric: &Rubric) -> Result<Ppm, RecordError> {
        Ok(rubric.score(&self.parts, self.reason)?)
    }

    /// Checks that the score follows from parts and reason by `rubric`.
    pub fn check(&self, rubric: &Rubric) -> Result<(), RecordError> {
        if self.rubric != rubric.tag() {
            return Err(RecordError::OtherRubric);
        }
        let recomputed = self.recompute(rubric)?;
        if recomputed != self.score {
            return Err(RecordError::WrongScore { claimed: self.score.get(), recomputed: recomputed.get() });
        }
        Ok(())
    }

    /// Whether this record belongs to tasks for `audience` and miner `hotkey`.
    pub fn is_about(&self, audience: &Audience, hotkey: &AccountId) -> bool {
        let for_this_miner = match audience {
            Audience::Round => true,
            Audience::Miner(only) => only == hotkey,
        };
        self.audience == audience.tag() && for_this_miner && self.miner == miner_digest(hotkey)
    }

    /// The record as one line for people: occasion, miner, parts by name, score and reason.
    pub fn explain(&self, rubric: &Rubric) -> String {
        use core::fmt::Write;
        let mut line = String::new();
        let _ = write!(
            line,
            "epoch {} round {} task {} uid {}: {} after {} ms",
            self.epoch,
            self.round,
            self.task,
            self.miner_uid,
            self.reason.word(),
            self.latency.start_ms()
        );
        for (rule, part) in rubric.parts().iter().zip(&self.parts) {
            let _ = write!(line, ", {} {}", rule.name(), part.get());
        }
        let _ = write!(line, " → {}", self.score.get());
        line
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let end = self.at + N;
        let field = self.bytes.get(self.at..end).and_then(|field| field.try_into().ok());
        let field = field.ok_or(RecordError::Malformed { what: "too short", at: self.bytes.len() })?;
        self.at = end;
        Ok(field)
    }

    fn read<T>(&mut self, what: &'static str, parse: impl FnOnce(u8) -> Option<T>) -> Result<T, RecordError> {
        let at = self.at;
        let [byte] = self.take()?;
        parse(byte).ok_or(RecordError::Malformed { what, at })
    }

    fn expect_byte(&mut self, byte: u8, what: &'static str) -> Result<(), RecordError> {
        self.read(what, |found| (found == byte).then_some(()))
    }

    fn extension(&mut self) -> Result<[u8; 32], RecordError> {
        let at = self.at;
        let hash = self.take()?;
        if hash == NO_EXTENSION {
            return Err(RecordError::Malformed { what: "an extension without a hash", at });
        }
        Ok(hash)
    }

    fn ppm(&mut self) -> Result<Ppm, RecordError> {
        let at = self.at;
        let value = u32::from_le_bytes(self.take()?);
        if value > Ppm::ONE.get() {
            return Err(RecordError::Malformed { what: "more than a million millionths", at });
        }
        Ok(Ppm::new(value))
    }

    fn finish(self) -> Result<(), RecordError> {
        if self.at != self.bytes.len() {
            return Err(RecordError::Malformed { what: "bytes after the end", at: self.at });
        }
        Ok(())
    }
}

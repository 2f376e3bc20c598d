//! Feeds: series of the world whose next values nobody has yet.
//!
//! A feed is a record of ticks, a CSV file with a time and a value in each line. It grows: another program writes it,
//! or [`source`] appends what a server says. A task shows the values at the last full steps and asks how they go on;
//! it is judged when the record has passed the horizon.
//!
//! A record is named by the hash over its ticks, beginning with the first. What a task shows and what it is judged by
//! follow from the first so many ticks, so anybody with the file can compute them again, and validators with other
//! files are told apart.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use myelin_wire::{
    hash::{blake2_256_of, to_hex},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{protocol::LARGEST, series::USUAL_STEP, upload};

mod settings;
mod source;

pub use settings::{FeedError, FeedSettings, FeedsSettings, MOST_FEEDS};
pub use source::now;

/// Fewest and most points that a task shows.
const SHOWN: (usize, usize) = (64, 384);
/// Most bytes of a record.
const MOST_BYTES: u64 = 256 << 20;
/// Time for sending a task and for the clocks of others, beside the time to answer it.
const SLACK: Duration = Duration::from_secs(10);

/// One observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Seconds since 1970.
    pub time: u64,
    /// The value in billionths.
    pub value: i128,
}

/// Observations, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    ticks: Vec<Tick>,
    hash: [u8; 32],
    /// The hash behind every so many ticks, from which others are computed.
    marks: Vec<[u8; 32]>,
}

/// Ticks from one mark to the next.
const MARK: usize = 4096;

/// Checkpoint of a record: its length, and the hash over everything up to there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Number of ticks.
    pub ticks: u64,
    /// Hash over them in hex: `h(n) = BLAKE2b-256(h(n − 1) ‖ time ‖ value)`. Numbers have the lowest byte first, in 8
    /// and 16 bytes; `h(0)` is 32 zeros.
    pub hash: String,
}

/// Reasons for refusing a tick.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TickError {
    /// The line has no comma.
    #[error("`{0}` is not a time and a value with a comma between them")]
    Form(String),
    /// The time cannot be read.
    #[error("`{0}` is no time; seconds since 1970 or `2026-11-25T10:00:00Z` are")]
    Time(String),
    /// The time is not after the one before.
    #[error("the time {0} is not after that of the tick before, {1}")]
    Back(u64, u64),
    /// The value is not a number.
    #[error("`{0}` is no plain decimal number of at most 9 decimals, such as 12.5")]
    Value(String),
}

/// Values at full steps, and how they become ticks of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Window {
    values: Vec<i128>,
    /// Sum of the sizes of its steps.
    moved: i128,
}

impl Tick {
    /// Reads a line of a record.
    pub fn read(line: &str) -> Result<Self, TickError> {
        let (time, value) = line.split_once(',').ok_or_else(|| TickError::Form(short(line)))?;
        let seconds = upload::seconds(time.trim()).and_then(|time| u64::try_from(time).ok());
        let time = seconds.ok_or_else(|| TickError::Time(short(time)))?;
        Ok(Self { time, value: Self::value_of(value.trim())? })
    }

    /// Reads a decimal number.
    pub fn value_of(text: &str) -> Result<i128, TickError> {
        let (digits, decimals) = upload::decimal(text).ok_or_else(|| TickError::Value(short(text)))?;
        Ok(i128::from(digits) * 10i128.pow(9 - decimals))
    }

    /// The line of a record.
    pub fn line(&self) -> String {
        let (sign, size) = (if self.value < 0 { "-" } else { "" }, self.value.unsigned_abs());
        let decimals = format!("{:09}", size % 1_000_000_000);
        let value = format!("{sign}{}.{}", size / 1_000_000_000, decimals.trim_end_matches('0'));
        format!("{},{}\n", self.time, value.trim_end_matches('.'))
    }
}

/// The beginning of a text, for an error.
fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

impl Record {
    /// Appends a tick, whose time must be after that of the last one.
    pub fn push(&mut self, tick: Tick) -> Result<(), TickError> {
        if let Some(last) = self.ticks.last().filter(|last| last.time >= tick.time) {
            return Err(TickError::Back(tick.time, last.time));
        }
        self.hash = linked(&self.hash, &tick);
        self.ticks.push(tick);
        if self.ticks.len().is_multiple_of(MARK) {
            self.marks.push(self.hash);
        }
        Ok(())
    }

    /// The end of the record.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { ticks: self.ticks.len() as u64, hash: to_hex(&self.hash) }
    }

    /// Time of the last tick.
    pub fn last_time(&self) -> Option<u64> {
        self.ticks.last().map(|tick| tick.time)
    }

    /// The first ticks, if the record has that checkpoint.
    fn up_to(&self, checkpoint: &Checkpoint) -> Option<&[Tick]> {
        let ticks = self.ticks.get(..usize::try_from(checkpoint.ticks).ok()?)?;
        let marked = ticks.len() / MARK;
        let before = marked.checked_sub(1).map_or([0; 32], |mark| self.marks[mark]);
        let hash = ticks[marked * MARK..].iter().fold(before, |hash, tick| linked(&hash, tick));
        (to_hex(&hash) == checkpoint.hash).then_some(ticks)
    }
}

fn linked(hash: &[u8; 32], tick: &Tick) -> [u8; 32] {
    blake2_256_of(&[hash, &tick.time.to_le_bytes(), &tick.value.to_le_bytes()])
}

/// The value at a time: that of the last tick up to it, which may be so many seconds old.
fn value_at(ticks: &[Tick], time: u64, patience: u64) -> Option<i128> {
    let before = ticks.partition_point(|tick| tick.time <= time);
    let tick = ticks.get(before.checked_sub(1)?)?;
    (time - tick.time <= patience).then_some(tick.value)
}

impl Window {
    /// The values at the last full steps up to `last`, as far back as no value is missing; `None` if they are too few,
    /// or none of them differs from the one before.
    fn back_from(ticks: &[Tick], last: u64, step: u64, patience: u64) -> Option<Self> {
        let times = (0..SHOWN.1 as u64).map_while(|back| last.checked_sub(back * step));
        let mut values: Vec<i128> = times.map_while(|time| value_at(ticks, time, patience)).collect();
        values.reverse();
        let moved = values.windows(2).map(|two| (two[1] - two[0]).abs()).sum();
        (values.len() >= SHOWN.0 && moved > 0).then_some(Self { values, moved })
    }

    /// A value in ticks, from the last shown value on, of which the mean step has [`USUAL_STEP`].
    fn ticks(&self, value: i128) -> i32 {
        let last = self.values.last().copied().unwrap_or_default();
        let steps = self.values.len() as i128 - 1;
        let largest = i128::from(LARGEST);
        ((value - last) * steps * USUAL_STEP as i128 / self.moved).clamp(-largest, largest) as i32
    }
}

/// A series that is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Name of the feed.
    pub feed: String,
    /// Time of the last point.
    pub last: u64,
    /// The points in ticks.
    pub history: Vec<i32>,
    /// Part of the record that they follow from.
    pub checkpoint: Checkpoint,
}

/// One feed.
#[derive(Debug)]
pub struct Feed {
    name: String,
    /// Seconds for which a value stands where no other follows.
    patience: u64,
    record: Mutex<Record>,
}

impl Feed {
    /// A feed of a record.
    pub fn new(name: String, patience: Duration, record: Record) -> Self {
        Self { name, patience: patience.as_secs(), record: Mutex::new(record) }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a tick.
    pub fn push(&self, tick: Tick) -> Result<(), TickError> {
        self.record().push(tick)
    }

    /// Time of the last tick.
    pub fn last_time(&self) -> Option<u64> {
        self.record().last_time()
    }

    /// The series at this time; `None` while the feed is down, or too young.
    fn show(&self, now: u64, step: u64) -> Option<Shown> {
        let record = self.record();
        let last = now - now % step;
        let window = Window::back_from(&record.ticks, last, step, self.patience)?;
        let history = window.values.iter().map(|value| window.ticks(*value)).collect();
        Some(Shown { feed: self.name.clone(), last, history, checkpoint: record.checkpoint() })
    }

    /// How a series has gone on; `None` as long as the record has not passed the last step, and for good where a
    /// value is missing, or the record is another one.
    fn outcome(&self, shown: &Shown, step: u64, steps: u64) -> Option<(Vec<i32>, Checkpoint)> {
        let record = self.record();
        let end = shown.last.checked_add(steps.checked_mul(step)?)?;
        record.last_time().filter(|time| *time > end)?;
        let window = Window::back_from(record.up_to(&shown.checkpoint)?, shown.last, step, self.patience)?;
        let same = window.values.iter().map(|value| window.ticks(*value)).eq(shown.history.iter().copied());
        let value = |step_no| value_at(&record.ticks, shown.last + step_no * step, self.patience);
        let values: Vec<i128> = (1..=steps).map_while(value).collect();
        let whole = same && values.len() as u64 == steps;
        whole.then(|| (values.iter().map(|value| window.ticks(*value)).collect(), record.checkpoint()))
    }
}

/// The feeds of a validator, or of an auditor with the same records.
#[derive(Clone, Debug)]
pub struct Feeds {
    /// Seconds from point to point.
    pub step: u32,
    /// Milliseconds of a block of the chain, by which the time until judgement is counted.
    pub block_ms: u32,
    /// The feeds.
    pub feeds: Vec<Arc<Feed>>,
}

impl Feeds {
    /// The series of a task with this seed; `None` while its feed is down.
    pub fn show(&self, seed: &Seed, now: u64) -> Option<Shown> {
        let at = seed.derive(b"finance feed", 0).rng().index(self.feeds.len())?;
        self.feeds.get(at)?.show(now, self.step.into())
    }

    /// How a series has gone on.
    pub fn outcome(&self, shown: &Shown, steps: u16) -> Option<(Vec<i32>, Checkpoint)> {
        let feed = self.feeds.iter().find(|feed| feed.name == shown.feed)?;
        feed.outcome(shown, self.step.into(), steps.into())
    }

    /// Steps behind the last point whose values may be known before the answers are committed to.
    pub fn lead(&self, deadline: Duration) -> u16 {
        let seconds = (deadline + SLACK).as_secs();
        u16::try_from(seconds.div_ceil(u64::from(self.step.max(1)))).unwrap_or(u16::MAX)
    }
}

#[cfg(test)]
mod tests;

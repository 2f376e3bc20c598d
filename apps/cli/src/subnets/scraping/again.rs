//! Jobs that are done again and again, and the file beside each table that says when its job is due.
//!
//! The file is locked while a job is done or waited for, so two programs never write one table.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use myelin_scraping::due::Due;
use myelin_scraping::job::{files, Job as Rows};
use myelin_scraping::{runs::beside, table};

use super::{Clock, JobFile};
use crate::output::{at, fail, plain, tell, Failure, Outcome};
use crate::subnets::{Job, Jobs};

/// Longest file of a time in bytes.
const LONGEST: u64 = 1_024;

/// The time of a job's next run, for this program alone.
pub struct Turn {
    path: PathBuf,
    file: File,
    due: Due,
    every: u64,
}

impl Turn {
    /// Takes the turn of the job whose table is `out`, until it is dropped.
    pub fn take(out: &Path, every: u64) -> Result<Self, Failure> {
        let path = beside(out, "due");
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = file.map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return fail(format!(
                    "another `myelin ask` on this machine writes {}; wait for it or stop it, or name another file \
                     with --out",
                    out.display()
                ))
            }
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
        let mut text = String::new();
        // A damaged file says nothing, and then the job is due.
        let _ = (&mut file).take(LONGEST).read_to_string(&mut text);
        Ok(Self { path, file, due: Due::read(&text), every })
    }

    fn wait(&self, now: u64) -> u64 {
        self.due.wait(now, self.every)
    }

    /// Keeps the time of the next run.
    pub fn ended(&mut self, succeeded: bool, now: u64) -> Outcome {
        self.due = match succeeded {
            true => self.due.succeeded(now, self.every),
            false => self.due.failed(now, self.every),
        };
        let text = self.due.written();
        let file = &mut self.file;
        let written = file.rewind().and_then(|()| file.write_all(text.as_bytes()));
        written.and_then(|()| file.set_len(text.len() as u64)).map_err(at(&self.path))
    }
}

/// A job, its table, and the time of its next run.
struct Timed {
    path: PathBuf,
    out: PathBuf,
    turn: Turn,
}

/// Jobs that are done whenever they are due, one after the other.
pub struct Repeated {
    jobs: Vec<Timed>,
    store: Option<String>,
    clock: Clock,
    /// The place of the job that is due first; none before it was looked for.
    first: Option<usize>,
}

impl Repeated {
    /// A job and its table, or all jobs of a folder (`*.toml`) and a folder for their tables.
    pub fn open(path: &Path, out: &Path, store: Option<String>, clock: Clock) -> Result<Self, Failure> {
        let places: Vec<(PathBuf, PathBuf)> = if path.is_dir() {
            if store.is_some() {
                return fail("--store is for one table; leave it out, or repeat one job instead of a folder");
            }
            std::fs::create_dir_all(out).map_err(at(out))?;
            let table = |job: PathBuf| {
                let mut name = job.file_stem().unwrap_or_default().to_owned();
                name.push(".csv");
                let table = out.join(name);
                (job, table)
            };
            files(path)?.into_iter().map(table).collect()
        } else {
            vec![(path.to_owned(), out.to_owned())]
        };
        let mut jobs = Vec::new();
        for (path, out) in places {
            let Some(every) = Rows::read(&path)?.every else {
                return fail(format!(
                    "{}: it does not say how often it is done; add a line such as `every = \"6h\"`",
                    path.display()
                ));
            };
            if !table::is_known(&out) {
                return fail(super::ending(&out));
            }
            jobs.push(Timed { turn: Turn::take(&out, every)?, path, out });
        }
        if jobs.is_empty() {
            return fail(format!("{}: no jobs (*.toml); write one there", path.display()));
        }
        Ok(Self { jobs, store, clock, first: None })
    }
}

impl Jobs for Repeated {
    fn wait(&mut self) -> Duration {
        let now = (self.clock)();
        let waits = self.jobs.iter().enumerate().map(|(place, job)| (job.turn.wait(now), place));
        let (wait, first) = waits.min().unwrap_or_default();
        if self.first.replace(first).is_none() {
            let (count, path) = (self.jobs.len(), self.jobs[first].path.display());
            tell!("jobs: {count}; the next one is {path}, in {}", in_words(wait));
        }
        Duration::from_secs(wait)
    }

    fn open(&mut self) -> Result<Box<dyn Job>, Failure> {
        let (store, clock) = (super::stored(self.store.as_deref())?, self.clock.clone());
        let timed = &mut self.jobs[self.first.unwrap_or_default()];
        let file = JobFile::open(&timed.path, &timed.out, store, clock, false)?;
        // The file may have changed since the last run.
        timed.turn.every = file.job.every.unwrap_or(timed.turn.every);
        Ok(Box::new(file))
    }

    fn ended(&mut self, outcome: Outcome) -> Outcome {
        let now = (self.clock)();
        let Timed { path, turn, .. } = &mut self.jobs[self.first.unwrap_or_default()];
        turn.ended(outcome.is_ok(), now)?;
        let (wait, path) = (in_words(turn.wait(now)), path.display());
        match outcome {
            Ok(()) => tell!("{path}: again in {wait}"),
            Err(error) => {
                let error = plain(&error.to_string());
                tell!("{path}: {error}\n{path}: failure number {}, again in {wait}", turn.due.failures);
            }
        }
        Ok(())
    }
}

/// Seconds with the two largest of their units: `5 h 59 min`.
fn in_words(seconds: u64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut left = seconds;
    let parts = units.map(|(name, unit)| {
        let number = left / unit;
        left %= unit;
        (number, name)
    });
    let from = parts.iter().position(|(number, _)| *number > 0).unwrap_or(units.len() - 1);
    let shown = parts[from..].iter().take(2).filter(|(number, _)| *number > 0);
    let shown: Vec<String> = shown.map(|(number, name)| format!("{number} {name}")).collect();
    if shown.is_empty() {
        "0 s".into()
    } else {
        shown.join(" ")
    }
}

#[cfg(test)]
mod tests;

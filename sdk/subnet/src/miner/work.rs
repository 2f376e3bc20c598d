//! Record of a miner's work: its answers, their times, and failures with their causes.
//!
//! A failure is logged when its cause is new since the last answer, and counted after that.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::subnet::AnswerError;

/// Times of answers that the median is taken of.
const TIMES: usize = 256;
/// Causes that are counted by name; further ones are counted together.
const CAUSES: usize = 32;
/// Bytes of a cause that are kept.
const LONGEST_CAUSE: usize = 160;
/// The name of the causes beyond [`CAUSES`].
const OTHERS: &str = "other causes";

/// State of a miner's work at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MinerWork {
    /// Answers given.
    pub answered: u64,
    /// Requests that the subnet's code refused as unfit.
    pub refused: u64,
    /// Requests without an answer because of a failure.
    pub failed: u64,
    /// Failures by cause, without the numbers in its text.
    pub causes: BTreeMap<String, u64>,
    /// Median time of the last answers.
    pub median: Option<Duration>,
    /// Time since the last request.
    pub asked: Option<Duration>,
    /// Requests that are being answered now.
    pub running: usize,
    /// Time for which the oldest of them has been running.
    pub oldest: Option<Duration>,
    /// Failures since the last answer.
    pub failing: Option<Failing>,
}

/// Failures without an answer between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// Time since the first of them.
    pub since: Duration,
    /// Number of failures.
    pub failures: u64,
    /// The cause of the last one.
    pub cause: String,
}

/// Keeps count of a miner's work.
#[derive(Clone, Default)]
pub(super) struct Work(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    answered: u64,
    refused: u64,
    causes: BTreeMap<String, u64>,
    times: VecDeque<Duration>,
    asked: Option<Instant>,
    running: BTreeMap<u64, Instant>,
    begun: u64,
    /// Time of the first failure, number of failures, and cause of the last.
    failing: Option<(Instant, u64, String)>,
    /// Causes that were logged since the last answer.
    logged: BTreeSet<String>,
}

/// A request that is being answered.
pub(super) struct Job {
    work: Work,
    number: u64,
}

impl Work {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        // Each counter is valid by itself, so a thread that died with the lock does no harm.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request.
    pub(super) fn asked(&self) {
        self.lock().asked = Some(Instant::now());
    }

    /// Notes that an answer is being computed.
    pub(super) fn begin(&self) -> Job {
        let mut counts = self.lock();
        counts.begun += 1;
        let number = counts.begun;
        counts.running.insert(number, Instant::now());
        Job { work: self.clone(), number }
    }

    /// The state until now.
    pub(super) fn snapshot(&self) -> MinerWork {
        let counts = self.lock();
        let mut times: Vec<Duration> = counts.times.iter().copied().collect();
        times.sort_unstable();
        MinerWork {
            answered: counts.answered,
            refused: counts.refused,
            failed: counts.causes.values().sum(),
            causes: counts.causes.clone(),
            median: times.get(times.len() / 2).copied(),
            asked: counts.asked.map(|at| at.elapsed()),
            running: counts.running.len(),
            oldest: counts.running.values().map(Instant::elapsed).max(),
            failing: counts.failing.as_ref().map(|(since, failures, cause)| Failing {
                since: since.elapsed(),
                failures: *failures,
                cause: cause.clone(),
            }),
        }
    }
}

impl Counts {
    fn answered(&mut self, took: Duration) {
        self.answered += 1;
        self.times.push_back(took);
        if self.times.len() > TIMES {
            self.times.pop_front();
        }
        self.logged.clear();
        if let Some((since, failures, _)) = self.failing.take() {
            tracing::info!(failures, seconds = since.elapsed().as_secs(), "the backend answers again");
        }
    }

    fn failed(&mut self, why: &str) {
        let cause = cause_of(why);
        let known = self.causes.contains_key(&cause) || self.causes.len() < CAUSES;
        let cause = if known { cause } else { OTHERS.to_owned() };
        *self.causes.entry(cause.clone()).or_default() += 1;
        if self.logged.insert(cause.clone()) {
            tracing::warn!(why, "the backend gave no answer; further failures of this cause are counted");
        }
        let (_, failures, last) = self.failing.get_or_insert_with(|| (Instant::now(), 0, String::new()));
        (*failures, *last) = (*failures + 1, cause);
    }
}

impl Job {
    /// Notes the result.
    pub(super) fn ended<R>(self, outcome: Result<&R, &AnswerError>) {
        let mut counts = self.work.lock();
        let took = counts.running.get(&self.number).map(Instant::elapsed).unwrap_or_default();
        match outcome {
            Ok(_) => counts.answered(took),
            Err(AnswerError::Refused(_)) => counts.refused += 1,
            Err(AnswerError::Backend(why)) => counts.failed(why),
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        self.work.lock().running.remove(&self.number);
    }
}

/// A cause without its numbers, which differ from time to time: `after 392.5ms` and `after 0ns` are one cause.
pub(super) fn cause_of(why: &str) -> String {
    let mut cause = String::new();
    for letter in why.chars() {
        match letter {
            '0'..='9' | '.' if cause.ends_with('…') => {}
            '0'..='9' => cause.push('…'),
            letter => cause.push(letter),
        }
        if cause.len() >= LONGEST_CAUSE {
            break;
        }
    }
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(why: &str) -> AnswerError {
        AnswerError::Backend(why.into())
    }

    #[test]
    fn failures_are_counted_by_cause_and_end_with_an_answer() {
        let work = Work::default();
        assert_eq!(work.snapshot(), MinerWork::default());
        work.asked();
        for millis in ["392.514217", "0"] {
            work.begin().ended::<()>(Err(&failure(&format!("no answer after {millis}ms"))));
        }
        work.begin().ended::<()>(Err(&failure("connection refused")));
        work.begin().ended::<()>(Err(&AnswerError::Refused("too long".into())));
        let seen = work.snapshot();
        assert_eq!((seen.answered, seen.failed, seen.refused, seen.running), (0, 3, 1, 0));
        assert_eq!(seen.causes["no answer after …ms"], 2);
        let failing = seen.failing.expect("failing");
        assert_eq!((failing.failures, &*failing.cause), (3, "connection refused"));
        assert!(seen.asked.is_some() && seen.median.is_none());

        work.begin().ended(Ok(&()));
        let seen = work.snapshot();
        assert_eq!((seen.answered, seen.failed, seen.failing), (1, 3, None));
        assert!(seen.median.is_some());
    }

    #[test]
    fn a_request_that_hangs_is_seen_while_it_hangs() {
        let work = Work::default();
        let job = work.begin();
        let second = work.begin();
        let seen = work.snapshot();
        assert_eq!(seen.running, 2);
        assert!(seen.oldest.is_some());
        // A thread that dies with its request has given no answer.
        drop(second);
        drop(job);
        let seen = work.snapshot();
        assert_eq!((seen.running, seen.answered, seen.oldest), (0, 0, None));
    }

    #[test]
    fn what_is_kept_of_failures_has_a_limit() {
        let work = Work::default();
        for letter in ('a'..='z').chain('A'..='Z') {
            work.begin().ended::<()>(Err(&failure(&letter.to_string().repeat(10_000))));
        }
        let seen = work.snapshot();
        assert_eq!((seen.failed, seen.causes.len()), (52, CAUSES + 1));
        assert_eq!(seen.causes[OTHERS], 52 - CAUSES as u64);
        assert!(seen.causes.keys().all(|cause| cause.len() <= LONGEST_CAUSE + 4));
    }
}

//! The arena, in which submitted artefacts compete: it runs them on the tasks of a round.
//!
//! Tasks follow from the chain alone, and answers from the artefact alone, so every validator gets the same deliveries.
//! Only the number of tasks that an artefact finishes in its share of the time may differ; tasks for which a machine is
//! too slow are excused.

use std::{
    collections::{HashMap, HashSet},
    panic::AssertUnwindSafe,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex, MutexGuard, PoisonError,
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use myelin_wire::{
    hash::{blake2_256, Hash},
    record::{LatencyBucket, Reason},
};

use super::submissions::{Competition, Entry, Shelf};
use crate::{
    evaluation::{AskedTask, Delivery, DrawnTask, Outcome},
    submission::{latency, Entrant, EntrantError, Workshop},
    subnet::Subnet,
};

/// Bytes of artefacts that are kept opened from round to round.
const OPENED_BYTES: usize = 256 << 20;

/// Result of running the artefacts of a round.
pub struct Competed<S: Subnet> {
    /// Tasks with their deliveries.
    pub asked: Vec<AskedTask<S>>,
    /// Requests and answers.
    pub texts: Vec<Bytes>,
}

fn failed<R>(reason: Reason) -> (Outcome<R>, LatencyBucket, Vec<u8>) {
    (Outcome::Failed(reason), LatencyBucket::default(), Vec::new())
}

/// Answers of one artefact, task by task.
type Answers<R> = Vec<(Outcome<R>, LatencyBucket, Vec<u8>)>;
type Opened<S> = Result<Arc<dyn Entrant<S>>, EntrantError>;
/// Opened artefacts with their length, by hash.
type Cupboard<S> = HashMap<Hash, (usize, Opened<S>)>;

/// Runs artefacts; keeps them opened from round to round.
pub struct Arena<S: Subnet> {
    subnet: Arc<S>,
    workshop: Workshop,
    opened: Arc<Mutex<Cupboard<S>>>,
    /// Time that each artefact took in the last round, by hash: the slowest goes last in the next.
    took: Arc<Mutex<HashMap<Hash, Duration>>>,
}

impl<S: Subnet> Clone for Arena<S> {
    fn clone(&self) -> Self {
        Self {
            subnet: self.subnet.clone(),
            workshop: self.workshop.clone(),
            opened: self.opened.clone(),
            took: self.took.clone(),
        }
    }
}

impl<S: Subnet> Arena<S> {
    /// An arena for one subnet.
    pub fn new(subnet: Arc<S>) -> Self {
        Self { subnet, workshop: Workshop::default(), opened: Arc::default(), took: Arc::default() }
    }

    /// Runs every entry on every task until `until`, on all cores; the same bytes under several keys are run once.
    ///
    /// Each artefact may use an equal part of the time that is left, so slow ones do not delay the others. Tasks for
    /// which an artefact has no time are excused, and time that it does not use goes to the artefacts after it. New
    /// artefacts are first, then those that took least in the last round; among equals the one at the place `first`
    /// begins.
    pub fn compete(
        &self,
        competition: &Competition,
        shelf: &Shelf,
        tasks: Vec<DrawnTask<S>>,
        entries: &[Entry],
        first: usize,
        until: Instant,
    ) -> Competed<S> {
        let requests: Vec<Bytes> = tasks
            .iter()
            .map(|task| serde_json::to_vec(&task.challenge.request).unwrap_or_default().into())
            .collect();
        let (distinct, like) = self.line_up(entries, first);
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Answers<S::Response>>>> = Mutex::new(vec![None; distinct.len()]);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(distinct.len());
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| loop {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let Some(index) = distinct.get(turn) else { return };
                    let (entry, started) = (&entries[*index], Instant::now());
                    let waiting = distinct.len() - turn;
                    let share = fair_share(until.saturating_duration_since(started), workers, waiting);
                    let times = (started + share, until);
                    let run = || self.run(competition, shelf, &tasks, entry, times);
                    // A panic of an artefact's code harms only the miners that entered it.
                    let answers = std::panic::catch_unwind(AssertUnwindSafe(run))
                        .unwrap_or_else(|_| tasks.iter().map(|_| failed(Reason::Malformed)).collect());
                    if let Ok(name) = entry.artefact {
                        lock(&self.took).insert(name, started.elapsed());
                    }
                    lock(&results)[turn] = Some(answers);
                });
            }
        });
        self.forget_some(&like);
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut asked: Vec<AskedTask<S>> =
            tasks.into_iter().map(|task| AskedTask { task, deliveries: Vec::new() }).collect();
        let mut texts = requests.clone();
        for (miner, entry) in entries.iter().enumerate() {
            let at = like.get(&entry.artefact);
            let answers = at.and_then(|at| results.get(*at).cloned().flatten()).unwrap_or_default();
            for ((one, request), (outcome, latency, answer)) in asked.iter_mut().zip(&requests).zip(answers) {
                let answered = !answer.is_empty();
                one.deliveries.push(Delivery {
                    miner,
                    request: blake2_256(request),
                    answer: if answered { blake2_256(&answer) } else { Hash::default() },
                    // The miner is bound by its commitment on the chain.
                    signed: false,
                    commit_place: Some(entry.place),
                    latency,
                    outcome,
                });
                texts.extend(answered.then(|| answer.into()));
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Competed { asked, texts }
    }

    /// Order of the runs: places among the entries, each artefact once; and the turn of each artefact.
    fn line_up(&self, entries: &[Entry], first: usize) -> (Vec<usize>, HashMap<Result<Hash, Reason>, usize>) {
        let mut distinct = Vec::new();
        let mut known = HashSet::new();
        for at in 0..entries.len() {
            let index = (at + first) % entries.len();
            if known.insert(entries[index].artefact) {
                distinct.push(index);
            }
        }
        let mut took = lock(&self.took);
        took.retain(|name, _| known.contains(&Ok(*name)));
        // An artefact that has not been run yet has `None` and so comes first. The order of equals stays.
        distinct.sort_by_key(|index| entries[*index].artefact.ok().and_then(|name| took.get(&name).copied()));
        let like =
            distinct.iter().enumerate().map(|(turn, index)| (entries[*index].artefact, turn)).collect();
        (distinct, like)
    }

    /// Runs one entry: until the first of the `times` where others wait, and not beyond the second.
    fn run(
        &self,
        competition: &Competition,
        shelf: &Shelf,
        tasks: &[DrawnTask<S>],
        entry: &Entry,
        (share, until): (Instant, Instant),
    ) -> Answers<S::Response> {
        let all = |reason| tasks.iter().map(|_| failed(reason)).collect();
        let name = match entry.artefact {
            Ok(name) => name,
            Err(reason) => return all(reason),
        };
        if Instant::now() >= until {
            return all(Reason::Excused);
        }
        let entrant = match self.open(competition, shelf, entry, &name) {
            Some(Ok(entrant)) => entrant,
            Some(Err(error)) => {
                tracing::info!(uid = entry.miner.uid, %error, "an artefact cannot be opened");
                return all(error.reason);
            }
            // The artefact was there when the round began, so its absence is a fault of this machine.
            None => return all(Reason::Excused),
        };
        let answer = |(place, task): (usize, &DrawnTask<S>)| {
            // Every artefact has time for one answer, however long opening it took: otherwise a slow one would never be
            // judged.
            let end = if place == 0 { until } else { share };
            if Instant::now() >= end {
                return failed(Reason::Excused);
            }
            match entrant.answer(&task.challenge.request, &competition.limits) {
                Ok(answer) => match serde_json::to_vec(&answer.response) {
                    Ok(text) if text.len() > task.plan.answer_limit => failed(Reason::Oversize),
                    Ok(text) => (Outcome::Answered(answer.response), latency(answer.fuel), text),
                    Err(_) => failed(Reason::Malformed),
                },
                Err(error) => {
                    tracing::debug!(uid = entry.miner.uid, %error, "an artefact gave no answer");
                    failed(error.reason)
                }
            }
        };
        tasks.iter().enumerate().map(answer).collect()
    }

    /// Opens an artefact, unless it is opened already; `None` if it is not on the shelf. It is read from there only
    /// now, so that no more artefacts are in memory than are being run.
    fn open(
        &self,
        competition: &Competition,
        shelf: &Shelf,
        entry: &Entry,
        name: &Hash,
    ) -> Option<Opened<S>> {
        let found = lock(&self.opened).get(name).map(|(_, opened)| opened.clone());
        if let Some(opened) = found {
            return Some(opened);
        }
        let bytes = shelf.find(competition, &entry.miner, &entry.commitment)?;
        let opened = self.subnet.entrant(&self.workshop, &bytes).map(Arc::from);
        lock(&self.opened).insert(*name, (bytes.len(), opened.clone()));
        Some(opened)
    }

    /// Drops artefacts that are not of this round, and all if the rest is still too much.
    fn forget_some(&self, names: &HashMap<Result<Hash, Reason>, usize>) {
        let mut opened = lock(&self.opened);
        opened.retain(|name, _| names.contains_key(&Ok(*name)));
        if opened.values().map(|(bytes, _)| bytes).sum::<usize>() > OPENED_BYTES {
            opened.clear();
        }
    }
}

/// Share of an artefact that waits in the time that is left on all workers.
fn fair_share(left: Duration, workers: usize, waiting: usize) -> Duration {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (left / count(waiting.max(1))).saturating_mul(count(workers)).min(left)
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

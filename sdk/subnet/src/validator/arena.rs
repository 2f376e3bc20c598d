//! The arena, in which submitted artefacts compete: it runs them on the tasks of a round.
//!
//! Tasks follow from the chain alone, and answers from the artefact alone, so every validator gets the same deliveries.
//! Only the number of tasks that an artefact finishes in its share of the time may differ; tasks for which a machine is
//! too slow are excused.

use std::{
    cmp::Reverse,
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
    AccountId,
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
    pasts: Arc<Mutex<HashMap<AccountId, Past>>>,
}

/// Memory of a hotkey's runs. It is kept by hotkey and not by artefact: otherwise a new artefact in every
/// round would be new each time.
#[derive(Clone, Copy, Debug, Default)]
struct Past {
    /// The longest time of one of its runs; an earlier one counts three quarters in each later round. `None` if it had
    /// no run yet.
    took: Option<Duration>,
    /// Rounds since its last run in which it was not reached.
    waited: u32,
}

/// Below this, a time is forgotten.
const FORGOTTEN: Duration = Duration::from_millis(1);

impl<S: Subnet> Clone for Arena<S> {
    fn clone(&self) -> Self {
        Self {
            subnet: self.subnet.clone(),
            workshop: self.workshop.clone(),
            opened: self.opened.clone(),
            pasts: self.pasts.clone(),
        }
    }
}

impl<S: Subnet> Arena<S> {
    /// An arena for one subnet.
    pub fn new(subnet: Arc<S>) -> Self {
        Self { subnet, workshop: Workshop::default(), opened: Arc::default(), pasts: Arc::default() }
    }

    /// Runs every entry on every task until `until`, on all cores; the same bytes under several keys are run once.
    ///
    /// Each artefact may use an equal part of the time that is left, so slow ones do not delay the others. Tasks for
    /// which an artefact has no time are excused, and time that it does not use goes to the artefacts after it.
    ///
    /// Keys whose runs took least lately are first. A key without a run is taken for one that uses its equal part, so
    /// it comes before keys that used more and delays none that used less. Among equals, those that waited longest are
    /// first, then the one at the place `first` begins.
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
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let left = until.saturating_duration_since(Instant::now());
        let (distinct, like) = self.line_up(entries, first, |waiting| fair_share(left, cores, waiting));
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Answers<S::Response>>>> = Mutex::new(vec![None; distinct.len()]);
        let took: Mutex<Vec<Option<Duration>>> = Mutex::new(vec![None; distinct.len()]);
        let workers = cores.min(distinct.len());
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
                    if entry.artefact.is_ok() && started < until {
                        lock(&took)[turn] = Some(started.elapsed());
                    }
                    lock(&results)[turn] = Some(answers);
                });
            }
        });
        self.forget_some(&like);
        self.remember(entries, &like, &lock(&took));
        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut asked: Vec<AskedTask<S>> =
            tasks.into_iter().map(|task| AskedTask { task, deliveries: Vec::new() }).collect();
        let mut texts = requests.clone();
        for (miner, entry) in entries.iter().enumerate() {
            let at = like.get(&entry.artefact);
            let answers = at.and_then(|at| results.get(*at).cloned().flatten()).unwrap_or_default();
            for ((task, request), (outcome, latency, answer)) in asked.iter_mut().zip(&requests).zip(answers)
            {
                let answered = !answer.is_empty();
                task.deliveries.push(Delivery {
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

    /// Order of the runs: places among the entries, each artefact once; and the turn of each artefact. `share` is the
    /// equal part of the time where so many wait.
    fn line_up(
        &self,
        entries: &[Entry],
        first: usize,
        share: impl Fn(usize) -> Duration,
    ) -> (Vec<usize>, HashMap<Result<Hash, Reason>, usize>) {
        let mut distinct = Vec::new();
        let mut known = HashSet::new();
        for at in 0..entries.len() {
            let index = (at + first) % entries.len();
            if known.insert(entries[index].artefact) {
                distinct.push(index);
            }
        }
        let (share, pasts) = (share(distinct.len()), lock(&self.pasts));
        // An artefact of several keys has the place of the first of them.
        let mut places = HashMap::new();
        for entry in entries {
            let past = pasts.get(&entry.miner.hotkey).copied().unwrap_or_default();
            let place = (past.took.unwrap_or(share), Reverse(past.waited));
            let kept = places.entry(entry.artefact).or_insert(place);
            *kept = place.min(*kept);
        }
        distinct.sort_by_key(|index| places.get(&entries[*index].artefact).copied());
        let like =
            distinct.iter().enumerate().map(|(turn, index)| (entries[*index].artefact, turn)).collect();
        (distinct, like)
    }

    /// Notes how long each run took; `None` for one that was not begun.
    fn remember(
        &self,
        entries: &[Entry],
        turns: &HashMap<Result<Hash, Reason>, usize>,
        took: &[Option<Duration>],
    ) {
        let mut pasts = lock(&self.pasts);
        for past in pasts.values_mut() {
            past.took = past.took.map(|took| took * 3 / 4);
        }
        let present: HashSet<AccountId> = entries.iter().map(|entry| entry.miner.hotkey).collect();
        let worth_it = |took: Duration| took >= FORGOTTEN;
        pasts.retain(|hotkey, past| present.contains(hotkey) || past.took.is_some_and(worth_it));
        for entry in entries.iter().filter(|entry| entry.artefact.is_ok()) {
            let past = pasts.entry(entry.miner.hotkey).or_default();
            match turns.get(&entry.artefact).and_then(|turn| *took.get(*turn)?) {
                Some(took) => *past = Past { took: Some(took.max(past.took.unwrap_or_default())), waited: 0 },
                None if entry.place == 0 => past.waited = past.waited.saturating_add(1),
                None => {}
            }
        }
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

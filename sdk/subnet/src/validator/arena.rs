//! Where submitted artefacts compete: finds out who entered what, fetches it, and runs it on the tasks of a round.
//!
//! What is asked follows from the chain alone, and what is answered from the artefact alone, so every validator comes to the same
//! deliveries. What may differ is whether an artefact could be fetched in time; then it is nobody's fault once.

use std::{
    collections::HashMap,
    net::SocketAddr,
    panic::AssertUnwindSafe,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, Mutex, PoisonError,
    },
    time::{Duration, Instant},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use futures::StreamExt;
use myelin_neuron::dendrite::{Dendrite, DendriteLimits, Query, Target};
use myelin_sandbox::Limits;
use myelin_wallet::Keypair;
use myelin_wire::{
    commitment::Submission,
    hash::{blake2_256, to_hex, Hash},
    record::{LatencyBucket, Reason},
};

use crate::{
    evaluation::{AskedTask, Delivery, DrawnTask, Outcome},
    evidence::read_at_most,
    exchange::{Handed, SynapseNames, Wanted},
    submission::{latency, Entrant, EntrantError, Workshop},
    subnet::{MinerRef, Subnet},
};

/// Artefacts that are fetched at the same time.
const FETCHES: usize = 32;
/// Longest time for fetching one.
const FETCH_TIME: Duration = Duration::from_secs(20);
/// Bytes of artefacts that are kept opened from round to round.
const OPENED_BYTES: usize = 256 << 20;

/// Which competition it is.
#[derive(Clone, Copy, Debug)]
pub struct Competition {
    /// Hash of block 0.
    pub genesis: Hash,
    /// The subnet.
    pub netuid: u16,
    /// The mechanism.
    pub mechanism: u8,
    /// What one answer may use.
    pub limits: Limits,
    /// Longest artefact.
    pub artefact_limit: usize,
}

/// A miner that has committed to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contender {
    /// The miner.
    pub miner: MinerRef,
    /// Where its axon listens.
    pub address: Option<SocketAddr>,
    /// Block of its commitment.
    pub block: u64,
    /// The commitment to its artefact.
    pub commitment: Hash,
    /// Whether its axon must hand the artefact out although it is on the shelf: what only those have who came first is not published.
    pub again: bool,
}

/// A contender with what it entered, or why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The miner.
    pub miner: MinerRef,
    /// 0 for what it has entered; from 1 on what it replaced by that, which is still judged.
    pub place: u8,
    /// Block of its commitment.
    pub block: u64,
    /// The commitment.
    pub commitment: Hash,
    /// The artefact, or the reason that is recorded.
    pub artefact: Result<Arc<Vec<u8>>, Reason>,
}

impl Entry {
    /// Hash of the artefact, or the reason why there is none.
    fn name(&self) -> Result<Hash, Reason> {
        self.artefact.as_ref().map(|bytes| blake2_256(bytes)).map_err(|reason| *reason)
    }
}

/// Artefacts on disk, by the commitment that names them.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: PathBuf,
}

impl Shelf {
    /// The shelf in a folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, commitment: &Hash) -> PathBuf {
        self.folder.join(to_hex(commitment))
    }

    /// The artefact of a miner that its commitment names, if it is here.
    pub fn find(&self, competition: &Competition, miner: &MinerRef, commitment: &Hash) -> Option<Vec<u8>> {
        let path = self.path(commitment);
        let bytes = read_at_most(&path, competition.artefact_limit as u64).ok()??;
        // Used again, so it stays longer.
        let _ = touch(&path);
        opens(competition, miner, commitment, &bytes).then_some(bytes)
    }

    fn keep(&self, commitment: &Hash, bytes: &[u8]) -> std::io::Result<()> {
        crate::private::create_folder(&self.folder)?;
        let path = self.path(commitment);
        let beside = path.with_extension("part");
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, path)
    }
}

fn touch(path: &Path) -> std::io::Result<()> {
    std::fs::File::options().append(true).open(path)?.set_modified(std::time::SystemTime::now())
}

/// Whether bytes are what a miner has committed to.
fn opens(competition: &Competition, miner: &MinerRef, commitment: &Hash, bytes: &[u8]) -> bool {
    let submission = Submission {
        genesis: competition.genesis,
        netuid: competition.netuid,
        mechanism: competition.mechanism,
        hotkey: miner.hotkey,
        artefact: blake2_256(bytes),
    };
    submission.commitment() == *commitment
}

/// Fetches what the contenders entered, from the shelf or from their axons, within `patience`. Those that are asked again must hand out what is on
/// the shelf as well.
///
/// Axons are asked under a key that nobody knows: a miner that hands its artefact to validators alone has not published it.
pub async fn fetch<S: Subnet>(
    competition: &Competition,
    shelf: &Shelf,
    contenders: Vec<Contender>,
    patience: Duration,
) -> Vec<Entry> {
    let limits = DendriteLimits {
        max_answer_bytes: competition.artefact_limit / 3 * 4 + 8 * 1024,
        ..DendriteLimits::default()
    };
    let stranger = Arc::new(Keypair::random());
    let dendrite = Dendrite::with(stranger, limits, myelin_neuron::Clock::system(), None);
    let name = SynapseNames::of::<S>().artefact;
    let deadline = Instant::now() + patience;
    let fetching = contenders.into_iter().map(|contender| {
        let (dendrite, name, shelf) = (dendrite.clone(), name.clone(), shelf.clone());
        async move { fetch_one(competition, &shelf, &dendrite, &name, contender, deadline).await }
    });
    let mut entries: Vec<Entry> = futures::stream::iter(fetching).buffer_unordered(FETCHES).collect().await;
    entries.sort_unstable_by_key(|entry| entry.miner);
    entries
}

async fn fetch_one(
    competition: &Competition,
    shelf: &Shelf,
    dendrite: &Dendrite,
    name: &str,
    contender: Contender,
    deadline: Instant,
) -> Entry {
    let Contender { miner, address, block, commitment, again } = contender;
    let entry = |artefact| Entry { miner, place: 0, block, commitment, artefact };
    let left = deadline.saturating_duration_since(Instant::now());
    let known = shelf.find(competition, &miner, &commitment).filter(|_| !again || left.is_zero());
    if let Some(bytes) = known {
        return entry(Ok(Arc::new(bytes)));
    }
    // That others took all the time is not this miner's fault.
    if left.is_zero() {
        return entry(Err(Reason::Excused));
    }
    let Some(address) = address else { return entry(Err(Reason::Unreachable)) };
    let body = serde_json::to_vec(&Wanted { commitment: to_hex(&commitment) }).unwrap_or_default();
    let Ok(query) = Query::new::<&str>(name, body, &[]) else { return entry(Err(Reason::Malformed)) };
    let target = Target::new(miner.hotkey, address);
    let answer = dendrite.query(target, &query.timeout(left.min(FETCH_TIME))).await;
    if !answer.is_success() {
        return entry(Err(Reason::Unreachable));
    }
    let handed: Option<Handed> = serde_json::from_slice(&answer.body).ok();
    let Some(bytes) = handed.and_then(|handed| STANDARD.decode(handed.artefact).ok()) else {
        return entry(Err(Reason::Malformed));
    };
    if bytes.len() > competition.artefact_limit {
        return entry(Err(Reason::Oversize));
    }
    if !opens(competition, &miner, &commitment, &bytes) {
        return entry(Err(Reason::BrokenCommitment));
    }
    if let Err(error) = shelf.keep(&commitment, &bytes) {
        tracing::warn!(%error, "an artefact was not kept; it is fetched again next time");
    }
    entry(Ok(Arc::new(bytes)))
}

/// What a miner replaced and still competes with, as far as it is on the shelf.
pub fn find_replaced(
    competition: &Competition,
    shelf: &Shelf,
    miner: MinerRef,
    replaced: &[(Hash, u64)],
) -> Vec<Entry> {
    let entry = |(place, (commitment, block)): (u8, &(Hash, u64))| {
        let bytes = shelf.find(competition, &miner, commitment)?;
        let artefact = Ok(Arc::new(bytes));
        Some(Entry { miner, place, block: *block, commitment: *commitment, artefact })
    };
    (1..).zip(replaced).filter_map(entry).collect()
}

/// What is left of running the artefacts of a round.
pub struct Competed<S: Subnet> {
    /// Tasks with their deliveries.
    pub asked: Vec<AskedTask<S>>,
    /// Requests and answers.
    pub texts: Vec<Vec<u8>>,
}

fn failed<R>(reason: Reason) -> (Outcome<R>, LatencyBucket, Vec<u8>) {
    (Outcome::Failed(reason), LatencyBucket::default(), Vec::new())
}

/// What one artefact answered, task by task.
type Answers<R> = Vec<(Outcome<R>, LatencyBucket, Vec<u8>)>;
type Opened<S> = Result<Arc<dyn Entrant<S>>, EntrantError>;
/// Opened artefacts with their length, by hash.
type Cupboard<S> = HashMap<Hash, (usize, Opened<S>)>;

/// Runs artefacts; keeps them opened from round to round.
pub struct Arena<S: Subnet> {
    subnet: Arc<S>,
    workshop: Workshop,
    opened: Arc<Mutex<Cupboard<S>>>,
}

impl<S: Subnet> Clone for Arena<S> {
    fn clone(&self) -> Self {
        Self { subnet: self.subnet.clone(), workshop: self.workshop.clone(), opened: self.opened.clone() }
    }
}

impl<S: Subnet> Arena<S> {
    /// An arena for one subnet.
    pub fn new(subnet: Arc<S>) -> Self {
        Self { subnet, workshop: Workshop::default(), opened: Arc::default() }
    }

    /// Runs every entry on every task, on all cores; the same bytes under several keys are run once. What is not begun by `until` is excused:
    /// that the validator is too slow is not the miner's fault. `first` says with whom to begin, so that it is not always the same ones who are
    /// left out.
    pub fn compete(
        &self,
        competition: &Competition,
        tasks: Vec<DrawnTask<S>>,
        entries: &[Entry],
        first: usize,
        until: Instant,
    ) -> Competed<S> {
        let requests: Vec<Vec<u8>> = tasks
            .iter()
            .map(|task| serde_json::to_vec(&task.challenge.request).unwrap_or_default())
            .collect();
        let names: Vec<Result<Hash, Reason>> = entries.iter().map(Entry::name).collect();
        let mut distinct: Vec<usize> = Vec::new();
        let mut like: HashMap<Result<Hash, Reason>, usize> = HashMap::new();
        for at in 0..entries.len() {
            let index = (at + first) % entries.len();
            like.entry(names[index]).or_insert_with(|| {
                distinct.push(index);
                distinct.len() - 1
            });
        }
        let next = AtomicUsize::new(0);
        let results: Mutex<Vec<Option<Answers<S::Response>>>> = Mutex::new(vec![None; distinct.len()]);
        let workers = std::thread::available_parallelism().map_or(1, usize::from).min(distinct.len());
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| loop {
                    let turn = next.fetch_add(1, Ordering::Relaxed);
                    let Some(index) = distinct.get(turn) else { return };
                    let run = || self.run(competition, &tasks, &entries[*index], &names[*index], until);
                    // Whatever an artefact breaks, it breaks for those who entered it.
                    let answers = std::panic::catch_unwind(AssertUnwindSafe(run))
                        .unwrap_or_else(|_| tasks.iter().map(|_| failed(Reason::Malformed)).collect());
                    results.lock().unwrap_or_else(PoisonError::into_inner)[turn] = Some(answers);
                });
            }
        });
        self.forget_some(&like);

        let results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut asked: Vec<AskedTask<S>> =
            tasks.into_iter().map(|task| AskedTask { task, deliveries: Vec::new() }).collect();
        let mut texts = requests.clone();
        for ((miner, entry), name) in entries.iter().enumerate().zip(&names) {
            let answers =
                like.get(name).and_then(|at| results.get(*at).cloned().flatten()).unwrap_or_default();
            for ((one, request), (outcome, latency, answer)) in asked.iter_mut().zip(&requests).zip(answers) {
                let answered = !answer.is_empty();
                one.deliveries.push(Delivery {
                    miner,
                    request: blake2_256(request),
                    answer: if answered { blake2_256(&answer) } else { Hash::default() },
                    // What binds the miner is its commitment on the chain.
                    signed: false,
                    commit_place: Some(entry.place),
                    latency,
                    outcome,
                });
                texts.extend(answered.then_some(answer));
            }
        }
        texts.sort_unstable();
        texts.dedup();
        Competed { asked, texts }
    }

    fn run(
        &self,
        competition: &Competition,
        tasks: &[DrawnTask<S>],
        entry: &Entry,
        name: &Result<Hash, Reason>,
        until: Instant,
    ) -> Answers<S::Response> {
        let (bytes, name) = match (&entry.artefact, name) {
            (Ok(bytes), Ok(name)) => (bytes, name),
            (Err(reason), _) | (_, Err(reason)) => return tasks.iter().map(|_| failed(*reason)).collect(),
        };
        let too_late = || Instant::now() >= until;
        if too_late() {
            return tasks.iter().map(|_| failed(Reason::Excused)).collect();
        }
        let entrant = match self.open(name, bytes) {
            Ok(entrant) => entrant,
            Err(error) => {
                tracing::info!(uid = entry.miner.uid, %error, "an artefact cannot be opened");
                return tasks.iter().map(|_| failed(error.reason)).collect();
            }
        };
        let answer = |task: &DrawnTask<S>| {
            if too_late() {
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
        tasks.iter().map(answer).collect()
    }

    fn open(&self, name: &Hash, bytes: &[u8]) -> Opened<S> {
        let found = self.lock().get(name).map(|(_, opened)| opened.clone());
        if let Some(opened) = found {
            return opened;
        }
        let opened = self.subnet.entrant(&self.workshop, bytes).map(Arc::from);
        self.lock().insert(*name, (bytes.len(), opened.clone()));
        opened
    }

    /// Drops what is not of this round, and everything if that is still too much.
    fn forget_some(&self, names: &HashMap<Result<Hash, Reason>, usize>) {
        let mut opened = self.lock();
        opened.retain(|name, _| names.contains_key(&Ok(*name)));
        if opened.values().map(|(bytes, _)| bytes).sum::<usize>() > OPENED_BYTES {
            opened.clear();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cupboard<S>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The miner: serves a subnet's answers on an axon, and keeps its entry on the chain right.

pub mod memory;
mod roll;
mod serve;
pub mod signed;
mod stream;
mod submitted;
mod work;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use myelin_neuron::axon::{
    AnswerLedger, AnswerNetwork, Axon, AxonError, AxonLimits, AxonMetrics, RunningAxon,
};
use myelin_wire::{answer::AnswerClaim, sr25519::Signer};
use tokio::sync::{watch, Notify};

use crate::{
    chain::{AxonPurpose, Chain, StakePart, SubnetView},
    subnet::Subnet,
    validator::ask::ENVELOPE_BYTES,
};
use memory::{AnswerMemory, MemoryBudget, MemoryError};
use roll::{largest_load, Doorkeeper, Roll};
use serve::{Desk, MOST_STRANGERS};
use signed::{Commitments, NotingLedger, SignedAnswers};
pub use submitted::ArtefactError;
use submitted::Submitted;
use work::Work;
pub use work::{Failing, MinerWork};

/// Options of a miner.
#[derive(Clone, Debug)]
pub struct MinerOptions {
    /// The subnet.
    pub netuid: u16,
    /// Where the axon listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address that is announced, if it differs from the one listened on.
    pub announce: Option<SocketAddr>,
    /// Part of the stake of all permit holders that makes a permit holder a validator; a holder of less is a stranger.
    pub least_stake: StakePart,
    /// Bytes of answers that are remembered.
    pub memory: MemoryBudget,
    /// Service to callers that are not validators.
    pub strangers: Strangers,
    /// Answers computed at the same time.
    pub workers: usize,
    /// How often the list of validators is read again; `None` for every five blocks.
    pub refresh: Option<Duration>,
    /// Folder for the answers given, and for submissions; `None` keeps them in memory alone.
    pub state: Option<PathBuf>,
    /// Artefacts to submit, by mechanism.
    pub submit: Vec<(u8, PathBuf)>,
    /// Whether answers are forgotten at once and signed anew: for tests and the demo. Such a miner may sign two answers
    /// to one challenge, and lose its collateral.
    pub forgetful: bool,
}

impl MinerOptions {
    /// Defaults for `netuid`: validators only, one worker, no file.
    pub fn new(netuid: u16, listen: SocketAddr) -> Self {
        Self {
            netuid,
            listen,
            announce: None,
            least_stake: StakePart::default(),
            memory: MemoryBudget::default(),
            strangers: Strangers::Refused,
            workers: 1,
            refresh: None,
            state: None,
            submit: Vec::new(),
            forgetful: false,
        }
    }
}

/// A ledger that signs every answer.
struct SignsAll;

impl AnswerLedger for SignsAll {
    fn may_sign(&self, _: &AnswerClaim) -> bool {
        true
    }
}

/// Service to callers that are not validators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strangers {
    /// Nothing.
    Refused,
    /// An answer after a delay. A miner that passes its questions on to this miner then commits to the answers later
    /// than this miner itself.
    Served {
        /// The delay.
        delay: Duration,
    },
}

/// Why a miner does not start.
#[derive(Debug, thiserror::Error)]
pub enum MinerError {
    /// The axon cannot listen.
    #[error(transparent)]
    Axon(#[from] AxonError),
    /// The memory of answers cannot be opened.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// An artefact cannot be submitted.
    #[error(transparent)]
    Artefact(#[from] ArtefactError),
}

/// Blocks between two reads of the chain.
const REFRESH_BLOCKS: u64 = 5;
/// Milliseconds between two blocks, if the chain does not report them.
const SLOT_MS: u64 = 12_000;
/// Delay before the chain is read again after an unknown caller was refused. The caller may be a validator by now; the
/// delay keeps strangers from making this miner read the chain all the time.
const AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// A running miner.
pub struct Miner {
    axon: RunningAxon,
    work: Work,
    memory: Arc<AnswerMemory>,
    stop: watch::Sender<bool>,
    upkeep: tokio::task::JoinHandle<()>,
}

impl Miner {
    /// Starts to serve and to keep the entry on the chain right.
    ///
    /// If the chain does not answer, the miner serves the callers that it knows and asks the chain again.
    pub async fn start<S: Subnet, C: Chain>(
        subnet: Arc<S>,
        chain: C,
        signer: Arc<dyn Signer>,
        options: MinerOptions,
    ) -> Result<Self, MinerError> {
        let memory = Arc::new(match &options.state {
            _ if options.forgetful => AnswerMemory::in_memory(MemoryBudget { validators: 0, strangers: 0 }),
            Some(folder) => AnswerMemory::open(&folder.join("answers.redb"), options.memory)?,
            None => AnswerMemory::in_memory(options.memory),
        });
        let limits = AxonLimits::default();
        let limits = AxonLimits {
            // With the fields of the protocol around the request.
            max_body_bytes: limits.max_body_bytes.max(subnet.request_limit() + ENVELOPE_BYTES),
            // Strangers that wait for a worker, and as many whose streams are on their way.
            max_stranger_requests: 2 * MOST_STRANGERS,
            ..limits
        };
        let (roll, load) = (Roll::default(), largest_load(&*subnet));
        let refused = Arc::new(Notify::new());
        let submitted = Submitted::open(&*subnet, chain.genesis(), signer.public(), &options)?;
        let doorkeeper = Doorkeeper {
            roll: roll.clone(),
            strangers: options.strangers,
            least: options.least_stake,
            refused: refused.clone(),
        };
        let published = submitted.published();
        let work = Work::default();
        let desk = Desk::new(
            subnet,
            signer.public(),
            memory.clone(),
            doorkeeper.clone(),
            published,
            options.workers,
            work.clone(),
        );
        let network = AnswerNetwork { genesis_hash: chain.genesis(), netuid: options.netuid };
        let mut axon = Axon::new(signer, doorkeeper).sign_answers(network).limits(limits);
        let folder = options.state.as_ref().map(|state| signed::folder(state, &chain.hotkey()));
        // A miner that forgets its answers has no list of them.
        let signed = (!options.forgetful).then(|| Arc::new(SignedAnswers::new(folder)));
        axon = match &signed {
            Some(signed) => axon.ledger(Arc::new(NotingLedger::new(roll.clone(), signed.clone()))),
            None => axon.ledger(Arc::new(SignsAll)),
        };
        let axon = desk.routes().into_iter().fold(axon, Axon::route).bind(options.listen).await?;
        let announced = options.announce.unwrap_or_else(|| axon.address());
        let (stop, stopped) = watch::channel(false);
        let upkeep = Upkeep {
            chain,
            options,
            announced,
            roll,
            load,
            memory: memory.clone(),
            submitted,
            refused,
            stopped,
            unannounced: None,
            commitments: signed.map(Commitments::new),
        };
        Ok(Self { axon, work, memory, stop, upkeep: tokio::spawn(upkeep.run()) })
    }

    /// Where the axon listens.
    pub fn address(&self) -> SocketAddr {
        self.axon.address()
    }

    /// Metrics of the axon so far.
    pub fn metrics(&self) -> AxonMetrics {
        self.axon.metrics()
    }

    /// Answers and failures so far.
    pub fn work(&self) -> MinerWork {
        self.work.snapshot()
    }

    /// Finishes the answers under way, at most for `grace`, and stops.
    pub async fn shutdown(self, grace: Duration) {
        let _ = self.stop.send(true);
        self.axon.shutdown(grace).await;
        if tokio::time::timeout(grace, self.upkeep).await.is_err() {
            tracing::warn!("the chain did not answer in time; the miner stops without waiting for it");
        }
        // Requests that were cut off let go of the memory a moment later. Until then its file is locked.
        let cut_off = async {
            while Arc::strong_count(&self.memory) > 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = tokio::time::timeout(grace, cut_off).await;
        self.memory.flush();
    }
}

/// Keeps the list of validators and the entry on the chain right.
struct Upkeep<C: Chain> {
    chain: C,
    options: MinerOptions,
    announced: SocketAddr,
    roll: Roll,
    /// The largest load of a round.
    load: u32,
    memory: Arc<AnswerMemory>,
    submitted: Submitted,
    refused: Arc<Notify>,
    stopped: watch::Receiver<bool>,
    /// Reason of the chain's last refusal to announce the axon; each reason is logged once.
    unannounced: Option<String>,
    /// Roots over signed answers; `None` for a miner that has no list of them.
    commitments: Option<Commitments>,
}

impl<C: Chain> Upkeep<C> {
    async fn run(mut self) {
        // The time for which a view of another miner of this program will do. After a refusal only a new one will.
        let mut age = self.refresh().await * 4 / 5;
        loop {
            match self.chain.recent_subnet(self.options.netuid, age).await {
                Ok(view) => {
                    let slot_ms = self.chain.slot_ms().await.unwrap_or(SLOT_MS);
                    // Nobody is known as a validator before the first epoch is known, so no answer is without an epoch.
                    if let Some(commitments) = &mut self.commitments {
                        commitments.begin(&view).await;
                    }
                    self.roll.renew(&view, self.options.least_stake, slot_ms, self.load);
                    self.look(&view).await;
                }
                Err(error) => tracing::warn!(%error, "the list of validators was not refreshed"),
            }
            self.memory.flush();
            let refresh = self.refresh().await;
            age = refresh * 4 / 5;
            tokio::select! {
                () = tokio::time::sleep(refresh) => {}
                () = self.refused.notified() => {
                    age = Duration::ZERO;
                    tokio::time::sleep(AFTER_REFUSAL).await;
                }
                _ = self.stopped.changed() => return,
            }
        }
    }

    async fn refresh(&self) -> Duration {
        if let Some(refresh) = self.options.refresh {
            return refresh;
        }
        let slot_ms = self.chain.slot_ms().await.unwrap_or(SLOT_MS);
        Duration::from_millis(slot_ms.clamp(50, 60_000) * REFRESH_BLOCKS)
    }

    async fn look(&mut self, view: &SubnetView) {
        match view.by_hotkey(&self.chain.hotkey()) {
            None => tracing::warn!(
                netuid = self.options.netuid,
                "this hotkey is not registered, so nobody will ask; run `myelin subnet register`"
            ),
            Some(own) if own.axon != Some(self.announced) || !own.signed_bodies => self.announce().await,
            Some(_) => {
                if let Some(commitments) = &mut self.commitments {
                    commitments.commit(&self.chain, self.options.netuid).await;
                }
                if let Err(error) = self.submitted.state(&self.chain, self.options.netuid, view.block).await {
                    tracing::warn!(%error, "what is submitted was not committed to; trying again");
                }
            }
        }
    }

    async fn announce(&mut self) {
        let error =
            match self.chain.serve_axon(self.options.netuid, self.announced, AxonPurpose::Answers).await {
                Ok(()) => {
                    self.unannounced = None;
                    tracing::info!(address = %self.announced, "announced the axon on the chain");
                    return;
                }
                Err(error) => error,
            };
        // A refusal that names the block from which it may pass is the same refusal in the next block.
        let cause = work::cause_of(&error.to_string());
        if self.unannounced.as_ref() != Some(&cause) {
            tracing::warn!(%error, address = %self.announced, "the axon's address is not announced; trying again");
            self.unannounced = Some(cause);
        }
    }
}

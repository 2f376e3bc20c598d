//! The validator's loop.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use myelin_neuron::axon::AxonError;
use myelin_wallet::Keypair;
use myelin_wire::hash::to_hex;
use tokio::sync::watch;

use super::{
    ahead::Ahead,
    arena::Arena,
    ask::{dendrite_for, AskError, Asker, OPENING_TIME},
    commitment::PendingWeights,
    desk::{Desk, Teller},
    holding::{demands_proof, Holder, Holding, Unserved},
    options::ValidatorOptions,
    organic::Inbox,
    permit::PermitWatch,
    prove::{LostRounds, NoProof, Proof, Provable},
    report::ValidatorReport,
    retention::due,
    rival::RivalWatch,
    schedule::{next_step, Step},
    store::{AgreedRules, Memory, StoreError, StoreIdentity, ValidatorStore},
    submit::{reveal, reveal_step, submit, RevealStep, Revealed, SubmitError, Submitted},
};
use crate::{
    chain::{AxonPurpose, Chain, ChainFault, Peer, SubnetView, Track, WeightVector},
    evaluation::{follow_swaps, weigh_standings, EvaluationError, Seat, Standing},
    evidence::{EvidenceError, EvidenceFolder, KeptSeat, KeptWeights, Quota, Silent},
    exchange::protocol_name,
    rules::{check, rules, rules_hash},
    subnet::{Mechanism, MinerRef, Share, Subnet, SubnetError},
};

/// Reason why a validator stops, or a step of it fails. Errors at the start end it; later ones are logged, and the step
/// is tried again.
#[derive(Debug, thiserror::Error)]
pub enum ValidatorError {
    /// State cannot be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Evidence cannot be kept.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The chain did not answer or refused.
    #[error(transparent)]
    Chain(#[from] ChainFault),
    /// The subnet could not make a task.
    #[error(transparent)]
    Subnet(#[from] SubnetError),
    /// The subnet's request does not fit the protocol.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The subnet broke its contract.
    #[error(transparent)]
    Evaluation(#[from] EvaluationError),
    /// Weights were not submitted.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// Weights cannot be proved.
    #[error(transparent)]
    NoProof(#[from] NoProof),
    /// The axon for evidence cannot listen.
    #[error(transparent)]
    Axon(#[from] AxonError),
    /// Evidence of a round cannot be kept, and the subnet demands proof.
    #[error("round {round} of epoch {epoch} counts for nobody, because the subnet demands proof: {fault}")]
    LostRound {
        /// Its epoch.
        epoch: u64,
        /// The round.
        round: u16,
        /// Error of the evidence.
        fault: EvidenceError,
    },
    /// The subnet's code panicked.
    #[error("scoring stopped unexpectedly: {0}")]
    Panicked(String),
}

/// Other rules than this validator's are in force.
#[derive(Debug, thiserror::Error)]
#[error(
    "mechanism {mechanism} is judged by other rules than this validator's: {} are in force, {} are here; {}; \
     run the version and the options that the subnet's owner has announced (`myelin subnet rubric show`)",
    to_hex(in_force),
    to_hex(ours),
    until.map_or_else(
        || "it judges nothing there, and its weights stay as they are".to_owned(),
        |until| format!("its rules were in force before, so it goes on by them up to epoch {until}")
    )
)]
struct ForeignRules {
    mechanism: u8,
    in_force: [u8; 32],
    ours: [u8; 32],
    /// The last epoch in which it goes on by its own rules.
    until: Option<u64>,
}

/// Epochs for which a validator goes on by rules that are no longer in force. An announcement that no validator can
/// follow stops none of them at once, and an announcement that others follow is not delayed for long.
pub const GRACE_EPOCHS: u64 = 20;

/// A running validator.
pub struct Validator {
    stop: watch::Sender<bool>,
    report: watch::Receiver<ValidatorReport>,
    address: Option<SocketAddr>,
    task: tokio::task::JoinHandle<()>,
}

impl Validator {
    /// Opens the state and starts.
    pub async fn start<S: Subnet, C: Chain>(
        subnet: Arc<S>,
        chain: C,
        hotkey: Arc<Keypair>,
        options: ValidatorOptions,
    ) -> Result<Self, ValidatorError> {
        check(&*subnet)?;
        let identity = StoreIdentity {
            genesis: chain.genesis(),
            netuid: options.netuid,
            hotkey: hotkey.public(),
            protocol: protocol_name::<S>(),
        };
        let store = ValidatorStore::open(&options.state.join("validator.redb"), &identity)?;
        let memory = store.load()?;
        let dendrite = dendrite_for(&*subnet, hotkey.clone(), 0);
        let asker = Asker::new(dendrite, chain.genesis(), options.netuid, hotkey.public());
        // Only with collateral has a miner that contradicts itself something to lose.
        let asker = asker.holding(options.round_bytes).asking_twice(options.terms.collateral > 0);
        let arena = Arena::new(subnet.clone());
        let evidence = EvidenceFolder { path: options.evidence.clone(), keep: options.keep_epochs };
        let quota = Quota::new(options.evidence_bytes);
        let desk = match options.axon {
            Some(at) => {
                let (signer, genesis, netuid) = (hotkey.clone(), chain.genesis(), options.netuid);
                Some(Desk::open(at, Teller { signer, genesis, netuid, folder: evidence.clone() }).await?)
            }
            None => None,
        };
        let address = desk.as_ref().map(Desk::address);
        let inbox = options.organic.clone().map(Inbox::new);
        let prepared = subnet.clone();
        // The end of the process does not wait for a thread of its own.
        let preparing = std::thread::spawn(move || prepared.prepare());
        let (stop, stopped) = watch::channel(false);
        let (reporter, report) = watch::channel(ValidatorReport::default());
        let holding = (options.hold_bytes > 0).then(|| {
            let place = (evidence.clone(), options.hold_bytes);
            let (signer, netuid) = (hotkey.clone(), options.netuid);
            Holding::start(Holder::new(chain.clone(), signer, netuid, place, reporter.clone()))
        });
        let life = Life {
            subnet,
            chain,
            hotkey,
            options,
            store,
            memory,
            asker,
            arena,
            evidence,
            quota,
            due: BTreeSet::new(),
            lost: None,
            reporter,
            refused: Refused::default(),
            ahead: None,
            last_judging: Duration::ZERO,
            preparing,
            permit: PermitWatch::default(),
            rival: RivalWatch::default(),
            inbox,
            cleared: None,
            desk,
            holding,
            unserved_in: None,
            announce_from: 0,
            foreign_rules: (u64::MAX, BTreeSet::new()),
        };
        let task = tokio::spawn(life.run(stopped));
        Ok(Self { stop, report, address, task })
    }

    /// Address at which it reports its evidence, if it does.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// The validator's report, which changes with every step.
    pub fn report(&self) -> watch::Receiver<ValidatorReport> {
        self.report.clone()
    }

    /// Stops, at the latest after `grace`. Finished work is on disk; interrupted work is done again, with the same
    /// tasks, after the next start.
    pub async fn shutdown(self, grace: Duration) {
        let _ = self.stop.send(true);
        let mut task = self.task;
        if tokio::time::timeout(grace, &mut task).await.is_err() {
            task.abort();
            let _ = task.await;
        }
    }
}

/// Pause after an error.
const PAUSE: Duration = Duration::from_millis(500);
/// Longest pause between two attempts to submit weights, in blocks.
const PAUSE_BLOCKS: u32 = 2;
/// Blocks until a reveal that was refused is tried again.
const REVEAL_AGAIN: u64 = 2;
/// Blocks until the address is announced again, if the chain does not show it.
const ANNOUNCE_AGAIN: u64 = 60;
/// Blocks after which the schedule is read again, in case the owner changed it.
const LOOK_AGAIN: u64 = 20;

/// Everything a running validator holds.
pub(super) struct Life<S: Subnet, C: Chain> {
    pub(super) subnet: Arc<S>,
    pub(super) chain: C,
    pub(super) hotkey: Arc<Keypair>,
    pub(super) options: ValidatorOptions,
    pub(super) store: ValidatorStore,
    pub(super) memory: Memory<S::State>,
    pub(super) asker: Asker,
    pub(super) arena: Arena<S>,
    pub(super) evidence: EvidenceFolder,
    pub(super) quota: Quota,
    /// Epochs whose evidence is due ([`due`]).
    pub(super) due: BTreeSet<u64>,
    /// Rounds of the last epoch in which some were lost.
    pub(super) lost: Option<LostRounds>,
    pub(super) reporter: watch::Sender<ValidatorReport>,
    refused: Refused,
    /// Tasks that are drawn for the next round, once its source block is final.
    pub(super) ahead: Option<Ahead<S>>,
    /// How long judging took in the last round, as an estimate for the next.
    pub(super) last_judging: Duration,
    /// Makes what judging needs; no round begins before.
    preparing: std::thread::JoinHandle<()>,
    pub(super) permit: PermitWatch,
    rival: RivalWatch,
    pub(super) inbox: Option<Inbox>,
    /// The epoch in which texts of customers were last deleted, and the number of proofs that were outstanding.
    pub(super) cleared: Option<(u64, usize)>,
    desk: Option<Desk>,
    holding: Option<Holding>,
    /// The epoch in which it last said that its evidence is not served although proof is demanded.
    unserved_in: Option<u64>,
    /// Block before which its address is not announced again.
    announce_from: u64,
    /// The epoch in which the rules in force were read, and the mechanisms that are not judged because other rules than
    /// this validator's are in force there.
    pub(super) foreign_rules: (u64, BTreeSet<u8>),
}

/// Submissions and reveals that the chain refused in this epoch.
#[derive(Default)]
struct Refused {
    /// Attempts to submit weights that failed.
    submissions: u32,
    /// Mechanisms that wait until the others have had their turn.
    postponed: BTreeSet<u8>,
    /// Block before which nothing is revealed.
    reveal_from: u64,
    /// Blocks in which proofs may be ready, by epoch and mechanism of the commitment.
    proofs: BTreeMap<(u64, u8), u64>,
}

/// Result of a reveal's turn.
enum Turn {
    /// Its proof may be ready in this block.
    Wait(u64),
    Done(Revealed),
}

impl Refused {
    /// The next block in which a proof may be ready.
    fn next_proof(&self, now: u64) -> Option<u64> {
        self.proofs.values().copied().filter(|block| *block > now).min()
    }
}

impl<S: Subnet, C: Chain> Life<S, C> {
    async fn run(mut self, stopped: watch::Receiver<bool>) {
        self.state_limits();
        self.go_on(stopped).await;
        if let Some(desk) = self.desk.take() {
            desk.close(PAUSE).await;
        }
    }

    /// States with which limits the evidence is kept. If the disk refuses that, judging goes on.
    fn state_limits(&self) {
        if let Err(error) = self.evidence.write_limits(self.options.keep_limits()) {
            self.complain(&error);
        }
    }

    async fn go_on(&mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let step = tokio::select! {
                step = self.step() => step,
                _ = stopped.changed() => return,
            };
            let pause = match step {
                Ok(pause) => pause,
                Err(error) => {
                    self.complain(&error);
                    self.make_room(&error);
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => return,
            }
        }
    }

    /// Announces the address of the evidence on the chain. After a refusal it is announced again later.
    async fn announce_desk(&mut self, view: &SubnetView, own: Option<&Peer>) {
        let Some(desk) = &self.desk else { return };
        let announced = desk.announced();
        let due = own.is_some_and(|own| own.axon != Some(announced)) && view.block >= self.announce_from;
        if !due {
            return;
        }
        self.announce_from = view.block + ANNOUNCE_AGAIN;
        match self.chain.serve_axon(self.options.netuid, announced, AxonPurpose::Evidence).await {
            Ok(()) => tracing::info!(address = %announced, "announced where evidence is told"),
            Err(error) => self.complain(&error),
        }
    }

    /// Says once in an epoch that nobody can hold this validator's evidence, where that costs its weights.
    fn warn_unserved(&mut self, view: &SubnetView) {
        if self.desk.is_some() || !demands_proof(view) || self.unserved_in == Some(view.epoch) {
            return;
        }
        let error = Unserved { netuid: self.options.netuid };
        if self.unserved_in.replace(view.epoch).is_none() {
            tracing::warn!("{error}");
        }
        self.complain(&error);
    }

    /// Puts an error into the report; the validator goes on. A program that shows the report shows the error too, so
    /// the log repeats it only at debug level.
    pub(super) fn complain(&self, error: &dyn std::error::Error) {
        tracing::debug!(%error, "a step of the validator failed");
        self.reporter.send_modify(|report| report.trouble = Some(error.to_string()));
    }

    /// Makes room on a disk that may be full, if state could not be kept. Evidence is most of what fills the disk. Its
    /// oldest epoch is worth less than weights, whose salts must be on disk before they are committed to.
    pub(super) fn make_room(&mut self, error: &ValidatorError) {
        let kept = matches!(error, ValidatorError::Store(_) | ValidatorError::Submit(SubmitError::Store(_)));
        if kept {
            if let Err(error) = self.evidence.remove_oldest(&self.due) {
                self.complain(&error);
            }
        }
    }

    /// Does the next step and returns how long to wait before the one after it.
    async fn step(&mut self) -> Result<Duration, ValidatorError> {
        let view = self.chain.subnet(self.options.netuid, None).await?;
        if let Some(desk) = &self.desk {
            desk.renew(&view);
        }
        if let Some(holding) = &self.holding {
            holding.renew(&view);
        }
        self.warn_unserved(&view);
        self.due = due(&view, self.memory.pending.values());
        if self.memory.progress.epoch != view.epoch {
            if !self.refused.postponed.is_empty() {
                let (epoch, mechanisms) = (self.memory.progress.epoch, &self.refused.postponed);
                tracing::error!(epoch, ?mechanisms, "the chain took no weights in this epoch");
            }
            self.memory.progress = std::mem::take(&mut self.memory.progress).in_epoch(view.epoch);
            self.refused = Refused::default();
        }
        let seat = |peer: &Peer| Seat { uid: peer.uid, registered_at: peer.registered_at };
        let seated = view.neurons.iter().map(|peer| (seat(peer), peer.hotkey));
        follow_swaps(&mut self.memory.standings, seated);
        let own = view.by_hotkey(&self.hotkey.public()).cloned();
        let permit = own.as_ref().is_some_and(|own| own.permit);
        let known_from = self.permit.known_from(permit, view.block);
        self.reporter.send_modify(|report| {
            (report.epoch, report.block, report.permit) = (view.epoch, view.block, permit);
        });
        if let Some(rival) = self.rival.look(own.as_ref(), view.block, |uid| {
            (0..view.mechanisms()).map(|mechanism| view.last_update(mechanism, uid)).collect()
        }) {
            self.complain(&rival);
        }
        if self.rival.is_found() {
            return self.wait(view.block, view.block + LOOK_AGAIN).await;
        }
        self.announce_desk(&view, own.as_ref()).await;
        self.reveal_due(&view).await?;
        self.delete_customers(&view).await;
        self.read_rules(&view).await?;
        // The view knows no later blocks: in one of them the owner may have changed the tempo.
        let finalized = self.chain.finalized().await?.min(view.block);
        let mechanisms = self.mechanisms(&view).len() as u8;
        // A refusal on one mechanism does not delay the weights of the others.
        let mut progress = self.memory.progress.clone();
        progress.done.extend(&self.refused.postponed);
        if (0..mechanisms).all(|mechanism| progress.done.contains(&mechanism)) {
            self.refused.postponed.clear();
            progress.done.clone_from(&self.memory.progress.done);
        }
        match next_step(&self.options.timetable, &view, mechanisms, finalized, &progress) {
            Step::Wait { until } => self.wait(view.block, until).await,
            Step::Round { .. } if permit && view.block < known_from => {
                self.wait(view.block, known_from).await
            }
            Step::Round { round, source } => {
                let start = self.start_block(&view, round, source).await?;
                if view.block < start {
                    if permit {
                        self.draw_ahead(&view, round, source).await?;
                    }
                    return self.wait(view.block, start).await;
                }
                if !self.preparing.is_finished() {
                    return self.wait(view.block, view.block + 1).await;
                }
                match self.try_round(&view, round, source, permit).await {
                    Err(error @ ValidatorError::Chain(_)) => return Err(error),
                    Err(error) => self.complain(&error),
                    Ok(()) => {}
                }
                // Whatever its result, a round is asked once: miners must not pay for this validator's errors.
                self.memory.progress.next_round = round + 1;
                Ok(Duration::ZERO)
            }
            Step::Submit { mechanism } => self.submit(&view, mechanism, own.filter(|own| own.permit)).await,
        }
    }

    /// The block at which this validator begins a round, drawn from its secret seed within the round's part of the
    /// epoch.
    async fn start_block(&self, view: &SubnetView, round: u16, source: u64) -> Result<u64, ValidatorError> {
        let slot_ms = self.chain.slot_ms().await?.max(1);
        let needed = self.longest_deadline() * 2 + OPENING_TIME;
        let needed = u64::try_from(needed.as_millis()).unwrap_or(u64::MAX).div_ceil(slot_ms);
        let seed = self.own_seed(&self.occasion(view, round, source).await?);
        let rounds = &self.options.timetable.rounds;
        Ok(rounds.start_block(view.epoch_start, view.tempo, round, needed, &seed).unwrap_or(source))
    }

    /// The longest deadline of a served task.
    pub(super) fn longest_deadline(&self) -> Duration {
        let served = self.subnet.tasks().into_iter().filter(|plan| plan.share != Share::Network);
        served.filter(|plan| plan.count > 0).map(|plan| plan.deadline).max().unwrap_or_default()
    }

    /// Sleeps until `until` or a little before, and reads the chain in between.
    async fn wait(&self, now: u64, until: u64) -> Result<Duration, ValidatorError> {
        let slot = Duration::from_millis(self.chain.slot_ms().await?.clamp(10, 60_000));
        let until = until.min(now + LOOK_AGAIN).min(self.refused.next_proof(now).unwrap_or(u64::MAX));
        let blocks = u32::try_from(until.saturating_sub(now)).unwrap_or(u32::MAX);
        if blocks > 1 {
            tokio::time::sleep(slot * (blocks - 1)).await;
        }
        while self.chain.best().await? < until {
            tokio::time::sleep(slot / 2).await;
        }
        Ok(Duration::ZERO)
    }

    /// Checks, once in an epoch, whether this validator judges by the rules in force.
    async fn read_rules(&mut self, view: &SubnetView) -> Result<(), ValidatorError> {
        if self.foreign_rules.0 == view.epoch {
            return Ok(());
        }
        let mut foreign = BTreeSet::new();
        for mechanism in 0..self.mechanisms(view).len() as u8 {
            let track = Track { netuid: self.options.netuid, mechanism };
            let in_force = self.chain.rules_in_force(track).await?;
            let ours = rules(&*self.subnet, mechanism, self.options.terms).map(|text| rules_hash(&text));
            let Some(ours) = ours else { continue };
            let Some(in_force) = in_force.filter(|in_force| *in_force != ours) else {
                self.memory.agreed.insert(mechanism, AgreedRules { hash: ours, epoch: view.epoch });
                continue;
            };
            let agreed = self.memory.agreed.get(&mechanism).filter(|agreed| agreed.hash == ours);
            let until = agreed.map(|agreed| agreed.epoch.saturating_add(GRACE_EPOCHS));
            let until = until.filter(|until| view.epoch <= *until);
            if until.is_none() {
                foreign.insert(mechanism);
            }
            self.complain(&ForeignRules { mechanism, in_force, ours, until });
        }
        self.foreign_rules = (view.epoch, foreign);
        Ok(self.store.save_agreed(&self.memory.agreed)?)
    }

    /// The subnet's mechanisms that its owner has switched on, in the order of their numbers.
    pub(super) fn mechanisms(&self, view: &SubnetView) -> Vec<Mechanism> {
        let mechanisms = self.subnet.mechanisms().into_iter().take(view.mechanisms().into());
        mechanisms.map(|mechanism| self.options.terms.apply(mechanism)).collect()
    }

    /// The weights that follow from the averages; empty if there are none.
    fn weights(&self, view: &SubnetView, mechanism: u8) -> Vec<(u16, u16)> {
        let mechanisms = self.mechanisms(view);
        let Some(plan) = mechanisms.get(usize::from(mechanism)) else { return Vec::new() };
        weigh_standings(plan, &self.seated(view, mechanism))
    }

    /// Whether the rules let a neuron be asked and paid: it has the collateral that they require.
    pub(super) fn is_backed(&self, peer: &Peer) -> bool {
        peer.collateral >= self.options.terms.collateral
    }

    /// The neurons that have a standing on a mechanism and may be paid.
    fn seated(&self, view: &SubnetView, mechanism: u8) -> Vec<(MinerRef, &Standing)> {
        let of = |peer: &Peer| {
            let standing = self.memory.standings.get(&(mechanism, peer.hotkey))?;
            Some((MinerRef { uid: peer.uid, hotkey: peer.hotkey }, standing))
        };
        view.neurons.iter().filter(|peer| self.is_backed(peer)).filter_map(of).collect()
    }

    /// Keeps weights as evidence before they are submitted. A commitment from before a restart is sent again unchanged,
    /// so its earlier evidence stays.
    fn keep_weights(&self, view: &SubnetView, mechanism: u8, weights: &WeightVector, silent: Option<Silent>) {
        if self.memory.pending.contains_key(&(view.epoch, mechanism)) {
            return;
        }
        let seat = |(miner, _): (MinerRef, _)| KeptSeat { uid: miner.uid, hotkey: to_hex(&miner.hotkey) };
        let terms = self.options.terms;
        let text = rules(&*self.subnet, mechanism, terms).unwrap_or_default();
        let kept = self.evidence.keep_standings(view.epoch, &self.memory.standings).and_then(|standings| {
            let kept = KeptWeights {
                mechanism,
                block: view.block,
                rules: to_hex(&rules_hash(&text)),
                terms,
                standings,
                seats: self.seated(view, mechanism).into_iter().map(seat).collect(),
                weights: weights.clone(),
                silent,
                submitted: false,
            };
            self.evidence.write_weights(view.epoch, &kept)
        });
        if let Err(error) = kept {
            self.complain(&error);
        }
    }

    /// Notes in the evidence that the chain has accepted the weights of an epoch, unless that is noted.
    fn note_submission(&self, epoch: u64, mechanism: u8) {
        let noted = self.evidence.weights(epoch).and_then(|all| {
            let kept = all.into_iter().find(|kept| kept.mechanism == mechanism && !kept.submitted);
            kept.map_or(Ok(()), |kept| {
                self.evidence.write_weights(epoch, &KeptWeights { submitted: true, ..kept })
            })
        });
        if let Err(error) = noted {
            self.complain(&error);
        }
    }

    async fn submit(
        &mut self,
        view: &SubnetView,
        mechanism: u8,
        own: Option<Peer>,
    ) -> Result<Duration, ValidatorError> {
        if self.foreign_rules.1.contains(&mechanism) {
            return self.finish_submission(mechanism);
        }
        let weights = self.weights(view, mechanism);
        let (Some(own), false) = (own, weights.is_empty()) else {
            tracing::info!(epoch = view.epoch, mechanism, "no weights: no permit, or nobody scored yet");
            return self.finish_submission(mechanism);
        };
        let Provable { weights, root, silent } = self.provable(view, mechanism, weights)?;
        if weights.is_empty() {
            self.tell_unproved(view.epoch, mechanism);
            return self.finish_submission(mechanism);
        }
        let (uids, values) = weights.into_iter().unzip();
        let weights = WeightVector { uids, values, version_key: view.version_key };
        self.keep_weights(view, mechanism, &weights, silent);
        let track = Track { netuid: self.options.netuid, mechanism };
        let last_update = view.last_update(mechanism, own.uid);
        let (chain, store, pending) = (&self.chain, &self.store, &mut self.memory.pending);
        let outcome = submit(chain, store, track, view, last_update, (weights.clone(), root), pending).await;
        let may_be_there = match &outcome {
            Ok(outcome) => !matches!(outcome, Submitted::TooSoon { .. }),
            Err(error) => error.may_have_arrived(),
        };
        if may_be_there {
            let best = self.chain.best().await;
            self.rival.sent(best.as_ref().map_or(view.block, |best| *best), outcome.is_ok() && best.is_ok());
        }
        match outcome {
            Ok(Submitted::TooSoon { until }) => {
                if until >= view.epoch_start + u64::from(view.tempo) {
                    // Usual where epochs are shorter than the rate limit.
                    tracing::debug!(
                        epoch = view.epoch,
                        mechanism,
                        until,
                        "the rate limit allows no weights in this epoch"
                    );
                    return self.finish_submission(mechanism);
                }
                // The other mechanisms have their turn first, and a refused one has its turn again in between.
                self.refused.postponed.insert(mechanism);
                let (done, postponed) = (&self.memory.progress.done, &self.refused.postponed);
                let open = |mechanism| !done.contains(&mechanism) && !postponed.contains(&mechanism);
                match (0..self.mechanisms(view).len() as u8).any(open) {
                    true => Ok(Duration::ZERO),
                    false if postponed.len() > 1 => {
                        self.wait(view.block, until.min(view.block + u64::from(PAUSE_BLOCKS))).await
                    }
                    false => self.wait(view.block, until).await,
                }
            }
            Ok(outcome) => {
                tracing::info!(epoch = view.epoch, mechanism, ?outcome, ?weights, "submitted weights");
                self.note_submission(view.epoch, mechanism);
                self.reporter.send_modify(|report| {
                    report.weights.insert(mechanism, (view.epoch, weights));
                });
                self.finish_submission(mechanism)
            }
            // The attempt is repeated as long as the epoch lasts.
            Err(error) => {
                let error = ValidatorError::Submit(error);
                self.complain(&error);
                self.make_room(&error);
                self.refused.postponed.insert(mechanism);
                let longest = Duration::from_millis(self.chain.slot_ms().await?) * PAUSE_BLOCKS;
                let pause = PAUSE * 2u32.pow(self.refused.submissions.min(6));
                self.refused.submissions += 1;
                Ok(pause.min(longest.max(PAUSE)))
            }
        }
    }

    fn finish_submission(&mut self, mechanism: u8) -> Result<Duration, ValidatorError> {
        self.memory.progress.done.insert(mechanism);
        self.refused.postponed.remove(&mechanism);
        self.store.save_progress(&self.memory.progress)?;
        Ok(Duration::ZERO)
    }

    /// Reveals due commitments, oldest first, because a reveal removes all older commitments of its mechanism. A reveal
    /// that the chain refuses is repeated as long as its epoch lasts, and does not delay other mechanisms.
    async fn reveal_due(&mut self, view: &SubnetView) -> Result<(), ValidatorError> {
        if view.block < self.refused.reveal_from {
            return Ok(());
        }
        let pending: Vec<_> = self.memory.pending.values().cloned().collect();
        let mut refused = BTreeSet::new();
        let last_chance = (view.epoch_start + u64::from(view.tempo)).saturating_sub(2 * REVEAL_AGAIN);
        for mut weights in pending {
            match reveal_step(&weights, view.epoch) {
                RevealStep::Wait => continue,
                RevealStep::Reveal
                    if view.block < last_chance && self.waits_for_proof(&weights, view.block) =>
                {
                    refused.insert(weights.mechanism);
                    continue;
                }
                // It is revealed once the older one is through, or in any case at the end of the epoch.
                RevealStep::Reveal if refused.contains(&weights.mechanism) && view.block < last_chance => {
                    continue
                }
                RevealStep::Reveal => match self.reveal(view, &weights).await? {
                    Turn::Wait(until) => {
                        let (epoch, mechanism) = (weights.epoch, weights.mechanism);
                        if until > view.block + 1 {
                            tracing::info!(
                                epoch,
                                mechanism,
                                until,
                                "the proof waits for the roots of miners"
                            );
                        }
                        self.refused.proofs.insert((epoch, mechanism), until);
                        refused.insert(mechanism);
                        continue;
                    }
                    Turn::Done(Revealed::Refused(fault)) => {
                        self.complain(&fault);
                        refused.insert(weights.mechanism);
                        self.refused.reveal_from = view.block + REVEAL_AGAIN;
                        continue;
                    }
                    Turn::Done(Revealed::Done) => {
                        tracing::info!(committed = weights.epoch, epoch = view.epoch, "revealed weights");
                        // One that was killed right after its commitment has not noted it.
                        if self.evidence.epochs().contains(&weights.epoch) {
                            self.note_submission(weights.epoch, weights.mechanism);
                        }
                        self.reporter.send_modify(|report| report.revealed_in = Some(view.epoch));
                    }
                    Turn::Done(Revealed::Gone(why)) => {
                        tracing::warn!(why, committed = weights.epoch, "nothing to reveal")
                    }
                    Turn::Done(Revealed::Early) => {
                        weights.reveal_epoch += 1;
                        self.store.save_pending(&weights)?;
                        self.memory.pending.insert((weights.epoch, weights.mechanism), weights);
                        continue;
                    }
                },
                RevealStep::Expired => {
                    tracing::warn!(
                        committed = weights.epoch,
                        epoch = view.epoch,
                        "a commitment expired unrevealed"
                    );
                }
            }
            self.store.drop_pending(weights.epoch, weights.mechanism)?;
            self.memory.pending.remove(&(weights.epoch, weights.mechanism));
        }
        Ok(())
    }

    /// Whether the proof of a commitment can't be ready in this block.
    fn waits_for_proof(&self, weights: &PendingWeights, block: u64) -> bool {
        self.refused.proofs.get(&(weights.epoch, weights.mechanism)).is_some_and(|from| block < *from)
    }

    /// Reveals a commitment with its proof, unless that may be ready later.
    async fn reveal(&self, view: &SubnetView, weights: &PendingWeights) -> Result<Turn, ValidatorError> {
        let proof = match self.prove(view, weights).await? {
            Ok(Proof::Wait(until)) => return Ok(Turn::Wait(until)),
            Ok(Proof::NotNeeded) => None,
            Ok(Proof::Ready(proof)) => Some(proof),
            Err(fault) => {
                self.complain(&fault);
                return Ok(Turn::Done(Revealed::Gone(fault.to_string())));
            }
        };
        Ok(Turn::Done(reveal(&self.chain, self.options.netuid, weights, proof.as_deref()).await?))
    }
}

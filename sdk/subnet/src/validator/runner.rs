//! The validator's loop.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_wallet::Keypair;
use myelin_wire::{
    hash::to_hex,
    record::Ppm,
    seed::{Audience, SeedProof},
    AccountId,
};
use tokio::sync::watch;

use super::{
    ask::{dendrite_for, AskError, AskedRound, Asker, Reachable},
    draw::{draw_round, Occasion},
    schedule::{next_step, Step, Timetable},
    store::{Memory, StoreError, StoreIdentity, ValidatorStore},
    submit::{reveal, reveal_step, submit, RevealStep, Revealed, SubmitError, Submitted},
    witness::Witness,
};
use crate::{
    chain::{Chain, ChainFault, Peer, SubnetView, WeightVector},
    evaluation::{
        evaluate_round, weigh, AskedTask, Evaluated, EvaluationError, GroupRule, Judged, RoundFacts,
        WeightRule,
    },
    evidence::{EvidenceError, EvidenceFolder, KeptMiner, KeptTask, RoundEvidence, RoundTasks},
    exchange::protocol_name,
    subnet::{MinerRef, Subnet, SubnetError},
};

/// How a validator runs.
#[derive(Clone, Debug)]
pub struct ValidatorOptions {
    /// The subnet.
    pub netuid: u16,
    /// Folder for averages, progress and salts.
    pub state: PathBuf,
    /// Folder for evidence.
    pub evidence: PathBuf,
    /// Epochs of evidence that are kept.
    pub keep_epochs: usize,
    /// How an epoch is divided.
    pub timetable: Timetable,
    /// Weight of a new round in the moving average.
    pub rate: Ppm,
    /// How averages become weights.
    pub weights: WeightRule,
    /// When miners count as repeating each other.
    pub groups: GroupRule,
    /// Most miners asked in a round; of more, the seed chooses.
    pub most_miners: usize,
}

impl ValidatorOptions {
    /// Defaults for `netuid`, with everything kept below `folder`.
    pub fn new(netuid: u16, folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self {
            netuid,
            state: folder.join("state"),
            evidence: folder.join("evidence"),
            keep_epochs: 200,
            timetable: Timetable::default(),
            rate: Ppm::new(400_000),
            weights: WeightRule::default(),
            groups: GroupRule::default(),
            most_miners: 256,
        }
    }
}

/// Why a validator stops, or a step of it fails. All but the first kinds are logged and tried again.
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
    /// The subnet's code panicked.
    #[error("scoring stopped unexpectedly: {0}")]
    Panicked(String),
}

/// What a validator shows of itself.
#[derive(Clone, Debug, Default)]
pub struct ValidatorReport {
    /// The subnet's epoch index as last seen.
    pub epoch: u64,
    /// Block as last seen.
    pub block: u64,
    /// Whether this validator holds a permit.
    pub permit: bool,
    /// The last round that was judged.
    pub last_round: Option<RoundReport>,
    /// Averages by uid.
    pub standings: Vec<ValidatorStanding>,
    /// Weights last submitted, with the epoch in which they were.
    pub weights: Option<(u64, WeightVector)>,
    /// Epoch in which the last commitment was revealed.
    pub revealed_in: Option<u64>,
    /// The last thing that went wrong.
    pub trouble: Option<String>,
}

/// A miner's average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatorStanding {
    /// The miner.
    pub miner: MinerRef,
    /// Its average.
    pub average: Ppm,
    /// Rounds that entered it.
    pub rounds: u32,
}

/// A judged round.
#[derive(Clone, Debug)]
pub struct RoundReport {
    /// Epoch of the round.
    pub epoch: u64,
    /// The round.
    pub round: u16,
    /// Scores, records and repeats.
    pub evaluated: Evaluated,
    /// Time from drawing the seeds to the last answer.
    pub asking: Duration,
    /// Time to judge the answers.
    pub judging: Duration,
}

/// A running validator.
pub struct Validator {
    stop: watch::Sender<bool>,
    report: watch::Receiver<ValidatorReport>,
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
        let identity = StoreIdentity {
            genesis: chain.genesis(),
            netuid: options.netuid,
            hotkey: hotkey.public(),
            protocol: protocol_name::<S>(),
        };
        let store = ValidatorStore::open(&options.state.join("validator.redb"), &identity)?;
        let memory = store.load()?;
        let dendrite = dendrite_for(&*subnet, hotkey.clone());
        let asker = Asker::new(dendrite, chain.genesis(), options.netuid, hotkey.public());
        let evidence = EvidenceFolder { path: options.evidence.clone(), keep: options.keep_epochs };
        let (stop, stopped) = watch::channel(false);
        let (reporter, report) = watch::channel(ValidatorReport::default());
        let life = Life {
            subnet,
            chain,
            hotkey,
            options,
            store,
            memory,
            asker,
            evidence,
            reporter,
            failed_submissions: 0,
            last_round_took: Duration::ZERO,
        };
        let task = tokio::spawn(life.run(stopped));
        Ok(Self { stop, report, task })
    }

    /// What the validator shows of itself; changes with every step.
    pub fn report(&self) -> watch::Receiver<ValidatorReport> {
        self.report.clone()
    }

    /// Stops, at the latest after `grace`. Everything finished is on disk; what is cut off is done again, with the same
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

/// Attempts to submit the weights of one epoch.
const SUBMISSIONS: u32 = 5;
/// Pause after something went wrong.
const PAUSE: Duration = Duration::from_millis(500);
/// Blocks after which the schedule is read again, in case the owner changed it.
const LOOK_AGAIN: u64 = 20;

struct Life<S: Subnet, C: Chain> {
    subnet: Arc<S>,
    chain: C,
    hotkey: Arc<Keypair>,
    options: ValidatorOptions,
    store: ValidatorStore,
    memory: Memory<S::State>,
    asker: Asker,
    evidence: EvidenceFolder,
    reporter: watch::Sender<ValidatorReport>,
    failed_submissions: u32,
    /// Time that the last round took, as an estimate for the next.
    last_round_took: Duration,
}

impl<S: Subnet, C: Chain> Life<S, C> {
    async fn run(mut self, mut stopped: watch::Receiver<bool>) {
        while !*stopped.borrow() {
            let step = tokio::select! {
                step = self.step() => step,
                _ = stopped.changed() => return,
            };
            let pause = match step {
                Ok(pause) => pause,
                Err(error) => {
                    self.complain(&error);
                    PAUSE
                }
            };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopped.changed() => return,
            }
        }
    }

    /// Tells people about trouble; the validator goes on.
    fn complain(&self, error: &dyn std::error::Error) {
        tracing::warn!(%error, "a step of the validator failed");
        self.reporter.send_modify(|report| report.trouble = Some(error.to_string()));
    }

    /// Does what is next and says how long to wait before looking again.
    async fn step(&mut self) -> Result<Duration, ValidatorError> {
        let view = self.chain.subnet(self.options.netuid, None).await?;
        let progress = self.memory.progress.in_epoch(view.epoch);
        if progress != self.memory.progress {
            self.memory.progress = progress;
            self.failed_submissions = 0;
        }
        let own = view.by_hotkey(&self.hotkey.public()).cloned();
        let permit = own.as_ref().is_some_and(|own| own.permit);
        self.reporter.send_modify(|report| {
            (report.epoch, report.block, report.permit) = (view.epoch, view.block, permit);
        });
        self.reveal_due(&view).await?;
        let finalized = self.chain.finalized().await?;
        match next_step(&self.options.timetable, &view, finalized, progress) {
            Step::Wait { until } => self.wait(view.block, until).await,
            Step::Round { round, source } => {
                match self.try_round(&view, round, source, permit).await {
                    Err(error @ ValidatorError::Chain(_)) => return Err(error),
                    Err(error) => self.complain(&error),
                    Ok(()) => {}
                }
                // Whatever became of it, a round is asked once: miners must not pay for this validator's trouble.
                self.memory.progress.next_round = round + 1;
                Ok(Duration::ZERO)
            }
            Step::Submit => {
                self.submit(&view, own.filter(|own| own.permit)).await?;
                Ok(Duration::ZERO)
            }
        }
    }

    /// Sleeps until `until` or a little before, and looks at the chain while doing so.
    async fn wait(&self, now: u64, until: u64) -> Result<Duration, ValidatorError> {
        let slot = Duration::from_millis(self.chain.slot_ms().await?.clamp(50, 60_000));
        let until = until.min(now + LOOK_AGAIN);
        let blocks = u32::try_from(until.saturating_sub(now)).unwrap_or(u32::MAX);
        if blocks > 1 {
            tokio::time::sleep(slot * (blocks - 1)).await;
        }
        while self.chain.best().await? < until {
            tokio::time::sleep(slot / 2).await;
        }
        Ok(Duration::ZERO)
    }

    /// Runs a round if this validator may and there is time for it.
    async fn try_round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        permit: bool,
    ) -> Result<(), ValidatorError> {
        if !permit {
            tracing::info!(epoch = view.epoch, round, "no validator permit yet, so miners would not answer");
            return Ok(());
        }
        let slot_ms = self.chain.slot_ms().await?;
        let blocks = self.options.timetable.submit_block(view).saturating_sub(view.block);
        let left = Duration::from_millis(blocks.saturating_mul(slot_ms));
        if left < self.last_round_took {
            tracing::info!(epoch = view.epoch, round, ?left, "too little time is left for a round");
            return Ok(());
        }
        let started = Instant::now();
        // Some of the time is needed to open and to judge.
        self.round(view, round, source, left * 6 / 10).await?;
        self.last_round_took = started.elapsed();
        Ok(())
    }

    /// Asks, waiting for answers no longer than `patience`, and judges one round.
    async fn round(
        &mut self,
        view: &SubnetView,
        round: u16,
        source: u64,
        patience: Duration,
    ) -> Result<(), ValidatorError> {
        let occasion = Occasion {
            genesis: self.chain.genesis(),
            netuid: self.options.netuid,
            epoch: view.epoch,
            round,
            source_block: source,
            source_hash: self.chain.block_hash(source).await?,
        };
        let started = Instant::now();
        let miners = self.miners(view, &occasion);
        let hotkeys: Vec<AccountId> = miners.iter().map(|one| one.miner.hotkey).collect();
        let keys = self.hotkey.inner();
        let drawn = draw_round(&*self.subnet, &occasion, &hotkeys, keys, &self.memory.subnet, rand::random)?;
        // Evidence of an earlier attempt at this round, which a restart cut off.
        let earlier = self.evidence.signed(view.epoch, round).unwrap_or_default();
        let mut witness = Witness::remembering(earlier);
        let asked = self.asker.ask(drawn.tasks, &miners, patience, &mut witness).await?;
        let asking = started.elapsed();
        if let Err(error) = self.keep(view.epoch, round, &drawn.seeds, &miners, &asked, &witness) {
            self.complain(&error);
        }

        let started = Instant::now();
        let refs: Vec<MinerRef> = miners.iter().map(|one| one.miner).collect();
        let facts = RoundFacts {
            netuid: self.options.netuid,
            epoch: view.epoch,
            round,
            signer: self.hotkey.public(),
        };
        let (subnet, rule, epoch) = (self.subnet.clone(), self.options.groups, view.epoch);
        let mut standings = self.memory.standings.clone();
        // A round that fails to be judged must leave the subnet's state as it was, so a copy goes out.
        let mut state = copy_state::<S>(&self.memory.subnet);
        let judging = tokio::task::spawn_blocking(move || {
            let excuse = |hotkey: &AccountId| standings.entry(*hotkey).or_default().faults().excuse(epoch);
            let evaluated = evaluate_round(&*subnet, &facts, &refs, asked.asked, &rule, excuse, &mut state)?;
            Ok::<_, EvaluationError>((evaluated, standings, state))
        });
        let (evaluated, mut standings, state) =
            judging.await.map_err(|error| ValidatorError::Panicked(error.to_string()))??;
        for one in &evaluated.scores {
            if let Some(score) = one.score {
                standings.entry(one.miner.hotkey).or_default().update(score, self.options.rate);
            }
        }
        standings.retain(|hotkey, _| view.by_hotkey(hotkey).is_some());
        let records = evaluated.judged.iter().map(|one| &one.record);
        let kept = self.evidence.write_records(epoch, round, records);
        self.memory.standings = standings;
        self.memory.subnet = state;
        self.memory.progress.next_round = round + 1;
        let saved = self.store.finish_round(&self.memory);
        self.report_round(view, round, evaluated, asking, started.elapsed());
        kept?;
        Ok(saved?)
    }

    /// Everybody with an axon that was registered before the source block, but not this validator.
    fn miners(&self, view: &SubnetView, occasion: &Occasion) -> Vec<Reachable> {
        let eligible =
            |peer: &&Peer| peer.hotkey != self.hotkey.public() && peer.registered_at < occasion.source_block;
        let mut miners: Vec<Reachable> = view
            .neurons
            .iter()
            .filter(eligible)
            .filter_map(|peer| {
                let miner = MinerRef { uid: peer.uid, hotkey: peer.hotkey };
                Some(Reachable { miner, address: peer.axon? })
            })
            .collect();
        if miners.len() > self.options.most_miners {
            // The choice follows from the round's seed, so a validator can't leave out whom it likes.
            let context = occasion.context(Audience::Round);
            let (_, seed) = SeedProof::draw(context, self.hotkey.inner(), rand::random());
            seed.derive(b"peers", 0).rng().shuffle(&mut miners);
            miners.truncate(self.options.most_miners);
            miners.sort_unstable_by_key(|one| one.miner);
        }
        miners
    }

    fn keep(
        &self,
        epoch: u64,
        round: u16,
        seeds: &[SeedProof],
        miners: &[Reachable],
        asked: &AskedRound<S>,
        witness: &Witness,
    ) -> Result<(), ValidatorError> {
        let json = |value: serde_json::Result<serde_json::Value>| {
            value.map_err(|error| {
                SubnetError::new("keeping a task", error.to_string(), "let it be written as JSON")
            })
        };
        let task = |one: &AskedTask<S>| {
            Ok::<_, SubnetError>(KeptTask {
                seed: to_hex(&one.task.seed),
                number: one.task.number,
                kind: one.task.plan.kind.to_owned(),
                request: json(serde_json::to_value(&one.task.challenge.request))?,
                hidden: json(serde_json::to_value(&one.task.challenge.hidden))?,
            })
        };
        let miner = |one: &Reachable| KeptMiner { uid: one.miner.uid, hotkey: to_hex(&one.miner.hotkey) };
        let evidence = RoundEvidence {
            seeds: seeds.to_vec(),
            tasks: RoundTasks {
                miners: miners.iter().map(miner).collect(),
                tasks: asked.asked.iter().map(task).collect::<Result<_, _>>()?,
            },
            signed: asked.signed.clone(),
            texts: asked.texts.iter().map(|text| text.to_vec()).collect(),
            equivocations: witness.contradictions().to_vec(),
        };
        Ok(self.evidence.write(epoch, round, &evidence)?)
    }

    fn report_round(
        &self,
        view: &SubnetView,
        round: u16,
        evaluated: Evaluated,
        asking: Duration,
        judging: Duration,
    ) {
        for Judged { record, note } in &evaluated.judged {
            tracing::debug!(note, "{}", record.explain(self.subnet.rubric()));
        }
        let scores: BTreeMap<u16, Option<u32>> =
            evaluated.scores.iter().map(|one| (one.miner.uid, one.score.map(Ppm::get))).collect();
        tracing::info!(epoch = view.epoch, round, ?scores, ?asking, ?judging, "judged a round");
        let standings = view.neurons.iter().filter_map(|peer| {
            let standing = self.memory.standings.get(&peer.hotkey)?;
            Some(ValidatorStanding {
                miner: MinerRef { uid: peer.uid, hotkey: peer.hotkey },
                average: standing.average(),
                rounds: standing.rounds(),
            })
        });
        let standings: Vec<_> = standings.collect();
        let last = RoundReport { epoch: view.epoch, round, evaluated, asking, judging };
        self.reporter.send_modify(|report| {
            report.last_round = Some(last);
            report.standings = standings;
        });
    }

    async fn submit(&mut self, view: &SubnetView, own: Option<Peer>) -> Result<(), ValidatorError> {
        let averages: Vec<(u16, Ppm)> = view
            .neurons
            .iter()
            .filter_map(|peer| Some((peer.uid, self.memory.standings.get(&peer.hotkey)?.average())))
            .collect();
        let weights = weigh(&averages, &self.options.weights);
        let (Some(own), false) = (own, weights.is_empty()) else {
            tracing::info!(epoch = view.epoch, "no weights this epoch: no permit, or nobody scored yet");
            return self.finish_submission();
        };
        let (uids, values) = weights.into_iter().unzip();
        let weights = WeightVector { uids, values, version_key: view.version_key };
        let earlier = self.memory.pending.get(&view.epoch).filter(|pending| !pending.confirmed).cloned();
        let (chain, store, netuid) = (&self.chain, &self.store, self.options.netuid);
        match submit(chain, store, netuid, view, own.last_update, weights.clone(), earlier).await {
            Ok((Submitted::TooSoon { until }, _)) => {
                if until >= view.epoch_start + u64::from(view.tempo) {
                    tracing::warn!(
                        epoch = view.epoch,
                        until,
                        "the rate limit allows no weights in this epoch"
                    );
                    return self.finish_submission();
                }
                self.wait(view.block, until).await?;
                Ok(())
            }
            Ok((outcome, pending)) => {
                tracing::info!(epoch = view.epoch, ?outcome, ?weights, "submitted weights");
                if let Some(pending) = pending {
                    self.memory.pending.insert(pending.epoch, pending);
                }
                self.reporter.send_modify(|report| report.weights = Some((view.epoch, weights)));
                self.finish_submission()
            }
            Err(error) => {
                self.failed_submissions += 1;
                if self.failed_submissions >= SUBMISSIONS {
                    tracing::error!(%error, epoch = view.epoch, "giving up on the weights of this epoch");
                    return self.finish_submission();
                }
                Err(error.into())
            }
        }
    }

    fn finish_submission(&mut self) -> Result<(), ValidatorError> {
        self.memory.progress.submitted = true;
        Ok(self.store.save_progress(&self.memory.progress)?)
    }

    /// Reveals what is due, oldest first, because a reveal removes all older commitments.
    async fn reveal_due(&mut self, view: &SubnetView) -> Result<(), ValidatorError> {
        let pending: Vec<_> = self.memory.pending.values().cloned().collect();
        for mut one in pending {
            match reveal_step(&one, view.epoch) {
                RevealStep::Wait => continue,
                RevealStep::Reveal => match reveal(&self.chain, self.options.netuid, &one).await? {
                    Revealed::Done => {
                        tracing::info!(committed = one.epoch, epoch = view.epoch, "revealed weights");
                        self.reporter.send_modify(|report| report.revealed_in = Some(view.epoch));
                    }
                    Revealed::Gone(why) => tracing::warn!(why, committed = one.epoch, "nothing to reveal"),
                    Revealed::Early => {
                        one.reveal_epoch += 1;
                        self.store.save_pending(&one)?;
                        self.memory.pending.insert(one.epoch, one);
                        continue;
                    }
                },
                RevealStep::Expired => {
                    tracing::warn!(
                        committed = one.epoch,
                        epoch = view.epoch,
                        "a commitment expired unrevealed"
                    );
                }
            }
            self.store.drop_pending(one.epoch)?;
            self.memory.pending.remove(&one.epoch);
        }
        Ok(())
    }
}

/// A copy by way of the form in which it is saved; a state that cannot be saved starts afresh, as after a restart.
fn copy_state<S: Subnet>(state: &S::State) -> S::State {
    let saved = serde_json::to_value(state);
    saved.and_then(serde_json::from_value).unwrap_or_default()
}

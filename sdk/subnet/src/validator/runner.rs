//! The validator's loop.

use std::{sync::Arc, time::Duration};

use myelin_wallet::Keypair;
use myelin_wire::record::Ppm;
use tokio::sync::watch;

use super::{
    ask::{dendrite_for, AskError, Asker},
    options::ValidatorOptions,
    permit::PermitWatch,
    report::ValidatorReport,
    schedule::{next_step, Step},
    store::{Memory, StoreError, StoreIdentity, ValidatorStore},
    submit::{reveal, reveal_step, submit, RevealStep, Revealed, SubmitError, Submitted},
};
use crate::{
    chain::{Chain, ChainFault, Peer, SubnetView, WeightVector},
    evaluation::{weigh, EvaluationError},
    evidence::{EvidenceError, EvidenceFolder},
    exchange::protocol_name,
    subnet::{Subnet, SubnetError},
};

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
            permit: PermitWatch::default(),
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

/// Everything a running validator holds.
pub(super) struct Life<S: Subnet, C: Chain> {
    pub(super) subnet: Arc<S>,
    pub(super) chain: C,
    pub(super) hotkey: Arc<Keypair>,
    pub(super) options: ValidatorOptions,
    pub(super) store: ValidatorStore,
    pub(super) memory: Memory<S::State>,
    pub(super) asker: Asker,
    pub(super) evidence: EvidenceFolder,
    pub(super) reporter: watch::Sender<ValidatorReport>,
    pub(super) failed_submissions: u32,
    /// Time that the last round took, as an estimate for the next.
    pub(super) last_round_took: Duration,
    pub(super) permit: PermitWatch,
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
    pub(super) fn complain(&self, error: &dyn std::error::Error) {
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
        let known_from = self.permit.known_from(permit, view.block);
        self.reporter.send_modify(|report| {
            (report.epoch, report.block, report.permit) = (view.epoch, view.block, permit);
        });
        self.reveal_due(&view).await?;
        let finalized = self.chain.finalized().await?;
        match next_step(&self.options.timetable, &view, finalized, progress) {
            Step::Wait { until } => self.wait(view.block, until).await,
            Step::Round { .. } if permit && view.block < known_from => {
                self.wait(view.block, known_from).await
            }
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
        let slot = Duration::from_millis(self.chain.slot_ms().await?.clamp(10, 60_000));
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

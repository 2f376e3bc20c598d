//! Holding: the evidence of other validators, fetched once it is open, checked, served, and attested on the chain.
//!
//! It runs beside the validator's loop, so rounds, weights and proofs never wait for it. Each epoch it fetches the one
//! that opened, and attests at the latest before the last tenth of the epoch.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use myelin_neuron::dendrite::Target;
use myelin_wire::{
    evidence::TAG_LEN,
    hash::{blake2_256, from_hex, to_hex},
    sr25519::Signer,
    AccountId,
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{timeout_at, Instant},
};

use super::report::{HeldEvidence, ValidatorReport};
use crate::{
    chain::{Chain, ChainFault, CommittedRoot, SubnetView},
    disclosure::{Clock, Reader, Unfinished},
    evidence::{tag_of, CommittedEpoch, EvidenceError, EvidenceFolder, PublicPart, Quota},
};

/// Most validators whose evidence is held: as many as the chain takes in an attestation.
const MOST_HELD: usize = 64;
/// Most bytes of an epoch of one validator. They are in memory while they are checked.
const EPOCH_BYTES: u64 = 256 << 20;
/// Most bytes of what was fetched of epochs whose fetching ended early. They wait in memory for the next attempt.
const UNFINISHED_BYTES: u64 = 64 << 20;
/// Blocks between two attempts to fetch what nobody has told yet.
const AGAIN_BLOCKS: u32 = 5;
/// Refusal of an attestation that names no more validators than an earlier one of the epoch.
const NOTHING_NEW: &str = "NothingNewHeld";
/// Attempts to attest.
const ATTESTS: u32 = 4;

/// Reason why evidence is not held.
#[derive(Debug, thiserror::Error)]
pub(super) enum HoldError {
    /// The chain did not answer or refused.
    #[error("holding evidence of other validators: {0}")]
    Chain(#[from] ChainFault),
    /// The disk did.
    #[error("holding evidence of other validators: {0}")]
    Evidence(#[from] EvidenceError),
    /// The work stopped.
    #[error("holding evidence of other validators stopped unexpectedly: {0}")]
    Stopped(String),
}

/// A demand of proof that this validator cannot meet for long: nobody can hold its evidence.
#[derive(Debug, thiserror::Error)]
#[error(
    "subnet {netuid} demands proof, and this validator serves no evidence, so no other one can hold it and its weights \
     may not count; start it with --evidence-ip and the address at which others reach this machine"
)]
pub(super) struct Unserved {
    pub(super) netuid: u16,
}

/// Whether a subnet demands proof on any mechanism.
pub(super) fn demands_proof(view: &SubnetView) -> bool {
    (0..view.mechanisms()).any(|mechanism| view.evidence.on(mechanism).is_some())
}

/// The running task. It ends with this value.
pub(super) struct Holding {
    views: watch::Sender<Option<SubnetView>>,
    _task: JoinSet<()>,
}

impl Holding {
    /// Starts it.
    pub(super) fn start<C: Chain>(holder: Holder<C>) -> Self {
        let (views, seen) = watch::channel(None);
        let mut task = JoinSet::new();
        task.spawn(holder.run(seen));
        Self { views, _task: task }
    }

    /// Takes over the state of the chain.
    pub(super) fn renew(&self, view: &SubnetView) {
        self.views.send_replace(Some(view.clone()));
    }
}

/// The holder.
pub(super) struct Holder<C> {
    chain: C,
    reader: Reader,
    own: AccountId,
    netuid: u16,
    /// The own evidence; what is held lies beside it.
    folder: EvidenceFolder,
    /// Bytes for the evidence of all others.
    most: u64,
    reporter: watch::Sender<ValidatorReport>,
    /// The last reason why nothing was got, by validator, so that each is said once.
    told: HashMap<AccountId, String>,
}

/// An epoch that opened.
struct Opened {
    epoch: u64,
    /// Bytes for each validator.
    share: u64,
    /// Time at which is attested what is held by then.
    until: Instant,
    slot: Duration,
}

impl<C: Chain> Holder<C> {
    pub(super) fn new(
        chain: C,
        signer: Arc<dyn Signer>,
        netuid: u16,
        (folder, most): (EvidenceFolder, u64),
        reporter: watch::Sender<ValidatorReport>,
    ) -> Self {
        let own = signer.public();
        let reader = Reader::new(signer, chain.genesis(), netuid);
        Self { chain, reader, own, netuid, folder, most, reporter, told: HashMap::new() }
    }

    async fn run(mut self, mut views: watch::Receiver<Option<SubnetView>>) {
        let mut done = None;
        loop {
            let view = views.borrow_and_update().clone();
            if let Some(view) = view.filter(|view| done != Some(view.epoch) && self.is_due(view)) {
                match self.hold(&view).await {
                    Ok(()) => done = Some(view.epoch),
                    // It is tried again at the next step.
                    Err(error) => self.complain(&error),
                }
            }
            if views.changed().await.is_err() {
                return;
            }
        }
    }

    /// Whether there is something to hold: attestations count of validators with a permit, where proof is demanded.
    fn is_due(&self, view: &SubnetView) -> bool {
        demands_proof(view) && view.by_hotkey(&self.own).is_some_and(|own| own.permit)
    }

    fn complain(&self, error: &HoldError) {
        tracing::warn!(%error);
        self.reporter.send_modify(|report| report.trouble = Some(error.to_string()));
    }

    /// Fetches and attests the evidence of the epoch that opened last.
    async fn hold(&mut self, view: &SubnetView) -> Result<(), HoldError> {
        let Some(epoch) = view.epoch.checked_sub(Clock::of(view).opens(0)) else { return Ok(()) };
        let others = self.others(view, epoch).await?;
        if others.is_empty() {
            return self.tidy(epoch, self.most).await;
        }
        let slot = Duration::from_millis(self.chain.slot_ms().await?.clamp(10, 60_000));
        let end = view.epoch_start + u64::from(view.tempo) * 9 / 10;
        let blocks = u32::try_from(end.saturating_sub(view.block)).unwrap_or(u32::MAX);
        let until = Instant::now() + slot * blocks.min(100_000);
        let opened = Opened { epoch, share: self.share(&others), until, slot };
        let (held, missing) = self.collect(view, &opened, &others).await?;
        self.tell(epoch, held.len(), others.len(), missing);
        if !held.is_empty() {
            let held: Vec<(u16, [u8; TAG_LEN])> = held.into_iter().collect();
            self.attest(&opened, &held).await?;
        }
        self.tidy(epoch, opened.share).await
    }

    /// Roots of the other validators. Each validator begins at another one, so that not all ask the same at once, and
    /// where there are more than one holds, each holds others.
    async fn others(&self, view: &SubnetView, epoch: u64) -> Result<Vec<(u16, CommittedRoot)>, HoldError> {
        let roots = self.chain.evidence_roots(self.netuid, epoch).await?;
        let foreign = roots.into_iter().filter(|root| ![root.validator, root.signer].contains(&self.own));
        // Anybody may commit to a root, and only those with a permit are paid for one.
        let seated = foreign.filter_map(|root| {
            let peer = view.by_hotkey(&root.validator).filter(|peer| peer.permit)?;
            Some((peer.uid, root))
        });
        let mut others: Vec<(u16, CommittedRoot)> = seated.collect();
        let order = |validator: &AccountId| blake2_256(&[self.own, *validator].concat());
        others.sort_by_cached_key(|(_, root)| order(&root.validator));
        others.truncate(MOST_HELD);
        Ok(others)
    }

    /// Bytes for each validator, also for those whose earlier epochs are held.
    fn share(&self, others: &[(u16, CommittedRoot)]) -> u64 {
        let mut all = held_signers(&self.folder);
        all.extend(others.iter().map(|(_, root)| root.signer));
        all.sort_unstable();
        all.dedup();
        self.most / (all.len() as u64).max(1)
    }

    /// Tags of what is held, by uid, and what is not, with the reason.
    async fn collect(
        &self,
        view: &SubnetView,
        opened: &Opened,
        others: &[(u16, CommittedRoot)],
    ) -> Result<(BTreeMap<u16, [u8; TAG_LEN]>, Missing), HoldError> {
        let (mut held, mut missing) = (BTreeMap::new(), Missing::new());
        let (mut open, mut unfinished) = (Vec::new(), HashMap::<AccountId, Unfinished>::new());
        for (uid, root) in others {
            // What is held from before a restart is not fetched again.
            match self.kept(self.wanted(opened, root)).await? {
                Some(tag) => drop(held.insert(*uid, tag)),
                None => open.push((*uid, *root)),
            }
        }
        while !open.is_empty() {
            let axons: HashMap<AccountId, SocketAddr> =
                self.chain.evidence_axons(self.netuid).await?.into_iter().collect();
            let former = std::mem::take(&mut missing);
            let mut waiting = std::mem::take(&mut open).into_iter();
            while let Some((uid, root)) = waiting.next() {
                // One that sends slowly takes no more than its part of the time.
                let now = Instant::now();
                let turns = u32::try_from(waiting.len() + 1).unwrap_or(u32::MAX);
                let turn = now + opened.until.saturating_duration_since(now) / turns;
                let signs = view.by_hotkey(&root.validator).is_some_and(|peer| peer.signed_bodies);
                let at = axons.get(&root.validator).map(|at| (*at, signs));
                let mut got = unfinished.remove(&root.validator).unwrap_or_default();
                got.limit(UNFINISHED_BYTES.saturating_sub(unfinished.values().map(Unfinished::bytes).sum()));
                let fetched = timeout_at(turn, self.fetch(at, opened, &root, &mut got)).await;
                match fetched.unwrap_or_else(|_| Err(out_of_time(&former, uid))) {
                    Ok(tag) => drop(held.insert(uid, tag)),
                    Err(why) => {
                        unfinished.insert(root.validator, got);
                        missing.push((uid, root.validator, why));
                        open.push((uid, root));
                    }
                }
            }
            let again = Instant::now() + opened.slot * AGAIN_BLOCKS;
            if again >= opened.until {
                break;
            }
            if !open.is_empty() {
                tokio::time::sleep_until(again).await;
            }
        }
        Ok((held, missing))
    }

    fn wanted(&self, opened: &Opened, root: &CommittedRoot) -> CommittedEpoch {
        CommittedEpoch { netuid: self.netuid, epoch: opened.epoch, by: *root }
    }

    /// The tag of what is held already; `None` if it is not, or damaged.
    async fn kept(&self, wanted: CommittedEpoch) -> Result<Option<[u8; TAG_LEN]>, HoldError> {
        let (folder, own) = (self.folder.held_of(&wanted.by.signer), self.own);
        let read = move || {
            let records = folder.checked_records(&wanted).ok()?;
            Some(tag_of(&own, (wanted.netuid, wanted.epoch), &records))
        };
        tokio::task::spawn_blocking(read).await.map_err(|error| HoldError::Stopped(error.to_string()))
    }

    /// Fetches an epoch, or the rest of it, keeps it, and returns its tag. The error is the reason why it is not held.
    async fn fetch(
        &self,
        at: Option<(SocketAddr, bool)>,
        opened: &Opened,
        root: &CommittedRoot,
        unfinished: &mut Unfinished,
    ) -> Result<[u8; TAG_LEN], String> {
        let (at, signs) = at.ok_or("it announced no address of its evidence")?;
        let target = Target::new(root.validator, at);
        let target = if signs { target.signing_bodies() } else { target };
        let (wanted, most) = (self.wanted(opened, root), opened.share.min(EPOCH_BYTES));
        let part = self.reader.rest_of_epoch(target, &wanted, most, unfinished).await;
        let part = part.map_err(|error| error.to_string())?;
        let (folder, own, epoch) = (self.folder.held_of(&root.signer), self.own, opened.epoch);
        let keep = move || -> Result<[u8; TAG_LEN], EvidenceError> {
            let PublicPart { records, .. } = &part;
            let tag = tag_of(&own, (wanted.netuid, epoch), records);
            folder.write_public(epoch, &part)?;
            Ok(tag)
        };
        let kept = tokio::task::spawn_blocking(keep).await.map_err(|error| error.to_string())?;
        kept.map_err(|error| error.to_string())
    }

    /// Says how much is held, and once for each reason what is not.
    fn tell(&mut self, epoch: u64, held: usize, of: usize, missing: Missing) {
        tracing::info!(epoch, held, of, "evidence of other validators is held");
        self.told.retain(|validator, _| missing.iter().any(|(_, other, _)| other == validator));
        for (uid, validator, why) in &missing {
            if self.told.insert(*validator, why.clone()).as_ref() != Some(why) {
                tracing::warn!(uid, hotkey = to_hex(validator), epoch, why, "its evidence is not held");
            }
        }
        let missing = missing.into_iter().map(|(uid, _, why)| (uid, why)).collect();
        self.reporter.send_modify(|report| {
            report.held = Some(HeldEvidence { epoch, held, of, missing });
        });
    }

    /// Removes what is too old or too much. The oldest epochs of each validator go first.
    async fn tidy(&self, epoch: u64, share: u64) -> Result<(), HoldError> {
        let folder = self.folder.clone();
        let tidy = move || -> Result<(), EvidenceError> {
            let first = (epoch + 1).saturating_sub(folder.keep.max(1) as u64);
            for signer in held_signers(&folder) {
                let held = folder.held_of(&signer);
                held.remove_before(first)?;
                Quota::new(share).keep(&held, &BTreeSet::new())?;
            }
            Ok(())
        };
        let done = tokio::task::spawn_blocking(tidy).await;
        Ok(done.map_err(|error| HoldError::Stopped(error.to_string()))??)
    }

    async fn attest(&self, opened: &Opened, held: &[(u16, [u8; TAG_LEN])]) -> Result<(), HoldError> {
        let mut attempt = 1;
        loop {
            match self.chain.attest_evidence(self.netuid, opened.epoch, held).await {
                Ok(()) => return Ok(()),
                // It attested the same before a restart.
                Err(fault) if fault.is(NOTHING_NEW) => return Ok(()),
                Err(fault) if attempt >= ATTESTS => return Err(fault.into()),
                Err(error) => tracing::debug!(%error, attempt, "attesting that evidence is held failed"),
            }
            attempt += 1;
            tokio::time::sleep(opened.slot * 2).await;
        }
    }
}

/// Validators whose evidence is not held: uid, hotkey, reason.
type Missing = Vec<(u16, AccountId, String)>;

/// Reason why evidence is not held whose time is over: that of the attempt before, which says more.
fn out_of_time(former: &Missing, uid: u16) -> String {
    let before = former.iter().find(|(other, ..)| *other == uid);
    before.map_or_else(|| "it did not send all of it in time".into(), |(_, _, why)| why.clone())
}

/// Validators of whom something is held.
fn held_signers(folder: &EvidenceFolder) -> Vec<AccountId> {
    let names = std::fs::read_dir(folder.held()).into_iter().flatten().flatten();
    names.filter_map(|entry| from_hex(entry.file_name().to_str()?)).collect()
}

#[cfg(test)]
mod tests;

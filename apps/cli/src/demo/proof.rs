//! `--evidence`: subnets that demand proof of their validators, two validators that cheat, and an auditor.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use myelin_abi::calls::subtensor::{CommitMechanismWeights, DemandEvidence, RevealMechanismWeights};
use myelin_abi::{EvidenceHoldings, ProofHistory};
use myelin_chain_client::{ChainClient, Hash, Wait};
use myelin_subnet::chain::{Track, WeightVector};
use myelin_yuma::proven::History;

use super::play::Play;
use super::promises::Promise;
use super::report::{Epoch, Player, Report};
use super::stage::{Actor, Stage};
use crate::output::Failure;

/// Answers that each miner with a weight must have signed in the epoch.
const ANSWERS: u16 = 2;
/// Pause between two looks at the chain.
const PAUSE: Duration = Duration::from_millis(500);
const PALLET: &str = "SubtensorModule";

/// A validator that wants dividends without work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cheat {
    /// Asks nobody. It commits to the weights that others revealed, and reveals them.
    Copier,
    /// Works until its first proof, then stops.
    Lazy,
}

impl Cheat {
    /// Both.
    pub const ALL: [Cheat; 2] = [Cheat::Copier, Cheat::Lazy];

    /// The name of the role.
    pub fn name(self) -> &'static str {
        match self {
            Cheat::Copier => "copier",
            Cheat::Lazy => "lazy",
        }
    }
}

/// Mechanisms of a play on which miners answer; the lowest bit is mechanism 0.
fn answered(play: &Play) -> u16 {
    let submitted = play.roles.iter().any(|role| role.submits.is_some());
    let all = (1u16 << play.mechanisms()) - 1;
    if submitted {
        all & !0b10
    } else {
        all
    }
}

/// The owner's demand of proof on a subnet.
pub fn demand(netuid: u16, play: &Play) -> DemandEvidence {
    DemandEvidence { netuid, answers: ANSWERS, mechanisms: answered(play) }
}

/// Uids of validators whose weights are proven in the epoch that ended before a block.
pub async fn proven(chain: &ChainClient, stage: &Stage, at: Hash) -> Result<Vec<u16>, Failure> {
    let next = chain.storage(PALLET, "SubnetEpochIndex", &[stage.netuid.into()], Some(at)).await?;
    let ended = next.unwrap_or(0u64).saturating_sub(1);
    let index = Track { netuid: stage.netuid, mechanism: 0 }.storage_index();
    let mut proven = Vec::new();
    for actor in stage.validators() {
        let keys = &[index.into(), (&actor.hotkey_account()).into()];
        let kept: Option<ProofHistory> = chain.storage(PALLET, "ProofHistories", keys, Some(at)).await?;
        if History::from(kept.unwrap_or_default()).counts(ended) {
            proven.push(actor.uid);
        }
    }
    Ok(proven)
}

/// Uids of validators whose evidence another one states to hold: the evidence that opened in the epoch that ended
/// before a block.
pub async fn held(chain: &ChainClient, stage: &Stage, at: Hash) -> Result<Vec<u16>, Failure> {
    let key = &[stage.netuid.into()];
    let next: Option<u64> = chain.storage(PALLET, "SubnetEpochIndex", key, Some(at)).await?;
    let period: u64 = chain.value(PALLET, "RevealPeriodEpochs", key).await?;
    let opened = next.unwrap_or_default().checked_sub(period.saturating_add(2));
    let mut held = BTreeSet::new();
    for actor in stage.validators() {
        let keys = &[stage.netuid.into(), (&actor.hotkey_account()).into()];
        let stated: Option<EvidenceHoldings> = chain.storage(PALLET, "EvidenceHeld", keys, Some(at)).await?;
        let Some(stated) = stated.filter(|stated| Some(stated.epoch) == opened) else { continue };
        held.extend(stated.held.iter().map(|(uid, _)| *uid).filter(|uid| *uid != actor.uid));
    }
    Ok(held.into_iter().collect())
}

/// A running copier; dropping this ends it.
pub struct Copier {
    task: tokio::task::JoinHandle<()>,
    copied: Arc<Mutex<Copied>>,
}

#[derive(Clone, Default)]
struct Copied {
    reveals: u32,
    fault: Option<String>,
}

impl Copier {
    /// Copies the weights of mechanism 0 of a subnet in each epoch.
    pub fn start(chain: &ChainClient, stage: &Stage) -> Option<Self> {
        let actor = stage.validators().find(|actor| actor.cheat == Some(Cheat::Copier))?;
        let copied = Arc::new(Mutex::new(Copied::default()));
        let (chain, told) = (chain.clone(), copied.clone());
        let (netuid, hotkey, uid) = (stage.netuid, actor.hotkey.clone(), actor.uid);
        let task = tokio::spawn(async move {
            let mut pending = None;
            loop {
                let done = copy(&chain, netuid, uid, &hotkey, &mut pending).await;
                {
                    let mut told = told.lock().unwrap_or_else(PoisonError::into_inner);
                    match done {
                        Ok(revealed) => told.reveals += u32::from(revealed),
                        Err(error) => told.fault = Some(error.to_string()),
                    }
                }
                tokio::time::sleep(PAUSE).await;
            }
        });
        Some(Self { task, copied })
    }

    /// Reveals so far, and the last error.
    pub fn state(&self) -> (u32, Option<String>) {
        let copied = self.copied.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (copied.reveals, copied.fault)
    }
}

impl Drop for Copier {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Weights that were committed to in an epoch, ready to be revealed.
type Pending = Option<(u64, RevealMechanismWeights)>;
/// Weights by uid.
type Row = Vec<(u16, u16)>;

/// One look at the chain: in a new epoch, reveals what was committed to and commits to what others have now. Returns
/// whether weights were revealed.
async fn copy(
    chain: &ChainClient,
    netuid: u16,
    own: u16,
    hotkey: &myelin_wallet::Keypair,
    pending: &mut Pending,
) -> Result<bool, Failure> {
    let epoch: Option<u64> = chain.storage(PALLET, "SubnetEpochIndex", &[netuid.into()], None).await?;
    let epoch = epoch.unwrap_or_default();
    if pending.as_ref().is_some_and(|(committed, _)| *committed == epoch) {
        return Ok(false);
    }
    let mut revealed = false;
    if let Some((_, reveal)) = pending.take() {
        chain.submit(&reveal, hotkey, Wait::Inclusion).await?;
        revealed = true;
    }
    let rows: Vec<(Vec<u8>, Row)> = chain.entries(PALLET, "Weights", &netuid.to_le_bytes(), None).await?;
    let by = |key: &[u8]| key.last_chunk::<2>().map(|uid| u16::from_le_bytes(*uid));
    let Some((_, others)) = rows.into_iter().find(|(key, row)| by(key) != Some(own) && !row.is_empty())
    else {
        return Ok(revealed);
    };
    let (uids, values) = others.into_iter().unzip();
    let version_key = chain.value(PALLET, "WeightsVersionKey", &[netuid.into()]).await?;
    let (weights, salt) = (WeightVector { uids, values, version_key }, vec![own]);
    let commit_hash = weights.commit_hash(&hotkey.public(), Track { netuid, mechanism: 0 }, &salt);
    let commit = CommitMechanismWeights { netuid, mecid: 0, commit_hash };
    let WeightVector { uids, values, version_key } = weights;
    let reveal = RevealMechanismWeights { netuid, mecid: 0, uids, values, salt, version_key };
    chain.submit(&commit, hotkey, Wait::Inclusion).await?;
    *pending = Some((epoch, reveal));
    Ok(revealed)
}

/// The validator that stops, once it has proved an epoch.
pub fn resting<'a>(stage: &'a Stage, epoch: &Epoch) -> Option<&'a Actor> {
    let lazy = stage.validators().find(|actor| actor.cheat == Some(Cheat::Lazy))?;
    epoch.proven.as_ref()?.contains(&lazy.uid).then_some(lazy)
}

/// Epochs from the first on in which a validator proved its weights.
fn judged(report: &Report) -> Vec<(&Epoch, &[u16])> {
    let with_proofs = report.chain.epochs.iter().filter_map(|epoch| Some((epoch, epoch.proven.as_deref()?)));
    with_proofs.skip_while(|(_, proven)| proven.is_empty()).collect()
}

fn dividends(epoch: &Epoch, player: &Player) -> u16 {
    epoch.neurons.get(usize::from(player.uid)).map_or(0, |neuron| neuron.dividends)
}

/// The promises about validators.
pub fn promises(report: &Report) -> Vec<Promise> {
    let epochs = judged(report);
    vec![
        honest(report, &epochs),
        cheats(report, &epochs),
        only_proof(report, &epochs),
        shown(report, &epochs),
    ]
}

/// The validators that work prove it in each epoch.
fn honest(report: &Report, epochs: &[(&Epoch, &[u16])]) -> Promise {
    let count = |player: &Player| epochs.iter().filter(|(_, proven)| proven.contains(&player.uid)).count();
    let counts: Vec<usize> = report.players("validator").map(count).collect();
    let shown: Vec<String> = counts.iter().map(usize::to_string).collect();
    Promise {
        promise: "validators that work prove each epoch".into(),
        kept: epochs.len() > 1 && !counts.is_empty() && counts.iter().all(|count| *count == epochs.len()),
        found: format!("{} of {} epochs", shown.join("/"), epochs.len()),
    }
}

/// The copier is paid nothing, the lazy one for the epochs that it proved.
fn cheats(report: &Report, epochs: &[(&Epoch, &[u16])]) -> Promise {
    let mut kept = report.copied > 0;
    let mut found = vec![format!("the copier revealed weights {} times", report.copied)];
    for cheat in Cheat::ALL {
        for player in report.players(cheat.name()) {
            let paid = epochs.iter().filter(|(epoch, _)| dividends(epoch, player) > 0).count();
            kept &= match cheat {
                Cheat::Copier => paid == 0,
                Cheat::Lazy => paid > 0 && paid < epochs.len(),
            };
            found.push(format!("{} was paid in {paid} of {} epochs", cheat.name(), epochs.len()));
        }
    }
    Promise {
        promise: "copying weights pays nothing, and whoever stops working is paid no longer".into(),
        kept: kept && found.len() > Cheat::ALL.len(),
        found: found.join(", "),
    }
}

/// A validator is paid in an epoch exactly if it proved its weights.
fn only_proof(report: &Report, epochs: &[(&Epoch, &[u16])]) -> Promise {
    let judges = || {
        let names = ["validator", Cheat::Copier.name(), Cheat::Lazy.name()];
        names.into_iter().flat_map(|name| report.players(name))
    };
    let mut odd = Vec::new();
    for (epoch, proven) in epochs {
        for player in judges() {
            if (dividends(epoch, player) > 0) != proven.contains(&player.uid) {
                odd.push(format!("{} at block {}", player.name, epoch.block));
            }
        }
    }
    Promise {
        promise: "validators are paid for epochs that they proved, and for no others".into(),
        kept: !epochs.is_empty() && odd.is_empty(),
        found: match odd.is_empty() {
            true => format!("so it was with {} validators in {} epochs", judges().count(), epochs.len()),
            false => format!("not so: {}", odd.join(", ")),
        },
    }
}

/// Another validator holds the evidence of each one that works.
fn shown(report: &Report, epochs: &[(&Epoch, &[u16])]) -> Promise {
    // The evidence of the first proof opens an epoch after it.
    let opened = epochs.get(1..).unwrap_or_default();
    let is_held = |player: &Player| opened.iter().all(|(epoch, _)| epoch.held.contains(&player.uid));
    let (held, alone): (Vec<&Player>, Vec<&Player>) =
        report.players("validator").partition(|player| is_held(player));
    let named: Vec<&str> = alone.iter().map(|player| player.name.as_str()).collect();
    Promise {
        promise: "the evidence of each validator that works is also with another one".into(),
        kept: !opened.is_empty() && !held.is_empty() && alone.is_empty(),
        found: match named.is_empty() {
            true => format!("so it was with {} validators in {} epochs", held.len(), opened.len()),
            false => format!("not that of {}", named.join(", ")),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::report::{Chain, Neuron};

    /// Validators 0 to 2 are honest, 3 copies, 4 is lazy. For each epoch, the uids with a proof and the dividends.
    fn report(epochs: &[(&[u16], [u16; 5])], copied: u32) -> Report {
        let roles = ["validator", "validator", "validator", "copier", "lazy"];
        let player = |(uid, role): (u16, &str)| Player {
            name: format!("validator-{}", uid + 1),
            role: role.into(),
            uid,
            hotkey: String::new(),
            coldkey: String::new(),
        };
        let epoch = |(proven, dividends): &(&[u16], [u16; 5])| Epoch {
            block: 1,
            hash: String::new(),
            from_weights: true,
            price_rao: 1,
            neurons: dividends
                .iter()
                .map(|share| Neuron { dividends: *share, ..Neuron::default() })
                .collect(),
            proven: Some(proven.to_vec()),
            held: vec![0, 1, 2],
        };
        let chain = Chain { epochs: epochs.iter().map(epoch).collect(), ..Chain::default() };
        Report { cast: (0..).zip(roles).map(player).collect(), chain, copied, ..Report::default() }
    }

    fn kept(epochs: &[(&[u16], [u16; 5])], copied: u32) -> Vec<bool> {
        promises(&report(epochs, copied)).iter().map(|promise| promise.kept).collect()
    }

    #[test]
    fn each_promise_about_validators_fails_alone_when_it_is_broken() {
        let all: (&[u16], [u16; 5]) = (&[0, 1, 2, 4], [5, 4, 3, 0, 3]);
        let rest: (&[u16], [u16; 5]) = (&[0, 1, 2], [5, 4, 3, 0, 0]);
        let before: (&[u16], [u16; 5]) = (&[], [5, 4, 3, 3, 3]);
        assert_eq!(kept(&[before, all, rest, rest], 3), [true; 4]);
        // Nobody proved anything, the copier did nothing, the lazy one never stopped.
        assert_eq!(kept(&[before], 3), [false; 4]);
        assert_eq!(kept(&[all, rest], 0), [true, false, true, true]);
        assert_eq!(kept(&[all, all], 3), [true, false, true, true]);
        // An honest validator without proof, and one that is not paid for its proof.
        assert_eq!(kept(&[all, (&[0, 1], [5, 4, 0, 0, 0])], 3), [false, true, true, true]);
        assert_eq!(kept(&[all, (&[0, 1, 2], [5, 4, 0, 0, 0])], 3), [true, true, false, true]);
        assert_eq!(kept(&[all, (&[0, 1, 2], [5, 4, 3, 1, 0])], 3), [true, false, false, true]);
        let mut alone = report(&[all, rest], 3);
        alone.chain.epochs[1].held = vec![0, 2];
        assert_eq!(promises(&alone).pop().map(|promise| promise.kept), Some(false));
    }
}

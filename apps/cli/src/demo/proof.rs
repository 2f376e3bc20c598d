//! `--evidence`: subnets that demand proof of their validators, two validators that cheat, and an auditor.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use myelin_abi::calls::subtensor::{CommitMechanismWeights, DemandEvidence, RevealMechanismWeights};
use myelin_abi::{EvidenceHoldings, EvidenceTimeline, ProofHistory};
use myelin_chain_client::{ChainClient, Hash, Metagraph, Wait};
use myelin_subnet::chain::{Track, WeightVector};
use myelin_yuma::proven::History;

use super::play::Play;
use super::report::Proofs;
use super::stage::Stage;
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
    /// Works until its first proof that counts, then stops.
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

/// Proofs of a subnet's validators as they stand in a block right after an epoch.
pub async fn proofs(
    chain: &ChainClient,
    stage: &Stage,
    graph: &Metagraph,
    at: Hash,
) -> Result<Proofs, Failure> {
    let key = &[stage.netuid.into()];
    let next: Option<u64> = chain.storage(PALLET, "SubnetEpochIndex", key, Some(at)).await?;
    let next = next.unwrap_or_default();
    let demands: Option<EvidenceTimeline> = chain.storage(PALLET, "EvidenceDemands", key, Some(at)).await?;
    let is_demanded = demands.unwrap_or_default().in_force(graph.block).on(0).is_some();
    let permitted =
        |uid: u16| graph.neurons.get(usize::from(uid)).is_some_and(|neuron| neuron.validator_permit);
    let able =
        stage.validators().map(|actor| actor.uid).filter(|uid| is_demanded && permitted(*uid)).collect();
    let ended = next.saturating_sub(1);
    Ok(Proofs {
        ended,
        proven: proven(chain, stage, ended, at).await?,
        held: held(chain, stage, ended.checked_sub(graph.reveal_period.saturating_add(1)), at).await?,
        able,
        able_prove_in: next.saturating_add(graph.reveal_period),
    })
}

/// Uids of validators whose weights are proven in the epoch that ended before a block.
async fn proven(chain: &ChainClient, stage: &Stage, ended: u64, at: Hash) -> Result<Vec<u16>, Failure> {
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

/// Uids of validators whose evidence of an epoch, the one that had opened, another one states to hold.
async fn held(
    chain: &ChainClient,
    stage: &Stage,
    opened: Option<u64>,
    at: Hash,
) -> Result<Vec<u16>, Failure> {
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

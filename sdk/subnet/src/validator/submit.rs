//! Puts weights on the chain: by hash commit–reveal where the subnet asks for it, directly where it does not.

use std::collections::BTreeMap;

use crate::{
    chain::{Chain, ChainFault, SubnetView, Track, WeightVector},
    validator::{
        commitment::{PendingWeights, SALT_WORDS},
        store::{StoreError, ValidatorStore},
    },
};

/// Result of an attempt to submit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Submitted {
    /// The chain holds a commitment, to be revealed in this epoch.
    Committed {
        /// The epoch in which it is revealed.
        reveal_epoch: u64,
    },
    /// The chain holds the weights.
    Set,
    /// The rate limit allows weights from this block on.
    TooSoon {
        /// The block.
        until: u64,
    },
}

/// Reason why weights were not submitted.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// The chain refused or did not answer.
    #[error("submitting weights: {0}")]
    Chain(#[from] ChainFault),
    /// The salt could not be saved, so nothing was sent.
    #[error(
        "submitting weights: {0}; nothing was committed, because without its salt nobody could reveal it"
    )]
    Store(#[from] StoreError),
}

impl SubmitError {
    /// Whether the chain may hold the weights all the same.
    pub(super) fn may_have_arrived(&self) -> bool {
        match self {
            SubmitError::Chain(fault) => may_have_arrived(fault),
            SubmitError::Store(_) => true,
        }
    }
}

/// First block at which the chain takes weights from the neuron with this last update.
pub fn allowed_from(last_update: u64, rate_limit: u64) -> u64 {
    match last_update {
        0 => 0,
        last => last.saturating_add(rate_limit),
    }
}

/// Submits `weights` in the epoch that `view` shows. Weights to be revealed later are in `pending` before they are
/// sent.
///
/// A commitment of this epoch may or may not have reached the chain, if the answer was lost or the validator was
/// restarted. It is sent again unchanged: same weights, same salt, same hash.
pub async fn submit<C: Chain>(
    chain: &C,
    store: &ValidatorStore,
    track: Track,
    view: &SubnetView,
    last_update: u64,
    (weights, root): (WeightVector, Option<[u8; 32]>),
    pending: &mut BTreeMap<(u64, u8), PendingWeights>,
) -> Result<Submitted, SubmitError> {
    let key = (view.epoch, track.mechanism);
    let earlier = pending.get(&key).cloned();
    if let Some(PendingWeights { confirmed: true, reveal_epoch, .. }) = earlier {
        return Ok(Submitted::Committed { reveal_epoch });
    }
    let allowed = allowed_from(last_update, view.weights_rate_limit);
    let unconfirmed = earlier.is_some();
    if view.block < allowed && !unconfirmed {
        return Ok(Submitted::TooSoon { until: allowed });
    }
    if !view.commit_reveal {
        chain.set_weights(track, &weights).await?;
        return Ok(Submitted::Set);
    }
    let mut commitment = earlier.unwrap_or_else(|| PendingWeights {
        mechanism: track.mechanism,
        epoch: view.epoch,
        reveal_epoch: view.epoch + view.reveal_period,
        weights,
        salt: (0..SALT_WORDS).map(|_| rand::random()).collect(),
        root,
        confirmed: false,
    });
    store.save_pending(&commitment)?;
    pending.insert(key, commitment.clone());
    match chain.commit_weights(track, commitment.hash(&chain.hotkey(), track.netuid), commitment.root).await {
        Ok(()) => {}
        // The commitment did reach the chain the first time, and the next one is not due yet.
        Err(fault) if unconfirmed && is_rate_limit(&fault) => {}
        Err(fault) => {
            if !unconfirmed && !may_have_arrived(&fault) {
                store.drop_pending(commitment.epoch, commitment.mechanism)?;
                pending.remove(&key);
            }
            return Err(fault.into());
        }
    }
    commitment.confirmed = true;
    store.save_pending(&commitment)?;
    let reveal_epoch = commitment.reveal_epoch;
    pending.insert(key, commitment);
    Ok(Submitted::Committed { reveal_epoch })
}

/// Next step for a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevealStep {
    /// Its epoch has not come.
    Wait,
    /// Its epoch is now.
    Reveal,
    /// Its epoch is over.
    Expired,
}

/// The next step for a commitment in `epoch`.
pub fn reveal_step(pending: &PendingWeights, epoch: u64) -> RevealStep {
    match epoch.cmp(&pending.reveal_epoch) {
        std::cmp::Ordering::Less => RevealStep::Wait,
        std::cmp::Ordering::Equal => RevealStep::Reveal,
        std::cmp::Ordering::Greater => RevealStep::Expired,
    }
}

/// Result of an attempt to reveal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revealed {
    /// The chain took the weights.
    Done,
    /// The chain has no such commitment, or it has expired: nothing is left to reveal.
    Gone(String),
    /// The chain refused because it is too early: the commitment fell into the next epoch.
    Early,
    /// The chain refuses for another reason, which may pass.
    Refused(ChainFault),
}

/// Reveals a commitment, with a proof if it has a root.
pub async fn reveal<C: Chain>(
    chain: &C,
    netuid: u16,
    pending: &PendingWeights,
    proof: Option<&[u8]>,
) -> Result<Revealed, ChainFault> {
    match chain.reveal_weights(pending.track(netuid), &pending.weights, &pending.salt, proof).await {
        Ok(()) => Ok(Revealed::Done),
        Err(ChainFault::Refused { name, explanation }) => match name.as_str() {
            "RevealTooEarly" | "CommitBlockNotInRevealRange" => Ok(Revealed::Early),
            "NoWeightsCommitFound"
            | "CommitNotFound"
            | "InvalidRevealCommitHashNotMatch"
            | "ExpiredWeightCommit" => Ok(Revealed::Gone(format!("{name}: {explanation}"))),
            _ => Ok(Revealed::Refused(ChainFault::Refused { name, explanation })),
        },
        Err(fault) => Err(fault),
    }
}

/// Whether the chain may still hold the transaction: no answer came, or the pool dropped it after passing it on. After
/// `BadProof` no block can hold it: the pool refused its signature, or the runtime for which it was signed is gone in a
/// final block.
fn may_have_arrived(fault: &ChainFault) -> bool {
    matches!(fault, ChainFault::Unreachable(_)) || fault.is("Invalid") || fault.is("Dropped")
}

fn is_rate_limit(fault: &ChainFault) -> bool {
    ["RateLimitExceeded", "CommittingWeightsTooFast", "SettingWeightsTooFast"]
        .iter()
        .any(|name| fault.is(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_may_have_arrived_unless_no_block_can_hold_it() {
        let refused = |name: &str| ChainFault::Refused { name: name.into(), explanation: String::new() };
        let silent = ChainFault::Unreachable("it is closed".into());
        for fault in [silent, refused("Invalid"), refused("Dropped")] {
            assert!(may_have_arrived(&fault), "{fault}");
        }
        for name in ["BadProof", "Outdated", "RateLimitExceeded"] {
            assert!(!may_have_arrived(&refused(name)), "{name}");
        }
    }
}

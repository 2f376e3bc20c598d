//! Calls that the chain allows only later: the first possible block, the reason, and sending then.

use std::time::{Duration, Instant};

use myelin_abi::Account;
use myelin_chain_client::{Allowed, AnyCall, ChainClient, ChainError, Receipt};
use myelin_wallet::Keypair;

use super::{Order, Sender};
use crate::output::{fail, Failure, Outcome};

/// Most transactions that are sent, and may be paid for, while waiting for the right block.
pub(super) const ATTEMPTS: u32 = 3;

/// Default of `--when-possible` in seconds.
pub(super) const PATIENCE: &str = "600";

/// The earliest moment of an order, and the reason for a delay as the end of a sentence.
pub(super) struct When {
    pub allowed: Allowed,
    pub why: String,
}

/// The earliest moment of an order for an account.
pub(super) async fn when(chain: &ChainClient, order: &Order, acting: &Account) -> Result<When, Failure> {
    // A chain without an answer is asked by trying.
    let allowed = chain.allowed_at(order.call.clone(), acting).await.unwrap_or(Allowed::Now);
    let anybody = || Ok(When { allowed, why: String::new() });
    let Some(netuid) = order.owner_of else { return anybody() };
    let owner: Account = chain.value("SubtensorModule", "SubnetOwner", &[netuid.into()]).await?;
    if owner != *acting {
        // Waiting would not help; the chain's refusal explains why.
        return anybody();
    }
    // Some chains have no freeze windows.
    let Freeze { window, frozen, next } = match freeze(chain, netuid).await {
        Err(error @ (ChainError::Connection(_) | ChainError::Unreachable { .. })) => return Err(error.into()),
        Err(_) => return anybody(),
        Ok(freeze) => freeze,
    };
    Ok(match allowed {
        Allowed::Never => {
            When { allowed, why: ": the subnet's tempo leaves no block open to its owner".into() }
        }
        Allowed::At { block, .. } if !frozen || block > next => When {
            allowed,
            why: ": the last change was less than its wait ago (`myelin subnet hyperparameters` lists the waits)"
                .into(),
        },
        _ if frozen => When {
            allowed: chain.until(next).await?,
            why: format!(
                ": an epoch is about to run, and in the {window} blocks before one owners change nothing"
            ),
        },
        _ => When { allowed, why: String::new() },
    })
}

/// The blocks before an epoch in which the owner of its subnet changes nothing.
struct Freeze {
    /// Number of these blocks.
    window: u16,
    /// Whether the next block is one of them.
    frozen: bool,
    /// The block of the epoch.
    next: u64,
}

async fn freeze(chain: &ChainClient, netuid: u16) -> Result<Freeze, ChainError> {
    let best = chain.best_block().await?;
    let at = Some(best.hash);
    let window: Option<u16> = chain.storage("SubtensorModule", "AdminFreezeWindow", &[], at).await?;
    let pending: Option<u64> =
        chain.storage("SubtensorModule", "PendingEpochAt", &[netuid.into()], at).await?;
    let epochs = chain.epoch_schedule(netuid, at).await?;
    let (window, next) = (window.unwrap_or_default(), epochs.next_epoch_block);
    let remaining = (epochs.last_epoch_block + epochs.tempo).saturating_sub(best.number + 1);
    let soon = pending.unwrap_or_default() > 0 || remaining < u64::from(window);
    // The block of an epoch begins a new period and is open.
    Ok(Freeze { window, frozen: best.number + 1 < next && soon, next })
}

/// Refuses an order that will never be possible.
pub(super) fn refuse_never(order: &Order, allowed: Allowed, why: &str) -> Outcome {
    match allowed {
        Allowed::Never if order.owner_of.is_some() => {
            fail(format!("{} is possible {allowed}{why}; nothing was sent", order.what))
        }
        _ => Ok(()),
    }
}

impl Sender {
    /// Waits for the block that `when` names and sends. Tries again if that block was missed.
    pub(super) async fn submit_when_possible(
        &self,
        chain: &ChainClient,
        order: &Order,
        acting: &Account,
        call: AnyCall,
        key: &Keypair,
        patience: u64,
    ) -> Result<Receipt, Failure> {
        let deadline = Instant::now() + Duration::from_secs(patience);
        let mut attempt = 1;
        loop {
            let When { allowed, why } = when(chain, order, acting).await?;
            if attempt == 1 {
                refuse_never(order, allowed, &why)?;
            }
            if let Allowed::At { block, seconds } = allowed {
                let left = deadline.saturating_duration_since(Instant::now());
                if Duration::from_secs(seconds) > left {
                    return fail(format!(
                        "{} is possible {allowed} at the earliest{why}; that is longer than the {patience} s of \
                         --when-possible",
                        order.what
                    ));
                }
                crate::output::tell!("waiting for block {block}{why}");
                // A transaction that is sent at one block is carried out in the next.
                chain.wait_for_block(block.saturating_sub(1), left).await?;
            }
            match self.submit(chain, call.clone(), key).await {
                Err(error) if error.may_pass() && attempt < ATTEMPTS && Instant::now() < deadline => {
                    let paid =
                        if matches!(error, ChainError::Pool { .. }) { "" } else { "; this try is paid for" };
                    crate::output::tell!("{error}{paid}; trying again");
                    attempt += 1;
                }
                outcome => return Ok(outcome?),
            }
        }
    }
}

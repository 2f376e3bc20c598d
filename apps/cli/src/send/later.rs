//! What the chain allows only later: from which block on, why, and sending it then.

use std::time::{Duration, Instant};

use myelin_abi::Account;
use myelin_chain_client::{Allowed, AnyCall, ChainClient, Receipt};
use myelin_wallet::Keypair;

use super::{Order, Sender};
use crate::output::{fail, Failure};

/// Transactions that are sent, and paid for, while waiting for the right block.
const ATTEMPTS: u32 = 5;

/// Seconds for which `--when-possible` waits if it does not say.
pub(super) const PATIENCE: &str = "600";

/// When an order can be carried out, and why not before, as the end of a sentence.
pub(super) struct When {
    pub allowed: Allowed,
    pub why: String,
}

/// When an order can be carried out for an account.
pub(super) async fn when(chain: &ChainClient, order: &Order, acting: &Account) -> Result<When, Failure> {
    // A chain that does not say is asked by trying.
    let allowed = chain.allowed_at(order.call.clone(), acting).await.unwrap_or(Allowed::Now);
    let anybody = || Ok(When { allowed, why: String::new() });
    let Some(netuid) = order.owner_of else { return anybody() };
    let owner: Account = chain.value("SubtensorModule", "SubnetOwner", &[netuid.into()]).await?;
    if owner != *acting {
        // No wait would help; the chain says so.
        return anybody();
    }
    let best = chain.best_block().await?;
    let window: u16 = chain.value("SubtensorModule", "AdminFreezeWindow", &[]).await?;
    let pending: u64 = chain.value("SubtensorModule", "PendingEpochAt", &[netuid.into()]).await?;
    let epochs = chain.epoch_schedule(netuid, Some(best.hash)).await?;
    let next = epochs.next_epoch_block;
    let remaining = (epochs.last_epoch_block + epochs.tempo).saturating_sub(best.number + 1);
    // The block of an epoch begins a new period and is open.
    let frozen = best.number + 1 < next && (pending > 0 || remaining < u64::from(window));
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

impl Sender {
    /// Waits for the block that `when` names, sends, and tries again where that block was missed.
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
            if let Allowed::At { block, seconds } = allowed {
                let left = deadline.saturating_duration_since(Instant::now());
                if Duration::from_secs(seconds) > left {
                    return fail(format!(
                        "{} is possible {allowed} at the earliest{why}; that is longer than the {patience} s of \
                         --when-possible",
                        order.what
                    ));
                }
                eprintln!("waiting for block {block}{why}");
                // What is sent on one block is carried out in the next.
                chain.wait_for_block(block.saturating_sub(1), left).await?;
            }
            match self.submit(chain, call.clone(), key).await {
                Err(error) if error.may_pass() && attempt < ATTEMPTS && Instant::now() < deadline => {
                    eprintln!("{error}; trying again");
                    attempt += 1;
                }
                outcome => return Ok(outcome?),
            }
        }
    }
}

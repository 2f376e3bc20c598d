//! The node, its chain, and this machine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use myelin_chain_client::{ChainClient, ChainError};

use super::Finding;
use crate::output::Failure;

/// Most that a clock may be off: servers with signed requests of bittensor 11 refuse beyond it. Axons of version 10
/// allow 4 s and the timeout of the request.
const TOLERATED_MS: i64 = 2_000;
/// Number of blocks whose arrival is compared with their time, if the first ones are late.
const WATCHED: u64 = 3;
/// Most blocks that finality may lag behind without a warning.
const FINALITY_LAG: u64 = 20;

/// Checks node, chain and clock.
pub async fn check(chain: &ChainClient) -> Result<Vec<Finding>, Failure> {
    let mut found = Vec::new();
    let node = chain.node_status().await?;
    found.push(Finding::ok(
        "versions",
        format!(
            "{} {} with runtime {}; this is myelin {}, and they fit",
            node.name,
            node.version,
            node.spec_version,
            env!("CARGO_PKG_VERSION")
        ),
    ));
    if node.syncing {
        found.push(Finding::problem(
            "node",
            "it is still fetching blocks, so what it answers is old",
            "wait until it has caught up; `myelin node status` shows how far it is",
        ));
    }
    if node.peers == 0 && node.should_have_peers {
        found.push(Finding::problem(
            "node",
            "it is connected to no other node",
            "open its port for other nodes, and name one to begin with: `myelin node run --bootnode ADDRESS`",
        ));
    }
    let best = chain.best_block().await?;
    let final_block = chain.finalized_block().await?.number;
    let slot_ms = chain.slot_duration_ms().await?;
    // A chain that stands still looks like a clock that runs ahead, so it is watched for three blocks.
    let patience = Duration::from_millis(slot_ms.saturating_mul(3).clamp(1_000, 40_000));
    let delay = arrival(chain, best.number, patience).await?;
    found.push(if delay.is_some() {
        Finding::ok("chain", format!("block {} and counting, final up to {final_block}", best.number))
    } else {
        Finding::problem(
            "chain",
            format!("no block since {} in {} s", best.number, patience.as_secs()),
            "ask the operators of the authorities; on a local network `myelin net down` and `up`",
        )
    });
    if best.number.saturating_sub(final_block) > FINALITY_LAG {
        found.push(Finding::warning(
            "finality",
            format!("{} blocks are not final yet", best.number - final_block),
            "commands wait for finality; use --wait inclusion, and see that two thirds of the authorities run",
        ));
    }
    // Old blocks come at any time.
    if !node.syncing {
        found.extend(delay.map(|ms| clock(ms, slot_ms)));
    }
    Ok(found)
}

/// The finding if no node was asked.
pub fn nowhere(why: String) -> Finding {
    Finding::problem("node", why, "start a node, or name one with --endpoint or MYELIN_ENDPOINT")
}

/// The finding if the named node cannot be asked.
pub fn unusable(error: &ChainError) -> Finding {
    match error {
        ChainError::Incompatible { .. } => Finding::problem(
            "versions",
            error.to_string(),
            format!(
                "this is myelin {}: install the `myelin` that was released with the node, or name another node with \
                 --endpoint or MYELIN_ENDPOINT",
                env!("CARGO_PKG_VERSION")
            ),
        ),
        other => nowhere(other.to_string()),
    }
}

/// Delay of a block's arrival after its time, in milliseconds by this machine's clock; `None` if no block comes.
///
/// Blocks come late, because they are made, sent and executed first, but never early. So the least delay of a few
/// blocks shows most about the clock.
async fn arrival(chain: &ChainClient, best: u64, patience: Duration) -> Result<Option<i64>, Failure> {
    let mut least = None;
    for next in best + 1..=best + WATCHED {
        let Ok(block) = chain.wait_for_block(next, patience).await else { break };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let made: Option<u64> = chain.storage("Timestamp", "Now", &[], Some(block.hash)).await?;
        let [now, made] = [u64::try_from(now).ok(), made].map(|ms| ms.and_then(|ms| i64::try_from(ms).ok()));
        let (Some(now), Some(made)) = (now, made) else { break };
        let delay = now - made;
        least = Some(least.map_or(delay, |least: i64| least.min(delay)));
        // An early or timely block needs no explanation by further ones.
        if delay <= TOLERATED_MS / 2 {
            break;
        }
    }
    Ok(least)
}

/// Judges this machine's clock by the delay of a block's arrival.
fn clock(delay_ms: i64, slot_ms: u64) -> Finding {
    // Authorities may be late by a part of their slot.
    let late = TOLERATED_MS + i64::try_from(slot_ms / 4).unwrap_or(i64::MAX / 2);
    let seconds = format!("{:.1} s", delay_ms.unsigned_abs() as f64 / 1_000.0);
    let fix = "synchronise the clock, for example with chrony or systemd-timesyncd";
    if delay_ms < -TOLERATED_MS || delay_ms > late {
        let way = if delay_ms > 0 { "ahead of" } else { "behind" };
        return Finding::problem(
            "clock",
            format!("this machine is about {seconds} {way} the chain; others refuse its signed requests"),
            fix,
        );
    }
    if delay_ms > TOLERATED_MS {
        return Finding::warning(
            "clock",
            format!("blocks come {seconds} after their time: their authorities are late, or this machine is ahead"),
            fix,
        );
    }
    let way = if delay_ms < 0 { "before" } else { "after" };
    Finding::ok("clock", format!("a block came {seconds} {way} its time"))
}

#[cfg(test)]
mod tests {
    use myelin_chain_client::ChainError;

    use super::super::State;
    use super::{clock, unusable};

    #[test]
    fn a_clock_is_judged_by_when_a_block_arrives() {
        for slot_ms in [250, 12_000] {
            let said = |offset_ms: i64| clock(offset_ms, slot_ms);
            for right in [0, 1_000, -1_000, 300, 2_000, -2_000] {
                assert_eq!(said(right).state, State::Ok, "{right} at {slot_ms}: {:?}", said(right));
            }
            for wrong in [8_000, 20_000, -8_000, -2_100] {
                assert_eq!(said(wrong).state, State::Problem, "{wrong} at {slot_ms}: {:?}", said(wrong));
            }
            assert!(said(20_000).found.contains("20.0 s ahead of") && said(20_000).fix.is_some());
            assert!(said(-8_000).found.contains("8.0 s behind"), "{:?}", said(-8_000));
        }
        // Authorities of long slots may take some seconds for their block.
        assert_eq!(clock(3_500, 12_000).state, State::Warning);
        assert_eq!(clock(3_500, 250).state, State::Problem);
    }

    #[test]
    fn a_node_of_another_version_is_no_missing_node() {
        let missing = vec!["runtime API SwapRuntimeApi is missing".to_owned()];
        let found = unusable(&ChainError::Incompatible { url: "ws://127.0.0.1:9".into(), missing });
        assert_eq!((found.check.as_str(), found.state), ("versions", State::Problem));
        assert!(found.found.contains("SwapRuntimeApi"), "{found:?}");
        assert!(found.fix.is_some_and(|fix| fix.contains("install") && !fix.contains("start a node")));
        let found = unusable(&ChainError::Connection("closed".into()));
        assert_eq!((found.check.as_str(), found.fix.is_some()), ("node", true));
    }
}

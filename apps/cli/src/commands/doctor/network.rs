//! The node, its chain, and this machine's clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use myelin_chain_client::ChainClient;

use super::Finding;
use crate::output::Failure;

/// Official axons refuse requests that are older than this, beside the timeout the caller allows.
const TOLERATED_MS: i64 = 4_000;
/// Blocks that finality may lag behind before it is worth a word.
const FINALITY_LAG: u64 = 20;

/// Looks at node, chain and clock.
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
            "wait until it has caught up; `myelin net status` shows its block",
        ));
    }
    if node.peers == 0 && node.should_have_peers {
        found.push(Finding::problem(
            "node",
            "it is connected to no other node",
            "open its p2p port, and name a boot node with --bootnodes",
        ));
    }
    let best = chain.best_block().await?;
    let final_block = chain.finalized_block().await?.number;
    let slot_ms = chain.slot_duration_ms().await?;
    let timestamp: u64 = chain.value("Timestamp", "Now", &[]).await?;
    // A chain that stands still looks like a clock that runs ahead, so it is watched for three blocks.
    let patience = Duration::from_millis(slot_ms.saturating_mul(3).clamp(1_000, 40_000));
    let moving = chain.wait_for_block(best.number + 1, patience).await.is_ok();
    found.push(if moving {
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
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    if moving {
        found.push(clock(now_ms, timestamp, slot_ms));
    }
    Ok(found)
}

/// Compares this machine's clock with the time of the newest block, which is up to a block old.
fn clock(now_ms: u64, block_ms: u64, slot_ms: u64) -> Finding {
    let ahead =
        i64::try_from(now_ms).unwrap_or(i64::MAX).saturating_sub(i64::try_from(block_ms).unwrap_or(i64::MAX));
    let slot = i64::try_from(slot_ms).unwrap_or(i64::MAX);
    // A block arrives within its slot and a little later.
    let off = if ahead > slot.saturating_mul(2) { ahead - slot } else { ahead.min(0) };
    if off.abs() <= TOLERATED_MS {
        return Finding::ok("clock", "within 4 s of the chain's");
    }
    let (seconds, way) = (off.abs() / 1_000, if off > 0 { "ahead of" } else { "behind" });
    Finding::problem(
        "clock",
        format!("this machine is about {seconds} s {way} the chain; others refuse its signed requests"),
        "synchronise the clock, for example with chrony or systemd-timesyncd",
    )
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::clock;

    #[test]
    fn a_clock_is_judged_by_the_newest_block() {
        let state = |now, block| clock(now, block, 12_000).state;
        assert_eq!(state(1_000_000, 1_000_000), State::Ok);
        // The newest block of a chain with 12 s is up to 12 s old.
        assert_eq!(state(1_012_000, 1_000_000), State::Ok);
        assert_eq!(state(1_040_000, 1_000_000), State::Problem);
        assert_eq!(state(1_000_000, 1_005_000), State::Problem);
        let slow = clock(1_000_000, 1_060_000, 250);
        assert!(slow.found.contains("60 s behind") && slow.fix.is_some(), "{slow:?}");
    }
}

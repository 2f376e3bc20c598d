//! Reorganisations of a chain's tip where one authority has a machine for itself, and where three share one. Official
//! clients that watch a transaction give up when its block is taken back.
//!
//! `make bench ARGS=tips` runs it on an idle machine. `MYELIN_BENCH_BLOCKS` is the number of blocks for which each
//! chain is watched (default 120; the goal is about 1,000).

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../../../../tests/ports.rs"]
mod ports;

use std::time::Duration;

use harness::{chain_file, Node, Setup};

const AUTHORITIES: [&str; 3] = ["--one", "--two", "--three"];
/// The watched chains: a built-in chain, its authorities, milliseconds between two blocks, and the number of blocks in
/// 1,000 that may be taken back.
const CHAINS: [(&str, usize, u64, Option<u64>); 3] =
    [("dev", 1, 250, Some(0)), ("local3", 3, 1_000, Some(1)), ("local3", 3, 250, None)];
/// The log line of a reorganisation.
const TAKEN_BACK: &str = "Reorg on #";

fn main() {
    let length = std::env::var("MYELIN_BENCH_BLOCKS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    println!(
        "tips on one machine of {} cores; each authority counts for itself",
        std::thread::available_parallelism().map_or(1, usize::from)
    );
    let mut missed = false;
    for (built_in, authorities, slot_ms, goal) in CHAINS {
        let chain = chain_file(built_in, slot_ms);
        let setups: Vec<Setup> =
            AUTHORITIES[..authorities].iter().map(|who| Setup::new(&chain, &[who])).collect();
        let nodes = Setup::start_all(&setups);
        // The authorities are connected.
        nodes.iter().for_each(|node| node.wait_finalised(6));
        let first = nodes[0].best();
        let before: Vec<u64> = nodes.iter().map(taken_back).collect();
        std::thread::sleep(Duration::from_millis(length * slot_ms));
        let blocks = u64::from(nodes[0].best() - first);
        let seen: Vec<u64> =
            nodes.iter().zip(before).map(|(node, before)| taken_back(node) - before).collect();
        let most = seen.iter().max().copied().unwrap_or_default();
        let verdict = match goal {
            None => "stated".to_owned(),
            Some(goal) => {
                let reached = blocks > 0 && most * 1_000 <= goal * blocks;
                missed |= !reached;
                let few = if goal > 0 && blocks < 1_000 { ", of too few blocks to tell" } else { "" };
                format!("goal {goal} in 1,000: {}{few}", if reached { "reached" } else { "MISSED" })
            }
        };
        println!(
            "{authorities} with blocks of {slot_ms:>5} ms: {blocks} blocks, taken back {seen:?} ({verdict})"
        );
    }
    assert!(!missed, "a goal was missed");
}

fn taken_back(node: &Node) -> u64 {
    node.log().matches(TAKEN_BACK).count() as u64
}

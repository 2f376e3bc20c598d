//! How often the tip of a chain is taken back where three authorities share one idle machine: official clients that watch a transaction
//! give up when the block that has it is.
//!
//! `make bench ARGS=tips` runs it. `MYELIN_BENCH_BLOCKS` is for how many blocks each pace is watched (default 120).

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;

use std::time::Duration;

use harness::{chain_file, Node, Setup};

const AUTHORITIES: [&str; 3] = ["--one", "--two", "--three"];
/// Milliseconds between two blocks.
const PACES: [u64; 2] = [1_000, 250];
/// What the log says when a tip is taken back.
const TAKEN_BACK: &str = "Reorg on #";

fn main() {
    let length = std::env::var("MYELIN_BENCH_BLOCKS").ok().and_then(|text| text.parse().ok()).unwrap_or(120);
    for slot_ms in PACES {
        let chain = chain_file("local3", slot_ms);
        let setups = AUTHORITIES.map(|who| Setup::new(&chain, &[who]));
        let one = setups[0].start(&[]);
        let nodes = [setups[1].start(&[&one]), setups[2].start(&[&one]), one];
        // They have met.
        nodes.iter().for_each(|node| node.wait_finalised(6));
        let (first, before) = (nodes[0].best(), nodes.each_ref().map(taken_back));
        std::thread::sleep(Duration::from_millis(length * slot_ms));
        let blocks = nodes[0].best() - first;
        let seen: Vec<_> = nodes.iter().zip(before).map(|(node, before)| taken_back(node) - before).collect();
        println!(
            "tips, three authorities on one machine of {} cores, blocks of {slot_ms} ms: {blocks} blocks; taken back {}",
            std::thread::available_parallelism().map_or(1, usize::from),
            seen.iter().map(|count| format!("{count} times")).collect::<Vec<_>>().join(", "),
        );
    }
    println!("(each authority counts for itself; goal for blocks of 1 s or longer: at most one in 1,000)");
}

fn taken_back(node: &Node) -> usize {
    node.log().matches(TAKEN_BACK).count()
}

//! Memory of a node while its chain grows, with transfers in every block: a real process with its defaults.
//!
//! `make bench ARGS=memory` runs it. `MYELIN_BENCH_BLOCKS` is the number of blocks (default 2,000; the goal is about
//! 20,000), `MYELIN_BENCH_SLOT_MS` the time between two blocks in milliseconds (default 50). `MYELIN_BENCH_FLAGS` are
//! further arguments of the node.

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../../../../tests/ports.rs"]
mod ports;
#[path = "../blocks/world.rs"]
#[allow(dead_code)]
mod world;

use std::time::Duration;

use codec::Encode;
use harness::{chain_file, Node, Setup};
use myelin_runtime::{signing::sign, Hash, Runtime};
use serde_json::json;
use sp_core::{bytes::to_hex, sr25519, Pair};

/// MiB that a node may take after 20,000 blocks.
const GOAL: u64 = 300;
/// Lines of figures.
const LINES: u64 = 10;

fn main() {
    let number = |variable, usual| {
        std::env::var(variable).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(usual)
    };
    let (blocks, slot_ms) = (number("MYELIN_BENCH_BLOCKS", 2_000), number("MYELIN_BENCH_SLOT_MS", 50));
    let more = std::env::var("MYELIN_BENCH_FLAGS").unwrap_or_default();
    let flags: Vec<_> = ["--one", "--force-authoring"].into_iter().chain(more.split_whitespace()).collect();
    let setup = Setup::new(&chain_file("dev", slot_ms), &flags);
    let node = setup.start(&[]);
    let genesis = Hash::from_slice(&harness::hex(&node.hash(0)));
    let alice = sr25519::Pair::from_string("//Alice", None).expect("a valid path");
    println!("memory of a node over {blocks} blocks of {slot_ms} ms, in MiB:");
    println!("{:>8} {:>8} {:>10} {:>8}", "block", "all", "of its own", "of files");
    let (step, mut sent, mut next) = ((blocks / LINES).max(1), 0, 0);
    loop {
        let block = u64::from(node.best());
        if block >= next {
            let Some(memory) = node.memory() else { return println!("this system does not tell") };
            println!("{block:>8} {:>8} {:>10} {:>8}", memory.all(), memory.own, memory.files);
            next = block + step;
        }
        if block >= blocks {
            break;
        }
        transfer(&node, genesis, &alice, &mut sent);
        std::thread::sleep(Duration::from_millis(slot_ms));
    }
    if let Some(memory) = node.memory() {
        let verdict = if memory.all() < GOAL { "reached" } else { "MISSED" };
        println!("{} MiB in the end; goal after 20,000 blocks: under {GOAL} MiB ({verdict})", memory.all());
    }
}

/// Alice pays a new account, so that the state grows.
fn transfer(node: &Node, genesis: Hash, alice: &sr25519::Pair, sent: &mut u32) {
    let dest = world::account(&world::signer(*sent)).into();
    let call = pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value: 1_000_000 };
    let bytes = to_hex(&sign(alice, *sent, genesis, call).encode(), false);
    // A full pool refuses; the same transfer then comes with the next block.
    if node.ask("author_submitExtrinsic", json!([bytes])).is_ok() {
        *sent += 1;
    }
}

//! Blocks that a transfer waits for while one of four authorities refuses it. That one refuses all transactions, which
//! is the same for the sender.
//!
//! `make bench ARGS=censors` runs it. `MYELIN_BENCH_TRIALS` is the number of transfers (default 1,000).

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../../../../tests/ports.rs"]
mod ports;
#[path = "../blocks/world.rs"]
#[allow(dead_code)]
mod world;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use codec::Encode;
use harness::{hex, Node, Setup};
use myelin_runtime::{genesis::keys::ALICE, signing::sign, Hash, Runtime, RuntimeCall};
use serde_json::json;
use sp_core::{bytes::to_hex, sr25519, Pair};

const AUTHORITIES: [&str; 4] = ["--one", "--two", "--three", "--four"];
/// Accounts that send in turn, so that no transfer waits for an earlier one of its sender.
const SENDERS: u32 = 50;
/// Rao that each of them gets.
const FUNDS: u64 = 10_000_000_000;
/// Most blocks in which everything is expected to be included after the last transfer.
const LAST: u32 = 40;

fn main() {
    let trials =
        std::env::var("MYELIN_BENCH_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    for refusing in [0, 1] {
        let mut waited = measure(trials, refusing);
        assert_eq!(waited.len(), trials, "a transfer is in no block");
        waited.sort_unstable();
        let at = |percent: usize| waited[(waited.len() * percent / 100).min(waited.len() - 1)];
        println!(
            "{refusing} of 4 authorities refuse: {} of {trials} transfers are in final blocks; blocks waited: p50 {}, \
             p99 {}, most {}",
            waited.len(),
            at(50),
            at(99),
            at(100),
        );
    }
}

/// Sends the transfers to an authority that accepts them, and returns how many blocks each of them waited.
fn measure(trials: usize, refusing: usize) -> Vec<u32> {
    let accepting = AUTHORITIES.len() - refusing;
    let flags = |place: usize| match place < accepting {
        true => vec![AUTHORITIES[place]],
        false => vec![AUTHORITIES[place], "--pool-kbytes", "0"],
    };
    let setups: Vec<Setup> =
        (0..AUTHORITIES.len()).map(|place| Setup::new("local4", &flags(place))).collect();
    let mut nodes: Vec<Node> = Vec::new();
    for setup in &setups {
        let known: Vec<&Node> = nodes.iter().collect();
        nodes.push(setup.start(&known));
    }
    nodes.iter().for_each(|node| node.wait_finalised(6));
    let node = &nodes[0];
    let genesis = Hash::from_slice(&hex(&node.hash(0)));

    let alice = sr25519::Pair::from_string(ALICE.path, None).expect("a valid path");
    let senders: Vec<sr25519::Pair> = (0..SENDERS).map(world::signer).collect();
    for (nonce, to) in senders.iter().enumerate() {
        submit(node, &alice, nonce as u32, genesis, pay(to, FUNDS));
    }
    node.wait_finalised(node.best() + LAST);

    let first = node.best();
    let mut sent: HashMap<String, u32> = HashMap::new();
    for trial in 0..trials {
        let (who, nonce) = (trial % senders.len(), trial / senders.len());
        let to = &senders[(who + 1) % senders.len()];
        let best = node.best();
        sent.insert(submit(node, &senders[who], nonce as u32, genesis, pay(to, 1_000)), best);
        // Uneven pauses, so that transfers come at all times of a slot.
        std::thread::sleep(Duration::from_millis(60 + (trial as u64 * 37) % 80));
    }
    let last = node.best() + LAST;
    node.wait_finalised(last);

    // Authorities write in turn, so a slot's remainder names the author.
    let (mut writing, mut including) = (HashSet::new(), HashSet::new());
    let mut waited = Vec::new();
    for number in first..=last {
        let author = node.slot(number) % AUTHORITIES.len() as u64;
        let block = node.call("chain_getBlock", json!([node.hash(number)]));
        let inside = block["block"]["extrinsics"].as_array().expect("a block lists its transactions");
        let sent = inside.iter().filter_map(|text| sent.get(text.as_str()?));
        let found: Vec<u32> = sent.map(|best| number.saturating_sub(*best)).collect();
        writing.insert(author);
        if !found.is_empty() {
            including.insert(author);
        }
        waited.extend(found);
    }
    assert_eq!(writing.len(), AUTHORITIES.len(), "an authority wrote no block");
    assert_eq!(including.len(), accepting, "as many authorities include transfers as accept them");
    waited
}

fn pay(to: &sr25519::Pair, value: u64) -> RuntimeCall {
    let dest = world::account(to).into();
    pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value }.into()
}

/// Submits a transaction, and returns its text.
fn submit(node: &Node, who: &sr25519::Pair, nonce: u32, genesis: Hash, call: RuntimeCall) -> String {
    let text = to_hex(&sign(who, nonce, genesis, call).encode(), false);
    node.call("author_submitExtrinsic", json!([text]));
    text
}

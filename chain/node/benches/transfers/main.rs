//! Transfers per second that one node sustains: sent over JSON-RPC, through the pool, into blocks, by a real process.
//!
//! `make bench ARGS=transfers` runs it. `MYELIN_BENCH_SECONDS` is the length of the run (default 20),
//! `MYELIN_BENCH_UNDER_WAY` the most transfers that wait in the pool. `MYELIN_BENCH_FLAGS` are further arguments of the
//! node.

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../../../../tests/ports.rs"]
mod ports;
#[path = "../blocks/world.rs"]
#[allow(dead_code)]
mod world;

use std::time::{Duration, Instant};

use codec::Encode;
use frame_support::weights::constants::WEIGHT_REF_TIME_PER_MILLIS;
use harness::{Node, Setup};
use myelin_runtime::{
    constants::{TAO, WEIGHT_PER_SLOT_MILLISECOND},
    opaque::UncheckedExtrinsic as Opaque,
    signing::sign,
    Hash, Runtime, RuntimeCall,
};
use serde_json::json;
use sp_core::{bytes::to_hex, sr25519, Pair};

const SENDERS: u32 = 100;
/// Inherents of a block: its time, and its author's contribution to the beacon.
const INHERENTS: usize = 2;
/// Transactions in one request.
const BATCH: usize = 100;
/// Most transactions under way: more than a few blocks hold would only age in the pool.
const UNDER_WAY: u64 = 1_500;

fn main() {
    let length = Duration::from_secs(number("MYELIN_BENCH_SECONDS").unwrap_or(20));
    let under_way = number("MYELIN_BENCH_UNDER_WAY").unwrap_or(UNDER_WAY);
    let more = std::env::var("MYELIN_BENCH_FLAGS").unwrap_or_default();
    let flags: Vec<_> = ["--one", "--force-authoring"].into_iter().chain(more.split_whitespace()).collect();
    let node = Setup::new("dev", &flags).start(&[]);
    let genesis = Hash::from_slice(&harness::hex(&node.hash(0)));
    let senders: Vec<_> = (0..SENDERS).map(world::signer).collect();
    fund(&node, genesis, &senders);

    let mut counted = Counter { node: &node, block: node.best(), transactions: 0, fullest: 0 };
    let first = counted.block;
    let (begun, mut sent, mut signing) = (Instant::now(), 0, Duration::ZERO);
    while begun.elapsed() < length {
        if sent - counted.transactions < under_way {
            let signed = Instant::now();
            let batch: Vec<_> =
                (sent..).take(BATCH).map(|number| transfer(&senders, genesis, number)).collect();
            signing += signed.elapsed();
            submit(&node, &batch);
            sent += batch.len() as u64;
        } else {
            std::thread::sleep(Duration::from_millis(10));
        }
        counted.catch_up();
    }
    let took = begun.elapsed().as_secs_f64();
    let slot_ms = 250;
    let share = 1.0 / WEIGHT_REF_TIME_PER_MILLIS as f64 * WEIGHT_PER_SLOT_MILLISECOND.ref_time() as f64;
    println!(
        "transfers, one node, blocks of {slot_ms} ms ({:.0} ms of them for execution): {} in {took:.1} s and {} blocks = {:.0} per second \
         (goal: at least 1,500); {} in the fullest block; the sender shares the {} cores and spent {:.1} s on signing",
        share * f64::from(slot_ms),
        counted.transactions,
        counted.block - first,
        counted.transactions as f64 / took,
        counted.fullest,
        std::thread::available_parallelism().map_or(1, usize::from),
        signing.as_secs_f64(),
    );
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// Counts transactions in blocks, the statement of the time left out.
struct Counter<'a> {
    node: &'a Node,
    block: u32,
    transactions: u64,
    fullest: u64,
}

impl Counter<'_> {
    fn catch_up(&mut self) {
        for number in self.block + 1..=self.node.best() {
            let block = self.node.call("chain_getBlock", json!([self.node.hash(number)]));
            let extrinsics = block["block"]["extrinsics"].as_array().map_or(0, Vec::len);
            let transfers = extrinsics.saturating_sub(INHERENTS) as u64;
            self.transactions += transfers;
            self.fullest = self.fullest.max(transfers);
            self.block = number;
        }
    }
}

/// The transfer with this number: senders take turns.
fn transfer(senders: &[sr25519::Pair], genesis: Hash, number: u64) -> Opaque {
    let count = senders.len() as u64;
    let (who, next) = ((number % count) as usize, ((number + 1) % count) as usize);
    let dest = world::account(&senders[next]).into();
    let call = pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value: 1_000_000 };
    sign(&senders[who], (number / count) as u32, genesis, call).into()
}

/// Lets Alice give every sender 100 TAO.
fn fund(node: &Node, genesis: Hash, senders: &[sr25519::Pair]) {
    let alice = sr25519::Pair::from_string("//Alice", None).expect("a valid path");
    let gift = |sender| -> RuntimeCall {
        let dest = world::account(sender).into();
        pallet_balances::Call::transfer_keep_alive { dest, value: 100 * TAO }.into()
    };
    let calls = senders.iter().map(gift).collect();
    let before = node.best();
    submit(node, &[sign(&alice, 0, genesis, pallet_utility::Call::batch_all { calls }).into()]);
    node.wait("paid the senders", harness::PROGRESS, |node| {
        let mut counted = Counter { node, block: before, transactions: 0, fullest: 0 };
        counted.catch_up();
        if counted.transactions > 0 {
            Ok(())
        } else {
            Err("not yet".into())
        }
    });
}

/// Sends transactions to the node, which must take all of them.
fn submit(node: &Node, transactions: &[Opaque]) {
    let request = |(id, transaction): (usize, &Opaque)| {
        let bytes = to_hex(&transaction.encode(), false);
        json!({ "jsonrpc": "2.0", "id": id, "method": "author_submitExtrinsic", "params": [bytes] })
    };
    let requests: Vec<_> = transactions.iter().enumerate().map(request).collect();
    let answers = node.post(&requests.into()).expect("the node answers");
    for answer in answers.as_array().expect("as many answers as requests") {
        assert!(answer.get("result").is_some(), "the node refused a transfer: {answer}");
    }
}

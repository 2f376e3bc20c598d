//! Blocks that transfers and weights wait for while one of four authorities refuses them. That one refuses all
//! transactions, which is the same for the sender.
//!
//! `make bench ARGS=censors` runs it. `MYELIN_BENCH_TRIALS` is the number of transfers, and of weights (default 1,000).

#[path = "../../tests/it/harness.rs"]
#[allow(dead_code)]
mod harness;
#[path = "../../../../tests/ports.rs"]
mod ports;
#[path = "../../tests/it/state.rs"]
#[allow(dead_code)]
mod state;
#[path = "../blocks/world.rs"]
#[allow(dead_code)]
mod world;

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use harness::{hex, Node, Setup};
use myelin_runtime::{genesis::keys::ALICE, Hash, Runtime, RuntimeCall};
use pallet_network::{MaxRegistrationsPerBlock, Uids};
use serde_json::json;
use sp_core::sr25519;
use state::{batch, holds, make_subnet, send, stored, submit};

type Admin = pallet_admin_utils::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

const AUTHORITIES: [&str; 4] = ["--one", "--two", "--three", "--four"];
/// Accounts that send in turn, so that no transaction waits for an earlier one of its sender. Each is a neuron too.
const SENDERS: u32 = 20;
/// Rao that each of them gets.
const FUNDS: u64 = 1_000_000_000_000;
/// The subnet on which they set weights.
const SUBNET: u16 = 2;
/// Most blocks in which everything is expected to be included after the last transaction.
const LAST: u32 = 40;

/// Most blocks that half of the transactions wait.
const USUAL: u32 = 2;
/// Most blocks that 99 of 100 wait.
const RARELY: u32 = 6;

/// Kinds of transactions, by their place in the figures.
const KINDS: [&str; 2] = ["transfers", "weights"];

fn main() {
    let trials =
        std::env::var("MYELIN_BENCH_TRIALS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    for refusing in [0, 1] {
        for (kind, mut waited) in KINDS.into_iter().zip(measure(trials, refusing)) {
            assert_eq!(waited.len(), trials, "not all {kind} are in a block");
            waited.sort_unstable();
            let at = |percent: usize| waited[(waited.len() * percent / 100).min(waited.len() - 1)];
            println!(
                "{refusing} of 4 authorities refuse: {trials} of {trials} {kind} are in final blocks; blocks waited: \
                 p50 {}, p99 {}, most {}",
                at(50),
                at(99),
                at(100),
            );
            let kept = (at(50) <= USUAL, at(99) <= RARELY);
            assert_eq!(kept, (true, true), "{kind} wait longer than {USUAL} blocks (p50) or {RARELY} (p99)");
        }
    }
}

/// Sends transfers and weights to an authority that accepts them, and returns how many blocks each of them waited.
fn measure(trials: usize, refusing: usize) -> [Vec<u32>; 2] {
    let accepting = AUTHORITIES.len() - refusing;
    let flags = |place: usize| match place < accepting {
        true => vec![AUTHORITIES[place]],
        false => vec![AUTHORITIES[place], "--pool-kbytes", "0"],
    };
    let setups: Vec<Setup> =
        (0..AUTHORITIES.len()).map(|place| Setup::new("local4", &flags(place))).collect();
    let nodes = Setup::start_all(&setups);
    nodes.iter().for_each(|node| node.wait_finalised(6));
    let node = &nodes[0];
    let genesis = Hash::from_slice(&hex(&node.hash(0)));
    let senders: Vec<sr25519::Pair> = (0..SENDERS).map(world::signer).collect();
    let uids = seat(node, genesis, &senders);

    let first = node.best();
    let mut sent: HashMap<String, (usize, u32)> = HashMap::new();
    for trial in 0..2 * trials {
        let (who, turn) = (trial % senders.len(), trial / senders.len());
        let kind = (who + turn) % KINDS.len();
        let call = match kind {
            0 => pay(&senders[(who + 1) % senders.len()], 1_000),
            _ => weigh(uids[who]),
        };
        let best = node.best();
        // The first transaction of each was its registration.
        let text = submit(node, &senders[who], turn as u32 + 1, genesis, call);
        sent.insert(text, (kind, best));
        // Uneven pauses, so that transactions come at all times of a slot.
        std::thread::sleep(Duration::from_millis(60 + (trial as u64 * 37) % 80));
    }
    let last = node.best() + LAST;
    node.wait_finalised(last);

    // Authorities write in turn, so a slot's remainder names the author.
    let (mut writing, mut including) = (HashSet::new(), HashSet::new());
    let mut waited = [Vec::new(), Vec::new()];
    for number in first..=last {
        let author = node.slot(number) % AUTHORITIES.len() as u64;
        let block = node.call("chain_getBlock", json!([node.hash(number)]));
        let inside = block["block"]["extrinsics"].as_array().expect("a block lists its transactions");
        writing.insert(author);
        for (kind, best) in inside.iter().filter_map(|text| sent.get(text.as_str()?)) {
            including.insert(author);
            waited[*kind].push(number.saturating_sub(*best));
        }
    }
    assert_eq!(writing.len(), AUTHORITIES.len(), "an authority wrote no block");
    assert_eq!(including.len(), accepting, "as many authorities include transactions as accept them");
    waited
}

/// Makes a subnet, pays the senders, and registers each as a neuron. Returns their uids.
fn seat(node: &Node, genesis: Hash, senders: &[sr25519::Pair]) -> Vec<u16> {
    let netuid = SUBNET;
    let many = SENDERS as u16;
    let settings = vec![
        Admin::sudo_set_target_registrations_per_interval { netuid, target_registrations_per_interval: many }
            .into(),
        Admin::sudo_set_max_registrations_per_block { netuid, max_registrations_per_block: many }.into(),
    ];
    make_subnet(node, netuid, settings);
    holds(node, "changed settings", MaxRegistrationsPerBlock::<Runtime>::hashed_key_for(netuid), many);
    send(node, &ALICE, batch(senders.iter().map(|to| pay(to, FUNDS)).collect()));
    node.wait_finalised(node.best() + LAST);
    for who in senders {
        let call = Network::burned_register { netuid, hotkey: world::account(who) };
        submit(node, who, 0, genesis, call);
    }
    let uid = |who: &sr25519::Pair| {
        let key = Uids::<Runtime>::hashed_key_for(netuid, world::account(who));
        node.wait("registered a neuron", harness::PROGRESS, |node| {
            stored(node, None, key.clone()).ok_or_else(|| "it has no uid".into())
        })
    };
    senders.iter().map(uid).collect()
}

fn pay(to: &sr25519::Pair, value: u64) -> RuntimeCall {
    let dest = world::account(to).into();
    pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value }.into()
}

/// Weight on a neuron itself, which needs no permit.
fn weigh(uid: u16) -> RuntimeCall {
    Network::set_weights { netuid: SUBNET, dests: vec![uid], weights: vec![u16::MAX], version_key: 0 }.into()
}

//! Time of blocks: the epoch, weights, a full network, transfers, votes, elections, and growth. The WASM runtime
//! executes them all with its state in a ParityDB, as in the node.
//!
//! `make bench ARGS=blocks` runs it. `MYELIN_BENCH_BLOCKS` is the length of the growth run (default 500).
//! `MYELIN_BENCH_ACCOUNTS` is the size of the state on which the constants of the runtime are measured (default
//! 100,000). `MYELIN_BENCH_RUNTIME` is a file with another runtime in WASM to compare with.

mod chain;
mod constants;
mod crowd;
mod elections;
mod growth;
mod votes;
mod world;

use std::time::Duration;

use chain::{BlockTime, Chain, Fate};
use frame_support::dispatch::GetDispatchInfo;
use myelin_runtime::{opaque::UncheckedExtrinsic as Opaque, signing::sign, Runtime, RuntimeCall};
use pallet_network::{
    ActivityCutoffFactorMilli, LastEpochBlock, LiquidAlphaOn, WeightsSetRateLimit, Yuma3On,
};

/// Neurons and validators of a usual subnet.
const NEURONS: u16 = 256;
const VALIDATORS: u16 = 64;

fn main() {
    let only = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let wanted = |name: &str| only.as_deref().is_none_or(|only| name.contains(only));
    if wanted("epoch") {
        epoch("epoch, Yuma 3", false);
        epoch("epoch, Yuma 3, liquid alpha", true);
    }
    if wanted("weights") {
        set_weights();
    }
    if wanted("network") {
        full_network();
    }
    if wanted("transfers") {
        transfers();
    }
    if wanted("votes") {
        votes::run();
    }
    if wanted("elections") {
        elections::run();
    }
    if wanted("constants") {
        constants::run(number("MYELIN_BENCH_ACCOUNTS").unwrap_or(100_000));
    }
    if wanted("growth") {
        growth::run(number("MYELIN_BENCH_BLOCKS").unwrap_or(500));
    }
}

fn number(variable: &str) -> Option<u32> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// One subnet's epoch: the difference between a block with it and a block without.
fn epoch(title: &str, liquid_alpha: bool) {
    const TEMPO: u16 = 2;
    const BLOCKS: u64 = 130;
    let state = world::prepare(|| {
        let netuid = world::subnets(1, NEURONS, VALIDATORS, TEMPO)[0];
        LastEpochBlock::<Runtime>::insert(netuid, 0);
        // Nobody becomes inactive while the benchmark runs.
        ActivityCutoffFactorMilli::<Runtime>::insert(netuid, 1_000_000);
        Yuma3On::<Runtime>::insert(netuid, true);
        LiquidAlphaOn::<Runtime>::insert(netuid, liquid_alpha);
    });
    let chain = Chain::begin("epoch", state, world::SLOT_MS);
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for block in 1..=BLOCKS {
        let (time, _) = chain.block(&[]);
        // The first epochs write bonds where there were none.
        match block % u64::from(TEMPO) {
            0 if block > 4 * u64::from(TEMPO) => with.push(time),
            0 => {}
            _ => without.push(time),
        }
    }
    let part = |times: &[BlockTime], of: fn(&BlockTime) -> Duration| median(times.iter().map(of).collect());
    let more = |of| ms(part(&with, of).saturating_sub(part(&without, of)));
    println!(
        "{title}, {NEURONS} x {VALIDATORS}, in the WASM runtime, storage included: {:.2} ms (block {:.2} ms, without epoch {:.2} ms; \
         goal: at most 10 ms); its changes make the state root cost {:.2} ms more and the database {:.2} ms",
        more(|time| time.begin),
        ms(part(&with, |time| time.begin)),
        ms(part(&without, |time| time.begin)),
        more(|time| time.end),
        more(|time| time.import),
    );
}

/// Weights for every uid of a subnet, one transaction of each validator.
fn set_weights() {
    let mut netuid = 0;
    let state = world::prepare(|| {
        netuid = world::subnets(1, NEURONS, VALIDATORS, 360)[0];
        WeightsSetRateLimit::<Runtime>::insert(netuid, 0);
    });
    let chain = Chain::begin("weights", state, world::SLOT_MS);
    let call = |taste| RuntimeCall::from(world::weigh_all(netuid, NEURONS, taste));
    let mut times = Vec::new();
    for round in 0..5u32 {
        let transactions: Vec<Opaque> = (0..u32::from(VALIDATORS))
            .map(|i| {
                sign(&world::signer(i), round, chain.genesis, call(i as u16 + 100 + round as u16)).into()
            })
            .collect();
        let (time, fates) = chain.block(&transactions);
        assert!(fates.iter().all(|fate| *fate == Fate::Done), "every validator may set weights");
        times.extend(time.transactions);
    }
    let weight = sp_io::TestExternalities::default().execute_with(|| call(1).get_dispatch_info().call_weight);
    println!(
        "set_weights of {NEURONS} entries: weight {:.2} ms of reference time (goal: at most 1 ms); measured {:.2} ms, signature and \
         fee check included",
        weight.ref_time() as f64 / 1e9,
        ms(median(times)),
    );
}

/// As many subnets as the network allows, each of usual size; two epochs in every block.
fn full_network() {
    let mut count = 0;
    let state = world::prepare(|| {
        let created = world::subnets(127, NEURONS, VALIDATORS, 360);
        // All are due at once and wait for their turn.
        created.iter().for_each(|netuid| LastEpochBlock::<Runtime>::insert(netuid, 0));
        created.iter().for_each(|netuid| pallet_network::PendingEpochAt::<Runtime>::insert(netuid, 1));
        count = created.len() + 1;
    });
    let chain = Chain::begin("network", state, world::SLOT_MS);
    let two_epochs: Vec<_> = (0..60).map(|_| chain.block(&[]).0).collect();
    let quiet: Vec<_> = (0..20).map(|_| chain.block(&[]).0).collect();
    let executed = |blocks: &[BlockTime]| median(blocks.iter().map(BlockTime::execution).collect());
    let slowest = two_epochs.iter().map(|time| time.execution()).max().unwrap_or_default();
    println!(
        "a block with {count} subnets, two in epoch: {:.1} ms of execution, slowest of 60 {:.1} ms (goal: under 500 ms); \
         none in epoch {:.1} ms",
        ms(executed(&two_epochs)),
        ms(slowest),
        ms(executed(&quiet[4..])),
    );
    let asked: Vec<_> = (0..20).map(|_| chain.equation()).collect();
    assert!(asked.iter().all(|(broken, _)| *broken == 0), "all TAO adds up");
    let equation = median(asked.iter().map(|(_, time)| *time).collect());
    let share = |of: Duration| 100.0 * equation.as_secs_f64() / of.as_secs_f64().max(f64::EPSILON);
    println!(
        "the equation of all TAO with {count} subnets, asked of the node: {:.1} ms (median of {}); {:.0} % of the \
         execution of a block with two epochs, {:.0} % of one with none, {:.2} % of a slot",
        ms(equation),
        asked.len(),
        share(executed(&two_epochs)),
        share(executed(&quiet[4..])),
        share(Duration::from_millis(world::SLOT_MS)),
    );
}

/// A block full of transfers.
fn transfers() {
    const SENDERS: u32 = 50;
    const EACH: u32 = 40;
    let state =
        world::prepare(|| (0..SENDERS).for_each(|i| world::fund(&world::account(&world::signer(i)), 1_000)));
    let chain = Chain::begin("transfers", state, world::SLOT_MS);
    let pay = |i: u32| pallet_balances::Call::<Runtime>::transfer_keep_alive {
        dest: world::account(&world::signer((i + 1) % SENDERS)).into(),
        value: 1_000_000,
    };
    let transactions: Vec<Opaque> = (0..EACH)
        .flat_map(|nonce| (0..SENDERS).map(move |i| (i, nonce)))
        .map(|(i, nonce)| sign(&world::signer(i), nonce, chain.genesis, pay(i)).into())
        .collect();
    let (time, fates) = chain.block(&transactions);
    let refused = fates.iter().filter(|fate| **fate == Fate::Refused).count();
    let done = transactions.len() - refused;
    let all = time.execution() + time.import;
    println!(
        "transfers: {done} in one block, {:.0} per second of execution and import, {:.3} ms each (median); {refused} did not fit",
        done as f64 / all.as_secs_f64(),
        ms(median(time.transactions)),
    );
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

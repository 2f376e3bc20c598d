//! Measurements behind the constants of the runtime: reading and writing a key of a large state, a block without
//! transactions, and a transaction without effect. `myelin_runtime::constants` takes its weights from here, see
//! decision 0021.

use std::time::Duration;

use codec::Encode;
use frame_support::weights::{RuntimeDbWeight, Weight};
use myelin_runtime::{
    constants::{DatabaseWeight, BLOCK_WEIGHT, TAO, TRANSACTION_WEIGHT},
    opaque::UncheckedExtrinsic as Opaque,
    signing::sign,
    AccountId, Runtime, RuntimeCall,
};
use sp_core::{sr25519, Pair};

use crate::{
    chain::{Chain, Fate},
    median, ms, world,
};

/// Keys that are read, and written in one block.
const READS: u32 = 20_000;
const WRITES: u32 = 1_000;
/// Transactions without effect.
const REMARKS: u32 = 1_000;
const ROUNDS: u32 = 9;

/// Measures on a state with this many accounts.
pub fn run(accounts: u32) {
    let mut state = world::prepare(|| ());
    state.top.extend((0..accounts).map(|number| (key(number), value(0))));
    let chain = Chain::begin("constants", state, world::SLOT_MS);
    let alice = sr25519::Pair::from_string("//Alice", None).expect("a valid path");
    let mut nonce = 0;
    let mut signed = |call: RuntimeCall| -> Opaque {
        nonce += 1;
        sign(&alice, nonce - 1, chain.genesis, call).into()
    };

    let empty: Vec<_> = (0..50).map(|_| chain.block(&[]).0).collect();
    let base = median(empty.iter().skip(5).map(|time| time.execution()).collect());
    let base_import = median(empty.iter().skip(5).map(|time| time.import).collect());

    // Coprime to the number of accounts, so that no key comes twice and neighbours do not follow each other.
    let scattered = |i: u32| (u64::from(i) * 1_000_003 % u64::from(accounts)) as u32;
    let keys: Vec<_> = (0..READS.min(accounts)).map(|i| key(scattered(i))).collect();
    let read = chain.time_to_read(&keys) / keys.len() as u32;

    let mut writes = Vec::new();
    for round in 1..=ROUNDS {
        let items = (0..WRITES).map(|i| (key(scattered(round * WRITES + i)), value(round.into()))).collect();
        let set = frame_system::Call::<Runtime>::set_storage { items };
        let call = pallet_sudo::Call::sudo { call: Box::new(set.into()) };
        let (time, fates) = chain.block(&[signed(call.into())]);
        assert!(fates == [Fate::Done], "Alice may set storage");
        writes.push((time.execution() + time.import).saturating_sub(base + base_import) / WRITES);
    }

    let mut nothing = Vec::new();
    for _ in 0..ROUNDS {
        let remark = || RuntimeCall::from(frame_system::Call::remark { remark: Vec::new() });
        let transactions: Vec<_> = (0..REMARKS).map(|_| signed(remark())).collect();
        let (time, fates) = chain.block(&transactions);
        assert!(fates.iter().all(|fate| *fate == Fate::Done), "a thousand remarks fit into a block");
        nothing.push((time.execution() + time.import).saturating_sub(base + base_import) / REMARKS);
    }

    let database: RuntimeDbWeight = DatabaseWeight::get();
    println!("constants of the runtime, with {accounts} accounts in the state:");
    let line = |what: &str, measured: Duration, declared: Weight| {
        println!("{what:<42} measured {:>8.1} us, declared {:>8.1} us", 1_000.0 * ms(measured), us(declared));
    };
    line("reading a key that is in no cache", read, database.reads(1));
    line("writing a key, its state root and database", median(writes), database.writes(1));
    line("a block without transactions, and import", base + base_import, BLOCK_WEIGHT);
    line("a transaction that does nothing, signed", median(nothing), TRANSACTION_WEIGHT);
}

/// Microseconds of reference time.
fn us(weight: Weight) -> f64 {
    weight.ref_time() as f64 / 1e6
}

fn key(number: u32) -> Vec<u8> {
    let account = AccountId::from(sp_io::hashing::blake2_256(&(b"myelin bench account", number).encode()));
    frame_system::Account::<Runtime>::hashed_key_for(account)
}

fn value(more: u64) -> Vec<u8> {
    let data = pallet_balances::AccountData { free: TAO + more, ..Default::default() };
    frame_system::AccountInfo { nonce: 0u32, consumers: 0, providers: 1, sufficients: 0, data }.encode()
}

//! First states for the benchmarks, prepared by native code through the runtime's own calls.

use codec::Encode;
use myelin_runtime::{
    constants::TAO,
    genesis::{
        self,
        keys::{ALICE, BOB},
    },
    AccountId, Runtime, RuntimeCall, RuntimeOrigin, System,
};
use pallet_network::{
    Burn, Call, CommitRevealWeightsEnabled, LastRateLimitedBlock, NetworkLastLockCost, NetworkRateLimit,
    NetworksAdded, SubnetEmissionEnabled, Tempo, ValidatorPermit,
};
use sp_core::{sr25519, Pair};
use sp_runtime::traits::Dispatchable;
use sp_storage::Storage;

/// The preset on which benchmarks run: production durations, so that subnets have their usual shape.
pub const PRESET: &str = "development-12s";
/// Its slot.
pub const SLOT_MS: u64 = 12_000;

/// The state of the preset after `story`, which runs in block 0 and may move on to block 1.
pub fn prepare(story: impl FnOnce()) -> Storage {
    let genesis = genesis::storage(PRESET).expect("the preset exists").expect("the preset fits the pallets");
    let mut state = sp_io::TestExternalities::new(genesis);
    state.execute_with(|| {
        // Its blocks are made without the key of their author.
        pallet_myelin_beacon::StrictFrom::<Runtime>::kill();
        story();
        System::set_block_number(0);
        System::reset_events();
        let mut top = std::collections::BTreeMap::new();
        let mut key = Vec::new();
        while let Some(next) = sp_io::storage::next_key(&key) {
            let value = sp_io::storage::get(&next).expect("a key that was just listed has a value");
            top.insert(next.clone(), value.to_vec());
            key = next;
        }
        Storage { top, children_default: Default::default() }
    })
}

/// Makes a call that must succeed.
pub fn act(signer: &AccountId, call: impl Into<RuntimeCall>) {
    let call = call.into();
    let told = format!("{call:?}");
    if let Err(refused) = call.dispatch(RuntimeOrigin::signed(signer.clone())) {
        panic!("the preparation failed at {told}: {:?}", refused.error);
    }
}

/// Gives an account this many TAO, out of the million that Bob begins with: nothing is minted outside the emission
/// schedule.
pub fn fund(account: &AccountId, tokens: u64) {
    let dest = account.clone().into();
    act(&BOB.id(), pallet_balances::Call::<Runtime>::transfer_keep_alive { dest, value: tokens * TAO });
}

/// A key that can sign.
pub fn signer(number: u32) -> sr25519::Pair {
    sr25519::Pair::from_seed(&sp_io::hashing::blake2_256(&(b"myelin bench", number).encode()))
}

/// The account of a key.
pub fn account(pair: &sr25519::Pair) -> AccountId {
    AccountId::from(pair.public().0)
}

/// An account whose key is not needed.
fn miner(number: u32) -> AccountId {
    AccountId::from(sp_io::hashing::blake2_256(&(b"myelin bench miner", number).encode()))
}

/// Subnets of `neurons`, of which `validators` are staked, permitted, and weigh every neuron. Validators are the same
/// keys on all subnets, as on the live network, and hold root stake too. Their key `i` is [`signer`]`(i)`, coldkey and
/// hotkey at once.
pub fn subnets(count: u16, neurons: u16, validators: u16, tempo: u16) -> Vec<u16> {
    let owner = ALICE.id();
    NetworkRateLimit::<Runtime>::put(0);
    let keys: Vec<_> = (0..u32::from(validators)).map(|i| account(&signer(i))).collect();
    for key in &keys {
        fund(key, 10_000);
    }
    let staff = miner(u32::MAX);
    fund(&staff, 10_000);
    let mut created = Vec::new();
    for subnet in 0..count {
        let before: Vec<_> = NetworksAdded::<Runtime>::iter_keys().collect();
        LastRateLimitedBlock::<Runtime>::remove(pallet_network::types::RateLimitKey::NetworkLastRegistered);
        NetworkLastLockCost::<Runtime>::put(myelin_units::TaoBalance::from_tokens(1_000));
        act(&owner, Call::register_network { hotkey: miner(1_000_000 + u32::from(subnet)) });
        let netuid = NetworksAdded::<Runtime>::iter_keys()
            .find(|netuid| !before.contains(netuid))
            .expect("a subnet was created");
        act(&owner, Call::start_call { netuid });
        SubnetEmissionEnabled::<Runtime>::insert(netuid, true);
        CommitRevealWeightsEnabled::<Runtime>::insert(netuid, false);
        Tempo::<Runtime>::insert(netuid, tempo);
        let cheap = || Burn::<Runtime>::insert(netuid, myelin_units::TaoBalance::from_rao(500_000));
        for key in &keys {
            cheap();
            act(key, Call::burned_register { netuid, hotkey: key.clone() });
            act(
                key,
                Call::add_stake {
                    hotkey: key.clone(),
                    netuid,
                    amount_staked: myelin_units::TaoBalance::from_tokens(10),
                },
            );
        }
        for i in 0..neurons - validators - 1 {
            cheap();
            act(&staff, Call::burned_register { netuid, hotkey: miner(u32::from(i)) });
        }
        let permits = (0..neurons).map(|uid| (1..=validators).contains(&uid)).collect();
        ValidatorPermit::<Runtime>::insert(netuid, Vec::<bool>::from_iter::<Vec<bool>>(permits));
        created.push(netuid);
    }
    System::set_block_number(1);
    for (i, key) in keys.iter().enumerate() {
        for netuid in &created {
            act(key, weigh_all(*netuid, neurons, i as u16));
        }
    }
    created
}

/// Weights for every uid, different for each `taste`.
pub fn weigh_all(netuid: u16, neurons: u16, taste: u16) -> Call<Runtime> {
    let weight = |uid: u16| 1_000 + uid.wrapping_mul(211).wrapping_add(taste.wrapping_mul(37)) % 60_000;
    Call::set_weights {
        netuid,
        dests: (0..neurons).collect(),
        weights: (0..neurons).map(weight).collect(),
        version_key: 0,
    }
}

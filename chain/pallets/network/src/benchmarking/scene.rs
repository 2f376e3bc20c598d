//! Situations as full as they get.

use alloc::{vec, vec::Vec};

use frame_benchmarking::account;
use frame_support::traits::fungible::Balanced;
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_abi::NetworkRegistrationInfo;
use myelin_economy::{pool::Terms, registration::UidChoice};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, Uid, ROOT, U64F64};
use sp_runtime::traits::Saturating;

use crate::{
    keys::KeyOwnership,
    ledger::TaoLedger,
    neurons::NeuronRegistry,
    pallet::*,
    pools::{PoolReserves, DYNAMIC},
    stake::StakeLedger,
    subnets::{now, SubnetRegistry},
    weights::MAIN,
};

/// The subnet that most benchmarks are about.
pub const HERE: NetUid = 2;
/// Another one.
pub const THERE: NetUid = 3;
/// Neurons of a full subnet.
pub const NEURONS: u32 = 256;
/// One TAO or one alpha, in rao.
pub const UNIT: u64 = 1_000_000_000;

/// The hotkey of this number.
pub fn hotkey<T: Config>(i: u32) -> T::AccountId {
    account("hotkey", i, 0)
}

/// The coldkey of this number.
pub fn coldkey<T: Config>(i: u32) -> T::AccountId {
    account("coldkey", i, 0)
}

/// Some hotkeys that nobody owns.
pub fn strangers<T: Config>(count: u32) -> Vec<T::AccountId> {
    (0..count).map(|i| account("stranger", i, 0)).collect()
}

/// A coldkey that can pay for anything.
pub fn rich<T: Config>(i: u32) -> T::AccountId {
    let who = coldkey::<T>(i);
    let _ = T::Currency::resolve(&who, TaoLedger::<T>::issue(tao(1_000_000)));
    who
}

/// Tokens as TAO.
pub fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_rao(tokens.saturating_mul(UNIT))
}

/// Tokens as alpha.
pub fn alpha(tokens: u64) -> AlphaBalance {
    AlphaBalance::from_rao(tokens.saturating_mul(UNIT))
}

/// Lets all waits pass.
pub fn later<T: Config>() {
    let blocks = BlockNumberFor::<T>::from(500_000u32);
    frame_system::Pallet::<T>::set_block_number(
        frame_system::Pallet::<T>::block_number().saturating_add(blocks),
    );
    for netuid in SubnetRegistry::<T>::netuids() {
        LastEpochBlock::<T>::insert(netuid, now::<T>());
    }
}

/// A subnet that trades, with a pool of 10,000 TAO, without commit-reveal; coldkey 0 and hotkey 0 own it.
pub fn open<T: Config>(netuid: NetUid) {
    let subnet = NetworkRegistrationInfo {
        coldkey: coldkey::<T>(0),
        hotkey: hotkey::<T>(0),
        mechid: DYNAMIC,
        identity: None,
        lock_amount: tao(10_000),
        median_subnet_alpha_price: U64F64::from_int(1u64),
        registration_block: now::<T>(),
        lock_id: 0,
    };
    TaoLedger::<T>::deposit(netuid, TaoLedger::<T>::issue(tao(10_001)));
    SubnetRegistry::<T>::found(netuid, subnet);
    SubtokenEnabled::<T>::insert(netuid, true);
    FirstEmissionBlockNumber::<T>::insert(netuid, 1);
    CommitRevealWeightsEnabled::<T>::insert(netuid, false);
    ImmunityPeriod::<T>::insert(netuid, 0);
    WeightsSetRateLimit::<T>::insert(netuid, 0);
}

/// Subnets until there are this many besides root.
pub fn open_subnets<T: Config>(count: u32) {
    SubnetLimit::<T>::put(1_000);
    while u32::from(SubnetRegistry::<T>::user_count()) < count {
        if let Ok(netuid) = SubnetRegistry::<T>::lowest_free_netuid() {
            open::<T>(netuid);
        }
    }
}

/// Neurons until the subnet has this many: coldkey `i` has hotkey `i` with uid `i`. The first quarter validates, has said something of
/// everybody, and has bonds in everybody.
pub fn fill<T: Config>(netuid: NetUid, count: u32) {
    for uid in u32::from(NeuronRegistry::<T>::count(netuid))..count {
        let key = hotkey::<T>(uid);
        KeyOwnership::<T>::claim(&coldkey::<T>(uid), &key);
        NeuronRegistry::<T>::seat(netuid, UidChoice::Append(uid as Uid), &key);
    }
    ValidatorPermit::<T>::insert(netuid, (0..count).map(|uid| uid <= count / 4).collect::<Vec<_>>());
    let row: Vec<(Uid, u16)> = (0..count).map(|uid| (uid as Uid, u16::MAX)).collect();
    for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
        let index = storage_index(netuid, mecid);
        for validator in 0..count / 4 {
            Weights::<T>::insert(index, validator as Uid, &row);
            Bonds::<T>::insert(index, validator as Uid, &row);
        }
    }
}

/// A full subnet [`HERE`], and the hotkey of uid 1, a validator.
pub fn full<T: Config>() -> T::AccountId {
    open::<T>(HERE);
    fill::<T>(HERE, NEURONS);
    later::<T>();
    hotkey::<T>(1)
}

/// Gives a hotkey parents on a subnet, all with stake there and on root.
pub fn lend<T: Config>(child: &T::AccountId, netuid: NetUid, parents: u32) {
    let parents: Vec<T::AccountId> = (0..parents).map(|i| account("parent", i, 0)).collect();
    for parent in &parents {
        TotalHotkeyAlpha::<T>::insert(parent, netuid, alpha(1_000));
        TotalHotkeyAlpha::<T>::insert(parent, ROOT, alpha(1_000));
        ChildKeys::<T>::insert(parent, netuid, vec![(u64::MAX / 2, child.clone())]);
    }
    let loans: Vec<_> = parents.into_iter().map(|parent| (u64::MAX / 2, parent)).collect();
    ParentKeys::<T>::insert(child, netuid, loans);
}

/// Stakes alpha of a coldkey on a hotkey; on root TAO.
pub fn hold<T: Config>(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid, tokens: u64) {
    if netuid == ROOT {
        TaoLedger::<T>::deposit(ROOT, TaoLedger::<T>::issue(tao(tokens)));
        let _ = PoolReserves::<T>::buy(ROOT, tao(tokens), Terms::FREE);
    } else {
        PoolReserves::<T>::mint_out(netuid, alpha(tokens));
    }
    let _ = StakeLedger::<T>::increase(hotkey, coldkey, netuid, alpha(tokens));
}

/// Stake of coldkey 1 on as many hotkeys of a subnet, and a lock of a part of it.
pub fn hold_on_many<T: Config>(netuid: NetUid, hotkeys: u32) {
    let holder = coldkey::<T>(1);
    for stranger in strangers::<T>(hotkeys) {
        hold::<T>(&stranger, &holder, netuid, 10);
    }
}

/// The main mechanism of a subnet.
pub fn main_of(netuid: NetUid) -> u16 {
    storage_index(netuid, MAIN)
}

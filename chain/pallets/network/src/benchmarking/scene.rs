//! Situations with the most entries.

use alloc::vec::Vec;

use frame_benchmarking::account;
use frame_support::traits::fungible::Balanced;
use frame_system::pallet_prelude::BlockNumberFor;
use myelin_abi::NetworkRegistrationInfo;
use myelin_economy::{
    pool::{QuoteWeight, Terms},
    registration::UidChoice,
};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, Uid, ROOT, U64F64};
use sp_runtime::traits::Saturating;

use crate::{
    keys::KeyOwnership,
    ledger::TaoLedger,
    neurons::NeuronRegistry,
    pallet::*,
    pools::{PoolReserves, DYNAMIC},
    stake::{RootMarks, StakeLedger},
    subnets::{now, SubnetRegistry},
    weights::MAIN,
};

/// The subnet of most benchmarks.
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

/// Some hotkeys without owners.
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

/// Goes on to the next block.
pub fn next_block<T: Config>() {
    let block = frame_system::Pallet::<T>::block_number();
    frame_system::Pallet::<T>::set_block_number(block.saturating_add(1u32.into()));
}

/// A subnet that trades, with a pool of 10,000 TAO whose weights differ, as those of every pool that got an injection:
/// equal weights make trades much cheaper, for they need no power. It is without commit-reveal; coldkey 0 and hotkey 0
/// own it.
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
    let weight = QuoteWeight::new(QuoteWeight::UNIT / 2 + 1).unwrap_or_default();
    pallet_myelin_swap::Pallet::<T>::set_quote_weight(netuid, weight);
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

/// Neurons until the subnet has this many: coldkey `i` has hotkey `i` with uid `i`.
pub fn seat<T: Config>(netuid: NetUid, count: u32) {
    for uid in u32::from(NeuronRegistry::<T>::count(netuid))..count {
        let key = hotkey::<T>(uid);
        KeyOwnership::<T>::claim(&coldkey::<T>(uid), &key);
        NeuronRegistry::<T>::seat(netuid, UidChoice::Append(uid as Uid), &key);
    }
}

/// As [`seat`]. The first quarter validates, has set weights for all, and has bonds in all.
pub fn fill<T: Config>(netuid: NetUid, count: u32) {
    seat::<T>(netuid, count);
    ValidatorPermit::<T>::insert(netuid, (0..count).map(|uid| uid <= count / 4).collect::<Vec<_>>());
    let everybody: Vec<Uid> = (0..count as Uid).collect();
    for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
        (0..count / 4).for_each(|judge| say::<T>(storage_index(netuid, mecid), judge as Uid, &everybody));
    }
    NeuronRegistry::<T>::write_roster(netuid);
}

/// Weights and bonds of a neuron in others, no two of the same weight. The caller notes the bonds in the roster.
pub fn say<T: Config>(index: u16, judge: Uid, judged: &[Uid]) {
    let weight = |uid: Uid| 1_000 + uid.wrapping_mul(211).wrapping_add(judge.wrapping_mul(37)) % 60_000;
    Weights::<T>::insert(index, judge, judged.iter().map(|&uid| (uid, weight(uid))).collect::<Vec<_>>());
    Bonds::<T>::insert(index, judge, judged.iter().map(|&uid| (uid, u16::MAX)).collect::<Vec<_>>());
}

/// A full subnet [`HERE`], and the hotkey of uid 1, a validator.
pub fn full<T: Config>() -> T::AccountId {
    open::<T>(HERE);
    fill::<T>(HERE, NEURONS);
    later::<T>();
    hotkey::<T>(1)
}

/// Neurons of a full subnet from this uid on, as relatives of others.
pub fn neighbours<T: Config>(from: u32, count: u32) -> Vec<T::AccountId> {
    (from..from.saturating_add(count)).map(hotkey::<T>).collect()
}

/// Gives a hotkey further parents on a subnet, all with stake there and on root, each of which lends an eighth of it.
pub fn lend<T: Config>(child: &T::AccountId, netuid: NetUid, parents: &[T::AccountId]) {
    for parent in parents {
        TotalHotkeyAlpha::<T>::insert(parent, netuid, alpha(1_000));
        TotalHotkeyAlpha::<T>::insert(parent, ROOT, alpha(1_000));
        RootMarks::set::<T>(parent);
        ChildKeys::<T>::append(parent, netuid, (u64::MAX / 8, child.clone()));
        ParentKeys::<T>::append(child, netuid, (u64::MAX / 8, parent.clone()));
    }
    NeuronRegistry::<T>::note_kin(netuid, parents.iter().chain([child]));
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

//! Who holds stake where.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use codec::Compact;
use myelin_abi::{LockState, StakeAvailability, StakeInfo};
use myelin_units::{AlphaBalance, NetUid, U64F64};

use super::numbered;
use crate::{
    locks::{to_stored, Locks, Takeover},
    neurons::NeuronRegistry,
    pallet::*,
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

/// All stake of a coldkey, by hotkey and then by subnet; holdings of zero are left out.
pub fn holdings<T: Config>(coldkey: &T::AccountId) -> Vec<StakeInfo<T::AccountId>> {
    let netuids = numbered::<T>();
    StakingHotkeys::<T>::get(coldkey)
        .iter()
        .flat_map(|hotkey| netuids.iter().map(move |&netuid| info::<T>(hotkey, coldkey, netuid)))
        .filter(|holding| !holding.stake.0.is_zero())
        .collect()
}

/// One holding, also when it is zero; `None` only if the subnet does not exist.
pub fn holding<T: Config>(
    hotkey: &T::AccountId,
    coldkey: &T::AccountId,
    netuid: NetUid,
) -> Option<StakeInfo<T::AccountId>> {
    SubnetRegistry::<T>::exists(netuid).then(|| info::<T>(hotkey, coldkey, netuid))
}

/// Most coldkeys that one question is answered for; those beyond, in their order, are left out of the answer.
pub const MOST_COLDKEYS: usize = 1_024;

/// How much of its stake a coldkey can move, by subnet: on the subnets given, or on all where it has stake.
pub fn stake_availability<T: Config>(
    coldkey: &T::AccountId,
    netuids: Option<&BTreeSet<NetUid>>,
) -> BTreeMap<NetUid, StakeAvailability> {
    let hotkeys = StakingHotkeys::<T>::get(coldkey);
    let on_subnet = |netuid: NetUid| {
        let total: AlphaBalance =
            hotkeys.iter().map(|hotkey| StakeLedger::<T>::alpha_of(hotkey, coldkey, netuid)).sum();
        let locked = Locks::<T>::locked(coldkey, netuid);
        let availability = StakeAvailability {
            total: Compact(total),
            locked: Compact(locked),
            available: Compact(total.saturating_sub(locked)),
        };
        (netuid, availability)
    };
    match netuids {
        Some(netuids) => {
            netuids.iter().copied().filter(|&n| SubnetRegistry::<T>::exists(n)).map(on_subnet).collect()
        }
        None => {
            let all = numbered::<T>().into_iter().map(on_subnet);
            all.filter(|(_, availability)| !availability.total.0.is_zero()).collect()
        }
    }
}

/// A coldkey with all its stake.
pub type Holder<A> = (A, Vec<StakeInfo<A>>);

/// All stake of several coldkeys, each once, at most [`MOST_COLDKEYS`].
pub fn holdings_of_all<T: Config>(coldkeys: Vec<T::AccountId>) -> Vec<Holder<T::AccountId>> {
    each_once(coldkeys).map(|coldkey| (coldkey.clone(), holdings::<T>(&coldkey))).collect()
}

/// The first [`MOST_COLDKEYS`] of these, each once.
fn each_once<A: Ord + Clone>(coldkeys: Vec<A>) -> impl Iterator<Item = A> {
    let mut met = BTreeSet::new();
    coldkeys.into_iter().filter(move |coldkey| met.insert(coldkey.clone())).take(MOST_COLDKEYS)
}

/// How much of their stake several coldkeys can move, each once, at most [`MOST_COLDKEYS`].
pub fn stake_availabilities<T: Config>(
    coldkeys: Vec<T::AccountId>,
    netuids: Option<Vec<NetUid>>,
) -> BTreeMap<T::AccountId, BTreeMap<NetUid, StakeAvailability>> {
    let netuids: Option<BTreeSet<_>> = netuids.map(|netuids| netuids.into_iter().collect());
    let answer = |coldkey: T::AccountId| {
        let availability = stake_availability::<T>(&coldkey, netuids.as_ref());
        (coldkey, availability)
    };
    each_once(coldkeys).map(answer).collect()
}

/// The lock of a coldkey on a subnet as it is now.
pub fn coldkey_lock<T: Config>(coldkey: &T::AccountId, netuid: NetUid) -> Option<LockState> {
    let state = Locks::<T>::held_by(coldkey, netuid)?.state.without_dust();
    (!state.is_empty()).then(|| to_stored(&state))
}

/// Conviction in favour of a hotkey on a subnet now.
pub fn hotkey_conviction<T: Config>(hotkey: &T::AccountId, netuid: NetUid) -> U64F64 {
    Locks::<T>::conviction_of(hotkey, netuid)
}

/// The hotkey with the largest conviction on a subnet; `None` without any.
pub fn most_convicted_hotkey<T: Config>(netuid: NetUid) -> Option<T::AccountId> {
    Takeover::<T>::leader(netuid)
}

fn info<T: Config>(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) -> StakeInfo<T::AccountId> {
    StakeInfo {
        hotkey: hotkey.clone(),
        coldkey: coldkey.clone(),
        netuid: Compact(netuid),
        stake: Compact(StakeLedger::<T>::alpha_of(hotkey, coldkey, netuid)),
        locked: Compact(Locks::<T>::locked(coldkey, netuid)),
        emission: Compact(AlphaDividendsPerSubnet::<T>::get(netuid, hotkey)),
        tao_emission: Compact(RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey)),
        drain: Compact(0),
        is_registered: NeuronRegistry::<T>::is_registered(netuid, hotkey),
    }
}

//! Holdings of stake.

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

/// Most holdings that are read for one request.
pub const MOST_HOLDINGS: usize = 10_000;

/// All stake of a coldkey, by hotkey and then by subnet; holdings of zero are left out. At most [`MOST_HOLDINGS`].
pub fn holdings<T: Config>(coldkey: &T::AccountId) -> Vec<StakeInfo<T::AccountId>> {
    described::<T>(coldkey, held::<T>(coldkey).take(MOST_HOLDINGS))
}

fn described<T: Config>(
    coldkey: &T::AccountId,
    held: impl IntoIterator<Item = Held<T::AccountId>>,
) -> Vec<StakeInfo<T::AccountId>> {
    let all = held.into_iter().map(|(hotkey, netuid)| info::<T>(&hotkey, coldkey, netuid));
    all.filter(|holding| !holding.stake.0.is_zero()).collect()
}

/// A hotkey and a subnet on which somebody has shares.
type Held<A> = (A, NetUid);

/// Hotkeys and subnets on which a coldkey has shares, by hotkey and then by subnet. Others cost nothing.
fn held<T: Config>(coldkey: &T::AccountId) -> impl Iterator<Item = Held<T::AccountId>> + '_ {
    StakingHotkeys::<T>::get(coldkey).into_iter().flat_map(move |hotkey| {
        let netuids = held_on::<T>(&hotkey, coldkey);
        netuids.into_iter().map(move |netuid| (hotkey.clone(), netuid))
    })
}

/// The subnets on which a coldkey has shares of a hotkey's stake, in the order of their numbers.
pub(super) fn held_on<T: Config>(hotkey: &T::AccountId, coldkey: &T::AccountId) -> Vec<NetUid> {
    let held = AlphaV2::<T>::iter_key_prefix((hotkey, coldkey));
    let mut netuids: Vec<_> = held.filter(|netuid| SubnetRegistry::<T>::exists(*netuid)).collect();
    netuids.sort_unstable();
    netuids
}

/// Hotkeys and subnets on which a coldkey has shares, if they are not more than the `left` reads, which then decrease.
fn held_within<T: Config>(coldkey: &T::AccountId, left: &mut usize) -> Option<Vec<Held<T::AccountId>>> {
    let held: Vec<_> = held::<T>(coldkey).take(left.saturating_add(1)).collect();
    *left = left.checked_sub(held.len())?;
    Some(held)
}

/// One holding, also when it is zero; `None` only if the subnet does not exist.
pub fn holding<T: Config>(
    hotkey: &T::AccountId,
    coldkey: &T::AccountId,
    netuid: NetUid,
) -> Option<StakeInfo<T::AccountId>> {
    SubnetRegistry::<T>::exists(netuid).then(|| info::<T>(hotkey, coldkey, netuid))
}

/// Most coldkeys in one request; further ones, in their order, are left out of the answer.
pub const MOST_COLDKEYS: usize = 1_024;

/// Stake that a coldkey can move, by subnet: on the given subnets, or on all where it has stake.
fn stake_availability<T: Config>(
    coldkey: &T::AccountId,
    held: Vec<Held<T::AccountId>>,
    netuids: Option<&BTreeSet<NetUid>>,
) -> BTreeMap<NetUid, StakeAvailability> {
    let asked = netuids.into_iter().flatten();
    let mut totals: BTreeMap<NetUid, AlphaBalance> =
        asked.map(|netuid| (*netuid, AlphaBalance::ZERO)).collect();
    for (hotkey, netuid) in held {
        if netuids.is_none_or(|netuids| netuids.contains(&netuid)) {
            let total = totals.entry(netuid).or_default();
            *total = total.saturating_add(StakeLedger::<T>::alpha_of(&hotkey, coldkey, netuid));
        }
    }
    let on_subnet = |(netuid, total): (NetUid, AlphaBalance)| {
        let locked = Locks::<T>::unavailable(coldkey, netuid);
        let availability = StakeAvailability {
            total: Compact(total),
            locked: Compact(locked),
            available: Compact(total.saturating_sub(locked)),
        };
        (netuid, availability)
    };
    let shown = totals.into_iter().filter(|(_, total)| netuids.is_some() || !total.is_zero());
    shown.map(on_subnet).collect()
}

/// A coldkey with all its stake.
pub type Holder<A> = (A, Vec<StakeInfo<A>>);

/// All stake of several coldkeys, each once, at most [`MOST_COLDKEYS`]. The first coldkey whose holdings exceed the
/// rest of [`MOST_HOLDINGS`] and all after it are left out.
pub fn holdings_of_all<T: Config>(coldkeys: Vec<T::AccountId>) -> Vec<Holder<T::AccountId>> {
    let mut left = MOST_HOLDINGS;
    let answer = |coldkey: T::AccountId| {
        let held = held_within::<T>(&coldkey, &mut left)?;
        let stakes = described::<T>(&coldkey, held);
        Some((coldkey, stakes))
    };
    each_once(coldkeys).map_while(answer).collect()
}

/// The first [`MOST_COLDKEYS`] of these, each once.
fn each_once<A: Ord + Clone>(coldkeys: Vec<A>) -> impl Iterator<Item = A> {
    let mut met = BTreeSet::new();
    coldkeys.into_iter().filter(move |coldkey| met.insert(coldkey.clone())).take(MOST_COLDKEYS)
}

/// Stake that several coldkeys can move, each once, at most [`MOST_COLDKEYS`]. The first coldkey whose holdings exceed
/// the rest of [`MOST_HOLDINGS`] and all after it are left out.
pub fn stake_availabilities<T: Config>(
    coldkeys: Vec<T::AccountId>,
    netuids: Option<Vec<NetUid>>,
) -> BTreeMap<T::AccountId, BTreeMap<NetUid, StakeAvailability>> {
    let netuids: Option<BTreeSet<_>> = netuids.map(|asked| {
        let asked: BTreeSet<_> = asked.into_iter().collect();
        numbered::<T>().into_iter().filter(|netuid| asked.contains(netuid)).collect()
    });
    let mut left = MOST_HOLDINGS;
    let answer = |coldkey: T::AccountId| {
        let held = held_within::<T>(&coldkey, &mut left)?;
        let availability = stake_availability::<T>(&coldkey, held, netuids.as_ref());
        Some((coldkey, availability))
    };
    each_once(coldkeys).map_while(answer).collect()
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
        locked: Compact(Locks::<T>::unavailable(coldkey, netuid)),
        emission: Compact(AlphaDividendsPerSubnet::<T>::get(netuid, hotkey)),
        tao_emission: Compact(RootAlphaDividendsPerSubnet::<T>::get(netuid, hotkey)),
        drain: Compact(0),
        is_registered: NeuronRegistry::<T>::is_registered(netuid, hotkey),
    }
}

//! Rules of locks.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    format,
};

use myelin_economy::conviction::{LockKind, LockState, DUST_RAO};
use myelin_units::NetUid;

use super::{equal, holds, Check};
use crate::{
    keys::KeyOwnership,
    locks::Locks,
    pallet::*,
    stake::StakeLedger,
    subnets::{now, SubnetRegistry},
};

/// A coldkey has at most one lock per subnet, in favour of a hotkey with an owner; the list by hotkey names the same
/// locks. A subnet that is being removed is left out.
pub fn locks_are_listed<T: Config>() -> Check {
    let rule = "locks are listed";
    let exists = |(_, netuid, _): &(T::AccountId, NetUid, T::AccountId)| SubnetRegistry::<T>::exists(*netuid);
    let locks: BTreeSet<_> = Lock::<T>::iter_keys().filter(exists).collect();
    let listed: BTreeSet<_> = LockingColdkeys::<T>::iter_keys()
        .map(|(netuid, hotkey, coldkey)| (coldkey, netuid, hotkey))
        .filter(exists)
        .collect();
    equal(rule, &locks, &listed)?;
    let owners: BTreeSet<_> = locks.iter().map(|(coldkey, netuid, _)| (coldkey, netuid)).collect();
    equal(rule, owners.len(), locks.len())?;
    locks.iter().try_for_each(|(_, netuid, hotkey)| {
        holds(KeyOwnership::<T>::exists(hotkey), rule, || {
            format!("a lock on subnet {netuid} is in favour of {hotkey:?}, which nobody owns")
        })
    })
}

/// A coldkey has no more alpha locked than it holds on all its hotkeys, except for one rao per holding: trades of
/// others may lower the worth of a holding by that.
pub fn locked_never_exceeds_holdings<T: Config>() -> Check {
    let mut holdings: BTreeMap<(T::AccountId, NetUid), (u64, u64)> = Lock::<T>::iter_keys()
        .filter(|(_, netuid, _)| SubnetRegistry::<T>::exists(*netuid))
        .map(|(coldkey, netuid, _)| ((coldkey, netuid), (0, 1)))
        .collect();
    for (hotkey, coldkey, netuid) in AlphaV2::<T>::iter_keys() {
        let held = StakeLedger::<T>::alpha_of(&hotkey, &coldkey, netuid).to_rao();
        if let Some((total, rounding)) = holdings.get_mut(&(coldkey, netuid)) {
            *total = total.saturating_add(held);
            *rounding = rounding.saturating_add(1);
        }
    }
    holdings.into_iter().try_for_each(|((coldkey, netuid), (total, rounding))| {
        let locked = Locks::<T>::locked(&coldkey, netuid).to_rao();
        holds(locked <= total.saturating_add(rounding), "locked never exceeds holdings", || {
            format!("{coldkey:?} holds {total} rao on subnet {netuid} and has locked {locked}")
        })
    })
}

/// The sums of locks in favour of a hotkey equal its locks, up to rounding. Rounding is less than a rao of mass per
/// block in which the sum was rolled, the dust of each lock, and the error of the truncated e of the exponential
/// function. There are no sums without locks.
pub fn sums_follow_their_locks<T: Config>(netuid: NetUid) -> Check {
    let rule = "sums follow their locks";
    let mut locks: BTreeMap<(T::AccountId, bool), (u64, LockState)> = BTreeMap::new();
    for (hotkey, coldkey) in LockingColdkeys::<T>::iter_key_prefix((netuid,)) {
        let Some(held) = Locks::<T>::held_by(&coldkey, netuid) else { continue };
        let (count, sum) = locks.entry((hotkey, held.kind.perpetual)).or_default();
        *count = count.saturating_add(1);
        *sum = sum.joined(&held.state);
    }
    for ((hotkey, perpetual), (count, expected)) in &locks {
        let owner = SubnetRegistry::<T>::owner_hotkey(netuid).as_ref() == Some(hotkey);
        let sum = Locks::<T>::sum_at(netuid, hotkey, LockKind { perpetual: *perpetual, owner }, now::<T>());
        let mass = expected.locked_mass.to_rao();
        let rounding = count
            .saturating_mul(DUST_RAO.saturating_add(1))
            .saturating_add(now::<T>())
            .saturating_add(mass >> 24);
        let off_mass = sum.locked_mass.to_rao().abs_diff(mass);
        let off = sum.conviction.floor_u64().abs_diff(expected.conviction.floor_u64());
        holds(off_mass <= rounding && off <= rounding.saturating_mul(2), rule, || {
            format!(
                "the locks in favour of {hotkey:?} on subnet {netuid} are {expected:?}, their sum {sum:?}"
            )
        })?;
    }
    let favoured: BTreeSet<_> =
        LockingColdkeys::<T>::iter_key_prefix((netuid,)).map(|(hotkey, _)| hotkey).collect();
    let sums =
        HotkeyLock::<T>::iter_key_prefix(netuid).chain(DecayingHotkeyLock::<T>::iter_key_prefix(netuid));
    for hotkey in sums {
        let owner = SubnetRegistry::<T>::owner_hotkey(netuid).as_ref() == Some(&hotkey);
        holds(favoured.contains(&hotkey) && !owner, rule, || {
            format!("subnet {netuid} sums locks in favour of {hotkey:?} that do not exist")
        })?;
    }
    let stray = OwnershipEnded::<T>::iter_key_prefix(netuid).find(|hotkey| !favoured.contains(hotkey));
    holds(stray.is_none(), rule, || {
        format!("subnet {netuid} knows when {stray:?} ceased to stand for its owner, and it has no locks")
    })?;
    let owner_favoured =
        SubnetRegistry::<T>::owner_hotkey(netuid).is_some_and(|hotkey| favoured.contains(&hotkey));
    let owner_sums = OwnerLock::<T>::contains_key(netuid) || DecayingOwnerLock::<T>::contains_key(netuid);
    holds(owner_favoured || !owner_sums, rule, || {
        format!("subnet {netuid} sums locks in favour of its owner that do not exist")
    })
}

/// Only hotkeys with locks are marked as counted, and the hotkey that leads a count has an owner.
pub fn counts_name_hotkeys_with_owners<T: Config>() -> Check {
    let rule = "counts name hotkeys with owners";
    let exists = |netuid: &NetUid| SubnetRegistry::<T>::exists(*netuid);
    for (netuid, hotkey) in CountedConvictions::<T>::iter_keys().filter(|(netuid, _)| exists(netuid)) {
        let favoured = LockingColdkeys::<T>::iter_key_prefix((netuid, &hotkey)).next().is_some();
        holds(favoured, rule, || format!("{hotkey:?} is marked on subnet {netuid} and has no locks"))?;
    }
    let mut leaders = TakeoverCounts::<T>::iter()
        .filter(|(netuid, _)| exists(netuid))
        .filter_map(|(netuid, count)| Some((netuid, count.tally.leader?.1)));
    leaders.try_for_each(|(netuid, leader)| {
        holds(KeyOwnership::<T>::exists(&leader), rule, || {
            format!("{leader:?} leads on subnet {netuid} and nobody owns it")
        })
    })
}

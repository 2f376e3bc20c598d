//! Sums of locks: the total of all locks in favour of a hotkey, separately for perpetual and decaying ones, and for the
//! hotkey of the subnet's owner.
//!
//! A sum is rolled by the rule of its locks, and a change of one lock changes the sum by the same amount. When a hotkey
//! becomes the owner's or ceases to be, its sums change places. The locks themselves are too many to touch, so
//! [`OwnershipEnded`] lets each of them catch up. It names a block only, so neither the sums nor the locks of a hotkey
//! change in the block in which it becomes the owner's ([`OwnershipBegan`]). Otherwise the locks of that block from
//! before and after the end of its ownership could not be told apart later.

use myelin_economy::conviction::{LockKind, LockState};
use myelin_units::{Block, NetUid, U64F64};

use super::{from_stored, to_stored, Locks, Takeover};
use crate::{
    pallet::{
        Config, DecayingHotkeyLock, DecayingOwnerLock, HotkeyLock, OwnerLock, OwnershipBegan, OwnershipEnded,
        TakeoverCounts,
    },
    subnets::now,
};

/// Perpetual and decaying.
const MODES: [bool; 2] = [true, false];

impl<T: Config> Locks<T> {
    /// Conviction in favour of a hotkey at the current block.
    pub fn conviction_of(hotkey: &T::AccountId, netuid: NetUid) -> U64F64 {
        Self::conviction_at(hotkey, netuid, now::<T>())
    }

    /// The same at another block, if no lock in favour of the hotkey changed since.
    pub(super) fn conviction_at(hotkey: &T::AccountId, netuid: NetUid, block: Block) -> U64F64 {
        let owner = Self::stands_for_owner(netuid, hotkey);
        let sum_of = |perpetual| Self::sum_at(netuid, hotkey, LockKind { perpetual, owner }, block);
        MODES.into_iter().map(|perpetual| sum_of(perpetual).without_dust().conviction).sum()
    }

    /// Changes the hotkey of a subnet's owner: the sums of the old one become ordinary, those of the new one the
    /// owner's. An unfinished count of convictions begins anew with the next epoch.
    pub(crate) fn owner_hotkey_changes(netuid: NetUid, old: Option<&T::AccountId>, new: &T::AccountId) {
        if old == Some(new) {
            return;
        }
        TakeoverCounts::<T>::remove(netuid);
        if let Some(old) = old.filter(|old| Self::has_locks(netuid, old)) {
            Self::refile_sums(netuid, old, true);
            if OwnershipBegan::<T>::get(netuid) < now::<T>() {
                OwnershipEnded::<T>::insert(netuid, old, now::<T>());
            }
        }
        // A new subnet has no locks, so its first owner convinces at once.
        if old.is_some() || Self::has_locks(netuid, new) {
            OwnershipBegan::<T>::insert(netuid, now::<T>());
            Self::refile_sums(netuid, new, false);
        }
    }

    /// Books the change of a lock in favour of a hotkey from `before` to `after`, both at the current block.
    pub(super) fn change_sum(
        netuid: NetUid,
        hotkey: &T::AccountId,
        kind: LockKind,
        before: &LockState,
        after: &LockState,
    ) {
        Takeover::<T>::sum_changes(netuid, hotkey);
        let sum = Self::sum_at(netuid, hotkey, kind, now::<T>());
        Self::store_sum(netuid, hotkey, kind, sum.with_change(before, after));
    }

    /// Removes the remainder of rounding from the sums of a hotkey without locks.
    pub(super) fn forget_sums(netuid: NetUid, hotkey: &T::AccountId) {
        let owner = Self::stands_for_owner(netuid, hotkey);
        for perpetual in MODES {
            Self::store_sum(netuid, hotkey, LockKind { perpetual, owner }, LockState::default());
        }
        OwnershipEnded::<T>::remove(netuid, hotkey);
        Takeover::<T>::has_no_locks(netuid, hotkey);
    }

    fn refile_sums(netuid: NetUid, hotkey: &T::AccountId, were_owners: bool) {
        for perpetual in MODES {
            let from = LockKind { perpetual, owner: were_owners };
            let to = LockKind { perpetual, owner: !were_owners };
            let moved = Self::sum_at(netuid, hotkey, from, now::<T>());
            let there = Self::sum_at(netuid, hotkey, to, now::<T>());
            Self::store_sum(netuid, hotkey, from, LockState::default());
            Self::store_sum(netuid, hotkey, to, there.joined(&moved));
        }
    }

    /// A sum, as it is filed, rolled to a block; dust is kept.
    pub(crate) fn sum_at(netuid: NetUid, hotkey: &T::AccountId, kind: LockKind, block: Block) -> LockState {
        let stored = match (kind.owner, kind.perpetual) {
            (false, true) => HotkeyLock::<T>::get(netuid, hotkey),
            (false, false) => DecayingHotkeyLock::<T>::get(netuid, hotkey),
            (true, true) => OwnerLock::<T>::get(netuid),
            (true, false) => DecayingOwnerLock::<T>::get(netuid),
        };
        let rolled = |sum| from_stored(&sum).advanced(block, Self::rates(), Self::rule(netuid, kind));
        stored.map_or_else(LockState::default, rolled)
    }

    /// Stores a sum of the current block, or removes it if nothing but dust is left.
    fn store_sum(netuid: NetUid, hotkey: &T::AccountId, kind: LockKind, sum: LockState) {
        let sum = sum.advanced(now::<T>(), Self::rates(), Self::rule(netuid, kind)).without_dust();
        let entry = (!sum.is_empty()).then(|| to_stored(&sum));
        match (kind.owner, kind.perpetual) {
            (false, true) => HotkeyLock::<T>::set(netuid, hotkey, entry),
            (false, false) => DecayingHotkeyLock::<T>::set(netuid, hotkey, entry),
            (true, true) => OwnerLock::<T>::set(netuid, entry),
            (true, false) => DecayingOwnerLock::<T>::set(netuid, entry),
        }
    }
}

//! Locking alpha, moving a lock to another hotkey, its mode, and the lock of the owner's cut.

use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_economy::conviction::LockState;
use myelin_units::{AlphaBalance, NetUid, U64F64};

use super::{Locks, ACCEPTS_LOCKED_ALPHA};
use crate::{
    keys::KeyOwnership,
    pallet::{AccountFlags, Config, DecayingLock, Error, Event, OwnerCutAutoLockEnabled, Pallet},
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

impl<T: Config> Locks<T> {
    /// `lock_stake`: binds alpha of the coldkey in favour of a hotkey, or adds to its lock in favour of that hotkey.
    pub fn lock(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_exists(hotkey)?;
        let held = Self::held_by(coldkey, netuid);
        let current = held.as_ref().map(|held| held.state.without_dust()).unwrap_or_default();
        if let Some(held) = held.as_ref().filter(|_| !current.is_empty()) {
            ensure!(held.hotkey == *hotkey, Error::<T>::LockHotkeyMismatch);
        }
        let topped_up = current.with_added(amount);
        let vanishes = topped_up.without_dust().is_empty();
        ensure!(!amount.is_zero() && !vanishes, Error::<T>::AmountTooLow);
        let total = StakeLedger::<T>::total_of(coldkey, netuid);
        ensure!(topped_up.locked_mass <= total, Error::<T>::InsufficientStakeForLock);

        if let Some(held) = held {
            Self::withdraw(coldkey, netuid, &held);
        }
        Self::file(coldkey, netuid, hotkey, topped_up);
        Pallet::<T>::deposit_event(Event::StakeLocked {
            coldkey: coldkey.clone(),
            hotkey: hotkey.clone(),
            netuid,
            amount,
        });
        Ok(())
    }

    /// `move_lock`: changes the favoured hotkey of a lock. Conviction starts anew unless both hotkeys have the same
    /// owner.
    pub fn move_to(coldkey: T::AccountId, destination: T::AccountId, netuid: NetUid) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_exists(&destination)?;
        let held = Self::held_by(&coldkey, netuid)
            .filter(|held| !held.state.without_dust().is_empty())
            .ok_or(Error::<T>::NoExistingLock)?;
        let same_owner =
            KeyOwnership::<T>::owner_of(&held.hotkey) == KeyOwnership::<T>::owner_of(&destination);
        let conviction = if same_owner { held.state.conviction } else { U64F64::ZERO };

        Self::withdraw(&coldkey, netuid, &held);
        Self::file(&coldkey, netuid, &destination, LockState { conviction, ..held.state });
        Pallet::<T>::deposit_event(Event::LockMoved {
            coldkey,
            origin_hotkey: held.hotkey,
            destination_hotkey: destination,
            netuid,
        });
        Ok(())
    }

    /// `set_perpetual_lock`: chooses whether a coldkey's lock on a subnet keeps its mass or melts. The choice may
    /// precede the lock.
    pub fn set_perpetual(coldkey: T::AccountId, netuid: NetUid, enabled: bool) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        let held = Self::held_by(&coldkey, netuid);
        if let Some(held) = &held {
            Self::withdraw(&coldkey, netuid, held);
        }
        if enabled {
            DecayingLock::<T>::insert(&coldkey, netuid, false);
        } else {
            DecayingLock::<T>::remove(&coldkey, netuid);
        }
        if let Some(held) = held {
            Self::file(&coldkey, netuid, &held.hotkey, held.state);
        }
        Pallet::<T>::deposit_event(Event::PerpetualLockUpdated { coldkey, netuid, enabled });
        Ok(())
    }

    /// `set_reject_locked_alpha`: chooses whether others may transfer locked alpha to the coldkey.
    pub fn set_rejecting(coldkey: T::AccountId, enabled: bool) -> DispatchResult {
        let flags = AccountFlags::<T>::get(&coldkey);
        let flags = if enabled { flags & !ACCEPTS_LOCKED_ALPHA } else { flags | ACCEPTS_LOCKED_ALPHA };
        if flags == 0 {
            AccountFlags::<T>::remove(&coldkey);
        } else {
            AccountFlags::<T>::insert(&coldkey, flags);
        }
        Pallet::<T>::deposit_event(Event::RejectLockedAlphaUpdated { coldkey, enabled });
        Ok(())
    }

    /// Locks an owner cut that was just staked, if the subnet wants that: in favour of the hotkey that its coldkey has
    /// a lock on, or else of the owner hotkey. A cut too small for a lock stays free.
    pub(crate) fn lock_owner_cut(
        netuid: NetUid,
        coldkey: &T::AccountId,
        owner_hotkey: &T::AccountId,
        cut: AlphaBalance,
    ) {
        if !OwnerCutAutoLockEnabled::<T>::get(netuid) {
            return;
        }
        let hotkey = Self::held_by(coldkey, netuid)
            .filter(|held| !held.state.without_dust().is_empty())
            .map_or_else(|| owner_hotkey.clone(), |held| held.hotkey);
        let outcome = with_storage_layer(|| Self::lock(coldkey, &hotkey, netuid, cut));
        log::debug!(target: "network", "locking the owner cut of subnet {netuid}: {outcome:?}");
    }
}

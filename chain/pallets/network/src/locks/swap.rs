//! Replacement of the hotkey that locks favour, by another one of the same owner.

use alloc::vec::Vec;

use myelin_units::NetUid;

use super::{Locks, Takeover};
use crate::pallet::{Config, LockingColdkeys};

impl<T: Config> Locks<T> {
    /// Moves locks in favour of a hotkey to the hotkey that replaces it, with their conviction, and returns their
    /// number: fewer than `limit` means that none is left. If the old hotkey was the owner's, the new one is already.
    pub fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId, limit: u32) -> u32 {
        let page = usize::try_from(limit).unwrap_or(usize::MAX);
        let coldkeys: Vec<_> = LockingColdkeys::<T>::iter_key_prefix((netuid, old)).take(page).collect();
        // Counted before it is renamed. Otherwise the first lock that moves would count it under its old name.
        if !coldkeys.is_empty() {
            Takeover::<T>::sum_changes(netuid, old);
        }
        Takeover::<T>::hotkey_replaced(netuid, old, new);
        let mut moved = 0u32;
        for coldkey in coldkeys {
            moved = moved.saturating_add(1);
            if let Some(held) = Self::held_by(&coldkey, netuid) {
                Self::withdraw(&coldkey, netuid, &held);
                Self::file(&coldkey, netuid, new, held.state);
            }
        }
        moved
    }
}

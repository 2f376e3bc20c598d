//! Part of its parents' dividends that a child keeps.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_units::{Block, NetUid};

use crate::{
    keys::KeyOwnership,
    pallet::{
        ChildkeyTake, Config, Error, Event, MaxChildkeyTake, MinChildkeyTake, MinChildkeyTakePerSubnet,
        Pallet, TxChildkeyTakeRateLimit,
    },
    subnets::{now, RateLimits, SubnetRegistry},
    types::TransactionType,
};

/// Owner of [`ChildkeyTake`].
///
/// Invariant: a stored take was within the limits of its time. A lowered maximum applies at once to all hotkeys.
pub struct ChildkeyTakes<T>(PhantomData<T>);

impl<T: Config> ChildkeyTakes<T> {
    /// Take of a hotkey on a subnet, 65535 = 1: the stored one, and never more than the maximum.
    pub fn of(hotkey: &T::AccountId, netuid: NetUid) -> u16 {
        Self::at_most(hotkey, netuid, MaxChildkeyTake::<T>::get())
    }

    /// [`Self::of`] with the maximum already read.
    pub(crate) fn at_most(hotkey: &T::AccountId, netuid: NetUid, maximum: u16) -> u16 {
        ChildkeyTake::<T>::get(hotkey, netuid).min(maximum)
    }

    /// The lowest take on a subnet: that of the network or of the subnet, whichever is higher.
    pub fn lowest(netuid: NetUid) -> u16 {
        MinChildkeyTake::<T>::get().max(MinChildkeyTakePerSubnet::<T>::get(netuid))
    }

    /// `set_childkey_take`: sets the take of a hotkey on a subnet. It is raised only if its last change is long enough
    /// ago.
    pub fn set(coldkey: T::AccountId, hotkey: T::AccountId, netuid: NetUid, take: u16) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        let legal = Self::lowest(netuid)..=MaxChildkeyTake::<T>::get();
        ensure!(legal.contains(&take), Error::<T>::InvalidChildkeyTake);
        let raises = take > Self::of(&hotkey, netuid);
        ensure!(
            !raises || now::<T>() >= Self::may_raise_at(&hotkey, netuid),
            Error::<T>::TxChildkeyTakeRateLimitExceeded
        );
        ChildkeyTake::<T>::insert(&hotkey, netuid, take);
        RateLimits::<T>::record_hotkey_action(&hotkey, netuid, TransactionType::SetChildkeyTake);
        Pallet::<T>::deposit_event(Event::ChildKeyTakeSet(hotkey, take));
        Ok(())
    }

    /// First block in which the take of a hotkey on a subnet may be raised.
    pub fn may_raise_at(hotkey: &T::AccountId, netuid: NetUid) -> Block {
        let wait = TxChildkeyTakeRateLimit::<T>::get();
        RateLimits::<T>::hotkey_may_at(hotkey, netuid, TransactionType::SetChildkeyTake, wait)
    }
}

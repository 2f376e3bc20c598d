//! Part of its nominators' dividends that a delegate keeps.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_economy::params::first_block;
use myelin_units::Block;

use crate::{
    keys::KeyOwnership,
    pallet::{
        Config, Delegates, Error, Event, MaxDelegateTake, MinDelegateTake, Pallet, TxDelegateTakeRateLimit,
    },
    subnets::{now, RateLimits},
    types::RateLimitKey,
};

/// Owner of [`Delegates`].
///
/// Invariant: a stored take was within the limits of its time. A lowered maximum applies at once to all delegates.
pub struct DelegateTakes<T>(PhantomData<T>);

impl<T: Config> DelegateTakes<T> {
    /// Take of a hotkey, 65535 = 1: the stored one, or else the maximum, and never more than the maximum.
    pub fn of(hotkey: &T::AccountId) -> u16 {
        Self::at_most(hotkey, MaxDelegateTake::<T>::get())
    }

    /// [`Self::of`] with the maximum already read.
    pub(crate) fn at_most(hotkey: &T::AccountId, maximum: u16) -> u16 {
        Delegates::<T>::try_get(hotkey).map_or(maximum, |take| take.min(maximum))
    }

    /// Lists a hotkey as a delegate, with the default take.
    pub(crate) fn become_delegate(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if Delegates::<T>::contains_key(hotkey) {
            return;
        }
        let take = Self::of(hotkey);
        Delegates::<T>::insert(hotkey, take);
        Pallet::<T>::deposit_event(Event::DelegateAdded(coldkey.clone(), hotkey.clone(), take));
    }

    /// `decrease_take`: lowers the take at once; the wait for the next increase starts anew.
    pub fn decrease(coldkey: T::AccountId, hotkey: T::AccountId, take: u16) -> DispatchResult {
        Self::check_decrease(&coldkey, &hotkey, take)?;
        Self::set(&hotkey, take);
        Pallet::<T>::deposit_event(Event::TakeDecreased(coldkey, hotkey, take));
        Ok(())
    }

    /// `increase_take`: raises the take, if its last change is long enough ago.
    pub fn increase(coldkey: T::AccountId, hotkey: T::AccountId, take: u16) -> DispatchResult {
        Self::check_increase(&coldkey, &hotkey, take)?;
        ensure!(now::<T>() >= Self::may_raise_at(&hotkey), Error::<T>::DelegateTxRateLimitExceeded);
        Self::set(&hotkey, take);
        Pallet::<T>::deposit_event(Event::TakeIncreased(coldkey, hotkey, take));
        Ok(())
    }

    /// First block in which the take may be raised.
    pub fn may_raise_at(hotkey: &T::AccountId) -> Block {
        let last = RateLimits::<T>::last(&RateLimitKey::LastTxBlockDelegateTake(hotkey.clone()));
        first_block(last, TxDelegateTakeRateLimit::<T>::get())
    }

    /// Checks the conditions of [`Self::decrease`].
    pub fn check_decrease(coldkey: &T::AccountId, hotkey: &T::AccountId, take: u16) -> DispatchResult {
        Self::ensure_controls(coldkey, hotkey)?;
        ensure!(
            take < Self::of(hotkey) && take >= MinDelegateTake::<T>::get(),
            Error::<T>::DelegateTakeTooLow
        );
        Ok(())
    }

    /// Checks the conditions of [`Self::increase`], apart from the wait.
    pub fn check_increase(coldkey: &T::AccountId, hotkey: &T::AccountId, take: u16) -> DispatchResult {
        Self::ensure_controls(coldkey, hotkey)?;
        ensure!(take > Self::of(hotkey), Error::<T>::DelegateTakeTooLow);
        ensure!(take <= MaxDelegateTake::<T>::get(), Error::<T>::DelegateTakeTooHigh);
        Ok(())
    }

    fn ensure_controls(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        KeyOwnership::<T>::ensure_exists(hotkey)?;
        KeyOwnership::<T>::ensure_owns(coldkey, hotkey)
    }

    fn set(hotkey: &T::AccountId, take: u16) {
        Delegates::<T>::insert(hotkey, take);
        RateLimits::<T>::record(&RateLimitKey::LastTxBlockDelegateTake(hotkey.clone()));
    }
}

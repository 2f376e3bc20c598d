//! Ownership of hotkeys by coldkeys.

pub(crate) mod storage;
mod succession;

pub use succession::{FollowHotkey, SwapUnderWay};

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;

use crate::{
    ancestry::Ancestry,
    pallet::{Config, Error, OwnedHotkeys, Owner},
};

/// Most hotkeys that a coldkey owns, and on which it stakes. Both lists are read and written whole.
pub const MOST_LISTED: usize = 4_096;

/// Owner of [`Owner`], [`OwnedHotkeys`], `LastHotkeySwapOnNetuid`, `SwapsUnderWay` and `ReplacedHotkeys`.
///
/// Invariant: a coldkey's list names exactly the hotkeys that it owns. A hotkey keeps its owner until another hotkey
/// took everything over.
pub struct KeyOwnership<T>(PhantomData<T>);

impl<T: Config> KeyOwnership<T> {
    /// The coldkey of a hotkey, if it has one.
    pub fn owner_of(hotkey: &T::AccountId) -> Option<T::AccountId> {
        Owner::<T>::try_get(hotkey).ok()
    }

    /// The coldkey of a hotkey, or the zero account.
    pub fn owner_or_nobody(hotkey: &T::AccountId) -> T::AccountId {
        Owner::<T>::get(hotkey)
    }

    /// Whether anybody owns the hotkey.
    pub fn exists(hotkey: &T::AccountId) -> bool {
        Owner::<T>::contains_key(hotkey)
    }

    /// Refuses a hotkey without an owner.
    pub fn ensure_exists(hotkey: &T::AccountId) -> Result<(), Error<T>> {
        ensure!(Self::exists(hotkey), Error::<T>::HotKeyAccountNotExists);
        Ok(())
    }

    /// Refuses a hotkey that does not belong to this coldkey.
    pub fn ensure_owns(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        ensure!(Self::owner_of(hotkey).as_ref() == Some(coldkey), Error::<T>::NonAssociatedColdKey);
        Ok(())
    }

    /// Refuses a hotkey that belongs to another coldkey; one without an owner may be claimed. Nobody claims the hotkey
    /// of pots, which belongs to itself.
    pub fn ensure_claimable(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        ensure!(*hotkey != Ancestry::<T>::hotkey(), Error::<T>::NonAssociatedColdKey);
        let free_or_own = Self::owner_of(hotkey).is_none_or(|owner| owner == *coldkey);
        ensure!(free_or_own, Error::<T>::NonAssociatedColdKey);
        Ok(())
    }

    /// Refuses a further hotkey to a coldkey that owns the most hotkeys.
    pub fn ensure_room(coldkey: &T::AccountId, hotkey: &T::AccountId, most: usize) -> Result<(), Error<T>> {
        let has_room = OwnedHotkeys::<T>::decode_len(coldkey).unwrap_or(0) < most;
        ensure!(has_room || Self::exists(hotkey), Error::<T>::TooManyHotkeys);
        Ok(())
    }

    /// Gives a hotkey to a coldkey, unless it has an owner.
    ///
    /// From now on both accounts exist without TAO: the hotkey signs free calls, and neither begins to count its
    /// transactions anew.
    pub fn claim(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if Self::exists(hotkey) {
            return;
        }
        Owner::<T>::insert(hotkey, coldkey);
        // A hotkey without an owner is in no list, so the list need not be searched.
        OwnedHotkeys::<T>::append(coldkey, hotkey);
        Self::keep_account(hotkey);
        Self::keep_account(coldkey);
    }

    /// Keeps an account for ever, with any amount of TAO. An account that ends and comes back would count its
    /// transactions from 0 again, and then everybody could send its old ones once more.
    pub(crate) fn keep_account(who: &T::AccountId) {
        if frame_system::Pallet::<T>::sufficients(who) == 0 {
            frame_system::Pallet::<T>::inc_sufficients(who);
        }
    }

    /// `try_associate_hotkey`: claims the hotkey for the coldkey; does nothing when it has an owner.
    pub fn associate(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResult {
        Self::ensure_room(&coldkey, &hotkey, MOST_LISTED)?;
        ensure!(hotkey != Ancestry::<T>::hotkey(), Error::<T>::NonAssociatedColdKey);
        Self::claim(&coldkey, &hotkey);
        Ok(())
    }
}

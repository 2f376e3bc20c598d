//! Calls of a subnet's owner: start the subnet, set its pace, name its token.

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_economy::params::{action, first_block, row, Action, Caller, Parameter};
use myelin_units::{Block, NetUid};

use super::{now, Hyperparameters, RateLimits, Setter, SubnetRegistry};
use crate::{
    epoch::EpochClock,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::*,
    types::{Hyperparameter, RateLimitKey},
};

impl<T: Config> SubnetRegistry<T> {
    /// `start_call`: opens trade and emission, once.
    pub fn start(coldkey: T::AccountId, netuid: NetUid) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        ensure!(!Self::is_started(netuid), Error::<T>::FirstEmissionBlockNumberAlreadySet);
        ensure!(now::<T>() >= Self::may_start_at(netuid), Error::<T>::NeedWaitingMoreBlocksToStarCall);
        let first = now::<T>().saturating_add(1);
        FirstEmissionBlockNumber::<T>::insert(netuid, first);
        SubtokenEnabled::<T>::insert(netuid, true);
        Pallet::<T>::deposit_event(Event::FirstEmissionBlockNumberSet(netuid, first));
        Ok(())
    }

    /// First block in which the start call may be made.
    pub fn may_start_at(netuid: NetUid) -> Block {
        Self::registered_at(netuid).saturating_add(StartCallDelay::<T>::get())
    }

    /// `set_tempo`: changes the tempo within the owner's range; the schedule starts anew.
    pub fn set_tempo(coldkey: T::AccountId, netuid: NetUid, tempo: u16) -> DispatchResult {
        const TEMPO: &Parameter = row("Tempo");
        Self::authorise_owner_change(coldkey, netuid, TEMPO)?;
        ensure!(TEMPO.check(tempo.into(), Caller::Owner).is_ok(), Error::<T>::TempoOutOfBounds);
        Hyperparameters::<T>::ensure_reveal_in_time(netuid, |timing| timing.tempo = tempo)?;
        Hyperparameters::<T>::set_tempo(netuid, tempo);
        EpochClock::<T>::restart(netuid, now::<T>());
        RateLimits::<T>::record_parameter(Setter::Owner, netuid, TEMPO);
        Ok(())
    }

    /// `set_activity_cutoff_factor`: changes the number of tempos after which a validator counts as idle.
    pub fn set_activity_cutoff_factor(coldkey: T::AccountId, netuid: NetUid, factor: u32) -> DispatchResult {
        const FACTOR: &Parameter = row("ActivityCutoffFactorMilli");
        Self::authorise_owner_change(coldkey, netuid, FACTOR)?;
        let fits = FACTOR.check(factor.into(), Caller::Owner).is_ok();
        ensure!(fits, Error::<T>::ActivityCutoffFactorMilliOutOfBounds);
        Hyperparameters::<T>::set_activity_cutoff_factor(netuid, factor);
        RateLimits::<T>::record_parameter(Setter::Owner, netuid, FACTOR);
        Ok(())
    }

    /// Checks that the owner asks, outside the freeze window, and long enough after its last change.
    fn authorise_owner_change(
        coldkey: T::AccountId,
        netuid: NetUid,
        parameter: &Parameter,
    ) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        RateLimits::<T>::ensure_outside_freeze(netuid)?;
        RateLimits::<T>::ensure_may_change(netuid, parameter)
    }

    /// `trigger_epoch`: requests an epoch after the freeze window, if the tempo does not bring one sooner; once per
    /// `OwnerHyperparamRateLimit` tempos.
    pub fn trigger_epoch(coldkey: T::AccountId, netuid: NetUid) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        // Reports why no epoch can be triggered before the general rules report that nothing can be changed now.
        EpochClock::<T>::check_trigger(netuid, now::<T>())?;
        let parameter = Hyperparameter::TriggerEpoch;
        let origin = frame_system::RawOrigin::Signed(coldkey.clone()).into();
        let setter = RateLimits::<T>::authorise_change(origin, netuid, parameter)?;
        EpochClock::<T>::trigger(netuid, coldkey, now::<T>())?;
        RateLimits::<T>::record_change(setter, netuid, parameter);
        Ok(())
    }

    /// `update_symbol`: chooses another symbol of the list.
    pub fn update_symbol(coldkey: T::AccountId, netuid: NetUid, symbol: Vec<u8>) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        Self::ensure_symbol_free(&symbol)?;
        TokenSymbol::<T>::insert(netuid, &symbol);
        Pallet::<T>::deposit_event(Event::SymbolUpdated { netuid, symbol });
        Ok(())
    }

    /// Makes a new hotkey the owner's if the old one was.
    pub(crate) fn swap_owner_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        if Self::owner_hotkey(netuid).as_ref() == Some(old) {
            Self::replace_owner_hotkey(netuid, new);
            Pallet::<T>::deposit_event(Event::SubnetOwnerHotkeySet(netuid, new.clone()));
        }
    }

    /// Sets the owner's hotkey: root at any time, the owner once per 50,400 blocks and with a hotkey of its own that
    /// has a uid on the subnet.
    pub fn set_owner_hotkey(setter: Setter, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
        if setter == Setter::Owner {
            ensure!(now::<T>() >= Self::may_set_owner_hotkey_at(netuid), Error::<T>::TxRateLimitExceeded);
        }
        KeyOwnership::<T>::ensure_owns(&Self::owner(netuid), &hotkey)?;
        ensure!(NeuronRegistry::<T>::is_registered(netuid, &hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        Self::replace_owner_hotkey(netuid, &hotkey);
        if setter == Setter::Owner {
            RateLimits::<T>::record(&RateLimitKey::SetSNOwnerHotkey(netuid));
        }
        Pallet::<T>::deposit_event(Event::SubnetOwnerHotkeySet(netuid, hotkey));
        Ok(())
    }

    /// First block in which the owner may choose another hotkey.
    pub fn may_set_owner_hotkey_at(netuid: NetUid) -> Block {
        const CHANGE: &Action = action("sudo_set_sn_owner_hotkey");
        let wait = CHANGE.cooldown.blocks(&RateLimits::<T>::pace(netuid));
        first_block(RateLimits::<T>::last(&RateLimitKey::SetSNOwnerHotkey(netuid)), wait)
    }
}

//! What the owner of a subnet does with it: start it, set its pace, name its token.

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_units::NetUid;

use super::{now, Hyperparameters, RateLimits, Setter, SubnetRegistry};
use crate::{
    epoch::EpochClock,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::*,
    types::{
        Hyperparameter, RateLimitKey, TransactionType, MAX_ACTIVITY_CUTOFF_FACTOR_MILLI, MAX_TEMPO,
        MIN_ACTIVITY_CUTOFF_FACTOR_MILLI, MIN_TEMPO,
    },
};

/// Blocks between two changes of the tempo by the owner.
const TEMPO_RATE_LIMIT: u64 = 360;
/// Blocks between two changes of the owner hotkey by the owner.
const OWNER_HOTKEY_RATE_LIMIT: u64 = 50_400;

impl<T: Config> SubnetRegistry<T> {
    /// `start_call`: opens trade and emission, once.
    pub fn start(coldkey: T::AccountId, netuid: NetUid) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        ensure!(!Self::is_started(netuid), Error::<T>::FirstEmissionBlockNumberAlreadySet);
        let age = now::<T>().saturating_sub(Self::registered_at(netuid));
        ensure!(age >= StartCallDelay::<T>::get(), Error::<T>::NeedWaitingMoreBlocksToStarCall);
        let first = now::<T>().saturating_add(1);
        FirstEmissionBlockNumber::<T>::insert(netuid, first);
        SubtokenEnabled::<T>::insert(netuid, true);
        Pallet::<T>::deposit_event(Event::FirstEmissionBlockNumberSet(netuid, first));
        Ok(())
    }

    /// `set_tempo`: changes the tempo within the owner's range; the schedule starts anew.
    pub fn set_tempo(coldkey: T::AccountId, netuid: NetUid, tempo: u16) -> DispatchResult {
        let origin = frame_system::RawOrigin::Signed(coldkey).into();
        let setter = RateLimits::<T>::authorise_action(
            origin,
            netuid,
            TransactionType::TempoUpdate,
            TEMPO_RATE_LIMIT,
        )?;
        ensure!((MIN_TEMPO..=MAX_TEMPO).contains(&tempo), Error::<T>::TempoOutOfBounds);
        Hyperparameters::<T>::set_tempo(netuid, tempo);
        EpochClock::<T>::restart(netuid, now::<T>());
        RateLimits::<T>::record_action(setter, netuid, TransactionType::TempoUpdate);
        Ok(())
    }

    /// `set_activity_cutoff_factor`: changes after how many tempos a validator counts as idle.
    pub fn set_activity_cutoff_factor(coldkey: T::AccountId, netuid: NetUid, factor: u32) -> DispatchResult {
        let origin = frame_system::RawOrigin::Signed(coldkey).into();
        let parameter = Hyperparameter::ActivityCutoffFactorMilli;
        let setter = RateLimits::<T>::authorise_change(origin, netuid, parameter)?;
        ensure!(
            (MIN_ACTIVITY_CUTOFF_FACTOR_MILLI..=MAX_ACTIVITY_CUTOFF_FACTOR_MILLI).contains(&factor),
            Error::<T>::ActivityCutoffFactorMilliOutOfBounds
        );
        Hyperparameters::<T>::set_activity_cutoff_factor(netuid, factor);
        RateLimits::<T>::record_change(setter, netuid, parameter);
        Ok(())
    }

    /// `trigger_epoch`: asks for an epoch after the freeze window, if the tempo does not bring one sooner; once per
    /// `OwnerHyperparamRateLimit` tempos.
    pub fn trigger_epoch(coldkey: T::AccountId, netuid: NetUid) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        // Says why no epoch can be triggered before the general rules say that nothing can be changed now.
        EpochClock::<T>::check_trigger(netuid, now::<T>())?;
        let parameter = Hyperparameter::TriggerEpoch;
        let origin = frame_system::RawOrigin::Signed(coldkey.clone()).into();
        let setter = RateLimits::<T>::authorise_change(origin, netuid, parameter)?;
        EpochClock::<T>::trigger(netuid, coldkey, now::<T>())?;
        RateLimits::<T>::record_change(setter, netuid, parameter);
        Ok(())
    }

    /// `update_symbol`: takes another symbol of the list.
    pub fn update_symbol(coldkey: T::AccountId, netuid: NetUid, symbol: Vec<u8>) -> DispatchResult {
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        Self::ensure_symbol_free(&symbol)?;
        TokenSymbol::<T>::insert(netuid, &symbol);
        Pallet::<T>::deposit_event(Event::SymbolUpdated { netuid, symbol });
        Ok(())
    }

    /// Makes a hotkey stand for the owner: root at any time, the owner once per 50,400 blocks and with a hotkey of its own that has a
    /// uid on the subnet.
    pub fn set_owner_hotkey(setter: Setter, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
        let key = RateLimitKey::SetSNOwnerHotkey(netuid);
        if setter == Setter::Owner {
            let last = RateLimits::<T>::last(&key);
            ensure!(
                RateLimits::<T>::has_waited(last, OWNER_HOTKEY_RATE_LIMIT),
                Error::<T>::TxRateLimitExceeded
            );
        }
        KeyOwnership::<T>::ensure_owns(&Self::owner(netuid), &hotkey)?;
        ensure!(NeuronRegistry::<T>::is_registered(netuid, &hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        SubnetOwnerHotkey::<T>::insert(netuid, &hotkey);
        if setter == Setter::Owner {
            RateLimits::<T>::record(&key);
        }
        Pallet::<T>::deposit_event(Event::SubnetOwnerHotkeySet(netuid, hotkey));
        Ok(())
    }
}

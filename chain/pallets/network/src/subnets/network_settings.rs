//! Writes the settings of the whole network. Rights are checked by the calls that lead here, and so are ranges, unless
//! a setter checks them itself.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_economy::{
    params::{row, Caller, Parameter},
    sessions::Sessions,
};
use myelin_units::{MechId, TaoBalance, I96F32};
use sp_runtime::SaturatedConversion;

use super::SubnetRegistry;
use crate::pallet::*;

/// Owner of the chain-wide settings. Each setter writes one item and deposits its official event, if there is one.
pub struct NetworkSettings<T>(PhantomData<T>);

impl<T: Config> NetworkSettings<T> {
    /// Sets [`AdminFreezeWindow`].
    pub fn set_admin_freeze_window(value: u16) {
        AdminFreezeWindow::<T>::put(value);
        Pallet::<T>::deposit_event(Event::AdminFreezeWindowSet(value));
    }

    /// Sets [`OwnerHyperparamRateLimit`].
    pub fn set_owner_rate_limit(value: u16) {
        OwnerHyperparamRateLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::OwnerHyperparamRateLimitSet(value));
    }

    /// Sets [`MaxEpochsPerBlock`].
    pub fn set_max_epochs_per_block(value: u8) {
        MaxEpochsPerBlock::<T>::put(value);
        Pallet::<T>::deposit_event(Event::MaxEpochsPerBlockSet(value));
    }

    /// Sets [`MaxMechanismCount`].
    pub fn set_max_mechanism_count(value: MechId) {
        MaxMechanismCount::<T>::put(value);
    }

    /// Sets [`TxRateLimit`].
    pub fn set_tx_rate_limit(value: u64) {
        TxRateLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::TxRateLimitSet(value));
    }

    /// Sets [`TxDelegateTakeRateLimit`].
    pub fn set_delegate_take_rate_limit(value: u64) {
        TxDelegateTakeRateLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::TxDelegateTakeRateLimitSet(value));
    }

    /// Sets [`MaxDelegateTake`].
    pub fn set_max_delegate_take(value: u16) {
        MaxDelegateTake::<T>::put(value);
        Pallet::<T>::deposit_event(Event::MaxDelegateTakeSet(value));
    }

    /// Sets [`MinDelegateTake`].
    pub fn set_min_delegate_take(value: u16) {
        MinDelegateTake::<T>::put(value);
        Pallet::<T>::deposit_event(Event::MinDelegateTakeSet(value));
    }

    /// Sets [`TxChildkeyTakeRateLimit`].
    pub fn set_childkey_take_rate_limit(value: u64) {
        TxChildkeyTakeRateLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::TxChildKeyTakeRateLimitSet(value));
    }

    /// Sets [`MinChildkeyTake`], at most [`MaxChildkeyTake`].
    pub fn set_min_childkey_take(value: u16) -> DispatchResult {
        ensure!(value <= MaxChildkeyTake::<T>::get(), Error::<T>::InvalidChildkeyTake);
        MinChildkeyTake::<T>::put(value);
        Pallet::<T>::deposit_event(Event::MinChildKeyTakeSet(value));
        Ok(())
    }

    /// Sets [`MaxChildkeyTake`], at least [`MinChildkeyTake`].
    pub fn set_max_childkey_take(value: u16) -> DispatchResult {
        ensure!(value >= MinChildkeyTake::<T>::get(), Error::<T>::InvalidChildkeyTake);
        MaxChildkeyTake::<T>::put(value);
        Pallet::<T>::deposit_event(Event::MaxChildKeyTakeSet(value));
        Ok(())
    }

    /// Sets [`StakeThreshold`].
    pub fn set_stake_threshold(value: u64) {
        StakeThreshold::<T>::put(value);
        Pallet::<T>::deposit_event(Event::StakeThresholdSet(value));
    }

    /// Sets [`SubnetOwnerCut`].
    pub fn set_owner_cut(value: u16) {
        SubnetOwnerCut::<T>::put(value);
        Pallet::<T>::deposit_event(Event::SubnetOwnerCutSet(value));
    }

    /// Sets [`NetworkRateLimit`].
    pub fn set_registration_rate_limit(value: u64) {
        NetworkRateLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::NetworkRateLimitSet(value));
    }

    /// Sets [`NetworkImmunityPeriod`].
    pub fn set_immunity_period(value: u64) {
        NetworkImmunityPeriod::<T>::put(value);
        Pallet::<T>::deposit_event(Event::NetworkImmunityPeriodSet(value));
    }

    /// Sets [`StartCallDelay`].
    pub fn set_start_call_delay(value: u64) {
        StartCallDelay::<T>::put(value);
        Pallet::<T>::deposit_event(Event::StartCallDelaySet(value));
    }

    /// Sets [`NetworkMinLockCost`].
    pub fn set_min_lock_cost(value: TaoBalance) {
        NetworkMinLockCost::<T>::put(value);
        Pallet::<T>::deposit_event(Event::NetworkMinLockCostSet(value));
    }

    /// Sets [`NetworkLockReductionInterval`].
    pub fn set_lock_reduction_interval(value: u64) {
        NetworkLockReductionInterval::<T>::put(value);
        Pallet::<T>::deposit_event(Event::NetworkLockCostReductionIntervalSet(value));
    }

    /// Sets [`SubnetLimit`].
    pub fn set_subnet_limit(value: u16) {
        SubnetLimit::<T>::put(value);
        Pallet::<T>::deposit_event(Event::SubnetLimitSet(value));
    }

    /// Sets [`CommitRevealWeightsVersion`].
    pub fn set_commit_reveal_version(value: u16) {
        CommitRevealWeightsVersion::<T>::put(value);
        Pallet::<T>::deposit_event(Event::CommitRevealVersionSet(value));
    }

    /// Sets [`NominatorMinRequiredStake`]; the coming blocks unstake nominations that are too small now.
    pub fn set_nominator_min_required_stake(value: u64) {
        NominatorMinRequiredStake::<T>::put(value);
        crate::stake::StakeLedger::<T>::begin_sweep();
    }

    /// Sets [`CKBurn`].
    pub fn set_childkey_burn(value: u64) {
        CKBurn::<T>::put(value);
    }

    /// Sets [`SubnetMovingAlpha`].
    pub fn set_moving_alpha(value: I96F32) {
        SubnetMovingAlpha::<T>::put(value);
    }

    /// Sets [`FeeWeightPerRao`], within its range.
    pub fn set_fee_weight_per_rao(weight: u64) -> DispatchResult {
        const PRICE: &Parameter = row("FeeWeightPerRao");
        ensure!(PRICE.check(weight.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        FeeWeightPerRao::<T>::put(weight);
        Pallet::<T>::deposit_event(Event::FeeWeightPerRaoSet { weight });
        Ok(())
    }

    /// Sets [`FeePerByte`], within its range.
    pub fn set_fee_per_byte(rao: u64) -> DispatchResult {
        const PRICE: &Parameter = row("FeePerByte");
        ensure!(PRICE.check(rao.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        FeePerByte::<T>::put(rao);
        Pallet::<T>::deposit_event(Event::FeePerByteSet { rao });
        Ok(())
    }

    /// The length of sessions: [`SessionLength`], or that of the chain's pace if no length was ever stored.
    pub fn sessions() -> Sessions {
        let of_pace = |()| Sessions::of(SubnetRegistry::<T>::profile().session_length());
        SessionLength::<T>::try_get().unwrap_or_else(of_pace)
    }

    /// Changes [`SessionLength`], within its range, from the end of the session under way on.
    pub fn set_session_length(blocks: u32) -> DispatchResult {
        const LENGTH: &Parameter = row("SessionLength");
        ensure!(LENGTH.check(blocks.into(), Caller::Root).is_ok(), Error::<T>::InvalidValue);
        let now: u32 = frame_system::Pallet::<T>::block_number().saturated_into();
        let sessions = Self::sessions();
        SessionLength::<T>::put(sessions.change(blocks, now));
        let from = u64::from(sessions.next_end(now)).saturating_add(1);
        Pallet::<T>::deposit_event(Event::SessionLengthSet { blocks, from });
        Ok(())
    }
}

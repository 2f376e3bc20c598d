//! Writes the hyperparameters of a subnet. Ranges and rights are checked by the calls that lead here.

use core::marker::PhantomData;

use frame_support::{ensure, pallet_prelude::DispatchResult, traits::Get};
use myelin_abi::RecycleOrBurnEnum;
use myelin_economy::params::RevealTiming;
use myelin_units::{MechId, NetUid, TaoBalance, U64F64};
use sp_runtime::SaturatedConversion;

use super::EmissionSplits;
use crate::{evidence::EvidenceLedger, pallet::*};

/// Owner of the hyperparameters of subnets. Each setter writes one item and deposits its official event, if there is
/// one.
pub struct Hyperparameters<T>(PhantomData<T>);

impl<T: Config> Hyperparameters<T> {
    /// Refuses a change after which committed weights would be revealed no sooner than a new neuron loses its immunity.
    /// Where proof is demanded, or will be, it also refuses one that ends commit-reveal, and one after which the chain
    /// would have forgotten source blocks before their weights are proved.
    pub fn ensure_reveal_in_time(netuid: NetUid, change: impl FnOnce(&mut RevealTiming)) -> DispatchResult {
        let mut timing = Self::reveal_timing(netuid);
        let was_enabled = timing.enabled;
        change(&mut timing);
        ensure!(timing.judges_before_immunity_ends(), Error::<T>::RevealNotBeforeImmunityEnds);
        if EvidenceLedger::<T>::demands(netuid) {
            ensure!(timing.enabled || !was_enabled, Error::<T>::EvidenceDemanded);
            Self::ensure_proof_in_time(&timing)?;
        }
        Ok(())
    }

    /// Refuses times of reveals at which the chain would have forgotten the source blocks of the weights' rounds.
    pub(crate) fn ensure_proof_in_time(timing: &RevealTiming) -> DispatchResult {
        let kept: u64 = T::BlockHashCount::get().saturated_into();
        ensure!(timing.proves_while_hashes_are_kept(kept), Error::<T>::ProofTooLate);
        Ok(())
    }

    /// The present parameters of reveals.
    pub(crate) fn reveal_timing(netuid: NetUid) -> RevealTiming {
        RevealTiming {
            enabled: CommitRevealWeightsEnabled::<T>::get(netuid),
            epochs: RevealPeriodEpochs::<T>::get(netuid),
            tempo: Tempo::<T>::get(netuid),
            immunity: ImmunityPeriod::<T>::get(netuid),
        }
    }

    /// Sets [`Tempo`].
    pub fn set_tempo(netuid: NetUid, value: u16) {
        Tempo::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::TempoSet(netuid, value));
    }

    /// Sets [`Kappa`].
    pub fn set_kappa(netuid: NetUid, value: u16) {
        Kappa::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::KappaSet(netuid, value));
    }

    /// Sets [`Rho`].
    pub fn set_rho(netuid: NetUid, value: u16) {
        Rho::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::RhoSet(netuid, value));
    }

    /// Sets [`ActivityCutoff`].
    pub fn set_activity_cutoff(netuid: NetUid, value: u16) {
        ActivityCutoff::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::ActivityCutoffSet(netuid, value));
    }

    /// Sets [`BondsMovingAverage`].
    pub fn set_bonds_moving_average(netuid: NetUid, value: u64) {
        BondsMovingAverage::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::BondsMovingAverageSet(netuid, value));
    }

    /// Sets [`BondsPenalty`].
    pub fn set_bonds_penalty(netuid: NetUid, value: u16) {
        BondsPenalty::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::BondsPenaltySet(netuid, value));
    }

    /// Sets [`BondsResetOn`].
    pub fn set_bonds_reset(netuid: NetUid, value: bool) {
        BondsResetOn::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::BondsResetOnSet(netuid, value));
    }

    /// Sets [`AlphaSigmoidSteepness`].
    pub fn set_alpha_sigmoid_steepness(netuid: NetUid, value: i16) {
        AlphaSigmoidSteepness::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::AlphaSigmoidSteepnessSet(netuid, value));
    }

    /// Sets [`MaxAllowedUids`].
    pub fn set_max_allowed_uids(netuid: NetUid, value: u16) {
        MaxAllowedUids::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MaxAllowedUidsSet(netuid, value));
    }

    /// Sets [`MinAllowedUids`].
    pub fn set_min_allowed_uids(netuid: NetUid, value: u16) {
        MinAllowedUids::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinAllowedUidsSet(netuid, value));
    }

    /// Sets [`MaxAllowedValidators`].
    pub fn set_max_allowed_validators(netuid: NetUid, value: u16) {
        MaxAllowedValidators::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MaxAllowedValidatorsSet(netuid, value));
    }

    /// Sets [`MinAllowedWeights`].
    pub fn set_min_allowed_weights(netuid: NetUid, value: u16) {
        MinAllowedWeights::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinAllowedWeightSet(netuid, value));
    }

    /// Sets [`WeightsSetRateLimit`].
    pub fn set_weights_rate_limit(netuid: NetUid, value: u64) {
        WeightsSetRateLimit::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::WeightsSetRateLimitSet(netuid, value));
    }

    /// Sets [`WeightsVersionKey`].
    pub fn set_weights_version_key(netuid: NetUid, value: u64) {
        WeightsVersionKey::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::WeightsVersionKeySet(netuid, value));
    }

    /// Sets [`CommitRevealWeightsEnabled`].
    pub fn set_commit_reveal(netuid: NetUid, value: bool) {
        CommitRevealWeightsEnabled::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::CommitRevealEnabled(netuid, value));
    }

    /// Sets [`RevealPeriodEpochs`].
    pub fn set_reveal_period(netuid: NetUid, value: u64) {
        RevealPeriodEpochs::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::CommitRevealPeriodsSet(netuid, value));
    }

    /// Sets [`ImmunityPeriod`].
    pub fn set_immunity_period(netuid: NetUid, value: u16) {
        ImmunityPeriod::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::ImmunityPeriodSet(netuid, value));
    }

    /// Sets [`MinNonImmuneUids`].
    pub fn set_min_non_immune_uids(netuid: NetUid, value: u16) {
        MinNonImmuneUids::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinNonImmuneUidsSet(netuid, value));
    }

    /// Sets [`ServingRateLimit`].
    pub fn set_serving_rate_limit(netuid: NetUid, value: u64) {
        ServingRateLimit::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::ServingRateLimitSet(netuid, value));
    }

    /// Sets [`MaxRegistrationsPerBlock`].
    pub fn set_max_registrations_per_block(netuid: NetUid, value: u16) {
        MaxRegistrationsPerBlock::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MaxRegistrationsPerBlockSet(netuid, value));
    }

    /// Sets [`TargetRegistrationsPerInterval`].
    pub fn set_target_registrations_per_interval(netuid: NetUid, value: u16) {
        TargetRegistrationsPerInterval::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::RegistrationPerIntervalSet(netuid, value));
    }

    /// Sets [`AdjustmentInterval`].
    pub fn set_adjustment_interval(netuid: NetUid, value: u16) {
        AdjustmentInterval::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::AdjustmentIntervalSet(netuid, value));
    }

    /// Sets [`AdjustmentAlpha`].
    pub fn set_adjustment_alpha(netuid: NetUid, value: u64) {
        AdjustmentAlpha::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::AdjustmentAlphaSet(netuid, value));
    }

    /// Sets [`Difficulty`].
    pub fn set_difficulty(netuid: NetUid, value: u64) {
        Difficulty::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::DifficultySet(netuid, value));
    }

    /// Sets [`MinDifficulty`].
    pub fn set_min_difficulty(netuid: NetUid, value: u64) {
        MinDifficulty::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinDifficultySet(netuid, value));
    }

    /// Sets [`MaxDifficulty`].
    pub fn set_max_difficulty(netuid: NetUid, value: u64) {
        MaxDifficulty::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MaxDifficultySet(netuid, value));
    }

    /// Sets [`MinBurn`].
    pub fn set_min_burn(netuid: NetUid, value: TaoBalance) {
        MinBurn::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinBurnSet(netuid, value));
    }

    /// Sets [`MaxBurn`].
    pub fn set_max_burn(netuid: NetUid, value: TaoBalance) {
        MaxBurn::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MaxBurnSet(netuid, value));
    }

    /// Sets [`BurnHalfLife`].
    pub fn set_burn_half_life(netuid: NetUid, value: u16) {
        BurnHalfLife::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::BurnHalfLifeSet { netuid, burn_half_life: value });
    }

    /// Sets [`BurnIncreaseMult`].
    pub fn set_burn_increase_mult(netuid: NetUid, value: U64F64) {
        BurnIncreaseMult::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::BurnIncreaseMultSet { netuid, burn_increase_mult: value });
    }

    /// Sets [`ActivityCutoffFactorMilli`].
    pub fn set_activity_cutoff_factor(netuid: NetUid, value: u32) {
        ActivityCutoffFactorMilli::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::ActivityCutoffFactorMilliSet { netuid, factor_milli: value });
    }

    /// Sets [`TransferToggle`].
    pub fn set_transfer_toggle(netuid: NetUid, value: bool) {
        TransferToggle::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::TransferToggle(netuid, value));
    }

    /// Sets [`NetworkRegistrationAllowed`].
    pub fn set_registration_allowed(netuid: NetUid, value: bool) {
        NetworkRegistrationAllowed::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::RegistrationAllowed(netuid, value));
    }

    /// Sets [`NetworkPowRegistrationAllowed`].
    pub fn set_pow_registration_allowed(netuid: NetUid, value: bool) {
        NetworkPowRegistrationAllowed::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::PowRegistrationAllowed(netuid, value));
    }

    /// Sets [`MinChildkeyTakePerSubnet`].
    pub fn set_min_childkey_take(netuid: NetUid, value: u16) {
        MinChildkeyTakePerSubnet::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::MinChildKeyTakePerSubnetSet(netuid, value));
    }

    /// Sets [`RAORecycledForRegistration`].
    pub fn set_rao_recycled(netuid: NetUid, value: TaoBalance) {
        RAORecycledForRegistration::<T>::insert(netuid, value);
        Pallet::<T>::deposit_event(Event::RAORecycledForRegistrationSet(netuid, value));
    }

    /// Sets [`Yuma3On`].
    pub fn set_yuma3(netuid: NetUid, value: bool) {
        Yuma3On::<T>::insert(netuid, value);
    }

    /// Sets [`LiquidAlphaOn`].
    pub fn set_liquid_alpha(netuid: NetUid, value: bool) {
        LiquidAlphaOn::<T>::insert(netuid, value);
    }

    /// Sets [`AlphaValues`].
    pub fn set_alpha_values(netuid: NetUid, value: (u16, u16)) {
        AlphaValues::<T>::insert(netuid, value);
    }

    /// Sets [`ImmuneOwnerUidsLimit`].
    pub fn set_immune_owner_uids_limit(netuid: NetUid, value: u16) {
        ImmuneOwnerUidsLimit::<T>::insert(netuid, value);
    }

    /// Sets [`OwnerCutEnabled`].
    pub fn set_owner_cut(netuid: NetUid, value: bool) {
        OwnerCutEnabled::<T>::insert(netuid, value);
    }

    /// Sets [`OwnerCutAutoLockEnabled`].
    pub fn set_owner_cut_auto_lock(netuid: NetUid, value: bool) {
        OwnerCutAutoLockEnabled::<T>::insert(netuid, value);
    }

    /// Sets [`RecycleOrBurn`].
    pub fn set_recycle_or_burn(netuid: NetUid, value: RecycleOrBurnEnum) {
        RecycleOrBurn::<T>::insert(netuid, value);
    }

    /// Sets [`SubnetEmissionEnabled`].
    pub fn set_emission(netuid: NetUid, value: bool) {
        SubnetEmissionEnabled::<T>::insert(netuid, value);
    }

    /// Sets [`SubtokenEnabled`].
    pub fn set_subtoken(netuid: NetUid, value: bool) {
        SubtokenEnabled::<T>::insert(netuid, value);
    }

    /// Sets [`EMAPriceHalvingBlocks`].
    pub fn set_price_halving_blocks(netuid: NetUid, value: u64) {
        EMAPriceHalvingBlocks::<T>::insert(netuid, value);
    }

    /// Sets [`MechanismCountCurrent`], with equal shares after the notice, and removes all entries of removed
    /// mechanisms.
    pub fn set_mechanism_count(netuid: NetUid, count: MechId) {
        let before = MechanismCountCurrent::<T>::get(netuid);
        MechanismCountCurrent::<T>::insert(netuid, count);
        EmissionSplits::<T>::follow_count(netuid, before, count);
        for mecid in count..before {
            crate::neurons::NeuronRegistry::<T>::forget_mechanism(netuid, mecid);
        }
        for mecid in before..count {
            crate::neurons::NeuronRegistry::<T>::open_mechanism(netuid, mecid);
        }
    }
}

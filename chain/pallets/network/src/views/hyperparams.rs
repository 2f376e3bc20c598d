//! Hyperparameters in the three forms that clients know.

use alloc::{vec, vec::Vec};

use codec::Compact;
use myelin_abi::{HyperparamEntry, HyperparamValue as Value, SubnetHyperparams, SubnetHyperparamsV2};
use myelin_units::{NetUid, I32F32};

use crate::{epoch::EpochClock, pallet::*, subnets::SubnetRegistry};

/// First form; `None` if the subnet does not exist.
pub fn hyperparams<T: Config>(netuid: NetUid) -> Option<SubnetHyperparams> {
    if !SubnetRegistry::<T>::exists(netuid) {
        return None;
    }
    let (alpha_low, alpha_high) = AlphaValues::<T>::get(netuid);
    Some(SubnetHyperparams {
        rho: Compact(Rho::<T>::get(netuid)),
        kappa: Compact(Kappa::<T>::get(netuid)),
        immunity_period: Compact(ImmunityPeriod::<T>::get(netuid)),
        min_allowed_weights: Compact(MinAllowedWeights::<T>::get(netuid)),
        max_weights_limit: Compact(MaxWeightsLimit::<T>::get(netuid)),
        tempo: Compact(Tempo::<T>::get(netuid)),
        min_difficulty: Compact(MinDifficulty::<T>::get(netuid)),
        max_difficulty: Compact(MaxDifficulty::<T>::get(netuid)),
        weights_version: Compact(WeightsVersionKey::<T>::get(netuid)),
        weights_rate_limit: Compact(WeightsSetRateLimit::<T>::get(netuid)),
        adjustment_interval: Compact(AdjustmentInterval::<T>::get(netuid)),
        activity_cutoff: Compact(EpochClock::<T>::activity_cutoff(netuid)),
        registration_allowed: NetworkRegistrationAllowed::<T>::get(netuid),
        target_regs_per_interval: Compact(TargetRegistrationsPerInterval::<T>::get(netuid)),
        min_burn: Compact(MinBurn::<T>::get(netuid)),
        max_burn: Compact(MaxBurn::<T>::get(netuid)),
        bonds_moving_avg: Compact(BondsMovingAverage::<T>::get(netuid)),
        max_regs_per_block: Compact(MaxRegistrationsPerBlock::<T>::get(netuid)),
        serving_rate_limit: Compact(ServingRateLimit::<T>::get(netuid)),
        max_validators: Compact(MaxAllowedValidators::<T>::get(netuid)),
        adjustment_alpha: Compact(AdjustmentAlpha::<T>::get(netuid)),
        difficulty: Compact(Difficulty::<T>::get(netuid)),
        commit_reveal_period: Compact(RevealPeriodEpochs::<T>::get(netuid)),
        commit_reveal_weights_enabled: CommitRevealWeightsEnabled::<T>::get(netuid),
        alpha_high: Compact(alpha_high),
        alpha_low: Compact(alpha_low),
        liquid_alpha_enabled: LiquidAlphaOn::<T>::get(netuid),
    })
}

/// Second form; `None` if the subnet does not exist.
pub fn hyperparams_v2<T: Config>(netuid: NetUid) -> Option<SubnetHyperparamsV2> {
    let first = hyperparams::<T>(netuid)?;
    Some(SubnetHyperparamsV2 {
        rho: first.rho,
        kappa: first.kappa,
        immunity_period: first.immunity_period,
        min_allowed_weights: first.min_allowed_weights,
        max_weights_limit: first.max_weights_limit,
        tempo: first.tempo,
        min_difficulty: first.min_difficulty,
        max_difficulty: first.max_difficulty,
        weights_version: first.weights_version,
        weights_rate_limit: first.weights_rate_limit,
        adjustment_interval: first.adjustment_interval,
        activity_cutoff: first.activity_cutoff,
        registration_allowed: first.registration_allowed,
        target_regs_per_interval: first.target_regs_per_interval,
        min_burn: first.min_burn,
        max_burn: first.max_burn,
        bonds_moving_avg: first.bonds_moving_avg,
        max_regs_per_block: first.max_regs_per_block,
        serving_rate_limit: first.serving_rate_limit,
        max_validators: first.max_validators,
        adjustment_alpha: first.adjustment_alpha,
        difficulty: first.difficulty,
        commit_reveal_period: first.commit_reveal_period,
        commit_reveal_weights_enabled: first.commit_reveal_weights_enabled,
        alpha_high: first.alpha_high,
        alpha_low: first.alpha_low,
        liquid_alpha_enabled: first.liquid_alpha_enabled,
        alpha_sigmoid_steepness: I32F32::from_int(AlphaSigmoidSteepness::<T>::get(netuid)),
        yuma_version: Compact(yuma_version::<T>(netuid)),
        subnet_is_active: SubtokenEnabled::<T>::get(netuid),
        transfers_enabled: TransferToggle::<T>::get(netuid),
        bonds_reset_enabled: BondsResetOn::<T>::get(netuid),
        user_liquidity_enabled: false,
    })
}

/// Third form, the one that current clients read: names and values in the official order; `None` if the subnet does
/// not exist.
pub fn hyperparams_v3<T: Config>(netuid: NetUid) -> Option<Vec<HyperparamEntry>> {
    let second = hyperparams_v2::<T>(netuid)?;
    let entry = |name: &str, value| HyperparamEntry { name: name.as_bytes().to_vec(), value };
    Some(vec![
        entry("kappa", Value::U16(second.kappa)),
        entry("immunity_period", Value::U16(second.immunity_period)),
        entry("min_allowed_weights", Value::U16(second.min_allowed_weights)),
        entry("max_weights_limit", Value::U16(second.max_weights_limit)),
        entry("tempo", Value::U16(second.tempo)),
        entry("weights_version", Value::U64(second.weights_version)),
        entry("weights_rate_limit", Value::U64(second.weights_rate_limit)),
        entry("activity_cutoff", Value::U64(second.activity_cutoff)),
        entry("activity_cutoff_factor", Value::U32(Compact(ActivityCutoffFactorMilli::<T>::get(netuid)))),
        entry("registration_allowed", Value::Bool(second.registration_allowed)),
        entry("target_regs_per_interval", Value::U16(second.target_regs_per_interval)),
        entry("min_burn", Value::TaoBalance(second.min_burn)),
        entry("max_burn", Value::TaoBalance(second.max_burn)),
        entry("burn_half_life", Value::U16(Compact(BurnHalfLife::<T>::get(netuid)))),
        entry("burn_increase_mult", Value::U64F64(BurnIncreaseMult::<T>::get(netuid))),
        entry("bonds_moving_avg", Value::U64(second.bonds_moving_avg)),
        entry("max_regs_per_block", Value::U16(second.max_regs_per_block)),
        entry("serving_rate_limit", Value::U64(second.serving_rate_limit)),
        entry("max_validators", Value::U16(second.max_validators)),
        entry("commit_reveal_period", Value::U64(second.commit_reveal_period)),
        entry("commit_reveal_weights_enabled", Value::Bool(second.commit_reveal_weights_enabled)),
        entry("alpha_high", Value::U16(second.alpha_high)),
        entry("alpha_low", Value::U16(second.alpha_low)),
        entry("liquid_alpha_enabled", Value::Bool(second.liquid_alpha_enabled)),
        entry("alpha_sigmoid_steepness", Value::I32F32(second.alpha_sigmoid_steepness)),
        entry("yuma_version", Value::U16(second.yuma_version)),
        entry("subnet_is_active", Value::Bool(second.subnet_is_active)),
        entry("transfers_enabled", Value::Bool(second.transfers_enabled)),
        entry("bonds_reset_enabled", Value::Bool(second.bonds_reset_enabled)),
        entry("user_liquidity_enabled", Value::Bool(second.user_liquidity_enabled)),
        entry("owner_cut_enabled", Value::Bool(OwnerCutEnabled::<T>::get(netuid))),
        entry("owner_cut_auto_lock_enabled", Value::Bool(OwnerCutAutoLockEnabled::<T>::get(netuid))),
        entry("min_childkey_take", Value::U16(Compact(MinChildkeyTakePerSubnet::<T>::get(netuid)))),
    ])
}

fn yuma_version<T: Config>(netuid: NetUid) -> u16 {
    if Yuma3On::<T>::get(netuid) {
        3
    } else {
        2
    }
}

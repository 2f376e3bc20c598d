//! `AdminUtils`: hyperparameters, set by root or by a subnet's owner.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use myelin_units::{NetUid, TaoBalance, I96F32, U64F64};
use scale_info::TypeInfo;

use super::Call;
use crate::{Account, RecycleOrBurnEnum};

calls! { "AdminUtils"
    /// Appoints the authorities of the chain, in place of those in office.
    swap_authorities => SwapAuthorities {
        /// Their Aura keys.
        new_authorities: Vec<[u8; 32]>,
    }
    /// Sets the hyperparameter or switch `default_take`.
    sudo_set_default_take => SudoSetDefaultTake {
        /// New value.
        default_take: u16,
    }
    /// Sets the hyperparameter or switch `tx_rate_limit`.
    sudo_set_tx_rate_limit => SudoSetTxRateLimit {
        /// New value.
        tx_rate_limit: u64,
    }
    /// Sets the hyperparameter or switch `serving_rate_limit`.
    sudo_set_serving_rate_limit => SudoSetServingRateLimit {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        serving_rate_limit: u64,
    }
    /// Sets the hyperparameter or switch `min_difficulty`.
    sudo_set_min_difficulty => SudoSetMinDifficulty {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        min_difficulty: u64,
    }
    /// Sets the hyperparameter or switch `max_difficulty`.
    sudo_set_max_difficulty => SudoSetMaxDifficulty {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        max_difficulty: u64,
    }
    /// Sets the hyperparameter or switch `weights_version_key`.
    sudo_set_weights_version_key => SudoSetWeightsVersionKey {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        weights_version_key: u64,
    }
    /// Sets the hyperparameter or switch `weights_set_rate_limit`.
    sudo_set_weights_set_rate_limit => SudoSetWeightsSetRateLimit {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        weights_set_rate_limit: u64,
    }
    /// Sets the hyperparameter or switch `adjustment_interval`.
    sudo_set_adjustment_interval => SudoSetAdjustmentInterval {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        adjustment_interval: u16,
    }
    /// Sets the hyperparameter or switch `adjustment_alpha`.
    sudo_set_adjustment_alpha => SudoSetAdjustmentAlpha {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        adjustment_alpha: u64,
    }
    /// Sets the hyperparameter or switch `immunity_period`.
    sudo_set_immunity_period => SudoSetImmunityPeriod {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        immunity_period: u16,
    }
    /// Sets the hyperparameter or switch `min_allowed_weights`.
    sudo_set_min_allowed_weights => SudoSetMinAllowedWeights {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        min_allowed_weights: u16,
    }
    /// Sets the hyperparameter or switch `max_allowed_uids`.
    sudo_set_max_allowed_uids => SudoSetMaxAllowedUids {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        max_allowed_uids: u16,
    }
    /// Sets the hyperparameter or switch `kappa`.
    sudo_set_kappa => SudoSetKappa {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        kappa: u16,
    }
    /// Sets the hyperparameter or switch `rho`.
    sudo_set_rho => SudoSetRho {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        rho: u16,
    }
    /// Sets the hyperparameter or switch `activity_cutoff`.
    sudo_set_activity_cutoff => SudoSetActivityCutoff {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        activity_cutoff: u16,
    }
    /// Sets the hyperparameter or switch `network_registration_allowed`.
    sudo_set_network_registration_allowed => SudoSetNetworkRegistrationAllowed {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        registration_allowed: bool,
    }
    /// Sets the hyperparameter or switch `network_pow_registration_allowed`.
    sudo_set_network_pow_registration_allowed => SudoSetNetworkPowRegistrationAllowed {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        registration_allowed: bool,
    }
    /// Sets the hyperparameter or switch `target_registrations_per_interval`.
    sudo_set_target_registrations_per_interval => SudoSetTargetRegistrationsPerInterval {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        target_registrations_per_interval: u16,
    }
    /// Sets the hyperparameter or switch `min_burn`.
    sudo_set_min_burn => SudoSetMinBurn {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        min_burn: TaoBalance,
    }
    /// Sets the hyperparameter or switch `max_burn`.
    sudo_set_max_burn => SudoSetMaxBurn {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        max_burn: TaoBalance,
    }
    /// Sets the hyperparameter or switch `difficulty`.
    sudo_set_difficulty => SudoSetDifficulty {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        difficulty: u64,
    }
    /// Sets the hyperparameter or switch `max_allowed_validators`.
    sudo_set_max_allowed_validators => SudoSetMaxAllowedValidators {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        max_allowed_validators: u16,
    }
    /// Sets the hyperparameter or switch `bonds_moving_average`.
    sudo_set_bonds_moving_average => SudoSetBondsMovingAverage {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        bonds_moving_average: u64,
    }
    /// Sets the hyperparameter or switch `max_registrations_per_block`.
    sudo_set_max_registrations_per_block => SudoSetMaxRegistrationsPerBlock {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        max_registrations_per_block: u16,
    }
    /// Sets the hyperparameter or switch `subnet_owner_cut`.
    sudo_set_subnet_owner_cut => SudoSetSubnetOwnerCut {
        /// New value.
        subnet_owner_cut: u16,
    }
    /// Sets the hyperparameter or switch `network_rate_limit`.
    sudo_set_network_rate_limit => SudoSetNetworkRateLimit {
        /// New value.
        rate_limit: u64,
    }
    /// Sets the hyperparameter or switch `tempo`.
    sudo_set_tempo => SudoSetTempo {
        /// Subnet.
        netuid: NetUid,
        /// Blocks between two epochs.
        tempo: u16,
    }
    /// Sets the hyperparameter or switch `network_immunity_period`.
    sudo_set_network_immunity_period => SudoSetNetworkImmunityPeriod {
        /// New value.
        immunity_period: u64,
    }
    /// Sets the hyperparameter or switch `network_min_lock_cost`.
    sudo_set_network_min_lock_cost => SudoSetNetworkMinLockCost {
        /// New value.
        lock_cost: TaoBalance,
    }
    /// Sets the hyperparameter or switch `subnet_limit`.
    sudo_set_subnet_limit => SudoSetSubnetLimit {
        /// New value.
        max_subnets: u16,
    }
    /// Sets the hyperparameter or switch `lock_reduction_interval`.
    sudo_set_lock_reduction_interval => SudoSetLockReductionInterval {
        /// New value.
        interval: u64,
    }
    /// Sets the hyperparameter or switch `rao_recycled`.
    sudo_set_rao_recycled => SudoSetRaoRecycled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        rao_recycled: TaoBalance,
    }
    /// Sets the hyperparameter or switch `stake_threshold`.
    sudo_set_stake_threshold => SudoSetStakeThreshold {
        /// New value.
        min_stake: u64,
    }
    /// Sets the hyperparameter or switch `nominator_min_required_stake`.
    sudo_set_nominator_min_required_stake => SudoSetNominatorMinRequiredStake {
        /// New value.
        min_stake: u64,
    }
    /// Sets the hyperparameter or switch `tx_delegate_take_rate_limit`.
    sudo_set_tx_delegate_take_rate_limit => SudoSetTxDelegateTakeRateLimit {
        /// New value.
        tx_rate_limit: u64,
    }
    /// Sets the hyperparameter or switch `min_delegate_take`.
    sudo_set_min_delegate_take => SudoSetMinDelegateTake {
        /// Proportion, 65535 = 1.
        take: u16,
    }
    /// Sets the hyperparameter or switch `commit_reveal_weights_enabled`.
    sudo_set_commit_reveal_weights_enabled => SudoSetCommitRevealWeightsEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `liquid_alpha_enabled`.
    sudo_set_liquid_alpha_enabled => SudoSetLiquidAlphaEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `alpha_values`.
    sudo_set_alpha_values => SudoSetAlphaValues {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        alpha_low: u16,
        /// New value.
        alpha_high: u16,
    }
    /// Sets the hyperparameter or switch `commit_reveal_weights_interval`.
    sudo_set_commit_reveal_weights_interval => SudoSetCommitRevealWeightsInterval {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        interval: u64,
    }
    /// Sets the hyperparameter or switch `bonds_penalty`.
    sudo_set_bonds_penalty => SudoSetBondsPenalty {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        bonds_penalty: u16,
    }
    /// Sets the hyperparameter or switch `toggle_transfer`.
    sudo_set_toggle_transfer => SudoSetToggleTransfer {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        toggle: bool,
    }
    /// Sets the hyperparameter or switch `subnet_moving_alpha`.
    sudo_set_subnet_moving_alpha => SudoSetSubnetMovingAlpha {
        /// New value.
        alpha: I96F32,
    }
    /// Sets the hyperparameter or switch `ema_price_halving_period`.
    sudo_set_ema_price_halving_period => SudoSetEmaPriceHalvingPeriod {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        ema_halving: u64,
    }
    /// Sets the hyperparameter or switch `subtoken_enabled`.
    sudo_set_subtoken_enabled => SudoSetSubtokenEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        subtoken_enabled: bool,
    }
    /// Sets the hyperparameter or switch `subnet_owner_hotkey`.
    sudo_set_sn_owner_hotkey => SudoSetSnOwnerHotkey {
        /// Subnet.
        netuid: NetUid,
        /// Hotkey.
        hotkey: Account,
    }
    /// Sets the hyperparameter or switch `alpha_sigmoid_steepness`.
    sudo_set_alpha_sigmoid_steepness => SudoSetAlphaSigmoidSteepness {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        steepness: i16,
    }
    /// Sets the hyperparameter or switch `yuma3_enabled`.
    sudo_set_yuma3_enabled => SudoSetYuma3Enabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `bonds_reset_enabled`.
    sudo_set_bonds_reset_enabled => SudoSetBondsResetEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `commit_reveal_version`.
    sudo_set_commit_reveal_version => SudoSetCommitRevealVersion {
        /// Version of the software.
        version: u16,
    }
    /// Sets the hyperparameter or switch `owner_immune_neuron_limit`.
    sudo_set_owner_immune_neuron_limit => SudoSetOwnerImmuneNeuronLimit {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        immune_neurons: u16,
    }
    /// Sets the hyperparameter or switch `ck_burn`.
    sudo_set_ck_burn => SudoSetCkBurn {
        /// New value.
        burn: u64,
    }
    /// Sets the hyperparameter or switch `admin_freeze_window`.
    sudo_set_admin_freeze_window => SudoSetAdminFreezeWindow {
        /// New value.
        window: u16,
    }
    /// Sets the hyperparameter or switch `owner_hparam_rate_limit`.
    sudo_set_owner_hparam_rate_limit => SudoSetOwnerHparamRateLimit {
        /// New value.
        epochs: u16,
    }
    /// Sets the hyperparameter or switch `mechanism_count`.
    sudo_set_mechanism_count => SudoSetMechanismCount {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        mechanism_count: u8,
    }
    /// Sets the hyperparameter or switch `mechanism_emission_split`.
    sudo_set_mechanism_emission_split => SudoSetMechanismEmissionSplit {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        maybe_split: Option<Vec<u16>>,
    }
    /// Sets the hyperparameter or switch `min_allowed_uids`.
    sudo_set_min_allowed_uids => SudoSetMinAllowedUids {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        min_allowed_uids: u16,
    }
    /// Sets the hyperparameter or switch `recycle_or_burn`.
    sudo_set_recycle_or_burn => SudoSetRecycleOrBurn {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        recycle_or_burn: RecycleOrBurnEnum,
    }
    /// Sets the hyperparameter or switch `start_call_delay`.
    sudo_set_start_call_delay => SudoSetStartCallDelay {
        /// New value.
        delay: u64,
    }
    /// Sets the hyperparameter or switch `burn_half_life`.
    sudo_set_burn_half_life => SudoSetBurnHalfLife {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        burn_half_life: u16,
    }
    /// Sets the hyperparameter or switch `burn_increase_mult`.
    sudo_set_burn_increase_mult => SudoSetBurnIncreaseMult {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        burn_increase_mult: U64F64,
    }
    /// Sets the hyperparameter or switch `owner_cut_enabled`.
    sudo_set_owner_cut_enabled => SudoSetOwnerCutEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `min_childkey_take_per_subnet`.
    sudo_set_min_childkey_take_per_subnet => SudoSetMinChildkeyTakePerSubnet {
        /// Subnet.
        netuid: NetUid,
        /// Proportion, 65535 = 1.
        take: u16,
    }
    /// Sets the hyperparameter or switch `subnet_emission_enabled`.
    sudo_set_subnet_emission_enabled => SudoSetSubnetEmissionEnabled {
        /// Subnet.
        netuid: NetUid,
        /// New value.
        enabled: bool,
    }
    /// Sets the hyperparameter or switch `activity_cutoff_factor`.
    sudo_set_activity_cutoff_factor => SudoSetActivityCutoffFactor {
        /// Subnet.
        netuid: NetUid,
        /// Tempos in thousandths.
        factor_milli: u32,
    }
    /// Keeps the best neurons of a subnet and removes the others.
    sudo_trim_to_max_allowed_uids => SudoTrimToMaxAllowedUids {
        /// Subnet.
        netuid: NetUid,
        /// Neurons that stay.
        max_n: u16,
    }
}

//! Settings of the network and of subnets, changed by root or by the owner of a subnet. Metadata name `AdminUtils`.
//!
//! The pallet stores nothing. A call decides who may change what and in which range; the network pallet writes the value and says so
//! with its official event. Three kinds of calls:
//!
//! * settings of the whole network: root;
//! * hyperparameters that only root sets on a subnet: root;
//! * hyperparameters of the owner: root at any time and to any value of the type; the owner outside the freeze window before an
//!   epoch, once per `OwnerHyperparamRateLimit` tempos, and within the range of the parameter table (`myelin_economy::params`).
//!
//! Every call costs the same: a few reads and writes. Errors of this pallet are about values, those of the network pallet about rights and
//! time: `SubnetNotExists`, `NotSubnetOwner`, `TxRateLimitExceeded`, `AdminActionProhibitedDuringWeightsWindow`.
//!
//! **What it refuses to know.** What a setting does.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod checks;

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;

    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use myelin_abi::RecycleOrBurnEnum;
    use myelin_units::{MechId, NetUid, TaoBalance, I96F32, U64F64};
    use pallet_network::{
        subnets::{Hyperparameters, NetworkSettings, RateLimits, SubnetRegistry},
        types::{Hyperparameter, TransactionType},
        Error as NetworkError, LiquidAlphaOn, MaxAllowedUids, MaxBurn, MinBurn, SubnetworkN,
        WeightsVersionKeyRateLimit,
    };

    use crate::checks::{change_weight, MAX_REVEAL_PERIOD, MIN_LIQUID_ALPHA};

    /// What the runtime supplies: the network pallet.
    #[pallet::config]
    pub trait Config: frame_system::Config + pallet_network::Config {}

    /// The pallet itself; its metadata name in the runtime is `AdminUtils`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Why a value was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There can’t be more validators than neurons.
        MaxValidatorsLargerThanMaxUIds,
        /// The subnet has more neurons than this limit; trim it first.
        MaxAllowedUIdsLessThanCurrentUIds,
        /// Owners may set the moving average of bonds to at most 975,000.
        BondsMovingAverageMaxReached,
        /// Only root may set a negative steepness.
        NegativeSigmoidSteepness,
        /// The value is outside the range of this hyperparameter.
        ValueNotInBounds,
        /// The subnet has fewer neurons than this minimum.
        MinAllowedUidsGreaterThanCurrentUids,
        /// The minimum must be below the subnet’s limit of neurons.
        MinAllowedUidsGreaterThanMaxAllowedUids,
        /// The limit must not be below the subnet’s minimum of neurons.
        MaxAllowedUidsLessThanMinAllowedUids,
        /// No subnet may have more than 256 neurons.
        MaxAllowedUidsGreaterThanDefaultMaxAllowedUids,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Sets the highest delegate take, which is also the take of a delegate that never set one, 65535 = 1. Origin: root.
        #[pallet::call_index(1)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_default_take(origin: OriginFor<T>, default_take: u16) -> DispatchResult {
            Self::set_network(origin, default_take, NetworkSettings::<T>::set_max_delegate_take)
        }

        /// Sets the blocks between two key operations of one account. Origin: root.
        #[pallet::call_index(2)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_tx_rate_limit(origin: OriginFor<T>, tx_rate_limit: u64) -> DispatchResult {
            Self::set_network(origin, tx_rate_limit, NetworkSettings::<T>::set_tx_rate_limit)
        }

        /// Sets the blocks between two announcements of an endpoint. Origin: root or the owner.
        #[pallet::call_index(3)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_serving_rate_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            serving_rate_limit: u64,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::ServingRateLimit, "sudo_set_serving_rate_limit");
            Self::set_number(
                origin,
                netuid,
                parameter,
                serving_rate_limit,
                Hyperparameters::<T>::set_serving_rate_limit,
            )
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root.
        #[pallet::call_index(4)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_difficulty(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_difficulty: u64,
        ) -> DispatchResult {
            Self::set_as_root(origin, netuid, min_difficulty, Hyperparameters::<T>::set_min_difficulty)
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root or the owner.
        #[pallet::call_index(5)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_max_difficulty(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_difficulty: u64,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::MaxDifficulty, "sudo_set_max_difficulty");
            Self::set_number(
                origin,
                netuid,
                parameter,
                max_difficulty,
                Hyperparameters::<T>::set_max_difficulty,
            )
        }

        /// Sets the lowest version key that weights must carry. The owner may do so once per five tempos. Origin: root or the owner.
        #[pallet::call_index(6)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_weights_version_key(
            origin: OriginFor<T>,
            netuid: NetUid,
            weights_version_key: u64,
        ) -> DispatchResult {
            let action = TransactionType::SetWeightsVersionKey;
            let wait = Self::tempos(netuid, WeightsVersionKeyRateLimit::<T>::get());
            Self::action(origin, netuid, action, wait, || {
                Hyperparameters::<T>::set_weights_version_key(netuid, weights_version_key);
                Ok(())
            })
        }

        /// Sets the blocks between two sets or commits of weights. Origin: root.
        #[pallet::call_index(7)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_weights_set_rate_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            weights_set_rate_limit: u64,
        ) -> DispatchResult {
            Self::set_as_root(
                origin,
                netuid,
                weights_set_rate_limit,
                Hyperparameters::<T>::set_weights_rate_limit,
            )
        }

        /// Sets a number that clients show; prices adjust in every block. Origin: root.
        #[pallet::call_index(8)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_adjustment_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            adjustment_interval: u16,
        ) -> DispatchResult {
            Self::set_as_root(
                origin,
                netuid,
                adjustment_interval,
                Hyperparameters::<T>::set_adjustment_interval,
            )
        }

        /// Sets a number that clients show; prices adjust in every block. Origin: root or the owner.
        #[pallet::call_index(9)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_adjustment_alpha(
            origin: OriginFor<T>,
            netuid: NetUid,
            adjustment_alpha: u64,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::AdjustmentAlpha, "sudo_set_adjustment_alpha");
            Self::set_number(
                origin,
                netuid,
                parameter,
                adjustment_alpha,
                Hyperparameters::<T>::set_adjustment_alpha,
            )
        }

        /// Sets the blocks for which a new neuron is not pruned. Origin: root or the owner.
        #[pallet::call_index(13)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_immunity_period(
            origin: OriginFor<T>,
            netuid: NetUid,
            immunity_period: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::ImmunityPeriod, "sudo_set_immunity_period");
            Self::set_number(
                origin,
                netuid,
                parameter,
                immunity_period,
                Hyperparameters::<T>::set_immunity_period,
            )
        }

        /// Sets the fewest weights a validator may set. Origin: root or the owner.
        #[pallet::call_index(14)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_allowed_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_allowed_weights: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::MinAllowedWeights, "sudo_set_min_allowed_weights");
            Self::set_number(
                origin,
                netuid,
                parameter,
                min_allowed_weights,
                Hyperparameters::<T>::set_min_allowed_weights,
            )
        }

        /// Sets the most neurons: not below those there are, and not more than 256 over all mechanisms. Origin: root or the owner.
        #[pallet::call_index(15)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_max_allowed_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_allowed_uids: u16,
        ) -> DispatchResult {
            Self::change(origin, netuid, Hyperparameter::MaxAllowedUids, || {
                Self::check_max_allowed_uids(netuid, max_allowed_uids)?;
                Hyperparameters::<T>::set_max_allowed_uids(netuid, max_allowed_uids);
                Ok(())
            })
        }

        /// Sets the share of stake that must support a weight, 65535 = 1. Origin: root.
        #[pallet::call_index(16)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_kappa(origin: OriginFor<T>, netuid: NetUid, kappa: u16) -> DispatchResult {
            Self::set_as_root(origin, netuid, kappa, Hyperparameters::<T>::set_kappa)
        }

        /// Sets a number that clients show; consensus does not use it. Origin: root or the owner.
        #[pallet::call_index(17)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_rho(origin: OriginFor<T>, netuid: NetUid, rho: u16) -> DispatchResult {
            let parameter = (Hyperparameter::Rho, "sudo_set_rho");
            Self::set_number(origin, netuid, parameter, rho, Hyperparameters::<T>::set_rho)
        }

        /// Sets a number that clients show; the activity cutoff is a factor of the tempo. Origin: root or the owner.
        #[pallet::call_index(18)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_activity_cutoff(
            origin: OriginFor<T>,
            netuid: NetUid,
            activity_cutoff: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::ActivityCutoff, "sudo_set_activity_cutoff");
            Self::set_number(
                origin,
                netuid,
                parameter,
                activity_cutoff,
                Hyperparameters::<T>::set_activity_cutoff,
            )
        }

        /// Opens or closes registration. While it is closed the subnet gets no emission. Origin: root.
        #[pallet::call_index(19)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_network_registration_allowed(
            origin: OriginFor<T>,
            netuid: NetUid,
            registration_allowed: bool,
        ) -> DispatchResult {
            Self::set_as_root(
                origin,
                netuid,
                registration_allowed,
                Hyperparameters::<T>::set_registration_allowed,
            )
        }

        /// Sets a switch that clients show; proof of work is gone. Origin: root or the owner.
        #[pallet::call_index(20)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_network_pow_registration_allowed(
            origin: OriginFor<T>,
            netuid: NetUid,
            registration_allowed: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::PowRegistrationAllowed;
            Self::set_switch(
                origin,
                netuid,
                parameter,
                registration_allowed,
                Hyperparameters::<T>::set_pow_registration_allowed,
            )
        }

        /// Sets a third of the root registrations allowed in an interval. Origin: root.
        #[pallet::call_index(21)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_target_registrations_per_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            target_registrations_per_interval: u16,
        ) -> DispatchResult {
            Self::set_as_root(
                origin,
                netuid,
                target_registrations_per_interval,
                Hyperparameters::<T>::set_target_registrations_per_interval,
            )
        }

        /// Sets the lowest price of a registration: below 1 TAO and below the highest. Origin: root or the owner.
        #[pallet::call_index(22)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_burn: TaoBalance,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::MinBurn, "sudo_set_min_burn");
            let below = |rao: u64| rao < MaxBurn::<T>::get(netuid).to_rao();
            Self::set_bound(origin, netuid, parameter, min_burn.to_rao(), below, |netuid, rao| {
                Hyperparameters::<T>::set_min_burn(netuid, rao.into())
            })
        }

        /// Sets the highest price of a registration: above 0.1 TAO and above the lowest. Origin: root or the owner.
        #[pallet::call_index(23)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_max_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_burn: TaoBalance,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::MaxBurn, "sudo_set_max_burn");
            let above = |rao: u64| rao > MinBurn::<T>::get(netuid).to_rao();
            Self::set_bound(origin, netuid, parameter, max_burn.to_rao(), above, |netuid, rao| {
                Hyperparameters::<T>::set_max_burn(netuid, rao.into())
            })
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root.
        #[pallet::call_index(24)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_difficulty(origin: OriginFor<T>, netuid: NetUid, difficulty: u64) -> DispatchResult {
            Self::set_as_root(origin, netuid, difficulty, Hyperparameters::<T>::set_difficulty)
        }

        /// Sets the most validators with a permit: at most as many as neurons. Origin: root.
        #[pallet::call_index(25)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_max_allowed_validators(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_allowed_validators: u16,
        ) -> DispatchResult {
            Self::root_on(origin, netuid)?;
            let uids = MaxAllowedUids::<T>::get(netuid);
            ensure!(max_allowed_validators <= uids, Error::<T>::MaxValidatorsLargerThanMaxUIds);
            Hyperparameters::<T>::set_max_allowed_validators(netuid, max_allowed_validators);
            Ok(())
        }

        /// Sets how much of the old bonds survives an epoch, in millionths. Origin: root or the owner.
        #[pallet::call_index(26)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_bonds_moving_average(
            origin: OriginFor<T>,
            netuid: NetUid,
            bonds_moving_average: u64,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::BondsMovingAverage, "sudo_set_bonds_moving_average");
            Self::set_number(
                origin,
                netuid,
                parameter,
                bonds_moving_average,
                Hyperparameters::<T>::set_bonds_moving_average,
            )
        }

        /// Sets the most root registrations in a block. Origin: root.
        #[pallet::call_index(27)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_max_registrations_per_block(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_registrations_per_block: u16,
        ) -> DispatchResult {
            Self::set_as_root(
                origin,
                netuid,
                max_registrations_per_block,
                Hyperparameters::<T>::set_max_registrations_per_block,
            )
        }

        /// Sets the share of emission that goes to owners of subnets, 65535 = 1. Origin: root.
        #[pallet::call_index(28)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_subnet_owner_cut(origin: OriginFor<T>, subnet_owner_cut: u16) -> DispatchResult {
            Self::set_network(origin, subnet_owner_cut, NetworkSettings::<T>::set_owner_cut)
        }

        /// Sets the blocks between two registrations of subnets. Origin: root.
        #[pallet::call_index(29)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_network_rate_limit(origin: OriginFor<T>, rate_limit: u64) -> DispatchResult {
            Self::set_network(origin, rate_limit, NetworkSettings::<T>::set_registration_rate_limit)
        }

        /// Sets the blocks between two epochs; 0 stops them. Origin: root.
        #[pallet::call_index(30)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_tempo(origin: OriginFor<T>, netuid: NetUid, tempo: u16) -> DispatchResult {
            Self::set_as_root(origin, netuid, tempo, Hyperparameters::<T>::set_tempo)
        }

        /// Sets the blocks for which a new subnet is not removed. Origin: root.
        #[pallet::call_index(35)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_network_immunity_period(
            origin: OriginFor<T>,
            immunity_period: u64,
        ) -> DispatchResult {
            Self::set_network(origin, immunity_period, NetworkSettings::<T>::set_immunity_period)
        }

        /// Sets the lowest price of a subnet. Origin: root.
        #[pallet::call_index(36)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_network_min_lock_cost(origin: OriginFor<T>, lock_cost: TaoBalance) -> DispatchResult {
            Self::set_network(origin, lock_cost, NetworkSettings::<T>::set_min_lock_cost)
        }

        /// Sets the most subnets besides root. Origin: root.
        #[pallet::call_index(37)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_subnet_limit(origin: OriginFor<T>, max_subnets: u16) -> DispatchResult {
            Self::set_network(origin, max_subnets, NetworkSettings::<T>::set_subnet_limit)
        }

        /// Sets the blocks in which the price of a subnet falls by its last price. Origin: root.
        #[pallet::call_index(38)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_lock_reduction_interval(origin: OriginFor<T>, interval: u64) -> DispatchResult {
            Self::set_network(origin, interval, NetworkSettings::<T>::set_lock_reduction_interval)
        }

        /// Sets a sum that clients show: TAO spent on registrations. Origin: root.
        #[pallet::call_index(39)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_rao_recycled(
            origin: OriginFor<T>,
            netuid: NetUid,
            rao_recycled: TaoBalance,
        ) -> DispatchResult {
            Self::set_as_root(origin, netuid, rao_recycled, Hyperparameters::<T>::set_rao_recycled)
        }

        /// Sets the smallest stake weight with which weights may be set, in rao. Origin: root.
        #[pallet::call_index(42)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_stake_threshold(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::set_network(origin, min_stake, NetworkSettings::<T>::set_stake_threshold)
        }

        /// Sets the smallest nomination in millionths of the smallest stake. Origin: root.
        #[pallet::call_index(43)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_nominator_min_required_stake(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::set_network(origin, min_stake, NetworkSettings::<T>::set_nominator_min_required_stake)
        }

        /// Sets the blocks between a change of a take and its next increase. Origin: root.
        #[pallet::call_index(45)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_tx_delegate_take_rate_limit(
            origin: OriginFor<T>,
            tx_rate_limit: u64,
        ) -> DispatchResult {
            Self::set_network(origin, tx_rate_limit, NetworkSettings::<T>::set_delegate_take_rate_limit)
        }

        /// Sets the lowest delegate take, 65535 = 1. Origin: root.
        #[pallet::call_index(46)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_delegate_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            Self::set_network(origin, take, NetworkSettings::<T>::set_min_delegate_take)
        }

        /// Switches whether weights must be committed before they are revealed. Origin: root or the owner.
        #[pallet::call_index(49)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_commit_reveal_weights_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::CommitRevealEnabled;
            Self::set_switch(origin, netuid, parameter, enabled, Hyperparameters::<T>::set_commit_reveal)
        }

        /// Switches whether the speed of bonds depends on agreement. Origin: root or the owner.
        #[pallet::call_index(50)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_liquid_alpha_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::LiquidAlphaEnabled;
            Self::set_switch(origin, netuid, parameter, enabled, Hyperparameters::<T>::set_liquid_alpha)
        }

        /// Sets the bounds of the speed of bonds, 65535 = 1. Liquid alpha must be on. Origin: root or the owner.
        #[pallet::call_index(51)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_alpha_values(
            origin: OriginFor<T>,
            netuid: NetUid,
            alpha_low: u16,
            alpha_high: u16,
        ) -> DispatchResult {
            Self::change(origin, netuid, Hyperparameter::AlphaValues, || {
                ensure!(LiquidAlphaOn::<T>::get(netuid), NetworkError::<T>::LiquidAlphaDisabled);
                ensure!(alpha_high >= MIN_LIQUID_ALPHA, NetworkError::<T>::AlphaHighTooLow);
                let range = MIN_LIQUID_ALPHA..=alpha_high;
                ensure!(range.contains(&alpha_low), NetworkError::<T>::AlphaLowOutOfRange);
                Hyperparameters::<T>::set_alpha_values(netuid, (alpha_low, alpha_high));
                Ok(())
            })
        }

        /// Sets the epochs between commit and reveal, 1 to 100. Origin: root or the owner.
        #[pallet::call_index(57)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_commit_reveal_weights_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            interval: u64,
        ) -> DispatchResult {
            Self::change(origin, netuid, Hyperparameter::WeightCommitInterval, || {
                ensure!(interval >= 1, NetworkError::<T>::RevealPeriodTooSmall);
                ensure!(interval <= MAX_REVEAL_PERIOD, NetworkError::<T>::RevealPeriodTooLarge);
                Hyperparameters::<T>::set_reveal_period(netuid, interval);
                Ok(())
            })
        }

        /// Sets how far bonds follow clipped weights, 65535 = 1. Origin: root or the owner.
        #[pallet::call_index(60)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_bonds_penalty(
            origin: OriginFor<T>,
            netuid: NetUid,
            bonds_penalty: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::BondsPenalty, "sudo_set_bonds_penalty");
            Self::set_number(
                origin,
                netuid,
                parameter,
                bonds_penalty,
                Hyperparameters::<T>::set_bonds_penalty,
            )
        }

        /// Switches whether stake may change its coldkey. Origin: root or the owner.
        #[pallet::call_index(61)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_toggle_transfer(
            origin: OriginFor<T>,
            netuid: NetUid,
            toggle: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::TransferEnabled;
            Self::set_switch(origin, netuid, parameter, toggle, Hyperparameters::<T>::set_transfer_toggle)
        }

        /// Sets the speed of the moving prices. Origin: root.
        #[pallet::call_index(63)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_subnet_moving_alpha(origin: OriginFor<T>, alpha: I96F32) -> DispatchResult {
            Self::set_network(origin, alpha, NetworkSettings::<T>::set_moving_alpha)
        }

        /// Sets the age in blocks at which the moving price has half its speed. Origin: root.
        #[pallet::call_index(65)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_ema_price_halving_period(
            origin: OriginFor<T>,
            netuid: NetUid,
            ema_halving: u64,
        ) -> DispatchResult {
            Self::set_as_root(origin, netuid, ema_halving, Hyperparameters::<T>::set_price_halving_blocks)
        }

        /// Switches whether the alpha of a subnet can be traded. Origin: root.
        #[pallet::call_index(66)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_subtoken_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            subtoken_enabled: bool,
        ) -> DispatchResult {
            Self::set_as_root(origin, netuid, subtoken_enabled, Hyperparameters::<T>::set_subtoken)
        }

        /// Makes a hotkey of the owner stand for the subnet. The owner may do so once per 50,400 blocks. Origin: root or the owner.
        #[pallet::call_index(67)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_sn_owner_hotkey(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            let setter = RateLimits::<T>::authorise(origin, netuid)?;
            SubnetRegistry::<T>::set_owner_hotkey(setter, netuid, hotkey)
        }

        /// Sets how sharply the speed of bonds depends on agreement, in hundredths. Origin: root or the owner.
        #[pallet::call_index(68)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_alpha_sigmoid_steepness(
            origin: OriginFor<T>,
            netuid: NetUid,
            steepness: i16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::AlphaSigmoidSteepness, "sudo_set_alpha_sigmoid_steepness");
            Self::set_number(
                origin,
                netuid,
                parameter,
                steepness,
                Hyperparameters::<T>::set_alpha_sigmoid_steepness,
            )
        }

        /// Switches whether bonds follow Yuma 3. Origin: root or the owner.
        #[pallet::call_index(69)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_yuma3_enabled(origin: OriginFor<T>, netuid: NetUid, enabled: bool) -> DispatchResult {
            let parameter = Hyperparameter::Yuma3Enabled;
            Self::set_switch(origin, netuid, parameter, enabled, Hyperparameters::<T>::set_yuma3)
        }

        /// Switches whether a miner may reset the bonds toward it. Origin: root or the owner.
        #[pallet::call_index(70)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_bonds_reset_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::BondsResetEnabled;
            Self::set_switch(origin, netuid, parameter, enabled, Hyperparameters::<T>::set_bonds_reset)
        }

        /// Sets the version that time-locked commits must state. Origin: root.
        #[pallet::call_index(71)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_commit_reveal_version(origin: OriginFor<T>, version: u16) -> DispatchResult {
            Self::set_network(origin, version, NetworkSettings::<T>::set_commit_reveal_version)
        }

        /// Sets how many hotkeys of the owner pruning never touches. Origin: root or the owner.
        #[pallet::call_index(72)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_owner_immune_neuron_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            immune_neurons: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::ImmuneNeuronLimit, "sudo_set_owner_immune_neuron_limit");
            Self::set_number(
                origin,
                netuid,
                parameter,
                immune_neurons,
                Hyperparameters::<T>::set_immune_owner_uids_limit,
            )
        }

        /// Sets the share of a parent’s dividend that is recycled, 2⁶⁴−1 = 1. Origin: root.
        #[pallet::call_index(73)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_ck_burn(origin: OriginFor<T>, burn: u64) -> DispatchResult {
            Self::set_network(origin, burn, NetworkSettings::<T>::set_childkey_burn)
        }

        /// Sets the blocks before an epoch in which owners can’t change hyperparameters. Origin: root.
        #[pallet::call_index(74)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_admin_freeze_window(origin: OriginFor<T>, window: u16) -> DispatchResult {
            Self::set_network(origin, window, NetworkSettings::<T>::set_admin_freeze_window)
        }

        /// Sets the tempos between two changes of one hyperparameter by an owner. Origin: root.
        #[pallet::call_index(75)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_owner_hparam_rate_limit(origin: OriginFor<T>, epochs: u16) -> DispatchResult {
            Self::set_network(origin, epochs, NetworkSettings::<T>::set_owner_rate_limit)
        }

        /// Sets the number of mechanisms; what belonged to mechanisms above it is removed. Origin: root or the owner.
        #[pallet::call_index(76)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_mechanism_count(
            origin: OriginFor<T>,
            netuid: NetUid,
            mechanism_count: MechId,
        ) -> DispatchResult {
            let wait = SubnetRegistry::<T>::profile().mechanism_count_interval();
            Self::action(origin, netuid, TransactionType::MechanismCountUpdate, wait, || {
                Self::check_mechanism_count(netuid, mechanism_count)?;
                Hyperparameters::<T>::set_mechanism_count(netuid, mechanism_count);
                Ok(())
            })
        }

        /// Sets the shares of the mechanisms, which add up to 65535; none means equal shares. Origin: root or the owner.
        #[pallet::call_index(77)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_mechanism_emission_split(
            origin: OriginFor<T>,
            netuid: NetUid,
            maybe_split: Option<Vec<u16>>,
        ) -> DispatchResult {
            let wait = SubnetRegistry::<T>::profile().mechanism_split_interval();
            Self::action(origin, netuid, TransactionType::MechanismEmission, wait, || {
                Self::check_emission_split(netuid, maybe_split.as_deref())?;
                Hyperparameters::<T>::set_emission_split(netuid, maybe_split);
                Ok(())
            })
        }

        /// Sets the lowest limit that trimming may reach: below the limit now and at most the neurons there are. Origin: root.
        #[pallet::call_index(79)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_allowed_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_allowed_uids: u16,
        ) -> DispatchResult {
            Self::root_on(origin, netuid)?;
            let (limit, count) = (MaxAllowedUids::<T>::get(netuid), SubnetworkN::<T>::get(netuid));
            ensure!(min_allowed_uids < limit, Error::<T>::MinAllowedUidsGreaterThanMaxAllowedUids);
            ensure!(min_allowed_uids < count, Error::<T>::MinAllowedUidsGreaterThanCurrentUids);
            Hyperparameters::<T>::set_min_allowed_uids(netuid, min_allowed_uids);
            Ok(())
        }

        /// Sets what happens to miner emission withheld from the owner’s hotkeys. Origin: root or the owner.
        #[pallet::call_index(80)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_recycle_or_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            recycle_or_burn: RecycleOrBurnEnum,
        ) -> DispatchResult {
            let parameter = Hyperparameter::RecycleOrBurn;
            Self::set_switch(
                origin,
                netuid,
                parameter,
                recycle_or_burn,
                Hyperparameters::<T>::set_recycle_or_burn,
            )
        }

        /// Sets the blocks between the registration of a subnet and its start call. Origin: root.
        #[pallet::call_index(85)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_start_call_delay(origin: OriginFor<T>, delay: u64) -> DispatchResult {
            Self::set_network(origin, delay, NetworkSettings::<T>::set_start_call_delay)
        }

        /// Sets the blocks in which the price of a registration halves. Origin: root or the owner.
        #[pallet::call_index(89)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_burn_half_life(
            origin: OriginFor<T>,
            netuid: NetUid,
            burn_half_life: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::BurnHalfLife, "sudo_set_burn_half_life");
            Self::set_number(
                origin,
                netuid,
                parameter,
                burn_half_life,
                Hyperparameters::<T>::set_burn_half_life,
            )
        }

        /// Sets the factor by which a registration raises the price: a whole number from 1 to 3. Origin: root or the owner.
        #[pallet::call_index(90)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_burn_increase_mult(
            origin: OriginFor<T>,
            netuid: NetUid,
            burn_increase_mult: U64F64,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::BurnIncreaseMult, "sudo_set_burn_increase_mult");
            let bits = i128::try_from(burn_increase_mult.to_bits()).unwrap_or(i128::MAX);
            let is_whole = bits & i128::from(u64::MAX) == 0;
            ensure!(is_whole, Error::<T>::ValueNotInBounds);
            Self::set_number(origin, netuid, parameter, bits, |netuid, _| {
                Hyperparameters::<T>::set_burn_increase_mult(netuid, burn_increase_mult)
            })
        }

        /// Switches whether the owner gets a share of the emission. Origin: root or the owner.
        #[pallet::call_index(92)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_owner_cut_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            let parameter = Hyperparameter::OwnerCutEnabled;
            Self::set_switch(origin, netuid, parameter, enabled, Hyperparameters::<T>::set_owner_cut)
        }

        /// Sets the lowest childkey take on the subnet, 65535 = 1. Origin: root or the owner.
        #[pallet::call_index(93)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_min_childkey_take_per_subnet(
            origin: OriginFor<T>,
            netuid: NetUid,
            take: u16,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::MinChildkeyTake, "sudo_set_min_childkey_take_per_subnet");
            Self::set_number(origin, netuid, parameter, take, Hyperparameters::<T>::set_min_childkey_take)
        }

        /// Switches whether the subnet takes part in TAO emission. Origin: root.
        #[pallet::call_index(94)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_subnet_emission_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set_as_root(origin, netuid, enabled, Hyperparameters::<T>::set_emission)
        }

        /// Sets after how many tempos, in thousandths, a validator counts as idle. Origin: root or the owner.
        #[pallet::call_index(97)]
        #[pallet::weight(change_weight::<T>())]
        pub fn sudo_set_activity_cutoff_factor(
            origin: OriginFor<T>,
            netuid: NetUid,
            factor_milli: u32,
        ) -> DispatchResult {
            let parameter = (Hyperparameter::ActivityCutoffFactorMilli, "sudo_set_activity_cutoff_factor");
            Self::set_number(
                origin,
                netuid,
                parameter,
                factor_milli,
                Hyperparameters::<T>::set_activity_cutoff_factor,
            )
        }
    }
}

#[cfg(test)]
mod tests;

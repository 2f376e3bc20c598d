//! Declarations of the pallet: its calls in the order of their numbers, each naming a row of the parameter table.
//!
//! Each call names the value that it sets and its origin; range and cool-down are those of the row. All cost a fee.

// FRAME wants a module of its own.
#![allow(clippy::module_inception)]

pub use pallet::*;

#[frame_support::pallet]
pub mod pallet {
    use alloc::vec::Vec;

    use frame_support::pallet_prelude::*;
    use frame_system::pallet_prelude::*;
    use myelin_abi::RecycleOrBurnEnum;
    use myelin_economy::params::{action, row, Action, RevealTiming};
    use myelin_units::{MechId, NetUid, TaoBalance, I96F32, U64F64};
    use pallet_network::{
        epoch::EpochClock,
        neurons::NeuronRegistry,
        subnets::{now, EmissionSplits, Hyperparameters, NetworkSettings, RateLimits, Setter},
        types::TransactionType,
        MaxAllowedUids, MaxBurn, MinBurn,
    };

    use crate::{authorities::Authorities, measured::Measured};

    /// Types that the runtime supplies: the network pallet, and the pallet that appoints authorities.
    #[pallet::config]
    pub trait Config: frame_system::Config + pallet_network::Config {
        /// The set of authorities that write and finalise blocks.
        type Authorities: Authorities;
    }

    /// A key by which root names an authority.
    pub type AuthorityKey<T> = <<T as Config>::Authorities as Authorities>::Key;
    /// Most authorities.
    pub type MostAuthorities<T> = <<T as Config>::Authorities as Authorities>::Most;

    /// The pallet itself; its metadata name in the runtime is `AdminUtils`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Reasons to refuse a value.
    #[pallet::error]
    pub enum Error<T> {
        /// There can't be more validators than neurons.
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
        /// The minimum must be below the subnet's limit of neurons.
        MinAllowedUidsGreaterThanMaxAllowedUids,
        /// The limit must not be below the subnet's minimum of neurons.
        MaxAllowedUidsLessThanMinAllowedUids,
        /// No subnet may have more than 256 neurons.
        MaxAllowedUidsGreaterThanDefaultMaxAllowedUids,
    }

    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Appoints the accounts with these Aura keys as the authorities of the chain, instead of those in office. They
        /// take office in the second block from now. Each of them has stored session keys. Refused while elections are
        /// on. Origin: root.
        #[pallet::call_index(0)]
        #[pallet::weight({
            let keys = u64::try_from(new_authorities.len()).unwrap_or(u64::MAX);
            Measured::<T>::network_value().saturating_add(T::DbWeight::get().reads(keys.saturating_add(1)))
        })]
        pub fn swap_authorities(
            origin: OriginFor<T>,
            new_authorities: BoundedVec<AuthorityKey<T>, MostAuthorities<T>>,
        ) -> DispatchResult {
            ensure_root(origin)?;
            T::Authorities::appoint(&new_authorities)
        }

        /// Sets the highest delegate take, which is also the take of a delegate that never set one, 65535 = 1. Origin:
        /// root.
        #[pallet::call_index(1)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_default_take(origin: OriginFor<T>, default_take: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("MaxDelegateTake") },
                default_take,
                NetworkSettings::<T>::set_max_delegate_take,
            )
        }

        /// Sets the blocks between two key operations of one account. Origin: root.
        #[pallet::call_index(2)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_tx_rate_limit(origin: OriginFor<T>, tx_rate_limit: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("TxRateLimit") },
                tx_rate_limit,
                NetworkSettings::<T>::set_tx_rate_limit,
            )
        }

        /// Sets the blocks between two announcements of an endpoint. Origin: root or the owner.
        #[pallet::call_index(3)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_serving_rate_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            serving_rate_limit: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("ServingRateLimit") },
                serving_rate_limit,
                Hyperparameters::<T>::set_serving_rate_limit,
            )
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root.
        #[pallet::call_index(4)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_difficulty(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_difficulty: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MinDifficulty") },
                min_difficulty,
                Hyperparameters::<T>::set_min_difficulty,
            )
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root or the owner.
        #[pallet::call_index(5)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_max_difficulty(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_difficulty: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MaxDifficulty") },
                max_difficulty,
                Hyperparameters::<T>::set_max_difficulty,
            )
        }

        /// Sets the lowest version key that weights must carry. The owner may do so once per five tempos. Origin: root
        /// or the owner.
        #[pallet::call_index(6)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_weights_version_key(
            origin: OriginFor<T>,
            netuid: NetUid,
            weights_version_key: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("WeightsVersionKey") },
                weights_version_key,
                Hyperparameters::<T>::set_weights_version_key,
            )
        }

        /// Sets the blocks between two sets or commits of weights. Origin: root.
        #[pallet::call_index(7)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_weights_set_rate_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            weights_set_rate_limit: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("WeightsSetRateLimit") },
                weights_set_rate_limit,
                Hyperparameters::<T>::set_weights_rate_limit,
            )
        }

        /// Sets a number that clients show; prices adjust in every block. Origin: root.
        #[pallet::call_index(8)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_adjustment_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            adjustment_interval: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("AdjustmentInterval") },
                adjustment_interval,
                Hyperparameters::<T>::set_adjustment_interval,
            )
        }

        /// Sets a number that clients show; prices adjust in every block. Origin: root or the owner.
        #[pallet::call_index(9)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_adjustment_alpha(
            origin: OriginFor<T>,
            netuid: NetUid,
            adjustment_alpha: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("AdjustmentAlpha") },
                adjustment_alpha,
                Hyperparameters::<T>::set_adjustment_alpha,
            )
        }

        /// Sets the blocks for which a new neuron is not pruned. Origin: root or the owner.
        #[pallet::call_index(13)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_immunity_period(
            origin: OriginFor<T>,
            netuid: NetUid,
            immunity_period: u16,
        ) -> DispatchResult {
            let in_time = |timing: &mut RevealTiming| timing.immunity = immunity_period;
            Self::set_if(
                origin,
                netuid,
                const { row("ImmunityPeriod") },
                immunity_period,
                |_| Hyperparameters::<T>::ensure_reveal_in_time(netuid, in_time),
                Hyperparameters::<T>::set_immunity_period,
            )
        }

        /// Sets the fewest weights a validator may set. Origin: root or the owner.
        #[pallet::call_index(14)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_allowed_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_allowed_weights: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MinAllowedWeights") },
                min_allowed_weights,
                Hyperparameters::<T>::set_min_allowed_weights,
            )
        }

        /// Sets the most neurons: not below those there are, and not more than 256 over all mechanisms. Origin: root or
        /// the owner.
        #[pallet::call_index(15)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_max_allowed_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_allowed_uids: u16,
        ) -> DispatchResult {
            Self::set_if(
                origin,
                netuid,
                const { row("MaxAllowedUids") },
                max_allowed_uids,
                |_| Self::check_max_allowed_uids(netuid, max_allowed_uids),
                Hyperparameters::<T>::set_max_allowed_uids,
            )
        }

        /// Sets the share of stake that must support a weight, 65535 = 1. Origin: root.
        #[pallet::call_index(16)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_kappa(origin: OriginFor<T>, netuid: NetUid, kappa: u16) -> DispatchResult {
            Self::set(origin, netuid, const { row("Kappa") }, kappa, Hyperparameters::<T>::set_kappa)
        }

        /// Sets a number that clients show; consensus does not use it. Origin: root or the owner.
        #[pallet::call_index(17)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_rho(origin: OriginFor<T>, netuid: NetUid, rho: u16) -> DispatchResult {
            Self::set(origin, netuid, const { row("Rho") }, rho, Hyperparameters::<T>::set_rho)
        }

        /// Sets a number that clients show; the activity cutoff is a factor of the tempo. Origin: root or the owner.
        #[pallet::call_index(18)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_activity_cutoff(
            origin: OriginFor<T>,
            netuid: NetUid,
            activity_cutoff: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("ActivityCutoff") },
                activity_cutoff,
                Hyperparameters::<T>::set_activity_cutoff,
            )
        }

        /// Opens or closes registration. While it is closed the subnet gets no emission. Origin: root.
        #[pallet::call_index(19)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_network_registration_allowed(
            origin: OriginFor<T>,
            netuid: NetUid,
            registration_allowed: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("NetworkRegistrationAllowed") },
                registration_allowed,
                Hyperparameters::<T>::set_registration_allowed,
            )
        }

        /// Sets a switch that clients show; proof of work is gone. Origin: root or the owner.
        #[pallet::call_index(20)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_network_pow_registration_allowed(
            origin: OriginFor<T>,
            netuid: NetUid,
            registration_allowed: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("NetworkPowRegistrationAllowed") },
                registration_allowed,
                Hyperparameters::<T>::set_pow_registration_allowed,
            )
        }

        /// Sets a third of the root registrations allowed in an interval. Origin: root.
        #[pallet::call_index(21)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_target_registrations_per_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            target_registrations_per_interval: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("TargetRegistrationsPerInterval") },
                target_registrations_per_interval,
                Hyperparameters::<T>::set_target_registrations_per_interval,
            )
        }

        /// Sets the lowest price of a registration: below 1 TAO and below the highest. Origin: root or the owner.
        #[pallet::call_index(22)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_burn: TaoBalance,
        ) -> DispatchResult {
            let below = || min_burn < MaxBurn::<T>::get(netuid);
            Self::set_if(
                origin,
                netuid,
                const { row("MinBurn") },
                min_burn,
                |setter| Self::ensure_fits(setter == Setter::Root || below()),
                Hyperparameters::<T>::set_min_burn,
            )
        }

        /// Sets the highest price of a registration: above 0.1 TAO and above the lowest. Origin: root or the owner.
        #[pallet::call_index(23)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_max_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_burn: TaoBalance,
        ) -> DispatchResult {
            let above = || max_burn > MinBurn::<T>::get(netuid);
            Self::set_if(
                origin,
                netuid,
                const { row("MaxBurn") },
                max_burn,
                |setter| Self::ensure_fits(setter == Setter::Root || above()),
                Hyperparameters::<T>::set_max_burn,
            )
        }

        /// Sets a number that clients show; proof of work is gone. Origin: root.
        #[pallet::call_index(24)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_difficulty(origin: OriginFor<T>, netuid: NetUid, difficulty: u64) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("Difficulty") },
                difficulty,
                Hyperparameters::<T>::set_difficulty,
            )
        }

        /// Sets the most validators with a permit: at most as many as neurons. Origin: root.
        #[pallet::call_index(25)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_max_allowed_validators(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_allowed_validators: u16,
        ) -> DispatchResult {
            let uids = MaxAllowedUids::<T>::get(netuid);
            Self::set_if(
                origin,
                netuid,
                const { row("MaxAllowedValidators") },
                max_allowed_validators,
                |_| Self::ensure_room(max_allowed_validators, uids),
                Hyperparameters::<T>::set_max_allowed_validators,
            )
        }

        /// Sets how much of the old bonds survives an epoch, in millionths. Origin: root or the owner.
        #[pallet::call_index(26)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_bonds_moving_average(
            origin: OriginFor<T>,
            netuid: NetUid,
            bonds_moving_average: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("BondsMovingAverage") },
                bonds_moving_average,
                Hyperparameters::<T>::set_bonds_moving_average,
            )
        }

        /// Sets the most root registrations in a block. Origin: root.
        #[pallet::call_index(27)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_max_registrations_per_block(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_registrations_per_block: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MaxRegistrationsPerBlock") },
                max_registrations_per_block,
                Hyperparameters::<T>::set_max_registrations_per_block,
            )
        }

        /// Sets the share of emission that goes to owners of subnets, 65535 = 1. Origin: root.
        #[pallet::call_index(28)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_subnet_owner_cut(origin: OriginFor<T>, subnet_owner_cut: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("SubnetOwnerCut") },
                subnet_owner_cut,
                NetworkSettings::<T>::set_owner_cut,
            )
        }

        /// Sets the blocks between two registrations of subnets. Origin: root.
        #[pallet::call_index(29)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_network_rate_limit(origin: OriginFor<T>, rate_limit: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("NetworkRateLimit") },
                rate_limit,
                NetworkSettings::<T>::set_registration_rate_limit,
            )
        }

        /// Sets the blocks between two epochs; 0 stops them. Origin: root.
        #[pallet::call_index(30)]
        #[pallet::weight(Measured::<T>::subnet_value().saturating_add(T::DbWeight::get().reads_writes(1, 2)))]
        pub fn sudo_set_tempo(origin: OriginFor<T>, netuid: NetUid, tempo: u16) -> DispatchResult {
            let in_time = |timing: &mut RevealTiming| timing.tempo = tempo;
            Self::set_if(
                origin,
                netuid,
                const { row("Tempo") },
                tempo,
                |_| Hyperparameters::<T>::ensure_reveal_in_time(netuid, in_time),
                |netuid, tempo| {
                    Hyperparameters::<T>::set_tempo(netuid, tempo);
                    EpochClock::<T>::align(netuid, tempo, now::<T>());
                },
            )
        }

        /// Sets the blocks for which a new subnet is not removed. Origin: root.
        #[pallet::call_index(35)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_network_immunity_period(
            origin: OriginFor<T>,
            immunity_period: u64,
        ) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("NetworkImmunityPeriod") },
                immunity_period,
                NetworkSettings::<T>::set_immunity_period,
            )
        }

        /// Sets the lowest price of a subnet. Origin: root.
        #[pallet::call_index(36)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_network_min_lock_cost(origin: OriginFor<T>, lock_cost: TaoBalance) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("NetworkMinLockCost") },
                lock_cost,
                NetworkSettings::<T>::set_min_lock_cost,
            )
        }

        /// Sets the most subnets besides root. Origin: root.
        #[pallet::call_index(37)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_subnet_limit(origin: OriginFor<T>, max_subnets: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("SubnetLimit") },
                max_subnets,
                NetworkSettings::<T>::set_subnet_limit,
            )
        }

        /// Sets the blocks in which the price of a subnet falls by its last price. Origin: root.
        #[pallet::call_index(38)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_lock_reduction_interval(origin: OriginFor<T>, interval: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("NetworkLockReductionInterval") },
                interval,
                NetworkSettings::<T>::set_lock_reduction_interval,
            )
        }

        /// Sets a sum that clients show: TAO spent on registrations. Origin: root.
        #[pallet::call_index(39)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_rao_recycled(
            origin: OriginFor<T>,
            netuid: NetUid,
            rao_recycled: TaoBalance,
        ) -> DispatchResult {
            Self::root_on(origin, netuid)?;
            Hyperparameters::<T>::set_rao_recycled(netuid, rao_recycled);
            Ok(())
        }

        /// Sets the smallest stake weight with which weights may be set, in rao. Origin: root.
        #[pallet::call_index(42)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_stake_threshold(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("StakeThreshold") },
                min_stake,
                NetworkSettings::<T>::set_stake_threshold,
            )
        }

        /// Sets the smallest nomination in millionths of the smallest stake. Origin: root.
        #[pallet::call_index(43)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_nominator_min_required_stake(origin: OriginFor<T>, min_stake: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("NominatorMinRequiredStake") },
                min_stake,
                NetworkSettings::<T>::set_nominator_min_required_stake,
            )
        }

        /// Sets the blocks between a change of a take and its next increase. Origin: root.
        #[pallet::call_index(45)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_tx_delegate_take_rate_limit(
            origin: OriginFor<T>,
            tx_rate_limit: u64,
        ) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("TxDelegateTakeRateLimit") },
                tx_rate_limit,
                NetworkSettings::<T>::set_delegate_take_rate_limit,
            )
        }

        /// Sets the lowest delegate take, 65535 = 1. Origin: root.
        #[pallet::call_index(46)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_min_delegate_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("MinDelegateTake") },
                take,
                NetworkSettings::<T>::set_min_delegate_take,
            )
        }

        /// Switches whether weights must be committed before they are revealed. Origin: root or the owner.
        #[pallet::call_index(49)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_commit_reveal_weights_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            let in_time = |timing: &mut RevealTiming| timing.enabled = enabled;
            Self::set_if(
                origin,
                netuid,
                const { row("CommitRevealWeightsEnabled") },
                enabled,
                |_| Hyperparameters::<T>::ensure_reveal_in_time(netuid, in_time),
                Hyperparameters::<T>::set_commit_reveal,
            )
        }

        /// Switches whether the speed of bonds depends on agreement. Origin: root or the owner.
        #[pallet::call_index(50)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_liquid_alpha_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("LiquidAlphaOn") },
                enabled,
                Hyperparameters::<T>::set_liquid_alpha,
            )
        }

        /// Sets the bounds of the speed of bonds, 65535 = 1. Liquid alpha must be on. Origin: root or the owner.
        #[pallet::call_index(51)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_alpha_values(
            origin: OriginFor<T>,
            netuid: NetUid,
            alpha_low: u16,
            alpha_high: u16,
        ) -> DispatchResult {
            Self::set_if(
                origin,
                netuid,
                const { row("AlphaValues.high") },
                alpha_high,
                |_| Self::check_alpha_low(netuid, alpha_low, alpha_high),
                |netuid, _| Hyperparameters::<T>::set_alpha_values(netuid, (alpha_low, alpha_high)),
            )
        }

        /// Sets the epochs between commit and reveal, 1 to 100. Origin: root or the owner.
        #[pallet::call_index(57)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_commit_reveal_weights_interval(
            origin: OriginFor<T>,
            netuid: NetUid,
            interval: u64,
        ) -> DispatchResult {
            let in_time = |timing: &mut RevealTiming| timing.epochs = interval;
            Self::set_if(
                origin,
                netuid,
                const { row("RevealPeriodEpochs") },
                interval,
                |_| Hyperparameters::<T>::ensure_reveal_in_time(netuid, in_time),
                Hyperparameters::<T>::set_reveal_period,
            )
        }

        /// Sets how far bonds follow clipped weights, 65535 = 1. Origin: root or the owner.
        #[pallet::call_index(60)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_bonds_penalty(
            origin: OriginFor<T>,
            netuid: NetUid,
            bonds_penalty: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("BondsPenalty") },
                bonds_penalty,
                Hyperparameters::<T>::set_bonds_penalty,
            )
        }

        /// Switches whether stake may change its coldkey. Origin: root or the owner.
        #[pallet::call_index(61)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_toggle_transfer(
            origin: OriginFor<T>,
            netuid: NetUid,
            toggle: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("TransferToggle") },
                toggle,
                Hyperparameters::<T>::set_transfer_toggle,
            )
        }

        /// Sets the speed of the moving prices. Origin: root.
        #[pallet::call_index(63)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_subnet_moving_alpha(origin: OriginFor<T>, alpha: I96F32) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("SubnetMovingAlpha") },
                alpha,
                NetworkSettings::<T>::set_moving_alpha,
            )
        }

        /// The older name of `sudo_set_sn_owner_hotkey`. Origin: root or the owner.
        #[pallet::call_index(64)]
        #[pallet::weight(Measured::<T>::owner_hotkey())]
        pub fn sudo_set_subnet_owner_hotkey(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            Self::set_owner_hotkey(origin, netuid, hotkey)
        }

        /// Sets the age in blocks at which the moving price has half its speed. Origin: root.
        #[pallet::call_index(65)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_ema_price_halving_period(
            origin: OriginFor<T>,
            netuid: NetUid,
            ema_halving: u64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("EMAPriceHalvingBlocks") },
                ema_halving,
                Hyperparameters::<T>::set_price_halving_blocks,
            )
        }

        /// Switches whether the alpha of a subnet can be traded. Origin: root.
        #[pallet::call_index(66)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_subtoken_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            subtoken_enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("SubtokenEnabled") },
                subtoken_enabled,
                Hyperparameters::<T>::set_subtoken,
            )
        }

        /// Makes a hotkey of the owner stand for the subnet. The owner may do so once per 50,400 blocks. Origin: root
        /// or the owner.
        #[pallet::call_index(67)]
        #[pallet::weight(Measured::<T>::owner_hotkey())]
        pub fn sudo_set_sn_owner_hotkey(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            Self::set_owner_hotkey(origin, netuid, hotkey)
        }

        /// Sets how sharply the speed of bonds depends on agreement, in hundredths. Origin: root or the owner.
        #[pallet::call_index(68)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_alpha_sigmoid_steepness(
            origin: OriginFor<T>,
            netuid: NetUid,
            steepness: i16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("AlphaSigmoidSteepness") },
                steepness,
                Hyperparameters::<T>::set_alpha_sigmoid_steepness,
            )
        }

        /// Switches whether bonds follow Yuma 3. Origin: root or the owner.
        #[pallet::call_index(69)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_yuma3_enabled(origin: OriginFor<T>, netuid: NetUid, enabled: bool) -> DispatchResult {
            Self::set(origin, netuid, const { row("Yuma3On") }, enabled, Hyperparameters::<T>::set_yuma3)
        }

        /// Switches whether a miner may reset the bonds toward it. Origin: root or the owner.
        #[pallet::call_index(70)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_bonds_reset_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("BondsResetOn") },
                enabled,
                Hyperparameters::<T>::set_bonds_reset,
            )
        }

        /// Sets the version that time-locked commits must state. Origin: root.
        #[pallet::call_index(71)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_commit_reveal_version(origin: OriginFor<T>, version: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("CommitRevealWeightsVersion") },
                version,
                NetworkSettings::<T>::set_commit_reveal_version,
            )
        }

        /// Sets how many hotkeys of the owner pruning never touches. Origin: root or the owner.
        #[pallet::call_index(72)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_owner_immune_neuron_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            immune_neurons: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("ImmuneOwnerUidsLimit") },
                immune_neurons,
                Hyperparameters::<T>::set_immune_owner_uids_limit,
            )
        }

        /// Sets the share of a parent's dividend that is recycled, 2⁶⁴−1 = 1. Origin: root.
        #[pallet::call_index(73)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_ck_burn(origin: OriginFor<T>, burn: u64) -> DispatchResult {
            Self::set_network(origin, const { row("CKBurn") }, burn, NetworkSettings::<T>::set_childkey_burn)
        }

        /// Sets the blocks before an epoch in which owners can't change hyperparameters. Origin: root.
        #[pallet::call_index(74)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_admin_freeze_window(origin: OriginFor<T>, window: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("AdminFreezeWindow") },
                window,
                NetworkSettings::<T>::set_admin_freeze_window,
            )
        }

        /// Sets the tempos between two changes of one hyperparameter by an owner. Origin: root.
        #[pallet::call_index(75)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_owner_hparam_rate_limit(origin: OriginFor<T>, epochs: u16) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("OwnerHyperparamRateLimit") },
                epochs,
                NetworkSettings::<T>::set_owner_rate_limit,
            )
        }

        /// Sets the number of mechanisms; what belonged to mechanisms above it is removed. On a started subnet the
        /// shares become equal `RubricNotice` blocks later; until then new mechanisms get nothing. Origin: root or the
        /// owner.
        #[pallet::call_index(76)]
        #[pallet::weight(Measured::<T>::mechanism_count().saturating_add(T::DbWeight::get().reads_writes(4, 1)))]
        pub fn sudo_set_mechanism_count(
            origin: OriginFor<T>,
            netuid: NetUid,
            mechanism_count: MechId,
        ) -> DispatchResult {
            Self::set_if(
                origin,
                netuid,
                const { row("MechanismCountCurrent") },
                mechanism_count,
                |_| Self::check_mechanism_count(netuid, mechanism_count),
                Hyperparameters::<T>::set_mechanism_count,
            )
        }

        /// Sets the shares of the mechanisms, which add up to 65535; none means equal shares. On a started subnet they
        /// are in force `RubricNotice` blocks later. Origin: root or the owner.
        #[pallet::call_index(77)]
        #[pallet::weight(Measured::<T>::emission_split().saturating_add(T::DbWeight::get().reads_writes(4, 1)))]
        pub fn sudo_set_mechanism_emission_split(
            origin: OriginFor<T>,
            netuid: NetUid,
            maybe_split: Option<Vec<u16>>,
        ) -> DispatchResult {
            const SPLIT: &Action = action("sudo_set_mechanism_emission_split");
            let wait = SPLIT.cooldown.blocks(&RateLimits::<T>::pace(netuid));
            let key = TransactionType::MechanismEmission;
            let setter = RateLimits::<T>::authorise_action(origin, netuid, key, wait)?;
            Self::check_emission_split(netuid, maybe_split.as_deref())?;
            EmissionSplits::<T>::set(netuid, maybe_split);
            RateLimits::<T>::record_action(setter, netuid, key);
            Ok(())
        }

        /// Keeps at most `max_n` neurons, those that earned most or are spared by pruning, under new uids without gaps.
        /// Origin: root or the owner.
        #[pallet::call_index(78)]
        #[pallet::weight(pallet_network::costs::trim::<T>(*netuid))]
        pub fn sudo_trim_to_max_allowed_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            max_n: u16,
        ) -> DispatchResult {
            const TRIM: &Action = action("sudo_trim_to_max_allowed_uids");
            let wait = TRIM.cooldown.blocks(&RateLimits::<T>::pace(netuid));
            let key = TransactionType::MaxUidsTrimming;
            let setter = RateLimits::<T>::authorise_action(origin, netuid, key, wait)?;
            NeuronRegistry::<T>::trim(netuid, max_n)?;
            RateLimits::<T>::record_action(setter, netuid, key);
            Ok(())
        }

        /// Sets the lowest limit that trimming may reach: below the limit now and at most the neurons there are.
        /// Origin: root.
        #[pallet::call_index(79)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_allowed_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            min_allowed_uids: u16,
        ) -> DispatchResult {
            Self::set_if(
                origin,
                netuid,
                const { row("MinAllowedUids") },
                min_allowed_uids,
                |_| Self::check_min_allowed_uids(netuid, min_allowed_uids),
                Hyperparameters::<T>::set_min_allowed_uids,
            )
        }

        /// Chooses between burning and recycling the miner emission withheld from the owner's hotkeys. Origin: root or
        /// the owner.
        #[pallet::call_index(80)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_recycle_or_burn(
            origin: OriginFor<T>,
            netuid: NetUid,
            recycle_or_burn: RecycleOrBurnEnum,
        ) -> DispatchResult {
            Self::set(origin, netuid, const { row("RecycleOrBurn") }, recycle_or_burn as u8, |netuid, _| {
                Hyperparameters::<T>::set_recycle_or_burn(netuid, recycle_or_burn)
            })
        }

        /// Sets the number of non-immune neurons up to which an immune one is replaced instead. Origin: root.
        #[pallet::call_index(84)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_non_immune_uids(
            origin: OriginFor<T>,
            netuid: NetUid,
            min: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MinNonImmuneUids") },
                min,
                Hyperparameters::<T>::set_min_non_immune_uids,
            )
        }

        /// Sets the blocks between the registration of a subnet and its start call. Origin: root.
        #[pallet::call_index(85)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_start_call_delay(origin: OriginFor<T>, delay: u64) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("StartCallDelay") },
                delay,
                NetworkSettings::<T>::set_start_call_delay,
            )
        }

        /// Sets the most mechanisms that a subnet may have, 1 to 16; subnets with more keep them. Origin: root.
        #[pallet::call_index(88)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_max_mechanism_count(
            origin: OriginFor<T>,
            max_mechanism_count: MechId,
        ) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("MaxMechanismCount") },
                max_mechanism_count,
                NetworkSettings::<T>::set_max_mechanism_count,
            )
        }

        /// Sets the blocks in which the price of a registration halves. Origin: root or the owner.
        #[pallet::call_index(89)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_burn_half_life(
            origin: OriginFor<T>,
            netuid: NetUid,
            burn_half_life: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("BurnHalfLife") },
                burn_half_life,
                Hyperparameters::<T>::set_burn_half_life,
            )
        }

        /// Sets the factor by which a registration raises the price, from 1 to 3. Origin: root or the owner.
        #[pallet::call_index(90)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_burn_increase_mult(
            origin: OriginFor<T>,
            netuid: NetUid,
            burn_increase_mult: U64F64,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("BurnIncreaseMult") },
                burn_increase_mult,
                Hyperparameters::<T>::set_burn_increase_mult,
            )
        }

        /// Switches whether the owner gets a share of the emission. Origin: root or the owner.
        #[pallet::call_index(92)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_owner_cut_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("OwnerCutEnabled") },
                enabled,
                Hyperparameters::<T>::set_owner_cut,
            )
        }

        /// Switches whether the owner's share is locked when it is paid. Origin: root or the owner.
        #[pallet::call_index(95)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_owner_cut_auto_lock_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("OwnerCutAutoLockEnabled") },
                enabled,
                Hyperparameters::<T>::set_owner_cut_auto_lock,
            )
        }

        /// Sets the lowest childkey take on the subnet, 65535 = 1. Origin: root or the owner.
        #[pallet::call_index(93)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_min_childkey_take_per_subnet(
            origin: OriginFor<T>,
            netuid: NetUid,
            take: u16,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("MinChildkeyTakePerSubnet") },
                take,
                Hyperparameters::<T>::set_min_childkey_take,
            )
        }

        /// Switches whether the subnet takes part in TAO emission. Origin: root.
        #[pallet::call_index(94)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_subnet_emission_enabled(
            origin: OriginFor<T>,
            netuid: NetUid,
            enabled: bool,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("SubnetEmissionEnabled") },
                enabled,
                Hyperparameters::<T>::set_emission,
            )
        }

        /// Sets the most epochs in one block, at least 1; further ones wait for the next. Origin: root.
        #[pallet::call_index(96)]
        #[pallet::weight(Measured::<T>::network_value())]
        pub fn sudo_set_max_epochs_per_block(
            origin: OriginFor<T>,
            max_epochs_per_block: u8,
        ) -> DispatchResult {
            Self::set_network(
                origin,
                const { row("MaxEpochsPerBlock") },
                max_epochs_per_block,
                NetworkSettings::<T>::set_max_epochs_per_block,
            )
        }

        /// Sets after how many tempos, in thousandths, a validator counts as idle. Origin: root or the owner.
        #[pallet::call_index(97)]
        #[pallet::weight(Measured::<T>::subnet_value())]
        pub fn sudo_set_activity_cutoff_factor(
            origin: OriginFor<T>,
            netuid: NetUid,
            factor_milli: u32,
        ) -> DispatchResult {
            Self::set(
                origin,
                netuid,
                const { row("ActivityCutoffFactorMilli") },
                factor_milli,
                Hyperparameters::<T>::set_activity_cutoff_factor,
            )
        }
    }
}

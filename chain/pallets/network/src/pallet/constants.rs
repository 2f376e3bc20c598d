//! Constants that clients read from the metadata. FRAME takes one block of them from a pallet.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod constants {
    #[pallet::extra_constants]
    impl<T: Config> Pallet<T> {
        /// Blocks between registration and start call unless genesis says otherwise.
        #[pallet::constant_name(InitialStartCallDelay)]
        fn initial_start_call_delay() -> u64 {
            0
        }

        /// Smallest stake in rao.
        #[pallet::constant_name(InitialMinStake)]
        fn initial_min_stake() -> u64 {
            MIN_STAKE.to_rao()
        }

        /// Steps of the removal of a subnet; `CurrentDissolveCleanupStatus` counts them.
        #[pallet::constant_name(RemovalSteps)]
        fn removal_steps() -> u32 {
            SubnetRemoval::<T>::step_count()
        }

        /// Shortest tempo an owner may choose.
        #[pallet::constant_name(MinTempo)]
        fn min_tempo() -> u16 {
            MIN_TEMPO
        }

        /// Longest tempo an owner may choose.
        #[pallet::constant_name(MaxTempo)]
        fn max_tempo() -> u16 {
            MAX_TEMPO
        }

        /// Lowest activity factor.
        #[pallet::constant_name(MinActivityCutoffFactorMilli)]
        fn min_activity_cutoff_factor_milli() -> u32 {
            MIN_ACTIVITY_CUTOFF_FACTOR_MILLI
        }

        /// Highest activity factor.
        #[pallet::constant_name(MaxActivityCutoffFactorMilli)]
        fn max_activity_cutoff_factor_milli() -> u32 {
            MAX_ACTIVITY_CUTOFF_FACTOR_MILLI
        }

        /// Price in rao of replacing a hotkey everywhere.
        #[pallet::constant_name(KeySwapCost)]
        fn key_swap_cost() -> u64 {
            KEY_SWAP_COST.to_rao()
        }

        /// Price in rao of replacing a hotkey on one subnet.
        #[pallet::constant_name(KeySwapOnSubnetCost)]
        fn key_swap_on_subnet_cost() -> u64 {
            KEY_SWAP_ON_SUBNET_COST.to_rao()
        }

        /// Id from which the accounts of the subnets are derived.
        #[pallet::constant_name(SubtensorPalletId)]
        fn subtensor_pallet_id() -> PalletId {
            SUBNET_ACCOUNTS
        }

        /// Id from which the account of burned TAO is derived.
        #[pallet::constant_name(BurnAccountId)]
        fn burn_account_id() -> PalletId {
            BURN_ACCOUNT
        }
    }
}

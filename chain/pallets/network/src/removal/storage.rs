//! Storage of removals.

use frame_support::pallet_macros::pallet_section;

/// Subnets being removed, and registrations that wait. Owners: `SubnetRemoval`, `WaitingRegistrations`.
#[pallet_section]
mod removal {
    /// Removed subnets whose storage still exists, in the order of their removal. Their numbers are taken.
    #[pallet::storage]
    pub type DissolveCleanupQueue<T: Config> = StorageValue<_, Vec<NetUid>, ValueQuery>;

    /// Progress of the removal of the first of them.
    #[pallet::storage]
    pub type CurrentDissolveCleanupStatus<T: Config> = StorageValue<_, DissolveCleanupStatus, OptionQuery>;

    /// Claims on the pool of the subnet that is being removed, in the order in which they were found: the claimant
    /// (absent for the chain itself), and the alpha.
    #[pallet::storage]
    pub type RemovalClaims<T: Config> =
        StorageMap<_, Identity, u64, (Option<T::AccountId>, AlphaBalance), OptionQuery>;

    /// Parts of that pool under their rank (`myelin_economy::dissolve::rank`): the receiver, and the TAO.
    #[pallet::storage]
    pub type RemovalParts<T: Config> =
        StorageMap<_, Identity, [u8; 24], (Option<T::AccountId>, TaoBalance), OptionQuery>;

    /// Coldkeys with alpha under the vote lock on that subnet: all alpha that became claims, and the part of it that
    /// was under the vote lock.
    #[pallet::storage]
    pub type RemovalVoteLocks<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, (AlphaBalance, AlphaBalance), OptionQuery>;

    /// Paid subnets that wait for a number, the next one first.
    #[pallet::storage]
    pub type NetworkRegistrationQueue<T: Config> =
        StorageValue<_, Vec<NetworkRegistrationInfo<T::AccountId>>, ValueQuery>;

    /// Number of the next entry of that queue.
    #[pallet::storage]
    pub type NetworkRegistrationLockId<T: Config> = StorageValue<_, u32, ValueQuery>;
}

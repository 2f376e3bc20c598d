//! Storage of voting power. Owner: [`VotingPowers`](super::VotingPowers).

use frame_support::pallet_macros::pallet_section;

/// Voting power of validators.
#[pallet_section]
mod powers {
    /// Moving average of a validator's stake weight, in rao.
    #[pallet::storage]
    pub type VotingPower<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// Sum of the voting power on a subnet.
    #[pallet::storage]
    pub type TotalVotingPower<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Whether the epochs of a subnet track voting power.
    #[pallet::storage]
    pub type VotingPowerTrackingEnabled<T: Config> = StorageMap<_, Identity, NetUid, bool, ValueQuery>;

    /// The first epoch at or after this block ends tracking; 0 = no end.
    #[pallet::storage]
    pub type VotingPowerDisableAtBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Speed at which voting power follows stake, 10¹⁸ = at once.
    #[pallet::storage]
    pub type VotingPowerEmaAlpha<T: Config> =
        StorageMap<_, Identity, NetUid, u64, ValueQuery, Tabled<{ stored("VotingPowerEmaAlpha") }>>;
}

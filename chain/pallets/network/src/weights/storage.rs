//! Storage of weights. Owner: [`WeightLedger`](super::WeightLedger).

use frame_support::pallet_macros::pallet_section;

/// Weights, and commits to weights.
#[pallet_section]
mod weights {
    /// Weights of a validator per mechanism: (miner uid, weight), largest 65535.
    #[pallet::storage]
    pub type Weights<T: Config> =
        StorageDoubleMap<_, Identity, u16, Identity, Uid, Vec<(u16, u16)>, ValueQuery>;

    /// Block of a neuron's last set or commit per mechanism, by uid.
    #[pallet::storage]
    pub type LastUpdate<T: Config> = StorageMap<_, Identity, u16, Vec<u64>, ValueQuery>;

    /// Unrevealed hash commits of a hotkey per mechanism, oldest first.
    #[pallet::storage]
    pub type WeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        T::AccountId,
        VecDeque<HashCommit<T::Hash>>,
        OptionQuery,
    >;

    /// Hotkeys whose unrevealed commits a hotkey took over, oldest first; hashes in its queue may name them instead of
    /// itself.
    #[pallet::storage]
    pub type CommitSigners<T: Config> =
        StorageDoubleMap<_, Twox64Concat, u16, Twox64Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Unrevealed time-locked commits per mechanism and epoch. Empty: time-locked commits come later.
    #[pallet::storage]
    pub type TimelockedWeightCommits<T: Config> = StorageDoubleMap<
        _,
        Twox64Concat,
        u16,
        Twox64Concat,
        u64,
        VecDeque<TimelockedCommit<T::AccountId>>,
        ValueQuery,
    >;
}

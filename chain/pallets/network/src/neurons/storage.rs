//! Storage of neurons. Owner: [`NeuronRegistry`](super::NeuronRegistry).

use frame_support::pallet_macros::pallet_section;

/// Subnets of a hotkey.
#[pallet_section]
mod membership {
    /// Whether a hotkey has a uid on a subnet. Owner: `NeuronRegistry`.
    #[pallet::storage]
    pub type IsNetworkMember<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, ValueQuery>;
}

/// Uids, prices of registrations and counts of them.
#[pallet_section]
mod uids {
    /// Neurons of a subnet; uids are dense below it.
    #[pallet::storage]
    pub type SubnetworkN<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Uid of a hotkey.
    #[pallet::storage]
    pub type Uids<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, Uid, OptionQuery>;

    /// Hotkey of a uid.
    #[pallet::storage]
    pub type Keys<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, Uid, T::AccountId, ValueQuery, NoAccount>;

    /// Block at which a uid got its hotkey.
    #[pallet::storage]
    pub type BlockAtRegistration<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Identity, Uid, u64, ValueQuery>;

    /// Facts about every neuron that an epoch reads, by uid: a copy of parts of other items in one row. Owner:
    /// `NeuronRegistry` (`neurons/roster.rs`).
    #[pallet::storage]
    pub type SubnetRoster<T: Config> = StorageMap<_, Identity, NetUid, Vec<Seat<T::AccountId>>, ValueQuery>;

    /// Price of a registration now.
    #[pallet::storage]
    pub type Burn<T: Config> =
        StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery, Tabled<{ stored("Burn") }>>;

    /// TAO spent on registrations.
    #[pallet::storage]
    pub type RAORecycledForRegistration<T: Config> = StorageMap<_, Identity, NetUid, TaoBalance, ValueQuery>;

    /// Registrations in this block.
    #[pallet::storage]
    pub type RegistrationsThisBlock<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Registrations in this interval; only root is limited by it.
    #[pallet::storage]
    pub type RegistrationsThisInterval<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// The same for registrations that were paid for.
    #[pallet::storage]
    pub type BurnRegistrationsThisInterval<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Block at which the interval began.
    #[pallet::storage]
    pub type LastAdjustmentBlock<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;
}

//! Storage that only clients read.

use frame_support::pallet_macros::pallet_section;

/// Items that official clients read and this chain never writes.
#[pallet_section]
mod never_written {
    /// Consensus of a subnet. Read by clients; there is one.
    #[pallet::storage]
    pub type SubnetEpochConsensus<T: Config> = StorageMap<_, Identity, NetUid, EpochConsensus, ValueQuery>;

    /// Share of a registration's price that is locked. Read by clients; always 0: an owner that requires collateral
    /// here does so beforehand (`pallet-myelin-collateral`).
    #[pallet::storage]
    pub type CollateralLockShare<T: Config> = StorageMap<_, Identity, NetUid, u16, ValueQuery>;

    /// Share of a miner's pay by which such a lock shrinks. Read by clients; always 0, as nothing is locked.
    #[pallet::storage]
    pub type CollateralDrainRatio<T: Config> = StorageMap<_, Identity, NetUid, U64F64, ValueQuery>;

    /// Collateral locked in that way. Read by clients; always none.
    #[pallet::storage]
    pub type MinerCollateral<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        MinerCollateralState,
        OptionQuery,
    >;

    /// Earnings of a basket for each rao of root stake. Read by clients; this chain has no baskets.
    #[pallet::storage]
    pub type BasketRate<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, I96F32, ValueQuery>;

    /// Earnings of a basket that a coldkey has received. Read by clients.
    #[pallet::storage]
    pub type BasketClaimed<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Blake2_128Concat, T::AccountId, i128, ValueQuery>;

    /// Coldkeys that will be replaced: the block, and the hash of the new one. Read by clients; coldkeys can't be
    /// replaced yet.
    #[pallet::storage]
    pub type ColdkeySwapAnnouncements<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, (BlockNumberFor<T>, T::Hash), OptionQuery>;

    /// Blocks at which such announcements were disputed. Read by clients.
    #[pallet::storage]
    pub type ColdkeySwapDisputes<T: Config> =
        StorageMap<_, Twox64Concat, T::AccountId, BlockNumberFor<T>, OptionQuery>;

    /// Subnets that belong to a crowd. Read by clients; there are no leases yet.
    #[pallet::storage]
    pub type SubnetLeases<T: Config> =
        StorageMap<_, Twox64Concat, u32, SubnetLease<T::AccountId>, OptionQuery>;

    /// EVM accounts of neurons, with the block of their association. Read by clients; there is no EVM.
    #[pallet::storage]
    pub type AssociatedEvmAddress<T: Config> =
        StorageDoubleMap<_, Twox64Concat, NetUid, Twox64Concat, Uid, (H160, u64), OptionQuery>;

    /// Read by clients. Always 0: root stake may leave at any time on this chain.
    #[pallet::storage]
    pub type RootStakeUnlockInterval<T: Config> = StorageValue<_, u64, ValueQuery>;
}

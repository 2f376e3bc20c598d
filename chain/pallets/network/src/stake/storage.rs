//! Storage of stake: holdings, children, root dividends.

use frame_support::pallet_macros::pallet_section;

/// The time that named children wait. Owner: `Delegation`.
#[pallet_section]
mod cooldown_of_children {
    /// Blocks between naming children and their taking effect; genesis writes 7200 at production pace. Owner:
    /// `Delegation`.
    #[pallet::storage]
    pub type PendingChildKeyCooldown<T: Config> =
        StorageValue<_, u64, ValueQuery, Tabled<{ stored("PendingChildKeyCooldown") }>>;
}

/// Automatic claims of root dividends. Owner: `RootClaims`.
#[pallet_section]
mod automatic_claims {
    /// Coldkeys whose root dividends are claimed automatically per block; 0 = none. Owner: `RootClaims`.
    #[pallet::storage]
    pub type NumRootClaim<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("NumRootClaim") }>>;

    /// Coldkeys in `StakingColdkeys`. Owner: `RootClaims`.
    #[pallet::storage]
    pub type NumStakingColdkeys<T: Config> = StorageValue<_, u64, ValueQuery>;
}

/// Lists of stakers and the takes of delegates. Owners: `StakeLedger`, `DelegateTakes`.
#[pallet_section]
mod stakers_and_delegates {
    /// Hotkeys on which a coldkey has or had stake. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type StakingHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;

    /// Share of its nominators' dividends that a hotkey keeps, 65535 = 1. Owner: `DelegateTakes`.
    #[pallet::storage]
    pub type Delegates<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, u16, ValueQuery, Tabled<{ stored("MaxDelegateTake") }>>;
}

/// Child hotkeys. Owners: `Delegation`, `ChildkeyTakes`.
#[pallet_section]
mod children {
    /// Hotkeys to which a hotkey lends its stake on a subnet, with the proportion, 2⁶⁴−1 = 1.
    #[pallet::storage]
    pub type ChildKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Hotkeys that lend stake to a hotkey on a subnet; the mirror of `ChildKeys`.
    #[pallet::storage]
    pub type ParentKeys<T: Config> = StorageDoubleMap<
        _,
        Blake2_128Concat,
        T::AccountId,
        Identity,
        NetUid,
        Vec<(u64, T::AccountId)>,
        ValueQuery,
    >;

    /// Children that a hotkey named on a subnet and that are pending, with the block after which they may take effect.
    #[pallet::storage]
    pub type PendingChildKeys<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        (Vec<(u64, T::AccountId)>, u64),
        ValueQuery,
    >;

    /// The same by that block, as big-endian bytes, so that the first due entry is found first.
    #[pallet::storage]
    pub type PendingChildKeysByBlock<T: Config> = StorageNMap<
        _,
        (NMapKey<Identity, NetUid>, NMapKey<Identity, [u8; 8]>, NMapKey<Blake2_128Concat, T::AccountId>),
        (),
        OptionQuery,
    >;

    /// Subnets on which children of a hotkey are pending.
    #[pallet::storage]
    pub type PendingChildKeySubnets<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<NetUid>, ValueQuery>;

    /// Subnets with due children that no block had time for.
    #[pallet::storage]
    pub type PendingChildKeyBacklog<T: Config> = StorageValue<_, Vec<NetUid>, ValueQuery>;

    /// Read by clients. Empty: a hotkey whose stake falls below the threshold keeps its children on this chain.
    #[pallet::storage]
    pub type ChildkeyThresholdSuspended<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, (), OptionQuery>;

    /// Share of its parents' dividends that a child keeps, 65535 = 1. Owner: `ChildkeyTakes`.
    #[pallet::storage]
    pub type ChildkeyTake<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, u16, ValueQuery>;

    /// Lowest childkey take on a subnet.
    #[pallet::storage]
    pub type MinChildkeyTakePerSubnet<T: Config> =
        StorageMap<_, Identity, NetUid, u16, ValueQuery, Tabled<{ stored("MinChildkeyTakePerSubnet") }>>;

    /// Whether a root validator lends its stake to the owner hotkey of every new subnet.
    #[pallet::storage]
    pub type AutoParentDelegationEnabled<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, bool, ValueQuery, ConstBool<true>>;
}

/// Stake of hotkeys and coldkeys. Owner: `StakeLedger`.
#[pallet_section]
mod holdings {
    /// Hotkey on which a coldkey wants its miner emission staked. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type AutoStakeDestination<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, T::AccountId, OptionQuery>;

    /// The coldkeys that chose a hotkey in `AutoStakeDestination`. Owner: `StakeLedger`.
    #[pallet::storage]
    pub type AutoStakeChoosers<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    /// Alpha staked on a hotkey by all holders.
    #[pallet::storage]
    pub type TotalHotkeyAlpha<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha staked on all hotkeys of a subnet.
    #[pallet::storage]
    pub type TotalAlphaStaked<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha on a hotkey after the last epoch. Owner: `emission`.
    #[pallet::storage]
    pub type TotalHotkeyAlphaLastEpoch<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Shares in that alpha.
    #[pallet::storage]
    pub type TotalHotkeySharesV2<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, ShareFloat, ValueQuery>;

    /// Shares of a coldkey in the alpha of a hotkey on a subnet.
    #[pallet::storage]
    pub type AlphaV2<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
        ),
        ShareFloat,
        ValueQuery,
    >;
}

/// Root dividends. Owner: `RootClaims`.
#[pallet_section]
mod root_claims {
    /// Alpha owed per rao of root stake, by subnet.
    #[pallet::storage]
    pub type RootClaimable<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, BTreeMap<NetUid, I96F32>, ValueQuery>;

    /// Alpha of a subnet that has accrued to root stakers and is not claimed yet.
    #[pallet::storage]
    pub type RootClaimPot<T: Config> = StorageMap<_, Identity, NetUid, AlphaBalance, ValueQuery>;

    /// Alpha that a (hotkey, coldkey) has had, or that accrued before it staked.
    #[pallet::storage]
    pub type RootClaimed<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        u128,
        ValueQuery,
    >;

    /// Form in which a coldkey receives its root dividends.
    #[pallet::storage]
    pub type RootClaimType<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, RootClaimTypeEnum, ValueQuery>;

    /// Smallest claim on a subnet.
    #[pallet::storage]
    pub type RootClaimableThreshold<T: Config> = StorageMap<
        _,
        Blake2_128Concat,
        NetUid,
        I96F32,
        ValueQuery,
        Tabled<{ stored("RootClaimableThreshold") }>,
    >;

    /// Index of a coldkey that has root stake.
    #[pallet::storage]
    pub type StakingColdkeys<T: Config> = StorageMap<_, Identity, T::AccountId, u64, OptionQuery>;

    /// The coldkey of an index.
    #[pallet::storage]
    pub type StakingColdkeysByIndex<T: Config> = StorageMap<_, Identity, u64, T::AccountId, OptionQuery>;
}

/// State of the sweep of small nominations, and marks of root stake. Owner: `StakeLedger`.
#[pallet_section]
mod marks {
    /// Place of the sweep of all nominations that a change of their minimum began: the last storage key read. Owner:
    /// `StakeLedger`.
    #[pallet::storage]
    pub type NominationSweep<T: Config> = StorageValue<_, Vec<u8>, OptionQuery>;

    /// Hotkeys that may have root stake, one bit for all that begin with the same two bytes. Owner: `StakeLedger`
    /// (`stake/root_marks.rs`).
    #[pallet::storage]
    pub type RootStakeMarks<T: Config> = StorageValue<_, Vec<u8>, ValueQuery>;
}

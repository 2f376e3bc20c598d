//! Storage of locks and conviction.

use frame_support::pallet_macros::pallet_section;

/// Speeds of locks and conviction.
#[pallet_section]
mod rates {
    /// Time constant in blocks with which a decaying lock shrinks.
    #[pallet::storage]
    pub type UnlockRate<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("UnlockRate") }>>;

    /// Time constant in blocks with which conviction grows.
    #[pallet::storage]
    pub type MaturityRate<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("MaturityRate") }>>;
}

/// Locks, their sums, and takeovers. Owners: `Locks`, `Takeover`.
#[pallet_section]
mod locks {
    /// Lock of a coldkey on a subnet in favour of a hotkey.
    #[pallet::storage]
    pub type Lock<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        LockState,
        OptionQuery,
    >;

    /// Sum of perpetual locks in favour of a hotkey.
    #[pallet::storage]
    pub type HotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;

    /// Sum of decaying locks in favour of a hotkey.
    #[pallet::storage]
    pub type DecayingHotkeyLock<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, LockState, OptionQuery>;

    /// Sum of perpetual locks in favour of the owner.
    #[pallet::storage]
    pub type OwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// Sum of decaying locks in favour of the owner.
    #[pallet::storage]
    pub type DecayingOwnerLock<T: Config> = StorageMap<_, Identity, NetUid, LockState, OptionQuery>;

    /// `false` for a coldkey whose lock on a subnet is perpetual.
    #[pallet::storage]
    pub type DecayingLock<T: Config> =
        StorageDoubleMap<_, Blake2_128Concat, T::AccountId, Identity, NetUid, bool, OptionQuery>;

    /// Coldkeys with a lock in favour of a hotkey.
    #[pallet::storage]
    pub type LockingColdkeys<T: Config> = StorageNMap<
        _,
        (
            NMapKey<Identity, NetUid>,
            NMapKey<Blake2_128Concat, T::AccountId>,
            NMapKey<Blake2_128Concat, T::AccountId>,
        ),
        (),
        OptionQuery,
    >;

    /// Choices of an account, one per bit. Bit 0: it accepts locked alpha from others.
    #[pallet::storage]
    pub type AccountFlags<T: Config> = StorageMap<_, Blake2_128Concat, T::AccountId, u128, ValueQuery>;

    /// Block at which a hotkey with locks ceased to be the owner's on a subnet.
    #[pallet::storage]
    pub type OwnershipEnded<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

    /// Block at which the owner's hotkey of a subnet replaced another one. Absent if it never did.
    #[pallet::storage]
    pub type OwnershipBegan<T: Config> = StorageMap<_, Identity, NetUid, u64, ValueQuery>;

    /// Counts of convictions that take several blocks. Owner: `Takeover`.
    #[pallet::storage]
    pub type TakeoverCounts<T: Config> =
        StorageMap<_, Identity, NetUid, ConvictionCount<T::AccountId>, OptionQuery>;

    /// Hotkeys that a count of convictions has counted, with the block of the count. Entries of earlier counts have no
    /// effect. Owner: `Takeover`.
    #[pallet::storage]
    pub type CountedConvictions<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, OptionQuery>;

    /// The subnet whose count of convictions was continued last. Owner: `Takeover`.
    #[pallet::storage]
    pub type TakeoverServed<T: Config> = StorageValue<_, NetUid, OptionQuery>;
}

//! Storage of keys. Owner: [`KeyOwnership`](super::KeyOwnership).

use frame_support::pallet_macros::pallet_section;

/// Owners of hotkeys.
#[pallet_section]
mod owners {
    /// Coldkey that owns a hotkey; the zero account when nobody does.
    #[pallet::storage]
    pub type Owner<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, T::AccountId, ValueQuery, NoAccount>;

    /// Hotkeys that a coldkey owns.
    #[pallet::storage]
    pub type OwnedHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, Vec<T::AccountId>, ValueQuery>;
}

/// Swaps of hotkeys.
#[pallet_section]
mod swaps {
    /// Block at which a coldkey last replaced a hotkey by another on a subnet. Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type LastHotkeySwapOnNetuid<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, u64, ValueQuery>;

    /// The last unfinished swap of a coldkey: the same call continues it. Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type SwapsUnderWay<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, SwapUnderWay<T::AccountId>, OptionQuery>;

    /// The successor of a released hotkey, and the block by which every list of children is due that was pending then.
    /// Owner: `KeyOwnership`.
    #[pallet::storage]
    pub type ReplacedHotkeys<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, (T::AccountId, u64), OptionQuery>;
}

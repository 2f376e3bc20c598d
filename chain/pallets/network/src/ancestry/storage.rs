//! Storage of the shares of parents. Owner: [`Ancestry`](super::Ancestry).

use frame_support::pallet_macros::pallet_section;

/// The models that miners serve, and the part of their parents.
#[pallet_section]
mod ancestry {
    /// Part of each incentive of a subnet for the parents of the miner's model, in millionths.
    #[pallet::storage]
    pub type ParentShares<T: Config> = StorageMap<_, Identity, NetUid, Timeline<u32>, ValueQuery>;

    /// The model that a hotkey serves on a subnet, by its own declaration.
    #[pallet::storage]
    pub type DeclaredModels<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, DeclaredModel, OptionQuery>;
}

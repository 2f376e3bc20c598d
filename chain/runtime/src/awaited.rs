//! Storage that official clients read of parts which this chain does not have yet. What it answers is true: there is nothing.
//!
//! A part that is built takes the name and the index of its stand-in here with it.

/// The public randomness beacon. No round was ever stored, so clients know that nothing sealed for one is opened.
#[frame_support::pallet]
pub mod drand {
    use frame_support::pallet_prelude::*;

    /// What the runtime supplies: nothing.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `Drand`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Number of the last stored round; 0 = none.
    #[pallet::storage]
    pub type LastStoredRound<T: Config> = StorageValue<_, u64, ValueQuery>;
}

/// The shield against reordering by block authors. There is no key to encrypt for, so clients submit in the clear.
#[frame_support::pallet]
pub mod mev_shield {
    use frame_support::{pallet_prelude::*, traits::ConstU32};

    /// Most bytes of a key.
    pub type MaxKeyLength = ConstU32<2_048>;

    /// What the runtime supplies: nothing.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `MevShield`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Key of the author of this block.
    #[pallet::storage]
    pub type CurrentKey<T: Config> = StorageValue<_, BoundedVec<u8, MaxKeyLength>, OptionQuery>;

    /// Key of the author of the next block.
    #[pallet::storage]
    pub type NextKey<T: Config> = StorageValue<_, BoundedVec<u8, MaxKeyLength>, OptionQuery>;
}

//! Burned alpha, under the name by which official clients read it.

pub use pallet::*;

/// Storage only; [`PoolReserves`](crate::pools::PoolReserves) writes it.
#[frame_support::pallet]
pub mod pallet {
    use frame_support::pallet_prelude::*;
    use myelin_units::{AlphaBalance, NetUid};

    /// Types that the runtime supplies: none.
    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// The pallet itself; its metadata name is `AlphaAssets`.
    #[pallet::pallet]
    pub struct Pallet<T>(_);

    /// Alpha outside the pool without an owner, in rao: burned, or left over where a division was rounded. Owner:
    /// `PoolReserves`.
    #[pallet::storage]
    pub type AlphaBurned<T: Config> = StorageMap<_, Twox64Concat, NetUid, AlphaBalance, ValueQuery>;
}

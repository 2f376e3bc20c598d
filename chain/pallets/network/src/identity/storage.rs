//! Storage of identities. Owner: [`Identities`](super::Identities).

use frame_support::pallet_macros::pallet_section;

/// Identities of coldkeys.
#[pallet_section]
mod of_coldkeys {
    /// Identity of a coldkey, published by itself. Owner: `Identities`.
    #[pallet::storage]
    pub type IdentitiesV2<T: Config> =
        StorageMap<_, Blake2_128Concat, T::AccountId, ChainIdentityV2, OptionQuery>;
}

/// Identities of subnets.
#[pallet_section]
mod of_subnets {
    /// Identity of a subnet, published by its owner. Owner: `Identities`.
    #[pallet::storage]
    pub type SubnetIdentitiesV3<T: Config> =
        StorageMap<_, Blake2_128Concat, NetUid, SubnetIdentityV3, OptionQuery>;
}

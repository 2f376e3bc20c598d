//! What changes in storage when a new runtime takes over.
//!
//! Every change of what is stored raises [`STORAGE_VERSION`](crate::pallet::STORAGE_VERSION) by one and adds a migration from the version before.
//! The runtime lists them in its `migrations`; each runs once, on the version it is made for. A migration whose work grows with accounts
//! only marks where it begins and goes on in pages ([`crate::paging`]).

use frame_support::{
    migrations::VersionedMigration, pallet_prelude::Weight, traits::UncheckedOnRuntimeUpgrade,
};

use crate::pallet::{Config, Pallet};

/// From chains that wrote down no version to version 1, which stores the same.
pub type ToVersion1<T> =
    VersionedMigration<0, 1, Unchanged<T>, Pallet<T>, <T as frame_system::Config>::DbWeight>;

/// Storage that stays as it is.
pub struct Unchanged<T>(core::marker::PhantomData<T>);

impl<T: Config> UncheckedOnRuntimeUpgrade for Unchanged<T> {
    fn on_runtime_upgrade() -> Weight {
        Weight::zero()
    }
}

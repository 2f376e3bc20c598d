//! Costs of `pallet_sudo`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 10 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_sudo::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn set_key() -> Weight {
        Weight::from_parts(11_137_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn sudo() -> Weight {
        Weight::from_parts(11_487_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// Does not depend on anything.
    fn sudo_as() -> Weight {
        Weight::from_parts(11_467_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// Does not depend on anything.
    fn remove_key() -> Weight {
        Weight::from_parts(9_614_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn check_only_sudo_account() -> Weight {
        Weight::from_parts(3_495_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }
}

//! Costs of `pallet_sudo`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_sudo::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn set_key() -> Weight {
        Weight::from_parts(9_602_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn sudo() -> Weight {
        Weight::from_parts(10_030_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// Does not depend on anything.
    fn sudo_as() -> Weight {
        Weight::from_parts(10_010_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// Does not depend on anything.
    fn remove_key() -> Weight {
        Weight::from_parts(8_348_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn check_only_sudo_account() -> Weight {
        Weight::from_parts(2_824_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }
}

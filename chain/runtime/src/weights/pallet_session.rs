//! Costs of `pallet_session`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_session::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn set_keys() -> Weight {
        Weight::from_parts(112_094_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    fn purge_keys() -> Weight {
        Weight::from_parts(70_174_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(4))
    }
}

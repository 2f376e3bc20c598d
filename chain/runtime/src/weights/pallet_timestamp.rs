//! Costs of `pallet_timestamp`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_timestamp::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn set() -> Weight {
        Weight::from_parts(6_511_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn on_finalize() -> Weight {
        Weight::from_parts(1_812_000, 0)
    }
}

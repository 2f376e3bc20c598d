//! Costs of `pallet_myelin_swap`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn set_fee_rate() -> Weight {
        Weight::from_parts(8_439_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}

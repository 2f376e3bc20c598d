//! Costs of `pallet_grandpa`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `x`: 0 to 1.
    pub fn check_equivocation_proof(_x: u32) -> Weight {
        Weight::from_parts(75_523_000, 0)
    }

    /// Does not depend on anything.
    pub fn note_stalled() -> Weight {
        Weight::from_parts(3_185_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}

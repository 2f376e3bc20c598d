//! Costs of `pallet_admin_utils`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 12 values of each component, each 20 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn network_value() -> Weight {
        Weight::from_parts(4_086_000, 0).saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn subnet_value() -> Weight {
        Weight::from_parts(42_153_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn owner_hotkey() -> Weight {
        Weight::from_parts(133_530_000, 0)
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().writes(11))
    }

    /// Does not depend on anything.
    pub fn mechanism_count() -> Weight {
        Weight::from_parts(2_248_465_000, 0)
            .saturating_add(T::DbWeight::get().reads(30))
            .saturating_add(T::DbWeight::get().writes(543))
    }

    /// Does not depend on anything.
    pub fn emission_split() -> Weight {
        Weight::from_parts(40_010_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(2))
    }
}

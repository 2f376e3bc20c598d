//! Costs of `pallet_admin_utils`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn network_value() -> Weight {
        Weight::from_parts(3_406_000, 0).saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn subnet_value() -> Weight {
        Weight::from_parts(39_713_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn owner_hotkey() -> Weight {
        Weight::from_parts(144_520_000, 0)
            .saturating_add(T::DbWeight::get().reads(23))
            .saturating_add(T::DbWeight::get().writes(11))
    }

    /// Does not depend on anything.
    pub fn mechanism_count() -> Weight {
        Weight::from_parts(930_977_000, 0)
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().writes(589))
    }

    /// Does not depend on anything.
    pub fn emission_split() -> Weight {
        Weight::from_parts(51_699_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(3))
    }
}

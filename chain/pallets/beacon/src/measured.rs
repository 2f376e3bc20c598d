//! Costs of `pallet_myelin_beacon`. Assumed and not measured yet; `make weights` writes this file.
//!
//! A node on a busy machine took 0.75 ms for a verification (decision 0109).

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn contribute() -> Weight {
        Weight::from_parts(800_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn demand_contributions() -> Weight {
        Weight::from_parts(20_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn close() -> Weight {
        Weight::from_parts(30_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }
}

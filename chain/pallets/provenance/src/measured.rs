//! Costs of `pallet_myelin_provenance`, estimated by hand from those of `pallet_myelin_collateral`; the benchmarks
//! stand beside them, and `make weights` replaces this file.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// The largest record with eight parents.
    pub fn publish() -> Weight {
        Self::of(250, 14, 14)
    }

    /// Does not depend on anything.
    pub fn confirm() -> Weight {
        Self::of(60, 1, 1)
    }

    /// Does not depend on anything.
    pub fn transfer() -> Weight {
        Self::of(80, 1, 3)
    }

    /// Does not depend on anything.
    pub fn withdraw() -> Weight {
        Self::of(60, 1, 1)
    }

    /// All places are taken.
    pub fn dispute() -> Weight {
        Self::of(150, 5, 5)
    }

    /// All places are taken.
    pub fn answer() -> Weight {
        Self::of(80, 2, 1)
    }

    /// All places are taken.
    pub fn retract() -> Weight {
        Self::of(120, 4, 4)
    }

    /// Does not depend on anything.
    pub fn takedown() -> Weight {
        Self::of(60, 1, 1)
    }

    fn of(microseconds: u64, reads: u64, writes: u64) -> Weight {
        Weight::from_parts(microseconds.saturating_mul(1_000_000), 0)
            .saturating_add(T::DbWeight::get().reads(reads))
            .saturating_add(T::DbWeight::get().writes(writes))
    }
}

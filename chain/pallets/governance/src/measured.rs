//! Costs of `pallet_myelin_governance`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `c`: 0 to 32.
    pub fn settle(c: u32) -> Weight {
        Weight::from_parts(46_464_480, 0)
            .saturating_add(Weight::from_parts(15_476_304, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn lock() -> Weight {
        Weight::from_parts(78_052_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn unlock() -> Weight {
        Weight::from_parts(49_043_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn vote() -> Weight {
        Weight::from_parts(666_312_000, 0)
            .saturating_add(T::DbWeight::get().reads(77))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn withdraw() -> Weight {
        Weight::from_parts(360_888_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn delegate() -> Weight {
        Weight::from_parts(19_451_460_000, 0)
            .saturating_add(T::DbWeight::get().reads(456))
            .saturating_add(T::DbWeight::get().writes(263))
    }

    /// Does not depend on anything.
    pub fn undelegate() -> Weight {
        Weight::from_parts(9_617_252_000, 0)
            .saturating_add(T::DbWeight::get().reads(261))
            .saturating_add(T::DbWeight::get().writes(132))
    }

    /// Does not depend on anything.
    pub fn enact() -> Weight {
        Weight::from_parts(438_231_000, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn delay() -> Weight {
        Weight::from_parts(939_522_000, 0)
            .saturating_add(T::DbWeight::get().reads(21))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn mark() -> Weight {
        Weight::from_parts(14_284_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn pull_brake() -> Weight {
        Weight::from_parts(11_798_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn release_brake() -> Weight {
        Weight::from_parts(10_908_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_committee() -> Weight {
        Weight::from_parts(11_749_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn spend() -> Weight {
        Weight::from_parts(69_553_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn grant() -> Weight {
        Weight::from_parts(15_311_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn stop_grant() -> Weight {
        Weight::from_parts(11_588_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn claim() -> Weight {
        Weight::from_parts(11_771_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn pay() -> Weight {
        Weight::from_parts(75_825_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn collect() -> Weight {
        Weight::from_parts(80_132_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(4))
    }
}

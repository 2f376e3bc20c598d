//! Costs of `pallet_myelin_election`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn join() -> Weight {
        Weight::from_parts(74_200_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn pledge_more() -> Weight {
        Weight::from_parts(80_864_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn unbond() -> Weight {
        Weight::from_parts(26_997_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn withdraw() -> Weight {
        Weight::from_parts(57_851_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn chill() -> Weight {
        Weight::from_parts(26_176_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn resume() -> Weight {
        Weight::from_parts(26_642_000, 0)
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_rules() -> Weight {
        Weight::from_parts(7_859_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn switch() -> Weight {
        Weight::from_parts(14_183_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn tick() -> Weight {
        Weight::from_parts(1_492_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// `m`: 0 to 128.
    pub fn begin_pass(m: u32) -> Weight {
        Weight::from_parts(66_412_422, 0)
            .saturating_add(Weight::from_parts(214_866, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(29))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 64.
    pub fn page(c: u32) -> Weight {
        Weight::from_parts(43_782_998, 0)
            .saturating_add(Weight::from_parts(13_216_766, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn draw() -> Weight {
        Weight::from_parts(58_703_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `l`: 1 to 64.
    pub fn report_blocks(l: u32) -> Weight {
        Weight::from_parts(176_949_342, 0)
            .saturating_add(Weight::from_parts(2_843_827, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn report_votes() -> Weight {
        Weight::from_parts(140_698_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn cancel_slash() -> Weight {
        Weight::from_parts(43_520_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn uncounted() -> Weight {
        Weight::from_parts(1_365_000, 0).saturating_add(T::DbWeight::get().reads(1))
    }

    /// Does not depend on anything.
    pub fn count() -> Weight {
        Weight::from_parts(4_316_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `a`: 0 to 127.
    pub fn judge(a: u32) -> Weight {
        Weight::from_parts(45_967_800, 0)
            .saturating_add(Weight::from_parts(15_524_365, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(a.into()))
    }

    /// `s`: 0 to 4.
    pub fn take(s: u32) -> Weight {
        Weight::from_parts(47_222_434, 0)
            .saturating_add(Weight::from_parts(102_872_566, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(6).saturating_mul(s.into()))
    }
}

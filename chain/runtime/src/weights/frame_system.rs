//! Costs of `frame_system`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::frame_system::WeightInfo for Measured<T> {
    /// `b`: 0 to 4718592.
    fn remark(b: u32) -> Weight {
        Weight::from_parts(282_199_782, 0).saturating_add(Weight::from_parts(341, 0).saturating_mul(b.into()))
    }

    /// `b`: 0 to 4718592.
    fn remark_with_event(b: u32) -> Weight {
        Weight::from_parts(369_614_935, 0)
            .saturating_add(Weight::from_parts(1_237, 0).saturating_mul(b.into()))
    }

    /// Does not depend on anything.
    fn set_heap_pages() -> Weight {
        Weight::from_parts(5_521_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn set_code() -> Weight {
        Weight::from_parts(115_247_430_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `i`: 0 to 1000.
    fn set_storage(i: u32) -> Weight {
        Weight::from_parts(28_651_000, 0)
            .saturating_add(Weight::from_parts(780_594, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(i.into()))
    }

    /// `i`: 0 to 1000.
    fn kill_storage(i: u32) -> Weight {
        Weight::from_parts(16_160_000, 0)
            .saturating_add(Weight::from_parts(592_122, 0).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(i.into()))
    }

    /// `p`: 0 to 1000.
    fn kill_prefix(p: u32) -> Weight {
        Weight::from_parts(63_362_000, 0)
            .saturating_add(Weight::from_parts(1_055_223, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    fn authorize_upgrade() -> Weight {
        Weight::from_parts(19_337_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn apply_authorized_upgrade() -> Weight {
        Weight::from_parts(121_134_198_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }
}

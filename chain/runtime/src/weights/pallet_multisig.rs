//! Costs of `pallet_multisig`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 10 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_multisig::WeightInfo for Measured<T> {
    /// `z`: 0 to 10000.
    fn as_multi_threshold_1(z: u32) -> Weight {
        Weight::from_parts(91_061_914, 0)
            .saturating_add(Weight::from_parts(9_226, 0).saturating_mul(z.into()))
    }

    /// `s`: 2 to 100. `z`: 0 to 10000.
    fn as_multi_create(s: u32, z: u32) -> Weight {
        Weight::from_parts(253_388_554, 0)
            .saturating_add(Weight::from_parts(783_738, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(9_258, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 3 to 100. `z`: 0 to 10000.
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(68_900_956, 0)
            .saturating_add(Weight::from_parts(444_269, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(7_463, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100. `z`: 0 to 10000.
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(51_634_284, 0)
            .saturating_add(Weight::from_parts(599_874, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(8_777, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `s`: 2 to 100.
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(53_040_142, 0)
            .saturating_add(Weight::from_parts(646_774, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn approve_as_multi_approve(s: u32) -> Weight {
        Weight::from_parts(25_908_712, 0)
            .saturating_add(Weight::from_parts(430_648, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(53_738_256, 0)
            .saturating_add(Weight::from_parts(387_049, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(52_942_096, 0)
            .saturating_add(Weight::from_parts(435_556, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

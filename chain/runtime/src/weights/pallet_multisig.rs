//! Costs of `pallet_multisig`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_multisig::WeightInfo for Measured<T> {
    /// `z`: 0 to 10000.
    fn as_multi_threshold_1(z: u32) -> Weight {
        Weight::from_parts(30_159_612, 0)
            .saturating_add(Weight::from_parts(2_219, 0).saturating_mul(z.into()))
    }

    /// `s`: 2 to 100. `z`: 0 to 10000.
    fn as_multi_create(s: u32, z: u32) -> Weight {
        Weight::from_parts(40_201_378, 0)
            .saturating_add(Weight::from_parts(136_818, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(2_211, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 3 to 100. `z`: 0 to 10000.
    fn as_multi_approve(s: u32, z: u32) -> Weight {
        Weight::from_parts(19_787_750, 0)
            .saturating_add(Weight::from_parts(123_771, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(2_210, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100. `z`: 0 to 10000.
    fn as_multi_complete(s: u32, z: u32) -> Weight {
        Weight::from_parts(38_357_456, 0)
            .saturating_add(Weight::from_parts(170_517, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(2_392, 0).saturating_mul(z.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `s`: 2 to 100.
    fn approve_as_multi_create(s: u32) -> Weight {
        Weight::from_parts(38_459_200, 0)
            .saturating_add(Weight::from_parts(130_150, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn approve_as_multi_approve(s: u32) -> Weight {
        Weight::from_parts(16_244_121, 0)
            .saturating_add(Weight::from_parts(118_243, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn cancel_as_multi(s: u32) -> Weight {
        Weight::from_parts(33_830_238, 0)
            .saturating_add(Weight::from_parts(128_713, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 2 to 100.
    fn poke_deposit(s: u32) -> Weight {
        Weight::from_parts(34_025_331, 0)
            .saturating_add(Weight::from_parts(116_963, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

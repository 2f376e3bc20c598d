//! Costs of `pallet_proxy`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_proxy::WeightInfo for Measured<T> {
    /// `p`: 1 to 19.
    fn proxy(p: u32) -> Weight {
        Weight::from_parts(12_811_743, 0)
            .saturating_add(Weight::from_parts(12_257, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn proxy_announced(a: u32, p: u32) -> Weight {
        Weight::from_parts(38_318_329, 0)
            .saturating_add(Weight::from_parts(185_325, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(4_069, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn remove_announcement(a: u32, _p: u32) -> Weight {
        Weight::from_parts(28_638_156, 0)
            .saturating_add(Weight::from_parts(172_106, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn reject_announcement(a: u32, _p: u32) -> Weight {
        Weight::from_parts(28_320_904, 0)
            .saturating_add(Weight::from_parts(173_204, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn announce(a: u32, p: u32) -> Weight {
        Weight::from_parts(34_775_616, 0)
            .saturating_add(Weight::from_parts(163_361, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(13_747, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `p`: 1 to 19.
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(30_923_064, 0)
            .saturating_add(Weight::from_parts(22_848, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(30_210_812, 0)
            .saturating_add(Weight::from_parts(52_698, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(26_994_270, 0)
            .saturating_add(Weight::from_parts(2_884_695, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn create_pure(p: u32) -> Weight {
        Weight::from_parts(36_056_044, 0)
            .saturating_add(Weight::from_parts(5_913, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 0 to 18.
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(31_268_220, 0)
            .saturating_add(Weight::from_parts(10_052, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn poke_deposit() -> Weight {
        Weight::from_parts(48_202_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
}

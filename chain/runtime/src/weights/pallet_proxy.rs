//! Costs of `pallet_proxy`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 10 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_proxy::WeightInfo for Measured<T> {
    /// `p`: 1 to 19.
    fn proxy(p: u32) -> Weight {
        Weight::from_parts(15_141_292, 0)
            .saturating_add(Weight::from_parts(15_516, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn proxy_announced(a: u32, p: u32) -> Weight {
        Weight::from_parts(95_921_338, 0)
            .saturating_add(Weight::from_parts(566_999, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(30_672, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn remove_announcement(a: u32, _p: u32) -> Weight {
        Weight::from_parts(40_997_422, 0)
            .saturating_add(Weight::from_parts(365_197, 0).saturating_mul(a.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn reject_announcement(a: u32, p: u32) -> Weight {
        Weight::from_parts(32_752_949, 0)
            .saturating_add(Weight::from_parts(390_021, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(224_466, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `a`: 0 to 74. `p`: 1 to 19.
    fn announce(a: u32, p: u32) -> Weight {
        Weight::from_parts(46_087_447, 0)
            .saturating_add(Weight::from_parts(386_450, 0).saturating_mul(a.into()))
            .saturating_add(Weight::from_parts(107_237, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `p`: 1 to 19.
    fn add_proxy(p: u32) -> Weight {
        Weight::from_parts(35_704_095, 0)
            .saturating_add(Weight::from_parts(166_635, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn remove_proxy(p: u32) -> Weight {
        Weight::from_parts(36_872_491, 0)
            .saturating_add(Weight::from_parts(141_193, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn remove_proxies(p: u32) -> Weight {
        Weight::from_parts(36_950_986, 0)
            .saturating_add(Weight::from_parts(3_336_078, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 1 to 19.
    fn create_pure(_p: u32) -> Weight {
        Weight::from_parts(41_943_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `p`: 0 to 18.
    fn kill_pure(p: u32) -> Weight {
        Weight::from_parts(33_955_378, 0)
            .saturating_add(Weight::from_parts(223_311, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn poke_deposit() -> Weight {
        Weight::from_parts(54_351_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }
}

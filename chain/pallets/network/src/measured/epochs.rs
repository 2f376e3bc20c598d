//! Costs of `pallet_network_epochs`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory, its root
//! included. Reads are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256.
    pub fn epoch(n: u32) -> Weight {
        Weight::from_parts(412_133_728, 0)
            .saturating_add(Weight::from_parts(8_792_587, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(54))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
    }

    /// `m`: 1 to 8.
    pub fn mechanisms(m: u32) -> Weight {
        Weight::from_parts(2_442_548_418, 0)
            .saturating_add(Weight::from_parts(125_748_097, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(562))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(m.into()))
    }

    /// `r`: 0 to 64.
    pub fn short_rows(r: u32) -> Weight {
        Weight::from_parts(2_646_001_396, 0)
            .saturating_add(Weight::from_parts(6_001_868, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(566))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `w`: 0 to 64.
    pub fn full_rows(w: u32) -> Weight {
        Weight::from_parts(2_669_074_392, 0)
            .saturating_add(Weight::from_parts(111_757_344, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(566))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(w.into()))
    }

    /// `c`: 0 to 256.
    pub fn commits(c: u32) -> Weight {
        Weight::from_parts(117_797_127, 0)
            .saturating_add(Weight::from_parts(6_329_819, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
    }

    /// `v`: 0 to 256.
    pub fn votes(v: u32) -> Weight {
        Weight::from_parts(186_353_942, 0)
            .saturating_add(Weight::from_parts(14_062_149, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(v.into()))
    }

    /// `k`: 0 to 128. `l`: 0 to 512.
    pub fn families(k: u32, l: u32) -> Weight {
        Weight::from_parts(2_173_799_367, 0)
            .saturating_add(Weight::from_parts(5_175_233, 0).saturating_mul(k.into()))
            .saturating_add(Weight::from_parts(12_173_083, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(610))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(l.into()))
    }

    /// `i`: 0 to 192. `d`: 0 to 64.
    pub fn paid(i: u32, d: u32) -> Weight {
        Weight::from_parts(1_157_165_613, 0)
            .saturating_add(Weight::from_parts(46_409_130, 0).saturating_mul(i.into()))
            .saturating_add(Weight::from_parts(69_760_289, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(d.into()))
    }

    /// Does not depend on anything.
    pub fn whole() -> Weight {
        Weight::from_parts(17_759_624_000, 0).saturating_add(T::DbWeight::get().reads(1_657))
    }
}

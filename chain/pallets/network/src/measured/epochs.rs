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
        Weight::from_parts(351_420_650, 0)
            .saturating_add(Weight::from_parts(8_034_890, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(47))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
    }

    /// `m`: 1 to 8.
    pub fn mechanisms(m: u32) -> Weight {
        Weight::from_parts(2_271_405_250, 0)
            .saturating_add(Weight::from_parts(105_316_250, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(557))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
    }

    /// `r`: 0 to 64.
    pub fn short_rows(r: u32) -> Weight {
        Weight::from_parts(2_384_976_560, 0)
            .saturating_add(Weight::from_parts(5_204_624, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(559))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `w`: 0 to 64.
    pub fn full_rows(w: u32) -> Weight {
        Weight::from_parts(2_471_478_898, 0)
            .saturating_add(Weight::from_parts(83_481_874, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(559))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(w.into()))
    }

    /// `c`: 0 to 256.
    pub fn commits(c: u32) -> Weight {
        Weight::from_parts(77_441_592, 0)
            .saturating_add(Weight::from_parts(6_758_693, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
    }

    /// `v`: 0 to 256.
    pub fn votes(v: u32) -> Weight {
        Weight::from_parts(74_089_625, 0)
            .saturating_add(Weight::from_parts(14_377_225, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(v.into()))
    }

    /// `k`: 0 to 128. `l`: 0 to 512.
    pub fn families(k: u32, l: u32) -> Weight {
        Weight::from_parts(2_433_109_573, 0)
            .saturating_add(Weight::from_parts(3_902_625, 0).saturating_mul(k.into()))
            .saturating_add(Weight::from_parts(12_707_796, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(607))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(l.into()))
    }

    /// `i`: 0 to 192. `d`: 0 to 64.
    pub fn paid(i: u32, d: u32) -> Weight {
        Weight::from_parts(1_179_696_437, 0)
            .saturating_add(Weight::from_parts(45_733_677, 0).saturating_mul(i.into()))
            .saturating_add(Weight::from_parts(61_035_242, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(d.into()))
    }

    /// Does not depend on anything.
    pub fn whole() -> Weight {
        Weight::from_parts(15_141_632_244, 0).saturating_add(T::DbWeight::get().reads(1_650))
    }
}

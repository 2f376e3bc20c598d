//! What `pallet_network_epochs` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory, its root
//! included. Reads are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256.
    pub fn epoch(n: u32) -> Weight {
        Weight::from_parts(764_735_095, 0)
            .saturating_add(Weight::from_parts(12_280_445, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(47))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
    }

    /// `m`: 1 to 8.
    pub fn mechanisms(m: u32) -> Weight {
        Weight::from_parts(2_860_619_533, 0)
            .saturating_add(Weight::from_parts(235_187_781, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(557))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
    }

    /// `r`: 0 to 64. `w`: 0 to 64.
    pub fn opinions(r: u32, w: u32) -> Weight {
        Weight::from_parts(7_064_887_832, 0)
            .saturating_add(Weight::from_parts(108_592_362, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(559))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(w.into()))
    }

    /// `c`: 0 to 256.
    pub fn commits(c: u32) -> Weight {
        Weight::from_parts(338_644_055, 0)
            .saturating_add(Weight::from_parts(9_434_823, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
    }

    /// `v`: 0 to 256.
    pub fn votes(v: u32) -> Weight {
        Weight::from_parts(1_075_053_232, 0)
            .saturating_add(Weight::from_parts(17_534_786, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(v.into()))
    }

    /// `k`: 0 to 128. `l`: 0 to 512.
    pub fn families(k: u32, l: u32) -> Weight {
        Weight::from_parts(6_173_995_784, 0)
            .saturating_add(Weight::from_parts(5_070_168, 0).saturating_mul(k.into()))
            .saturating_add(Weight::from_parts(18_915_702, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(607))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(l.into()))
    }

    /// `i`: 0 to 192. `d`: 0 to 64.
    pub fn paid(i: u32, d: u32) -> Weight {
        Weight::from_parts(10_542_305_139, 0)
            .saturating_add(Weight::from_parts(38_437_871, 0).saturating_mul(i.into()))
            .saturating_add(Weight::from_parts(46_456_715, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(d.into()))
    }

    /// Does not depend on anything.
    pub fn whole() -> Weight {
        Weight::from_parts(19_653_912_000, 0).saturating_add(T::DbWeight::get().reads(1_649))
    }
}

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
        Weight::from_parts(697_656_508, 0)
            .saturating_add(Weight::from_parts(9_202_199, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(47))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(n.into()))
    }

    /// `m`: 1 to 8.
    pub fn mechanisms(m: u32) -> Weight {
        Weight::from_parts(2_790_536_676, 0)
            .saturating_add(Weight::from_parts(121_275_081, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(557))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
    }

    /// `r`: 0 to 64.
    pub fn short_rows(r: u32) -> Weight {
        Weight::from_parts(2_858_534_340, 0)
            .saturating_add(Weight::from_parts(6_839_211, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(559))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `w`: 0 to 64.
    pub fn full_rows(w: u32) -> Weight {
        Weight::from_parts(2_973_579_580, 0)
            .saturating_add(Weight::from_parts(93_246_971, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(559))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(w.into()))
    }

    /// `c`: 0 to 256.
    pub fn commits(c: u32) -> Weight {
        Weight::from_parts(174_700_450, 0)
            .saturating_add(Weight::from_parts(7_978_706, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
    }

    /// `v`: 0 to 256.
    pub fn votes(v: u32) -> Weight {
        Weight::from_parts(85_030_118, 0)
            .saturating_add(Weight::from_parts(16_789_341, 0).saturating_mul(v.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(v.into()))
    }

    /// `k`: 0 to 128. `l`: 0 to 512.
    pub fn families(k: u32, l: u32) -> Weight {
        Weight::from_parts(3_746_253_816, 0)
            .saturating_add(Weight::from_parts(7_221_658, 0).saturating_mul(k.into()))
            .saturating_add(Weight::from_parts(14_820_512, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(607))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(k.into()))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(l.into()))
    }

    /// `i`: 0 to 192. `d`: 0 to 64.
    pub fn paid(i: u32, d: u32) -> Weight {
        Weight::from_parts(1_449_316_970, 0)
            .saturating_add(Weight::from_parts(56_186_144, 0).saturating_mul(i.into()))
            .saturating_add(Weight::from_parts(74_984_894, 0).saturating_mul(d.into()))
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(i.into()))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(d.into()))
    }

    /// Does not depend on anything.
    pub fn whole() -> Weight {
        Weight::from_parts(18_602_264_000, 0).saturating_add(T::DbWeight::get().reads(1_650))
    }
}

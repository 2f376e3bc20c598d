//! What `pallet_network_neurons` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 12 values of each component, each 20 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn set_weights(_n: u32, p: u32) -> Weight {
        Weight::from_parts(598_291_264, 0)
            .saturating_add(Weight::from_parts(6_808_449, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_weights() -> Weight {
        Weight::from_parts(182_113_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn reveal_weights(n: u32, _s: u32, p: u32) -> Weight {
        Weight::from_parts(275_065_936, 0)
            .saturating_add(Weight::from_parts(124_244, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_543_025, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn check_nothing() -> Weight {
        Weight::from_parts(761_000, 0)
    }

    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn check_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(175_429_794, 0)
            .saturating_add(Weight::from_parts(163_730, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_334_519, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `p`: 0 to 64.
    pub fn check_commit(p: u32) -> Weight {
        Weight::from_parts(172_655_264, 0)
            .saturating_add(Weight::from_parts(7_204_168, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn check_reveal(n: u32, _s: u32, p: u32) -> Weight {
        Weight::from_parts(237_661_292, 0)
            .saturating_add(Weight::from_parts(67_346, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_308_791, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    pub fn check_endpoint() -> Weight {
        Weight::from_parts(43_786_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    /// Does not depend on anything.
    pub fn check_commitment() -> Weight {
        Weight::from_parts(58_528_000, 0).saturating_add(T::DbWeight::get().reads(9))
    }

    /// `b`: 100 to 1536.
    pub fn commitment(b: u32) -> Weight {
        Weight::from_parts(144_029_863, 0)
            .saturating_add(Weight::from_parts(1_549, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn serve_axon() -> Weight {
        Weight::from_parts(133_170_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn serve_axon_tls() -> Weight {
        Weight::from_parts(141_182_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn serve_prometheus() -> Weight {
        Weight::from_parts(134_242_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn appended() -> Weight {
        Weight::from_parts(462_274_000, 0)
            .saturating_add(T::DbWeight::get().reads(37))
            .saturating_add(T::DbWeight::get().writes(30))
    }

    /// `n`: 16 to 256.
    pub fn replaced(n: u32) -> Weight {
        Weight::from_parts(428_183_846, 0)
            .saturating_add(Weight::from_parts(14_742_118, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(42))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(106))
    }

    /// Does not depend on anything.
    pub fn root_register() -> Weight {
        Weight::from_parts(783_136_000, 0)
            .saturating_add(T::DbWeight::get().reads(215))
            .saturating_add(T::DbWeight::get().writes(34))
    }

    /// `n`: 1 to 256.
    pub fn bonds_reset(n: u32) -> Weight {
        Weight::from_parts(111_791_292, 0)
            .saturating_add(Weight::from_parts(6_617_812, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
    }

    /// `n`: 64 to 256.
    pub fn trimmed(n: u32) -> Weight {
        Weight::from_parts(3_356_910_408, 0)
            .saturating_add(Weight::from_parts(30_453_682, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(5).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(75))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(n.into()))
    }

    /// `s`: 2 to 128.
    pub fn swapped(s: u32) -> Weight {
        Weight::from_parts(480_105_959, 0)
            .saturating_add(Weight::from_parts(42_632_899, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(39))
            .saturating_add(T::DbWeight::get().reads(11).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(15))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(s.into()))
    }

    /// `l`: 5 to 69. `m`: 1 to 8.
    pub fn role_swapped(l: u32, m: u32) -> Weight {
        Weight::from_parts(396_326_432, 0)
            .saturating_add(Weight::from_parts(792_838, 0).saturating_mul(l.into()))
            .saturating_add(Weight::from_parts(18_827_395, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(49))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().writes(33))
            .saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
    }

    /// `r`: 0 to 128.
    pub fn position_moved(r: u32) -> Weight {
        Weight::from_parts(143_962_892, 0)
            .saturating_add(Weight::from_parts(15_543_363, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn lock_swapped() -> Weight {
        Weight::from_parts(92_269_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn choice_moved() -> Weight {
        Weight::from_parts(113_811_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 32.
    pub fn convictions(h: u32) -> Weight {
        Weight::from_parts(56_346_784, 0)
            .saturating_add(Weight::from_parts(19_226_288, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(33))
    }
}

//! What `pallet_network_neurons` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 4 values of each component, each 3 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn set_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(544_652_503, 0)
            .saturating_add(Weight::from_parts(133_571, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(6_724_279, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_weights() -> Weight {
        Weight::from_parts(429_124_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn reveal_weights(n: u32, _s: u32, p: u32) -> Weight {
        Weight::from_parts(527_471_544, 0)
            .saturating_add(Weight::from_parts(440_727, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_387_396, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn check_nothing() -> Weight {
        Weight::from_parts(751_000, 0)
    }

    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn check_weights(_n: u32, p: u32) -> Weight {
        Weight::from_parts(542_418_640, 0)
            .saturating_add(Weight::from_parts(5_870_615, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `p`: 0 to 64.
    pub fn check_commit(p: u32) -> Weight {
        Weight::from_parts(136_575_000, 0)
            .saturating_add(Weight::from_parts(8_635_109, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn check_reveal(_n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(265_077_529, 0)
            .saturating_add(Weight::from_parts(2_801_139, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(10_337_618, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    pub fn check_endpoint() -> Weight {
        Weight::from_parts(62_413_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    /// Does not depend on anything.
    pub fn check_commitment() -> Weight {
        Weight::from_parts(97_516_000, 0).saturating_add(T::DbWeight::get().reads(9))
    }

    /// `b`: 100 to 1536.
    pub fn commitment(b: u32) -> Weight {
        Weight::from_parts(406_598_000, 0)
            .saturating_add(Weight::from_parts(25_170, 0).saturating_mul(b.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn serve_axon() -> Weight {
        Weight::from_parts(187_751_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn serve_axon_tls() -> Weight {
        Weight::from_parts(145_528_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn serve_prometheus() -> Weight {
        Weight::from_parts(422_295_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn appended() -> Weight {
        Weight::from_parts(629_745_000, 0)
            .saturating_add(T::DbWeight::get().reads(37))
            .saturating_add(T::DbWeight::get().writes(30))
    }

    /// `n`: 16 to 256.
    pub fn replaced(n: u32) -> Weight {
        Weight::from_parts(491_456_920, 0)
            .saturating_add(Weight::from_parts(15_164_705, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(42))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(106))
    }

    /// Does not depend on anything.
    pub fn root_register() -> Weight {
        Weight::from_parts(1_023_267_000, 0)
            .saturating_add(T::DbWeight::get().reads(215))
            .saturating_add(T::DbWeight::get().writes(34))
    }

    /// `n`: 1 to 256.
    pub fn bonds_reset(n: u32) -> Weight {
        Weight::from_parts(36_680_520, 0)
            .saturating_add(Weight::from_parts(8_415_580, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
    }

    /// `n`: 64 to 256.
    pub fn trimmed(n: u32) -> Weight {
        Weight::from_parts(3_657_955_688, 0)
            .saturating_add(Weight::from_parts(34_282_677, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(5).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(75))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(n.into()))
    }

    /// `s`: 2 to 128.
    pub fn swapped(s: u32) -> Weight {
        Weight::from_parts(557_019_000, 0)
            .saturating_add(Weight::from_parts(45_211_125, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(39))
            .saturating_add(T::DbWeight::get().reads(11).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(15))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(s.into()))
    }

    /// `l`: 5 to 69. `m`: 1 to 8.
    pub fn role_swapped(l: u32, m: u32) -> Weight {
        Weight::from_parts(412_121_280, 0)
            .saturating_add(Weight::from_parts(850_624, 0).saturating_mul(l.into()))
            .saturating_add(Weight::from_parts(21_532_049, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(49))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().writes(33))
            .saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
    }

    /// `r`: 0 to 128.
    pub fn position_moved(r: u32) -> Weight {
        Weight::from_parts(139_856_336, 0)
            .saturating_add(Weight::from_parts(15_591_638, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn lock_swapped() -> Weight {
        Weight::from_parts(142_975_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn choice_moved() -> Weight {
        Weight::from_parts(114_432_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 32.
    pub fn convictions(h: u32) -> Weight {
        Weight::from_parts(56_374_963, 0)
            .saturating_add(Weight::from_parts(20_521_037, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(h.into()))
    }
}

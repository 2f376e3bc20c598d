//! Costs of `pallet_network_neurons`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn set_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(221_649_064, 0)
            .saturating_add(Weight::from_parts(19_244, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_120_216, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_weights() -> Weight {
        Weight::from_parts(190_642_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn reveal_weights(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(305_414_960, 0)
            .saturating_add(Weight::from_parts(26_986, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(138_247, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(6_731_246, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(27))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn commit_proven_weights() -> Weight {
        Weight::from_parts(212_764_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn commit_answer_root() -> Weight {
        Weight::from_parts(128_103_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn declare_model() -> Weight {
        Weight::from_parts(117_018_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `n`: 1 to 64.
    pub fn attest_evidence(n: u32) -> Weight {
        Weight::from_parts(159_276_250, 0)
            .saturating_add(Weight::from_parts(134_515, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn prove() -> Weight {
        Weight::from_parts(1_875_394_000, 0).saturating_add(T::DbWeight::get().reads(14))
    }

    /// Does not depend on anything.
    pub fn check_nothing() -> Weight {
        Weight::from_parts(435_000, 0)
    }

    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn check_weights(_n: u32, p: u32) -> Weight {
        Weight::from_parts(162_139_136, 0)
            .saturating_add(Weight::from_parts(6_626_326, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `p`: 0 to 64.
    pub fn check_commit(p: u32) -> Weight {
        Weight::from_parts(151_646_680, 0)
            .saturating_add(Weight::from_parts(6_391_422, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn check_reveal(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(207_246_367, 0)
            .saturating_add(Weight::from_parts(32_391, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(96_499, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(6_925_858, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    pub fn check_endpoint() -> Weight {
        Weight::from_parts(31_020_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    /// Does not depend on anything.
    pub fn check_commitment() -> Weight {
        Weight::from_parts(43_831_000, 0).saturating_add(T::DbWeight::get().reads(9))
    }

    /// `b`: 100 to 1536.
    pub fn commitment(_b: u32) -> Weight {
        Weight::from_parts(122_643_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn serve_axon() -> Weight {
        Weight::from_parts(120_294_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn serve_axon_tls() -> Weight {
        Weight::from_parts(127_445_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn serve_prometheus() -> Weight {
        Weight::from_parts(120_676_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn appended() -> Weight {
        Weight::from_parts(516_564_000, 0)
            .saturating_add(T::DbWeight::get().reads(40))
            .saturating_add(T::DbWeight::get().writes(32))
    }

    /// `n`: 16 to 256.
    pub fn replaced(n: u32) -> Weight {
        Weight::from_parts(420_935_060, 0)
            .saturating_add(Weight::from_parts(4_613_978, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(46))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(114))
    }

    /// Does not depend on anything.
    pub fn root_register() -> Weight {
        Weight::from_parts(568_049_000, 0)
            .saturating_add(T::DbWeight::get().reads(156))
            .saturating_add(T::DbWeight::get().writes(41))
    }

    /// `n`: 1 to 256.
    pub fn bonds_reset(n: u32) -> Weight {
        Weight::from_parts(155_931_928, 0)
            .saturating_add(Weight::from_parts(5_639_887, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
    }

    /// `n`: 64 to 256.
    pub fn trimmed(n: u32) -> Weight {
        Weight::from_parts(2_944_661_280, 0)
            .saturating_add(Weight::from_parts(21_127_056, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(82))
            .saturating_add(T::DbWeight::get().writes(12).saturating_mul(n.into()))
    }

    /// `s`: 2 to 128.
    pub fn swapped(s: u32) -> Weight {
        Weight::from_parts(300_115_852, 0)
            .saturating_add(Weight::from_parts(44_303_311, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(38))
            .saturating_add(T::DbWeight::get().reads(11).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(16))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(s.into()))
    }

    /// `l`: 5 to 69. `m`: 1 to 8.
    pub fn role_swapped(l: u32, m: u32) -> Weight {
        Weight::from_parts(588_831_864, 0)
            .saturating_add(Weight::from_parts(37_699_018, 0).saturating_mul(l.into()))
            .saturating_add(Weight::from_parts(15_486_124, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(54))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().writes(41))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
    }

    /// `r`: 0 to 128.
    pub fn position_moved(r: u32) -> Weight {
        Weight::from_parts(113_609_974, 0)
            .saturating_add(Weight::from_parts(12_512_122, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn lock_swapped() -> Weight {
        Weight::from_parts(88_510_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn choice_moved() -> Weight {
        Weight::from_parts(101_558_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 32.
    pub fn convictions(h: u32) -> Weight {
        Weight::from_parts(61_125_872, 0)
            .saturating_add(Weight::from_parts(17_089_879, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(33))
    }
}

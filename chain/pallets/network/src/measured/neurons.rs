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
    pub fn set_weights(_n: u32, p: u32) -> Weight {
        Weight::from_parts(204_927_696, 0)
            .saturating_add(Weight::from_parts(6_766_161, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_weights() -> Weight {
        Weight::from_parts(155_963_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_proven_weights() -> Weight {
        Weight::from_parts(232_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn commit_answer_root() -> Weight {
        Weight::from_parts(153_400_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn declare_model() -> Weight {
        Weight::from_parts(120_000_000, 0)
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `n`: 1 to 64.
    pub fn attest_evidence(_n: u32) -> Weight {
        Weight::from_parts(168_200_000, 0)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn prove() -> Weight {
        Weight::from_parts(2_116_300_000, 0).saturating_add(T::DbWeight::get().reads(7))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn reveal_weights(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(300_495_088, 0)
            .saturating_add(Weight::from_parts(77_941, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(231_603, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(6_639_741, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn check_nothing() -> Weight {
        Weight::from_parts(771_000, 0)
    }

    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn check_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(132_755_400, 0)
            .saturating_add(Weight::from_parts(5_972, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(6_886_298, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `p`: 0 to 64.
    pub fn check_commit(p: u32) -> Weight {
        Weight::from_parts(158_873_184, 0)
            .saturating_add(Weight::from_parts(6_631_669, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn check_reveal(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(207_625_088, 0)
            .saturating_add(Weight::from_parts(71_052, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(212_371, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(6_712_835, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    pub fn check_endpoint() -> Weight {
        Weight::from_parts(29_894_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    /// Does not depend on anything.
    pub fn check_commitment() -> Weight {
        Weight::from_parts(42_153_000, 0).saturating_add(T::DbWeight::get().reads(9))
    }

    /// `b`: 100 to 1536.
    pub fn commitment(_b: u32) -> Weight {
        Weight::from_parts(117_425_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn serve_axon() -> Weight {
        Weight::from_parts(99_108_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn serve_axon_tls() -> Weight {
        Weight::from_parts(103_485_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn serve_prometheus() -> Weight {
        Weight::from_parts(109_803_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn appended() -> Weight {
        Weight::from_parts(427_888_000, 0)
            .saturating_add(T::DbWeight::get().reads(40))
            .saturating_add(T::DbWeight::get().writes(32))
    }

    /// `n`: 16 to 256.
    pub fn replaced(n: u32) -> Weight {
        Weight::from_parts(366_827_975, 0)
            .saturating_add(Weight::from_parts(4_443_605, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(46))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(108))
    }

    /// Does not depend on anything.
    pub fn root_register() -> Weight {
        Weight::from_parts(585_804_000, 0)
            .saturating_add(T::DbWeight::get().reads(155))
            .saturating_add(T::DbWeight::get().writes(35))
    }

    /// `n`: 1 to 256.
    pub fn bonds_reset(n: u32) -> Weight {
        Weight::from_parts(144_092_120, 0)
            .saturating_add(Weight::from_parts(6_137_605, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
    }

    /// `n`: 64 to 256.
    pub fn trimmed(n: u32) -> Weight {
        Weight::from_parts(387_014_355, 0)
            .saturating_add(Weight::from_parts(28_792_969, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(78))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(n.into()))
    }

    /// `s`: 2 to 128.
    pub fn swapped(s: u32) -> Weight {
        Weight::from_parts(360_810_770, 0)
            .saturating_add(Weight::from_parts(39_051_630, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(39))
            .saturating_add(T::DbWeight::get().reads(11).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(15))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(s.into()))
    }

    /// `l`: 5 to 69. `m`: 1 to 8.
    pub fn role_swapped(l: u32, m: u32) -> Weight {
        Weight::from_parts(1_077_561_187, 0)
            .saturating_add(Weight::from_parts(43_251_577, 0).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(54))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().writes(39))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
    }

    /// `r`: 0 to 128.
    pub fn position_moved(r: u32) -> Weight {
        Weight::from_parts(118_841_442, 0)
            .saturating_add(Weight::from_parts(13_712_392, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn lock_swapped() -> Weight {
        Weight::from_parts(88_622_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn choice_moved() -> Weight {
        Weight::from_parts(107_400_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 32.
    pub fn convictions(h: u32) -> Weight {
        Weight::from_parts(78_983_688, 0)
            .saturating_add(Weight::from_parts(17_828_291, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(33))
    }
}

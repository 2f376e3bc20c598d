//! What `pallet_network_neurons` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn set_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(207_945_128, 0)
            .saturating_add(Weight::from_parts(101_545, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(7_959_818, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn commit_weights() -> Weight {
        Weight::from_parts(191_175_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn reveal_weights(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(313_913_638, 0)
            .saturating_add(Weight::from_parts(138_734, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(45_231, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(8_161_352, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn check_nothing() -> Weight {
        Weight::from_parts(912_000, 0)
    }

    /// `n`: 1 to 256. `p`: 0 to 64.
    pub fn check_weights(n: u32, p: u32) -> Weight {
        Weight::from_parts(345_421_544, 0)
            .saturating_add(Weight::from_parts(275_744, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(8_839_022, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(18))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `p`: 0 to 64.
    pub fn check_commit(p: u32) -> Weight {
        Weight::from_parts(236_460_019, 0)
            .saturating_add(Weight::from_parts(8_155_347, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// `n`: 1 to 256. `s`: 0 to 64. `p`: 0 to 64.
    pub fn check_reveal(n: u32, s: u32, p: u32) -> Weight {
        Weight::from_parts(257_942_164, 0)
            .saturating_add(Weight::from_parts(124_994, 0).saturating_mul(n.into()))
            .saturating_add(Weight::from_parts(179_524, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(8_112_371, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(26))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(p.into()))
    }

    /// Does not depend on anything.
    pub fn check_endpoint() -> Weight {
        Weight::from_parts(42_643_000, 0).saturating_add(T::DbWeight::get().reads(4))
    }

    /// Does not depend on anything.
    pub fn check_commitment() -> Weight {
        Weight::from_parts(60_971_000, 0).saturating_add(T::DbWeight::get().reads(9))
    }

    /// `b`: 100 to 1536.
    pub fn commitment(_b: u32) -> Weight {
        Weight::from_parts(151_406_000, 0)
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn serve_axon() -> Weight {
        Weight::from_parts(124_966_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn serve_axon_tls() -> Weight {
        Weight::from_parts(140_309_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn serve_prometheus() -> Weight {
        Weight::from_parts(134_040_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn appended() -> Weight {
        Weight::from_parts(522_149_000, 0)
            .saturating_add(T::DbWeight::get().reads(40))
            .saturating_add(T::DbWeight::get().writes(32))
    }

    /// `n`: 16 to 256.
    pub fn replaced(n: u32) -> Weight {
        Weight::from_parts(497_224_696, 0)
            .saturating_add(Weight::from_parts(4_807_444, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(46))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(108))
    }

    /// Does not depend on anything.
    pub fn root_register() -> Weight {
        Weight::from_parts(685_562_000, 0)
            .saturating_add(T::DbWeight::get().reads(155))
            .saturating_add(T::DbWeight::get().writes(35))
    }

    /// `n`: 1 to 256.
    pub fn bonds_reset(n: u32) -> Weight {
        Weight::from_parts(217_781_568, 0)
            .saturating_add(Weight::from_parts(6_706_072, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(n.into()))
    }

    /// `n`: 64 to 256.
    pub fn trimmed(n: u32) -> Weight {
        Weight::from_parts(3_188_704_320, 0)
            .saturating_add(Weight::from_parts(22_516_655, 0).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(n.into()))
            .saturating_add(T::DbWeight::get().writes(78))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(n.into()))
    }

    /// `s`: 2 to 128.
    pub fn swapped(s: u32) -> Weight {
        Weight::from_parts(336_238_344, 0)
            .saturating_add(Weight::from_parts(45_895_222, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(39))
            .saturating_add(T::DbWeight::get().reads(11).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(15))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(s.into()))
    }

    /// `l`: 5 to 69. `m`: 1 to 8.
    pub fn role_swapped(l: u32, m: u32) -> Weight {
        Weight::from_parts(716_075_996, 0)
            .saturating_add(Weight::from_parts(49_676_890, 0).saturating_mul(l.into()))
            .saturating_add(Weight::from_parts(20_557_773, 0).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().reads(54))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(m.into()))
            .saturating_add(T::DbWeight::get().writes(39))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(l.into()))
            .saturating_add(T::DbWeight::get().writes(4).saturating_mul(m.into()))
    }

    /// `r`: 0 to 128.
    pub fn position_moved(r: u32) -> Weight {
        Weight::from_parts(146_657_312, 0)
            .saturating_add(Weight::from_parts(16_921_896, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn lock_swapped() -> Weight {
        Weight::from_parts(102_883_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn choice_moved() -> Weight {
        Weight::from_parts(128_773_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 32.
    pub fn convictions(h: u32) -> Weight {
        Weight::from_parts(78_537_368, 0)
            .saturating_add(Weight::from_parts(20_242_051, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(33))
    }
}

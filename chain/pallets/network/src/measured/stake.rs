//! What `pallet_network_stake` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn add_stake() -> Weight {
        Weight::from_parts(425_105_000, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn remove_stake() -> Weight {
        Weight::from_parts(747_265_000, 0)
            .saturating_add(T::DbWeight::get().reads(34))
            .saturating_add(T::DbWeight::get().writes(14))
    }

    /// Does not depend on anything.
    pub fn move_stake() -> Weight {
        Weight::from_parts(889_518_000, 0)
            .saturating_add(T::DbWeight::get().reads(49))
            .saturating_add(T::DbWeight::get().writes(26))
    }

    /// Does not depend on anything.
    pub fn transfer_stake() -> Weight {
        Weight::from_parts(553_656_000, 0)
            .saturating_add(T::DbWeight::get().reads(32))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn recycle_alpha() -> Weight {
        Weight::from_parts(175_863_000, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn burn_alpha() -> Weight {
        Weight::from_parts(172_037_000, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn add_stake_burn() -> Weight {
        Weight::from_parts(573_215_000, 0)
            .saturating_add(T::DbWeight::get().reads(28))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn fee_from_stake() -> Weight {
        Weight::from_parts(250_754_000, 0)
            .saturating_add(T::DbWeight::get().reads(23))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// `h`: 0 to 128.
    pub fn holdings(h: u32) -> Weight {
        Weight::from_parts(586_669_306, 0)
            .saturating_add(Weight::from_parts(63_875_971, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4095.
    pub fn staking_listed(h: u32) -> Weight {
        Weight::from_parts(29_666_500, 0)
            .saturating_add(Weight::from_parts(19_100, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `h`: 0 to 4094.
    pub fn owning_listed(h: u32) -> Weight {
        Weight::from_parts(37_431_821, 0)
            .saturating_add(Weight::from_parts(17_979, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// `s`: 1 to 128.
    pub fn positions(s: u32) -> Weight {
        Weight::from_parts(316_665_978, 0)
            .saturating_add(Weight::from_parts(17_352_426, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(s.into()))
    }

    /// `s`: 1 to 128. `w`: 1 to 128.
    pub fn stake_removed(s: u32, w: u32) -> Weight {
        Weight::from_parts(339_967_209, 0)
            .saturating_add(Weight::from_parts(19_102_835, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(14_050_877, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(w.into()))
    }

    /// Does not depend on anything.
    pub fn lock_stake() -> Weight {
        Weight::from_parts(159_758_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// Does not depend on anything.
    pub fn move_lock() -> Weight {
        Weight::from_parts(144_376_000, 0)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    /// Does not depend on anything.
    pub fn set_perpetual_lock() -> Weight {
        Weight::from_parts(127_680_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn set_reject_locked_alpha() -> Weight {
        Weight::from_parts(13_520_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `c`: 0 to 5. `s`: 1 to 128.
    pub fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(363_118_006, 0)
            .saturating_add(Weight::from_parts(12_738_170, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(3_738_733, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 5.
    pub fn children_replaced(c: u32) -> Weight {
        Weight::from_parts(260_675_096, 0)
            .saturating_add(Weight::from_parts(23_616_952, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// `c`: 1 to 5.
    pub fn full_children_replaced(c: u32) -> Weight {
        Weight::from_parts(737_023_634, 0)
            .saturating_add(Weight::from_parts(646_981_366, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(150))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn set_childkey_take() -> Weight {
        Weight::from_parts(70_275_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn decrease_take() -> Weight {
        Weight::from_parts(47_110_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn increase_take() -> Weight {
        Weight::from_parts(50_756_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(152_157_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_auto_parent_delegation_enabled() -> Weight {
        Weight::from_parts(21_002_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 1 to 128.
    pub fn set_root_claim_type(s: u32) -> Weight {
        Weight::from_parts(66_241_196, 0)
            .saturating_add(Weight::from_parts(4_422_372, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `h`: 0 to 4096.
    pub fn claimant(h: u32) -> Weight {
        Weight::from_parts(417_711_520, 0)
            .saturating_add(Weight::from_parts(5_578_816, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
    }

    /// `r`: 0 to 128.
    pub fn hotkey_asked(r: u32) -> Weight {
        Weight::from_parts(145_162_916, 0)
            .saturating_add(Weight::from_parts(2_360_866, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    /// `r`: 1 to 128.
    pub fn nothing_due(r: u32) -> Weight {
        Weight::from_parts(433_256_666, 0)
            .saturating_add(Weight::from_parts(13_016_854, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn claims_settled(r: u32) -> Weight {
        Weight::from_parts(413_029_924, 0)
            .saturating_add(Weight::from_parts(164_129_188, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(12).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(r.into()))
    }

    /// `r`: 0 to 128.
    pub fn root_growth(r: u32) -> Weight {
        Weight::from_parts(116_651_400, 0)
            .saturating_add(Weight::from_parts(10_696_200, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn root_shrinkage(r: u32) -> Weight {
        Weight::from_parts(406_058_944, 0)
            .saturating_add(Weight::from_parts(52_427_727, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(6).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn claimant_forgotten() -> Weight {
        Weight::from_parts(15_273_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `p`: 1 to 1000.
    pub fn looked_at(p: u32) -> Weight {
        Weight::from_parts(46_380_192, 0)
            .saturating_add(Weight::from_parts(1_824_324, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
    }
}

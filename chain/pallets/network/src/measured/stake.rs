//! What `pallet_network_stake` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 12 values of each component, each 20 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn add_stake() -> Weight {
        Weight::from_parts(392_058_000, 0)
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn remove_stake() -> Weight {
        Weight::from_parts(677_016_000, 0)
            .saturating_add(T::DbWeight::get().reads(33))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn move_stake() -> Weight {
        Weight::from_parts(905_389_000, 0)
            .saturating_add(T::DbWeight::get().reads(46))
            .saturating_add(T::DbWeight::get().writes(22))
    }

    /// Does not depend on anything.
    pub fn transfer_stake() -> Weight {
        Weight::from_parts(467_853_000, 0)
            .saturating_add(T::DbWeight::get().reads(31))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn recycle_alpha() -> Weight {
        Weight::from_parts(162_033_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn burn_alpha() -> Weight {
        Weight::from_parts(163_015_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn add_stake_burn() -> Weight {
        Weight::from_parts(584_227_000, 0)
            .saturating_add(T::DbWeight::get().reads(27))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn fee_from_stake() -> Weight {
        Weight::from_parts(253_992_000, 0)
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    /// `h`: 0 to 128.
    pub fn holdings(h: u32) -> Weight {
        Weight::from_parts(217_108_280, 0)
            .saturating_add(Weight::from_parts(60_113_920, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4095.
    pub fn staking_listed(h: u32) -> Weight {
        Weight::from_parts(17_196_000, 0)
            .saturating_add(Weight::from_parts(21_295, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `h`: 0 to 4094.
    pub fn owning_listed(h: u32) -> Weight {
        Weight::from_parts(55_738_000, 0)
            .saturating_add(Weight::from_parts(19_850, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// `s`: 1 to 128.
    pub fn positions(s: u32) -> Weight {
        Weight::from_parts(94_641_616, 0)
            .saturating_add(Weight::from_parts(17_000_753, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(s.into()))
    }

    /// `s`: 1 to 128. `w`: 1 to 128.
    pub fn stake_removed(s: u32, w: u32) -> Weight {
        Weight::from_parts(352_983_708, 0)
            .saturating_add(Weight::from_parts(21_253_795, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(12_080_149, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(w.into()))
    }

    /// Does not depend on anything.
    pub fn lock_stake() -> Weight {
        Weight::from_parts(153_751_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// Does not depend on anything.
    pub fn move_lock() -> Weight {
        Weight::from_parts(125_078_000, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    /// Does not depend on anything.
    pub fn set_perpetual_lock() -> Weight {
        Weight::from_parts(118_919_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn set_reject_locked_alpha() -> Weight {
        Weight::from_parts(11_908_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `c`: 0 to 5. `s`: 1 to 128.
    pub fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(326_267_184, 0)
            .saturating_add(Weight::from_parts(17_214_720, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(3_523_937, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 5.
    pub fn children_replaced(c: u32) -> Weight {
        Weight::from_parts(66_017_969, 0)
            .saturating_add(Weight::from_parts(16_516_031, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// `c`: 1 to 5.
    pub fn full_children_replaced(c: u32) -> Weight {
        Weight::from_parts(179_426_960, 0)
            .saturating_add(Weight::from_parts(965_796_020, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(139))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn set_childkey_take() -> Weight {
        Weight::from_parts(36_685_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn decrease_take() -> Weight {
        Weight::from_parts(25_078_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn increase_take() -> Weight {
        Weight::from_parts(29_223_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(144_607_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_auto_parent_delegation_enabled() -> Weight {
        Weight::from_parts(18_297_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 1 to 128.
    pub fn set_root_claim_type(s: u32) -> Weight {
        Weight::from_parts(61_562_152, 0)
            .saturating_add(Weight::from_parts(3_576_202, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `h`: 0 to 4096.
    pub fn claimant(h: u32) -> Weight {
        Weight::from_parts(890_062_354, 0)
            .saturating_add(Weight::from_parts(4_995_607, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
    }

    /// `r`: 0 to 128.
    pub fn hotkey_asked(r: u32) -> Weight {
        Weight::from_parts(129_619_658, 0)
            .saturating_add(Weight::from_parts(1_314_299, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    /// `r`: 1 to 128.
    pub fn nothing_due(r: u32) -> Weight {
        Weight::from_parts(156_735_559, 0)
            .saturating_add(Weight::from_parts(9_910_037, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn claims_settled(r: u32) -> Weight {
        Weight::from_parts(485_110_410, 0)
            .saturating_add(Weight::from_parts(137_607_537, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(12).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(8).saturating_mul(r.into()))
    }

    /// `r`: 0 to 128.
    pub fn root_growth(r: u32) -> Weight {
        Weight::from_parts(35_841_888, 0)
            .saturating_add(Weight::from_parts(9_601_932, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn root_shrinkage(r: u32) -> Weight {
        Weight::from_parts(389_303_616, 0)
            .saturating_add(Weight::from_parts(44_293_378, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(5).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn claimant_forgotten() -> Weight {
        Weight::from_parts(11_007_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `p`: 1 to 1000.
    pub fn looked_at(p: u32) -> Weight {
        Weight::from_parts(160_669_330, 0)
            .saturating_add(Weight::from_parts(1_606_210, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
    }
}

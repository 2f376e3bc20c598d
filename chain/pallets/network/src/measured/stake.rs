//! What `pallet_network_stake` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 4 values of each component, each 3 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn add_stake() -> Weight {
        Weight::from_parts(529_926_000, 0)
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn remove_stake() -> Weight {
        Weight::from_parts(708_453_000, 0)
            .saturating_add(T::DbWeight::get().reads(33))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn move_stake() -> Weight {
        Weight::from_parts(747_162_000, 0)
            .saturating_add(T::DbWeight::get().reads(46))
            .saturating_add(T::DbWeight::get().writes(22))
    }

    /// Does not depend on anything.
    pub fn transfer_stake() -> Weight {
        Weight::from_parts(436_345_000, 0)
            .saturating_add(T::DbWeight::get().reads(31))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn recycle_alpha() -> Weight {
        Weight::from_parts(155_433_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn burn_alpha() -> Weight {
        Weight::from_parts(180_722_000, 0)
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    pub fn add_stake_burn() -> Weight {
        Weight::from_parts(514_553_000, 0)
            .saturating_add(T::DbWeight::get().reads(27))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn fee_from_stake() -> Weight {
        Weight::from_parts(234_111_000, 0)
            .saturating_add(T::DbWeight::get().reads(22))
            .saturating_add(T::DbWeight::get().writes(10))
    }

    /// `h`: 0 to 128.
    pub fn holdings(h: u32) -> Weight {
        Weight::from_parts(16_755_000, 0)
            .saturating_add(Weight::from_parts(59_300_805, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4095.
    pub fn staking_listed(h: u32) -> Weight {
        Weight::from_parts(40_225_730, 0)
            .saturating_add(Weight::from_parts(27_699, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `h`: 0 to 4094.
    pub fn owning_listed(h: u32) -> Weight {
        Weight::from_parts(27_361_000, 0)
            .saturating_add(Weight::from_parts(28_342, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// `s`: 1 to 128.
    pub fn positions(s: u32) -> Weight {
        Weight::from_parts(153_151_580, 0)
            .saturating_add(Weight::from_parts(14_883_940, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(s.into()))
    }

    /// `s`: 1 to 128. `w`: 1 to 128.
    pub fn stake_removed(s: u32, w: u32) -> Weight {
        Weight::from_parts(2_097_506_285, 0)
            .saturating_add(Weight::from_parts(9_011_255, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(5_832_555, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(w.into()))
    }

    /// Does not depend on anything.
    pub fn lock_stake() -> Weight {
        Weight::from_parts(150_917_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// Does not depend on anything.
    pub fn move_lock() -> Weight {
        Weight::from_parts(130_476_000, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    /// Does not depend on anything.
    pub fn set_perpetual_lock() -> Weight {
        Weight::from_parts(117_496_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn set_reject_locked_alpha() -> Weight {
        Weight::from_parts(13_691_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `c`: 0 to 5. `s`: 1 to 128.
    pub fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(273_799_443, 0)
            .saturating_add(Weight::from_parts(23_709_005, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(2_774_934, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(9).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 5.
    pub fn children_replaced(c: u32) -> Weight {
        Weight::from_parts(68_293_000, 0)
            .saturating_add(Weight::from_parts(12_131_322, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// `c`: 1 to 5.
    pub fn full_children_replaced(c: u32) -> Weight {
        Weight::from_parts(107_930_000, 0)
            .saturating_add(Weight::from_parts(919_116_200, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(139))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn set_childkey_take() -> Weight {
        Weight::from_parts(36_665_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn decrease_take() -> Weight {
        Weight::from_parts(25_238_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn increase_take() -> Weight {
        Weight::from_parts(29_454_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(129_254_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_auto_parent_delegation_enabled() -> Weight {
        Weight::from_parts(21_132_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 1 to 128.
    pub fn set_root_claim_type(s: u32) -> Weight {
        Weight::from_parts(58_265_687, 0)
            .saturating_add(Weight::from_parts(3_343_891, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `h`: 0 to 4096.
    pub fn claimant(h: u32) -> Weight {
        Weight::from_parts(187_066_552, 0)
            .saturating_add(Weight::from_parts(5_067_838, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
    }

    /// `r`: 0 to 128.
    pub fn hotkey_asked(r: u32) -> Weight {
        Weight::from_parts(102_560_275, 0)
            .saturating_add(Weight::from_parts(1_525_385, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    /// `r`: 1 to 128.
    pub fn nothing_due(r: u32) -> Weight {
        Weight::from_parts(75_026_680, 0)
            .saturating_add(Weight::from_parts(9_267_992, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn claims_settled(r: u32) -> Weight {
        Weight::from_parts(183_424_056, 0)
            .saturating_add(Weight::from_parts(130_825_148, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(12).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(8))
            .saturating_add(T::DbWeight::get().writes(8).saturating_mul(r.into()))
    }

    /// `r`: 0 to 128.
    pub fn root_growth(r: u32) -> Weight {
        Weight::from_parts(48_047_870, 0)
            .saturating_add(Weight::from_parts(9_503_378, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn root_shrinkage(r: u32) -> Weight {
        Weight::from_parts(34_004_298, 0)
            .saturating_add(Weight::from_parts(42_760_702, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(3))
            .saturating_add(T::DbWeight::get().writes(5).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn claimant_forgotten() -> Weight {
        Weight::from_parts(11_657_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `p`: 1 to 1000.
    pub fn looked_at(p: u32) -> Weight {
        Weight::from_parts(33_390_000, 0)
            .saturating_add(Weight::from_parts(1_613_292, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
    }
}

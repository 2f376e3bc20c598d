//! Costs of `pallet_network_stake`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// Does not depend on anything.
    pub fn add_stake() -> Weight {
        Weight::from_parts(506_298_000, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn remove_stake() -> Weight {
        Weight::from_parts(810_910_000, 0)
            .saturating_add(T::DbWeight::get().reads(35))
            .saturating_add(T::DbWeight::get().writes(14))
    }

    /// Does not depend on anything.
    pub fn move_stake() -> Weight {
        Weight::from_parts(901_951_000, 0)
            .saturating_add(T::DbWeight::get().reads(50))
            .saturating_add(T::DbWeight::get().writes(26))
    }

    /// Does not depend on anything.
    pub fn transfer_stake() -> Weight {
        Weight::from_parts(417_351_000, 0)
            .saturating_add(T::DbWeight::get().reads(33))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn recycle_alpha() -> Weight {
        Weight::from_parts(150_419_000, 0)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn burn_alpha() -> Weight {
        Weight::from_parts(150_522_000, 0)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn add_stake_burn() -> Weight {
        Weight::from_parts(646_565_000, 0)
            .saturating_add(T::DbWeight::get().reads(29))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn fee_from_stake() -> Weight {
        Weight::from_parts(303_009_000, 0)
            .saturating_add(T::DbWeight::get().reads(24))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// `h`: 0 to 128.
    pub fn holdings(h: u32) -> Weight {
        Weight::from_parts(78_895_960, 0)
            .saturating_add(Weight::from_parts(48_463_055, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4095.
    pub fn staking_listed(h: u32) -> Weight {
        Weight::from_parts(18_872_035, 0)
            .saturating_add(Weight::from_parts(18_347, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `h`: 0 to 4094.
    pub fn owning_listed(h: u32) -> Weight {
        Weight::from_parts(26_962_420, 0)
            .saturating_add(Weight::from_parts(17_134, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// `s`: 1 to 128.
    pub fn positions(s: u32) -> Weight {
        Weight::from_parts(96_010_948, 0)
            .saturating_add(Weight::from_parts(13_564_458, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(s.into()))
    }

    /// `s`: 1 to 128. `w`: 1 to 128.
    pub fn stake_removed(s: u32, w: u32) -> Weight {
        Weight::from_parts(1_757_724_368, 0)
            .saturating_add(Weight::from_parts(9_230_894, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(3_705_275, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(w.into()))
    }

    /// Does not depend on anything.
    pub fn lock_stake() -> Weight {
        Weight::from_parts(145_278_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// Does not depend on anything.
    pub fn move_lock() -> Weight {
        Weight::from_parts(129_851_000, 0)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    /// Does not depend on anything.
    pub fn set_perpetual_lock() -> Weight {
        Weight::from_parts(111_919_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn set_reject_locked_alpha() -> Weight {
        Weight::from_parts(10_825_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `c`: 0 to 5. `s`: 1 to 128.
    pub fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(290_324_012, 0)
            .saturating_add(Weight::from_parts(8_308_431, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(3_222_213, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 5.
    pub fn children_replaced(c: u32) -> Weight {
        Weight::from_parts(233_444_156, 0)
            .saturating_add(Weight::from_parts(19_983_961, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// `c`: 1 to 5.
    pub fn full_children_replaced(c: u32) -> Weight {
        Weight::from_parts(689_488_251, 0)
            .saturating_add(Weight::from_parts(447_992_583, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(150))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn set_childkey_take() -> Weight {
        Weight::from_parts(34_927_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn decrease_take() -> Weight {
        Weight::from_parts(24_859_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn increase_take() -> Weight {
        Weight::from_parts(28_943_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(125_106_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_auto_parent_delegation_enabled() -> Weight {
        Weight::from_parts(17_517_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 1 to 128.
    pub fn set_root_claim_type(s: u32) -> Weight {
        Weight::from_parts(29_956_239, 0)
            .saturating_add(Weight::from_parts(3_358_503, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `h`: 0 to 4096.
    pub fn claimant(h: u32) -> Weight {
        Weight::from_parts(88_330_400, 0)
            .saturating_add(Weight::from_parts(4_108_195, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
    }

    /// `r`: 0 to 128.
    pub fn hotkey_asked(r: u32) -> Weight {
        Weight::from_parts(129_846_660, 0)
            .saturating_add(Weight::from_parts(1_398_089, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    /// `r`: 1 to 128.
    pub fn nothing_due(r: u32) -> Weight {
        Weight::from_parts(63_578_944, 0)
            .saturating_add(Weight::from_parts(8_690_904, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn claims_settled(r: u32) -> Weight {
        Weight::from_parts(449_259_543, 0)
            .saturating_add(Weight::from_parts(165_412_417, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(14))
            .saturating_add(T::DbWeight::get().reads(12).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(r.into()))
    }

    /// `r`: 0 to 128.
    pub fn root_growth(r: u32) -> Weight {
        Weight::from_parts(49_088_696, 0)
            .saturating_add(Weight::from_parts(8_042_268, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn root_shrinkage(r: u32) -> Weight {
        Weight::from_parts(69_986_953, 0)
            .saturating_add(Weight::from_parts(39_647_421, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(7))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(6).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn claimant_forgotten() -> Weight {
        Weight::from_parts(10_345_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `p`: 1 to 1000.
    pub fn looked_at(p: u32) -> Weight {
        Weight::from_parts(42_126_753, 0)
            .saturating_add(Weight::from_parts(1_296_231, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
    }

    /// `h`: 1 to 144.
    pub fn pot_shared(h: u32) -> Weight {
        Weight::from_parts(56_391_391, 0)
            .saturating_add(Weight::from_parts(31_151_653, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(5))
            .saturating_add(T::DbWeight::get().writes(3).saturating_mul(h.into()))
    }
}

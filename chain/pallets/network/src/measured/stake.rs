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
        Weight::from_parts(339_464_179, 0)
            .saturating_add(T::DbWeight::get().reads(20))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn remove_stake() -> Weight {
        Weight::from_parts(596_722_456, 0)
            .saturating_add(T::DbWeight::get().reads(34))
            .saturating_add(T::DbWeight::get().writes(14))
    }

    /// Does not depend on anything.
    pub fn move_stake() -> Weight {
        Weight::from_parts(710_317_446, 0)
            .saturating_add(T::DbWeight::get().reads(49))
            .saturating_add(T::DbWeight::get().writes(26))
    }

    /// Does not depend on anything.
    pub fn transfer_stake() -> Weight {
        Weight::from_parts(442_117_546, 0)
            .saturating_add(T::DbWeight::get().reads(32))
            .saturating_add(T::DbWeight::get().writes(13))
    }

    /// Does not depend on anything.
    pub fn recycle_alpha() -> Weight {
        Weight::from_parts(140_433_984, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn burn_alpha() -> Weight {
        Weight::from_parts(137_378_763, 0)
            .saturating_add(T::DbWeight::get().reads(15))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// Does not depend on anything.
    pub fn add_stake_burn() -> Weight {
        Weight::from_parts(457_736_229, 0)
            .saturating_add(T::DbWeight::get().reads(28))
            .saturating_add(T::DbWeight::get().writes(15))
    }

    /// Does not depend on anything.
    pub fn fee_from_stake() -> Weight {
        Weight::from_parts(200_237_590, 0)
            .saturating_add(T::DbWeight::get().reads(23))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// `h`: 0 to 128.
    pub fn holdings(h: u32) -> Weight {
        Weight::from_parts(450_361_620, 0)
            .saturating_add(Weight::from_parts(55_556_223, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4095.
    pub fn staking_listed(h: u32) -> Weight {
        Weight::from_parts(25_598_980, 0)
            .saturating_add(Weight::from_parts(13_570, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// `h`: 1 to 144.
    pub fn pot_shared(h: u32) -> Weight {
        Weight::from_parts(150_000_000, 0)
            .saturating_add(Weight::from_parts(60_000_000, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(3).saturating_mul(h.into()))
    }

    /// `h`: 0 to 4094.
    pub fn owning_listed(h: u32) -> Weight {
        Weight::from_parts(34_458_584, 0)
            .saturating_add(Weight::from_parts(11_704, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// `s`: 1 to 128.
    pub fn positions(s: u32) -> Weight {
        Weight::from_parts(99_342_019, 0)
            .saturating_add(Weight::from_parts(14_473_901, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(s.into()))
    }

    /// `s`: 1 to 128. `w`: 1 to 128.
    pub fn stake_removed(s: u32, w: u32) -> Weight {
        Weight::from_parts(2_010_133_184, 0)
            .saturating_add(Weight::from_parts(8_565_860, 0).saturating_mul(s.into()))
            .saturating_add(Weight::from_parts(4_206_912, 0).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(w.into()))
            .saturating_add(T::DbWeight::get().writes(1))
            .saturating_add(T::DbWeight::get().writes(2).saturating_mul(w.into()))
    }

    /// Does not depend on anything.
    pub fn lock_stake() -> Weight {
        Weight::from_parts(136_814_000, 0)
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().writes(6))
    }

    /// Does not depend on anything.
    pub fn move_lock() -> Weight {
        Weight::from_parts(123_785_000, 0)
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().writes(9))
    }

    /// Does not depend on anything.
    pub fn set_perpetual_lock() -> Weight {
        Weight::from_parts(110_835_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(7))
    }

    /// Does not depend on anything.
    pub fn set_reject_locked_alpha() -> Weight {
        Weight::from_parts(11_678_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `c`: 0 to 5. `s`: 1 to 128.
    pub fn set_children(c: u32, s: u32) -> Weight {
        Weight::from_parts(284_790_824, 0)
            .saturating_add(Weight::from_parts(9_160_112, 0).saturating_mul(c.into()))
            .saturating_add(Weight::from_parts(3_378_484, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().reads(4).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `c`: 0 to 5.
    pub fn children_replaced(c: u32) -> Weight {
        Weight::from_parts(212_011_878, 0)
            .saturating_add(Weight::from_parts(21_644_561, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(19))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(7))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// `c`: 1 to 5.
    pub fn full_children_replaced(c: u32) -> Weight {
        Weight::from_parts(726_131_835, 0)
            .saturating_add(Weight::from_parts(477_999_433, 0).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().reads(150))
            .saturating_add(T::DbWeight::get().reads(3).saturating_mul(c.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(c.into()))
    }

    /// Does not depend on anything.
    pub fn set_childkey_take() -> Weight {
        Weight::from_parts(36_124_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn decrease_take() -> Weight {
        Weight::from_parts(24_366_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn increase_take() -> Weight {
        Weight::from_parts(28_933_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn set_coldkey_auto_stake_hotkey() -> Weight {
        Weight::from_parts(116_564_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_auto_parent_delegation_enabled() -> Weight {
        Weight::from_parts(17_566_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `s`: 1 to 128.
    pub fn set_root_claim_type(s: u32) -> Weight {
        Weight::from_parts(30_164_000, 0)
            .saturating_add(Weight::from_parts(3_441_500, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `h`: 0 to 4096.
    pub fn claimant(h: u32) -> Weight {
        Weight::from_parts(356_227_220, 0)
            .saturating_add(Weight::from_parts(4_902_037, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
    }

    /// `r`: 0 to 128.
    pub fn hotkey_asked(r: u32) -> Weight {
        Weight::from_parts(89_246_200, 0)
            .saturating_add(Weight::from_parts(1_456_385, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(8))
    }

    /// `r`: 1 to 128.
    pub fn nothing_due(r: u32) -> Weight {
        Weight::from_parts(54_885_520, 0)
            .saturating_add(Weight::from_parts(9_611_660, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(2).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn claims_settled(r: u32) -> Weight {
        Weight::from_parts(329_821_724, 0)
            .saturating_add(Weight::from_parts(131_064_043, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().reads(12).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(9))
            .saturating_add(T::DbWeight::get().writes(9).saturating_mul(r.into()))
    }

    /// `r`: 0 to 128.
    pub fn root_growth(r: u32) -> Weight {
        Weight::from_parts(93_151_037, 0)
            .saturating_add(Weight::from_parts(8_541_364, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(9))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(6))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(r.into()))
    }

    /// `r`: 1 to 128.
    pub fn root_shrinkage(r: u32) -> Weight {
        Weight::from_parts(324_255_104, 0)
            .saturating_add(Weight::from_parts(41_865_740, 0).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().reads(6))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(r.into()))
            .saturating_add(T::DbWeight::get().writes(4))
            .saturating_add(T::DbWeight::get().writes(6).saturating_mul(r.into()))
    }

    /// Does not depend on anything.
    pub fn claimant_forgotten() -> Weight {
        Weight::from_parts(10_726_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(5))
    }

    /// `p`: 1 to 1000.
    pub fn looked_at(p: u32) -> Weight {
        Weight::from_parts(41_625_556, 0)
            .saturating_add(Weight::from_parts(1_526_826, 0).saturating_mul(p.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(p.into()))
    }
}

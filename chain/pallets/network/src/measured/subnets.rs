//! Costs of `pallet_network_subnets`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `s`: 1 to 128.
    pub fn register_network(s: u32) -> Weight {
        Weight::from_parts(1_136_031_324, 0)
            .saturating_add(Weight::from_parts(18_375_374, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(170))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(119))
    }

    /// `s`: 2 to 128.
    pub fn waiting(s: u32) -> Weight {
        Weight::from_parts(196_000_928, 0)
            .saturating_add(Weight::from_parts(20_021_524, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(17))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn start_call() -> Weight {
        Weight::from_parts(23_373_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn root_dissolve_network() -> Weight {
        Weight::from_parts(90_818_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 256.
    pub fn set_identity(h: u32) -> Weight {
        Weight::from_parts(51_661_096, 0)
            .saturating_add(Weight::from_parts(3_595_484, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_subnet_identity() -> Weight {
        Weight::from_parts(19_726_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn try_associate_hotkey() -> Weight {
        Weight::from_parts(27_804_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `s`: 1 to 128.
    pub fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(97_371_530, 0)
            .saturating_add(Weight::from_parts(3_594_810, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_tempo() -> Weight {
        Weight::from_parts(53_094_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(34_824_000, 0)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn trigger_epoch() -> Weight {
        Weight::from_parts(71_789_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn enable_voting_power_tracking() -> Weight {
        Weight::from_parts(18_581_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn disable_voting_power_tracking() -> Weight {
        Weight::from_parts(20_412_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_voting_power_ema_alpha() -> Weight {
        Weight::from_parts(12_739_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_pending_childkey_cooldown() -> Weight {
        Weight::from_parts(3_074_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_tx_childkey_take_rate_limit() -> Weight {
        Weight::from_parts(7_367_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_min_childkey_take() -> Weight {
        Weight::from_parts(8_435_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_max_childkey_take() -> Weight {
        Weight::from_parts(8_503_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_num_root_claims() -> Weight {
        Weight::from_parts(3_129_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_root_claim_threshold() -> Weight {
        Weight::from_parts(8_554_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn announce_rubric() -> Weight {
        Weight::from_parts(40_386_000, 0)
            .saturating_add(T::DbWeight::get().reads(11))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn withdraw_rubric() -> Weight {
        Weight::from_parts(33_235_000, 0)
            .saturating_add(T::DbWeight::get().reads(8))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_rubric_notice() -> Weight {
        Weight::from_parts(7_364_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }
}

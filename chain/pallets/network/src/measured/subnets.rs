//! What `pallet_network_subnets` costs. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys; what one costs is up to the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: frame_system::Config> Measured<T> {
    /// `s`: 1 to 128.
    pub fn register_network(s: u32) -> Weight {
        Weight::from_parts(1_490_114_433, 0)
            .saturating_add(Weight::from_parts(20_968_087, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(170))
            .saturating_add(T::DbWeight::get().reads(6).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(119))
    }

    /// `s`: 2 to 128.
    pub fn waiting(s: u32) -> Weight {
        Weight::from_parts(235_748_832, 0)
            .saturating_add(Weight::from_parts(23_761_888, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(16))
            .saturating_add(T::DbWeight::get().reads(7).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(12))
    }

    /// Does not depend on anything.
    pub fn start_call() -> Weight {
        Weight::from_parts(27_601_000, 0)
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn root_dissolve_network() -> Weight {
        Weight::from_parts(104_676_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `h`: 1 to 256.
    pub fn set_identity(h: u32) -> Weight {
        Weight::from_parts(77_343_920, 0)
            .saturating_add(Weight::from_parts(4_485_520, 0).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(h.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_subnet_identity() -> Weight {
        Weight::from_parts(23_665_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn try_associate_hotkey() -> Weight {
        Weight::from_parts(34_642_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// `s`: 1 to 128.
    pub fn update_symbol(s: u32) -> Weight {
        Weight::from_parts(81_322_621, 0)
            .saturating_add(Weight::from_parts(4_501_097, 0).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().reads(5))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(s.into()))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_tempo() -> Weight {
        Weight::from_parts(62_072_000, 0)
            .saturating_add(T::DbWeight::get().reads(13))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    pub fn set_activity_cutoff_factor() -> Weight {
        Weight::from_parts(39_449_000, 0)
            .saturating_add(T::DbWeight::get().reads(10))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn trigger_epoch() -> Weight {
        Weight::from_parts(113_329_000, 0)
            .saturating_add(T::DbWeight::get().reads(12))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn enable_voting_power_tracking() -> Weight {
        Weight::from_parts(21_382_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    pub fn disable_voting_power_tracking() -> Weight {
        Weight::from_parts(23_866_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_voting_power_ema_alpha() -> Weight {
        Weight::from_parts(15_112_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn set_pending_childkey_cooldown() -> Weight {
        Weight::from_parts(4_046_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_tx_childkey_take_rate_limit() -> Weight {
        Weight::from_parts(9_334_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_min_childkey_take() -> Weight {
        Weight::from_parts(10_216_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_max_childkey_take() -> Weight {
        Weight::from_parts(10_275_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_num_root_claims() -> Weight {
        Weight::from_parts(4_086_000, 0).saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    pub fn sudo_set_root_claim_threshold() -> Weight {
        Weight::from_parts(9_594_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }
}

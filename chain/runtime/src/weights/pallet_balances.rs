//! Costs of `pallet_balances`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 20 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_balances::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn transfer_allow_death() -> Weight {
        Weight::from_parts(82_413_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    fn transfer_keep_alive() -> Weight {
        Weight::from_parts(61_753_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_set_balance_creating() -> Weight {
        Weight::from_parts(28_140_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_set_balance_killing() -> Weight {
        Weight::from_parts(27_234_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_transfer() -> Weight {
        Weight::from_parts(82_266_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    fn transfer_all() -> Weight {
        Weight::from_parts(76_263_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_unreserve() -> Weight {
        Weight::from_parts(21_554_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `u`: 1 to 1000.
    fn upgrade_accounts(u: u32) -> Weight {
        Weight::from_parts(220_398_120, 0)
            .saturating_add(Weight::from_parts(17_892_020, 0).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(u.into()))
    }

    /// Does not depend on anything.
    fn force_adjust_total_issuance() -> Weight {
        Weight::from_parts(9_172_000, 0)
    }

    /// Does not depend on anything.
    fn burn_allow_death() -> Weight {
        Weight::from_parts(54_034_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    fn burn_keep_alive() -> Weight {
        Weight::from_parts(34_262_000, 0)
    }
}

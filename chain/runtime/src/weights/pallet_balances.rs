//! Costs of `pallet_balances`. Written by `make weights`; a change by hand is lost.
//!
//! Processor time in the WASM runtime, 10 values of each component, each 10 times; state in memory. Reads and writes
//! are keys, weighed by the runtime's `DbWeight`.

use core::marker::PhantomData;

use frame_support::{traits::Get, weights::Weight};

/// Measured costs.
pub struct Measured<T>(PhantomData<T>);

impl<T: ::frame_system::Config> ::pallet_balances::WeightInfo for Measured<T> {
    /// Does not depend on anything.
    fn transfer_allow_death() -> Weight {
        Weight::from_parts(97_085_000, 0)
            .saturating_add(T::DbWeight::get().reads(3))
            .saturating_add(T::DbWeight::get().writes(3))
    }

    /// Does not depend on anything.
    fn transfer_keep_alive() -> Weight {
        Weight::from_parts(72_629_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_set_balance_creating() -> Weight {
        Weight::from_parts(32_880_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_set_balance_killing() -> Weight {
        Weight::from_parts(31_427_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_transfer() -> Weight {
        Weight::from_parts(94_882_000, 0)
            .saturating_add(T::DbWeight::get().reads(4))
            .saturating_add(T::DbWeight::get().writes(4))
    }

    /// Does not depend on anything.
    fn transfer_all() -> Weight {
        Weight::from_parts(91_026_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// Does not depend on anything.
    fn force_unreserve() -> Weight {
        Weight::from_parts(24_918_000, 0)
            .saturating_add(T::DbWeight::get().reads(1))
            .saturating_add(T::DbWeight::get().writes(1))
    }

    /// `u`: 1 to 1000.
    fn upgrade_accounts(u: u32) -> Weight {
        Weight::from_parts(434_558_000, 0)
            .saturating_add(Weight::from_parts(23_883_183, 0).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().reads(1).saturating_mul(u.into()))
            .saturating_add(T::DbWeight::get().writes(1).saturating_mul(u.into()))
    }

    /// Does not depend on anything.
    fn force_adjust_total_issuance() -> Weight {
        Weight::from_parts(10_897_000, 0)
    }

    /// Does not depend on anything.
    fn burn_allow_death() -> Weight {
        Weight::from_parts(60_931_000, 0)
            .saturating_add(T::DbWeight::get().reads(2))
            .saturating_add(T::DbWeight::get().writes(2))
    }

    /// Does not depend on anything.
    fn burn_keep_alive() -> Weight {
        Weight::from_parts(39_279_000, 0)
    }
}

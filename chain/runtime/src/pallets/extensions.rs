//! Weight of the stock transaction extensions: nothing of their own.
//!
//! `TRANSACTION_WEIGHT` is that of a whole transaction without effect, measured with all of them, up to the state root
//! and the database. Nonce and fee touch one account, which the extensions' own weights would count twice and the call
//! a third time.

use frame_support::weights::Weight;

/// Part of `TRANSACTION_WEIGHT`.
pub struct PartOfTransaction;

impl frame_system::ExtensionsWeightInfo for PartOfTransaction {
    fn check_genesis() -> Weight {
        Weight::zero()
    }
    fn check_mortality_mortal_transaction() -> Weight {
        Weight::zero()
    }
    fn check_mortality_immortal_transaction() -> Weight {
        Weight::zero()
    }
    fn check_non_zero_sender() -> Weight {
        Weight::zero()
    }
    fn check_nonce() -> Weight {
        Weight::zero()
    }
    fn check_spec_version() -> Weight {
        Weight::zero()
    }
    fn check_tx_version() -> Weight {
        Weight::zero()
    }
    fn check_weight() -> Weight {
        Weight::zero()
    }
    fn weight_reclaim() -> Weight {
        Weight::zero()
    }
}

impl pallet_transaction_payment::WeightInfo for PartOfTransaction {
    fn charge_transaction_payment() -> Weight {
        Weight::zero()
    }
}

//! Fees of transactions, and their receivers.
//!
//! The protocol's rule: 5·10⁻⁴ rao per unit of weight and 1 rao per byte unless root or a vote set other prices, never
//! multiplied by congestion, all of it to the author of the block. Fees are TAO; [`TaoOrStake`] also takes the stake
//! that a call moves. Free calls pay where they fail ([`OfFailures`]).

mod failure;
mod stake;
#[cfg(test)]
mod tests;

pub use failure::OfFailures;
pub use stake::TaoOrStake;

use crate::{AccountId, Authorship, Balance, Balances, Runtime};
use frame_support::{
    traits::{
        fungible::{Balanced, Credit},
        OnUnbalanced,
    },
    weights::{Weight, WeightToFee},
};
use myelin_economy::fees;
use pallet_network::{ledger::TaoLedger, FeePerByte, FeeWeightPerRao};

/// Price of execution: a rao for each [`FeeWeightPerRao`] units of weight, rounded down.
pub struct WeightFee;

impl WeightToFee for WeightFee {
    type Balance = Balance;

    fn weight_to_fee(weight: &Weight) -> Balance {
        fees::of_weight(weight.ref_time(), FeeWeightPerRao::<Runtime>::get()).to_rao()
    }
}

/// Price of space: [`FeePerByte`] rao for each byte. The transaction pallet hands lengths over as reference time.
pub struct ByteFee;

impl WeightToFee for ByteFee {
    type Balance = Balance;

    fn weight_to_fee(length: &Weight) -> Balance {
        fees::of_length(length.ref_time(), FeePerByte::<Runtime>::get()).to_rao()
    }
}

/// Pays fees and tips to the author of the block.
///
/// A fee is recycled only if it cannot be paid. That is in a block without an author (calls outside of block
/// production), or if it is below the existential deposit and the author has no account yet.
pub struct PayAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for PayAuthor {
    fn on_nonzero_unbalanced(fee: Credit<AccountId, Balances>) {
        let unpaid = match Authorship::author() {
            Some(author) => <Balances as Balanced<AccountId>>::resolve(&author, fee).err(),
            None => Some(fee),
        };
        if let Some(fee) = unpaid {
            TaoLedger::<Runtime>::on_nonzero_unbalanced(fee);
        }
    }
}

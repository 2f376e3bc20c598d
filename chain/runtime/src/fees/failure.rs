//! Fees of free calls that fail.
//!
//! Setting weights, announcing an endpoint and publishing a commitment cost nothing. A call that is going to fail pays
//! as if it were not free. So blocks can't be filled with failures for nothing, and its signer learns the error.

use frame_support::{
    dispatch::{DispatchInfo, Pays},
    traits::{
        fungible::{Balanced, Inspect},
        tokens::{Fortitude, Precision, Preservation, WithdrawConsequence},
        OnUnbalanced,
    },
};
use pallet_network::extension::FailureFee;
use pallet_transaction_payment::Event;
use sp_runtime::transaction_validity::{InvalidTransaction, TransactionValidityError};

use super::PayAuthor;
use crate::{AccountId, Balance, Balances, Runtime, RuntimeEvent, System, TransactionPayment};

/// Takes the fee in TAO.
pub struct OfFailures;

impl FailureFee<AccountId> for OfFailures {
    fn is_payable(who: &AccountId, info: &DispatchInfo, length: usize) -> bool {
        let left = <Balances as Inspect<AccountId>>::can_withdraw(who, fee(info, length));
        left == WithdrawConsequence::Success
    }

    fn pay(who: &AccountId, info: &DispatchInfo, length: usize) -> Result<u64, TransactionValidityError> {
        let left = Balances::reducible_balance(who, Preservation::Preserve, Fortitude::Polite);
        let fee = fee(info, length).min(left);
        let taken = <Balances as Balanced<AccountId>>::withdraw(
            who,
            fee,
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        );
        PayAuthor::on_unbalanced(taken.map_err(|_| InvalidTransaction::Payment)?);
        // The author's account; the signer's is written with the nonce anyway.
        let author = <Runtime as frame_system::Config>::DbWeight::get().reads_writes(1, 1);
        System::register_extra_weight_unchecked(author, info.class);
        Ok(fee)
    }

    fn tell(who: AccountId, fee: u64) {
        System::deposit_event(RuntimeEvent::from(Event::TransactionFeePaid { who, actual_fee: fee, tip: 0 }));
    }
}

fn fee(info: &DispatchInfo, length: usize) -> Balance {
    let info = DispatchInfo { pays_fee: Pays::Yes, ..*info };
    TransactionPayment::compute_fee(u32::try_from(length).unwrap_or(u32::MAX), &info, 0)
}

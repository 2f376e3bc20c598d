//! Fees from stake.
//!
//! A coldkey that unstakes, moves, swaps or transfers stake and holds too little TAO for the fee pays with that stake.
//! Alpha worth the fee is sold, and the author of the block gets the TAO. So a coldkey that put everything into stake
//! can still take it out.

use frame_support::{
    traits::{fungible::Credit, Imbalance, IsSubType, NoDrop, OnUnbalanced},
    weights::Weight,
};
use pallet_network::stake::{StakeLedger, StakePosition};
use pallet_transaction_payment::{FungibleAdapter, OnChargeTransaction, TxCreditHold};
use sp_runtime::{
    traits::{DispatchInfoOf, PostDispatchInfoOf},
    transaction_validity::TransactionValidityError,
};

use super::PayAuthor;
use crate::{AccountId, Balance, Balances, Runtime, RuntimeCall, System};

/// TAO taken from an account or from a pool, and not yet paid to anybody.
type Tao = Credit<AccountId, Balances>;
/// Charge of fees in TAO.
type InTao = FungibleAdapter<Balances, PayAuthor>;

/// Takes fees in TAO, or else from the stake that the call moves.
pub struct TaoOrStake;

/// A fee that was taken.
pub enum Paid {
    /// In TAO; here the tip, the rest waits in the transaction pallet.
    InTao(Option<Tao>),
    /// From stake; the TAO that it was sold for.
    FromStake(Tao),
}

impl Default for Paid {
    fn default() -> Self {
        Paid::InTao(None)
    }
}

impl TxCreditHold<Runtime> for TaoOrStake {
    type Credit = NoDrop<Tao>;
}

impl OnChargeTransaction<Runtime> for TaoOrStake {
    type Balance = Balance;
    type LiquidityInfo = Paid;

    fn withdraw_fee(
        who: &AccountId,
        call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        fee_with_tip: Balance,
        tip: Balance,
    ) -> Result<Paid, TransactionValidityError> {
        let refused =
            match <InTao as OnChargeTransaction<Runtime>>::withdraw_fee(who, call, info, fee_with_tip, tip) {
                Ok(tip) => return Ok(Paid::InTao(tip)),
                Err(refused) => refused,
            };
        let position = source(who, call).ok_or(refused)?;
        let paid = StakeLedger::<Runtime>::pay_fee(&position, fee_with_tip.into()).map_err(|_| refused)?;
        let cost: Weight = StakeLedger::<Runtime>::fee_cost(&position);
        System::register_extra_weight_unchecked(cost, info.class);
        Ok(Paid::FromStake(paid))
    }

    fn can_withdraw_fee(
        who: &AccountId,
        call: &RuntimeCall,
        info: &DispatchInfoOf<RuntimeCall>,
        fee_with_tip: Balance,
        tip: Balance,
    ) -> Result<(), TransactionValidityError> {
        <InTao as OnChargeTransaction<Runtime>>::can_withdraw_fee(who, call, info, fee_with_tip, tip).or_else(
            |refused| {
                let position = source(who, call).ok_or(refused)?;
                let payable = StakeLedger::<Runtime>::check_fee(&position, fee_with_tip.into());
                payable.map(|_| ()).map_err(|_| refused)
            },
        )
    }

    fn correct_and_deposit_fee(
        who: &AccountId,
        info: &DispatchInfoOf<RuntimeCall>,
        post_info: &PostDispatchInfoOf<RuntimeCall>,
        corrected_fee_with_tip: Balance,
        tip: Balance,
        paid: Paid,
    ) -> Result<(), TransactionValidityError> {
        match paid {
            Paid::InTao(tip_credit) => <InTao as OnChargeTransaction<Runtime>>::correct_and_deposit_fee(
                who,
                info,
                post_info,
                corrected_fee_with_tip,
                tip,
                tip_credit,
            ),
            Paid::FromStake(paid) => {
                settle(who, corrected_fee_with_tip, paid);
                Ok(())
            }
        }
    }
}

/// Pays the author, and refunds the part beyond the final fee in TAO, where the account can take it.
fn settle(who: &AccountId, fee: Balance, paid: Tao) {
    use frame_support::traits::fungible::Balanced;
    let (mut fee, rest) = paid.split(fee);
    if rest.peek() > 0 {
        if let Err(refused) = <Balances as Balanced<AccountId>>::resolve(who, rest) {
            fee.subsume(refused);
        }
    }
    PayAuthor::on_unbalanced(fee);
}

/// The stake that a call moves.
fn source(who: &AccountId, call: &RuntimeCall) -> Option<StakePosition<AccountId>> {
    let call: &pallet_network::Call<Runtime> = call.is_sub_type()?;
    StakeLedger::<Runtime>::source(who, call)
}

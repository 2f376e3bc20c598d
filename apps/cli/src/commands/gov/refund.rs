//! `myelin gov refund`: deposits of submissions and decisions that return.

use myelin_abi::calls::referenda::{RefundDecisionDeposit, RefundSubmissionDeposit};
use myelin_abi::referenda::{ReferendumDeposit, ReferendumInfo};
use myelin_abi::Account;
use myelin_chain_client::AnyCall;
use myelin_units::TaoBalance;
use serde_json::json;

use super::propose::OfReferendum;
use super::view::View;
use crate::commands::connect;
use crate::output::{address, fail, tao, Outcome};
use crate::send::Order;
use crate::Global;

type Deposit = Option<ReferendumDeposit<Account>>;

/// Deposits that return.
#[derive(Default)]
struct Owed {
    calls: Vec<AnyCall>,
    rao: u64,
    payers: Vec<String>,
}

impl Owed {
    fn add(&mut self, who: &Account, rao: u64, call: AnyCall) {
        let who = address(who);
        if !self.payers.contains(&who) {
            self.payers.push(who);
        }
        self.rao = self.rao.saturating_add(rao);
        self.calls.push(call);
    }

    /// Deposits of a referendum.
    fn of(index: u32, submission: Deposit, decision: Deposit) -> Self {
        let mut owed = Self::default();
        if let Some(deposit) = submission {
            owed.add(&deposit.who, deposit.amount, (&RefundSubmissionDeposit { index }).into());
        }
        if let Some(deposit) = decision {
            owed.add(&deposit.who, deposit.amount, (&RefundDecisionDeposit { index }).into());
        }
        owed
    }
}

/// `myelin gov refund`.
pub async fn refund(order: OfReferendum, global: &Global) -> Outcome {
    let view = View::of(connect(global).await?).await?;
    let OfReferendum { referendum: index, by } = order;
    let owed = match view.poll(index).await? {
        ReferendumInfo::Ongoing(_) => {
            return fail(format!("referendum {index} is open; its deposits return when it is over"))
        }
        ReferendumInfo::Approved((_, submission, decision))
        | ReferendumInfo::Cancelled((_, submission, decision)) => Owed::of(index, submission, decision),
        // The deposit of the submission is lost.
        ReferendumInfo::Rejected((_, _, decision)) | ReferendumInfo::TimedOut((_, _, decision)) => {
            Owed::of(index, None, decision)
        }
        ReferendumInfo::Killed(_) => Owed::default(),
    };
    let call = match &owed.calls[..] {
        [] => {
            return fail(format!(
                "no deposit of referendum {index} returns any more; `myelin gov unnote` takes back those of stored \
                 proposals and texts"
            ))
        }
        [only] => only.clone(),
        several => view.chain.all_of(several).await?,
    };
    let sum = TaoBalance::from_rao(owed.rao);
    let what = format!("returning {} of referendum {index} to {}", tao(sum), owed.payers.join(" and "));
    let value = json!({ "referendum": index, "returned_rao": owed.rao });
    let order = Order::new(call, what).unasked();
    by.carry_out(global, &view.chain, order, &format!("returned {}", tao(sum)), value).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_return_to_each_payer_at_once() {
        let deposit = |who: u8, amount| Some(ReferendumDeposit { who: Account([who; 32]), amount });
        let counts = |owed: Owed| (owed.calls.len(), owed.rao, owed.payers.len());
        assert_eq!(counts(Owed::of(3, deposit(1, 5), deposit(1, 7))), (2, 12, 1));
        assert_eq!(counts(Owed::of(3, deposit(1, 5), deposit(2, 7))), (2, 12, 2));
        assert_eq!(counts(Owed::of(3, None, deposit(2, 7))), (1, 7, 1));
        assert_eq!(counts(Owed::of(3, None, None)), (0, 0, 0));
    }
}

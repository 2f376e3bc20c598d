//! `myelin gov refund` and `myelin gov unnote`: deposits that return.

use clap::Args;
use myelin_abi::calls::referenda::{RefundDecisionDeposit, RefundSubmissionDeposit, UnnotePreimage};
use myelin_abi::referenda::{ReferendumDeposit, ReferendumInfo};
use myelin_abi::Account;
use myelin_chain_client::AnyCall;
use myelin_governance::track::preimage_deposit;
use myelin_units::TaoBalance;
use serde_json::json;

use super::propose::OfReferendum;
use super::view::View;
use crate::commands::connect;
use crate::commands::subnet::rubric;
use crate::output::{address, fail, tao, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// A stored proposal or text.
#[derive(Args)]
pub struct Stored {
    /// Blake2b-256 of its bytes, as `myelin gov propose --json` prints it.
    #[arg(value_parser = rubric::hash)]
    hash: [u8; 32],
    #[command(flatten)]
    by: Sender,
}

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
    let mut owed = match view.poll(index).await? {
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
    // The deposit of the text returns to its payer alone.
    if let Some((hash, Some(text))) = view.text(index).await? {
        let account = by.account(global)?;
        if view.preimage_payer(&hash).await? == Some(account) {
            let deposit = preimage_deposit(text.len()).to_rao();
            owed.add(&account, deposit, (&UnnotePreimage { hash }).into());
        }
    }
    let call = match &owed.calls[..] {
        [] => return fail(format!("no deposit of referendum {index} returns any more")),
        [only] => only.clone(),
        several => view.chain.all_of(several).await?,
    };
    let sum = TaoBalance::from_rao(owed.rao);
    let what = format!("returning {} of referendum {index} to {}", tao(sum), owed.payers.join(" and "));
    let value = json!({ "referendum": index, "returned_rao": owed.rao });
    let order = Order::new(call, what).unasked();
    by.carry_out(global, &view.chain, order, &format!("returned {}", tao(sum)), value).await
}

impl Stored {
    /// `myelin gov unnote`.
    pub async fn unnote(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Stored { hash, by } = self;
        let (shown, account) = (to_hex(&hash), by.account(global)?);
        let Some(bytes) = view.preimage(&hash).await? else {
            return fail(format!("the chain stores nothing with the hash {shown}"));
        };
        match view.preimage_payer(&hash).await? {
            None => return fail(format!("{shown} is scheduled for its enactment; try again after it")),
            Some(payer) if payer != account => {
                return fail(format!(
                    "{} stored {shown}, and its deposit returns to no other",
                    address(&payer)
                ))
            }
            Some(_) => {}
        }
        let sum = preimage_deposit(bytes.len());
        let what = format!(
            "taking {shown} from the chain, and its deposit of {}; an open referendum that needs it could not be enacted",
            tao(sum)
        );
        let value = json!({ "hash": shown, "returned_rao": sum.to_rao() });
        let order = Order::new(&UnnotePreimage { hash }, what);
        by.carry_out(global, &view.chain, order, &format!("returned {}", tao(sum)), value).await
    }
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

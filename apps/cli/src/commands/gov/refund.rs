//! `myelin gov refund`: deposits of submissions and decisions, those that return and those that are lost.

use myelin_abi::calls::governance::Collect;
use myelin_abi::calls::referenda::{RefundDecisionDeposit, RefundSubmissionDeposit};
use myelin_abi::referenda::{ReferendumDeposit, ReferendumInfo};
use myelin_abi::Account;
use myelin_chain_client::AnyCall;
use myelin_units::TaoBalance;
use serde_json::json;

use super::propose::OfReferendum;
use super::view::{Status as Open, View};
use crate::commands::connect;
use crate::output::{address, fail, tao, Outcome};
use crate::send::Order;
use crate::Global;

type Deposit = Option<ReferendumDeposit<Account>>;

/// Deposits of a referendum that is over.
#[derive(Default)]
struct Owed {
    calls: Vec<AnyCall>,
    /// Rao that return.
    rao: u64,
    payers: Vec<String>,
    /// Rao that the treasury gets.
    lost_rao: u64,
}

impl Owed {
    fn returns(&mut self, deposit: Deposit, call: impl Into<AnyCall>) {
        let Some(deposit) = deposit else { return };
        let who = address(&deposit.who);
        if !self.payers.contains(&who) {
            self.payers.push(who);
        }
        self.rao = self.rao.saturating_add(deposit.amount);
        self.calls.push(call.into());
    }

    /// Deposits of a referendum, of which those of `lost` do not return.
    fn of(index: u32, submission: Deposit, decision: Deposit, lost: [Deposit; 2]) -> Self {
        let mut owed = Self::default();
        owed.returns(submission, &RefundSubmissionDeposit { index });
        owed.returns(decision, &RefundDecisionDeposit { index });
        owed.lost_rao = lost.into_iter().flatten().map(|deposit| deposit.amount).fold(0, u64::saturating_add);
        if owed.lost_rao > 0 {
            owed.calls.push((&Collect { poll: index }).into());
        }
        owed
    }

    /// Of an open referendum that was left out of a full queue: a dead one is cancelled, and its deposits return.
    fn left_out(index: u32, poll: &Open, is_dead: bool) -> Self {
        let back = AnyCall::from(&Collect { poll: index });
        if !is_dead {
            return Self { calls: vec![back], ..Self::default() };
        }
        let deposits = (Some(poll.submission_deposit.clone()), poll.decision_deposit.clone());
        let mut owed = Self::of(index, deposits.0, deposits.1, [None, None]);
        owed.calls.insert(0, back);
        owed
    }

    /// For people: the amounts and who gets them.
    fn said(&self) -> String {
        if self.rao == 0 && self.lost_rao == 0 {
            return "it was left out of a full queue, and has its turn with the next vote".into();
        }
        let amount = |rao| tao(TaoBalance::from_rao(rao));
        let returned =
            (self.rao > 0).then(|| format!("{} to {}", amount(self.rao), self.payers.join(" and ")));
        let lost = (self.lost_rao > 0).then(|| format!("{} to the treasury", amount(self.lost_rao)));
        [returned, lost].into_iter().flatten().collect::<Vec<_>>().join(", and ")
    }
}

/// `myelin gov refund`.
pub async fn refund(order: OfReferendum, global: &Global) -> Outcome {
    let view = View::of(connect(global).await?).await?;
    let OfReferendum { referendum: index, by } = order;
    let owed = match view.poll(index).await? {
        ReferendumInfo::Ongoing(poll) => match view.is_left_out(index, &poll).await? {
            true => Owed::left_out(index, &poll, view.dead(&poll).await?.is_some()),
            false => {
                return fail(format!("referendum {index} is open; its deposits are decided when it is over"))
            }
        },
        ReferendumInfo::Approved((_, submission, decision))
        | ReferendumInfo::Cancelled((_, submission, decision)) => {
            Owed::of(index, submission, decision, [None, None])
        }
        ReferendumInfo::Rejected((_, submission, decision)) if !view.is_backed(index).await? => {
            Owed::of(index, None, None, [submission, decision])
        }
        ReferendumInfo::Rejected((_, submission, decision))
        | ReferendumInfo::TimedOut((_, submission, decision)) => {
            Owed::of(index, None, decision, [submission, None])
        }
        ReferendumInfo::Killed(_) => Owed::default(),
    };
    let call = match &owed.calls[..] {
        [] => {
            return fail(format!(
                "no deposit of referendum {index} is left; `myelin gov unnote` takes back those of stored \
                 proposals and texts"
            ))
        }
        [only] => only.clone(),
        several => view.chain.all_of(several).await?,
    };
    let said = owed.said();
    let value = json!({ "referendum": index, "returned_rao": owed.rao, "lost_rao": owed.lost_rao });
    let order = Order::new(call, format!("deposits of referendum {index}: {said}")).unasked();
    by.carry_out(global, &view.chain, order, &said, value).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deposits_return_to_each_payer_at_once_and_lost_ones_go_to_the_treasury() {
        let deposit = |who: u8, amount| Some(ReferendumDeposit { who: Account([who; 32]), amount });
        let none = [None, None];
        let counts = |owed: Owed| (owed.calls.len(), owed.rao, owed.payers.len(), owed.lost_rao);
        assert_eq!(counts(Owed::of(3, deposit(1, 5), deposit(1, 7), none.clone())), (2, 12, 1, 0));
        assert_eq!(counts(Owed::of(3, deposit(1, 5), deposit(2, 7), none.clone())), (2, 12, 2, 0));
        assert_eq!(counts(Owed::of(3, None, deposit(2, 7), none.clone())), (1, 7, 1, 0));
        assert_eq!(counts(Owed::of(3, None, deposit(2, 7), [deposit(1, 5), None])), (2, 7, 1, 5));
        assert_eq!(counts(Owed::of(3, None, None, [deposit(1, 5), deposit(2, 7)])), (1, 0, 0, 12));
        assert_eq!(counts(Owed::of(3, None, None, none)), (0, 0, 0, 0));
    }
}

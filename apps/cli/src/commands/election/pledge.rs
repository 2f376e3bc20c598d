//! The pledge of a candidate: more of it, less of it, and the way out.

use clap::Args;
use myelin_abi::calls::elections::{Leave, PledgeMore, Unbond, Withdraw};
use myelin_abi::Account;
use myelin_election::candidacy::Leaving;
use myelin_election::Candidacy;
use myelin_units::TaoBalance;
use serde_json::{json, Value};

use super::view::View;
use crate::commands::connect;
use crate::output::{self, address, brief, fail, tao, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

const PALLET: &str = "Elections";

/// An amount of the pledge of the coldkey's candidate.
#[derive(Args)]
pub struct Amount {
    /// TAO.
    #[arg(value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
    #[command(flatten)]
    by: Sender,
}

/// The coldkey's candidate.
#[derive(Args)]
pub struct Own {
    #[command(flatten)]
    by: Sender,
}

impl Amount {
    /// `myelin election pledge`.
    pub async fn pledge(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Amount { amount, by } = self;
        let amount = TaoBalance::from_rao(amount);
        let (hotkey, candidacy) = view.own(global, &by).await?;
        if let Err(error) = candidacy.clone().add(amount, view.rules()) {
            return fail(format!("{}; nothing was sent", view.refused(error)));
        }
        let coldkey = by.account(global)?;
        let free = view.chain().funds(&coldkey, Some(view.dated.at)).await?.free;
        if free < amount {
            return fail(format!("{} has {} of free TAO; nothing was sent", address(&coldkey), tao(free)));
        }
        let what = format!(
            "pledging {} more for {}, with {} so far; it counts from the next pass on",
            tao(amount),
            brief(&hotkey),
            tao(candidacy.pledge)
        );
        let order = Order::new(&PledgeMore { hotkey, amount }, what);
        let Some(sent) = by.send(global, view.chain(), order).await? else { return Ok(()) };
        let pledged: Option<(Account, TaoBalance)> = sent.event(PALLET, "Pledged");
        let pledge = pledged.map(|(_, pledge)| pledge);
        let done = pledge.map_or("sent".into(), |pledge| format!("{} are pledged", tao(pledge)));
        let value = json!({ "hotkey": address(&hotkey), "pledge_rao": pledge.map(TaoBalance::to_rao) });
        sent.report(global, &done, value)
    }

    /// `myelin election unbond`.
    pub async fn unbond(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let amount = TaoBalance::from_rao(self.amount);
        let (hotkey, candidacy) = view.own(global, &self.by).await?;
        if candidacy.pledge == amount {
            return fail(
                "that is all of the pledge; `myelin election leave` ends the candidacy; nothing was sent",
            );
        }
        if let Err(error) = candidacy.clone().unbond(amount, view.dated.now, view.rules()) {
            return fail(format!("{}; nothing was sent", view.refused(error)));
        }
        let what = format!(
            "taking {} of the {} that are pledged for {}; it elects nobody from now on",
            tao(amount),
            tao(candidacy.pledge),
            brief(&hotkey)
        );
        let order = Order::new(&Unbond { hotkey, amount }, what);
        out(&self.by, global, &view, order, (hotkey, candidacy, amount)).await
    }
}

/// Sends an amount on its way out, and says when it is free.
async fn out(
    by: &Sender,
    global: &Global,
    view: &View,
    order: Order,
    (hotkey, candidacy, amount): (Account, Candidacy, TaoBalance),
) -> Outcome {
    let leaving = Leaving { amount, since: view.dated.now.saturating_add(1) };
    let free = view.free_when(&hotkey, &candidacy, &leaving);
    let order = order.with_note(format!("; it is free from {free}"));
    let Some(sent) = by.send(global, view.chain(), order).await? else { return Ok(()) };
    let unbonding: Option<(Account, TaoBalance, TaoBalance)> = sent.event(PALLET, "Unbonding");
    let pledge = unbonding.map(|(_, _, pledge)| pledge);
    let done = format!(
        "{} are on their way out and free from about {free}; {} takes them out then",
        tao(amount),
        by.keys.command("myelin election withdraw")
    );
    let at = view.free_at(&hotkey, &candidacy, &leaving);
    let value = json!({
        "hotkey": address(&hotkey), "leaving_rao": amount.to_rao(),
        "pledge_rao": pledge.map(TaoBalance::to_rao),
        "free": at.map_or(Value::Null, |block| view.dated.when_json(block)),
    });
    sent.report(global, &done, value)
}

impl Own {
    /// `myelin election leave`.
    pub async fn leave(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let (hotkey, candidacy) = view.own(global, &self.by).await?;
        let amount = candidacy.pledge;
        if amount.is_zero() {
            return fail(format!("all of the pledge of {} is on its way out already", address(&hotkey)));
        }
        if let Err(error) = candidacy.clone().unbond(amount, view.dated.now, view.rules()) {
            return fail(format!("{}; nothing was sent", view.refused(error)));
        }
        let seat = match view.is_in_office(&hotkey) {
            true => "; it leaves its seat after the next pass, and writes blocks until then",
            false => "",
        };
        let what =
            format!("ending the candidacy of {}: all of its {} leave{seat}", brief(&hotkey), tao(amount));
        let order = Order::new(&Leave { hotkey }, what);
        out(&self.by, global, &view, order, (hotkey, candidacy, amount)).await
    }

    /// `myelin election withdraw`.
    pub async fn withdraw(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let (hotkey, candidacy) = view.own(global, &self.by).await?;
        if candidacy.leaving.is_empty() {
            return fail(format!(
                "nothing of the {} of {} is on its way out; `myelin election unbond` and `leave` send it there",
                tao(candidacy.pledge),
                address(&hotkey)
            ));
        }
        if view.is_in_office(&hotkey) {
            let blocks = view.rules().unbonding;
            return fail(format!(
                "{} is in office; its pledge is free {blocks} blocks after its last block there; nothing was sent",
                address(&hotkey)
            ));
        }
        // A wait is said by the chain, and `--when-possible` waits for it.
        let what = format!("taking out what is free of the pledge of {}", brief(&hotkey));
        let order = Order::new(&Withdraw { hotkey }, what).unasked();
        let Some(sent) = self.by.send(global, view.chain(), order).await? else { return Ok(()) };
        let free: Option<(Account, Account, TaoBalance)> = sent.event(PALLET, "Withdrawn");
        let free = free.map(|(.., amount)| amount);
        let done = free.map_or("sent".into(), |amount| format!("{} are free TAO again", tao(amount)));
        let value = json!({ "hotkey": address(&hotkey), "withdrawn_rao": free.map(TaoBalance::to_rao) });
        sent.report(global, &done, value)
    }
}

//! The vote lock, votes and delegations.

use clap::Args;
use myelin_abi::calls::governance::{Delegate, LockVotes, Undelegate, UnlockVotes, Vote, WithdrawVote};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, Funds};
use myelin_governance::book::{DELEGATION_BOND_DAYS, LEAST_POWER};
use myelin_governance::track::{days, term_end};
use myelin_governance::{Asset, Multiplier, TrackId, Voter};
use myelin_units::TaoBalance;
use serde_json::json;

use super::examine::Examined;
use super::propose::OfReferendum;
use super::view::{track_json, View};
use super::words::{asset, asset_name, multiplier, of_asset, power, side, times, track, track_name, Side};
use crate::commands::connect;
use crate::keys::{self, Keys};
use crate::output::{self, address, brief, fail, tao, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// An amount of an asset.
#[derive(Args)]
pub struct Amount {
    /// Amount in TAO, or in alpha.
    #[arg(value_parser = output::some_amount)]
    amount: u64,
    /// free (TAO on the account), root (TAO staked on root) or alpha:NETUID (alpha staked on a subnet, on all hotkeys).
    #[arg(long, value_parser = asset, default_value = "free", value_name = "ASSET")]
    asset: Asset,
    #[command(flatten)]
    by: Sender,
}

/// A vote.
#[derive(Args)]
pub struct Cast {
    /// The referendum.
    #[arg(value_name = "REFERENDUM")]
    referendum: u32,
    /// For the proposal, or against it.
    #[arg(value_enum)]
    side: Side,
    /// Weight in the approval: 1, or 1.5 or 2 for 28 or 84 days more under the vote lock if your side wins.
    #[arg(long, value_parser = multiplier, default_value = "1", value_name = "1|1.5|2")]
    multiplier: Multiplier,
    #[command(flatten)]
    by: Sender,
}

/// A delegation.
#[derive(Args)]
pub struct Delegation {
    /// The track: its name, rubrics:NETUID, or stops:GRANT.
    #[arg(value_parser = track)]
    track: TrackId,
    /// The delegate: an address, a wallet, or a name of the address book.
    to: String,
    #[command(flatten)]
    by: Sender,
}

/// A delegation to end.
#[derive(Args)]
pub struct OfTrack {
    /// The track: its name, rubrics:NETUID, or stops:GRANT.
    #[arg(value_parser = track)]
    track: TrackId,
    #[command(flatten)]
    by: Sender,
}

/// Least free TAO that stays outside of the vote lock, for fees and deposits.
const LEAST_LEFT: TaoBalance = TaoBalance::from_tokens(1);

/// The step that comes before a vote or a delegation of an account with an empty vote lock.
fn lock_first(keys: &Keys, track: TrackId) -> String {
    let asset = track.subnet().map_or_else(String::new, |netuid| format!(" --asset alpha:{netuid}"));
    format!("{} puts something under it first", keys.command(&format!("myelin gov lock 10{asset}")))
}

impl Amount {
    /// `myelin gov lock`.
    pub async fn lock(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Amount { amount, asset, by } = self;
        let account = by.account(global)?;
        let locked = view.voter(&account).await?.lock.amount(asset);
        if asset == Asset::Free {
            let funds = view.chain.funds(&account, Some(view.at)).await?;
            if let Some(why) = too_much(funds, locked, amount) {
                return fail(format!("{why}; nothing was sent"));
            }
        }
        let what = format!(
            "putting {} more under the vote lock of {}, with {} so far; it stays until it is unlocked",
            of_asset(asset, amount),
            brief(&account),
            of_asset(asset, locked)
        );
        let order = Order::new(&LockVotes { asset, amount }, what);
        by.locked(global, &view, order, asset, "Locked").await
    }

    /// `myelin gov unlock`.
    pub async fn unlock(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Amount { amount, asset, by } = self;
        let account = by.account(global)?;
        if let Some(why) = bound(&view, &view.voter(&account).await?, asset, amount) {
            return fail(format!("{why}; nothing was sent"));
        }
        let what =
            format!("taking {} from under the vote lock of {}", of_asset(asset, amount), brief(&account));
        let order = Order::new(&UnlockVotes { asset, amount }, what);
        by.locked(global, &view, order, asset, "Unlocked").await
    }
}

impl Sender {
    /// Sends a change of the vote lock and reports the amount under it.
    async fn locked(&self, global: &Global, view: &View, order: Order, asset: Asset, event: &str) -> Outcome {
        let Some(sent) = self.send(global, &view.chain, order).await? else { return Ok(()) };
        let changed: Option<(Account, Asset, u64)> = sent.event("Governance", event);
        let total = changed.map(|(.., total)| total);
        let said = total
            .map_or("done".into(), |total| format!("{} are under the vote lock", of_asset(asset, total)));
        sent.report(global, &said, json!({ "asset": asset_name(asset), "locked_rao": total }))
    }
}

/// The reason for which more free TAO should not go under the vote lock: fees and deposits are not paid from there.
fn too_much(funds: Funds, locked: u64, amount: u64) -> Option<String> {
    let total = TaoBalance::from_rao(locked.saturating_add(amount));
    let left = Funds { frozen: funds.frozen.max(total), ..funds }.unfrozen();
    (total <= funds.free && left < LEAST_LEFT).then(|| {
        format!(
            "{} would stay outside of the vote lock; leave {} there, for fees and deposits",
            tao(left),
            tao(LEAST_LEFT)
        )
    })
}

/// The reason for which an amount cannot leave the vote lock, with the date from which it can. The record has no votes
/// that are over.
fn bound(view: &View, voter: &Voter<Account>, asset: Asset, amount: u64) -> Option<String> {
    let locked = voter.lock.amount(asset);
    if amount > locked {
        let (locked, name) = (of_asset(asset, locked), asset_name(asset));
        return Some(format!("only {locked} ({name}) are under the vote lock"));
    }
    if let Some(cast) = voter.casts.first() {
        return Some(format!(
            "the vote in referendum {} binds the vote lock until the referendum is over; `myelin gov calendar` shows \
             when",
            cast.poll
        ));
    }
    let left = locked.saturating_sub(amount);
    let counted = voter.delegations.iter().find(|delegation| delegation.portfolio.amount(asset) > left);
    if view.now < voter.until {
        Some(format!("an earlier vote or delegation binds the vote lock until {}", view.when(voter.until)))
    } else {
        counted.map(|delegation| {
            let name = track_name(delegation.track);
            format!("the delegation on {name} counts it; `myelin gov undelegate {name}` ends it first")
        })
    }
}

impl Cast {
    /// `myelin gov vote`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Cast { referendum: poll, side: voted, multiplier, by } = self;
        let status = view.open_poll(poll).await?;
        let account = by.account(global)?;
        let proposal = Examined::of_poll(&view, &status).await?;
        if let Some(why) = proposal.dead {
            return fail(format!("referendum {poll} takes no votes any more: {why}; nothing was sent"));
        }
        let own = view.power(&account, poll, &status).await?;
        let all = own.own.saturating_add(own.delegated);
        if all < LEAST_POWER {
            let least = TaoBalance::from_rao(u64::try_from(LEAST_POWER).unwrap_or(u64::MAX));
            return fail(format!(
                "{} has the power {} in referendum {poll}, and a vote needs {}; {}",
                address(&account),
                power(status.track, all),
                power(status.track, least.to_rao().into()),
                lock_first(&by.keys, status.track)
            ));
        }
        let aye = matches!(voted, Side::Aye);
        let bond = match multiplier.bond_days() {
            0 => String::new(),
            more => format!(", and if {} wins, for {more} days more", side(aye)),
        };
        let mut lines = proposal.lines();
        lines.push(format!(
            "voting {} in referendum {poll} with {} times {} and {} of others; the vote lock stays until its end{bond}",
            side(aye),
            times(multiplier),
            power(status.track, own.own),
            power(status.track, own.delegated)
        ));
        let order = Order::new(&Vote { poll, aye, multiplier }, lines.join("\n"));
        let value = json!({
            "referendum": poll, "vote": side(aye), "multiplier": times(multiplier),
            "own_rao": own.own.to_string(), "delegated_rao": own.delegated.to_string(),
        });
        by.carry_out(global, &view.chain, order, &format!("voted {}", side(aye)), value).await
    }
}

/// `myelin gov withdraw`.
pub async fn withdraw(order: OfReferendum, global: &Global) -> Outcome {
    let view = View::of(connect(global).await?).await?;
    let OfReferendum { referendum: poll, by } = order;
    view.open_poll(poll).await?;
    let account = by.account(global)?;
    if view.voter(&account).await?.cast(poll).is_none_or(|cast| cast.withdrawn) {
        return fail(format!("{} has no vote in referendum {poll}", address(&account)));
    }
    let what =
        format!("taking back the vote in referendum {poll}; the vote lock stays bound until it is over");
    let order = Order::new(&WithdrawVote { poll }, what);
    by.carry_out(global, &view.chain, order, "the vote counts no more", json!({ "referendum": poll })).await
}

impl Delegation {
    /// `myelin gov delegate`.
    pub async fn run(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let Delegation { track, to, by } = self;
        let (to, account) = (keys::account(&to, global)?, by.account(global)?);
        let voter = view.voter(&account).await?;
        let counted = voter.lock.on_track(track);
        if counted.is_empty() {
            return fail(format!(
                "nothing that votes on {} is under the vote lock of {}; {}",
                track_name(track),
                address(&account),
                lock_first(&by.keys, track)
            ));
        }
        let amounts: Vec<String> = counted.iter().map(|(asset, amount)| of_asset(asset, amount)).collect();
        let ends = term_end(view.now, &view.profile);
        let what = format!(
            "letting {} vote on {} with {} until {}; your own vote goes before. On tracks of the network delegated \
             power counts in the approval, not in the support",
            address(&to),
            track_name(track),
            amounts.join(", "),
            view.when(ends)
        );
        let order = Order::new(&Delegate { track, to }, what);
        let value = json!({ "track": track_json(track), "to": address(&to), "until": view.when_json(ends) });
        by.carry_out(global, &view.chain, order, "delegated", value).await
    }
}

impl OfTrack {
    /// `myelin gov undelegate`.
    pub async fn undelegate(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let OfTrack { track, by } = self;
        let account = by.account(global)?;
        let voter = view.voter(&account).await?;
        let Some(delegation) = voter.delegation(track) else {
            return fail(format!("{} does not delegate on {}", address(&account), track_name(track)));
        };
        let until = view.now.saturating_add(days(DELEGATION_BOND_DAYS, &view.profile));
        let what = format!(
            "ending the delegation to {} on {}; the vote lock stays bound until about {}",
            address(&delegation.to),
            track_name(track),
            view.when(until)
        );
        let call = AnyCall::from(&Undelegate { track });
        let value = json!({ "track": track_json(track), "to": address(&delegation.to) });
        by.carry_out(global, &view.chain, Order::new(call, what), "ended", value).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vote_lock_leaves_something_for_fees() {
        let tokens = TaoBalance::from_tokens;
        let rao = |tao: u64| tokens(tao).to_rao();
        let funds = Funds { free: tokens(100), reserved: tokens(7), frozen: tokens(40) };
        assert_eq!(too_much(funds, rao(40), rao(59)), None);
        assert!(too_much(funds, rao(40), rao(60)).is_some_and(|why| why.contains("leave 1.0000 τ")));
        // The chain refuses what is not there, in its own words.
        assert_eq!(too_much(funds, rao(40), rao(61)), None);
    }
}

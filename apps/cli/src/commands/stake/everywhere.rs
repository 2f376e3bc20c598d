//! `myelin stake remove` from several subnets or hotkeys: the whole stake there.
//!
//! Each holding is sold in a sale of its own under a limit of its own; alpha whose sale would exceed the limit stays.
//! To sell all subnets of one hotkey at any price, the chain has a call of its own.

use std::collections::BTreeMap;

use myelin_abi::calls::subtensor::{SwapStakeLimit, UnstakeAll, UnstakeAllAlpha};
use myelin_abi::{Account, StakeInfo};
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_economy::pool::{SwapError, MINIMUM_RESERVE_RAO};
use myelin_units::{AlphaBalance, TaoBalance};
use serde_json::{json, Value};

use super::limit::{exchange, Exchange};
use super::position::{of_account, Position};
use super::trade::{sale, Remove};
use crate::output::{address, brief, fail, stake_on, tao, Failure, Outcome};
use crate::send::{LeftOut, Order, Part, Several};
use crate::Global;

/// A holding on a subnet, and the plan for it.
struct Holding {
    position: Position,
    held: AlphaBalance,
    plan: Plan,
}

/// Plan for a holding.
enum Plan {
    /// Sell it, or the part of it that is not locked.
    Sell { call: AnyCall, amount: AlphaBalance, expected: TaoBalance, limit: String },
    /// Keep it: no call of the chain sells it.
    Keep(String),
    /// Keep it: the limit forbids its sale.
    TooFar(String),
    /// Keep it: the pool cannot take it now.
    Unsaleable(String),
}

/// Result for a holding.
struct End {
    position: Position,
    sold: AlphaBalance,
    received: TaoBalance,
    left: AlphaBalance,
    /// Reason for not selling it.
    why: Option<String>,
    /// Whether it could have been sold.
    failed: bool,
    /// Whether a wider limit would have sold it.
    limited: bool,
}

impl Remove {
    /// Sells everything on these hotkeys, on each subnet under a limit of its own.
    pub async fn everywhere(
        &self,
        global: &Global,
        chain: &ChainClient,
        account: &Account,
        hotkeys: &[Account],
    ) -> Outcome {
        let holdings = self.holdings(chain, account, hotkeys).await?;
        if holdings.is_empty() {
            return nothing_held(account);
        }
        let parts: Vec<Part> = holdings.iter().filter_map(Holding::part).collect();
        let left_out: Vec<LeftOut> = holdings.iter().filter_map(Holding::left_out).collect();
        let what = self.in_words(hotkeys, &holdings);
        let Some(sent) = self.by.send_each(global, chain, &parts, &left_out, &what).await? else {
            return Ok(());
        };
        let stakes = chain.stakes(account).await.ok();
        let ends = ends(&holdings, &sent, stakes.as_deref(), account, hotkeys);
        let received: TaoBalance = ends.iter().map(|end| end.received).sum();
        let mut lines: Vec<String> = ends.iter().map(End::in_words).collect();
        lines.push(if sent.is_pending() {
            "accepted by the node; not yet in a block".into()
        } else {
            format!("got {} in all{}", tao(received), if self.all_alpha { ", staked on root" } else { "" })
        });
        let value = json!({ "hotkeys": hotkeys.iter().map(address).collect::<Vec<_>>(),
                            "received_rao": received.to_rao(),
                            "subnets": ends.iter().map(End::value).collect::<Vec<_>>() });
        sent.report(global, &lines.join("\n"), value)?;
        could_not_be_sold(&ends).map_or(Ok(()), fail)
    }

    /// The holdings on these hotkeys that are to be sold, with their plans.
    async fn holdings(
        &self,
        chain: &ChainClient,
        account: &Account,
        hotkeys: &[Account],
    ) -> Result<Vec<Holding>, Failure> {
        let stakes = chain.stakes(account).await?;
        let smallest: TaoBalance = chain.constant("SubtensorModule", "InitialMinStake").await?;
        let (mut holdings, mut left_on) = (Vec::new(), BTreeMap::new());
        for stake in stakes.iter().filter(|stake| hotkeys.contains(&stake.hotkey) && self.concerns(stake)) {
            let netuid = stake.netuid.0;
            let (at, unlocked) = match left_on.get(&netuid) {
                Some(left) => *left,
                None => (exchange(chain, netuid).await?, unlocked(&stakes, stake)),
            };
            let amount = stake.stake.0.min(unlocked);
            let (plan, at) = self.plan(stake, amount, at, smallest);
            let sold = if matches!(plan, Plan::Sell { .. }) { amount } else { AlphaBalance::ZERO };
            left_on.insert(netuid, (at, unlocked.saturating_sub(sold)));
            holdings.push(Holding {
                position: Position { netuid, hotkey: stake.hotkey },
                held: stake.stake.0,
                plan,
            });
        }
        Ok(holdings)
    }

    /// Whether stake is to be sold. With `--all-alpha` that on root stays, because it would be staked there again.
    fn concerns(&self, stake: &StakeInfo<Account>) -> bool {
        let netuid = stake.netuid.0;
        (self.netuid.is_empty() || self.netuid.contains(&netuid)) && !(self.all_alpha && netuid == 0)
    }

    /// The plan for a holding, and the exchange after it.
    fn plan(
        &self,
        stake: &StakeInfo<Account>,
        amount: AlphaBalance,
        at: Exchange,
        smallest: TaoBalance,
    ) -> (Plan, Exchange) {
        let (hotkey, netuid, allow_partial) = (stake.hotkey, stake.netuid.0, self.limit.partial);
        if amount.is_zero() {
            return (Plan::Keep("it is locked".into()), at);
        }
        let quote = match self.limit.price.of_sale(&at, amount, allow_partial) {
            Ok(sale) => Some(sale),
            // The pool is sound, but pays nothing for so small an amount.
            Err(SwapError::ReservesTooLow { reserve }) if reserve >= MINIMUM_RESERVE_RAO => None,
            Err(error) => return (Plan::Unsaleable(error.to_string()), at),
        };
        let expected = quote.as_ref().map_or(TaoBalance::ZERO, |quote| quote.brings);
        let leaves_all = amount == stake.stake.0;
        if is_dust(expected, smallest, leaves_all, self.all_alpha) {
            let (expected, smallest) = (tao(expected), tao(smallest));
            let why = format!("it would bring {expected}, and the chain sells no less than {smallest}");
            return (Plan::Keep(why), at);
        }
        let Some(quote) = quote else { return (Plan::Unsaleable("the pool pays nothing for it".into()), at) };
        if let Some(why) = quote.stopped {
            return (Plan::TooFar(why), at);
        }
        let limit = quote.limit;
        let call = if self.all_alpha {
            (&SwapStakeLimit {
                hotkey,
                origin_netuid: netuid,
                destination_netuid: 0,
                alpha_amount: amount,
                limit_price: limit.unwrap_or(0),
                allow_partial,
            })
                .into()
        } else {
            sale(hotkey, netuid, amount, limit, leaves_all, allow_partial)
        };
        (Plan::Sell { call, amount, expected, limit: quote.in_words() }, quote.left)
    }

    /// The announcement, a line for each subnet.
    fn in_words(&self, hotkeys: &[Account], holdings: &[Holding]) -> String {
        let lines: Vec<String> =
            holdings.iter().map(|holding| format!("  {}\n", holding.in_words())).collect();
        let expected: TaoBalance = holdings.iter().map(Holding::expected).sum();
        format!(
            "selling everything on {}{}, {}:\n{}in all about {}",
            hotkeys.iter().map(brief).collect::<Vec<_>>().join(", "),
            if self.all_alpha { " and staking the TAO on root" } else { "" },
            if self.limit.price.no_limit {
                "at any price"
            } else {
                "on each subnet under a limit of its own"
            },
            lines.concat(),
            tao(expected)
        )
    }

    /// The order that sells everything on a hotkey at any price, on all subnets.
    pub async fn everywhere_at_any_price(
        &self,
        chain: &ChainClient,
        account: &Account,
        hotkey: Account,
    ) -> Result<Order, Failure> {
        let holdings = self.holdings(chain, account, &[hotkey]).await?;
        if holdings.iter().map(Holding::expected).sum::<TaoBalance>().is_zero() {
            return nothing_held(account);
        }
        let what = self.in_words(&[hotkey], &holdings);
        Ok(if self.all_alpha {
            Order::new(&UnstakeAllAlpha { hotkey }, what)
        } else {
            Order::new(&UnstakeAll { hotkey }, what)
        })
    }
}

fn nothing_held<T>(account: &Account) -> Result<T, Failure> {
    fail(format!("{} holds nothing there that could be sold; nothing was done", address(account)))
}

/// Unlocked alpha on the subnet of a holding. A lock binds the coldkey's stake on all hotkeys of the subnet together.
fn unlocked(stakes: &[StakeInfo<Account>], of: &StakeInfo<Account>) -> AlphaBalance {
    let on_subnet = stakes.iter().filter(|stake| stake.netuid == of.netuid);
    on_subnet.map(|stake| stake.stake.0).sum::<AlphaBalance>().saturating_sub(of.locked.0)
}

/// Whether the chain refuses a sale because its proceeds are too small. A sale of a whole holding may be of any size. A
/// sale that moves to root must bring more than the smallest stake.
fn is_dust(expected: TaoBalance, smallest: TaoBalance, leaves_all: bool, to_root: bool) -> bool {
    expected.is_zero() || if to_root { expected <= smallest } else { !leaves_all && expected < smallest }
}

impl Holding {
    fn part(&self) -> Option<Part> {
        let Plan::Sell { call, .. } = &self.plan else { return None };
        Some(Part { name: self.position.to_string(), call: call.clone() })
    }

    fn left_out(&self) -> Option<LeftOut> {
        let (Plan::TooFar(why) | Plan::Unsaleable(why)) = &self.plan else { return None };
        Some(LeftOut { name: self.position.to_string(), why: why.clone() })
    }

    fn expected(&self) -> TaoBalance {
        match &self.plan {
            Plan::Sell { expected, .. } => *expected,
            Plan::Keep(_) | Plan::TooFar(_) | Plan::Unsaleable(_) => TaoBalance::ZERO,
        }
    }

    fn in_words(&self) -> String {
        let (position, held) = (self.position, self.held);
        match &self.plan {
            Plan::Sell { amount, expected, limit, .. } => {
                let rest = if *amount < held { "; the rest is locked" } else { "" };
                format!(
                    "{position}: {} for about {}, {limit}{rest}",
                    stake_on(position.netuid, *amount),
                    tao(*expected)
                )
            }
            Plan::Keep(why) | Plan::TooFar(why) | Plan::Unsaleable(why) => {
                format!("{position}: {} stays: {why}", stake_on(position.netuid, held))
            }
        }
    }
}

/// The result for each holding. The remaining stake is read from `stakes`, if the chain answered.
fn ends(
    holdings: &[Holding],
    sent: &Several,
    stakes: Option<&[StakeInfo<Account>]>,
    account: &Account,
    hotkeys: &[Account],
) -> Vec<End> {
    let sales = of_account(sent.events("SubtensorModule", "StakeRemoved"), account, hotkeys);
    let mut refusals = sent.refused.iter().cloned();
    let mut ends = Vec::new();
    for Holding { position, held, plan } in holdings {
        let (why, failed) = match plan {
            Plan::Sell { .. } => (refusals.next().flatten(), true),
            Plan::Keep(why) => (Some(why.clone()), false),
            Plan::TooFar(why) | Plan::Unsaleable(why) => (Some(why.clone()), true),
        };
        let too_far = matches!(plan, Plan::TooFar(_));
        let here = || sales.iter().filter(|sale| position.is_of(sale));
        let sold: AlphaBalance = here().map(|sale| sale.3).sum();
        let is_here = |stake: &&StakeInfo<Account>| {
            stake.hotkey == position.hotkey && stake.netuid.0 == position.netuid
        };
        let now = stakes
            .map(|stakes| stakes.iter().find(is_here).map_or(AlphaBalance::ZERO, |stake| stake.stake.0));
        ends.push(End {
            position: *position,
            sold,
            received: here().map(|sale| sale.2).sum(),
            left: now.unwrap_or(held.saturating_sub(sold)),
            failed: failed && why.is_some(),
            limited: too_far || why.as_ref().is_some_and(|why| why.contains("SlippageTooHigh")),
            why,
        });
    }
    ends
}

impl End {
    fn in_words(&self) -> String {
        let End { position, sold, received, left, .. } = self;
        match &self.why {
            Some(why) => format!("{position}: {} is still held: {why}", stake_on(position.netuid, *left)),
            None if sold.is_zero() => {
                format!("{position}: {} is on its way", stake_on(position.netuid, *left))
            }
            None if left.is_zero() => {
                format!("{position}: sold {} for {}", stake_on(position.netuid, *sold), tao(*received))
            }
            None => {
                let (sold, left) = (stake_on(position.netuid, *sold), stake_on(position.netuid, *left));
                format!("{position}: sold {sold} for {}; {left} is still held", tao(*received))
            }
        }
    }

    fn value(&self) -> Value {
        json!({
            "netuid": self.position.netuid,
            "hotkey": address(&self.position.hotkey),
            "sold_rao": self.sold.to_rao(),
            "received_rao": self.received.to_rao(),
            "left_rao": self.left.to_rao(),
            "why": self.why,
        })
    }
}

/// The holdings that were not sold, the reasons, and the next step.
fn could_not_be_sold(ends: &[End]) -> Option<String> {
    let failed: Vec<String> = ends
        .iter()
        .filter(|end| end.failed)
        .map(|end| format!("{}: {}", end.position, end.why.as_deref().unwrap_or_default()))
        .collect();
    if failed.is_empty() {
        return None;
    }
    let failed = failed.join("; ");
    let next = if ends.iter().any(|end| end.failed && end.limited) {
        "a larger --slippage, --partial or --no-limit sells what its limit stopped"
    } else {
        "try again when that has changed"
    };
    Some(format!("not everything was sold: {failed}; {next}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Compact;

    fn stake(hotkey: u8, alpha: u64, locked: u64) -> StakeInfo<Account> {
        let compact = |rao| Compact(AlphaBalance::from_rao(rao));
        StakeInfo {
            hotkey: Account([hotkey; 32]),
            coldkey: Account([9; 32]),
            netuid: Compact(2),
            stake: compact(alpha),
            locked: compact(locked),
            emission: compact(0),
            tao_emission: compact(0),
            drain: Compact(0),
            is_registered: true,
        }
    }

    #[test]
    fn what_is_locked_stays_wherever_it_is_held() {
        let stakes = [stake(1, 10, 12), stake(2, 5, 12)];
        assert_eq!(unlocked(&stakes, &stakes[0]).to_rao(), 3);
        assert_eq!(unlocked(&stakes[..1], &stakes[0]).to_rao(), 0);
        assert_eq!(unlocked(&stakes, &stake(1, 10, 0)).to_rao(), 15);
    }

    #[test]
    fn dust_is_what_the_chain_would_refuse() {
        let (smallest, less) = (TaoBalance::from_rao(2_000_000), TaoBalance::from_rao(1_999_999));
        assert!(!is_dust(less, smallest, true, false), "all that is held may be sold");
        assert!(is_dust(less, smallest, false, false) && !is_dust(smallest, smallest, false, false));
        assert!(is_dust(smallest, smallest, true, true), "what moves must be more");
        assert!(is_dust(TaoBalance::ZERO, smallest, true, false), "for nothing nobody sells");
    }

    #[test]
    fn a_failure_names_the_subnets_the_reason_and_the_next_step() {
        let end = |netuid, why: Option<&str>, failed| End {
            position: Position { netuid, hotkey: Account([1; 32]) },
            sold: AlphaBalance::ZERO,
            received: TaoBalance::ZERO,
            left: AlphaBalance::from_rao(5),
            why: why.map(Into::into),
            failed,
            limited: why == Some("SlippageTooHigh"),
        };
        let sold = [end(2, None, false), end(3, Some("it is locked"), false)];
        assert_eq!(could_not_be_sold(&sold), None);
        let stopped = could_not_be_sold(&[end(2, None, false), end(4, Some("SlippageTooHigh"), true)]);
        let text = stopped.expect("a failure");
        assert!(
            text.contains("subnet 4 on 5C") && text.contains("SlippageTooHigh") && text.contains("--partial"),
            "{text}"
        );
    }
}

//! `myelin stake add` and `remove`: alpha for TAO and back.

use std::collections::BTreeMap;
use std::fmt;

use clap::Args;
use myelin_abi::calls::subtensor::{
    AddStake, AddStakeLimit, RemoveStake, RemoveStakeFullLimit, RemoveStakeLimit,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_economy::pool::price_to_rao;
use myelin_units::{AlphaBalance, TaoBalance};
use serde_json::json;

use super::limit::{exchange, in_words, Limit};
use crate::commands::connect;
use crate::keys::Hotkeys;
use crate::output::{self, address, alpha, brief, fail, tao, Failure, Outcome};
use crate::send::{Order, Part, Sender};
use crate::Global;

/// A purchase or a sale as the chain tells of it: coldkey, hotkey, TAO, alpha, subnet, fee.
pub type Traded = (Account, Account, TaoBalance, AlphaBalance, u16, u64);

/// Where stake lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The subnet.
    pub netuid: u16,
    /// The hotkey.
    pub hotkey: Account,
}

impl Place {
    /// Whether something was traded here.
    pub fn is_of(&self, trade: &Traded) -> bool {
        (trade.4, trade.1) == (self.netuid, self.hotkey)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "subnet {} on {}", self.netuid, brief(&self.hotkey))
    }
}

/// How much, where.
#[derive(Args)]
pub struct Add {
    /// The subnet, or several: 2,3.
    #[arg(long, short = 'n', alias = "netuids", value_delimiter = ',', required = true)]
    netuid: Vec<u16>,
    #[command(flatten)]
    by: Sender,
    #[command(flatten)]
    hotkeys: Hotkeys,
    /// TAO to stake, on each of the hotkeys and subnets.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    amount: u64,
    #[command(flatten)]
    limit: Limit,
}

/// How much, from where.
#[derive(Args)]
pub struct Remove {
    /// The subnet; with --all also several: 2,3.
    #[arg(long, short = 'n', alias = "netuids", value_delimiter = ',', required_unless_present_any = ["all_netuids", "all_alpha"])]
    pub netuid: Vec<u16>,
    #[command(flatten)]
    pub by: Sender,
    #[command(flatten)]
    pub hotkeys: Hotkeys,
    /// Alpha to sell.
    #[arg(long, value_parser = output::amount, value_name = "ALPHA", required_unless_present_any = ["all", "all_netuids", "all_alpha"])]
    amount: Option<u64>,
    /// Everything held on the hotkey on this subnet.
    #[arg(long, alias = "unstake-all", conflicts_with = "amount")]
    all: bool,
    /// Everything held on the hotkey on every subnet, on each under a limit of its own.
    #[arg(long, conflicts_with_all = ["amount", "netuid", "limit_price"])]
    all_netuids: bool,
    /// The same on every subnet but root; the TAO is staked on root.
    #[arg(long, alias = "unstake-all-alpha", conflicts_with_all = ["amount", "netuid", "all", "all_netuids", "limit_price"])]
    pub all_alpha: bool,
    #[command(flatten)]
    pub limit: Limit,
}

impl Add {
    /// Buys.
    pub async fn run(self, global: &Global) -> Outcome {
        let hotkeys = self.hotkeys.of(&self.by.keys, global)?;
        let chain = connect(global).await?;
        match (&self.netuid[..], &hotkeys[..]) {
            ([netuid], [hotkey]) => self.one(global, &chain, *netuid, *hotkey).await,
            _ => self.each(global, &chain, &hotkeys).await,
        }
    }

    /// The call that buys under a limit, or at any price.
    fn call(&self, hotkey: Account, netuid: u16, limit: Option<u64>) -> AnyCall {
        let (amount_staked, allow_partial) = (self.amount(), self.limit.partial);
        match limit {
            None => (&AddStake { hotkey, netuid, amount_staked }).into(),
            Some(limit_price) => {
                (&AddStakeLimit { hotkey, netuid, amount_staked, limit_price, allow_partial }).into()
            }
        }
    }

    /// What each purchase costs.
    fn amount(&self) -> TaoBalance {
        TaoBalance::from_rao(self.amount)
    }

    /// Buys on one hotkey of one subnet.
    async fn one(&self, global: &Global, chain: &ChainClient, netuid: u16, hotkey: Account) -> Outcome {
        let amount_staked = self.amount();
        let quote = chain.quote_stake(netuid, amount_staked).await?;
        let (market, fee) = exchange(chain, netuid).await?;
        let limit = self.limit.price.of_purchase(&market, fee, amount_staked)?.limit;
        let call = self.call(hotkey, netuid, limit);
        let what = format!(
            "staking {} on {} of subnet {netuid}: about {} after a pool fee of {}; price now {}, {}",
            tao(amount_staked),
            brief(&hotkey),
            alpha(quote.alpha_amount),
            tao(quote.tao_fee),
            tao(TaoBalance::from_rao(price_to_rao(market.price()))),
            in_words(limit, self.limit.partial),
        );
        let Some(sent) = self.by.send(global, chain, Order::new(call, what)).await? else {
            return Ok(());
        };
        let staked: Option<Traded> = sent.event("SubtensorModule", "StakeAdded");
        let (spent, got) = staked.map_or((None, None), |event| (Some(event.2), Some(event.3)));
        sent.report(
            global,
            &match (spent, got) {
                (Some(spent), Some(got)) => format!("staked {}, got {}", tao(spent), alpha(got)),
                _ => "staked".into(),
            },
            json!({ "netuid": netuid, "hotkey": address(&hotkey), "tao_rao": self.amount,
                    "spent_rao": spent.map(TaoBalance::to_rao), "alpha_rao": got.map(AlphaBalance::to_rao) }),
        )
    }
}

impl Add {
    /// Buys on several hotkeys or subnets, on each under a limit of its own.
    async fn each(&self, global: &Global, chain: &ChainClient, hotkeys: &[Account]) -> Outcome {
        let (amount, account) = (self.amount(), self.by.account(global)?);
        let (mut places, mut parts, mut lines) = (Vec::new(), Vec::new(), String::new());
        let mut exchanges = BTreeMap::new();
        for &netuid in &self.netuid {
            for &hotkey in hotkeys {
                let (market, fee) = match exchanges.get(&netuid) {
                    Some(left) => *left,
                    None => exchange(chain, netuid).await?,
                };
                let quote = self.limit.price.of_purchase(&market, fee, amount)?;
                exchanges.insert(netuid, (quote.market, fee));
                let (place, limit) = (Place { netuid, hotkey }, in_words(quote.limit, self.limit.partial));
                lines.push_str(&format!("  {place}: about {}, {limit}\n", alpha(quote.brings)));
                parts.push(Part { name: place.to_string(), call: self.call(hotkey, netuid, quote.limit) });
                places.push(place);
            }
        }
        let all: TaoBalance = places.iter().map(|_| amount).sum();
        let what = format!("staking {} on each of these:\n{lines}{} in all", tao(amount), tao(all));
        let Some(sent) = self.by.send_each(global, chain, &parts, &what).await? else { return Ok(()) };
        let bought = of_account(sent.events("SubtensorModule", "StakeAdded"), &account, hotkeys);
        let (mut lines, mut ends, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        for (place, why) in places.iter().zip(&sent.refused) {
            let staked = bought.iter().find(|trade| place.is_of(trade));
            lines.push(match (staked, why) {
                (Some(trade), _) => format!("{place}: staked {}, got {}", tao(trade.2), alpha(trade.3)),
                (None, Some(why)) => format!("{place}: nothing was staked: {why}"),
                (None, None) => format!("{place}: on its way"),
            });
            refused.extend(why.as_ref().map(|why| format!("{place}: {why}")));
            ends.push(json!({ "netuid": place.netuid, "hotkey": address(&place.hotkey), "why": why,
                              "spent_rao": staked.map(|trade| trade.2.to_rao()),
                              "alpha_rao": staked.map(|trade| trade.3.to_rao()) }));
        }
        sent.report(global, &lines.join("\n"), json!({ "tao_rao": amount.to_rao(), "staked": ends }))?;
        match &refused[..] {
            [] => Ok(()),
            refused => fail(format!("not everything was staked: {}", refused.join("; "))),
        }
    }
}

impl Remove {
    /// Sells.
    pub async fn run(self, global: &Global) -> Outcome {
        let hotkeys = self.hotkeys.of(&self.by.keys, global)?;
        let chain = connect(global).await?;
        let account = self.by.account(global)?;
        let (order, hotkey) = match (&self.netuid[..], &hotkeys[..]) {
            ([netuid], [hotkey]) => (self.order(&chain, &account, *hotkey, *netuid).await?, *hotkey),
            ([], [hotkey]) if self.limit.price.no_limit => {
                (self.everywhere_at_any_price(&chain, &account, *hotkey).await?, *hotkey)
            }
            _ if self.amount.is_some() => {
                return fail("--amount is sold on one hotkey of one subnet; several are emptied, with --all")
            }
            _ => return self.everywhere(global, &chain, &account, &hotkeys).await,
        };
        let Some(sent) = self.by.send(global, &chain, order).await? else { return Ok(()) };
        let sales = of_account(sent.events("SubtensorModule", "StakeRemoved"), &account, &[hotkey]);
        let received: TaoBalance = sales.iter().map(|sale| sale.2).sum();
        let sold: Vec<String> =
            sales.iter().map(|sale| format!("{} of subnet {}", alpha(sale.3), sale.4)).collect();
        let done = match &sold[..] {
            [] => "sent; nothing is known to be sold".into(),
            sold => format!("sold {} for {}", sold.join(", "), tao(received)),
        };
        let received = (!sent.is_pending()).then(|| received.to_rao());
        let value =
            json!({ "netuid": self.netuid.first(), "hotkey": address(&hotkey), "received_rao": received });
        sent.report(global, &done, value)
    }

    /// The sale on one subnet.
    async fn order(
        &self,
        chain: &ChainClient,
        account: &Account,
        hotkey: Account,
        netuid: u16,
    ) -> Result<Order, Failure> {
        let held = held(chain, account, &hotkey, netuid).await?;
        let amount = self.amount.map_or(held, AlphaBalance::from_rao);
        if amount.is_zero() || amount > held {
            return fail(format!(
                "{} holds {} on this hotkey; nothing was done",
                address(account),
                alpha(held)
            ));
        }
        let quote = chain.quote_unstake(netuid, amount).await?;
        let (market, fee) = exchange(chain, netuid).await?;
        let limit = self.limit.price.of_sale(&market, fee, amount)?.limit;
        let what = format!(
            "selling {} of subnet {netuid}: about {}; price now {}, {}",
            alpha(amount),
            tao(quote.tao_amount),
            tao(TaoBalance::from_rao(price_to_rao(market.price()))),
            in_words(limit, self.limit.partial),
        );
        let call = sale(hotkey, netuid, amount, limit, self.all, self.limit.partial);
        Ok(Order::new(call, what))
    }
}

/// The call that sells alpha of a subnet; `all` if nothing is to stay, which root, whose price cannot move, has no need for.
pub fn sale(
    hotkey: Account,
    netuid: u16,
    amount_unstaked: AlphaBalance,
    limit: Option<u64>,
    all: bool,
    allow_partial: bool,
) -> AnyCall {
    match limit {
        _ if all && netuid != 0 && !allow_partial => {
            (&RemoveStakeFullLimit { hotkey, netuid, limit_price: limit }).into()
        }
        None => (&RemoveStake { hotkey, netuid, amount_unstaked }).into(),
        Some(limit_price) => {
            (&RemoveStakeLimit { hotkey, netuid, amount_unstaked, limit_price, allow_partial }).into()
        }
    }
}

/// What an account traded on these hotkeys, of all that the chain tells of.
pub fn of_account(told: impl Iterator<Item = Traded>, account: &Account, hotkeys: &[Account]) -> Vec<Traded> {
    told.filter(|trade| trade.0 == *account && hotkeys.contains(&trade.1)).collect()
}

/// What a coldkey holds on a hotkey of a subnet.
pub async fn held(
    chain: &ChainClient,
    coldkey: &Account,
    hotkey: &Account,
    netuid: u16,
) -> Result<AlphaBalance, Failure> {
    let stakes = chain.stakes(coldkey).await?;
    let found = stakes.iter().find(|stake| stake.netuid.0 == netuid && stake.hotkey == *hotkey);
    Ok(found.map_or(AlphaBalance::ZERO, |stake| stake.stake.0))
}

//! `myelin stake add` and `remove`: alpha for TAO and back.

use std::collections::BTreeSet;

use clap::Args;
use myelin_abi::calls::subtensor::{
    AddStake, AddStakeLimit, RemoveStake, RemoveStakeFullLimit, RemoveStakeLimit,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_units::{AlphaBalance, TaoBalance};
use serde_json::json;

use super::limit::{exchange, Limit};
use super::position::{of_account, Traded};
use crate::commands::connect;
use crate::keys::Hotkeys;
use crate::output::{self, address, fail, stake_on, tao, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The amount and the subnets.
#[derive(Args)]
pub struct Add {
    /// The subnet, or several: 2,3.
    #[arg(
        long,
        short = 'n',
        alias = "netuids",
        value_delimiter = ',',
        required_unless_present = "all_netuids"
    )]
    pub(super) netuid: Vec<u16>,
    /// Every subnet that is started, and root.
    #[arg(long, conflicts_with_all = ["netuid", "limit_price"])]
    all_netuids: bool,
    #[command(flatten)]
    pub(super) by: Sender,
    #[command(flatten)]
    hotkeys: Hotkeys,
    /// TAO to stake, on each of the hotkeys and subnets.
    #[arg(long, value_parser = output::some_amount, value_name = "TAO")]
    amount: u64,
    #[command(flatten)]
    pub(super) limit: Limit,
}

/// The amount and the subnets.
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
    #[arg(
        long,
        short = 'a',
        value_parser = output::some_amount,
        value_name = "ALPHA",
        required_unless_present_any = ["all", "all_netuids", "all_alpha"]
    )]
    amount: Option<u64>,
    /// All stake on the hotkey on this subnet.
    #[arg(long, conflicts_with = "amount")]
    all: bool,
    /// All stake on the hotkey on every subnet, each under a limit of its own.
    #[arg(long, alias = "unstake-all", conflicts_with_all = ["amount", "netuid", "limit_price"])]
    all_netuids: bool,
    /// All stake of the hotkey on every subnet but root; the TAO is staked on root.
    #[arg(long, alias = "unstake-all-alpha", conflicts_with_all = ["amount", "netuid", "all", "all_netuids", "limit_price"])]
    pub all_alpha: bool,
    #[command(flatten)]
    pub limit: Limit,
}

impl Add {
    /// Buys alpha.
    pub async fn run(mut self, global: &Global) -> Outcome {
        let hotkeys = self.hotkeys.of(&self.by.keys, global)?;
        let chain = connect(global).await?;
        if self.all_netuids {
            for price in chain.prices().await? {
                let netuid = price.netuid;
                if chain.value("SubtensorModule", "SubtokenEnabled", &[netuid.into()]).await? {
                    self.netuid.push(netuid);
                }
            }
        }
        once_each(&mut self.netuid);
        match (&self.netuid[..], &hotkeys[..]) {
            ([netuid], [hotkey]) => self.one(global, &chain, *netuid, *hotkey).await,
            _ => self.each(global, &chain, &hotkeys).await,
        }
    }

    /// The call that buys under a limit, or at any price.
    pub(super) fn call(&self, hotkey: Account, netuid: u16, limit: Option<u64>) -> AnyCall {
        let (amount_staked, allow_partial) = (self.amount(), self.limit.partial);
        match limit {
            None => (&AddStake { hotkey, netuid, amount_staked }).into(),
            Some(limit_price) => {
                (&AddStakeLimit { hotkey, netuid, amount_staked, limit_price, allow_partial }).into()
            }
        }
    }

    /// The cost of each purchase.
    pub(super) fn amount(&self) -> TaoBalance {
        TaoBalance::from_rao(self.amount)
    }

    /// Buys on one hotkey of one subnet.
    async fn one(&self, global: &Global, chain: &ChainClient, netuid: u16, hotkey: Account) -> Outcome {
        let amount_staked = self.amount();
        let at = exchange(chain, netuid).await?;
        let order = self.limit.price.of_purchase(&at, amount_staked, self.limit.partial)?;
        let what = format!(
            "staking {} on {} of subnet {netuid}: about {} after a pool fee of {}; price now {}, {}",
            tao(order.takes),
            address(&hotkey),
            stake_on(netuid, order.brings),
            tao(order.fee),
            tao(at.price()),
            order.in_words(),
        );
        order.check(&what)?;
        let call = self.call(hotkey, netuid, order.limit);
        let Some(sent) = self.by.send(global, chain, Order::new(call, what)).await? else {
            return Ok(());
        };
        let staked: Option<Traded> = sent.event("SubtensorModule", "StakeAdded");
        let (spent, got) = staked.map_or((None, None), |event| (Some(event.2), Some(event.3)));
        sent.report(
            global,
            &match (spent, got) {
                (Some(spent), Some(got)) => format!("staked {}, got {}", tao(spent), stake_on(netuid, got)),
                _ => "staked".into(),
            },
            json!({ "netuid": netuid, "hotkey": address(&hotkey), "tao_rao": self.amount,
                    "spent_rao": spent.map(TaoBalance::to_rao), "alpha_rao": got.map(AlphaBalance::to_rao) }),
        )
    }
}

impl Remove {
    /// Sells alpha.
    pub async fn run(mut self, global: &Global) -> Outcome {
        once_each(&mut self.netuid);
        self.limit.price.fits(&self.netuid)?;
        let mut hotkeys = self.hotkeys.of(&self.by.keys, global)?;
        let chain = connect(global).await?;
        let account = self.by.account(global)?;
        if self.hotkeys.are_all() {
            // The coldkey may also have stake on other people's hotkeys.
            let staked = chain.stakes(&account).await?.into_iter().map(|stake| stake.hotkey);
            hotkeys = self.hotkeys.with(hotkeys, staked, &self.by.keys, global)?;
        }
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
            sales.iter().map(|sale| format!("{} of subnet {}", stake_on(sale.4, sale.3), sale.4)).collect();
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
        if amount.is_zero() && !held.is_zero() {
            return fail("an amount of 0 sells nothing; say how much, or --all".to_owned());
        }
        if amount.is_zero() || amount > held {
            return fail(format!(
                "{} holds {} on this hotkey; nothing was done",
                address(account),
                stake_on(netuid, held)
            ));
        }
        let at = exchange(chain, netuid).await?;
        let sold = self.limit.price.of_sale(&at, amount, self.limit.partial)?;
        let what = format!(
            "selling {} of subnet {netuid}: about {}; price now {}, {}",
            stake_on(netuid, sold.takes),
            tao(sold.brings),
            tao(at.price()),
            sold.in_words(),
        );
        sold.check(&what)?;
        let call = sale(hotkey, netuid, amount, sold.limit, self.all, self.limit.partial);
        Ok(Order::new(call, what))
    }
}

/// The call that sells alpha of a subnet; with `all` the whole holding. Root, whose price cannot move, needs no `all`.
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

/// Keeps each subnet once, in order.
fn once_each(netuids: &mut Vec<u16>) {
    let mut seen = BTreeSet::new();
    netuids.retain(|netuid| seen.insert(*netuid));
}

/// The stake of a coldkey on a hotkey of a subnet.
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

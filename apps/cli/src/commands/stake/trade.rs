//! `myelin stake add` and `remove`: alpha for TAO and back.

use clap::Args;
use myelin_abi::calls::subtensor::{
    AddStake, AddStakeLimit, RemoveStake, RemoveStakeFullLimit, RemoveStakeLimit, UnstakeAll, UnstakeAllAlpha,
};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient};
use myelin_economy::pool::{price_to_rao, Market, Terms};
use myelin_units::{AlphaBalance, TaoBalance};
use serde_json::json;

use super::limit::{exchange, Limit};
use crate::commands::connect;
use crate::output::{self, address, alpha, brief, fail, tao, Failure, Outcome};
use crate::send::{OnSubnet, Order, Sender};
use crate::Global;

/// How much, where.
#[derive(Args)]
pub struct Add {
    #[command(flatten)]
    on: OnSubnet,
    /// TAO to stake.
    #[arg(long, value_parser = output::amount, value_name = "TAO")]
    amount: u64,
    #[command(flatten)]
    limit: Limit,
}

/// How much, from where.
#[derive(Args)]
pub struct Remove {
    /// The subnet.
    #[arg(long, short = 'n', required_unless_present_any = ["all_netuids", "all_alpha"])]
    netuid: Option<u16>,
    #[command(flatten)]
    by: Sender,
    /// Alpha to sell.
    #[arg(long, value_parser = output::amount, value_name = "ALPHA", required_unless_present_any = ["all", "all_netuids", "all_alpha"])]
    amount: Option<u64>,
    /// Everything held on the hotkey on this subnet.
    #[arg(long, alias = "unstake-all", conflicts_with = "amount")]
    all: bool,
    /// Everything held on the hotkey on every subnet, at any price.
    #[arg(long, conflicts_with_all = ["amount", "netuid"])]
    all_netuids: bool,
    /// Everything held on the hotkey on every subnet but root; the TAO is staked on root.
    #[arg(long, alias = "unstake-all-alpha", conflicts_with_all = ["amount", "netuid", "all", "all_netuids"])]
    all_alpha: bool,
    #[command(flatten)]
    limit: Limit,
}

impl Add {
    /// Buys.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.on.by.hotkey(global)?;
        let amount_staked = TaoBalance::from_rao(self.amount);
        let quote = chain.quote_stake(self.on.netuid, amount_staked).await?;
        let (market, fee) = exchange(&chain, self.on.netuid).await?;
        let order = market.buy(amount_staked, Terms::with_fee(fee))?;
        let limit = self.limit.above(match market {
            Market::Dynamic(pool) => pool.after_buy(&order).price(),
            Market::Stable => market.price(),
        });
        let (netuid, partial) = (self.on.netuid, self.limit.partial);
        let (call, bound): (AnyCall, String) = if self.limit.no_limit {
            ((&AddStake { hotkey, netuid, amount_staked }).into(), "no limit".into())
        } else {
            let call =
                AddStakeLimit { hotkey, netuid, amount_staked, limit_price: limit, allow_partial: partial };
            ((&call).into(), format!("limit {}", tao(TaoBalance::from_rao(limit))))
        };
        let what = format!(
            "staking {} on {} of subnet {netuid}: about {} after a pool fee of {}; price now {}, {bound} per alpha",
            tao(amount_staked),
            brief(&hotkey),
            alpha(quote.alpha_amount),
            tao(quote.tao_fee),
            tao(TaoBalance::from_rao(price_to_rao(market.price()))),
        );
        let Some(sent) = self.on.by.send(global, &chain, Order::new(call, what)).await? else {
            return Ok(());
        };
        // coldkey, hotkey, TAO, alpha, netuid, fee
        let staked: Option<(Account, Account, TaoBalance, AlphaBalance, u16, u64)> =
            sent.event("SubtensorModule", "StakeAdded");
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

impl Remove {
    /// Sells.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let hotkey = self.by.hotkey(global)?;
        let account = self.by.account(global)?;
        let order = match self.netuid {
            Some(netuid) => self.order(&chain, &account, hotkey, netuid).await?,
            None => everywhere(&chain, &account, hotkey, self.all_alpha).await?,
        };
        let before = chain.balance(&account).await?;
        let Some(sent) = self.by.send(global, &chain, order).await? else { return Ok(()) };
        let received = chain.balance(&account).await?.saturating_sub(before);
        sent.report(
            global,
            &format!("sold; free balance grew by {}", tao(received)),
            json!({ "netuid": self.netuid, "hotkey": address(&hotkey), "received_rao": received.to_rao() }),
        )
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
        let sale = market.sell(amount, Terms::with_fee(fee))?;
        let limit = self.limit.below(match market {
            Market::Dynamic(pool) => pool.after_sale(&sale).price(),
            Market::Stable => market.price(),
        });
        let what = format!(
            "selling {} of subnet {netuid}: about {}; price now {}, {} per alpha",
            alpha(amount),
            tao(quote.tao_amount),
            tao(TaoBalance::from_rao(price_to_rao(market.price()))),
            if self.limit.no_limit {
                "no limit".into()
            } else {
                format!("limit {}", tao(TaoBalance::from_rao(limit)))
            },
        );
        let call: AnyCall = match (self.limit.no_limit, self.all && netuid != 0 && !self.limit.partial) {
            (true, true) => (&RemoveStakeFullLimit { hotkey, netuid, limit_price: None }).into(),
            (false, true) => (&RemoveStakeFullLimit { hotkey, netuid, limit_price: Some(limit) }).into(),
            (true, false) => (&RemoveStake { hotkey, netuid, amount_unstaked: amount }).into(),
            (false, false) => (&RemoveStakeLimit {
                hotkey,
                netuid,
                amount_unstaked: amount,
                limit_price: limit,
                allow_partial: self.limit.partial,
            })
                .into(),
        };
        Ok(Order::new(call, what))
    }
}

/// The sale of everything on a hotkey.
async fn everywhere(
    chain: &ChainClient,
    account: &Account,
    hotkey: Account,
    to_root: bool,
) -> Result<Order, Failure> {
    let prices = chain.prices().await?;
    let mut worth = 0u64;
    let stakes = chain.stakes(account).await?;
    let sold = stakes.iter().filter(|stake| stake.hotkey == hotkey && !(to_root && stake.netuid.0 == 0));
    for stake in sold {
        let price = prices.iter().find(|price| price.netuid == stake.netuid.0).map_or(0, |price| price.price);
        worth = worth.saturating_add(output::value_at(stake.stake.0, price));
    }
    if worth == 0 {
        return fail(format!("{} holds nothing on this hotkey; nothing was done", address(account)));
    }
    let what = |where_to: &str| {
        format!(
            "selling everything on {} at any price, worth {} before fees and slippage{where_to}",
            brief(&hotkey),
            tao(TaoBalance::from_rao(worth))
        )
    };
    Ok(if to_root {
        Order::new(&UnstakeAllAlpha { hotkey }, what(", and staking the TAO on root"))
    } else {
        Order::new(&UnstakeAll { hotkey }, what(""))
    })
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

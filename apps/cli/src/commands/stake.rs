//! `myelin stake`: list, add, remove.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{AddStakeLimit, RemoveStakeLimit};
use myelin_chain_client::Wait;
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

use super::connect;
use super::subnet::report;
use crate::keys::Keys;
use crate::output::{self, address, alpha, brief, confirm, fail, tao, waiting, Outcome};
use crate::Global;

/// Stake: list, add, remove.
#[derive(Subcommand)]
pub enum Stake {
    /// What a coldkey has staked, and its value at the spot price.
    List(Keys),
    /// Buys alpha of a subnet and stakes it on a hotkey.
    #[command(
        after_help = "Example:\n  myelin stake add --netuid 2 --wallet alice --hotkey validator --amount 100"
    )]
    Add(Change),
    /// Sells staked alpha for TAO.
    #[command(
        after_help = "Example:\n  myelin stake remove --netuid 2 --wallet alice --hotkey miner1 --all"
    )]
    Remove(Change),
}

/// How much, where.
#[derive(Args)]
pub struct Change {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    /// TAO to stake, or alpha to unstake.
    #[arg(long, value_parser = output::amount, required_unless_present = "all")]
    amount: Option<u64>,
    /// Everything this coldkey holds on the hotkey (removing only).
    #[arg(long, conflicts_with = "amount")]
    all: bool,
    /// How much worse than now the price may get, in percent; the rest is not executed.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(0..=100))]
    slippage: u64,
}

#[derive(Serialize)]
struct Shown {
    netuid: u16,
    hotkey: String,
    alpha_rao: u64,
    value_rao: u64,
    registered: bool,
}

impl Stake {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Stake::List(keys) => list(global, &keys).await,
            Stake::Add(change) => change.add(global).await,
            Stake::Remove(change) => change.remove(global).await,
        }
    }
}

async fn list(global: &Global, keys: &Keys) -> Outcome {
    let chain = connect(global).await?;
    let coldkey = keys.coldkey_account(global)?;
    let prices = chain.prices().await?;
    let stakes = chain.stakes(&coldkey).await?;
    let mut shown = Vec::new();
    let mut table = output::table(&["netuid", "hotkey", "stake", "value at spot"], 2);
    for stake in stakes.iter().filter(|stake| !stake.stake.0.is_zero()) {
        let price = prices.iter().find(|price| price.netuid == stake.netuid.0).map_or(0, |price| price.price);
        let value = u128::from(stake.stake.0.to_rao()) * u128::from(price) / 1_000_000_000;
        let value = u64::try_from(value).unwrap_or(u64::MAX);
        table.add_row([
            stake.netuid.0.to_string(),
            brief(&stake.hotkey),
            alpha(stake.stake.0),
            tao(TaoBalance::from_rao(value)),
        ]);
        shown.push(Shown {
            netuid: stake.netuid.0,
            hotkey: address(&stake.hotkey),
            alpha_rao: stake.stake.0.to_rao(),
            value_rao: value,
            registered: stake.is_registered,
        });
    }
    if global.json {
        return output::json(&shown);
    }
    output::print(&table);
    Ok(())
}

impl Change {
    async fn add(self, global: &Global) -> Outcome {
        let Some(amount) = self.amount else { return fail("pass --amount; --all is for removing") };
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let hotkey = self.keys.hotkey_account(global)?;
        let quote = chain.quote_stake(self.netuid, TaoBalance::from_rao(amount)).await?;
        let price = self.price(&chain).await?;
        let limit =
            u64::try_from(u128::from(price) * u128::from(100 + self.slippage) / 100).unwrap_or(u64::MAX);
        confirm(
            &format!(
                "staking {} on {} of subnet {}: about {} after a fee of {}, at most {} per alpha",
                tao(TaoBalance::from_rao(amount)),
                brief(&hotkey),
                self.netuid,
                alpha(quote.alpha_amount),
                tao(quote.tao_fee),
                tao(TaoBalance::from_rao(limit)),
            ),
            global.yes,
        )?;
        let progress = waiting("waiting for finality");
        let call = AddStakeLimit {
            hotkey,
            netuid: self.netuid,
            amount_staked: TaoBalance::from_rao(amount),
            limit_price: limit,
            allow_partial: false,
        };
        let receipt = chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        report(
            global,
            "staked",
            &serde_json::json!({ "netuid": self.netuid, "tao_rao": amount, "fee_rao": receipt.fee }),
        )
    }

    async fn remove(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let hotkey = self.keys.hotkey_account(global)?;
        let account = self.keys.coldkey_account(global)?;
        let held = chain
            .stakes(&account)
            .await?
            .iter()
            .find(|stake| stake.netuid.0 == self.netuid && stake.hotkey == hotkey)
            .map_or(0, |stake| stake.stake.0.to_rao());
        let amount = self.amount.unwrap_or(held);
        if amount == 0 || amount > held {
            return fail(format!(
                "{} holds {} on this hotkey; nothing was done",
                self.keys.name(),
                alpha(AlphaBalance::from_rao(held))
            ));
        }
        let quote = chain.quote_unstake(self.netuid, AlphaBalance::from_rao(amount)).await?;
        let price = self.price(&chain).await?;
        let limit = u64::try_from(u128::from(price) * u128::from(100 - self.slippage) / 100).unwrap_or(0);
        confirm(
            &format!(
                "selling {} of subnet {}: about {}, at least {} per alpha",
                alpha(AlphaBalance::from_rao(amount)),
                self.netuid,
                tao(quote.tao_amount),
                tao(TaoBalance::from_rao(limit)),
            ),
            global.yes,
        )?;
        let progress = waiting("waiting for finality");
        let before = chain.balance(&account).await?;
        let call = RemoveStakeLimit {
            hotkey,
            netuid: self.netuid,
            amount_unstaked: AlphaBalance::from_rao(amount),
            limit_price: limit,
            allow_partial: false,
        };
        chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        let received = chain.balance(&account).await?.saturating_sub(before);
        report(
            global,
            &format!("sold; free balance grew by {}", tao(received)),
            &serde_json::json!({ "netuid": self.netuid, "alpha_rao": amount, "received_rao": received.to_rao() }),
        )
    }

    /// Spot price in rao of TAO per alpha.
    async fn price(&self, chain: &myelin_chain_client::ChainClient) -> Result<u64, output::Failure> {
        let prices = chain.prices().await?;
        match prices.iter().find(|price| price.netuid == self.netuid) {
            Some(price) => Ok(price.price),
            None => fail(format!("there is no subnet {}; see `myelin subnet list`", self.netuid)),
        }
    }
}

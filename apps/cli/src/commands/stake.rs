//! `myelin stake`: list, add, remove, move.
//!
//! Every order names a price limit: the price that it leaves by itself, and a little more for what others do before it is
//! included. Beyond that the chain executes nothing.

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{AddStakeLimit, MoveStakeLimit, RemoveStakeLimit};
use myelin_chain_client::{ChainClient, Wait};
use myelin_economy::pool::{price_to_rao, Fee, Market, Pool, Price, QuoteWeight, Terms};
use myelin_units::{AlphaBalance, TaoBalance};
use serde::Serialize;

use super::connect;
use super::subnet::report;
use crate::keys::Keys;
use crate::output::{self, address, alpha, brief, confirm, fail, tao, waiting, Outcome};
use crate::Global;

/// Stake: list, add, remove, move.
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
    /// Moves staked alpha to another subnet or hotkey; within a subnet nothing is sold.
    #[command(
        after_help = "Example:\n  myelin stake move --netuid 2 --to 3 --wallet alice --hotkey validator --amount 10"
    )]
    Move(Move),
}

/// How much, from where to where.
#[derive(Args)]
pub struct Move {
    /// The subnet that the alpha leaves.
    #[arg(long, short = 'n')]
    netuid: u16,
    /// The subnet that it goes to; the same by default.
    #[arg(long, value_name = "NETUID")]
    to: Option<u16>,
    /// The hotkey that it goes to: an address, or a hotkey of the wallet; the same by default.
    #[arg(long, value_name = "HOTKEY")]
    to_hotkey: Option<String>,
    #[command(flatten)]
    keys: Keys,
    /// Alpha to move.
    #[arg(long, value_parser = output::amount)]
    amount: u64,
    #[command(flatten)]
    tolerance: Tolerance,
}

/// What others may do to the price.
#[derive(Args)]
pub struct Tolerance {
    /// How much worse than after this order alone the price may get, in percent; beyond that nothing is executed.
    #[arg(long, default_value = "0.5", value_parser = basis_points, value_name = "PERCENT")]
    slippage: u64,
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
    #[command(flatten)]
    tolerance: Tolerance,
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
            Stake::Move(change) => change.run(global).await,
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
        let (market, fee) = exchange(&chain, self.netuid).await?;
        let order = market.buy(TaoBalance::from_rao(amount), Terms::with_fee(fee))?;
        let limit = self.tolerance.above(match market {
            Market::Dynamic(pool) => pool.after_buy(&order).price(),
            Market::Stable => market.price(),
        });
        confirm(
            &format!(
                "staking {} on {} of subnet {}: about {} after a fee of {}; price now {}, limit {} per alpha",
                tao(TaoBalance::from_rao(amount)),
                brief(&hotkey),
                self.netuid,
                alpha(quote.alpha_amount),
                tao(quote.tao_fee),
                tao(TaoBalance::from_rao(price_to_rao(market.price()))),
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
        let (market, fee) = exchange(&chain, self.netuid).await?;
        let order = market.sell(AlphaBalance::from_rao(amount), Terms::with_fee(fee))?;
        let limit = self.tolerance.below(match market {
            Market::Dynamic(pool) => pool.after_sale(&order).price(),
            Market::Stable => market.price(),
        });
        confirm(
            &format!(
                "selling {} of subnet {}: about {}; price now {}, limit {} per alpha",
                alpha(AlphaBalance::from_rao(amount)),
                self.netuid,
                tao(quote.tao_amount),
                tao(TaoBalance::from_rao(price_to_rao(market.price()))),
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
}

impl Move {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let coldkey = self.keys.coldkey(global)?;
        let from = self.keys.hotkey_account(global)?;
        let to = match &self.to_hotkey {
            Some(hotkey) => self.keys.with_hotkey(hotkey).hotkey_account(global)?,
            None => from,
        };
        let destination = self.to.unwrap_or(self.netuid);
        let amount = AlphaBalance::from_rao(self.amount);
        let (limit, what) = if destination == self.netuid {
            (0, "the alpha changes hands as it is".to_owned())
        } else {
            let (origin, fee) = exchange(&chain, self.netuid).await?;
            let (target, target_fee) = exchange(&chain, destination).await?;
            // One fee: the sale pays it, or the purchase if the origin is root.
            let (sale_fee, buy_fee) =
                if self.netuid == 0 { (Fee::NONE, target_fee) } else { (fee, Fee::NONE) };
            let sale = origin.sell(amount, Terms::with_fee(sale_fee))?;
            let buy = target.buy(sale.amount_out, Terms::with_fee(buy_fee))?;
            // Between two pools the chain's limit is for the average rate, else for the last alpha.
            let rate = match (origin, target) {
                (Market::Dynamic(pool), Market::Stable) => pool.after_sale(&sale).price(),
                (Market::Stable, Market::Dynamic(pool)) => Price::ONE.safe_div(pool.after_buy(&buy).price()),
                _ => Price::from_ratio(buy.amount_out.to_rao(), amount.to_rao()),
            };
            let limit = self.tolerance.below(rate);
            (
                limit,
                format!(
                    "about {} of subnet {destination}; lowest rate {}",
                    alpha(buy.amount_out),
                    ratio(limit)
                ),
            )
        };
        confirm(
            &format!(
                "moving {} of subnet {} from {} to {}: {what}",
                alpha(amount),
                self.netuid,
                brief(&from),
                brief(&to)
            ),
            global.yes,
        )?;
        let progress = waiting("waiting for finality");
        let call = MoveStakeLimit {
            origin_hotkey: from,
            destination_hotkey: to,
            origin_netuid: self.netuid,
            destination_netuid: destination,
            alpha_amount: amount,
            limit_price: limit,
            allow_partial: false,
        };
        let receipt = chain.submit(&call, &coldkey, Wait::Finality).await?;
        progress.finish_and_clear();
        report(
            global,
            "moved",
            &serde_json::json!({
                "netuid": self.netuid, "to_netuid": destination, "alpha_rao": self.amount, "fee_rao": receipt.fee
            }),
        )
    }
}

impl Tolerance {
    /// The highest price to pay, in rao: above `price` by the tolerance, rounded up.
    fn above(&self, price: Price) -> u64 {
        let rao = u128::from(price_to_rao(price)) + 1;
        u64::try_from(rao * u128::from(10_000 + self.slippage) / 10_000 + 1).unwrap_or(u64::MAX)
    }

    /// The lowest price to accept, in rao: below `price` by the tolerance, rounded down.
    fn below(&self, price: Price) -> u64 {
        let part = u128::from(10_000 - self.slippage.min(10_000));
        u64::try_from(u128::from(price_to_rao(price)) * part / 10_000).unwrap_or(0)
    }
}

/// Where a subnet's alpha is exchanged at the best block, and its fee.
async fn exchange(chain: &ChainClient, netuid: u16) -> Result<(Market, Fee), output::Failure> {
    if !chain.prices().await?.iter().any(|price| price.netuid == netuid) {
        return fail(format!("there is no subnet {netuid}; see `myelin subnet list`"));
    }
    let mechanism: u16 = chain.value("SubtensorModule", "SubnetMechanism", &[netuid.into()]).await?;
    if netuid == 0 || mechanism == 0 {
        return Ok((Market::Stable, Fee::NONE));
    }
    let weight: u64 = chain.value("Swap", "SwapBalancer", &[netuid.into()]).await?;
    let pool = Pool {
        tao: chain.value("SubtensorModule", "SubnetTAO", &[netuid.into()]).await?,
        alpha: chain.value("SubtensorModule", "SubnetAlphaIn", &[netuid.into()]).await?,
        weight: QuoteWeight::new(weight).unwrap_or_default(),
    };
    let fee: u16 = chain.value("Swap", "FeeRate", &[netuid.into()]).await?;
    Ok((Market::Dynamic(pool), Fee(fee)))
}

/// A percentage with up to two decimals, in hundredths of a percent.
fn basis_points(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no percentage between 0 and 100, such as 0.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > 2 || whole.len() > 3 {
        return Err(wrong());
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let points = number(whole)? * 100 + number(part)? * if part.len() == 1 { 10 } else { 1 };
    if points > 10_000 {
        return Err(wrong());
    }
    Ok(points)
}

/// A ratio times 10⁹, for people.
fn ratio(e9: u64) -> String {
    format!("{}.{:04}", e9 / 1_000_000_000, e9 % 1_000_000_000 / 100_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_units::U64F64;

    #[test]
    fn slippage_is_a_percentage_with_two_decimals() {
        assert_eq!(basis_points("0.5"), Ok(50));
        assert_eq!(basis_points("5"), Ok(500));
        assert_eq!(basis_points("0.05"), Ok(5));
        assert_eq!(basis_points("100"), Ok(10_000));
        for wrong in ["", ".", "100.01", "-1", "1e3", "0.005", "5%", "9999"] {
            assert!(basis_points(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_limit_leaves_room_for_the_order_and_for_others() {
        let price = U64F64::from_int(2);
        let half = Tolerance { slippage: 50 };
        assert_eq!(half.above(price), 2_010_000_002);
        assert_eq!(half.below(price), 1_990_000_000);
        // Without tolerance the order itself still passes.
        let none = Tolerance { slippage: 0 };
        assert!(none.above(price) > 2_000_000_000 && none.below(price) <= 2_000_000_000);
        assert_eq!(Tolerance { slippage: 10_000 }.below(price), 0);
    }
}

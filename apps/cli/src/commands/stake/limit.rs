//! How much worse than expected an order may be executed.
//!
//! Every order names a price limit unless told otherwise: the price that it leaves by itself, and a little more for what
//! others do before it is included. Beyond that the chain executes nothing, or a part if that is allowed.

use clap::Args;
use myelin_chain_client::{ChainClient, ChainError, Hash};
use myelin_economy::pool::{price_to_rao, Fee, Market, Pool, Price, QuoteWeight, SwapError, Terms};
use myelin_units::{AlphaBalance, TaoBalance};

use crate::output::{self, fail, tao, Failure};

/// What others may do to the price, and whether a part of the order will do.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Price limit")]
pub struct Limit {
    #[command(flatten)]
    pub price: PriceLimit,
    /// Execute the part that the limit allows instead of nothing.
    #[arg(long, aliases = ["allow-partial-stake", "allow-partial", "allow"], conflicts_with = "no_limit")]
    pub partial: bool,
}

/// What others may do to the price.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Price limit")]
pub struct PriceLimit {
    /// How much worse than after this order alone the price may get, in percent.
    #[arg(long, default_value = "0.5", value_parser = output::percent, value_name = "PERCENT")]
    slippage: u64,
    /// The same as a fraction, such as 0.005.
    #[arg(
        long,
        value_parser = output::proportion,
        value_name = "FRACTION",
        aliases = ["rate-tolerance", "limit"],
        conflicts_with = "slippage"
    )]
    tolerance: Option<u64>,
    /// The limit itself: TAO per alpha, or the rate of the two subnets.
    #[arg(long, value_parser = output::amount, value_name = "PRICE", conflicts_with_all = ["slippage", "tolerance"])]
    limit_price: Option<u64>,
    /// Take whatever price there is.
    #[arg(long, aliases = ["unsafe", "no-safe-staking"], conflicts_with_all = ["slippage", "tolerance", "limit_price"])]
    pub no_limit: bool,
}

/// What an order does by itself.
#[derive(Debug, PartialEq)]
pub struct Quote<Amount> {
    /// What it brings.
    pub brings: Amount,
    /// The price to name; `None` for any.
    pub limit: Option<u64>,
    /// The market that it leaves.
    pub market: Market,
}

impl PriceLimit {
    /// Fails if one price is to bind orders on several subnets, whose prices have nothing to do with each other.
    pub fn fits(&self, netuids: &[u16]) -> Result<(), Failure> {
        if self.limit_price.is_some() && netuids.len() > 1 {
            return fail(
                "--limit-price is the price of one subnet; for several, --slippage binds each to its own",
            );
        }
        Ok(())
    }

    fn basis_points(&self) -> u64 {
        self.tolerance.map_or(self.slippage, |e9| e9 / 100_000)
    }

    /// The highest price to pay, in rao: above `price` by the tolerance, rounded up.
    fn above(&self, price: Price) -> u64 {
        let rao = u128::from(price_to_rao(price)) + 1;
        let limit = rao * u128::from(10_000 + self.basis_points()) / 10_000 + 1;
        self.limit_price.unwrap_or(u64::try_from(limit).unwrap_or(u64::MAX))
    }

    /// The lowest price to accept, in rao: below `price` by the tolerance, rounded down.
    pub fn below(&self, price: Price) -> u64 {
        let part = u128::from(10_000 - self.basis_points().min(10_000));
        let limit = u128::from(price_to_rao(price)) * part / 10_000;
        self.limit_price.unwrap_or(u64::try_from(limit).unwrap_or(0))
    }

    /// A purchase by itself, and the highest price to pay for it.
    pub fn of_purchase(
        &self,
        market: &Market,
        fee: Fee,
        amount: TaoBalance,
    ) -> Result<Quote<AlphaBalance>, SwapError> {
        let purchase = market.buy(amount, Terms::with_fee(fee))?;
        let market = match market {
            Market::Dynamic(pool) => Market::Dynamic(pool.after_buy(&purchase)),
            Market::Stable => Market::Stable,
        };
        let limit = (!self.no_limit).then(|| self.above(market.price()));
        Ok(Quote { brings: purchase.amount_out, limit, market })
    }

    /// A sale by itself, and the lowest price to accept for it.
    pub fn of_sale(
        &self,
        market: &Market,
        fee: Fee,
        amount: AlphaBalance,
    ) -> Result<Quote<TaoBalance>, SwapError> {
        let sale = market.sell(amount, Terms::with_fee(fee))?;
        let market = match market {
            Market::Dynamic(pool) => Market::Dynamic(pool.after_sale(&sale)),
            Market::Stable => Market::Stable,
        };
        let limit = (!self.no_limit).then(|| self.below(market.price()));
        Ok(Quote { brings: sale.amount_out, limit, market })
    }
}

/// A limit in words, and what happens where it is reached.
pub fn in_words(limit: Option<u64>, partial: bool) -> String {
    let Some(rao) = limit else { return "no limit".into() };
    let otherwise = if partial { ", or the part that it allows" } else { "" };
    format!("limit {} per alpha{otherwise}", tao(TaoBalance::from_rao(rao)))
}

/// Where a subnet's alpha is exchanged at the best block, and its fee.
pub async fn exchange(chain: &ChainClient, netuid: u16) -> Result<(Market, Fee), Failure> {
    if !chain.prices().await?.iter().any(|price| price.netuid == netuid) {
        return fail(format!("there is no subnet {netuid}; see `myelin subnet list`"));
    }
    let market = market(chain, netuid, None).await?;
    if market == Market::Stable {
        return Ok((market, Fee::NONE));
    }
    let fee: u16 = chain.value("Swap", "FeeRate", &[netuid.into()]).await?;
    Ok((market, Fee(fee)))
}

/// Where a subnet's alpha was exchanged after a block; the best one by default.
pub async fn market(chain: &ChainClient, netuid: u16, at: Option<Hash>) -> Result<Market, Failure> {
    let of = |pallet: &'static str, item: &'static str| async move {
        let value: Option<u64> = chain.storage(pallet, item, &[netuid.into()], at).await?;
        value.ok_or_else(|| ChainError::NotFound(format!("{pallet}.{item} is empty for subnet {netuid}")))
    };
    let mechanism: Option<u16> =
        chain.storage("SubtensorModule", "SubnetMechanism", &[netuid.into()], at).await?;
    if netuid == 0 || mechanism == Some(0) {
        return Ok(Market::Stable);
    }
    Ok(Market::Dynamic(Pool {
        tao: TaoBalance::from_rao(of("SubtensorModule", "SubnetTAO").await?),
        alpha: AlphaBalance::from_rao(of("SubtensorModule", "SubnetAlphaIn").await?),
        weight: QuoteWeight::new(of("Swap", "SwapBalancer").await?).unwrap_or_default(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_units::U64F64;

    fn slippage(slippage: u64) -> PriceLimit {
        PriceLimit { slippage, tolerance: None, limit_price: None, no_limit: false }
    }

    #[test]
    fn a_limit_leaves_room_for_the_order_and_for_others() {
        let price = U64F64::from_int(2);
        let half = slippage(50);
        assert_eq!(half.above(price), 2_010_000_002);
        assert_eq!(half.below(price), 1_990_000_000);
        // Without tolerance the order itself still passes.
        let none = slippage(0);
        assert!(none.above(price) > 2_000_000_000 && none.below(price) <= 2_000_000_000);
        assert_eq!(slippage(10_000).below(price), 0);
    }

    #[test]
    fn a_fraction_and_a_price_say_the_same_as_a_percentage() {
        let price = U64F64::from_int(2);
        let fraction = PriceLimit { tolerance: Some(5_000_000), ..slippage(0) };
        assert_eq!(fraction.below(price), slippage(50).below(price));
        let given = PriceLimit { limit_price: Some(7), ..slippage(50) };
        assert_eq!((given.above(price), given.below(price)), (7, 7));
    }

    #[test]
    fn an_order_is_limited_by_the_price_that_it_leaves() {
        let pool = Pool::balanced(TaoBalance::from_rao(1_000_000_000), AlphaBalance::from_rao(1_000_000_000));
        let (market, quarter) = (Market::Dynamic(pool), 250_000_000);
        let (sold, spent) = (AlphaBalance::from_rao(quarter), TaoBalance::from_rao(quarter));
        let is_about = |limit: Option<u64>, rao: u64| limit.is_some_and(|limit| limit.abs_diff(rao) <= 3);
        let limit = slippage(50);
        // The reserves become 4/5 and 5/4 of what they were; half a percent comes on top.
        let sale = limit.of_sale(&market, Fee::NONE, sold).expect("a sale");
        assert!(
            sale.brings.to_rao().abs_diff(200_000_000) <= 1 && is_about(sale.limit, 636_800_000),
            "{sale:?}"
        );
        let purchase = limit.of_purchase(&market, Fee::NONE, spent).expect("a purchase");
        assert!(is_about(purchase.limit, 1_570_312_500), "{purchase:?}");
        let any = PriceLimit { no_limit: true, ..slippage(50) };
        let unlimited = any.of_sale(&market, Fee::NONE, sold).expect("a sale");
        assert_eq!((unlimited.brings, unlimited.limit), (sale.brings, None));
        // The next order meets the market that this one leaves.
        let next = limit.of_sale(&sale.market, Fee::NONE, sold).expect("a sale");
        assert!(next.brings < sale.brings && next.limit < sale.limit, "{next:?}");
        // Where alpha is TAO the price cannot move.
        let root = limit.of_sale(&Market::Stable, Fee::NONE, sold).expect("a sale");
        assert_eq!((root.brings, root.limit), (TaoBalance::from_rao(quarter), Some(995_000_000)));
    }
}

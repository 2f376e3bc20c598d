//! How much worse than expected an order may be executed.
//!
//! Every order names a price limit unless told otherwise: the price that it leaves by itself, and a little more for what
//! others do before it is included. Beyond that the chain executes nothing, or a part if that is allowed. An order that moves
//! the price far by itself is not sent unless the limit was named.

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
    /// How much worse than now the price may get, in percent; by default what this order does to it by itself, up to 5, and 0.5 more.
    #[arg(long, value_parser = output::percent, value_name = "PERCENT")]
    slippage: Option<u64>,
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

/// How far an order may move the price by itself unless a limit is named, in basis points.
const FAR: u64 = 500;

/// What others may do to the price meanwhile unless a limit is named, in basis points.
const ROOM: u64 = 50;

/// What an order does by itself.
#[derive(Debug, PartialEq)]
pub struct Quote<Amount> {
    /// What it brings.
    pub brings: Amount,
    /// By how many basis points it moves the price.
    pub moves: u64,
    /// The price to name; `None` for any.
    pub limit: Option<u64>,
    /// The market that it leaves.
    pub market: Market,
}

impl<Amount> Quote<Amount> {
    /// What it does to the price, and the limit and what happens where that is reached.
    pub fn in_words(&self, partial: bool) -> String {
        let moves = match self.moves {
            0 => String::new(),
            moves => format!("moving the price by {}, ", in_percent(moves)),
        };
        let Some(rao) = self.limit else { return format!("{moves}no limit") };
        let otherwise = if partial { ", or the part that it allows" } else { "" };
        format!("{moves}limit {} per alpha{otherwise}", tao(TaoBalance::from_rao(rao)))
    }
}

/// Basis points in percent.
fn in_percent(points: u64) -> String {
    format!("{}.{:02}%", points / 100, points % 100)
}

/// By how many basis points a price differs from what it was, rounded up.
pub fn moved(now: Price, then: Price) -> u64 {
    let by = now.to_bits().abs_diff(then.to_bits()).saturating_mul(10_000);
    by.checked_div(now.to_bits()).map_or(0, |_| u64::try_from(by.div_ceil(now.to_bits())).unwrap_or(u64::MAX))
}

impl Limit {
    /// Fails if an order moves the price farther than this allows; `what` says in words what it does.
    pub fn bears(&self, moves: u64, what: &str) -> Result<(), Failure> {
        self.price.allows(moves, self.partial).or_else(|why| {
            fail(format!("{what}: {why}; --partial does as much as it allows; nothing was sent"))
        })
    }
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

    /// How much worse than now the price may get, in basis points, if it was said.
    fn said(&self) -> Option<u64> {
        self.tolerance.map(|e9| e9 / 100_000).or(self.slippage)
    }

    /// Fails if an order that moves the price so far by itself cannot be executed as a whole, or was hardly meant.
    pub fn allows(&self, moves: u64, partial: bool) -> Result<(), String> {
        if self.no_limit || self.limit_price.is_some() || partial || moves <= self.said().unwrap_or(FAR) {
            return Ok(());
        }
        let more = match (moves + ROOM).div_ceil(100) {
            percent @ 0..=100 => format!("--slippage {percent}"),
            _ => "--limit-price or --no-limit".into(),
        };
        Err(format!(
            "by itself it would move the price by {}, more than {}; a smaller amount moves it less, and {more} allows it",
            in_percent(moves),
            in_percent(self.said().unwrap_or(FAR)),
        ))
    }

    /// The price now and how many basis points of it away the limit lies; `alone` is what the order by itself makes of it.
    fn room(&self, now: Price, alone: Price) -> (Price, u64) {
        match self.said() {
            Some(points) => (now, points),
            None if moved(now, alone) > FAR => (now, FAR + ROOM),
            None => (alone, ROOM),
        }
    }

    /// The highest price to pay, in rao, rounded up.
    fn above(&self, now: Price, alone: Price) -> u64 {
        let (price, points) = self.room(now, alone);
        let rao = u128::from(price_to_rao(price)) + 1;
        let limit = rao * u128::from(10_000 + points) / 10_000 + 1;
        self.limit_price.unwrap_or(u64::try_from(limit).unwrap_or(u64::MAX))
    }

    /// The lowest price to accept, in rao, rounded down.
    pub fn below(&self, now: Price, alone: Price) -> u64 {
        let (price, points) = self.room(now, alone);
        let limit = u128::from(price_to_rao(price)) * u128::from(10_000 - points.min(10_000)) / 10_000;
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
        let after = match market {
            Market::Dynamic(pool) => Market::Dynamic(pool.after_buy(&purchase)),
            Market::Stable => Market::Stable,
        };
        let (now, alone) = (market.price(), after.price());
        let limit = (!self.no_limit).then(|| self.above(now, alone));
        Ok(Quote { brings: purchase.amount_out, moves: moved(now, alone), limit, market: after })
    }

    /// A sale by itself, and the lowest price to accept for it.
    pub fn of_sale(
        &self,
        market: &Market,
        fee: Fee,
        amount: AlphaBalance,
    ) -> Result<Quote<TaoBalance>, SwapError> {
        let sale = market.sell(amount, Terms::with_fee(fee))?;
        let after = match market {
            Market::Dynamic(pool) => Market::Dynamic(pool.after_sale(&sale)),
            Market::Stable => Market::Stable,
        };
        let (now, alone) = (market.price(), after.price());
        let limit = (!self.no_limit).then(|| self.below(now, alone));
        Ok(Quote { brings: sale.amount_out, moves: moved(now, alone), limit, market: after })
    }
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

    fn slippage(points: u64) -> PriceLimit {
        PriceLimit { slippage: Some(points), ..BY_DEFAULT }
    }

    const BY_DEFAULT: PriceLimit =
        PriceLimit { slippage: None, tolerance: None, limit_price: None, no_limit: false };

    #[test]
    fn a_limit_counts_from_the_price_now() {
        let (now, alone) = (U64F64::from_int(2), U64F64::from_int(3));
        let half = slippage(50);
        assert_eq!((half.above(now, alone), half.below(now, alone)), (2_010_000_002, 1_990_000_000));
        assert_eq!(slippage(10_000).below(now, alone), 0);
        // By default from the price that the order leaves, if that is near.
        let near = U64F64::from_ratio(202, 100);
        assert_eq!(BY_DEFAULT.above(now, near), 2_030_100_001);
        assert_eq!(BY_DEFAULT.above(now, alone), 2_110_000_002);
        assert_eq!(BY_DEFAULT.below(now, U64F64::from_int(1)), 1_890_000_000);
    }

    #[test]
    fn a_fraction_and_a_price_say_the_same_as_a_percentage() {
        let price = U64F64::from_int(2);
        let fraction = PriceLimit { tolerance: Some(5_000_000), ..BY_DEFAULT };
        assert_eq!(fraction.below(price, price), slippage(50).below(price, price));
        let given = PriceLimit { limit_price: Some(7), ..slippage(50) };
        assert_eq!((given.above(price, price), given.below(price, price)), (7, 7));
    }

    #[test]
    fn an_order_that_moves_the_price_far_is_stopped_unless_a_limit_allows_it() {
        assert_eq!(moved(U64F64::from_int(2), U64F64::from_int(3)), 5_000);
        assert_eq!(moved(U64F64::from_int(2), U64F64::from_int(1)), 5_000);
        assert_eq!(moved(U64F64::ZERO, U64F64::from_int(1)), 0);
        let stopped = |limit: PriceLimit, moves| limit.allows(moves, false).err();
        assert_eq!(stopped(BY_DEFAULT, 500), None);
        let far = stopped(BY_DEFAULT, 4_820).expect("it is far");
        assert!(far.contains("by 48.20%") && far.contains("--slippage 49 allows"), "{far}");
        assert_eq!(stopped(slippage(4_900), 4_820), None);
        assert!(stopped(slippage(10), 11).is_some_and(|why| why.contains("more than 0.10%")));
        // A price can more than double, which is no percentage up to 100.
        assert!(stopped(BY_DEFAULT, 20_000).is_some_and(|why| why.contains("--no-limit")));
        assert_eq!(stopped(PriceLimit { no_limit: true, ..BY_DEFAULT }, 20_000), None);
        assert_eq!(stopped(PriceLimit { limit_price: Some(1), ..BY_DEFAULT }, 20_000), None);
        assert_eq!(BY_DEFAULT.allows(20_000, true), Ok(()));
    }

    #[test]
    fn an_order_is_said_with_what_it_does_to_the_price() {
        let pool = Pool::balanced(TaoBalance::from_rao(1_000_000_000), AlphaBalance::from_rao(1_000_000_000));
        let (market, quarter) = (Market::Dynamic(pool), 250_000_000);
        let (sold, spent) = (AlphaBalance::from_rao(quarter), TaoBalance::from_rao(quarter));
        // The reserves become 4/5 and 5/4 of what they were.
        let sale = BY_DEFAULT.of_sale(&market, Fee::NONE, sold).expect("a sale");
        assert!(
            sale.brings.to_rao().abs_diff(200_000_000) <= 1 && sale.moves.abs_diff(3_600) <= 1,
            "{sale:?}"
        );
        let purchase = BY_DEFAULT.of_purchase(&market, Fee::NONE, spent).expect("a purchase");
        assert!(purchase.moves.abs_diff(5_625) <= 1, "{purchase:?}");
        assert!(purchase.in_words(true).starts_with("moving the price by 56.2"), "{purchase:?}");
        let any = PriceLimit { no_limit: true, ..BY_DEFAULT };
        let unlimited = any.of_sale(&market, Fee::NONE, sold).expect("a sale");
        assert_eq!((unlimited.brings, unlimited.limit), (sale.brings, None));
        // The next order meets the market that this one leaves.
        let next = BY_DEFAULT.of_sale(&sale.market, Fee::NONE, sold).expect("a sale");
        assert!(next.brings < sale.brings && next.limit < sale.limit, "{next:?}");
        // Where alpha is TAO the price cannot move.
        let root = BY_DEFAULT.of_sale(&Market::Stable, Fee::NONE, sold).expect("a sale");
        assert_eq!((root.brings, root.moves), (TaoBalance::from_rao(quarter), 0));
        assert_eq!(root.limit, Some(995_000_000));
    }
}

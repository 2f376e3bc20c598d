//! How much worse than expected an order may be executed.
//!
//! Every order names a price limit unless told otherwise: the price that it leaves by itself, and a little more for
//! what others do before it is included. Beyond that the chain executes nothing, or a part if that is allowed. An order
//! that moves the price far by itself is not sent unless the limit was named.

use clap::Args;
use myelin_chain_client::{ChainClient, ChainError, Hash};
use myelin_economy::pool::{price_to_rao, Fee, Market, Pool, Price, QuoteWeight, SwapError, Terms, Trade};
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
    /// How much worse than now the price may get, in percent; by default what this order does to it by itself, up to 5,
    /// and 0.5 more.
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

/// Where a subnet's alpha is exchanged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// The market as the orders before this one leave it.
    pub market: Market,
    /// Its fee.
    pub fee: Fee,
    /// The price before the first of them, from which limits count.
    now: Price,
}

impl Exchange {
    /// Before any order.
    pub fn new(market: Market, fee: Fee) -> Self {
        Exchange { market, fee, now: market.price() }
    }

    /// The price before any order.
    pub fn price(&self) -> TaoBalance {
        TaoBalance::from_rao(price_to_rao(self.now))
    }
}

/// What an order does.
#[derive(Debug, PartialEq)]
pub struct Quote<In, Out> {
    /// What it takes.
    pub takes: In,
    /// What it brings.
    pub brings: Out,
    /// What the pool keeps of what it takes.
    pub fee: In,
    /// The price to name; `None` for any.
    pub limit: Option<u64>,
    /// Why it is not sent.
    pub stopped: Option<String>,
    /// What it leaves.
    pub left: Exchange,
    partial: bool,
}

impl<In, Out> Quote<In, Out> {
    /// What it does to the price, with the orders before it, and the limit and what happens where that is reached.
    pub fn in_words(&self) -> String {
        let moves = match moved(self.left.now, self.left.market.price()) {
            0 => String::new(),
            moves => format!("moving the price by {}, ", in_percent(moves)),
        };
        let Some(rao) = self.limit else { return format!("{moves}no limit") };
        let otherwise = if self.partial { ", or the part that it allows" } else { "" };
        format!("{moves}limit {} per alpha{otherwise}", tao(TaoBalance::from_rao(rao)))
    }

    /// Fails if it is not to be sent; `what` says in words what it does.
    pub fn check(&self, what: &str) -> Result<(), Failure> {
        self.stopped.as_ref().map_or(Ok(()), |why| fail(format!("{what}: {why}; nothing was sent")))
    }
}

/// Basis points in percent.
pub fn in_percent(points: u64) -> String {
    format!("{}.{:02}%", points / 100, points % 100)
}

/// By how many basis points a price differs from what it was, rounded up.
pub fn moved(now: Price, then: Price) -> u64 {
    let by = now.to_bits().abs_diff(then.to_bits()).saturating_mul(10_000);
    by.checked_div(now.to_bits()).map_or(0, |_| u64::try_from(by.div_ceil(now.to_bits())).unwrap_or(u64::MAX))
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
    pub fn said(&self) -> Option<u64> {
        self.tolerance.map(|e9| e9 / 100_000).or(self.slippage)
    }

    /// Why an order that by itself moves the price so far, in basis points, cannot be executed as a whole or was hardly
    /// meant.
    pub fn stops(&self, moves: u64) -> Option<String> {
        let most = self.said().unwrap_or(FAR);
        if self.no_limit || self.limit_price.is_some() || moves <= most {
            return None;
        }
        let more = match moves.saturating_add(ROOM).div_ceil(100) {
            percent @ 0..=100 => format!("--slippage {percent}"),
            _ => "--no-limit".into(),
        };
        Some(format!(
            "by itself it would move the price by {}, more than {}; a smaller amount moves it less, and {more} allows it",
            in_percent(moves),
            in_percent(most),
        ))
    }

    /// The price now and how many basis points of it away the limit lies; `alone` is what the order by itself makes of
    /// it.
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

    /// A purchase by itself, and the highest price to pay for it; with `partial` as much of it as that price allows.
    pub fn of_purchase(
        &self,
        at: &Exchange,
        amount: TaoBalance,
        partial: bool,
    ) -> Result<Quote<TaoBalance, AlphaBalance>, SwapError> {
        let terms = Terms::with_fee(at.fee);
        let mut purchase = at.market.buy(amount, terms)?;
        let alone = after_purchase(&at.market, &purchase).price();
        let limit = (!self.no_limit).then(|| self.above(at.now, alone));
        if let (Some(rao), true) = (limit, partial) {
            purchase = at.market.buy(amount, terms.limited(rao))?;
        }
        let stopped = if partial { None } else { self.stops(moved(at.now, alone)) };
        let left = Exchange { market: after_purchase(&at.market, &purchase), ..*at };
        let (takes, fee, brings) = (purchase.consumed(), purchase.fee, purchase.amount_out);
        Ok(Quote { takes, brings, fee, limit, stopped, left, partial })
    }

    /// A sale by itself, and the lowest price to accept for it; with `partial` as much of it as that price allows.
    pub fn of_sale(
        &self,
        at: &Exchange,
        amount: AlphaBalance,
        partial: bool,
    ) -> Result<Quote<AlphaBalance, TaoBalance>, SwapError> {
        let terms = Terms::with_fee(at.fee);
        let mut sale = at.market.sell(amount, terms)?;
        let alone = after_sale(&at.market, &sale).price();
        let limit = (!self.no_limit).then(|| self.below(at.now, alone));
        if let (Some(rao), true) = (limit, partial) {
            sale = at.market.sell(amount, terms.limited(rao))?;
        }
        let stopped = if partial { None } else { self.stops(moved(at.now, alone)) };
        let left = Exchange { market: after_sale(&at.market, &sale), ..*at };
        let (takes, fee, brings) = (sale.consumed(), sale.fee, sale.amount_out);
        Ok(Quote { takes, brings, fee, limit, stopped, left, partial })
    }
}

/// The market that a purchase leaves.
pub fn after_purchase(market: &Market, purchase: &Trade<TaoBalance, AlphaBalance>) -> Market {
    match market {
        Market::Dynamic(pool) => Market::Dynamic(pool.after_buy(purchase)),
        Market::Stable => Market::Stable,
    }
}

/// The market that a sale leaves.
pub fn after_sale(market: &Market, sale: &Trade<AlphaBalance, TaoBalance>) -> Market {
    match market {
        Market::Dynamic(pool) => Market::Dynamic(pool.after_sale(sale)),
        Market::Stable => Market::Stable,
    }
}

/// Where a subnet's alpha is exchanged at the best block.
pub async fn exchange(chain: &ChainClient, netuid: u16) -> Result<Exchange, Failure> {
    if !chain.prices().await?.iter().any(|price| price.netuid == netuid) {
        return fail(format!("there is no subnet {netuid}; see `myelin subnet list`"));
    }
    let market = market(chain, netuid, None).await?;
    if market == Market::Stable {
        return Ok(Exchange::new(market, Fee::NONE));
    }
    let fee: u16 = chain.value("Swap", "FeeRate", &[netuid.into()]).await?;
    Ok(Exchange::new(market, Fee(fee)))
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
pub(super) mod tests {
    use super::*;
    use myelin_units::U64F64;

    pub fn slippage(points: u64) -> PriceLimit {
        PriceLimit { slippage: Some(points), ..BY_DEFAULT }
    }

    pub fn by_default() -> PriceLimit {
        BY_DEFAULT
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
        let stopped = |limit: PriceLimit, moves| limit.stops(moves);
        assert_eq!(stopped(BY_DEFAULT, 500), None);
        let far = stopped(BY_DEFAULT, 4_820).expect("it is far");
        assert!(far.contains("by 48.20%") && far.contains("--slippage 49 allows"), "{far}");
        assert_eq!(stopped(slippage(4_900), 4_820), None);
        assert!(stopped(slippage(10), 11).is_some_and(|why| why.contains("more than 0.10%")));
        // A price can more than double, which is no percentage up to 100.
        for large in [20_000, u64::MAX] {
            assert!(stopped(BY_DEFAULT, large).is_some_and(|why| why.contains("--no-limit")));
        }
        assert_eq!(stopped(PriceLimit { no_limit: true, ..BY_DEFAULT }, 20_000), None);
        assert_eq!(stopped(PriceLimit { limit_price: Some(1), ..BY_DEFAULT }, 20_000), None);
    }

    /// A pool of one TAO and one alpha, so that a part of it is the same part of the price twice.
    fn small() -> Exchange {
        let one = 1_000_000_000;
        let pool = Pool::balanced(TaoBalance::from_rao(one), AlphaBalance::from_rao(one));
        Exchange::new(Market::Dynamic(pool), Fee::NONE)
    }

    fn is_about(limit: Option<u64>, rao: u64) -> bool {
        limit.is_some_and(|limit| limit.abs_diff(rao) <= 3)
    }

    #[test]
    fn a_quote_names_the_limit_on_its_side_of_the_price() {
        let (sold, spent) = (AlphaBalance::from_rao(20_000_000), TaoBalance::from_rao(20_000_000));
        // The reserves become 1.02 and 1/1.02 of what they were; half a percent comes on top.
        let purchase = BY_DEFAULT.of_purchase(&small(), spent, false).expect("a purchase");
        assert!(is_about(purchase.limit, 1_045_602_000) && purchase.stopped.is_none(), "{purchase:?}");
        let sale = BY_DEFAULT.of_sale(&small(), sold, false).expect("a sale");
        assert!(is_about(sale.limit, 956_362_937) && sale.stopped.is_none(), "{sale:?}");
        // What was said counts from the price now.
        let said = slippage(450);
        assert!(is_about(said.of_purchase(&small(), spent, false).expect("a purchase").limit, 1_045_000_000));
        assert!(is_about(said.of_sale(&small(), sold, false).expect("a sale").limit, 955_000_000));
        assert!(slippage(300).of_sale(&small(), sold, false).expect("a sale").stopped.is_some());
    }

    #[test]
    fn several_orders_move_the_price_no_farther_than_one() {
        let part = TaoBalance::from_rao(20_000_000);
        let first = BY_DEFAULT.of_purchase(&small(), part, false).expect("a purchase");
        let second = BY_DEFAULT.of_purchase(&first.left, part, false).expect("a purchase");
        assert_eq!(first.stopped, None);
        assert!(second.stopped.is_some_and(|why| why.contains("by 8.1")), "1.04 squared");
        assert!(second.brings < first.brings);
        let named = slippage(450);
        let next = named.of_purchase(&first.left, part, false).expect("a purchase");
        assert_eq!(next.limit, named.of_purchase(&small(), part, false).expect("a purchase").limit);
    }

    #[test]
    fn a_part_goes_as_far_as_the_limit() {
        let much = TaoBalance::from_rao(500_000_000);
        let part = BY_DEFAULT.of_purchase(&small(), much, true).expect("a purchase");
        assert!(part.stopped.is_none() && is_about(part.limit, 1_055_000_000), "{part:?}");
        // The square root of 1.055.
        assert!(part.takes.to_rao().abs_diff(27_132_000) < 1_000, "{part:?}");
        assert!(part.in_words().starts_with("moving the price by 5.5"), "{}", part.in_words());
        let sold = BY_DEFAULT.of_sale(&small(), AlphaBalance::from_rao(500_000_000), true).expect("a sale");
        assert!(sold.stopped.is_none() && sold.takes.to_rao() < 30_000_000, "{sold:?}");
    }

    #[test]
    fn an_order_is_said_with_what_it_does_to_the_price() {
        let quarter = AlphaBalance::from_rao(250_000_000);
        // The reserves become 4/5 and 5/4 of what they were.
        let sale = BY_DEFAULT.of_sale(&small(), quarter, false).expect("a sale");
        assert!(sale.brings.to_rao().abs_diff(200_000_000) <= 1, "{sale:?}");
        assert!(sale.in_words().starts_with("moving the price by 36.0"), "{sale:?}");
        assert!(sale.check("selling").is_err_and(|why| why.to_string().ends_with("nothing was sent")));
        let any = PriceLimit { no_limit: true, ..BY_DEFAULT };
        let unlimited = any.of_sale(&small(), quarter, false).expect("a sale");
        assert_eq!((unlimited.brings, unlimited.limit, unlimited.stopped), (sale.brings, None, None));
        // Where alpha is TAO the price cannot move.
        let root = Exchange::new(Market::Stable, Fee::NONE);
        let root = BY_DEFAULT.of_sale(&root, quarter, false).expect("a sale");
        assert_eq!((root.brings, root.limit), (TaoBalance::from_rao(250_000_000), Some(995_000_000)));
        assert_eq!(root.in_words(), "limit 0.9950 τ per alpha");
    }
}

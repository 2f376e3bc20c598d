//! How far the price of an order may differ from the expected one.
//!
//! Every order names a price limit unless the user opts out: the price that it leaves by itself, with a margin for
//! other orders before it. Beyond the limit the chain executes nothing, or a part if that is allowed. An order that
//! moves the price far by itself is not sent unless the user names a limit.

use clap::Args;
use myelin_chain_client::{ChainClient, ChainError, Hash};
use myelin_economy::pool::{price_to_rao, Fee, Market, Pool, Price, QuoteWeight, SwapError, Terms, Trade};
use myelin_units::{AlphaBalance, TaoBalance};

use crate::output::{self, fail, tao, Failure};

/// A price limit, and whether a part of the order suffices.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Price limit")]
pub struct Limit {
    #[command(flatten)]
    pub price: PriceLimit,
    /// Execute the part that the limit allows instead of nothing.
    #[arg(long, aliases = ["allow-partial-stake", "allow-partial", "allow"], conflicts_with = "no_limit")]
    pub partial: bool,
}

/// A price limit.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Price limit")]
pub struct PriceLimit {
    /// Most that the price may get worse than now, in percent; by default the order's own effect on it, up to 5, and
    /// 0.5 more.
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
    /// Accept any price.
    #[arg(long, aliases = ["unsafe", "no-safe-staking"], conflicts_with_all = ["slippage", "tolerance", "limit_price"])]
    pub no_limit: bool,
}

/// Most that an order may move the price by itself if no limit is named, in basis points.
const FAR: u64 = 500;

/// Margin for other orders if no limit is named, in basis points.
const ROOM: u64 = 50;

/// The exchange of a subnet's alpha.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Exchange {
    /// The market after the orders before this one.
    pub market: Market,
    /// Its fee.
    pub fee: Fee,
    /// The price before the first order, from which limits count.
    now: Price,
}

impl Exchange {
    /// The exchange before any order.
    pub fn new(market: Market, fee: Fee) -> Self {
        Exchange { market, fee, now: market.price() }
    }

    /// The price before any order.
    pub fn price(&self) -> TaoBalance {
        TaoBalance::from_rao(price_to_rao(self.now))
    }
}

/// Effect of an order.
#[derive(Debug, PartialEq)]
pub struct Quote<In, Out> {
    /// Amount that it takes.
    pub takes: In,
    /// Amount that it brings.
    pub brings: Out,
    /// Part of the taken amount that the pool keeps.
    pub fee: In,
    /// The price limit to name; `None` for any price.
    pub limit: Option<u64>,
    /// Reason for not sending it.
    pub stopped: Option<String>,
    /// The exchange after it.
    pub left: Exchange,
    partial: bool,
}

impl<In, Out> Quote<In, Out> {
    /// The effect on the price, with the orders before this one; then the limit, and what happens at it.
    pub fn in_words(&self) -> String {
        let moves = match moved(self.left.now, self.left.market.price()) {
            0 => String::new(),
            moves => format!("moving the price by {}, ", in_percent(moves)),
        };
        let Some(rao) = self.limit else { return format!("{moves}no limit") };
        let otherwise = if self.partial { ", or the part that it allows" } else { "" };
        format!("{moves}limit {} per alpha{otherwise}", tao(TaoBalance::from_rao(rao)))
    }

    /// Fails if the order is not to be sent; `what` describes it.
    pub fn check(&self, what: &str) -> Result<(), Failure> {
        self.stopped.as_ref().map_or(Ok(()), |why| fail(format!("{what}: {why}; nothing was sent")))
    }
}

/// Basis points in percent.
pub fn in_percent(points: u64) -> String {
    format!("{}.{:02}%", points / 100, points % 100)
}

/// Difference of a price from the former one in basis points, rounded up.
pub fn moved(now: Price, then: Price) -> u64 {
    let by = now.to_bits().abs_diff(then.to_bits()).saturating_mul(10_000);
    by.checked_div(now.to_bits()).map_or(0, |_| u64::try_from(by.div_ceil(now.to_bits())).unwrap_or(u64::MAX))
}

impl PriceLimit {
    /// Fails if one price is to bind orders on several subnets, whose prices are independent.
    pub fn fits(&self, netuids: &[u16]) -> Result<(), Failure> {
        if self.limit_price.is_some() && netuids.len() > 1 {
            return fail(
                "--limit-price is the price of one subnet; for several, --slippage binds each to its own",
            );
        }
        Ok(())
    }

    /// The user's limit as a distance from the present price, in basis points.
    pub fn said(&self) -> Option<u64> {
        self.tolerance.map(|e9| e9 / 100_000).or(self.slippage)
    }

    /// Reason for stopping an order that moves the price by itself by so many basis points. It cannot be executed as a
    /// whole, or is probably a mistake.
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

    /// The reference price, and the distance of the limit from it in basis points; `alone` is the price after the order
    /// alone.
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

    /// A purchase by itself, and the highest price to pay for it. With `partial` it is cut to the part that this price
    /// allows.
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

    /// A sale by itself, and the lowest price to accept for it. With `partial` it is cut to the part that this price
    /// allows.
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

/// The market after a purchase.
pub fn after_purchase(market: &Market, purchase: &Trade<TaoBalance, AlphaBalance>) -> Market {
    match market {
        Market::Dynamic(pool) => Market::Dynamic(pool.after_buy(purchase)),
        Market::Stable => Market::Stable,
    }
}

/// The market after a sale.
pub fn after_sale(market: &Market, sale: &Trade<AlphaBalance, TaoBalance>) -> Market {
    match market {
        Market::Dynamic(pool) => Market::Dynamic(pool.after_sale(sale)),
        Market::Stable => Market::Stable,
    }
}

/// The exchange of a subnet's alpha at the best block.
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

/// The market of a subnet's alpha after a block; the best one by default.
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
        // The default limit counts from the price that the order leaves, if that is near.
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
        // A price can more than double, which a percentage up to 100 cannot express.
        for large in [20_000, u64::MAX] {
            assert!(stopped(BY_DEFAULT, large).is_some_and(|why| why.contains("--no-limit")));
        }
        assert_eq!(stopped(PriceLimit { no_limit: true, ..BY_DEFAULT }, 20_000), None);
        assert_eq!(stopped(PriceLimit { limit_price: Some(1), ..BY_DEFAULT }, 20_000), None);
    }

    /// A pool of one TAO and one alpha, so that a share of it moves the price by twice this share.
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
        // The reserves change by factors of 1.02 and 1/1.02; half a percent comes on top.
        let purchase = BY_DEFAULT.of_purchase(&small(), spent, false).expect("a purchase");
        assert!(is_about(purchase.limit, 1_045_602_000) && purchase.stopped.is_none(), "{purchase:?}");
        let sale = BY_DEFAULT.of_sale(&small(), sold, false).expect("a sale");
        assert!(is_about(sale.limit, 956_362_937) && sale.stopped.is_none(), "{sale:?}");
        // A user's limit counts from the present price.
        let said = slippage(450);
        assert!(is_about(said.of_purchase(&small(), spent, false).expect("a purchase").limit, 1_045_000_000));
        assert!(is_about(said.of_sale(&small(), sold, false).expect("a sale").limit, 955_000_000));
        assert!(slippage(300).of_sale(&small(), sold, false).expect("a sale").stopped.is_some());
    }

    #[test]
    fn an_order_that_is_worth_nothing_is_refused_for_that_reason() {
        let [tao, alpha] = [4_000_000_000, 1_000_000_000];
        let pool = Pool::balanced(TaoBalance::from_rao(tao), AlphaBalance::from_rao(alpha));
        let expensive = Exchange::new(Market::Dynamic(pool), Fee::NONE);
        let buys = |rao| BY_DEFAULT.of_purchase(&expensive, TaoBalance::from_rao(rao), false);
        let said = buys(1).expect_err("a quarter of a rao").to_string();
        assert!(said.contains("worth less than 1 rao") && said.contains("offer more"), "{said}");
        assert!(buys(1_000).is_ok());
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
        // The reserves change by factors of 4/5 and 5/4.
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

//! Promises of one block: sandwiches lose, single orders notice nothing, the pool never pays more than its curve
//! allows.

use num_bigint::BigInt;
use proptest::{collection::vec, prelude::*};

use super::*;
use crate::pool::{Fee, QuoteWeight, Side, DEFAULT_FEE_RATE};

/// One order: the trader (0 is the attacker, others are victims or neutral), one of two pools, and an amount. The
/// amount is in thousandths of the reserve that it enters, or of the attacker's remaining stock.
#[derive(Clone, Copy, Debug)]
enum Order {
    Buy {
        who: usize,
        pool: usize,
        permille: u64,
        fee: bool,
    },
    Sell {
        who: usize,
        pool: usize,
        permille: u64,
        fee: bool,
    },
    /// Sells on one pool and buys on the other with the proceeds, as `swap_stake` does.
    Swap {
        who: usize,
        from: usize,
        permille: u64,
        fee: bool,
    },
}

const TRADERS: usize = 3;
const POOLS: usize = 2;

/// A subnet in one block.
#[derive(Clone, Copy, Debug)]
struct Book {
    opening: Pool,
    pool: Pool,
    trades: BlockTrades,
}

impl Book {
    fn new(pool: Pool) -> Self {
        Book { opening: pool, pool, trades: BlockTrades::default() }
    }

    fn buy(&mut self, rao: u64, terms: Terms) -> Option<Trade<TaoBalance, AlphaBalance>> {
        let trade = self.trades.buy(&self.pool, TaoBalance::from_rao(rao), terms).ok()?;
        self.pool = self.pool.after_buy(&trade);
        self.trades = self.trades.after_buy(&trade);
        Some(trade)
    }

    fn sell(&mut self, rao: u64, terms: Terms) -> Option<Trade<AlphaBalance, TaoBalance>> {
        let trade = self.trades.sell(&self.pool, AlphaBalance::from_rao(rao), terms).ok()?;
        self.pool = self.pool.after_sale(&trade);
        self.trades = self.trades.after_sale(&trade);
        Some(trade)
    }

    /// Amounts of TAO and alpha at the opening price, times w_q·x of the opening, so that it is whole.
    fn worth(&self, tao: i128, alpha: i128) -> BigInt {
        let Pool { tao: y, alpha: x, weight } = self.opening;
        BigInt::from(tao) * weight.quote_e18() * x.to_rao()
            + BigInt::from(alpha) * weight.base_e18() * y.to_rao()
    }
}

/// Gains and losses of a trader in a block, in rao, separately for each pool.
#[derive(Clone, Copy, Default, Debug)]
struct Gains {
    tao: [i128; POOLS],
    alpha: [i128; POOLS],
}

fn any_weight() -> impl Strategy<Value = QuoteWeight> {
    prop_oneof![
        3 => Just(QuoteWeight::UNIT / 2),
        1 => QuoteWeight::MIN..=QuoteWeight::MAX,
        1 => Just(QuoteWeight::UNIT / 2 - 1),
    ]
    .prop_map(|e18| QuoteWeight::new(e18).expect("in range"))
}

fn any_pool() -> impl Strategy<Value = Pool> {
    let reserve =
        || (10u32..54).prop_flat_map(|bits| (1u64 << bits).max(1_000_000)..=1 << (bits + 1).max(21));
    (reserve(), reserve(), any_weight()).prop_map(|(y, x, weight)| Pool {
        tao: TaoBalance::from_rao(y),
        alpha: AlphaBalance::from_rao(x),
        weight,
    })
}

fn any_order() -> impl Strategy<Value = Order> {
    let size = || prop_oneof![3 => 1u64..200, 1 => 200u64..3000];
    let who = || 0..TRADERS;
    prop_oneof![
        (who(), 0..POOLS, size(), any::<bool>()).prop_map(|(who, pool, permille, fee)| Order::Buy {
            who,
            pool,
            permille,
            fee
        }),
        (who(), 0..POOLS, size(), any::<bool>()).prop_map(|(who, pool, permille, fee)| Order::Sell {
            who,
            pool,
            permille,
            fee
        }),
        (who(), 0..POOLS, size(), any::<bool>()).prop_map(|(who, from, permille, fee)| Order::Swap {
            who,
            from,
            permille,
            fee
        }),
    ]
}

fn terms(fee: bool) -> Terms {
    if fee {
        Terms::with_fee(Fee(DEFAULT_FEE_RATE))
    } else {
        Terms::FREE
    }
}

fn share(of: u64, permille: u64) -> u64 {
    u64::try_from(u128::from(of) * u128::from(permille) / 1000).unwrap_or(u64::MAX)
}

/// Runs the orders of a block. Traders have inventory beyond what any order needs: the worst case for the others.
fn run_block(books: &mut [Book; POOLS], orders: &[Order]) -> [Gains; TRADERS] {
    let mut gains = [Gains::default(); TRADERS];
    for order in orders {
        match *order {
            Order::Buy { who, pool, permille, fee } => {
                let amount = share(books[pool].opening.tao.to_rao(), permille);
                if let Some(trade) = books[pool].buy(amount, terms(fee)) {
                    gains[who].tao[pool] -= i128::from(trade.consumed().to_rao());
                    gains[who].alpha[pool] += i128::from(trade.amount_out.to_rao());
                }
            }
            Order::Sell { who, pool, permille, fee } => {
                let amount = share(books[pool].opening.alpha.to_rao(), permille);
                if let Some(trade) = books[pool].sell(amount, terms(fee)) {
                    gains[who].alpha[pool] -= i128::from(trade.consumed().to_rao());
                    gains[who].tao[pool] += i128::from(trade.amount_out.to_rao());
                    // The fee is sold again, without a fee, for the block's author.
                    let _ = books[pool].sell(trade.fee.to_rao(), Terms::FREE);
                }
            }
            Order::Swap { who, from, permille, fee } => {
                let to = 1 - from;
                let amount = share(books[from].opening.alpha.to_rao(), permille);
                let Some(sale) = books[from].sell(amount, terms(fee)) else { continue };
                gains[who].alpha[from] -= i128::from(sale.consumed().to_rao());
                gains[who].tao[from] += i128::from(sale.amount_out.to_rao());
                if let Some(buy) = books[to].buy(sale.amount_out.to_rao(), Terms::FREE) {
                    gains[who].tao[to] -= i128::from(buy.consumed().to_rao());
                    gains[who].alpha[to] += i128::from(buy.amount_out.to_rao());
                }
            }
        }
    }
    gains
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// Covers front-runs, back-runs, sales first, split orders, several victims and moves between two subnets, with and
    /// without fees. A trader's holdings after a block are worth no more than before at the opening prices. Exact, to
    /// the rao and below.
    #[test]
    fn no_trader_gains_within_a_block(first in any_pool(), second in any_pool(), orders in vec(any_order(), 1..14)) {
        let mut books = [Book::new(first), Book::new(second)];
        for gains in run_block(&mut books, &orders) {
            for (pool, book) in books.iter().enumerate() {
                let worth = book.worth(gains.tao[pool], gains.alpha[pool]);
                prop_assert!(worth <= BigInt::ZERO, "{:?} on pool {}: {}", gains, pool, worth);
            }
        }
    }

    /// A trader that ends a block with the alpha it began with has no more TAO, at any price.
    #[test]
    fn a_round_trip_around_other_orders_never_gains_a_rao(
        pool in any_pool(), front in 1u64..2000, sell_first: bool, victims in vec(any_order(), 0..6)
    ) {
        let mut books = [Book::new(pool), Book::new(pool)];
        let started = if sell_first {
            books[0].sell(share(pool.alpha.to_rao(), front), Terms::FREE).map(|t| (t.amount_in.to_rao(), t.amount_out.to_rao()))
        } else {
            books[0].buy(share(pool.tao.to_rao(), front), Terms::FREE).map(|t| (t.amount_in.to_rao(), t.amount_out.to_rao()))
        };
        let Some((given, got)) = started else { return Ok(()) };
        run_block(&mut books, &victims);
        let back = if sell_first {
            books[0].buy(got, Terms::FREE).map(|t| t.amount_out.to_rao())
        } else {
            books[0].sell(got, Terms::FREE).map(|t| t.amount_out.to_rao())
        };
        prop_assert!(back.unwrap_or(0) <= given, "{:?} for {}", back, given);
    }

    /// A round trip over two blocks does not gain either: rounding is in the pool's favour whatever its weights.
    #[test]
    fn a_round_trip_over_two_blocks_never_gains_a_rao(pool in any_pool(), permille in 1u64..2000, rao in 1u64..100_000, small: bool, sell_first: bool) {
        let amount = |reserve: u64| if small { rao } else { share(reserve, permille) };
        let mut first = Book::new(pool);
        let (given, back) = if sell_first {
            let Some(sold) = first.sell(amount(pool.alpha.to_rao()), Terms::FREE) else { return Ok(()) };
            let bought = Book::new(first.pool).buy(sold.amount_out.to_rao(), Terms::FREE);
            (sold.amount_in.to_rao(), bought.map_or(0, |trade| trade.amount_out.to_rao()))
        } else {
            let Some(bought) = first.buy(amount(pool.tao.to_rao()), Terms::FREE) else { return Ok(()) };
            let sold = Book::new(first.pool).sell(bought.amount_out.to_rao(), Terms::FREE);
            (bought.amount_in.to_rao(), sold.map_or(0, |trade| trade.amount_out.to_rao()))
        };
        prop_assert!(back <= given, "{} for {}", back, given);
    }

    /// Orders of one direction get the same amounts as from the pool alone; selling the fee of a sale is such an order.
    #[test]
    fn orders_of_one_direction_get_the_reference_amounts(pool in any_pool(), amounts in vec(1u64..900, 1..5), side in prop_oneof![Just(Side::Buy), Just(Side::Sell)]) {
        let mut book = Book::new(pool);
        for permille in amounts {
            let alone = book.pool;
            let (reference, got) = match side {
                Side::Buy => {
                    let amount = share(pool.tao.to_rao(), permille);
                    let reference = alone.buy(TaoBalance::from_rao(amount), terms(true)).map(|t| (t.consumed().to_rao(), t.amount_out.to_rao()));
                    (reference.ok(), book.buy(amount, terms(true)).map(|t| (t.consumed().to_rao(), t.amount_out.to_rao())))
                }
                Side::Sell => {
                    let amount = share(pool.alpha.to_rao(), permille);
                    let reference = alone.sell(AlphaBalance::from_rao(amount), terms(true)).map(|t| (t.consumed().to_rao(), t.amount_out.to_rao()));
                    (reference.ok(), book.sell(amount, terms(true)).map(|t| (t.consumed().to_rao(), t.amount_out.to_rao())))
                }
            };
            // Equal, except for the rao that the protocol's rounding would pay beyond the curve.
            let (Some(reference), Some(got)) = (reference, got) else { break };
            // That rao may be the last one of a pool: the protocol then fills the order in part.
            let reserve = match side {
                Side::Buy => alone.alpha.to_rao(),
                Side::Sell => alone.tao.to_rao(),
            };
            if got.1 + 1 == reserve {
                break;
            }
            prop_assert_eq!(reference.0, got.0);
            prop_assert!(got.1 == reference.1 || got.1 + 1 == reference.1, "{:?} {:?}", got, reference);
        }
    }

    /// An order never gets more than it would get alone from the real pool, and the pool can pay it.
    #[test]
    fn no_side_pays_more_than_the_pool_itself(pool in any_pool(), orders in vec(any_order(), 0..8), permille in 1u64..2000) {
        let mut books = [Book::new(pool), Book::new(pool)];
        run_block(&mut books, &orders);
        let Book { pool, trades, .. } = books[0];
        let (ask, bid) = (trades.ask(&pool), trades.bid(&pool));
        prop_assert!(ask.alpha <= pool.alpha && ask.tao >= pool.tao);
        prop_assert!(bid.tao <= pool.tao && bid.alpha >= pool.alpha);
        let net = TaoBalance::from_rao(share(pool.tao.to_rao(), permille));
        prop_assert!(ask.alpha_out(net) <= pool.alpha_out(net));
        let net = AlphaBalance::from_rao(share(pool.alpha.to_rao(), permille));
        prop_assert!(bid.tao_out(net) <= pool.tao_out(net));
    }

    /// x·y of a pool of equal weights never falls, not by a rao.
    #[test]
    fn the_product_of_a_balanced_pool_never_falls(pool in any_pool(), orders in vec(any_order(), 1..10)) {
        let pool = Pool { weight: QuoteWeight::HALF, ..pool };
        let mut books = [Book::new(pool), Book::new(pool)];
        let product = |pool: &Pool| u128::from(pool.tao.to_rao()) * u128::from(pool.alpha.to_rao());
        for order in orders {
            let before = product(&books[0].pool);
            run_block(&mut books, &[order]);
            prop_assert!(product(&books[0].pool) >= before);
        }
    }

    /// A limit holds for the price that the order really gets, not for the price of the pool.
    #[test]
    fn a_limit_order_stops_at_its_own_sides_limit(pool in any_pool(), orders in vec(any_order(), 0..6), permille in 1u64..3000, percent in 1u64..100) {
        let mut books = [Book::new(pool), Book::new(pool)];
        run_block(&mut books, &orders);
        let limit = pool.price() * myelin_units::U64F64::from_ratio(100 + percent, 100u64);
        let order = Terms { fee: Fee::NONE, limit: Some(limit) };
        if let Some(trade) = books[0].buy(share(pool.tao.to_rao(), permille), order) {
            // No alpha was more expensive than the limit, so neither is the average.
            let paid = BigInt::from(trade.amount_in.to_rao()) << 64;
            let most = BigInt::from(limit.to_bits()) * (trade.amount_out.to_rao() + 2);
            // The protocol's price is floored at 2⁻⁶⁴ and the power at 10⁻¹⁸.
            prop_assert!(paid <= most.clone() + most / 100_000_000 + (BigInt::from(1) << 64), "{:?}", trade);
        }
    }
}

/// A pool of 1000 TAO and 1000 alpha, as in decision 0018.
fn example() -> Book {
    let rao = 1000 * myelin_units::balance::RAO_PER_TOKEN;
    Book::new(Pool::balanced(TaoBalance::from_rao(rao), AlphaBalance::from_rao(rao)))
}

const UNIT: u64 = myelin_units::balance::RAO_PER_TOKEN;

/// Profit in rao of a buy of `front` before and a sale of everything after a victim's buy, with the official rule.
fn official_sandwich(front: u64, victim: u64) -> i128 {
    let order = terms(true);
    let pool = example().pool;
    let bought = pool.buy(TaoBalance::from_rao(front), order).expect("a small order");
    let pool = pool.after_buy(&bought);
    let others = pool.buy(TaoBalance::from_rao(victim), order).expect("a small order");
    let sold = pool.after_buy(&others).sell(bought.amount_out, order).expect("a small order");
    i128::from(sold.amount_out.to_rao()) - i128::from(bought.consumed().to_rao())
}

/// The same within one block of ours.
fn sandwich(front: u64, victim: u64) -> i128 {
    let mut book = example();
    let bought = book.buy(front, terms(true)).expect("a small order");
    book.buy(victim, terms(true)).expect("a small order");
    let sold = book.sell(bought.amount_out.to_rao(), terms(true)).expect("a small order");
    i128::from(sold.amount_out.to_rao()) - i128::from(bought.consumed().to_rao())
}

/// The figures of decision 0018: the best sandwich of a victim's buy, in steps of 10 TAO.
#[test]
fn the_best_sandwich_took_most_of_the_victims_order_and_now_loses() {
    let fronts = || (1..=1000u64).map(|i| i * 10 * UNIT);
    for (victim, front, earned) in [(10, 2310, 7568), (50, 4760, 45_663), (100, 6270, 94_485)] {
        let best = fronts().max_by_key(|&front| official_sandwich(front, victim * UNIT)).expect("some");
        let profit = official_sandwich(best, victim * UNIT);
        assert_eq!((best / UNIT, profit / i128::from(UNIT / 1000)), (front, earned), "victim {victim}");
        assert!(fronts().all(|front| sandwich(front, victim * UNIT) < 0));
        assert!(sandwich(UNIT / 1000, victim * UNIT) < 0);
    }
}

/// The effect of honest opposite orders of one block on each other: a seller behind a buyer gets the same amount as
/// without the buyer.
#[test]
fn a_sale_behind_a_buy_gets_what_it_would_get_alone() {
    let alone = example().sell(10 * UNIT, Terms::FREE).expect("a small order");
    let mut book = example();
    book.buy(10 * UNIT, Terms::FREE).expect("a small order");
    let behind = book.sell(10 * UNIT, Terms::FREE).expect("a small order");
    assert_eq!(behind, alone);
    // Officially it would have sold at the price that the buy left.
    let pool = example().pool;
    let bought = pool.buy(TaoBalance::from_rao(10 * UNIT), Terms::FREE).expect("a small order");
    let official = pool.after_buy(&bought).sell(AlphaBalance::from_rao(10 * UNIT), Terms::FREE);
    let missed = official.expect("a small order").amount_out.saturating_sub(behind.amount_out);
    assert_eq!(missed.to_rao() / 1_000_000, 198, "milli-TAO of about 10");
    // The difference is in the pool: with the curve of the opening the same alpha would stand for less TAO.
    assert!(book.pool.tao.to_rao() > 1000 * UNIT && book.pool.alpha.to_rao() > 1000 * UNIT);
}

//! Promises of a pool to traders and to itself.

use super::*;
use num_bigint::BigUint;
use proptest::prelude::*;

fn tao(rao: u64) -> TaoBalance {
    TaoBalance::from_rao(rao)
}

fn alpha(rao: u64) -> AlphaBalance {
    AlphaBalance::from_rao(rao)
}

/// Numbers spread evenly over their orders of magnitude.
fn spread(max_bits: u32) -> impl Strategy<Value = u64> {
    (any::<u64>(), 64 - max_bits..64).prop_map(|(value, shift)| (value >> shift).max(1))
}

fn any_weight() -> impl Strategy<Value = QuoteWeight> {
    prop_oneof![
        Just(QuoteWeight::UNIT / 2),
        QuoteWeight::MIN..=QuoteWeight::MAX,
        Just(QuoteWeight::MIN),
        Just(QuoteWeight::MAX)
    ]
    .prop_map(|e18| QuoteWeight::new(e18).expect("in range"))
}

/// A pool with 1 to 10 million tokens on each side.
fn any_pool() -> impl Strategy<Value = Pool> {
    let reserve = || 1_000_000_000u64..10_000_000_000_000_000;
    (reserve(), reserve(), any_weight()).prop_map(|(y, x, weight)| Pool {
        tao: tao(y),
        alpha: alpha(x),
        weight,
    })
}

fn free() -> Terms {
    Terms { fee: Fee::NONE, limit: None }
}

/// Terms under which no price stops an order.
fn unlimited(side: Side, fee: Fee) -> Terms {
    let limit = match side {
        Side::Buy => U64F64::MAX,
        Side::Sell => U64F64::ZERO,
    };
    Terms { fee, limit: Some(limit) }
}

mod power {
    use super::*;

    /// `k ≤ 10¹⁸·(n/d)^(p/q)` in whole numbers, by the definition.
    fn at_least(k: u128, n: u64, d: u64, p: u32, q: u32) -> bool {
        let unit = BigUint::from(QuoteWeight::UNIT);
        BigUint::from(k).pow(q) * BigUint::from(d).pow(p) <= unit.pow(q) * BigUint::from(n).pow(p)
    }

    proptest! {
        #[test]
        fn power_is_the_floor_of_the_real_number(n in spread(64), d in spread(64), p in 1u32..12, q in 1u32..12) {
            let k = power_e18(u128::from(n), u128::from(d), u64::from(p), u64::from(q));
            prop_assert!(k == u128::MAX || !at_least(k + 1, n, d, p, q));
            prop_assert!(at_least(k, n, d, p, q));
        }

        #[test]
        fn exact_roots_are_exact(a in 1u64..1000, b in 1u64..1000, q in 1u32..6, p in 1u32..6) {
            let (n, d) = (u128::from(a).pow(q), u128::from(b).pow(q));
            let exact = BigUint::from(QuoteWeight::UNIT) * BigUint::from(a).pow(p) / BigUint::from(b).pow(p);
            prop_assert_eq!(BigUint::from(power_e18(n, d, u64::from(p), u64::from(q))), exact);
        }

        #[test]
        fn power_grows_with_the_ratio(n in spread(63), d in spread(63), step in spread(40), e in 1u64.., f in 1u64..) {
            let (e, f) = (e % QuoteWeight::UNIT + 1, f % QuoteWeight::UNIT + 1);
            let low = power_e18(u128::from(n), u128::from(d), e, f);
            let high = power_e18(u128::from(n) + u128::from(step), u128::from(d), e, f);
            prop_assert!(low <= high);
        }

        #[test]
        fn nothing_panics(n: u128, d: u128, e: u64, f: u64) {
            let _ = (power_e18(n, d, e, f), power_e18(n, 0, e, f), power_e18(0, d, e, f), power_e18(n, d, e, 0));
        }
    }

    #[test]
    fn edges_have_their_limits() {
        let unit = u128::from(QuoteWeight::UNIT);
        assert_eq!(power_e18(0, 5, 1, 2), 0);
        assert_eq!(power_e18(0, 5, 0, 2), unit);
        assert_eq!(power_e18(5, 0, 1, 2), u128::MAX);
        assert_eq!(power_e18(7, 7, 3, 999_999_999), unit);
        assert_eq!(power_e18(u128::MAX, 1, 99, 1), u128::MAX);
        assert_eq!(power_e18(1, u128::MAX, 99, 1), 0);
        assert_eq!(power_e18(u128::MAX, u128::MAX - 1, 1, 1), unit);
        assert_eq!(power_e18(1, 2, u64::MAX, 1), 0);
    }

    #[test]
    fn exponents_that_share_a_factor_are_one_exponent() {
        let sixty = power_e18(3, 4, 600_000_000_000_000_000, 400_000_000_000_000_000);
        assert_eq!(sixty, power_e18(3, 4, 3, 2));
    }
}

mod swaps {
    use super::*;

    #[test]
    fn equal_weights_trade_along_the_constant_product() {
        let pool = Pool::balanced(tao(1_000_000_000), alpha(4_000_000_000));
        let bought = pool.buy(tao(1_000_000_000), free()).expect("within all limits");
        assert_eq!(bought.amount_out, alpha(2_000_000_000));
        let sold = pool.after_buy(&bought).sell(bought.amount_out, free()).expect("within all limits");
        assert_eq!(sold.amount_out, tao(1_000_000_000));
    }

    #[test]
    fn orders_are_refused_by_the_protocols_names() {
        let pool = Pool::balanced(tao(1_000_000), alpha(1_000_000));
        let name = |result: Result<_, SwapError>| {
            result.map(|_: Trade<TaoBalance, AlphaBalance>| ()).map_err(|e| e.name())
        };
        assert_eq!(
            name(pool.buy(tao(1_000_000_001), unlimited(Side::Buy, Fee::NONE))),
            Err("SwapInputTooLarge")
        );
        assert_eq!(name(pool.buy(tao(1), free().limited(1_000_000_000))), Err("PriceLimitExceeded"));
        let poor = Pool::balanced(tao(1_000_000), alpha(999_999));
        assert_eq!(name(poor.buy(tao(1), free())), Err("ReservesTooLow"));
        let dear = Pool::balanced(tao(1_000_000_000), alpha(1_000_000));
        assert_eq!(
            name(dear.buy(tao(1), free())),
            Err("ReservesTooLow"),
            "one rao of TAO buys no rao of alpha"
        );
    }

    #[test]
    fn a_reserve_that_would_not_pay_refuses_only_its_own_side() {
        let pool = Pool::balanced(tao(999_999), alpha(2_000_000));
        assert!(pool.buy(tao(1000), free()).is_ok());
        assert!(matches!(
            pool.sell(alpha(1000), free()),
            Err(SwapError::ReservesTooLow { reserve: 999_999 })
        ));
    }

    #[test]
    fn an_order_that_would_empty_the_pool_stops_at_its_limit() {
        // With 99 % of the weight on TAO, a thousand times the reserve buys every last rao of alpha, at any price.
        let weight = QuoteWeight::new(QuoteWeight::MAX).expect("in range");
        let pool = Pool { tao: tao(1_000_000_000), alpha: alpha(1_000_000_000), weight };
        assert_eq!(pool.alpha_out(tao(1_000_000_000_000)), pool.alpha);
        let limit = pool.price() * U64F64::from_int(2);
        let trade = pool
            .buy(tao(1_000_000_000_000), Terms { fee: Fee::NONE, limit: Some(limit) })
            .expect("up to the limit");
        assert!(trade.amount_in < tao(10_000_000), "{trade:?}");
        assert!(pool.after_buy(&trade).price() <= limit);
    }

    #[test]
    fn nothing_offered_is_nothing_traded() {
        let pool = Pool::balanced(tao(1_000_000), alpha(1_000_000));
        let trade = pool.buy(TaoBalance::ZERO, free()).expect("an empty order");
        assert_eq!((trade.consumed(), trade.amount_out), (TaoBalance::ZERO, AlphaBalance::ZERO));
    }

    #[test]
    fn the_fee_is_floored_twice() {
        assert_eq!(Fee(33).on_gross(1_000), 0);
        assert_eq!(Fee(33).on_gross(123_456), 62);
        assert_eq!(Fee(33).on_net(65_502), 33);
        assert_eq!(Fee(u16::MAX).on_net(5), 0);
    }

    proptest! {
        #[test]
        fn a_buy_consumes_what_was_offered_at_most(pool in any_pool(), offer in spread(62), fee in 0..=MAX_FEE_RATE, limit in spread(60)) {
            if let Ok(trade) = pool.buy(tao(offer), Terms::with_fee(Fee(fee)).limited(limit)) {
                prop_assert!(trade.consumed() <= tao(offer));
                prop_assert!(trade.amount_out <= pool.alpha);
                prop_assert!(trade.amount_in.is_zero() || !trade.amount_out.is_zero());
            }
        }

        #[test]
        fn a_sale_consumes_what_was_offered_at_most(pool in any_pool(), offer in spread(62), fee in 0..=MAX_FEE_RATE, limit in spread(60)) {
            if let Ok(trade) = pool.sell(alpha(offer), Terms::with_fee(Fee(fee)).limited(limit)) {
                prop_assert!(trade.consumed() <= alpha(offer));
                prop_assert!(trade.amount_out <= pool.tao);
                prop_assert!(trade.amount_in.is_zero() || !trade.amount_out.is_zero());
            }
        }

        /// x·y of a balanced pool never falls but for the rao that the prescribed 10⁻¹⁸ rounding of the power may cost.
        #[test]
        fn the_product_of_a_balanced_pool_does_not_fall(y in 1_000_000u64..1 << 54, x in 1_000_000u64..1 << 54, offer in spread(60)) {
            let pool = Pool::balanced(tao(y), alpha(x));
            let product = |y: u64, x: u64| u128::from(y) * u128::from(x);
            if let Ok(trade) = pool.buy(tao(offer), unlimited(Side::Buy, Fee::NONE)) {
                let after = pool.after_buy(&trade);
                prop_assert!(product(after.tao.to_rao(), after.alpha.to_rao() + 1) >= product(y, x));
            }
            if let Ok(trade) = pool.sell(alpha(offer), unlimited(Side::Sell, Fee::NONE)) {
                let after = pool.after_sale(&trade);
                prop_assert!(product(after.tao.to_rao() + 1, after.alpha.to_rao()) >= product(y, x));
            }
        }

        #[test]
        fn buying_and_selling_back_earns_nothing(pool in any_pool(), offer in spread(56)) {
            if let Ok(bought) = pool.buy(tao(offer), unlimited(Side::Buy, Fee::NONE)) {
                let after = pool.after_buy(&bought);
                if let Ok(sold) = after.sell(bought.amount_out, unlimited(Side::Sell, Fee::NONE)) {
                    // One rao of alpha too many is worth the price at the top of the round trip.
                    let slack = 2 + after.price().floor_u64();
                    prop_assert!(sold.amount_out <= tao(offer.saturating_add(slack)), "{:?}", sold);
                }
            }
        }

        #[test]
        fn a_larger_order_gets_no_less(pool in any_pool(), offer in spread(56), more in spread(56)) {
            let small = pool.buy(tao(offer), unlimited(Side::Buy, Fee::NONE));
            let large = pool.buy(tao(offer.saturating_add(more)), unlimited(Side::Buy, Fee::NONE));
            if let (Ok(small), Ok(large)) = (small, large) {
                prop_assert!(small.amount_out <= large.amount_out);
            }
        }

        #[test]
        fn the_price_moves_against_the_trader_and_stops_near_the_limit(pool in any_pool(), offer in spread(58), percent in 1u64..300) {
            let price = pool.price();
            let up = price * U64F64::from_ratio(100 + percent, 100u64);
            let terms = Terms { fee: Fee::NONE, limit: Some(up) };
            if let Ok(trade) = pool.buy(tao(offer), terms) {
                let after = pool.after_buy(&trade).price();
                prop_assert!(after >= price || trade.amount_in.to_rao() < 10);
                prop_assert!(after <= up + up * U64F64::from_ratio(1, 100_000_000), "{} beyond {}", after, up);
            }
            let down = price * U64F64::from_ratio(100u64, 100 + percent);
            let terms = Terms { fee: Fee::NONE, limit: Some(down) };
            if let Ok(trade) = pool.sell(alpha(offer), terms) {
                let after = pool.after_sale(&trade).price();
                prop_assert!(after <= price + price * U64F64::from_ratio(1, 100_000_000));
                prop_assert!(after + down * U64F64::from_ratio(1, 100_000_000) >= down, "{} beyond {}", after, down);
            }
        }

        #[test]
        fn nothing_panics(y: u64, x: u64, offer: u64, fee: u16, limit: u128, weight in any_weight()) {
            let pool = Pool { tao: tao(y), alpha: alpha(x), weight };
            let terms = Terms { fee: Fee(fee), limit: Some(U64F64::from_bits(limit)) };
            let _ = (pool.buy(tao(offer), terms), pool.sell(alpha(offer), terms), pool.price(), pool.value_at_spot(alpha(offer)));
            let _ = pool.weight_after_injection(tao(offer), alpha(offer));
        }
    }
}

mod injections {
    use super::*;

    #[test]
    fn adding_in_proportion_keeps_the_weights() {
        let pool = Pool::balanced(tao(3_000_000_000), alpha(1_000_000_000));
        let after = pool.with_injection(tao(3_000), alpha(1_000)).expect("balanced");
        assert_eq!(after.weight, QuoteWeight::HALF);
        assert_eq!((after.tao, after.alpha), (tao(3_000_003_000), alpha(1_000_001_000)));
    }

    #[test]
    fn an_addition_beyond_the_weights_range_is_refused() {
        let pool = Pool::balanced(tao(1_000), alpha(1_000));
        assert_eq!(pool.with_injection(tao(1_000_000), AlphaBalance::ZERO), None);
        assert_eq!(pool.with_injection(TaoBalance::ZERO, alpha(1_000_000)), None);
        assert_eq!(
            Pool::balanced(tao(0), alpha(0)).weight_after_injection(tao(5), alpha(5)),
            Some(QuoteWeight::HALF)
        );
    }

    proptest! {
        #[test]
        fn an_injection_does_not_move_the_price(pool in any_pool(), y in spread(50), x in spread(50)) {
            if let Some(after) = pool.with_injection(tao(y), alpha(x)) {
                let (p, q) = (pool.price(), after.price());
                let gap = if p > q { p - q } else { q - p };
                // Weights are rounded to 10⁻¹⁸ and may be as small as 10⁻²; prices are floored at 2⁻⁶⁴.
                prop_assert!(gap <= p * U64F64::from_ratio(1, 1_000_000_000_000u64) + U64F64::from_bits(1 << 12), "{} {}", p, q);
            }
        }
    }
}

mod markets {
    use super::*;

    #[test]
    fn stable_subnets_exchange_one_to_one() {
        let trade = Market::Stable.buy(tao(5), Terms::with_fee(Fee(10_000))).expect("always");
        assert_eq!((trade.fee, trade.amount_out), (TaoBalance::ZERO, alpha(5)));
        assert_eq!(Market::Stable.price(), U64F64::ONE);
        let max_buy = |limit| Market::Stable.max_buy(limit, Fee::NONE);
        assert_eq!(
            (max_buy(999_999_999), max_buy(1_000_000_000)),
            (Ok(TaoBalance::ZERO), Ok(TaoBalance::MAX))
        );
        let max_sell = |limit| Market::Stable.max_sell(limit, Fee::NONE);
        assert_eq!(
            (max_sell(1_000_000_001), max_sell(1_000_000_000)),
            (Ok(AlphaBalance::ZERO), Ok(AlphaBalance::MAX))
        );
    }

    #[test]
    fn movement_between_pools_stops_at_the_wanted_ratio() {
        let market = |y, x| Market::Dynamic(Pool::balanced(tao(y), alpha(x)));
        let (one, two) = (market(1_000_000_000, 1_000_000_000), market(2_000_000_000, 1_000_000_000));
        let max = |from: &Market, to: &Market, ratio| {
            max_swap(from, to, ratio, Fee::NONE).expect("no pool is asked")
        };
        assert_eq!(max(&two, &one, 2_000_000_001), AlphaBalance::ZERO, "the ratio is 2 now");
        assert_eq!(max(&two, &one, 0), AlphaBalance::MAX);
        // A₂·T₁/(T₁+T₂)/ℓ − A₁·T₂/(T₁+T₂) = 10⁹·(2/3) − 10⁹/3.
        assert_eq!(max(&two, &one, 1_000_000_000), alpha(333_333_333));
        assert_eq!(max(&market(0, 5), &one, 0), AlphaBalance::ZERO);
        assert_eq!(max(&Market::Stable, &Market::Stable, 1_000_000_000), AlphaBalance::MAX);
        assert_eq!(max(&Market::Stable, &Market::Stable, 1_000_000_001), AlphaBalance::ZERO);
        assert_eq!(max(&Market::Stable, &one, 0), AlphaBalance::MAX);
        let bought = one.max_buy(4_000_000_000, Fee::NONE).expect("beyond the price");
        assert_eq!(max(&Market::Stable, &one, 250_000_000).to_rao(), bought.to_rao());
        let sold = one.max_sell(250_000_000, Fee::NONE).expect("beyond the price");
        assert_eq!(max(&one, &Market::Stable, 250_000_000), sold);
    }

    #[test]
    fn nothing_moves_between_pools_of_which_one_is_empty() {
        let market = |y, x| Market::Dynamic(Pool::balanced(tao(y), alpha(x)));
        let full = market(5_000, 5_000);
        for empty in [market(0, 5_000), market(5_000, 0), market(0, 0)] {
            for (from, to) in [(&empty, &full), (&full, &empty)] {
                assert_eq!(max_swap(from, to, 0, Fee::NONE), Ok(AlphaBalance::ZERO), "{from:?} to {to:?}");
            }
        }
    }

    /// The formula knows reserves only, so at the present ratio of pools with other weights there is something to move.
    #[test]
    fn the_present_ratio_is_not_above_itself() {
        let fifth = QuoteWeight::new(QuoteWeight::UNIT / 5).expect("in range");
        let one = Market::Dynamic(Pool::balanced(tao(1_000_000), alpha(1_000_000)));
        let other = Market::Dynamic(Pool { tao: tao(1_000_000), alpha: alpha(4_000_000), weight: fifth });
        assert_eq!((one.price(), other.price()), (U64F64::ONE, U64F64::ONE));
        assert_eq!(max_swap(&one, &other, 1_000_000_000, Fee::NONE), Ok(alpha(1_500_000)));
        assert_eq!(max_swap(&one, &other, 1_000_000_001, Fee::NONE), Ok(AlphaBalance::ZERO));
    }

    #[test]
    fn what_has_no_price_is_worth_nothing() {
        let market = |y, x| Market::Dynamic(Pool::balanced(tao(y), alpha(x)));
        assert_eq!(market(0, 5).alpha_worth(tao(1)), None);
        assert_eq!(market(1, u64::MAX).alpha_worth(tao(u64::MAX)), None, "more alpha than can be");
        assert_eq!(market(2, 1).alpha_worth(tao(3)), Some(alpha(2)));
        assert_eq!(market(2, 1).alpha_worth(tao(0)), Some(alpha(0)));
        assert_eq!(Market::Stable.alpha_worth(tao(u64::MAX)), Some(alpha(u64::MAX)));
    }

    proptest! {
        #[test]
        fn no_less_alpha_is_worth_as_much(pool in any_pool(), value in spread(50)) {
            // More alpha than can be has no answer.
            let Some(worth) = Market::Dynamic(pool).alpha_worth(tao(value)) else { return Ok(()) };
            let worth = worth.to_rao();
            prop_assert!(pool.value_at_spot(alpha(worth)) >= tao(value));
            prop_assert!(pool.value_at_spot(alpha(worth - 1)) < tao(value));
        }

        #[test]
        fn the_largest_order_is_executed_in_full(pool in any_pool(), percent in 2u64..300) {
            let market = Market::Dynamic(pool);
            let limit = price_to_rao(pool.price() * U64F64::from_ratio(100 + percent, 100u64));
            if let Ok(max) = market.max_buy(limit, Fee(DEFAULT_FEE_RATE)) {
                if let Ok(trade) = pool.buy(max, Terms::with_fee(Fee(DEFAULT_FEE_RATE)).limited(limit)) {
                    let left = max.to_rao() - trade.consumed().to_rao();
                    prop_assert!(left <= 2 + max.to_rao() / 1_000_000, "{} of {}", left, max);
                }
            }
        }
    }
}

#[test]
fn the_root_of_a_price_is_exact_to_63_bits_or_to_the_last() {
    let root = |bits: u128| sqrt_price(Price::from_bits(bits)).to_bits();
    assert_eq!(sqrt_price(Price::ZERO), Price::ZERO);
    assert_eq!(sqrt_price(Price::ONE), Price::ONE);
    assert_eq!(sqrt_price(Price::from_int(9u64)), Price::from_int(3u64));
    assert_eq!(sqrt_price(Price::from_ratio(1u64, 4u64)), Price::from_ratio(1u64, 2u64));
    for bits in
        [1, 2, 3, 1 << 63, (1 << 64) - 1, 1 << 64, (1 << 64) + 1, 12_345 << 70, u128::MAX - 1, u128::MAX]
    {
        // The root of bits / 2^64 in units of 2^-64 is that of bits * 2^64.
        let exact = (bits as f64).sqrt() * (1u64 << 32) as f64;
        let found = root(bits) as f64;
        assert!((found - exact).abs() <= exact * 1e-15 + 1.0, "{found} is not the root of {bits}, {exact}");
    }
}

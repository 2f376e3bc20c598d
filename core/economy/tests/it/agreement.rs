//! Bit for bit: the crate is its literal twin.

use myelin_economy::childkeys::inherited;
use myelin_economy::claim::{
    accrue, claim_indices, claimed_after_adding, claimed_after_moving, claimed_after_removing, owed,
    paid_when_moving, paid_when_removing, to_keep,
};
use myelin_economy::coinbase::emit;
use myelin_economy::conviction::king;
use myelin_economy::dissolve::{liquidate, owner_refund};
use myelin_economy::emission::{tao_shares, MovingPrice};
use myelin_economy::issuance::{block_emission, MAX_SUPPLY_RAO};
use myelin_economy::pool::{
    max_swap, price_from_rao, price_to_rao, BlockTrades, Fee, Market, Pool, Rounding, Side, Terms,
    MAX_FEE_RATE,
};
use myelin_economy::registration::{
    burn_factor, choose_subnet_to_prune, founding_pool, immortal_uids, median_price, trim, BurnBounds,
    Candidate, LockCost, PrunableSubnet, PruneRule,
};
use myelin_economy::shares::{ShareFloat, SharePool};
use myelin_economy::voting::next_power;
use myelin_units::{AlphaBalance, TaoBalance, I96F32, U64F64};
use num_bigint::BigInt;
use proptest::prelude::*;

use crate::arbitrary::*;
use crate::reference::{self, number::u64f64, shares::Decimal, shares::Pot};

fn tao(rao: u64) -> TaoBalance {
    TaoBalance::from_rao(rao)
}

fn alpha(rao: u64) -> AlphaBalance {
    AlphaBalance::from_rao(rao)
}

mod coinbase {
    use super::*;

    #[test]
    fn block_emission_is_exact_around_every_halving() {
        for k in 1..40 {
            let threshold = MAX_SUPPLY_RAO - (MAX_SUPPLY_RAO >> k);
            for issuance in threshold.saturating_sub(2)..=threshold + 2 {
                let twin = reference::coinbase::block_emission(issuance);
                assert_eq!(block_emission(issuance), twin, "{issuance}");
            }
        }
    }

    proptest! {
        #[test]
        fn block_emission_is_its_twin(issuance in amount()) {
            prop_assert_eq!(block_emission(issuance), reference::coinbase::block_emission(issuance));
        }

        #[test]
        fn shares_are_their_twin(subnets in prop::collection::vec(share_input(), 0..10)) {
            let twin: Vec<U64F64> = reference::coinbase::tao_shares(&subnets).iter().map(u64f64).collect();
            prop_assert_eq!(tao_shares(&subnets), twin);
        }

        #[test]
        fn a_block_is_its_twin((input, subnets) in block(6)) {
            prop_assert_eq!(emit(&input, &subnets), reference::coinbase::emit(&input, &subnets));
        }

        #[test]
        fn a_moving_price_is_its_twin(
            old in price(),
            spot in price(),
            alpha_bits in prop_oneof![Just(12_885i128), 0i128..1 << 33],
            halving_blocks in prop_oneof![Just(201_600u64), amount()],
            first_emission_block in few(),
            block in amount(),
        ) {
            let alpha = I96F32::from_bits(alpha_bits);
            let rule = MovingPrice { alpha, halving_blocks, first_emission_block, block };
            let old: I96F32 = old.cast();
            prop_assert_eq!(rule.next(old, spot), reference::coinbase::next_moving_price(&rule, old, spot));
        }
    }
}

mod pools {
    use super::*;
    use crate::reference::{number::exact, pool::Reserves};

    proptest! {
        #[test]
        fn a_swap_is_its_twin(
            pool in pool(),
            buys: bool,
            offer in amount(),
            rate in prop_oneof![Just(33u16), 0..=MAX_FEE_RATE],
            percent in 1u64..400,
            any_limit in prop::option::weighted(0.3, price()),
        ) {
            let side = if buys { Side::Buy } else { Side::Sell };
            let near = pool.price() * U64F64::from_ratio(percent, 100u64);
            let limit = any_limit.unwrap_or(near);
            let terms = Terms { fee: Fee(rate), limit: Some(limit) };
            for rounding in [Rounding::Protocol, Rounding::Curve] {
                let fast = match side {
                    Side::Buy => pool.buy_rounded(tao(offer), terms, rounding).map(|t| (t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao())),
                    Side::Sell => pool.sell_rounded(alpha(offer), terms, rounding).map(|t| (t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao())),
                };
                let twin = Reserves::from(&pool).swap(side, offer, rate, &exact(limit), rounding);
                prop_assert_eq!(fast.map_err(|e| e.name()), twin);
            }
        }

        /// The reserves change by exactly the input and output of a trade.
        #[test]
        fn a_pool_after_a_trade_is_its_twin(pool in pool(), offer in amount()) {
            let terms = Terms::with_fee(Fee(33));
            if let Ok(trade) = pool.buy(tao(offer), terms) {
                let after = pool.after_buy(&trade);
                prop_assert_eq!(after.tao.to_rao(), pool.tao.to_rao().saturating_add(trade.amount_in.to_rao()));
                prop_assert_eq!(after.alpha.to_rao(), pool.alpha.to_rao() - trade.amount_out.to_rao());
                prop_assert_eq!(after.weight, pool.weight);
            }
            if let Ok(trade) = pool.sell(alpha(offer), terms) {
                let after = pool.after_sale(&trade);
                prop_assert_eq!(after.tao.to_rao(), pool.tao.to_rao() - trade.amount_out.to_rao());
                prop_assert_eq!(after.alpha.to_rao(), pool.alpha.to_rao().saturating_add(trade.amount_in.to_rao()));
                prop_assert_eq!(after.weight, pool.weight);
            }
        }

        /// A buy meets the pool without the block's sales, a sale meets it without the block's buys.
        #[test]
        fn an_order_of_a_block_is_its_twin(pool in pool(), moved in [amount(), amount(), amount(), amount()], offer in amount(), buys: bool) {
            let [tao_in, alpha_out, alpha_in, tao_out] = moved;
            let trades = BlockTrades {
                tao_in: tao(tao_in),
                alpha_out: alpha(alpha_out),
                alpha_in: alpha(alpha_in),
                tao_out: tao(tao_out),
            };
            let (y, x) = (pool.tao.to_rao(), pool.alpha.to_rao());
            let (y, x) = if buys { (y.saturating_add(tao_out), x.saturating_sub(alpha_in)) } else { (y.saturating_sub(tao_in), x.saturating_add(alpha_out)) };
            let met = Pool { tao: tao(y), alpha: alpha(x), ..pool };
            let terms = Terms::with_fee(Fee(33));
            let (fast, side, limit) = if buys {
                let trade = trades.buy(&pool, tao(offer), terms).map(|t| (t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao()));
                (trade, Side::Buy, reference::number::whole(1_000_000))
            } else {
                let trade = trades.sell(&pool, alpha(offer), terms).map(|t| (t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao()));
                (trade, Side::Sell, exact(U64F64::from_ratio(1_000u64, 1_000_000_000u64)))
            };
            let twin = Reserves::from(&met).swap(side, offer, 33, &limit, Rounding::Curve);
            prop_assert_eq!(fast.map_err(|e| e.name()), twin);
        }

        #[test]
        fn a_price_and_a_weight_are_their_twin(pool in pool(), y in amount(), x in amount()) {
            let twin = Reserves::from(&pool);
            prop_assert_eq!(exact(pool.price()), twin.price());
            let weight = pool.weight_after_injection(tao(y), alpha(x)).map(|w| w.quote_e18());
            prop_assert_eq!(weight, twin.quote_after_injection(y, x));
            prop_assert_eq!(pool.alpha_out(tao(y)).to_rao(), twin.out(Side::Buy, y, Rounding::Protocol));
            prop_assert_eq!(pool.tao_out(alpha(x)).to_rao(), twin.out(Side::Sell, x, Rounding::Protocol));
            let worth = twin.price() * BigInt::from(x);
            prop_assert_eq!(pool.value_at_spot(alpha(x)).to_rao(), reference::number::rao(&worth));
        }

        #[test]
        fn the_largest_move_between_pools_is_its_twin(from in pool(), to in pool(), percent in 0u64..150, any_ratio in prop::option::weighted(0.3, amount())) {
            let near = price_to_rao(from.price().safe_div(to.price()));
            let ratio = any_ratio.unwrap_or((near / 100).saturating_mul(percent).saturating_add(near % 100));
            let most = max_swap(&Market::Dynamic(from), &Market::Dynamic(to), ratio, Fee::NONE).map(|alpha| alpha.to_rao());
            prop_assert_eq!(most, Ok(reference::pool::most_between(&Reserves::from(&from), &Reserves::from(&to), ratio)));
        }

        #[test]
        fn a_price_in_rao_is_its_twin(price in price(), rao in amount()) {
            let billion = BigInt::from(1_000_000_000);
            let twin = reference::number::rao(&(exact(price) * billion.clone()));
            prop_assert_eq!(price_to_rao(price), twin);
            let twin = reference::number::Format::U64F64.div(&reference::number::whole(rao), &reference::number::whole(billion));
            prop_assert_eq!(exact(price_from_rao(rao)), twin);
        }
    }
}

mod payouts {
    use super::*;
    use myelin_economy::payout::{share_with_parents, EpochPots, Validator};
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn a_payout_is_its_twin(input in payout()) {
            prop_assert_eq!(input.pay(), reference::payout::pay(&input));
        }

        #[test]
        fn a_childs_dividend_is_split_like_its_twin(family in family(), rates in family_rates()) {
            prop_assert_eq!(family.split(rates), reference::children::split(&family, rates));
        }

        #[test]
        fn inherited_stake_is_its_twin(
            own in amount(),
            children in prop::collection::vec(proportion(), 0..6),
            parents in prop::collection::vec(loan(), 0..6),
        ) {
            prop_assert_eq!(inherited(own, &children, &parents), reference::children::inherited(own, &children, &parents));
        }

        #[test]
        fn voting_power_is_its_twin(
            power in amount(),
            stake in amount(),
            ema_alpha in prop_oneof![Just(3_570_000_000_000_000u64), Just(1_000_000_000_000_000_000), amount()],
            threshold in prop_oneof![few(), amount()],
        ) {
            let twin = reference::children::next_power(power, stake, ema_alpha, threshold);
            prop_assert_eq!(next_power(power, stake, ema_alpha, threshold), twin);
        }

        /// From dividends to credits in one go: families are added up by hotkey before anybody is paid.
        #[test]
        fn families_are_paid_like_their_twin(
            families in prop::collection::vec(family(), 1..5),
            rates in family_rates(),
            mut input in payout(),
        ) {
            let shared = share_with_parents(&families, rates);
            let (mut by_hotkey, mut recycled) = (BTreeMap::<u8, BigInt>::new(), BigInt::ZERO);
            for family in &families {
                let split = reference::children::split(family, rates);
                recycled += split.recycled.to_rao();
                for (hotkey, amount) in split.parents.into_iter().chain([(family.hotkey, split.own)]) {
                    *by_hotkey.entry(hotkey).or_default() += amount.to_rao();
                }
            }
            let by_hotkey: BTreeMap<u8, AlphaBalance> = by_hotkey
                .into_iter()
                .map(|(hotkey, amount)| (hotkey, alpha(reference::number::rao_of(amount))))
                .filter(|(_, amount)| !amount.is_zero())
                .collect();
            prop_assert_eq!(&shared.by_hotkey, &by_hotkey);
            prop_assert_eq!(shared.recycled, alpha(reference::number::rao_of(recycled)));
            input.childkey_recycled = shared.recycled;
            input.validators = families
                .iter()
                .filter_map(|f| shared.by_hotkey.get(&f.hotkey).map(|d| (f, *d)))
                .map(|(f, dividend)| Validator { hotkey: f.hotkey, coldkey: f.hotkey, dividend, holding: f.holding, take: f.take })
                .collect();
            input.validators.sort_by_key(|v| v.hotkey);
            input.validators.dedup_by_key(|v| v.hotkey);
            prop_assert_eq!(input.pay(), reference::payout::pay(&input));
        }

        #[test]
        fn pots_beside_incentives_are_their_twin(input in payout(), incentives in amount()) {
            let twin = reference::payout::beside_incentives(&input.pots, incentives);
            prop_assert_eq!(input.pots.beside_incentives(alpha(incentives)), twin);
        }

        #[test]
        fn an_epoch_is_run_with_all_three_pots(server in amount(), validator in amount(), root in amount()) {
            let pots = EpochPots { server: alpha(server), validator: alpha(validator), root: alpha(root), owner_cut: alpha(7) };
            let sum = BigInt::from(server) + validator + root;
            prop_assert_eq!(pots.epoch_emission(), alpha(reference::number::rao_of(sum)));
        }
    }
}

mod stake {
    use super::*;

    #[derive(Debug, Clone)]
    enum Step {
        Add(usize, u64),
        Remove(usize, u64),
        Leave(usize),
        Reward(u64),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0usize..4, amount()).prop_map(|(h, a)| Step::Add(h, a)),
            (0usize..4, amount()).prop_map(|(h, a)| Step::Remove(h, a)),
            (0usize..4).prop_map(Step::Leave),
            amount().prop_map(Step::Reward),
        ]
    }

    fn same(fast: &ShareFloat, twin: &Decimal) -> bool {
        BigInt::from(fast.mantissa()) == twin.mantissa && fast.exponent() == twin.exponent
    }

    proptest! {
        #[test]
        fn a_share_pool_is_its_twin_after_every_step(steps in prop::collection::vec(step(), 1..40)) {
            let (mut pool, mut twin) = (SharePool::default(), Pot::empty());
            let mut holders = [ShareFloat::ZERO; 4];
            let mut twins: [Decimal; 4] = std::array::from_fn(|_| Decimal::whole(0));
            for step in steps {
                match step {
                    Step::Add(h, x) => {
                        let (fast, slow) = (pool.add(&holders[h], alpha(x)), twin.add(&twins[h], x));
                        prop_assert_eq!(fast.is_ok(), slow.is_some());
                        if let (Ok(change), Some((pot, holder))) = (fast, slow) {
                            (pool, holders[h], twin, twins[h]) = (change.pool, change.holder, pot, holder);
                        }
                    }
                    Step::Remove(..) | Step::Leave(_) => {
                        let (h, x) = match step {
                            Step::Remove(h, x) => (h, x),
                            Step::Leave(h) => (h, pool.value_of(&holders[h]).to_rao()),
                            _ => unreachable!(),
                        };
                        let (fast, slow) = (pool.remove(&holders[h], alpha(x)), twin.remove(&twins[h], x));
                        prop_assert_eq!(fast.is_some(), slow.is_some());
                        if let (Some(change), Some((pot, holder))) = (fast, slow) {
                            (pool, holders[h], twin, twins[h]) = (change.pool, change.holder, pot, holder);
                        }
                        if pool.value_of(&holders[h]).is_zero() {
                            (pool, twin) = (pool.without(&holders[h]), twin.without(&twins[h]));
                            (holders[h], twins[h]) = (ShareFloat::ZERO, Decimal::whole(0));
                        }
                    }
                    Step::Reward(x) => (pool, twin) = (pool.add_for_all(alpha(x)), twin.reward(x)),
                }
                prop_assert_eq!(pool.value.to_rao(), twin.value);
                prop_assert!(same(&pool.shares, &twin.shares), "{:?} {:?}", pool.shares, twin.shares);
                for (holder, slow) in holders.iter().zip(&twins) {
                    prop_assert!(same(holder, slow), "{:?} {:?}", holder, slow);
                    prop_assert_eq!(pool.value_of(holder).to_rao(), twin.value_of(slow));
                }
            }
        }
    }
}

mod claims {
    use super::*;

    fn claim_rate() -> impl Strategy<Value = I96F32> {
        prop_oneof![
            prop::sample::select(vec![I96F32::ZERO, I96F32::from_bits(1), I96F32::ONE, I96F32::MAX]),
            (0i128..=i128::MAX, 0u32..127).prop_map(|(v, shift)| I96F32::from_bits(v >> shift)),
        ]
    }

    fn counted() -> impl Strategy<Value = u128> {
        prop_oneof![Just(0), Just(u128::MAX), (any::<u128>(), 0u32..128).prop_map(|(v, shift)| v >> shift)]
    }

    proptest! {
        #[test]
        fn root_dividends_are_their_twin(rate in claim_rate(), amount in amount(), stake in amount(), claimed in counted()) {
            let root = tao(stake);
            prop_assert_eq!(accrue(rate, alpha(amount), root), reference::claims::accrue(rate, amount, stake));
            prop_assert_eq!(owed(rate, root, claimed).to_rao(), reference::claims::owed(rate, stake, claimed));
            prop_assert_eq!(to_keep(rate, root, claimed).to_rao(), reference::claims::to_keep(rate, stake, claimed));
            let added = reference::claims::claimed_after_adding(rate, stake, claimed);
            prop_assert_eq!(claimed_after_adding(rate, root, claimed), added);
            let removed = reference::claims::claimed_after_removing(rate, stake, claimed);
            prop_assert_eq!(claimed_after_removing(rate, root, claimed), removed);
            let paid = reference::claims::paid_when_removing(rate, stake, claimed);
            prop_assert_eq!(paid_when_removing(rate, root, claimed).to_rao(), paid);
        }

        #[test]
        fn moved_root_stake_is_its_twin(
            former in claim_rate(), rate in claim_rate(), moved in amount(), there in counted(), here in counted(),
        ) {
            let twin = reference::claims::claimed_after_moving(former, rate, moved, there, here);
            prop_assert_eq!(claimed_after_moving(former, rate, tao(moved), there, here), twin);
            let paid = reference::claims::paid_when_moving(former, rate, moved, there);
            prop_assert_eq!(paid_when_moving(former, rate, tao(moved), there).to_rao(), paid);
        }

        #[test]
        fn automatic_claims_are_their_twin(hash: [u8; 32], k in 0u64..60, n in prop_oneof![few(), amount()]) {
            prop_assert_eq!(claim_indices(&hash, k, n), reference::claims::claim_indices(&hash, k, n));
        }
    }
}

mod locks {
    use super::*;

    proptest! {
        #[test]
        fn a_rolled_lock_is_its_twin(state in lock(), elapsed in prop_oneof![few(), 0u64..10_000_000, amount()], rates in lock_rates(), kind in lock_kind()) {
            for now in [elapsed, elapsed.saturating_add(state.last_update)] {
                let twin = reference::locks::rolled(&state, now, rates, kind);
                prop_assert_eq!(state.rolled(now, rates, kind), twin);
            }
        }

        #[test]
        fn sums_and_parts_of_locks_are_their_twin(a in lock(), b in lock(), c in lock(), leaves in amount(), free in few()) {
            prop_assert_eq!(a.with_change(&b, &c), reference::locks::with_change(&a, &b, &c));
            prop_assert_eq!(a.split(alpha(leaves), alpha(free)), reference::locks::split(&a, leaves, free));
            prop_assert_eq!(a.with_added(alpha(leaves)).locked_mass.to_rao(), a.locked_mass.to_rao().saturating_add(leaves));
        }

        #[test]
        fn the_king_is_its_twin(
            convictions in prop::collection::btree_map(any::<u8>(), prop_oneof![few().prop_map(U64F64::from_int), price()], 0..6),
            alpha_out in prop_oneof![0u64..200, amount()],
            registered in few(),
            now in prop_oneof![2_629_798u64..2_629_806, amount()],
        ) {
            let mut convictions: Vec<(u8, U64F64)> = convictions.into_iter().collect();
            convictions.reverse();
            let twin = reference::locks::king(&convictions, alpha_out, registered, now);
            prop_assert_eq!(king(&convictions, alpha(alpha_out), registered, now), twin);
        }
    }
}

mod subnets {
    use super::*;

    proptest! {
        #[test]
        fn a_liquidation_is_its_twin(pot in prop_oneof![0u64..50, amount()], claims in prop::collection::vec(prop_oneof![few(), amount()], 0..12)) {
            let fast = liquidate(tao(pot), &claims.iter().copied().map(alpha).collect::<Vec<_>>());
            let fast: Vec<u64> = fast.into_iter().map(TaoBalance::to_rao).collect();
            prop_assert_eq!(fast, reference::subnets::liquidate(pot, &claims));
        }

        #[test]
        fn an_owners_refund_is_its_twin(lock in amount(), issuance in amount(), cut in rate(), price in price()) {
            let fast = owner_refund(tao(lock), alpha(issuance), cut, price).to_rao();
            prop_assert_eq!(fast, reference::subnets::owner_refund(lock, issuance, cut, price));
        }

        #[test]
        fn pruned_neurons_are_their_twin(
            rows in prop::collection::vec((few(), few(), prop::bool::weighted(0.2)), 0..12),
            block in few(),
            immunity_period in few(),
            min_non_immune in 0u16..6,
            max in 0u16..14,
        ) {
            let mut neurons: Vec<Candidate> = rows
                .iter()
                .zip(0..)
                .map(|((emission, registered, immortal), uid)| Candidate {
                    uid,
                    emission: alpha(*emission),
                    registered: *registered,
                    immortal: *immortal,
                })
                .collect();
            neurons.reverse();
            let rule = PruneRule { block, immunity_period, min_non_immune };
            prop_assert_eq!(rule.choose(&neurons), reference::subnets::prune_uid(&rule, &neurons));
            prop_assert_eq!(trim(&neurons, max, &rule), reference::subnets::trimmed(&rule, &neurons, max));
        }

        #[test]
        fn immortal_neurons_are_their_twin(
            owned in prop::collection::vec((few(), 0u16..9), 0..8),
            owner in prop::option::of(0u16..9),
            limit in 0u16..10,
        ) {
            prop_assert_eq!(immortal_uids(&owned, owner, limit), reference::subnets::immortal_uids(&owned, owner, limit));
        }

        #[test]
        fn the_pruned_subnet_is_its_twin(
            rows in prop::collection::vec((0u16..5, few(), prop_oneof![price(), Just(U64F64::ONE)]), 0..8),
            now in few(),
            immunity in few(),
        ) {
            let subnets: Vec<PrunableSubnet> = rows
                .into_iter()
                .map(|(netuid, registered_at, price)| PrunableSubnet { netuid, registered_at, moving_price: price.cast() })
                .collect();
            let twin = reference::subnets::subnet_to_prune(&subnets, now, immunity);
            prop_assert_eq!(choose_subnet_to_prune(&subnets, now, immunity), twin);
        }

        #[test]
        fn a_lock_cost_is_its_twin(
            last in amount(),
            min in amount(),
            last_block in few(),
            interval in prop_oneof![Just(100_800u64), amount()],
            block_emission in prop_oneof![Just(1_000_000_000u64), Just(500_000_000), amount()],
            elapsed in prop_oneof![0u64..300_000, amount()],
        ) {
            let cost = LockCost { last_lock: tao(last), min_lock: tao(min), last_block, interval, block_emission };
            let now = last_block.saturating_add(elapsed);
            prop_assert_eq!(cost.at(now).to_rao(), reference::subnets::lock_cost(&cost, now));
        }

        #[test]
        fn a_founding_pool_is_its_twin(paid in amount(), min in amount(), prices in prop::collection::vec(price(), 0..8)) {
            prop_assert_eq!(median_price(&prices), u64f64(&reference::subnets::median_price(&prices)));
            let (y, x) = founding_pool(tao(paid), tao(min), &prices);
            prop_assert_eq!((y.to_rao(), x.to_rao()), reference::subnets::founding_pool(paid, min, &prices));
        }

        #[test]
        fn a_price_of_registration_is_its_twin(burn in amount(), half_life in 0u16..40_000, mult in price(), min in amount(), max in amount()) {
            let bounds = BurnBounds { min: tao(min), max: tao(max) };
            let factor = burn_factor(half_life);
            let twin = reference::subnets::decayed(burn, factor, min, max);
            prop_assert_eq!(bounds.decayed(tao(burn), factor).to_rao(), twin);
            let twin = reference::subnets::bumped(burn, mult, min, max);
            prop_assert_eq!(bounds.bumped(tao(burn), mult).to_rao(), twin);
        }

        /// φ is the largest factor below 2³² whose power is at most one half.
        #[test]
        fn a_decay_factor_halves_in_its_half_life(half_life in 1u16..) {
            let factor = burn_factor(half_life);
            let half = BigInt::from(1u64 << 31);
            prop_assert!(reference::subnets::power_q32(factor, half_life) <= half);
            let next = reference::subnets::power_q32(factor + 1, half_life);
            prop_assert!(factor + 1 == 1 << 32 || next > half);
        }
    }
}

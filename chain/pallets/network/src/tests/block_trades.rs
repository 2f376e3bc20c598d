//! Attacks that are impossible between the orders of one block.

use super::mock::*;
use crate::{pools::PoolReserves, views};
use frame_support::traits::Hooks;
use myelin_economy::pool::{BlockTrades, Price, Terms};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use pallet_myelin_swap::TradesOfBlock;
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

const ATTACKER: u8 = 1;
const VICTIM: u8 = 2;

fn buy(netuid: NetUid, rao: u64) -> Network {
    Network::add_stake { hotkey: hotkey(0), netuid, amount_staked: TaoBalance::from_rao(rao) }
}

fn sell(netuid: NetUid, rao: u64) -> Network {
    Network::remove_stake { hotkey: hotkey(0), netuid, amount_unstaked: AlphaBalance::from_rao(rao) }
}

fn swap(origin_netuid: NetUid, destination_netuid: NetUid, rao: u64) -> Network {
    let alpha_amount = AlphaBalance::from_rao(rao);
    Network::swap_stake { hotkey: hotkey(0), origin_netuid, destination_netuid, alpha_amount }
}

fn held(who: u8, netuid: NetUid) -> u64 {
    stake_of(&hotkey(0), &coldkey(who), netuid)
}

#[test]
fn a_sandwich_within_a_block_loses() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let before = balance(&coldkey(ATTACKER));
        ok(&coldkey(ATTACKER), buy(netuid, 100 * UNIT));
        ok(&coldkey(VICTIM), buy(netuid, 50 * UNIT));
        ok(&coldkey(ATTACKER), sell(netuid, held(ATTACKER, netuid)));
        let lost = before - balance(&coldkey(ATTACKER));
        assert!(lost > 16 * UNIT, "officially it earned 8.7 TAO; here {lost} rao were lost");
    });
}

#[test]
fn a_sale_around_a_victims_sale_loses_too() {
    on_chain(|| {
        let netuid = subnet().started().create();
        for who in [ATTACKER, VICTIM] {
            ok(&coldkey(who), buy(netuid, 100 * UNIT));
        }
        end_block();
        let (tao, alpha) = (balance(&coldkey(ATTACKER)), held(ATTACKER, netuid));
        ok(&coldkey(ATTACKER), sell(netuid, alpha));
        ok(&coldkey(VICTIM), sell(netuid, held(VICTIM, netuid)));
        ok(&coldkey(ATTACKER), buy(netuid, balance(&coldkey(ATTACKER)) - tao));
        assert!(held(ATTACKER, netuid) < alpha, "it buys back less than it sold");
    });
}

#[test]
fn a_victim_alone_in_its_block_gets_the_reference_amount() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let order = Terms::with_fee(PoolReserves::<Test>::fee(netuid));
        let reference = PoolReserves::<Test>::pool(netuid).buy(tao(50), order).expect("a small order");
        ok(&coldkey(VICTIM), buy(netuid, 50 * UNIT));
        assert_eq!(held(VICTIM, netuid), reference.amount_out.to_rao());
    });
}

#[test]
fn a_move_between_subnets_is_a_sale_and_a_buy() {
    on_chain(|| {
        let (one, two) = (subnet().started().create(), subnet().owned_by(3).started().create());
        ok(&coldkey(ATTACKER), buy(one, 100 * UNIT));
        end_block();
        let alpha = held(ATTACKER, one);
        ok(&coldkey(ATTACKER), swap(one, two, alpha));
        ok(&coldkey(VICTIM), buy(two, 50 * UNIT));
        ok(&coldkey(ATTACKER), swap(two, one, held(ATTACKER, two)));
        assert!(held(ATTACKER, one) < alpha);
    });
}

#[test]
fn a_registration_is_a_buy() {
    on_chain(|| {
        let netuid = subnet().started().create();
        register(netuid, 10);
        let trades = TradesOfBlock::<Test>::get(netuid);
        let pool = PoolReserves::<Test>::pool(netuid);
        assert!(!trades.tao_in.is_zero() && trades.alpha_in.is_zero());
        assert_eq!(trades.bid(&pool).tao, tao(1000), "a sale meets the pool without it");
    });
}

#[test]
fn a_limit_order_is_held_by_the_price_it_would_get() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(VICTIM), buy(netuid, 200 * UNIT));
        end_block();
        let opening = price_rao(netuid);
        ok(&coldkey(VICTIM), sell(netuid, held(VICTIM, netuid)));
        let now = price_rao(netuid);
        assert!(now < opening);
        let limited = |limit_price| Network::add_stake_limit {
            hotkey: hotkey(0),
            netuid,
            amount_staked: tao(1),
            limit_price,
            allow_partial: true,
        };
        refused(&coldkey(ATTACKER), limited((now + opening) / 2), Refusal::SlippageTooHigh);
        ok(&coldkey(ATTACKER), limited(opening + opening / 100));
    });
}

#[test]
fn a_new_block_starts_with_both_sides_at_the_price_of_the_pool() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(VICTIM), buy(netuid, 200 * UNIT));
        assert_ne!(TradesOfBlock::<Test>::get(netuid), BlockTrades::default());
        Swap::on_finalize(System::block_number());
        assert_eq!(TradesOfBlock::<Test>::iter().count(), 0);
        // So a quote on the state of a finished block is for the next one.
        let quote = views::swap::sim_sell::<Test>(netuid, alpha(10));
        let order = Terms::with_fee(PoolReserves::<Test>::fee(netuid));
        let reference = PoolReserves::<Test>::pool(netuid).sell(alpha(10), order).expect("a small order");
        assert_eq!(quote.tao_amount, reference.amount_out);
        run_blocks(1);
        assert_eq!(TradesOfBlock::<Test>::iter().count(), 0, "nor does the block's own work count");
    });
}

#[test]
fn a_removed_subnet_leaves_no_trades_to_its_successor() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(VICTIM), buy(netuid, 200 * UNIT));
        Swap::remove_subnet(netuid);
        assert_eq!(TradesOfBlock::<Test>::iter().count(), 0);
    });
}

/// One order of a random block: account, kind, subnet, and amount in thousandths of its holdings or of 300 TAO.
#[derive(Clone, Copy, Debug)]
struct Order {
    who: u8,
    kind: u8,
    on_second: bool,
    permille: u64,
}

fn order() -> impl Strategy<Value = Order> {
    (1u8..4, 0u8..4, any::<bool>(), 1u64..=1000).prop_map(|(who, kind, on_second, permille)| Order {
        who,
        kind,
        on_second,
        permille,
    })
}

/// TAO of a coldkey, and its alpha with the price of each subnet.
fn worth(who: u8, prices: &[(NetUid, Price)]) -> (u64, Vec<(u64, Price)>) {
    (balance(&coldkey(who)), prices.iter().map(|&(netuid, price)| (held(who, netuid), price)).collect())
}

proptest! {
    #![proptest_config(cases(24))]

    /// Tested through the calls: after any actions of three traders in a block on two subnets, the holdings of each are
    /// worth no more at the opening prices of the block.
    #[test]
    fn no_coldkey_gains_within_a_block(orders in proptest::collection::vec(order(), 1..12)) {
        on_chain(|| {
            let nets = [subnet().started().create(), subnet().owned_by(5).started().create()];
            for who in 1..4 {
                for netuid in nets {
                    ok(&coldkey(who), buy(netuid, 150 * UNIT));
                }
            }
            end_block();
            let prices = nets.map(|netuid| (netuid, PoolReserves::<Test>::spot_price(netuid)));
            let before: Vec<_> = (1..4).map(|who| worth(who, &prices)).collect();
            for Order { who, kind, on_second, permille } in orders {
                let (here, there) = if on_second { (nets[1], nets[0]) } else { (nets[0], nets[1]) };
                let part = held(who, here) / 1000 * permille;
                let call = match kind {
                    0 => buy(here, UNIT * 3 / 10 * permille),
                    1 => sell(here, part),
                    2 => swap(here, there, part),
                    _ => Network::add_stake_limit {
                        hotkey: hotkey(0),
                        netuid: here,
                        amount_staked: TaoBalance::from_rao(UNIT * 3 / 10 * permille),
                        limit_price: price_rao(here) + price_rao(here) / 50,
                        allow_partial: true,
                    },
                };
                let _ = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(coldkey(who)));
                check_invariants();
            }
            for (who, (tao, alphas)) in (1..4).zip(before) {
                let (tao_now, alphas_now) = worth(who, &prices);
                // Prices are floored at 2⁻⁶⁴ and shares may round by a rao; an order costs far more.
                let value = |tao: u64, alphas: &[(u64, Price)]| alphas.iter().fold(u128::from(tao) << 64, |sum, (alpha, price)| {
                    sum + u128::from(*alpha) * price.to_bits()
                });
                prop_assert!(value(tao_now, &alphas_now) <= value(tao, &alphas) + (4u128 << 64));
            }
            Ok(())
        })?;
    }
}

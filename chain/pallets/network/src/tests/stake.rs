//! Staking and unstaking.

use super::mock::*;
use crate::{costs, pallet::*, pools::PoolReserves, stake::StakeLedger, subnets::NetworkSettings};
use frame_support::dispatch::GetDispatchInfo;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

fn add(netuid: NetUid, amount: TaoBalance) -> Network {
    Network::add_stake { hotkey: hotkey(0), netuid, amount_staked: amount }
}

fn remove(netuid: NetUid, rao: u64) -> Network {
    Network::remove_stake { hotkey: hotkey(0), netuid, amount_unstaked: AlphaBalance::from_rao(rao) }
}

#[test]
fn staking_buys_alpha_from_the_pool() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let issuance = TotalIssuance::<Test>::get();
        ok(&coldkey(1), add(netuid, tao(100)));
        let fee = 100 * UNIT * 33 / 65_535;
        let held = stake_of(&hotkey(0), &coldkey(1), netuid);
        assert_eq!(balance(&coldkey(1)), (FORTUNE - 100) * UNIT);
        assert_eq!(SubnetTAO::<Test>::get(netuid).to_rao(), 1100 * UNIT - fee);
        assert_eq!(SubnetAlphaIn::<Test>::get(netuid).to_rao(), 1000 * UNIT - held);
        assert_eq!(SubnetAlphaOut::<Test>::get(netuid).to_rao(), held);
        assert!((90 * UNIT..91 * UNIT).contains(&held), "100 TAO into 1000:1000 buy 90.9 alpha, not {held}");
        assert_eq!(balance(&fee_receiver()), UNIT + fee, "the author earns the fee");
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(1)), vec![hotkey(0)]);
        assert_eq!(TotalIssuance::<Test>::get(), issuance);
        announced(Event::StakeAdded(
            coldkey(1),
            hotkey(0),
            tao(100),
            AlphaBalance::from_rao(held),
            netuid,
            fee,
        ));
    });
}

#[test]
fn unstaking_returns_the_tao_less_two_fees() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(1), add(netuid, tao(100)));
        end_block();
        let held = stake_of(&hotkey(0), &coldkey(1), netuid);
        ok(&coldkey(1), remove(netuid, held));
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 0);
        let lost = FORTUNE * UNIT - balance(&coldkey(1));
        let fee = 100 * UNIT * 33 / 65_535;
        assert!(lost > fee && lost < 3 * fee, "{lost} rao were lost, a fee is {fee}");
        assert_eq!(SubnetAlphaOut::<Test>::get(netuid), AlphaBalance::ZERO);
        assert!(!AlphaV2::<Test>::contains_key((hotkey(0), coldkey(1), netuid)));
        let earned = balance(&fee_receiver()) - UNIT;
        assert_eq!(earned + SubnetTAO::<Test>::get(netuid).to_rao(), 1000 * UNIT + lost, "nothing is lost");
    });
}

#[test]
fn without_an_author_fees_are_burned() {
    on_chain(|| {
        Author::set(&None);
        let netuid = subnet().started().create();
        let issuance = TotalIssuance::<Test>::get();
        ok(&coldkey(1), add(netuid, tao(100)));
        assert_eq!(balance(&fee_receiver()), 100 * UNIT * 33 / 65_535);
        assert_eq!(TotalIssuance::<Test>::get(), issuance, "burned TAO still exists");
    });
}

#[test]
fn root_stake_is_tao_one_to_one_without_fee() {
    on_chain(|| {
        subnet().create();
        ok(&coldkey(1), add(ROOT, tao(7)));
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), ROOT), 7 * UNIT);
        assert_eq!((SubnetTAO::<Test>::get(ROOT), SubnetAlphaOut::<Test>::get(ROOT)), (tao(7), alpha(7)));
        ok(&coldkey(1), remove(ROOT, 7 * UNIT));
        assert_eq!(balance(&coldkey(1)), FORTUNE * UNIT);
        assert_eq!(SubnetTAO::<Test>::get(ROOT), TaoBalance::ZERO);
    });
}

#[test]
fn staking_names_what_is_wrong() {
    on_chain(|| {
        let netuid = subnet().create();
        refused(&coldkey(1), add(99, tao(1)), Refusal::SubnetNotExists);
        refused(&coldkey(1), add(netuid, tao(1)), Refusal::SubtokenDisabled);
        ok(&coldkey(0), Network::start_call { netuid });
        let smallest = 2_000_000 + 2_000_000 * 33 / 65_535;
        refused(&coldkey(1), add(netuid, TaoBalance::from_rao(smallest - 1)), Refusal::AmountTooLow);
        refused(&coldkey(1), add(netuid, tao(FORTUNE + 1)), Refusal::NotEnoughBalanceToStake);
        let nobody = Network::add_stake { hotkey: hotkey(77), netuid, amount_staked: tao(1) };
        refused(&coldkey(1), nobody, Refusal::HotKeyAccountNotExists);
        ok(&coldkey(1), add(netuid, TaoBalance::from_rao(smallest + 2)));
    });
}

#[test]
fn an_order_beyond_a_thousand_reserves_is_refused() {
    on_chain(|| {
        let netuid = subnet().started().create();
        SubnetTAO::<Test>::insert(netuid, TaoBalance::from_rao(2_000_000));
        refused(&coldkey(1), add(netuid, tao(3)), Refusal::InsufficientLiquidity);
        SubnetTAO::<Test>::insert(netuid, tao(1000));
    });
}

#[test]
fn a_coldkey_stays_open_when_it_stakes_everything() {
    on_chain(|| {
        subnet().create();
        ok(&coldkey(1), add(ROOT, tao(FORTUNE)));
        assert_eq!(balance(&coldkey(1)), EXISTENTIAL_DEPOSIT);
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), ROOT), FORTUNE * UNIT - EXISTENTIAL_DEPOSIT);
    });
}

#[test]
fn unstaking_names_what_is_wrong() {
    on_chain(|| {
        let netuid = subnet().started().create();
        refused(&coldkey(1), remove(netuid, UNIT), Refusal::NotEnoughStakeToWithdraw);
        ok(&coldkey(1), add(netuid, tao(10)));
        refused(&coldkey(1), remove(netuid, 0), Refusal::AmountTooLow);
        refused(&coldkey(1), remove(netuid, 1_900_000), Refusal::AmountTooLow);
        let nobody = Network::remove_stake { hotkey: hotkey(77), netuid, amount_unstaked: alpha(1) };
        refused(&coldkey(1), nobody, Refusal::HotKeyAccountNotExists);
        ok(&coldkey(1), remove(netuid, u64::MAX));
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 0, "more than there is means all of it");
    });
}

#[test]
fn a_tiny_rest_may_leave_if_it_is_all() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(1), add(netuid, tao(1)));
        let held = stake_of(&hotkey(0), &coldkey(1), netuid);
        ok(&coldkey(1), remove(netuid, held - 1_000_000));
        refused(&coldkey(1), remove(netuid, 500_000), Refusal::AmountTooLow);
        let left = stake_of(&hotkey(0), &coldkey(1), netuid);
        ok(&coldkey(1), remove(netuid, left));
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 0);
    });
}

#[test]
fn a_price_limit_stops_a_purchase() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let order = |amount, limit_price, allow_partial| Network::add_stake_limit {
            hotkey: hotkey(0),
            netuid,
            amount_staked: tao(amount),
            limit_price,
            allow_partial,
        };
        refused(&coldkey(1), order(100, UNIT, true), Refusal::SlippageTooHigh);
        refused(&coldkey(1), order(100, UNIT + UNIT / 100, false), Refusal::SlippageTooHigh);
        ok(&coldkey(1), order(100, UNIT + UNIT / 100, true));
        let spent = FORTUNE * UNIT - balance(&coldkey(1));
        assert!(spent < 6 * UNIT, "about 5 TAO raise the price by 1 %, not {spent}");
        assert!(price_rao(netuid) <= UNIT + UNIT / 100);
        ok(&coldkey(1), order(1, 2 * UNIT, false));
    });
}

#[test]
fn a_limit_within_one_step_of_the_price_lets_nothing_through() {
    on_chain(|| {
        let netuid = subnet().started().create();
        // An alpha costs 100 TAO, and the five rao of TAO that would raise that by a rao buy none.
        let reserve = SubnetTAO::<Test>::get(netuid).to_rao() / 100;
        SubnetAlphaIn::<Test>::insert(netuid, AlphaBalance::from_rao(reserve));
        for allow_partial in [true, false] {
            let order = Network::add_stake_limit {
                hotkey: hotkey(0),
                netuid,
                amount_staked: tao(100),
                limit_price: price_rao(netuid) + 1,
                allow_partial,
            };
            refused(&coldkey(1), order, Refusal::SlippageTooHigh);
        }
    });
}

#[test]
fn a_price_limit_stops_a_sale() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(1), add(netuid, tao(100)));
        end_block();
        let before = stake_of(&hotkey(0), &coldkey(1), netuid);
        let price = price_rao(netuid);
        let order = |limit_price, allow_partial| Network::remove_stake_limit {
            hotkey: hotkey(0),
            netuid,
            amount_unstaked: alpha(50),
            limit_price,
            allow_partial,
        };
        refused(&coldkey(1), order(price + 1, true), Refusal::SlippageTooHigh);
        refused(&coldkey(1), order(price - price / 100, false), Refusal::SlippageTooHigh);
        ok(&coldkey(1), order(price - price / 100, true));
        let sold = before - stake_of(&hotkey(0), &coldkey(1), netuid);
        assert!(sold > 0 && sold < 10 * UNIT);
        let all =
            Network::remove_stake_full_limit { hotkey: hotkey(0), netuid, limit_price: Some(1_000_000) };
        ok(&coldkey(1), all);
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 0);
    });
}

#[test]
fn whoever_takes_everything_leaves_no_rao_behind() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let give = |who: u8, rao| {
            let alpha = AlphaBalance::from_rao(rao);
            StakeLedger::<Test>::increase(&hotkey(0), &coldkey(who), netuid, alpha).expect("worth a share");
            PoolReserves::<Test>::mint_out(netuid, alpha);
        };
        give(1, 1_000_000_007);
        let dividend = AlphaBalance::from_rao(333);
        StakeLedger::<Test>::raise_all(&hotkey(0), netuid, dividend);
        PoolReserves::<Test>::mint_out(netuid, dividend);
        let stays = stake_of(&hotkey(0), &coldkey(1), netuid);
        for i in 0..30 {
            give(2, 123_456_789 + i * 1_000_003);
            let held = AlphaBalance::from_rao(stake_of(&hotkey(0), &coldkey(2), netuid));
            StakeLedger::<Test>::decrease(&hotkey(0), &coldkey(2), netuid, held).expect("it has that");
            PoolReserves::<Test>::recycle_out(netuid, held);
            assert!(
                !AlphaV2::<Test>::contains_key((hotkey(0), coldkey(2), netuid)),
                "a part is left after {i}"
            );
        }
        let gained = stake_of(&hotkey(0), &coldkey(1), netuid) - stays;
        assert!((1..=30).contains(&gained), "what truncation left belongs to who stays, not {gained} rao");
    });
}

#[test]
fn everything_can_be_unstaked_at_once() {
    on_chain(|| {
        let first = subnet().started().create();
        let second = subnet().owned_by(1).started().create();
        for netuid in [ROOT, first, second] {
            ok(&coldkey(2), add(netuid, tao(10)));
        }
        ok(&coldkey(2), Network::unstake_all { hotkey: hotkey(0) });
        for netuid in [ROOT, first, second] {
            assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), 0);
        }
        assert!(balance(&coldkey(2)) > (FORTUNE - 1) * UNIT);
        refused(&coldkey(2), Network::unstake_all { hotkey: hotkey(77) }, Refusal::HotKeyAccountNotExists);
    });
}

#[test]
fn all_alpha_can_move_to_root() {
    on_chain(|| {
        let first = subnet().started().create();
        let second = subnet().owned_by(1).started().create();
        refused(&coldkey(2), Network::unstake_all_alpha { hotkey: hotkey(0) }, Refusal::AmountTooLow);
        ok(&coldkey(2), add(first, tao(10)));
        ok(&coldkey(2), add(second, tao(10)));
        end_block();
        let before = balance(&coldkey(2));
        ok(&coldkey(2), Network::unstake_all_alpha { hotkey: hotkey(0) });
        let on_root = stake_of(&hotkey(0), &coldkey(2), ROOT);
        assert!(on_root > 19 * UNIT + 900_000_000, "{on_root}");
        assert_eq!(balance(&coldkey(2)), before);
    });
}

#[test]
fn a_reward_reaches_every_holder_in_proportion() {
    on_chain(|| {
        let netuid = subnet().started().create();
        StakeLedger::<Test>::increase(&hotkey(0), &coldkey(1), netuid, alpha(30)).expect("shares");
        StakeLedger::<Test>::increase(&hotkey(0), &coldkey(2), netuid, alpha(10)).expect("shares");
        PoolReserves::<Test>::mint_out(netuid, alpha(40));
        assert_eq!(StakeLedger::<Test>::raise_all(&hotkey(0), netuid, alpha(20)), alpha(20));
        PoolReserves::<Test>::mint_out(netuid, alpha(20));
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 45 * UNIT);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), netuid), 15 * UNIT);
        assert_eq!(StakeLedger::<Test>::raise_all(&hotkey(5), netuid, alpha(20)), AlphaBalance::ZERO);
    });
}

#[test]
fn a_small_nomination_is_swept_when_it_is_touched() {
    on_chain(|| {
        let netuid = subnet().started().create();
        NetworkSettings::<Test>::set_nominator_min_required_stake(1_000_000_000);
        assert_eq!(StakeLedger::<Test>::smallest_nomination(), tao(2));
        for staker in [0, 1] {
            ok(&coldkey(staker), add(netuid, tao(3)));
            ok(&coldkey(staker), remove(netuid, 2 * UNIT));
        }
        assert_eq!(stake_of(&hotkey(0), &coldkey(1), netuid), 0, "less than 2 TAO were left");
        assert!(stake_of(&hotkey(0), &coldkey(0), netuid) > 0, "the owner may keep any amount");
    });
}

#[test]
fn miner_emission_goes_where_its_coldkey_wants() {
    on_chain(|| {
        let netuid = subnet().with_neurons(2).create();
        let choose = |to| Network::set_coldkey_auto_stake_hotkey { netuid, hotkey: hotkey(to) };
        refused(&coldkey(10), choose(77), Refusal::HotKeyNotRegisteredInSubNet);
        assert_eq!(AutoStakeDestination::<Test>::get(coldkey(10), netuid), None);
        ok(&coldkey(10), choose(11));
        assert_eq!(AutoStakeDestination::<Test>::get(coldkey(10), netuid), Some(hotkey(11)));
        refused(&coldkey(10), choose(11), Refusal::SameAutoStakeHotkeyAlreadySet);
        let missing = Network::set_coldkey_auto_stake_hotkey { netuid: 99, hotkey: hotkey(11) };
        refused(&coldkey(10), missing, Refusal::SubnetNotExists);
    });
}

proptest! {
    #![proptest_config(cases(24))]

    /// After any trades nothing is created or lost; `ok` and `on_chain` check every invariant.
    #[test]
    fn trades_conserve_everything(orders in prop::collection::vec((1u8..4, any::<bool>(), 1u64..200), 1..12)) {
        on_chain(|| {
            let netuid = subnet().started().create();
            let issuance = TotalIssuance::<Test>::get();
            for (who, buys, tokens) in orders {
                if buys {
                    ok(&coldkey(who), add(netuid, tao(tokens)));
                } else if stake_of(&hotkey(0), &coldkey(who), netuid) > UNIT {
                    ok(&coldkey(who), remove(netuid, tokens * UNIT / 3));
                }
            }
            assert_eq!(TotalIssuance::<Test>::get(), issuance);
            assert_eq!(surplus(netuid), 0, "the account holds the pool and nothing else");
        });
    }
}

#[test]
fn who_holds_already_is_not_listed_again() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(1), add(netuid, tao(10)));
        let listed = StakingHotkeys::<Test>::take(coldkey(1));
        assert_eq!(StakeLedger::<Test>::increase(&hotkey(0), &coldkey(1), netuid, 5.into()), Ok(()));
        assert!(!StakingHotkeys::<Test>::contains_key(coldkey(1)), "the list is left alone");
        StakingHotkeys::<Test>::insert(coldkey(1), listed);
        PoolReserves::<Test>::mint_out(netuid, 5.into());
    });
}

#[test]
fn unstaking_everything_is_charged_by_the_sales_tried() {
    on_chain(|| {
        let netuids = [subnet().started().create(), subnet().owned_by(1).started().create()];
        ok(&coldkey(2), add(netuids[0], tao(10)));
        let call = RuntimeCall::from(Network::unstake_all { hotkey: hotkey(0) });
        let declared = call.get_dispatch_info().call_weight;
        let signer = costs::Signer::anywhere::<Test>(&coldkey(2));
        let post = call.dispatch(RuntimeOrigin::signed(coldkey(2))).expect("there is stake");
        let actual = post.actual_weight.expect("the call says what it cost");
        let looking = costs::stake_removed::<Test>(&hotkey(0));
        assert_eq!(actual, costs::unstaked::<Test>(1, signer).saturating_add(looking));
        assert!(actual.ref_time() < declared.ref_time(), "{actual} of {declared}");
        check_invariants();
    });
}

#[test]
fn root_stake_that_grows_is_marked_already() {
    on_chain(|| {
        subnet().create();
        ok(&coldkey(1), add(ROOT, tao(1)));
        let marks = RootStakeMarks::<Test>::take();
        assert!(!marks.is_empty());
        let outcome = RuntimeCall::from(add(ROOT, tao(1))).dispatch(RuntimeOrigin::signed(coldkey(1)));
        assert!(outcome.is_ok());
        assert!(!RootStakeMarks::<Test>::exists(), "the marks were looked at");
        RootStakeMarks::<Test>::put(marks);
    });
}

//! Moving stake.

use super::mock::*;
use crate::{pallet::*, pools::PoolReserves, subnets::Hyperparameters};
use myelin_units::{AlphaBalance, NetUid, ROOT};

/// Two started subnets; coldkey 2 has 100 TAO worth of stake on hotkey 0 of the first.
fn situation() -> (NetUid, NetUid, u64) {
    let first = subnet().started().create();
    let second = subnet().owned_by(1).started().create();
    ok(&coldkey(2), Network::add_stake { hotkey: hotkey(0), netuid: first, amount_staked: tao(100) });
    end_block();
    (first, second, stake_of(&hotkey(0), &coldkey(2), first))
}

fn rao(amount: u64) -> AlphaBalance {
    AlphaBalance::from_rao(amount)
}

#[test]
fn a_move_within_a_subnet_is_free_and_exact() {
    on_chain(|| {
        let (first, _, held) = situation();
        let reserves = (SubnetTAO::<Test>::get(first), SubnetAlphaIn::<Test>::get(first));
        ok(
            &coldkey(2),
            Network::move_stake {
                origin_hotkey: hotkey(0),
                destination_hotkey: hotkey(1),
                origin_netuid: first,
                destination_netuid: first,
                alpha_amount: rao(held / 2),
            },
        );
        assert_eq!(stake_of(&hotkey(1), &coldkey(2), first), held / 2);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), first), held - held / 2);
        assert_eq!((SubnetTAO::<Test>::get(first), SubnetAlphaIn::<Test>::get(first)), reserves);
    });
}

#[test]
fn the_largest_amount_is_all_of_it() {
    on_chain(|| {
        let (first, second, held) = situation();
        let all = AlphaBalance::MAX;
        let (origin_hotkey, destination_hotkey) = (hotkey(0), hotkey(1));
        let [origin_netuid, destination_netuid] = [first; 2];
        let to_other_hotkey = Network::move_stake {
            origin_hotkey,
            destination_hotkey,
            origin_netuid,
            destination_netuid,
            alpha_amount: all,
        };
        ok(&coldkey(2), to_other_hotkey);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), first), 0);
        assert_eq!(stake_of(&hotkey(1), &coldkey(2), first), held);
        let to_other_subnet = Network::swap_stake {
            hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid: second,
            alpha_amount: all,
        };
        ok(&coldkey(2), to_other_subnet);
        assert_eq!(stake_of(&hotkey(1), &coldkey(2), first), 0);
        let there = stake_of(&hotkey(1), &coldkey(2), second);
        assert!(there > 0);
        let to_other_coldkey = |hotkey| Network::transfer_stake {
            destination_coldkey: coldkey(3),
            hotkey,
            origin_netuid: second,
            destination_netuid: second,
            alpha_amount: all,
        };
        ok(&coldkey(2), to_other_coldkey(hotkey(1)));
        assert_eq!(stake_of(&hotkey(1), &coldkey(3), second), there);
        refused(&coldkey(2), to_other_coldkey(hotkey(1)), Refusal::NotEnoughStakeToWithdraw);
    });
}

#[test]
fn stake_changes_its_coldkey_where_that_is_allowed() {
    on_chain(|| {
        let (first, _, held) = situation();
        let give = || Network::transfer_stake {
            destination_coldkey: coldkey(3),
            hotkey: hotkey(0),
            origin_netuid: first,
            destination_netuid: first,
            alpha_amount: rao(held),
        };
        Hyperparameters::<Test>::set_transfer_toggle(first, false);
        refused(&coldkey(2), give(), Refusal::TransferDisallowed);
        Hyperparameters::<Test>::set_transfer_toggle(first, true);
        ok(&coldkey(2), give());
        assert_eq!(stake_of(&hotkey(0), &coldkey(3), first), held);
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), first), 0);
    });
}

#[test]
fn a_swap_between_subnets_pays_one_fee() {
    on_chain(|| {
        let (first, second, held) = situation();
        let earned = balance(&author());
        let free = balance(&coldkey(2));
        ok(
            &coldkey(2),
            Network::swap_stake {
                hotkey: hotkey(0),
                origin_netuid: first,
                destination_netuid: second,
                alpha_amount: rao(held),
            },
        );
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), first), 0);
        assert!(stake_of(&hotkey(0), &coldkey(2), second) > 80 * UNIT);
        assert_eq!(balance(&coldkey(2)), free);
        let fee = balance(&author()) - earned;
        assert!(fee > 40_000_000 && fee < 60_000_000, "one fee on 100 TAO is 0.05 TAO, not {fee} rao");
        assert_eq!((surplus(first), surplus(second)), (0, 0));
    });
}

#[test]
fn a_swap_from_root_pays_its_fee_on_the_purchase() {
    on_chain(|| {
        let (first, _, _) = situation();
        ok(&coldkey(3), Network::add_stake { hotkey: hotkey(0), netuid: ROOT, amount_staked: tao(10) });
        let earned = balance(&author());
        ok(
            &coldkey(3),
            Network::swap_stake {
                hotkey: hotkey(0),
                origin_netuid: ROOT,
                destination_netuid: first,
                alpha_amount: alpha(10),
            },
        );
        assert_eq!(balance(&author()) - earned, 10 * UNIT * 33 / 65_535);
        assert_eq!(stake_of(&hotkey(0), &coldkey(3), ROOT), 0);
    });
}

#[test]
fn moves_name_what_is_wrong() {
    on_chain(|| {
        let (first, second, held) = situation();
        let closed = subnet().owned_by(4).create();
        let swap = |origin_netuid, destination_netuid, amount| Network::swap_stake {
            hotkey: hotkey(0),
            origin_netuid,
            destination_netuid,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), swap(first, 99, held), Refusal::SubnetNotExists);
        refused(&coldkey(2), swap(first, closed, held), Refusal::SubtokenDisabled);
        refused(&coldkey(2), swap(first, first, held), Refusal::SameNetuid);
        refused(&coldkey(2), swap(first, second, held + 1), Refusal::NotEnoughStakeToWithdraw);
        refused(&coldkey(2), swap(first, second, 0), Refusal::NotEnoughStakeToWithdraw);
        refused(&coldkey(2), swap(first, second, 1_000_000), Refusal::AmountTooLow);
        let hand = |destination_hotkey, amount| Network::move_stake {
            origin_hotkey: hotkey(0),
            destination_hotkey,
            origin_netuid: first,
            destination_netuid: first,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), hand(hotkey(77), held), Refusal::HotKeyAccountNotExists);
        refused(&coldkey(2), hand(hotkey(1), 1_000_000), Refusal::AmountTooLow);
    });
}

#[test]
fn a_limit_stops_a_swap_at_its_price_ratio() {
    on_chain(|| {
        let (first, second, held) = situation();
        // After the purchase the first subnet's alpha costs about 1.21 TAO.
        let ratio = price_rao(first) as u128 * UNIT as u128 / price_rao(second) as u128;
        let order = |limit_price, allow_partial| Network::swap_stake_limit {
            hotkey: hotkey(0),
            origin_netuid: first,
            destination_netuid: second,
            alpha_amount: rao(held),
            limit_price,
            allow_partial,
        };
        refused(&coldkey(2), order(ratio as u64 + UNIT, true), Refusal::SlippageTooHigh);
        let tight = (ratio * 98 / 100) as u64;
        refused(&coldkey(2), order(tight, false), Refusal::SlippageTooHigh);
        ok(&coldkey(2), order(tight, true));
        let left = stake_of(&hotkey(0), &coldkey(2), first);
        assert!(left > 0 && left < held);
        ok(
            &coldkey(2),
            Network::swap_stake_limit {
                hotkey: hotkey(0),
                origin_netuid: first,
                destination_netuid: second,
                alpha_amount: rao(left),
                limit_price: 0,
                allow_partial: false,
            },
        );
    });
}

#[test]
fn a_limit_stops_a_move_to_another_hotkey_too() {
    on_chain(|| {
        let (first, second, held) = situation();
        let move_under = |limit_price, allow_partial| Network::move_stake_limit {
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid: second,
            alpha_amount: rao(held),
            limit_price,
            allow_partial,
        };
        let ratio = price_rao(first) * UNIT / price_rao(second);
        refused(&coldkey(2), move_under(ratio + 1_000, true), Refusal::SlippageTooHigh);
        refused(&coldkey(2), move_under(ratio / 100 * 99, false), Refusal::SlippageTooHigh);
        ok(&coldkey(2), move_under(ratio / 100 * 99, true));
        let sold = held - stake_of(&hotkey(0), &coldkey(2), first);
        let got = stake_of(&hotkey(1), &coldkey(2), second);
        assert!(sold > 0 && sold < held / 2, "{sold} of {held} were sold");
        // Between two pools the limit is for the average; the fee comes on top.
        let rate = u128::from(got) * u128::from(UNIT) / u128::from(sold);
        assert!(rate > u128::from(ratio / 1_000 * 989), "the rate was {rate} at a ratio of {ratio}");
    });
}

#[test]
fn stake_changes_coldkey_and_hotkey_at_once() {
    on_chain(|| {
        let (first, second, held) = situation();
        let give = |destination_netuid, amount| Network::transfer_stake_and_hotkey {
            destination_coldkey: coldkey(3),
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), give(first, held + 1), Refusal::NotEnoughStakeToWithdraw);
        Hyperparameters::<Test>::set_transfer_toggle(second, false);
        refused(&coldkey(2), give(second, held), Refusal::TransferDisallowed);
        Hyperparameters::<Test>::set_transfer_toggle(second, true);
        ok(&coldkey(2), give(first, held / 2));
        assert_eq!(stake_of(&hotkey(1), &coldkey(3), first), held / 2, "within a subnet to the rao");
        assert_eq!(stake_of(&hotkey(0), &coldkey(3), first), 0);
        announced(Event::StakeAndHotkeyTransferred {
            origin_coldkey: coldkey(2),
            destination_coldkey: coldkey(3),
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid: first,
            amount: PoolReserves::<Test>::value_at_spot(first, rao(held / 2)),
        });
        ok(&coldkey(2), give(second, held - held / 2));
        assert_eq!(stake_of(&hotkey(0), &coldkey(2), first), 0);
        assert!(stake_of(&hotkey(1), &coldkey(3), second) > 0);
    });
}

#[test]
fn a_limit_stops_a_gift_to_another_subnet_too() {
    on_chain(|| {
        let (first, second, held) = situation();
        let give = |destination_netuid, limit_price, allow_partial| Network::transfer_stake_limit {
            destination_coldkey: coldkey(3),
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid,
            alpha_amount: rao(held),
            limit_price,
            allow_partial,
        };
        let ratio = price_rao(first) * UNIT / price_rao(second);
        Hyperparameters::<Test>::set_transfer_toggle(second, false);
        refused(&coldkey(2), give(second, 0, true), Refusal::TransferDisallowed);
        Hyperparameters::<Test>::set_transfer_toggle(second, true);
        refused(&coldkey(2), give(second, ratio + 1_000, true), Refusal::SlippageTooHigh);
        refused(&coldkey(2), give(second, ratio / 100 * 99, false), Refusal::SlippageTooHigh);
        ok(&coldkey(2), give(second, ratio / 100 * 99, true));
        let sold = held - stake_of(&hotkey(0), &coldkey(2), first);
        assert!(sold > 0 && sold < held / 2, "{sold} of {held} were given");
        assert!(stake_of(&hotkey(1), &coldkey(3), second) > 0);
        // Within a subnet no price moves, so no limit applies.
        let rest = held - sold;
        let within = Network::transfer_stake_limit {
            destination_coldkey: coldkey(3),
            origin_hotkey: hotkey(0),
            destination_hotkey: hotkey(1),
            origin_netuid: first,
            destination_netuid: first,
            alpha_amount: rao(rest),
            limit_price: u64::MAX,
            allow_partial: false,
        };
        ok(&coldkey(2), within);
        assert_eq!(stake_of(&hotkey(1), &coldkey(3), first), rest);
    });
}

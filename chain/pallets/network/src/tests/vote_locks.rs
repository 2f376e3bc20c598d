//! Vote locks of governance: the stake that can't leave, removals, new owners; and the network's answers to governance.

use super::mock::*;
use crate::{
    costs,
    ledger::TaoLedger,
    locks::Locks,
    pallet::*,
    pools::PoolReserves,
    removal::SubnetRemoval,
    stake::{StakeLedger, StakePosition},
    subnets::{NetworkSettings, SubnetRegistry},
    views,
};
use alloc::vec;
use frame_support::{assert_noop, storage::with_storage_layer};
use myelin_governance::{book::paid_for_locked, power::PRICE_SCALE, Asset, Holdings, Kind, TrackId};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};
use sp_runtime::{traits::Dispatchable, DispatchError};

const LOOSE: u64 = 1;

fn rao(amount: u64) -> AlphaBalance {
    AlphaBalance::from_rao(amount)
}

fn add(hot: u16, netuid: NetUid, tokens: u64) -> Network {
    Network::add_stake { hotkey: hotkey(hot), netuid, amount_staked: tao(tokens) }
}

/// Two started subnets; coldkey 2 has stake on hotkeys 10 and 11 of the first one. Returns the numbers and its stake on
/// either hotkey.
fn situation() -> (NetUid, NetUid, u64, u64) {
    let netuid = subnet().started().with_neurons(2).create();
    let other = subnet().owned_by(1).started().create();
    ok(&coldkey(2), add(10, netuid, 100));
    ok(&coldkey(2), add(11, netuid, 50));
    let [first, second] = [10, 11].map(|hot| stake_of(&hotkey(hot), &coldkey(2), netuid));
    (netuid, other, first, second)
}

/// Every call that takes this amount of coldkey 2's stake on hotkey 10 from a subnet.
fn ways_out(netuid: NetUid, other: NetUid, amount: u64) -> Vec<Network> {
    let (hotkey, another, to) = (hotkey(10), hotkey(11), coldkey(3));
    let (amount, destination_netuid) = (rao(amount), other);
    let sales = vec![
        Network::remove_stake { hotkey: hotkey.clone(), netuid, amount_unstaked: amount },
        Network::remove_stake_limit {
            hotkey: hotkey.clone(),
            netuid,
            amount_unstaked: amount,
            limit_price: LOOSE,
            allow_partial: false,
        },
        Network::swap_stake {
            hotkey: hotkey.clone(),
            origin_netuid: netuid,
            destination_netuid,
            alpha_amount: amount,
        },
        Network::swap_stake_limit {
            hotkey: hotkey.clone(),
            origin_netuid: netuid,
            destination_netuid,
            alpha_amount: amount,
            limit_price: LOOSE,
            allow_partial: false,
        },
        Network::move_stake {
            origin_hotkey: hotkey.clone(),
            destination_hotkey: another.clone(),
            origin_netuid: netuid,
            destination_netuid,
            alpha_amount: amount,
        },
        Network::move_stake_limit {
            origin_hotkey: hotkey.clone(),
            destination_hotkey: another.clone(),
            origin_netuid: netuid,
            destination_netuid,
            alpha_amount: amount,
            limit_price: LOOSE,
            allow_partial: false,
        },
        Network::recycle_alpha { hotkey: hotkey.clone(), amount, netuid },
        Network::burn_alpha { hotkey: hotkey.clone(), amount, netuid },
    ];
    let gifts = [netuid, other].into_iter().flat_map(|destination_netuid| {
        [
            Network::transfer_stake {
                destination_coldkey: to.clone(),
                hotkey: hotkey.clone(),
                origin_netuid: netuid,
                destination_netuid,
                alpha_amount: amount,
            },
            Network::transfer_stake_and_hotkey {
                destination_coldkey: to.clone(),
                origin_hotkey: hotkey.clone(),
                destination_hotkey: another.clone(),
                origin_netuid: netuid,
                destination_netuid,
                alpha_amount: amount,
            },
            Network::transfer_stake_limit {
                destination_coldkey: to.clone(),
                origin_hotkey: hotkey.clone(),
                destination_hotkey: another.clone(),
                origin_netuid: netuid,
                destination_netuid,
                alpha_amount: amount,
                limit_price: LOOSE,
                allow_partial: false,
            },
        ]
    });
    sales.into_iter().chain(gifts).collect()
}

/// The call succeeds; then everything is as before it.
#[track_caller]
fn would_do(call: Network) {
    let done = with_storage_layer(|| -> Result<(), DispatchError> {
        ok(&coldkey(2), call);
        Err(DispatchError::Other("undone"))
    });
    assert_eq!(done, Err(DispatchError::Other("undone")));
}

#[test]
fn stake_under_the_vote_lock_leaves_on_no_path_and_the_rest_on_every_one() {
    on_chain(|| {
        let (netuid, other, first, second) = situation();
        let locked = second + first / 2;
        lock_votes(&coldkey(2), netuid, locked);
        let free = first + second - locked;
        for call in ways_out(netuid, other, free + 1) {
            refused(&coldkey(2), call, Refusal::StakeUnderVoteLock);
        }
        ways_out(netuid, other, free).into_iter().for_each(would_do);
        let all = Network::remove_stake_full_limit { hotkey: hotkey(10), netuid, limit_price: None };
        refused(&coldkey(2), all, Refusal::StakeUnderVoteLock);
        lock_votes(&coldkey(2), netuid, 0);
        ways_out(netuid, other, first).into_iter().for_each(would_do);
    });
}

#[test]
fn stake_on_root_is_bound_too() {
    on_chain(|| {
        let (netuid, ..) = situation();
        ok(&coldkey(2), add(10, ROOT, 20));
        lock_votes(&coldkey(2), ROOT, 15 * UNIT);
        let remove =
            |amount| Network::remove_stake { hotkey: hotkey(10), netuid: ROOT, amount_unstaked: rao(amount) };
        let swap = |amount| Network::swap_stake {
            hotkey: hotkey(10),
            origin_netuid: ROOT,
            destination_netuid: netuid,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), remove(5 * UNIT + 1), Refusal::StakeUnderVoteLock);
        refused(&coldkey(2), swap(5 * UNIT + 1), Refusal::StakeUnderVoteLock);
        would_do(remove(5 * UNIT));
        would_do(swap(5 * UNIT));
    });
}

#[test]
fn unstaking_everything_leaves_the_stake_under_the_vote_lock() {
    on_chain(|| {
        let (netuid, other, first, second) = situation();
        ok(&coldkey(2), add(10, other, 5));
        lock_votes(&coldkey(2), netuid, second + first / 4);
        ok(&coldkey(2), Network::unstake_all_alpha { hotkey: hotkey(10) });
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), netuid), first / 4);
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), other), 0);
        ok(&coldkey(2), Network::unstake_all { hotkey: hotkey(10) });
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), netuid), first / 4);
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), ROOT), 0);
    });
}

#[test]
fn moves_between_hotkeys_and_swaps_of_hotkeys_are_free() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        lock_votes(&coldkey(2), netuid, first + second);
        let shift = Network::move_stake {
            origin_hotkey: hotkey(10),
            destination_hotkey: hotkey(11),
            origin_netuid: netuid,
            destination_netuid: netuid,
            alpha_amount: rao(first),
        };
        would_do(shift);
        let swap = Network::swap_hotkey { hotkey: hotkey(10), new_hotkey: hotkey(60), netuid: None };
        ok(&owner_of(10), swap);
        assert_eq!(stake_of(&hotkey(60), &coldkey(2), netuid), first);
        assert_eq!(UnderVoteLock::get().get(&(coldkey(2), netuid)), Some(&(first + second)));
    });
}

#[test]
fn both_locks_overlap_and_the_larger_one_is_named() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        let held = first + second;
        let lock = Network::lock_stake { hotkey: hotkey(10), netuid, amount: rao(held / 2) };
        ok(&coldkey(2), lock);
        let remove =
            |amount| Network::remove_stake { hotkey: hotkey(10), netuid, amount_unstaked: rao(amount) };
        lock_votes(&coldkey(2), netuid, held / 4);
        refused(&coldkey(2), remove(held - held / 2 + 1), Refusal::StakeUnavailable);
        would_do(remove(held - held / 2));
        lock_votes(&coldkey(2), netuid, held / 2 + 1);
        refused(&coldkey(2), remove(held - held / 2), Refusal::StakeUnderVoteLock);
        would_do(remove(held - held / 2 - 1));
        let available = views::stake::stake_availabilities::<Test>(vec![coldkey(2)], Some(vec![netuid]));
        let on_subnet = &available[&coldkey(2)][&netuid];
        assert_eq!((on_subnet.total.0, on_subnet.locked.0), (rao(held), rao(held / 2 + 1)));
        assert_eq!(on_subnet.available.0, rao(held - held / 2 - 1));
    });
}

#[test]
fn a_lock_goes_along_with_a_gift_and_a_vote_lock_does_not() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        let held = first + second;
        ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
        ok(&coldkey(2), Network::lock_stake { hotkey: hotkey(10), netuid, amount: rao(held) });
        lock_votes(&coldkey(2), netuid, held - first / 2);
        let give = |amount| Network::transfer_stake {
            destination_coldkey: coldkey(3),
            hotkey: hotkey(10),
            origin_netuid: netuid,
            destination_netuid: netuid,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), give(first / 2 + 1), Refusal::StakeUnderVoteLock);
        ok(&coldkey(2), give(first / 2));
        assert_eq!(Locks::<Test>::locked(&coldkey(3), netuid), rao(first / 2));
    });
}

#[test]
fn no_fee_is_paid_from_stake_under_the_vote_lock() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        let position = StakePosition { coldkey: coldkey(2), hotkey: hotkey(10), netuid };
        let fee = TaoBalance::from_rao(1_000_000);
        assert!(StakeLedger::<Test>::check_fee(&position, fee).is_ok());
        lock_votes(&coldkey(2), netuid, first + second);
        let refusal = DispatchError::from(Refusal::StakeUnderVoteLock);
        assert_eq!(StakeLedger::<Test>::check_fee(&position, fee), Err(refusal));
        assert_noop!(StakeLedger::<Test>::pay_fee(&position, fee).map(drop), refusal);
    });
}

#[test]
fn a_small_nomination_under_the_vote_lock_is_not_swept() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        ok(&coldkey(4), add(10, netuid, 1));
        let small = stake_of(&hotkey(10), &coldkey(4), netuid);
        lock_votes(&coldkey(4), netuid, 1);
        NetworkSettings::<Test>::set_nominator_min_required_stake(u64::MAX);
        StakeLedger::<Test>::sweep_small_nominations(&mut room());
        assert_eq!(stake_of(&hotkey(10), &coldkey(4), netuid), small);
        assert!(first + second > 0 && stake_of(&hotkey(10), &coldkey(2), netuid) == 0, "others are swept");
    });
}

#[test]
fn stake_that_a_vote_lock_binds_is_counted_as_read() {
    on_chain(|| {
        let (netuid, other, ..) = situation();
        let signer = || costs::Signer::of::<Test>(&coldkey(2), netuid);
        assert_eq!((signer().bound, costs::Signer::anywhere::<Test>(&coldkey(2)).bound), (0, 0));
        lock_votes(&coldkey(2), netuid, 1);
        assert_eq!((signer().bound, costs::Signer::anywhere::<Test>(&coldkey(2)).bound), (2, 2));
        assert_eq!(costs::Signer::of::<Test>(&coldkey(2), other).bound, 0);
    });
}

#[test]
fn the_tao_of_a_removed_subnet_is_bound_in_the_place_of_its_alpha() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        ok(&coldkey(3), add(10, netuid, 10));
        let locked = first + second / 3;
        lock_votes(&coldkey(2), netuid, locked);
        let before = balance(&coldkey(2));
        let removal = RuntimeCall::from(Network::root_dissolve_network { netuid });
        removal.dispatch(RuntimeOrigin::root()).expect("root may remove a subnet");
        while SubnetRemoval::<Test>::count() > 0 {
            // A page for each entry, so that every moment in between is seen.
            SubnetRemoval::<Test>::work(1);
            check_invariants();
            let bound: u64 = BoundPayments::get().iter().map(|(_, paid)| paid.to_rao()).sum();
            let paid = balance(&coldkey(2)) - before;
            let least = paid_for_locked(locked, rao(first + second), TaoBalance::from_rao(paid));
            assert!(bound >= least.to_rao() && bound <= paid, "{bound} of {paid} are bound");
        }
        let payments = BoundPayments::get();
        assert_eq!(payments.len(), 2, "one for each holding");
        assert_eq!(RemovedSubnets::get(), [netuid]);
        assert!(payments.iter().all(|(who, _)| *who == coldkey(2)));
        assert!(!UnderVoteLock::get().contains_key(&(coldkey(2), netuid)));
        assert!(balance(&coldkey(2)) > before && RemovalVoteLocks::<Test>::iter().next().is_none());
    });
}

#[test]
fn governance_hears_of_a_new_owner() {
    on_chain(|| {
        let (netuid, ..) = situation();
        SubnetRegistry::<Test>::change_owner(netuid, owner_of(11), hotkey(11));
        assert_eq!(NewOwners::get(), [(netuid, owner_of(11))]);
    });
}

#[test]
fn holdings_are_the_stake_on_all_hotkeys_of_a_subnet_that_exists() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        ok(&coldkey(2), add(10, ROOT, 20));
        let held = |asset| SubtensorModule::held(&coldkey(2), asset);
        assert_eq!(held(Asset::Stake(netuid)), first + second);
        assert_eq!(held(Asset::Stake(ROOT)), 20 * UNIT);
        assert_eq!((held(Asset::Free), held(Asset::Stake(99))), (0, 0));
        SubnetRemoval::<Test>::dissolve(netuid).expect("it exists");
        assert_eq!(held(Asset::Stake(netuid)), 0, "the subnet is gone, whatever its entries say");
        assert_eq!(SubtensorModule::subnet(netuid), None);
    });
}

#[test]
fn power_of_all_alpha_is_never_above_its_pool_and_the_electorate_never_above_all_tao() {
    on_chain(|| {
        let (netuid, other, ..) = situation();
        assert_eq!(SubtensorModule::prices().of(other), 0, "nobody has any of its alpha");
        ok(&coldkey(3), add(1, other, 10));
        // A price above 1 counts as 1, and thin pools bound it.
        SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_int(2));
        SubnetMovingPrice::<Test>::insert(other, I96F32::from_ratio(1, 1_000));
        let prices = SubtensorModule::prices();
        assert_eq!(prices.of(ROOT), 0);
        for subnet in [netuid, other] {
            let worth =
                u128::from(SubnetAlphaOut::<Test>::get(subnet).to_rao()) * u128::from(prices.of(subnet));
            assert!(worth / u128::from(PRICE_SCALE) <= u128::from(SubnetTAO::<Test>::get(subnet).to_rao()));
        }
        assert!(prices.of(netuid) > 0 && prices.of(netuid) <= PRICE_SCALE);
        assert!(prices.of(other) > 0 && prices.of(other) <= PRICE_SCALE / 1_000);
        let all = SubtensorModule::electorate(Kind::Upgrade.id());
        let free: u64 = (0..100).map(|i| balance(&coldkey(i))).sum();
        assert!(all >= u128::from(free) && all <= u128::from(TaoLedger::<Test>::total_issuance().to_rao()));
    });
}

/// TAO that is in a pool in the block of a submission, and outside when votes are cast, would lift its support.
#[test]
fn no_stake_makes_the_electorate_of_the_network_smaller() {
    on_chain(|| {
        let (netuid, other, ..) = situation();
        let electorate = || SubtensorModule::electorate(Kind::Upgrade.id());
        let before = electorate();
        for (hot, of) in [(1, other), (10, netuid)] {
            ok(&coldkey(3), add(hot, of, 200));
            assert!(electorate() + u128::from(UNIT) >= before, "{of}: no more than fees are gone");
        }
    });
}

#[test]
fn the_electorate_of_a_subnet_is_all_alpha_but_that_of_nobody() {
    on_chain(|| {
        let (netuid, _, first, second) = situation();
        ok(&coldkey(0), add(10, netuid, 30));
        let owned = SubtensorModule::held(&coldkey(0), Asset::Stake(netuid));
        let track = TrackId::rubrics(netuid).expect("a number of a subnet");
        let electorate = || SubtensorModule::electorate(track);
        let all = first + second + owned;
        assert_eq!(electorate(), u128::from(all), "the owner's stake is in it, because it can move");
        ok(&coldkey(2), Network::burn_alpha { hotkey: hotkey(10), amount: rao(first / 2), netuid });
        assert_eq!(electorate(), u128::from(all - first / 2));
        let nowhere = TrackId::rubrics(99).expect("a number of a subnet");
        assert_eq!(SubtensorModule::electorate(nowhere), 0);
    });
}

#[test]
fn a_vote_opens_a_subnet_without_a_lock_cost() {
    on_chain(|| {
        let (netuid, other, ..) = situation();
        let cost = SubnetRegistry::<Test>::lock_cost();
        let payer = coldkey(6);
        let before = [balance(&coldkey(7)), balance(&payer)];
        let opened = SubtensorModule::open_subnet(&coldkey(7), &payer).expect("there is room");
        check_invariants();
        assert!(![ROOT, 1, netuid, other].contains(&opened));
        let after = [balance(&coldkey(7)), balance(&payer)];
        assert_eq!(after, [before[0], before[1] - UNIT], "the pool's first TAO");
        assert_eq!(SubtensorModule::subnet(opened), Some((coldkey(7), System::block_number().into())));
        assert_eq!(SubnetRegistry::<Test>::owner_hotkey(opened), Some(coldkey(7)));
        assert_eq!(SubnetRegistry::<Test>::lock_cost(), cost, "it makes no other subnet more expensive");
        assert!(!price_rao(opened).eq(&0));
        ok(&coldkey(7), Network::start_call { netuid: opened });
        ok(&coldkey(2), Network::add_stake { hotkey: coldkey(7), netuid: opened, amount_staked: tao(1) });
        // An owner with hotkeys uses its first one.
        let second = SubtensorModule::open_subnet(&owner_of(10), &payer).expect("there is room");
        assert_eq!(SubnetRegistry::<Test>::owner_hotkey(second), Some(hotkey(10)));
    });
}

#[test]
fn a_vote_opens_no_subnet_without_a_place_or_the_least_tao() {
    on_chain(|| {
        situation();
        let open = |owner: &AccountId, payer: &AccountId| {
            let outcome = SubtensorModule::open_subnet(owner, payer);
            outcome.map(drop)
        };
        assert_noop!(open(&coldkey(7), &hotkey(500)), Refusal::CannotAffordLockCost);
        assert_noop!(open(&hotkey(10), &coldkey(6)), Refusal::NonAssociatedColdKey);
        SubnetLimit::<Test>::put(SubnetRegistry::<Test>::user_count());
        assert_noop!(open(&coldkey(7), &coldkey(6)), Refusal::SubnetLimitReached);
        assert!(!PoolReserves::<Test>::tao(1).is_zero());
    });
}

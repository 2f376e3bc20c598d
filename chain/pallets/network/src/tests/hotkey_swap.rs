//! A new hotkey replaces an old one, and no account gains or loses by it.

use super::mock::*;
use crate::{
    costs,
    epoch::EpochClock,
    keys::KeyOwnership,
    pallet::*,
    pools::PoolReserves,
    stake::{Delegation, RootClaims, StakeLedger},
    subnets::Hyperparameters,
    types::RateLimitKey,
};
use alloc::collections::BTreeMap;
use frame_support::dispatch::GetDispatchInfo;
use myelin_abi::AxonInfo;
use myelin_units::{NetUid, I96F32, ROOT};
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

fn swap(old: u16, new: u16, netuid: Option<NetUid>) -> Network {
    Network::swap_hotkey { hotkey: hotkey(old), new_hotkey: hotkey(new), netuid }
}

fn swap_keeping_stake(old: u16, new: u16, netuid: Option<NetUid>) -> Network {
    Network::swap_hotkey_v2 { hotkey: hotkey(old), new_hotkey: hotkey(new), netuid, keep_stake: true }
}

fn stake(who: &AccountId, on: u16, netuid: NetUid, tokens: u64) {
    ok(who, Network::add_stake { hotkey: hotkey(on), netuid, amount_staked: tao(tokens) });
}

fn accrue(i: u16, netuid: NetUid, tokens: u64) {
    PoolReserves::<Test>::mint_out(netuid, alpha(tokens));
    accrue_root(&hotkey(i), netuid, alpha(tokens));
}

/// Two subnets with hotkey 10 on both, nominated by coldkeys 60 and 61 there and on root, with root dividends.
fn two_subnets() -> [NetUid; 2] {
    let netuids = [1, 2].map(|owner| subnet().owned_by(owner).started().with_neurons(3).create());
    for netuid in netuids.into_iter().chain([ROOT]) {
        for (staker, tokens) in [(60, 7), (61, 5)] {
            stake(&coldkey(staker), 10, netuid, tokens);
        }
        stake(&owner_of(10), 10, netuid, 3);
    }
    for netuid in netuids {
        accrue(10, netuid, 4);
    }
    netuids
}

/// Wealth of every coldkey: stake by subnet on all hotkeys together, and the root dividends owed to it, in rao.
fn wealth() -> BTreeMap<(AccountId, NetUid), (u64, u64)> {
    let mut wealth: BTreeMap<(AccountId, NetUid), (u64, u64)> = BTreeMap::new();
    let netuids: Vec<NetUid> = NetworksAdded::<Test>::iter_keys().collect();
    for (hotkey, coldkey, netuid) in AlphaV2::<Test>::iter_keys() {
        let held = StakeLedger::<Test>::alpha_of(&hotkey, &coldkey, netuid).to_rao();
        wealth.entry((coldkey.clone(), netuid)).or_default().0 += held;
        for &subnet in netuids.iter().filter(|_| netuid == ROOT) {
            let owed = RootClaims::<Test>::owed_to(&hotkey, &coldkey, subnet).to_rao();
            wealth.entry((coldkey.clone(), subnet)).or_default().1 += owed;
        }
    }
    wealth.retain(|_, has| *has != (0, 0));
    wealth
}

fn staked_in_all(netuid: NetUid) -> u64 {
    TotalHotkeyAlpha::<Test>::iter().filter(|(_, n, _)| *n == netuid).map(|(_, _, v)| v.to_rao()).sum()
}

#[test]
fn a_swap_everywhere_moves_everything_and_leaves_nothing() {
    on_chain(|| {
        let [first, second] = two_subnets();
        ok(&owner_of(10), Network::root_register { hotkey: hotkey(10) });
        ok(&owner_of(10), Network::decrease_take { hotkey: hotkey(10), take: 100 });
        ok(&owner_of(10), Network::set_childkey_take { hotkey: hotkey(10), netuid: first, take: 55 });
        ok(&owner_of(10), Network::set_auto_parent_delegation_enabled { hotkey: hotkey(10), enabled: false });
        Axons::<Test>::insert(first, hotkey(10), AxonInfo { block: 1, port: 8_091, ..Default::default() });
        WeightCommits::<Test>::insert(first, hotkey(10), alloc::collections::VecDeque::new());
        ok(&coldkey(60), Network::set_coldkey_auto_stake_hotkey { netuid: second, hotkey: hotkey(10) });
        VotingPowerTrackingEnabled::<Test>::insert(first, true);
        VotingPower::<Test>::insert(first, hotkey(10), 9);
        TotalVotingPower::<Test>::insert(first, 9);
        let uids = [first, second, ROOT].map(|netuid| uid_of(netuid, &hotkey(10)));
        let (before, issuance) = (wealth(), TotalIssuance::<Test>::get());
        let paid = balance(&owner_of(10));

        ok(&owner_of(10), swap(10, 99, None));

        assert_eq!(wealth(), before, "everybody has the same, to the rao");
        assert_eq!(paid - balance(&owner_of(10)), UNIT / 10);
        assert_eq!(issuance.to_rao() - TotalIssuance::<Test>::get().to_rao(), UNIT / 10, "recycled");
        assert_eq!([first, second, ROOT].map(|netuid| uid_of(netuid, &hotkey(99))), uids);
        assert_eq!(AlphaV2::<Test>::iter_key_prefix((hotkey(10),)).count(), 0);
        assert!(!Owner::<Test>::contains_key(hotkey(10)), "nobody owns the old hotkey any more");
        assert_eq!(Owner::<Test>::get(hotkey(99)), owner_of(10));
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(60)), vec![hotkey(99)]);
        assert_eq!(Delegates::<Test>::get(hotkey(99)), 100);
        assert!(!Delegates::<Test>::contains_key(hotkey(10)));
        let wait = RateLimitKey::LastTxBlockDelegateTake(hotkey(99));
        assert_eq!(LastRateLimitedBlock::<Test>::get(wait), 1);
        assert_eq!(ChildkeyTake::<Test>::get(hotkey(99), first), 55);
        assert!(!AutoParentDelegationEnabled::<Test>::get(hotkey(99)));
        assert_eq!(Axons::<Test>::get(first, hotkey(99)).map(|axon| axon.port), Some(8_091));
        assert!(WeightCommits::<Test>::contains_key(first, hotkey(99)));
        assert_eq!(AutoStakeDestination::<Test>::get(coldkey(60), second), Some(hotkey(99)));
        assert_eq!(VotingPower::<Test>::get(first, hotkey(99)), 9);
        assert!(!RootClaimable::<Test>::contains_key(hotkey(10)));
        announced(Event::HotkeySwapped {
            coldkey: owner_of(10),
            old_hotkey: hotkey(10),
            new_hotkey: hotkey(99),
        });
        run_blocks(3);
    });
}

#[test]
fn a_swap_on_one_subnet_leaves_the_others_and_root_dividends_alone() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let (before, paid) = (wealth(), balance(&owner_of(10)));
        ok(&owner_of(10), swap(10, 99, Some(first)));
        assert_eq!(wealth(), before);
        assert_eq!(paid - balance(&owner_of(10)), UNIT / 1_000);
        assert_eq!(uid_of(first, &hotkey(99)), Some(1));
        assert_eq!((uid_of(second, &hotkey(99)), uid_of(second, &hotkey(10))), (None, Some(1)));
        assert_eq!(RootClaimable::<Test>::get(hotkey(10)).len(), 2, "dividends follow root stake");
        assert_eq!(RootClaimable::<Test>::get(hotkey(99)).len(), 0);
        assert_eq!(stake_of(&hotkey(99), &coldkey(60), second), 0);
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(60)), vec![hotkey(10), hotkey(99)]);
        assert_eq!(Owner::<Test>::get(hotkey(10)), owner_of(10));
        announced(Event::HotkeySwappedOnSubnet {
            coldkey: owner_of(10),
            old_hotkey: hotkey(10),
            new_hotkey: hotkey(99),
            netuid: first,
        });
    });
}

#[test]
fn a_swap_on_root_takes_all_dividends_along() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let before = wealth();
        ok(&owner_of(10), swap(10, 99, Some(ROOT)));
        assert_eq!(wealth(), before);
        accrue(99, first, 2);
        let owed = |who: u8, netuid| RootClaims::<Test>::owed_to(&hotkey(99), &coldkey(who), netuid).to_rao();
        assert!(owed(60, first) > before[&(coldkey(60), first)].1);
        assert_eq!(owed(60, second), before[&(coldkey(60), second)].1);
    });
}

#[test]
fn stake_that_is_kept_stays_with_an_old_hotkey_that_keeps_its_owner() {
    on_chain(|| {
        let [first, _] = two_subnets();
        let before: Vec<_> = AlphaV2::<Test>::iter_keys().collect();
        ok(&owner_of(10), swap_keeping_stake(10, 99, None));
        assert_eq!(before, AlphaV2::<Test>::iter_keys().collect::<Vec<_>>());
        assert_eq!(uid_of(first, &hotkey(99)), Some(1));
        assert_eq!(Owner::<Test>::get(hotkey(10)), owner_of(10));
        // Its owner can still unstake, and move the stake later by another swap.
        let everything = Network::unstake_all { hotkey: hotkey(10) };
        ok(&owner_of(10), everything);
        refused(&owner_of(10), swap(10, 99, None), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        System::set_block_number(System::block_number() + 7_200);
        let paid = balance(&owner_of(10));
        ok(&owner_of(10), swap(10, 99, None));
        assert_eq!(paid - balance(&owner_of(10)), UNIT / 10);
        assert!(!Owner::<Test>::contains_key(hotkey(10)));
        assert!(stake_of(&hotkey(99), &coldkey(60), first) > 0);
    });
}

#[test]
fn a_swap_that_keeps_stake_ends_and_the_next_one_pays_and_waits() {
    for only_here in [false, true] {
        on_chain(|| {
            let [first, _] = two_subnets();
            let me = owner_of(10);
            let only = only_here.then_some(first);
            let again = || swap_keeping_stake(10, 99, only);
            ok(&me, again());
            assert!(!SwapsUnderWay::<Test>::contains_key(&me), "nothing is left to do");
            // It takes another uid, so that the swap would never end.
            let netuid = subnet().owned_by(3).started().create();
            ok(&me, Network::burned_register { netuid, hotkey: hotkey(10) });
            refused(&me, again(), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
            System::set_block_number(System::block_number() + 7_200);
            let paid = balance(&me);
            ok(&me, again());
            assert_eq!(paid - balance(&me), if only_here { UNIT / 1_000 } else { UNIT / 10 });
        });
    }
}

#[test]
fn a_swap_is_refused_without_right_room_time_or_money() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let me = owner_of(10);
        refused(&owner_of(11), swap(10, 99, None), Refusal::NonAssociatedColdKey);
        refused(&me, swap(10, 11, None), Refusal::NonAssociatedColdKey);
        refused(&me, swap(10, 10, None), Refusal::NewHotKeyIsSameWithOld);
        refused(&me, swap(10, 99, Some(9)), Refusal::SubnetNotExists);
        ok(&me, Network::burned_register { netuid: first, hotkey: hotkey(98) });
        refused(&me, swap(10, 98, None), Refusal::HotKeyAlreadyRegisteredInSubNet);
        refused(&me, swap(10, 98, Some(first)), Refusal::HotKeyAlreadyRegisteredInSubNet);
        ok(&me, swap(10, 97, Some(first)));
        refused(&me, swap(97, 96, Some(first)), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        refused(&me, swap(98, 96, None), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        ok(&me, swap(10, 97, Some(second)));
        System::set_block_number(7_200);
        refused(&me, swap(97, 96, Some(first)), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        System::set_block_number(7_201);
        ok(&me, swap(97, 96, Some(first)));
        System::set_block_number(20_000);
        let all = balance(&me) - UNIT / 100;
        let send = pallet_balances::Call::transfer_allow_death { dest: coldkey(1), value: all };
        RuntimeCall::from(send).dispatch(RuntimeOrigin::signed(me.clone())).expect("there is enough");
        refused(&me, swap(96, 95, None), Refusal::NotEnoughBalanceToPaySwapHotKey);
        ok(&me, swap(96, 95, Some(first)));
    });
}

#[test]
fn strangers_with_root_stake_on_the_new_hotkey_block_no_swap_and_change_nobodys_dividends() {
    for everywhere in [false, true] {
        on_chain(|| {
            let [first, second] = two_subnets();
            ok(&owner_of(10), Network::try_associate_hotkey { hotkey: hotkey(99) });
            // The smallest stake; the hotkey has earned nothing yet, or less on one subnet and more on the other.
            let amount_staked = myelin_units::TaoBalance::from_rao(2_100_000);
            ok(&coldkey(62), Network::add_stake { hotkey: hotkey(99), netuid: ROOT, amount_staked });
            if !everywhere {
                stake(&coldkey(62), 99, ROOT, 2);
                accrue(99, second, 2);
            }
            // A holder has claimed a part, so that less than the lost rate is counted as claimed.
            ok(&coldkey(61), Network::claim_root { subnets: [first].into() });
            accrue(10, first, 1);
            let before = wealth();
            let issued = [first, second].map(SubnetAlphaOut::<Test>::get);
            ok(&owner_of(10), swap(10, 99, if everywhere { None } else { Some(ROOT) }));
            let after = wealth();
            for (key, (held, owed)) in &before {
                let has = after[key];
                let (had, has) = (held + owed, has.0 + has.1);
                assert!(has.abs_diff(had) <= 3, "{key:?} had {had} and has {has}");
            }
            assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
            let stranger = (coldkey(62), first);
            assert_eq!(after.get(&stranger), before.get(&stranger), "the stranger gains nothing");
            assert_eq!([first, second].map(SubnetAlphaOut::<Test>::get), issued);
            assert!(!StakeLedger::<Test>::is_holder(&hotkey(10), &coldkey(60), ROOT));
            // All root stake shares the earnings from now on.
            accrue(99, first, 6);
            for who in [60, 61, 62] {
                ok(&coldkey(who), Network::claim_root { subnets: [first, second].into() });
            }
        });
    }
}

#[test]
fn root_stake_that_moves_to_a_hotkey_without_dividends_leaves_no_claim_behind() {
    on_chain(|| {
        let [first, _] = two_subnets();
        ok(&owner_of(10), Network::try_associate_hotkey { hotkey: hotkey(99) });
        stake(&coldkey(62), 99, ROOT, 2);
        // Dividends from before the stake count as claimed, rounded up.
        stake(&coldkey(63), 10, ROOT, 7);
        assert!(RootClaimed::<Test>::get((first, hotkey(10), coldkey(63))) > 0);
        ok(&owner_of(10), swap(10, 99, None));
        let amount_unstaked = StakeLedger::<Test>::alpha_of(&hotkey(99), &coldkey(63), ROOT);
        ok(&coldkey(63), Network::remove_stake { hotkey: hotkey(99), netuid: ROOT, amount_unstaked });
        let mut claims = RootClaimed::<Test>::iter_keys();
        let left = claims.find(|(_, hotkey, coldkey)| !StakeLedger::<Test>::is_holder(hotkey, coldkey, ROOT));
        assert_eq!(left, None);
    });
}

#[test]
fn a_family_follows_and_links_that_would_break_a_rule_end() {
    on_chain(|| {
        let netuid = subnet().with_neurons(5).create();
        let name = |i: u16, children: &[(u64, u16)]| {
            let children = children.iter().map(|(share, child)| (*share, hotkey(*child))).collect();
            ok(&owner_of(i), Network::set_children { hotkey: hotkey(i), netuid, children });
        };
        ok(&owner_of(10), Network::try_associate_hotkey { hotkey: hotkey(99) });
        name(10, &[(5, 11), (6, 99), (7, 12)]);
        name(13, &[(1, 10), (2, 99)]);
        name(14, &[(3, 10)]);
        let call = Network::set_children { hotkey: hotkey(99), netuid, children: vec![(9, hotkey(12))] };
        ok(&owner_of(10), call);
        ok(&coldkey(0), Network::start_call { netuid });
        System::set_block_number(200);
        name(10, &[(8, 99), (9, 11)]);
        ok(&owner_of(10), swap(10, 99, None));
        let children = ChildKeys::<Test>::get(hotkey(99), netuid);
        assert_eq!(children, vec![(9, hotkey(12)), (5, hotkey(11))], "not itself, and 12 only once");
        let parents = ParentKeys::<Test>::get(hotkey(99), netuid);
        assert_eq!(parents, vec![(2, hotkey(13)), (3, hotkey(14))]);
        assert_eq!(ChildKeys::<Test>::get(hotkey(13), netuid), vec![(2, hotkey(99))]);
        let (waiting, due) = PendingChildKeys::<Test>::get(netuid, hotkey(99));
        assert_eq!((waiting, due), (vec![(9, hotkey(11))], 7_400));
        let again = Network::set_children { hotkey: hotkey(99), netuid, children: vec![] };
        refused(&owner_of(10), again, Refusal::TxRateLimitExceeded);
    });
}

#[test]
fn the_owner_hotkey_of_a_subnet_stands_for_it_afterwards() {
    on_chain(|| {
        let netuid = subnet().create();
        ok(&coldkey(0), swap(0, 99, Some(netuid)));
        assert_eq!(SubnetOwnerHotkey::<Test>::get(netuid), hotkey(99));
        assert_eq!(uid_of(netuid, &hotkey(99)), Some(0));
        announced(Event::SubnetOwnerHotkeySet(netuid, hotkey(99)));
    });
}

#[test]
fn many_holders_move_in_several_calls_that_are_paid_once() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(1).create();
        stake(&coldkey(1), 10, netuid, 1);
        let holders = 700u16;
        for i in 0..holders {
            let holder = hotkey(5_000 + i);
            let each = myelin_units::AlphaBalance::from_rao(1_000_003);
            StakeLedger::<Test>::increase(&hotkey(10), &holder, netuid, each).expect("worth a share");
            PoolReserves::<Test>::mint_out(netuid, each);
        }
        StakeLedger::<Test>::raise_all(&hotkey(10), netuid, alpha(3));
        PoolReserves::<Test>::mint_out(netuid, alpha(3));
        let (before, total) = (wealth(), staked_in_all(netuid));
        let paid = balance(&owner_of(10));
        let mut calls = 0;
        while Owner::<Test>::contains_key(hotkey(10)) {
            let call = RuntimeCall::from(swap(10, 99, None));
            let declared = call.get_dispatch_info().call_weight;
            let outcome = call.dispatch(RuntimeOrigin::signed(owner_of(10))).expect("the swap goes on");
            let spent = outcome.actual_weight.expect("the call says what it cost");
            assert!(spent.all_lte(declared), "{spent:?} is more than {declared:?}");
            check_invariants();
            calls += 1;
        }
        assert!((2..10).contains(&calls), "{calls} calls");
        assert_eq!(paid - balance(&owner_of(10)), UNIT / 10);
        assert_eq!(staked_in_all(netuid), total);
        for (key, (held, _)) in wealth() {
            // No holder loses more than the fraction of a rao, and all holders share these fractions.
            let had = before[&key].0;
            let fair = held + 1 >= had && held <= had + u64::from(holders);
            assert!(fair, "{key:?} had {had} and has {held}");
        }
        assert!(costs::swap_hotkey::<Test>(None).ref_time() > 0);
    });
}

fn name_children(i: u16, netuid: NetUid, children: &[u16]) -> Network {
    let children: Vec<_> = children.iter().map(|child| (1 << 62, hotkey(*child))).collect();
    Network::set_children { hotkey: hotkey(i), netuid, children }
}

#[test]
fn a_swap_raises_no_take_and_shortens_no_wait() {
    on_chain(|| {
        let [first, _] = two_subnets();
        let me = owner_of(10);
        ok(&me, Network::try_associate_hotkey { hotkey: hotkey(99) });
        // The new hotkey had high takes before the old one lowered its own.
        Delegates::<Test>::insert(hotkey(99), 11_796);
        ok(&me, Network::decrease_take { hotkey: hotkey(99), take: 11_795 });
        ok(&me, Network::set_childkey_take { hotkey: hotkey(99), netuid: first, take: 11_000 });
        System::set_block_number(100);
        Delegates::<Test>::insert(hotkey(10), 11_796);
        ok(&me, Network::decrease_take { hotkey: hotkey(10), take: 3 });
        ok(&me, Network::set_childkey_take { hotkey: hotkey(10), netuid: first, take: 0 });
        ok(&me, swap(10, 99, None));
        assert_eq!(Delegates::<Test>::get(hotkey(99)), 3);
        assert_eq!(ChildkeyTake::<Test>::get(hotkey(99), first), 0);
        System::set_block_number(216_050);
        let raise = Network::increase_take { hotkey: hotkey(99), take: 4 };
        refused(&me, raise.clone(), Refusal::DelegateTxRateLimitExceeded);
        let raise_here = Network::set_childkey_take { hotkey: hotkey(99), netuid: first, take: 1 };
        refused(&me, raise_here.clone(), Refusal::TxChildkeyTakeRateLimitExceeded);
        System::set_block_number(216_100);
        ok(&me, raise);
        ok(&me, raise_here);
    });
}

#[test]
fn a_swap_keeps_the_lower_take_and_the_later_wait_of_the_new_hotkey() {
    on_chain(|| {
        two_subnets();
        let me = owner_of(10);
        ok(&me, Network::try_associate_hotkey { hotkey: hotkey(99) });
        Delegates::<Test>::insert(hotkey(10), 11_796);
        Delegates::<Test>::insert(hotkey(99), 11_796);
        ok(&me, Network::decrease_take { hotkey: hotkey(10), take: 500 });
        System::set_block_number(100);
        ok(&me, Network::decrease_take { hotkey: hotkey(99), take: 7 });
        ok(&me, swap(10, 99, None));
        assert_eq!(Delegates::<Test>::get(hotkey(99)), 7);
        System::set_block_number(216_050);
        let raise = Network::increase_take { hotkey: hotkey(99), take: 8 };
        refused(&me, raise, Refusal::DelegateTxRateLimitExceeded);
    });
}

#[test]
fn a_swap_brings_no_stake_to_children_that_it_did_not_choose() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let me = owner_of(10);
        for i in [98, 99] {
            ok(&me, Network::try_associate_hotkey { hotkey: hotkey(i) });
        }
        // The children are pending, and soon take effect.
        ok(&me, name_children(99, first, &[11]));
        for only in [None, Some(first), Some(ROOT)] {
            refused(&me, swap(10, 99, only), Refusal::NewHotKeyNotCleanForRootSwap);
        }
        refused(&me, swap_keeping_stake(10, 99, None), Refusal::NewHotKeyNotCleanForRootSwap);
        // Nor do the children come to the stake.
        refused(&me, swap(99, 10, None), Refusal::NewHotKeyNotCleanForRootSwap);
        refused(&me, swap(99, 10, Some(first)), Refusal::NewHotKeyNotCleanForRootSwap);
        System::set_block_number(8_000);
        EpochClock::<Test>::consume(first, 8_000);
        Delegation::<Test>::apply_pending(&mut room());
        assert!(ChildKeys::<Test>::contains_key(hotkey(99), first));
        refused(&me, swap(10, 99, None), Refusal::NewHotKeyNotCleanForRootSwap);
        // Alpha of another subnet counts for no child there.
        ok(&me, swap(10, 99, Some(second)));
    });
}

#[test]
fn dust_of_strangers_blocks_no_swap_of_a_hotkey_with_children() {
    for only_one in [false, true] {
        on_chain(|| {
            let [first, second] = two_subnets();
            let me = owner_of(10);
            ok(&me, Network::try_associate_hotkey { hotkey: hotkey(99) });
            // One list is in force, the other waits.
            ok(&me, name_children(10, first, &[11]));
            System::set_block_number(8_000);
            EpochClock::<Test>::consume(first, 8_000);
            Delegation::<Test>::apply_pending(&mut room());
            ok(&me, name_children(10, second, &[12]));
            let dust = |netuid| {
                let amount_staked = myelin_units::TaoBalance::from_rao(2_100_000);
                ok(&coldkey(70), Network::add_stake { hotkey: hotkey(99), netuid, amount_staked });
            };
            for netuid in [first, second, ROOT] {
                dust(netuid);
            }
            if only_one {
                ok(&me, swap(10, 99, Some(first)));
                // The uid and the children of the first subnet are no reason on the second.
                dust(second);
                ok(&me, swap(10, 99, Some(second)));
            } else {
                ok(&me, swap(10, 99, None));
            }
            assert_eq!(ChildKeys::<Test>::get(hotkey(99), first).len(), 1);
            assert!(PendingChildKeys::<Test>::contains_key(second, hotkey(99)));
        });
    }
}

#[test]
fn children_do_not_come_to_stake_that_earns_where_they_are() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let me = owner_of(10);
        ok(&me, Network::try_associate_hotkey { hotkey: hotkey(98) });
        ok(&me, name_children(98, first, &[11]));
        refused(&me, swap(98, 10, None), Refusal::NewHotKeyNotCleanForRootSwap);
        // The nominators of 10 earn nothing there once its uid is gone. That is no way around: the coldkey waits as
        // long as for children, and everybody sees the key without its uid.
        ok(&me, swap_keeping_stake(10, 97, Some(first)));
        for only in [None, Some(first)] {
            refused(&me, swap(98, 10, only), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
            let wait = KeyOwnership::<Test>::may_swap_at(&me, &hotkey(98), &hotkey(10), only);
            assert_eq!(wait, 7_200 + u64::from(System::block_number()));
        }
        // Where the other key has no children it goes on at once.
        ok(&me, swap(98, 10, Some(second)));
    });
}

/// Hotkey 10, with a child on the first subnet, has begun to become hotkey 99 and has too many holders for one call.
/// Returns its owner, that subnet, and the owner's balance after paying.
fn a_swap_under_way() -> (AccountId, NetUid, u64) {
    let [first, _] = two_subnets();
    let me = owner_of(10);
    System::set_block_number(200);
    ok(&me, name_children(10, first, &[11]));
    for i in 0..700 {
        let each = myelin_units::AlphaBalance::from_rao(1_000_003);
        StakeLedger::<Test>::increase(&hotkey(10), &hotkey(5_000 + i), first, each).expect("worth a share");
        PoolReserves::<Test>::mint_out(first, each);
    }
    ok(&me, swap(10, 99, None));
    assert!(SwapsUnderWay::<Test>::contains_key(&me));
    let paid = balance(&me);
    (me, first, paid)
}

#[test]
fn a_swap_goes_on_only_while_nobody_names_children() {
    on_chain(|| {
        let (me, first, paid) = a_swap_under_way();
        System::set_block_number(400);
        let wait = KeyOwnership::<Test>::may_swap_at(&me, &hotkey(10), &hotkey(99), None);
        assert_eq!(wait, 0, "it may go on");
        ok(&me, name_children(99, first, &[12]));
        refused(&me, swap(10, 99, None), Refusal::NewHotKeyNotCleanForRootSwap);
        assert_eq!(balance(&me), paid);
    });
    on_chain(|| {
        let (me, _, paid) = a_swap_under_way();
        while Owner::<Test>::contains_key(hotkey(10)) {
            ok(&me, swap(10, 99, None));
        }
        assert_eq!(balance(&me), paid, "the stake follows the family that it had");
        assert!(!SwapsUnderWay::<Test>::contains_key(&me));
    });
}

#[test]
fn a_hotkey_without_a_uid_pays_and_waits_like_any_other() {
    on_chain(|| {
        let [first, second] = two_subnets();
        let me = owner_of(10);
        ok(&me, Network::try_associate_hotkey { hotkey: hotkey(80) });
        let price = |call| {
            let before = balance(&me);
            ok(&me, call);
            before - balance(&me)
        };
        assert_eq!(price(swap(80, 81, None)), UNIT / 10);
        refused(&me, swap(81, 82, None), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        assert_eq!(price(swap(81, 82, Some(first))), UNIT / 1_000);
        refused(&me, swap(82, 83, Some(first)), Refusal::HotKeySwapOnSubnetIntervalNotPassed);
        assert_eq!(price(swap(82, 83, Some(second))), UNIT / 1_000);
        System::set_block_number(7_201);
        assert_eq!(price(swap(82, 83, None)), UNIT / 10);
    });
}

#[test]
fn links_move_a_few_at_a_time_as_they_do_at_once() {
    let moved = |most: usize| {
        on_chain(|| {
            let netuid = subnet().with_neurons(12).create();
            ok(&owner_of(10), name_children(10, netuid, &[11, 12, 13]));
            for i in 14..20 {
                ok(&owner_of(i), name_children(i, netuid, &[10]));
            }
            ok(&owner_of(10), Network::try_associate_hotkey { hotkey: hotkey(99) });
            while Delegation::<Test>::count_links(&hotkey(10), netuid) > 0 {
                Delegation::<Test>::move_links(netuid, &hotkey(10), &hotkey(99), most);
                check_invariants();
            }
            (ChildKeys::<Test>::get(hotkey(99), netuid), ParentKeys::<Test>::get(hotkey(99), netuid))
        })
    };
    let at_once = moved(69);
    assert_eq!((at_once.0.len(), at_once.1.len()), (3, 6));
    assert_eq!([moved(1), moved(2), moved(4)], [at_once.clone(), at_once.clone(), at_once]);
}

#[test]
fn a_swap_on_one_subnet_finds_its_holders_behind_any_number_of_others() {
    on_chain(|| {
        let netuids = [1, 2].map(|owner| subnet().owned_by(owner).started().with_neurons(1).create());
        stake(&coldkey(1), 10, netuids[0], 1);
        let hold = |who: AccountId, netuid| {
            let each = myelin_units::AlphaBalance::from_rao(1_000_003);
            StakeLedger::<Test>::increase(&hotkey(10), &who, netuid, each).expect("worth a share");
            PoolReserves::<Test>::mint_out(netuid, each);
        };
        let look = costs::look::<Test>().ref_time();
        let looks = costs::swap_hotkey::<Test>(Some(netuids[0])).ref_time() / look;
        let others = u16::try_from(looks).expect("it is not many") + 500;
        for i in 0..others {
            hold(hotkey(5_000 + i), netuids[1]);
        }
        for i in 0..20 {
            hold(hotkey(3_000 + i), netuids[0]);
        }
        let paid = balance(&owner_of(10));
        let mut calls = 0;
        loop {
            ok(&owner_of(10), swap(10, 99, Some(netuids[0])));
            calls += 1;
            if !SwapsUnderWay::<Test>::contains_key(owner_of(10)) {
                break;
            }
            assert!(calls < 4, "it goes on where it ended");
        }
        assert!(calls > 1, "one call does not last for all");
        assert_eq!(paid - balance(&owner_of(10)), UNIT / 1_000);
        assert_eq!(AlphaV2::<Test>::iter_key_prefix((hotkey(99),)).count(), 21);
        assert_eq!(AlphaV2::<Test>::iter_key_prefix((hotkey(10),)).count(), usize::from(others));
    });
}

/// Inputs of a random network, and the swap.
#[derive(Clone, Debug)]
struct Story {
    stakes: Vec<(u8, u16, u8, u64)>,
    links: Vec<(u16, u16, u64)>,
    accrued: Vec<(u16, u8, u64)>,
    claims: Vec<(u8, u8)>,
    blocks: u32,
    swaps: Vec<(u16, u16, Option<u8>, bool)>,
}

/// Hotkeys 10 to 13 are neurons of coldkey 10's friends, 20 and 21 are free; subnets are root, 2 and 3.
fn any_story() -> impl Strategy<Value = Story> {
    let key = || 10u16..14;
    let place = || 0u8..3;
    (
        prop::collection::vec((60u8..66, key(), place(), 2_500_000..300 * UNIT), 0..20),
        prop::collection::vec((key(), key(), any::<u64>()), 0..6),
        prop::collection::vec((key(), 1u8..3, 1u64..5), 0..6),
        prop::collection::vec((60u8..66, 1u8..3), 0..4),
        0u32..25,
        prop::collection::vec((key(), 20u16..24, prop::option::of(place()), any::<bool>()), 1..5),
    )
        .prop_map(|(stakes, links, accrued, claims, blocks, swaps)| Story {
            stakes,
            links,
            accrued,
            claims,
            blocks,
            swaps,
        })
}

proptest! {
    #![proptest_config(cases(32))]

    #[test]
    fn no_swap_changes_what_anybody_has(story in any_story()) {
        on_fast_chain(|| {
            // Coldkey 10 owns all hotkeys, so that every swap is allowed.
            let mine = coldkey(10);
            let netuids = [1, 2].map(|owner| subnet().owned_by(owner).without_commit_reveal().create());
            for netuid in netuids {
                for i in 10..14 {
                    Burn::<Test>::insert(netuid, tao(1));
                    ok(&mine, Network::burned_register { netuid, hotkey: hotkey(i) });
                }
            }
            for (parent, child, share) in &story.links {
                let children = vec![(*share, hotkey(*child))];
                let call = Network::set_children { hotkey: hotkey(*parent), netuid: netuids[0], children };
                let _ = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(mine.clone()));
            }
            for (owner, netuid) in (1..).zip(netuids) {
                ok(&coldkey(owner), Network::start_call { netuid });
                Hyperparameters::<Test>::set_emission(netuid, true);
                SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_ratio(4, 5));
            }
            let places = [ROOT, netuids[0], netuids[1]];
            for (staker, on, place, rao) in &story.stakes {
                let netuid = places[usize::from(*place)];
                let call = Network::add_stake { hotkey: hotkey(*on), netuid, amount_staked: (*rao).into() };
                ok(&coldkey(*staker), call);
            }
            run_blocks(story.blocks);
            for (on, place, tokens) in &story.accrued {
                accrue(*on, places[usize::from(*place)], *tokens);
            }
            for (staker, place) in &story.claims {
                let subnets = [places[usize::from(*place)]].into();
                let _ = RuntimeCall::from(Network::claim_root { subnets })
                    .dispatch(RuntimeOrigin::signed(coldkey(*staker)));
            }
            check_invariants();
            for (old, new, place, keep_stake) in story.swaps {
                System::set_block_number(System::block_number() + 2);
                let netuid = place.map(|place| places[usize::from(place)]);
                let call = Network::swap_hotkey_v2 {
                    hotkey: hotkey(old),
                    new_hotkey: hotkey(new),
                    netuid,
                    keep_stake,
                };
                let (before, issuance) = (wealth(), TotalIssuance::<Test>::get());
                // The part that can't be owed on the new hotkey any more is paid, and then it is staked.
                let placed =
                    || places.map(|netuid| staked_in_all(netuid) + RootClaimPot::<Test>::get(netuid).to_rao());
                let placed_before = placed();
                let counted: u128 = counted(netuids[0]);
                let outcome = RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(mine.clone()));
                check_invariants();
                if outcome.is_err() {
                    continue;
                }
                assert_eq!(placed(), placed_before, "no alpha appears or is lost");
                let after = wealth();
                for (key, (held, owed)) in &before {
                    let has = after.get(key).copied().unwrap_or_default();
                    // A holding that joins another one is rounded to whole rao, and shares the losses of others by that
                    // rounding.
                    let (had, has_now) = (held + owed, has.0 + has.1);
                    assert!(has_now.abs_diff(had) <= 10, "{key:?} had {had} and has {has_now}");
                    assert!(has.1 <= owed + 2, "{key:?} was owed {owed} and is owed {}", has.1);
                }
                let cost = issuance.to_rao() - TotalIssuance::<Test>::get().to_rao();
                assert!([0, UNIT / 10, UNIT / 1_000].contains(&cost), "{cost}");
                if netuid.is_none() && !keep_stake && story.links.is_empty() {
                    let now: u128 = self::counted(netuids[0]);
                    assert!(now >= counted || now.abs_diff(counted) <= 100, "stake counts as before");
                }
            }
            run_blocks(12);
        });
    }
}

/// Total stake weight of all neurons of a subnet.
fn counted(netuid: NetUid) -> u128 {
    (0..SubnetworkN::<Test>::get(netuid))
        .map(|uid| {
            let hotkey = Keys::<Test>::get(netuid, uid);
            u128::from(Delegation::<Test>::stake_weight(&hotkey, netuid).total.floor_u64())
        })
        .sum()
}

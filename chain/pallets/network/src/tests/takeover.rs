//! Ownership by conviction.

use super::{locks::wait, mock::*};
use crate::{
    locks::{CountPlace, Locks, Takeover},
    pallet::*,
    subnets::SubnetRegistry,
};
use myelin_economy::conviction::TAKEOVER_AGE;
use myelin_units::{AlphaBalance, NetUid};
use proptest::prelude::*;
use sp_runtime::traits::Dispatchable;

/// Coldkey `who` stakes on its hotkey and locks all of it for ever in favour of it.
fn convinced(who: u8, netuid: NetUid, tokens: u64) {
    let key = hotkey(who.into());
    ok(&coldkey(who), Network::try_associate_hotkey { hotkey: key.clone() });
    ok(&coldkey(who), Network::add_stake { hotkey: key.clone(), netuid, amount_staked: tao(tokens) });
    ok(&coldkey(who), Network::set_perpetual_lock { netuid, enabled: true });
    let amount = AlphaBalance::from_rao(stake_of(&key, &coldkey(who), netuid));
    ok(&coldkey(who), Network::lock_stake { hotkey: key, netuid, amount });
}

/// Very many hotkeys with small locks, half of them perpetual: a count takes five pages.
fn crowd(netuid: NetUid) {
    let send = |who: &AccountId, call: RuntimeCall| {
        call.dispatch(RuntimeOrigin::signed(who.clone())).expect("everything is in place");
    };
    for i in 0..150u8 {
        let (who, key) = (coldkey(100 + i), hotkey(200 + u16::from(i)));
        let gift = pallet_balances::Call::transfer_allow_death { dest: who.clone(), value: 2 * UNIT };
        send(&coldkey(5), gift.into());
        send(&who, Network::try_associate_hotkey { hotkey: key.clone() }.into());
        send(&who, Network::add_stake { hotkey: key.clone(), netuid, amount_staked: tao(1) }.into());
        if i.is_multiple_of(2) {
            send(&who, Network::set_perpetual_lock { netuid, enabled: true }.into());
        }
        let amount = AlphaBalance::from_rao(UNIT / 100);
        send(&who, Network::lock_stake { hotkey: key, netuid, amount }.into());
    }
    check_invariants();
}

/// Of the coldkeys from 60 on, this many whose hotkeys a count of perpetual locks reaches last.
fn counted_last(netuid: NetUid, many: usize) -> Vec<u8> {
    let mut people: Vec<u8> = (60..100).collect();
    people.sort_by_key(|&who| HotkeyLock::<Test>::hashed_key_for(netuid, hotkey(who.into())));
    people.split_off(people.len() - many)
}

fn swap(from: u16, to: u16, netuid: Option<NetUid>) -> Network {
    Network::swap_hotkey { hotkey: hotkey(from), new_hotkey: hotkey(to), netuid }
}

/// A subnet of coldkey 0 with two further neurons; coldkeys 2 and 3 lock in favour of their own hotkeys, which have no
/// uid.
fn situation() -> NetUid {
    let netuid = subnet().started().with_neurons(2).create();
    convinced(2, netuid, 200);
    convinced(3, netuid, 100);
    netuid
}

/// Lets the subnet's epoch slot come.
fn drain(netuid: NetUid) {
    LastEpochBlock::<Test>::insert(netuid, 0);
    run_blocks(1);
}

fn owner(netuid: NetUid) -> (AccountId, AccountId) {
    (SubnetOwner::<Test>::get(netuid), SubnetOwnerHotkey::<Test>::get(netuid))
}

#[test]
fn the_hotkey_with_the_largest_conviction_takes_over_an_old_subnet() {
    on_chain(|| {
        let netuid = situation();
        wait(TAKEOVER_AGE);
        assert_eq!(Takeover::<Test>::leader(netuid), Some(hotkey(2)));
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(2), hotkey(2)));
        announced(Event::SubnetOwnerChanged { netuid, old_coldkey: coldkey(0), new_coldkey: coldkey(2) });
        assert_eq!(uid_of(netuid, &hotkey(2)), Some(3), "it got a uid");
        assert!(OwnerLock::<Test>::contains_key(netuid));
        assert!(!HotkeyLock::<Test>::contains_key(netuid, hotkey(2)));
        run_blocks(1);
        let mass = Locks::<Test>::locked(&coldkey(2), netuid);
        assert_eq!(Locks::<Test>::conviction_of(&hotkey(2), netuid).floor_u64(), mass.to_rao());
    });
}

#[test]
fn a_young_subnet_stays_with_its_owner() {
    on_chain(|| {
        let netuid = situation();
        wait(TAKEOVER_AGE - 10);
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)));
    });
}

#[test]
fn little_conviction_changes_nothing() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        convinced(2, netuid, 10);
        ok(&coldkey(3), Network::add_stake { hotkey: hotkey(2), netuid, amount_staked: tao(200) });
        wait(TAKEOVER_AGE);
        assert_eq!(Takeover::<Test>::leader(netuid), Some(hotkey(2)));
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)));
    });
}

#[test]
fn whoever_owns_already_stays_with_its_hotkey() {
    on_chain(|| {
        let netuid = situation();
        // Hotkey 100 is another one of the owner.
        ok(&coldkey(0), Network::try_associate_hotkey { hotkey: hotkey(100) });
        ok(&coldkey(0), Network::add_stake { hotkey: hotkey(100), netuid, amount_staked: tao(500) });
        let amount = AlphaBalance::from_rao(stake_of(&hotkey(100), &coldkey(0), netuid));
        ok(&coldkey(0), Network::set_perpetual_lock { netuid, enabled: true });
        ok(&coldkey(0), Network::lock_stake { hotkey: hotkey(100), netuid, amount });
        wait(TAKEOVER_AGE);
        assert_eq!(Takeover::<Test>::leader(netuid), Some(hotkey(100)));
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)));
    });
}

#[test]
fn a_full_subnet_makes_room_for_its_new_owner_or_keeps_the_old_one() {
    on_chain(|| {
        let netuid = situation();
        MaxAllowedUids::<Test>::insert(netuid, 3);
        MinNonImmuneUids::<Test>::insert(netuid, 0);
        wait(TAKEOVER_AGE);
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(2), hotkey(2)));
        assert_eq!(SubnetworkN::<Test>::get(netuid), 3);
        assert!(uid_of(netuid, &hotkey(2)).is_some());
    });
    on_chain(|| {
        let netuid = subnet().started().create();
        convinced(2, netuid, 200);
        MaxAllowedUids::<Test>::insert(netuid, 1);
        wait(TAKEOVER_AGE);
        drain(netuid);
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)), "the only uid is the owner's");
    });
}

#[test]
fn a_count_of_very_many_hotkeys_takes_several_blocks() {
    on_chain(|| {
        let netuid = situation();
        crowd(netuid);
        wait(TAKEOVER_AGE);
        let expected = Takeover::<Test>::leader(netuid);
        drain(netuid);
        assert!(TakeoverCounts::<Test>::contains_key(netuid));
        assert_eq!(SubnetRegistry::<Test>::owner(netuid), coldkey(0), "not yet");
        run_blocks(5);
        assert!(!TakeoverCounts::<Test>::contains_key(netuid));
        assert_eq!(Some(SubnetOwnerHotkey::<Test>::get(netuid)), expected);
        assert_eq!(expected, Some(hotkey(2)));
    });
}

/// The one of these hotkeys that a count reaches next.
fn next_in_count(netuid: NetUid, hotkeys: &[AccountId]) -> Option<AccountId> {
    let place = TakeoverCounts::<Test>::get(netuid)?.next;
    let (passed, key): (_, fn(NetUid, &AccountId) -> Vec<u8>) = match place {
        CountPlace::Perpetual(Some(last)) => {
            (HotkeyLock::<Test>::hashed_key_for(netuid, last), |netuid, hotkey| {
                HotkeyLock::<Test>::hashed_key_for(netuid, hotkey)
            })
        }
        CountPlace::Decaying(Some(last)) => {
            (DecayingHotkeyLock::<Test>::hashed_key_for(netuid, last), |netuid, hotkey| {
                DecayingHotkeyLock::<Test>::hashed_key_for(netuid, hotkey)
            })
        }
        _ => return None,
    };
    let ahead = hotkeys.iter().filter(|hotkey| key(netuid, hotkey) > passed);
    ahead.min_by_key(|hotkey| key(netuid, hotkey)).cloned()
}

#[test]
fn a_conviction_that_moves_during_a_count_is_counted_once() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        crowd(netuid);
        convinced(2, netuid, 40);
        // Coldkey 2 owns many hotkeys and moves its lock ahead of the count, block after block.
        let own: Vec<_> = (400..460).map(hotkey).collect();
        for hotkey in &own {
            ok(&coldkey(2), Network::try_associate_hotkey { hotkey: hotkey.clone() });
        }
        ok(&coldkey(3), Network::add_stake { hotkey: hotkey(2), netuid, amount_staked: tao(900) });
        wait(TAKEOVER_AGE);
        let out = SubnetAlphaOut::<Test>::get(netuid).to_rao();
        let mass = Locks::<Test>::locked(&coldkey(2), netuid).to_rao();
        assert!(mass * 10 < out && mass * 30 > out, "{mass} of {out}: enough if counted three times");
        drain(netuid);
        let (mut moves, mut total) = (0, 0);
        let mut perpetual = true;
        while let Some(count) = TakeoverCounts::<Test>::get(netuid) {
            total = count.tally.total.floor_u64();
            if matches!(count.next, CountPlace::Decaying(_)) && perpetual {
                ok(&coldkey(2), Network::set_perpetual_lock { netuid, enabled: false });
                perpetual = false;
            }
            if let Some(ahead) = next_in_count(netuid, &own) {
                ok(&coldkey(2), Network::move_lock { destination_hotkey: ahead.clone(), netuid });
                assert!(Locks::<Test>::conviction_of(&ahead, netuid).floor_u64() > mass / 2, "it goes along");
                moves += 1;
            }
            run_blocks(1);
        }
        assert!(moves > 1, "the attack was tried");
        assert!(total < mass + 2 * UNIT, "{total} is more than once {mass}");
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)));
    });
}

#[test]
fn a_leader_that_is_replaced_during_a_count_leads_by_its_new_name() {
    on_chain(|| {
        let netuid = situation();
        crowd(netuid);
        wait(TAKEOVER_AGE);
        drain(netuid);
        while TakeoverCounts::<Test>::get(netuid)
            .is_some_and(|count| count.tally.leader.is_none_or(|(_, leader)| leader != hotkey(2)))
        {
            run_blocks(1);
        }
        assert!(TakeoverCounts::<Test>::contains_key(netuid), "the leader was counted before the end");
        ok(&coldkey(2), swap(2, 400, None));
        // A stranger takes the released name.
        ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(2) });
        run_blocks(4);
        assert_eq!(owner(netuid), (coldkey(2), hotkey(400)));
    });
}

/// A count is under way on an old subnet and has not reached the hotkey of `who`, which has the largest conviction.
fn uncounted_king() -> (NetUid, u8) {
    let netuid = subnet().started().with_neurons(2).create();
    let who = counted_last(netuid, 1)[0];
    convinced(who, netuid, 200);
    crowd(netuid);
    wait(TAKEOVER_AGE);
    drain(netuid);
    let count = TakeoverCounts::<Test>::get(netuid).expect("it takes five pages");
    assert!(count.tally.leader.is_none_or(|(_, leader)| leader != hotkey(who.into())), "not counted yet");
    (netuid, who)
}

#[test]
fn a_king_that_is_replaced_before_it_is_counted_keeps_its_crown() {
    for only_here in [false, true] {
        for stranger_takes_the_name in [false, true] {
            on_chain(|| {
                let (netuid, who) = uncounted_king();
                ok(&coldkey(who), swap(who.into(), 400, only_here.then_some(netuid)));
                if stranger_takes_the_name && !only_here {
                    ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(who.into()) });
                }
                run_blocks(5);
                assert!(!TakeoverCounts::<Test>::contains_key(netuid), "the count is over");
                assert_eq!(owner(netuid), (coldkey(who), hotkey(400)));
            });
        }
    }
}

#[test]
fn a_king_without_locks_at_the_end_of_the_count_is_not_crowned() {
    on_chain(|| {
        let (netuid, who) = uncounted_king();
        ok(&coldkey(who), Network::try_associate_hotkey { hotkey: hotkey(400) });
        ok(&coldkey(who), Network::move_lock { destination_hotkey: hotkey(400), netuid });
        let leader = TakeoverCounts::<Test>::get(netuid).and_then(|count| count.tally.leader);
        assert_eq!(leader.map(|(_, leader)| leader), Some(hotkey(who.into())), "counted as it was");
        run_blocks(5);
        assert!(!TakeoverCounts::<Test>::contains_key(netuid), "the count is over");
        assert_eq!(owner(netuid), (coldkey(0), hotkey(0)));
    });
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn whatever_keys_do_during_a_count_no_bystander_is_crowned(
        acts in prop::collection::vec((0usize..3, 0u8..5), 1..12),
    ) {
        on_chain(|| {
            let netuid = subnet().started().with_neurons(2).create();
            let people = counted_last(netuid, 3);
            for (&who, tokens) in people.iter().zip([200, 150, 100]) {
                convinced(who, netuid, tokens);
            }
            crowd(netuid);
            wait(TAKEOVER_AGE);
            drain(netuid);
            // The present hotkey of each person, and the released names.
            let mut names: Vec<u16> = people.iter().map(|&who| who.into()).collect();
            let mut given_up: Vec<u16> = Vec::new();
            for (next, (at, what)) in (400..).zip(acts) {
                let (who, name) = (coldkey(people[at]), names[at]);
                let call = match what {
                    0 => swap(name, next, None),
                    1 => swap(name, next, Some(netuid)),
                    2 => {
                        ok(&who, Network::try_associate_hotkey { hotkey: hotkey(next) });
                        Network::move_lock { destination_hotkey: hotkey(next), netuid }
                    }
                    3 => {
                        for name in given_up.drain(..) {
                            ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(name) });
                        }
                        continue;
                    }
                    _ => {
                        run_blocks(1);
                        continue;
                    }
                };
                if RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(who)).is_ok() {
                    given_up.push(name);
                    names[at] = next;
                }
                check_invariants();
            }
            run_blocks(5);
            let (coldkey_now, hotkey_now) = owner(netuid);
            let rightful = people.iter().chain([&0]).any(|&who| coldkey_now == coldkey(who));
            assert!(rightful, "{coldkey_now:?} owns it");
            assert_eq!(Owner::<Test>::get(&hotkey_now), coldkey_now);
        });
    }
}

#[test]
fn counts_of_several_subnets_go_on_in_turn() {
    on_chain(|| {
        let netuids = [situation(), subnet().owned_by(1).started().create()];
        convinced(4, netuids[1], 200);
        netuids.into_iter().for_each(crowd);
        wait(TAKEOVER_AGE);
        let place = |netuid| TakeoverCounts::<Test>::get(netuid).map(|count| count.next);
        for netuid in netuids {
            LastEpochBlock::<Test>::insert(netuid, 0);
        }
        run_blocks(2);
        let begun = netuids.map(place);
        assert!(begun.iter().all(Option::is_some), "{begun:?}");
        run_blocks(2);
        let later = netuids.map(place);
        assert!(later[0] != begun[0] && later[1] != begun[1], "{begun:?} became {later:?}");
    });
}

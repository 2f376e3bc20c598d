//! Ownership by conviction.

use super::{locks::wait, mock::*};
use crate::{
    locks::{CountPlace, Locks, Takeover},
    pallet::*,
    subnets::SubnetRegistry,
};
use myelin_economy::conviction::TAKEOVER_AGE;
use myelin_units::{AlphaBalance, NetUid};
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

/// Very many hotkeys with small locks, half of them for ever: a count takes five pages.
fn crowd(netuid: NetUid) {
    for i in 0..150u8 {
        let (who, key) = (coldkey(100 + i), hotkey(200 + u16::from(i)));
        let send = pallet_balances::Call::transfer_allow_death { dest: who.clone(), value: 2 * UNIT };
        RuntimeCall::from(send).dispatch(RuntimeOrigin::signed(coldkey(5))).expect("it is rich");
        ok(&who, Network::try_associate_hotkey { hotkey: key.clone() });
        ok(&who, Network::add_stake { hotkey: key.clone(), netuid, amount_staked: tao(1) });
        if i.is_multiple_of(2) {
            ok(&who, Network::set_perpetual_lock { netuid, enabled: true });
        }
        let amount = AlphaBalance::from_rao(UNIT / 100);
        ok(&who, Network::lock_stake { hotkey: key, netuid, amount });
    }
}

/// A subnet of coldkey 0 with two further neurons; coldkeys 2 and 3 lock in favour of their own hotkeys, which have no uid.
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

/// Of these hotkeys the one that a count comes to next.
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
        let swap = Network::swap_hotkey { hotkey: hotkey(2), new_hotkey: hotkey(400), netuid: None };
        ok(&coldkey(2), swap);
        // A stranger takes the name that is free now.
        ok(&coldkey(9), Network::try_associate_hotkey { hotkey: hotkey(2) });
        run_blocks(4);
        assert_eq!(owner(netuid), (coldkey(2), hotkey(400)));
    });
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

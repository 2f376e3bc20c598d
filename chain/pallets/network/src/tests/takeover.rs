//! Ownership by conviction.

use super::{locks::wait, mock::*};
use crate::{
    locks::{Locks, Takeover},
    pallet::*,
    subnets::SubnetRegistry,
};
use myelin_economy::conviction::TAKEOVER_AGE;
use myelin_units::{AlphaBalance, NetUid};

/// Coldkey `who` stakes on its hotkey and locks all of it for ever in favour of it.
fn convinced(who: u8, netuid: NetUid, tokens: u64) {
    let key = hotkey(who.into());
    ok(&coldkey(who), Network::try_associate_hotkey { hotkey: key.clone() });
    ok(&coldkey(who), Network::add_stake { hotkey: key.clone(), netuid, amount_staked: tao(tokens) });
    ok(&coldkey(who), Network::set_perpetual_lock { netuid, enabled: true });
    let amount = AlphaBalance::from_rao(stake_of(&key, &coldkey(who), netuid));
    ok(&coldkey(who), Network::lock_stake { hotkey: key, netuid, amount });
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
        for i in 0..80u16 {
            let who = owner_of(100 + i);
            ok(&who, Network::try_associate_hotkey { hotkey: hotkey(200 + i) });
            ok(&who, Network::add_stake { hotkey: hotkey(200 + i), netuid, amount_staked: tao(1) });
            if i.is_multiple_of(2) {
                ok(&who, Network::set_perpetual_lock { netuid, enabled: true });
            }
            let amount = AlphaBalance::from_rao(UNIT / 100);
            ok(&who, Network::lock_stake { hotkey: hotkey(200 + i), netuid, amount });
        }
        wait(TAKEOVER_AGE);
        let expected = Takeover::<Test>::leader(netuid);
        drain(netuid);
        assert!(TakeoverCounts::<Test>::contains_key(netuid));
        assert_eq!(SubnetRegistry::<Test>::owner(netuid), coldkey(0), "not yet");
        run_blocks(3);
        assert!(!TakeoverCounts::<Test>::contains_key(netuid));
        assert_eq!(Some(SubnetOwnerHotkey::<Test>::get(netuid)), expected);
        assert_eq!(expected, Some(hotkey(2)));
    });
}

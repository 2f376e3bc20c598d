//! Registration of a subnet when there is no room.

use super::mock::*;
use crate::{
    keys::KeyOwnership,
    ledger::TaoLedger,
    pallet::*,
    removal::{SubnetRemoval, WaitingRegistrations},
    subnets::{NetworkSettings, SubnetRegistry},
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, U64F64};

/// Three user subnets at a limit of three; all can be removed, subnet 2 has the lowest moving price.
fn full() -> [NetUid; 3] {
    let second = subnet().owned_by(1).create();
    let third = subnet().owned_by(2).create();
    for (netuid, price) in [(1, 3), (second, 1), (third, 2)] {
        SubnetMovingPrice::<Test>::insert(netuid, I96F32::from_int(price));
    }
    NetworkSettings::<Test>::set_subnet_limit(3);
    NetworkSettings::<Test>::set_immunity_period(0);
    NetworkSettings::<Test>::set_registration_rate_limit(0);
    [1, second, third]
}

fn create(owner: u8) -> Network {
    Network::register_network { hotkey: hotkey(owner.into()) }
}

fn finish_removal() {
    while SubnetRemoval::<Test>::count() > 0 {
        SubnetRemoval::<Test>::work(100);
        check_invariants();
    }
}

#[test]
fn the_subnet_with_the_lowest_moving_price_gives_way_and_its_number_is_used_again() {
    on_chain(|| {
        let [_, weakest, _] = full();
        assert_eq!(SubnetRemoval::<Test>::candidate(), Some(weakest));
        let cost = SubnetRegistry::<Test>::lock_cost();
        let before = balance(&coldkey(7));
        ok(&coldkey(7), create(7));
        announced(Event::NetworkRemoved(weakest));
        assert!(!SubnetRegistry::<Test>::exists(weakest));
        assert_eq!(balance(&coldkey(7)), before - cost.to_rao());
        assert_eq!(TaoLedger::<Test>::held_waiting(), cost);
        assert_eq!(Owner::<Test>::get(hotkey(7)), coldkey(7));
        run_blocks(1);
        assert_eq!(SubnetOwner::<Test>::get(weakest), coldkey(7));
        assert_eq!(SubnetTAO::<Test>::get(weakest), cost);
        assert_eq!(SubnetLocked::<Test>::get(weakest), cost);
        assert_eq!(TaoLedger::<Test>::held_waiting(), TaoBalance::ZERO);
        assert_eq!(WaitingRegistrations::<Test>::count(), 0);
        announced(Event::NetworkAdded(weakest, 1));
        announced(Event::NeuronRegistered(weakest, 0, hotkey(7)));
        assert_eq!(TotalNetworks::<Test>::get(), 4);
    });
}

#[test]
fn the_price_of_the_subnet_that_gives_way_does_not_count() {
    on_chain(|| {
        let [first, weakest, other] = full();
        for (netuid, times) in [(first, 2), (weakest, 100), (other, 1)] {
            let tao = SubnetTAO::<Test>::get(netuid).to_rao();
            SubnetAlphaIn::<Test>::insert(netuid, AlphaBalance::from_rao(tao * times));
        }
        let cost = SubnetRegistry::<Test>::lock_cost().to_rao();
        ok(&coldkey(7), create(7));
        let waiting = NetworkRegistrationQueue::<Test>::get();
        assert_eq!(waiting[0].median_subnet_alpha_price, U64F64::from_ratio(3, 4), "of a half and one");
        assert_eq!(waiting[0].lock_amount.to_rao(), cost);
    });
}

#[test]
fn immune_subnets_do_not_give_way() {
    on_chain(|| {
        let [first, second, _] = full();
        NetworkSettings::<Test>::set_immunity_period(100);
        System::set_block_number(100);
        assert_eq!(SubnetRemoval::<Test>::candidate(), Some(first), "it was there at block 0");
        System::set_block_number(99);
        assert_eq!(SubnetRemoval::<Test>::candidate(), None);
        refused(&coldkey(7), create(7), Refusal::SubnetLimitReached);
        System::set_block_number(101);
        assert_eq!(SubnetRemoval::<Test>::candidate(), Some(second));
    });
}

#[test]
fn everybody_who_waits_gets_a_place_in_turn() {
    on_chain(|| {
        full();
        ok(&coldkey(7), create(7));
        ok(&coldkey(8), create(8));
        assert_eq!(SubnetRemoval::<Test>::count(), 2);
        // A limit that falls removes no subnet.
        NetworkSettings::<Test>::set_subnet_limit(1);
        run_blocks(4);
        assert_eq!(WaitingRegistrations::<Test>::count(), 0);
        assert_eq!((SubnetOwner::<Test>::get(2), SubnetOwner::<Test>::get(3)), (coldkey(7), coldkey(8)));
    });
}

#[test]
fn a_place_that_root_freed_is_waited_for_without_removing_another_subnet() {
    on_chain(|| {
        let [_, _, third] = full();
        SubnetRemoval::<Test>::dissolve(third).expect("it exists");
        ok(&coldkey(7), create(7));
        assert_eq!(SubnetRemoval::<Test>::count(), 1);
        assert_eq!(WaitingRegistrations::<Test>::count(), 1);
        run_blocks(2);
        assert_eq!(SubnetOwner::<Test>::get(third), coldkey(7));
    });
}

#[test]
fn nobody_overtakes_those_who_wait() {
    on_chain(|| {
        full();
        ok(&coldkey(7), create(7));
        NetworkSettings::<Test>::set_subnet_limit(9);
        ok(&coldkey(8), create(8));
        assert_eq!(WaitingRegistrations::<Test>::count(), 2);
        WaitingRegistrations::<Test>::go_on(&mut room());
        WaitingRegistrations::<Test>::go_on(&mut room());
        check_invariants();
        assert_eq!((SubnetOwner::<Test>::get(4), SubnetOwner::<Test>::get(5)), (coldkey(7), coldkey(8)));
        finish_removal();
    });
}

#[test]
fn who_lost_its_hotkey_gets_its_money_back() {
    on_chain(|| {
        full();
        let before = balance(&coldkey(7));
        ok(&coldkey(7), create(7));
        finish_removal();
        // The hotkey was given away meanwhile, as no call can do.
        Owner::<Test>::remove(hotkey(7));
        OwnedHotkeys::<Test>::remove(coldkey(7));
        KeyOwnership::<Test>::claim(&coldkey(8), &hotkey(7));
        WaitingRegistrations::<Test>::go_on(&mut room());
        check_invariants();
        assert_eq!(balance(&coldkey(7)), before);
        assert_eq!(TotalNetworks::<Test>::get(), 3);
        announced(Event::NetworkRegistrationCancelled {
            coldkey: coldkey(7),
            hotkey: hotkey(7),
            lock_id: 0,
            error: Refusal::NonAssociatedColdKey.into(),
        });
    });
}

#[test]
fn only_so_many_wait() {
    on_chain(|| {
        NetworkSettings::<Test>::set_min_lock_cost(tao(1));
        for owner in 1..20 {
            NetworkLastLockCost::<Test>::put(tao(1));
            subnet().owned_by(owner).create();
        }
        NetworkSettings::<Test>::set_subnet_limit(20);
        NetworkSettings::<Test>::set_immunity_period(0);
        NetworkSettings::<Test>::set_registration_rate_limit(0);
        for owner in 30..46 {
            NetworkLastLockCost::<Test>::put(tao(1));
            ok(&coldkey(owner), create(owner));
        }
        refused(&coldkey(50), create(50), Refusal::SubnetLimitReached);
    });
}

#[test]
fn a_subnet_that_gave_way_was_paid_for_whatever_becomes_of_the_hotkey() {
    on_chain(|| {
        let [_, weakest, _] = full();
        let before = balance(&coldkey(7));
        let cost = SubnetRegistry::<Test>::lock_cost().to_rao();
        ok(&coldkey(7), create(7));
        let swap = Network::swap_hotkey { hotkey: hotkey(7), new_hotkey: hotkey(70), netuid: None };
        ok(&coldkey(7), swap);
        // The old hotkey is free, and a stranger takes it.
        ok(&coldkey(8), Network::try_associate_hotkey { hotkey: hotkey(7) });
        run_blocks(2);
        let owner = (SubnetOwner::<Test>::get(weakest), SubnetOwnerHotkey::<Test>::get(weakest));
        assert_eq!(owner, (coldkey(7), hotkey(70)));
        assert_eq!(SubnetTAO::<Test>::get(weakest).to_rao(), cost);
        assert_eq!(balance(&coldkey(7)), before - cost - UNIT / 10);
    });
}

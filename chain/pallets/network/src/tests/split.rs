//! The split of emission over mechanisms changes with notice, whatever an owner tries.

use super::mock::*;
use crate::{
    pallet::*,
    subnets::{EmissionSplits, Hyperparameters},
};
use myelin_units::NetUid;

/// Notice in these tests.
const NOTICE: u64 = 50;

/// A started subnet with two mechanisms and shares of 3 : 1, in force. It is block 100.
fn situation() -> NetUid {
    let netuid = subnet().create();
    RubricNotice::<Test>::put(NOTICE);
    Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
    EmissionSplits::<Test>::set(netuid, Some(vec![49_152, 16_383]));
    FirstEmissionBlockNumber::<Test>::insert(netuid, 1);
    System::set_block_number(100);
    netuid
}

fn at(netuid: NetUid, block: u64) -> Option<Vec<u16>> {
    EmissionSplits::<Test>::in_force(netuid, block)
}

#[test]
fn shares_of_a_subnet_that_was_not_started_are_in_force_at_once() {
    on_chain(|| {
        let netuid = situation();
        assert_eq!(at(netuid, 1), Some(vec![49_152, 16_383]));
    });
}

#[test]
fn new_shares_are_in_force_after_the_notice_and_clients_read_them_at_once() {
    on_chain(|| {
        let netuid = situation();
        EmissionSplits::<Test>::set(netuid, Some(vec![0, 65_535]));
        announced(Event::EmissionSplitChanged { netuid, from: 150 });
        assert_eq!(MechanismEmissionSplit::<Test>::get(netuid), Some(vec![0, 65_535]));
        assert_eq!(at(netuid, 149), Some(vec![49_152, 16_383]));
        assert_eq!(at(netuid, 150), Some(vec![0, 65_535]));
    });
}

#[test]
fn another_change_drops_the_one_before_and_begins_the_notice_anew() {
    on_chain(|| {
        let netuid = situation();
        EmissionSplits::<Test>::set(netuid, Some(vec![0, 65_535]));
        System::set_block_number(140);
        EmissionSplits::<Test>::set(netuid, Some(vec![65_535, 0]));
        assert_eq!(at(netuid, 189), Some(vec![49_152, 16_383]));
        assert_eq!(at(netuid, 190), Some(vec![65_535, 0]));
    });
}

#[test]
fn closing_and_opening_a_mechanism_is_no_way_around_the_notice() {
    on_chain(|| {
        let netuid = situation();
        Hyperparameters::<Test>::set_mechanism_count(netuid, 1);
        assert_eq!(at(netuid, 100), Some(vec![65_535]));
        Hyperparameters::<Test>::set_mechanism_count(netuid, 2);
        assert_eq!(at(netuid, 149), Some(vec![65_535, 0]), "a new mechanism gets nothing before the notice");
        assert_eq!(at(netuid, 150), None, "then the shares are equal");
    });
}

//! Takes of delegates.

use super::mock::*;
use crate::{
    emission::payout,
    epoch::{Reward, Roll},
    pallet::*,
    stake::{ChildkeyTakes, DelegateTakes},
    subnets::NetworkSettings,
};

fn raise(take: u16) -> Network {
    Network::increase_take { hotkey: hotkey(1), take }
}

fn lower(take: u16) -> Network {
    Network::decrease_take { hotkey: hotkey(1), take }
}

fn a_delegate() {
    ok(&coldkey(1), Network::root_register { hotkey: hotkey(1) });
}

#[test]
fn a_take_is_lowered_at_once_and_raised_rarely() {
    on_chain(|| {
        a_delegate();
        ok(&coldkey(1), lower(1_000));
        assert_eq!(Delegates::<Test>::get(hotkey(1)), 1_000);
        announced(Event::TakeDecreased(coldkey(1), hotkey(1), 1_000));
        refused(&coldkey(1), raise(2_000), Refusal::DelegateTxRateLimitExceeded);
        System::set_block_number(216_000);
        ok(&coldkey(1), lower(500));
        System::set_block_number(216_001);
        refused(&coldkey(1), raise(2_000), Refusal::DelegateTxRateLimitExceeded);
        System::set_block_number(432_000);
        ok(&coldkey(1), raise(2_000));
        announced(Event::TakeIncreased(coldkey(1), hotkey(1), 2_000));
    });
}

#[test]
fn a_take_stays_within_its_limits() {
    on_chain(|| {
        a_delegate();
        refused(&coldkey(1), raise(11_796), Refusal::DelegateTakeTooLow);
        refused(&coldkey(1), raise(11_797), Refusal::DelegateTakeTooHigh);
        refused(&coldkey(1), lower(11_796), Refusal::DelegateTakeTooLow);
        MinDelegateTake::<Test>::put(100);
        refused(&coldkey(1), lower(99), Refusal::DelegateTakeTooLow);
        ok(&coldkey(1), lower(100));
    });
}

#[test]
fn a_lowered_maximum_holds_at_once_for_everybody() {
    on_chain(|| {
        let take = |i: u16| DelegateTakes::<Test>::of(&hotkey(i));
        a_delegate();
        NetworkSettings::<Test>::set_max_delegate_take(6_553);
        assert_eq!(
            (take(1), take(9)),
            (6_553, 6_553),
            "one that set the default, and one that never set a take"
        );
        run_blocks(1);
        ok(&coldkey(2), Network::root_register { hotkey: hotkey(2) });
        assert_eq!(Delegates::<Test>::get(hotkey(2)), 6_553);
        refused(&coldkey(1), raise(6_554), Refusal::DelegateTakeTooHigh);
        ok(&coldkey(1), lower(6_552));
        assert_eq!(take(1), 6_552);

        let netuid = subnet().with_neurons(1).create();
        let set = |take| Network::set_childkey_take { hotkey: hotkey(10), netuid, take };
        ok(&owner_of(10), set(11_796));
        NetworkSettings::<Test>::set_max_childkey_take(5_000).expect("it is above the minimum");
        assert_eq!(ChildkeyTakes::<Test>::of(&hotkey(10), netuid), 5_000);
        refused(&owner_of(10), set(5_001), Refusal::InvalidChildkeyTake);
    });
}

#[test]
fn dividends_are_paid_by_the_lowered_maximum() {
    on_chain(|| {
        let netuid = subnet().started().with_neurons(2).create();
        Delegates::<Test>::insert(hotkey(10), 11_796);
        NetworkSettings::<Test>::set_max_delegate_take(6_553);
        let mut roll = Roll::<Test>::call(netuid);
        let dividend = |uid: u64| Reward { dividend: alpha(uid), incentive: alpha(0) };
        let rewards: Vec<_> = (0..3).map(dividend).collect();
        let input = payout::input(&mut roll, Default::default(), &rewards);
        assert_eq!(input.validators.iter().map(|v| v.take).collect::<Vec<_>>(), [6_553; 2]);
    });
}

#[test]
fn only_the_owner_changes_a_take() {
    on_chain(|| {
        a_delegate();
        refused(&coldkey(2), lower(1), Refusal::NonAssociatedColdKey);
        let nobody = Network::decrease_take { hotkey: hotkey(9), take: 1 };
        refused(&coldkey(1), nobody, Refusal::HotKeyAccountNotExists);
    });
}

#[test]
fn only_the_owner_decides_about_lending() {
    on_chain(|| {
        a_delegate();
        let call = |enabled| Network::set_auto_parent_delegation_enabled { hotkey: hotkey(1), enabled };
        refused(&coldkey(2), call(false), Refusal::NonAssociatedColdKey);
        ok(&coldkey(1), call(false));
        assert!(!AutoParentDelegationEnabled::<Test>::get(hotkey(1)));
        let nobody = Network::set_auto_parent_delegation_enabled { hotkey: hotkey(9), enabled: true };
        refused(&coldkey(1), nobody, Refusal::HotKeyAccountNotExists);
    });
}

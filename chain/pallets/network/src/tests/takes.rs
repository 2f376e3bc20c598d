//! What delegates keep.

use super::mock::*;
use crate::pallet::*;

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

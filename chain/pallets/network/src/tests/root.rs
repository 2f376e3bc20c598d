//! Membership of root.

use super::mock::*;
use crate::pallet::*;
use myelin_units::ROOT;

fn join(i: u16) -> Network {
    Network::root_register { hotkey: hotkey(i) }
}

/// Forgets the registrations of this block and interval.
fn next_interval() {
    RegistrationsThisBlock::<Test>::insert(ROOT, 0);
    RegistrationsThisInterval::<Test>::insert(ROOT, 0);
}

#[test]
fn a_hotkey_joins_root_and_becomes_a_delegate() {
    on_chain(|| {
        ok(&coldkey(1), join(1));
        assert_eq!(uid_of(ROOT, &hotkey(1)), Some(0));
        assert_eq!(Owner::<Test>::get(hotkey(1)), coldkey(1));
        assert!(Delegates::<Test>::contains_key(hotkey(1)));
        announced(Event::NeuronRegistered(ROOT, 0, hotkey(1)));
        announced(Event::DelegateAdded(coldkey(1), hotkey(1), 11_796));
        RegistrationsThisBlock::<Test>::insert(ROOT, 0);
        refused(&coldkey(1), join(1), Refusal::HotKeyAlreadyRegisteredInSubNet);
    });
}

#[test]
fn root_takes_one_member_per_block_and_three_per_interval() {
    on_chain(|| {
        ok(&coldkey(1), join(1));
        refused(&coldkey(2), join(2), Refusal::TooManyRegistrationsThisBlock);
        run_to(2);
        ok(&coldkey(2), join(2));
        run_to(3);
        ok(&coldkey(3), join(3));
        run_to(4);
        refused(&coldkey(4), join(4), Refusal::TooManyRegistrationsThisInterval);
        run_to(100);
        ok(&coldkey(4), join(4));
    });
}

#[test]
fn somebody_elses_hotkey_does_not_join() {
    on_chain(|| {
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(1) });
        refused(&coldkey(2), join(1), Refusal::NonAssociatedColdKey);
    });
}

#[test]
fn a_full_root_replaces_its_poorest_member() {
    on_chain(|| {
        MaxAllowedUids::<Test>::insert(ROOT, 2);
        for (i, amount) in [(1, 20), (2, 10)] {
            ok(&coldkey(i), join(i.into()));
            ok(
                &coldkey(i),
                Network::add_stake { hotkey: hotkey(i.into()), netuid: ROOT, amount_staked: tao(amount) },
            );
            next_interval();
        }
        refused(&coldkey(3), join(3), Refusal::StakeTooLowForRoot);
        ok(&coldkey(3), Network::try_associate_hotkey { hotkey: hotkey(3) });
        ok(&coldkey(3), Network::add_stake { hotkey: hotkey(3), netuid: ROOT, amount_staked: tao(11) });
        ok(&coldkey(3), join(3));
        assert_eq!((uid_of(ROOT, &hotkey(2)), uid_of(ROOT, &hotkey(3))), (None, Some(1)));
        assert_eq!(SubnetworkN::<Test>::get(ROOT), 2);
    });
}

//! Identities, and the owners of hotkeys.

use super::mock::*;
use crate::{identity::Identities, pallet::*};
use sp_runtime::traits::Dispatchable;

fn about_me(name: &[u8]) -> Network {
    Network::set_identity {
        name: name.to_vec(),
        url: b"https://example.org".to_vec(),
        github_repo: vec![],
        image: vec![],
        discord: vec![],
        description: b"a validator".to_vec(),
        additional: vec![],
    }
}

fn about_subnet(netuid: u16, subnet_name: &[u8]) -> Network {
    Network::set_subnet_identity {
        netuid,
        subnet_name: subnet_name.to_vec(),
        github_repo: vec![],
        subnet_contact: vec![],
        subnet_url: vec![],
        discord: vec![],
        description: vec![],
        logo_url: vec![],
        additional: vec![],
    }
}

#[test]
fn who_works_may_say_who_it_is() {
    on_chain(|| {
        subnet().with_neurons(1).create();
        refused(&coldkey(5), about_me(b"x"), Refusal::HotKeyNotRegisteredInNetwork);
        refused(&coldkey(10), about_me(&[b'x'; 257]), Refusal::InvalidIdentity);
        ok(&coldkey(10), about_me(b"ten"));
        assert_eq!(
            IdentitiesV2::<Test>::get(coldkey(10)).map(|identity| identity.name),
            Some(b"ten".to_vec())
        );
        assert_eq!(
            Identities::<Test>::behind(&hotkey(10)).map(|identity| identity.name),
            Some(b"ten".to_vec())
        );
        announced(Event::ChainIdentitySet(coldkey(10)));
    });
}

#[test]
fn only_the_owner_describes_a_subnet() {
    on_chain(|| {
        let netuid = subnet().create();
        refused(&coldkey(1), about_subnet(netuid, b"x"), Refusal::NotSubnetOwner);
        refused(&coldkey(0), about_subnet(99, b"x"), Refusal::SubnetNotExists);
        refused(&coldkey(0), about_subnet(netuid, &[b'x'; 257]), Refusal::InvalidIdentity);
        ok(&coldkey(0), about_subnet(netuid, b"text"));
        assert_eq!(
            Identities::<Test>::of_subnet(netuid).map(|identity| identity.subnet_name),
            Some(b"text".to_vec())
        );
    });
}

#[test]
fn a_hotkey_is_claimed_once() {
    on_chain(|| {
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(1) });
        ok(&coldkey(2), Network::try_associate_hotkey { hotkey: hotkey(1) });
        assert_eq!(Owner::<Test>::get(hotkey(1)), coldkey(1));
        assert_eq!(OwnedHotkeys::<Test>::get(coldkey(1)), vec![hotkey(1)]);
        assert_eq!(OwnedHotkeys::<Test>::get(coldkey(2)), vec![]);
    });
}

#[test]
fn an_owned_hotkey_can_sign_without_tao() {
    on_chain(|| {
        assert_eq!(System::sufficients(&hotkey(1)), 0);
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(1) });
        assert_eq!((System::sufficients(&hotkey(1)), balance(&hotkey(1))), (1, 0));
    });
}

#[test]
fn old_transactions_of_keys_that_matter_never_become_valid_again() {
    on_chain(|| {
        let netuid = subnet().started().create();
        let stakes = Network::add_stake { hotkey: hotkey(0), netuid, amount_staked: tao(10) };
        ok(&coldkey(2), stakes);
        ok(&coldkey(3), Network::try_associate_hotkey { hotkey: hotkey(1) });
        let keys = [coldkey(2), coldkey(3), hotkey(1)];
        keys.iter().for_each(System::inc_account_nonce);
        // A hotkey is replaced, coldkeys give all their TAO away.
        let new_hotkey = hotkey(2);
        ok(&coldkey(3), Network::swap_hotkey { hotkey: hotkey(1), new_hotkey, netuid: None });
        assert_eq!(Owner::<Test>::try_get(hotkey(1)), Err(()));
        for from in [2, 3] {
            let all = pallet_balances::Call::transfer_all { dest: coldkey(9), keep_alive: false };
            let outcome = RuntimeCall::from(all).dispatch(RuntimeOrigin::signed(coldkey(from)));
            assert!(outcome.is_ok() && balance(&coldkey(from)) == 0, "{outcome:?}");
        }
        for key in &keys {
            assert_eq!(System::account_nonce(key), 1, "{key:?} counts anew");
        }
    });
}

//! The two lists of a coldkey, of hotkeys that it owns and of those on which it stakes, are bounded: they are read and
//! written whole.

use super::mock::*;
use crate::{
    keys::{KeyOwnership, MOST_LISTED},
    pallet::*,
};
use myelin_units::ROOT;

/// Hotkeys without any role.
fn strangers(count: usize) -> Vec<AccountId> {
    (20_000..).take(count).map(hotkey).collect()
}

#[test]
fn a_coldkey_claims_hotkeys_until_it_owns_as_many_as_it_may() {
    on_chain(|| {
        let netuid = subnet().started().create();
        for hotkey in strangers(MOST_LISTED - 1) {
            KeyOwnership::<Test>::claim(&coldkey(5), &hotkey);
        }
        ok(&coldkey(5), Network::try_associate_hotkey { hotkey: hotkey(1) });
        assert_eq!(OwnedHotkeys::<Test>::decode_len(coldkey(5)), Some(MOST_LISTED));
        for call in [
            Network::try_associate_hotkey { hotkey: hotkey(2) },
            Network::burned_register { netuid, hotkey: hotkey(2) },
            Network::root_register { hotkey: hotkey(2) },
            Network::register_network { hotkey: hotkey(2) },
        ] {
            refused(&coldkey(5), call, Refusal::TooManyHotkeys);
        }
        // A replacement does not lengthen the list.
        ok(&coldkey(5), Network::swap_hotkey { hotkey: hotkey(1), new_hotkey: hotkey(2), netuid: None });
        assert_eq!(OwnedHotkeys::<Test>::decode_len(coldkey(5)), Some(MOST_LISTED));
        // Hotkeys that it owns stay usable.
        ok(&coldkey(5), Network::burned_register { netuid, hotkey: hotkey(2) });
    });
}

#[test]
fn a_coldkey_stakes_on_as_many_hotkeys_as_it_may_and_then_on_no_further_one() {
    on_chain(|| {
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(1) });
        ok(&coldkey(1), Network::try_associate_hotkey { hotkey: hotkey(2) });
        let on = |i| Network::add_stake { hotkey: hotkey(i), netuid: ROOT, amount_staked: tao(1) };
        StakingHotkeys::<Test>::insert(coldkey(5), strangers(MOST_LISTED - 1));
        ok_without_lists(&coldkey(5), on(1));
        refused(&coldkey(5), on(2), Refusal::TooManyHotkeys);
        ok_without_lists(&coldkey(5), on(1));
        StakingHotkeys::<Test>::insert(coldkey(5), vec![hotkey(1)]);
    });
}

/// The call succeeds while a list names hotkeys on which there is no stake, which no call leaves behind.
fn ok_without_lists(signer: &AccountId, call: Network) {
    use sp_runtime::traits::Dispatchable;
    RuntimeCall::from(call).dispatch(RuntimeOrigin::signed(signer.clone())).expect("there is room");
}

//! Locks: the alpha that can't leave, its melting, and its conviction.

use super::mock::*;
use crate::{
    costs, keys::KeyOwnership, locks::Locks, pallet::*, pools::PoolReserves, removal::SubnetRemoval,
    stake::StakeLedger, subnets::SubnetRegistry, views,
};
use frame_support::storage::with_storage_layer;
use myelin_economy::conviction::DEFAULT_LOCK_RATE;
use myelin_units::{AlphaBalance, NetUid};
use sp_runtime::{traits::Dispatchable, DispatchError};

fn rao(amount: u64) -> AlphaBalance {
    AlphaBalance::from_rao(amount)
}

fn lock(hotkey: AccountId, netuid: NetUid, amount: u64) -> Network {
    Network::lock_stake { hotkey, netuid, amount: rao(amount) }
}

fn add(hotkey: AccountId, netuid: NetUid, tokens: u64) -> Network {
    Network::add_stake { hotkey, netuid, amount_staked: tao(tokens) }
}

fn remove(hotkey: AccountId, netuid: NetUid, amount: u64) -> Network {
    Network::remove_stake { hotkey, netuid, amount_unstaked: rao(amount) }
}

fn give(to: u8, hotkey: AccountId, netuid: NetUid, amount: u64) -> Network {
    Network::transfer_stake {
        destination_coldkey: coldkey(to),
        hotkey,
        origin_netuid: netuid,
        destination_netuid: netuid,
        alpha_amount: rao(amount),
    }
}

fn locked(who: u8, netuid: NetUid) -> u64 {
    Locks::<Test>::locked(&coldkey(who), netuid).to_rao()
}

/// Conviction in favour of a hotkey, in whole rao.
fn conviction(hotkey: &AccountId, netuid: NetUid) -> u64 {
    Locks::<Test>::conviction_of(hotkey, netuid).floor_u64()
}

/// Lets time pass without blocks.
pub(super) fn wait(blocks: u64) {
    System::set_block_number(System::block_number() + u32::try_from(blocks).expect("a block number"));
    check_invariants();
}

/// A started subnet of coldkey 0 with hotkey 0, and the neurons of hotkeys 10 and 11. Coldkey 2 has staked 100 TAO on
/// hotkey 10; the second number is the alpha bought.
fn situation() -> (NetUid, u64) {
    let netuid = subnet().started().with_neurons(2).create();
    ok(&coldkey(2), add(hotkey(10), netuid, 100));
    (netuid, stake_of(&hotkey(10), &coldkey(2), netuid))
}

#[test]
fn locked_alpha_cannot_be_unstaked_and_the_rest_can() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(11), netuid, held / 2));
        announced(Event::StakeLocked {
            coldkey: coldkey(2),
            hotkey: hotkey(11),
            netuid,
            amount: rao(held / 2),
        });
        let all = Network::remove_stake_full_limit { hotkey: hotkey(10), netuid, limit_price: None };
        refused(&coldkey(2), all, Refusal::StakeUnavailable);
        refused(&coldkey(2), remove(hotkey(10), netuid, held), Refusal::StakeUnavailable);
        refused(&coldkey(2), remove(hotkey(10), netuid, held - held / 2 + 1), Refusal::StakeUnavailable);
        ok(&coldkey(2), remove(hotkey(10), netuid, held - held / 2));
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), netuid), held / 2);
    });
}

#[test]
fn a_lock_binds_what_a_coldkey_has_on_all_hotkeys() {
    on_chain(|| {
        let (netuid, first) = situation();
        ok(&coldkey(2), add(hotkey(11), netuid, 100));
        let second = stake_of(&hotkey(11), &coldkey(2), netuid);
        refused(&coldkey(2), lock(hotkey(10), netuid, first + second + 1), Refusal::InsufficientStakeForLock);
        ok(&coldkey(2), lock(hotkey(10), netuid, second));
        ok(&coldkey(2), remove(hotkey(10), netuid, first));
        refused(&coldkey(2), remove(hotkey(11), netuid, second), Refusal::StakeUnavailable);
    });
}

#[test]
fn unstaking_everything_leaves_what_is_locked() {
    on_chain(|| {
        let (netuid, held) = situation();
        let root = |tokens| add(hotkey(10), 0, tokens);
        ok(&coldkey(2), root(10));
        ok(&coldkey(2), lock(hotkey(10), netuid, held / 4));
        ok(&coldkey(2), Network::unstake_all_alpha { hotkey: hotkey(10) });
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), netuid), held / 4);
        ok(&coldkey(2), Network::unstake_all { hotkey: hotkey(10) });
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), netuid), held / 4);
        assert_eq!(stake_of(&hotkey(10), &coldkey(2), 0), 0);
    });
}

#[test]
fn locked_alpha_stays_on_its_subnet_and_moves_freely_there() {
    on_chain(|| {
        let (netuid, held) = situation();
        let other = subnet().owned_by(1).started().create();
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        let swap = |amount| Network::swap_stake {
            hotkey: hotkey(10),
            origin_netuid: netuid,
            destination_netuid: other,
            alpha_amount: rao(amount),
        };
        let shift = |to, amount| Network::move_stake {
            origin_hotkey: hotkey(10),
            destination_hotkey: hotkey(11),
            origin_netuid: netuid,
            destination_netuid: to,
            alpha_amount: rao(amount),
        };
        refused(&coldkey(2), swap(held / 2), Refusal::StakeUnavailable);
        refused(&coldkey(2), shift(other, held / 2), Refusal::StakeUnavailable);
        ok(&coldkey(2), shift(netuid, held / 2));
        assert!(locked(2, netuid) >= held - 2, "the lock stays");
    });
}

#[test]
fn locked_alpha_cannot_be_burned_or_recycled() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        let burn = Network::burn_alpha { hotkey: hotkey(10), amount: rao(1_000), netuid };
        let recycle = Network::recycle_alpha { hotkey: hotkey(10), amount: rao(1_000), netuid };
        refused(&coldkey(2), burn, Refusal::StakeUnavailable);
        refused(&coldkey(2), recycle, Refusal::StakeUnavailable);
    });
}

#[test]
fn a_decaying_lock_frees_its_alpha_with_time() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        wait(DEFAULT_LOCK_RATE / 2);
        // e^-½ = 0.6065.
        let left = locked(2, netuid);
        assert!((0.6065..0.6066).contains(&(left as f64 / held as f64)), "{left} of {held}");
        refused(&coldkey(2), remove(hotkey(10), netuid, held - left + 1), Refusal::StakeUnavailable);
        ok(&coldkey(2), remove(hotkey(10), netuid, held - left));
        wait(45 * DEFAULT_LOCK_RATE);
        assert_eq!(locked(2, netuid), 0);
        assert_eq!(views::stake::coldkey_lock::<Test>(&coldkey(2), netuid), None);
        ok(&coldkey(2), remove(hotkey(10), netuid, u64::MAX));
        ok(&coldkey(2), add(hotkey(10), netuid, 1));
        ok(&coldkey(2), lock(hotkey(11), netuid, 1_000_000));
        assert_eq!(conviction(&hotkey(10), netuid), 0, "a lock that melted binds to no hotkey");
    });
}

#[test]
fn a_perpetual_lock_keeps_its_mass_until_it_may_melt_again() {
    on_chain(|| {
        let (netuid, held) = situation();
        let perpetual = |enabled| Network::set_perpetual_lock { netuid, enabled };
        ok(&coldkey(2), perpetual(true));
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        assert!(HotkeyLock::<Test>::contains_key(netuid, hotkey(10)));
        wait(DEFAULT_LOCK_RATE / 2);
        assert_eq!(locked(2, netuid), held);
        let gained = conviction(&hotkey(10), netuid) as f64 / held as f64;
        assert!((0.3934..0.3935).contains(&gained), "1 − e^-½, not {gained}");
        ok(&coldkey(2), perpetual(false));
        announced(Event::PerpetualLockUpdated { coldkey: coldkey(2), netuid, enabled: false });
        assert!(!HotkeyLock::<Test>::contains_key(netuid, hotkey(10)));
        assert!(DecayingHotkeyLock::<Test>::contains_key(netuid, hotkey(10)));
        wait(DEFAULT_LOCK_RATE / 2);
        assert!(locked(2, netuid) < held);
        refused(
            &coldkey(2),
            Network::set_perpetual_lock { netuid: 99, enabled: true },
            Refusal::SubnetNotExists,
        );
    });
}

#[test]
fn topping_up_names_the_same_hotkey() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(10), netuid, held / 4));
        refused(&coldkey(2), lock(hotkey(11), netuid, held / 4), Refusal::LockHotkeyMismatch);
        ok(&coldkey(2), lock(hotkey(10), netuid, held / 4));
        assert_eq!(locked(2, netuid), held / 4 * 2);
        refused(&coldkey(2), lock(hotkey(10), netuid, held), Refusal::InsufficientStakeForLock);
        refused(&coldkey(2), lock(hotkey(10), netuid, u64::MAX), Refusal::InsufficientStakeForLock);
        refused(&coldkey(2), lock(hotkey(10), netuid, 0), Refusal::AmountTooLow);
        refused(&coldkey(2), lock(hotkey(77), netuid, held / 4), Refusal::HotKeyAccountNotExists);
        refused(&coldkey(2), lock(hotkey(10), 99, held / 4), Refusal::SubnetNotExists);
        ok(&coldkey(3), add(hotkey(10), netuid, 1));
        refused(&coldkey(3), lock(hotkey(10), netuid, 99), Refusal::AmountTooLow);
    });
}

#[test]
fn locks_of_others_leave_the_time_of_a_sum_alone() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), Network::set_perpetual_lock { netuid, enabled: true });
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        ok(&coldkey(3), add(hotkey(10), netuid, 100));
        ok(&coldkey(3), Network::set_perpetual_lock { netuid, enabled: true });
        wait(DEFAULT_LOCK_RATE / 2);
        ok(&coldkey(3), lock(hotkey(10), netuid, 1_000_000));
        let gained = conviction(&hotkey(10), netuid) as f64 / held as f64;
        assert!((0.3934..0.3935).contains(&gained), "1 − e^-½, not {gained}");
    });
}

#[test]
fn moving_a_lock_costs_its_conviction_unless_the_owner_is_the_same() {
    on_chain(|| {
        let (netuid, held) = situation();
        let move_lock = |to: u16| Network::move_lock { destination_hotkey: hotkey(to), netuid };
        refused(&coldkey(2), move_lock(11), Refusal::NoExistingLock);
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        wait(DEFAULT_LOCK_RATE / 2);
        let grown = conviction(&hotkey(10), netuid);
        assert!(grown > held / 4);
        // Hotkey 100 has the owner of hotkey 10.
        register(netuid, 100);
        ok(&coldkey(2), move_lock(100));
        announced(Event::LockMoved {
            coldkey: coldkey(2),
            origin_hotkey: hotkey(10),
            destination_hotkey: hotkey(100),
            netuid,
        });
        assert_eq!(conviction(&hotkey(10), netuid), 0);
        assert_eq!(conviction(&hotkey(100), netuid), grown);
        let mass = locked(2, netuid);
        ok(&coldkey(2), move_lock(11));
        assert_eq!((conviction(&hotkey(100), netuid), conviction(&hotkey(11), netuid)), (0, 0));
        assert_eq!(locked(2, netuid), mass);
        refused(&coldkey(2), move_lock(77), Refusal::HotKeyAccountNotExists);
    });
}

#[test]
fn the_owners_hotkey_convinces_at_once() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(0), netuid, held));
        assert_eq!(conviction(&hotkey(0), netuid), held);
        assert!(DecayingOwnerLock::<Test>::contains_key(netuid));
        assert!(!DecayingHotkeyLock::<Test>::contains_key(netuid, hotkey(0)));
        assert_eq!(views::stake::most_convicted_hotkey::<Test>(netuid), Some(hotkey(0)));
    });
}

#[test]
fn another_owner_hotkey_refiles_the_sums_and_the_locks_catch_up() {
    on_chain(|| {
        let (netuid, held) = situation();
        register(netuid, 90 + 10);
        ok(&coldkey(2), lock(hotkey(0), netuid, held));
        ok(&coldkey(3), add(hotkey(10), netuid, 100));
        let other = stake_of(&hotkey(10), &coldkey(3), netuid);
        ok(&coldkey(3), lock(hotkey(10), netuid, other));
        wait(100_000);
        SubnetRegistry::<Test>::change_owner(netuid, owner_of(10), hotkey(10));
        announced(Event::SubnetOwnerChanged { netuid, old_coldkey: coldkey(0), new_coldkey: owner_of(10) });
        check_invariants();
        assert!(conviction(&hotkey(10), netuid) < locked(3, netuid) / 2, "not in this block yet");
        let kept = conviction(&hotkey(0), netuid);
        assert!(kept.abs_diff(locked(2, netuid)) <= 1, "what it had stays, and ages from now on");
        wait(1);
        assert!(conviction(&hotkey(10), netuid).abs_diff(locked(3, netuid)) <= 1, "convinces at once");
        wait(100_000 - 1);
        let lock = views::stake::coldkey_lock::<Test>(&coldkey(2), netuid).expect("it is locked");
        assert!(lock.conviction.floor_u64().abs_diff(conviction(&hotkey(0), netuid)) <= 2);
        assert!(
            lock.conviction.floor_u64() > lock.locked_mass.to_rao(),
            "conviction follows the mass with delay"
        );
    });
}

mod transfers {
    use super::*;

    #[test]
    fn free_alpha_goes_first() {
        on_chain(|| {
            let (netuid, held) = situation();
            ok(&coldkey(2), lock(hotkey(10), netuid, held / 2));
            ok(&coldkey(2), give(3, hotkey(10), netuid, held - held / 2));
            assert_eq!((locked(2, netuid), locked(3, netuid)), (held / 2, 0));
        });
    }

    #[test]
    fn locked_alpha_takes_its_conviction_along_to_whoever_accepts_it() {
        on_chain(|| {
            let (netuid, held) = situation();
            ok(&coldkey(2), lock(hotkey(11), netuid, held));
            wait(DEFAULT_LOCK_RATE / 2);
            let (mass, grown) = (locked(2, netuid), conviction(&hotkey(11), netuid));
            // The rest of the lock is a quarter of it.
            let gift = held - mass / 4;
            refused(&coldkey(2), give(3, hotkey(10), netuid, gift), Refusal::AccountRejectsLockedAlpha);
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
            announced(Event::RejectLockedAlphaUpdated { coldkey: coldkey(3), enabled: false });
            ok(&coldkey(2), give(3, hotkey(10), netuid, gift));
            assert_eq!(locked(2, netuid), mass / 4);
            assert!(locked(3, netuid).abs_diff(mass - mass / 4) <= 1);
            let theirs = views::stake::coldkey_lock::<Test>(&coldkey(3), netuid).expect("it came along");
            assert!(theirs.conviction.floor_u64().abs_diff(grown - grown / 4) <= 2);
            assert!(conviction(&hotkey(11), netuid).abs_diff(grown) <= 2, "nothing is won or lost");
            refused(&coldkey(3), remove(hotkey(10), netuid, gift), Refusal::StakeUnavailable);
        });
    }

    #[test]
    fn a_lock_that_comes_along_costs_the_look_at_what_its_new_holder_has() {
        on_chain(|| {
            let (netuid, held) = situation();
            ok(&coldkey(2), lock(hotkey(10), netuid, held));
            ok(&coldkey(3), add(hotkey(10), netuid, 100));
            ok(&coldkey(3), add(hotkey(11), netuid, 100));
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
            let giver = costs::Signer::of::<Test>(&coldkey(2), netuid);
            let receiver = costs::Signer { owns: 0, stakes_on: 2, bound: 2 };
            let call = RuntimeCall::from(give(3, hotkey(10), netuid, held / 2));
            let paid = call.dispatch(RuntimeOrigin::signed(coldkey(2))).expect("it is accepted");
            let expected = costs::relocate::<Test>(netuid, netuid, giver, receiver);
            assert_eq!(paid.actual_weight, Some(expected));
        });
    }

    #[test]
    fn a_receiver_with_a_lock_on_another_hotkey_gets_no_locked_alpha() {
        on_chain(|| {
            let (netuid, held) = situation();
            ok(&coldkey(2), lock(hotkey(10), netuid, held));
            ok(&coldkey(3), add(hotkey(10), netuid, 100));
            ok(&coldkey(3), lock(hotkey(11), netuid, UNIT));
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
            refused(&coldkey(2), give(3, hotkey(10), netuid, held / 2), Refusal::LockHotkeyMismatch);
            ok(&coldkey(3), Network::move_lock { destination_hotkey: hotkey(10), netuid });
            ok(&coldkey(2), give(3, hotkey(10), netuid, held / 2));
            assert!(locked(3, netuid).abs_diff(UNIT + held / 2) <= 1);
        });
    }

    #[test]
    fn rejecting_is_the_default_and_leaves_no_entry() {
        on_chain(|| {
            assert!(Locks::<Test>::rejects_locked_alpha(&coldkey(3)));
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
            assert_eq!(AccountFlags::<Test>::get(coldkey(3)), 1);
            assert!(!Locks::<Test>::rejects_locked_alpha(&coldkey(3)));
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: true });
            assert!(!AccountFlags::<Test>::contains_key(coldkey(3)));
        });
    }

    #[test]
    fn a_transfer_to_another_subnet_takes_free_alpha_only() {
        on_chain(|| {
            let (netuid, held) = situation();
            let other = subnet().owned_by(1).started().create();
            ok(&coldkey(3), Network::set_reject_locked_alpha { enabled: false });
            ok(&coldkey(2), lock(hotkey(10), netuid, held));
            let away = Network::transfer_stake {
                destination_coldkey: coldkey(3),
                hotkey: hotkey(10),
                origin_netuid: netuid,
                destination_netuid: other,
                alpha_amount: rao(held),
            };
            refused(&coldkey(2), away, Refusal::StakeUnavailable);
        });
    }
}

mod owner_cut {
    use super::*;

    /// Runs 35 blocks of a paid subnet and returns its owner's locked and still waiting alpha.
    fn after_blocks(prepare: impl FnOnce(NetUid)) -> (u64, u64) {
        on_fast_chain(|| {
            let netuid = subnet().started().with_neurons(2).create();
            prepare(netuid);
            run_blocks(35);
            (locked(0, netuid), PendingOwnerCut::<Test>::get(netuid).to_rao())
        })
    }

    #[test]
    fn it_is_free_unless_the_subnet_wants_it_locked() {
        assert_eq!(after_blocks(|_| {}).0, 0);
    }

    #[test]
    fn it_is_locked_in_favour_of_the_owner_hotkey() {
        let (locked, waiting) = after_blocks(|netuid| OwnerCutAutoLockEnabled::<Test>::insert(netuid, true));
        // One alpha per block, of which 11,796/65,535 is the owner's; the first locked part has melted a little.
        let cut = 35.0 * UNIT as f64 * 11_796.0 / 65_535.0;
        let share = (locked + waiting) as f64 / cut;
        assert!(
            locked > 0 && (0.9999..1.0).contains(&share),
            "{locked} locked and {waiting} to come of {cut}"
        );
    }

    #[test]
    fn it_tops_up_the_lock_that_the_owner_has() {
        after_blocks(|netuid| {
            OwnerCutAutoLockEnabled::<Test>::insert(netuid, true);
            ok(&coldkey(0), add(hotkey(10), netuid, 10));
            ok(&coldkey(0), lock(hotkey(10), netuid, UNIT));
            run_blocks(25);
            assert!(conviction(&hotkey(10), netuid) > 0);
            assert!(locked(0, netuid) > UNIT);
            assert!(!DecayingOwnerLock::<Test>::contains_key(netuid));
        });
    }
}

mod endings {
    use super::*;

    #[test]
    fn a_swapped_hotkey_keeps_its_locks_and_their_conviction() {
        on_chain(|| {
            let (netuid, held) = situation();
            ok(&coldkey(2), lock(hotkey(10), netuid, held));
            ok(&coldkey(3), add(hotkey(10), netuid, 100));
            ok(&coldkey(3), lock(hotkey(10), netuid, UNIT));
            register(netuid, 100);
            wait(100_000);
            let grown = conviction(&hotkey(10), netuid);
            assert_eq!(Locks::<Test>::swap_hotkey(netuid, &hotkey(10), &hotkey(100), 1), 1);
            check_invariants();
            assert_eq!(Locks::<Test>::swap_hotkey(netuid, &hotkey(10), &hotkey(100), 10), 1, "the rest");
            check_invariants();
            assert_eq!(conviction(&hotkey(10), netuid), 0);
            assert!(conviction(&hotkey(100), netuid).abs_diff(grown) <= 2);
        });
    }

    #[test]
    fn a_removed_subnet_leaves_no_lock_behind() {
        on_chain(|| {
            let (netuid, held) = situation();
            register(netuid, 100);
            ok(&coldkey(2), lock(hotkey(10), netuid, held));
            ok(&coldkey(3), add(hotkey(0), netuid, 100));
            ok(&coldkey(3), Network::set_perpetual_lock { netuid, enabled: true });
            ok(&coldkey(3), lock(hotkey(0), netuid, UNIT));
            ok(&coldkey(4), Network::set_perpetual_lock { netuid, enabled: true });
            SubnetRegistry::<Test>::replace_owner_hotkey(netuid, &hotkey(10));
            SubnetRemoval::<Test>::dissolve(netuid).expect("it exists");
            refused(&coldkey(2), lock(hotkey(10), netuid, UNIT), Refusal::SubnetNotExists);
            while SubnetRemoval::<Test>::is_in_progress(netuid) {
                SubnetRemoval::<Test>::work(20);
                check_invariants();
            }
            let left = Lock::<Test>::iter().count()
                + LockingColdkeys::<Test>::iter().count()
                + DecayingLock::<Test>::iter().count()
                + HotkeyLock::<Test>::iter().count()
                + DecayingHotkeyLock::<Test>::iter().count()
                + OwnerLock::<Test>::iter().count()
                + DecayingOwnerLock::<Test>::iter().count()
                + OwnershipBegan::<Test>::iter().count()
                + OwnershipEnded::<Test>::iter().count();
            assert_eq!(left, 0);
        });
    }
}

#[test]
fn a_refused_lock_leaves_no_trace_in_the_middle_of_a_block() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        let refusal = with_storage_layer(|| Locks::<Test>::lock(&coldkey(2), &hotkey(10), netuid, rao(held)));
        assert_eq!(refusal, Err(DispatchError::from(Refusal::InsufficientStakeForLock)));
        assert_eq!(locked(2, netuid), held);
        assert_eq!(StakeLedger::<Test>::total_of(&coldkey(2), netuid).to_rao(), held);
    });
}

/// Alpha that [`spread`] puts on a hotkey.
const LITTLE: u64 = UNIT / 100;

/// Coldkey `who` holds a little on each of these hotkeys, which it chose itself.
fn spread(who: u8, netuid: NetUid, hotkeys: core::ops::Range<u16>) {
    for i in hotkeys {
        KeyOwnership::<Test>::claim(&coldkey(50), &hotkey(i));
        StakeLedger::<Test>::increase(&hotkey(i), &coldkey(who), netuid, rao(LITTLE)).expect("worth a share");
        PoolReserves::<Test>::mint_out(netuid, rao(LITTLE));
    }
}

#[test]
fn a_lock_does_not_dissolve_when_alpha_moves_beyond_the_hotkeys_that_are_looked_at() {
    on_chain(|| {
        let (netuid, held) = situation();
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        spread(2, netuid, 1_000..1_127);
        // The last place is taken, so that further hotkeys are beyond it; hotkey 10 stays first.
        spread(2, netuid, 1_127..1_129);
        let shift = |from: u16, to: u16, amount| Network::move_stake {
            origin_hotkey: hotkey(from),
            destination_hotkey: hotkey(to),
            origin_netuid: netuid,
            destination_netuid: netuid,
            alpha_amount: rao(amount),
        };
        ok(&coldkey(2), shift(10, 1_128, held - UNIT));
        assert_eq!(locked(2, netuid), held, "locked as before");
        refused(&coldkey(2), remove(hotkey(1_128), netuid, UNIT), Refusal::StakeUnavailable);
        refused(&coldkey(2), remove(hotkey(1_000), netuid, LITTLE), Refusal::StakeUnavailable);
        // Alpha that is moved back counts again.
        let beyond = stake_of(&hotkey(1_128), &coldkey(2), netuid);
        ok(&coldkey(2), shift(1_128, 10, beyond));
        ok(&coldkey(2), remove(hotkey(1_000), netuid, LITTLE));
        assert_eq!(locked(2, netuid), held);
    });
}

#[test]
fn the_hotkey_swap_of_somebody_else_keeps_alpha_in_sight() {
    on_chain(|| {
        let (netuid, held) = situation();
        spread(2, netuid, 1_000..1_200);
        ok(&coldkey(2), lock(hotkey(10), netuid, held));
        let swap = Network::swap_hotkey { hotkey: hotkey(10), new_hotkey: hotkey(99), netuid: Some(netuid) };
        ok(&owner_of(10), swap);
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(2)).first(), Some(&hotkey(99)), "in the same place");
        ok(&coldkey(2), remove(hotkey(1_000), netuid, LITTLE));
        assert_eq!(locked(2, netuid), held);
    });
}

#[test]
fn stake_that_others_give_keeps_nobody_from_locking() {
    on_chain(|| {
        let (netuid, _) = situation();
        ok(&coldkey(3), add(hotkey(10), netuid, 10));
        spread(3, netuid, 1_000..1_200);
        let mut refusals = 0;
        for i in 1_000..1_200 {
            let gift = give(4, hotkey(i), netuid, LITTLE / 2);
            refusals +=
                u32::from(RuntimeCall::from(gift).dispatch(RuntimeOrigin::signed(coldkey(3))).is_err());
        }
        assert_eq!(refusals, 200 - 64, "half of the places are for own choices");
        refused(&coldkey(3), give(4, hotkey(1_199), netuid, LITTLE / 2), Refusal::TransferDisallowed);
        ok(&coldkey(3), give(4, hotkey(1_000), netuid, LITTLE / 4));
        ok(&coldkey(4), add(hotkey(11), netuid, 100));
        let own = stake_of(&hotkey(11), &coldkey(4), netuid);
        ok(&coldkey(4), lock(hotkey(11), netuid, own));
    });
}

#[test]
fn a_hotkey_leaves_the_list_of_its_staker_with_the_last_holding() {
    on_chain(|| {
        let (netuid, held) = situation();
        let other = subnet().owned_by(1).started().create();
        ok(&coldkey(2), add(hotkey(10), other, 10));
        ok(&coldkey(2), add(hotkey(11), netuid, 10));
        ok(&coldkey(2), remove(hotkey(10), netuid, held));
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(2)), vec![hotkey(10), hotkey(11)]);
        let rest = stake_of(&hotkey(10), &coldkey(2), other);
        ok(&coldkey(2), remove(hotkey(10), other, rest));
        assert_eq!(StakingHotkeys::<Test>::get(coldkey(2)), vec![hotkey(11)]);
        SubnetRemoval::<Test>::dissolve(netuid).expect("it exists");
        while SubnetRemoval::<Test>::is_in_progress(netuid) {
            SubnetRemoval::<Test>::work(20);
            check_invariants();
        }
        assert!(!StakingHotkeys::<Test>::contains_key(coldkey(2)));
    });
}

#[test]
fn a_first_lock_costs_the_look_at_what_is_held_too() {
    on_chain(|| {
        let netuid = subnet().started().create();
        ok(&coldkey(1), add(hotkey(0), netuid, 10));
        let call = RuntimeCall::from(lock(hotkey(0), netuid, UNIT));
        let paid = call.dispatch(RuntimeOrigin::signed(coldkey(1))).expect("it holds more");
        let looked = costs::Signer { bound: 1, ..costs::Signer::NOBODY };
        assert_eq!(paid.actual_weight, Some(costs::lock::<Test>(looked)));
    });
}

use codec::Decode;
use frame_support::{assert_noop, assert_ok, traits::Get};
use myelin_economy::sessions::SHORTEST;
use myelin_election::{
    rules::{LONGEST_REPORT_WINDOW, MOST_ERAS_OF_REPORTS},
    term::MOST_TERMS,
};
use sp_consensus_grandpa::{AuthorityId as GrandpaId, ConsensusLog, GRANDPA_ENGINE_ID};
use sp_core::{crypto::UncheckedFrom, ed25519, sr25519};
use sp_runtime::{traits::BadOrigin, DigestItem};

use super::*;
use crate::{
    genesis::keys::{DevAuthority, ALICE, AUTHORITIES},
    profile::BlockLimits,
    tests::{chain, run_block},
    AccountId, AdminUtils, RuntimeOrigin, Session, SessionKeys, SubtensorModule, System,
};

const ONE: &DevAuthority = &AUTHORITIES[0];
const TWO: &DevAuthority = &AUTHORITIES[1];
const THREE: &DevAuthority = &AUTHORITIES[2];

fn swap(origin: RuntimeOrigin, authorities: &[&DevAuthority]) -> DispatchResult {
    let keys: Vec<_> = authorities.iter().map(|authority| authority.session_keys().aura).collect();
    AdminUtils::swap_authorities(origin, keys.try_into().expect("few authorities"))
}

/// The keys in force, of Aura and of GRANDPA.
fn in_force() -> (Vec<AuraId>, Vec<GrandpaId>) {
    let finalise = Grandpa::grandpa_authorities().into_iter().map(|(key, _)| key).collect();
    (pallet_aura::Authorities::<Runtime>::get().into_inner(), finalise)
}

fn keys_of(authorities: &[&DevAuthority]) -> (Vec<AuraId>, Vec<GrandpaId>) {
    let keys: Vec<SessionKeys> = authorities.iter().map(|authority| authority.session_keys()).collect();
    let grandpa = keys.iter().map(|keys| keys.grandpa.clone()).collect();
    (keys.into_iter().map(|keys| keys.aura).collect(), grandpa)
}

fn ids(authorities: &[&DevAuthority]) -> Vec<AccountId> {
    authorities.iter().map(|authority| authority.account.id()).collect()
}

/// Whether the last block had room for transactions.
fn had_room() -> bool {
    System::block_weight().total().ref_time() < BlockLimits::get().max_block.ref_time() / 2
}

/// Lets blocks pass and runs the one with this number.
fn run_later_block(number: BlockNumber) {
    System::set_block_number(number - 1);
    run_block(number);
}

/// Message of the last block to GRANDPA voters.
fn told_voters() -> Option<ConsensusLog<BlockNumber>> {
    System::digest().logs.iter().find_map(|log| match log {
        DigestItem::Consensus(GRANDPA_ENGINE_ID, log) => ConsensusLog::decode(&mut &log[..]).ok(),
        _ => None,
    })
}

#[test]
fn those_whom_root_appoints_take_office_in_the_second_block() {
    chain("local3").execute_with(|| {
        run_block(1);
        assert_ok!(swap(RuntimeOrigin::root(), &[THREE, ONE]));
        let appointed = Event::<Runtime>::AuthoritiesAppointed { authorities: ids(&[THREE, ONE]) };
        System::assert_last_event(appointed.into());
        run_block(2);
        assert_eq!(in_force(), keys_of(&[ONE, TWO, THREE]));
        run_block(3);
        assert_eq!(in_force(), keys_of(&[THREE, ONE]));
        assert_eq!(Session::validators(), ids(&[THREE, ONE]));
        assert!(matches!(told_voters(), Some(ConsensusLog::ScheduledChange(change)) if change.delay == 0));
        run_block(4);
        assert!(had_room(), "only the two blocks of the change are without transactions");
        assert_eq!(told_voters(), None);
        assert_eq!(in_force(), keys_of(&[THREE, ONE]));
    });
}

/// The noted keys of the set whose term is the last one, and the first slot of the term.
fn noted() -> ((Vec<AuraId>, Vec<GrandpaId>), u64) {
    use pallet_myelin_election::{TermIndex, TermSeats};
    let term = TermIndex::<Runtime>::get().last().expect("the set of genesis");
    assert_eq!(term.set_id, Grandpa::current_set_id());
    let seats = TermSeats::<Runtime>::get(term.number);
    assert_eq!(
        seats.iter().map(|seat| AccountId::from(seat.hotkey)).collect::<Vec<_>>(),
        Session::validators()
    );
    let aura = seats.iter().map(|seat| sr25519::Public::from(seat.aura).into()).collect();
    let grandpa = seats.iter().map(|seat| ed25519::Public::from(seat.grandpa).into()).collect();
    ((aura, grandpa), term.from_slot)
}

#[test]
fn each_set_is_noted_with_its_keys_from_the_slot_after_its_change() {
    chain("local3").execute_with(|| {
        assert_eq!(noted(), (keys_of(&[ONE, TWO, THREE]), 1));
        run_block(1);
        assert_ok!(swap(RuntimeOrigin::root(), &[THREE, ONE]));
        run_block(2);
        assert_eq!(noted().1, 1);
        // The block of the change is still by an author of the old list.
        run_block(3);
        assert_eq!((noted(), in_force()), ((keys_of(&[THREE, ONE]), 4), keys_of(&[THREE, ONE])));
        run_later_block(240);
        assert_eq!(noted().1, 4, "nothing changed at the end of the period");
        let new = SessionKeys {
            aura: sr25519::Public::unchecked_from([7; 32]).into(),
            grandpa: ed25519::Public::unchecked_from([8; 32]).into(),
        };
        pallet_session::NextKeys::<Runtime>::insert(ONE.account.id(), &new);
        run_later_block(480);
        run_block(481);
        assert_eq!(noted(), (in_force(), 482));
    });
}

#[test]
fn a_period_in_which_no_key_changes_costs_no_block() {
    for (preset, period) in [("local3", 240), ("local3-12s", 300)] {
        chain(preset).execute_with(|| {
            assert_eq!(sessions().length, period);
            run_later_block(period);
            assert!(had_room(), "{preset}: {}", System::block_weight().total());
            assert_eq!(in_force(), keys_of(&[ONE, TWO, THREE]));
        });
    }
}

#[test]
fn replaced_keys_are_used_from_the_end_of_the_period() {
    chain("local3").execute_with(|| {
        let new = SessionKeys {
            aura: sr25519::Public::unchecked_from([7; 32]).into(),
            grandpa: ed25519::Public::unchecked_from([8; 32]).into(),
        };
        pallet_session::NextKeys::<Runtime>::insert(TWO.account.id(), &new);
        run_later_block(239);
        assert_eq!(in_force(), keys_of(&[ONE, TWO, THREE]));
        run_block(240);
        run_block(241);
        let (mut write, mut finalise) = keys_of(&[ONE, TWO, THREE]);
        (write[1], finalise[1]) = (new.aura, new.grandpa);
        assert_eq!(in_force(), (write, finalise));
        run_block(242);
        assert!(had_room());
    });
}

/// Stores other keys of an authority.
fn replace(authority: &DevAuthority, seed: u8) -> SessionKeys {
    let new = SessionKeys {
        aura: sr25519::Public::unchecked_from([seed; 32]).into(),
        grandpa: ed25519::Public::unchecked_from([seed; 32]).into(),
    };
    pallet_session::NextKeys::<Runtime>::insert(authority.account.id(), &new);
    new
}

#[test]
fn another_length_of_sessions_counts_after_the_session_under_way() {
    chain("local3").execute_with(|| {
        let in_use = || {
            let (write, finalise) = in_force();
            (write[1].clone(), finalise[1].clone())
        };
        let first = replace(TWO, 7);
        run_block(1);
        assert_ok!(SubtensorModule::sudo_set_session_length(RuntimeOrigin::root(), 500));
        assert_eq!(EndOfSession::estimate_next_session_rotation(1).0, Some(240));
        run_later_block(240);
        run_block(241);
        assert_eq!(in_use(), (first.aura.clone(), first.grandpa.clone()), "as was promised");
        assert_eq!(EndOfSession::estimate_next_session_rotation(241).0, Some(500));
        let second = replace(TWO, 8);
        run_later_block(480);
        run_block(481);
        assert_eq!(in_use(), (first.aura, first.grandpa), "the former length no longer counts");
        run_later_block(500);
        run_block(501);
        assert_eq!(in_use(), (second.aura, second.grandpa));
        assert_eq!(noted().1, 502, "and a term began");
    });
}

#[test]
fn the_shortest_sessions_leave_room_for_every_term_of_which_offences_can_be_reported() {
    let changes = LONGEST_REPORT_WINDOW / u64::from(SHORTEST) + MOST_ERAS_OF_REPORTS;
    // The term in office, and the one that the window cuts.
    assert!(changes + 2 <= MOST_TERMS as u64, "{changes} changes");
}

#[test]
fn an_authority_without_keys_leaves_and_the_last_one_stays() {
    chain("local3").execute_with(|| {
        assert_ok!(Session::purge_keys(RuntimeOrigin::signed(TWO.account.id())));
        run_later_block(240);
        run_block(241);
        assert_eq!(in_force(), keys_of(&[ONE, THREE]));
        assert_eq!(Session::validators(), ids(&[ONE, THREE]));
        for leaves in [ONE, THREE] {
            assert_ok!(Session::purge_keys(RuntimeOrigin::signed(leaves.account.id())));
        }
        run_later_block(480);
        run_block(481);
        assert_eq!(in_force(), keys_of(&[ONE, THREE]), "a chain without authorities would stand still");
    });
}

#[test]
fn a_list_that_cannot_take_office_is_refused() {
    chain("local").execute_with(|| {
        let root = RuntimeOrigin::root;
        assert_noop!(swap(RuntimeOrigin::signed(ALICE.id()), &[ONE]), BadOrigin);
        assert_noop!(swap(root(), &[]), Error::<Runtime>::NoAuthorities);
        assert_noop!(swap(root(), &[ONE, TWO, ONE]), Error::<Runtime>::AuthorityNamedTwice);
        // Three is no authority of this chain and has stored no keys.
        assert_noop!(swap(root(), &[ONE, THREE]), Error::<Runtime>::KeysNotSet);
    });
}

#[test]
fn root_replaces_authorities_that_no_longer_finalise() {
    chain("local3").execute_with(|| {
        run_block(1);
        assert_ok!(swap(RuntimeOrigin::root(), &[THREE]));
        run_block(2);
        run_block(3);
        assert_ok!(Grandpa::note_stalled(RuntimeOrigin::root(), 10, 1));
        run_later_block(240);
        let change = told_voters();
        let Some(ConsensusLog::ForcedChange(1, change)) = change else { panic!("{change:?}") };
        assert_eq!((change.next_authorities, change.delay), (vec![(THREE.session_keys().grandpa, 1)], 10));
        // An appointment while that change waits takes office after it, for blocks and finality alike.
        assert_ok!(swap(RuntimeOrigin::root(), &[ONE, TWO]));
        for number in 241..=250 {
            run_block(number);
            assert_eq!(in_force().0, keys_of(&[THREE]).0, "block {number}");
        }
        run_block(251);
        run_block(252);
        assert_eq!(in_force(), keys_of(&[ONE, TWO]));
    });
}

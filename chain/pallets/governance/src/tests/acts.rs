//! Enactment and the committee: what an approved proposal meets, and what the committee can put off.

use frame_support::{assert_noop, assert_ok, assert_storage_noop, traits::fungible::Inspect, BoundedVec};
use myelin_governance::{
    enactment::{BRAKE_DAYS, BRAKE_REST_DAYS, DELAY_DAYS, MARK_DAYS},
    Asset, Kind, TrackId,
};
use myelin_units::{Block, TaoBalance};
use sp_core::H256;
use sp_runtime::{
    traits::{BadOrigin, BlakeTwo256, Hash},
    DispatchError,
};

use super::mock::*;
use crate::{Committee, Delays, Error, Event, Marks, Origin, MAX_DELAYS};

const COMMITTEE: u32 = 9;
const CODE: H256 = H256::repeat_byte(3);

fn spend() -> RuntimeCall {
    crate::Call::spend { to: 9, amount: TaoBalance::from_tokens(10) }.into()
}

fn upgrade() -> RuntimeCall {
    frame_system::Call::authorize_upgrade { code_hash: CODE }.into()
}

fn enact(track: TrackId, call: RuntimeCall, registered: Option<Block>) -> Event<Test> {
    assert_ok!(Governance::enact(Origin(track).into(), Box::new(call), registered));
    events().pop().expect("every enactment has an event")
}

fn refusal(track: TrackId, call: RuntimeCall, registered: Option<Block>) -> DispatchError {
    match enact(track, call, registered) {
        Event::EnactmentRefused { error, .. } => error,
        other => panic!("it was not refused: {other:?}"),
    }
}

/// The reason of a refusal that leaves nothing behind but its event.
fn refusal_without_traces(track: TrackId, call: RuntimeCall, registered: Option<Block>) -> DispatchError {
    let error;
    System::reset_events();
    assert_storage_noop!({
        error = refusal(track, call, registered);
        System::reset_events();
    });
    error
}

fn is_enacted(event: Event<Test>) -> bool {
    matches!(event, Event::Enacted { result: Ok(()), .. })
}

fn with_committee<R>(story: impl FnOnce() -> R) -> R {
    on_chain(|| {
        assert_ok!(Governance::set_committee(RuntimeOrigin::root(), Some(COMMITTEE)));
        story()
    })
}

/// A referendum on payments that is approved now.
fn approved() -> u32 {
    let poll = begin(payments());
    for who in 2..=8 {
        lock(who, Asset::Free, 900);
        assert_ok!(vote(who, poll, true));
    }
    wait((2 + 7) * DAY);
    assert!(Referenda::ensure_ongoing(poll).is_err());
    poll
}

fn is_paid() -> bool {
    Balances::balance(&9) > 1_000 * TAO
}

#[test]
fn a_proposal_of_another_kind_is_refused_at_its_enactment() {
    on_chain(|| {
        let batch = |calls| RuntimeCall::from(pallet_utility::Call::batch_all { calls });
        let forced = pallet_balances::Call::force_transfer { source: 1, dest: 2, value: 3 };
        for (call, error) in [
            (upgrade(), Error::<Test>::OtherTrack),
            (batch(vec![spend(), spend()]), Error::SeveralCalls),
            (batch(vec![spend()]), Error::WrappedCall),
            (batch(vec![]), Error::NoTrackForCall),
            (enacting(spend(), None), Error::WrappedCall),
            (forced.into(), Error::NoTrackForCall),
            (frame_system::Call::set_storage { items: vec![] }.into(), Error::NoTrackForCall),
            (frame_system::Call::set_code { code: vec![] }.into(), Error::NoTrackForCall),
        ] {
            assert_eq!(refusal(payments(), call, None), error.into());
        }
        assert!(is_enacted(enact(payments(), spend(), None)));
        assert_eq!(refusal(TrackId(7), spend(), None), Error::<Test>::UnknownTrack.into());
    });
}

/// Proposals that no vote may enact, each on the track on which a holder would submit it, with the reason.
fn out_of_reach() -> [(TrackId, RuntimeCall, Error<Test>); 4] {
    let (netuid, subnets) = (NETUID, Kind::Subnets.id());
    let nowhere = |netuid| network::Call::announce_rubric { netuid, rubric: [7; 32] }.into();
    [
        (subnets, parameters::Call::sudo_set_tempo { netuid, tempo: 7 }.into(), Error::OwnerSets),
        (subnets, parameters::Call::sudo_set_rho { netuid, rho: 7 }.into(), Error::NoEffect),
        (rubric(), nowhere(0), Error::NoSubnet),
        (rubric(), nowhere(4_096), Error::NoSubnet),
    ]
}

#[test]
fn parameters_of_owners_or_without_effect_and_calls_for_no_subnet_are_refused_without_traces() {
    on_chain(|| {
        for (track, call, error) in out_of_reach() {
            assert_eq!(refusal_without_traces(track, call, Some(0)), error.into());
        }
        let kappa = parameters::Call::sudo_set_kappa { netuid: NETUID, kappa: 7 };
        assert!(is_enacted(enact(Kind::Subnets.id(), kappa.into(), Some(0))), "votes set this one");
        assert_eq!(parameters::Values::<Test>::get(NETUID), 7);
    });
}

/// Nobody looks into a proposal before its enactment.
#[test]
fn a_proposal_out_of_the_reach_of_votes_is_refused_though_it_was_approved() {
    on_chain(|| {
        for who in 2..=8 {
            lock(who, Asset::Free, 900);
            lock(who, Asset::Stake(NETUID), 90);
        }
        for (track, call, _) in out_of_reach() {
            let poll = submit(track, enacting(call, Some(0))).unwrap();
            assert_ok!(Referenda::place_decision_deposit(signed(ALICE), poll));
            for who in 2..=8 {
                assert_ok!(vote(who, poll, true));
            }
        }
        wait((1 + 5 + 3) * DAY);
        let error = |event| match event {
            Event::<Test>::EnactmentRefused { error, .. } => Some(error),
            _ => None,
        };
        let refused: Vec<DispatchError> = events().into_iter().filter_map(error).collect();
        assert_eq!(refused.len(), out_of_reach().len(), "{refused:?}");
        assert!(out_of_reach().into_iter().all(|(.., error)| refused.contains(&error.into())), "{refused:?}");
        assert_eq!(parameters::Values::<Test>::iter().count(), 0);
        assert_eq!(network::Rubrics::<Test>::iter().count(), 0);
    });
}

#[test]
fn a_closed_call_is_refused_although_its_track_takes_it() {
    on_chain(|| {
        let call = network::Call::withdraw_rubric { netuid: NETUID };
        assert_eq!(refusal(rubric(), call.into(), Some(0)), Error::<Test>::ClosedCall.into());
    });
}

#[test]
fn a_proposal_for_a_subnet_never_meets_another_one_of_its_number() {
    on_chain(|| {
        let call = || network::Call::announce_rubric { netuid: NETUID, rubric: [7; 32] }.into();
        let other = Error::<Test>::OtherSubnet.into();
        for registered in [None, Some(1)] {
            assert_eq!(refusal(rubric(), call(), registered), other);
        }
        assert!(is_enacted(enact(rubric(), call(), Some(0))));
        network::Owners::<Test>::insert(NETUID, (OWNER, 9));
        assert_eq!(refusal(rubric(), call(), Some(0)), other);
        network::Owners::<Test>::remove(NETUID);
        assert_eq!(refusal(rubric(), call(), Some(9)), other);
        assert_eq!(refusal(payments(), spend(), Some(0)), other);
        let track = TrackId::rubrics(NETUID + 1).unwrap();
        assert_eq!(refusal(track, call(), Some(9)), Error::<Test>::OtherTrack.into());
    });
}

#[test]
fn an_urgent_upgrade_needs_the_mark_of_its_code() {
    with_committee(|| {
        let urgent = Kind::UrgentUpgrade.id();
        let unmarked = Error::<Test>::NotMarked.into();
        assert_eq!(refusal(urgent, upgrade(), None), unmarked);
        assert_ok!(Governance::mark(signed(COMMITTEE), CODE));
        let other = frame_system::Call::authorize_upgrade { code_hash: H256::repeat_byte(4) };
        assert_eq!(refusal(urgent, other.into(), None), unmarked);
        assert_eq!(refusal(urgent, spend(), None), unmarked);
        assert!(is_enacted(enact(urgent, upgrade(), None)));
        wait(MARK_DAYS * DAY);
        assert_eq!(refusal(urgent, upgrade(), None), unmarked, "marks lapse");
        assert!(is_enacted(enact(Kind::Upgrade.id(), upgrade(), None)), "the ordinary track needs none");
    });
}

#[test]
fn only_a_referendum_enacts_and_it_enacts_in_this_way_alone() {
    on_chain(|| {
        for origin in [RuntimeOrigin::root(), signed(ALICE), RuntimeOrigin::none()] {
            assert_noop!(Governance::enact(origin, Box::new(spend()), None), BadOrigin);
        }
        let poll = submit(payments(), spend()).unwrap();
        assert_ok!(Referenda::place_decision_deposit(signed(ALICE), poll));
        for who in 2..=8 {
            lock(who, Asset::Free, 900);
            assert_ok!(vote(who, poll, true));
        }
        wait(16 * DAY);
        assert!(!is_paid(), "a call without `enact` has no origin that it knows");
        let failed = System::events().into_iter().any(|record| {
            let failed = Err(DispatchError::BadOrigin);
            matches!(record.event, RuntimeEvent::Scheduler(pallet_scheduler::Event::Dispatched { result, .. })
                if result == failed)
        });
        assert!(failed);
    });
}

#[test]
fn a_call_that_fails_is_reported_and_changes_nothing() {
    on_chain(|| {
        let call = crate::Call::stop_grant { grant: 1 };
        let event = enact(TrackId::stop(1).unwrap(), call.into(), None);
        let error = Error::<Test>::UnknownGrant.into();
        assert!(matches!(event, Event::Enacted { result: Err(found), .. } if found == error));
    });
}

#[test]
fn the_brake_puts_enactments_off_and_no_urgent_upgrade() {
    with_committee(|| {
        approved();
        wait(7 * DAY - 1);
        assert_ok!(Governance::pull_brake(signed(COMMITTEE)));
        let until = System::block_number() + BRAKE_DAYS * DAY;
        assert_ok!(Governance::mark(signed(COMMITTEE), CODE));
        assert!(is_enacted(enact(Kind::UrgentUpgrade.id(), upgrade(), None)));
        wait(1);
        let put_off = |event| match event {
            Event::<Test>::EnactmentPutOff { until, .. } => Some(until),
            _ => None,
        };
        assert!(events().into_iter().filter_map(put_off).any(|at| at == u64::from(until)));
        wait(BRAKE_DAYS * DAY - 2);
        assert!(!is_paid());
        assert_noop!(Governance::pull_brake(signed(COMMITTEE)), Error::<Test>::BrakeRests);
        wait(1);
        assert!(is_paid());
        assert_noop!(Governance::release_brake(signed(COMMITTEE)), Error::<Test>::BrakeOff);
        wait(BRAKE_REST_DAYS * DAY - 1);
        assert_noop!(Governance::pull_brake(signed(COMMITTEE)), Error::<Test>::BrakeRests);
        wait(1);
        assert_ok!(Governance::pull_brake(signed(COMMITTEE)));
        assert_ok!(Governance::release_brake(signed(COMMITTEE)));
        assert!(is_enacted(enact(payments(), spend(), None)));
    });
}

/// The preimage of a long proposal is there again when the brake ends.
#[test]
fn a_long_proposal_is_put_off_with_its_preimage() {
    with_committee(|| {
        let milestone = |month: u64| myelin_governance::grant::Milestone {
            amount: TaoBalance::from_rao(1),
            text: [1; 32],
            last: 1_000 + month,
        };
        let milestones: Vec<_> = (0..12).map(milestone).collect();
        let call = crate::Call::grant { recipient: 9, milestones: milestones.try_into().unwrap() };
        let hash = BlakeTwo256::hash_of(&enacting(call.clone(), None));
        let poll = submit(Kind::Grants.id(), enacting(call, None)).unwrap();
        assert_ok!(Referenda::place_decision_deposit(signed(ALICE), poll));
        for who in 2..=8 {
            lock(who, Asset::Free, 900);
            assert_ok!(vote(who, poll, true));
        }
        wait((1 + 5 + 3) * DAY - 1);
        assert_ok!(Governance::pull_brake(signed(COMMITTEE)));
        wait(BRAKE_DAYS * DAY);
        assert_eq!(crate::GrantCount::<Test>::get(), 1);
        assert_ok!(Preimage::unnote_preimage(signed(ALICE), hash));
        assert_eq!(pallet_preimage::PreimageFor::<Test>::iter().count(), 0, "nothing stays behind");
    });
}

#[test]
fn an_enactment_that_finds_no_room_after_the_brake_is_refused() {
    with_committee(|| {
        assert_ok!(Governance::pull_brake(signed(COMMITTEE)));
        let until = u64::from(System::block_number() + BRAKE_DAYS * DAY);
        // The runtime's schedule takes later blocks; that of the tests has the stock one.
        for number in 0..MaxScheduled::get() {
            let event = enact(payments(), spend(), None);
            assert!(matches!(event, Event::EnactmentPutOff { until: at, .. } if at == until), "{number}");
        }
        assert_eq!(refusal(payments(), spend(), None), Error::<Test>::NoRoom.into());
    });
}

#[test]
fn the_committee_delays_an_approved_referendum_once_for_a_week() {
    with_committee(|| {
        let poll = begin(payments());
        let delay = |blocks: u32| Governance::delay(signed(COMMITTEE), poll, blocks.into());
        assert_noop!(delay(1), Error::<Test>::NotWaiting);
        for who in 2..=8 {
            lock(who, Asset::Free, 900);
            assert_ok!(vote(who, poll, true));
        }
        wait((2 + 7) * DAY);
        for blocks in [0, DELAY_DAYS * DAY + 1] {
            assert_noop!(delay(blocks), Error::<Test>::DelayLength);
        }
        let others = (0..MAX_DELAYS).map(|other| (1_000 + other, Block::MAX)).collect();
        Delays::<Test>::put(BoundedVec::truncate_from(others));
        assert_noop!(delay(1), Error::<Test>::TooManyDelays);
        Delays::<Test>::kill();
        assert_ok!(delay(DELAY_DAYS * DAY));
        assert_noop!(delay(1), Error::<Test>::DelayedBefore);
        wait(14 * DAY - 1);
        assert!(!is_paid());
        wait(1);
        assert!(is_paid());
        assert_noop!(delay(1), Error::<Test>::NotWaiting);
    });
}

#[test]
fn what_is_due_in_the_next_block_is_not_delayed() {
    with_committee(|| {
        let poll = approved();
        let delay = |blocks| Governance::delay(signed(COMMITTEE), poll, blocks);
        wait(7 * DAY - 2);
        assert_noop!(delay(0), Error::<Test>::DelayLength);
        wait(1);
        assert_noop!(delay(1), Error::<Test>::Due);
        assert!(!is_paid());
        wait(1);
        assert!(is_paid());
    });
}

#[test]
fn a_vote_on_a_rubric_is_due_at_once_and_never_delayed() {
    with_committee(|| {
        let poll = begin(rubric());
        let delay = || Governance::delay(signed(COMMITTEE), poll, 1);
        for who in 2..=8 {
            lock(who, Asset::Stake(NETUID), 90);
            assert_ok!(vote(who, poll, true));
        }
        wait((1 + 2) * DAY - 1);
        assert_noop!(delay(), Error::<Test>::NotWaiting);
        wait(1);
        assert_noop!(delay(), Error::<Test>::Due);
        wait(1);
        assert_eq!(network::Rubrics::<Test>::get(NETUID), Some([7; 32]));
    });
}

#[test]
fn nobody_but_the_committee_does_its_acts_and_root_names_it() {
    with_committee(|| {
        let poll = approved();
        for origin in [signed(ALICE), signed(COMMITTEE + 1)] {
            let refused = Error::<Test>::NotTheCommittee;
            assert_noop!(Governance::delay(origin.clone(), poll, 1), refused);
            assert_noop!(Governance::mark(origin.clone(), CODE), Error::<Test>::NotTheCommittee);
            assert_noop!(Governance::pull_brake(origin.clone()), Error::<Test>::NotTheCommittee);
            assert_noop!(Governance::release_brake(origin), Error::<Test>::NotTheCommittee);
        }
        assert_noop!(Governance::pull_brake(RuntimeOrigin::root()), BadOrigin);
        assert_noop!(Governance::set_committee(signed(COMMITTEE), Some(ALICE)), BadOrigin);
        let named = crate::Call::set_committee { committee: None };
        assert!(is_enacted(enact(Kind::Authorities.id(), named.into(), None)));
        assert_eq!(Committee::<Test>::get(), None);
        assert_noop!(Governance::pull_brake(signed(COMMITTEE)), Error::<Test>::NotTheCommittee);
    });
}

#[test]
fn marks_and_brake_of_a_committee_end_with_it() {
    with_committee(|| {
        assert_ok!(Governance::mark(signed(COMMITTEE), CODE));
        assert_ok!(Governance::pull_brake(signed(COMMITTEE)));
        assert_ok!(Governance::set_committee(RuntimeOrigin::root(), Some(COMMITTEE)));
        assert_eq!(Marks::<Test>::get().len(), 1, "it is the same one");
        assert_ok!(Governance::set_committee(RuntimeOrigin::root(), Some(ALICE)));
        assert!(Marks::<Test>::get().is_empty());
        assert!(is_enacted(enact(payments(), spend(), None)), "the brake is off");
        assert_noop!(Governance::pull_brake(signed(ALICE)), Error::<Test>::BrakeRests);
    });
}

#[test]
fn marks_have_a_limit_and_lapsed_ones_make_room() {
    with_committee(|| {
        let mark = |byte| Governance::mark(signed(COMMITTEE), H256::repeat_byte(byte));
        for byte in 0..8 {
            assert_ok!(mark(byte));
        }
        assert_noop!(mark(8), Error::<Test>::TooManyMarks);
        wait(1);
        assert_ok!(mark(7));
        wait(MARK_DAYS * DAY - 1);
        assert_ok!(mark(8));
        assert_eq!(Marks::<Test>::get().len(), 2, "the one that was marked again holds");
    });
}

//! The life of referenda, from submission to enactment or to another end.

use frame_support::{
    assert_noop, assert_ok,
    traits::fungible::{Inspect, Mutate},
};
use frame_system::RawOrigin;
use myelin_economy::profile::Profile;
use myelin_governance::{
    book::LEAST_LOCK,
    track::{days, Track, NOTE_DAYS, UNDECIDING_TIMEOUT},
    Asset, Kind, Multiplier, PerBillion, TrackId, VoteLocks, TRACKS,
};
use pallet_referenda::{ReferendumInfo, ReferendumInfoFor, TracksInfo};
use proptest::prelude::*;
use sp_runtime::{traits::BadOrigin, Perbill};

use super::mock::*;
use crate::{polls::curve, Error, Event, NoteRange, Notes, Origin, Tracks};

#[test]
fn a_referendum_lives_from_its_submission_to_its_enactment() {
    on_chain(|| {
        let poll = begin(payments());
        for who in 2..=8 {
            lock(who, Asset::Free, 900);
            assert_ok!(Governance::vote(signed(who), poll, true, Multiplier::OneAndHalf));
        }
        lock(9, Asset::Free, 500);
        assert_ok!(vote(9, poll, false));
        assert_eq!(counted(poll), (6_300 * 3 / 2, 500, 6_300));
        let tao = u128::from(TAO);
        assert_eq!(tally(poll).electorate, 10_500 * tao, "10,000 TAO, and 1,000 alpha at half a TAO");
        // Preparation, confirmation and the wait before the enactment: 2, 7 and 7 days.
        wait(2 * DAY + 7 * DAY - 1);
        assert!(Referenda::ensure_ongoing(poll).is_ok());
        wait(1);
        let approved = System::block_number();
        let info = ReferendumInfoFor::<Test>::get(poll);
        assert!(matches!(info, Some(ReferendumInfo::Approved(at, ..)) if at == approved));
        assert_noop!(vote(9, poll, true), Error::<Test>::PollOver);
        assert_ok!(Governance::unlock(signed(9), Asset::Free, 500 * TAO));
        assert_noop!(Governance::unlock(signed(2), Asset::Free, 1), Error::<Test>::BoundUntilLater);
        let before = Balances::balance(&9);
        wait(7 * DAY - 1);
        assert_eq!(Balances::balance(&9), before);
        wait(1);
        assert_eq!(Balances::balance(&9), before + 10 * TAO);
        assert!(events().iter().any(|event| matches!(event, Event::Enacted { result: Ok(()), .. })));
        wait(28 * DAY - 7 * DAY - 1);
        assert_noop!(Governance::unlock(signed(2), Asset::Free, 1), Error::<Test>::BoundUntilLater);
        wait(1);
        assert_ok!(Governance::unlock(signed(2), Asset::Free, 900 * TAO));
        assert_ok!(Referenda::refund_decision_deposit(signed(ALICE), poll));
        assert_ok!(Referenda::refund_submission_deposit(signed(ALICE), poll));
    });
}

#[test]
fn a_referendum_without_enough_support_is_rejected_at_its_end() {
    on_chain(|| {
        let poll = begin(payments());
        for who in 2..=4 {
            lock(who, Asset::Free, 1_000);
            assert_ok!(Governance::vote(signed(who), poll, true, Multiplier::Two));
        }
        wait(2 * DAY + 28 * DAY - 1);
        assert!(Referenda::ensure_ongoing(poll).is_ok());
        wait(1);
        assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::Rejected(..))));
        assert_ok!(Governance::unlock(signed(2), Asset::Free, 1_000 * TAO));
        wait(20 * DAY);
        assert!(!events().iter().any(|event| matches!(event, Event::Enacted { .. })));
    });
}

#[test]
fn referenda_that_are_never_decided_bind_no_longer() {
    on_chain(|| {
        let polls = [open(payments()), open(payments()), open(payments())];
        lock(BOB, Asset::Free, 100);
        for poll in polls {
            assert_ok!(Governance::vote(signed(BOB), poll, true, Multiplier::Two));
        }
        assert_ok!(Referenda::cancel(RuntimeOrigin::root(), polls[0]));
        assert_ok!(Referenda::kill(RuntimeOrigin::root(), polls[1]));
        assert_noop!(Governance::unlock(signed(BOB), Asset::Free, 1), Error::<Test>::BoundByVote);
        wait(UNDECIDING_TIMEOUT * DAY);
        assert!(matches!(ReferendumInfoFor::<Test>::get(polls[2]), Some(ReferendumInfo::TimedOut(..))));
        assert_ok!(Governance::unlock(signed(BOB), Asset::Free, 100 * TAO));
        for poll in polls {
            assert_noop!(vote(BOB, poll, true), Error::<Test>::PollOver);
        }
        assert_noop!(vote(BOB, 99, true), Error::<Test>::UnknownPoll);
    });
}

#[test]
fn holders_of_a_subnet_decide_on_its_rubric_without_its_owner_and_with_delegates() {
    on_chain(|| {
        let poll = begin(rubric());
        assert_eq!(tally(poll).electorate, 1_000 * u128::from(TAO), "the owner's alpha is in it");
        lock(OWNER, Asset::Stake(NETUID), 100);
        assert_noop!(vote(OWNER, poll, false), Error::<Test>::OwnerVotesNot);
        assert_noop!(Governance::delegate(signed(OWNER), rubric(), BOB), Error::<Test>::OwnerVotesNot);
        for who in 3..=8 {
            lock(who, Asset::Stake(NETUID), 90);
            assert_ok!(Governance::delegate(signed(who), rubric(), BOB));
        }
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(counted(poll), (540, 0, 540), "delegates count as support here");
        wait(DAY + 2 * DAY + 7 * DAY);
        assert_eq!(network::Rubrics::<Test>::get(NETUID), Some([7; 32]));
    });
}

/// Alpha in the pool is no power, and neither is alpha of an owner who does not vote. Both may come back.
#[test]
fn alpha_that_comes_back_after_the_submission_is_in_the_electorate_when_it_votes() {
    on_chain(|| {
        let tao = u128::from(TAO);
        network::Stakes::<Test>::insert(NETUID, BOB, 0);
        let poll = begin(rubric());
        assert_eq!(tally(poll).electorate, 900 * tao);
        network::Stakes::<Test>::insert(NETUID, BOB, 1_000 * TAO);
        lock(BOB, Asset::Stake(NETUID), 500);
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(tally(poll).electorate, 1_400 * tao, "what votes");
        network::Stakes::<Test>::insert(NETUID, CAROL, 10 * TAO);
        lock(CAROL, Asset::Stake(NETUID), 10);
        assert_ok!(vote(CAROL, poll, true));
        assert_eq!(tally(poll).electorate, 1_410 * tao);
        network::Stakes::<Test>::insert(NETUID, CAROL, 9_000 * TAO);
        assert_ok!(vote(CAROL, poll, false));
        assert_eq!(tally(poll).electorate, 1_410 * tao, "alpha that does not vote is not in it");
        network::Stakes::<Test>::insert(NETUID, CAROL, 10 * TAO);
        assert_ok!(vote(CAROL, poll, true));
        assert_eq!(tally(poll).electorate, 1_410 * tao, "it never shrinks");
    });
}

#[test]
fn a_vote_of_all_holders_of_a_young_subnet_carries_nothing_once_they_are_few() {
    on_chain(|| {
        (0..=10).for_each(|who| network::Stakes::<Test>::insert(NETUID, who, LEAST_LOCK));
        let poll = begin(rubric());
        for who in 1..=9 {
            assert_ok!(Governance::lock(signed(who), Asset::Stake(NETUID), LEAST_LOCK));
            assert_ok!(vote(who, poll, true));
        }
        // An alpha in each block since then.
        network::Stakes::<Test>::insert(NETUID, 77, 100_000 * TAO);
        wait(DAY + 7 * DAY);
        assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::Rejected(..))));
        assert_eq!(network::Rubrics::<Test>::get(NETUID), None);
    });
}

/// Referenda of one track, each with a vote.
fn begin_many(count: usize) -> Vec<u32> {
    let polls: Vec<u32> = (0..count).map(|_| begin(rubric())).collect();
    lock(BOB, Asset::Stake(NETUID), 90);
    for poll in &polls {
        assert_ok!(vote(BOB, *poll, true));
    }
    polls
}

/// Four are decided, and eight wait in the queue. Stock referenda look at no further one again.
#[test]
fn a_referendum_that_a_full_queue_left_out_is_brought_back_or_cancelled() {
    on_chain(|| {
        let polls = begin_many(14);
        assert_noop!(Governance::collect(signed(CAROL), polls[0]), Error::<Test>::NothingLost);
        wait(DAY + 2);
        let waits = |poll: u32| Referenda::ensure_ongoing(poll).is_ok_and(|status| status.in_queue);
        let queued = |poll: u32| {
            pallet_referenda::TrackQueue::<Test>::get(rubric()).iter().any(|(queued, _)| *queued == poll)
        };
        let waiting: Vec<u32> = polls.iter().copied().filter(|poll| waits(*poll)).collect();
        let (inside, left): (Vec<u32>, Vec<u32>) = waiting.into_iter().partition(|poll| queued(*poll));
        assert_eq!((inside.len(), left.len()), (8, 2));
        assert_noop!(Governance::collect(signed(CAROL), inside[0]), Error::<Test>::NothingLost);
        // The others are decided, and the queue is empty. A vote alone changes nothing.
        wait(30 * DAY);
        lock(CAROL, Asset::Stake(NETUID), 90);
        assert_ok!(vote(CAROL, left[0], true));
        wait(2);
        assert!(waits(left[0]) && !queued(left[0]));
        assert_ok!(Governance::collect(signed(CAROL), left[0]));
        System::assert_last_event(Event::BroughtBack { poll: left[0], cancelled: false }.into());
        assert_ok!(vote(CAROL, left[0], false));
        wait(2);
        assert!(!waits(left[0]), "it has its turn");
        // Of a subnet that is gone.
        network::Owners::<Test>::remove(NETUID);
        <Governance as VoteLocks<u32>>::subnet_removed(NETUID);
        assert_ok!(Governance::collect(signed(CAROL), left[1]));
        System::assert_last_event(Event::BroughtBack { poll: left[1], cancelled: true }.into());
        assert_ok!(Referenda::refund_decision_deposit(signed(ALICE), left[1]));
        assert_ok!(Referenda::refund_submission_deposit(signed(ALICE), left[1]));
        assert_noop!(Governance::collect(signed(CAROL), left[1]), Error::<Test>::NothingLost);
    });
}

#[test]
fn referenda_of_a_removed_subnet_wait_before_none_of_the_next_one() {
    on_chain(|| {
        let polls = begin_many(12);
        wait(DAY + 2);
        assert_eq!(pallet_referenda::TrackQueue::<Test>::get(rubric()).len(), 8);
        network::Owners::<Test>::remove(NETUID);
        <Governance as VoteLocks<u32>>::subnet_removed(NETUID);
        assert!(pallet_referenda::TrackQueue::<Test>::get(rubric()).is_empty());
        for poll in &polls[4..] {
            assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::Cancelled(..))));
            assert_ok!(Referenda::refund_decision_deposit(signed(ALICE), *poll));
            assert_ok!(Referenda::refund_submission_deposit(signed(ALICE), *poll));
        }
        wait(7 * DAY);
        assert_eq!(pallet_referenda::DecidingCount::<Test>::get(rubric()), 0);
    });
}

#[test]
fn delegated_power_is_no_support_on_tracks_of_the_network() {
    on_chain(|| {
        let poll = begin(payments());
        for who in 3..=9 {
            lock(who, Asset::Free, 900);
            assert_ok!(Governance::delegate(signed(who), payments(), BOB));
        }
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(counted(poll), (6_300, 0, 0));
        wait(30 * DAY);
        assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::Rejected(..))));
    });
}

#[test]
fn prices_are_those_of_the_submission() {
    on_chain(|| {
        let poll = open(payments());
        let electorate = tally(poll).electorate;
        network::Price::<Test>::insert(NETUID, TAO);
        lock(BOB, Asset::Stake(NETUID), 100);
        wait(1);
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(counted(poll), (50, 0, 50), "a pump after the submission changes nothing");
        assert_eq!(tally(poll).electorate, electorate);
        let later = open(payments());
        assert_ok!(vote(BOB, later, true));
        assert_eq!(counted(later), (100, 0, 100));
        network::Price::<Test>::insert(NETUID, TAO / 5);
        assert_ok!(vote(BOB, later, false));
        assert_eq!(counted(later), (0, 20, 0), "what the pool backs no more does not vote");
    });
}

#[test]
fn a_thousand_votes_in_a_block_cost_one_change_of_the_schedule() {
    on_chain(|| {
        let poll = begin(payments());
        let voters: Vec<u32> = (5_000..6_000).collect();
        for who in &voters {
            assert_ok!(Balances::mint_into(who, 2 * TAO));
            lock(*who, Asset::Free, 1);
        }
        wait(3 * DAY);
        System::reset_events();
        voters.iter().for_each(|who| vote(*who, poll, true).unwrap());
        assert_eq!(counted(poll), (1_000, 0, 1_000));
        let events = System::events().into_iter().map(|record| record.event);
        let changes = events.filter(|event| matches!(event, RuntimeEvent::Scheduler(_))).count();
        assert_eq!(changes, 2, "one alarm is cancelled and one is set");
        assert_eq!(pallet_scheduler::Agenda::<Test>::get(System::block_number() + 1).len(), 1);
    });
}

fn remark() -> RuntimeCall {
    RuntimeCall::System(frame_system::Call::remark { remark: vec![] })
}

#[test]
fn referenda_have_the_origin_of_a_track_and_no_other() {
    on_chain(|| {
        for track in [TrackId(7), TrackId(4096), TrackId(u16::MAX), TrackId::rubrics(6).unwrap()] {
            assert_noop!(submit(track, enacting(remark(), None)), BadOrigin);
        }
        let proposal = bounded(remark()).unwrap();
        let moment = frame_support::traits::schedule::DispatchTime::After(0);
        for origin in [RawOrigin::Root, RawOrigin::Signed(ALICE)] {
            let origin = Box::new(OriginCaller::system(origin));
            let submitted = Referenda::submit(signed(ALICE), origin, proposal.clone(), moment);
            assert_eq!(submitted, Err(BadOrigin.into()));
        }
        let origin = Box::new(OriginCaller::from(Origin(payments())));
        assert_eq!(Referenda::submit(RuntimeOrigin::root(), origin, proposal, moment), Err(BadOrigin.into()));
    });
}

#[test]
fn stock_referenda_have_the_table_of_tracks_at_the_pace_of_the_chain() {
    on_chain(|| {
        let listed: Vec<_> = <Tracks<Test> as TracksInfo<u64, u32>>::tracks().collect();
        assert_eq!(listed.len(), Kind::NETWORK.len());
        assert_eq!(<Tracks<Test> as TracksInfo<u64, u32>>::check_integrity(), Ok(()));
        for track in &TRACKS {
            let id = match track.kind {
                Kind::Rubrics => rubric(),
                Kind::Stops => TrackId::stop(0).unwrap(),
                kind => kind.id(),
            };
            let info = <Tracks<Test> as TracksInfo<u64, u32>>::info(id).unwrap();
            let periods = [track.prepare, track.decision, track.confirm, track.enactment];
            let found =
                [info.prepare_period, info.decision_period, info.confirm_period, info.min_enactment_period];
            assert_eq!(found, periods.map(|count| count * DAY), "{}", track.name);
            assert_eq!((info.decision_deposit, info.max_deciding), (track.deposit.to_rao(), track.most));
            assert!(info.name.starts_with(track.name.as_bytes()));
            if let Some(listed) = listed.iter().find(|listed| listed.id == id) {
                let blocks = days(track.decision, &Profile::PRODUCTION);
                assert_eq!(u64::from(listed.info.decision_period), blocks, "as metadata has it");
            }
        }
        let unknown = [TrackId(7), TrackId(4096)];
        assert!(unknown.iter().all(|id| <Tracks<Test> as TracksInfo<u64, u32>>::info(*id).is_none()));
    });
}

proptest! {
    /// The rules' curves are those by which the stock pallet decides.
    #[test]
    fn curves_of_the_rules_and_of_stock_referenda_are_equal(
        row in 0..TRACKS.len(), x in 0..=1_000_000_000_u32, y in 0..=1_000_000_000_u32,
    ) {
        let track: &Track = &TRACKS[row];
        for own in [track.approval, track.support] {
            let stock = curve(&own);
            let (at, value) = (PerBillion::from_parts(x), PerBillion::from_parts(y));
            let (stock_at, stock_value) = (Perbill::from_parts(x), Perbill::from_parts(y));
            prop_assert_eq!(own.threshold(at).parts(), stock.threshold(stock_at).deconstruct());
            prop_assert_eq!(own.passing(at, value), stock.passing(stock_at, stock_value));
            prop_assert_eq!(own.delay(value).parts(), stock.delay(stock_value).deconstruct());
        }
    }
}

#[test]
fn notes_are_shared_in_a_block_and_dropped_after_a_year() {
    on_chain(|| {
        let poll = open(payments());
        open(payments());
        assert_eq!(Notes::<Test>::iter().count(), 1);
        for _ in 0..4 {
            wait(1);
            open(payments());
        }
        assert_eq!((Notes::<Test>::iter().count(), NoteRange::<Test>::get()), (5, Some((1, 5))));
        lock(BOB, Asset::Free, 10);
        assert_ok!(vote(BOB, poll, true));
        // Queued referenda have no time-out; this one is too old, and nothing happens in between.
        System::set_block_number(NOTE_DAYS * DAY + 3);
        for (left, range) in [(4, (3, 1_803)), (4, (4, 1_804)), (4, (5, 1_805)), (4, (1_803, 1_806))] {
            open(payments());
            assert_eq!((Notes::<Test>::iter().count(), NoteRange::<Test>::get()), (left, Some(range)));
            System::set_block_number(System::block_number() + 1);
        }
        assert_noop!(vote(BOB, poll, false), Error::<Test>::PollOver);
        assert!(!Referenda::is_referendum_passing(poll).unwrap());
        assert_ok!(Governance::unlock(signed(BOB), Asset::Free, 10 * TAO));
    });
}

#[test]
fn a_referendum_dies_with_its_subnet_and_never_passes_for_another_one_of_its_number() {
    on_chain(|| {
        let poll = begin(rubric());
        for who in 2..=8 {
            lock(who, Asset::Stake(NETUID), 90);
            assert_ok!(vote(who, poll, true));
        }
        assert!(Referenda::is_referendum_passing(poll).unwrap());
        network::Owners::<Test>::remove(NETUID);
        assert!(!Referenda::is_referendum_passing(poll).unwrap());
        assert_noop!(vote(9, poll, true), Error::<Test>::PollOver);
        wait(1);
        network::Owners::<Test>::insert(NETUID, (OWNER, u64::from(System::block_number())));
        let proposal = enacting(network::Call::announce_rubric { netuid: NETUID, rubric: [8; 32] }, None);
        assert_noop!(submit(rubric(), proposal), BadOrigin);
        wait(11 * DAY);
        assert!(matches!(ReferendumInfoFor::<Test>::get(poll), Some(ReferendumInfo::Rejected(..))));
        assert_ok!(Governance::unlock(signed(2), Asset::Stake(NETUID), 90 * TAO));
    });
}

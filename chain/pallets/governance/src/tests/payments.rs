//! Payments, grants, and subnets without a price.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use myelin_governance::{
    grant::{Milestone, LONGEST_DAYS, OBJECTION_DAYS},
    Asset, Multiplier, TrackId,
};
use myelin_units::TaoBalance;
use sp_runtime::{traits::BadOrigin, DispatchResult, TokenError};

use super::mock::*;
use crate::{Error, Event, GrantCount, Grants};

fn milestone(tokens: u64, day: u32) -> Milestone {
    Milestone { amount: TaoBalance::from_tokens(tokens), text: [1; 32], last: (day * DAY).into() }
}

fn grant(milestones: &[Milestone]) -> DispatchResult {
    let milestones = milestones.to_vec().try_into().expect("at most 12");
    Governance::grant(RuntimeOrigin::root(), BOB, milestones)
}

fn treasury() -> u64 {
    Balances::balance(&TREASURY)
}

#[test]
fn the_treasury_pays_a_twentieth_at_once_to_whom_a_referendum_names() {
    on_chain(|| {
        let spend = |tokens| Governance::spend(RuntimeOrigin::root(), BOB, TaoBalance::from_tokens(tokens));
        assert_noop!(spend(51), Error::<Test>::PaysTooMuch);
        assert_noop!(spend(0), Error::<Test>::NothingToMove);
        assert_ok!(spend(50));
        assert_eq!((treasury(), Balances::balance(&BOB)), (950 * TAO, 1_050 * TAO));
        let amount = TaoBalance::from_tokens(50);
        System::assert_last_event(Event::Spent { to: BOB, amount }.into());
        assert_noop!(spend(48), Error::<Test>::PaysTooMuch);
        assert_noop!(Governance::spend(signed(BOB), BOB, amount), BadOrigin);
    });
}

#[test]
fn a_grant_is_paid_by_milestones_after_the_time_for_objections() {
    on_chain(|| {
        assert_ok!(grant(&[milestone(4, 10), milestone(6, 60)]));
        assert_noop!(Governance::claim(signed(ALICE), 0, [2; 32]), Error::<Test>::NotTheRecipient);
        assert_noop!(Governance::claim(signed(BOB), 1, [2; 32]), Error::<Test>::UnknownGrant);
        assert_noop!(Governance::pay(signed(ALICE), 0), Error::<Test>::NotClaimed);
        assert_ok!(Governance::claim(signed(BOB), 0, [2; 32]));
        System::assert_last_event(Event::Claimed { grant: 0, milestone: 0, report: [2; 32] }.into());
        assert_noop!(Governance::claim(signed(BOB), 0, [2; 32]), Error::<Test>::AlreadyClaimed);
        wait(OBJECTION_DAYS * DAY - 1);
        assert_noop!(Governance::pay(signed(ALICE), 0), Error::<Test>::ClaimWaits);
        wait(1);
        assert_ok!(Governance::pay(signed(ALICE), 0));
        let amount = TaoBalance::from_tokens(4);
        System::assert_last_event(Event::MilestonePaid { grant: 0, milestone: 0, amount }.into());
        assert_eq!((treasury(), Balances::balance(&BOB)), (996 * TAO, 1_004 * TAO));
        assert_ok!(Governance::claim(signed(BOB), 0, [3; 32]));
        wait(OBJECTION_DAYS * DAY);
        assert_ok!(Governance::pay(signed(BOB), 0));
        assert_eq!(Balances::balance(&BOB), 1_010 * TAO);
        assert_noop!(Governance::claim(signed(BOB), 0, [3; 32]), Error::<Test>::GrantEnded);
        assert_noop!(Governance::stop_grant(RuntimeOrigin::root(), 0), Error::<Test>::GrantEnded);
    });
}

#[test]
fn a_referendum_stops_a_grant_before_a_claim_is_paid() {
    on_chain(|| {
        assert_ok!(grant(&[milestone(4, 10)]));
        assert_ok!(Governance::claim(signed(BOB), 0, [2; 32]));
        assert_noop!(Governance::stop_grant(signed(ALICE), 0), BadOrigin);
        assert_ok!(Governance::stop_grant(RuntimeOrigin::root(), 0));
        wait(OBJECTION_DAYS * DAY);
        assert_noop!(Governance::pay(signed(BOB), 0), Error::<Test>::GrantEnded);
        assert_noop!(Governance::stop_grant(RuntimeOrigin::root(), 7), Error::<Test>::UnknownGrant);
        assert!(Grants::<Test>::get(0).unwrap().stopped);
    });
}

/// The recipient fills the tracks of grants with referenda of its own, and a stop is proposed on the last day.
#[test]
fn a_claim_is_not_paid_while_a_referendum_to_stop_its_grant_is_decided() {
    on_chain(|| {
        assert_ok!(grant(&[milestone(4, 10)]));
        assert_ok!(grant(&[milestone(4, 10)]));
        let (stop, other) = (TrackId::stop(0).unwrap(), TrackId::stop(1).unwrap());
        let propose = |track: TrackId| {
            let call = crate::Call::stop_grant { grant: track.grant().unwrap() };
            submit(track, enacting(call, None)).expect("the grant goes on")
        };
        let deposit = |poll| {
            assert_ok!(Referenda::place_decision_deposit(signed(CAROL), poll));
        };
        for number in [0, 1] {
            assert_ok!(Governance::claim(signed(BOB), number, [2; 32]));
        }
        (0..6).for_each(|_| deposit(propose(other)));
        wait(OBJECTION_DAYS * DAY - 1);
        let poll = propose(stop);
        wait(1);
        let pay = |number| Governance::pay(signed(ALICE), number);
        assert_eq!(crate::waits::allowed_at::<Test>(&ALICE, &crate::Call::pay { grant: 0 }), Some(71));
        deposit(poll);
        assert_eq!(crate::waits::allowed_at::<Test>(&ALICE, &crate::Call::pay { grant: 0 }), None);
        assert_noop!(pay(0), Error::<Test>::StopIsDecided);
        for who in 5..=7 {
            lock(who, Asset::Free, 800);
            assert_ok!(vote(who, poll, true));
        }
        wait(2 * DAY);
        assert_noop!(pay(0), Error::<Test>::StopIsDecided);
        wait(2 * DAY);
        assert_noop!(pay(0), Error::<Test>::GrantEnded);
        assert!(Grants::<Test>::get(0).unwrap().stopped);
        assert!(submit(stop, enacting(crate::Call::stop_grant { grant: 0 }, None)).is_err(), "it has ended");
        // Nobody votes to stop the other one, and it is paid once all of its referenda are over.
        assert_ok!(pay(1));
    });
}

#[test]
fn a_referendum_that_hardly_anybody_backs_loses_its_deposits_to_the_treasury() {
    on_chain(|| {
        let (junk, backed, left) = (begin(payments()), begin(payments()), open(payments()));
        lock(BOB, Asset::Free, 400);
        assert_ok!(vote(BOB, junk, true));
        assert_ok!(vote(BOB, backed, true));
        assert_ok!(Governance::withdraw(signed(BOB), junk));
        for poll in [junk, backed, left] {
            assert_noop!(Governance::collect(signed(CAROL), poll), Error::<Test>::NothingLost);
        }
        wait(31 * DAY);
        assert!(
            crate::Deposits::<Test>::is_forfeited(junk) && !crate::Deposits::<Test>::is_forfeited(backed)
        );
        let before = treasury();
        for (poll, tokens) in [(junk, 201), (backed, 1), (left, 1)] {
            assert_ok!(Governance::collect(signed(CAROL), poll));
            let amount = TaoBalance::from_tokens(tokens);
            System::assert_last_event(Event::DepositsCollected { poll, amount }.into());
            assert_noop!(Governance::collect(signed(CAROL), poll), Error::<Test>::NothingLost);
        }
        assert_eq!(treasury(), before + 203 * TAO);
        assert!(Referenda::refund_decision_deposit(signed(ALICE), junk).is_err());
        assert_ok!(Referenda::refund_decision_deposit(signed(ALICE), backed));
        assert_eq!(Balances::reserved_balance(ALICE), 0);
        assert_noop!(Governance::collect(signed(CAROL), 99), Error::<Test>::NothingLost);
    });
}

/// Multiplier and delegates of a bloc lift its referenda in no queue.
#[test]
fn of_referenda_that_wait_the_one_with_most_support_is_decided_first() {
    on_chain(|| {
        lock(BOB, Asset::Free, 900);
        lock(CAROL, Asset::Free, 1_000);
        for who in 5..=9 {
            lock(who, Asset::Free, 900);
            assert_ok!(Governance::delegate(signed(who), payments(), BOB));
        }
        // Three are decided at once, and Alice has TAO for the deposits of four.
        let polls: Vec<_> = (0..5).map(|_| open(payments())).collect();
        let (honest, junk) = polls.split_last().unwrap();
        for poll in junk {
            assert_ok!(Referenda::place_decision_deposit(signed(ALICE), *poll));
            assert_ok!(Governance::vote(signed(BOB), *poll, true, Multiplier::Two));
        }
        assert_ok!(Referenda::place_decision_deposit(signed(4), *honest));
        assert_ok!(vote(CAROL, *honest, true));
        wait(2 * DAY + 1);
        let queue = pallet_referenda::TrackQueue::<Test>::get(payments());
        assert_eq!(queue.last().map(|(poll, _)| *poll), Some(*honest), "{queue:?}");
    });
}

#[test]
fn wrong_grants_are_refused() {
    on_chain(|| {
        for (milestones, error) in [
            (vec![], Error::<Test>::BadMilestones),
            (vec![milestone(0, 9)], Error::MilestonePaysNothing),
            (vec![milestone(1, 9), milestone(1, 9)], Error::MilestoneOrder),
            (vec![milestone(1, LONGEST_DAYS + 1)], Error::MilestoneOrder),
            (vec![milestone(5, 9), milestone(6, 10)], Error::PaysTooMuch),
        ] {
            assert_noop!(grant(&milestones), error);
        }
        assert_eq!(GrantCount::<Test>::get(), 0);
        // Each grant has a track on which it can be stopped.
        GrantCount::<Test>::put(u32::from(u16::MAX));
        assert_noop!(grant(&[milestone(1, 9)]), Error::<Test>::TooManyGrants);
    });
}

#[test]
fn a_payment_that_the_treasury_cannot_make_waits() {
    on_chain(|| {
        assert_ok!(grant(&[milestone(10, 10)]));
        assert_ok!(Governance::claim(signed(BOB), 0, [2; 32]));
        wait(OBJECTION_DAYS * DAY);
        use frame_support::traits::{fungible::Mutate, tokens::Preservation};
        assert_ok!(Balances::transfer(&TREASURY, &ALICE, 995 * TAO, Preservation::Expendable));
        assert_noop!(Governance::pay(signed(BOB), 0), TokenError::FundsUnavailable);
        assert_ok!(Balances::transfer(&ALICE, &TREASURY, 6 * TAO, Preservation::Expendable));
        assert_ok!(Governance::pay(signed(BOB), 0));
    });
}

#[test]
fn a_referendum_opens_a_subnet_without_a_price() {
    on_chain(|| {
        assert_noop!(Governance::open_subnet(signed(ALICE), ALICE), BadOrigin);
        let before = (treasury(), Balances::balance(&ALICE));
        assert_ok!(Governance::open_subnet(RuntimeOrigin::root(), ALICE));
        assert_eq!((treasury(), Balances::balance(&ALICE)), (before.0 - TAO, before.1), "nobody asked Alice");
        System::assert_last_event(Event::SubnetOpened { netuid: 1, owner: ALICE }.into());
        assert_eq!(network::Owners::<Test>::get(1), Some((ALICE, 1)));
    });
}

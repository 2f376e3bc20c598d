//! Payments, grants, and subnets without a price.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use myelin_governance::grant::{Milestone, LONGEST_DAYS, OBJECTION_DAYS};
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
        assert_ok!(Governance::open_subnet(RuntimeOrigin::root(), ALICE));
        System::assert_last_event(Event::SubnetOpened { netuid: 1, owner: ALICE }.into());
        assert_eq!(network::Owners::<Test>::get(1), Some((ALICE, 1)));
    });
}

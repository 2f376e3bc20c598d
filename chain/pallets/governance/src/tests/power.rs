//! The paths by which power could count twice, by the table of decision 0116, on the chain.

use frame_support::{
    assert_noop, assert_ok, assert_storage_noop, dispatch::GetDispatchInfo, traits::tokens::Preservation,
};
use myelin_governance::{
    book::{available, paid_for_locked, DELEGATION_BOND_DAYS},
    voter::MAX_VOTES,
    Asset, Cast, Kind, Multiplier, VoteError, VoteLocks,
};
use myelin_units::{AlphaBalance, TaoBalance};
use sp_runtime::TokenError;

use super::mock::*;
use crate::{Call, Error, Overridden, Received, Voters};

fn transfer(from: u32, to: u32, tokens: u64) -> sp_runtime::DispatchResult {
    use frame_support::traits::fungible::Mutate;
    Balances::transfer(&from, &to, tokens * TAO, Preservation::Expendable).map(drop)
}

fn locked(who: u32, asset: Asset) -> u64 {
    <Governance as VoteLocks<u32>>::locked(&who, asset)
}

#[test]
fn a_vote_that_was_taken_back_binds_until_the_referendum_is_over() {
    on_chain(|| {
        let poll = open(payments());
        lock(BOB, Asset::Free, 900);
        assert_ok!(vote(BOB, poll, true));
        assert_ok!(Governance::withdraw(signed(BOB), poll));
        assert_eq!(counted(poll), (0, 0, 0));
        assert_noop!(Governance::withdraw(signed(BOB), poll), Error::<Test>::NoVote);
        assert_noop!(Governance::unlock(signed(BOB), Asset::Free, 1), Error::<Test>::BoundByVote);
        assert_noop!(transfer(BOB, CAROL, 101), TokenError::Frozen);
        assert_ok!(transfer(BOB, CAROL, 100));
        lock(CAROL, Asset::Free, 1_100);
        assert_ok!(vote(CAROL, poll, true));
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(counted(poll), (2_000, 0, 2_000), "each unit once");
    });
}

#[test]
fn tao_under_the_vote_lock_serves_as_a_deposit_and_leaves_no_more_than_before() {
    on_chain(|| {
        lock(BOB, Asset::Free, 1_000);
        let poll = open(payments());
        assert_ok!(Referenda::place_decision_deposit(signed(BOB), poll));
        assert_noop!(transfer(BOB, CAROL, 1), TokenError::Frozen);
        assert_noop!(Governance::lock(signed(BOB), Asset::Free, 1), Error::<Test>::NotHeld);
        assert_noop!(Governance::lock(signed(BOB), Asset::Free, 0), Error::<Test>::NothingToMove);
        assert_noop!(Governance::unlock(signed(BOB), Asset::Free, 1_001 * TAO), Error::<Test>::NotLocked);
    });
}

#[test]
fn tao_under_the_vote_lock_that_was_forfeited_votes_no_more() {
    on_chain(|| {
        use frame_support::traits::ReservableCurrency;
        lock(BOB, Asset::Free, 1_000);
        let (first, second) = (open(payments()), open(payments()));
        assert_ok!(Balances::reserve(&BOB, 300 * TAO));
        assert_ok!(vote(BOB, first, true));
        assert_eq!(counted(first).2, 1_000, "on deposit it is there");
        drop(Balances::slash_reserved(&BOB, 300 * TAO));
        assert_ok!(vote(BOB, second, true));
        assert_eq!(counted(second).2, 700);
        assert_ok!(vote(BOB, first, true));
        assert_eq!(counted(first).2, 700, "and in the next vote of an open referendum");
    });
}

#[test]
fn a_vote_costs_more_only_where_the_record_is_full_of_former_votes() {
    on_chain(|| {
        let (poll, other) = (open(payments()), open(payments()));
        lock(BOB, Asset::Free, 10);
        let declared =
            Call::<Test>::vote { poll, aye: true, multiplier: ONE }.get_dispatch_info().call_weight;
        let cost = |poll| {
            let voted = Governance::vote(signed(BOB), poll, true, ONE).expect("BOB has power");
            voted.actual_weight.expect("it is known afterwards")
        };
        let ordinary = cost(poll);
        assert!(ordinary.ref_time() < declared.ref_time(), "{ordinary} of {declared}");
        Voters::<Test>::mutate(BOB, |voter| {
            let cast = voter.casts[0];
            voter.casts.extend((1..MAX_VOTES as u32).map(|former| Cast { poll: 1_000 + former, ..cast }));
        });
        assert_eq!(cost(other), declared, "all former votes were looked at");
        assert_eq!(Voters::<Test>::get(BOB).casts.len(), 2, "and those that are over are gone");
    });
}

#[test]
fn an_own_vote_goes_before_the_delegates() {
    on_chain(|| {
        let poll = open(payments());
        lock(ALICE, Asset::Free, 100);
        lock(BOB, Asset::Free, 10);
        assert_ok!(Governance::delegate(signed(ALICE), payments(), BOB));
        assert_ok!(Governance::vote(signed(BOB), poll, true, Multiplier::Two));
        assert_eq!(counted(poll), (120, 0, 10), "delegated power counts once and is no support");
        assert_ok!(vote(ALICE, poll, false));
        assert_eq!(counted(poll), (20, 100, 10));
        assert_ok!(Governance::withdraw(signed(ALICE), poll));
        assert_eq!(counted(poll), (120, 0, 10));
        assert_ok!(Governance::undelegate(signed(ALICE), payments()));
        assert_eq!(counted(poll), (20, 0, 10));
        assert_eq!((Received::<Test>::iter().count(), Overridden::<Test>::iter().count()), (0, 0));
    });
}

#[test]
fn power_leaves_all_votes_of_a_former_delegate() {
    on_chain(|| {
        let polls = [open(payments()), open(payments())];
        lock(ALICE, Asset::Free, 100);
        lock(BOB, Asset::Free, 10);
        lock(CAROL, Asset::Free, 10);
        assert_ok!(Governance::delegate(signed(ALICE), payments(), BOB));
        for poll in polls {
            assert_ok!(vote(BOB, poll, true));
        }
        assert_ok!(Governance::delegate(signed(ALICE), payments(), CAROL));
        polls.iter().for_each(|poll| assert_eq!(counted(*poll), (10, 0, 10)));
        assert_ok!(vote(CAROL, polls[0], false));
        assert_eq!(counted(polls[0]), (10, 110, 10));
    });
}

#[test]
fn a_delegation_has_a_term_and_a_bond_if_it_is_taken_back_before() {
    on_chain(|| {
        lock(ALICE, Asset::Free, 100);
        lock(BOB, Asset::Free, 10);
        assert_ok!(Governance::delegate(signed(ALICE), payments(), BOB));
        assert_noop!(Governance::unlock(signed(ALICE), Asset::Free, 1), Error::<Test>::BoundByDelegation);
        let ends = Voters::<Test>::get(ALICE).delegation(payments()).unwrap().ends;
        assert_eq!(ends, 6 * 30 * u64::from(DAY), "the end of the sixth month");
        System::set_block_number(ends as u32 - 1);
        let before = open(payments());
        System::set_block_number(ends as u32);
        let after = open(payments());
        for poll in [before, after] {
            assert_ok!(vote(BOB, poll, true));
        }
        assert_eq!((counted(before).0, counted(after).0), (110, 10));
        assert_ok!(vote(ALICE, before, false));
        assert_eq!(counted(before), (10, 100, 10), "it ended since, and counts once all the same");
        assert_ok!(Governance::withdraw(signed(ALICE), before));
        for poll in [before, after] {
            assert_ok!(Referenda::cancel(RuntimeOrigin::root(), poll));
        }
        assert_ok!(Governance::undelegate(signed(ALICE), payments()));
        assert_ok!(Governance::unlock(signed(ALICE), Asset::Free, TAO));
        assert_ok!(Governance::delegate(signed(ALICE), payments(), BOB));
        assert_ok!(Governance::undelegate(signed(ALICE), payments()));
        System::set_block_number(System::block_number() + DELEGATION_BOND_DAYS * DAY - 1);
        assert_noop!(Governance::unlock(signed(ALICE), Asset::Free, 1), Error::<Test>::BoundUntilLater);
        System::set_block_number(System::block_number() + 1);
        assert_ok!(Governance::unlock(signed(ALICE), Asset::Free, 99 * TAO));
    });
}

#[test]
fn a_successor_takes_votes_and_the_vote_lock_with_the_tao() {
    on_chain(|| {
        let (poll, heir) = (open(payments()), 15);
        lock(BOB, Asset::Free, 900);
        lock(ALICE, Asset::Free, 100);
        assert_ok!(Governance::delegate(signed(ALICE), payments(), BOB));
        assert_ok!(vote(BOB, poll, true));
        assert_eq!(<Governance as VoteLocks<u32>>::may_succeed(&BOB, &ALICE), Err(VoteError::InUse));
        assert_eq!(<Governance as VoteLocks<u32>>::may_succeed(&BOB, &heir), Ok(()));
        <Governance as VoteLocks<u32>>::succeed(&BOB, &heir);
        assert_ok!(transfer(BOB, heir, 1_000));
        <Governance as VoteLocks<u32>>::bind(&heir);
        check();
        assert_eq!(counted(poll), (900, 0, 900), "what was delegated to the old key counts nowhere");
        assert_noop!(transfer(heir, CAROL, 101), TokenError::Frozen);
        assert_noop!(vote(BOB, poll, true), Error::<Test>::Retired);
        assert_noop!(Governance::unlock(signed(heir), Asset::Free, 1), Error::<Test>::BoundByVote);
        assert_eq!((locked(BOB, Asset::Free), locked(heir, Asset::Free)), (0, 900 * TAO));
        <Governance as VoteLocks<u32>>::succeed(&heir, &ALICE);
        assert_eq!(locked(heir, Asset::Free), 900 * TAO, "an account with a record takes nothing over");
    });
}

/// The network asks before a swap of coldkeys. It has no call for that, so no call has this answer yet.
#[test]
fn an_account_with_a_record_takes_the_place_of_no_other() {
    on_chain(|| {
        let poll = open(payments());
        for who in [ALICE, BOB] {
            lock(who, Asset::Free, 100);
        }
        assert_ok!(Governance::delegate(signed(ALICE), payments(), CAROL));
        for who in [BOB, CAROL] {
            assert_ok!(vote(who, poll, true));
        }
        // A holder that delegates, a delegate that votes with nothing of its own, and the account itself.
        for new in [ALICE, CAROL, BOB] {
            let may = || <Governance as VoteLocks<u32>>::may_succeed(&BOB, &new).map_err(Error::<Test>::from);
            assert_noop!(may(), Error::<Test>::SuccessorInUse);
            assert_storage_noop!(<Governance as VoteLocks<u32>>::succeed(&BOB, &new));
        }
        assert_eq!((locked(BOB, Asset::Free), counted(poll)), (100 * TAO, (200, 0, 100)));
    });
}

#[test]
fn tao_for_alpha_of_a_removed_subnet_is_bound_in_its_place() {
    on_chain(|| {
        let poll = open(payments());
        let alpha = Asset::Stake(NETUID);
        lock(BOB, alpha, 60);
        lock(ALICE, Asset::Stake(NETUID), 40);
        assert_ok!(Governance::delegate(signed(ALICE), payments(), CAROL));
        assert_ok!(vote(BOB, poll, true));
        assert_ok!(vote(CAROL, poll, true));
        for who in [ALICE, BOB, CAROL] {
            use frame_support::traits::fungible::Mutate;
            network::Stakes::<Test>::remove(NETUID, who);
            assert_ok!(Balances::mint_into(&who, 20 * TAO));
            let recounts = <Governance as VoteLocks<u32>>::recounts(NETUID, &who);
            assert_eq!(recounts, u32::from(who == ALICE), "Carol's vote counts Alice's alpha");
            let claimed = <Governance as VoteLocks<u32>>::alpha_claimed(NETUID, &who);
            let (alpha, paid) = (AlphaBalance::from_rao(100 * TAO), TaoBalance::from_tokens(20));
            let paid = paid_for_locked(claimed.to_rao(), alpha, paid);
            <Governance as VoteLocks<u32>>::alpha_paid(&who, paid);
        }
        check();
        assert_eq!((locked(BOB, alpha), locked(BOB, Asset::Free)), (0, 12 * TAO));
        assert_eq!(counted(poll), (30, 0, 30), "a vote that stands keeps its power");
        assert_noop!(Governance::unlock(signed(BOB), Asset::Free, 1), Error::<Test>::BoundByVote);
        assert!(Voters::<Test>::get(ALICE).delegations.is_empty());
        assert_eq!(locked(CAROL, Asset::Free), 0, "nothing of Carol's was locked");
    });
}

#[test]
fn a_new_owner_of_a_subnet_votes_on_its_rubric_no_more() {
    on_chain(|| {
        let poll = open(rubric());
        for who in [BOB, CAROL] {
            lock(who, Asset::Stake(NETUID), 50);
            assert_ok!(vote(who, poll, true));
        }
        assert_ok!(Governance::delegate(signed(BOB), rubric(), ALICE));
        network::Owners::<Test>::insert(NETUID, (BOB, 0));
        <Governance as VoteLocks<u32>>::owner_changed(NETUID, &BOB);
        assert_eq!(counted(poll), (50, 0, 50));
        assert!(Voters::<Test>::get(BOB).delegations.is_empty());
        assert_noop!(vote(BOB, poll, true), Error::<Test>::OwnerVotesNot);
    });
}

#[test]
fn stake_moves_between_accounts_only_beside_the_vote_lock() {
    on_chain(|| {
        let alpha = Asset::Stake(NETUID);
        lock(BOB, alpha, 60);
        let held = network::Stakes::<Test>::get(NETUID, BOB);
        assert_eq!(available(held, locked(BOB, alpha), 0), 40 * TAO, "the network asks for this");
        assert_noop!(Governance::lock(signed(BOB), alpha, 41 * TAO), Error::<Test>::NotHeld);
        assert_noop!(Governance::lock(signed(BOB), Asset::Stake(9), 1), Error::<Test>::NotHeld);
    });
}

#[test]
fn small_power_and_wrong_steps_are_refused() {
    on_chain(|| {
        let poll = open(payments());
        assert_noop!(vote(BOB, poll, true), Error::<Test>::TooLittlePower);
        assert_noop!(Governance::delegate(signed(BOB), payments(), CAROL), Error::<Test>::TooLittlePower);
        lock(BOB, Asset::Free, 1);
        assert_ok!(vote(BOB, poll, true));
        assert_noop!(vote(BOB, poll, true), Error::<Test>::SameVote);
        assert_noop!(Governance::delegate(signed(BOB), payments(), BOB), Error::<Test>::DelegatesToItself);
        let unknown = myelin_governance::TrackId(99);
        assert_noop!(Governance::delegate(signed(BOB), unknown, CAROL), Error::<Test>::UnknownTrack);
        let track = Kind::Upgrade.id();
        assert_noop!(Governance::undelegate(signed(BOB), track), Error::<Test>::NotDelegated);
    });
}

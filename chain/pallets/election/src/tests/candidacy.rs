//! Pledges, standing, and the way out.

use frame_support::{assert_noop, assert_ok, traits::fungible::Inspect};
use myelin_election::{candidacy::MOST_LEAVING, Rules, Standing};
use sp_runtime::{traits::BadOrigin, DispatchError, TokenError};

use super::mock::*;
use crate::{waits::allowed_at, Call, Candidacies, Candidates, Error, Event, HotkeyOf};

fn free(number: u8) -> u64 {
    Balances::balance(&coldkey_of(number))
}

fn me() -> RuntimeOrigin {
    signed(coldkey_of(0))
}

#[test]
fn a_pledge_is_on_hold_until_its_unbonding_is_over() {
    on_chain(|| {
        join(0, 50);
        assert_ok!(Elections::pledge_more(me(), hotkey(0), tao(20)));
        assert_eq!(
            (Candidates::<Test>::on_hold(&coldkey_of(0)), free(0)),
            (tao(70).to_rao(), tao(930).to_rao())
        );
        assert_ok!(Elections::unbond(me(), hotkey(0), tao(30)));
        blocks(5);
        assert_ok!(Elections::leave(me(), hotkey(0)));
        assert_eq!(Candidates::<Test>::on_hold(&coldkey_of(0)), tao(70).to_rao(), "it can still be slashed");
        blocks(9);
        let withdraw = Call::withdraw { hotkey: hotkey(0) };
        assert_eq!(allowed_at::<Test>(&withdraw), Some(16));
        assert_noop!(Elections::withdraw(me(), hotkey(0)), Error::<Test>::NothingFree);
        block();
        assert_ok!(Elections::withdraw(me(), hotkey(0)));
        assert_eq!(Candidates::<Test>::on_hold(&coldkey_of(0)), tao(40).to_rao());
        assert_eq!(allowed_at::<Test>(&withdraw), Some(21));
        blocks(5);
        assert_ok!(Elections::withdraw(me(), hotkey(0)));
        assert_eq!(free(0), tao(FREE).to_rao());
        assert!(
            !Candidacies::<Test>::contains_key(hotkey(0)) && !HotkeyOf::<Test>::contains_key(coldkey_of(0))
        );
        let names = events();
        let left = Event::Unbonding { hotkey: hotkey(0), amount: tao(40), pledge: tao(0) };
        let out = Event::Withdrawn { hotkey: hotkey(0), coldkey: coldkey_of(0), amount: tao(40) };
        assert!(names.contains(&left) && names.last() == Some(&out), "{names:?}");
        join(0, 10);
    });
}

#[test]
fn a_pledge_of_an_authority_is_free_after_its_last_block_in_office() {
    on_chain(|| {
        join(30, 50);
        let me = signed(coldkey_of(30));
        assert_ok!(Elections::leave(me.clone(), hotkey(30)));
        blocks(100);
        let withdraw = Call::withdraw { hotkey: hotkey(30) };
        assert_noop!(Elections::withdraw(me.clone(), hotkey(30)), Error::<Test>::NothingFree);
        assert_eq!(allowed_at::<Test>(&withdraw), None, "nobody knows when it leaves");
        world::Next::<Test>::put((103, (31..34).map(hotkey).collect::<Vec<_>>()));
        blocks(2);
        assert_eq!(allowed_at::<Test>(&withdraw), Some(103 + 15));
        blocks(14);
        assert_noop!(Elections::withdraw(me.clone(), hotkey(30)), Error::<Test>::NothingFree);
        block();
        assert_ok!(Elections::withdraw(me, hotkey(30)));
    });
}

#[test]
fn a_coldkey_has_one_candidacy_of_its_own_hotkey() {
    on_chain(|| {
        let join_as =
            |who: u8, number, tokens| Elections::join(signed(coldkey_of(who)), hotkey(number), tao(tokens));
        assert_noop!(join_as(2, 0, 50), Error::<Test>::NotYourHotkey);
        assert_noop!(join_as(0, 99, 50), Error::<Test>::NotYourHotkey);
        assert_noop!(join_as(0, 0, 9), Error::<Test>::PledgeTooSmall);
        assert_noop!(join_as(0, 0, FREE + 1), DispatchError::Token(TokenError::FundsUnavailable));
        join(0, 50);
        assert_noop!(join_as(0, 0, 50), Error::<Test>::AlreadyCandidate);
        assert_noop!(join_as(0, 1, 50), Error::<Test>::OneForEachColdkey);
        assert_ok!(Elections::leave(me(), hotkey(0)));
        assert_noop!(join_as(0, 0, 50), Error::<Test>::AlreadyCandidate);
        assert_noop!(join_as(0, 1, 50), Error::<Test>::OneForEachColdkey);
    });
}

#[test]
fn steps_that_the_rules_forbid_are_refused() {
    on_chain(|| {
        let (hot, other) = (hotkey(0), signed(coldkey_of(2)));
        for refused in [
            Elections::pledge_more(me(), hotkey(0), tao(1)),
            Elections::unbond(me(), hotkey(0), tao(1)),
            Elections::leave(me(), hotkey(0)),
            Elections::withdraw(me(), hotkey(0)),
            Elections::chill(me(), hotkey(0)),
            Elections::resume(me(), hotkey(0)),
        ] {
            assert_eq!(refused, Err(Error::<Test>::NotCandidate.into()));
        }
        join(0, 50);
        for refused in [
            Elections::pledge_more(other.clone(), hotkey(0), tao(1)),
            Elections::unbond(other.clone(), hotkey(0), tao(1)),
            Elections::leave(other.clone(), hotkey(0)),
            Elections::withdraw(other.clone(), hotkey(0)),
            Elections::chill(other.clone(), hotkey(0)),
            Elections::resume(other, hotkey(0)),
        ] {
            assert_eq!(refused, Err(Error::<Test>::NotYours.into()));
        }
        assert_noop!(Elections::pledge_more(me(), hot.clone(), tao(0)), Error::<Test>::NothingToMove);
        assert_noop!(Elections::unbond(me(), hot.clone(), tao(0)), Error::<Test>::NothingToMove);
        assert_noop!(Elections::unbond(me(), hot.clone(), tao(51)), Error::<Test>::MoreThanPledged);
        assert_noop!(Elections::unbond(me(), hot.clone(), tao(41)), Error::<Test>::PledgeTooSmall);
        assert_noop!(Elections::withdraw(me(), hot.clone()), Error::<Test>::NothingFree);
        assert_noop!(Elections::resume(me(), hot.clone()), Error::<Test>::ReadyAlready);
        for _ in 0..MOST_LEAVING {
            assert_ok!(Elections::unbond(me(), hot.clone(), tao(1)));
        }
        assert_noop!(Elections::unbond(me(), hot.clone(), tao(1)), Error::<Test>::TooManyLeaving);
        assert_noop!(Elections::leave(me(), hot), Error::<Test>::TooManyLeaving);
    });
}

#[test]
fn a_candidate_rests_until_it_says_otherwise() {
    on_chain(|| {
        join(0, 50);
        let standing = || Candidacies::<Test>::get(hotkey(0)).map(|candidacy| candidacy.standing);
        assert_ok!(Elections::chill(signed(hotkey(0)), hotkey(0)));
        assert_eq!(standing(), Some(Standing::Chilled));
        assert_noop!(Elections::chill(me(), hotkey(0)), Error::<Test>::RestsAlready);
        assert_noop!(Elections::resume(signed(hotkey(0)), hotkey(0)), Error::<Test>::NotYours);
        assert_ok!(Elections::resume(me(), hotkey(0)));
        assert_eq!(standing(), Some(Standing::Ready));
        // Without a pledge it comes back by pledging again.
        assert_ok!(Elections::leave(me(), hotkey(0)));
        assert_noop!(Elections::leave(me(), hotkey(0)), Error::<Test>::NothingToMove);
        assert_noop!(Elections::resume(me(), hotkey(0)), Error::<Test>::PledgeTooSmall);
        assert_noop!(Elections::pledge_more(me(), hotkey(0), tao(9)), Error::<Test>::PledgeTooSmall);
        assert_ok!(Elections::pledge_more(me(), hotkey(0), tao(10)));
        assert_ok!(Elections::resume(me(), hotkey(0)));
        // From jail it comes back when that is over.
        let until = 9;
        Candidacies::<Test>::mutate_extant(hotkey(0), |candidacy| {
            candidacy.standing = Standing::Jailed { until }
        });
        let resume = Call::resume { hotkey: hotkey(0) };
        assert_noop!(Elections::resume(me(), hotkey(0)), Error::<Test>::InJail);
        assert_eq!(allowed_at::<Test>(&resume), Some(10));
        System::set_block_number(10);
        assert_ok!(Elections::resume(me(), hotkey(0)));
    });
}

#[test]
fn rules_are_roots_and_fit_each_other() {
    on_chain(|| {
        let set = |rules| Elections::set_rules(RuntimeOrigin::root(), rules);
        assert_noop!(Elections::set_rules(me(), RULES), BadOrigin);
        assert_noop!(set(Rules { seats: 129, ..RULES }), Error::<Test>::SeatsOutOfRange);
        assert_noop!(set(Rules { least_authorities: 7, ..RULES }), Error::<Test>::LeastAuthoritiesOutOfRange);
        assert_noop!(set(Rules { era: 0, ..RULES }), Error::<Test>::NoEra);
        assert_noop!(set(Rules { appeal_window: 0, ..RULES }), Error::<Test>::AppealTooShort);
        assert_noop!(set(Rules { unbonding: 10, ..RULES }), Error::<Test>::UnbondingTooShort);
        let rules = Rules { seats: 9, ..RULES };
        assert_ok!(set(rules));
        assert_eq!((crate::rules::<Test>(), events()), (rules, vec![Event::RulesSet { rules }]));
        crate::SetRules::<Test>::kill();
        assert_eq!(crate::rules::<Test>(), Rules::fast());
    });
}

//! Reports, jail, slashes that wait, and their cancellation.

use frame_support::{assert_noop, assert_ok, dispatch::Pays, traits::fungible::InspectHold};
use myelin_election::{docket::MOST_SLASHES, Docket, Offence, Rules, Slash, Standing};
use sp_runtime::{
    traits::BadOrigin,
    transaction_validity::{InvalidTransaction, TransactionSource, TransactionValidityError},
    Digest,
};

use super::mock::*;
use crate::{
    penalties::MOST_IN_BLOCK, Call, Candidacies, Candidates, Error, Event, FirstReport, HoldReason,
    Penalties, SlashDocket, TermIndex, TermSeats,
};

const BLOCKS: Offence = Offence::AuraEquivocation;
const VOTES: Offence = Offence::GrandpaEquivocation;

fn anybody() -> RuntimeOrigin {
    signed(coldkey_of(0))
}

/// Reports two blocks of the authority at a place, for its last turn.
fn report_blocks_of(place: u64) -> Result<Pays, sp_runtime::DispatchError> {
    let by = number_of(&office()[place as usize]);
    let (first, second) = two_blocks(by, last_slot_of(place));
    let outcome = Elections::report_blocks(anybody(), first, second);
    outcome.map(|done| done.pays_fee).map_err(|refused| refused.error)
}

fn report_votes(proof: Box<crate::TwoVotes<Test>>) -> Result<Pays, sp_runtime::DispatchError> {
    let outcome = Elections::report_votes(anybody(), proof);
    outcome.map(|done| done.pays_fee).map_err(|refused| refused.error)
}

fn held(number: u8) -> u64 {
    Candidates::<Test>::on_hold(&coldkey_of(number))
}

fn standing(number: u8) -> Option<Standing> {
    Candidacies::<Test>::get(hotkey(number)).map(|candidacy| candidacy.standing)
}

/// Rao of a share of some TAO.
fn part(offence: Offence, offenders: u32, seats: u32, tokens: u64) -> u64 {
    offence.share(offenders, seats).of(tao(tokens).to_rao())
}

#[test]
fn two_blocks_for_a_slot_jail_their_author_and_cost_it_a_share_of_its_pledge() {
    on_chain(|| {
        join(30, 50);
        blocks(6);
        assert_eq!(report_blocks_of(0), Ok(Pays::No));
        let (now, slot) = (u64::from(System::block_number()), last_slot_of(0));
        let committed = now - (world::Slot::<Test>::get() - slot);
        let until = now + RULES.jail;
        assert_eq!(standing(30), Some(Standing::Jailed { until }));
        assert_eq!(
            events()[1..],
            [
                Event::Reported { hotkey: hotkey(30), offence: BLOCKS, committed, number: 0 },
                Event::Jailed { hotkey: hotkey(30), until }
            ]
        );
        blocks(4);
        assert_eq!(held(30), tao(50).to_rao(), "the time to appeal runs");
        block();
        let amount = part(BLOCKS, 1, 4, 50);
        assert_eq!(held(30), tao(50).to_rao() - amount);
        assert_eq!(world::Recycled::<Test>::get(), amount);
        let share = BLOCKS.share(1, 4);
        let (hotkey, amount) = (hotkey(30), amount.into());
        let slashed = Event::Slashed { number: 0, hotkey, offence: BLOCKS, share, amount };
        assert_eq!((events(), FirstReport::<Test>::get()), (vec![slashed], None));
        // Nothing else is taken, neither stake nor free TAO.
        blocks(20);
        assert_eq!(world::Recycled::<Test>::get(), part(BLOCKS, 1, 4, 50));
    });
}

#[test]
fn an_offence_is_taken_to_account_once_in_a_term() {
    on_chain(|| {
        join(30, 50);
        blocks(8);
        assert_eq!(report_blocks_of(0), Ok(Pays::No));
        assert_eq!(report_blocks_of(0), Err(Error::<Test>::AlreadyReported.into()));
        let (first, second) = two_blocks(30, last_slot_of(0) - 4);
        let earlier = Elections::report_blocks(anybody(), first, second);
        assert_eq!(earlier.map_err(|refused| refused.error), Err(Error::<Test>::AlreadyReported.into()));
        // Votes are another offence, and the next term another term.
        assert_eq!(report_votes(two_votes(30, 1, 7, [1, 2])), Ok(Pays::No));
        assert_eq!(report_votes(two_votes(30, 1, 8, [1, 2])), Err(Error::<Test>::AlreadyReported.into()));
        world::Next::<Test>::put((System::block_number() + 1, (30..34).map(hotkey).collect::<Vec<_>>()));
        blocks(8);
        assert_eq!(report_blocks_of(0), Ok(Pays::No));
    });
}

#[test]
fn reports_that_prove_nothing_are_refused_by_name() {
    on_chain(|| {
        join(30, 50);
        blocks(20);
        let (number, slot) = (System::block_number(), last_slot_of(0));
        let by_30 = |slot, content| header(30, slot, number, content);
        let refused = |first: Header, second: Header, error: Error<Test>| {
            assert_noop!(Elections::report_blocks(anybody(), rooted(first), rooted(second)), error);
        };
        let open = Header { digest: Digest::default(), ..by_30(slot, 1) };
        refused(open, by_30(slot, 2), Error::NotSealed);
        refused(by_30(slot, 1), by_30(slot - 4, 2), Error::DifferentSlots);
        refused(by_30(slot, 1), by_30(slot, 1), Error::SameHeader);
        refused(by_30(slot + 4, 1), by_30(slot + 4, 2), Error::ToCome);
        refused(by_30(slot - 8, 1), by_30(slot - 8, 2), Error::TooOld);
        refused(by_30(slot, 1), header(31, slot, number, 2), Error::NotByAuthor);
        refused(by_30(slot - 1, 1), by_30(slot - 1, 2), Error::NotByAuthor);
        let mut stray = by_30(slot, 2);
        stray.parent_hash = hash_of(7_777);
        let stray = resealed(30, stray);
        refused(by_30(slot, 1), stray, Error::Unconnected);
        let mut long = rooted(by_30(slot, 1));
        long.between = vec![by_30(slot, 3); 9];
        let report = Elections::report_blocks(anybody(), long, rooted(by_30(slot, 2)));
        assert_noop!(report, Error::<Test>::Unconnected);
        TermIndex::<Test>::kill();
        TermSeats::<Test>::remove(0);
        refused(by_30(slot, 1), by_30(slot, 2), Error::NoAuthor);
        let (first, second) = two_blocks(30, slot);
        assert_noop!(Elections::report_blocks(RuntimeOrigin::root(), first, second), BadOrigin);
        assert_eq!(standing(30), Some(Standing::Ready));
    });
}

/// A header with another seal of its author.
fn resealed(by: u8, header: Header) -> Header {
    use myelin_wire::sr25519::Keypair;
    use sp_runtime::DigestItem;
    let mut header = header;
    header.digest.pop();
    let signature = Keypair::from_seed(&[by; 32]).sign(header.hash().as_bytes(), [8; 32]);
    header.digest.push(DigestItem::Seal(*b"aura", signature.to_vec()));
    header
}

#[test]
fn a_header_on_a_fork_brings_its_way_back() {
    on_chain(|| {
        join(30, 50);
        blocks(20);
        let (number, slot) = (System::block_number(), last_slot_of(0));
        let before = header(31, slot - 3, number, 9);
        let mut on_fork = header(30, slot, number + 1, 2);
        on_fork.parent_hash = before.hash();
        let mut second = rooted(resealed(30, on_fork));
        second.between = vec![before];
        assert_ok!(Elections::report_blocks(anybody(), rooted(header(30, slot, number, 1)), second));
    });
}

#[test]
fn two_votes_in_a_round_jail_their_voter() {
    on_chain(|| {
        join(31, 50);
        blocks(3);
        for (proof, error) in [
            (two_votes(31, 2, 7, [1, 2]), Error::<Test>::UnknownVoter),
            (two_votes(29, 1, 7, [1, 2]), Error::UnknownVoter),
            (two_votes(31, 1, 7, [1, 1]), Error::NotProven),
        ] {
            assert_eq!(report_votes(proof), Err(error.into()));
        }
        assert_noop!(Elections::report_votes(RuntimeOrigin::root(), two_votes(31, 1, 7, [1, 2])), BadOrigin);
        assert_eq!(report_votes(two_votes(31, 1, 7, [1, 2])), Ok(Pays::No));
        blocks(5);
        assert_eq!(held(31), tao(50).to_rao() - part(VOTES, 1, 4, 50));
    });
}

#[test]
fn votes_of_a_former_set_are_punished_until_the_time_to_report_them_is_over() {
    let at = |later: u32| {
        on_chain(|| {
            join(30, 50);
            assert_ok!(Elections::leave(signed(coldkey_of(30)), hotkey(30)));
            blocks(10);
            world::Next::<Test>::put((System::block_number() + 1, (31..34).map(hotkey).collect::<Vec<_>>()));
            // The block of the change is the last one of the former set.
            block();
            blocks(later);
            let reported = report_votes(two_votes(30, 1, 7, [1, 2]));
            blocks(5);
            (reported, held(30))
        })
    };
    let whole = tao(50).to_rao();
    assert_eq!(
        at(5),
        (Ok(Pays::No), whole - part(VOTES, 1, 4, 50)),
        "it left, and its pledge is on its way out"
    );
    assert_eq!(at(6), (Err(Error::<Test>::TooOld.into()), whole));
}

#[test]
fn a_pledge_on_its_way_out_is_slashed_before_it_is_free() {
    on_chain(|| {
        join(30, 50);
        blocks(5);
        world::Next::<Test>::put((System::block_number() + 1, (31..34).map(hotkey).collect::<Vec<_>>()));
        let (slot, number) = (last_slot_of(0), System::block_number());
        block();
        assert_ok!(Elections::leave(signed(coldkey_of(30)), hotkey(30)));
        blocks(1);
        let report = |content| rooted(header(30, slot, number, content));
        assert_ok!(Elections::report_blocks(anybody(), report(1), report(2)));
        let left = tao(50).to_rao() - part(BLOCKS, 1, 4, 50);
        for _ in 0..13 {
            block();
            assert_noop!(Elections::withdraw(signed(coldkey_of(30)), hotkey(30)), Error::<Test>::NothingFree);
        }
        blocks(1);
        assert_ok!(Elections::withdraw(signed(coldkey_of(30)), hotkey(30)));
        let last = events().pop();
        assert!(matches!(last, Some(Event::Withdrawn { amount, .. }) if amount.to_rao() == left), "{last:?}");
    });
}

#[test]
fn offenders_pay_more_together_whether_they_pledged_or_not() {
    on_chain(|| {
        join(30, 50);
        blocks(8);
        // The authority at place 1 is no candidate: it has nothing to lose, and counts.
        assert_eq!(report_blocks_of(1), Ok(Pays::No));
        assert_eq!((events().len(), FirstReport::<Test>::get()), (2, None), "joined and reported");
        assert_eq!(report_blocks_of(0), Ok(Pays::No));
        blocks(5);
        assert_eq!(held(30), tao(50).to_rao() - part(BLOCKS, 2, 4, 50));
        assert_eq!(held(30), 0, "a third of the set and more loses all");
    });
}

#[test]
fn root_cancels_a_slash_until_it_is_taken() {
    on_chain(|| {
        for number in [30, 32] {
            join(number, 50);
        }
        blocks(8);
        assert_ok!(report_blocks_of(0));
        assert_ok!(report_blocks_of(2));
        assert_noop!(Elections::cancel_slash(anybody(), 0), BadOrigin);
        let cancel = |number| Elections::cancel_slash(RuntimeOrigin::root(), number);
        assert_noop!(cancel(2), Error::<Test>::NoSuchSlash);
        blocks(4);
        assert_ok!(cancel(0));
        assert_noop!(cancel(0), Error::<Test>::NoSuchSlash);
        assert_eq!(events().last(), Some(&Event::SlashCancelled { number: 0, hotkey: hotkey(30) }));
        blocks(1);
        assert_eq!((held(30), held(32)), (tao(50).to_rao(), tao(50).to_rao() - part(BLOCKS, 1, 4, 50)));
        assert_noop!(cancel(1), Error::<Test>::NoSuchSlash);
        // It stays cancelled, and its offender in jail.
        assert_eq!(report_blocks_of(0), Err(Error::<Test>::AlreadyReported.into()));
        assert!(matches!(standing(30), Some(Standing::Jailed { .. })));
    });
}

#[test]
fn an_offender_is_not_elected_again_from_jail() {
    on_chain(|| {
        for number in [0, 2, 4, 30] {
            join(number, 50);
            stake(number, 100);
        }
        epoch([0, 2, 4, 30].map(|number| (number, 100, 100)));
        assert_ok!(Elections::switch_on(RuntimeOrigin::root()));
        era();
        assert!(office().contains(&hotkey(30)), "it judges, and holds its seat");
        blocks(10);
        let place = office().iter().position(|who| *who == hotkey(30)).expect("in office");
        assert_ok!(report_blocks_of(place as u64));
        // One authority leaves in an era, and the offender is not the first of those who may not serve.
        (0..4).for_each(|_| era());
        assert!(!office().contains(&hotkey(30)));
        assert_ok!(Elections::resume(signed(coldkey_of(30)), hotkey(30)));
    });
}

#[test]
fn a_candidacy_that_lost_everything_ends_unless_it_is_in_jail() {
    for jail in [1, 50] {
        on_chain(|| {
            assert_ok!(Elections::set_rules(RuntimeOrigin::root(), Rules { jail, ..RULES }));
            join(30, 50);
            blocks(8);
            assert_ok!(report_blocks_of(0));
            assert_ok!(report_blocks_of(1));
            blocks(2);
            let back = Elections::resume(signed(coldkey_of(30)), hotkey(30));
            assert_eq!(back.is_ok(), jail == 1);
            blocks(3);
            assert_eq!((held(30), standing(30).is_some()), (0, jail == 50));
            assert_eq!(Balances::balance_on_hold(&HoldReason::Pledge.into(), &coldkey_of(30)), 0);
        });
    }
}

#[test]
fn a_new_candidacy_begins_after_the_jail_of_one_without_a_pledge() {
    on_chain(|| {
        join(30, 50);
        blocks(8);
        assert_ok!(report_blocks_of(0));
        assert_ok!(report_blocks_of(1));
        blocks(5);
        assert_eq!((held(30), standing(30).is_some()), (0, true), "it lost everything and is in jail");
        let again = || Elections::join(signed(coldkey_of(30)), hotkey(31), tao(50));
        assert_noop!(again(), Error::<Test>::OneForEachColdkey);
        blocks(1);
        assert_ok!(again());
        assert_eq!((standing(30), standing(31)), (None, Some(Standing::Ready)));
    });
}

#[test]
fn an_authority_that_offended_before_its_candidacy_joins_after_the_jail() {
    on_chain(|| {
        blocks(6);
        assert_eq!(report_blocks_of(0), Ok(Pays::No));
        let offender = number_of(&office()[0]);
        let join = |number: u8| Elections::join(signed(coldkey_of(number)), hotkey(number), tao(50));
        assert_noop!(join(offender), Error::<Test>::InJail);
        assert_ok!(join(number_of(&office()[2])));
        blocks(RULES.jail as u32);
        assert_noop!(join(offender), Error::<Test>::InJail);
        block();
        assert_ok!(join(offender));
        assert_eq!(standing(offender), Some(Standing::Ready));
    });
}

#[test]
fn a_block_takes_few_slashes() {
    on_chain(|| {
        let most = MOST_IN_BLOCK as u8;
        for number in 0..=most {
            join(2 * number, 50);
            let (offence, committed, reported, seats) = (VOTES, 1, 1, 40);
            let slash = Slash { hotkey: hotkey(2 * number).into(), offence, committed, reported, seats };
            assert_ok!(Penalties::<Test>::file(slash));
        }
        blocks(5);
        let left = |count: u32| {
            let whole = (0..=most).filter(|number| held(2 * number) == tao(50).to_rao()).count();
            assert_eq!(whole as u32, count);
        };
        left(1);
        assert_eq!(FirstReport::<Test>::get(), Some(1));
        block();
        left(0);
    });
}

#[test]
fn a_full_docket_refuses_reports_and_jails_nobody() {
    on_chain(|| {
        join(30, 50);
        blocks(4);
        let mut docket = Docket::default();
        let reported = System::block_number().into();
        let slash = Slash { hotkey: [9; 32], offence: BLOCKS, committed: reported, reported, seats: 4 };
        for _ in 0..MOST_SLASHES {
            docket.file(slash, true, &RULES).expect("there is room");
        }
        FirstReport::<Test>::set(docket.first_report());
        SlashDocket::<Test>::put(docket);
        assert_eq!(report_blocks_of(0), Err(Error::<Test>::TooManySlashes.into()));
        assert_eq!(standing(30), Some(Standing::Ready));
    });
}

#[test]
#[allow(deprecated)]
fn a_node_hands_in_its_own_reports_without_a_signature() {
    use sp_runtime::traits::ValidateUnsigned;
    on_chain(|| {
        join(30, 50);
        blocks(8);
        let (first, second) = two_blocks(30, last_slot_of(0));
        let report = Call::<Test>::report_blocks { first: first.clone(), second: second.clone() };
        let at = |source, call: &Call<Test>| Elections::validate_unsigned(source, call);
        let refused = |invalid: InvalidTransaction| Err(TransactionValidityError::from(invalid));
        assert_eq!(at(TransactionSource::External, &report), refused(InvalidTransaction::Call));
        let valid = at(TransactionSource::Local, &report).expect("a report of this node");
        assert!(!valid.propagate && valid.provides.len() == 1, "{valid:?}");
        let other = two_blocks(30, last_slot_of(0) - 4);
        let other = Call::<Test>::report_blocks { first: other.0, second: other.1 };
        let same = at(TransactionSource::Local, &other).expect("an earlier offence");
        assert_eq!(same.provides, valid.provides, "the pool holds one of them");
        let chill = Call::<Test>::chill { hotkey: hotkey(30) };
        assert_eq!(at(TransactionSource::Local, &chill), refused(InvalidTransaction::Call));
        let false_report = Call::<Test>::report_blocks { first: first.clone(), second: first.clone() };
        assert_eq!(at(TransactionSource::InBlock, &false_report), refused(InvalidTransaction::BadProof));
        let votes = Call::<Test>::report_votes { proof: two_votes(30, 1, 7, [1, 2]) };
        assert_ne!(at(TransactionSource::Local, &votes).map(|valid| valid.provides), Ok(valid.provides));
        assert_ok!(<Elections as ValidateUnsigned>::pre_dispatch(&report));
        assert_ok!(Elections::report_blocks(RuntimeOrigin::none(), first, second));
        assert_eq!(at(TransactionSource::Local, &other), refused(InvalidTransaction::Stale));
        assert_eq!(
            <Elections as ValidateUnsigned>::pre_dispatch(&report),
            Err(InvalidTransaction::Stale.into())
        );
    });
}

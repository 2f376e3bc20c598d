//! Passes in pages, the choice, the draw of seats, and the switch.

use std::collections::BTreeSet;

use frame_support::{
    assert_noop, assert_ok,
    traits::{Get, Hooks},
};
use myelin_election::{choose::Reason, order, PerBillion, Qualities, Rules};
use sp_runtime::traits::BadOrigin;

use super::mock::*;
use crate::{
    measured::Measured, Candidacies, Chosen, ChosenSet, Clock, EraClock, Eras, Error, Event, KeptReadings,
    PanelBook, Panels, PassProgress, PassUnderWay, Step,
};

fn root() -> RuntimeOrigin {
    RuntimeOrigin::root()
}

/// Elections are on; candidates 0, 2, 4, … judge equally well, and the stake of each differs.
fn with_candidates(count: u8) {
    for place in 0..count {
        join(2 * place, 50 + u64::from(place));
        stake(2 * place, 100);
    }
    epoch((0..count).map(|place| (2 * place, 100, 100)));
    assert_ok!(Elections::switch_on(root()));
}

fn members() -> BTreeSet<u8> {
    office().iter().map(|who| <[u8; 32]>::from(who.clone())[0]).collect()
}

#[test]
fn a_set_is_replaced_seat_by_seat_by_those_who_pledged_most() {
    on_chain(|| {
        with_candidates(10);
        era();
        // Six seats, four in office: one of them leaves, and as many may join.
        assert_eq!(members(), BTreeSet::from([18, 31, 32, 33]));
        era();
        assert!(members().len() == 4 && members().is_superset(&BTreeSet::from([16, 18])), "{:?}", members());
        (0..4).for_each(|_| era());
        assert_eq!(members(), BTreeSet::from([8, 10, 12, 14, 16, 18]), "the best six");
        events();
        era();
        assert_eq!(events()[1..], [Event::SetStays { era: 7, reason: Reason::NothingChanges }]);
    });
}

#[test]
fn an_era_is_one_page_in_each_block_and_ends_with_one_set_in_office() {
    on_chain(|| {
        assert_eq!(Eras::<Test>::page_length(), 4);
        with_candidates(9);
        let clock = || EraClock::<Test>::get();
        assert_eq!(clock(), Clock { on: true, era: 0, next_pass: 21, step: Step::Waiting });
        blocks(19);
        assert_eq!(clock().step, Step::Waiting);
        events();
        block();
        assert_eq!(clock(), Clock { on: true, era: 1, next_pass: 41, step: Step::Reading });
        // Nine candidates are two full pages and one that is not.
        let read = || PassUnderWay::<Test>::get().map(|under_way| under_way.pass.read());
        assert_eq!(read(), Some(0));
        block();
        assert_eq!(read(), Some(4));
        block();
        assert_eq!(read(), Some(8));
        block();
        assert_eq!((read(), clock().step), (None, Step::Drawing));
        let chosen: Chosen = ChosenSet::<Test>::get().expect("a set was chosen");
        assert_eq!(office(), (30..34).map(hotkey).collect::<Vec<_>>());
        block();
        let set: Vec<_> = order(chosen.set, &[25; 32]).into_iter().map(Into::into).collect();
        let (out, joined) = (vec![hotkey(30)], vec![hotkey(16)]);
        let judged = Event::PassBegan { era: 1, judged: 9 };
        assert_eq!(events(), [judged, Event::Elected { era: 1, set: set.clone(), out, joined }]);
        blocks(2);
        assert_eq!(office(), set);
        assert_eq!(clock(), Clock { on: true, era: 1, next_pass: 41, step: Step::Waiting });
    });
}

#[test]
fn a_pass_ends_when_its_last_page_is_full() {
    on_chain(|| {
        with_candidates(8);
        blocks(22);
        assert_eq!(EraClock::<Test>::get().step, Step::Reading);
        block();
        assert_eq!(EraClock::<Test>::get().step, Step::Drawing);
    });
}

#[test]
fn nominations_count_once_they_stayed_for_an_era() {
    on_chain(|| {
        for number in [0, 2, 4, 6] {
            join(number, 50);
            stake(number, 100);
        }
        epoch([0, 2, 4, 6].map(|number| (number, 100, 100)));
        assert_ok!(Elections::switch_on(root()));
        era();
        assert!(members().contains(&0), "equal stake: the earlier candidacy");
        assert_eq!(Candidacies::<Test>::get(hotkey(6)).map(|candidacy| candidacy.seen), Some(tao(100)));
        // Root stake that comes for the pass alone does not count.
        stake(4, 100_000);
        stake(2, 0);
        epoch([0, 2, 4, 6].map(|number| (number, 100, 100)));
        era();
        assert!(members().contains(&4) && !members().contains(&2), "{:?}", members());
        stake(4, 0);
        stake(6, 100_000);
        era();
        assert!(members().is_superset(&BTreeSet::from([0, 4, 6])), "six has as much as before");
    });
}

#[test]
fn stake_that_is_there_for_passes_alone_elects_nobody() {
    on_chain(|| {
        [0, 2, 4].into_iter().for_each(|number| join(number, 11));
        join(6, 10);
        // Of others, without whom no validator has a part of all root stake.
        stake(20, 400);
        epoch([0, 2, 4, 6].map(|number| (number, 100, 100)));
        assert_ok!(Elections::switch_on(root()));
        for _ in 0..3 {
            // It comes in the last block before a pass, and leaves in the block that the pass reads.
            while u64::from(System::block_number()) + 1 < EraClock::<Test>::get().next_pass {
                block();
            }
            stake(6, 100_000);
            block();
            assert_ne!(EraClock::<Test>::get().step, Step::Waiting);
            stake(6, 0);
            settle();
        }
        assert!(members().is_superset(&BTreeSet::from([0, 2, 4])), "{:?}", members());
        assert!(!members().contains(&6), "{:?}", members());
    });
}

/// Qualities as a pass computes them that begins now, in percent.
fn qualities<const N: usize>(of: [u8; N]) -> [u32; N] {
    let panels: Vec<_> = PanelBook::<Test>::all().collect();
    let all = Qualities::new(&panels);
    of.map(|number| all.of(&hotkey(number).into()).parts() / 10_000_000)
}

#[test]
fn qualities_follow_from_the_root_stake_of_the_epoch_and_not_of_the_pass() {
    on_chain(|| {
        for (number, tokens) in [(0, 100), (2, 100), (8, 800)] {
            stake(number, tokens);
        }
        epoch([0, 2].map(|number| (number, 100, 100)));
        assert_eq!(qualities([0, 2]), [20, 20]);
        // Root stake that was there for the epoch alone lifts nobody's part, and what comes for the pass lowers none.
        stake(8, 0);
        assert_eq!(qualities([0, 2]), [20, 20]);
        stake(8, 100_000);
        assert_eq!(qualities([0, 2]), [20, 20]);
    });
}

#[test]
fn root_stake_that_is_away_within_a_pass_counts_in_no_later_one() {
    on_chain(|| {
        with_candidates(10);
        blocks(20);
        assert_eq!(EraClock::<Test>::get().step, Step::Reading);
        let seen = |number| Candidacies::<Test>::get(hotkey(number)).map(|candidacy| candidacy.seen);
        // It leaves behind the first block, and is back before the candidate's page.
        let awaited: Vec<u8> = (0..20).step_by(2).filter(|number| is_awaited(*number)).collect();
        let (away, changed) = (awaited[0], awaited[1]);
        stake(away, 0);
        stake(away, 100);
        assert_ok!(Elections::pledge_more(signed(coldkey_of(changed)), hotkey(changed), tao(1)));
        assert_eq!(seen(changed), Some(tao(100)), "as it is in the first block");
        stake(changed, 40);
        stake(changed, 100);
        settle();
        assert_eq!((seen(away), seen(changed)), (Some(tao(0)), Some(tao(40))));
        assert_eq!(seen(awaited[2]), Some(tao(100)), "another candidate");
        era();
        assert_eq!(seen(away), Some(tao(100)), "it stayed since then");
    });
}

/// Whether the pass under way has not read a candidate yet.
fn is_awaited(number: u8) -> bool {
    let progress = PassProgress::<Test>::get().expect("a pass is under way");
    let candidacy = Candidacies::<Test>::get(hotkey(number)).expect("it is a candidate");
    progress.awaits(&hotkey(number).into(), candidacy.serial)
}

#[test]
fn a_pass_elects_by_its_first_block() {
    on_chain(|| {
        with_candidates(10);
        blocks(20);
        assert_eq!(EraClock::<Test>::get().step, Step::Reading);
        // Whatever moves now, 18 has most. Who joins now waits.
        join(20, 900);
        assert_ok!(Elections::pledge_more(signed(coldkey_of(0)), hotkey(0), tao(900)));
        assert_ok!(Elections::unbond(signed(coldkey_of(18)), hotkey(18), tao(49)));
        stake(18, 0);
        check();
        assert_eq!(KeptReadings::<Test>::iter().count(), 2, "each changed reading is kept once");
        settle();
        assert_eq!(members(), BTreeSet::from([18, 31, 32, 33]));
        assert_eq!(KeptReadings::<Test>::iter().count(), 0);
        assert_eq!(
            Candidacies::<Test>::get(hotkey(18)).map(|candidacy| candidacy.seen),
            Some(tao(100)),
            "as it was"
        );
    });
}

#[test]
fn whoever_leaves_meanwhile_is_not_elected() {
    on_chain(|| {
        with_candidates(10);
        blocks(20);
        assert_ok!(Elections::leave(signed(coldkey_of(18)), hotkey(18)));
        assert_ok!(Elections::chill(signed(hotkey(16)), hotkey(16)));
        world::Keys::<Test>::remove(hotkey(14));
        settle();
        assert_eq!(members(), BTreeSet::from([12, 31, 32, 33]));
    });
}

#[test]
fn with_few_candidates_the_set_stays() {
    on_chain(|| {
        with_candidates(2);
        era();
        assert_eq!(events().last(), Some(&Event::SetStays { era: 1, reason: Reason::TooFewCandidates }));
        assert_eq!(members(), BTreeSet::from([30, 31, 32, 33]));
    });
}

#[test]
fn those_who_judge_nowhere_are_not_elected() {
    on_chain(|| {
        with_candidates(6);
        epoch([(2, 100, 100), (4, 50, 100), (6, 100, 100)]);
        era();
        assert_eq!(members(), BTreeSet::from([6, 31, 32, 33]), "ten pledged more, and judges nowhere");
    });
}

#[test]
fn the_switch_is_roots_and_says_what_is_so() {
    on_chain(|| {
        let nobody = || signed(coldkey_of(0));
        assert_noop!(Elections::switch_on(nobody()), BadOrigin);
        assert_noop!(Elections::switch_off(nobody()), BadOrigin);
        assert_noop!(Elections::switch_off(root()), Error::<Test>::AlreadyOff);
        assert_ok!(Elections::switch_on(root()));
        assert_noop!(Elections::switch_on(root()), Error::<Test>::AlreadyOn);
        assert_ok!(Elections::switch_off(root()));
        assert_eq!(events(), [Event::SwitchedOn { first_pass: 21 }, Event::SwitchedOff]);
        blocks(100);
        assert_eq!((events(), EraClock::<Test>::get().era), (vec![], 0));
    });
}

#[test]
fn a_pass_that_is_switched_off_ends_without_a_result() {
    for at in [20, 22, 23] {
        on_chain(|| {
            with_candidates(9);
            blocks(at);
            assert_ok!(Elections::switch_off(root()));
            blocks(50);
            assert_eq!(events().last(), Some(&Event::ResultDropped { era: 1 }), "{at}");
            assert_eq!(members(), BTreeSet::from([30, 31, 32, 33]));
            check();
            // On again, a new pass begins after an era.
            assert_ok!(Elections::switch_on(root()));
            era();
            assert_eq!(members(), BTreeSet::from([16, 31, 32, 33]));
        });
    }
}

#[test]
fn a_pass_that_is_switched_on_again_counts() {
    on_chain(|| {
        with_candidates(9);
        blocks(21);
        assert_ok!(Elections::switch_off(root()));
        block();
        assert_ok!(Elections::switch_on(root()));
        settle();
        assert_eq!(members(), BTreeSet::from([16, 31, 32, 33]));
    });
}

#[test]
fn no_pass_begins_while_a_set_is_on_its_way() {
    on_chain(|| {
        with_candidates(6);
        world::Next::<Test>::put((30, office()));
        blocks(27);
        assert_eq!(EraClock::<Test>::get().step, Step::Waiting);
        blocks(2);
        assert_eq!(EraClock::<Test>::get().step, Step::Reading);
    });
}

#[test]
fn a_pass_keeps_the_rules_of_its_first_block() {
    on_chain(|| {
        with_candidates(6);
        blocks(20);
        let many = Rules { least_authorities: 6, least_pledge: tao(500), era: 50, ..RULES };
        assert_ok!(Elections::set_rules(root(), many));
        settle();
        assert_eq!(members(), BTreeSet::from([10, 31, 32, 33]));
        assert_eq!(EraClock::<Test>::get().next_pass, 41);
        era();
        assert_eq!(events().last(), Some(&Event::SetStays { era: 2, reason: Reason::TooFewCandidates }));
        assert_eq!(EraClock::<Test>::get().next_pass, 41 + 50);
    });
}

#[test]
fn measures_without_proofs_are_earned_over_epochs() {
    on_chain(|| {
        let panel = |number: u8, percent| myelin_election::Panel {
            members: vec![myelin_election::Member {
                hotkey: hotkey(number).into(),
                coldkey: coldkey_of(number).into(),
                backing: tao(100),
                measure: PerBillion::percent(percent),
            }],
            ..Default::default()
        };
        let measure = || Panels::<Test>::get(SUBNET).expect("an epoch ended").members[0].measure.parts();
        PanelBook::<Test>::epoch_ended(SUBNET, panel(0, 100), false);
        assert_eq!(measure(), 62_500_000);
        PanelBook::<Test>::epoch_ended(SUBNET, panel(0, 100), false);
        assert_eq!(measure(), 62_500_000 + 58_593_750);
        PanelBook::<Test>::epoch_ended(SUBNET, panel(0, 80), true);
        assert_eq!(measure(), 800_000_000, "proofs look back by themselves");
        PanelBook::<Test>::epoch_ended(SUBNET, panel(2, 100), false);
        assert_eq!(measure(), 62_500_000, "another hotkey begins anew");
        PanelBook::<Test>::forget(SUBNET);
        assert_eq!(Panels::<Test>::get(SUBNET), None);
    });
}

/// No block takes more than its part for a page, and what the page costs beside its candidates.
#[test]
fn blocks_of_a_pass_cost_little() {
    on_chain(|| {
        with_candidates(12);
        blocks(20);
        let limits: frame_system::limits::BlockWeights = <Test as frame_system::Config>::BlockWeights::get();
        let all = limits.max_block.ref_time();
        let beside = Measured::<Test>::page(0) + Measured::<Test>::count() + Measured::<Test>::uncounted();
        let beside = beside.ref_time();
        let mut pages = 0;
        while EraClock::<Test>::get().step == Step::Reading && pages < 3 {
            let cost = Elections::on_initialize(System::block_number()).ref_time();
            assert!(cost > beside && cost <= all / 64 + beside, "{cost} of {all}");
            pages += 1;
        }
        assert_eq!(pages, 3);
        Elections::on_initialize(System::block_number());
    });
}

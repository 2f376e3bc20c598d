//! Authors that make too few blocks.

use frame_support::assert_ok;
use myelin_election::{Offence, Rules, Standing};

use super::mock::*;
use crate::{Candidacies, Candidates, EraAttendance, Event};

/// Eras that are long enough to show who is away.
const LONG: Rules = Rules { era: 400, ..RULES };

/// The next block, which no author at these places makes.
fn block_without(places: &[u64]) {
    let seats = office().len() as u64;
    let next = |slot: u64| (slot + 1..).find(|slot| !places.contains(&(slot % seats)));
    world::Slot::<Test>::mutate(|slot| *slot = next(*slot).expect("somebody makes blocks") - 1);
    block();
}

/// Elections are on, and the hotkeys in office are candidates with this pledge.
fn with_authors(numbers: impl IntoIterator<Item = u8>, tokens: u64) {
    assert_ok!(Elections::set_rules(RuntimeOrigin::root(), LONG));
    for number in numbers {
        join(number, tokens);
    }
    assert_ok!(Elections::switch_on(RuntimeOrigin::root()));
    events();
}

fn standing(number: u8) -> Option<Standing> {
    Candidacies::<Test>::get(hotkey(number)).map(|candidacy| candidacy.standing)
}

#[test]
fn an_author_that_is_away_is_chilled_at_the_end_of_the_era() {
    on_chain(|| {
        with_authors([30, 32], 50);
        (0..399).for_each(|_| block_without(&[2]));
        assert_eq!((standing(32), events()), (Some(Standing::Ready), vec![]));
        block_without(&[2]);
        let away = Event::Away { hotkey: hotkey(32), made: 0, least: 47 };
        assert_eq!(events()[..2], [away, Event::Chilled { hotkey: hotkey(32) }]);
        assert_eq!((standing(30), standing(32)), (Some(Standing::Ready), Some(Standing::Chilled)));
        // Alone it loses nothing, and it comes back when it says so.
        blocks(10);
        assert_eq!(world::Recycled::<Test>::get(), 0);
        assert_ok!(Elections::resume(signed(coldkey_of(32)), hotkey(32)));
        settle();
        events();
        while !matches!(events()[..], [.., Event::PassBegan { era: 2, .. }]) {
            block();
        }
        assert_eq!(standing(32), Some(Standing::Ready), "an author that is there stays");
    });
}

#[test]
fn a_large_part_that_is_away_is_slashed() {
    on_chain(|| {
        with_authors([30], 50);
        // Two of four; the other one of them is no candidate.
        (0..400).for_each(|_| block_without(&[0, 1]));
        let now = u64::from(System::block_number());
        let told = events();
        let names = |who: u8| {
            told.iter().any(|event| matches!(event, Event::Away { hotkey: away, .. } if *away == hotkey(who)))
        };
        assert_eq!([30, 31, 32, 33].map(names), [true, true, false, false], "{told:?}");
        let share = Offence::Away.share(2, 4);
        assert!(share.parts() > 0);
        blocks(5);
        let amount = share.of(tao(50).to_rao());
        assert_eq!(u64::from(System::block_number()), now + RULES.appeal_window);
        assert_eq!(Candidates::<Test>::on_hold(&coldkey_of(30)), tao(50).to_rao() - amount);
        assert_eq!(world::Recycled::<Test>::get(), amount);
        assert_eq!(standing(30), Some(Standing::Chilled), "it is not in jail");
    });
}

#[test]
fn turns_are_carried_over_a_change_of_the_set() {
    on_chain(|| {
        with_authors([30, 32], 50);
        (0..200).for_each(|_| block_without(&[1]));
        // Another set in another order. The authority stays away, and a newcomer has had few turns.
        let set = [33, 31, 20, 30].map(hotkey).to_vec();
        world::Next::<Test>::put((System::block_number() + 1, set));
        block_without(&[1]);
        (0..199).for_each(|_| block_without(&[1]));
        let away: Vec<_> = events()
            .into_iter()
            .filter_map(|event| match event {
                Event::Away { hotkey, made, .. } => Some((hotkey, made)),
                _ => None,
            })
            .collect();
        assert_eq!(away, [(hotkey(31), 0)]);
    });
}

#[test]
fn nothing_is_counted_while_elections_are_off() {
    on_chain(|| {
        assert_ok!(Elections::set_rules(RuntimeOrigin::root(), LONG));
        join(30, 50);
        (0..500).for_each(|_| block_without(&[0]));
        assert_eq!(EraAttendance::<Test>::get(), None);
        assert_ok!(Elections::switch_on(RuntimeOrigin::root()));
        (0..300).for_each(|_| block_without(&[0]));
        assert_ok!(Elections::switch_off(RuntimeOrigin::root()));
        assert_eq!(EraAttendance::<Test>::get(), None);
        blocks(300);
        assert_ok!(Elections::switch_on(RuntimeOrigin::root()));
        (0..401).for_each(|_| block());
        assert_eq!(standing(30), Some(Standing::Ready), "the earlier blocks are forgotten");
    });
}

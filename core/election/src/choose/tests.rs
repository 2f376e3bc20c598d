use alloc::vec;

use proptest::prelude::*;

use super::*;

fn rules(seats: u32) -> Rules {
    Rules { seats, least_authorities: 4.min(seats), ..Rules::production() }
}

/// A candidate by a number, with this weight in thousands.
fn entry(number: u8, weight: u32) -> Entry {
    let weight = u128::from(weight) * 1_000;
    Entry { hotkey: [number; 32], coldkey: [number; 32], weight, serial: number.into() }
}

fn sitting(number: u8, weight: u32) -> Sitting {
    Sitting { hotkey: [number; 32], entry: Some(entry(number, weight)), jailed: false }
}

fn numbers(list: &[AccountId]) -> Vec<u8> {
    list.iter().map(|hotkey| hotkey[0]).collect()
}

/// Numbers of the new set, of those that left and of those that joined.
fn changed(choice: &Choice) -> (Vec<u8>, Vec<u8>, Vec<u8>) {
    match choice {
        Choice::Stays(reason) => panic!("the set stays: {reason:?}"),
        Choice::Changes { set, out, joined } => (numbers(set), numbers(out), numbers(joined)),
    }
}

fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(Entry::order);
    entries
}

#[test]
fn a_third_less_one_of_the_seats_changes_at_most() {
    assert_eq!([1, 2, 3, 4, 6, 7, 10, 32, 128].map(change_limit), [1, 1, 1, 1, 1, 2, 3, 10, 42]);
    let office: Vec<_> = (0..7).map(|number| sitting(number, 10)).collect();
    let best: Vec<_> = (10..20).map(|number| entry(number, 100 + u32::from(number))).rev().collect();
    let (set, out, joined) = changed(&choose(&office, &best, &rules(7)));
    assert_eq!((out, joined), (vec![6, 5], vec![19, 18]), "of equal weights the later candidacies leave");
    assert_eq!(set, [0, 1, 2, 3, 4, 19, 18]);
}

#[test]
fn a_challenger_needs_a_lead_and_a_free_seat_does_not() {
    let office: Vec<_> = (0..4).map(|number| sitting(number, 100)).collect();
    let best = |weight| sorted((0..4).map(|number| entry(number, 100)).chain([entry(9, weight)]).collect());
    assert_eq!(choose(&office, &best(105), &rules(4)), Choice::Stays(Reason::NothingChanges));
    assert_eq!(changed(&choose(&office, &best(106), &rules(4))).1, [3]);
    assert_eq!(changed(&choose(&office, &best(1), &rules(5))).0, [0, 1, 2, 3, 9]);
}

#[test]
fn whoever_may_not_serve_leaves_first() {
    let mut office: Vec<_> = (0..4).map(|number| sitting(number, 100)).collect();
    office[1].entry = None;
    office[2].entry = None;
    let best: Vec<_> = [9, 8, 7].map(|number| entry(number, 1)).into();
    let all = sorted(best.iter().copied().chain([entry(0, 100), entry(3, 100)]).collect());
    let (set, out, joined) = changed(&choose(&office, &all, &rules(4)));
    assert_eq!((set, out, joined), (vec![0, 2, 3, 7], vec![1], vec![7]), "the other one waits for its turn");
}

#[test]
fn offenders_leave_before_others_that_may_not_serve() {
    let mut office: Vec<_> = (0..4).map(|number| sitting(number, 100)).collect();
    for number in [0, 1, 2] {
        office[number].entry = None;
    }
    office[2].jailed = true;
    let best: Vec<_> = [9, 8, 7, 3].map(|number| entry(number, 1)).into();
    let (_, out, _) = changed(&choose(&office, &best, &rules(4)));
    assert_eq!(out, [2]);
}

#[test]
fn too_few_candidates_leave_the_set_as_it_is() {
    let office: Vec<_> = (0..4).map(|number| sitting(number, 1)).collect();
    let best: Vec<_> = (5..8).map(|number| entry(number, 100)).collect();
    assert_eq!(choose(&office, &best, &rules(4)), Choice::Stays(Reason::TooFewCandidates));
    let unfit: Vec<_> =
        (0..4).map(|number| Sitting { hotkey: [number; 32], entry: None, jailed: false }).collect();
    assert_eq!(choose(&unfit, &[], &rules(4)), Choice::Stays(Reason::TooFewCandidates));
    let fit: Vec<_> = (0..4).map(|number| entry(number, 1)).collect();
    assert_eq!(choose(&office, &fit, &rules(4)), Choice::Stays(Reason::NothingChanges));
}

#[test]
fn a_set_below_the_least_number_is_replaced_and_grows() {
    let unfit = |number: u8| Sitting { hotkey: [number; 32], entry: None, jailed: false };
    let mut office: Vec<_> = (0..3).map(unfit).collect();
    let best: Vec<_> = (10..15).map(|number| entry(number, 100)).collect();
    for expected in [vec![1, 2, 10], vec![2, 10, 11], vec![10, 11, 12], vec![10, 11, 12, 13]] {
        let (set, _, _) = changed(&choose(&office, &best, &rules(4)));
        assert_eq!(set, expected);
        office = set.into_iter().map(|number| sitting(number, 100)).collect();
        for seat in office.iter_mut().filter(|seat| seat.hotkey[0] < 10) {
            seat.entry = None;
        }
    }
    assert_eq!(choose(&office, &best, &rules(4)), Choice::Stays(Reason::NothingChanges));
}

#[test]
fn a_coldkey_has_one_seat() {
    let office: Vec<_> = (0..4).map(|number| sitting(number, 1)).collect();
    let second = Entry { coldkey: [2; 32], ..entry(9, 1_000) };
    let best = sorted((0..4).map(|number| entry(number, 1)).chain([second]).collect());
    assert_eq!(choose(&office, &best, &rules(8)), Choice::Stays(Reason::NothingChanges));
}

#[test]
fn fewer_seats_are_reached_over_several_eras_by_the_weakest() {
    let office: Vec<_> = (0..10).map(|number| sitting(number, 100 - u32::from(number))).collect();
    let best: Vec<_> = office.iter().filter_map(|sitting| sitting.entry).collect();
    let (set, out, joined) = changed(&choose(&office, &best, &rules(5)));
    assert_eq!((set.len(), out, joined), (7, vec![9, 8, 7], vec![]));
}

#[test]
fn the_order_of_seats_is_drawn_by_the_value() {
    let set: Vec<AccountId> = (0..6).map(|number| [number; 32]).collect();
    let first = order(set.clone(), &[1; 32]);
    assert_eq!(first, order(set.iter().rev().copied().collect(), &[1; 32]));
    assert_ne!(first, order(set.clone(), &[2; 32]));
    let mut again = first;
    again.sort_unstable();
    assert_eq!(again, set);
}

/// Whether every group of more than two thirds of the first set shares a member with every such group of the second.
fn quorums_meet(old: usize, new: usize, shared: usize) -> bool {
    let quorum = |set: usize| set - (set - 1) / 3;
    // The groups that share least take as many members as they can outside of what both sets have.
    let inside = |set: usize| quorum(set).saturating_sub(set - shared);
    inside(old) + inside(new) > shared
}

#[test]
fn quorums_of_neighbouring_sets_share_a_member() {
    for old in 2..=300 {
        let limit = change_limit(old);
        for (out, joined) in (0..=limit).flat_map(|out| (0..=limit).map(move |joined| (out, joined))) {
            assert!(quorums_meet(old, old - out + joined, old - out), "{old} - {out} + {joined}");
        }
    }
    assert!(!quorums_meet(1, 1, 0) && !quorums_meet(9, 9, 4), "the only one, or more than half");
}

proptest! {
    #[test]
    fn every_choice_keeps_its_limits(
        office in prop::collection::btree_map(0u8..40, prop::option::weighted(0.8, 1u32..200), 0..20),
        best in prop::collection::btree_map(0u8..80, 1u32..300, 0..40),
        seats in 1u32..24,
    ) {
        let sits: Vec<_> = office.iter()
            .map(|(number, weight)| {
                let entry = weight.map(|weight| entry(*number, weight));
                Sitting { hotkey: [*number; 32], entry, jailed: entry.is_none() && number % 3 == 0 }
            })
            .collect();
        let challengers = best.iter().filter(|(number, _)| !office.contains_key(number));
        let challengers = challengers.map(|(number, weight)| entry(*number, *weight));
        let all = sorted(sits.iter().filter_map(|sitting| sitting.entry).chain(challengers).collect());
        let rules = rules(seats);
        let choice = choose(&sits, &all, &rules);
        if let Choice::Changes { set, out, joined } = &choice {
            let limit = change_limit(sits.len());
            prop_assert!(out.len() <= limit && joined.len() <= limit);
            prop_assert!(set.len() >= sits.len().min(rules.least_authorities as usize));
            prop_assert!(set.len() <= sits.len().max(seats as usize));
            let mut distinct = set.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(distinct.len(), set.len());
            prop_assert!(sits.iter().all(|sitting| set.contains(&sitting.hotkey) != out.contains(&sitting.hotkey)));
            let joins = |number: u8| joined.contains(&[number; 32]);
            prop_assert!((0..80).all(|number| !joins(number) || best.contains_key(&number)));
            let stays = |sitting: &&Sitting| set.contains(&sitting.hotkey);
            let is_jailed_left = sits.iter().filter(stays).any(|sitting| sitting.jailed);
            let gone = sits.iter().filter(|sitting| !stays(sitting));
            prop_assert!(!is_jailed_left || gone.into_iter().all(|sitting| sitting.jailed), "offenders leave first");
        } else {
            // Nobody waits with a lead over somebody in office, and nobody who may not serve stays where others can.
            let free = sits.len() < seats as usize;
            let outside = all.iter().find(|entry| !sits.iter().any(|sitting| sitting.hotkey == entry.hotkey));
            let enough = all.len() >= rules.least_authorities as usize;
            prop_assert!(!(enough && free && outside.is_some()) || sits.iter().any(|sitting| sitting.entry.is_none()));
        }
    }

    /// With the same weights in each era the set settles, and then nothing changes.
    #[test]
    fn the_set_settles(
        weights in prop::collection::vec(1u32..300, 8..40), seats in 4u32..12,
    ) {
        let all = sorted((0..).zip(&weights).map(|(number, weight)| entry(number, *weight)).collect());
        let mut office: Vec<AccountId> = Vec::new();
        for _ in 0..40 {
            let find = |hotkey: &AccountId| all.iter().find(|entry| entry.hotkey == *hotkey).copied();
            let sits = |hotkey: &AccountId| Sitting { hotkey: *hotkey, entry: find(hotkey), jailed: false };
            let sits: Vec<_> = office.iter().map(sits).collect();
            // A chain begins with the authorities of genesis.
            let chosen = if sits.is_empty() {
                Choice::Changes { set: all.iter().rev().take(4).map(|entry| entry.hotkey).collect(), out: vec![],
                    joined: vec![] }
            } else {
                choose(&sits, &all, &rules(seats))
            };
            match chosen {
                Choice::Stays(reason) => {
                    prop_assert_eq!(reason, Reason::NothingChanges);
                    prop_assert_eq!(office.len(), (seats as usize).min(all.len()));
                    let weakest = sits.iter().filter_map(|sitting| sitting.entry).map(|entry| entry.weight).min();
                    let outside = all.iter().find(|entry| !office.contains(&entry.hotkey));
                    prop_assert!(outside.is_none_or(|entry| entry.weight * 100 <= weakest.unwrap_or(0) * 105));
                    return Ok(());
                }
                Choice::Changes { set, .. } => office = set,
            }
        }
        prop_assert!(office.is_empty(), "it goes on changing");
    }
}

use myelin_wire::seed::Seed;
use proptest::prelude::*;

use super::*;

fn side(first: bool) -> Option<Side> {
    Some(if first { Side::First } else { Side::Second })
}

/// Forty gold and forty open items in four strata, and the better side of each.
fn items() -> (Vec<Item>, Vec<bool>) {
    let mut rng = Seed([7; 32]).rng();
    let better: Vec<bool> = (0..80).map(|_| rng.below(2) == 0).collect();
    let item = |(at, better): (usize, &bool)| Item {
        stratum: rng.below(4) as u8,
        truth: side(*better).filter(|_| at % 2 == 0),
    };
    let items = better.iter().enumerate().map(item).collect();
    (items, better)
}

/// Votes that are right in so many of ten cases.
fn votes(better: &[bool], right: u64, seed: u8) -> Vec<Option<Side>> {
    let mut rng = Seed([seed; 32]).rng();
    better.iter().map(|better| side(*better == (rng.below(10) < right))).collect()
}

fn honest(better: &[bool], raters: u8) -> Vec<Vec<Option<Side>>> {
    (0..raters).map(|rater| votes(better, 8, 100 + rater)).collect()
}

fn rated(votes: &[Vec<Option<Side>>]) -> Vec<Information> {
    rate(&RatingRule::default(), &items().0, votes).expect("enough items and raters")
}

#[test]
fn raters_that_are_always_right_earn_everything() {
    let (_, better) = items();
    let all = rated(&vec![votes(&better, 10, 0); 4]);
    assert!(all.iter().all(|information| information.worth() == Ppm::ONE), "{all:?}");
}

#[test]
fn better_raters_earn_more() {
    let (_, better) = items();
    let mut all = honest(&better, 12);
    all.push(votes(&better, 10, 1));
    all.push(votes(&better, 5, 2));
    let rated = rated(&all);
    let worth = |rater: usize| rated[rater].worth().get();
    assert!((0..12).all(|rater| worth(12) > worth(rater)), "{rated:?}");
    assert!((0..12).any(|rater| worth(13) < worth(rater) / 4), "{rated:?}");
}

#[test]
fn votes_that_follow_from_the_stratum_tell_nothing() {
    let (items, better) = items();
    let mut all = honest(&better, 6);
    for _ in 0..6 {
        all.push(items.iter().map(|item| side(item.stratum % 2 == 0)).collect());
    }
    let rated = rated(&all);
    assert!(rated[6..].iter().all(|information| *information == Information::NONE), "{rated:?}");
    assert!(rated[..6].iter().any(|information| information.worth() > Ppm::ZERO));
}

#[test]
fn a_secret_of_many_raters_is_worth_next_to_nothing() {
    let (_, better) = items();
    let mut all = honest(&better, 8);
    let mut rng = Seed([9; 32]).rng();
    let secret: Vec<_> = better.iter().map(|_| side(rng.below(2) == 0)).collect();
    all.extend(vec![secret; 7]);
    let rated = rated(&all);
    assert!(rated[8].worth().get() < 20_000, "{:?}", rated[8]);
}

#[test]
fn a_copy_halves_the_pay_of_both() {
    let (_, better) = items();
    let mut all = honest(&better, 12);
    let alone = rated(&all)[0].worth().get();
    all.push(all[0].clone());
    let rated = rated(&all);
    assert_eq!(rated[0], rated[12]);
    let both = 2 * rated[0].worth().get();
    assert!(both < alone + alone / 4, "{both} after {alone}");
}

#[test]
fn where_all_raters_are_alike_nobody_shares() {
    let (_, better) = items();
    let one = votes(&better, 8, 3);
    let all = rated(&vec![one; 8]);
    assert!(all[0].knowledge.get() > 700_000, "{all:?}");
    assert!(all.iter().all(|information| *information == all[0]));
}

#[test]
fn pairs_with_fewer_shared_items_count_for_nothing() {
    let (items, better) = items();
    let open: Vec<usize> = (0..items.len()).filter(|at| items[*at].truth.is_none()).collect();
    let with = |answered: usize| {
        let mut all = honest(&better, 8);
        let left_out = &open[answered..];
        left_out.iter().for_each(|at| all[0][*at] = None);
        rated(&all)[0]
    };
    assert_eq!(with(29), Information::NONE);
    assert_ne!(with(30), Information::NONE);
}

#[test]
fn a_round_with_few_raters_or_little_gold_rates_nobody() {
    let (items, better) = items();
    let rule = RatingRule::default();
    let all = honest(&better, 12);
    assert!(rate(&rule, &items, &all).is_some());
    assert_eq!(rate(&rule, &items, &all[..3]), None, "three raters have two peers each");
    assert_eq!(rate(&rule, &items[..50], &all), None, "25 gold items");
    assert_eq!(rate(&rule, &[], &all), None);
    assert_eq!(rate(&rule, &items, &[]), None);
}

#[test]
fn the_order_of_raters_changes_nothing() {
    let (_, better) = items();
    let mut all = honest(&better, 9);
    let before = rated(&all);
    all.reverse();
    let mut after = rated(&all);
    after.reverse();
    assert_eq!(before, after);
}

#[test]
fn worth_is_the_square_of_the_smaller_part_above_chance() {
    let worth = |agreement: u32, knowledge: u32| {
        Information { agreement: Ppm::new(agreement), knowledge: Ppm::new(knowledge) }.worth().get()
    };
    assert_eq!(worth(750_000, 900_000), 250_000);
    assert_eq!(worth(900_000, 750_000), 250_000);
    assert_eq!(worth(499_999, 900_000), 0);
    assert_eq!(Information::NONE.worth(), Ppm::ZERO);
}

proptest! {
    #[test]
    fn no_votes_and_no_items_make_it_panic(
        items in prop::collection::vec((0u8..20, 0u8..4), 0..600),
        votes in prop::collection::vec(prop::collection::vec(0u8..3, 0..600), 0..8),
    ) {
        let side = |code: u8| match code {
            0 => Some(Side::First),
            1 => Some(Side::Second),
            _ => None,
        };
        let items: Vec<Item> =
            items.into_iter().map(|(stratum, truth)| Item { stratum, truth: side(truth) }).collect();
        let votes: Vec<Vec<_>> =
            votes.into_iter().map(|votes| votes.into_iter().map(side).collect()).collect();
        let rule = RatingRule { shared: 0, peers: 0, informed: Ppm::ZERO, rounds: 1 };
        for rule in [rule, RatingRule::default()] {
            if let Some(rated) = rate(&rule, &items, &votes) {
                prop_assert_eq!(rated.len(), votes.len());
            }
        }
    }
}

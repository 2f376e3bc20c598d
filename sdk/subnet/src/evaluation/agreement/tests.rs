use proptest::prelude::*;

use super::*;

fn pair(task: usize, one: usize, other: usize, nats: i64, matched: bool) -> PairEvidence {
    PairEvidence { task, one, other, agreement: Agreement { evidence: MicroNats::nats(nats), matched } }
}

/// Miners of which every listed pair gives the same surprising answer in each of `tasks`.
fn copies(pairs: &[(usize, usize)], tasks: std::ops::Range<usize>) -> Vec<PairEvidence> {
    let pairs = |task| pairs.iter().map(move |&(one, other)| pair(task, one, other, 9, true));
    tasks.flat_map(pairs).collect()
}

fn committed(order: &[&[u8]]) -> CommitPlaces {
    order.iter().map(|task| task.iter().map(|&place| Some(place)).collect()).collect()
}

fn find(count: usize, evidence: &[PairEvidence], places: &CommitPlaces) -> Vec<Repeat> {
    find_repeats(count, evidence, places, &GroupRule::default())
}

#[test]
fn a_single_match_proves_nothing_however_surprising() {
    assert!(find(2, &[pair(0, 0, 1, 1000, true)], &committed(&[&[0, 1]])).is_empty());
}

#[test]
fn answers_that_everybody_gives_link_nobody() {
    let evidence: Vec<_> = (0..20).map(|task| pair(task, 0, 1, 0, true)).collect();
    assert!(find(2, &evidence, &vec![]).is_empty());
}

#[test]
fn a_copier_is_paid_through_its_source_which_committed_first() {
    let mut evidence = copies(&[(2, 0)], 0..3);
    evidence.push(pair(0, 0, 1, -1, false));
    let places = committed(&[&[1, 2, 0], &[1, 0, 2], &[1, 2, 0]]);
    assert_eq!(find(3, &evidence, &places), [Repeat { miner: 0, through: 2 }]);
}

#[test]
fn quick_nonsense_in_other_tasks_does_not_make_a_copier_first() {
    // Miner 1 is ahead in four tasks that do not match, and behind in the three that do.
    let mut evidence = copies(&[(0, 1)], 0..3);
    evidence.extend((3..7).map(|task| pair(task, 0, 1, -1, false)));
    let places = committed(&[&[0, 1], &[0, 1], &[0, 1], &[1, 0], &[1, 0], &[1, 0], &[1, 0]]);
    assert_eq!(find(2, &evidence, &places), [Repeat { miner: 1, through: 0 }]);
}

#[test]
fn copying_two_miners_in_turn_does_not_join_them() {
    let mut evidence = copies(&[(0, 2)], 0..2);
    evidence.extend(copies(&[(1, 2)], 2..4));
    let places = committed(&[&[0, 1, 2], &[0, 1, 2], &[0, 1, 2], &[0, 1, 2]]);
    assert_eq!(find(3, &evidence, &places), [Repeat { miner: 2, through: 0 }]);
}

#[test]
fn a_miner_that_did_not_commit_is_later_than_one_that_did() {
    let places = vec![vec![None, Some(5)], vec![None, Some(5)]];
    assert_eq!(find(2, &copies(&[(0, 1)], 0..2), &places), [Repeat { miner: 0, through: 1 }]);
}

#[test]
fn a_cluster_of_copies_is_paid_once() {
    let everybody = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)];
    let places = committed(&[&[3, 2, 1, 0], &[3, 2, 1, 0]]);
    let repeats = find(5, &copies(&everybody, 0..2), &places);
    assert_eq!(repeats, [0, 1, 2].map(|miner| Repeat { miner, through: 3 }));
}

#[test]
fn a_circle_of_majorities_is_still_paid_once() {
    let everybody = [(0, 1), (0, 2), (1, 2)];
    let places = committed(&[&[0, 1, 2], &[2, 0, 1], &[1, 2, 0]]);
    assert_eq!(find(3, &copies(&everybody, 0..3), &places).len(), 2);
}

proptest! {
    #[test]
    fn repeats_do_not_depend_on_the_order_of_evidence(
        evidence in prop::collection::vec((0usize..8, 0usize..6, 0usize..6, -5i64..20, any::<bool>()), 0..40),
        places in prop::collection::vec(prop::collection::vec(prop::option::of(0u8..6), 6), 8),
        turn in 0usize..40,
    ) {
        let mut evidence: Vec<_> = evidence.into_iter().map(|(t, a, b, n, m)| pair(t, a, b, n, m)).collect();
        let before = find(6, &evidence, &places);
        let len = evidence.len().max(1);
        evidence.rotate_left(turn % len);
        evidence.reverse();
        prop_assert_eq!(&before, &find(6, &evidence, &places));
        // At least one miner is paid, and none through itself.
        prop_assert!(before.len() < 6);
        prop_assert!(before.iter().all(|repeat| repeat.miner != repeat.through));
    }
}

use myelin_wire::record::Ppm;

use super::*;

const KEY: (u8, AccountId) = (0, [1; 32]);

fn score(hotkey: AccountId, score: u32) -> MinerScore {
    let miner = MinerRef { uid: u16::from(hotkey[0]), hotkey };
    let score = Some(Ppm::new(score));
    MinerScore { mechanism: 0, miner, score, quality: None, answers: score.into_iter().collect() }
}

fn after(before: &Standings, scores: &[MinerScore]) -> Standings {
    let mut after = before.clone();
    take_in(&mut after, &[Mechanism::serve()], scores, &[]);
    after
}

fn compare(before: &Standings, after: &Standings, scores: &[MinerScore]) -> Vec<String> {
    unexplained(before, after, &[Mechanism::serve()], scores, |_| false, |_| true)
}

#[test]
fn standings_follow_from_those_before_and_a_changed_one_is_named() {
    let scores = [score([1; 32], 800_000), score([2; 32], 400_000)];
    let before = after(&Standings::new(), &scores);
    let honest = after(&before, &scores);
    assert_eq!(compare(&before, &honest, &scores), Vec::<String>::new());

    let mut raised = honest.clone();
    raised.get_mut(&(0, [2; 32])).unwrap().update(Ppm::ONE, Ppm::new(500_000));
    let found = compare(&before, &raised, &scores);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("uid 2: the standing on mechanism 0 is kept as average 700000"),
        "{found:?}"
    );
    assert_eq!(
        unexplained(&before, &raised, &[Mechanism::serve()], &scores, |miner| miner.uid == 2, |_| true),
        [""; 0]
    );

    let mut dropped = honest.clone();
    dropped.remove(&KEY);
    assert!(compare(&before, &dropped, &scores)[0].contains("kept as nothing"));
}

#[test]
fn who_was_not_asked_may_fade_or_be_gone_and_gains_nothing() {
    let scores = [score([1; 32], 800_000), score([2; 32], 400_000)];
    let before = after(&Standings::new(), &scores);
    let asked = &scores[1..];
    let mut later = after(&before, asked);
    assert_eq!(compare(&before, &later, asked), [""; 0]);
    later.get_mut(&KEY).unwrap().update(Ppm::ZERO, Mechanism::serve().rate);
    assert_eq!(compare(&before, &later, asked), [""; 0], "it has withdrawn its address");
    later.get_mut(&KEY).unwrap().update(Ppm::ONE, Ppm::ONE);
    assert_eq!(compare(&before, &later, asked).len(), 1);
    later.remove(&KEY);
    assert_eq!(compare(&before, &later, asked), [""; 0], "its place was taken");
}

#[test]
fn who_has_scores_of_earlier_tasks_alone_may_fade_or_be_gone_all_the_same() {
    let scores = [score([1; 32], 800_000), score([2; 32], 400_000)];
    let before = after(&Standings::new(), &scores);
    let mut later = after(&before, &scores);
    let compare = |later: &Standings, asked: u16| {
        unexplained(&before, later, &[Mechanism::serve()], &scores, |_| false, |miner| miner.uid == asked)
    };
    later.get_mut(&KEY).unwrap().update(Ppm::ZERO, Mechanism::serve().rate);
    assert_eq!(compare(&later, 2), [""; 0], "it has withdrawn its address");
    assert_eq!(compare(&later, 1).len(), 1, "it was there");
    later.remove(&KEY);
    assert_eq!(compare(&later, 2), [""; 0], "its place was taken");
    assert_eq!(compare(&later, 1).len(), 1, "it was there");
}

#[test]
fn between_two_rounds_only_a_swap_moves_a_standing() {
    let seat = super::super::Seat { uid: 1, registered_at: 7 };
    let mut earlier = after(&Standings::new(), &[score([1; 32], 800_000), score([2; 32], 400_000)]);
    let mut seated = earlier.clone();
    seated.get_mut(&KEY).unwrap().sit(seat);
    assert_eq!(changed_between(&earlier, &seated), [""; 0]);

    earlier.clone_from(&seated);
    let mut swapped = seated.clone();
    let moved = swapped.remove(&KEY).unwrap();
    assert!(changed_between(&earlier, &swapped)[0].contains("kept as nothing"));
    swapped.insert((0, [9; 32]), moved.clone());
    assert_eq!(changed_between(&earlier, &swapped), [""; 0]);
    swapped.get_mut(&(0, [9; 32])).unwrap().update(Ppm::ONE, Ppm::ONE);
    assert_eq!(changed_between(&earlier, &swapped).len(), 2, "it did not come from the old key");
}

//! The rubric in force follows from the entry and the block.

use super::*;

const NOTICE: u64 = 10;

fn rubric(seed: u8) -> DeclaredRubric {
    RubricSource::Hash([seed; 32]).into()
}

fn in_force(timeline: &RubricTimeline, block: u64) -> (u8, u64) {
    let change = timeline.in_force(block);
    (change.rubric.hash[0], change.from)
}

fn announced(timeline: &RubricTimeline, block: u64) -> Option<(u8, u64)> {
    timeline.announced(block).map(|change| (change.rubric.hash[0], change.from))
}

#[test]
fn a_text_is_hashed_as_the_records_of_evaluations_hash_it() {
    use myelin_wire::record::{PartRule, Rubric};
    let shares = vec![PartRule::Share { name: "accuracy", weight: 3 }];
    let rubric = Rubric::new("text", 1, shares).expect("a share has weight");
    let declared = DeclaredRubric::from(RubricSource::Text(rubric.text().into_bytes()));
    assert_eq!(declared.hash, rubric.hash());
    assert_eq!(declared.text, rubric.text().as_bytes());
}

#[test]
fn a_change_is_in_force_from_its_block_on_and_announced_until_then() {
    let timeline = RubricTimeline::beginning(rubric(1), 5);
    assert_eq!((in_force(&timeline, 5), announced(&timeline, 5)), ((1, 5), None));
    let timeline = timeline.announce(rubric(2), 7, NOTICE);
    assert_eq!((in_force(&timeline, 7), announced(&timeline, 7)), ((1, 5), Some((2, 17))));
    assert_eq!((in_force(&timeline, 16), announced(&timeline, 16)), ((1, 5), Some((2, 17))));
    assert_eq!((in_force(&timeline, 17), announced(&timeline, 17)), ((2, 17), None));
}

#[test]
fn a_second_announcement_drops_the_first_and_waits_anew() {
    let timeline = RubricTimeline::beginning(rubric(1), 0).announce(rubric(2), 5, NOTICE);
    let replaced = timeline.announce(rubric(3), 14, NOTICE);
    assert_eq!((in_force(&replaced, 23), announced(&replaced, 23)), ((1, 0), Some((3, 24))));
    // A rubric already in force is not dropped.
    let followed = timeline.announce(rubric(3), 15, NOTICE);
    assert_eq!((in_force(&followed, 24), announced(&followed, 24)), ((2, 15), Some((3, 25))));
}

#[test]
fn only_what_is_not_in_force_is_withdrawn() {
    let timeline = RubricTimeline::beginning(rubric(1), 0);
    assert_eq!(timeline.clone().withdraw(3), None);
    let announced = timeline.announce(rubric(2), 5, NOTICE);
    let withdrawn = RubricChange { rubric: rubric(2), from: 15 };
    assert_eq!(announced.clone().withdraw(14), Some((timeline, withdrawn)));
    assert_eq!(announced.withdraw(15), None);
}

#[test]
fn a_notice_beyond_all_blocks_never_ends() {
    let timeline = RubricTimeline::beginning(rubric(1), 0).announce(rubric(2), 5, u64::MAX);
    assert_eq!(announced(&timeline, u64::MAX - 1), Some((2, u64::MAX)));
}

#[test]
fn a_timeline_keeps_its_bytes() {
    let text = RubricChange { rubric: RubricSource::Text(vec![b'a']).into(), from: 7 };
    let hash = text.rubric.hash;
    assert_golden(
        RubricTimeline { first: text, next: Some(RubricChange { rubric: rubric(2), from: 9 }) },
        &[&hash, &[4, b'a'], &[7, 0, 0, 0, 0, 0, 0, 0], &[1], &[2; 32], &[0], &[9, 0, 0, 0, 0, 0, 0, 0]],
    );
    assert_golden(RubricSource::Text(vec![b'a']), &[&[0, 4, b'a']]);
    assert_golden(RubricSource::Hash([2; 32]), &[&[1], &[2; 32]]);
}

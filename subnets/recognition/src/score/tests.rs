use myelin_wire::seed::Seed;

use super::*;
use crate::{
    adversary::{oracle, tasks},
    protocol::Group,
    task::Renderer,
};

fn hidden_page() -> Hidden {
    let values = vec!["12.50".to_owned(), "2024-01-02".to_owned()];
    Hidden::Page { text: "Total: 12.50\nDate: 2024-01-02".into(), values, renderer: Some(Renderer::Open) }
}

fn reading(text: &str, values: &[&str]) -> Worth {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    let answer = RecognitionResponse { text: text.into(), values, ..RecognitionResponse::default() };
    judge(&RecognitionRequest::default(), &hidden_page(), &answer)
}

#[test]
fn the_truth_earns_everything_and_nothing_earns_nothing() {
    let worth = reading("Total: 12.50 Date:  2024-01-02", &["12.50", "2024-01-02"]);
    assert_eq!((worth.parts, worth.reason), ([Ppm::ONE; 2], Reason::Scored));
    assert_eq!(reading("", &[]).reason, Reason::Empty);
    assert_eq!(reading(" \n", &[" ", ""]).reason, Reason::Empty);
    assert_eq!(reading("zzzz zzzz zzzz", &["?"]).reason, Reason::Garbage);
    assert_eq!(reading(&"x".repeat(MAX_TEXT + 1), &[]).reason, Reason::Oversize);
    assert_eq!(reading("Total", &["1", "2", "3"]).reason, Reason::Malformed);
}

#[test]
fn values_count_only_when_they_are_exactly_right() {
    let text = "Total: 12.50 Date: 2024-01-02";
    assert_eq!(reading(text, &["12.50", "2024-01-03"]).parts[1], Ppm::new(250_000));
    assert_eq!(reading(text, &["12,50"]).parts[1], Ppm::ZERO);
}

fn classes<const N: usize>(rows: &[&[u32; N]]) -> Worth {
    let group = Group { name: "side".into(), classes: vec!["left".into(), "right".into()] };
    let request = RecognitionRequest { groups: vec![group], ..RecognitionRequest::default() };
    let hidden = Hidden::Scenes { classes: vec![vec![0], vec![1], vec![0]], renderer: Some(Renderer::Open) };
    let probabilities = rows.iter().map(|row| vec![row.to_vec()]).collect();
    judge(&request, &hidden, &RecognitionResponse { probabilities, ..RecognitionResponse::default() })
}

#[test]
fn probabilities_are_judged_whole_or_not_at_all() {
    let worth = classes(&[&[1_000_000, 0], &[0, 1_000_000], &[1_000_000, 0]]);
    assert_eq!((worth.parts, worth.reason), ([Ppm::ONE; 2], Reason::Scored));
    assert_eq!(classes(&[&[500_000, 500_000]; 3]).parts, [Ppm::ZERO; 2]);
    assert_eq!(classes::<2>(&[]).reason, Reason::Empty);
    assert_eq!(classes(&[&[500_000, 500_000]; 2]).reason, Reason::Malformed);
    assert_eq!(classes(&[&[500_000, 500_000, 0]; 3]).reason, Reason::Malformed);
    assert_eq!(classes(&[&[u32::MAX, u32::MAX]; 3]).reason, Reason::Malformed);
    assert_eq!(classes(&[&[900_000, 900_000]; 3]).reason, Reason::Malformed);
}

#[test]
fn whoever_is_right_more_often_earns_more_also_near_perfection() {
    let mut tasks = tasks(b"oracles", Renderer::Open, 30, 30);
    tasks.extend(self::tasks(b"oracles", Renderer::Reserved, 30, 30));
    let rubric = rubric().expect("valid");
    let pay = |permille: u64| -> u64 {
        let mut rng = Seed([permille as u8; 32]).rng();
        let paid = |task: &crate::task::Task| {
            let worth = judge(&task.request, &task.hidden, &oracle(task, permille, &mut rng));
            let [accuracy, reliability] = worth.parts;
            let score = rubric.score(&[accuracy, reliability, Ppm::ONE], worth.reason).expect("three parts");
            u64::from(score.get())
        };
        tasks.iter().map(paid).sum::<u64>() / tasks.len() as u64
    };
    let levels = [300, 400, 500, 600, 700, 800, 900, 950, 990];
    let pays = levels.map(pay);
    // A rank correlation of one: every step up earns more.
    assert!(pays.windows(2).all(|pair| pair[1] > pair[0]), "{pays:?}");
    assert!(pays[8] > pays[7] + 50_000, "the last percents earn more: {pays:?}");
}

use myelin_subnet::{Answer, Challenge, MinerRef, Subnet, TaskPlan};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::{Seed, SeedRng},
};

use super::*;
use crate::{
    adversary::right_answer,
    library::tests::own_sources,
    protocol::TextResponse,
    task::{self, Hidden, Task},
    TextConfig, TextSubnet,
};

fn seed(number: u64) -> Seed {
    Seed([5; 32]).derive(b"verifiable", number)
}

fn phrases() -> Phrases {
    Phrases::public().unwrap()
}

fn said(task: &Task) -> &str {
    &task.request.messages[0].content
}

#[test]
fn worth_rises_and_half_an_answer_is_worth_little() {
    let worths: Vec<u32> = (0..=6).map(|right| worth(right, 6).get()).collect();
    assert!(worths.windows(2).all(|pair| pair[0] < pair[1]), "{worths:?}");
    assert_eq!((worths[0], worths[6]), (0, 1_000_000));
    assert!(worths[3] < 40_000 && worths[5] < 150_000, "{worths:?}");
    assert_eq!(worth(0, 0), Ppm::ZERO);
}

#[test]
fn a_seed_draws_one_task_that_keeps_to_the_protocol_and_hides_its_answer() {
    let (library, phrases) = (own_sources(), phrases());
    for kind in 0..3 {
        let draw = |seed: &Seed| match kind {
            0 => task::arithmetic(&phrases, seed),
            1 => task::extract(&library, &phrases, seed),
            _ => task::program(&phrases, seed),
        };
        let mut texts = std::collections::BTreeSet::new();
        for number in 0..60 {
            let task = draw(&seed(number)).expect("a task");
            assert_eq!(task.request.check(), Ok(()));
            assert_eq!(draw(&seed(number)), Some(task.clone()));
            let text = said(&task).to_owned();
            assert!(!text.contains(['{', '}']) || matches!(task.hidden, Hidden::Number(_)), "{text}");
            if let Hidden::Program(cases) = &task.hidden {
                assert!(cases.iter().all(|case| !text.contains(&format!("solve({})", case.input))), "{text}");
            }
            texts.insert(text);
        }
        assert!(texts.len() >= 58, "{} different tasks of 60", texts.len());
    }
}

#[test]
fn one_number_of_a_text_counts() {
    use arithmetic::is_answered_by;
    for text in
        ["ANSWER: 1284", "so 7, 9\nanswer: 1,284.", "It is 1284.00", "**ANSWER:** 1284", "7 then 1284"]
    {
        assert!(is_answered_by(1284, text), "{text}");
    }
    let wrong = [
        "ANSWER: 7\n1284",
        "1284 or 1285",
        "ANSWER: 1284.5",
        "ANSWER: -1284",
        "",
        "ANSWER:",
        "12 84",
        "ANSWER: 99999999999999999999",
        "ab1284",
        "1284th",
        "0x1284",
    ];
    for text in wrong {
        assert!(!is_answered_by(1284, text), "{text}");
    }
    assert!(is_answered_by(-3, "ANSWER: -3") && is_answered_by(-3, "ANSWER: −3"));
}

#[test]
fn stories_differ_in_length_and_their_answers_are_hard_to_guess() {
    let phrases = phrases();
    let mut counts = std::collections::BTreeMap::<i64, u32>::new();
    for number in 0..400 {
        let Some(Task { hidden: Hidden::Number(answer), .. }) = task::arithmetic(&phrases, &seed(number))
        else {
            panic!("no story");
        };
        assert!(answer > 0);
        *counts.entry(answer).or_default() += 1;
    }
    let commonest = counts.values().max().copied().unwrap_or_default();
    assert!(commonest <= 12, "one answer fits {commonest} of 400 stories");
}

#[test]
fn values_are_compared_as_people_write_them() {
    let wanted = extraction::Fields::from([
        ("total".into(), "12840.50".into()),
        ("delivery".into(), "2031-03-12".into()),
        ("contact".into(), "Vera Quist".into()),
    ]);
    let right = |text: &str| extraction::right(&wanted, text);
    let all = r#"{"total": 12840.5, "delivery": "2031-03-12", "contact": " vera  Quist"}"#;
    assert_eq!(right(all), 3);
    assert_eq!(right(&format!("Sure! {all} I hope this helps {{}}")), 3);
    assert_eq!(right(r#"{"total": "12,840.50", "delivery": "12 March 2031", "contact": ["Vera Quist"]}"#), 1);
    let more = r#"{"total": 12840.5, "delivery": "2031-03-12", "contact": "Vera Quist", "a": 1, "b": 2}"#;
    assert_eq!(right(more), 1, "naming more than what is asked");
    for text in ["", "{", "{]", "total: 12840.50", "[1]", r#"{"total": null}"#] {
        assert_eq!(right(text), 0, "{text}");
    }
}

#[test]
fn a_text_says_what_is_asked_and_something_like_it() {
    let (library, phrases) = (own_sources(), phrases());
    for number in 0..40 {
        let task = task::extract(&library, &phrases, &seed(number)).unwrap();
        let Hidden::Fields(fields) = &task.hidden else { panic!("{task:?}") };
        assert_eq!(fields.len(), 4);
        for (key, value) in fields {
            assert!(said(&task).contains(&format!("`{key}` (")), "{key}: {}", said(&task));
            if ["order", "contact", "destination", "pallets", "email"].contains(&key.as_str()) {
                assert!(said(&task).contains(value.as_str()), "{value}: {}", said(&task));
            }
        }
        assert_eq!(extraction::right(fields, &right_answer(&task.hidden)), 4);
    }
}

/// Judges one answer to each of `count` tasks of each kind; `answer` gives the text.
fn mean_score(
    subnet: &TextSubnet,
    count: u64,
    answer: &mut dyn FnMut(&Hidden, &mut SeedRng) -> String,
) -> u64 {
    let plans: Vec<TaskPlan> = subnet
        .tasks()
        .into_iter()
        .filter(|plan| ["arithmetic", "extract", "program"].contains(&plan.kind))
        .collect();
    assert_eq!(plans.len(), 3);
    let mut total = 0;
    for (plan, number) in plans.iter().flat_map(|plan| (0..count).map(move |number| (plan, number))) {
        let seed = seed(number).derive(plan.kind.as_bytes(), 0);
        let Challenge { request, hidden } = subnet.challenge(plan, &seed, &Default::default()).unwrap();
        let completion = answer(&hidden, &mut seed.derive(b"luck", 0).rng());
        let miner = MinerRef { uid: 0, hotkey: [1; 32] };
        let response = TextResponse { completion, ..TextResponse::default() };
        let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(50) }];
        let challenge = Challenge::<TextSubnet> { request, hidden };
        let judgement = subnet.score(&challenge, &answers, &mut Default::default()).remove(0);
        assert!([Reason::Scored, Reason::Empty].contains(&judgement.reason), "{judgement:?}");
        total += u64::from(subnet.rubric().score(&judgement.parts, judgement.reason).unwrap().get());
    }
    total / (3 * count)
}

#[test]
fn pay_rises_with_the_share_of_right_answers() {
    let config = TextConfig { library: Some(own_sources()), ..TextConfig::default() };
    let subnet = TextSubnet::open(config).unwrap();
    let mut pay = |percent: u64| {
        mean_score(&subnet, 40, &mut |hidden, luck| match luck.below(100) < percent {
            true => right_answer(hidden),
            false => "ANSWER: 1".into(),
        })
    };
    let pays: Vec<u64> = [0, 30, 50, 70, 90, 95, 100].into_iter().map(&mut pay).collect();
    assert!(pays.windows(2).all(|pair| pair[0] < pair[1]), "{pays:?}");
    assert_eq!((pays[0], pays[6]), (0, 1_000_000));
    assert!(pays[3].abs_diff(700_000) < 150_000, "{pays:?}");
}

use myelin_subnet::{Answer, Challenge, MinerRef, Subnet, TaskPlan};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::{Seed, SeedRng},
};

use super::*;
use crate::{
    adversary::{right_answer, stepwise},
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
    for (kind, level) in (0..4).flat_map(|kind| [grade::START, grade::TOP].map(|level| (kind, level))) {
        let draw = |seed: &Seed| match kind {
            0 => task::arithmetic(&phrases, level, seed),
            1 => task::fields(&library, &phrases, level, seed),
            2 => task::trail(&phrases, level, seed),
            _ => task::program(&phrases, level, seed),
        };
        let mut texts = std::collections::BTreeSet::new();
        for number in 0..60 {
            let task = draw(&seed(number)).expect("a task");
            assert_eq!(task.request.check(), Ok(()));
            assert_eq!(draw(&seed(number)), Some(task.clone()));
            let text = said(&task).to_owned();
            assert!(!text.contains(['{', '}']), "{text}");
            if let Hidden::Graded { right: Right::Program(cases), .. } = &task.hidden {
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
        let task = task::arithmetic(&phrases, grade::START, &seed(number)).unwrap();
        let Hidden::Graded { right: Right::Number(answer), .. } = task.hidden else { panic!("{task:?}") };
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
        let task = task::fields(&library, &phrases, grade::START, &seed(number)).unwrap();
        let Hidden::Graded { right: Right::Fields(fields), .. } = &task.hidden else { panic!("{task:?}") };
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

/// A subnet whose validator has the public phrases.
fn subnet() -> TextSubnet {
    TextSubnet::open(TextConfig { library: Some(own_sources()), ..TextConfig::default() }).unwrap()
}

/// Tasks of every kind with a check, with their grades.
fn tasks(level: u8, count: u64) -> Vec<(u32, Task)> {
    let (library, phrases) = (own_sources(), phrases());
    let draw = |number: u64| {
        let seed = seed(number);
        let task = match number % 4 {
            0 => task::arithmetic(&phrases, level, &seed),
            1 => task::fields(&library, &phrases, level, &seed),
            2 => task::trail(&phrases, level, &seed),
            _ => task::program(&phrases, level, &seed),
        };
        let task = task.unwrap_or_else(|| panic!("no task {number}"));
        let Hidden::Graded { grade, .. } = task.hidden else { panic!("{task:?}") };
        (grade, task)
    };
    (0..count).map(draw).collect()
}

/// The score of a text as an answer to a task.
fn score(subnet: &TextSubnet, task: &Task, completion: String) -> f64 {
    let miner = MinerRef { uid: 0, hotkey: [1; 32] };
    let answer =
        Answer { miner, response: TextResponse::plain(completion), latency: LatencyBucket::of_ms(50) };
    let challenge = Challenge::<TextSubnet> { request: task.request.clone(), hidden: task.hidden.clone() };
    let judgement = subnet.score(&challenge, &[answer], &mut Default::default()).remove(0);
    f64::from(subnet.rubric().score(&judgement.parts, judgement.reason).unwrap().get()) / 1e6
}

#[test]
fn every_grade_has_tasks_and_they_fit_a_request() {
    for (grade, task) in tasks(grade::TOP, 400) {
        assert_eq!(task.request.check(), Ok(()), "{grade}");
    }
    let phrases = Phrases::own([3; 32]).unwrap();
    for number in 0..3 {
        let mut rng = seed(number).rng();
        let story = arithmetic::draw(&phrases, 255, &mut rng).unwrap().0;
        let trail = trail::draw(&phrases, 255, &mut rng).unwrap().0;
        let text = extraction::draw(&own_sources(), &phrases, 255, &mut rng).unwrap().0;
        for request in [story, trail, text] {
            assert_eq!(request.check(), Ok(()));
        }
        assert!(program::draw(&phrases, 31, &mut rng).is_some());
    }
}

#[test]
fn a_miner_that_errs_in_a_step_scores_less_the_higher_the_grade_and_the_more_it_errs() {
    let (subnet, tasks) = (subnet(), tasks(grade::TOP, 480));
    // By solver, the means of grades 1 to 3, 4 to 15 and above.
    let means = |right: f64| {
        let error = Ppm::new(((1.0 - right) * 1e6).round() as u32);
        let mut sums = [(0.0, 0.0); 3];
        for (number, (grade, task)) in tasks.iter().enumerate() {
            let mut luck = seed(number as u64).derive(b"luck", 0).rng();
            let answer = stepwise(error, &task.request, &task.hidden, None, &mut luck);
            let (sum, count) = &mut sums[usize::from(grade::level_of(*grade) / 2).min(2)];
            *sum += score(&subnet, task, answer.completion);
            *count += 1.0;
        }
        sums.map(|(sum, count)| sum / count)
    };
    let all = [0.9, 0.95, 0.99, 1.0].map(means);
    println!("{all:.3?}");
    assert!(all[..3].iter().all(|row| row[0] > row[1] && row[1] > row[2]), "{all:?}");
    assert!((0..3).all(|grades| all.windows(2).all(|pair| pair[0][grades] <= pair[1][grades])), "{all:?}");
    assert_eq!(all[3], [1.0; 3]);
    assert!(all[0][2] < 0.2 && all[2][2] > 0.3, "{all:?}");
}

/// Share of tasks up to a level that are solved by a miner that is right in a step with this chance.
fn solved(right: f64, level: u8) -> f64 {
    let of_level = |level: u8| {
        let grades = 1i32 << level..2i32 << level;
        let count = f64::from(grades.end - grades.start);
        grades.map(|grade| right.powi(grade)).sum::<f64>() / count
    };
    (0..=level).map(of_level).sum::<f64>() / f64::from(level + 1)
}

/// Answers of each of two miners after which the better one is ahead with a chance of 95 %.
fn needed(worse: f64, better: f64) -> f64 {
    let noise = worse * (1.0 - worse) + better * (1.0 - better);
    1.645f64.powi(2) * noise / (better - worse).powi(2)
}

#[test]
fn few_answers_tell_miners_apart_however_good_they_are() {
    let ladder = |worse, better| needed(solved(worse, grade::TOP), solved(better, grade::TOP));
    // Tasks of three to five steps, as there were before grades.
    let before = |right: f64| (3..6).map(|grade| right.powi(grade)).sum::<f64>() / 3.0;
    for (worse, better, most) in [
        (0.9, 0.95, 100.0),
        (0.95, 0.99, 20.0),
        (0.99, 0.995, 100.0),
        (0.995, 0.999, 40.0),
        (0.999, 1.0, 70.0),
    ] {
        let (now, fixed) = (ladder(worse, better), needed(before(worse), before(better)));
        println!("{worse} and {better}: {now:.0} answers, {fixed:.0} with three to five steps");
        assert!(now < most && (worse < 0.99 || 3.0 * now < fixed), "{worse} {better} {now} {fixed}");
    }
}

#[test]
fn the_figure_of_needed_answers_is_right() {
    let mut rng = seed(1).rng();
    let mut right = |chance: f64| {
        let grade = grade::draw(grade::TOP, &mut rng);
        (rng.below(1 << 32) as f64) < chance.powi(grade as i32) * 2f64.powi(32)
    };
    for (worse, better) in [(0.95, 0.99), (0.99, 0.995)] {
        let answers = needed(solved(worse, grade::TOP), solved(better, grade::TOP)).ceil() as usize;
        let mut won = 0.0;
        for _ in 0..2_000 {
            let mut total = |chance| (0..answers).filter(|_| right(chance)).count();
            won += match total(better).cmp(&total(worse)) {
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => 0.5,
                std::cmp::Ordering::Less => 0.0,
            };
        }
        assert!((0.93..0.97).contains(&(won / 2_000.0)), "{worse} {better}: {}", won / 2_000.0);
    }
}

/// The word of a text that stands in the first sentence with a name and looks like a mark.
fn first_mark(text: &str, name: &str) -> String {
    let is_mark = |word: &&str| {
        word.len() == 7 && word.as_bytes()[2] == b'-' && word[3..].bytes().all(|byte| byte.is_ascii_digit())
    };
    let words = |text: &str| -> Vec<String> {
        let split = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
        split.filter(is_mark).map(str::to_owned).collect()
    };
    let at = text.find(name).unwrap_or_default();
    let start = text[..at].rfind(". ").map_or(0, |at| at + 2);
    words(&text[start..]).into_iter().next().unwrap_or_default()
}

#[test]
fn answers_without_a_step_done_earn_next_to_nothing() {
    let (subnet, tasks) = (subnet(), tasks(grade::START, 400));
    let numbers = tasks.iter().filter_map(|(_, task)| match task.hidden {
        Hidden::Graded { right: Right::Number(number), .. } => Some(number),
        _ => None,
    });
    let mut counts = std::collections::BTreeMap::<i64, u32>::new();
    numbers.for_each(|number| *counts.entry(number).or_default() += 1);
    let (commonest, _) = counts.iter().max_by_key(|(_, count)| **count).unwrap();
    let mut sums = [[0.0; 4]; 2];
    for (number, (_, task)) in tasks.iter().enumerate() {
        let Hidden::Graded { right, .. } = &task.hidden else { panic!("{task:?}") };
        let text = said(task);
        let start = text.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
        let answers = match right {
            Right::Number(_) => [commonest.to_string(), start.unwrap_or("1").to_owned()],
            Right::Fields(fields) => {
                let object = |value: &dyn Fn(&str) -> String| {
                    let pairs: Vec<_> =
                        fields.keys().map(|key| format!("\"{key}\": \"{}\"", value(key))).collect();
                    format!("{{{}}}", pairs.join(", "))
                };
                [object(&|key| first_mark(text, key)), object(&|_| first_mark(text, ""))]
            }
            Right::Program(_) => {
                let first = text.split(" returns ").nth(1).and_then(|rest| rest.lines().next());
                let first = first.unwrap_or("0").trim_end_matches('.');
                ["x".to_owned(), first.to_owned()]
                    .map(|what| format!("function solve(x) {{ return {what}; }}"))
            }
        };
        for (sums, answer) in sums.iter_mut().zip(answers) {
            sums[number % 4] += score(&subnet, task, answer) / (tasks.len() / 4) as f64;
        }
    }
    println!("arithmetic, extraction, trail, program: {sums:.4?}");
    assert!(sums.iter().flatten().all(|mean| *mean < 0.05), "{sums:?}");
    assert!(sums.iter().all(|row| row.iter().sum::<f64>() < 0.1), "{sums:?}");
}

#[test]
fn the_level_rises_as_answers_are_judged() {
    let subnet = subnet();
    let mut accounts = Default::default();
    for (number, (_, task)) in tasks(grade::START, 200).iter().enumerate() {
        let miner = MinerRef { uid: 0, hotkey: [1; 32] };
        let completion = if number % 9 == 0 { "none".into() } else { right_answer(&task.hidden) };
        let response = TextResponse::plain(completion);
        let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(50) }];
        let challenge =
            Challenge::<TextSubnet> { request: task.request.clone(), hidden: task.hidden.clone() };
        subnet.score(&challenge, &answers, &mut accounts);
    }
    assert_eq!(accounts.ladder.level(), grade::START + 1);
    let kept = serde_json::to_string(&accounts).unwrap();
    assert_eq!(serde_json::from_str::<crate::declared::Accounts>(&kept).unwrap(), accounts);
    assert_eq!(serde_json::from_str::<crate::declared::Accounts>("{}").unwrap().ladder.level(), grade::START);
}

proptest::proptest! {
    #[test]
    fn any_text_is_judged_and_none_is_right_by_chance(text in "(?s).{0,300}", digits in "[-−0-9., ]{0,60}ANSWER:[-0-9., ]{0,30}") {
        let wanted = extraction::Fields::from([("Vera".into(), "KX-4821".into()), ("Ugo".into(), "QA-1000".into())]);
        for text in [&text, &digits, &format!("{{\"Vera\": {text}}}")] {
            proptest::prop_assert!(!arithmetic::is_answered_by(i64::MAX, text));
            proptest::prop_assert!(extraction::right(&wanted, text) < 2);
            proptest::prop_assert!(text.contains(program::code_of(text)));
        }
    }
}

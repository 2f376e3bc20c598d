//! Better answers earn more, and an answer without the right form earns nothing.

use myelin_wire::record::{Ppm, Reason};

use super::{draw, mean, quick, Finding, Hall, Luck};
use crate::{
    evaluation::{DrawnTask, Outcome},
    subnet::{Pay, SubnetError},
    testkit::Contest,
    validator::ask::{form, ENVELOPE_BYTES},
};

/// Accuracies of miners whose pay must have this order.
pub(super) const ACCURACIES: [u32; 8] =
    [300_000, 400_000, 500_000, 600_000, 700_000, 800_000, 950_000, 990_000];
/// Bodies that are no answer of any subnet, unless a subnet requires no field.
const WRONG: [&str; 7] =
    ["", "null", "[]", "\"text\"", "{}", "{\"answer\":{\"answer\":[1e999]}}", "{\"a\":1"];

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    Ok(vec![
        same_tasks(hall)?,
        any_order(hall),
        ranks(hall),
        nothing(hall),
        no_form(hall),
        late(hall),
        too_fast(hall),
    ])
}

fn same_tasks<S: Contest>(hall: &Hall<S>) -> Result<Finding, SubnetError> {
    let again = draw(&hall.subnet, &hall.seed, 1)?;
    let json = |tasks: &[DrawnTask<S>]| {
        let text = |DrawnTask { challenge: one, .. }: &DrawnTask<S>| {
            (serde_json::to_string(&one.request).ok(), serde_json::to_string(&one.hidden).ok())
        };
        tasks.iter().map(text).collect::<Vec<_>>()
    };
    let kept = json(&again) == json(&hall.tasks[..again.len()]);
    let other = draw(&hall.subnet, &hall.seed.derive(b"other", 0), 1)?;
    let fresh = json(&other).iter().zip(json(&again)).all(|(one, other)| one.0 != other.0);
    let seen = format!(
        "{} tasks drawn twice; another seed {}",
        again.len(),
        if fresh { "asks others" } else { "asks the same" }
    );
    Ok(Finding::new("a seed always draws the same tasks, another one others", seen, kept && fresh))
}

fn any_order<S: Contest>(hall: &Hall<S>) -> Finding {
    let mut kept = true;
    let tasks = hall.tasks.len().min(32);
    for (index, DrawnTask { plan, challenge, .. }) in hall.tasks.iter().enumerate().take(tasks) {
        let mut rng = hall.seed.derive(b"order", index as u64).rng();
        let answers: Vec<_> = ACCURACIES
            .iter()
            .map(|accuracy| hall.subnet.oracle(challenge, Ppm::new(*accuracy), &mut rng))
            .collect();
        let play = |answers: Vec<S::Response>| {
            let given = answers.into_iter().map(|response| (Outcome::Answered(response), quick(plan)));
            let judged = hall.judge(index, given.collect()).judged;
            judged.into_iter().map(|judged| (judged.record.parts, judged.record.reason)).collect::<Vec<_>>()
        };
        let forth = play(answers.clone());
        let mut back = play(answers.iter().rev().cloned().collect());
        back.reverse();
        // Order decides which of two equal miners repeats the other; it must not change the scores of answers.
        let parts =
            |judged: Vec<(Vec<Ppm>, Reason)>| judged.into_iter().map(|judged| judged.0).collect::<Vec<_>>();
        kept &= parts(forth.clone()) == parts(back) && forth == play(answers);
    }
    let seen = format!("{tasks} tasks, {} answers each, back and forth", ACCURACIES.len());
    Finding::new("the order of answers changes nothing", seen, kept)
}

/// Pay for a mean score, for the same amount of work.
pub(super) fn pay<S: Contest>(subnet: &S, mean: f64) -> f64 {
    match subnet.mechanisms().first().map(|mechanism| mechanism.pay) {
        Some(Pay::Window(rule)) => (mean - f64::from(rule.base.get()) / 1e6).max(0.0),
        _ => mean.powi(sharpness(subnet) as i32),
    }
}

/// The power of a mean score that is paid.
pub(super) fn sharpness<S: Contest>(subnet: &S) -> u32 {
    subnet.mechanisms().first().map_or(1, |mechanism| mechanism.pay.sharpness())
}

fn ranks<S: Contest>(hall: &Hall<S>) -> Finding {
    let means =
        |luck| -> Vec<f64> { hall.oracles(&ACCURACIES, luck, 0).iter().map(|scores| mean(scores)).collect() };
    // The order must be right with either kind of luck; the pay of the best over the second depends on the tasks.
    let (tried, alike) = (means(Luck::Own), means(Luck::Shared));
    let mut order: Vec<usize> = (0..tried.len()).collect();
    order.sort_by(|one, other| tried[*one].total_cmp(&tried[*other]));
    let squares: usize = order.iter().enumerate().map(|(rank, at)| rank.abs_diff(*at).pow(2)).sum();
    let n = tried.len() as f64;
    let spearman = 1.0 - 6.0 * squares as f64 / (n * (n * n - 1.0));
    let [.., good, better] = alike[..] else { unreachable!("several accuracies") };
    let more = pay(&hall.subnet, better) / pay(&hall.subnet, good).max(1e-9);
    let seen = format!(
        "right in 0.3 to 0.99: scores {:.3} to {better:.3}, Spearman {spearman:.3}; 0.99 is paid {:.0} % more than 0.95",
        alike[0],
        100.0 * (more - 1.0)
    );
    Finding::new("better miners earn more, the best too", seen, spearman >= 0.95 && more > 1.0)
}

/// Whether a mean score is paid anything.
fn is_paid<S: Contest>(hall: &Hall<S>, score: Ppm) -> bool {
    pay(&hall.subnet, f64::from(score.get()) / 1e6) > 0.0
}

fn nothing<S: Contest>(hall: &Hall<S>) -> Finding {
    let mut paid: Vec<String> = Vec::new();
    let (mut tried, tasks) = (0, hall.tasks.len().min(24));
    for (index, DrawnTask { plan, challenge, .. }) in hall.tasks.iter().enumerate().take(tasks) {
        let (names, given): (Vec<_>, Vec<_>) = hall
            .subnet
            .worthless(challenge)
            .into_iter()
            .map(|(name, response)| (name, (response, quick(plan))))
            .unzip();
        tried += names.len();
        for (name, (score, _)) in names.into_iter().zip(hall.worths(index, given)) {
            if is_paid(hall, score) {
                paid.push(format!("{name} to `{}` earns {:.3}", plan.kind, f64::from(score.get()) / 1e6));
            }
        }
        let silent = hall.judge(index, vec![(Outcome::Failed(Reason::Late), 60_000)]);
        if silent.scores[0].score.is_none_or(|score| is_paid(hall, score)) {
            paid.push("silence".into());
        }
    }
    paid.dedup();
    let mut seen = format!("{tried} worthless answers and {tasks} silences, {} paid", paid.len());
    if let Some(first) = paid.first() {
        seen += &format!(": {first}");
    }
    Finding::new("silence and garbage earn nothing", seen, paid.is_empty())
}

fn no_form<S: Contest>(hall: &Hall<S>) -> Finding {
    let mut paid = 0;
    for (index, DrawnTask { plan, .. }) in hall.tasks.iter().enumerate().take(24) {
        let limit = plan.answer_limit + ENVELOPE_BYTES;
        let long = format!("{{\"padding\":\"{}\"}}", "x".repeat(limit));
        for body in WRONG.iter().copied().chain([&*long]) {
            // A body with the form of an answer is judged like one.
            if let Ok(response) = form::<S::Response>(body.as_bytes(), limit) {
                paid += u32::from(is_paid(hall, hall.worth(index, response, quick(plan)).0));
            }
        }
    }
    let seen = format!("{} wrong bodies and one longer than allowed, {paid} paid", WRONG.len());
    Finding::new("answers of a wrong type or length earn nothing", seen, paid == 0)
}

fn late<S: Contest>(hall: &Hall<S>) -> Finding {
    let (mut quickly, mut slowly, mut rising) = (0.0, 0.0, true);
    let tasks = hall.tasks.len().min(24);
    for (index, DrawnTask { plan, challenge, .. }) in hall.tasks.iter().enumerate().take(tasks) {
        let response = hall.subnet.oracle(challenge, Ppm::ONE, &mut hall.seed.derive(b"late", 0).rng());
        let deadline = plan.deadline.as_millis() as u64;
        let given = [1, 3, 5, 7, 9].map(|tenths| (response.clone(), deadline * tenths / 10));
        let worths = hall.worths(index, given.to_vec());
        let scores: Vec<f64> = worths.into_iter().map(|(score, _)| f64::from(score.get()) / 1e6).collect();
        rising &= scores.windows(2).all(|pair| pair[1] <= pair[0]);
        (quickly, slowly) = (quickly + scores[0], slowly + scores[4]);
    }
    let late = hall.judge(0, vec![(Outcome::Failed(Reason::Late), 60_000)]).scores[0].score;
    // A forecast that is committed to in time says as much as an earlier one.
    let is_forecast =
        matches!(hall.subnet.mechanisms().first().map(|mechanism| mechanism.pay), Some(Pay::Window(_)));
    let falls = slowly < quickly || is_forecast;
    let seen = format!(
        "{:.3} after a tenth of the time, {:.3} after nine tenths, 0 after the deadline",
        quickly / tasks as f64,
        slowly / tasks as f64
    );
    let kept = rising && falls && late.is_some_and(|score| !is_paid(hall, score));
    Finding::new("late answers lose", seen, kept)
}

fn too_fast<S: Contest>(hall: &Hall<S>) -> Finding {
    let tasks = hall.tasks.len().min(24);
    let mut caught = 0;
    for (index, DrawnTask { plan, challenge, .. }) in hall.tasks.iter().enumerate().take(tasks) {
        let response = hall.subnet.oracle(challenge, Ppm::ONE, &mut hall.seed.derive(b"fast", 0).rng());
        let sooner = (plan.fastest.as_millis() as u64).saturating_sub(1);
        caught += u32::from(hall.worth(index, response, sooner) == (Ppm::ZERO, Reason::TooFast));
    }
    let fastest = hall.tasks.iter().map(|task| task.plan.fastest.as_millis()).min().unwrap_or_default();
    let seen = format!("right answers in under {fastest} ms: {caught} of {tasks} caught");
    Finding::new("what is too fast to be real earns nothing", seen, caught as usize == tasks)
}

//! A miner that does no work, or repeats another's, earns nothing by it.

use myelin_wire::record::Ppm;
use myelin_yuma::run_epoch;

use super::{draw, epoch_of, mean, quality::pay, quick, Finding, Gain, Hall, Luck, TASKS};
use crate::{
    evaluation::{weigh, DrawnTask, WeightRule},
    subnet::{Share, SubnetError},
    testkit::contest::{Contest, Player},
};

/// Ratio of pay up to which all tasks of a trial cannot tell a player from the baseline.
const SAME: f64 = 1.02;
/// Tasks on which lookups are tried, and as many at a time: only what they find has to be answered.
const LOOKED_UP: u64 = 20_000;
const LOOKED_UP_AT_ONCE: u64 = 1_000;

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let mut findings = cheats(hall)?;
    findings.extend([copier(hall), leak(hall)]);
    Ok(findings)
}

/// Tasks of each kind that players are given.
fn trial<S: Contest>(hall: &Hall<S>) -> u16 {
    hall.trials(hall.subnet.trial().into()) as u16
}

/// Scores of players on a few tasks of each kind, in the proportions of a round.
fn earn<S: Contest>(hall: &Hall<S>, tasks: &[DrawnTask<S>], players: &[Player<S>]) -> Vec<Vec<(Ppm, u32)>> {
    let mut seen = std::collections::BTreeMap::<&str, u16>::new();
    let mut scores = vec![Vec::new(); players.len()];
    for task in tasks {
        let count = seen.entry(task.plan.kind).or_default();
        *count += 1;
        if *count > trial(hall) * task.plan.count {
            continue;
        }
        let answers: Vec<_> = players.iter().map(|player| player(&task.challenge.request)).collect();
        for (scores, score) in scores.iter_mut().zip(scores_of(hall, task, &answers)) {
            scores.push((score, task.plan.weight));
        }
    }
    scores
}

/// Scores of these answers to a task; silence is worth nothing.
fn scores_of<S: Contest>(hall: &Hall<S>, task: &DrawnTask<S>, answers: &[Option<S::Response>]) -> Vec<Ppm> {
    let given = answers.iter().flatten().map(|response| (response.clone(), quick(&task.plan)));
    let mut worths = hall.worths_of(task, given.collect()).into_iter();
    let worth = |answer: &Option<S::Response>| answer.is_some().then(|| worths.next()).flatten();
    answers.iter().map(worth).map(|worth| worth.map_or(Ppm::ZERO, |(score, _)| score)).collect()
}

fn cheats<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let subnet = &hall.subnet;
    let (names, mut players): (Vec<_>, Vec<_>) = subnet.cheats()?.into_iter().unzip();
    players.push(subnet.baseline()?);
    let batch: u64 =
        subnet.tasks().iter().filter(|plan| plan.mechanism == 0).map(|plan| u64::from(plan.count)).sum();
    let needed = batch.saturating_mul(trial(hall).into());
    let more = match needed > TASKS {
        true => draw(subnet, &hall.seed.derive(b"cheats", 0), needed)?,
        false => Vec::new(),
    };
    let tasks = if more.is_empty() { &hall.tasks } else { &more };
    let mut earned = earn(hall, tasks, &players);
    let baseline = earned.pop().unwrap_or_default();
    let mut seen = format!("baseline {:.3}", mean(&baseline));
    let mut kept = mean(&baseline) > 0.0;
    for (name, earned) in names.into_iter().zip(earned) {
        seen += &format!(", {name} {:.3}", mean(&earned));
        let gain = Gain::of(subnet, &earned, &baseline);
        if gain.times > 1.0 {
            seen += &format!(" (paid {:.3} ± {:.3} times)", gain.times, gain.error);
            kept &= hall.keeps(gain, SAME);
        }
    }
    let (mut remarks, mut most) = (Vec::new(), 0.0f64);
    for (name, found, gain) in lookups(hall, mean(&baseline))? {
        let (found, all) = (100.0 * found, looked_up(hall));
        remarks.push(format!("Lookups: {name} is paid {gain}, with {found:.1} % of {all} tasks found."));
        most = most.max(gain.times);
        kept &= hall.keeps(gain, SAME);
    }
    if !remarks.is_empty() {
        seen += &format!("; best lookup paid {most:.3} times");
    }
    Ok(vec![Finding::new("cheats earn no more than the baseline", seen, kept).with(remarks)])
}

/// Tasks on which lookups are tried, in whole parts.
fn looked_up<S: Contest>(hall: &Hall<S>) -> u64 {
    LOOKED_UP / hall.part / LOOKED_UP_AT_ONCE * LOOKED_UP_AT_ONCE
}

/// How much more those are paid that look answers up, and of which part of the tasks they find any. Where they find
/// none they send what the baseline sends. So most tasks cost nothing but drawing, and they are tried on many.
fn lookups<S: Contest>(hall: &Hall<S>, baseline: f64) -> Result<Vec<(&'static str, f64, Gain)>, SubnetError> {
    let (names, players): (Vec<_>, Vec<_>) = hall.subnet.lookups()?.into_iter().unzip();
    if players.is_empty() {
        return Ok(Vec::new());
    }
    let otherwise = hall.subnet.baseline()?;
    let (mut weights, mut found) = (0.0, vec![0usize; players.len()]);
    let mut more = vec![(0.0, 0.0f64); players.len()];
    for part in 0..looked_up(hall) / LOOKED_UP_AT_ONCE {
        for task in draw(&hall.subnet, &hall.seed.derive(b"lookups", part), LOOKED_UP_AT_ONCE)? {
            let request = &task.challenge.request;
            let weight = f64::from(task.plan.weight);
            weights += weight;
            let mut answers: Vec<_> = players.iter().map(|player| player(request)).collect();
            if answers.iter().all(Option::is_none) {
                continue;
            }
            answers.push(otherwise(request));
            let mut scores = scores_of(hall, &task, &answers);
            let plain = scores.pop().unwrap_or_default();
            for (at, score) in scores.into_iter().enumerate().filter(|(at, _)| answers[*at].is_some()) {
                let rest = weight * (f64::from(score.get()) - f64::from(plain.get())) / 1e6;
                found[at] += 1;
                more[at] = (more[at].0 + rest, more[at].1 + rest * rest);
            }
        }
    }
    let whole = weights * baseline.max(1e-9);
    let gain = |(sum, squares): &(f64, f64)| {
        Gain::by_score(&hall.subnet, baseline, 1.0 + sum / whole, squares.sqrt() / whole)
    };
    let parts = found.iter().map(|found| *found as f64 / looked_up(hall) as f64);
    Ok(names.into_iter().zip(parts).zip(&more).map(|((name, part), more)| (name, part, gain(more))).collect())
}

/// One that repeats another's answer: on the same task, after it was committed to; or on a task of its own.
fn copier<S: Contest>(hall: &Hall<S>) -> Finding {
    let (mut source, mut copy, mut tried) = (0.0, 0.0, 0);
    let mut promise = "a copier gains nothing";
    let right = |index: usize| {
        let rng = &mut hall.seed.derive(b"copier", index as u64).rng();
        hall.subnet.oracle(&hall.tasks[index].challenge, Ppm::new(950_000), rng)
    };
    for (index, DrawnTask { plan, .. }) in hall.tasks.iter().enumerate().take(96) {
        let same_kind =
            |(other, task): &(usize, &DrawnTask<S>)| *other != index && task.plan.kind == plan.kind;
        let Some((other, _)) = hall.tasks.iter().enumerate().find(same_kind) else { continue };
        if plan.share == Share::Round {
            promise = "a copier gains nothing (what everybody is asked is committed to before it is opened)";
            continue;
        }
        tried += 1;
        source += f64::from(hall.worth(index, right(index), quick(plan)).0.get()) / 1e6;
        copy += f64::from(hall.worth(index, right(other), quick(plan)).0.get()) / 1e6;
    }
    let (source, copy) = (source / f64::from(tried.max(1)), copy / f64::from(tried.max(1)));
    let paid = pay(&hall.subnet, copy) / pay(&hall.subnet, source).max(1e-9);
    let seen = match tried {
        0 => "every task is asked of everybody, and committed to first".to_owned(),
        _ => format!(
            "right answers {source:.3}, the same answers to another's tasks {copy:.3}, paid {paid:.4} times as much; \
             who passes tasks on is a relay (below)"
        ),
    };
    let mut open = hall.tasks.iter().filter(|task| task.plan.share == Share::Round);
    let bound = open.all(|task| task.plan.commit);
    Finding::new(promise, seen, bound && paid <= 0.02)
}

/// Behaviour of the validators and miners of a consensus.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Story {
    Honest,
    /// The miner of the first validator answers all of that validator's tasks right.
    Leaks,
    /// The first validator gives its whole weight to that miner, whatever the miner answers.
    Lies,
}

/// A validator that tells its own miner the answers: the miner's pay by consensus, against that of an honest miner. It
/// is no more than the validator could have given the miner by its weights alone.
fn leak<S: Contest>(hall: &Hall<S>) -> Finding {
    const MINERS: usize = 16;
    const VALIDATORS: usize = 8;
    /// Answers in a validator's average.
    const JUDGED: usize = 64;
    // Scores of honest miners of several qualities, and of one miner that knows the right answers.
    let levels = hall.oracles(&[800_000, 850_000, 900_000, 1_000_000], Luck::Own, 4);
    let [honest @ .., knowing] = &levels[..] else { unreachable!("several levels") };
    // Each validator has asked other tasks.
    let paid = |validator: usize, miner: usize, answers: &[(Ppm, u32)]| {
        let mut rng = hall.seed.derive(b"leak", (validator * MINERS + miner) as u64).rng();
        let judged: Vec<_> = (0..JUDGED).filter_map(|_| rng.choose(answers).copied()).collect();
        (1e6 * pay(&hall.subnet, mean(&judged))) as u64
    };
    let row = |validator: usize, story: Story| {
        let worth = |miner: usize| match story {
            Story::Leaks if (validator, miner) == (0, 0) => paid(validator, miner, knowing),
            Story::Lies if validator == 0 => u64::from(miner == 0),
            _ => paid(validator, miner, &honest[miner % honest.len()]),
        };
        let worths = (0..MINERS).map(|miner| (miner as u16, worth(miner)));
        weigh(&worths.collect::<Vec<_>>(), &WeightRule::proportional())
    };
    let mut seen = Vec::new();
    let mut kept = true;
    for percent in [10u32, 30, 49] {
        let incentive = |story: Story| {
            let stake = |validator: usize| match validator {
                0 => percent * (VALIDATORS as u32 - 1),
                _ => 100 - percent,
            };
            let validators = (0..VALIDATORS).map(|at| (1_000 * stake(at), row(at, story)));
            f64::from(run_epoch(&epoch_of(MINERS, validators.collect())).incentive[0])
        };
        let (leaking, honest) = (incentive(Story::Leaks), incentive(Story::Honest));
        let bound = incentive(Story::Lies);
        kept &= honest > 0.0 && leaking <= bound;
        let times = |value: f64| value / honest.max(1e-9);
        seen.push(format!(
            "{percent} % of the stake: {:.2} times (by weights alone {:.2})",
            times(leaking),
            times(bound)
        ));
    }
    let seen = format!("incentive of its miner with {}", seen.join(", "));
    Finding::new("a validator that leaks to its miner gives it no more than consensus lets it", seen, kept)
}

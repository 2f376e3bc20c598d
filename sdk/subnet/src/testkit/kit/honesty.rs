//! A miner that does no work, or repeats another's, earns nothing by it.

use myelin_units::I64F64;
use myelin_wire::record::Ppm;
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

use super::{draw, mean, quality::pay, quick, Finding, Hall, Luck, TASKS};
use crate::{
    evaluation::{weigh, DrawnTask, WeightRule},
    subnet::{Share, SubnetError},
    testkit::contest::{Contest, Player},
};

/// Ratio of pay up to which these few tasks cannot tell a player from the baseline.
const SAME: f64 = 1.02;

pub(super) fn trials<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let mut findings = cheats(hall)?;
    findings.extend([copier(hall), leak(hall)]);
    Ok(findings)
}

/// Mean scores of players on a few tasks of each kind.
fn earn<S: Contest>(hall: &Hall<S>, tasks: &[DrawnTask<S>], players: &[Player<S>]) -> Vec<f64> {
    let mut seen = std::collections::BTreeMap::<&str, u16>::new();
    let mut scores = vec![Vec::new(); players.len()];
    for task @ DrawnTask { plan, challenge, .. } in tasks {
        let count = seen.entry(plan.kind).or_default();
        *count += 1;
        // In the proportions of a round.
        if *count > hall.subnet.trial() * plan.count {
            continue;
        }
        let answers: Vec<_> = players.iter().map(|player| player(&challenge.request)).collect();
        let given = answers.iter().flatten().map(|response| (response.clone(), quick(plan)));
        let mut worths = hall.worths_of(task, given.collect()).into_iter();
        for (scores, answer) in scores.iter_mut().zip(&answers) {
            let worth = answer.is_some().then(|| worths.next()).flatten();
            scores.push((worth.map_or(Ppm::ZERO, |(score, _)| score), plan.weight));
        }
    }
    scores.iter().map(|scores| mean(scores)).collect()
}

fn cheats<S: Contest>(hall: &Hall<S>) -> Result<Vec<Finding>, SubnetError> {
    let (names, mut players): (Vec<_>, Vec<_>) = hall.subnet.cheats()?.into_iter().unzip();
    players.push(hall.subnet.baseline()?);
    let batch: u64 =
        hall.subnet.tasks().iter().filter(|plan| plan.mechanism == 0).map(|plan| u64::from(plan.count)).sum();
    let needed = batch.saturating_mul(hall.subnet.trial().into());
    let more = match needed > TASKS {
        true => draw(&hall.subnet, &hall.seed.derive(b"cheats", 0), needed)?,
        false => Vec::new(),
    };
    let tasks = if more.is_empty() { &hall.tasks } else { &more };
    let mut earned = earn(hall, tasks, &players);
    let baseline = earned.pop().unwrap_or_default();
    let mut seen = format!("baseline {baseline:.3}");
    let mut kept = baseline > 0.0;
    for (name, earned) in names.into_iter().zip(earned) {
        let more = pay(&hall.subnet, earned) / pay(&hall.subnet, baseline).max(1e-9);
        seen += &format!(", {name} {earned:.3}");
        if more > 1.0 {
            seen += &format!(" (paid {more:.3} times as much)");
            kept &= more <= SAME;
        }
    }
    Ok(vec![Finding { promise: "cheats earn no more than the baseline", seen, kept }])
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
            "right answers {source:.3}, the same answers to another's tasks {copy:.3}, paid {paid:.4} times as much; who passes tasks on \
             is a relay (below)"
        ),
    };
    let mut open = hall.tasks.iter().filter(|task| task.plan.share == Share::Round);
    let bound = open.all(|task| task.plan.commit);
    Finding { promise, seen, kept: bound && paid <= 0.02 }
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
            let neurons = MINERS + VALIDATORS;
            let stake = |uid: usize| match uid.checked_sub(MINERS) {
                None => 0,
                Some(0) => percent * (VALIDATORS as u32 - 1),
                Some(_) => 100 - percent,
            };
            let input = EpochInput {
                params: EpochParams { commit_reveal: false, ..EpochParams::default() },
                block: 1_000,
                emission: 1_000_000_000,
                last_step_block: 640,
                owner_uid: None,
                total_stake: (0..neurons).map(|uid| I64F64::from_int(1_000 * stake(uid))).collect(),
                last_update: vec![990; neurons],
                registered: vec![1; neurons],
                permits: (0..neurons).map(|uid| uid >= MINERS).collect(),
                weights: (0..neurons)
                    .map(|uid| uid.checked_sub(MINERS).map(|at| row(at, story)).unwrap_or_default())
                    .collect(),
                bonds: vec![Vec::new(); neurons],
                commit_blocks: vec![None; neurons],
            };
            f64::from(run_epoch(&input).incentive[0])
        };
        let (leaking, honest) = (incentive(Story::Leaks), incentive(Story::Honest));
        let bound = incentive(Story::Lies);
        kept &= honest > 0.0 && leaking <= bound;
        let times = |one: f64| one / honest.max(1e-9);
        seen.push(format!(
            "{percent} % of the stake: {:.2} times (by weights alone {:.2})",
            times(leaking),
            times(bound)
        ));
    }
    let seen = format!("incentive of its miner with {}", seen.join(", "));
    Finding {
        promise: "a validator that leaks to its miner gives it no more than consensus lets it",
        seen,
        kept,
    }
}

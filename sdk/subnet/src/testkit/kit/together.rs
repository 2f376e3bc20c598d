//! Answers made of those of several miners, beside the best of these miners alone.
//!
//! A third of the tasks decides what each miner has earned. On the other tasks the answers are combined, weighted by
//! that, as `myelin ask --ensemble` does, and judged like a miner's. The best single miner is chosen afterwards, by the
//! same tasks, so luck is on its side.

use std::collections::BTreeMap;

use myelin_wire::{record::Ppm, seed::Seed};

use super::{draw, mean, quality, quick, Hall};
use crate::{subnet::SubnetError, testkit::contest::Contest};

/// Accuracies of miners whose errors are independent.
const ACCURACIES: [u32; 5] = [700_000, 750_000, 800_000, 850_000, 900_000];
/// Tasks of all kinds.
const ALL: u64 = 1_024;
/// One in so many tasks decides what miners have earned.
const EARNING: usize = 3;
/// Tasks of each kind for miners that compute, in times of [`Contest::trial`].
const TRIALS: usize = 2;
/// The incentive of the best miner.
const FULL: f64 = 1e6;

/// Combined answers of some miners to tasks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Together {
    /// The miners.
    pub miners: String,
    /// The kind of tasks.
    pub kind: &'static str,
    /// Tasks whose combined answers were judged.
    pub tasks: usize,
    /// The best single miner's mean score on them.
    pub best: f64,
    /// The mean score of the combined answers.
    pub together: f64,
}

/// Answers of one miner to the tasks of a kind, with their scores.
type Answered<R> = Vec<Option<(R, Ppm)>>;

/// Combines answers of miners with independent errors, and of the kind's own teams, for each kind of tasks.
///
/// Kinds whose answers should not be mixed are left out.
pub fn together<S: Contest>(seed: &Seed) -> Result<Vec<Together>, SubnetError> {
    let subnet = S::judging(&seed.derive(b"secret", 0))?;
    let tasks = draw(&subnet, seed, ALL)?;
    let hall = Hall { subnet, seed: *seed, tasks, part: 1 };
    let mut kinds = BTreeMap::<&'static str, Vec<usize>>::new();
    for (index, task) in hall.tasks.iter().enumerate() {
        kinds.entry(task.plan.kind).or_default().push(index);
    }
    let teams = hall.subnet.teams()?;
    let few = TRIALS * usize::from(hall.subnet.trial());
    let mut found = Vec::new();
    for (kind, tasks) in kinds {
        let answer = |miner: usize, task: usize| {
            let seed = hall.seed.derive(b"together", miner as u64).derive(b"task", task as u64);
            let accuracy = Ppm::new(ACCURACIES[miner]);
            Some(hall.subnet.oracle(&hall.tasks[task].challenge, accuracy, &mut seed.rng()))
        };
        let answered = answered(&hall, &tasks, ACCURACIES.len(), &answer);
        let name = "right in 0.70 to 0.90, errors independent".to_owned();
        found.extend(combined(&hall, &tasks, kind, name, &answered));
        let tasks = &tasks[..tasks.len().min(few)];
        for team in &teams {
            let answer = |miner: usize, task: usize| (team[miner].1)(&hall.tasks[task].challenge.request);
            let answered = self::answered(&hall, tasks, team.len(), &answer);
            let names: Vec<&str> = team.iter().map(|(name, _)| *name).collect();
            found.extend(combined(&hall, tasks, kind, names.join(", "), &answered));
        }
    }
    Ok(found)
}

/// The answers of so many miners, one list for each.
fn answered<S: Contest>(
    hall: &Hall<S>,
    tasks: &[usize],
    miners: usize,
    answer: &dyn Fn(usize, usize) -> Option<S::Response>,
) -> Vec<Answered<S::Response>> {
    let judged = |miner: usize, task: usize| {
        let response = answer(miner, task)?;
        let (score, _) = hall.worth(task, response.clone(), quick(&hall.tasks[task].plan));
        Some((response, score))
    };
    (0..miners).map(|miner| tasks.iter().map(|task| judged(miner, *task)).collect()).collect()
}

fn combined<S: Contest>(
    hall: &Hall<S>,
    tasks: &[usize],
    kind: &'static str,
    miners: String,
    answered: &[Answered<S::Response>],
) -> Option<Together> {
    let score = |miner: &Answered<S::Response>, earning: bool| {
        let of_part = miner.iter().enumerate().filter(|(at, _)| (at % EARNING == 0) == earning);
        let scores = of_part.map(|(_, outcome)| (outcome.as_ref().map_or(Ppm::ZERO, |(_, score)| *score), 1));
        mean(&scores.collect::<Vec<_>>())
    };
    let pays: Vec<f64> =
        answered.iter().map(|miner| quality::pay(&hall.subnet, score(miner, true))).collect();
    let most = pays.iter().copied().fold(1e-12, f64::max);
    let weights: Vec<u64> = pays.iter().map(|pay| (FULL * pay / most) as u64).collect();
    let mut scores = Vec::new();
    for (at, task) in tasks.iter().enumerate().filter(|(at, _)| at % EARNING != 0) {
        let given = answered.iter().zip(&weights).filter(|(_, weight)| **weight > 0);
        let given: Vec<(S::Response, u64)> =
            given.filter_map(|(miner, weight)| Some((miner[at].as_ref()?.0.clone(), *weight))).collect();
        let request = &hall.tasks[*task].challenge.request;
        let score = match hall.subnet.combine(request, &given) {
            Some(response) => hall.worth(*task, response, quick(&hall.tasks[*task].plan)).0,
            None => Ppm::ZERO,
        };
        scores.push((score, 1));
    }
    let together = mean(&scores);
    let best = answered.iter().map(|miner| score(miner, false)).fold(0.0, f64::max);
    (together > 0.0 && answered.len() > 1).then_some(Together {
        miners,
        kind,
        tasks: scores.len(),
        best,
        together,
    })
}

//! Tests of the promises that a subnet makes to miners, validators and customers: `myelin subnet test NAME`.
//!
//! Every figure follows from one seed. Miners are answers of known worth ([`Contest`]), judged by the code that judges
//! on the network; machines, time and the network are simulated.

mod dropping;
mod honesty;
mod identities;
mod machine;
mod opinions;
mod power;
mod quality;
mod strings;
mod together;

use std::fmt;

pub use opinions::{opinions, Opinions};
pub use together::{together, Together};

use myelin_units::I64F64;
use myelin_wire::{
    record::{LatencyBucket, Ppm, Reason},
    seed::{Audience, Seed},
};
use myelin_yuma::{EpochInput, EpochParams};

use super::contest::Contest;
use crate::{
    evaluation::{
        evaluate_round, AskedTask, Delivery, DrawnTask, Evaluated, GroupRule, Outcome, RoundFacts,
        SeedReference,
    },
    subnet::{Challenge, MinerRef, Share, SubnetError, TaskPlan},
    validator::draw::draw_tasks,
};

/// Tasks on which miners of known worth are compared.
const TASKS: u64 = 256;

/// One promise and whether it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The promise.
    pub promise: &'static str,
    /// The observation, of 40 words at most: a cell of the table.
    pub seen: String,
    /// Sentences about it that stand below the table.
    pub remarks: Vec<String>,
    /// Whether the promise was kept.
    pub kept: bool,
}

impl Finding {
    /// A finding without remarks.
    pub fn new(promise: &'static str, seen: impl Into<String>, kept: bool) -> Self {
        Self { promise, seen: seen.into(), remarks: Vec::new(), kept }
    }

    fn with(mut self, remarks: impl IntoIterator<Item = String>) -> Self {
        self.remarks.extend(remarks);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "| {} | {} | {} |", self.promise, self.seen, if self.kept { "yes" } else { "**no**" })
    }
}

/// Tests every promise, and reports each as soon as it is known.
pub fn test_subnet<S: Contest>(seed: &Seed, tell: impl FnMut(&Finding)) -> Result<Vec<Finding>, SubnetError> {
    test(&Hall::<S>::open(seed)?, tell)
}

/// The value for the tests that run: the long ones, which set `CASES_TIMES`, or the quick ones.
pub fn by_tier<T>(long: T, quick: T) -> T {
    if std::env::var_os("CASES_TIMES").is_some() {
        long
    } else {
        quick
    }
}

/// Tests every promise in the tier that runs: with all trials in the long tests, and briefly in the quick ones.
pub fn test_subnet_in_its_tier<S: Contest>(
    seed: &Seed,
    tell: impl FnMut(&Finding),
) -> Result<Vec<Finding>, SubnetError> {
    if by_tier(true, false) {
        test_subnet::<S>(seed, tell)
    } else {
        test_subnet_briefly::<S>(seed, tell)
    }
}

/// Seeds of the tier that runs: five in the long tests, and one in the quick ones.
pub fn seeds_of_the_tier() -> impl Iterator<Item = Seed> {
    (1..=by_tier(5, 1)).map(|number| Seed([number; 32]))
}

/// The same with fewer trials, for tests that run often. Lookups have an eighth of the tasks, choices among answers a
/// sixteenth. Cheats, and the search for the best string, have a quarter. A bound on pay counts as broken where the pay
/// exceeds it by more than two standard errors of these trials. Machines and losses about which nothing is promised are
/// left out.
pub fn test_subnet_briefly<S: Contest>(
    seed: &Seed,
    tell: impl FnMut(&Finding),
) -> Result<Vec<Finding>, SubnetError> {
    test(&Hall::<S> { part: 8, ..Hall::open(seed)? }, tell)
}

fn test<S: Contest>(hall: &Hall<S>, mut tell: impl FnMut(&Finding)) -> Result<Vec<Finding>, SubnetError> {
    let trials: [Trial<S>; 6] = [
        quality::trials,
        honesty::trials,
        strings::trials,
        identities::trials,
        dropping::trials,
        power::trials,
    ];
    let mut findings = Vec::new();
    for trial in trials {
        for finding in trial(hall)? {
            tell(&finding);
            findings.push(finding);
        }
    }
    Ok(findings)
}

/// Tests the promises about answers without a model alone, with `budget` choices for each group of requests. Returns
/// nothing where the subnet has no such answers.
pub fn test_string_functions<S: Contest>(seed: &Seed, budget: usize) -> Result<Vec<Finding>, SubnetError> {
    strings::search(&Hall::<S>::open(seed)?, budget)
}

/// The findings as a table, with the remarks as a list below it.
pub fn table(findings: &[Finding]) -> String {
    let mut text = "| promise | seen | kept |\n|---|---|---|\n".to_owned();
    for finding in findings {
        text += &format!("{finding}\n");
    }
    let mut remarks = findings.iter().flat_map(|finding| &finding.remarks).peekable();
    if remarks.peek().is_some() {
        text += "\n";
    }
    text + &remarks.map(|remark| format!("- {remark}\n")).collect::<String>()
}

/// A subnet with tasks of its first mechanism.
struct Hall<S: Contest> {
    subnet: S,
    seed: Seed,
    /// Tasks in the proportions in which a round asks them.
    tasks: Vec<DrawnTask<S>>,
    /// One in so many tasks is tried where there are thousands.
    part: u64,
}

/// Standard errors by which a pay must exceed its bound in a brief test. A pay at the bound does so in one of 44 draws
/// of the tasks; the seeds of the tests are fixed.
const SURE: f64 = 2.0;

/// A test of some of the promises.
type Trial<S> = fn(&Hall<S>) -> Result<Vec<Finding>, SubnetError>;

impl<S: Contest> Hall<S> {
    fn open(seed: &Seed) -> Result<Self, SubnetError> {
        let subnet = S::judging(&seed.derive(b"secret", 0))?;
        let tasks = draw(&subnet, seed, TASKS)?;
        Ok(Self { subnet, seed: *seed, tasks, part: 1 })
    }

    /// The number of trials instead of `all`: a quarter in a brief test.
    fn trials(&self, all: u64) -> u64 {
        all / self.part.min(4)
    }

    /// Whether all trials are made, also those that only tell something.
    fn is_whole(&self) -> bool {
        self.part == 1
    }

    /// Whether a pay keeps its bound. Few trials must show beyond their error that it does not.
    fn keeps(&self, gain: Gain, bound: f64) -> bool {
        let error = if self.is_whole() { 0.0 } else { SURE * gain.error };
        gain.times - error <= bound
    }

    /// Score of one answer to one task, with the reason.
    fn worth(&self, index: usize, response: S::Response, ms: u64) -> (Ppm, Reason) {
        self.worths(index, vec![(response, ms)])[0]
    }

    /// Scores of answers to one task, each by itself, as if no other miner had got the task. They are judged together,
    /// because a judge reads a task once.
    fn worths(&self, index: usize, given: Vec<(S::Response, u64)>) -> Vec<(Ppm, Reason)> {
        self.worths_of(&self.tasks[index], given)
    }

    /// The same for any task.
    fn worths_of(&self, task: &DrawnTask<S>, given: Vec<(S::Response, u64)>) -> Vec<(Ppm, Reason)> {
        let outcomes = given.into_iter().map(|(response, ms)| (Outcome::Answered(response), ms)).collect();
        let judged = self.judge_shared(Share::Miner, task, outcomes).judged;
        judged.into_iter().map(|judged| (judged.record.score, judged.record.reason)).collect()
    }

    /// Judges the answers of as many miners to one task, each after its number of milliseconds.
    fn judge(&self, index: usize, outcomes: Vec<(Outcome<S::Response>, u64)>) -> Evaluated {
        self.judge_shared(self.tasks[index].plan.share, &self.tasks[index], outcomes)
    }

    fn judge_shared(
        &self,
        share: Share,
        task: &DrawnTask<S>,
        outcomes: Vec<(Outcome<S::Response>, u64)>,
    ) -> Evaluated {
        let DrawnTask { plan, challenge, number, .. } = task;
        let miners = miners(outcomes.len());
        let deliveries = outcomes.into_iter().enumerate().map(|(miner, (outcome, ms))| Delivery {
            miner,
            request: [1; 32],
            answer: [2; 32],
            signed: true,
            commit_place: plan.commit.then_some(miner as u8),
            latency: LatencyBucket::of_ms(ms),
            outcome,
        });
        let task = DrawnTask {
            plan: TaskPlan { share, ..plan.clone() },
            number: *number,
            seed: SeedReference(self.seed.0),
            audience: Audience::Round,
            challenge: Challenge { request: challenge.request.clone(), hidden: challenge.hidden.clone() },
        };
        let facts = RoundFacts { netuid: 1, epoch: 1, round: 0, mechanism: plan.mechanism, signer: [9; 32] };
        let asked = vec![AskedTask { task, deliveries: deliveries.collect() }];
        let rule = GroupRule::default();
        evaluate_round(&self.subnet, &facts, &miners, asked, &rule, |_, _| false, &mut S::State::default())
            .unwrap_or_else(|error| panic!("judging a task: {error}"))
    }

    /// Scores of miners that are right with these probabilities, task by task, with the task's weight.
    fn oracles(&self, accuracies: &[u32], luck: Luck, occasion: u64) -> Vec<Vec<(Ppm, u32)>> {
        let seed = self.seed.derive(b"oracle", occasion);
        let mut scores = vec![Vec::with_capacity(self.tasks.len()); accuracies.len()];
        for (index, DrawnTask { plan, challenge, .. }) in self.tasks.iter().enumerate() {
            let answer = |(miner, accuracy): (usize, &u32)| {
                let seed = match luck {
                    Luck::Own => seed.derive(b"miner", miner as u64),
                    Luck::Shared => seed,
                };
                let mut rng = seed.derive(b"task", index as u64).rng();
                (self.subnet.oracle(challenge, Ppm::new(*accuracy), &mut rng), quick(plan))
            };
            let worths = self.worths(index, accuracies.iter().enumerate().map(answer).collect());
            for (scores, (score, _)) in scores.iter_mut().zip(worths) {
                scores.push((score, plan.weight));
            }
        }
        scores
    }
}

/// Whether miners with the same accuracy are right on the same tasks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Luck {
    /// Each is right independently of the others.
    Own,
    /// The better miner is right wherever the other is, so that few tasks show their difference.
    Shared,
}

/// A time that is neither late nor impossibly short.
fn quick(plan: &TaskPlan) -> u64 {
    plan.deadline.as_millis() as u64 / 8
}

fn miners(count: usize) -> Vec<MinerRef> {
    (0..count).map(|uid| MinerRef { uid: uid as u16, hotkey: [uid as u8 + 1; 32] }).collect()
}

/// At least `least` tasks of the first mechanism, round by round.
fn draw<S: Contest>(subnet: &S, seed: &Seed, least: u64) -> Result<Vec<DrawnTask<S>>, SubnetError> {
    let plans = subnet.tasks();
    let plans: Vec<&TaskPlan> = plans.iter().filter(|plan| is_served(plan)).collect();
    let batch: u64 = plans.iter().map(|plan| u64::from(plan.count)).sum();
    let mut tasks = Vec::new();
    for round in 0..least.div_ceil(batch.max(1)) {
        let seed = seed.derive(b"round", round);
        tasks.extend(draw_tasks(
            subnet,
            &seed,
            SeedReference(seed.0),
            Audience::Round,
            &plans,
            &S::State::default(),
        )?);
    }
    Ok(tasks)
}

fn is_served(plan: &TaskPlan) -> bool {
    plan.mechanism == 0 && plan.share != Share::Network
}

/// How many times as much one is paid as another, by a sample of tasks, and the standard error of that.
#[derive(Clone, Copy)]
struct Gain {
    times: f64,
    error: f64,
}

impl Gain {
    /// By scores on the same tasks.
    fn of<S: Contest>(subnet: &S, scores: &[(Ppm, u32)], than: &[(Ppm, u32)]) -> Self {
        let (total, base) = (weight(than), mean(than).max(1e-9));
        let ratio = mean(scores) / base;
        let squares: f64 = scores
            .iter()
            .zip(than)
            .map(|((one, weight), (other, _))| {
                let rest = (f64::from(one.get()) - ratio * f64::from(other.get())) / 1e6;
                (rest * f64::from(*weight)).powi(2)
            })
            .sum();
        Self::by_score(subnet, base, ratio, squares.sqrt() / total.max(1.0) / base)
    }

    /// By a mean score that is so many times another one, `base`, with a standard error.
    fn by_score<S: Contest>(subnet: &S, base: f64, ratio: f64, error: f64) -> Self {
        let pay = |ratio: f64| quality::pay(subnet, base * ratio) / quality::pay(subnet, base).max(1e-12);
        // The slope of the pay, by a small step to either side.
        let slope = (pay(ratio + 1e-4) - pay(ratio - 1e-4)) / 2e-4;
        Self { times: pay(ratio), error: slope * error }
    }
}

impl fmt::Display for Gain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ± {:.3} times as much", self.times, self.error)
    }
}

/// An epoch with miners from uid 0 on and validators behind them: the stake of each, and its weights.
fn epoch_of(miners: usize, validators: Vec<(u32, Vec<(u16, u16)>)>) -> EpochInput {
    let neurons = miners + validators.len();
    let (stakes, rows): (Vec<u32>, Vec<_>) = validators.into_iter().unzip();
    let stakes = vec![0; miners].into_iter().chain(stakes);
    EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        block: 1_000,
        emission: 1_000_000_000,
        last_step_block: 640,
        total_stake: stakes.map(I64F64::from_int).collect(),
        last_update: vec![990; neurons],
        registered: vec![1; neurons],
        permits: (0..neurons).map(|uid| uid >= miners).collect(),
        weights: vec![Vec::new(); miners].into_iter().chain(rows).collect(),
        bonds: vec![Vec::new(); neurons],
        commit_blocks: vec![None; neurons],
        ..EpochInput::default()
    }
}

/// The weight of all scores together.
fn weight(scores: &[(Ppm, u32)]) -> f64 {
    scores.iter().map(|(_, weight)| f64::from(*weight)).sum()
}

/// The mean of scores by weight, as a part of 1.
fn mean(scores: &[(Ppm, u32)]) -> f64 {
    let total = weight(scores);
    let sum: f64 = scores.iter().map(|(score, weight)| f64::from(score.get()) * f64::from(*weight)).sum();
    sum / total.max(1.0) / 1e6
}

//! Pay over simulated windows: who tells what it believes expects the most of it.
//!
//! The one who knows composes the series itself, and simulates how it goes on from where it is. Everybody else starts
//! from the same ways and changes them.

use myelin_subnet::{evaluation::Standing, testkit::by_tier, Mechanism, Subnet, TaskPlan};
use myelin_wire::{record::Ppm, seed::Seed};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    crps::Crps,
    forecast::Forecaster,
    protocol::{pack, unpack, FinanceRequest, FinanceResponse, Wanted, LARGEST, ONE},
    score,
    series::Composer,
    subnet::{FinanceConfig, FinanceSubnet},
};

/// Rounds that are simulated, and windows drawn from them.
const ROUNDS: u64 = 60;
const WINDOWS: u64 = 3000;
/// Mixtures of lies that the long tests try, and the quick ones.
const LIES: (u32, u32) = (24, 8);

/// A change of the ways that one believes in, from 0 (the last value) along the horizon.
type Change = fn(&mut Vec<Vec<i32>>, usual: i64);

/// All moves so many thousandths as large.
fn stretch(ways: &mut [Vec<i32>], thousandths: i64) {
    let scale = |value: &mut i32| *value = (i64::from(*value) * thousandths / 1000) as i32;
    ways.iter_mut().flatten().for_each(scale);
}

/// Ends moved by so many thousandths of the usual move, and earlier steps in proportion.
fn shift(ways: &mut [Vec<i32>], usual: i64, thousandths: i64) {
    for way in ways {
        let steps = way.len() as i64;
        let by = |step: usize| usual * thousandths * (step as i64 + 1) / (1000 * steps);
        way.iter_mut().enumerate().for_each(|(step, value)| *value += by(step) as i32);
    }
}

/// Only the ways that end highest, or lowest, each as often as it takes to have as many.
fn side(ways: &mut Vec<Vec<i32>>, part: usize, highest: bool) {
    let count = ways.len();
    ways.sort_by_key(|way| way.last().copied());
    if highest {
        ways.reverse();
    }
    let kept = (count * part / 100).max(1);
    *ways = (0..count).map(|at| ways[at % kept].clone()).collect();
}

/// Something else than one believes: ways of one side, with other moves.
#[derive(Clone, Copy, Debug)]
struct Lie {
    stretch: i64,
    shift: i64,
    /// Part of the ways that is told, in percent, and whether it is the highest.
    side: Option<(usize, bool)>,
}

impl Lie {
    fn any() -> impl Strategy<Value = Self> {
        (0..2500i64, -1500..1500i64, prop::option::of((1..100usize, any::<bool>())))
            .prop_map(|(stretch, shift, side)| Self { stretch, shift, side })
    }

    fn tell(&self, ways: &mut Vec<Vec<i32>>, usual: i64) {
        if let Some((part, highest)) = self.side {
            side(ways, part, highest);
        }
        stretch(ways, self.stretch);
        shift(ways, usual, self.shift);
    }
}

/// Names of changes, each with those that keys of one miner would make beside each other.
const HEDGES: &[(&str, &[Change])] = &[
    ("half as wide", &[|ways, _| stretch(ways, 500)]),
    ("a fifth narrower", &[|ways, _| stretch(ways, 800)]),
    ("a tenth narrower", &[|ways, _| stretch(ways, 900)]),
    ("a tenth wider", &[|ways, _| stretch(ways, 1100)]),
    ("half as wide again", &[|ways, _| stretch(ways, 1500)]),
    ("never a move", &[|ways, _| stretch(ways, 0)]),
    ("a tenth up and down", &[|ways, usual| shift(ways, usual, 100), |ways, usual| shift(ways, usual, -100)]),
    ("a third up and down", &[|ways, usual| shift(ways, usual, 330), |ways, usual| shift(ways, usual, -330)]),
    (
        "a move up and down",
        &[|ways, usual| shift(ways, usual, 1000), |ways, usual| shift(ways, usual, -1000)],
    ),
    ("upper and lower 80 %", &[|ways, _| side(ways, 80, true), |ways, _| side(ways, 80, false)]),
    ("upper and lower half", &[|ways, _| side(ways, 50, true), |ways, _| side(ways, 50, false)]),
    ("a way each", &[|ways, _| side(ways, 1, true), |ways, _| side(ways, 1, false)]),
    (
        "wide and narrow, up and down",
        &[
            |ways, _| stretch(ways, 700),
            |ways, _| stretch(ways, 1300),
            |ways, usual| shift(ways, usual, 250),
            |ways, usual| shift(ways, usual, -250),
        ],
    ),
];

/// A task, how it went on, and ways in which it might have, from the last value on.
struct Known {
    plan: TaskPlan,
    request: FinanceRequest,
    outcome: Vec<i32>,
    ways: Vec<Vec<i32>>,
}

impl Known {
    /// The answer that follows from ways.
    fn answer(&self, ways: &[Vec<i32>]) -> FinanceResponse {
        let last = self.request.last();
        let value = |moved: &i32| last.saturating_add(*moved).clamp(-LARGEST, LARGEST);
        let mut ends: Vec<i32> = ways.iter().filter_map(|way| way.last()).map(value).collect();
        ends.sort_unstable();
        match self.request.wanted {
            Wanted::Paths(count) => {
                let ways = ways.iter().take(count.into());
                let paths: Vec<Vec<i32>> = ways.map(|way| way.iter().map(value).collect()).collect();
                FinanceResponse::Paths(pack(last, &paths))
            }
            Wanted::Interval(coverage) => {
                let beside = ends.len() * ((ONE - coverage) / 2) as usize / ONE as usize;
                FinanceResponse::Interval(ends[beside], ends[ends.len() - 1 - beside])
            }
            Wanted::Above(_) | Wanted::Reaches(_) => {
                let happens = |way: &&Vec<i32>| {
                    score::happens(&self.request, last, &way.iter().map(value).collect::<Vec<i32>>())
                };
                let happened = ways.iter().filter(happens).count() as u64;
                FinanceResponse::Probability((happened * u64::from(ONE) / ways.len() as u64) as u32)
            }
        }
    }

    fn skill(&self, change: impl Fn(&mut Vec<Vec<i32>>, i64)) -> u64 {
        let mut ways = self.ways.clone();
        change(&mut ways, score::usual_move(&self.request));
        score::skill(&self.request, &self.outcome, &self.answer(&ways)).expect("of the form").get().into()
    }
}

/// Ways of a random walk with the steps of the past, from the last value on.
fn walks(request: &FinanceRequest, seed: &Seed, count: usize) -> Vec<Vec<i32>> {
    let asked = FinanceRequest { wanted: Wanted::Paths(count as u16), ..request.clone() };
    let FinanceResponse::Paths(packed) = Forecaster::Walk.answer(&asked, seed) else { panic!("paths") };
    let mut ways = unpack(&packed, asked.last(), count, asked.steps.into()).expect("paths");
    ways.iter_mut().flatten().for_each(|value| *value -= asked.last());
    ways
}

/// The tasks of a round by default, with what somebody believes who knows the process, or who knows nothing.
fn round(composer: &Composer, number: u64, knows: bool) -> Vec<Known> {
    let subnet =
        FinanceSubnet::open(FinanceConfig { composer: Some(composer.clone()), ..Default::default() });
    let subnet = subnet.expect("a subnet");
    let mut tasks = Vec::new();
    for plan in subnet.tasks() {
        for index in 0..u64::from(plan.count) {
            let seed = Seed([3; 32]).derive(plan.kind.as_bytes(), number << 16 | index);
            let challenge = subnet.challenge(&plan, &seed, &()).expect("a task");
            let (request, outcome) = (challenge.request, challenge.hidden.outcome);
            let count = if matches!(request.wanted, Wanted::Paths(_)) { 200 } else { 600 };
            let ways = match knows {
                true => composer.ways(&seed, request.history.len(), outcome.len(), count),
                false => walks(&request, &seed, count),
            };
            tasks.push(Known { plan: plan.clone(), request, outcome, ways });
        }
    }
    tasks
}

/// Scores of rounds: weighted means over their tasks, as the framework takes them.
fn scores(rounds: &[Vec<Known>], change: impl Fn(&mut Vec<Vec<i32>>, i64)) -> Vec<Ppm> {
    let of_round = |tasks: &Vec<Known>| {
        let weight: u64 = tasks.iter().map(|task| u64::from(task.plan.weight)).sum();
        let sum: u64 = tasks.iter().map(|task| u64::from(task.plan.weight) * task.skill(&change)).sum();
        Ppm::new((sum / weight) as u32)
    };
    rounds.iter().map(of_round).collect()
}

/// Mean pay over windows of rounds that are drawn anew.
fn pay(mechanism: &Mechanism, scores: &[Ppm]) -> f64 {
    let myelin_subnet::Pay::Window(rule) = mechanism.pay else { panic!("finance pays by windows") };
    let mut rng = Seed([5; 32]).rng();
    let mut window = || {
        let mut standing = Standing::default();
        for _ in 0..rule.rounds {
            standing.take_in(mechanism, scores[rng.below(scores.len() as u64) as usize]);
        }
        standing.above(&rule)
    };
    let sum: u64 = (0..WINDOWS).map(|_| window()).sum();
    sum as f64 / WINDOWS as f64
}

/// A forecaster that knows the process gains nothing by telling something else, with one key or with several that bet
/// on different futures. Nor does a pair of keys gain that bets up and down for somebody who believes in a random walk
/// and is paid little. (Its walks are too wide where series return to a level, so narrower ones are better forecasts.)
#[test]
fn the_truth_expects_the_most_pay_and_hedged_keys_gain_nothing() {
    let composer = Composer::new(&[11; 32]);
    let subnet = FinanceSubnet::open(FinanceConfig::default()).expect("a subnet");
    let mechanism = &subnet.mechanisms()[0];
    for knows in [true, false] {
        let rounds: Vec<Vec<Known>> = (0..ROUNDS).map(|number| round(&composer, number, knows)).collect();
        let truth = pay(mechanism, &scores(&rounds, |_, _| ()));
        assert!(truth > 0.0);
        let mut report = format!("knows the process: {knows}; what it believes is paid {truth:.0}\n");
        let mut best = 0.0f64;
        for (name, keys) in HEDGES.iter().filter(|(_, keys)| knows || keys.len() == 2) {
            let each: Vec<f64> =
                keys.iter().map(|change| pay(mechanism, &scores(&rounds, *change)) / truth).collect();
            let mean = each.iter().sum::<f64>() / each.len() as f64;
            report.push_str(&format!("{name}: {mean:.3} of it for a key {each:.3?}\n"));
            best = best.max(mean);
        }
        println!("{report}");
        assert!(best <= 1.05, "{report}");
    }
}

/// Somebody who knows the process and tells anything else, with one key or up to four, has no more mean pay from these
/// keys than from the truth. Two hundredths are left for the chance of these outcomes.
#[test]
fn no_mixture_of_lies_expects_more_pay_than_the_truth() {
    let composer = Composer::new(&[12; 32]);
    let subnet = FinanceSubnet::open(FinanceConfig::default()).expect("a subnet");
    let mechanism = &subnet.mechanisms()[0];
    let rounds: Vec<Vec<Known>> = (0..ROUNDS).map(|number| round(&composer, number, true)).collect();
    let truth = pay(mechanism, &scores(&rounds, |_, _| ()));
    // The outcomes are the same in each run, and so are the lies.
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::with_cases(by_tier(LIES.0, LIES.1)), rng);
    let told = runner.run(&prop::collection::vec(Lie::any(), 1..5), |lies| {
        let each: Vec<f64> = lies
            .iter()
            .map(|lie| pay(mechanism, &scores(&rounds, |ways, usual| lie.tell(ways, usual))) / truth)
            .collect();
        let mean = each.iter().sum::<f64>() / each.len() as f64;
        prop_assert!(mean <= 1.02, "{mean:.3} of the truth, {each:.3?}");
        Ok(())
    });
    assert!(told.is_ok(), "{told:?}");
}

proptest! {
    /// With outcomes as likely as a forecaster believes, no other paths have a smaller CRPS on average. In whole
    /// numbers, so without a tolerance.
    #[test]
    fn no_other_paths_expect_a_smaller_loss(
        believed in prop::collection::vec(-5000i32..5000, 1..40),
        told in prop::collection::vec(-5000i32..5000, 1..40),
    ) {
        let mut crps = Crps::default();
        let mut loss = |members: &[i32]| -> i128 {
            believed.iter().map(|outcome| i128::from(crps.scaled(members, *outcome))).sum()
        };
        let square = |members: &[i32]| (members.len() as i128).pow(2);
        prop_assert!(loss(&believed) * square(&told) <= loss(&told) * square(&believed));
    }
}

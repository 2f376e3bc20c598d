//! How far opinions of honest validators differ, and what one that frames a miner takes from it.
//!
//! Each validator asks tasks of its own and keeps standings of its own, so honest opinions differ. Within these
//! differences an opinion that is too low cannot be told from an honest one ([`myelin_yuma::framing`]). Here the
//! differences follow from the kind's scores, its averages and its weights.

use myelin_wire::{
    record::Ppm,
    seed::{Seed, SeedRng},
};
use myelin_yuma::{
    framing::{remember, Mark},
    run_epoch, EpochInput, EpochOutput,
};

use super::{
    draw, epoch_of, is_served, mean, miners, power::judged_in_a_round, quality::ACCURACIES, Hall, Luck, TASKS,
};
use crate::{
    evaluation::{take_in, weigh_standings, MinerScore, Standings},
    subnet::{Pay, Share, SubnetError},
    testkit::contest::Contest,
    validator::schedule::Timetable,
};

/// Validators with the same stake, and in how many times as many answers as in a full subnet they look.
const SETTINGS: [(usize, u64); 4] = [(3, 1), (3, 4), (8, 1), (8, 4)];
/// Miners of each accuracy.
const ALIKE: usize = 2;
/// The miner that is framed: one of middling accuracy.
const FRAMED: usize = ALIKE * ACCURACIES.len() / 2;
/// Epochs for which the validators know the miners before.
const KNOWN: usize = 30;
/// Epochs in which the miner is framed.
const EPOCHS: usize = 400;
/// Parts of the miner's due that are tried: so many steps from nothing to all of it.
const STEPS: u32 = 20;
/// The part of its due with which the power of marks is told.
const TOLD: f64 = 0.6;

/// Opinions of some validators of the same stake, where proof is demanded.
#[derive(Clone, Debug, PartialEq)]
pub struct Opinions {
    /// The validators.
    pub validators: usize,
    /// Answers of one miner that each of them judges in an epoch.
    pub judged: u64,
    /// Mean distance of an opinion on a miner from the median of all, as a part of that.
    pub apart: f64,
    /// Largest part of its incentive that a miner loses to one of them.
    pub loss: f64,
    /// The part of its due that one gives it in that case.
    pub given: f64,
    /// Part of the validators that are marked in their second epoch, of those that give a miner 0.6 of its due.
    pub marked: f64,
    /// Epochs of 1,000 in which an honest validator is marked.
    pub false_marks: f64,
}

/// Weights of each validator in an epoch.
type Rows = Vec<Vec<u16>>;

/// Measures opinions of three and of eight validators, in a full subnet and in a small one.
pub fn opinions<S: Contest>(seed: &Seed) -> Result<Vec<Opinions>, SubnetError> {
    let subnet = S::judging(&seed.derive(b"secret", 0))?;
    let tasks = draw(&subnet, seed, TASKS)?;
    let hall = Hall { subnet, seed: *seed, tasks, part: 1 };
    let scores = hall.oracles(&ACCURACIES, Luck::Own, 0);
    let mut rng = seed.derive(b"opinions", 0).rng();
    let rounds = u64::from(Timetable::default().rounds.rounds);
    let measure = |(validators, times)| {
        let in_a_round = times * judged_in_a_round(&hall);
        let epochs = honest(&hall, &scores, (validators, in_a_round), &mut rng);
        measured(&epochs, rounds * in_a_round)
    };
    Ok(SETTINGS.into_iter().map(measure).collect())
}

fn measured(epochs: &[Rows], judged: u64) -> Opinions {
    let validators = epochs[0].len();
    let all = epochs.iter().flatten();
    let due = all.map(|row| f64::from(row[FRAMED])).sum::<f64>() / (epochs.len() * validators) as f64;
    let framing = |rows: &Rows, given: f64| {
        let mut rows = rows.clone();
        rows[0][FRAMED] = (due * given) as u16;
        rows
    };
    let paid = |rows: &Rows| f64::from(paying(rows).incentive[FRAMED]);
    let fair: f64 = epochs.iter().map(paid).sum();
    let loss = |given: f64| {
        let left: f64 = epochs.iter().map(|rows| paid(&framing(rows, given))).sum();
        1.0 - left / fair.max(1e-9)
    };
    let tried = (0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)).map(|given| (loss(given), given));
    let (loss, given) = tried.fold((0.0, 1.0), |worst, next| if next.0 > worst.0 { next } else { worst });
    let is_marked = |marks: &[Mark], validator: usize| {
        let uid = epochs[0][0].len() + validator;
        marks.iter().any(|mark| mark.is_set() && usize::from(mark.validator) == uid)
    };
    let pairs = || epochs.windows(2);
    let caught = pairs().filter(|pair| {
        let both = pair
            .iter()
            .fold(Vec::new(), |marks, rows| remember(&marks, &paying(&framing(rows, TOLD)).outvoted));
        is_marked(&both, 0)
    });
    let falsely = pairs().map(|pair| {
        let both = pair.iter().fold(Vec::new(), |marks, rows| remember(&marks, &paying(rows).outvoted));
        (0..validators).filter(|validator| is_marked(&both, *validator)).count()
    });
    let pairs = (epochs.len() - 1) as f64;
    Opinions {
        validators,
        judged,
        apart: apart(epochs),
        loss,
        given,
        marked: caught.count() as f64 / pairs,
        false_marks: 1_000.0 * falsely.sum::<usize>() as f64 / pairs / validators as f64,
    }
}

/// Weights of honest validators, epoch by epoch, by the scores of miners on the same tasks.
fn honest<S: Contest>(
    hall: &Hall<S>,
    scores: &[Vec<(Ppm, u32)>],
    (validators, in_a_round): (usize, u64),
    rng: &mut SeedRng,
) -> Vec<Rows> {
    let mechanisms = hall.subnet.mechanisms();
    let plan = &mechanisms[0];
    let miners = miners(ALIKE * scores.len());
    let is_shared = hall.subnet.tasks().iter().any(|plan| is_served(plan) && plan.share != Share::Miner);
    let mut judges = vec![Standings::default(); validators];
    let mut epochs = Vec::new();
    for epoch in 0..KNOWN + EPOCHS {
        for standings in &mut judges {
            for _ in 0..Timetable::default().rounds.rounds {
                let mut drawn =
                    || (0..in_a_round).filter_map(|_| rng.index(hall.tasks.len())).collect::<Vec<_>>();
                let shared = is_shared.then(&mut drawn);
                let mut score = |miner: usize| {
                    let own = shared.is_none().then(&mut drawn);
                    let drawn = own.iter().chain(&shared).flatten();
                    let sample: Vec<_> = drawn.map(|task| scores[miner / ALIKE][*task]).collect();
                    let mean = Ppm::new((1e6 * mean(&sample)) as u32);
                    let (score, quality) = match plan.pay {
                        Pay::Load(_) => (Ppm::ONE, Some(mean)),
                        _ => (mean, None),
                    };
                    let miner = miners[miner];
                    MinerScore { mechanism: 0, miner, score: Some(score), quality, answers: Vec::new() }
                };
                let round: Vec<_> = (0..miners.len()).map(&mut score).collect();
                take_in(standings, &mechanisms, &round, &[]);
            }
        }
        let row = |standings: &Standings| -> Vec<u16> {
            let known = miners
                .iter()
                .filter_map(|miner| standings.get(&(0, miner.hotkey)).map(|standing| (*miner, standing)));
            weigh_standings(plan, &known.collect::<Vec<_>>()).into_iter().map(|(_, weight)| weight).collect()
        };
        if epoch >= KNOWN {
            epochs.push(judges.iter().map(row).collect());
        }
    }
    epochs
}

/// An epoch where proof is demanded.
fn paying(rows: &Rows) -> EpochOutput {
    let (miners, neurons) = (rows[0].len(), rows[0].len() + rows.len());
    let validators = rows.iter().map(|row| (1_000, (0..).zip(row.iter().copied()).collect()));
    run_epoch(&EpochInput { unproven: vec![false; neurons], ..epoch_of(miners, validators.collect()) })
}

/// Mean distance of an opinion on a paid miner from the median of all, where rows have one sum.
fn apart(epochs: &[Rows]) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for rows in epochs {
        let share = |row: &Vec<u16>, miner: usize| {
            let all: f64 = row.iter().copied().map(f64::from).sum();
            f64::from(row[miner]) / all.max(1.0)
        };
        for miner in 0..rows[0].len() {
            let mut of: Vec<f64> = rows.iter().map(|row| share(row, miner)).collect();
            of.sort_by(f64::total_cmp);
            let median = of[of.len() / 2];
            if median > 0.0 {
                sum += of.iter().map(|value| (value / median - 1.0).abs().min(1.0)).sum::<f64>();
                count += of.len() as f64;
            }
        }
    }
    sum / f64::max(count, 1.0)
}

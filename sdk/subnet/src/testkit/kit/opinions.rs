//! What one validator takes from a miner, where the others differ as validators of this kind do by chance.
//!
//! Each validator asks tasks of its own and keeps standings of its own, so honest opinions differ. Within these
//! differences an opinion that is too low cannot be told from an honest one
//! ([`myelin_yuma::framing`]). Here the differences follow from the kind's scores, its averages and its weights.

use myelin_units::I64F64;
use myelin_wire::{record::Ppm, seed::SeedRng};
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

use super::{is_served, mean, miners, power::judged_in_a_round, Finding, Hall};
use crate::{
    evaluation::{averages::take_in, round::MinerScore, weigh_standings, Standings},
    subnet::{Pay, Share},
    testkit::contest::Contest,
    validator::schedule::Timetable,
};

/// Validators with the same stake, of whom the first frames.
const JUDGES: usize = 3;
/// Miners of each accuracy.
const ALIKE: usize = 2;
/// Epochs for which the validators know the miners before.
const KNOWN: usize = 30;
/// Epochs in which the miner is framed.
const EPOCHS: u64 = 400;
/// Parts of the miner's due that are tried: so many steps from nothing to all of it.
const STEPS: u32 = 20;
/// Largest part of its incentive that the miner may lose.
const BOUND: f64 = 0.02;

/// The loss of a miner of middling accuracy, by the scores of miners on the same tasks, one list for each accuracy.
pub(super) fn framed<S: Contest>(hall: &Hall<S>, scores: &[Vec<(Ppm, u32)>]) -> Finding {
    let mut rng = hall.seed.derive(b"opinions", 0).rng();
    let (rows, framed) = (opinions(hall, scores, &mut rng), ALIKE * scores.len() / 2);
    let due =
        rows.iter().flatten().map(|row| f64::from(row[framed])).sum::<f64>() / (rows.len() * JUDGES) as f64;
    let fair: f64 = rows.iter().map(|rows| incentive(rows, framed)).sum();
    let (worst, given) = (0..=STEPS)
        .map(|step| {
            let given = f64::from(step) / f64::from(STEPS);
            let paid = rows.iter().map(|rows| {
                let mut rows = rows.clone();
                rows[0][framed] = (due * given) as u16;
                incentive(&rows, framed)
            });
            (1.0 - paid.sum::<f64>() / fair.max(1e-9), given)
        })
        .fold((0.0, 1.0), |worst, next| if next.0 > worst.0 { next } else { worst });
    let seen = format!(
        "at most {:.1} % of its incentive, where it is given {given:.2} of its due; opinions of {JUDGES} validators on \
         a miner are {:.1} % apart from their median, in the mean",
        100.0 * worst,
        100.0 * distance(&rows)
    );
    Finding {
        promise: "one validator of three takes at most 2 % of a miner's incentive",
        seen,
        kept: worst <= BOUND,
    }
}

/// Weights of honest validators, epoch by epoch.
fn opinions<S: Contest>(hall: &Hall<S>, scores: &[Vec<(Ppm, u32)>], rng: &mut SeedRng) -> Vec<Vec<Vec<u16>>> {
    let mechanisms = hall.subnet.mechanisms();
    let plan = &mechanisms[0];
    let miners = miners(ALIKE * scores.len());
    let (tasks, in_a_round) = (hall.tasks.len() as u64, judged_in_a_round(hall));
    let is_shared = hall.subnet.tasks().iter().any(|plan| is_served(plan) && plan.share != Share::Miner);
    let mut judges = vec![Standings::default(); JUDGES];
    let mut rows = Vec::new();
    for epoch in 0..KNOWN + hall.trials(EPOCHS) as usize {
        for standings in &mut judges {
            for _ in 0..Timetable::default().rounds.rounds {
                let mut drawn = || (0..in_a_round).map(|_| rng.below(tasks) as usize).collect::<Vec<_>>();
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
            rows.push(judges.iter().map(row).collect());
        }
    }
    rows
}

/// The incentive of a miner where proof is demanded.
fn incentive(rows: &[Vec<u16>], miner: usize) -> f64 {
    let (miners, neurons) = (rows[0].len(), rows[0].len() + rows.len());
    let row = |row: &Vec<u16>| (0..).zip(row.iter().copied()).collect();
    let input = EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        block: 1_000,
        emission: 1_000_000_000,
        last_step_block: 640,
        total_stake: (0..neurons).map(|uid| I64F64::from_int(u32::from(uid >= miners) * 1_000)).collect(),
        last_update: vec![990; neurons],
        registered: vec![1; neurons],
        permits: (0..neurons).map(|uid| uid >= miners).collect(),
        weights: vec![Vec::new(); miners].into_iter().chain(rows.iter().map(row)).collect(),
        bonds: vec![Vec::new(); neurons],
        commit_blocks: vec![None; neurons],
        unproven: vec![false; neurons],
        ..EpochInput::default()
    };
    f64::from(run_epoch(&input).incentive[miner])
}

/// Mean distance of an opinion on a paid miner from the median of all, as a part of that, where rows have one sum.
fn distance(rows: &[Vec<Vec<u16>>]) -> f64 {
    let (mut sum, mut count) = (0.0, 0u32);
    for rows in rows {
        let shares: Vec<Vec<f64>> = rows
            .iter()
            .map(|row| {
                let all: f64 = row.iter().copied().map(f64::from).sum();
                row.iter().map(|weight| f64::from(*weight) / all.max(1.0)).collect()
            })
            .collect();
        for miner in 0..shares[0].len() {
            let mut of: Vec<f64> = shares.iter().map(|row| row[miner]).collect();
            of.sort_by(f64::total_cmp);
            let median = of[JUDGES / 2];
            if median > 0.0 {
                sum += of.iter().map(|one| (one / median - 1.0).abs().min(1.0)).sum::<f64>();
                count += JUDGES as u32;
            }
        }
    }
    sum / f64::from(count.max(1))
}

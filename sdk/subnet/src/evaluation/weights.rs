//! Weights that follow from the standings.

use std::collections::BTreeMap;

use myelin_wire::record::Ppm;

use super::{weigh_ladder, Climber, Standing};
use crate::subnet::{Mechanism, MinerRef, Pay};

/// Rule that turns averages into weights.
///
/// `weight = floor(65535 · (average / best)^sharpness)`, zero below `cutoff` of the best average. Sharpness above 1
/// pays quality more than in proportion: then it is worth more to be good once than mediocre twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeightRule {
    /// The exponent, 1 to 8.
    pub sharpness: u32,
    /// Averages below this part of the best get nothing.
    pub cutoff: Ppm,
}

impl Default for WeightRule {
    fn default() -> Self {
        Self { sharpness: 2, cutoff: Ppm::new(100_000) }
    }
}

impl WeightRule {
    /// Each miner in proportion to its average, however small it is: where sharing an average over several keys must
    /// not change the keys' pay in sum.
    pub fn proportional() -> Self {
        Self { sharpness: 1, cutoff: Ppm::ZERO }
    }
}

/// Rule that pays each miner for what its scores of the last rounds have above a level.
///
/// `worth = max(0, sum of (score − base) over its scores of the last rounds) / rounds`: no power and no cut-off, so a
/// miner gains nothing by risk, and one that is new is paid for each of its rounds as others are. A task without an
/// answer in form counts `base`: it earns nothing and costs nothing. So `base` must be a level that everybody reaches
/// on every task without trouble; then nothing is gained by leaving tasks out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowRule {
    /// Rounds in the window, at most [`WINDOW`](super::ladder::WINDOW).
    pub rounds: usize,
    /// The level.
    pub base: Ppm,
}

/// The weights of `averages` (uid, average in any unit), sorted by uid; zeros are listed, so that the bonds behind them
/// decay.
///
/// Empty if no average is above zero: then there are no weights to set.
pub fn weigh(averages: &[(u16, u64)], rule: &WeightRule) -> Vec<(u16, u16)> {
    let best = averages.iter().map(|(_, average)| *average).max().unwrap_or_default();
    if best == 0 {
        return Vec::new();
    }
    let mut weights: Vec<_> =
        averages.iter().map(|&(uid, average)| (uid, weight(average, best, rule))).collect();
    weights.sort_unstable();
    weights.dedup_by_key(|(uid, _)| *uid);
    weights
}

/// The weights of a mechanism that follow from the standings of its neurons; empty if there are none to set.
pub fn weigh_standings(plan: &Mechanism, standings: &[(MinerRef, &Standing)]) -> Vec<(u16, u16)> {
    let each = |worth: &dyn Fn(&Standing) -> u64| -> Vec<(u16, u64)> {
        standings.iter().map(|(miner, standing)| (miner.uid, worth(standing))).collect()
    };
    // Newcomers get a part of their weight.
    let parts: BTreeMap<u16, Ppm> =
        standings.iter().map(|(miner, standing)| (miner.uid, standing.seasoned(plan.burn_in))).collect();
    let seasoned = |weights: Vec<(u16, u16)>| -> Vec<(u16, u16)> {
        let part = |uid| parts.get(&uid).copied().unwrap_or_default();
        let weight = |(uid, weight): (u16, u16)| (uid, part(uid).of(Ppm::new(weight.into())).get() as u16);
        weights.into_iter().map(weight).collect()
    };
    match &plan.pay {
        Pay::Power(rule) => seasoned(weigh(&each(&|standing| standing.average().get().into()), rule)),
        Pay::Load(rule) => {
            seasoned(weigh(&each(&|standing| standing.earned(rule.sharpness)), &WeightRule::proportional()))
        }
        Pay::Window(rule) => weigh(&each(&|standing| standing.above(rule)), &WeightRule::proportional()),
        Pay::Agreement(rule) => weigh(&each(&|standing| standing.told(rule)), &WeightRule::proportional()),
        Pay::Ladder(rule) => {
            // Where no artefact has been judged for that long, the window is the longest record.
            let longest = standings.iter().map(|(_, standing)| standing.remembered()).max();
            let window = rule.window.min(longest.unwrap_or_default());
            let climber = |(miner, standing): &(MinerRef, &Standing)| {
                let (rungs, now) = standing.rungs(window);
                Climber { uid: miner.uid, hotkey: miner.hotkey, rungs, now }
            };
            weigh_ladder(&standings.iter().map(climber).collect::<Vec<_>>(), rule)
        }
    }
}

fn weight(average: u64, best: u64, rule: &WeightRule) -> u16 {
    let relative = Ppm::ratio(average, best);
    if relative < rule.cutoff {
        return 0;
    }
    let powered = (1..rule.sharpness.clamp(1, 8)).fold(relative, |power, _| power.of(relative));
    (u64::from(powered.get()) * 65_535 / 1_000_000) as u16
}

#[cfg(test)]
mod tests;

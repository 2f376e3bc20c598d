//! A search for weights by which validators with less than half of the stake change a miner's pay.

use crate::judges::{incentive, measured, quality, Judge, Random};

/// Miners of a subnet; the search is about miner [`TARGET`].
const MINERS: u16 = 8;
/// The miner that is raised or lowered.
const TARGET: u16 = 3;
/// Draws of the honest validators' errors over which pay is averaged.
const DRAWS: u64 = 8;
/// Weights that are tried, in thousandths of the truth. An honest validator gives 1,000.
const PALETTE: [u32; 10] = [0, 300, 450, 520, 700, 900, 1_000, 1_200, 2_000, 100_000];

/// Validators in secret agreement beside honest ones.
#[derive(Clone, Copy, Debug)]
pub struct Plot {
    /// Honest validators, which share the rest of the stake equally.
    pub honest: usize,
    /// Of these, the first so many get no answer of the miner and give it nothing.
    pub ignored: usize,
    /// Validators in agreement, which share theirs equally.
    pub agreed: usize,
    /// Their stake in percent.
    pub percent: u32,
    /// Largest error of honest validators, in thousandths.
    pub error: u32,
}

/// The rules that are compared.
#[derive(Clone, Copy, PartialEq)]
pub enum Rule {
    /// Ranks of `framing::ranks`.
    InForce,
    /// Ranks equal to the consensus.
    Consensus,
}

/// One thousandth of the truth for each member of the agreement and each miner.
type Weights = Vec<Vec<u32>>;

impl Plot {
    /// The miner's incentive when the members of the agreement are honest.
    pub fn fair(self, rule: Rule) -> f64 {
        let all = Plot { ignored: 0, ..self };
        all.pay(&vec![vec![1_000; usize::from(MINERS)]; self.agreed], rule)
    }

    /// The largest (or smallest) incentive of the miner that hill climbing finds in `steps` steps from each of four
    /// starts.
    pub fn best(self, rule: Rule, raise: bool, steps: u32) -> f64 {
        let better = |new: f64, old: f64| if raise { new > old } else { new < old };
        let honest = || vec![vec![1_000; usize::from(MINERS)]; self.agreed];
        let with = |first: u32, others: u32| {
            let mut weights = honest();
            weights.iter_mut().for_each(|row| row[usize::from(TARGET)] = others);
            weights[0][usize::from(TARGET)] = first;
            weights
        };
        let starts = [honest(), with(100_000, 100_000), with(0, 100_000), with(0, 0)];
        let mut random = Random(11);
        let climbed = starts.into_iter().map(|mut weights| {
            let mut pay = self.pay(&weights, rule);
            for _ in 0..steps {
                let changed = changed(&weights, &mut random);
                let new = self.pay(&changed, rule);
                if better(new, pay) {
                    (pay, weights) = (new, changed);
                }
            }
            pay
        });
        climbed.reduce(|best, pay| if better(pay, best) { pay } else { best }).unwrap_or_default()
    }

    fn pay(self, weights: &Weights, rule: Rule) -> f64 {
        let sum = (0..DRAWS).map(|draw| {
            let [now, agreed] = incentive(&self.judges(weights, draw), TARGET);
            if rule == Rule::InForce {
                now
            } else {
                agreed
            }
        });
        sum.sum::<f64>() / DRAWS as f64
    }

    fn judges(self, weights: &Weights, draw: u64) -> Vec<Judge> {
        let mut random = Random(draw);
        // Stakes with few common divisors, in millionths.
        let own = self.percent * 10_000 / self.agreed as u32;
        let other = (100 - self.percent) * 10_000 / self.honest as u32;
        let mut judges: Vec<Judge> =
            (0..self.honest).map(|_| (other, measured(MINERS, self.error, &mut random))).collect();
        judges[..self.ignored].iter_mut().for_each(|judge| judge.1[usize::from(TARGET)] = 0);
        let weight = |(miner, part): (u16, &u32)| (quality(miner) * part / 300).min(u16::MAX.into()) as u16;
        judges.extend(weights.iter().map(|row| (own, (0..).zip(row).map(weight).collect())));
        judges
    }
}

/// The weights with one number changed, of one member or of all.
fn changed(weights: &Weights, random: &mut Random) -> Weights {
    let mut changed = weights.clone();
    let miner = match random.below(2) {
        0 => TARGET,
        _ => random.below(MINERS.into()) as u16,
    };
    let part = PALETTE[random.below(PALETTE.len() as u32) as usize];
    let member = random.below(weights.len() as u32) as usize;
    let all = random.below(3) == 0;
    let rows = changed.iter_mut().enumerate().filter(|(at, _)| all || *at == member);
    rows.for_each(|(_, row)| row[usize::from(miner)] = part);
    changed
}

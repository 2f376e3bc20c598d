//! The epoch, word by word.

use super::{weighted_median, Dense};
use crate::input::EpochInput;
use crate::output::EpochOutput;
use crate::Unlisted;
use alloc::vec;
use alloc::vec::Vec;
use myelin_units::{I32F32, I64F64, I96F32};

/// The epoch under the rules in force.
pub fn run_epoch(input: &EpochInput) -> EpochOutput {
    run_epoch_with(input, Unlisted::Lost)
}

/// The epoch with a choice about bonds of unlisted miners.
pub fn run_epoch_with(input: &EpochInput, unlisted: Unlisted) -> EpochOutput {
    let epoch = Epoch::of(input, unlisted);
    let params = &input.params;
    let n = epoch.n;

    // 1. Activity.
    let active: Vec<bool> = (0..n).map(|i| epoch.is_active(i)).collect();

    // 2. Stake weight.
    let stake = epoch.stake_weight();

    // 3. Permits.
    let permits = epoch.new_permits(&stake);

    // 4. Active stake.
    let active_stake = epoch.active_stake(&stake);

    // 5. Weight matrix.
    let weights = epoch.weights();

    // 6. Consensus.
    let consensus = medians(n, &active_stake, unit(params.kappa), |i, j| weights.value(i, j));

    // 7. Clip and validator trust.
    let clipped = clip(&weights, &consensus);
    let validator_trust: Vec<I32F32> = (0..n).map(|i| clipped.row_sum(i)).collect();

    // 8. Outvoted validators, rank and incentive.
    let demanded = !input.unproven.is_empty();
    let spread = match demanded {
        true => spread(&weights, &consensus, &active_stake, unit(params.kappa)),
        false => I32F32::ZERO,
    };
    let part = (I32F32::ONE - spread * I32F32::from_int(5)).max(I32F32::from_ratio(1, 2));
    let less = |i: usize, j: usize| i != j && weights.value(i, j) < consensus[j] * part;
    let listed = |i: usize| (0..n).any(|j| weights.get(i, j).is_some());
    let is_asked = |i: &usize| demanded && active_stake[*i] > I32F32::ZERO && listed(*i);
    let asked: Vec<usize> = (0..n).filter(is_asked).collect();
    let bounds = (unit(params.kappa), spread);
    let ranks: Vec<I32F32> = match demanded {
        true => protected_ranks(&weights, &consensus, &active_stake, bounds, &asked, &less),
        false => (0..n).map(|j| clipped.weighted_column_sum(j, |i| active_stake[i])).collect(),
    };
    let incentive = normalised(&ranks);

    // 9. Weights for bonds.
    let bond_weights = epoch.bond_weights(&weights, &clipped);

    // 10. Bonds and dividends.
    let (bonds, dividends) = match params.yuma3 {
        true => epoch.bonds_per_pair(&bond_weights, &consensus, &incentive, &active_stake),
        false => epoch.bonds_by_stake(&bond_weights, &incentive, &active_stake),
    };

    // 11. Emission.
    let [server, validator, combined] = epoch.emission(&stake, &active_stake, &incentive, &dividends);

    // 12. The first miners on which each validator is outvoted.
    let mut outvoted = Vec::new();
    for &i in &asked {
        outvoted.extend((0..n).filter(|&j| less(i, j)).map(|j| (i as u16, j as u16)).take(16));
    }

    // 13. Outputs.
    EpochOutput {
        stake_weight: u16s(&stake),
        consensus: u16s(&consensus),
        incentive: u16s(&incentive),
        dividends: u16s(&dividends),
        validator_trust: u16s(&validator_trust),
        server_emission: server,
        validator_emission: validator,
        emission: combined,
        active,
        bonds: stored_rows(&bonds, &permits),
        permits,
        outvoted,
    }
}

/// The input of an epoch, with the size of its matrices.
struct Epoch<'a> {
    input: &'a EpochInput,
    unlisted: Unlisted,
    owner: Option<usize>,
    /// Neurons, and columns of each matrix.
    n: usize,
    /// Rows of each matrix: up to the last judge, or all.
    rows: usize,
}

impl<'a> Epoch<'a> {
    fn of(input: &'a EpochInput, unlisted: Unlisted) -> Self {
        let n = input.neurons();
        let stored = input.weights.len().max(input.bonds.len()).min(n);
        let is_empty = |i: usize, rows: &[Vec<(u16, u16)>]| rows.get(i).is_none_or(|row| row.is_empty());
        let judges = (0..stored).rfind(|&i| !is_empty(i, &input.weights) || !is_empty(i, &input.bonds));
        let rows = match unlisted {
            Unlisted::Lost => judges.map_or(0, |last| last + 1),
            Unlisted::Decays => n,
        };
        Self { input, unlisted, owner: input.owner_uid.map(usize::from), n, rows }
    }

    fn last_update(&self, i: usize) -> u64 {
        self.input.last_update.get(i).copied().unwrap_or(0)
    }

    fn registered(&self, j: usize) -> u64 {
        self.input.registered.get(j).copied().unwrap_or(0)
    }

    fn old_permit(&self, i: usize) -> bool {
        self.owner == Some(i) || self.input.permits.get(i).copied().unwrap_or(false)
    }

    fn unproven(&self, i: usize) -> bool {
        self.input.unproven.get(i) == Some(&true)
    }

    fn is_active(&self, i: usize) -> bool {
        let params = &self.input.params;
        let cutoff = (params.activity_cutoff_factor_milli as u64 * params.tempo as u64 / 1000).max(1);
        self.last_update(i).saturating_add(cutoff) >= self.input.block
    }

    fn stake_weight(&self) -> Vec<I32F32> {
        let counted = |i: usize| {
            let stake = self.input.total_stake[i];
            let threshold = self.input.params.stake_threshold;
            let too_small = stake.floor_u64() < threshold && self.owner != Some(i);
            if too_small || stake < I64F64::ZERO {
                I64F64::ZERO
            } else {
                stake
            }
        };
        let counted: Vec<I64F64> = (0..self.n).map(counted).collect();
        let total: I64F64 = counted.iter().copied().sum();
        counted.iter().map(|&s| (s / total).cast()).collect()
    }

    fn new_permits(&self, stake: &[I32F32]) -> Vec<bool> {
        let mut ascending: Vec<usize> = (0..self.n).collect();
        ascending.sort_by_key(|&i| stake[i]);
        let discarded = &ascending[..self.n.saturating_sub(self.input.params.max_validators as usize)];
        let barred = |i: usize| self.input.barred.get(i) == Some(&true);
        let chosen =
            |i: usize| self.owner == Some(i) || (stake[i] != I32F32::ZERO && !discarded.contains(&i));
        (0..self.n).map(|i| chosen(i) && !barred(i)).collect()
    }

    fn active_stake(&self, stake: &[I32F32]) -> Vec<I32F32> {
        let may_vote = |i: usize| self.is_active(i) && self.old_permit(i) && !self.unproven(i);
        let counted = |i: usize| if may_vote(i) { stake[i] } else { I32F32::ZERO };
        let masked: Vec<I32F32> = (0..self.n).map(counted).collect();
        normalised(&masked)
    }

    fn weights(&self) -> Dense {
        let input = self.input;
        Dense::from_stored(self.rows, self.n, &input.weights)
            .map(|i, _, w| Some(w).filter(|_| self.old_permit(i) && !self.unproven(i)))
            .map(|i, j, w| Some(w).filter(|_| i != j || self.owner == Some(i)))
            .map(|i, j, w| if self.last_update(i) <= self.registered(j) { None } else { Some(w) })
            .map(|i, j, w| match input.commit_blocks.get(i).copied().flatten() {
                Some(commit) if input.params.commit_reveal && commit < self.registered(j) => None,
                _ => Some(w),
            })
            .rows_normalised()
    }

    fn bond_weights(&self, weights: &Dense, clipped: &Dense) -> Dense {
        let penalty = unit(self.input.params.bonds_penalty);
        match self.input.params.bonds_penalty {
            0 => weights.clone(),
            65535 => clipped.clone(),
            _ => Dense::from_fn(self.rows, self.n, |i, j| {
                let between = weights.value(i, j) + penalty * (clipped.value(i, j) - weights.value(i, j));
                Some(between).filter(|w| *w > I32F32::ZERO)
            }),
        }
    }

    /// Stored bonds, without those to miners that were registered since the last epoch.
    fn stored_bonds(&self) -> Dense {
        let masked_from = match self.input.last_step_block {
            0 => self.input.block.saturating_sub(self.input.params.tempo as u64),
            last => last.saturating_add(1),
        };
        Dense::from_stored(self.rows, self.n, &self.input.bonds)
            .map(|_, j, b| Some(b).filter(|_| masked_from > self.registered(j)))
    }

    /// The moving average of bonds.
    fn average(&self, new: &Dense, old: &Dense) -> Dense {
        let moving_average =
            I64F64::from_int(self.input.params.bonds_moving_average) / I64F64::from_int(1_000_000);
        let alpha = I32F32::ONE - moving_average.cast::<I32F32>();
        Dense::from_fn(self.rows, self.n, |i, j| {
            let bond = alpha * new.value(i, j) + (I32F32::ONE - alpha) * old.value(i, j);
            Some(bond).filter(|b| *b > I32F32::ZERO)
        })
    }

    /// Yuma 3: the bonds, and the dividends that they earn.
    fn bonds_per_pair(
        &self,
        bond_weights: &Dense,
        consensus: &[I32F32],
        incentive: &[I32F32],
        active_stake: &[I32F32],
    ) -> (Dense, Vec<I32F32>) {
        let stored = self.stored_bonds().map(|_, _, b| Some(b / I32F32::from_int(65535)));
        let liquid = |i: usize, j: usize| match (bond_weights.get(i, j), self.unlisted) {
            (None, Unlisted::Lost) => None,
            (listed, _) => {
                let weight = listed.unwrap_or(I32F32::ZERO);
                Some(liquid_bond(self.input, consensus[j], weight, stored.value(i, j)))
            }
        };
        let bonds = if self.input.params.liquid_alpha && consensus.iter().any(|c| *c != I32F32::ZERO) {
            Dense::from_fn(self.rows, self.n, liquid)
        } else {
            self.average(bond_weights, &stored)
        };
        let shares = bonds.columns_normalised();
        let earned = |i: usize| shares.weighted_row_sum(i, |j| incentive[j]) * active_stake[i];
        let dividends: Vec<I32F32> = (0..self.n).map(earned).collect();
        (bonds, normalised(&dividends))
    }

    /// Before Yuma 3: the bonds as parts of the largest one of each miner, and the dividends that they earn.
    fn bonds_by_stake(
        &self,
        bond_weights: &Dense,
        incentive: &[I32F32],
        active_stake: &[I32F32],
    ) -> (Dense, Vec<I32F32>) {
        let stored = self.stored_bonds().columns_normalised();
        let delta = bond_weights.map(|i, _, w| Some(w * active_stake[i])).columns_normalised();
        let bonds = self.average(&delta, &stored).columns_normalised();
        let earned = |i: usize| match self.unproven(i) {
            true => I32F32::ZERO,
            false => bonds.weighted_row_sum(i, |j| incentive[j]),
        };
        let dividends: Vec<I32F32> = (0..self.n).map(earned).collect();
        let maxima = bonds.column_maxima();
        (bonds.map(|_, j, b| Some(b / maxima[j])), normalised(&dividends))
    }

    /// Rao of miners, of validators, and of both.
    fn emission(
        &self,
        stake: &[I32F32],
        active_stake: &[I32F32],
        incentive: &[I32F32],
        dividends: &[I32F32],
    ) -> [Vec<u64>; 3] {
        let n = self.n;
        let joint: Vec<I32F32> = (0..n).map(|i| incentive[i] + dividends[i]).collect();
        let sum: I32F32 = joint.iter().copied().sum();
        let any_active = active_stake.iter().copied().sum::<I32F32>() != I32F32::ZERO;
        let part = |shares: &[I32F32]| shares.iter().map(|&x| x / sum).collect::<Vec<I32F32>>();
        let shares = if sum != I32F32::ZERO {
            [part(incentive), part(dividends), part(&joint)]
        } else if any_active {
            [vec![I32F32::ZERO; n], active_stake.to_vec(), active_stake.to_vec()]
        } else {
            let proven = |i: usize| if self.unproven(i) { I32F32::ZERO } else { stake[i] };
            let proven: Vec<I32F32> = (0..n).map(proven).collect();
            [vec![I32F32::ZERO; n], proven.clone(), proven]
        };
        let emission = I96F32::from_int(self.input.emission);
        shares.map(|shares| {
            shares.iter().map(|share| (share.cast::<I96F32>() * emission).floor_u64()).collect()
        })
    }
}

/// Weights above the consensus lowered to it; one above a consensus of 0 is absent.
fn clip(weights: &Dense, consensus: &[I32F32]) -> Dense {
    weights.map(|_, j, w| match w > consensus[j] {
        true if consensus[j] == I32F32::ZERO => None,
        true => Some(consensus[j]),
        false => Some(w),
    })
}

/// The bonds to store: those of validators with a permit.
fn stored_rows(bonds: &Dense, permits: &[bool]) -> Vec<Vec<(u16, u16)>> {
    let n = permits.len();
    let row = |i: usize| {
        let present = (0..n).filter_map(|j| Some((j as u16, bonds.get(i, j)?.floor_u16_unit())));
        if permits[i] {
            present.collect()
        } else {
            Vec::new()
        }
    };
    (0..n).map(row).collect()
}

/// The weighted median of each column over the neurons with active stake.
fn medians(
    n: usize,
    active_stake: &[I32F32],
    kappa: I32F32,
    weight: impl Fn(usize, usize) -> I32F32,
) -> Vec<I32F32> {
    let voters: Vec<usize> = (0..active_stake.len()).filter(|&i| active_stake[i] > I32F32::ZERO).collect();
    let votes = normalised(&voters.iter().map(|&i| active_stake[i]).collect::<Vec<_>>());
    let minority = votes.iter().copied().sum::<I32F32>() - kappa;
    let column = |j: usize| voters.iter().map(|&i| weight(i, j)).collect::<Vec<I32F32>>();
    (0..n).map(|j| weighted_median(&votes, &column(j), minority)).collect()
}

/// The distance from the consensus that the majority of stake reaches, each miner counted alike; at least 1/64.
fn spread(weights: &Dense, consensus: &[I32F32], active_stake: &[I32F32], kappa: I32F32) -> I32F32 {
    let miners: Vec<usize> = (0..consensus.len()).filter(|&j| consensus[j] > I32F32::ZERO).collect();
    let apart = |i: usize, j: usize| {
        let (weight, agreed) = (weights.value(i, j), consensus[j]);
        let distance = if weight > agreed { weight - agreed } else { agreed - weight };
        (distance / agreed).min(I32F32::ONE)
    };
    let mean = |i: usize| {
        let sum = miners.iter().map(|&j| apart(i, j).to_bits()).sum::<i64>();
        I32F32::from_bits(sum / miners.len().max(1) as i64)
    };
    medians(1, active_stake, kappa, |i, _| mean(i))[0].max(I32F32::from_ratio(1, 64))
}

/// Ranks where proof is demanded: the consensus while the few that are outvoted abstain. `asked` are the validators
/// that may be outvoted, `less` says on which miners they are.
fn protected_ranks(
    weights: &Dense,
    consensus: &[I32F32],
    active_stake: &[I32F32],
    (kappa, spread): (I32F32, I32F32),
    asked: &[usize],
    less: &dyn Fn(usize, usize) -> bool,
) -> Vec<I32F32> {
    let n = consensus.len();
    let (int, half) = (|number: i64| I32F32::from_int(number), I32F32::from_ratio(1, 2));
    let total: I32F32 = active_stake.iter().copied().sum();
    let mut abstains = vec![vec![false; n]; n];
    let mut abstaining = vec![I32F32::ZERO; n];
    for j in 0..n {
        let against: Vec<usize> = asked.iter().copied().filter(|&i| less(i, j)).collect();
        let held: I32F32 = against.iter().map(|&i| active_stake[i]).sum();
        let alone = against.len() == 1 && held * int(5) <= total * int(2);
        if alone || held * int(4) <= total {
            abstaining[j] = held;
            against.into_iter().for_each(|i| abstains[i][j] = true);
        }
    }
    let factor: Vec<I32F32> = (0..n)
        .map(|i| {
            let own = || (0..n).filter(|&j| abstains[i][j]);
            let wanted: I32F32 = own().map(|j| consensus[j]).sum();
            let given: I32F32 = own().map(|j| weights.value(i, j)).sum();
            match own().next() {
                Some(_) => ((I32F32::ONE - wanted) / (I32F32::ONE - given)).max(half),
                None => I32F32::ONE,
            }
        })
        .collect();
    let median = |instead: Option<I32F32>| {
        medians(n, active_stake, kappa, |i, j| match abstains[i][j] {
            true => instead.unwrap_or(weights.value(i, j)),
            false => weights.value(i, j) * factor[i],
        })
    };
    let (low, high) = (median(None), median(Some(I32F32::ONE)));
    let most = |j: usize| low[j] * (abstaining[j] / int(4)).min(spread * int(2));
    (0..n).map(|j| low[j] + ((high[j] - low[j]) / int(2)).min(most(j))).collect()
}

/// Yuma 3 with liquid alpha: the new bond of one pair.
fn liquid_bond(input: &EpochInput, consensus: I32F32, weight: I32F32, bond: I32F32) -> I32F32 {
    let params = &input.params;
    let zero = I32F32::ZERO;
    let one = I32F32::ONE;
    let clamp = |x: I32F32, low: I32F32, high: I32F32| {
        if x < low {
            low.min(high)
        } else if x > high {
            high
        } else {
            x
        }
    };
    let distance =
        if weight >= bond { clamp(weight - consensus, zero, one) } else { clamp(bond - weight, zero, one) };
    let steepness = I32F32::from_int(params.steepness) / I32F32::from_int(-100);
    let argument = steepness * (distance - I32F32::from_ratio(1, 2));
    let argument = clamp(argument, I32F32::from_int(-20), I32F32::from_int(20));
    let sigmoid = one / (one + argument.exp());
    let (low, high) = (unit(params.alpha_low), unit(params.alpha_high));
    let coefficient = clamp(low + sigmoid * (high - low), low, high);
    let decayed = (one - coefficient) * bond;
    let bought = (coefficient * weight).max(zero);
    (decayed + bought).min(one)
}

/// Each number divided by the sum of all; unchanged if that is 0.
fn normalised(numbers: &[I32F32]) -> Vec<I32F32> {
    let sum: I32F32 = numbers.iter().copied().sum();
    numbers.iter().map(|&x| if sum == I32F32::ZERO { x } else { x / sum }).collect()
}

/// `value / 65535`.
fn unit(value: u16) -> I32F32 {
    I32F32::from_int(value) / I32F32::from_int(65535)
}

/// `floor(x · 65535)` of each number.
fn u16s(numbers: &[I32F32]) -> Vec<u16> {
    numbers.iter().map(|x| x.floor_u16_unit()).collect()
}

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
    let params = &input.params;
    let n = input.neurons();
    let block = input.block;
    let owner = input.owner_uid.map(usize::from);
    let last_update = |i: usize| input.last_update.get(i).copied().unwrap_or(0);
    let registered = |j: usize| input.registered.get(j).copied().unwrap_or(0);

    // 1. Activity.
    let cutoff = (params.activity_cutoff_factor_milli as u64 * params.tempo as u64 / 1000).max(1);
    let inactive = |i: usize| last_update(i).saturating_add(cutoff) < block;

    // 2. Stake weight.
    let counted: Vec<I64F64> = (0..n)
        .map(|i| {
            let stake = input.total_stake[i];
            let too_small = stake.floor_u64() < params.stake_threshold && owner != Some(i);
            if too_small || stake < I64F64::ZERO {
                I64F64::ZERO
            } else {
                stake
            }
        })
        .collect();
    let total: I64F64 = counted.iter().copied().sum();
    let stake: Vec<I32F32> = counted.iter().map(|&s| (s / total).cast()).collect();

    // 3. Permits.
    let old_permit = |i: usize| owner == Some(i) || input.permits.get(i).copied().unwrap_or(false);
    let mut ascending: Vec<usize> = (0..n).collect();
    ascending.sort_by_key(|&i| stake[i]);
    let discarded = &ascending[..n.saturating_sub(params.max_validators as usize)];
    let barred = |i: usize| input.barred.get(i) == Some(&true);
    let chosen = |i: usize| owner == Some(i) || (stake[i] != I32F32::ZERO && !discarded.contains(&i));
    let new_permits: Vec<bool> = (0..n).map(|i| chosen(i) && !barred(i)).collect();
    let unproven = |i: usize| input.unproven.get(i) == Some(&true);

    // 4. Active stake.
    let may_vote = |i: usize| !inactive(i) && old_permit(i) && !unproven(i);
    let masked: Vec<I32F32> = (0..n).map(|i| if may_vote(i) { stake[i] } else { I32F32::ZERO }).collect();
    let active_stake = normalised(&masked);

    // 5. Weight matrix.
    let stored_rows = input.weights.len().max(input.bonds.len()).min(n);
    let is_empty = |i: usize, rows: &[Vec<(u16, u16)>]| rows.get(i).is_none_or(|row| row.is_empty());
    let judges = (0..stored_rows).rfind(|&i| !is_empty(i, &input.weights) || !is_empty(i, &input.bonds));
    let rows = match unlisted {
        Unlisted::Lost => judges.map_or(0, |last| last + 1),
        Unlisted::Decays => n,
    };
    let weights = Dense::from_stored(rows, n, &input.weights)
        .map(|i, _, w| Some(w).filter(|_| old_permit(i) && !unproven(i)))
        .map(|i, j, w| Some(w).filter(|_| i != j || owner == Some(i)))
        .map(|i, j, w| if last_update(i) <= registered(j) { None } else { Some(w) })
        .map(|i, j, w| match input.commit_blocks.get(i).copied().flatten() {
            Some(commit) if params.commit_reveal && commit < registered(j) => None,
            _ => Some(w),
        })
        .rows_normalised();

    // 6. Consensus.
    let consensus = medians(n, &active_stake, unit(params.kappa), |i, j| weights.value(i, j));

    // 7. Clip and validator trust.
    let clipped = weights.map(|_, j, w| match w > consensus[j] {
        true if consensus[j] == I32F32::ZERO => None,
        true => Some(consensus[j]),
        false => Some(w),
    });
    let validator_trust: Vec<I32F32> = (0..n).map(|i| clipped.row_sum(i)).collect();

    // 8. Outvoted validators, rank and incentive.
    let demanded = !input.unproven.is_empty();
    let listed = |i: usize| (0..n).any(|j| weights.get(i, j).is_some());
    let asked: Vec<usize> =
        (0..n).filter(|&i| demanded && active_stake[i] > I32F32::ZERO && listed(i)).collect();
    let spread = match demanded {
        true => spread(&weights, &consensus, &active_stake, unit(params.kappa)),
        false => I32F32::ZERO,
    };
    let part = (I32F32::ONE - spread * I32F32::from_int(5)).max(I32F32::from_ratio(1, 2));
    let less = |i: usize, j: usize| i != j && weights.value(i, j) < consensus[j] * part;
    let protected = match demanded {
        true => {
            let bounds = (unit(params.kappa), spread);
            protected_ranks(&weights, &consensus, &active_stake, bounds, &asked, &less)
        }
        false => Vec::new(),
    };
    let rank = |j: usize| match demanded {
        true => protected[j],
        false => clipped.weighted_column_sum(j, |i| active_stake[i]),
    };
    let ranks: Vec<I32F32> = (0..n).map(rank).collect();
    let incentive = normalised(&ranks);

    // 9. Weights for bonds.
    let penalty = unit(params.bonds_penalty);
    let bond_weights = match params.bonds_penalty {
        0 => weights.clone(),
        65535 => clipped.clone(),
        _ => Dense::from_fn(rows, n, |i, j| {
            let between = weights.value(i, j) + penalty * (clipped.value(i, j) - weights.value(i, j));
            Some(between).filter(|w| *w > I32F32::ZERO)
        }),
    };

    // 10. Bonds and dividends.
    let masked_from = match input.last_step_block {
        0 => block.saturating_sub(params.tempo as u64),
        last => last.saturating_add(1),
    };
    let stored = Dense::from_stored(rows, n, &input.bonds)
        .map(|_, j, b| Some(b).filter(|_| masked_from > registered(j)));
    let moving_average = I64F64::from_int(params.bonds_moving_average) / I64F64::from_int(1_000_000);
    let alpha = I32F32::ONE - moving_average.cast::<I32F32>();
    let average = |new: &Dense, old: &Dense| {
        Dense::from_fn(rows, n, |i, j| {
            let bond = alpha * new.value(i, j) + (I32F32::ONE - alpha) * old.value(i, j);
            Some(bond).filter(|b| *b > I32F32::ZERO)
        })
    };
    let (to_store, dividends) = if params.yuma3 {
        let stored = stored.map(|_, _, b| Some(b / I32F32::from_int(65535)));
        let bonds = if params.liquid_alpha && consensus.iter().any(|c| *c != I32F32::ZERO) {
            Dense::from_fn(rows, n, |i, j| match (bond_weights.get(i, j), unlisted) {
                (None, Unlisted::Lost) => None,
                (listed, _) => {
                    let weight = listed.unwrap_or(I32F32::ZERO);
                    Some(liquid_bond(input, consensus[j], weight, stored.value(i, j)))
                }
            })
        } else {
            average(&bond_weights, &stored)
        };
        let shares = bonds.columns_normalised();
        let dividends: Vec<I32F32> =
            (0..n).map(|i| shares.weighted_row_sum(i, |j| incentive[j]) * active_stake[i]).collect();
        (bonds, normalised(&dividends))
    } else {
        let stored = stored.columns_normalised();
        let delta = bond_weights.map(|i, _, w| Some(w * active_stake[i])).columns_normalised();
        let bonds = average(&delta, &stored).columns_normalised();
        let earned =
            |i: usize| if unproven(i) { I32F32::ZERO } else { bonds.weighted_row_sum(i, |j| incentive[j]) };
        let dividends: Vec<I32F32> = (0..n).map(earned).collect();
        let maxima = bonds.column_maxima();
        let to_store = bonds.map(|_, j, b| Some(b / maxima[j]));
        (to_store, normalised(&dividends))
    };

    // 11. Emission.
    let joint: Vec<I32F32> = (0..n).map(|i| incentive[i] + dividends[i]).collect();
    let sum: I32F32 = joint.iter().copied().sum();
    let any_active = active_stake.iter().copied().sum::<I32F32>() != I32F32::ZERO;
    let (server, validator, combined): (Vec<I32F32>, Vec<I32F32>, Vec<I32F32>) = if sum != I32F32::ZERO {
        (
            incentive.iter().map(|&x| x / sum).collect(),
            dividends.iter().map(|&x| x / sum).collect(),
            joint.iter().map(|&x| x / sum).collect(),
        )
    } else if any_active {
        (vec![I32F32::ZERO; n], active_stake.clone(), active_stake.clone())
    } else {
        let proven: Vec<I32F32> = (0..n).map(|i| if unproven(i) { I32F32::ZERO } else { stake[i] }).collect();
        (vec![I32F32::ZERO; n], proven.clone(), proven)
    };
    let rao = |shares: &[I32F32]| {
        let emission = I96F32::from_int(input.emission);
        shares.iter().map(|share| (share.cast::<I96F32>() * emission).floor_u64()).collect()
    };

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
        server_emission: rao(&server),
        validator_emission: rao(&validator),
        emission: rao(&combined),
        active: (0..n).map(|i| !inactive(i)).collect(),
        bonds: (0..n)
            .map(|i| {
                let present = (0..n).filter_map(|j| Some((j as u16, to_store.get(i, j)?.floor_u16_unit())));
                if new_permits[i] {
                    present.collect()
                } else {
                    Vec::new()
                }
            })
            .collect(),
        permits: new_permits,
        outvoted,
    }
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

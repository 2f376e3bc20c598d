//! Validators that give a miner far less than the others do, where a subnet demands proof.
//!
//! Elsewhere a miner's rank is the sum of what each validator gives it, so a validator with a fifth of the stake takes
//! a fifth of a miner's pay by giving it nothing. A claim that a miner was away cannot be proved. Where proof is
//! demanded, the rank is therefore the consensus: the word of one validator moves it only between what the others say.
//! A validator that gives a miner less than half of the consensus is [remembered](outvoted). It is
//! [marked](Mark::is_set) if it does so in two epochs in a row.

use crate::arithmetic::bits;
use crate::matrix::SparseMatrix;
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// Miners that are remembered of one validator.
pub const MOST_REMEMBERED: usize = 16;

/// Epochs in a row after which a validator is marked.
pub const MARKED_AFTER: u16 = 2;

/// A validator that gives a miner less than half of what the majority gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The validator.
    pub validator: Uid,
    /// The miner.
    pub miner: Uid,
    /// Epochs in a row.
    pub epochs: u16,
}

impl Mark {
    /// Whether it has lasted long enough to be told.
    pub fn is_set(&self) -> bool {
        self.epochs >= MARKED_AFTER
    }
}

/// Pairs of a validator and a miner to which it gives less than half of the consensus; at most [`MOST_REMEMBERED`] of
/// a validator, by uid. Validators without stake that votes, or without weights, are not among them.
pub fn outvoted(weights: &SparseMatrix, consensus: &[I32F32], active_stake: &[I32F32]) -> Vec<(Uid, Uid)> {
    let mut pairs = Vec::new();
    for ((validator, row), &stake) in (0..=Uid::MAX).zip(weights.rows()).zip(active_stake) {
        if stake == I32F32::ZERO || row.values.is_empty() {
            continue;
        }
        let mut own = row.entries().peekable();
        let less = (0..=Uid::MAX).zip(consensus).filter(|&(miner, &agreed)| {
            let weight = own.next_if(|&(listed, _)| listed == miner).map_or(0, |(_, weight)| bits(weight));
            miner != validator && weight.saturating_mul(2) < bits(agreed)
        });
        pairs.extend(less.map(|(miner, _)| (validator, miner)).take(MOST_REMEMBERED));
    }
    pairs
}

/// The marks after an epoch with these pairs, which are sorted. A pair that is not among them is forgotten.
pub fn remember(before: &[Mark], pairs: &[(Uid, Uid)]) -> Vec<Mark> {
    let earlier = |validator, miner| {
        let at = before.binary_search_by_key(&(validator, miner), |mark| (mark.validator, mark.miner));
        at.ok().and_then(|at| before.get(at)).map_or(0, |mark| mark.epochs)
    };
    let mark = |&(validator, miner): &(Uid, Uid)| Mark {
        validator,
        miner,
        epochs: earlier(validator, miner).saturating_add(1),
    };
    pairs.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{run_epoch, EpochInput, EpochParams};
    use alloc::vec;
    use myelin_units::I64F64;

    const MINERS: u16 = 16;

    /// Miners 0 to 15 with these weights from each validator behind them, whose stakes are given.
    fn subnet(validators: &[(u32, Vec<u16>)], demanded: bool) -> EpochInput {
        let n = usize::from(MINERS) + validators.len();
        let of =
            |validator: usize| validator.checked_sub(usize::from(MINERS)).and_then(|at| validators.get(at));
        let row = |(_, row): &(u32, Vec<u16>)| (0..).zip(row.iter().copied()).collect();
        EpochInput {
            params: EpochParams { commit_reveal: false, ..EpochParams::default() },
            block: 100,
            emission: 1_000_000_000,
            total_stake: (0..n).map(|uid| I64F64::from_int(of(uid).map_or(0, |one| one.0))).collect(),
            last_update: vec![99; n],
            registered: vec![0; n],
            permits: (0..n).map(|uid| of(uid).is_some()).collect(),
            weights: (0..n).map(|uid| of(uid).map(row).unwrap_or_default()).collect(),
            bonds: vec![Vec::new(); n],
            commit_blocks: vec![None; n],
            unproven: if demanded { vec![false; n] } else { Vec::new() },
            ..EpochInput::default()
        }
    }

    /// The weights of a validator that measures with noise: the quality of miner `j` is `100 + 10·j`, and the largest
    /// error is so many thousandths of it.
    fn measured(noise: u32, seed: &mut u64) -> Vec<u16> {
        let mut random = || {
            *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (*seed >> 33) as u32 % 2_001
        };
        let weight =
            |j: u16| (100 + 10 * u32::from(j)) * (1_000_000 + noise * random() - noise * 1_000) / 5_000;
        (0..MINERS).map(weight).map(|weight| weight as u16).collect()
    }

    /// Share of its incentive that miner 8 loses to a validator that gives it nothing, over some epochs.
    fn loss(validators: usize, noise: u32, demanded: bool) -> f64 {
        let (mut seed, mut fair, mut framed) = (7, 0.0, 0.0);
        for _ in 0..200 {
            let mut judges: Vec<_> = (0..validators).map(|_| (1_000, measured(noise, &mut seed))).collect();
            fair += f64::from(run_epoch(&subnet(&judges, demanded)).incentive[8]);
            judges[0].1[8] = 0;
            framed += f64::from(run_epoch(&subnet(&judges, demanded)).incentive[8]);
        }
        1.0 - framed / fair
    }

    #[test]
    fn one_framing_validator_costs_a_miner_little_where_proof_is_demanded() {
        for (validators, noise) in [(4, 20), (8, 50), (16, 100), (64, 100)] {
            let (without, with) = (loss(validators, noise, false), loss(validators, noise, true));
            assert!(with <= 0.02, "{validators} validators, noise {noise}: {with}");
            assert!(without > 1.5 * with, "{validators} validators, noise {noise}: {without} without");
        }
        assert!(loss(4, 20, false) > 0.2, "a quarter of the stake takes about a quarter of the pay");
    }

    #[test]
    fn a_framing_validator_is_marked_in_its_second_epoch_and_nobody_else_is() {
        let mut seed = 3;
        let mut marks = Vec::new();
        for epoch in 1..=50 {
            // Errors of up to a third.
            let mut judges: Vec<_> = (0..8).map(|_| (1_000, measured(333, &mut seed))).collect();
            judges[2].1[5] = 0;
            let input = subnet(&judges, true);
            marks = remember(&marks, &run_epoch(&input).outvoted);
            let set: Vec<_> = marks.iter().filter(|mark| mark.is_set()).collect();
            match epoch {
                1 => assert!(set.is_empty()),
                _ => assert_eq!(set, [&Mark { validator: MINERS + 2, miner: 5, epochs: epoch }]),
            }
        }
        assert_eq!(remember(&marks, &[]), []);
    }

    #[test]
    fn few_miners_of_a_validator_are_remembered() {
        let fair = vec![10; usize::from(MINERS)];
        let mut all = fair.clone();
        all[1..].fill(0);
        let input = subnet(&[(1_000, fair.clone()), (1_000, fair), (1_000, all)], true);
        let pairs = run_epoch(&input).outvoted;
        assert_eq!(pairs.len(), usize::from(MINERS) - 1);
        assert!(pairs.is_sorted() && pairs.iter().all(|&(validator, _)| validator == MINERS + 2));
        assert!(run_epoch(&EpochInput { unproven: Vec::new(), ..input }).outvoted.is_empty());
    }
}

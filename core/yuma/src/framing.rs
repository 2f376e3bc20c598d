//! Validators that give a miner far less than the others do, where a subnet demands proof.
//!
//! Elsewhere a miner's rank is the sum of what each validator gives it, so a validator with a fifth of the stake takes
//! a fifth of a miner's pay by giving it nothing. A claim that a miner was away cannot be proved. Where proof is
//! demanded, the rank is therefore the consensus: the word of one validator moves it only between what the others say.
//!
//! A validator that gives a miner far less than the consensus is [outvoted](outvoted) on it. The limit follows the
//! [spread] of opinions on all miners: five times the spread below the consensus, or half of the consensus. The opinion
//! costs the miner something all the same: it counts among those who support less, and the weight that it does not give
//! to the miner raises the others. [`ranks`] undoes both while few are outvoted. They abstain on this miner, and the
//! rest of their row shrinks as if they had given the miner the consensus.
//!
//! An opinion within the spread of the others cannot be told from an error in one epoch. So one validator can cause a
//! loss and a gain that add up to `2e/n`, with `n` validators of the same stake and even errors up to `e`. No rule that
//! follows the scale of the opinions does better (decision 0119).
//!
//! An outvoted validator is [remembered](most_remembered). It is [marked](Mark::is_set) if it is outvoted on the same
//! miner in two epochs in a row.

use crate::arithmetic::{bits, mul, number, Reciprocal, ONE};
use crate::matrix::{Row, SparseMatrix};
use crate::step::consensus::consensus;
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32};

/// Miners that are remembered of one validator.
pub const MOST_REMEMBERED: usize = 16;

/// Epochs in a row after which a validator is marked.
pub const MARKED_AFTER: u16 = 2;

/// Spreads below the consensus at which an opinion is outvoted.
const SPREADS: u64 = 5;

/// Raw bits of the least spread, 1/64: opinions that agree but for their rounding outvote nobody.
const LEAST_SPREAD: u64 = ONE / 64;

/// A validator that was outvoted on a miner.
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

/// Typical distance of a validator's opinion from the consensus, as a part of the consensus: 1/64 to 1.
///
/// A validator's distance is the mean of `min(1, |W_ij / C_j − 1|)` over the miners with a consensus, quotients and
/// mean floored. The spread is the distance that the majority `kappa` of the active stake reaches or exceeds, and at
/// least 1/64. Each miner counts alike, because opinions on small miners differ more.
pub fn spread(weights: &SparseMatrix, agreed: &[I32F32], active_stake: &[I32F32], kappa: I32F32) -> I32F32 {
    let of_miners: Vec<Reciprocal> = agreed.iter().map(|&agreed| Reciprocal::new(bits(agreed))).collect();
    let miners = agreed.iter().filter(|agreed| bits(**agreed) > 0).count() as u64;
    let mut distances = SparseMatrix::with_capacity(weights.len(), weights.len());
    for row in weights.rows() {
        let listed = row.entries().filter_map(|(miner, weight)| {
            let (reciprocal, agreed) =
                of_miners.get(usize::from(miner)).zip(agreed.get(usize::from(miner)))?;
            let (weight, agreed) = (bits(weight), bits(*agreed));
            (agreed > 0).then(|| ONE.saturating_sub(reciprocal.fraction(weight.abs_diff(agreed).min(agreed))))
        });
        // A miner that is not listed is at the distance 1.
        let near = listed.fold(0, u64::saturating_add);
        let sum = miners.saturating_mul(ONE).saturating_sub(near);
        distances.push_share(0, number(sum.checked_div(miners).unwrap_or(0)));
        distances.end_row();
    }
    let typical = consensus(&distances, active_stake, kappa).first().copied().unwrap_or(I32F32::ZERO);
    typical.max(number(LEAST_SPREAD))
}

/// Pairs of a validator and a miner to which it gives less than `C_j · max(½, 1 − 5·spread)`, floored; sorted.
/// Validators without stake that votes, or without weights, are not among them.
pub fn outvoted(
    weights: &SparseMatrix,
    consensus: &[I32F32],
    active_stake: &[I32F32],
    spread: I32F32,
) -> Vec<(Uid, Uid)> {
    let part = ONE.saturating_sub(bits(spread).saturating_mul(SPREADS)).max(ONE / 2);
    let limits: Vec<u64> = consensus.iter().map(|&agreed| mul(bits(agreed), part)).collect();
    let mut pairs = Vec::new();
    for ((validator, row), &stake) in (0..=Uid::MAX).zip(weights.rows()).zip(active_stake) {
        if stake == I32F32::ZERO || row.values.is_empty() {
            continue;
        }
        let mut own = row.entries().peekable();
        let less = (0..=Uid::MAX).zip(&limits).filter(|&(miner, &limit)| {
            let weight = own.next_if(|&(listed, _)| listed == miner).map_or(0, |(_, weight)| bits(weight));
            miner != validator && weight < limit
        });
        pairs.extend(less.map(|(miner, _)| (validator, miner)));
    }
    pairs
}

/// Those of the [`outvoted`] pairs that are remembered: the first [`MOST_REMEMBERED`] of each validator.
pub fn most_remembered(pairs: &[(Uid, Uid)]) -> Vec<(Uid, Uid)> {
    let of_one = pairs.chunk_by(|one, other| one.0 == other.0);
    of_one.flat_map(|pairs| pairs.iter().take(MOST_REMEMBERED)).copied().collect()
}

/// Ranks where proof is demanded: the consensus, while the validators of `pairs`, which are [`outvoted`], abstain.
///
/// They abstain on a miner if they hold at most a quarter of the stake together. One alone may hold two fifths, so that
/// three validators of about the same stake are protected too. The other weights of an abstaining validator `i` are
/// multiplied by `max(½, (1 − Σ C_j) / (1 − Σ W_ij))`, with sums over the miners on which it abstains. Let `low_j` be
/// the consensus of these weights, and `high_j` the same with abstaining validators that support any weight. With the
/// abstaining stake `h_j`, `R_j = low_j + min((high_j − low_j) / 2, low_j · min(h_j / 4, 2·spread))`. All quotients and
/// products are floored.
///
/// `agreed` is the consensus of `weights` and [`spread`] theirs, `active_stake` sums to 1 or is 0, and `kappa` is the
/// majority. All have an entry for each neuron, and so has the result; missing ones count as 0.
///
/// The limits hold whatever the weights are: an abstention that a colluding miner brought about, by serving an honest
/// validator nothing, must not let a minority decide.
pub fn ranks(
    weights: &SparseMatrix,
    agreed: &[I32F32],
    active_stake: &[I32F32],
    kappa: I32F32,
    spread: I32F32,
    pairs: &[(Uid, Uid)],
) -> Vec<I32F32> {
    let Abstaining { pairs, stake } = abstaining(agreed.len(), active_stake, pairs);
    if pairs.is_empty() {
        return agreed.to_vec();
    }
    let [low, high] = completed(weights, agreed, &pairs);
    let low = consensus(&low, active_stake, kappa);
    let high = consensus(&high, active_stake, kappa);
    let wide = bits(spread).saturating_mul(2);
    let rank = |((&low, &high), &held): ((&I32F32, &I32F32), &u64)| {
        let (low, high) = (bits(low), bits(high));
        number(low.saturating_add((high.saturating_sub(low) / 2).min(mul(low, wide.min(held / 4)))))
    };
    low.iter().zip(&high).zip(&stake).map(rank).collect()
}

/// Validators that abstain on miners.
struct Abstaining {
    /// The pairs of a validator and a miner, sorted.
    pairs: Vec<(Uid, Uid)>,
    /// Stake that abstains on each miner, raw bits.
    stake: Vec<u64>,
}

/// The pairs whose validators abstain, sorted as they were.
fn abstaining(n: usize, active_stake: &[I32F32], pairs: &[(Uid, Uid)]) -> Abstaining {
    let stake_of = |uid: Uid| active_stake.get(usize::from(uid)).map_or(0, |&stake| bits(stake));
    let total = active_stake.iter().fold(0u64, |sum, &stake| sum.saturating_add(bits(stake)));
    let mut against = alloc::vec![(0u64, 0u32); n];
    for &(validator, miner) in pairs {
        if let Some((held, validators)) = against.get_mut(usize::from(miner)) {
            *held = held.saturating_add(stake_of(validator));
            *validators = validators.saturating_add(1);
        }
    }
    let few = |&(held, validators): &(u64, u32)| {
        let alone = validators == 1 && held.saturating_mul(5) <= total.saturating_mul(2);
        if alone || held.saturating_mul(4) <= total {
            held
        } else {
            0
        }
    };
    let stake: Vec<u64> = against.iter().map(few).collect();
    let abstains = |&&(_, miner): &&(Uid, Uid)| stake.get(usize::from(miner)).is_some_and(|&held| held > 0);
    Abstaining { pairs: pairs.iter().filter(abstains).copied().collect(), stake }
}

/// The weights with the rows of abstaining validators completed. Where they abstain, the first matrix has their weight
/// as it is, the second 1.
fn completed(weights: &SparseMatrix, agreed: &[I32F32], abstaining: &[(Uid, Uid)]) -> [SparseMatrix; 2] {
    let room = weights.entries().saturating_add(abstaining.len());
    let mut low = SparseMatrix::with_capacity(weights.len(), weights.entries());
    let mut high = SparseMatrix::with_capacity(weights.len(), room);
    let mut later = abstaining;
    for (validator, row) in (0..=Uid::MAX).zip(weights.rows()) {
        let (own, rest) = later.split_at(later.partition_point(|pair| pair.0 == validator));
        later = rest;
        let factor = factor(row, agreed, own);
        let mut own = own.iter().map(|pair| pair.1).peekable();
        for (column, weight) in row.entries() {
            while let Some(unlisted) = own.next_if(|&miner| miner < column) {
                high.push_share(unlisted, I32F32::ONE);
            }
            let (below, above) = match own.next_if_eq(&column) {
                Some(_) => (weight, I32F32::ONE),
                None => {
                    let shrunk = number(mul(bits(weight), factor));
                    (shrunk, shrunk)
                }
            };
            low.push_share(column, below);
            high.push_share(column, above);
        }
        own.for_each(|unlisted| high.push_share(unlisted, I32F32::ONE));
        low.end_row();
        high.end_row();
    }
    [low, high]
}

/// Raw bits of the number by which the other weights of a row shrink whose validator abstains on its `own` pairs.
fn factor(row: Row, agreed: &[I32F32], own: &[(Uid, Uid)]) -> u64 {
    if own.is_empty() {
        return ONE;
    }
    let wanted = own.iter().filter_map(|pair| agreed.get(usize::from(pair.1)));
    let wanted = wanted.fold(0, |sum: u64, &agreed| sum.saturating_add(bits(agreed)));
    let mut miners = own.iter().map(|pair| pair.1).peekable();
    let given = row.entries().fold(0u64, |sum, (column, weight)| {
        while miners.next_if(|&miner| miner < column).is_some() {}
        let weight = if miners.next_if_eq(&column).is_some() { bits(weight) } else { 0 };
        sum.saturating_add(weight)
    });
    let (wanted, given) = (ONE.saturating_sub(wanted), ONE.saturating_sub(given));
    Reciprocal::new(given).fraction(wanted.min(given)).max(ONE / 2)
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

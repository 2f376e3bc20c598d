//! Ranks of miners and trust of validators against consensus.

use crate::arithmetic::{add, bits, mul, normalise, number};
use crate::matrix::SparseMatrix;
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Ranks of the judged and trust of the judging neurons, one entry per uid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `R_j = Σ_i A_i · W'_ij`.
    pub ranks: Vec<I32F32>,
    /// `T_i = Σ_j W'_ij`.
    pub validator_trust: Vec<I32F32>,
}

/// Ranks and validator trust, both from the clipped weights `W'_ij = min(W_ij, C_j)`.
pub fn standing(weights: &SparseMatrix, consensus: &[I32F32], active_stake: &[I32F32]) -> Standing {
    let n = weights.len();
    let mut ranks = alloc::vec![0u64; n];
    let mut validator_trust = Vec::with_capacity(n);
    for (uid, row) in weights.rows().enumerate() {
        let stake = active_stake.get(uid).map_or(0, |&stake| bits(stake));
        let mut trust = 0u64;
        for (column, weight) in row.entries() {
            let column = usize::from(column);
            // A dropped entry and an entry clipped to 0 add the same to a sum.
            let clipped = bits(weight.min(consensus.get(column).copied().unwrap_or(I32F32::ZERO)));
            trust = add(trust, clipped);
            if let Some(rank) = ranks.get_mut(column) {
                *rank = add(*rank, mul(stake, clipped));
            }
        }
        validator_trust.push(number(trust));
    }
    Standing { ranks: ranks.into_iter().map(number).collect(), validator_trust }
}

/// Incentive `I = R / ΣR`; all 0 without ranks.
pub fn incentive(mut ranks: Vec<I32F32>) -> Vec<I32F32> {
    normalise(&mut ranks);
    ranks
}

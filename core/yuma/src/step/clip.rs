//! Cutting weights down to those that the majority supports.

use crate::matrix::SparseMatrix;
use myelin_units::I32F32;

/// The clipped weight `W'_ij = min(W_ij, C_j)`; `None` for an entry that exceeds a consensus of 0.
#[inline(always)]
pub fn clip(weight: I32F32, consensus: I32F32) -> Option<I32F32> {
    if weight <= consensus {
        return Some(weight);
    }
    Some(consensus).filter(|c| *c > I32F32::ZERO)
}

/// The clipped matrix `W'`, entry by entry as [`clip`].
pub fn clipped(weights: &SparseMatrix, consensus: &[I32F32]) -> SparseMatrix {
    let mut clipped = SparseMatrix::with_capacity(weights.len(), weights.entries());
    for row in weights.rows() {
        for (column, weight) in row.entries() {
            let consensus = consensus.get(usize::from(column)).copied().unwrap_or(I32F32::ZERO);
            if let Some(weight) = clip(weight, consensus) {
                clipped.push(column, weight);
            }
        }
        clipped.end_row();
    }
    clipped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_above_zero_consensus_vanishes_and_a_zero_entry_stays() {
        assert_eq!(clip(I32F32::ONE, I32F32::ZERO), None);
        assert_eq!(clip(I32F32::ZERO, I32F32::ZERO), Some(I32F32::ZERO));
        assert_eq!(clip(I32F32::ONE, I32F32::from_ratio(1, 3)), Some(I32F32::from_ratio(1, 3)));
        assert_eq!(clip(I32F32::from_ratio(1, 3), I32F32::ONE), Some(I32F32::from_ratio(1, 3)));
    }
}

//! Stored weights that count, as shares.

use crate::matrix::{canonical_row, SparseMatrix};
use alloc::vec::Vec;
use myelin_units::{Block, Uid};

/// Inputs of the choice of stored weights that count.
#[derive(Clone, Copy, Debug)]
pub struct WeightMasks<'a> {
    /// Stored permits, the owner's forced on.
    pub permits: &'a [bool],
    /// The owner's uid, whose weight on itself counts.
    pub owner: Option<Uid>,
    /// Block at which each neuron last set weights; missing counts as 0.
    pub last_update: &'a [Block],
    /// Block at which each neuron registered; missing counts as 0.
    pub registered: &'a [Block],
    /// With commit–reveal: block of each validator's oldest unexpired commit, if it has one.
    pub commit_blocks: Option<&'a [Option<Block>]>,
}

/// The weight matrix `W` of `n` neurons: stored weights after these masks, each row divided by its sum (if
/// that is not 0). Explicit zeros stay entries.
///
/// Dropped are rows without permit; the diagonal except the owner's; weights set before the judged neuron
/// registered (`last_update_i ≤ registered_j`); and, with commit–reveal, weights committed before it
/// registered (`commit_i < registered_j`).
pub fn usable_weights(n: usize, stored: &[Vec<(Uid, u16)>], masks: &WeightMasks) -> SparseMatrix {
    let blocks: Vec<Block> = masks.registered.iter().copied().chain(core::iter::repeat(0)).take(n).collect();
    let registrations = Registrations { latest: blocks.iter().copied().max().unwrap_or(0), blocks };
    let permitted = |validator: usize| masks.permits.get(validator).copied().unwrap_or(false);
    let entries = stored.iter().enumerate().filter(|&(i, _)| permitted(i)).map(|(_, row)| row.len()).sum();
    let mut weights = SparseMatrix::with_capacity(n, entries);
    for validator in 0..n {
        if let Some(row) = stored.get(validator).filter(|row| permitted(validator) && !row.is_empty()) {
            push_row(&mut weights, validator, &canonical_row(row, n), masks, &registrations);
        }
        weights.end_row();
    }
    weights
}

/// Registration blocks of the neurons.
struct Registrations {
    /// By uid.
    blocks: Vec<Block>,
    /// The latest of them.
    latest: Block,
}

/// Masks and normalises one row.
fn push_row(
    weights: &mut SparseMatrix,
    validator: usize,
    row: &[(Uid, u16)],
    masks: &WeightMasks,
    registrations: &Registrations,
) {
    let newcomers_from = first_masked_registration(validator, masks);
    let own = match u16::try_from(validator) {
        Ok(uid) if masks.owner != Some(uid) => row.binary_search_by_key(&uid, |&(column, _)| column).ok(),
        _ => None,
    };
    let (before, after) = match own {
        Some(own) => (row.get(..own).unwrap_or_default(), row.get(own + 1..).unwrap_or_default()),
        None => (row, &row[..0]),
    };
    if registrations.latest < newcomers_from {
        weights.push_shares(before, after);
        return;
    }
    let counts = |&(column, _): &(Uid, u16)| {
        let registered = registrations.blocks.get(usize::from(column));
        registered.is_some_and(|&registered| registered < newcomers_from)
    };
    let kept: Vec<(Uid, u16)> = before.iter().chain(after).copied().filter(counts).collect();
    weights.push_shares(&kept, &[]);
}

/// Both masks on newcomers in one threshold: entries toward neurons registered at this block or later are
/// dropped.
///
/// `last_update ≤ registered` is `registered ≥ last_update`; `commit < registered` is `registered ≥ commit +
/// 1`.
fn first_masked_registration(validator: usize, masks: &WeightMasks) -> Block {
    let updated = masks.last_update.get(validator).copied().unwrap_or(0);
    let committed = masks.commit_blocks.and_then(|blocks| blocks.get(validator).copied().flatten());
    committed.map_or(updated, |commit| updated.min(commit.saturating_add(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use myelin_units::I32F32;

    const OPEN: WeightMasks<'static> = WeightMasks {
        permits: &[true, false, true],
        owner: None,
        last_update: &[10, 10, 10],
        registered: &[1, 9, 10],
        commit_blocks: None,
    };

    fn columns(weights: &SparseMatrix, row: usize) -> Vec<u16> {
        weights.row(row).columns.to_vec()
    }

    #[test]
    fn rows_without_permit_the_diagonal_and_newcomers_are_dropped() {
        let all = vec![vec![(0, 1), (1, 1), (2, 1)]; 3];
        let weights = usable_weights(3, &all, &OPEN);
        assert_eq!(columns(&weights, 0), [1]);
        assert_eq!(columns(&weights, 1), [0u16; 0]);
        assert_eq!(columns(&weights, 2), [0, 1]);
        let owned = usable_weights(3, &all, &WeightMasks { owner: Some(0), ..OPEN });
        assert_eq!(columns(&owned, 0), [0, 1]);
    }

    #[test]
    fn a_commit_must_not_be_older_than_the_judged_registration() {
        let rows = vec![vec![(1, 1)]];
        let with = |commit| {
            let masks = WeightMasks { commit_blocks: Some(commit), ..OPEN };
            usable_weights(3, &rows, &masks).entries()
        };
        assert_eq!(with(&[Some(8)]), 0);
        assert_eq!(with(&[Some(9)]), 1);
        assert_eq!(with(&[None]), 1);
        assert_eq!(with(&[]), 1);
    }

    #[test]
    fn rows_become_shares_and_keep_explicit_zeros() {
        let weights = usable_weights(3, &[vec![(1, 0), (2, 0)], vec![], vec![(0, 1), (1, 2)]], &OPEN);
        assert_eq!(weights.row(0).values, [I32F32::ZERO]);
        assert_eq!(weights.row(2).values, [I32F32::from_ratio(1, 3), I32F32::from_ratio(2, 3)]);
    }
}

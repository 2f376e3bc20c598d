//! Earnings of validators for their bonds.

use super::bonds::Bonds;
use crate::arithmetic::{add, bits, mul, normalise, number, Reciprocal};
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Dividends of Yuma 3: `D_i ∝ A_i · Σ_j Ê_ij·I_j`, where `Ê` are the bonds divided by their column sums;
/// normalised.
pub fn yuma3(bonds: &Bonds, incentive: &[I32F32], active_stake: &[I32F32]) -> Vec<I32F32> {
    let columns: Vec<(Reciprocal, u64)> = bonds
        .column_sums
        .iter()
        .zip(incentive.iter().copied().chain(core::iter::repeat(I32F32::ZERO)))
        .map(|(&sum, incentive)| (Reciprocal::new(bits(sum)), bits(incentive)))
        .collect();
    let mut dividends = alloc::vec![I32F32::ZERO; bonds.matrix.len()];
    for (uid, dividend) in dividends.iter_mut().enumerate() {
        // Without active stake the product is 0 whatever the bonds are.
        let Some(stake) = active_stake.get(uid).copied().filter(|stake| *stake > I32F32::ZERO) else {
            continue;
        };
        let mut total = 0u64;
        for (column, bond) in bonds.matrix.row(uid).entries() {
            if let Some((sum, incentive)) = columns.get(usize::from(column)) {
                total = add(total, mul(sum.fraction(bits(bond)), *incentive));
            }
        }
        *dividend = number(total) * stake;
    }
    normalise(&mut dividends);
    dividends
}

/// Dividends of Yuma 2: `D_i ∝ Σ_j E_ij·I_j`, where the columns of `E` are shares already; 0 for `unproven` validators;
/// normalised.
pub fn yuma2(bonds: &Bonds, incentive: &[I32F32], unproven: &[bool]) -> Vec<I32F32> {
    let marks = unproven.iter().copied().chain(core::iter::repeat(false));
    let mut dividends: Vec<I32F32> = bonds
        .matrix
        .rows()
        .zip(marks)
        .map(|(row, unproven)| {
            if unproven {
                return I32F32::ZERO;
            }
            let total = row.entries().fold(0u64, |total, (column, bond)| {
                let incentive = incentive.get(usize::from(column)).copied().unwrap_or_default();
                add(total, mul(bits(bond), bits(incentive)))
            });
            number(total)
        })
        .collect();
    normalise(&mut dividends);
    dividends
}

//! Weight of each neuron's stake.

use crate::arithmetic::{normalise, wide_shares};
use alloc::vec::Vec;
use myelin_units::{Uid, I32F32, I64F64};

/// Stake of one neuron in rao: `alpha + tao · w` with `w = floor(tao_weight · 2³² / (2⁶⁴ − 1)) / 2³²`.
///
/// `alpha` and `tao` are the inherited amounts on the subnet and on the root network, `tao_weight` is on the
/// u64 scale.
pub fn total_stake(alpha: u64, tao: u64, tao_weight: u64) -> I64F64 {
    let weight = (u128::from(tao_weight) << 32) / u128::from(u64::MAX);
    let weight = I64F64::from_ratio(weight as u64, 1u64 << 32);
    I64F64::from_int(alpha) + I64F64::from_int(tao) * weight
}

/// Stake weight `S`: each neuron's share of the total [`counted_stake`], floored; all zero without stake.
pub fn stake_weight(total_stake: &[I64F64], threshold: u64, owner: Option<Uid>) -> Vec<I32F32> {
    wide_shares(&counted_stake(total_stake, threshold, owner))
}

/// Rao that each neuron's stake counts for.
///
/// A stake whose floor is below `threshold` counts as 0, except the owner's; so does a negative one.
pub fn counted_stake(total_stake: &[I64F64], threshold: u64, owner: Option<Uid>) -> Vec<I64F64> {
    let owner = owner.map(usize::from);
    total_stake
        .iter()
        .enumerate()
        .map(|(uid, &stake)| {
            let enough = stake.floor_u64() >= threshold || owner == Some(uid);
            if enough {
                stake.max(I64F64::ZERO)
            } else {
                I64F64::ZERO
            }
        })
        .collect()
}

/// Active stake `A`: stake weight of neurons that are active and hold a permit, normalised to sum 1 (left
/// alone if all 0).
pub fn active_stake(stake_weight: &[I32F32], active: &[bool], permits: &[bool]) -> Vec<I32F32> {
    let votes = active.iter().zip(permits).map(|(&active, &permit)| active && permit);
    let mut stake: Vec<I32F32> = stake_weight
        .iter()
        .zip(votes.chain(core::iter::repeat(false)))
        .map(|(&stake, votes)| if votes { stake } else { I32F32::ZERO })
        .collect();
    normalise(&mut stake);
    stake
}

/// Stake weight of those that are not `unproven`; a missing mark is off. It is not normalised: the share of the others
/// is paid to nobody.
pub fn proven(stake_weight: &[I32F32], unproven: &[bool]) -> Vec<I32F32> {
    let marks = unproven.iter().copied().chain(core::iter::repeat(false));
    let counted = |(&stake, unproven)| if unproven { I32F32::ZERO } else { stake };
    stake_weight.iter().zip(marks).map(counted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tao_weight_is_floored_to_32_bits_before_use() {
        let half = total_stake(0, 1 << 40, u64::MAX / 2);
        assert_eq!(half.floor_u64(), (1 << 39) - 256, "half of 2^64 − 1 becomes 0.49999999977");
        assert_eq!(total_stake(5, 7, u64::MAX), I64F64::from_int(12));
        assert_eq!(total_stake(5, 7, 0), I64F64::from_int(5));
    }

    #[test]
    fn stake_below_the_threshold_counts_only_for_the_owner() {
        let stake = [3, 2, 2, -8].map(I64F64::from_int);
        let shares = stake_weight(&stake, 3, Some(2));
        assert_eq!(shares, [3, 0, 2, 0].map(|s| I32F32::from_ratio(s, 5)));
    }

    #[test]
    fn without_active_stake_nothing_is_normalised() {
        let shares = [I32F32::ONE; 2];
        assert_eq!(active_stake(&shares, &[false, true], &[true, false]), [I32F32::ZERO; 2]);
        assert_eq!(active_stake(&shares, &[true, true], &[true]), [I32F32::ONE, I32F32::ZERO]);
    }
}

//! The weighted median as the protocol words it: a partition of a candidate list.

use alloc::vec::Vec;
use myelin_units::I32F32;

/// The weighted median of `scores` under `stakes`, by partition.
///
/// Candidates start as all voters, with nothing held below and the total stake held up to the highest. The pivot is the
/// score of the middle candidate of the current list, whose original order is kept. If the minority is below the stake
/// held under the pivot, go on with the lower candidates. Otherwise, if the stake held up to the pivot does not exceed
/// the minority, go on with the upper ones; else the pivot is the answer. A single candidate is the answer, no
/// candidates give 0.
pub fn weighted_median(stakes: &[I32F32], scores: &[I32F32], minority: I32F32) -> I32F32 {
    let stake_of = |candidates: &[usize]| candidates.iter().map(|&k| stakes[k]).sum::<I32F32>();
    let mut candidates: Vec<usize> = (0..stakes.len().min(scores.len())).collect();
    let mut low = I32F32::ZERO;
    let mut high = stake_of(&candidates);
    for _ in 0..=stakes.len() {
        match candidates[..] {
            [] => return I32F32::ZERO,
            [only] => return scores[only],
            _ => {}
        }
        let pivot = scores[candidates[candidates.len() / 2]];
        let (lower, rest): (Vec<usize>, Vec<usize>) =
            candidates.into_iter().partition(|&k| scores[k] < pivot);
        let upper: Vec<usize> = rest.into_iter().filter(|&k| scores[k] > pivot).collect();
        let (lower_stake, upper_stake) = (stake_of(&lower), stake_of(&upper));
        if minority < low + lower_stake && !lower.is_empty() {
            high = low + lower_stake;
            candidates = lower;
        } else if high - upper_stake <= minority && !upper.is_empty() {
            low = high - upper_stake;
            candidates = upper;
        } else {
            return pivot;
        }
    }
    I32F32::ZERO
}

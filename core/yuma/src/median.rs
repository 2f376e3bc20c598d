//! The weighted median: the largest score that enough stake supports.
//!
//! The protocol defines it by a partition procedure over a list of candidates. Whatever pivots that procedure takes, its
//! result is **the smallest score such that the voters at or below it hold more than `minority`**, or the largest score if
//! there is none. That definition needs no particular order of the voters, which is what makes selection fast here.

use crate::arithmetic::bits;
use alloc::vec::Vec;
use myelin_units::I32F32;

/// Bits of a key that hold the voter; the score stands above them.
const VOTER_BITS: u32 = 16;
/// Up to this many candidates are sorted rather than partitioned.
const SORT_AT_MOST: usize = 8;

/// The weighted median of one list of scores: the smallest score such that the voters at or below it hold more than
/// `minority`, or the largest score if there is none; 0 without voters.
///
/// `stakes` and `scores` belong together by position; where the lengths differ the rest is ignored. No number of them is negative;
/// `minority` may be.
pub fn weighted_median(stakes: &[I32F32], scores: &[I32F32], minority: I32F32) -> I32F32 {
    let mut candidates: Vec<(I32F32, I32F32)> = scores.iter().copied().zip(stakes.iter().copied()).collect();
    candidates.sort_unstable();
    let mut held = I32F32::ZERO;
    for &(score, stake) in &candidates {
        // Crossing inside a group of equal scores is the same as crossing at its end: the score is the same.
        held += stake;
        if held > minority {
            return score;
        }
    }
    candidates.last().map_or(I32F32::ZERO, |&(score, _)| score)
}

/// The weighted median of each column of `scores` (rows by voter, all of the same length): voters without stake do not count, and
/// `minority` is the total stake less `majority`.
pub fn weighted_median_columns(
    stakes: &[I32F32],
    scores: &[Vec<I32F32>],
    columns: usize,
    majority: I32F32,
) -> Vec<I32F32> {
    let voters = || stakes.iter().zip(scores).filter(|(&stake, _)| stake > I32F32::ZERO);
    let voting_stakes: Vec<I32F32> = voters().map(|(&stake, _)| stake).collect();
    let minority = voting_stakes.iter().copied().sum::<I32F32>() - majority;
    (0..columns)
        .map(|column| {
            let column: Vec<I32F32> =
                voters().map(|(_, row)| row.get(column).copied().unwrap_or_default()).collect();
            weighted_median(&voting_stakes, &column, minority)
        })
        .collect()
}

/// A score and its voter in one integer that orders by score first.
#[inline(always)]
pub(crate) fn key(score: I32F32, voter: u16) -> u64 {
    // Scores are at most 1, so 33 bits; larger ones would only arise from rows that are not normalised.
    bits(score) << VOTER_BITS | u64::from(voter)
}

/// The score of a [`key`].
#[inline(always)]
fn score(key: u64) -> I32F32 {
    I32F32::from_bits((key >> VOTER_BITS) as i64)
}

/// Weighted selection with a buffer that is reused from column to column.
pub(crate) struct Selector<'a> {
    /// Stake of each voter, raw bits, none of them 0.
    stakes: &'a [u64],
    /// Room for the upper part of a partition.
    upper: Vec<u64>,
}

impl<'a> Selector<'a> {
    pub(crate) fn new(stakes: &'a [u64]) -> Self {
        Self { stakes, upper: Vec::new() }
    }

    #[inline(always)]
    fn stake(&self, key: u64) -> u64 {
        self.stakes.get(usize::from(key as u16)).copied().unwrap_or(0)
    }

    /// The smallest score such that the keys at or below it hold more than `minority`, or the largest; 0 without keys.
    ///
    /// Quickselect: each round keeps the part of the candidates in which the answer lies. Keys differ even for equal scores
    /// (the voter breaks the tie), and summing up to the first key that crosses `minority` crosses it at the same
    /// score as summing score by score.
    pub(crate) fn select(&mut self, keys: &mut [u64], minority: u64) -> I32F32 {
        let mut keys = keys;
        let mut minority = minority;
        let mut upper = core::mem::take(&mut self.upper);
        if upper.len() < keys.len() {
            upper.resize(keys.len(), 0);
        }
        let answer = loop {
            if keys.len() <= SORT_AT_MOST {
                break self.select_sorted(keys, minority);
            }
            let pivot = median_of_three(keys);
            let (mut below, mut above, mut held) = (0usize, 0usize, 0u64);
            for i in 0..keys.len() {
                let key = keys[i];
                let is_below = key < pivot;
                // Both writes happen always; the counters decide which of them stays. `below ≤ i` and `above ≤ i`.
                keys[below] = key;
                upper[above] = key;
                below += usize::from(is_below);
                above += usize::from(key > pivot);
                held = held.wrapping_add(if is_below { self.stake(key) } else { 0 });
            }
            if held > minority {
                keys = &mut keys[..below];
                continue;
            }
            let with_pivot = held.saturating_add(self.stake(pivot));
            if with_pivot > minority || above == 0 {
                break score(pivot);
            }
            minority -= with_pivot;
            keys = &mut keys[..above];
            keys.copy_from_slice(&upper[..above]);
        };
        self.upper = upper;
        answer
    }

    /// The same for a handful of keys.
    fn select_sorted(&self, keys: &mut [u64], minority: u64) -> I32F32 {
        keys.sort_unstable();
        let mut held = 0u64;
        for &key in keys.iter() {
            held = held.saturating_add(self.stake(key));
            if held > minority {
                return score(key);
            }
        }
        keys.last().map_or(I32F32::ZERO, |&key| score(key))
    }
}

/// The median of the first, the middle and the last key.
#[inline]
fn median_of_three(keys: &[u64]) -> u64 {
    let (a, b, c) = (keys[0], keys[keys.len() / 2], keys[keys.len() - 1]);
    a.max(b).min(c.max(a.min(b)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fixed(numbers: &[&str]) -> Vec<I32F32> {
        numbers.iter().filter_map(|n| I32F32::from_decimal(n)).collect()
    }

    #[test]
    fn the_median_is_the_largest_weight_that_the_majority_supports() {
        let stakes = fixed(&["0.2", "0.2", "0.2", "0.2", "0.2"]);
        let scores = fixed(&["0.8", "0.2", "1.0", "0.6", "0.4"]);
        let total: I32F32 = stakes.iter().copied().sum();
        let majority = fixed(&["0.51"])[0];
        assert_eq!(weighted_median(&stakes, &scores, total - majority), fixed(&["0.6"])[0]);
        assert_eq!(weighted_median(&[], &[], total), I32F32::ZERO);
    }

    #[test]
    fn extreme_majorities_choose_the_ends() {
        let stakes = fixed(&["0.5", "0.5"]);
        let scores = fixed(&["0.3", "0.7"]);
        assert_eq!(weighted_median(&stakes, &scores, I32F32::ONE), scores[1], "nobody has to agree");
        assert_eq!(
            weighted_median(&stakes, &scores, I32F32::from_int(-1)),
            scores[0],
            "everybody has to agree"
        );
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(
            voters in prop::collection::vec((1u64..1 << 33, 0u64..40), 0..300),
            minority in 0u64..1 << 40,
        ) {
            let stakes: Vec<u64> = voters.iter().map(|v| v.0).collect();
            let mut keys: Vec<u64> =
                voters.iter().enumerate().map(|(k, v)| key(I32F32::from_bits(v.1 as i64), k as u16)).collect();
            let fast = Selector::new(&stakes).select(&mut keys, minority);
            let raw = |n: u64| I32F32::from_bits(n as i64);
            let plain_stakes: Vec<I32F32> = voters.iter().map(|v| raw(v.0)).collect();
            let plain_scores: Vec<I32F32> = voters.iter().map(|v| raw(v.1)).collect();
            prop_assert_eq!(fast, weighted_median(&plain_stakes, &plain_scores, raw(minority)));
        }
    }
}

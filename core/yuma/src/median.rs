//! The weighted median: the largest score that enough stake supports.
//!
//! The protocol defines it by a partition procedure over a list of candidates. For any choice of pivots its result is
//! **the smallest score such that the voters at or below it hold more than `minority`**, or the largest score if there
//! is none. That definition needs no particular order of the voters, which makes selection fast here.

use crate::arithmetic::bits;
use alloc::vec::Vec;
use myelin_units::I32F32;

/// The weighted median of one list of scores: the smallest score such that the voters at or below it hold
/// more than `minority`, or the largest score if there is none; 0 without voters.
///
/// `stakes` and `scores` belong together by position; where the lengths differ the rest is ignored. No number
/// of them is negative; `minority` may be.
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

/// The weighted median of each column of `scores` (rows by voter, all of the same length): voters without
/// stake do not count, and `minority` is the total stake less `majority`.
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

/// Scores of one column in the form in which they are searched: in voters' order, none of them 0.
///
/// A score takes 32 bits, see [`encode`]; beside it stands the voter's [`Ballot`].
#[derive(Clone, Copy)]
pub(crate) struct Scores<'a> {
    pub(crate) scores: &'a [i32],
    pub(crate) ballots: &'a [Ballot],
}

/// A stake with a count of one in a single integer, so that one addition sums both: stake in the low 48 bits.
pub(crate) type Ballot = u64;

/// Bits of a ballot that hold the stake: 33 for one stake, 48 for the sum over 2¹⁵ voters.
const STAKE_BITS: u32 = 48;
/// Columns are searched by halving until this many candidates are left.
const FEW: usize = 8;

/// The ballot of one voter.
pub(crate) fn ballot(stake: u64) -> Ballot {
    stake | 1 << STAKE_BITS
}

/// The stake of a sum of ballots.
pub(crate) fn held(ballots: Ballot) -> u64 {
    ballots & ((1 << STAKE_BITS) - 1)
}

/// The number of voters in a sum of ballots.
pub(crate) fn count(ballots: Ballot) -> usize {
    (ballots >> STAKE_BITS) as usize
}

/// A positive score in 32 bits that compare as the scores do. The score 1 (raw 2³²) shares its code with the number
/// just below it (raw 2³² − 1). That number is no share of a u16 weight in a sum of at most 32,768 of them: the largest
/// share below 1 is at most 1 − 2·2⁻³².
#[inline(always)]
pub(crate) fn encode(score: I32F32) -> i32 {
    (bits(score).min(u64::from(u32::MAX)) as u32 ^ 1 << 31) as i32
}

/// The score with this code.
fn decode(code: i32) -> I32F32 {
    match code {
        i32::MAX => I32F32::ONE,
        code => I32F32::from_bits(i64::from(code as u32 ^ 1 << 31)),
    }
}

impl Scores<'_> {
    /// The smallest score such that the voters at or below it hold more than `minority`, or the largest; 0
    /// without scores.
    ///
    /// Halves the interval in which the answer lies; each round is one pass without branches over the whole
    /// column. That takes at most 32 rounds whatever the scores are, and three or four for scores that spread
    /// evenly.
    ///
    /// `all` is the sum of the ballots.
    pub(crate) fn select(self, all: Ballot, minority: u64) -> I32F32 {
        let Some(highest) = self.scores.iter().copied().max() else { return I32F32::ZERO };
        if held(all) <= minority {
            return decode(highest);
        }
        // The answer is above `low` and not above `high`: voters at or below `low` hold at most the minority,
        // those up to `high` more.
        let (mut low, mut high) = (i32::MIN, highest);
        let (mut below, mut up_to) = (0, all);
        while count(up_to) - count(below) > FEW && high.wrapping_sub(low) != 1 {
            let middle = low.midpoint(high);
            let ballots = self.at_most(middle);
            if held(ballots) > minority {
                (high, up_to) = (middle, ballots);
            } else {
                (low, below) = (middle, ballots);
            }
        }
        if high.wrapping_sub(low) == 1 {
            return decode(high);
        }
        self.select_few(low, high, minority - held(below))
    }

    /// The ballots of all scores at or below `limit`.
    #[inline]
    fn at_most(self, limit: i32) -> Ballot {
        let ballots = self.scores.iter().zip(self.ballots);
        ballots.fold(0, |sum, (&score, &ballot)| sum.wrapping_add(if score <= limit { ballot } else { 0 }))
    }

    /// The answer among at most [`FEW`] scores above `low` and not above `high`.
    fn select_few(self, low: i32, high: i32, minority: u64) -> I32F32 {
        let mut few = [(i32::MAX, 0u64); FEW + 1];
        let mut found = 0;
        for (&score, &ballot) in self.scores.iter().zip(self.ballots) {
            // Written always, kept if it is inside; the last place takes what is outside once all are found.
            few[found] = (score, ballot);
            found += usize::from(score > low && score <= high);
            found = found.min(FEW);
        }
        few[found..].fill((i32::MAX, 0));
        let crosses = |limit: i32| {
            let ballots =
                few.iter().fold(0u64, |sum, &(s, b)| sum.wrapping_add(if s <= limit { b } else { 0 }));
            held(ballots) > minority
        };
        let answer = few.iter().map(|&(score, _)| if crosses(score) { score } else { i32::MAX }).min();
        answer.map_or(I32F32::ZERO, decode)
    }
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

    #[test]
    fn a_minority_is_not_more_than_itself() {
        let (stakes, scores) = (fixed(&["0.25", "0.25", "0.5"]), fixed(&["0.3", "0.4", "0.7"]));
        let half = fixed(&["0.5"])[0];
        let just_below = half - I32F32::from_bits(1);
        let expected = [(half, scores[2]), (just_below, scores[1])];
        let ballots: Vec<Ballot> = stakes.iter().map(|stake| ballot(bits(*stake))).collect();
        let codes: Vec<i32> = scores.iter().map(|score| encode(*score)).collect();
        for (minority, score) in expected {
            assert_eq!(weighted_median(&stakes, &scores, minority), score);
            let fast = Scores { scores: &codes, ballots: &ballots };
            assert_eq!(fast.select(ballots.iter().sum(), bits(minority)), score);
        }
    }

    #[test]
    fn columns_are_judged_by_those_with_stake() {
        let stakes = fixed(&["0.5", "0", "0.3", "0.2"]);
        let scores =
            [fixed(&["0.1", "0.9"]), fixed(&["0.7", "0.7"]), fixed(&["0.4"]), fixed(&["0.6", "0.2"])];
        let medians = |majority: &str| weighted_median_columns(&stakes, &scores, 3, fixed(&[majority])[0]);
        // At or below: 0.1 holds 0.5, 0.4 holds 0.8, 0.6 all. In the second column a missing score is 0.
        assert_eq!(medians("0.4"), fixed(&["0.4", "0.9", "0"]));
        assert_eq!(medians("0.6"), fixed(&["0.1", "0.2", "0"]));
        assert_eq!(medians("0.9"), fixed(&["0.1", "0", "0"]));
        assert_eq!(weighted_median_columns(&[], &[], 2, I32F32::ONE), fixed(&["0", "0"]));
    }

    #[test]
    fn scores_survive_their_code() {
        for raw in [1, 2, 1 << 31, u32::MAX as i64 - 1, 1 << 32] {
            let score = I32F32::from_bits(raw);
            assert_eq!(decode(encode(score)), score);
        }
        assert!(encode(I32F32::from_bits(1)) > i32::MIN);
    }

    fn any_score() -> impl Strategy<Value = i64> {
        prop_oneof![4 => 1i64..40, 4 => (1i64 << 31) - 20..(1 << 31) + 20, 4 => 1i64..(1 << 32) - 1, 1 => Just(1i64 << 32)]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn selection_equals_sorting(
            voters in prop::collection::vec((1u64..1 << 32, any_score()), 0..300),
            minority in prop_oneof![0u64..1 << 40, 0u64..1 << 34, Just(u64::MAX >> 1)],
        ) {
            let raw = |n: u64| I32F32::from_bits(n as i64);
            let ballots: Vec<Ballot> = voters.iter().map(|v| ballot(v.0)).collect();
            let codes: Vec<i32> = voters.iter().map(|v| encode(I32F32::from_bits(v.1))).collect();
            let fast = Scores { scores: &codes, ballots: &ballots }.select(ballots.iter().sum(), minority);
            let plain_stakes: Vec<I32F32> = voters.iter().map(|v| raw(v.0)).collect();
            let plain_scores: Vec<I32F32> = voters.iter().map(|v| I32F32::from_bits(v.1)).collect();
            prop_assert_eq!(fast, weighted_median(&plain_stakes, &plain_scores, raw(minority)));
        }
    }
}

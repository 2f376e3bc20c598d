//! Watch for miners whose answers have got worse.
//!
//! Pay follows an average, which falls a little at each bad answer; the average does not tell whether that is chance. A
//! cumulative sum does (Page 1954). For each answer the sum grows by its distance below the mean of all answers before
//! it, in standard deviations and at most [`WORST`], less an [allowance](ALLOWANCE). The sum never falls below zero,
//! and beyond [`LIMIT`] the miner has got worse.
//!
//! A row of the kit's table of each subnet shows the sum's detections and its false alarms. The sum treats answers as
//! independent of each other, like tasks that are drawn one by one. An influence that makes all answers of a round
//! worse for a while, such as a busy machine, counts as a decline.

use myelin_wire::record::Ppm;
use serde::{Deserialize, Serialize};

/// Answers that mean and deviation need before anything is compared with them.
const LEAST: i64 = 64;
/// Most answers that the mean remembers.
const MOST: i64 = 2_048;
/// Most that one answer adds, in thousandths of a deviation. Where nearly all answers are right, a wrong one lies many
/// deviations below the mean.
const WORST: i64 = 3_000;
/// Distance per answer that is normal, in thousandths of a deviation. The second value is divided by the square root of
/// the number of answers in the mean, because the mean is that uncertain.
const ALLOWANCE: (i64, i64) = (100, 500);
/// The sum beyond which a miner has got worse, in thousandths of a deviation.
const LIMIT: i64 = 36_000;
/// The least deviation, in millionths: answers that are always worth the same would make any difference count.
const LEAST_DEVIATION: u64 = 50_000;
/// Means are kept in this part of a millionth, so that small steps are not lost.
const FINE: i64 = 1_000;

/// Watches the scores of one miner's answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Number of answers in mean and deviation.
    answers: i64,
    /// Mean worth, in billionths.
    mean: i64,
    /// Mean of the squared distances from the mean, in millionths times millionths.
    spread: i64,
    /// Sum of the distances below the mean, less the allowances, since it was last zero.
    sum: i64,
    /// Number of answers since then, and the sum of their scores in millionths.
    of_late: (i64, i64),
}

/// A miner got worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decline {
    /// Mean score of its answers before.
    pub before: Ppm,
    /// Mean score of its last answers.
    pub after: Ppm,
    /// Number of those last answers.
    pub answers: u32,
}

impl Watch {
    /// Adds the score of an answer. After a reported decline, the watch begins again with the answers that follow.
    pub fn update(&mut self, score: Ppm) -> Option<Decline> {
        let score = i64::from(score.get());
        if self.answers >= LEAST && self.is_worse(score) {
            let (answers, worth) = self.of_late;
            let ppm = |millionths: i64| Ppm::new(u32::try_from(millionths).unwrap_or_default());
            // The mean also contains the worse answers, except the last one; they are subtracted.
            let before = match (self.answers - answers + 1, self.mean / FINE) {
                (rest @ 1.., mean) => (mean * self.answers - worth + score) / rest,
                (_, mean) => mean,
            };
            *self = Self::default();
            return Some(Decline {
                before: ppm(before),
                after: ppm(worth / answers.max(1)),
                answers: u32::try_from(answers).unwrap_or(u32::MAX),
            });
        }
        self.answers = (self.answers + 1).min(MOST);
        let off = score * FINE - self.mean;
        self.mean += off / self.answers;
        let squared = (off / FINE) * (score - self.mean / FINE);
        self.spread += (squared - self.spread) / self.answers;
        None
    }

    /// Adds an answer to the sum, and returns whether the sum exceeds its limit now.
    fn is_worse(&mut self, score: i64) -> bool {
        let deviation = u64::try_from(self.spread).unwrap_or_default().isqrt().max(LEAST_DEVIATION) as i64;
        let below = ((self.mean / FINE - score) * 1_000 / deviation).min(WORST);
        let root = self.answers.isqrt().max(1);
        self.sum = (self.sum + below - ALLOWANCE.0 - ALLOWANCE.1 / root).max(0);
        let (answers, worth) = self.of_late;
        self.of_late = if self.sum == 0 { (0, 0) } else { (answers + 1, worth + score) };
        self.sum > LIMIT
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;
    use proptest::prelude::*;

    use super::*;

    /// Answers of which this percentage is right; wrong ones have a fifth of the score.
    fn answers(percent: u64, count: usize, salt: u8) -> Vec<Ppm> {
        let mut rng = Seed([salt; 32]).rng();
        let worth = |right| if right { Ppm::new(990_000) } else { Ppm::new(200_000) };
        (0..count).map(|_| worth(rng.below(100) < percent)).collect()
    }

    fn first(watch: &mut Watch, answers: &[Ppm]) -> Option<(usize, Decline)> {
        answers.iter().enumerate().find_map(|(at, score)| Some((at + 1, watch.update(*score)?)))
    }

    #[test]
    fn a_miner_that_gets_worse_is_told_once_with_what_it_was_worth_before_and_since() {
        let mut watch = Watch::default();
        assert_eq!(first(&mut watch, &answers(95, 600, 1)), None);
        let (at, decline) = first(&mut watch, &answers(50, 200, 2)).expect("found");
        assert!(at < 80 && decline.answers >= at as u32, "after {at}: {decline:?}");
        assert!(decline.before.get().abs_diff(950_000) < 30_000, "{decline:?}");
        assert!(decline.after.get() < 750_000, "{decline:?}");
        assert_eq!(first(&mut watch, &answers(50, 400, 3)), None, "that is what it is now");
    }

    #[test]
    fn who_gets_better_and_who_is_new_is_not_told() {
        let mut watch = Watch::default();
        assert_eq!(first(&mut watch, &answers(40, 300, 4)), None);
        assert_eq!(first(&mut watch, &answers(95, 300, 5)), None);
        assert_eq!(first(&mut Watch::default(), &answers(2, LEAST as usize, 6)), None);
    }

    #[test]
    fn a_miner_that_is_always_right_may_fail_now_and_then() {
        let mut watch = Watch::default();
        let perfect = vec![Ppm::ONE; 1_000];
        assert_eq!(first(&mut watch, &perfect), None);
        assert_eq!(first(&mut watch, &[&[Ppm::ZERO; 8], &perfect[..]].concat()), None);
        assert!(first(&mut watch, &[Ppm::ZERO; 16]).is_some());
    }

    proptest! {
        #[test]
        fn no_row_of_answers_breaks_it_and_it_survives_being_saved(scores in prop::collection::vec(0u32..=1_000_000, 0..3_000)) {
            let mut watch = Watch::default();
            for score in &scores {
                watch.update(Ppm::new(*score));
                prop_assert!((0..=LIMIT).contains(&watch.sum) && (0..=1_000_000 * FINE).contains(&watch.mean));
                prop_assert!((0..=MOST).contains(&watch.answers) && watch.spread >= 0);
            }
            let saved = serde_json::to_string(&watch).unwrap();
            prop_assert_eq!(serde_json::from_str::<Watch>(&saved).unwrap(), watch);
        }
    }
}

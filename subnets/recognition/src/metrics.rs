//! Distance of an answer from the truth, in integers.

use myelin_wire::record::Ppm;
use unicode_normalization::UnicodeNormalization;

/// Most letters of a text that are compared; longer ones are cut.
pub const MOST_LETTERS: usize = 4096;

/// A text in the form in which it is compared: composed letters (Unicode NFC), plain quotes and dashes, one space
/// between words, none at the ends. Case counts.
pub fn normalised(text: &str) -> Vec<char> {
    let plain = text.nfc().take(2 * MOST_LETTERS).map(|letter| match letter {
        '\u{2018}' | '\u{2019}' | '\u{201a}' | '`' | '\u{b4}' => '\'',
        '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    });
    let mut letters: Vec<char> = Vec::new();
    for letter in plain {
        if !letter.is_whitespace() {
            letters.push(letter);
        } else if letters.last().is_some_and(|last| *last != ' ') {
            letters.push(' ');
        }
        if letters.len() > MOST_LETTERS {
            break;
        }
    }
    letters.truncate(MOST_LETTERS);
    if letters.last() == Some(&' ') {
        letters.pop();
    }
    letters
}

/// Least number of letters to insert, remove or replace.
pub fn edit_distance(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

/// `1 − distance / length of the truth`, never negative: the complement of the character error rate. At most twice as
/// many letters of an answer are compared as the truth has; further letters count as wrong anyway.
pub fn letter_accuracy(answer: &str, truth: &str) -> Ppm {
    let (mut answer, truth) = (normalised(answer), normalised(truth));
    if truth.is_empty() {
        return if answer.is_empty() { Ppm::ONE } else { Ppm::ZERO };
    }
    answer.truncate(2 * truth.len());
    let wrong = edit_distance(&answer, &truth).min(truth.len());
    Ppm::ratio((truth.len() - wrong) as u64, truth.len() as u64)
}

/// Whether two values are equal in the form in which they are compared.
pub fn same_value(answer: &str, truth: &str) -> bool {
    let truth = normalised(truth);
    !truth.is_empty() && normalised(answer) == truth
}

/// The Brier score of a forecast, `Σ (p − y)²`, in millionths: 0 for the truth alone, up to 2,000,000.
pub fn brier(forecast: &[u32], truth: usize) -> u64 {
    let square = |class: usize, p: u32| {
        let aim = if class == truth { 1_000_000 } else { 0 };
        let miss = i64::from(p.min(1_000_000)) - aim;
        (miss * miss) as u64
    };
    let sum: u64 = forecast.iter().enumerate().map(|(class, p)| square(class, *p)).sum();
    sum / 1_000_000
}

/// `1 − mean Brier score / that of equal probabilities`, never negative.
///
/// The skill is affine in the Brier score, hence highest for honest probabilities wherever it is not cut off at zero.
/// The mean over many forecasts keeps it from being cut off for a forecaster with some knowledge.
pub fn brier_skill(scores: &[u64], classes: usize) -> Ppm {
    // Equal probabilities score 1 − 1/classes.
    let ignorant = 1_000_000 - 1_000_000 / classes.max(2) as u64;
    let whole = ignorant * scores.len() as u64;
    let sum: u64 = scores.iter().sum();
    Ppm::ratio(whole.saturating_sub(sum), whole)
}

/// Matthews' correlation coefficient for many classes (Gorodkin's R_K), never negative: 1 if all is right, 0 if the
/// answers are independent of the truth. `pairs` are answer and truth.
///
/// `(c·s − Σ p·t) / √((s² − Σ p²)·(s² − Σ t²))` with c right answers of s; p and t are the numbers of answers and of
/// truths of each class.
pub fn matthews(pairs: &[(usize, usize)], classes: usize) -> Ppm {
    let (mut answered, mut true_of) = (vec![0i128; classes], vec![0i128; classes]);
    let mut right = 0i128;
    for &(answer, truth) in pairs {
        if let (Some(a), Some(t)) = (answered.get_mut(answer), true_of.get_mut(truth)) {
            *a += 1;
            *t += 1;
            right += i128::from(answer == truth);
        }
    }
    let count = pairs.len() as i128;
    let dot = |a: &[i128], b: &[i128]| -> i128 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let covariance = right * count - dot(&answered, &true_of);
    let spread = (count * count - dot(&answered, &answered)) * (count * count - dot(&true_of, &true_of));
    if spread == 0 {
        // With a single class the answers are either all right or not.
        return if right == count && count > 0 { Ppm::ONE } else { Ppm::ZERO };
    }
    if covariance <= 0 {
        return Ppm::ZERO;
    }
    // The root is taken at a scale at which its own rounding is below a millionth.
    let root = ((spread as u128) << 40).isqrt();
    Ppm::ratio((covariance as u64) << 20, u64::try_from(root).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn letters(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn distances_are_those_of_the_textbook() {
        assert_eq!(edit_distance(&letters("kitten"), &letters("sitting")), 3);
        assert_eq!(edit_distance(&letters(""), &letters("abc")), 3);
        assert_eq!(letter_accuracy("Tota1 12.50", "Total 12.50"), Ppm::ratio(10, 11));
        assert_eq!(letter_accuracy("", "Total"), Ppm::ZERO);
        assert_eq!(letter_accuracy(&"x".repeat(10_000), "Total"), Ppm::ZERO);
    }

    #[test]
    fn what_looks_the_same_is_the_same() {
        assert!(same_value(" caf\u{65}\u{301} \n", "caf\u{e9}"));
        assert!(same_value("O\u{2019}Neil \u{2013} 5", "O'Neil - 5"));
        assert!(!same_value("total", "Total"));
        assert!(!same_value("", ""));
    }

    #[test]
    fn correlation_is_that_of_two_classes() {
        // Of two classes: (TP·TN − FP·FN) / √(…) with 6, 3, 1, 2.
        let pairs = [vec![(1, 1); 6], vec![(0, 0); 3], vec![(1, 0); 1], vec![(0, 1); 2]].concat();
        let expected = (6.0 * 3.0 - 1.0 * 2.0) / (7.0f64 * 8.0 * 4.0 * 5.0).sqrt();
        let found = f64::from(matthews(&pairs, 2).get()) / 1e6;
        assert!((found - expected).abs() < 2e-6, "{found} is not {expected}");
        assert_eq!(matthews(&[(0, 0), (1, 1), (2, 2)], 3), Ppm::ONE);
        assert_eq!(matthews(&[(0, 0), (0, 1), (0, 2)], 3), Ppm::ZERO);
        assert_eq!(matthews(&[(2, 2)], 3), Ppm::ONE);
        assert_eq!(matthews(&[], 3), Ppm::ZERO);
    }

    #[test]
    fn knowing_nothing_has_no_skill() {
        let equal = brier(&[250_000; 4], 2);
        assert_eq!(brier_skill(&[equal; 8], 4), Ppm::ZERO);
        assert_eq!(brier_skill(&[brier(&[0, 0, 1_000_000, 0], 2)], 4), Ppm::ONE);
    }

    proptest! {
        #[test]
        fn any_text_can_be_compared(answer in any::<String>(), truth in any::<String>()) {
            prop_assert!(letter_accuracy(&answer, &truth) <= Ppm::ONE);
            if !normalised(&truth).is_empty() {
                prop_assert_eq!(letter_accuracy(&truth, &truth), Ppm::ONE);
            }
        }

        /// A forecaster with the belief `belief` expects most from forecasting it.
        #[test]
        fn honesty_pays(belief in 0u32..=1_000_000, said in 0u32..=1_000_000) {
            let expected = |said: u32| {
                let (right, wrong) = (brier(&[said, 1_000_000 - said], 0), brier(&[said, 1_000_000 - said], 1));
                u128::from(belief) * u128::from(right) + u128::from(1_000_000 - belief) * u128::from(wrong)
            };
            // Scores are rounded down to millionths, so one of them is the slack.
            prop_assert!(expected(belief) <= expected(said) + 1_000_000);
        }

        #[test]
        fn correlation_does_not_depend_on_the_order(mut pairs in proptest::collection::vec((0usize..5, 0usize..5), 0..40)) {
            let forth = matthews(&pairs, 5);
            pairs.reverse();
            prop_assert_eq!(matthews(&pairs, 5), forth);
        }
    }
}

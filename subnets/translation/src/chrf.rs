//! chrF in whole numbers: the F-score of character n-grams (Popović 2015), as `sacrebleu` computes `chrF2` of a
//! segment.
//!
//! White space is left out. For each length from 1 to [`ORDER`], `matches` counts the n-grams that both texts have, as
//! often as both have them. Precision and recall are means over the lengths for which both texts have n-grams:
//!
//! ```text
//! P = mean(matches / n-grams of the answer)      R = mean(matches / n-grams of the reference)
//! chrF = 5 · P · R / (4 · P + R)
//! ```
//!
//! A reference is read once for all answers. Every n-gram is the beginning of a window of [`ORDER`] characters, so one
//! sort of the windows puts the n-grams of all lengths in order, and one merge with the reference counts them all.

/// Longest n-gram.
pub const ORDER: usize = 6;
/// Longest text in characters that is compared; what lies behind is not read.
pub const LONGEST: usize = 16_384;
/// Bits of a character in a window: 21 hold every Unicode scalar value.
const BITS: u32 = 21;
/// Whole numbers in place of shares: 10¹² is one.
const ONE: u128 = 1_000_000_000_000;

/// A text that answers are compared with.
pub struct Reference(Vec<u128>);

impl Reference {
    /// Reads a text.
    pub fn new(text: &str) -> Self {
        Self(windows(text))
    }

    /// chrF of an answer in millionths, rounded to the nearest.
    pub fn compare(&self, answer: &str) -> u32 {
        let answer = windows(answer);
        let matches = matches(&self.0, &answer);
        let (mut precision, mut recall, mut lengths) = (0, 0, 0);
        for (length, matches) in (1..).zip(matches) {
            let [of_answer, of_reference] =
                [&answer, &self.0].map(|text| (text.len() + 1).saturating_sub(length) as u128);
            if of_answer > 0 && of_reference > 0 {
                precision += ONE * matches / of_answer;
                recall += ONE * matches / of_reference;
                lengths += 1;
            }
        }
        if precision + recall == 0 {
            return 0;
        }
        // Divided by `lengths` once, since it stands twice above and once below the line.
        let millionths = 5 * precision * recall * 2_000_000 / ((4 * precision + recall) * lengths * ONE);
        millionths.div_ceil(2) as u32
    }
}

/// The windows of a text that begin at each character, sorted. One that reaches beyond the end has zeros there.
fn windows(text: &str) -> Vec<u128> {
    let characters = text.chars().filter(|character| !character.is_whitespace()).take(LONGEST);
    let mask = (1 << (BITS * ORDER as u32)) - 1;
    let mut window = 0;
    // A character is one more than its number, so that none is zero.
    let mut windows: Vec<u128> = characters
        .map(|character| u128::from(u32::from(character)) + 1)
        .chain([0; ORDER - 1])
        .map(|next| {
            window = (window << BITS | next) & mask;
            window
        })
        .skip(ORDER - 1)
        .collect();
    windows.sort_unstable();
    windows
}

/// The n-grams of each length that both texts have, from their sorted windows.
fn matches(one: &[u128], other: &[u128]) -> [u128; ORDER] {
    std::array::from_fn(|place| {
        let shift = BITS * (ORDER - 1 - place) as u32;
        let last = (1u128 << BITS) - 1;
        let (mut at, mut in_other, mut count) = (0, 0, 0);
        while at < one.len() && in_other < other.len() {
            let (left, right) = (one[at] >> shift, other[in_other] >> shift);
            // A window that ends before this length is no n-gram of it.
            count += u128::from(left == right && left & last != 0);
            at += usize::from(left <= right);
            in_other += usize::from(right <= left);
        }
        count
    })
}

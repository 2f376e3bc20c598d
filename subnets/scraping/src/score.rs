//! Judges rows by the right ones, in whole numbers.
//!
//! Rows are put side by side in their order, so that the worth of the pairs is the largest. The worth of a pair is the
//! cube of the share of its values that are right, and nothing unless more than half of them are:
//!
//! ```text
//! accuracy = 2 · worth of all pairs / (right rows + rows of the answer)
//! ```
//!
//! So rows that nobody asked for cost as much as rows that are missing, and guessing one column is worth little.

use myelin_wire::record::{PartRule, Ppm, Reason, Rubric, RubricError};

use crate::protocol::{ScrapingRequest, ScrapingResponse, LONGEST_VALUE, VERSION};

/// Rows of an answer beyond the right ones that are looked at, for each source.
const MORE_ROWS: usize = 16;
/// Rows of a source that are compared between two answers.
const MOST_COMPARED: usize = 300;
/// Longest answer in bytes that is judged.
pub const MOST_BYTES: usize = 256 << 10;

/// Parts of a score: the accuracy. Speed moves a tenth.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "scraping",
        VERSION,
        vec![
            PartRule::Share { name: "accuracy", weight: 1 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
}

/// Worth of an answer before its speed is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// The accuracy.
    pub accuracy: Ppm,
    /// Reason for paying it or not.
    pub reason: Reason,
    /// One line for people.
    pub note: String,
}

/// Judges an answer by the right rows of each source.
pub fn judge(request: &ScrapingRequest, right: &[Vec<Vec<String>>], answer: &ScrapingResponse) -> Worth {
    let refused = |reason, note: String| Worth { accuracy: Ppm::ZERO, reason, note };
    if answer.size() > MOST_BYTES {
        return refused(Reason::Oversize, format!("{} bytes of rows", answer.size()));
    }
    if answer.sources.iter().all(|source| source.rows.is_empty()) {
        return refused(Reason::Empty, "no rows".into());
    }
    if answer.sources.len() != request.sources.len() {
        let (found, wanted) = (answer.sources.len(), request.sources.len());
        return refused(Reason::Malformed, format!("rows of {found} sources, and {wanted} were asked for"));
    }
    let fields = request.fields.len();
    let rows = || answer.sources.iter().flat_map(|source| &source.rows);
    if let Some(row) = rows().find(|row| row.len() != fields) {
        return refused(Reason::Malformed, format!("a row with {} values for {fields} fields", row.len()));
    }
    if rows().flatten().any(|value| value.len() > LONGEST_VALUE) {
        return refused(Reason::Malformed, format!("a value with more than {LONGEST_VALUE} bytes"));
    }
    let (mut worth, mut of) = (0u64, 0u64);
    for (right, source) in right.iter().zip(&answer.sources) {
        let looked_at = source.rows.len().min(2 * right.len() + MORE_ROWS);
        worth += align(right, &source.rows[..looked_at]);
        of += (right.len() + source.rows.len()) as u64;
    }
    let accuracy = Ppm::ratio(2 * worth, of.max(1) * u64::from(Ppm::ONE.get()));
    let (found, wanted) = (rows().count(), right.iter().map(Vec::len).sum::<usize>());
    Worth { accuracy, reason: Reason::Scored, note: format!("{found} rows, {wanted} are right") }
}

/// How much two answers to one source agree.
pub fn agreement(one: &[Vec<String>], other: &[Vec<String>]) -> Ppm {
    let most = |rows: usize| rows.min(MOST_COMPARED);
    let worth = align(&one[..most(one.len())], &other[..most(other.len())]);
    Ppm::ratio(2 * worth, ((one.len() + other.len()) as u64).max(1) * u64::from(Ppm::ONE.get()))
}

/// The largest worth of pairs of rows, each in its order.
fn align(right: &[Vec<String>], answer: &[Vec<String>]) -> u64 {
    let mut before = vec![0u64; answer.len() + 1];
    for wanted in right {
        let mut now = vec![0u64; answer.len() + 1];
        for (at, found) in answer.iter().enumerate() {
            let paired = before[at] + worth(wanted, found);
            now[at + 1] = paired.max(before[at + 1]).max(now[at]);
        }
        before = now;
    }
    before[answer.len()]
}

/// The worth of a pair in millionths. A value that is missing in both says nothing.
fn worth(right: &[String], found: &[String]) -> u64 {
    let (mut same, mut of) = (0u64, 0u64);
    for (right, found) in right.iter().zip(found) {
        if right.is_empty() && found.is_empty() {
            continue;
        }
        of += 1;
        same += u64::from(right == found);
    }
    // Single values are right by chance.
    if 2 * same <= of {
        return 0;
    }
    let share = Ppm::ratio(same, of);
    u64::from(share.of(share).of(share).get())
}

#[cfg(test)]
mod tests;

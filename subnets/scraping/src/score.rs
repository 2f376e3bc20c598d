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

impl Worth {
    /// Nothing, for a reason.
    pub fn refused(reason: Reason, note: impl Into<String>) -> Self {
        Self { accuracy: Ppm::ZERO, reason, note: note.into() }
    }
}

/// The reason for which an answer is not judged by its rows, if there is one.
pub fn refusal(request: &ScrapingRequest, answer: &ScrapingResponse) -> Option<Worth> {
    let refused = |reason, note: String| Some(Worth::refused(reason, note));
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
    None
}

/// Judges an answer by the right rows of each source.
pub fn judge(request: &ScrapingRequest, right: &[Vec<Vec<String>>], answer: &ScrapingResponse) -> Worth {
    if let Some(refused) = refusal(request, answer) {
        return refused;
    }
    let (mut worth, mut of) = (0u64, 0u64);
    for (right, source) in right.iter().zip(&answer.sources) {
        let looked_at = source.rows.len().min(2 * right.len() + MORE_ROWS);
        worth += align(right, &source.rows[..looked_at]);
        of += (right.len() + source.rows.len()) as u64;
    }
    let accuracy = Ppm::ratio(2 * worth, of.max(1) * u64::from(Ppm::ONE.get()));
    let found: usize = answer.sources.iter().map(|source| source.rows.len()).sum();
    let wanted: usize = right.iter().map(Vec::len).sum();
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

/// The pairs that [`align`] would make of so many rows, as places with their worth. Rows of a pair are worth something.
pub(crate) fn pairs(
    (right, found): (usize, usize),
    worth: impl Fn(usize, usize) -> u64,
) -> Vec<(usize, usize, u64)> {
    let width = found + 1;
    let mut best = vec![0u64; (right + 1) * width];
    let mut worths = vec![0u64; right * found];
    for (row, at) in (0..right).flat_map(|row| (0..found).map(move |at| (row, at))) {
        let pair = worth(row, at);
        worths[row * found + at] = pair;
        let place = (row + 1) * width + at + 1;
        best[place] = (best[place - width - 1] + pair).max(best[place - width]).max(best[place - 1]);
    }
    let (mut row, mut at, mut out) = (right, found, Vec::new());
    while row > 0 && at > 0 {
        let place = row * width + at;
        if best[place] == best[place - width] {
            row -= 1;
        } else if best[place] == best[place - 1] {
            at -= 1;
        } else {
            (row, at) = (row - 1, at - 1);
            out.push((row, at, worths[row * found + at]));
        }
    }
    out.reverse();
    out
}

/// The worth of a pair in millionths. A value that is missing in both says nothing.
pub(crate) fn worth(right: &[String], found: &[String]) -> u64 {
    worth_of(right.iter().zip(found))
}

/// The same for the values that count.
pub(crate) fn worth_of<'a>(values: impl Iterator<Item = (&'a String, &'a String)>) -> u64 {
    let (mut same, mut of) = (0u64, 0u64);
    for (right, found) in values {
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

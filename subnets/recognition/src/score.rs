//! The parts of a score.
//!
//! | part | reading | classifying |
//! |---|---|---|
//! | accuracy | `(1 − character error rate)⁴` | `max(0, MCC)²`, mean of the groups |
//! | reliability | `(share of fields that are exactly right)²`, as accuracy where no field is asked for | Brier skill, mean of the groups |
//! | speed | full within a quarter of the deadline, falling to nothing at the deadline | the same |
//!
//! The powers make the last percents worth most, as they are to a person who must correct the rest: 95 % right letters
//! earn 0.81, 99 % earn 0.96. Brier skill has no power, because only an affine function of the Brier score rewards
//! honest probabilities.

use myelin_wire::record::{PartRule, Ppm, Reason, Rubric, RubricError};

use crate::{
    metrics,
    protocol::{RecognitionRequest, RecognitionResponse, MAX_TEXT, VERSION},
    task::Hidden,
};

/// Least share of right letters for a text without a right field to count as a reading of the page: unrelated texts
/// reach about 0.2.
pub const LEAST_LETTERS: Ppm = Ppm::new(250_000);

/// The rubric of this subnet: accuracy and reliability weigh the same, and speed moves a tenth.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "recognition",
        VERSION,
        vec![
            PartRule::Share { name: "accuracy", weight: 1 },
            PartRule::Share { name: "reliability", weight: 1 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
        ],
    )
}

/// Worth of an answer before its speed is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// Accuracy and reliability.
    pub parts: [Ppm; 2],
    /// Reason for paying the parts or not.
    pub reason: Reason,
    /// One line for people.
    pub note: String,
}

impl Worth {
    fn refused(reason: Reason, note: impl Into<String>) -> Self {
        Self { parts: [Ppm::ZERO; 2], reason, note: note.into() }
    }
}

/// Judges an answer.
pub fn judge(request: &RecognitionRequest, hidden: &Hidden, answer: &RecognitionResponse) -> Worth {
    if answer.size() > MAX_TEXT {
        return Worth::refused(Reason::Oversize, format!("{} bytes of text and values", answer.size()));
    }
    match hidden {
        Hidden::Page { text, values, .. } => judge_reading(text, values, answer),
        Hidden::Scenes { classes, .. } => {
            let sizes: Vec<usize> = request.groups.iter().map(|group| group.classes.len()).collect();
            judge_classes(&sizes, classes, answer)
        }
    }
}

fn judge_reading(text: &str, values: &[String], answer: &RecognitionResponse) -> Worth {
    if answer.text.trim().is_empty() && answer.values.iter().all(|value| value.trim().is_empty()) {
        return Worth::refused(Reason::Empty, "no text and no value");
    }
    if answer.values.len() > values.len() {
        let (found, asked) = (answer.values.len(), values.len());
        return Worth::refused(Reason::Malformed, format!("{found} values for {asked} fields"));
    }
    let letters = metrics::letter_accuracy(&answer.text, text);
    let right =
        values.iter().zip(&answer.values).filter(|(truth, said)| metrics::same_value(said, truth)).count();
    if letters < LEAST_LETTERS && right == 0 {
        return Worth::refused(Reason::Garbage, "neither the text nor a field of this page");
    }
    let fields = Ppm::ratio(right as u64, values.len() as u64);
    let square = letters.of(letters);
    // A customer may request no fields.
    let reliability = if values.is_empty() { square.of(square) } else { fields.of(fields) };
    Worth {
        parts: [square.of(square), reliability],
        reason: Reason::Scored,
        note: format!("{} of 1000 letters, {right} of {} fields", letters.get() / 1000, values.len()),
    }
}

fn judge_classes(groups: &[usize], classes: &[Vec<u8>], answer: &RecognitionResponse) -> Worth {
    if answer.probabilities.is_empty() {
        return Worth::refused(Reason::Empty, "no probabilities");
    }
    if !answer.has_probabilities(classes.len(), groups) {
        return Worth::refused(
            Reason::Malformed,
            "probabilities of another shape, or that do not add up to a million",
        );
    }
    let (mut correlation, mut skill, mut right) = (0u64, 0u64, 0);
    for (group, &size) in groups.iter().enumerate() {
        let rows = || {
            let truths =
                classes.iter().map(|truth| truth.get(group).map_or(usize::MAX, |class| usize::from(*class)));
            answer.probabilities.iter().map(|picture| &picture[group]).zip(truths)
        };
        let pairs: Vec<(usize, usize)> = rows().map(|(row, truth)| (likeliest(row), truth)).collect();
        right += pairs.iter().filter(|(said, truth)| said == truth).count();
        let matthews = metrics::matthews(&pairs, size);
        correlation += u64::from(matthews.of(matthews).get());
        let scores: Vec<u64> = rows().map(|(row, truth)| metrics::brier(row, truth)).collect();
        skill += u64::from(metrics::brier_skill(&scores, size).get());
    }
    let whole = 1_000_000 * groups.len() as u64;
    Worth {
        parts: [Ppm::ratio(correlation, whole), Ppm::ratio(skill, whole)],
        reason: Reason::Scored,
        note: format!("{right} of {} right", classes.len() * groups.len()),
    }
}

/// The first of the likeliest classes.
pub fn likeliest(row: &[u32]) -> usize {
    let most = row.iter().max().copied().unwrap_or_default();
    row.iter().position(|p| *p == most).unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! Measures how well a model completes code.
//!
//! A [`Cursor`] is a place in a held-out file; the reference is the rest of its line. A model answers greedily and sees
//! the text on both sides. Four figures sum up many cursors, see [`Report`]. The same seed gives the same cursors.

mod copier;
mod cursor;
mod distance;

pub use copier::NearestCopier;
pub use cursor::{cursors, Cursor};
pub use distance::{common_prefix, edit_distance};

use crate::model::{CompletionRequest, ModelError, TextModel};
use std::time::{Duration, Instant};

/// Tokens an answer may have; lines of code are shorter.
const MAX_TOKENS: u32 = 48;

/// Figures over many cursors.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Answers counted.
    pub cursors: usize,
    /// Answers equal to the reference.
    pub exact: usize,
    /// Characters of all references.
    pub characters: usize,
    /// Insertions, deletions and substitutions between answers and references, each at most as long as the longer one.
    pub edits: usize,
    /// Sum of the longer length of answer and reference, the most that `edits` could be.
    pub most_edits: usize,
    /// Keystrokes saved by accepting the right beginning of each answer up to the end of a word, with one key.
    pub saved: usize,
    /// Cost of the references under the model in millionths of a nat, where the model offers likelihoods.
    pub micro_nats: Option<i64>,
    /// Bytes of all references.
    pub bytes: usize,
    /// Tokens generated and the time it took, reading of prompts included.
    pub tokens: u32,
    pub time: Duration,
}

impl Report {
    /// Share of answers equal to the reference.
    pub fn exact_share(&self) -> f64 {
        share(self.exact, self.cursors)
    }

    /// 1 − edits / longest length, over all cursors.
    pub fn similarity(&self) -> f64 {
        1.0 - share(self.edits, self.most_edits)
    }

    /// Share of keystrokes saved.
    pub fn saved_share(&self) -> f64 {
        share(self.saved, self.characters)
    }

    /// Mean cost of a byte of the references in nats.
    pub fn nats_per_byte(&self) -> Option<f64> {
        self.micro_nats.map(|cost| cost as f64 / 1e6 / self.bytes.max(1) as f64)
    }

    /// Adds one answer.
    pub fn add(&mut self, answer: &str, reference: &str) {
        let (a, r): (Vec<char>, Vec<char>) = (answer.chars().collect(), reference.chars().collect());
        self.cursors += 1;
        self.exact += usize::from(a == r);
        self.characters += r.len();
        self.bytes += reference.len();
        self.edits += edit_distance(&a, &r);
        self.most_edits += a.len().max(r.len());
        self.saved += keystrokes_saved(&a, &r);
    }
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// Characters of the common beginning, back to the end of a word, less the key that accepts them.
fn keystrokes_saved(answer: &[char], reference: &[char]) -> usize {
    let mut common = common_prefix(answer, reference);
    let word = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    // an editor accepts whole words, so a word that goes on differently is not accepted
    while common > 0
        && word(answer.get(common - 1))
        && (word(answer.get(common)) || word(reference.get(common)))
    {
        common -= 1;
    }
    common.saturating_sub(1)
}

/// Lets a model answer every cursor.
pub fn evaluate(model: &dyn TextModel, cursors: &[Cursor]) -> Result<Report, ModelError> {
    let mut report = Report::default();
    let mut cost = Some(0);
    for cursor in cursors {
        let request = CompletionRequest {
            prompt: cursor.before.clone(),
            suffix: Some(cursor.after.clone()),
            max_tokens: MAX_TOKENS,
            stop: vec!["\n".into()],
            ..CompletionRequest::default()
        };
        let started = Instant::now();
        let completion = model.complete(&request)?;
        report.time += started.elapsed();
        report.tokens += completion.completion_tokens;
        report.add(&completion.text, &cursor.reference);
        let likelihood = model.likelihood(&cursor.before, Some(&cursor.after), &cursor.reference);
        cost = cost.zip(likelihood.ok()).map(|(cost, l)| cost - l.total());
    }
    report.micro_nats = cost;
    Ok(report)
}

#[cfg(test)]
mod tests;

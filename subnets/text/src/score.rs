//! The parts of a score, from plain numbers to plain numbers.
//!
//! | part | open tasks | tasks that can be checked |
//! |---|---|---|
//! | accuracy | edit similarity with the hidden reference, above what unrelated text reaches | right or wrong |
//! | likelihood | how much likelier the validator's model finds the answer in its context than in another one, measured against the reference | as accuracy |
//! | speed | full within a quarter of the deadline, falling to nothing at the deadline | the same |
//! | novelty | share of the answer that repeats neither itself nor the prompt, measured against the reference | full |
//! | declared | nothing if the model that is declared did not give the answer ([`crate::declared`]), else full | the same |
//!
//! Why the likelihood is a difference: a plain one is highest for commonplaces. The difference between the true
//! context and a foreign one is zero for whatever fits everywhere, and grows with what an answer takes from its prompt;
//! copying the prompt itself is what novelty is for.

use std::collections::HashSet;

use myelin_wire::record::{LatencyBucket, PartRule, Ppm, Rubric, RubricError};

use crate::{protocol::VERSION, similarity::edit_similarity};

/// Edit similarity that unrelated texts of the same kind reach.
pub const CHANCE_SIMILARITY: Ppm = Ppm::new(200_000);
/// References that gain less than this from their context are measured as if they gained this: 16 nats.
pub const LEAST_REFERENCE_GAIN: i64 = 16_000_000;
/// An answer that costs more than this per byte, 2.6 nats, is noise: random hexadecimal digits cannot cost less than
/// ln 16 = 2.77, random letters cost more, and what a model writes costs about 1.
pub const NOISE_COST_PER_BYTE: i64 = 2_600_000;
/// Shorter answers are never called noise: a single bracket may well be surprising.
pub const NOISE_BYTES: usize = 8;
/// Length of the pieces that novelty looks for.
const PIECE: usize = 8;

/// The rubric of this subnet: 3 parts accuracy and 5 parts likelihood; speed moves a tenth, novelty everything.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "text",
        VERSION,
        vec![
            PartRule::Share { name: "accuracy", weight: 3 },
            PartRule::Share { name: "likelihood", weight: 5 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
            PartRule::Factor { name: "novelty", floor: Ppm::ZERO },
            PartRule::Factor { name: "declared", floor: Ppm::ZERO },
        ],
    )
}

/// Similarity above chance: `(similarity − chance) / (1 − chance)`, never negative.
pub fn accuracy(answer: &str, reference: &str) -> Ppm {
    let similarity = edit_similarity(answer.as_bytes(), reference.as_bytes());
    let above = similarity.get().saturating_sub(CHANCE_SIMILARITY.get());
    Ppm::ratio(u64::from(above), u64::from(CHANCE_SIMILARITY.rest().get()))
}

/// What a context saves: cost of a text in a foreign context less its cost in the true one, in millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// Cost in the context of the task.
    pub own: i64,
    /// Cost in the context of another passage.
    pub foreign: i64,
}

impl Costs {
    /// The saving.
    pub fn gain(&self) -> i64 {
        self.foreign.saturating_sub(self.own)
    }
}

/// `gain of the answer / gain of the reference`, between nothing and the whole.
pub fn likelihood(answer: Costs, reference: Costs) -> Ppm {
    let whole = reference.gain().max(LEAST_REFERENCE_GAIN);
    Ppm::ratio(answer.gain().max(0) as u64, whole as u64)
}

/// Whether a text of `bytes` bytes that costs `own` is noise.
pub fn is_noise(own: i64, bytes: usize) -> bool {
    let limit = NOISE_COST_PER_BYTE.saturating_mul(i64::try_from(bytes).unwrap_or(i64::MAX));
    bytes >= NOISE_BYTES && own > limit
}

/// Full within a quarter of the deadline, then linear to nothing.
pub fn speed(latency: LatencyBucket, deadline_ms: u64) -> Ppm {
    let free = deadline_ms / 4;
    Ppm::ratio(deadline_ms.saturating_sub(latency.start_ms()), deadline_ms.saturating_sub(free).max(1))
}

/// `fresh part of the answer / fresh part of the reference`, at most the whole.
pub fn novelty(answer: &str, reference: &str, prompt: &[&str]) -> Ppm {
    let known: HashSet<&[u8]> = prompt.iter().flat_map(|text| text.as_bytes().windows(PIECE)).collect();
    let own = freshness(answer.as_bytes(), &known);
    let expected = freshness(reference.as_bytes(), &known);
    if own >= expected {
        return Ppm::ONE;
    }
    Ppm::ratio(u64::from(own.get()), u64::from(expected.get()))
}

/// Share of the pieces of a text that stand neither earlier in it nor in `known`; texts without a piece are fresh.
fn freshness(text: &[u8], known: &HashSet<&[u8]>) -> Ppm {
    let mut seen = HashSet::new();
    let (mut fresh, mut total) = (0u64, 0u64);
    for piece in text.windows(PIECE) {
        total += 1;
        fresh += u64::from(!known.contains(piece) && seen.insert(piece));
    }
    if total == 0 {
        Ppm::ONE
    } else {
        Ppm::ratio(fresh, total)
    }
}

#[cfg(test)]
mod tests;

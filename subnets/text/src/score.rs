//! The parts of a score, from plain numbers to plain numbers.
//!
//! | part | open tasks | tasks that can be checked |
//! |---|---|---|
//! | accuracy | edit similarity with the hidden reference, above what unrelated text reaches | right or wrong |
//! | likelihood | what the place of the cursor explains of the answer, above the best answer without a model, measured against the reference | as accuracy |
//! | speed | full within a quarter of the deadline, falling to nothing at the deadline | the same |
//! | novelty | share of the answer that repeats neither itself nor the prompt, measured against the reference | full |
//! | declared | nothing if the model that is declared did not give the answer ([`crate::declared`]), else full | the same |
//!
//! The likelihood of a text is no measure of it: commonplaces are likely everywhere, and words of the prompt are likely
//! after the prompt. Each step takes one such string away:
//!
//! * The *gain* of a text is what its place explains: its cost where the same prompt is cut at another place
//!   ([`crate::contrast`]), less its cost at the cursor. Words and lines of the prompt cost the same at both places,
//!   and so do commonplaces.
//! * *Fluency* multiplies the gain by what a byte of the reference costs over what a byte of the answer costs, at most
//!   one. Text that is added to an answer, or put in between, costs more than it gains.
//! * The *zero* of a task is the best `gain · fluency · novelty` of what the validator itself writes without a model
//!   ([`crate::strings`]). An answer is paid for what it is better than that.
//!
//! White space and the case of letters count for nothing in novelty.

use std::collections::HashSet;

use myelin_wire::record::{LatencyBucket, PartRule, Ppm, Rubric, RubricError};

use crate::{protocol::VERSION, similarity::edit_similarity};

/// Edit similarity that texts of the same words reach in another order.
pub const CHANCE_SIMILARITY: Ppm = Ppm::new(350_000);
/// References that gain less than this above zero are measured as if they gained this: 16 nats.
pub const LEAST_REFERENCE_GAIN: i64 = 16_000_000;
/// Added to the costs of a byte, a twentieth of a nat, before they are compared: below that nobody is more fluent.
pub const EASE: i64 = 50_000;
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

/// What a text costs the validator's model, in millionths of a nat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Costs {
    /// At the place of the cursor.
    pub own: i64,
    /// At another place of the same prompt.
    pub elsewhere: i64,
    /// Length of the text in bytes.
    pub bytes: usize,
}

impl Costs {
    /// What the place explains.
    pub fn gain(&self) -> i64 {
        self.elsewhere.saturating_sub(self.own)
    }

    /// Cost of a byte at the cursor, rounded down.
    fn of_a_byte(&self) -> i64 {
        self.own.max(0) / i64::try_from(self.bytes.max(1)).unwrap_or(i64::MAX)
    }

    /// `(cost of a byte of the reference + EASE) / (cost of a byte of this text + EASE)`, at most the whole.
    pub fn fluency(&self, reference: &Costs) -> Ppm {
        let [answer, expected] = [self, reference].map(|costs| costs.of_a_byte().saturating_add(EASE) as u64);
        Ppm::ratio(expected, answer)
    }

    /// `gain · fluency`, rounded down; never negative.
    pub fn worth(&self, reference: &Costs) -> i64 {
        part_of(self.gain().max(0), self.fluency(reference))
    }
}

/// `floor(amount · part)`.
pub fn part_of(amount: i64, part: Ppm) -> i64 {
    let product = i128::from(amount) * i128::from(part.get()) / 1_000_000;
    i64::try_from(product).unwrap_or(i64::MAX)
}

/// `(worth of the answer − zero) / (gain of the reference − zero)`, between nothing and the whole.
pub fn likelihood(answer: Costs, reference: Costs, zero: i64) -> Ppm {
    let whole = reference.gain().saturating_sub(zero).max(LEAST_REFERENCE_GAIN);
    let above = answer.worth(&reference).saturating_sub(zero).max(0);
    Ppm::ratio(above as u64, whole as u64)
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

/// `fresh part of the answer / fresh part of the reference`, at most the whole; white space and the case of letters
/// count for nothing.
pub fn novelty(answer: &str, reference: &str, prompt: &[&str]) -> Ppm {
    let prompt: Vec<Vec<u8>> = prompt.iter().map(|text| plain(text)).collect();
    let known: HashSet<&[u8]> = prompt.iter().flat_map(|text| text.windows(PIECE)).collect();
    let own = freshness(&plain(answer), &known);
    let expected = freshness(&plain(reference), &known);
    if own >= expected {
        return Ppm::ONE;
    }
    Ppm::ratio(u64::from(own.get()), u64::from(expected.get()))
}

/// A text in small letters and without white space.
fn plain(text: &str) -> Vec<u8> {
    let letters = text.chars().filter(|letter| !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect::<String>().into_bytes()
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

//! The parts of a score, from plain numbers to plain numbers.
//!
//! | part | open tasks | tasks that can be checked |
//! |---|---|---|
//! | agreement | first words that are those of the hidden reference, above the best answer without a model | right or wrong, or how much is right |
//! | speed | full within a quarter of the deadline, falling to nothing at the deadline | the same |
//! | declared | nothing if the model that is declared did not give the answer ([`crate::declared`]), else full | the same |
//!
//! No model judges: a measure that everybody can compute is one by which everybody can choose answers. Only the
//! validator knows the reference, so an answer is worth what its model knew about the text. Text behind the first word
//! that differs earns nothing, so padding gains nothing.
//!
//! A *word* is a run of letters, digits and `_`, or another mark, or two marks that belong together. White space only
//! separates words. Where an answer ends with its line, the end is one more word, so that writing on gains nothing.

use myelin_wire::record::{PartRule, Ppm, Rubric, RubricError};

use crate::protocol::VERSION;

/// Most words that are compared.
pub const WORDS: usize = 8;

/// The rubric of this subnet: agreement, of which speed moves a tenth.
pub fn rubric() -> Result<Rubric, RubricError> {
    Rubric::new(
        "text",
        VERSION,
        vec![
            PartRule::Share { name: "agreement", weight: 1 },
            PartRule::Factor { name: "speed", floor: Ppm::new(900_000) },
            PartRule::Factor { name: "declared", floor: Ppm::ZERO },
        ],
    )
}

/// Pairs of marks that are one word.
const PAIRS: [&[u8; 2]; 14] =
    [b"::", b"->", b"=>", b"==", b"!=", b"<=", b">=", b"&&", b"||", b"..", b"+=", b"-=", b"*=", b"//"];

/// The words of a text and its marks, in their order.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let first = rest.chars().next()?;
        let end = match in_word(first) {
            true => rest.find(|letter| !in_word(letter)).unwrap_or(rest.len()),
            false if rest.as_bytes().first_chunk().is_some_and(|pair| PAIRS.contains(&pair)) => 2,
            false => first.len_utf8(),
        };
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}

/// The words of a text that are compared: its first ones, at most [`WORDS`]. For a `line` they are of the first line,
/// whose end counts as a word.
fn compared_words(text: &str, line: bool) -> impl Iterator<Item = &str> {
    let text = if line { text.lines().next().unwrap_or_default() } else { text };
    words(text).chain(line.then_some("\n")).take(WORDS)
}

/// The number of leading words of an answer that equal those of the reference.
pub fn first_words(answer: &str, reference: &str, line: bool) -> usize {
    let pairs = compared_words(answer, line).zip(compared_words(reference, line));
    pairs.take_while(|(one, other)| one == other).count()
}

/// The number of words of a reference that are compared.
pub fn compared(reference: &str, line: bool) -> usize {
    compared_words(reference, line).count()
}

/// `(right words − zero) / (compared words − zero)`, never negative; `None` where nothing is left above zero.
pub fn agreement(right: usize, compared: usize, zero: usize) -> Option<Ppm> {
    let whole = compared.checked_sub(zero).filter(|whole| *whole > 0)?;
    Some(Ppm::ratio(right.saturating_sub(zero) as u64, whole as u64))
}

#[cfg(test)]
mod tests;

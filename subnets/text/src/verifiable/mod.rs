//! Tasks with an answer that can be checked: arithmetic in words, extraction, and programs that are run.
//!
//! | kind | request | check |
//! |---|---|---|
//! | `arithmetic` | a story of four to seven numbers | the number after `ANSWER:` is the right one |
//! | `extract` | fields of a text, among decoys | the values of a JSON object, after a plain normalisation |
//! | `program` | a JavaScript function for a list of steps with two examples | it is run in the sandbox on hidden inputs |
//!
//! Each miner gets tasks of its own, put as a chat, so that any server behind a miner can answer them. The wording
//! comes from [`Phrases`]; a validator may have phrases of its own, for which nobody could prepare. The small built-in
//! models get these tasks wrong, which costs all of them the same.

pub mod arithmetic;
pub mod extraction;
pub mod phrases;
pub mod program;

pub use phrases::Phrases;

use myelin_wire::record::Ppm;

use crate::protocol::{ChatMessage, TextRequest};

/// Longest answer in tokens to arithmetic, extraction, programs.
pub const TOKENS: [u32; 3] = [320, 160, 512];

/// The task as a chat with one message. It wants the likeliest answer, because only one is right.
fn chat(content: String, max_tokens: u32) -> TextRequest {
    TextRequest {
        messages: vec![ChatMessage { role: "user".into(), content }],
        max_tokens,
        ..TextRequest::default()
    }
}

/// Worth of an answer with `right` of `total` parts right: everything if all are right, else a quarter of the cube of
/// the share, rounded down. Half of an answer is of little use, and some parts can be guessed.
pub fn worth(right: usize, total: usize) -> Ppm {
    if total > 0 && right >= total {
        return Ppm::ONE;
    }
    let share = Ppm::ratio(right as u64, total as u64);
    Ppm::ratio(u64::from(share.of(share).of(share).get()), 4_000_000)
}

#[cfg(test)]
mod tests;

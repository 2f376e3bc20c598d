//! Tasks with an answer that can be checked: arithmetic in words, extraction, things that change hands, and programs
//! that are run.
//!
//! | kind | request | a step | check |
//! |---|---|---|---|
//! | `arithmetic` | a story with numbers | a change of the number | the number after `ANSWER:` is the right one |
//! | `extract`: fields | fields of a text | a sentence that states another value | the values of a JSON object, after a plain normalisation |
//! | `extract`: trail | things that change hands | a change | the same |
//! | `program` | a JavaScript function with two examples | a step of the function | it is run in the sandbox on hidden inputs |
//!
//! A task has a grade, the number of its steps ([`grade`]). Each miner gets tasks of its own, put as a chat, so that
//! any server behind a miner can answer them. The wording comes from [`Phrases`]; a validator may have phrases of its
//! own, for which nobody could prepare. The small built-in models get these tasks wrong, which costs all of them the
//! same.

pub mod arithmetic;
pub mod extraction;
pub mod grade;
pub mod phrases;
pub mod program;
pub mod trail;

pub use phrases::Phrases;

use myelin_wire::record::Ppm;
use serde::{Deserialize, Serialize};

use crate::protocol::{ChatMessage, TextRequest, MAX_TOKENS};

/// The right answer to a task with a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Right {
    /// The number at the end of a story.
    Number(i64),
    /// Values by key: fields of a text, or the things of people.
    Fields(extraction::Fields),
    /// Inputs of a program with the right results.
    Program(Vec<program::Case>),
}

/// Most tokens of an answer: room for thinking about each step, as far as the protocol allows.
fn tokens(least: u32, of_step: u32, grade: u32) -> u32 {
    least.saturating_add(of_step.saturating_mul(grade)).min(MAX_TOKENS)
}

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

//! # Text: miners continue text and code, validators judge by fresh tasks
//!
//! **Product.** Completion, fill-in-the-middle and chat, as OpenAI-compatible clients ask for them ([`protocol`]). A
//! miner serves a built-in model or any OpenAI-compatible endpoint ([`backend`]).
//!
//! **Tasks.** Drawn from a seed that nobody chooses, cut from texts that the built-in models never saw, with fresh
//! names put in ([`library`], [`substitution`], [`task`]). Everybody who has the texts finds the passages all the same
//! ([`adversary::Lookup`]), so a validator composes texts of its own. Controls are made of earlier customers' requests,
//! and stand among requests of customers ([`past`]).
//!
//! **Score.** With everything in millionths,
//!
//! ```text
//! score = agreement · (0.9 + 0.1 · speed) · declared
//!
//! agreement = (first words of the answer that are the reference's − zero) / (words of the reference, at most 8, − zero)
//! zero      = the most first words that eight texts have which the validator writes without a model
//! speed     = 1 within a quarter of the deadline, falling to 0 at the deadline
//! declared  = 0 if the answer declares a model that did not give it, else 1
//! ```
//!
//! No model judges, so no answer can be chosen by the taste of a judge. Open tasks are drawn where zero is nothing, and
//! rarely where the n-gram model finishes the begun word.
//! Empty, late and oversized answers get nothing. For tasks with a check, arithmetic, extraction, programs
//! ([`verifiable`]), agreement is the worth of the right parts. The models that miners declare are checked by
//! [`declared`].
//!
//! **Pay.** Every miner gets tasks of its own, and more as long as it gets them done. Its pay is the amount of work
//! done, times the fifth power of its quality. Many keys on one machine share the pay of the work that the machine
//! gets done, in whatever words they answer.
//!
//! **Rating.** A second mechanism, off unless it is asked for ([`TextConfig::rating`]): miners compare continuations of
//! the round before, and are paid for what their votes tell ([`rating`]).
//!
//! **A judge behind an endpoint.** Another mechanism, off as well ([`TextConfig::judge`]): a model that the validator
//! names compares answers to requests without a right answer ([`judge`]).
//!
//! **What it refuses to know.** Keys, sockets, the chain: the framework has them.

#![warn(missing_docs)]

pub mod adversary;
pub mod backend;
pub mod declared;
pub mod ensemble;
pub mod javascript;
pub mod judge;
pub mod library;
pub mod past;
pub mod protocol;
pub mod rating;
pub mod score;
pub mod shape;
pub mod similarity;
pub mod strings;
pub mod substitution;
pub mod task;
pub mod verifiable;
pub mod writer;

mod contest;
mod subnet;

pub use subnet::{Load, TextConfig, TextSubnet};

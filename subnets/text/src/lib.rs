//! # Text: miners continue text and code, validators judge by fresh questions
//!
//! **Product.** Completion, fill-in-the-middle and chat, as OpenAI-compatible clients ask for them ([`protocol`]). A
//! miner serves a built-in model or any OpenAI-compatible endpoint ([`backend`]).
//!
//! **Tasks.** Drawn from a seed that nobody chooses, cut from texts that the built-in models never saw, with fresh names
//! put in ([`library`], [`substitution`], [`task`]). Whoever has the texts finds the passages all the same
//! ([`adversary::Lookup`]), so a validator has texts of its own. Controls are made of what customers asked before, and stand
//! among requests of customers ([`past`]).
//!
//! **Score.** With everything in millionths,
//!
//! ```text
//! score = (3 · accuracy + 5 · likelihood) / 8 · (0.9 + 0.1 · speed) · novelty · declared
//!
//! accuracy   = max(0, similarity(answer, reference) − 0.2) / 0.8
//! likelihood = max(0, gain(answer)) / max(gain(reference), 16 nats), at most 1
//! gain(x)    = cost of x after a foreign passage − cost of x after its own, by the validator's model
//! speed      = 1 within a quarter of the deadline, falling to 0 at the deadline
//! novelty    = share of 8-byte pieces that stand neither earlier in the answer nor in the prompt,
//!              relative to the same share of the reference, at most 1
//! declared   = 0 if the answer declares a model that did not give it, else 1
//! ```
//!
//! Empty, late, oversized and random answers get nothing. For tasks with a check, arithmetic, extraction, programs ([`verifiable`]), accuracy and
//! likelihood are 1 or 0 or between, as much as is right, and novelty is 1. What models miners declare is checked by [`declared`].
//!
//! **Pay.** Every miner gets tasks of its own and more as long as it gets them done, and is paid for how much that is and the fourth power of
//! how good: many keys on one machine, in whatever words they answer, share what one gets done.
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
pub mod score;
pub mod similarity;
pub mod substitution;
pub mod task;
pub mod verifiable;
pub mod writer;

mod contest;
mod subnet;

pub use subnet::{Load, TextConfig, TextSubnet};

//! # Text: miners continue text and code, validators judge by fresh questions
//!
//! **Product.** Completion, fill-in-the-middle and chat, as OpenAI-compatible clients ask for them ([`protocol`]). A
//! miner serves a built-in model or any OpenAI-compatible endpoint ([`backend`]).
//!
//! **Tasks.** Drawn from a seed that nobody chooses, cut from texts that the built-in models never saw, with fresh
//! names put in ([`library`], [`substitution`], [`task`]). Whoever has the texts finds the passages all the same
//! ([`adversary::Lookup`]), so a validator has texts of its own. Controls are made of what customers asked before, and
//! stand among requests of customers ([`past`]).
//!
//! **Score.** With everything in millionths,
//!
//! ```text
//! score = (3 · accuracy + 5 · likelihood) / 8 · (0.9 + 0.1 · speed) · novelty · declared
//!
//! accuracy   = max(0, similarity(answer, reference) − 0.35) / 0.65
//! likelihood = max(0, worth(answer) − zero) / max(gain(reference) − zero, 16 nats), at most 1
//! worth(x)   = max(0, gain(x)) · fluency(x)
//! gain(x)    = cost of x with the cursor at another place of the same prompt − its cost at the cursor, by the validator's model
//! fluency(x) = (cost of a byte of the reference + 0.05 nats) / (cost of a byte of x + 0.05 nats), at the cursor, at most 1
//! zero       = the most worth(z) · novelty(z) of six texts z that the validator writes without a model, 40 bytes of each
//! speed      = 1 within a quarter of the deadline, falling to 0 at the deadline
//! novelty    = share of pieces of 8 letters that stand neither earlier in the answer nor in the prompt, relative to the same
//!              share of the reference, at most 1; without white space and in small letters
//! declared   = 0 if the answer declares a model that did not give it, else 1
//! ```
//!
//! An answer is judged as far as the reference is long, to the end of a begun word. The other place and the six texts
//! are drawn by a hash of the hidden reference ([`contrast`], [`strings`]). Empty, late, oversized and random answers
//! get nothing. For tasks with a check, arithmetic, extraction, programs ([`verifiable`]), accuracy and likelihood are
//! 1 or 0 or between, as much as is right, and novelty is 1. What models miners declare is checked by [`declared`].
//!
//! **Pay.** Every miner gets tasks of its own and more as long as it gets them done, and is paid for how much that is
//! and the fourth power of how good: many keys on one machine, in whatever words they answer, share what one gets done.
//!
//! **What it refuses to know.** Keys, sockets, the chain: the framework has them.

#![warn(missing_docs)]

pub mod adversary;
pub mod backend;
pub mod contrast;
pub mod declared;
pub mod ensemble;
pub mod javascript;
pub mod judge;
pub mod library;
pub mod past;
pub mod protocol;
pub mod score;
pub mod similarity;
pub mod strings;
pub mod substitution;
pub mod task;
pub mod verifiable;
pub mod writer;

mod contest;
mod subnet;

pub use subnet::{Load, TextConfig, TextSubnet};

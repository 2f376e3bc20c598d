//! Language models that run on a CPU, how they are made and measured, and the way to models that run elsewhere.
//!
//! # What it is for
//!
//! A miner needs something that answers prompts, a validator something that says how likely an answer is, and an editor
//! something that completes code. All three meet a [`model::TextModel`]. There are models of our own in three honest
//! levels of quality ([`builtin`]) and any server with the OpenAI-compatible interface (`openai::OpenAiBackend`,
//! feature `endpoint`). Any model can itself be offered through that interface (`openai::serve`, feature `serve`, and
//! the program `serve`).
//!
//! ```
//! use myelin_lm::builtin::{model, Level};
//! use myelin_lm::model::CompletionRequest;
//!
//! let late = model(Level::Late)?;
//! let request = CompletionRequest {
//!     prompt: "/// Returns the larger of two numbers.\npub fn larger(a: u32, b: u32) -> u32 {\n    if a > b { ".into(),
//!     suffix: Some("\n}\n".into()),
//!     max_tokens: 16,
//!     stop: vec!["\n".into()],
//!     ..CompletionRequest::default()
//! };
//! let completion = late.complete(&request)?;
//! assert_eq!(completion, late.complete(&request)?, "same model, request and seed: same answer");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Words
//!
//! * *token*: a piece of text with a number; [`tokenizer`] cuts text into tokens and puts it together again.
//! * *corpus*: the training text, built from crate sources on disk; *held out*: crates that training never reads
//!   ([`corpus::Split`]).
//! * *lesson*: one training sequence, running text or a gap to fill ([`lessons`]).
//! * *checkpoint*: the whole state of a training run; *model file*: its weights alone, as brain floats (16 bits).
//! * *likelihood*: the probability of a given text under a model, in integers ([`model::Likelihood`]).
//! * *kernel*: the machine instructions that compute; all give the same bits ([`kernel`]).
//!
//! # How the parts fit
//!
//! ```text
//! crates on disk ─ corpus ─ tokenizer ─ lessons ─ train ─ transformer::file ─┐
//!                     └──── ngram table ────────────────────────────────────┤
//!                                                 kernel ─ transformer ─ builtin ─ TextModel ─ evaluate, openai::serve
//!                                                              OpenAI-compatible server ─┘
//! ```
//!
//! Everything up to the probabilities of a built-in model is bit-reproducible on any machine, thread count and
//! instruction set: see [`kernel`] for how. An answer is therefore a pure function of (model, request, seed), and two
//! validators that score the same text with the same model get the same integers.
//!
//! # What it refuses to know
//!
//! Chains, subnets, miners, validators and scores. It opens no address but the endpoint it was configured with and
//! never one that a server or peer names.

pub mod builtin;
pub mod corpus;
pub mod evaluate;
pub mod files;
mod generate;
pub mod kernel;
pub mod lessons;
pub mod model;
pub mod ngram;
pub mod openai;
pub mod prompt;
pub mod sampling;
pub mod tokenizer;
mod trace;
pub mod train;
pub mod transformer;
mod word;

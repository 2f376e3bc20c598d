//! Pictures and the models that look at them.
//!
//! # What it is for
//!
//! Judging pictures, and answering tasks about them, needs four things:
//! * pictures that cannot do harm ([`picture`]);
//! * networks that give the same bits on every machine ([`network`], [`train`]);
//! * files that hold such networks ([`weights`], [`onnx`]);
//! * connections to models of others: Tesseract as a process of its own ([`tesseract`]), and servers with the
//!   OpenAI-compatible interface (`endpoint`, feature `endpoint`).
//!
//! # Words
//!
//! * *picture*: grey or colour samples of eight bits; *plane*: one channel of it.
//! * *architecture*: which layers follow each other; *parameters*: the numbers they compute with; *network*: both.
//! * *covered*: an operator of a foreign file that our layers express exactly. Everything else is refused by name.
//!
//! # How the parts fit
//!
//! ```text
//! PNG, JPEG ── picture ──┬── network ── probabilities
//!   safetensors, ONNX ───┘      │
//!                             train
//! picture ── tesseract, endpoint ── text
//! ```
//!
//! A network computes with the kernels of `myelin_lm::kernel`, so its output depends on picture and parameters alone:
//! not on threads, processor or operating system.
//!
//! # What it refuses to know
//!
//! Subnets, tasks, scores. It opens no address but the endpoint it was configured with, and starts no program but
//! Tesseract.

#![warn(missing_docs)]

#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod network;
pub mod onnx;
pub mod picture;
pub mod tesseract;
pub mod train;
pub mod weights;

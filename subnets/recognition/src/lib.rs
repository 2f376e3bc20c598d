//! # Image recognition: miners read documents and classify scenes, validators draw both
//!
//! **Product.** The text and the fields of photographed documents; probabilities of classes for pictures
//! ([`protocol`]). A miner serves Tesseract with a network of the bit-exact core, another network, or any server with
//! an OpenAI-compatible interface that takes pictures ([`backend`]).
//!
//! **Tasks.** Drawn from a seed that nobody chooses: documents are composed, set and degraded, scenes are painted
//! ([`document`], [`render`], [`degrade`], [`scene`], [`task`]). Every picture is new and has one right answer. Half
//! come from a reserved renderer that no model here was trained on. Controls are made of earlier customers' requests,
//! and stand among requests of customers ([`past`]).
//!
//! **Score.** With everything in millionths,
//!
//! ```text
//! score = (accuracy + reliability) / 2 · (0.9 + 0.1 · speed)
//!
//!               reading                                  classifying
//! accuracy      (1 − character error rate)⁴              max(0, MCC)², mean of the groups
//! reliability   (share of fields exactly right)²         1 − Brier score / that of equal probabilities, mean
//! speed         1 within a quarter of the deadline, falling to 0 at the deadline
//! ```
//!
//! Empty, late, oversized and malformed answers get nothing ([`score`], [`metrics`]).
//!
//! **What it refuses to know.** Keys, sockets, the chain: the framework has them. It holds no model of its own kind
//! either: networks, files and programs that see are `myelin_vision`'s.

#![warn(missing_docs)]

pub mod adversary;
pub mod backend;
pub mod degrade;
pub mod document;
pub mod draw;
#[cfg(feature = "endpoint")]
pub mod endpoint;
pub mod ensemble;
pub mod extract;
pub mod metrics;
pub mod past;
pub mod protocol;
pub mod render;
pub mod scene;
pub mod score;
pub mod submit;
pub mod task;

mod contest;
mod subnet;

pub use subnet::{Load, RecognitionConfig, RecognitionSubnet};

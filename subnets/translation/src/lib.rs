//! # Translation: texts and localisation files from one language to another
//!
//! A validator composes texts in two languages at once, so it has right translations that nobody can look up
//! ([`compose`]). It sends the texts in one language ([`protocol`]), and judges answers by how near they are to the
//! right translations ([`score`], [`chrf`]). A miner serves Apertium, Apertium with the customer's glossary
//! ([`backend`]), or a language model.
//!
//! Customers send localisation files: PO, JSON, `.strings` and XLIFF ([`catalogue`], [`job`]). What programs need in a
//! text, such as placeholders, comes back unchanged ([`protected`](mod@protected)).
//!
//! ## What it promises
//!
//! - A copy of the text, of its names or of its numbers earns nothing.
//! - A catalogue of published translations earns less than a translator.
//! - A lost placeholder, tag or address makes a translation worthless.
//!
//! ## What it refuses to know
//!
//! The chain, the keys, and how much anybody is paid.

#![warn(missing_docs)]

pub mod adversary;
pub mod apertium;
pub mod backend;
pub mod catalogue;
pub mod chrf;
pub mod compose;
mod contest;
mod dress;
#[cfg(feature = "endpoint")]
pub mod endpoint;
mod ensemble;
pub mod job;
pub mod language;
pub mod past;
pub mod protected;
pub mod protocol;
pub mod score;
mod subnet;
pub mod task;

pub use subnet::{Load, TranslationConfig, TranslationSubnet};

//! # Scraping: rows of a declared form from pages of the web
//!
//! A customer names pages and the columns that it wants, and shows a page with its rows or names selectors
//! ([`protocol`]). A miner fetches the pages ([`fetch`]) and reads their rows: by the selectors, or by a wrapper that
//! it learns from the example ([`backend`], [`wrapper`]). A validator composes sites of its own, whose rows it knows
//! and nobody can look up ([`compose`]), and judges answers by how many rows and values are right ([`score`]). A second
//! mechanism pays for fetching: the validator fetches what it asked for again ([`live`]).
//!
//! ## What it promises
//!
//! - Rows that are made up, padded or repeated cost as much as rows that are missing.
//! - A page of a stranger is read within limits of size, depth and time ([`page`]).
//!
//! ## What it refuses to know
//!
//! The chain, the keys, and how much anybody is paid.

#![warn(missing_docs)]

pub mod adversary;
pub mod backend;
pub mod compose;
mod contest;
pub mod due;
#[cfg(feature = "endpoint")]
pub mod endpoint;
mod ensemble;
pub mod fetch;
pub mod job;
pub mod live;
pub mod page;
pub mod past;
pub mod personal;
pub mod protocol;
pub mod runs;
pub mod score;
mod subnet;
pub mod table;
pub mod task;
pub mod value;
pub mod wrapper;

pub use subnet::{Load, ScrapingConfig, ScrapingSubnet};

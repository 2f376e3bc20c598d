//! The finance subnet: how series go on.
//!
//! **What is produced.** Forecasts of any series of numbers: paths, intervals and probabilities of events
//! ([`protocol`]).
//!
//! **How it is judged.** By how the series went on ([`score`]): against the forecast that everybody can make, the past
//! again, with losses that a forecaster expects to be smallest when it tells what it believes.
//!
//! **Pay.** For skill above that of the past over a window of rounds, in proportion: no power and no cut-off, so
//! nothing is gained by risk.
//!
//! ```text
//! series ──request──▶ miner (forecast) ──answer──▶ score ◀── how the series went on
//! ```
//!
//! **What it refuses to know.** Keys, sockets, the chain: the framework has them.

#![warn(missing_docs)]

pub mod adversary;
pub mod backend;
pub mod chart;
pub mod crps;
pub mod ensemble;
pub mod feed;
pub mod forecast;
pub mod protocol;
pub mod score;
pub mod series;
pub mod upload;

mod contest;
#[cfg(test)]
mod pay_tests;
mod subnet;

pub use subnet::{FinanceConfig, FinanceSubnet, Hidden, Load, Origin};

//! # Analysis: miners answer questions over tables with a query, validators run it on rows that nobody saw
//!
//! **Product.** A question in words or by example, over tables of the user's own. The answer is one `SELECT` and a
//! sentence that describes it ([`protocol`]).
//!
//! **Tasks.** Tables, query and rows are drawn from a seed that nobody chooses ([`data`], [`draw`], [`task`]). The
//! query is put in words ([`phrase`]) or shown by small examples. Names and phrases may come from files that only the
//! validator has ([`lexicon`]). Controls are made of earlier customers' requests, and stand among requests of customers
//! ([`past`]).
//!
//! **Score.** The answer is read, written down anew ([`query`]) and run in memory with limits on everything
//! ([`engine`]), on seven hidden databases with other rows: unknowns, ties, skew, missing partners, edge
//! values, many rows ([`judge`]).
//!
//! ```text
//! score = accuracy · (0.85 + 0.15 · cost) · (0.85 + 0.15 · explanation) · (0.9 + 0.1 · speed)
//!
//! accuracy    = 1 if every result is right, else a quarter of the cube of the right share
//! cost        = 1.25 · steps of the reference / steps of the answer, at most 1
//! explanation = facts that explanation and query share / facts of either
//! speed       = 1 within a quarter of the time, falling to 0 at its end
//! ```
//!
//! ```text
//! lexicon ─ data ─ draw ─ plan ──┬─ phrase ─┬─ task ──request──▶ miner
//!                                └─ run ────┘    │
//!                     query ─ engine ─ judge ◀───hidden
//!                              explain ─┴─ score
//! ```
//!
//! **What it refuses to know.** Keys, sockets, the chain: the framework has them.

#![warn(missing_docs)]

pub mod adversary;
pub mod data;
pub mod draw;
pub mod engine;
pub mod ensemble;
pub mod explain;
pub mod judge;
pub mod lexicon;
pub mod miner;
pub mod past;
pub mod phrase;
pub mod plan;
pub mod protocol;
pub mod query;
pub mod schema;
pub mod score;
pub mod task;
pub mod upload;
pub mod value;

mod contest;
mod subnet;

pub use subnet::{AnalysisConfig, AnalysisSubnet, Load};

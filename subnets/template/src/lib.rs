//! # Round trips: miners find short trips through places on a map
//!
//! **Product.** A customer has places on a map and wants to visit all of them and come home, on a short way. The
//! request holds the places, the answer an order in which to visit them ([`protocol`]).
//!
//! **Tasks.** Maps are drawn from a seed that nobody chooses ([`task`]). Every miner gets maps of its own; programs
//! that were submitted beforehand get the same maps from every validator.
//!
//! **Score.** Nobody knows the shortest trip of a map, and nobody has to. No trip is shorter than the shortest net of
//! roads that connects all places (a minimum spanning tree), and that net is computed exactly ([`score`]).
//!
//! ```text
//! score   = quality · (0.9 + 0.1 · speed)
//! quality = (2 · net − trip) / net, from 0 to 1
//! speed   = 1 within a quarter of the time, falling to 0 at its end
//! ```
//!
//! A trip twice as long as the net is worth nothing. Even the shortest trip stays below 1, so a better miner always
//! earns more than the best one of today.
//!
//! ```text
//! seed ─ task ──Map──▶ solver ──Trip──▶ score ─ parts
//!           └──────────Net (hidden)───────┘
//! ```
//!
//! | file | what to change there for a task of your own |
//! |---|---|
//! | [`protocol`] | request and answer, and the requests that are refused before any work is done for them |
//! | [`task`] | the draw of a task, and the side of it that the validator keeps to itself |
//! | [`score`] | the parts of the score and the rubric |
//! | [`solver`] | the solvers of miners |
//! | [`subnet`] | how many tasks of each kind, for which miners, for how long |
//! | [`contest`] | miners of known worth, with which `subnet test` checks its promises |
//! | [`kind`] | name and options on the command line |
//!
//! **What it refuses to know.** Keys, sockets, the chain, the clock: the framework has them.

#![warn(missing_docs)]

pub mod contest;
pub mod kind;
pub mod protocol;
pub mod score;
pub mod solver;
pub mod subnet;
pub mod task;

pub use kind::RoundTripKind;
pub use subnet::RoundTripSubnet;

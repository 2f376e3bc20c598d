//! Measurements behind the costs of calls, by concept. `make weights` runs them in the WASM runtime and writes
//! `measured/`; the unit tests run each benchmark in the mock, so that they stay runnable.
//!
//! A call with the same work in every state gets one figure. If its work grows with a quantity, that is a component,
//! from its smallest to its largest value, and everything else is as large as allowed. Pieces of work that calls and
//! blocks consist of, and that `costs.rs` puts together, are measured alone; their names are nouns.
//!
//! Calls change a few keys, scattered in a large state. Blocks change hundreds or thousands of neighbouring keys at
//! their start, and most of the cost of a single key is shared among them. So [`blocks`] and [`epochs`] compute the
//! state root of all their changes as a part of the timed work, and their writes are not counted separately.

pub mod asked;
pub mod blocks;
pub mod epochs;
pub mod neurons;
pub mod scene;
pub mod stake;
pub mod subnets;

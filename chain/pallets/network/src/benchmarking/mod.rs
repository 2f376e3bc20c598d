//! What is measured to know the costs of calls, by concept. `make weights` runs it in the WASM runtime and writes
//! `measured/`; the unit tests run each benchmark in the mock, so that they stay runnable.
//!
//! A call that does the same whatever the state gets one figure. Where its work grows with something, that is a
//! component, from its smallest to its largest value, and everything else is as large as it may be. Pieces of work that
//! calls and blocks consist of, and that `costs.rs` puts together, are measured alone; their names are nouns.
//!
//! Calls change a few keys, wherever these lie in a large state. What blocks do at their start changes hundreds or
//! thousands of neighbouring ones, and most of what a single key costs is shared among them. So [`blocks`] and
//! [`epochs`] compute the state root of all that they changed as a part of the work that is timed, and what they write
//! is not counted beside.

pub mod blocks;
pub mod epochs;
pub mod neurons;
pub mod scene;
pub mod stake;
pub mod subnets;

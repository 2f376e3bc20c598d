//! The literal twin: the epoch in its plainest form, to compare the fast one with.
//!
//! Every matrix is dense, every cell either absent or a number, every operation is one of the fixed-point
//! operators, and each step follows the words of the protocol's specification in their order. Nothing here is
//! shared with the fast path but the input, the output and the numbers; in particular the weighted median is
//! the partition procedure itself, not the definition that the fast path uses.
//!
//! The twin fills every cell and passes over all of them several times in every step. It is for tests,
//! benches and for readers.

mod dense;
mod epoch;
mod median;

pub use dense::Dense;
pub use epoch::{run_epoch, run_epoch_with};
pub use median::weighted_median;

//! Promises of elections: pledges stay where a slash reaches them, a pass elects by its first block, and a set changes
//! by a bounded number of seats.

mod candidacy;
mod eras;
mod mock;
mod random;

pub use mock::{situation, Test};

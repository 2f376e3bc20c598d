//! Promises of elections: pledges stay where a slash reaches them, a pass elects by its first block, a set changes by a
//! bounded number of seats, and offences are taken to account once.

mod candidacy;
mod eras;
mod mock;
mod offences;
mod presence;
mod random;

pub use mock::{situation, Test};

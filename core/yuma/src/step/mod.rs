//! The steps of the epoch, each a function on plain data.

pub mod activity;
pub mod alpha;
pub mod bonds;
pub mod clip;
pub mod consensus;
pub mod dividends;
pub mod emission;
pub mod permits;
pub mod ranks;
pub mod stake;
pub mod weights;

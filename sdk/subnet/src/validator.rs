//! validator
pub mod commitment;
pub mod schedule;
pub mod store;

//! Tests of the crate by its public functions.

mod claims;
mod worlds;

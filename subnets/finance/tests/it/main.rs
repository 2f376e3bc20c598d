//! The subnet over real HTTP.

mod feeds;
mod round;

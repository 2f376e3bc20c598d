//! The subnet over real HTTP.

mod round;

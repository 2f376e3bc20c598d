//! The subnet over real HTTP, with real translators.

mod endpoint;
mod round;

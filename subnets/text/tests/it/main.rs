//! The text subnet with its real built-in models.

mod competition;
mod contest;
mod declared;
mod endpoint;
mod field;
mod grammar;
mod judge;
mod organic;
mod rating;
mod relay;
mod streaming;

//! The text subnet with its real built-in models.

mod competition;
mod contest;
mod declared;
mod endpoint;
mod field;
mod organic;
mod relay;
mod streaming;

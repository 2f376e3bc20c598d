//! The text subnet with its real built-in models.

mod competition;
mod field;
mod relay;

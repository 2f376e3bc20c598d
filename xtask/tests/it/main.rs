//! Promises of the repository's commands.

mod cases;
mod economics;

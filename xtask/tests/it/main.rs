//! What the repository's commands promise to those who call them.

mod cases;
mod economics;

//! Sequences of steps against a model that counts anew, and examples of single steps.

mod page;
mod steps;
mod world;

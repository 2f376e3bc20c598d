//! # Compat: official packages as the other side
//!
//! The tests of this crate start official Python and Node.js packages as processes ([`packages`]) and let them work
//! with our wallet files, axon and dendrite, both ways. Some start a node of ours, which official clients read and act
//! on. `peers/` are the programs around the packages: each executes a line of JSON and answers with another. The
//! expected results stand in the tests alone.
//!
//! [`table`] lists the results of the tests, as `docs/reference/compat.md` prints it. A test that shows less than its
//! part of the table, or more, fails; so the page states only results of a run.
//!
//! The packages are installed by `cargo xtask official`, which `make test` runs. Where they are missing the tests fail.
//! `make bench ARGS=clients` compares their speed with ours.

#![warn(missing_docs)]

pub mod packages;
pub mod table;

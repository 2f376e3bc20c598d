//! # Compat: official packages as the other side
//!
//! The tests of this crate start official Python and Node.js packages as processes ([`packages`]) and let them work
//! with our wallet files, axon and dendrite, both ways. Some start a node of ours, which official clients read and act
//! on. `peers/` are the programs around the packages: they do what a line of JSON asks and answer with another; what
//! must come out is said by the tests alone.
//!
//! [`table`] lists what the tests show, as `docs/reference/compat.md` prints it. A test that shows less than its part
//! of the table, or more, fails; so the page says nothing that was not run.
//!
//! The packages are installed by `cargo xtask official`, which `make test` runs. Where they are missing the tests fail.
//! How fast they are beside ours shows `make bench ARGS=clients`.

#![warn(missing_docs)]

pub mod packages;
pub mod table;

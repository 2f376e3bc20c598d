//! Integration tests of the wire crate: recorded bytes of other programs, and arbitrary input.

mod arbitrary;
mod recorded;

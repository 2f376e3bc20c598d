//! What the tests of every subnet need.
//!
//! [`conformance`] checks the promises of the trait [`Subnet`](crate::Subnet) on a real implementation;
//! [`MemoryChain`] lets miners and validators run without a node.

mod conformance;
mod memory_chain;

pub use conformance::{conformance, Contestants, Finding};
pub use memory_chain::{Ledger, MemoryChain, NETUID, SLOT};

//! Test kit for every subnet.
//!
//! [`test_subnet`] tests the promises of a subnet and prints the findings, for a subnet that supplies good miners and
//! cheats ([`Contest`]). [`overhear`] and [`tell_apart`] measure whether miners could recognise checks; [`MemoryChain`]
//! lets miners and validators run without a node.

mod contest;
mod kit;
mod listening;
mod memory_chain;
mod telling;

pub use contest::{Contest, Player, StringFunctions};
pub use kit::{table, test_string_functions, test_subnet, Finding};
pub use listening::{enough_of, overhear, sorted, Heard, Samples, ToldApart};
pub use memory_chain::{Ledger, MemoryChain, NETUID, SLOT};
pub use telling::{tell_apart, Seen};

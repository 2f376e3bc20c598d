//! Test kit for every subnet.
//!
//! [`test_subnet`] tries what a subnet promises everybody and prints it, for a subnet that says who is good and who
//! cheats ([`Contest`]). [`drawing`] measures what a task costs the validator. [`overhear`] and [`tell_apart`] measure
//! whether miners could know what is a check; [`MemoryChain`] lets miners and validators run without a node.

mod contest;
mod drawing;
mod kit;
mod listening;
mod memory_chain;
mod telling;

pub use contest::{Contest, Player, StringFunctions, Team};
pub use drawing::{drawing, drawing_table, Drawing};
pub use kit::{
    by_tier, opinions, seeds_of_the_tier, table, test_string_functions, test_subnet, test_subnet_briefly,
    test_subnet_in_its_tier, together, Finding, Opinions, Together,
};
pub use listening::{enough_of, overhear, sorted, Heard, Samples, ToldApart};
pub use memory_chain::{Ledger, MemoryChain, NETUID, SLOT};
pub use telling::{tell_apart, Seen};

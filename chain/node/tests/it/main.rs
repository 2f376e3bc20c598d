//! Real node processes on free ports: they find each other, agree, contribute to the beacon, and survive being killed.
//! They report authors that run twice, enact votes, serve both paces, try a new runtime, start afresh for official
//! suites, and withstand attacks on their JSON-RPC.

mod beacon;
mod faults;
mod finality;
mod harness;
mod localnet;
mod memory;
mod nested;
mod offences;
mod pace;
mod pool;
#[path = "../../../../tests/ports.rs"]
mod ports;
mod restart;
mod rpc;
mod socket;
mod state;
mod upgrade;
mod votes;

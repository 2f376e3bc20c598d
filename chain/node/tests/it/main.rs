//! Real node processes on free ports: they find each other, agree, survive being killed, serve both paces, try a new
//! runtime, and start afresh for official suites.

mod finality;
mod harness;
mod localnet;
mod memory;
mod pace;
mod restart;
mod upgrade;

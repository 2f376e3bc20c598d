//! Miners and validators of a small subnet, over real HTTP on loopback and a chain in memory.

mod customer;
mod deletion;
mod greedy;
mod guessing;
mod load;
mod network;

mod ahead;
mod attacks;
mod disclosure;
mod exploits;
mod faults;
mod forecasting;
mod handing_on;
mod holding;
mod hostile;
mod padding;
mod promises;
mod proofs;
mod rating;
mod restart;
mod rooted;
mod signing;
mod slow;
mod standings;
mod strangers;
mod submit;
mod weeks;

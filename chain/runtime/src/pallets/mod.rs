//! `impl Config` of every pallet, one file per area.

mod balances;
mod consensus;
mod control;
mod network;
mod system;

//! `impl Config` of every pallet, one file per area.

mod balances;
mod consensus;
mod control;
pub(crate) mod extensions;
mod governance;
mod network;
mod system;

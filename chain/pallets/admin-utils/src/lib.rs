//! Settings of the network and of subnets, changed by root or by the owner of a subnet. Metadata name `AdminUtils`.
//!
//! The pallet stores nothing and knows no number. A call names a row of the parameter table (`myelin_economy::params`),
//! which defines the setter, the range and the cool-down. The network pallet writes the value and deposits its official
//! event.
//!
//! * Root sets its values, on the network or on a subnet, at any time within root's range.
//! * An owner sets its values outside the freeze window before an epoch, within its own range and after the parameter's
//!   cool-down.
//! * A few values must fit others of the subnet; those relations are in `checks.rs`.
//!
//! Calls that are alike cost the same (`measured`). Errors of this pallet are about values, those of the network pallet
//! about rights and time: `SubnetNotExists`, `NotSubnetOwner`, `TxRateLimitExceeded`,
//! `AdminActionProhibitedDuringWeightsWindow`.
//!
//! **What it refuses to know.** The effect of a setting.

#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod authorities;
#[cfg(any(feature = "runtime-benchmarks", test))]
pub mod benchmarking;
mod checks;
mod measured;
pub mod pallet;
pub mod waits;

pub use authorities::Authorities;
pub use pallet::*;

#[cfg(test)]
mod tests;

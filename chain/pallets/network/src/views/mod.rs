//! Answers of the runtime APIs, built from storage. Nothing here writes.
//!
//! The answers are types of `myelin-abi` filled with the runtime’s accounts. Rules that clients rely on: a missing
//! subnet is `None`, a missing holding on an existing subnet is a holding of zero, lists of subnets are in the order of
//! their numbers, and a simulated swap that is impossible is all zero.

pub mod delegate;
pub mod hyperparams;
pub mod metagraph;
pub mod neuron;
pub mod stake;
pub mod subnet;
pub mod swap;

use alloc::vec::Vec;

use myelin_units::NetUid;

use crate::{pallet::Config, subnets::SubnetRegistry};

/// All subnets, root included, in the order of their numbers.
fn numbered<T: Config>() -> Vec<NetUid> {
    let mut netuids = SubnetRegistry::<T>::netuids();
    netuids.sort_unstable();
    netuids
}

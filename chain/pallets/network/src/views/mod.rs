//! Answers of the runtime APIs, built from storage. Nothing here writes.
//!
//! The answers are types of `myelin-abi` filled with the runtime's accounts. Clients rely on these rules. A missing
//! subnet is `None`, and a missing holding on an existing subnet is a holding of zero. Lists of subnets are in the
//! order of their numbers. A simulated swap that is impossible is all zero.

pub mod delegate;
pub mod equation;
mod governance;
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

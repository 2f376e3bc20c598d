//! Answers of the runtime APIs, built from storage. Nothing here writes.
//!
//! The answers are types of `myelin-abi` filled with the runtime’s accounts. Rules that clients rely on:
//! a missing subnet is `None`, a missing holding on an existing subnet is a holding of zero, lists of subnets are in the order of
//! their numbers, and a simulated swap that is impossible is all zero.

mod delegate;
mod hyperparams;
mod metagraph;
mod neuron;
mod stake;
mod subnet;
mod swap;

pub use delegate::{delegate, delegated, delegates};
pub use hyperparams::{hyperparams, hyperparams_v2, hyperparams_v3};
pub use metagraph::{all_mechagraphs, all_metagraphs, metagraph, selective_metagraph};
pub use neuron::{neuron, neuron_lite, neurons, neurons_lite};
pub use stake::{
    coldkey_lock, holding, holdings, holdings_of_all, stake_availabilities, stake_availability,
};
pub use subnet::{
    all_dynamic_info, dynamic_info, next_epoch_start, registration_cost, subnet_info, subnet_info_v2, subnet_state,
    subnets_info, subnets_info_v2,
};
pub use swap::{price, prices, sim_buy, sim_sell};

use alloc::vec::Vec;

use myelin_units::NetUid;

use crate::{pallet::Config, subnets::SubnetRegistry};

/// All subnets, root included, in the order of their numbers.
fn numbered<T: Config>() -> Vec<NetUid> {
    let mut netuids = SubnetRegistry::<T>::netuids();
    netuids.sort_unstable();
    netuids
}

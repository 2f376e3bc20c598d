//! Benchmarks of `make weights`: all calls of all pallets on this runtime.
//!
//! Pallets bring their benchmarks along; [`session`] has those that the stock crate ties to a staking pallet.

mod session;

use alloc::{string::String, vec::Vec};

use frame_benchmarking::{BenchmarkBatch, BenchmarkConfig, BenchmarkError, BenchmarkList};
use frame_support::traits::{StorageInfo, StorageInfoTrait, WhitelistedStorageKeys};
use frame_system_benchmarking::Pallet as SystemBench;

use pallet_network::benchmarking::{blocks, epochs, neurons, stake, subnets};

use crate::*;

frame_benchmarking::define_benchmarks!(
    [frame_system, SystemBench::<Runtime>]
    [pallet_balances, Balances]
    [pallet_grandpa, Grandpa]
    [pallet_multisig, Multisig]
    [pallet_proxy, Proxy]
    [pallet_session, session::Pallet::<Runtime>]
    [pallet_sudo, Sudo]
    [pallet_timestamp, Timestamp]
    [pallet_utility, Utility]
    [pallet_network_blocks, blocks::Pallet::<Runtime>]
    [pallet_network_epochs, epochs::Pallet::<Runtime>]
    [pallet_network_neurons, neurons::Pallet::<Runtime>]
    [pallet_network_stake, stake::Pallet::<Runtime>]
    [pallet_network_subnets, subnets::Pallet::<Runtime>]
    [pallet_commitments, Commitments]
    [pallet_admin_utils, AdminUtils]
    [pallet_myelin_swap, Swap]
    [pallet_myelin_collateral, Collateral]
    [pallet_myelin_beacon, Beacon]
    [pallet_myelin_provenance, Provenance]
    [pallet_myelin_governance, Governance]
    [pallet_myelin_election, Elections]
);

impl frame_system_benchmarking::Config for Runtime {
    /// Blocks of this chain have room for the sample, but its checks require the name and version of this chain.
    fn setup_set_code_requirements(_code: &Vec<u8>) -> Result<(), BenchmarkError> {
        Ok(())
    }
}

impl session::Config for Runtime {}

/// All benchmarks, and all storage that they may touch.
pub fn list(extra: bool) -> (Vec<BenchmarkList>, Vec<StorageInfo>) {
    let mut list = Vec::new();
    list_benchmarks!(list, extra);
    (list, AllPalletsWithSystem::storage_info())
}

/// Runs one benchmark. Storage that every block reads and writes anyway is not counted.
pub fn run(config: BenchmarkConfig) -> Result<Vec<BenchmarkBatch>, String> {
    let whitelist = AllPalletsWithSystem::whitelisted_storage_keys();
    let mut batches = Vec::new();
    let params = (&config, &whitelist);
    add_benchmarks!(params, batches);
    Ok(batches)
}

//! Checks of a report by the chain.

use frame_system::pallet_prelude::BlockNumberFor;
use myelin_abi::EquivocationReport;
use myelin_units::NetUid;
use pallet_network::evidence::seed_source;
use sp_core::sr25519;
use sp_runtime::traits::Zero;

use crate::pallet::Config;

/// Whether the source block of the challenge is a block of this chain that is still known, and its seed was drawn from
/// what the rule takes of it.
pub fn is_on_chain<T: Config>(report: &EquivocationReport) -> bool {
    seed_source::<T>(report.source_block) == Some(report.source_hash)
}

/// Whether the report proves that its miner contradicted itself on this chain and this subnet.
pub fn convicts<T: Config>(netuid: NetUid, report: &EquivocationReport) -> bool {
    let Ok(genesis) = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero()).as_ref().try_into()
    else {
        return false;
    };
    report
        .about(genesis, netuid)
        .verify(|key, message, signature| {
            let (key, signature) = (sr25519::Public::from(*key), sr25519::Signature::from(*signature));
            sp_io::crypto::sr25519_verify(&signature, message, &key)
        })
        .is_ok()
}

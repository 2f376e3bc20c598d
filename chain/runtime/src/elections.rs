//! The runtime's part of elections: the network's answers, news of epochs and root stake, and reports by the node.

use alloc::vec::Vec;

use codec::Encode;
use frame_support::{traits::Get, weights::WeightMeter};
use myelin_election::{Panel, PerBillion};
use myelin_units::{NetUid, TaoBalance, ROOT};
use myelin_wire::beacon::{Value, START};
use pallet_myelin_election::{Call, Eras, History, Network, PanelBook, Readings};
use pallet_network::{
    elections, keys::FollowHotkey, keys::KeyOwnership, paging::Page, paging::REMOVE, removal::ForgetSubnet,
    stake::StakeLedger, TotalAlphaStaked,
};
use sp_consensus_grandpa::{AuthorityId as GrandpaId, OpaqueKeyOwnershipProof, SetId};

use crate::{AccountId, Beacon, Collateral, Runtime, RuntimeCall, System, UncheckedExtrinsic};

/// The network's answers to elections.
pub struct NetworkAnswers;

impl Network<AccountId> for NetworkAnswers {
    fn owner_of(hotkey: &AccountId) -> Option<AccountId> {
        KeyOwnership::<Runtime>::owner_of(hotkey)
    }

    fn root_stake_on(hotkey: &AccountId) -> TaoBalance {
        TaoBalance::from_rao(StakeLedger::<Runtime>::total_on(hotkey, ROOT).to_rao())
    }

    fn root_stake() -> TaoBalance {
        TaoBalance::from_rao(TotalAlphaStaked::<Runtime>::get(ROOT).to_rao())
    }

    fn emissions() -> Vec<(NetUid, PerBillion)> {
        elections::emissions::<Runtime>()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn endow(hotkey: &AccountId, coldkey: &AccountId, stake: TaoBalance) {
        KeyOwnership::<Runtime>::claim(coldkey, hotkey);
        let alpha = myelin_units::AlphaBalance::from_rao(stake.to_rao());
        StakeLedger::<Runtime>::credit(hotkey, coldkey, ROOT, alpha);
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn pay(netuid: NetUid) {
        use pallet_network::{
            FirstEmissionBlockNumber, NetworkRegistrationAllowed, SubnetEmissionEnabled, SubnetMovingPrice,
            SubtokenEnabled,
        };
        FirstEmissionBlockNumber::<Runtime>::insert(netuid, 1);
        SubtokenEnabled::<Runtime>::insert(netuid, true);
        SubnetEmissionEnabled::<Runtime>::insert(netuid, true);
        NetworkRegistrationAllowed::<Runtime>::insert(netuid, true);
        SubnetMovingPrice::<Runtime>::insert(netuid, myelin_units::I96F32::ONE);
    }
}

/// News for elections.
pub struct News;

impl elections::Elections<AccountId> for News {
    fn are_on() -> bool {
        Eras::<Runtime>::is_on()
    }

    fn root_stake_changes(hotkey: &AccountId) {
        Readings::<Runtime>::root_stake_changes(hotkey);
    }

    fn epoch_ended(netuid: NetUid, panel: Panel, by_proofs: bool) {
        PanelBook::<Runtime>::epoch_ended(netuid, panel, by_proofs);
    }
}

/// The beacon's value of the block before the present one, with which the seats of a set are drawn.
pub struct LastValue;

impl Get<Value> for LastValue {
    fn get() -> Value {
        Beacon::value_at(System::block_number().saturating_sub(1)).unwrap_or(START)
    }
}

/// Hands a report to the pool of the node that asks; `None` if the pool refuses it.
pub fn submit(report: Call<Runtime>) -> Option<()> {
    let transaction = UncheckedExtrinsic::new_bare(RuntimeCall::from(report));
    sp_io::offchain::submit_transaction(transaction.encode()).ok()
}

/// Whether the chain knows a voter of a set of GRANDPA: an empty proof, since the chain looks up the owner itself.
pub fn ownership_of(set_id: SetId, voter: &GrandpaId) -> Option<OpaqueKeyOwnershipProof> {
    let is_known = History::<Runtime>::is_voter(set_id, voter.as_ref());
    is_known.then(|| OpaqueKeyOwnershipProof::new(Vec::new()))
}

/// Entries by subnet and hotkey beside those of the network: bonds, which follow their miners, and panels, which do
/// not.
pub struct OtherEntries;

impl ForgetSubnet for OtherEntries {
    fn forget_subnet(netuid: NetUid, page: &mut Page) -> bool {
        PanelBook::<Runtime>::forget(netuid);
        page.spend(REMOVE);
        Collateral::forget_subnet(netuid, page)
    }
}

impl FollowHotkey<AccountId> for OtherEntries {
    fn follow(
        netuid: NetUid,
        coldkey: &AccountId,
        old: &AccountId,
        new: &AccountId,
        meter: &mut WeightMeter,
    ) -> bool {
        Collateral::follow(netuid, coldkey, old, new, meter)
    }
}

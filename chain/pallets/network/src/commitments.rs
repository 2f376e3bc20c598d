//! Subnets as the commitments pallet sees them.
//!
//! That pallet owns the commitments of hotkeys; see `pallet_commitments`. Here it reads registrations and epochs, and
//! resets bonds.

use frame_support::weights::Weight;
use myelin_units::{Block, NetUid};

use crate::{
    epoch::{apply, EpochClock},
    neurons::NeuronRegistry,
    pallet::{BondsResetOn, Config, LastEpochBlock, Pallet},
    subnets::{now, SubnetRegistry},
};

impl<T: Config> pallet_commitments::Subnets<T::AccountId> for Pallet<T> {
    fn is_registered(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        // A subnet that is being removed has neurons for a while, and takes nothing new.
        SubnetRegistry::<T>::exists(netuid) && NeuronRegistry::<T>::is_registered(netuid, hotkey)
    }

    fn epoch(netuid: NetUid) -> u64 {
        EpochClock::<T>::number(netuid, now::<T>())
    }

    fn next_epoch_block(netuid: NetUid) -> Option<Block> {
        let now = now::<T>();
        EpochClock::<T>::first_block_of(netuid, Self::epoch(netuid).saturating_add(1), now)
    }

    fn last_epoch_block(netuid: NetUid) -> Block {
        LastEpochBlock::<T>::get(netuid)
    }

    fn allows_reset(netuid: NetUid) -> bool {
        BondsResetOn::<T>::get(netuid)
    }

    fn reset_bonds(netuid: NetUid, hotkey: &T::AccountId) {
        let Some(uid) = NeuronRegistry::<T>::uid_of(netuid, hotkey) else { return };
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            apply::forget_bonds_in::<T>(netuid, mecid, uid);
        }
    }

    fn reset_cost(netuid: NetUid) -> Weight {
        crate::costs::reset_bonds::<T>(netuid)
    }

    fn publish_cost(bytes: u64) -> Weight {
        crate::costs::commitment::<T>(bytes)
    }
}

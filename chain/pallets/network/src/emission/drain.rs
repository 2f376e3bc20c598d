//! Empties the pots of the subnets whose epoch slot has come.

use alloc::vec::Vec;

use myelin_economy::payout::EpochPots;
use myelin_units::{Block, NetUid};

use crate::{
    epoch::EpochClock,
    neurons::NeuronRegistry,
    pallet::{
        Config, Event, MaxEpochsPerBlock, Pallet, PendingOwnerCut, PendingRootAlphaDivs,
        PendingServerEmission, PendingValidatorEmission,
    },
    subnets::SubnetRegistry,
};

/// Counts the block for every subnet, consumes the epoch slots that have come, and returns the pots to pay, by subnet
/// number.
///
/// A block runs at most `MaxEpochsPerBlock` epochs; the slots of further subnets are deferred to the next block. A
/// subnet whose hotkeys are not unique loses its slot and keeps its pots.
pub fn due<T: Config>(now: Block) -> Vec<(NetUid, EpochPots)> {
    let limit = usize::from(MaxEpochsPerBlock::<T>::get());
    let mut drained = Vec::new();
    for netuid in SubnetRegistry::<T>::user_netuids() {
        EpochClock::<T>::tick(netuid);
        if !EpochClock::<T>::is_due(netuid, now) {
            continue;
        }
        if drained.len() >= limit {
            EpochClock::<T>::defer(netuid, now);
            continue;
        }
        if NeuronRegistry::<T>::is_consistent(netuid) {
            EpochClock::<T>::reset_blocks_since(netuid);
            drained.push((netuid, take_pots::<T>(netuid)));
        } else {
            Pallet::<T>::deposit_event(Event::EpochSkipped { netuid, block: now });
        }
        EpochClock::<T>::consume(netuid, now);
    }
    drained.sort_unstable_by_key(|(netuid, _)| *netuid);
    drained
}

/// Pots that wait for the epoch of a subnet.
pub fn pots<T: Config>(netuid: NetUid) -> EpochPots {
    EpochPots {
        server: PendingServerEmission::<T>::get(netuid),
        validator: PendingValidatorEmission::<T>::get(netuid),
        root: PendingRootAlphaDivs::<T>::get(netuid),
        owner_cut: PendingOwnerCut::<T>::get(netuid),
    }
}

fn take_pots<T: Config>(netuid: NetUid) -> EpochPots {
    let pots = pots::<T>(netuid);
    PendingServerEmission::<T>::remove(netuid);
    PendingValidatorEmission::<T>::remove(netuid);
    PendingRootAlphaDivs::<T>::remove(netuid);
    PendingOwnerCut::<T>::remove(netuid);
    pots
}

//! What an epoch leaves behind. Only this file and, for replaced neurons, the neuron registry write these items.

use alloc::vec::Vec;

use myelin_units::{storage_index, AlphaBalance, MechId, NetUid, Uid};
use myelin_yuma::{mechanisms::SubnetOutput, EpochOutput};

use crate::pallet::{
    Active, Bonds, Config, Consensus, Dividends, Emission, Incentive, StakeWeight, ValidatorPermit,
    ValidatorTrust,
};

/// Stores what belongs to one mechanism: incentives and every neuron’s row of bonds.
pub fn mechanism<T: Config>(netuid: NetUid, mecid: MechId, output: &EpochOutput) {
    let index = storage_index(netuid, mecid);
    Incentive::<T>::insert(index, &output.incentive);
    for (uid, row) in (0..Uid::MAX).zip(&output.bonds) {
        Bonds::<T>::insert(index, uid, row);
    }
}

/// Stores what belongs to the whole subnet.
pub fn subnet<T: Config>(netuid: NetUid, output: &SubnetOutput) {
    Active::<T>::insert(netuid, &output.active);
    Consensus::<T>::insert(netuid, &output.consensus);
    Dividends::<T>::insert(netuid, &output.dividends);
    ValidatorTrust::<T>::insert(netuid, &output.validator_trust);
    ValidatorPermit::<T>::insert(netuid, &output.permits);
    StakeWeight::<T>::insert(netuid, &output.stake_weight);
    let emission: Vec<_> = output.emission.iter().copied().map(AlphaBalance::from_rao).collect();
    Emission::<T>::insert(netuid, emission);
}

//! Results of an epoch. Only this file and, for replaced neurons, the neuron registry write these items.

use alloc::vec::Vec;

use myelin_units::{storage_index, AlphaBalance, MechId, NetUid, Uid};
use myelin_yuma::{mechanisms::SubnetOutput, EpochInput, EpochOutput};

use crate::{
    entries::Entries,
    evidence::EvidenceLedger,
    neurons::NeuronRegistry,
    pallet::{
        Active, Bonds, Config, Consensus, Dividends, Emission, Incentive, StakeWeight, ValidatorPermit,
        ValidatorTrust,
    },
};

/// Stores the results of one mechanism: incentives and every neuron's row of bonds that changed.
pub fn mechanism<T: Config>(netuid: NetUid, mecid: MechId, input: &EpochInput, output: &EpochOutput) {
    let index = storage_index(netuid, mecid);
    Incentive::<T>::insert(index, &output.incentive);
    EvidenceLedger::<T>::note_outvoted(index, input, &output.outvoted);
    let mut rows = Entries::<Bonds<T>, Vec<(Uid, u16)>>::new();
    let mut begun = Vec::new();
    for (uid, (row, before)) in (0..Uid::MAX).zip(output.bonds.iter().zip(&input.bonds)) {
        if row != before {
            rows.at().part(&index.to_le_bytes()).part(&uid.to_le_bytes()).put(row);
            if before.is_empty() {
                begun.push(uid);
            }
        }
    }
    NeuronRegistry::<T>::note_bonds(netuid, &begun);
}

/// Removes every validator's bond in a neuron on one mechanism.
pub fn forget_bonds_in<T: Config>(netuid: NetUid, mecid: MechId, miner: Uid) {
    let index = storage_index(netuid, mecid);
    let seats = NeuronRegistry::<T>::roster(netuid);
    for (validator, _) in (0..Uid::MAX).zip(&seats).filter(|(_, seat)| seat.bonded) {
        let mut row = Bonds::<T>::get(index, validator);
        let before = row.len();
        row.retain(|(uid, _)| *uid != miner);
        if row.len() != before {
            Bonds::<T>::insert(index, validator, row);
        }
    }
}

/// Stores the results of the whole subnet.
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

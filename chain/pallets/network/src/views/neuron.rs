//! Neurons one by one.

use alloc::{vec, vec::Vec};

use codec::Compact;
use myelin_abi::{NeuronInfo, NeuronInfoLite};
use myelin_units::{storage_index, NetUid, Uid};

use crate::{
    neurons::{NeuronRegistry, Seat},
    pallet::*,
};

/// All neurons of a subnet in the order of their uids; none if it does not exist.
pub fn neurons<T: Config>(netuid: NetUid) -> Vec<NeuronInfo<T::AccountId>> {
    let results = Results::<T>::of(netuid);
    results.uids().filter_map(|uid| full(&results, uid)).collect()
}

/// One neuron; `None` if the subnet has no such uid.
pub fn neuron<T: Config>(netuid: NetUid, uid: Uid) -> Option<NeuronInfo<T::AccountId>> {
    full(&Results::<T>::of(netuid), uid)
}

/// All neurons of a subnet without weights and bonds.
pub fn neurons_lite<T: Config>(netuid: NetUid) -> Vec<NeuronInfoLite<T::AccountId>> {
    let results = Results::<T>::of(netuid);
    results.uids().filter_map(|uid| lite(&results, uid)).collect()
}

/// One neuron without weights and bonds; `None` if the subnet has no such uid.
pub fn neuron_lite<T: Config>(netuid: NetUid, uid: Uid) -> Option<NeuronInfoLite<T::AccountId>> {
    lite(&Results::<T>::of(netuid), uid)
}

/// Results of the last epoch for every neuron of a subnet, read once.
struct Results<T: Config> {
    netuid: NetUid,
    seats: Vec<Seat<T::AccountId>>,
    active: Vec<bool>,
    emission: Vec<myelin_units::AlphaBalance>,
    incentive: Vec<u16>,
    consensus: Vec<u16>,
    validator_trust: Vec<u16>,
    dividends: Vec<u16>,
    last_update: Vec<u64>,
    validator_permit: Vec<bool>,
}

impl<T: Config> Results<T> {
    fn of(netuid: NetUid) -> Self {
        let index = storage_index(netuid, 0);
        Self {
            netuid,
            seats: NeuronRegistry::<T>::roster(netuid),
            active: Active::<T>::get(netuid),
            emission: Emission::<T>::get(netuid),
            incentive: Incentive::<T>::get(index),
            consensus: Consensus::<T>::get(netuid),
            validator_trust: ValidatorTrust::<T>::get(netuid),
            dividends: Dividends::<T>::get(netuid),
            last_update: LastUpdate::<T>::get(index),
            validator_permit: ValidatorPermit::<T>::get(netuid),
        }
    }

    fn uids(&self) -> impl Iterator<Item = Uid> + '_ {
        (0..).zip(&self.seats).map(|(uid, _)| uid)
    }
}

/// The entry of a uid; the default where the vector is shorter, as it is until the first epoch.
fn at<V: Copy + Default>(column: &[V], uid: Uid) -> V {
    column.get(usize::from(uid)).copied().unwrap_or_default()
}

/// A neuron without weights and bonds; `None` if there is no such uid.
fn lite<T: Config>(results: &Results<T>, uid: Uid) -> Option<NeuronInfoLite<T::AccountId>> {
    let netuid = results.netuid;
    let Seat { hotkey, owner: coldkey, .. } = results.seats.get(usize::from(uid))?.clone();
    Some(NeuronInfoLite {
        uid: Compact(uid),
        netuid: Compact(netuid),
        active: at(&results.active, uid),
        axon_info: Axons::<T>::get(netuid, &hotkey).unwrap_or_default(),
        prometheus_info: Prometheus::<T>::get(netuid, &hotkey).unwrap_or_default(),
        stake: vec![(coldkey.clone(), Compact(TotalHotkeyAlpha::<T>::get(&hotkey, netuid)))],
        rank: Compact(0),
        emission: Compact(at(&results.emission, uid)),
        incentive: Compact(at(&results.incentive, uid)),
        consensus: Compact(at(&results.consensus, uid)),
        trust: Compact(0),
        validator_trust: Compact(at(&results.validator_trust, uid)),
        dividends: Compact(at(&results.dividends, uid)),
        last_update: Compact(at(&results.last_update, uid)),
        validator_permit: at(&results.validator_permit, uid),
        pruning_score: Compact(u16::MAX),
        hotkey,
        coldkey,
    })
}

/// A neuron; `None` if there is no such uid.
fn full<T: Config>(results: &Results<T>, uid: Uid) -> Option<NeuronInfo<T::AccountId>> {
    let neuron = lite(results, uid)?;
    let index = storage_index(results.netuid, 0);
    let compact =
        |row: Vec<(u16, u16)>| row.into_iter().map(|(to, value)| (Compact(to), Compact(value))).collect();
    Some(NeuronInfo {
        hotkey: neuron.hotkey,
        coldkey: neuron.coldkey,
        uid: neuron.uid,
        netuid: neuron.netuid,
        active: neuron.active,
        axon_info: neuron.axon_info,
        prometheus_info: neuron.prometheus_info,
        stake: neuron.stake,
        rank: neuron.rank,
        emission: neuron.emission,
        incentive: neuron.incentive,
        consensus: neuron.consensus,
        trust: neuron.trust,
        validator_trust: neuron.validator_trust,
        dividends: neuron.dividends,
        last_update: neuron.last_update,
        validator_permit: neuron.validator_permit,
        weights: compact(Weights::<T>::get(index, uid)),
        bonds: compact(Bonds::<T>::get(index, uid)),
        pruning_score: neuron.pruning_score,
    })
}

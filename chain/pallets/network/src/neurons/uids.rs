//! Uids: appending, replacing, and the choice of the neuron that gives way.

use alloc::vec::Vec;

use codec::{EncodeLike, FullCodec};
use frame_support::storage::StorageMap;
use myelin_economy::registration::{choose_uid, immortal_uids, Candidate, PruneRule, UidChoice};
use myelin_units::{storage_index, AlphaBalance, MechId, NetUid, Uid};
use pallet_commitments::CommitmentBoard;

use super::{NeuronRegistry, Seat};
use crate::{
    ancestry::Ancestry,
    pallet::*,
    serving::Endpoints,
    subnets::{now, SubnetRegistry},
    weights::WeightLedger,
};

impl<T: Config> NeuronRegistry<T> {
    /// Place of a newcomer; `None` if the subnet is full and all neurons are protected.
    pub(super) fn choose_uid(netuid: NetUid) -> Option<UidChoice> {
        let (count, max) = (Self::count(netuid), MaxAllowedUids::<T>::get(netuid));
        if count < max {
            return Some(UidChoice::Append(count));
        }
        choose_uid(&Self::candidates(netuid), max, &Self::prune_rule(netuid))
    }

    /// Pruning rule of a subnet.
    pub(super) fn prune_rule(netuid: NetUid) -> PruneRule {
        PruneRule {
            block: now::<T>(),
            immunity_period: ImmunityPeriod::<T>::get(netuid).into(),
            min_non_immune: MinNonImmuneUids::<T>::get(netuid),
        }
    }

    /// Facts about every neuron that pruning compares.
    pub fn candidates(netuid: NetUid) -> Vec<Candidate> {
        let seats = Self::roster(netuid);
        let immortal = Self::immortal_among(netuid, &seats);
        let emission = Emission::<T>::get(netuid);
        (0..)
            .zip(&seats)
            .map(|(uid, seat)| Candidate {
                uid,
                emission: emission.get(usize::from(uid)).copied().unwrap_or_default(),
                registered: seat.registered,
                immortal: immortal.contains(&uid),
            })
            .collect()
    }

    /// Uids of the subnet owner that are never pruned.
    pub fn immortal(netuid: NetUid) -> Vec<Uid> {
        Self::immortal_among(netuid, &Self::roster(netuid))
    }

    fn immortal_among(netuid: NetUid, seats: &[Seat<T::AccountId>]) -> Vec<Uid> {
        let owner = SubnetRegistry::<T>::owner(netuid);
        let owned: Vec<_> = (0..)
            .zip(seats)
            .filter(|(_, seat)| seat.owner == owner)
            .map(|(uid, seat)| (seat.registered, uid))
            .collect();
        immortal_uids(&owned, Self::owner_uid(netuid), ImmuneOwnerUidsLimit::<T>::get(netuid))
    }

    /// Gives a uid to a hotkey.
    pub(crate) fn seat(netuid: NetUid, place: UidChoice, hotkey: &T::AccountId) -> Uid {
        let uid = match place {
            UidChoice::Append(uid) => {
                SubnetworkN::<T>::insert(netuid, uid.saturating_add(1));
                uid
            }
            UidChoice::Replace(uid) => {
                Self::vacate(netuid, uid);
                uid
            }
        };
        Self::clear_results(netuid, uid);
        Keys::<T>::insert(netuid, uid, hotkey);
        Uids::<T>::insert(netuid, hotkey, uid);
        BlockAtRegistration::<T>::insert(netuid, uid, now::<T>());
        Self::note_seat(netuid, uid, hotkey, now::<T>());
        IsNetworkMember::<T>::insert(hotkey, netuid, true);
        uid
    }

    /// Ends the membership of a hotkey that loses its uid.
    pub(super) fn expel(netuid: NetUid, hotkey: &T::AccountId) {
        Uids::<T>::remove(netuid, hotkey);
        IsNetworkMember::<T>::remove(hotkey, netuid);
        Endpoints::<T>::forget(netuid, hotkey);
        WeightLedger::<T>::forget_commits_of(netuid, hotkey);
        CommitmentBoard::<T>::forget_hotkey(netuid, hotkey);
        Ancestry::<T>::forget(netuid, hotkey);
    }

    /// Gives the uid of a hotkey to a new one that has none. All entries by uid stay.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        let Some(uid) = Uids::<T>::take(netuid, old) else { return };
        IsNetworkMember::<T>::remove(old, netuid);
        Keys::<T>::insert(netuid, uid, new);
        Uids::<T>::insert(netuid, new, uid);
        Self::note_successor(netuid, uid, new);
        IsNetworkMember::<T>::insert(new, netuid, true);
    }

    /// Takes the uid from its hotkey. Its stake stays; weights and bonds by it and toward it are removed.
    fn vacate(netuid: NetUid, uid: Uid) {
        if let Some(hotkey) = Self::hotkey_of(netuid, uid) {
            Self::expel(netuid, &hotkey);
        }
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            Bonds::<T>::remove(storage_index(netuid, mecid), uid);
            WeightLedger::<T>::forget_neuron(netuid, mecid, uid, Self::count(netuid));
        }
    }

    /// Sets the results of the last epoch for a uid to those of a newcomer.
    fn clear_results(netuid: NetUid, uid: Uid) {
        set_at::<Emission<T>, _>(netuid, uid, AlphaBalance::ZERO);
        set_at::<Consensus<T>, _>(netuid, uid, 0u16);
        set_at::<Dividends<T>, _>(netuid, uid, 0u16);
        set_at::<ValidatorTrust<T>, _>(netuid, uid, 0u16);
        set_at::<StakeWeight<T>, _>(netuid, uid, 0u16);
        set_at::<ValidatorPermit<T>, _>(netuid, uid, false);
        set_at::<Active<T>, _>(netuid, uid, true);
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            set_at::<Incentive<T>, _>(storage_index(netuid, mecid), uid, 0u16);
            WeightLedger::<T>::record_update(netuid, mecid, uid);
        }
    }

    /// Prepares the vectors of a mechanism that is new on a subnet.
    pub(crate) fn open_mechanism(netuid: NetUid, mecid: MechId) {
        let index = storage_index(netuid, mecid);
        let count = usize::from(Self::count(netuid));
        Incentive::<T>::insert(index, alloc::vec![0u16; count]);
        WeightLedger::<T>::open_mechanism(index, count);
    }

    /// Removes everything about a mechanism that is gone.
    pub(crate) fn forget_mechanism(netuid: NetUid, mecid: MechId) {
        let index = storage_index(netuid, mecid);
        Incentive::<T>::remove(index);
        OutvotedMarks::<T>::remove(index);
        for uid in 0..Self::count(netuid) {
            Bonds::<T>::remove(index, uid);
        }
        WeightLedger::<T>::forget_mechanism(index, Self::count(netuid));
    }
}

/// Writes one entry of a vector by uid, filling missing ones before it with the default.
pub(crate) fn set_at<Map, V>(key: u16, uid: Uid, value: V)
where
    Map: StorageMap<u16, Vec<V>, Query = Vec<V>>,
    V: FullCodec + Default + Clone,
    Vec<V>: EncodeLike<Vec<V>>,
{
    let mut entries = Map::get(key);
    let position = usize::from(uid);
    if entries.len() <= position {
        entries.resize(position.saturating_add(1), V::default());
    }
    if let Some(entry) = entries.get_mut(position) {
        *entry = value;
    }
    Map::insert(key, entries);
}

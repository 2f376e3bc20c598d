//! Trimming: a subnet keeps its best neurons, and they get new uids without gaps.

use alloc::vec::Vec;

use codec::{EncodeLike, FullCodec};
use frame_support::{pallet_prelude::*, storage::StorageMap};
use myelin_economy::registration::{trim, Renumbering};
use myelin_units::{storage_index, NetUid};

use super::NeuronRegistry;
use crate::{
    pallet::*,
    subnets::{Hyperparameters, SubnetRegistry},
    weights::WeightLedger,
};

impl<T: Config> NeuronRegistry<T> {
    /// `sudo_trim_to_max_allowed_uids`: keeps at most `max` neurons, which is the limit from now on. The neurons with
    /// the lowest earnings are removed, except those that pruning spares; the others move up in their order.
    ///
    /// Refused with `InvalidValue` outside `MinAllowedUids` and `MaxAllowedUids`, and with
    /// `TrimmingWouldExceedMaxImmunePercentage` when 80 % of the limit or more are spared.
    pub fn trim(netuid: NetUid, max: u16) -> DispatchResult {
        let range = MinAllowedUids::<T>::get(netuid)..=MaxAllowedUids::<T>::get(netuid);
        ensure!(range.contains(&max), Error::<T>::InvalidValue);
        let kept = trim(&Self::candidates(netuid), max, &Self::prune_rule(netuid))
            .ok_or(Error::<T>::TrimmingWouldExceedMaxImmunePercentage)?;
        let uids = Renumbering::new(Self::count(netuid), &kept);
        if uids.after() < uids.before() {
            Self::renumber(netuid, &uids);
        }
        Hyperparameters::<T>::set_max_allowed_uids(netuid, max);
        Ok(())
    }

    fn renumber(netuid: NetUid, uids: &Renumbering) {
        let mechanisms = 0..SubnetRegistry::<T>::mechanism_count(netuid);
        let indices: Vec<u16> = mechanisms.map(|mecid| storage_index(netuid, mecid)).collect();
        for uid in 0..uids.before() {
            let hotkey = Keys::<T>::take(netuid, uid);
            let registered = BlockAtRegistration::<T>::take(netuid, uid);
            if let Some(uid) = uids.of(uid) {
                Uids::<T>::insert(netuid, &hotkey, uid);
                Keys::<T>::insert(netuid, uid, hotkey);
                BlockAtRegistration::<T>::insert(netuid, uid, registered);
            } else {
                Self::expel(netuid, &hotkey);
            }
        }
        SubnetworkN::<T>::insert(netuid, uids.after());
        Self::note_renumbering(netuid, uids);
        keep::<Active<T>, _>(netuid, uids);
        keep::<Consensus<T>, _>(netuid, uids);
        keep::<Dividends<T>, _>(netuid, uids);
        keep::<Emission<T>, _>(netuid, uids);
        keep::<ValidatorTrust<T>, _>(netuid, uids);
        keep::<ValidatorPermit<T>, _>(netuid, uids);
        keep::<StakeWeight<T>, _>(netuid, uids);
        for index in indices {
            keep::<Incentive<T>, _>(index, uids);
            Self::renumber_bonds(index, uids);
            WeightLedger::<T>::renumber(index, uids);
            OutvotedMarks::<T>::remove(index);
        }
    }

    fn renumber_bonds(index: u16, uids: &Renumbering) {
        for uid in 0..uids.before() {
            let row = Bonds::<T>::take(index, uid);
            if let Some(uid) = uids.of(uid) {
                Bonds::<T>::insert(index, uid, uids.row(&row));
            }
        }
    }
}

/// Keeps the entries of a vector by uid that belong to neurons that stay.
fn keep<Map, V>(key: u16, uids: &Renumbering)
where
    Map: StorageMap<u16, Vec<V>, Query = Vec<V>>,
    V: FullCodec + Clone,
    Vec<V>: EncodeLike<Vec<V>>,
{
    Map::mutate(key, |entries| *entries = uids.entries(entries));
}

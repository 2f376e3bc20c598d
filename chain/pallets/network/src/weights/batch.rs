//! Many weights in one call.

use alloc::vec::Vec;
use codec::Compact;
use frame_support::pallet_prelude::*;
use myelin_units::{storage_index, NetUid, Uid};
use myelin_yuma::set_weights::{Route, WeightVector};

use super::{commits::CommitQueue, WeightLedger, MAIN};
use crate::{
    epoch::EpochClock,
    evidence::EvidenceLedger,
    pallet::{CommitRevealWeightsEnabled, Config, Error, Event, Pallet, WeightCommits},
    subnets::{now, SubnetRegistry},
};

/// Weights of a validator for one subnet in a batch: uids with their weights.
pub type BatchRow = Vec<(Compact<Uid>, Compact<u16>)>;

/// Contents of a commit, as its reveal shows them.
#[derive(Clone, Copy, Debug)]
pub struct Reveal<'a> {
    /// Judged neurons.
    pub uids: &'a [Uid],
    /// Weight of each of them.
    pub values: &'a [u16],
    /// Salt that made the hash unguessable.
    pub salt: &'a [u16],
    /// Version of the sender's software.
    pub version_key: u64,
}

impl<'a> Reveal<'a> {
    /// The lists of a call as reveals; refused if they are not equally long.
    pub fn zip<T: Config>(
        uids: &'a [Vec<Uid>],
        values: &'a [Vec<u16>],
        salts: &'a [Vec<u16>],
        version_keys: &'a [u64],
    ) -> Result<Vec<Self>, Error<T>> {
        let equal =
            [values.len(), salts.len(), version_keys.len()].iter().all(|length| *length == uids.len());
        ensure!(equal, Error::<T>::InputLengthsUnequal);
        let lists = uids.iter().zip(values).zip(salts.iter().zip(version_keys));
        Ok(lists
            .map(|((uids, values), (salt, version_key))| Reveal {
                uids,
                values,
                salt,
                version_key: *version_key,
            })
            .collect())
    }

    /// The weights of this reveal, as a vector to store.
    pub fn vector(&self, netuid: NetUid, route: Route) -> WeightVector<'a> {
        let Reveal { uids, values, version_key, .. } = *self;
        WeightVector { netuid, uids, values, version_key, route }
    }
}

/// The commits that stay after a batch of reveals, and the hashes of those that were revealed.
pub type Revealed<T> = (CommitQueue<T>, Vec<<T as frame_system::Config>::Hash>);

impl<T: Config> WeightLedger<T> {
    /// `batch_set_weights`: replaces a validator's rows on several subnets. A refused row is announced and does not
    /// affect the others.
    pub fn set_batch(
        hotkey: T::AccountId,
        netuids: Vec<Compact<NetUid>>,
        rows: Vec<BatchRow>,
        version_keys: Vec<Compact<u64>>,
    ) -> DispatchResult {
        ensure!(
            netuids.len() == rows.len() && netuids.len() == version_keys.len(),
            Error::<T>::InputLengthsUnequal
        );
        let items = netuids.iter().zip(rows).zip(version_keys);
        let outcomes = items.map(|((netuid, row), version_key)| {
            let (uids, values) = row.into_iter().map(|(uid, value)| (uid.0, value.0)).unzip();
            (netuid.0, Self::set(hotkey.clone(), netuid.0, MAIN, uids, values, version_key.0))
        });
        Self::announce_batch(outcomes);
        Pallet::<T>::deposit_event(Event::BatchWeightsCompleted(netuids, hotkey));
        Ok(())
    }

    /// `batch_commit_weights`: commits on several subnets; as [`Self::set_batch`].
    pub fn commit_batch(
        hotkey: T::AccountId,
        netuids: Vec<Compact<NetUid>>,
        hashes: Vec<T::Hash>,
    ) -> DispatchResult {
        ensure!(netuids.len() == hashes.len(), Error::<T>::InputLengthsUnequal);
        let items = netuids.iter().zip(hashes);
        let outcomes =
            items.map(|(netuid, hash)| (netuid.0, Self::commit(hotkey.clone(), netuid.0, MAIN, hash)));
        Self::announce_batch(outcomes);
        Pallet::<T>::deposit_event(Event::BatchWeightsCompleted(netuids, hotkey));
        Ok(())
    }

    /// `batch_reveal_weights`: reveals several commits on one subnet and stores their weights one after the other. Only
    /// the named commits are used up. All are revealed or none.
    pub fn reveal_batch(hotkey: T::AccountId, netuid: NetUid, reveals: &[Reveal]) -> DispatchResult {
        let (queue, hashes) = Self::check_batch_reveal(&hotkey, netuid, reveals)?;
        let index = storage_index(netuid, MAIN);
        Self::store_commits(index, &hotkey, queue);
        for reveal in reveals {
            Self::accept(&hotkey, MAIN, &reveal.vector(netuid, Route::Reveal))?;
        }
        EvidenceLedger::<T>::replaced(&hotkey, netuid, MAIN);
        Pallet::<T>::deposit_event(Event::WeightsBatchRevealed(hotkey, netuid, hashes));
        Ok(())
    }

    /// Checks everything that a batch of reveals requires of the commits; returns the commits that stay and those that
    /// are revealed. The weights are checked by [`Self::check`].
    pub fn check_batch_reveal(
        hotkey: &T::AccountId,
        netuid: NetUid,
        reveals: &[Reveal],
    ) -> Result<Revealed<T>, Error<T>> {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let index = storage_index(netuid, MAIN);
        let mut queue = WeightCommits::<T>::get(index, hotkey).ok_or(Error::<T>::NoWeightsCommitFound)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let mut hashes = Vec::with_capacity(reveals.len());
        for reveal in reveals {
            Self::check_size(netuid, reveal)?;
            let found = Self::revealable(hotkey, index, &queue, reveal, epoch)?;
            queue.remove(found.at);
            hashes.push(found.hash);
        }
        Self::drop_expired(netuid, &mut queue, epoch);
        Ok((queue, hashes))
    }

    /// Announces the refused items of a batch.
    fn announce_batch(outcomes: impl Iterator<Item = (NetUid, DispatchResult)>) {
        let mut complete = true;
        for (netuid, outcome) in outcomes {
            let Err(error) = outcome else { continue };
            if complete {
                Pallet::<T>::deposit_event(Event::BatchCompletedWithErrors());
                complete = false;
            }
            Pallet::<T>::deposit_event(Event::BatchWeightItemFailed(netuid, error));
        }
    }
}

//! Salted commits: a validator first publishes a hash, and an epoch later what it hashes to, so that nobody can copy it in time.

use alloc::{collections::VecDeque, vec::Vec};
use frame_support::pallet_prelude::*;
use myelin_units::{storage_index, Block, MechId, NetUid, Uid, MECHANISM_STRIDE};
use myelin_yuma::set_weights::{may_update, Route, WeightVector};
use sp_runtime::traits::Hash;

use super::WeightLedger;
use crate::{
    epoch::EpochClock,
    neurons::NeuronRegistry,
    pallet::{
        CommitRevealWeightsEnabled, Config, Error, Event, Pallet, RevealPeriodEpochs, WeightCommits,
        WeightsSetRateLimit,
    },
    subnets::{now, SubnetRegistry},
    types::HashCommit,
};

/// Most commits of a hotkey that wait for their reveal.
const MAX_COMMITS: usize = 10;

/// Where a commit stands in its life; first what serves who wants to reveal best.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum CommitPhase {
    /// It can be revealed now.
    Open,
    /// Its reveal epoch has not begun.
    TooEarly,
    /// Its reveal epoch is over.
    Expired,
}

impl<T: Config> WeightLedger<T> {
    /// `commit_weights` and `commit_mechanism_weights`: queues a hash. The validator counts as updated now.
    pub fn commit(hotkey: T::AccountId, netuid: NetUid, mecid: MechId, hash: T::Hash) -> DispatchResult {
        let uid = Self::check_commit(&hotkey, netuid, mecid)?;
        let index = storage_index(netuid, mecid);
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let mut queue = Self::waiting(&hotkey, netuid, index, epoch);
        queue.push_back((hash, epoch, now::<T>(), 0));
        WeightCommits::<T>::insert(index, &hotkey, queue);
        Self::record_update(netuid, mecid, uid);
        Pallet::<T>::deposit_event(Event::WeightsCommitted(hotkey, index, hash));
        Ok(())
    }

    /// Everything a commit demands; says who commits.
    pub fn check_commit(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId) -> Result<Uid, Error<T>> {
        ensure!(SubnetRegistry::<T>::exists(netuid), Error::<T>::SubnetNotExists);
        ensure!(mecid < SubnetRegistry::<T>::mechanism_count(netuid), Error::<T>::MechanismDoesNotExist);
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let uid =
            NeuronRegistry::<T>::uid_of(netuid, hotkey).ok_or(Error::<T>::HotKeyNotRegisteredInSubNet)?;
        let last = Self::last_update(netuid, mecid, uid);
        ensure!(
            may_update(last, WeightsSetRateLimit::<T>::get(netuid), now::<T>()),
            Error::<T>::CommittingWeightsTooFast
        );
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let waiting = Self::waiting(hotkey, netuid, storage_index(netuid, mecid), epoch).len();
        ensure!(waiting < MAX_COMMITS, Error::<T>::TooManyUnrevealedCommits);
        Ok(uid)
    }

    /// `reveal_weights` and `reveal_mechanism_weights`: shows what a commit hashes to and stores it. The commit and all older ones are
    /// used up.
    pub fn reveal(
        hotkey: T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        uids: Vec<Uid>,
        values: Vec<u16>,
        salt: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(mecid < SubnetRegistry::<T>::mechanism_count(netuid), Error::<T>::MechanismDoesNotExist);
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let index = storage_index(netuid, mecid);
        let hash = Self::commit_hash(&hotkey, index, &uids, &values, &salt, version_key);
        let mut queue = WeightCommits::<T>::get(index, &hotkey).ok_or(Error::<T>::NoWeightsCommitFound)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let position = Self::revealable(netuid, &queue, &hash, epoch)?;
        queue.drain(..=position);
        if queue.is_empty() {
            WeightCommits::<T>::remove(index, &hotkey);
        } else {
            WeightCommits::<T>::insert(index, &hotkey, queue);
        }
        let vector = WeightVector { netuid, uids: &uids, values: &values, version_key, route: Route::Reveal };
        Self::accept(&hotkey, mecid, &vector)?;
        Pallet::<T>::deposit_event(Event::WeightsRevealed(hotkey, index, hash));
        Ok(())
    }

    /// What a commit must hash: Blake2-256 of the SCALE bytes of hotkey, mechanism index, uids, values, salt and version key.
    pub fn commit_hash(
        hotkey: &T::AccountId,
        index: u16,
        uids: &[Uid],
        values: &[u16],
        salt: &[u16],
        version_key: u64,
    ) -> T::Hash {
        T::Hashing::hash_of(&(hotkey, index, uids, values, salt, version_key))
    }

    /// Position of a hash in the queue, if it can be revealed in this epoch.
    pub(super) fn revealable(
        netuid: NetUid,
        queue: &VecDeque<HashCommit<T::Hash>>,
        hash: &T::Hash,
        epoch: u64,
    ) -> Result<usize, Error<T>> {
        let expired =
            |commit: &HashCommit<T::Hash>| Self::phase(netuid, commit.1, epoch) == CommitPhase::Expired;
        match Self::find(netuid, queue, hash, epoch) {
            Some((at, CommitPhase::Open)) => Ok(at),
            Some((_, CommitPhase::TooEarly)) => Err(Error::RevealTooEarly),
            Some((_, CommitPhase::Expired)) => Err(Error::ExpiredWeightCommit),
            None if queue.iter().all(expired) => Err(Error::ExpiredWeightCommit),
            None => Err(Error::InvalidRevealCommitHashNotMatch),
        }
    }

    /// Position and phase of a hash in the queue. A hash may have been committed more than once: the oldest that can be revealed
    /// counts, or else one that still can.
    fn find(
        netuid: NetUid,
        queue: &VecDeque<HashCommit<T::Hash>>,
        hash: &T::Hash,
        epoch: u64,
    ) -> Option<(usize, CommitPhase)> {
        let same = queue.iter().enumerate().filter(|(_, commit)| commit.0 == *hash);
        same.map(|(at, commit)| (at, Self::phase(netuid, commit.1, epoch))).min_by_key(|(_, phase)| *phase)
    }

    /// The commits of a hotkey without those at the front that nobody can reveal any more.
    fn waiting(
        hotkey: &T::AccountId,
        netuid: NetUid,
        index: u16,
        epoch: u64,
    ) -> VecDeque<HashCommit<T::Hash>> {
        let mut queue = WeightCommits::<T>::get(index, hotkey).unwrap_or_default();
        Self::drop_expired(netuid, &mut queue, epoch);
        queue
    }

    /// Drops the commits at the front that nobody can reveal any more.
    pub(super) fn drop_expired(netuid: NetUid, queue: &mut VecDeque<HashCommit<T::Hash>>, epoch: u64) {
        while queue.front().is_some_and(|commit| Self::phase(netuid, commit.1, epoch) == CommitPhase::Expired)
        {
            queue.pop_front();
        }
    }

    /// Where a commit of epoch `committed` stands in epoch `epoch`: it opens `RevealPeriodEpochs` later, for one epoch.
    pub fn phase(netuid: NetUid, committed: u64, epoch: u64) -> CommitPhase {
        let opens = committed.saturating_add(RevealPeriodEpochs::<T>::get(netuid));
        match epoch.cmp(&opens) {
            core::cmp::Ordering::Less => CommitPhase::TooEarly,
            core::cmp::Ordering::Equal => CommitPhase::Open,
            core::cmp::Ordering::Greater => CommitPhase::Expired,
        }
    }

    /// The phase of the commit with this hash; `None` if there is none.
    pub fn phase_of_hash(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        hash: &T::Hash,
    ) -> Option<CommitPhase> {
        let queue = WeightCommits::<T>::get(storage_index(netuid, mecid), hotkey)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        Self::find(netuid, &queue, hash, epoch).map(|(_, phase)| phase)
    }

    /// First block in which the commit with this hash can be revealed, as far as it is known now. `None` if none is
    /// known; the present block also if waiting does not help, because there is no such commit or it has expired.
    pub fn may_reveal_at(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        hash: &T::Hash,
    ) -> Option<Block> {
        let now = now::<T>();
        let queue = WeightCommits::<T>::get(storage_index(netuid, mecid), hotkey).unwrap_or_default();
        let epoch = EpochClock::<T>::number(netuid, now);
        match Self::find(netuid, &queue, hash, epoch) {
            Some((at, CommitPhase::TooEarly)) => {
                let committed = queue.get(at).map_or(epoch, |commit| commit.1);
                let opens = committed.saturating_add(RevealPeriodEpochs::<T>::get(netuid));
                EpochClock::<T>::first_block_of(netuid, opens, now)
            }
            _ => Some(now),
        }
    }

    /// Block of a hotkey's oldest commit that has not expired in this epoch.
    pub fn earliest_commit_block(index: u16, hotkey: &T::AccountId, epoch: u64) -> Option<Block> {
        let netuid = index.checked_rem(MECHANISM_STRIDE)?;
        let queue = WeightCommits::<T>::get(index, hotkey)?;
        let alive = queue.iter().find(|commit| Self::phase(netuid, commit.1, epoch) != CommitPhase::Expired);
        alive.map(|commit| commit.2)
    }

    /// Removes what a hotkey that lost its uid has committed: nobody could reveal it any more.
    pub(crate) fn forget_commits_of(netuid: NetUid, hotkey: &T::AccountId) {
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            WeightCommits::<T>::remove(storage_index(netuid, mecid), hotkey);
        }
    }

    /// Files the commits of a hotkey under a new one. They cannot be revealed, since a hash names the hotkey that committed; until they
    /// expire they keep saying since when the neuron's weights were decided.
    pub(crate) fn hand_over(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            let index = storage_index(netuid, mecid);
            if let Some(queue) = WeightCommits::<T>::take(index, old) {
                WeightCommits::<T>::insert(index, new, queue);
            }
        }
    }

    pub(super) fn forget_commits(index: u16) {
        let netuid = index.checked_rem(MECHANISM_STRIDE).unwrap_or(index);
        for hotkey in NeuronRegistry::<T>::hotkeys(netuid) {
            WeightCommits::<T>::remove(index, hotkey);
        }
    }
}

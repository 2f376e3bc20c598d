//! Salted commits: a validator first publishes a hash, and an epoch later the hashed weights, so that nobody can copy
//! them in time.

use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};
use frame_support::pallet_prelude::*;
use myelin_units::{storage_index, subnet_of_index, Block, MechId, NetUid, Uid, ROOT};
use myelin_yuma::set_weights::{may_update, Route};
use sp_runtime::traits::Hash;

use super::{Reveal, WeightLedger};
use crate::{
    epoch::EpochClock,
    evidence::EvidenceLedger,
    neurons::NeuronRegistry,
    pallet::{
        CommitRevealWeightsEnabled, CommitSigners, Config, Error, Event, Pallet, RevealPeriodEpochs,
        WeightCommits, WeightsSetRateLimit,
    },
    subnets::{now, SubnetRegistry},
    types::HashCommit,
};

/// Most commits of a hotkey that wait for their reveal.
const MAX_COMMITS: usize = 10;
/// Most entries of a salt, of two bytes each; official clients send 8.
pub const MAX_SALT: usize = 64;

/// The commits of a hotkey on one mechanism, oldest first.
pub type CommitQueue<T> = VecDeque<HashCommit<<T as frame_system::Config>::Hash>>;

/// A commit that a reveal belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Found<H> {
    /// Its place in the queue.
    pub at: usize,
    /// Its hash.
    pub hash: H,
    /// Its phase.
    pub phase: CommitPhase,
}

/// Phase of a commit; the phase that a reveal prefers comes first.
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

    /// Checks everything that a commit requires; returns the uid that commits.
    pub fn check_commit(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId) -> Result<Uid, Error<T>> {
        ensure!(netuid != ROOT, Error::<T>::CanNotSetRootNetworkWeights);
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

    /// `reveal_weights` and `reveal_mechanism_weights`: reveals the weights of a commit and stores them. The commit and
    /// all older ones are used up.
    pub fn reveal(
        hotkey: T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        uids: Vec<Uid>,
        values: Vec<u16>,
        salt: Vec<u16>,
        version_key: u64,
    ) -> DispatchResult {
        let reveal = Reveal { uids: &uids, values: &values, salt: &salt, version_key };
        Self::use_up(&hotkey, netuid, mecid, &reveal, Route::Reveal)?;
        EvidenceLedger::<T>::replaced(&hotkey, netuid, mecid);
        Ok(())
    }

    /// Stores the weights of a commit, and removes it with all older ones. Returns its hash and its epoch.
    pub(crate) fn use_up(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        reveal: &Reveal,
        route: Route,
    ) -> Result<(T::Hash, u64), DispatchError> {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(mecid < SubnetRegistry::<T>::mechanism_count(netuid), Error::<T>::MechanismDoesNotExist);
        ensure!(CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::CommitRevealDisabled);
        let index = storage_index(netuid, mecid);
        Self::check_size(netuid, reveal)?;
        let mut queue = WeightCommits::<T>::get(index, hotkey).ok_or(Error::<T>::NoWeightsCommitFound)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let Found { at, hash, .. } = Self::revealable(hotkey, index, &queue, reveal, epoch)?;
        let committed = queue.drain(..=at).last().map_or(epoch, |commit| commit.1);
        Self::store_commits(index, hotkey, queue);
        Self::accept(hotkey, mecid, &reveal.vector(netuid, route))?;
        Pallet::<T>::deposit_event(Event::WeightsRevealed(hotkey.clone(), index, hash));
        Ok((hash, committed))
    }

    /// Refuses a reveal that is larger than any that can succeed, before it is hashed: a reveal is free, and is hashed
    /// once for every hotkey that its commits may name.
    pub fn check_size(netuid: NetUid, reveal: &Reveal) -> Result<(), Error<T>> {
        let Reveal { uids, values, salt, .. } = *reveal;
        ensure!(salt.len() <= MAX_SALT, Error::<T>::InvalidValue);
        ensure!(uids.len() == values.len(), Error::<T>::WeightVecNotEqualSize);
        let neurons = usize::from(NeuronRegistry::<T>::count(netuid));
        ensure!(uids.len() <= neurons, Error::<T>::UidsLengthExceedUidsInSubNet);
        Ok(())
    }

    /// Hash of a commit: Blake2-256 of the SCALE bytes of hotkey, mechanism index, uids, values, salt and version key.
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

    /// The commit in the queue that a reveal belongs to, if it can be revealed in this epoch.
    pub(super) fn revealable(
        hotkey: &T::AccountId,
        index: u16,
        queue: &CommitQueue<T>,
        reveal: &Reveal,
        epoch: u64,
    ) -> Result<Found<T::Hash>, Error<T>> {
        let netuid = subnet_of_index(index);
        let expired =
            |commit: &HashCommit<T::Hash>| Self::phase(netuid, commit.1, epoch) == CommitPhase::Expired;
        match Self::find(hotkey, index, queue, reveal, epoch) {
            Some(found) if found.phase == CommitPhase::Open => Ok(found),
            Some(found) if found.phase == CommitPhase::TooEarly => Err(Error::RevealTooEarly),
            Some(_) => Err(Error::ExpiredWeightCommit),
            None if queue.iter().all(expired) => Err(Error::ExpiredWeightCommit),
            None => Err(Error::InvalidRevealCommitHashNotMatch),
        }
    }

    /// The commit in the queue that a reveal belongs to. The same hash may have been committed more than once: the
    /// oldest that can be revealed counts, or else one that can be revealed later.
    ///
    /// A hash names the hotkey that committed: this hotkey, or one that it replaced since.
    fn find(
        hotkey: &T::AccountId,
        index: u16,
        queue: &CommitQueue<T>,
        reveal: &Reveal,
        epoch: u64,
    ) -> Option<Found<T::Hash>> {
        let netuid = subnet_of_index(index);
        let Reveal { uids, values, salt, version_key } = *reveal;
        let signers = core::iter::once(hotkey.clone()).chain(CommitSigners::<T>::get(index, hotkey));
        let hashes: Vec<_> = signers
            .map(|signer| Self::commit_hash(&signer, index, uids, values, salt, version_key))
            .collect();
        let same = queue.iter().enumerate().filter(|(_, commit)| hashes.contains(&commit.0));
        same.map(|(at, commit)| Found { at, hash: commit.0, phase: Self::phase(netuid, commit.1, epoch) })
            .min_by_key(|found| found.phase)
    }

    /// Stores the rest of a queue.
    pub(super) fn store_commits(index: u16, hotkey: &T::AccountId, queue: CommitQueue<T>) {
        if queue.is_empty() {
            Self::drop_commits(index, hotkey);
        } else {
            WeightCommits::<T>::insert(index, hotkey, queue);
        }
    }

    fn drop_commits(index: u16, hotkey: &T::AccountId) {
        WeightCommits::<T>::remove(index, hotkey);
        CommitSigners::<T>::remove(index, hotkey);
    }

    /// The commits of a hotkey without the expired ones at the front.
    fn waiting(hotkey: &T::AccountId, netuid: NetUid, index: u16, epoch: u64) -> CommitQueue<T> {
        let mut queue = WeightCommits::<T>::get(index, hotkey).unwrap_or_default();
        Self::drop_expired(netuid, &mut queue, epoch);
        queue
    }

    /// Drops the expired commits at the front.
    pub(super) fn drop_expired(netuid: NetUid, queue: &mut CommitQueue<T>, epoch: u64) {
        while queue.front().is_some_and(|commit| Self::phase(netuid, commit.1, epoch) == CommitPhase::Expired)
        {
            queue.pop_front();
        }
    }

    /// Phase of a commit of epoch `committed` in epoch `epoch`: it opens `RevealPeriodEpochs` later, for one epoch.
    pub fn phase(netuid: NetUid, committed: u64, epoch: u64) -> CommitPhase {
        let opens = committed.saturating_add(RevealPeriodEpochs::<T>::get(netuid));
        match epoch.cmp(&opens) {
            core::cmp::Ordering::Less => CommitPhase::TooEarly,
            core::cmp::Ordering::Equal => CommitPhase::Open,
            core::cmp::Ordering::Greater => CommitPhase::Expired,
        }
    }

    /// The phase of the commit that a reveal belongs to; `None` if there is none. The reveal's size was checked.
    pub fn phase_of(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        reveal: &Reveal,
    ) -> Option<CommitPhase> {
        let index = storage_index(netuid, mecid);
        let queue = WeightCommits::<T>::get(index, hotkey)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        Self::find(hotkey, index, &queue, reveal, epoch).map(|found| found.phase)
    }

    /// Hash and epoch of the commit that a reveal belongs to, if it can be revealed now.
    pub fn open_commit(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        reveal: &Reveal,
    ) -> Option<(T::Hash, u64)> {
        let index = storage_index(netuid, mecid);
        let queue = WeightCommits::<T>::get(index, hotkey)?;
        let epoch = EpochClock::<T>::number(netuid, now::<T>());
        let Found { at, hash, .. } = Self::revealable(hotkey, index, &queue, reveal, epoch).ok()?;
        queue.get(at).map(|commit| (hash, commit.1))
    }

    /// First block in which a reveal can be made, as far as it is known now. `None` if none is known; the present block
    /// also if waiting does not help, because there is no such commit or it has expired.
    pub fn may_reveal_at(
        hotkey: &T::AccountId,
        netuid: NetUid,
        mecid: MechId,
        reveal: &Reveal,
    ) -> Option<Block> {
        let (now, index) = (now::<T>(), storage_index(netuid, mecid));
        if Self::check_size(netuid, reveal).is_err() {
            return Some(now);
        }
        let queue = WeightCommits::<T>::get(index, hotkey).unwrap_or_default();
        let epoch = EpochClock::<T>::number(netuid, now);
        match Self::find(hotkey, index, &queue, reveal, epoch) {
            Some(Found { at, phase: CommitPhase::TooEarly, .. }) => {
                let committed = queue.get(at).map_or(epoch, |commit| commit.1);
                let opens = committed.saturating_add(RevealPeriodEpochs::<T>::get(netuid));
                EpochClock::<T>::first_block_of(netuid, opens, now)
            }
            _ => Some(now),
        }
    }

    /// First block in which a hotkey may commit, as far as it is known now: the rate limit has passed, and fewer than
    /// ten of its commits can still be revealed.
    pub fn may_commit_at(hotkey: &T::AccountId, netuid: NetUid, mecid: MechId) -> Option<Block> {
        let now = now::<T>();
        let epoch = EpochClock::<T>::number(netuid, now);
        let queue = Self::waiting(hotkey, netuid, storage_index(netuid, mecid), epoch);
        let room = match queue.len().checked_sub(MAX_COMMITS).and_then(|over| queue.get(over)) {
            None => Some(now),
            Some((_, committed, ..)) => {
                let period = RevealPeriodEpochs::<T>::get(netuid);
                let gone = committed.saturating_add(period).saturating_add(1);
                EpochClock::<T>::first_block_of(netuid, gone, now)
            }
        };
        room.map(|block| block.max(Self::may_update_at(hotkey, netuid, mecid)))
    }

    /// Block of the oldest commit of each hotkey that has not expired in this epoch.
    pub fn earliest_commit_blocks(index: u16, epoch: u64) -> BTreeMap<T::AccountId, Block> {
        let netuid = subnet_of_index(index);
        let alive =
            |commit: &&HashCommit<T::Hash>| Self::phase(netuid, commit.1, epoch) != CommitPhase::Expired;
        WeightCommits::<T>::iter_prefix(index)
            .filter_map(|(hotkey, queue)| Some((hotkey, queue.iter().find(alive)?.2)))
            .collect()
    }

    /// Removes the commits of a hotkey that lost its uid: they could no longer be revealed.
    pub(crate) fn forget_commits_of(netuid: NetUid, hotkey: &T::AccountId) {
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            Self::drop_commits(storage_index(netuid, mecid), hotkey);
        }
        EvidenceLedger::<T>::forget(netuid, hotkey);
    }

    /// Files the commits of a hotkey under a new one, which can then reveal them. Files with them the hotkeys that
    /// their hashes may name: the old hotkey and, if it took them over itself, the ones before it, at most ten.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        for mecid in 0..SubnetRegistry::<T>::mechanism_count(netuid) {
            let index = storage_index(netuid, mecid);
            let mut signers = CommitSigners::<T>::take(index, old);
            let Some(queue) = WeightCommits::<T>::take(index, old) else { continue };
            signers.push(old.clone());
            signers.drain(..signers.len().saturating_sub(MAX_COMMITS));
            WeightCommits::<T>::insert(index, new, queue);
            CommitSigners::<T>::insert(index, new, signers);
        }
        EvidenceLedger::<T>::swap_hotkey(netuid, old, new);
    }

    pub(super) fn forget_commits(index: u16) {
        let netuid = subnet_of_index(index);
        for hotkey in NeuronRegistry::<T>::hotkeys(netuid) {
            Self::drop_commits(index, &hotkey);
            EvidenceLedger::<T>::forget_mechanism(index, &hotkey);
        }
    }
}

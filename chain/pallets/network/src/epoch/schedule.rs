//! Schedule of a subnet's epochs.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_units::{Block, NetUid, ROOT};
use myelin_yuma::schedule::{activity_cutoff, blocks_until_epoch, next_start_by_remainder, Schedule};

use crate::{
    pallet::{
        ActivityCutoffFactorMilli, AdminFreezeWindow, BlocksSinceLastStep, CommitRevealWeightsEnabled,
        Config, Error, Event, LastEpochBlock, LastMechansimStepBlock, Pallet, PendingEpochAt,
        SubnetEpochIndex, Tempo,
    },
    subnets::{now, SubnetRegistry},
};

/// Blocks for which the first epoch of a young fast chain may be pending: 25 seconds.
const SOON: u64 = 100;

/// Owner of [`LastEpochBlock`], [`PendingEpochAt`], [`BlocksSinceLastStep`], [`LastMechansimStepBlock`] and
/// [`SubnetEpochIndex`].
///
/// An epoch *slot* comes every `Tempo` blocks. It may be triggered ahead of time by the owner, and it is deferred to
/// the next block while other subnets have used up the epochs of this one. A slot is consumed even if its epoch can't
/// run.
pub struct EpochClock<T>(PhantomData<T>);

impl<T: Config> EpochClock<T> {
    /// Whether the epoch slot of a subnet has come.
    pub fn is_due(netuid: NetUid, now: Block) -> bool {
        netuid != ROOT && Self::schedule(netuid).is_due(now)
    }

    /// The number of the epoch at this block: slots consumed, and one more in a block whose slot has come and is not
    /// consumed yet.
    pub fn number(netuid: NetUid, now: Block) -> u64 {
        SubnetEpochIndex::<T>::get(netuid).saturating_add(u64::from(Self::is_due(netuid, now)))
    }

    /// The block of the next epoch as far as it is known now; `None` for a subnet without epochs.
    pub fn next_start(netuid: NetUid) -> Option<Block> {
        (netuid != ROOT).then(|| Self::schedule(netuid).next_start(now::<T>())).flatten()
    }

    /// Block of the last consumed epoch slot.
    pub fn last_slot(netuid: NetUid) -> Block {
        LastEpochBlock::<T>::get(netuid)
    }

    /// Blocks without new weights after which a validator of the subnet counts as inactive.
    pub fn activity_cutoff(netuid: NetUid) -> Block {
        activity_cutoff(ActivityCutoffFactorMilli::<T>::get(netuid), Tempo::<T>::get(netuid))
    }

    /// Starts the clock of a new subnet. Its first epoch comes up to a tempo early, by its number, so that the epochs
    /// of many subnets are spread over the tempo.
    pub fn start(netuid: NetUid, now: Block) {
        let offset = netuid % Tempo::<T>::get(netuid).max(1);
        LastEpochBlock::<T>::insert(netuid, now.saturating_sub(offset.into()));
        PendingEpochAt::<T>::insert(netuid, 0);
        BlocksSinceLastStep::<T>::insert(netuid, 0);
        LastMechansimStepBlock::<T>::insert(netuid, 0);
        SubnetEpochIndex::<T>::insert(netuid, 0);
    }

    /// Begins a new period, as a change of the tempo does.
    pub fn restart(netuid: NetUid, now: Block) {
        LastEpochBlock::<T>::insert(netuid, now);
    }

    /// Follows a change of the tempo by root on a fast chain: official suites predict epochs there by remainders
    /// (decision 0030). On other chains root leaves the schedule as it is. Those suites count one more block from epoch
    /// to epoch, so later epochs come a little before they expect them. The first one does so too if this block itself
    /// is such a block.
    pub fn align(netuid: NetUid, tempo: u16, now: Block) {
        if netuid == ROOT || !SubnetRegistry::<T>::profile().fast {
            return;
        }
        let next = next_start_by_remainder(netuid, tempo, now);
        let last = next.checked_sub(tempo.into());
        // A chain that is younger than a tempo has no last epoch from which the next one would follow. A pending epoch
        // makes owners wait, so it is pending for a short time only.
        let soon = tempo != 0 && last.is_none() && next.saturating_sub(now) <= SOON;
        LastEpochBlock::<T>::insert(netuid, last.unwrap_or_default().min(now));
        PendingEpochAt::<T>::insert(netuid, if soon { next } else { 0 });
    }

    /// Moves the next epoch forward to `AdminFreezeWindow` blocks from now, if [`Self::check_trigger`] allows it.
    pub fn trigger(netuid: NetUid, by: T::AccountId, now: Block) -> DispatchResult {
        Self::check_trigger(netuid, now)?;
        let fires_at = now.saturating_add(AdminFreezeWindow::<T>::get().into());
        PendingEpochAt::<T>::insert(netuid, fires_at);
        Pallet::<T>::deposit_event(Event::EpochTriggered { netuid, by, fires_at });
        Ok(())
    }

    /// Checks whether an epoch can be triggered. It can't while commit-reveal is on (reveals are timed by epochs),
    /// while a triggered epoch is pending, or when the automatic one comes no later.
    pub fn check_trigger(netuid: NetUid, now: Block) -> DispatchResult {
        ensure!(!CommitRevealWeightsEnabled::<T>::get(netuid), Error::<T>::DynamicTempoBlockedByCommitReveal);
        ensure!(PendingEpochAt::<T>::get(netuid) == 0, Error::<T>::EpochTriggerAlreadyPending);
        let window = Block::from(AdminFreezeWindow::<T>::get());
        let remaining = Self::next_start(netuid).map_or(Block::MAX, |start| start.saturating_sub(now));
        ensure!(remaining >= window, Error::<T>::AutoEpochAlreadyImminent);
        Ok(())
    }

    /// Blocks since the last epoch, as shown to clients. Root has no epochs: it shows the blocks since genesis, like
    /// the official chain.
    pub fn blocks_since_last_step(netuid: NetUid) -> Block {
        if netuid == ROOT {
            now::<T>()
        } else {
            BlocksSinceLastStep::<T>::get(netuid)
        }
    }

    /// Counts one more block since the last epoch.
    pub(crate) fn tick(netuid: NetUid) {
        BlocksSinceLastStep::<T>::mutate(netuid, |blocks| *blocks = blocks.saturating_add(1));
    }

    /// Defers a due epoch to the next block.
    pub(crate) fn defer(netuid: NetUid, now: Block) {
        let to_block = now.saturating_add(1);
        PendingEpochAt::<T>::insert(netuid, to_block);
        Pallet::<T>::deposit_event(Event::EpochDeferred { netuid, from_block: now, to_block });
    }

    /// Consumes the slot of a due epoch.
    pub(crate) fn consume(netuid: NetUid, now: Block) {
        LastEpochBlock::<T>::insert(netuid, now);
        PendingEpochAt::<T>::insert(netuid, 0);
        SubnetEpochIndex::<T>::mutate(netuid, |index| *index = index.saturating_add(1));
    }

    /// Records that the epoch of a consumed slot will run in this block.
    pub(crate) fn reset_blocks_since(netuid: NetUid) {
        BlocksSinceLastStep::<T>::insert(netuid, 0);
    }

    /// Records that an epoch ran and paid.
    pub(crate) fn note_step(netuid: NetUid, now: Block) {
        LastMechansimStepBlock::<T>::insert(netuid, now);
    }

    /// Removes the entries of a removed subnet.
    pub fn remove(netuid: NetUid) {
        LastEpochBlock::<T>::remove(netuid);
        PendingEpochAt::<T>::remove(netuid);
        BlocksSinceLastStep::<T>::remove(netuid);
        LastMechansimStepBlock::<T>::remove(netuid);
        SubnetEpochIndex::<T>::remove(netuid);
    }

    /// First block in which the epoch of this number is the current one, as far as it is known now; `None` if it never
    /// comes.
    pub fn first_block_of(netuid: NetUid, epoch: u64, now: Block) -> Option<Block> {
        if Self::number(netuid, now) >= epoch {
            return Some(now);
        }
        let missing = epoch.saturating_sub(SubnetEpochIndex::<T>::get(netuid));
        if netuid == ROOT {
            return None;
        }
        Self::schedule(netuid).nth_slot(now, missing)
    }

    /// First block from `from` on in which the owner may change the subnet: outside the freeze window and without a
    /// pending epoch. `None` if there is none.
    pub fn first_calm_block(netuid: NetUid, now: Block, from: Block) -> Option<Block> {
        let (window, from) = (AdminFreezeWindow::<T>::get(), from.max(now));
        let schedule = Self::schedule(netuid);
        if netuid == ROOT {
            // The clock of root stands still.
            let until = blocks_until_epoch(schedule.last_epoch_block, schedule.tempo, from);
            return (until >= window.into() && schedule.pending_epoch_at == 0).then_some(from);
        }
        schedule.first_block_outside_freeze(window, now, from)
    }

    fn schedule(netuid: NetUid) -> Schedule {
        Schedule {
            tempo: Tempo::<T>::get(netuid),
            last_epoch_block: LastEpochBlock::<T>::get(netuid),
            pending_epoch_at: PendingEpochAt::<T>::get(netuid),
            blocks_since_last_step: BlocksSinceLastStep::<T>::get(netuid),
        }
    }
}

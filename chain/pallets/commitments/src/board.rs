//! The board of all commitments.

use core::marker::PhantomData;

use codec::Encode;
use frame_support::{dispatch::WithPostDispatchInfo, ensure, pallet_prelude::*};
use myelin_economy::params::{row, Caller, Parameter};
use myelin_units::{Block, NetUid};
use sp_runtime::SaturatedConversion;

use crate::{
    pallet::{
        CommitmentOf, Config, Error, Event, LastBondsReset, LastCommitment, MaxSpace, Pallet,
        RevealedCommitments, UsedSpaceOf,
    },
    types::{CommitmentInfo, Registration, Statements, UsageTracker},
    Subnets,
};

/// Owner of all storage of this pallet; the network pallet removes the entries of removed subnets, page by page.
///
/// Invariants: only hotkeys with a uid on a subnet have entries there; no hotkey uses more space in an epoch than was
/// allowed at the time.
pub struct CommitmentBoard<T>(PhantomData<T>);

impl<T: Config> CommitmentBoard<T> {
    /// `set_commitment`: replaces the commitment of a hotkey on a subnet, resets its bonds if it requests that and may,
    /// and returns the cost.
    pub fn publish(hotkey: T::AccountId, netuid: NetUid, info: CommitmentInfo) -> DispatchResultWithPostInfo {
        let mut cost = T::Subnets::publish_cost(info.space());
        let usage = Self::check(&hotkey, netuid, &info).map_err(|error| error.with_weight(cost))?;
        let block = frame_system::Pallet::<T>::block_number();
        if info.resets_bonds() && Self::may_reset(&hotkey, netuid) {
            cost = cost.saturating_add(T::Subnets::reset_cost(netuid));
            T::Subnets::reset_bonds(netuid, &hotkey);
            LastBondsReset::<T>::insert(netuid, &hotkey, block);
        }
        UsedSpaceOf::<T>::insert(netuid, &hotkey, usage);
        CommitmentOf::<T>::insert(netuid, &hotkey, Registration { deposit: 0, block, info });
        LastCommitment::<T>::insert(netuid, &hotkey, block);
        Pallet::<T>::deposit_event(Event::Commitment { netuid, who: hotkey });
        Ok(Some(cost).into())
    }

    /// Checks everything that a commitment requires; returns the space used after it.
    pub fn check(
        hotkey: &T::AccountId,
        netuid: NetUid,
        info: &CommitmentInfo,
    ) -> Result<UsageTracker, Error<T>> {
        ensure!(T::Subnets::is_registered(netuid, hotkey), Error::<T>::AccountNotAllowedCommit);
        ensure!(!info.is_sealed(), Error::<T>::TimelockUnavailable);
        let usage = Self::usage_with(hotkey, netuid, info);
        ensure!(usage.used_space <= MaxSpace::<T>::get().into(), Error::<T>::SpaceLimitExceeded);
        Ok(usage)
    }

    /// First block from `now` on in which there is space for a commitment, as far as it is known now. `None` if it is
    /// larger than the space of an epoch, or if no other epoch comes.
    pub(crate) fn has_space_at(
        hotkey: &T::AccountId,
        netuid: NetUid,
        info: &CommitmentInfo,
        now: Block,
    ) -> Option<Block> {
        let most = u64::from(MaxSpace::<T>::get());
        if Self::usage_with(hotkey, netuid, info).used_space <= most {
            return Some(now);
        }
        if info.space() > most {
            return None;
        }
        T::Subnets::next_epoch_block(netuid)
    }

    /// Space used in this epoch after another commitment.
    fn usage_with(hotkey: &T::AccountId, netuid: NetUid, info: &CommitmentInfo) -> UsageTracker {
        let epoch = T::Subnets::epoch(netuid);
        let used = UsedSpaceOf::<T>::get(netuid, hotkey)
            .filter(|usage| usage.last_epoch == epoch)
            .map_or(0, |usage| usage.used_space);
        UsageTracker { last_epoch: epoch, used_space: used.saturating_add(info.space()) }
    }

    /// Upper bound of the cost of publishing, for any signer: a reset counts only where the subnet allows resets.
    pub fn cost(netuid: NetUid, info: &CommitmentInfo) -> Weight {
        let publishing = T::Subnets::publish_cost(info.space());
        if info.resets_bonds() && T::Subnets::allows_reset(netuid) {
            publishing.saturating_add(T::Subnets::reset_cost(netuid))
        } else {
            publishing
        }
    }

    /// All commitments of a subnet, encoded.
    pub fn statements(netuid: NetUid) -> Statements<T::AccountId> {
        CommitmentOf::<T>::iter_prefix(netuid)
            .map(|(hotkey, commitment)| (hotkey, commitment.encode()))
            .collect()
    }

    /// Sets [`MaxSpace`], within the range of the table of parameters.
    pub(crate) fn limit_space(bytes: u32) -> DispatchResult {
        const SPACE: &Parameter = row("MaxSpace");
        ensure!(SPACE.check(bytes.into(), Caller::Root).is_ok(), Error::<T>::SpaceOutOfBounds);
        MaxSpace::<T>::put(bytes);
        Ok(())
    }

    /// Removes the entries of a hotkey that lost its uid.
    pub fn forget_hotkey(netuid: NetUid, hotkey: &T::AccountId) {
        CommitmentOf::<T>::remove(netuid, hotkey);
        LastCommitment::<T>::remove(netuid, hotkey);
        LastBondsReset::<T>::remove(netuid, hotkey);
        RevealedCommitments::<T>::remove(netuid, hotkey);
        UsedSpaceOf::<T>::remove(netuid, hotkey);
    }

    /// Moves all entries of a hotkey to the one that takes its uid.
    pub fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        CommitmentOf::<T>::swap(netuid, old, netuid, new);
        LastCommitment::<T>::swap(netuid, old, netuid, new);
        LastBondsReset::<T>::swap(netuid, old, netuid, new);
        RevealedCommitments::<T>::swap(netuid, old, netuid, new);
        UsedSpaceOf::<T>::swap(netuid, old, netuid, new);
    }

    /// Whether bonds can be reset: the subnet allows it, and they have grown since the last time. Bonds grow at epochs
    /// only.
    fn may_reset(hotkey: &T::AccountId, netuid: NetUid) -> bool {
        let last: Option<Block> =
            LastBondsReset::<T>::get(netuid, hotkey).map(|block| block.saturated_into());
        T::Subnets::allows_reset(netuid)
            && last.is_none_or(|last| last < T::Subnets::last_epoch_block(netuid))
    }
}

//! Vote lock, votes and delegations of accounts; and the network's questions about vote locks.

use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::fungible::{Inspect, MutateFreeze},
};
use myelin_governance::{
    book::{self, Voted},
    Asset, Cast, Holdings, Multiplier, PollId, TrackId, VoteError, VoteLocks,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance};
use sp_runtime::SaturatedConversion;

use crate::{
    pallet::{Config, Error, Event, FreezeReason, Pallet, Voters},
    polls::PollRecords,
    store::Store,
};

/// Steps of accounts.
///
/// Invariant: the amount that is frozen on an account for [`FreezeReason::VoteLock`] is the free TAO under its vote
/// lock, between calls.
pub struct Votes<T>(PhantomData<T>);

impl<T: Config> Votes<T> {
    /// `lock`.
    pub fn lock(who: T::AccountId, asset: Asset, amount: u64) -> DispatchResult {
        let held = match asset {
            Asset::Free => T::Ledger::balance(&who),
            Asset::Stake(_) => T::Holdings::held(&who, asset),
        };
        book::lock(&mut Store::<T>::open(), &who, asset, amount, held).map_err(Error::<T>::from)?;
        let total = Self::freeze(&who, asset)?;
        Pallet::<T>::deposit_event(Event::Locked { who, asset, total });
        Ok(())
    }

    /// `unlock`.
    pub fn unlock(who: T::AccountId, asset: Asset, amount: u64) -> DispatchResult {
        book::unlock(&mut Store::<T>::open(), &who, asset, amount).map_err(Error::<T>::from)?;
        let total = Self::freeze(&who, asset)?;
        Pallet::<T>::deposit_event(Event::Unlocked { who, asset, total });
        Ok(())
    }

    /// `vote`. Returns the number of former votes that it looked at.
    pub fn vote(
        who: T::AccountId,
        poll: PollId,
        aye: bool,
        multiplier: Multiplier,
    ) -> Result<u32, DispatchError> {
        let voted = book::cast(&mut Store::<T>::open(), &who, poll, aye, multiplier);
        let Voted { cast: Cast { own, delegated, .. }, settled } = voted.map_err(Error::<T>::from)?;
        Pallet::<T>::deposit_event(Event::Voted { who, poll, aye, multiplier, own, delegated });
        Ok(settled.saturated_into())
    }

    /// `withdraw`.
    pub fn withdraw(who: T::AccountId, poll: PollId) -> DispatchResult {
        book::withdraw(&mut Store::<T>::open(), &who, poll).map_err(Error::<T>::from)?;
        Pallet::<T>::deposit_event(Event::VoteWithdrawn { who, poll });
        Ok(())
    }

    /// `delegate`.
    pub fn delegate(who: T::AccountId, track: TrackId, to: T::AccountId) -> DispatchResult {
        book::delegate(&mut Store::<T>::open(), &who, track, &to).map_err(Error::<T>::from)?;
        let ends = Voters::<T>::get(&who).delegation(track).map_or(0, |own| own.ends);
        Pallet::<T>::deposit_event(Event::Delegated { who, track, to, ends });
        Ok(())
    }

    /// `undelegate`.
    pub fn undelegate(who: T::AccountId, track: TrackId) -> DispatchResult {
        book::undelegate(&mut Store::<T>::open(), &who, track).map_err(Error::<T>::from)?;
        Pallet::<T>::deposit_event(Event::Undelegated { who, track });
        Ok(())
    }

    /// The amount of an asset under the vote lock; frozen on the ledger, if it is free TAO.
    fn freeze(who: &T::AccountId, asset: Asset) -> Result<u64, DispatchError> {
        let total = Voters::<T>::get(who).lock.amount(asset);
        if asset == Asset::Free {
            T::Ledger::set_freeze(&FreezeReason::VoteLock.into(), who, total)?;
        }
        Ok(total)
    }
}

impl<T: Config> VoteLocks<T::AccountId> for Pallet<T> {
    fn locked(who: &T::AccountId, asset: Asset) -> u64 {
        Voters::<T>::get(who).lock.amount(asset)
    }

    fn may_succeed(old: &T::AccountId, new: &T::AccountId) -> Result<(), VoteError> {
        book::may_succeed(&Store::<T>::open(), old, new)
    }

    fn succeed(old: &T::AccountId, new: &T::AccountId) {
        if book::succeed(&mut Store::<T>::open(), old, new).is_ok() {
            <Self as VoteLocks<T::AccountId>>::bind(old);
            let (old, new) = (old.clone(), new.clone());
            Self::deposit_event(Event::Succeeded { old, new });
        }
    }

    /// An account without TAO can't be frozen, and has none to bind.
    fn bind(who: &T::AccountId) {
        let _ = Votes::<T>::freeze(who, Asset::Free);
    }

    fn binds_stake(who: &T::AccountId) -> bool {
        Voters::<T>::get(who).lock.iter().any(|(asset, _)| asset != Asset::Free)
    }

    fn recounts(netuid: NetUid, who: &T::AccountId) -> u32 {
        match Self::locked(who, Asset::Stake(netuid)) {
            0 => 0,
            _ => book::recounts(&Store::<T>::open(), who, netuid).saturated_into(),
        }
    }

    fn alpha_claimed(netuid: NetUid, who: &T::AccountId) -> AlphaBalance {
        let locked = Self::locked(who, Asset::Stake(netuid));
        if locked > 0 {
            let _ = book::subnet_removed(&mut Store::<T>::open(), who, netuid);
        }
        AlphaBalance::from_rao(locked)
    }

    fn alpha_paid(who: &T::AccountId, paid: TaoBalance) {
        if book::alpha_paid(&mut Store::<T>::open(), who, paid).is_ok() {
            <Self as VoteLocks<T::AccountId>>::bind(who);
        }
    }

    fn subnet_removed(netuid: NetUid) {
        if let Some(track) = TrackId::rubrics(netuid) {
            T::Polls::cancel_queue(track);
        }
    }

    fn owner_changed(netuid: NetUid, new: &T::AccountId) {
        // An account that gave its place away has no votes.
        let _ = book::owner_changed(&mut Store::<T>::open(), netuid, new);
    }
}

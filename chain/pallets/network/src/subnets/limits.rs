//! Rate limits of actions, and permissions to change a subnet.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use frame_system::{ensure_root, pallet_prelude::*};
use myelin_economy::params::{first_block, Action, Cooldown, Pace, Parameter};
use myelin_units::{Block, NetUid};
use myelin_yuma::schedule::blocks_until_epoch;

use super::{now, SubnetRegistry};
use crate::{
    epoch::EpochClock,
    pallet::{
        AdminFreezeWindow, Config, Error, LastEpochBlock, LastRateLimitedBlock, OwnerHyperparamRateLimit,
        PendingEpochAt, Tempo, TransactionKeyLastBlock, WeightsVersionKeyRateLimit,
    },
    types::{Filing, Hyperparameter, RateLimitKey, TransactionType},
};

/// Account that asks for a change of a subnet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setter {
    /// Root: neither limits nor owner ranges apply.
    Root,
    /// The owner of the subnet.
    Owner,
}

/// Owner of [`LastRateLimitedBlock`] and [`TransactionKeyLastBlock`].
///
/// Invariant: no recorded block lies in the future.
pub struct RateLimits<T>(PhantomData<T>);

impl<T: Config> RateLimits<T> {
    /// Checks that root or the owner asks, and that the owner asks outside the freeze window.
    pub fn authorise(origin: OriginFor<T>, netuid: NetUid) -> Result<Setter, DispatchError> {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        if ensure_root(origin.clone()).is_ok() {
            return Ok(Setter::Root);
        }
        SubnetRegistry::<T>::authorise_owner(origin, netuid)?;
        Self::ensure_outside_freeze(netuid)?;
        Ok(Setter::Owner)
    }

    /// [`Self::authorise`], and that the owner's last change of this hyperparameter is long enough ago.
    pub fn authorise_change(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: Hyperparameter,
    ) -> Result<Setter, DispatchError> {
        let setter = Self::authorise(origin, netuid)?;
        if setter == Setter::Owner {
            let wait = Cooldown::OwnerTempos.blocks(&Self::pace(netuid));
            Self::ensure_waited(Self::last(&RateLimitKey::OwnerHyperparamUpdate(netuid, parameter)), wait)?;
        }
        Ok(setter)
    }

    /// Starts the wait after an owner's change. Root's changes start none.
    pub fn record_change(setter: Setter, netuid: NetUid, parameter: Hyperparameter) {
        if setter == Setter::Owner {
            Self::record(&RateLimitKey::OwnerHyperparamUpdate(netuid, parameter));
        }
    }

    /// [`Self::authorise`], and that the owner's last action of this kind is at least `wait` blocks ago.
    pub fn authorise_action(
        origin: OriginFor<T>,
        netuid: NetUid,
        action: TransactionType,
        wait: Block,
    ) -> Result<Setter, DispatchError> {
        let setter = Self::authorise(origin, netuid)?;
        if setter == Setter::Owner {
            Self::ensure_waited(Self::last_action(netuid, action), wait)?;
        }
        Ok(setter)
    }

    /// Starts the wait after an owner's action. Root's actions start none.
    pub fn record_action(setter: Setter, netuid: NetUid, action: TransactionType) {
        if setter == Setter::Owner {
            let owner = SubnetRegistry::<T>::owner(netuid);
            TransactionKeyLastBlock::<T>::insert((owner, netuid, action.key()), now::<T>());
        }
    }

    /// Checks that the caller may use the parameter's call, and that an owner's last change is long enough ago.
    pub fn authorise_parameter(
        origin: OriginFor<T>,
        netuid: NetUid,
        parameter: &Parameter,
    ) -> Result<Setter, DispatchError> {
        if !parameter.shared {
            ensure_root(origin)?;
            SubnetRegistry::<T>::ensure_exists(netuid)?;
            return Ok(Setter::Root);
        }
        let setter = Self::authorise(origin, netuid)?;
        if setter == Setter::Owner {
            Self::ensure_may_change(netuid, parameter)?;
        }
        Ok(setter)
    }

    /// Refuses the owner before its last change of a parameter is long enough ago.
    pub fn ensure_may_change(netuid: NetUid, parameter: &Parameter) -> DispatchResult {
        ensure!(now::<T>() >= Self::may_change_at(netuid, parameter), Error::<T>::TxRateLimitExceeded);
        Ok(())
    }

    /// First block in which the owner's last change of a parameter is long enough ago; 0 if it never changed it.
    pub fn may_change_at(netuid: NetUid, parameter: &Parameter) -> Block {
        let wait = parameter.cooldown.blocks(&Self::pace(netuid));
        first_block(Self::last_change(netuid, parameter), wait)
    }

    /// Starts the wait after an owner's change of a parameter. Root's changes start none.
    pub fn record_parameter(setter: Setter, netuid: NetUid, parameter: &Parameter) {
        match Filing::of(parameter) {
            Some(Filing::Hyperparameter(key)) => Self::record_change(setter, netuid, key),
            Some(Filing::Action(action)) => Self::record_action(setter, netuid, action),
            None => {}
        }
    }

    /// First block in which neither a cool-down nor the freeze window keeps the owner from changing a parameter; `None`
    /// if none is known.
    pub fn owner_may_change_at(netuid: NetUid, parameter: &Parameter) -> Option<Block> {
        Self::owner_may_act_at(netuid, Self::may_change_at(netuid, parameter))
    }

    /// First block from `from` on in which the freeze window does not keep the owner from acting.
    pub fn owner_may_act_at(netuid: NetUid, from: Block) -> Option<Block> {
        EpochClock::<T>::first_calm_block(netuid, now::<T>(), from)
    }

    /// First block in which an action of the owner is long enough after the last one of its kind.
    pub fn may_repeat_at(netuid: NetUid, key: TransactionType, action: &Action) -> Block {
        first_block(Self::last_action(netuid, key), action.cooldown.blocks(&Self::pace(netuid)))
    }

    /// Block of the owner's last change of a parameter; 0 = never.
    fn last_change(netuid: NetUid, parameter: &Parameter) -> Block {
        match Filing::of(parameter) {
            Some(Filing::Hyperparameter(key)) => {
                Self::last(&RateLimitKey::OwnerHyperparamUpdate(netuid, key))
            }
            Some(Filing::Action(action)) => Self::last_action(netuid, action),
            None => 0,
        }
    }

    /// Block of the owner's last action of a kind; 0 = never.
    pub fn last_action(netuid: NetUid, action: TransactionType) -> Block {
        TransactionKeyLastBlock::<T>::get((SubnetRegistry::<T>::owner(netuid), netuid, action.key()))
    }

    /// Numbers from which the cool-downs of a subnet's owner are computed.
    pub fn pace(netuid: NetUid) -> Pace {
        Pace {
            tempo: Tempo::<T>::get(netuid),
            owner_tempos: OwnerHyperparamRateLimit::<T>::get(),
            version_key_tempos: WeightsVersionKeyRateLimit::<T>::get(),
            profile: SubnetRegistry::<T>::profile(),
        }
    }

    /// First block in which an action of a hotkey on a subnet is at least `wait` blocks after the last one of its kind.
    pub fn hotkey_may_at(
        hotkey: &T::AccountId,
        netuid: NetUid,
        action: TransactionType,
        wait: Block,
    ) -> Block {
        first_block(TransactionKeyLastBlock::<T>::get((hotkey, netuid, action.key())), wait)
    }

    /// Starts the wait after an action of a hotkey.
    pub(crate) fn record_hotkey_action(hotkey: &T::AccountId, netuid: NetUid, action: TransactionType) {
        TransactionKeyLastBlock::<T>::insert((hotkey, netuid, action.key()), now::<T>());
    }

    /// Transfers the waits of an old hotkey on a subnet to a new one.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        for action in [TransactionType::SetChildren, TransactionType::SetChildkeyTake] {
            let last = TransactionKeyLastBlock::<T>::take((old, netuid, action.key()));
            if last > 0 {
                TransactionKeyLastBlock::<T>::mutate((new, netuid, action.key()), |own| {
                    *own = last.max(*own)
                });
            }
        }
    }

    /// Files the last action of one key under another that has acted less recently.
    pub(crate) fn adopt(from: &RateLimitKey<T::AccountId>, to: &RateLimitKey<T::AccountId>) {
        let last = Self::last(from);
        if last > Self::last(to) {
            LastRateLimitedBlock::<T>::insert(to, last);
        }
    }

    /// Removes the last action.
    pub(crate) fn forget(key: &RateLimitKey<T::AccountId>) {
        LastRateLimitedBlock::<T>::remove(key);
    }

    /// Block of the last action; 0 = never.
    pub fn last(key: &RateLimitKey<T::AccountId>) -> Block {
        LastRateLimitedBlock::<T>::get(key)
    }

    /// Records that the action happened now.
    pub(crate) fn record(key: &RateLimitKey<T::AccountId>) {
        LastRateLimitedBlock::<T>::insert(key, now::<T>());
    }

    /// Whether `wait` blocks passed since `last`; an action that never happened need not wait.
    pub fn has_waited(last: Block, wait: Block) -> bool {
        now::<T>() >= first_block(last, wait)
    }

    /// Refuses owners while a triggered epoch is pending and during the last `AdminFreezeWindow` blocks before an
    /// epoch.
    pub fn ensure_outside_freeze(netuid: NetUid) -> DispatchResult {
        let frozen = Self::blocks_until_epoch(netuid) < u64::from(AdminFreezeWindow::<T>::get());
        let triggered = PendingEpochAt::<T>::get(netuid) != 0;
        ensure!(!frozen && !triggered, Error::<T>::AdminActionProhibitedDuringWeightsWindow);
        Ok(())
    }

    /// Blocks until the epoch that the tempo brings; the largest number while the subnet has no tempo.
    pub fn blocks_until_epoch(netuid: NetUid) -> Block {
        blocks_until_epoch(LastEpochBlock::<T>::get(netuid), Tempo::<T>::get(netuid), now::<T>())
    }

    fn ensure_waited(last: Block, wait: Block) -> DispatchResult {
        ensure!(Self::has_waited(last, wait), Error::<T>::TxRateLimitExceeded);
        Ok(())
    }
}

//! How often something may be done, and who may change what.

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use frame_system::{ensure_root, pallet_prelude::*};
use myelin_units::{Block, NetUid};
use myelin_yuma::schedule::blocks_until_epoch;

use super::{now, SubnetRegistry};
use crate::{
    pallet::{
        AdminFreezeWindow, Config, Error, LastEpochBlock, LastRateLimitedBlock, OwnerHyperparamRateLimit,
        PendingEpochAt, Tempo, TransactionKeyLastBlock,
    },
    types::{Hyperparameter, RateLimitKey, TransactionType},
};

/// Who asks for a change of a subnet.
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
            let tempos = u64::from(OwnerHyperparamRateLimit::<T>::get());
            let wait = tempos.saturating_mul(u64::from(Tempo::<T>::get(netuid)));
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
            let owner = SubnetRegistry::<T>::owner(netuid);
            Self::ensure_waited(TransactionKeyLastBlock::<T>::get((owner, netuid, action.key())), wait)?;
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

    /// Block of the last action; 0 = never.
    pub fn last(key: &RateLimitKey<T::AccountId>) -> Block {
        LastRateLimitedBlock::<T>::get(key)
    }

    /// Notes that the action happened now.
    pub(crate) fn record(key: &RateLimitKey<T::AccountId>) {
        LastRateLimitedBlock::<T>::insert(key, now::<T>());
    }

    /// Whether `wait` blocks passed since `last`; an action that never happened need not wait.
    pub fn has_waited(last: Block, wait: Block) -> bool {
        last == 0 || now::<T>().saturating_sub(last) >= wait
    }

    /// Refuses owners while a triggered epoch is pending and during the last `AdminFreezeWindow` blocks before an epoch.
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

//! Subnets: their existence, owners and settings.

pub(crate) mod genesis;
pub mod hyperparameters;
pub mod limits;
pub mod network_settings;
mod owner_calls;
mod register;
mod rubrics;
pub mod split;
pub(crate) mod storage;
pub mod symbols;

use core::marker::PhantomData;

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use frame_system::pallet_prelude::*;
use myelin_economy::profile::Profile;
use myelin_governance::VoteLocks;
use myelin_units::{Block, MechId, NetUid, ROOT};
use sp_runtime::SaturatedConversion;

use crate::{
    locks::Locks,
    pallet::{
        ChainProfile, Config, Error, Event, FirstEmissionBlockNumber, MechanismCountCurrent,
        NetworkRegisteredAt, NetworksAdded, Pallet, SubnetOwner, SubnetOwnerHotkey, SubtokenEnabled,
        TotalNetworks,
    },
};

pub use hyperparameters::Hyperparameters;
pub use limits::{RateLimits, Setter};
pub use network_settings::NetworkSettings;
pub use rubrics::Rubrics;
pub use split::EmissionSplits;

/// Owner of the existence of subnets and of their immutable facts: [`NetworksAdded`], [`NetworkRegisteredAt`],
/// [`SubnetOwner`], [`SubnetOwnerHotkey`], `SubnetLocked`, `TokenSymbol`, [`FirstEmissionBlockNumber`],
/// [`SubtokenEnabled`], lock costs and counters.
///
/// Invariants: `TotalNetworks` counts `NetworksAdded`; a subnet's owner hotkey has a uid on it.
pub struct SubnetRegistry<T>(PhantomData<T>);

/// The current block.
pub fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

impl<T: Config> SubnetRegistry<T> {
    /// Pace of the chain.
    pub fn profile() -> Profile {
        ChainProfile::<T>::get().into()
    }

    /// Whether the subnet exists.
    pub fn exists(netuid: NetUid) -> bool {
        NetworksAdded::<T>::get(netuid)
    }

    /// Refuses a subnet that does not exist.
    pub fn ensure_exists(netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(Self::exists(netuid), Error::<T>::SubnetNotExists);
        Ok(())
    }

    /// All subnets, root included, in the order of the protocol: that of the little-endian bytes of their numbers.
    pub fn netuids() -> Vec<NetUid> {
        let mut netuids: Vec<_> =
            NetworksAdded::<T>::iter().filter_map(|(netuid, added)| added.then_some(netuid)).collect();
        netuids.sort_unstable_by_key(|netuid| netuid.to_le_bytes());
        netuids
    }

    /// All subnets but root, in the order of the protocol.
    pub fn user_netuids() -> Vec<NetUid> {
        Self::netuids().into_iter().filter(|&netuid| netuid != ROOT).collect()
    }

    /// Number of subnets besides root.
    pub fn user_count() -> u16 {
        TotalNetworks::<T>::get().saturating_sub(1)
    }

    /// The coldkey that owns the subnet.
    pub fn owner(netuid: NetUid) -> T::AccountId {
        SubnetOwner::<T>::get(netuid)
    }

    /// The hotkey of the owner, if one was set.
    pub fn owner_hotkey(netuid: NetUid) -> Option<T::AccountId> {
        SubnetOwnerHotkey::<T>::try_get(netuid).ok()
    }

    /// Makes a coldkey the owner of a subnet, and a hotkey the owner's.
    pub(crate) fn change_owner(netuid: NetUid, coldkey: T::AccountId, hotkey: T::AccountId) {
        let old_coldkey = Self::owner(netuid);
        Self::replace_owner_hotkey(netuid, &hotkey);
        SubnetOwner::<T>::insert(netuid, &coldkey);
        T::VoteLocks::owner_changed(netuid, &coldkey);
        Pallet::<T>::deposit_event(Event::SubnetOwnerChanged { netuid, old_coldkey, new_coldkey: coldkey });
    }

    /// Makes another hotkey the owner's; locks in its favour convince at once from the next block on.
    pub(crate) fn replace_owner_hotkey(netuid: NetUid, hotkey: &T::AccountId) {
        Locks::<T>::owner_hotkey_changes(netuid, Self::owner_hotkey(netuid).as_ref(), hotkey);
        SubnetOwnerHotkey::<T>::insert(netuid, hotkey);
    }

    /// Refuses all callers but the owner.
    pub fn ensure_owner(coldkey: &T::AccountId, netuid: NetUid) -> Result<(), Error<T>> {
        ensure!(SubnetOwner::<T>::try_get(netuid).as_ref() == Ok(coldkey), Error::<T>::NotSubnetOwner);
        Ok(())
    }

    /// Checks that the origin is the owner of the subnet and returns the owner.
    pub fn authorise_owner(origin: OriginFor<T>, netuid: NetUid) -> Result<T::AccountId, DispatchError> {
        let coldkey = frame_system::ensure_signed(origin)?;
        Self::ensure_exists(netuid)?;
        Self::ensure_owner(&coldkey, netuid)?;
        Ok(coldkey)
    }

    /// Whether the subnet was started: its alpha is traded and paid.
    pub fn is_started(netuid: NetUid) -> bool {
        FirstEmissionBlockNumber::<T>::contains_key(netuid)
    }

    /// Refuses trade on a subnet that was not started.
    pub fn ensure_tradable(netuid: NetUid) -> Result<(), Error<T>> {
        Self::ensure_exists(netuid)?;
        ensure!(SubtokenEnabled::<T>::get(netuid), Error::<T>::SubtokenDisabled);
        Ok(())
    }

    /// Block at which the subnet was registered.
    pub fn registered_at(netuid: NetUid) -> Block {
        NetworkRegisteredAt::<T>::get(netuid)
    }

    /// Number of mechanisms of the subnet.
    pub fn mechanism_count(netuid: NetUid) -> MechId {
        MechanismCountCurrent::<T>::get(netuid)
    }
}

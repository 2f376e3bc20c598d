//! Descriptions that coldkeys and subnet owners publish of themselves.

pub(crate) mod storage;

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_abi::{ChainIdentityV2, SubnetIdentityV3};
use myelin_units::NetUid;

use crate::{
    keys::KeyOwnership,
    pallet::{Config, Error, Event, IdentitiesV2, OwnedHotkeys, Pallet, SubnetIdentitiesV3},
    stake::StakeLedger,
    subnets::SubnetRegistry,
};

/// Longest name, Discord handle and the like, in bytes.
const MAX_SHORT: usize = 256;
/// Longest address or description, in bytes.
const MAX_LONG: usize = 1_024;
/// Hotkeys of a coldkey that are searched for one with a uid.
const MAX_HOTKEYS_SEARCHED: usize = 256;

/// Owner of [`IdentitiesV2`] and [`SubnetIdentitiesV3`].
///
/// Invariant: every stored field is within its limit.
pub struct Identities<T>(PhantomData<T>);

impl<T: Config> Identities<T> {
    /// The identity of a coldkey.
    pub fn of(coldkey: &T::AccountId) -> Option<ChainIdentityV2> {
        IdentitiesV2::<T>::get(coldkey)
    }

    /// The identity of a subnet.
    pub fn of_subnet(netuid: NetUid) -> Option<SubnetIdentityV3> {
        SubnetIdentitiesV3::<T>::get(netuid)
    }

    /// `set_identity`: replaces the identity of a coldkey that has a hotkey on some subnet.
    pub fn publish(coldkey: T::AccountId, identity: ChainIdentityV2) -> DispatchResult {
        let owned = OwnedHotkeys::<T>::get(&coldkey);
        let works = owned.iter().take(MAX_HOTKEYS_SEARCHED).any(StakeLedger::<T>::is_member_anywhere);
        ensure!(works, Error::<T>::HotKeyNotRegisteredInNetwork);
        ensure!(chain_identity_fits(&identity), Error::<T>::InvalidIdentity);
        IdentitiesV2::<T>::insert(&coldkey, identity);
        Pallet::<T>::deposit_event(Event::ChainIdentitySet(coldkey));
        Ok(())
    }

    /// `set_subnet_identity`: replaces the identity of a subnet on behalf of its owner.
    pub fn publish_subnet(
        coldkey: T::AccountId,
        netuid: NetUid,
        identity: SubnetIdentityV3,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        SubnetRegistry::<T>::ensure_owner(&coldkey, netuid)?;
        Self::ensure_valid(&identity)?;
        Self::store_subnet(netuid, identity);
        Ok(())
    }

    /// Refuses an identity with a field that is too long.
    pub(crate) fn ensure_valid(identity: &SubnetIdentityV3) -> DispatchResult {
        ensure!(subnet_identity_fits(identity), Error::<T>::InvalidIdentity);
        Ok(())
    }

    /// Stores a validated identity.
    pub(crate) fn store_subnet(netuid: NetUid, identity: SubnetIdentityV3) {
        SubnetIdentitiesV3::<T>::insert(netuid, identity);
        Pallet::<T>::deposit_event(Event::SubnetIdentitySet(netuid));
    }

    /// The identity of the owner of a hotkey.
    pub fn behind(hotkey: &T::AccountId) -> Option<ChainIdentityV2> {
        KeyOwnership::<T>::owner_of(hotkey).and_then(|coldkey| Self::of(&coldkey))
    }
}

fn chain_identity_fits(identity: &ChainIdentityV2) -> bool {
    let ChainIdentityV2 { name, url, github_repo, image, discord, description, additional } = identity;
    [name, url, github_repo, discord].iter().all(|field| field.len() <= MAX_SHORT)
        && [image, description, additional].iter().all(|field| field.len() <= MAX_LONG)
}

fn subnet_identity_fits(identity: &SubnetIdentityV3) -> bool {
    let SubnetIdentityV3 {
        subnet_name,
        github_repo,
        subnet_contact,
        subnet_url,
        discord,
        description,
        logo_url,
        additional,
    } = identity;
    [subnet_name, discord].iter().all(|field| field.len() <= MAX_SHORT)
        && [github_repo, subnet_contact, subnet_url, description, logo_url, additional]
            .iter()
            .all(|field| field.len() <= MAX_LONG)
}

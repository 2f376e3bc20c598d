//! Neurons: who has which uid, what a registration costs, and who gives way.

mod price;
mod registration;
mod root;
mod trim;
mod uids;

use core::marker::PhantomData;

use alloc::vec::Vec;
use frame_support::traits::Get;
use myelin_units::{Block, NetUid, Uid};

use crate::{
    defaults::NoAccount,
    entries::Entries,
    pallet::{BlockAtRegistration, Config, Keys, SubnetworkN, Uids},
};

pub use registration::PriceLimit;

/// Owner of [`SubnetworkN`], [`Uids`], [`Keys`], [`BlockAtRegistration`], `IsNetworkMember`, registration prices and counters.
///
/// Invariants: uids are dense below `SubnetworkN`; `Keys` and `Uids` mirror each other; every vector by uid has `SubnetworkN`
/// entries, or none before the first epoch that fills it.
pub struct NeuronRegistry<T>(PhantomData<T>);

impl<T: Config> NeuronRegistry<T> {
    /// Number of neurons.
    pub fn count(netuid: NetUid) -> u16 {
        SubnetworkN::<T>::get(netuid)
    }

    /// Uid of a hotkey on a subnet.
    pub fn uid_of(netuid: NetUid, hotkey: &T::AccountId) -> Option<Uid> {
        Uids::<T>::get(netuid, hotkey)
    }

    /// Whether a hotkey has a uid on a subnet.
    pub fn is_registered(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        Uids::<T>::contains_key(netuid, hotkey)
    }

    /// Hotkey of a uid.
    pub fn hotkey_of(netuid: NetUid, uid: Uid) -> Option<T::AccountId> {
        Keys::<T>::try_get(netuid, uid).ok()
    }

    /// All hotkeys of a subnet by uid.
    pub fn hotkeys(netuid: NetUid) -> Vec<T::AccountId> {
        let hotkeys = Entries::<Keys<T>, _>::new().by_uid(netuid, Self::count(netuid));
        hotkeys.map(|hotkey| hotkey.unwrap_or_else(<NoAccount as Get<_>>::get)).collect()
    }

    /// Whether all uids have hotkeys and no two the same; epochs of other subnets are skipped.
    pub fn is_consistent(netuid: NetUid) -> bool {
        let hotkeys = Entries::<Keys<T>, T::AccountId>::new().by_uid(netuid, Self::count(netuid));
        let mut hotkeys: Vec<_> = hotkeys.collect();
        hotkeys.sort_unstable();
        hotkeys.first().is_none_or(Option::is_some)
            && hotkeys.windows(2).all(|pair| pair.first() != pair.last())
    }

    /// Blocks at which the uids got their hotkeys.
    pub fn registrations(netuid: NetUid) -> Vec<Block> {
        let blocks = Entries::<BlockAtRegistration<T>, Block>::new().by_uid(netuid, Self::count(netuid));
        blocks.map(Option::unwrap_or_default).collect()
    }

    /// Block at which a uid got its hotkey.
    pub fn registered_at(netuid: NetUid, uid: Uid) -> Block {
        BlockAtRegistration::<T>::get(netuid, uid)
    }

    /// The uid of the subnet's owner hotkey, if it is set and registered.
    pub fn owner_uid(netuid: NetUid) -> Option<Uid> {
        let hotkey = crate::subnets::SubnetRegistry::<T>::owner_hotkey(netuid)?;
        Self::uid_of(netuid, &hotkey)
    }
}

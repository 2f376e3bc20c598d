//! Neurons: their uids, the price of a registration, and the choice of the neuron that gives way.

mod price;
mod registration;
mod root;
mod roster;
pub(crate) mod storage;
mod trim;
mod uids;

use core::marker::PhantomData;

use alloc::vec::Vec;

use myelin_units::{Block, NetUid, Uid};

use crate::pallet::{BlockAtRegistration, Config, Keys, SubnetworkN, Uids};

pub use registration::PriceLimit;
pub use roster::Seat;
pub(crate) use uids::set_at;

/// Owner of [`SubnetworkN`], [`Uids`], [`Keys`], [`BlockAtRegistration`], `IsNetworkMember`, `SubnetRoster`,
/// registration prices and counters.
///
/// Invariants: uids are dense below `SubnetworkN`; `Keys` and `Uids` mirror each other, and the roster repeats them;
/// every vector by uid has `SubnetworkN` entries, or none before the first epoch that fills it.
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
        Self::roster(netuid).into_iter().map(|seat| seat.hotkey).collect()
    }

    /// Whether all uids have hotkeys and no two the same; epochs of other subnets are skipped.
    pub fn is_consistent(netuid: NetUid) -> bool {
        let seats = Self::roster(netuid);
        let mut hotkeys: Vec<_> = seats.iter().map(|seat| &seat.hotkey).collect();
        hotkeys.sort_unstable();
        hotkeys.len() == usize::from(Self::count(netuid))
            && hotkeys.windows(2).all(|pair| pair.first() != pair.last())
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

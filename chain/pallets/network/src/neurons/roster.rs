//! The roster: what an epoch asks about every neuron, side by side in one row of its subnet.
//!
//! The first look at a key of a new state is a walk through its trie, and an epoch asks half a dozen things about each of hundreds of
//! neurons. The items that clients read hold the truth and stay as they are; the roster repeats a part of it. Whoever writes one of those
//! items notes it here: uids in this folder, links of families in `Delegation`, bonds in `epoch::apply`. The owner of a hotkey with a
//! uid does not change. `invariants::neurons::rosters_repeat_what_is_so` compares the two.

use alloc::vec::Vec;

use codec::{Decode, Encode};
use myelin_economy::registration::Renumbering;
use myelin_units::{storage_index, Block, MechId, NetUid, Uid};
use scale_info::TypeInfo;

use super::NeuronRegistry;
use crate::{
    keys::KeyOwnership,
    pallet::{BlockAtRegistration, Bonds, ChildKeys, Config, Keys, ParentKeys, SubnetRoster, SubnetworkN},
    subnets::SubnetRegistry,
};

/// A neuron as the roster knows it.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct Seat<AccountId> {
    /// Its hotkey.
    pub hotkey: AccountId,
    /// The coldkey that owns the hotkey, or the zero account.
    pub owner: AccountId,
    /// Block at which the hotkey got its uid.
    pub registered: Block,
    /// Whether the hotkey has children on the subnet.
    pub lends: bool,
    /// Whether the hotkey has parents on the subnet.
    pub borrows: bool,
    /// Whether the uid may have bonds on some mechanism. One that may not has none.
    pub bonded: bool,
}

impl<T: Config> NeuronRegistry<T> {
    /// Every neuron by uid.
    pub fn roster(netuid: NetUid) -> Vec<Seat<T::AccountId>> {
        SubnetRoster::<T>::get(netuid)
    }

    /// The roster as the items say it that it repeats.
    pub fn surveyed(netuid: NetUid) -> Vec<Seat<T::AccountId>> {
        let count = SubnetworkN::<T>::get(netuid);
        let mechanisms = SubnetRegistry::<T>::mechanism_count(netuid);
        let has_bonds = |mecid: MechId, uid| !Bonds::<T>::get(storage_index(netuid, mecid), uid).is_empty();
        let seat = |uid: Uid| {
            let bonded = (0..mechanisms).any(|mecid| has_bonds(mecid, uid));
            let registered = BlockAtRegistration::<T>::get(netuid, uid);
            Seat { bonded, ..Self::newcomer(netuid, Keys::<T>::get(netuid, uid), registered) }
        };
        (0..count).map(seat).collect()
    }

    /// Writes the roster of a subnet that has none, and says how many neurons it has.
    pub(crate) fn write_roster(netuid: NetUid) -> usize {
        let roster = Self::surveyed(netuid);
        SubnetRoster::<T>::insert(netuid, &roster);
        roster.len()
    }

    /// Notes that a hotkey took a uid, the first free one or that of another. What earlier ones left behind is gone.
    pub(super) fn note_seat(netuid: NetUid, uid: Uid, hotkey: &T::AccountId, registered: Block) {
        let newcomer = Self::newcomer(netuid, hotkey.clone(), registered);
        SubnetRoster::<T>::mutate(netuid, |seats| match seats.get_mut(usize::from(uid)) {
            Some(seat) => *seat = newcomer,
            None => seats.push(newcomer),
        });
    }

    /// Notes that a neuron has another hotkey.
    pub(super) fn note_successor(netuid: NetUid, uid: Uid, hotkey: &T::AccountId) {
        SubnetRoster::<T>::mutate(netuid, |seats| {
            if let Some(seat) = seats.get_mut(usize::from(uid)) {
                let bonded = seat.bonded;
                *seat = Seat { bonded, ..Self::newcomer(netuid, hotkey.clone(), seat.registered) };
            }
        });
    }

    /// Notes that some neurons are gone and the others moved up.
    pub(super) fn note_renumbering(netuid: NetUid, uids: &Renumbering) {
        SubnetRoster::<T>::mutate(netuid, |seats| *seats = uids.entries(seats));
    }

    /// Notes whether a hotkey has children, if it has a uid.
    pub(crate) fn note_children(netuid: NetUid, hotkey: &T::AccountId, lends: bool) {
        Self::note(netuid, hotkey, |seat| core::mem::replace(&mut seat.lends, lends) != lends);
    }

    /// Notes whether a hotkey has parents, if it has a uid.
    pub(crate) fn note_parents(netuid: NetUid, hotkey: &T::AccountId, borrows: bool) {
        Self::note(netuid, hotkey, |seat| core::mem::replace(&mut seat.borrows, borrows) != borrows);
    }

    /// Notes that these neurons have bonds.
    pub(crate) fn note_bonds(netuid: NetUid, uids: &[Uid]) {
        if uids.is_empty() {
            return;
        }
        SubnetRoster::<T>::mutate(netuid, |seats| {
            for uid in uids {
                if let Some(seat) = seats.get_mut(usize::from(*uid)) {
                    seat.bonded = true;
                }
            }
        });
    }

    /// Lets `change` change the seat of a hotkey and say whether it did.
    fn note(netuid: NetUid, hotkey: &T::AccountId, change: impl FnOnce(&mut Seat<T::AccountId>) -> bool) {
        let Some(uid) = Self::uid_of(netuid, hotkey) else { return };
        let mut seats = Self::roster(netuid);
        if seats.get_mut(usize::from(uid)).is_some_and(change) {
            SubnetRoster::<T>::insert(netuid, seats);
        }
    }

    /// A hotkey on a uid without bonds.
    fn newcomer(netuid: NetUid, hotkey: T::AccountId, registered: Block) -> Seat<T::AccountId> {
        Seat {
            owner: KeyOwnership::<T>::owner_or_nobody(&hotkey),
            lends: ChildKeys::<T>::contains_key(&hotkey, netuid),
            borrows: ParentKeys::<T>::contains_key(&hotkey, netuid),
            hotkey,
            registered,
            bonded: false,
        }
    }
}

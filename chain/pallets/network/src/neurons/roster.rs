//! The roster: the facts about every neuron that an epoch reads, side by side in one row of its subnet.
//!
//! The first look at a key of a new state is a walk through its trie, and an epoch reads half a dozen facts about each
//! of hundreds of neurons. The items that clients read stay authoritative; the roster repeats a part of them. Code that
//! writes one of those items updates the roster: uids in this folder, links of families in `Delegation`, bonds in
//! `epoch::apply`. The owner of a hotkey with a uid does not change. `invariants::neurons::rosters_repeat_what_is_so`
//! compares the two.

use alloc::{collections::BTreeSet, vec::Vec};

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

/// A row of the roster.
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
    /// Whether the uid may have bonds on some mechanism; if false it has none.
    pub bonded: bool,
}

impl<T: Config> NeuronRegistry<T> {
    /// Every neuron by uid.
    pub fn roster(netuid: NetUid) -> Vec<Seat<T::AccountId>> {
        SubnetRoster::<T>::get(netuid)
    }

    /// The roster rebuilt from the items that it repeats.
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

    /// Rebuilds the whole roster of a subnet from the items that it repeats, and returns the number of neurons.
    pub(crate) fn write_roster(netuid: NetUid) -> usize {
        let roster = Self::surveyed(netuid);
        SubnetRoster::<T>::insert(netuid, &roster);
        roster.len()
    }

    /// Records that a hotkey took a uid, the first free one or that of another. Entries of its predecessors are gone.
    pub(super) fn note_seat(netuid: NetUid, uid: Uid, hotkey: &T::AccountId, registered: Block) {
        let newcomer = Self::newcomer(netuid, hotkey.clone(), registered);
        let (mut seats, place) = (Self::roster(netuid), usize::from(uid));
        if let Some(seat) = seats.get_mut(place) {
            *seat = newcomer;
        } else if seats.len() == place {
            seats.push(newcomer);
        } else {
            // A row that lacks an earlier neuron is incomplete and is rebuilt.
            Self::write_roster(netuid);
            return;
        }
        SubnetRoster::<T>::insert(netuid, seats);
    }

    /// Records another hotkey of a neuron.
    pub(super) fn note_successor(netuid: NetUid, uid: Uid, hotkey: &T::AccountId) {
        SubnetRoster::<T>::mutate(netuid, |seats| {
            if let Some(seat) = seats.get_mut(usize::from(uid)) {
                let bonded = seat.bonded;
                *seat = Seat { bonded, ..Self::newcomer(netuid, hotkey.clone(), seat.registered) };
            }
        });
    }

    /// Records that some neurons are gone and the others moved up.
    pub(super) fn note_renumbering(netuid: NetUid, uids: &Renumbering) {
        SubnetRoster::<T>::mutate(netuid, |seats| *seats = uids.entries(seats));
    }

    /// Records which of these hotkeys have children or parents, as far as they have a uid. A call that changes many
    /// links names all hotkeys at once, since the roster is read and written whole.
    pub(crate) fn note_kin<'a>(netuid: NetUid, hotkeys: impl IntoIterator<Item = &'a T::AccountId>) {
        let seated = hotkeys.into_iter().filter_map(|hotkey| Self::uid_of(netuid, hotkey));
        let uids: BTreeSet<_> = seated.collect();
        if uids.is_empty() {
            return;
        }
        let mut seats = Self::roster(netuid);
        let mut has_changed = false;
        for uid in uids {
            let Some(seat) = seats.get_mut(usize::from(uid)) else { continue };
            let lends = ChildKeys::<T>::contains_key(&seat.hotkey, netuid);
            let borrows = ParentKeys::<T>::contains_key(&seat.hotkey, netuid);
            has_changed |= (seat.lends, seat.borrows) != (lends, borrows);
            (seat.lends, seat.borrows) = (lends, borrows);
        }
        if has_changed {
            SubnetRoster::<T>::insert(netuid, seats);
        }
    }

    /// Records that these neurons have bonds.
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

//! Ownership by conviction: the hotkey in whose favour the most conviction has grown takes over an old subnet.
//!
//! The rule is looked at when the subnet's epoch slot drains. Its count of all hotkeys with locks goes by pages: the first in the block of the
//! drain, further ones in the following blocks, every conviction as of the block of the drain. Up to [`PAGE`] hotkeys, which is the usual
//! case, the answer comes at once.

use core::marker::PhantomData;

use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_support::pallet_prelude::*;
use myelin_economy::conviction::{can_change_hands, Tally};
use myelin_units::{Block, NetUid, U64F64};
use scale_info::TypeInfo;

use super::Locks;
use crate::{
    costs,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::{Config, DecayingHotkeyLock, HotkeyLock, SubnetAlphaOut, TakeoverCounts},
    subnets::{now, SubnetRegistry},
};

/// Most hotkeys that one block counts.
pub const PAGE: u32 = 32;

/// A count of convictions that is not finished.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct ConvictionCount<AccountId> {
    /// Convictions are those of this block.
    pub as_of: Block,
    /// What was counted.
    pub tally: Tally<AccountId>,
    /// Where the count goes on.
    pub next: CountPlace<AccountId>,
}

/// Where a count of convictions is: it goes through the sums of perpetual locks and then through those of decaying ones, in the order of
/// storage. Each place names the hotkey that was looked at last.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum CountPlace<AccountId> {
    /// Among hotkeys with perpetual locks.
    Perpetual(Option<AccountId>),
    /// Among hotkeys with decaying locks; those with both were counted.
    Decaying(Option<AccountId>),
    /// At the end.
    Done,
}

/// Owner of [`TakeoverCounts`].
///
/// Invariant: a count belongs to a subnet that exists.
pub struct Takeover<T>(PhantomData<T>);

impl<T: Config> Takeover<T> {
    /// Looks at the rule for a subnet whose epoch slot drains, and says what that cost.
    pub(crate) fn evaluate(netuid: NetUid) -> Weight {
        let alpha_out = SubnetAlphaOut::<T>::get(netuid);
        let old_enough = can_change_hands(alpha_out, SubnetRegistry::<T>::registered_at(netuid), now::<T>());
        if old_enough && !TakeoverCounts::<T>::contains_key(netuid) {
            return Self::go_on(netuid, Self::begin(netuid));
        }
        T::DbWeight::get().reads(3)
    }

    /// Counts a page for a subnet whose count is not finished, and says what that cost.
    pub(crate) fn count_on() -> Weight {
        match TakeoverCounts::<T>::iter().next() {
            Some((netuid, count)) if SubnetRegistry::<T>::exists(netuid) => Self::go_on(netuid, count),
            Some((netuid, _)) => {
                TakeoverCounts::<T>::remove(netuid);
                T::DbWeight::get().reads_writes(2, 1)
            }
            None => T::DbWeight::get().reads(1),
        }
    }

    /// The hotkey with the largest conviction on a subnet. It reads all sums, so it is for queries.
    pub fn leader(netuid: NetUid) -> Option<T::AccountId> {
        let mut count = Self::begin(netuid);
        while count.next != CountPlace::Done {
            Self::count_page(netuid, &mut count);
        }
        count.tally.leader.filter(|(conviction, _)| !conviction.is_zero()).map(|(_, hotkey)| hotkey)
    }

    /// A new count, with the hotkey that stands for the owner: its sums are kept apart.
    fn begin(netuid: NetUid) -> ConvictionCount<T::AccountId> {
        let mut tally = Tally::default();
        if let Some(owner) = SubnetRegistry::<T>::owner_hotkey(netuid) {
            let conviction = Locks::<T>::conviction_of(&owner, netuid);
            tally.count(owner, conviction);
        }
        ConvictionCount { as_of: now::<T>(), tally, next: CountPlace::Perpetual(None) }
    }

    fn go_on(netuid: NetUid, mut count: ConvictionCount<T::AccountId>) -> Weight {
        Self::count_page(netuid, &mut count);
        if count.next == CountPlace::Done {
            TakeoverCounts::<T>::remove(netuid);
            if let Some(king) = count.tally.king(SubnetAlphaOut::<T>::get(netuid)) {
                Self::crown(netuid, king);
            }
        } else {
            TakeoverCounts::<T>::insert(netuid, count);
        }
        costs::count_convictions::<T>(PAGE)
    }

    fn count_page(netuid: NetUid, count: &mut ConvictionCount<T::AccountId>) {
        let mut room = PAGE;
        while room > 0 && count.next != CountPlace::Done {
            let hotkeys = Self::hotkeys_from(netuid, &count.next, room);
            for hotkey in &hotkeys {
                let conviction = Self::conviction(netuid, hotkey, count);
                count.tally.count(hotkey.clone(), conviction);
            }
            let looked_at = u32::try_from(hotkeys.len()).unwrap_or(room);
            count.next = match (&count.next, hotkeys.into_iter().next_back()) {
                (CountPlace::Perpetual(_), last) if looked_at == room => CountPlace::Perpetual(last),
                (CountPlace::Perpetual(_), _) => CountPlace::Decaying(None),
                (CountPlace::Decaying(_), last) if looked_at == room => CountPlace::Decaying(last),
                _ => CountPlace::Done,
            };
            room = room.saturating_sub(looked_at);
        }
    }

    /// The next hotkeys in the order of storage.
    fn hotkeys_from(netuid: NetUid, place: &CountPlace<T::AccountId>, room: u32) -> Vec<T::AccountId> {
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        match place {
            CountPlace::Perpetual(None) => HotkeyLock::<T>::iter_key_prefix(netuid).take(room).collect(),
            CountPlace::Perpetual(Some(last)) => {
                let from = HotkeyLock::<T>::hashed_key_for(netuid, last);
                HotkeyLock::<T>::iter_key_prefix_from(netuid, from).take(room).collect()
            }
            CountPlace::Decaying(None) => {
                DecayingHotkeyLock::<T>::iter_key_prefix(netuid).take(room).collect()
            }
            CountPlace::Decaying(Some(last)) => {
                let from = DecayingHotkeyLock::<T>::hashed_key_for(netuid, last);
                DecayingHotkeyLock::<T>::iter_key_prefix_from(netuid, from).take(room).collect()
            }
            CountPlace::Done => Vec::new(),
        }
    }

    /// What a hotkey adds to the count: nothing if it was counted among those with perpetual locks.
    fn conviction(netuid: NetUid, hotkey: &T::AccountId, count: &ConvictionCount<T::AccountId>) -> U64F64 {
        let counted =
            matches!(count.next, CountPlace::Decaying(_)) && HotkeyLock::<T>::contains_key(netuid, hotkey);
        if counted {
            return U64F64::ZERO;
        }
        Locks::<T>::conviction_at(hotkey, netuid, count.as_of)
    }

    /// Makes a hotkey that of the subnet's owner, and its coldkey the owner, unless it owns the subnet already or nobody owns the hotkey.
    /// Without a uid for it nothing happens.
    fn crown(netuid: NetUid, king: T::AccountId) {
        let Some(coldkey) = KeyOwnership::<T>::owner_of(&king) else { return };
        if SubnetRegistry::<T>::owner(netuid) == coldkey {
            return;
        }
        if NeuronRegistry::<T>::is_registered(netuid, &king) || NeuronRegistry::<T>::admit(netuid, &king) {
            SubnetRegistry::<T>::hand_over(netuid, coldkey, king);
        }
    }
}

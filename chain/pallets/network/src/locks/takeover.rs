//! Ownership by conviction: the hotkey in whose favour the most conviction has grown takes over an old subnet.
//!
//! The rule is evaluated when the subnet's epoch slot drains. Its count of all hotkeys with locks goes by pages: the
//! first in the block of the drain, further ones in the following blocks, every conviction as of the block of the
//! drain. For up to [`PAGE`] hotkeys, the usual case, the result comes at once.
//!
//! Each conviction is counted once, even if locks change meanwhile. Before the locks of a hotkey change, an unfinished
//! count that has not reached it counts its old conviction, and [`CountedConvictions`] prevents counting it again.

use core::marker::PhantomData;

use alloc::vec::Vec;

use codec::{Decode, Encode};
use frame_support::pallet_prelude::*;
use myelin_economy::conviction::{can_change_hands, Tally};
use myelin_units::{Block, NetUid};
use scale_info::TypeInfo;

use super::Locks;
use crate::{
    chores::Allowance,
    costs,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    paging::{LOOK, REMOVE},
    pallet::{
        Config, CountedConvictions, DecayingHotkeyLock, HotkeyLock, SubnetAlphaOut, TakeoverCounts,
        TakeoverServed,
    },
    subnets::{now, SubnetRegistry},
};

/// Most hotkeys that one block counts.
pub const PAGE: u32 = 32;

/// A count of convictions that is not finished.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct ConvictionCount<AccountId> {
    /// Convictions are those of this block.
    pub as_of: Block,
    /// The convictions counted so far.
    pub tally: Tally<AccountId>,
    /// Place at which the count continues.
    pub next: CountPlace<AccountId>,
}

/// Place of a count of convictions: it goes through the sums of perpetual locks and then through those of decaying
/// ones, in the order of storage. Each place names the last hotkey that was read.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub enum CountPlace<AccountId> {
    /// Among hotkeys with perpetual locks.
    Perpetual(Option<AccountId>),
    /// Among hotkeys with decaying locks; those with both kinds were counted.
    Decaying(Option<AccountId>),
    /// At the end.
    Done,
}

/// Owner of [`TakeoverCounts`], [`CountedConvictions`] and [`TakeoverServed`].
///
/// Invariants: a count belongs to a subnet that exists; the hotkey that leads has an owner; only hotkeys with locks are
/// marked as counted.
pub struct Takeover<T>(PhantomData<T>);

impl<T: Config> Takeover<T> {
    /// Evaluates the rule for a subnet whose epoch slot drains, and returns the cost: a page, and the change of hands
    /// if there is one.
    pub(crate) fn evaluate(netuid: NetUid) -> Weight {
        let alpha_out = SubnetAlphaOut::<T>::get(netuid);
        let old_enough = can_change_hands(alpha_out, SubnetRegistry::<T>::registered_at(netuid), now::<T>());
        if old_enough && !TakeoverCounts::<T>::contains_key(netuid) {
            let change = Self::go_on(netuid, Self::begin(netuid));
            return costs::count_convictions::<T>(PAGE).saturating_add(change);
        }
        T::DbWeight::get().reads(3)
    }

    /// Counts a page for a subnet whose count is not finished, in turn, if there is room for it.
    pub(crate) fn count_on(allowance: &mut Allowance<T>) {
        allowance.spend_points(LOOK.saturating_mul(2));
        let behind = |last| TakeoverCounts::<T>::iter_from(TakeoverCounts::<T>::hashed_key_for(last)).next();
        let next = TakeoverServed::<T>::get().and_then(behind).or_else(|| TakeoverCounts::<T>::iter().next());
        let Some((netuid, count)) = next else { return };
        if !SubnetRegistry::<T>::exists(netuid) {
            TakeoverCounts::<T>::remove(netuid);
            allowance.spend_points(REMOVE);
        } else if allowance.try_spend(costs::count_convictions::<T>(PAGE)) {
            TakeoverServed::<T>::put(netuid);
            allowance.spend(Self::go_on(netuid, count));
        }
    }

    /// The locks in favour of a hotkey are about to change: an unfinished count counts it now, unless it did.
    pub(super) fn sum_changes(netuid: NetUid, hotkey: &T::AccountId) {
        let Some(mut count) = TakeoverCounts::<T>::get(netuid) else { return };
        // The owner's hotkey was counted first.
        if Locks::<T>::stands_for_owner(netuid, hotkey) || Self::is_counted(netuid, hotkey, count.as_of) {
            return;
        }
        count.tally.count(hotkey.clone(), Locks::<T>::conviction_at(hotkey, netuid, count.as_of));
        CountedConvictions::<T>::insert(netuid, hotkey, count.as_of);
        TakeoverCounts::<T>::insert(netuid, count);
    }

    /// A hotkey lost its last lock. New locks count for nothing in an unfinished count.
    pub(super) fn has_no_locks(netuid: NetUid, hotkey: &T::AccountId) {
        CountedConvictions::<T>::remove(netuid, hotkey);
    }

    /// A hotkey replaces another, also at the top of an unfinished count.
    pub(super) fn hotkey_replaced(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        TakeoverCounts::<T>::mutate_extant(netuid, |count| count.tally.replace(old, new.clone()));
    }

    fn is_counted(netuid: NetUid, hotkey: &T::AccountId, as_of: Block) -> bool {
        CountedConvictions::<T>::get(netuid, hotkey) == Some(as_of)
    }

    /// The hotkey with the largest conviction on a subnet. It reads all sums, so it is for queries.
    pub fn leader(netuid: NetUid) -> Option<T::AccountId> {
        let mut count = Self::begin(netuid);
        while count.next != CountPlace::Done {
            Self::count_page(netuid, &mut count, |_| false);
        }
        count.tally.leader.filter(|(conviction, _)| !conviction.is_zero()).map(|(_, hotkey)| hotkey)
    }

    /// A new count that begins with the owner's hotkey, whose sums are kept apart.
    fn begin(netuid: NetUid) -> ConvictionCount<T::AccountId> {
        let mut tally = Tally::default();
        if let Some(owner) = SubnetRegistry::<T>::owner_hotkey(netuid) {
            let conviction = Locks::<T>::conviction_of(&owner, netuid);
            tally.count(owner, conviction);
        }
        ConvictionCount { as_of: now::<T>(), tally, next: CountPlace::Perpetual(None) }
    }

    /// Counts a page. Returns the cost of the subnet's change of hands, if any.
    fn go_on(netuid: NetUid, mut count: ConvictionCount<T::AccountId>) -> Weight {
        let as_of = count.as_of;
        let counted = Self::count_page(netuid, &mut count, |hotkey| Self::is_counted(netuid, hotkey, as_of));
        if count.next == CountPlace::Done {
            TakeoverCounts::<T>::remove(netuid);
            if let Some(king) = count.tally.king(SubnetAlphaOut::<T>::get(netuid)) {
                return Self::crown(netuid, king);
            }
        } else {
            for hotkey in counted {
                CountedConvictions::<T>::insert(netuid, hotkey, as_of);
            }
            TakeoverCounts::<T>::insert(netuid, count);
        }
        Weight::zero()
    }

    /// Counts the next page except for the hotkeys marked as counted, and returns them.
    fn count_page(
        netuid: NetUid,
        count: &mut ConvictionCount<T::AccountId>,
        is_counted: impl Fn(&T::AccountId) -> bool,
    ) -> Vec<T::AccountId> {
        let mut counted = Vec::new();
        let mut room = PAGE;
        while room > 0 && count.next != CountPlace::Done {
            let hotkeys = Self::hotkeys_from(netuid, &count.next, room);
            let looked_at = u32::try_from(hotkeys.len()).unwrap_or(room);
            let last = hotkeys.last().cloned();
            // A hotkey with both kinds of locks was counted among those with perpetual ones.
            let among_decaying = matches!(count.next, CountPlace::Decaying(_));
            let was_perpetual =
                |hotkey: &T::AccountId| among_decaying && HotkeyLock::<T>::contains_key(netuid, hotkey);
            for hotkey in hotkeys.into_iter().filter(|hotkey| !is_counted(hotkey) && !was_perpetual(hotkey)) {
                let conviction = Locks::<T>::conviction_at(&hotkey, netuid, count.as_of);
                count.tally.count(hotkey.clone(), conviction);
                counted.push(hotkey);
            }
            count.next = match (&count.next, last) {
                (CountPlace::Perpetual(_), last) if looked_at == room => CountPlace::Perpetual(last),
                (CountPlace::Perpetual(_), _) => CountPlace::Decaying(None),
                (CountPlace::Decaying(_), last) if looked_at == room => CountPlace::Decaying(last),
                _ => CountPlace::Done,
            };
            room = room.saturating_sub(looked_at);
        }
        counted
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

    /// Makes a hotkey that of the subnet's owner, and its coldkey the owner. Nothing happens if its coldkey owns the
    /// subnet already, if the hotkey has no owner or no lock in its favour any more, or if there is no uid for it.
    /// Returns the cost.
    fn crown(netuid: NetUid, king: T::AccountId) -> Weight {
        let Some(coldkey) = KeyOwnership::<T>::owner_of(&king) else { return costs::look::<T>() };
        if SubnetRegistry::<T>::owner(netuid) == coldkey {
            return costs::points::<T>(LOOK.saturating_mul(2));
        }
        if !Locks::<T>::has_locks(netuid, &king) {
            return costs::points::<T>(LOOK.saturating_mul(3));
        }
        let cost = costs::change_hands::<T>(netuid);
        if NeuronRegistry::<T>::is_registered(netuid, &king) || NeuronRegistry::<T>::admit(netuid, &king) {
            SubnetRegistry::<T>::change_owner(netuid, coldkey, king);
        }
        cost
    }
}

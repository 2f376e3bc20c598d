//! Replacing a hotkey: the new one takes over the role and the entries of the old one, on one subnet or on all.
//!
//! The role of the neuron and its family move at once, subnet by subnet. Stake moves holder by holder, and a hotkey may
//! have more holders than one call has time for. So the call moves as much as its declared cost pays for and refunds
//! the rest of the fee. The remaining stake stays with the old hotkey, which keeps its owner. The same call continues,
//! without another price or wait, until the coldkey begins another swap or names children of one of the two hotkeys.
//!
//! Nominators of a hotkey were told in time which children it lends to. A swap preserves that: stake never comes to a
//! key with children that its holder did not choose. Nor do children come to a key whose stake earns something on
//! their subnet.

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::{dispatch::WithPostDispatchInfo, pallet_prelude::*, weights::WeightMeter};
use myelin_economy::params::first_block;
use myelin_units::{Block, NetUid, ROOT};
use pallet_commitments::CommitmentBoard;
use scale_info::TypeInfo;

use super::{KeyOwnership, MOST_LISTED};
use crate::{
    ancestry::Ancestry,
    costs,
    emission::payout,
    ledger::TaoLedger,
    locks::Locks,
    neurons::NeuronRegistry,
    pallet::{
        Config, Error, Event, LastHotkeySwapOnNetuid, OwnedHotkeys, Owner, Pallet, PendingChildKeyCooldown,
        ReplacedHotkeys, SwapsUnderWay,
    },
    removal::WaitingRegistrations,
    serving::Endpoints,
    stake::{ChildkeyTakes, DelegateTakes, Delegation, RootClaims, StakeLedger},
    subnets::{now, RateLimits, SubnetRegistry},
    types::{KEY_SWAP_COST, KEY_SWAP_ON_SUBNET_COST},
    voting::VotingPowers,
    weights::WeightLedger,
};

/// Most replacements through which a name is followed. A coldkey replaces a hotkey everywhere once per 7,200 blocks,
/// and lists of children do not wait longer by default.
const MOST_REPLACEMENTS: usize = 4;

/// Entries by hotkey that a pallet beside this one keeps.
pub trait FollowHotkey<AccountId> {
    /// Moves the entries on a subnet from a hotkey to the one that replaces it, as far as the meter lasts, and returns
    /// whether it did. Called for every subnet that a swap by `coldkey` covers, and again when the swap continues.
    fn follow(
        netuid: NetUid,
        coldkey: &AccountId,
        old: &AccountId,
        new: &AccountId,
        meter: &mut WeightMeter,
    ) -> bool;
}

impl<AccountId> FollowHotkey<AccountId> for () {
    fn follow(_: NetUid, _: &AccountId, _: &AccountId, _: &AccountId, _: &mut WeightMeter) -> bool {
        true
    }
}

/// A swap that is paid for and not finished.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, TypeInfo)]
pub struct SwapUnderWay<AccountId> {
    /// The hotkey that is replaced.
    pub old: AccountId,
    /// The hotkey that replaces it.
    pub new: AccountId,
    /// The only subnet of the swap; none means all.
    pub only: Option<NetUid>,
    /// Storage key of the last holding that was read; none means that the next call reads all.
    pub behind: Option<Vec<u8>>,
}

/// The replacement of one hotkey by another of the same coldkey.
struct Succession<'a, T: Config> {
    coldkey: &'a T::AccountId,
    old: &'a T::AccountId,
    new: &'a T::AccountId,
    /// The only subnet of the swap; none means all.
    only: Option<NetUid>,
    /// The subnets of the swap.
    subnets: Vec<NetUid>,
    /// The subnets on which the old hotkey has a uid.
    seats: Vec<NetUid>,
    /// Whether stake stays where it is.
    keep_stake: bool,
    /// The unfinished swap that this call continues.
    begun: Option<SwapUnderWay<T::AccountId>>,
}

impl<T: Config> KeyOwnership<T> {
    /// `swap_hotkey` and `swap_hotkey_v2`: replaces an old hotkey by a new one, and returns the cost. A refusal costs
    /// the entries that were read.
    pub fn swap_hotkey(
        coldkey: T::AccountId,
        old: T::AccountId,
        new: T::AccountId,
        only: Option<NetUid>,
        keep_stake: bool,
    ) -> DispatchResultWithPostInfo {
        if let Some(netuid) = only {
            SubnetRegistry::<T>::ensure_exists(netuid)
                .map_err(|error| error.with_weight(costs::small::<T>()))?;
        }
        let meter = WeightMeter::with_limit(costs::swap_hotkey::<T>(only));
        let (subnets, seats) = Self::seats(&old, only);
        let (coldkey, old, new) = (&coldkey, &old, &new);
        let begun = Self::under_way(coldkey, old, new, only);
        let succession = Succession::<T> { coldkey, old, new, only, subnets, seats, keep_stake, begun };
        let looked = costs::swap_keys::<T>(costs::Signer::owner::<T>(coldkey).owns)
            .saturating_add(costs::swap_look::<T>().saturating_mul(succession.subnets.len() as u64))
            .min(meter.limit());
        succession.prepare().map_err(|error| error.with_weight(looked))?;
        Ok(Some(succession.take_place(meter)).into())
    }

    /// First block in which a coldkey may replace one hotkey by another, as far as waiting decides it.
    pub fn may_swap_at(
        coldkey: &T::AccountId,
        old: &T::AccountId,
        new: &T::AccountId,
        only: Option<NetUid>,
    ) -> Block {
        if Self::under_way(coldkey, old, new, only).is_some() {
            return 0;
        }
        Self::waited_at(coldkey, &Self::waits(old, only))
    }

    /// The children of a hotkey were named anew: ends an unfinished swap in which it takes part.
    pub(crate) fn family_changes(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        if SwapsUnderWay::<T>::get(coldkey).is_some_and(|swap| swap.old == *hotkey || swap.new == *hotkey) {
            SwapsUnderWay::<T>::remove(coldkey);
        }
    }

    fn under_way(
        coldkey: &T::AccountId,
        old: &T::AccountId,
        new: &T::AccountId,
        only: Option<NetUid>,
    ) -> Option<SwapUnderWay<T::AccountId>> {
        SwapsUnderWay::<T>::get(coldkey)
            .filter(|swap| swap.old == *old && swap.new == *new && swap.only == only)
    }

    /// The subnets on which a swap waits and counts for later waits: the only one, or root, which stands for all, and
    /// those with a uid or children. A coldkey could otherwise take the uid from a key and bring it children at once.
    fn waits(old: &T::AccountId, only: Option<NetUid>) -> Vec<NetUid> {
        let is_waited_on = |netuid: &NetUid| {
            *netuid == ROOT
                || NeuronRegistry::<T>::is_registered(*netuid, old)
                || Delegation::<T>::lends(old, Some(*netuid))
        };
        match only {
            Some(netuid) => alloc::vec![netuid],
            None => SubnetRegistry::<T>::netuids().into_iter().filter(is_waited_on).collect(),
        }
    }

    fn waited_at(coldkey: &T::AccountId, subnets: &[NetUid]) -> Block {
        let wait = SubnetRegistry::<T>::profile().hotkey_swap_interval();
        let last = |netuid: &NetUid| LastHotkeySwapOnNetuid::<T>::get(netuid, coldkey);
        subnets.iter().map(|netuid| first_block(last(netuid), wait)).max().unwrap_or(0)
    }

    /// The subnets of a swap, and those on which the hotkey has a uid.
    fn seats(hotkey: &T::AccountId, only: Option<NetUid>) -> (Vec<NetUid>, Vec<NetUid>) {
        let subnets = only.map_or_else(SubnetRegistry::<T>::netuids, |netuid| alloc::vec![netuid]);
        let is_seat = |netuid: &NetUid| NeuronRegistry::<T>::is_registered(*netuid, hotkey);
        let seats = subnets.iter().copied().filter(is_seat).collect();
        (subnets, seats)
    }

    /// The hotkey that a list of children refers to by this name, if the list is due at `due`. If the hotkey was
    /// released since the list was made, it is its successor. A present owner of the name is a stranger to the list.
    pub(crate) fn meant(hotkey: &T::AccountId, due: Block) -> T::AccountId {
        let mut meant = hotkey.clone();
        for _ in 0..MOST_REPLACEMENTS {
            match ReplacedHotkeys::<T>::get(&meant) {
                Some((new, until)) if due <= until => meant = new,
                _ => break,
            }
        }
        meant
    }

    /// Records the successor of a released hotkey, for the lists of children that wait now.
    ///
    /// A note that such lists still need stays: the name's present owner is a stranger to them, whatever follows it.
    fn note_replacement(old: &T::AccountId, new: &T::AccountId) {
        // A name that returns to its origin stands for itself again.
        if Self::meant(new, 0) == *old {
            ReplacedHotkeys::<T>::remove(new);
        }
        if ReplacedHotkeys::<T>::get(old).is_some_and(|(_, until)| now::<T>() <= until) {
            return;
        }
        let until = now::<T>().saturating_add(PendingChildKeyCooldown::<T>::get());
        ReplacedHotkeys::<T>::insert(old, (new, until));
    }

    /// Ends the ownership of a hotkey without any entries. Its account stays, since its old signatures may still be
    /// valid.
    pub(crate) fn release(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        Owner::<T>::remove(hotkey);
        OwnedHotkeys::<T>::mutate_exists(coldkey, |hotkeys| {
            let mut left = hotkeys.take().unwrap_or_default();
            left.retain(|other| other != hotkey);
            *hotkeys = (!left.is_empty()).then_some(left);
        });
    }
}

impl<T: Config> Succession<'_, T> {
    /// Checks everything, and begins the swap unless it is under way. Nothing has moved yet.
    fn prepare(&self) -> DispatchResult {
        self.check()?;
        if self.begun.is_none() {
            self.begin()?;
        }
        Ok(())
    }

    /// Checks all conditions before anything moves.
    fn check(&self) -> DispatchResult {
        let Self { coldkey, old, new, .. } = self;
        ensure!(old != new, Error::<T>::NewHotKeyIsSameWithOld);
        KeyOwnership::<T>::ensure_owns(coldkey, old)?;
        KeyOwnership::<T>::ensure_claimable(coldkey, new)?;
        KeyOwnership::<T>::ensure_room(coldkey, new, MOST_LISTED.saturating_add(1))?;
        for &netuid in &self.seats {
            ensure!(
                !NeuronRegistry::<T>::is_registered(netuid, new),
                Error::<T>::HotKeyAlreadyRegisteredInSubNet
            );
        }
        let is_clean = self.begun.is_some() || !self.mixes_families();
        ensure!(is_clean, Error::<T>::NewHotKeyNotCleanForRootSwap);
        Ok(())
    }

    /// Whether stake that earns would count at once for children that were named without it.
    ///
    /// Stake of the new hotkey earns nothing on a subnet where that key has neither a uid nor children. Children that
    /// come there take nothing from its holders. So strangers can't block a swap with dust on the new hotkey (0093).
    fn mixes_families(&self) -> bool {
        let Self { old, new, .. } = *self;
        let (lends, has_holders) = (Delegation::<T>::lends, StakeLedger::<T>::has_holders);
        let stake_comes_to_children = match self.only {
            None => lends(new, None) && StakeLedger::<T>::has_stakers(old),
            // Root stake counts for the children of every subnet.
            Some(ROOT) => lends(new, None) && has_holders(old, ROOT),
            Some(netuid) => lends(new, Some(netuid)) && has_holders(old, netuid),
        };
        let earns = |netuid| {
            (NeuronRegistry::<T>::is_registered(netuid, new) || lends(new, Some(netuid)))
                && (has_holders(new, netuid) || has_holders(new, ROOT))
        };
        let children_come_to_stake =
            || self.subnets.iter().any(|&netuid| lends(old, Some(netuid)) && earns(netuid));
        stake_comes_to_children || children_come_to_stake()
    }

    /// Recycles the price of the swap and starts the wait for the next one.
    fn begin(&self) -> DispatchResult {
        let Self { coldkey, old, new, only, .. } = *self;
        let waits = KeyOwnership::<T>::waits(old, only);
        ensure!(
            now::<T>() >= KeyOwnership::<T>::waited_at(coldkey, &waits),
            Error::<T>::HotKeySwapOnSubnetIntervalNotPassed
        );
        let price = if only.is_none() { KEY_SWAP_COST } else { KEY_SWAP_ON_SUBNET_COST };
        TaoLedger::<T>::recycle_from(coldkey, price)
            .map_err(|_| Error::<T>::NotEnoughBalanceToPaySwapHotKey)?;
        for netuid in waits {
            LastHotkeySwapOnNetuid::<T>::insert(netuid, coldkey, now::<T>());
        }
        let swap = SwapUnderWay { old: old.clone(), new: new.clone(), only, behind: None };
        SwapsUnderWay::<T>::insert(coldkey, swap);
        Ok(())
    }

    /// Moves as much as the meter lasts for and returns the cost.
    fn take_place(&self, mut meter: WeightMeter) -> Weight {
        let Self { coldkey, old, new, .. } = *self;
        meter.consume(costs::swap_keys::<T>(costs::Signer::owner::<T>(coldkey).owns));
        KeyOwnership::<T>::claim(coldkey, new);
        DelegateTakes::<T>::swap_hotkey(old, new);
        let roles_moved = self.subnets.iter().all(|&netuid| self.move_role(netuid, &mut meter));
        let locks_moved = roles_moved && self.move_locks(&mut meter);
        let choices_moved = locks_moved && StakeLedger::<T>::move_choices(old, new, self.only, &mut meter);
        let stake_moved = choices_moved && !self.keep_stake && self.move_stake(&mut meter);
        let stake_is_done = self.keep_stake || stake_moved;
        // Claims of a subnet that is being removed may be left too.
        let nothing_is_left = self.only.is_none() && !StakeLedger::<T>::has_stakers(old);
        if choices_moved && nothing_is_left {
            DelegateTakes::<T>::forget(old);
            Delegation::<T>::forget_choice(old);
            RootClaims::<T>::forget_hotkey(old);
            WaitingRegistrations::<T>::swap_hotkey(old, new);
            KeyOwnership::<T>::release(coldkey, old);
            KeyOwnership::<T>::note_replacement(old, new);
        }
        // A swap everywhere whose stake moved goes on until a subnet that is being removed has let go of the rest.
        let stays_with_old = self.only.is_some() || self.keep_stake;
        if choices_moved && (nothing_is_left || stake_is_done && stays_with_old) {
            SwapsUnderWay::<T>::remove(coldkey);
        }
        let (coldkey, old_hotkey, new_hotkey) = (coldkey.clone(), old.clone(), new.clone());
        Pallet::<T>::deposit_event(match self.only {
            None => Event::HotkeySwapped { coldkey, old_hotkey, new_hotkey },
            Some(netuid) => Event::HotkeySwappedOnSubnet { coldkey, old_hotkey, new_hotkey, netuid },
        });
        meter.consumed()
    }

    /// Moves the uid on a subnet with all weights and bonds by and about the neuron, its family, its takes and votes.
    /// Returns whether there was time for it.
    fn move_role(&self, netuid: NetUid, meter: &mut WeightMeter) -> bool {
        let Self { coldkey, old, new, .. } = *self;
        if meter.try_consume(costs::swap_look::<T>()).is_err() {
            return false;
        }
        if !T::OtherPallets::follow(netuid, coldkey, old, new, meter) {
            return false;
        }
        let seated = self.seats.contains(&netuid);
        let links = Delegation::<T>::count_links(old, netuid);
        if !seated && links == 0 && !Delegation::<T>::has_traces(old, netuid) {
            return true;
        }
        if meter.try_consume(costs::swap_role::<T>(netuid)).is_err() {
            return false;
        }
        if seated {
            NeuronRegistry::<T>::swap_hotkey(netuid, old, new);
            Endpoints::<T>::swap_hotkey(netuid, old, new);
            WeightLedger::<T>::swap_hotkey(netuid, old, new);
            SubnetRegistry::<T>::swap_owner_hotkey(netuid, old, new);
            VotingPowers::<T>::swap_hotkey(netuid, old, new);
            CommitmentBoard::<T>::swap_hotkey(netuid, old, new);
            Ancestry::<T>::swap_hotkey(netuid, old, new);
        }
        if netuid == ROOT {
            Delegation::<T>::copy_choice(old, new);
        }
        Delegation::<T>::move_pending(netuid, old, new);
        ChildkeyTakes::<T>::swap_hotkey(netuid, old, new);
        RateLimits::<T>::swap_hotkey(netuid, old, new);
        payout::swap_hotkey::<T>(netuid, old, new);
        let each = costs::swap_link::<T>();
        let room = meter.remaining().checked_div_per_component(&each).unwrap_or(0);
        let moved = links.min(usize::try_from(room).unwrap_or(usize::MAX));
        meter.consume(each.saturating_mul(moved as u64));
        Delegation::<T>::move_links(netuid, old, new, moved);
        moved == links
    }

    /// Moves the locks in favour of the hotkey, as far as the meter lasts. Returns whether all moved.
    fn move_locks(&self, meter: &mut WeightMeter) -> bool {
        self.subnets.iter().all(|&netuid| {
            if meter.try_consume(costs::look::<T>()).is_err() {
                return false;
            }
            let each = costs::swap_lock::<T>();
            let room = meter.remaining().checked_div_per_component(&each).unwrap_or(0);
            let limit = u32::try_from(room).unwrap_or(u32::MAX);
            let moved = Locks::<T>::swap_hotkey(netuid, self.old, self.new, limit);
            meter.consume(each.saturating_mul(moved.into()));
            moved < limit
        })
    }

    /// Moves stake holder by holder, as far as the meter lasts. Returns whether no holding is left on the subnets of
    /// the swap.
    fn move_stake(&self, meter: &mut WeightMeter) -> bool {
        let Self { coldkey, old, new, only, .. } = *self;
        let moves_root = self.moves_stake_of(ROOT);
        let rates = if moves_root { RootClaims::<T>::adopt_rates(old, new) } else { Default::default() };
        let cost = |netuid: NetUid, holder: &T::AccountId| {
            let rates = if netuid == ROOT { rates } else { Default::default() };
            costs::swap_position::<T>(rates, costs::stakes_on::<T>(holder))
        };
        let wanted = |netuid: NetUid| self.subnets.contains(&netuid);
        // A swap that leaves holdings on other subnets has to skip them; the others begin at the start.
        let behind = self.begun.as_ref().and_then(|swap| swap.behind.clone()).filter(|_| only.is_some());
        let from_start = behind.is_none();
        let (positions, passed) = StakeLedger::<T>::positions_on(old, behind, wanted, cost, meter);
        let at_end = passed.is_none();
        StakeLedger::<T>::move_holders(old, new, positions, from_start && at_end);
        SwapsUnderWay::<T>::mutate_extant(coldkey, |swap| swap.behind = passed);
        at_end && !self.subnets.iter().any(|&netuid| StakeLedger::<T>::has_holders(old, netuid))
    }

    fn moves_stake_of(&self, netuid: NetUid) -> bool {
        !self.keep_stake && self.subnets.contains(&netuid)
    }
}

//! Locks: alpha that a coldkey binds to a subnet in favour of one hotkey, and the conviction that grows from it.
//!
//! A coldkey has at most one lock per subnet, over all its alpha there. Locked alpha earns like any other and may move
//! between hotkeys of the subnet, but it can't leave: by sale, by a move to another subnet, by being burned. The rules
//! are in `myelin_economy::conviction`.
//!
//! Alpha and root stake under the vote lock of governance ([`Config::VoteLocks`]) can't leave either, and can't be
//! given to others on the subnet. The two locks overlap.
//!
//! | file | does |
//! |---|---|
//! | this one | what is locked, and what may leave |
//! | `calls` | locking, moving a lock, its mode, and the lock of the owner's cut |
//! | `transfer` | locked alpha that changes its coldkey |
//! | `sums` | the sums of locks per hotkey, which conviction is read from |
//! | `swap` | locks whose hotkey is replaced |
//! | `takeover` | the hotkey with the largest conviction becomes the subnet's owner |
//!
//! # How a lock changes
//! Every change takes the lock out of the books (`withdraw`), changes it, and files it again (`file`). Both functions
//! first roll the lock and its sum to the current block, so sums always follow their locks.

mod calls;
pub(crate) mod storage;
mod sums;
mod swap;
mod takeover;
mod transfer;

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_governance::{book::available, Asset, VoteLocks};
use myelin_units::{AlphaBalance, NetUid};

use crate::{
    pallet::{
        AccountFlags, Config, DecayingLock, Error, Lock, LockingColdkeys, MaturityRate, OwnershipBegan,
        OwnershipEnded, UnlockRate,
    },
    stake::{StakeLedger, GLANCE},
    subnets::{now, SubnetRegistry},
};

pub use takeover::{ConvictionCount, CountPlace, Takeover};

/// Owner of [`Lock`], [`LockingColdkeys`], [`DecayingLock`], [`AccountFlags`], [`OwnershipBegan`], [`OwnershipEnded`],
/// and of the sums: `HotkeyLock`, `DecayingHotkeyLock`, `OwnerLock`, `DecayingOwnerLock`.
///
/// Invariants: a coldkey has one lock per subnet and no more locked than it holds; every sum equals its locks up to
/// rounding, and no sum is without locks.
pub struct Locks<T>(PhantomData<T>);

/// The lock of a coldkey on a subnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeldLock<AccountId> {
    /// Hotkey in whose favour it is.
    pub hotkey: AccountId,
    /// Its mode, and whether it is filed as the owner's.
    pub kind: LockKind,
    /// State of the lock at the current block; dust counts until the lock is changed.
    pub state: LockState,
}

/// Alpha of a coldkey on a subnet that can't leave it, by the lock that binds it. The two locks overlap.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Bound {
    /// Locked in favour of a hotkey.
    conviction: AlphaBalance,
    /// Under the vote lock.
    votes: AlphaBalance,
}

impl Bound {
    /// The larger of the two.
    fn amount(self) -> AlphaBalance {
        self.conviction.max(self.votes)
    }

    /// Part of `held` that may leave.
    fn free_of(self, held: AlphaBalance) -> AlphaBalance {
        let free = available(held.to_rao(), self.votes.to_rao(), self.conviction.to_rao());
        AlphaBalance::from_rao(free)
    }

    /// The lock to name when more is to leave.
    fn refusal<T>(self) -> Error<T> {
        match self.votes > self.conviction {
            true => Error::<T>::StakeUnderVoteLock,
            false => Error::<T>::StakeUnavailable,
        }
    }
}

/// Bit of [`AccountFlags`]: locked alpha of others may be transferred to the account.
const ACCEPTS_LOCKED_ALPHA: u128 = 1;

impl<T: Config> Locks<T> {
    /// The lock of a coldkey on a subnet as it is now.
    pub fn held_by(coldkey: &T::AccountId, netuid: NetUid) -> Option<HeldLock<T::AccountId>> {
        let (hotkey, stored) = Lock::<T>::iter_prefix((coldkey, netuid)).next()?;
        let kind = Self::kind(coldkey, netuid, &hotkey);
        let rule = Self::rule(netuid, kind);
        let ended = if rule.owner { None } else { OwnershipEnded::<T>::get(netuid, &hotkey) };
        let rates = Self::rates();
        let stored = from_stored(&stored).after_ownership(ended, rates, kind.perpetual);
        let state = stored.advanced(now::<T>(), rates, rule);
        Some(HeldLock { hotkey, kind, state })
    }

    /// Alpha of a coldkey that a lock in favour of a hotkey binds now.
    pub fn locked(coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        Self::held_by(coldkey, netuid).map(|held| held.state.without_dust().locked_mass).unwrap_or_default()
    }

    /// Alpha of a coldkey under its vote lock; TAO on root.
    pub fn under_vote_lock(coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        AlphaBalance::from_rao(T::VoteLocks::locked(coldkey, Asset::Stake(netuid)))
    }

    /// Alpha of a coldkey that can't leave a subnet now, by either lock.
    pub fn unavailable(coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        Self::bound(coldkey, netuid).amount()
    }

    fn bound(coldkey: &T::AccountId, netuid: NetUid) -> Bound {
        Bound { conviction: Self::locked(coldkey, netuid), votes: Self::under_vote_lock(coldkey, netuid) }
    }

    /// Whether a coldkey has stake on a subnet under either lock.
    pub fn binds(coldkey: &T::AccountId, netuid: NetUid) -> bool {
        Lock::<T>::iter_key_prefix((coldkey, netuid)).next().is_some()
            || !Self::under_vote_lock(coldkey, netuid).is_zero()
    }

    /// Whether a coldkey has stake on any subnet under either lock.
    pub fn binds_anywhere(coldkey: &T::AccountId) -> bool {
        Lock::<T>::iter_key_prefix((coldkey,)).next().is_some() || T::VoteLocks::binds_stake(coldkey)
    }

    /// Part of `wanted` that may leave a subnet: the coldkey's alpha on all hotkeys there less the bound part.
    pub fn free_part(coldkey: &T::AccountId, netuid: NetUid, wanted: AlphaBalance) -> AlphaBalance {
        let bound = Self::bound(coldkey, netuid);
        if bound.amount().is_zero() {
            return wanted;
        }
        wanted.min(bound.free_of(StakeLedger::<T>::total_of(coldkey, netuid)))
    }

    /// Refuses to let bound alpha leave a subnet.
    pub fn ensure_free(coldkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) -> DispatchResult {
        let bound = Self::bound(coldkey, netuid);
        let is_free =
            bound.amount().is_zero() || amount <= bound.free_of(StakeLedger::<T>::total_of(coldkey, netuid));
        ensure!(is_free, bound.refusal::<T>());
        Ok(())
    }

    /// Refuses to let alpha under the vote lock go to another coldkey of the subnet. Locks in favour of a hotkey go
    /// along ([`Self::go_along`]); vote locks don't.
    fn ensure_votes_stay(coldkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) -> DispatchResult {
        let bound = Bound { votes: Self::under_vote_lock(coldkey, netuid), ..Bound::default() };
        let is_free =
            bound.votes.is_zero() || amount <= bound.free_of(StakeLedger::<T>::total_of(coldkey, netuid));
        ensure!(is_free, Error::<T>::StakeUnderVoteLock);
        Ok(())
    }

    /// Refuses to let alpha of a holding leave a subnet unless that holding and the first few others of the coldkey
    /// show that it is not bound. A variant of [`Self::ensure_free`] for a signer that has not paid for more reads.
    pub fn ensure_surely_free(
        coldkey: &T::AccountId,
        hotkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> DispatchResult {
        let bound = Self::bound(coldkey, netuid);
        let suffices = |seen: AlphaBalance| bound.free_of(seen) >= amount;
        let mut seen = StakeLedger::<T>::alpha_of(hotkey, coldkey, netuid);
        if bound.amount().is_zero() || suffices(seen) {
            return Ok(());
        }
        let hotkeys = StakeLedger::<T>::first_hotkeys_of(coldkey, GLANCE);
        for other in hotkeys.iter().filter(|other| *other != hotkey).take(GLANCE.saturating_sub(1)) {
            seen = seen.saturating_add(StakeLedger::<T>::alpha_of(other, coldkey, netuid));
        }
        ensure!(suffices(seen), bound.refusal::<T>());
        Ok(())
    }

    /// Whether a coldkey refuses to receive locked alpha; the default.
    pub fn rejects_locked_alpha(coldkey: &T::AccountId) -> bool {
        AccountFlags::<T>::get(coldkey) & ACCEPTS_LOCKED_ALPHA == 0
    }

    /// Lowers a lock by its coldkey's loss to rounding: at most one rao per hotkey that it moved alpha between or holds
    /// alpha on.
    pub(crate) fn fit_to_holdings(coldkey: &T::AccountId, netuid: NetUid) {
        let Some(held) = Self::held_by(coldkey, netuid) else { return };
        let total = StakeLedger::<T>::total_of(coldkey, netuid);
        let hotkeys = StakeLedger::<T>::hotkeys_of(coldkey).len().saturating_add(1) as u64;
        let fitting = held.state.fitted(total, AlphaBalance::from_rao(hotkeys));
        if fitting == held.state {
            return;
        }
        Self::withdraw(coldkey, netuid, &held);
        Self::file(coldkey, netuid, &held.hotkey, fitting);
    }

    fn rates() -> LockRates {
        LockRates { unlock: UnlockRate::<T>::get(), maturity: MaturityRate::<T>::get() }
    }

    fn is_perpetual(coldkey: &T::AccountId, netuid: NetUid) -> bool {
        DecayingLock::<T>::get(coldkey, netuid) == Some(false)
    }

    fn stands_for_owner(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        SubnetRegistry::<T>::owner_hotkey(netuid).as_ref() == Some(hotkey)
    }

    fn kind(coldkey: &T::AccountId, netuid: NetUid, hotkey: &T::AccountId) -> LockKind {
        LockKind {
            perpetual: Self::is_perpetual(coldkey, netuid),
            owner: Self::stands_for_owner(netuid, hotkey),
        }
    }

    /// The rule by which locks and sums of a kind are rolled now. A hotkey convinces as the owner's from the block
    /// after it became the owner's. So a hotkey that is the owner's only within one block changes no lock and no sum.
    fn rule(netuid: NetUid, kind: LockKind) -> LockKind {
        LockKind { owner: kind.owner && OwnershipBegan::<T>::get(netuid) < now::<T>(), ..kind }
    }

    /// Takes a lock, as returned by [`Self::held_by`], out of the books.
    fn withdraw(coldkey: &T::AccountId, netuid: NetUid, held: &HeldLock<T::AccountId>) {
        Lock::<T>::remove((coldkey, netuid, &held.hotkey));
        LockingColdkeys::<T>::remove((netuid, &held.hotkey, coldkey));
        Self::change_sum(netuid, &held.hotkey, held.kind, &held.state, &LockState::default());
        if !Self::has_locks(netuid, &held.hotkey) {
            Self::forget_sums(netuid, &held.hotkey);
        }
    }

    /// Enters a lock of the current block in favour of a hotkey. The coldkey has none on the subnet. Dust is not
    /// entered.
    fn file(coldkey: &T::AccountId, netuid: NetUid, hotkey: &T::AccountId, state: LockState) {
        let kind = Self::kind(coldkey, netuid, hotkey);
        let state = LockState { last_update: now::<T>(), ..state }
            .advanced(now::<T>(), Self::rates(), Self::rule(netuid, kind))
            .without_dust();
        if state.is_empty() {
            return;
        }
        Lock::<T>::insert((coldkey, netuid, hotkey), to_stored(&state));
        LockingColdkeys::<T>::insert((netuid, hotkey, coldkey), ());
        Self::change_sum(netuid, hotkey, kind, &LockState::default(), &state);
    }

    /// Whether anybody has a lock in favour of a hotkey.
    fn has_locks(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        LockingColdkeys::<T>::iter_key_prefix((netuid, hotkey)).next().is_some()
    }
}

/// A lock as the rules know it.
pub(crate) fn from_stored(stored: &myelin_abi::LockState) -> LockState {
    LockState {
        locked_mass: stored.locked_mass,
        conviction: stored.conviction,
        last_update: stored.last_update,
    }
}

/// A lock as clients know it.
pub(crate) fn to_stored(state: &LockState) -> myelin_abi::LockState {
    myelin_abi::LockState {
        locked_mass: state.locked_mass,
        conviction: state.conviction,
        last_update: state.last_update,
    }
}

//! Stake: its amounts, holders and hotkeys, and its weight.
//!
//! Stake is alpha of one subnet that a coldkey keeps on a hotkey. All stake on a hotkey on a subnet is one share pool,
//! so a reward to the hotkey raises the stake of all holders by one write. On root alpha is TAO.

mod backing;
mod batch;
mod burning;
mod childkey_takes;
mod children;
mod delegation;
mod dust;
mod fees;
mod moves;
mod root_claims;
mod root_marks;
pub(crate) mod storage;
mod succession;
mod takes;
mod trade;

use core::marker::PhantomData;

use alloc::vec::Vec;
use codec::Compact;
use frame_support::pallet_prelude::*;
use myelin_economy::shares::SharePool;
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};

use crate::{
    elections::Elections,
    keys::{KeyOwnership, MOST_LISTED},
    neurons::NeuronRegistry,
    pallet::{
        AlphaV2, AutoStakeDestination, Config, Error, Event, IsNetworkMember, Pallet, StakingHotkeys,
        TotalAlphaStaked, TotalHotkeyAlpha, TotalHotkeySharesV2,
    },
    pools::PoolReserves,
    subnets::SubnetRegistry,
};

pub use backing::{Backing, Backings};
pub use batch::StakeBatch;
pub use childkey_takes::ChildkeyTakes;
pub use delegation::{Delegation, StakeWeightOf};
pub use fees::GLANCE;
pub use moves::{MoveLimit, StakePosition};
pub use root_claims::{Rates, RootClaims};
pub use root_marks::RootMarks;
pub use takes::DelegateTakes;
pub use trade::TradeLimit;

/// Most hotkeys that are read for the stake of a coldkey, in the order in which it first staked on them. Alpha on
/// further ones can't be locked, and counts as locked while there is a lock; alpha moved to one of the first counts.
pub const MOST_HOTKEYS: usize = 128;
/// Number of hotkeys from which a coldkey receives no stake on others, so that half of [`MOST_HOTKEYS`] is its own
/// choice.
const MOST_GIVEN: usize = MOST_HOTKEYS / 2;

/// Owner of [`AlphaV2`], [`TotalHotkeyAlpha`], [`TotalAlphaStaked`], [`TotalHotkeySharesV2`], [`StakingHotkeys`],
/// [`AutoStakeDestination`], `AutoStakeChoosers` and `RootStakeMarks`.
///
/// Invariants: the shares of a hotkey's holders add up to its total on every subnet, and so does their worth, up to one
/// rao per holder. The totals of all hotkeys never exceed the alpha outside the pool. The list of a coldkey names
/// exactly the hotkeys on which it has stake.
pub struct StakeLedger<T>(PhantomData<T>);

impl<T: Config> StakeLedger<T> {
    /// Alpha that a coldkey has on a hotkey; TAO on root.
    pub fn alpha_of(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        Self::shares(hotkey, netuid).value_of(&AlphaV2::<T>::get((hotkey, coldkey, netuid)))
    }

    /// TAO that a coldkey has on a hotkey on root.
    pub fn root_of(hotkey: &T::AccountId, coldkey: &T::AccountId) -> TaoBalance {
        TaoBalance::from_rao(Self::alpha_of(hotkey, coldkey, ROOT).to_rao())
    }

    /// Alpha of all holders on a hotkey.
    pub fn total_on(hotkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        TotalHotkeyAlpha::<T>::get(hotkey, netuid)
    }

    /// Alpha of a coldkey on a subnet on its hotkeys, of which the first [`MOST_HOTKEYS`] are read.
    pub fn total_of(coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        let hotkeys = Self::hotkeys_of(coldkey);
        let held =
            hotkeys.iter().take(MOST_HOTKEYS).filter(|hotkey| Self::is_holder(hotkey, coldkey, netuid));
        held.map(|hotkey| Self::alpha_of(hotkey, coldkey, netuid)).sum()
    }

    /// Whether all stake on a hotkey, on all subnets and at spot prices, is worth at least this.
    pub fn is_worth(hotkey: &T::AccountId, wanted: TaoBalance) -> bool {
        let mut missing = wanted;
        for netuid in SubnetRegistry::<T>::netuids() {
            if missing.is_zero() {
                break;
            }
            let staked = Self::total_on(hotkey, netuid);
            if !staked.is_zero() {
                missing = missing.saturating_sub(PoolReserves::<T>::value_at_spot(netuid, staked));
            }
        }
        missing.is_zero()
    }

    /// Whether a hotkey has any holders on a subnet.
    pub fn has_holders(hotkey: &T::AccountId, netuid: NetUid) -> bool {
        !Self::shares(hotkey, netuid).is_empty()
    }

    /// Whether a hotkey has a uid on any subnet.
    pub fn is_member_anywhere(hotkey: &T::AccountId) -> bool {
        IsNetworkMember::<T>::iter_prefix_values(hotkey).any(|member| member)
    }

    /// Hotkeys on which a coldkey has stake.
    pub fn hotkeys_of(coldkey: &T::AccountId) -> Vec<T::AccountId> {
        StakingHotkeys::<T>::get(coldkey)
    }

    /// The first few of them. Reads no more, because a coldkey may have thousands and has paid for nothing.
    pub fn first_hotkeys_of(coldkey: &T::AccountId, most: usize) -> Vec<T::AccountId> {
        let room = Compact::<u32>::max_encoded_len()
            .saturating_add(most.saturating_mul(T::AccountId::max_encoded_len()));
        let mut list = alloc::vec![0; room];
        let key = StakingHotkeys::<T>::hashed_key_for(coldkey);
        if sp_io::storage::read(&key, &mut list, 0).is_none() {
            return Vec::new();
        }
        let mut list = list.as_slice();
        let count = Compact::<u32>::decode(&mut list).map_or(0, |count| count.0 as usize);
        (0..count.min(most)).map_while(|_| T::AccountId::decode(&mut list).ok()).collect()
    }

    /// Adds alpha to a coldkey's stake on a hotkey. The caller has put that alpha into circulation.
    ///
    /// Refused with `InsufficientLiquidity` when it is worth no share.
    pub fn increase(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> DispatchResult {
        if amount.is_zero() {
            return Ok(());
        }
        // A holder is listed already; the list may be long, and pay-outs call this often.
        if Self::deposit(hotkey, coldkey, netuid, amount)? {
            Self::list_hotkey(coldkey, hotkey);
        }
        if netuid == ROOT {
            RootClaims::<T>::root_stake_added(hotkey, coldkey, amount);
        }
        Ok(())
    }

    /// The part of [`Self::increase`] that is done on every subnet. Returns whether a new holding began, whose hotkey
    /// must be listed.
    fn deposit(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> Result<bool, DispatchError> {
        if amount.is_zero() {
            return Ok(false);
        }
        let key = (hotkey, coldkey, netuid);
        let held = AlphaV2::<T>::get(key);
        let change =
            Self::shares(hotkey, netuid).add(&held, amount).map_err(|_| Error::<T>::InsufficientLiquidity)?;
        Self::store_shares(hotkey, netuid, change.pool);
        AlphaV2::<T>::insert(key, change.holder);
        Ok(held.is_zero())
    }

    /// [`Self::deposit`] of alpha that must be accepted: alpha worth no share belongs to nobody.
    fn deposit_or_burn(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> bool {
        Self::deposit(hotkey, coldkey, netuid, amount).unwrap_or_else(|_| {
            Self::burn_worthless(netuid, amount);
            false
        })
    }

    /// [`Self::increase`] for alpha that must be accepted: alpha worth no share belongs to nobody.
    pub fn credit(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) {
        if Self::increase(hotkey, coldkey, netuid, amount).is_err() {
            Self::burn_worthless(netuid, amount);
        }
    }

    fn burn_worthless(netuid: NetUid, amount: AlphaBalance) {
        log::debug!(target: "network", "{amount} alpha of subnet {netuid} is worth no share");
        PoolReserves::<T>::burn_out(netuid, amount);
    }

    /// Takes alpha from a coldkey's stake on a hotkey. Refused with `NotEnoughStakeToWithdraw` when it has less.
    ///
    /// A remainder worth less than one rao is left to the other holders, or to nobody if there are none.
    pub fn decrease(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> DispatchResult {
        let key = (hotkey, coldkey, netuid);
        let (pool, holder) = (Self::shares(hotkey, netuid), AlphaV2::<T>::get(key));
        let leaves = amount == pool.value_of(&holder);
        let change = pool.remove(&holder, amount).ok_or(Error::<T>::NotEnoughStakeToWithdraw)?;
        // When a holder takes everything, truncation may leave shares that are worth a rao.
        if leaves || change.pool.value_of(&change.holder).is_zero() {
            let left = change.pool.without(&change.holder);
            PoolReserves::<T>::burn_out(netuid, change.pool.value.saturating_sub(left.value));
            Self::store_shares(hotkey, netuid, left);
            Self::end_holding(hotkey, coldkey, netuid);
        } else {
            Self::store_shares(hotkey, netuid, change.pool);
            AlphaV2::<T>::insert(key, change.holder);
        }
        if netuid == ROOT {
            RootClaims::<T>::root_stake_removed(hotkey, coldkey, amount);
        }
        Ok(())
    }

    /// Ends a holding on a subnet that is being removed and returns it. The other holdings keep their worth, since the
    /// total of the hotkey stays until all of its holdings ended.
    pub(crate) fn take_holding(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
    ) -> AlphaBalance {
        let alpha = Self::alpha_of(hotkey, coldkey, netuid);
        Self::end_holding(hotkey, coldkey, netuid);
        alpha
    }

    /// Raises all holdings on a hotkey in proportion. Returns the amount placed: nothing if the hotkey has no holders.
    pub fn raise_all(hotkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) -> AlphaBalance {
        let pool = Self::shares(hotkey, netuid);
        if pool.is_empty() {
            return AlphaBalance::ZERO;
        }
        Self::store_shares(hotkey, netuid, pool.add_for_all(amount));
        amount
    }

    /// Whether adding this amount would be worth a share.
    pub(crate) fn would_hold(hotkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) -> bool {
        !amount.is_zero() && Self::shares(hotkey, netuid).add(&Default::default(), amount).is_ok()
    }

    /// `set_coldkey_auto_stake_hotkey`: chooses on which hotkey a coldkey's miner emission of a subnet is staked.
    pub fn choose_auto_stake(coldkey: T::AccountId, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        ensure!(NeuronRegistry::<T>::is_registered(netuid, &hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        ensure!(
            AutoStakeDestination::<T>::get(&coldkey, netuid).as_ref() != Some(&hotkey),
            Error::<T>::SameAutoStakeHotkeyAlreadySet
        );
        Self::set_destination(&coldkey, netuid, &hotkey);
        Pallet::<T>::deposit_event(Event::AutoStakeDestinationSet { coldkey, netuid, hotkey });
        Ok(())
    }

    /// Whether a coldkey has any share of a hotkey's stake on a subnet.
    pub(crate) fn is_holder(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) -> bool {
        AlphaV2::<T>::contains_key((hotkey, coldkey, netuid))
    }

    /// Whether others may give a coldkey stake on a hotkey: it has stake there already, or on few other hotkeys.
    pub(super) fn may_be_given(coldkey: &T::AccountId, hotkey: &T::AccountId) -> bool {
        let hotkeys = Self::hotkeys_of(coldkey);
        hotkeys.len() < MOST_GIVEN || hotkeys.contains(hotkey)
    }

    /// Whether a coldkey has any share of a hotkey's stake on any subnet.
    fn holds_anything(hotkey: &T::AccountId, coldkey: &T::AccountId) -> bool {
        AlphaV2::<T>::iter_key_prefix((hotkey, coldkey)).next().is_some()
    }

    fn end_holding(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) {
        AlphaV2::<T>::remove((hotkey, coldkey, netuid));
        if !Self::holds_anything(hotkey, coldkey) {
            let mut left = Self::hotkeys_of(coldkey);
            left.retain(|other| other != hotkey);
            Self::store_list(coldkey, left);
        }
    }

    /// Lists a new hotkey for an old one whose stake moved to it, replacing it if nothing is left there.
    fn relist(coldkey: &T::AccountId, old: &T::AccountId, new: &T::AccountId) {
        let keeps_old = Self::holds_anything(old, coldkey);
        let mut hotkeys = Self::hotkeys_of(coldkey);
        if Self::holds_anything(new, coldkey) && !hotkeys.contains(new) {
            match hotkeys.iter_mut().find(|hotkey| *hotkey == old) {
                Some(place) if !keeps_old => *place = new.clone(),
                _ => hotkeys.push(new.clone()),
            }
        }
        hotkeys.retain(|hotkey| keeps_old || hotkey != old);
        Self::store_list(coldkey, hotkeys);
    }

    fn store_list(coldkey: &T::AccountId, hotkeys: Vec<T::AccountId>) {
        if hotkeys.is_empty() {
            StakingHotkeys::<T>::remove(coldkey);
        } else {
            StakingHotkeys::<T>::insert(coldkey, hotkeys);
        }
    }

    /// Refuses a further hotkey to a coldkey that stakes on the most hotkeys. Payments to a coldkey are never refused;
    /// they come from hotkeys that it owns or chose.
    pub fn ensure_listable(coldkey: &T::AccountId, hotkey: &T::AccountId) -> Result<(), Error<T>> {
        let has_room = StakingHotkeys::<T>::decode_len(coldkey).unwrap_or(0) < MOST_LISTED;
        ensure!(has_room || Self::hotkeys_of(coldkey).contains(hotkey), Error::<T>::TooManyHotkeys);
        Ok(())
    }

    /// Lists a hotkey among those on which a coldkey has stake.
    pub(crate) fn list_hotkey(coldkey: &T::AccountId, hotkey: &T::AccountId) {
        let mut hotkeys = StakingHotkeys::<T>::get(coldkey);
        if !hotkeys.contains(hotkey) {
            KeyOwnership::<T>::keep_account(coldkey);
            hotkeys.push(hotkey.clone());
            StakingHotkeys::<T>::insert(coldkey, hotkeys);
        }
    }

    /// Updates the count of staked alpha on a subnet, of which some hotkeys had `before` and have `after`.
    pub(crate) fn count_staked(netuid: NetUid, before: AlphaBalance, after: AlphaBalance) {
        if before != after {
            TotalAlphaStaked::<T>::mutate(netuid, |staked| {
                let sum = staked.saturating_add(after);
                if sum < before {
                    log::error!(target: "network", "subnet {netuid} counts {staked} of stake and loses {before}");
                }
                *staked = sum.saturating_sub(before);
            });
        }
    }

    fn shares(hotkey: &T::AccountId, netuid: NetUid) -> SharePool {
        SharePool {
            value: TotalHotkeyAlpha::<T>::get(hotkey, netuid),
            shares: TotalHotkeySharesV2::<T>::get(hotkey, netuid),
        }
    }

    fn store_shares(hotkey: &T::AccountId, netuid: NetUid, pool: SharePool) {
        let before = Self::total_on(hotkey, netuid);
        let after = if pool.is_empty() { AlphaBalance::ZERO } else { pool.value };
        if netuid == ROOT && before != after {
            T::Elections::root_stake_changes(hotkey);
        }
        Self::count_staked(netuid, before, after);
        if pool.is_empty() {
            TotalHotkeyAlpha::<T>::remove(hotkey, netuid);
            TotalHotkeySharesV2::<T>::remove(hotkey, netuid);
        } else {
            // A hotkey with root stake is marked already.
            if netuid == ROOT && before.is_zero() {
                RootMarks::set::<T>(hotkey);
            }
            TotalHotkeyAlpha::<T>::insert(hotkey, netuid, pool.value);
            TotalHotkeySharesV2::<T>::insert(hotkey, netuid, pool.shares);
        }
    }
}

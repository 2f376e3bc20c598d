//! Root dividends: alpha of subnets that root stakers have earned and can claim.
//!
//! A hotkey's root stakers are paid by raising one rate per subnet; what a holder is owed follows from the rate, its root stake
//! and what is already counted as claimed. The alpha is outstanding and belongs to nobody until it is claimed.

use core::marker::PhantomData;

use alloc::{collections::BTreeSet, vec::Vec};
use frame_support::{pallet_prelude::*, storage::with_storage_layer};
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::{
    claim::{
        accrue, claim_indices, claimed_after_adding, claimed_after_removing, owed, Accrual,
        MAX_CLAIM_SUBNETS, MAX_CLAIM_THRESHOLD_RAO, MAX_ROOT_CLAIMS,
    },
    pool::Terms,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};

use super::StakeLedger;
use crate::{
    keys::KeyOwnership,
    ledger::TaoLedger,
    pallet::{
        Config, Error, Event, NumRootClaim, NumStakingColdkeys, Pallet, RootClaimType, RootClaimable,
        RootClaimableThreshold, RootClaimed, StakingColdkeys, StakingColdkeysByIndex,
    },
    pools::PoolReserves,
    subnets::{now, SubnetRegistry},
};

/// Most hotkeys of a coldkey that one claim looks at. Automatic claims look at others in every block, so all have their turn.
const MAX_HOTKEYS: usize = 256;
/// Most (hotkey, subnet) pairs that one automatic claim of a coldkey settles.
const MAX_AUTOMATIC_PAIRS: usize = 64;

/// Owner of [`RootClaimable`], [`RootClaimed`], [`RootClaimType`], [`RootClaimableThreshold`], [`StakingColdkeys`],
/// [`StakingColdkeysByIndex`], [`NumStakingColdkeys`] and [`NumRootClaim`].
///
/// Invariants: rates never fall; every coldkey with root stake has one index; what all holders of a hotkey are owed is at most what
/// was accrued for it.
pub struct RootClaims<T>(PhantomData<T>);

impl<T: Config> RootClaims<T> {
    /// Adds outstanding alpha to what the root stakers of a hotkey can claim. Alpha that the hotkey's root stake can't carry is
    /// staked to its owner; if it is worth no share there, it stays outstanding and belongs to nobody.
    pub fn accrue(hotkey: &T::AccountId, netuid: NetUid, amount: AlphaBalance) {
        let rate = Self::rate(hotkey, netuid);
        let root_stake = TaoBalance::from_rao(StakeLedger::<T>::total_on(hotkey, ROOT).to_rao());
        match accrue(rate, amount, root_stake) {
            Accrual::Rate(rate) => {
                RootClaimable::<T>::mutate(hotkey, |rates| rates.insert(netuid, rate));
            }
            Accrual::StakeToOwner(amount) => {
                let owner = KeyOwnership::<T>::owner_or_nobody(hotkey);
                if StakeLedger::<T>::increase(hotkey, &owner, netuid, amount).is_err() {
                    log::debug!(target: "network", "{amount} alpha of subnet {netuid} is worth no share");
                }
            }
        }
    }

    /// Alpha that a holder can claim on a subnet.
    pub fn owed_to(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        let stake = TaoBalance::from_rao(StakeLedger::<T>::alpha_of(hotkey, coldkey, ROOT).to_rao());
        owed(Self::rate(hotkey, netuid), stake, RootClaimed::<T>::get((netuid, hotkey, coldkey)))
    }

    /// `claim_root`: claims what a coldkey is owed on these subnets, all or nothing.
    pub fn claim(coldkey: T::AccountId, subnets: BTreeSet<NetUid>) -> DispatchResult {
        ensure!(!subnets.is_empty() && subnets.len() <= MAX_CLAIM_SUBNETS, Error::<T>::InvalidValue);
        let pairs: Vec<_> =
            Self::pairs(&coldkey, 0).into_iter().filter(|(_, netuid)| subnets.contains(netuid)).collect();
        Self::settle(&coldkey, &pairs)
    }

    /// Claims for a few coldkeys that the hash of the parent block picks.
    pub(crate) fn claim_for_some(parent_hash: &[u8; 32]) -> Weight {
        let picked = claim_indices(parent_hash, NumRootClaim::<T>::get(), NumStakingColdkeys::<T>::get());
        let mut pairs_seen = 0u64;
        for coldkey in picked.into_iter().filter_map(StakingColdkeysByIndex::<T>::get) {
            let mut pairs = Self::pairs(&coldkey, now::<T>());
            pairs.truncate(MAX_AUTOMATIC_PAIRS);
            pairs_seen = pairs_seen.saturating_add(pairs.len() as u64);
            let outcome = with_storage_layer(|| Self::settle(&coldkey, &pairs));
            log::trace!(target: "network", "automatic root claim: {outcome:?}");
        }
        let reads = pairs_seen.saturating_mul(6).saturating_add(2);
        T::DbWeight::get().reads_writes(reads, pairs_seen.saturating_mul(6))
    }

    /// `set_root_claim_type`: chooses what becomes of a coldkey's root dividends.
    pub fn choose_type(coldkey: T::AccountId, choice: RootClaimTypeEnum) -> DispatchResult {
        if let RootClaimTypeEnum::KeepSubnets { subnets } = &choice {
            let known =
                !subnets.is_empty() && subnets.iter().all(|&netuid| SubnetRegistry::<T>::exists(netuid));
            ensure!(known, Error::<T>::InvalidValue);
        }
        RootClaimType::<T>::insert(&coldkey, &choice);
        Pallet::<T>::deposit_event(Event::RootClaimTypeSet { coldkey, root_claim_type: choice });
        Ok(())
    }

    /// `sudo_set_num_root_claims`: sets how many coldkeys are claimed for in a block.
    pub fn set_claims_per_block(count: u64) -> DispatchResult {
        ensure!(count <= MAX_ROOT_CLAIMS, Error::<T>::InvalidValue);
        NumRootClaim::<T>::put(count);
        Ok(())
    }

    /// `sudo_set_root_claim_threshold`: sets the smallest claim on a subnet in rao.
    pub fn set_threshold(netuid: NetUid, rao: u64) -> DispatchResult {
        ensure!(rao <= MAX_CLAIM_THRESHOLD_RAO, Error::<T>::InvalidRootClaimThreshold);
        RootClaimableThreshold::<T>::insert(netuid, I96F32::from_int(rao));
        Ok(())
    }

    /// Keeps what a holder is owed as it is while its root stake grows.
    pub(super) fn root_stake_added(hotkey: &T::AccountId, coldkey: &T::AccountId, added: AlphaBalance) {
        Self::index(coldkey);
        Self::adjust(hotkey, coldkey, added, claimed_after_adding);
    }

    /// Keeps what the rest of a holder's root stake is owed as it is while a part goes.
    pub(super) fn root_stake_removed(hotkey: &T::AccountId, coldkey: &T::AccountId, removed: AlphaBalance) {
        Self::adjust(hotkey, coldkey, removed, claimed_after_removing);
    }

    fn adjust(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        amount: AlphaBalance,
        rule: fn(I96F32, TaoBalance, u128) -> u128,
    ) {
        let amount = TaoBalance::from_rao(amount.to_rao());
        for (netuid, rate) in RootClaimable::<T>::get(hotkey) {
            RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
                *claimed = rule(rate, amount, *claimed)
            });
        }
    }

    /// Settles every pair whose claim reaches the threshold.
    fn settle(coldkey: &T::AccountId, pairs: &[(T::AccountId, NetUid)]) -> DispatchResult {
        let choice = RootClaimType::<T>::get(coldkey);
        let mut gained = TaoBalance::ZERO;
        let mut settled = false;
        for (hotkey, netuid) in pairs {
            let amount = Self::owed_to(hotkey, coldkey, *netuid);
            if amount.is_zero() || amount.to_rao() < RootClaimableThreshold::<T>::get(netuid).floor_u64() {
                continue;
            }
            let keep = match &choice {
                RootClaimTypeEnum::Swap => false,
                RootClaimTypeEnum::Keep => true,
                RootClaimTypeEnum::KeepSubnets { subnets } => subnets.contains(netuid),
            };
            RootClaimed::<T>::mutate((netuid, hotkey, coldkey), |claimed| {
                *claimed = claimed.saturating_add(amount.to_rao().into())
            });
            if keep {
                StakeLedger::<T>::increase(hotkey, coldkey, *netuid, amount)?;
            } else {
                gained = gained.saturating_add(Self::sell_to_root(hotkey, coldkey, *netuid, amount)?);
            }
            settled = true;
        }
        if settled {
            Pallet::<T>::deposit_event(Event::RootClaimed { coldkey: coldkey.clone(), tao: gained });
        }
        Ok(())
    }

    /// Sells claimed alpha without fee and stakes the TAO on root with the same hotkey.
    fn sell_to_root(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> Result<TaoBalance, DispatchError> {
        let sale = PoolReserves::<T>::sell(netuid, amount, Terms::FREE)?;
        let unsold = amount.saturating_sub(sale.consumed());
        StakeLedger::<T>::increase(hotkey, coldkey, netuid, unsold)?;
        TaoLedger::<T>::pay_between_subnets(netuid, ROOT, sale.amount_out)?;
        let stake = PoolReserves::<T>::buy(ROOT, sale.amount_out, Terms::FREE)?;
        StakeLedger::<T>::increase(hotkey, coldkey, ROOT, stake.amount_out)?;
        Ok(sale.amount_out)
    }

    /// Every (hotkey, subnet) on which a coldkey may be owed something, among [`MAX_HOTKEYS`] hotkeys in turn.
    fn pairs(coldkey: &T::AccountId, turn: u64) -> Vec<(T::AccountId, NetUid)> {
        let hotkeys = StakeLedger::<T>::hotkeys_of(coldkey);
        let windows = (hotkeys.len() as u64).div_ceil(MAX_HOTKEYS as u64).max(1);
        let skipped = usize::try_from(turn % windows).unwrap_or(0).saturating_mul(MAX_HOTKEYS);
        hotkeys
            .into_iter()
            .skip(skipped)
            .take(MAX_HOTKEYS)
            .filter(|hotkey| !StakeLedger::<T>::alpha_of(hotkey, coldkey, ROOT).is_zero())
            .flat_map(|hotkey| {
                RootClaimable::<T>::get(&hotkey).into_keys().map(move |netuid| (hotkey.clone(), netuid))
            })
            .collect()
    }

    fn rate(hotkey: &T::AccountId, netuid: NetUid) -> I96F32 {
        RootClaimable::<T>::get(hotkey).get(&netuid).copied().unwrap_or_default()
    }

    /// Gives a coldkey an index, once.
    fn index(coldkey: &T::AccountId) {
        if StakingColdkeys::<T>::contains_key(coldkey) {
            return;
        }
        let index = NumStakingColdkeys::<T>::get();
        StakingColdkeys::<T>::insert(coldkey, index);
        StakingColdkeysByIndex::<T>::insert(index, coldkey);
        NumStakingColdkeys::<T>::put(index.saturating_add(1));
    }
}

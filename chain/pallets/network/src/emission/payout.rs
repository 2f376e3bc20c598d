//! Runs a subnet’s epoch and pays what waited for it.

use alloc::vec::Vec;

use myelin_economy::{
    childkeys::{FamilyDividend, FamilyRates, Parent},
    payout::{
        share_with_parents, Credit, EpochPots, Miner, Payout, PayoutInput, Reason, SharedDividends,
        SubnetOwner, Validator,
    },
};
use myelin_units::{AlphaBalance, Block, NetUid, U96F32};

use crate::{
    epoch::{self, Reward},
    keys::KeyOwnership,
    locks::Locks,
    pallet::{
        AlphaDividendsPerSubnet, AutoStakeDestination, CKBurn, ChildKeys, ChildkeyTake, Config, Delegates,
        Event, MinerBurned, Pallet, ParentKeys, RecycleOrBurn, RootAlphaDividendsPerSubnet, TaoWeight,
        TotalHotkeyAlpha, TotalHotkeyAlphaLastEpoch,
    },
    pools::PoolReserves,
    stake::{Delegation, RootClaims, StakeLedger},
    subnets::SubnetRegistry,
};

/// Runs the epoch of a subnet with its pots and pays owner, miners, validators, nominators and root stakers.
pub fn pay<T: Config>(netuid: NetUid, pots: EpochPots, now: Block) {
    let rewards = epoch::run::<T>(netuid, pots.epoch_emission(), now);
    let emissions = rewards.iter().map(|reward| reward.incentive).collect();
    Pallet::<T>::deposit_event(Event::IncentiveAlphaEmittedToMiners { netuid, emissions });
    let incentives = rewards.iter().map(|reward| reward.incentive).sum();
    let input = input::<T>(netuid, pots.beside_incentives(incentives), &rewards);
    let payout = input.pay();
    PoolReserves::<T>::burn_out(netuid, pots.left_by(&payout));
    apply::<T>(netuid, &input, payout);
}

/// Everything that the pay-out of these rewards depends on.
pub fn input<T: Config>(
    netuid: NetUid,
    pots: EpochPots,
    rewards: &[Reward<T::AccountId>],
) -> PayoutInput<T::AccountId> {
    let rates = FamilyRates { tao_weight: TaoWeight::<T>::get(), burn: CKBurn::<T>::get() };
    let earners = rewards.iter().filter(|reward| !reward.dividend.is_zero());
    let families: Vec<_> = earners.map(|reward| family::<T>(netuid, reward)).collect();
    let SharedDividends { by_hotkey, burned } = share_with_parents(&families, rates);
    PayoutInput {
        pots,
        tao_weight: rates.tao_weight,
        owner: SubnetRegistry::<T>::owner_hotkey(netuid)
            .map(|hotkey| SubnetOwner { coldkey: SubnetRegistry::<T>::owner(netuid), hotkey }),
        recycle_withheld: RecycleOrBurn::<T>::get(netuid) == myelin_abi::RecycleOrBurnEnum::Recycle,
        miners: rewards.iter().map(|reward| miner::<T>(netuid, reward)).collect(),
        validators: by_hotkey
            .into_iter()
            .map(|(hotkey, dividend)| validator::<T>(netuid, hotkey, dividend))
            .collect(),
        childkey_burn: burned,
    }
}

fn family<T: Config>(netuid: NetUid, reward: &Reward<T::AccountId>) -> FamilyDividend<T::AccountId> {
    let hotkey = &reward.hotkey;
    let coldkey = KeyOwnership::<T>::owner_or_nobody(hotkey);
    let parent = |(proportion, parent): (u64, T::AccountId)| Parent {
        proportion,
        holding: Delegation::<T>::holding(&parent, netuid),
        same_owner: KeyOwnership::<T>::owner_or_nobody(&parent) == coldkey,
        hotkey: parent,
    };
    FamilyDividend {
        hotkey: hotkey.clone(),
        dividend: reward.dividend,
        holding: Delegation::<T>::holding(hotkey, netuid),
        lent: ChildKeys::<T>::get(hotkey, netuid).into_iter().map(|(proportion, _)| proportion).collect(),
        take: ChildkeyTake::<T>::get(hotkey, netuid),
        parents: ParentKeys::<T>::get(hotkey, netuid).into_iter().map(parent).collect(),
    }
}

fn miner<T: Config>(netuid: NetUid, reward: &Reward<T::AccountId>) -> Miner<T::AccountId> {
    let coldkey = KeyOwnership::<T>::owner_or_nobody(&reward.hotkey);
    let destination = AutoStakeDestination::<T>::get(&coldkey, netuid);
    Miner {
        destination: destination.unwrap_or_else(|| reward.hotkey.clone()),
        hotkey: reward.hotkey.clone(),
        coldkey,
        incentive: reward.incentive,
    }
}

fn validator<T: Config>(
    netuid: NetUid,
    hotkey: T::AccountId,
    dividend: AlphaBalance,
) -> Validator<T::AccountId> {
    Validator {
        coldkey: KeyOwnership::<T>::owner_or_nobody(&hotkey),
        dividend,
        holding: Delegation::<T>::holding(&hotkey, netuid),
        take: Delegates::<T>::get(&hotkey),
        hotkey,
    }
}

/// Books a pay-out. Withheld incentives that are burned, and a credit that the stake ledger refuses, because it would be worth no share, belong to nobody.
pub(crate) fn apply<T: Config>(
    netuid: NetUid,
    input: &PayoutInput<T::AccountId>,
    payout: Payout<T::AccountId>,
) {
    clear_dividends::<T>(netuid);
    announce_auto_stake::<T>(netuid, input, &payout);
    for credit in payout.credits {
        match credit {
            Credit::Stake { reason, hotkey, coldkey, amount } => {
                if reason == Reason::AlphaDividend {
                    AlphaDividendsPerSubnet::<T>::insert(netuid, &hotkey, amount);
                }
                StakeLedger::<T>::credit(&hotkey, &coldkey, netuid, amount);
                if reason == Reason::OwnerCut {
                    Locks::<T>::lock_owner_cut(netuid, &coldkey, &hotkey, amount);
                }
            }
            Credit::Nominators { hotkey, amount } => {
                let placed = StakeLedger::<T>::raise_all(&hotkey, netuid, amount);
                PoolReserves::<T>::burn_out(netuid, amount.saturating_sub(placed));
                AlphaDividendsPerSubnet::<T>::insert(netuid, &hotkey, amount);
                let total = TotalHotkeyAlpha::<T>::get(&hotkey, netuid);
                TotalHotkeyAlphaLastEpoch::<T>::insert(&hotkey, netuid, total);
            }
            Credit::RootClaims { hotkey, amount } => {
                RootClaims::<T>::accrue(&hotkey, netuid, amount);
                RootAlphaDividendsPerSubnet::<T>::insert(netuid, &hotkey, amount);
            }
        }
    }
    PoolReserves::<T>::recycle_out(netuid, payout.recycled);
    PoolReserves::<T>::burn_out(netuid, payout.burned);
    MinerBurned::<T>::insert(netuid, payout.miner_burned.cast::<U96F32>());
}

fn clear_dividends<T: Config>(netuid: NetUid) {
    let _ = AlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
    let _ = RootAlphaDividendsPerSubnet::<T>::clear_prefix(netuid, u32::MAX, None);
}

/// Tells which incentives are staked on another hotkey than the miner’s.
fn announce_auto_stake<T: Config>(
    netuid: NetUid,
    input: &PayoutInput<T::AccountId>,
    payout: &Payout<T::AccountId>,
) {
    let redirected: Vec<_> = input.miners.iter().filter(|miner| miner.destination != miner.hotkey).collect();
    for credit in payout.credits.iter().filter(|_| !redirected.is_empty()) {
        let Credit::Stake { reason: Reason::Incentive, hotkey, coldkey, amount } = credit else { continue };
        let miner = redirected.iter().find(|miner| {
            miner.destination == *hotkey && miner.coldkey == *coldkey && miner.incentive == *amount
        });
        if let Some(miner) = miner {
            Pallet::<T>::deposit_event(Event::AutoStakeAdded {
                netuid,
                destination: hotkey.clone(),
                hotkey: miner.hotkey.clone(),
                owner: coldkey.clone(),
                incentive: *amount,
            });
        }
    }
}

/// Shows what a hotkey earned in the last epoch as the earnings of the one that takes its place.
pub(crate) fn hand_over<T: Config>(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
    let earned = AlphaDividendsPerSubnet::<T>::take(netuid, old);
    if !earned.is_zero() {
        AlphaDividendsPerSubnet::<T>::insert(netuid, new, earned);
    }
    let earned = RootAlphaDividendsPerSubnet::<T>::take(netuid, old);
    if !earned.is_zero() {
        RootAlphaDividendsPerSubnet::<T>::insert(netuid, new, earned);
    }
    if let Ok(total) = TotalHotkeyAlphaLastEpoch::<T>::try_get(old, netuid) {
        TotalHotkeyAlphaLastEpoch::<T>::remove(old, netuid);
        TotalHotkeyAlphaLastEpoch::<T>::insert(new, netuid, total);
    }
}

//! Root dividends: alpha of subnets that root stakers have earned and can claim.
//!
//! A hotkey's root stakers are paid by raising one rate per subnet. The claim of a holder follows from the rate, its
//! root stake and the part already counted as claimed. The alpha is outstanding and belongs to nobody until it is
//! claimed.

use core::marker::PhantomData;

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{
    dispatch::WithPostDispatchInfo, pallet_prelude::*, storage::with_storage_layer, weights::WeightMeter,
};
use myelin_abi::RootClaimTypeEnum;
use myelin_economy::{
    claim::{
        accrue, claim_indices, claimed_after_adding, claimed_after_moving, claimed_after_removing, owed,
        paid_when_moving, paid_when_removing, to_keep, Accrual, MAX_CLAIM_SUBNETS, MAX_CLAIM_THRESHOLD_RAO,
        MAX_ROOT_CLAIMS,
    },
    pool::Terms,
};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I96F32, ROOT};

use super::{StakeBatch, StakeLedger};
use crate::{
    chores::Allowance,
    costs,
    entries::Entries,
    keys::KeyOwnership,
    ledger::TaoLedger,
    paging::LOOK,
    pallet::{
        Config, Error, Event, NumRootClaim, NumStakingColdkeys, Pallet, RootClaimPot, RootClaimType,
        RootClaimable, RootClaimableThreshold, RootClaimed, StakingColdkeys, StakingColdkeysByIndex,
        TotalHotkeyAlpha,
    },
    pools::PoolReserves,
    subnets::{now, SubnetRegistry},
};

/// Claims of a coldkey on one hotkey: alpha by subnet.
struct DueClaims<A> {
    hotkey: A,
    amounts: Vec<(NetUid, AlphaBalance)>,
}

/// Claims of a coldkey.
struct Due<A> {
    claims: Vec<DueClaims<A>>,
    /// Whether the coldkey was found to have no root stake at all.
    left_root: bool,
}

/// Number of rates by which dividends are settled when root stake moves to a hotkey.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Rates {
    /// Rates of either hotkey.
    pub all: usize,
    /// Rates that are lower than those of the hotkey that the stake comes from.
    pub lower: usize,
}

/// Treatment of a claim whose alpha cannot be sold now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unsellable {
    /// It waits; the other claims are settled.
    Waits,
    /// All claims are refused: the caller may leave this one out.
    RefusesAll,
}

/// Owner of [`RootClaimable`], [`RootClaimed`], [`RootClaimPot`], [`RootClaimType`], [`RootClaimableThreshold`],
/// [`StakingColdkeys`], [`StakingColdkeysByIndex`], [`NumStakingColdkeys`] and [`NumRootClaim`].
///
/// Invariants: rates never fall. Every coldkey with root stake has one index, and loses it in the turn after its root
/// stake. No [`RootClaimed`] is 0 or belongs to a holder without root stake. The sum of all claims on a subnet is at
/// most [`RootClaimPot`].
pub struct RootClaims<T>(PhantomData<T>);

impl<T: Config> RootClaims<T> {
    /// Adds outstanding alpha to the claims of these hotkeys' root stakers. Alpha beyond the hotkey's root stake is
    /// staked to its owner; if it is worth no share there, it belongs to nobody.
    pub(crate) fn accrue(
        stakes: &mut StakeBatch<'_, T>,
        netuid: NetUid,
        amounts: &[(T::AccountId, AlphaBalance)],
    ) {
        let (mut totals, mut claimable) = (
            Entries::<TotalHotkeyAlpha<T>, AlphaBalance>::new(),
            Entries::<RootClaimable<T>, BTreeMap<NetUid, I96F32>>::new(),
        );
        let mut carried = AlphaBalance::ZERO;
        for (hotkey, amount) in amounts {
            let key = stakes.accounts().key(hotkey);
            let root_stake: AlphaBalance =
                totals.at().part(key).part(&ROOT.to_le_bytes()).get().unwrap_or_default();
            let mut rates = claimable.at().part(key).get().unwrap_or_default();
            let rate = rates.get(&netuid).copied().unwrap_or_default();
            match accrue(rate, *amount, TaoBalance::from_rao(root_stake.to_rao())) {
                Accrual::Rate(rate) => {
                    rates.insert(netuid, rate);
                    claimable.at().part(key).put(&rates);
                    carried = carried.saturating_add(*amount);
                }
                Accrual::StakeToOwner(amount) => {
                    stakes.credit(hotkey, &KeyOwnership::<T>::owner_or_nobody(hotkey), amount);
                }
            }
        }
        if !carried.is_zero() {
            RootClaimPot::<T>::mutate(netuid, |pot| *pot = pot.saturating_add(carried));
        }
    }

    /// Alpha that a holder can claim on a subnet.
    pub fn owed_to(hotkey: &T::AccountId, coldkey: &T::AccountId, netuid: NetUid) -> AlphaBalance {
        let stake = StakeLedger::<T>::root_of(hotkey, coldkey);
        owed(Self::rate(hotkey, netuid), stake, RootClaimed::<T>::get((netuid, hotkey, coldkey)))
    }

    /// `claim_root`: settles the claims of a coldkey on these subnets, and returns the cost. All or nothing, as far as
    /// the declared cost of the call lasts; a coldkey with claims on very many hotkeys calls again.
    pub fn claim(coldkey: T::AccountId, subnets: BTreeSet<NetUid>) -> DispatchResultWithPostInfo {
        ensure!(
            !subnets.is_empty() && subnets.len() <= MAX_CLAIM_SUBNETS,
            Error::<T>::InvalidSubnetNumber.with_weight(costs::small::<T>())
        );
        let mut meter = WeightMeter::with_limit(costs::claim::<T>(subnets.len()));
        let due = Self::due(&coldkey, |netuid| subnets.contains(&netuid), now::<T>(), &mut meter);
        Self::settle(&coldkey, &due.claims, Unsellable::RefusesAll)
            .map_err(|error| error.with_weight(meter.consumed()))?;
        Ok(Some(meter.consumed()).into())
    }

    /// `claim_root_with_hotkey`: settles the claims of a coldkey on one hotkey, of all subnets, and returns the cost;
    /// as [`Self::claim`].
    pub fn claim_on(coldkey: T::AccountId, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
        KeyOwnership::<T>::ensure_exists(&hotkey).map_err(|error| error.with_weight(costs::small::<T>()))?;
        let mut meter = WeightMeter::with_limit(costs::claim_on::<T>());
        let due = Self::due_on(&coldkey, alloc::vec![hotkey], |_| true, now::<T>(), &mut meter);
        Self::settle(&coldkey, &due.claims, Unsellable::RefusesAll)
            .map_err(|error| error.with_weight(meter.consumed()))?;
        Ok(Some(meter.consumed()).into())
    }

    /// Claims for a few coldkeys that the hash of the parent block picks, as far as there is room. Alpha that cannot be
    /// sold now waits for another turn.
    pub(crate) fn claim_for_some(parent_hash: &[u8; 32], allowance: &mut Allowance<T>) {
        let mut picked = claim_indices(parent_hash, NumRootClaim::<T>::get(), NumStakingColdkeys::<T>::get());
        rotate(&mut picked, allowance.round());
        allowance.spend_points(LOOK.saturating_mul(2));
        let mut meter = WeightMeter::with_limit(allowance.left());
        for index in picked {
            if meter.try_consume(costs::claim_look::<T>()).is_err() {
                break;
            }
            let Some(coldkey) = StakingColdkeysByIndex::<T>::get(index) else { continue };
            let outcome = Self::claim_everything(&coldkey, allowance.round(), &mut meter);
            log::trace!(target: "network", "automatic root claim: {outcome:?}");
        }
        allowance.spend(meter.consumed());
    }

    /// Settles all claims of a coldkey, as far as `meter` lasts.
    pub(crate) fn claim_everything(
        coldkey: &T::AccountId,
        turn: u64,
        meter: &mut WeightMeter,
    ) -> DispatchResult {
        let due = Self::due(coldkey, |_| true, turn, meter);
        with_storage_layer(|| Self::settle(coldkey, &due.claims, Unsellable::Waits))?;
        if due.left_root && meter.try_consume(costs::forget_claimant::<T>()).is_ok() {
            Self::forget_index(coldkey);
        }
        Ok(())
    }

    /// `set_root_claim_type`: chooses the form of a coldkey's root dividends.
    pub fn choose_type(coldkey: T::AccountId, choice: RootClaimTypeEnum) -> DispatchResult {
        if let RootClaimTypeEnum::KeepSubnets { subnets } = &choice {
            ensure!(!subnets.is_empty(), Error::<T>::InvalidSubnetNumber);
            subnets.iter().try_for_each(|&netuid| SubnetRegistry::<T>::ensure_exists(netuid))?;
        }
        RootClaimType::<T>::insert(&coldkey, &choice);
        Pallet::<T>::deposit_event(Event::RootClaimTypeSet { coldkey, root_claim_type: choice });
        Ok(())
    }

    /// `sudo_set_num_root_claims`: sets the number of coldkeys that are claimed for in a block.
    pub fn set_claims_per_block(count: u64) -> DispatchResult {
        ensure!(count <= MAX_ROOT_CLAIMS, Error::<T>::InvalidNumRootClaim);
        NumRootClaim::<T>::put(count);
        Ok(())
    }

    /// `sudo_set_root_claim_threshold`: sets the smallest claim on a subnet in rao.
    pub fn set_threshold(netuid: NetUid, rao: u64) -> DispatchResult {
        ensure!(rao <= MAX_CLAIM_THRESHOLD_RAO, Error::<T>::InvalidRootClaimThreshold);
        RootClaimableThreshold::<T>::insert(netuid, I96F32::from_int(rao));
        Ok(())
    }

    /// Prepares a hotkey for the root stake of another one. Without root stake on it, its rates rise to those of the
    /// other one. With root stake they stay, since they decide the claims of its holders. The excess of the other rates
    /// is paid to each holder that moves ([`Self::root_stake_moved`]). Returns the number of rates.
    pub(crate) fn adopt_rates(old: &T::AccountId, new: &T::AccountId) -> Rates {
        let former = RootClaimable::<T>::get(old);
        let mut rates = RootClaimable::<T>::get(new);
        if former.is_empty() || !StakeLedger::<T>::has_holders(old, ROOT) {
            return Rates { all: rates.len(), lower: 0 };
        }
        if StakeLedger::<T>::has_holders(new, ROOT) {
            let own = |netuid: &NetUid| rates.get(netuid).copied().unwrap_or_default();
            let lower = former.iter().filter(|(netuid, rate)| own(netuid) < **rate).count();
            let missing = former.keys().filter(|netuid| !rates.contains_key(netuid)).count();
            return Rates { all: rates.len().saturating_add(missing), lower };
        }
        // Rates of a subnet that is being removed are dropped: the sweep may have passed the new hotkey already.
        for (netuid, rate) in former.into_iter().filter(|(netuid, _)| SubnetRegistry::<T>::exists(*netuid)) {
            let own = rates.entry(netuid).or_default();
            *own = (*own).max(rate);
        }
        RootClaimable::<T>::insert(new, &rates);
        Rates { all: rates.len(), lower: 0 }
    }

    /// Preserves the claims of a holder after root stake of this value moved to another hotkey. The part that the lower
    /// rate of the new hotkey can't express is paid as alpha on it.
    pub(super) fn root_stake_moved(
        old: &T::AccountId,
        new: &T::AccountId,
        coldkey: &T::AccountId,
        moved: AlphaBalance,
    ) {
        let moved = TaoBalance::from_rao(moved.to_rao());
        let stays = StakeLedger::<T>::is_holder(new, coldkey, ROOT);
        let (former, rates) = (RootClaimable::<T>::get(old), RootClaimable::<T>::get(new));
        let netuids: BTreeSet<NetUid> = former.keys().chain(rates.keys()).copied().collect();
        let of = |rates: &BTreeMap<NetUid, I96F32>, netuid| rates.get(&netuid).copied().unwrap_or_default();
        for netuid in netuids {
            let (former, rate) = (of(&former, netuid), of(&rates, netuid));
            let there = RootClaimed::<T>::take((netuid, old, coldkey));
            let here = RootClaimed::<T>::get((netuid, new, coldkey));
            let claimed = claimed_after_moving(former, rate, moved, there, here);
            // Where the new hotkey has no rate, nobody counts as having claimed: a rounded rao would stay for ever.
            let counts = stays && rate > I96F32::ZERO;
            Self::store_claimed(netuid, new, coldkey, if counts { claimed } else { 0 });
            // Unclaimed alpha of a removed subnet is lost.
            if rate < former && SubnetRegistry::<T>::exists(netuid) {
                let paid = Self::take_from_pot(netuid, paid_when_moving(former, rate, moved, there));
                // The holder's list of hotkeys is updated after all of its stake has moved.
                StakeLedger::<T>::deposit_or_burn(new, coldkey, netuid, paid);
            }
        }
    }

    /// Moves the accrued alpha of a holder from the unowned alpha into the pots of claims, and returns the number of
    /// subnets with rates.
    pub(crate) fn fill_pots(hotkey: &T::AccountId, coldkey: &T::AccountId) -> u32 {
        let stake = StakeLedger::<T>::root_of(hotkey, coldkey);
        let rates = RootClaimable::<T>::get(hotkey);
        for (netuid, rate) in &rates {
            let kept = to_keep(*rate, stake, RootClaimed::<T>::get((netuid, hotkey, coldkey)));
            let found = PoolReserves::<T>::take_unowned(*netuid, kept);
            RootClaimPot::<T>::mutate(netuid, |pot| *pot = pot.saturating_add(found));
        }
        u32::try_from(rates.len()).unwrap_or(u32::MAX)
    }

    /// Removes the rates of a hotkey without root stake.
    pub(crate) fn forget_hotkey(hotkey: &T::AccountId) {
        RootClaimable::<T>::remove(hotkey);
    }

    /// Preserves the claims of a holder while its root stake grows.
    pub(super) fn root_stake_added(hotkey: &T::AccountId, coldkey: &T::AccountId, added: AlphaBalance) {
        Self::index(coldkey);
        let added = TaoBalance::from_rao(added.to_rao());
        for (netuid, rate) in RootClaimable::<T>::get(hotkey) {
            let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
            Self::store_claimed(netuid, hotkey, coldkey, claimed_after_adding(rate, added, claimed));
        }
    }

    /// Preserves the earnings of a holder while its root stake decreases. The remaining stake keeps its claims, and the
    /// part that it could no longer be owed is paid as alpha on the same hotkey. A holder without root stake there
    /// leaves no entry behind.
    pub(super) fn root_stake_removed(hotkey: &T::AccountId, coldkey: &T::AccountId, removed: AlphaBalance) {
        let removed = TaoBalance::from_rao(removed.to_rao());
        let stays = StakeLedger::<T>::is_holder(hotkey, coldkey, ROOT);
        let mut began = false;
        for (netuid, rate) in RootClaimable::<T>::get(hotkey) {
            // Unclaimed alpha of a removed subnet is lost.
            if !SubnetRegistry::<T>::exists(netuid) {
                continue;
            }
            let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
            let paid = Self::take_from_pot(netuid, paid_when_removing(rate, removed, claimed));
            let claimed = if stays { claimed_after_removing(rate, removed, claimed) } else { 0 };
            Self::store_claimed(netuid, hotkey, coldkey, claimed);
            began |= StakeLedger::<T>::deposit_or_burn(hotkey, coldkey, netuid, paid);
        }
        if began {
            StakeLedger::<T>::list_hotkey(coldkey, hotkey);
        }
    }

    /// Removes the entry of a holder that has no root stake on the hotkey any more, or claimed nothing.
    pub(crate) fn forget_if_left(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId) {
        let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
        if claimed == 0 || !StakeLedger::<T>::is_holder(hotkey, coldkey, ROOT) {
            RootClaimed::<T>::remove((netuid, hotkey, coldkey));
        }
    }

    fn store_claimed(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId, claimed: u128) {
        match claimed {
            0 => RootClaimed::<T>::remove((netuid, hotkey, coldkey)),
            claimed => RootClaimed::<T>::insert((netuid, hotkey, coldkey), claimed),
        }
    }

    /// Settles claims: sells or keeps the alpha of each as the coldkey chose. The proceeds of one hotkey's sales are
    /// staked on root at once, since every stake on root adjusts its holder's claims on all subnets.
    fn settle(
        coldkey: &T::AccountId,
        due: &[DueClaims<T::AccountId>],
        unsellable: Unsellable,
    ) -> DispatchResult {
        let choice = RootClaimType::<T>::get(coldkey);
        let mut gained = TaoBalance::ZERO;
        for DueClaims { hotkey, amounts } in due {
            let (mut tao, mut began) = (TaoBalance::ZERO, false);
            for &(netuid, amount) in amounts {
                match with_storage_layer(|| Self::settle_one(hotkey, coldkey, netuid, amount, &choice)) {
                    Ok((gain, begins)) => (tao, began) = (tao.saturating_add(gain), began || begins),
                    Err(_) if unsellable == Unsellable::Waits => continue,
                    Err(error) => return Err(error),
                }
            }
            if began {
                StakeLedger::<T>::list_hotkey(coldkey, hotkey);
            }
            if !tao.is_zero() {
                let stake = PoolReserves::<T>::buy(ROOT, tao, Terms::FREE)?;
                StakeLedger::<T>::increase(hotkey, coldkey, ROOT, stake.amount_out)?;
            }
            gained = gained.saturating_add(tao);
        }
        if !due.is_empty() {
            Pallet::<T>::deposit_event(Event::RootClaimed { coldkey: coldkey.clone(), tao: gained });
        }
        Ok(())
    }

    /// Sells or keeps the claim on one subnet's alpha; returns the TAO that the sale brought to root, and whether a
    /// holding began.
    fn settle_one(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
        choice: &RootClaimTypeEnum,
    ) -> Result<(TaoBalance, bool), DispatchError> {
        let claimed = RootClaimed::<T>::get((netuid, hotkey, coldkey));
        Self::store_claimed(netuid, hotkey, coldkey, claimed.saturating_add(amount.to_rao().into()));
        let amount = Self::take_from_pot(netuid, amount);
        let keep = match choice {
            RootClaimTypeEnum::Swap => false,
            RootClaimTypeEnum::Keep => true,
            RootClaimTypeEnum::KeepSubnets { subnets } => subnets.contains(&netuid),
        };
        if keep {
            let began = StakeLedger::<T>::deposit(hotkey, coldkey, netuid, amount)?;
            return Ok((TaoBalance::ZERO, began));
        }
        Self::sell(hotkey, coldkey, netuid, amount)
    }

    /// Takes a claim out of the accrued alpha. Only if an older runtime rounded differently, the pot may be short by
    /// about a rao.
    fn take_from_pot(netuid: NetUid, claim: AlphaBalance) -> AlphaBalance {
        RootClaimPot::<T>::mutate(netuid, |pot| {
            let taken = claim.min(*pot);
            *pot = pot.saturating_sub(taken);
            taken
        })
    }

    /// Sells claimed alpha without fee; the TAO is on the account of root afterwards. Returns the TAO, and whether a
    /// holding of unsold alpha began.
    fn sell(
        hotkey: &T::AccountId,
        coldkey: &T::AccountId,
        netuid: NetUid,
        amount: AlphaBalance,
    ) -> Result<(TaoBalance, bool), DispatchError> {
        let sale = PoolReserves::<T>::sell(netuid, amount, Terms::FREE)?;
        let unsold = amount.saturating_sub(sale.consumed());
        let began = StakeLedger::<T>::deposit(hotkey, coldkey, netuid, unsold)?;
        TaoLedger::<T>::pay_between_subnets(netuid, ROOT, sale.amount_out)?;
        Ok((sale.amount_out, began))
    }

    /// The claims of a coldkey that reach their thresholds, on the `wanted` subnets, as far as `meter` lasts for
    /// finding and settling them. Hotkeys and subnets are read in an order that `turn` rotates: if the meter ends
    /// early, others come first next time.
    fn due(
        coldkey: &T::AccountId,
        wanted: impl Fn(NetUid) -> bool,
        turn: u64,
        meter: &mut WeightMeter,
    ) -> Due<T::AccountId> {
        let mut hotkeys = StakeLedger::<T>::hotkeys_of(coldkey);
        if meter.try_consume(costs::claimant::<T>(hotkeys.len())).is_err() {
            return Due { claims: Vec::new(), left_root: false };
        }
        let turn = rotate(&mut hotkeys, turn);
        Self::due_on(coldkey, hotkeys, wanted, turn, meter)
    }

    /// The same on these hotkeys.
    fn due_on(
        coldkey: &T::AccountId,
        hotkeys: Vec<T::AccountId>,
        wanted: impl Fn(NetUid) -> bool,
        turn: u64,
        meter: &mut WeightMeter,
    ) -> Due<T::AccountId> {
        let mut due = Due { claims: Vec::new(), left_root: true };
        for hotkey in hotkeys {
            if meter.try_consume(costs::claim_look::<T>()).is_err() {
                due.left_root = false;
                break;
            }
            if !StakeLedger::<T>::is_holder(&hotkey, coldkey, ROOT) {
                continue;
            }
            due.left_root = false;
            let rates = RootClaimable::<T>::get(&hotkey);
            if meter.try_consume(costs::claim_hotkey::<T>(rates.len())).is_err() {
                break;
            }
            // Root stake grows once per hotkey, which is listed once.
            let listing = costs::length::<T>(costs::stakes_on::<T>(coldkey));
            let mut once = costs::root_growth::<T>(rates.len()).saturating_add(listing);
            let stake = StakeLedger::<T>::root_of(&hotkey, coldkey);
            // Unclaimed alpha of a removed subnet is lost.
            let claimable = |netuid| wanted(netuid) && SubnetRegistry::<T>::exists(netuid);
            let mut rates: Vec<_> = rates.into_iter().filter(|(netuid, _)| claimable(*netuid)).collect();
            rotate(&mut rates, turn);
            let mut amounts = Vec::new();
            for (netuid, rate) in rates {
                if meter.try_consume(costs::claim_size::<T>()).is_err() {
                    break;
                }
                let amount = owed(rate, stake, RootClaimed::<T>::get((netuid, &hotkey, coldkey)));
                if amount.is_zero() || amount.to_rao() < RootClaimableThreshold::<T>::get(netuid).floor_u64()
                {
                    continue;
                }
                if meter.try_consume(costs::claim_settled::<T>().saturating_add(once)).is_err() {
                    break;
                }
                once = Weight::zero();
                amounts.push((netuid, amount));
            }
            if !amounts.is_empty() {
                due.claims.push(DueClaims { hotkey, amounts });
            }
        }
        due
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

    /// Removes the index of a coldkey without root stake; the last coldkey gets it, so that indices stay dense.
    pub(crate) fn forget_index(coldkey: &T::AccountId) {
        let Some(index) = StakingColdkeys::<T>::take(coldkey) else { return };
        let last = NumStakingColdkeys::<T>::get().saturating_sub(1);
        match StakingColdkeysByIndex::<T>::take(last) {
            Some(moved) if last != index => {
                StakingColdkeys::<T>::insert(&moved, index);
                StakingColdkeysByIndex::<T>::insert(index, moved);
            }
            _ => {}
        }
        NumStakingColdkeys::<T>::put(last);
    }
}

/// Rotates a list so that every entry comes first in some turn. Returns the turn for a list inside an entry, which
/// advances when all entries came first.
fn rotate<V>(list: &mut [V], turn: u64) -> u64 {
    let length = list.len().max(1) as u64;
    list.rotate_left(usize::try_from(turn.checked_rem(length).unwrap_or(0)).unwrap_or(0));
    turn.checked_div(length).unwrap_or(0)
}

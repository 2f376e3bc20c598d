//! Ledger of collateral: locks, withdrawals and forfeits.

use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{Balanced, BalancedHold, InspectHold, MutateHold},
        tokens::Precision,
        Imbalance, OnUnbalanced,
    },
    weights::WeightMeter,
};
use frame_system::pallet_prelude::OriginFor;
use myelin_abi::{Collateral, CollateralRequirement, EquivocationReport, FormerHotkey};
use myelin_economy::{
    collateral::{forfeit, former_answers_for, is_recent, is_settled, Bond, Requirement},
    params::{row, Parameter},
};
use myelin_units::{Block, NetUid, TaoBalance};
use pallet_network::{
    costs,
    keys::{FollowHotkey, KeyOwnership},
    paging::{Page, REMOVE},
    removal::ForgetSubnet,
    subnets::{RateLimits, SubnetRegistry},
};
use sp_runtime::SaturatedConversion;

use crate::{
    measured::Measured,
    pallet::{Bonds, Config, Error, Event, HoldReason, Pallet, Requirements, Successors},
    proof,
};

/// The row of the parameter table with the setter and the cool-down of a requirement.
pub(crate) const REQUIREMENT: &Parameter = row("Requirements.amount");

/// Owner of [`Requirements`], [`Bonds`] and [`Successors`].
///
/// Invariants: the amount on hold for [`HoldReason::Collateral`] on an account is the sum of the bonds of that coldkey.
/// A bond that has followed its miner can be found from the former hotkey for as long as that one can be reported.
pub struct Ledger<T>(PhantomData<T>);

impl<T: Config> Ledger<T> {
    /// Collateral that a subnet requires of its miners.
    pub fn requirement(netuid: NetUid) -> Requirement {
        let CollateralRequirement { amount, unbonding, subnet } = Requirements::<T>::get(netuid);
        if Self::is_gone(netuid, subnet) {
            return Requirement::default();
        }
        Requirement { amount, unbonding }
    }

    /// Whether a hotkey has locked the collateral that its subnet requires; false where none is required.
    pub fn is_backed(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        Bonds::<T>::get(netuid, hotkey).is_some_and(|collateral| {
            !Self::is_gone(netuid, collateral.subnet)
                && bond_of(&collateral).backs(&Self::requirement(netuid))
        })
    }

    /// Checks that the amount on hold equals the bonds of every coldkey with a bond; the error is the first coldkey for
    /// which it does not.
    pub fn check_holds() -> Result<(), T::AccountId> {
        let mut owed = alloc::collections::BTreeMap::<T::AccountId, u64>::new();
        for (_, _, collateral) in Bonds::<T>::iter() {
            let sum = owed.entry(collateral.coldkey).or_default();
            *sum = sum.saturating_add(collateral.amount.to_rao());
        }
        let reason = HoldReason::Collateral.into();
        owed.into_iter()
            .find(|(coldkey, rao)| T::Holds::balance_on_hold(&reason, coldkey) != *rao)
            .map_or(Ok(()), |(coldkey, _)| Err(coldkey))
    }

    /// `set_requirement`.
    pub fn require(
        origin: OriginFor<T>,
        netuid: NetUid,
        amount: TaoBalance,
        unbonding: u32,
    ) -> DispatchResult {
        RateLimits::<T>::authorise_parameter(origin, netuid, REQUIREMENT)?;
        let Requirement { amount, unbonding } =
            Requirement::new(amount, unbonding).map_err(Error::<T>::from)?;
        if amount.is_zero() {
            Requirements::<T>::remove(netuid);
        } else {
            let subnet = SubnetRegistry::<T>::registered_at(netuid);
            Requirements::<T>::insert(netuid, CollateralRequirement { amount, unbonding, subnet });
        }
        Pallet::<T>::deposit_event(Event::RequirementSet { netuid, amount, unbonding });
        Ok(())
    }

    /// `lock`.
    pub fn lock(
        coldkey: T::AccountId,
        netuid: NetUid,
        hotkey: T::AccountId,
        added: TaoBalance,
        longest_unbonding: u32,
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        let existing = Bonds::<T>::get(netuid, &hotkey);
        if let Some(existing) = &existing {
            ensure!(!Self::is_gone(netuid, existing.subnet), Error::<T>::SubnetGone);
            ensure!(existing.coldkey == coldkey, Error::<T>::NotYours);
        }
        let requirement = Self::requirement(netuid);
        requirement.ensure_unbonds_within(longest_unbonding).map_err(Error::<T>::from)?;
        let bond = Bond::lock(existing.as_ref().map(bond_of), added, &requirement, now::<T>())
            .map_err(Error::<T>::from)?;
        T::Holds::hold(&HoldReason::Collateral.into(), &coldkey, added.to_rao())?;
        let former = existing.and_then(|existing| existing.former);
        Self::store(netuid, &hotkey, coldkey.clone(), bond, former);
        Pallet::<T>::deposit_event(Event::Locked { netuid, hotkey, coldkey, amount: bond.amount });
        Ok(())
    }

    /// `unbond`.
    pub fn unbond(coldkey: T::AccountId, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
        let collateral = Self::own(&coldkey, netuid, &hotkey)?;
        let bond = bond_of(&collateral).unbond(now::<T>()).map_err(Error::<T>::from)?;
        Bonds::<T>::insert(netuid, &hotkey, Collateral { leaves: bond.leaves, ..collateral });
        let leaves = bond.leaves.unwrap_or_default();
        Pallet::<T>::deposit_event(Event::UnbondingBegan { netuid, hotkey, leaves });
        Ok(())
    }

    /// `withdraw`.
    pub fn withdraw(coldkey: T::AccountId, netuid: NetUid, hotkey: T::AccountId) -> DispatchResult {
        let collateral = Self::own(&coldkey, netuid, &hotkey)?;
        if !Self::is_gone(netuid, collateral.subnet) {
            bond_of(&collateral).ensure_free(now::<T>()).map_err(Error::<T>::from)?;
        }
        let amount = collateral.amount;
        T::Holds::release(&HoldReason::Collateral.into(), &coldkey, amount.to_rao(), Precision::Exact)?;
        Self::end(netuid, &hotkey);
        Pallet::<T>::deposit_event(Event::Withdrawn { netuid, hotkey, coldkey, amount });
        Ok(())
    }

    /// First block in which a bond can be withdrawn; `None` if it was not asked back.
    pub fn leaves_at(netuid: NetUid, hotkey: &T::AccountId) -> Option<Block> {
        let Some(collateral) = Bonds::<T>::get(netuid, hotkey) else { return Some(0) };
        if Self::is_gone(netuid, collateral.subnet) {
            return Some(0);
        }
        collateral.leaves
    }

    /// `report`.
    pub fn report(reporter: T::AccountId, netuid: NetUid, report: &EquivocationReport) -> DispatchResult {
        let signer = T::AccountId::from(report.miner);
        let own = Bonds::<T>::get(netuid, &signer).map(|collateral| (signer.clone(), collateral));
        let bonds = [own, Self::followed_by(netuid, &signer)];
        ensure!(bonds.iter().any(Option::is_some), Error::<T>::NoCollateral);
        let bonds = bonds.into_iter().flatten();
        let mut bonds = bonds.filter(|(_, collateral)| !Self::is_gone(netuid, collateral.subnet)).peekable();
        ensure!(bonds.peek().is_some(), Error::<T>::SubnetGone);
        let (source, now) = (report.source_block, now::<T>());
        ensure!(is_recent(source, now) && proof::is_on_chain::<T>(report), Error::<T>::UnknownSource);
        let liable = |(hotkey, collateral): &(T::AccountId, Collateral<T::AccountId>)| {
            if *hotkey == signer {
                return bond_of(collateral).answers_for(source, now);
            }
            let former = collateral.former.as_ref();
            former.is_some_and(|former| former_answers_for(former.since, collateral.since, source, now))
        };
        let (hotkey, collateral) = bonds.find(liable).ok_or(Error::<T>::BeforeCollateral)?;
        ensure!(proof::convicts::<T>(netuid, report), Error::<T>::NotProven);
        Self::forfeit(reporter, netuid, hotkey, collateral);
        Ok(())
    }

    /// The bond that followed from this hotkey to its successor, with the successor.
    fn followed_by(
        netuid: NetUid,
        hotkey: &T::AccountId,
    ) -> Option<(T::AccountId, Collateral<T::AccountId>)> {
        let successor = Successors::<T>::get(netuid, hotkey)?;
        let collateral = Bonds::<T>::get(netuid, &successor)?;
        let is_its = collateral.former.as_ref().is_some_and(|former| former.hotkey == *hotkey);
        is_its.then_some((successor, collateral))
    }

    /// The bond of a hotkey after another replaced it on a subnet. `None` if it stays and answers for the old hotkey's
    /// past: it belongs to another coldkey than the swapping one, it was asked back, or the new hotkey has a bond. It
    /// also stays if a bond followed one of the two hotkeys so recently that a report about the first is still
    /// possible.
    fn moved(
        netuid: NetUid,
        coldkey: &T::AccountId,
        old: &T::AccountId,
        new: &T::AccountId,
    ) -> Option<Collateral<T::AccountId>> {
        let collateral = Bonds::<T>::get(netuid, old)?;
        let movable = collateral.coldkey == *coldkey
            && !Self::is_gone(netuid, collateral.subnet)
            && !Bonds::<T>::contains_key(netuid, new)
            && Self::followed_by(netuid, old).is_none_or(|(_, other)| is_settled(other.since, now::<T>()));
        let bond =
            bond_of(&collateral).follow(collateral.former.is_some(), now::<T>()).filter(|_| movable)?;
        let former = Some(FormerHotkey { hotkey: old.clone(), since: collateral.since });
        Some(Collateral { since: bond.since, former, ..collateral })
    }

    /// Forfeits collateral: a tenth goes to the reporter, the rest is recycled.
    fn forfeit(
        reporter: T::AccountId,
        netuid: NetUid,
        hotkey: T::AccountId,
        collateral: Collateral<T::AccountId>,
    ) {
        let Collateral { coldkey, amount, .. } = collateral;
        Self::end(netuid, &hotkey);
        let (taken, _) = T::Holds::slash(&HoldReason::Collateral.into(), &coldkey, amount.to_rao());
        let parts = forfeit(taken.peek().into());
        let (reward, recycled) = taken.split(parts.reward.to_rao());
        // A reporter whose account cannot take its part gets nothing, and that part is recycled too.
        let (paid, unpaid) = match T::Holds::resolve(&reporter, reward) {
            Ok(()) => (parts.reward, None),
            Err(refused) => (TaoBalance::ZERO, Some(refused)),
        };
        let recycled = match unpaid {
            Some(unpaid) => recycled.merge(unpaid),
            None => recycled,
        };
        let amount = recycled.peek().into();
        T::Recycle::on_unbalanced(recycled);
        Pallet::<T>::deposit_event(Event::Forfeited {
            netuid,
            hotkey,
            reporter,
            reward: paid,
            recycled: amount,
        });
    }

    /// The collateral of a hotkey, if it belongs to this coldkey.
    fn own(
        coldkey: &T::AccountId,
        netuid: NetUid,
        hotkey: &T::AccountId,
    ) -> Result<Collateral<T::AccountId>, Error<T>> {
        let collateral = Bonds::<T>::get(netuid, hotkey).ok_or(Error::<T>::NoCollateral)?;
        ensure!(collateral.coldkey == *coldkey, Error::<T>::NotYours);
        Ok(collateral)
    }

    /// Whether the subnet registered at this block is gone, even if another has its number now.
    fn is_gone(netuid: NetUid, registered: Block) -> bool {
        !SubnetRegistry::<T>::exists(netuid) || SubnetRegistry::<T>::registered_at(netuid) != registered
    }

    fn store(
        netuid: NetUid,
        hotkey: &T::AccountId,
        coldkey: T::AccountId,
        bond: Bond,
        former: Option<FormerHotkey<T::AccountId>>,
    ) {
        let Bond { amount, since, unbonding, leaves } = bond;
        let subnet = SubnetRegistry::<T>::registered_at(netuid);
        let collateral = Collateral { coldkey, amount, since, unbonding, leaves, subnet, former };
        Bonds::<T>::insert(netuid, hotkey, collateral);
    }

    /// Removes a bond, and its entry in [`Successors`].
    fn end(netuid: NetUid, hotkey: &T::AccountId) {
        let former = Bonds::<T>::take(netuid, hotkey).and_then(|collateral| collateral.former);
        let Some(former) = former else { return };
        if Successors::<T>::get(netuid, &former.hotkey).as_ref() == Some(hotkey) {
            Successors::<T>::remove(netuid, &former.hotkey);
        }
    }
}

/// A bond follows its miner: see [`Ledger::moved`] for when it does not.
impl<T: Config> FollowHotkey<T::AccountId> for Pallet<T> {
    fn follow(
        netuid: NetUid,
        coldkey: &T::AccountId,
        old: &T::AccountId,
        new: &T::AccountId,
        meter: &mut WeightMeter,
    ) -> bool {
        if meter.try_consume(costs::look::<T>()).is_err() {
            return false;
        }
        if !Bonds::<T>::contains_key(netuid, old) {
            return true;
        }
        if meter.try_consume(Measured::<T>::followed()).is_err() {
            return false;
        }
        if let Some(collateral) = Ledger::<T>::moved(netuid, coldkey, old, new) {
            Ledger::<T>::end(netuid, old);
            Bonds::<T>::insert(netuid, new, collateral);
            Successors::<T>::insert(netuid, old, new);
            Self::deposit_event(Event::Followed { netuid, old_hotkey: old.clone(), new_hotkey: new.clone() });
        }
        true
    }
}

/// The requirement of a removed subnet is deleted; bonds stay until their coldkeys withdraw them.
impl<T: Config> ForgetSubnet for Pallet<T> {
    fn forget_subnet(netuid: NetUid, page: &mut Page) -> bool {
        Requirements::<T>::remove(netuid);
        page.spend(REMOVE);
        true
    }
}

fn bond_of<AccountId>(collateral: &Collateral<AccountId>) -> Bond {
    let Collateral { amount, since, unbonding, leaves, .. } = *collateral;
    Bond { amount, since, unbonding, leaves }
}

fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

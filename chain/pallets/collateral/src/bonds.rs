//! Who locked what, and what becomes of it.

use core::marker::PhantomData;

use frame_support::{
    pallet_prelude::*,
    traits::{
        fungible::{Balanced, BalancedHold, InspectHold, MutateHold},
        tokens::Precision,
        Imbalance, OnUnbalanced,
    },
};
use frame_system::{ensure_root, pallet_prelude::OriginFor};
use myelin_abi::{Collateral, CollateralRequirement, EquivocationReport};
use myelin_economy::collateral::{forfeit, is_recent, Bond, Requirement};
use myelin_units::{Block, NetUid, TaoBalance};
use pallet_network::{keys::KeyOwnership, subnets::SubnetRegistry};
use sp_runtime::SaturatedConversion;

use crate::{
    pallet::{Bonds, Config, Error, Event, HoldReason, Pallet, Requirements},
    proof,
};

/// Owner of [`Requirements`] and [`Bonds`].
///
/// Invariant: what is on hold for [`HoldReason::Collateral`] on an account is the sum of the bonds of that coldkey.
pub struct Ledger<T>(PhantomData<T>);

impl<T: Config> Ledger<T> {
    /// What a subnet asks of its miners.
    pub fn requirement(netuid: NetUid) -> Requirement {
        let CollateralRequirement { amount, unbonding, subnet } = Requirements::<T>::get(netuid);
        if Self::is_gone(netuid, subnet) {
            return Requirement::default();
        }
        Requirement { amount, unbonding }
    }

    /// Whether a hotkey has locked what its subnet asks for. Never where nothing is asked for.
    pub fn is_backed(netuid: NetUid, hotkey: &T::AccountId) -> bool {
        Bonds::<T>::get(netuid, hotkey).is_some_and(|collateral| {
            !Self::is_gone(netuid, collateral.subnet)
                && bond_of(&collateral).backs(&Self::requirement(netuid))
        })
    }

    /// Whether what is on hold is what the bonds say, for every coldkey with a bond; otherwise the first for which it is not.
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
        if ensure_root(origin.clone()).is_ok() {
            SubnetRegistry::<T>::ensure_exists(netuid)?;
        } else {
            SubnetRegistry::<T>::authorise_owner(origin, netuid)?;
        }
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
    ) -> DispatchResult {
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        let existing = Bonds::<T>::get(netuid, &hotkey);
        if let Some(existing) = &existing {
            ensure!(!Self::is_gone(netuid, existing.subnet), Error::<T>::SubnetGone);
            ensure!(existing.coldkey == coldkey, Error::<T>::NotYours);
        }
        let existing = existing.as_ref().map(bond_of);
        let bond =
            Bond::lock(existing, added, &Self::requirement(netuid), now::<T>()).map_err(Error::<T>::from)?;
        T::Holds::hold(&HoldReason::Collateral.into(), &coldkey, added.to_rao())?;
        Self::store(netuid, &hotkey, &coldkey, bond);
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
        Bonds::<T>::remove(netuid, &hotkey);
        Pallet::<T>::deposit_event(Event::Withdrawn { netuid, hotkey, coldkey, amount });
        Ok(())
    }

    /// `report`.
    pub fn report(reporter: T::AccountId, netuid: NetUid, report: &EquivocationReport) -> DispatchResult {
        let hotkey = T::AccountId::from(report.miner);
        let collateral = Bonds::<T>::get(netuid, &hotkey).ok_or(Error::<T>::NoCollateral)?;
        ensure!(!Self::is_gone(netuid, collateral.subnet), Error::<T>::SubnetGone);
        let (source, now) = (report.source_block, now::<T>());
        ensure!(is_recent(source, now) && proof::is_on_chain::<T>(report), Error::<T>::UnknownSource);
        ensure!(bond_of(&collateral).answers_for(source, now), Error::<T>::BeforeCollateral);
        ensure!(proof::convicts::<T>(netuid, report), Error::<T>::NotProven);
        Self::forfeit(reporter, netuid, hotkey, collateral);
        Ok(())
    }

    /// Takes collateral away: a tenth for the reporter, the rest goes out of existence.
    fn forfeit(
        reporter: T::AccountId,
        netuid: NetUid,
        hotkey: T::AccountId,
        collateral: Collateral<T::AccountId>,
    ) {
        let Collateral { coldkey, amount, .. } = collateral;
        Bonds::<T>::remove(netuid, &hotkey);
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

    /// The collateral of a hotkey, if it is this coldkey's.
    fn own(
        coldkey: &T::AccountId,
        netuid: NetUid,
        hotkey: &T::AccountId,
    ) -> Result<Collateral<T::AccountId>, Error<T>> {
        let collateral = Bonds::<T>::get(netuid, hotkey).ok_or(Error::<T>::NoCollateral)?;
        ensure!(collateral.coldkey == *coldkey, Error::<T>::NotYours);
        Ok(collateral)
    }

    /// Whether the subnet that was registered at this block is gone, even if another has its number now.
    fn is_gone(netuid: NetUid, registered: Block) -> bool {
        !SubnetRegistry::<T>::exists(netuid) || SubnetRegistry::<T>::registered_at(netuid) != registered
    }

    fn store(netuid: NetUid, hotkey: &T::AccountId, coldkey: &T::AccountId, bond: Bond) {
        let Bond { amount, since, unbonding, leaves } = bond;
        let subnet = SubnetRegistry::<T>::registered_at(netuid);
        let collateral = Collateral { coldkey: coldkey.clone(), amount, since, unbonding, leaves, subnet };
        Bonds::<T>::insert(netuid, hotkey, collateral);
    }
}

fn bond_of<AccountId>(collateral: &Collateral<AccountId>) -> Bond {
    let Collateral { amount, since, unbonding, leaves, .. } = *collateral;
    Bond { amount, since, unbonding, leaves }
}

fn now<T: Config>() -> Block {
    frame_system::Pallet::<T>::block_number().saturated_into()
}

//! Stake that hotkeys lend to other hotkeys, and the stake weight of a hotkey.

use core::marker::PhantomData;

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_economy::childkeys::{Holding, MAX_PARENTS};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, I64F64, ROOT};

use super::{Backing, StakeLedger};
use crate::{
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    pallet::{
        AutoParentDelegationEnabled, ChildKeys, Config, Error, Event, Pallet, ParentKeys, StakeThreshold,
        TaoWeight,
    },
    subnets::SubnetRegistry,
};

/// Owner of [`ChildKeys`], [`ParentKeys`], [`AutoParentDelegationEnabled`], and of pending changes: `PendingChildKeys`,
/// `PendingChildKeysByBlock`, `PendingChildKeySubnets`, `PendingChildKeyBacklog` and `PendingChildKeyCooldown`.
///
/// Invariants: the two maps mirror each other. A hotkey has at most 5 children and 64 parents on a subnet, none of them
/// both, and lends at most its whole stake. A pending change is filed under its hotkey and under its block.
pub struct Delegation<T>(PhantomData<T>);

/// Stake weight of a hotkey on a subnet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StakeWeightOf {
    /// Alpha, after lending and borrowing.
    pub alpha: AlphaBalance,
    /// Root stake, after lending and borrowing.
    pub root: TaoBalance,
    /// `alpha + root · tao_weight`, in rao.
    pub total: I64F64,
}

impl<T: Config> Delegation<T> {
    /// Children of a hotkey with the proportion each gets.
    pub fn children(hotkey: &T::AccountId, netuid: NetUid) -> Vec<(u64, T::AccountId)> {
        ChildKeys::<T>::get(hotkey, netuid)
    }

    /// Parents of a hotkey with the proportion each lends.
    pub fn parents(hotkey: &T::AccountId, netuid: NetUid) -> Vec<(u64, T::AccountId)> {
        ParentKeys::<T>::get(hotkey, netuid)
    }

    /// Own stake of a hotkey: alpha on the subnet and TAO on root.
    pub fn holding(hotkey: &T::AccountId, netuid: NetUid) -> Holding {
        Holding {
            alpha: StakeLedger::<T>::total_on(hotkey, netuid),
            root: TaoBalance::from_rao(StakeLedger::<T>::total_on(hotkey, ROOT).to_rao()),
        }
    }

    /// Stake weight of a hotkey on a subnet. On root nothing is lent.
    pub fn stake_weight(hotkey: &T::AccountId, netuid: NetUid) -> StakeWeightOf {
        let own = Self::holding(hotkey, netuid);
        if netuid == ROOT {
            let total = I64F64::from_int(own.root.to_rao());
            return StakeWeightOf { alpha: own.alpha, root: own.root, total };
        }
        let backing = Backing {
            holding: own,
            lent: Self::children(hotkey, netuid).into_iter().map(|(share, _)| share).collect(),
            parents: Self::parents(hotkey, netuid),
        };
        backing.weight(|parent| Self::holding(parent, netuid), TaoWeight::<T>::get())
    }

    /// Whether the stake weight of a hotkey suffices to set weights; that of the subnet's owner hotkey always does. Its
    /// parents are only read if there is a threshold.
    pub fn meets_threshold(hotkey: &T::AccountId, netuid: NetUid) -> bool {
        let threshold = StakeThreshold::<T>::get();
        threshold == 0
            || SubnetRegistry::<T>::owner_hotkey(netuid).as_ref() == Some(hotkey)
            || Self::stake_weight(hotkey, netuid).total.floor_u64() >= threshold
    }

    /// Lends the stake of all willing root members to the owner hotkey of a new subnet.
    pub(crate) fn lend_root_stake(netuid: NetUid, owner_hotkey: &T::AccountId) {
        let parents: Vec<(u64, T::AccountId)> = NeuronRegistry::<T>::hotkeys(ROOT)
            .into_iter()
            .filter(|parent| parent != owner_hotkey && AutoParentDelegationEnabled::<T>::get(parent))
            .take(MAX_PARENTS)
            .map(|parent| (u64::MAX, parent))
            .collect();
        for (share, parent) in &parents {
            let children = alloc::vec![(*share, owner_hotkey.clone())];
            Self::store_children(parent, netuid, &children);
            Pallet::<T>::deposit_event(Event::SetChildren(parent.clone(), netuid, children));
        }
        if !parents.is_empty() {
            Self::store_parents(owner_hotkey, netuid, &parents);
        }
        let parents = parents.iter().map(|(_, parent)| parent);
        NeuronRegistry::<T>::note_kin(netuid, parents.chain([owner_hotkey]));
    }

    /// `set_auto_parent_delegation_enabled`: chooses whether a root validator lends its stake to new subnets.
    pub fn set_auto_parent(coldkey: T::AccountId, hotkey: T::AccountId, enabled: bool) -> DispatchResult {
        ensure!(KeyOwnership::<T>::exists(&hotkey), Error::<T>::HotKeyAccountNotExists);
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        AutoParentDelegationEnabled::<T>::insert(&hotkey, enabled);
        Pallet::<T>::deposit_event(Event::AutoParentDelegationEnabledSet { hotkey, enabled });
        Ok(())
    }
}

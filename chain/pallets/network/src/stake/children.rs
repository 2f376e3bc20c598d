//! Naming children: the checks of a change, its wait, and its application.
//!
//! A change on a subnet that was not started takes effect at once. Later ones wait `PendingChildKeyCooldown` blocks, so
//! that nominators can leave before their stake counts for another hotkey. They are applied in a block that consumes an
//! epoch slot of the subnet.

use alloc::vec::Vec;
use frame_support::pallet_prelude::*;
use myelin_economy::childkeys::{
    check_children, lent, room_for, with_link, ChildrenError, Room, MAX_PARENTS,
};
use myelin_units::{Block, NetUid, TaoBalance, ROOT};

use super::{Delegation, StakeLedger};
use crate::{
    chores::Allowance,
    costs,
    epoch::EpochClock,
    keys::KeyOwnership,
    neurons::NeuronRegistry,
    paging::LOOK,
    pallet::{
        ChildKeys, Config, Error, Event, Pallet, ParentKeys, PendingChildKeyBacklog, PendingChildKeyCooldown,
        PendingChildKeySubnets, PendingChildKeys, PendingChildKeysByBlock, StakeThreshold, SubtokenEnabled,
        TaoWeight,
    },
    subnets::{now, RateLimits, SubnetRegistry},
    types::{Relatives, TransactionType},
};

impl<T: Config> Delegation<T> {
    /// `set_children`: replaces the children of a hotkey on a subnet, at once before the start call and after a wait
    /// later.
    pub fn set_children(
        coldkey: T::AccountId,
        hotkey: T::AccountId,
        netuid: NetUid,
        children: Relatives<T::AccountId>,
    ) -> DispatchResult {
        ensure!(netuid != ROOT, Error::<T>::RegistrationNotPermittedOnRootSubnet);
        SubnetRegistry::<T>::ensure_exists(netuid)?;
        KeyOwnership::<T>::ensure_owns(&coldkey, &hotkey)?;
        Self::ensure_may_lend(&hotkey, netuid, &children)?;
        ensure!(now::<T>() >= Self::may_name_at(&hotkey, netuid), Error::<T>::TxRateLimitExceeded);
        let threshold = TaoBalance::from_rao(StakeThreshold::<T>::get());
        ensure!(
            children.is_empty()
                || SubnetRegistry::<T>::owner_hotkey(netuid).as_ref() == Some(&hotkey)
                || StakeLedger::<T>::is_worth(&hotkey, threshold),
            Error::<T>::NotEnoughStakeToSetChildkeys
        );
        RateLimits::<T>::record_hotkey_action(&hotkey, netuid, TransactionType::SetChildren);
        KeyOwnership::<T>::family_changes(&coldkey, &hotkey);
        Self::unschedule(&hotkey, netuid);
        if SubtokenEnabled::<T>::get(netuid) {
            Self::schedule(&hotkey, netuid, children);
        } else {
            Self::replace_children(&hotkey, netuid, children);
        }
        Ok(())
    }

    /// First block in which a hotkey may name children again.
    pub fn may_name_at(hotkey: &T::AccountId, netuid: NetUid) -> Block {
        let wait = SubnetRegistry::<T>::profile().children_rate_limit();
        RateLimits::<T>::hotkey_may_at(hotkey, netuid, TransactionType::SetChildren, wait)
    }

    /// `set_pending_childkey_cooldown`: sets the wait of later changes.
    pub fn set_cooldown(blocks: Block) -> DispatchResult {
        PendingChildKeyCooldown::<T>::put(blocks);
        Ok(())
    }

    /// Applies the pending changes whose wait is over, on the subnets whose epoch slot this block consumed, as far as
    /// there is room for them. The rest follows in the next blocks.
    pub(crate) fn apply_pending(allowance: &mut Allowance<T>) {
        let now = now::<T>();
        let late = PendingChildKeyBacklog::<T>::get();
        let mut subnets = late.clone();
        for netuid in SubnetRegistry::<T>::user_netuids() {
            allowance.spend_points(LOOK);
            if EpochClock::<T>::last_slot(netuid) == now && !late.contains(&netuid) {
                subnets.push(netuid);
            }
        }
        let mut is_unfinished = |netuid: &NetUid| !Self::apply_due(*netuid, now, allowance);
        let unfinished: Vec<NetUid> = subnets.into_iter().filter(|netuid| is_unfinished(netuid)).collect();
        if unfinished.is_empty() {
            PendingChildKeyBacklog::<T>::kill();
        } else {
            PendingChildKeyBacklog::<T>::put(unfinished);
        }
    }

    /// Drops the pending changes on all subnets if the hotkey's stake fell below the worth of `StakeThreshold`.
    pub(crate) fn stake_removed(hotkey: &T::AccountId) {
        let waiting = PendingChildKeySubnets::<T>::get(hotkey);
        let threshold = TaoBalance::from_rao(StakeThreshold::<T>::get());
        if waiting.is_empty() || StakeLedger::<T>::is_worth(hotkey, threshold) {
            return;
        }
        for netuid in waiting {
            Self::unschedule(hotkey, netuid);
        }
    }

    /// Applies the due changes on a subnet, in the order in which they became due. Returns whether none is left.
    fn apply_due(netuid: NetUid, now: Block, allowance: &mut Allowance<T>) -> bool {
        loop {
            allowance.spend_points(LOOK);
            let Some((due, hotkey)) = PendingChildKeysByBlock::<T>::iter_key_prefix((netuid,)).next() else {
                return true;
            };
            let due = Block::from_be_bytes(due);
            // A subnet that is being removed has no due changes any more.
            if due >= now || !SubnetRegistry::<T>::exists(netuid) {
                return true;
            }
            let named = PendingChildKeys::<T>::get(netuid, &hotkey).0;
            allowance.spend_points(LOOK.saturating_mul(u32::try_from(named.len()).unwrap_or(u32::MAX)));
            let children = Self::by_present_names(&hotkey, named, due);
            if !allowance.try_spend(costs::replace_children::<T>(netuid, &children)) {
                return false;
            }
            Self::unschedule(&hotkey, netuid);
            // Another parent may have been named meanwhile, so that a key would be both child and parent.
            if Self::ensure_may_lend(&hotkey, netuid, &children).is_ok() {
                Self::replace_children(&hotkey, netuid, children);
            } else {
                log::debug!(target: "network", "children of {hotkey:?} on subnet {netuid} are dropped");
            }
        }
    }

    /// A list of children that becomes due at `due`, with the present names of its hotkeys ([`KeyOwnership::meant`]).
    /// As when links follow a hotkey, an entry that would lend to the hotkey itself or twice to the same child ends.
    fn by_present_names(
        hotkey: &T::AccountId,
        named: Relatives<T::AccountId>,
        due: Block,
    ) -> Relatives<T::AccountId> {
        let mut children = Relatives::<T::AccountId>::new();
        for (share, child) in named {
            let child = KeyOwnership::<T>::meant(&child, due);
            if child != *hotkey && !children.iter().any(|(_, other)| *other == child) {
                children.push((share, child));
            }
        }
        children
    }

    /// Refuses a list that breaks a rule of its own, or names a child that has no room for this parent.
    pub(crate) fn ensure_may_lend(
        hotkey: &T::AccountId,
        netuid: NetUid,
        children: &[(u64, T::AccountId)],
    ) -> DispatchResult {
        let parents: Vec<_> = Self::parents(hotkey, netuid).into_iter().map(|(_, parent)| parent).collect();
        check_children(hotkey, children, &parents).map_err(Self::refusal)?;
        for (share, child) in children {
            let room = Self::room_for(hotkey, *share, child, netuid);
            ensure!(room != Room::None, Error::<T>::TooManyParents);
        }
        Ok(())
    }

    /// Room for a hotkey among the parents of a child. A present parent has its place.
    fn room_for(parent: &T::AccountId, share: u64, child: &T::AccountId, netuid: NetUid) -> Room {
        if ParentKeys::<T>::decode_len(child, netuid).unwrap_or(0) < MAX_PARENTS {
            return Room::Free;
        }
        let parents = Self::parents(child, netuid);
        if parents.iter().any(|(_, other)| other == parent) {
            return Room::Free;
        }
        let tao_weight = TaoWeight::<T>::get();
        let loan =
            |share: u64, parent: &T::AccountId| lent(&Self::holding(parent, netuid), share, tao_weight);
        let loans: Vec<_> = parents.iter().map(|(share, parent)| loan(*share, parent)).collect();
        room_for(loan(share, parent), &loans)
    }

    /// Sets the children of a hotkey, and the hotkey as a parent of each. The list was checked.
    pub(crate) fn replace_children(hotkey: &T::AccountId, netuid: NetUid, children: Relatives<T::AccountId>) {
        let mut kin = alloc::vec![hotkey.clone()];
        kin.extend(children.iter().map(|(_, child)| child.clone()));
        for (_, former) in Self::children(hotkey, netuid) {
            if !children.iter().any(|(_, child)| *child == former) {
                Self::set_parent(&former, netuid, hotkey, None);
                kin.push(former);
            }
        }
        for (share, child) in &children {
            if let Room::InPlaceOf(place) = Self::room_for(hotkey, *share, child, netuid) {
                if let Some((_, parent)) = Self::parents(child, netuid).get(place) {
                    Self::unlink(parent, child, netuid);
                    let left = Self::children(parent, netuid);
                    Pallet::<T>::deposit_event(Event::SetChildren(parent.clone(), netuid, left));
                    kin.push(parent.clone());
                }
            }
            Self::set_parent(child, netuid, hotkey, Some(*share));
        }
        Self::store_children(hotkey, netuid, &children);
        NeuronRegistry::<T>::note_kin(netuid, &kin);
        Pallet::<T>::deposit_event(Event::SetChildren(hotkey.clone(), netuid, children));
    }

    /// Ends one link. The caller notes all concerned hotkeys in the roster ([`NeuronRegistry::note_kin`]).
    pub(super) fn unlink(parent: &T::AccountId, child: &T::AccountId, netuid: NetUid) {
        let children = with_link(Self::children(parent, netuid), child.clone(), None);
        Self::store_children(parent, netuid, &children);
        Self::set_parent(child, netuid, parent, None);
    }

    /// Writes one side of a link: the proportion that a parent lends, or the end of the link. The caller that changes
    /// the link notes it in the roster.
    pub(super) fn set_parent(
        child: &T::AccountId,
        netuid: NetUid,
        parent: &T::AccountId,
        share: Option<u64>,
    ) {
        let parents = with_link(Self::parents(child, netuid), parent.clone(), share);
        Self::store_parents(child, netuid, &parents);
    }

    /// Writes the parents of a hotkey; as [`Self::set_parent`].
    pub(super) fn store_parents(child: &T::AccountId, netuid: NetUid, parents: &[(u64, T::AccountId)]) {
        if parents.is_empty() {
            ParentKeys::<T>::remove(child, netuid);
        } else {
            ParentKeys::<T>::insert(child, netuid, parents.to_vec());
        }
    }

    /// Writes the other side; as [`Self::set_parent`].
    pub(super) fn store_children(hotkey: &T::AccountId, netuid: NetUid, children: &[(u64, T::AccountId)]) {
        if children.is_empty() {
            ChildKeys::<T>::remove(hotkey, netuid);
        } else {
            ChildKeys::<T>::insert(hotkey, netuid, children.to_vec());
        }
    }

    fn schedule(hotkey: &T::AccountId, netuid: NetUid, children: Relatives<T::AccountId>) {
        let due = now::<T>().saturating_add(PendingChildKeyCooldown::<T>::get());
        Self::file_pending(hotkey, netuid, children.clone(), due);
        Pallet::<T>::deposit_event(Event::SetChildrenScheduled(hotkey.clone(), netuid, due, children));
    }

    /// Files a change under its hotkey and under the block after which it is due.
    pub(crate) fn file_pending(
        hotkey: &T::AccountId,
        netuid: NetUid,
        children: Relatives<T::AccountId>,
        due: Block,
    ) {
        PendingChildKeys::<T>::insert(netuid, hotkey, (children, due));
        PendingChildKeysByBlock::<T>::insert((netuid, due.to_be_bytes(), hotkey), ());
        PendingChildKeySubnets::<T>::append(hotkey, netuid);
    }

    /// Removes a pending change, and returns it if there is one.
    pub(crate) fn unschedule(
        hotkey: &T::AccountId,
        netuid: NetUid,
    ) -> Option<(Relatives<T::AccountId>, Block)> {
        let (children, due) = PendingChildKeys::<T>::try_get(netuid, hotkey).ok()?;
        PendingChildKeys::<T>::remove(netuid, hotkey);
        PendingChildKeysByBlock::<T>::remove((netuid, due.to_be_bytes(), hotkey));
        PendingChildKeySubnets::<T>::mutate_exists(hotkey, |subnets| {
            let left: Vec<_> =
                subnets.take().unwrap_or_default().into_iter().filter(|other| *other != netuid).collect();
            *subnets = (!left.is_empty()).then_some(left);
        });
        Some((children, due))
    }

    fn refusal(error: ChildrenError) -> Error<T> {
        match error {
            ChildrenError::TooManyChildren { .. } => Error::TooManyChildren,
            ChildrenError::InvalidChild => Error::InvalidChild,
            ChildrenError::DuplicateChild => Error::DuplicateChild,
            ChildrenError::ProportionOverflow => Error::ProportionOverflow,
            ChildrenError::ParentChildConsistency => Error::ChildParentInconsistency,
        }
    }
}

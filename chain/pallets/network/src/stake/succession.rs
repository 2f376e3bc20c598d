//! Entries of stake that a new hotkey takes over from an old one: its stakers, its family, its takes.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};
use frame_support::{pallet_prelude::*, weights::WeightMeter};
use myelin_economy::{
    childkeys::Kin,
    shares::{ShareFloat, SharePool},
};
use myelin_units::{AlphaBalance, NetUid, ROOT};

use super::{ChildkeyTakes, DelegateTakes, Delegation, RootClaims, StakeLedger};
use crate::{
    costs,
    neurons::NeuronRegistry,
    pallet::{
        AlphaV2, AutoParentDelegationEnabled, AutoStakeChoosers, AutoStakeDestination, ChildKeys,
        ChildkeyTake, Config, Delegates, Event, Pallet, ParentKeys, PendingChildKeySubnets, PendingChildKeys,
    },
    pools::PoolReserves,
    subnets::RateLimits,
    types::RateLimitKey,
};

/// Holders of a hotkey's alpha with their shares, by subnet.
pub(crate) type Positions<A> = BTreeMap<NetUid, Vec<(A, ShareFloat)>>;

impl<T: Config> StakeLedger<T> {
    /// Whether anybody has shares of a hotkey's stake on any subnet.
    pub(crate) fn has_stakers(hotkey: &T::AccountId) -> bool {
        AlphaV2::<T>::iter_key_prefix((hotkey,)).next().is_some()
    }

    /// The holders of a hotkey on the wanted subnets, from behind a storage key on and as many as the meter lasts for.
    /// The second value is the key behind which there are more, if these are not all.
    pub(crate) fn positions_on(
        hotkey: &T::AccountId,
        behind: Option<Vec<u8>>,
        wanted: impl Fn(NetUid) -> bool,
        cost: impl Fn(NetUid, &T::AccountId) -> Weight,
        meter: &mut WeightMeter,
    ) -> (Positions<T::AccountId>, Option<Vec<u8>>) {
        let mut positions = Positions::new();
        let mut holders = match &behind {
            Some(key) => AlphaV2::<T>::iter_prefix_from((hotkey,), key.clone()),
            None => AlphaV2::<T>::iter_prefix((hotkey,)),
        };
        let mut passed = behind.unwrap_or_default();
        while let Some(((coldkey, netuid), shares)) = holders.next() {
            let needed = if wanted(netuid) { cost(netuid, &coldkey) } else { costs::look::<T>() };
            if meter.try_consume(needed).is_err() {
                return (positions, Some(passed));
            }
            passed = holders.last_raw_key().to_vec();
            if wanted(netuid) {
                positions.entry(netuid).or_default().push((coldkey, shares));
            }
        }
        (positions, None)
    }

    /// Moves these holders from one hotkey to another; `all` means that no others hold stake on these subnets.
    ///
    /// If the new hotkey has no stake and all holders move, shares and total move unchanged and every holding keeps its
    /// value to the last digit. Otherwise each holding moves by its value in whole rao, and the holders of the new
    /// hotkey share the total loss.
    pub(crate) fn move_holders(
        old: &T::AccountId,
        new: &T::AccountId,
        positions: Positions<T::AccountId>,
        all: bool,
    ) {
        let mut coldkeys = BTreeSet::new();
        for (netuid, holders) in positions {
            coldkeys.extend(holders.iter().map(|(coldkey, _)| coldkey.clone()));
            if all && Self::shares(new, netuid).is_empty() {
                Self::move_pool(old, new, netuid, holders);
            } else {
                Self::move_values(old, new, netuid, holders, all);
            }
        }
        for coldkey in coldkeys {
            Self::relist(&coldkey, old, new);
        }
    }

    fn move_pool(
        old: &T::AccountId,
        new: &T::AccountId,
        netuid: NetUid,
        holders: Vec<(T::AccountId, ShareFloat)>,
    ) {
        let pool = Self::shares(old, netuid);
        for (coldkey, shares) in holders {
            AlphaV2::<T>::remove((old, &coldkey, netuid));
            AlphaV2::<T>::insert((new, &coldkey, netuid), shares);
            if netuid == ROOT {
                RootClaims::<T>::root_stake_moved(old, new, &coldkey, pool.value_of(&shares));
            }
        }
        Self::store_shares(new, netuid, pool);
        Self::store_shares(old, netuid, SharePool::default());
    }

    fn move_values(
        old: &T::AccountId,
        new: &T::AccountId,
        netuid: NetUid,
        holders: Vec<(T::AccountId, ShareFloat)>,
        all: bool,
    ) {
        let former = Self::shares(old, netuid);
        let (mut left, mut unplaced) = (former, AlphaBalance::ZERO);
        for (coldkey, shares) in holders {
            let value = left.value_of(&shares);
            left = SharePool {
                value: left.value.saturating_sub(value),
                shares: left.shares.saturating_sub(&shares),
            };
            AlphaV2::<T>::remove((old, &coldkey, netuid));
            let key = (new, &coldkey, netuid);
            match Self::shares(new, netuid).add(&AlphaV2::<T>::get(key), value) {
                Ok(change) if !value.is_zero() => {
                    Self::store_shares(new, netuid, change.pool);
                    AlphaV2::<T>::insert(key, change.holder);
                }
                _ => unplaced = unplaced.saturating_add(value),
            }
            if netuid == ROOT {
                RootClaims::<T>::root_stake_moved(old, new, &coldkey, value);
            }
        }
        if all || left.is_rest_of(&former.shares) {
            unplaced = unplaced.saturating_add(left.value);
            left = SharePool::default();
        }
        Self::store_shares(old, netuid, left);
        // More root stake would be owed more dividends than have accrued.
        let shared = if netuid == ROOT { AlphaBalance::ZERO } else { Self::raise_all(new, netuid, unplaced) };
        PoolReserves::<T>::burn_out(netuid, unplaced.saturating_sub(shared));
    }

    /// Redirects the choices of the old hotkey for miner emission to the new one, as far as the meter lasts. Returns
    /// whether all moved.
    pub(crate) fn move_choices(
        old: &T::AccountId,
        new: &T::AccountId,
        only: Option<NetUid>,
        meter: &mut WeightMeter,
    ) -> bool {
        let mut pays = || meter.try_consume(costs::swap_choice::<T>()).is_ok();
        let affordable: Vec<(NetUid, T::AccountId)> = match only {
            Some(netuid) => AutoStakeChoosers::<T>::iter_key_prefix((old, netuid))
                .take_while(|_| pays())
                .map(|coldkey| (netuid, coldkey))
                .collect(),
            None => AutoStakeChoosers::<T>::iter_key_prefix((old,)).take_while(|_| pays()).collect(),
        };
        let all = meter.can_consume(costs::swap_choice::<T>());
        for (netuid, coldkey) in affordable {
            Self::set_destination(&coldkey, netuid, new);
        }
        all
    }

    /// Writes the hotkey on which a coldkey's miner emission of a subnet is staked.
    pub(super) fn set_destination(coldkey: &T::AccountId, netuid: NetUid, hotkey: &T::AccountId) {
        Self::forget_destination(coldkey, netuid);
        AutoStakeDestination::<T>::insert(coldkey, netuid, hotkey);
        AutoStakeChoosers::<T>::insert((hotkey, netuid, coldkey), ());
    }

    /// Removes the hotkey on which a coldkey's miner emission of a subnet is staked.
    pub(crate) fn forget_destination(coldkey: &T::AccountId, netuid: NetUid) {
        if let Some(former) = AutoStakeDestination::<T>::take(coldkey, netuid) {
            AutoStakeChoosers::<T>::remove((former, netuid, coldkey));
        }
    }
}

impl<T: Config> Delegation<T> {
    /// Links of a hotkey on a subnet in both directions.
    pub(crate) fn count_links(hotkey: &T::AccountId, netuid: NetUid) -> usize {
        let children = ChildKeys::<T>::decode_len(hotkey, netuid).unwrap_or(0);
        children.saturating_add(ParentKeys::<T>::decode_len(hotkey, netuid).unwrap_or(0))
    }

    /// Whether a hotkey without links and uid left another entry on a subnet: pending children, or a take.
    pub(crate) fn has_traces(hotkey: &T::AccountId, netuid: NetUid) -> bool {
        PendingChildKeys::<T>::contains_key(netuid, hotkey) || ChildkeyTake::<T>::contains_key(hotkey, netuid)
    }

    /// Whether a hotkey has children, or pending ones, on a subnet or on any.
    pub(crate) fn lends(hotkey: &T::AccountId, only: Option<NetUid>) -> bool {
        match only {
            Some(netuid) => {
                ChildKeys::<T>::contains_key(hotkey, netuid)
                    || PendingChildKeys::<T>::contains_key(netuid, hotkey)
            }
            None => {
                ChildKeys::<T>::iter_key_prefix(hotkey).next().is_some()
                    || PendingChildKeySubnets::<T>::contains_key(hotkey)
            }
        }
    }

    /// Gives at most this many links to children and parents to a new hotkey. A link that would break a rule there
    /// ends: one to itself, a second one between the same keys, one child or parent too many, more than the whole.
    pub(crate) fn move_links(netuid: NetUid, old: &T::AccountId, new: &T::AccountId, most: usize) {
        let (mut children, mut parents) = (Self::children(old, netuid), Self::parents(old, netuid));
        children.truncate(most);
        parents.truncate(most.saturating_sub(children.len()));
        for (_, child) in &children {
            Self::unlink(old, child, netuid);
        }
        for (_, parent) in &parents {
            Self::unlink(parent, old, netuid);
        }
        for (share, child) in &children {
            Self::link(new, *share, child, netuid);
        }
        for (share, parent) in &parents {
            Self::link(parent, *share, new, netuid);
        }
        let relatives = children.iter().chain(&parents).map(|(_, relative)| relative);
        NeuronRegistry::<T>::note_kin(netuid, relatives.chain([old, new]));
        let lenders = parents.into_iter().map(|(_, parent)| parent);
        for lender in lenders.chain((!children.is_empty()).then(|| new.clone())) {
            let children = Self::children(&lender, netuid);
            Pallet::<T>::deposit_event(Event::SetChildren(lender, netuid, children));
        }
    }

    /// Gives a pending change of children to a new hotkey, unless it has one.
    pub(crate) fn move_pending(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        let waiting = Self::unschedule(old, netuid);
        if let Some((mut children, due)) =
            waiting.filter(|_| !PendingChildKeys::<T>::contains_key(netuid, new))
        {
            children.retain(|(_, child)| child != new);
            Self::file_pending(new, netuid, children, due);
        }
    }

    /// Copies the old hotkey's choice whether to lend to the owners of new subnets to the new one.
    pub(crate) fn copy_choice(old: &T::AccountId, new: &T::AccountId) {
        if let Ok(enabled) = AutoParentDelegationEnabled::<T>::try_get(old) {
            AutoParentDelegationEnabled::<T>::insert(new, enabled);
        }
    }

    /// Removes the choice of a hotkey.
    pub(crate) fn forget_choice(hotkey: &T::AccountId) {
        AutoParentDelegationEnabled::<T>::remove(hotkey);
    }

    /// Begins a link if the rules allow it.
    fn link(parent: &T::AccountId, share: u64, child: &T::AccountId, netuid: NetUid) {
        let kin = |hotkey: &T::AccountId| (Self::children(hotkey, netuid), Self::parents(hotkey, netuid));
        let ((mut children, parents), of_child) = (kin(parent), kin(child));
        let lender = Kin { hotkey: parent, children: &children, parents: &parents };
        let borrower = Kin { hotkey: child, children: &of_child.0, parents: &of_child.1 };
        if lender.may_lend(share, &borrower) {
            children.push((share, child.clone()));
            Self::store_children(parent, netuid, &children);
            Self::set_parent(child, netuid, parent, Some(share));
        }
    }
}

impl<T: Config> ChildkeyTakes<T> {
    /// Gives the take of a hotkey to a new one. If the new one has its own, the lower applies: a swap raises no take.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        let Ok(take) = ChildkeyTake::<T>::try_get(old, netuid) else { return };
        ChildkeyTake::<T>::remove(old, netuid);
        let own = ChildkeyTake::<T>::try_get(new, netuid).unwrap_or(take);
        ChildkeyTake::<T>::insert(new, netuid, own.min(take));
    }
}

impl<T: Config> DelegateTakes<T> {
    /// Makes a new hotkey a delegate with the take of the old one and its wait. If it is a delegate already, the lower
    /// take and the longer wait apply: a swap raises no take. The old one stays a delegate as long as it exists.
    pub(crate) fn swap_hotkey(old: &T::AccountId, new: &T::AccountId) {
        let Ok(take) = Delegates::<T>::try_get(old) else { return };
        let own = Delegates::<T>::try_get(new).unwrap_or(take);
        Delegates::<T>::insert(new, own.min(take));
        let key = |hotkey: &T::AccountId| RateLimitKey::LastTxBlockDelegateTake(hotkey.clone());
        RateLimits::<T>::adopt(&key(old), &key(new));
    }

    /// Removes a hotkey that has nothing left.
    pub(crate) fn forget(hotkey: &T::AccountId) {
        Delegates::<T>::remove(hotkey);
        RateLimits::<T>::forget(&RateLimitKey::LastTxBlockDelegateTake(hotkey.clone()));
    }
}

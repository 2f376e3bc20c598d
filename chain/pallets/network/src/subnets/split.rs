//! The split of a subnet's emission over its mechanisms, which changes with notice.
//!
//! [`MechanismEmissionSplit`] holds the newest shares, which official clients set and read. Until the notice of their
//! change is over, epochs go by the shares that were in force before it ([`FormerEmissionSplit`]). The notice is that
//! of rubrics, [`RubricNotice`]. A subnet that was not started changes at once, because nobody mined by its shares.

use core::marker::PhantomData;

use alloc::vec::Vec;
use myelin_units::{Block, MechId, NetUid};
use myelin_yuma::mechanisms::carried_over;

use super::now;
use crate::pallet::{
    Config, Event, FirstEmissionBlockNumber, FormerEmissionSplit, MechanismEmissionSplit, Pallet,
    RubricNotice,
};

/// Owner of [`MechanismEmissionSplit`] and [`FormerEmissionSplit`].
///
/// Invariant: shares come into force no sooner than the notice of their change allowed. An epoch splits all that was
/// gathered for it by the shares of its own block, also the part of up to a tempo before they were in force.
pub struct EmissionSplits<T>(PhantomData<T>);

impl<T: Config> EmissionSplits<T> {
    /// Shares by which an epoch in this block splits the emission; `None` means equal shares.
    pub fn in_force(netuid: NetUid, block: Block) -> Option<Vec<u16>> {
        match FormerEmissionSplit::<T>::get(netuid) {
            Some((shares, until)) if block < until => shares,
            _ => MechanismEmissionSplit::<T>::get(netuid),
        }
    }

    /// Sets the shares; `None` means equal shares.
    pub fn set(netuid: NetUid, shares: Option<Vec<u16>>) {
        Self::replace(netuid, Self::in_force(netuid, now::<T>()), shares);
    }

    /// Equal shares after a change of the number of mechanisms. Until then new mechanisms get nothing, and the shares
    /// of closed ones go to the others in proportion.
    pub fn follow_count(netuid: NetUid, before: MechId, count: MechId) {
        let shares = Self::in_force(netuid, now::<T>());
        Self::replace(netuid, Some(carried_over(shares.as_deref(), before.into(), count.into())), None);
    }

    fn replace(netuid: NetUid, former: Option<Vec<u16>>, next: Option<Vec<u16>>) {
        MechanismEmissionSplit::<T>::set(netuid, next);
        let is_started = FirstEmissionBlockNumber::<T>::get(netuid).is_some();
        let notice = if is_started { RubricNotice::<T>::get() } else { 0 };
        let from = now::<T>().saturating_add(notice);
        FormerEmissionSplit::<T>::insert(netuid, (former, from));
        Pallet::<T>::deposit_event(Event::EmissionSplitChanged { netuid, from });
    }
}

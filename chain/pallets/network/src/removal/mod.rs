//! Removing a subnet: its pool is shared among the holders of its alpha, and all its entries are deleted.
//!
//! A subnet is gone for all accounts in the block of the decision: no call, no epoch and no emission touches it any
//! more. The remaining work grows with accounts, so it is done in pages, some in every block, one subnet after another
//! ([`SubnetRemoval::work`]):
//!
//! | step | does | while it runs |
//! |---|---|---|
//! | collect | takes every holding and files it as a claim | its holders are still owed all |
//! | protocol | files what the chain itself holds | |
//! | rank | computes each part and files it by what its division leaves over | claims become parts |
//! | fetch | brings the TAO of the subnet to the account of root, which never closes | root's account holds more than root's pool |
//! | pay | pays the parts, one rao more to the first ones | the pot shrinks by what is paid |
//! | close | pays the owner's refund, recycles the rest | |
//! | forget | clears every item ([`forget`]) | the number stays taken |
//!
//! Alpha under a vote lock leaves it when its first holding is collected. Each payment then binds its share of that
//! alpha, so no TAO that takes the place of locked alpha is ever free.
//!
//! The parts, the refund and the recycled TAO add up to the account's balance. [`waiting`] holds the subnets that wait
//! for the number.

mod forget;
mod liquidation;
pub(crate) mod storage;
mod waiting;

use core::marker::PhantomData;

use alloc::vec::Vec;
use codec::{Decode, Encode};
use frame_support::pallet_prelude::*;
use myelin_governance::VoteLocks;
use myelin_units::{NetUid, TaoBalance, ROOT};
use scale_info::TypeInfo;

use crate::{
    chores::Allowance,
    paging::{Page, LOOK},
    pallet::{
        Config, CurrentDissolveCleanupStatus, DissolveCleanupQueue, Error, Event, NetworkRegisteredAt,
        NetworksAdded, Pallet, SubnetMovingPrice, TotalNetworks,
    },
    subnets::{now, SubnetRegistry},
};

pub use liquidation::Phase;
pub use waiting::WaitingRegistrations;

/// Progress of the removal of a subnet.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub struct DissolveCleanupStatus {
    /// The subnet.
    pub netuid: NetUid,
    /// Steps that are done.
    pub step: u8,
    /// The storage key at which the step stopped; empty at its beginning.
    pub cursor: Vec<u8>,
    /// Claims filed so far.
    pub claims: u64,
    /// Sum of the claims, in rao of alpha.
    pub total: u128,
    /// Rao of the pot that no part contains yet.
    pub unplaced: TaoBalance,
    /// TAO of the subnet that lies on the account of root.
    pub held: TaoBalance,
    /// Refund of the owner.
    pub refund: TaoBalance,
    /// TAO paid to holders.
    pub paid: TaoBalance,
}

/// One step of a removal: works through a page and returns whether the step is done.
type Step = fn(&mut DissolveCleanupStatus, &mut Page) -> bool;

/// Entries by subnet that a pallet beside this one keeps.
pub trait ForgetSubnet {
    /// Deletes a page of the entries of a removed subnet, and returns whether none is left.
    fn forget_subnet(netuid: NetUid, page: &mut Page) -> bool;
}

impl ForgetSubnet for () {
    fn forget_subnet(_: NetUid, _: &mut Page) -> bool {
        true
    }
}

/// Owner of [`DissolveCleanupQueue`], [`CurrentDissolveCleanupStatus`], `RemovalClaims`, `RemovalParts` and
/// `RemovalVoteLocks`.
///
/// Invariants: a subnet in the queue does not exist and its number is not given away. Only the first of the queue is
/// worked on, and only it has claims, parts or vote locks. The TAO of a subnet in the queue lies on its account or,
/// counted, on root's.
pub struct SubnetRemoval<T>(PhantomData<T>);

impl<T: Config> SubnetRemoval<T> {
    /// `root_dissolve_network`: removes a subnet. It is gone at once; its holders are paid over the next blocks.
    pub fn dissolve(netuid: NetUid) -> DispatchResult {
        ensure!(netuid != ROOT && SubnetRegistry::<T>::exists(netuid), Error::<T>::SubnetNotExists);
        Self::begin(netuid);
        Ok(())
    }

    /// Whether the subnet is gone and its number not free yet.
    pub fn is_in_progress(netuid: NetUid) -> bool {
        DissolveCleanupQueue::<T>::get().contains(&netuid)
    }

    /// Number of subnets that are being removed.
    pub fn count() -> u16 {
        u16::try_from(DissolveCleanupQueue::<T>::decode_len().unwrap_or(0)).unwrap_or(u16::MAX)
    }

    /// The subnet that gives way to a new one; `None` while all are immune.
    pub fn candidate() -> Option<NetUid> {
        use myelin_economy::registration::{choose_subnet_to_prune, PrunableSubnet};
        let subnets: Vec<_> = SubnetRegistry::<T>::user_netuids()
            .into_iter()
            .map(|netuid| PrunableSubnet {
                netuid,
                registered_at: NetworkRegisteredAt::<T>::get(netuid),
                moving_price: SubnetMovingPrice::<T>::get(netuid),
            })
            .collect();
        choose_subnet_to_prune(&subnets, now::<T>(), crate::pallet::NetworkImmunityPeriod::<T>::get())
    }

    /// Removes an existing subnet from the registry.
    pub(crate) fn begin(netuid: NetUid) {
        NetworksAdded::<T>::remove(netuid);
        TotalNetworks::<T>::mutate(|count| *count = count.saturating_sub(1));
        DissolveCleanupQueue::<T>::append(netuid);
        T::VoteLocks::subnet_removed(netuid);
        Pallet::<T>::deposit_event(Event::NetworkRemoved(netuid));
    }

    /// Works on removals as far as there is room.
    pub(crate) fn go_on(allowance: &mut Allowance<T>) {
        allowance.spend_points(LOOK);
        if Self::count() == 0 {
            return;
        }
        let points = allowance.points();
        if points > 0 {
            allowance.spend_points(Self::work(points).saturating_add(LOOK.saturating_mul(2)));
        }
    }

    /// Continues the removal at the front of the queue for about this many points, and returns how many it used.
    pub fn work(points: u32) -> u32 {
        let Some(mut status) = Self::current() else { return 0 };
        let mut page = Page::new(points, core::mem::take(&mut status.cursor));
        let steps = Self::steps();
        while let Some(step) = steps.get(usize::from(status.step)) {
            if page.is_used_up() || !step(&mut status, &mut page) {
                break;
            }
            page.begin_step();
            status.step = status.step.saturating_add(1);
        }
        if usize::from(status.step) < steps.len() {
            status.cursor = page.cursor().to_vec();
            CurrentDissolveCleanupStatus::<T>::put(status);
        } else {
            Self::finish(&status);
        }
        page.spent()
    }

    /// Number of steps of a removal. The check of an upgrade compares it: the stored number of a step means a different
    /// step in another list.
    pub(crate) fn step_count() -> u32 {
        u32::try_from(Self::steps().len()).unwrap_or(u32::MAX)
    }

    /// The steps in their order. A runtime that changes the list while a subnet is being removed must translate the
    /// number that is stored.
    fn steps() -> Vec<Step> {
        let liquidation = Self::liquidation().into_iter().map(|(_, step)| step);
        liquidation.chain(Self::forgetting()).collect()
    }

    /// Progress of the removal at the front of the queue.
    pub fn current() -> Option<DissolveCleanupStatus> {
        CurrentDissolveCleanupStatus::<T>::get().or_else(|| {
            let netuid = DissolveCleanupQueue::<T>::get().first().copied()?;
            Some(DissolveCleanupStatus { netuid, ..Default::default() })
        })
    }

    fn finish(status: &DissolveCleanupStatus) {
        let netuid = status.netuid;
        DissolveCleanupQueue::<T>::mutate(|queue| queue.retain(|other| *other != netuid));
        CurrentDissolveCleanupStatus::<T>::kill();
        Pallet::<T>::deposit_event(Event::NetworkDissolveCleanupCompleted { netuid });
    }
}

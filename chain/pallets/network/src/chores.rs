//! Work of a block without a signer, and its share of the block.
//!
//! Six chores share one allowance ([`costs::chores`]): pending changes of children, counts of convictions, claims of
//! root dividends, removal, subnets that wait for a number, and the sweep of nominations. They spend it one after
//! another, in an order that turns by one with every block, so that each comes first in its turn. Work without room
//! waits.

use core::marker::PhantomData;

use frame_support::weights::Weight;
use myelin_units::Block;

use crate::{
    costs,
    locks::Takeover,
    pallet::Config,
    removal::{SubnetRemoval, WaitingRegistrations},
    stake::{Delegation, RootClaims, StakeLedger},
};

/// One of the chores: works as far as there is room.
type Chore<T> = fn(&mut Allowance<T>);

/// Does the chores of a block in which other work took `taken` already, and returns their cost.
pub(crate) fn run<T: Config>(now: Block, taken: Weight) -> Weight {
    let mut order: [Chore<T>; 6] = [
        Delegation::<T>::apply_pending,
        Takeover::<T>::count_on,
        claim_root_dividends::<T>,
        SubnetRemoval::<T>::go_on,
        WaitingRegistrations::<T>::go_on,
        StakeLedger::<T>::sweep_small_nominations,
    ];
    let count = order.len() as u64;
    order.rotate_left(usize::try_from(now.checked_rem(count).unwrap_or(0)).unwrap_or(0));
    let mut allowance = Allowance::new(now.checked_div(count).unwrap_or(0), costs::chores::<T>(taken));
    for chore in order {
        chore(&mut allowance);
        allowance.is_untouched = false;
    }
    allowance.spent
}

/// Remaining weight that a block may spend on chores.
///
/// The first chore of a block may take one step that is larger than the allowance, so that every chore progresses. A
/// page of a list may overdraw the allowance by its last entry; that counts in full, and then nothing is left for
/// others.
pub struct Allowance<T> {
    round: u64,
    left: Weight,
    spent: Weight,
    is_untouched: bool,
    marker: PhantomData<T>,
}

impl<T: Config> Allowance<T> {
    /// An allowance for the chore that comes first.
    pub(crate) fn new(round: u64, left: Weight) -> Self {
        Self { round, left, spent: Weight::zero(), is_untouched: true, marker: PhantomData }
    }

    /// Number of times that every chore came first. Lists that a chore goes through turn with it, so that another entry
    /// begins whenever the chore comes first.
    pub(crate) fn round(&self) -> u64 {
        self.round
    }

    /// The remaining weight.
    pub(crate) fn left(&self) -> Weight {
        self.left
    }

    /// The weight spent.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> Weight {
        self.spent
    }

    /// Spends the weight of finished work, even beyond the allowance.
    pub(crate) fn spend(&mut self, cost: Weight) {
        self.left = self.left.saturating_sub(cost);
        self.spent = self.spent.saturating_add(cost);
    }

    /// Spends the weight of a step, if there is room for it. Returns whether there is.
    pub(crate) fn try_spend(&mut self, cost: Weight) -> bool {
        if !self.is_untouched && !cost.all_lte(self.left) {
            return false;
        }
        self.is_untouched = false;
        self.spend(cost);
        true
    }

    /// Points of a [`Page`](crate::paging::Page) that there is room for; 0 = none.
    pub(crate) fn points(&self) -> u32 {
        let points = self.left.checked_div_per_component(&costs::look::<T>()).unwrap_or(u64::MAX);
        u32::try_from(points).unwrap_or(u32::MAX).max(self.is_untouched.into())
    }

    /// Spends points used by a page.
    pub(crate) fn spend_points(&mut self, points: u32) {
        self.spend(costs::look::<T>().saturating_mul(points.into()));
    }
}

fn claim_root_dividends<T: Config>(allowance: &mut Allowance<T>) {
    let parent = frame_system::Pallet::<T>::parent_hash();
    let mut seed = [0u8; 32];
    for (byte, source) in seed.iter_mut().zip(parent.as_ref()) {
        *byte = *source;
    }
    RootClaims::<T>::claim_for_some(&seed, allowance)
}

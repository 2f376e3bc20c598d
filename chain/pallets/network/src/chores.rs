//! Work that nobody signs, and how much of a block it may take.
//!
//! Changes of children that waited, counts of convictions, claims of root dividends, removal, subnets that wait for a
//! number and the sweep of nominations share one allowance ([`costs::chores`]). They take from it one after another, in
//! an order that turns by one with every block, so that each of them comes first in its turn. What finds no room waits.

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

/// One of the chores: does what there is room for.
type Chore<T> = fn(&mut Allowance<T>);

/// Does the chores of a block in which other work took `taken` already, and says what they cost.
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

/// What a block may still spend on chores.
///
/// The first chore of a block may take one step that is larger than what there is, so that every chore goes on. A page
/// of a list may overdraw what is left by its last entry; that counts in full, and then nothing is left for others.
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

    /// How often every chore came first. Lists that a chore goes through turn with it, so that another entry begins
    /// whenever the chore comes first.
    pub(crate) fn round(&self) -> u64 {
        self.round
    }

    /// What is left.
    pub(crate) fn left(&self) -> Weight {
        self.left
    }

    /// What was spent.
    #[cfg(test)]
    pub(crate) fn spent(&self) -> Weight {
        self.spent
    }

    /// Spends what was done, whether it was there or not.
    pub(crate) fn spend(&mut self, cost: Weight) {
        self.left = self.left.saturating_sub(cost);
        self.spent = self.spent.saturating_add(cost);
    }

    /// Spends what a step will cost, if there is room for it. Says whether there is.
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

    /// Spends points that were used, and looks beside.
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

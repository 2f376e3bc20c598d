//! Stake and family of the hotkeys of a subnet: their own stake, the proportions that they lend, and their parents.

use alloc::vec::Vec;

use myelin_economy::childkeys::{inherited, Holding, Loan};
use myelin_units::{AlphaBalance, NetUid, TaoBalance, ROOT};
use myelin_yuma::step::stake::total_stake;

use super::{RootMarks, StakeWeightOf};
use crate::{
    entries::{Accounts, Entries},
    neurons::Seat,
    pallet::{ChildKeys, Config, ParentKeys, TotalHotkeyAlpha},
};

/// A hotkey on a subnet other than root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backing<AccountId> {
    /// Its own stake.
    pub holding: Holding,
    /// Proportions that it lends to its children, on the u64 scale.
    pub lent: Vec<u64>,
    /// Its parents and the proportion that each lends it.
    pub parents: Vec<(u64, AccountId)>,
}

impl<AccountId> Backing<AccountId> {
    /// Stake weight of the hotkey, given the stake of each of its parents.
    pub fn weight(&self, parents: impl Fn(&AccountId) -> Holding, tao_weight: u64) -> StakeWeightOf {
        let lenders: Vec<_> = self.parents.iter().map(|(share, parent)| (*share, parents(parent))).collect();
        let loans = |value: fn(&Holding) -> u64| -> Vec<Loan> {
            let loan = |(share, holding): &(u64, Holding)| Loan { value: value(holding), proportion: *share };
            lenders.iter().map(loan).collect()
        };
        let alpha = |holding: &Holding| holding.alpha.to_rao();
        let root = |holding: &Holding| holding.root.to_rao();
        let alpha = inherited(alpha(&self.holding), &self.lent, &loans(alpha));
        let root = inherited(root(&self.holding), &self.lent, &loans(root));
        StakeWeightOf {
            alpha: AlphaBalance::from_rao(alpha),
            root: TaoBalance::from_rao(root),
            total: total_stake(alpha, root, tao_weight),
        }
    }
}

/// Reads stake and families of many hotkeys.
pub struct Backings<T: Config> {
    netuid: [u8; 2],
    marks: RootMarks,
    alpha: Entries<TotalHotkeyAlpha<T>, AlphaBalance>,
    children: Entries<ChildKeys<T>, Vec<(u64, T::AccountId)>>,
    parents: Entries<ParentKeys<T>, Vec<(u64, T::AccountId)>>,
}

impl<T: Config> Backings<T> {
    /// Of a subnet.
    pub fn on(netuid: NetUid) -> Self {
        Self {
            netuid: netuid.to_le_bytes(),
            marks: RootMarks::stored::<T>(),
            alpha: Entries::new(),
            children: Entries::new(),
            parents: Entries::new(),
        }
    }

    /// Own stake of a hotkey: alpha on the subnet and TAO on root.
    pub fn holding(&mut self, accounts: &mut Accounts<T::AccountId>, hotkey: &T::AccountId) -> Holding {
        let may_have_root = self.marks.may_have(hotkey);
        let hotkey = accounts.key(hotkey);
        let mut total = |netuid: &[u8]| self.alpha.at().part(hotkey).part(netuid).get().unwrap_or_default();
        let alpha = total(&self.netuid);
        let root = if may_have_root { total(&ROOT.to_le_bytes()) } else { AlphaBalance::ZERO };
        Holding { alpha, root: TaoBalance::from_rao(root.to_rao()) }
    }

    /// Stake and family of a neuron.
    pub fn backing(
        &mut self,
        accounts: &mut Accounts<T::AccountId>,
        seat: &Seat<T::AccountId>,
    ) -> Backing<T::AccountId> {
        let holding = self.holding(accounts, &seat.hotkey);
        let (mut children, mut parents) = (Vec::new(), Vec::new());
        if seat.lends || seat.borrows {
            let hotkey = accounts.key(&seat.hotkey);
            children = self.children.at().part(hotkey).part(&self.netuid).get().unwrap_or_default();
            parents = self.parents.at().part(hotkey).part(&self.netuid).get().unwrap_or_default();
        }
        Backing { holding, lent: children.into_iter().map(|(share, _)| share).collect(), parents }
    }
}

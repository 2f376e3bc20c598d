//! Many credits on one subnet: every pot and every holding is read once and written once.

use alloc::collections::BTreeMap;

use frame_support::weights::Weight;
use myelin_economy::{
    childkeys::Holding,
    shares::{ShareFloat, SharePool},
};
use myelin_units::{AlphaBalance, NetUid};

use super::StakeLedger;
use crate::{
    costs,
    entries::{Accounts, Entries},
    pallet::{AlphaV2, Config, TotalHotkeyAlpha, TotalHotkeySharesV2},
    pools::PoolReserves,
};

/// Credits on a subnet other than root that are written together by [`Self::book`]. In their order each has the same
/// effect as alone. Until they are booked no other code changes or reads stake on the subnet.
pub struct StakeBatch<'a, T: Config> {
    netuid: NetUid,
    accounts: &'a mut Accounts<T::AccountId>,
    /// Known stake of some hotkeys, which need not be looked up.
    known: Option<&'a BTreeMap<T::AccountId, Holding>>,
    values: Entries<TotalHotkeyAlpha<T>, AlphaBalance>,
    shares: Entries<TotalHotkeySharesV2<T>, ShareFloat>,
    held: Entries<AlphaV2<T>, ShareFloat>,
    pools: BTreeMap<T::AccountId, Pool>,
    /// Holdings that have changed, by hotkey and coldkey.
    holdings: BTreeMap<(T::AccountId, T::AccountId), ShareFloat>,
    unowned: AlphaBalance,
    /// Cost of rewriting lists that grew, by their length.
    lengths: Weight,
}

/// The stake on one hotkey.
#[derive(Clone, Copy)]
struct Pool {
    stored: SharePool,
    now: SharePool,
}

impl<'a, T: Config> StakeBatch<'a, T> {
    /// No credits yet.
    pub fn on(netuid: NetUid, accounts: &'a mut Accounts<T::AccountId>) -> Self {
        Self {
            netuid,
            accounts,
            known: None,
            values: Entries::new(),
            shares: Entries::new(),
            held: Entries::new(),
            pools: BTreeMap::new(),
            holdings: BTreeMap::new(),
            unowned: AlphaBalance::ZERO,
            lengths: Weight::zero(),
        }
    }

    /// With the known stake of some hotkeys on this subnet.
    pub fn knowing(mut self, known: &'a BTreeMap<T::AccountId, Holding>) -> Self {
        self.known = Some(known);
        self
    }

    /// [`StakeLedger::credit`].
    pub fn credit(&mut self, hotkey: &T::AccountId, coldkey: &T::AccountId, amount: AlphaBalance) {
        if amount.is_zero() {
            return;
        }
        let holder = (hotkey.clone(), coldkey.clone());
        let held = match self.holdings.get(&holder) {
            Some(held) => *held,
            None => self.stored_holding(hotkey, coldkey),
        };
        let pool = self.pool(hotkey);
        let Ok(change) = pool.add(&held, amount) else {
            log::debug!(target: "network", "{amount} alpha of subnet {} is worth no share", self.netuid);
            self.unowned = self.unowned.saturating_add(amount);
            return;
        };
        *pool = change.pool;
        self.holdings.insert(holder, change.holder);
        if held.is_zero() {
            self.lengths = self.lengths.saturating_add(costs::length::<T>(costs::stakes_on::<T>(coldkey)));
            StakeLedger::<T>::list_hotkey(coldkey, hotkey);
        }
    }

    /// [`StakeLedger::raise_all`]; without holders the amount belongs to nobody. Returns all stake on the hotkey
    /// afterwards.
    pub fn raise_all(&mut self, hotkey: &T::AccountId, amount: AlphaBalance) -> AlphaBalance {
        let pool = self.pool(hotkey);
        *pool = pool.add_for_all(amount);
        let (placed, total) = (!pool.is_empty(), pool.value);
        if !placed {
            self.unowned = self.unowned.saturating_add(amount);
        }
        total
    }

    /// The keys of accounts.
    pub(super) fn accounts(&mut self) -> &mut Accounts<T::AccountId> {
        self.accounts
    }

    /// Writes the changes. Returns the cost of rewriting lists of hotkeys that grew, by their length.
    pub fn book(mut self) -> Weight {
        let netuid = self.netuid.to_le_bytes();
        let (mut before, mut after) = (AlphaBalance::ZERO, AlphaBalance::ZERO);
        for (hotkey, Pool { stored, now }) in &self.pools {
            let hotkey = self.accounts.key(hotkey);
            if now.value != stored.value {
                before = before.saturating_add(stored.value);
                after = after.saturating_add(now.value);
                self.values.at().part(hotkey).part(&netuid).put(&now.value);
            }
            if now.shares != stored.shares {
                self.shares.at().part(hotkey).part(&netuid).put(&now.shares);
            }
        }
        for ((hotkey, coldkey), held) in &self.holdings {
            let entry = self.held.at().part(self.accounts.key(hotkey)).part(self.accounts.key(coldkey));
            entry.part(&netuid).put(held);
        }
        StakeLedger::<T>::count_staked(self.netuid, before, after);
        PoolReserves::<T>::burn_out(self.netuid, self.unowned);
        self.lengths
    }

    fn pool(&mut self, hotkey: &T::AccountId) -> &mut SharePool {
        let netuid = self.netuid.to_le_bytes();
        let (accounts, values, shares) = (&mut *self.accounts, &mut self.values, &mut self.shares);
        let known = self.known;
        let pool = self.pools.entry(hotkey.clone()).or_insert_with(|| {
            let key = accounts.key(hotkey);
            let value = match known.and_then(|known| known.get(hotkey)) {
                Some(holding) => holding.alpha,
                None => values.at().part(key).part(&netuid).get().unwrap_or_default(),
            };
            let stored =
                SharePool { value, shares: shares.at().part(key).part(&netuid).get().unwrap_or_default() };
            Pool { stored, now: stored }
        });
        &mut pool.now
    }

    fn stored_holding(&mut self, hotkey: &T::AccountId, coldkey: &T::AccountId) -> ShareFloat {
        let entry = self.held.at().part(self.accounts.key(hotkey)).part(self.accounts.key(coldkey));
        entry.part(&self.netuid.to_le_bytes()).get().unwrap_or_default()
    }
}

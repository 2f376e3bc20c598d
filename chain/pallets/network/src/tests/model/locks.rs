//! Locks of the model: every lock and every sum as plain data, rolled by the pure crate.

use std::collections::{BTreeMap, BTreeSet};

use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_units::{AlphaBalance, NetUid, U64F64};

use super::AccountId;
use crate::{
    locks::from_stored,
    pallet::*,
    tests::mock::{System, Test},
};

/// Subnet, hotkey or the owner's place, and whether its locks are perpetual.
type Sum = (NetUid, Option<AccountId>, bool);

/// All locks of all subnets.
#[derive(Clone)]
pub struct LockBook {
    rates: LockRates,
    /// By coldkey and subnet: the favoured hotkey, and the state at the last change.
    locks: BTreeMap<(AccountId, NetUid), (AccountId, LockState)>,
    sums: BTreeMap<Sum, LockState>,
    perpetual: BTreeSet<(AccountId, NetUid)>,
    /// The owner's hotkey of each subnet, the block in which it replaced another one, and the block in which former
    /// ones ceased.
    owners: BTreeMap<NetUid, AccountId>,
    began: BTreeMap<NetUid, u64>,
    ended: BTreeMap<(NetUid, AccountId), u64>,
}

impl LockBook {
    /// The locks as the chain stores them now.
    pub fn of_chain() -> Self {
        let state = |stored: myelin_abi::LockState| from_stored(&stored);
        let mut sums = BTreeMap::new();
        sums.extend(HotkeyLock::<Test>::iter().map(|(n, hotkey, sum)| ((n, Some(hotkey), true), state(sum))));
        sums.extend(
            DecayingHotkeyLock::<Test>::iter().map(|(n, hotkey, sum)| ((n, Some(hotkey), false), state(sum))),
        );
        sums.extend(OwnerLock::<Test>::iter().map(|(n, sum)| ((n, None, true), state(sum))));
        sums.extend(DecayingOwnerLock::<Test>::iter().map(|(n, sum)| ((n, None, false), state(sum))));
        Self {
            rates: LockRates { unlock: UnlockRate::<Test>::get(), maturity: MaturityRate::<Test>::get() },
            locks: Lock::<Test>::iter()
                .map(|((coldkey, netuid, hotkey), lock)| ((coldkey, netuid), (hotkey, state(lock))))
                .collect(),
            sums,
            perpetual: DecayingLock::<Test>::iter()
                .filter(|(_, _, decaying)| !decaying)
                .map(|(coldkey, netuid, _)| (coldkey, netuid))
                .collect(),
            owners: SubnetOwnerHotkey::<Test>::iter().collect(),
            began: OwnershipBegan::<Test>::iter().collect(),
            ended: OwnershipEnded::<Test>::iter().map(|(n, hotkey, block)| ((n, hotkey), block)).collect(),
        }
    }

    /// A coldkey locks alpha; returns whether the rules permit it.
    pub fn lock(
        &mut self,
        netuid: NetUid,
        coldkey: &AccountId,
        hotkey: &AccountId,
        amount: AlphaBalance,
        total: AlphaBalance,
        now: u64,
    ) -> bool {
        let held = self.held(coldkey, netuid, now);
        let current = held.as_ref().map(|(_, state)| state.without_dust()).unwrap_or_default();
        let other = held.as_ref().is_some_and(|(on, _)| on != hotkey) && !current.is_empty();
        let topped_up = current.with_added(amount);
        let nothing = amount.is_zero() || topped_up.without_dust().is_empty();
        if other || nothing || topped_up.locked_mass > total {
            return false;
        }
        self.withdraw(coldkey, netuid, now);
        self.file(coldkey, netuid, hotkey, topped_up, now);
        true
    }

    /// The owner's cut is locked in favour of the hotkey that its coldkey has a lock on, or else of the owner's hotkey.
    pub fn lock_cut(
        &mut self,
        netuid: NetUid,
        coldkey: &AccountId,
        hotkey: &AccountId,
        cut: AlphaBalance,
        total: AlphaBalance,
        now: u64,
    ) {
        let held = self.held(coldkey, netuid, now).filter(|(_, state)| !state.without_dust().is_empty());
        let favoured = held.map_or_else(|| hotkey.clone(), |(on, _)| on);
        self.lock(netuid, coldkey, &favoured, cut, total, now);
    }

    /// A lock changes to another hotkey; conviction stays only within a family of keys.
    pub fn move_to(
        &mut self,
        netuid: NetUid,
        coldkey: &AccountId,
        hotkey: &AccountId,
        same_owner: bool,
        now: u64,
    ) {
        let Some((_, state)) = self.held(coldkey, netuid, now) else { return };
        self.withdraw(coldkey, netuid, now);
        let conviction = if same_owner { state.conviction } else { U64F64::ZERO };
        self.file(coldkey, netuid, hotkey, LockState { conviction, ..state }, now);
    }

    /// A coldkey chooses whether its lock melts.
    pub fn set_perpetual(&mut self, netuid: NetUid, coldkey: &AccountId, enabled: bool, now: u64) {
        let held = self.held(coldkey, netuid, now);
        self.withdraw(coldkey, netuid, now);
        let key = (coldkey.clone(), netuid);
        if enabled {
            self.perpetual.insert(key);
        } else {
            self.perpetual.remove(&key);
        }
        if let Some((hotkey, state)) = held {
            self.file(coldkey, netuid, &hotkey, state, now);
        }
    }

    /// Conviction of each hotkey on a subnet.
    pub fn convictions(&self, netuid: NetUid, now: u64) -> Vec<(AccountId, U64F64)> {
        let mut convictions: BTreeMap<AccountId, U64F64> = BTreeMap::new();
        for ((of, place, perpetual), sum) in self.sums.iter().filter(|((of, _, _), _)| *of == netuid) {
            let kind = LockKind { perpetual: *perpetual, owner: place.is_none() };
            let rolled = sum.rolled(now, self.rates, self.rule(*of, kind, now));
            let hotkey = place.clone().unwrap_or_else(|| self.owners[of].clone());
            let conviction = convictions.entry(hotkey).or_default();
            *conviction = conviction.saturating_add(rolled.conviction);
        }
        convictions.into_iter().collect()
    }

    /// Another hotkey becomes the owner's on a subnet.
    pub fn take_over(&mut self, netuid: NetUid, new: &AccountId, now: u64) {
        let old = self.owners[&netuid].clone();
        if self.locks.iter().any(|((_, of), (on, _))| *of == netuid && *on == old) {
            self.refile(netuid, &old, true, now);
            if self.began.get(&netuid).copied().unwrap_or(0) < now {
                self.ended.insert((netuid, old), now);
            }
        }
        self.began.insert(netuid, now);
        self.refile(netuid, new, false, now);
        self.owners.insert(netuid, new.clone());
    }

    /// The sums of a hotkey become ordinary ones or the owner's.
    fn refile(&mut self, netuid: NetUid, hotkey: &AccountId, were_owners: bool, now: u64) {
        for perpetual in [true, false] {
            let mut moved = LockState::default();
            for owner in [were_owners, !were_owners] {
                let place = (netuid, (!owner).then(|| hotkey.clone()), perpetual);
                let rule = self.rule(netuid, LockKind { perpetual, owner }, now);
                let sum = self.sums.remove(&place).unwrap_or_default().advanced(now, self.rates, rule);
                moved = moved.joined(&sum);
            }
            let rule = self.rule(netuid, LockKind { perpetual, owner: !were_owners }, now);
            let sum = moved.rolled(now, self.rates, rule);
            if !sum.is_empty() {
                let place = (netuid, were_owners.then(|| hotkey.clone()), perpetual);
                self.sums.insert(place, sum);
            }
        }
    }

    /// Forgets a removed subnet.
    pub fn forget(&mut self, netuid: NetUid) {
        self.locks.retain(|(_, of), _| *of != netuid);
        self.sums.retain(|(of, _, _), _| *of != netuid);
        self.perpetual.retain(|(_, of)| *of != netuid);
        self.owners.remove(&netuid);
        self.began.remove(&netuid);
        self.ended.retain(|(of, _), _| *of != netuid);
    }

    /// Compares every lock and every sum with the chain, except for subnets that are being removed.
    #[track_caller]
    pub fn assert_is_chain(&self, leaving: &[NetUid]) {
        let mut chain = Self::of_chain();
        leaving.iter().for_each(|netuid| chain.forget(*netuid));
        let now = System::block_number();
        assert_eq!(chain.locks, self.locks, "locks in block {now}");
        assert_eq!(chain.sums, self.sums, "sums of locks in block {now}");
        assert_eq!(chain.perpetual, self.perpetual, "modes of locks in block {now}");
        assert_eq!(chain.owners, self.owners, "hotkeys that stand for owners in block {now}");
        assert_eq!((chain.began, chain.ended), (self.began.clone(), self.ended.clone()), "changes of owners");
    }

    fn held(&self, coldkey: &AccountId, netuid: NetUid, now: u64) -> Option<(AccountId, LockState)> {
        let (hotkey, state) = self.locks.get(&(coldkey.clone(), netuid))?;
        let kind = self.kind(coldkey, netuid, hotkey);
        let rule = self.rule(netuid, kind, now);
        let ended = self.ended.get(&(netuid, hotkey.clone())).copied().filter(|_| !rule.owner);
        let then = state.after_ownership(ended, self.rates, kind.perpetual);
        Some((hotkey.clone(), then.advanced(now, self.rates, rule)))
    }

    /// The owner's hotkey convinces as such from the next block on.
    fn rule(&self, netuid: NetUid, kind: LockKind, now: u64) -> LockKind {
        LockKind { owner: kind.owner && self.began.get(&netuid).copied().unwrap_or(0) < now, ..kind }
    }

    fn kind(&self, coldkey: &AccountId, netuid: NetUid, hotkey: &AccountId) -> LockKind {
        LockKind {
            perpetual: self.perpetual.contains(&(coldkey.clone(), netuid)),
            owner: self.owners.get(&netuid) == Some(hotkey),
        }
    }

    fn withdraw(&mut self, coldkey: &AccountId, netuid: NetUid, now: u64) {
        let Some((hotkey, state)) = self.held(coldkey, netuid, now) else { return };
        let kind = self.kind(coldkey, netuid, &hotkey);
        self.locks.remove(&(coldkey.clone(), netuid));
        self.change(netuid, &hotkey, kind, &state, &LockState::default(), now);
        let others = self.locks.iter().any(|((_, of), (on, _))| *of == netuid && *on == hotkey);
        if !others {
            self.ended.remove(&(netuid, hotkey.clone()));
            let place = (!kind.owner).then_some(hotkey);
            self.sums.remove(&(netuid, place.clone(), true));
            self.sums.remove(&(netuid, place, false));
        }
    }

    fn file(&mut self, coldkey: &AccountId, netuid: NetUid, hotkey: &AccountId, state: LockState, now: u64) {
        let kind = self.kind(coldkey, netuid, hotkey);
        let rule = self.rule(netuid, kind, now);
        let state = LockState { last_update: now, ..state }.rolled(now, self.rates, rule);
        if state.is_empty() {
            return;
        }
        self.locks.insert((coldkey.clone(), netuid), (hotkey.clone(), state));
        self.change(netuid, hotkey, kind, &LockState::default(), &state, now);
    }

    fn change(
        &mut self,
        netuid: NetUid,
        hotkey: &AccountId,
        kind: LockKind,
        before: &LockState,
        after: &LockState,
        now: u64,
    ) {
        let place = (netuid, (!kind.owner).then(|| hotkey.clone()), kind.perpetual);
        let rule = self.rule(netuid, kind, now);
        let sum = self.sums.remove(&place).unwrap_or_default();
        let sum =
            sum.advanced(now, self.rates, rule).with_change(before, after).rolled(now, self.rates, rule);
        if !sum.is_empty() {
            self.sums.insert(place, sum);
        }
    }
}

//! Shares: room that several owners use, none of which can use it up.
//!
//! An owner may hold at most as much as it leaves free: the first one half of the room, the next one half of the rest,
//! and so on. An owner may always hold a 512th, whatever the others hold. So 256 owners, which is the number of
//! validators with a 256th of the stake, hold at most one and a half times the room.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Part of the room that every owner may hold.
const ALWAYS: usize = 512;

/// Room that owners of the type `K` share, in units of the user's choice. Clones share it.
pub struct Shares<K>(Arc<Mutex<State<K>>>);

struct State<K> {
    size: usize,
    used: usize,
    held: HashMap<K, usize>,
}

/// A part of the room; dropping it gives it back.
pub struct Share<K: Eq + Hash> {
    room: Shares<K>,
    owner: K,
    amount: usize,
}

impl<K> Clone for Shares<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> Shares<K> {
    /// Room of this size.
    pub fn new(size: usize) -> Self {
        Self(Arc::new(Mutex::new(State { size, used: 0, held: HashMap::new() })))
    }

    /// The room that nobody holds.
    pub fn free(&self) -> usize {
        let state = self.lock();
        state.size.saturating_sub(state.used)
    }

    fn lock(&self) -> MutexGuard<'_, State<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// Takes room for an owner. Returns `None` if the owner would then hold more than `most`, or more than its share.
    pub fn take(&self, owner: &K, amount: usize, most: usize) -> Option<Share<K>> {
        let mut state = self.lock();
        let held = state.held.get(owner).copied().unwrap_or(0).checked_add(amount)?;
        let used = state.used.checked_add(amount)?;
        let share = state.size.saturating_sub(used).max(state.size / ALWAYS);
        if held > most.min(share) {
            return None;
        }
        state.used = used;
        state.held.insert(owner.clone(), held);
        Some(Share { room: self.clone(), owner: owner.clone(), amount })
    }
}

impl<K: Eq + Hash> Share<K> {
    /// The size of this part.
    pub fn amount(&self) -> usize {
        self.amount
    }

    /// Joins another part of the same owner to this one.
    pub fn merge(&mut self, mut other: Self) {
        debug_assert!(self.owner == other.owner && Arc::ptr_eq(&self.room.0, &other.room.0));
        self.amount += std::mem::take(&mut other.amount);
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut state = self.room.lock();
        state.used -= self.amount;
        if let Some(held) = state.held.get_mut(&self.owner) {
            *held -= self.amount;
            if *held == 0 {
                state.held.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes single units for an owner until no more is given.
    fn all(room: &Shares<u8>, owner: u8) -> Vec<Share<u8>> {
        std::iter::from_fn(|| room.take(&owner, 1, usize::MAX)).collect()
    }

    #[test]
    fn an_owner_holds_at_most_as_much_as_it_leaves() {
        let room = Shares::new(120);
        let greedy = all(&room, 0);
        assert_eq!(greedy.len(), 60);
        let held: Vec<_> = (1..60).map(|owner| all(&room, owner)).collect();
        assert!(held.iter().take(3).map(Vec::len).eq([30, 15, 7]));
        assert!(room.take(&1, 1, usize::MAX).is_none());
        drop(held);
        assert_eq!(room.free(), 60);
        drop(greedy);
        assert!(room.free() == 120 && room.lock().held.is_empty());
    }

    #[test]
    fn every_owner_has_a_little_whatever_the_others_hold_and_all_together_are_bounded() {
        let room = Shares::new(5_120);
        let held: Vec<_> = (0..=255).map(|owner| all(&room, owner).into_iter()).collect();
        assert!(held.iter().all(|parts| parts.len() >= 10));
        let used: usize = held.iter().map(|parts| parts.len()).sum();
        assert!((5_120..=7_680).contains(&used), "{used}");
    }

    #[test]
    fn the_limit_of_an_owner_counts_as_well_and_parts_can_be_joined() {
        let room = Shares::new(100);
        let mut part = room.take(&0, 6, 10).unwrap();
        assert!(room.take(&0, 5, 10).is_none() && room.take(&0, usize::MAX, usize::MAX).is_none());
        part.merge(room.take(&0, 4, 10).unwrap());
        assert_eq!((part.amount(), room.free()), (10, 90));
        drop(part);
        assert_eq!(room.free(), 100);
    }
}

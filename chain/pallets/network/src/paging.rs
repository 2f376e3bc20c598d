//! Long work in pieces: the points that one block may spend on it, and the place where the next block continues.
//!
//! Work that grows with accounts is done in pages. A [`Page`] carries the remaining points of the block, one point per
//! look at an entry and more for a change, and the place where the work stopped. A page always does at least one entry,
//! so that work ends even in blocks with little room. It may overdraw its points by one entry, and all used points
//! count ([`Page::spent`]).

use alloc::vec::Vec;

use frame_support::storage::KeyPrefixIterator;

/// Points of looking at one entry: one read.
pub const LOOK: u32 = 1;
/// Points of removing one entry.
pub const REMOVE: u32 = 5;
/// Points of changing a few entries: an account paid, a list rewritten.
pub const CHANGE: u32 = 30;

/// Remaining points of a block for a long task, and the place of the task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Page {
    points: u32,
    spent: u32,
    cursor: Vec<u8>,
}

impl Page {
    /// A page with this many points that goes on behind the storage key `cursor`; an empty one is the beginning.
    pub fn new(points: u32, cursor: Vec<u8>) -> Self {
        Self { points, spent: 0, cursor }
    }

    /// Remaining points.
    pub fn points(&self) -> u32 {
        self.points
    }

    /// Points used, including an overdraft.
    pub fn spent(&self) -> u32 {
        self.spent
    }

    /// The storage key behind which the task continues; empty at the beginning of a step.
    pub fn cursor(&self) -> &[u8] {
        &self.cursor
    }

    /// Spends points, even beyond the remaining ones.
    pub fn spend(&mut self, points: u32) {
        self.spent = self.spent.saturating_add(points);
        self.points = self.points.saturating_sub(points);
    }

    /// Whether no points are left.
    pub fn is_used_up(&self) -> bool {
        self.points == 0
    }

    /// Begins the next step of the task.
    pub fn begin_step(&mut self) {
        self.cursor.clear();
    }

    /// Looks at the keys of a map, from where the last page stopped, and returns whether it reached the end. `visit`
    /// may remove its entry, and returns the points used beyond the look.
    ///
    /// `first` iterates from the beginning of the map, `behind` from behind a key.
    pub fn scan<K>(
        &mut self,
        first: impl FnOnce() -> KeyPrefixIterator<K>,
        behind: impl FnOnce(Vec<u8>) -> KeyPrefixIterator<K>,
        mut visit: impl FnMut(K) -> u32,
    ) -> bool {
        let mut keys = if self.cursor.is_empty() { first() } else { behind(self.cursor.clone()) };
        while !self.is_used_up() {
            let Some(key) = keys.next() else { return true };
            self.spend(LOOK);
            let used = visit(key);
            self.spend(used);
            self.cursor = keys.last_raw_key().to_vec();
        }
        false
    }

    /// Hands out entries until none is left, and returns whether it reached the end. `take` removes the entry from its
    /// source and returns the points used.
    pub fn drain<E>(&mut self, entries: impl Iterator<Item = E>, mut take: impl FnMut(E) -> u32) -> bool {
        let mut entries = entries;
        while !self.is_used_up() {
            let Some(entry) = entries.next() else { return true };
            let used = take(entry);
            self.spend(used.max(LOOK));
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_does_one_entry_at_least_and_then_stops() {
        let mut page = Page::new(1, Vec::new());
        let mut done = Vec::new();
        let finished = page.drain(0..3, |entry| {
            done.push(entry);
            REMOVE
        });
        assert!(!finished && page.is_used_up());
        assert_eq!(done, [0]);
        assert_eq!(page.spent(), REMOVE, "what was overdrawn counts too");
    }

    #[test]
    fn a_page_that_reaches_the_end_says_so() {
        let mut page = Page::new(100, Vec::new());
        assert!(page.drain(0..3, |_| REMOVE));
        assert_eq!(page.points(), 100 - 3 * REMOVE);
    }
}

//! Slots: the number of handlers that run at once, and the order in which requests wait.

use std::{
    cmp::Reverse,
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::oneshot,
    time::{timeout_at, Instant},
};

/// A bounded number of slots with a bounded queue ordered by priority.
#[derive(Clone)]
pub struct Slots(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// Those that wait, by priority and then by arrival; the next one is last.
    waiting: BTreeMap<Rank, oneshot::Sender<Slot>>,
    max_waiting: usize,
    arrivals: u64,
}

type Rank = (u64, Reverse<u64>);

/// A taken slot; dropping it serves the next in the queue.
pub struct Slot(Option<Slots>);

/// Why no slot was taken.
#[derive(Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// Every slot is taken, and every waiting place by those of the same or a higher priority.
    Full,
    /// The deadline passed while waiting.
    Late,
}

impl Slots {
    /// `slots` slots, and at most `max_waiting` requests that wait for one.
    pub fn new(slots: usize, max_waiting: usize) -> Self {
        let state = State { free: slots, waiting: BTreeMap::new(), max_waiting, arrivals: 0 };
        Self(Arc::new(Mutex::new(state)))
    }

    /// Takes a slot, waiting for one until `deadline`; among waiting requests the highest priority is next. Where all
    /// waiting places are taken, a request of higher priority displaces the last in the queue.
    pub async fn take(&self, priority: u64, deadline: Instant) -> Result<Slot, NoSlot> {
        let woken = {
            let mut state = self.lock();
            if state.free > 0 {
                state.free -= 1;
                return Ok(Slot(Some(self.clone())));
            }
            if state.waiting.len() >= state.max_waiting {
                // Requests that gave up waiting do not count.
                state.waiting.retain(|_, wake| !wake.is_closed());
            }
            if state.waiting.len() >= state.max_waiting {
                let last = state.waiting.first_entry().filter(|last| last.key().0 < priority);
                last.ok_or(NoSlot::Full)?.remove();
            }
            let (wake, woken) = oneshot::channel();
            state.arrivals += 1;
            let rank = (priority, Reverse(state.arrivals));
            state.waiting.insert(rank, wake);
            woken
        };
        match timeout_at(deadline, woken).await {
            Ok(Ok(slot)) => Ok(slot),
            Ok(Err(_)) => Err(NoSlot::Full),
            Err(_) => Err(NoSlot::Late),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn give_back(self) {
        let mut returned = Slot(Some(self.clone()));
        loop {
            let next = {
                let mut state = self.lock();
                match state.waiting.pop_last() {
                    Some((_, next)) => next,
                    None => {
                        state.free += 1;
                        returned.0 = None;
                        return;
                    }
                }
            };
            match next.send(returned) {
                Ok(()) => return,
                // The waiting request gave up; the slot comes back and goes to the next.
                Err(slot) => returned = slot,
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(slots) = self.0.take() {
            slots.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[tokio::test]
    async fn the_highest_priority_waits_least_and_equals_keep_their_order() {
        let slots = Slots::new(1, 10);
        let first = slots.take(0, soon()).await.unwrap();
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, priority) in [("a", 1), ("b", 5), ("c", 5), ("d", 9)] {
            let (slots, served) = (slots.clone(), served.clone());
            tasks.push(tokio::spawn(async move {
                let _slot = slots.take(priority, soon()).await.unwrap();
                served.lock().unwrap().push(name);
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*served.lock().unwrap(), ["d", "b", "c", "a"]);
        assert_eq!(slots.lock().free, 1);
    }

    #[tokio::test]
    async fn the_last_in_a_full_queue_makes_room_for_a_higher_priority() {
        let slots = Slots::new(1, 2);
        let held = slots.take(0, soon()).await.unwrap();
        let wait = |priority| {
            let slots = slots.clone();
            tokio::spawn(async move { slots.take(priority, soon()).await.map(|_| priority) })
        };
        let (stranger, small) = (wait(0), wait(3));
        tokio::task::yield_now().await;
        let large = wait(7);
        assert_eq!(stranger.await.unwrap().err(), Some(NoSlot::Full));
        assert_eq!(slots.take(3, soon()).await.err(), Some(NoSlot::Full), "the same priority came first");
        drop(held);
        assert_eq!((small.await.unwrap().ok(), large.await.unwrap().ok()), (Some(3), Some(7)));
    }

    #[tokio::test]
    async fn waiting_ends_at_the_deadline_and_the_queue_is_bounded() {
        let slots = Slots::new(1, 1);
        let held = slots.take(0, soon()).await.unwrap();
        let other = slots.clone();
        let waiting = tokio::spawn(async move {
            let deadline = Instant::now() + Duration::from_millis(50);
            other.take(0, deadline).await.err()
        });
        tokio::task::yield_now().await;
        assert_eq!(slots.take(0, soon()).await.err(), Some(NoSlot::Full));
        assert_eq!(waiting.await.unwrap(), Some(NoSlot::Late));
        // A request that gave up takes up neither a place nor a slot.
        let other = slots.clone();
        let waiting = tokio::spawn(async move { other.take(0, soon()).await.is_ok() });
        tokio::task::yield_now().await;
        drop(held);
        assert!(waiting.await.unwrap());
        assert_eq!(slots.lock().free, 1);
    }
}

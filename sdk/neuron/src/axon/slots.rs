//! Slots: the number of handlers or workers that are busy at once, and the order in which requests wait.
//!
//! Validators that wait take turns in proportion to their stake. This is start-time fair queueing: each turn of a
//! validator lasts `1 / stake` in a virtual time, its turns follow each other, and the one that starts first is next.
//! A validator that did not wait before starts at the present virtual time. So it does not wait for the queue of
//! another, whatever the stake of both. Strangers have one queue together, after all validators.

use std::{
    cmp::Reverse,
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use myelin_wire::AccountId;
use tokio::{
    sync::oneshot,
    time::{timeout_at, Instant},
};

use super::gate::Standing;

/// Virtual time of a turn with priority 1. Turns with a higher priority are shorter.
const TURN: u128 = 1 << 64;
/// Lines after which those that neither wait nor are ahead of the virtual time are forgotten.
const MAX_LINES: usize = 1_024;

/// A bounded number of slots with a bounded queue.
#[derive(Clone)]
pub struct Slots(Arc<Mutex<State>>);

struct State {
    slots: usize,
    free: usize,
    /// Lines of validators, and the line of strangers under `None`.
    lines: HashMap<Option<AccountId>, Line>,
    max_waiting: usize,
    arrivals: u64,
    /// The virtual time: the start of the turn that was given last.
    now: u128,
}

/// Requests of one sender that wait, the first one first.
#[derive(Default)]
struct Line {
    waiting: VecDeque<(u64, oneshot::Sender<Slot>)>,
    /// Virtual time at which the next turn starts.
    next: u128,
    priority: u64,
}

/// The place of a request in the order of turns; smaller ones are earlier.
type Rank = (bool, u128);

/// A taken slot; dropping it serves the next in the queue.
pub struct Slot(Option<Slots>);

/// Why no slot was taken.
#[derive(Debug, PartialEq, Eq)]
pub enum NoSlot {
    /// Every slot is taken, and every waiting place by requests whose turn is earlier.
    Full,
    /// The deadline passed while waiting.
    Late,
}

impl Line {
    /// Rank of the request that has `ahead` others of its line before it.
    fn rank(&self, ahead: usize) -> Rank {
        (self.priority == 0, self.next + self.turn() * ahead as u128)
    }

    fn turn(&self) -> u128 {
        TURN / u128::from(self.priority.max(1))
    }
}

impl State {
    /// The line of a sender. One that does not wait has its next turn at the present time at the earliest.
    fn line(&mut self, key: Option<AccountId>, priority: u64) -> &mut Line {
        let now = self.now;
        if self.lines.len() >= MAX_LINES {
            self.lines.retain(|_, line| !line.waiting.is_empty() || line.next > now);
        }
        let line = self.lines.entry(key).or_default();
        line.priority = priority;
        if line.waiting.is_empty() {
            line.next = line.next.max(now);
        }
        line
    }

    /// Counts a turn that begins.
    fn begin(&mut self, key: Option<AccountId>) {
        let Some(line) = self.lines.get_mut(&key).filter(|line| line.priority > 0) else { return };
        self.now = line.next;
        line.next += line.turn();
    }

    /// Takes the request whose turn is next. At the same start more stake goes first, then who came first.
    fn pop_first(&mut self) -> Option<(Option<AccountId>, oneshot::Sender<Slot>)> {
        let waiting = self.lines.iter_mut().filter(|(_, line)| !line.waiting.is_empty());
        let (key, line) = waiting.min_by_key(|(_, line)| {
            (line.rank(0), Reverse(line.priority), line.waiting.front().map(|(arrival, _)| *arrival))
        })?;
        let (_, wake) = line.waiting.pop_front()?;
        Some((*key, wake))
    }

    /// Makes a waiting place free for a request of this rank, at the expense of one whose turn is later.
    fn make_room(&mut self, rank: Rank) -> Result<(), NoSlot> {
        // Requests that gave up waiting do not count.
        self.lines.values_mut().for_each(|line| line.waiting.retain(|(_, wake)| !wake.is_closed()));
        if self.waiting() < self.max_waiting {
            return Ok(());
        }
        let last_of = |line: &Line| line.waiting.len().checked_sub(1).map(|ahead| line.rank(ahead));
        let last = self.lines.values_mut().max_by_key(|line| last_of(line));
        let last = last.filter(|line| last_of(line) > Some(rank)).ok_or(NoSlot::Full)?;
        last.waiting.pop_back();
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.lines.values().map(|line| line.waiting.len()).sum()
    }
}

impl Slots {
    /// `slots` slots, and at most `max_waiting` requests that wait for one.
    pub fn new(slots: usize, max_waiting: usize) -> Self {
        let (lines, arrivals, now) = (HashMap::new(), 0, 0);
        Self(Arc::new(Mutex::new(State { slots, free: slots, lines, max_waiting, arrivals, now })))
    }

    /// Takes a slot for a request of `sender`, waiting for one until `deadline`. Where all waiting places are taken,
    /// the request displaces the last in the queue if its own turn is earlier.
    pub async fn take(
        &self,
        sender: AccountId,
        standing: Standing,
        deadline: Instant,
    ) -> Result<Slot, NoSlot> {
        let key = match standing {
            Standing::Validator { .. } => Some(sender),
            Standing::Stranger => None,
        };
        let woken = {
            let mut state = self.lock();
            let line = state.line(key, standing.priority());
            let rank = line.rank(line.waiting.len());
            if state.free > 0 {
                state.free -= 1;
                state.begin(key);
                return Ok(Slot(Some(self.clone())));
            }
            if state.waiting() >= state.max_waiting {
                state.make_room(rank)?;
            }
            let (wake, woken) = oneshot::channel();
            state.arrivals += 1;
            let arrival = state.arrivals;
            state.line(key, standing.priority()).waiting.push_back((arrival, wake));
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
        let mut slot = Slot(Some(self.clone()));
        let mut state = self.lock();
        while let Some((key, wake)) = state.pop_first() {
            match wake.send(slot) {
                Ok(()) => return state.begin(key),
                // The waiting request gave up; the slot comes back and goes to the next.
                Err(back) => slot = back,
            }
        }
        slot.0 = None;
        state.free += 1;
        if state.free == state.slots {
            // Nobody waits and nobody is served, so no turn has to be remembered.
            (state.now, state.lines) = (0, HashMap::new());
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

    impl Slots {
        /// Takes a slot for the only sender of this priority.
        async fn of(&self, priority: u64, deadline: Instant) -> Result<Slot, NoSlot> {
            self.by(priority as u8, priority, deadline).await
        }

        async fn by(&self, name: u8, priority: u64, deadline: Instant) -> Result<Slot, NoSlot> {
            let standing = match priority {
                0 => Standing::Stranger,
                priority => Standing::Validator { priority },
            };
            self.take([name; 32], standing, deadline).await
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(30)
    }

    #[tokio::test]
    async fn the_highest_priority_waits_least_and_equals_keep_their_order() {
        let slots = Slots::new(1, 10);
        let first = slots.of(0, soon()).await.unwrap();
        let served = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (name, priority) in [("a", 1), ("b", 5), ("c", 5), ("d", 9)] {
            let (slots, served) = (slots.clone(), served.clone());
            tasks.push(tokio::spawn(async move {
                let _slot = slots.by(name.as_bytes()[0], priority, soon()).await.unwrap();
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
        let held = slots.of(0, soon()).await.unwrap();
        let wait = |priority| {
            let slots = slots.clone();
            tokio::spawn(async move { slots.of(priority, soon()).await.map(|_| priority) })
        };
        let (stranger, small) = (wait(0), wait(3));
        tokio::task::yield_now().await;
        let large = wait(7);
        assert_eq!(stranger.await.unwrap().err(), Some(NoSlot::Full));
        assert_eq!(slots.by(9, 3, soon()).await.err(), Some(NoSlot::Full), "the same priority came first");
        drop(held);
        assert_eq!((small.await.unwrap().ok(), large.await.unwrap().ok()), (Some(3), Some(7)));
    }

    /// Names of senders in the order in which one slot serves their requests.
    async fn order(requests: impl IntoIterator<Item = (u8, u64)>) -> String {
        let slots = Slots::new(1, 10_000);
        let first = slots.of(0, soon()).await.unwrap();
        let served = Arc::new(Mutex::new(String::new()));
        let mut tasks = Vec::new();
        for (name, priority) in requests {
            let (slots, served) = (slots.clone(), served.clone());
            tasks.push(tokio::spawn(async move {
                let _slot = slots.by(name, priority, soon()).await.unwrap();
                served.lock().unwrap().push(char::from(name));
            }));
            tokio::task::yield_now().await;
        }
        drop(first);
        for task in tasks {
            task.await.unwrap();
        }
        let served = served.lock().unwrap().clone();
        served
    }

    #[tokio::test]
    async fn nobody_waits_for_the_queue_of_another_and_turns_follow_stake() {
        let greedy = || std::iter::repeat_n((b'g', 3), 128);
        let of = |name, priority| std::iter::repeat_n((name, priority), 4);
        let served = order(greedy().chain(of(b'l', 300)).chain(of(b's', 2)).chain(of(b'?', 0))).await;
        // The large one has its turns after each other; of five turns the greedy one has three and the small one two.
        assert!(served.starts_with("lgs"), "{served}");
        let place = |name, number| served.match_indices(name).nth(number).unwrap().0;
        assert!(place("l", 3) <= 6 && place("s", 3) <= 14, "{served}");
        assert!(served.ends_with("????"));
    }

    #[tokio::test]
    async fn a_full_queue_loses_a_request_of_the_longest_line() {
        let slots = Slots::new(1, 4);
        let held = slots.of(0, soon()).await.unwrap();
        let wait = |name, priority| {
            let slots = slots.clone();
            tokio::spawn(async move { slots.by(name, priority, soon()).await.map(|_| name) })
        };
        let greedy: Vec<_> = (0..4).map(|_| wait(b'g', 3)).collect();
        tokio::task::yield_now().await;
        let small = wait(b's', 2);
        tokio::task::yield_now().await;
        assert_eq!(slots.by(b'g', 3, soon()).await.err(), Some(NoSlot::Full));
        drop(held);
        let ended = futures::future::join_all(greedy.into_iter().chain([small])).await;
        let ended: Vec<_> = ended.into_iter().map(|result| result.unwrap().ok()).collect();
        assert_eq!(ended, [Some(b'g'), Some(b'g'), Some(b'g'), None, Some(b's')]);
        let state = slots.lock();
        assert!(state.free == 1 && state.lines.is_empty() && state.now == 0);
    }

    #[tokio::test]
    async fn waiting_ends_at_the_deadline_and_the_queue_is_bounded() {
        let slots = Slots::new(1, 1);
        let held = slots.of(0, soon()).await.unwrap();
        let other = slots.clone();
        let waiting = tokio::spawn(async move {
            let deadline = Instant::now() + Duration::from_millis(50);
            other.of(0, deadline).await.err()
        });
        tokio::task::yield_now().await;
        assert_eq!(slots.of(0, soon()).await.err(), Some(NoSlot::Full));
        assert_eq!(waiting.await.unwrap(), Some(NoSlot::Late));
        // A request that gave up takes up neither a place nor a slot.
        let other = slots.clone();
        let waiting = tokio::spawn(async move { other.of(0, soon()).await.is_ok() });
        tokio::task::yield_now().await;
        drop(held);
        assert!(waiting.await.unwrap());
        assert_eq!(slots.lock().free, 1);
    }
}

//! Deferred judgement: when tasks are judged whose outcome is known later.
//!
//! A kind of task with a [`Maturity`] is asked in a round like others, and its answers wait. From the maturity on, each
//! round looks for the outcomes ([`Subnet::settle`](crate::Subnet::settle)). Once all of them are known, the answers
//! are judged like a round of their own. After the limit, answers to tasks with an outcome are judged, and the others
//! are dropped: they count for nobody.

use myelin_wire::record::{Asked, Extension};
use serde::{Deserialize, Serialize};

use super::Evaluated;

/// Time until the outcome of a task, in blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Maturity {
    /// Blocks from the source block of the task's round until its outcome can be known; at least 1.
    pub after: u32,
    /// Blocks after that for which the outcome is looked for.
    pub limit: u32,
}

/// Decision about waiting tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// They go on waiting.
    Wait,
    /// Tasks whose outcome is known are judged now.
    Judge,
    /// All of them are dropped.
    Drop,
}

impl Maturity {
    /// The first block at which outcomes of tasks are looked for that were asked at block `asked`.
    pub fn due(&self, asked: u64) -> u64 {
        asked.saturating_add(self.after.into())
    }

    /// The decision at block `now` about `all` tasks asked at block `asked`, of which `known` have a known outcome.
    pub fn decide(&self, asked: u64, now: u64, known: usize, all: usize) -> Decision {
        let due = self.due(asked);
        let over = due.saturating_add(self.limit.into());
        if now < due || (now < over && known < all) {
            Decision::Wait
        } else if known > 0 {
            Decision::Judge
        } else {
            Decision::Drop
        }
    }
}

impl Evaluated {
    /// The same evaluation, with records that state that the tasks were asked earlier.
    pub fn of_earlier(mut self, asked: Asked) -> Self {
        let extension = Extension { asked: Some(asked) }.hash();
        self.judged.iter_mut().for_each(|judged| judged.record.extension = extension);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Maturity = Maturity { after: 100, limit: 20 };

    #[test]
    fn tasks_wait_for_their_maturity_and_then_for_all_outcomes() {
        assert_eq!(DAY.decide(1_000, 1_099, 3, 3), Decision::Wait, "too early to know");
        assert_eq!(DAY.decide(1_000, 1_100, 2, 3), Decision::Wait);
        assert_eq!(DAY.decide(1_000, 1_100, 3, 3), Decision::Judge);
        assert_eq!(DAY.decide(1_000, 1_119, 0, 3), Decision::Wait);
    }

    #[test]
    fn at_the_limit_what_is_known_is_judged_and_the_rest_given_up() {
        assert_eq!(DAY.decide(1_000, 1_120, 3, 3), Decision::Judge);
        assert_eq!(DAY.decide(1_000, 1_120, 1, 3), Decision::Judge);
        assert_eq!(DAY.decide(1_000, 1_120, 0, 3), Decision::Drop);
        assert_eq!(DAY.decide(1_000, u64::MAX, 0, 3), Decision::Drop);
        assert_eq!(DAY.decide(u64::MAX, u64::MAX, 0, 3), Decision::Drop, "no block comes after the last");
    }
}

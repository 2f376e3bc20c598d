//! Schedule of a subnet's epochs.

use myelin_units::{Block, NetUid};

/// An epoch slot is consumed at the latest after this many blocks without one.
pub const MAX_BLOCKS_WITHOUT_STEP: u64 = 50_400;

/// Stored state of a subnet's schedule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Blocks between two epochs; 0 never runs one.
    pub tempo: u16,
    /// Block of the last consumed epoch slot.
    pub last_epoch_block: Block,
    /// Block from which a triggered or deferred epoch is due, 0 for none.
    pub pending_epoch_at: Block,
    /// Blocks since the last epoch that was really run.
    pub blocks_since_last_step: u64,
}

impl Schedule {
    /// Whether an epoch slot is due at `block`: tempo ≠ 0 and (a pending epoch has come, or too many blocks
    /// went by without one, or `block − last_epoch_block ≥ tempo`).
    pub fn is_due(&self, block: Block) -> bool {
        let pending_has_come = self.pending_epoch_at > 0 && block >= self.pending_epoch_at;
        self.tempo != 0
            && (pending_has_come
                || self.blocks_since_last_step > MAX_BLOCKS_WITHOUT_STEP
                || block.saturating_sub(self.last_epoch_block) >= u64::from(self.tempo))
    }
}

impl Schedule {
    /// Block of the next epoch slot after `now`, as far as it is known now; `None` if none will come.
    ///
    /// `self` is the schedule after block `now` consumed its own slot, if it had one. Epochs deferred by the limit per
    /// block come later.
    pub fn next_start(&self, now: Block) -> Option<Block> {
        if self.tempo == 0 {
            return None;
        }
        let automatic = self.last_epoch_block.saturating_add(u64::from(self.tempo));
        let starved_in =
            MAX_BLOCKS_WITHOUT_STEP.saturating_add(1).saturating_sub(self.blocks_since_last_step);
        let pending = if self.pending_epoch_at == 0 { Block::MAX } else { self.pending_epoch_at };
        let next = automatic.min(pending).min(now.saturating_add(starved_in));
        Some(next.max(now.saturating_add(1)))
    }

    /// Block of the epoch slot number `count` after `now`, counted from 1; `None` if it will not come.
    pub fn nth_slot(&self, now: Block, count: u64) -> Option<Block> {
        let next = self.next_start(now)?;
        let more = count.checked_sub(1)?;
        Some(next.saturating_add(more.saturating_mul(self.period())))
    }

    /// First block from `from` on in which an owner may change the subnet: no epoch is pending, and the automatic one
    /// is at least `window` blocks away. `None` if there is none.
    ///
    /// `now` is the block after which this schedule stands, `from` is not before it.
    pub fn first_block_outside_freeze(&self, window: u16, now: Block, from: Block) -> Option<Block> {
        let window = u64::from(window);
        let calm = |last: Block, block: Block| blocks_until_epoch(last, self.tempo, block) >= window;
        let Some(next) = self.next_start(now) else {
            // Without epochs nothing comes nearer, and a pending epoch stays pending.
            return (self.pending_epoch_at == 0).then_some(from);
        };
        if from < next {
            if self.pending_epoch_at == 0 && calm(self.last_epoch_block, from) {
                return Some(from);
            }
            // The slot itself begins a new period.
            return calm(next, next).then_some(next);
        }
        let into_period = from.saturating_sub(next).checked_rem(self.period())?;
        let slot = from.saturating_sub(into_period);
        if calm(slot, from) {
            return Some(from);
        }
        let following = slot.saturating_add(self.period());
        calm(following, following).then_some(following)
    }

    /// Blocks from one automatic slot to the next; not 0 while there are slots.
    fn period(&self) -> u64 {
        u64::from(self.tempo).min(MAX_BLOCKS_WITHOUT_STEP.saturating_add(1))
    }
}

/// Blocks from `block` until the next automatic epoch: `last_epoch_block + tempo − block`, 0 if it is due,
/// `u64::MAX` if the tempo is 0.
pub fn blocks_until_epoch(last_epoch_block: Block, tempo: u16, block: Block) -> u64 {
    if tempo == 0 {
        return u64::MAX;
    }
    last_epoch_block.saturating_add(u64::from(tempo)).saturating_sub(block)
}

/// The next block after `now` for which `tempo + 1` divides `block + netuid + 1`: clients that compute by remainders
/// expect an epoch there.
pub fn next_start_by_remainder(netuid: NetUid, tempo: u16, now: Block) -> Block {
    let period = u64::from(tempo) + 1;
    let into_period = now.saturating_add(u64::from(netuid)).saturating_add(1) % period;
    now.saturating_add(period - into_period)
}

/// Blocks without new weights after which a validator counts as inactive: `max(1, floor(factor_milli · tempo
/// / 1000))`.
pub fn activity_cutoff(factor_milli: u32, tempo: u16) -> u64 {
    (u64::from(factor_milli) * u64::from(tempo) / 1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_next_start_by_remainder_is_at_a_multiple_of_the_tempo_and_one() {
        // 98 + 2 + 1 = 101.
        assert_eq!([16, 97, 98].map(|now| next_start_by_remainder(2, 100, now)), [98, 98, 199]);
        assert_eq!([0, 9].map(|now| next_start_by_remainder(1, 10, now)), [9, 20]);
    }

    #[test]
    fn the_period_is_exactly_the_tempo() {
        let schedule = Schedule { tempo: 10, last_epoch_block: 100, ..Schedule::default() };
        assert!(!schedule.is_due(109));
        assert!(schedule.is_due(110));
        assert_eq!(blocks_until_epoch(100, 10, 105), 5);
        assert_eq!(blocks_until_epoch(100, 10, 110), 0);
        assert_eq!(blocks_until_epoch(100, 10, 500), 0);
    }

    #[test]
    fn tempo_zero_never_runs() {
        let schedule =
            Schedule { pending_epoch_at: 1, blocks_since_last_step: u64::MAX, ..Schedule::default() };
        assert!(!schedule.is_due(u64::MAX));
        assert_eq!(blocks_until_epoch(0, 0, 100), u64::MAX);
    }

    #[test]
    fn a_pending_epoch_runs_early_and_a_starved_one_at_once() {
        let triggered =
            Schedule { tempo: 360, last_epoch_block: 100, pending_epoch_at: 120, ..Schedule::default() };
        assert!(!triggered.is_due(119));
        assert!(triggered.is_due(120));
        let starved = Schedule { tempo: 60_000, blocks_since_last_step: 50_401, ..Schedule::default() };
        assert!(starved.is_due(1));
    }

    /// The schedule block by block, as the chain keeps it: each block counts, and consumes its slot if it is due.
    fn step(schedule: &mut Schedule, block: Block) -> bool {
        schedule.blocks_since_last_step += 1;
        let due = schedule.is_due(block);
        if due {
            let tempo = schedule.tempo;
            *schedule = Schedule { tempo, last_epoch_block: block, ..Schedule::default() };
        }
        due
    }

    fn may_change(schedule: &Schedule, window: u16, block: Block) -> bool {
        let until = blocks_until_epoch(schedule.last_epoch_block, schedule.tempo, block);
        until >= u64::from(window) && schedule.pending_epoch_at == 0
    }

    proptest! {
        #[test]
        fn slots_come_when_they_were_predicted(
            tempo in 0u16..40, last in 0u64..60, pending in 0u64..120, starved in 50_350u64..50_402, count in 1u64..5,
        ) {
            let now = 60;
            let start = Schedule {
                tempo,
                last_epoch_block: last,
                pending_epoch_at: pending,
                blocks_since_last_step: starved,
            };
            let (mut schedule, mut slots, mut found) = (start, 0, None);
            for block in now + 1..now + 400 {
                if step(&mut schedule, block) {
                    slots += 1;
                }
                if slots == count && found.is_none() {
                    found = Some(block);
                }
            }
            prop_assert_eq!(start.nth_slot(now, count), found);
        }

        #[test]
        fn owners_wait_until_the_first_calm_block(
            tempo in 0u16..40, ago in 0u64..40, pending in prop_oneof![Just(0u64), 61u64..120], window in 0u16..45,
            ahead in 0u64..100,
        ) {
            // A schedule after block `now` has no overdue slot.
            let (now, from, last) = (60, 60 + ahead, 60 - ago.checked_rem(tempo.into()).unwrap_or(ago));
            let start = Schedule { tempo, last_epoch_block: last, pending_epoch_at: pending, blocks_since_last_step: 0 };
            let (mut schedule, mut found) = (start, None);
            for block in now..now + 400 {
                if block > now {
                    step(&mut schedule, block);
                }
                if block >= from && found.is_none() && may_change(&schedule, window, block) {
                    found = Some(block);
                }
            }
            prop_assert_eq!(start.first_block_outside_freeze(window, now, from), found);
        }
    }

    #[test]
    fn activity_cutoff_is_a_floored_multiple_of_the_tempo_and_at_least_one() {
        assert_eq!(activity_cutoff(13_889, 360), 5000);
        assert_eq!(activity_cutoff(13_889, 0), 1);
        assert_eq!(activity_cutoff(u32::MAX, u16::MAX), 281_470_681_677);
    }
}

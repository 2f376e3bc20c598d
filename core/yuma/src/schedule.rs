//! When a subnet's epoch runs.

use myelin_units::Block;

/// An epoch slot is consumed at the latest after this many blocks without one.
pub const MAX_BLOCKS_WITHOUT_STEP: u64 = 50_400;

/// What the chain stores about a subnet's schedule.
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

/// Blocks from `block` until the next automatic epoch: `last_epoch_block + tempo − block`, 0 if it is due,
/// `u64::MAX` if the tempo is 0.
pub fn blocks_until_epoch(last_epoch_block: Block, tempo: u16, block: Block) -> u64 {
    if tempo == 0 {
        return u64::MAX;
    }
    last_epoch_block.saturating_add(u64::from(tempo)).saturating_sub(block)
}

/// Blocks without new weights after which a validator counts as inactive: `max(1, floor(factor_milli · tempo
/// / 1000))`.
pub fn activity_cutoff(factor_milli: u32, tempo: u16) -> u64 {
    (u64::from(factor_milli) * u64::from(tempo) / 1000).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn activity_cutoff_is_a_floored_multiple_of_the_tempo_and_at_least_one() {
        assert_eq!(activity_cutoff(13_889, 360), 5000);
        assert_eq!(activity_cutoff(13_889, 0), 1);
        assert_eq!(activity_cutoff(u32::MAX, u16::MAX), 281_470_681_677);
    }
}

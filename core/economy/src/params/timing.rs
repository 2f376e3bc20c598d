//! Rules of time between parameters.

use myelin_units::Block;

/// First block in which something may be done again: any if it never was (`last` = 0), else `last + wait`.
pub const fn first_block(last: Block, wait: u64) -> Block {
    if last == 0 {
        0
    } else {
        last.saturating_add(wait)
    }
}

/// What decides when committed weights are revealed, and how long a new neuron is safe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RevealTiming {
    /// `CommitRevealWeightsEnabled`.
    pub enabled: bool,
    /// `RevealPeriodEpochs`.
    pub epochs: u64,
    /// `Tempo`; 0 stops epochs and with them pruning by results.
    pub tempo: u16,
    /// `ImmunityPeriod`.
    pub immunity: u16,
}

impl RevealTiming {
    /// Whether weights are revealed while the neurons they judge are still immune: `epochs · tempo < immunity`.
    ///
    /// Otherwise a new miner is replaced before any judgement of its work counts.
    pub fn judges_before_immunity_ends(&self) -> bool {
        let wait = self.epochs.saturating_mul(u64::from(self.tempo));
        !self.enabled || self.tempo == 0 || wait < u64::from(self.immunity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_block_is_the_first_that_has_waited(last in 0u64..1_000, wait in 0u64..1_000) {
            let waited = |now: Block| last == 0 || now.saturating_sub(last) >= wait;
            let first = first_block(last, wait);
            prop_assert!(waited(first.max(last)));
            prop_assert!(first <= last || !waited(first - 1));
        }
    }

    #[test]
    fn a_reveal_must_come_before_immunity_ends() {
        let timing = RevealTiming { enabled: true, epochs: 10, tempo: 360, immunity: 3_601 };
        assert!(timing.judges_before_immunity_ends());
        assert!(!RevealTiming { immunity: 3_600, ..timing }.judges_before_immunity_ends());
        assert!(RevealTiming { immunity: 0, enabled: false, ..timing }.judges_before_immunity_ends());
        assert!(RevealTiming { immunity: 0, tempo: 0, ..timing }.judges_before_immunity_ends());
        assert!(!RevealTiming { epochs: u64::MAX, ..timing }.judges_before_immunity_ends());
    }
}

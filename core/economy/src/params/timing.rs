//! Rules of time between parameters.

use myelin_units::Block;

/// First block in which an action may be repeated: any block if it was never done (`last` = 0), else `last + wait`.
pub const fn first_block(last: Block, wait: u64) -> Block {
    if last == 0 {
        0
    } else {
        last.saturating_add(wait)
    }
}

/// Fewest blocks between two announcements of a neuron's address, whatever `ServingRateLimit` says.
pub const MIN_SERVING_INTERVAL: u64 = 1;
/// Least wait between two announcements, in blocks, for announcements to be free. With a shorter wait an owner could
/// let its neurons fill blocks at no cost.
pub const FREE_SERVING_INTERVAL: u64 = 10;
/// Tempos besides the reveal period until a commit that judges a new neuron counts. One passes until validators commit
/// again, and one from the epoch of the reveal to the next.
const TEMPOS_AROUND_REVEAL: u64 = 2;

/// Parameters that decide when committed weights are revealed, and how long a new neuron is safe.
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
    /// Whether a judgement counts while the neurons it judges are still immune: `(epochs + 2) · tempo < immunity`.
    ///
    /// A miner that registers just after the validators' commits is judged by the next ones, up to a tempo later. These
    /// open `epochs` tempos later and count in the epoch at the end of the tempo in which they are revealed. Otherwise
    /// a new miner is replaced before any judgement of its work counts.
    pub fn judges_before_immunity_ends(&self) -> bool {
        let wait = self.epochs.saturating_add(TEMPOS_AROUND_REVEAL).saturating_mul(u64::from(self.tempo));
        !self.enabled || self.tempo == 0 || wait < u64::from(self.immunity)
    }

    /// Whether the chain still names each source block of an epoch while its weights are proved, if it keeps the hashes
    /// of so many blocks: `(epochs + 1) · tempo ≤ hashes`.
    ///
    /// The first round may be drawn from the epoch's first block. Its weights are proved up to the end of the tempo
    /// that begins `epochs` tempos later.
    pub fn proves_while_hashes_are_kept(&self, hashes: Block) -> bool {
        self.epochs.saturating_add(1).saturating_mul(u64::from(self.tempo)) <= hashes
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
    fn a_judgement_counts_before_immunity_ends() {
        // A miner of block 1 misses the commits of block 0; those of block 359 are revealed after block 3960 and count
        // at 4320.
        let timing = RevealTiming { enabled: true, epochs: 10, tempo: 360, immunity: 4_321 };
        assert!(timing.judges_before_immunity_ends());
        assert!(!RevealTiming { immunity: 4_320, ..timing }.judges_before_immunity_ends());
        assert!(RevealTiming { immunity: 0, enabled: false, ..timing }.judges_before_immunity_ends());
        assert!(RevealTiming { immunity: 0, tempo: 0, ..timing }.judges_before_immunity_ends());
        assert!(!RevealTiming { epochs: u64::MAX, ..timing }.judges_before_immunity_ends());
    }

    #[test]
    fn a_proof_comes_before_the_hashes_of_its_blocks_are_gone() {
        let timing = RevealTiming { enabled: true, epochs: 5, tempo: 400, immunity: 0 };
        assert!(timing.proves_while_hashes_are_kept(2_400));
        assert!(!timing.proves_while_hashes_are_kept(2_399));
        assert!(!RevealTiming { tempo: 401, ..timing }.proves_while_hashes_are_kept(2_400));
        assert!(!RevealTiming { epochs: u64::MAX, ..timing }.proves_while_hashes_are_kept(2_400));
    }
}

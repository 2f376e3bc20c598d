//! Voting power: a moving average of a validator's stake weight, so that stake that comes just for a vote counts
//! little.

/// The largest rate of the average, 1 on the scale of 10¹⁸: the power is the stake.
pub const MAX_EMA_ALPHA: u64 = 1_000_000_000_000_000_000;
/// `VotingPowerEmaAlpha`: 0.00357, so that half of a change counts after about 194 epochs.
pub const DEFAULT_EMA_ALPHA: u64 = 3_570_000_000_000_000;
/// Blocks between the request to end tracking and its end.
pub const TRACKING_GRACE: u64 = 100_800;

/// The power of a validator after an epoch: `⌊(a·stake + (10¹⁸ − a)·power) / 10¹⁸⌋`.
///
/// `None` means that the power ends: it is 0, or it fell below the stake threshold in this epoch. Power that grows from
/// 0 is kept while it is still below the threshold.
pub fn next_power(power: u64, stake: u64, ema_alpha: u64, threshold: u64) -> Option<u64> {
    let alpha = u128::from(ema_alpha.min(MAX_EMA_ALPHA));
    let whole = u128::from(MAX_EMA_ALPHA);
    // Both products are below 2^64 · 10^18 < 2^124, and the quotient is at most the larger of stake and power.
    let sum = alpha
        .saturating_mul(stake.into())
        .saturating_add(whole.saturating_sub(alpha).saturating_mul(power.into()));
    let next = u64::try_from(sum / whole).unwrap_or(u64::MAX);
    let fell = next < threshold && threshold <= power;
    (next > 0 && !fell).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn power_moves_toward_the_stake() {
        assert_eq!(next_power(0, 1_000_000, DEFAULT_EMA_ALPHA, 0), Some(3_570));
        assert_eq!(next_power(3_570, 1_000_000, DEFAULT_EMA_ALPHA, 0), Some(7_127));
        assert_eq!(next_power(100, 9, MAX_EMA_ALPHA, 0), Some(9));
        assert_eq!(next_power(100, 9, 0, 0), Some(100));
        assert_eq!(next_power(100, 9, u64::MAX, 0), Some(9));
    }

    #[test]
    fn power_that_falls_below_the_threshold_is_gone_and_growing_power_is_kept() {
        let half = MAX_EMA_ALPHA / 2;
        assert_eq!(next_power(10, 0, half, 6), None);
        assert_eq!(next_power(10, 2, half, 6), Some(6));
        assert_eq!(next_power(0, 10, half, 6), Some(5));
        assert_eq!(next_power(1, 0, half, 0), None);
    }

    proptest! {
        #[test]
        fn power_stays_between_what_it_was_and_the_stake(power: u64, stake: u64, alpha in 0..=MAX_EMA_ALPHA) {
            let next = next_power(power, stake, alpha, 0).unwrap_or(0);
            prop_assert!(power.min(stake) <= next && next <= power.max(stake));
        }
    }
}

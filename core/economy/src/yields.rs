//! Yields: the earnings of stake on a validator, for people who choose one. No payment depends on these numbers.
//!
//! The window is the last epoch. The unit is parts per billion a day, simple and not compounded: `yield = ⌊10⁹ · paid ·
//! 86,400,000 / (held · epoch_ms)⌋`. `paid` is the dividend of all stakers of a hotkey after its take, and `held` their
//! stake before. Changes of price are no part of it.

use myelin_units::{AlphaBalance, TaoBalance};

const MS_PER_DAY: u128 = 86_400_000;
const DAYS_PER_YEAR: u64 = 365;
const BILLION: u128 = 1_000_000_000;

/// Part of a stake that is earned in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DailyYield {
    /// Parts per billion; saturated.
    pub per_billion: u64,
}

impl DailyYield {
    /// The yield of alpha staked on a hotkey, from its stakers' dividend (`AlphaDividendsPerSubnet`) and all alpha on
    /// it right after (`TotalHotkeyAlphaLastEpoch`). The take is staked before the dividend and shares in it, so
    /// `held` is their difference. `None` if nothing was held, or if the subnet runs no epochs.
    pub fn of_alpha(dividend: AlphaBalance, total_after: AlphaBalance, epoch_ms: u64) -> Option<Self> {
        Self::of(dividend.to_rao(), total_after.saturating_sub(dividend).to_rao(), epoch_ms)
    }

    /// The yield of TAO staked on root: the sum over all subnets of the worth of a hotkey's last root dividends, each
    /// with its epoch's length. Subnets without epochs are left out. `None` if nothing is staked.
    pub fn of_root(worth: impl IntoIterator<Item = (TaoBalance, u64)>, stake: TaoBalance) -> Option<Self> {
        if stake.is_zero() {
            return None;
        }
        let yields = worth
            .into_iter()
            .filter_map(|(paid, epoch_ms)| Self::of(paid.to_rao(), stake.to_rao(), epoch_ms));
        let per_billion = yields.fold(0u64, |sum, each| sum.saturating_add(each.per_billion));
        Some(DailyYield { per_billion })
    }

    fn of(paid: u64, held: u64, epoch_ms: u64) -> Option<Self> {
        // Below 2⁶⁴ · 2²⁷ · 2³⁰ = 2¹²¹, and the divisor below 2¹²⁸.
        let earned = u128::from(paid).saturating_mul(MS_PER_DAY).saturating_mul(BILLION);
        let parts = earned.checked_div(u128::from(held).saturating_mul(u128::from(epoch_ms)))?;
        Some(DailyYield { per_billion: u64::try_from(parts).unwrap_or(u64::MAX) })
    }

    /// Parts per billion in 365 days, not compounded; saturated.
    pub fn per_billion_a_year(self) -> u64 {
        self.per_billion.saturating_mul(DAYS_PER_YEAR)
    }
}

/// Milliseconds from one epoch of a subnet to the next: `tempo · slot_ms`, saturated; 0 if it runs none.
pub fn epoch_ms(tempo: u16, slot_ms: u64) -> u64 {
    u64::from(tempo).saturating_mul(slot_ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::{ShareFloat, SharePool};
    use proptest::prelude::*;

    const DAY: u64 = 86_400_000;

    fn alpha(rao: u64) -> AlphaBalance {
        AlphaBalance::from_rao(rao)
    }

    #[test]
    fn a_ten_thousandth_in_each_of_twenty_epochs_is_a_fifth_of_a_percent_a_day() {
        let hours_72_minutes = epoch_ms(360, 12_000);
        assert_eq!(hours_72_minutes * 20, DAY);
        let found = DailyYield::of_alpha(alpha(1_000), alpha(10_001_000), hours_72_minutes).expect("stake");
        assert_eq!(found.per_billion, 2_000_000);
        assert_eq!(found.per_billion_a_year(), 730_000_000);
    }

    #[test]
    fn root_earns_from_every_subnet_at_its_own_pace() {
        let tao = TaoBalance::from_rao;
        let worth = [(tao(1_000), DAY), (tao(1_000), DAY / 20), (tao(5), 0)];
        let found = DailyYield::of_root(worth, tao(1_000_000)).expect("stake");
        assert_eq!(found.per_billion, 21_000_000);
        assert_eq!(DailyYield::of_root([], tao(1)), Some(DailyYield::default()));
        assert_eq!(DailyYield::of_root(worth, TaoBalance::ZERO), None);
    }

    #[test]
    fn without_stake_or_epochs_there_is_no_yield() {
        assert_eq!(DailyYield::of_alpha(alpha(7), alpha(7), DAY), None);
        assert_eq!(DailyYield::of_alpha(alpha(7), alpha(0), DAY), None);
        assert_eq!(DailyYield::of_alpha(alpha(7), alpha(100), epoch_ms(0, 12_000)), None);
        assert_eq!(DailyYield::of_alpha(alpha(0), alpha(100), DAY), Some(DailyYield::default()));
        let most = DailyYield::of_alpha(alpha(u64::MAX - 1), alpha(u64::MAX), 1).expect("stake");
        assert_eq!((most.per_billion, most.per_billion_a_year()), (u64::MAX, u64::MAX));
    }

    proptest! {
        /// The pay-out as the chain books it: the take buys shares, then the dividend raises all of them.
        #[test]
        fn a_nominators_alpha_grows_by_the_yield(
            nominator in 1_000_000_000u64..1_000_000_000_000_000,
            owner in 0u64..1_000_000_000_000_000,
            take in 1u64..10_000_000_000_000,
            dividend in 0u64..100_000_000_000_000,
        ) {
            let none = ShareFloat::default();
            let empty = SharePool { value: AlphaBalance::ZERO, shares: none };
            let staked = empty.add(&none, alpha(nominator)).expect("room");
            let (shares, pool) = (staked.holder, staked.pool);
            let pool = if owner > 0 { pool.add(&none, alpha(owner)).expect("room").pool } else { pool };
            let taken = pool.add(&none, alpha(take)).expect("room").pool;
            let before = taken.value_of(&shares).to_rao();
            let after = taken.add_for_all(alpha(dividend));
            let grown = after.value_of(&shares).to_rao() - before;

            let growth = DailyYield::of_alpha(alpha(dividend), after.value, DAY).expect("stake").per_billion;
            let foreseen = u128::from(before) * u128::from(growth) / 1_000_000_000;
            let slack = u128::from(before) / 1_000_000_000 + 2;
            prop_assert!(u128::from(grown).abs_diff(foreseen) <= slack, "{} {}", grown, foreseen);
        }
    }
}

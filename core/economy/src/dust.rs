//! Amounts of stake that are too small: to be staked, to be sold, to be moved, or to stay.
//!
//! An entry of a ledger costs the chain as much for one rao as for a fortune, so each holding has to be worth
//! [`MIN_STAKE`] when it arises.

use myelin_units::TaoBalance;

use crate::pool::Fee;

/// Smallest stake.
pub const MIN_STAKE: TaoBalance = TaoBalance::from_rao(2_000_000);
/// The limit of nominations is in millionths of [`MIN_STAKE`].
const MILLION: u128 = 1_000_000;

/// The smallest TAO that a coldkey may offer for stake: [`MIN_STAKE`] and the fee on it.
pub fn smallest_offer(fee: Fee) -> TaoBalance {
    MIN_STAKE.saturating_add(fee.on_gross(MIN_STAKE.to_rao()).into())
}

/// Whether TAO, or alpha worth as much, is enough to be stake.
pub fn is_stake(worth: TaoBalance) -> bool {
    worth >= MIN_STAKE
}

/// Whether a sale may yield `freed`. The last of a holding may be any amount.
pub fn may_be_sold(freed: TaoBalance, leaves_all: bool) -> bool {
    leaves_all || is_stake(freed)
}

/// Whether a sale yields enough to be staked on another subnet: more than [`MIN_STAKE`].
pub fn may_change_subnet(freed: TaoBalance) -> bool {
    freed > MIN_STAKE
}

/// The smallest nomination, `⌊millionths · MIN_STAKE / 10⁶⌋`, saturated. Zero is no limit.
pub fn smallest_nomination(millionths: u64) -> TaoBalance {
    let rao =
        u128::from(millionths).saturating_mul(MIN_STAKE.to_rao().into()).checked_div(MILLION).unwrap_or(0);
    TaoBalance::from_rao(u64::try_from(rao).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LESS: TaoBalance = TaoBalance::from_rao(1_999_999);
    const MORE: TaoBalance = TaoBalance::from_rao(2_000_001);

    #[test]
    fn an_offer_covers_the_smallest_stake_and_its_fee() {
        assert_eq!(smallest_offer(Fee::NONE), MIN_STAKE);
        assert_eq!(smallest_offer(Fee(33)).to_rao(), 2_000_000 + 2_000_000 * 33 / 65_535);
    }

    #[test]
    fn the_limits_lie_at_the_smallest_stake() {
        let verdicts = |judge: fn(TaoBalance) -> bool| [LESS, MIN_STAKE, MORE].map(judge);
        assert_eq!(verdicts(is_stake), [false, true, true]);
        assert_eq!(verdicts(|freed| may_be_sold(freed, false)), [false, true, true]);
        assert_eq!(verdicts(|freed| may_be_sold(freed, true)), [true, true, true]);
        assert_eq!(verdicts(may_change_subnet), [false, false, true]);
    }

    #[test]
    fn the_limit_of_nominations_is_in_millionths() {
        let limits = [0, 1, 500_000, 1_000_000, u64::MAX].map(|limit| smallest_nomination(limit).to_rao());
        assert_eq!(limits, [0, 2, 1_000_000, 2_000_000, u64::MAX]);
    }
}

//! Fees of transactions, and the price of replacing a key.
//!
//! A fee pays for the weight of a call and for its bytes in the block; congestion does not multiply it. All of it goes
//! to the author of the block, in TAO. A signer without TAO that moves stake pays in alpha instead: alpha worth the fee
//! at the spot price ([`Market::alpha_worth`](crate::pool::Market::alpha_worth)), sold without a swap fee.

use myelin_units::TaoBalance;

/// Units of weight, picoseconds of reference time, that one rao pays for at first: 5·10⁻⁴ rao per unit.
pub const WEIGHT_PER_RAO: u64 = 2_000;
/// The fewest that root or a vote may set: ten times the first price. A vote costs less than a TAO there, so that
/// holders can always vote for a lower price.
pub const LEAST_WEIGHT_PER_RAO: u64 = 200;
/// The most: a tenth of the first price. To fill the ordinary part of a block of 12 s still costs 0.27 TAO there.
pub const MOST_WEIGHT_PER_RAO: u64 = 20_000;
/// Rao for each byte of a transaction at first. It is also the least, since a byte must not be free.
pub const RAO_PER_BYTE: u64 = 1;
/// The most: the largest block of 5 MiB, in which an upgrade fits, costs 0.52 TAO there.
pub const MOST_RAO_PER_BYTE: u64 = 100;
/// Price of replacing a hotkey everywhere; recycled.
pub const KEY_SWAP: TaoBalance = TaoBalance::from_rao(100_000_000);
/// Price of replacing a hotkey on one subnet; recycled.
pub const KEY_SWAP_ON_SUBNET: TaoBalance = TaoBalance::from_rao(1_000_000);

/// The part of a fee for `weight` units of execution, `weight_per_rao` for a rao, rounded down. 0 for a rao counts as
/// 1, so that nothing is free.
pub fn of_weight(weight: u64, weight_per_rao: u64) -> TaoBalance {
    TaoBalance::from_rao(weight.checked_div(weight_per_rao.max(1)).unwrap_or(weight))
}

/// The part of a fee for `bytes` of the block; saturated. 0 rao for a byte counts as 1.
pub fn of_length(bytes: u64, rao_per_byte: u64) -> TaoBalance {
    TaoBalance::from_rao(bytes.saturating_mul(rao_per_byte.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_for_weight_and_length() {
        let weights = [0, 1_999, 2_000, 3_999, 4_000, u64::MAX];
        let fees = weights.map(|weight| of_weight(weight, WEIGHT_PER_RAO).to_rao());
        assert_eq!(fees, [0, 0, 1, 1, 2, u64::MAX / 2_000]);
        let fees = [0, 147, u64::MAX].map(|bytes| of_length(bytes, RAO_PER_BYTE).to_rao());
        assert_eq!(fees, [0, 147, u64::MAX]);
    }

    #[test]
    fn a_fee_follows_its_prices_and_no_price_is_zero() {
        let dearest = [0, 199, 200, 4_000].map(|weight| of_weight(weight, LEAST_WEIGHT_PER_RAO).to_rao());
        assert_eq!(dearest, [0, 0, 1, 20]);
        assert_eq!(of_weight(1_000_000, MOST_WEIGHT_PER_RAO).to_rao(), 50);
        assert_eq!(of_weight(1_000_000, 0).to_rao(), 1_000_000);
        assert_eq!([0, 1, 100].map(|rao| of_length(147, rao).to_rao()), [147, 147, 14_700]);
    }

    #[test]
    fn the_ends_of_the_ranges_cost_what_their_reasons_say() {
        // 90 % of half a slot of 12 s, in picoseconds.
        let block = 5_400_000_000_000;
        assert_eq!(of_weight(block, MOST_WEIGHT_PER_RAO).to_rao(), 270_000_000);
        assert_eq!(of_length(5 << 20, MOST_RAO_PER_BYTE).to_rao(), 524_288_000);
    }
}

//! Fees of transactions, and the price of replacing a key.
//!
//! A fee pays for the weight of a call and for its bytes in the block; congestion does not multiply it. All of it goes
//! to the author of the block, in TAO. A signer without TAO that moves stake pays in alpha instead: alpha worth the fee
//! at the spot price ([`Market::alpha_worth`](crate::pool::Market::alpha_worth)), sold without a swap fee.

use myelin_units::TaoBalance;

/// Units of weight, picoseconds of reference time, that one rao pays for: 5·10⁻⁴ rao per unit.
pub const WEIGHT_PER_RAO: u64 = 2_000;
/// Rao for each byte of a transaction.
pub const RAO_PER_BYTE: u64 = 1;
/// Price of replacing a hotkey everywhere; recycled.
pub const KEY_SWAP: TaoBalance = TaoBalance::from_rao(100_000_000);
/// Price of replacing a hotkey on one subnet; recycled.
pub const KEY_SWAP_ON_SUBNET: TaoBalance = TaoBalance::from_rao(1_000_000);

/// The part of a fee for `weight` units of execution, rounded down.
pub fn of_weight(weight: u64) -> TaoBalance {
    TaoBalance::from_rao(weight.checked_div(WEIGHT_PER_RAO).unwrap_or_default())
}

/// The part of a fee for `bytes` of the block; saturated.
pub fn of_length(bytes: u64) -> TaoBalance {
    TaoBalance::from_rao(bytes.saturating_mul(RAO_PER_BYTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_for_weight_and_length() {
        let weights = [0, 1_999, 2_000, 3_999, 4_000, u64::MAX];
        let fees = weights.map(|weight| of_weight(weight).to_rao());
        assert_eq!(fees, [0, 0, 1, 1, 2, u64::MAX / 2_000]);
        assert_eq!([0, 147, u64::MAX].map(|bytes| of_length(bytes).to_rao()), [0, 147, u64::MAX]);
    }
}

//! Products and quotients that do not fit in 128 bits, rounded down.

use num_bigint::BigUint;

/// `floor(a · b / d)`; `None` if `d` is 0 or the quotient has more than 128 bits.
pub(crate) fn mul_div(a: u128, b: u128, d: u128) -> Option<u128> {
    if let Some(product) = a.checked_mul(b) {
        return product.checked_div(d);
    }
    if d == 0 {
        return None;
    }
    let quotient = BigUint::from(a) * BigUint::from(b) / BigUint::from(d);
    u128::try_from(quotient).ok()
}

/// `a · b / d` rounded half up, saturated; 0 if `d` is 0.
pub(crate) fn mul_div_half_up(a: u128, b: u128, d: u128) -> u128 {
    if d == 0 {
        return 0;
    }
    let half = BigUint::from(d / 2);
    let quotient = (BigUint::from(a) * BigUint::from(b) + half) / BigUint::from(d);
    u128::try_from(quotient).unwrap_or(u128::MAX)
}

/// `floor(a · b / d)` of 64-bit numbers, saturated; 0 if `d` is 0.
pub(crate) fn mul_div_u64(a: u64, b: u64, d: u64) -> u64 {
    let quotient = (u128::from(a) * u128::from(b)).checked_div(u128::from(d)).unwrap_or(0);
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn quotient_times_divisor_and_rest_make_the_product(a in any::<u64>(), b in any::<u128>(), d in 1..u128::MAX) {
            if let Some(q) = mul_div(u128::from(a), b, d) {
                let rest = BigUint::from(a) * BigUint::from(b) - BigUint::from(q) * BigUint::from(d);
                prop_assert!(rest < BigUint::from(d));
            } else {
                prop_assert!(BigUint::from(a) * BigUint::from(b) / BigUint::from(d) > BigUint::from(u128::MAX));
            }
        }
    }

    #[test]
    fn halves_round_up() {
        assert_eq!(mul_div_half_up(1, 1, 2), 1);
        assert_eq!(mul_div_half_up(1, 1, 3), 0);
        assert_eq!(mul_div_half_up(5, 1, 3), 2);
        assert_eq!(mul_div_half_up(7, 1, 0), 0);
    }
}

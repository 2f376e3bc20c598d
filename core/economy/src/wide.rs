//! Products and quotients that do not fit in 128 bits, rounded down.

/// `floor(a · b / d)`; `None` if `d` is 0 or the quotient has more than 128 bits.
pub(crate) fn mul_div(a: u128, b: u128, d: u128) -> Option<u128> {
    match a.checked_mul(b) {
        Some(product) => product.checked_div(d),
        None => quotient(product(a, b), d),
    }
}

/// `a · b / d` rounded half up, saturated; 0 if `d` is 0.
pub(crate) fn mul_div_half_up(a: u128, b: u128, d: u128) -> u128 {
    if d == 0 {
        return 0;
    }
    let (high, low) = product(a, b);
    let (low, carry) = low.overflowing_add(d / 2);
    // A product of 128-bit numbers leaves room for the carry.
    quotient((high + u128::from(carry), low), d).unwrap_or(u128::MAX)
}

/// The lower half of 128 bits.
const LOW: u128 = u64::MAX as u128;

/// The product as 256 bits, high half first.
fn product(a: u128, b: u128) -> (u128, u128) {
    let (a1, a0, b1, b0) = (a >> 64, a & LOW, b >> 64, b & LOW);
    let low = a0 * b0;
    let (middle, carry) = (a1 * b0 + (low >> 64)).overflowing_add(a0 * b1);
    let high = a1 * b1 + (middle >> 64) + (u128::from(carry) << 64);
    (high, (middle << 64) | (low & LOW))
}

/// `floor(dividend / d)` of 256 bits; `None` if `d` is 0 or the quotient has more than 128 bits.
fn quotient((high, low): (u128, u128), d: u128) -> Option<u128> {
    if high >= d {
        return None;
    }
    if high == 0 {
        return low.checked_div(d);
    }
    // With the divisor's highest bit set a digit is estimated at most two too large, see `digit`.
    let shift = d.leading_zeros();
    let d = d << shift;
    let high = if shift == 0 { high } else { (high << shift) | (low >> (128 - shift)) };
    let low = low << shift;
    let (first, rest) = digit(high, low >> 64, d);
    let (second, _) = digit(rest, low & LOW, d);
    Some((first << 64) | second)
}

/// One digit of a division in base 2⁶⁴, and the rest: `(rest · 2⁶⁴ + next) / d` for `rest < d` and a divisor whose
/// highest bit is set.
fn digit(rest: u128, next: u128, d: u128) -> (u128, u128) {
    let (d1, d0) = (d >> 64, d & LOW);
    let mut digit = (rest / d1).min(LOW);
    let mut left = rest - digit * d1;
    while left <= LOW && digit * d0 > (left << 64 | next) {
        digit -= 1;
        left += d1;
    }
    // The exact difference is the rest, which is less than `d`, so wrapping does not change it.
    let rest = (rest << 64 | next).wrapping_sub(digit.wrapping_mul(d));
    (digit, rest)
}

/// `floor(a · b / d)` of 64-bit numbers, saturated; 0 if `d` is 0.
pub(crate) fn mul_div_u64(a: u64, b: u64, d: u64) -> u64 {
    let quotient = (u128::from(a) * u128::from(b)).checked_div(u128::from(d)).unwrap_or(0);
    u64::try_from(quotient).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    /// Numbers of every length, and those where carries and estimates go wrong.
    fn any_width() -> impl Strategy<Value = u128> {
        let edge = prop::sample::select(vec![
            0,
            1,
            LOW,
            LOW + 1,
            u128::MAX,
            u128::MAX - 1,
            1 << 127,
            u128::MAX << 64,
        ]);
        prop_oneof![3 => (any::<u128>(), 0u32..128).prop_map(|(value, shift)| value >> shift), 1 => edge]
    }

    proptest! {
        #[test]
        fn products_are_divided_as_whole_numbers(a in any_width(), b in any_width(), d in any_width().prop_map(|d| d.max(1))) {
            let (product, divisor) = (BigUint::from(a) * BigUint::from(b), BigUint::from(d));
            prop_assert_eq!(mul_div(a, b, d), u128::try_from(&product / &divisor).ok());
            let rounded = (product + BigUint::from(d / 2)) / divisor;
            prop_assert_eq!(mul_div_half_up(a, b, d), u128::try_from(rounded).unwrap_or(u128::MAX));
        }
    }

    #[test]
    fn nothing_is_divided_by_zero() {
        assert_eq!(mul_div(1, 1, 0), None);
        assert_eq!(mul_div(u128::MAX, 2, 0), None);
        assert_eq!(mul_div_half_up(u128::MAX, 2, 0), 0);
    }

    #[test]
    fn the_largest_numbers_have_a_product() {
        assert_eq!(product(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
        assert_eq!(mul_div(u128::MAX, u128::MAX, u128::MAX), Some(u128::MAX));
    }

    #[test]
    fn halves_round_up() {
        assert_eq!(mul_div_half_up(1, 1, 2), 1);
        assert_eq!(mul_div_half_up(1, 1, 3), 0);
        assert_eq!(mul_div_half_up(5, 1, 3), 2);
        assert_eq!(mul_div_half_up(7, 1, 0), 0);
    }
}

//! Products and quotients wider than 128 bits, on magnitudes.

/// Exact product of two 128-bit numbers as `(high, low)` halves of 256 bits.
pub(crate) const fn mul(a: u128, b: u128) -> (u128, u128) {
    const MASK: u128 = u64::MAX as u128;
    let (a1, a0) = (a >> 64, a & MASK);
    let (b1, b0) = (b >> 64, b & MASK);
    let low = a0 * b0;
    let cross = a1 * b0 + (low >> 64);
    let (middle, carry) = cross.overflowing_add(a0 * b1);
    let high = a1 * b1 + (middle >> 64) + if carry { 1 << 64 } else { 0 };
    (high, (middle << 64) | (low & MASK))
}

/// `floor(a · b / 2^shift)` and whether anything was cut off; `None` if the quotient needs more than 128
/// bits. `shift` is between 1 and 127.
pub(crate) const fn mul_shift(a: u128, b: u128, shift: u32) -> Option<(u128, bool)> {
    let (high, low) = mul(a, b);
    if high >> shift != 0 {
        return None;
    }
    let quotient = (high << (128 - shift)) | (low >> shift);
    Some((quotient, low << (128 - shift) != 0))
}

/// `floor(a · 2^shift / b)` and whether there is a remainder; `None` if `b` is zero or the quotient needs
/// more than 128 bits. `shift` is at most 127.
pub(crate) const fn shift_div(a: u128, b: u128, shift: u32) -> Option<(u128, bool)> {
    if b == 0 {
        return None;
    }
    let mut quotient = a / b;
    let mut rest = a % b;
    let mut left = shift;
    // Invariant: a · 2^(shift − left) = quotient · b + rest, with rest < b.
    while left > 0 {
        let free = rest.leading_zeros();
        if free == 0 {
            // One bit at a time, since the doubled rest may not fit: 2·rest − b < b ≤ 2^128 does.
            if quotient.leading_zeros() == 0 {
                return None;
            }
            quotient <<= 1;
            let half_room = b - rest;
            if rest >= half_room {
                rest -= half_room;
                quotient |= 1;
            } else {
                rest <<= 1;
            }
            left -= 1;
            continue;
        }
        let step = if rest == 0 || free > left { left } else { free };
        if quotient != 0 && quotient.leading_zeros() < step {
            return None;
        }
        let shifted = rest << step;
        quotient = (quotient << step) | (shifted / b);
        rest = shifted % b;
        left -= step;
    }
    Some((quotient, rest != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Schoolbook 256-bit comparison value: bit-by-bit long division.
    fn slow_shift_div(a: u128, b: u128, shift: u32) -> Option<(u128, bool)> {
        let bits: std::vec::Vec<bool> =
            (0..128).rev().map(|i| a >> i & 1 == 1).chain((0..shift).map(|_| false)).collect();
        let (mut quotient, mut rest) = (0u128, 0u128);
        for bit in bits {
            let carry = rest >> 127 == 1;
            rest = (rest << 1) | bit as u128;
            let fits = carry || rest >= b;
            if fits {
                rest = rest.wrapping_sub(b);
            }
            if quotient >> 127 == 1 {
                return None;
            }
            quotient = (quotient << 1) | fits as u128;
        }
        Some((quotient, rest != 0))
    }

    /// All 256 bits of a product, from shifted copies.
    fn slow_mul(a: u128, b: u128) -> (u128, u128) {
        let (mut high, mut low) = (0u128, 0u128);
        for i in (0..128).filter(|i| b >> i & 1 == 1) {
            let (sum, carry) = low.overflowing_add(a << i);
            low = sum;
            high += carry as u128 + if i == 0 { 0 } else { a >> (128 - i) };
        }
        (high, low)
    }

    /// Full width, any width, and where carries begin.
    fn any_width() -> impl Strategy<Value = u128> {
        let edges = [0, 1, 2, u64::MAX as u128, 1 << 64, 1 << 127, (1 << 127) + 1, u128::MAX - 1, u128::MAX];
        prop_oneof![
            3 => any::<u128>(),
            3 => (any::<u128>(), 0u32..128).prop_map(|(v, s)| v >> s),
            2 => prop::sample::select(edges.to_vec()),
        ]
    }

    proptest! {
        #[test]
        fn product_equals_the_sum_of_shifted_copies(a in any_width(), b in any_width()) {
            prop_assert_eq!(mul(a, b), slow_mul(a, b));
        }

        #[test]
        fn a_shifted_product_is_the_middle_of_it(a in any_width(), b in any_width(), shift in 1u32..128) {
            let (high, low) = slow_mul(a, b);
            let cut = low & ((1 << shift) - 1) != 0;
            let fits = high < 1 << shift;
            let middle = (0..128).rev().fold(0u128, |sum, i| {
                let from = i + shift;
                sum << 1 | if from < 128 { low >> from & 1 } else { high >> (from - 128) & 1 }
            });
            prop_assert_eq!(mul_shift(a, b, shift), fits.then_some((middle, cut)));
        }

        #[test]
        fn quotient_equals_long_division(a in any_width(), b in any_width().prop_map(|b| b.max(1)), shift in 0u32..128) {
            prop_assert_eq!(shift_div(a, b, shift), slow_shift_div(a, b, shift));
        }
    }

    #[test]
    fn the_largest_numbers_have_a_product() {
        assert_eq!(mul(u128::MAX, u128::MAX), (u128::MAX - 1, 1));
    }

    #[test]
    fn quotient_by_zero_is_none() {
        assert_eq!(shift_div(1, 0, 64), None);
    }
}

//! The two operations that the inner loops are made of, on raw non-negative `I32F32` bits.
//!
//! They give exactly what the operators of [`I32F32`] give, at a fraction of the cost: no sign, no saturation
//! where the arguments rule it out, and one multiplication instead of a division.

use myelin_units::{I32F32, I64F64};

/// Bits of 1.
pub(crate) const ONE: u64 = 1 << 32;

/// The raw bits of a number that is not negative (a negative one counts as 0).
#[inline(always)]
pub(crate) fn bits(number: I32F32) -> u64 {
    number.to_bits().max(0) as u64
}

/// The number with these raw bits, saturated.
#[inline(always)]
pub(crate) fn number(bits: u64) -> I32F32 {
    I32F32::from_bits(bits.min(i64::MAX as u64) as i64)
}

/// `floor(a · b / 2³²)`, saturated at 2⁶⁴ − 1, which only arguments above 1 can reach.
///
/// The usual case is one multiplication of which the upper half is the result: `2³¹·a · 2·b / 2⁶⁴`.
#[inline(always)]
pub(crate) fn mul(a: u64, b: u64) -> u64 {
    if a > ONE || b > ONE {
        return mul_large(a, b);
    }
    high(a << 31, b << 1)
}

/// The upper half of a product.
#[inline(always)]
fn high(a: u64, b: u64) -> u64 {
    (u128::from(a).wrapping_mul(u128::from(b)) >> 64) as u64
}

#[cold]
fn mul_large(a: u64, b: u64) -> u64 {
    u64::try_from(u128::from(a).wrapping_mul(u128::from(b)) >> 32).unwrap_or(u64::MAX)
}

/// A divisor by which many numbers are divided: `part / divisor` in `I32F32` for every part of a sum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reciprocal {
    divisor: u64,
    /// `floor(2⁶⁵ / divisor)`, at most 2⁶⁴ − 1.
    inverse: u64,
    /// Parts above it are divided in the ordinary way.
    limit: u64,
}

impl Reciprocal {
    /// Prepares division by `divisor`; every quotient by 0 is 0.
    pub(crate) fn new(divisor: u64) -> Self {
        // No part of a sum 0 is positive, and 0 divided by anything else is 0 as well.
        let divisor = if divisor == 0 { u64::MAX } else { divisor };
        let inverse = match divisor {
            1 | 2 => u64::MAX,
            // 2⁶⁵ = 2·(2⁶⁴ − 1) + 2, in two quotients of 64 bits.
            _ => {
                let (quotient, rest) = (u64::MAX / divisor, u64::MAX % divisor);
                2 * quotient + ((2 * u128::from(rest) + 2) / u128::from(divisor)) as u64
            }
        };
        Self { divisor, inverse, limit: if divisor == 1 { 0 } else { ONE } }
    }

    /// `floor(part · 2³² / divisor)` for a part of the divisor, `part ≤ divisor`.
    ///
    /// One correction is enough. Let `x = part · 2³² / divisor` and `δ = 2⁶⁵ / divisor − inverse`. Then `0 ≤ δ ≤ 1`
    /// (for a divisor of 2 it is 1), and the estimate is `floor(x − part · δ / 2³³)`; with `part ≤ 2³²` that is
    /// `floor(x)` or one less. The remainder of the estimate is below `2 · divisor`, so it survives arithmetic modulo
    /// 2⁶⁴.
    #[inline(always)]
    pub(crate) fn fraction(&self, part: u64) -> u64 {
        if part > self.limit {
            return self.fraction_of_large(part);
        }
        let estimate = high(part << 31, self.inverse);
        let remainder = (part << 32).wrapping_sub(estimate.wrapping_mul(self.divisor));
        estimate.wrapping_add(u64::from(remainder >= self.divisor))
    }

    #[cold]
    fn fraction_of_large(&self, part: u64) -> u64 {
        u64::try_from((u128::from(part) << 32) / u128::from(self.divisor)).unwrap_or(u64::MAX)
    }
}

/// The sum of non-negative numbers, saturated as `I32F32` sums are.
pub(crate) fn sum(numbers: &[I32F32]) -> u64 {
    numbers.iter().fold(0, |sum, &n| add(sum, bits(n)))
}

/// `a + b`, saturated at the largest `I32F32`.
#[inline(always)]
pub(crate) fn add(a: u64, b: u64) -> u64 {
    // Both are below 2⁶³, so the sum does not wrap.
    a.wrapping_add(b).min(i64::MAX as u64)
}

/// Divides every number by their sum; leaves them alone if it is 0.
pub(crate) fn normalise(numbers: &mut [I32F32]) {
    let total = sum(numbers);
    if total == 0 {
        return;
    }
    let total = Reciprocal::new(total);
    for n in numbers.iter_mut().filter(|n| !n.is_zero()) {
        *n = number(total.fraction(bits(*n)));
    }
}

/// Shares of wide numbers in their sum, floored to `I32F32`; all 0 if the sum is 0. No number is negative.
///
/// A quotient in `I64F64` floored to 32 fractional bits is `floor(x · 2³² / sum)`, because flooring twice is
/// flooring once.
pub(crate) fn wide_shares(numbers: &[I64F64]) -> alloc::vec::Vec<I32F32> {
    let total = numbers.iter().copied().sum::<I64F64>().to_bits().max(0) as u128;
    if total == 0 {
        return alloc::vec![I32F32::ZERO; numbers.len()];
    }
    let total = WideReciprocal::new(total);
    numbers.iter().map(|n| number(total.fraction(n.to_bits().max(0) as u128))).collect()
}

/// Like [`Reciprocal`] for 127-bit parts.
struct WideReciprocal {
    /// The divisor, shifted so that its highest bit is bit 125 (a divisor of 127 bits stays as it is).
    divisor: u128,
    /// Left shift of divisor and parts.
    shift: u32,
    /// Whether the divisor has at most 126 bits, so that remainders fit.
    fast: bool,
    /// `floor(2¹²⁷ / (h + 1))`, where `h` are the divisor's 64 highest bits.
    inverse: u64,
}

impl WideReciprocal {
    fn new(divisor: u128) -> Self {
        let zeros = divisor.leading_zeros();
        let fast = zeros >= 2;
        let shift = zeros.saturating_sub(2);
        let divisor = divisor << shift;
        let high = divisor >> 62;
        let inverse = if fast { ((1u128 << 127) / (high + 1)) as u64 } else { 0 };
        Self { divisor, shift, fast, inverse }
    }

    /// `floor(part · 2³² / divisor)` for `part ≤ divisor`.
    ///
    /// With `h = floor(divisor / 2⁶²)` and `p = floor(part / 2⁶²)`, both below 2⁶⁴ and `h ≥ 2⁶³`, the
    /// estimate `floor(p · inverse / 2⁹⁵)` is never above the quotient and misses less than `2³³ / h + p /
    /// 2⁹⁵ < 1` before flooring, so at most 1. The remainder is below `2 · divisor < 2¹²⁷`.
    #[inline]
    fn fraction(&self, part: u128) -> u64 {
        if !self.fast {
            // A sum at the edge of the type: 32 steps of long division.
            return long_fraction(part, self.divisor);
        }
        let part = part << self.shift;
        let high = (part >> 62) as u64;
        let estimate = ((u128::from(high) * u128::from(self.inverse)) >> 95) as u64;
        let remainder = (part << 32).wrapping_sub(self.divisor.wrapping_mul(u128::from(estimate)));
        estimate + u64::from(remainder >= self.divisor)
    }
}

/// `floor(part · 2³² / divisor)` for `part ≤ divisor < 2¹²⁷`, bit by bit.
#[cold]
fn long_fraction(part: u128, divisor: u128) -> u64 {
    let mut quotient = (part / divisor) as u64;
    let mut rest = part % divisor;
    for _ in 0..32 {
        rest <<= 1;
        let fits = rest >= divisor;
        rest -= if fits { divisor } else { 0 };
        quotient = quotient << 1 | u64::from(fits);
    }
    quotient
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use proptest::{collection::vec, prelude::*};

    /// Numbers of every width, dense around powers of two.
    fn any_width(bits: u32) -> impl Strategy<Value = u128> {
        (any::<u128>(), 0..bits, -2i64..3).prop_map(move |(v, s, d)| {
            let v = v >> (128 - bits) >> s;
            let edge = (1u128 << (bits - 1 - s)).saturating_add_signed(d.into());
            if d == 0 {
                v
            } else {
                edge.min((1 << bits) - 1)
            }
        })
    }

    /// Pairs of numbers in a case: one division takes less than drawing a case.
    fn pairs(bits: u32) -> impl Strategy<Value = Vec<(u128, u128)>> {
        vec((any_width(bits), any_width(bits)), 80)
    }

    proptest! {
        #[test]
        fn products_equal_those_of_the_fixed_type(pairs in pairs(34)) {
            for (a, b) in pairs {
                let (x, y) = (I32F32::from_bits(a as i64), I32F32::from_bits(b as i64));
                prop_assert_eq!(number(mul(a as u64, b as u64)), x * y);
            }
        }

        #[test]
        fn fractions_equal_those_of_the_fixed_type(pairs in pairs(63)) {
            for (a, b) in pairs {
                let (part, divisor) = (a.min(b), a.max(b));
                let (x, y) = (I32F32::from_bits(part as i64), I32F32::from_bits(divisor as i64));
                prop_assert_eq!(number(Reciprocal::new(divisor as u64).fraction(part as u64)), x / y);
            }
        }

        #[test]
        fn wide_fractions_equal_those_of_the_fixed_type(pairs in pairs(127)) {
            for (a, b) in pairs {
                let (part, divisor) = (a.min(b), a.max(b).max(1));
                let (x, y) = (I64F64::from_bits(part as i128), I64F64::from_bits(divisor as i128));
                prop_assert_eq!(number(WideReciprocal::new(divisor).fraction(part)), (x / y).cast::<I32F32>());
                prop_assert_eq!(number(long_fraction(part, divisor)), (x / y).cast::<I32F32>());
            }
        }
    }

    #[test]
    fn quotients_by_zero_are_zero() {
        assert_eq!(Reciprocal::new(0).fraction(0), 0);
        assert_eq!(wide_shares(&[I64F64::ZERO; 2]), [I32F32::ZERO; 2]);
    }
}

//! The exponential function, by the Taylor sum that consensus fixes.

use super::{I32F32, I64F64};

/// `22802600 / 2²³`: Euler's number truncated to 23 fractional bits, the fixed answer for the argument 1.
const E_BITS_23: i128 = 22_802_600;

macro_rules! exp {
    ($Name:ident, $Bits:ty, $sum:path) => {
        impl $Name {
            /// `e^self`: 1 for 0, and e truncated to 23 fractional bits for 1. Otherwise the Taylor sum of `|self|` up
            /// to the power of the fractional bits less one (31 or 63), every operation rounded by the rules of the
            /// type. For a negative argument the result is one divided by that sum.
            ///
            /// The sum is cut off: in `I32F32` it stops at `x³¹/31!`, so `e²⁰` is 0.8 % too low.
            pub fn exp(self) -> Self {
                if self == Self::ZERO {
                    return Self::ONE;
                }
                let negative = self < Self::ZERO;
                let x = if negative { Self::ZERO - self } else { self };
                let sum = if x == Self::ONE { Self::from_ratio(E_BITS_23, 1i128 << 23) } else { $sum(x) };
                if negative {
                    sum.reciprocal()
                } else {
                    sum
                }
            }

            /// `1 + x + x²/2! + …` for a positive `x`.
            fn taylor_sum(x: Self) -> Self {
                let mut term = x;
                let mut sum = Self::ONE + x;
                for i in 2..Self::FRACTION_BITS {
                    // Dividing by the fixed-point number `i` truncates to the same bits as dividing the bits
                    // by the integer.
                    term = Self::from_bits((term * x).to_bits() / <$Bits>::from(i));
                    if term.is_zero() {
                        // So are all the following terms.
                        break;
                    }
                    sum += term;
                }
                sum
            }
        }
    };
}

exp!(I32F32, i64, taylor_sum_i32f32);
exp!(I64F64, i128, I64F64::taylor_sum);

/// Arguments up to this one, 16, take the fast sum: none of their products exceeds 2²⁷.
const FAST_UP_TO: I32F32 = I32F32::from_bits(16 << 32);

/// `floor((2⁶⁴ − 1) / i) + 1` for the divisors of the terms.
const INVERSES: [u64; 32] = {
    let mut inverses = [0; 32];
    let mut i = 2;
    while i < 32 {
        inverses[i] = u64::MAX / (i as u64) + 1;
        i += 1;
    }
    inverses
};

/// The same sum as `I32F32::taylor_sum` with one multiplication for each product and each quotient, for the
/// arguments that the epoch uses.
fn taylor_sum_i32f32(x: I32F32) -> I32F32 {
    if x > FAST_UP_TO {
        return I32F32::taylor_sum(x);
    }
    let high = |a: u64, b: u64| ((a as u128).wrapping_mul(b as u128) >> 64) as u64;
    let x = x.to_bits() as u64;
    let mut term = x;
    let mut sum = (1 << 32) + x;
    for &inverse in &INVERSES[2..] {
        // Raw bits: x ≤ 2³⁶ and term < 2⁵⁸, so that neither shift loses a bit and the upper half is
        // floor(term · x / 2³²).
        let product = high(term << 6, x << 26);
        // The inverse is too large by at most 1; with product · i < 2⁵⁹ · 2⁵ that does not reach the next
        // integer.
        term = high(product, inverse);
        if term == 0 {
            break;
        }
        sum += term;
    }
    I32F32::from_bits(sum as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::{collection::vec, prelude::*};

    /// Numbers in a case: one sum takes less than drawing a case.
    const NUMBERS: usize = 80;

    proptest! {
        #[test]
        fn the_fast_sum_is_the_plain_sum(numbers in vec((0i64..20, 0i64..1 << 32, 0u32..33), NUMBERS)) {
            for (whole, fraction, shift) in numbers {
                let x = I32F32::from_bits(((whole << 32 | fraction) >> shift).max(1));
                prop_assert_eq!(taylor_sum_i32f32(x), I32F32::taylor_sum(x));
            }
        }

        #[test]
        fn beyond_the_fast_sum_the_plain_one_saturates_alike(numbers in vec(16i64 << 32..=i64::MAX, NUMBERS)) {
            for bits in numbers {
                let x = I32F32::from_bits(bits);
                prop_assert_eq!(taylor_sum_i32f32(x), I32F32::taylor_sum(x));
            }
        }
    }

    #[test]
    fn the_fast_sum_holds_at_its_edges() {
        for bits in [1, 2, 1 << 32, (16 << 32) - 1, 16 << 32, (16 << 32) + 1, 20 << 32] {
            let x = I32F32::from_bits(bits);
            assert_eq!(taylor_sum_i32f32(x), I32F32::taylor_sum(x));
        }
    }
}

//! The exponential function, by the Taylor sum that consensus fixes.

use super::{I32F32, I64F64};

/// `22802600 / 2²³`: Euler's number truncated to 23 fractional bits, the fixed answer for the argument 1.
const E_BITS_23: i128 = 22_802_600;

macro_rules! exp {
    ($Name:ident, $Bits:ty) => {
        impl $Name {
            /// `e^self`: 1 for 0, e truncated to 23 fractional bits for 1, otherwise the Taylor sum of `|self|` up to the power of the
            /// fractional bits less one (31 or 63), every operation rounded by the rules of the type; a negative
            /// argument takes one divided by that sum.
            ///
            /// The sum is cut off: in `I32F32` it stops at `x³¹/31!`, so `e²⁰` comes out 0.8 % low.
            pub fn exp(self) -> Self {
                if self == Self::ZERO {
                    return Self::ONE;
                }
                let negative = self < Self::ZERO;
                let x = if negative { Self::ZERO - self } else { self };
                let sum = if x == Self::ONE {
                    Self::from_ratio(E_BITS_23, 1i128 << 23)
                } else {
                    Self::taylor_sum(x)
                };
                if negative {
                    Self::ONE / sum
                } else {
                    sum
                }
            }

            /// `1 + x + x²/2! + …` for a positive `x`.
            fn taylor_sum(x: Self) -> Self {
                let mut term = x;
                let mut sum = Self::ONE + x;
                for i in 2..Self::FRACTION_BITS {
                    // Dividing by the fixed-point number `i` truncates to the same bits as dividing the bits by the integer.
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

exp!(I32F32, i64);
exp!(I64F64, i128);

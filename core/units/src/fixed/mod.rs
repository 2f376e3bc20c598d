//! Binary fixed point with one rounding rule per operation.
//!
//! A number of type `IaFb` or `UaFb` is a raw integer `bits`; its value is `bits / 2^b`. The rules, which are
//! part of consensus:
//! * product: exact double-width product, then an arithmetic shift right by `b` (**floor**);
//! * quotient: `(numerator · 2^b) / denominator`, **truncated toward zero**; division by zero is zero;
//! * sum, difference, product and quotient **saturate** at the bounds of the type;
//! * conversion to an integer floors and saturates (negative to unsigned is 0);
//! * conversion to fewer fractional bits floors.
//!
//! The operators `+ − · /` follow these rules and never panic; `checked_div` tells division by zero apart.

#[cfg(feature = "codec")]
mod codec;
mod decimal;
mod exp;
mod raw;
#[cfg(test)]
mod tests;

use raw::Raw;

/// Common interface of all fixed-point types; enough to convert between any two of them.
pub trait FixedPoint: Copy {
    /// Number of fractional bits.
    const FRACTION_BITS: u32;

    /// Whether the number is negative, and the magnitude of its bits.
    fn sign_magnitude(self) -> (bool, u128);

    /// The number with the given sign and magnitude of bits, saturated; `None` stands for a magnitude beyond
    /// every type.
    fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self;
}

/// Defines one fixed-point type.
macro_rules! fixed_point {
    ($(#[$doc:meta])* $Name:ident, $Bits:ty, $fraction:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $Name {
            bits: $Bits,
        }

        impl $Name {
            /// Number of fractional bits.
            pub const FRACTION_BITS: u32 = $fraction;
            /// 0.
            pub const ZERO: Self = Self { bits: 0 };
            /// 1.
            pub const ONE: Self = Self { bits: 1 << $fraction };
            /// The largest number of this type.
            pub const MAX: Self = Self { bits: <$Bits>::MAX };
            /// The smallest number of this type.
            pub const MIN: Self = Self { bits: <$Bits>::MIN };

            /// The number whose raw integer is `bits`.
            #[inline]
            pub const fn from_bits(bits: $Bits) -> Self {
                Self { bits }
            }

            /// The raw integer: the value times 2^`FRACTION_BITS`.
            #[inline]
            pub const fn to_bits(self) -> $Bits {
                self.bits
            }

            /// The integer `value`, saturated.
            #[inline]
            pub fn from_int(value: impl Into<i128>) -> Self {
                let value: i128 = value.into();
                let magnitude = value.unsigned_abs();
                let fits = magnitude.leading_zeros() >= $fraction;
                <Self as FixedPoint>::from_sign_magnitude(value < 0, fits.then(|| magnitude << $fraction))
            }

            /// `numerator / denominator` of two integers, truncated toward zero and saturated; 0 if the
            /// denominator is 0.
            #[inline]
            pub fn from_ratio(numerator: impl Into<i128>, denominator: impl Into<i128>) -> Self {
                let (numerator, denominator): (i128, i128) = (numerator.into(), denominator.into());
                if denominator == 0 {
                    return Self::ZERO;
                }
                let quotient = crate::wide::shift_div(numerator.unsigned_abs(), denominator.unsigned_abs(), $fraction);
                <Self as FixedPoint>::from_sign_magnitude((numerator < 0) != (denominator < 0), quotient.map(|(q, _)| q))
            }

            /// `self + other`, saturated.
            #[inline]
            pub const fn saturating_add(self, other: Self) -> Self {
                Self { bits: self.bits.saturating_add(other.bits) }
            }

            /// `self − other`, saturated.
            #[inline]
            pub const fn saturating_sub(self, other: Self) -> Self {
                Self { bits: self.bits.saturating_sub(other.bits) }
            }

            /// `self · other`, floored and saturated.
            #[inline]
            pub fn saturating_mul(self, other: Self) -> Self {
                Self { bits: Raw::mul_floor(self.bits, other.bits, $fraction) }
            }

            /// `self / other`, truncated toward zero and saturated; `None` if `other` is 0.
            #[inline]
            pub fn checked_div(self, other: Self) -> Option<Self> {
                Raw::div_trunc(self.bits, other.bits, $fraction).map(Self::from_bits)
            }

            /// `self / other`, truncated toward zero and saturated; 0 if `other` is 0.
            #[inline]
            pub fn safe_div(self, other: Self) -> Self {
                self.checked_div(other).unwrap_or(Self::ZERO)
            }

            /// `1 / self`, truncated toward zero and saturated; 0 for 0.
            #[inline]
            pub fn reciprocal(self) -> Self {
                if $fraction == 32 && self > Self::ONE {
                    // 2⁶⁴ / bits, which is (2⁶⁴ − 1) / bits but for powers of two.
                    if let Ok(bits) = u64::try_from(self.bits) {
                        return Self { bits: (u64::MAX / bits + u64::from(bits.is_power_of_two())) as $Bits };
                    }
                }
                Self::ONE / self
            }

            /// Whether the number is 0.
            #[inline]
            pub const fn is_zero(self) -> bool {
                self.bits == 0
            }

            /// The largest integer that is not above the number, saturated to 0 ..= 2⁶⁴ − 1.
            #[inline]
            pub fn floor_u64(self) -> u64 {
                let (negative, magnitude) = self.sign_magnitude();
                if negative { 0 } else { u64::try_from(magnitude >> $fraction).unwrap_or(u64::MAX) }
            }

            /// The largest integer that is not above the number, saturated to 0 ..= 2¹²⁸ − 1.
            #[inline]
            pub fn floor_u128(self) -> u128 {
                let (negative, magnitude) = self.sign_magnitude();
                if negative { 0 } else { magnitude >> $fraction }
            }

            /// A proportion on the u16 scale, where 65535 means 1: `floor(self · 65535)`, saturated to 0 ..=
            /// 65535.
            #[inline]
            pub fn floor_u16_unit(self) -> u16 {
                u16::try_from((self * Self::from_int(u16::MAX)).floor_u64()).unwrap_or(u16::MAX)
            }

            /// The proportion `value / 65535`.
            #[inline]
            pub fn from_u16_unit(value: u16) -> Self {
                Self::from_ratio(value, u16::MAX)
            }

            /// The same value in another type: floored if that has fewer fractional bits, saturated to its
            /// bounds.
            #[inline]
            pub fn cast<Other: FixedPoint>(self) -> Other {
                let (negative, magnitude) = self.sign_magnitude();
                let magnitude = if Other::FRACTION_BITS >= $fraction {
                    let shift = Other::FRACTION_BITS - $fraction;
                    let fits = magnitude.leading_zeros() >= shift;
                    fits.then(|| magnitude << shift)
                } else {
                    let shift = $fraction - Other::FRACTION_BITS;
                    let cut = magnitude & ((1u128 << shift) - 1) != 0;
                    // Flooring a negative number grows its magnitude.
                    Some((magnitude >> shift) + u128::from(negative && cut))
                };
                Other::from_sign_magnitude(negative, magnitude)
            }

            /// Number of times that the number can be halved while it is at least 2, each halving rounding **up** in
            /// the last bit. This is the integer part of its binary logarithm, as block emission counts halvings; 0
            /// below 2.
            #[inline]
            pub fn halvings(self) -> u32 {
                let mut bits = self.bits;
                let mut count = 0;
                while bits >= Self::ONE.bits.saturating_mul(2) {
                    bits = (bits >> 1) + (bits & 1);
                    count += 1;
                }
                count
            }
        }

        impl FixedPoint for $Name {
            const FRACTION_BITS: u32 = $fraction;

            #[inline]
            fn sign_magnitude(self) -> (bool, u128) {
                Raw::sign_magnitude(self.bits)
            }

            #[inline]
            fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self {
                Self { bits: Raw::from_sign_magnitude(negative, magnitude) }
            }
        }

        impl core::ops::Add for $Name {
            type Output = Self;
            #[inline]
            fn add(self, other: Self) -> Self {
                self.saturating_add(other)
            }
        }

        impl core::ops::Sub for $Name {
            type Output = Self;
            #[inline]
            fn sub(self, other: Self) -> Self {
                self.saturating_sub(other)
            }
        }

        impl core::ops::Mul for $Name {
            type Output = Self;
            #[inline]
            fn mul(self, other: Self) -> Self {
                self.saturating_mul(other)
            }
        }

        impl core::ops::Div for $Name {
            type Output = Self;
            /// Safe division: 0 if `other` is 0.
            #[inline]
            fn div(self, other: Self) -> Self {
                self.safe_div(other)
            }
        }

        impl core::ops::AddAssign for $Name {
            #[inline]
            fn add_assign(&mut self, other: Self) {
                *self = *self + other;
            }
        }

        impl core::ops::SubAssign for $Name {
            #[inline]
            fn sub_assign(&mut self, other: Self) {
                *self = *self - other;
            }
        }

        impl core::iter::Sum for $Name {
            #[inline]
            fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
                numbers.fold(Self::ZERO, |sum, number| sum + number)
            }
        }
    };
}

fixed_point!(
    /// Signed, 32 integer and 32 fractional bits: the numbers of the epoch.
    I32F32, i64, 32
);
fixed_point!(
    /// Signed, 64 integer and 64 fractional bits: stake normalisation and locks.
    I64F64, i128, 64
);
fixed_point!(
    /// Signed, 96 integer and 32 fractional bits: issuance, prices and payouts.
    I96F32, i128, 32
);
fixed_point!(
    /// Unsigned, 64 integer and 64 fractional bits: pool mathematics and shares.
    U64F64, u128, 64
);
fixed_point!(
    /// Unsigned, 96 integer and 32 fractional bits: payouts.
    U96F32, u128, 32
);

//! The raw integers behind the fixed-point types and the two operations that need twice their width.

use crate::wide;

/// A raw integer type.
pub(super) trait Raw: Copy {
    /// `floor(a · b / 2^shift)`, saturated.
    fn mul_floor(a: Self, b: Self, shift: u32) -> Self;
    /// `trunc(a · 2^shift / b)`, saturated; `None` if `b` is zero.
    fn div_trunc(a: Self, b: Self, shift: u32) -> Option<Self>;
    /// Whether the integer is negative, and its magnitude.
    fn sign_magnitude(self) -> (bool, u128);
    /// The integer with this sign and magnitude, saturated; `None` is a magnitude beyond 128 bits.
    fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self;
}

/// The nearest `i64`.
#[inline]
fn saturate_i64(value: i128) -> i64 {
    value.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64
}

impl Raw for i64 {
    #[inline]
    fn mul_floor(a: Self, b: Self, shift: u32) -> Self {
        saturate_i64((i128::from(a) * i128::from(b)) >> shift)
    }

    #[inline]
    fn div_trunc(a: Self, b: Self, shift: u32) -> Option<Self> {
        // Most numerators are not negative and fit 64 bits when shifted: one machine division.
        if a >= 0 && b > 0 && (a as u64).leading_zeros() >= shift {
            return Some(i64::try_from(((a as u64) << shift) / b as u64).unwrap_or(Self::MAX));
        }
        // With shift ≤ 32 the numerator has at most 96 bits; only −MIN/−1 could overflow i128 and is out of
        // reach.
        (i128::from(a) << shift).checked_div(i128::from(b)).map(saturate_i64)
    }

    #[inline]
    fn sign_magnitude(self) -> (bool, u128) {
        (self < 0, u128::from(self.unsigned_abs()))
    }

    #[inline]
    fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self {
        saturate_i64(i128::from_sign_magnitude(negative, magnitude))
    }
}

impl Raw for i128 {
    #[inline]
    fn mul_floor(a: Self, b: Self, shift: u32) -> Self {
        let negative = (a < 0) != (b < 0);
        // Flooring a negative product grows its magnitude when a fraction is cut off.
        let magnitude = wide::mul_shift(a.unsigned_abs(), b.unsigned_abs(), shift)
            .and_then(|(quotient, cut)| quotient.checked_add(u128::from(negative && cut)));
        Self::from_sign_magnitude(negative, magnitude)
    }

    #[inline]
    fn div_trunc(a: Self, b: Self, shift: u32) -> Option<Self> {
        if b == 0 {
            return None;
        }
        let quotient =
            wide::shift_div(a.unsigned_abs(), b.unsigned_abs(), shift).map(|(quotient, _)| quotient);
        Some(Self::from_sign_magnitude((a < 0) != (b < 0), quotient))
    }

    #[inline]
    fn sign_magnitude(self) -> (bool, u128) {
        (self < 0, self.unsigned_abs())
    }

    #[inline]
    fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self {
        match (negative, magnitude.and_then(|m| i128::try_from(m).ok())) {
            (false, value) => value.unwrap_or(Self::MAX),
            (true, Some(value)) => -value,
            (true, None) => Self::MIN,
        }
    }
}

impl Raw for u128 {
    #[inline]
    fn mul_floor(a: Self, b: Self, shift: u32) -> Self {
        wide::mul_shift(a, b, shift).map_or(Self::MAX, |(quotient, _)| quotient)
    }

    #[inline]
    fn div_trunc(a: Self, b: Self, shift: u32) -> Option<Self> {
        if b == 0 {
            return None;
        }
        Some(wide::shift_div(a, b, shift).map_or(Self::MAX, |(quotient, _)| quotient))
    }

    #[inline]
    fn sign_magnitude(self) -> (bool, u128) {
        (false, self)
    }

    #[inline]
    fn from_sign_magnitude(negative: bool, magnitude: Option<u128>) -> Self {
        if negative {
            0
        } else {
            magnitude.unwrap_or(Self::MAX)
        }
    }
}

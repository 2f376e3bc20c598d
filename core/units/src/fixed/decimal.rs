//! Fixed point from and to decimal text.

use super::{FixedPoint, I32F32, I64F64, I96F32, U64F64, U96F32};
use crate::wide;
use core::fmt;

/// A decimal number taken apart: `±mantissa · 10^exponent`.
struct Decimal {
    negative: bool,
    mantissa: u128,
    exponent: i32,
}

/// Reads `-12.5e-3` and the like; at most 38 significant digits and 4 digits of exponent.
fn parse(text: &str) -> Option<Decimal> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match text.split_once(['e', 'E']) {
        Some((digits, exponent)) if exponent.len() <= 5 => (digits, exponent.parse::<i32>().ok()?),
        Some(_) => return None,
        None => (text, 0),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let mut mantissa = 0u128;
    for digit in whole.chars().chain(fraction.chars()) {
        mantissa = mantissa.checked_mul(10)?.checked_add(u128::from(digit.to_digit(10)?))?;
    }
    let exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?;
    Some(Decimal { negative, mantissa, exponent })
}

/// The largest number of the type that is not above the decimal, saturated.
fn floor_decimal<F: FixedPoint>(text: &str) -> Option<F> {
    let Decimal { negative, mantissa, exponent } = parse(text)?;
    if mantissa == 0 {
        return Some(F::from_sign_magnitude(false, Some(0)));
    }
    let power = 10u128.checked_pow(exponent.unsigned_abs());
    let scaled = match (exponent < 0, power) {
        (false, Some(power)) => {
            mantissa.checked_mul(power).and_then(|n| wide::shift_div(n, 1, F::FRACTION_BITS))
        }
        (false, None) => None,
        (true, Some(power)) => wide::shift_div(mantissa, power, F::FRACTION_BITS),
        // More than 38 places behind the point: less than the last bit, unless the mantissa has that many
        // digits.
        (true, None) => return None,
    };
    let magnitude = scaled.and_then(|(quotient, cut)| quotient.checked_add(u128::from(negative && cut)));
    Some(F::from_sign_magnitude(negative, magnitude))
}

/// Writes a number truncated toward zero after `precision` decimal places (9 unless the format says
/// otherwise).
fn write_decimal<F: FixedPoint>(number: F, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (negative, magnitude) = number.sign_magnitude();
    let mask = (1u128 << F::FRACTION_BITS) - 1;
    write!(f, "{}{}", if negative { "-" } else { "" }, magnitude >> F::FRACTION_BITS)?;
    let mut fraction = magnitude & mask;
    let places = f.precision().unwrap_or(9);
    for place in 0..places {
        fraction *= 10;
        let point = if place == 0 { "." } else { "" };
        write!(f, "{point}{}", fraction >> F::FRACTION_BITS)?;
        fraction &= mask;
    }
    Ok(())
}

macro_rules! decimal {
    ($($Name:ident)+) => {$(
        impl $Name {
            /// The largest number of this type that is not above the decimal `text` (`"0.1"`, `"-3"`,
            /// `"1e-6"`), saturated. `None` if the text is no decimal number or has more than 38 digits.
            pub fn from_decimal(text: &str) -> Option<Self> {
                floor_decimal(text)
            }
        }

        impl fmt::Display for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_decimal(*self, f)
            }
        }

        impl fmt::Debug for $Name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($Name), "({} = {}/2^{})"), self, self.to_bits(), Self::FRACTION_BITS)
            }
        }
    )+};
}

decimal!(I32F32 I64F64 I96F32 U64F64 U96F32);

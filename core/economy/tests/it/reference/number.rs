//! Exact numbers, and the formats of the protocol as roundings of them.

use myelin_units::{FixedPoint, I96F32, U64F64};
use num_bigint::BigInt;
use num_rational::Ratio;

/// A fraction of two integers of any size.
pub type Exact = Ratio<BigInt>;

/// An integer.
pub fn whole(value: impl Into<BigInt>) -> Exact {
    Exact::from_integer(value.into())
}

/// A fraction; the denominator is not zero.
pub fn fraction(numerator: impl Into<BigInt>, denominator: impl Into<BigInt>) -> Exact {
    Exact::new(numerator.into(), denominator.into())
}

/// Whether a number is zero.
pub fn is_zero(x: &Exact) -> bool {
    *x.numer() == BigInt::ZERO
}

/// The largest integer that is not above `x`.
pub fn floor(x: &Exact) -> BigInt {
    x.floor().to_integer()
}

/// The smallest integer that is not below `x`.
pub fn ceil(x: &Exact) -> BigInt {
    x.ceil().to_integer()
}

/// The largest rao amount that is not above `x`, kept within 64 bits.
pub fn rao(x: &Exact) -> u64 {
    rao_of(floor(x))
}

/// An integer kept within 64 bits.
pub fn rao_of(x: BigInt) -> u64 {
    u64::try_from(x.clamp(BigInt::ZERO, BigInt::from(u64::MAX))).expect("clamped")
}

/// The exact value of a fixed-point number of the crate.
pub fn exact<F: FixedPoint>(x: F) -> Exact {
    let (negative, magnitude) = x.sign_magnitude();
    let numerator = BigInt::from(magnitude);
    fraction(if negative { -numerator } else { numerator }, BigInt::from(1) << F::FRACTION_BITS)
}

/// One of the protocol's fixed-point formats: how many fractional bits, which range.
#[derive(Clone, Copy)]
pub enum Format {
    I64F64,
    I96F32,
    U64F64,
    U96F32,
}

impl Format {
    fn fraction_bits(self) -> u32 {
        match self {
            Format::I64F64 | Format::U64F64 => 64,
            Format::I96F32 | Format::U96F32 => 32,
        }
    }

    fn clamped(self, raw: BigInt) -> Exact {
        let (low, high) = match self {
            Format::I64F64 | Format::I96F32 => (BigInt::from(i128::MIN), BigInt::from(i128::MAX)),
            Format::U64F64 | Format::U96F32 => (BigInt::ZERO, BigInt::from(u128::MAX)),
        };
        fraction(raw.clamp(low, high), self.scale())
    }

    fn scale(self) -> BigInt {
        BigInt::from(1) << self.fraction_bits()
    }

    /// The largest number of the format that is not above `x`.
    pub fn floor(self, x: &Exact) -> Exact {
        self.clamped(floor(&(x * self.scale())))
    }

    /// The number of the format next to `x` in the direction of zero.
    pub fn truncated(self, x: &Exact) -> Exact {
        self.clamped((x * self.scale()).trunc().to_integer())
    }

    /// Sums are exact within the range.
    pub fn add(self, a: &Exact, b: &Exact) -> Exact {
        self.floor(&(a + b))
    }

    /// Differences are exact within the range.
    pub fn sub(self, a: &Exact, b: &Exact) -> Exact {
        self.floor(&(a - b))
    }

    /// Products are floored.
    pub fn mul(self, a: &Exact, b: &Exact) -> Exact {
        self.floor(&(a * b))
    }

    /// Quotients are truncated; division by zero is zero.
    pub fn div(self, a: &Exact, b: &Exact) -> Exact {
        if is_zero(b) {
            whole(0)
        } else {
            self.truncated(&(a / b))
        }
    }

    /// The sum of a list.
    pub fn sum<'a>(self, numbers: impl IntoIterator<Item = &'a Exact>) -> Exact {
        numbers.into_iter().fold(whole(0), |sum, x| self.add(&sum, x))
    }

    /// `v / 65535`.
    pub fn u16_unit(self, v: u16) -> Exact {
        self.div(&whole(v), &whole(u16::MAX))
    }
}

/// A u64 proportion as formulas use it: `⌊p·2³²/(2⁶⁴−1)⌋ / 2³²`.
pub fn proportion(p: u64) -> Exact {
    fraction(floor(&fraction(BigInt::from(p) << 32u32, u64::MAX)), BigInt::from(1) << 32u32)
}

/// The same number in the crate's type; it has to fit.
pub fn u64f64(x: &Exact) -> U64F64 {
    U64F64::from_bits(u128::try_from(bits(x, 64)).expect("in range"))
}

/// See [`u64f64`].
pub fn i96f32(x: &Exact) -> I96F32 {
    I96F32::from_bits(i128::try_from(bits(x, 32)).expect("in range"))
}

fn bits(x: &Exact, fraction_bits: u32) -> BigInt {
    let scaled = x * (BigInt::from(1) << fraction_bits);
    assert!(scaled.is_integer(), "{x} has more than {fraction_bits} fractional bits");
    scaled.to_integer()
}

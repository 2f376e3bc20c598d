//! The share pool with decimal numbers of 21 digits.

use num_bigint::BigInt;

use super::number::fraction;

/// mantissa·10^exponent; a mantissa is in (10²⁰, 10²¹], or 0 with exponent 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub mantissa: BigInt,
    pub exponent: i64,
}

fn ten(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

impl Decimal {
    /// Brings the mantissa into its range; digits beyond it are cut off.
    fn new(mut mantissa: BigInt, mut exponent: i64) -> Self {
        if mantissa <= BigInt::ZERO {
            return Decimal { mantissa: BigInt::ZERO, exponent: 0 };
        }
        while mantissa > ten(21) {
            mantissa /= 10;
            exponent += 1;
        }
        while mantissa <= ten(20) {
            mantissa *= 10;
            exponent -= 1;
        }
        Decimal { mantissa, exponent }
    }

    pub fn whole(value: u64) -> Self {
        Decimal::new(value.into(), 0)
    }

    fn is_zero(&self) -> bool {
        self.mantissa == BigInt::ZERO
    }

    /// The mantissa if the number had a larger exponent.
    fn at(&self, exponent: i64) -> BigInt {
        &self.mantissa / ten(u32::try_from(exponent - self.exponent).expect("larger"))
    }

    fn plus(&self, other: &Self, sign: i32) -> Self {
        let exponent = match (self.is_zero(), other.is_zero()) {
            (true, _) => other.exponent,
            (_, true) => self.exponent,
            _ => self.exponent.max(other.exponent),
        };
        let at = |x: &Self| if x.is_zero() { BigInt::ZERO } else { x.at(exponent) };
        Decimal::new(at(self) + sign * at(other), exponent)
    }

    /// self·factor/divisor with one integer division of the mantissas.
    fn times_over(&self, factor: &Self, divisor: &Self) -> Self {
        if divisor.is_zero() {
            return Decimal::whole(0);
        }
        let mantissa = &self.mantissa * &factor.mantissa / &divisor.mantissa;
        Decimal::new(mantissa, self.exponent + factor.exponent - divisor.exponent)
    }

    fn floor(&self) -> BigInt {
        match u32::try_from(self.exponent) {
            Ok(power) => &self.mantissa * ten(power),
            Err(_) => &self.mantissa / ten(u32::try_from(-self.exponent).expect("negative")),
        }
    }
}

/// V and D.
#[derive(Clone, Debug)]
pub struct Pot {
    pub value: u64,
    pub shares: Decimal,
}

impl Pot {
    pub fn empty() -> Self {
        Pot { value: 0, shares: Decimal::whole(0) }
    }

    fn holds_nothing(&self) -> bool {
        self.value == 0 || self.shares.is_zero()
    }

    /// ⌊V·s/D⌋, not above V.
    pub fn value_of(&self, s: &Decimal) -> u64 {
        let value = Decimal::whole(self.value).times_over(s, &self.shares).floor();
        u64::try_from(value.min(self.value.into())).expect("at most V")
    }

    /// First ever: D = s = x. Else δ = x·D/V, D += δ, s += δ, V += x. Refused if δ changes nothing.
    pub fn add(&self, s: &Decimal, x: u64) -> Option<(Pot, Decimal)> {
        if self.holds_nothing() {
            let shares = Decimal::whole(x);
            return Some((Pot { value: x, shares: shares.clone() }, shares));
        }
        let delta = Decimal::whole(x).times_over(&self.shares, &Decimal::whole(self.value));
        let (shares, holder) = (self.shares.plus(&delta, 1), s.plus(&delta, 1));
        if x > 0 && (shares == self.shares || holder == *s) {
            return None;
        }
        Some((Pot { value: self.value.saturating_add(x), shares }, holder))
    }

    /// The mirror of adding; nothing for more than the holder owns; an emptied pot has no shares.
    pub fn remove(&self, s: &Decimal, x: u64) -> Option<(Pot, Decimal)> {
        if x > self.value_of(s) {
            return None;
        }
        if x == self.value {
            return Some((Pot::empty(), Decimal::whole(0)));
        }
        let delta = Decimal::whole(x).times_over(&self.shares, &Decimal::whole(self.value));
        Some((Pot { value: self.value - x, shares: self.shares.plus(&delta, -1) }, s.plus(&delta, -1)))
    }

    /// The shares of a holder that left go to the others; less than a millionth of them is a residue, and the pot is
    /// empty.
    pub fn without(&self, s: &Decimal) -> Pot {
        let shares = self.shares.plus(s, -1);
        let exact =
            |x: &Decimal| fraction(10, 1).pow(i32::try_from(x.exponent).expect("small")) * &x.mantissa;
        if exact(&shares) * BigInt::from(1_000_000) < exact(s) {
            return Pot::empty();
        }
        Pot { value: self.value, shares }
    }

    /// V += x, if there are shares.
    pub fn reward(&self, x: u64) -> Pot {
        let value = if self.holds_nothing() { self.value } else { self.value.saturating_add(x) };
        Pot { value, shares: self.shares.clone() }
    }
}

//! Powers of ratios, rounded down as if computed with real numbers.
//!
//! [`power_e18`] answers `⌊10¹⁸ · (n/d)^(p/q)⌋`. Every machine must agree on it, so the answer must not depend on how
//! it is computed: it is *the* floor of the real number, certified.
//!
//! 1. Exponent 1 and small numbers: one 128-bit division. This is every swap in a pool of equal weights.
//! 2. Otherwise `exp(p/q · ln(n/d))` in binary fixed point with an error bound carried along. If floor and bound leave
//!    one candidate, it is the answer. 192 fractional bits suffice but for about one argument in 2¹⁰⁰.
//! 3. If two candidates remain and p, q ≤ 1024, whole numbers decide: `k ≤ 10¹⁸·(n/d)^(p/q)` is the same as
//!    `k^q · d^p ≤ 10^(18q) · n^p`. This is the way of exact roots, whose fixed-point enclosure always straddles the answer.
//! 4. For other exponents the precision grows. The power is irrational there (a ratio of 128-bit numbers is no perfect
//!    q-th power for q > 128, and a perfect one times 10¹⁸ is whole only for p ≤ 18), so some precision separates it.

use num_bigint::BigUint;

/// The unit of [`power_e18`].
pub(crate) const E18: u64 = 1_000_000_000_000_000_000;

/// Exponents with both parts up to this size are compared in whole numbers when fixed point cannot decide.
const EXACT_EXPONENT_LIMIT: u64 = 1024;
/// Fractional bits of the successive attempts; the last is what the protocol prescribes for price limits.
const PRECISIONS: [u32; 4] = [192, 384, 640, 1048];

/// `⌊10¹⁸ · (numerator/denominator)^(exponent_numerator/exponent_denominator)⌋`, saturated at 2¹²⁸ − 1.
///
/// A zero numerator gives 0 (or 10¹⁸ for a zero exponent); a zero denominator counts as an infinite ratio; a zero
/// exponent denominator as an infinite exponent. Nothing panics.
pub fn power_e18(
    numerator: u128,
    denominator: u128,
    exponent_numerator: u64,
    exponent_denominator: u64,
) -> u128 {
    if exponent_numerator == 0 || numerator == denominator {
        return u128::from(E18);
    }
    if numerator == 0 {
        return 0;
    }
    if denominator == 0 || exponent_denominator == 0 {
        let below_one = exponent_denominator == 0 && numerator < denominator;
        return if below_one { 0 } else { u128::MAX };
    }
    let shared = gcd(numerator, denominator);
    let (n, d) = (numerator / shared, denominator / shared);
    let shared = gcd(u128::from(exponent_numerator), u128::from(exponent_denominator)) as u64;
    let (p, q) = (exponent_numerator / shared, exponent_denominator / shared);
    if (p, q) == (1, 1) {
        return crate::wide::mul_div(n, u128::from(E18), d).unwrap_or(u128::MAX);
    }
    let power = RatioPower { n, d, p, q };
    for precision in PRECISIONS {
        let Enclosure { low, high } = power.enclose(precision);
        if low == high {
            return low;
        }
        if p <= EXACT_EXPONENT_LIMIT && q <= EXACT_EXPONENT_LIMIT && low.checked_add(1) == Some(high) {
            return if power.is_at_least(high) { high } else { low };
        }
    }
    // By the argument above no argument comes here; the lower candidate is in the pool's favour.
    power.enclose(PRECISIONS[PRECISIONS.len() - 1]).low
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `(n/d)^(p/q)` in lowest terms, all parts above 0 and n ≠ d.
struct RatioPower {
    n: u128,
    d: u128,
    p: u64,
    q: u64,
}

/// Two candidates for a floor, both saturated at 2¹²⁸ − 1: the real number's floor is between them, inclusive.
struct Enclosure {
    low: u128,
    high: u128,
}

/// A non-negative real number in units of 2⁻ᵇⁱᵗˢ: at least `value`, at most `value + error`.
struct Real {
    value: BigUint,
    error: BigUint,
}

impl RatioPower {
    /// `k ≤ 10¹⁸ · (n/d)^(p/q)`, decided in whole numbers.
    fn is_at_least(&self, k: u128) -> bool {
        // Both parts are at most 1024 here, so the numbers stay below 2^(1024·(128+128)).
        let (p, q) = (self.p as u32, self.q as u32);
        let left = BigUint::from(k).pow(q) * BigUint::from(self.d).pow(p);
        let right = BigUint::from(E18).pow(q) * BigUint::from(self.n).pow(p);
        left <= right
    }

    /// Candidates for `⌊10¹⁸ · (n/d)^(p/q)⌋` with `bits` fractional bits.
    fn enclose(&self, bits: u32) -> Enclosure {
        let grows = self.n > self.d;
        let (large, small) = if grows { (self.n, self.d) } else { (self.d, self.n) };
        let log = ln_of_ratio(large, small, bits);
        // t = p/q · ln(large/small), rounded outward.
        let value = &log.value * self.p / self.q;
        let error = &log.error * self.p / self.q + 2u32;
        let ln2 = ln_2(bits);
        // exp(±t) = 2^±shift · exp(r) with 0 ≤ r ≤ ln 2 up to the errors.
        let whole = &value / &ln2.value;
        let (shift, reduced) = if grows {
            (whole.clone(), &value - &whole * &ln2.value)
        } else {
            let above: BigUint = &whole + 1u32;
            (above.clone(), &above * &ln2.value - &value)
        };
        let reduction_error = (&whole + 1u32) * &ln2.error;
        let Ok(shift) = u32::try_from(&shift) else {
            return if grows {
                Enclosure { low: u128::MAX, high: u128::MAX }
            } else {
                Enclosure { low: 0, high: 0 }
            };
        };
        if shift > 512 {
            // 2^512 is beyond every answer, 2^-512 below all of them.
            let answer = if grows { u128::MAX } else { 0 };
            return Enclosure { low: answer, high: answer };
        }
        let exponential = exp_below_one(&reduced, bits);
        // |exp(x + e) − exp(x)| ≤ 4·|e| for x ≤ ln 2 and |e| < 1/2; the errors of t and of its reduction count both ways.
        let slack = (error + reduction_error) * 4u32 + &exponential.error + 1u32;
        let below = if exponential.value > slack { &exponential.value - &slack } else { BigUint::ZERO };
        let above = exponential.value + slack;
        let floor = |x: BigUint| {
            let scaled = x * E18;
            let floor = if grows { (scaled << shift) >> bits } else { scaled >> (bits + shift) };
            u128::try_from(floor).unwrap_or(u128::MAX)
        };
        Enclosure { low: floor(below), high: floor(above) }
    }
}

/// `ln(large/small)` for `large > small > 0`.
///
/// With k chosen so that m = large/(small·2ᵏ) is near 1: ln = k·ln 2 ± 2·atanh(|m − 1|/(m + 1)).
fn ln_of_ratio(large: u128, small: u128, bits: u32) -> Real {
    let (a, mut b) = (BigUint::from(large), BigUint::from(small));
    // 2·large < 3·small·2^(k) stops at m < 1.5, and m ≥ 0.75 since the step before was not below 1.5.
    let mut k = 0u32;
    while &a * 2u32 >= &b * 3u32 {
        b <<= 1;
        k += 1;
    }
    let (distance, above_one) = if a >= b { (&a - &b, true) } else { (&b - &a, false) };
    let z = (distance << bits) / (&a + &b);
    let atanh = atanh_series(z, bits);
    let (double, double_error) = (atanh.value * 2u32, atanh.error * 2u32);
    if k == 0 {
        return Real { value: double, error: double_error };
    }
    let ln2 = ln_2(bits);
    let (multiple, multiple_error) = (ln2.value * k, ln2.error * k);
    if above_one {
        Real { value: multiple + double, error: multiple_error + double_error }
    } else {
        // m ≥ 0.75 keeps the subtrahend below 0.29, under one ln 2.
        let low = multiple - (double + &double_error);
        Real { value: low, error: multiple_error + double_error }
    }
}

/// `ln 2 = 2·atanh(1/3)`.
fn ln_2(bits: u32) -> Real {
    let third = (BigUint::from(1u32) << bits) / 3u32;
    let atanh = atanh_series(third, bits);
    Real { value: atanh.value * 2u32, error: atanh.error * 2u32 }
}

/// `atanh z = Σ z^(2i+1)/(2i+1)` for a real z ≤ 0.34 that lies in `[z, z + 1)` units.
///
/// Everything is rounded down. A power loses at most 3 units (z² loses at most 2, times a power below 1/2, plus what
/// the power before lost times z² < 1/8, plus 1), its quotient at most 1 more, the tail after the first vanishing power at
/// most 4: the sum of N terms is low by at most 4·N + 4 units.
fn atanh_series(z: BigUint, bits: u32) -> Real {
    let square = (&z * &z) >> bits;
    let mut power = z;
    let mut sum = BigUint::ZERO;
    let mut terms = 0u32;
    while power != BigUint::ZERO {
        sum += &power / (2 * terms + 1);
        power = (power * &square) >> bits;
        terms += 1;
    }
    Real { value: sum, error: BigUint::from(4 * terms + 4) }
}

/// `exp x` for 0 ≤ x ≤ 0.7, where x is exact in units of 2⁻ᵇⁱᵗˢ.
///
/// exp x = (exp(x/2⁸))^(2⁸). The Taylor sum of the small argument is low by at most 2·N + 2 units, a squaring at
/// most doubles the error relative to a value below 2.02 and adds 1 unit; eight of them grow it less than 2¹²-fold.
fn exp_below_one(x: &BigUint, bits: u32) -> Real {
    const HALVINGS: u32 = 8;
    let one = BigUint::from(1u32) << bits;
    let small = x >> HALVINGS;
    let mut term = one.clone();
    let mut sum = BigUint::ZERO;
    let mut terms = 0u32;
    while term != BigUint::ZERO {
        sum += &term;
        terms += 1;
        term = ((term * &small) >> bits) / terms;
    }
    for _ in 0..HALVINGS {
        sum = (&sum * &sum) >> bits;
    }
    Real { value: sum, error: BigUint::from(2 * terms + 4) << 12 }
}

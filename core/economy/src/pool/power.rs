//! Powers of ratios, rounded down as if computed with real numbers.
//!
//! [`power_e18`] answers `⌊10¹⁸ · (n/d)^(p/q)⌋`. Every machine must agree on it, so the answer must not depend on how
//! it is computed: it is *the* floor of the real number, certified.
//!
//! 1. Exponent 1 and small numbers: one 128-bit division. This is every swap in a pool of equal weights.
//! 2. Otherwise `exp(p/q · ln(n/d))` in binary fixed point with an error bound carried along. If floor and bound leave
//!    one candidate, it is the answer. 192 fractional bits suffice but for about one argument in 2¹⁰⁰.
//! 3. If two candidates remain and p, q ≤ 1024, whole numbers decide: `k ≤ 10¹⁸·(n/d)^(p/q)` is the same as
//!    `k^q · d^p ≤ 10^(18q) · n^p`. This is the way of exact roots, whose fixed-point enclosure always straddles the
//!    answer.
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
        // |exp(x + e) − exp(x)| ≤ 4·|e| for x ≤ ln 2 and |e| < 1/2. The errors of t and of its reduction count both
        // ways.
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
/// Everything is rounded down. A power loses at most 3 units: z² loses at most 2, times a power below 1/2; the loss of
/// the power before is multiplied by z² < 1/8; and rounding loses 1. Its quotient loses at most 1 more, and the tail
/// after the first vanishing power at most 4. So the sum of N terms is low by at most 4·N + 4 units.
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
/// exp x = (exp(x/2⁸))^(2⁸). The Taylor sum of the small argument is low by at most 2·N + 2 units. A squaring at most
/// doubles the error relative to a value below 2.02 and adds 1 unit; eight of them grow it less than 2¹²-fold.
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Parts of ratios and exponents of any magnitude, above 0.
    fn part() -> impl Strategy<Value = u64> {
        prop_oneof![(1u64.., 0u32..64).prop_map(|(v, shift)| (v >> shift).max(1)), 1u64..6]
    }

    /// Two different parts, the larger one first.
    fn two_parts() -> impl Strategy<Value = (u64, u64)> {
        (part(), part()).prop_map(|(a, b)| match a.max(b) {
            large if a == b => (large.max(2), large.max(2) - 1),
            large => (large, a.min(b)),
        })
    }

    fn power(n: u64, d: u64, p: u64, q: u64) -> RatioPower {
        RatioPower { n: n.into(), d: d.into(), p, q }
    }

    /// Whether what is known with `bits` bits contains what is known with 256 more, and is not vaguer than `most`
    /// units.
    fn encloses(coarse: &Real, fine: &Real, most: u32) -> bool {
        let (low, high) = (&coarse.value << 256u32, (&coarse.value + &coarse.error) << 256u32);
        low <= &fine.value + &fine.error && fine.value <= high && coarse.error <= BigUint::from(most)
    }

    proptest! {
        /// Both candidates are as good as they say, with few bits and with many.
        #[test]
        fn an_enclosure_contains_the_real_floor(parts in two_parts(), grows: bool, p in 1u64..12, q in 1u64..12, bits in 24u32..200) {
            let (n, d) = if grows { parts } else { (parts.1, parts.0) };
            let power = power(n, d, p, q);
            let Enclosure { low, high } = power.enclose(bits);
            prop_assert!(power.is_at_least(low), "{low} of {low}..={high}");
            if let Some(next) = high.checked_add(1) {
                prop_assert!(!power.is_at_least(next), "{high} of {low}..={high}");
            }
            // The power is at most 10¹⁸ here, so an error of 2²⁴ units is less than 1 from 84 bits on.
            if n < d && bits > 100 {
                prop_assert!(high - low <= 1, "{low} to {high}");
            }
        }

        #[test]
        fn a_logarithm_lies_where_it_says((large, small) in two_parts(), bits in 16u32..300) {
            let (coarse, fine) = (ln_of_ratio(large.into(), small.into(), bits), ln_of_ratio(large.into(), small.into(), bits + 256));
            // Up to 64 times the error of ln 2, and that of one series.
            prop_assert!(encloses(&coarse, &fine, 66 * (4 * bits + 32)));
            let nearest = |x: &Real| x.value.iter_u64_digits().rev().fold(0.0, |sum, digit| sum * 2f64.powi(64) + digit as f64) / 2f64.powi(bits as i32);
            let expected = (large as f64 / small as f64).ln();
            if bits > 100 {
                prop_assert!((nearest(&coarse) - expected).abs() < 1e-9 + expected * 1e-9, "{} is not {expected}", nearest(&coarse));
            }
        }

        #[test]
        fn series_lie_where_they_say(z in 1u64..1 << 16, bits in 32u32..300) {
            // Up to 0.34 for the one, up to 0.7 for the other; exact with 32 bits.
            let (third, two_thirds) = (BigUint::from(z * 22_282) << (bits - 32), BigUint::from(z * 45_875) << (bits - 32));
            let (coarse, fine) = (atanh_series(third.clone(), bits), atanh_series(third << 256u32, bits + 256));
            prop_assert!(encloses(&coarse, &fine, 2 * bits + 16));
            let (coarse, fine) = (exp_below_one(&two_thirds, bits), exp_below_one(&(two_thirds << 256u32), bits + 256));
            prop_assert!(encloses(&coarse, &fine, (bits + 12) << 12));
        }

        /// `k ≤ 10¹⁸·x^(p/q)` where the power is known: x is a q-th power.
        #[test]
        fn whole_numbers_decide_at_the_power_itself(root in 1u32..40, over in 1u32..40, p in 1u32..5, q in 1u32..5, away in 0u128..3) {
            let (n, d) = (u128::from(root).pow(q), u128::from(over).pow(q));
            let power = RatioPower { n, d, p: p.into(), q: q.into() };
            let floor = u128::from(root).pow(p) * u128::from(E18) / u128::from(over).pow(p);
            prop_assert!(power.is_at_least(floor.saturating_sub(away)));
            prop_assert!(!power.is_at_least(floor + 1 + away));
        }
    }

    #[test]
    fn the_logarithm_of_two_is_known() {
        let ln2 = ln_2(64);
        // 0.6931471805599453094…
        let known = BigUint::from(12_786_308_645_202_655_659u64);
        assert!(ln2.value <= known && known <= &ln2.value + &ln2.error);
        assert!(ln2.error <= BigUint::from(2u32 * (2 * 64 + 16)));
    }

    #[test]
    fn nothing_and_infinity_have_powers() {
        let e18 = u128::from(E18);
        assert_eq!(power_e18(1, 2, 3, 0), 0, "below one to an infinite power");
        assert_eq!(power_e18(2, 1, 3, 0), u128::MAX);
        assert_eq!(power_e18(1, 0, 1, 2), u128::MAX, "infinity to any power");
        assert_eq!(power_e18(1, 0, 3, 0), u128::MAX);
        assert_eq!(power_e18(0, 0, 3, 0), e18, "equal parts are one");
    }

    /// Exponents beyond 1024 are reduced before they are judged too large for whole numbers.
    #[test]
    fn roots_are_exact_however_they_are_written() {
        let half = u128::from(E18) / 2;
        assert_eq!(power_e18(1, 4, 1, 2), half);
        assert_eq!(power_e18(1, 4, 20_480, 40_960), half);
        assert_eq!(power_e18(1 << 100, 1 << 102, 500_000_000_000, 1_000_000_000_000), half);
        assert_eq!(power_e18(3, 6, 7, 7), half);
    }
}

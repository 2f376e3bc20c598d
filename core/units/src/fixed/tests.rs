//! The rounding rules, by example and against exact integers.

use super::*;
use proptest::prelude::*;

#[test]
fn products_floor_and_quotients_truncate() {
    let tiny = I32F32::from_bits(1);
    let half = I32F32::from_ratio(1, 2);
    assert_eq!((tiny * half).to_bits(), 0);
    assert_eq!(((I32F32::ZERO - tiny) * half).to_bits(), -1, "a negative product floors away from zero");
    assert_eq!(
        ((I32F32::ZERO - tiny) / I32F32::from_int(2)).to_bits(),
        0,
        "a negative quotient truncates toward zero"
    );
    let tiny = I64F64::from_bits(1);
    assert_eq!(((I64F64::ZERO - tiny) * I64F64::from_ratio(1, 2)).to_bits(), -1);
    assert_eq!(((I64F64::ZERO - tiny) / I64F64::from_int(2)).to_bits(), 0);
}

#[test]
fn division_by_zero_is_zero() {
    assert_eq!(I32F32::ONE / I32F32::ZERO, I32F32::ZERO);
    assert_eq!(U64F64::ONE.checked_div(U64F64::ZERO), None);
    assert_eq!(I64F64::from_ratio(5, 0), I64F64::ZERO);
}

#[test]
fn operations_saturate_at_the_bounds() {
    assert_eq!(I32F32::MAX + I32F32::ONE, I32F32::MAX);
    assert_eq!(I32F32::MIN - I32F32::ONE, I32F32::MIN);
    assert_eq!(I32F32::MAX * I32F32::from_int(-2), I32F32::MIN);
    assert_eq!(I32F32::MAX / I32F32::from_bits(1), I32F32::MAX);
    assert_eq!(I32F32::MIN / I32F32::from_bits(-1), I32F32::MAX);
    assert_eq!(U64F64::ZERO - U64F64::ONE, U64F64::ZERO);
    assert_eq!(U96F32::MAX * U96F32::MAX, U96F32::MAX);
    assert_eq!(I64F64::MIN * I64F64::MAX, I64F64::MIN);
    assert_eq!(I64F64::MIN / I64F64::from_int(-1), I64F64::MAX);
    assert_eq!(I32F32::from_int(u64::MAX), I32F32::MAX);
    assert_eq!(I32F32::from_int(i64::MIN), I32F32::MIN);
}

#[test]
fn proportions_floor_to_u16() {
    assert_eq!(I32F32::from_ratio(1, 2).floor_u16_unit(), 32767);
    assert_eq!(I32F32::ONE.floor_u16_unit(), 65535);
    assert_eq!(I32F32::from_int(7).floor_u16_unit(), 65535);
    assert_eq!(I32F32::from_int(-7).floor_u16_unit(), 0);
    assert_eq!(I32F32::from_u16_unit(32767).to_bits(), (32767i64 << 32) / 65535);
}

#[test]
fn conversion_floors_and_saturates() {
    assert_eq!(I64F64::from_bits(-1).cast::<I32F32>().to_bits(), -1);
    assert_eq!(I64F64::from_bits(1).cast::<I32F32>().to_bits(), 0);
    assert_eq!(I64F64::MAX.cast::<I32F32>(), I32F32::MAX);
    assert_eq!(I64F64::MIN.cast::<I32F32>(), I32F32::MIN);
    assert_eq!(I96F32::from_int(-3).cast::<U96F32>(), U96F32::ZERO);
    assert_eq!(U96F32::MAX.cast::<U64F64>(), U64F64::MAX);
    assert_eq!(I96F32::from_ratio(-5, 2).floor_u64(), 0);
    assert_eq!(U96F32::from_ratio(5, 2).floor_u64(), 2);
    assert_eq!(U96F32::MAX.floor_u64(), u64::MAX);
}

#[test]
fn exponential_follows_the_fixed_taylor_sum() {
    assert_eq!(I32F32::ZERO.exp(), I32F32::ONE);
    assert_eq!(I32F32::ONE.exp().to_bits(), 22_802_600 << 9);
    assert_eq!(I32F32::from_int(-1).exp(), I32F32::ONE / I32F32::ONE.exp());
    // e^5 = 148.4131591…: 31 terms are enough there.
    assert_eq!(I32F32::from_int(5).exp().floor_u64(), 148);
    // e^20 = 485165195.4…: the sum stops after x^31/31! and is 0.8 % low.
    assert_eq!(I32F32::from_int(20).exp().floor_u64(), 481_239_357);
    // e^-0.01 = 0.99004983374…
    let wide = I64F64::from_ratio(-1, 100).exp();
    assert_eq!(std::format!("{wide}"), "0.990049833");
}

#[test]
fn halvings_count_with_rounding_up() {
    assert_eq!(I96F32::from_ratio(3, 2).halvings(), 0);
    assert_eq!(I96F32::from_int(2).halvings(), 1);
    assert_eq!(I96F32::from_int(8).halvings(), 3);
    // One bit below 8: rounding up carries it to 2 at the last step.
    assert_eq!(I96F32::from_bits((8 << 32) - 1).halvings(), 3);
    assert_eq!(I96F32::ZERO.halvings(), 0);
    assert_eq!(I96F32::MAX.halvings(), 95);
}

#[test]
fn decimals_are_read_exactly_and_floored() {
    assert_eq!(I32F32::from_decimal("0.5"), Some(I32F32::from_ratio(1, 2)));
    assert_eq!(I32F32::from_decimal("0.1").map(I32F32::to_bits), Some((1i64 << 32) / 10));
    assert_eq!(I32F32::from_decimal("-0.1").map(I32F32::to_bits), Some(-((1i64 << 32) / 10) - 1));
    assert_eq!(I64F64::from_decimal("1e-06"), Some(I64F64::from_ratio(1, 1_000_000)));
    assert_eq!(I32F32::from_decimal("1.50e2"), Some(I32F32::from_int(150)));
    assert_eq!(I32F32::from_decimal("99999999999"), Some(I32F32::MAX));
    for text in ["", "-", ".", "1.2.3", "abc", "1e", "1e99999999"] {
        assert_eq!(I32F32::from_decimal(text), None, "{text}");
    }
}

#[test]
fn display_truncates_after_nine_places() {
    assert_eq!(std::format!("{}", I32F32::from_ratio(-1, 3)), "-0.333333333");
    assert_eq!(std::format!("{:.2}", U64F64::from_ratio(22, 7)), "3.14");
    assert_eq!(std::format!("{:?}", I32F32::ONE), "I32F32(1.000000000 = 4294967296/2^32)");
}

#[test]
fn nothing_has_no_sign() {
    assert_eq!(std::format!("{} {}", I32F32::ZERO, I64F64::ZERO), "0.000000000 0.000000000");
    assert_eq!(std::format!("{}", I32F32::from_bits(-1)), "-0.000000000", "a little less than nothing does");
}

/// Any sign and magnitude, often small.
fn any_width() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => (any::<i64>(), 0u32..64).prop_map(|(v, shift)| v >> shift),
        1 => prop::sample::select(vec![0, 1, -1, 1 << 31, 1 << 32, -1 << 32, i64::MAX, i64::MIN]),
    ]
}

proptest! {
    #[test]
    fn narrow_products_and_quotients_match_exact_integers(a in any_width(), b in any_width()) {
        let saturate = |v: i128| v.clamp(i64::MIN as i128, i64::MAX as i128) as i64;
        let (x, y) = (I32F32::from_bits(a), I32F32::from_bits(b));
        let product = a as i128 * b as i128;
        prop_assert_eq!((x * y).to_bits(), saturate(product.div_euclid(1 << 32)));
        let quotient = (a as i128 * (1 << 32)).checked_div(b as i128).map(saturate);
        prop_assert_eq!(x.checked_div(y).map(I32F32::to_bits), quotient);
    }

    #[test]
    fn reciprocals_are_quotients_of_one(a in any::<i64>(), shift in 0u32..63) {
        let (x, power) = (I32F32::from_bits(a >> shift), I32F32::from_bits(1 << shift));
        prop_assert_eq!(x.reciprocal(), I32F32::ONE / x);
        prop_assert_eq!(power.reciprocal(), I32F32::ONE / power);
        let (x, power) = (x.cast::<U96F32>(), power.cast::<U96F32>());
        prop_assert_eq!(x.reciprocal(), U96F32::ONE / x);
        prop_assert_eq!(power.reciprocal(), U96F32::ONE / power);
    }

    #[test]
    fn wide_arithmetic_agrees_with_narrow_where_both_fit(a in -1i64 << 40..1 << 40, b in -1i64 << 40..1 << 40) {
        let (x, y) = (I32F32::from_bits(a), I32F32::from_bits(b));
        let (wide_x, wide_y) = (x.cast::<I96F32>(), y.cast::<I96F32>());
        prop_assert_eq!((wide_x * wide_y).cast::<I32F32>(), x * y);
        prop_assert_eq!((wide_x / wide_y).cast::<I32F32>(), x / y);
        prop_assert_eq!((wide_x - wide_y).cast::<I32F32>(), x - y);
    }

    #[test]
    fn casting_up_and_back_keeps_the_number(a in any::<i64>()) {
        let x = I32F32::from_bits(a);
        prop_assert_eq!(x.cast::<I64F64>().cast::<I32F32>(), x);
        prop_assert_eq!(x.cast::<I96F32>().cast::<I32F32>(), x);
    }

    #[test]
    fn nothing_panics_on_any_bits(a in any::<i128>(), b in any::<i128>()) {
        let (x, y) = (I64F64::from_bits(a), I64F64::from_bits(b));
        let _ = (x + y, x - y, x * y, x / y, x.exp(), x.cast::<U64F64>(), x.halvings(), x.floor_u16_unit());
        let (x, y) = (U96F32::from_bits(a as u128), U96F32::from_bits(b as u128));
        let _ = (x + y, x - y, x * y, x / y, x.cast::<I32F32>(), x.halvings(), x.floor_u16_unit(), std::format!("{x:?}"));
    }
}

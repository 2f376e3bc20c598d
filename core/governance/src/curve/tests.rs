use super::*;
use crate::track::TRACKS;
use proptest::prelude::*;

fn parts(parts: u32) -> PerBillion {
    PerBillion::from_parts(parts)
}

#[test]
fn a_hyperbola_goes_through_its_three_points() {
    for (delay, level, floor, ceil) in [(25, 70, 60, 90), (25, 20, 15, 50), (4, 80, 50, 100), (50, 1, 0, 50)]
    {
        let curve = Curve::reciprocal(delay, level, floor, ceil);
        for (time, value) in [(0, ceil), (delay, level), (100, floor)] {
            let found = curve.threshold(PerBillion::percent(time)).parts();
            assert!(found.abs_diff(value * 10_000_000) < 1_000, "{curve:?} at {time}: {found}");
        }
    }
}

#[test]
fn a_line_falls_to_its_floor_and_stays_there() {
    let curve = Curve::Linear { length: parts(500_000_000), floor: parts(100), ceil: parts(200) };
    let at = |time| curve.threshold(parts(time)).parts();
    assert_eq!([at(0), at(250_000_000), at(500_000_000), at(1_000_000_000)], [200, 150, 100, 100]);
    assert!(curve.passing(parts(250_000_000), parts(150)) && !curve.passing(parts(250_000_000), parts(149)));
    assert_eq!(curve.floor(), parts(100));
    let instant = Curve::Linear { length: PerBillion::ZERO, floor: parts(1), ceil: parts(2) };
    assert_eq!(instant.threshold(PerBillion::ZERO), parts(1));
}

#[test]
fn ratios_round_down_and_a_part_of_nothing_is_nothing() {
    let ratio = |part, whole| PerBillion::ratio(part, whole).parts();
    assert_eq!([ratio(1, 3), ratio(2, 3), ratio(0, 0), ratio(5, 0)], [333_333_333, 666_666_666, 0, 0]);
    assert_eq!([ratio(3, 3), ratio(4, 3), ratio(0, 9)], [1_000_000_000, 1_000_000_000, 0]);
    for shift in [0, 60, 90, 97, 98, 110, 125] {
        assert_eq!(ratio(1 << shift, 3 << shift), 333_333_333, "{shift}");
    }
    assert_eq!(ratio(u128::MAX / 2, u128::MAX), 499_999_999);
    assert_eq!([parts(5).of(1_000_000_000), PerBillion::percent(1).of(1_050)], [5, 10]);
    assert_eq!((PerBillion::percent(250), PerBillion::ONE.of(u64::MAX)), (PerBillion::ONE, u64::MAX));
}

#[test]
fn a_value_above_the_beginning_passes_at_once() {
    let curve = Curve::reciprocal(25, 70, 60, 90);
    assert_eq!(curve.first_passing(PerBillion::percent(95)), Some(PerBillion::ZERO));
    assert_eq!(curve.delay(PerBillion::percent(95)), PerBillion::ONE, "as the pallet answers");
    let found = curve.first_passing(PerBillion::percent(70)).unwrap().parts();
    assert!(found.abs_diff(250_000_000) < 10_000, "{found}");
    assert_eq!(curve.first_passing(PerBillion::percent(59)), None);
    let line = Curve::linear(34, 50);
    assert_eq!(line.first_passing(PerBillion::percent(42)), Some(PerBillion::percent(50)));
    assert_eq!(line.first_passing(PerBillion::percent(33)), None);
}

#[test]
fn a_divisor_of_zero_asks_for_everything() {
    let curve = Curve::Reciprocal { factor: 5, x_offset: 0, y_offset: 0 };
    assert_eq!(curve.threshold(PerBillion::ZERO), PerBillion::ONE);
    assert_eq!(curve.delay(PerBillion::ZERO), PerBillion::ONE);
}

/// Answers of `pallet_referenda::Curve` 50.0.0: `threshold` and `delay` of seven values. Eight million random points
/// were compared with its source when this was written, without a difference.
#[test]
fn thresholds_and_delays_are_those_of_the_pallet() {
    let values = [0, 1, 250_000_000, 333_333_333, 500_000_001, 999_999_999, 1_000_000_000];
    let one = 1_000_000_000;
    let hyperbola = |factor, x_offset, y_offset| Curve::Reciprocal { factor, x_offset, y_offset };
    let line =
        |length, floor, ceil| Curve::Linear { length: parts(length), floor: parts(floor), ceil: parts(ceil) };
    for (curve, thresholds, delays) in [
        (
            hyperbola(222_222_224, 333_333_334, 433_333_333),
            [one, one, 814_285_716, 766_666_668, 700_000_001, 600_000_001, 600_000_000],
            [one, one, one, one, one, 58_823_533, 58_823_532],
        ),
        (
            hyperbola(31_250_000, 36_330_684, 139_845_532),
            [999_999_995, 999_999_971, 248_985_075, 224_381_755, 198_111_823, 169_999_999, 169_999_999],
            [one, one, 247_361_849, 125_178_207, 50_437_641, 0, 0],
        ),
        (
            hyperbola(500_000_000, 1, -100),
            [one, one, one, one, 999_999_896, 499_999_900, 499_999_899],
            [one, one, one, one, 999_999_798, 499_999_950, 499_999_950],
        ),
        (
            line(1_000_000_000, 340_000_000, 500_000_000),
            [500_000_000, 500_000_000, 460_000_000, 446_666_667, 420_000_000, 340_000_001, 340_000_000],
            [one, one, one, one, 0, 0, 0],
        ),
        (
            line(357_142_857, 500_000_000, 1_000_000_000),
            [one, 999_999_999, 650_000_000, 533_333_334, 500_000_000, 500_000_000, 500_000_000],
            [one, one, one, one, 357_142_856, 0, 0],
        ),
        (line(0, 1, 7), [1; 7], [one, 0, 0, 0, 0, 0, 0]),
    ] {
        assert_eq!(values.map(|value| curve.threshold(parts(value)).parts()), thresholds, "{curve:?}");
        assert_eq!(values.map(|value| curve.delay(parts(value)).parts()), delays, "{curve:?}");
    }
}

fn any_part() -> impl Strategy<Value = PerBillion> {
    prop_oneof![0..=1_000_000_000_u32, 0..9_u32, 999_999_990..=1_000_000_000_u32].prop_map(parts)
}

fn any_curve() -> impl Strategy<Value = Curve> {
    let line = (any_part(), any_part(), any_part()).prop_map(|(length, a, b)| Curve::Linear {
        length,
        floor: a.min(b),
        ceil: a.max(b),
    });
    let hyperbola = (1..2_000_000_000_i64, 1..3_000_000_000_i64, -2_000_000_000..1_000_000_000_i64)
        .prop_map(|(factor, x_offset, y_offset)| Curve::Reciprocal { factor, x_offset, y_offset });
    prop_oneof![line, hyperbola]
}

proptest! {
    #[test]
    fn requirements_never_rise(curve in any_curve(), a in any_part(), b in any_part()) {
        prop_assert!(curve.threshold(a.min(b)) >= curve.threshold(a.max(b)));
    }

    #[test]
    fn requirements_of_the_table_never_rise(row in 0..TRACKS.len(), a in any_part(), b in any_part()) {
        for curve in [TRACKS[row].approval, TRACKS[row].support] {
            prop_assert!(curve.threshold(a.min(b)) >= curve.threshold(a.max(b)));
        }
    }

    /// The alarm of the pallet may ring a rounding early, never late by more.
    #[test]
    fn the_delay_is_where_a_value_begins_to_pass(row in 0..TRACKS.len(), value in any_part()) {
        for curve in [TRACKS[row].approval, TRACKS[row].support] {
            if let Some(first) = curve.first_passing(value) {
                let after = parts(first.parts().saturating_add(10));
                prop_assert!(curve.passing(after, value), "{:?} {:?}", curve, value);
                if first > parts(1_000) {
                    let before = parts(first.parts() - 1_000);
                    prop_assert!(!curve.passing(before, value), "{:?} {:?}", curve, value);
                }
            }
        }
    }
}

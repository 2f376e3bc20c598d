//! Text form of values, read and shown. Exact: no floating point.

use alloc::{
    format,
    string::{String, ToString},
};

/// Text form of a parameter's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// `on` or `off`.
    Switch,
    /// A number of things.
    Count,
    /// A number of blocks.
    Blocks,
    /// A number of epochs of the subnet.
    Tempos,
    /// TAO, stored in rao.
    Tao,
    /// Alpha, stored as rao with 32 more binary digits.
    Alpha,
    /// A share: a whole number out of this one, or with `%` a percentage.
    Of(u64),
    /// A factor, stored with this many binary digits after the point, at most 64.
    Factor(u8),
    /// One of these words, stored by its place.
    Choice(&'static [&'static str]),
}

/// Error of a text that is no value of a unit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct ReadError {
    /// The text as written.
    pub text: String,
    /// Description of the texts that are accepted.
    pub wanted: String,
}

const RAO: i128 = 1_000_000_000;
/// Most binary digits after the point of a factor.
const FACTOR_BITS: u8 = 64;
/// Most digits after the point that are read or shown of a factor.
const FACTOR_DIGITS: u32 = 9;

impl Unit {
    /// Form of a value in words, for help and error messages.
    pub fn wanted(self) -> String {
        match self {
            Unit::Switch => "`on` or `off`".into(),
            Unit::Count => "a whole number".into(),
            Unit::Blocks => "a number of blocks".into(),
            Unit::Tempos => "a number of epochs".into(),
            Unit::Tao => "an amount of TAO such as 0.5, with at most nine decimals".into(),
            Unit::Alpha => "an amount of alpha such as 0.0005, with at most nine decimals".into(),
            Unit::Of(whole) => format!("a whole number out of {whole} or a percentage such as 12.5%"),
            Unit::Factor(_) => "a factor such as 2 or 1.26".into(),
            Unit::Choice(words) => format!("one of {}", words.join(", ")),
        }
    }

    /// The name of the unit in a table.
    pub fn name(self) -> String {
        match self {
            Unit::Switch => "on/off".into(),
            Unit::Count => "count".into(),
            Unit::Blocks => "blocks".into(),
            Unit::Tempos => "epochs".into(),
            Unit::Tao => "TAO".into(),
            Unit::Alpha => "alpha".into(),
            Unit::Of(u64::MAX) => "of 2⁶⁴ − 1".into(),
            Unit::Of(whole) => format!("of {whole}"),
            Unit::Factor(_) => "factor".into(),
            Unit::Choice(words) => words.join("/"),
        }
    }

    /// The value that a text stands for.
    pub fn read(self, text: &str) -> Result<i128, ReadError> {
        let text = text.trim();
        let value = match self {
            Unit::Switch => match text {
                "on" | "true" | "yes" | "1" => Some(1),
                "off" | "false" | "no" | "0" => Some(0),
                _ => None,
            },
            Unit::Count | Unit::Blocks | Unit::Tempos => text.parse().ok(),
            Unit::Tao => decimal(text, 9),
            Unit::Alpha => decimal(text, 9).and_then(|rao| rao.checked_mul(1 << 32)),
            Unit::Of(whole) => match text.strip_suffix('%') {
                // A percentage with seven decimals is a share of 10⁹; to the nearest, ties upwards.
                Some(percent) => decimal(percent.trim_end(), 7).and_then(|share| {
                    let scaled = share.checked_mul(i128::from(whole))?.checked_add(RAO / 2)?;
                    Some(scaled.div_euclid(RAO))
                }),
                None => text.parse().ok(),
            },
            Unit::Factor(digits) => decimal(text, FACTOR_DIGITS).and_then(|scaled| {
                Some(scaled.checked_mul(1i128 << digits.min(FACTOR_BITS))?.div_euclid(RAO))
            }),
            Unit::Choice(words) => match words.iter().position(|word| word.eq_ignore_ascii_case(text)) {
                Some(place) => i128::try_from(place).ok(),
                None => text.parse().ok(),
            },
        };
        value.ok_or_else(|| ReadError { text: text.into(), wanted: self.wanted() })
    }

    /// The value as people read it, with its unit where a number alone would be unclear.
    pub fn show(self, value: i128) -> String {
        match self {
            Unit::Switch => if value == 0 { "off" } else { "on" }.into(),
            Unit::Count | Unit::Blocks | Unit::Tempos => value.to_string(),
            Unit::Tao => with_point(value, 9),
            Unit::Alpha => with_point(value >> 32, 9),
            Unit::Of(whole) => {
                let share = value.saturating_mul(10_000).checked_div(i128::from(whole)).unwrap_or_default();
                format!("{value} ({}%)", with_point(share, 2))
            }
            Unit::Factor(digits) => {
                let one = 1i128 << digits.min(FACTOR_BITS);
                let (whole, rest) = (value.div_euclid(one), value.rem_euclid(one));
                // To the nearest, ties upwards.
                let decimals = rest.saturating_mul(RAO).saturating_add(one / 2).div_euclid(one);
                with_point(whole.saturating_mul(RAO).saturating_add(decimals), 9)
            }
            Unit::Choice(words) => match usize::try_from(value).ok().and_then(|place| words.get(place)) {
                Some(word) => (*word).into(),
                None => value.to_string(),
            },
        }
    }
}

/// A decimal number times `10^digits`; `None` if the text is not a number or has more digits after the point.
fn decimal(text: &str, digits: u32) -> Option<i128> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (negative, whole) = match whole.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, whole),
    };
    if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let missing = digits.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let number = |part: &str| if part.is_empty() { Some(0) } else { part.parse::<i128>().ok() };
    let scaled = number(whole)?
        .checked_mul(10i128.checked_pow(digits)?)?
        .checked_add(number(fraction)?.checked_mul(10i128.checked_pow(missing)?)?)?;
    Some(if negative { scaled.checked_neg()? } else { scaled })
}

/// `value / 10^digits` without trailing zeros.
fn with_point(value: i128, digits: u32) -> String {
    let one = 10u128.saturating_pow(digits);
    let sign = if value < 0 { "-" } else { "" };
    let size = value.unsigned_abs();
    let (whole, rest) = (size / one, size % one);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    let rest = format!("{rest:0width$}", width = digits as usize);
    format!("{sign}{whole}.{}", rest.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UNITS: [Unit; 5] =
        [Unit::Count, Unit::Blocks, Unit::Tao, Unit::Tempos, Unit::Choice(&["burn", "recycle"])];

    #[test]
    fn people_write_amounts_shares_factors_and_words() {
        assert_eq!(Unit::Tao.read("0.5"), Ok(500_000_000));
        assert_eq!(Unit::Tao.read("-1"), Ok(-RAO));
        assert_eq!(Unit::Alpha.read("0.0005"), Ok(500_000 << 32));
        assert_eq!(Unit::Of(65_535).read("50%"), Ok(32_768));
        assert_eq!(Unit::Of(65_535).read("18 %"), Ok(11_796));
        assert_eq!(Unit::Of(65_535).read("11796"), Ok(11_796));
        assert_eq!(Unit::Of(u64::MAX).read("100%"), Ok(i128::from(u64::MAX)));
        assert_eq!(Unit::Factor(64).read("2"), Ok(2 << 64));
        for (words, value) in [(["on", "true", "yes", "1"], 1), (["off", "false", "no", "0"], 0)] {
            assert!(words.into_iter().all(|word| Unit::Switch.read(word) == Ok(value)), "{words:?}");
        }
        assert_eq!(Unit::Choice(&["burn", "recycle"]).read("Recycle"), Ok(1));
        for (unit, text) in [
            (Unit::Tao, "1.0000000001"),
            (Unit::Tao, "."),
            (Unit::Tao, "+5"),
            (Unit::Tao, "1.+5"),
            (Unit::Tao, "1.-5"),
            (Unit::Tao, "1e3"),
            (Unit::Count, "1.5"),
            (Unit::Switch, "maybe"),
            (Unit::Of(65_535), "%"),
            (Unit::Factor(64), "999999999999999999999999999999"),
        ] {
            let error = unit.read(text).expect_err(text).to_string();
            assert!(error.contains(text) && error.contains("is not"), "{error}");
        }
    }

    #[test]
    fn values_are_shown_with_their_unit() {
        assert_eq!(Unit::Tao.show(500_000), "0.0005");
        assert_eq!(Unit::Alpha.show(500_000 << 32), "0.0005");
        assert_eq!(Unit::Of(65_535).show(32_767), "32767 (49.99%)");
        assert_eq!(Unit::Of(u64::MAX).show(971_718_665_099_567_868), "971718665099567868 (5.26%)");
        assert_eq!(Unit::Factor(64).show(23_242_897_532_874_035_200), "1.26");
        assert_eq!(Unit::Factor(64).show(3 << 64), "3");
        assert_eq!(Unit::Factor(32).show(12_885), "0.000003");
        assert_eq!(Unit::Factor(32).show(3), "0.000000001", "to the nearest");
        assert_eq!(Unit::Tao.show(0), "0");
        assert_eq!(Unit::Tao.show(-1), "-0.000000001");
        assert_eq!(Unit::Switch.show(1), "on");
        assert_eq!(Unit::Choice(&["burn", "recycle"]).show(1), "recycle");
    }

    #[test]
    fn every_unit_says_what_it_is_and_what_it_wants() {
        let words = Unit::Choice(&["burn", "recycle"]);
        let names = [
            (Unit::Switch, "on/off", "`on` or `off`"),
            (Unit::Count, "count", "whole number"),
            (Unit::Blocks, "blocks", "blocks"),
            (Unit::Tempos, "epochs", "epochs"),
            (Unit::Tao, "TAO", "TAO"),
            (Unit::Alpha, "alpha", "alpha"),
            (Unit::Of(65_535), "of 65535", "65535"),
            (Unit::Of(u64::MAX), "of 2⁶⁴ − 1", "percentage"),
            (Unit::Factor(64), "factor", "1.26"),
            (words, "burn/recycle", "burn, recycle"),
        ];
        for (unit, name, wanted) in names {
            assert_eq!(unit.name(), name);
            assert!(unit.wanted().contains(wanted), "{}", unit.wanted());
            assert_eq!(unit.read("?").map_err(|error| error.wanted), Err(unit.wanted()));
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_written(value in 0i128..=u64::MAX as i128, unit in 0..UNITS.len()) {
            let unit = UNITS[unit];
            prop_assert_eq!(unit.read(&unit.show(value)), Ok(value));
        }

        #[test]
        fn no_text_and_no_number_makes_them_panic(text in ".*", value: i128) {
            for unit in [Unit::Tao, Unit::Alpha, Unit::Of(65_535), Unit::Of(u64::MAX), Unit::Of(0), Unit::Factor(64),
                Unit::Factor(32), Unit::Factor(0), Unit::Switch, Unit::Count, Unit::Choice(&[])] {
                let _ = unit.read(&text);
                prop_assert!(!unit.show(value).is_empty());
            }
        }
    }
}

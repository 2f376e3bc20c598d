//! Cells of tables, and their equality.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// One cell. In JSON it is `null`, a number or a text.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// An unknown value.
    #[default]
    Null,
    /// A whole number; also a truth value (0 or 1).
    Integer(i64),
    /// A number with a fraction. Drawn tables have none, so that every sum is exact.
    Real(f64),
    /// A text; also a day, as `2026-05-31`.
    Text(String),
}

/// One row of a table or of a result.
pub type Row = Vec<Value>;

/// A cell whose text lies elsewhere, with the order of [`Value`].
#[derive(Clone, Copy, Debug, Default)]
pub enum Cell<'a> {
    /// Nothing is known.
    #[default]
    Null,
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(f64),
    /// A text.
    Text(&'a str),
    /// A day as [`day_text`] writes it.
    Day([u8; 10]),
}

impl<'a> Cell<'a> {
    /// The cell of a value.
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Cell::Null,
            Value::Integer(number) => Cell::Integer(*number),
            Value::Real(number) => Cell::Real(*number),
            Value::Text(text) => Cell::Text(text),
        }
    }

    /// A day counted from 2000-01-01; those of years with other than four digits are the nearest that have four.
    pub fn day(day: i64) -> Self {
        let (year, month, of_month) = date_of(day.clamp(FIRST_DAY, LAST_DAY));
        let digit = |number: i64| b'0' + (number % 10) as u8;
        Cell::Day([
            digit(year / 1000),
            digit(year / 100),
            digit(year / 10),
            digit(year),
            b'-',
            digit(month / 10),
            digit(month),
            b'-',
            digit(of_month / 10),
            digit(of_month),
        ])
    }

    /// The bytes of a text or day.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Cell::Text(text) => Some(text.as_bytes()),
            Cell::Day(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if this is a whole one.
    pub fn whole(&self) -> Option<i64> {
        match self {
            Cell::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The cell by itself.
    pub fn to_value(&self) -> Value {
        match self {
            Cell::Null => Value::Null,
            Cell::Integer(number) => Value::Integer(*number),
            Cell::Real(number) => Value::Real(*number),
            Cell::Text(text) => Value::text(*text),
            Cell::Day(text) => Value::Text(text.iter().copied().map(char::from).collect()),
        }
    }
}

impl Ord for Cell<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Cell::Integer(one), Cell::Integer(other)) => one.cmp(other),
            (Cell::Null, Cell::Null) => Ordering::Equal,
            (Cell::Null, _) => Ordering::Less,
            (_, Cell::Null) => Ordering::Greater,
            _ => match (self.text(), other.text()) {
                (Some(one), Some(other)) => one.cmp(other),
                (None, Some(_)) => Ordering::Less,
                (Some(_), None) => Ordering::Greater,
                (None, None) => self.to_value().cmp(&other.to_value()),
            },
        }
    }
}

impl PartialOrd for Cell<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Cell<'_> {}

/// Whole numbers up to here are exact as floating point.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl Value {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Value::Text(text.into())
    }

    /// Whether the value is unknown.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The whole number that the value equals, however it is written: `3.0` is 3.
    pub fn whole(&self) -> Option<i64> {
        match self {
            Value::Integer(number) => Some(*number),
            Value::Real(number) if number.fract() == 0.0 && number.abs() < EXACT => Some(*number as i64),
            _ => None,
        }
    }

    /// The value as a floating-point number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Value::Integer(number) => Some(*number as f64),
            Value::Real(number) => Some(*number),
            _ => None,
        }
    }

    /// The sum of the numbers among these values: exact if all are whole, else rounded to ten digits; unknown if there
    /// are none.
    pub fn sum<'a>(values: impl Iterator<Item = &'a Value> + Clone) -> Self {
        let numbers = values.clone().filter_map(Value::number);
        if numbers.clone().next().is_none() {
            return Value::Null;
        }
        let fractions = values.clone().any(|value| matches!(value, Value::Real(_)));
        if !fractions {
            return Value::Integer(values.filter_map(Value::whole).fold(0i64, i64::saturating_add));
        }
        let mut sum = Value::Real(numbers.sum());
        sum.round();
        sum
    }

    /// Bytes of a text, and of a number for every other value.
    pub fn size(&self) -> usize {
        match self {
            Value::Text(text) => text.len(),
            _ => 8,
        }
    }

    /// Rounds a number with a fraction to ten digits.
    pub fn round(&mut self) {
        if let Value::Real(number) = self {
            *number = format!("{number:.9e}").parse().unwrap_or(*number);
        }
    }

    /// The value as it stands in SQL.
    pub fn to_sql(&self) -> String {
        match self {
            Value::Null => "NULL".into(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => format!("{number:?}"),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// The value of a constant as it stands in SQL.
    pub fn of_sql(text: &str) -> Option<Self> {
        if let Some(quoted) = text.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return Some(Value::text(quoted.replace("''", "'")));
        }
        let whole = text.parse().map(Value::Integer).ok();
        whole.or_else(|| text.parse().map(Value::Real).ok())
    }

    /// A number with the other sign; other values stay as they are.
    pub fn negated(&self) -> Self {
        match self {
            Value::Integer(number) => Value::Integer(number.saturating_neg()),
            Value::Real(number) => Value::Real(-number),
            other => other.clone(),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Integer(_) | Value::Real(_) => 1,
            Value::Text(_) => 2,
        }
    }
}

/// The order of SQLite: unknown values, then numbers, then texts by their bytes. Equal numbers are the same.
impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Value::Text(one), Value::Text(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()).then_with(|| match (self.whole(), other.whole()) {
                (Some(one), Some(other)) => one.cmp(&other),
                _ => self.float().total_cmp(&other.float()),
            }),
        }
    }
}

impl Value {
    fn float(&self) -> f64 {
        match self {
            Value::Integer(number) => *number as f64,
            Value::Real(number) => *number,
            _ => 0.0,
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

/// Whether two results are the same: each row as often in both, and in the same order if `ordered`.
pub fn same_rows(one: &[Row], other: &[Row], ordered: bool) -> bool {
    one.len() == other.len() && (one == other || (!ordered && sorted(one) == sorted(other)))
}

fn sorted(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort();
    rows
}

/// The first and the last day whose year has four digits, 0000-01-01 and 9999-12-31.
pub const FIRST_DAY: i64 = -730_485;
/// See [`FIRST_DAY`].
pub const LAST_DAY: i64 = 2_921_939;

/// A day counted from 2000-01-01 as `YYYY-MM-DD`, by the Gregorian calendar.
pub fn day_text(day: i64) -> String {
    let (year, month, of_month) = date_of(day);
    format!("{year:04}-{month:02}-{of_month:02}")
}

/// Year, month and day of the month.
fn date_of(day: i64) -> (i64, i64, i64) {
    // Years are counted from March, so that a leap day is the last day of its year.
    let from_march = day + 730_425;
    let era = from_march.div_euclid(146_097);
    let of_era = from_march.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day_of_month)
}

/// The day of a text as [`day_text`] writes it.
pub fn day_of(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |width: usize| {
        let part =
            parts.next().filter(|part| part.len() == width && part.bytes().all(|b| b.is_ascii_digit()))?;
        part.parse::<i64>().ok()
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year_from_march, month_from_march) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let leaps =
        year_from_march.div_euclid(4) - year_from_march.div_euclid(100) + year_from_march.div_euclid(400);
    let number = 365 * year_from_march + leaps + of_year - 730_425;
    (day_text(number) == text).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_forth_and_back() {
        assert_eq!(day_text(0), "2000-01-01");
        assert_eq!(day_text(59), "2000-02-29");
        assert_eq!(day_text(-1), "1999-12-31");
        for day in -40_000..40_000 {
            assert_eq!(day_of(&day_text(day)), Some(day));
        }
        for wrong in ["2021-02-29", "2021-13-01", "2021-1-01", "21-01-01", "2021-01-01-01", "", "2021-01-00"]
        {
            assert_eq!(day_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_the_same_however_they_are_written() {
        assert_eq!(Value::Integer(3), Value::Real(3.0));
        assert_ne!(Value::Integer(3), Value::Real(3.000_000_1));
        assert_ne!(Value::Integer(0), Value::Null);
        assert_ne!(Value::text("3"), Value::Integer(3));
        assert!(Value::Null < Value::Integer(-5) && Value::Integer(9) < Value::text(""));
    }

    #[test]
    fn rows_are_compared_as_often_as_they_occur() {
        let row = |number: i64| vec![Value::Integer(number)];
        assert!(same_rows(&[row(1), row(2)], &[row(2), row(1)], false));
        assert!(!same_rows(&[row(1), row(2)], &[row(2), row(1)], true));
        assert!(!same_rows(&[row(1), row(1), row(2)], &[row(1), row(2), row(2)], false));
        assert!(!same_rows(&[row(1)], &[vec![Value::Integer(1), Value::Null]], false));
    }

    #[test]
    fn cells_are_plain_json() {
        let row: Row = serde_json::from_str(r#"[null,-4,2.5,"x"]"#).unwrap();
        assert_eq!(row, [Value::Null, Value::Integer(-4), Value::Real(2.5), Value::text("x")]);
        assert_eq!(serde_json::to_string(&row).unwrap(), r#"[null,-4,2.5,"x"]"#);
    }
}

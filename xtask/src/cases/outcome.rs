//! Comparing the expected with the actual result, and printing the difference.

use std::fmt;

use serde_json::Value;

use super::number::integer;
use super::Malformed;

/// Absolute tolerance of a comparison: one number, or numbers by field name. Absent means exact.
#[derive(Clone, Copy)]
pub struct Tolerance<'a>(&'a Value);

impl<'a> Tolerance<'a> {
    /// Wraps the JSON of a `tolerance` field; `null` is exact.
    pub fn new(value: &'a Value) -> Self {
        Tolerance(value)
    }

    /// No tolerance.
    pub fn exact() -> Tolerance<'static> {
        Tolerance(&Value::Null)
    }

    /// The tolerance of a field: its own entry if tolerances are given by field, else the one number for all.
    pub fn of(&self, field: &str) -> Tolerance<'a> {
        match self.0 {
            Value::Object(fields) => Tolerance(fields.get(field).unwrap_or(&Value::Null)),
            _ => *self,
        }
    }

    /// Whether a tolerance of its own is given for `field`.
    pub fn names(&self, field: &str) -> bool {
        self.0.get(field).is_some()
    }

    /// Refuses a value that is no tolerance, which would otherwise count as exact.
    pub fn check(&self, place: &str) -> Result<(), Malformed> {
        let sound = |value: &Value| value.is_null() || value.as_f64().is_some_and(|number| number >= 0.0);
        let all_sound = match self.0 {
            Value::Object(fields) => fields.values().all(sound),
            value => sound(value),
        };
        let problem = "is neither a number from 0 nor such numbers by field";
        all_sound.then_some(()).ok_or_else(|| Malformed::new(place, problem))
    }

    fn number(&self) -> f64 {
        self.0.as_f64().unwrap_or(0.0)
    }
}

/// One difference between the expected and the actual value.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch {
    field: String,
    wanted: Value,
    got: Value,
}

/// The result of a case: passed, or the list of differences.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    mismatches: Vec<Mismatch>,
}

impl Outcome {
    /// Compares `got` with `wanted`; `field` names the value in the report (may be empty).
    ///
    /// Numbers agree if they differ by at most the tolerance. Arrays must have the same length. Objects are compared
    /// by the fields that `wanted` names, each under its own tolerance if one is given by name. Strings, flags and
    /// `null` must be equal.
    pub fn compare(field: &str, wanted: &Value, got: &Value, tolerance: Tolerance) -> Outcome {
        if agrees(wanted, got, tolerance) {
            return Outcome::default();
        }
        let mismatch = Mismatch { field: field.to_owned(), wanted: wanted.clone(), got: got.clone() };
        Outcome { mismatches: vec![mismatch] }
    }

    /// Adds the differences of another comparison of the same case.
    pub fn and(mut self, other: Outcome) -> Outcome {
        self.mismatches.extend(other.mismatches);
        self
    }

    /// Whether there is no difference.
    pub fn passed(&self) -> bool {
        self.mismatches.is_empty()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Mismatch { field, wanted, got } in &self.mismatches {
            let label = if field.is_empty() { String::new() } else { format!("{field}: ") };
            writeln!(f, "     {label}wanted {wanted}")?;
            writeln!(f, "     {:width$}   got {got}", "", width = label.len())?;
        }
        Ok(())
    }
}

fn agrees(wanted: &Value, got: &Value, tolerance: Tolerance) -> bool {
    match (wanted, got) {
        _ if integer(wanted).is_some() && integer(got).is_some() => {
            numbers_agree(wanted, got, tolerance.number())
        }
        (Value::Number(_), Value::Number(_)) => numbers_agree(wanted, got, tolerance.number()),
        (Value::Array(w), Value::Array(g)) => {
            w.len() == g.len() && w.iter().zip(g).all(|(w, g)| agrees(w, g, tolerance))
        }
        (Value::Object(w), Value::Object(_)) => {
            w.iter().all(|(name, w)| got.get(name).is_some_and(|g| agrees(w, g, tolerance.of(name))))
        }
        _ => wanted == got,
    }
}

/// Integers are compared as integers, so that 64-bit amounts keep their last digit.
fn numbers_agree(wanted: &Value, got: &Value, tolerance: f64) -> bool {
    if let (Some(w), Some(g)) = (integer(wanted), integer(got)) {
        let difference = w.abs_diff(g);
        return difference == 0 || difference as f64 <= tolerance;
    }
    match (wanted.as_f64(), got.as_f64()) {
        (Some(w), Some(g)) => (w - g).abs() <= tolerance,
        _ => false,
    }
}

//! Reading a case's arguments: every missing or ill-typed field is named.

use std::fmt;

use serde_json::Value;

use super::number::integer;

/// Most times that a case repeats a step, and most entries of a list that it asks for.
const MOST_REPEATED: u64 = 1_000_000;

/// Error of a case file: the place and the problem.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("malformed case: {place} {problem}")]
pub struct Malformed {
    place: String,
    problem: String,
}

impl Malformed {
    /// An error at `place`; `problem` completes the sentence, "is not …".
    pub fn new(place: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Malformed { place: place.to_string(), problem: problem.to_string() }
    }
}

/// A JSON value together with its place in the case, so that errors can say where they are.
#[derive(Clone)]
pub struct Input<'a> {
    place: String,
    value: &'a Value,
}

impl<'a> Input<'a> {
    /// A value found at `place`.
    pub fn new(place: impl Into<String>, value: &'a Value) -> Self {
        Input { place: place.into(), value }
    }

    /// The raw JSON.
    pub fn value(&self) -> &'a Value {
        self.value
    }

    /// The place, for errors made by the caller.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// An error at this place.
    pub fn malformed(&self, problem: impl fmt::Display) -> Malformed {
        Malformed::new(&self.place, problem)
    }

    /// A field that must be there.
    pub fn field(&self, name: &str) -> Result<Input<'a>, Malformed> {
        self.optional(name).ok_or_else(|| Malformed::new(format!("{}.{name}", self.place), "is missing"))
    }

    /// A field that may be absent or `null`.
    pub fn optional(&self, name: &str) -> Option<Input<'a>> {
        let value = self.value.get(name).filter(|v| !v.is_null())?;
        Some(Input { place: format!("{}.{name}", self.place), value })
    }

    /// The elements of an array.
    pub fn items(&self) -> Result<Vec<Input<'a>>, Malformed> {
        let items = self.value.as_array().ok_or_else(|| self.malformed("is not an array"))?;
        Ok(items
            .iter()
            .enumerate()
            .map(|(i, value)| Input { place: format!("{}[{i}]", self.place), value })
            .collect())
    }

    /// The elements of an array, each read by `read`.
    pub fn list<T>(&self, read: impl Fn(&Input<'a>) -> Result<T, Malformed>) -> Result<Vec<T>, Malformed> {
        self.items()?.iter().map(read).collect()
    }

    /// An unsigned integer. A number written as `3.0` or `1e9` counts as one.
    pub fn u64(&self) -> Result<u64, Malformed> {
        if let Some(n) = self.value.as_u64() {
            return Ok(n);
        }
        match self.value.as_f64() {
            Some(x) if x.fract() == 0.0 && (0.0..18_446_744_073_709_551_616.0).contains(&x) => Ok(x as u64),
            _ => Err(self.malformed(format_args!("is {}, not an unsigned 64-bit integer", self.value))),
        }
    }

    /// An unsigned integer below 65536.
    pub fn u16(&self) -> Result<u16, Malformed> {
        self.u64().and_then(|n| {
            u16::try_from(n).map_err(|_| self.malformed(format_args!("is {n}, above the limit 65535")))
        })
    }

    /// An index or a count.
    pub fn usize(&self) -> Result<usize, Malformed> {
        self.u64().and_then(|n| {
            usize::try_from(n).map_err(|_| self.malformed(format_args!("is {n}, too large for a count")))
        })
    }

    /// Number of repetitions or entries: up to a million.
    pub fn times(&self) -> Result<u64, Malformed> {
        self.u64().and_then(|n| match n {
            0..=MOST_REPEATED => Ok(n),
            _ => Err(self.malformed(format_args!("is {n}, above the limit {MOST_REPEATED} of this runner"))),
        })
    }

    /// `true` or `false`; the numbers 1 and 0 count as such.
    pub fn bool(&self) -> Result<bool, Malformed> {
        match (self.value.as_bool(), self.value.as_u64()) {
            (Some(b), _) => Ok(b),
            (None, Some(0)) => Ok(false),
            (None, Some(1)) => Ok(true),
            _ => Err(self.malformed(format_args!("is {}, neither true nor false", self.value))),
        }
    }

    /// A string.
    pub fn str(&self) -> Result<&'a str, Malformed> {
        self.value.as_str().ok_or_else(|| self.malformed(format_args!("is {}, not a string", self.value)))
    }

    /// An unsigned integer of up to 127 bits.
    pub fn u128(&self) -> Result<u128, Malformed> {
        match integer(self.value).map(u128::try_from) {
            Some(Ok(n)) => Ok(n),
            _ => self.u64().map(u128::from),
        }
    }

    /// A number as decimal text, so that `0.1` stays one tenth and does not become the nearest binary fraction.
    /// Fixed-point types read it with `from_decimal`.
    pub fn number_text(&self) -> Result<String, Malformed> {
        match self.value {
            Value::Number(number) => Ok(number.to_string()),
            Value::String(digits) if integer(self.value).is_some() => Ok(digits.clone()),
            _ => Err(self.malformed(format_args!("is {}, not a number", self.value))),
        }
    }

    /// Field `name` as an unsigned integer, or `default` where it is absent.
    pub fn u64_or(&self, name: &str, default: u64) -> Result<u64, Malformed> {
        self.optional(name).map_or(Ok(default), |v| v.u64())
    }

    /// Field `name` as [`Self::times`], or `default` where it is absent.
    pub fn times_or(&self, name: &str, default: u64) -> Result<u64, Malformed> {
        self.optional(name).map_or(Ok(default), |v| v.times())
    }

    /// Field `name` as a `u16`, or `default` where it is absent.
    pub fn u16_or(&self, name: &str, default: u16) -> Result<u16, Malformed> {
        self.optional(name).map_or(Ok(default), |v| v.u16())
    }

    /// Field `name` as a flag, or `default` where it is absent.
    pub fn bool_or(&self, name: &str, default: bool) -> Result<bool, Malformed> {
        self.optional(name).map_or(Ok(default), |v| v.bool())
    }
}

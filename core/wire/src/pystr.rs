//! Python's `str()` of a JSON value.
//!
//! The official body hash is built from `str(value)` of Python objects. A peer in another language must produce the
//! same characters: `True`, `None`, `1e-05`, `[1, 'a']`, `{'key': 0.5}`. A value is read from JSON text as Python's
//! `json` module reads it (integers of any length, the last of several equal keys wins in the place of the first).
//!
//! JSON does not carry every Python type: a field that Python holds as a tuple, a set, an enum or a model prints
//! differently there. Protected fields should be strings and integers.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Write};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Deepest nesting of lists and objects in a protected field.
pub const MAX_DEPTH: usize = 32;

/// Reasons why a JSON value has no known Python text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PyStrError {
    /// The text is not one JSON value.
    #[error("the value is not valid JSON")]
    NotJson,
    /// Nested deeper than [`MAX_DEPTH`].
    #[error("the value is nested deeper than 32 levels")]
    TooDeep,
    /// A number that Python reads as infinite.
    #[error("the number is outside the range of a double")]
    NumberOutOfRange,
}

/// `str(value)` of the Python object that `json.loads` makes from `value`.
pub fn py_str(value: &RawValue) -> Result<String, PyStrError> {
    let text = value.get();
    if text.starts_with('"') {
        return string(text).map(Cow::into_owned);
    }
    let mut out = String::new();
    write_repr(&mut out, text, 0)?;
    Ok(out)
}

/// An object's members in the order of a Python dictionary.
pub(crate) struct Members<'a>(pub(crate) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads a JSON object; its members stay unparsed text.
    pub(crate) fn parse(json: &'a [u8]) -> Result<Self, PyStrError> {
        serde_json::from_slice(json).map_err(|_| PyStrError::NotJson)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| *value)
    }
}

/// A string that borrows where its JSON text has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members: Vec<(Cow<'de, str>, &'de RawValue)> = Vec::new();
                let mut index = alloc::collections::BTreeMap::new();
                while let Some((Text(key), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    match index.get(&key) {
                        Some(&at) => {
                            let slot: &mut (Cow<'de, str>, &'de RawValue) = &mut members[at];
                            slot.1 = value;
                        }
                        None => {
                            index.insert(key.clone(), members.len());
                            members.push((key, value));
                        }
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

fn string(json: &str) -> Result<Cow<'_, str>, PyStrError> {
    serde_json::from_str::<Text<'_>>(json).map(|text| text.0).map_err(|_| PyStrError::NotJson)
}

fn write_repr(out: &mut String, json: &str, depth: usize) -> Result<(), PyStrError> {
    if depth > MAX_DEPTH {
        return Err(PyStrError::TooDeep);
    }
    match json.as_bytes().first() {
        Some(b'n') => out.push_str("None"),
        Some(b't') => out.push_str("True"),
        Some(b'f') => out.push_str("False"),
        Some(b'"') => write_string_repr(out, &string(json)?),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).map_err(|_| PyStrError::NotJson)?;
            out.push('[');
            for (position, item) in items.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                write_repr(out, item.get(), depth + 1)?;
            }
            out.push(']');
        }
        Some(b'{') => {
            let members: Members<'_> = serde_json::from_str(json).map_err(|_| PyStrError::NotJson)?;
            out.push('{');
            for (position, (key, value)) in members.0.iter().enumerate() {
                if position > 0 {
                    out.push_str(", ");
                }
                write_string_repr(out, key);
                out.push_str(": ");
                write_repr(out, value.get(), depth + 1)?;
            }
            out.push('}');
        }
        Some(_) => write_number(out, json)?,
        None => return Err(PyStrError::NotJson),
    }
    Ok(())
}

/// Python reads a number with a fraction or an exponent as a float, any other as an integer of any length.
fn write_number(out: &mut String, json: &str) -> Result<(), PyStrError> {
    if json.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let number: f64 = json.parse().map_err(|_| PyStrError::NotJson)?;
        if !number.is_finite() {
            return Err(PyStrError::NumberOutOfRange);
        }
        write_float_repr(out, number);
    } else if json == "-0" {
        out.push('0');
    } else {
        out.push_str(json);
    }
    Ok(())
}

/// The shortest digits that read back as the same number, in Python's choice of notation: plain from 1e-4 up to
/// below 1e16, otherwise with an exponent of at least two digits.
pub(crate) fn write_float_repr(out: &mut String, number: f64) {
    let mut scientific = String::new();
    // Writing to a String cannot fail.
    let _ = write!(scientific, "{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    out.push_str(sign);
    if !(-4..16).contains(&exponent) {
        out.push_str(&digits[..1]);
        if digits.len() > 1 {
            out.push('.');
            out.push_str(&digits[1..]);
        }
        let sign = if exponent < 0 { '-' } else { '+' };
        let _ = write!(out, "e{sign}{:02}", exponent.unsigned_abs());
    } else if exponent < 0 {
        out.push_str("0.");
        (1..exponent.unsigned_abs()).for_each(|_| out.push('0'));
        out.push_str(&digits);
    } else {
        let point = exponent as usize + 1;
        if digits.len() > point {
            out.push_str(&digits[..point]);
            out.push('.');
            out.push_str(&digits[point..]);
        } else {
            out.push_str(&digits);
            (digits.len()..point).for_each(|_| out.push('0'));
            out.push_str(".0");
        }
    }
}

/// Python's `repr` of a string: single quotes unless only double quotes avoid an escape; control, format, private
/// and unassigned characters and all separators but the space are escaped.
fn write_string_repr(out: &mut String, text: &str) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if is_printable(c) => out.push(c),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..=0xff => write!(out, "\\x{code:02x}"),
                    0x100..=0xffff => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(quote);
}

/// Python's `str.isprintable` for one character.
///
/// The standard library escapes the same categories in `escape_debug`; it treats combining characters as printable
/// only behind another character, hence the leading letter. The two languages may disagree about characters that
/// one of their Unicode versions does not know yet.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return (' '..='~').contains(&c);
    }
    let mut bytes = [0u8; 5];
    bytes[0] = b'a';
    let length = 1 + c.encode_utf8(&mut bytes[1..]).len();
    match core::str::from_utf8(&bytes[..length]) {
        Ok(pair) => pair.escape_debug().nth(1) != Some('\\'),
        Err(_) => false,
    }
}

/// `str()` of the JSON text in `json`, for callers that hold text instead of a raw value.
pub fn py_str_of_json(json: &str) -> Result<String, PyStrError> {
    let raw: &RawValue = serde_json::from_str(json.trim()).map_err(|_| PyStrError::NotJson)?;
    py_str(raw)
}

/// Python's text of a number of seconds held as a float, as the official `timeout` header shows it: `12.0`, `0.5`.
pub fn seconds(milliseconds: u64) -> String {
    let (whole, thousandths) = (milliseconds / 1000, milliseconds % 1000);
    if thousandths == 0 {
        return whole.to_string() + ".0";
    }
    let mut text = String::new();
    let _ = write!(text, "{whole}.{thousandths:03}");
    text.truncate(text.trim_end_matches('0').len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn str_of(json: &str) -> String {
        py_str_of_json(json).unwrap()
    }

    #[test]
    fn scalars_print_as_in_python() {
        for (json, python) in [
            ("3", "3"),
            ("-0", "0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("true", "True"),
            ("false", "False"),
            ("null", "None"),
            ("\"hey\"", "hey"),
            ("\"it's\\n\"", "it's\n"),
        ] {
            assert_eq!(str_of(json), python, "{json}");
        }
    }

    #[test]
    fn floats_print_as_in_python() {
        for (json, python) in [
            ("0.1", "0.1"),
            ("1.0", "1.0"),
            ("1e0", "1.0"),
            ("0.00001", "1e-05"),
            ("0.0001", "0.0001"),
            ("1e-7", "1e-07"),
            ("1e15", "1000000000000000.0"),
            ("1e16", "1e+16"),
            ("1.5e300", "1.5e+300"),
            ("123456.789", "123456.789"),
            ("-0.0", "-0.0"),
            ("-2.5e-5", "-2.5e-05"),
            ("9007199254740993.0", "9007199254740992.0"),
            ("5e-324", "5e-324"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            assert_eq!(str_of(json), python, "{json}");
        }
        assert_eq!(py_str_of_json("1e999"), Err(PyStrError::NumberOutOfRange));
    }

    #[test]
    fn containers_print_as_in_python() {
        for (json, python) in [
            ("[1,\"a\"]", "[1, 'a']"),
            ("{\"a\":1}", "{'a': 1}"),
            ("[]", "[]"),
            ("{}", "{}"),
            ("{\"b\":[true,null],\"a\":{\"x\":0.5}}", "{'b': [True, None], 'a': {'x': 0.5}}"),
            ("{\"a\":1,\"b\":2,\"a\":3}", "{'a': 3, 'b': 2}"),
            (
                r#"["it's", "say \"x\"", "'\"", "\\", "\n\t\r\u0000\u007f"]"#,
                r#"["it's", 'say "x"', '\'"', '\\', '\n\t\r\x00\x7f']"#,
            ),
            (
                r#"["é\u00a0\u200b\u2028\ue000日\ud83d\ude00\u0301"]"#,
                "['é\\xa0\\u200b\\u2028\\ue000日😀\u{301}']",
            ),
            (r#"["\u0301", "\udbff\udfff"]"#, "['\u{301}', '\\U0010ffff']"),
        ] {
            assert_eq!(str_of(json), python, "{json}");
        }
    }

    #[test]
    fn deep_and_broken_values_are_refused() {
        let deep = "[".repeat(100) + &"]".repeat(100);
        assert_eq!(py_str_of_json(&deep), Err(PyStrError::TooDeep));
        for broken in ["", "[1,", "{\"a\"}", "nul", "NaN", "1 2"] {
            assert_eq!(py_str_of_json(broken), Err(PyStrError::NotJson), "{broken}");
        }
    }

    #[test]
    fn seconds_print_as_floats() {
        assert_eq!(seconds(12_000), "12.0");
        assert_eq!(seconds(500), "0.5");
        assert_eq!(seconds(1_250), "1.25");
        assert_eq!(seconds(0), "0.0");
    }

    #[test]
    fn what_is_nested_as_deep_as_allowed_is_printed() {
        let lists = |depth: usize| "[".repeat(depth) + "1" + &"]".repeat(depth);
        let objects = |depth: usize| "{\"a\": ".repeat(depth) + "1" + &"}".repeat(depth);
        assert_eq!(str_of(&lists(MAX_DEPTH)), lists(MAX_DEPTH));
        assert_eq!(str_of(&objects(MAX_DEPTH)), objects(MAX_DEPTH).replace('"', "'"));
        for deeper in [lists(MAX_DEPTH + 1), objects(MAX_DEPTH + 1)] {
            assert_eq!(py_str_of_json(&deeper), Err(PyStrError::TooDeep));
        }
    }
}

//! Integers beyond 64 bits in JSON.
//!
//! The JSON reader turns them into doubles, which would lose their last digits. So they are put in quotes before
//! reading ([`quote_large_integers`]) and understood again where a number is wanted ([`integer`]).

use serde_json::{json, Value};

/// Puts every unsigned integer literal above 2⁶⁴ − 1 that stands outside of strings in quotes.
pub fn quote_large_integers(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let number =
            rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || "+-.eE".contains(c)).len();
        if !in_string && c.is_ascii_digit() {
            let (literal, after) = rest.split_at(number);
            let large = literal.parse::<u64>().is_err() && literal.bytes().all(|b| b.is_ascii_digit());
            quoted.push_str(&if large { format!("\"{literal}\"") } else { literal.to_owned() });
            rest = after;
            continue;
        }
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = in_string,
            '"' => in_string = !in_string,
            _ => {}
        }
        quoted.push(c);
        rest = &rest[c.len_utf8()..];
    }
    quoted
}

/// An integer value, also one in quotes.
pub fn integer(value: &Value) -> Option<i128> {
    match value {
        Value::String(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok(),
        _ => value.as_u64().map(i128::from).or_else(|| value.as_i64().map(i128::from)),
    }
}

/// An integer as JSON, in quotes if it is large.
pub fn to_json(number: u128) -> Value {
    u64::try_from(number).map_or_else(|_| json!(number.to_string()), |number| json!(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_integers_outside_of_strings_are_quoted() {
        let text = r#"{"12345678901234567890123": [-5, 1.0000000000000000000001, 18446744073709551615, 36893488147419103232, "\"98765432109876543210\""]}"#;
        let expected = r#"{"12345678901234567890123": [-5, 1.0000000000000000000001, 18446744073709551615, "36893488147419103232", "\"98765432109876543210\""]}"#;
        assert_eq!(quote_large_integers(text), expected);
    }

    #[test]
    fn large_integers_keep_their_last_digit() {
        let value: Value =
            serde_json::from_str(&quote_large_integers("[36893488147419103233]")).expect("JSON");
        assert_eq!(integer(&value[0]), Some((1i128 << 65) + 1));
        assert_eq!(to_json((1 << 65) + 1), value[0]);
        assert_eq!(to_json(7), json!(7));
    }
}

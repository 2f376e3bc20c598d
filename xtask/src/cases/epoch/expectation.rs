//! Expectation of a step: named fields of the epoch's result, whole or in part.
//!
//! A name may carry a selector. `field@unit` is every value / 65535. `field@uids:a,b` are those entries. For
//! rows by validator, as many as the expectation has, `field@cols:a,b` are those columns / 65535 and
//! `field@col:j` is one raw column.

use myelin_yuma::EpochOutput;
use serde_json::{json, Value};

use super::subnet::Subnet;
use crate::cases::{Input, Malformed, Outcome, Tolerance};

/// Compares every field that `expect` names.
pub fn compare(
    expect: &Input,
    subnet: &Subnet,
    output: &EpochOutput,
    tolerances: [&Value; 2],
) -> Result<Outcome, Malformed> {
    let fields = expect.value().as_object().ok_or_else(|| expect.malformed("is not an object"))?;
    if fields.is_empty() {
        return Err(expect.malformed("names no field, so any result would pass"));
    }
    let mut outcome = Outcome::default();
    for (name, wanted) in fields {
        let place = Input::new(format!("{}.{name}", expect.place()), wanted);
        let (field, selector) = name.split_once('@').unwrap_or((name, ""));
        let whole = field_of(field, subnet, output)
            .ok_or_else(|| place.malformed("is not a known field of an epoch's result"))?;
        let got = select(whole, selector, wanted).ok_or_else(|| {
            place.malformed(format_args!("has a selector {selector:?} that does not fit the field"))
        })?;
        let label = format!("{}: {name}", expect.place());
        outcome = outcome.and(Outcome::compare(&label, wanted, &got, tolerance(name, field, tolerances)));
    }
    Ok(outcome)
}

/// The tolerance of a field: the step's or else the case's, by its full name, by the name without selector,
/// or one for all.
fn tolerance<'a>(name: &str, field: &str, tolerances: [&'a Value; 2]) -> Tolerance<'a> {
    let given = tolerances.into_iter().find_map(|tolerance| {
        let by_field = Tolerance::new(tolerance);
        let named = [name, field].into_iter().find(|name| by_field.names(name));
        named.map(|name| by_field.of(name)).or_else(|| tolerance.is_number().then_some(by_field))
    });
    given.unwrap_or(Tolerance::exact())
}

/// A field of the result as JSON: a vector by uid, or dense rows by validator.
fn field_of(name: &str, subnet: &Subnet, output: &EpochOutput) -> Option<Value> {
    let n = subnet.neurons();
    Some(match name {
        "stake_weight" => json!(output.stake_weight),
        "consensus" => json!(output.consensus),
        "incentive" => json!(output.incentive),
        "dividends" => json!(output.dividends),
        "trust" | "validator_trust" => json!(output.validator_trust),
        "server_emission" => json!(output.server_emission),
        "validator_emission" => json!(output.validator_emission),
        "emission" | "combined_emission" => json!(output.emission),
        "active" => json!(output.active),
        "permits" | "validator_permits" => json!(output.permits),
        "bonds" => json!(dense(&output.bonds, n)),
        "weights" => json!(dense(subnet.weights(), n)),
        "last_update" => json!(subnet.last_update()),
        _ => return None,
    })
}

/// Rows with a value for every column.
fn dense(rows: &[Vec<(u16, u16)>], n: usize) -> Vec<Vec<u16>> {
    let row = |entries: &Vec<(u16, u16)>| {
        let mut row = vec![0; n];
        for &(column, value) in entries {
            row[usize::from(column)] = value;
        }
        row
    };
    rows.iter().map(row).collect()
}

/// The part of a field that a selector names; `None` if it does not fit.
fn select(whole: Value, selector: &str, wanted: &Value) -> Option<Value> {
    let (kind, list) = selector.split_once(':').unwrap_or((selector, ""));
    let places: Vec<usize> = match list {
        "" => vec![],
        _ => list.split(',').map(|place| place.trim().parse().ok()).collect::<Option<_>>()?,
    };
    match kind {
        "" => Some(whole),
        "unit" => in_units(&whole),
        "uids" if !places.is_empty() => pick(&whole, &places),
        "cols" if !places.is_empty() => {
            first_rows(&whole, wanted)?.iter().map(|row| in_units(&pick(row, &places)?)).collect()
        }
        "col" if places.len() == 1 => {
            first_rows(&whole, wanted)?.iter().map(|row| row.get(places[0]).cloned()).collect()
        }
        _ => None,
    }
}

/// The first rows, as many as the expectation has, or all if there are fewer.
fn first_rows<'a>(whole: &'a Value, wanted: &Value) -> Option<&'a [Value]> {
    let rows = whole.as_array()?;
    Some(&rows[..rows.len().min(wanted.as_array()?.len())])
}

/// The entries at the given places.
fn pick(values: &Value, places: &[usize]) -> Option<Value> {
    places.iter().map(|&place| values.get(place).cloned()).collect()
}

/// Every number / 65535.
fn in_units(values: &Value) -> Option<Value> {
    match values {
        Value::Array(values) => values.iter().map(in_units).collect(),
        _ => Some(json!(values.as_u64()? as f64 / 65_535.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_pick_the_named_part() {
        let bonds = json!([[0, 65535, 13107], [1, 2, 3], [4, 5, 6]]);
        let two_rows = json!([0, 0]);
        let part = |selector| select(bonds.clone(), selector, &two_rows);
        assert_eq!(part("cols:1,2"), Some(json!([[1.0, 0.2], [2.0 / 65535.0, 3.0 / 65535.0]])));
        assert_eq!(part("col:0"), Some(json!([0, 1])));
        assert_eq!(part("uids:2"), Some(json!([[4, 5, 6]])));
        assert_eq!(part(""), Some(bonds.clone()));
        assert_eq!(select(json!([65535, 0]), "unit", &Value::Null), Some(json!([1.0, 0.0])));
    }

    #[test]
    fn selectors_that_do_not_fit_are_refused() {
        let vector = json!([1, 2]);
        for selector in ["cols:0", "col:0", "uids:2", "uids:", "uids:x", "rows:1", "col:0,1"] {
            assert_eq!(select(vector.clone(), selector, &json!([0])), None, "{selector}");
        }
    }

    #[test]
    fn the_nearest_tolerance_counts() {
        let case = json!({"bonds": 3, "emission": 7});
        let wide = |name: &str, field: &str, step: &Value| {
            let tolerance = tolerance(name, field, [step, &case]);
            Outcome::compare("", &json!(10), &json!(15), tolerance).passed()
        };
        assert!(wide("emission", "emission", &Value::Null));
        assert!(!wide("bonds@col:1", "bonds", &Value::Null));
        assert!(wide("bonds@col:1", "bonds", &json!({"bonds@col:1": 5})));
        assert!(wide("bonds@col:1", "bonds", &json!({"bonds": 5})));
        assert!(wide("trust", "trust", &json!(5)));
        assert!(!wide("trust", "trust", &Value::Null));
    }
}

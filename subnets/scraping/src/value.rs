//! Values of rows: each kind has one form, and pages write it in many ways.

use serde::{Deserialize, Serialize};
use url::Url;

use crate::protocol::LONGEST_ADDRESS;

/// The form of a field's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Words with single blanks between them.
    #[default]
    Text,
    /// Digits with a decimal point, without zeros that say nothing: `1234.5`.
    Number,
    /// Year, month and day: `2026-03-09`.
    Date,
    /// A whole address.
    Link,
}

/// A way in which pages write values of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reading {
    /// As it stands.
    Text,
    /// The first number, with this mark before its decimals.
    Number(char),
    /// The first date, with its numbers in this order.
    Date(Order),
    /// An address, relative to that of the page.
    Link,
}

/// Order of a date's numbers. Months that are written as words need none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Order {
    /// Year, month, day.
    Ymd,
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
}

/// Most digits of a number, and of its decimals.
const MOST_DIGITS: usize = 18;
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Kind {
    /// The ways in which its values are written.
    pub fn readings(self) -> &'static [Reading] {
        match self {
            Kind::Text => &[Reading::Text],
            Kind::Number => &[Reading::Number('.'), Reading::Number(',')],
            Kind::Date => &[Reading::Date(Order::Ymd), Reading::Date(Order::Dmy), Reading::Date(Order::Mdy)],
            Kind::Link => &[Reading::Link],
        }
    }

    /// Whether a value has this form, or is missing.
    pub fn is_form(self, value: &str) -> bool {
        let reads = |reading: Reading| reading.read(value, None).is_some_and(|read| read == value);
        value.is_empty() || self.readings().first().is_some_and(|reading| reads(*reading))
    }
}

impl Reading {
    /// The reading of a kind under which the most of these values make sense.
    pub fn of<'a>(kind: Kind, written: impl Iterator<Item = &'a str> + Clone) -> Self {
        let readings = kind.readings();
        let makes_sense = |reading: &Reading| match reading {
            // One or two digits behind a mark are decimals, three may be thousands.
            Reading::Number(mark) => written.clone().filter(|text| has_decimals(text, *mark)).count(),
            other => written.clone().filter(|text| other.read(text, None).is_some()).count(),
        };
        // Of equals the first is taken.
        readings.iter().rev().copied().max_by_key(makes_sense).unwrap_or(Reading::Text)
    }

    /// The value in its one form; `None` if there is none. `base` is the address of the page.
    pub fn read(self, written: &str, base: Option<&Url>) -> Option<String> {
        match self {
            // A dash says that there is nothing.
            Reading::Text => Some(words(written)).filter(|text| text.contains(char::is_alphanumeric)),
            Reading::Number(mark) => number(written, mark),
            Reading::Date(order) => date(written, order),
            Reading::Link => link(written, base),
        }
    }
}

/// A text with single blanks.
pub fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The first number of a text, whose decimals follow `mark`. Blanks, points, commas and apostrophes between three
/// digits and another three separate thousands.
fn number(text: &str, mark: char) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let digit = |at: usize| letters.get(at).is_some_and(char::is_ascii_digit);
    let start = (0..letters.len()).find(|at| digit(*at))?;
    let negative = letters[..start].last().is_some_and(|letter| matches!(letter, '-' | '−'));
    let three = |at: usize| (1..=3).all(|step| digit(at + step)) && !digit(at + 4);
    let separates = |letter: char| {
        letter != mark && matches!(letter, '.' | ',' | ' ' | '\'' | '\u{a0}' | '\u{202f}' | '\u{2009}')
    };
    let (mut whole, mut decimals, mut at) = (String::new(), String::new(), start);
    while let Some(letter) = letters.get(at) {
        if letter.is_ascii_digit() {
            whole.push(*letter);
        } else if !(separates(*letter) && three(at)) {
            break;
        }
        at += 1;
    }
    if letters.get(at) == Some(&mark) {
        decimals = letters[at + 1..].iter().take_while(|letter| letter.is_ascii_digit()).collect();
    }
    if whole.len() > MOST_DIGITS || decimals.len() > MOST_DIGITS {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let decimals = decimals.trim_end_matches('0');
    let sign = if negative && !(whole.is_empty() && decimals.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if decimals.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{decimals}") })
}

/// Whether a text has a digit, a mark, and one or two digits behind it.
fn has_decimals(text: &str, mark: char) -> bool {
    text.match_indices(mark).any(|(at, found)| {
        let digits = text[at + found.len()..].bytes().take_while(u8::is_ascii_digit).count();
        (1..=2).contains(&digits) && text[..at].ends_with(|letter: char| letter.is_ascii_digit())
    })
}

/// A word of a date.
enum Part {
    Number(u32),
    Month(u32),
}

/// The first date of a text.
fn date(text: &str, order: Order) -> Option<String> {
    let parts: Vec<Part> = text.split(|letter: char| !letter.is_alphanumeric()).filter_map(part).collect();
    let found = parts.windows(3).find_map(|parts| {
        let (year, month, day) = match parts {
            [Part::Number(a), Part::Number(b), Part::Number(c)] => match order {
                Order::Ymd => (*a, *b, *c),
                Order::Dmy => (*c, *b, *a),
                Order::Mdy => (*c, *a, *b),
            },
            [Part::Number(day), Part::Month(month), Part::Number(year)]
            | [Part::Month(month), Part::Number(day), Part::Number(year)] => (*year, *month, *day),
            _ => return None,
        };
        let valid = (1000..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days(year, month)).contains(&day);
        valid.then_some((year, month, day))
    });
    found.map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"))
}

fn part(word: &str) -> Option<Part> {
    let digits = word.bytes().take_while(u8::is_ascii_digit).count();
    if digits > 0 {
        // An ordinal has its ending, and a time stamp goes on with the hour.
        let rest = &word[digits..];
        let ends = rest.is_empty() || matches!(rest, "st" | "nd" | "rd" | "th") || rest.starts_with('T');
        return ends.then(|| word[..digits].parse().ok().map(Part::Number)).flatten();
    }
    let lower = word.to_lowercase();
    let month = MONTHS.iter().position(|month| lower.starts_with(month))?;
    // "marine" is no month.
    let whole = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let known = lower.len() <= 4 || whole[month] == lower;
    known.then(|| u32::try_from(month + 1).map(Part::Month).ok()).flatten()
}

/// Days of a month.
pub fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 31,
    }
}

fn link(written: &str, base: Option<&Url>) -> Option<String> {
    let written = written.trim();
    if written.is_empty() || written.len() > LONGEST_ADDRESS {
        return None;
    }
    let url = match base {
        Some(base) => base.join(written),
        None => Url::parse(written),
    };
    let url = url.ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_by_their_mark() {
        let read = |text: &str, mark| Reading::Number(mark).read(text, None).unwrap_or_default();
        for (text, mark, wanted) in [
            ("€ 1,234.50", '.', "1234.5"),
            ("1.234,50 €", ',', "1234.5"),
            ("1 234,5", ',', "1234.5"),
            ("1\u{202f}234\u{a0}567 kr", ',', "1234567"),
            ("12'500", '.', "12500"),
            ("was 12 now 9", '.', "12"),
            ("-0.50", '.', "-0.5"),
            ("-0", '.', "0"),
            ("007", '.', "7"),
            ("1,5", '.', "1"),
            ("12,345", ',', "12.345"),
            ("12,345", '.', "12345"),
            ("12,3456", '.', "12"),
            ("none", '.', ""),
            (&"9".repeat(19), '.', ""),
        ] {
            assert_eq!(read(text, mark), wanted, "{text}");
        }
    }

    #[test]
    fn the_way_of_a_column_is_seen_from_all_its_values() {
        let of = |kind, written: &[&'static str]| Reading::of(kind, written.iter().copied());
        assert_eq!(of(Kind::Number, &["1.234", "5,50"]), Reading::Number(','));
        assert_eq!(of(Kind::Number, &["1,234", "7"]), Reading::Number('.'));
        assert_eq!(of(Kind::Date, &["03/04/2026", "25/04/2026"]), Reading::Date(Order::Dmy));
        assert_eq!(of(Kind::Date, &["03/04/2026", "04/25/2026"]), Reading::Date(Order::Mdy));
        assert_eq!(of(Kind::Link, &["/x"]), Reading::Link);
    }

    #[test]
    fn dates_are_read_by_their_order() {
        let read = |text: &str, order| Reading::Date(order).read(text, None).unwrap_or_default();
        for (text, order, wanted) in [
            ("2026-03-09", Order::Ymd, "2026-03-09"),
            ("2026-03-09T10:11:12Z", Order::Ymd, "2026-03-09"),
            ("09.03.2026", Order::Dmy, "2026-03-09"),
            ("3/9/2026", Order::Mdy, "2026-03-09"),
            ("posted 9 March 2026 by x", Order::Ymd, "2026-03-09"),
            ("Mar 9th, 2026", Order::Ymd, "2026-03-09"),
            ("31.02.2026", Order::Dmy, ""),
            ("29.02.2024", Order::Dmy, "2024-02-29"),
            ("9 marine 2026", Order::Dmy, ""),
            ("12 of 2026", Order::Dmy, ""),
        ] {
            assert_eq!(read(text, order), wanted, "{text}");
        }
    }

    #[test]
    fn links_are_whole_and_lead_to_the_web() {
        let base = Url::parse("https://a.example/list/2?x=1").unwrap();
        let read = |text: &str| Reading::Link.read(text, Some(&base)).unwrap_or_default();
        assert_eq!(read("../item/7"), "https://a.example/item/7");
        assert_eq!(read("//b.example"), "https://b.example/");
        assert_eq!(read("javascript:alert(1)"), "");
        assert_eq!(read("mailto:a@b.example"), "");
        assert!(Kind::Link.is_form("https://a.example/") && !Kind::Link.is_form("/item"));
    }

    proptest! {
        #[test]
        fn a_value_that_was_read_is_in_its_one_form(text in ".{0,60}", digits in "[0-9., '€-]{0,24}") {
            for kind in [Kind::Text, Kind::Number, Kind::Date, Kind::Link] {
                for reading in kind.readings() {
                    for written in [&text, &digits] {
                        if let Some(value) = reading.read(written, None) {
                            prop_assert!(kind.is_form(&value), "{:?} {:?}", reading, value);
                        }
                    }
                }
            }
        }
    }
}

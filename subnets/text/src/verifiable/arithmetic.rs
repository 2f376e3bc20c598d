//! Arithmetic in words: a story of some steps with a question for one number at its end.

use myelin_wire::seed::SeedRng;

use super::{chat, phrases::Phrases, tokens};
use crate::protocol::TextRequest;

/// Numbers in a story stay in this range: small ones could be guessed, and large ones are another difficulty.
const NUMBERS: std::ops::Range<i64> = 20..20_000;
/// Attempts to draw a step: one in three fits at least.
const ATTEMPTS: usize = 400;

/// A story of so many steps with its answer.
pub fn draw(phrases: &Phrases, grade: u32, rng: &mut SeedRng) -> Option<(TextRequest, i64)> {
    let name = rng.choose(&phrases.names)?.clone();
    let other = (0..16).filter_map(|_| rng.choose(&phrases.names)).find(|other| **other != name)?.clone();
    let items = rng.choose(&phrases.items)?.clone();
    let say = |construct: &str, number: i64, rng: &mut SeedRng| {
        let n = number.to_string();
        let slots = [("name", name.as_str()), ("other", &other), ("items", &items), ("n", &n)];
        phrases.arithmetic.say(construct, &slots, rng)
    };
    let mut value = rng.range(24, 160) as i64;
    let mut said = vec![say("start", value, rng)];
    // A second person is one more step.
    let compared = if grade > 1 { rng.below(3) } else { 2 };
    let mut last = "";
    for _ in 0..grade - u32::from(compared < 2) {
        let (construct, number, next) = (0..ATTEMPTS).find_map(|_| step(value, last, rng))?;
        said.push(say(construct, number, rng));
        (value, last) = (next, construct);
        if rng.below(8) == 0 {
            said.push(say("idle", rng.range(11, 99) as i64, rng));
        }
    }
    let question = match compared {
        0 => {
            let more = rng.range(3, 60) as i64;
            said.push(say("more", more, rng));
            value = 2 * value + more;
            "ask_both"
        }
        1 => {
            let fewer = rng.range(1, (value as u64).min(60) - 1) as i64;
            said.push(say("fewer", fewer, rng));
            value = 2 * value - fewer;
            "ask_both"
        }
        _ => "ask",
    };
    said.push(say(question, 0, rng));
    let form = say("form", 0, rng);
    Some((chat(format!("{} {form}", said.join(" ")), tokens(64, 24, grade)), value))
}

/// A step that leaves a whole number in range: its construct, the number it names, and the number after it.
fn step(value: i64, last: &str, rng: &mut SeedRng) -> Option<(&'static str, i64, i64)> {
    let (construct, number) = match rng.below(6) {
        0 => ("gain", rng.range(5, 90) as i64),
        1 => ("lose", rng.range(2, value.clamp(3, 90) as u64 - 1) as i64),
        2 => ("times", rng.range(2, 7) as i64),
        3 => ("share", rng.range(2, 9) as i64),
        4 => ("part", rng.range(2, 9) as i64),
        _ => ("percent", *rng.choose(&[10, 20, 25, 40, 50, 60, 75])?),
    };
    let next = match construct {
        "gain" => value + number,
        "lose" => value - number,
        "times" => value * number,
        "share" => exact(value, number)?,
        "part" => value - exact(value, number)?,
        _ => value - exact(value * number, 100)?,
    };
    (construct != last && NUMBERS.contains(&next)).then_some((construct, number, next))
}

fn exact(value: i64, by: i64) -> Option<i64> {
    (value % by == 0).then(|| value / by)
}

/// Whether a text gives this number: the first one after the last `ANSWER:`, else the last one in the text.
///
/// One number is read, so naming many gains nothing.
pub fn is_answered_by(number: i64, text: &str) -> bool {
    let marked = text.to_ascii_uppercase().rfind("ANSWER:").and_then(|at| text.get(at + "ANSWER:".len()..));
    match marked {
        Some(rest) => numbers(rest).next() == Some(number),
        None => numbers(text).last() == Some(number),
    }
}

/// The whole numbers of a text; commas between digits group them, and a fraction of zeros changes nothing. Digits
/// within words are not numbers, because random letters would hit small ones.
fn numbers(text: &str) -> impl Iterator<Item = i64> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || loop {
        let at = rest.find(|c: char| c.is_ascii_digit())?;
        let negative = rest[..at].ends_with('-') || rest[..at].ends_with('−');
        let mut whole = !rest[..at].ends_with(is_of_word);
        let digits = &rest[at..];
        let grouped = |c: char| c.is_ascii_digit() || c == ',';
        let end = digits.find(|c| !grouped(c)).unwrap_or(digits.len());
        let mut after = &digits[end..];
        if let Some(fraction) = after.strip_prefix('.') {
            let length = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            whole &= fraction[..length].bytes().all(|byte| byte == b'0');
            after = &fraction[length..];
        }
        whole &= !after.starts_with(is_of_word);
        rest = after;
        let plain: String = digits[..end].chars().filter(char::is_ascii_digit).collect();
        match plain.parse::<i64>() {
            Ok(number) if whole => return Some(if negative { -number } else { number }),
            _ => continue,
        }
    })
}

fn is_of_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

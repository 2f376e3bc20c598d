//! Programs: a list of steps with two examples specifies a function, and a miner's script is run on inputs that it has
//! not seen.
//!
//! A specification is drawn until leaving out any step changes the result of a hidden input, and no fixed answer fits
//! two of them.

use std::collections::BTreeSet;

use myelin_subnet::Effort;
use myelin_wire::{record::Reason, seed::SeedRng};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{chat, phrases::Phrases, tokens};
use crate::{
    javascript::{self, ScriptError},
    protocol::TextRequest,
};

/// Examples in a specification.
const EXAMPLES: usize = 2;
/// Hidden inputs.
const HIDDEN: usize = 6;
/// Most attempts to draw a specification with inputs that test it, and to draw a step that fits.
const ATTEMPTS: usize = 200;
const STEPS: usize = 40;
/// Highest grade of a specification over words: they have few kinds of steps.
const OF_WORDS: u32 = 7;
/// Lists keep so many elements at least, and numbers and words stay this small.
const LEAST: usize = 3;
const LARGEST: u64 = 1_000_000;
const LONGEST: usize = 40;
/// Longest program in bytes.
pub const PROGRAM_BYTES: usize = 8 * 1024;

/// An input with the right result, both as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// The argument.
    pub input: String,
    /// The right result of the function.
    pub output: String,
}

/// One step of a specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    KeepDivisible(i64),
    KeepAbove(i64),
    KeepBelow(i64),
    DropEvery(usize),
    TimesPlus(i64, i64),
    Differences,
    RunningSum,
    Ascending,
    Descending,
    Reversed,
    Distinct,
    Rotate(usize),
    Digits,
    Clamp(i64, i64),
    Longer(usize),
    Containing(char),
    Lacking(char),
    Backwards,
    ByLength,
    Alphabetical,
    Doubled,
}

/// The result of a specification after its steps; without an end it is the list itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Sum,
    Greatest,
    Spread,
    Alternating,
    Rise,
    Variety,
    Joined(char),
    Initials,
    Letters,
}

/// A list of numbers or of words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Numbers(Vec<i64>),
    Words(Vec<String>),
}

struct Plan {
    steps: Vec<Step>,
    end: Option<End>,
}

/// A specification of so many steps with its hidden cases.
pub fn draw(phrases: &Phrases, grade: u32, rng: &mut SeedRng) -> Option<(TextRequest, Vec<Case>)> {
    let of_words = grade <= OF_WORDS && rng.below(3) == 0;
    let (plan, inputs) = (0..ATTEMPTS).find_map(|_| {
        let inputs = (0..EXAMPLES + HIDDEN)
            .map(|_| if of_words { words(phrases, grade, rng) } else { Some(numbers(grade, rng)) })
            .collect::<Option<Vec<_>>>()?;
        let plan = Plan::draw(of_words, grade, &inputs, rng)?;
        plan.is_told_by(&inputs).then_some((plan, inputs))
    })?;
    let cases: Vec<Case> = inputs
        .into_iter()
        .map(|input| Case { input: input.json().to_string(), output: plan.run(input).to_string() })
        .collect();
    let (shown, hidden) = cases.split_at(EXAMPLES);
    let mut text = plan.said(of_words, phrases, rng);
    for case in shown {
        text.push_str(&format!("\nFor example, solve({}) returns {}.", case.input, case.output));
    }
    text.push_str(&format!("\n{}", phrases.code.say("form", &[], rng)));
    Some((chat(text, tokens(256, 48, grade)), hidden.to_vec()))
}

fn numbers(grade: u32, rng: &mut SeedRng) -> List {
    let widest = *rng.choose(&[12, 40, 150]).unwrap_or(&40);
    List::Numbers(
        (0..rng.range(7, 16) + u64::from(grade))
            .map(|_| rng.range(0, 2 * widest) as i64 - widest as i64 / 2)
            .collect(),
    )
}

fn words(phrases: &Phrases, grade: u32, rng: &mut SeedRng) -> Option<List> {
    let count = rng.range(5, 10) + u64::from(grade);
    (0..count).map(|_| rng.choose(&phrases.words).cloned()).collect::<Option<_>>().map(List::Words)
}

impl Plan {
    /// Draws step after step: one that these inputs notice, and that hides none of those before it.
    fn draw(of_words: bool, grade: u32, inputs: &[List], rng: &mut SeedRng) -> Option<Self> {
        use End::*;
        let ends: &[End] = match of_words {
            true => &[Joined('-'), Joined('+'), Joined('/'), Initials, Letters],
            false => &[Sum, Greatest, Spread, Alternating, Rise, Variety],
        };
        // The end is a step too.
        let end = (grade > 1 && rng.below(4) > 0).then(|| rng.choose(ends).copied()).flatten();
        let mut plan = Self { steps: Vec::new(), end: None };
        for _ in 0..grade - u32::from(end.is_some()) {
            plan = (0..STEPS).find_map(|_| {
                let step = if of_words { Step::of_words(rng)? } else { Step::of_numbers(rng) };
                let kind = std::mem::discriminant(&step);
                if plan.steps.last().is_some_and(|last| std::mem::discriminant(last) == kind) {
                    return None;
                }
                let steps = plan.steps.iter().copied().chain([step]).collect();
                let longer = Self { steps, end: None };
                let fits = inputs.iter().all(|input| longer.list(input.clone()).is_handy());
                (fits && longer.is_noticed_by(&inputs[EXAMPLES..])).then_some(longer)
            })?;
        }
        Some(Self { end, ..plan })
    }

    /// Whether leaving out any step changes the result of one of these inputs.
    fn is_noticed_by(&self, inputs: &[List]) -> bool {
        let results: Vec<Value> = inputs.iter().map(|input| self.run(input.clone())).collect();
        (0..self.steps.len()).all(|left_out| {
            let mut steps = self.steps.clone();
            steps.remove(left_out);
            let other = Plan { steps, end: self.end };
            inputs.iter().zip(&results).any(|(input, result)| other.run(input.clone()) != *result)
        })
    }

    /// Whether leaving out any step changes the result of a hidden input, and results differ from each other and from
    /// their inputs.
    fn is_told_by(&self, inputs: &[List]) -> bool {
        let results: Vec<Value> = inputs.iter().map(|input| self.run(input.clone())).collect();
        let distinct: BTreeSet<String> = results.iter().map(Value::to_string).collect();
        let telling = |(input, result): (&List, &Value)| input.json() != *result && !is_dull(result);
        self.is_noticed_by(&inputs[EXAMPLES..])
            && distinct.len() == results.len()
            && inputs.iter().zip(&results).all(telling)
    }

    fn run(&self, input: List) -> Value {
        match (self.end, self.list(input)) {
            (Some(end), list) => end.of(&list),
            (None, list) => list.json(),
        }
    }

    /// The list after the steps.
    fn list(&self, input: List) -> List {
        self.steps.iter().fold(input, |list, step| step.apply(list))
    }

    fn said(&self, of_words: bool, phrases: &Phrases, rng: &mut SeedRng) -> String {
        let gives = match self.end {
            None => "an array",
            Some(End::Joined(_) | End::Initials) => "a text",
            Some(_) => "a number",
        };
        let head = if of_words { "words" } else { "numbers" };
        let mut text = phrases.code.say(head, &[("gives", gives)], rng);
        let steps = self.steps.iter().map(|step| step.named());
        let ends = self.end.iter().map(|end| end.named());
        for (number, (construct, n, m, c)) in steps.chain(ends).enumerate() {
            let (n, m, c) = (n.to_string(), m.to_string(), c.to_string());
            let slots = [("n", n.as_str()), ("m", &m), ("c", &c)];
            let said = phrases.code.say(construct, &slots, rng);
            text.push_str(&format!("\n{}. {said}", number + 1));
        }
        if self.end.is_none() {
            text.push_str("\nReturn the resulting array.");
        }
        text
    }
}

/// Whether a result is one that careless programs hit.
fn is_dull(result: &Value) -> bool {
    match result {
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_i64().is_none_or(|number| number.abs() < 2),
        _ => true,
    }
}

/// A construct, its two numbers and its letter.
pub(crate) type Named = (&'static str, i64, i64, char);

impl Step {
    fn of_numbers(rng: &mut SeedRng) -> Self {
        use Step::*;
        let small = |rng: &mut SeedRng| rng.range(2, 5) as i64;
        match rng.below(14) {
            0 => KeepDivisible(small(rng)),
            1 => KeepAbove(rng.range(0, 12) as i64 - 4),
            2 => KeepBelow(rng.range(4, 30) as i64),
            3 => DropEvery(small(rng) as usize),
            4 => TimesPlus(small(rng), rng.range(1, 9) as i64),
            5 => Differences,
            6 => RunningSum,
            7 => Ascending,
            8 => Descending,
            9 => Reversed,
            10 => Distinct,
            11 => Rotate(small(rng) as usize),
            12 => Digits,
            _ => Clamp(rng.range(0, 6) as i64 - 5, rng.range(8, 20) as i64),
        }
    }

    fn of_words(rng: &mut SeedRng) -> Option<Self> {
        use Step::*;
        let letter =
            |rng: &mut SeedRng| rng.choose(&['a', 'e', 'i', 'l', 'm', 'n', 'o', 'r', 's', 't']).copied();
        Some(match rng.below(9) {
            0 => Longer(rng.range(3, 5) as usize),
            1 => Containing(letter(rng)?),
            2 => Lacking(letter(rng)?),
            3 => Backwards,
            4 => ByLength,
            5 => Alphabetical,
            6 => Doubled,
            7 => Distinct,
            _ => Rotate(rng.range(2, 4) as usize),
        })
    }

    fn named(&self) -> Named {
        use Step::*;
        let plain = |name| (name, 0, 0, ' ');
        match *self {
            KeepDivisible(n) => ("keep_divisible", n, 0, ' '),
            KeepAbove(n) => ("keep_above", n, 0, ' '),
            KeepBelow(n) => ("keep_below", n, 0, ' '),
            DropEvery(n) => ("drop_every", n as i64, 0, ' '),
            TimesPlus(n, m) => ("times_plus", n, m, ' '),
            Differences => plain("differences"),
            RunningSum => plain("running_sum"),
            Ascending => plain("ascending"),
            Descending => plain("descending"),
            Reversed => plain("reversed"),
            Distinct => plain("distinct"),
            Rotate(n) => ("rotate", n as i64, 0, ' '),
            Digits => plain("digits"),
            Clamp(low, high) => ("clamp", low, high, ' '),
            Longer(n) => ("longer", n as i64, 0, ' '),
            Containing(c) => ("containing", 0, 0, c),
            Lacking(c) => ("lacking", 0, 0, c),
            Backwards => plain("backwards"),
            ByLength => plain("by_length"),
            Alphabetical => plain("alphabetical"),
            Doubled => plain("doubled"),
        }
    }

    fn apply(&self, list: List) -> List {
        match list {
            List::Numbers(numbers) => List::Numbers(self.of(numbers)),
            List::Words(words) => List::Words(self.to(words)),
        }
    }

    /// With a step left out numbers may grow without limit. They are compared and never shown, so they saturate.
    fn of(&self, mut list: Vec<i64>) -> Vec<i64> {
        use Step::*;
        match *self {
            KeepDivisible(n) => list.retain(|x| x % n == 0),
            KeepAbove(n) => list.retain(|x| *x > n),
            KeepBelow(n) => list.retain(|x| *x < n),
            TimesPlus(n, m) => list.iter_mut().for_each(|x| *x = n.saturating_mul(*x).saturating_add(m)),
            Differences => list = list.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect(),
            RunningSum => {
                let mut sum = 0i64;
                list.iter_mut().for_each(|x| {
                    sum = sum.saturating_add(*x);
                    *x = sum;
                });
            }
            Ascending => list.sort_unstable(),
            Descending => list.sort_unstable_by(|a, b| b.cmp(a)),
            Digits => list.iter_mut().for_each(|x| *x = digits(*x)),
            Clamp(low, high) => list.iter_mut().for_each(|x| *x = (*x).clamp(low, high)),
            other => list = other.arranged(list),
        }
        list
    }

    fn to(&self, mut list: Vec<String>) -> Vec<String> {
        use Step::*;
        match *self {
            Longer(n) => list.retain(|word| word.len() > n),
            Containing(c) => list.retain(|word| word.contains(c)),
            Lacking(c) => list.retain(|word| !word.contains(c)),
            Backwards => list.iter_mut().for_each(|word| *word = word.chars().rev().collect()),
            ByLength => list.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b))),
            Alphabetical => list.sort_unstable(),
            Doubled => list.iter_mut().for_each(|word| {
                *word = word
                    .chars()
                    .flat_map(|c| std::iter::repeat_n(c, if "aeiou".contains(c) { 2 } else { 1 }))
                    .collect()
            }),
            other => list = other.arranged(list),
        }
        list
    }

    /// Applies a step that works alike on numbers and words.
    fn arranged<T: Ord + Clone>(&self, mut list: Vec<T>) -> Vec<T> {
        match *self {
            Step::DropEvery(n) => {
                let mut place = 0;
                list.retain(|_| {
                    place += 1;
                    place % n != 0
                });
            }
            Step::Reversed => list.reverse(),
            Step::Distinct => {
                let mut seen = BTreeSet::new();
                list.retain(|item| seen.insert(item.clone()));
            }
            Step::Rotate(n) if n <= list.len() => list.rotate_left(n),
            _ => {}
        }
        list
    }
}

fn digits(x: i64) -> i64 {
    x.unsigned_abs().to_string().bytes().map(|digit| i64::from(digit - b'0')).sum()
}

impl End {
    fn named(&self) -> Named {
        let plain = |name| (name, 0, 0, ' ');
        match *self {
            End::Sum => plain("sum"),
            End::Greatest => plain("greatest"),
            End::Spread => plain("spread"),
            End::Alternating => plain("alternating"),
            End::Rise => plain("rise"),
            End::Variety => plain("variety"),
            End::Joined(c) => ("joined", 0, 0, c),
            End::Initials => plain("initials"),
            End::Letters => plain("letters"),
        }
    }

    fn of(&self, list: &List) -> Value {
        let (numbers, words): (&[i64], &[String]) = match list {
            List::Numbers(numbers) => (numbers, &[]),
            List::Words(words) => (&[], words),
        };
        let greatest = numbers.iter().max().copied().unwrap_or_default();
        match self {
            End::Sum => numbers.iter().fold(0i64, |sum, x| sum.saturating_add(*x)).into(),
            End::Greatest => greatest.into(),
            End::Spread => greatest.saturating_sub(numbers.iter().min().copied().unwrap_or_default()).into(),
            End::Alternating => numbers
                .iter()
                .enumerate()
                .map(|(at, x)| if at % 2 == 0 { *x } else { x.saturating_neg() })
                .fold(0i64, i64::saturating_add)
                .into(),
            End::Rise => rise(numbers).into(),
            End::Variety => numbers.iter().collect::<BTreeSet<_>>().len().into(),
            End::Joined(c) => words.join(&c.to_string()).into(),
            End::Initials => words.iter().filter_map(|word| word.chars().next()).collect::<String>().into(),
            End::Letters => words.iter().map(String::len).sum::<usize>().into(),
        }
    }
}

fn rise(numbers: &[i64]) -> usize {
    let (mut longest, mut length) = (0, 0);
    for (at, x) in numbers.iter().enumerate() {
        length = if at > 0 && numbers[at - 1] < *x { length + 1 } else { 1 };
        longest = longest.max(length);
    }
    longest
}

impl List {
    /// Whether a list is long enough for further steps, and its elements are small enough for people and programs.
    fn is_handy(&self) -> bool {
        match self {
            List::Numbers(list) => list.len() >= LEAST && list.iter().all(|x| x.unsigned_abs() <= LARGEST),
            List::Words(list) => list.len() >= LEAST && list.iter().all(|word| word.len() <= LONGEST),
        }
    }

    fn json(&self) -> Value {
        match self {
            List::Numbers(numbers) => numbers.clone().into(),
            List::Words(words) => words.clone().into(),
        }
    }
}

/// The program in an answer: the first block between Markdown fences that contains `solve`, else the first block, else
/// all.
pub fn code_of(text: &str) -> &str {
    let mut blocks = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find("```") {
        let inner = &rest[open + 3..];
        // The rest of the fence's line names the language.
        let inner = inner.find('\n').map_or("", |line| &inner[line + 1..]);
        // An answer that was cut off has no second fence.
        let end = inner.find("```").unwrap_or(inner.len());
        blocks.push(&inner[..end]);
        rest = inner.get(end + 3..).unwrap_or_default();
    }
    let first = blocks.first().copied();
    blocks.into_iter().find(|block| block.contains("solve")).or(first).unwrap_or(text)
}

/// Result of running a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Number of hidden inputs on which the program gives the right result.
    pub right: usize,
    /// The first error, for people; begins with a separator.
    pub note: String,
}

/// Runs an answer on the hidden inputs. A script that exceeds its limits is right on none of them, and so is a script
/// whose miner has no effort left.
pub fn judge(cases: &[Case], text: &str, effort: &mut Effort) -> Result<Verdict, (Reason, String)> {
    let code = code_of(text);
    if code.len() > PROGRAM_BYTES {
        return Err((Reason::Oversize, format!("a program of {} bytes", code.len())));
    }
    // A text that is not a program is not worth the start of the engine.
    if !(code.contains("solve") && ["unction", "=>"].iter().any(|form| code.contains(form))) {
        return Ok(Verdict { right: 0, note: "; no function `solve` in it".into() });
    }
    if effort.is_spent() {
        return Ok(Verdict {
            right: 0,
            note: "; the miner's programs before used up its fuel of the round".into(),
        });
    }
    let inputs: Vec<&str> = cases.iter().map(|case| case.input.as_str()).collect();
    let results = match javascript::call(code, &inputs, effort) {
        Ok(results) => results,
        Err(ScriptError::Engine(error)) => return Err((Reason::Excused, error)),
        Err(error) => return Ok(Verdict { right: 0, note: format!("; {error}") }),
    };
    let is_right = |(case, result): &(&Case, &Result<String, String>)| {
        result.as_ref().is_ok_and(|result| is_same(&case.output, result))
    };
    let thrown = results.iter().find_map(|result| result.as_ref().err());
    Ok(Verdict {
        right: cases.iter().zip(&results).filter(is_right).count(),
        note: thrown.map_or_else(String::new, |error| format!("; {error}")),
    })
}

/// Whether two results in JSON are equal. `JSON.stringify` writes whole numbers without a fraction.
fn is_same(wanted: &str, found: &str) -> bool {
    match (serde_json::from_str::<Value>(wanted), serde_json::from_str::<Value>(found)) {
        (Ok(wanted), Ok(found)) => wanted == found,
        _ => false,
    }
}

#[cfg(test)]
mod tests;

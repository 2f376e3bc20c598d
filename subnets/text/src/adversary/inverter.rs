//! Runs the open generator backwards: verifiable tasks by the public phrases.
//!
//! Against a validator that asks in the public words, this miner understands what a model has to reason about. It
//! understands nothing of a validator's own phrases.

use std::{collections::BTreeMap, sync::Arc};

use myelin_subnet::{
    phrases::{fill, Templates},
    AnswerContext, AnswerError, SubnetError,
};
use serde_json::{Map, Value};

use super::found_or;
use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    verifiable::{
        extraction::MONTHS,
        phrases::{Field, Kind},
        program::Named,
        Phrases,
    },
};

/// Reads tasks by the public templates, and asks another backend for the other tasks.
pub struct Inverter {
    phrases: Phrases,
    otherwise: Arc<dyn Backend>,
}

impl Inverter {
    /// Inverts the public phrases; `otherwise` answers requests that were not made of them.
    pub fn new(otherwise: Arc<dyn Backend>) -> Result<Self, SubnetError> {
        Ok(Self::of(Phrases::public()?, otherwise))
    }

    /// Inverts these phrases.
    pub fn of(phrases: Phrases, otherwise: Arc<dyn Backend>) -> Self {
        Self { phrases, otherwise }
    }

    /// Inverts the phrases of so many other secrets: everybody who has the program can draw as many as they like.
    pub fn of_others(count: u8, otherwise: Arc<dyn Backend>) -> Result<Self, SubnetError> {
        let mut phrases = Phrases::public()?;
        for number in 0..count {
            phrases.extend(Phrases::own([number; 32])?);
        }
        Ok(Self::of(phrases, otherwise))
    }

    /// The right answer; `None` if the open generator could not have made this request.
    pub fn invert(&self, request: &TextRequest) -> Option<String> {
        Some(self.solve(request)?.answer())
    }

    /// The solution with the number of steps that it took.
    pub(super) fn solve(&self, request: &TextRequest) -> Option<Solved> {
        let said = &request.messages.last()?.content;
        let solved = self.story(said).or_else(|| self.trail(said)).or_else(|| self.fields(said));
        solved.or_else(|| self.program(said))
    }

    /// The value of a template's slot at the start of a text, and the rest of the text.
    fn slot<'a>(&self, slot: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
        let one_of = |list: &[String]| {
            let fitting =
                list.iter().filter(|beginning| text.starts_with(beginning.as_str())).map(String::len);
            fitting.max()
        };
        let end = match slot {
            "n" | "m" => {
                let sign = usize::from(text.starts_with('-'));
                let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
                (digits > 0).then_some(sign + digits)
            }
            "c" => text.chars().next().map(char::len_utf8),
            // Names that are not on the list are known by their capital.
            "name" | "other" | "third" => one_of(&self.phrases.names).or_else(|| {
                let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
                text.starts_with(|c: char| c.is_ascii_uppercase()).then_some(letters)
            }),
            "items" => one_of(&self.phrases.items),
            "v" => text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')),
            "keys" => text.rfind('`').map(|last| last + 1),
            _ => ["an array", "a text", "a number"]
                .iter()
                .find(|beginning| text.starts_with(**beginning))
                .map(|beginning| beginning.len()),
        }?;
        Some(text.split_at(end))
    }

    /// The values of a template's slots if it made the beginning of a text, and the rest of the text.
    fn read<'t, 'a>(&self, mut template: &'t str, mut text: &'a str) -> Option<(Slots<'t, 'a>, &'a str)> {
        let mut slots = Slots::default();
        while let Some(open) = template.find('{') {
            text = text.strip_prefix(&template[..open])?;
            let (slot, after) = template[open + 1..].split_once('}')?;
            let (value, rest) = self.slot(slot, text)?;
            slots.0.push((slot, value));
            (template, text) = (after, rest);
        }
        Some((slots, text.strip_prefix(template)?))
    }

    fn story(&self, text: &str) -> Option<Solved> {
        const SENTENCES: [&str; 13] = [
            "start", "gain", "lose", "times", "share", "part", "percent", "idle", "more", "fewer", "ask",
            "ask_both", "form",
        ];
        let (mut value, mut both, mut steps) = (0i64, None, 0);
        for (construct, slots) in self.sentences(&self.phrases.arithmetic, &SENTENCES, text)? {
            let n = slots.number("n").unwrap_or_default();
            let next = match construct {
                "start" => Some(n),
                "gain" => value.checked_add(n),
                "lose" => value.checked_sub(n),
                "times" => value.checked_mul(n),
                "share" => value.checked_div(n),
                "part" => value.checked_div(n).and_then(|part| value.checked_sub(part)),
                "percent" => value.checked_mul(n).and_then(|part| value.checked_sub(part / 100)),
                _ => Some(value),
            };
            value = next?;
            both = match construct {
                "more" => value.checked_mul(2).and_then(|twice| twice.checked_add(n)),
                "fewer" => value.checked_mul(2).and_then(|twice| twice.checked_sub(n)),
                _ => both,
            };
            steps += u32::from(!["start", "idle", "ask", "ask_both", "form"].contains(&construct));
        }
        Some(Solved { right: Found::Number(both.unwrap_or(value)), steps })
    }

    fn trail(&self, text: &str) -> Option<Solved> {
        const SENTENCES: [&str; 6] = ["start", "swap", "holder", "round", "idle", "form"];
        let mut has = BTreeMap::<&str, &str>::new();
        let (mut steps, mut asked) = (0, "");
        for (construct, slots) in self.sentences(&self.phrases.trail, &SENTENCES, text)? {
            let [name, other, third] = ["name", "other", "third"].map(|slot| slots.get(slot));
            let other = match construct {
                "holder" => {
                    has.iter().find(|(_, thing)| Some(**thing) == slots.get("v")).map(|(who, _)| *who)
                }
                _ => other,
            };
            match construct {
                "start" => drop(has.insert(name?, slots.get("v")?)),
                "swap" | "holder" => {
                    let (one, two) = (*has.get(name?)?, *has.get(other?)?);
                    has.extend([(name?, two), (other?, one)]);
                }
                "round" => {
                    let (one, two, three) = (*has.get(name?)?, *has.get(other?)?, *has.get(third?)?);
                    has.extend([(name?, three), (other?, one), (third?, two)]);
                }
                "form" => asked = slots.get("keys")?,
                _ => {}
            }
            steps += u32::from(["swap", "holder", "round"].contains(&construct));
        }
        let asked = asked.split('`').skip(1).step_by(2);
        let found = asked.map(|who| Some((who.to_owned(), (*has.get(who)?).into())));
        Some(Solved { right: Found::Fields(found.collect::<Option<_>>()?), steps })
    }

    /// The sentences of a text as constructs with their slots. Of the templates that fit, the longest is taken.
    fn sentences<'s, 'a>(
        &'s self,
        templates: &'s Templates,
        constructs: &[&'static str],
        mut text: &'a str,
    ) -> Option<Vec<(&'static str, Slots<'s, 'a>)>> {
        let mut all = Vec::new();
        while !text.is_empty() {
            let read = constructs.iter().flat_map(|construct| {
                let fits = |template: &'s String| {
                    let (slots, rest) = self.read(template, text)?;
                    Some((*construct, slots, rest))
                };
                templates.of(construct).iter().filter_map(fits)
            });
            let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\n']);
            let (construct, slots, rest) =
                read.filter(|(.., rest)| ends(rest)).min_by_key(|(.., rest)| rest.len())?;
            all.push((construct, slots));
            text = rest.trim_start();
        }
        Some(all)
    }

    fn fields(&self, said: &str) -> Option<Solved> {
        let parts = self.phrases.extraction.form.iter().find_map(|form| {
            let (keys, text) = (form.find("{keys}")?, form.find("{text}")?);
            let pieces: Vec<&str> = form.split(['{', '}']).collect();
            let [before, _, between, _, after] = pieces[..] else { return None };
            let inner = said.strip_prefix(before)?.strip_suffix(after)?;
            let (one, other) =
                if keys < text { inner.split_once(between)? } else { inner.rsplit_once(between)? };
            Some(if keys < text { (one, other) } else { (other, one) })
        });
        let (keys, text) = parts?;
        let all = self.phrases.extraction.fields.iter();
        let asked: Vec<&Field> = all.filter(|field| keys.contains(&format!("`{}` (", field.key))).collect();
        let found: Map<String, Value> = asked
            .iter()
            .filter_map(|field| Some((field.key.clone(), value_of(field, text)?.into())))
            .collect();
        let others = |template: &String| {
            let around = template.split_once("{v}").map_or(("", ""), |around| around);
            let [one, other] = [around.0, around.1].map(|part| part.trim_matches([' ', '.']));
            text.matches(if one.len() > other.len() { one } else { other }).count() as u32
        };
        let others: u32 = asked.iter().flat_map(|field| &field.decoy).map(others).sum();
        // One such sentence for each wanted value is in every text.
        let steps = others.saturating_sub(asked.len() as u32).max(1);
        Some(Solved { right: Found::Fields(found), steps })
    }

    fn program(&self, said: &str) -> Option<Solved> {
        let mut lines = said.lines();
        let head = lines.next()?;
        let heads = ["numbers", "words"].into_iter().flat_map(|construct| self.phrases.code.of(construct));
        heads.into_iter().find_map(|template| self.read(template, head))?;
        let steps = lines.filter_map(|line| {
            let (number, said) = line.split_once(". ")?;
            number.parse::<u32>().ok().map(|_| self.step(said))
        });
        let steps = steps.collect::<Option<Vec<_>>>()?;
        Some(Solved { right: Found::Program(script(&steps)?), steps: steps.len() as u32 })
    }

    fn step(&self, said: &str) -> Option<Named> {
        CONSTRUCTS.iter().find_map(|(construct, _)| {
            self.phrases.code.of(construct).iter().find_map(|template| {
                let (slots, rest) = self.read(template, said)?;
                let letter = slots.get("c").and_then(|text| text.chars().next()).unwrap_or(' ');
                let number = |slot| slots.number(slot).unwrap_or_default();
                rest.is_empty().then(|| (*construct, number("n"), number("m"), letter))
            })
        })
    }
}

impl Backend for Inverter {
    fn model_id(&self) -> [u8; 32] {
        self.otherwise.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        found_or(self.invert(request), &self.otherwise, context, request)
    }
}

/// A solution with the number of steps that it took.
pub(super) struct Solved {
    /// The solution.
    pub right: Found,
    /// Its steps.
    pub steps: u32,
}

/// A solution.
pub(super) enum Found {
    /// Of a story.
    Number(i64),
    /// Of an extraction or a trail.
    Fields(Map<String, Value>),
    /// Of a specification.
    Program(String),
}

impl Solved {
    /// The solution in the form that its task asks for.
    pub fn answer(self) -> String {
        match self.right {
            Found::Number(number) => format!("ANSWER: {number}"),
            Found::Fields(fields) => Value::Object(fields).to_string(),
            Found::Program(script) => script,
        }
    }
}

/// Values of a template's slots, by name.
#[derive(Default)]
struct Slots<'t, 'a>(Vec<(&'t str, &'a str)>);

impl<'a> Slots<'_, 'a> {
    fn get(&self, slot: &str) -> Option<&'a str> {
        self.0.iter().find(|(name, _)| *name == slot).map(|(_, value)| *value)
    }

    fn number(&self, slot: &str) -> Option<i64> {
        self.get(slot)?.parse().ok()
    }
}

/// The value that a text gives a field, in the form that the task wants.
fn value_of(field: &Field, text: &str) -> Option<String> {
    let ends = |rest: &str| rest.is_empty() || rest.starts_with([' ', '\n']);
    let read = |template: &String| {
        let (before, after) = template.split_once("{v}")?;
        let end = |from: usize| {
            let mut places = text[from..].match_indices(after).map(|(at, _)| from + at);
            places.find(|at| ends(&text[at + after.len()..]))
        };
        if before.is_empty() {
            let to = end(0)?;
            let from = text[..to].rfind(". ").map_or(0, |at| at + 2);
            return Some(&text[from..to]);
        }
        let from = text.find(before)? + before.len();
        Some(&text[from..end(from)?])
    };
    let value = field.said.iter().find_map(read)?;
    match field.kind {
        Kind::Amount => Some(value.replace(',', "")),
        Kind::Day => {
            let [day, month, year] = value.split(' ').collect::<Vec<_>>()[..] else { return None };
            let month = MONTHS.iter().position(|name| *name == month)? + 1;
            Some(format!("{year}-{month:02}-{:02}", day.parse::<u8>().ok()?))
        }
        _ => Some(value.to_owned()),
    }
}

/// Constructs of a specification in JavaScript: statements on the list `x`, the last ones expressions. Slots are the
/// numbers and the letter of a construct.
const CONSTRUCTS: [(&str, &str); 30] = [
    ("keep_divisible", "x = x.filter(v => v % {n} === 0);"),
    ("keep_above", "x = x.filter(v => v > {n});"),
    ("keep_below", "x = x.filter(v => v < {n});"),
    ("drop_every", "x = x.filter((_, i) => (i + 1) % {n} !== 0);"),
    ("times_plus", "x = x.map(v => {n} * v + {m});"),
    ("differences", "x = x.slice(1).map((v, i) => v - x[i]);"),
    ("running_sum", "{ let total = 0; x = x.map(v => total += v); }"),
    ("ascending", "x = [...x].sort((a, b) => a - b);"),
    ("descending", "x.sort(function (a, b) { return b - a; });"),
    ("reversed", "x = x.reverse();"),
    ("distinct", "x = [...new Set(x)];"),
    ("rotate", "if (x.length >= {n}) x = x.slice({n}).concat(x.slice(0, {n}));"),
    ("digits", "x = x.map(v => String(Math.abs(v)).split('').reduce((a, d) => a + Number(d), 0));"),
    ("clamp", "x = x.map(v => Math.min({m}, Math.max({n}, v)));"),
    ("longer", "x = x.filter(w => w.length > {n});"),
    ("containing", "x = x.filter(w => w.includes('{c}'));"),
    ("lacking", "x = x.filter(w => w.indexOf(\"{c}\") < 0);"),
    ("backwards", "x = x.map(w => w.split('').reverse().join(''));"),
    ("by_length", "x.sort((a, b) => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0));"),
    ("alphabetical", "x.sort();"),
    ("doubled", "x = x.map(w => w.replace(/[aeiou]/g, '$&$&'));"),
    ("sum", "return x.reduce((sum, v) => sum + v, 0);"),
    ("greatest", "return x.length ? Math.max(...x) : 0;"),
    ("spread", "return x.length ? Math.max(...x) - Math.min(...x) : 0;"),
    ("alternating", "return x.reduce((s, v, i) => s + (i % 2 ? -v : v), 0);"),
    (
        "rise",
        "let best = 0, run = 0; for (let i = 0; i < x.length; i++) { \
         run = i > 0 && x[i] > x[i - 1] ? run + 1 : 1; if (run > best) best = run; } return best;",
    ),
    ("variety", "return new Set(x).size;"),
    ("joined", "return x.join('{c}');"),
    ("initials", "return x.map(w => w[0]).join('');"),
    ("letters", "return x.join('').length;"),
];

/// A program for the constructs of a specification, in their order.
pub(crate) fn script(constructs: &[Named]) -> Option<String> {
    let mut lines = Vec::new();
    for (construct, n, m, c) in constructs {
        let (_, code) = CONSTRUCTS.iter().find(|(name, _)| name == construct)?;
        let (n, m, c) = (n.to_string(), m.to_string(), c.to_string());
        lines.push(fill(code, &[("n", n.as_str()), ("m", &m), ("c", &c)]));
    }
    if !lines.last().is_some_and(|last| last.contains("return ") && !last.starts_with("x.sort")) {
        lines.push("return x;".into());
    }
    Some(format!("function solve(x) {{\n  {}\n}}", lines.join("\n  ")))
}

#[cfg(test)]
mod tests {
    use myelin_subnet::Effort;
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::{
        adversary::Garbage,
        library::tests::own_sources,
        task::{self, Hidden},
        verifiable::{arithmetic, extraction, grade, program, Right},
    };

    #[test]
    fn what_the_public_phrases_say_is_read_backwards() {
        let inverter = Inverter::new(Arc::new(Garbage)).unwrap();
        let (library, phrases) = (own_sources(), Phrases::public().unwrap());
        let mut right = [0; 4];
        for number in 0..40 {
            let seed = Seed([6; 32]).derive(b"invert", number);
            let tasks = [
                task::arithmetic(&phrases, grade::TOP, &seed),
                task::fields(&library, &phrases, grade::TOP, &seed),
                task::trail(&phrases, grade::TOP, &seed),
                task::program(&phrases, grade::TOP, &seed),
            ];
            for (kind, task) in tasks.into_iter().enumerate() {
                let task = task.unwrap();
                let Hidden::Graded { grade, right: wanted } = &task.hidden else { panic!("{task:?}") };
                let Some(solved) = inverter.solve(&task.request) else { continue };
                assert!(kind == 1 || solved.steps == *grade, "{} steps of {grade}", solved.steps);
                let answer = solved.answer();
                right[kind] += usize::from(match wanted {
                    Right::Number(wanted) => arithmetic::is_answered_by(*wanted, &answer),
                    Right::Fields(wanted) => extraction::right(wanted, &answer) == wanted.len(),
                    Right::Program(cases) => {
                        program::judge(cases, &answer, &mut Effort::of(None)).unwrap().right == cases.len()
                    }
                });
            }
        }
        assert!(right.into_iter().all(|right| right >= 38), "{right:?} of 40 each: it must be a strong one");
    }
}

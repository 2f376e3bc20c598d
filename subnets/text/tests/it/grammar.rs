//! A parser for the whole of `data/wordings.toml`, which decision 0074 speaks of: how far a secret keeps it out.

use std::collections::BTreeMap;

use myelin_text::{
    task::{self, Hidden},
    verifiable::{arithmetic, extraction, grade::START, Phrases, Right},
};
use myelin_wire::seed::Seed;

type Slots<'a> = Vec<(String, &'a str)>;

/// Reads sentences of the public grammar, whatever words a secret draws from it.
struct Grammar {
    stories: Vec<(String, String)>,
    trails: Vec<(String, String)>,
}

impl Grammar {
    fn public() -> Self {
        let file: toml::Table = toml::from_str(include_str!("../../data/wordings.toml")).unwrap();
        let texts = |value: &toml::Value| -> Vec<String> {
            value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
        };
        let frames = texts(&file["frames"]);
        let all = |part: &str| {
            let mut all = Vec::new();
            for (construct, of) in file[part].as_table().unwrap() {
                for said in texts(of) {
                    match construct == "form" {
                        true => all.push((construct.clone(), said)),
                        false => all.extend(
                            frames.iter().map(|frame| (construct.clone(), frame.replace("{said}", &said))),
                        ),
                    }
                }
            }
            all
        };
        Self { stories: all("arithmetic"), trails: all("trail") }
    }

    /// The constructs of a text with their slots.
    fn sentences<'a>(templates: &[(String, String)], mut text: &'a str) -> Option<Vec<(String, Slots<'a>)>> {
        let mut all = Vec::new();
        while !text.is_empty() {
            let read = templates.iter().filter_map(|(construct, template)| {
                let mut slots = Slots::new();
                let rest = read(template, text, &mut slots)?;
                Some((construct.clone(), slots, rest))
            });
            let (construct, slots, rest) = read.min_by_key(|(.., rest)| rest.len())?;
            all.push((construct, slots));
            text = rest.trim_start();
        }
        Some(all)
    }

    fn story(&self, text: &str) -> Option<String> {
        let (mut value, mut both) = (0i64, None);
        for (construct, slots) in Self::sentences(&self.stories, text)? {
            let n: i64 = get(&slots, "n").and_then(|n| n.parse().ok()).unwrap_or_default();
            match &*construct {
                "start" => value = n,
                "gain" => value += n,
                "lose" => value -= n,
                "times" => value *= n,
                "share" => value /= n,
                "part" => value -= value / n,
                "percent" => value -= value * n / 100,
                "more" => both = Some(2 * value + n),
                "fewer" => both = Some(2 * value - n),
                _ => {}
            }
        }
        Some(format!("ANSWER: {}", both.unwrap_or(value)))
    }

    fn trail(&self, text: &str) -> Option<String> {
        let mut has = BTreeMap::<&str, &str>::new();
        let mut asked = "";
        for (construct, slots) in Self::sentences(&self.trails, text)? {
            let slot = |name| get(&slots, name);
            match &*construct {
                "start" => drop(has.insert(slot("name")?, slot("v")?)),
                "form" => asked = slot("keys")?,
                "idle" => {}
                construct => {
                    let holder =
                        has.iter().find(|(_, thing)| Some(**thing) == slot("v")).map(|(who, _)| *who);
                    let (one, other) = (slot("name")?, slot("other").or(holder)?);
                    let things = (*has.get(one)?, *has.get(other)?);
                    has.extend([(one, things.1), (other, things.0)]);
                    if construct == "round" {
                        let third = slot("third")?;
                        let things = (*has.get(one)?, *has.get(third)?);
                        has.extend([(one, things.1), (third, things.0)]);
                    }
                }
            }
        }
        let pairs: Vec<String> = asked
            .split('`')
            .skip(1)
            .step_by(2)
            .map(|who| Some(format!("\"{who}\": \"{}\"", has.get(who)?)))
            .collect::<Option<_>>()?;
        Some(format!("{{{}}}", pairs.join(", ")))
    }
}

fn get<'a>(slots: &Slots<'a>, slot: &str) -> Option<&'a str> {
    slots.iter().find(|(name, _)| name == slot).map(|(_, value)| *value)
}

/// Reads a template with alternatives at the start of a text; returns the rest behind the sentence.
fn read<'a>(template: &str, text: &'a str, slots: &mut Slots<'a>) -> Option<&'a str> {
    let Some(at) = template.find(['<', '{']) else {
        let rest = text.strip_prefix(template)?;
        return (rest.is_empty() || rest.starts_with([' ', '\n'])).then_some(rest);
    };
    let text = text.strip_prefix(&template[..at])?;
    let closing = if template[at..].starts_with('<') { '>' } else { '}' };
    let (inner, after) = template[at + 1..].split_once(closing)?;
    let known = slots.len();
    let go_on = |value: &'a str, slots: &mut Slots<'a>| {
        let rest = read(after, &text[value.len()..], slots);
        if rest.is_none() {
            slots.truncate(known);
        }
        rest
    };
    if closing == '>' {
        let fitting =
            inner.split('|').filter_map(|choice| text.get(..choice.len()).filter(|found| *found == choice));
        return fitting.into_iter().find_map(|choice| go_on(choice, slots));
    }
    let length = |fits: fn(char) -> bool| text.find(|c| !fits(c)).unwrap_or(text.len());
    let ends: Vec<usize> = match inner {
        "n" => vec![length(|c| c.is_ascii_digit())],
        "v" => vec![length(|c| c.is_ascii_alphanumeric() || c == '-')],
        "items" => (1..text.len().min(60)).filter(|end| text.is_char_boundary(*end)).collect(),
        "keys" => text.rfind('`').map(|last| last + 1).into_iter().collect(),
        _ if text.starts_with(|c: char| c.is_ascii_uppercase()) => vec![length(|c| c.is_ascii_alphabetic())],
        _ => Vec::new(),
    };
    ends.into_iter().filter(|end| *end > 0).find_map(|end| {
        slots.push((inner.to_owned(), &text[..end]));
        let rest = go_on(&text[..end], slots);
        if rest.is_none() {
            slots.truncate(known);
        }
        rest
    })
}

impl Grammar {
    /// The share of stories and trails, up to 15 steps, that it solves.
    fn solves(&self, phrases: &Phrases) -> f64 {
        let solved = (0..120u64).filter(|number| {
            let seed = Seed([2; 32]).derive(b"grammar", *number);
            let task = match number % 2 {
                0 => task::arithmetic(phrases, START, &seed),
                _ => task::trail(phrases, START, &seed),
            };
            let task = task.unwrap();
            let said = &task.request.messages[0].content;
            let Hidden::Graded { right, .. } = &task.hidden else { panic!("{task:?}") };
            match right {
                Right::Number(number) => {
                    self.story(said).is_some_and(|text| arithmetic::is_answered_by(*number, &text))
                }
                Right::Fields(things) => {
                    self.trail(said).is_some_and(|text| extraction::right(things, &text) == things.len())
                }
                Right::Program(_) => panic!("{task:?}"),
            }
        });
        solved.count() as f64 / 120.0
    }
}

#[test]
fn a_parser_of_the_public_grammar_reads_what_any_secret_draws_from_it_and_no_other_phrases() {
    let parser = Grammar::public();
    let drawn = parser.solves(&Phrases::own([0xaa; 32]).unwrap());
    // Stands for phrases that a validator has written.
    let written = parser.solves(&Phrases::public().unwrap());
    println!("drawn with a secret {drawn:.3}, written {written:.3}");
    assert!(written < 0.01, "{written:.3}");
    assert!(drawn > 0.9, "the README says that this parser reads them: {drawn:.3}");
}

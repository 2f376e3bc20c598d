//! Small questions with one right answer, computed from the seed.
//!
//! Every miner gets questions of its own, so an answer cannot be passed on. Names and numbers are fresh, so the answer
//! stands nowhere but in the question.

use std::collections::BTreeSet;

use myelin_wire::seed::SeedRng;
use serde::{Deserialize, Serialize};

use crate::{
    protocol::{ChatMessage, TextRequest},
    substitution::{NamePool, Style},
};

/// What the answer must be, and how it is read out of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Question {
    /// The first word: letters, digits and `_`.
    Word(String),
    /// The first run of closing brackets.
    Brackets(String),
    /// The first number.
    Number(u64),
}

impl Question {
    /// Whether a text gives the right answer.
    pub fn is_answered_by(&self, text: &str) -> bool {
        match self {
            Question::Word(word) => first_run(text, |c| c.is_ascii_alphanumeric() || c == '_') == word,
            Question::Brackets(brackets) => first_run(text, |c| ")]}".contains(c)) == brackets,
            Question::Number(number) => {
                first_run(skip_to_digit(text), |c| c.is_ascii_digit()).parse() == Ok(*number)
            }
        }
    }
}

/// The run of fitting characters after leading white space.
fn first_run(text: &str, fits: impl Fn(char) -> bool) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !fits(c)).unwrap_or(text.len())]
}

fn skip_to_digit(text: &str) -> &str {
    &text[text.find(|c: char| c.is_ascii_digit()).unwrap_or(text.len())..]
}

/// Draws a question; `None` if the pool has too few names.
pub fn draw(names: &NamePool, rng: &mut SeedRng) -> Option<(TextRequest, Question)> {
    match rng.below(8) {
        0..=2 => constant(names, rng),
        3..=5 => field(names, rng),
        6 => Some(brackets(rng)),
        _ => Some(sum(rng)),
    }
}

fn code(prompt: String) -> TextRequest {
    TextRequest { prompt, max_tokens: 8, stop: vec!["\n".into()], ..TextRequest::default() }
}

fn distinct(names: &NamePool, style: Style, count: usize, rng: &mut SeedRng) -> Option<Vec<String>> {
    let mut taken = BTreeSet::new();
    for _ in 0..count {
        let name = names.draw(style, &taken, rng)?;
        taken.insert(name);
    }
    let mut names: Vec<String> = taken.into_iter().collect();
    rng.shuffle(&mut names);
    Some(names)
}

/// Which value does a constant have?
fn constant(names: &NamePool, rng: &mut SeedRng) -> Option<(TextRequest, Question)> {
    let names = distinct(names, Style::Screaming, 4, rng)?;
    let values: Vec<u64> = names.iter().map(|_| rng.range(11, 99)).collect();
    let mut prompt = String::new();
    for (name, value) in names.iter().zip(&values) {
        prompt.push_str(&format!("const {name}: u32 = {value};\n"));
    }
    let asked = rng.index(names.len())?;
    prompt.push_str(&format!("\n#[test]\nfn constants() {{\n    assert_eq!({}, ", names[asked]));
    Some((code(prompt), Question::Word(values[asked].to_string())))
}

/// Which field is still missing?
fn field(names: &NamePool, rng: &mut SeedRng) -> Option<(TextRequest, Question)> {
    let fields = distinct(names, Style::Snake, 3, rng)?;
    let kind = distinct(names, Style::Camel, 1, rng)?.pop()?;
    let types = ["u32", "String", "bool", "usize", "f64"];
    let typed: Option<Vec<String>> =
        fields.iter().map(|field| Some(format!("{field}: {}", rng.choose(&types)?))).collect();
    let typed = typed?;
    let prompt = format!(
        "struct {kind} {{\n    {},\n}}\n\nimpl {kind} {{\n    fn new({}) -> Self {{\n        Self {{ {}, {}, ",
        typed.join(",\n    "),
        typed.join(", "),
        fields[0],
        fields[1],
    );
    Some((code(prompt), Question::Word(fields[2].clone())))
}

/// Which brackets are still open?
fn brackets(rng: &mut SeedRng) -> (TextRequest, Question) {
    let mut prompt = String::from("let value = ");
    let mut closing = Vec::new();
    for _ in 0..rng.range(3, 5) {
        let (open, close) =
            [("f(", ')'), ("vec![", ']'), ("Some(", ')'), ("[", ']'), ("g(", ')')][rng.below(5) as usize];
        prompt.push_str(open);
        closing.push(close);
    }
    prompt.push_str(&rng.range(1, 9).to_string());
    let answer: String = closing.into_iter().rev().collect();
    (code(prompt), Question::Brackets(answer))
}

/// What is the sum of two numbers?
fn sum(rng: &mut SeedRng) -> (TextRequest, Question) {
    let (a, b) = (rng.range(11, 99), rng.range(11, 99));
    let content = format!("What is {a} + {b}? Answer with the number only.");
    let request = TextRequest {
        messages: vec![ChatMessage { role: "user".into(), content }],
        max_tokens: 8,
        ..TextRequest::default()
    };
    (request, Question::Number(a + b))
}

#[cfg(test)]
mod tests {
    use myelin_wire::seed::Seed;

    use super::*;
    use crate::library::tests::own_sources;

    #[test]
    fn answers_are_read_the_way_people_write_them() {
        let word = Question::Word("volume".into());
        assert!(word.is_answered_by(" volume }") && word.is_answered_by("volume"));
        assert!(!word.is_answered_by("volumes") && !word.is_answered_by("the volume"));
        let brackets = Question::Brackets(")])".into());
        assert!(
            brackets.is_answered_by(")]);")
                && !brackets.is_answered_by(")]));")
                && !brackets.is_answered_by("")
        );
        let number = Question::Number(85);
        assert!(
            number.is_answered_by("The sum is 85.")
                && !number.is_answered_by("850")
                && !number.is_answered_by("-")
        );
    }

    #[test]
    fn a_question_has_one_answer_and_every_seed_its_own_question() {
        let library = own_sources();
        let draw = |number: u64| super::draw(library.names(), &mut Seed([3; 32]).derive(b"q", number).rng());
        let mut prompts = BTreeSet::new();
        for number in 0..60 {
            let (request, answer) = draw(number).expect("the pool has enough names");
            assert_eq!(request.check(), Ok(()));
            assert_eq!(draw(number), Some((request.clone(), answer.clone())));
            let right = match &answer {
                Question::Word(text) | Question::Brackets(text) => text.clone(),
                Question::Number(number) => number.to_string(),
            };
            assert!(answer.is_answered_by(&right) && !answer.is_answered_by("?"));
            prompts.insert(format!("{:?}{:?}", request.prompt, request.messages));
        }
        assert!(prompts.len() >= 58, "{} different questions of 60", prompts.len());
    }
}

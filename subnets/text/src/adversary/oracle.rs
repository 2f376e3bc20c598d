//! Answers of a miner that knows the validator's hidden side, and errs as often as it is told to.
//!
//! For tests of the scoring alone: no miner can be built like this.

use myelin_lm::model::TextModel;
use myelin_subnet::evaluation::{raters::Item, Side};
use myelin_wire::{record::Ppm, seed::SeedRng};

use crate::{
    protocol::{TextRequest, TextResponse},
    substitution::words,
    task::Hidden,
    verifiable::{extraction::Fields, program::Case, Right},
};

/// Right words of an open answer before the first wrong one, about as many as in answers of the built-in model.
const BEGUN: [usize; 6] = [0, 0, 0, 0, 1, 2];

/// The right answer with this chance, else a wrong one such as miners give. The rest of an open answer after the first
/// wrong word is written by `model`.
pub fn oracle(
    accuracy: Ppm,
    request: &TextRequest,
    hidden: &Hidden,
    model: Option<&dyn TextModel>,
    rng: &mut SeedRng,
) -> TextResponse {
    let right = rng.below(1_000_000) < u64::from(accuracy.get());
    TextResponse::plain(if right { right_answer(hidden) } else { nearly(request, hidden, model, rng) })
}

/// The right answer to a task, in the form that its request wants.
pub fn right_answer(hidden: &Hidden) -> String {
    match hidden {
        Hidden::Reference { text, .. } => text.clone(),
        Hidden::Graded { right, .. } => match right {
            Right::Number(number) => format!("Step by step I get 12, then 7.\nANSWER: {number}"),
            Right::Fields(fields) => json(fields),
            Right::Program(cases) => program(cases),
        },
        Hidden::Rating { items } => rating(items, false),
        // No answer to an open request is known to be right.
        Hidden::Judged(_) => String::new(),
    }
}

/// Votes that are right on gold, or wrong.
fn rating(items: &[Item], wrong: bool) -> String {
    let vote = |item: &Item| match item.truth {
        None => '-',
        Some(side) if (side == Side::First) != wrong => '1',
        Some(_) => '2',
    };
    items.iter().map(vote).collect()
}

/// An answer to a task of a miner that errs in a step with chance `error`: right if it errs in none of them. Open tasks
/// count as one step.
pub fn stepwise(
    error: Ppm,
    request: &TextRequest,
    hidden: &Hidden,
    model: Option<&dyn TextModel>,
    rng: &mut SeedRng,
) -> TextResponse {
    let steps = match hidden {
        Hidden::Reference { .. } | Hidden::Rating { .. } | Hidden::Judged(_) => 1,
        Hidden::Graded { grade, .. } => *grade,
    };
    let errs = (0..steps).any(|_| rng.below(1_000_000) < u64::from(error.get()));
    TextResponse::plain(if errs { nearly(request, hidden, model, rng) } else { right_answer(hidden) })
}

fn nearly(
    request: &TextRequest,
    hidden: &Hidden,
    model: Option<&dyn TextModel>,
    rng: &mut SeedRng,
) -> String {
    match hidden {
        Hidden::Reference { text, .. } => {
            let begun = rng.choose(&BEGUN).and_then(|words_right| words(text).nth(*words_right));
            let begun = &text[..begun.map_or(0, |(at, _)| at)];
            let seed = rng.next_u64();
            let asked = TextRequest { prompt: format!("{}{begun}", request.prompt), ..request.clone() };
            let rest = model.and_then(|model| model.complete(&asked.to_model(seed)).ok());
            format!("{begun}{}", rest.map(|rest| rest.text).unwrap_or_default())
        }
        Hidden::Graded { right, .. } => nearly_right(right, rng),
        Hidden::Rating { items } => rating(items, true),
        Hidden::Judged(_) => String::new(),
    }
}

fn nearly_right(right: &Right, rng: &mut SeedRng) -> String {
    match right {
        Right::Number(number) => format!("ANSWER: {}", number + rng.range(1, 12) as i64),
        Right::Fields(fields) => {
            let mut fields = fields.clone();
            let wrong = rng.index(fields.len()).unwrap_or_default();
            if let Some(value) = fields.values_mut().nth(wrong) {
                value.push('1');
            }
            json(&fields)
        }
        Right::Program(cases) => {
            let mut cases = cases.clone();
            let wrong = rng.range(1, 3) as usize;
            // Like a program that forgets a case.
            cases.iter_mut().take(wrong).for_each(|case| case.output = "null".into());
            program(&cases)
        }
    }
}

fn json(fields: &Fields) -> String {
    format!("```json\n{}\n```", serde_json::to_string(fields).unwrap_or_default())
}

/// A program that knows the results.
fn program(cases: &[Case]) -> String {
    let known: Vec<String> = cases.iter().map(|case| format!("{:?}: {}", case.input, case.output)).collect();
    format!(
        "Here it is:\n```js\nconst known = {{{}}};\nfunction solve(x) {{ return known[JSON.stringify(x)]; }}\n```\n",
        known.join(", ")
    )
}

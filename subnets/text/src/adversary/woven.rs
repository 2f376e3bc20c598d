//! Strings that were paid like a model once, alone or behind a model's answer.

use std::sync::Arc;

use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    substitution::words,
};

/// Bytes of a string.
const LENGTH: usize = 170;
/// Shorter lines say little.
const SHORTEST_LINE: usize = 12;

/// What is written without a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weave {
    /// The lines with most long words, with a blank put in at least every seven bytes, so that every word stands there
    /// and no piece of eight.
    Lines,
    /// The same, beginning with the lines whose words occur least in the prompt.
    RareLines,
    /// The words that occur most, one after the other.
    Words,
    /// Behind a model: its answer once more.
    Twice,
}

/// Sends such a string, behind the answer of a model if it has one.
pub struct Woven {
    model: Option<Arc<dyn Backend>>,
    weave: Weave,
}

impl Woven {
    /// Without a model.
    pub fn alone(weave: Weave) -> Self {
        Self { model: None, weave }
    }

    /// Behind what a model answers.
    pub fn behind(model: Arc<dyn Backend>, weave: Weave) -> Self {
        Self { model: Some(model), weave }
    }
}

impl Backend for Woven {
    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let first = match &self.model {
            Some(model) => model.answer(context, request)?.completion,
            None => String::new(),
        };
        let woven = match self.weave {
            Weave::Lines => woven(&request.context(), |_, long| long),
            Weave::RareLines => woven(&request.context(), |rare, _| rare),
            Weave::Words => most_frequent(&request.context()),
            Weave::Twice => first.clone(),
        };
        Ok(TextResponse::plain(if first.is_empty() { woven } else { format!("{first} {woven}") }))
    }
}

/// Lines of a text, those first for which `rank` is the highest, by how rare and how long their words are for a
/// thousand bytes.
fn woven(text: &str, rank: fn(usize, usize) -> usize) -> String {
    let of = |line: &str| {
        let thousandths = |count: usize| 1000 * count / (10 + line.len());
        let rare = words(line).filter(|(_, word)| text.matches(word).count() == 1).count();
        rank(thousandths(rare), thousandths(words(line).filter(|(_, word)| word.len() >= 6).count()))
    };
    let mut lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| line.len() > SHORTEST_LINE).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(of(line)));
    let (mut out, mut run) = (String::new(), 0);
    for letter in lines.join(" ").chars().take(LENGTH) {
        if run >= 6 {
            out.push(' ');
            run = 0;
        }
        out.push(letter);
        run = if letter == ' ' { 0 } else { run + letter.len_utf8() };
    }
    out
}

fn most_frequent(text: &str) -> String {
    let mut counted: Vec<(usize, &str)> = words(text)
        .map(|(_, word)| (text.matches(word).count(), word))
        .filter(|(_, word)| word.len() >= 5)
        .collect();
    counted.sort_unstable_by_key(|(count, word)| (std::cmp::Reverse(*count), *word));
    counted.dedup();
    counted.iter().take(12).map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
}

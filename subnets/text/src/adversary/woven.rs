//! Strings that an earlier score paid like a model, alone or behind a model's answer.

use std::sync::Arc;

use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    substitution::words,
};

/// Bytes of a string.
const LENGTH: usize = 170;
/// Shorter lines are left out.
const SHORTEST_LINE: usize = 12;

/// Ways to fill a string without a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weave {
    /// The lines with most long words. A blank in at least every seven bytes lets every word stand there, but no piece
    /// of eight bytes.
    Lines,
    /// The same lines, those first whose words are rarest in the prompt.
    RareLines,
    /// The most frequent words, one after the other.
    Words,
    /// The model's answer once more, behind itself.
    Twice,
}

/// Sends such a string, behind the answer of a model if there is one.
pub struct Woven {
    model: Option<Arc<dyn Backend>>,
    weave: Weave,
}

impl Woven {
    /// A string without a model.
    pub fn alone(weave: Weave) -> Self {
        Self { model: None, weave }
    }

    /// A string behind the answer of a model.
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

/// Lines of a text in falling order of `rank`, which gets the number of rare and of long words of a line, both for a
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

//! Draws ten answers of a public model, and sends the best of them by measures that everybody can compute.

use std::sync::{Arc, Mutex, PoisonError};

use myelin_lm::model::TextModel;
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::{hash::blake2_256_of, seed::Seed};

use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    score::first_words,
};

/// Answers that are drawn, the likeliest and others at this temperature.
const ANSWERS: usize = 10;
const TEMPERATURE: f32 = 0.8;

/// Measure by which an answer is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    /// The likeliest word by word, which is asked for.
    Likeliest,
    /// The least cost of a byte, by the model itself.
    Fluent,
    /// The most first words that the other answers have as well: the answer of which the model is surest.
    Alike,
}

/// Draws several answers, and sends one of them.
pub struct Chooser {
    model: Arc<dyn TextModel>,
    choice: Choice,
    last: Arc<Mutex<Last>>,
}

/// The last request, and the answers drawn for it.
type Last = Option<(TextRequest, Vec<TextResponse>)>;

impl Chooser {
    /// The choosers among the same answers of this model, one for each measure.
    pub fn of(model: Arc<dyn TextModel>) -> [(&'static str, Self); 3] {
        let last = Arc::<Mutex<Last>>::default();
        let by = |choice| Self { model: model.clone(), choice, last: last.clone() };
        [
            ("the likeliest", by(Choice::Likeliest)),
            ("the most fluent", by(Choice::Fluent)),
            ("the one most like the others", by(Choice::Alike)),
        ]
    }

    fn drawn(&self, request: &TextRequest) -> Result<Vec<TextResponse>, AnswerError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, drawn)) = last.as_ref().filter(|(known, _)| known == request) {
            return Ok(drawn.clone());
        }
        let mut seeds = Seed(blake2_256_of(&[b"chooser", request.context().as_bytes()])).rng();
        let likeliest = (request.temperature, 0);
        let others = (1..ANSWERS).map(|_| (TEMPERATURE, seeds.next_u64()));
        let draws: Vec<(f32, u64)> = std::iter::once(likeliest).chain(others).collect();
        let drawn = self.model.complete_each(&request.to_model(0), &draws);
        let drawn = drawn.map_err(|error| AnswerError::Backend(error.to_string()))?;
        let drawn: Vec<TextResponse> =
            drawn.into_iter().map(|completion| TextResponse::plain(completion.text)).collect();
        *last = Some((request.clone(), drawn.clone()));
        Ok(drawn)
    }

    fn worth(&self, request: &TextRequest, texts: &[&str]) -> Result<Vec<i64>, AnswerError> {
        if self.choice == Choice::Likeliest {
            return Ok(vec![0; texts.len()]);
        }
        if self.choice == Choice::Alike {
            let alike = |text: &&str| {
                texts.iter().map(|other| first_words(text, other, request.is_line()) as i64).sum()
            };
            return Ok(texts.iter().map(alike).collect());
        }
        let likelihoods = self.model.likelihoods(&request.context(), request.suffix.as_deref(), texts);
        let likelihoods = likelihoods.map_err(|error| AnswerError::Backend(error.to_string()))?;
        let of_a_byte = |(likelihood, text): (i64, &&str)| likelihood / (text.len().max(1) as i64);
        Ok(likelihoods.iter().map(|likelihood| likelihood.total()).zip(texts).map(of_a_byte).collect())
    }
}

impl Backend for Chooser {
    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let mut drawn = self.drawn(request)?;
        let texts: Vec<&str> = drawn.iter().map(|response| response.completion.as_str()).collect();
        let worth = self.worth(request, &texts)?;
        // Of equal answers the first, which is the likeliest word by word.
        let best = (0..drawn.len()).rev().max_by_key(|at| worth[*at]).unwrap_or_default();
        Ok(drawn.swap_remove(best))
    }
}

//! Draws ten answers of a public model, and sends the best of them by measures that everybody can compute.

use std::sync::{Arc, Mutex, PoisonError};

use myelin_lm::model::TextModel;
use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    backend::{Backend, ModelBackend},
    protocol::{TextRequest, TextResponse},
    score::first_words,
};

/// Answers that are drawn, the likeliest and others at this temperature.
const ANSWERS: u8 = 10;
const TEMPERATURE: f32 = 0.8;

/// Measure by which an answer is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
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
    pub fn of(model: Arc<dyn TextModel>) -> [(&'static str, Self); 2] {
        let last = Arc::<Mutex<Last>>::default();
        let by = |choice| Self { model: model.clone(), choice, last: last.clone() };
        [("the most fluent", by(Choice::Fluent)), ("the one most like the others", by(Choice::Alike))]
    }

    fn drawn(
        &self,
        context: &AnswerContext,
        request: &TextRequest,
    ) -> Result<Vec<TextResponse>, AnswerError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, drawn)) = last.as_ref().filter(|(known, _)| known == request) {
            return Ok(drawn.clone());
        }
        let draw = |secret: u8| {
            let temperature = if secret == 0 { request.temperature } else { TEMPERATURE };
            let asked = TextRequest { temperature, ..request.clone() };
            ModelBackend::new(self.model.clone(), [100 + secret; 32]).answer(context, &asked)
        };
        let drawn: Vec<TextResponse> = (0..ANSWERS).map(draw).collect::<Result<_, _>>()?;
        *last = Some((request.clone(), drawn.clone()));
        Ok(drawn)
    }

    fn worth(&self, request: &TextRequest, texts: &[&str]) -> Result<Vec<i64>, AnswerError> {
        if self.choice == Choice::Alike {
            let alike = |text: &&str| {
                texts.iter().map(|other| first_words(text, other, request.is_line()) as i64).sum()
            };
            return Ok(texts.iter().map(alike).collect());
        }
        let likelihoods = self.model.likelihoods(&request.context(), request.suffix.as_deref(), texts);
        let likelihoods = likelihoods.map_err(|error| AnswerError::Backend(error.to_string()))?;
        let of_a_byte = |(likelihood, text): (i64, &&str)| likelihood / (text.len().max(1) as i64);
        Ok(likelihoods.iter().map(|one| one.total()).zip(texts).map(of_a_byte).collect())
    }
}

impl Backend for Chooser {
    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let mut drawn = self.drawn(context, request)?;
        let texts: Vec<&str> = drawn.iter().map(|one| one.completion.as_str()).collect();
        let worth = self.worth(request, &texts)?;
        // Of equal answers the first, which is the likeliest word by word.
        let best = (0..drawn.len()).rev().max_by_key(|at| worth[*at]).unwrap_or_default();
        Ok(drawn.swap_remove(best))
    }
}

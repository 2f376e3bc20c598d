//! Ten answers of the public model, of which the best by the public measure is sent.

use myelin_subnet::{AnswerContext, AnswerError};

use crate::{
    backend::{Backend, ModelBackend},
    contrast,
    judge::Judge,
    protocol::{TextRequest, TextResponse},
    score,
};

/// Answers that are drawn.
const ANSWERS: u8 = 10;

/// Draws several answers, and judges each as the validator would but for what it cannot know: the hidden reference, and
/// the place and the strings that follow from it.
pub struct Chooser {
    judge: Judge,
}

impl Chooser {
    /// Draws from the model that validators judge with.
    pub fn new(judge: Judge) -> Self {
        Self { judge }
    }
}

impl Backend for Chooser {
    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let drawn = (0..ANSWERS).map(|secret| {
            ModelBackend::new(self.judge.model().clone(), [100 + secret; 32]).answer(context, request)
        });
        let drawn: Vec<TextResponse> = drawn.collect::<Result<_, _>>()?;
        if !request.messages.is_empty() {
            return drawn
                .into_iter()
                .next()
                .ok_or_else(|| AnswerError::Backend("no answer was drawn".into()));
        }
        let elsewhere = contrast::elsewhere(request, &mut contrast::judging_rng(&request.prompt));
        let texts: Vec<&str> = drawn.iter().map(|one| one.completion.as_str()).collect();
        let costs = self.judge.costs(request, &elsewhere, &texts);
        let costs = costs.map_err(|error| AnswerError::Backend(error.to_string()))?;
        let prompt = [&request.prompt, request.suffix.as_deref().unwrap_or_default()];
        // A reference that is new in all its pieces and costs a nat a byte, as most cost about.
        let usual = score::Costs { own: 60_000_000, elsewhere: 0, bytes: 60 };
        let worth =
            |at: usize| score::part_of(costs[at].worth(&usual), score::novelty(texts[at], "", &prompt));
        let best = (0..drawn.len()).max_by_key(|at| worth(*at));
        let mut drawn = drawn;
        best.map(|best| drawn.swap_remove(best))
            .ok_or_else(|| AnswerError::Backend("no answer was drawn".into()))
    }
}

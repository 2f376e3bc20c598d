//! Backends of a miner: a built-in model or an OpenAI-compatible endpoint.

use std::sync::Arc;

use myelin_lm::model::TextModel;
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::hash::blake2_256_of;

use crate::{
    declared::Declared,
    protocol::{TextRequest, TextResponse},
    rating::{vote, Comparison},
};

const SEED_DOMAIN: &[u8] = b"myelin/text-sampling/1";

/// Something that answers requests.
pub trait Backend: Send + Sync {
    /// The model that answers, as the miner declares it in its signatures.
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Answers a checked request; comparisons by votes ([`crate::rating::vote`]).
    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError>;

    /// Answers a checked request and hands out the text piece by piece; the answer is the same. Ends early when
    /// `on_text` returns false. Backends that cannot stream hand out the whole text at the end.
    fn answer_streaming(
        &self,
        context: &AnswerContext,
        request: &TextRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<TextResponse, AnswerError> {
        let response = self.answer(context, request)?;
        on_text(&response.completion);
        Ok(response)
    }
}

/// A model that samples with a seed of the miner's own. The miner declares it if the model can report its draws.
///
/// The seed depends on the miner's secret and the request. One miner answers a request in one way, and two miners with
/// the same model answer it in two.
pub struct ModelBackend {
    model: Arc<dyn TextModel>,
    secret: [u8; 32],
}

impl ModelBackend {
    /// Answers with `model`; `secret` is known to this miner alone.
    pub fn new(model: Arc<dyn TextModel>, secret: [u8; 32]) -> Self {
        Self { model, secret }
    }

    /// The model.
    pub fn model(&self) -> &Arc<dyn TextModel> {
        &self.model
    }

    /// Votes for the continuation that is likelier per byte.
    fn rate(&self, compare: &[Comparison]) -> Result<TextResponse, AnswerError> {
        let mut failed = None;
        let votes = vote(compare, |side| match self.model.likelihood(&side.text, None, &side.continuation) {
            Ok(likelihood) => Some(likelihood.cost_per_byte()),
            Err(error) => {
                failed = Some(AnswerError::Backend(error.to_string()));
                None
            }
        });
        // One strange text costs a vote. A model without likelihoods has none.
        match failed {
            Some(error) if votes.bytes().all(|vote| vote == b'-') => Err(error),
            _ => Ok(TextResponse::plain(votes)),
        }
    }

    fn seed(&self, request: &TextRequest) -> Result<u64, AnswerError> {
        let request = serde_json::to_vec(request).map_err(|error| AnswerError::Backend(error.to_string()))?;
        let [a, b, c, d, e, f, g, h, ..] = blake2_256_of(&[SEED_DOMAIN, &self.secret, &request]);
        Ok(u64::from_le_bytes([a, b, c, d, e, f, g, h]))
    }
}

impl Backend for ModelBackend {
    fn model_id(&self) -> [u8; 32] {
        self.model.id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        self.answer_streaming(context, request, &mut |_| true)
    }

    fn answer_streaming(
        &self,
        _: &AnswerContext,
        request: &TextRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<TextResponse, AnswerError> {
        if !request.compare.is_empty() {
            return self.rate(&request.compare);
        }
        let (completion, trace) = self
            .model
            .complete_traced(&request.to_model(self.seed(request)?), on_text)
            .map_err(|error| AnswerError::Backend(error.to_string()))?;
        let declared = trace.map(|trace| Declared::new(&self.model.id(), &trace));
        Ok(TextResponse { completion: completion.text, declared })
    }
}

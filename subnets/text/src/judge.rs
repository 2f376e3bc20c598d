//! The validator's model, as a source of integer costs.

use std::sync::Arc;

use myelin_lm::model::{ModelError, TextModel};

use crate::{protocol::TextRequest, score::Costs};

/// Judges texts by a model's likelihood. Clones share the model.
#[derive(Clone)]
pub struct Judge {
    model: Arc<dyn TextModel>,
}

impl Judge {
    /// A judge by this model, which must offer likelihoods.
    pub fn new(model: Arc<dyn TextModel>) -> Self {
        Self { model }
    }

    /// The model.
    pub fn model(&self) -> &Arc<dyn TextModel> {
        &self.model
    }

    /// Costs of texts after a request and after the same with the cursor elsewhere, each of which the model reads once.
    pub fn costs(
        &self,
        own: &TextRequest,
        elsewhere: &TextRequest,
        texts: &[&str],
    ) -> Result<Vec<Costs>, ModelError> {
        let (own, elsewhere) = (self.all_costs(own, texts)?, self.all_costs(elsewhere, texts)?);
        let costs = own.into_iter().zip(elsewhere).zip(texts);
        Ok(costs.map(|((own, elsewhere), text)| Costs { own, elsewhere, bytes: text.len() }).collect())
    }

    /// Costs of texts as the continuation of a request's prompt or conversation, in millionths of a nat, never
    /// negative.
    fn all_costs(&self, context: &TextRequest, texts: &[&str]) -> Result<Vec<i64>, ModelError> {
        let likelihoods = self.model.likelihoods(&context.context(), context.suffix.as_deref(), texts)?;
        Ok(likelihoods.into_iter().map(|likelihood| likelihood.total().saturating_neg().max(0)).collect())
    }
}

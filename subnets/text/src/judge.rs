//! The validator's model, as a source of integer costs.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use myelin_lm::model::{ModelError, TextModel};
use myelin_wire::hash::blake2_256_of;

use crate::{protocol::TextRequest, score::Costs};

/// Costs that are kept, so that comparing answers does not compute again what scoring them has computed.
const KEPT: usize = 8192;

/// Judges texts by a model's likelihood. Clones share the model and what was computed.
#[derive(Clone)]
pub struct Judge {
    model: Arc<dyn TextModel>,
    kept: Arc<Mutex<HashMap<[u8; 32], i64>>>,
}

impl Judge {
    /// A judge by this model, which must offer likelihoods.
    pub fn new(model: Arc<dyn TextModel>) -> Self {
        Self { model, kept: Arc::default() }
    }

    /// The model.
    pub fn model(&self) -> &Arc<dyn TextModel> {
        &self.model
    }

    /// Name of the model.
    pub fn name(&self) -> String {
        self.model.name()
    }

    /// Cost of `text` as the continuation of a request's prompt or conversation, in millionths of a nat, never negative.
    pub fn cost(&self, context: &TextRequest, text: &str) -> Result<i64, ModelError> {
        self.all_costs(context, &[text]).map(|costs| costs.first().copied().unwrap_or_default())
    }

    /// Costs of several texts after one prompt, which the model reads once; the same as one by one.
    pub fn all_costs(&self, context: &TextRequest, texts: &[&str]) -> Result<Vec<i64>, ModelError> {
        let (prompt, suffix) = (context.context(), context.suffix.as_deref());
        let keys: Vec<_> = texts.iter().map(|text| self.key(&prompt, suffix, text)).collect();
        let mut costs: Vec<Option<i64>> = {
            let kept = self.lock();
            keys.iter().map(|key| kept.get(key).copied()).collect()
        };
        let missing: Vec<usize> = (0..texts.len()).filter(|&at| costs[at].is_none()).collect();
        let unread: Vec<&str> = missing.iter().map(|&at| texts[at]).collect();
        let computed = self.model.likelihoods(&prompt, suffix, &unread)?;
        let mut kept = self.lock();
        if kept.len() + missing.len() > KEPT {
            kept.clear();
        }
        for (at, likelihood) in missing.into_iter().zip(computed) {
            let cost = likelihood.total().saturating_neg().max(0);
            kept.insert(keys[at], cost);
            costs[at] = Some(cost);
        }
        Ok(costs.into_iter().map(Option::unwrap_or_default).collect())
    }

    /// Costs of texts in their own and in a foreign context.
    pub fn costs(
        &self,
        own: &TextRequest,
        foreign: &TextRequest,
        texts: &[&str],
    ) -> Result<Vec<Costs>, ModelError> {
        let (own, foreign) = (self.all_costs(own, texts)?, self.all_costs(foreign, texts)?);
        Ok(own.into_iter().zip(foreign).map(|(own, foreign)| Costs { own, foreign }).collect())
    }

    fn key(&self, prompt: &str, suffix: Option<&str>, text: &str) -> [u8; 32] {
        let length = |text: &str| (text.len() as u64).to_le_bytes();
        let parts = [prompt, suffix.unwrap_or_default()];
        blake2_256_of(&[
            &length(parts[0]),
            parts[0].as_bytes(),
            &[u8::from(suffix.is_some())],
            &length(parts[1]),
            parts[1].as_bytes(),
            text.as_bytes(),
        ])
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], i64>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

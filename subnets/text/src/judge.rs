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

    /// Name of the model.
    pub fn name(&self) -> String {
        self.model.name()
    }

    /// Cost of `text` as the continuation of a request's prompt, in millionths of a nat, never negative.
    pub fn cost(&self, context: &TextRequest, text: &str) -> Result<i64, ModelError> {
        let suffix = context.suffix.as_deref();
        let key = self.key(&context.prompt, suffix, text);
        if let Some(cost) = self.lock().get(&key) {
            return Ok(*cost);
        }
        let cost = self.model.likelihood(&context.prompt, suffix, text)?.total().saturating_neg().max(0);
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(key, cost);
        Ok(cost)
    }

    /// Costs of `text` in its own and in a foreign context.
    pub fn costs(&self, own: &TextRequest, foreign: &TextRequest, text: &str) -> Result<Costs, ModelError> {
        Ok(Costs { own: self.cost(own, text)?, foreign: self.cost(foreign, text)? })
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

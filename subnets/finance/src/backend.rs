//! Backends that answer for a miner.

use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::{hash::blake2_256_of, seed::Seed};

use crate::{
    forecast::Forecaster,
    protocol::{FinanceRequest, FinanceResponse},
};

/// Forecasts for a miner.
pub trait Backend: Send + Sync {
    /// Answers a request that was checked.
    fn answer(
        &self,
        context: &AnswerContext,
        request: &FinanceRequest,
    ) -> Result<FinanceResponse, AnswerError>;
}

/// A built-in forecaster. The same request gets the same answer every time.
pub struct BuiltIn {
    /// The forecaster.
    pub forecaster: Forecaster,
    /// A number of the miner's own, so that two miners simulate other ways.
    pub salt: u64,
}

impl Backend for BuiltIn {
    fn answer(&self, _: &AnswerContext, request: &FinanceRequest) -> Result<FinanceResponse, AnswerError> {
        let text = serde_json::to_vec(request).map_err(|error| AnswerError::Backend(error.to_string()))?;
        let seed = Seed(blake2_256_of(&[b"myelin finance answer", &self.salt.to_le_bytes(), &text]));
        Ok(self.forecaster.answer(request, &seed))
    }
}

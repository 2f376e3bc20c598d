//! A stand-in for models that are better than any that is shipped.
//!
//! It knows the phrases of the validators, reads tasks with a check backwards, and errs in each step with a chance of its
//! own. So its quality is known exactly, up to perfection. No model is at work: it understands nothing but these
//! phrases, and another backend answers everything else.

use std::sync::Arc;

use myelin_subnet::{AnswerContext, AnswerError, SubnetError};
use myelin_wire::{hash::blake2_256_of, record::Ppm, seed::Seed};

use super::{
    found_or,
    inverter::{Found, Solved},
    Inverter,
};
use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    verifiable::Phrases,
};

const DOMAIN: &[u8] = b"myelin/text-solver/1";

/// Solves tasks that were made of known phrases, and errs at will.
pub struct Solver {
    inverter: Inverter,
    error: Ppm,
    secret: [u8; 32],
    otherwise: Arc<dyn Backend>,
}

impl Solver {
    /// A solver that errs in a step with chance `error`; `secret` decides where. `otherwise` answers requests that were
    /// not made of the phrases.
    pub fn new(phrases: Phrases, error: Ppm, secret: [u8; 32], otherwise: Arc<dyn Backend>) -> Self {
        Self { inverter: Inverter::of(phrases, otherwise.clone()), error, secret, otherwise }
    }

    /// The same with the phrases of this repository.
    pub fn of_public(error: Ppm, secret: [u8; 32], otherwise: Arc<dyn Backend>) -> Result<Self, SubnetError> {
        Ok(Self::new(Phrases::public()?, error, secret, otherwise))
    }

    fn solve(&self, request: &TextRequest) -> Option<String> {
        let solved = self.inverter.solve(request)?;
        let said = request.messages.last()?.content.as_bytes();
        let mut rng = Seed(blake2_256_of(&[DOMAIN, &self.secret, said])).rng();
        let errs = (0..solved.steps).any(|_| rng.below(1_000_000) < u64::from(self.error.get()));
        Some(if errs { wrong(solved) } else { solved.answer() })
    }
}

/// An answer in the right form that is wrong.
fn wrong(solved: Solved) -> String {
    let right = match solved.right {
        Found::Number(number) => Found::Number(number.saturating_add(1)),
        Found::Fields(fields) => {
            Found::Fields(fields.into_iter().map(|(key, _)| (key, "none".into())).collect())
        }
        Found::Program(_) => Found::Program("function solve(x) { return null; }".into()),
    };
    Solved { right, ..solved }.answer()
}

impl Backend for Solver {
    fn model_id(&self) -> [u8; 32] {
        self.otherwise.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        found_or(self.solve(request), &self.otherwise, context, request)
    }
}

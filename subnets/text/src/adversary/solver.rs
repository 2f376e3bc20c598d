//! A stand-in for models that are better than any that is shipped.
//!
//! It knows the phrases of the validators, reads tasks with a check backwards, and errs in each step with a chance of
//! its own. So its quality is known exactly, up to perfection. No model is at work: it understands nothing but these
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{
        adversary::Garbage,
        task::{self, Hidden},
        verifiable::{arithmetic, extraction, grade::START, Right},
    };

    #[test]
    fn a_solver_is_right_as_often_as_its_errors_allow() {
        let phrases = Phrases::public().unwrap();
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(9),
        };
        let right = |error: Ppm| {
            let solver = Solver::of_public(error, [4; 32], Arc::new(Garbage)).unwrap();
            let (mut right, mut expected) = (0u32, 0.0);
            for number in 0..200 {
                let seed = Seed([3; 32]).derive(b"solver", number);
                let task = match number % 2 {
                    0 => task::arithmetic(&phrases, START, &seed),
                    _ => task::trail(&phrases, START, &seed),
                };
                let task = task.unwrap();
                let Hidden::Graded { grade, right: wanted } = &task.hidden else { panic!("{task:?}") };
                let answer = solver.answer(&context, &task.request).unwrap();
                assert_eq!(solver.answer(&context, &task.request).unwrap(), answer);
                let is_right = match wanted {
                    Right::Number(number) => arithmetic::is_answered_by(*number, &answer.completion),
                    Right::Fields(fields) => extraction::right(fields, &answer.completion) == fields.len(),
                    Right::Program(_) => panic!("{task:?}"),
                };
                right += u32::from(is_right);
                expected += (1.0 - f64::from(error.get()) / 1e6).powi(*grade as i32) / 200.0;
            }
            (f64::from(right) / 200.0, expected)
        };
        for error in [0, 10_000, 100_000, 400_000, 1_000_000] {
            let (right, expected) = right(Ppm::new(error));
            // Two hundred answers deviate by a thirtieth at most.
            assert!((right - expected).abs() < 0.1, "{error}: {right:.3} for {expected:.3}");
            assert!(error > 0 || right == 1.0);
            assert!(error < 1_000_000 || right == 0.0);
        }
    }
}

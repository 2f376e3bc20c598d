//! A subnet in which miners estimate numbers: the nearer, the better. Two miners only estimate alike if one repeats the
//! other.

use std::time::Duration;

use myelin_sandbox::Limits;
use myelin_subnet::{
    evaluation::{every_two, Agreement, MicroNats},
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_wire::{
    hash::blake2_256_of,
    record::{PartRule, Ppm, Reason, Rubric},
    seed::Seed,
};

/// Estimates that are off by this much are worth nothing.
pub const WIDTH: u64 = 1_000_000;

/// A way to estimate. Another model with the same error makes other mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// Identity of the model, which its noise depends on.
    pub id: u64,
    /// Mean error of its estimates, in millionths of the width.
    pub error: u32,
}

impl Model {
    /// Mean worth of its estimates.
    pub fn quality(&self) -> f64 {
        1.0 - f64::from(self.error) / 1e6
    }

    /// Its estimate of a number.
    pub fn estimate(&self, number: u64) -> u64 {
        let noise = blake2_256_of(&[b"estimate", &self.id.to_le_bytes(), &number.to_le_bytes()]);
        let [a, b, c, d, ..] = noise;
        let spread = 2 * u64::from(self.error) + 1;
        number + u64::from(u32::from_le_bytes([a, b, c, d])) * spread / (1 << 32)
    }
}

/// How an instance is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// The model that a miner answers with.
    pub model: Option<Model>,
    /// Whether a validator gives every answer the same score, and treats no miner as a copy: the control.
    pub equal_scores: bool,
}

/// The subnet.
pub struct Estimating {
    rubric: Rubric,
    setup: Setup,
}

impl Subnet for Estimating {
    const NAME: &'static str = "Estimating";
    const VERSION: u32 = 1;
    type Request = u64;
    type Response = u64;
    type Hidden = u64;
    type Config = Setup;
    type State = ();

    fn open(setup: Setup) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("estimating", 1, vec![PartRule::Share { name: "nearness", weight: 1 }])
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        Ok(Self { rubric, setup })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        let limits = Limits { fuel: 1_000_000, memory: 1 << 20, input: 4096, output: 4096 };
        vec![Mechanism::serve(), Mechanism::submit(limits, 64 * 1024)]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let plan = |mechanism, kind, share, count| TaskPlan {
            mechanism,
            kind,
            share,
            count,
            commit: share == Share::Round,
            deadline: Duration::from_secs(8),
            fastest: Duration::from_millis(1),
            answer_limit: 64,
            weight: 1,
        };
        vec![plan(0, "served", Share::Round, 12), plan(1, "entered", Share::Network, 16)]
    }

    fn challenge(&self, _: &TaskPlan, seed: &Seed, _: &()) -> Result<Challenge<Self>, SubnetError> {
        let number = seed.rng().below(1 << 40);
        Ok(Challenge { request: number, hidden: number })
    }

    fn score(&self, challenge: &Challenge<Self>, answers: &[Answer<u64>], (): &mut ()) -> Vec<Judgement> {
        let judge = |answer: &Answer<u64>| {
            let off = answer.response.abs_diff(challenge.hidden).min(WIDTH);
            let part =
                if self.setup.equal_scores { Ppm::new(500_000) } else { Ppm::ratio(WIDTH - off, WIDTH) };
            Judgement { parts: vec![part], reason: Reason::Scored, note: format!("{off} off") }
        };
        answers.iter().map(judge).collect()
    }

    fn agreements(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<u64>],
    ) -> Vec<(usize, usize, Agreement)> {
        every_two(answers, |one, other| {
            if self.setup.equal_scores || one.response == challenge.hidden {
                return None;
            }
            let matched = one.response == other.response;
            Some(Agreement { evidence: MicroNats::nats(if matched { 8 } else { -1 }), matched })
        })
    }

    fn answer(&self, _: &AnswerContext, number: &u64) -> Result<u64, AnswerError> {
        let model =
            self.setup.model.ok_or_else(|| AnswerError::Refused("no model is attached here".into()))?;
        Ok(model.estimate(*number))
    }
}

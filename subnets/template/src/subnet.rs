//! The subnet as the framework sees it.

use std::time::Duration;

use myelin_sandbox::Limits;
use myelin_subnet::{
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Share, Subnet, SubnetError, TaskPlan,
};
use myelin_wire::{
    record::{Reason, Rubric},
    seed::Seed,
};

use crate::{
    protocol::{Map, Trip, VERSION},
    score,
    solver::Solver,
    task::{self, Hidden},
};

/// Set-up of an instance. A miner needs a solver, a validator nothing.
#[derive(Clone, Default)]
pub struct Config {
    /// Solver that answers.
    pub solver: Option<Solver>,
}

/// A miner that answers sooner knew the map before.
const FASTEST: Duration = Duration::from_millis(1);
/// Time to answer.
const DEADLINE: Duration = Duration::from_secs(8);
/// Longest answer in bytes: 60 numbers of two digits need under 200.
const ANSWER_LIMIT: usize = 1024;
/// Maps that each miner gets in a round.
const SERVED: u16 = 6;
/// Maps that each submitted program gets in a round.
const SUBMITTED: u16 = 6;
/// Limits of a submitted program for one answer. 500,000 units of fuel count as a millisecond.
const PROGRAM: Limits =
    Limits { fuel: 1_000_000_000, memory: 64 << 20, input: 64 << 10, output: ANSWER_LIMIT };
/// Longest program in bytes.
const PROGRAM_BYTES: usize = 1 << 20;

/// One instance for a miner, a validator, or both.
pub struct RoundTripSubnet {
    config: Config,
    rubric: Rubric,
}

impl Subnet for RoundTripSubnet {
    const NAME: &'static str = "RoundTrip";
    const VERSION: u32 = VERSION;
    type Request = Map;
    type Response = Trip;
    type Hidden = Hidden;
    type Config = Config;
    // A validator's memory from round to round: nothing here.
    type State = ();

    fn open(config: Config) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        Ok(Self { config, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        // Number 0: miners answer. Number 1: miners submit programs; the owner of a subnet switches it on.
        vec![Mechanism::serve(), Mechanism::submit(PROGRAM, PROGRAM_BYTES)]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let served = TaskPlan {
            kind: "served",
            mechanism: 0,
            // A trip is easy to repeat, so every miner gets maps of its own.
            share: Share::Miner,
            count: SERVED,
            commit: false,
            fastest: FASTEST,
            deadline: DEADLINE,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        };
        let submitted = TaskPlan {
            kind: "submitted",
            mechanism: 1,
            // Programs were submitted before the maps were drawn, so all get the same ones, from every validator.
            share: Share::Network,
            count: SUBMITTED,
            // The time of programs is counted in fuel.
            fastest: Duration::ZERO,
            ..served.clone()
        };
        vec![served, submitted]
    }

    fn challenge(&self, _: &TaskPlan, seed: &Seed, (): &()) -> Result<Challenge<Self>, SubnetError> {
        let (request, hidden) = task::draw(seed);
        Ok(Challenge { request, hidden })
    }

    fn score(&self, challenge: &Challenge<Self>, answers: &[Answer<Trip>], (): &mut ()) -> Vec<Judgement> {
        let allowed_ms = DEADLINE.as_millis() as u64;
        let judge = |answer: &Answer<Trip>| match score::length(&challenge.request, &answer.response) {
            Ok(length) => Judgement {
                parts: vec![
                    score::quality(length, challenge.hidden.net),
                    score::speed(answer.latency.start_ms(), allowed_ms),
                ],
                reason: Reason::Scored,
                note: format!("{length} long, the net {}", challenge.hidden.net),
            },
            Err((reason, note)) => Judgement::refused(reason, note),
        };
        answers.iter().map(judge).collect()
    }

    fn answer(&self, _: &AnswerContext, request: &Map) -> Result<Trip, AnswerError> {
        request.check().map_err(AnswerError::Refused)?;
        let solver = self.config.solver;
        let solver = solver.ok_or_else(|| AnswerError::Backend("no solver was set up here".into()))?;
        Ok(solver(request))
    }
}

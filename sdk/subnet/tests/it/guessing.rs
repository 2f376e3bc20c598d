//! A small subnet for tests: a hint points at a number, and the nearer the guess the better.

use std::time::Duration;

use myelin_sandbox::Limits;
use myelin_subnet::{
    evaluation::{every_two, Agreement, LadderRule, MicroNats},
    Answer, AnswerContext, AnswerError, Challenge, Engine, Judgement, Mechanism, Pay, Share, Subnet,
    SubnetError, TaskPlan,
};
use myelin_wire::{
    hash::blake2_256,
    record::{PartRule, Ppm, Reason, Rubric},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

/// Behaviour of a miner.
#[derive(Clone, Copy, Debug)]
pub enum Style {
    /// Errs by at most `error`, in a way that depends on `own`.
    Within { error: u64, own: u64 },
    /// Never answers.
    Asleep,
    /// Fails with an error.
    Broken,
    /// Takes this long for an answer, and streams a long one at once.
    Slow(Duration),
}

/// Pieces of a long stream, and the bytes of each. Together they are more than a connection of this machine buffers.
const PIECES: usize = 1_024;
const PIECE: usize = 8 * 1_024;

pub struct Guessing {
    rubric: Rubric,
    style: Style,
    /// Time for an answer.
    pub deadline: Duration,
    /// Engines that judging uses.
    pub engines: Vec<Engine>,
    /// How long judging a task takes.
    pub judging: Duration,
    /// Whether tasks for one miner alone are earlier requests of customers.
    pub customers: bool,
    /// Models that judging is said to run again.
    pub held: Vec<[u8; 32]>,
}

/// Numbers of customers begin here, with digits that nothing else begins with.
pub const CUSTOMERS: u64 = 314_159_265_358_000_000;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The number to be guessed, plus noise that an honest guess cannot remove.
    pub hint: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    pub guess: u64,
}

pub const DEADLINE: Duration = Duration::from_millis(1_200);

impl Subnet for Guessing {
    const NAME: &'static str = "Guessing";
    const VERSION: u32 = 1;
    type Request = Question;
    type Response = Guess;
    type Hidden = u64;
    type Config = Style;
    /// Tasks scored so far: shows that state survives a restart.
    type State = u64;

    fn open(style: Style) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("guessing", 1, vec![PartRule::Share { name: "nearness", weight: 1 }])
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "fix the rubric"))?;
        Ok(Self {
            rubric,
            style,
            deadline: DEADLINE,
            engines: Vec::new(),
            judging: Duration::ZERO,
            customers: false,
            held: Vec::new(),
        })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn engines(&self) -> Vec<Engine> {
        self.engines.clone()
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let plan = |kind, share, count, commit| TaskPlan {
            mechanism: 0,
            kind,
            share,
            count,
            commit,
            deadline: self.deadline,
            fastest: Duration::ZERO,
            answer_limit: 200,
            weight: 1,
        };
        let entered = TaskPlan { mechanism: 1, ..plan("entered", Share::Network, 3, false) };
        // A miner with many tasks in a round is a target for floods.
        let open = if let Style::Slow(_) = self.style { 400 } else { 4 };
        vec![plan("open", Share::Round, open, true), plan("own", Share::Miner, 2, false), entered]
    }

    /// Served, and submitted where the chain has a second mechanism.
    fn mechanisms(&self) -> Vec<Mechanism> {
        let limits = Limits { fuel: 1_000_000, memory: 1 << 20, input: 4096, output: 4096 };
        let pay = Pay::Ladder(LadderRule { window: 2, ..LadderRule::default() });
        vec![Mechanism::serve(), Mechanism { pay, ..Mechanism::submit(limits, 64 * 1024) }]
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, _: &u64) -> Result<Challenge<Self>, SubnetError> {
        let least = if self.organic_kind() == Some(plan.kind) { CUSTOMERS } else { 0 };
        let hidden = least + seed.rng().range(100_000, 900_000);
        Ok(Challenge { request: Question { hint: hidden }, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<Guess>],
        state: &mut u64,
    ) -> Vec<Judgement> {
        *state += 1;
        std::thread::sleep(self.judging);
        let judge = |answer: &Answer<Guess>| {
            let off = answer.response.guess.abs_diff(challenge.hidden);
            match off {
                100_000.. => Judgement::refused(Reason::Garbage, format!("{off} off")),
                _ => Judgement {
                    parts: vec![Ppm::ratio(100_000 - off, 100_000)],
                    reason: Reason::Scored,
                    note: format!("{off} off"),
                },
            }
        };
        answers.iter().map(judge).collect()
    }

    fn agreements(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<Guess>],
    ) -> Vec<(usize, usize, Agreement)> {
        every_two(answers, |one, other| {
            let matched = one.response == other.response;
            let right = one.response.guess == challenge.hidden;
            let nats = if matched && !right { 8 } else { -1 };
            Some(Agreement { evidence: MicroNats::nats(nats), matched })
        })
    }

    fn answer(&self, _: &AnswerContext, request: &Question) -> Result<Guess, AnswerError> {
        match self.style {
            Style::Within { error, own } => {
                let noise = blake2_256(format!("{own} {}", request.hint).as_bytes());
                let noise = u64::from_le_bytes([noise[0], noise[1], noise[2], noise[3], 0, 0, 0, 0]);
                Ok(Guess { guess: request.hint + error / 2 + noise % (error / 2).max(1) })
            }
            Style::Asleep => {
                std::thread::sleep(DEADLINE * 2);
                Ok(Guess { guess: request.hint })
            }
            Style::Slow(time) => {
                std::thread::sleep(time);
                Ok(Guess { guess: request.hint })
            }
            Style::Broken => Err(AnswerError::Backend("out of memory".into())),
        }
    }

    fn answer_streaming(
        &self,
        _: &AnswerContext,
        request: &Question,
        on_event: &mut dyn FnMut(String) -> bool,
    ) -> Option<Result<Guess, AnswerError>> {
        let Style::Slow(_) = self.style else { return None };
        let piece = format!("\"{}\"", "x".repeat(PIECE));
        // Like a backend, it ends when nobody listens.
        (0..PIECES).all(|_| on_event(piece.clone()));
        Some(Ok(Guess { guess: request.hint }))
    }

    fn organic(&self, request: &serde_json::Value) -> Option<Question> {
        serde_json::from_value(request.clone()).ok()
    }

    fn organic_kind(&self) -> Option<&'static str> {
        self.customers.then_some("own")
    }

    fn held_models(&self) -> Vec<[u8; 32]> {
        self.held.clone()
    }

    fn model_id(&self, _: &Question) -> [u8; 32] {
        [7; 32]
    }
}

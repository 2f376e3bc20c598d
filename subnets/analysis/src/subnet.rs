//! The analysis subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_sandbox::Limits;
use myelin_subnet::{
    evaluation::LoadRule,
    past::{nothing, UsedUp},
    subnet::Mechanism,
    Answer, AnswerContext, AnswerError, Challenge, Effort, Engine, Judgement, Judging, Share, Subnet,
    SubnetError, TaskPlan,
};
use myelin_wire::{
    record::{Reason, Rubric},
    seed::Seed,
};

use crate::{
    engine, ensemble,
    judge::{engine_limits, Hidden, Judge, Refused, Verdict},
    miner::Backend,
    past::{self, Past},
    protocol::{AnalysisRequest, AnalysisResponse, MAX_EXPLANATION, VERSION},
    query, score,
    task::{self, Form, Source, Task},
};

/// Set-up of an instance. A validator needs a source of tasks, a miner a backend.
#[derive(Clone, Default)]
pub struct AnalysisConfig {
    /// Source of tasks.
    pub source: Option<Source>,
    /// Earlier requests of customers, of which controls are made.
    pub past: Option<Arc<Past>>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks of a round, and the time for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Questions by example, for each miner alone.
    pub example: u16,
    /// Questions in words, for each miner alone.
    pub words: u16,
    /// Questions in words with an example, for each miner alone.
    pub both: u16,
    /// Questions of earlier customers, for each miner alone.
    pub control: u16,
    /// Questions by example that every submitted program gets.
    pub submitted: u16,
    /// Time to answer.
    pub deadline: Duration,
    /// Weight of a question in words alone, against 4 for the others. A phrasebook that everybody has can be read
    /// backwards, so words weigh little unless the validator's phrasebook is its own.
    pub words_weight: u32,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            example: 3,
            words: 1,
            both: 2,
            control: 0,
            submitted: 6,
            deadline: Duration::from_secs(8),
            words_weight: 1,
        }
    }
}

/// Weight of questions that no phrasebook gives away.
const WEIGHT: u32 = 4;
/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer body: query and explanation, with room for JSON's escapes before quotes.
const ANSWER_LIMIT: usize = 2 * (query::MAX_BYTES + MAX_EXPLANATION);

/// Limits of a submitted program for one answer: about a second, within which speed is full.
pub const PROGRAM_LIMITS: Limits =
    Limits { fuel: 1_000_000_000, memory: 256 << 20, input: 256 << 10, output: ANSWER_LIMIT };
/// Longest submitted program in bytes.
pub const PROGRAM_BYTES: usize = 4 << 20;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// Drawing that much takes a validator about a quarter of a core-minute a round. The exponent lets right answers count
/// for more than quick ones.
const LOAD: LoadRule = LoadRule { budget: 60_000, checked: 24, sharpness: 4 };
/// Steps that the queries of a miner may take in a round. The honest answers of a round, 24, took 130,000 in all, and
/// one that is as expensive as possible up to 400,000.
const STEPS: u64 = 2_000_000;
/// The kind of tasks from earlier requests of customers.
const CONTROL: &str = "control";
/// Mechanism whose miners answer requests.
const SERVE: u8 = 0;
/// Mechanism whose miners submit programs.
const SUBMIT: u8 = 1;

/// Data analysis: one instance for a miner, a validator, or both.
pub struct AnalysisSubnet {
    config: AnalysisConfig,
    /// Source of the tasks for programs, from words that all validators have: programs get the same questions from
    /// every validator.
    public: Source,
    rubric: Rubric,
}

impl Subnet for AnalysisSubnet {
    const NAME: &'static str = "Analysis";
    const VERSION: u32 = VERSION;
    type Request = AnalysisRequest;
    type Response = AnalysisResponse;
    type Hidden = Hidden;
    type Config = AnalysisConfig;
    type State = UsedUp;

    fn open(config: AnalysisConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        engine::check_version()?;
        Ok(Self { config, public: Source::public()?, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::saturate(LOAD), Mechanism::submit(PROGRAM_LIMITS, PROGRAM_BYTES)]
    }

    fn engines(&self) -> Vec<Engine> {
        vec![Engine { name: "sqlite", version: engine::SQLITE_VERSION.into(), limits: engine_limits() }]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { example, words, both, control, submitted, deadline, words_weight } = self.config.load;
        let served = |kind, count, weight| TaskPlan {
            kind,
            mechanism: SERVE,
            // A question has one right answer, so every miner gets questions of its own.
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight,
        };
        vec![
            served("example", example, WEIGHT),
            served("words", words, words_weight),
            served("both", both, WEIGHT),
            served(CONTROL, control, WEIGHT),
            // Programs get questions by example alone: a program could hold all public sentences.
            TaskPlan {
                mechanism: SUBMIT,
                share: Share::Network,
                fastest: Duration::ZERO,
                ..served("search", submitted, WEIGHT)
            },
        ]
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, used: &UsedUp) -> Result<Challenge<Self>, SubnetError> {
        if plan.kind == CONTROL {
            let past = self.config.past.as_ref().ok_or_else(nothing)?;
            let Task { request, hidden } = task::control(past, used, seed).ok_or_else(nothing)?;
            return Ok(Challenge { request, hidden });
        }
        let source = self.source()?;
        let (source, form) = match plan.kind {
            "search" => (&self.public, Form::Example),
            "example" => (source, Form::Example),
            "words" => (source, Form::Words),
            _ => (source, Form::Both),
        };
        let Task { request, hidden } = task::draw(source, form, seed)
            .ok_or_else(|| trouble("no query with a single answer", "use a lexicon with more attributes"))?;
        Ok(Challenge { request, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<AnalysisResponse>],
        used: &mut UsedUp,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(used)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<AnalysisResponse>],
        effort: &mut Effort,
    ) -> Judging<'a, Self> {
        let judgements = self.judgements(challenge, answers, effort);
        Box::new(move |used| {
            self.config.past.iter().for_each(|past| past.note(&challenge.request, used));
            judgements
        })
    }

    fn effort(&self, mechanism: u8) -> Option<u64> {
        (mechanism == SERVE).then_some(STEPS)
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &AnalysisRequest,
    ) -> Result<AnalysisResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("nothing that answers is attached here".into()))?
            .answer(context, request)
    }

    fn combine(
        &self,
        request: &AnalysisRequest,
        answers: &[(AnalysisResponse, u64)],
    ) -> Option<AnalysisResponse> {
        ensemble::combine(request, answers)
    }

    fn organic(&self, body: &serde_json::Value) -> Option<AnalysisRequest> {
        past::asked(body)
    }

    fn organic_kind(&self) -> Option<&'static str> {
        Some(CONTROL)
    }

    fn model_id(&self, _: &AnalysisRequest) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }
}

impl AnalysisSubnet {
    /// The judgements of answers, which charge the steps of their queries to `effort`.
    fn judgements(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<AnalysisResponse>],
        effort: &mut Effort,
    ) -> Vec<Judgement> {
        if effort.is_spent() {
            let spent = || {
                Judgement::refused(
                    Reason::Garbage,
                    "the miner's queries before used up its steps of the round",
                )
            };
            return answers.iter().map(|_| spent()).collect();
        }
        let judge = match Judge::open(&challenge.hidden) {
            Ok(judge) => judge,
            Err(error) => {
                let excused =
                    || Judgement::refused(Reason::Excused, format!("the hidden tables failed: {error}"));
                return answers.iter().map(|_| excused()).collect();
            }
        };
        let allowed = u64::try_from(self.config.load.deadline.as_millis()).unwrap_or(u64::MAX);
        let responses: Vec<&AnalysisResponse> = answers.iter().map(|answer| &answer.response).collect();
        let verdicts = judge.judge_all(&responses);
        effort.spend(judge.steps());
        let judgement =
            |(answer, verdict): (&Answer<AnalysisResponse>, Result<Verdict, Refused>)| match verdict {
                Ok(verdict) => Judgement {
                    parts: vec![
                        verdict.accuracy,
                        verdict.cost,
                        verdict.explanation,
                        score::speed(answer.latency.start_ms(), allowed),
                    ],
                    reason: Reason::Scored,
                    note: verdict.note,
                },
                Err((reason, note)) => Judgement::refused(reason, note),
            };
        answers.iter().zip(verdicts).map(judgement).collect()
    }

    /// The source of tasks.
    pub(crate) fn source(&self) -> Result<&Source, SubnetError> {
        let source = self.config.source.as_ref();
        source.ok_or_else(|| trouble("no source of tasks", "set up the validator with one"))
    }
}

fn trouble(found: &str, next: &str) -> SubnetError {
    SubnetError::new("drawing a task", found, next)
}

//! The translation subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::LoadRule,
    past::{nothing, UsedUp},
    subnet::{speed, Mechanism},
    Answer, AnswerContext, AnswerError, Challenge, Effort, Judgement, Judging, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_wire::{record::Rubric, seed::Seed};

use crate::{
    backend::Backend,
    compose::Composer,
    ensemble,
    past::{self, Past},
    protocol::{TranslationRequest, TranslationResponse, VERSION},
    score::{self, Right},
    task::{self, Hidden, Task},
};

/// Set-up of an instance. A validator needs a secret, a miner a backend.
#[derive(Clone, Default)]
pub struct TranslationConfig {
    /// Secret from which a validator's texts are composed.
    pub secret: Option<[u8; 32]>,
    /// Earlier requests of customers, of which controls are made.
    pub past: Option<Arc<Past>>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks of a round, and the time for each. Every miner gets tasks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Texts alone.
    pub texts: u16,
    /// Texts with a glossary.
    pub terms: u16,
    /// Requests of earlier customers.
    pub control: u16,
    /// Time to answer.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { texts: 3, terms: 3, control: 0, deadline: Duration::from_secs(8) }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer in bytes.
const ANSWER_LIMIT: usize = 128 << 10;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// The exponent lets right answers count for more than quick ones.
const LOAD: LoadRule = LoadRule { budget: 60_000, checked: 24, sharpness: 4 };
/// The kind of tasks with a glossary.
const TERMS: &str = "terms";
/// The kind of tasks from earlier requests of customers.
const CONTROL: &str = "control";

/// Translation: one instance for a miner, a validator, or both.
pub struct TranslationSubnet {
    config: TranslationConfig,
    composer: Option<Composer>,
    rubric: Rubric,
}

impl Subnet for TranslationSubnet {
    const NAME: &'static str = "Translation";
    const VERSION: u32 = VERSION;
    type Request = TranslationRequest;
    type Response = TranslationResponse;
    type Hidden = Hidden;
    type Config = TranslationConfig;
    type State = UsedUp;

    fn open(config: TranslationConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let composer = config.secret.as_ref().map(Composer::new);
        Ok(Self { config, composer, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::saturate(LOAD)]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { texts, terms, control, deadline } = self.config.load;
        let served = |kind, count| TaskPlan {
            kind,
            mechanism: 0,
            // A text has few right translations, so every miner gets texts of its own.
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        };
        vec![served("texts", texts), served(TERMS, terms), served(CONTROL, control)]
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, used: &UsedUp) -> Result<Challenge<Self>, SubnetError> {
        let Task { request, hidden } = if plan.kind == CONTROL {
            let past = self.config.past.as_ref().ok_or_else(nothing)?;
            task::control(past, used, seed).ok_or_else(nothing)?
        } else {
            let composer = self.composer.as_ref().ok_or_else(|| {
                SubnetError::new(
                    "drawing texts",
                    "no secret to compose them from",
                    "set the validator up with one",
                )
            })?;
            task::draw(composer, seed, plan.kind == TERMS)
        };
        Ok(Challenge { request, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<TranslationResponse>],
        used: &mut UsedUp,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(used)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<TranslationResponse>],
        _: &mut Effort,
    ) -> Judging<'a, Self> {
        let Challenge { request, hidden } = challenge;
        let right: Vec<Right> = request
            .texts
            .iter()
            .zip(&hidden.references)
            .map(|(text, references)| Right::new(text, references, &request.glossary, &request.keep))
            .collect();
        let judge = |answer: &Answer<TranslationResponse>| {
            let worth = score::judge(request, &right, &answer.response);
            let [accuracy, confidence] = worth.parts;
            let speed = speed(answer.latency, self.config.load.deadline);
            Judgement { parts: vec![accuracy, confidence, speed], reason: worth.reason, note: worth.note }
        };
        let judgements: Vec<Judgement> = answers.iter().map(judge).collect();
        Box::new(move |used| {
            self.config.past.iter().for_each(|past| past.note(request, used));
            judgements
        })
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("nothing that translates is attached here".into()))?
            .answer(context, request)
    }

    fn combine(
        &self,
        request: &TranslationRequest,
        answers: &[(TranslationResponse, u64)],
    ) -> Option<TranslationResponse> {
        ensemble::combine(request, answers)
    }

    fn organic(&self, body: &serde_json::Value) -> Option<TranslationRequest> {
        past::asked(body)
    }

    fn organic_kind(&self) -> Option<&'static str> {
        Some(CONTROL)
    }

    fn model_id(&self, _: &TranslationRequest) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }
}

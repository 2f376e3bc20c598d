//! The scraping subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::{LoadRule, Maturity},
    past::{nothing, UsedUp},
    subnet::{speed, Mechanism},
    Answer, AnswerContext, AnswerError, Challenge, Effort, Judgement, Judging, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_wire::{
    record::{Asked, Ppm, Rubric},
    seed::Seed,
};

use crate::{
    backend::Backend,
    compose::Composer,
    ensemble,
    live::{self, Sites},
    past::Past,
    protocol::{ScrapingRequest, ScrapingResponse, VERSION},
    score,
    task::{self, Hidden, Task},
};

/// Set-up of an instance. A validator needs a secret, a miner a backend.
#[derive(Clone, Default)]
pub struct ScrapingConfig {
    /// Secret from which a validator's sites are composed.
    pub secret: Option<[u8; 32]>,
    /// Earlier requests of customers, of which controls are made.
    pub past: Option<Arc<Past>>,
    /// Sites whose pages miners fetch and the validator fetches again.
    pub sites: Option<Arc<Sites>>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks of a round, and the time for each. Every miner gets tasks of its own, but for pages to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Pages of composed sites.
    pub pages: u16,
    /// Requests of earlier customers.
    pub control: u16,
    /// Time to answer.
    pub deadline: Duration,
    /// Sources that are fetched, the same for all miners; none without sites.
    pub fetch: u16,
    /// Time to fetch one.
    pub fetching: Duration,
}

impl Default for Load {
    fn default() -> Self {
        let (deadline, fetching) = (Duration::from_secs(3), Duration::from_secs(50));
        Self { pages: 8, control: 0, deadline, fetch: 2, fetching }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer in bytes.
const ANSWER_LIMIT: usize = 256 << 10;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// The exponent lets right values count for more than quick ones.
const LOAD: LoadRule = LoadRule { budget: 80_000, checked: 24, sharpness: 5 };
/// The kind of tasks from earlier requests of customers.
const CONTROL: &str = "control";
/// The kind of tasks whose pages are fetched, and their mechanism.
const FETCH: &str = "fetch";
const FETCHING: u8 = 1;
/// Blocks after which the outcome of fetching is looked for: ten minutes on a chain with a block every twelve seconds.
/// The limit leaves room for six rounds.
const MATURITY: Maturity = Maturity { after: 50, limit: 720 };

/// Rows of pages: one instance for a miner, a validator, or both.
pub struct ScrapingSubnet {
    config: ScrapingConfig,
    composer: Option<Composer>,
    rubric: Rubric,
}

impl ScrapingSubnet {
    /// The secret of composed sites.
    pub(crate) fn secret(&self) -> Option<[u8; 32]> {
        self.config.secret
    }
}

impl Subnet for ScrapingSubnet {
    const NAME: &'static str = "Scraping";
    const VERSION: u32 = VERSION;
    type Request = ScrapingRequest;
    type Response = ScrapingResponse;
    type Hidden = Hidden;
    type Config = ScrapingConfig;
    type State = UsedUp;

    fn open(config: ScrapingConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let composer = config.secret.as_ref().map(Composer::new);
        Ok(Self { config, composer, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        // Fetching is judged in a later round, and load is paid in the round that asks.
        vec![Mechanism::saturate(LOAD), Mechanism::serve()]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { pages, control, deadline, fetch, fetching } = self.config.load;
        let served = |kind, count| TaskPlan {
            kind,
            mechanism: 0,
            // A page has its rows and no others, so every miner gets pages of its own.
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        };
        let fetched = TaskPlan {
            mechanism: FETCHING,
            // Only answers about the same page show whether it says the same to everybody. They are committed to before
            // any is opened, so none can be copied.
            share: Share::Round,
            commit: true,
            deadline: fetching,
            ..served(FETCH, self.config.sites.as_ref().map_or(0, |_| fetch))
        };
        vec![served("pages", pages), served(CONTROL, control), fetched]
    }

    fn maturity(&self, plan: &TaskPlan) -> Option<Maturity> {
        (plan.kind == FETCH).then_some(MATURITY)
    }

    /// A page that could not be read twice has an outcome too: nobody is judged by it, and nobody waits for it.
    fn settle(&self, _: &TaskPlan, _: &Asked, challenge: &Challenge<Self>) -> Option<Hidden> {
        let Some(live) = &challenge.hidden.live else { return Some(challenge.hidden.clone()) };
        let seen = self.config.sites.as_ref()?.seen(live.name)?;
        Some(Hidden { live: Some(live::Live { seen, ..live.clone() }), ..challenge.hidden.clone() })
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, used: &UsedUp) -> Result<Challenge<Self>, SubnetError> {
        let Task { request, hidden } = if plan.kind == CONTROL {
            let past = self.config.past.as_ref().ok_or_else(nothing)?;
            task::control(past, used, seed).ok_or_else(nothing)?
        } else if plan.kind == FETCH {
            let asked = self.config.sites.as_ref().and_then(|sites| sites.ask(seed));
            asked.ok_or_else(|| {
                SubnetError::new(
                    "drawing a page to fetch",
                    "no sites to draw it from",
                    "set the validator up with jobs",
                )
            })?
        } else {
            let composer = self.composer.as_ref().ok_or_else(|| {
                SubnetError::new(
                    "drawing pages",
                    "no secret to compose them from",
                    "set the validator up with one",
                )
            })?;
            task::draw(composer, seed)
        };
        Ok(Challenge { request, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<ScrapingResponse>],
        used: &mut UsedUp,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(used)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<ScrapingResponse>],
        _: &mut Effort,
    ) -> Judging<'a, Self> {
        let Challenge { request, hidden } = challenge;
        if let Some(live) = &hidden.live {
            let responses: Vec<&ScrapingResponse> = answers.iter().map(|answer| &answer.response).collect();
            // Sites set the pace: whoever hurries is no better.
            let judgement = |worth: score::Worth| Judgement {
                parts: vec![worth.accuracy, Ppm::ONE],
                reason: worth.reason,
                note: worth.note,
            };
            let judgements = live::judge(request, live, &responses).into_iter().map(judgement).collect();
            return Box::new(move |_| judgements);
        }
        let judge = |answer: &Answer<ScrapingResponse>| {
            let worth = score::judge(request, &hidden.rows, &answer.response);
            let speed = speed(answer.latency, self.config.load.deadline);
            Judgement { parts: vec![worth.accuracy, speed], reason: worth.reason, note: worth.note }
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
        request: &ScrapingRequest,
    ) -> Result<ScrapingResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("nothing that reads pages is attached here".into()))?
            .answer(context, request)
    }

    fn combine(
        &self,
        request: &ScrapingRequest,
        answers: &[(ScrapingResponse, u64)],
    ) -> Option<ScrapingResponse> {
        ensemble::combine(request, answers)
    }

    fn organic(&self, body: &serde_json::Value) -> Option<ScrapingRequest> {
        serde_json::from_value(body.clone()).ok().filter(|request: &ScrapingRequest| request.check().is_ok())
    }

    fn organic_kind(&self) -> Option<&'static str> {
        Some(CONTROL)
    }

    fn model_id(&self, _: &ScrapingRequest) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }
}

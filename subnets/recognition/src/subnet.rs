//! The recognition subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_sandbox::Limits;
use myelin_subnet::{
    evaluation::LoadRule,
    past::{nothing, UsedUp},
    submission::{Entrant, EntrantError, Entry, Workshop},
    subnet::{speed, Mechanism},
    Answer, AnswerContext, AnswerError, Challenge, Effort, Judgement, Judging, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_vision::network::Network;
use myelin_wire::{
    record::{Reason, Rubric},
    seed::Seed,
};

use crate::{
    backend::Backend,
    document::Vocabulary,
    ensemble,
    past::{self, Past},
    protocol::{Format, RecognitionRequest, RecognitionResponse, MAX_IMAGES, VERSION},
    score,
    submit::{self, Artefact},
    task::{self, Hidden, Task},
};

/// Set-up of an instance. A validator needs nothing, a miner a backend.
#[derive(Clone, Default)]
pub struct RecognitionConfig {
    /// Secret from which the names on a validator's pages are made; without it they are those that everybody has.
    pub secret: Option<[u8; 32]>,
    /// Earlier requests of customers, of which controls are made.
    pub past: Option<Arc<Past>>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks in a round, and the time for each. Every task has one right answer, so every serving miner gets tasks of its
/// own. Artefacts were submitted before the tasks were drawn, so they get the same ones everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Pages to read.
    pub pages: u16,
    /// Sheets of scenes to classify.
    pub scenes: u16,
    /// Requests of earlier customers.
    pub control: u16,
    /// Pages for artefacts.
    pub submitted_pages: u16,
    /// Sheets of scenes for artefacts.
    pub submitted_scenes: u16,
    /// Time for a miner to answer all of its tasks.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        let deadline = Duration::from_secs(10);
        Self { pages: 3, scenes: 3, control: 0, submitted_pages: 4, submitted_scenes: 8, deadline }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Most bytes of a request beside its pictures.
const REQUEST_WORDS: usize = 64 << 10;
/// Longest answer in bytes.
const ANSWER_LIMIT: usize = 64 << 10;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// Drawing that much takes a validator about a core-minute a round. The exponent lets right answers count for more than
/// quick ones.
const LOAD: LoadRule = LoadRule { budget: 16_000, checked: 24, sharpness: 4 };
/// Limits of a submitted program for one request: about four seconds of a core.
const LIMITS: Limits = Limits { fuel: 4_000_000_000, memory: 256 << 20, input: 2 << 20, output: 64 << 10 };
/// Longest artefact in bytes.
const ARTEFACT_LIMIT: usize = 16 << 20;
/// Multiplications of a network that count as one unit of fuel. An instruction of a program does about one, and the
/// core's own code many at once. A network must not gain more by that speed than by being right.
const WORK_PER_FUEL: u64 = 8;

/// The kind of tasks from earlier requests of customers.
const CONTROL: &str = "control";
const SUBMITTED_PAGE: &str = "paper";
const SUBMITTED_SCENES: &str = "album";

/// Image recognition: one instance for a miner, a validator, or both.
pub struct RecognitionSubnet {
    config: RecognitionConfig,
    /// Names for the pages of serving miners. Artefacts get the same pages from every validator, with public names.
    words: Vocabulary,
    rubric: Rubric,
}

impl Subnet for RecognitionSubnet {
    const NAME: &'static str = "Recognition";
    const VERSION: u32 = VERSION;
    type Request = RecognitionRequest;
    type Response = RecognitionResponse;
    type Hidden = Hidden;
    type Config = RecognitionConfig;
    type State = UsedUp;

    fn open(config: RecognitionConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let words = config.secret.map_or_else(Vocabulary::public, Vocabulary::own);
        Ok(Self { config, words, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    /// Two mechanisms: serve, then submit.
    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::saturate(LOAD), Mechanism::submit(LIMITS, ARTEFACT_LIMIT)]
    }

    fn request_limit(&self) -> usize {
        MAX_IMAGES + REQUEST_WORDS
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { pages, scenes, control, submitted_pages, submitted_scenes, deadline } = self.config.load;
        let served = |kind, count| TaskPlan {
            kind,
            mechanism: 0,
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        };
        let submitted = |kind, count| TaskPlan {
            mechanism: 1,
            share: Share::Network,
            fastest: Duration::ZERO,
            ..served(kind, count)
        };
        vec![
            served("page", pages),
            served("scenes", scenes),
            served(CONTROL, control),
            submitted(SUBMITTED_PAGE, submitted_pages),
            submitted(SUBMITTED_SCENES, submitted_scenes),
        ]
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, used: &UsedUp) -> Result<Challenge<Self>, SubnetError> {
        if plan.kind == CONTROL {
            let drawn = self.config.past.as_ref().and_then(|past| past::control(past, used, seed));
            let Task { request, hidden } = drawn.ok_or_else(nothing)?;
            return Ok(Challenge { request, hidden });
        }
        let renderer = task::renderer(seed);
        let drawn = match plan.kind {
            "page" => task::page_of(&self.words, seed, renderer, Format::Png),
            SUBMITTED_PAGE => task::page(seed, renderer, Format::Netpbm),
            SUBMITTED_SCENES => task::scenes(seed, renderer, Format::Netpbm),
            _ => task::scenes(seed, renderer, Format::Png),
        };
        let Task { request, hidden } = drawn.map_err(|error| {
            SubnetError::new(format!("drawing a `{}` task", plan.kind), error.to_string(), "report its seed")
        })?;
        Ok(Challenge { request, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<RecognitionResponse>],
        used: &mut UsedUp,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(used)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<RecognitionResponse>],
        _: &mut Effort,
    ) -> Judging<'a, Self> {
        let judge = |answer: &Answer<RecognitionResponse>| {
            let worth = score::judge(&challenge.request, &challenge.hidden, &answer.response);
            let [accuracy, reliability] = worth.parts;
            let speed = speed(answer.latency, self.config.load.deadline);
            Judgement { parts: vec![accuracy, reliability, speed], reason: worth.reason, note: worth.note }
        };
        let judgements: Vec<Judgement> = answers.iter().map(judge).collect();
        Box::new(move |used| {
            self.config.past.iter().for_each(|past| past.note(&challenge.request, used));
            judgements
        })
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &RecognitionRequest,
    ) -> Result<RecognitionResponse, AnswerError> {
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("no model is attached here".into()))?
            .answer(context, request)
    }

    /// Runs a network or an ONNX file on the bit-exact core, and a program in the sandbox.
    fn entrant(&self, workshop: &Workshop, artefact: &[u8]) -> Result<Box<dyn Entrant<Self>>, EntrantError> {
        match submit::open(artefact).map_err(|error| EntrantError::malformed(error.to_string()))? {
            Artefact::Program => workshop.program(artefact),
            Artefact::Network(network) => Ok(Box::new(NetworkEntrant(*network))),
        }
    }

    fn model_id(&self, request: &RecognitionRequest) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id(request.wanted))
    }

    fn combine(
        &self,
        request: &RecognitionRequest,
        answers: &[(RecognitionResponse, u64)],
    ) -> Option<RecognitionResponse> {
        ensemble::combine(request, answers)
    }

    fn organic(&self, body: &serde_json::Value) -> Option<RecognitionRequest> {
        past::asked(body)
    }

    fn organic_kind(&self) -> Option<&'static str> {
        Some(CONTROL)
    }
}

/// A submitted network.
struct NetworkEntrant(Network);

impl Entrant<RecognitionSubnet> for NetworkEntrant {
    fn answer(
        &self,
        request: &RecognitionRequest,
        limits: &Limits,
    ) -> Result<Entry<RecognitionResponse>, EntrantError> {
        let work = self.0.architecture().work().saturating_mul(request.images.len() as u64);
        let fuel = work / WORK_PER_FUEL;
        if fuel > limits.fuel {
            let found = format!("the network needs {fuel} units of fuel, the limit is {}", limits.fuel);
            return Err(EntrantError { reason: Reason::Late, found });
        }
        let response =
            submit::run(&self.0, request).map_err(|error| EntrantError::malformed(error.to_string()))?;
        Ok(Entry { response, fuel })
    }
}

//! The image subnet as the framework sees it.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use myelin_subnet::{
    evaluation::LoadRule, subnet::Mechanism, Answer, AnswerContext, AnswerError, Challenge, Judgement, Share,
    Subnet, SubnetError, TaskPlan,
};
use myelin_wire::{
    hash::to_hex,
    record::{Reason, Rubric},
    seed::Seed,
};

use crate::{
    backend::{Backend, Model},
    describe::Wordings,
    judge::Judge,
    protocol::{PaintRequest, PaintResponse, VERSION},
    score::{self, Worth},
    task::{self, Hidden, Task},
};

/// Set-up of an instance. A validator needs a secret, a miner a backend.
#[derive(Clone, Default)]
pub struct ImagingConfig {
    /// Secret that chooses a validator's words and trains its judge.
    pub secret: Option<[u8; 32]>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Tasks in a round.
    pub load: Load,
}

/// Tasks of a round, and the time for each. Every miner gets tasks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Descriptions to paint.
    pub paint: u16,
    /// Time to answer.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { paint: 8, deadline: Duration::from_secs(12) }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer in bytes: two pictures of 128 pixels a side, however rich, and some room.
const ANSWER_LIMIT: usize = 1 << 20;
/// Longest request in bytes.
const REQUEST_LIMIT: usize = 16 << 10;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// The exponent lets right pictures count for more than quick ones.
const LOAD: LoadRule = LoadRule { budget: 80_000, checked: 24, sharpness: 4 };

/// Images: one instance for a miner, a validator, or both.
pub struct ImagingSubnet {
    config: ImagingConfig,
    words: Wordings,
    /// The judge, trained when it is first needed, and the model that declarations are compared with.
    judge: Arc<OnceLock<Result<Judge, String>>>,
    model: OnceLock<Option<Model>>,
    rubric: Rubric,
}

impl ImagingSubnet {
    /// Begins to train the validator's judge, so that the first round need not wait for it.
    pub fn prepare(&self) {
        let (judge, secret) = (self.judge.clone(), self.config.secret);
        std::thread::spawn(move || {
            judge.get_or_init(|| trained(secret));
        });
    }

    /// The validator's judge. The first call trains it, which takes about twenty seconds of a core.
    pub fn judge_of_shapes(&self) -> Result<&Judge, SubnetError> {
        let trained = self.judge.get_or_init(|| trained(self.config.secret)).as_ref();
        trained.map_err(|error| SubnetError::new("training a judge", error.clone(), "report this"))
    }

    /// Whether an answer declares the built-in model and one of its pictures is another one than the model's.
    fn is_false_declaration(&self, challenge: &Challenge<Self>, answer: &PaintResponse) -> bool {
        let Challenge { request, hidden } = challenge;
        let model = self.model.get_or_init(|| Model::builtin().ok()).as_ref();
        let (Some(number), Some(model)) = (hidden.rerun, model) else { return false };
        if answer.model != to_hex(&model.id()) {
            return false;
        }
        let sent = answer.unpacked(request).ok().and_then(|sent| sent.into_iter().nth(number.into()));
        match (model.paint(request, number), sent) {
            (Ok(painted), Some(sent)) => sent.to_colour() != painted,
            _ => false,
        }
    }

    fn worth(&self, challenge: &Challenge<Self>, answer: &PaintResponse) -> Worth {
        let Challenge { request, hidden } = challenge;
        let judge = match self.judge_of_shapes() {
            Ok(judge) => judge,
            Err(error) => return Worth::refused(Reason::Excused, error.to_string()),
        };
        let worth = score::judge(judge, request, &hidden.wanted, answer);
        if worth.reason == Reason::Scored && self.is_false_declaration(challenge, answer) {
            return Worth::refused(Reason::Garbage, "the declared model paints another picture");
        }
        worth
    }
}

fn trained(secret: Option<[u8; 32]>) -> Result<Judge, String> {
    Judge::train(&secret.unwrap_or_default()).map_err(|error| error.to_string())
}

impl Subnet for ImagingSubnet {
    const NAME: &'static str = "Imaging";
    const VERSION: u32 = VERSION;
    type Request = PaintRequest;
    type Response = PaintResponse;
    type Hidden = Hidden;
    type Config = ImagingConfig;
    type State = ();

    fn open(config: ImagingConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let words = config.secret.as_ref().map_or_else(Wordings::public, Wordings::own);
        Ok(Self { config, words, judge: Arc::default(), model: OnceLock::new(), rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::saturate(LOAD)]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { paint, deadline } = self.config.load;
        vec![TaskPlan {
            kind: "paint",
            mechanism: 0,
            // A picture for a description can be passed on, so every miner gets descriptions of its own.
            share: Share::Miner,
            count: paint,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        }]
    }

    fn challenge(&self, _: &TaskPlan, seed: &Seed, (): &()) -> Result<Challenge<Self>, SubnetError> {
        let Task { request, hidden } = task::draw(&self.words, seed);
        Ok(Challenge { request, hidden })
    }

    fn request_limit(&self) -> usize {
        REQUEST_LIMIT
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<PaintResponse>],
        (): &mut (),
    ) -> Vec<Judgement> {
        let deadline_ms = u64::try_from(self.config.load.deadline.as_millis()).unwrap_or(u64::MAX);
        let judge = |answer: &Answer<PaintResponse>| {
            let worth = self.worth(challenge, &answer.response);
            let mut parts = worth.parts.to_vec();
            parts.push(score::speed(answer.latency, deadline_ms));
            Judgement { parts, reason: worth.reason, note: worth.note }
        };
        answers.iter().map(judge).collect()
    }

    fn answer(&self, context: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("nothing that paints is attached here".into()))?
            .answer(context, request)
    }

    fn model_id(&self) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }

    /// The answer of the miner that weighs most: pictures cannot be mixed.
    fn combine(&self, _: &PaintRequest, answers: &[(PaintResponse, u64)]) -> Option<PaintResponse> {
        let most = answers.iter().map(|(_, weight)| *weight).max()?;
        let best = answers.iter().filter(|(_, weight)| *weight == most).map(|(answer, _)| answer);
        best.min_by(|one, other| one.pictures.cmp(&other.pictures)).cloned()
    }
}

//! The image subnet as the framework sees it.

use std::{
    cell::OnceCell,
    sync::{Arc, OnceLock},
    time::Duration,
};

use myelin_provenance::ModelId;
use myelin_subnet::{
    evaluation::{
        comparisons::{right_on_gold, votes, Kept},
        raters::Item,
        Ballot, LoadRule, RatingRule,
    },
    subnet::Mechanism,
    Answer, AnswerContext, AnswerError, Challenge, Effort, Judgement, Judging, Share, Subnet, SubnetError,
    TaskPlan,
};
use myelin_wire::{
    hash::{blake2_256, blake2_256_of, to_hex},
    record::{Ppm, Reason, Rubric},
    seed::Seed,
};

use myelin_vision::picture::{Picture, PictureError};
use serde::{Deserialize, Serialize};

use crate::{
    backend::{Backend, Model},
    describe::Wordings,
    judge::Judge,
    protocol::{PaintRequest, PaintResponse, VERSION},
    rating::{self, Described, Gallery, RateRequest, RateResponse},
    restore::{
        self,
        miner::{Restorer, Restores},
        originals::Style,
        protocol::{RestoreRequest, RestoreResponse},
    },
    score::{self, Worth},
    task::{self, Hidden, Task},
};

/// A request of any mechanism.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ImagingRequest {
    /// A description to paint.
    Paint(PaintRequest),
    /// A picture to restore.
    Restore(RestoreRequest),
    /// Pictures to compare.
    Rate(RateRequest),
}

/// An answer to any of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ImagingResponse {
    /// Painted pictures.
    Painted(PaintResponse),
    /// A restored picture.
    Restored(RestoreResponse),
    /// Votes.
    Rated(RateResponse),
}

/// The side of a task that the validator keeps to itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImagingHidden {
    /// The described scene.
    Scene(Hidden),
    /// The original of a damaged picture: a PNG file in base64.
    Original(String),
    /// Comparisons: which are gold, and their better sides.
    Items(Vec<Item>),
}

/// Set-up of an instance. A validator needs a secret, a miner something that paints or restores.
#[derive(Clone, Default)]
pub struct ImagingConfig {
    /// Secret that chooses a validator's words and the style of its originals, and trains its judge.
    pub secret: Option<[u8; 32]>,
    /// Painter of descriptions.
    pub backend: Option<Arc<dyn Backend>>,
    /// Restorer of damaged pictures.
    pub restorer: Option<Arc<dyn Restores>>,
    /// Tasks in a round.
    pub load: Load,
    /// Whether miners are also asked to rate each other's pictures, as a mechanism of its own.
    pub rating: bool,
}

/// Tasks of a round, and the time for each. Every miner gets tasks of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Descriptions to paint.
    pub paint: u16,
    /// Pictures to restore.
    pub restore: u16,
    /// Time to answer.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { paint: 8, restore: 8, deadline: Duration::from_secs(12) }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer in bytes: two pictures of 128 pixels a side, however rich, and some room.
const ANSWER_LIMIT: usize = 1 << 20;
/// Longest request in bytes: a picture of 512 pixels a side, however rich, with a mask.
const REQUEST_LIMIT: usize = 3 << 20;
/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// The exponent lets right pictures count for more than quick ones.
const LOAD: LoadRule = LoadRule { budget: 80_000, checked: 24, sharpness: 4 };

/// Originals are composed and damaged, which takes a validator some milliseconds each, so the budget is smaller.
const RESTORING: LoadRule = LoadRule { budget: 16_000, checked: 24, sharpness: 4 };
/// A declared restorer is run again in this many of 256 tasks.
const RERUN: u8 = 16;
/// The kind of tasks that are restored.
const RESTORE: &str = "restore";
/// The kind of tasks that compare pictures, and their longest answer in bytes: a character for each comparison.
const RATE: &str = "rate";
const RATE_LIMIT: usize = 1 << 10;

/// Images: one instance for a miner, a validator, or both.
pub struct ImagingSubnet {
    config: ImagingConfig,
    words: Wordings,
    style: Style,
    /// The judge, trained when it is first needed, and the model that declarations are compared with.
    judge: OnceLock<Result<Judge, String>>,
    model: OnceLock<Option<Model>>,
    restorer: OnceLock<Option<Restorer>>,
    rubric: Rubric,
}

impl ImagingSubnet {
    /// The validator's judge. The first call trains it, which takes about twenty seconds of a core.
    fn judge_of_shapes(&self) -> Result<&Judge, SubnetError> {
        let trained = self.judge.get_or_init(|| trained(self.config.secret)).as_ref();
        trained.map_err(|error| SubnetError::new("training a judge", error.clone(), "report this"))
    }

    /// The model that declarations of paintings are compared with.
    fn model(&self) -> Option<&Model> {
        self.model.get_or_init(|| Model::builtin().ok()).as_ref()
    }

    /// The networks that declarations of restored pictures are compared with.
    fn restorer(&self) -> Option<&Restorer> {
        self.restorer.get_or_init(|| Restorer::builtin().ok()).as_ref()
    }

    /// Whether an answer declares the built-in model with its settings, and one of its pictures is not the model's. The
    /// model's picture is painted once for a task.
    fn is_false_declaration(
        &self,
        request: &PaintRequest,
        hidden: &Hidden,
        answer: &PaintResponse,
        painted: &OnceCell<Option<Picture>>,
    ) -> bool {
        let (Some(number), Some(model)) = (hidden.rerun, self.model()) else { return false };
        if (answer.model.clone(), answer.settings.clone()) != model.declared().stated() {
            return false;
        }
        let sent = answer.unpacked(request).ok().and_then(|sent| sent.into_iter().nth(number.into()));
        match (painted.get_or_init(|| model.paint(request, number).ok()), sent) {
            (Some(painted), Some(sent)) => sent.to_colour() != *painted,
            _ => false,
        }
    }

    fn painted(
        &self,
        request: &PaintRequest,
        hidden: &Hidden,
        answer: &PaintResponse,
        painted: &OnceCell<Option<Picture>>,
    ) -> Worth {
        let judge = match self.judge_of_shapes() {
            Ok(judge) => judge,
            Err(error) => return Worth::refused(Reason::Excused, error.to_string()),
        };
        let worth = score::judge(judge, request, &hidden.wanted, answer);
        if worth.reason == Reason::Scored && self.is_false_declaration(request, hidden, answer, painted) {
            return Worth::refused(Reason::Garbage, "the declared model paints another picture");
        }
        worth
    }

    /// Whether an answer declares the built-in networks and is another picture than theirs, which is made once for a
    /// task.
    fn restores_otherwise(
        &self,
        task: &restore::damage::Task,
        answer: &RestoreResponse,
        restored: &OnceCell<Option<Picture>>,
    ) -> bool {
        let Some(restorer) = self.restorer().filter(|restorer| answer.model == to_hex(&restorer.model_id()))
        else {
            return false;
        };
        let restored = restored.get_or_init(|| restorer.restore(&task.damaged).ok());
        match (restored, answer.unpacked(&task.damaged)) {
            (Some(restored), Ok(sent)) => *restored != sent,
            _ => false,
        }
    }

    /// Worths of the answers to one task.
    fn worths(&self, challenge: &Challenge<Self>, answers: &[Answer<ImagingResponse>]) -> Vec<Worth> {
        let other = || Worth::refused(Reason::Malformed, "an answer to another kind of request");
        let of_model = OnceCell::new();
        match (&challenge.request, &challenge.hidden) {
            (ImagingRequest::Paint(request), ImagingHidden::Scene(hidden)) => answers
                .iter()
                .map(|answer| match &answer.response {
                    ImagingResponse::Painted(answer) => self.painted(request, hidden, answer, &of_model),
                    _ => other(),
                })
                .collect(),
            (ImagingRequest::Restore(request), ImagingHidden::Original(original)) => {
                // The floor is that of the task, whoever answers.
                let task = restore::task(request, original);
                let judged = task.and_then(|task| Ok((restore::score::floor(&task)?, task)));
                // Nobody but the validator knows the original, so nobody knows which tasks are run again.
                let again = blake2_256(original.as_bytes())[0] < RERUN;
                answers
                    .iter()
                    .map(|answer| match (&answer.response, &judged) {
                        (ImagingResponse::Restored(answer), Ok((floor, task))) => {
                            if again && self.restores_otherwise(task, answer, &of_model) {
                                return Worth::refused(
                                    Reason::Garbage,
                                    "the declared model restores otherwise",
                                );
                            }
                            restored(&restore::score::judge(task, floor, answer))
                        }
                        (_, Ok(_)) => other(),
                        (_, Err(error)) => Worth::refused(Reason::Excused, error.to_string()),
                    })
                    .collect()
            }
            (ImagingRequest::Rate(_), ImagingHidden::Items(items)) => answers
                .iter()
                .map(|answer| match &answer.response {
                    ImagingResponse::Rated(answer) => rated(items, answer),
                    _ => other(),
                })
                .collect(),
            _ => answers.iter().map(|_| Worth::refused(Reason::Excused, "a task of two kinds")).collect(),
        }
    }

    fn judgements(&self, challenge: &Challenge<Self>, answers: &[Answer<ImagingResponse>]) -> Vec<Judgement> {
        let deadline_ms = u64::try_from(self.config.load.deadline.as_millis()).unwrap_or(u64::MAX);
        let judgement = |(worth, answer): (Worth, &Answer<ImagingResponse>)| {
            let mut parts = worth.parts.to_vec();
            parts.push(score::speed(answer.latency, deadline_ms));
            Judgement { parts, reason: worth.reason, note: worth.note }
        };
        self.worths(challenge, answers).into_iter().zip(answers).map(judgement).collect()
    }

    /// One of the pictures of an answer, to be shown to raters. Miners do not know which one.
    fn shown(
        &self,
        challenge: &Challenge<Self>,
        answer: &Answer<ImagingResponse>,
    ) -> Option<Kept<Described>> {
        let (ImagingRequest::Paint(request), ImagingResponse::Painted(painted)) =
            (&challenge.request, &answer.response)
        else {
            return None;
        };
        let secret = self.config.secret.unwrap_or_default();
        let choice = blake2_256_of(&[b"myelin/imaging shown", &secret, &request.hash()])[0];
        let pictures = painted.unpacked(request).ok()?;
        let picture = pictures.get(usize::from(choice) % pictures.len().max(1))?;
        rating::shown(answer.miner.uid, request, picture)
    }
}

/// The parts of a restored picture: fidelity counts four sixths, structure two.
fn restored(worth: &restore::score::Worth) -> Worth {
    let (fidelity, structure) = (worth.measured.fidelity, worth.measured.structure);
    let natural = if fidelity > Ppm::ZERO { Ppm::ONE } else { Ppm::ZERO };
    let parts = [fidelity, structure, fidelity, natural, Ppm::ONE];
    Worth { parts, reason: worth.reason, note: worth.note.clone() }
}

/// The worth of votes. What they tell beside those of others is computed over all miners.
fn rated(items: &[Item], answer: &RateResponse) -> Worth {
    match votes(&answer.votes, items.len()) {
        Ok(votes) => {
            let right = right_on_gold(items, &votes);
            let parts = [right, right, right, Ppm::ONE, Ppm::ONE];
            let note = "votes; the first parts are right on gold".into();
            Worth { parts, reason: Reason::Scored, note }
        }
        Err(note) => Worth::refused(Reason::Malformed, note),
    }
}

fn trained(secret: Option<[u8; 32]>) -> Result<Judge, String> {
    Judge::train(&secret.unwrap_or_default()).map_err(|error| error.to_string())
}

impl Subnet for ImagingSubnet {
    const NAME: &'static str = "Imaging";
    const VERSION: u32 = VERSION;
    type Request = ImagingRequest;
    type Response = ImagingResponse;
    type Hidden = ImagingHidden;
    type Config = ImagingConfig;
    /// Pictures to compare, where miners rate.
    type State = Option<Gallery>;

    fn open(config: ImagingConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let words = config.secret.as_ref().map_or_else(Wordings::public, Wordings::own);
        let style = Style::own(&config.secret.unwrap_or_default());
        Ok(Self {
            config,
            words,
            style,
            judge: OnceLock::new(),
            model: OnceLock::new(),
            restorer: OnceLock::new(),
            rubric,
        })
    }

    /// Trains the validator's judge.
    fn prepare(&self) {
        self.judge.get_or_init(|| trained(self.config.secret));
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        let rating = self.config.rating.then(|| Mechanism::rate(RatingRule::default()));
        [Mechanism::saturate(LOAD), Mechanism::saturate(RESTORING)].into_iter().chain(rating).collect()
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { paint, restore, deadline } = self.config.load;
        let plan = |kind, mechanism, count| TaskPlan {
            kind,
            mechanism,
            // A picture can be passed on, so every miner gets tasks of its own.
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: 1,
        };
        // Votes could be copied, so everybody gets the same and commits to them.
        let rate =
            TaskPlan { share: Share::Round, commit: true, answer_limit: RATE_LIMIT, ..plan(RATE, 2, 1) };
        let own = [plan("paint", 0, paint), plan(RESTORE, 1, restore)];
        own.into_iter().chain(self.config.rating.then_some(rate)).collect()
    }

    fn challenge(
        &self,
        plan: &TaskPlan,
        seed: &Seed,
        gallery: &Option<Gallery>,
    ) -> Result<Challenge<Self>, SubnetError> {
        let failed = |error: PictureError| {
            SubnetError::new(format!("drawing a `{}` task", plan.kind), error.to_string(), "report its seed")
        };
        let (request, hidden) = match plan.kind {
            RESTORE => {
                let (request, original) = restore::drawn(&self.style, seed).map_err(failed)?;
                (ImagingRequest::Restore(request), ImagingHidden::Original(original))
            }
            RATE => {
                let none = Gallery::default();
                let gallery = gallery.as_ref().unwrap_or(&none);
                let rating::Drawn { request, items } =
                    rating::draw(gallery, &self.words, seed).map_err(failed)?;
                (ImagingRequest::Rate(request), ImagingHidden::Items(items))
            }
            _ => {
                let Task { request, hidden } = task::draw(&self.words, seed);
                (ImagingRequest::Paint(request), ImagingHidden::Scene(hidden))
            }
        };
        Ok(Challenge { request, hidden })
    }

    fn request_limit(&self) -> usize {
        REQUEST_LIMIT
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<ImagingResponse>],
        gallery: &mut Option<Gallery>,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(gallery)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<ImagingResponse>],
        _: &mut Effort,
    ) -> Judging<'a, Self> {
        let judgements = self.judgements(challenge, answers);
        if !self.config.rating {
            return Box::new(|_| judgements);
        }
        let scored =
            answers.iter().zip(&judgements).filter(|(_, judgement)| judgement.reason == Reason::Scored);
        let shown: Vec<Kept<Described>> =
            scored.filter_map(|(answer, _)| self.shown(challenge, answer)).collect();
        let is_over = matches!(challenge.hidden, ImagingHidden::Items(_));
        Box::new(move |gallery| {
            let gallery = gallery.get_or_insert_default();
            shown.into_iter().for_each(|picture| rating::note(gallery, picture));
            if is_over {
                gallery.turn();
            }
            judgements
        })
    }

    fn ballot(&self, challenge: &Challenge<Self>, answers: &[Answer<ImagingResponse>]) -> Option<Ballot> {
        let ImagingHidden::Items(items) = &challenge.hidden else { return None };
        let text = |answer: &Answer<ImagingResponse>| match &answer.response {
            ImagingResponse::Rated(answer) => answer.votes.clone(),
            _ => String::new(),
        };
        let texts: Vec<String> = answers.iter().map(text).collect();
        Some(Ballot::of(items, texts.iter().map(String::as_str)))
    }

    fn answer(
        &self,
        context: &AnswerContext,
        request: &ImagingRequest,
    ) -> Result<ImagingResponse, AnswerError> {
        let refused = |error: String| AnswerError::Refused(error);
        let nothing = || refused("nothing that could do that is attached here".into());
        match request {
            ImagingRequest::Paint(request) => {
                request.check().map_err(|error| refused(error.to_string()))?;
                let painter = self.config.backend.as_ref().ok_or_else(nothing)?;
                painter.answer(context, request).map(ImagingResponse::Painted)
            }
            ImagingRequest::Restore(request) => {
                let damaged = request.check().map_err(|error| refused(error.to_string()))?;
                let restorer = self.config.restorer.as_ref().ok_or_else(nothing)?;
                let failed = |error: String| AnswerError::Backend(error);
                let answer = restorer.answer(&damaged).map_err(|error| failed(error.to_string()))?;
                let answer = answer.stating(request, restorer.name());
                answer.map(ImagingResponse::Restored).map_err(|error| failed(error.to_string()))
            }
            ImagingRequest::Rate(request) => {
                request.vote().map(ImagingResponse::Rated).map_err(|error| refused(error.to_string()))
            }
        }
    }

    fn model_id(&self, request: &ImagingRequest) -> ModelId {
        let model = match request {
            ImagingRequest::Paint(_) => self.config.backend.as_ref().map(|painter| painter.model_id()),
            ImagingRequest::Restore(_) => self.config.restorer.as_ref().map(|restorer| restorer.model_id()),
            ImagingRequest::Rate(_) => None,
        };
        model.unwrap_or_default()
    }

    fn held_models(&self) -> Vec<ModelId> {
        let painter = self.model().map(|model| model.declared().model);
        painter.into_iter().chain(self.restorer().map(|restorer| restorer.model_id())).collect()
    }

    /// The answer of the miner that weighs most: pictures cannot be mixed.
    fn combine(&self, _: &ImagingRequest, answers: &[(ImagingResponse, u64)]) -> Option<ImagingResponse> {
        let most = answers.iter().map(|(_, weight)| *weight).max()?;
        let best = answers.iter().filter(|(_, weight)| *weight == most).map(|(answer, _)| answer);
        best.min_by_key(|answer| serde_json::to_string(answer).unwrap_or_default()).cloned()
    }
}

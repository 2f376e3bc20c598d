//! The text subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_lm::{model::TextModel, openai::TextStream};
use myelin_subnet::{
    evaluation::{comparisons, every_two, raters::Item, Agreement, Ballot, LoadRule, MicroNats, RatingRule},
    past::nothing,
    subnet::{speed, Mechanism},
    Answer, AnswerContext, AnswerError, Challenge, Consulted, Effort, Engine, JudgeId, Judgement, Judging,
    Measure, Share, Subnet, SubnetError, TaskPlan,
};
use myelin_wire::{
    hash::blake2_256_of,
    record::{Ppm, Reason, Rubric},
    seed::Seed,
};

use crate::{
    backend::Backend,
    declared::{Accounts, Finding, Held},
    ensemble, javascript,
    judge::{self, EndpointJudge, Verdicts},
    library::Library,
    past::Past,
    protocol::{TextRequest, TextResponse, VERSION},
    rating, score,
    task::{self, Hidden, Task},
    verifiable::{arithmetic, extraction, program, worth, Phrases, Right},
};

/// Set-up of an instance. A validator needs a library, a miner a backend.
#[derive(Clone, Default)]
pub struct TextConfig {
    /// Source of the tasks' texts.
    pub library: Option<Library>,
    /// Backend that answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Models that the validator holds, so that miners who declare them can be checked.
    pub held: Vec<Arc<dyn TextModel>>,
    /// Earlier requests of customers, of which controls are made.
    pub past: Option<Arc<Past>>,
    /// Phrases of verifiable tasks; by default those of this repository.
    pub phrases: Option<Arc<Phrases>>,
    /// Size of a round.
    pub load: Load,
    /// Whether miners are also asked to rate each other's answers, as a mechanism of its own.
    pub rating: bool,
    /// The judge behind an endpoint, if one compares answers to open requests, as a mechanism of its own.
    pub judge: Option<EndpointJudge>,
    /// Gives every answer the same parts: an experiment that must fail to tell miners apart.
    pub negative_control: bool,
}

/// Size of a round: the tasks of a batch, and the time for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Gaps in code.
    pub fill: u16,
    /// Continuations of code.
    pub continuation: u16,
    /// Stories at whose end a number is asked.
    pub arithmetic: u16,
    /// Texts from which values are read: fields, and twice as often things that change hands.
    pub extract: u16,
    /// Programs to be written.
    pub program: u16,
    /// Requests that customers have asked before.
    pub control: u16,
    /// Time for a miner to answer all that it gets.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            fill: 4,
            continuation: 3,
            arithmetic: 1,
            extract: 1,
            program: 1,
            control: 0,
            deadline: Duration::from_secs(10),
        }
    }
}

/// No honest miner reads a request and answers it in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest text of an answer in bytes.
const ANSWER_LIMIT: usize = 4096;
/// Longest answer with its declaration: 18 bytes for each token of the longest answers, and the text.
const BODY_LIMIT: usize = 16 * 1024;
const HALF: Ppm = Ppm::new(500_000);
/// Weight of a task. All weigh the same: a task with a check takes more work than an open one of 24 tokens.
const WEIGHT: u32 = 4;

/// The budget lets 156 machines of one core do all that they can, beside a hundred keys that only announce an address.
/// Drawing that much takes a validator about a minute of a core, ahead of the round as far as it gets (decision 0087).
/// The exponent lets better answers count for more than quick ones.
const BUDGET: u32 = 100_000;
const CHECKED: u16 = 128;
/// One in so many of the judged answers is examined for its declared model, which costs a reading by that model.
const EXAMINED: u8 = 8;
const SHARPNESS: u32 = 5;
/// Millions of fuel for the programs of a miner in a round. An honest program takes 31, nearly all of them for
/// starting the engine, and of 128 answers 13 are programs on average: twice as many and two that never end have room.
const EFFORT: u64 = 5 * javascript::LIMITS.fuel / javascript::UNIT;

const EXAMINED_DOMAIN: &[u8] = b"myelin/text-examined/1";

/// The kind of tasks that hide among requests of customers.
const CONTROL: &str = "control";
/// The kind of tasks that compare answers.
const RATE: &str = "rate";
/// The kind of tasks whose answers a judge compares.
const JUDGED: &str = "judged";
/// Evidence that two equal answers to a judged request are one: two such answers group their miners.
const COPIED: MicroNats = MicroNats::nats(12);
/// Place of the part `declared`, after those that the text itself decides.
const DECLARED: usize = 2;

/// Text generation: one instance for a miner, a validator, or both.
pub struct TextSubnet {
    config: TextConfig,
    phrases: Arc<Phrases>,
    held: Held,
    rubric: Rubric,
}

impl Subnet for TextSubnet {
    const NAME: &'static str = "Text";
    const VERSION: u32 = VERSION;
    type Request = TextRequest;
    type Response = TextResponse;
    type Hidden = Hidden;
    type Config = TextConfig;
    type State = Accounts;

    fn open(config: TextConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        let phrases = match &config.phrases {
            Some(phrases) => phrases.clone(),
            None => Arc::new(Phrases::public()?),
        };
        let held = Held::new(config.held.clone());
        Ok(Self { config, phrases, held, rubric })
    }

    /// Translates the engine that runs miners' programs.
    fn prepare(&self) {
        if self.config.load.program > 0 {
            javascript::prepare();
        }
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        let answering =
            Mechanism::saturate(LoadRule { budget: BUDGET, checked: CHECKED, sharpness: SHARPNESS });
        let rating = self.config.rating.then(|| Mechanism::rate(RatingRule::default()));
        let judged = self.config.judge.as_ref().map(|_| Mechanism::serve());
        std::iter::once(answering).chain(rating).chain(judged).collect()
    }

    fn judge_of(&self, mechanism: u8) -> Option<JudgeId> {
        self.config.judge.as_ref().filter(|_| mechanism == self.judged_mechanism()).map(EndpointJudge::id)
    }

    fn consult(&self, tasks: &mut [Consulted<'_, Self>], time: Duration) {
        if let Some(judge) = &self.config.judge {
            judge.consult(tasks, time);
        }
    }

    /// Answers to a judged request that are equal byte for byte.
    fn agreements(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<TextResponse>],
    ) -> Vec<(usize, usize, Agreement)> {
        let copied = Agreement { evidence: COPIED, matched: true };
        match &challenge.hidden {
            Hidden::Judged(_) => every_two(answers, |one, other| {
                judge::is_copy(&one.response.completion, &other.response.completion).then_some(copied)
            }),
            _ => Vec::new(),
        }
    }

    fn engines(&self) -> Vec<Engine> {
        vec![Engine { name: "js", version: javascript::version(), limits: Vec::new() }]
    }

    /// Of the first words of the hidden reference, at most [`score::WORDS`], those that are right, above the best
    /// answer without a model.
    fn measures(&self) -> Vec<Measure> {
        vec![Measure { part: "agreement", formula: format!("(right-zero)/(max{}-zero)", score::WORDS) }]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { fill, continuation, arithmetic, extract, program, control, deadline } = self.config.load;
        let own = |kind, count| TaskPlan {
            mechanism: 0,
            kind,
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: BODY_LIMIT,
            weight: WEIGHT,
        };
        let rate = TaskPlan { mechanism: 1, share: Share::Round, commit: true, ..own(RATE, 1) };
        let own_tasks = [
            own("fill", fill),
            own("continue", continuation),
            own("arithmetic", arithmetic),
            own("extract", extract),
            own("program", program),
            own(CONTROL, control),
        ];
        let judged = TaskPlan {
            mechanism: self.judged_mechanism(),
            share: Share::Round,
            commit: true,
            ..own(JUDGED, judge::TASKS)
        };
        let judged = self.config.judge.as_ref().map(|_| judged);
        own_tasks.into_iter().chain(self.config.rating.then_some(rate)).chain(judged).collect()
    }

    fn challenge(
        &self,
        plan: &TaskPlan,
        seed: &Seed,
        accounts: &Accounts,
    ) -> Result<Challenge<Self>, SubnetError> {
        let library = self.config.library.as_ref().ok_or_else(|| {
            SubnetError::new("drawing a task", "no library of texts", "set up the validator with one")
        })?;
        let (phrases, level) = (&*self.phrases, accounts.ladder.level());
        let drawn = match plan.kind {
            "fill" => task::fill(library, seed),
            "continue" => task::continuation(library, seed),
            "arithmetic" => task::arithmetic(phrases, level, seed),
            "extract" => task::extract(library, phrases, level, seed),
            "program" => task::program(phrases, level, seed),
            JUDGED => task::judged(library, seed),
            RATE => task::rate(&accounts.sayings, library, seed),
            _ => task::control(self.config.past.as_ref().ok_or_else(nothing)?, accounts, seed),
        };
        let Task { request, hidden } = drawn.ok_or_else(|| {
            SubnetError::new(
                format!("drawing a `{}` task", plan.kind),
                "no passage in the library fits",
                "name a larger library with --corpus",
            )
        })?;
        Ok(Challenge { request, hidden })
    }

    fn score(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<TextResponse>],
        accounts: &mut Accounts,
    ) -> Vec<Judgement> {
        self.judge(challenge, answers, &mut Effort::of(None))(accounts)
    }

    fn judge<'a>(
        &'a self,
        challenge: &'a Challenge<Self>,
        answers: &'a [Answer<TextResponse>],
        effort: &mut Effort,
    ) -> Judging<'a, Self> {
        let judge = |answer: &Answer<TextResponse>| {
            let judgement = self.judge_answer(challenge, answer, effort);
            let finding = self.examine(challenge, answer, &judgement);
            (judgement, finding)
        };
        let judged: Vec<(Judgement, Finding)> = answers.iter().map(judge).collect();
        Box::new(move |accounts| {
            self.config.past.iter().for_each(|past| past.note(&challenge.request, &mut accounts.asked));
            let note_answer = |(answer, (judgement, finding)): (&Answer<TextResponse>, (Judgement, _))| {
                if let (Hidden::Graded { grade, .. }, Reason::Scored) = (&challenge.hidden, judgement.reason)
                {
                    let is_right = judgement.parts.first() == Some(&Ppm::ONE);
                    accounts.ladder.note(&answer.miner.hotkey, *grade, is_right);
                }
                if self.config.rating
                    && matches!(challenge.hidden, Hidden::Reference { .. })
                    && judgement.reason == Reason::Scored
                {
                    let right = judgement.parts.first().copied().unwrap_or_default();
                    let text = &answer.response.completion;
                    rating::note(&mut accounts.sayings, answer.miner.uid, &challenge.request, text, right);
                }
                self.judge_declared(answer, &finding, accounts, judgement)
            };
            let judgements = answers.iter().zip(judged).map(note_answer).collect();
            if matches!(challenge.hidden, Hidden::Rating { .. }) {
                accounts.sayings.turn();
            }
            judgements
        })
    }

    fn effort(&self, mechanism: u8) -> Option<u64> {
        (mechanism == 0).then_some(EFFORT)
    }

    fn ballot(&self, challenge: &Challenge<Self>, answers: &[Answer<TextResponse>]) -> Option<Ballot> {
        let Hidden::Rating { items } = &challenge.hidden else { return None };
        Some(Ballot::of(items, answers.iter().map(|answer| &*answer.response.completion)))
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("no model is attached here".into()))?
            .answer(context, request)
    }

    fn answer_streaming(
        &self,
        context: &AnswerContext,
        request: &TextRequest,
        on_event: &mut dyn FnMut(String) -> bool,
    ) -> Option<Result<TextResponse, AnswerError>> {
        if let Err(error) = request.check() {
            return Some(Err(AnswerError::Refused(error.to_string())));
        }
        let backend = self.config.backend.as_ref()?;
        Some(backend.answer_streaming(context, request, &mut |text| on_event(request.event(text))))
    }

    fn is_streamed(&self, stream: &[u8], whole: &TextResponse) -> bool {
        let mut reader = TextStream::default();
        reader.push(stream).is_ok_and(|pieces| reader.is_whole() && pieces.concat() == whole.completion)
    }

    fn model_id(&self, _: &TextRequest) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }

    fn held_models(&self) -> Vec<[u8; 32]> {
        self.config.held.iter().map(|model| model.id()).collect()
    }

    fn combine(&self, _: &TextRequest, answers: &[(TextResponse, u64)]) -> Option<TextResponse> {
        ensemble::combine(answers)
    }

    fn organic(&self, openai_request: &serde_json::Value) -> Option<TextRequest> {
        TextRequest::from_openai(openai_request)
    }

    fn organic_kind(&self) -> Option<&'static str> {
        Some(CONTROL)
    }
}

impl TextSubnet {
    /// The number of the mechanism with a judge, which comes last.
    fn judged_mechanism(&self) -> u8 {
        1 + u8::from(self.config.rating)
    }

    /// The last of the held models.
    pub(crate) fn best_held(&self) -> Option<&dyn TextModel> {
        self.config.held.last().map(|model| &**model)
    }

    fn judge_answer(
        &self,
        challenge: &Challenge<Self>,
        answer: &Answer<TextResponse>,
        effort: &mut Effort,
    ) -> Judgement {
        let speed = speed(answer.latency, self.config.load.deadline);
        let text = &answer.response.completion;
        if self.config.negative_control {
            return scored([HALF; DECLARED], "negative control: everybody gets the same");
        }
        if text.trim().is_empty() {
            return Judgement::refused(Reason::Empty, "no text");
        }
        if text.len() > ANSWER_LIMIT {
            return Judgement::refused(Reason::Oversize, format!("{} bytes", text.len()));
        }
        match &challenge.hidden {
            Hidden::Graded { grade, right } => graded(*grade, right, text, speed, effort),
            Hidden::Reference { text: reference, zero } => {
                open(&challenge.request, reference, text, *zero, speed)
            }
            Hidden::Rating { items } => rated(items, &answer.response, speed),
            Hidden::Judged(verdicts) => judged(verdicts, answer.miner.uid, text, speed),
        }
    }

    /// Reads an answer with the model that it declares, if that is held and the task is one of those that are examined.
    fn examine(
        &self,
        challenge: &Challenge<Self>,
        answer: &Answer<TextResponse>,
        judgement: &Judgement,
    ) -> Finding {
        // A refused answer is not paid whatever it declares, and may be too large to be examined.
        let is_text = !matches!(challenge.hidden, Hidden::Rating { .. });
        let looked_at = judgement.parts.len() == DECLARED && is_text && !self.config.negative_control;
        match looked_at && is_examined(&challenge.hidden) {
            true => self.held.examine(&challenge.request, &answer.response),
            false => Finding::Nothing,
        }
    }

    /// Adds the part that says whether the answer is of the model that it declares.
    fn judge_declared(
        &self,
        answer: &Answer<TextResponse>,
        finding: &Finding,
        accounts: &mut Accounts,
        mut judgement: Judgement,
    ) -> Judgement {
        if judgement.parts.len() != DECLARED {
            return judgement;
        }
        let unread = *finding == Finding::Nothing && self.held.model_of(&answer.response).is_some();
        let paid = match unread {
            true => !accounts.of(&answer.miner.hotkey).is_found_out(),
            false => accounts.add(&answer.miner.hotkey, finding),
        };
        judgement.parts.push(if paid { Ppm::ONE } else { Ppm::ZERO });
        match (finding, paid) {
            (Finding::Impossible(why), _) => judgement.note.push_str(&format!("; {why}")),
            (_, false) => judgement.note.push_str("; another model than the declared one answers"),
            (_, true) => {}
        }
        judgement
    }
}

/// Whether answers to a task are examined for their declared model. The choice follows from the hidden side, so a miner
/// cannot know it.
fn is_examined(hidden: &Hidden) -> bool {
    serde_json::to_vec(hidden)
        .is_ok_and(|hidden| blake2_256_of(&[EXAMINED_DOMAIN, &hidden])[0].is_multiple_of(EXAMINED))
}

/// The judgement of an answer to an open task, where strings without a model reach `zero` words.
fn open(request: &TextRequest, reference: &str, answer: &str, zero: usize, speed: Ppm) -> Judgement {
    let line = request.is_line();
    let (right, all) = (score::first_words(answer, reference, line), score::compared(reference, line));
    match score::agreement(right, all, zero) {
        Some(agreement) => {
            scored([agreement, speed], format!("{right} of the first {all} words, {zero} without a model"))
        }
        None => Judgement::refused(Reason::Excused, "a string without a model gives the whole reference"),
    }
}

/// The judgement of votes. What they tell beside those of others is computed over all miners.
fn rated(items: &[Item], answer: &TextResponse, speed: Ppm) -> Judgement {
    match comparisons::votes(&answer.completion, items.len()) {
        Ok(votes) => {
            scored([comparisons::right_on_gold(items, &votes), speed], "votes; the part is right on gold")
        }
        Err(note) => Judgement::refused(Reason::Malformed, note),
    }
}

/// The judgement of an answer by the verdicts that were kept.
fn judged(verdicts: &Verdicts, uid: u16, text: &str, speed: Ppm) -> Judgement {
    if text.len() > judge::ANSWER_BYTES {
        return Judgement::refused(
            Reason::Oversize,
            format!("{} bytes are not shown to a judge", text.len()),
        );
    }
    match verdicts.of(uid) {
        Ok((won, note)) => scored([won, speed], note),
        Err(why) => Judgement::refused(Reason::Excused, why),
    }
}

/// The judgement of an answer to a task with a check.
fn graded(grade: u32, right: &Right, text: &str, speed: Ppm, effort: &mut Effort) -> Judgement {
    let steps = match grade {
        1 => "1 step".to_owned(),
        _ => format!("{grade} steps"),
    };
    match right {
        Right::Number(number) => {
            let is_right = arithmetic::is_answered_by(*number, text);
            let verdict = if is_right { "right" } else { "wrong" };
            scored([worth(is_right.into(), 1), speed], format!("{verdict} after {steps}"))
        }
        Right::Fields(wanted) => {
            let right = extraction::right(wanted, text);
            let note = format!("{right} of {} values after {steps}", wanted.len());
            scored([worth(right, wanted.len()), speed], note)
        }
        Right::Program(cases) => match program::judge(cases, text, effort) {
            Ok(program::Verdict { right, note }) => {
                let note = format!("right on {right} of {} hidden inputs after {steps}{note}", cases.len());
                scored([worth(right, cases.len()), speed], note)
            }
            Err((reason, note)) => Judgement::refused(reason, note),
        },
    }
}

fn scored(parts: [Ppm; DECLARED], note: impl Into<String>) -> Judgement {
    Judgement { parts: parts.to_vec(), reason: Reason::Scored, note: note.into() }
}

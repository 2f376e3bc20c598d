//! The text subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_lm::{model::TextModel, openai::TextStream};
use myelin_subnet::{
    evaluation::LoadRule, past::nothing, subnet::Mechanism, Answer, AnswerContext, AnswerError, Challenge,
    Judgement, Share, Subnet, SubnetError, TaskPlan,
};
use myelin_wire::{
    record::{Ppm, Reason, Rubric},
    seed::Seed,
};

use crate::{
    backend::Backend,
    contrast,
    declared::{Accounts, Finding, Held},
    ensemble,
    judge::Judge,
    library::Library,
    past::Past,
    protocol::{TextRequest, TextResponse, VERSION},
    score::{self, Costs},
    strings,
    task::{self, Hidden, Task},
    verifiable::{arithmetic, extraction, program, worth, Phrases},
};

/// How an instance is set up. A validator needs library and judge, a miner a backend.
#[derive(Clone, Default)]
pub struct TextConfig {
    /// Where tasks are cut from.
    pub library: Option<Library>,
    /// The validator's model.
    pub judge: Option<Judge>,
    /// What answers.
    pub backend: Option<Arc<dyn Backend>>,
    /// Models that the validator holds beside its judge, so that miners who declare them can be checked.
    pub held: Vec<Arc<dyn TextModel>>,
    /// What customers asked before, where there are controls.
    pub past: Option<Arc<Past>>,
    /// What verifiable tasks are made of; by default the phrases of this repository.
    pub phrases: Option<Arc<Phrases>>,
    /// Tasks in a batch.
    pub load: Load,
    /// Gives every answer the same parts: an experiment that must fail to tell miners apart.
    pub negative_control: bool,
}

/// What is asked in a round: tasks of a batch, all of a miner's own, batches, and the time for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Gaps in code.
    pub fill: u16,
    /// Continuations of code and prose.
    pub continuation: u16,
    /// Stories at whose end a number is asked.
    pub arithmetic: u16,
    /// Texts from which fields are read.
    pub extract: u16,
    /// Programs to be written.
    pub program: u16,
    /// Requests that customers have asked before.
    pub control: u16,
    /// Tasks of a validator for all miners together, at most; but each miner gets a batch.
    pub budget: u32,
    /// Time for a miner to answer all that it gets.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            fill: 3,
            continuation: 4,
            arithmetic: 1,
            extract: 1,
            program: 1,
            control: 0,
            budget: BUDGET,
            deadline: Duration::from_secs(10),
        }
    }
}

/// Nobody reads a request and finds the answer in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest text of an answer in bytes.
const ANSWER_LIMIT: usize = 4096;
/// Longest answer with what is declared: 18 bytes for each of the tokens of the longest answers, and the text.
const BODY_LIMIT: usize = 16 * 1024;
/// A word that is longer behind the length of the reference is cut.
const LONGEST_REST: usize = 16;
/// Bytes that are read of what a validator writes without a model: what the place explains stands at the beginning.
const ZERO_BYTES: usize = 40;
const HALF: Ppm = Ppm::new(500_000);
/// Weights of tasks: open ones and programs, and those with a short answer. About what they take a model to write, or
/// those that take longer would be answered with rubbish.
const OPEN_WEIGHT: u32 = 4;
const SHORT_WEIGHT: u32 = 2;

/// The budget lets 156 machines of one core, beside a hundred keys that only announce an address, do all that they can.
/// Drawing that much takes a validator a few seconds of a core, and carrying and verifying the answers longer. The
/// exponent lets better answers count for more than quick ones.
const BUDGET: u32 = 100_000;
const CHECKED: u16 = 12;
const SHARPNESS: u32 = 4;

/// The kind of task that hides among requests of customers.
const CONTROL: &str = "control";
/// Place of the part `declared`, after those that the text itself decides.
const DECLARED: usize = 4;

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
        let judged_by = config.judge.iter().map(|judge| judge.model().clone());
        let held = Held::new(judged_by.chain(config.held.iter().cloned()).collect());
        Ok(Self { config, phrases, held, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        let budget = self.config.load.budget;
        vec![Mechanism::saturate(LoadRule { budget, checked: CHECKED, sharpness: SHARPNESS })]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { fill, continuation, arithmetic, extract, program, control, deadline, budget: _ } =
            self.config.load;
        let own = |kind, count, weight| TaskPlan {
            mechanism: 0,
            kind,
            share: Share::Miner,
            count,
            commit: false,
            deadline,
            fastest: FASTEST,
            answer_limit: BODY_LIMIT,
            weight,
        };
        vec![
            own("fill", fill, OPEN_WEIGHT),
            own("continue", continuation, OPEN_WEIGHT),
            own("arithmetic", arithmetic, SHORT_WEIGHT),
            own("extract", extract, SHORT_WEIGHT),
            own("program", program, OPEN_WEIGHT),
            own(CONTROL, control, OPEN_WEIGHT),
        ]
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
        let phrases = &*self.phrases;
        let drawn = match plan.kind {
            "fill" => task::fill(library, seed),
            "continue" => task::continuation(library, seed),
            "arithmetic" => task::arithmetic(phrases, seed),
            "extract" => task::extract(library, phrases, seed),
            "program" => task::program(phrases, seed),
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
        self.config.past.iter().for_each(|past| past.note(&challenge.request, &mut accounts.asked));
        let costs = self.measure(challenge, answers);
        let judge = |(at, answer)| {
            let costs = costs.as_ref().map(|(scale, costs)| (*scale, costs[at]));
            let judgement = self.judge_answer(challenge, answer, costs);
            self.judge_declared(challenge, answer, accounts, judgement)
        };
        answers.iter().enumerate().map(judge).collect()
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

    fn model_id(&self) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
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
    /// What this validator judges with.
    pub(crate) fn judge(&self) -> Option<&Judge> {
        self.config.judge.as_ref()
    }

    /// How an open task is measured, and what each answer costs the judge's model; nothing of interest for other tasks.
    fn measure(
        &self,
        challenge: &Challenge<Self>,
        answers: &[Answer<TextResponse>],
    ) -> Result<(Scale, Vec<Costs>), String> {
        let (Hidden::Reference { text: reference, .. }, false) =
            (&challenge.hidden, self.config.negative_control)
        else {
            return Ok((Scale::default(), vec![Costs::default(); answers.len()]));
        };
        let judge = self.config.judge.as_ref().ok_or("this validator has no model to judge with")?;
        let request = &challenge.request;
        let mut rng = contrast::judging_rng(reference);
        let elsewhere = contrast::elsewhere(request, &mut rng);
        let written = strings::zero_line(request, &mut rng);
        let texts: Vec<&str> = std::iter::once(reference.as_str())
            .chain(written.iter().map(|text| strings::cut(judged(text, reference), ZERO_BYTES)))
            .chain(answers.iter().map(|one| judged(&one.response.completion, reference)))
            .collect();
        let costs = judge
            .costs(request, &elsewhere, &texts)
            .map_err(|error| format!("the validator's model failed: {error}"))?;
        match &costs[..] {
            [expected, rest @ ..] if rest.len() == written.len() + answers.len() => {
                let (zeros, answers) = rest.split_at(written.len());
                let zeros = zeros.iter().zip(&texts[1..]);
                let zero = zeros.map(|(costs, text)| {
                    score::part_of(costs.worth(expected), novelty(request, reference, text))
                });
                let zero = zero.max().unwrap_or_default();
                Ok((Scale { reference: *expected, zero }, answers.to_vec()))
            }
            _ => Err("the validator's model gave no likelihood".into()),
        }
    }

    fn judge_answer(
        &self,
        challenge: &Challenge<Self>,
        answer: &Answer<TextResponse>,
        costs: Result<(Scale, Costs), &String>,
    ) -> Judgement {
        let deadline_ms = u64::try_from(self.config.load.deadline.as_millis()).unwrap_or(u64::MAX);
        let speed = score::speed(answer.latency, deadline_ms);
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
            Hidden::Number(number) => exact(arithmetic::is_answered_by(*number, text), speed),
            Hidden::Fields(wanted) => {
                let right = extraction::right(wanted, text);
                let part = worth(right, wanted.len());
                scored([part, part, speed, Ppm::ONE], format!("{right} of {} fields", wanted.len()))
            }
            Hidden::Program(cases) => match program::judge(cases, text) {
                Ok(program::Verdict { right, note }) => {
                    let part = worth(right, cases.len());
                    let note = format!("right on {right} of {} hidden inputs{note}", cases.len());
                    scored([part, part, speed, Ppm::ONE], note)
                }
                Err((reason, note)) => Judgement::refused(reason, note),
            },
            Hidden::Reference { text: reference, .. } => match costs {
                Ok(costs) => judge_open(&challenge.request, reference, text, costs, speed),
                Err(why) => Judgement::refused(Reason::Excused, why),
            },
        }
    }

    /// Adds the part that says whether the answer is of the model that it declares.
    fn judge_declared(
        &self,
        challenge: &Challenge<Self>,
        answer: &Answer<TextResponse>,
        accounts: &mut Accounts,
        mut judgement: Judgement,
    ) -> Judgement {
        // What is refused is not paid whatever it declares, and may be too large to be looked at.
        if judgement.parts.len() != DECLARED {
            return judgement;
        }
        let finding = match self.config.negative_control {
            true => Finding::Nothing,
            false => self.held.examine(&challenge.request, &answer.response),
        };
        let paid = accounts.add(&answer.miner.hotkey, &finding);
        judgement.parts.push(if paid { Ppm::ONE } else { Ppm::ZERO });
        match (&finding, paid) {
            (Finding::Impossible(why), _) => judgement.note.push_str(&format!("; {why}")),
            (_, false) => judgement.note.push_str("; another model than the declared one answers"),
            (_, true) => {}
        }
        judgement
    }
}

/// Where the scale of an open task begins and ends.
#[derive(Clone, Copy, Default)]
struct Scale {
    /// What the reference costs.
    reference: Costs,
    /// The best of what the validator writes without a model is worth this.
    zero: i64,
}

/// The judgement of an answer to an open task, from what the answer costs.
fn judge_open(
    request: &TextRequest,
    reference: &str,
    answer: &str,
    (scale, costs): (Scale, Costs),
    speed: Ppm,
) -> Judgement {
    let text = judged(answer, reference);
    let accuracy = score::accuracy(text, reference);
    // What is near the reference is no noise, however odd the reference is.
    if score::is_noise(costs.own, text.len()) && accuracy < HALF {
        return Judgement::refused(Reason::Garbage, "random letters are as likely");
    }
    let likelihood = score::likelihood(costs, scale.reference, scale.zero);
    let parts = [accuracy, likelihood, speed, novelty(request, reference, text)];
    let nats = |micro: i64| micro / 1_000_000;
    let (gain, zero, expected) = (nats(costs.gain()), nats(scale.zero), nats(scale.reference.gain()));
    let fluency = costs.fluency(&scale.reference).get() / 10_000;
    scored(
        parts,
        format!(
            "its place explains {gain} nats at a fluency of {fluency} %; {zero} without a model, {expected} of the reference"
        ),
    )
}

fn novelty(request: &TextRequest, reference: &str, text: &str) -> Ppm {
    let before = request.context();
    score::novelty(text, reference, &[&before, request.suffix.as_deref().unwrap_or_default()])
}

/// The judgement of an answer that is right or wrong.
fn exact(right: bool, speed: Ppm) -> Judgement {
    let part = if right { Ppm::ONE } else { Ppm::ZERO };
    scored([part, part, speed, Ppm::ONE], if right { "right" } else { "wrong" })
}

fn scored(parts: [Ppm; DECLARED], note: impl Into<String>) -> Judgement {
    Judgement { parts: parts.to_vec(), reason: Reason::Scored, note: note.into() }
}

/// What is judged of an answer: as much as the reference is long, to the end of the word that is begun there. What
/// comes after it neither earns nor costs anything.
fn judged<'a>(answer: &'a str, reference: &str) -> &'a str {
    let begun = strings::cut(answer, reference.len());
    let in_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let rest = &answer[begun.len()..];
    let word = if begun.ends_with(in_word) { rest.find(|c| !in_word(c)).unwrap_or(rest.len()) } else { 0 };
    &answer[..begun.len() + if word <= LONGEST_REST { word } else { 0 }]
}

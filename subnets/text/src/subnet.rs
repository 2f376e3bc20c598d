//! The text subnet as the framework sees it.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::Agreement, Answer, AnswerContext, AnswerError, Challenge, Judgement, Share, Subnet,
    SubnetError, TaskPlan,
};
use myelin_wire::{
    record::{Ppm, Reason, Rubric},
    seed::Seed,
};

use crate::{
    backend::Backend,
    copying,
    judge::Judge,
    library::Library,
    protocol::{TextRequest, TextResponse, VERSION},
    score,
    task::{self, Hidden, Task},
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
    /// Tasks in a round.
    pub load: Load,
    /// Gives every answer the same parts: an experiment that must fail to tell miners apart.
    pub negative_control: bool,
}

/// Tasks in a round, and the time for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Gaps in code.
    pub fill: u16,
    /// Continuations of code and prose.
    pub continuation: u16,
    /// Questions with one right answer, for each miner alone.
    pub question: u16,
    /// Time for a miner to answer all of them.
    pub deadline: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { fill: 3, continuation: 4, question: 2, deadline: Duration::from_secs(8) }
    }
}

/// Nobody reads a request and finds the answer in less.
const FASTEST: Duration = Duration::from_millis(1);
/// Longest answer in bytes.
const ANSWER_LIMIT: usize = 4096;
const HALF: Ppm = Ppm::new(500_000);
/// Weight of an open task against a question.
const OPEN_WEIGHT: u32 = 4;

/// Text generation: one instance for a miner, a validator, or both.
pub struct TextSubnet {
    config: TextConfig,
    rubric: Rubric,
}

impl Subnet for TextSubnet {
    const NAME: &'static str = "Text";
    const VERSION: u32 = VERSION;
    type Request = TextRequest;
    type Response = TextResponse;
    type Hidden = Hidden;
    type Config = TextConfig;
    type State = ();

    fn open(config: TextConfig) -> Result<Self, SubnetError> {
        let rubric = score::rubric()
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "correct its parts"))?;
        Ok(Self { config, rubric })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let Load { fill, continuation, question, deadline } = self.config.load;
        let open = |kind, count| TaskPlan {
            mechanism: 0,
            kind,
            share: Share::Round,
            count,
            commit: true,
            deadline,
            fastest: FASTEST,
            answer_limit: ANSWER_LIMIT,
            weight: OPEN_WEIGHT,
        };
        let own =
            |kind, count| TaskPlan { share: Share::Miner, commit: false, weight: 1, ..open(kind, count) };
        vec![open("fill", fill), open("continue", continuation), own("question", question)]
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, (): &()) -> Result<Challenge<Self>, SubnetError> {
        let library = self.config.library.as_ref().ok_or_else(|| {
            SubnetError::new("drawing a task", "no library of texts", "set up the validator with one")
        })?;
        let draw = match plan.kind {
            "fill" => task::fill,
            "continue" => task::continuation,
            _ => task::question,
        };
        let Task { request, hidden } = draw(library, seed).ok_or_else(|| {
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
        (): &mut (),
    ) -> Vec<Judgement> {
        // One reading of both contexts for all answers; what follows finds the costs ready.
        if let (Hidden::Reference { text: reference, foreign }, Some(judge)) =
            (&challenge.hidden, &self.config.judge)
        {
            let limit = judged_length(reference);
            let mut texts: Vec<&str> =
                answers.iter().map(|one| cut(&one.response.completion, limit)).collect();
            texts.push(reference);
            texts.sort_unstable();
            texts.dedup();
            // A failure shows again where the cost is needed.
            let _ = judge.costs(&challenge.request, foreign, &texts);
        }
        answers.iter().map(|answer| self.judge_answer(challenge, answer)).collect()
    }

    fn agreement(
        &self,
        challenge: &Challenge<Self>,
        one: &Answer<TextResponse>,
        other: &Answer<TextResponse>,
    ) -> Option<Agreement> {
        let (Hidden::Reference { text, .. }, Some(judge), false) =
            (&challenge.hidden, &self.config.judge, self.config.negative_control)
        else {
            return None;
        };
        let limit = judged_length(text);
        let (one, other) = (cut(&one.response.completion, limit), cut(&other.response.completion, limit));
        copying::agreement(one, other, text, |answer| judge.cost(&challenge.request, answer).ok())
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        request.check().map_err(|error| AnswerError::Refused(error.to_string()))?;
        let backend = self.config.backend.as_ref();
        backend
            .ok_or_else(|| AnswerError::Refused("no model is attached here".into()))?
            .answer(context, request)
    }

    fn model_id(&self) -> [u8; 32] {
        self.config.backend.as_ref().map_or([0; 32], |backend| backend.model_id())
    }

    fn organic(&self, openai_request: &serde_json::Value) -> Option<TextRequest> {
        TextRequest::from_openai(openai_request)
    }
}

impl TextSubnet {
    fn judge_answer(&self, challenge: &Challenge<Self>, answer: &Answer<TextResponse>) -> Judgement {
        let deadline_ms = u64::try_from(self.config.load.deadline.as_millis()).unwrap_or(u64::MAX);
        let speed = score::speed(answer.latency, deadline_ms);
        let text = &answer.response.completion;
        if self.config.negative_control {
            return scored([HALF; 4], "negative control: everybody gets the same");
        }
        if text.trim().is_empty() {
            return Judgement::refused(Reason::Empty, "no text");
        }
        if text.len() > ANSWER_LIMIT {
            return Judgement::refused(Reason::Oversize, format!("{} bytes", text.len()));
        }
        match &challenge.hidden {
            Hidden::Answer(question) => {
                let right = question.is_answered_by(text);
                let part = if right { Ppm::ONE } else { Ppm::ZERO };
                scored([part, part, speed, Ppm::ONE], if right { "right" } else { "wrong" })
            }
            Hidden::Reference { text: reference, foreign } => {
                self.judge_open(&challenge.request, reference, foreign, text, speed)
            }
        }
    }

    fn judge_open(
        &self,
        own: &TextRequest,
        reference: &str,
        foreign: &TextRequest,
        answer: &str,
        speed: Ppm,
    ) -> Judgement {
        let Some(judge) = &self.config.judge else {
            return Judgement::refused(Reason::Excused, "this validator has no model to judge with");
        };
        let text = cut(answer, judged_length(reference));
        let (costs, expected) = match judge.costs(own, foreign, &[text, reference]).as_deref() {
            Ok(&[costs, expected]) => (costs, expected),
            Ok(_) => return Judgement::refused(Reason::Excused, "the validator's model gave no likelihood"),
            Err(error) => {
                return Judgement::refused(Reason::Excused, format!("the validator's model failed: {error}"))
            }
        };
        let accuracy = score::accuracy(text, reference);
        // What is near the reference is no noise, however odd the reference is.
        if score::is_noise(costs.own, text.len()) && accuracy < HALF {
            return Judgement::refused(Reason::Garbage, "random letters are as likely");
        }
        let prompt = [own.prompt.as_str(), own.suffix.as_deref().unwrap_or_default()];
        let parts =
            [accuracy, score::likelihood(costs, expected), speed, score::novelty(text, reference, &prompt)];
        let nats = |micro: i64| micro / 1_000_000;
        scored(
            parts,
            format!(
                "the context saves {} nats, {} for the reference",
                nats(costs.gain()),
                nats(expected.gain())
            ),
        )
    }
}

fn scored(parts: [Ppm; 4], note: impl Into<String>) -> Judgement {
    Judgement { parts: parts.to_vec(), reason: Reason::Scored, note: note.into() }
}

/// Answers are judged up to a quarter more than the length of the reference, so that length alone earns nothing.
fn judged_length(reference: &str) -> usize {
    reference.len() + reference.len() / 4 + 4
}

fn cut(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}

//! Dishonest miners, for tests and the demo. Nothing in the product's own path uses this module.
//!
//! Each is a small [`Backend`] that does one wrong thing, so that a report can say which wrong thing was noticed.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, Mutex, PoisonError,
    },
    time::Duration,
};

use myelin_lm::model::TextModel;
use myelin_neuron::dendrite::{Dendrite, Query, Target};
use myelin_subnet::{exchange::AskedBy, AnswerContext, AnswerError, Subnet};
use myelin_wire::hash::{blake2_256_of, to_hex};

use crate::{
    backend::Backend,
    declared::Declared,
    protocol::{ChatMessage, TextRequest, TextResponse},
    TextSubnet,
};

mod chooser;
mod inverter;
mod lookup;
mod oracle;
mod shape;
mod solver;
mod woven;

pub use chooser::Chooser;
#[cfg(test)]
pub(crate) use inverter::script;
pub use inverter::Inverter;
pub use lookup::Lookup;
pub use oracle::{oracle, right_answer, stepwise};
pub use shape::Shapes;
pub use solver::Solver;
pub use woven::{Weave, Woven};

/// When a degrading miner turns bad.
#[derive(Clone, Debug)]
pub enum Trigger {
    /// When the flag is set.
    Flag(Arc<AtomicBool>),
    /// When the file exists.
    File(PathBuf),
}

impl Trigger {
    fn pulled(&self) -> bool {
        match self {
            Trigger::Flag(flag) => flag.load(Ordering::Relaxed),
            Trigger::File(path) => path.exists(),
        }
    }
}

/// Serves a good model until it has a reputation, then a bad one.
pub struct Degrading {
    good: Arc<dyn Backend>,
    bad: Arc<dyn Backend>,
    trigger: Trigger,
}

impl Degrading {
    /// Serves `good` until `trigger` fires, and `bad` from then on.
    pub fn new(good: Arc<dyn Backend>, bad: Arc<dyn Backend>, trigger: Trigger) -> Self {
        Self { good, bad, trigger }
    }
}

impl Backend for Degrading {
    /// The miner goes on claiming to serve the good model.
    fn model_id(&self) -> [u8; 32] {
        self.good.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let backend = if self.trigger.pulled() { &self.bad } else { &self.good };
        backend.answer(context, request)
    }
}

/// Passes its questions on to another miner and sells the answers as its own.
pub struct Relay {
    dendrite: Dendrite,
    target: Target,
    runtime: tokio::runtime::Handle,
}

impl Relay {
    /// Relays to `target`, asking as `dendrite`'s hotkey. Call within a runtime.
    pub fn new(dendrite: Dendrite, target: Target) -> Self {
        Self { dendrite, target, runtime: tokio::runtime::Handle::current() }
    }
}

impl Backend for Relay {
    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let failed = |why: String| AnswerError::Backend(why);
        let body = serde_json::to_vec(request).map_err(|error| failed(error.to_string()))?;
        let query =
            Query::new::<&str>(TextSubnet::NAME, body, &[]).map_err(|error| failed(error.to_string()))?;
        let query = query.timeout(context.time_left.max(Duration::from_millis(1)));
        let answer = self.runtime.block_on(self.dendrite.query(self.target, &query));
        if !answer.is_success() {
            return Err(failed(answer.status.to_string()));
        }
        serde_json::from_slice(&answer.body).map_err(|error| failed(error.to_string()))
    }
}

/// Sends the answer that was found, or else the answer of another miner.
fn found_or(
    found: Option<String>,
    otherwise: &Arc<dyn Backend>,
    context: &AnswerContext,
    request: &TextRequest,
) -> Result<TextResponse, AnswerError> {
    match found {
        Some(found) => Ok(TextResponse::plain(found)),
        None => otherwise.answer(context, request),
    }
}

/// Answers with a good model, and otherwise when it is asked the same again: as two machines behind one key do that
/// know nothing of each other.
pub struct TwoFaced {
    good: Arc<dyn Backend>,
    answered: Mutex<HashSet<AskedBy>>,
}

/// Challenges that a two-faced miner remembers.
const REMEMBERED: usize = 100_000;

impl TwoFaced {
    /// Answers with `good` the first time.
    pub fn new(good: Arc<dyn Backend>) -> Self {
        Self { good, answered: Mutex::default() }
    }
}

impl Backend for TwoFaced {
    fn model_id(&self) -> [u8; 32] {
        self.good.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let (Some(validator), Some(challenge)) = (context.asker, context.challenge) else {
            return self.good.answer(context, request);
        };
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() >= REMEMBERED {
            answered.clear();
        }
        let known = !answered.insert(AskedBy { validator, challenge });
        drop(answered);
        match known {
            true => Commonplace.answer(context, request),
            false => self.good.answer(context, request),
        }
    }
}

/// Sends random letters.
pub struct Garbage;

impl Backend for Garbage {
    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let noise = blake2_256_of(&[b"garbage", request.prompt.as_bytes()]);
        Ok(TextResponse::plain(to_hex(&noise)))
    }
}

/// Sends a commonplace, whatever the request.
pub struct Commonplace;

impl Backend for Commonplace {
    fn answer(&self, _: &AnswerContext, _: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain("let mut result = Vec::new();"))
    }
}

/// Sends the end of the prompt back.
pub struct Parrot;

impl Backend for Parrot {
    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain(end_of(&request.prompt, 80)))
    }
}

/// Declares one model and answers in another way.
pub struct Pretender {
    declared: Arc<dyn TextModel>,
    secret: u64,
    pretence: Pretence,
}

/// Ways of a pretender to avoid running the model that it declares.
pub enum Pretence {
    /// Runs another model, and declares what that model drew.
    OtherModel(Arc<dyn TextModel>),
    /// Lets another model write and the declared one read the text, which is cheaper than writing.
    Borrowed {
        /// The model that writes.
        writer: Arc<dyn TextModel>,
        /// Factor on the requested temperature.
        cooled: f32,
    },
    /// Puts words of its own before the prompt.
    OwnWords(String),
    /// Shows the declared model only the last so many bytes of the prompt.
    ShortContext(usize),
    /// Runs the declared model for requests that look like checks, and another one for the rest.
    Recognised {
        /// Whether a request looks like a check.
        is_check: fn(&TextRequest) -> bool,
        /// Answers the other requests.
        cheap: Arc<dyn TextModel>,
    },
}

impl Pretender {
    /// A pretender that declares `declared`.
    pub fn new(declared: Arc<dyn TextModel>, secret: u64, pretence: Pretence) -> Self {
        Self { declared, secret, pretence }
    }
}

impl Backend for Pretender {
    fn model_id(&self) -> [u8; 32] {
        self.declared.id()
    }

    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let failed = |error: myelin_lm::model::ModelError| AnswerError::Backend(error.to_string());
        let mut asked = request.clone();
        let mut writer = &self.declared;
        match &self.pretence {
            Pretence::OtherModel(other) => writer = other,
            Pretence::Borrowed { writer: other, cooled } => {
                writer = other;
                asked.temperature *= cooled;
            }
            Pretence::Recognised { is_check, cheap } if !is_check(request) => writer = cheap,
            Pretence::Recognised { .. } => {}
            Pretence::OwnWords(words) if asked.messages.is_empty() => asked.prompt.insert_str(0, words),
            Pretence::OwnWords(words) => {
                asked.messages.insert(0, ChatMessage { role: "system".into(), content: words.clone() });
            }
            Pretence::ShortContext(bytes) => {
                let texts = asked.messages.iter_mut().map(|said| &mut said.content);
                texts.chain([&mut asked.prompt]).for_each(|text| *text = end_of(text, *bytes).to_owned());
            }
        }
        let (completion, trace) =
            writer.complete_traced(&asked.to_model(self.secret), &mut |_| true).map_err(failed)?;
        let mut trace = trace.ok_or_else(|| AnswerError::Backend("the model keeps no trace".into()))?;
        if let Pretence::Borrowed { .. } = self.pretence {
            let read = self.declared.retrace(&request.to_model(0), &trace.tokens).map_err(failed)?;
            let drawn = read.map(|read| read.drawn).unwrap_or_default();
            trace.micro_nats = drawn.iter().map(|drawn| drawn.micro_nats).collect();
        }
        let declared = Some(Declared::new(&self.declared.id(), &trace));
        Ok(TextResponse { completion: completion.text, declared })
    }
}

/// The last `bytes` bytes of a text, or a little less.
fn end_of(text: &str, bytes: usize) -> &str {
    let from = text.len().saturating_sub(bytes);
    let from = (from..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
    &text[from..]
}

//! Dishonest miners, for tests and the demo. Nothing in the product's own path uses this module.
//!
//! Each is a small [`Backend`] that does one wrong thing, so that a report can say which wrong thing was noticed.

use std::{
    path::PathBuf,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::Duration,
};

use myelin_neuron::dendrite::{Dendrite, Query, Target};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use myelin_wire::hash::{blake2_256_of, to_hex};

use crate::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    TextSubnet,
};

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
    /// `good` until `trigger` is pulled, `bad` from then on.
    pub fn new(good: Arc<dyn Backend>, bad: Arc<dyn Backend>, trigger: Trigger) -> Self {
        Self { good, bad, trigger }
    }
}

impl Backend for Degrading {
    /// It goes on claiming to serve the good model.
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
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

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

/// Sends random letters.
pub struct Garbage;

impl Backend for Garbage {
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let noise = blake2_256_of(&[b"garbage", request.prompt.as_bytes()]);
        Ok(TextResponse::plain(to_hex(&noise)))
    }
}

/// Sends a commonplace, whatever is asked.
pub struct Commonplace;

impl Backend for Commonplace {
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn answer(&self, _: &AnswerContext, _: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain("let mut result = Vec::new();"))
    }
}

/// Sends the end of the prompt back.
pub struct Parrot;

impl Backend for Parrot {
    fn model_id(&self) -> [u8; 32] {
        [0; 32]
    }

    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        let from = request.prompt.len().saturating_sub(80);
        let from = (from..=request.prompt.len()).find(|&at| request.prompt.is_char_boundary(at)).unwrap_or(0);
        Ok(TextResponse::plain(&request.prompt[from..]))
    }
}

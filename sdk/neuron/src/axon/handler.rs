//! Handlers that a miner attaches to an axon, one per synapse.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{future::BoxFuture, Stream};
use myelin_wire::{
    status::{code, Status},
    v10::Terminals,
};
use tokio::time::Instant;

use super::gate::Caller;
use crate::clock::millis;

/// A verified request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Name of the synapse.
    pub synapse: Arc<str>,
    /// The sender; its signature was verified, except where the synapse is public.
    pub caller: Caller,
    /// The raw JSON object. Its protected fields are covered by the caller's signature.
    pub body: Bytes,
    /// The challenge this request poses, if any.
    pub challenge_id: Option<[u8; 32]>,
    /// Fields about axon and dendrite in the body. The answer's headers repeat them; official axons also do in the
    /// body.
    pub terminals: Terminals,
    /// How long the answer may take from the start of the request.
    pub timeout: Duration,
    /// When the answer is too late; the handler is dropped then.
    pub deadline: Instant,
}

impl Call {
    /// 408: there is no answer in time.
    pub fn late(&self) -> HandlerError {
        HandlerError(Status::response_timeout(millis(self.timeout)))
    }
}

/// A stream of raw chunks of an answer.
pub type ChunkStream = Pin<Box<dyn Stream<Item = Result<Bytes, HandlerError>> + Send>>;

/// Answer of a handler.
pub struct Reply {
    pub(super) content: Content,
    pub(super) model_id: Option<[u8; 32]>,
}

pub(super) enum Content {
    Json(Bytes),
    Stream(ChunkStream),
}

impl Reply {
    /// A whole answer: the synapse as a JSON object with all its fields, as official clients expect.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self { content: Content::Json(body.into()), model_id: None }
    }

    /// A streamed answer: raw chunks, `text/event-stream`. It is never signed.
    pub fn stream(chunks: impl Stream<Item = Result<Bytes, HandlerError>> + Send + 'static) -> Self {
        Self { content: Content::Stream(Box::pin(chunks)), model_id: None }
    }

    /// Asks the axon to sign this answer as made by `model_id`.
    ///
    /// It is signed if the axon knows its chain and subnet and the request poses a challenge that was not answered
    /// differently before. A handler should only sign answers to challenges of the current rounds: the axon
    /// remembers what it signed for a limited time ([`MemoryLedger`](super::MemoryLedger)).
    pub fn signed_by(mut self, model_id: [u8; 32]) -> Self {
        self.model_id = Some(model_id);
        self
    }
}

/// A handler's failure, with the status that the caller sees.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HandlerError(pub(super) Status);

impl HandlerError {
    /// 400: the body does not fit this synapse.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self(Status::new(code::BAD_REQUEST, message))
    }

    /// 403: this caller may not send this request.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self(Status::new(code::FORBIDDEN, message))
    }

    /// 503 with `Retry-After`: too many requests are waiting.
    pub fn busy() -> Self {
        Self(Status::busy())
    }

    /// 503: there is no answer.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self(Status::new(code::UNAVAILABLE, message))
    }

    /// 500: `details` go to the axon's log, the caller sees a number that finds them there.
    pub fn internal(details: impl Into<String>) -> Self {
        Self(Status::new(code::INTERNAL, details))
    }
}

/// Answers one kind of request.
///
/// A handler is dropped at any await when its caller disconnects or its time is up. Long computations belong on a
/// thread of their own (`tokio::task::spawn_blocking`), else they hold up other connections.
pub trait Handler: Send + Sync + 'static {
    /// Answers `call`.
    fn handle(&self, call: Call) -> BoxFuture<'_, Result<Reply, HandlerError>>;
}

impl<F, A> Handler for F
where
    F: Fn(Call) -> A + Send + Sync + 'static,
    A: Future<Output = Result<Reply, HandlerError>> + Send + 'static,
{
    fn handle(&self, call: Call) -> BoxFuture<'_, Result<Reply, HandlerError>> {
        Box::pin(self(call))
    }
}

/// A synapse that an axon serves.
pub struct Route {
    pub(super) name: Arc<str>,
    pub(super) protected: Vec<String>,
    pub(super) public: bool,
    pub(super) handler: Box<dyn Handler>,
}

impl Route {
    /// Serves the synapse `name`, which is the name of its class on the official side.
    pub fn new(name: &str, handler: impl Handler) -> Self {
        Self { name: name.into(), protected: Vec::new(), public: false, handler: Box::new(handler) }
    }

    /// Serves everybody, signed or not: nobody is verified, no nonce is remembered, and the gate is not asked. Requests
    /// count towards the account of public synapses.
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Declares the fields that the caller's signature must cover, in the order of `required_hash_fields`.
    pub fn protect<S: Into<String>>(mut self, fields: impl IntoIterator<Item = S>) -> Self {
        self.protected = fields.into_iter().map(Into::into).collect();
        self
    }
}

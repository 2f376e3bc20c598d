//! Answers of axons.

use std::time::Duration;

use bytes::Bytes;
use http::{header::RETRY_AFTER, HeaderMap, StatusCode};
use myelin_wire::{
    answer::{AnswerClaim, AnswerError, AnswerHeader, SignedAnswer, HEADER},
    hash::blake2_256,
    status::Status,
    v10::{header, seconds_to_ns},
    AccountId,
};

use super::query::{Query, Target};

/// One axon's answer, or why there is none.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The axon that was asked.
    pub target: Target,
    /// 200, the axon's error, or a failure of our own side (503, 408, 400, 422, 500) with the official meaning.
    pub status: Status,
    /// The raw answer if the status is 200; not checked to be JSON. Empty otherwise.
    pub body: Bytes,
    /// Whether the miner vouches for the answer.
    pub authenticity: Authenticity,
    /// Time from the call to the end of the answer, connecting and waiting for a lane included.
    pub elapsed: Duration,
    /// Time the axon says it spent.
    pub process_time: Option<Duration>,
    /// Whether the axon replied at all; a status without a reply is this side's own.
    pub replied: bool,
}

/// Whether an answer is signed by the miner that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authenticity {
    /// No signature, as official axons answer: only the connection identifies the sender of the answer.
    Unsigned,
    /// Signed for this chain, subnet, challenge and request by the miner that was asked.
    Signed(Box<SignedAnswer>),
    /// A signature that does not hold.
    Invalid(AnswerError),
}

impl Answer {
    pub(super) fn failed(target: Target, status: Status, elapsed: Duration) -> Self {
        Self {
            target,
            status,
            body: Bytes::new(),
            authenticity: Authenticity::Unsigned,
            elapsed,
            process_time: None,
            replied: false,
        }
    }

    /// Whether the axon answered with 200.
    pub fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// The signed answer, if there is one.
    pub fn signed(&self) -> Option<&SignedAnswer> {
        match &self.authenticity {
            Authenticity::Signed(signed) => Some(signed),
            _ => None,
        }
    }
}

/// Reads a response that arrived whole.
pub(super) fn read(
    validator: &AccountId,
    target: Target,
    query: &Query,
    head: &http::response::Parts,
    body: Bytes,
    elapsed: Duration,
) -> Answer {
    let process_time = process_time(&head.headers);
    if head.status != StatusCode::OK {
        let status = error_status(head, &body);
        return Answer { process_time, replied: true, ..Answer::failed(target, status, elapsed) };
    }
    let authenticity = authenticity(validator, &target, query, &head.headers, &body);
    Answer { target, status: Status::success(), body, authenticity, elapsed, process_time, replied: true }
}

pub(super) fn process_time(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(header::AXON_PROCESS_TIME)?.to_str().ok()?;
    seconds_to_ns(text).map(Duration::from_nanos)
}

/// Whether the axon asks to send the request again later.
pub(super) fn is_busy(head: &http::response::Parts) -> bool {
    head.status == StatusCode::SERVICE_UNAVAILABLE && head.headers.contains_key(RETRY_AFTER)
}

/// The axon's error: its code, and its message from the body, the headers, or the code's own name.
pub(super) fn error_status(head: &http::response::Parts, body: &[u8]) -> Status {
    const LONGEST: usize = 1_000;
    let from_body = || {
        let value: serde_json::Value = serde_json::from_slice(body).ok()?;
        value.get("message")?.as_str().map(str::to_owned)
    };
    let from_header = || head.headers.get(header::AXON_STATUS_MESSAGE)?.to_str().ok().map(str::to_owned);
    let mut message = from_body()
        .or_else(from_header)
        .unwrap_or_else(|| head.status.canonical_reason().unwrap_or("no message").into());
    if let Some((end, _)) = message.char_indices().nth(LONGEST) {
        message.truncate(end);
    }
    Status::new(head.status.as_u16(), message)
}

fn authenticity(
    validator: &AccountId,
    target: &Target,
    query: &Query,
    headers: &HeaderMap,
    body: &[u8],
) -> Authenticity {
    let (Some(value), Some(challenge)) = (headers.get(HEADER), query.challenge) else {
        return Authenticity::Unsigned;
    };
    let expected = AnswerClaim {
        genesis_hash: challenge.genesis_hash,
        netuid: challenge.netuid,
        challenge_id: challenge.id,
        request_hash: blake2_256(&query.body),
        answer_hash: blake2_256(body),
        model_id: [0; 32],
        validator: *validator,
        miner: target.hotkey,
    };
    let checked =
        AnswerHeader::parse(value.to_str().unwrap_or_default()).and_then(|header| header.check(&expected));
    match checked {
        Ok(signed) => Authenticity::Signed(Box::new(signed)),
        Err(error) => Authenticity::Invalid(error),
    }
}

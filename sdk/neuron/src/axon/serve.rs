//! One request from its head to its answer, in the official order of checks.

use std::{
    net::SocketAddr,
    panic::AssertUnwindSafe,
    sync::{atomic::Ordering, Arc},
    time::Duration,
};

use bytes::Bytes;
use futures::FutureExt;
use http::{header::HeaderName, HeaderMap, Method, Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use myelin_wire::{
    answer::{AnswerClaim, CHALLENGE_HEADER},
    body_hash::SynapseBody,
    btauth::{self, AuthHead, SignedRequest},
    hash::{blake2_256, from_hex},
    status::{code, Status},
    v10::{self, RequestHead, Terminals, VerifyError},
    AccountId,
};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{timeout, timeout_at, Instant},
};

use super::{
    answer::{error, AnswerBody, StreamBody, Success},
    gate::{Admission, Caller, Protocol},
    handler::{Call, Content, HandlerError, Route},
    metrics::{add, Gauge},
    slots::NoSlot,
    Shared,
};
use crate::body::{self, BodyError};

/// Answers a request; never fails.
pub(super) async fn respond(
    shared: Arc<Shared>,
    remote: SocketAddr,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let started = Instant::now();
    add(&shared.counters.requests, 1);
    let response = match answer(&shared, remote, request, started).await {
        Ok(response) => response,
        Err(status) => {
            tracing::debug!(%remote, code = status.code, message = %status.message, "request refused");
            error(&status, started.elapsed(), shared.clock.now_ns())
        }
    };
    shared.counters.count_status(response.status().as_u16());
    if let Some(length) = response.body().size_hint().exact() {
        add(&shared.counters.bytes_out, length);
    }
    response
}

async fn answer(
    shared: &Shared,
    remote: SocketAddr,
    request: Request<Incoming>,
    started: Instant,
) -> Result<Response<AnswerBody>, Status> {
    let (head, body) = request.into_parts();
    if head.method != Method::POST && head.method != Method::GET {
        return Err(Status::new(405, "Method Not Allowed"));
    }
    let name = head.uri.path().split('/').nth(1).unwrap_or("");
    let route = shared
        .routes
        .get(name)
        .ok_or_else(|| Status::unknown_synapse(short(name), shared.routes.keys().map(|n| &**n)))?;
    // The room that a body takes is held until the request is answered.
    let (caller, challenge_id, asked, (body, _room), terminals) = if uses_btauth(&head.headers) {
        let (caller, challenge_id, body) = admit_btauth(shared, route, remote, &head, body).await?;
        (caller, challenge_id, 0, body, Terminals::default())
    } else {
        let read = RequestHead::parse(|name| text(&head.headers, name)).map_err(|e| Status::improper(&e))?;
        let caller = admit_v10(shared, route, remote, &read)?;
        let body = read_body(shared, body).await?;
        let terminals = check_body(&body.0, &route.protected, Some(read.body_hash))?;
        (caller, read.challenge_id, read.timeout_ns, body, terminals)
    };
    let timeout = granted(shared, asked);
    let deadline = started + timeout;
    let synapse = route.name.clone();
    let call = Call { synapse, caller, body, challenge_id, terminals, timeout, deadline };
    handle(shared, route, call, &head.headers, started).await
}

/// Gate (403), then nonce and signature (401).
fn admit_v10(
    shared: &Shared,
    route: &Route,
    remote: SocketAddr,
    head: &RequestHead<'_>,
) -> Result<Caller, Status> {
    let not_verified = |error: VerifyError| Status::not_verified(&error);
    let hotkey = head.claimed_hotkey().map_err(not_verified)?;
    let caller = Caller { hotkey, remote, protocol: Protocol::V10 { version: head.version } };
    admit(shared, route, &caller)?;
    shared.identities.verify_v10(head, hotkey, shared.clock.now_ns()).map_err(not_verified)?;
    Ok(caller)
}

/// Headers (400), gate (403), receiver and age (401), then the body, which the signature covers (401).
async fn admit_btauth(
    shared: &Shared,
    route: &Route,
    remote: SocketAddr,
    head: &http::request::Parts,
    body: Incoming,
) -> Result<(Caller, Option<[u8; 32]>, (Bytes, Room)), Status> {
    let auth = AuthHead::parse(|name| text(&head.headers, name)).map_err(|e| Status::improper(&e))?;
    let challenge_id = match text(&head.headers, CHALLENGE_HEADER) {
        None => None,
        Some(hex) => {
            let error = v10::HeadError { header: CHALLENGE_HEADER };
            Some(from_hex(hex).ok_or_else(|| Status::improper(&error))?)
        }
    };
    let caller = Caller { hotkey: auth.sender, remote, protocol: Protocol::BtAuth };
    admit(shared, route, &caller)?;
    let not_verified = |error: btauth::AuthError| Status::not_verified(&error);
    auth.check(shared.identities.own_address(), shared.clock.now_ns()).map_err(not_verified)?;
    let (body, room) = read_body(shared, body).await?;
    let path = head.uri.path_and_query().map_or(head.uri.path(), |path| path.as_str());
    let signed = SignedRequest { method: head.method.as_str(), path, body: &body };
    shared.identities.verify_btauth(&auth, &signed, shared.clock.now_ns()).map_err(not_verified)?;
    check_body(&body, &route.protected, None)?;
    Ok((caller, challenge_id, (body, room)))
}

fn admit(shared: &Shared, route: &Route, caller: &Caller) -> Result<(), Status> {
    match shared.gate.admit(caller, &route.name) {
        Admission::Admitted => Ok(()),
        Admission::Refused(reason) => Err(Status::blacklisted(&reason)),
    }
}

/// Waits for a slot, runs the handler within the deadline, and signs what it answers.
async fn handle(
    shared: &Shared,
    route: &Route,
    call: Call,
    headers: &HeaderMap,
    started: Instant,
) -> Result<Response<AnswerBody>, Status> {
    let HandlerError(late) = call.late();
    let priority = shared.priority.priority(&call.caller, &route.name);
    let slot = shared.slots.take(priority, call.deadline).await.map_err(|error| match error {
        NoSlot::Full => Status::busy(),
        NoSlot::Late => late.clone(),
    })?;
    let question =
        Question { validator: call.caller.hotkey, challenge_id: call.challenge_id, body: call.body.clone() };
    let terminals = call.terminals.headers();
    let deadline = call.deadline;
    let reply = {
        let _handling = Gauge::new(&shared.counters.handling);
        let run = AssertUnwindSafe(route.handler.handle(call)).catch_unwind();
        match timeout_at(deadline, run).await {
            Err(_) => return Err(late),
            Ok(Ok(Ok(reply))) => reply,
            Ok(Ok(Err(HandlerError(status)))) => return Err(hide_details(route, status)),
            Ok(Err(_)) => {
                let panicked = Status::new(code::INTERNAL, "the handler panicked");
                return Err(hide_details(route, panicked));
            }
        }
    };
    let signature = match (&reply.content, reply.model_id) {
        (Content::Json(body), Some(model_id)) => sign(shared, &question, body, model_id),
        _ => None,
    };
    let body = match reply.content {
        Content::Json(body) => AnswerBody::Whole(Some(body)),
        Content::Stream(chunks) => AnswerBody::Stream(StreamBody::new(chunks, deadline, slot)),
    };
    let success = Success {
        synapse: &route.name,
        request: headers,
        terminals: &terminals,
        process_time: started.elapsed(),
        signature,
    };
    Ok(success.response(body))
}

/// What an answer refers to.
struct Question {
    validator: AccountId,
    challenge_id: Option<[u8; 32]>,
    body: Bytes,
}

/// The header of a signed answer, unless there is nothing to sign for or another answer was signed before.
fn sign(shared: &Shared, question: &Question, body: &[u8], model_id: [u8; 32]) -> Option<String> {
    let (network, challenge_id) = (shared.network?, question.challenge_id?);
    let answer_hash = blake2_256(body);
    if !shared.ledger.may_sign(&question.validator, &challenge_id, &answer_hash) {
        add(&shared.counters.unsigned_repeats, 1);
        return None;
    }
    let claim = AnswerClaim {
        genesis_hash: network.genesis_hash,
        netuid: network.netuid,
        challenge_id,
        request_hash: blake2_256(&question.body),
        answer_hash,
        model_id,
        validator: question.validator,
        miner: shared.signer.public(),
    };
    add(&shared.counters.signed, 1);
    Some(claim.sign(&*shared.signer).header())
}

/// Internal errors go to the log under a number; the caller sees the number.
fn hide_details(route: &Route, status: Status) -> Status {
    if status.code != code::INTERNAL {
        return status;
    }
    let id = format!("{:016x}", rand::random::<u64>());
    tracing::warn!(synapse = %route.name, id, details = %status.message, "a handler failed");
    Status::internal(&id)
}

/// Reads a body within its limits (413, 408), as long as there is room for what has come (503); the head was admitted already.
async fn read_body(shared: &Shared, body: Incoming) -> Result<(Bytes, Room), Status> {
    let limit = shared.limits.max_body_bytes;
    let mut held: Room = None;
    let room = |length: usize| {
        let wanted = length.div_ceil(1024) - held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let taken = shared.bodies.clone().try_acquire_many_owned(u32::try_from(wanted).unwrap_or(u32::MAX));
        match (taken, &mut held) {
            (Err(_), _) => return false,
            (Ok(more), Some(held)) => held.merge(more),
            (Ok(first), None) => held = Some(first),
        }
        true
    };
    let bytes = timeout(shared.limits.body_timeout, body::collect(body, limit, room))
        .await
        .map_err(|_| Status::new(code::TIMEOUT, "The request body did not arrive in time"))?
        .map_err(|error| match error {
            BodyError::TooLarge => Status::too_large(limit),
            BodyError::NoRoom => Status::busy(),
            BodyError::Broken(error) => Status::improper(&format!("The body broke off: {error}")),
        })?;
    shared.counters.bytes_in.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    Ok((bytes, held))
}

/// The room that a body takes among all bodies.
type Room = Option<OwnedSemaphorePermit>;

/// The body must be a JSON object (400) whose protected fields hash to what was signed (500, as officially).
/// Returns what it says of both sides.
fn check_body(body: &[u8], protected: &[String], signed: Option<&str>) -> Result<Terminals, Status> {
    let body = SynapseBody::parse(body).map_err(|error| Status::improper(&error))?;
    let computed = body.hash(protected).map_err(|error| Status::improper(&error))?;
    match signed {
        Some(signed) if signed != computed => Err(Status::new(
            code::INTERNAL,
            format!(
                "Hash mismatch between header body hash {} and parsed body hash {computed}",
                short(signed)
            ),
        )),
        _ => Ok(body.terminals()),
    }
}

/// The time a request gets: what it asks for, or the default, never more than the limit.
fn granted(shared: &Shared, asked_ns: u64) -> Duration {
    let limits = &shared.limits;
    match asked_ns {
        0 => limits.default_request_time.min(limits.max_request_time),
        asked => Duration::from_nanos(asked).min(limits.max_request_time),
    }
}

fn uses_btauth(headers: &HeaderMap) -> bool {
    headers.contains_key(HeaderName::from_static(btauth::header::VERSION))
        && !headers.contains_key(HeaderName::from_static(v10::header::DENDRITE_HOTKEY))
}

/// A header's text; names are lower case already.
fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Option<&'a str> {
    headers.get(HeaderName::from_static(name)).and_then(|value| value.to_str().ok())
}

/// Enough of a sender's text to recognise it in an error.
fn short(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(end, _)| &text[..end])
}

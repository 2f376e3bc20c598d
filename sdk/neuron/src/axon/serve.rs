//! One request from its head to its answer, in the official order of checks.

use std::{
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
    btauth::{self, AuthHead, Posed, SignedRequest},
    hash::{blake2_256, from_hex, sha256},
    status::{code, Status},
    v10::{self, RequestHead, Terminals, VerifyError},
    AccountId,
};
use tokio::time::{timeout, timeout_at, Instant};

use super::{
    answer::{error, AnswerBody, StreamBody, Success},
    connections::Connection,
    gate::{Admission, Caller, Protocol, Standing},
    handler::{Call, Content, HandlerError, Route},
    metrics::{add, Gauge},
    shares::Share,
    slots::NoSlot,
    usage::{Payer, Turn},
    Shared,
};
use crate::body::{self, BodyError};

/// Bytes of a request to a public synapse.
const MAX_PUBLIC_BODY: usize = 16 * 1024;

/// Answers a request; never fails.
pub(super) async fn respond(
    shared: Arc<Shared>,
    connection: &Connection,
    request: Request<Incoming>,
) -> Response<AnswerBody> {
    let started = Instant::now();
    add(&shared.counters.requests, 1);
    connection.touch();
    let answered = answer(&shared, connection, request, started).await;
    connection.note_outcome(answered.is_err());
    let response = match answered {
        Ok(response) => response,
        Err(Refusal { status, close }) => {
            let remote = connection.remote;
            tracing::debug!(%remote, code = status.code, message = %status.message, "request refused");
            error(&status, close, started.elapsed(), shared.clock.now_ns())
        }
    };
    shared.counters.count_status(response.status().as_u16());
    if let Some(length) = response.body().size_hint().exact() {
        add(&shared.counters.bytes_out, length);
    }
    response
}

/// Why there is no answer.
struct Refusal {
    status: Status,
    /// Whether the connection ends with it: a sender that is not verified loses its connection after a refusal.
    close: bool,
}

impl Refusal {
    fn of_unknown(status: Status) -> Self {
        Self { status, close: true }
    }

    fn of_known(status: Status) -> Self {
        Self { status, close: false }
    }
}

/// Sender of a request, as far as it is known before the body: verified, or claimed.
struct Admitted {
    caller: Caller,
    standing: Standing,
    challenge_id: Option<[u8; 32]>,
    /// Time that the sender waits, 0 if it does not say.
    asked_ns: u64,
    turn: Turn,
}

/// A request with its body, which keeps its room until the request is answered.
type Read = (Admitted, (Bytes, Room), Terminals);

async fn answer(
    shared: &Shared,
    connection: &Connection,
    request: Request<Incoming>,
    started: Instant,
) -> Result<Response<AnswerBody>, Refusal> {
    let (head, body) = request.into_parts();
    let route = route_of(shared, &head).map_err(Refusal::of_unknown)?;
    let (admitted, (body, _room), terminals) = if route.public {
        read_public(shared, connection, &head, body).await?
    } else if uses_btauth(&head.headers) {
        read_btauth(shared, route, connection, &head, body).await?
    } else {
        read_v10(shared, route, connection, &head, body).await?
    };
    let Admitted { caller, challenge_id, asked_ns, standing, turn } = admitted;
    let timeout = granted(shared, asked_ns);
    let deadline = started + timeout;
    let synapse = route.name.clone();
    let call = Call { synapse, caller, body, challenge_id, terminals, timeout, deadline };
    let _serving = connection.serving();
    let response = handle(shared, route, (call, standing, turn), &head.headers, started).await;
    response.map_err(Refusal::of_known)
}

fn route_of<'a>(shared: &'a Shared, head: &http::request::Parts) -> Result<&'a Route, Status> {
    if head.method != Method::POST && head.method != Method::GET {
        return Err(Status::new(405, "Method Not Allowed"));
    }
    let name = head.uri.path().split('/').nth(1).unwrap_or("");
    let unknown = || Status::unknown_synapse(short(name), shared.routes.keys().map(|n| &**n));
    shared.routes.get(name).ok_or_else(unknown)
}

/// A request to a public synapse: nobody is verified, so nobody is remembered.
async fn read_public(
    shared: &Shared,
    connection: &Connection,
    head: &http::request::Parts,
    body: Incoming,
) -> Result<Read, Refusal> {
    let read = RequestHead::parse(|name| text(&head.headers, name));
    let asked_ns = read.map_err(|error| Refusal::of_unknown(Status::improper(&error)))?.timeout_ns;
    let protocol = Protocol::V10 { version: None };
    let caller = Caller { hotkey: Default::default(), remote: connection.remote, protocol };
    let standing = Standing::Stranger;
    let body = read_small_body(shared, body).await.map_err(Refusal::of_unknown)?;
    let terminals = check_body(&body.0, &[], None).map_err(Refusal::of_unknown)?;
    let turn = begin(shared, Payer::Public).map_err(Refusal::of_unknown)?;
    Ok((Admitted { caller, standing, challenge_id: None, asked_ns, turn }, body, terminals))
}

/// Gate (403), nonce and signature (401), quota (503), then the body.
async fn read_v10(
    shared: &Shared,
    route: &Route,
    connection: &Connection,
    head: &http::request::Parts,
    body: Incoming,
) -> Result<Read, Refusal> {
    let verify = || {
        let read = RequestHead::parse(|name| text(&head.headers, name));
        let read = read.map_err(|error| Status::improper(&error))?;
        let not_verified = |error: VerifyError| Status::not_verified(&error);
        let hotkey = read.claimed_hotkey().map_err(not_verified)?;
        let protocol = Protocol::V10 { version: read.version };
        let caller = Caller { hotkey, remote: connection.remote, protocol };
        admit(shared, route, &caller)?;
        let standing = shared.gate.standing(&hotkey);
        let now_ns = shared.clock.now_ns();
        let verified = shared.identities.verify_v10(&read, hotkey, standing.rights(), now_ns);
        verified.map_err(not_verified)?;
        Ok::<_, Status>((read, caller, standing))
    };
    let (read, caller, standing) = verify().map_err(Refusal::of_unknown)?;
    note_verified(connection, &caller, standing);
    let reading = async {
        let payer = payer(&caller, standing);
        let turn = begin(shared, payer)?;
        let body = read_body(shared, payer, body).await?;
        let terminals = check_body(&body.0, &route.protected, Some(read.body_hash))?;
        Ok::<_, Status>((turn, body, terminals))
    };
    let (turn, body, terminals) = reading.await.map_err(Refusal::of_known)?;
    let (challenge_id, asked_ns) = (read.challenge_id, read.timeout_ns);
    Ok((Admitted { caller, standing, challenge_id, asked_ns, turn }, body, terminals))
}

/// Headers (400), gate (403), receiver and age, signature (401), quota (503), body. The signature covers the body. It
/// is verified before the body is read if the sender states the body's hash in advance, as our dendrite does; otherwise
/// after it.
async fn read_btauth(
    shared: &Shared,
    route: &Route,
    connection: &Connection,
    head: &http::request::Parts,
    body: Incoming,
) -> Result<Read, Refusal> {
    let not_verified = |error: btauth::AuthError| Status::not_verified(&error);
    let claim = read_claim(shared, route, connection, head).map_err(Refusal::of_unknown)?;
    let BtAuthClaim { auth, caller, challenge_id, asked_ns } = claim;
    let standing = shared.gate.standing(&caller.hotkey);
    let payer = payer(&caller, standing);
    let verify = |body_sha256: [u8; 32]| {
        let request = SignedRequest { method: head.method.as_str(), path: path_of(head), body_sha256 };
        let now_ns = shared.clock.now_ns();
        let verified = shared.identities.verify_btauth(&auth, &request, standing.rights(), now_ns);
        verified.map_err(|error| Refusal::of_unknown(not_verified(error)))?;
        note_verified(connection, &caller, standing);
        begin(shared, payer).map_err(Refusal::of_known)
    };
    let (turn, body) = match auth.body_sha256 {
        Some(hash) => {
            let turn = verify(hash)?;
            let body = read_body(shared, payer, body).await.map_err(Refusal::of_known)?;
            if sha256(&body.0) != hash {
                return Err(Refusal::of_unknown(not_verified(btauth::AuthError::OtherBody)));
            }
            (turn, body)
        }
        None => {
            let body = read_body(shared, Payer::Strangers, body).await.map_err(Refusal::of_unknown)?;
            (verify(sha256(&body.0))?, body)
        }
    };
    check_body(&body.0, &route.protected, None).map_err(Refusal::of_known)?;
    let admitted = Admitted { caller, standing, challenge_id, asked_ns, turn };
    Ok((admitted, body, Terminals::default()))
}

/// Claims in the headers of a `btauth` request.
struct BtAuthClaim<'a> {
    auth: AuthHead<'a>,
    caller: Caller,
    challenge_id: Option<[u8; 32]>,
    asked_ns: u64,
}

fn read_claim<'a>(
    shared: &Shared,
    route: &Route,
    connection: &Connection,
    head: &'a http::request::Parts,
) -> Result<BtAuthClaim<'a>, Status> {
    let improper = |error: btauth::AuthError| Status::improper(&error);
    let auth = AuthHead::parse(|name| text(&head.headers, name)).map_err(improper)?;
    let Posed { challenge_id, timeout_ms } = Posed::parse(path_of(head)).map_err(improper)?;
    let challenge_id = match (challenge_id, text(&head.headers, CHALLENGE_HEADER)) {
        // The value that the signature covers counts; an unsigned header cannot replace it.
        (Some(signed), _) => Some(signed),
        (None, None) => None,
        (None, Some(hex)) => {
            let error = v10::HeadError { header: CHALLENGE_HEADER };
            Some(from_hex(hex).ok_or_else(|| Status::improper(&error))?)
        }
    };
    let caller = Caller { hotkey: auth.sender, remote: connection.remote, protocol: Protocol::BtAuth };
    admit(shared, route, &caller)?;
    let checked = auth.check(shared.identities.own_address(), shared.clock.now_ns());
    checked.map_err(|error| Status::not_verified(&error))?;
    let asked_ns = timeout_ms.saturating_mul(1_000_000);
    Ok(BtAuthClaim { auth, caller, challenge_id, asked_ns })
}

/// Path and query, as they are signed.
fn path_of(head: &http::request::Parts) -> &str {
    head.uri.path_and_query().map_or(head.uri.path(), |path| path.as_str())
}

fn admit(shared: &Shared, route: &Route, caller: &Caller) -> Result<(), Status> {
    match shared.gate.admit(caller, &route.name) {
        Admission::Admitted => Ok(()),
        Admission::Refused(reason) => Err(Status::blacklisted(&reason)),
    }
}

fn note_verified(connection: &Connection, caller: &Caller, standing: Standing) {
    if let Standing::Validator { .. } = standing {
        connection.verified(caller.hotkey);
    }
}

fn payer(caller: &Caller, standing: Standing) -> Payer {
    match standing {
        Standing::Validator { .. } => Payer::Validator(caller.hotkey),
        Standing::Stranger => Payer::Strangers,
    }
}

/// Counts a request for its sender, unless the sender has used up its quota (503).
fn begin(shared: &Shared, payer: Payer) -> Result<Turn, Status> {
    let turn = shared.usage.begin(payer, shared.gate.pace());
    turn.ok_or_else(|| {
        add(&shared.counters.over_quota, 1);
        Status::busy()
    })
}

/// Waits for a slot, runs the handler within the deadline, and signs its answer.
async fn handle(
    shared: &Shared,
    route: &Route,
    (call, standing, turn): (Call, Standing, Turn),
    headers: &HeaderMap,
    started: Instant,
) -> Result<Response<AnswerBody>, Status> {
    let HandlerError(late) = call.late();
    let slot = shared.slots.take(call.caller.hotkey, standing, call.deadline).await;
    let slot = slot.map_err(|error| match error {
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
        Content::Stream(chunks) => AnswerBody::Stream(StreamBody::new(chunks, deadline, (slot, turn))),
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

/// The request that an answer refers to.
struct Question {
    validator: AccountId,
    challenge_id: Option<[u8; 32]>,
    body: Bytes,
}

/// The header of a signed answer, unless there is nothing to sign for or another answer was signed before.
fn sign(shared: &Shared, question: &Question, body: &[u8], model_id: [u8; 32]) -> Option<String> {
    let (network, challenge_id) = (shared.network?, question.challenge_id?);
    let claim = AnswerClaim {
        genesis_hash: network.genesis_hash,
        netuid: network.netuid,
        challenge_id,
        request_hash: blake2_256(&question.body),
        answer_hash: blake2_256(body),
        model_id,
        validator: question.validator,
        miner: shared.signer.public(),
    };
    if !shared.ledger.may_sign(&claim) {
        add(&shared.counters.unsigned_repeats, 1);
        return None;
    }
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

/// Reads a body within its limits (413, 408), as long as there is room for the bytes received (503).
async fn read_body(shared: &Shared, payer: Payer, body: Incoming) -> Result<(Bytes, Room), Status> {
    let most = match payer {
        Payer::Validator(_) => usize::MAX,
        Payer::Strangers | Payer::Public => shared.limits.strangers_kib(),
    };
    let mut held: Room = None;
    let room = |length: usize| {
        let wanted = length.div_ceil(1024) - held.as_ref().map_or(0, Share::amount);
        match (shared.bodies.take(&payer, wanted, most), &mut held) {
            (None, _) => return false,
            (Some(more), Some(held)) => held.merge(more),
            (Some(first), None) => held = Some(first),
        }
        true
    };
    let bytes = collect(shared, body, shared.limits.max_body_bytes, room).await?;
    Ok((bytes, held))
}

/// Reads a body of a public request. It is so small that the number of connections bounds all of them together.
async fn read_small_body(shared: &Shared, body: Incoming) -> Result<(Bytes, Room), Status> {
    let limit = MAX_PUBLIC_BODY.min(shared.limits.max_body_bytes);
    Ok((collect(shared, body, limit, |_| true).await?, None))
}

async fn collect(
    shared: &Shared,
    body: Incoming,
    limit: usize,
    room: impl FnMut(usize) -> bool,
) -> Result<Bytes, Status> {
    let bytes = timeout(shared.limits.body_timeout, body::collect(body, limit, room))
        .await
        .map_err(|_| Status::new(code::TIMEOUT, "The request body did not arrive in time"))?
        .map_err(|error| match error {
            BodyError::TooLarge => Status::too_large(limit),
            BodyError::NoRoom => Status::busy(),
            BodyError::Broken(error) => Status::improper(&format!("The body broke off: {error}")),
        })?;
    shared.counters.bytes_in.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    Ok(bytes)
}

/// The room that a body takes among all bodies.
type Room = Option<Share<Payer>>;

/// The body must be a JSON object (400) whose protected fields hash to the signed value (500, as officially). Returns
/// its fields about axon and dendrite.
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

/// Time granted to a request: the requested time, or the default, never more than the limit.
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

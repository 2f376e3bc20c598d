//! The dendrite: a validator's HTTP client.
//!
//! ```no_run
//! # async fn example(hotkey: std::sync::Arc<dyn myelin_wire::sr25519::Signer>, miners: Vec<myelin_neuron::dendrite::Target>)
//! # -> Result<(), Box<dyn std::error::Error>> {
//! use futures::StreamExt;
//! use myelin_neuron::dendrite::{Dendrite, Query};
//!
//! let dendrite = Dendrite::new(hotkey);
//! let query = Query::new("Echo", r#"{"data":"hello"}"#, &["data"])?;
//! let mut answers = dendrite.query_all(miners.into_iter().map(|miner| (miner, query.clone())), 64);
//! while let Some((index, answer)) = answers.next().await {
//!     println!("{index}: {} in {:?}, {:?}", answer.status, answer.elapsed, answer.authenticity);
//! }
//! # Ok(()) }
//! ```
//!
//! A query never fails: every failure becomes an [`Answer`] with a status, so that a validator can score silence,
//! lateness and nonsense alike.

mod answer;
mod lane;
mod pool;
mod query;
mod stream;

use std::{
    net::IpAddr,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{
    header::{HeaderName, CONTENT_TYPE, HOST},
    HeaderMap, HeaderValue, Method, Request, Response, Uri,
};
use http_body_util::Full;
use hyper::body::Incoming;
use myelin_wire::{
    answer::CHALLENGE_HEADER,
    btauth::{Posed, SignedRequest},
    hash::to_hex,
    pystr,
    sr25519::Signer,
    ss58,
    status::{code, Status},
    v10::{self, header, PROTOCOL_VERSION},
};
use tokio::time::{timeout_at, Instant};

use self::{
    lane::{ExchangeError, Lane},
    pool::{AxonLanes, LaneInUse, Pool},
};
use crate::{
    body::{self, BodyError},
    clock::millis,
    Clock,
};

pub use answer::{Answer, Authenticity};
pub use query::{Challenge, Query, QueryError, Target};
pub use stream::AnswerStream;

/// Pauses of a patient query.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(800);
/// Unit in which axons are told how much time their answer has.
const TENTH_MS: u64 = 100;

/// A dendrite's limits.
#[derive(Debug, Clone)]
pub struct DendriteLimits {
    /// Requests to one axon at the same time; more wait for a lane, within their own deadline.
    pub max_lanes_per_axon: usize,
    /// Requests among them until the miner has sent a signed answer: a hotkey that announces another's address gets
    /// only this many requests sent there. Keys at one address share them.
    pub max_lanes_at_first: usize,
    /// Axons with open lanes.
    pub max_axons: usize,
    /// Bytes of an answer's body.
    pub max_answer_bytes: usize,
    /// How long an unused connection is kept. Official axons close theirs after five seconds.
    pub max_idle: Duration,
}

impl Default for DendriteLimits {
    fn default() -> Self {
        Self {
            max_lanes_per_axon: 64,
            max_lanes_at_first: 64,
            max_axons: 4_096,
            max_answer_bytes: 1024 * 1024,
            max_idle: Duration::from_secs(4),
        }
    }
}

/// A signing client with pooled connections. Cheap to clone; clones share their lanes.
#[derive(Clone)]
pub struct Dendrite(Arc<Inner>);

/// Why a patient query pauses.
struct Refused {
    status: Status,
    /// Whether the axon said so itself.
    replied: bool,
}

struct Inner {
    signer: Arc<dyn Signer>,
    address: String,
    address_value: HeaderValue,
    external_ip: Option<HeaderValue>,
    limits: DendriteLimits,
    clock: Clock,
    pool: Pool,
    /// The last nonce of a request signed with `btauth/1`; axons check these per hotkey and not per lane.
    last_body_nonce: AtomicU64,
}

impl Dendrite {
    /// A dendrite of the hotkey `signer` with default limits.
    pub fn new(signer: Arc<dyn Signer>) -> Self {
        Self::with(signer, DendriteLimits::default(), Clock::system(), None)
    }

    /// A dendrite with its own limits and clock; `external_ip` is told to axons, which may log it.
    pub fn with(
        signer: Arc<dyn Signer>,
        limits: DendriteLimits,
        clock: Clock,
        external_ip: Option<IpAddr>,
    ) -> Self {
        let address = ss58::encode(&signer.public());
        let address_value = HeaderValue::from_str(&address).unwrap_or(HeaderValue::from_static(""));
        let external_ip = external_ip.and_then(|ip| HeaderValue::from_str(&ip.to_string()).ok());
        let pool = Pool::new(&limits);
        let last_body_nonce = AtomicU64::new(0);
        let inner =
            Inner { signer, address, address_value, external_ip, limits, clock, pool, last_body_nonce };
        Self(Arc::new(inner))
    }

    /// Asks one axon and reads its whole answer.
    pub async fn query(&self, target: Target, query: &Query) -> Answer {
        let started = Instant::now();
        let deadline = started + query.timeout;
        let mut refused = None;
        let asked = timeout_at(deadline, self.ask(target, query, deadline, &mut refused)).await;
        let elapsed = started.elapsed();
        match asked {
            Ok(Ok((head, body))) => {
                let answer = answer::read(&self.0.signer.public(), target, query, &head, body, elapsed);
                if answer.signed().is_some() {
                    self.0.pool.trust(&target);
                }
                answer
            }
            Ok(Err(status)) => Answer::failed(target, status, elapsed),
            Err(_) => {
                let late = || Status::request_timeout(millis(query.timeout));
                let replied = refused.as_ref().is_some_and(|refused| refused.replied);
                let status = refused.map_or_else(late, |refused| refused.status);
                Answer { replied, ..Answer::failed(target, status, elapsed) }
            }
        }
    }

    /// Asks many axons, at most `concurrency` at the same time; yields answers as they come, with the position of their
    /// request. Dropping the stream abandons requests under way.
    pub fn query_all<I>(&self, requests: I, concurrency: usize) -> impl Stream<Item = (usize, Answer)> + Send
    where
        I: IntoIterator<Item = (Target, Query)>,
        I::IntoIter: Send,
    {
        let dendrite = self.clone();
        futures::stream::iter(requests.into_iter().enumerate())
            .map(move |(index, (target, query))| {
                let dendrite = dendrite.clone();
                async move { (index, dendrite.query(target, &query).await) }
            })
            .buffer_unordered(concurrency.max(1))
    }

    /// Asks one axon for a streamed answer; returns when its head has arrived. The query's timeout covers the
    /// whole answer.
    pub async fn stream(&self, target: Target, query: &Query) -> Result<AnswerStream, Status> {
        let deadline = Instant::now() + query.timeout;
        let late = || Status::request_timeout(millis(query.timeout));
        let opened = timeout_at(deadline, async {
            let mut lane = self.lane(target).await?;
            let response = self.open(&mut lane, query, deadline).await?;
            if response.status() != http::StatusCode::OK {
                let (head, body) = response.into_parts();
                let limit = self.0.limits.max_answer_bytes;
                let body = lane.lane().drive(collect(body, limit)).await?;
                lane.finished();
                return Err(answer::error_status(&head, &body));
            }
            Ok((lane, response))
        });
        let (lane, response) = opened.await.map_err(|_| late())??;
        Ok(AnswerStream::new(lane, response, deadline, self.0.limits.max_answer_bytes, late()))
    }

    /// Asks until there is an answer. While a patient query pauses, `refused` holds the reason.
    async fn ask(
        &self,
        target: Target,
        query: &Query,
        deadline: Instant,
        refused: &mut Option<Refused>,
    ) -> Result<(http::response::Parts, Bytes), Status> {
        let mut lane = self.lane(target).await?;
        let (mut pause, mut reached) = (SHORTEST_PAUSE, true);
        loop {
            let answered = self.ask_once(&mut lane, query, deadline).await;
            *refused = match &answered {
                Ok((head, body)) if answer::is_busy(head) => {
                    Some(Refused { status: answer::error_status(head, body), replied: true })
                }
                // The first such failure may be an accident.
                Err(status) if status.code == code::UNAVAILABLE && std::mem::take(&mut reached) => {
                    Some(Refused { status: status.clone(), replied: false })
                }
                _ => None,
            };
            if !query.patient || refused.is_none() {
                return answered;
            }
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(2 * pause);
            // An axon that accepts the second connection and does not answer is late.
            if answered.is_err() {
                *refused = None;
            }
        }
    }

    async fn ask_once(
        &self,
        lane: &mut LaneInUse,
        query: &Query,
        deadline: Instant,
    ) -> Result<(http::response::Parts, Bytes), Status> {
        let (head, body) = self.open(lane, query, deadline).await?.into_parts();
        let body = lane.lane().drive(collect(body, self.0.limits.max_answer_bytes)).await?;
        lane.finished();
        Ok((head, body))
    }

    /// Takes a lane.
    async fn lane(&self, target: Target) -> Result<LaneInUse, Status> {
        let lane = self.0.pool.take(target).await;
        lane.ok_or_else(|| Status::client(&"too many axons are being asked at the same time"))
    }

    /// Signs and sends, and waits for the head of the answer.
    ///
    /// If an idle connection turns out to be closed, the request is signed again, with a new nonce, and sent once
    /// more on a new connection.
    async fn open(
        &self,
        lane: &mut LaneInUse,
        query: &Query,
        deadline: Instant,
    ) -> Result<Response<Incoming>, Status> {
        let target = lane.axon.target;
        lane.begun();
        let mut attempts = 0;
        loop {
            attempts += 1;
            return match self.exchange(lane, query, deadline).await {
                Err(ExchangeError::StaleConnection) if attempts == 1 => continue,
                Err(error) => Err(status_of(&error, &target, query)),
                Ok(response) => Ok(response),
            };
        }
    }

    async fn exchange(
        &self,
        lane: &mut LaneInUse,
        query: &Query,
        deadline: Instant,
    ) -> Result<Response<Incoming>, ExchangeError> {
        let (axon, max_idle) = (lane.axon.clone(), lane.max_idle());
        lane.lane().connect(axon.target.address, max_idle, deadline).await?;
        let left = millis(deadline.saturating_duration_since(Instant::now()));
        let left = (left.div_ceil(TENTH_MS) * TENTH_MS).min(millis(query.timeout));
        let request = match axon.target.signs_bodies {
            true => self.0.sign_body(&axon, query, left),
            false => self.0.sign(&axon, lane.lane(), query, left),
        };
        lane.lane().send(request).await
    }
}

impl Inner {
    /// Builds a request whose signature covers path and body, to be answered within `left` milliseconds. Challenge and
    /// time stand in the path, so that nobody on the way can change them either.
    fn sign_body(&self, axon: &AxonLanes, query: &Query, left: u64) -> Request<Full<Bytes>> {
        let posed = Posed { challenge_id: query.challenge.map(|challenge| challenge.id), timeout_ms: left };
        let path = posed.path(&query.synapse);
        let request = SignedRequest::new("POST", &path, &query.body);
        let signed = request.sign(&*self.signer, &axon.target.hotkey, self.next_body_nonce());
        let mut request = Request::new(Full::new(query.body.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::try_from(path).unwrap_or_default();
        let headers = request.headers_mut();
        headers.insert(HOST, axon.host.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in &signed {
            put_text(headers, name, value);
        }
        request
    }

    /// The clock, or one more than the last nonce if the clock has not moved on.
    fn next_body_nonce(&self) -> u64 {
        let now = self.clock.now_ns();
        let next = |last: u64| Some(now.max(last.saturating_add(1)));
        let last = self.last_body_nonce.fetch_update(Relaxed, Relaxed, next).unwrap_or_else(|last| last);
        now.max(last.saturating_add(1))
    }

    /// Builds the request for the next nonce of `lane`, to be answered within `left` milliseconds.
    fn sign(&self, axon: &AxonLanes, lane: &mut Lane, query: &Query, left: u64) -> Request<Full<Bytes>> {
        let nonce = lane.next_nonce(self.clock.now_ns());
        let text = v10::request_text(nonce, &self.address, &axon.hotkey_text, &lane.uuid, &query.body_hash);
        let signature = v10::sign_text(&*self.signer, &text);
        let mut request = Request::new(Full::new(query.body.clone()));
        *request.method_mut() = Method::POST;
        // A checked name always makes a path.
        *request.uri_mut() = Uri::try_from(format!("/{}", query.synapse)).unwrap_or_default();
        let headers = request.headers_mut();
        headers.reserve(20);
        headers.insert(HOST, axon.host.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        put_text(headers, header::NAME, &query.synapse);
        put_text(headers, header::TIMEOUT, &pystr::seconds(left));
        put(headers, header::AXON_IP, axon.ip.clone());
        put(headers, header::AXON_PORT, axon.port.clone());
        put(headers, header::AXON_HOTKEY, axon.hotkey.clone());
        if let Some(ip) = &self.external_ip {
            put(headers, header::DENDRITE_IP, ip.clone());
        }
        put(headers, header::DENDRITE_VERSION, HeaderValue::from(PROTOCOL_VERSION));
        put(headers, header::DENDRITE_NONCE, HeaderValue::from(nonce));
        put(headers, header::DENDRITE_UUID, lane.uuid_value.clone());
        put(headers, header::DENDRITE_HOTKEY, self.address_value.clone());
        put_text(headers, header::DENDRITE_SIGNATURE, &signature);
        put(headers, header::TOTAL_SIZE, HeaderValue::from(query.body.len()));
        put_text(headers, header::BODY_HASH, &query.body_hash);
        if let Some(challenge) = &query.challenge {
            put_text(headers, CHALLENGE_HEADER, &to_hex(&challenge.id));
        }
        for (name, value) in &query.inputs {
            headers.insert(name.clone(), value.clone());
        }
        request
    }
}

fn put(headers: &mut HeaderMap, name: &'static str, value: HeaderValue) {
    headers.insert(HeaderName::from_static(name), value);
}

/// Inserts text that is known to be plain ASCII.
fn put_text(headers: &mut HeaderMap, name: &'static str, text: &str) {
    if let Ok(value) = HeaderValue::from_str(text) {
        put(headers, name, value);
    }
}

/// Reads an answer's body up to `limit` bytes.
async fn collect(body: Incoming, limit: usize) -> Result<Bytes, Status> {
    body::collect(body, limit, |_| true).await.map_err(|error| match error {
        BodyError::TooLarge | BodyError::NoRoom => {
            Status::unparsable(&format!("the answer is larger than {limit} bytes"))
        }
        BodyError::Broken(error) => Status::payload(&error),
    })
}

fn status_of(error: &ExchangeError, target: &Target, query: &Query) -> Status {
    match error {
        ExchangeError::Connect(error) => {
            tracing::debug!(address = %target.address, %error, "cannot connect");
            Status::unavailable(&target.address, &query.synapse)
        }
        ExchangeError::StaleConnection => Status::disconnected(&"the axon closed the connection"),
        ExchangeError::Disconnected(error) => Status::disconnected(error),
        ExchangeError::Malformed(error) => Status::payload(error),
    }
}

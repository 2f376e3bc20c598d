//! Lanes: one connection, one nonce stream, one request at a time.
//!
//! Official axons accept the nonces of one dendrite uuid only in growing order. Requests of one uuid on several
//! connections overtake each other and are refused, so every lane has a uuid of its own and sends its next request
//! after the answer to the last one. A uuid outlives its connection: a lane that reconnects goes on counting.

use std::{
    future::{poll_fn, Future},
    io,
    net::SocketAddr,
    pin::Pin,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, Connection, SendRequest},
};
use hyper_util::rt::TokioIo;
use rand::RngCore;
use tokio::{
    net::TcpStream,
    time::{timeout, Instant},
};

type Http = Connection<TokioIo<TcpStream>, Full<Bytes>>;

/// Largest head of an answer.
const MAX_HEADER_BYTES: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// Longest time for a connection to be accepted, as a part of the time that the request has; a host that drops packets
/// is away and not late.
const CONNECT_PART: u32 = 2;
/// The same, however much time there is.
const MAX_CONNECT: Duration = Duration::from_secs(5);

/// Most that the clock may go back before a lane begins anew: half of the tolerance of axons.
const MAX_CLOCK_BACK_NS: u64 = 30_000_000_000;

pub(super) struct Lane {
    pub(super) uuid: String,
    pub(super) uuid_value: HeaderValue,
    last_nonce: u64,
    link: Option<Link>,
}

struct Link {
    sender: SendRequest<Full<Bytes>>,
    /// Driven by the request that uses the lane. It has no task of its own, so nothing is left when the lane is
    /// dropped.
    /// `None` once the connection has ended.
    http: Option<Pin<Box<Http>>>,
    reused: bool,
    idle_since: Instant,
}

/// Why an exchange failed.
#[derive(Debug)]
pub(super) enum ExchangeError {
    /// Nobody accepted the connection.
    Connect(io::Error),
    /// A connection that had been idle was closed by the peer before it answered; trying again is right.
    StaleConnection,
    /// The connection ended before an answer began.
    Disconnected(hyper::Error),
    /// The answer is not HTTP.
    Malformed(hyper::Error),
}

impl Lane {
    pub(super) fn new() -> Self {
        let uuid = random_uuid();
        let uuid_value = HeaderValue::from_str(&uuid).unwrap_or(HeaderValue::from_static("lane"));
        Self { uuid, uuid_value, last_nonce: 0, link: None }
    }

    /// The next nonce: the clock, or one more than the last if the clock has not moved on. If the clock was set back by
    /// more than axons tolerate, the lane begins anew under another name.
    pub(super) fn next_nonce(&mut self, now_ns: u64) -> u64 {
        if self.last_nonce.saturating_sub(now_ns) > MAX_CLOCK_BACK_NS {
            let Lane { uuid, uuid_value, .. } = Lane::new();
            (self.uuid, self.uuid_value, self.last_nonce) = (uuid, uuid_value, 0);
        }
        self.last_nonce = now_ns.max(self.last_nonce.saturating_add(1));
        self.last_nonce
    }

    /// Connects unless there is a usable connection that was idle for less than `max_idle`.
    pub(super) async fn connect(
        &mut self,
        address: SocketAddr,
        max_idle: Duration,
        deadline: Instant,
    ) -> Result<(), ExchangeError> {
        let now = Instant::now();
        let usable = |link: &Link| link.http.is_some() && now.duration_since(link.idle_since) < max_idle;
        if let Some(link) = self.link.as_mut().filter(|link| usable(link)) {
            link.reused = true;
            return Ok(());
        }
        self.link = None;
        let patience = (deadline.saturating_duration_since(now) / CONNECT_PART).min(MAX_CONNECT);
        let accepted = timeout(patience, TcpStream::connect(address)).await;
        let stream = accepted.unwrap_or_else(|late| Err(late.into())).map_err(ExchangeError::Connect)?;
        // Requests are written whole; failing to switch the delay off is harmless.
        let _ = stream.set_nodelay(true);
        let (sender, http) = http1::Builder::new()
            .max_headers(MAX_HEADERS)
            .max_header_size(MAX_HEADER_BYTES)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(ExchangeError::Disconnected)?;
        let link = Link { sender, http: Some(Box::pin(http)), reused: false, idle_since: now };
        self.link = Some(link);
        Ok(())
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ExchangeError> {
        let Some(link) = &mut self.link else { return Err(ExchangeError::StaleConnection) };
        let http = &mut link.http;
        let ready = drive(http, link.sender.ready()).await;
        if ready.is_err() {
            self.link = None;
            return Err(ExchangeError::StaleConnection);
        }
        let response = link.sender.send_request(request);
        match drive(http, response).await {
            Ok(response) => Ok(response),
            Err(error) => {
                let reused = link.reused;
                self.link = None;
                if error.is_parse() || error.is_parse_too_large() {
                    Err(ExchangeError::Malformed(error))
                } else if reused {
                    Err(ExchangeError::StaleConnection)
                } else {
                    Err(ExchangeError::Disconnected(error))
                }
            }
        }
    }

    /// Runs `work`, which reads from this lane's connection, while driving the connection.
    pub(super) async fn drive<T>(&mut self, work: impl Future<Output = T>) -> T {
        match &mut self.link {
            Some(link) => drive(&mut link.http, work).await,
            None => work.await,
        }
    }

    /// Notes that an answer was read to its end, so that the connection may carry the next request.
    pub(super) fn rest(&mut self) {
        if let Some(link) = &mut self.link {
            link.idle_since = Instant::now();
        }
    }

    /// Drops the connection, after a failure or when it was idle for too long.
    pub(super) fn disconnect(&mut self) {
        self.link = None;
    }

    pub(super) fn idle_longer_than(&self, limit: Duration) -> bool {
        self.link.as_ref().is_some_and(|link| link.idle_since.elapsed() >= limit)
    }
}

/// Polls `work` and the connection that feeds it in one task, without a hand-over between tasks per request.
async fn drive<T>(http: &mut Option<Pin<Box<Http>>>, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    poll_fn(|cx| {
        if let Poll::Ready(done) = work.as_mut().poll(cx) {
            return Poll::Ready(done);
        }
        if http.as_mut().is_some_and(|http| http.as_mut().poll(cx).is_ready()) {
            // A waiting request learns of it through its own channel, which closes with the connection.
            *http = None;
        }
        work.as_mut().poll(cx)
    })
    .await
}

/// A random (version 4) uuid as text.
fn random_uuid() -> String {
    let mut bytes = [0u8; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = myelin_wire::hash::to_hex(&bytes);
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nonces_of_a_lane_grow_even_if_the_clock_stands_or_goes_back() {
        let mut lane = Lane::new();
        assert_eq!(lane.next_nonce(100), 100);
        assert_eq!(lane.next_nonce(100), 101);
        assert_eq!(lane.next_nonce(50), 102);
        assert_eq!(lane.next_nonce(200), 200);
    }

    #[test]
    fn a_lane_begins_anew_when_the_clock_was_set_back() {
        let hour = 3_600_000_000_000;
        let mut lane = Lane::new();
        assert_eq!(lane.next_nonce(2 * hour), 2 * hour);
        let uuid = lane.uuid.clone();
        assert_eq!(lane.next_nonce(hour), hour);
        assert_ne!(lane.uuid, uuid);
    }

    #[test]
    fn uuids_have_the_usual_form() {
        let uuid = random_uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert_ne!(uuid, random_uuid());
    }
}

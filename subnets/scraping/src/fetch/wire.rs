//! One HTTP request: only to addresses that may be reached, and with limits of time, speed and length.

use std::error::Error;
use std::io::ErrorKind::{ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut};
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};
use std::sync::{mpsc, Arc};
use std::time::Duration;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use myelin_subnet::reach::{reachable, Unreachable};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{
    HeaderMap, HeaderName, HeaderValue, ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE,
};
use reqwest::{Client, Response};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::time::{timeout, timeout_at, Instant};
use url::Url;

use super::address::shown;
use super::{FetchConfig, FetchError, Kind};

/// Time before the speed of a body counts.
const GRACE: Duration = Duration::from_secs(2);

/// Time for which a connection waits for the next request to its host. Idle connections hold memory.
const IDLE: Duration = Duration::from_secs(4);

/// How a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Body {
    /// A page of text with a longest length.
    Page,
    /// Anything, cut after a number of bytes.
    Cut(usize),
}

/// The head of an answer, and the body of a good one with its content coding undone.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    /// The text of a header; bytes outside UTF-8 become U+FFFD.
    pub fn header(&self, name: HeaderName) -> Option<String> {
        self.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// A client on a small runtime of its own, so that any thread may block on it.
pub struct Wire {
    client: Client,
    /// Taken when this is dropped, because a runtime may not be waited for on another runtime's thread.
    runtime: Option<Runtime>,
    reaches: fn(IpAddr) -> bool,
    page_bytes: usize,
    least_rate: u64,
}

impl Wire {
    pub fn new(config: &FetchConfig) -> Result<Self, FetchError> {
        let failed =
            |found: String| FetchError::Config { field: "runtime", found, wanted: "a machine that has one" };
        let threads = config.limits.at_once;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(threads)
            .thread_name("fetcher")
            .enable_all()
            .build()
            .map_err(|error| failed(error.to_string()))?;
        let resolver =
            Filter { names: config.names, reaches: config.reaches, slots: Arc::new(Semaphore::new(threads)) };
        // Redirects are followed by hand, so that each target is checked. A proxy would resolve names by itself.
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .http1_only()
            .dns_resolver(Arc::new(resolver))
            .user_agent(format!("{} (+{})", config.agent, config.contact))
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| failed(chain(&error)))?;
        let (page_bytes, least_rate) = (config.limits.page_bytes, config.limits.least_rate);
        Ok(Self { client, runtime: Some(runtime), reaches: config.reaches, page_bytes, least_rate })
    }

    /// Sends a request and reads the answer before `deadline`. Only the body of status 200 or 203 is read.
    pub fn send(
        &self,
        url: &Url,
        headers: HeaderMap,
        body: Body,
        deadline: std::time::Instant,
    ) -> Result<Answer, FetchError> {
        let exchange = Exchange {
            client: self.client.clone(),
            url: url.clone(),
            body,
            most: if let Body::Cut(most) = body { most } else { self.page_bytes },
            reaches: self.reaches,
            least_rate: self.least_rate,
        };
        let (sender, receiver) = mpsc::sync_channel(1);
        let runtime = self.runtime.as_ref().expect("the runtime is taken only when this is dropped");
        runtime.spawn(async move {
            let slow = exchange.slow("no whole answer before the deadline".into());
            let done = timeout_at(deadline.into(), exchange.run(headers)).await;
            // Nobody waits for the answer if the thread that asked has ended.
            let _ = sender.send(done.unwrap_or(Err(slow)));
        });
        let gone = |_| FetchError::Protocol {
            url: url.to_string(),
            reason: "the request's task ended early".into(),
        };
        let mut answer = receiver.recv().map_err(gone)??;
        answer.body = self.plain(url, &answer, body)?;
        Ok(answer)
    }

    /// The body with its content coding undone, under the same limit of length.
    fn plain(&self, url: &Url, answer: &Answer, body: Body) -> Result<Vec<u8>, FetchError> {
        let coding = answer.header(CONTENT_ENCODING).unwrap_or_default().trim().to_ascii_lowercase();
        let failed =
            |reason: String| FetchError::Coding { url: url.to_string(), found: shown(&coding), reason };
        let bytes = answer.body.as_slice();
        if bytes.is_empty() {
            return Ok(Vec::new());
        }
        let source: Box<dyn Read + '_> = match coding.as_str() {
            "" | "identity" => Box::new(bytes),
            "gzip" | "x-gzip" => Box::new(MultiGzDecoder::new(bytes)),
            // RFC 9110 means zlib by "deflate", and some servers send the bare stream.
            "deflate" if is_zlib(bytes) => Box::new(ZlibDecoder::new(bytes)),
            "deflate" => Box::new(DeflateDecoder::new(bytes)),
            _ => return Err(failed("only gzip and deflate were asked for".into())),
        };
        let most = if let Body::Cut(most) = body { most } else { self.page_bytes };
        let mut out = Vec::new();
        let limit = most as u64 + 1;
        if let Err(error) = source.take(limit).read_to_end(&mut out) {
            // A text that is cut in the middle of its coding is good up to there.
            if body == Body::Page || bytes.len() < most {
                return Err(failed(error.to_string()));
            }
        }
        if out.len() > most {
            match body {
                Body::Page => return Err(FetchError::TooLarge { url: url.to_string(), most }),
                Body::Cut(_) => cut_line(&mut out, most),
            }
        }
        Ok(out)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Cuts a text to `most` bytes and then to whole lines: half a rule may allow or disallow more than the whole.
fn cut_line(bytes: &mut Vec<u8>, most: usize) {
    bytes.truncate(most);
    let end = bytes.iter().rposition(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(0);
    bytes.truncate(end);
}

/// RFC 1950, section 2.2: the method is 8, and the first two bytes are a multiple of 31.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [method, flags, ..] if method & 15 == 8 && u16::from_be_bytes([*method, *flags]) % 31 == 0)
}

/// One request and its answer.
struct Exchange {
    client: Client,
    url: Url,
    body: Body,
    most: usize,
    reaches: fn(IpAddr) -> bool,
    least_rate: u64,
}

impl Exchange {
    async fn run(self, headers: HeaderMap) -> Result<Answer, FetchError> {
        let accept =
            "text/html,application/xhtml+xml,application/xml;q=0.9,application/json;q=0.9,text/plain;q=0.8";
        let request = self.client.get(self.url.clone()).headers(headers).header(ACCEPT, accept);
        let sent = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip, deflate")).send().await;
        let mut response = sent.map_err(|error| self.failed(&error))?;
        // The resolver lets only reachable addresses through. This holds even if the connector has another way.
        if let Some(peer) = response.remote_addr().filter(|peer| !(self.reaches)(peer.ip())) {
            return Err(FetchError::Private { url: self.url.to_string(), address: peer.ip().to_string() });
        }
        let status = response.status().as_u16();
        let mut answer = Answer { status, headers: std::mem::take(response.headers_mut()), body: Vec::new() };
        if matches!(status, 200 | 203) {
            let found = answer.header(CONTENT_TYPE).unwrap_or_default();
            if self.body == Body::Page && Kind::of(&found).is_none() {
                return Err(FetchError::NotText { url: self.url.to_string(), found: shown(&found) });
            }
            answer.body = self.read(response).await?;
        }
        Ok(answer)
    }

    /// Reads a body at most up to its limit, as long as it comes fast enough.
    async fn read(&self, mut response: Response) -> Result<Vec<u8>, FetchError> {
        let large = || FetchError::TooLarge { url: self.url.to_string(), most: self.most };
        let length = response.content_length().unwrap_or(0);
        if self.body == Body::Page && length > self.most as u64 {
            return Err(large());
        }
        let begin = Instant::now();
        let mut bytes = Vec::new();
        loop {
            let piece = timeout(Duration::from_millis(250), response.chunk()).await;
            match piece {
                Ok(Ok(Some(piece))) => bytes.extend_from_slice(&piece),
                Ok(Ok(None)) => return Ok(bytes),
                Ok(Err(error)) => return Err(self.failed(&error)),
                Err(_) => {}
            }
            if bytes.len() > self.most {
                let Body::Cut(most) = self.body else { return Err(large()) };
                // One byte beyond the limit tells that there was more.
                bytes.truncate(most + 1);
                return Ok(bytes);
            }
            let time = begin.elapsed();
            if time > GRACE && (bytes.len() as u64) < self.least_rate.saturating_mul(time.as_secs()) {
                let (count, seconds) = (bytes.len(), time.as_secs());
                return Err(self.slow(format!("only {count} bytes of the body came in {seconds} s")));
            }
        }
    }

    fn slow(&self, reason: String) -> FetchError {
        FetchError::TooSlow { url: self.url.to_string(), reason }
    }

    /// The cause of a failed request, found in the chain of errors below it.
    fn failed(&self, error: &reqwest::Error) -> FetchError {
        let url = self.url.to_string();
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        let mut kind = None;
        while let Some(inner) = cause {
            if let Some(refused) = inner.downcast_ref::<Unreachable>() {
                return FetchError::Private { url, address: refused.0.to_string() };
            }
            kind = kind.or_else(|| inner.downcast_ref::<io::Error>().map(io::Error::kind));
            cause = inner.source();
        }
        let reason = chain(error);
        // Whatever else fails before the request on a secure connection is the handshake.
        let plain = [ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable, TimedOut];
        let of_handshake = !kind.is_some_and(|kind| plain.contains(&kind));
        if error.is_dns() {
            FetchError::Dns { url, reason }
        } else if error.is_connect() && self.url.scheme() == "https" && of_handshake {
            FetchError::Tls { url, reason }
        } else if error.is_connect() {
            FetchError::Connect { url, reason }
        } else {
            FetchError::Protocol { url, reason }
        }
    }
}

/// The texts of an error and of its causes, without the address, which the caller names.
fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if texts.last().is_none_or(|last| !last.contains(&text)) {
            texts.push(text);
        }
        cause = inner.source();
    }
    shown(&texts.join(": "))
}

/// The resolver of the client: it drops all addresses that may not be reached.
struct Filter {
    names: fn(&str) -> io::Result<Vec<IpAddr>>,
    reaches: fn(IpAddr) -> bool,
    /// Look-ups that run. One whose request has ended holds its slot until it returns.
    slots: Arc<Semaphore>,
}

impl Resolve for Filter {
    fn resolve(&self, name: Name) -> Resolving {
        let (names, reaches, slots) = (self.names, self.reaches, self.slots.clone());
        Box::pin(async move {
            let slot = slots.acquire_owned().await?;
            let found = tokio::task::spawn_blocking(move || {
                let found = names(name.as_str());
                drop(slot);
                found
            });
            let found = found.await??;
            let open = reachable(&found, reaches)?;
            if open.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address").into());
            }
            Ok(Box::new(open.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

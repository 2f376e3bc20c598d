//! Polite and guarded reading of public web pages.
//!
//! A [`Fetcher`] asks for a page as a crawler with a name: it follows robots.txt, sends one request at a time to a
//! host, and waits between two. It is guarded against the sites it reads. No request reaches an address that is not
//! public, also not by a redirect or a name. Each page has limits of length, time, speed and redirects.
//!
//! `address` has the addresses that may be asked for, `robots` the rules of a site, `hosts` the turns, `wire` one
//! request, and `text` the charsets. This module knows nothing of what a page says.

mod address;
mod error;
mod hosts;
mod robots;
mod text;
mod wire;

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use reqwest::header::{
    HeaderMap, HeaderName, HeaderValue, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LOCATION, RETRY_AFTER,
};
use url::Url;

pub use address::{is_trap, normal, MAX_URL_BYTES};
pub use error::FetchError;
pub use robots::{Robots, ROBOTS_BYTES};
pub use text::{decode, Kind};

use hosts::{Hosts, RulesCache, Turn};
use wire::{Answer, Body, Wire};

/// Redirects of a robots.txt that are followed (RFC 9309, section 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;

/// Requests for one page to a server that asks for a wait.
const TRIES: usize = 3;

/// Longest entity tag or date that is kept for the next request.
const VALIDATOR_BYTES: usize = 256;

/// The name of a crawler, the addresses that it may ask for, and its limits.
#[derive(Debug, Clone)]
pub struct FetchConfig {
    /// Product name and version: letters, `-` and `_` only in the name, as in `Name/1.0`.
    pub agent: String,
    /// A web or mail address at which the owner of a site can complain.
    pub contact: String,
    /// The addresses that may be reached.
    pub reaches: fn(IpAddr) -> bool,
    /// The addresses of a name; [`system_names`] unless a test brings its own.
    pub names: fn(&str) -> io::Result<Vec<IpAddr>>,
    /// Hosts (`example.org`, with its subdomains) and paths (`example.org/people/`) that are never fetched.
    pub takedown: Vec<String>,
    /// Limits of time, length and number.
    pub limits: Limits,
}

/// Limits of one fetcher.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Longest body, both as it is sent and with its content coding undone.
    pub page_bytes: usize,
    /// Redirects that are followed for one page.
    pub redirects: usize,
    /// Longest time of one request.
    pub request: Duration,
    /// Least bytes of a body in a second, after the first two seconds.
    pub least_rate: u64,
    /// Least wait between two requests to a host.
    pub wait_least: Duration,
    /// Longest wait that a site may ask for, by `Crawl-delay` or `Retry-After`.
    pub wait_most: Duration,
    /// Hosts, and sites' rules, that are kept in memory.
    pub hosts: usize,
    /// Requests that run at once.
    pub at_once: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page_bytes: 2 << 20,
            redirects: 5,
            request: Duration::from_secs(20),
            least_rate: 512,
            wait_least: Duration::from_secs(1),
            wait_most: Duration::from_secs(30),
            hosts: 1024,
            at_once: 16,
        }
    }
}

/// The addresses that the system's resolver has for a name.
pub fn system_names(name: &str) -> io::Result<Vec<IpAddr>> {
    Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect())
}

/// A page as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The address at the end of all redirects, in its normal form.
    pub url: String,
    /// The status of the answer.
    pub status: u16,
    /// The kind of text.
    pub kind: Kind,
    /// The text.
    pub text: String,
    /// BLAKE3 of the body with its content coding undone.
    pub hash: [u8; 32],
    /// Seconds of Unix time.
    pub at: u64,
    /// The entity tag, for the next request.
    pub etag: Option<String>,
    /// The time of the last change as the server writes it, for the next request.
    pub last_modified: Option<String>,
}

/// A crawler with a name. All methods block, and any number of threads may call them.
pub struct Fetcher {
    config: FetchConfig,
    product: String,
    hosts: Hosts,
    rules: RulesCache,
    wire: Wire,
}

impl Fetcher {
    /// Checks the configuration; nothing is sent yet.
    pub fn new(mut config: FetchConfig) -> Result<Self, FetchError> {
        let wrong =
            |field, found: &str, wanted| FetchError::Config { field, found: format!("`{found}`"), wanted };
        let product = config.agent.split('/').next().unwrap_or_default().to_owned();
        let printed =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic() && !b"()\\".contains(&byte));
        if product.is_empty() || !product.bytes().all(robots::is_token) || !printed(&config.agent) {
            return Err(wrong(
                "agent",
                &config.agent,
                "a product name of letters, and a version, as in `Name/1.0`",
            ));
        }
        let reachable = config.contact.contains('@') || config.contact.starts_with("http");
        if !reachable || !printed(&config.contact) {
            return Err(wrong(
                "contact",
                &config.contact,
                "a web or mail address of whoever runs this crawler",
            ));
        }
        for entry in &mut config.takedown {
            let Some(written) = address::takedown_entry(entry) else {
                return Err(wrong("takedown", entry, "a host, with a path if not all of it is meant"));
            };
            *entry = written;
        }
        let limits = &config.limits;
        if limits.hosts == 0 || limits.at_once == 0 || limits.wait_most < limits.wait_least {
            return Err(wrong(
                "limits",
                &format!("{limits:?}"),
                "1 or more, with `wait_most` above `wait_least`",
            ));
        }
        let (hosts, wire) = (Hosts::new(limits), Wire::new(&config)?);
        Ok(Self { config, product, hosts, rules: RulesCache::default(), wire })
    }

    /// Fetches a page before `deadline`.
    pub fn get(&self, url: &str, deadline: Instant) -> Result<Fetched, FetchError> {
        let start = normal(url)?;
        let found = self.follow(start, HeaderMap::new(), deadline)?;
        found.ok_or_else(|| FetchError::Status { url: url.to_owned(), status: 304 })
    }

    /// Whether the address of a page and the operator's takedown list let it be fetched. Nothing is sent.
    pub fn permits(&self, url: &str) -> Result<(), FetchError> {
        address::permit(&normal(url)?, &self.config)
    }

    /// Fetches a page that was fetched before, or nothing if the server says that it has not changed.
    ///
    /// `etag` and `last_modified` belong to the address `url` of that [`Fetched`]. They are not sent after a redirect.
    pub fn get_if_changed(
        &self,
        url: &str,
        etag: Option<&str>,
        last_modified: Option<&str>,
        deadline: Instant,
    ) -> Result<Option<Fetched>, FetchError> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(IF_NONE_MATCH, etag), (IF_MODIFIED_SINCE, last_modified)] {
            // A validator that cannot be sent could only save traffic.
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        self.follow(normal(url)?, headers, deadline)
    }

    /// The sitemaps that a site names in its robots.txt, in their normal form. Bad addresses are left out.
    pub fn sitemaps(&self, url: &str, deadline: Instant) -> Result<Vec<String>, FetchError> {
        let url = normal(url)?;
        address::permit(&url, &self.config)?;
        let rules = self.rules(&url, deadline)?;
        Ok(rules.sitemaps.iter().filter_map(|sitemap| normal(sitemap).ok()).map(String::from).collect())
    }

    /// Fetches a page at the end of its redirects. Each address on the way is checked like the first.
    fn follow(
        &self,
        start: Url,
        mut headers: HeaderMap,
        deadline: Instant,
    ) -> Result<Option<Fetched>, FetchError> {
        let mut seen = vec![start];
        loop {
            let url = &seen[seen.len() - 1];
            let from = seen.len().checked_sub(2).map(|at| &seen[at]);
            let answer = self.page(url, &headers, deadline).map_err(|error| redirected(error, from))?;
            match answer.status {
                200 | 203 => return self.fetched(url, &answer).map(Some),
                304 if !headers.is_empty() => return Ok(None),
                301 | 302 | 303 | 307 | 308 => {
                    let next = target(url, &answer)?;
                    if seen.contains(&next) {
                        return Err(FetchError::RedirectLoop {
                            url: seen[0].to_string(),
                            again: next.into(),
                        });
                    }
                    if seen.len() > self.config.limits.redirects {
                        let most = self.config.limits.redirects;
                        return Err(FetchError::TooManyRedirects { url: seen[0].to_string(), most });
                    }
                    headers.clear();
                    seen.push(next);
                }
                status => return Err(FetchError::Status { url: url.to_string(), status }),
            }
        }
    }

    /// Asks one address for a page, again after a wait that the server asks for.
    fn page(&self, url: &Url, headers: &HeaderMap, deadline: Instant) -> Result<Answer, FetchError> {
        address::permit(url, &self.config)?;
        let limits = &self.config.limits;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let rules = self.rules(url, deadline)?;
            if let Some(rule) = rules.disallows(url) {
                return Err(FetchError::Disallowed { url: url.to_string(), rule: address::shown(rule) });
            }
            let mut turn = self.hosts.enter(host(url), deadline)?;
            turn.wait = rules.delay.unwrap_or_default().clamp(limits.wait_least, limits.wait_most);
            let answer = self.wire.send(url, headers.clone(), Body::Page, self.within(deadline))?;
            let asked = retry_after(&answer);
            let status = answer.status;
            if !matches!((status, asked), (429, _) | (503, Some(_))) {
                return Ok(answer);
            }
            let wait = asked.unwrap_or(limits.wait_most);
            turn.wait = wait.clamp(turn.wait, limits.wait_most);
            let late = Instant::now() + turn.wait >= deadline;
            if wait > limits.wait_most || attempt == TRIES || late {
                return Err(FetchError::RetryLater { url: url.to_string(), status, seconds: wait.as_secs() });
            }
        }
    }

    fn fetched(&self, url: &Url, answer: &Answer) -> Result<Fetched, FetchError> {
        let found = answer.header(CONTENT_TYPE).unwrap_or_default();
        let kind = Kind::of(&found)
            .ok_or_else(|| FetchError::NotText { url: url.to_string(), found: found.clone() })?;
        let validator = |name: HeaderName| {
            let value = answer.headers.get(name)?.to_str().ok()?;
            (value.len() <= VALIDATOR_BYTES).then(|| value.to_owned())
        };
        Ok(Fetched {
            url: address::normalised(url.clone())?.into(),
            status: answer.status,
            kind,
            text: decode(kind, &found, &answer.body),
            hash: blake3::hash(&answer.body).into(),
            at: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            etag: validator(ETAG),
            last_modified: validator(LAST_MODIFIED),
        })
    }

    /// The rules of a page's site, from memory or from the site.
    fn rules(&self, url: &Url, deadline: Instant) -> Result<Arc<Robots>, FetchError> {
        let origin = url.origin().ascii_serialization();
        let known = |rules: hosts::Rules| {
            rules.map_err(|reason| FetchError::RobotsUnreachable { url: url.to_string(), reason })
        };
        if let Some(rules) = self.rules.get(&origin) {
            return known(rules);
        }
        // It ends when the rules are in memory, so that the next thread finds them.
        let mut turn = Some(self.hosts.enter(host(url), deadline)?);
        // Another thread may have asked while this one waited for its turn.
        if let Some(rules) = self.rules.get(&origin) {
            return known(rules);
        }
        // A caller in a hurry must not make the site count as one without rules.
        let hurried = Instant::now() + self.config.limits.request > deadline;
        let rules = match self.ask_rules(url, &mut turn, deadline) {
            Ok(rules) => Ok(Arc::new(rules)),
            Err(error)
                if is_own(&error, &origin) || (hurried && matches!(error, FetchError::TooSlow { .. })) =>
            {
                return Err(error)
            }
            // The next step of the inner error is not the one to take here.
            Err(error) => {
                Err(error.to_string().rsplit_once(';').map_or_else(String::new, |(text, _)| text.into()))
            }
        };
        self.rules.put(origin, rules.clone(), self.config.limits.hosts);
        known(rules)
    }

    /// Reads a robots.txt through its redirects. An error disallows all pages.
    ///
    /// A status from 400 to 499 allows all (RFC 9309, 2.3.1.3), except 429, which asks for fewer requests. The RFC
    /// lets a crawler choose after more than five redirects; this one then leaves the site alone.
    fn ask_rules<'a>(
        &'a self,
        page: &Url,
        held: &mut Option<Turn<'a>>,
        deadline: Instant,
    ) -> Result<Robots, FetchError> {
        let mut url = page
            .join("/robots.txt")
            .map_err(|error| FetchError::BadUrl { url: page.to_string(), reason: error.to_string() })?;
        for hop in 0..=ROBOTS_REDIRECTS {
            let turn = match held.take() {
                Some(turn) => turn,
                None => self.hosts.enter(host(&url), deadline)?,
            };
            let turn = held.insert(turn);
            turn.wait = self.config.limits.wait_least;
            let body = Body::Cut(ROBOTS_BYTES);
            let answer = self.wire.send(&url, HeaderMap::new(), body, self.within(deadline))?;
            match answer.status {
                200 | 203 | 204 => {
                    // The page itself may follow its robots.txt at once.
                    if hop == 0 {
                        turn.wait = Duration::ZERO;
                    }
                    return Ok(Robots::parse(&answer.body, &self.product));
                }
                301 | 302 | 303 | 307 | 308 => {
                    url = target(&url, &answer)?;
                    address::permit(&url, &self.config)?;
                    // Two threads that each hold a turn and wait for the other's would wait until the deadline.
                    *held = None;
                }
                400..=499 if answer.status != 429 => {
                    if hop == 0 {
                        turn.wait = Duration::ZERO;
                    }
                    return Ok(Robots::default());
                }
                status => return Err(FetchError::Status { url: url.into(), status }),
            }
        }
        Err(FetchError::TooManyRedirects { url: page.to_string(), most: ROBOTS_REDIRECTS })
    }

    fn within(&self, deadline: Instant) -> Instant {
        deadline.min(Instant::now() + self.config.limits.request)
    }
}

fn host(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_end_matches('.')
}

/// The address that a redirect leads to.
fn target(url: &Url, answer: &Answer) -> Result<Url, FetchError> {
    let location = answer.header(LOCATION);
    let none = || FetchError::Protocol { url: url.to_string(), reason: "a redirect without a target".into() };
    let next = address::parse(location.ok_or_else(none)?.trim(), Some(url))?;
    if url.scheme() == "https" && next.scheme() == "http" {
        return Err(FetchError::Downgrade { url: url.to_string(), to: next.into() });
    }
    Ok(next)
}

/// Whether an error says nothing of a site's rules: the fetcher is busy, or no page of the site can be reached either.
fn is_own(error: &FetchError, origin: &str) -> bool {
    match error {
        FetchError::TooBusy { .. } => true,
        FetchError::Private { url, .. }
        | FetchError::Dns { url, .. }
        | FetchError::Connect { url, .. }
        | FetchError::Tls { url, .. } => url.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/')),
        _ => false,
    }
}

/// Names the redirect that led to a private address.
fn redirected(error: FetchError, from: Option<&Url>) -> FetchError {
    match (error, from) {
        (FetchError::Private { url, address }, Some(from)) => {
            FetchError::RedirectToPrivate { from: from.to_string(), url, address }
        }
        (error, _) => error,
    }
}

/// The wait that a server asks for: a number of seconds, or a date.
fn retry_after(answer: &Answer) -> Option<Duration> {
    let value = answer.header(RETRY_AFTER)?;
    let value = value.trim();
    if value.bytes().all(|byte| byte.is_ascii_digit()) && !value.is_empty() {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(from: &str, location: &str) -> Result<Url, FetchError> {
        let headers =
            HeaderMap::from_iter([(LOCATION, HeaderValue::from_bytes(location.as_bytes()).unwrap())]);
        target(&Url::parse(from).unwrap(), &Answer { status: 301, headers, body: Vec::new() })
    }

    #[test]
    fn redirects_do_not_leave_a_secure_connection() {
        assert!(matches!(redirect("https://a.test/", "http://a.test/"), Err(FetchError::Downgrade { .. })));
        assert_eq!(redirect("https://a.test/b/c", "//x.test/y").unwrap().as_str(), "https://x.test/y");
        assert_eq!(redirect("http://a.test/b/c", " https:d#e ").unwrap().as_str(), "https://d/");
        assert_eq!(redirect("http://a.test/b/c", "ü?q").unwrap().as_str(), "http://a.test/b/%C3%BC?q");
    }
}

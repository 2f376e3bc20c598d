//! Weights from elsewhere: downloaded with limits, verified, and only then given their name.
//!
//! Publishers choose the addresses. No request reaches an address of one's own network, unless the user allows it:
//! names are resolved by a guard, redirects are followed by hand, and each target is checked. A body may have exactly
//! the size that the record says.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use myelin_provenance::{ContentHasher, Hash};
use myelin_subnet::reach::{is_public, reachable, Unreachable};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_RANGE, LOCATION, RANGE};
use reqwest::{Client, Response, StatusCode, Url};

/// Most redirects of a request.
const REDIRECTS: usize = 5;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for the next bytes.
const SILENCE: Duration = Duration::from_secs(30);
/// Least speed of a whole body in bytes a second, after [`SILENCE`].
const LEAST_RATE: u64 = 16 << 10;

/// Reasons for having no weights.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("`{0}` is no http:// or https:// address")]
    Address(String),
    #[error("{url} leads to {address}, an address of a private network; --allow-private permits it")]
    Private { url: String, address: String },
    #[error("{0} redirects more than {REDIRECTS} times, or to nowhere")]
    Redirects(String),
    #[error("{0} redirects from a secure connection to an open one")]
    Downgrade(String),
    #[error("{url} answers {status}")]
    Status { url: String, status: StatusCode },
    #[error("{url} sends more than the {expected} bytes of the record")]
    TooLong { url: String, expected: u64 },
    #[error(
        "{url} ended after {found} of {expected} bytes; the part is kept, and the same command continues there"
    )]
    Truncated { url: String, found: u64, expected: u64 },
    #[error("{url} sends other bytes than the published ones; they were deleted")]
    Content { url: String },
    #[error("{url} is slower than {LEAST_RATE} bytes a second")]
    Slow { url: String },
    #[error("{url}: {why}")]
    Connection { url: String, why: String },
    #[error("{path}: {why}", path = path.display())]
    Disk { path: PathBuf, why: std::io::Error },
}

/// A source of weights.
#[derive(Clone, Debug)]
pub enum Source {
    /// An address of the web.
    Web(Url),
    /// A file or a folder of this machine.
    Local(PathBuf),
}

impl Source {
    /// A source in the words of the user: an address or a path.
    pub fn parse(text: &str) -> Result<Self, FetchError> {
        match text.starts_with("http://") || text.starts_with("https://") {
            true => Self::web(text),
            false => Ok(Self::Local(text.into())),
        }
    }

    /// An address of a record. It never names a file of this machine.
    pub fn web(text: &str) -> Result<Self, FetchError> {
        let url = Url::parse(text).map_err(|_| FetchError::Address(text.escape_debug().to_string()))?;
        match matches!(url.scheme(), "http" | "https") && url.has_host() {
            true => Ok(Self::Web(url)),
            false => Err(FetchError::Address(text.escape_debug().to_string())),
        }
    }

    /// The source of a file below this one. Parts of the path are escaped.
    pub fn below(&self, path: &str) -> Self {
        match self {
            Self::Local(folder) => Self::Local(folder.join(path)),
            Self::Web(url) => {
                let mut url = url.clone();
                if let Ok(mut segments) = url.path_segments_mut() {
                    segments.pop_if_empty().extend(path.split('/'));
                }
                Self::Web(url)
            }
        }
    }
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Web(url) => write!(f, "{url}"),
            Self::Local(path) => write!(f, "{}", path.display()),
        }
    }
}

/// Downloads weights.
pub struct Fetcher {
    client: Client,
    reaches: fn(IpAddr) -> bool,
}

/// Bytes with their content hash.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub hash: Hash,
    pub size: u64,
}

impl Fetcher {
    /// A fetcher that reaches the public internet, or every address.
    pub fn new(allow_private: bool) -> Result<Self, FetchError> {
        Self::reaching(if allow_private { |_| true } else { is_public })
    }

    /// A fetcher that reaches these addresses.
    fn reaching(reaches: fn(IpAddr) -> bool) -> Result<Self, FetchError> {
        // A proxy would resolve names by itself.
        let builder = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .dns_resolver(std::sync::Arc::new(Guard { reaches }))
            .user_agent(concat!("Myelin/", env!("CARGO_PKG_VERSION")));
        let client = builder
            .build()
            .map_err(|error| FetchError::Connection { url: "the client".into(), why: error.to_string() })?;
        Ok(Self { client, reaches })
    }

    /// A small text, at most `most` bytes.
    pub async fn text(&self, source: &Source, most: usize) -> Result<Vec<u8>, FetchError> {
        let too_long = || FetchError::TooLong { url: source.to_string(), expected: most as u64 };
        let mut bytes = Vec::new();
        match source {
            Source::Local(path) => {
                let file = File::open(path).map_err(disk(path))?;
                file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(disk(path))?;
            }
            Source::Web(url) => {
                let mut response = self.get(url, 0).await?;
                while let Some(piece) = response.chunk().await.map_err(|error| failed(url, &error))? {
                    bytes.extend_from_slice(&piece);
                    if bytes.len() > most {
                        break;
                    }
                }
            }
        }
        if bytes.len() > most {
            return Err(too_long());
        }
        Ok(bytes)
    }

    /// Writes a file of this content to `part`, which may hold its beginning already. On success `part` has it all.
    pub async fn file(&self, source: &Source, part: &Path, wanted: Expected) -> Result<(), FetchError> {
        let (mut hasher, mut size) = begun(part, wanted.size)?;
        let too_long = || FetchError::TooLong { url: source.to_string(), expected: wanted.size };
        let mut file = OpenOptions::new().create(true).append(true).open(part).map_err(disk(part))?;
        let mut take = |piece: &[u8], size: &mut u64, hasher: &mut ContentHasher| {
            *size += piece.len() as u64;
            if *size > wanted.size {
                return Err(too_long());
            }
            hasher.update(piece);
            file.write_all(piece).map_err(disk(part))
        };
        match source {
            Source::Local(path) => {
                let mut from = File::open(path).map_err(disk(path))?;
                std::io::Seek::seek(&mut from, std::io::SeekFrom::Start(size)).map_err(disk(path))?;
                let mut piece = vec![0; 1 << 20];
                loop {
                    match from.read(&mut piece).map_err(disk(path))? {
                        0 => break,
                        read => take(&piece[..read], &mut size, &mut hasher)?,
                    }
                }
            }
            Source::Web(url) if size < wanted.size => {
                let mut response = self.get(url, size).await?;
                if response.status() != StatusCode::PARTIAL_CONTENT && size > 0 {
                    // The server sends the whole again.
                    OpenOptions::new().write(true).truncate(true).open(part).map_err(disk(part))?;
                    (hasher, size) = (ContentHasher::default(), 0);
                }
                let begin = std::time::Instant::now();
                let mut came = 0u64;
                while let Some(piece) = next(&mut response, url, size, wanted.size).await? {
                    came += piece.len() as u64;
                    take(&piece, &mut size, &mut hasher)?;
                    let time = begin.elapsed();
                    if time > SILENCE && came < LEAST_RATE.saturating_mul(time.as_secs()) {
                        return Err(FetchError::Slow { url: source.to_string() });
                    }
                }
            }
            Source::Web(_) => {}
        }
        if size < wanted.size {
            let (url, expected) = (source.to_string(), wanted.size);
            return Err(FetchError::Truncated { url, found: size, expected });
        }
        if hasher.finish() != wanted.hash {
            fs::remove_file(part).map_err(disk(part))?;
            return Err(FetchError::Content { url: source.to_string() });
        }
        Ok(())
    }

    /// A successful answer. Redirects are followed, and every address on the way is checked.
    async fn get(&self, url: &Url, from: u64) -> Result<Response, FetchError> {
        let mut url = url.clone();
        for _ in 0..=REDIRECTS {
            self.permit(&url)?;
            let mut request = self.client.get(url.clone());
            if from > 0 {
                request = request.header(RANGE, format!("bytes={from}-"));
            }
            let response = request.send().await.map_err(|error| failed(&url, &error))?;
            let status = response.status();
            if status == StatusCode::PARTIAL_CONTENT {
                let range = response.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
                let begins = range.is_some_and(|range| range.starts_with(&format!("bytes {from}-")));
                return match begins && from > 0 {
                    true => Ok(response),
                    false => Err(FetchError::Status { url: url.into(), status }),
                };
            }
            if status == StatusCode::OK {
                return Ok(response);
            }
            if !status.is_redirection() {
                return Err(FetchError::Status { url: url.into(), status });
            }
            let target = response.headers().get(LOCATION).and_then(|target| target.to_str().ok());
            let target = target.and_then(|target| url.join(target).ok());
            let target = target.ok_or_else(|| FetchError::Redirects(url.to_string()))?;
            if url.scheme() == "https" && target.scheme() != "https" {
                return Err(FetchError::Downgrade(url.into()));
            }
            url = target;
        }
        Err(FetchError::Redirects(url.into()))
    }

    /// Refuses other schemes, and addresses in numbers that are not public. Names are checked when they are resolved.
    fn permit(&self, url: &Url) -> Result<(), FetchError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchError::Address(url.to_string()));
        }
        let host = url.host_str().unwrap_or_default();
        let number: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
        match number.filter(|ip| !(self.reaches)(*ip)) {
            Some(ip) => Err(FetchError::Private { url: url.to_string(), address: ip.to_string() }),
            None => Ok(()),
        }
    }
}

/// The hash and the size of the part that is there. One that cannot be a beginning is deleted.
fn begun(part: &Path, wanted: u64) -> Result<(ContentHasher, u64), FetchError> {
    let mut hasher = ContentHasher::default();
    let size = match fs::symlink_metadata(part) {
        Ok(found) if found.is_file() && found.len() <= wanted => found.len(),
        Ok(_) => {
            fs::remove_file(part).map_err(disk(part))?;
            0
        }
        Err(_) => 0,
    };
    if size > 0 {
        let mut file = File::open(part).map_err(disk(part))?;
        let mut piece = vec![0; 1 << 20];
        loop {
            match file.read(&mut piece).map_err(disk(part))? {
                0 => break,
                read => hasher.update(&piece[..read]),
            }
        }
    }
    Ok((hasher, size))
}

/// The next piece of a body. A connection that breaks counts as an early end.
async fn next(
    response: &mut Response,
    url: &Url,
    found: u64,
    expected: u64,
) -> Result<Option<Vec<u8>>, FetchError> {
    match response.chunk().await {
        Ok(piece) => Ok(piece.map(|piece| piece.to_vec())),
        Err(_) => Err(FetchError::Truncated { url: url.to_string(), found, expected }),
    }
}

/// Resolves names, and drops all addresses that may not be reached.
struct Guard {
    reaches: fn(IpAddr) -> bool,
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let reaches = self.reaches;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<IpAddr> = found.map(|to| to.ip()).collect();
            let open = reachable(&found, reaches)?;
            Ok(Box::new(open.into_iter().map(|ip| SocketAddr::new(ip, 0))) as Addrs)
        })
    }
}

/// The cause of a failed request.
fn failed(url: &Url, error: &reqwest::Error) -> FetchError {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    let mut why = error.to_string();
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Unreachable>() {
            return FetchError::Private { url: url.to_string(), address: refused.0.to_string() };
        }
        why = inner.to_string();
        cause = inner.source();
    }
    FetchError::Connection { url: url.to_string(), why: crate::output::plain(&why) }
}

fn disk(path: &Path) -> impl FnOnce(std::io::Error) -> FetchError + '_ {
    move |why| FetchError::Disk { path: path.to_owned(), why }
}

#[cfg(test)]
mod tests;

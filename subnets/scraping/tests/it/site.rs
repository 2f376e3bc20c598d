//! An adversarial web site on a port of this machine, with many host names, and a log of what was asked.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::Router;
use futures::stream;

/// The only address that the tests' fetcher may reach. `127.0.0.2` plays a private one.
pub const OPEN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 1));
const INNER: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// One request as the site saw it.
#[derive(Debug, Clone)]
pub struct Hit {
    pub host: String,
    pub path: String,
    pub agent: String,
    pub begin: Instant,
}

pub struct Site {
    pub port: u16,
    /// The edition of the shop: each has other prices.
    pub edition: Arc<AtomicUsize>,
    /// Hosts whose pages have vanished.
    pub vanished: Arc<Mutex<Vec<&'static str>>>,
    hits: Arc<Mutex<Vec<Hit>>>,
    /// Listens on the private address at the same port: whatever arrives there came past the guard.
    canary: TcpListener,
}

/// The resolver of the tests: all names end in `.test`.
pub fn names(name: &str) -> io::Result<Vec<IpAddr>> {
    static REBINDS: AtomicUsize = AtomicUsize::new(0);
    match name {
        "inner.test" => Ok(vec![INNER]),
        "mixed.test" => Ok(vec![INNER, OPEN]),
        "mapped.test" => Ok(vec![IpAddr::V6(Ipv4Addr::new(127, 0, 0, 2).to_ipv6_mapped())]),
        "hang.test" => {
            std::thread::sleep(Duration::from_secs(30));
            Ok(vec![OPEN])
        }
        "empty.test" => Ok(Vec::new()),
        "rebind.test" if REBINDS.fetch_add(1, Ordering::SeqCst) > 0 => Ok(vec![INNER]),
        name if name.ends_with(".test") => Ok(vec![OPEN]),
        name => Err(io::Error::new(io::ErrorKind::NotFound, format!("no such name: {name}"))),
    }
}

impl Site {
    pub fn start() -> Self {
        let (listener, canary) = loop {
            let listener = TcpListener::bind((OPEN, 0)).unwrap();
            if let Ok(canary) = TcpListener::bind((INNER, listener.local_addr().unwrap().port())) {
                break (listener, canary);
            }
        };
        listener.set_nonblocking(true).unwrap();
        canary.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(Mutex::new(Vec::new()));
        let edition = Arc::new(AtomicUsize::new(0));
        let vanished = Arc::new(Mutex::new(Vec::new()));
        let router =
            Router::new().fallback(answer).with_state((hits.clone(), edition.clone(), vanished.clone()));
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { port, edition, vanished, hits, canary }
    }

    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.port)
    }

    /// The requests to a host, robots.txt left out.
    pub fn pages(&self, host: &str) -> Vec<Hit> {
        self.all(host).into_iter().filter(|hit| hit.path != "/robots.txt").collect()
    }

    pub fn all(&self, host: &str) -> Vec<Hit> {
        self.hits.lock().unwrap().iter().filter(|hit| hit.host == host).cloned().collect()
    }

    /// Connections to the private address since the last call.
    pub fn leaks(&self) -> usize {
        std::iter::from_fn(|| self.canary.accept().ok()).count()
    }
}

type World = (Arc<Mutex<Vec<Hit>>>, Arc<AtomicUsize>, Arc<Mutex<Vec<&'static str>>>);

async fn answer(State((log, edition, vanished)): State<World>, request: Request) -> Response {
    let headers = request.headers();
    let text =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let named = text("host");
    let (host, port) = named.split_once(':').unwrap_or((&named, "80"));
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    let before = {
        let mut log = log.lock().unwrap();
        let before = log.iter().filter(|hit| hit.host == host && hit.path == path).count();
        log.push(Hit {
            host: host.to_owned(),
            path: path.clone(),
            agent: text("user-agent"),
            begin: Instant::now(),
        });
        before
    };
    if path == "/robots.txt" {
        return robots(host, port).await;
    }
    if vanished.lock().unwrap().contains(&host) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let (first, rest) = path[1..].split_once('/').unwrap_or((&path[1..], ""));
    match first {
        "hop" => redirect(&match rest.parse::<u32>().unwrap() {
            0 => "/plain".to_owned(),
            left => format!("/hop/{}", left - 1),
        }),
        "loop" => redirect(if rest == "a" { "/loop/b" } else { "/loop/a" }),
        "to" => redirect(&rest.replace("PORT", port)),
        "charset" => charset(rest),
        "coding" => coding(rest),
        "slow" => slow(rest).await,
        "again" => again(rest, before),
        "fresh" => fresh(headers),
        "type" => page(&rest.replace('+', "/"), "x"),
        "status" => StatusCode::from_u16(rest.parse().unwrap()).unwrap().into_response(),
        "cloaked" if text("user-agent").starts_with("Other") => page("text/html", "<p>the price is 5"),
        "cloaked" => page("text/html", "<p>for robots, the price is 3"),
        "shop" => shop(rest, &text("user-agent"), edition.load(Ordering::SeqCst), before),
        "calendar" => {
            let month: u32 = rest.replace('/', "").parse().unwrap();
            let next = if month % 100 == 12 { month + 89 } else { month + 1 };
            page("text/html", &format!("<a href=/calendar/{}/{:02}>next month</a>", next / 100, next % 100))
        }
        "large" => page("text/plain", &"a".repeat(rest.parse().unwrap())),
        "none" => Body::from("x").into_response(),
        _ => page("text/html", "<h1>plain</h1>"),
    }
}

/// Twelve books, of which every fourth has another price in each edition. `seen` is how often the page was asked for.
///
/// The shop is `quiet`, or it has `moving` parts that differ at each visit. One is `cloaked` from crawlers of one name,
/// one shows its books to its `owner` and to validators alone, and one lies to the `judge`. `endless` has no last page.
/// `turnover` sells its first book with each edition, and gets another one.
fn shop(kind: &str, agent: &str, edition: usize, seen: usize) -> Response {
    let is = |name: &str| agent.starts_with(name);
    let (kind, number) = kind.split_once('/').unwrap_or((kind, "0"));
    let number: usize = number.parse().unwrap_or_default();
    let lies = match kind {
        "cloaked" => is("Cloaked"),
        "owned" => !is("Owner") && !is("Judge"),
        "judged" => is("Judge"),
        _ => false,
    };
    let book = |book: usize| {
        let price = if book.is_multiple_of(4) { 100 * (edition + 1) + book } else { book };
        let (title, price) =
            if lies { (format!("Lie {book}"), 7 * price) } else { (format!("Book {book}"), price) };
        let price = if kind == "moving" && book % 4 == 1 { 1_000 * (seen + 1) } else { price };
        format!("<li><a href='/book/{title}'>{title}</a> <b>{price}.50 €</b> <i>{}</i>", 1900 + book)
    };
    let first = 12 * number + 1 + if kind == "turnover" { edition } else { 0 };
    let mut rows: String = (first..first + 12).map(book).collect();
    if kind == "moving" {
        rows = format!("<li><a href=/deal/{seen}>Deal {seen}</a> <b>{seen}</b> <i>{seen}</i>{rows}");
    }
    let next = if kind == "endless" {
        format!("<a class=next href=/shop/endless/{}>", number + 1)
    } else {
        String::new()
    };
    page("text/html", &format!("<!DOCTYPE html><meta charset=utf-8><ul>{rows}</ul>{next}"))
}

async fn robots(host: &str, port: &str) -> Response {
    let text = |text: String| page("text/plain", &text);
    match host.trim_end_matches(".test") {
        "robots-503" => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        "robots-500" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "robots-429" => StatusCode::TOO_MANY_REQUESTS.into_response(),
        "robots-403" => StatusCode::FORBIDDEN.into_response(),
        "robots-loop" => redirect("/robots.txt"),
        "robots-inner" => redirect(&format!("http://inner.test:{port}/robots.txt")),
        "robots-far" => redirect(&format!("http://rules.test:{port}/robots.txt")),
        "robots-slow" => slow("drip").await,
        "robots-endless" => slow("endless").await,
        "robots-broken" => coding("broken"),
        "robots-gzip" => coded("gzip", gzip(b"user-agent: *\ndisallow: /secret")),
        "robots-big" => {
            let filler = "#".repeat(500 * 1024 - 60);
            text(format!("user-agent: *\ndisallow: /secret\n{filler}\nallow: /secret/{}", "x".repeat(200)))
        }
        "delay" => {
            text("user-agent: *\ncrawl-delay: 0.3\nsitemap: /no\nsitemap: http://a.test:80/s.xml#x".into())
        }
        "long-delay" => text("user-agent: *\ncrawl-delay: 86400".into()),
        _ => text("user-agent: *\ndisallow: /secret\nuser-agent: Other\ndisallow: /none".into()),
    }
}

fn page(kind: &str, text: &str) -> Response {
    ([("content-type", kind)], text.to_owned()).into_response()
}

fn redirect(to: &str) -> Response {
    (StatusCode::FOUND, [("location", to)]).into_response()
}

fn charset(name: &str) -> Response {
    let (kind, bytes): (&str, &[u8]) = match name {
        "latin" => ("text/html; charset=ISO-8859-1", b"Gr\xfc\xdfe"),
        "guess" => ("text/html", b"Gr\xfc\xdfe \x80"),
        "cyrillic" => ("text/html", b"<meta charset=windows-1251>\xcf\xf0\xe8\xe2\xe5\xf2"),
        "utf16" => ("text/plain", b"\xff\xfeG\0r\0\xfc\0\xdf\0e\0"),
        "japanese" => ("text/html; charset=Shift_JIS", b"\x93\xfa\x96{\x8c\xea"),
        _ => ("text/html", "Grüße".as_bytes()),
    };
    ([("content-type", kind)], bytes.to_vec()).into_response()
}

fn coded(coding: &str, bytes: Vec<u8>) -> Response {
    ([("content-type", "text/plain"), ("content-encoding", coding)], bytes).into_response()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn coding(name: &str) -> Response {
    let zeros = || vec![b'0'; 100 << 20];
    match name {
        "gzip" => coded("gzip", gzip(b"packed")),
        "deflate" => {
            let mut writer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
            writer.write_all(b"packed").unwrap();
            coded("deflate", writer.finish().unwrap())
        }
        "bare" => {
            let mut writer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
            writer.write_all(b"packed").unwrap();
            coded("Deflate", writer.finish().unwrap())
        }
        "bomb" => coded("gzip", gzip(&zeros())),
        "members" => coded("gzip", gzip(b"").repeat(20_000)),
        "twice" => coded("gzip, gzip", gzip(&gzip(b"packed"))),
        "br" => coded("br", b"\x0b\x02\x80packed\x03".to_vec()),
        "cut" => {
            let mut bytes = gzip(b"packed, and then some more");
            bytes.truncate(bytes.len() - 12);
            coded("gzip", bytes)
        }
        _ => coded("gzip", b"no gzip at all".to_vec()),
    }
}

/// Bodies without an end: a byte at times, or as fast as they are read.
async fn slow(name: &str) -> Response {
    let (pause, piece) = match name {
        "drip" => (Duration::from_millis(100), Bytes::from_static(b"a")),
        "endless" => (Duration::ZERO, Bytes::from(vec![b'a'; 1 << 16])),
        _ => {
            tokio::time::sleep(Duration::from_secs(600)).await;
            return StatusCode::OK.into_response();
        }
    };
    let body = stream::unfold((), move |()| {
        let piece = piece.clone();
        async move {
            tokio::time::sleep(pause).await;
            Some((Ok::<_, io::Error>(piece), ()))
        }
    });
    ([("content-type", "text/html")], Body::from_stream(body)).into_response()
}

/// Servers that ask for a wait: `once` is satisfied by the second request.
fn again(name: &str, before: usize) -> Response {
    let wait =
        |status: StatusCode, seconds: &str| (status, [("retry-after", seconds.to_owned())]).into_response();
    match name {
        "once" if before > 0 => page("text/html", "at last"),
        "once" | "always" => wait(StatusCode::SERVICE_UNAVAILABLE, "0"),
        "long" => wait(StatusCode::TOO_MANY_REQUESTS, "3600"),
        "huge" => wait(StatusCode::TOO_MANY_REQUESTS, "99999999999999999999999"),
        "date" => wait(StatusCode::SERVICE_UNAVAILABLE, "Fri, 01 Jan 2100 00:00:00 GMT"),
        "past" if before > 0 => page("text/html", "at last"),
        "past" => wait(StatusCode::SERVICE_UNAVAILABLE, "Fri, 01 Jan 1999 00:00:00 GMT"),
        _ => StatusCode::TOO_MANY_REQUESTS.into_response(),
    }
}

fn fresh(headers: &HeaderMap) -> Response {
    let (tag, date) = ("\"v1\"", "Mon, 01 Jan 2024 00:00:00 GMT");
    let same = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    if same("if-none-match", tag) || same("if-modified-since", date) {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    ([("content-type", "text/html"), ("etag", tag), ("last-modified", date)], "fresh").into_response()
}

/// A server below HTTP: it allows all pages, and writes `write` to whoever asks for one. Returns its port.
pub fn raw(write: fn(&mut TcpStream) -> io::Result<()>) -> u16 {
    let listener = TcpListener::bind(SocketAddr::new(OPEN, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let mut head = Vec::new();
                let mut byte = [0; 1];
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                    head.push(byte[0]);
                }
                if head.starts_with(b"GET /robots.txt") {
                    let _ = stream.write_all(
                        b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
                    );
                } else {
                    let _ = write(&mut stream);
                }
            });
        }
    });
    port
}

/// Hits by host, to see who was asked at all.
pub fn counts(site: &Site) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for hit in site.hits.lock().unwrap().iter() {
        *counts.entry(hit.host.clone()).or_default() += 1;
    }
    counts
}

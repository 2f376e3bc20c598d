//! Where ticks come from: a file that another program writes, or a server over HTTP or a WebSocket.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Arc, Weak},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use futures::{SinkExt, StreamExt};
use serde_json::Value;
use tokio_tungstenite::{
    connect_async_tls_with_config,
    tungstenite::{protocol::WebSocketConfig, Message},
    Connector,
};

use super::{settings::tick_of, Feed, FeedSettings, Tick, MOST_BYTES};

/// Most bytes of a server's message.
const MOST_MESSAGE: usize = 1 << 20;
/// Time for a server to connect and answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest time without a message of a WebSocket, and between two attempts.
const SILENCE: Duration = Duration::from_secs(60);

/// The source of one feed, which works as long as somebody holds the feed.
pub struct Source {
    /// Its settings.
    pub settings: FeedSettings,
    /// The feed.
    pub feed: Weak<Feed>,
    /// Bytes of the record that were read.
    pub read: u64,
}

/// Starts the sources on a thread of their own.
pub fn start(sources: Vec<Source>) -> Result<(), String> {
    let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::limited(3));
    let client = client.build().map_err(|error| format!("the client for HTTP cannot be set up: {error}"))?;
    let failed = |error| format!("the thread of the feeds cannot be started: {error}");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    let work = async move {
        let mut all = tokio::task::JoinSet::new();
        for source in sources {
            all.spawn(source.run(client.clone()));
        }
        while all.join_next().await.is_some() {}
    };
    let thread = std::thread::Builder::new().name("feeds".into());
    thread.spawn(move || runtime.block_on(work)).map_err(failed)?;
    Ok(())
}

/// Seconds since 1970.
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

impl Source {
    async fn run(mut self, client: reqwest::Client) {
        let every = Duration::from_secs(self.settings.every.into());
        let mut failures = 0u32;
        while self.feed.strong_count() > 0 {
            // A file and a server over HTTP are asked once; a WebSocket is read until it fails.
            let done = match self.settings.url.clone() {
                None => self.follow(),
                Some(url) if url.starts_with("ws") => self.listen(&url).await,
                Some(url) => self.ask(&client, &url).await,
            };
            let name = &self.settings.name;
            match done {
                Err(why) => {
                    if failures == 0 {
                        tracing::warn!(feed = name, why, "the feed is down; further failures are counted");
                    }
                    failures += 1;
                }
                Ok(()) => {
                    if failures > 0 {
                        tracing::info!(feed = name, failures, "the feed is up again");
                    }
                    failures = 0;
                }
            }
            tokio::time::sleep(every.max(SILENCE.min(every * failures))).await;
        }
    }

    /// Reads what another program has appended to the record.
    fn follow(&mut self) -> Result<(), String> {
        let Some(feed) = self.feed.upgrade() else { return Ok(()) };
        let path = &self.settings.record;
        let failed = |error| format!("reading {}: {error}", path.display());
        let mut file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        if length < self.read {
            return Err(format!("{} has become shorter; a record only grows", path.display()));
        }
        if length > MOST_BYTES {
            return Err(format!("{} has more than {MOST_BYTES} bytes; begin another file", path.display()));
        }
        file.seek(SeekFrom::Start(self.read)).map_err(failed)?;
        let mut text = String::new();
        file.take(length - self.read).read_to_string(&mut text).map_err(failed)?;
        for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
            let wrong = |error| format!("{}: {error}; the line is passed over", path.display());
            let first = self.read == 0;
            self.read += line.len() as u64;
            if let Some(tick) = tick_of(line, first).map_err(wrong)? {
                feed.push(tick).map_err(wrong)?;
            }
        }
        Ok(())
    }

    /// Asks a server over HTTP for the value.
    async fn ask(&self, client: &reqwest::Client, url: &str) -> Result<(), String> {
        let failed = |error: reqwest::Error| format!("asking {url}: {}", error.without_url());
        let mut answer =
            client.get(url).send().await.and_then(|answer| answer.error_for_status()).map_err(failed)?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&part);
            if body.len() > MOST_MESSAGE {
                return Err(format!("{url} answered more than {MOST_MESSAGE} bytes"));
            }
        }
        let found = value_in(&body, &self.settings.field)?;
        let text =
            found.ok_or_else(|| format!("{url} answered without a value at `{}`", self.settings.field))?;
        self.append(&text)
    }

    /// Reads values of a WebSocket until it fails.
    async fn listen(&self, url: &str) -> Result<(), String> {
        let failed = |error: tokio_tungstenite::tungstenite::Error| format!("listening to {url}: {error}");
        let limits = WebSocketConfig::default()
            .max_message_size(Some(MOST_MESSAGE))
            .max_frame_size(Some(MOST_MESSAGE));
        let connector = url.starts_with("wss").then(connector).transpose()?;
        let connecting = connect_async_tls_with_config(url, Some(limits), false, connector);
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        let (mut socket, _) =
            connected.map_err(|_| format!("{url} does not connect within {PATIENCE:?}"))?.map_err(failed)?;
        if let Some(hello) = &self.settings.hello {
            socket.send(Message::text(hello.as_str())).await.map_err(failed)?;
        }
        while self.feed.strong_count() > 0 {
            let next = tokio::time::timeout(SILENCE, socket.next()).await;
            let next = next.map_err(|_| format!("{url} says nothing for {SILENCE:?}"))?;
            match next.ok_or_else(|| format!("{url} has ended the connection"))?.map_err(failed)? {
                // Messages of other kinds have no value there.
                Message::Text(text) => {
                    if let Ok(Some(value)) = value_in(text.as_bytes(), &self.settings.field) {
                        self.append(&value)?;
                    }
                }
                Message::Close(_) => return Err(format!("{url} has ended the connection")),
                _ => {}
            }
        }
        Ok(())
    }

    /// Appends a value to the record, unless the last one is too young.
    fn append(&self, text: &str) -> Result<(), String> {
        let Some(feed) = self.feed.upgrade() else { return Ok(()) };
        let tick = Tick { time: now(), value: Tick::value_of(text).map_err(|error| error.to_string())? };
        let every = u64::from(self.settings.every);
        if feed.last_time().is_some_and(|last| tick.time < last.saturating_add(every)) {
            return Ok(());
        }
        write(&self.settings.record, &tick)?;
        feed.push(tick).map_err(|error| error.to_string())
    }
}

/// Appends a tick to a file.
fn write(path: &Path, tick: &Tick) -> Result<(), String> {
    let failed = |error| format!("writing {}: {error}", path.display());
    let mut file = OpenOptions::new().create(true).append(true).open(path).map_err(failed)?;
    if file.metadata().map_err(failed)?.len() >= MOST_BYTES {
        return Err(format!("{} has {MOST_BYTES} bytes; begin another file", path.display()));
    }
    file.write_all(tick.line().as_bytes()).map_err(failed)
}

/// The value at a place in a JSON text, as a decimal number; `None` if nothing is there.
pub fn value_in(body: &[u8], field: &str) -> Result<Option<String>, String> {
    let json: Value =
        serde_json::from_slice(body).map_err(|error| format!("the message is no JSON: {error}"))?;
    let step = |value: &Value, name: &str| match value {
        Value::Array(all) => all.get(name.parse::<usize>().ok()?).cloned(),
        value => value.get(name).cloned(),
    };
    let found = match field {
        "" => Some(json),
        field => field.split('.').try_fold(json, |value, name| step(&value, name)),
    };
    Ok(match found {
        Some(Value::String(text)) => Some(text),
        Some(Value::Number(number)) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => Some(format!("{float:.9}")),
            None => Some(number.to_string()),
        },
        _ => None,
    })
}

/// TLS with the certificates of the system.
fn connector() -> Result<Connector, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config =
        config.map_err(|error| error.to_string())?.with_root_certificates(roots).with_no_client_auth();
    Ok(Connector::Rustls(Arc::new(config)))
}

//! Watches the backend behind a miner: probes it at the start, and again while it fails or hangs. Each trouble is
//! reported once.

use std::time::{Duration, Instant};

use myelin_subnet::MinerWork;
use serde::Deserialize;
use serde_json::{json, Value};

/// Longest time for a server to name its models.
const PATIENCE: Duration = Duration::from_secs(5);
/// Time between two probes of a server that did not answer.
const AGAIN: Duration = Duration::from_secs(10);
/// Age from which a request counts as hanging.
const HANGS: Duration = Duration::from_secs(10);
/// Most names of models that are shown.
const SHOWN: usize = 8;
/// Most bytes of a list of models that are read.
const LONGEST: u64 = 1 << 20;

/// An OpenAI-compatible server behind a miner.
#[derive(Clone)]
pub struct Server {
    /// Its base URL.
    pub url: String,
    /// The name of its model.
    pub model: String,
    /// Its key.
    pub key: Option<String>,
}

/// The watch over a backend.
pub struct BackendWatch {
    server: Option<Server>,
    trouble: Option<Trouble>,
    probed: Option<Instant>,
}

/// A trouble of the backend.
struct Trouble {
    since: Instant,
    /// The problem in words.
    problem: String,
    /// Whether the server's list of models showed it, and so may also end it.
    by_probe: bool,
    /// Number of answers at its start: one more ends it.
    answered: u64,
}

/// A change, to be reported as an event.
pub struct News {
    /// The event's name.
    pub event: &'static str,
    /// Text for people.
    pub text: String,
    /// Fields for programs.
    pub fields: Value,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<ModelName>,
}

#[derive(Deserialize)]
struct ModelName {
    id: String,
}

impl Server {
    /// The reason why the server cannot answer, as far as its list of models shows; a server without such a list counts
    /// as fine.
    async fn problem(&self) -> Option<String> {
        let client = reqwest::Client::builder().timeout(PATIENCE).redirect(reqwest::redirect::Policy::none());
        let address = format!("{}/models", self.url.trim_end_matches('/'));
        let request = client.build().ok()?.get(&address);
        let request = match &self.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        };
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.is_timeout() => {
                return Some(format!("does not answer within {} s", PATIENCE.as_secs()))
            }
            Err(error) => return Some(format!("cannot be reached: {}", root_cause(&error))),
        };
        let status = answer.status();
        if status.as_u16() == 401 || status.as_u16() == 403 {
            return Some(format!("refuses the key ({status}); --backend-key names it"));
        }
        if status.is_server_error() {
            return Some(format!("answers with {status}"));
        }
        if !status.is_success() || answer.content_length().is_some_and(|length| length > LONGEST) {
            return None;
        }
        let models: Models = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        let names: Vec<&str> = models.data.iter().map(|model| model.id.as_str()).collect();
        if names.is_empty() || names.contains(&self.model.as_str()) {
            return None;
        }
        let shown = names[..names.len().min(SHOWN)].join(", ");
        Some(format!("has no model `{}`; it has {}", self.model, crate::output::plain(&shown)))
    }
}

/// The last error of a chain of errors, which holds the system's message.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}

impl BackendWatch {
    /// A watch over a server, or over the built-in model.
    pub fn new(server: Option<Server>) -> Self {
        BackendWatch { server, trouble: None, probed: None }
    }

    /// The present trouble, if there is one.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|trouble| format!("{} {}", self.name(), trouble.problem))
    }

    /// Takes in the miner's latest work, probes the server if that is due, and returns a change.
    pub async fn look(&mut self, work: &MinerWork) -> Option<News> {
        let hangs = work.oldest.filter(|oldest| *oldest >= HANGS);
        match &self.trouble {
            None => {
                if let Some(problem) = self.probe_if_due().await {
                    return Some(self.begin(work, true, problem));
                }
                if let Some(oldest) = hangs {
                    let (seconds, waiting) = (oldest.as_secs(), work.running);
                    let problem = format!("has not answered for {seconds} s; {waiting} requests wait");
                    return Some(self.begin(work, false, problem));
                }
                let failing = work.failing.as_ref()?;
                let problem = format!("fails: {}", crate::output::plain(&failing.cause));
                Some(self.begin(work, false, problem))
            }
            Some(trouble) => {
                let answers = work.answered > trouble.answered && work.failing.is_none() && hangs.is_none();
                let (by_probe, since) = (trouble.by_probe, trouble.since);
                let back = answers || (by_probe && self.is_due() && self.probe_if_due().await.is_none());
                back.then(|| {
                    self.trouble = None;
                    let seconds = since.elapsed().as_secs();
                    let text = format!("{} answers again after {seconds} s", self.name());
                    News { event: "backend_answers", text, fields: json!({ "seconds": seconds }) }
                })
            }
        }
    }

    fn begin(&mut self, work: &MinerWork, by_probe: bool, problem: String) -> News {
        let text = format!("{} {problem}", self.name());
        let fields = json!({ "problem": problem, "failed": work.failed });
        self.trouble = Some(Trouble { since: Instant::now(), problem, by_probe, answered: work.answered });
        News { event: "backend_trouble", text, fields }
    }

    fn name(&self) -> String {
        match &self.server {
            Some(server) => format!("the server at {}", server.url),
            None => "the model".into(),
        }
    }

    /// Whether a probe is due: at the start, and again while there is trouble.
    fn is_due(&self) -> bool {
        self.probed.is_none_or(|probed| self.trouble.is_some() && probed.elapsed() >= AGAIN)
    }

    async fn probe_if_due(&mut self) -> Option<String> {
        if !self.is_due() {
            return None;
        }
        self.probed = Some(Instant::now());
        match &self.server {
            Some(server) => server.problem().await,
            None => None,
        }
    }
}

//! Any OpenAI-compatible server as a [`TextModel`].

use super::events::{Event, Events};
use super::types::{
    ChatBody, ChatMessage, CompletionBody, ErrorBody, OneOrMany, Reply, StreamOptions, Usage,
};
use crate::model::{Completion, CompletionRequest, Finish, Likelihood, ModelError, TextModel};
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Largest answer read, streams included.
const MAX_ANSWER_BYTES: usize = 8 << 20;
/// Fields a server may refuse and an answer can do without.
const OPTIONAL_FIELDS: [&str; 6] = ["seed", "stream_options", "logprobs", "stop", "temperature", "suffix"];

/// Which of the two interfaces is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Api {
    /// `/v1/completions`; falls back to chat if the server does not have it.
    Completions,
    /// `/v1/chat/completions`.
    Chat,
}

/// Where a model is served.
#[derive(Clone)]
pub struct EndpointConfig {
    /// For instance `http://127.0.0.1:8080`; a path ending in `/v1` is kept, otherwise `/v1` is added.
    pub base_url: String,
    /// The name the server knows the model by.
    pub model: String,
    /// Sent as bearer token, never logged.
    pub key: Option<String>,
    /// The interface to use.
    pub api: Api,
    /// Time for a whole answer.
    pub timeout: Duration,
}

impl EndpointConfig {
    /// The completions interface without a key, 60 seconds for an answer.
    pub fn new(base_url: &str, model: &str) -> Self {
        EndpointConfig {
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            key: None,
            api: Api::Completions,
            timeout: Duration::from_secs(60),
        }
    }
}

impl std::fmt::Debug for EndpointConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("api", &self.api)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// A model behind an HTTP endpoint.
///
/// Requests run on a small runtime of its own, so that the blocking [`TextModel`] methods work on any thread; callers
/// inside an async task should prefer the async methods.
pub struct OpenAiBackend {
    connection: Arc<Connection>,
    runtime: Option<Runtime>,
}

struct Connection {
    config: EndpointConfig,
    base: String,
    client: reqwest::Client,
    /// The server has no `/v1/completions`.
    chat_only: AtomicBool,
}

/// A piece of text or the end of an answer.
type Piece = Result<String, Box<Result<Completion, ModelError>>>;

impl OpenAiBackend {
    /// Prepares a client; nothing is sent yet.
    pub fn new(config: EndpointConfig) -> Result<Self, ModelError> {
        let trimmed = config.base_url.trim_end_matches('/');
        let unreachable = |reason: String| ModelError::Unreachable { url: config.base_url.clone(), reason };
        if !trimmed.starts_with("http://") && !trimmed.starts_with("https://") {
            return Err(unreachable("the address must begin with http:// or https://".into()));
        }
        let base = if trimmed.ends_with("/v1") { trimmed.to_owned() } else { format!("{trimmed}/v1") };
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(5))
            .timeout(config.timeout)
            .build()
            .map_err(|e| unreachable(e.to_string()))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("endpoint")
            .enable_all()
            .build()
            .map_err(|e| unreachable(format!("no thread for it: {e}")))?;
        let chat_only = AtomicBool::new(config.api == Api::Chat);
        let connection = Arc::new(Connection { config, base, client, chat_only });
        Ok(OpenAiBackend { connection, runtime: Some(runtime) })
    }

    /// The models the server offers.
    pub async fn models(&self) -> Result<Vec<String>, ModelError> {
        let connection = &self.connection;
        let url = format!("{}/models", connection.base);
        let response = connection.authorised(connection.client.get(&url)).send().await;
        let response = response.map_err(|e| connection.unreachable(&url, &e))?;
        let list: super::types::ModelList = connection.json(&url, response).await?;
        Ok(list.data.into_iter().map(|m| m.id).collect())
    }

    /// Answers a request in one piece.
    pub async fn complete_async(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        request.check()?;
        self.connection.complete(request, None).await
    }

    /// Runs a task on the backend's own thread and waits for it.
    fn wait<T: Send + 'static>(
        &self,
        task: impl std::future::Future<Output = Result<T, ModelError>> + Send + 'static,
    ) -> Result<T, ModelError> {
        let (send, receive) = mpsc::channel();
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move { send.send(task.await) });
        }
        receive.recv().unwrap_or_else(|_| {
            Err(ModelError::Unreachable {
                url: self.connection.base.clone(),
                reason: "its thread ended".into(),
            })
        })
    }
}

impl Drop for OpenAiBackend {
    fn drop(&mut self) {
        // waiting for the thread is not allowed inside async tasks
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl TextModel for OpenAiBackend {
    fn name(&self) -> String {
        self.connection.config.model.clone()
    }

    fn id(&self) -> [u8; 32] {
        let config = &self.connection.config;
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"endpoint\0").update(self.connection.base.as_bytes());
        *hasher.update(b"\0").update(config.model.as_bytes()).finalize().as_bytes()
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        request.check()?;
        let (connection, request) = (self.connection.clone(), request.clone());
        self.wait(async move { connection.complete(&request, None).await })
    }

    fn complete_streaming(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Completion, ModelError> {
        request.check()?;
        let (connection, request) = (self.connection.clone(), request.clone());
        let lost =
            ModelError::Unreachable { url: self.connection.base.clone(), reason: "its thread ended".into() };
        let Some(runtime) = &self.runtime else { return Err(lost) };
        // what waits here is bounded by the longest answer that is read
        let (send, receive) = mpsc::channel::<Piece>();
        let task = runtime.spawn(async move {
            let end = connection.complete(&request, Some(&send)).await;
            let _ = send.send(Err(Box::new(end)));
        });
        let mut given = Completion {
            text: String::new(),
            prompt_tokens: 0,
            completion_tokens: 0,
            finish: Finish::Length,
        };
        loop {
            match receive.recv() {
                Ok(Ok(text)) => {
                    given.text.push_str(&text);
                    given.completion_tokens += 1;
                    if !on_text(&text) {
                        task.abort();
                        return Ok(given);
                    }
                }
                Ok(Err(end)) => return *end,
                Err(_) => return Err(lost),
            }
        }
    }

    /// Asks the server to echo the text with its probabilities; few servers can.
    fn likelihood(
        &self,
        prompt: &str,
        suffix: Option<&str>,
        continuation: &str,
    ) -> Result<Likelihood, ModelError> {
        if suffix.is_some_and(|s| !s.is_empty()) {
            return Err(ModelError::Unsupported { model: self.name(), what: "likelihoods with a suffix" });
        }
        let connection = self.connection.clone();
        let (prompt, continuation) = (prompt.to_owned(), continuation.to_owned());
        self.wait(async move { connection.likelihood(&prompt, &continuation).await })
    }
}

impl Connection {
    fn authorised(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.config.key {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    fn unreachable(&self, url: &str, error: &reqwest::Error) -> ModelError {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            reason = format!("{reason}: {inner}");
            cause = inner.source();
        }
        ModelError::Unreachable { url: url.to_owned(), reason }
    }

    fn unusable(&self, url: &str, reason: impl Into<String>) -> ModelError {
        ModelError::Answer { url: url.to_owned(), reason: reason.into() }
    }

    async fn complete(
        &self,
        request: &CompletionRequest,
        pieces: Option<&mpsc::Sender<Piece>>,
    ) -> Result<Completion, ModelError> {
        if request.messages.is_empty() && !self.chat_only.load(Ordering::Relaxed) {
            let body = serde_json::to_value(self.completion_body(request, pieces.is_some()));
            let answer = self.ask("completions", body, pieces).await;
            match answer {
                Err(ModelError::Refused { status: 404 | 405 | 501, .. }) => {
                    self.chat_only.store(true, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        let body = serde_json::to_value(self.chat_body(request, pieces.is_some()));
        self.ask("chat/completions", body, pieces).await
    }

    fn completion_body(&self, request: &CompletionRequest, stream: bool) -> CompletionBody {
        CompletionBody {
            model: self.config.model.clone(),
            prompt: request.prompt.clone(),
            suffix: request.suffix.clone(),
            max_tokens: Some(request.max_tokens),
            temperature: Some(request.temperature),
            seed: Some(request.seed),
            stop: (!request.stop.is_empty()).then(|| OneOrMany::Many(request.stop.clone())),
            stream,
            stream_options: stream.then_some(StreamOptions { include_usage: true }),
            ..CompletionBody::default()
        }
    }

    fn chat_body(&self, request: &CompletionRequest, stream: bool) -> ChatBody {
        let message = |role: &str, content: String| ChatMessage { role: role.into(), content };
        let messages = match &request.suffix {
            _ if !request.messages.is_empty() => {
                request.messages.iter().map(|said| message(&said.role, said.content.clone())).collect()
            }
            None => vec![message("user", request.prompt.clone())],
            Some(suffix) => vec![message(
                "user",
                format!(
                    "Fill in the text that belongs at <cursor/>. Answer with that text only.\n\n{}<cursor/>{suffix}",
                    request.prompt
                ),
            )],
        };
        ChatBody {
            model: self.config.model.clone(),
            messages,
            max_tokens: Some(request.max_tokens),
            temperature: Some(request.temperature),
            seed: Some(request.seed),
            stop: (!request.stop.is_empty()).then(|| OneOrMany::Many(request.stop.clone())),
            stream,
            stream_options: stream.then_some(StreamOptions { include_usage: true }),
        }
    }

    /// Sends a body; if the server refuses it with 400 or 422, sends it once more without the fields it names (or
    /// without all it could do without, if it names none).
    async fn ask(
        &self,
        path: &str,
        body: Result<Value, serde_json::Error>,
        pieces: Option<&mpsc::Sender<Piece>>,
    ) -> Result<Completion, ModelError> {
        let url = format!("{}/{path}", self.base);
        let mut body = body.map_err(|e| self.unusable(&url, e.to_string()))?;
        let response = match self.post(&url, &body).await {
            Err(ModelError::Refused { status: 400 | 422, message, .. })
                if drop_refused(&mut body, &message) =>
            {
                self.post(&url, &body).await?
            }
            other => other?,
        };
        match pieces {
            Some(pieces) => self.read_stream(&url, response, pieces).await,
            None => {
                completion(self.json(&url, response).await?).map_err(|reason| self.unusable(&url, reason))
            }
        }
    }

    async fn post(&self, url: &str, body: &Value) -> Result<reqwest::Response, ModelError> {
        let response = self.authorised(self.client.post(url)).json(body).send().await;
        let response = response.map_err(|e| self.unreachable(url, &e))?;
        self.accepted(url, response).await
    }

    /// Turns any status but success into an error with the server's message.
    async fn accepted(
        &self,
        url: &str,
        response: reqwest::Response,
    ) -> Result<reqwest::Response, ModelError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let bytes = self.bytes(url, response).await.unwrap_or_default();
        let message = match serde_json::from_slice::<ErrorBody>(&bytes) {
            Ok(body) => {
                format!("{} {}", body.error.message, body.error.param.unwrap_or_default()).trim().to_owned()
            }
            Err(_) => String::from_utf8_lossy(&bytes).chars().take(300).collect(),
        };
        Err(ModelError::Refused { url: url.to_owned(), status: status.as_u16(), message })
    }

    async fn bytes(&self, url: &str, mut response: reqwest::Response) -> Result<Vec<u8>, ModelError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|e| self.unreachable(url, &e))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER_BYTES {
                return Err(self.unusable(url, format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
            }
        }
        Ok(bytes)
    }

    async fn json<T: serde::de::DeserializeOwned>(
        &self,
        url: &str,
        response: reqwest::Response,
    ) -> Result<T, ModelError> {
        let response = self.accepted(url, response).await?;
        let bytes = self.bytes(url, response).await?;
        serde_json::from_slice(&bytes).map_err(|e| self.unusable(url, e.to_string()))
    }

    async fn read_stream(
        &self,
        url: &str,
        mut response: reqwest::Response,
        pieces: &mpsc::Sender<Piece>,
    ) -> Result<Completion, ModelError> {
        let is_stream = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| v.starts_with("text/event-stream"));
        if !is_stream {
            // the server does not stream
            let answer =
                completion(self.json(url, response).await?).map_err(|reason| self.unusable(url, reason))?;
            let _ = pieces.send(Ok(answer.text.clone()));
            return Ok(answer);
        }
        let (mut events, mut ended) = (Events::default(), false);
        let (mut text, mut usage, mut finish, mut count, mut read) =
            (String::new(), None::<Usage>, None::<String>, 0u32, 0usize);
        'stream: while let Some(chunk) = response.chunk().await.map_err(|e| self.unreachable(url, &e))? {
            read += chunk.len();
            if read > MAX_ANSWER_BYTES {
                return Err(self.unusable(url, format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
            }
            for event in events.push(&chunk).map_err(|reason| self.unusable(url, reason))? {
                let Event::Data(data) = event else {
                    ended = true;
                    break 'stream;
                };
                let chunk: Reply = serde_json::from_str(&data).map_err(|e| {
                    self.unusable(url, format!("{e} in `{}`", data.chars().take(200).collect::<String>()))
                })?;
                usage = chunk.usage.or(usage);
                let Some(choice) = chunk.choices.into_iter().next() else { continue };
                finish = choice.finish_reason.or(finish);
                let piece = choice.text.or(choice.delta.and_then(|d| d.content)).unwrap_or_default();
                if !piece.is_empty() {
                    count += 1;
                    text.push_str(&piece);
                    if pieces.send(Ok(piece)).is_err() {
                        // Nobody listens any more, so nobody takes it for the whole.
                        ended = true;
                        break 'stream;
                    }
                }
            }
        }
        // A server that dies closes the connection as one does that has finished. Half an answer must not be taken for
        // a whole one.
        if !ended && finish.is_none() {
            return Err(self.unusable(url, "the stream broke off before its end"));
        }
        let usage = usage.unwrap_or(Usage { completion_tokens: count, ..Usage::default() });
        Ok(Completion {
            text,
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            finish: finish_of(finish.as_deref()),
        })
    }

    async fn likelihood(&self, prompt: &str, continuation: &str) -> Result<Likelihood, ModelError> {
        let url = format!("{}/completions", self.base);
        let body = CompletionBody {
            model: self.config.model.clone(),
            prompt: format!("{prompt}{continuation}"),
            max_tokens: Some(0),
            temperature: Some(0.0),
            logprobs: Some(0),
            echo: Some(true),
            ..CompletionBody::default()
        };
        let body = serde_json::to_value(body).map_err(|e| self.unusable(&url, e.to_string()))?;
        let response = self.post(&url, &body).await?;
        let reply: Reply = self.json(&url, response).await?;
        let unsupported = || ModelError::Unsupported {
            model: self.config.model.clone(),
            what: "probabilities of a given text",
        };
        let logprobs = reply.choices.into_iter().next().and_then(|c| c.logprobs).ok_or_else(unsupported)?;
        let start = prompt.chars().count();
        let scored =
            logprobs.text_offset.iter().zip(&logprobs.token_logprobs).filter(|(at, _)| **at >= start);
        let micro_nats: Vec<i64> = scored
            .map(|(_, p)| p.filter(|p| p.is_finite()).map(|p| ((p * 1e6).round() as i64).min(0)))
            .collect::<Option<_>>()
            .ok_or_else(unsupported)?;
        if micro_nats.is_empty() && !continuation.is_empty() {
            return Err(unsupported());
        }
        Ok(Likelihood { micro_nats, starts: Vec::new(), bytes: continuation.len() })
    }
}

/// Removes refused fields from a body; false if there is nothing to remove.
fn drop_refused(body: &mut Value, message: &str) -> bool {
    let Some(fields) = body.as_object_mut() else { return false };
    let named: Vec<_> =
        OPTIONAL_FIELDS.iter().filter(|f| fields.contains_key(**f) && message.contains(**f)).collect();
    // a suffix changes the question, so it is only dropped if the server names it
    let spare: Vec<_> = OPTIONAL_FIELDS.iter().filter(|f| **f != "suffix" && **f != "stop").collect();
    let refused = if named.is_empty() { spare } else { named };
    let before = fields.len();
    refused.into_iter().for_each(|f| {
        fields.remove(*f);
    });
    fields.len() < before
}

fn completion(reply: Reply) -> Result<Completion, String> {
    let choice = reply.choices.into_iter().next().ok_or("it holds no choice")?;
    let text = choice.text.or(choice.message.and_then(|m| m.content)).ok_or("its choice holds no text")?;
    let usage = reply.usage.unwrap_or_default();
    Ok(Completion {
        text,
        prompt_tokens: usage.prompt_tokens,
        completion_tokens: usage.completion_tokens,
        finish: finish_of(choice.finish_reason.as_deref()),
    })
}

fn finish_of(reason: Option<&str>) -> Finish {
    match reason {
        Some("length") => Finish::Length,
        _ => Finish::Stop,
    }
}

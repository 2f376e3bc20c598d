//! Offers models to editors and other programs over HTTP.
//!
//! `GET /health`, `GET /v1/models`, `POST /v1/completions` (with `suffix` for filling in, `echo` with `logprobs` for
//! scoring a text), `POST /v1/chat/completions`; answers stream if asked to. Each request generates on one thread. A
//! few run at once, some wait, and the rest are asked to come back later. A client that disconnects ends its
//! generation.

use super::types::{
    Answer, ChatBody, Choice, CompletionBody, ErrorBody, ErrorDetail, Logprobs, ModelEntry, ModelList, Reply,
    Usage,
};
use crate::model::{Completion, CompletionRequest, Finish, ModelError, TextModel};
use crate::prompt::Message;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{header, HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, OwnedSemaphorePermit, Semaphore};

/// Limits of a server.
#[derive(Clone, Debug)]
pub struct ServeConfig {
    /// Requests that generate at the same time.
    pub parallel: usize,
    /// Requests that may wait for their turn.
    pub waiting: usize,
    /// How long a request may wait for its turn.
    pub patience: Duration,
    /// Largest request body in bytes.
    pub max_body: usize,
    /// If set, requests must carry it as bearer token.
    pub key: Option<String>,
    /// Tokens generated if a request does not say.
    pub default_tokens: u32,
}

impl Default for ServeConfig {
    fn default() -> Self {
        ServeConfig {
            parallel: 2,
            waiting: 32,
            patience: Duration::from_secs(30),
            max_body: 1 << 20,
            key: None,
            default_tokens: 64,
        }
    }
}

struct Server {
    models: Vec<Arc<dyn TextModel>>,
    config: ServeConfig,
    running: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
    answers: AtomicU64,
}

/// The routes of a server. A request names its model; an empty or unknown name means the first one.
///
/// Panics if `models` is empty.
pub fn router(models: Vec<Arc<dyn TextModel>>, config: ServeConfig) -> Router {
    assert!(!models.is_empty(), "a server needs a model");
    let limit = DefaultBodyLimit::max(config.max_body);
    let server = Server {
        models,
        running: Arc::new(Semaphore::new(config.parallel.max(1))),
        admitted: Arc::new(Semaphore::new(config.parallel.max(1) + config.waiting)),
        answers: AtomicU64::new(0),
        config,
    };
    Router::new()
        .route("/health", get(|| async { "ok" }))
        .route("/v1/models", get(list))
        .route("/v1/completions", post(completions))
        .route("/v1/chat/completions", post(chat_completions))
        .layer(limit)
        .with_state(Arc::new(server))
}

/// An error as the interface spells it.
struct Failure(StatusCode, ErrorDetail);

impl Failure {
    fn new(status: StatusCode, kind: &str, message: impl Into<String>) -> Self {
        Failure(status, ErrorDetail { message: message.into(), kind: kind.into(), param: None })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let retry = (self.0 == StatusCode::TOO_MANY_REQUESTS).then_some([(header::RETRY_AFTER, "1")]);
        (self.0, retry, Json(ErrorBody { error: self.1 })).into_response()
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let status = match error {
            ModelError::TooLarge { .. } | ModelError::Temperature(_) | ModelError::Unsupported { .. } => {
                StatusCode::BAD_REQUEST
            }
            _ => StatusCode::BAD_GATEWAY,
        };
        Failure::new(status, "invalid_request_error", error.to_string())
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Failure::new(rejection.status(), "invalid_request_error", rejection.body_text())
    }
}

impl Server {
    fn model(&self, name: &str) -> Arc<dyn TextModel> {
        self.models.iter().find(|m| m.name() == name).unwrap_or(&self.models[0]).clone()
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<(), Failure> {
        let Some(key) = &self.config.key else { return Ok(()) };
        let given = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let given = given.strip_prefix("Bearer ").unwrap_or_default();
        // comparing hashes takes the same time wherever the keys differ
        if blake3::hash(given.as_bytes()) == blake3::hash(key.as_bytes()) {
            return Ok(());
        }
        Err(Failure::new(
            StatusCode::UNAUTHORIZED,
            "authentication_error",
            "the bearer token is missing or wrong",
        ))
    }

    /// Waits for a turn.
    async fn turn(&self) -> Result<[OwnedSemaphorePermit; 2], Failure> {
        let busy = || {
            Failure::new(StatusCode::TOO_MANY_REQUESTS, "server_busy", "too many requests; try again later")
        };
        let admitted = self.admitted.clone().try_acquire_owned().map_err(|_| busy())?;
        let running = tokio::time::timeout(self.config.patience, self.running.clone().acquire_owned());
        match running.await {
            Ok(Ok(running)) => Ok([admitted, running]),
            _ => Err(busy()),
        }
    }

    fn reply(&self, model: &str, object: &str) -> Reply {
        let created = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        let id = format!("cmpl-{}", self.answers.fetch_add(1, Ordering::Relaxed));
        Reply { id, object: object.to_owned(), created, model: model.to_owned(), ..Reply::default() }
    }
}

async fn list(State(server): State<Arc<Server>>, headers: HeaderMap) -> Result<Json<ModelList>, Failure> {
    server.check_key(&headers)?;
    let entry = |m: &Arc<dyn TextModel>| ModelEntry {
        id: m.name(),
        object: "model".to_owned(),
        owned_by: "myelin".to_owned(),
    };
    Ok(Json(ModelList { object: "list".to_owned(), data: server.models.iter().map(entry).collect() }))
}

async fn completions(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Result<Json<CompletionBody>, JsonRejection>,
) -> Result<Response, Failure> {
    server.check_key(&headers)?;
    let Json(body) = body?;
    let model = server.model(&body.model);
    let max_tokens = body.max_tokens.unwrap_or(server.config.default_tokens);
    if body.echo == Some(true) {
        return echo(server, model, body, max_tokens).await;
    }
    let request = CompletionRequest {
        prompt: body.prompt,
        messages: Vec::new(),
        suffix: body.suffix,
        max_tokens,
        temperature: body.temperature.unwrap_or(0.0),
        seed: body.seed.unwrap_or(0),
        stop: body.stop.map(|s| s.into_vec()).unwrap_or_default(),
    };
    let usage = body.stream_options.is_some_and(|o| o.include_usage);
    answer(server, model, request, Form::Completion, body.stream, usage).await
}

async fn chat_completions(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Result<Json<ChatBody>, JsonRejection>,
) -> Result<Response, Failure> {
    server.check_key(&headers)?;
    let Json(body) = body?;
    let messages: Vec<_> =
        body.messages.into_iter().map(|m| Message { role: m.role, content: m.content }).collect();
    let request = CompletionRequest {
        prompt: String::new(),
        messages,
        suffix: None,
        max_tokens: body.max_tokens.unwrap_or(server.config.default_tokens),
        temperature: body.temperature.unwrap_or(0.0),
        seed: body.seed.unwrap_or(0),
        stop: body.stop.map(|s| s.into_vec()).unwrap_or_default(),
    };
    let usage = body.stream_options.is_some_and(|o| o.include_usage);
    let model = server.model(&body.model);
    answer(server, model, request, Form::Chat, body.stream, usage).await
}

/// The interface that an answer is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Completion,
    Chat,
}

impl Form {
    fn object(self, stream: bool) -> &'static str {
        match (self, stream) {
            (Form::Completion, _) => "text_completion",
            (Form::Chat, false) => "chat.completion",
            (Form::Chat, true) => "chat.completion.chunk",
        }
    }

    fn choice(self, text: String, stream: bool, finish: Option<Finish>) -> Choice {
        let finish_reason = finish.map(|f| if f == Finish::Stop { "stop" } else { "length" }.to_owned());
        let said = |content| Some(Answer { role: Some("assistant".to_owned()), content: Some(content) });
        let (text, message, delta) = match (self, stream) {
            (Form::Completion, _) => (Some(text), None, None),
            (Form::Chat, false) => (None, said(text), None),
            (Form::Chat, true) => (None, None, said(text)),
        };
        Choice { text, message, delta, finish_reason, ..Choice::default() }
    }
}

fn usage_of(completion: &Completion) -> Usage {
    let (prompt_tokens, completion_tokens) = (completion.prompt_tokens, completion.completion_tokens);
    Usage { prompt_tokens, completion_tokens, total_tokens: prompt_tokens.saturating_add(completion_tokens) }
}

fn broken() -> Failure {
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the model stopped unexpectedly")
}

async fn answer(
    server: Arc<Server>,
    model: Arc<dyn TextModel>,
    request: CompletionRequest,
    form: Form,
    stream: bool,
    with_usage: bool,
) -> Result<Response, Failure> {
    request.check()?;
    let turn = server.turn().await?;
    let mut reply = server.reply(&model.name(), form.object(stream));
    if !stream {
        let work = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            model.complete(&request)
        });
        let completion = work.await.map_err(|_| broken())??;
        reply.usage = Some(usage_of(&completion));
        reply.choices = vec![form.choice(completion.text, false, Some(completion.finish))];
        return Ok(Json(reply).into_response());
    }
    let (send, receive) = mpsc::channel::<Reply>(64);
    tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let chunk = |choices| Reply { choices, ..reply.clone() };
        let mut on_text =
            |text: &str| send.blocking_send(chunk(vec![form.choice(text.into(), true, None)])).is_ok();
        let Ok(completion) = model.complete_streaming(&request, &mut on_text) else { return };
        let _ = send.blocking_send(chunk(vec![form.choice(String::new(), true, Some(completion.finish))]));
        if with_usage {
            let _ = send.blocking_send(Reply { usage: Some(usage_of(&completion)), ..chunk(Vec::new()) });
        }
    });
    let events = futures::stream::unfold(Some(receive), |receive| async move {
        let mut receive = receive?;
        let event = match receive.recv().await {
            Some(reply) => (Event::default().json_data(&reply).unwrap_or_default(), Some(receive)),
            None => (Event::default().data("[DONE]"), None),
        };
        Some((Ok::<_, Infallible>(event.0), event.1))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

/// Returns the prompt itself, with the probabilities of its tokens if asked for; generates nothing.
async fn echo(
    server: Arc<Server>,
    model: Arc<dyn TextModel>,
    body: CompletionBody,
    max_tokens: u32,
) -> Result<Response, Failure> {
    if max_tokens > 0 {
        let message = "`echo` is offered with `max_tokens` 0 only, to score a given text";
        return Err(Failure::new(StatusCode::BAD_REQUEST, "invalid_request_error", message));
    }
    let turn = server.turn().await?;
    let mut reply = server.reply(&model.name(), Form::Completion.object(false));
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let likelihood = model.likelihood("", None, &body.prompt)?;
        Ok::<_, ModelError>((body, likelihood))
    });
    let (body, likelihood) = work.await.map_err(|_| broken())??;
    let mut choice = Form::Completion.choice(body.prompt.clone(), false, Some(Finish::Length));
    if body.logprobs.is_some() {
        let text = body.prompt.as_bytes();
        let ends = likelihood.starts.iter().skip(1).copied().chain([text.len()]);
        let tokens = likelihood.starts.iter().zip(ends);
        let characters = |at: usize| text[..at].iter().filter(|b| **b & 0xc0 != 0x80).count();
        choice.logprobs = Some(Logprobs {
            tokens: tokens.map(|(&a, b)| String::from_utf8_lossy(&text[a..b]).into_owned()).collect(),
            token_logprobs: likelihood.micro_nats.iter().map(|&x| Some(x as f64 / 1e6)).collect(),
            text_offset: likelihood.starts.iter().map(|&at| characters(at)).collect(),
        });
    }
    reply.choices = vec![choice];
    Ok(Json(reply).into_response())
}

//! Any OpenAI-compatible server as a [`TextModel`].

use super::connection::{Connection, EndpointConfig, Worker, MAX_ANSWER_BYTES};
use super::events::{Event, Events};
use super::types::{ChatBody, ChatMessage, CompletionBody, OneOrMany, Reply, StreamOptions, Usage};
use crate::model::{Completion, CompletionRequest, Finish, Likelihood, ModelError, TextModel};
use myelin_provenance::ModelId;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{mpsc, Arc};

/// Fields a server may refuse and an answer can do without.
const OPTIONAL_FIELDS: [&str; 6] = ["seed", "stream_options", "logprobs", "stop", "temperature", "suffix"];

/// A model behind an HTTP endpoint.
///
/// Callers inside an async task should prefer the async methods to the blocking ones of [`TextModel`].
pub struct OpenAiBackend {
    asker: Arc<Asker>,
    worker: Worker,
}

struct Asker {
    connection: Connection,
    /// The server has no `/v1/completions`.
    chat_only: AtomicBool,
}

/// A piece of text or the end of an answer.
type Piece = Result<String, Box<Result<Completion, ModelError>>>;

impl OpenAiBackend {
    /// Prepares a client of `/v1/completions`, which falls back to chat if the server does not have it; nothing is
    /// sent yet.
    pub fn new(config: EndpointConfig) -> Result<Self, ModelError> {
        Self::asking(config, false)
    }

    /// Prepares a client of `/v1/chat/completions` alone.
    pub fn chat(config: EndpointConfig) -> Result<Self, ModelError> {
        Self::asking(config, true)
    }

    fn asking(config: EndpointConfig, chat_only: bool) -> Result<Self, ModelError> {
        let connection = Connection::new(config)?;
        let worker = Worker::new(&connection)?;
        Ok(OpenAiBackend { asker: Arc::new(Asker { connection, chat_only: chat_only.into() }), worker })
    }

    /// The models the server offers.
    pub async fn models(&self) -> Result<Vec<String>, ModelError> {
        let connection = &self.asker.connection;
        let url = connection.url("models");
        let list: super::types::ModelList = connection.json(&url, connection.get(&url).await?).await?;
        Ok(list.data.into_iter().map(|m| m.id).collect())
    }

    /// Answers a request in one piece.
    pub async fn complete_async(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        request.check()?;
        self.asker.complete(request, None).await
    }
}

impl TextModel for OpenAiBackend {
    fn name(&self) -> String {
        self.asker.connection.model().to_owned()
    }

    fn id(&self) -> ModelId {
        self.asker.connection.model_id()
    }

    fn complete(&self, request: &CompletionRequest) -> Result<Completion, ModelError> {
        request.check()?;
        let (asker, request) = (self.asker.clone(), request.clone());
        self.worker.wait(async move { asker.complete(&request, None).await })
    }

    fn complete_streaming(
        &self,
        request: &CompletionRequest,
        on_text: &mut dyn FnMut(&str) -> bool,
    ) -> Result<Completion, ModelError> {
        request.check()?;
        let (asker, request) = (self.asker.clone(), request.clone());
        // what waits here is bounded by the longest answer that is read
        let (send, receive) = mpsc::channel::<Piece>();
        let task = self.worker.spawn(async move {
            let end = asker.complete(&request, Some(&send)).await;
            let _ = send.send(Err(Box::new(end)));
        });
        let Some(task) = task else { return Err(self.worker.ended()) };
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
                Err(_) => return Err(self.worker.ended()),
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
        let asker = self.asker.clone();
        let (prompt, continuation) = (prompt.to_owned(), continuation.to_owned());
        self.worker.wait(async move { asker.likelihood(&prompt, &continuation).await })
    }
}

impl Asker {
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
            model: self.connection.model().to_owned(),
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
            model: self.connection.model().to_owned(),
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
        let url = self.connection.url(path);
        let mut body = body.map_err(|e| self.connection.unusable(&url, e.to_string()))?;
        let response = match self.connection.post(&url, &body, None).await {
            Err(ModelError::Refused { status: 400 | 422, message, .. })
                if drop_refused(&mut body, &message) =>
            {
                self.connection.post(&url, &body, None).await?
            }
            other => other?,
        };
        match pieces {
            Some(pieces) => self.read_stream(&url, response, pieces).await,
            None => completion(self.connection.json(&url, response).await?)
                .map_err(|reason| self.connection.unusable(&url, reason)),
        }
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
            let answer = completion(self.connection.json(url, response).await?)
                .map_err(|reason| self.connection.unusable(url, reason))?;
            let _ = pieces.send(Ok(answer.text.clone()));
            return Ok(answer);
        }
        let (mut events, mut ended) = (Events::default(), false);
        let (mut text, mut usage, mut finish, mut count, mut read) =
            (String::new(), None::<Usage>, None::<String>, 0u32, 0usize);
        'stream: while let Some(chunk) =
            response.chunk().await.map_err(|e| self.connection.unreachable(url, &e))?
        {
            read += chunk.len();
            if read > MAX_ANSWER_BYTES {
                return Err(self
                    .connection
                    .unusable(url, format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
            }
            for event in events.push(&chunk).map_err(|reason| self.connection.unusable(url, reason))? {
                let Event::Data(data) = event else {
                    ended = true;
                    break 'stream;
                };
                let chunk: Reply = serde_json::from_str(&data).map_err(|e| {
                    self.connection
                        .unusable(url, format!("{e} in `{}`", data.chars().take(200).collect::<String>()))
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
            return Err(self.connection.unusable(url, "the stream broke off before its end"));
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
        let url = self.connection.url("completions");
        let body = CompletionBody {
            model: self.connection.model().to_owned(),
            prompt: format!("{prompt}{continuation}"),
            max_tokens: Some(0),
            temperature: Some(0.0),
            logprobs: Some(0),
            echo: Some(true),
            ..CompletionBody::default()
        };
        let body = serde_json::to_value(body).map_err(|e| self.connection.unusable(&url, e.to_string()))?;
        let response = self.connection.post(&url, &body, None).await?;
        let reply: Reply = self.connection.json(&url, response).await?;
        let unsupported = || ModelError::Unsupported {
            model: self.connection.model().to_owned(),
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

//! A connection to an OpenAI-compatible server: one address, one key, and limits of time and length.
//!
//! Redirects are refused, answers have a longest length, and errors carry the server's words. Requests run on a small
//! runtime of the connection's own, so that any thread may block on them.

use std::fmt::{Debug, Formatter};
use std::future::Future;
use std::sync::mpsc;
use std::time::Duration;

use myelin_provenance::{endpoint_address, endpoint_id, ModelId};
use reqwest::header::RETRY_AFTER;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use super::types::ErrorBody;
use crate::model::ModelError;

/// Largest answer read, streams included.
pub(super) const MAX_ANSWER_BYTES: usize = 8 << 20;

/// Where a model is served.
#[derive(Clone)]
pub struct EndpointConfig {
    /// For instance `http://127.0.0.1:8080`; a path ending in `/v1` is kept, otherwise `/v1` is added.
    pub base_url: String,
    /// The name the server knows the model by.
    pub model: String,
    /// Sent as bearer token, never logged.
    pub key: Option<String>,
    /// Time for a whole answer.
    pub timeout: Duration,
}

impl EndpointConfig {
    /// A server without a key, 60 seconds for an answer.
    pub fn new(base_url: &str, model: &str) -> Self {
        EndpointConfig {
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            key: None,
            timeout: Duration::from_secs(60),
        }
    }
}

impl Debug for EndpointConfig {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// A server that answers with JSON.
pub struct Connection {
    config: EndpointConfig,
    base: String,
    client: reqwest::Client,
}

impl Connection {
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
            .map_err(|error| unreachable(error.to_string()))?;
        Ok(Self { config, base, client })
    }

    /// The name the server knows the model by.
    pub fn model(&self) -> &str {
        &self.config.model
    }

    /// Identity of the model behind the server, whatever it is asked for: the hash of the address without `/v1` and of
    /// the model's name. It names a service and proves nothing about weights.
    pub fn model_id(&self) -> ModelId {
        endpoint_id(endpoint_address(&self.base).as_bytes(), self.config.model.as_bytes())
    }

    /// The address that all paths begin with.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The address of a path below the base.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.base)
    }

    /// Asks for what is at an address.
    pub async fn get(&self, url: &str) -> Result<reqwest::Response, ModelError> {
        self.send(url, self.client.get(url)).await
    }

    /// Sends a body. The answer must come within `time`, and within the time that the connection has.
    pub async fn post(
        &self,
        url: &str,
        body: &Value,
        time: Option<Duration>,
    ) -> Result<reqwest::Response, ModelError> {
        let time = time.map_or(self.config.timeout, |time| time.min(self.config.timeout));
        self.send(url, self.client.post(url).timeout(time).json(body)).await
    }

    /// The JSON value of an answer.
    pub async fn json<T: serde::de::DeserializeOwned>(
        &self,
        url: &str,
        response: reqwest::Response,
    ) -> Result<T, ModelError> {
        let bytes = self.bytes(url, response).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.unusable(url, error.to_string()))
    }

    /// An answer that is of no use, with the reason.
    pub fn unusable(&self, url: &str, reason: impl Into<String>) -> ModelError {
        ModelError::Answer { url: url.to_owned(), reason: reason.into() }
    }

    /// A request that got no answer, with every cause of the error.
    pub(super) fn unreachable(&self, url: &str, error: &reqwest::Error) -> ModelError {
        let mut reason = error.to_string();
        let mut cause = std::error::Error::source(error);
        while let Some(inner) = cause {
            reason = format!("{reason}: {inner}");
            cause = inner.source();
        }
        ModelError::Unreachable { url: url.to_owned(), reason }
    }

    /// Sends a request and turns any status but success into an error with the server's message.
    async fn send(
        &self,
        url: &str,
        mut request: reqwest::RequestBuilder,
    ) -> Result<reqwest::Response, ModelError> {
        if let Some(key) = &self.config.key {
            request = request.bearer_auth(key);
        }
        let response = request.send().await.map_err(|error| self.unreachable(url, &error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        // Servers may name a date instead, which none of this field does.
        let seconds = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let retry_after = seconds.map(Duration::from_secs);
        let bytes = self.bytes(url, response).await.unwrap_or_default();
        let message = match serde_json::from_slice::<ErrorBody>(&bytes) {
            Ok(body) => {
                format!("{} {}", body.error.message, body.error.param.unwrap_or_default()).trim().to_owned()
            }
            Err(_) => String::from_utf8_lossy(&bytes).chars().take(300).collect(),
        };
        Err(ModelError::Refused { url: url.to_owned(), status: status.as_u16(), message, retry_after })
    }

    /// The bytes of an answer, within the longest length.
    pub async fn bytes(&self, url: &str, mut response: reqwest::Response) -> Result<Vec<u8>, ModelError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(url, &error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MAX_ANSWER_BYTES {
                return Err(self.unusable(url, format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
            }
        }
        Ok(bytes)
    }
}

/// A thread on which requests run while others wait for them.
pub struct Worker {
    /// `None` once it ended.
    runtime: Option<Runtime>,
    /// The endpoint, for errors.
    base: String,
}

impl Worker {
    /// Starts the thread for a connection.
    pub fn new(connection: &Connection) -> Result<Self, ModelError> {
        let runtime =
            Builder::new_multi_thread().worker_threads(1).thread_name("endpoint").enable_all().build();
        let runtime = runtime.map_err(|error| ModelError::Unreachable {
            url: connection.base.clone(),
            reason: format!("no thread for it: {error}"),
        })?;
        Ok(Self { runtime: Some(runtime), base: connection.base.clone() })
    }

    /// Runs a task and waits for it.
    pub fn wait<T: Send + 'static>(
        &self,
        task: impl Future<Output = Result<T, ModelError>> + Send + 'static,
    ) -> Result<T, ModelError> {
        let (send, receive) = mpsc::channel();
        if self.spawn(async move { send.send(task.await) }).is_none() {
            return Err(self.ended());
        }
        receive.recv().unwrap_or_else(|_| Err(self.ended()))
    }

    /// Runs a task beside the caller.
    pub fn spawn<T: Send + 'static>(
        &self,
        task: impl Future<Output = T> + Send + 'static,
    ) -> Option<JoinHandle<T>> {
        self.runtime.as_ref().map(|runtime| runtime.spawn(task))
    }

    /// The error of a task whose thread has ended.
    pub fn ended(&self) -> ModelError {
        ModelError::Unreachable { url: self.base.clone(), reason: "its thread ended".into() }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Waiting for the thread is not allowed inside async tasks.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

//! Any OpenAI-compatible server that takes pictures.
//!
//! One question with its pictures goes to `/v1/chat/completions`; pictures travel inside the request as data URLs, so
//! the server need not fetch anything. Redirects are refused and answers have a longest length.

use std::{sync::mpsc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use serde_json::{json, Value};
use tokio::runtime::{Builder, Runtime};

/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Where a model is served.
#[derive(Clone)]
pub struct EndpointConfig {
    /// For instance `http://127.0.0.1:8080`; a path ending in `/v1` is kept, otherwise `/v1` is added.
    pub base_url: String,
    /// The name the server knows the model by.
    pub model: String,
    /// Sent as bearer token, never logged.
    pub key: Option<String>,
    /// Longest time for an answer.
    pub timeout: Duration,
}

impl std::fmt::Debug for EndpointConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointConfig")
            .field("base_url", &self.base_url)
            .field("model", &self.model)
            .field("key", &self.key.as_ref().map(|_| "…"))
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The server cannot be reached, or takes too long.
    #[error("asking {url}: {reason}; check the address and that the server runs")]
    Unreachable {
        /// The address.
        url: String,
        /// Description of the failure.
        reason: String,
    },
    /// It refuses.
    #[error(
        "asking {url}: refused with {status} ({message}); check model, key and whether it takes pictures"
    )]
    Refused {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// Message of the server.
        message: String,
    },
    /// It answers with something else.
    #[error(
        "asking {url}: the answer cannot be used ({reason}); check that the server is OpenAI-compatible"
    )]
    Answer {
        /// The address.
        url: String,
        /// Defect of the answer.
        reason: String,
    },
}

/// A model behind an HTTP endpoint. Requests run on a small runtime of its own, so any thread may block on them.
pub struct Endpoint {
    config: EndpointConfig,
    url: String,
    client: reqwest::Client,
    runtime: Option<Runtime>,
}

impl Endpoint {
    /// Prepares a client; nothing is sent yet.
    pub fn new(config: EndpointConfig) -> Result<Self, EndpointError> {
        let trimmed = config.base_url.trim_end_matches('/');
        let unreachable =
            |reason: String| EndpointError::Unreachable { url: config.base_url.clone(), reason };
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
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("vision-endpoint")
            .enable_all()
            .build()
            .map_err(|error| unreachable(format!("no thread for it: {error}")))?;
        Ok(Self { url: format!("{base}/chat/completions"), config, client, runtime: Some(runtime) })
    }

    /// Names server and model: what a miner declares.
    pub fn id(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"vision-endpoint\0").update(self.url.as_bytes());
        *hasher.update(b"\0").update(self.config.model.as_bytes()).finalize().as_bytes()
    }

    /// Asks one question about PNG or JPEG files and returns what the model says.
    pub fn ask(&self, question: &str, pictures: &[Vec<u8>], time: Duration) -> Result<String, EndpointError> {
        let part = |bytes: &Vec<u8>| {
            let kind = if bytes.starts_with(&[0xff, 0xd8]) { "jpeg" } else { "png" };
            let url = format!("data:image/{kind};base64,{}", STANDARD.encode(bytes));
            json!({ "type": "image_url", "image_url": { "url": url } })
        };
        let mut content = vec![json!({ "type": "text", "text": question })];
        content.extend(pictures.iter().map(part));
        let body = json!({
            "model": self.config.model,
            "messages": [{ "role": "user", "content": content }],
            "temperature": 0,
            "max_tokens": 4096,
        });
        let mut request = self.client.post(&self.url).timeout(time.min(self.config.timeout)).json(&body);
        if let Some(key) = &self.config.key {
            request = request.bearer_auth(key);
        }
        let (send, receive) = mpsc::channel();
        let url = self.url.clone();
        if let Some(runtime) = &self.runtime {
            runtime.spawn(async move { send.send(converse(url, request).await) });
        }
        receive.recv().unwrap_or_else(|_| {
            Err(EndpointError::Unreachable { url: self.url.clone(), reason: "its thread ended".into() })
        })
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        // Waiting for the thread is not allowed inside async tasks.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn converse(url: String, request: reqwest::RequestBuilder) -> Result<String, EndpointError> {
    let unreachable =
        |error: reqwest::Error| EndpointError::Unreachable { url: url.clone(), reason: error.to_string() };
    let unusable = |reason: String| EndpointError::Answer { url: url.clone(), reason };
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(unusable(format!("it is longer than {MAX_ANSWER_BYTES} bytes")));
        }
    }
    if !status.is_success() {
        let message = String::from_utf8_lossy(&bytes).chars().take(300).collect();
        return Err(EndpointError::Refused { url, status: status.as_u16(), message });
    }
    let answer: Value = serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?;
    let text = answer["choices"][0]["message"]["content"].as_str();
    text.map(str::to_owned).ok_or_else(|| unusable("it has no choices[0].message.content".into()))
}

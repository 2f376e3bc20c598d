//! Any OpenAI-compatible server that takes pictures.
//!
//! One question with its pictures goes to `/v1/chat/completions`. Pictures travel inside the request as data URLs, so
//! that the server need not fetch anything. The connection is that of language models (`myelin_lm::openai`).

use std::{sync::Arc, time::Duration};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_lm::{
    model::ModelError,
    openai::{Connection, EndpointConfig, Worker},
};
use serde_json::{json, Value};

/// A model behind an HTTP endpoint. Any thread may block on its requests.
pub struct Endpoint {
    connection: Arc<Connection>,
    url: String,
    worker: Worker,
}

impl Endpoint {
    /// Prepares a client; nothing is sent yet.
    pub fn new(config: EndpointConfig) -> Result<Self, ModelError> {
        let connection = Connection::new(config)?;
        let worker = Worker::new(&connection)?;
        Ok(Self { url: connection.url("chat/completions"), connection: Arc::new(connection), worker })
    }

    /// Identity of the model behind the server, which a miner declares.
    pub fn model_id(&self) -> [u8; 32] {
        self.connection.model_id()
    }

    /// Asks one question about PNG or JPEG files and returns the model's words.
    pub fn ask(&self, question: &str, pictures: &[Vec<u8>], time: Duration) -> Result<String, ModelError> {
        let part = |bytes: &Vec<u8>| {
            let kind = if bytes.starts_with(&[0xff, 0xd8]) { "jpeg" } else { "png" };
            let url = format!("data:image/{kind};base64,{}", STANDARD.encode(bytes));
            json!({ "type": "image_url", "image_url": { "url": url } })
        };
        let mut content = vec![json!({ "type": "text", "text": question })];
        content.extend(pictures.iter().map(part));
        let body = json!({
            "model": self.connection.model(),
            "messages": [{ "role": "user", "content": content }],
            "temperature": 0,
            "max_tokens": 4096,
        });
        let (connection, url) = (self.connection.clone(), self.url.clone());
        self.worker.wait(async move {
            let response = connection.post(&url, &body, Some(time)).await?;
            let answer: Value = connection.json(&url, response).await?;
            let text = answer["choices"][0]["message"]["content"].as_str();
            text.map(str::to_owned)
                .ok_or_else(|| connection.unusable(&url, "it has no choices[0].message.content"))
        })
    }
}

//! Image servers as miners: the OpenAI-compatible interface, and ComfyUI.
//!
//! Both follow the projects' documentation; tests run them against stand-ins (`tests/it/endpoint.rs`). A server
//! is asked for one picture at a time, as its own bytes. An address that a server names is never opened.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_lm::{
    model::ModelError,
    openai::{Connection, EndpointConfig, Worker},
};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::picture::Picture;
use serde_json::{json, Value};

use crate::{
    backend::Backend,
    measure::resized,
    protocol::{PaintRequest, PaintResponse},
};

/// Time that is left for the way back.
const RESERVE: Duration = Duration::from_millis(300);
/// Least side of the pictures that servers are asked for: models of pictures were trained on larger ones than ours.
const LEAST_SIDE: u32 = 512;
/// Pause between two looks at the history of ComfyUI.
const PAUSE: Duration = Duration::from_millis(150);
/// Longest name of a file that a server may state.
const LONGEST_NAME: usize = 300;

/// How a server is spoken to.
#[derive(Clone, Debug, PartialEq)]
enum Dialect {
    /// `POST /v1/images/generations`.
    OpenAi,
    /// `POST /prompt` with this workflow, then `GET /history/…` and `GET /view`.
    Comfy(Value),
}

/// A model behind an image server.
pub struct EndpointBackend {
    connection: Arc<Connection>,
    worker: Worker,
    dialect: Dialect,
}

impl EndpointBackend {
    /// A server with the OpenAI-compatible interface. Nothing is sent yet.
    pub fn openai(config: EndpointConfig) -> Result<Self, ModelError> {
        Self::new(config, Dialect::OpenAi)
    }

    /// A ComfyUI server with a workflow in the form of its API. Texts of the workflow may hold `{prompt}`; a text that
    /// is `{seed}`, `{width}` or `{height}` becomes a number.
    pub fn comfy(config: EndpointConfig, workflow: Value) -> Result<Self, ModelError> {
        Self::new(config, Dialect::Comfy(workflow))
    }

    fn new(config: EndpointConfig, dialect: Dialect) -> Result<Self, ModelError> {
        let connection = Connection::new(config)?;
        let worker = Worker::new(&connection)?;
        Ok(Self { connection: Arc::new(connection), worker, dialect })
    }

    /// The file of one picture.
    fn file(&self, order: Order, time: Duration) -> Result<Vec<u8>, ModelError> {
        let connection = self.connection.clone();
        match &self.dialect {
            Dialect::OpenAi => self.worker.wait(async move { openai(&connection, &order, time).await }),
            Dialect::Comfy(workflow) => {
                let workflow = filled(workflow, &order);
                self.worker.wait(async move { comfy(&connection, workflow, time).await })
            }
        }
    }
}

/// One picture as it is asked of a server.
#[derive(Clone, Debug)]
struct Order {
    prompt: String,
    seed: u64,
    width: u32,
    height: u32,
}

impl Order {
    fn of(request: &PaintRequest, number: u8) -> Self {
        let times = LEAST_SIDE.div_ceil(request.width.min(request.height).max(1));
        Self {
            prompt: format!("{} Flat shapes in plain colours, no shadows, no frame.", request.description),
            // Servers take seeds of 32 bits.
            seed: request.seed_of(number).rng().next_u64() >> 33,
            width: request.width * times,
            height: request.height * times,
        }
    }
}

impl Backend for EndpointBackend {
    fn model_id(&self) -> [u8; 32] {
        self.connection.model_id()
    }

    fn answer(&self, context: &AnswerContext, request: &PaintRequest) -> Result<PaintResponse, AnswerError> {
        let failed = |error: String| AnswerError::Backend(error);
        let until = Instant::now() + context.time_left.saturating_sub(RESERVE);
        let mut pictures = Vec::new();
        for number in 0..request.n {
            let time = until.saturating_duration_since(Instant::now());
            let file =
                self.file(Order::of(request, number), time).map_err(|error| failed(error.to_string()))?;
            let picture = Picture::decode(&file).map_err(|error| failed(error.to_string()))?;
            let (width, height) = (request.width as usize, request.height as usize);
            pictures.push(resized(&picture, width, height).map_err(|error| failed(error.to_string()))?);
        }
        PaintResponse::of(request, &pictures, self.connection.model(), None)
            .map_err(|error| failed(error.to_string()))
    }
}

async fn openai(connection: &Connection, order: &Order, time: Duration) -> Result<Vec<u8>, ModelError> {
    let url = connection.url("images/generations");
    let mut body = json!({
        "model": connection.model(),
        "prompt": order.prompt,
        "n": 1,
        "size": format!("{}x{}", order.width, order.height),
        "response_format": "b64_json",
        "seed": order.seed,
    });
    let response = match connection.post(&url, &body, Some(time)).await {
        // Servers differ in the fields that they take.
        Err(ModelError::Refused { status: 400, .. }) => {
            body.as_object_mut().map(|fields| (fields.remove("seed"), fields.remove("response_format")));
            connection.post(&url, &body, Some(time)).await?
        }
        response => response?,
    };
    let answer: Value = connection.json(&url, response).await?;
    let data = answer["data"][0]["b64_json"].as_str().ok_or_else(|| {
        connection.unusable(&url, "it has no data[0].b64_json; addresses of pictures are not opened")
    })?;
    STANDARD
        .decode(data)
        .map_err(|error| connection.unusable(&url, format!("b64_json is not base64: {error}")))
}

async fn comfy(connection: &Connection, workflow: Value, time: Duration) -> Result<Vec<u8>, ModelError> {
    let until = Instant::now() + time;
    let base = connection.base().trim_end_matches("/v1").to_owned();
    let url = format!("{base}/prompt");
    let body = json!({ "prompt": workflow, "client_id": "myelin" });
    let answer: Value = connection.json(&url, connection.post(&url, &body, Some(time)).await?).await?;
    let id = answer["prompt_id"].as_str().filter(|id| is_plain(id));
    let id = id.ok_or_else(|| connection.unusable(&url, "it has no prompt_id of letters and digits"))?;
    let url = format!("{base}/history/{id}");
    let image = loop {
        let history: Value = connection.json(&url, connection.get(&url).await?).await?;
        let outputs = history[id]["outputs"].as_object();
        if let Some(image) = outputs.and_then(|nodes| nodes.values().find_map(|node| node["images"].get(0))) {
            break image.clone();
        }
        if history[id]["status"]["status_str"] == "error" {
            return Err(connection.unusable(&url, "the workflow failed; look at the server"));
        }
        if Instant::now() + PAUSE > until {
            return Err(connection.unusable(&url, "the workflow has no picture in time"));
        }
        tokio::time::sleep(PAUSE).await;
    };
    let name =
        |key: &str| image[key].as_str().unwrap_or_default().chars().take(LONGEST_NAME).collect::<String>();
    let query = ["filename", "subfolder", "type"].map(|key| format!("{key}={}", escaped(&name(key))));
    let url = format!("{base}/view?{}", query.join("&"));
    connection.bytes(&url, connection.get(&url).await?).await
}

fn is_plain(id: &str) -> bool {
    (1..=100).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A text as the value of a query: everything but letters and digits by its number.
fn escaped(text: &str) -> String {
    let encoded = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encoded).collect()
}

/// A workflow whose holes are filled.
fn filled(workflow: &Value, order: &Order) -> Value {
    match workflow {
        Value::String(text) => match text.as_str() {
            "{seed}" => json!(order.seed),
            "{width}" => json!(order.width),
            "{height}" => json!(order.height),
            _ => Value::String(text.replace("{prompt}", &order.prompt)),
        },
        Value::Array(list) => Value::Array(list.iter().map(|value| filled(value, order)).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), filled(value, order))).collect())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_nothing_else_changes() {
        let workflow = json!({
            "3": { "inputs": { "seed": "{seed}", "steps": 20, "text": "photo, {prompt}" } },
            "5": { "inputs": { "width": "{width}", "height": "{height}", "list": ["4", 0] } },
        });
        let order = Order { prompt: "a \"red\" {seed}".into(), seed: 7, width: 512, height: 640 };
        let expected = json!({
            "3": { "inputs": { "seed": 7, "steps": 20, "text": "photo, a \"red\" {seed}" } },
            "5": { "inputs": { "width": 512, "height": 640, "list": ["4", 0] } },
        });
        assert_eq!(filled(&workflow, &order), expected);
        assert_eq!(escaped("a b/../c&d=é"), "a%20b%2F..%2Fc%26d%3D%C3%A9");
        assert!(is_plain("12-ab") && !is_plain("../x") && !is_plain(""));
    }
}

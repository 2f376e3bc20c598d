//! A miner in front of a server that takes pictures: here a server that reads with Tesseract.

use std::{sync::Arc, time::Duration};

use axum::{routing::post, Json, Router};
use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_lm::openai::EndpointConfig;
use myelin_recognition::{adversary::tasks, backend::Backend, endpoint::EndpointBackend, task::Renderer};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_vision::{endpoint::Endpoint, picture::Picture, tesseract::Tesseract};
use serde_json::{json, Value};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

fn miner(url: &str) -> Arc<EndpointBackend> {
    let config = EndpointConfig { key: Some("secret".into()), ..EndpointConfig::new(url, "reader") };
    Arc::new(EndpointBackend::new(Endpoint::new(config).expect("a client")))
}

/// Reads the picture of the question, and answers with its text in a frame of words as models do.
async fn chat(Json(body): Json<Value>) -> Json<Value> {
    let url = body["messages"][0]["content"][1]["image_url"]["url"].as_str().expect("a picture").to_owned();
    let bytes =
        STANDARD.decode(url.strip_prefix("data:image/png;base64,").expect("a data URL")).expect("base64");
    let picture = Picture::decode(&bytes).expect("a picture");
    let read = move || Tesseract::new(1).read(&picture, Duration::from_secs(60)).expect("read");
    let text = tokio::task::spawn_blocking(read).await.expect("no panic");
    let said = format!("Here is the page:\n```json\n{}\n```", json!({ "text": text, "values": {} }));
    Json(json!({ "choices": [{ "message": { "role": "assistant", "content": said } }] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_by_the_server_behind_the_miner() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let routes = Router::new()
        .route("/v1/chat/completions", post(chat))
        .layer(axum::extract::DefaultBodyLimit::max(8 << 20));
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    let miner = miner(&url);
    let task = tasks(b"endpoint", Renderer::Reserved, 1, 0).remove(0);
    let request = task.request.clone();
    let asked = tokio::task::spawn_blocking(move || miner.answer(&context(), &request));
    let response = asked.await.expect("no panic").expect("answered");
    assert!(response.text.len() > 20, "{response:?}");
    assert_eq!(response.values.len(), task.request.fields.len());
    serving.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_the_backends_failure() {
    let miner = miner("http://127.0.0.1:9");
    let task = tasks(b"endpoint", Renderer::Open, 0, 1).remove(0);
    let asked = tokio::task::spawn_blocking(move || miner.answer(&context(), &task.request));
    assert!(matches!(asked.await.expect("no panic"), Err(AnswerError::Backend(_))));
}

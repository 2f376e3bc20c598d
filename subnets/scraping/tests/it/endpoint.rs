//! A miner in front of a server with the API of OpenAI: here a server that reads pages with the built-in wrapper.

use std::{sync::Arc, time::Duration};

use axum::{routing::post, Json, Router};
use myelin_lm::openai::EndpointConfig;
use myelin_scraping::{
    backend::{Backend, Reader},
    compose::Composer,
    endpoint::EndpointBackend,
    protocol::{Example, Field, Page, ScrapingRequest},
    score, task,
    wrapper::Care,
};
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_wire::seed::Seed;
use serde_json::{json, Value};

fn context() -> AnswerContext {
    AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) }
}

/// The JSON behind a mark in the question.
fn behind<T: serde::de::DeserializeOwned>(question: &str, mark: &str) -> T {
    let rest = &question[question.find(mark).unwrap() + mark.len()..];
    serde_json::Deserializer::from_str(rest).into_iter().next().unwrap().unwrap()
}

/// Answers as chat models do: with words around the list.
async fn chat(Json(body): Json<Value>) -> Json<Value> {
    let question = body["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
    let fields: Vec<Field> = behind(&question, "in their order: ");
    let example: Value = behind(&question, "Example: ");
    let example = Example {
        page: serde_json::from_value(example["page"].clone()).unwrap(),
        rows: serde_json::from_value(example["rows"].clone()).unwrap(),
    };
    let page: Page = behind(&question, "\nPage: ");
    let request = ScrapingRequest {
        fields,
        pages: 1,
        examples: vec![example],
        sources: vec![page],
        ..Default::default()
    };
    let read =
        tokio::task::spawn_blocking(move || Reader::new(Care::Much, None).answer(&context(), &request));
    let rows = &read.await.unwrap().unwrap().sources[0].rows;
    let content =
        if body["model"] == "silent" { "I cannot.".into() } else { format!("Sure:\n{}", json!(rows)) };
    Json(json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_model_reads_pages() {
    let router = Router::new().route("/v1/chat/completions", post(chat));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let task = task::draw(&Composer::new(&[1; 32]), &Seed([2; 32]));
    let request = Arc::new(task.request.clone());
    let answer = |model: &'static str| {
        let (url, request) = (url.clone(), request.clone());
        tokio::task::spawn_blocking(move || {
            let backend = EndpointBackend::new(EndpointConfig::new(&url, model), None).unwrap();
            backend.answer(&context(), &request)
        })
    };
    let said = answer("chatty").await.unwrap().unwrap();
    let worth = score::judge(&task.request, &task.hidden.rows, &said);
    assert!(worth.accuracy.get() > 800_000, "{}", worth.note);
    let refused = answer("silent").await.unwrap();
    assert!(matches!(refused, Err(AnswerError::Backend(why)) if why.contains("without a JSON list")));
}

//! A miner in front of a server with the API of OpenAI: here a server that translates with Apertium.

use std::{sync::Arc, time::Duration};

use axum::{extract::State, routing::post, Json, Router};
use myelin_lm::openai::EndpointConfig;
use myelin_subnet::{AnswerContext, AnswerError};
use myelin_translation::{
    apertium::Apertium,
    backend::Backend,
    endpoint::EndpointBackend,
    language::Language,
    protocol::{Text, TranslationRequest},
};
use serde_json::{json, Value};

/// Answers as chat models do: with words around the list.
async fn chat(State(apertium): State<Arc<Apertium>>, Json(body): Json<Value>) -> Json<Value> {
    let question = body["messages"][0]["content"].as_str().unwrap_or_default().to_owned();
    let texts: Vec<Text> = serde_json::from_str(question.rsplit_once("Texts: ").unwrap().1).unwrap();
    let texts: Vec<String> = texts.into_iter().map(|text| text.text).collect();
    let direction = (Language::En, Language::Es);
    let said =
        tokio::task::spawn_blocking(move || apertium.translate(direction, texts, Duration::from_secs(60)));
    let list = json!(said.await.unwrap().unwrap());
    let content = if body["model"] == "silent" { "I cannot.".to_owned() } else { format!("Sure:\n{list}") };
    Json(json!({ "choices": [{ "message": { "role": "assistant", "content": content } }] }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_model_translates() {
    let router =
        Router::new().route("/v1/chat/completions", post(chat)).with_state(Arc::new(Apertium::new(1)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let text = |text: &str| Text { text: text.into(), ..Text::default() };
    let request = TranslationRequest {
        from: Language::En,
        to: Language::Es,
        texts: vec![text("The window is red: %s."), text("The house is white.")],
        glossary: vec![],
        keep: vec![],
    };
    let answer = move |model: &str| {
        let backend = EndpointBackend::new(EndpointConfig::new(&url, model)).unwrap();
        let context = AnswerContext {
            asker: None,
            permitted: true,
            challenge: None,
            time_left: Duration::from_secs(60),
        };
        let request = request.clone();
        tokio::task::spawn_blocking(move || (backend.answer(&context, &request), backend.model_id()))
    };
    let (said, id) = answer("chatty").await.unwrap();
    let said = said.unwrap();
    assert_eq!(said.texts, ["La ventana es roja: %s.", "La casa es blanca."]);
    assert_eq!(said.confidence, [75, 75]);
    let (refused, other) = answer("silent").await.unwrap();
    assert!(matches!(refused, Err(AnswerError::Backend(why)) if why.contains("without a JSON list")));
    assert_ne!(id, other);
}

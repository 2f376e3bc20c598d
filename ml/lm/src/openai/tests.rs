use super::serve::{router, ServeConfig};
use super::*;
use crate::model::{Completion, CompletionRequest, Finish, ModelError, TextModel};
use crate::ngram::{NgramModel, NgramTable, Pruning};
use crate::tokenizer::learn;
use axum::body::Body;
use axum::extract::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::Router;
use serde_json::{json, Value};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A real small model.
fn model() -> Arc<dyn TextModel> {
    let text = "let größe = other_value;\nlet value = größe;\n".repeat(20);
    let tokenizer = Arc::new(learn([text.as_str(), text.as_str()].into_iter(), 300).expect("fits"));
    let tokens = tokenizer.encode(&text);
    let keep = Pruning { pairs: 2, triples: 2 };
    let table = NgramTable::count(tokenizer.vocabulary(), std::iter::once(tokens.as_slice()), keep);
    Arc::new(NgramModel::read("small", &table.to_bytes(), tokenizer).expect("its own file"))
}

/// Serves routes on a free port; returns the address.
async fn listen(routes: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}")
}

fn backend(url: &str) -> OpenAiBackend {
    OpenAiBackend::new(EndpointConfig {
        timeout: Duration::from_secs(20),
        ..EndpointConfig::new(url, "small")
    })
    .expect("a client")
}

/// Calls a blocking method from an async test.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("no panic")
}

fn request() -> CompletionRequest {
    CompletionRequest {
        prompt: "let v".into(),
        max_tokens: 12,
        temperature: 0.8,
        seed: 3,
        stop: vec!["\n".into()],
        ..CompletionRequest::default()
    }
}

#[tokio::test]
async fn a_served_model_answers_as_it_does_in_process() {
    let url = listen(router(vec![model()], ServeConfig::default())).await;
    let direct = model();
    for request in [request(), CompletionRequest { suffix: Some("\nend".into()), seed: 4, ..request() }] {
        let expected = direct.complete(&request).expect("an answer");
        let backend = backend(&url);
        assert_eq!(backend.complete_async(&request).await.expect("an answer"), expected);
        let (whole, streamed, pieces) = blocking(move || {
            let mut pieces = String::new();
            let mut keep = |text: &str| {
                pieces.push_str(text);
                true
            };
            let streamed = backend.complete_streaming(&request, &mut keep);
            (backend.complete(&request), streamed, pieces)
        })
        .await;
        assert_eq!(whole.expect("an answer"), expected);
        assert_eq!(streamed.expect("an answer"), expected);
        assert_eq!(pieces, expected.text);
    }
    assert_eq!(backend(&url).models().await.expect("a list"), ["small"]);
}

#[tokio::test]
async fn likelihoods_cross_the_wire_unchanged() {
    let url = listen(router(vec![model()], ServeConfig::default())).await;
    let expected = model().likelihood("let größe =", None, " other_value;\n").expect("likelihoods");
    let backend = backend(&format!("{url}/v1/"));
    let measured = blocking(move || backend.likelihood("let größe =", None, " other_value;\n")).await;
    assert_eq!(measured.expect("likelihoods").micro_nats, expected.micro_nats);
}

#[tokio::test]
async fn chat_is_used_where_there_are_no_completions() {
    let seen = Arc::new(Mutex::new(Vec::<Value>::new()));
    let record = seen.clone();
    let chat = move |Json(body): Json<Value>| async move {
        record.lock().expect("no panic").push(body);
        Json(json!({ "choices": [{ "message": { "content": "hello" }, "finish_reason": "length" }] }))
    };
    let url = listen(Router::new().route("/v1/chat/completions", post(chat))).await;
    let backend = backend(&url);
    for _ in 0..2 {
        let answer = backend.complete_async(&request()).await.expect("an answer");
        assert_eq!((answer.text.as_str(), answer.finish), ("hello", Finish::Length));
    }
    let seen = seen.lock().expect("no panic");
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["messages"][0]["content"], "let v");
    assert_eq!(seen[0]["model"], "small");
    assert_eq!(seen[0]["seed"], 3);
}

#[tokio::test]
async fn our_server_answers_chats_and_streams_them() {
    let url = listen(router(vec![model()], ServeConfig::default())).await;
    let backend = OpenAiBackend::chat(EndpointConfig::new(&url, "small")).expect("a client");
    let whole = backend.complete_async(&request()).await.expect("an answer");
    let streamed = blocking(move || backend.complete_streaming(&request(), &mut |_| true)).await;
    assert_eq!(streamed.expect("an answer"), whole);
    assert_eq!(whole.finish, Finish::Stop);
}

/// Refuses any body with the given fields, naming them if `named`.
fn picky(fields: &'static [&'static str], named: bool) -> Router {
    let handler = move |Json(body): Json<Value>| async move {
        match fields.iter().find(|f| body.get(**f).is_some()) {
            Some(field) => {
                let message = if named { format!("unsupported parameter {field}") } else { "no".to_owned() };
                (StatusCode::BAD_REQUEST, Json(json!({ "error": { "message": message } }))).into_response()
            }
            None => {
                let fields: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
                Json(json!({ "choices": [{ "text": fields.join(",") }] })).into_response()
            }
        }
    };
    Router::new().route("/v1/completions", post(handler))
}

#[tokio::test]
async fn a_refused_field_is_left_out_and_the_request_repeated_once() {
    let url = listen(picky(&["seed"], true)).await;
    let answer = backend(&url).complete_async(&request()).await.expect("an answer");
    assert!(!answer.text.contains("seed") && answer.text.contains("temperature"), "{}", answer.text);

    let url = listen(picky(&["seed"], false)).await;
    let answer = backend(&url).complete_async(&request()).await.expect("an answer");
    assert!(!answer.text.contains("seed") && answer.text.contains("stop"), "{}", answer.text);

    // a required field that the server refuses is an error after one more attempt
    let url = listen(picky(&["prompt"], true)).await;
    let error = backend(&url).complete_async(&request()).await.expect_err("refused");
    assert!(matches!(error, ModelError::Refused { status: 400, .. }), "{error}");
}

/// Answers every completion with a fixed response.
async fn fixed(response: impl Fn() -> Response + Clone + Send + Sync + 'static) -> OpenAiBackend {
    backend(&listen(Router::new().route("/v1/completions", post(move || async move { response() }))).await)
}

#[tokio::test]
async fn unusable_answers_are_errors() {
    let huge = || Body::from(vec![b' '; 9 << 20]).into_response();
    let no_choice = || Json(json!({ "choices": [] })).into_response();
    let not_json = || "<html>".into_response();
    for backend in [fixed(huge).await, fixed(no_choice).await, fixed(not_json).await] {
        let error = backend.complete_async(&request()).await.expect_err("not an answer");
        assert!(matches!(error, ModelError::Answer { .. }), "{error}");
    }
    let broken = || StatusCode::INTERNAL_SERVER_ERROR.into_response();
    let error = fixed(broken).await.complete_async(&request()).await.expect_err("an error status");
    assert!(matches!(error, ModelError::Refused { status: 500, .. }), "{error}");
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let visited = Arc::new(Mutex::new(false));
    let mark = visited.clone();
    let target = post(move || async move { *mark.lock().expect("no panic") = true });
    let redirect = post(|| async { Redirect::temporary("/elsewhere") });
    let routes = Router::new().route("/v1/completions", redirect).route("/elsewhere", target);
    let error = backend(&listen(routes).await).complete_async(&request()).await.expect_err("a redirect");
    assert!(matches!(error, ModelError::Refused { status: 307, .. }), "{error}");
    assert!(!*visited.lock().expect("no panic"));
}

#[tokio::test]
async fn a_silent_or_absent_server_is_an_error_in_time() {
    let silent = post(|| async {
        tokio::time::sleep(Duration::from_secs(3600)).await;
    });
    let url = listen(Router::new().route("/v1/completions", silent)).await;
    let config = EndpointConfig { timeout: Duration::from_millis(200), ..EndpointConfig::new(&url, "small") };
    let error = OpenAiBackend::new(config).expect("a client").complete_async(&request()).await;
    assert!(matches!(error, Err(ModelError::Unreachable { .. })));
    let error = backend("http://127.0.0.1:1").complete_async(&request()).await.expect_err("nobody listens");
    assert!(matches!(error, ModelError::Unreachable { .. }), "{error}");
    assert!(OpenAiBackend::new(EndpointConfig::new("file:///etc/hosts", "small")).is_err());
}

#[test]
fn a_stream_that_breaks_off_is_no_answer() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let streamed = |end: &'static str| {
        let sent = format!("data: {{\"choices\":[{{\"text\":\"half an\"}}]}}\n\n{end}");
        let server = post(move || async move { ([("content-type", "text/event-stream")], sent.clone()) });
        let url = runtime.block_on(listen(Router::new().route("/v1/completions", server)));
        let mut heard = String::new();
        let answer = backend(&url).complete_streaming(&request(), &mut |piece| {
            heard.push_str(piece);
            true
        });
        assert_eq!(heard, "half an");
        answer
    };
    let broken = streamed("").expect_err("broken off");
    assert!(broken.to_string().contains("broke off"), "{broken}");
    assert_eq!(streamed("data: [DONE]\n\n").expect("whole").text, "half an");
    let finished = "data: {\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}\n\n";
    assert_eq!(streamed(finished).expect("whole, of servers that end in this way").finish, Finish::Length);
}

#[tokio::test]
async fn the_key_is_sent_and_never_shown() {
    let config = ServeConfig { key: Some("sesame".into()), ..ServeConfig::default() };
    let url = listen(router(vec![model()], config)).await;
    let mut config = EndpointConfig::new(&url, "small");
    let error = OpenAiBackend::new(config.clone()).expect("a client").complete_async(&request()).await;
    assert!(matches!(error, Err(ModelError::Refused { status: 401, .. })));
    config.key = Some("sesame".into());
    assert!(!format!("{config:?}").contains("sesame"));
    assert!(OpenAiBackend::new(config).expect("a client").complete_async(&request()).await.is_ok());
}

/// A model that answers when it is told to.
struct Slow(Arc<AtomicBool>);

impl TextModel for Slow {
    fn name(&self) -> String {
        "slow".into()
    }

    fn id(&self) -> [u8; 32] {
        [1; 32]
    }

    fn complete(&self, _: &CompletionRequest) -> Result<Completion, ModelError> {
        while !self.0.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Completion { text: "done".into(), prompt_tokens: 0, completion_tokens: 1, finish: Finish::Stop })
    }
}

#[tokio::test]
async fn a_busy_server_says_so_instead_of_queueing_without_end() {
    let gate = Arc::new(AtomicBool::new(false));
    let config = ServeConfig { parallel: 1, waiting: 1, ..ServeConfig::default() };
    let url = listen(router(vec![Arc::new(Slow(gate.clone()))], config)).await;
    let waiting: Vec<_> = (0..2)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { backend(&url).complete_async(&request()).await })
        })
        .collect();
    // both places are taken as soon as a third request is refused
    let refused = loop {
        match tokio::time::timeout(Duration::from_millis(200), backend(&url).complete_async(&request())).await
        {
            Ok(answer) => break answer,
            Err(_) => continue,
        }
    };
    let Err(ModelError::Refused { status: 429, retry_after, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!(retry_after, Some(Duration::from_secs(1)));
    gate.store(true, Ordering::Relaxed);
    let mut answered = 0;
    for task in waiting {
        answered += usize::from(task.await.expect("no panic").is_ok());
    }
    assert!(answered >= 1);
}

#[tokio::test]
async fn the_server_refuses_bad_and_oversized_bodies() {
    let config = ServeConfig { max_body: 2000, ..ServeConfig::default() };
    let url = listen(router(vec![model()], config)).await;
    let client = reqwest::Client::new();
    let send = |body: String| {
        let request = client.post(format!("{url}/v1/completions")).header("content-type", "application/json");
        async { request.body(body).send().await.expect("an answer").status() }
    };
    assert_eq!(send("{".into()).await, 400);
    assert_eq!(send(r#"{"prompt": 5}"#.into()).await, 422);
    assert_eq!(send(json!({ "prompt": "x".repeat(3000) }).to_string()).await, 413);
    assert_eq!(send(json!({ "prompt": "x", "temperature": 9.0 }).to_string()).await, 400);
    assert_eq!(send(json!({ "prompt": "x", "max_tokens": 100_000 }).to_string()).await, 400);
    assert_eq!(send(json!({ "prompt": "let", "max_tokens": 3, "unknown": [] }).to_string()).await, 200);
}

#[test]
fn events_are_found_however_the_bytes_arrive() {
    use super::events::{Event, Events};
    let stream = ": hello\r\n\r\ndata: {\"a\":\"ö\"}\r\n\ndata:second\n\ndata: [DONE]\n\n".as_bytes();
    let expected = [Event::Data("{\"a\":\"ö\"}".into()), Event::Data("second".into()), Event::Done];
    for size in 1..stream.len() {
        let mut events = Events::default();
        let found: Vec<_> = stream.chunks(size).flat_map(|c| events.push(c).expect("a stream")).collect();
        assert_eq!(found, expected);
    }
    assert!(Events::default().push(&vec![b'x'; 2 << 20]).is_err());
}

/// `model publish --behind` registers an endpoint under this id.
#[test]
fn a_model_behind_a_server_has_the_id_of_the_registry_however_the_address_is_written() {
    for written in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/v1"] {
        let id = backend(written).id();
        assert_eq!(id, myelin_provenance::endpoint_id(b"http://127.0.0.1:8080", b"small"), "{written}");
    }
}

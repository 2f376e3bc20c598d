//! The commands of the guides that name a language model's server: it writes a validator's sentences and texts, and
//! answers for a miner.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use myelin_lm::builtin::{self, Level};
use myelin_lm::model::{CompletionRequest, TextModel};
use serde_json::{json, Value};

use super::guides::{blocks, JUDGE_OWN_WORDS, SERVE_BACKEND, WRITE};
use super::harness::serve;
use super::readme::{Home, STARTED};

/// Longest time until the miner was asked and judged, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);
/// The server on the pages.
const SERVER: &str = "http://localhost:8000/v1";
/// The miner's address on the page.
const ADDRESS: &str = "203.0.113.7";
/// A name in the texts that the model writes. It stands in so many of them that tasks keep it.
const NAME: &str = "Quokka(";
/// The words that the model puts before a sentence.
const WORDS: &str = "now then:";

/// An OpenAI-compatible server with one model, `NAME`.
///
/// It continues texts as a built-in model does. In chats it follows the instructions of `myelin validator write` by
/// rules: another wording, a comparison, a text. A built-in model could follow none.
struct Server {
    url: String,
    desk: Arc<Desk>,
}

struct Desk {
    model: Arc<dyn TextModel>,
    /// Texts to write: programs, then pages.
    texts: [Vec<String>; 2],
    /// Questions that are no instructions for writing, by path.
    asked: Mutex<Vec<(&'static str, String)>>,
}

impl Server {
    fn start() -> Self {
        let desk = Arc::new(Desk {
            model: builtin::model(Level::Late).expect("a model"),
            texts: [texts("subnets/text/src", "rs"), texts("docs/decisions", "md")],
            asked: Mutex::default(),
        });
        let routes = Router::new()
            .route(
                "/v1/models",
                get(|| async { Json(json!({ "object": "list", "data": [{ "id": "NAME" }] })) }),
            )
            .route("/v1/completions", post(complete))
            .route("/v1/chat/completions", post(chat))
            .with_state(desk.clone());
        Server { url: format!("{}/v1", serve(routes)), desk }
    }

    /// Whether a question on this path had these words.
    fn was_asked(&self, path: &str, words: &str) -> bool {
        let asked = self.desk.asked.lock().expect("no panic");
        asked.iter().any(|(on, said)| *on == path && said.contains(words))
    }
}

/// The files with this ending below a folder of the checkout, under a name of the model's own.
fn texts(folder: &str, ending: &str) -> Vec<String> {
    let (mut found, mut folders) =
        (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.extension().is_some_and(|end| end == ending) => found.push(path),
                _ => {}
            }
        }
    }
    found.sort();
    let text = |path| std::fs::read_to_string(path).expect("a text").replace("Some(", NAME);
    found.into_iter().map(text).collect()
}

type Answered = Result<Json<Value>, StatusCode>;

/// Refuses questions for another model, as servers do.
fn is_known(body: &Value) -> Result<(), StatusCode> {
    (body["model"] == "NAME").then_some(()).ok_or(StatusCode::NOT_FOUND)
}

async fn complete(State(desk): State<Arc<Desk>>, Json(body): Json<Value>) -> Answered {
    is_known(&body)?;
    let text = |field: &str| body[field].as_str().map(str::to_owned);
    let request = CompletionRequest {
        prompt: text("prompt").unwrap_or_default(),
        suffix: text("suffix"),
        max_tokens: body["max_tokens"].as_u64().and_then(|tokens| tokens.try_into().ok()).unwrap_or(16),
        temperature: body["temperature"].as_f64().unwrap_or(0.0) as f32,
        seed: body["seed"].as_u64().unwrap_or(0),
        ..CompletionRequest::default()
    };
    desk.asked.lock().expect("no panic").push(("completions", request.prompt.clone()));
    let answer = tokio::task::spawn_blocking(move || desk.model.complete(&request)).await;
    let answer = answer.expect("no panic").map_err(|_| StatusCode::BAD_REQUEST)?;
    Ok(Json(json!({ "choices": [{ "index": 0, "text": answer.text, "finish_reason": "stop" }] })))
}

async fn chat(State(desk): State<Arc<Desk>>, Json(body): Json<Value>) -> Answered {
    is_known(&body)?;
    let said = |place: usize| body["messages"][place]["content"].as_str().unwrap_or_default();
    let number = body["seed"].as_u64().unwrap_or(0) as usize;
    let answer = match said(0) {
        system if system.starts_with("You rewrite one sentence") => {
            format!("{WORDS} {}", said(1).trim_matches([',', ' ', '(', ')']))
        }
        system if system.starts_with("Do these two sentences") => "Yes.".to_owned(),
        system if system.starts_with("You write programs") => {
            let texts = &desk.texts[usize::from(said(1).contains("Markdown"))];
            format!("```\n{}```", texts[number % texts.len()])
        }
        _ => {
            desk.asked.lock().expect("no panic").push(("chat", body["messages"].to_string()));
            "42".to_owned()
        }
    };
    let message = json!({ "role": "assistant", "content": answer });
    Ok(Json(json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] })))
}

#[test]
fn a_servers_model_writes_what_a_validator_asks_and_answers_for_a_miner() {
    let server = Server::start();
    let home = Home::new();
    assert!(WRITE.contains(SERVER) && SERVE_BACKEND.contains(SERVER) && SERVE_BACKEND.contains(ADDRESS));
    let with_server = |line: &str| line.replace(SERVER, &server.url).replace(ADDRESS, "127.0.0.2");

    let written = home.ok(&format!("{}{}", home.export, with_server(WRITE)));
    let counts = written.split(" sentences").next().and_then(|line| line.split_once(" of "));
    let (reworded, all) = counts.unwrap_or_else(|| panic!("no counts: {written}"));
    assert!(reworded == all && all.parse::<usize>().is_ok_and(|all| all > 40), "{written}");
    // The command names the options that the page gives the validator.
    let (_, options) = JUDGE_OWN_WORDS.split_once("--phrases ").expect("options");
    let options = options.replace('~', &home.path().display().to_string());
    assert!(written.contains("60 texts are written") && written.contains(&options), "{options}: {written}");

    let first = &blocks(include_str!("../../../../README.md"), "sh")[0];
    let (set_up, _) = first.split_once("\nmyelin miner run").expect("a miner");
    let serving = with_server(SERVE_BACKEND);
    let judging = JUDGE_OWN_WORDS;
    let background = format!("{serving} > miner.log 2>&1 &\n{judging} > validator.log 2>&1 &");
    home.ok(&format!("trap 'jobs -p >> {STARTED}' EXIT\n{set_up}\n{background}"));
    // The tasks have the names and the sentences that the model wrote, and the miner hands them to the model. The
    // validator scores its answers, on a busy machine not those of each round.
    let is_asked = || server.was_asked("completions", NAME) && server.was_asked("chat", WORDS);
    let is_scored = || {
        let status = home.ok(&format!("{}myelin validator status --json", home.export));
        let status: Value = serde_json::from_str(&status).expect("JSON");
        status[0]["last_round"]["answers"]["scored"].as_u64().is_some_and(|scored| scored > 0)
    };
    let deadline = Instant::now() + PATIENCE;
    while !(is_asked() && is_scored()) {
        assert!(Instant::now() < deadline, "no such task was asked and judged\n{}", home.logs());
        std::thread::sleep(Duration::from_millis(200));
    }
}

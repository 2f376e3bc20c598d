//! Miners in front of image servers. The servers here are stand-ins, written from the documentation of the OpenAI
//! images interface and of ComfyUI; they draw with the renderer.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    extract::{Path, RawQuery, State},
    http::StatusCode,
    routing::{get, post},
    Json, Router,
};
use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_imaging::{
    backend::Backend,
    describe::parse,
    endpoint::EndpointBackend,
    protocol::{PaintRequest, PaintResponse},
    provenance::Provenance,
    ImagingHidden, ImagingRequest, ImagingResponse,
};
use myelin_lm::openai::EndpointConfig;
use myelin_subnet::{Answer, AnswerContext, AnswerError, Challenge, MinerRef, Subnet};
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Seed,
};
use serde_json::{json, Value};

/// A larger picture of what a prompt says, as an image server would send it.
fn drawn(prompt: &str, seed: u64, width: usize) -> Vec<u8> {
    let seed = Seed([seed as u8; 32]);
    parse(prompt).plan(&seed).draw(&seed, width).unwrap().to_png().unwrap()
}

/// `POST /v1/images/generations`. The model `strict` refuses fields that some servers do not know.
async fn generations(Json(body): Json<Value>) -> Result<Json<Value>, (StatusCode, Json<Value>)> {
    let refused =
        |message: &str| Err((StatusCode::BAD_REQUEST, Json(json!({ "error": { "message": message } }))));
    let strict = body["model"] == "strict";
    if strict && !(body["seed"].is_null() && body["response_format"].is_null()) {
        return refused("Unknown parameter: 'seed'.");
    }
    let size = body["size"].as_str().unwrap().split_once('x').unwrap().0.parse().unwrap();
    let picture = drawn(body["prompt"].as_str().unwrap(), body["seed"].as_u64().unwrap_or(1), size);
    let data = match body["model"] == "linker" {
        true => json!({ "url": "http://169.254.0.1/picture.png" }),
        false => json!({ "b64_json": STANDARD.encode(picture) }),
    };
    Ok(Json(json!({ "created": 1, "data": [data] })))
}

type Prompts = Arc<std::sync::Mutex<HashMap<String, Value>>>;

/// `POST /prompt`: queues a workflow.
async fn prompt(State(prompts): State<Prompts>, Json(body): Json<Value>) -> Json<Value> {
    let mut prompts = prompts.lock().unwrap();
    let id = format!("a-{}", prompts.len());
    prompts.insert(id.clone(), body["prompt"].clone());
    Json(json!({ "prompt_id": id, "number": 1, "node_errors": {} }))
}

/// `GET /history/ID`: the outputs of a finished workflow, by node.
async fn history(State(prompts): State<Prompts>, Path(id): Path<String>) -> Json<Value> {
    if !prompts.lock().unwrap().contains_key(&id) {
        return Json(json!({}));
    }
    let image = json!({ "filename": format!("{id} 1.png"), "subfolder": "x/y", "type": "output" });
    Json(
        json!({ (id): { "outputs": { "9": { "images": [image] } }, "status": { "status_str": "success" } } }),
    )
}

/// `GET /view?filename=…`: a file.
async fn view(State(prompts): State<Prompts>, RawQuery(query): RawQuery) -> Vec<u8> {
    let query = query.unwrap();
    let name = query.strip_suffix("&subfolder=x%2Fy&type=output").unwrap();
    let id = name.strip_prefix("filename=").unwrap().strip_suffix("%201.png").unwrap();
    let workflow = prompts.lock().unwrap()[id].clone();
    let text = workflow["6"]["inputs"]["text"].as_str().unwrap();
    let width = workflow["5"]["inputs"]["width"].as_u64().unwrap() as usize;
    drawn(text, workflow["3"]["inputs"]["seed"].as_u64().unwrap(), width)
}

async fn served() -> String {
    let comfy = Router::new()
        .route("/prompt", post(prompt))
        .route("/history/{id}", get(history))
        .route("/view", get(view))
        .with_state(Prompts::default());
    let router = Router::new().route("/v1/images/generations", post(generations)).merge(comfy);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn request() -> PaintRequest {
    let description = "Two large green triangles on a pale blue background.".into();
    PaintRequest { description, width: 96, height: 96, seed: 5, n: 2 }
}

async fn asked(backend: EndpointBackend) -> Result<PaintResponse, AnswerError> {
    let ask = move || {
        let time_left = Duration::from_secs(60);
        let context = AnswerContext { asker: None, permitted: true, challenge: None, time_left };
        backend.answer(&context, &request())
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

/// The score's parts for an answer, by a validator without a secret.
fn parts(answer: PaintResponse) -> Vec<u32> {
    let wanted = parse(&request().description);
    let hidden = ImagingHidden::Scene(myelin_imaging::task::Hidden { wanted, rerun: None });
    let challenge = Challenge { request: ImagingRequest::Paint(request()), hidden };
    let miner = MinerRef { uid: 0, hotkey: [1; 32] };
    let answer =
        Answer { miner, response: ImagingResponse::Painted(answer), latency: LatencyBucket::of_ms(500) };
    let judgement = crate::validator().score(&challenge, &[answer], &mut None).remove(0);
    assert_eq!(judgement.reason, Reason::Scored, "{}", judgement.note);
    judgement.parts.iter().map(|part| part.get()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn image_servers_paint_and_their_larger_pictures_are_judged() {
    let url = served().await;
    let openai = |model: &str| EndpointBackend::openai(EndpointConfig::new(&url, model)).unwrap();
    let answer = asked(openai("painter")).await.unwrap();
    let file = answer.files().unwrap().remove(0);
    assert_eq!(Provenance::read(&file).unwrap().maker, "painter");
    let found = parts(answer);
    assert!(found.iter().all(|part| *part > 600_000), "{found:?}");
    assert!(asked(openai("strict")).await.is_ok());
    let refused = asked(openai("linker")).await.unwrap_err().to_string();
    assert!(refused.contains("addresses of pictures are not opened"), "{refused}");

    let workflow = json!({
        "3": { "class_type": "KSampler", "inputs": { "seed": "{seed}", "steps": 20 } },
        "5": { "class_type": "EmptyLatentImage", "inputs": { "width": "{width}", "height": "{height}" } },
        "6": { "class_type": "CLIPTextEncode", "inputs": { "text": "{prompt}" } },
    });
    let comfy = EndpointBackend::comfy(EndpointConfig::new(&url, "flow"), workflow).unwrap();
    let answer = asked(comfy).await.unwrap();
    assert_eq!(answer.pictures.len(), 2);
    let found = parts(answer);
    assert!(found.iter().all(|part| *part > 600_000), "{found:?}");
}

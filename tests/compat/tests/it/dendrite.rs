//! Our dendrite, asking the official axon.

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use myelin_compat::table::Part;
use myelin_neuron::dendrite::{Answer, Authenticity, Challenge, Dendrite, Query, Target};
use serde_json::{json, Value};
use tokio::runtime::Runtime;

use super::axon::{official_axon, ODD_VALUES};
use super::battery::PROTECTED;
use super::dev::key;
use super::peer::Peer;
use super::Shown;

fn target(uri: &str, port: u16) -> Target {
    let hotkey = key(uri).public();
    Target::new(hotkey, SocketAddr::from(([127, 0, 0, 1], port)))
}

fn bare(synapse: &str) -> Query {
    Query::new::<&str>(synapse, "{}", &[]).expect("a query")
}

#[test]
fn official_axons_answer_our_dendrite() {
    let mut shown = Shown::of(Part::Dendrite);
    let folder = tempfile::tempdir().expect("a folder");
    let mut peer = Peer::neuron(folder.path());
    let port = official_axon(&mut peer);
    let runtime = Runtime::new().expect("a runtime");
    let dendrite = Dendrite::new(Arc::new(key("//Alice")));
    let bob = target("//Bob", port);
    let ask = |target: Target, query: &Query| -> Answer { runtime.block_on(dendrite.query(target, query)) };

    let body = format!(r#"{{"text":"é😀'\"\\","number":3,"items":{ODD_VALUES},"answer":null}}"#);
    let unnamed = Query::new("Echo", body.clone(), &PROTECTED).expect("a query");
    let query = unnamed.clone().required(&["text"]).expect("a field");
    let challenge = Challenge { id: [1; 32], genesis_hash: [7; 32], netuid: 2 };
    let answer = ask(bob, &query.clone().challenge(challenge));
    assert!(answer.is_success(), "{answer:?}");
    let fields: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(fields["answer"], "echo: é😀'\"\\");
    assert_eq!(answer.authenticity, Authenticity::Unsigned, "official axons do not sign");
    assert!(answer.process_time.is_some());
    shown.row("a request is answered; body hashes as above");

    let refused = ask(bob, &unnamed);
    assert_eq!(refused.status.code, 500, "{refused:?}");
    shown.row("fields that a class requires are named with the query (else 500)");

    assert!(ask(bob, &bare("Synapse")).is_success());
    shown.row("the ping `/Synapse`");

    for (target, query, status, words) in [
        (bob, bare("Nothing"), 404, "Synapse name 'Nothing' not found."),
        (bob, bare("Locked"), 403, "Forbidden. Key is blacklisted: nobody may."),
        (target("//Eve", port), query.clone(), 401, "Not Verified with error: Signature mismatch"),
        (bob, bare("Broken"), 500, "Internal Server Error #"),
    ] {
        let status_seen = ask(target, &query).status;
        assert_eq!(status_seen.code, status, "{status_seen}");
        assert!(status_seen.message.starts_with(words), "{status_seen}");
    }
    shown.row("unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)");

    // The official dendrite's own words for the same.
    let mut official = |request: Value| peer.get(request)[0]["dendrite"].take();
    let late = ask(bob, &bare("Nap").timeout(Duration::from_millis(500))).status;
    let theirs = official(json!({ "do": "ask", "synapse": "Nap", "port": port, "timeout": 0.5 }));
    assert_eq!(
        (json!(late.code), json!(late.message)),
        (theirs["status_code"].clone(), theirs["status_message"].clone())
    );
    assert_eq!(late.code, 408);
    let nobody = ask(target("//Bob", 1), &bare("Synapse")).status;
    let theirs = official(json!({ "do": "ask", "synapse": "Synapse", "port": 1 }));
    assert_eq!(
        (json!(nobody.code), json!(nobody.message)),
        (theirs["status_code"].clone(), theirs["status_message"].clone())
    );
    assert_eq!(nobody.code, 503);
    shown.row("too late (408) and nobody there (503), with the official words");

    // The official nonce rule refuses requests of one dendrite that overtake each other; lanes must not.
    let many = (0..200).map(|_| (bob, query.clone().timeout(Duration::from_secs(60))));
    let refused = dendrite.query_all(many, 32).filter(|(_, answer)| ready(!answer.is_success()));
    let refused: Vec<_> = runtime.block_on(refused.collect());
    assert!(refused.is_empty(), "{refused:?}");
    shown.row("200 requests, 32 at a time, without a refusal");

    let text = runtime.block_on(async {
        let mut stream = dendrite.stream(bob, &bare("Tell")).await.expect("a stream");
        let mut text = String::new();
        while let Some(chunk) = stream.next().await {
            text += std::str::from_utf8(&chunk.expect("a chunk")).expect("a text");
        }
        text
    });
    assert_eq!(text, "one two three");
    shown.row("a streamed answer");
    shown.everything();
}

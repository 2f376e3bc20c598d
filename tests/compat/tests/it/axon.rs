//! Our axon: its answers to official dendrites, and its replies to requests with one fault, compared with the official
//! axon.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use myelin_compat::table::Part;
use myelin_neuron::axon::{
    Admission, Axon, Call, Caller, Gate, HandlerError, Reply as Answer, Route, RunningAxon,
};
use myelin_wire::v10::header;
use serde_json::{json, Map, Value};
use tokio::runtime::Runtime;

use super::battery::{now, Letter, Reply, PROTECTED};
use super::dev::{address, key};
use super::peer::Peer;
use super::Shown;

const SECOND: u64 = 1_000_000_000;

/// //Bob's axon with the synapses of `peers/neuron.py`, and the threads that run it.
pub struct Ours {
    _runtime: Runtime,
    axon: RunningAxon,
}

impl Ours {
    pub fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let bob = Arc::new(key("//Bob"));
        let same = |call: Call| async move { Ok(Answer::json(call.body)) };
        let axon = Axon::new(bob, AllButLocked)
            .route(Route::new("Echo", echo).protect(PROTECTED))
            .route(Route::new("Locked", same))
            .route(Route::new("Nap", |call: Call| async move {
                tokio::time::sleep(Duration::from_millis(800)).await;
                Ok(Answer::json(call.body))
            }))
            .route(Route::new("Broken", |_: Call| async { Err(HandlerError::internal("on purpose")) }))
            .route(Route::new("Tell", |_: Call| async { Ok(Answer::stream(words())) }));
        let axon = runtime.block_on(axon.bind("127.0.0.1:0".parse().expect("an address"))).expect("bound");
        Ours { _runtime: runtime, axon }
    }

    pub fn port(&self) -> u16 {
        self.axon.address().port()
    }
}

struct AllButLocked;

impl Gate for AllButLocked {
    fn admit(&self, _: &Caller, synapse: &str) -> Admission {
        match synapse {
            "Locked" => Admission::Refused("nobody may".into()),
            _ => Admission::Admitted,
        }
    }
}

/// Answers with its own fields alone; the axon adds the rest.
async fn echo(call: Call) -> Result<Answer, HandlerError> {
    let fields: Map<String, Value> =
        serde_json::from_slice(&call.body).map_err(|error| HandlerError::bad_request(error.to_string()))?;
    let text = fields["text"].as_str().unwrap_or_default();
    Ok(Answer::json(json!({ "text": text, "answer": format!("echo: {text}") }).to_string()))
}

fn words() -> impl futures::Stream<Item = Result<bytes::Bytes, HandlerError>> {
    futures::stream::iter(["one ", "two ", "three"]).then(|word| async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        Ok(bytes::Bytes::from(word))
    })
}

/// Starts //Bob's official axon; returns its port.
pub fn official_axon(peer: &mut Peer) -> u16 {
    // Another program may take the port in between; then starting fails, and with it the test.
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    peer.get(json!({ "do": "axon", "uri": "//Bob", "port": port }));
    port
}

/// Values whose Python text is not their JSON text.
pub const ODD_VALUES: &str = r#"["it's", 1.0, 1e-05, 1e16, 123456789012345678901234567890, null, true, {"k": "say \"x\""}, "é\u200b😀"]"#;

#[test]
fn official_dendrites_are_served_as_by_the_official_axon() {
    let mut shown = Shown::of(Part::Axon);
    let folder = tempfile::tempdir().expect("a folder");
    let mut peer = Peer::neuron(folder.path());
    let axon = Ours::start();
    let (theirs, ours) = (official_axon(&mut peer), axon.port());

    dendrites(&mut shown, &mut peer, theirs, ours);
    letters(&mut shown, theirs, ours);
    shown.everything();
}

/// Answers that the official dendrite gets.
fn dendrites(shown: &mut Shown, peer: &mut Peer, theirs: u16, ours: u16) {
    let mut ask = |port: u16, synapse: &str, more: Value| {
        let mut request = json!({ "do": "ask", "synapse": synapse, "port": port });
        request.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        peer.get(request)
    };
    let code = |answer: &Value| answer["dendrite"]["status_code"].as_u64().expect("a number");
    let said = |answer: &Value| answer["dendrite"]["status_message"].as_str().expect("a text").to_owned();

    let answer = ask(ours, "Echo", json!({ "fields": { "text": "hello", "number": 3 } }))[0].take();
    assert_eq!((code(&answer), said(&answer)), (200, "Success".into()), "{answer}");
    assert_eq!((&answer["answer"], &answer["axon"]["status_code"]), (&json!("echo: hello"), &json!(200)));
    assert!(answer["axon"]["process_time"].is_f64(), "{answer}");
    shown.row("a signed request is answered; the answer's fields and headers are read");
    both_sides(&answer, ours);
    let official = ask(theirs, "Echo", json!({ "fields": { "text": "hello", "number": 3 } }))[0].take();
    both_sides(&official, theirs);
    assert_eq!(
        ["dendrite", "axon"].map(|side| names(&answer[side])),
        ["dendrite", "axon"].map(|side| names(&official[side]))
    );
    shown.row("who answered whom: hotkey, address and uuid of both sides in the answer");

    // As text, because a `Value` cannot hold big integers.
    let odd = format!(r#"{{"text":"é😀'\"\\","items":{ODD_VALUES}}}"#);
    let answer = ask(ours, "Echo", json!({ "fields": odd }))[0].take();
    assert_eq!(code(&answer), 200, "{answer}");
    shown.row("body hashes over texts, floats, big integers, lists and dictionaries");

    assert_eq!(code(&ask(ours, "Synapse", Value::Null)[0]), 200);
    shown.row("the ping `/Synapse`");

    let stranger = json!({ "fields": { "text": "x" }, "axon": "//Eve" });
    for (synapse, more, status, words) in [
        ("Nothing", Value::Null, 404, "Synapse name 'Nothing' not found. Available synapses ['"),
        ("Locked", Value::Null, 403, "Forbidden. Key is blacklisted: nobody may."),
        ("Echo", stranger, 401, "Not Verified with error: Signature mismatch with "),
        ("Broken", Value::Null, 500, "Internal Server Error #"),
    ] {
        for port in [theirs, ours] {
            let answer = ask(port, synapse, more.clone())[0].take();
            assert_eq!(code(&answer), status, "{answer}");
            assert!(said(&answer).starts_with(words), "{answer}");
        }
    }
    shown.row("unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)");

    for port in [theirs, ours] {
        let answer = ask(port, "Synapse", json!({ "crypto_type": 0 }))[0].take();
        assert_eq!(code(&answer), 401, "{answer}");
        assert!(said(&answer).starts_with("Not Verified with error: "), "{answer}");
    }
    shown.row("a dendrite with an ed25519 hotkey (401)");

    let many = ask(ours, "Echo", json!({ "fields": { "text": "x" }, "times": 8, "timeout": 20.0 }));
    let codes = many.as_array().expect("a list").iter().map(code);
    assert_eq!(codes.collect::<Vec<_>>(), [200; 8]);

    let long = json!({ "fields": { "text": "x".repeat(1_100_000) } });
    assert_eq!(code(&ask(theirs, "Echo", long.clone())[0]), 200);
    assert_eq!(code(&ask(ours, "Echo", long)[0]), 413);
    shown.row("a body of more than 1 MiB");

    let all = peer.get(json!({ "do": "forward", "port": ours, "number": 4 }));
    let answers = all.as_array().expect("a list").iter().map(|answer| answer["answer"].clone());
    assert_eq!(answers.collect::<Vec<_>>(), vec![json!("echo: all"); 4]);
    shown.row("`Dendrite.forward` to several axons, several dendrites at once");

    for port in [theirs, ours] {
        let stream = peer.get(json!({ "do": "stream", "port": port }));
        let pieces: Vec<&str> =
            stream["pieces"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
        assert_eq!(pieces.concat(), "one two three");
        assert!(pieces.len() > 1, "nothing came before the end");
        assert_eq!(stream["axon"]["status_code"], 200);
        both_sides(&stream, port);
    }
    shown.row("a streamed answer, piece by piece; headers say the rest");
}

/// //Alice knows sender and receiver from the answer of //Bob at this port.
fn both_sides(answer: &Value, port: u16) {
    let (dendrite, axon) = (&answer["dendrite"], &answer["axon"]);
    assert_eq!(dendrite["hotkey"], address("//Alice"), "{answer}");
    assert_eq!(
        (&dendrite["ip"], &dendrite["uuid"]),
        (&json!("203.0.113.1"), &answer["asked_by"]),
        "{answer}"
    );
    assert!(dendrite["nonce"].is_u64() && dendrite["signature"].is_string(), "{answer}");
    assert_eq!(axon["hotkey"], address("//Bob"), "{answer}");
    assert_eq!((&axon["ip"], &axon["port"]), (&json!("127.0.0.1"), &json!(port)), "{answer}");
}

/// The names of an object's members.
fn names(object: &Value) -> BTreeSet<&String> {
    object.as_object().expect("an object").keys().collect()
}

/// Replies of both axons to correct requests and to requests with one fault.
fn letters(shown: &mut Shown, theirs: u16, ours: u16) {
    let both = |letter: &Letter| [letter.send(theirs), letter.send(ours)];
    let same = |letter: Letter, status: u16, words: &str| {
        for reply in both(&letter) {
            assert_eq!(reply.status, status, "{reply:?}");
            assert!(reply.message().starts_with(words), "{reply:?}");
        }
    };
    // The official status and ours.
    let statuses = |letter: Letter| both(&letter).map(|reply| reply.status);

    let [official, own] = both(&Letter::default());
    assert_eq!((official.status, own.status), (200, 200));
    assert_eq!(own.body["answer"], "echo: hey");
    for name in [header::NAME, header::BODY_HASH, header::AXON_STATUS_CODE] {
        assert_eq!(official.headers.get(name), own.headers.get(name), "{name}");
    }
    assert_eq!(own.headers[header::AXON_STATUS_MESSAGE], official.headers[header::AXON_STATUS_MESSAGE]);
    let names = |reply: &Reply| reply.headers.keys().cloned().collect::<BTreeSet<_>>();
    let missing = |official: &Reply, own: &Reply| -> Vec<String> {
        names(official).difference(&names(own)).cloned().collect()
    };
    let unread = ["bt_header_input_obj_text", "header_size", "server"];
    assert_eq!(missing(&official, &own), unread, "what no client looks at");

    let body = r#"{"text":"hey","number":0,"items":[],
        "dendrite":{"status_code":null,"ip":"203.0.113.1","port":5,"version":10005000,"nonce":7,
                    "uuid":"u","hotkey":"5A","signature":"0x1"},
        "axon":{"process_time":null,"ip":"127.0.0.1","port":8091,"version":1,"nonce":8,
                "uuid":"a","hotkey":"5B","signature":"0x2"}}"#;
    let [official, own] = both(&Letter { body: body.into(), ..Letter::default() });
    assert_eq!((official.status, own.status), (200, 200));
    assert_eq!(missing(&official, &own), unread);
    let sides = |reply: &Reply| {
        let mut headers = reply.headers.clone();
        headers.retain(|name, _| name.starts_with("bt_header_") && !unread.contains(&name.as_str()));
        headers.remove(header::AXON_PROCESS_TIME);
        headers
    };
    assert_eq!(sides(&official).len(), 16);
    assert_eq!(sides(&official), sides(&own));
    shown.row("headers of an answer");

    same(Letter { upper_case: true, ..Letter::default() }, 200, "");
    same(Letter { method: "GET", ..Letter::default() }, 200, "");
    shown.row("the least request that is accepted, header names in any case, GET with a body");
    same(Letter { nonce: now() + 30 * SECOND, ..Letter::default() }, 200, "");
    shown.row("a nonce less than a minute ahead of the clock passes");

    let refused =
        |letter: Letter, words: &str| same(letter, 401, &format!("Not Verified with error: {words}"));
    refused(Letter { without: &[header::DENDRITE_NONCE], ..Letter::default() }, "Missing Nonce");
    refused(Letter { without: &[header::DENDRITE_SIGNATURE], ..Letter::default() }, "Missing Signature");
    refused(Letter { receiver: "//Eve", ..Letter::default() }, "Signature mismatch with ");
    let other = Letter { instead: &[(header::DENDRITE_UUID, "another")], ..Letter::default() };
    refused(other, "Signature mismatch with ");
    let old = Letter { nonce: now() - 10 * SECOND, ..Letter::default() };
    refused(old, "Nonce is too old: acceptable delta is 9.00 seconds but request was ");
    let letter = Letter::default();
    both(&letter);
    refused(letter, "Nonce is too old, a newer one was last processed");
    shown.row("missing nonce, missing signature, wrong signature, replayed, too old at first sight (401)");

    let unreadable = Letter { instead: &[(header::DENDRITE_NONCE, "soon")], ..Letter::default() };
    assert_eq!(statuses(unreadable), [500, 400]);
    shown.row("headers that cannot be read");

    let changed = Letter { body_hash: Some("00".repeat(32)), ..Letter::default() };
    let [official, own] = both(&changed);
    assert_eq!((official.status, own.status), (500, 500));
    assert!(official.message().starts_with("Internal Server Error #"), "{official:?}");
    assert!(own.message().starts_with("Hash mismatch between header body hash 0000"), "{own:?}");
    assert!(official.headers.contains_key(header::AXON_SIGNATURE));
    assert!(!own.headers.contains_key(header::AXON_SIGNATURE));
    shown.row("a body that is not what was signed (500)");
    shown.row("signed headers of a refusal");

    let nonsense = Letter { body: "nonsense".into(), body_hash: Some(String::new()), ..Letter::default() };
    assert_eq!(statuses(nonsense), [422, 400]);
    shown.row("a body that is no JSON");
    let lacking = Letter { body: r#"{"text":"hey"}"#.into(), body_hash: letter_hash(), ..Letter::default() };
    assert_eq!(statuses(lacking), [200, 400]);
    shown.row("a body without a field that the signature covers");
    let captured = Letter { nonce: now() - 100 * SECOND, timeout: "1000.0", ..Letter::default() };
    assert_eq!(statuses(captured), [200, 401]);
    shown.row("an old request that asks for a long timeout");
    let captured = Letter { nonce: now() - 100 * SECOND, version: 7_001_000, ..Letter::default() };
    assert_eq!(statuses(captured), [200, 401]);
    shown.row("an old request of a client that says it is older than 7.2");
    let ahead = Letter { nonce: now() + 3_600 * SECOND, ..Letter::default() };
    assert_eq!(statuses(ahead), [200, 401]);
    shown.row("a nonce more than a minute ahead of the clock");
    let nap =
        Letter { synapse: "Nap", body: "{}".into(), protected: &[], timeout: "0.5", ..Letter::default() };
    assert_eq!(statuses(nap), [200, 408]);
    shown.row("a handler that takes longer than the sender waits");
}

/// The hash of the usual body.
fn letter_hash() -> Option<String> {
    let body = Letter::default().body;
    myelin_wire::body_hash::body_hash(body.as_bytes(), &PROTECTED).ok()
}

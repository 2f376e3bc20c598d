//! Signed requests of the newer SDK, both ways.

use myelin_compat::table::Part;
use myelin_wire::btauth::SignedRequest;
use serde_json::{json, Value};

use super::axon::Ours;
use super::battery::{now, post};
use super::dev::{address, key};
use super::peer::Peer;
use super::Shown;

const PATH: &str = "/Echo?stream=false";
const BODY: &str = r#"{"text":"hello","number":3,"items":[]}"#;
const SECOND: u64 = 1_000_000_000;

#[test]
fn signed_requests_are_understood_on_both_sides() {
    let mut shown = Shown::of(Part::BtAuth);
    let mut peer = Peer::btauth();
    let axon = Ours::start();
    let send = |headers: &Value, path: &str, body: &str| {
        let lines = headers.as_object().expect("an object").iter();
        let lines: String =
            lines.map(|(name, value)| format!("{name}: {}\r\n", value.as_str().expect("a text"))).collect();
        post(axon.port(), "POST", path, &lines, body)
    };
    let mut sign = |receiver: &str, more: Value| {
        let mut request = json!({ "do": "sign", "path": PATH, "body": BODY, "receiver": address(receiver) });
        request.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        peer.get(request)
    };

    let headers = sign("//Bob", Value::Null);
    let reply = send(&headers, PATH, BODY);
    assert_eq!((reply.status, &reply.body["answer"]), (200, &json!("echo: hello")), "{reply:?}");
    shown.row("a request signed there is answered by our axon");

    let refused = |headers: &Value, path: &str, body: &str, words: &str| {
        let reply = send(headers, path, body);
        assert_eq!(reply.status, 401, "{reply:?}");
        assert!(reply.message().contains(words), "{reply:?}");
    };
    refused(&headers, PATH, BODY, "already received");
    refused(&sign("//Eve", Value::Null), PATH, BODY, "another receiver");
    refused(&sign("//Bob", json!({ "nonce": now() - 11 * SECOND })), PATH, BODY, "stale");
    refused(&sign("//Bob", json!({ "nonce": now() + 60 * SECOND })), PATH, BODY, "stale");
    refused(&sign("//Bob", Value::Null), PATH, &BODY.replace("hello", "other"), "does not fit");
    refused(&sign("//Bob", Value::Null), "/Echo?stream=true", BODY, "does not fit");
    shown.row("replayed, stale, ahead of time, for another receiver, other body or path: 401");

    let ed25519 = || json!({ "crypto_type": 0 });
    let headers = sign("//Bob", ed25519());
    assert_eq!(headers["X-Bittensor-Crypto"], "ed25519");
    let reply = send(&headers, PATH, BODY);
    assert_eq!((reply.status, &reply.body["answer"]), (200, &json!("echo: hello")), "{reply:?}");
    refused(&headers, PATH, BODY, "already received");
    refused(&sign("//Bob", ed25519()), PATH, &BODY.replace("hello", "other"), "does not fit");
    // Under another scheme, or in the name of another account.
    let mut undeclared = sign("//Bob", ed25519());
    undeclared["X-Bittensor-Crypto"] = "sr25519".into();
    refused(&undeclared, PATH, BODY, "does not fit");
    let mut other = sign("//Bob", ed25519());
    other["X-Bittensor-Hotkey"] = address("//Alice").into();
    refused(&other, PATH, BODY, "does not fit");
    let mut unknown = sign("//Bob", ed25519());
    unknown["X-Bittensor-Crypto"] = "ecdsa".into();
    let reply = send(&unknown, PATH, BODY);
    assert_eq!(reply.status, 400, "{reply:?}");
    assert!(reply.message().contains("x-bittensor-crypto"), "{reply:?}");
    shown.row("a request of an ed25519 hotkey, verified under the scheme that it declares alone");

    let alice = key("//Alice");
    let ours = |receiver: &str| {
        let receiver = key(receiver).public();
        let request = SignedRequest::new("POST", PATH, BODY.as_bytes());
        let headers = request.sign(&alice, &receiver, now());
        Value::Object(headers.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect())
    };
    let mut verify = |headers: &Value, body: &str| {
        peer.ask(json!({ "do": "verify", "headers": headers, "path": PATH, "body": body, "receiver": address("//Bob") }))
    };
    let headers = ours("//Bob");
    assert_eq!(verify(&headers, BODY), Ok(json!(alice.address())));
    let mut refused = |headers: &Value, body: &str, error: &str| {
        let said = verify(headers, body).expect_err("refused");
        assert!(said.starts_with(error), "{said}");
    };
    refused(&headers, BODY, "ReplayedRequest");
    refused(&ours("//Eve"), BODY, "WrongReceiver");
    refused(&ours("//Bob"), &BODY.replace("hello", "other"), "BadSignature");
    shown.row("a request signed here is verified there; replayed, other receiver, other body: refused");
    shown.everything();
}

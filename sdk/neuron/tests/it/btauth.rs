//! Requests signed with `btauth/1` on the same port.

use std::collections::BTreeMap;

use myelin_neuron::axon::RunningAxon;
use myelin_wire::btauth::{header, SignedRequest};

use super::situation::*;

const BODY: &[u8] = br#"{"data":"x"}"#;

fn request(path: &str, body: &[u8], receiver: &[u8; 32], nonce: u64) -> Raw {
    let signed = SignedRequest { method: "POST", path, body }.sign(&alice(), receiver, nonce);
    let headers: BTreeMap<_, _> = signed.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Raw { method: "POST", path: path.into(), headers, body: body.to_vec() }
}

/// A request of Alice to Bob, signed now.
pub fn signed(path: &str, body: &[u8]) -> Raw {
    request(path, body, &bob().public(), now_ns())
}

fn fresh(path: &str) -> Raw {
    signed(path, BODY)
}

async fn served() -> RunningAxon {
    serve(axon()).await
}

#[tokio::test]
async fn a_signed_request_is_answered_once() {
    let axon = served().await;
    let request = fresh("/Echo?stream=false");
    request.send(&axon).await.assert(200, r#"{"data":"x"}"#);
    request.send(&axon).await.assert(401, "the request was already received");
    fresh("/Echo").send(&axon).await.assert(200, "");
    assert_serves(&axon).await;
}

#[tokio::test]
async fn malformed_misdirected_stale_and_changed_requests_are_refused() {
    let axon = served().await;
    fresh("/Echo").set(header::VERSION, "2").send(&axon).await.assert(400, "x-bittensor-version");
    fresh("/Echo").set(header::HOTKEY, "5x").send(&axon).await.assert(400, "x-bittensor-hotkey");
    fresh("/Echo").set(header::NONCE, "1e9").send(&axon).await.assert(400, "x-bittensor-nonce");
    fresh("/Echo").set(header::CRYPTO, "rsa").send(&axon).await.assert(400, "x-bittensor-crypto");
    fresh("/Echo").without(header::SIGNATURE).send(&axon).await.assert(400, "x-bittensor-signature");
    let elsewhere = request("/Echo", BODY, &alice().public(), now_ns());
    elsewhere.send(&axon).await.assert(401, "another receiver");
    let old = request("/Echo", BODY, &bob().public(), now_ns() - 20_000_000_000);
    old.send(&axon).await.assert(401, "stale");
    let ahead = request("/Echo", BODY, &bob().public(), now_ns() + 20_000_000_000);
    ahead.send(&axon).await.assert(401, "stale");
    fresh("/Echo").body(r#"{"data":"y"}"#).send(&axon).await.assert(401, "does not fit");
    fresh("/Echo").to("/Echo?a=b").send(&axon).await.assert(401, "does not fit");
    fresh("/Nothing").send(&axon).await.assert(404, "");
    assert_serves(&axon).await;
}

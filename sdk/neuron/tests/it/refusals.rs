//! Requests that an axon refuses, in the official order, with the official status.

use myelin_neuron::{
    axon::{Admission, AllowList, Caller, Gate},
    Clock,
};
use myelin_wire::{answer::CHALLENGE_HEADER, v10::header};

use super::situation::*;

#[tokio::test]
async fn a_correct_request_is_answered_with_the_official_headers() {
    let axon = serve(axon()).await;
    let answer = Raw::echo("hello").send(&axon).await;
    answer.assert(200, "hello");
    for line in [
        "name: Echo\r\n",
        "timeout: 12.0\r\n",
        "bt_header_axon_status_code: 200\r\n",
        "bt_header_axon_status_message: Success\r\n",
        "bt_header_axon_process_time: 0.",
        "computed_body_hash: ",
        "content-type: application/json\r\n",
    ] {
        answer.assert(200, line);
    }
    assert_eq!(axon.metrics().success, 1);
}

#[tokio::test]
async fn the_minimal_official_request_and_get_with_a_body_are_accepted() {
    let axon = serve(axon()).await;
    let minimal = Raw::echo("x").without("content-type");
    minimal.send(&axon).await.assert(200, "");
    let mut get = Raw::echo("x");
    get.method = "GET";
    get.send(&axon).await.assert(200, "");
    let mut put = Raw::echo("x");
    put.method = "PUT";
    put.send(&axon).await.assert(405, "");
    let mut upper = Raw::echo("x");
    upper.headers = upper.headers.into_iter().map(|(name, value)| (name.to_uppercase(), value)).collect();
    upper.send(&axon).await.assert(200, "");
    assert_serves(&axon).await;
}

#[tokio::test]
async fn every_axon_answers_the_official_ping() {
    let axon = serve(axon()).await;
    let ping = Raw::echo("x")
        .to("/Synapse")
        .set(header::BODY_HASH, EMPTY_HASH)
        .signed_at(now_ns(), &bob().address());
    ping.body("{}").send(&axon).await.assert(200, "{}");
}

/// The body hash without protected fields.
const EMPTY_HASH: &str = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a";

#[tokio::test]
async fn unknown_synapses_are_not_found_before_anything_else_is_looked_at() {
    let axon = serve(axon()).await;
    let unknown = Raw::echo("x").to("/Nothing").set(header::DENDRITE_NONCE, "unreadable");
    unknown.send(&axon).await.assert(404, "Synapse name 'Nothing' not found. Available synapses ['Echo'");
    Raw::echo("x").to("/").send(&axon).await.assert(404, "");
    Raw::echo("x").to(&format!("/{}", "n".repeat(2_000))).send(&axon).await.assert(404, "");
    assert_serves(&axon).await;
}

#[tokio::test]
async fn unreadable_headers_are_bad_requests() {
    let axon = serve(axon()).await;
    for (name, value) in [
        (header::DENDRITE_NONCE, "tomorrow"),
        (header::DENDRITE_NONCE, "99999999999999999999999"),
        (header::TIMEOUT, "-1"),
        (header::TIMEOUT, "NaN"),
        (header::DENDRITE_VERSION, "10.5.0"),
        (CHALLENGE_HEADER, "12ab"),
    ] {
        Raw::echo("x").set(name, value).send(&axon).await.assert(400, "Improperly formatted request");
    }
    let long = "u".repeat(65);
    Raw::echo("x").set(header::DENDRITE_UUID, &long).send(&axon).await.assert(400, "");
    assert_serves(&axon).await;
}

struct NobodyButBob;

impl Gate for NobodyButBob {
    fn admit(&self, caller: &Caller, synapse: &str) -> Admission {
        assert_eq!(synapse, "Echo");
        if caller.hotkey == bob().public() {
            Admission::Admitted
        } else {
            Admission::Refused("not Bob".into())
        }
    }
}

#[tokio::test]
async fn the_gate_decides_before_the_signature_is_verified() {
    let axon = serve(axon_for(NobodyButBob)).await;
    let text = "Forbidden. Key is blacklisted: not Bob.";
    Raw::echo("x").send(&axon).await.assert(403, text);
    Raw::echo("x").without(header::DENDRITE_SIGNATURE).send(&axon).await.assert(403, text);
    assert_eq!(axon.metrics().forbidden, 2);
}

#[tokio::test]
async fn a_list_of_permits_can_change_while_serving() {
    let permits = AllowList::new("no validator permit");
    let axon = serve(axon_for(permits.clone())).await;
    Raw::echo("x").send(&axon).await.assert(403, "no validator permit");
    permits.replace([alice().public()]);
    assert_serves(&axon).await;
    permits.replace([]);
    Raw::echo("x").send(&axon).await.assert(403, "");
}

#[tokio::test]
async fn unsigned_and_wrongly_signed_requests_are_not_verified() {
    let axon = serve(axon()).await;
    let missing = |name: &str| Raw::echo("x").without(name);
    missing(header::DENDRITE_HOTKEY).send(&axon).await.assert(401, "Not Verified with error: Missing Hotkey");
    missing(header::DENDRITE_NONCE).send(&axon).await.assert(401, "Missing Nonce");
    missing(header::DENDRITE_SIGNATURE).send(&axon).await.assert(401, "Missing Signature");
    let mismatch = "Signature mismatch";
    Raw::echo("x").set(header::DENDRITE_SIGNATURE, "0xzz").send(&axon).await.assert(401, mismatch);
    Raw::echo("x").set(header::DENDRITE_UUID, "other").send(&axon).await.assert(401, mismatch);
    Raw::echo("x").set(header::BODY_HASH, EMPTY_HASH).send(&axon).await.assert(401, mismatch);
    let someone = Raw::echo("x").set(header::DENDRITE_HOTKEY, &bob().address());
    someone.send(&axon).await.assert(401, mismatch);
    Raw::echo("x").set(header::DENDRITE_HOTKEY, "5Nobody").send(&axon).await.assert(401, "Invalid Hotkey");
    let elsewhere = Raw::echo("x").signed_at(now_ns(), &alice().address());
    elsewhere.send(&axon).await.assert(401, mismatch);
    assert_eq!(axon.metrics().not_verified, 9);
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_replayed_request_is_refused_and_a_later_one_accepted() {
    let axon = serve(axon()).await;
    let first = Raw::echo("x");
    first.send(&axon).await.assert(200, "");
    first.send(&axon).await.assert(401, "Nonce is too old, a newer one was last processed");
    // Neither a longer timeout nor an old version makes it fresh again.
    let dressed_up = first.clone().set(header::TIMEOUT, "1000000").set(header::DENDRITE_VERSION, "7001000");
    dressed_up.send(&axon).await.assert(401, "Nonce is too old");
    first.signed_at(now_ns(), &bob().address()).send(&axon).await.assert(200, "");
}

#[tokio::test]
async fn a_stale_request_is_refused_and_told_the_axons_clock() {
    let hour = 3_600_000_000_000;
    let axon = serve(axon().clock(Clock::new(move || now_ns() + hour))).await;
    let refused = Raw::echo("x").send(&axon).await;
    refused.assert(401, "Nonce is too old: acceptable delta is 16.00 seconds but request was 36");
    refused.assert(401, "bt_header_axon_nonce: ");
    Raw::echo("x").signed_at(now_ns() + hour, &bob().address()).send(&axon).await.assert(200, "");
}

#[tokio::test]
async fn a_changed_body_does_not_reach_the_handler() {
    let axon = serve(axon()).await;
    let changed = Raw::echo("buy").body(r#"{"data":"sell"}"#);
    changed.send(&axon).await.assert(500, "Hash mismatch between header body hash");
    // Fields that the synapse does not protect may differ, as officially.
    Raw::echo("x").body(r#"{"data":"x","out":null}"#).send(&axon).await.assert(200, "out");
}

#[tokio::test]
async fn bodies_that_are_no_json_objects_are_bad_requests() {
    let axon = serve(axon()).await;
    for body in ["", "not json", "[1,2]", r#"{"data":"x""#, "{}", r#"{"data":1e999}"#] {
        Raw::echo("x").body(body).send(&axon).await.assert(400, "");
    }
    Raw::echo("x").body(vec![0xff; 10]).send(&axon).await.assert(400, "");
    let deep = format!(r#"{{"data":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    Raw::echo("x").body(deep).send(&axon).await.assert(400, "");
    assert_serves(&axon).await;
}

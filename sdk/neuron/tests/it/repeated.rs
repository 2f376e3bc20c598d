//! Fields of a request that its answer repeats, so that the answer alone tells its sender and its receiver.

use std::collections::BTreeMap;

use myelin_neuron::axon::{Axon, Call, OpenToAll, Reply, Route, RunningAxon};
use myelin_wire::v10::{header, MAX_TERMINAL};

use super::situation::*;

/// Bob's axon, whose handlers answer with their own fields alone.
async fn terse() -> RunningAxon {
    let whole = |_: Call| async { Ok(Reply::json(r#"{"own":1}"#)) };
    let pieces = |_: Call| async {
        Ok(Reply::stream(futures::stream::iter([Ok(bytes::Bytes::from_static(b"piece"))])))
    };
    let axon = Axon::new(std::sync::Arc::new(bob()), OpenToAll);
    serve(axon.route(Route::new("Echo", whole).protect(["data"])).route(Route::new("Pieces", pieces))).await
}

fn asked(dendrite: &str, axon: &str) -> Raw {
    Raw::echo("x").body(format!(r#"{{"data":"x","dendrite":{dendrite},"axon":{axon}}}"#))
}

/// Headers about both sides without the answer's own status.
fn sides(answer: &RawAnswer) -> BTreeMap<&str, &str> {
    assert_eq!(answer.status, 200, "{}", answer.text);
    let own = [header::AXON_STATUS_CODE, header::AXON_STATUS_MESSAGE, header::AXON_PROCESS_TIME];
    let head = answer.text.split("\r\n\r\n").next().unwrap_or_default();
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(name, _)| name.starts_with("bt_header_") && !own.contains(name)).collect()
}

const DENDRITE: &str = r#"{"status_code":null,"ip":"203.0.113.1","port":null,"version":10005000,
    "nonce":1795273713005435484,"uuid":"6ae2-1","hotkey":"5Alice","signature":"0x7a","more":"x"}"#;
const AXON: &str = r#"{"status_code":404,"status_message":"no","process_time":9.0,"ip":"127.0.0.1",
    "port":"8091","version":1,"nonce":7,"uuid":"a","hotkey":"5Bob","signature":"0x1"}"#;

#[tokio::test]
async fn what_the_body_says_of_both_sides_comes_back_in_headers() {
    let axon = terse().await;
    let expected = BTreeMap::from([
        (header::DENDRITE_IP, "203.0.113.1"),
        (header::DENDRITE_VERSION, "10005000"),
        (header::DENDRITE_NONCE, "1795273713005435484"),
        (header::DENDRITE_UUID, "6ae2-1"),
        (header::DENDRITE_HOTKEY, "5Alice"),
        (header::DENDRITE_SIGNATURE, "0x7a"),
        (header::AXON_IP, "127.0.0.1"),
        (header::AXON_PORT, "8091"),
        (header::AXON_VERSION, "1"),
        (header::AXON_NONCE, "7"),
        (header::AXON_UUID, "a"),
        (header::AXON_HOTKEY, "5Bob"),
        (header::AXON_SIGNATURE, "0x1"),
    ]);
    let request = asked(DENDRITE, AXON).set(header::HEADER_SIZE, "464").set(header::TOTAL_SIZE, "3438");
    let answer = request.send(&axon).await;
    assert_eq!(sides(&answer), expected);
    answer.assert(200, "bt_header_axon_status_code: 200");
    answer.assert(200, "header_size: 464");
    answer.assert(200, "total_size: 9\r");

    let streamed = request.to("/Pieces").set(header::BODY_HASH, &unprotected()).set("connection", "close");
    let streamed = streamed.signed_at(now_ns(), &bob().address()).send(&axon).await;
    assert_eq!(sides(&streamed), expected);
    streamed.assert(200, "text/event-stream");
    streamed.assert(200, "total_size: 3438");
}

fn unprotected() -> String {
    myelin_wire::body_hash::body_hash::<&str>(b"{}", &[]).expect("an object")
}

#[tokio::test]
async fn what_was_not_sent_or_cannot_stand_in_a_header_does_not_come_back() {
    let axon = terse().await;
    let nothing = BTreeMap::new();
    assert_eq!(sides(&Raw::echo("x").send(&axon).await), nothing);
    for other in ["null", "[]", "7", r#""text""#, "{}", r#"{"ip":["a"],"port":{},"uuid":true}"#] {
        assert_eq!(sides(&asked(other, other).send(&axon).await), nothing, "{other}");
    }
    // A line break would begin a header of the sender's choice.
    let breaking = r#"{"ip":"1\r\nset-cookie: a","uuid":"é","nonce":"1\n2","hotkey":"\ud800","port":5}"#;
    let answer = asked(breaking, "{}").send(&axon).await;
    assert_eq!(sides(&answer), BTreeMap::from([("bt_header_dendrite_port", "5")]));
    assert!(!answer.text.contains("set-cookie"), "{}", answer.text);
    let sized = |length: usize| format!(r#"{{"hotkey":"5Bob","more":"{}"}}"#, "x".repeat(length));
    let room = MAX_TERMINAL - sized(0).len();
    assert_eq!(sides(&asked("null", &sized(room)).send(&axon).await).len(), 1);
    assert_eq!(sides(&asked("null", &sized(room + 1)).send(&axon).await), nothing, "too long to repeat");
    assert_serves_own(&axon).await;
}

async fn assert_serves_own(axon: &RunningAxon) {
    Raw::echo("still here").send(axon).await.assert(200, r#"{"own":1}"#);
}

#[tokio::test]
async fn answers_to_btauth_repeat_nothing() {
    let axon = terse().await;
    let body = format!(r#"{{"data":"x","dendrite":{DENDRITE},"axon":{AXON}}}"#);
    let answer = super::btauth::signed("/Echo", body.as_bytes()).send(&axon).await;
    assert_eq!(sides(&answer), BTreeMap::new());
}

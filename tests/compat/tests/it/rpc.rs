//! Answers of the node to requests that no client should send. Each is refused with its JSON-RPC error code, and the
//! node goes on.

use std::time::{Duration, Instant};

use serde_json::{json, Value};

use super::node::Node;
use super::peer::Peer;

/// Longest time until the chain has grown by a block.
const GROWTH: Duration = Duration::from_secs(30);

const NOT_JSON: i64 = -32_700;
const NO_REQUEST: i64 = -32_600;
const NO_METHOD: i64 = -32_601;
const WRONG_ARGUMENTS: i64 = -32_602;
const TOO_LARGE: i64 = -32_007;
const TOO_MANY_IN_A_BATCH: i64 = -32_010;

/// Methods that official clients and polkadot.js call, aliases among them: some refuse to sign if `rpc_methods` does
/// not list one.
const METHODS: [&str; 36] = [
    "account_nextIndex",
    "author_pendingExtrinsics",
    "author_submitAndWatchExtrinsic",
    "author_submitExtrinsic",
    "author_unwatchExtrinsic",
    "chain_getBlock",
    "chain_getBlockHash",
    "chain_getFinalizedHead",
    "chain_getHead",
    "chain_getHeader",
    "chain_subscribeAllHeads",
    "chain_subscribeFinalizedHeads",
    "chain_subscribeNewHeads",
    "chain_unsubscribeAllHeads",
    "chain_unsubscribeFinalizedHeads",
    "chain_unsubscribeNewHeads",
    "payment_queryInfo",
    "rpc_methods",
    "state_call",
    "state_getKeys",
    "state_getKeysPaged",
    "state_getMetadata",
    "state_getRuntimeVersion",
    "state_getStorage",
    "state_getStorageAt",
    "state_queryStorageAt",
    "state_subscribeRuntimeVersion",
    "state_subscribeStorage",
    "state_unsubscribeStorage",
    "system_accountNextIndex",
    "system_chain",
    "system_chainType",
    "system_health",
    "system_name",
    "system_properties",
    "system_version",
];

fn call(method: &str, params: Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

#[test]
fn methods_of_clients_are_listed_and_malformed_requests_are_refused_by_number_and_leave_the_node_unharmed() {
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(folder.path());
    let mut peer = Peer::rpc(&node.endpoint());
    let mut ask = |text: &str, times: usize| -> Value {
        let answer = peer.text(json!({ "do": "send", "text": text, "times": times }));
        serde_json::from_str(&answer).expect("JSON")
    };
    let head = |answer: &Value| -> u64 {
        let number = answer["result"]["number"].as_str().expect("a number").trim_start_matches("0x");
        u64::from_str_radix(number, 16).expect("hexadecimal")
    };
    let listed = ask(&call("rpc_methods", json!([])), 1)["result"]["methods"].take();
    let listed: Vec<String> = serde_json::from_value(listed).expect("names");
    let absent: Vec<_> = METHODS.iter().filter(|name| !listed.iter().any(|method| method == *name)).collect();
    assert!(absent.is_empty(), "the node does not list {absent:?}");

    let before = head(&ask(&call("chain_getHeader", json!([])), 1));

    for (text, times, code) in [
        ("not json", 1, NOT_JSON),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,", 1, NOT_JSON),
        ("[[[[", 100_000, NOT_JSON),
        ("[]", 1, NO_REQUEST),
        ("{}", 1, NOT_JSON),
        ("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"system_name\"}", 1, NO_REQUEST),
        (&call("no_such_method", json!([])), 1, NO_METHOD),
        (&call("state_getStorage", json!([7])), 1, WRONG_ARGUMENTS),
        (&call("state_getStorage", json!(["0xzz"])), 1, WRONG_ARGUMENTS),
        (&call("chain_getBlockHash", json!(["x", "y", "z"])), 1, WRONG_ARGUMENTS),
        (&call("author_submitExtrinsic", json!([null])), 1, WRONG_ARGUMENTS),
        (" ", 16 * 1024 * 1024, TOO_LARGE),
    ] {
        let answer = ask(text, times);
        assert_eq!(answer["error"]["code"], json!(code), "{text}: {answer}");
    }
    // Well-formed requests that the chain cannot understand.
    for (method, params) in [
        ("author_submitExtrinsic", json!(["0x00"])),
        ("state_call", json!(["NoSuchApi_method", "0x"])),
        ("state_call", json!(["SubnetInfoRuntimeApi_get_metagraph", "0x"])),
        ("state_getStorage", json!(["0x00", format!("0x{}", "00".repeat(32))])),
        ("system_accountNextIndex", json!(["not an address"])),
    ] {
        let answer = ask(&call(method, params), 1);
        assert!(
            answer["error"]["code"].is_i64() && answer["error"]["message"].is_string(),
            "{method}: {answer}"
        );
    }

    // Each of as many calls at once as a client needs is answered; one more call is too many.
    let batch = |calls: usize| format!("[{}]", vec![call("system_name", json!([])); calls].join(","));
    let answers = ask(&batch(1_000), 1);
    assert_eq!(answers.as_array().map(Vec::len), Some(1_000));
    assert_eq!(ask(&batch(1_001), 1)["error"]["code"], json!(TOO_MANY_IN_A_BATCH));
    let mixed = format!("[{},7,{}]", call("system_name", json!([])), call("no_such_method", json!([])));
    let codes: Vec<Value> = ask(&mixed, 1)
        .as_array()
        .expect("answers")
        .iter()
        .map(|answer| answer["error"]["code"].clone())
        .collect();
    assert_eq!(codes, [Value::Null, json!(NO_REQUEST), json!(NO_METHOD)]);

    let deadline = Instant::now() + GROWTH;
    while head(&ask(&call("chain_getHeader", json!([])), 1)) <= before {
        assert!(Instant::now() < deadline, "the chain stands still at block {before}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

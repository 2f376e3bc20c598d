//! Attacks on the JSON-RPC of a node: requests, connections and web pages. `docs/reference/attacks.md` lists them.

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::{json, Value};

use crate::{
    harness::{chain_file, Node, Setup},
    socket::{http, shared, Socket},
};

/// Longest request that is read: 15 MB.
const LONGEST: usize = 15 << 20;

fn code(answer: &Value) -> i64 {
    answer["error"]["code"].as_i64().unwrap_or_else(|| panic!("no error: {answer}"))
}

/// The code of the error that a method ends with.
fn refused(node: &Node, method: &str, params: Value) -> i64 {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    code(&node.post(&request).expect("an answer"))
}

fn serves(node: &Node) {
    assert!(node.call("system_health", json!([]))["peers"].is_number());
}

#[test]
fn malformed_and_deep_json_is_a_parse_error() {
    let open = shared();
    let mut socket = Socket::open(&open.node);
    let deep = "[".repeat(1_000_000);
    for text in ["{\"jsonrpc\"", "{", "[1", &deep] {
        assert_eq!(code(&http(&open.node, "", text.as_bytes()).json()), -32700);
        socket.send(text.as_bytes());
        assert!([-32700, -32600].contains(&code(&socket.answer())), "{}", &text[..text.len().min(10)]);
    }
    assert_eq!(http(&open.node, "", b"\xff\xfe\x00").status, 400);
    serves(&open.node);
}

#[test]
fn unknown_methods_and_wrong_parameters_have_errors_of_their_own() {
    let open = shared();
    assert_eq!(refused(&open.node, "system_self_destruct", json!([])), -32601);
    assert_eq!(refused(&open.node, "chain_getHeader", json!(["0xzz"])), -32602);
    assert_eq!(refused(&open.node, "state_getStorage", json!([{ "a": 1 }])), -32602);
    assert_eq!(refused(&open.node, "author_submitExtrinsic", json!([17])), -32602);
    assert_eq!(code(&http(&open.node, "", b"[]").json()), -32600, "a batch of nothing");
}

#[test]
fn a_body_that_is_announced_too_large_or_becomes_so_is_not_read_to_its_end() {
    let open = shared();
    let whole = http(&open.node, "", &vec![b' '; LONGEST + 1]);
    assert_eq!(whole.status, 413);
    let mut stream = open.node.connect();
    let head = format!(
        "POST / HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\n\r\n1\r\n[\r\n",
        open.node.host()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let piece = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let taken = (0..2_000).take_while(|_| stream.write_all(&piece).is_ok()).count() << 16;
    assert!(taken < 4 * LONGEST, "{taken} bytes of a body without a length were taken");
    serves(&open.node);
}

#[test]
fn a_web_socket_message_beyond_the_limit_is_an_error_and_not_kept() {
    let open = shared();
    let mut socket = Socket::open(&open.node);
    socket.send(&vec![b' '; LONGEST + 1]);
    assert_eq!(code(&socket.answer()), -32007);
    serves(&open.node);
}

#[test]
fn batches_have_a_limit_of_calls_and_of_bytes() {
    let open = shared();
    let batch = |method: &str, count: usize| {
        let call = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": [] });
        open.node.post(&Value::Array(vec![call; count])).expect("an answer")
    };
    assert_eq!(batch("system_chain", 1_000).as_array().map(Vec::len), Some(1_000));
    assert_eq!(code(&batch("system_chain", 1_001)), -32010);
    assert_eq!(code(&batch("state_getMetadata", 1_000)), -32011, "1,000 times the metadata");
}

#[test]
fn heads_that_are_too_large_or_no_http_are_refused() {
    let open = shared();
    let long = format!("x: {}\r\n", "x".repeat(1_000_000));
    let many: String = (0..2_000).map(|n| format!("x{n}: y\r\n")).collect();
    assert_eq!(http(&open.node, &long, b"{}").status, 431);
    assert_eq!(http(&open.node, &many, b"{}").status, 431);
    let mut stream = open.node.connect();
    stream.write_all(&[0x80; 1_000]).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    let get = open
        .node
        .exchange(&format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", open.node.host()))
        .unwrap();
    assert!(get.starts_with("HTTP/1.1 405"), "{get}");
}

/// A page whose name was made to lead to this machine sends its own name.
#[test]
fn requests_under_another_host_name_are_refused() {
    let open = shared();
    let page = |upgrade: &str| format!("GET / HTTP/1.1\r\nhost: page.example\r\n{upgrade}\r\n");
    let socket = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                  sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
    for request in [page("connection: close\r\n"), page(socket)] {
        let mut stream = open.node.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 403");
    }
}

#[test]
fn a_page_of_a_stranger_gets_no_leave_to_read_answers() {
    let open = shared();
    let preflight = |origin: &str| {
        let request = format!(
            "OPTIONS / HTTP/1.1\r\nhost: {}\r\norigin: {origin}\r\naccess-control-request-method: POST\r\n\
             access-control-request-headers: content-type\r\nconnection: close\r\n\r\n",
            open.node.host()
        );
        open.node.exchange(&request).unwrap().to_lowercase().contains("access-control-allow-origin")
    };
    assert!(preflight("https://polkadot.js.org"), "a page that the default allows");
    assert!(!preflight("https://page.example"));
}

/// Methods that change the node or are expensive.
const UNSAFE: [(&str, &str); 12] = [
    ("author_insertKey", r#"["aura","//One","0x00"]"#),
    ("author_rotateKeys", "[]"),
    ("author_hasSessionKeys", r#"["0x00"]"#),
    ("author_removeExtrinsic", "[[]]"),
    ("offchain_localStorageSet", r#"["PERSISTENT","0x00","0x00"]"#),
    ("system_addReservedPeer", r#"["/ip4/127.0.0.1/tcp/1/p2p/12D3KooWQ"]"#),
    ("system_addLogFilter", r#"["trace"]"#),
    ("system_dryRun", r#"["0x00"]"#),
    ("state_getPairs", r#"["0x"]"#),
    ("state_queryStorage", r#"[[],"0x0000000000000000000000000000000000000000000000000000000000000000"]"#),
    (
        "state_traceBlock",
        r#"["0x0000000000000000000000000000000000000000000000000000000000000000",null,null,null]"#,
    ),
    ("system_peers", "[]"),
];

fn unsafe_methods_are_refused(node: &Node) {
    for (method, params) in UNSAFE {
        let params: Value = serde_json::from_str(params).unwrap();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = node.post(&request).expect("an answer").to_string();
        assert!(answer.contains("unsafe to be called externally"), "{method}: {answer}");
    }
}

#[test]
fn where_only_safe_methods_are_offered_no_other_is() {
    let setup = Setup::new("dev", &["--one", "--force-authoring", "--rpc-methods", "safe"]);
    unsafe_methods_are_refused(&setup.start(&[]));
}

#[test]
fn keys_are_read_in_pages() {
    let open = shared();
    let page = |count: u32| open.node.ask("state_getKeysPaged", json!(["0x", count, null]));
    assert!(page(1_000).unwrap().as_array().is_some_and(|keys| keys.len() > 100));
    assert!(page(1_001).unwrap_err().contains("4002"));
}

#[test]
fn nonsense_to_the_runtime_fails_alone() {
    let open = shared();
    let calls = ["Nothing_of_that_name", "Core_execute_block", "Metadata_metadata_at_version", "memory"];
    for call in calls {
        assert_eq!(refused(&open.node, "state_call", json!([call, "0xffff"])), 4003, "{call}");
    }
    assert_eq!(refused(&open.node, "payment_queryInfo", json!(["0x00"])), 1);
    let best = open.node.best();
    open.node.wait("made a block after that", Duration::from_secs(30), |node| match node.best() {
        now if now > best => Ok(()),
        now => Err(format!("at block {now}")),
    });
}

#[test]
fn a_connection_has_a_limited_number_of_subscriptions() {
    let open = shared();
    let mut socket = Socket::open(&open.node);
    for id in 0..1_030 {
        socket.call(id, "chain_subscribeNewHeads", json!([]));
    }
    let refusals = (0..1_030).filter(|_| socket.answer().get("error").is_some_and(|e| e["code"] == -32006));
    assert!((1..10).contains(&refusals.count()), "1,024 subscriptions");
    let mut socket = Socket::open(&open.node);
    for id in 0..10 {
        socket.call(id, "chainHead_v1_follow", json!([true]));
    }
    let refusals = (0..10).filter(|_| socket.answer().get("error").is_some_and(|e| e["code"] == -32800));
    assert_eq!(refusals.count(), 6, "each of these pins blocks");
}

#[test]
fn pings_without_end_hold_nobody_up() {
    let open = shared();
    let mut socket = Socket::open(&open.node);
    (0..50_000).for_each(|_| socket.ping());
    serves(&open.node);
    socket.call(1, "system_health", json!([]));
    assert!(socket.answer()["result"].is_object());
}

/// A client that never reads has few calls at work. What else it sends fills its own buffers.
#[test]
fn answers_that_nobody_reads_take_little_memory() {
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let node = setup.start(&[]);
    node.wait_finalised(2);
    let before = node.memory();
    let mut sockets: Vec<Socket> = (0..10).map(|_| Socket::open(&node)).collect();
    let sent: usize = sockets.iter_mut().map(|socket| socket.call_until_stuck("state_getMetadata")).sum();
    assert!(sent > 1_000, "{sent} calls were sent");
    serves(&node);
    for _ in 0..20 {
        std::thread::sleep(Duration::from_millis(100));
        if let (Some(before), Some(after)) = (&before, node.memory()) {
            // Sixteen calls of each connection are at work, with answers of 400 kB.
            assert!(after.own < before.own + 200, "{before:?}, then {after:?} for {sent} calls");
        }
    }
}

#[test]
fn connections_beyond_the_limit_get_429_and_who_leaves_makes_room() {
    let setup = Setup::new("dev", &["--one", "--force-authoring", "--rpc-max-connections", "10"]);
    let node = setup.start(&[]);
    let silent: Vec<_> = (0..50).map(|_| node.connect()).collect();
    let started: Vec<_> = (0..50)
        .map(|_| {
            let mut stream = node.connect();
            stream.write_all(b"POST / HTTP/1.1\r\nhost: ").unwrap();
            stream
        })
        .collect();
    std::thread::sleep(Duration::from_millis(300));
    serves(&node);
    let sockets: Vec<_> = (0..10).map(|_| Socket::open(&node)).collect();
    assert_eq!(http(&node, "", b"{}").status, 429);
    drop(sockets);
    node.wait("made room", Duration::from_secs(10), |node| node.ask("system_health", json!([])));
    drop((silent, started));
}

/// A connection from another address of this machine, which the node takes for a stranger's.
fn from_elsewhere(node: &Node, last: u8) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind(([127, 0, 0, last], 0).into()).expect("an address of this machine");
        let stream =
            socket.connect(node.host().parse().expect("an address")).await.expect("the node listens");
        let stream = stream.into_std().expect("a stream");
        stream
            .set_nonblocking(false)
            .and_then(|()| stream.set_read_timeout(Some(Duration::from_secs(30))))
            .expect("set");
        stream
    })
}

#[test]
fn unfinished_bodies_and_web_sockets_of_one_address_keep_no_other_out() {
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let node = setup.start(&[]);
    let host = node.host();
    let unfinished = format!(
        "POST / HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{{"
    );
    let upgrade = format!(
        "GET / HTTP/1.1\r\nhost: {host}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    );
    let crowd = |last: u8, head: &str| -> Vec<TcpStream> {
        let open = |_| {
            let mut stream = from_elsewhere(&node, last);
            stream.write_all(head.as_bytes()).expect("the node reads");
            stream
        };
        (0..100).map(open).collect()
    };
    let status = |mut stream: &TcpStream| {
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer[9..]).into_owned()
    };
    let bodies = crowd(2, &unfinished);
    let sockets = crowd(3, &upgrade);
    let statuses: Vec<_> = sockets.iter().map(status).collect();
    let of = |wanted: &str| statuses.iter().filter(|status| *status == wanted).count();
    assert_eq!((of("101"), of("429")), (25, 75));
    let started = Instant::now();
    serves(&node);
    let mut own = Socket::open(&node);
    own.send(br#"{"jsonrpc":"2.0","id":1,"method":"system_chain","params":[]}"#);
    assert!(own.answer()["result"].is_string());
    assert!(started.elapsed() < Duration::from_secs(5), "others are served at once");
    // Slots are given back.
    drop((bodies, sockets));
    node.wait("made room", Duration::from_secs(10), |_| {
        let mut stream = from_elsewhere(&node, 3);
        stream.write_all(upgrade.as_bytes()).map_err(|error| error.to_string())?;
        match status(&stream) {
            status if status == "101" => Ok(()),
            status => Err(status),
        }
    });
}

#[test]
fn a_public_chain_offers_its_safe_methods_only_unless_told_otherwise() {
    let file = chain_file("dev", 250);
    let mut chain: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    chain["chainType"] = "Live".into();
    let live = format!("{file}.live");
    std::fs::write(&live, chain.to_string()).unwrap();
    let setup = Setup::new(&live, &["--one", "--force-authoring", "--rpc-methods", "auto"]);
    let started = Instant::now();
    unsafe_methods_are_refused(&setup.start(&[]));
    println!("answered after {:.1} s", started.elapsed().as_secs_f64());
}

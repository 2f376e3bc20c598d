//! Floods of strangers against an axon's places, streams of nonces, memory and slots. A validator is still answered.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use myelin_neuron::{
    axon::{AllowList, AxonLimits, Call, HandlerError, Pace, Reply, Route, RunningAxon},
    dendrite::{Answer, Dendrite, Query},
};
use myelin_wallet::Keypair;
use myelin_wire::{
    btauth,
    nonce::NonceLimits,
    v10::{header, request_text, sign_text},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

use super::situation::*;

fn key(name: &str) -> Keypair {
    Keypair::from_uri(&format!("//{name}")).unwrap()
}

/// Bob's axon, which takes Alice for a validator and serves everybody.
async fn known(limits: AxonLimits) -> RunningAxon {
    serve(axon_for(Known::validators([alice()])).limits(limits)).await
}

async fn assert_serves_validator(axon: &RunningAxon) {
    let answer = Dendrite::new(Arc::new(alice())).query(target(axon), &query("x")).await;
    assert!(answer.is_success(), "{}", answer.status);
}

/// A connection from another address of this machine.
async fn connect_from(address: [u8; 4], axon: &RunningAxon) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from((address, 0))).unwrap();
    timeout(PATIENCE, socket.connect(axon.address())).await.unwrap().unwrap()
}

/// How many files this process may open at the same time.
fn most_files() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(1_024)
}

#[tokio::test]
async fn a_thousand_sockets_of_strangers_keep_no_validator_out() {
    // A machine that allows few open files runs the same test at an eighth of the size.
    let part = if most_files() < 4_096 { 8 } else { 1 };
    let usual = AxonLimits::default();
    let limits = AxonLimits {
        max_connections: usual.max_connections / part,
        max_stranger_connections: usual.max_stranger_connections / part,
        max_connections_per_network: usual.max_connections_per_network / part,
        ..usual
    };
    let axon = known(limits).await;
    let mut held = Vec::new();
    for number in 0..1_024 / part {
        let mut stream = connect_from([127, 0, 0, 2 + (number % 5) as u8], &axon).await;
        // Half of the connections begin a request, the others stay silent.
        if number % 2 == 0 {
            let _ = stream.write_all(b"GET /Echo HTTP/1.1\r\n").await;
        }
        held.push(stream);
    }
    // The validator is answered from an address of the same network, the worst case, and from one that nobody floods.
    assert_serves_validator(&axon).await;
    let mut elsewhere = connect_from([127, 9, 9, 9], &axon).await;
    let request = Raw::echo("elsewhere");
    elsewhere.write_all(&[request.head().as_bytes(), &request.body].concat()).await.unwrap();
    read_answer(&mut elsewhere).await.assert(200, "elsewhere");
    for _ in 0..300 / part {
        held.push(connect_from([127, 0, 0, 2], &axon).await);
    }
    assert_serves_validator(&axon).await;
    let metrics = axon.metrics();
    assert_eq!(metrics.connections_refused, 0);
    assert!(
        metrics.connections_open <= 1_024 / part as u64 && metrics.connections_displaced > 0,
        "{metrics:?}"
    );
}

#[tokio::test]
async fn many_networks_cannot_close_a_newcomer_that_has_one_connection() {
    let limits = AxonLimits { max_stranger_connections: 16, ..AxonLimits::default() };
    let axon = known(limits).await;
    let mut honest = connect_from([127, 7, 7, 7], &axon).await;
    let mut crowd = Vec::new();
    for number in 0..64u8 {
        crowd.push(connect_from([127, 1, number % 4, 1], &axon).await);
    }
    let request = Raw::echo("first");
    honest.write_all(&[request.head().as_bytes(), &request.body].concat()).await.unwrap();
    read_answer(&mut honest).await.assert(200, "first");
}

#[tokio::test]
async fn who_is_refused_loses_its_connection_and_who_is_known_keeps_it() {
    let validators = AllowList::new("no validator");
    validators.replace([alice().public()]);
    let axon = serve(axon_for(validators)).await;
    let send = |raw: Raw| [raw.head().as_bytes(), &raw.body].concat();
    for (refused, status) in [
        (Raw::echo("x").signed_by(&key("Stranger")), 403),
        (Raw::echo("x").to("/Nothing"), 404),
        (Raw::echo("x").set(header::DENDRITE_SIGNATURE, "0x00"), 401),
        (Raw::echo("x").set(header::DENDRITE_NONCE, "soon"), 400),
    ] {
        let mut stream = TcpStream::connect(axon.address()).await.unwrap();
        stream.write_all(&send(refused)).await.unwrap();
        let answer = read_answer(&mut stream).await;
        answer.assert(status, "connection: close");
        assert_eq!(timeout(PATIENCE, stream.read(&mut [0])).await.unwrap().unwrap_or(0), 0);
    }
    let mut stream = TcpStream::connect(axon.address()).await.unwrap();
    for body in ["not json", r#"{"data":"x"}"#] {
        stream.write_all(&send(Raw::echo("x").body(body))).await.unwrap();
        assert!(read_answer(&mut stream).await.status > 0, "the validator's connection stays");
    }
}

#[tokio::test]
async fn a_window_full_of_nonces_from_the_future_loses_no_validator_its_stream() {
    let nonces = NonceLimits { max_streams: 64, max_streams_per_hotkey: 16, ..NonceLimits::default() };
    let axon = known(AxonLimits { nonces, ..AxonLimits::default() }).await;
    let (second, minute) = (1_000_000_000, 60_000_000_000);
    for number in 0..8 * 16 {
        let stranger = key(&format!("Stranger{}", number / 16));
        let sign = |nonce: u64| {
            let raw = Raw::echo("x").set(header::DENDRITE_HOTKEY, &stranger.address());
            let get = |name: &str| raw.headers[name].clone();
            let (uuid, hash) = (get(header::DENDRITE_UUID), get(header::BODY_HASH));
            let text = request_text(nonce, &stranger.address(), &bob().address(), &uuid, &hash);
            raw.set(header::DENDRITE_NONCE, &nonce.to_string())
                .set(header::DENDRITE_SIGNATURE, &sign_text(&stranger, &text))
        };
        sign(1 << 63).send(&axon).await.assert(401, "ahead of this clock");
        let filled = sign(now_ns() + minute - second).send(&axon).await;
        filled.assert(if number < 64 { 200 } else { 401 }, "");
    }
    // Every lane of a validator is a stream that the axon does not know yet.
    let dendrite = Dendrite::new(Arc::new(alice()));
    let asking = (0..16).map(|_| {
        let (dendrite, target) = (dendrite.clone(), target(&axon));
        tokio::spawn(async move { dendrite.query(target, &query("x")).await })
    });
    for answer in futures::future::join_all(asking).await {
        assert!(answer.as_ref().unwrap().is_success(), "{}", answer.unwrap().status);
    }
}

#[tokio::test]
async fn bodies_under_a_validators_name_take_no_memory_of_validators() {
    let limits = AxonLimits {
        max_body_bytes: 4_096,
        max_stranger_bodies_bytes: 8_192,
        body_timeout: PATIENCE,
        ..AxonLimits::default()
    };
    let axon = known(limits).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        // A sender that knows Alice's address can claim to be her as long as the signature is not checked.
        let claimed = super::btauth::signed("/Echo", &[b'{'; 4_000]).without(btauth::header::BODY_SHA256);
        let mut stream = TcpStream::connect(axon.address()).await.unwrap();
        stream.write_all(&[claimed.head().as_bytes(), &[b'{'; 3_000]].concat()).await.unwrap();
        held.push(stream);
    }
    eventually("no room is left for strangers", || axon.metrics().busy > 0).await;
    super::btauth::signed("/Echo", br#"{"data":"x"}"#).send(&axon).await.assert(200, "");
    Raw::echo("v10").send(&axon).await.assert(200, "v10");
}

#[tokio::test]
async fn a_false_hash_ahead_of_a_body_is_found_out_before_the_handler() {
    let axon = known(AxonLimits::default()).await;
    let changed = super::btauth::signed("/Echo", br#"{"data":"x"}"#).body(r#"{"data":"y"}"#);
    changed.clone().send(&axon).await.assert(401, "the body does not fit the hash that was signed");
    let other = myelin_wire::hash::to_hex(&myelin_wire::hash::sha256(&changed.body));
    let rehashed = super::btauth::signed("/Echo", br#"{"data":"x"}"#).body(r#"{"data":"y"}"#);
    let rehashed = rehashed.set(btauth::header::BODY_SHA256, &other);
    rehashed.send(&axon).await.assert(401, "the signature does not fit");
    assert_eq!(axon.metrics().success, 0);
}

#[tokio::test]
async fn strangers_who_hang_leave_handlers_to_validators() {
    let limits = AxonLimits { max_handlers: 3, max_stranger_requests: 2, ..AxonLimits::default() };
    let axon = known(limits).await;
    let hang = || {
        let (dendrite, to) = (Dendrite::new(Arc::new(key("Stranger"))), target(&axon));
        tokio::spawn(async move { dendrite.query(to, &ask("Hang")).await })
    };
    let _held = (hang(), hang());
    eventually("both are handled", || axon.metrics().handling == 2).await;
    let other = Dendrite::new(Arc::new(key("Other")));
    assert_eq!(other.query(target(&axon), &query("x")).await.status.code, 503, "another key does not help");
    assert_eq!(axon.metrics().over_quota, 1);
    assert_serves_validator(&axon).await;
}

#[tokio::test]
async fn streams_that_strangers_read_slowly_count_until_their_end() {
    let endless = Route::new("Endless", |_: Call| async {
        let first = futures::stream::iter([Ok::<_, HandlerError>(bytes::Bytes::from_static(b"piece"))]);
        Ok(Reply::stream(futures::StreamExt::chain(first, futures::stream::pending())))
    });
    let limits = AxonLimits { max_handlers: 2, max_stranger_requests: 1, ..AxonLimits::default() };
    let axon = serve(axon_for(Known::validators([alice()])).route(endless).limits(limits)).await;
    let stranger = Dendrite::new(Arc::new(key("Stranger")));
    let held = stranger.stream(target(&axon), &ask("Endless")).await.unwrap();
    assert_eq!(stranger.query(target(&axon), &query("x")).await.status.code, 503);
    assert_serves_validator(&axon).await;
    drop(held);
    eventually("its turn is over", || axon.metrics().connections_open <= 1).await;
    let again = stranger.query(target(&axon), &query("x")).await;
    assert!(again.is_success(), "{}", again.status);
}

#[tokio::test]
async fn one_validator_cannot_take_the_turns_of_another() {
    let limits = AxonLimits { max_handlers: 8, max_requests_per_validator: 2, ..AxonLimits::default() };
    let axon = serve(axon_for(Known::validators([alice(), key("Second")])).limits(limits)).await;
    let greedy = Dendrite::new(Arc::new(key("Second")));
    let hang = || {
        let (dendrite, to) = (greedy.clone(), target(&axon));
        tokio::spawn(async move { dendrite.query(to, &ask("Hang")).await })
    };
    let _held = (hang(), hang());
    eventually("both are handled", || axon.metrics().handling == 2).await;
    assert_eq!(greedy.query(target(&axon), &query("x")).await.status.code, 503);
    assert_serves_validator(&axon).await;
}

/// Requests of a validator that hang, `number` at once, beyond the lanes of one dendrite.
fn hanging(
    name: &str,
    axon: &RunningAxon,
    number: usize,
    body: &str,
) -> Vec<tokio::task::JoinHandle<Answer>> {
    let dendrites: Vec<_> = (0..4).map(|_| Dendrite::new(Arc::new(key(name)))).collect();
    let query = Query::new::<&str>("Hang", body.to_owned(), &[]).unwrap().timeout(PATIENCE * 2);
    let ask = |number: usize| {
        let (dendrite, to, query) = (dendrites[number % 4].clone(), target(axon), query.clone());
        tokio::spawn(async move { dendrite.query(to, &query).await })
    };
    (0..number).map(ask).collect()
}

#[tokio::test]
async fn validators_who_hang_with_the_default_limits_leave_room_for_another() {
    let greedy = ["First", "Second", "Third"];
    let known = greedy.map(key).into_iter().chain([alice()]);
    let axon = serve(axon_for(Known::validators(known))).await;
    let mut held = Vec::new();
    for (name, under_way) in greedy.into_iter().zip([128, 256, 384]) {
        held.extend(hanging(name, &axon, 140, "{}"));
        eventually("it has all that it may have", || axon.metrics().handling == under_way).await;
        assert_serves_validator(&axon).await;
    }
    eventually("the rest is refused", || axon.metrics().over_quota == 36).await;
}

#[tokio::test]
async fn validators_who_hang_leave_handlers_to_public_synapses() {
    let limits = AxonLimits { max_stranger_requests: 32, ..AxonLimits::default() };
    let known = Known::validators(["First", "Second"].map(key));
    let axon = serve(axon_for(known).route(Route::new("Public", echo).public()).limits(limits)).await;
    let held = ["First", "Second"].map(|name| hanging(name, &axon, 128, "{}"));
    eventually("both have all that they may have", || axon.metrics().handling == 256).await;
    let anonymous =
        Raw { method: "POST", path: "/Public".into(), headers: Default::default(), body: b"{}".to_vec() };
    for answer in futures::future::join_all((0..64).map(|_| anonymous.send(&axon))).await {
        answer.assert(200, "{}");
    }
    drop(held);
}

#[tokio::test]
async fn bodies_of_one_validator_leave_memory_for_those_of_another() {
    let limits = AxonLimits {
        max_body_bytes: 64 << 10,
        max_bodies_bytes: 1 << 20,
        max_stranger_bodies_bytes: 64 << 10,
        ..AxonLimits::default()
    };
    let axon = serve(axon_for(Known::validators([alice(), key("Second")])).limits(limits)).await;
    let large = |name: &str| format!(r#"{{"data":"{}"}}"#, name.repeat(60 << 10));
    let _held = hanging("Second", &axon, 40, &large("x"));
    eventually("no room is left for it", || axon.metrics().busy > 0 && axon.metrics().handling >= 8).await;
    let query = Query::new("Echo", large("y"), &["data"]).unwrap().timeout(PATIENCE);
    let answer = Dendrite::new(Arc::new(alice())).query(target(&axon), &query).await;
    assert!(answer.is_success(), "{}", answer.status);
}

#[tokio::test]
async fn a_validator_in_every_place_makes_room_for_another() {
    let limits = AxonLimits {
        max_connections: 64,
        max_stranger_connections: 32,
        header_timeout: PATIENCE * 2,
        ..AxonLimits::default()
    };
    let most = limits.max_connections;
    let axon = serve(axon_for(Known::validators([alice(), key("Second")])).limits(limits)).await;
    let mut held = Vec::new();
    for number in 0..most {
        let mut stream = connect_from([127, 0, 2, 2 + (number % 5) as u8], &axon).await;
        let request = Raw::echo("x").signed_by(&key("Second"));
        stream.write_all(&[request.head().as_bytes(), &request.body].concat()).await.unwrap();
        read_answer(&mut stream).await.assert(200, "x");
        held.push(stream);
    }
    assert_eq!(axon.metrics().connections_open, most as u64);
    assert_serves_validator(&axon).await;
    assert_eq!(axon.metrics().connections_refused, 0);
    drop(held);
}

#[tokio::test]
async fn a_validator_that_asks_without_end_is_told_to_wait_and_others_are_not() {
    let pace = Pace { requests: 5, per: Duration::from_secs(3_600) };
    let axon = serve(axon_for(Known::validators([alice(), key("Second")]).at(pace))).await;
    let greedy = Dendrite::new(Arc::new(key("Second")));
    let mut codes = Vec::new();
    for _ in 0..7 {
        codes.push(greedy.query(target(&axon), &query("x")).await.status.code);
    }
    assert_eq!(codes, [200, 200, 200, 200, 200, 503, 503]);
    assert_serves_validator(&axon).await;
}

#[tokio::test]
async fn a_public_synapse_verifies_nobody_remembers_nobody_and_reads_little() {
    let nonces = NonceLimits { max_streams: 0, ..NonceLimits::default() };
    let gate = AllowList::new("no validator");
    let route = Route::new("Public", echo).public();
    let axon =
        serve(axon_for(gate).route(route).limits(AxonLimits { nonces, ..AxonLimits::default() })).await;
    let anonymous =
        Raw { method: "POST", path: "/Public".into(), headers: Default::default(), body: b"{}".to_vec() };
    anonymous.send(&axon).await.assert(200, "{}");
    let signed = Raw::echo("x").to("/Public");
    signed.send(&axon).await.assert(200, "");
    signed.send(&axon).await.assert(200, "");
    let large = anonymous.body(vec![b' '; 20_000]);
    large.send(&axon).await.assert(413, "");
    Raw::echo("x").send(&axon).await.assert(403, "no validator");
}

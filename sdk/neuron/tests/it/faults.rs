//! Slow, large, broken and disappearing peers, and handlers gone wrong: each ends, and the axon serves on.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        Arc,
    },
    time::Duration,
};

use myelin_neuron::{
    axon::{Axon, AxonError, AxonLimits, Call, Reply, Route, RunningAxon},
    dendrite::Dendrite,
};
use myelin_wallet::Keypair;
use myelin_wire::v10::header;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use super::situation::*;

/// Limits short enough to wait for.
fn impatient() -> AxonLimits {
    AxonLimits {
        header_timeout: Duration::from_millis(200),
        body_timeout: Duration::from_millis(200),
        write_timeout: Duration::from_millis(200),
        max_body_bytes: 4_096,
        max_header_bytes: 8_192,
        ..AxonLimits::default()
    }
}

async fn connect(axon: &RunningAxon) -> TcpStream {
    TcpStream::connect(axon.address()).await.unwrap()
}

/// Reads until the axon closes the connection.
async fn until_closed(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("the axon closes the connection");
    bytes
}

#[tokio::test]
async fn oversized_bodies_are_refused_by_their_length_or_while_they_arrive() {
    let axon = serve(axon().limits(impatient())).await;
    let large = Raw::echo("x").body(vec![b' '; 5_000]);
    large.send(&axon).await.assert(413, "Request body is larger than 4096 bytes");
    let announced = Raw::echo("x").set("content-length", "1000000000000");
    announced.send(&axon).await.assert(413, "");
    let chunk = format!("1000\r\n{}\r\n", " ".repeat(0x1000));
    let chunked = Raw::echo("x").set("transfer-encoding", "chunked").body(chunk.repeat(3) + "0\r\n\r\n");
    chunked.send(&axon).await.assert(413, "");
    assert_eq!(axon.metrics().too_large, 3);
    assert_serves(&axon).await;
}

#[tokio::test]
async fn who_sends_far_too_much_still_reads_why_it_was_refused() {
    let axon = serve(axon().limits(impatient())).await;
    let large = Raw::echo("x").body(vec![b' '; 8 << 20]);
    let mut stream = connect(&axon).await;
    stream.write_all(large.head().as_bytes()).await.unwrap();
    stream.write_all(&large.body).await.expect("the axon takes what it has refused, and drops it");
    read_answer(&mut stream).await.assert(413, "Request body is larger than 4096 bytes");
    // Neither endless bytes nor silence keep a connection for long.
    let mut endless = connect(&axon).await;
    let head = || Raw::echo("x").set("content-length", "1000000000000").head();
    endless.write_all(head().as_bytes()).await.unwrap();
    let flood = async {
        let mut sent = 0;
        while let Ok(bytes) = endless.write(&[b' '; 64 * 1024]).await {
            sent += bytes;
        }
        sent
    };
    let sent = timeout(PATIENCE, flood).await.expect("the axon closes the connection");
    assert!(sent < 64 << 20, "{sent} bytes");
    let mut silent = connect(&axon).await;
    silent.write_all(head().as_bytes()).await.unwrap();
    assert!(String::from_utf8_lossy(&until_closed(&mut silent).await).contains("413"));
    let gone = async {
        while axon.metrics().connections_open > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    drop(stream);
    timeout(Duration::from_secs(5), gone).await.expect("no connection is kept");
    assert_serves(&axon).await;
}

#[tokio::test]
async fn oversized_heads_are_refused() {
    let axon = serve(axon().limits(impatient())).await;
    let long = Raw::echo("x").set("x-long", &"x".repeat(20_000));
    assert!(matches!(long.send(&axon).await.status, 431 | 400 | 0));
    let many = (0..500).fold(Raw::echo("x"), |raw, n| raw.set(&format!("x-{n}"), "x"));
    assert!(matches!(many.send(&axon).await.status, 431 | 400 | 0));
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_head_that_trickles_in_is_cut_off() {
    let axon = serve(axon().limits(impatient())).await;
    let mut slow = connect(&axon).await;
    slow.write_all(b"POST /Echo HTTP/1.1\r\n").await.unwrap();
    let trickle = async {
        loop {
            if slow.write_all(b"x").await.is_err() {
                return;
            }
            let mut byte = [0];
            // Closed by the axon, by end of stream or reset.
            if !matches!(timeout(Duration::from_millis(20), slow.read(&mut byte)).await, Err(_) | Ok(Ok(1))) {
                return;
            }
        }
    };
    timeout(PATIENCE, trickle).await.expect("the axon closes the connection");
    let mut silent = connect(&axon).await;
    assert!(until_closed(&mut silent).await.is_empty());
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_in_408_and_blocks_nobody() {
    let limits = AxonLimits { max_handlers: 1, ..impatient() };
    let axon = serve(axon().limits(limits)).await;
    let raw = Raw::echo("x");
    let mut slow = connect(&axon).await;
    slow.write_all(raw.head().as_bytes()).await.unwrap();
    slow.write_all(&raw.body[..3]).await.unwrap();
    assert_serves(&axon).await;
    read_answer(&mut slow).await.assert(408, "The request body did not arrive in time");
}

#[tokio::test]
async fn bodies_that_do_not_arrive_take_the_memory_of_what_came_and_no_more() {
    let body_timeout = Duration::from_secs(2);
    let limits =
        AxonLimits { max_body_bytes: 1024, max_stranger_bodies_bytes: 2048, body_timeout, ..impatient() };
    let axon = serve(axon().limits(limits)).await;
    let mut slow = Vec::new();
    for part in [0, 0, 0, 3, 3] {
        let raw = Raw::echo("x");
        let mut stream = connect(&axon).await;
        stream.write_all(raw.head().as_bytes()).await.unwrap();
        stream.write_all(&raw.body[..part]).await.unwrap();
        slow.push(stream);
    }
    eventually("all are read", || axon.metrics().requests == 5).await;
    Raw::echo("y").send(&axon).await.assert(503, "Axon is busy, try again later");
    for stream in &mut slow {
        read_answer(stream).await.assert(408, "The request body did not arrive in time");
    }
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_peer_that_stops_reading_is_cut_off() {
    let limits = AxonLimits { max_body_bytes: 64, ..impatient() };
    let big = Route::new("Big", |_: Call| async { Ok(Reply::json(vec![b' '; 64 << 20])) });
    let axon = serve(axon().route(big).limits(limits)).await;
    let raw = Raw::echo("x").to("/Big").set(header::BODY_HASH, EMPTY_HASH);
    let raw = raw.signed_at(now_ns(), &bob().address()).body("{}");
    let mut deaf = connect(&axon).await;
    deaf.write_all((raw.head() + "{}").as_bytes()).await.unwrap();
    eventually("the connection fails", || axon.metrics().connections_failed == 1).await;
    assert_eq!(axon.metrics().connections_open, 0);
    assert_serves(&axon).await;
}

const EMPTY_HASH: &str = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a";

#[tokio::test]
async fn garbage_on_the_line_hurts_only_its_sender() {
    let axon = serve(axon().limits(impatient())).await;
    let valid = Raw::echo("x");
    let mut cases: Vec<Vec<u8>> = vec![
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(),
        b"GET\r\n\r\n".to_vec(),
        b"POST /Echo HTTP/9.9\r\n\r\n".to_vec(),
        b"POST http://\xff HTTP/1.1\r\n\r\n".to_vec(),
        vec![0; 100_000],
    ];
    // A valid request with one byte changed, everywhere in its head.
    let bytes = [valid.head().into_bytes(), valid.body.clone()].concat();
    for position in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[position] ^= 0x15;
        cases.push(changed);
    }
    for case in cases {
        let mut stream = connect(&axon).await;
        let _ = stream.write_all(&case).await;
        let _ = stream.shutdown().await;
        until_closed(&mut stream).await;
    }
    assert_serves(&axon).await;
    eventually("all connections are gone", || axon.metrics().connections_open == 0).await;
}

#[tokio::test]
async fn a_handler_that_hangs_ends_with_the_senders_timeout_and_frees_its_slot() {
    let limits = AxonLimits { max_handlers: 1, ..AxonLimits::default() };
    let axon = serve(axon().limits(limits)).await;
    let hang = Raw::echo("x").to("/Hang").set(header::TIMEOUT, "0.2").set(header::BODY_HASH, EMPTY_HASH);
    let hang = hang.signed_at(now_ns(), &bob().address());
    hang.send(&axon).await.assert(408, "Response timeout after: 0.2s");
    assert_eq!(axon.metrics().handling, 0);
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_handler_that_panics_or_fails_hides_its_reasons() {
    let axon = serve(axon()).await;
    let dendrite = Dendrite::new(Arc::new(alice()));
    for synapse in ["Panic", "Fail"] {
        let answer = dendrite.query(target(&axon), &ask(synapse)).await;
        assert_eq!(answer.status.code, 500);
        assert!(answer.status.message.starts_with("Internal Server Error #"), "{}", answer.status);
    }
    assert_eq!(axon.metrics().failed, 2);
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_handler_with_it() {
    let limits = AxonLimits { max_handlers: 1, ..AxonLimits::default() };
    let axon = serve(axon().limits(limits)).await;
    let hang = Raw::echo("x").to("/Hang").set(header::BODY_HASH, EMPTY_HASH);
    let hang = hang.signed_at(now_ns(), &bob().address());
    let mut leaving = connect(&axon).await;
    leaving.write_all((hang.head() + r#"{"data":"x"}"#).as_bytes()).await.unwrap();
    eventually("the handler runs", || axon.metrics().handling == 1).await;
    drop(leaving);
    eventually("the handler is gone", || axon.metrics().handling == 0).await;
    assert_serves(&axon).await;
}

#[tokio::test]
async fn a_connection_beyond_the_limits_takes_the_place_of_the_oldest_idle_one() {
    for limits in [
        AxonLimits { max_connections: 3, ..AxonLimits::default() },
        AxonLimits { max_stranger_connections: 3, ..AxonLimits::default() },
        AxonLimits { max_connections_per_network: 3, ..AxonLimits::default() },
    ] {
        let axon = serve(axon().limits(limits)).await;
        let mut open = Vec::new();
        for number in 1..=3 {
            open.push(connect(&axon).await);
            eventually("it is open", || axon.metrics().connections_open == number).await;
        }
        assert_serves(&axon).await;
        assert!(until_closed(&mut open[0]).await.is_empty());
        assert_eq!((axon.metrics().connections_displaced, axon.metrics().connections_refused), (1, 0));
        drop(open);
        eventually("there is room again", || axon.metrics().connections_open == 0).await;
        assert_serves(&axon).await;
    }
}

#[tokio::test]
async fn when_all_slots_and_places_are_taken_the_axon_says_busy() {
    let limits = AxonLimits { max_handlers: 1, max_waiting: 0, ..AxonLimits::default() };
    let axon = serve(axon().limits(limits)).await;
    let dendrite = Dendrite::new(Arc::new(alice()));
    let (busy, hanging) = (dendrite.clone(), target(&axon));
    let holder = tokio::spawn(async move { busy.query(hanging, &ask("Hang")).await });
    eventually("the slot is taken", || axon.metrics().handling == 1).await;
    let refused = dendrite.query(target(&axon), &query("x")).await;
    assert_eq!(refused.status.code, 503, "{}", refused.status);
    let limited = query("x").timeout(Duration::from_millis(400)).patient();
    let in_vain = dendrite.query(target(&axon), &limited).await;
    assert_eq!(in_vain.status.code, 503, "not too late: {}", in_vain.status);
    let tried = axon.metrics().requests;
    let patient = dendrite.clone();
    let (waiting, at) = (query("x").patient(), target(&axon));
    let patient = tokio::spawn(async move { patient.query(at, &waiting).await });
    eventually("it was refused twice", || axon.metrics().requests >= tried + 2).await;
    holder.abort();
    eventually("the slot is free", || axon.metrics().handling == 0).await;
    assert!(patient.await.unwrap().is_success(), "it goes in when there is room");
    assert_serves(&axon).await;
}

#[tokio::test]
async fn validators_overtake_strangers_who_wait() {
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let gate = Arc::new(tokio::sync::Semaphore::new(0));
    let noting = {
        let (order, gate) = (order.clone(), gate.clone());
        Route::new("Note", move |call: Call| {
            let (order, gate) = (order.clone(), gate.clone());
            async move {
                gate.acquire().await.unwrap().forget();
                order.lock().unwrap().push(call.caller.hotkey);
                Ok(Reply::json(call.body))
            }
        })
    };
    let limits = AxonLimits { max_handlers: 1, ..AxonLimits::default() };
    let axon = serve(axon_for(Known::validators([alice()])).route(noting).limits(limits)).await;
    let strangers = [Keypair::from_uri("//First").unwrap(), Keypair::from_uri("//Second").unwrap()];
    let senders = [strangers[0].clone(), strangers[1].clone(), alice()];
    let mut asking = Vec::new();
    for (arrived, sender) in senders.iter().enumerate() {
        let (dendrite, target) = (Dendrite::new(Arc::new(sender.clone())), target(&axon));
        asking.push(tokio::spawn(async move { dendrite.query(target, &ask("Note")).await }));
        eventually("the request has arrived", || axon.metrics().requests == arrived as u64 + 1).await;
        eventually("one is handled", || axon.metrics().handling == 1).await;
        // The request is counted before it queues; let it get there.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    gate.add_permits(3);
    for task in asking {
        assert!(task.await.unwrap().is_success());
    }
    let expected = [&strangers[0], &alice(), &strangers[1]].map(Keypair::public);
    assert_eq!(*order.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_shutdown_finishes_what_is_under_way_and_refuses_the_rest() {
    let finished = Arc::new(AtomicUsize::new(0));
    let counter = finished.clone();
    let slow = Route::new("Slow", move |call: Call| {
        let counter = counter.clone();
        async move {
            tokio::time::sleep(Duration::from_millis(200)).await;
            counter.fetch_add(1, SeqCst);
            Ok(Reply::json(call.body))
        }
    });
    let axon = serve(axon().route(slow)).await;
    let address = axon.address();
    let (dendrite, to) = (Dendrite::new(Arc::new(alice())), target(&axon));
    let asking = {
        let dendrite = dendrite.clone();
        tokio::spawn(async move { dendrite.query(to, &ask("Slow")).await })
    };
    eventually("the handler runs", || axon.metrics().handling == 1).await;
    axon.shutdown(PATIENCE).await;
    assert!(asking.await.unwrap().is_success());
    assert_eq!(finished.load(SeqCst), 1);
    assert_eq!(dendrite.query(to, &query("x")).await.status.code, 503);
    let again = axon_on(address).await;
    assert_serves(&again.unwrap()).await;
}

#[tokio::test]
async fn a_shutdown_cuts_what_does_not_finish_in_time() {
    let axon = serve(axon()).await;
    let (dendrite, to) = (Dendrite::new(Arc::new(alice())), target(&axon));
    let asking = tokio::spawn(async move { dendrite.query(to, &ask("Hang")).await });
    eventually("the handler runs", || axon.metrics().handling == 1).await;
    axon.shutdown(Duration::from_millis(50)).await;
    assert_eq!(asking.await.unwrap().status.code, 503);
}

async fn axon_on(address: std::net::SocketAddr) -> Result<RunningAxon, AxonError> {
    axon().bind(address).await
}

#[tokio::test]
async fn a_port_in_use_and_bad_routes_are_explained() {
    let axon = serve(axon()).await;
    let error = axon_on(axon.address()).await.err().expect("the port is taken");
    assert!(error.to_string().contains("is another miner running there?"), "{error}");
    let twice = Axon::new(Arc::new(bob()), myelin_neuron::axon::OpenToAll)
        .route(Route::new("Echo", echo))
        .route(Route::new("Echo", echo));
    assert!(matches!(twice.bind(loopback()).await.err(), Some(AxonError::DuplicateRoute(_))));
    let unnamed = Axon::new(Arc::new(bob()), myelin_neuron::axon::OpenToAll).route(Route::new("a/b", echo));
    assert!(matches!(unnamed.bind(loopback()).await.err(), Some(AxonError::RouteName(_))));
}

//! Reports of a dendrite about axons of every behaviour.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use futures::StreamExt;
use myelin_neuron::{
    axon::{AxonLimits, Call, HandlerError, Reply, Route},
    dendrite::{Answer, Dendrite, DendriteLimits, Target},
    Clock,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};

use super::situation::*;

fn dendrite() -> Dendrite {
    Dendrite::new(Arc::new(alice()))
}

/// A peer that reads something, writes `answer` and closes, for every connection.
async fn peer(answer: &'static [u8]) -> Target {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 4_096]).await;
            let _ = stream.write_all(answer).await;
        }
    });
    Target::new(bob().public(), address)
}

async fn ask_peer(answer: &'static [u8]) -> Answer {
    dendrite().query(peer(answer).await, &query("x")).await
}

#[tokio::test]
async fn an_answer_arrives_with_its_times() {
    let axon = serve(axon()).await;
    let answer = dendrite().query(target(&axon), &query("hello")).await;
    assert!(answer.is_success());
    assert_eq!(answer.body, r#"{"data":"hello"}"#);
    assert!(answer.process_time.unwrap() <= answer.elapsed);
}

#[tokio::test]
async fn the_axons_refusal_is_passed_on() {
    let axon = serve(axon()).await;
    let answer = dendrite().query(target(&axon), &ask("Nothing")).await;
    assert_eq!(answer.status.code, 404);
    assert!(answer.status.message.starts_with("Synapse name 'Nothing' not found"), "{}", answer.status);
    let other = Target { hotkey: alice().public(), ..target(&axon) };
    assert_eq!(dendrite().query(other, &query("x")).await.status.code, 401);
}

#[tokio::test]
async fn failures_have_the_official_codes() {
    let free: SocketAddr = TcpListener::bind(loopback()).await.unwrap().local_addr().unwrap();
    let nobody = Target::new(bob().public(), free);
    let answer = dendrite().query(nobody, &query("x")).await;
    assert_eq!(answer.status.to_string(), format!("503 Service unavailable at {free}/Echo"));

    let axon = serve(axon()).await;
    let late = dendrite().query(target(&axon), &ask("Hang").timeout(Duration::from_millis(50))).await;
    // Both sides give up at the same time; in either order, the result is a timeout.
    assert_eq!(late.status.code, 408, "{}", late.status);

    assert_eq!(ask_peer(b"").await.status.code, 503, "closed without an answer");
    assert_eq!(ask_peer(b"SSH-2.0-OpenSSH\r\n").await.status.code, 400, "not HTTP");
    let broken_off = ask_peer(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await;
    assert_eq!(broken_off.status.code, 400, "{}", broken_off.status);
    let error = ask_peer(b"HTTP/1.1 418 X\r\ncontent-length: 4\r\n\r\nnope").await;
    assert_eq!(error.status.code, 418);
}

#[tokio::test]
async fn a_host_that_accepts_nothing_is_away_and_not_late() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(loopback()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Once the queue of connections is full, packets are dropped.
    let waiting: Vec<_> = (0..4).map(|_| tokio::spawn(TcpStream::connect(address))).collect();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let target = Target::new(bob().public(), address);
    for query in [query("x"), query("x").patient()] {
        let answer = dendrite().query(target, &query.timeout(Duration::from_secs(2))).await;
        assert_eq!(answer.status.code, 503, "{}", answer.status);
    }
    drop((listener, waiting));
}

#[tokio::test]
async fn oversized_answers_are_given_up() {
    let announced = ask_peer(b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n").await;
    assert_eq!(
        announced.status.to_string(),
        "422 Failed to parse response: the answer is larger than 1048576 bytes"
    );
    let endless = Route::new("Endless", |_: Call| async {
        let chunk = Ok::<_, HandlerError>(bytes(64 << 10));
        Ok(Reply::stream(futures::stream::repeat(chunk)))
    });
    let axon = serve(axon().route(endless)).await;
    let answer = dendrite().query(target(&axon), &ask("Endless")).await;
    assert_eq!(answer.status.code, 422);
    eventually("the axon noticed", || axon.metrics().connections_open == 0).await;
    let heads = b"HTTP/1.1 200 OK\r\nx: ";
    let long: &'static [u8] = Box::leak([&heads[..], &[b'x'; 100_000][..], b"\r\n\r\n"].concat().into());
    assert_eq!(ask_peer(long).await.status.code, 400);
}

fn bytes(length: usize) -> bytes::Bytes {
    vec![b'x'; length].into()
}

#[tokio::test]
async fn concurrent_requests_to_one_axon_are_never_refused_for_their_order() {
    let axon = serve(axon()).await;
    let requests = (0..600).map(|n| (target(&axon), query(&n.to_string())));
    let mut answered = 0;
    let mut answers = dendrite().query_all(requests, 64);
    while let Some((index, answer)) = answers.next().await {
        assert!(answer.is_success(), "{}", answer.status);
        assert_eq!(answer.body, format!(r#"{{"data":"{index}"}}"#));
        answered += 1;
    }
    assert_eq!(answered, 600);
    assert!(axon.metrics().connections <= 64);
}

#[tokio::test]
async fn one_lane_serves_many_askers_in_turn() {
    let axon = serve(axon()).await;
    let limits = DendriteLimits { max_lanes_per_axon: 1, ..DendriteLimits::default() };
    // A clock that stands still: nonces must still grow.
    let standing = now_ns();
    let dendrite = Dendrite::with(Arc::new(alice()), limits, Clock::new(move || standing), None);
    let requests = (0..50).map(|_| (target(&axon), query("x")));
    let answers: Vec<_> = dendrite.query_all(requests, 50).collect().await;
    assert!(answers.iter().all(|(_, answer)| answer.is_success()));
    assert_eq!(axon.metrics().connections, 1);
}

/// A peer that accepts everything and answers nothing, and the number of connections it has accepted.
async fn silent() -> (SocketAddr, Arc<std::sync::atomic::AtomicUsize>) {
    let listener = TcpListener::bind(loopback()).await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = accepted.clone();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
            counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        }
    });
    (address, accepted)
}

#[tokio::test]
async fn an_address_that_signed_nothing_gets_few_lanes_whatever_keys_announce_it() {
    let limits = DendriteLimits { max_lanes_at_first: 3, ..DendriteLimits::default() };
    let dendrite = Dendrite::with(Arc::new(alice()), limits, Clock::system(), None);
    let (victim, accepted) = silent().await;
    // No request may end before the count: the next one in its place would open a connection of its own.
    let long = query("x").timeout(Duration::from_secs(60));
    let requests: Vec<_> = (0..40u8).map(|n| (Target::new([n % 20; 32], victim), long.clone())).collect();
    let asker = dendrite.clone();
    let asking =
        tokio::spawn(async move { asker.query_all(requests, 40).map(|_| ()).collect::<Vec<_>>().await });
    let lanes = || accepted.load(std::sync::atomic::Ordering::SeqCst);
    let opened = async {
        while lanes() < 3 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), opened).await.expect("the lanes at first");
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(lanes(), 3);
    asking.abort();
    // An axon that has signed an answer gets as many as usual.
    let axon = serve(axon()).await;
    assert!(dendrite.query(target(&axon), &query("x").challenge(challenge(1))).await.signed().is_some());
    let hanging = (0..8).map(|_| {
        let (dendrite, target) = (dendrite.clone(), target(&axon));
        tokio::spawn(async move { dendrite.query(target, &ask("Hang")).await })
    });
    let hanging: Vec<_> = hanging.collect();
    eventually("all are asked", || axon.metrics().handling == 8).await;
    hanging.iter().for_each(|task| task.abort());
}

#[tokio::test]
async fn a_slow_axon_does_not_delay_the_others() {
    let good = serve(axon()).await;
    let bad = serve(axon()).await;
    let requests = vec![
        (target(&bad), ask("Hang").timeout(Duration::from_secs(1))),
        (target(&good), query("a")),
        (target(&good), query("b")),
    ];
    let order: Vec<_> =
        dendrite().query_all(requests, 2).map(|(index, answer)| (index, answer.status.code)).collect().await;
    assert_eq!(order, [(1, 200), (2, 200), (0, 408)]);
}

#[tokio::test]
async fn a_connection_that_the_axon_closed_meanwhile_is_replaced() {
    let limits = AxonLimits { header_timeout: Duration::from_millis(100), ..AxonLimits::default() };
    let axon = serve(axon().limits(limits)).await;
    let dendrite = dendrite();
    for round in 0..3 {
        let answer = dendrite.query(target(&axon), &query("x")).await;
        assert!(answer.is_success(), "round {round}: {}", answer.status);
        eventually("the axon closed the idle connection", || axon.metrics().connections_open == 0).await;
    }
    assert_eq!(axon.metrics().connections, 3);
}

#[tokio::test]
async fn a_miner_that_dies_and_comes_back_is_reached_again() {
    let first = serve(axon()).await;
    let to = target(&first);
    let dendrite = dendrite();
    assert!(dendrite.query(to, &query("x")).await.is_success());
    drop(first);
    assert_eq!(dendrite.query(to, &query("x")).await.status.code, 503);
    let _again = axon().bind(to.address).await.unwrap();
    assert!(dendrite.query(to, &query("x")).await.is_success());
}

#[tokio::test]
async fn an_abandoned_query_leaves_its_lane_usable() {
    let axon = serve(axon()).await;
    let limits = DendriteLimits { max_lanes_per_axon: 1, ..DendriteLimits::default() };
    let dendrite = Dendrite::with(Arc::new(alice()), limits, Clock::system(), None);
    let (hang, short) = (ask("Hang"), Duration::from_millis(50));
    let abandoned = tokio::time::timeout(short, dendrite.query(target(&axon), &hang)).await;
    assert!(abandoned.is_err());
    assert!(dendrite.query(target(&axon), &query("x")).await.is_success());
}

#[tokio::test]
async fn a_streamed_answer_arrives_in_pieces() {
    let count = Route::new("Count", |_: Call| async {
        let chunks = futures::stream::iter(0..5).then(|n| async move {
            tokio::task::yield_now().await;
            Ok::<_, HandlerError>(bytes::Bytes::from(format!("data: {n}\n\n")))
        });
        Ok(Reply::stream(chunks))
    });
    let axon = serve(axon().route(count)).await;
    let dendrite = dendrite();
    let mut stream = dendrite.stream(target(&axon), &ask("Count")).await.unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    while let Some(chunk) = stream.next().await {
        text += std::str::from_utf8(&chunk.unwrap()).unwrap();
    }
    assert_eq!(text, "data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n");
    drop(stream);
    assert!(dendrite.query(target(&axon), &query("x")).await.is_success());
    assert_eq!(axon.metrics().connections, 1, "the lane was reused");
    let refused = dendrite.stream(target(&axon), &ask("Nothing")).await.err().unwrap();
    assert_eq!(refused.code, 404);
}

#[tokio::test]
async fn a_stream_that_stalls_or_fails_ends_with_a_status() {
    let stall = Route::new("Stall", |_: Call| async {
        let first = futures::stream::iter([Ok::<_, HandlerError>(bytes(3))]);
        Ok(Reply::stream(first.chain(futures::stream::pending())))
    });
    let fail = Route::new("Break", |_: Call| async {
        let pieces = [Ok(bytes(3)), Err(HandlerError::internal("lost the model"))];
        // The error comes later than the head, as it does with a real model.
        Ok(Reply::stream(futures::stream::iter(pieces).then(|piece| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            piece
        })))
    });
    let axon = serve(axon().route(stall).route(fail)).await;
    let short = ask("Stall").timeout(Duration::from_millis(300));
    let mut stream = dendrite().stream(target(&axon), &short).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(matches!(stream.next().await.unwrap().unwrap_err().code, 408 | 400));
    assert!(stream.next().await.is_none());
    let mut stream = dendrite().stream(target(&axon), &ask("Break")).await.unwrap();
    let mut last = stream.next().await.unwrap();
    while last.is_ok() {
        last = stream.next().await.expect("a broken stream does not end as if it were whole");
    }
    assert_eq!(last.unwrap_err().code, 400);
    assert_serves(&axon).await;
}

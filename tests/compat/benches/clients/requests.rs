//! Requests between axons and dendrites, ours and those of `bittensor` 10.5, each with each.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use myelin_neuron::axon::{Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon};
use myelin_neuron::dendrite::{Dendrite, Query, Target};
use myelin_wallet::Keypair;
use serde_json::{json, Value};

use crate::figures::Times;
use crate::peer::Peer;

/// Questions at the same time.
const LANES: [usize; 2] = [1, 16];
/// Time for which requests are sent, after a moment in which connections are opened.
const LENGTH: Duration = Duration::from_secs(4);
const WARM_UP: Duration = Duration::from_millis(500);
/// Fields that the signature covers, as the class of `peers/neuron.py` says.
const PROTECTED: [&str; 3] = ["text", "number", "items"];

/// Every pair, asked by one and by several at a time.
pub async fn measure(folder: &Path) {
    // Each in a process of its own; otherwise they would share one core.
    let (mut their_axon, mut their_dendrite) = (Peer::neuron(folder), Peer::neuron(folder));
    let theirs = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
    their_axon.get(json!({ "do": "axon", "uri": "//Bob", "port": theirs }));
    let axon = our_axon().await;
    let ours = axon.address().port();
    println!(
        "\nrequests on loopback for {} s, signed and verified; `bittensor` 10.5.0 in Python",
        LENGTH.as_secs()
    );
    println!("  {:<34} {:>8} {:>11}  answered after", "dendrite to axon", "at once", "per second");
    for lanes in LANES {
        for (names, port) in [("Python to Python", theirs), ("Python to Rust", ours)] {
            let mut load = |time: Duration| {
                let length = time.as_secs_f64();
                their_dendrite.get(json!({ "do": "load", "port": port, "lanes": lanes, "seconds": length }))
            };
            load(WARM_UP);
            let told = load(LENGTH);
            assert_eq!(told["wrong"], 0, "{names}: wrong answers");
            let seconds = told["seconds"].as_array().expect("a list");
            print(names, lanes, &Times::of(seconds.iter().filter_map(Value::as_f64)));
        }
        for (names, port) in [("Rust to Python", theirs), ("Rust to Rust (one process)", ours)] {
            load(port, lanes, WARM_UP).await;
            print(names, lanes, &load(port, lanes, LENGTH).await);
        }
    }
    axon.shutdown(Duration::from_secs(1)).await;
}

fn print(names: &str, lanes: usize, times: &Times) {
    let rate = times.count() as f64 / LENGTH.as_secs_f64();
    println!("  {names:<34} {lanes:>8} {rate:>11.0}  {times}");
}

/// //Bob's axon that answers as that of `peers/neuron.py`.
async fn our_axon() -> RunningAxon {
    let bob = Arc::new(Keypair::from_uri("//Bob").expect("a key"));
    let axon = Axon::new(bob, OpenToAll).route(Route::new("Echo", echo).protect(PROTECTED));
    axon.bind("127.0.0.1:0".parse().expect("an address")).await.expect("bound")
}

async fn echo(call: Call) -> Result<Reply, HandlerError> {
    let mut fields: Value =
        serde_json::from_slice(&call.body).map_err(|error| HandlerError::bad_request(error.to_string()))?;
    fields["answer"] = format!("echo: {}", fields["text"].as_str().unwrap_or_default()).into();
    Ok(Reply::json(fields.to_string()))
}

/// Asks the axon on the port for `length` with our dendrite.
async fn load(port: u16, lanes: usize, length: Duration) -> Times {
    let hotkey = Keypair::from_uri("//Bob").expect("a key").public();
    let target = Target::new(hotkey, SocketAddr::from(([127, 0, 0, 1], port)));
    let dendrite = Dendrite::new(Arc::new(Keypair::from_uri("//Alice").expect("a key")));
    let until = Instant::now() + length;
    let lanes = (0..lanes).map(|_| tokio::spawn(lane(dendrite.clone(), target, until)));
    let times = join_all(lanes).await.into_iter().flat_map(|times| times.expect("a lane ends"));
    Times::of_durations(times)
}

async fn lane(dendrite: Dendrite, target: Target, until: Instant) -> Vec<Duration> {
    let body = r#"{"text":"hey","number":0,"items":[],"answer":null}"#;
    let query = Query::new("Echo", body, &PROTECTED).expect("a query");
    let query = query.required(&["text"]).expect("a field").timeout(Duration::from_secs(20));
    let mut times = Vec::new();
    while Instant::now() < until {
        let started = Instant::now();
        let answer = dendrite.query(target, &query).await;
        times.push(started.elapsed());
        assert!(answer.is_success(), "{answer:?}");
        let fields: Value = serde_json::from_slice(&answer.body).expect("JSON");
        assert_eq!(fields["answer"], "echo: hey");
    }
    times
}

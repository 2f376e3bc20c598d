//! Axon and dendrite over loopback: requests per second and latency.
//!
//! Every request is signed and verified as official clients and axons do (sr25519 over nonce, hotkeys, uuid and body
//! hash; one protected field of 64 bytes). In the second half every answer is signed by the axon and verified by the
//! dendrite as well. Client and server share one process and its threads, one per core.
//!
//! `cargo bench --profile dev -p myelin-neuron --bench loopback [seconds per case]`

use std::{
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc,
    },
    time::{Duration, Instant},
};

use myelin_neuron::{
    axon::{AnswerNetwork, Axon, AxonLimits, Call, OpenToAll, Reply, Route},
    dendrite::{Authenticity, Challenge, Dendrite, Query, Target},
};
use myelin_wallet::Keypair;

const NETWORK: AnswerNetwork = AnswerNetwork { genesis_hash: [7; 32], netuid: 2 };
const MODEL: [u8; 32] = [9; 32];

struct Figures {
    per_second: f64,
    p50_ms: f64,
    p99_ms: f64,
    bad: usize,
}

async fn client(
    dendrite: Dendrite,
    target: Target,
    signed: bool,
    until: Instant,
    ids: Arc<AtomicU64>,
) -> (Vec<Duration>, usize) {
    let query = Query::new("Echo", format!(r#"{{"data":"{}"}}"#, "x".repeat(64)), &["data"]).expect("valid");
    let (mut times, mut bad) = (Vec::with_capacity(100_000), 0);
    while Instant::now() < until {
        let query = if signed {
            let mut id = [0; 32];
            id[..8].copy_from_slice(&ids.fetch_add(1, Relaxed).to_le_bytes());
            let AnswerNetwork { genesis_hash, netuid } = NETWORK;
            query.clone().challenge(Challenge { id, genesis_hash, netuid })
        } else {
            query.clone()
        };
        let started = Instant::now();
        let answer = dendrite.query(target, &query).await;
        times.push(started.elapsed());
        let authentic = matches!(answer.authenticity, Authenticity::Signed(_)) == signed;
        if !answer.is_success() || !authentic || answer.body != *query.body() {
            bad += 1;
        }
    }
    (times, bad)
}

async fn measure(target: Target, connections: usize, signed: bool, time: Duration) -> Figures {
    let dendrite = Dendrite::new(Arc::new(Keypair::from_uri("//Alice").expect("valid")));
    let ids = Arc::new(AtomicU64::new(rand::random()));
    // Connections are opened and keys are decoded before the clock starts.
    let warm_until = Instant::now() + Duration::from_millis(300);
    let started = warm_until;
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let (dendrite, ids) = (dendrite.clone(), ids.clone());
            tokio::spawn(async move {
                client(dendrite.clone(), target, signed, warm_until, ids.clone()).await;
                client(dendrite, target, signed, started + time, ids).await
            })
        })
        .collect();
    let (mut times, mut bad) = (Vec::new(), 0);
    for task in clients {
        let (own, own_bad) = task.await.expect("a client does not panic");
        times.extend(own);
        bad += own_bad;
    }
    times.sort_unstable();
    let at = |share: f64| {
        let index = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(index).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    Figures { per_second: times.len() as f64 / time.as_secs_f64(), p50_ms: at(0.5), p99_ms: at(0.99), bad }
}

fn processor_seconds() -> f64 {
    // Fields 14 and 15 of /proc/self/stat are user and system time in hundredths of a second on Linux.
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = |index: usize| rest.split_whitespace().nth(index).and_then(|t| t.parse::<f64>().ok());
    (ticks(11).unwrap_or(0.0) + ticks(12).unwrap_or(0.0)) / 100.0
}

#[tokio::main]
async fn main() {
    let seconds = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(5.0);
    let time = Duration::from_secs_f64(seconds);
    let miner = Keypair::from_uri("//Bob").expect("valid");
    let hotkey = miner.public();
    let axon = Axon::new(Arc::new(miner), OpenToAll)
        .route(
            Route::new("Echo", |call: Call| async move { Ok(Reply::json(call.body).signed_by(MODEL)) })
                .protect(["data"]),
        )
        .sign_answers(NETWORK)
        .limits(AxonLimits { max_connections_per_network: 512, ..AxonLimits::default() })
        .bind("127.0.0.1:0".parse().expect("valid"))
        .await
        .expect("a free port");
    let target = Target::new(hotkey, axon.address());
    println!("axon + dendrite over loopback, {seconds} s per case, one process (goal: 12,000 requests a second, p99 10 ms)");
    println!(
        "{:<30} {:>11} {:>9} {:>9} {:>12} {:>6}",
        "", "requests/s", "p50 ms", "p99 ms", "CPU µs/req", "bad"
    );
    for signed in [false, true] {
        for connections in [1, 64] {
            let before = processor_seconds();
            let figures = measure(target, connections, signed, time).await;
            let cpu = (processor_seconds() - before) / (figures.per_second * seconds).max(1.0) * 1e6;
            let name = format!("{connections} connection(s){}", if signed { ", signed answers" } else { "" });
            let Figures { per_second, p50_ms, p99_ms, bad } = figures;
            println!("{name:<30} {per_second:>11.0} {p50_ms:>9.2} {p99_ms:>9.2} {cpu:>12.0} {bad:>6}");
        }
    }
    axon.shutdown(Duration::from_secs(1)).await;
}

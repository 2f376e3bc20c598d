//! Feeds over real HTTP, a real WebSocket and a file: forecasts are judged when the world has gone on.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::{body::Body, http::StatusCode, response::Redirect, routing::get, Router};
use futures::{SinkExt, StreamExt};
use myelin_finance::{
    backend::BuiltIn,
    feed::{now, Feeds, FeedsSettings},
    forecast::Forecaster,
    series::Composer,
    FinanceConfig, FinanceSubnet, Load,
};
use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{replay_round, EvidenceFolder},
    testkit::{MemoryChain, NETUID},
    Subnet, Validator, ValidatorOptions,
};
use myelin_wire::record::{Reason, Record, NO_EXTENSION};
use tokio::net::TcpListener;
use tokio_tungstenite::{accept_async, tungstenite::Message};

use crate::round::{key, miner};

/// Ticks that each record begins with, one a second.
const BEFORE: u64 = 120;

/// A price that moves from second to second.
fn price(time: u64) -> u64 {
    let mixed = time.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    1000 + (time % 97) + (mixed >> 58)
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

/// A server that is asked for the price.
async fn over_http() -> String {
    let answer = || async { format!(r#"{{"data":[{{"price":"{}.25"}}]}}"#, price(now())) };
    serve(Router::new().route("/price", get(answer))).await + "/price"
}

/// A server that says the price once it was greeted, between messages of other kinds.
async fn over_websocket() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut socket = accept_async(stream).await.unwrap();
                let hello = socket.next().await.unwrap().unwrap();
                assert_eq!(hello.to_text().unwrap(), "prices, please");
                loop {
                    for text in
                        ["welcome".into(), r#"{"load":3}"#.into(), format!(r#"{{"p":{}}}"#, price(now()))]
                    {
                        if socket.send(Message::text(text)).await.is_err() {
                            return;
                        }
                    }
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            });
        }
    });
    format!("ws://{address}")
}

/// Settings of a feed of each kind, with records that have begun.
async fn settings(folder: &Path) -> FeedsSettings {
    let record = |name: &str| {
        let path = folder.join(format!("{name}.csv"));
        let ticks = (1..=BEFORE).rev().map(|back| format!("{},{}\n", now() - back, price(now() - back)));
        std::fs::write(&path, ticks.collect::<String>()).unwrap();
        format!("[[feed]]\nname = '{name}'\nrecord = '{}'\nevery = 1\npatience = 20\n", path.display())
    };
    let text = format!(
        "step = 1\n{}{}url = '{}'\nfield = 'data.0.price'\n{}url = '{}'\nfield = 'p'\nhello = 'prices, please'\n",
        record("file"),
        record("http"),
        over_http().await,
        record("websocket"),
        over_websocket().await,
    );
    toml::from_str(&text).unwrap()
}

fn subnet(feeds: Feeds) -> Arc<FinanceSubnet> {
    // A block of the chain in memory takes 20 ms.
    let feeds = Some(Feeds { block_ms: 20, ..feeds });
    let load = Load { deadline: Duration::from_secs(2), ..Load::default() };
    let composer = Some(Composer::new(&[3; 32]));
    Arc::new(
        FinanceSubnet::open(FinanceConfig { composer, feeds, load, ..FinanceConfig::default() }).unwrap(),
    )
}

/// Rounds of the evidence with records of tasks that were asked earlier.
fn judged_later(folder: &EvidenceFolder) -> Vec<(u64, u16, Vec<Record>)> {
    let rounds = folder.epochs().into_iter().flat_map(|epoch| {
        folder
            .rounds(epoch)
            .into_iter()
            .map(move |round| (epoch, round, folder.records(epoch, round).unwrap()))
    });
    rounds.filter(|(.., records)| records.iter().any(is_later)).collect()
}

fn is_later(record: &Record) -> bool {
    record.extension != NO_EXTENSION
}

#[tokio::test(flavor = "multi_thread")]
async fn forecasts_of_feeds_are_judged_when_their_horizon_is_over_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(folder.path()).await;
    let written = folder.path().join("file.csv");
    let writing = std::thread::spawn(move || {
        let mut last = now();
        while written.exists() {
            if now() > last {
                last = now();
                let file = std::fs::OpenOptions::new().append(true).open(&written);
                let _ =
                    file.and_then(|mut file| file.write_all(format!("{last},{}\n", price(last)).as_bytes()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    });

    let chain = MemoryChain::new(1_800, true);
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let fitted = Arc::new(BuiltIn { forecaster: Forecaster::Fitted, salt: 1 });
    let walk = Arc::new(BuiltIn { forecaster: Forecaster::Walk, salt: 2 });
    let _miners = [miner(&chain, "fitted", fitted).await, miner(&chain, "walk", walk).await];
    let start = || async {
        let subnet = subnet(settings.open(true).unwrap());
        let options = ValidatorOptions::new(NETUID, folder.path());
        let validator = key("validator");
        Validator::start(subnet, chain.signed_by(validator.public()), validator, options).await.unwrap()
    };
    let validator = start().await;
    let mut report = validator.report();
    let asked = report.wait_for(|report| report.last_round.is_some());
    tokio::time::timeout(Duration::from_secs(120), asked).await.unwrap().unwrap();
    validator.shutdown(Duration::from_secs(10)).await;
    let evidence = EvidenceFolder { path: folder.path().join("evidence"), keep: 1000 };
    assert!(judged_later(&evidence).is_empty(), "nothing is judged before its horizon is over");

    let validator = start().await;
    let mut report = validator.report();
    let judged = report.wait_for(|report| {
        report
            .last_round
            .iter()
            .flat_map(|round| &round.evaluated.judged)
            .any(|judged| is_later(&judged.record))
    });
    tokio::time::timeout(Duration::from_secs(240), judged).await.unwrap().unwrap();
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();

    let rounds = judged_later(&evidence);
    let (epoch, round, records) = &rounds[0];
    let later: Vec<&Record> = records.iter().filter(|record| is_later(record)).collect();
    assert!(
        !later.is_empty() && later.len().is_multiple_of(12),
        "six tasks about feeds for each of two miners in a round"
    );
    assert!(later.iter().all(|record| record.reason == Reason::Scored), "{later:?}");

    // Replaying with the same records gives the same scores, also much later.
    let again = |feeds: Feeds| {
        replay_round(&subnet(feeds), &evidence, *epoch, *round, &GroupRule::default(), &mut ()).unwrap()
    };
    assert_eq!(again(settings.open(false).unwrap()), *records);
    for feed in &settings.feeds {
        let text = std::fs::read_to_string(&feed.record).unwrap();
        assert!(
            text.lines().count() as u64 > BEFORE + 20,
            "{} grew to {} lines",
            feed.name,
            text.lines().count()
        );
        // Another record has another past.
        let (first, rest) = text.split_once('\n').unwrap();
        std::fs::write(&feed.record, format!("{first}1\n{rest}")).unwrap();
    }
    let foreign = again(settings.open(false).unwrap());
    assert_ne!(foreign, *records);
    let of_feeds = foreign.iter().filter(|record| is_later(record));
    assert!(of_feeds.into_iter().all(|record| record.reason == Reason::Garbage), "{foreign:?}");
    drop(folder);
    writing.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_servers_add_nothing_to_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let endless = || async {
        let part = || Ok::<_, std::io::Error>(vec![b' '; 1 << 16]);
        Body::from_stream(futures::stream::repeat_with(part))
    };
    let app = Router::new()
        .route("/error", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, r#"{"p":1}"#) }))
        .route("/page", get(|| async { "<html>1</html>" }))
        .route("/other", get(|| async { r#"{"q":1}"# }))
        .route("/nan", get(|| async { r#"{"p":"NaN"}"# }))
        .route("/large", get(|| async { r#"{"p":1e300}"# }))
        .route("/loop", get(|| async { Redirect::temporary("/loop") }))
        .route("/endless", get(endless));
    let http = serve(app).await;
    let (ws, tls) = (http.replace("http", "ws"), http.replace("http", "wss"));
    let places = ["error", "page", "other", "nan", "large", "loop", "endless"];
    let mut urls: Vec<String> = places.iter().map(|place| format!("{http}/{place}")).collect();
    urls.extend([ws, tls, "http://127.0.0.1:1/".into(), "http://[".into(), large_messages().await]);
    let record = |at: usize| -> PathBuf { folder.path().join(format!("{at}.csv")) };
    let feed = |(at, url): (usize, &String)| {
        format!(
            "[[feed]]\nname = '{url}'\nrecord = '{}'\nurl = '{url}'\nfield = 'p'\nevery = 1\n",
            record(at).display()
        )
    };
    let text: String = urls.iter().enumerate().map(feed).collect();
    let settings: FeedsSettings = toml::from_str(&text).unwrap();
    let feeds = settings.open(true).unwrap();
    // Long enough for each to be asked more than once.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for (at, (feed, url)) in feeds.feeds.iter().zip(&urls).enumerate() {
        assert_eq!(feed.last_time(), None, "{url}");
        assert!(!record(at).exists(), "{url}");
    }
}

/// A WebSocket whose messages are larger than allowed.
async fn large_messages() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let mut socket = accept_async(stream).await.unwrap();
            let text = format!(r#"{{"p":1,"padding":"{}"}}"#, "x".repeat(2 << 20));
            let _ = socket.send(Message::text(text)).await;
        }
    });
    format!("ws://{address}")
}

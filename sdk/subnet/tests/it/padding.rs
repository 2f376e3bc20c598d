//! A miner that pads its answers fills its own share of a round, and no other's disk space.

use std::path::Path;

use myelin_neuron::axon::{Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon};
use myelin_subnet::{chain::AxonPurpose, evidence::EvidenceFolder, testkit::NETUID, Chain};
use myelin_wire::record::Reason;

use crate::{
    guessing::{Question, Style},
    network::{key, report_where, Network},
};

/// Longest body that is read as an answer to a check: 200 bytes of answer, 8 KiB around it.
const LONGEST: usize = 200 + 8 * 1024;
/// Bytes of answers of a round, half of them for each of two miners.
const ROUND: usize = 20_000;

/// An axon whose answers are right, and as long as they may be.
async fn padding(network: &Network, name: &str) -> RunningAxon {
    let key = key(name);
    network.chain.register(key.public(), false);
    let answer = |call: Call| async move {
        let Question { hint } = serde_json::from_slice(&call.body).map_err(|_| HandlerError::busy())?;
        let start = format!(r#"{{"guess":{hint},"padding":""#);
        Ok(Reply::json(format!("{start}{}\"}}", "x".repeat(LONGEST - start.len() - 2))))
    };
    let axon = Axon::new(key.clone(), OpenToAll).route(Route::new("Guessing", answer));
    let axon = axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    network
        .chain
        .signed_by(key.public())
        .serve_axon(NETUID, axon.address(), AxonPurpose::Answers)
        .await
        .unwrap();
    axon
}

fn bytes_in(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries
        .map(|path| if path.is_dir() { bytes_in(&path) } else { path.metadata().unwrap().len() as usize })
        .sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn padding_takes_room_of_nobody_but_who_pads() {
    let network = Network::start(300, true);
    let _hostile = padding(&network, "hostile").await;
    let _honest = network.miner("honest", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.round_bytes = ROUND).await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let round = report.last_round.unwrap();
    let path = network.validator_folder("v1").join("evidence");
    let folder = EvidenceFolder { path: path.clone(), keep: 10 };
    let records = folder.records(round.epoch, round.round).unwrap();
    let count = |name: &str, reason| {
        let uid = network.uid(name) as u16;
        records.iter().filter(|record| record.miner_uid == uid && record.reason == reason).count()
    };
    assert_eq!(count("hostile", Reason::Scored), 1, "the first of its two answers has room");
    assert_eq!(count("hostile", Reason::Oversize), 1, "the second has none");
    assert_eq!(count("honest", Reason::Scored), 6, "who does not pad notices nothing");
    let texts = bytes_in(&path.join(format!("epoch-{:06}/texts", round.epoch)));
    assert!(texts < ROUND, "{texts} bytes of texts");
    report_where(&validator, "weights", |report| !report.weights.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_beyond_its_quota_goes_and_weights_stay() {
    let network = Network::start(100, true);
    let _hostile = padding(&network, "hostile").await;
    let _honest = network.miner("honest", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator_with("v1", |options| options.evidence_bytes = 1).await;
    let first = report_where(&validator, "weights", |report| !report.weights.is_empty()).await.epoch;
    let later = |report: &myelin_subnet::ValidatorReport| {
        report.weights.get(&0).is_some_and(|(epoch, _)| *epoch > first + 1)
    };
    let report = report_where(&validator, "weights of later epochs", later).await;
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    assert!(folder.epochs().len() <= 2, "{:?} of {}", folder.epochs(), report.epoch);
}

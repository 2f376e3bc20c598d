//! The template's subnet (`subnets/template`) with its examples for the official SDK: miner and validator may each be
//! official or ours.

use std::process::{Command, Stdio};

use myelin_chain_client::ChainClient;
use myelin_compat::packages::Packages;
use myelin_compat::table::Part;
use myelin_subnet::{Answer, Challenge, MinerRef, Subnet};
use myelin_wire::record::LatencyBucket;
use myelin_wire::seed::Seed;
use round_trip::protocol::Map;
use round_trip::solver::{nearest, two_opt};
use round_trip::{subnet::Config, RoundTripSubnet};

use super::dev::account;
use super::neurons::{repository, subnet, Neuron};
use super::node::Node;
use super::ports::free_port;
use super::Shown;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_and_rust_mine_and_judge_the_templates_subnet_together() {
    let mut shown = Shown::of(Part::Template);
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(folder.path());
    let chain = ChainClient::connect(&node.endpoint()).await.expect("our node");
    let netuid = subnet(&chain).await;
    let [validator, rust, python] = ["//Bob_hk", "//Charlie_hk", "//Dave_hk"].map(account);

    // The command of a crate that `myelin subnet new` writes, built from the template itself.
    let command = "round-trip";
    let (number, port) = (netuid.to_string(), free_port().to_string());
    let serving = ["miner", "run", "--netuid", &number, "--ip", "127.0.0.3", "--port", &port];
    let weak = [&serving[..], &["--model", "nearest"]].concat();
    let _ours = Neuron::ours(&node, folder.path(), command, "Charlie", &weak);
    let port = free_port().to_string();
    let arguments = ["--netuid", &number, "--ip", "127.0.0.2", "--port", &port];
    let script = |name| format!("subnets/template/examples/{name}.py");
    let mut theirs = Neuron::python(&node, folder.path(), &script("miner"), "Dave", &arguments);
    let incentives = || async {
        let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
        [&rust, &python].map(|hotkey| graph.by_hotkey(hotkey).map_or(0, |neuron| neuron.incentive))
    };

    let judging =
        Neuron::ours(&node, folder.path(), command, "Bob", &["validator", "run", "--netuid", &number]);
    // The Python miner uncrosses its trips, ours here does not.
    theirs
        .until("the better one is paid more", || async {
            let [rust, python] = incentives().await;
            rust > 0 && python > rust
        })
        .await;
    drop(judging);
    shown.row(
        "`subnets/template/examples/miner.py` mines beside a Rust miner, and is paid by a Rust validator",
    );

    let weighed_at = || async {
        let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
        graph.by_hotkey(&validator).map_or(0, |neuron| neuron.last_update)
    };
    let before = weighed_at().await;
    let arguments = ["--netuid", &number, "--pause", "1", "--ip", "127.0.0.1"];
    let mut judge = Neuron::python(&node, folder.path(), &script("validator"), "Bob", &arguments);
    judge.until("the Python validator sets weights", || async { weighed_at().await > before }).await;
    let said = judge.said();
    let averages = said.lines().rev().find_map(|line| line.strip_prefix("averages ")).expect("averages");
    let [rust, python] = [uid(&chain, netuid, &rust).await, uid(&chain, netuid, &python).await].map(|uid| {
        let found = averages.split(' ').find_map(|average| average.strip_prefix(&format!("{uid}:")));
        found.and_then(|average| average.parse::<f64>().ok()).expect("an average")
    });
    assert!(rust > 0.4 && python > rust + 0.1, "{said}");
    shown.row("`subnets/template/examples/validator.py` judges both, and sets weights");

    shown.everything();
}

async fn uid(chain: &ChainClient, netuid: u16, hotkey: &myelin_abi::Account) -> u16 {
    chain.uid(netuid, hotkey).await.expect("an answer").expect("registered")
}

#[test]
fn the_python_validator_scores_as_the_rust_validator_does() {
    let subnet = RoundTripSubnet::open(Config::default()).expect("a subnet");
    let plan = subnet.tasks().remove(0);
    let mut cases = Vec::new();
    for number in 0..20u64 {
        let challenge =
            subnet.challenge(&plan, &Seed([7; 32]).derive(b"python", number), &()).expect("a task");
        let trip = if number % 2 == 0 { two_opt(&challenge.request) } else { nearest(&challenge.request) };
        let latency = LatencyBucket::of_ms(number * 400);
        let ms = latency.start_ms();
        let response = trip.clone();
        let answer = Answer { miner: MinerRef { uid: 0, hotkey: [0; 32] }, response, latency };
        let judged = subnet.score(&challenge, &[answer], &mut ()).remove(0);
        let score = subnet.rubric().score(&judged.parts, judged.reason).expect("a score").get();
        let Challenge { request: Map { places }, .. } = challenge;
        cases.push(serde_json::json!([places, trip.order, ms, score]));
    }
    let packages = Packages::Sdk10.installed().unwrap_or_else(|why| panic!("{why}"));
    let code = "import json, sys, validator\n\
        cases = json.load(sys.stdin)\n\
        print(sum(validator.score(places, order, ms) == score for places, order, ms, score in cases))";
    let mut python = Command::new(packages.join("bin/python"))
        .args(["-c", code])
        .current_dir(repository().join("subnets/template/examples"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    serde_json::to_writer(python.stdin.take().expect("its input"), &cases).expect("sent");
    let output = python.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "20");
}

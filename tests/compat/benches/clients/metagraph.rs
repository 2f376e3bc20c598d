//! The metagraph of a full subnet: `bittensor` 10.5 and our SDK, from the same node.

use std::path::Path;
use std::time::{Duration, Instant};

use myelin_chain_client::{ChainClient, Metagraph};
use myelin_wire::ss58;
use serde_json::{json, Value};

use crate::figures::{compare, Times};
use crate::peer::Peer;
use crate::process::Repeated;
use crate::world::NEURONS;
use crate::{official, peer_program};
use myelin_compat::packages::Packages;

/// Reads over an open connection.
const READS: usize = 21;
/// Processes that read once.
const PROCESSES: usize = 7;
/// How many times faster ours should be.
const GOAL: f64 = 25.0;
const NAME: &str = "bittensor 10.5.0";

/// Compares the values that both read, then their times.
pub async fn measure(endpoint: &str, netuid: u16, home: &Path, myelin: &Path) {
    let chain = ChainClient::connect(endpoint).await.expect("connected");
    let mut peer = Peer::start({
        let mut python = std::process::Command::new(official(Packages::Sdk10, "python"));
        python.arg(peer_program("metagraph.py")).arg(endpoint).env("HOME", home);
        python
    });
    same(&chain, &mut peer, netuid).await;

    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..READS {
        let started = Instant::now();
        let graph = chain.metagraph(netuid, None).await.expect("a metagraph");
        ours.push(started.elapsed());
        assert_eq!(graph.neurons.len(), NEURONS);
        theirs.push(peer.get(json!({ "do": "seconds", "netuid": netuid })).as_f64().expect("seconds"));
    }
    let title = format!("metagraph of {NEURONS} neurons, connection open");
    compare(&title, &Times::of_durations(ours), &[(NAME, &Times::of(theirs))], GOAL);
    drop(peer);
    processes(endpoint, netuid, home, myelin).await;
}

/// The same with a process for each read: start, imports, connection, read.
async fn processes(endpoint: &str, netuid: u16, home: &Path, myelin: &Path) {
    let number = netuid.to_string();
    let ours = ["metagraph", "--netuid", &number, "--json", "--endpoint", endpoint];
    let ours = Repeated::new(myelin, &ours, home);
    let script = peer_program("metagraph.py").display().to_string();
    let python = official(Packages::Sdk10, "python");
    let theirs = Repeated::new(python, &[&script, endpoint, &number], home);
    let [last, count] = [format!("\"uid\": {}", NEURONS - 1), format!("{NEURONS}\n")];
    theirs.timed(&count).await;
    ours.timed(&last).await;
    let mut times: [Vec<Duration>; 2] = Default::default();
    for _ in 0..PROCESSES {
        times[0].push(ours.timed(&last).await);
        times[1].push(theirs.timed(&count).await);
    }
    let [ours, theirs] = times.map(Times::of_durations);
    compare("the same, a process for each read", &ours, &[(NAME, &theirs)], GOAL);
}

/// Both read the same at one block.
async fn same(chain: &ChainClient, peer: &mut Peer, netuid: u16) {
    let block = chain.best_block().await.expect("a block");
    let ours = chain.metagraph(netuid, Some(block.hash)).await.expect("a metagraph");
    let theirs = peer.get(json!({ "do": "shown", "netuid": netuid, "block": block.number }));
    assert_eq!(theirs["n"], NEURONS);
    assert_eq!(theirs["hotkeys"], addresses(&ours, |neuron| neuron.hotkey.0), "hotkeys differ");
    assert_eq!(theirs["coldkeys"], addresses(&ours, |neuron| neuron.coldkey.0), "coldkeys differ");
    for (column, stakes) in [
        ("alpha_stake", ours.neurons.iter().map(|neuron| neuron.alpha_stake.to_rao()).collect::<Vec<_>>()),
        ("total_stake", ours.neurons.iter().map(|neuron| neuron.total_stake.to_rao()).collect()),
    ] {
        let shown: Vec<f32> = numbers(&theirs[column]);
        // The official values are numbers of 32 bits.
        let own: Vec<f32> = stakes.iter().map(|rao| (*rao as f64 / 1e9) as f32).collect();
        assert_eq!(shown, own, "{column} differs");
        assert!(stakes.iter().filter(|rao| **rao > 0).count() >= NEURONS - 1, "{column} is empty");
    }
}

fn addresses(graph: &Metagraph, key: impl Fn(&myelin_chain_client::Neuron) -> [u8; 32]) -> Value {
    graph.neurons.iter().map(|neuron| ss58::encode(&key(neuron))).collect()
}

fn numbers(column: &Value) -> Vec<f32> {
    let column = column.as_array().expect("a list");
    column.iter().map(|number| number.as_f64().expect("a number") as f32).collect()
}

//! `myelin node`: what is refused before a node starts, and an authority that joins. Other nodes that start are run by
//! the test of the guide.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use myelin_chain_client::ChainClient;

use super::harness::{second_node, Network};
use super::ports::free_port;
use super::{command, json, text};

/// Longest time until a new authority writes blocks, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// The command with the node that the tests have.
fn myelin(folder: &Path, words: &[&str]) -> Command {
    let mut command = command(folder, words);
    command.env("MYELIN_NODE", super::readme::myelin_node());
    command
}

fn run(folder: &Path, words: &[&str]) -> Output {
    myelin(folder, words).output().expect("the command starts")
}

fn refused(folder: &Path, words: &[&str], why: &str) {
    let output = run(folder, words);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
    assert!(said.contains(why), "{words:?} does not say `{why}`: {said}");
}

#[test]
fn what_can_be_known_beforehand_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let ports = [free_port(), free_port(), free_port()].map(|port| port.to_string());
    let ports = ["--port", &ports[0], "--rpc-port", &ports[1], "--metrics-port", &ports[2]];
    let node = |words: &[&str], why: &str| {
        refused(folder, &[&["node", "run"], &ports[..], words].concat(), why);
    };
    node(&[], "there is no chain file chain.json");
    std::fs::write(folder.join("chain.json"), "{").expect("written");
    node(&[], "chain.json is no chain file");
    for (file, id) in [("chain.json", "one"), ("other.json", "two")] {
        let chain = serde_json::json!({ "id": id, "name": id, "genesis": { "raw": {} } });
        std::fs::write(folder.join(file), chain.to_string()).expect("written");
    }
    node(&["--", "--node-key", "00"], "--node-key is not passed on");

    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let taken = listener.local_addr().expect("an address").port().to_string();
    let on_taken = ["node", "run", ports[0], ports[1], "--rpc-port", &taken, ports[4], ports[5]];
    refused(folder, &on_taken, &format!("port {taken} is in use"));

    // An authority needs both keys, and nobody else may read them.
    node(&["--authority"], "needs a key of the kind aura");
    let insert = ["node", "keys", "insert", "aura", "--suri", "//One"];
    refused(folder, &insert, "can read a command line");
    let made = json(&run(folder, &["node", "keys", "new", "--json"]));
    let kinds: Vec<_> =
        made.as_array().expect("keys").iter().filter_map(|key| key["kind"].as_str()).collect();
    assert_eq!(kinds, ["aura", "grandpa", "network"]);
    refused(folder, &["node", "keys", "new"], "already");
    // Where one of the two is missing, it alone is made.
    std::fs::remove_file(folder.join(made[1]["file"].as_str().expect("a file"))).expect("removed");
    let again = json(&run(folder, &["node", "keys", "new", "--json"]));
    assert_eq!(again[0], made[0]);
    assert_ne!(again[1]["address"], made[1]["address"]);
    refused(folder, &["node", "keys", "new"], "already");
    let key = folder.join(made[0]["file"].as_str().expect("a file"));
    assert_eq!(std::fs::metadata(&key).expect("a file").permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).expect("opened");
    node(&["--authority"], "chmod 600");

    // The folder is for one chain.
    node(&["--chain-file", "other.json"], "holds the chain `one`, and other.json is of `two`");
    refused(folder, &["node", "check-state"], "there is no database in .myelin/node");
    refused(folder, &["node", "chain-file", "--like", "dev"], "chain.json exists");
    let half = run(folder, &["node", "chain-file", "--id", "mine", "--out", "mine.json"]);
    assert_eq!(half.status.code(), Some(2), "{}", text(&half.stderr));
    let wrong = run(folder, &["node", "run", "--bootnode", "203.0.113.5:30333"]);
    assert!(text(&wrong.stderr).contains("/p2p/12D3KooW"), "{}", text(&wrong.stderr));
}

#[test]
fn a_node_that_does_not_answer_is_waited_for_as_long_as_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let endpoint = format!("ws://127.0.0.1:{}", free_port());
    let waited = run(folder.path(), &["node", "status", "--endpoint", &endpoint, "--wait", "3"]);
    let said = text(&waited.stderr);
    assert_eq!(waited.status.code(), Some(1), "{said}");
    assert!(said.contains("has not caught up within 3 s") && said.contains("no node answers at"), "{said}");
}

/// Repeats a question until it is answered with yes.
fn until(what: &str, mut answered: impl FnMut() -> bool, log: &Path) {
    let started = Instant::now();
    while !answered() {
        let said = || std::fs::read_to_string(log).unwrap_or_default();
        assert!(started.elapsed() < PATIENCE, "{what} has not happened:\n{}", said());
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// The blocks that a node says it has written, with their hashes.
fn written(log: &Path) -> Vec<(u64, String)> {
    let log = std::fs::read_to_string(log).unwrap_or_default();
    let sealed = log.lines().filter_map(|line| line.split_once("Pre-sealed block for proposal at "));
    let parts = sealed.filter_map(|(_, said)| {
        let (number, rest) = said.split_once(". Hash now ")?;
        Some((number.parse().ok()?, rest.split([',', ' ']).next()?.to_owned()))
    });
    parts.collect()
}

#[test]
fn an_authority_joins_a_network_that_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let net = Network::up(folder.path());
    net.ok(&["node", "chain-file", "--like", "dev", "--out", "chain.json", "--json"]);
    net.ok(&["node", "keys", "new", "--json"]);
    let second = second_node(&net, folder.path());

    // Root appoints accounts that have announced their keys, and nobody else does.
    net.ok(&["wallet", "faucet", "//operator", "--amount", "5", "--json"]);
    let list = || net.ok(&["node", "authorities", "list", "--json"]);
    let first = list()[0]["account"].as_str().expect("an account").to_owned();
    let appoint = ["node", "authorities", "appoint", &first, "//operator", "--yes", "--json"];
    let as_root = [&appoint[..], &["-w", "//Alice"]].concat();
    let early = net.refused(&as_root);
    assert!(early.contains("has announced no keys"), "{early}");
    let announce = ["node", "keys", "announce", "-w", "//operator", "--yes", "--json"];
    let announced = net.ok(&announce);
    assert_eq!(announced["aura"], net.ok(&["node", "keys", "list", "--json"])[0]["address"]);
    let again = net.refused(&announce);
    assert!(again.contains("already"), "{again}");
    let stranger = net.refused(&[&appoint[..], &["-w", "//operator"]].concat());
    assert!(stranger.contains("does not hold the root key"), "{stranger}");
    let twice = ["node", "authorities", "appoint", "//operator", "//operator", "-w", "//Alice", "--yes"];
    let twice = net.refused(&twice);
    assert!(twice.contains("named twice"), "{twice}");

    // Both write blocks from then on, and both are needed to finalise them.
    second.wait_until_caught_up();
    net.ok(&as_root);
    until(
        "the office",
        || {
            let authorities = list();
            let authorities = authorities.as_array().expect("a list");
            authorities.len() == 2 && authorities.iter().all(|authority| authority["office"] == "holds")
        },
        &second.log,
    );
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let final_ones = || {
        runtime.block_on(async {
            let chain = ChainClient::connect(&net.endpoint).await.expect("connected");
            let last = chain.finalized_block().await.expect("a block").number;
            let mut found = 0;
            for (number, hash) in written(&second.log).into_iter().filter(|(number, _)| *number <= last) {
                found += usize::from(chain.block_hash(number).await.expect("a block").to_string() == hash);
            }
            found
        })
    };
    until("a final block of the second authority", || final_ones() > 1, &second.log);
}

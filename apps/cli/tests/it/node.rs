//! `myelin node`: what is refused before a node starts. A node that starts is run by the test of its guide.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use super::harness::free_port;
use super::{command, json, text};

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

//! `myelin doctor` finds what was broken on purpose.

use serde_json::Value;

use super::harness::Network;
use super::{json, myelin, text};

/// State and words of a check.
fn check<'a>(findings: &'a Value, name: &str) -> Option<(&'a str, &'a str)> {
    let finding = findings.as_array()?.iter().rev().find(|finding| finding["check"] == name)?;
    Some((finding["state"].as_str()?, finding["fix"].as_str().unwrap_or_default()))
}

#[test]
fn a_broken_set_up_is_named_with_its_fix_and_a_good_one_passes() {
    let folder = tempfile::tempdir().expect("a folder");

    // No keys, no node: both are said, with what to do.
    let nothing = myelin(folder.path(), &["doctor", "--json", "--endpoint", "ws://127.0.0.1:9"]);
    assert_eq!(nothing.status.code(), Some(1));
    let findings = json(&nothing);
    assert!(matches!(check(&findings, "coldkey"), Some(("problem", fix)) if fix.contains("wallet new")));
    assert!(matches!(check(&findings, "node"), Some(("problem", fix)) if fix.contains("--endpoint")));

    // Keys on a network: poor, unregistered, and a key file that others can read.
    let net = Network::up(folder.path());
    net.ok(&["wallet", "new", "-w", "alice", "-k", "miner", "--no-password", "--json"]);
    let key = folder.path().join("wallets/alice/hotkeys/miner");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, open).expect("changed");
    let doctor = ["doctor", "-w", "alice", "-k", "miner", "-n", "1", "--json"];
    let findings = json(&net.run(&doctor));
    assert!(matches!(check(&findings, "hotkey file"), Some(("warning", fix)) if fix.contains("chmod 600")));
    assert!(matches!(check(&findings, "money"), Some(("problem", fix)) if fix.contains("faucet")));
    assert!(
        matches!(check(&findings, "registration on 1"), Some(("problem", fix)) if fix.contains("register"))
    );
    for fine in ["versions", "chain", "clock"] {
        assert_eq!(check(&findings, fine).map(|(state, _)| state), Some("ok"), "{fine}: {findings}");
    }

    // Registered, announced, and nobody listens; then somebody does.
    net.ok(&["wallet", "faucet", "alice", "--json"]);
    let sender = ["-w", "alice", "-k", "miner", "--yes", "--json"];
    net.ok(&[&["subnet", "register", "-n", "1"][..], &sender].concat());
    let listener = std::net::TcpListener::bind("127.0.0.2:0").expect("a port");
    let port = listener.local_addr().expect("an address").port().to_string();
    drop(listener);
    let axon = ["axon", "set", "-n", "1", "--ip", "127.0.0.2", "--port", &port];
    net.ok(&[&axon[..], &sender].concat());
    let silent = net.run(&doctor);
    assert_eq!(silent.status.code(), Some(1));
    assert!(
        matches!(check(&json(&silent), "axon on 1"), Some(("problem", fix)) if fix.contains("miner run"))
    );
    let _listener = std::net::TcpListener::bind(format!("127.0.0.2:{port}")).expect("the port again");
    let heard = net.run(&doctor);
    assert!(heard.status.success(), "{}", text(&heard.stdout));
    let findings = json(&heard);
    assert!(matches!(check(&findings, "axon on 1"), Some(("warning", fix)) if fix.contains("axon set")));
    assert!(matches!(check(&findings, "permit on 1"), Some(("warning", fix)) if fix.contains("stake add")));
    assert_eq!(check(&findings, "owner").map(|(state, _)| state), Some("ok"));
}

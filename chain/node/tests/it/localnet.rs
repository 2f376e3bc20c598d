//! `scripts/localnet.sh`, which official suites start: a fresh chain each time, and nothing left of it.

use serde_json::{json, Value};

use crate::{
    harness::{Node, Setup, PROGRESS},
    ports::free_port,
};

/// Hash of the first block, which is there at once at any pace.
fn first_block(node: &Node) -> String {
    let asked = |node: &Node| match node.ask("chain_getBlockHash", json!([1]))? {
        Value::String(hash) => Ok(hash),
        other => Err(other.to_string()),
    };
    let hash = node.wait("imported its first block", PROGRESS, asked);
    node.wait("said so", PROGRESS, |node| match node.log() {
        log if log.contains("Imported #1 ") => Ok(()),
        log => Err(log),
    });
    hash
}

#[test]
fn the_script_for_official_suites_starts_a_fresh_chain_on_both_ports_and_ends_on_a_signal() {
    let setup = Setup::new("", &[]);
    let ports = [free_port(), free_port()];
    let mut node = setup.start_localnet(true, ports);
    let first = first_block(&node);
    node.ask_at(ports[1]);
    assert_eq!(node.hash(1), first, "both ports lead to one chain");

    let (ended_well, said) = setup.start_localnet(true, [free_port(), ports[1]]).end();
    assert!(!ended_well && said.contains(&format!("port {} is taken", ports[1])), "{said}");

    assert!(node.terminate(), "the script ends as asked");
    let listening = |port: u16| std::net::TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(!ports.into_iter().any(listening), "something still listens");

    let node = setup.start_localnet(false, ports);
    assert_ne!(first_block(&node), first, "the chain is a new one");
    node.wait("removed what the first chain stored", PROGRESS, |_| {
        let files = std::fs::read_dir(setup.base()).expect("a folder").flatten();
        let stored = |name: String| name.starts_with("myelin-localnet-");
        match files.filter(|file| stored(file.file_name().to_string_lossy().into())).count() {
            1 => Ok(()),
            chains => Err(format!("{chains} chains are stored")),
        }
    });
}

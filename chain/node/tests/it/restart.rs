//! Nodes that end, in order or not, report the reason and come back with all finalised blocks.

use crate::harness::Setup;

#[test]
fn a_killed_node_keeps_what_it_finalised() {
    let setup = Setup::new("dev", &["--one", "--force-authoring", "--pruning", "archive"]);
    let node = setup.start(&[]);
    node.wait_finalised(8);
    let finalised = node.finalised();
    let before: Vec<_> = (0..=finalised).map(|number| node.hash(number)).collect();
    node.kill();

    let node = setup.start(&[]);
    assert!(node.finalised() >= finalised, "block {finalised} is no longer final");
    let after: Vec<_> = (0..=finalised).map(|number| node.hash(number)).collect();
    assert_eq!(before, after, "finalised blocks changed");
    node.wait_finalised(finalised + 4);
}

#[test]
fn a_killed_authority_rejoins_the_others() {
    let (one, two) = (Setup::new("local", &["--one"]), Setup::new("local", &["--two"]));
    let one = one.start(&[]);
    let running = two.start(&[&one]);
    running.wait_finalised(4);
    let finalised = running.finalised();
    let hash = running.hash(finalised);
    running.kill();

    let two = two.start(&[&one]);
    assert_eq!(two.hash(finalised), hash, "a finalised block changed");
    one.wait_finalised(finalised + 8);
    two.wait_finalised(finalised + 8);
    assert_eq!(one.hash(finalised + 8), two.hash(finalised + 8), "the nodes disagree after the restart");
}

#[test]
fn a_node_ends_cleanly_when_it_is_told_to() {
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let node = setup.start(&[]);
    node.wait_finalised(2);
    assert!(node.terminate(), "the node reported an error after SIGTERM");
}

#[test]
fn a_full_disk_ends_the_node_with_the_reason_and_nothing_final_is_lost() {
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let node = setup.start(&[]);
    node.wait_finalised(4);
    let finalised = node.finalised();
    let hash = node.hash(finalised);
    node.kill();

    let (success, log) = setup.start_with_little_disk(1024).end();
    assert!(!success, "a node that cannot store blocks must report an error");
    assert!(log.contains("File too large"), "the log does not name the reason:\n{log}");

    let node = setup.start(&[]);
    assert_eq!(node.hash(finalised), hash, "block {finalised} changed");
    node.wait_finalised(finalised + 4);
}

#[test]
fn a_taken_port_is_named_before_anything_starts() {
    let (first, second) = (Setup::new("dev", &["--one"]), Setup::new("dev", &["--two"]));
    let first = first.start(&[]);
    let (success, log) = second.start_on_port_of(&first).end();
    assert!(!success, "the second node must not start");
    assert!(
        log.contains("cannot listen for JSON-RPC") && log.contains("--rpc-port"),
        "unhelpful message:\n{log}"
    );
}

//! Nodes that end, in order or not, come back with what was finalised.

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

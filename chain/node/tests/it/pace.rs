//! One runtime serves the fast and the production pace; genesis decides.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::harness::{chain_file, hex, Node, Setup};
use serde_json::json;

/// `Aura.SlotDuration` in milliseconds, as clients read it: from the constants in the metadata.
fn slot_in_metadata(node: &Node) -> u64 {
    let metadata = node.call("state_call", json!(["Metadata_metadata_at_version", "0x0f000000"]));
    let metadata = hex(metadata.as_str().expect("metadata is bytes"));
    let name = b"\x30SlotDuration";
    let slots = metadata.windows(name.len()).enumerate().filter(|(_, window)| window == name);
    slots
        .filter_map(|(at, _)| constant_of_eight_bytes(&metadata[at + name.len()..]))
        .next()
        .expect("the metadata has the constant Aura.SlotDuration")
}

/// The value of a constant whose name has just been read: its type (a compact number of up to four bytes), the
/// length of the value (8) and the value. A type of the same name is not followed by these.
fn constant_of_eight_bytes(rest: &[u8]) -> Option<u64> {
    let value = match rest.first()? & 3 {
        0 => 2,
        1 => 3,
        _ => 5,
    };
    let has_eight_bytes = *rest.get(value - 1)? == 8 << 2;
    if !has_eight_bytes {
        return None;
    }
    rest.get(value..value + 8)?.try_into().ok().map(u64::from_le_bytes)
}

/// The slot in milliseconds that block production uses.
fn slot_of_consensus(node: &Node) -> u64 {
    let slot = node.call("state_call", json!(["AuraApi_slot_duration", "0x"]));
    u64::from_le_bytes(hex(slot.as_str().expect("a number is bytes")).try_into().expect("eight bytes"))
}

/// Hash of the runtime's code.
fn code(node: &Node) -> String {
    let code = node.call("state_getStorageHash", json!(["0x3a636f6465"]));
    code.as_str().expect("a chain stores its runtime").into()
}

#[test]
fn one_runtime_serves_both_paces() {
    let (fast, slow) = (Setup::new("dev", &["--one"]), Setup::new("dev-12s", &["--one"]));
    let (fast, slow) = (fast.start(&[]), slow.start(&[]));
    assert_eq!(code(&fast), code(&slow), "the two chains run different code");
    assert_eq!((slot_in_metadata(&fast), slot_of_consensus(&fast)), (250, 250));
    assert_eq!((slot_in_metadata(&slow), slot_of_consensus(&slow)), (12_000, 12_000));
}

#[test]
fn a_chain_file_decides_even_if_it_began_as_a_built_in_chain() {
    let node = Setup::new(&chain_file("dev", 1_000), &["--one"]);
    assert_eq!(slot_of_consensus(&node.start(&[])), 1_000);
}

#[test]
fn a_new_chain_of_one_authority_begins_in_the_slot_in_which_it_starts() {
    const SLOT: u64 = 12;
    let seconds = || SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let begins_at_once = || {
        // Early in a slot, so that it does not end during the start.
        std::thread::sleep(Duration::from_secs(SLOT - seconds() % SLOT));
        let slot = seconds() / SLOT;
        let node = Setup::new("dev-12s", &["--one", "--force-authoring"]).start(&[]);
        let first = |node: &Node| (node.best() > 0).then_some(()).ok_or_else(|| "has no block".to_owned());
        node.wait("made a block", Duration::from_secs(60), first);
        node.slot(1) == slot
    };
    // A start that lasts longer than a slot shows nothing.
    assert!((0..3).any(|_| begins_at_once()), "the first block waits for the next slot");
}

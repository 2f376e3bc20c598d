//! An authority that runs twice: the nodes of the authors find its blocks, and report it.

use myelin_runtime::{genesis::keys::AUTHORITIES, AccountId};
use serde_json::json;
use sp_io::hashing::{twox_128, twox_64};
use sp_runtime::codec::Decode;

use crate::harness::{hex, Node, Setup, PROGRESS};

/// Offences that were reported of the first set, by the place of their kind: votes, blocks.
pub fn reported(node: &Node) -> Vec<(AccountId, u8)> {
    let term = 0u32.to_le_bytes();
    let key = [&twox_128(b"Elections")[..], &twox_128(b"Convicted"), &twox_64(&term), &term].concat();
    let found = node.call("state_getStorage", json!([sp_core::bytes::to_hex(&key, false)]));
    let bytes = found.as_str().map(hex).unwrap_or_default();
    Decode::decode(&mut &bytes[..]).unwrap_or_default()
}

#[test]
fn an_authority_that_runs_on_two_machines_is_reported_by_the_nodes() {
    let [first, second, other] = ["--one", "--one", "--two"].map(|flag| Setup::new("local3", &[flag]));
    let other = other.start(&[]);
    let first = first.start(&[&other]);
    let second = second.start(&[&other, &first]);
    let twice = (AUTHORITIES[0].account.id(), 1);
    other.wait("reported two blocks of one slot", PROGRESS, |node| {
        let reported = reported(node);
        reported.contains(&twice).then_some(()).ok_or_else(|| format!("{reported:?}"))
    });
    let honest = AUTHORITIES[1].account.id();
    for node in [&first, &second, &other] {
        assert!(!reported(node).iter().any(|(who, _)| *who == honest), "nobody else is reported");
    }
}

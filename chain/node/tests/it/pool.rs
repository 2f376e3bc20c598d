//! Attacks on the transaction pool over JSON-RPC. `docs/reference/attacks.md` lists them.

use std::time::Duration;

use codec::Encode;
use myelin_runtime::{signing::sign, Hash, RuntimeCall, UncheckedExtrinsic};
use serde_json::{json, Value};
use sp_core::{bytes::to_hex, sr25519, Pair};

use crate::{
    harness::{hex, Node, Setup},
    socket::shared,
};

fn key(uri: &str) -> sr25519::Pair {
    sr25519::Pair::from_string(uri, None).expect("a valid path")
}

fn genesis(node: &Node) -> Hash {
    Hash::from_slice(&hex(&node.hash(0)))
}

fn remark(bytes: usize) -> RuntimeCall {
    frame_system::Call::remark { remark: vec![7; bytes] }.into()
}

fn text(transaction: &UncheckedExtrinsic) -> String {
    to_hex(&transaction.encode(), false)
}

/// The result of a transaction: its hash, or the code and words of the error.
fn submit(node: &Node, transaction: &UncheckedExtrinsic) -> Result<Value, String> {
    node.ask("author_submitExtrinsic", json!([text(transaction)]))
}

fn refused(node: &Node, transaction: &UncheckedExtrinsic, words: &str) {
    let why = submit(node, transaction).expect_err("refused");
    assert!(why.contains(words), "expected `{words}`: {why}");
}

/// Transactions in the pool that could be put into a block now.
fn pending(node: &Node) -> usize {
    node.call("author_pendingExtrinsics", json!([])).as_array().map_or(0, Vec::len)
}

/// Transactions of an account in blocks, and those that follow them at once.
fn sent_by(node: &Node, uri: &str) -> Result<u64, String> {
    let account = sp_core::crypto::Ss58Codec::to_ss58check(&key(uri).public());
    let next = node.ask("system_accountNextIndex", json!([account]))?;
    next.as_u64().ok_or_else(|| next.to_string())
}

/// Waits until an account has sent so many transactions.
fn wait_sent(node: &Node, uri: &str, count: u64) {
    node.wait("put it into a block", Duration::from_secs(60), |node| {
        let (next, waiting) = (sent_by(node, uri)?, pending(node));
        (next == count && waiting == 0).then_some(()).ok_or(format!("{next} sent, {waiting} waiting"))
    });
}

#[test]
fn bytes_that_are_no_transaction_are_refused() {
    let open = shared();
    for bytes in ["0x", "0xffffffff", "0x00", "0x1004020b00", &format!("0x{}", "00".repeat(5_000_000))] {
        let why = open.node.ask("author_submitExtrinsic", json!([bytes])).expect_err("refused");
        let refusal = ["1040", "1002", "1012"].iter().any(|code| why.contains(code));
        assert!(refusal, "no decoding, no verification, or banned since: {why}");
    }
}

#[test]
fn unsigned_transactions_are_refused() {
    let open = shared();
    let calls: [RuntimeCall; 3] = [
        remark(1),
        pallet_timestamp::Call::set { now: 1 }.into(),
        pallet_sudo::Call::sudo { call: Box::new(remark(1)) }.into(),
    ];
    for call in calls {
        let why = submit(&open.node, &UncheckedExtrinsic::new_bare(call)).expect_err("refused");
        assert!(why.contains("1010") || why.contains("1011"), "{why}");
    }
}

#[test]
fn a_transaction_of_another_chain_or_with_another_call_has_a_bad_signature() {
    let open = shared();
    let alice = key("//Alice");
    refused(&open.node, &sign(&alice, 0, Hash::repeat_byte(1), remark(1)), "bad signature");
    let mut changed = sign(&alice, 0, genesis(&open.node), remark(1));
    changed.function = remark(2);
    refused(&open.node, &changed, "bad signature");
}

#[test]
fn a_transaction_counts_once() {
    let setup = Setup::new("dev", &["--one", "--force-authoring"]);
    let node = setup.start(&[]);
    let transaction = sign(&key("//Alice"), 0, genesis(&node), remark(1));
    submit(&node, &transaction).expect("taken");
    wait_sent(&node, "//Alice", 1);
    let why = submit(&node, &transaction).expect_err("refused");
    let known = ["outdated", "temporarily banned", "Already Imported"].iter().any(|word| why.contains(word));
    assert!(known, "{why}");
    refused(&node, &sign(&key("//Alice"), 0, genesis(&node), remark(2)), "outdated");
    wait_sent(&node, "//Alice", 1);
}

#[test]
fn an_account_without_money_gets_nothing_into_the_pool() {
    let open = shared();
    for nonce in 0..3 {
        let transaction = sign(&key("//Nobody"), nonce, genesis(&open.node), remark(1));
        refused(&open.node, &transaction, "1010");
    }
}

#[test]
fn a_transaction_larger_than_a_block_is_refused() {
    let open = shared();
    let transaction = sign(&key("//Bob"), 0, genesis(&open.node), remark(6_000_000));
    refused(&open.node, &transaction, "exhaust");
}

/// Transactions that wait for a missing one cannot fill the pool: most of them are dropped.
#[test]
fn transactions_of_the_far_future_fill_their_part_of_the_pool_and_others_are_served() {
    const SENT: u32 = 1_000;
    let setup = Setup::new("dev", &["--one", "--force-authoring", "--pool-limit", "50"]);
    let node = setup.start(&[]);
    let genesis = genesis(&node);
    let alice = key("//Alice");
    for nonce in 1..SENT {
        // The pool may refuse it or take it and drop it soon.
        let _ = submit(&node, &sign(&alice, nonce, genesis, remark(1)));
    }
    assert_eq!(pending(&node), 0, "none of them can be put into a block");
    submit(&node, &sign(&key("//Bob"), 0, genesis, remark(1))).expect("taken");
    wait_sent(&node, "//Bob", 1);
    submit(&node, &sign(&alice, 0, genesis, remark(1))).expect("taken");
    let count = |node: &Node| sent_by(node, "//Alice").unwrap_or(0);
    node.wait("put Alice's first into a block", Duration::from_secs(60), |node| match count(node) {
        0 => Err("nothing yet".into()),
        _ => Ok(()),
    });
    std::thread::sleep(Duration::from_secs(3));
    let followed = count(&node);
    println!("{followed} of {SENT} were kept");
    assert!(followed < u64::from(SENT) / 2, "{followed} transactions of the future were kept");
}

//! Weights: committed, set directly, and refused where a time lock would be needed.

use serde_json::{json, Value};

use super::{address, call, request, wallet, with, Chain, Life};

/// The row of weights for which the package wants a time lock that does not exist yet.
pub const WHILE_HIDDEN: &str = "weights that are set while commit-reveal is on, as it is on a new subnet";

/// //Alice sets weights for //Charlie and //Dave, once she has a permit.
pub fn weigh(chain: &mut Chain, life: &Life) {
    let netuid = life.netuid;
    cannot_be_locked_by_time(chain, netuid);
    chain.wait_for_epoch(netuid);
    assert_eq!(chain.storage("ValidatorPermit", json!([netuid]))[2], json!(true));
    commit_and_reveal(chain, netuid);
    in_the_clear(chain, netuid);
}

fn both(netuid: u64, weights: [f64; 2]) -> Value {
    json!({ "netuid": netuid, "uids": [1, 3], "weights": weights })
}

fn stored(chain: &mut Chain, netuid: u64) -> Value {
    chain.storage("Weights", json!([netuid, 2]))
}

/// Both kinds of client refuse before they send anything, and name the missing feature.
fn cannot_be_locked_by_time(chain: &mut Chain, netuid: u64) {
    assert_eq!(chain.storage("CommitRevealWeightsEnabled", json!([netuid])), json!(true));
    let arguments = with(both(netuid, [1.0, 0.5]), "wallet", wallet("Alice"));
    let said = [
        chain.peer.ask(request("set_weights", arguments.clone())),
        chain.twin.ask(request("set_weights", arguments)),
    ];
    for said in said {
        let said = said.expect_err("there is no such call");
        assert!(said.contains("commit_timelocked_mechanism_weights not found"), "{said}");
    }
    assert_eq!(stored(chain, netuid), json!([]));
    let sent = chain.storage_of("System", "Account", json!([address("Alice_hk")]));
    assert_eq!(sent["nonce"], json!(0), "{sent}");
    chain.shown.insert(WHILE_HIDDEN.to_owned());
}

/// Committed weights are revealed in the next epoch, with the numbers and the salt of the hash.
fn commit_and_reveal(chain: &mut Chain, netuid: u64) {
    let row = json!({ "netuid": netuid, "uids": [1], "weights": [65535], "salt": [1, 2, 3] });
    let block = chain.send("Alice", "commit_weights", row.clone())["block"].as_u64().expect("a block");
    let commits = chain.storage("WeightCommits", json!([netuid, address("Alice_hk")]));
    assert_eq!(commits.as_array().map(Vec::len), Some(1), "{commits}");
    let said = chain.fails("Alice", "reveal_weights", row.clone());
    assert!(said.contains("Custom error: 17"), "the reveal is too early: {said}");
    let next = chain.witness_at(block, "next_epoch_start_block", json!({ "netuid": netuid }));
    chain.call("wait_for_block", json!({ "block": next }));
    chain.send("Alice", "reveal_weights", row);
    assert_eq!(stored(chain, netuid), json!([[1, 65535]]));
}

/// The owner switches commit-reveal off, and weights are set at once, from either kind of client.
fn in_the_clear(chain: &mut Chain, netuid: u64) {
    let open = json!({ "netuid": netuid, "enabled": false });
    chain.submit("Bob", "coldkey", call("AdminUtils", "sudo_set_commit_reveal_weights_enabled", open));
    chain.send("Alice", "set_weights", both(netuid, [1.0, 0.25]));
    assert_eq!(stored(chain, netuid), json!([[1, 65535], [3, 16384]]));
    // The package sends nothing in the block in which weights were set.
    let next = chain.block() + 2;
    chain.call("wait_for_block", json!({ "block": next }));
    chain.twin_sends("Alice", "set_weights", both(netuid, [1.0, 0.5]));
    assert_eq!(stored(chain, netuid), json!([[1, 65535], [3, 32768]]));
}

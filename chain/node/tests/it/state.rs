//! Transactions to a node, and the state that they change.

use std::fmt::Debug;

use codec::{Decode, Encode};
use myelin_runtime::{
    genesis::keys::{DevAccount, ALICE, ALICE_HOTKEY},
    signing::sign,
    Hash, Runtime, RuntimeCall,
};
use pallet_network::NetworksAdded;
use serde_json::{json, Value};
use sp_core::{bytes::to_hex, crypto::Ss58Codec, sr25519, Pair};

use crate::harness::{hex, Node, PROGRESS};

/// Waits until a stored value is the expected one in the best block.
pub fn holds<T: Decode + PartialEq + Debug>(node: &Node, done: &str, key: Vec<u8>, expected: T) {
    node.wait(done, PROGRESS, |node| match stored::<T>(node, None, key.clone()) {
        Some(found) if found == expected => Ok(()),
        found => Err(format!("{found:?}")),
    });
}

/// Signs a call with the account's next nonce and hands it to the node.
pub fn send(node: &Node, who: &DevAccount, call: impl Into<RuntimeCall>) {
    let (key, nonce) = next(node, who);
    submit(node, &key, nonce, genesis(node), call);
}

/// The same with a transaction that the node does not take. Returns its answer.
pub fn refused(node: &Node, who: &DevAccount, call: impl Into<RuntimeCall>) -> String {
    let (key, nonce) = next(node, who);
    let text = signed(&key, nonce, genesis(node), call);
    node.ask("author_submitExtrinsic", json!([text])).expect_err("the node refuses it")
}

/// Signs a call for the chain with this first block and hands it to the node. Returns the transaction's text.
pub fn submit(
    node: &Node,
    key: &sr25519::Pair,
    nonce: u32,
    genesis: Hash,
    call: impl Into<RuntimeCall>,
) -> String {
    let text = signed(key, nonce, genesis, call);
    node.call("author_submitExtrinsic", json!([text]));
    text
}

fn signed(key: &sr25519::Pair, nonce: u32, genesis: Hash, call: impl Into<RuntimeCall>) -> String {
    to_hex(&sign(key, nonce, genesis, call).encode(), false)
}

fn genesis(node: &Node) -> Hash {
    Hash::from_slice(&hex(&node.hash(0)))
}

/// The key of an account, and its next nonce.
fn next(node: &Node, who: &DevAccount) -> (sr25519::Pair, u32) {
    let key = sr25519::Pair::from_string(who.path, None).expect("a valid path");
    let next = node.call("system_accountNextIndex", json!([key.public().to_ss58check()]));
    let nonce = next.as_u64().and_then(|nonce| u32::try_from(nonce).ok()).expect("a nonce is a number");
    (key, nonce)
}

/// Several calls in one, which are all done or none.
pub fn batch(calls: Vec<RuntimeCall>) -> RuntimeCall {
    pallet_utility::Call::<Runtime>::batch_all { calls }.into()
}

/// Alice makes the subnet of this number, on which weights are set in the clear and at any time. Root makes these
/// further settings, which the caller has to wait for.
pub fn make_subnet(node: &Node, netuid: u16, settings: Vec<RuntimeCall>) {
    use pallet_admin_utils::Call as Admin;
    use pallet_network::Call as Network;
    let hotkey = ALICE_HOTKEY.id();
    let register = Network::<Runtime>::register_network { hotkey };
    let start = Network::<Runtime>::start_call { netuid };
    send(node, &ALICE, batch(vec![register.into(), start.into()]));
    holds(node, "registered a subnet", NetworksAdded::<Runtime>::hashed_key_for(netuid), true);
    let clear = Admin::<Runtime>::sudo_set_commit_reveal_weights_enabled { netuid, enabled: false };
    let unlimited = Admin::<Runtime>::sudo_set_weights_set_rate_limit { netuid, weights_set_rate_limit: 0 };
    let settings = batch([vec![clear.into(), unlimited.into()], settings].concat());
    send(node, &ALICE, pallet_sudo::Call::<Runtime>::sudo { call: Box::new(settings) });
}

/// The text of a stored value at a block, or at the best one; null if there is none.
pub fn raw(node: &Node, block: Option<&str>, key: &[u8]) -> Value {
    node.call("state_getStorage", json!([to_hex(key, false), block]))
}

pub fn stored<T: Decode>(node: &Node, block: Option<&str>, key: Vec<u8>) -> Option<T> {
    let bytes = hex(raw(node, block, &key).as_str()?);
    Some(T::decode(&mut &bytes[..]).expect("the value has this type"))
}

//! Transactions to a node, and the state that they change.

use std::fmt::Debug;

use codec::{Decode, Encode};
use myelin_runtime::{genesis::keys::DevAccount, signing::sign, Hash, RuntimeCall};
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
    let key = sr25519::Pair::from_string(who.path, None).expect("a valid path");
    let next = node.call("system_accountNextIndex", json!([key.public().to_ss58check()]));
    let nonce = next.as_u64().and_then(|nonce| u32::try_from(nonce).ok()).expect("a nonce is a number");
    let signed = sign(&key, nonce, Hash::from_slice(&hex(&node.hash(0))), call);
    node.call("author_submitExtrinsic", json!([to_hex(&signed.encode(), false)]));
}

/// The text of a stored value at a block, or at the best one; null if there is none.
pub fn raw(node: &Node, block: Option<&str>, key: &[u8]) -> Value {
    node.call("state_getStorage", json!([to_hex(key, false), block]))
}

pub fn stored<T: Decode>(node: &Node, block: Option<&str>, key: Vec<u8>) -> Option<T> {
    let bytes = hex(raw(node, block, &key).as_str()?);
    Some(T::decode(&mut &bytes[..]).expect("the value has this type"))
}

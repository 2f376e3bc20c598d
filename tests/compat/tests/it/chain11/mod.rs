//! Our chain, used by bittensor 11: its intents create and use a subnet, and its reads are compared with their effects.

mod hyperparameters;
mod intents;
mod reads;

use std::collections::BTreeSet;

use myelin_compat::table::{Part, Verdict};
use serde_json::{json, Value};
use tempfile::TempDir;

use super::dev::address;
use super::node::Node;
use super::peer::Peer;
use super::verdicts;

#[test]
fn bittensor_11_reads_the_chain_and_acts_on_it() {
    let mut chain = Chain::start();
    let life = intents::live(&mut chain);
    hyperparameters::set(&mut chain, life.netuid);
    reads::ask(&mut chain, &life);
}

/// A node, and the official client that is connected to it.
struct Chain {
    peer: Peer,
    executed: BTreeSet<String>,
    refused: BTreeSet<String>,
    _node: Node,
    _folder: TempDir,
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = Node::start(folder.path());
        let peer = Peer::chain11(&node.endpoint(), folder.path());
        Self { peer, executed: BTreeSet::new(), refused: BTreeSet::new(), _node: node, _folder: folder }
    }

    /// Plans an intent of `who` and executes it; returns the block's report.
    fn intent(&mut self, who: &str, op: &str, arguments: Value) -> Value {
        self.intent_as(who, None, op, arguments)
    }

    /// The same, as the proxy of another account.
    fn intent_as(&mut self, who: &str, account: Option<&str>, op: &str, arguments: Value) -> Value {
        let mut request = request("plan", who, op, arguments);
        if let Some(account) = account {
            request["proxy_for"] = account.into();
        }
        let plan = self.peer.get(request.clone());
        assert_eq!((&plan["ok"], &plan["violations"]), (&json!(true), &json!([])), "{plan}");
        assert!(plan["fee_tao"].is_number(), "{plan}");
        request["do"] = "execute".into();
        self.executed.insert(op.to_owned());
        self.peer.get(request)["data"].take()
    }

    /// Message of an intent of `who` that is not sent.
    fn refused(&mut self, who: &str, op: &str, arguments: Value) -> String {
        self.refused.insert(op.to_owned());
        let answer = self.peer.ask(request("execute", who, op, arguments));
        answer.expect_err(&format!("the table says that {op} does not work"))
    }

    /// Executes an intent that works by the table. Otherwise asserts that it is refused, and sends its call without it.
    fn intent_or_call(&mut self, who: &str, op: &str, arguments: Value, call: Call) {
        if verdicts(Part::Intents11)[op] == Verdict::Works {
            self.intent(who, op, arguments);
            return;
        }
        let said = self.refused(who, op, arguments);
        assert!(said.contains("not found") || said.contains("not available"), "{op}: {said}");
        self.call(who, call);
    }

    /// Sends a call without an intent; returns the block that holds it.
    fn call(&mut self, who: &str, call: Call) -> u64 {
        let (cold, hot) = keys(who);
        let Call { signer, pallet, name, arguments } = call;
        let outcome = self.peer.get(json!({
            "do": "submit", "pallet": pallet, "call": name, "arguments": arguments, "cold": cold, "hot": hot,
            "signer": signer,
        }));
        outcome["block"].as_u64().expect("a number")
    }

    /// A call to `AdminUtils` with root's rights.
    fn as_root(&mut self, call: &str, arguments: Value) {
        let (cold, hot) = keys("Alice");
        self.peer.get(json!({
            "do": "submit", "pallet": "AdminUtils", "call": call, "arguments": arguments, "cold": cold, "hot": hot,
            "root": true,
        }));
    }

    fn read(&mut self, name: &str, arguments: Value) -> Value {
        self.peer.get(json!({ "do": "read", "name": name, "arguments": arguments }))
    }

    fn storage(&mut self, pallet: &str, item: &str, keys: Value) -> Value {
        self.peer.get(json!({ "do": "storage", "pallet": pallet, "item": item, "keys": keys }))
    }

    /// Free TAO of an account in rao.
    fn balance(&mut self, account: &str) -> u64 {
        let balance = self.read("balance", json!({ "coldkey_ss58": account }));
        balance.as_u64().expect("rao")
    }

    /// Stake of a coldkey on a hotkey in rao.
    fn stake(&mut self, cold: &str, hot: &str, netuid: u64) -> u64 {
        let (coldkey, hotkey) = (address(cold), address(hot));
        let stake =
            self.read("stake", json!({ "coldkey_ss58": coldkey, "hotkey_ss58": hotkey, "netuid": netuid }));
        stake.as_u64().expect("rao")
    }

    fn block(&mut self) -> u64 {
        self.peer.get(json!({ "do": "block" })).as_u64().expect("a number")
    }

    /// Waits as the package does, a minute at most.
    fn wait_for_block(&mut self, block: u64) {
        self.peer.get(json!({ "do": "wait_for_block", "block": block }));
    }

    /// Waits until the subnet's next epoch is over, a minute at most.
    fn wait_for_epoch(&mut self, netuid: u64) {
        self.peer.get(json!({ "do": "wait_for_epoch", "netuid": netuid }));
    }
}

/// A call, and the key that signs it.
struct Call {
    signer: &'static str,
    pallet: &'static str,
    name: &'static str,
    arguments: Value,
}

impl Call {
    fn of_coldkey(pallet: &'static str, name: &'static str, arguments: Value) -> Self {
        Self { signer: "coldkey", pallet, name, arguments }
    }

    fn of_hotkey(pallet: &'static str, name: &'static str, arguments: Value) -> Self {
        Self { signer: "hotkey", pallet, name, arguments }
    }
}

/// The keys of a person: the hotkey is `//Alice_hk`, the coldkey `//Alice`.
fn keys(who: &str) -> (String, String) {
    (format!("//{who}"), format!("//{who}_hk"))
}

fn request(what: &str, who: &str, op: &str, arguments: Value) -> Value {
    let (cold, hot) = keys(who);
    json!({ "do": what, "op": op, "arguments": arguments, "cold": cold, "hot": hot })
}

//! Our chain, used by bittensor 10: its transactions create and use two subnets. Their effects, and the results of the
//! package's reads, are compared with the storage and the reads of bittensor 11.

mod absent;
mod proxies;
mod reads;
mod stake;
mod story;
mod weights;

use std::collections::BTreeSet;

use myelin_compat::table::{Part, Verdict, ROWS};
use serde_json::{json, Value};
use tempfile::TempDir;

use super::dev::address;
use super::node::Node;
use super::peer::Peer;
use crate::{verdicts, Shown};

const TAO: u64 = 1_000_000_000;

#[test]
fn bittensor_10_reads_the_chain_and_acts_on_it() {
    let mut chain = Chain::start();
    every_method_is_in_the_table(&mut chain);
    let life = story::live(&mut chain);
    absent::try_transactions(&mut chain, &life);
    everything_shown(&chain, Part::Transactions10);
    absent::try_reads(&mut chain, &life);
    reads::ask(&mut chain, &life);
    everything_shown(&chain, Part::Reads10);
}

/// The package has no method that the table does not name, also in no group; and the table names no other method.
fn every_method_is_in_the_table(chain: &mut Chain) {
    let official = chain.peer.get(json!({ "do": "methods" }));
    let mut named: Vec<&str> = [Part::Reads10, Part::Transactions10]
        .into_iter()
        .flat_map(|part| ROWS.iter().filter(move |row| row.part == part))
        .flat_map(|row| row.names())
        .collect();
    named.sort_unstable();
    let official: Vec<&String> = official.as_object().expect("methods by name").keys().collect();
    assert_eq!(json!(official), json!(named), "the methods of the package and of the table");

    let mut twin = chain.twin.get(json!({ "do": "methods" }));
    let twin = twin.as_object_mut().expect("methods by name");
    assert!(twin.remove("initialize").is_some(), "what connects the awaited twin");
    let twin: Vec<&String> = twin.keys().collect();
    assert_eq!(json!(twin), json!(named), "the methods of the awaited twin and of the table");
    for group in chain.peer.get(json!({ "do": "groups" })).as_object().expect("groups by name").values() {
        for method in group.as_object().expect("methods by name").values() {
            assert!(named.iter().any(|name| method == name), "{method} is only in a group");
        }
    }
}

/// Every name in the rows of the part was shown as the table says.
fn everything_shown(chain: &Chain, part: Part) {
    let mut shown = Shown::of(part);
    for row in ROWS.iter().filter(|row| row.part == part) {
        let shows = |name: &str| match row.verdict {
            Verdict::Works => chain.shown.contains(name),
            Verdict::Differs(_) | Verdict::Fails(_) | Verdict::Absent(_) => {
                chain.otherwise.contains(name) && !chain.shown.contains(name)
            }
        };
        let missing: Vec<_> = row.names().filter(|name| !shows(name)).collect();
        assert!(missing.is_empty(), "not shown: {missing:?} of {:?}", row.what);
        // A row without a name adds to methods that other rows name.
        if row.names().next().is_some() || chain.shown.contains(row.what) {
            shown.row(row.what);
        }
    }
    shown.everything();
}

/// An amount of TAO, or of a subnet's alpha, in rao.
fn rao(amount: u64, netuid: u64) -> Value {
    json!({ "$rao": [amount, netuid] })
}

fn whole(amount: u64, netuid: u64) -> Value {
    rao(amount * TAO, netuid)
}

/// State that the story left behind.
struct Life {
    /// The subnet of //Bob. //Charlie, //Alice and //Dave are its neurons 1 to 3.
    netuid: u64,
    /// The subnet of //Charlie, where no other account has a neuron.
    other: u64,
}

/// A node, and the official clients that are connected to it.
struct Chain {
    /// bittensor 10.
    peer: Peer,
    /// The asynchronous client of the same package.
    twin: Peer,
    /// bittensor 11, which verifies the transactions and reads of bittensor 10.
    witness: Peer,
    /// Methods, and rows without one, that were seen to work.
    shown: BTreeSet<String>,
    /// Methods that were seen to fail, or to give another result.
    otherwise: BTreeSet<String>,
    _node: Node,
    _folder: TempDir,
}

impl Chain {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let node = Node::start(folder.path());
        let endpoint = node.endpoint();
        let peer = Peer::chain10(&endpoint, folder.path(), "");
        let twin = Peer::chain10(&endpoint, folder.path(), "async");
        let witness = Peer::chain11(&endpoint, folder.path());
        let (shown, otherwise) = (BTreeSet::new(), BTreeSet::new());
        Self { peer, twin, witness, shown, otherwise, _node: node, _folder: folder }
    }

    /// A method of the package that must work.
    fn call(&mut self, name: &str, arguments: Value) -> Value {
        self.shown.insert(name.to_owned());
        self.peer.get(request(name, arguments))
    }

    /// Message of a method that does not work here.
    fn refused(&mut self, name: &str, arguments: Value) -> String {
        self.otherwise.insert(name.to_owned());
        let answer = self.peer.ask(request(name, arguments));
        answer.expect_err(&format!("the table says that {name} does not work"))
    }

    /// A transaction of an account's wallet.
    fn send(&mut self, who: &str, name: &str, arguments: Value) -> Value {
        self.call(name, with(arguments, "wallet", wallet(who)))
    }

    /// The same, by the asynchronous client.
    fn twin_sends(&mut self, who: &str, name: &str, arguments: Value) -> Value {
        self.twin.get(request(name, with(arguments, "wallet", wallet(who))))
    }

    /// Message of a refusal of a transaction that could work.
    fn fails(&mut self, who: &str, name: &str, arguments: Value) -> String {
        let answer = self.peer.ask(request(name, with(arguments, "wallet", wallet(who))));
        answer.expect_err(&format!("{name} should fail"))
    }

    /// A call for which the package has no method.
    fn submit(&mut self, who: &str, signer: &str, call: Value) -> Value {
        let arguments = json!({ "call": call, "sign_with": signer, "nonce_key": signer });
        self.send(who, "sign_and_send_extrinsic", arguments)
    }

    /// Calls with root's rights, all or none.
    fn as_root(&mut self, calls: &[(&str, &str, Value)]) {
        let calls: Vec<Value> =
            calls.iter().map(|(pallet, name, of)| call(pallet, name, of.clone())).collect();
        let all = call("Utility", "batch_all", json!({ "calls": calls }));
        self.submit("Alice", "coldkey", call("Sudo", "sudo", json!({ "call": all })));
    }

    /// Storage of our main pallet, as bittensor 11 reads it.
    fn storage(&mut self, item: &str, keys: Value) -> Value {
        self.storage_of("SubtensorModule", item, keys)
    }

    fn storage_of(&mut self, pallet: &str, item: &str, keys: Value) -> Value {
        self.witness.get(json!({ "do": "storage", "pallet": pallet, "item": item, "keys": keys }))
    }

    /// A read of bittensor 11.
    fn witness(&mut self, name: &str, arguments: Value) -> Value {
        self.witness.get(json!({ "do": "read", "name": name, "arguments": arguments }))
    }

    /// The same, at an earlier block.
    fn witness_at(&mut self, block: u64, name: &str, arguments: Value) -> Value {
        self.witness.get(json!({ "do": "read", "name": name, "arguments": arguments, "block": block }))
    }

    /// Free TAO of an account in rao.
    fn balance(&mut self, account: &str) -> u64 {
        self.witness("balance", json!({ "coldkey_ss58": account })).as_u64().expect("rao")
    }

    /// Stake of a coldkey on a hotkey in rao.
    fn stake(&mut self, cold: &str, hot: &str, netuid: u64) -> u64 {
        let of = json!({ "coldkey_ss58": address(cold), "hotkey_ss58": address(hot), "netuid": netuid });
        self.witness("stake", of).as_u64().expect("rao")
    }

    fn block(&mut self) -> u64 {
        self.witness.get(json!({ "do": "block" })).as_u64().expect("a number")
    }

    /// Waits as bittensor 11 does, a minute at most.
    fn wait_for_epoch(&mut self, netuid: u64) {
        self.witness.get(json!({ "do": "wait_for_epoch", "netuid": netuid }));
    }
}

fn request(name: &str, arguments: Value) -> Value {
    json!({ "do": "call", "name": name, "arguments": arguments })
}

/// A call, as the package composes it.
fn call(pallet: &str, name: &str, arguments: Value) -> Value {
    json!({ "$call": [pallet, name, arguments] })
}

/// The coldkey is `//Alice`, the hotkey `//Alice_hk`.
fn wallet(who: &str) -> Value {
    json!({ "$wallet": who })
}

/// The arguments with one more.
fn with(mut arguments: Value, name: &str, value: Value) -> Value {
    arguments[name] = value;
    arguments
}

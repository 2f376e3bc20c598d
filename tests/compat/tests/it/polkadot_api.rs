//! Our chain, used by polkadot.js: its reads and transactions are compared with those of our own client.

use codec::Encode;
use myelin_abi::{Account, StakeInfo};
use myelin_chain_client::{ChainClient, Hash};
use myelin_compat::table::Part;
use myelin_wire::hash::from_hex;
use serde_json::{json, Value};
use tokio::runtime::Runtime;

use super::dev::{account, address};
use super::node::Node;
use super::peer::Peer;
use super::Shown;

const TAO: u64 = 1_000_000_000;

/// polkadot.js on our chain, and our own client beside it.
struct Chain {
    peer: Peer,
    ours: ChainClient,
    runtime: Runtime,
}

impl Chain {
    fn query(&mut self, pallet: &str, item: &str, keys: Value) -> Value {
        self.peer.get(json!({ "do": "query", "pallet": pallet, "item": item, "keys": keys }))
    }

    /// Signs, sends and waits for the block; returns its report.
    fn send(&mut self, who: &str, pallet: &str, call: &str, args: Value) -> Result<Value, String> {
        self.peer.ask(json!({ "do": "send", "who": who, "pallet": pallet, "call": call, "args": args }))
    }

    fn sent(&mut self, who: &str, pallet: &str, call: &str, args: Value) -> Value {
        self.send(who, pallet, call, args).unwrap_or_else(|error| panic!("{pallet}.{call}: {error}"))
    }

    /// Free TAO as our client reads it.
    fn balance(&self, who: &str) -> u64 {
        let account = account(who);
        self.runtime.block_on(self.ours.balance(&account)).expect("a balance").to_rao()
    }
}

/// The data of an event.
fn event<'a>(sent: &'a Value, name: &str) -> &'a Value {
    let events = sent["events"].as_array().expect("events");
    let found = events.iter().find(|event| event["name"] == name);
    &found.unwrap_or_else(|| panic!("no {name} in {sent}"))["data"]
}

/// Ledger and Vault sign the hash of the metadata as well; the runtime has to carry the same one.
fn signs_like_a_hardware_wallet(chain: &mut Chain) {
    let mut transfer = json!({
        "do": "send", "who": "//Alice", "wallet": {}, "pallet": "balances", "call": "transferKeepAlive",
        "args": [address("//Ledger"), TAO],
    });
    let sent = chain.peer.get(transfer.clone());
    assert_eq!(event(&sent, "balances.Transfer")[2], TAO);
    assert_eq!(chain.balance("//Ledger"), TAO);
    transfer["wallet"]["hash"] = format!("0x{}", "5a".repeat(32)).into();
    let refused = chain.peer.ask(transfer).expect_err("the hash of other metadata");
    assert!(refused.contains("1010: Invalid Transaction: Transaction has a bad signature"), "{refused}");
    assert_eq!(chain.balance("//Ledger"), TAO);
}

#[test]
fn polkadot_js_reads_the_chain_and_acts_on_it() {
    let mut shown = Shown::of(Part::PolkadotApi);
    let folder = tempfile::tempdir().expect("a folder");
    let node = Node::start(folder.path());
    let runtime = Runtime::new().expect("a runtime");
    let ours = runtime.block_on(ChainClient::connect(&node.endpoint())).expect("our node");
    let mut chain = Chain { peer: Peer::polkadot_chain(&node.endpoint()), ours, runtime };
    let chain = &mut chain;

    let about = chain.peer.get(json!({ "do": "chain" }));
    assert_eq!(about["genesis"], format!("{:?}", chain.ours.genesis_hash()));
    assert_eq!(
        (&about["format"], &about["tokens"], &about["decimals"]),
        (&json!(42), &json!(["TAO"]), &json!([9]))
    );
    shown.row("connecting; name, token, decimals and address format of the chain");

    // A transfer costs the fee that was predicted.
    let new = address("//New");
    let args = json!([new, 3 * TAO / 2]);
    let transfer = json!({ "pallet": "balances", "call": "transferKeepAlive", "args": args.clone() });
    let mut asked = transfer.clone();
    (asked["do"], asked["who"]) = ("fee".into(), "//Alice".into());
    let fee = chain.peer.get(asked).as_u64().expect("rao");
    let before = chain.balance("//Alice");
    let sent = chain.sent("//Alice", "balances", "transferKeepAlive", args);
    assert_eq!(event(&sent, "transactionPayment.TransactionFeePaid")[1], fee);
    assert_eq!(before - chain.balance("//Alice"), 3 * TAO / 2 + fee);
    assert_eq!(chain.balance("//New"), 3 * TAO / 2);
    assert_eq!(chain.query("system", "account", json!([new]))["data"]["free"], 3 * TAO / 2);
    let block = chain.peer.get(json!({ "do": "extrinsics", "block": sent["block"] }));
    let signed = json!({ "call": "balances.transferKeepAlive", "signer": address("//Alice") });
    assert!(block.as_array().is_some_and(|calls| calls.contains(&signed)), "{block}");
    shown.row(
        "a transfer: fee predicted, signed, sent, followed into its block; events; the block's extrinsics",
    );

    // Transactions of a subnet's users.
    let (owner_hotkey, hotkey) = (address("//Bob_hk"), address("//Charlie_hk"));
    let created = chain.sent("//Bob", "subtensorModule", "registerNetwork", json!([owner_hotkey]));
    let netuid = event(&created, "subtensorModule.NetworkAdded")[0].as_u64().expect("a number");
    chain.sent("//Bob", "subtensorModule", "startCall", json!([netuid]));
    chain.sent("//Charlie", "subtensorModule", "burnedRegister", json!([netuid, hotkey]));
    let staked = chain.sent("//Charlie", "subtensorModule", "addStake", json!([hotkey, netuid, 10 * TAO]));
    let told = event(&staked, "subtensorModule.StakeAdded").clone();
    // In its block: an epoch may come before the next question.
    let block = staked["block"].as_str().and_then(from_hex).map(Hash);
    let stakes: Vec<StakeInfo<Account>> = chain
        .runtime
        .block_on(chain.ours.runtime_call(
            "StakeInfoRuntimeApi_get_stake_info_for_coldkey",
            &account("//Charlie").encode(),
            Some(block.expect("a hash")),
        ))
        .expect("stakes");
    let held = stakes.iter().find(|stake| u64::from(stake.netuid.0) == netuid).expect("stake");
    assert_eq!(told[3].as_u64(), Some(held.stake.0.to_rao()), "{told}");
    let graph =
        json!({ "do": "runtime", "of": "subnetInfoRuntimeApi", "method": "getMetagraph", "args": [netuid] });
    let graph = chain.peer.get(graph);
    assert_eq!(graph["hotkeys"], json!([owner_hotkey, hotkey]), "{graph}");
    let price =
        json!({ "do": "runtime", "of": "swapRuntimeApi", "method": "currentAlphaPrice", "args": [netuid] });
    // A block may come between two questions, so ours is asked before and after.
    let mut prices = chain.runtime.block_on(chain.ours.prices()).expect("prices");
    let price = chain.peer.get(price).as_u64().expect("rao");
    prices.extend(chain.runtime.block_on(chain.ours.prices()).expect("prices"));
    assert!(prices.iter().any(|row| u64::from(row.netuid) == netuid && row.price == price), "{price}");
    shown.row(
        "subnets, registration and stake by their calls; runtime APIs (`getMetagraph`, `currentAlphaPrice`)",
    );

    // Calls in calls.
    let to = |who: &str, tao: u64| json!({ "pallet": "balances", "call": "transferKeepAlive", "args": [address(who), tao * TAO] });
    chain.sent("//Alice", "utility", "batchAll", json!([[to("//Two", 2), to("//Three", 3)]]));
    assert_eq!((chain.balance("//Two"), chain.balance("//Three")), (2 * TAO, 3 * TAO));
    let alice = address("//Alice");
    chain.sent("//Alice", "proxy", "addProxy", json!([address("//Bob"), "Transfer", 0]));
    chain.sent("//Bob", "proxy", "proxy", json!([alice, null, to("//Four", 4)]));
    assert_eq!(chain.balance("//Four"), 4 * TAO);
    let tempo = json!({ "pallet": "adminUtils", "call": "sudoSetTempo", "args": [netuid, 77] });
    chain.sent("//Alice", "sudo", "sudo", json!([tempo]));
    assert_eq!(chain.query("subtensorModule", "tempo", json!([netuid])), 77);
    shown.row("batches, proxies and root's calls, with calls as arguments");

    // Refusals.
    let refused =
        chain.send("//Alice", "subtensorModule", "addStake", json!([hotkey, 99, TAO])).expect_err("refused");
    assert!(refused.contains("subtensorModule.SubnetNotExists: There is no such subnet"), "{refused}");
    let poor =
        chain.send("//Nobody", "balances", "transferKeepAlive", json!([new, TAO])).expect_err("refused");
    assert!(poor.contains("1010: Invalid Transaction: Inability to pay some fees"), "{poor}");
    shown.row("the chain's errors under their names, with their texts, and the pool's");

    signs_like_a_hardware_wallet(chain);
    shown
        .row("a hardware wallet's signature over the hash of the metadata; one over a wrong hash is refused");

    let heads = |finalised: bool| json!({ "do": "heads", "number": 3, "finalised": finalised });
    for finalised in [false, true] {
        let seen: Vec<u64> = serde_json::from_value(chain.peer.get(heads(finalised))).expect("numbers");
        assert!(seen.windows(2).all(|pair| pair[1] > pair[0]), "{seen:?}");
    }
    let changes = json!({ "do": "changes", "pallet": "timestamp", "item": "now", "keys": [], "number": 3 });
    let times: Vec<u64> = serde_json::from_value(chain.peer.get(changes)).expect("times");
    assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
    let args = json!([new, TAO]);
    let mut last = json!({ "do": "send", "who": "//Alice", "pallet": "balances", "call": "transferKeepAlive", "args": args });
    last["wait"] = "isFinalized".into();
    let statuses = chain.peer.get(last)["statuses"].take();
    let statuses = statuses.as_array().expect("statuses");
    assert_eq!((&statuses[0], statuses.last()), (&json!("Ready"), Some(&json!("Finalized"))));
    shown.row("subscriptions: heads, final heads, storage; a transaction followed to its finality");
    // After all these transactions there is data to decode.
    let read = chain.peer.get(json!({ "do": "everything" }));
    assert_eq!(read["failed"], json!([]));
    assert!(read["items"].as_u64() > Some(250) && read["entries"].as_u64() > Some(150), "{read}");
    assert!(read["constants"].as_u64() > Some(30), "{read}");
    shown.row("every storage item, with entries of every map, and every constant is decoded");
    shown.everything();
}

//! `btcli evm`: keys and addresses are the user's; there is no EVM on the chain.

use std::fs;

use serde_json::{json, Value};

use super::world::World;
use crate::dev::{account, address};
use crate::town::TAO;

/// The address of the private key that is 32 times 0x11.
const KEY: &str = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a";

/// The whole group.
pub async fn all(world: &World, netuid: u16) {
    keys(world);
    names(world);
    let before = world.balance("Alice").await;
    world.get("alice", "evm fund --evm-key own --amount-tao 1");
    assert!(world.balance("Alice").await < before - TAO);
    absent(world, netuid);
}

fn keys(world: &World) {
    let secret = format!("0x{}", "11".repeat(32));
    world.get("alice", "evm key new --name other");
    let own = world.get("alice", &format!("evm key import --name own --private-key {secret}"));
    assert_eq!(own["address"], KEY);
    let list = world.get("alice", "evm key list");
    let names = list.as_array().map(|keys| keys.iter().map(|key| key["name"].clone()).collect::<Vec<_>>());
    assert_eq!(names, Some(vec![json!("other"), json!("own")]), "{list}");
    assert_eq!(world.get("alice", "evm key show own")["address"], KEY);
    assert_eq!(world.get("alice", "evm key export own --private-key --show"), secret);
}

/// Keys and addresses that the package computes by itself.
fn names(world: &World) {
    let mirror = world.get("alice", &format!("evm mirror {KEY}"));
    let own = world.get("alice", "evm key show own");
    assert_eq!(mirror["ss58_mirror"], own["ss58_mirror"]);
    let public = format!("0x{}", myelin_wire::hash::to_hex(&account("Alice").0));
    assert_eq!(world.get("alice", &format!("evm pubkey {}", address("Alice")))["pubkey"], public);
    let deposit = world.get("alice", "evm deposit-address");
    assert_eq!(deposit["evm_deposit_address"].as_str(), Some(&public[..42]));
    let precompiles = world.get("alice", "evm precompiles");
    let staking =
        precompiles.as_array().and_then(|all| all.iter().find(|precompile| precompile["name"] == "staking"));
    let abi = world.get("alice", "evm abi staking");
    assert_eq!(staking.map(|staking| &staking["address"]), Some(&abi["address"]));
    let networks = world.get("alice", "evm networks");
    assert_eq!(networks.as_array().map(Vec::len), Some(3), "{networks}");
    let config = world.get("alice", "evm config");
    assert_eq!((&config["currency_symbol"], &config["chain_id"]), (&json!("TAO"), &Value::Null));
}

/// The node answers no EVM requests, and the runtime has no EVM calls.
fn absent(world: &World, netuid: u16) {
    let artifact = world.folder.path().join("artifact.json");
    fs::write(&artifact, json!({ "abi": [], "bytecode": "0x00" }).to_string()).expect("written");
    let word = format!("0x{}", "11".repeat(32));
    for line in [
        format!("balance {KEY}"),
        format!("send --to {KEY} --amount-tao 0.1 --evm-key own"),
        "send-to-ss58 --to alice --amount-tao 0.1 --evm-key own".to_owned(),
        format!("call staking getStake {word} {word} {netuid} --evm-key own"),
        format!("deploy {} --evm-key own", artifact.display()),
        "doctor --evm-key own".to_owned(),
        format!("stake add --netuid {netuid} --amount-tao 1 --evm-key own"),
        format!("stake remove --netuid {netuid} --amount-alpha 1 --evm-key own"),
        format!("stake show --netuid {netuid} --evm-key own"),
    ] {
        world.refused("alice", &format!("evm {line}"), "Method not found");
    }
    world.absent("alice", &format!("evm associate --netuid {netuid} --evm-key own"));
    world.absent("alice", "evm setup-localnet");
    world.absent("alice", "evm claim-deposit --amount 0.1");
}

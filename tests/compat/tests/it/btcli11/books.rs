//! `btcli addr`, `config`, `multisig` and `proxy`: names for accounts, settings, and accounts that others act
//! for.

use myelin_abi::Account;
use serde_json::json;

use super::world::World;
use crate::dev::{account, address};
use crate::town::TAO;

/// The four groups, except the commands that people use most.
pub async fn all(world: &World) {
    addresses(world).await;
    settings(world).await;
    multisigs(world);
    proxies(world).await;
    book_of_proxies(world);
}

async fn addresses(world: &World) {
    let eve = address("Eve");
    world.get("alice", &format!("addr add eve {eve}"));
    world.get("alice", &format!("addr save again {eve} --note twice"));
    assert_eq!(world.get("alice", "addr show again")["note"], "twice");
    world.get("alice", "addr remove again");
    let list = world.get("alice", "addr list");
    assert_eq!(list["addresses"], json!([{ "name": "eve", "address": eve, "note": "" }]));
    let before = world.balance("Eve").await;
    world.get("alice", "wallet transfer --dest eve --amount 1");
    assert_eq!(world.balance("Eve").await, before + TAO);
}

/// A setting holds for commands that begin afterwards.
async fn settings(world: &World) {
    let path = world.get("alice", "config path");
    assert!(
        path.as_str().is_some_and(|path| path.starts_with(&world.folder.path().display().to_string())),
        "{path}"
    );
    world.get("alice", "config set signer_address 5");
    world.get("alice", "config set quiet true");
    assert_eq!(world.get("alice", "config get"), json!({ "signer_address": "5", "quiet": true }));
    world.get("alice", "config unset signer_address");
    assert_eq!(world.get("alice", "config get quiet"), true);
    world.get("alice", "config clear");
    assert!(world.get("alice", "config get").get("quiet").is_none());
    world.get("alice", "config set mev_shield true");
    let payment = "wallet transfer --dest dave --amount 1";
    world.process_fails("alice", payment, "MEV shield is not active").await;
    world.get("alice", "config clear");
    let before = world.balance("Dave").await;
    world.process("alice", payment).await;
    assert_eq!(world.balance("Dave").await, before + TAO);
}

/// The account of //Alice and //Bob still has a call that waits.
fn multisigs(world: &World) {
    let made = world.get("alice", "multisig add both --threshold 2 --signatories alice,bob");
    assert_eq!(world.get("alice", "multisig list")["multisigs"][0]["name"], "both");
    let shown = world.get("alice", "multisig show both");
    assert_eq!(shown["multisig_address"], made["multisig_address"]);
    assert_eq!(shown["signatories"], json!([address("Alice"), address("Bob")]));
    let pending = world.get("bob", "multisig pending --multisig both");
    let waiting = &pending["pending_multisigs"][0];
    assert_eq!(
        (&waiting["approvals"], &waiting["depositor"]),
        (&json!(1), &json!(address("Alice"))),
        "{pending}"
    );
    assert_eq!(waiting["params"]["value"], json!(TAO));
    world.get("alice", "multisig remove both");
    assert_eq!(world.get("alice", "multisig list")["multisigs"], json!([]));
}

async fn proxies(world: &World) {
    let made = world.get("charlie", "proxy create --proxy-type Any --name pure");
    let pure = made["data"]["pure_proxy"].as_str().unwrap_or_else(|| panic!("{made}"));
    let pure_account = Account(myelin_wire::ss58::decode(pure).expect("an address"));
    assert_eq!(world.proxies(&pure_account).await[0].0, account("Charlie"));
    let list = world.get("charlie", &format!("proxy list --coldkey {pure}"));
    assert_eq!(list["proxies"][0]["delegate"], address("Charlie"), "{list}");
    world.get("charlie", "proxy kill pure");
    assert_eq!(world.proxies(&pure_account).await, []);
    // //Dave may act for //Alice after a block.
    super::tx::announced(world, "proxy execute").await;
}

fn book_of_proxies(world: &World) {
    world.get("charlie", &format!("proxy book add --name shop --address {}", address("Eve")));
    world.get("charlie", "proxy book update shop --note changed");
    let list = world.get("charlie", "proxy book list");
    let entries = list["proxies"].as_array().unwrap_or_else(|| panic!("{list}"));
    let shop = entries.iter().find(|entry| entry["name"] == "shop").expect("listed");
    assert_eq!((&shop["address"], &shop["note"]), (&json!(address("Eve")), &json!("changed")));
    assert_eq!(world.get("charlie", "proxy book remove shop")["existed"], true);
    world.get("charlie", "proxy book clear");
    assert_eq!(world.get("charlie", "proxy book list")["proxies"], json!([]));
}

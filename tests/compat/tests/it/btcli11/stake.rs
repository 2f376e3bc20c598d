//! `btcli stake`: the commands that are not among those that people use most.

use std::time::Duration;

use myelin_abi::Account;
use myelin_chain_client::Key;
use myelin_wire::ss58;
use serde_json::json;

use super::world::{amount, World};
use crate::dev::{account, address};
use crate::town::TAO;

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;
/// Blocks between two lists of children of a hotkey, and until they are due.
const CHILDREN: u64 = 16;

/// The whole group, except the commands that people use most.
pub async fn all(world: &World, netuid: u16) {
    shift(world, netuid).await;
    sell(world, netuid).await;
    choose(world, netuid).await;
    lend(world, netuid).await;
    let wizard = world.text("alice", "stake wizard");
    assert!(wizard.contains("btcli stake move"), "{wizard}");
}

async fn shift(world: &World, netuid: u16) {
    let here = format!("--netuid {netuid}");
    let before = world.stake("Alice", "Charlie_hk", netuid).await;
    world.get(
        "alice",
        &format!("stake move --origin-hotkey default {here} --dest-hotkey charlie/default --amount 2"),
    );
    assert!(world.stake("Alice", "Charlie_hk", netuid).await >= before + 2 * TAO - ROUNDED);
    let to_root = format!("--origin-netuid {netuid} --dest-netuid 0 --amount 1");
    let before = world.stake("Alice", "Alice_hk", 0).await;
    world.get(
        "alice",
        &format!("stake move-swap --origin-hotkey charlie/default --dest-hotkey default {to_root}"),
    );
    let between = world.stake("Alice", "Alice_hk", 0).await;
    world.get("alice", &format!("stake swap {to_root}"));
    assert!(before < between && between < world.stake("Alice", "Alice_hk", 0).await);
    let before = world.balance("Alice").await;
    world.get("alice", &format!("stake burn {here} --amount 1"));
    assert!(world.balance("Alice").await <= before - TAO);

    let before = world.stake("Alice", "Alice_hk", netuid).await;
    let shown = world.get("alice", &format!("stake show {here}"));
    let after = world.stake("Alice", "Alice_hk", netuid).await;
    assert!((before..=after).contains(&amount(&shown["stake"])), "{shown} is not {before} to {after}");
}

/// //Dave sells the stake that he is given.
async fn sell(world: &World, netuid: u16) {
    let gift = format!("stake transfer --dest dave --netuid {netuid} --amount 3");
    world.get("alice", &gift);
    world.get("dave", "stake unstake-all-alpha --hotkey alice/default");
    assert_eq!(world.stake("Dave", "Alice_hk", netuid).await, 0);
    assert!(world.stake("Dave", "Alice_hk", 0).await > TAO);
    world.get("dave", "stake unstake-all --hotkey alice/default");
    assert_eq!(world.stake("Dave", "Alice_hk", 0).await, 0);
    everywhere(world, netuid).await;
}

/// A coldkey with stake on three hotkeys sells all of it. One batch for three weighs more than an extrinsic
/// may.
async fn everywhere(world: &World, netuid: u16) {
    let made = world.get("seller", "wallet new-coldkey --no-password");
    let seller = ss58::decode(made["ss58"].as_str().expect("an address")).map(Account).expect("an address");
    let stakes = || async { world.chain.stakes(&seller).await.expect("stakes").len() };
    world.get("alice", "wallet transfer --dest seller --amount 20");
    for hotkey in ["alice", "bob", "charlie"] {
        let order = format!("--netuid {netuid} --amount 2 --no-slippage-protection");
        world.get("seller", &format!("stake add --hotkey {hotkey}/default {order}"));
    }
    assert_eq!(stakes().await, 3);
    world.fails("seller", "stake unstake-all --all-hotkeys", "ExhaustsResources");
    for hotkey in ["bob", "charlie"] {
        world.get("seller", &format!("stake unstake-all --hotkey {hotkey}/default"));
    }
    assert_eq!(stakes().await, 1);
    world.get("seller", "stake unstake-all --all-hotkeys");
    assert_eq!(stakes().await, 0);
}

/// The hotkey on which the earnings of //Alice's neurons are staked.
async fn choose(world: &World, netuid: u16) {
    world.get("alice", &format!("stake set-auto --netuid {netuid} --hotkey charlie/default"));
    let keys = [Key::from(&account("Alice")), Key::from(netuid)];
    let stored: Option<Account> =
        world.chain.storage("SubtensorModule", "AutoStakeDestination", &keys, None).await.expect("read");
    assert_eq!(stored, Some(account("Charlie_hk")));
    let read = world.get("alice", "stake auto");
    assert_eq!(read, json!([{ "netuid": netuid, "hotkey": address("Charlie_hk") }]));
}

/// //Charlie's hotkey lends stake to //Bob's, and takes it back.
async fn lend(world: &World, netuid: u16) {
    let here = format!("--netuid {netuid}");
    let pending = || async {
        let keys = [Key::from(netuid), Key::from(&account("Charlie_hk"))];
        let (children, _): (Vec<(u64, Account)>, u64) = world.stored("PendingChildKeys", &keys).await;
        children
    };
    let children = json!([[0.25, address("Bob_hk")]]);
    world.get("charlie", &format!("stake child set {here} --children '{children}'"));
    assert_eq!(pending().await, [(1 << 62, account("Bob_hk"))]);
    world.get("charlie", &format!("stake child take {here} --take 0.09"));
    let keys = [Key::from(&account("Charlie_hk")), Key::from(netuid)];
    assert_eq!(world.stored::<u16>("ChildkeyTake", &keys).await, 5898);

    let now = world.chain.best_block().await.expect("a block").number;
    // They become children at the end of the next epoch.
    world.chain.wait_for_block(now + 2 * CHILDREN, Duration::from_secs(60)).await.expect("blocks");
    let read = world.get("charlie", &format!("stake child get {here}"));
    let stored: Vec<(u64, Account)> = world.stored("ChildKeys", &keys).await;
    assert_eq!(stored, [(1 << 62, account("Bob_hk"))]);
    assert_eq!(read["children"], json!([[1_u64 << 62, address("Bob_hk")]]));
    world.get("charlie", &format!("stake child revoke {here}"));
    let now = world.chain.best_block().await.expect("a block").number;
    world.chain.wait_for_block(now + 2 * CHILDREN, Duration::from_secs(60)).await.expect("blocks");
    let stored: Vec<(u64, Account)> = world.stored("ChildKeys", &keys).await;
    assert_eq!(stored, []);
}

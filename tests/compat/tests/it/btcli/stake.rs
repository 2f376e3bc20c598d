//! `btcli stake`: buying, selling, moving, lending, and the claims of root.

use std::collections::BTreeMap;

use myelin_abi::calls::subtensor::SudoSetRootClaimThreshold;
use myelin_abi::{Account, RootClaimTypeEnum};
use myelin_chain_client::{AnyCall, Key};
use serde_json::json;

use super::world::World;
use crate::dev::{account, address};
use crate::town::{rao, TAO};

/// Rounding of stake to shares: one rao less may arrive.
const ROUNDED: u64 = 1;

/// //Alice buys, sells, moves and gives, and lends her stake to a child.
pub async fn often(world: &World, netuid: u16) {
    let open = "--unsafe --no-mev-protection";
    let before = world.balance("Alice").await;
    let add = format!("--netuid {netuid} --amount 500 {open}");
    let added = world.json("alice", "stake add", &add).await;
    assert_eq!(added["staking_success"][netuid.to_string()][address("Alice_hk")], true, "{added}");
    let spent = before - world.balance("Alice").await;
    assert!((500 * TAO..501 * TAO).contains(&spent), "{spent}");
    assert!(world.stake("Alice", "Alice_hk", netuid).await > 50 * TAO);

    let before = world.balance("Alice").await;
    let remove = format!("--netuid {netuid} --amount 5 {open} --hotkey-ss58-address {}", address("Alice_hk"));
    let removed = world.json("alice", "stake remove", &remove).await;
    assert_eq!(removed[0]["success"], true, "{removed}");
    assert!(world.balance("Alice").await > before);

    let here = format!("--origin-netuid {netuid} --dest-netuid {netuid} --amount 3 --no-mev-protection");
    let moved = world.json("alice", "stake move", &format!("{here} --dest {}", address("Bob_hk"))).await;
    assert_eq!(moved["success"], true, "{moved}");
    assert!(world.stake("Alice", "Bob_hk", netuid).await >= 3 * TAO - ROUNDED);
    let given = world.json("alice", "stake transfer", &format!("{here} --dest {}", address("Bob"))).await;
    assert_eq!(given["success"], true, "{given}");
    assert!(world.stake("Bob", "Alice_hk", netuid).await >= 3 * TAO - ROUNDED);

    let (list, overview) =
        tokio::join!(world.json("bob", "stake list", ""), world.json("bob", "wallet overview", ""));
    let stakes = list["stake_info"][address("Alice_hk")].as_array().unwrap_or_else(|| panic!("{list}"));
    let shown = stakes.iter().find(|stake| stake["netuid"] == netuid).expect("listed");
    let alpha = world.stake("Bob", "Alice_hk", netuid).await;
    assert!((3 * TAO - ROUNDED..=alpha).contains(&rao(&shown["stake_value"])), "{shown} is not {alpha}");

    let neuron = &overview["subnets"][0]["neurons"][0];
    assert_eq!(
        (&neuron["hotkey_ss58"], &neuron["uid"]),
        (&json!(address("Bob_hk")), &json!(1)),
        "{overview}"
    );

    let lend = format!("--netuid {netuid} --children {} --proportions 0.25", address("Bob_hk"));
    let set = world.json("alice", "stake child set", &lend).await;
    assert_eq!(set[netuid.to_string()]["success"], true, "{set}");
    assert_eq!(named(world, netuid).await, [(1 << 62, account("Bob_hk"))]);
}

/// The children that //Alice's hotkey is about to have, or has if the wait is over by now.
async fn named(world: &World, netuid: u16) -> Vec<(u64, Account)> {
    let keys = [Key::from(netuid), Key::from(&account("Alice_hk"))];
    let pending = world.chain.storage("SubtensorModule", "PendingChildKeys", &keys, None).await;
    let (children, from): (Vec<(u64, Account)>, u64) = pending.expect("read").expect("a default");
    if from > 0 {
        return children;
    }
    let keys = [Key::from(&account("Alice_hk")), Key::from(netuid)];
    world.chain.value("SubtensorModule", "ChildKeys", &keys).await.expect("read")
}

/// Everything else.
pub async fn rest(world: &World, netuid: u16) {
    shield(world, netuid).await;
    swap(world, netuid).await;
    wizard(world, netuid).await;
    lend(world, netuid).await;
    choose(world, netuid).await;
    claim(world, netuid).await;
}

/// Without a key for the shield the package stops before it sends anything.
async fn shield(world: &World, netuid: u16) {
    let before = world.balance("Alice").await;
    let add = format!("--netuid {netuid} --amount 5 --unsafe");
    world.refused("alice", "stake add", &add, "'NoneType' object has no attribute 'removeprefix'").await;
    assert_eq!(world.balance("Alice").await, before);
}

async fn swap(world: &World, netuid: u16) {
    let before = world.stake("Alice", "Alice_hk", 0).await;
    let swap = format!("--origin-netuid {netuid} --dest-netuid 0 --amount 3 --unsafe --no-mev-protection");
    let swapped = world.json("alice", "stake swap", &swap).await;
    assert_eq!(swapped["success"], true, "{swapped}");
    assert!(world.stake("Alice", "Alice_hk", 0).await > before);
}

/// The command asks for everything: the operation, the source among the hotkeys with stake, the subnet, the destination
/// hotkey, the amount, the destination subnet, and again the destination.
async fn wizard(world: &World, netuid: u16) {
    let stakes = || async {
        let [on_alice, on_bob] = ["Alice_hk", "Bob_hk"].map(|hotkey| world.stake("Bob", hotkey, netuid));
        [on_alice.await, on_bob.await]
    };
    let before = stakes().await;
    let answers = format!("move\n0\n{netuid}\n1\n2\n{netuid}\n{}\ny\n", address("Bob_hk"));
    world.text_answering("bob", "stake wizard", "--no-mev-protection", &answers).await;
    let after = stakes().await;
    assert!(after[0] + TAO < before[0] && before[1] + TAO < after[1], "{before:?} became {after:?}");
}

async fn lend(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    let take = format!("{one} --take 0.1");
    let set = world.json("alice", "stake child take", &take).await;
    assert_eq!(set[netuid.to_string()]["success"], true, "{set}");
    let keys = [Key::from(&account("Alice_hk")), Key::from(netuid)];
    let stored: u16 = world.chain.value("SubtensorModule", "ChildkeyTake", &keys).await.expect("read");
    assert!((6553..=6554).contains(&stored), "{stored}");
    // The waiting ones may be her children by now.
    let children = world.chain.value("SubtensorModule", "ChildKeys", &keys).await;
    let children: Vec<(u64, Account)> = children.expect("read");
    let read = world.json("alice", "stake child get", &one).await;
    let expected: BTreeMap<_, _> = children.into_iter().map(|(share, child)| (child, share)).collect();
    for (child, share) in &expected {
        assert_eq!(read[netuid.to_string()][myelin_wire::ss58::encode(&child.0)], *share, "{read}");
    }
    assert_eq!(read == json!({}), expected.is_empty(), "{read}");
    let revoked = world.json("alice", "stake child revoke", &one).await;
    assert_eq!(revoked[netuid.to_string()]["success"], true, "{revoked}");
    assert_eq!(named(world, netuid).await, []);
}

/// The hotkey on which the earnings of //Alice's neurons are staked.
async fn choose(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    let answers = format!("{}\ny\n", address("Bob_hk"));
    let set = world.json_answering("alice", "stake set-auto", &one, &answers).await;
    assert_eq!(set["success"], true, "{set}");
    let keys = [Key::from(&account("Alice")), Key::from(netuid)];
    let stored = world.chain.storage("SubtensorModule", "AutoStakeDestination", &keys, None).await;
    assert_eq!(stored.expect("read"), Some(account("Bob_hk")));
    // The package takes the first letter of the address for the address.
    let read = world.json("alice", "stake auto", "").await;
    let here = &read[netuid.to_string()];
    assert_eq!((&here["status"], &here["destination"]), (&json!("custom"), &json!("5")), "{read}");
}

/// Root's dividends, which a validator's stakers on root have earned in the meantime.
async fn claim(world: &World, netuid: u16) {
    let set = world.json("alice", "stake set-claim", "keep").await;
    assert_eq!(set["success"], true, "{set}");
    let key = [Key::from(&account("Alice"))];
    let stored: RootClaimTypeEnum =
        world.chain.value("SubtensorModule", "RootClaimType", &key).await.expect("read");
    assert_eq!(stored, RootClaimTypeEnum::Keep);

    let settled = || async {
        let place = [netuid.into(), (&account("Alice_hk")).into(), (&account("Alice")).into()];
        let claimed: u128 = world.chain.value("SubtensorModule", "RootClaimed", &place).await.expect("read");
        (claimed, world.balance("Alice").await)
    };
    // The chain passes over claims that the package does not find too small.
    world.as_root(&[AnyCall::from(&SudoSetRootClaimThreshold { netuid, new_value: 0 })]).await;
    let before = settled().await;
    let claimed = world.json("alice", "stake process-claim", &format!("--netuids {netuid}")).await;
    assert_eq!(claimed["success"], true, "{claimed}");
    let after = settled().await;
    if claimed["extrinsic_identifier"].is_null() {
        assert_eq!(claimed["message"], "No claimable emissions found");
        assert_eq!(after.1, before.1, "nothing is sent where nothing is owed");
    } else {
        assert!(after.0 > before.0, "{claimed}: {before:?} became {after:?}");
    }
}

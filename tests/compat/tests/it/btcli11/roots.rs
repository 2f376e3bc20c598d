//! `btcli root`: stake on root and its earnings. There are no baskets, in which newer official chains pay them.

use myelin_compat::table::Part;
use serde_json::json;

use super::world::{amount, World};
use crate::dev::address;
use crate::town::TAO;
use crate::verdicts;

/// The whole group.
pub async fn all(world: &World, netuid: u16) {
    world.get("charlie", "root register");
    assert!(world.uid(0, "Charlie_hk").await.is_some());
    let staked = world.stake("Alice", "Alice_hk", 0).await;
    let mine = world.get("alice", "root list --mine");
    assert_eq!(
        (&mine[0]["hotkey"], amount(&mine[0]["staked"])),
        (&json!(address("Alice_hk")), staked),
        "{mine}"
    );
    let funds = world.get("alice", "root list");
    assert_eq!(funds["funds"], json!([]));
    // One validator's page shows the contents of its basket.
    world.as_said(
        verdicts(Part::Reads11)["validator_basket_summary"],
        "bob",
        &format!("root list {}", address("Alice_hk")),
    );

    let before = world.balance("Alice").await;
    world.refused("alice", "root claim --hotkey default", "no accrued yield to claim");
    world.absent("alice", "root allocate --amount 1 --hotkey default");
    world.absent("alice", &format!("root swap --from {netuid} --to 0 --amount 1"));
    assert_eq!(world.balance("Alice").await, before);

    // It moves the largest number, which stands for everything.
    world.get("alice", &format!("root move --from default --to {}", address("Charlie_hk")));
    assert_eq!(world.stake("Alice", "Alice_hk", 0).await, 0);
    let moved = world.stake("Alice", "Charlie_hk", 0).await;
    assert!(moved > staked - TAO);
    world.get(
        "alice",
        &format!(
            "stake move --origin-hotkey {} --netuid 0 --dest-hotkey default --all",
            address("Charlie_hk")
        ),
    );
    assert!(world.stake("Alice", "Alice_hk", 0).await > moved - TAO);
}

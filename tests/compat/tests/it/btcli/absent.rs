//! Features that the chain does not have: the command tells the user, and sends nothing.

use serde_json::json;

use super::world::World;
use crate::dev::address;

/// Every command for features that are absent here.
pub async fn all(world: &World) {
    let (not_there, unknown) = ("Crowdloan #0 does not exist", "Crowdloan #0 not found");
    let one = "--crowdloan-id 0";
    let before = world.balance("Alice").await;
    let listed = world.json("", "crowd list", "").await;
    assert_eq!((&listed["success"], &listed["data"]["crowdloans"]), (&json!(true), &json!([])), "{listed}");
    tokio::join!(
        world.refused("alice", "crowd info", one, unknown),
        world.refused("", "crowd contributors", one, unknown),
    );
    tokio::join!(
        world.refused("alice", "crowd withdraw", one, not_there),
        world.refused("alice", "crowd finalize", one, not_there),
    );
    tokio::join!(
        world.refused("alice", "crowd refund", one, unknown),
        world.refused("alice", "crowd dissolve", one, unknown),
    );
    let (contribute, update) = (format!("{one} --amount 1"), format!("{one} --cap 5"));
    // The command asks for a constant of the pallet without checking that the pallet exists.
    let no_constant = "An unknown error has occurred";
    tokio::join!(
        world.refused("alice", "crowd contribute", &contribute, unknown),
        world.refused("alice", "crowd update", &update, no_constant),
    );
    let create = format!(
        "--deposit 10 --min-contribution 1 --cap 100 --duration 1000 --target-address {} --fundraising",
        address("Bob")
    );
    world.refused("alice", "crowd create", &create, no_constant).await;

    let senate = "Pallet \"SenateMembers\" not found";
    let vote = format!("--proposal 0x{} --vote-aye", "11".repeat(32));
    tokio::join!(
        world.refused("", "sudo senate", "", senate),
        world.refused("", "sudo proposals", "", senate),
    );
    world.refused("alice", "sudo senate-vote", &vote, senate).await;

    let announce = format!("announce --no-mev-protection --new-coldkey {}", address("Bob"));
    tokio::join!(
        world.refused("alice", "wallet swap-check", "", "ColdkeySwapReannouncementDelay\" not found"),
        world.refused("alice", "wallet swap-coldkey", &announce, "ColdkeySwapAnnouncementDelay\" not found"),
    );
    let disabled = "This command is currently disabled";
    world.refused_with(1, "alice", "wallet history", "", disabled).await;
    assert_eq!(world.balance("Alice").await, before);
}

//! What the chain does not have: the user is told, and nothing is sent.

use super::world::World;
use crate::dev::address;

/// Every command of what comes later or never.
pub async fn all(world: &World) {
    let crowdloans = "Pallet \"Crowdloan\" not found";
    let one = "--crowdloan-id 0";
    let before = world.balance("Alice").await;
    tokio::join!(
        world.refused("", "crowd list", "", crowdloans),
        world.refused("alice", "crowd info", one, crowdloans),
    );
    tokio::join!(
        world.refused("", "crowd contributors", one, crowdloans),
        world.refused("alice", "crowd withdraw", one, crowdloans),
    );
    tokio::join!(
        world.refused("alice", "crowd finalize", one, crowdloans),
        world.refused("alice", "crowd refund", one, crowdloans),
    );
    let (contribute, update) = (format!("{one} --amount 1"), format!("{one} --cap 5"));
    tokio::join!(
        world.refused("alice", "crowd dissolve", one, crowdloans),
        world.refused("alice", "crowd contribute", &contribute, crowdloans),
    );
    world.refused("alice", "crowd update", &update, crowdloans).await;
    let create = format!(
        "--deposit 10 --min-contribution 1 --cap 100 --duration 1000 --target-address {} --fundraising",
        address("Bob")
    );
    // It asks for a constant of the pallet without looking whether there is one.
    world.refused("alice", "crowd create", &create, "An unknown error has occurred").await;

    let senate = "Pallet \"SenateMembers\" not found";
    let vote = format!("--proposal 0x{} --vote-aye", "11".repeat(32));
    tokio::join!(
        world.refused("", "sudo senate", "", senate),
        world.refused("", "sudo proposals", "", senate),
    );
    world.refused("alice", "sudo senate-vote", &vote, senate).await;

    let swaps = "\"SubtensorModule.ColdkeySwapAnnouncements\" not found";
    let announce = format!("announce --no-mev-protection --new-coldkey {}", address("Bob"));
    tokio::join!(
        world.refused("alice", "wallet swap-check", "", swaps),
        world.refused("alice", "wallet swap-coldkey", &announce, swaps),
    );
    world.refused("alice", "wallet history", "", "This command is currently disabled").await;
    assert_eq!(world.balance("Alice").await, before);
}

//! `btcli sudo`: settings of owners of subnets and hotkeys.

use myelin_chain_client::Key;

use super::world::World;
use crate::dev::account;
use crate::town::TAO;

/// A hyperparameter is set and read.
pub async fn often(world: &World, netuid: u16) {
    let set = format!("--netuid {netuid} --param immunity_period --value 777");
    let set = world.json("alice", "sudo set", &set).await;
    assert_eq!(set["success"], true, "{set}");
    assert_eq!(world.of_subnet::<u16>("ImmunityPeriod", netuid).await, 777);
    let read = world.json("", "sudo get", &format!("--netuid {netuid}")).await;
    let rows = read.as_array().expect("a list");
    let row = rows.iter().find(|row| row["hyperparameter"] == "immunity_period").expect("listed");
    assert_eq!(row["value"], 777);
}

/// Everything else.
pub async fn rest(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    let set = world.json_answering("alice", "sudo set-take", "--take 0.12", "y\n").await;
    assert_eq!(set["success"], true, "{set}");
    let take: u16 = world
        .chain
        .value("SubtensorModule", "Delegates", &[Key::from(&account("Alice_hk"))])
        .await
        .expect("read");
    assert!((7863..=7865).contains(&take), "{take}");
    let read = world.json("alice", "sudo get-take", "").await;
    let shown = read["current_take"].as_f64().expect("a number");
    assert!((shown - f64::from(take) / 65535.0).abs() < 1e-9, "{read}");

    let trimmed = world.json("alice", "sudo trim", &format!("{one} --max 64")).await;
    assert_eq!(trimmed["success"], true, "{trimmed}");
    assert_eq!(world.of_subnet::<u16>("MaxAllowedUids", netuid).await, 64);

    let before = world.balance("Alice").await;
    let burn = format!("{one} --amount 2 --unsafe --no-mev-protection");
    let burned = world.json("alice", "sudo stake-burn", &burn).await;
    assert_eq!(burned["success"], true, "{burned}");
    let spent = before - world.balance("Alice").await;
    assert!((2 * TAO..2 * TAO + TAO / 100).contains(&spent), "{spent}");
    trigger(world, netuid).await;
}

/// An epoch before its time, which the owner may ask for where weights are not hidden.
async fn trigger(world: &World, netuid: u16) {
    let hide =
        |hidden: bool| format!("--netuid {netuid} --param commit_reveal_weights_enabled --value {hidden}");
    let set = world.json("alice", "sudo set", &hide(false)).await;
    assert_eq!(set["success"], true, "{set}");
    let before: u64 = world.of_subnet("SubnetEpochIndex", netuid).await;
    let triggered = world.json("alice", "sudo trigger-epoch", &format!("--netuid {netuid}")).await;
    assert_eq!(triggered["success"], true, "{triggered}");
    let asked: Option<u64> =
        world.chain.storage("SubtensorModule", "PendingEpochAt", &[netuid.into()], None).await.expect("read");
    let after: u64 = world.of_subnet("SubnetEpochIndex", netuid).await;
    assert!(asked.is_some_and(|block| block > 0) || after > before, "{asked:?} {before} {after}");
    let set = world.json("alice", "sudo set", &hide(true)).await;
    assert_eq!(set["success"], true, "{set}");
}

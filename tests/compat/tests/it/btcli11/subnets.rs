//! `btcli subnets` and `btcli hparams`: properties of subnets, and settings of their owners.

use myelin_abi::SubnetIdentityV3;
use myelin_compat::table::Part;
use serde_json::json;

use super::world::{amount, World};
use crate::dev::{account, address};
use crate::town::{rao, TAO};
use crate::verdicts;

/// Both groups, except the commands that people use most.
pub async fn all(world: &World, netuid: u16) {
    look(world, netuid).await;
    own(world, netuid).await;
    describe(world, netuid).await;
    mechanisms(world, netuid).await;
    burn(world, netuid).await;
    null(world, netuid);
    world.absent_or_endless("dave", &format!("subnets register --netuid {netuid} --pow --pow-timeout 3"));
}

async fn look(world: &World, netuid: u16) {
    let set = world.get("alice", &format!("subnets hyperparameters {netuid}"));
    assert_eq!(set["immunity_period"], world.of_subnet::<u16>("ImmunityPeriod", netuid).await, "{set}");
    let graph = world.get("alice", &format!("subnets metagraph {netuid}"));
    assert_eq!(
        (&graph["owner_coldkey"], &graph["hotkeys"][2]),
        (&json!(address("Bob")), &json!(address("Alice_hk")))
    );

    let price = || async {
        let prices = world.chain.prices().await.expect("prices");
        prices.iter().find(|price| price.netuid == netuid).expect("a price").price
    };
    let before = price().await;
    let shown = world.get("alice", &format!("subnets price --netuid {netuid}"));
    let (shown, after) = (shown["price_rao"].as_u64().expect("rao"), price().await);
    assert!((before.min(after)..=before.max(after)).contains(&shown), "{shown} is not {before} to {after}");

    let before = world.chain.subnet_cost().await.expect("a price").to_rao();
    let shown = amount(&world.get("alice", "subnets create-cost")["create_cost"]);
    let after = world.chain.subnet_cost().await.expect("a price").to_rao();
    assert!((after..=before).contains(&shown), "{shown} is not {before} to {after}");
    let before: u64 = world.of_subnet("Burn", netuid).await;
    let shown = amount(&world.get("alice", &format!("subnets burn-cost {netuid}"))["burn_cost"]);
    let after: u64 = world.of_subnet("Burn", netuid).await;
    assert!((after..=before).contains(&shown), "{shown} is not {before} to {after}");

    let conviction =
        world.get("alice", &format!("subnets conviction --netuid {netuid} --hotkey alice/default"));
    assert!(conviction.get("conviction_alpha").is_some(), "{conviction}");
    world.as_said(
        verdicts(Part::Reads11)["subnet_convictions"],
        "alice",
        &format!("subnets conviction --netuid {netuid}"),
    );
}

async fn own(world: &World, netuid: u16) {
    let here = format!("--netuid {netuid}");
    let start = world.get("bob", &format!("hparams check-start {here}"));
    assert_eq!(
        start["registered_at"],
        world.of_subnet::<u64>("NetworkRegisteredAt", netuid).await,
        "{start}"
    );
    world.fails("bob", &format!("hparams start {here}"), "FirstEmissionBlockNumberAlreadySet");
    let room = || world.of_subnet::<u16>("MaxAllowedUids", netuid);
    world.get("bob", &format!("hparams set {here} --name max_allowed_uids --value 65"));
    assert_eq!(room().await, 65);
    world.get("bob", &format!("hparams trim {here} --max-n 64"));
    assert_eq!(room().await, 64);
    world.get("alice", "hparams set-take --take 0.08");
    let stored: u16 = world.stored("Delegates", &[(&account("Alice_hk")).into()]).await;
    assert_eq!(stored, 5243);
    assert_eq!(world.get("bob", "hparams get-take --hotkey alice/default")["take_u16"], stored);
}

async fn describe(world: &World, netuid: u16) {
    world.get("bob", &format!("hparams set-symbol --netuid {netuid} --symbol β"));
    assert_eq!(world.of_subnet::<Vec<u8>>("TokenSymbol", netuid).await, "β".as_bytes());
    world.get(
        "bob",
        &format!("hparams set-identity --netuid {netuid} --name other --url https://example.org"),
    );
    let stored: SubnetIdentityV3 = world.of_subnet("SubnetIdentitiesV3", netuid).await;
    assert_eq!((&*stored.subnet_name, &*stored.subnet_url), (&b"other"[..], &b"https://example.org"[..]));
    let read = world.get("alice", &format!("hparams get-identity {netuid}"));
    assert_eq!((&read["subnet_name"], &read["subnet_url"]), (&json!("other"), &json!("https://example.org")));
}

async fn mechanisms(world: &World, netuid: u16) {
    let count = format!("hparams mechanisms count --netuid {netuid}");
    assert_eq!(world.get("bob", &count)["mechanism_count"], 2);
    let read = world.get("bob", &format!("hparams mechanisms emissions --netuid {netuid}"));
    assert_eq!(read["split"], json!(world.of_subnet::<Vec<u16>>("MechanismEmissionSplit", netuid).await));
    world.get("bob", &format!("{count} --value 1"));
    assert_eq!(world.of_subnet::<u8>("MechanismCountCurrent", netuid).await, 1);
}

async fn burn(world: &World, netuid: u16) {
    let burn = format!("hparams stake-burn --netuid {netuid} --amount 1 --limit-price");
    world.fails("bob", &format!("{burn} 1"), "SlippageTooHigh");
    let before = world.balance("Bob").await;
    let sent = world.get("bob", &format!("{burn} {}", 100_000 * TAO));
    assert_eq!(before - world.balance("Bob").await, TAO + rao(&sent["fee_tao"]));
}

/// There is no consensus named `Null`.
fn null(world: &World, netuid: u16) {
    let target = format!("--netuid {netuid} --target 64");
    world.absent("bob", &format!("hparams trim-null-batch {target}"));
    world.absent_or_endless("bob", &format!("hparams trim-null {target}"));
}

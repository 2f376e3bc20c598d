//! `btcli subnets`: creating a subnet, joining it, describing it, reading it.

use std::time::Duration;

use myelin_abi::calls::admin::{SudoSetServingRateLimit, SudoSetTempo, SudoSetWeightsSetRateLimit};
use myelin_abi::{Account, SubnetIdentityV3};
use myelin_chain_client::{AnyCall, Wait};
use serde_json::{json, Value};

use super::world::World;
use crate::dev::{account, address, key};
use crate::town::rao;

/// Description of a subnet, as the package requires it.
const IDENTITY: &str =
    "--github-repo https://github.com/opentensor/bittensor --subnet-contact a@example.org \
                        --subnet-url https://example.org --discord alice --logo-url https://example.org/l \
                        --description 'what it does' --additional-info more";
/// Blocks of an epoch, long enough for a command to start that must be executed within it.
pub const TEMPO: u16 = 100;
/// Blocks between two of the prices that `subnets price` fetches, and the number of prices it needs.
const PRICES: (u64, u64) = (300, 5);

/// //Alice creates a subnet and starts it, //Bob joins.
pub async fn found(world: &World) -> u16 {
    let cost = world.chain.subnet_cost().await.expect("a price").to_rao();
    let before = world.balance("Alice").await;
    let create = format!("--subnet-name mine --no-mev-protection {IDENTITY}");
    let made = world.json("alice", "subnets create", &create).await;
    assert_eq!(made["success"], true, "{made}");
    let netuid = u16::try_from(made["netuid"].as_u64().expect("a number")).expect("a number");
    assert_eq!(world.of_subnet::<Account>("SubnetOwner", netuid).await, account("Alice"));
    assert!(before - world.balance("Alice").await >= cost);
    assert_eq!(world.chain.uid(netuid, &account("Alice_hk")).await.expect("read"), Some(0));

    world.text("alice", "subnets start", &format!("--netuid {netuid}")).await;
    assert!(world.of_subnet::<bool>("SubtokenEnabled", netuid).await);
    let limits = [
        AnyCall::from(&SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit: 0 }),
        AnyCall::from(&SudoSetServingRateLimit { netuid, serving_rate_limit: 10 }),
        AnyCall::from(&SudoSetTempo { netuid, tempo: TEMPO }),
    ];
    let limits = world.chain.each_of(&limits).await.expect("the chain has batches");
    world.chain.sudo(limits, &key("//Alice"), Wait::Inclusion).await.expect("limits are lifted");
    join(world, netuid, "bob", "Bob_hk").await;
    // On a chain that is younger than a tempo the first epoch may be pending, and owners wait for it.
    let pending: u64 = world.of_subnet("PendingEpochAt", netuid).await;
    world.chain.wait_for_block(pending + 1, Duration::from_secs(60)).await.expect("a block");
    netuid
}

async fn join(world: &World, netuid: u16, who: &str, hotkey: &str) {
    let joined = world.json(who, "subnets register", &format!("--netuid {netuid}")).await;
    assert_eq!(joined["success"], true, "{joined}");
    assert!(world.chain.uid(netuid, &account(hotkey)).await.expect("read").is_some(), "{joined}");
}

/// The reads that people use most.
pub async fn often(world: &World, netuid: u16) {
    let [one, only] = [format!("--netuid {netuid}"), format!("--netuid {netuid} --mechid 0")];
    let now = format!("--netuid {netuid} --current");
    let (list, show) =
        tokio::join!(world.json("", "subnets list", ""), world.json("", "subnets show", &only),);
    let (parameters, price) =
        tokio::join!(world.json("", "subnets hyperparameters", &one), world.json("", "subnets price", &now),);
    let listed = list["subnets"].as_object().expect("subnets");
    let ours = world.chain.subnets().await.expect("subnets");
    assert_eq!(listed.len(), ours.len());
    let identity: SubnetIdentityV3 = world.of_subnet("SubnetIdentitiesV3", netuid).await;
    assert_eq!(identity.subnet_name, b"mine");
    assert_eq!(listed[&netuid.to_string()]["subnet_name"], "mine");

    let graph = world.chain.metagraph(netuid, None).await.expect("a metagraph");
    let hotkeys: Vec<Value> =
        graph.neurons.iter().map(|neuron| json!(myelin_wire::ss58::encode(&neuron.hotkey.0))).collect();
    let shown = show["uids"].as_array().unwrap_or_else(|| panic!("{show}"));
    assert_eq!(shown.iter().map(|row| row["hotkey"].clone()).collect::<Vec<_>>(), hotkeys);
    assert_eq!(show["owner"], address("Alice"));

    for (parameter, stored) in [
        ("immunity_period", world.of_subnet::<u16>("ImmunityPeriod", netuid).await),
        ("tempo", world.of_subnet::<u16>("Tempo", netuid).await),
    ] {
        let rows = parameters.as_array().expect("a list");
        let row = rows.iter().find(|row| row["hyperparameter"] == parameter);
        assert_eq!(row.map(|row| &row["value"]), Some(&json!(stored)), "{parameter}");
    }
    let prices = world.chain.prices().await.expect("prices");
    let own = prices.iter().find(|price| price.netuid == netuid).expect("a price").price as f64;
    let shown = rao(&price[netuid.to_string()]["stats"]["current_price"]) as f64;
    assert!((shown / own - 1.0).abs() < 0.1, "{shown} is not {own}");
}

/// Everything else.
pub async fn rest(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    join(world, netuid, "charlie", "Charlie_hk").await;
    let (cost, start) =
        tokio::join!(world.json("", "subnets burn-cost", ""), world.text("", "subnets check-start", &one),);
    let stored = world.chain.subnet_cost().await.expect("a price").to_rao();
    let shown = cost["burn_cost"]["rao"].as_u64().expect("a number");
    // The price falls with every block.
    assert!((stored..stored + stored / 100).contains(&shown), "{shown} is not {stored}");
    let registered: u64 = world.of_subnet("NetworkRegisteredAt", netuid).await;
    assert!(start.contains(&format!("Registered at: {registered}")), "{start}");

    let renamed = format!("{one} --subnet-name other {IDENTITY}");
    let set = world.json("alice", "subnets set-identity", &renamed).await;
    assert_eq!(set["success"], true, "{set}");
    let stored: SubnetIdentityV3 = world.of_subnet("SubnetIdentitiesV3", netuid).await;
    assert_eq!(stored.subnet_name, b"other");
    let read = world.json("", "subnets get-identity", &one).await;
    assert_eq!((&read["subnet_name"], &read["additional"]), (&json!("other"), &json!("more")));
    let set = world.json("alice", "subnets set-symbol", &format!("{one} シ")).await;
    assert_eq!(set["success"], true, "{set}");
    assert_eq!(world.of_subnet::<Vec<u8>>("TokenSymbol", netuid).await, "シ".as_bytes());
    mechanisms(world, netuid).await;
}

/// The second mechanism is removed again, so that later commands need not name a mechanism.
async fn mechanisms(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    let count = |answer: Value| answer["count"].clone();
    assert_eq!(count(world.json("", "subnets mechanisms count", &one).await), 1);
    let two = format!("{one} --count 2");
    let set = world.json_answering("alice", "subnets mechanisms set", &two, "y\n").await;
    assert_eq!(set["success"], true, "{set}");
    assert_eq!(world.of_subnet::<u8>("MechanismCountCurrent", netuid).await, 2);
    assert_eq!(count(world.json("", "subnets mechanisms count", &one).await), 2);
    let halves = format!("{one} --split 70,30");
    let split = world.json_answering("alice", "subnets mechanisms split-emissions", &halves, "y\n").await;
    assert_eq!(split["success"], true, "{split}");
    let stored: Vec<u16> = world.of_subnet("MechanismEmissionSplit", netuid).await;
    assert_eq!(split["split"], json!(stored));
    let read = world.json("", "subnets mechanisms emissions", &one).await;
    assert_eq!(read["split"], json!(stored));
    let back = format!("{one} --count 1");
    world.json_answering("alice", "subnets mechanisms set", &back, "y\n").await;
    assert_eq!(world.of_subnet::<u8>("MechanismCountCurrent", netuid).await, 1);
}

/// Past prices: the package needs those of five moments, for which the chain is old enough at the end.
pub async fn prices(world: &World) {
    let old = world.chain.wait_for_block(PRICES.0 * (PRICES.1 - 1), Duration::from_secs(600)).await;
    old.expect("the chain grows old");
    let prices = world.json("", "subnets price", "--netuid 1").await;
    let stats = &prices["1"]["stats"];
    assert!(rao(&stats["current_price"]) > 0, "{prices}");
}

/// Holders of conviction, after stake was locked.
pub async fn conviction(world: &World, netuid: u16) {
    let read = world.json("", "subnets conviction", &format!("--netuid {netuid}")).await;
    let rows = read["rows"].as_array().unwrap_or_else(|| panic!("{read}"));
    let owner = rows.iter().find(|row| row["hotkey"] == address("Alice_hk")).expect("the owner's row");
    assert_eq!((&owner["is_owner"], &owner["coldkey"]), (&json!(true), &json!(address("Alice"))));
    assert_ne!(read["total_conviction_rao"], "0");
}

//! `btcli lock`: stake that is locked for conviction.

use serde_json::{json, Value};

use super::world::World;
use crate::dev::{account, address};
use crate::town::TAO;

/// //Alice locks stake on her hotkey, lets it decay and moves it.
pub async fn all(world: &World, netuid: u16) {
    let one = format!("--netuid {netuid}");
    let add = format!("{one} --hotkey {} --amount 5 --mode perpetual --no-graph", address("Alice_hk"));
    let added = world.json("alice", "lock add", &add).await;
    assert!(added.is_object(), "{added}");
    assert_eq!(locked(world, netuid).await, 5 * TAO);
    let bare = format!("{one} --no-graph");
    let (list, show) =
        tokio::join!(world.json("alice", "lock list", ""), world.json("alice", "lock show", &bare),);
    for read in [&list, &show] {
        let lock = &read["locks"][0];
        assert_eq!(lock["locked_alpha_rao"], json!(5 * TAO), "{read}");
        assert_eq!((&lock["hotkey"], &lock["mode"]), (&json!(address("Alice_hk")), &json!("perpetual")));
    }
    super::subnets::conviction(world, netuid).await;

    world.json("alice", "lock mode", &format!("{one} --mode decaying")).await;
    assert_eq!(first(world).await["mode"], "decaying");
    let after = locked(world, netuid).await;
    assert!((4 * TAO..5 * TAO).contains(&after), "{after} decays");
    world.json("alice", "lock move", &format!("{one} --destination-hotkey {}", address("Bob_hk"))).await;
    assert_eq!(first(world).await["hotkey"], address("Bob_hk"));
}

async fn first(world: &World) -> Value {
    world.json("alice", "lock list", "").await["locks"][0].take()
}

/// Stake that //Alice has locked on a subnet, as the chain counts it.
async fn locked(world: &World, netuid: u16) -> u64 {
    let stakes = world.chain.stakes(&account("Alice")).await.expect("stakes");
    let here = stakes.into_iter().filter(|stake| stake.netuid.0 == netuid);
    here.map(|stake| stake.locked.0.to_rao()).max().unwrap_or_default()
}

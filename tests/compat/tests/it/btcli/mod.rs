//! The official command line `btcli` 9 on our chain: every command as a process, as a user's script runs it, and the
//! chain's state afterwards.
//!
//! The commands that people use most always run. All of them run in the long tests, which last until the chain has past
//! prices.

mod absent;
mod lock;
mod machine;
mod neurons;
mod proxy;
mod stake;
mod subnets;
mod sudo;
mod wallet;
mod world;

use world::World;

use crate::town::is_long;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn btcli_9_reads_the_chain_and_acts_on_it() {
    let world = World::start().await;
    wallet::often(&world).await;
    let netuid = subnets::found(&world).await;
    tokio::join!(stake::often(&world, netuid), proxy::often(&world));
    neurons::often(&world, netuid).await;
    subnets::often(&world, netuid).await;
    if is_long() {
        sudo::rest(&world, netuid).await;
        subnets::rest(&world, netuid).await;
        neurons::rest(&world, netuid).await;
        stake::rest(&world, netuid).await;
        proxy::rest(&world).await;
        wallet::rest(&world, netuid).await;
        lock::all(&world, netuid).await;
        machine::all(&world, netuid).await;
        absent::all(&world).await;
        subnets::prices(&world).await;
    }
    world.compare();
}

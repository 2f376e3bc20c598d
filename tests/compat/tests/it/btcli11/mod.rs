//! The official command line `btcli` of bittensor 11 on our chain, and the chain's state afterwards.
//!
//! The commands that people use most always run, nearly all as processes of their own. All commands run in the long
//! tests, in copies of a process that has the package loaded.

mod books;
mod evm;
mod locks;
mod misc;
mod often;
mod query;
mod roots;
mod stake;
mod subnets;
mod tx;
mod wallet;
mod world;

use world::World;

use crate::town::is_long;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn btcli_of_bittensor_11_reads_the_chain_and_acts_on_it() {
    let world = World::start().await;
    let netuid = often::all(&world).await;
    if is_long() {
        let life = tx::all(&world, netuid).await;
        query::all(&world, &life).await;
        wallet::all(&world, netuid).await;
        stake::all(&world, netuid).await;
        locks::all(&world, netuid).await;
        roots::all(&world, netuid).await;
        subnets::all(&world, netuid).await;
        books::all(&world).await;
        evm::all(&world, netuid).await;
        misc::all(&world, netuid).await;
    }
    world.compare();
}

//! `btcli axon` and `btcli weights`: endpoints and weights of hotkeys.

use std::time::Duration;

use myelin_abi::calls::subtensor::{CommitWeights, RevealWeights};
use myelin_chain_client::{Call, Wait};
use myelin_wire::hash::blake2_256_of;

use super::world::World;
use crate::dev::{account, key};

/// Version key that 9.23.2 puts into its weights.
const VERSION: u64 = 9_023_002;

/// Times that weights are committed before the test fails.
const TIMES: usize = 4;

/// A commit in the chain's storage: hash, epoch, block, and a number that is not used.
type StoredCommit = ([u8; 32], u64, u64, u64);

/// Committed weights are revealed. Beside it a hyperparameter is set and an endpoint announced.
pub async fn often(world: &World, netuid: u16) {
    let place = format!("--netuid {netuid} --ip 10.1.2.3 --port 8091");
    let announce = world.text("bob", "axon set", &place);
    tokio::join!(reveals(world, netuid), super::sudo::often(world, netuid), announce);
    assert_eq!(axon(world, netuid).await, Some("10.1.2.3:8091".to_owned()));
}

/// Weights are revealed in the epoch after their commit, which lasts no longer than a few commands: one that a busy
/// machine holds up comes after it, and weights are committed again.
async fn reveals(world: &World, netuid: u16) {
    for _ in 0..TIMES {
        let (block, last, reveal) = commit(world, netuid).await;
        world.chain.wait_for_block(block, Duration::from_secs(60)).await.expect("the next epoch");
        // The command only reports that the pool has accepted it.
        let options = format!("--netuid {netuid} --uids 1 --weights 1.0 --salt 1,2,3");
        let revealed = world.json("alice", "weights reveal", &options).await;
        assert_eq!(revealed["success"], true, "{revealed}");
        let mut block = world.chain.best_block().await.expect("a block").number;
        while block <= last {
            let stored = world.chain.weights(netuid, 0).await.expect("weights");
            if !stored.is_empty() {
                assert_eq!(stored, [(reveal.uids[0], reveal.values[0])]);
                return;
            }
            block += 1;
            world.chain.wait_for_block(block, Duration::from_secs(60)).await.expect("a block");
        }
    }
    panic!("no reveal of {TIMES} was stored");
}

/// Commits weights of //Alice's hotkey; returns the first and the last block of the reveal, and its arguments.
async fn commit(world: &World, netuid: u16) -> (u64, u64, RevealWeights) {
    let (uids, values, salt) = (vec![1], vec![u16::MAX], vec![1, 2, 3]);
    let reveal = RevealWeights { netuid, uids, values, salt, version_key: VERSION };
    // The storage index of the first mechanism is the subnet's number, with which the arguments begin.
    let commit_hash = blake2_256_of(&[&account("Alice_hk").0, &reveal.arguments()]);
    let commit = CommitWeights { netuid, commit_hash };
    let committed = world.chain.submit(&commit, &key("//Alice_hk"), Wait::Inclusion).await;
    let block = committed.expect("committed").block;
    let schedule = world.chain.epoch_schedule(netuid, block).await.expect("a schedule");
    let next = schedule.next_epoch_block;
    (next + 1, next + u64::from(super::subnets::TEMPO), reveal)
}

/// Address of //Bob's neuron.
async fn axon(world: &World, netuid: u16) -> Option<String> {
    let graph = world.chain.metagraph(netuid, None).await.expect("a metagraph");
    graph.by_hotkey(&account("Bob_hk")).expect("a neuron").axon.map(|axon| axon.to_string())
}

/// Everything else.
pub async fn rest(world: &World, netuid: u16) {
    let in_json = format!("--netuid {netuid} --json-output");
    world.refused_with(2, "bob", "axon reset", &in_json, "Cannot specify both").await;
    assert_eq!(axon(world, netuid).await, Some("10.1.2.3:8091".to_owned()));
    world.text("bob", "axon reset", &format!("--netuid {netuid}")).await;
    assert_ne!(axon(world, netuid).await, Some("10.1.2.3:8091".to_owned()));
    let options = format!("--netuid {netuid} --uids 1 --weights 1.0 --salt 1,2,3");
    let before = commits(world, netuid).await;
    world.refused("alice", "weights commit", &options, "get_commit_reveal_weights_enabled").await;
    assert_eq!(commits(world, netuid).await, before);
}

/// Commits of //Alice's hotkey that are not revealed.
async fn commits(world: &World, netuid: u16) -> Option<Vec<StoredCommit>> {
    let keys = [netuid.into(), (&account("Alice_hk")).into()];
    world.chain.storage("SubtensorModule", "WeightCommits", &keys, None).await.expect("read")
}

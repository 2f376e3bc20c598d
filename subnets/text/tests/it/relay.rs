//! A relay over real HTTP: it passes its tasks on to another miner's axon, and gets only its spare time.

use std::{sync::Arc, time::Duration};

use myelin_lm::builtin::Level;
use myelin_neuron::dendrite::{Dendrite, Target};
use myelin_subnet::{
    testkit::{MemoryChain, NETUID},
    Miner, MinerOptions, Strangers, Validator, ValidatorOptions,
};
use myelin_text::{adversary::Relay, backend::Backend, Load};
use myelin_wallet::Keypair;

use crate::field::{answering, honest, judging, steady, MACHINE};

/// Rounds until every miner is asked for more than it can do.
const ROUNDS: u32 = 3;

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

async fn miner(chain: &MemoryChain, name: &str, backend: Arc<dyn Backend>, strangers: Strangers) -> Miner {
    let key = key(name);
    chain.register(key.public(), false);
    let options = MinerOptions {
        strangers,
        refresh: Some(Duration::from_millis(100)),
        ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
    };
    let chain = chain.signed_by(key.public());
    Miner::start(Arc::new(answering(backend)), chain, key, options).await.unwrap()
}

/// Gives a miner a permit by a thousandth of the validator's stake, such as unspent earnings give.
fn hold_a_permit(chain: &MemoryChain, name: &str) {
    let hotkey = key(name).public();
    let mut ledger = chain.ledger();
    let peer = ledger.neurons.iter_mut().find(|peer| peer.hotkey == hotkey).unwrap();
    (peer.permit, peer.stake) = (true, 1_000_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_gets_little_and_the_miner_behind_it_no_less_than_others() {
    let _machine = MACHINE.lock().await;
    // Enough blocks for some rounds of an epoch.
    let chain = MemoryChain::new(1_800, true);
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let late = miner(
        &chain,
        "late",
        steady(honest(Level::Ngram, 1), 40),
        Strangers::Served { delay: Duration::ZERO },
    )
    .await;
    let target = Target::new(key("late").public(), late.address());
    let relaying: Arc<dyn Backend> = Arc::new(Relay::new(Dendrite::new(key("relay")), target));
    let _relay = miner(&chain, "relay", relaying, Strangers::Refused).await;
    hold_a_permit(&chain, "relay");
    let _other = miner(&chain, "other", steady(honest(Level::Ngram, 2), 40), Strangers::Refused).await;
    let validator = key("validator").public();
    while !chain.ledger().neurons.iter().all(|peer| peer.hotkey == validator || peer.axon.is_some()) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // Large batches, so that the load exceeds the machines after a few rounds.
    let load =
        Load { fill: 6, continuation: 8, extract: 1, deadline: Duration::from_secs(4), ..Load::default() };
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let validator_key = key("validator");
    let validator = Validator::start(
        Arc::new(judging(load)),
        chain.signed_by(validator_key.public()),
        validator_key,
        options,
    )
    .await
    .unwrap();
    let mut report = validator.report();
    let judged = report.wait_for(|report| report.standings.iter().any(|standing| standing.rounds >= ROUNDS));
    let judged = tokio::time::timeout(Duration::from_secs(120), judged).await.unwrap().unwrap().clone();
    let evaluated = judged.last_round.unwrap().evaluated;
    let done = |name: &str| {
        let hotkey = key(name).public();
        let score = evaluated.scores.iter().find(|score| score.miner.hotkey == hotkey).unwrap();
        score.score.unwrap().get()
    };
    let all = ["late", "other", "relay"].map(done);
    println!("late, other and relay have done {all:?}");
    let [late, other, relay] = all;
    assert!(10 * relay < late, "validators go first: {all:?}");
    assert!(3 * late > 2 * other, "the miner behind it loses little: {all:?}");
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
}

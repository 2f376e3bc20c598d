//! Validators, permit holders and strangers at a miner's axon, and the service that each gets.

use std::{sync::Arc, time::Duration};

use myelin_neuron::dendrite::{Answer, Challenge, Dendrite, Query, Target};
use myelin_subnet::{
    chain::StakePart, exchange::commit_challenge, testkit::NETUID, Miner, MinerOptions, Strangers, Subnet,
};
use myelin_wire::hash::to_hex;

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
};

/// Validators of the network have a thousand million each.
pub const A_256TH: u64 = 10_000_000;

impl Network {
    /// A miner that keeps its earnings, as all miners do: it holds a permit.
    pub fn permit_holder(&self, name: &str, stake: u64) {
        let uid = self.chain.register(key(name).public(), false);
        let mut ledger = self.chain.ledger();
        let peer = &mut ledger.neurons[usize::from(uid)];
        (peer.permit, peer.stake) = (true, stake);
    }

    async fn miner_with(&self, name: &str, change: impl FnOnce(&mut MinerOptions)) -> (Miner, Target) {
        self.miner_like(name, Style::Within { error: 2_000, own: 1 }, change).await
    }

    pub async fn miner_like(
        &self,
        name: &str,
        style: Style,
        change: impl FnOnce(&mut MinerOptions),
    ) -> (Miner, Target) {
        let key = key(name);
        self.chain.register(key.public(), false);
        let mut options = self.options(name);
        change(&mut options);
        let subnet = Arc::new(Guessing::open(style).unwrap());
        let chain = self.chain.signed_by(key.public());
        let miner = Miner::start(subnet, chain, key.clone(), options).await.unwrap();
        let target = Target::new(key.public(), miner.address()).signing_bodies();
        self.announced().await;
        (miner, target)
    }
}

pub fn question(hint: u64) -> Query {
    Query::new::<&str>("Guessing", format!(r#"{{"hint":{hint}}}"#), &[]).unwrap()
}

async fn ask(asker: &str, target: Target) -> Answer {
    Dendrite::new(key(asker)).query(target, &question(500_000)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_permit_without_a_256th_of_the_stake_is_refused_like_a_stranger() {
    let network = Network::start(30_000, true);
    network.permit_holder("relay", A_256TH / 10);
    network.permit_holder("small", A_256TH);
    let (_miner, target) = network.miner_with("miner", |_| {}).await;
    for (asker, expected) in [("v1", 200), ("small", 200), ("relay", 403), ("nobody", 403)] {
        assert_eq!(ask(asker, target).await.status.code, expected, "{asker}");
    }
    let refused = ask("relay", target).await.status.message;
    assert!(refused.contains("at least 1/256 of the stake"), "{refused}");
    let (_strict, target) =
        network.miner_with("strict", |options| options.least_stake = StakePart::one_in(10)).await;
    assert_eq!(ask("v1", target).await.status.code, 200);
    assert_eq!(ask("small", target).await.status.code, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_with_a_permit_waits_like_a_stranger() {
    let network = Network::start(30_000, true);
    network.permit_holder("relay", A_256TH / 10);
    let delay = Duration::from_millis(700);
    let served = Strangers::Served { delay };
    let (_miner, target) = network.miner_with("miner", |options| options.strangers = served).await;
    let mut quick = Duration::MAX;
    for _ in 0..5 {
        quick = quick.min(ask("v1", target).await.elapsed);
    }
    assert!(quick < delay, "{quick:?}");
    let relayed = ask("relay", target).await;
    assert!(relayed.is_success() && relayed.elapsed >= delay, "{:?}", relayed.elapsed);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_fill_their_places_leave_a_validator_its_own() {
    let network = Network::start(30_000, true);
    let served = Strangers::Served { delay: Duration::from_secs(20) };
    let (_miner, target) = network.miner_with("miner", |options| options.strangers = served).await;
    let crowd: Vec<_> = (0..64)
        .map(|number| {
            let dendrite = Dendrite::new(key(&format!("stranger{number}")));
            tokio::spawn(async move { dendrite.query(target, &question(number)).await.status.code })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let answer = ask("v1", target).await;
    assert!(answer.is_success() && answer.elapsed < Duration::from_secs(10), "{:?}", answer.elapsed);
    let busy = futures::future::join_all(crowd.into_iter().map(|request| async {
        let code = tokio::time::timeout(Duration::from_millis(10), request).await;
        matches!(code, Ok(Ok(503)))
    }));
    assert!(busy.await.into_iter().filter(|busy| *busy).count() >= 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_that_comes_back_with_another_request_is_answered_once() {
    let network = Network::start(30_000, true);
    let (miner, target) = network.miner_with("miner", |_| {}).await;
    let dendrite = Dendrite::new(key("v1"));
    let id = [7; 32];
    let pose = |name: &str, hint: u64, id: [u8; 32]| {
        let body = format!(r#"{{"hint":{hint},"challenge":"{}"}}"#, to_hex(&[7; 32]));
        let posed = Challenge { id, genesis_hash: [0xcc; 32], netuid: NETUID };
        Query::new::<&str>(name, body, &[]).unwrap().challenge(posed)
    };
    let ask = |query: Query, target: Target| {
        let dendrite = dendrite.clone();
        async move { dendrite.query(target, &query).await }
    };
    let committed = ask(pose("GuessingCommit", 500_000, commit_challenge(&id)), target).await;
    assert!(committed.signed().is_some(), "{}", committed.status);
    let opened = ask(pose("GuessingOpen", 500_000, id), target).await;
    assert!(opened.signed().is_some(), "{}", opened.status);
    for name in ["Guessing", "GuessingOpen"] {
        let other = ask(pose(name, 400_000, id), target).await;
        assert_eq!(other.status.code, 400, "{}", other.status);
        assert!(other.status.message.contains("another request"), "{}", other.status);
    }
    // After a restart the same answer is built again, byte by byte.
    miner.shutdown(Duration::from_secs(5)).await;
    let subnet = Arc::new(Guessing::open(Style::Within { error: 2_000, own: 9 }).unwrap());
    let chain = network.chain.signed_by(key("miner").public());
    let again = Miner::start(subnet, chain, key("miner"), network.options("miner")).await.unwrap();
    let target = Target { address: again.address(), ..target };
    let mut repeated = ask(pose("GuessingOpen", 500_000, id), target).await;
    while repeated.status.code == 403 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        repeated = ask(pose("GuessingOpen", 500_000, id), target).await;
    }
    assert_eq!(repeated.body, opened.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn validators_ask_our_miners_with_signed_bodies_and_official_headers_still_pass() {
    let network = Network::start(400, true);
    let (_miner, target) = network.miner_with("miner", |_| {}).await;
    let announced = || network.chain.ledger().neurons.iter().any(|peer| peer.signed_bodies);
    until("the announcement", announced).await;
    let official = Target { signs_bodies: false, ..target };
    assert_eq!(ask("v1", official).await.status.code, 200);
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    let scores = report.last_round.unwrap().evaluated.scores;
    assert!(
        scores.iter().all(|scored| scored.score.is_some_and(|score| score.get() > 900_000)),
        "{scores:?}"
    );
}

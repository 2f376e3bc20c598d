//! A validator with a 256th of the stake fills everything that it may at a miner with one worker, the default. Another
//! with more stake and one with less are answered within their deadlines.

use std::time::Duration;

use myelin_neuron::dendrite::{Answer, Dendrite, Query, Target};
use myelin_subnet::Miner;
use tokio::task::JoinHandle;

use crate::{
    guessing::Style,
    network::{key, until, Network},
    strangers::{question, A_256TH},
};

/// Requests that the greedy validator has under way: more than one validator may have.
const FLOOD: usize = 160;
/// Lanes of the greedy validator together: four dendrites with 64 each.
const DENDRITES: usize = 4;
/// The longest time that an axon gives a request.
const LONGEST: Duration = Duration::from_secs(120);
/// Time that the others give the miner.
const DEADLINE: Duration = Duration::from_secs(12);

/// A miner with one worker and the default limits. The greedy validator has a little more stake than the small one.
async fn miner(network: &Network, answer: Duration) -> (Miner, Target) {
    network.permit_holder("greedy", A_256TH * 12 / 10);
    network.permit_holder("small", A_256TH);
    network.miner_like("miner", Style::Slow(answer), |options| options.workers = 1).await
}

fn flooding() -> Vec<Dendrite> {
    (0..DENDRITES).map(|_| Dendrite::new(key("greedy"))).collect()
}

/// Slow requests of the greedy validator, more than it may have at the same time.
async fn flood(dendrites: &[Dendrite], miner: &Miner, target: Target) -> Vec<JoinHandle<Answer>> {
    let ask = |number: usize| {
        let dendrite = dendrites[number % DENDRITES].clone();
        let query = question(number as u64).timeout(LONGEST);
        tokio::spawn(async move { dendrite.query(target, &query).await })
    };
    let asking = (0..FLOOD).map(ask).collect();
    until("the greedy one has all it may have", || miner.metrics().over_quota > 0).await;
    asking
}

/// Both other validators ask four times at once.
async fn assert_others_are_answered(target: Target) {
    let asking = ["v1", "small"].map(|name| {
        let dendrite = Dendrite::new(key(name));
        let query = question(500_000).timeout(DEADLINE);
        let four = (0..4).map(move |_| {
            let (dendrite, query) = (dendrite.clone(), query.clone());
            async move { (name, dendrite.query(target, &query).await) }
        });
        futures::future::join_all(four)
    });
    for (name, answer) in futures::future::join_all(asking).await.into_iter().flatten() {
        assert!(answer.is_success(), "{name}: {} after {:?}", answer.status, answer.elapsed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_requests_of_one_validator_keep_nobody_from_the_worker() {
    let network = Network::start(30_000, true);
    let (miner, target) = miner(&network, Duration::from_millis(250)).await;
    let asking = flood(&flooding(), &miner, target).await;
    assert_others_are_answered(target).await;
    assert!(miner.metrics().handling > 60, "the flood still goes on");
    asking.iter().for_each(|task| task.abort());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_that_one_validator_reads_slowly_hold_no_worker() {
    let network = Network::start(30_000, true);
    let (miner, target) = miner(&network, Duration::from_millis(100)).await;
    let dendrites = flooding();
    let stream = |number: usize| {
        let dendrite = dendrites[number % DENDRITES].clone();
        let query = Query::new::<&str>("GuessingStream", r#"{"hint":1}"#, &[]).unwrap().timeout(LONGEST);
        async move { dendrite.stream(target, &query).await }
    };
    // Each stream is larger than what a connection buffers. Streams beyond the memory for them are refused.
    let opened = futures::future::join_all((0..32).map(stream)).await;
    let held: Vec<_> = opened.iter().flatten().collect();
    let refused = opened.iter().filter_map(|stream| stream.as_ref().err());
    assert!((4..32).contains(&held.len()), "{} streams are open", held.len());
    assert!(refused.map(|status| &status.message).all(|why| why.contains("was not read yet")));
    assert_others_are_answered(target).await;
    let asking = flood(&dendrites, &miner, target).await;
    assert_others_are_answered(target).await;
    asking.iter().for_each(|task| task.abort());
}

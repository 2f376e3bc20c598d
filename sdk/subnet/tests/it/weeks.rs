//! Weights in every epoch for weeks, in spite of faults of the node and restarts of the validator.

use std::time::Duration;

use myelin_subnet::testkit::Ledger;

use crate::{
    guessing::Style,
    network::{report_where, until, Network},
};

const TEMPO: u16 = 60;
/// Epochs of a run; `CASES_TIMES` multiplies them. 280 epochs of 360 blocks of 12 s are two weeks.
const EPOCHS: u64 = 14;

/// Blocks of an epoch at which the validator is stopped, in turn.
const STOPS: [u64; 4] = [53, 6, 57, 20];

/// Fault of an epoch, by its number.
fn trouble(ledger: &mut Ledger) {
    let (epoch, at) = (ledger.epoch, ledger.block - ledger.epoch_start);
    ledger.down = false;
    ledger.refused.clear();
    ledger.lost.clear();
    match epoch % 7 {
        // The node is away, also when weights are due, and comes back before the epoch ends.
        1 => ledger.down = (5..9).contains(&at) || (48..54).contains(&at),
        // A due submission is refused for a while.
        2 => ledger.refused = if at < 56 { vec!["commit_weights"] } else { vec![] },
        3 => ledger.refused = if at < 40 { vec!["reveal_weights"] } else { vec![] },
        // Transactions arrive, but their sender gets no answer.
        4 => ledger.lost = vec!["commit_weights", "reveal_weights"],
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_revealed_in_every_epoch() {
    let times = std::env::var("CASES_TIMES").ok().and_then(|times| times.parse().ok()).unwrap_or(1);
    let network = Network::scripted(TEMPO, trouble);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let uid = network.uid("v1") as u16;
    let first = network.chain.ledger().epoch;
    let last = first + EPOCHS * times;
    let mut epoch = first;
    let mut validator = network.validator("v1").await;
    while epoch < last {
        epoch += 1;
        report_where(&validator, "the next epoch", |report| report.epoch >= epoch).await;
        // The block differs each time; it is also just behind a commitment, or between it and its reveal.
        if epoch.is_multiple_of(3) {
            let stop = STOPS[(epoch / 3 % 4) as usize];
            until("a block to stop at", || {
                let ledger = network.chain.ledger();
                ledger.epoch > epoch || ledger.block >= ledger.epoch_start + stop
            })
            .await;
            validator.shutdown(Duration::from_secs(10)).await;
            validator = network.validator("v1").await;
        }
    }
    let updates = network.chain.ledger().updates[&(0, uid)].clone();
    // A validator that begins in an epoch has nothing to reveal in it.
    let expected: Vec<u64> = (first + 1..=updates[updates.len() - 1]).collect();
    assert_eq!(updates, expected);
    assert!(updates.len() as u64 + 2 >= EPOCHS * times, "{updates:?} of {} epochs", EPOCHS * times);
}

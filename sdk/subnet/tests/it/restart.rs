//! State that survives a restart.

use std::time::Duration;

use myelin_subnet::evidence::{EvidenceFolder, KeepLimits};
use myelin_subnet::validator::store::{StoreIdentity, ValidatorStore};
use myelin_subnet::{Validator, ValidatorOptions, ValidatorReport};

use crate::{
    guessing::Style,
    network::{key, report_where, until, Network},
};

fn good() -> Style {
    Style::Within { error: 2_000, own: 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_restarted_in_mid_epoch_goes_on_where_it_was() {
    let network = Network::start(400, true);
    let _miner = network.miner("miner", good()).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let before = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    validator.shutdown(Duration::from_secs(10)).await;

    let identity = StoreIdentity {
        genesis: [0xcc; 32],
        netuid: 2,
        hotkey: key("v1").public(),
        protocol: "Guessing/1".into(),
    };
    let path = network.validator_folder("v1").join("state/validator.redb");
    let memory = ValidatorStore::open(&path, &identity).unwrap().load::<u64>().unwrap();
    let done = before.last_round.unwrap();
    assert_eq!((memory.progress.epoch, memory.progress.next_round), (done.epoch, done.round + 1));
    assert_eq!(memory.subnet, 6, "what the subnet learnt from six tasks");
    let rounds = memory.standings[&(0, key("miner").public())].rounds();

    let validator = network.validator("v1").await;
    let after = report_where(&validator, "another round", |report| report.last_round.is_some()).await;
    let next = after.last_round.unwrap();
    assert!((next.epoch, next.round) > (done.epoch, done.round), "no round is judged twice");
    let standing = after.standings.iter().find(|one| one.miner.hotkey == key("miner").public()).unwrap();
    assert_eq!(standing.rounds, rounds + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_states_the_limits_with_which_it_last_started() {
    let network = Network::start(200, true);
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 1 };
    for keep_epochs in [7, 8] {
        let stated = KeepLimits { keep_epochs, keep_bytes: 5 << 20, keep_customer_texts: 3 };
        let limits = |options: &mut ValidatorOptions| {
            options.keep_epochs = keep_epochs as usize;
            options.evidence_bytes = stated.keep_bytes;
            options.keep_customer_texts = stated.keep_customer_texts;
        };
        let validator = network.validator_with("v1", limits).await;
        until("a statement", || folder.limits().is_ok_and(|found| found == Some(stated))).await;
        validator.shutdown(Duration::from_secs(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_committed_before_a_restart_are_revealed_after_it() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", good()).await;
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "committed weights", |report| !report.weights.is_empty()).await;
    validator.shutdown(Duration::from_secs(10)).await;
    let (epoch, weights) = report.weights[&0].clone();
    let validator = network.validator("v1").await;
    let revealed = report_where(&validator, "a reveal", |report| report.revealed_in.is_some()).await;
    assert_eq!(revealed.revealed_in, Some(epoch + 1));
    let uid = network.uid("v1") as u16;
    let stored = network.chain.ledger().weights[&(0, uid)].clone();
    let expected: Vec<_> = weights.uids.into_iter().zip(weights.values).collect();
    assert_eq!(stored, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_that_come_too_soon_wait_for_the_rate_limit() {
    let network = Network::start(150, true);
    // Each commitment waits ten blocks longer than the one before, until there is no room for one in its epoch.
    network.chain.ledger().rate_limit = 160;
    let _miner = network.miner("miner", good()).await;
    let validator = network.validator("v1").await;
    let mut epochs = Vec::new();
    let report = report_where(&validator, "a commitment that waited and an epoch without one", |report| {
        epochs.extend(report.weights.get(&0).map(|(epoch, _)| *epoch));
        epochs.dedup();
        let waited = epochs.windows(2).any(|two| two[1] == two[0] + 1);
        let skipped = epochs.windows(2).any(|two| two[1] > two[0] + 1);
        waited && skipped
    })
    .await;
    assert_eq!(report.trouble, None, "the chain refused nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_validators_with_one_hotkey_one_notices_and_stops() {
    let network = Network::start(150, true);
    network.chain.ledger().rate_limit = 100;
    let _miner = network.miner("miner", good()).await;
    network.announced().await;
    let here = network.validator("v1").await;
    let there = network.validator_in("another machine", "v1", |_| {}).await;
    let [mut one, mut other] = [here.report(), there.report()];
    let noticed = |report: &ValidatorReport| {
        report.trouble.as_ref().is_some_and(|trouble| trouble.contains("with this validator's hotkey"))
    };
    until("one of them notices", || noticed(&one.borrow_and_update()) || noticed(&other.borrow_and_update()))
        .await;

    // The one that noticed sends nothing any more, and the other one's weights stay on the chain.
    let (stopped, stays) = if noticed(&one.borrow()) { (&here, &there) } else { (&there, &here) };
    let sent = |validator: &Validator| validator.report().borrow().weights.get(&0).map(|(epoch, _)| *epoch);
    let (before, epoch) = (sent(stopped), network.chain.ledger().epoch);
    let after = report_where(stays, "weights of two more epochs", |report| {
        report.weights.get(&0).is_some_and(|(sent, _)| *sent > epoch + 1)
    })
    .await;
    assert_eq!(sent(stopped), before);
    assert!(!noticed(&after), "{:?}", after.trouble);
    assert!(noticed(&stopped.report().borrow()), "it still says so");
}

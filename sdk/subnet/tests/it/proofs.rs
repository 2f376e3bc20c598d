//! Validators prove that they asked the miners they pay, where their subnet demands it.

use std::{sync::Arc, time::Duration};

use myelin_abi::EvidenceDemand;
use myelin_subnet::{
    evidence::{audit_weights, EvidenceFolder, Silent},
    Subnet, Validator,
};

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
};

/// A subnet that demands proof of this many answers.
fn demanding(answers: u16) -> Network {
    let network = Network::start(300, true);
    network.chain.ledger().evidence = EvidenceDemand { answers, mechanisms: 1 };
    network
}

async fn committed(validator: &Validator) -> u64 {
    let report = report_where(validator, "weights after a round", |report| !report.weights.is_empty()).await;
    report.weights[&0].0
}

async fn proven(network: &Network, name: &str) {
    let uid = network.uid(name) as u16;
    let judged = || network.chain.ledger().proofs.get(&(0, uid)).is_some_and(|proofs| !proofs.is_empty());
    until("a proof", judged).await;
    let proofs = network.chain.ledger().proofs[&(0, uid)].clone();
    assert!(proofs.iter().all(|(_, held)| held.is_ok()), "{proofs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_proves_its_weights_also_after_a_restart() {
    let network = demanding(1);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    let _worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    committed(&validator).await;
    validator.shutdown(Duration::from_secs(5)).await;
    assert!(!network.chain.ledger().roots.is_empty(), "it committed to a root");
    let validator = network.validator("v1").await;
    proven(&network, "v1").await;
    validator.shutdown(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_with_too_few_answers_gets_no_weight_and_an_audit_says_why() {
    // Nobody is asked so often.
    let network = demanding(10_000);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    report_where(&validator, "a judged round", |report| report.last_round.is_some()).await;
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    until("the next epoch", || folder.epochs().len() > 1).await;
    validator.shutdown(Duration::from_secs(5)).await;
    assert!(network.chain.ledger().roots.is_empty(), "there was nothing to commit to");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_audit_finds_miners_that_were_left_out_although_they_answered() {
    let network = demanding(1);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    let _worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let epoch = committed(&validator).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
    let mut kept = folder.weights(epoch).unwrap().remove(0);
    assert_eq!(kept.silent, None);
    assert_eq!(audit_weights(&*subnet, &folder, epoch).unwrap().1, [""; 0]);
    // A validator that leaves out a miner by a lie.
    let uid = network.uid("best") as u16;
    kept.silent = Some(Silent { least: 1, uids: vec![uid] });
    let place = kept.weights.uids.iter().position(|one| *one == uid).unwrap();
    kept.weights.values[place] = 0;
    folder.write_weights(epoch, &kept).unwrap();
    let faults = audit_weights(&*subnet, &folder, epoch).unwrap().1;
    let named = format!("mechanism 0, uid {uid}: it has no weight for want of answers, and signed ");
    assert!(faults.iter().any(|fault| fault.starts_with(&named)), "{faults:?}");
    assert_eq!(key("best").public(), network.chain.ledger().neurons[usize::from(uid)].hotkey);
}

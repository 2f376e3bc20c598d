//! Validators prove that they asked the miners they pay, where their subnet demands it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use myelin_abi::EvidenceDemand;
use myelin_subnet::{
    evidence::{audit_weights, EvidenceFolder, Silent},
    Subnet, Validator, ValidatorOptions,
};
use myelin_wire::evidence::ListRoot;

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
async fn a_validator_waits_for_the_roots_of_miners_that_were_away_and_then_proves() {
    const TEMPO: u16 = 200;
    // Two of six miners that are always paid have gone, after a last root in the epoch before the one to be proved.
    let ghosts = ["ghost1", "ghost2"].map(|name| key(name).public());
    let proofs: Arc<Mutex<Vec<(u64, bool)>>> = Arc::default();
    let seen = proofs.clone();
    let network = Network::scripted(TEMPO, move |ledger| {
        for ghost in ghosts {
            ledger.answer_roots.insert((ghost, ledger.epoch - 2), ListRoot::default());
        }
        if let Some(last) = ledger.incentives.get_mut(&0).and_then(|all| all.last_mut()) {
            for (peer, paid) in ledger.neurons.iter().zip(last) {
                *paid = if peer.permit { 0 } else { 9_000 };
            }
        }
        let place = ledger.block - ledger.epoch_start;
        let mut seen = seen.lock().unwrap();
        let judged = ledger.proofs.values().flatten().skip(seen.len());
        seen.extend(judged.map(|(_, held)| (place, held.is_ok())));
    });
    network.chain.ledger().evidence = EvidenceDemand { answers: 1, mechanisms: 1 };
    let mut miners = Vec::new();
    for name in ["m1", "m2", "m3", "m4"] {
        miners.push(network.miner(name, Style::Within { error: 2_000, own: 1 }).await);
    }
    network.announced().await;
    for ghost in ghosts {
        network.chain.register(ghost, false);
    }
    let _validator = network.validator("v1").await;
    // Four to six of twelve are drawn without an answer in more than half of all epochs, less in four of ten.
    let half = u64::from(TEMPO / 2);
    let some = |late: bool| proofs.lock().unwrap().iter().any(|(place, _)| (*place > half) == late);
    until("a proof that waited for roots", || some(true)).await;
    until("a proof that did not wait", || some(false)).await;
    let proofs = proofs.lock().unwrap();
    assert!(proofs.iter().all(|(_, held)| *held), "{proofs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_may_keep_one_epoch_alone_proves_the_one_that_is_due() {
    // The chain takes a reveal once a round of the next epoch is on the disk.
    let network = Network::scripted(200, |ledger| {
        let is_early = ledger.block < ledger.epoch_start + 120;
        ledger.refused = if is_early { vec!["reveal_weights"] } else { vec![] };
    });
    network.chain.ledger().evidence = EvidenceDemand { answers: 1, mechanisms: 1 };
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    let _worse = network.miner("worse", Style::Within { error: 60_000, own: 2 }).await;
    network.announced().await;
    let limits = |options: &mut ValidatorOptions| (options.keep_epochs, options.evidence_bytes) = (1, 1);
    let validator = network.validator_with("v1", limits).await;
    let uid = network.uid("v1") as u16;
    let proofs = || network.chain.ledger().proofs.get(&(0, uid)).cloned().unwrap_or_default();
    until("proofs of three epochs", || proofs().len() >= 3).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let proofs = proofs();
    assert!(proofs.iter().all(|(_, held)| held.is_ok()), "{proofs:?}");
    assert!(proofs.windows(2).all(|pair| pair[0].0 + 1 == pair[1].0), "{proofs:?}");
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    assert!(folder.epochs().len() <= 3, "what is not due goes: {:?}", folder.epochs());
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

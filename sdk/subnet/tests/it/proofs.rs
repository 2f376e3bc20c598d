//! Validators prove that they asked the miners they pay, where their subnet demands it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use myelin_abi::EvidenceDemand;
use myelin_subnet::{
    evidence::{audit_between, audit_weights, EvidenceFolder, RoundStandings, Silent},
    Subnet, Validator, ValidatorOptions, ValidatorReport,
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

/// Waits until a validator has weights in an epoch after `after`, and their proof is in.
async fn proven_again(network: &Network, validator: &Validator, after: u64) {
    report_where(validator, "weights again", |report| {
        report.weights.get(&0).is_some_and(|(epoch, _)| *epoch > after)
    })
    .await;
    until("a proof of them", || proofs(network).iter().any(|(epoch, _)| *epoch > after + 1)).await;
}

/// The proofs of the first validator.
fn proofs(network: &Network) -> Vec<(u64, bool)> {
    let uid = network.uid("v1") as u16;
    let proofs = network.chain.ledger().proofs.get(&(0, uid)).cloned().unwrap_or_default();
    proofs.into_iter().map(|(epoch, held)| (epoch, held.is_ok())).collect()
}

/// Each round of a folder begins with the standings that the round before it left.
fn follow(folder: &EvidenceFolder, epochs: std::ops::RangeInclusive<u64>) {
    let rounds = epochs.flat_map(|epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round)));
    let standings = |(epoch, round)| (epoch, folder.round_standings(epoch, round).unwrap().expect("kept"));
    let around: Vec<(u64, RoundStandings)> = rounds.map(standings).collect();
    assert!(around.len() > 1, "{around:?}");
    for pair in around.windows(2) {
        let ((earlier, left), (later, found)) = (&pair[0], &pair[1]);
        assert_eq!(audit_between(folder, (*earlier, left), (*later, found)).unwrap(), [""; 0], "{pair:?}");
        assert_eq!(left.after, found.before, "{pair:?}");
    }
}

fn said(report: &ValidatorReport, what: &str) -> bool {
    report.trouble.as_ref().is_some_and(|trouble| trouble.contains(what))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_epoch_whose_evidence_cannot_be_written_has_no_weights_and_costs_nothing_else() {
    let network = demanding(1);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let lost = committed(&validator).await + 2;
    // A file where the folder should be fails every write, as a full disk does.
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let in_the_way = folder.path.join(format!("epoch-{lost:06}"));
    std::fs::write(&in_the_way, "in the way").unwrap();

    let told = format!("of epoch {lost} counts for nobody, because the subnet demands proof: creating");
    let report = report_where(&validator, "a lost round", |report| said(report, &told)).await;
    assert!(said(&report, &in_the_way.display().to_string()) && said(&report, "move that away"));
    let before = report.standings;
    let none =
        format!("no weights in epoch {lost}: the subnet demands proof, and evidence could not be kept in ");
    let report = report_where(&validator, "no weights", |report| said(report, &none)).await;
    assert!(said(&report, "move that away"), "{:?}", report.trouble);
    assert_eq!(report.weights[&0].0, lost - 1, "the last weights are those of the epoch before");
    assert_eq!(report.standings, before, "a lost round counts for nobody");
    assert!(proofs(&network).contains(&(lost, true)), "an earlier commitment is still proved");

    std::fs::remove_file(&in_the_way).unwrap();
    proven_again(&network, &validator, lost).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let proofs = proofs(&network);
    assert!(proofs.iter().all(|(epoch, held)| *held && *epoch != lost + 1), "{proofs:?}");
    assert_eq!(folder.rounds(lost), [0u16; 0]);
    follow(&folder, lost - 1..=lost + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rounds_that_are_judged_and_cannot_be_written_leave_the_rest_of_their_epoch_its_weights() {
    let network = demanding(1);
    let _best = network.miner("best", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    let half = committed(&validator).await + 2;
    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let epoch = folder.path.join(format!("epoch-{half:06}"));
    std::fs::create_dir_all(&epoch).unwrap();
    // Requests and answers are written, and what judging brings is not.
    std::fs::write(epoch.join("standings"), "in the way").unwrap();
    let told = |round: u16| {
        format!("round {round} of epoch {half} counts for nobody, because the subnet demands proof")
    };
    let lost = |report: &ValidatorReport| (0..3).find(|round| said(report, &told(*round)));
    let report = report_where(&validator, "a lost round", |report| lost(report).is_some()).await;
    let lost = lost(&report).expect("it is there");
    assert!(said(&report, "standings") && said(&report, "move that away"), "{:?}", report.trouble);
    std::fs::remove_file(epoch.join("standings")).unwrap();

    let report = report_where(&validator, "weights of the epoch", |report| {
        report.weights.get(&0).is_some_and(|(epoch, _)| *epoch >= half)
    })
    .await;
    assert_eq!(report.weights[&0].0, half);
    until("their proof", || proofs(&network).iter().any(|(epoch, _)| *epoch > half)).await;
    validator.shutdown(Duration::from_secs(5)).await;
    let proofs = proofs(&network);
    assert!(proofs.contains(&(half + 1, true)) && proofs.iter().all(|(_, held)| *held), "{proofs:?}");
    let rounds = folder.rounds(half);
    assert!(!rounds.is_empty() && !rounds.contains(&lost), "{rounds:?}");
    assert!(epoch.join(format!("round-{lost:02}.signed")).exists(), "its answers were written");
    follow(&folder, half - 1..=half);
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
    let place = kept.weights.uids.iter().position(|known| *known == uid).unwrap();
    kept.weights.values[place] = 0;
    folder.write_weights(epoch, &kept).unwrap();
    let faults = audit_weights(&*subnet, &folder, epoch).unwrap().1;
    let named = format!("mechanism 0, uid {uid}: it has no weight for want of answers, and signed ");
    assert!(faults.iter().any(|fault| fault.starts_with(&named)), "{faults:?}");
    assert_eq!(key("best").public(), network.chain.ledger().neurons[usize::from(uid)].hotkey);
}

//! Programs that miners submit: committed to, published, run by every validator, paid for what they add.

use std::{path::PathBuf, sync::Arc, time::Duration};

use myelin_subnet::{
    chain::Statement,
    evaluation::{GroupRule, Standing},
    evidence::{replay_round, EvidenceFolder},
    rules::{check_text, rules, rules_hash, Terms},
    testkit::NETUID,
    validator::{
        submissions::{entries_of, Contender, Fetched, Shelf, AWAITED_ROUNDS},
        GRACE_EPOCHS,
    },
    Miner, MinerError, MinerOptions, MinerRef, Subnet, ValidatorReport,
};
use myelin_wire::{
    hash::Hash,
    record::{Reason, Record},
};

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
    slow::competition,
};

/// Parts of every program: memory, and a place for its input. The input is `{"hint":123456}`.
pub fn program(run: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (memory (export "memory") 1)
            (data (i32.const 16) "{{\"guess\":")
            (func (export "alloc") (param i32) (result i32) (i32.const 1024))
            (func (export "run") (param $at i32) (param $len i32) (result i64) {run}))"#
    );
    wat::parse_str(text).expect("a program")
}

/// A program that guesses the hint with its last digits replaced by zeros. It writes its answer over the input, whose
/// field name is one letter shorter.
pub fn rounding(digits: u32) -> Vec<u8> {
    let zeros: String = (0..digits)
        .map(|digit| {
            let place = "(i32.add (local.get $at) (local.get $len))";
            format!("(i32.store8 (i32.sub {place} (i32.const {})) (i32.const 48))", digit + 2)
        })
        .collect();
    program(&format!(
        r#"(i64.store (i32.const 1023) (i64.load (i32.const 16)))
           (i32.store8 (i32.const 1031) (i32.load8_u (i32.const 24)))
           {zeros}
           (i64.or (i64.shl (i64.const 1023) (i64.const 32))
                   (i64.extend_i32_u (i32.add (local.get $len) (i32.const 1))))"#
    ))
}

impl Network {
    fn file(&self, name: &str, artefact: &[u8]) -> PathBuf {
        let path = self.folder.path().join(format!("{name}.wasm"));
        std::fs::write(&path, artefact).unwrap();
        path
    }

    async fn try_submitting(&self, name: &str, artefact: &[u8]) -> Result<Miner, MinerError> {
        let key = key(name);
        if self.chain.ledger().neurons.iter().all(|peer| peer.hotkey != key.public()) {
            self.chain.register(key.public(), false);
        }
        let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
        let submit = vec![(1, self.file(name, artefact))];
        let options = MinerOptions { submit, ..self.options(name) };
        Miner::start(subnet, self.chain.signed_by(key.public()), key, options).await
    }

    /// A miner that submits, once its commitment is on the chain.
    async fn submitting(&self, name: &str, artefact: &[u8]) -> Miner {
        let before = self.stated(name);
        let miner = self.try_submitting(name, artefact).await.unwrap();
        until("a commitment", || self.stated(name) > before).await;
        miner
    }

    fn stated(&self, name: &str) -> usize {
        self.chain.ledger().statements.get(&key(name).public()).map_or(0, Vec::len)
    }

    fn weights_of(&self, validator: &str, name: &str) -> u16 {
        let ledger = self.chain.ledger();
        let row = &ledger.weights[&(1, self.uid_in(&ledger, validator) as u16)];
        let uid = self.uid_in(&ledger, name) as u16;
        row.iter().find(|(miner, _)| *miner == uid).map_or(0, |(_, weight)| *weight)
    }

    fn uid_in(&self, ledger: &myelin_subnet::testkit::Ledger, name: &str) -> usize {
        let hotkey = key(name).public();
        ledger.neurons.iter().position(|peer| peer.hotkey == hotkey).unwrap()
    }
}

/// A network on whose second mechanism artefacts are submitted.
pub fn network(tempo: u16) -> Network {
    let network = Network::start(tempo, true);
    network.chain.ledger().mechanisms = 2;
    network
}

/// The records of a miner's submission, in one round.
fn submitted(report: &ValidatorReport, network: &Network, name: &str) -> Vec<Record> {
    let uid = network.uid(name) as u16;
    let judged = &report.last_round.as_ref().unwrap().evaluated.judged;
    let ours =
        judged.iter().map(|judged| &judged.record).filter(|record| record.miner_uid == uid && !record.signed);
    // Miners have no backend here, so requests of the first mechanism fail as unreachable.
    ours.filter(|record| record.reason != Reason::Unreachable).cloned().collect()
}

pub fn has_submissions(report: &ValidatorReport) -> bool {
    report
        .last_round
        .as_ref()
        .is_some_and(|round| round.evaluated.scores.iter().any(|scored| scored.mechanism == 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_to_reach_a_level_is_paid_for_it_and_copies_get_nothing() {
    let network = network(200);
    let _coarse = network.submitting("coarse", &rounding(4)).await;
    let _fine = network.submitting("fine", &rounding(2)).await;
    let _copy = network.submitting("copy", &rounding(2)).await;
    let _first = network.validator("v1").await;
    let _second = network.validator("v2").await;

    until("two epochs judged by both", || {
        network.chain.ledger().incentives.get(&1).is_some_and(|epochs| epochs.len() >= 2)
            && (0..2).all(|uid| network.chain.ledger().weights.contains_key(&(1, uid)))
    })
    .await;
    let weights = |validator| ["coarse", "fine", "copy"].map(|name| network.weights_of(validator, name));
    let [coarse, fine, copy] = weights("v1");
    assert!(coarse > 0 && fine > 0 && copy == 0, "{coarse} {fine} {copy}");
    assert_eq!(fine.max(coarse), 65_535);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_validators_and_an_auditor_come_to_the_same_scores_bit_by_bit() {
    let network = network(400);
    let _fine = network.submitting("fine", &rounding(3)).await;
    let _endless = network.submitting("endless", &program("(loop (br 0)) (unreachable)")).await;
    let _mumbling = network.submitting("mumbling", &program("(i64.const 4)")).await;
    let first = network.validator("v1").await;
    let second = network.validator("v2").await;
    let one = report_where(&first, "a round with submissions", has_submissions).await;
    let round = one.last_round.clone().unwrap();
    let same = |report: &ValidatorReport| {
        report
            .last_round
            .as_ref()
            .is_some_and(|other| (other.epoch, other.round) == (round.epoch, round.round))
    };
    let other = report_where(&second, "the same round", same).await;

    let essence = |record: &Record| {
        let Record { seed, task, request, answer, latency, reason, score, parts, .. } = record.clone();
        (seed, task, request, answer, latency, reason, score, parts)
    };
    for (name, reason) in
        [("fine", Reason::Scored), ("endless", Reason::Late), ("mumbling", Reason::Malformed)]
    {
        let [one, other] = [&one, &other].map(|report| {
            let all = submitted(report, &network, name);
            all.iter().filter(|record| record.reason == reason).map(essence).collect::<Vec<_>>()
        });
        assert_eq!(one, other);
        assert_eq!(one.len(), 3, "{name}: every task of the round");
    }

    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
    let replay = || replay_round(&subnet, &folder, round.epoch, round.round, &GroupRule::default(), &mut 0);
    let records = folder.records(round.epoch, round.round).unwrap();
    assert_eq!(replay().unwrap(), records);

    // A validator that invents an answer is found out, because the program gives another one.
    let mut invented = records.clone();
    let late = invented.iter_mut().find(|record| record.reason == Reason::Late).unwrap();
    let scored = records.iter().find(|record| record.reason == Reason::Scored).unwrap();
    (late.reason, late.score, late.answer) = (Reason::Scored, scored.score, scored.answer);
    late.parts.clone_from(&scored.parts);
    folder.write_records(round.epoch, round.round, invented.iter()).unwrap();
    assert_eq!(replay().unwrap(), records);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_better_program_replaces_the_old_one_and_keeps_its_place() {
    let network = network(200);
    let early = network.submitting("early", &rounding(4)).await;
    let validator = network.validator("v1").await;
    report_where(&validator, "a round with submissions", has_submissions).await;
    let _copy = network.submitting("copy", &rounding(4)).await;
    report_where(&validator, "both", |report| {
        report.last_round.as_ref().is_some_and(|round| {
            round
                .evaluated
                .scores
                .iter()
                .filter(|scored| scored.mechanism == 1 && scored.score.is_some())
                .count()
                == 2
        })
    })
    .await;
    early.shutdown(Duration::from_secs(5)).await;
    let _improved = network.submitting("early", &rounding(1)).await;
    let fine = |report: &ValidatorReport| {
        let early = key("early").public();
        let standing = report
            .standings
            .iter()
            .find(|standing| standing.mechanism == 1 && standing.miner.hotkey == early);
        standing.is_some_and(|standing| standing.average.get() > 990_000)
    };
    let report = report_where(&validator, "the improvement", fine).await;
    let epoch = report.epoch;
    report_where(&validator, "weights", |report| report.weights.get(&1).is_some_and(|(of, _)| *of > epoch))
        .await;
    until("revealed", || {
        network.chain.ledger().updates.get(&(1, 0)).is_some_and(|updates| updates.len() >= 2)
    })
    .await;
    assert_eq!(network.weights_of("v1", "copy"), 0, "what was published before gives nobody the place");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_no_longer_hands_its_program_out_is_no_longer_paid() {
    let network = network(200);
    let _steady = network.submitting("steady", &rounding(4)).await;
    let secretive = network.submitting("secretive", &rounding(2)).await;
    let validator = network.validator("v1").await;
    let average = |report: &ValidatorReport, name: &str| {
        let hotkey = key(name).public();
        let found = report
            .standings
            .iter()
            .find(|standing| standing.mechanism == 1 && standing.miner.hotkey == hotkey)
            .copied();
        found.map_or(0, |standing| standing.average.get())
    };
    let good = |report: &ValidatorReport| average(report, "secretive") > 990_000;
    report_where(&validator, "a good average", good).await;
    // The artefact has been published, every validator has it, and from now on nobody can get it.
    secretive.shutdown(Duration::from_secs(5)).await;
    let fallen = |report: &ValidatorReport| average(report, "secretive") < 300_000;
    let report = report_where(&validator, "a fall", fallen).await;
    assert!(average(&report, "steady") > 800_000, "who hands it out loses nothing");
    // The miner is back and keeps its place.
    let _secretive = network.try_submitting("secretive", &rounding(2)).await.unwrap();
    let risen = |report: &ValidatorReport| average(report, "secretive") > 600_000;
    report_where(&validator, "a recovery", risen).await;
}

/// A good miner that then commits to another artefact without showing it is paid nothing in the end: here after one
/// round that is excused and the two rounds that the ladder compares.
async fn after_withdrawing(withdraw: impl Fn(&mut Vec<Statement>, u64)) {
    let network = network(200);
    let _steady = network.submitting("steady", &rounding(4)).await;
    let secretive = network.submitting("secretive", &rounding(2)).await;
    let validator = network.validator("v1").await;
    let (uid, other) = (network.uid("secretive") as u16, network.uid("steady") as u16);
    let weight = |report: &ValidatorReport, of: u16| {
        let (_, weights) = report.weights.get(&1)?;
        let at = weights.uids.iter().position(|uid| *uid == of);
        Some(at.map_or(0, |at| weights.values[at]))
    };
    let paid = |report: &ValidatorReport| weight(report, uid).is_some_and(|weight| weight > 0);
    report_where(&validator, "pay", paid).await;
    secretive.shutdown(Duration::from_secs(5)).await;
    {
        let mut ledger = network.chain.ledger();
        let block = ledger.block;
        withdraw(ledger.statements.get_mut(&key("secretive").public()).unwrap(), block);
    }
    let epoch = network.chain.ledger().epoch;
    let unpaid = |report: &ValidatorReport| weight(report, uid) == Some(0);
    let report = report_where(&validator, "no pay", unpaid).await;
    // With three rounds in an epoch, this takes until the epoch after the next at the latest.
    assert!(report.epoch <= epoch + 2, "in epoch {}, withdrawn in {epoch}", report.epoch);
    assert!(weight(&report, other) > Some(0), "who goes on handing out is paid");
}

fn stating(block: u64, hashes: Vec<Hash>) -> Statement {
    Statement { hotkey: key("secretive").public(), block, hashes }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_commits_to_the_hash_of_nothing_is_not_paid_for_what_it_had() {
    after_withdrawing(|stated, block| stated.push(stating(block, vec![[7; 32]]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_states_no_hash_any_more_is_not_paid_for_what_it_had() {
    after_withdrawing(|stated, block| stated.push(stating(block, vec![]))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_always_commits_too_late_for_a_round_is_judged_by_what_it_had() {
    // It commits again in every block, also in those from which tasks are drawn.
    after_withdrawing(|stated, block| {
        let first = stated[0].clone();
        stated.extend((block..block + 5_000).map(|block| Statement { block, ..first.clone() }));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_by_nothing_is_judged_for_some_rounds_only() {
    let mut standing = Standing::default();
    let folder = tempfile::tempdir().unwrap();
    let (shelf, competition) = (Shelf::new(folder.path()), competition());
    let old = ([1; 32], 5);
    standing.enter(&old.0, old.1, 10);
    let miner = MinerRef { uid: 0, hotkey: [9; 32] };
    let contender =
        Contender { miner, address: None, block: 20, commitment: [2; 32], again: false, before: Some(old) };
    let mut judged = |handed: Result<Hash, Reason>, contender: &Contender| {
        let fetched = Fetched {
            contender: contender.clone(),
            artefact: Err(Reason::Unreachable),
            before: Some(handed),
        };
        let entry = entries_of(&competition, &shelf, fetched, &mut standing, 30).remove(0);
        (entry.commitment, entry.artefact)
    };
    assert_eq!(judged(Err(Reason::Unreachable), &contender), (old.0, Err(Reason::Unreachable)));
    for _ in 1..AWAITED_ROUNDS {
        assert_eq!(
            judged(Ok([3; 32]), &contender),
            (old.0, Ok([3; 32])),
            "it is handed out, so it is judged"
        );
    }
    // A commitment to yet another unavailable artefact gains no time.
    let another = Contender { commitment: [4; 32], ..contender };
    assert_eq!(judged(Ok([3; 32]), &another), ([4; 32], Err(Reason::Unreachable)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_submitted_is_refused_before_anything_is_committed_to() {
    let network = network(200);
    let refused = |artefact: Vec<u8>| {
        let network = &network;
        async move { network.try_submitting("m", &artefact).await.err().expect("refused").to_string() }
    };
    assert!(refused(b"#!/bin/sh".to_vec()).await.contains("no module"));
    assert!(refused(vec![0; 100_000]).await.contains("the limit is 65536"));
    assert_eq!(network.stated("m"), 0);
    let key = key("m");
    let options = MinerOptions {
        submit: vec![(0, network.file("m", &rounding(1)))],
        ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
    };
    let subnet = Arc::new(Guessing::open(Style::Broken).unwrap());
    let served = Miner::start(subnet, network.chain.signed_by(key.public()), key, options).await;
    assert!(served.err().unwrap().to_string().contains("takes no submissions"));
}

#[tokio::test(flavor = "multi_thread")]
async fn by_rules_that_are_not_in_force_nothing_is_judged() {
    let network = network(200);
    let _fine = network.submitting("fine", &rounding(2)).await;
    let subnet = Guessing::open(Style::Broken).unwrap();
    let ours = rules(&subnet, 1, Terms::default()).unwrap();
    assert_eq!(
        ours,
        "myelin/rubric/1 guessing 1\nshare nearness 1\n\
         mechanism 1 submit 1000000 1048576 4096 4096 65536 2\npay ladder 2 20000\naverage 200000 0\n\
         task entered network 3 0 1200 200 1\n"
    );
    assert_eq!(check_text(&ours, 1), Ok(()));
    assert_eq!(check_text(&rules(&subnet, 0, Terms::default()).unwrap(), 0), Ok(()));
    network.chain.ledger().rules.insert(0, rules_hash(&rules(&subnet, 0, Terms::default()).unwrap()));
    network.chain.ledger().rules.insert(1, rules_hash("other rules"));
    let validator = network.validator("v1").await;
    let complaint =
        |report: &ValidatorReport| report.trouble.as_ref().is_some_and(|why| why.contains("other rules"));
    report_where(&validator, "a complaint", complaint).await;
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    assert!(!has_submissions(&report), "the first mechanism is judged, the second is not");

    network.chain.ledger().rules.insert(1, rules_hash(&ours));
    report_where(&validator, "a round with submissions", has_submissions).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_nobody_can_follow_do_not_freeze_weights() {
    let network = network(200);
    let _fine = network.submitting("fine", &rounding(2)).await;
    // Nothing was announced, so the validator judges by its own rules.
    let validator = network.validator("v1").await;
    report_where(&validator, "a round with submissions", has_submissions).await;
    let announced = |ledger: &mut myelin_subnet::testkit::Ledger| {
        ledger.rules.extend([(0, rules_hash("nobody's")), (1, rules_hash("nobody's"))]);
        ledger.epoch
    };
    let epoch = announced(&mut network.chain.ledger());
    let warned = |report: &ValidatorReport| {
        report.trouble.as_ref().is_some_and(|why| why.contains("it goes on by them up to epoch"))
    };
    report_where(&validator, "a warning", warned).await;
    let goes_on = |report: &ValidatorReport| {
        has_submissions(report) && report.weights.get(&1).is_some_and(|(of, _)| *of > epoch)
    };
    report_where(&validator, "weights under the rules of before", goes_on).await;

    // The grace ends: others may follow the announced rules.
    network.chain.ledger().epoch += GRACE_EPOCHS + 1;
    let stopped = |report: &ValidatorReport| {
        report.trouble.as_ref().is_some_and(|why| why.contains("judges nothing there"))
    };
    let report = report_where(&validator, "a stop that it speaks of", stopped).await;
    let epoch = report.epoch;
    let report = report_where(&validator, "the next epoch", |report| report.epoch > epoch).await;
    assert!(report.last_round.is_none_or(|round| round.epoch < epoch || round.evaluated.scores.is_empty()));
}

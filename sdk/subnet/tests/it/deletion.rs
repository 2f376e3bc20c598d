//! Texts of customers are deleted from a validator's evidence, and what is left is verified as before.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{audit_round, Audit, Deletion, EvidenceFolder, KeptTask},
    testkit::NETUID,
    validator::organic::clear_answered,
    Subnet, Validator, ValidatorOptions,
};
use myelin_wire::{
    hash::to_hex,
    record::{Ppm, Reason},
};

use crate::{
    guessing::{Guessing, Style, CUSTOMERS},
    network::{key, report_where, until, Network},
    rooted::by_records,
};

/// First digits of every number that a customer asked for, and of the answers to it.
fn marker() -> String {
    (CUSTOMERS / 1_000_000).to_string()
}

fn judging() -> Guessing {
    let mut judging = Guessing::open(Style::Broken).unwrap();
    judging.customers = true;
    judging
}

/// A validator whose own tasks are earlier requests of customers, and a customer's request in its folder.
async fn validator(network: &Network, keep: u64) -> (Validator, PathBuf) {
    let folder = network.validator_folder("v1");
    let inbox = folder.join("organic");
    fs::create_dir_all(&inbox).unwrap();
    fs::write(inbox.join("first.json"), format!("{{\"hint\":{}}}", CUSTOMERS + 5)).unwrap();
    let key = key("v1");
    let options = ValidatorOptions {
        organic: Some(inbox.clone()),
        keep_customer_texts: keep,
        ..ValidatorOptions::new(NETUID, &folder)
    };
    let chain = network.chain.signed_by(key.public());
    (Validator::start(Arc::new(judging()), chain, key, options).await.unwrap(), inbox)
}

fn finds(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(finds(&path, words));
        } else if fs::read(&path).unwrap().windows(words.len()).any(|window| window == words.as_bytes()) {
            found.push(path);
        }
    }
    found
}

fn audit(folder: &EvidenceFolder, epoch: u64, round: u16) -> Audit {
    audit_round(&Arc::new(judging()), folder, epoch, round, &GroupRule::default(), &mut 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn without_texts_of_customers_all_other_records_are_judged_again() {
    let network = Network::start(200, true);
    let _one = network.miner("one", Style::Within { error: 2_000, own: 1 }).await;
    let _two = network.miner("two", Style::Within { error: 40_000, own: 2 }).await;
    network.announced().await;
    let (running, inbox) = validator(&network, u64::MAX).await;
    let first = report_where(&running, "a round", |report| report.last_round.is_some()).await;
    let epoch = first.last_round.unwrap().epoch;
    let is_later = |last: u64| last > epoch;
    report_where(&running, "a later epoch", |report| {
        report.last_round.as_ref().is_some_and(|last| is_later(last.epoch))
    })
    .await;
    until("an answer for the customer", || inbox.join("first.answer.json").exists()).await;
    running.shutdown(Duration::from_secs(5)).await;

    let place = network.validator_folder("v1");
    let folder = EvidenceFolder { path: place.join("evidence"), keep: usize::MAX };
    let rounds: Vec<(u64, u16)> = folder
        .epochs()
        .into_iter()
        .flat_map(|epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round)))
        .collect();
    let root = |epoch| folder.tree(NETUID, epoch, key("v1").public()).unwrap().tree.root();
    let roots: Vec<[u8; 32]> = rounds.iter().map(|(epoch, _)| root(*epoch)).collect();
    assert!(!finds(&place, &marker()).is_empty());
    for (epoch, round) in &rounds {
        let whole = audit(&folder, *epoch, *round);
        assert_eq!((whole.faults, whole.unjudged.of_customers), (Vec::new(), 2 * 2));
        assert_eq!((whole.unjudged.deleted, whole.unjudged.most), (0, 4));
    }
    own_tasks_are_not_hidden(&folder, rounds[0]);

    for epoch in folder.epochs() {
        folder.delete(epoch, &Deletion::Customers, 1).unwrap();
    }
    clear_answered(&inbox, SystemTime::now()).unwrap();
    assert_eq!(finds(&place, &marker()), Vec::<PathBuf>::new());
    for ((epoch, round), before) in rounds.iter().zip(roots) {
        assert_eq!(root(*epoch), before);
        let Audit { faults, records, unjudged, .. } = audit(&folder, *epoch, *round);
        assert_eq!((faults, records), (Vec::new(), 2 * (4 + 2)));
        let by_records = by_records(&judging(), &folder, (*epoch, *round));
        assert_eq!(by_records.unwrap(), [""; 0], "the standings follow from the records that stay");
        assert_eq!((unjudged.of_customers, unjudged.deleted, unjudged.is_too_much()), (4, 4, false));
        assert_eq!(unjudged.miners.len(), 2);
        assert!(unjudged.miners.values().all(|miner| miner.records == 2 && miner.part() == 333_333));
        assert!(unjudged.line().unwrap().contains("4 of 4 records of customers"));
    }
    scores_still_follow_from_their_parts(&folder, rounds[0]);
}

/// A task of the validator's own that is marked as a customer's is a fault, deleted or not.
fn own_tasks_are_not_hidden(folder: &EvidenceFolder, (epoch, round): (u64, u16)) {
    let evidence = folder.read(epoch, round).unwrap();
    let salt = folder.salt(epoch).unwrap();
    let mut marked = evidence.clone();
    let own = marked.tasks.tasks.iter().position(|task| task.customer.is_none()).unwrap();
    let task: KeptTask = marked.tasks.tasks.remove(own);
    marked.tasks.tasks.insert(own, task.of_customer(&salt));
    folder.write(epoch, round, &marked).unwrap();
    let found = audit(folder, epoch, round);
    let said = |fault: &String| fault.contains("said to be made of a customer's request");
    assert!(found.faults.iter().any(said), "{:?}", found.faults);
    assert!(found.unjudged.is_too_much(), "{:?}", found.unjudged);
    // The same with the number of one that may be.
    let mut disguised = evidence.clone();
    disguised.tasks.tasks[own].kind = "own".into();
    disguised.tasks.tasks[own] = disguised.tasks.tasks[own].clone().of_customer(&salt);
    folder.write(epoch, round, &disguised).unwrap();
    assert!(!audit(folder, epoch, round).faults.is_empty());
    folder.write(epoch, round, &evidence).unwrap();
    assert_eq!(audit(folder, epoch, round).faults, Vec::<String>::new());
}

/// Of a record without texts, signature, parts and score are checked.
fn scores_still_follow_from_their_parts(folder: &EvidenceFolder, (epoch, round): (u64, u16)) {
    let records = folder.records(epoch, round).unwrap();
    let deleted = folder.deleted(epoch).unwrap();
    let is_deleted = |seed: &[u8; 32], task: u16| {
        deleted.iter().any(|deleted| (&deleted.seed, deleted.number) == (&to_hex(seed), task))
    };
    let at = records
        .iter()
        .position(|record| record.reason == Reason::Scored && is_deleted(&record.seed, record.task))
        .unwrap();
    let faults = |change: &dyn Fn(&mut myelin_wire::record::Record)| {
        let mut changed = records.clone();
        change(&mut changed[at]);
        folder.write_records(epoch, round, changed.iter()).unwrap();
        let faults = audit(folder, epoch, round).faults;
        folder.write_records(epoch, round, records.iter()).unwrap();
        faults
    };
    let other = if records[at].score == Ppm::ONE { Ppm::ZERO } else { Ppm::ONE };
    let found = faults(&|record| record.score = other);
    assert!(found.iter().any(|fault| fault.contains("judged again")), "{found:?}");
    let found = faults(&|record| record.answer = [7; 32]);
    assert!(found.iter().any(|fault| fault.contains("did not sign")), "{found:?}");
    let found = faults(&|record| (record.reason, record.score) = (Reason::Grouped, Ppm::ZERO));
    assert!(found.iter().any(|fault| fault.contains("judged again")), "{found:?}");
    // Better parts give another standing than the one under the root.
    let found = faults(&|record| {
        record.parts = vec![Ppm::ratio(u64::from(record.parts[0].get()) / 2, 1_000_000)];
        record.score = record.recompute(judging().rubric()).unwrap();
    });
    assert!(!found.is_empty(), "the standings are under the root");
    assert_eq!(audit(folder, epoch, round).faults, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_deletes_what_customers_asked_by_itself() {
    let network = Network::start(200, true);
    let _one = network.miner("one", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let (running, inbox) = validator(&network, 0).await;
    let first = report_where(&running, "a round", |report| report.last_round.is_some()).await;
    let epoch = first.last_round.unwrap().epoch;
    let place = network.validator_folder("v1");
    let folder = EvidenceFolder { path: place.join("evidence"), keep: usize::MAX };
    until("the deletion", || !folder.may_delete(epoch)).await;
    let deleted = folder.deleted(epoch).unwrap();
    assert_eq!(deleted.len(), 2 * folder.rounds(epoch).len(), "two tasks in each round: {deleted:?}");
    assert!(deleted.iter().all(|task| task.at > 0));
    let of_epoch = folder.path.join(format!("epoch-{epoch:06}"));
    assert_eq!(finds(&of_epoch, &marker()), Vec::<PathBuf>::new());
    until("the customer's folder", || finds(&inbox, &marker()).is_empty()).await;
    for round in folder.rounds(epoch) {
        assert_eq!(audit(&folder, epoch, round).faults, Vec::<String>::new());
    }
    running.shutdown(Duration::from_secs(5)).await;
    assert_eq!(finds(&place.join("state"), &marker()), Vec::<PathBuf>::new());
}

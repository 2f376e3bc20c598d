//! Miners commit to the answers that they signed, where their subnet demands proof of its validators.

use std::{sync::Arc, time::Duration};

use myelin_abi::EvidenceDemand;
use myelin_subnet::{
    contest::OwnAnswers, evidence::EvidenceFolder, miner::signed, Miner, MinerOptions, Subnet,
};
use myelin_wire::{evidence::SignedList, record::miner_digest};

use crate::{
    guessing::{Guessing, Style},
    network::{key, report_where, until, Network},
};

fn good() -> Style {
    Style::Within { error: 2_000, own: 1 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_that_nobody_asked_commits_to_no_answers_if_it_was_there() {
    let network = Network::start(200, true);
    network.chain.ledger().evidence = EvidenceDemand { answers: 1, mechanisms: 1 };
    let _miner = network.miner("miner", good()).await;
    network.announced().await;
    let first_root = |name: &str| {
        let hotkey = key(name).public();
        let ledger = network.chain.ledger();
        let first = ledger.answer_roots.range((hotkey, 0)..=(hotkey, u64::MAX)).next();
        first.map(|((_, epoch), root)| (*epoch, *root))
    };
    until("a root over no answers", || first_root("miner").is_some()).await;
    assert_eq!(first_root("miner").map(|(_, root)| root), Some(SignedList::default().root()));

    // Started towards the end of an epoch, another one does not say that it was there.
    until("the end of an epoch", || {
        let ledger = network.chain.ledger();
        (120..140).contains(&(ledger.block - ledger.epoch_start))
    })
    .await;
    let epoch = network.chain.ledger().epoch;
    let _late = network.miner("late", good()).await;
    until("its first root", || first_root("late").is_some()).await;
    assert!(first_root("late").is_some_and(|(first, _)| first > epoch));
}

async fn epochs(network: &Network, more: u64) {
    let end = network.chain.ledger().epoch + more;
    until("the end of an epoch", || network.chain.ledger().epoch >= end).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_commits_to_its_answers_of_an_epoch_where_proof_is_demanded() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", good()).await;
    network.chain.register(key("forgetful").public(), false);
    let options = MinerOptions { forgetful: true, ..network.options("forgetful") };
    let chain = network.chain.signed_by(key("forgetful").public());
    let subnet = Arc::new(Guessing::open(good()).unwrap());
    let forgetful = Miner::start(subnet, chain, key("forgetful"), options).await.unwrap();
    network.announced().await;
    let validator = network.validator("v1").await;
    report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    epochs(&network, 2).await;
    assert!(network.chain.ledger().answer_roots.is_empty(), "nothing is demanded");

    network.chain.ledger().evidence = EvidenceDemand { answers: 1, mechanisms: 1 };
    network.chain.ledger().refused.push("commit_answers");
    epochs(&network, 2).await;
    assert!(network.chain.ledger().answer_roots.is_empty(), "the chain refuses");
    network.chain.ledger().refused.clear();
    until("a root over answers", || !network.chain.ledger().answer_roots.is_empty()).await;
    validator.shutdown(Duration::from_secs(5)).await;
    assert!(forgetful.work().answered > 0);

    let hotkey = key("miner").public();
    let lists = signed::folder(&network.folder.path().join("miner"), &hotkey);
    let evidence = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let mut compared = 0;
    let roots = network.chain.ledger().answer_roots.clone();
    for ((miner, epoch), root) in roots {
        assert_eq!(miner, hotkey, "a miner that forgets its answers commits to none");
        let leaves = signed::read(&lists, epoch).unwrap();
        assert!(leaves.iter().all(|leaf| leaf.validator == key("v1").public()));
        assert_eq!(SignedList::new(leaves).root(), root);
        let own = OwnAnswers::read(&lists, [epoch], &[]).unwrap();
        for round in evidence.rounds(epoch) {
            let records = evidence.records(epoch, round).unwrap().into_iter();
            for record in records.filter(|record| record.signed && record.miner == miner_digest(&hotkey)) {
                assert!(
                    own.find(&record).is_some(),
                    "the validator has an answer that is not listed: {record:?}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 0);
}

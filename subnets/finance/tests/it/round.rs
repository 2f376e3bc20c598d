//! Rounds of a validator with miners of different worth.

use std::{sync::Arc, time::Duration};

use myelin_finance::{
    adversary::{Past, Sure},
    backend::{Backend, BuiltIn},
    forecast::Forecaster,
    series::Composer,
    FinanceConfig, FinanceSubnet,
};
use myelin_subnet::{
    testkit::{MemoryChain, NETUID},
    Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_wallet::Keypair;
use myelin_wire::record::Reason;

/// Rounds until the forecasters are told apart.
const ROUNDS: u32 = 2;

pub fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

pub async fn miner(chain: &MemoryChain, name: &str, backend: Arc<dyn Backend>) -> Miner {
    let key = key(name);
    chain.register(key.public(), false);
    let options = MinerOptions {
        refresh: Some(Duration::from_millis(100)),
        ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
    };
    let config = FinanceConfig { backend: Some(backend), ..FinanceConfig::default() };
    let subnet = Arc::new(FinanceSubnet::open(config).unwrap());
    Miner::start(subnet, chain.signed_by(key.public()), key, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn forecasts_of_every_kind_are_committed_opened_and_scored() {
    let chain = MemoryChain::new(1_800, true);
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let fitted = Arc::new(BuiltIn { forecaster: Forecaster::Fitted, salt: 1 });
    let _miners = [
        miner(&chain, "fitted", fitted).await,
        miner(&chain, "past", Arc::new(Past)).await,
        miner(&chain, "sure", Arc::new(Sure)).await,
    ];
    let validator = key("validator");
    while !chain.ledger().neurons.iter().all(|peer| peer.hotkey == validator.public() || peer.axon.is_some())
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let config = FinanceConfig { composer: Some(Composer::new(&[3; 32])), ..FinanceConfig::default() };
    let subnet = Arc::new(FinanceSubnet::open(config).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let validator = Validator::start(subnet, chain.signed_by(validator.public()), validator, options);
    let validator = validator.await.unwrap();
    let mut report = validator.report();
    let judged = report.wait_for(|report| report.standings.iter().any(|standing| standing.rounds >= ROUNDS));
    let judged = tokio::time::timeout(Duration::from_secs(120), judged).await.unwrap().unwrap().clone();
    let evaluated = judged.last_round.unwrap().evaluated;
    assert_eq!(evaluated.judged.len(), 36, "12 tasks for each of three miners");
    for judged in &evaluated.judged {
        assert_eq!(judged.record.reason, Reason::Scored, "uid {}: {}", judged.record.miner_uid, judged.note);
    }
    let score = |name: &str| {
        let hotkey = key(name).public();
        evaluated.scores.iter().find(|score| score.miner.hotkey == hotkey).unwrap().score.unwrap().get()
    };
    let (past, sure) = (score("past"), score("sure"));
    assert!(past.abs_diff(500_000) < 10_000, "{past}");
    assert!(sure < 490_000, "{sure}");
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
}

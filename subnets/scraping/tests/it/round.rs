//! Rounds of a validator with miners of different worth.

use std::{sync::Arc, time::Duration};

use myelin_scraping::{
    adversary::Again,
    backend::{Backend, Reader},
    wrapper::Care,
    Load, ScrapingConfig, ScrapingSubnet,
};
use myelin_subnet::{
    testkit::{MemoryChain, NETUID},
    Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_wallet::Keypair;

/// Rounds until the readers are told apart.
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
    let config = ScrapingConfig { backend: Some(backend), ..ScrapingConfig::default() };
    let subnet = Arc::new(ScrapingSubnet::open(config).unwrap());
    Miner::start(subnet, chain.signed_by(key.public()), key, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_read_and_scored() {
    let chain = MemoryChain::new(1_800, true);
    // The second mechanism asks nothing of a validator without sites.
    chain.ledger().mechanisms = 2;
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let _miners = [
        miner(&chain, "wrapper", Arc::new(Reader::new(Care::Much, None))).await,
        miner(&chain, "places", Arc::new(Reader::new(Care::Little, None))).await,
        miner(&chain, "again", Arc::new(Again)).await,
    ];
    let validator = key("validator");
    while !chain.ledger().neurons.iter().all(|peer| peer.hotkey == validator.public() || peer.axon.is_some())
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let load = Load { deadline: Duration::from_secs(30), ..Load::default() };
    let config = ScrapingConfig { secret: Some([3; 32]), load, ..ScrapingConfig::default() };
    let subnet = Arc::new(ScrapingSubnet::open(config).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let validator = Validator::start(subnet, chain.signed_by(validator.public()), validator, options);
    let validator = validator.await.unwrap();
    let mut report = validator.report();
    let judged = report.wait_for(|report| report.standings.iter().any(|standing| standing.rounds >= ROUNDS));
    let judged = tokio::time::timeout(Duration::from_secs(240), judged).await.unwrap().unwrap().clone();
    let evaluated = judged.last_round.unwrap().evaluated;
    // Pay follows the work done as well, which is small in a first round.
    let quality = |name: &str| {
        let hotkey = key(name).public();
        let uid = evaluated.scores.iter().find(|score| score.miner.hotkey == hotkey).unwrap().miner.uid;
        let of = evaluated.judged.iter().filter(|judged| judged.record.miner_uid == uid);
        let scores: Vec<u64> = of.map(|judged| judged.record.score.get().into()).collect();
        scores.iter().sum::<u64>() / scores.len() as u64
    };
    let (much, little, none) = (quality("wrapper"), quality("places"), quality("again"));
    assert!(much > little && little > none, "{much} {little} {none}");
    assert!(much > 850_000 && none < 50_000, "{much} {little} {none}");
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
}

//! Rounds of a validator with miners of different worth.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::Judged,
    testkit::{MemoryChain, NETUID},
    validator::RoundReport,
    AnswerContext, AnswerError, Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_translation::{
    adversary::Copy,
    apertium::Apertium,
    backend::{Backend, Baseline, WithTerms},
    protocol::{TranslationRequest, TranslationResponse},
    Load, TranslationConfig, TranslationSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::record::Reason;

/// Judged answers of each miner that tell translators from a copier. A round judges 24 of a miner at most. Scores
/// scatter too much to tell the two translators apart in a few rounds.
const ENOUGH: usize = 48;

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

/// Copies, but takes as long as a reader does: a copy that comes at once is refused for that alone.
struct SlowCopy;

impl Backend for SlowCopy {
    fn answer(
        &self,
        context: &AnswerContext,
        request: &TranslationRequest,
    ) -> Result<TranslationResponse, AnswerError> {
        std::thread::sleep(Duration::from_millis(20));
        Copy.answer(context, request)
    }
}

async fn miner(chain: &MemoryChain, name: &str, backend: Arc<dyn Backend>) -> Miner {
    let key = key(name);
    chain.register(key.public(), false);
    let options = MinerOptions {
        refresh: Some(Duration::from_millis(100)),
        ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
    };
    let config = TranslationConfig { backend: Some(backend), ..TranslationConfig::default() };
    let subnet = Arc::new(TranslationSubnet::open(config).unwrap());
    Miner::start(subnet, chain.signed_by(key.public()), key, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_translated_and_scored() {
    let chain = MemoryChain::new(1_800, true);
    chain.register(key("validator").public(), true);
    let blocks = chain.run();
    let apertium = Arc::new(Apertium::new(1));
    let _miners = [
        miner(&chain, "terms", Arc::new(WithTerms::new(apertium.clone()))).await,
        miner(&chain, "apertium", Arc::new(Baseline::new(apertium))).await,
        miner(&chain, "copy", Arc::new(SlowCopy)).await,
    ];
    let validator = key("validator");
    while !chain.ledger().neurons.iter().all(|peer| peer.hotkey == validator.public() || peer.axon.is_some())
    {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let load = Load { deadline: Duration::from_secs(30), ..Load::default() };
    let config = TranslationConfig { secret: Some([3; 32]), load, ..TranslationConfig::default() };
    let subnet = Arc::new(TranslationSubnet::open(config).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let validator = Validator::start(subnet, chain.signed_by(validator.public()), validator, options);
    let validator = validator.await.unwrap();
    let names = ["terms", "apertium", "copy"];
    let mut records = names.map(|_| Vec::new());
    let mut report = validator.report();
    let mut last = None;
    while records.iter().any(|of| of.len() < ENOUGH) {
        let is_next = |round: &RoundReport| last != Some((round.epoch, round.round));
        let judged = report.wait_for(|report| report.last_round.as_ref().is_some_and(is_next));
        let judged = tokio::time::timeout(Duration::from_secs(240), judged).await.unwrap().unwrap().clone();
        let RoundReport { epoch, round, evaluated, .. } = judged.last_round.unwrap();
        last = Some((epoch, round));
        for (name, records) in names.iter().zip(&mut records) {
            let hotkey = key(name).public();
            let uid = evaluated.scores.iter().find(|score| score.miner.hotkey == hotkey).unwrap().miner.uid;
            records.extend(evaluated.judged.iter().filter(|one| one.record.miner_uid == uid).cloned());
        }
    }
    let [terms, alone, copy] = records;
    // Pay follows the work done as well, which is small in a first round.
    let quality = |records: &[Judged]| {
        let scores: Vec<u64> = records.iter().map(|one| one.record.score.get().into()).collect();
        scores.iter().sum::<u64>() / scores.len() as u64
    };
    let (terms, alone) = (quality(&terms), quality(&alone));
    assert!(terms.min(alone) > 100_000, "with a glossary {terms}, without {alone}");
    // Tasks that were still open at the deadline have another reason.
    assert!(copy.iter().any(|one| one.record.reason == Reason::Garbage), "{copy:?}");
    assert_eq!(quality(&copy), 0);
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
}

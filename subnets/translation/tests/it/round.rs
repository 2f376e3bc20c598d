//! Rounds of a validator with miners of different worth.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::Judged,
    subnet::MinerRef,
    testkit::{by_tier, MemoryChain, NETUID},
    validator::RoundReport,
    Answer, AnswerContext, AnswerError, Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_translation::{
    adversary::Copy,
    apertium::Apertium,
    backend::{Backend, Baseline, WithTerms},
    protocol::{TranslationRequest, TranslationResponse},
    Load, TranslationConfig, TranslationSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::{
    record::{LatencyBucket, Reason},
    seed::Seed,
};

/// Judged answers of each miner that tell translators from a copier. A round judges 24 of a miner at most.
const ENOUGH: usize = 48;
/// Tasks of a kind on which both translators are compared, in the long tests and in the quick ones.
const SAME: (u64, u64) = (40, 20);

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
            // Answers that were not judged and tasks that were open at the deadline say nothing about the translator.
            let of_miner = evaluated.judged.iter().filter(|judged| judged.record.miner_uid == uid);
            let is_judged =
                |judged: &&Judged| judged.record.reason.counts() && judged.record.reason != Reason::Late;
            records.extend(of_miner.filter(is_judged).cloned());
        }
    }
    let [terms, alone, copy] = records;
    // Pay follows the work done as well, which is small in a first round.
    let quality = |records: &[Judged]| {
        let scores: Vec<u64> = records.iter().map(|judged| judged.record.score.get().into()).collect();
        scores.iter().sum::<u64>() / scores.len() as u64
    };
    let (terms, alone) = (quality(&terms), quality(&alone));
    assert!(terms.min(alone) > 200_000, "with a glossary {terms}, without {alone}");
    assert_eq!(quality(&copy), 0);
    for judged in copy {
        assert_eq!(judged.record.reason, Reason::Garbage, "{}", judged.note);
    }
    validator.shutdown(Duration::from_secs(10)).await;
    blocks.abort();
}

/// Own tasks of two miners differ more than the translators do, so both get the same ones.
#[test]
fn care_for_the_customer_is_worth_more_on_the_same_tasks() {
    let config = TranslationConfig { secret: Some([3; 32]), ..TranslationConfig::default() };
    let subnet = TranslationSubnet::open(config).unwrap();
    let apertium = Arc::new(Apertium::new(1));
    let context =
        AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(60) };
    let (terms, alone) = (WithTerms::new(apertium.clone()), Baseline::new(apertium));
    let (mut with, mut without) = (0u64, 0u64);
    for plan in subnet.tasks().iter().filter(|plan| plan.count > 0) {
        for number in 0..by_tier(SAME.0, SAME.1) {
            let seed = Seed([5; 32]).derive(plan.kind.as_bytes(), number);
            let challenge = subnet.challenge(plan, &seed, &Default::default()).unwrap();
            let score = |backend: &dyn Backend| -> u64 {
                let response = backend.answer(&context, &challenge.request).unwrap();
                let miner = MinerRef { uid: 1, hotkey: [1; 32] };
                let answers = [Answer { miner, response, latency: LatencyBucket::of_ms(500) }];
                let judged = subnet.score(&challenge, &answers, &mut Default::default());
                subnet.rubric().score(&judged[0].parts, judged[0].reason).unwrap().get().into()
            };
            with += score(&terms);
            without += score(&alone);
        }
    }
    assert!(with > without, "{with} with care, {without} without");
}

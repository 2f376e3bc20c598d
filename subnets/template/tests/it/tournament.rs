//! Miners of known worth against each other: on paper, on a network, as programs.

use std::{sync::Arc, time::Duration};

use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{replay_round, EvidenceFolder},
    rules,
    submission::{latency, Workshop},
    subnet::{Mode, Share},
    testkit::{MemoryChain, NETUID},
    Answer, Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_wallet::Keypair;

use super::{answer, in_order, score, seed, subnet};
use round_trip::solver::{nearest, two_opt, Solver};
use round_trip::{subnet::Config, RoundTripSubnet};

const MAPS: u64 = 40;

fn mean(solver: Solver) -> u64 {
    (0..MAPS).map(|number| u64::from(score(&seed(number), &solver, 10))).sum::<u64>() / MAPS
}

#[test]
fn better_solvers_earn_more_and_there_is_more_to_earn() {
    let [strong, weak, thoughtless] = [mean(two_opt), mean(nearest), mean(in_order)];
    println!("two-opt {strong}, nearest {weak}, in order {thoughtless}");
    assert_eq!(thoughtless, 0);
    assert!(weak > 300_000 && strong > weak + 100_000 && strong < 900_000, "{strong} {weak}");
}

fn key(name: &str) -> Arc<Keypair> {
    Arc::new(Keypair::from_uri(&format!("//{name}")).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_network_pays_in_that_order_and_an_auditor_comes_to_the_same_scores() {
    // Long enough for a round: miners have eight seconds.
    let chain = MemoryChain::new(820, false);
    let validator_key = key("validator");
    chain.register(validator_key.public(), true);
    let blocks = chain.run();
    let mut miners = Vec::new();
    for (name, solver) in [("strong", two_opt as Solver), ("weak", nearest), ("thoughtless", in_order)] {
        let key = key(name);
        chain.register(key.public(), false);
        let options = MinerOptions {
            refresh: Some(Duration::from_millis(100)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse().unwrap())
        };
        let subnet = RoundTripSubnet::open(Config { solver: Some(solver) }).unwrap();
        let chain = chain.signed_by(key.public());
        miners.push(Miner::start(Arc::new(subnet), chain, key, options).await.unwrap());
    }
    let folder = tempfile::tempdir().unwrap();
    let options = ValidatorOptions::new(NETUID, folder.path());
    let subnet = Arc::new(subnet());
    let own_chain = chain.signed_by(validator_key.public());
    let validator = Validator::start(subnet.clone(), own_chain, validator_key, options).await.unwrap();

    let all_paid = |epoch: &Vec<u16>| [1, 2].iter().all(|uid: &usize| epoch[*uid] > 0);
    let paid = || chain.ledger().incentives.get(&0)?.last().filter(|epoch| all_paid(epoch)).cloned();
    let mut waited = Duration::ZERO;
    let incentives = loop {
        if let Some(incentives) = paid() {
            break incentives;
        }
        assert!(waited < Duration::from_secs(90), "nobody was paid in time");
        tokio::time::sleep(Duration::from_millis(50)).await;
        waited += Duration::from_millis(50);
    };
    let [strong, weak, thoughtless] = [1, 2, 3].map(|uid| incentives[uid]);
    assert!(strong > weak && weak > thoughtless && thoughtless == 0, "{incentives:?}");

    // The evidence on disk suffices to judge a round again.
    let round = validator.report().borrow().last_round.clone().unwrap();
    let evidence = EvidenceFolder { path: folder.path().join("evidence"), keep: 10 };
    let records = evidence.records(round.epoch, round.round).unwrap();
    assert_eq!(records.len(), 3 * usize::from(subnet.tasks()[0].count));
    let (epoch, round) = (round.epoch, round.round);
    let again = replay_round(&subnet, &evidence, epoch, round, &GroupRule::default(), &mut ()).unwrap();
    assert_eq!(again, records);

    validator.shutdown(Duration::from_secs(5)).await;
    for miner in miners {
        miner.shutdown(Duration::from_secs(5)).await;
    }
    blocks.abort();
}

/// A program that gives one answer to every request.
fn program(answer: &str) -> Vec<u8> {
    let text = format!(
        "(module (memory (export \"memory\") 8) (data (i32.const 0) {answer:?})
           (func (export \"alloc\") (param i32) (result i32) i32.const 65536)
           (func (export \"run\") (param i32 i32) (result i64) i64.const {}))",
        answer.len()
    );
    wat::parse_str(text).unwrap()
}

#[test]
fn submitted_programs_get_the_same_maps_and_are_judged_like_others() {
    let subnet = subnet();
    let plan = subnet.tasks().into_iter().find(|plan| plan.share == Share::Network).unwrap();
    let Mode::Submit { limits, .. } = subnet.mechanisms()[usize::from(plan.mechanism)].mode else {
        panic!("{plan:?}")
    };
    let challenge = subnet.challenge(&plan, &seed(3), &()).unwrap();
    let right = serde_json::to_string(&two_opt(&challenge.request)).unwrap();
    // A trip of one map is not a trip of the next, and a text that is not an answer is refused.
    let [fitting, other, none] = [&right, r#"{"order":[0,1,2]}"#, "hello"].map(|said| {
        let entrant = subnet.entrant(&Workshop::default(), &program(said)).unwrap();
        let entry = entrant.answer(&challenge.request, &limits).ok()?;
        let answer = Answer { latency: latency(entry.fuel), ..answer(entry.response, 0) };
        let judged = subnet.score(&challenge, &[answer], &mut ()).remove(0);
        Some(subnet.rubric().score(&judged.parts, judged.reason).unwrap().get())
    });
    assert!(fitting > Some(300_000), "{fitting:?}");
    assert_eq!((other, none), (Some(0), None));
}

#[test]
fn the_rules_of_each_mechanism_fit_on_the_chain() {
    let rules = |mechanism| rules::rules(&subnet(), mechanism, rules::Terms::default());
    for plan in subnet().tasks() {
        let rules = rules(plan.mechanism).unwrap();
        assert!(rules.contains(&format!("task {} ", plan.kind)), "{rules}");
    }
    // The chain stores texts of at most 512 bytes.
    assert!([0, 1].into_iter().all(|mechanism| rules(mechanism).unwrap().len() <= 512));
    assert_eq!(rules(2), None);
}

//! Faults of miners and of the network.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};

use myelin_neuron::{
    axon::{AnswerNetwork, Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon},
    dendrite::Dendrite,
};
use myelin_subnet::{
    evaluation::{Delivery, DrawnTask, Outcome, SeedReference},
    exchange::{commit_challenge, Committed},
    testkit::NETUID,
    validator::{
        ask::{Asker, Reachable},
        organic::Customers,
        witness::Witness,
    },
    Chain, Challenge, MinerRef, Subnet, ValidatorReport,
};
use myelin_wire::{
    commitment::Opening,
    hash::{blake2_256, from_hex, to_hex},
    record::Reason,
    seed::Audience,
};

use crate::{
    guessing::{Guess, Guessing, Question, Style},
    network::{key, report_where, until, Network},
};

#[tokio::test(flavor = "multi_thread")]
async fn silent_sleeping_and_failing_miners_get_nothing_and_hold_nobody_up() {
    let network = Network::start(400, true);
    let _good = network.miner("good", Style::Within { error: 2_000, own: 1 }).await;
    let _asleep = network.miner("asleep", Style::Asleep).await;
    let _broken = network.miner("broken", Style::Broken).await;
    let dead = network.miner("dead", Style::Within { error: 2_000, own: 2 }).await;
    network.announced().await;
    dead.shutdown(Duration::from_secs(5)).await;

    let validator = network.validator("v1").await;
    let score = |report: &ValidatorReport, name: &str| {
        let scores = &report.last_round.as_ref()?.evaluated.scores;
        scores.iter().find(|scored| scored.miner.hotkey == key(name).public())?.score.map(|score| score.get())
    };
    let report = report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    assert!(score(&report, "good").unwrap() > 900_000);
    assert_eq!(score(&report, "asleep"), Some(0));
    assert_eq!(score(&report, "broken"), Some(0), "what says that it cannot answer has refused");
    assert_eq!(score(&report, "dead"), None, "being away for one round is excused");
    let evaluated = report.last_round.clone().unwrap().evaluated;
    let reasons = |name: &str| -> Vec<Reason> {
        let uid = network.uid(name) as u16;
        evaluated
            .judged
            .iter()
            .map(|judged| &judged.record)
            .filter(|r| r.miner_uid == uid)
            .map(|r| r.reason)
            .collect()
    };
    let expected = [("asleep", Reason::Late), ("broken", Reason::Refused), ("dead", Reason::Excused)];
    for (name, expected) in expected {
        let reasons = reasons(name);
        assert!(reasons.iter().all(|reason| *reason == expected), "{name}: {reasons:?}");
    }
    report_where(&validator, "that being away again is not", |report| score(report, "dead") == Some(0)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_chain_refuses_for_now_is_tried_again_and_holds_nothing_else_up() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let validator = network.validator("v1").await;
    network.chain.ledger().refused = vec!["commit_weights", "reveal_weights"];
    report_where(&validator, "trouble", |report| report.trouble.is_some()).await;
    // Longer than five attempts: half a second, and then twice as long each time up to two blocks.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let refused_in = network.chain.ledger().epoch;
    network.chain.ledger().refused = vec!["reveal_weights"];
    report_where(&validator, "weights, late", |report| !report.weights.is_empty()).await;
    let submitted_in = network.chain.ledger().epoch;
    assert!(submitted_in <= refused_in + 1, "in epoch {submitted_in}, and it was refused in {refused_in}");
    report_where(&validator, "rounds while a reveal is refused", |report| {
        report.last_round.as_ref().is_some_and(|round| round.epoch > submitted_in)
    })
    .await;
    assert_eq!(network.chain.ledger().updates.len(), 0, "nothing is revealed yet");
    network.chain.ledger().refused.clear();
    report_where(&validator, "a reveal", |report| report.revealed_in.is_some()).await;
    assert_eq!(network.chain.ledger().updates.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_without_an_answer_is_revealed() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    network.chain.ledger().lost = vec!["commit_weights"];
    let validator = network.validator("v1").await;
    report_where(&validator, "a reveal", |report| report.revealed_in.is_some()).await;
    assert_eq!(network.chain.ledger().updates.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_away_for_a_while_is_waited_for() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    let validator = network.validator("v1").await;
    report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    network.chain.ledger().down = true;
    report_where(&validator, "trouble", |report| report.trouble.is_some()).await;
    network.chain.ledger().down = false;
    let epoch = network.chain.ledger().epoch;
    report_where(&validator, "rounds after that", |report| {
        report.last_round.as_ref().is_some_and(|round| round.epoch > epoch)
    })
    .await;
}

/// An axon that speaks the protocol by hand, so that it can break it.
struct Cheat {
    /// The answer that is committed to.
    committed: &'static str,
    /// The answer that is opened.
    opened: &'static str,
    /// The answer that is opened when the same is asked a second time.
    again: &'static str,
}

const FIVE: &str = r#"{"guess":5,"salt":"SALT"}"#;
const SIX: &str = r#"{"guess":6,"salt":"SALT"}"#;

impl Cheat {
    async fn serve(self, name: &str, ledger: bool) -> RunningAxon {
        let hotkey = key(name).public();
        let salt = [5; 32];
        let body = move |text: &str| text.replace("SALT", &to_hex(&salt));
        let commit = move |call: Call| async move {
            let question: serde_json::Value = serde_json::from_slice(&call.body).unwrap();
            let challenge_id = from_hex(question["challenge"].as_str().unwrap()).unwrap();
            assert_eq!(call.challenge_id, Some(commit_challenge(&challenge_id)));
            let answer_hash = blake2_256(body(self.committed).as_bytes());
            let opening = Opening { challenge_id, answer_hash, hotkey, salt };
            let reply = Committed { commitment: to_hex(&opening.commitment()) };
            Ok::<_, HandlerError>(Reply::json(serde_json::to_vec(&reply).unwrap()))
        };
        let times = Arc::new(AtomicUsize::new(0));
        let open = move |_: Call| {
            let text = if times.fetch_add(1, Relaxed) == 0 { self.opened } else { self.again };
            async move { Ok(Reply::json(body(text)).signed_by([1; 32])) }
        };
        let network = AnswerNetwork { genesis_hash: [0xcc; 32], netuid: NETUID };
        let mut axon = Axon::new(key(name), OpenToAll).sign_answers(network);
        if !ledger {
            axon = axon.ledger(Arc::new(Forgetful));
        }
        let axon = axon.route(Route::new("GuessingCommit", commit)).route(Route::new("GuessingOpen", open));
        axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap()
    }
}

/// A ledger that signs every answer, as a dishonest miner would run it.
struct Forgetful;

impl myelin_neuron::axon::AnswerLedger for Forgetful {
    fn may_sign(&self, _: &myelin_wire::answer::AnswerClaim) -> bool {
        true
    }
}

fn open_task() -> DrawnTask<Guessing> {
    let subnet = Guessing::open(Style::Broken).unwrap();
    DrawnTask {
        plan: subnet.tasks()[0].clone(),
        number: 0,
        seed: SeedReference([3; 32]),
        audience: Audience::Round,
        challenge: Challenge { request: Question { hint: 5 }, hidden: 5 },
    }
}

async fn ask(axon: &RunningAxon, name: &str, witness: &mut Witness) -> Delivery<Guess> {
    ask_by(false, axon, name, witness).await
}

/// Asks a task, and where `twice` is set for its answer a second time.
async fn ask_by(twice: bool, axon: &RunningAxon, name: &str, witness: &mut Witness) -> Delivery<Guess> {
    let validator = key("v1");
    let asker = Asker::new(Dendrite::new(validator.clone()), [0xcc; 32], NETUID, validator.public());
    // The salt of an epoch: the same question has the same request.
    let asker = asker.asking_twice(twice).salted([7; 32]);
    let miner = MinerRef { uid: 0, hotkey: key(name).public() };
    let miners = [Reachable { miner, address: axon.address(), signed_bodies: false }];
    let (customers, patience) = (&mut Customers::none(), Duration::from_secs(60));
    let asked = asker.ask(vec![open_task()], None, customers, &miners, patience, witness);
    let mut round = asked.await.unwrap();
    round.asked.remove(0).deliveries.remove(0)
}

fn reason(delivery: &Delivery<Guess>) -> Option<Reason> {
    match delivery.outcome {
        Outcome::Answered(_) => None,
        Outcome::Failed(reason) => Some(reason),
    }
}

#[tokio::test]
async fn an_answer_other_than_the_committed_one_breaks_the_commitment() {
    let honest = Cheat { committed: FIVE, opened: FIVE, again: FIVE };
    let axon = honest.serve("honest", true).await;
    assert_eq!(reason(&ask(&axon, "honest", &mut Witness::default()).await), None);
    let switch = Cheat { committed: r#"{"guess":4,"salt":"SALT"}"#, opened: FIVE, again: FIVE };
    let axon = switch.serve("switch", true).await;
    assert_eq!(reason(&ask(&axon, "switch", &mut Witness::default()).await), Some(Reason::BrokenCommitment));
}

#[tokio::test]
async fn nonsense_instead_of_an_answer_is_malformed() {
    let nonsense = Cheat {
        committed: r#"{"guess":[],"salt":"SALT"}"#,
        opened: r#"{"guess":[],"salt":"SALT"}"#,
        again: FIVE,
    };
    let axon = nonsense.serve("nonsense", true).await;
    assert_eq!(reason(&ask(&axon, "nonsense", &mut Witness::default()).await), Some(Reason::Malformed));
}

#[tokio::test]
async fn an_answer_larger_than_the_task_allows_is_refused_unread() {
    let large: &'static str =
        Box::leak(format!(r#"{{"guess":5,"salt":"SALT","x":"{}"}}"#, "x".repeat(100_000)).into_boxed_str());
    let axon = Cheat { committed: large, opened: large, again: large }.serve("large", true).await;
    assert_eq!(reason(&ask(&axon, "large", &mut Witness::default()).await), Some(Reason::Oversize));
}

#[tokio::test]
async fn two_signed_answers_to_one_challenge_are_proof_of_equivocation() {
    let first = Cheat { committed: FIVE, opened: FIVE, again: FIVE };
    let second = Cheat { committed: SIX, opened: SIX, again: SIX };
    // The same key behind two axons that do not know of each other, as after a restart without state.
    let (one, two) = (first.serve("liar", false).await, second.serve("liar", false).await);
    let mut witness = Witness::default();
    assert_eq!(reason(&ask(&one, "liar", &mut witness).await), None);
    assert_eq!(
        reason(&ask(&one, "liar", &mut witness).await),
        None,
        "the same answer again is no contradiction"
    );
    assert_eq!(reason(&ask(&two, "liar", &mut witness).await), Some(Reason::Equivocation));
    let proof = witness.contradictions().first().unwrap();
    assert_eq!(myelin_wire::equivocation::verify_equivocation(proof), Ok(key("liar").public()));
}

#[tokio::test]
async fn who_answers_otherwise_when_asked_twice_is_convicted_and_an_honest_ledger_never_is() {
    let wavering = || Cheat { committed: FIVE, opened: FIVE, again: SIX };
    for (twice, ledger, expected) in
        [(true, false, Some(Reason::Equivocation)), (true, true, None), (false, false, None)]
    {
        let (axon, mut witness) = (wavering().serve("wavering", ledger).await, Witness::default());
        assert_eq!(reason(&ask_by(twice, &axon, "wavering", &mut witness).await), expected);
        let proven = witness.contradictions().iter().map(myelin_wire::equivocation::verify_equivocation);
        let of_it = expected.map(|_| Ok(key("wavering").public()));
        assert_eq!(proven.collect::<Vec<_>>(), of_it.into_iter().collect::<Vec<_>>());
    }
    let steady = Cheat { committed: FIVE, opened: FIVE, again: FIVE }.serve("steady", false).await;
    assert_eq!(reason(&ask_by(true, &steady, "steady", &mut Witness::default()).await), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_that_cannot_write_its_evidence_says_so_and_goes_on() {
    let network = Network::start(200, true);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    // A file where the folder should be fails every write, as a full disk does.
    let folder = network.validator_folder("v1");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("evidence"), "in the way").unwrap();
    // No other test of this file looks at the log.
    let warnings = Warnings { about: folder.display().to_string(), count: Arc::default() };
    let count = warnings.count.clone();
    tracing::subscriber::set_global_default(warnings).unwrap();
    let validator = network.validator("v1").await;
    let report = report_where(&validator, "trouble", |report| report.trouble.is_some()).await;
    assert!(report.trouble.unwrap().contains(&*folder.display().to_string()));
    report_where(&validator, "weights all the same", |report| !report.weights.is_empty()).await;
    assert_eq!(count.load(Relaxed), 0, "the report says it, so the log need not");
}

/// Counts warnings and errors in the log that contain `about`.
struct Warnings {
    about: String,
    count: Arc<AtomicUsize>,
}

impl tracing::Subscriber for Warnings {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::WARN
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::new();
        event.record(&mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            text += &format!("{field}: {value:?} ");
        });
        if text.contains(&self.about) {
            self.count.fetch_add(1, Relaxed);
        }
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miner_starts_while_the_chain_is_away_and_announces_itself_later() {
    let network = Network::start(1000, true);
    network.chain.ledger().down = true;
    let miner = network.miner("early", Style::Within { error: 2, own: 1 }).await;
    network.chain.ledger().down = false;
    let uid = network.uid("early");
    until("the announcement", || network.chain.ledger().neurons[uid].axon == Some(miner.address())).await;
    assert_eq!(network.chain.signed_by([1; 32]).hotkey(), [1; 32]);
}

//! A subnet whose outcomes are known later: prices are forecast, and a feed supplies them when they have come about.

use std::{
    sync::{
        atomic::{AtomicU8, Ordering},
        Arc,
    },
    time::Duration,
};

use myelin_subnet::{
    evaluation::{GroupRule, Maturity},
    evidence::{audit_round, replay_round, Audit, EvidenceFolder, RoundEvidence},
    rules::{check_text, rules, Terms},
    validator::store::{Memory, StoreIdentity, ValidatorStore},
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Miner, Share, Subnet, SubnetError,
    TaskPlan, Validator, ValidatorOptions,
};
use myelin_wire::{
    hash::to_hex,
    record::{Asked, PartRule, Ppm, Reason, Record, Rubric, NO_EXTENSION},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{
    network::{key, report_where, Network},
    rooted::by_records,
};

/// Source of prices.
#[derive(Clone, Default)]
struct Feed(Arc<AtomicU8>);

/// Has no prices, and panics when it is asked for some assets.
const DOWN: u8 = 0;
/// Has all prices.
const UP: u8 = 1;
/// Has the prices of some assets.
const PARTLY: u8 = 2;

impl Feed {
    fn switch(&self, state: u8) {
        self.0.store(state, Ordering::SeqCst);
    }

    fn price(&self, asset: u64) -> Option<u64> {
        let even = asset.is_multiple_of(2);
        match self.0.load(Ordering::SeqCst) {
            DOWN if even => None,
            DOWN => panic!("the feed is broken"),
            UP => Some(asset),
            _ => even.then_some(asset),
        }
    }
}

#[derive(Clone)]
struct Config {
    feed: Feed,
    /// Error of a miner's forecasts.
    error: u64,
    maturity: Maturity,
    /// Whether there are also tasks that are judged at once.
    also_now: bool,
}

struct Forecasting {
    rubric: Rubric,
    config: Config,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Question {
    /// The asset whose price is to be forecast.
    asset: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Forecast {
    price: u64,
}

/// Price of an asset, and the block in which it was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Outcome {
    price: u64,
    asked_at: u64,
}

impl Subnet for Forecasting {
    const NAME: &'static str = "Forecasting";
    const VERSION: u32 = 1;
    type Request = Question;
    type Response = Forecast;
    /// The outcome, which is unknown when the task is asked.
    type Hidden = Option<Outcome>;
    type Config = Config;
    /// Tasks scored so far: an auditor must score the same in the same order.
    type State = u64;

    fn open(config: Config) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("forecasts", 1, vec![PartRule::Share { name: "nearness", weight: 1 }])
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "fix the rubric"))?;
        Ok(Self { rubric, config })
    }

    fn rubric(&self) -> &Rubric {
        &self.rubric
    }

    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::serve()]
    }

    fn tasks(&self) -> Vec<TaskPlan> {
        let plan = |kind, share, count| TaskPlan {
            mechanism: 0,
            kind,
            share,
            count,
            commit: false,
            deadline: Duration::from_secs(1),
            fastest: Duration::ZERO,
            answer_limit: 200,
            weight: 1,
        };
        vec![plan("price", Share::Round, 3), plan("now", Share::Miner, u16::from(self.config.also_now))]
    }

    fn maturity(&self, plan: &TaskPlan) -> Option<Maturity> {
        (plan.kind == "price").then_some(self.config.maturity)
    }

    fn challenge(&self, plan: &TaskPlan, seed: &Seed, _: &u64) -> Result<Challenge<Self>, SubnetError> {
        let asset = seed.rng().range(100_000, 900_000);
        let known = (plan.kind == "now").then_some(Outcome { price: asset, asked_at: 0 });
        Ok(Challenge { request: Question { asset }, hidden: known })
    }

    fn settle(&self, _: &TaskPlan, asked: &Asked, task: &Challenge<Self>) -> Option<Option<Outcome>> {
        let price = self.config.feed.price(task.request.asset)?;
        Some(Some(Outcome { price, asked_at: asked.block }))
    }

    fn score(&self, task: &Challenge<Self>, answers: &[Answer<Forecast>], state: &mut u64) -> Vec<Judgement> {
        *state += 1;
        let judge = |answer: &Answer<Forecast>| match &task.hidden {
            None => Judgement::refused(Reason::Garbage, "judged without its outcome"),
            Some(outcome) => {
                let off = answer.response.price.abs_diff(outcome.price).min(100_000);
                let nearness = Ppm::ratio(100_000 - off, 100_000);
                Judgement { parts: vec![nearness], reason: Reason::Scored, note: format!("task {state}") }
            }
        };
        answers.iter().map(judge).collect()
    }

    fn answer(&self, _: &AnswerContext, question: &Question) -> Result<Forecast, AnswerError> {
        Ok(Forecast { price: question.asset + self.config.error })
    }
}

/// A network with a feed that is down at first.
struct Exchange {
    network: Network,
    config: Config,
}

impl Exchange {
    fn start(maturity: Maturity, also_now: bool) -> Self {
        let config = Config { feed: Feed::default(), error: 0, maturity, also_now };
        Self { network: Network::start(300, true), config }
    }

    async fn miner(&self, name: &str, error: u64) -> Miner {
        let (key, network) = (key(name), &self.network);
        network.chain.register(key.public(), false);
        let subnet = Arc::new(Forecasting::open(Config { error, ..self.config.clone() }).unwrap());
        Miner::start(subnet, network.chain.signed_by(key.public()), key, network.options(name)).await.unwrap()
    }

    async fn validator(&self, deferred_bytes: u64) -> Validator {
        let (key, network) = (key("v1"), &self.network);
        let folder = network.validator_folder("v1");
        let options = ValidatorOptions {
            deferred_bytes,
            ..ValidatorOptions::new(myelin_subnet::testkit::NETUID, folder)
        };
        Validator::start(self.subnet(), network.chain.signed_by(key.public()), key, options).await.unwrap()
    }

    fn subnet(&self) -> Arc<Forecasting> {
        Arc::new(Forecasting::open(self.config.clone()).unwrap())
    }

    fn folder(&self) -> EvidenceFolder {
        EvidenceFolder { path: self.network.validator_folder("v1").join("evidence"), keep: 100 }
    }

    fn store(&self) -> ValidatorStore {
        let hotkey = key("v1").public();
        let protocol = "Forecasting/1".into();
        let identity = StoreIdentity { genesis: [0xcc; 32], netuid: 2, hotkey, protocol };
        let path = self.network.validator_folder("v1").join("state/validator.redb");
        ValidatorStore::open(&path, &identity).unwrap()
    }

    fn memory(&self) -> Memory<u64> {
        self.store().load().unwrap()
    }

    fn audit(&self, epoch: u64, round: u16) -> Audit {
        let folder = self.folder();
        let mut state = folder.state(epoch, round).unwrap().unwrap();
        audit_round(&self.subnet(), &folder, epoch, round, &GroupRule::default(), &mut state)
    }

    /// Every round that was judged.
    fn rounds(&self) -> Vec<(u64, u16)> {
        let folder = self.folder();
        let of = |epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round));
        folder.epochs().into_iter().flat_map(of).collect()
    }
}

fn is_later(record: &Record) -> bool {
    record.extension != NO_EXTENSION
}

/// Time of an epoch, so that tasks asked in one epoch are judged in another.
const NEXT_EPOCH: Maturity = Maturity { after: 300, limit: 2_000 };
const GRACE: Duration = Duration::from_secs(10);

#[test]
fn a_maturity_is_a_rule() {
    let config = Config { feed: Feed::default(), error: 0, maturity: NEXT_EPOCH, also_now: true };
    let text = rules(&Forecasting::open(config).unwrap(), 0, Terms::default()).unwrap();
    assert!(text.contains("\ntask price round 3 0 1000 200 1 matures 300 2000\n"), "{text}");
    assert!(text.contains("\ntask now miner 1 0 1000 200 1\n"), "{text}");
    assert_eq!(check_text(&text, 0), Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_wait_through_a_restart_are_judged_when_the_outcome_is_known_and_can_be_judged_again() {
    let exchange = Exchange::start(NEXT_EPOCH, true);
    let _good = exchange.miner("good", 1_000).await;
    let _bad = exchange.miner("bad", 60_000).await;
    let leaver = exchange.miner("leaver", 1_000).await;
    exchange.network.announced().await;
    let validator = exchange.validator(1 << 20).await;
    report_where(&validator, "a round", |report| report.last_round.is_some()).await;
    validator.shutdown(GRACE).await;

    // Tasks that are judged at once are; tasks whose outcome is unknown wait.
    let before = exchange.memory();
    let (&first, waiting) = before.waiting.first_key_value().expect("forecasts wait");
    assert_eq!((waiting.tasks.tasks.len(), waiting.tasks.miners.len()), (3, 3));
    assert!(waiting.bytes > 1_000, "{} bytes", waiting.bytes);
    let records = exchange.folder().records(first.0, first.1).unwrap();
    assert!(!records.iter().any(is_later));
    assert_eq!(records.len(), 3, "one task for each miner was judged at once");
    assert_eq!(exchange.folder().read(first.0, first.1).unwrap().tasks.deferred, waiting.tasks.tasks);

    // One of the miners gives its place to another before any outcome is known.
    let place = exchange.network.uid("leaver");
    leaver.shutdown(GRACE).await;
    exchange.network.chain.ledger().neurons[place].hotkey = key("newcomer").public();
    exchange.network.chain.ledger().neurons[place].axon = None;

    exchange.config.feed.switch(UP);
    let validator = exchange.validator(1 << 20).await;
    report_where(&validator, "forecasts that were judged", |report| {
        let judged = report.last_round.iter().flat_map(|round| &round.evaluated.judged);
        judged.map(|judged| &judged.record).any(is_later)
    })
    .await;
    validator.shutdown(GRACE).await;
    let memory = exchange.memory();
    assert!(!memory.waiting.contains_key(&first));
    assert_eq!(exchange.store().answers(&first).unwrap(), None, "what was judged takes no room");
    let standing = |name| &memory.standings[&(0, key(name).public())];
    assert!(standing("good").average() > standing("bad").average());
    assert!(!memory.standings.contains_key(&(0, key("leaver").public())));

    check_evidence(&exchange, first);
    find_what_was_changed(&exchange);
}

/// Every round is judged again to the same records, and later records state when their tasks were asked.
fn check_evidence(exchange: &Exchange, first: (u64, u16, u16)) {
    let (folder, mut later) = (exchange.folder(), Vec::new());
    for (epoch, round) in exchange.rounds() {
        let records = folder.records(epoch, round).unwrap();
        let mut state = folder.state(epoch, round).unwrap().unwrap();
        let rule = GroupRule::default();
        let again = replay_round(&exchange.subnet(), &folder, epoch, round, &rule, &mut state).unwrap();
        assert_eq!(again, records, "epoch {epoch} round {round}");
        assert_eq!(exchange.audit(epoch, round).faults, [""; 0], "epoch {epoch} round {round}");
        let by_records = by_records(&*exchange.subnet(), &folder, (epoch, round));
        assert_eq!(by_records.unwrap(), [""; 0], "epoch {epoch} round {round}");
        later.extend(records.into_iter().filter(is_later));
    }
    assert!(later.len() >= 6, "three forecasts of two miners at least, {}", later.len());
    for record in &later {
        let asked = folder.extension(record).unwrap().asked.expect("asked earlier");
        assert!(asked.epoch < record.epoch, "{asked:?}");
        // A busy machine may be late.
        if record.reason != Reason::Late {
            assert_eq!((record.reason, record.signed), (Reason::Scored, true));
            assert!(!folder.text(record.epoch, &record.answer).unwrap().is_empty());
        }
        let origin = folder.read(asked.epoch, asked.round).unwrap();
        let named = |number, seed: &str| (number, seed) == (record.task, &to_hex(&record.seed));
        assert!(origin.tasks.deferred.iter().any(|task| named(task.number, &task.seed)));
        assert_eq!(origin.tasks.source.unwrap().block, asked.block);
        assert!(folder.text(asked.epoch, &record.answer).is_err(), "its text is kept once");
    }
    let scored = later.iter().filter(|record| record.reason == Reason::Scored).count();
    assert!(2 * scored > later.len(), "{scored} of {}", later.len());
    let of_first = |record: &&Record| {
        let asked = folder.extension(record).unwrap().asked.unwrap();
        (asked.epoch, asked.round) == (first.0, first.1)
    };
    assert_eq!(later.iter().filter(of_first).count(), 9, "what was asked before the restart");
}

/// An auditor names each contradiction.
fn find_what_was_changed(exchange: &Exchange) {
    let folder = exchange.folder();
    let is_late =
        |(epoch, round): &(u64, u16)| !folder.read(*epoch, *round).unwrap().tasks.matured.is_empty();
    let (epoch, round) = exchange.rounds().into_iter().find(is_late).expect("a round with forecasts");
    let honest = folder.read(epoch, round).unwrap();
    let asked = honest.tasks.matured[0].asked();
    let origin = folder.read(asked.epoch, asked.round).unwrap();
    let found = |at: (u64, u16), evidence: &RoundEvidence, kept: &RoundEvidence, expected: &str| {
        folder.write(at.0, at.1, evidence).unwrap();
        let faults = exchange.audit(epoch, round).faults;
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}: {faults:?}");
        folder.write(at.0, at.1, kept).unwrap();
        assert_eq!(exchange.audit(epoch, round).faults, [""; 0]);
    };

    let mut changed = honest.clone();
    changed.tasks.matured[0].tasks[0].hidden["price"] = 1.into();
    found((epoch, round), &changed, &honest, "judged again");
    let mut early = honest.clone();
    early.tasks.matured[0].source.block += 150;
    found((epoch, round), &early, &honest, "before block");
    let mut left_out = honest.clone();
    left_out.tasks.matured[0].miners.pop();
    found((epoch, round), &left_out, &honest, "other miners or another block are kept there");
    let mut unsigned = honest.clone();
    let promised = unsigned.signed.iter().position(|answer| origin.signed.contains(answer));
    unsigned.signed.remove(promised.expect("a forecast was signed"));
    found((epoch, round), &unsigned, &honest, "an answer that was signed then is missing");

    let mut invented = origin.clone();
    invented.tasks.deferred.remove(0);
    found((asked.epoch, asked.round), &invented, &origin, "is not among those that were put off");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_feed_is_down_nobody_is_judged_and_what_waited_too_long_is_dropped() {
    let maturity = Maturity { after: 30, limit: 60 };
    let exchange = Exchange::start(maturity, false);
    let _miner = exchange.miner("miner", 1_000).await;
    exchange.network.announced().await;
    let validator = exchange.validator(1 << 20).await;
    let first = exchange.network.chain.ledger().epoch;
    let report = report_where(&validator, "three epochs and a round given up", |report| {
        let given_up = report.trouble.as_deref().is_some_and(|trouble| trouble.contains("are given up"));
        report.epoch >= first + 3 && report.last_round.is_some() && given_up
    })
    .await;
    validator.shutdown(GRACE).await;
    assert!(report.weights.is_empty(), "{:?}", report.weights);
    assert!(report.standings.is_empty(), "{:?}", report.standings);
    let rounds = exchange.rounds();
    assert!(rounds.len() >= 3, "{rounds:?}");
    for (epoch, round) in rounds {
        assert_eq!(exchange.folder().records(epoch, round).unwrap(), [], "epoch {epoch} round {round}");
        let audit = exchange.audit(epoch, round);
        assert_eq!((audit.faults, audit.records), (vec![], 0), "epoch {epoch} round {round}");
    }
    let memory = exchange.memory();
    assert!(memory.standings.is_empty());
    let (oldest, now) = (memory.waiting.first_key_value(), memory.progress.epoch);
    assert!(oldest.is_none_or(|(key, _)| key.0 + 1 >= now), "{oldest:?} in epoch {now}");
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_limit_those_are_judged_whose_outcome_is_known() {
    let exchange = Exchange::start(Maturity { after: 30, limit: 30 }, false);
    exchange.config.feed.switch(PARTLY);
    let _miner = exchange.miner("miner", 1_000).await;
    exchange.network.announced().await;
    let validator = exchange.validator(1 << 20).await;
    let partly = |at: (u64, u16)| {
        let tasks = exchange.folder().read(at.0, at.1).unwrap().tasks;
        tasks.matured.iter().any(|group| group.tasks.len() < 3)
    };
    report_where(&validator, "a round of which some outcomes are known", |report| {
        report.last_round.as_ref().is_some_and(|last| partly((last.epoch, last.round)))
    })
    .await;
    validator.shutdown(GRACE).await;
    for (epoch, round) in exchange.rounds() {
        assert_eq!(exchange.audit(epoch, round).faults, [""; 0], "epoch {epoch} round {round}");
        let records = exchange.folder().records(epoch, round).unwrap();
        assert!(records.iter().all(is_later), "{records:?}");
    }
    let memory = exchange.memory();
    assert!(memory.standings[&(0, key("miner").public())].average() > Ppm::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_wait_take_no_more_room_than_they_are_given() {
    let exchange = Exchange::start(Maturity { after: 10_000, limit: 1 }, false);
    exchange.config.feed.switch(UP);
    let _miner = exchange.miner("miner", 1_000).await;
    exchange.network.announced().await;
    /// Room for one round of three forecasts.
    const ROOM: u64 = 4_000;
    let validator = exchange.validator(ROOM).await;
    report_where(&validator, "a round that finds no room", |report| {
        report.trouble.as_deref().is_some_and(|trouble| trouble.contains("found no room"))
    })
    .await;
    validator.shutdown(GRACE).await;
    let memory = exchange.memory();
    assert_eq!(memory.waiting.len(), 1, "the first round is kept");
    let (key, waiting) = memory.waiting.first_key_value().unwrap();
    let answers = exchange.store().answers(key).unwrap().expect("kept");
    let tasks = serde_json::to_vec(&waiting.tasks).unwrap();
    assert_eq!(waiting.bytes, (answers.len() + tasks.len()) as u64);
    assert!(waiting.bytes <= ROOM && 2 * waiting.bytes > ROOM, "{} bytes", waiting.bytes);
    assert!(memory.standings.is_empty());
}

//! Pay for work at saturating load: keys that share a machine share its earnings.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use myelin_subnet::{
    evaluation::{GroupRule, LoadRule},
    evidence::{replay_round, EvidenceFolder},
    testkit::NETUID,
    Answer, AnswerContext, AnswerError, Challenge, Judgement, Mechanism, Miner, MinerOptions, Share, Subnet,
    SubnetError, TaskPlan, Validator, ValidatorOptions, ValidatorReport,
};
use myelin_wire::{
    record::{PartRule, Ppm, Reason, Rubric},
    seed::Seed,
};
use serde::{Deserialize, Serialize};

use crate::{
    network::{key, report_where, Network},
    rooted::by_records,
};

/// A machine that computes one answer after the other.
pub type Machine = Arc<Mutex<()>>;
/// Long, so that asking takes next to nothing of it on a busy machine.
const TIME_FOR_ONE: Duration = Duration::from_millis(60);
const RULE: LoadRule = LoadRule { budget: 10_000, checked: 1, sharpness: 2 };

/// Numbers are doubled, on a machine; a choosy one gives no answer where it is not sure of it.
pub struct Doubling {
    rubric: Rubric,
    machine: Machine,
    choosy: bool,
    pub deadline: Duration,
    /// How often each task was drawn, by its seed.
    pub drawn: Arc<Mutex<HashMap<[u8; 32], u32>>>,
    /// Whether drawing a task panics.
    pub panics: bool,
}

/// A choosy miner is unsure of one in this many numbers.
const UNSURE: u64 = 4;

#[derive(Clone, Serialize, Deserialize)]
pub struct Number {
    number: u64,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct Double {
    double: u64,
}

impl Subnet for Doubling {
    const NAME: &'static str = "Doubling";
    const VERSION: u32 = 1;
    type Request = Number;
    type Response = Double;
    type Hidden = u64;
    type Config = Machine;
    type State = ();

    fn open(machine: Machine) -> Result<Self, SubnetError> {
        let rubric = Rubric::new("doubling", 1, vec![PartRule::Share { name: "right", weight: 1 }])
            .map_err(|error| SubnetError::new("making the rubric", error.to_string(), "fix the rubric"))?;
        let (deadline, drawn) = (Duration::from_secs(3), Arc::default());
        Ok(Self { rubric, machine, choosy: false, deadline, drawn, panics: false })
    }
    fn rubric(&self) -> &Rubric {
        &self.rubric
    }
    fn mechanisms(&self) -> Vec<Mechanism> {
        vec![Mechanism::saturate(RULE)]
    }
    fn tasks(&self) -> Vec<TaskPlan> {
        vec![TaskPlan {
            kind: "double",
            mechanism: 0,
            share: Share::Miner,
            count: 2,
            commit: false,
            deadline: self.deadline,
            fastest: Duration::ZERO,
            answer_limit: 200,
            weight: 1,
        }]
    }
    fn challenge(&self, _: &TaskPlan, seed: &Seed, (): &()) -> Result<Challenge<Self>, SubnetError> {
        *self.drawn.lock().unwrap().entry(seed.0).or_default() += 1;
        assert!(!self.panics, "told to panic");
        let number = seed.rng().below(1_000_000);
        Ok(Challenge { request: Number { number }, hidden: 2 * number })
    }
    fn score(&self, challenge: &Challenge<Self>, answers: &[Answer<Double>], (): &mut ()) -> Vec<Judgement> {
        let part =
            |answer: &Answer<Double>| Ppm::ratio((answer.response.double == challenge.hidden).into(), 1);
        let judge =
            |answer| Judgement { parts: vec![part(answer)], reason: Reason::Scored, note: String::new() };
        answers.iter().map(judge).collect()
    }
    fn answer(&self, _: &AnswerContext, request: &Number) -> Result<Double, AnswerError> {
        if self.choosy && request.number.is_multiple_of(UNSURE) {
            return Err(AnswerError::Backend("not sure".into()));
        }
        let _busy = self.machine.lock().map_err(|error| AnswerError::Backend(error.to_string()))?;
        std::thread::sleep(TIME_FOR_ONE);
        Ok(Double { double: 2 * request.number })
    }
}

pub async fn miner(network: &Network, name: &str, machine: &Machine) -> Miner {
    serve(network, name, Doubling::open(machine.clone()).unwrap()).await
}

async fn serve(network: &Network, name: &str, subnet: Doubling) -> Miner {
    let key = key(name);
    network.chain.register(key.public(), false);
    let subnet = Arc::new(subnet);
    // One task after the other, in the order in which they come.
    let options = MinerOptions { workers: 1, ..network.options(name) };
    Miner::start(subnet, network.chain.signed_by(key.public()), key, options).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_on_one_machine_share_what_it_gets_done() {
    let network = Network::start(900, true);
    let (one, shared) = (Machine::default(), Machine::default());
    let mut miners = vec![miner(&network, "alone", &one).await];
    for name in ["left", "right", "middle"] {
        miners.push(miner(&network, name, &shared).await);
    }
    let choosy = Doubling { choosy: true, ..Doubling::open(Machine::default()).unwrap() };
    miners.push(serve(&network, "choosy", choosy).await);
    network.announced().await;
    let subnet = Arc::new(Doubling::open(Machine::default()).unwrap());
    let judge = key("v1");
    let options = ValidatorOptions::new(NETUID, network.validator_folder("v1"));
    let validator = Validator::start(subnet.clone(), network.chain.signed_by(judge.public()), judge, options)
        .await
        .unwrap();
    // A new key gets one batch; after a few rounds each miner is asked as much as it can do.
    let grown = |report: &ValidatorReport| report.standings.iter().any(|standing| standing.rounds >= 5);
    let report = report_where(&validator, "the fifth round", grown).await;
    let round = report.last_round.unwrap();

    let points = |name: &str| {
        let uid = network.uid(name);
        let of = |scored: &&myelin_subnet::evaluation::MinerScore| usize::from(scored.miner.uid) == uid;
        f64::from(round.evaluated.scores.iter().find(of).unwrap().score.unwrap().get())
    };
    let shared = points("left") + points("right") + points("middle");
    // If pay followed mean scores it would be three times as much. The exact bound is measured with simulated time.
    assert!(shared < 1.6 * points("alone"), "{shared} against {}", points("alone"));
    assert!(shared > 0.3 * points("alone"), "{shared} against {}", points("alone"));

    let folder = EvidenceFolder { path: network.validator_folder("v1").join("evidence"), keep: 10 };
    let records = folder.records(round.epoch, round.round).unwrap();
    let uid = network.uid("alone") as u16;
    let of_alone =
        |reason| records.iter().filter(|record| record.miner_uid == uid && record.reason == reason).count();
    assert_eq!(of_alone(Reason::Scored), RULE.judged(miners.len()));
    assert!(of_alone(Reason::Counted) > 3 * of_alone(Reason::Scored), "the load grew");
    assert_eq!(of_alone(Reason::Unreachable), 0);
    let done = of_alone(Reason::Scored) + of_alone(Reason::Counted);
    assert!(done > 20, "the load grew from 2 tasks to {done}");
    let late = of_alone(Reason::Late);
    assert!(late <= done / 21 + 1, "{late} beside {done}: what it could not do is no fault, but for a few");
    // A refusal at once is a fault at any place.
    let choosy = network.uid("choosy") as u16;
    let of_choosy = |reason| {
        records.iter().filter(|record| record.miner_uid == choosy && record.reason == reason).count()
    };
    let answered = of_choosy(Reason::Scored) + of_choosy(Reason::Counted);
    assert!(8 * of_choosy(Reason::Refused) > answered, "{answered} answers, every fourth task was refused");
    let quality = round.evaluated.scores.iter().find(|score| score.miner.uid == choosy).unwrap().quality;
    assert!(quality.unwrap() < Ppm::new(900_000), "{quality:?}");
    assert!(records.iter().all(|record| record.check(subnet.rubric()).is_ok()));
    let rule = GroupRule::default();
    let again = replay_round(&subnet, &folder, round.epoch, round.round, &rule, &mut ()).unwrap();
    assert_eq!(again, records);

    // A validator that chooses which answers it judges, leaves one out or invents one is found out. One of very few
    // answers can be left out without another choice of judged answers, so the test uses the miner with many.
    let of = |reason| {
        let is_one =
            |record: &myelin_wire::record::Record| record.miner_uid == uid && record.reason == reason;
        records.iter().position(is_one).unwrap()
    };
    let (scored, counted) = (of(Reason::Scored), of(Reason::Counted));
    let mut exchanged = records.clone();
    exchanged[scored].task = records[counted].task;
    exchanged[counted].task = records[scored].task;
    let mut left_out = records.clone();
    left_out.remove(counted);
    let mut invented = records.clone();
    invented[counted].answer = [7; 32];
    let mut again = records.clone();
    again.push(records[counted].clone());
    let mut nobody = records.clone();
    nobody.retain(|record| record.miner_uid != uid);
    let mut unsigned = records.clone();
    unsigned[scored].signed = false;
    for (forged, says) in [
        (nobody, "were left out"),
        (unsigned, "has not signed the answer"),
        (exchanged, "has not signed"),
        (left_out, "were judged than the seed says"),
        (invented, "has not signed"),
        (again, "has two records"),
    ] {
        folder.write_records(round.epoch, round.round, forged.iter()).unwrap();
        let found = replay_round(&subnet, &folder, round.epoch, round.round, &rule, &mut ()).unwrap_err();
        assert!(found.to_string().contains(says), "{found}");
    }

    validator.shutdown(Duration::from_secs(5)).await;
    // The records alone lead to the same standings.
    folder.write_records(round.epoch, round.round, records.iter()).unwrap();
    let found = by_records(&*subnet, &folder, (round.epoch, round.round)).unwrap();
    assert_eq!(found, [""; 0]);
    let mut richer = records;
    richer[counted].reason = Reason::Late;
    folder.write_records(round.epoch, round.round, richer.iter()).unwrap();
    let found = by_records(&*subnet, &folder, (round.epoch, round.round)).unwrap();
    assert!(found.iter().any(|line| line.contains(&format!("uid {uid}: the standing"))), "{found:?}");
    for miner in miners {
        miner.shutdown(Duration::from_secs(5)).await;
    }
}

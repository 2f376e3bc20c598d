//! Slow artefacts and slow axons delay only themselves, and slow judging takes no time of miners.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use base64::{engine::general_purpose::STANDARD, Engine};
use myelin_neuron::axon::{Axon, Call, OpenToAll, Reply, Route, RunningAxon};
use myelin_sandbox::Limits;
use myelin_subnet::{
    evaluation::{AskedTask, DrawnTask, Outcome, SeedReference},
    evidence::EvidenceFolder,
    exchange::Handed,
    testkit::NETUID,
    validator::{
        arena::Arena,
        submissions::{fetch, Competition, Contender, Entry, Shelf},
    },
    Challenge, MinerRef, Subnet, Validator, ValidatorOptions, ValidatorReport,
};
use myelin_wire::{
    commitment::Submission,
    hash::{blake2_256, to_hex, Hash},
    record::Reason,
    seed::Audience,
};
use tokio::net::TcpListener;

use crate::{
    guessing::{Guessing, Question, Style},
    network::{key, report_where, Network},
    submit::{program, rounding},
};

/// Fuel of an answer: some tenths of a second.
const FUEL: u64 = 200_000_000;
const TASKS: u16 = 60;

pub fn competition() -> Competition {
    let limits = Limits { fuel: FUEL, memory: 1 << 20, input: 4096, output: 4096 };
    Competition { genesis: [0xcc; 32], netuid: NETUID, mechanism: 1, limits, artefact_limit: 64 * 1024 }
}

fn miner(uid: u16) -> MinerRef {
    MinerRef { uid, hotkey: key(&format!("m{uid}")).public() }
}

fn commitment(miner: &MinerRef, artefact: &[u8]) -> Hash {
    let Competition { genesis, netuid, mechanism, .. } = competition();
    let artefact = blake2_256(artefact);
    Submission { genesis, netuid, mechanism, hotkey: miner.hotkey, artefact }.commitment()
}

/// A program that never ends, and differs from others by `own`.
fn endless(own: usize) -> Vec<u8> {
    program(&format!("(drop (i32.const {own})) (loop (br 0)) (unreachable)"))
}

fn tasks(count: u16) -> Vec<DrawnTask<Guessing>> {
    let subnet = Guessing::open(Style::Broken).unwrap();
    let plan = subnet.tasks().into_iter().find(|plan| plan.mechanism == 1).unwrap();
    let task = |number| DrawnTask {
        plan: plan.clone(),
        number,
        seed: SeedReference([3; 32]),
        audience: Audience::Round,
        challenge: Challenge { request: Question { hint: 500_000 }, hidden: 500_000 },
    };
    (0..count).map(task).collect()
}

fn entry(shelf: &std::path::Path, uid: u16, artefact: &[u8]) -> Entry {
    let miner = miner(uid);
    let commitment = commitment(&miner, artefact);
    std::fs::write(shelf.join(to_hex(&commitment)), artefact).unwrap();
    Entry { miner, place: 0, block: 1, commitment, artefact: Ok(blake2_256(artefact)) }
}

fn entered(shelf: &std::path::Path, artefacts: &[Vec<u8>]) -> Vec<Entry> {
    (0..).zip(artefacts).map(|(uid, artefact)| entry(shelf, uid, artefact)).collect()
}

/// Number of answers of a miner that came, and number of excused ones.
fn outcomes(asked: &[AskedTask<Guessing>], miner: usize) -> (usize, usize) {
    let of_miner = |asked: &AskedTask<Guessing>| asked.deliveries[miner].outcome.clone();
    let came = asked.iter().map(of_miner).filter(|outcome| matches!(outcome, Outcome::Answered(_))).count();
    let excused = |outcome: &Outcome<_>| matches!(outcome, Outcome::Failed(Reason::Excused));
    (came, asked.iter().map(of_miner).filter(excused).count())
}

#[test]
fn slow_programs_take_their_own_time_and_go_last() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(folder.path());
    let mut artefacts: Vec<Vec<u8>> = (0..8).map(endless).collect();
    artefacts.push(rounding(2));
    let entries = entered(folder.path(), &artefacts);
    let arena = Arena::new(Arc::new(Guessing::open(Style::Broken).unwrap()));
    let round = |first| {
        // Far too little for all: eight programs that use up their fuel on each of sixty tasks.
        let until = Instant::now() + Duration::from_secs(3);
        arena.compete(&competition(), &shelf, tasks(TASKS), &entries, first, until).asked
    };
    round(0);
    let later = round(0);
    assert_eq!(
        outcomes(&later, 8),
        (TASKS.into(), 0),
        "the quick one is first from the second round on, whoever is drawn"
    );
    let judged = |miner: usize| usize::from(TASKS) - outcomes(&later, miner).1;
    let slow: Vec<usize> = (0..8).map(judged).collect();
    assert!(slow.iter().filter(|judged| **judged > 0).count() >= 2, "each has some of the time: {slow:?}");
    assert!(slow.iter().all(|judged| *judged < TASKS.into()), "and none has all of it: {slow:?}");
    // A new key comes before all that used their time up.
    let new = entry(folder.path(), 9, &rounding(3));
    let all: Vec<Entry> = entries.iter().cloned().chain([new]).collect();
    let until = Instant::now() + Duration::from_secs(3);
    let asked = arena.compete(&competition(), &shelf, tasks(TASKS), &all, 0, until).asked;
    assert_eq!(outcomes(&asked, 9), (TASKS.into(), 0));
}

#[test]
fn keys_with_a_new_program_of_full_fuel_in_every_round_delay_no_entry_after_their_first_runs() {
    const KEYS: u16 = 16;
    // So few that a quick program is done with them in its share on a busy machine too.
    const TASKS: u16 = 10;
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(folder.path());
    let arena = Arena::new(Arc::new(Guessing::open(Style::Broken).unwrap()));
    let round = |entries: &[Entry], time: Duration| {
        arena.compete(&competition(), &shelf, tasks(TASKS), entries, 0, Instant::now() + time).asked
    };
    // The time of one run of a single task, which a key takes whatever its share is.
    let probe = entry(folder.path(), 90, &endless(90));
    let started = Instant::now();
    arena.compete(&competition(), &shelf, tasks(1), &[probe], 0, started + Duration::from_secs(60));
    let one = started.elapsed();
    let (old, new) = (entry(folder.path(), 50, &rounding(2)), entry(folder.path(), 51, &rounding(3)));
    assert_eq!(outcomes(&round(std::slice::from_ref(&old), 4 * one), 0), (TASKS.into(), 0));
    let mut waited = None;
    for number in 0..usize::from(KEYS) + 4 {
        let program = |uid: u16| entry(folder.path(), uid, &endless(1_000 * (number + 1) + usize::from(uid)));
        // The newcomer is last of all at first.
        let entries: Vec<Entry> = (0..KEYS).map(program).chain([old.clone(), new.clone()]).collect();
        // Enough for the known entry on a busy machine, and for a quarter of the sixteen.
        let asked = round(&entries, 4 * one);
        assert_eq!(
            outcomes(&asked, 16),
            (TASKS.into(), 0),
            "round {number}: the known entry is never delayed"
        );
        let is_judged = outcomes(&asked, 17) == (TASKS.into(), 0);
        assert!(
            is_judged || waited.is_none(),
            "round {number}: judged once, the newcomer is judged each time"
        );
        if is_judged && waited.is_none() {
            waited = Some(number);
        }
    }
    // In every round at least one of the sixteen is run, and lines up behind the newcomer from then on.
    assert!(waited.is_some_and(|waited| waited <= KEYS.into()), "{waited:?}");
}

#[test]
fn an_artefact_is_read_from_the_shelf_when_it_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(folder.path());
    let entries = entered(folder.path(), &[rounding(2)]);
    let arena = Arena::new(Arc::new(Guessing::open(Style::Broken).unwrap()));
    std::fs::remove_file(folder.path().join(to_hex(&entries[0].commitment))).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let asked = arena.compete(&competition(), &shelf, tasks(3), &entries, 0, until).asked;
    assert_eq!(outcomes(&asked, 0), (0, 3), "a file that this machine lost is not the miner's fault");
}

async fn axon(uid: u16, artefact: Vec<u8>) -> RunningAxon {
    let hand_out = move |_: Call| {
        let handed = Handed { artefact: STANDARD.encode(&artefact) };
        async move { Ok(Reply::json(serde_json::to_vec(&handed).unwrap())) }
    };
    let axon = Axon::new(key(&format!("m{uid}")), OpenToAll).route(Route::new("GuessingArtefact", hand_out));
    axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn axons_that_never_hand_out_again_do_not_keep_a_new_one_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::new(folder.path());
    let quick = rounding(2);
    let newcomer = axon(99, quick.clone()).await;
    // A peer that accepts connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tarpit = silent.local_addr().unwrap();
    let contender = |uid, address, again| {
        let (miner, address) = (miner(uid), Some(address));
        Contender { miner, address, block: 1, commitment: commitment(&miner, &quick), again, before: None }
    };
    // More of them than are fetched at the same time, with smaller uids.
    let mut contenders: Vec<Contender> = (0..40).map(|uid| contender(uid, tarpit, true)).collect();
    contenders.push(contender(99, newcomer.address(), false));
    let patience = Duration::from_secs(2);
    let fetched = fetch::<Guessing>(&competition(), &shelf, contenders, patience).await;
    let found: Vec<u16> = fetched
        .iter()
        .filter(|submission| submission.artefact.is_ok())
        .map(|submission| submission.contender.miner.uid)
        .collect();
    assert_eq!(found, [99]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_cannot_give_miners_their_time_is_not_held() {
    // Six seconds an epoch, five until weights are due, and judging a round takes half of that.
    let network = Network::start(300, true);
    let _miner = network.miner("miner", Style::Within { error: 2_000, own: 1 }).await;
    network.announced().await;
    let mut judging = Guessing::open(Style::Broken).unwrap();
    judging.judging = Duration::from_millis(400);
    let (judge, folder) = (key("v1"), network.validator_folder("v1"));
    let options = ValidatorOptions::new(NETUID, folder.clone());
    let chain = network.chain.signed_by(judge.public());
    let validator = Validator::start(Arc::new(judging), chain, judge, options).await.unwrap();
    let first = report_where(&validator, "weights", |report| !report.weights.is_empty()).await.epoch;
    let later = |report: &ValidatorReport| report.weights.values().any(|(epoch, _)| *epoch > first + 1);
    report_where(&validator, "weights of a later epoch", later).await;
    let evidence = EvidenceFolder { path: folder.join("evidence"), keep: 100 };
    let rounds = |epoch: u64| (0..3).map(move |round| (epoch, round));
    let held: Vec<_> = (first..first + 2)
        .flat_map(rounds)
        .filter_map(|(epoch, round)| {
            evidence.records(epoch, round).ok().filter(|records| !records.is_empty())
        })
        .collect();
    assert!((1..6).contains(&held.len()), "{} of 6 rounds were held", held.len());
    for records in held {
        let reasons: Vec<Reason> = records.iter().map(|record| record.reason).collect();
        assert!(reasons.contains(&Reason::Scored), "a round without time for anybody was held: {reasons:?}");
    }
}

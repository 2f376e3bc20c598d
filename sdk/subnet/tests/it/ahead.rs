//! Tasks are drawn between the source block of a round and its start, and are those that would be drawn then.

use std::{path::Path, sync::Arc, time::Duration};

use myelin_subnet::{
    evidence::EvidenceFolder,
    testkit::NETUID,
    validator::{
        ahead::{Ahead, Orders, Piece},
        draw::{draw_from, draw_round, Occasion, Seeds},
    },
    Subnet, Validator, ValidatorOptions,
};
use myelin_wire::seed::{Audience, Seed};

use crate::{
    load::{miner, Doubling, Machine},
    network::{key, report_where, until, Network},
};

fn occasion() -> Occasion {
    let (genesis, source_hash) = ([1; 32], [2; 32]);
    Occasion {
        genesis,
        netuid: NETUID,
        epoch: 4,
        round: 1,
        source_block: 77,
        source_hash,
        source_value: None,
        settling: 1,
    }
}

/// The seeds of a round for three miners, and everything that they may be asked in it.
fn orders(subnet: &Doubling) -> (Seeds, Orders) {
    let hotkeys: Vec<_> = ["one", "two", "three"].iter().map(|name| key(name).public()).collect();
    let seeds = Seeds::draw(&subnet.tasks(), &occasion(), &hotkeys, key("v1").inner(), || [0; 32]);
    let mut orders = seeds.pieces.clone();
    for batch in 1..7 {
        let further = |(hotkey, (seed, reference))| (Piece::Own(hotkey, Some(0), batch), seed, reference);
        orders.extend(hotkeys.iter().copied().zip(seeds.own()).map(further));
    }
    (seeds, orders)
}

fn said(tasks: &[myelin_subnet::evaluation::DrawnTask<Doubling>]) -> Vec<String> {
    let say = |task: &myelin_subnet::evaluation::DrawnTask<Doubling>| {
        let (request, hidden) =
            (serde_json::to_string(&task.challenge.request).unwrap(), task.challenge.hidden);
        format!("{} {} {:?} {:?} {request} {hidden}", task.plan.kind, task.number, task.seed, task.audience)
    };
    tasks.iter().map(say).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_drawn_ahead_is_what_would_be_drawn_then_and_fits_its_room() {
    let subnet = Arc::new(Doubling::open(Machine::default()).unwrap());
    for room in [0, 1_500, 1 << 20] {
        for threads in [1, 3] {
            let (seeds, orders) = orders(&subnet);
            let ahead = Ahead::start(subnet.clone(), (), occasion(), orders.clone(), (threads, room));
            until("as much as there is room for", || ahead.is_done()).await;
            let stock = ahead.end();
            assert!(stock.bytes() <= room);
            assert_eq!(stock.bytes() > 0, room > 0, "something fits into {room} bytes");
            let first = draw_from(&*subnet, seeds, Some(&stock), &()).unwrap();
            let hotkeys: Vec<_> = ["one", "two", "three"].iter().map(|name| key(name).public()).collect();
            let keys = key("v1");
            let then = draw_round(&*subnet, &occasion(), &hotkeys, keys.inner(), &(), || [9; 32]).unwrap();
            assert_eq!(said(&first.tasks), said(&then.tasks));
            let plans = subnet.tasks();
            let taken = orders.iter().skip(3).filter_map(|(piece, seed, reference)| {
                let then = piece.draw(&*subnet, (seed, *reference), &plans, &()).unwrap();
                let ahead = stock.take(piece)?;
                assert_eq!(said(&ahead), said(&then));
                Some(piece)
            });
            let taken = taken.count();
            assert_eq!(
                taken == orders.len() - 3,
                room == 1 << 20,
                "{taken} of {} in {room} bytes",
                orders.len()
            );
            assert_eq!(stock.bytes(), 0, "what was taken takes no room");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_drawing_is_the_error_of_its_round_and_ends_no_validator() {
    let mut subnet = Doubling::open(Machine::default()).unwrap();
    subnet.panics = true;
    let subnet = Arc::new(subnet);
    let (seeds, orders) = orders(&subnet);
    let ahead = Ahead::start(subnet.clone(), (), occasion(), orders, (2, 1 << 20));
    until("all was tried", || ahead.is_done()).await;
    let stock = ahead.end();
    assert_eq!(stock.bytes(), 0);
    let error = draw_from(&*subnet, seeds, Some(&stock), &()).err().unwrap().to_string();
    assert!(error.contains("told to panic"), "{error}");

    let network = Network::start(60, true);
    let _miner = miner(&network, "one", &Machine::default()).await;
    network.announced().await;
    let judge = key("v1");
    let options = ValidatorOptions::new(NETUID, network.validator_folder("v1"));
    let chain = network.chain.signed_by(judge.public());
    let validator = Validator::start(subnet, chain, judge, options).await.unwrap();
    let says_why =
        |trouble: &Option<String>| trouble.as_ref().is_some_and(|why| why.contains("told to panic"));
    let failed = report_where(&validator, "an error", |report| says_why(&report.trouble)).await;
    report_where(&validator, "later blocks", |report| report.block > failed.block + 5).await;
}

fn number_of(seed: &Seed) -> u64 {
    seed.rng().below(1_000_000)
}

/// Whether a folder holds a text anywhere.
fn holds(folder: &Path, text: &str) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| match path.is_dir() {
        true => holds(&path, text),
        false => {
            let bytes = std::fs::read(&path).unwrap_or_default();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_validator_draws_each_task_once_before_the_round_and_keeps_it_to_itself_until_then() {
    // With 20 ms a block, a round may start up to 80 blocks after its source block.
    let network = Network::start(1_200, true);
    let _miners = (
        miner(&network, "one", &Machine::default()).await,
        miner(&network, "two", &Machine::default()).await,
    );
    network.announced().await;
    let mut judging = Doubling::open(Machine::default()).unwrap();
    judging.deadline = Duration::from_millis(200);
    let (drawn, judge) = (judging.drawn.clone(), key("v1"));
    let folder = network.validator_folder("v1");
    let options = ValidatorOptions::new(NETUID, folder.clone());
    let chain = network.chain.signed_by(judge.public());
    let validator = Validator::start(Arc::new(judging), chain, judge, options).await.unwrap();
    // The first batch has two tasks for each of two miners.
    until("tasks", || drawn.lock().unwrap().len() >= 4).await;
    let numbers: Vec<u64> = drawn.lock().unwrap().keys().map(|seed| number_of(&Seed(*seed))).collect();
    let telling = numbers.iter().max().unwrap().to_string();
    assert!(!holds(&folder, &telling), "nothing of a round is written before it is asked");
    assert!(validator.report().borrow().last_round.is_none(), "it has not started");
    let asked =
        report_where(&validator, "a round", |report| report.last_round.is_some()).await.last_round.unwrap();
    let evidence = EvidenceFolder { path: folder.join("evidence"), keep: 10 };
    let kept = evidence.read(asked.epoch, asked.round).unwrap();
    let seeds: Vec<_> =
        kept.seeds.iter().filter(|proof| matches!(proof.context.audience, Audience::Miner(_))).collect();
    assert_eq!(seeds.len(), 2);
    assert!(kept.tasks.tasks.len() >= 4);
    let drawn = drawn.lock().unwrap();
    for task in &kept.tasks.tasks {
        let proof =
            seeds.iter().find(|proof| myelin_wire::hash::to_hex(&proof.reference()) == task.seed).unwrap();
        let seed = proof.verify(&proof.context, |_| true).unwrap().derive(b"double", task.number.into());
        assert_eq!(
            task.request,
            serde_json::json!({ "number": number_of(&seed) }),
            "as it follows from its seed"
        );
        assert_eq!(drawn.get(&seed.0), Some(&1), "drawn ahead, and not again");
    }
    assert!(holds(&folder, &telling), "what was drawn ahead was asked, and is kept");
}

//! Lets miners of known quality and known dishonesty compete without a network, and prints their scores.
//!
//! `cargo run -p myelin-text --example tournament -- [ROUNDS]`, by default 12 rounds. The table in README.md is its
//! output.

use std::{error::Error, sync::Arc, time::Duration};

use myelin_lm::builtin::{model, Level};
use myelin_subnet::{
    evaluation::{evaluate_round, AskedTask, Delivery, DrawnTask, GroupRule, Outcome, RoundFacts},
    validator::draw::{draw_round, Occasion},
    AnswerContext, MinerRef, Subnet,
};
use myelin_text::{
    adversary::{Commonplace, Garbage, Parrot},
    backend::{Backend, ModelBackend},
    declared::Accounts,
    library::Library,
    Load, TextConfig, TextSubnet,
};
use myelin_wire::{record::LatencyBucket, sr25519::Keypair};

/// Batches of a miner that are judged in a round.
const BATCHES: usize = 12;

fn main() -> Result<(), Box<dyn Error>> {
    let rounds: u16 = std::env::args().nth(1).map_or(Ok(12), |number| number.parse())?;
    let model = |level| model(level);
    let (ngram, early, late) = (model(Level::Ngram)?, model(Level::Early)?, model(Level::Late)?);
    let honest = |model: &Arc<_>, secret| {
        Arc::new(ModelBackend::new(Arc::clone(model), [secret; 32])) as Arc<dyn Backend>
    };
    let field: Vec<(&str, Arc<dyn Backend>)> = vec![
        ("ngram", honest(&ngram, 1)),
        ("early", honest(&early, 2)),
        ("late", honest(&late, 3)),
        ("garbage", Arc::new(Garbage)),
        ("commonplace", Arc::new(Commonplace)),
        ("parrot", Arc::new(Parrot)),
    ];
    let config = TextConfig {
        library: Some(Library::own([5; 32])?),
        // Open tasks alone: no built-in model solves the others.
        load: Load { arithmetic: 0, extract: 0, program: 0, ..Load::default() },
        ..TextConfig::default()
    };
    let subnet = TextSubnet::open(config)?;
    let miners: Vec<MinerRef> =
        (0..field.len()).map(|uid| MinerRef { uid: uid as u16, hotkey: [uid as u8 + 1; 32] }).collect();

    let mut accounts = Accounts::default();
    let mut scores: Vec<Vec<u32>> = Vec::new();
    let mut sums = vec![0u64; field.len()];
    let mut counts = vec![0u64; field.len()];
    let started = std::time::Instant::now();
    let mut answering = Duration::ZERO;
    for round in 0..rounds {
        let occasion = Occasion {
            genesis: [0; 32],
            netuid: 2,
            epoch: u64::from(round / 3),
            round: round % 3,
            source_block: u64::from(round),
            source_hash: [round as u8; 32],
            source_value: None,
            settling: 1,
        };
        let keys = Keypair::from_seed(&[9; 32]);
        let hotkeys: Vec<_> = miners.iter().map(|miner| miner.hotkey).collect();
        let drawn = draw_round(&subnet, &occasion, &hotkeys, &keys, &accounts, || [0; 32])?;
        let began = std::time::Instant::now();
        let asked: Vec<_> = drawn.tasks.into_iter().map(|task| ask(&field, &miners, task)).collect();
        answering += began.elapsed();
        let facts = RoundFacts { netuid: 2, epoch: 0, mechanism: 0, round, signer: keys.public() };
        let evaluated = evaluate_round(
            &subnet,
            &facts,
            &miners,
            asked,
            &GroupRule::default(),
            |_, _| false,
            &mut accounts,
        )?;
        for judged in &evaluated.judged {
            let record = &judged.record;
            let uid = usize::from(record.miner_uid);
            if let [agreement, ..] = record.parts[..] {
                counts[uid] += 1;
                sums[uid] += u64::from(agreement.get());
            }
        }
        scores.push(evaluated.scores.iter().map(|scored| scored.quality.unwrap_or_default().get()).collect());
    }

    println!("{rounds} rounds in {:.0?}, {answering:.0?} of it for answering\n", started.elapsed());
    println!("| miner | agreement | quality of a batch |");
    println!("|---|---|---|");
    for (uid, (name, _)) in field.iter().enumerate() {
        let agreement = sums[uid] as f64 / counts[uid].max(1) as f64 / 1e6;
        let (mean, deviation) =
            moments(&scores.iter().map(|round| f64::from(round[uid]) / 1e6).collect::<Vec<_>>());
        println!("| {name} | {agreement:.3} | {mean:.3} ± {deviation:.3} |");
    }
    println!(
        "\nrounds of 3 validators with {BATCHES} batches each in which ngram < early < late: {:.1} %",
        order_rate(&scores) * 100.0
    );
    Ok(())
}

fn ask(
    field: &[(&str, Arc<dyn Backend>)],
    miners: &[MinerRef],
    task: DrawnTask<TextSubnet>,
) -> AskedTask<TextSubnet> {
    let context =
        AnswerContext { asker: None, permitted: true, challenge: None, time_left: Duration::from_secs(8) };
    let mut deliveries = Vec::new();
    for (miner, (_, backend)) in field.iter().enumerate() {
        let asked = match task.audience {
            myelin_wire::seed::Audience::Round => true,
            myelin_wire::seed::Audience::Miner(hotkey) => hotkey == miners[miner].hotkey,
        };
        if !asked {
            continue;
        }
        let outcome = match backend.answer(&context, &task.challenge.request) {
            Ok(response) => Outcome::Answered(response),
            Err(_) => Outcome::Failed(myelin_wire::record::Reason::Refused),
        };
        deliveries.push(Delivery {
            miner,
            request: [0; 32],
            answer: [0; 32],
            signed: true,
            commit_place: Some(miner as u8),
            latency: LatencyBucket::of_ms(100),
            outcome,
        });
    }
    AskedTask { task, deliveries }
}

/// Share of epochs, put together at random from the rounds, that order the three honest levels rightly.
fn order_rate(scores: &[Vec<u32>]) -> f64 {
    let mut random = 88_172_645_463_325_252u64;
    let mut draw = |bound: usize| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random as usize % bound
    };
    let trials = 2000;
    let mut right = 0;
    for _ in 0..trials {
        // Each validator's weight for each miner.
        let mut columns: [Vec<u32>; 3] = Default::default();
        for _ in 0..3 {
            let mut sums = [0u32; 3];
            for _ in 0..BATCHES {
                let batch = &scores[draw(scores.len())];
                sums.iter_mut().zip(batch).for_each(|(sum, quality)| *sum += quality);
            }
            columns.iter_mut().zip(sums).for_each(|(column, sum)| column.push(sum));
        }
        let median = |uid: usize| {
            let mut column = columns[uid].clone();
            column.sort_unstable();
            column[1]
        };
        right += u32::from(median(0) < median(1) && median(1) < median(2));
    }
    f64::from(right) / f64::from(trials)
}

fn moments(values: &[f64]) -> (f64, f64) {
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / values.len() as f64;
    (mean, variance.sqrt())
}

//! Cost of a round for a validator: drawing tasks, asking, judging the answers of 256 miners.
//!
//! The answers are those of miners that are right in 85 % of cases, made before anything is measured. Drawing runs on
//! one thread, judging on one and on two. Asking is measured over loopback, with miners in the same process that
//! answer at once, so the figure includes the miners' side. Judging one task of each kind is measured by itself
//! ([`judging`]). Names of subnets behind `--`, `judging` and `asking` choose what is measured; `judging imaging` is
//! the judging of one kind.

mod judging;

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_analysis::{protocol::AnalysisResponse, AnalysisSubnet};
use myelin_neuron::dendrite::Dendrite;
use myelin_recognition::RecognitionSubnet;
use myelin_subnet::{
    evaluation::{
        evaluate_round_on, AskedTask, Delivery, DrawnTask, Evaluated, GroupRule, Outcome, RoundFacts,
        SeedReference,
    },
    testkit::{Contest, MemoryChain, NETUID},
    validator::{
        ask::{Asker, Reachable},
        draw::draw_tasks,
        organic::Customers,
        witness::Witness,
    },
    AnswerContext, AnswerError, Chain, Challenge, Miner, MinerOptions, MinerRef, Share, Subnet, TaskPlan,
};
use myelin_text::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    TextConfig, TextSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::{
    record::{LatencyBucket, Ppm},
    seed::{Audience, Seed},
};

const MINERS: usize = 256;
/// Answers of each miner that are judged.
const ANSWERS: usize = 128;
/// Miners with tasks drawn for them alone. The others get the same tasks, which costs the judge as much.
const DRAWN: usize = 8;
/// The secret of the validator's own texts and words.
const SECRET: Seed = Seed([3; 32]);
/// Miners that are asked over loopback.
const ASKED: usize = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|listed| listed == name);
    println!("{MINERS} miners with {ANSWERS} answers of each judged; the last columns are of one miner on one thread");
    println!(
        "{:<12} {:>8} {:>9} {:>9} {:>6} {:>9} {:>7} {:>10} {:>7}",
        "subnet", "drawn", "1 thread", "2 threads", "ratio", "an answer", "honest", "expensive", "memory"
    );
    if wanted("text") {
        let endless = |_: &Challenge<TextSubnet>| TextResponse::plain("while (true) {} function solve() {}");
        judged("text", TextSubnet::judging(&SECRET)?, Some(&endless))?;
    }
    if wanted("analysis") {
        let crossed = |challenge: &Challenge<AnalysisSubnet>| {
            let table = challenge.request.schema.tables.first().map(|table| table.name.as_str());
            let tables: Vec<String> =
                (0..3).map(|number| format!("\"{}\" AS t{number}", table.unwrap_or_default())).collect();
            let sql = format!("SELECT COUNT(*) FROM {}", tables.join(", "));
            AnalysisResponse { sql, explanation: String::new() }
        };
        judged("analysis", AnalysisSubnet::judging(&SECRET)?, Some(&crossed))?;
    }
    if wanted("recognition") {
        judged("recognition", RecognitionSubnet::judging(&SECRET)?, None)?;
    }
    if wanted("judging") {
        judging::table(&only)?;
    }
    if !wanted("asking") {
        return Ok(());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(asking())
}

/// An answer that takes as long to judge as one can.
type Expensive<'a, S> = Option<&'a dyn Fn(&Challenge<S>) -> <S as Subnet>::Response>;

/// Draws and judges a round of the first mechanism.
fn judged<S: Contest>(name: &str, subnet: S, expensive: Expensive<S>) -> Result<(), Box<dyn Error>> {
    let seed = Seed([7; 32]);
    let plans = subnet.tasks();
    let plans: Vec<&TaskPlan> = plans.iter().filter(|plan| plan.mechanism == 0).collect();
    let started = Instant::now();
    let mut own = Vec::new();
    for number in 0..DRAWN {
        let seed = seed.derive(b"miner", number as u64);
        own.push(draw_tasks(
            &subnet,
            &seed,
            SeedReference(seed.0),
            Audience::Round,
            &plans,
            &S::State::default(),
        )?);
    }
    let batch = own[0].len();
    let per_task = started.elapsed() / (DRAWN * batch).max(1) as u32;

    let miners: Vec<MinerRef> =
        (0..MINERS).map(|uid| MinerRef { uid: uid as u16, hotkey: hotkey(uid) }).collect();
    let oracle = |task: &DrawnTask<S>, miner: usize| {
        let number = (miner * 1_000 + usize::from(task.number)) as u64;
        subnet.oracle(
            &task.challenge,
            Ppm::new(850_000),
            &mut seed.derive(task.plan.kind.as_bytes(), number).rng(),
        )
    };
    let round = |miners: &[MinerRef], answer: &dyn Fn(&DrawnTask<S>, usize) -> S::Response| {
        let mut asked: Vec<AskedTask<S>> = Vec::new();
        for (index, miner) in miners.iter().enumerate() {
            for task in own.iter().cycle().skip(index % DRAWN).flatten().take(ANSWERS) {
                let delivery = judging::delivered(index, answer(task, index));
                let task = copy(task, Audience::Miner(miner.hotkey));
                asked.push(AskedTask { task, deliveries: vec![delivery] });
            }
        }
        asked
    };
    let judge = |threads: usize, miners: &[MinerRef], asked| -> Result<(Evaluated, f64), Box<dyn Error>> {
        let facts = RoundFacts { netuid: NETUID, epoch: 1, round: 0, mechanism: 0, signer: [9; 32] };
        let (on, mut state) = ((&subnet, &facts, &GroupRule::default()), S::State::default());
        let started = Instant::now();
        let evaluated = evaluate_round_on(threads, on, miners, asked, |_, _| false, &mut state)?;
        Ok((evaluated, started.elapsed().as_secs_f64()))
    };
    // The first use is not measured: it makes a program's machine code, for example.
    judge(1, &miners[..DRAWN], round(&miners[..DRAWN], &oracle))?;
    let (_, honest) = judge(1, &miners[..1], round(&miners[..1], &oracle))?;
    let expensive = match expensive {
        None => "-".to_owned(),
        Some(answer) => {
            let asked = round(&miners[..1], &|task, _| answer(&task.challenge));
            format!("{:.2} s", judge(1, &miners[..1], asked)?.1)
        }
    };
    let (first, alone) = judge(1, &miners, round(&miners, &oracle))?;
    let (second, both) = judge(2, &miners, round(&miners, &oracle))?;
    assert_eq!(first.judged.len(), MINERS * ANSWERS, "every answer has its record");
    assert!(first == second, "two threads come to the same as one");
    println!(
        "{name:<12} {:>5.2} ms {alone:>7.2} s {both:>7.2} s {:>6.2} {:>6.3} ms {honest:>5.2} s {expensive:>10} {:>3} MiB",
        per_task.as_secs_f64() * 1e3,
        alone / both,
        alone * 1e3 / (MINERS * ANSWERS) as f64,
        peak_mib(),
    );
    Ok(())
}

fn copy<S: Subnet>(task: &DrawnTask<S>, audience: Audience) -> DrawnTask<S> {
    let Challenge { request, hidden } = &task.challenge;
    let challenge = Challenge { request: request.clone(), hidden: hidden.clone() };
    DrawnTask { plan: task.plan.clone(), number: task.number, seed: task.seed, audience, challenge }
}

fn hotkey(uid: usize) -> [u8; 32] {
    let mut hotkey = [1; 32];
    hotkey[..8].copy_from_slice(&(uid as u64).to_le_bytes());
    hotkey
}

/// The peak memory of this process.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or_default() / 1024
}

/// Answers at once.
struct Instantly;

impl Backend for Instantly {
    fn answer(&self, _: &AnswerContext, _: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain("let answer = 42;"))
    }
}

/// Asks a round of the text subnet: signs, sends, verifies.
async fn asking() -> Result<(), Box<dyn Error>> {
    let key = |name: String| Keypair::from_uri(&name).map(Arc::new);
    let chain = MemoryChain::new(30_000, false);
    let validator = key("//validator".into())?;
    chain.register(validator.public(), true);
    let (mut running, mut miners) = (Vec::new(), Vec::new());
    for number in 0..ASKED {
        let key = key(format!("//miner-{number}"))?;
        let uid = chain.register(key.public(), false);
        let subnet =
            TextSubnet::open(TextConfig { backend: Some(Arc::new(Instantly)), ..TextConfig::default() })?;
        let options = MinerOptions {
            refresh: Some(Duration::from_millis(200)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse()?)
        };
        let miner =
            Miner::start(Arc::new(subnet), chain.signed_by(key.public()), key.clone(), options).await?;
        miners.push(Reachable {
            miner: MinerRef { uid, hotkey: key.public() },
            address: miner.address(),
            signed_bodies: true,
        });
        running.push(miner);
    }
    // Wait until every miner knows the validators.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let subnet = TextSubnet::judging(&SECRET)?;
    let plans: Vec<TaskPlan> = subnet.tasks();
    let asker = Asker::new(Dendrite::new(validator.clone()), chain.genesis(), NETUID, validator.public());
    let mut times = Vec::new();
    for round in 0..7 {
        let seed = Seed([round; 32]);
        let plans: Vec<&TaskPlan> = plans.iter().collect();
        let tasks =
            draw_tasks(&subnet, &seed, SeedReference(seed.0), Audience::Round, &plans, &Default::default())?;
        let queries = ASKED * tasks.len();
        let started = Instant::now();
        let mut witness = Witness::default();
        let customers = &mut Customers::none();
        let asked = asker.ask(tasks, None, customers, &miners, Duration::from_secs(60), &mut witness).await?;
        let time = started.elapsed();
        let deliveries = asked.asked.iter().flat_map(|task| &task.deliveries);
        let failed = deliveries.filter_map(|delivery| match &delivery.outcome {
            Outcome::Answered(_) => (!delivery.signed).then(|| "unsigned".to_owned()),
            Outcome::Failed(reason) => Some(format!("{reason:?}")),
        });
        if let Some(reason) = failed.into_iter().next() {
            return Err(format!("a miner that answers at once was not heard: {reason}").into());
        }
        times.push(time.as_secs_f64() * 1e3 / queries as f64);
    }
    times.sort_by(f64::total_cmp);
    println!(
        "\nasking {ASKED} miners that answer at once, text, both sides in one process: {:.3} ms a query (median of 7 rounds; {:.3} to {:.3}); goal: 1 ms",
        times[3], times[0], times[6]
    );
    Ok(())
}

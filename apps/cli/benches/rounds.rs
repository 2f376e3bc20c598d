//! Cost of a round for a validator: drawing tasks, asking, judging the answers of 256 miners.
//!
//! The answers are those of miners that are right in 85 % of cases, made before anything is measured. Everything but
//! asking runs on one thread. Asking is measured over loopback, with miners in the same process that answer at once, so
//! the figure includes the miners' side.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_analysis::AnalysisSubnet;
use myelin_neuron::dendrite::Dendrite;
use myelin_recognition::RecognitionSubnet;
use myelin_subnet::{
    evaluation::{
        evaluate_round, load::allot, AskedTask, Delivery, DrawnTask, GroupRule, Outcome, RoundFacts,
        SeedReference, Waves,
    },
    subnet::Pay,
    testkit::{Contest, MemoryChain, NETUID},
    validator::{
        ask::{Asker, Reachable},
        draw::draw_tasks,
        organic::Customers,
        witness::Witness,
    },
    AnswerContext, AnswerError, Chain, Challenge, Miner, MinerOptions, MinerRef, Subnet, TaskPlan,
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
/// Miners with tasks drawn for them alone. The others get the same tasks, which costs the judge as much.
const DRAWN: usize = 8;
/// The secret of the validator's own texts and words.
const SECRET: Seed = Seed([3; 32]);
/// Miners that are asked over loopback.
const ASKED: usize = 32;

fn main() -> Result<(), Box<dyn Error>> {
    println!("subnet        a task drawn   answers   256 miners judged   an answer   memory at most");
    judged("text", TextSubnet::judging(&SECRET)?)?;
    judged("analysis", AnalysisSubnet::judging(&SECRET)?)?;
    judged("recognition", RecognitionSubnet::judging(&SECRET)?)?;
    println!("\nGoal: a round in 1 s on one core.");
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(asking())
}

/// Draws and judges a round of the first mechanism: of each miner as many answers as would be judged with so many
/// miners.
fn judged<S: Contest>(name: &str, subnet: S) -> Result<(), Box<dyn Error>> {
    let seed = Seed([7; 32]);
    let plans = subnet.tasks();
    let plans: Vec<&TaskPlan> = plans.iter().filter(|plan| plan.mechanism == 0).collect();
    let Some(Pay::Load(rule)) = subnet.mechanisms().first().map(|one| one.pay) else {
        return Err("the first mechanism is not paid for load".into());
    };
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
    let asked_of_each = usize::from(allot(&rule, batch, &[Waves::MOST_BATCHES; MINERS])[0]) * batch;
    let judged_of_each = asked_of_each.min(rule.checked.into());

    let miners: Vec<MinerRef> =
        (0..MINERS).map(|uid| MinerRef { uid: uid as u16, hotkey: hotkey(uid) }).collect();
    let deliver = |task: &DrawnTask<S>, miner: usize| {
        let mut rng =
            seed.derive(task.plan.kind.as_bytes(), (miner * 1_000 + usize::from(task.number)) as u64).rng();
        let response = subnet.oracle(&task.challenge, Ppm::new(850_000), &mut rng);
        Delivery {
            miner,
            request: [1; 32],
            answer: [2; 32],
            signed: true,
            commit_place: None,
            latency: LatencyBucket::of_ms(500),
            outcome: Outcome::Answered(response),
        }
    };
    let mut asked: Vec<AskedTask<S>> = Vec::new();
    for (miner, one) in miners.iter().enumerate() {
        for task in own.iter().cycle().skip(miner % DRAWN).flatten().take(judged_of_each) {
            let deliveries = vec![deliver(task, miner)];
            asked.push(AskedTask { task: copy(task, Audience::Miner(one.hotkey)), deliveries });
        }
    }
    let answers: usize = asked.iter().map(|one| one.deliveries.len()).sum();
    let facts = RoundFacts { netuid: NETUID, epoch: 1, round: 0, mechanism: 0, signer: [9; 32] };
    let rule = GroupRule::default();
    let started = Instant::now();
    let evaluated =
        evaluate_round(&subnet, &facts, &miners, asked, &rule, |_, _| false, &mut S::State::default())?;
    let judged = started.elapsed();
    assert_eq!(evaluated.judged.len(), answers, "every answer has its record");
    println!(
        "{name:<12} {:>10.2} ms   {answers:>7} {:>18.2} s {:>8.3} ms   {:>8} MiB",
        per_task.as_secs_f64() * 1e3,
        judged.as_secs_f64(),
        judged.as_secs_f64() * 1e3 / answers as f64,
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
        let deliveries = asked.asked.iter().flat_map(|one| &one.deliveries);
        let failed = deliveries.filter_map(|one| match &one.outcome {
            Outcome::Answered(_) => (!one.signed).then(|| "unsigned".to_owned()),
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

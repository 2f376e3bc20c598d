//! The most memory that a validator and a miner hold while others flood them, each a process of its own.
//!
//! | scenario | who floods |
//! |---|---|
//! | padding | miners whose answers are right in form and as long as a task allows; their load grows with what they get done |
//! | bombs | miners whose answers are lists of empty lists and texts, which take eight times their bytes once they are read |
//! | requests | validators that ask for as much as the miner answers, strangers that send half a body or half a head |
//!
//! A limit that does not hold is a failure. Names of scenarios behind `--` choose what is measured.

use std::{
    error::Error,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    process::{Child, ChildStdin, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_neuron::{
    axon::{AnswerNetwork, Axon, Call, OpenToAll, Reply, Route, RunningAxon},
    dendrite::{Challenge, Dendrite, Query, Target},
};
use myelin_recognition::RecognitionSubnet;
use myelin_subnet::{
    chain::AxonPurpose,
    testkit::{Contest, MemoryChain, NETUID},
    AnswerContext, AnswerError, Chain, Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_text::{
    backend::Backend,
    protocol::{TextRequest, TextResponse},
    TextConfig, TextSubnet,
};
use myelin_wallet::Keypair;
use myelin_wire::{hash::blake2_256, seed::Seed};
use tokio::{io::AsyncWriteExt, net::TcpStream};

type Failed = Box<dyn Error>;

/// The most bytes that may be held.
const MOST_MIB: u64 = 1_024;
/// Hostile miners; the room of a round is shared by them, so a few fill it.
const HOSTILE: usize = 16;
/// Rounds, unless the variable `ROUNDS` says how many: the load is as large as it gets after six.
const ROUNDS: usize = 12;
/// Longest text of an answer, and requests of two validators for such.
const LONGEST: usize = 16 * 1024;
const REQUESTS: usize = 12_000;

fn main() -> Result<(), Failed> {
    let runtime = tokio::runtime::Runtime::new()?;
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["as-validator", "padding", addresses] => {
            runtime.block_on(validate(TextSubnet::judging(&Seed([3; 32]))?, addresses))
        }
        ["as-validator", _, addresses] => {
            runtime.block_on(validate(RecognitionSubnet::judging(&Seed([3; 32]))?, addresses))
        }
        ["as-miner"] => runtime.block_on(mine()),
        _ => {
            let only: Vec<String> = words.into_iter().filter(|word| !word.starts_with('-')).collect();
            runtime.block_on(flood(&only))
        }
    }
}

async fn flood(only: &[String]) -> Result<(), Failed> {
    let wanted = |name: &str| only.is_empty() || only.iter().any(|listed| listed == name);
    println!(
        "{:<10} {:<12} {:>10} {:>10} {:>10}  what came",
        "scenario", "process", "at rest", "now", "at most"
    );
    let mut most = 0;
    if wanted("padding") {
        let answer = format!(r#"{{"completion":"{}"}}"#, "x".repeat(LONGEST - 32));
        most = most.max(flood_validator("padding", TextSubnet::NAME, answer).await?);
    }
    if wanted("bombs") {
        let answer = format!(
            r#"{{"probabilities":[{}[]],"values":[{}""]}}"#,
            "[],".repeat(10_000),
            r#""","#.repeat(10_000)
        );
        most = most.max(flood_validator("bombs", RecognitionSubnet::NAME, answer).await?);
    }
    if wanted("requests") {
        most = most.max(flood_miner().await?);
    }
    match most < MOST_MIB {
        true => Ok(()),
        false => Err(format!("{most} MiB were held, the limit is {MOST_MIB} MiB").into()),
    }
}

/// A process of this program in another role. It ends when its input does.
struct Role {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
}

impl Role {
    fn start(words: &[&str]) -> Result<Self, Failed> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let output = BufReader::new(process.stdout.take().ok_or("no output")?);
        let input = process.stdin.take();
        Ok(Self { process, input, output })
    }

    fn line(&mut self) -> Result<String, Failed> {
        let mut line = String::new();
        match self.output.read_line(&mut line)? {
            0 => Err("the process ended early; see above".into()),
            _ => Ok(line.trim().to_owned()),
        }
    }

    /// The most memory that it has held, in MiB.
    fn peak(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// The memory that it holds now, in MiB.
    fn held(&self) -> u64 {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kib = line.and_then(|line| line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
        kib.unwrap_or_default() / 1024
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.process.wait();
    }
}

fn rounds() -> Result<usize, Failed> {
    Ok(std::env::var("ROUNDS").map_or(Ok(ROUNDS), |rounds| rounds.parse())?)
}

/// The first block of every chain in memory.
fn genesis() -> [u8; 32] {
    MemoryChain::new(1, true).genesis()
}

fn key(name: &str) -> Result<Arc<Keypair>, Failed> {
    Ok(Arc::new(Keypair::from_uri(&format!("//{name}"))?))
}

/// Lets hostile miners answer a validator, and gives its peak.
async fn flood_validator(scenario: &str, synapse: &str, answer: String) -> Result<u64, Failed> {
    let mut axons: Vec<RunningAxon> = Vec::new();
    for number in 0..HOSTILE {
        let answer = answer.clone();
        let reply = move |_: Call| {
            let answer = answer.clone();
            async move { Ok(Reply::json(answer).signed_by([7; 32])) }
        };
        let axon = Axon::new(key(&format!("hostile-{number}"))?, OpenToAll)
            .sign_answers(AnswerNetwork { genesis_hash: genesis(), netuid: NETUID })
            .route(Route::new(synapse, reply));
        axons.push(axon.bind("127.0.0.1:0".parse()?).await?);
    }
    let addresses: Vec<String> = axons.iter().map(|axon| axon.address().to_string()).collect();
    let mut role = Role::start(&["as-validator", scenario, &addresses.join(",")])?;
    let ready = role.line()?;
    let rest = role.peak();
    println!("{scenario:<10} {:<12} {rest:>6} MiB {:>25}  {ready}", "validator", "");
    for _ in 0..rounds()? {
        let came = role.line()?;
        let (now, most) = (role.held(), role.peak());
        println!("{scenario:<10} {:<12} {rest:>6} MiB {now:>6} MiB {most:>6} MiB  {came}", "validator");
    }
    Ok(role.peak())
}

/// A validator of a chain of its own, whose miners listen at these addresses. Says what came in each round.
async fn validate<S: Contest>(subnet: S, addresses: &str) -> Result<(), Failed> {
    // Epochs of a minute, with rounds that leave the usual deadlines room.
    let chain = MemoryChain::new(3_000, true);
    let validator = key("validator")?;
    chain.register(validator.public(), true);
    for (number, address) in addresses.split(',').enumerate() {
        let hotkey = key(&format!("hostile-{number}"))?.public();
        chain.register(hotkey, false);
        chain.signed_by(hotkey).serve_axon(NETUID, address.parse()?, AxonPurpose::Answers).await?;
    }
    let _blocks = chain.run();
    let folder = tempfile::tempdir()?;
    let (signed, options) =
        (chain.signed_by(validator.public()), ValidatorOptions::new(NETUID, folder.path()));
    println!("an idle validator");
    let running = Validator::start(Arc::new(subnet), signed, validator, options).await?;
    let mut reports = running.report();
    let mut last = None;
    let mut seen = 0;
    while seen < rounds()? {
        reports.changed().await?;
        let report = reports.borrow_and_update().clone();
        let Some(round) = report.last_round.filter(|round| last != Some((round.epoch, round.round))) else {
            continue;
        };
        last = Some((round.epoch, round.round));
        seen += 1;
        let mut reasons = std::collections::BTreeMap::<&str, usize>::new();
        for judged in &round.evaluated.judged {
            *reasons.entry(judged.record.reason.word()).or_default() += 1;
        }
        println!("round {seen}: {reasons:?}, judged in {:.2} s", round.judging.as_secs_f64());
    }
    until_input_ends()
}

fn until_input_ends() -> Result<(), Failed> {
    std::io::stdout().flush()?;
    std::io::stdin().lines().for_each(drop);
    Ok(())
}

/// Answers at once, as long as may be.
struct Longest;

impl Backend for Longest {
    fn answer(&self, _: &AnswerContext, request: &TextRequest) -> Result<TextResponse, AnswerError> {
        Ok(TextResponse::plain(request.prompt.chars().cycle().take(LONGEST - 64).collect::<String>()))
    }
}

/// A miner of a chain of its own, which knows two validators.
async fn mine() -> Result<(), Failed> {
    let chain = MemoryChain::new(3_000, true);
    for name in ["first", "second"] {
        chain.register(key(name)?.public(), true);
    }
    let miner = key("miner")?;
    chain.register(miner.public(), false);
    let _blocks = chain.run();
    let subnet = TextSubnet::open(TextConfig { backend: Some(Arc::new(Longest)), ..TextConfig::default() })?;
    let folder = tempfile::tempdir()?;
    let options = MinerOptions {
        refresh: Some(Duration::from_millis(200)),
        state: Some(folder.path().to_owned()),
        ..MinerOptions::new(NETUID, "127.0.0.1:0".parse()?)
    };
    let signed = chain.signed_by(miner.public());
    let running = Miner::start(Arc::new(subnet), signed, miner, options).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    println!("{}", running.address());
    until_input_ends()
}

/// Floods a miner with requests of validators and with what strangers begin and do not end, and gives its peak.
async fn flood_miner() -> Result<u64, Failed> {
    let mut role = Role::start(&["as-miner"])?;
    let address: SocketAddr = role.line()?.parse()?;
    let rest = role.peak();
    // Half of the strangers send nearly a whole body, half of them nearly a whole head, and then nothing.
    let mut strangers = Vec::new();
    for number in 0..1_000 {
        let Ok(mut stream) = TcpStream::connect(address).await else { continue };
        let head = "POST /Text HTTP/1.1\r\nhost: miner\r\ncontent-type: application/json\r\n";
        let flood = match number % 2 {
            0 => format!("{head}content-length: 1000000\r\n\r\n{}", "x".repeat(900_000)),
            _ => format!("{head}x-long: {}", "x".repeat(15_000)),
        };
        strangers.push(tokio::spawn(async move {
            let _ = tokio::time::timeout(Duration::from_secs(20), stream.write_all(flood.as_bytes())).await;
            tokio::time::sleep(Duration::from_secs(20)).await;
        }));
    }
    let started = Instant::now();
    let (mut answered, mut refused) = (0, 0);
    let target = Target::new(key("miner")?.public(), address).signing_bodies();
    for name in ["first", "second"] {
        let dendrite = Dendrite::new(key(name)?);
        let ask = |number: usize| {
            let dendrite = dendrite.clone();
            async move {
                let body = format!(r#"{{"prompt":"{name} {number}","max_tokens":8}}"#);
                let id = blake2_256(body.as_bytes());
                let posed = Challenge { id, genesis_hash: genesis(), netuid: NETUID };
                let query = Query::new::<&str>(TextSubnet::NAME, body, &[]).ok()?.challenge(posed);
                let query = query.timeout(Duration::from_secs(30));
                Some(dendrite.query(target, &query).await.is_success())
            }
        };
        for hundred in 0..REQUESTS / 100 {
            let asked = futures::future::join_all((0..100).map(|number| ask(100 * hundred + number))).await;
            let came = asked.into_iter().filter(|came| *came == Some(true)).count();
            (answered, refused) = (answered + came, refused + 100 - came);
        }
    }
    let took = started.elapsed().as_secs();
    println!(
        "{:<10} {:<12} {rest:>6} MiB {:>6} MiB {:>6} MiB  {answered} answers of {LONGEST} bytes, {refused} refused, {took} s",
        "requests",
        "miner",
        role.held(),
        role.peak()
    );
    strangers.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(role.peak())
}

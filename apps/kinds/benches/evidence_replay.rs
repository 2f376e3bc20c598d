//! Records in a second of a full replay on one core, for each kind: what `myelin evidence replay` does with a folder.
//!
//! A validator in this process judges real miners over loopback, with tasks of its own secret, until some rounds are
//! judged. Then its evidence is judged again, as often as takes a few seconds of the processor: seeds, signatures,
//! request hashes, every score. A difference is a failure. Times are of the processor, of all threads together, so
//! other work on the machine changes them little. Names of kinds behind `--` choose what is measured.

use std::{
    error::Error,
    sync::Arc,
    time::{Duration, Instant},
};

use myelin_analysis::{miner::Searcher, AnalysisConfig, AnalysisSubnet};
use myelin_lm::builtin::{model, Level};
use myelin_recognition::{backend::Baseline, RecognitionConfig, RecognitionSubnet};
use myelin_subnet::{
    evaluation::GroupRule,
    evidence::{audit_round, EvidenceFolder},
    testkit::{Contest, MemoryChain, NETUID},
    Miner, MinerOptions, Subnet, Validator, ValidatorOptions,
};
use myelin_text::{backend::ModelBackend, TextConfig, TextSubnet};
use myelin_wallet::Keypair;
use myelin_wire::seed::Seed;

type Failed = Box<dyn Error>;

/// Miners of each kind.
const MINERS: u8 = 3;
/// Rounds that are judged before the replay. Loads double from round to round.
const ROUNDS: usize = 4;
/// Longest time for them.
const PATIENCE: Duration = Duration::from_secs(300);
/// Least time of the processor for all replays of a kind, in seconds.
const LEAST: f64 = 3.0;
/// The secret of the validator's own texts and words.
const SECRET: Seed = Seed([3; 32]);

fn main() -> Result<(), Failed> {
    let only: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |name: &str| only.is_empty() || only.iter().any(|listed| listed == name);
    println!("full replay of the evidence of {MINERS} miners and {ROUNDS} rounds, on one core");
    println!("{:<12} {:>8} {:>8} {:>9} {:>12}", "subnet", "records", "judged", "a record", "in a second");
    if wanted("text") {
        measure("text", &|| Ok(TextSubnet::judging(&SECRET)?), &|number| {
            let level = Level::ALL[usize::from(number) % Level::ALL.len()];
            let backend = ModelBackend::new(model(level)?, [number; 32]);
            Ok(TextSubnet::open(TextConfig { backend: Some(Arc::new(backend)), ..TextConfig::default() })?)
        })?;
    }
    if wanted("analysis") {
        measure("analysis", &|| Ok(AnalysisSubnet::judging(&SECRET)?), &|_| {
            let searcher = Arc::new(Searcher::default());
            Ok(AnalysisSubnet::open(AnalysisConfig { backend: Some(searcher), ..AnalysisConfig::default() })?)
        })?;
    }
    if wanted("recognition") {
        measure("recognition", &|| Ok(RecognitionSubnet::judging(&SECRET)?), &|_| {
            let baseline = Arc::new(Baseline::new()?);
            let config = RecognitionConfig { backend: Some(baseline), ..RecognitionConfig::default() };
            Ok(RecognitionSubnet::open(config)?)
        })?;
    }
    Ok(())
}

/// Makes evidence, judges it again, and prints a row.
fn measure<S: Contest>(
    name: &str,
    judging: &dyn Fn() -> Result<S, Failed>,
    mining: &dyn Fn(u8) -> Result<S, Failed>,
) -> Result<(), Failed> {
    let place = tempfile::tempdir()?;
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(judge(place.path(), judging()?, mining))?;
    // Nothing of the network goes on while the time is taken.
    runtime.shutdown_timeout(Duration::from_secs(10));
    let folder = EvidenceFolder { path: place.path().join("evidence"), keep: usize::MAX };
    let subnet = Arc::new(judging()?);
    // The first one is not measured: it makes a program's machine code, for example.
    let (records, judged) = replay(&subnet, &folder)?;
    let (mut all, begun) = (0, processor_seconds()?);
    while all == 0 || processor_seconds()? - begun < LEAST {
        all += replay(&subnet, &folder)?.0;
    }
    let took = processor_seconds()? - begun;
    let (each, rate) = (took * 1e3 / all as f64, all as f64 / took);
    println!("{name:<12} {records:>8} {judged:>8} {each:>6.2} ms {rate:>12.0}");
    Ok(())
}

/// Judges all rounds of a folder again. Returns the records, and those of them with an answer that was judged.
fn replay<S: Contest>(subnet: &Arc<S>, folder: &EvidenceFolder) -> Result<(usize, usize), Failed> {
    let epochs = folder.epochs().into_iter();
    let rounds: Vec<(u64, u16)> =
        epochs.flat_map(|epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round))).collect();
    let (first, of) = rounds.first().copied().ok_or("no round was judged")?;
    let mut state: S::State = folder.state(first, of)?.unwrap_or_default();
    let (mut records, mut judged) = (0, 0);
    for (epoch, round) in rounds {
        let audit = audit_round(subnet, folder, epoch, round, &GroupRule::default(), &mut state);
        if let Some(fault) = audit.faults.first() {
            return Err(format!("round {round} of epoch {epoch}: {fault}").into());
        }
        let paid = folder.records(epoch, round)?.iter().filter(|record| record.reason.pays()).count();
        (records, judged) = (records + audit.records, judged + paid);
    }
    match judged {
        0 => Err("no answer was scored, so there is nothing to judge again".into()),
        _ => Ok((records, judged)),
    }
}

/// Lets a validator judge miners until it has judged [`ROUNDS`].
async fn judge<S: Contest>(
    place: &std::path::Path,
    subnet: S,
    mining: &dyn Fn(u8) -> Result<S, Failed>,
) -> Result<(), Failed> {
    let key = |name: String| Keypair::from_uri(&name).map(Arc::new);
    // Epochs of a minute, with rounds that leave the usual deadlines room.
    let chain = MemoryChain::new(3_000, true);
    let validator = key("//validator".into())?;
    chain.register(validator.public(), true);
    let blocks = chain.run();
    let mut miners = Vec::new();
    for number in 0..MINERS {
        let key = key(format!("//miner-{number}"))?;
        chain.register(key.public(), false);
        let options = MinerOptions {
            refresh: Some(Duration::from_millis(200)),
            ..MinerOptions::new(NETUID, "127.0.0.1:0".parse()?)
        };
        let signed = chain.signed_by(key.public());
        miners.push(Miner::start(Arc::new(mining(number)?), signed, key, options).await?);
    }
    let (signed, options) = (chain.signed_by(validator.public()), ValidatorOptions::new(NETUID, place));
    let running = Validator::start(Arc::new(subnet), signed, validator, options).await?;
    let (mut reports, deadline) = (running.report(), Instant::now() + PATIENCE);
    let (mut seen, mut last) = (0, None);
    while seen < ROUNDS {
        let left = deadline.saturating_duration_since(Instant::now());
        let changed = tokio::time::timeout(left, reports.changed()).await;
        changed
            .map_err(|_| format!("{seen} of {ROUNDS} rounds were judged in {} s", PATIENCE.as_secs()))??;
        let report = reports.borrow_and_update().clone();
        let round = report.last_round.map(|round| (round.epoch, round.round));
        if round.is_some() && round != last {
            (seen, last) = (seen + 1, round);
        }
    }
    running.shutdown(Duration::from_secs(10)).await;
    for miner in miners {
        miner.shutdown(Duration::from_secs(3)).await;
    }
    blocks.abort();
    Ok(())
}

/// Time that all threads of this process had a processor, in seconds. Linux counts it in hundredths.
fn processor_seconds() -> Result<f64, Failed> {
    let account = std::fs::read_to_string("/proc/self/stat")?;
    // The name in brackets may hold spaces. User and system time are the fields 14 and 15.
    let (_, behind) = account.rsplit_once(')').ok_or("no account of the processor")?;
    let fields: Vec<&str> = behind.split_whitespace().skip(11).take(2).collect();
    let ticks: u64 = fields.iter().map(|field| field.parse::<u64>()).sum::<Result<u64, _>>()?;
    Ok(ticks as f64 / 100.0)
}

//! Many subnets at once: are the weights of every epoch on the chain in time?
//!
//! A node of its own makes a block every second. One process validates all subnets, others mine two subnets each. All
//! of them are the programs that people run: `myelin-node`, and `round-trip`, which is the whole command with the
//! template's kind. Every axon has a hotkey and a port of its own. The load is the template's own: six tasks for each
//! miner in each of three rounds of an epoch.
//!
//! The figures come from the blocks, from the reports of the programs, and from `/proc`. An epoch without a commitment
//! or without the reveal that was due in it is a failure. It is named with what its validator reported.
//!
//! ```text
//! cargo build --workspace --examples --bins
//! target/debug/examples/scale --subnets 32 --axons 31 --minutes 60 --tempo 360
//! ```

mod crew;
mod epochs;
mod figures;
#[path = "../../../../tests/ports.rs"]
mod ports;
mod stage;

use std::{
    error::Error,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use clap::Parser;
use myelin_chain_client::ChainClient;

use crew::{Crew, Usage};
use epochs::Epochs;
use figures::{percentile, Reports};
use stage::{Node, Stage};

type Failed = Box<dyn Error>;

/// Most neurons of a subnet, of which the owner and the validator take two.
const MOST_AXONS: u16 = 254;
/// Subnets that one file of the command may hold.
const MOST_SUBNETS: u16 = 64;

/// How much to run, and for how long.
#[derive(Parser)]
struct Options {
    /// Subnets, each with a validator.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=MOST_SUBNETS as i64))]
    subnets: u16,
    /// Axons of each subnet.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=MOST_AXONS as i64))]
    axons: u16,
    /// Minutes from the first epoch that counts.
    #[arg(long, default_value_t = 3)]
    minutes: u64,
    /// Blocks of an epoch.
    #[arg(long, default_value_t = 40, value_parser = clap::value_parser!(u16).range(20..=7_200))]
    tempo: u16,
    /// Leave out the validator of the last subnet: then the run must fail.
    #[arg(long)]
    negative_control: bool,
    /// Folder for the chain, the logs and the data; by default one in the system's folder for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
}

fn main() -> Result<(), Failed> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(options.run())
}

impl Options {
    async fn run(&self) -> Result<(), Failed> {
        let started = Instant::now();
        let say = |text: String| println!("[{:6.1} s] {text}", started.elapsed().as_secs_f64());
        let temporary = std::env::temp_dir().join(format!("myelin-scale-{}", std::process::id()));
        let folder = self.folder.clone().unwrap_or(temporary);
        std::fs::create_dir_all(&folder)?;
        say(format!("chain, logs and data are in {}", folder.display()));

        let mut node = Node::start(&folder).await?;
        let chain = ChainClient::connect(&node.endpoint).await?;
        let stage = Stage::set(&chain, self.subnets, self.axons, self.tempo, &say).await?;
        let mut crew = Crew::start(&folder, &node.endpoint, &stage, self.negative_control)?;
        say(format!("{} processes mine and validate", crew.processes()));
        stage.wait_for_axons(&chain, &mut crew).await?;
        say(format!("all {} axons are announced", stage.axons()));
        stage.set_tempo(&chain, self.tempo).await?;

        let before = (Usage::of(&[node.pid()]), crew.usage());
        let mut epochs = Epochs::new(stage.validators());
        let counted = Duration::from_secs(60 * self.minutes);
        let from = chain.best_block().await?.number + 1;
        say(format!("epochs of {} blocks count from block {from}", self.tempo));
        let watched = watch(&chain, &mut node, &mut crew, &mut epochs, from, counted, &say).await?;
        let after = (Usage::of(&[node.pid()]), crew.usage());
        let reports = Reports::read(&folder.join("validators.log"), from, &epochs)?;
        self.show_epochs(&epochs, &reports);
        reports.show(crew.miners_that_answered(), stage.axons());
        show_blocks(&watched.gaps_ms);
        let seconds = watched.seconds;
        for (name, before, after) in [
            ("node", before.0, after.0),
            ("validators", before.1 .0, after.1 .0),
            ("miners", before.1 .1, after.1 .1),
        ] {
            after.since(&before).show(name, seconds);
        }
        self.verdict(&epochs, &reports, &folder)
    }

    fn show_epochs(&self, epochs: &Epochs, reports: &Reports) {
        let margins: Vec<u64> = epochs.margins();
        println!(
            "\nepochs that counted, of {} subnets: {}; weights on time in {}; late or missed {}",
            self.subnets,
            epochs.ended().len(),
            epochs.ended().iter().filter(|epoch| epoch.fault().is_none()).count(),
            epochs.faults().count()
        );
        println!(
            "blocks from commitment to the epoch's end: least {}, median {}",
            margins.iter().min().copied().unwrap_or_default(),
            percentile(&margins, 50)
        );
        for epoch in epochs.faults() {
            let fault = epoch.fault().unwrap_or_default();
            println!("  subnet {}, epoch {}: {fault}; {}", epoch.netuid, epoch.number, reports.why(epoch));
        }
    }

    /// Fails if an epoch was missed, if too few epochs ended to say anything, or if axons were not heard.
    fn verdict(&self, epochs: &Epochs, reports: &Reports, folder: &Path) -> Result<(), Failed> {
        let missed = epochs.faults().count();
        let due = 60 * self.minutes / u64::from(self.tempo);
        let least = usize::from(self.subnets) * due.saturating_sub(2).max(1) as usize;
        let logs = folder.display();
        if epochs.ended().len() < least {
            return Err(
                format!("only {} epochs ended, not {least}; logs: {logs}", epochs.ended().len()).into()
            );
        }
        if missed > 0 {
            return Err(format!("{missed} epochs had no weights in time; logs: {logs}").into());
        }
        if reports.answered_percent() < 99 {
            let percent = reports.answered_percent();
            return Err(format!("only {percent} % of the tasks were answered; logs: {logs}").into());
        }
        if self.folder.is_none() {
            std::fs::remove_dir_all(folder)?;
        }
        println!("\nevery epoch had its weights in time");
        Ok(())
    }
}

/// Blocks that were watched.
struct Watched {
    /// Milliseconds between two blocks.
    gaps_ms: Vec<u64>,
    seconds: f64,
}

/// Reads every block until the time is over.
async fn watch(
    chain: &ChainClient,
    node: &mut Node,
    crew: &mut Crew,
    epochs: &mut Epochs,
    from: u64,
    counted: Duration,
    say: &impl Fn(String),
) -> Result<Watched, Failed> {
    let (started, mut next, mut last_ms, mut said) = (Instant::now(), from, None, Instant::now());
    let mut gaps_ms = Vec::new();
    while started.elapsed() < counted {
        node.check()?;
        crew.check()?;
        let best = chain.best_block().await?.number;
        while next <= best {
            let hash = chain.block_hash(next).await?;
            let now_ms: u64 = chain.storage("Timestamp", "Now", &[], Some(hash)).await?.unwrap_or_default();
            gaps_ms.extend(last_ms.map(|last: u64| now_ms.saturating_sub(last)));
            last_ms = Some(now_ms);
            epochs.look(chain, next, hash).await?;
            next += 1;
        }
        if said.elapsed() >= Duration::from_secs(60) {
            said = Instant::now();
            let (ended, faults) = (epochs.ended().len(), epochs.faults().count());
            say(format!("block {best}: {ended} epochs ended, {faults} without weights in time"));
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    Ok(Watched { gaps_ms, seconds: started.elapsed().as_secs_f64() })
}

fn show_blocks(gaps_ms: &[u64]) {
    println!(
        "blocks: {}; time between two: median {} ms, 99 % within {} ms, longest {} ms",
        gaps_ms.len(),
        percentile(gaps_ms, 50),
        percentile(gaps_ms, 99),
        gaps_ms.iter().max().copied().unwrap_or_default()
    );
}

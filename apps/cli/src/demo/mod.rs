//! `myelin demo`: a network on which intelligence is judged and paid, and a verdict whether that worked.

mod actors;
mod cast;
mod ledger;
mod promises;
mod report;
mod stage;
mod watch;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use myelin_abi::calls::subtensor::RemoveStake;
use myelin_chain_client::{ChainClient, Wait};
use myelin_units::{AlphaBalance, TaoBalance};

use self::actors::{Direction, Troupe};
use self::cast::{Cast, Role};
use self::report::{Chain, Player, Report, Unstaked};
use self::stage::Stage;
use crate::net::{LocalNet, Plan, Ports};
use crate::output::{self, address, alpha, fail, tao, Failure, Outcome};
use crate::Global;

/// Blocks in an epoch of the demo: 15 s at 250 ms. Until validators hold permits the subnet's own 10 blocks apply.
const TEMPO: u16 = 60;
/// Nodes that write blocks.
const AUTHORITIES: usize = 2;
/// Longest wait for an epoch before the demo gives up.
const EPOCH_LIMIT: Duration = Duration::from_secs(90);

/// A local network on which models are judged and paid.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    myelin demo                                  stays up until Ctrl-C\n  \
    myelin demo --epochs 4 --exit                four paid epochs, then a verdict\n  \
    myelin demo --epochs 4 --exit --seed 7       the same roles in another order\n  \
    myelin demo --epochs 4 --exit --negative-control   equal scores: the promises must fail")]
pub struct Demo {
    /// Epochs with pay from weights before the verdict.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(3..=1000))]
    epochs: u16,
    /// Stop everything after the verdict; the exit code says whether every promise held.
    #[arg(long)]
    exit: bool,
    /// Shuffles who plays which role.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// JSON file with the role of each miner, for example {"miner-1":"late",…}.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    roles: Option<PathBuf>,
    /// Validators give every answer the same score, so that the promises must fail.
    #[arg(long)]
    negative_control: bool,
    /// RPC port of the first node; by default 9944 and the next, or free ones where these are taken.
    #[arg(long)]
    rpc_port: Option<u16>,
    /// Folder for databases, logs and state.
    #[arg(long, default_value = ".myelin/demo", value_name = "DIR")]
    folder: PathBuf,
}

impl Demo {
    /// Runs the demo; fails if a promise was broken.
    pub async fn run(self, global: &Global) -> Outcome {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            outcome = self.play(global) => outcome,
            _ = tokio::signal::ctrl_c() => fail("stopped by Ctrl-C; nothing is left running"),
            _ = terminated.recv() => fail("stopped; nothing is left running"),
        }
    }

    async fn play(&self, global: &Global) -> Outcome {
        let cast = self.cast()?;
        let started = Instant::now();
        let say = |text: String| eprintln!("[{:5.1} s] {text}", started.elapsed().as_secs_f64());

        say("starting two authorities".into());
        for old in ["state", "logs"] {
            let _ = std::fs::remove_dir_all(self.folder.join(old));
        }
        let plan = Plan {
            folder: self.folder.clone(),
            authorities: AUTHORITIES,
            slow: false,
            rpc_port: self.rpc_port.or_else(|| Ports::usual(AUTHORITIES)),
            keep: false,
        };
        let mut network = LocalNet::start(&plan).await?;
        let chain = ChainClient::connect(&network.endpoint()).await?;
        say(format!("the chain grows; RPC at {}", network.endpoint()));

        let stage = Stage::set(&chain, &cast, self.seed, say).await?;
        let endpoints = network.endpoints();
        let direction = Direction {
            endpoints: &endpoints,
            folder: network.folder(),
            negative_control: self.negative_control,
        };
        std::fs::create_dir_all(network.folder().join("state"))?;
        let mut troupe = Troupe::start(&stage, &direction)?;
        say(format!(
            "{} miners and {} validators started",
            stage.miners().count(),
            stage.validators().count()
        ));
        self.wait_for_permits(&chain, &stage).await?;
        stage.set_tempo(&chain, TEMPO).await?;
        say(format!("validators hold permits; from now on an epoch is {TEMPO} blocks"));

        let mut report = Report {
            seed: self.seed,
            negative_control: self.negative_control,
            kept: false,
            promises: Vec::new(),
            cast: players(&stage),
            chain: Chain {
                endpoint: network.endpoint(),
                genesis: chain.genesis_hash().to_string(),
                netuid: stage.netuid,
                ..Chain::default()
            },
            scores: Vec::new(),
            unstaked: None,
            seconds_to_paid_epochs: Vec::new(),
        };
        let mut last = chain.metagraph(stage.netuid, None).await?.last_epoch;
        let opening = ledger::read(&chain, last).await?;
        while report.paid().count() < usize::from(self.epochs) {
            let epoch =
                watch::next_epoch(&chain, &stage, last, EPOCH_LIMIT, |_, _| alive(&mut network, &mut troupe))
                    .await?;
            last = epoch.block;
            let paid = if epoch.from_weights { "paid by weights" } else { "paid by stake, no weights yet" };
            say(format!(
                "epoch at block {}: {paid}, 1 α = {}",
                epoch.block,
                tao(TaoBalance::from_rao(epoch.price_rao))
            ));
            if epoch.from_weights {
                report.seconds_to_paid_epochs.push(started.elapsed().as_secs_f64());
                let scores = troupe.scores();
                if !global.json {
                    output::print(&watch::table(&stage, &epoch, &scores));
                }
                report.scores.push(scores);
            }
            if !epoch.from_weights && report.chain.epochs.len() > 8 {
                return fail(
                    "eight epochs passed and no weights reached the chain; the validators' logs say why",
                );
            }
            report.chain.epochs.push(epoch);
        }

        report.unstaked = Some(self.unstake_best(&chain, &stage, &report, say).await?);
        let block = chain.finalized_block().await?.number;
        report.chain.ledger = Some(ledger::read(&chain, block).await?.since(&opening));
        report.promises = promises::judge(&report);
        report.kept = report.promises.iter().all(|promise| promise.kept);
        let text = serde_json::to_string_pretty(&report)?;
        std::fs::write("demo-report.json", text)?;
        self.verdict(global, &stage, &report)?;

        if !self.exit {
            eprintln!("\nThe network stays up; try, in another terminal:");
            if let Some(folder) = std::env::current_exe()?.parent() {
                eprintln!("  export PATH=\"{}:$PATH\"", folder.display());
            }
            eprintln!("  export MYELIN_ENDPOINT={}", network.endpoint());
            eprintln!("  myelin metagraph --netuid {}", stage.netuid);
            eprintln!("  myelin subnet list");
            eprintln!("  myelin ask --netuid {} --hotkey //Alice 'fn main() {{'", stage.netuid);
            eprintln!("Ctrl-C stops everything.");
            loop {
                alive(&mut network, &mut troupe)?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        if report.kept {
            Ok(())
        } else {
            let broken: Vec<&str> =
                report.promises.iter().filter(|promise| !promise.kept).map(|p| p.promise.as_str()).collect();
            fail(format!("{} promise(s) broken: {}", broken.len(), broken.join("; ")))
        }
    }

    fn cast(&self) -> Result<Cast, Failure> {
        match &self.roles {
            None => Ok(Cast::shuffled(self.seed)),
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::new(format!("the roles file {}: {error}", path.display())))?;
                Cast::from_json(&text).map_err(Failure::new)
            }
        }
    }

    async fn wait_for_permits(&self, chain: &ChainClient, stage: &Stage) -> Outcome {
        let started = Instant::now();
        loop {
            let graph = chain.metagraph(stage.netuid, None).await?;
            let permitted =
                |uid: u16| graph.neurons.get(usize::from(uid)).is_some_and(|n| n.validator_permit);
            if stage.validators().all(|validator| permitted(validator.uid)) {
                return Ok(());
            }
            if started.elapsed() > EPOCH_LIMIT {
                return fail("the validators got no permits; `myelin metagraph` shows their stake");
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }

    /// The best steady miner sells what it earned, so that free TAO is seen.
    async fn unstake_best(
        &self,
        chain: &ChainClient,
        stage: &Stage,
        report: &Report,
        say: impl Fn(String),
    ) -> Result<Unstaked, Failure> {
        let steady =
            stage.miners().filter(|actor| matches!(actor.role, Some(Role::Ngram | Role::Early | Role::Late)));
        let Some(best) = steady.max_by_key(|actor| report.earned(actor.uid)) else {
            return fail("there is no steady miner");
        };
        let account = best.coldkey_account();
        let held = chain
            .stakes(&account)
            .await?
            .iter()
            .find(|stake| stake.netuid.0 == stage.netuid)
            .map_or(AlphaBalance::ZERO, |stake| stake.stake.0);
        let before = chain.balance(&account).await?;
        let call = RemoveStake { hotkey: best.hotkey_account(), netuid: stage.netuid, amount_unstaked: held };
        chain.submit(&call, &best.coldkey, Wait::Finality).await?;
        let after = chain.balance(&account).await?;
        say(format!(
            "{} sold {} and has {} more free",
            best.name,
            alpha(held),
            tao(after.saturating_sub(before))
        ));
        Ok(Unstaked {
            name: best.name.clone(),
            alpha_rao: held.to_rao(),
            before_rao: before.to_rao(),
            after_rao: after.to_rao(),
        })
    }

    fn verdict(&self, global: &Global, stage: &Stage, report: &Report) -> Outcome {
        if global.json {
            return output::json(report);
        }
        println!("\nWho was what, and what {} paid epochs were worth to them:", report.paid().count());
        let mut table = output::table(&["who", "role", "uid", "score", "alpha earned", "last incentive"], 2);
        for actor in &stage.actors {
            let last = report.paid().last().and_then(|epoch| epoch.neurons.get(usize::from(actor.uid)));
            table.add_row([
                actor.name.clone(),
                actor.role.map_or("validator", Role::name).to_string(),
                actor.uid.to_string(),
                report.scores.last().map(|scores| watch::score(scores, actor.uid)).unwrap_or_default(),
                alpha(AlphaBalance::from_rao(report.earned(actor.uid))),
                output::share(last.map_or(0, |neuron| neuron.incentive)),
            ]);
        }
        output::print(&table);
        println!();
        for promise in &report.promises {
            println!(
                "{} {}\n       {}",
                if promise.kept { "kept  " } else { "BROKEN" },
                promise.promise,
                promise.found
            );
        }
        println!(
            "\nEvery number is in demo-report.json; logs are in {}.",
            self.folder.join("logs").display()
        );
        Ok(())
    }
}

fn players(stage: &Stage) -> Vec<Player> {
    stage
        .actors
        .iter()
        .map(|actor| Player {
            name: actor.name.clone(),
            role: actor.role.map_or("validator", Role::name).to_string(),
            uid: actor.uid,
            hotkey: address(&actor.hotkey_account()),
            coldkey: address(&actor.coldkey_account()),
        })
        .collect()
}

/// Fails with the log of a process that ended by itself.
fn alive(network: &mut LocalNet, troupe: &mut Troupe) -> Outcome {
    if let Some(node) = network.dead().first() {
        return fail(format!("node {node} ended by itself; see its log in {}", network.folder().display()));
    }
    if let Some((name, log)) = troupe.casualty() {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let tail = lines[lines.len().saturating_sub(8)..].join("\n");
        return fail(format!("{name} ended by itself; the end of its log ({}):\n{tail}", log.display()));
    }
    Ok(())
}

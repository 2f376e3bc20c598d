//! `myelin demo`: a network on which intelligence is judged and paid, and a verdict on whether it worked.

mod actors;
mod auditor;
mod author;
mod equivocation;
mod governance;
mod ledger;
mod play;
mod promises;
mod proof;
mod report;
mod stage;
mod traffic;
mod trial;
mod validators;
mod watch;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use myelin_abi::calls::subtensor::RemoveStake;
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Wait};
use myelin_units::{AlphaBalance, TaoBalance};

use self::actors::{Direction, Troupe};
use self::ledger::Ledger;
use self::play::{Cast, Play, Plays};
use self::promises::Promise;
use self::proof::Copier;
use self::report::{Chain, Epoch, Forfeited, NetworkReport, Report, Unstaked, Whole};
use self::stage::{Actor, Programme, Stage};
use crate::commands::collateral::report;
use crate::net::{self, LocalNet, Plan, Ports};
use crate::output::{self, alpha, fail, tao, Failure, Outcome};
use crate::Global;

/// Nodes that write blocks.
const AUTHORITIES: usize = 2;
/// Validators where all subnets are of one kind, and where several kinds share the machine.
const VALIDATORS: [usize; 2] = [3, 2];
/// Most subnets whose rounds fit into the usual epoch on two cores.
const AT_ONCE: usize = 4;
/// Longest wait for an epoch before the demo gives up.
const EPOCH_LIMIT: Duration = Duration::from_secs(300);
/// Most epochs of a subnet without weights before the demo gives up.
const EPOCHS_WITHOUT_WEIGHTS: usize = 8;

/// Something that happens to the network of a demo.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Scenario {
    /// Holders vote.
    Governance,
}

/// A local network on which models are judged and paid.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    myelin demo                                  stays up until Ctrl-C\n  \
    myelin demo --epochs 4 --exit                four paid epochs, then a verdict\n  \
    myelin demo --epochs 4 --exit --seed 7       the same roles in another order\n  \
    myelin demo --epochs 4 --exit --negative-control   equal scores: the promises must fail\n  \
    myelin demo --subnets text,analysis,recognition --epochs 3 --exit   three subnets, about four minutes\n  \
    myelin demo --evidence --epochs 6 --exit     validators prove their weights; two of them cheat\n  \
    myelin demo --scenario governance --exit     votes on a parameter, an upgrade, elections and the root key\n  \
    myelin demo --subnets all --epochs 3 --exit  a subnet of each kind, about fifteen minutes\n\n\
    Several subnets want two cores, 2 GiB of memory and, for recognition, Tesseract. Miners are paid for what they get done and compute \
    as long as there is time, so beside them other work on this machine gets slower.")]
pub struct Demo {
    /// Epochs with pay from weights before the verdict; with --evidence, epochs that count for its validators.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(3..=1000))]
    epochs: u16,
    /// Stop everything after the verdict; the exit code says whether every promise held.
    #[arg(long)]
    exit: bool,
    /// Subnets, each with miners of its own and judged by the same validators: text, analysis, recognition, finance,
    /// translation, scraping, imaging, graded for text with tasks of every grade, or backed for text with collateral.
    /// One of each kind: all.
    #[arg(long, value_name = "NAME,…", default_value = "text,graded",
        default_value_ifs([("evidence", "true", "graded"), ("scenario", "governance", "graded")]),
        value_parser = Plays::of)]
    subnets: Plays,
    /// Seed that shuffles the roles of the miners.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// JSON file with the role of each miner, for example {"miner-1":"late",…}.
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    roles: Option<PathBuf>,
    /// Validators give every answer the same score, so that the promises must fail.
    #[arg(long)]
    negative_control: bool,
    /// Subnets demand proof of evaluation, a validator copies weights, another stops working, and an auditor judges an
    /// epoch again.
    #[arg(long, conflicts_with = "negative_control")]
    evidence: bool,
    /// Something that happens to the network meanwhile: holders change a parameter, the runtime, elections and the root
    /// key by votes, with four authorities, and a validator takes the seat of one of them.
    #[arg(long, value_enum, conflicts_with_all = ["evidence", "negative_control", "epochs"])]
    scenario: Option<Scenario>,
    /// The runtime to which holders upgrade, by default the one that `make build` puts beside the node.
    #[arg(long, value_name = "FILE", requires = "scenario")]
    next_runtime: Option<PathBuf>,
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
            outcome = async {
                match self.scenario {
                    Some(Scenario::Governance) => self.govern(global).await,
                    None => self.play(global).await,
                }
            } => outcome,
            _ = tokio::signal::ctrl_c() => fail("stopped by Ctrl-C; nothing is left running"),
            _ = terminated.recv() => fail("stopped; nothing is left running"),
        }
    }

    async fn play(&self, global: &Global) -> Outcome {
        let programme = self.programme()?;
        let started = Instant::now();
        let say = |text: String| crate::output::tell!("[{:5.1} s] {text}", started.elapsed().as_secs_f64());

        say("starting two authorities".into());
        let mut network = self.start_network(net::Chain::local(AUTHORITIES, false)).await?;
        let chain = ChainClient::connect(&network.endpoint()).await?;
        say(format!("the chain grows; RPC at {}", network.endpoint()));

        let stages = programme.set(&chain, say).await?;
        let endpoints = network.endpoints();
        let folder = network.folder().to_path_buf();
        let direction =
            Direction { endpoints: &endpoints, folder: &folder, negative_control: self.negative_control };
        let state = folder.join("state");
        std::fs::create_dir_all(&state).map_err(crate::output::at(&state))?;
        let mut troupe = Troupe::start(&stages, &direction)?;
        say(format!(
            "{} miners and {} validators started",
            stages.iter().flat_map(Stage::miners).filter(|actor| !actor.comes_late()).count(),
            programme.validators
        ));
        let tempo = self.begin_epochs(&chain, &stages, &mut troupe, &direction).await?;
        say(format!("validators hold permits; from now on an epoch is {tempo} blocks"));
        let copiers: Vec<Copier> = stages.iter().filter_map(|stage| Copier::start(&chain, stage)).collect();

        let mut reports: Vec<Report> =
            stages.iter().map(|stage| self.report(stage, &network.endpoint(), &chain)).collect();
        let mut last = last_epochs(&chain, &stages).await?;
        let mut opening = ledger::read(&chain, last.iter().copied().max().unwrap_or_default()).await?;
        while reports.iter().any(|report| validators::played(report) < usize::from(self.epochs)) {
            let (index, epoch) =
                watch::next_epoch(&chain, &stages, &last, EPOCH_LIMIT, || alive(&mut network, &mut troupe))
                    .await?;
            last[index] = epoch.block;
            let (stage, report) = (&stages[index], &mut reports[index]);
            report.chain.epochs.push(epoch.clone());
            say(headline(stage, stages.len() == 1, &epoch) + &validators::counts_for(report));
            if !epoch.pays_all(stage.play.mechanisms()) {
                opening.compare_from(&ledger::read(&chain, epoch.block).await?, stage.netuid);
            }
            if epoch.from_weights {
                report.seconds_to_paid_epochs.push(started.elapsed().as_secs_f64());
                let scores = troupe.scores(stage);
                if !global.json {
                    output::print(&watch::table(stage, &epoch, &scores));
                }
                report.scores.push(scores);
            }
            if let Some(lazy) = validators::resting(stage, report) {
                troupe.halt(lazy);
            }
            report.forfeits.extend(self.report_liars(&chain, stage, &report.forfeits, say).await?);
            goes_on(stage, report)?;
        }

        for (index, (stage, report)) in stages.iter().zip(&mut reports).enumerate() {
            self.close(&chain, stage, report, copiers.get(index), say).await?;
        }
        let block = chain.finalized_block().await?.number;
        let ledger = ledger::read(&chain, block).await?.since(&opening);
        let kept = self.judge(&stages, &mut reports, ledger, global)?;

        if !self.exit {
            invite(&network.endpoint(), &stages)?;
            loop {
                alive(&mut network, &mut troupe)?;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        kept
    }

    /// The best miner of a subnet sells. With `--evidence`, the copier is asked what it did, and an auditor comes.
    async fn close(
        &self,
        chain: &ChainClient,
        stage: &Stage,
        report: &mut Report,
        copier: Option<&Copier>,
        say: impl Fn(String) + Copy,
    ) -> Outcome {
        report.unstaked = Some(self.unstake_best(chain, stage, report, say).await?);
        let Some((reveals, fault)) = copier.map(Copier::state) else { return Ok(()) };
        if let (0, Some(fault)) = (reveals, fault) {
            return fail(format!("the copier revealed no weights: {fault}"));
        }
        say(format!("an auditor recomputes an epoch of subnet {}", stage.netuid));
        report.copied = reveals;
        report.audit = Some(auditor::audit(chain, stage, &self.folder).await?);
        Ok(())
    }

    /// Sets the tempo, as soon as validators hold permits, and starts the late miners. Until then the subnets' own
    /// tempo of 10 blocks applies.
    async fn begin_epochs(
        &self,
        chain: &ChainClient,
        stages: &[Stage],
        troupe: &mut Troupe,
        direction: &Direction<'_>,
    ) -> Result<u16, Failure> {
        for stage in stages {
            self.wait_for_permits(chain, stage).await?;
        }
        let longest = stages.iter().map(|stage| stage.play.tempo).max().unwrap_or_default();
        // More subnets share the same cores.
        let tempo = if stages.len() > AT_ONCE { longest.saturating_mul(2) } else { longest };
        for stage in stages {
            stage.set_tempo(chain, tempo).await?;
            troupe.start_miners(stage, direction, true)?;
        }
        Ok(tempo)
    }

    /// Starts a new chain; state and logs of an earlier demo go.
    async fn start_network(&self, chain: net::Chain) -> Result<LocalNet, Failure> {
        for old in ["state", "logs"] {
            let _ = std::fs::remove_dir_all(self.folder.join(old));
        }
        let plan = Plan {
            folder: self.folder.clone(),
            chain,
            rpc_port: self.rpc_port.or_else(|| Ports::usual(chain.authorities())),
            fresh: true,
        };
        Ok(LocalNet::start(&plan).await?)
    }

    /// Writes and shows the report. The inner outcome fails if a promise was broken.
    fn judge(
        &self,
        stages: &[Stage],
        reports: &mut [Report],
        ledger: Ledger,
        global: &Global,
    ) -> Result<Outcome, Failure> {
        for (stage, report) in stages.iter().zip(&mut *reports) {
            report.promises = (stage.play.promises)(report);
            if self.evidence {
                let working = report.players("validator").map(|player| player.uid);
                let counted = |uid| Some((uid, validators::counted_from(report, uid)?));
                report.counted_from = working.filter_map(counted).collect();
                report.promises.extend(validators::promises(report));
                report.promises.extend(report.audit.as_ref().map(auditor::promise));
            }
        }
        let mut common = vec![promises::balanced(&ledger)];
        let alone = reports.len() == 1;
        if let [report] = &mut *reports {
            report.promises.append(&mut common);
            report.chain.ledger = Some(ledger.clone());
        }
        for report in &mut *reports {
            report.kept = report.promises.iter().all(|promise| promise.kept);
        }
        let whole = match &*reports {
            [report] => Whole::Subnet(report),
            subnets => Whole::Network(NetworkReport {
                seed: self.seed,
                kept: common.iter().all(|promise| promise.kept) && subnets.iter().all(|report| report.kept),
                promises: &common,
                ledger: &ledger,
                subnets,
            }),
        };
        let report = std::path::Path::new("demo-report.json");
        std::fs::write(report, serde_json::to_string_pretty(&whole)?).map_err(crate::output::at(report))?;
        if global.json {
            output::json(&whole)?;
        } else {
            for (stage, report) in stages.iter().zip(&*reports) {
                verdict(stage, report, alone);
            }
            crate::output::say!("");
            promises_shown(&common);
            crate::output::say!(
                "\nEvery number is in demo-report.json; logs are in {}.",
                self.folder.join("logs").display()
            );
        }
        let all = reports.iter().flat_map(|report| &report.promises).chain(&common);
        let broken: Vec<&str> =
            all.filter(|promise| !promise.kept).map(|promise| promise.promise.as_str()).collect();
        Ok(match broken.is_empty() {
            true => Ok(()),
            false => fail(format!("{} promise(s) broken: {}", broken.len(), broken.join("; "))),
        })
    }

    fn report(&self, stage: &Stage, endpoint: &str, chain: &ChainClient) -> Report {
        Report {
            kind: stage.play.kind,
            seed: self.seed,
            negative_control: self.negative_control,
            cast: stage.players(),
            chain: Chain {
                endpoint: endpoint.to_string(),
                genesis: chain.genesis_hash().to_string(),
                netuid: stage.netuid,
                ..Chain::default()
            },
            ..Report::default()
        }
    }

    fn programme(&self) -> Result<Programme, Failure> {
        let plays = &self.subnets.0;
        if self.negative_control && plays.iter().any(|play| play.kind != Play::ALL[0].kind) {
            return fail("--negative-control is of subnets of text; name no others with --subnets");
        }
        let plays_text = plays.iter().any(|play| play.name == Play::ALL[0].name);
        if self.roles.is_some() && !plays_text {
            return fail(
                "--roles are those of the subnet `text`; name it with --subnets, or leave --roles out",
            );
        }
        let mut names = BTreeSet::new();
        if let Some(twice) = self.subnets.0.iter().find(|play| !names.insert(play.name)) {
            return fail(format!("--subnets names {} twice; name each once", twice.name));
        }
        let cast = |play: &'static Play| match (&self.roles, plays.len()) {
            (Some(path), _) if play.name == Play::ALL[0].name => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::new(format!("the roles file {}: {error}", path.display())))?;
                Ok((play, Cast::from_json(play, &text).map_err(Failure::new)?))
            }
            (_, 1) => Ok((play, Cast::shuffled(play, self.seed, "miner"))),
            _ => Ok((play, Cast::shuffled(play, self.seed, play.name))),
        };
        Ok(Programme {
            casts: plays.iter().map(|play| cast(play)).collect::<Result<_, Failure>>()?,
            validators: VALIDATORS[usize::from(self.subnets.of_several_kinds())],
            cheats: self.evidence,
            seed: self.seed,
        })
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

    /// The first validator reports miners that signed two answers to one challenge, and have collateral.
    async fn report_liars(
        &self,
        chain: &ChainClient,
        stage: &Stage,
        earlier: &[Forfeited],
        say: impl Fn(String),
    ) -> Result<Vec<Forfeited>, Failure> {
        let Some(validator) = stage.validators().next().filter(|_| stage.play.collateral > 0) else {
            return Ok(Vec::new());
        };
        let keeps_collateral = |actor: &&Actor| earlier.iter().all(|forfeited| forfeited.name != actor.name);
        let miners: Vec<&Actor> = stage.miners().filter(keeps_collateral).collect();
        let of = |account: &Account| miners.iter().find(|actor| actor.hotkey_account() == *account);
        let evidence = actors::evidence(&self.folder, validator, stage);
        let wanted = |account: &Account| of(account).is_some();
        let (forfeits, _) = report(chain, stage.netuid, &validator.coldkey, &evidence, wanted).await?;
        let mut lost = Vec::new();
        for forfeit in forfeits {
            let Some(actor) = of(&forfeit.miner) else { continue };
            let whole = tao(forfeit.reward.saturating_add(forfeit.recycled));
            say(format!("{} signed two answers to one challenge and lost {whole}", actor.name));
            lost.push(Forfeited {
                name: actor.name.clone(),
                reporter: validator.name.clone(),
                reward_rao: forfeit.reward.to_rao(),
                recycled_rao: forfeit.recycled.to_rao(),
            });
        }
        Ok(lost)
    }

    /// The best steady miner sells its earnings, so that free TAO appears.
    async fn unstake_best(
        &self,
        chain: &ChainClient,
        stage: &Stage,
        report: &Report,
        say: impl Fn(String),
    ) -> Result<Unstaked, Failure> {
        let steady = stage.miners().filter(|actor| actor.role.is_some_and(|role| role.steady));
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
}

/// The block of each subnet's last epoch.
async fn last_epochs(chain: &ChainClient, stages: &[Stage]) -> Result<Vec<u64>, Failure> {
    let mut last = Vec::new();
    for stage in stages {
        last.push(chain.metagraph(stage.netuid, None).await?.last_epoch);
    }
    Ok(last)
}

/// Fails if many epochs of a subnet have passed and none counts.
fn goes_on(stage: &Stage, report: &Report) -> Outcome {
    if validators::played(report) > 0 || report.chain.epochs.len() <= EPOCHS_WITHOUT_WEIGHTS {
        return Ok(());
    }
    let why = match report.paid().count() {
        0 => "no weights reached the chain",
        _ => "no validator that works could prove a whole one",
    };
    fail(format!(
        "{EPOCHS_WITHOUT_WEIGHTS} epochs of subnet {} passed and {why}; the validators' logs say why",
        stage.netuid
    ))
}

/// An epoch in one line.
fn headline(stage: &Stage, alone: bool, epoch: &Epoch) -> String {
    let paid = if epoch.from_weights { "paid by weights" } else { "paid by stake, no weights yet" };
    let subnet = match alone {
        true => String::new(),
        false => format!("{}, subnet {}: ", stage.play.name, stage.netuid),
    };
    let price = tao(TaoBalance::from_rao(epoch.price_rao));
    format!("{subnet}epoch at block {}: {paid}, 1 α = {price}", epoch.block)
}

/// Says what can be tried while the network stays up.
fn invite(endpoint: &str, stages: &[Stage]) -> Outcome {
    crate::output::tell!("\nThe network stays up; try, in another terminal:");
    if let Some(folder) = std::env::current_exe()?.parent() {
        crate::output::tell!("  export PATH=\"{}:$PATH\"", folder.display());
    }
    crate::output::tell!("  export MYELIN_ENDPOINT={endpoint}");
    for stage in stages {
        crate::output::tell!("  myelin metagraph --netuid {}", stage.netuid);
    }
    crate::output::tell!("  myelin subnet list");
    if let Some(text) = stages.iter().find(|stage| stage.play.kind == "text") {
        crate::output::tell!("  myelin ask --netuid {} --hotkey //Alice 'fn main() {{'", text.netuid);
    }
    if let (Some(validator), true) = (stages.iter().flat_map(Stage::validators).next(), stages.len() > 1) {
        crate::output::tell!(
            "Miners of the other kinds answer validators alone, as --hotkey {}.",
            validator.hotkey_uri
        );
    }
    crate::output::tell!("Ctrl-C stops everything.");
    Ok(())
}

/// Prints the role of each miner on a subnet, and the verdict on each promise.
fn verdict(stage: &Stage, report: &Report, alone: bool) {
    let subnet = if alone { String::new() } else { format!(" on the {} subnet", stage.play.name) };
    crate::output::say!(
        "\nWho was what{subnet}, and what {} paid epochs were worth to them:",
        report.paid().count()
    );
    let mut table = output::table(&["who", "role", "uid", "score", "alpha earned", "last incentive"], 2);
    for actor in &stage.actors {
        let last = report.paid().last().and_then(|epoch| epoch.neurons.get(usize::from(actor.uid)));
        table.add_row([
            actor.name.clone(),
            actor.role_name().to_string(),
            actor.uid.to_string(),
            report.scores.last().map(|scores| watch::score(scores, actor.uid)).unwrap_or_default(),
            alpha(AlphaBalance::from_rao(report.earned(actor.uid))),
            output::share(last.map_or(0, |neuron| neuron.share_of(actor.mechanism()))),
        ]);
    }
    output::print(&table);
    crate::output::say!("");
    promises_shown(&report.promises);
}

fn promises_shown(promises: &[Promise]) {
    for promise in promises {
        crate::output::say!(
            "{} {}\n       {}",
            if promise.kept { "kept  " } else { "BROKEN" },
            promise.promise,
            promise.found
        );
    }
}

/// Fails with the log of a process that ended unexpectedly.
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

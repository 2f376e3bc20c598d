//! `myelin validator run`: asks miners, judges, sets weights on time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use myelin_chain_client::ChainClient;
use myelin_subnet::evaluation::Decline;
use myelin_subnet::validator::RoundReport;
use myelin_subnet::{NodeChain, Validator, ValidatorOptions, ValidatorReport};
use myelin_wire::record::Ppm;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::replay::Replay;
use super::{connect, stop_signal};
use crate::keys::Keys;
use crate::output::{fail, Failure, Outcome};
use crate::sections::Section;
use crate::subnets::{secret_in, BurnIn, Choice, Controls, Kinds, Purpose, Rules, ValidatorSetup};
use crate::Global;

/// Validators.
#[derive(Subcommand)]
pub enum ValidatorCommand {
    /// Judges a subnet until it is stopped; state and evidence are on disk, so it may be restarted at any time.
    #[command(after_help = "Examples:\n  \
        myelin validator run --netuid 2 --hotkey validator1\n  \
        myelin validator run --netuid 2 --hotkey validator1 --corpus ~/texts --phrases ~/phrases.toml\n  \
        myelin validator run --config validators.toml")]
    Run(Box<Run>),
    /// Prints by which rules this version judges, as a subnet's owner announces them with `myelin subnet rubric announce`.
    #[command(after_help = "Examples:\n  \
        myelin validator rules --kind analysis --mechanism 1 > rules.txt\n  \
        myelin validator rules --kind text --verifiable 0 --controls 2 > rules.txt")]
    Rules(Rules),
    /// Judges again what a validator kept as evidence, compares every score, and checks seeds and signatures. Whoever has a copy of the folder
    /// can; no key is needed.
    #[command(after_help = "Examples:\n  \
        myelin validator replay --kind analysis .myelin/validator/evidence\n  \
        myelin validator replay --kind text --verifiable 0 --epoch 42 --offline copy/of/evidence")]
    Replay(Box<Replay>),
}

/// How to judge.
#[derive(Args)]
pub struct Run {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID", required_unless_present = "config")]
    netuid: Option<u16>,
    /// Judge several subnets: a TOML file with a section [[subnet]] for each, in which these options stand by name.
    #[arg(long, env = "MYELIN_VALIDATOR_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    choice: Choice,
    /// Folder for state and evidence; with --config one below it for each subnet.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/validator", value_name = "DIR")]
    data: PathBuf,
    /// Ask by texts, words and phrases that everybody has, instead of those that are made with the secret in the data folder. For trying out: whoever
    /// has looked them up is paid more than whoever runs a model.
    #[arg(long)]
    public_texts: bool,
    /// Folder in which customers leave requests (NAME.json), to be asked among the tasks of a round; answers come to NAME.answer.json.
    #[arg(long, value_name = "DIR")]
    organic: Option<PathBuf>,
    #[command(flatten)]
    controls: Controls,
    #[command(flatten)]
    burn_in: BurnIn,
    /// Also ask miners at addresses of private networks; on a chain with short block times they always are.
    #[arg(long)]
    allow_private: bool,
}

impl ValidatorCommand {
    /// Runs until stopped.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let run = match self {
            ValidatorCommand::Run(run) => *run,
            ValidatorCommand::Rules(rules) => {
                crate::output::write(&rules.text(kinds)?);
                return Ok(());
            }
            ValidatorCommand::Replay(replay) => return replay.run(global, kinds).await,
        };
        let runs = match &run.config {
            None => vec![run],
            Some(path) => Section::read(path)?
                .iter()
                .map(|section| Run::of_section(section, kinds))
                .collect::<Result<_, _>>()?,
        };
        let chain = connect(global).await?;
        let mut running = Vec::new();
        for run in &runs {
            running.push(run.start(&chain, global, kinds, runs.len() > 1).await?);
        }
        let mut showing: JoinSet<u16> = running
            .iter()
            .map(|one| {
                let (report, netuid) = (one.validator.report(), one.netuid);
                let name = name_of(netuid, runs.len() > 1);
                async move {
                    Shown::named(name).follow(report).await;
                    netuid
                }
            })
            .collect();
        let stopped = tokio::select! {
            () = stop_signal() => None,
            stopped = showing.join_next() => stopped,
        };
        for one in running {
            one.validator.shutdown(Duration::from_secs(3)).await;
        }
        match stopped {
            None => crate::output::say!("stopped; start it again to go on where it was"),
            Some(_) => return fail("a validator stopped by itself; the messages above say why"),
        }
        Ok(())
    }
}

/// A validator at work.
struct Running {
    netuid: u16,
    validator: Validator,
}

impl Run {
    fn of_section(section: &Section, kinds: &Kinds) -> Result<Self, Failure> {
        match crate::parse_again(kinds, section, &["validator", "run"])? {
            crate::Command::Validator(ValidatorCommand::Run(mut run)) => {
                if let (Some(netuid), false) = (run.netuid, section.has("data")) {
                    run.data.push(netuid.to_string());
                }
                Ok(*run)
            }
            _ => fail("the command line names another command"),
        }
    }

    async fn start(
        &self,
        chain: &ChainClient,
        global: &Global,
        kinds: &Kinds,
        several: bool,
    ) -> Result<Running, Failure> {
        let Some(netuid) = self.netuid else { return fail("a section [[subnet]] says no `netuid`") };
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let account = self.keys.hotkey_account(global)?;
        let Some(uid) = chain.uid(netuid, &account).await? else {
            return fail(format!(
                "hotkey {} is not registered on subnet {netuid}; `myelin subnet register --netuid {netuid}` registers it",
                crate::output::address(&account),
            ));
        };
        let setup = ValidatorSetup {
            controls: &self.controls,
            purpose: Purpose::Judge,
            secret: if self.public_texts { None } else { Some(secret_in(&self.data)?) },
            options: self.choice.options(),
        };
        let subnet = kinds.find(&self.choice.kind)?.validator(&setup)?;
        let for_customers = [("--organic", self.organic.is_some()), ("--past", self.controls.past.is_some())];
        if let Some((option, _)) = for_customers.iter().find(|(_, given)| *given && !subnet.asks_customers())
        {
            return fail(format!(
                "validators of the kind `{}` ask no requests of customers; leave {option} out",
                self.choice.kind
            ));
        }
        self.controls.check(self.organic.is_some())?;
        if subnet.asks_customers() && self.controls.count() == 0 {
            crate::output::tell!(
                "subnet {netuid}: no controls are asked, so a miner that serves customers worse than checks is not found; --past and --controls \
                 ask again what customers asked before"
            );
        }
        let options = ValidatorOptions {
            organic: self.organic.clone(),
            burn_in: self.burn_in.rounds,
            ..ValidatorOptions::new(netuid, &self.data)
        };
        let chain = NodeChain::new(chain.clone(), hotkey.clone()).for_asking(self.allow_private).await?;
        let validator = subnet.validate(chain, hotkey, options).await?;
        let also = if several { "also " } else { "" };
        crate::output::say!(
            "{also}validating subnet {netuid} with uid {uid}; state in {}",
            self.data.display()
        );
        Ok(Running { netuid, validator })
    }
}

/// What was printed already, so that each step is printed once.
#[derive(Default)]
struct Shown {
    /// What each line begins with, where several validators print.
    name: String,
    round: Option<String>,
    declines: BTreeMap<(u8, u16), (u64, u16)>,
    weights: BTreeMap<u8, u64>,
    revealed: Option<u64>,
    trouble: Option<String>,
    permit: bool,
}

impl Shown {
    fn named(name: String) -> Self {
        Self { name, ..Self::default() }
    }

    /// Prints until the validator stops.
    async fn follow(mut self, mut report: watch::Receiver<ValidatorReport>) {
        while report.changed().await.is_ok() {
            self.show(&report.borrow_and_update().clone());
        }
    }

    fn show(&mut self, report: &ValidatorReport) {
        if report.permit && !self.permit {
            crate::output::say!("{}block {}: this validator holds a permit", self.name, report.block);
        }
        self.permit = report.permit;
        if let Some(round) = &report.last_round {
            let line = round_line(round);
            if self.round.as_ref() != Some(&line) {
                crate::output::say!("{}block {}: {line}", self.name, report.block);
                let mut averages = BTreeMap::from([(0, Vec::new())]);
                for standing in &report.standings {
                    let average = f64::from(standing.average.get()) / 1e6;
                    let line: &mut Vec<String> = averages.entry(standing.mechanism).or_default();
                    line.push(format!("{}:{average:.3}", standing.miner.uid));
                }
                for (mechanism, line) in averages {
                    crate::output::say!("    {}{}", averages_of(&self.name, mechanism), line.join(" "));
                }
                self.round = Some(line);
            }
        }
        for ((mechanism, uid), one) in &report.declines {
            if self.declines.insert((*mechanism, *uid), one.at) != Some(one.at) {
                let line = decline_line(*mechanism, *uid, &one.decline);
                crate::output::say!("{}block {}: {line}", self.name, report.block);
            }
        }
        for (mechanism, (epoch, weights)) in &report.weights {
            if self.weights.insert(*mechanism, *epoch) != Some(*epoch) {
                let row: Vec<String> = weights
                    .uids
                    .iter()
                    .zip(&weights.values)
                    .map(|(uid, value)| format!("{uid}:{value}"))
                    .collect();
                let (of, row) = (of_mechanism(*mechanism), row.join(" "));
                crate::output::say!(
                    "{}block {}: {of}weights submitted in epoch {epoch}: {row}",
                    self.name,
                    report.block
                );
            }
        }
        if report.revealed_in != self.revealed {
            if let Some(epoch) = report.revealed_in {
                crate::output::say!("{}block {}: weights revealed in epoch {epoch}", self.name, report.block);
            }
            self.revealed = report.revealed_in;
        }
        if report.trouble != self.trouble {
            if let Some(trouble) = &report.trouble {
                crate::output::tell!("{}block {}: {trouble}", self.name, report.block);
            }
            self.trouble.clone_from(&report.trouble);
        }
    }
}

/// The first mechanism goes without saying.
fn of_mechanism(mechanism: u8) -> String {
    match mechanism {
        0 => String::new(),
        mechanism => format!("mechanism {mechanism}: "),
    }
}

/// What lines of a subnet begin with, where several validators print.
pub fn name_of(netuid: u16, several: bool) -> String {
    match several {
        true => format!("subnet {netuid}, "),
        false => String::new(),
    }
}

/// How the line with the averages by uid begins; the demo reads it.
pub fn averages_of(name: &str, mechanism: u8) -> String {
    format!("{name}{}averages ", of_mechanism(mechanism))
}

fn decline_line(mechanism: u8, uid: u16, decline: &Decline) -> String {
    let worth = |worth: Ppm| f64::from(worth.get()) / 1e6;
    format!(
        "{}uid {uid} has got worse: its answers were worth {:.3}, the last {} of them {:.3}",
        of_mechanism(mechanism),
        worth(decline.before),
        decline.answers,
        worth(decline.after)
    )
}

fn round_line(round: &RoundReport) -> String {
    format!(
        "round {} of epoch {}: {} answers judged, {} miners repeat others, asking {} ms, judging {} ms",
        round.round,
        round.epoch,
        round.evaluated.judged.len(),
        round.evaluated.repeats.len(),
        round.asking.as_millis(),
        round.judging.as_millis()
    )
}

//! `myelin`, one command for wallets, subnets, stake, metagraphs, miners, validators, local networks and the demo.
//!
//! The command is a library, so that the author of a kind of subnet gets the whole command with that kind in it.
//! [`run`] takes [kinds](Kind), and a program of a few lines around it mines and judges them on any network. `myelin`
//! itself is such a program without further kinds.
//!
//! This file parses the command line and starts the command. A command parses further, asks the SDK, and prints. Every
//! command takes `--json`. A command that moves money announces the effect and asks, unless `--yes` is given. Exit code
//! 0: done. Exit code 1: refused or failed; the reason is the last line on standard error. With `--json`, it is also
//! the field `error` of the answer if there is no other answer. Exit code 2: wrong usage.

mod address_book;
mod commands;
mod demo;
mod keys;
mod net;
mod output;
mod reference;
mod sections;
mod send;
mod service;
mod settings;
mod subnets;
mod usage;

use std::process::ExitCode;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};
use subnets::Kinds;

pub use clap;
pub use output::Failure;
pub use subnets::{
    AskSetup, Controls, Inquiry, Kind, MinerSetup, Model, Opened, Purpose, Reader, Shown, ValidatorSetup,
};

#[derive(Parser)]
#[command(
    name = "myelin",
    version,
    about = "A market for machine intelligence: run a network, mine, validate, stake, ask",
    after_help = "Examples:\n  \
        myelin net up                          a local network in the background\n  \
        myelin subnet list                     subnets with price, pool and emission\n  \
        myelin metagraph --netuid 2            who is who on a subnet\n  \
        myelin stake add --netuid 2 --hotkey NAME --amount 10\n  \
        myelin doctor --wallet NAME            what is wrong with a set-up, and how to fix it\n  \
        myelin demo --epochs 4 --exit          models are judged and paid, then a verdict"
)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// RPC endpoint of a node.
    #[arg(
        long,
        global = true,
        env = settings::ENDPOINT_VARIABLE,
        default_value = settings::LOCAL,
        value_parser = settings::Endpoint::parse,
        value_name = "URL",
        aliases = ["network", "chain", "subtensor.network", "subtensor.chain_endpoint"]
    )]
    pub endpoint: settings::Endpoint,
    /// Folder of the wallets.
    #[arg(
        long,
        short = 'p',
        global = true,
        env = "BT_WALLET_PATH",
        value_name = "DIR",
        aliases = ["wallet_path", "wallet.path"]
    )]
    pub wallet_path: Option<std::path::PathBuf>,
    /// Print one JSON value for programs instead of a table for people.
    #[arg(long, global = true, aliases = ["json-output", "json-out"])]
    pub json: bool,
    /// Filter for the log on standard error: error, warn, info, debug or trace, also by module, as in
    /// `warn,myelin_subnet=debug`.
    #[arg(
        long,
        global = true,
        env = "MYELIN_LOG",
        default_value = "warn",
        value_name = "LEVEL",
        value_parser = log_level,
        hide_short_help = true
    )]
    pub log_level: String,
    /// Do not ask before money moves.
    #[arg(long, short = 'y', global = true, aliases = ["no-prompt", "no_prompt"])]
    pub yes: bool,
}

/// Checks a filter of logs.
fn log_level(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        Ok(_) if !text.is_empty() => Ok(text.to_owned()),
        _ => {
            Err("a level is error, warn, info, debug or trace, also by module, as `warn,myelin_subnet=debug`"
                .into())
        }
    }
}

#[cfg(test)]
impl Global {
    /// Options of a command that needs neither a node nor a wallet.
    fn for_tests() -> Self {
        let endpoint = settings::Endpoint::parse("local").expect("an address");
        Global { endpoint, wallet_path: None, json: true, log_level: "warn".into(), yes: true }
    }
}

#[derive(Subcommand)]
enum Command {
    /// Keys: create, restore, list, balance, transfer, sign, history.
    #[command(subcommand, visible_alias = "w", alias = "wallets")]
    Wallet(commands::wallet::Wallet),
    /// Subnets: new, list, show, create, register, hyperparameters, set, identity, mechanisms, commitments.
    #[command(subcommand, visible_aliases = ["subnets", "s"])]
    Subnet(commands::subnet::Subnet),
    /// Stake: list, validators, add, remove, move, swap, transfer, child, claims, auto.
    #[command(subcommand, visible_alias = "st")]
    Stake(commands::stake::Stake),
    /// Settings of owners and validators: set, get, take, trim, trigger-epoch, stake-burn.
    #[command(subcommand, alias = "su")]
    Sudo(commands::sudo::Sudo),
    /// Weights: show, set, commit, reveal.
    #[command(subcommand, visible_alias = "wt", alias = "weight")]
    Weights(commands::weights::Weights),
    /// Address of a hotkey's server: show, set, reset.
    #[command(subcommand)]
    Axon(commands::axon::Axon),
    /// Locked alpha and conviction: list, show, add, mode, move, accept.
    #[command(subcommand)]
    Lock(commands::lock::Lock),
    /// Collateral of miners: show, require, lock, unbond, withdraw, report.
    #[command(subcommand)]
    Collateral(commands::collateral::Collateral),
    /// Records of models: publish, list, show, lineage, verify, pull, confirm, transfer, withdraw, dispute, answer,
    /// retract, takedown, declare, share.
    #[command(subcommand)]
    Model(commands::model::Model),
    /// A coldkey's money, stake and neurons, as `myelin wallet overview`.
    View(commands::wallet::Overview),
    /// Every neuron of a subnet.
    Metagraph(commands::metagraph::Metagraph),
    /// Serve answers and earn.
    #[command(subcommand)]
    Miner(commands::miner::MinerCommand),
    /// Judge miners and set weights.
    #[command(subcommand)]
    Validator(commands::validator::ValidatorCommand),
    /// Evidence of validators, and what follows from it: verify, replay, redact, report, contest, fetch.
    #[command(subcommand)]
    Evidence(commands::evidence::Evidence),
    /// Decisions of holders: status, simulate, propose, text, decide, refund, note, unnote, lock, unlock, vote,
    /// withdraw, delegate, undelegate, calendar, delay, mark, brake, claim, pay, upgrade.
    #[command(subcommand)]
    Gov(commands::gov::Gov),
    /// Elections of block authors: status, candidates, join, pledge, unbond, leave, withdraw, chill, resume.
    #[command(subcommand, alias = "elections")]
    Election(commands::election::Election),
    /// Accounts that act for others: list, kinds, add, remove, create, kill, execute, cancel, reject.
    #[command(subcommand)]
    Proxy(commands::proxy::Proxy),
    /// Names for addresses: list, add, remove.
    #[command(subcommand)]
    Address(commands::address::Address),
    /// Defaults of endpoint and wallet: get, set, clear.
    #[command(subcommand, alias = "conf")]
    Config(commands::config::Config),
    /// Small tools: convert, latency.
    #[command(subcommand, name = "utils")]
    Tools(commands::tools::Tools),
    /// Prints the script with which a shell completes commands and options.
    #[command(
        after_help = "Example:\n  myelin completions bash > ~/.local/share/bash-completion/completions/myelin"
    )]
    Completions(commands::shell::Completions),
    /// Writes a manual page for each command.
    #[command(after_help = "Example:\n  myelin man ~/.local/share/man/man1")]
    Man(commands::shell::Manual),
    /// Prints the page docs/reference/commands.md.
    #[command(hide = true)]
    Reference,
    /// Finds faults of a set-up, and says how to fix them.
    #[command(
        after_help = "Examples:\n  myelin doctor --wallet alice --hotkey miner1\n  myelin doctor --wallet bob --hotkey validator --netuid 2"
    )]
    Doctor(commands::doctor::Doctor),
    /// Asks the best miner of a subnet, or several at once.
    Ask(commands::ask::Ask),
    /// A local network: up, status, down.
    #[command(subcommand)]
    Net(commands::net::Net),
    /// The ledgers of a chain: equation, watch.
    #[command(subcommand)]
    Chain(commands::chain::Chain),
    /// A node of a network: run, keys, chain-file, status, authorities, check-state.
    #[command(subcommand)]
    Node(commands::node::Node),
    /// A local network on which models are judged and paid.
    Demo(demo::Demo),
}

impl Command {
    /// Whether the user's defaults may change the command. They must not change `myelin config`, which repairs them.
    fn uses_defaults(&self) -> bool {
        !matches!(self, Command::Config(_) | Command::Completions(_) | Command::Man(_) | Command::Reference)
    }

    /// Does what was asked.
    async fn run(self, global: &Global, kinds: &Kinds) -> output::Outcome {
        match self {
            Command::Wallet(command) => command.run(global).await,
            Command::Subnet(command) => command.run(global, kinds).await,
            Command::Stake(command) => command.run(global).await,
            Command::Collateral(command) => command.run(global).await,
            Command::Model(command) => command.run(global, kinds).await,
            Command::Metagraph(command) => command.run(global).await,
            Command::Miner(command) => command.run(global, kinds).await,
            Command::Validator(command) => command.run(global, kinds).await,
            Command::Evidence(command) => command.run(global, kinds).await,
            Command::Sudo(command) => command.run(global).await,
            Command::Gov(command) => command.run(global).await,
            Command::Election(command) => command.run(global).await,
            Command::Weights(command) => command.run(global).await,
            Command::Axon(command) => command.run(global).await,
            Command::Proxy(command) => command.run(global).await,
            Command::Doctor(doctor) => doctor.run(global).await,
            Command::Config(command) => command.run(global),
            Command::Tools(command) => command.run(global).await,
            Command::Completions(completions) => completions.run(kinds.describe(Cli::command())),
            Command::Man(manual) => manual.run(global, kinds.describe(Cli::command())),
            Command::Reference => {
                output::write(&reference::page(&Cli::command()));
                Ok(())
            }
            Command::View(overview) => overview.run(global).await,
            Command::Lock(command) => command.run(global).await,
            Command::Address(command) => command.run(global),
            Command::Ask(command) => command.run(global, kinds).await,
            Command::Net(command) => command.run(global).await,
            Command::Chain(command) => command.run(global).await,
            Command::Node(command) => command.run(global).await,
            Command::Demo(command) => command.run(global).await,
        }
    }
}

/// Parses the command line again, with the values of a file's section as defaults of the command at `place`.
fn parse_again(kinds: &Kinds, section: &sections::Section, place: &[&str]) -> Result<Command, Failure> {
    let command = settings::Settings::load().apply(kinds.describe(Cli::command()));
    let matches = section.apply(command, place)?.try_get_matches().map_err(|error| {
        // Without the parts for a terminal.
        let text = error.to_string();
        let said = text.split("\n\nUsage").next().and_then(|text| text.split("\n\nFor more").next());
        let said = said.unwrap_or(&text).trim_start_matches("error: ").trim_end();
        Failure::new(format!("a section of the configuration file: {said}"))
    })?;
    Ok(Cli::from_arg_matches(&matches)?.command)
}

/// The command with `-1` allowed as a value of its options: their own errors are better than "there is no option `-1`".
fn with_negative_numbers(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| match arg.get_action().takes_values() {
            true => arg.allow_negative_numbers(true),
            false => arg,
        })
        .mut_subcommands(with_negative_numbers)
}

/// The command with help for a group of commands that is named alone.
fn with_help(command: clap::Command) -> clap::Command {
    let is_group = command.has_subcommands();
    command.arg_required_else_help(is_group).mut_subcommands(with_help)
}

/// The whole command, for a program's `main`. It mines and judges subnets of these kinds too; the first of them is the
/// default of `--kind`.
pub fn run(own: Vec<Box<dyn Kind>>) -> ExitCode {
    let kinds = Kinds::with(own);
    let command = kinds.describe(Cli::command());
    if let Err(error) = kinds.check(&command) {
        crate::output::tell!("error: {error}");
        return ExitCode::FAILURE;
    }
    let settings = settings::Settings::load();
    let command = settings.apply(with_help(with_negative_numbers(command)));
    let words: Vec<_> = std::env::args_os().collect();
    let parsed = match command.clone().try_get_matches_from(&words) {
        // The parser counts environment variables as arguments, so it does not show help by itself.
        Err(error) if error.kind() == clap::error::ErrorKind::MissingSubcommand => {
            command.try_get_matches_from(words.into_iter().chain(["-h".into()]))
        }
        parsed => parsed,
    };
    let cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => {
            let words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
            return usage::refused(&error, &words.collect::<Vec<_>>());
        }
    };
    if let (Some(why), true) = (settings.broken(), cli.command.uses_defaults()) {
        output::failed(&Failure::new(why), cli.global.json);
        return ExitCode::FAILURE;
    }
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new(&cli.global.log_level))
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            crate::output::tell!("error: the system gave no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(cli.command.run(&cli.global, &kinds));
    match outcome.and_then(|()| output::all_printed()) {
        Ok(()) => output::exit_code(),
        Err(error) => {
            output::failed(&error, cli.global.json);
            ExitCode::FAILURE
        }
    }
}

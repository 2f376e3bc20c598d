//! `myelin`, one command for wallets, subnets, stake, metagraphs, miners, validators, local networks and the demo.
//!
//! This file parses the command line and starts the command; a command parses further, asks the SDK, and prints.
//! Every command that only reads takes `--json`; a command that moves money says what will happen first and asks,
//! unless `--yes`. Exit codes: 0 done, 1 refused or failed (the reason is the last line on standard error), 2 wrong
//! usage.

mod commands;
mod demo;
mod keys;
mod net;
mod output;
mod text;

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

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
        env = "MYELIN_ENDPOINT",
        default_value = "ws://127.0.0.1:9944",
        value_name = "URL"
    )]
    pub endpoint: String,
    /// Folder of the wallets.
    #[arg(long, global = true, env = "BT_WALLET_PATH", value_name = "DIR")]
    pub wallet_path: Option<std::path::PathBuf>,
    /// Print one JSON value for programs instead of a table for people.
    #[arg(long, global = true)]
    pub json: bool,
    /// Do not ask before money moves.
    #[arg(long, short = 'y', global = true)]
    pub yes: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Keys: create, restore, list, balance, transfer.
    #[command(subcommand)]
    Wallet(commands::wallet::Wallet),
    /// Subnets: list, show, create, register, hyperparameters, set.
    #[command(subcommand)]
    Subnet(commands::subnet::Subnet),
    /// Stake: list, add, remove, move.
    #[command(subcommand)]
    Stake(commands::stake::Stake),
    /// Collateral of miners: show, require, lock, unbond, withdraw, report.
    #[command(subcommand)]
    Collateral(commands::collateral::Collateral),
    /// Every neuron of a subnet.
    Metagraph(commands::metagraph::Metagraph),
    /// Serve answers and earn.
    #[command(subcommand)]
    Miner(commands::miner::MinerCommand),
    /// Judge miners and set weights.
    #[command(subcommand)]
    Validator(commands::validator::ValidatorCommand),
    /// Ask the best miner of a subnet.
    Ask(commands::ask::Ask),
    /// A local network: up, status, down.
    #[command(subcommand)]
    Net(commands::net::Net),
    /// A local network on which models are judged and paid.
    Demo(demo::Demo),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("MYELIN_LOG")
                .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn")),
        )
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_writer(std::io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the system gave no threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match cli.command {
            Command::Wallet(command) => command.run(&cli.global).await,
            Command::Subnet(command) => command.run(&cli.global).await,
            Command::Stake(command) => command.run(&cli.global).await,
            Command::Collateral(command) => command.run(&cli.global).await,
            Command::Metagraph(command) => command.run(&cli.global).await,
            Command::Miner(command) => command.run(&cli.global).await,
            Command::Validator(command) => command.run(&cli.global).await,
            Command::Ask(command) => command.run(&cli.global).await,
            Command::Net(command) => command.run(&cli.global).await,
            Command::Demo(command) => command.run(&cli.global).await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

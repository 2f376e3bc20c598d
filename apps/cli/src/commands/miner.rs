//! `myelin miner run`: answers validators with a built-in model or with any OpenAI-compatible server.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use myelin_chain_client::ChainClient;
use myelin_subnet::private::create_folder;
use myelin_subnet::{Miner, MinerOptions, NodeChain, StakePart, Strangers};

use super::{connect, stop_signal};
use crate::keys::Keys;
use crate::output::{fail, Failure, Outcome};
use crate::sections::Section;
use crate::subnets::{Choice, Kinds, MinerSetup, Model};
use crate::Global;

/// Miners.
#[derive(Subcommand)]
pub enum MinerCommand {
    /// Serves answers until it is stopped.
    #[command(after_help = "Examples:\n  \
        myelin miner run --netuid 2 --hotkey miner1 --model late --ip 127.0.0.2\n  \
        myelin miner run --netuid 2 --hotkey miner1 --backend http://localhost:8000/v1 --model NAME --ip 203.0.113.7")]
    Run(Box<Run>),
}

/// How to serve.
#[derive(Args)]
pub struct Run {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID", required_unless_present = "config")]
    netuid: Option<u16>,
    /// Serve several subnets: a TOML file with a section [[subnet]] for each, in which these options stand by name.
    #[arg(long, env = "MYELIN_MINER_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    model: Model,
    /// Port of the axon.
    #[arg(long, env = "BT_AXON_PORT", default_value_t = 8091)]
    port: u16,
    /// Address that validators reach this machine at; it is announced on the chain. On one machine use 127.0.0.2:
    /// the chain refuses 127.0.0.1, which is a forgotten setting nearly always.
    #[arg(long, env = "BT_AXON_EXTERNAL_IP", required_unless_present = "config")]
    ip: Option<IpAddr>,
    /// Submit an artefact instead of answering: its file, and with MECHANISM= in front another mechanism than 1. It is committed
    /// to on the chain, every validator runs it, and from then on everybody may have it.
    #[arg(long, value_name = "[MECHANISM=]FILE", value_parser = artefact)]
    submit: Vec<(u8, PathBuf)>,
    /// Answers computed at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// Who holds a permit and at least this part of the stake of all who hold one is a validator, and everybody else a
    /// stranger: a permit alone buys nothing.
    #[arg(long, value_name = "PART", default_value_t)]
    validator_stake: StakePart,
    /// Also answer strangers, after this many milliseconds; by default they are refused.
    #[arg(long, value_name = "MS")]
    serve_strangers_after: Option<u64>,
    /// Folder for the answers given, so that none is signed twice differently after a restart; with --config one below
    /// it for each subnet.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/miner", value_name = "DIR")]
    data: PathBuf,
}

impl MinerCommand {
    /// Runs until stopped.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let MinerCommand::Run(run) = self;
        let runs = match &run.config {
            None => vec![*run],
            Some(path) => Section::read(path)?
                .iter()
                .map(|section| Run::of_section(section, kinds))
                .collect::<Result<_, _>>()?,
        };
        let chain = connect(global).await?;
        let mut miners = Vec::new();
        for run in &runs {
            miners.push(run.start(&chain, global, kinds).await?);
        }
        stop_signal().await;
        for miner in miners {
            miner.shutdown(Duration::from_secs(3)).await;
        }
        crate::output::say!("stopped");
        Ok(())
    }
}

impl Run {
    fn of_section(section: &Section, kinds: &Kinds) -> Result<Self, Failure> {
        match crate::parse_again(kinds, section, &["miner", "run"])? {
            crate::Command::Miner(MinerCommand::Run(mut run)) => {
                if let (Some(netuid), false) = (run.netuid, section.has("data")) {
                    run.data.push(netuid.to_string());
                }
                Ok(*run)
            }
            _ => fail("the command line names another command"),
        }
    }

    async fn start(&self, chain: &ChainClient, global: &Global, kinds: &Kinds) -> Result<Miner, Failure> {
        let (Some(netuid), Some(ip)) = (self.netuid, self.ip) else {
            return fail("a section [[subnet]] says no `netuid` or no `ip`");
        };
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let account = self.keys.hotkey_account(global)?;
        let Some(uid) = chain.uid(netuid, &account).await? else {
            return fail(format!(
                "hotkey {} is not registered on subnet {netuid}; `myelin subnet register --netuid {netuid}` registers it",
                crate::output::address(&account),
            ));
        };
        let chain = NodeChain::new(chain.clone(), hotkey.clone());
        let (subnet, model) = kinds.find(&self.choice.kind)?.miner(&MinerSetup {
            model: &self.model,
            options: self.choice.options(),
            hotkey: &hotkey,
            chain: &chain,
            netuid,
        })?;

        let mut options = MinerOptions::new(netuid, SocketAddr::new(listen_on(ip), self.port));
        options.announce = Some(SocketAddr::new(ip, self.port));
        options.workers = self.workers.into();
        options.submit.clone_from(&self.submit);
        options.state = Some(self.data.clone());
        options.least_stake = self.validator_stake;
        if let Some(delay) = self.serve_strangers_after {
            options.strangers = Strangers::Served { delay: Duration::from_millis(delay) };
        }
        create_folder(&self.data)?;
        let miner = subnet.mine(chain, hotkey, options).await?;
        crate::output::say!(
            "mining subnet {netuid} with uid {uid}, model {model}, axon at {}",
            miner.address()
        );
        Ok(miner)
    }
}

/// `FILE` or `MECHANISM=FILE`.
fn artefact(text: &str) -> Result<(u8, PathBuf), std::convert::Infallible> {
    let numbered = text.split_once('=').and_then(|(number, path)| Some((number.parse().ok()?, path.into())));
    Ok(numbered.unwrap_or_else(|| (1, text.into())))
}

/// The loopback address for itself, every interface for anything else.
fn listen_on(announced: IpAddr) -> IpAddr {
    match announced {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    }
}

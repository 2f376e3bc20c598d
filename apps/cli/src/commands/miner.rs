//! `myelin miner run`: answers validators with a built-in model or with any OpenAI-compatible server.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, Subcommand};
use myelin_subnet::{Miner, MinerOptions, NodeChain, Strangers};

use super::{connect, stop_signal};
use crate::keys::Keys;
use crate::output::{fail, Outcome};
use crate::text::MinerSetup;
use crate::Global;

/// Miners.
#[derive(Subcommand)]
pub enum MinerCommand {
    /// Serves answers until it is stopped.
    #[command(after_help = "Examples:\n  \
        myelin miner run --netuid 2 --hotkey miner1 --model late --ip 127.0.0.2\n  \
        myelin miner run --netuid 2 --hotkey miner1 --backend http://localhost:8000/v1 --model NAME --ip 203.0.113.7")]
    Run(Run),
}

/// How to serve.
#[derive(Args)]
pub struct Run {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    setup: MinerSetup,
    /// Port of the axon.
    #[arg(long, env = "BT_AXON_PORT", default_value_t = 8091)]
    port: u16,
    /// Address that validators reach this machine at; it is announced on the chain. On one machine use 127.0.0.2:
    /// the chain refuses 127.0.0.1, which is a forgotten setting nearly always.
    #[arg(long, env = "BT_AXON_EXTERNAL_IP")]
    ip: IpAddr,
    /// Answers computed at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// Also answer callers without a validator permit, after this many milliseconds; by default they are refused.
    #[arg(long, value_name = "MS")]
    serve_strangers_after: Option<u64>,
    /// Folder for the answers given, so that none is signed twice differently after a restart.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/miner", value_name = "DIR")]
    data: PathBuf,
}

impl MinerCommand {
    /// Runs until stopped.
    pub async fn run(self, global: &Global) -> Outcome {
        let MinerCommand::Run(run) = self;
        let hotkey = Arc::new(run.keys.hotkey(global)?);
        let chain = connect(global).await?;
        let account = run.keys.hotkey_account(global)?;
        let Some(uid) = chain.uid(run.netuid, &account).await? else {
            return fail(format!(
                "hotkey {} is not registered on subnet {}; `myelin subnet register --netuid {}` registers it",
                crate::output::address(&account),
                run.netuid,
                run.netuid
            ));
        };
        let chain = NodeChain::new(chain, hotkey.clone());
        let (subnet, model) = run.setup.open(&hotkey, &chain, run.netuid)?;

        let mut options = MinerOptions::new(run.netuid, SocketAddr::new(listen_on(run.ip), run.port));
        options.announce = Some(SocketAddr::new(run.ip, run.port));
        options.workers = run.workers.into();
        options.state = Some(run.data.clone());
        if let Some(delay) = run.serve_strangers_after {
            options.strangers = Strangers::Served { delay: Duration::from_millis(delay) };
        }
        std::fs::create_dir_all(&run.data)?;
        let miner = Miner::start(Arc::new(subnet), chain, hotkey, options).await?;
        println!("mining subnet {} with uid {uid}, model {model}, axon at {}", run.netuid, miner.address());
        stop_signal().await;
        miner.shutdown(Duration::from_secs(3)).await;
        println!("stopped");
        Ok(())
    }
}

/// The loopback address for itself, every interface for anything else.
fn listen_on(announced: IpAddr) -> IpAddr {
    match announced {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    }
}

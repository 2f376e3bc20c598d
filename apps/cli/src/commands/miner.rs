//! `myelin miner`: answers validators with a built-in model or with any OpenAI-compatible server, and reports its work.

mod artefact;
mod contest;
mod judged;
mod scores;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Neuron};
use myelin_neuron::dendrite::Target;
use myelin_subnet::node::Backing;
use myelin_subnet::reach::is_public;
use myelin_subnet::{MinerOptions, NodeChain, StakePart, Strangers};

use super::model::warn_of_marks;
use super::{connect, ensure_kind, registered};
use crate::keys::Keys;
use crate::output::{address, fail, tao, tell, Failure, Outcome};
use crate::sections::Section;
use crate::service::backend::{BackendWatch, Server};
use crate::service::{attend, status, Voice, Watching};
use crate::subnets::{Choice, Kinds, MinerSetup, Model};
use crate::Global;

use artefact::Artefact;
use judged::Judges;
use scores::Scores;
use watch::{MinerStatus, Post};

/// Miners.
#[derive(Subcommand)]
pub enum MinerCommand {
    /// Serves answers until it is stopped.
    #[command(after_help = "Examples:\n  \
        myelin miner run --netuid 2 --hotkey miner1 --model late --ip 127.0.0.2\n  \
        myelin miner run --netuid 2 --hotkey miner1 --backend http://localhost:8000/v1 --model NAME \
            --ip 203.0.113.7\n  \
        myelin miner run --netuid 2 --hotkey miner1 --model ID --weights ./models --ip 203.0.113.7")]
    Run(Box<Run>),
    /// Work, failures and earnings of a miner that runs on this machine.
    #[command(
        after_help = "Examples:\n  myelin miner status\n  myelin miner status --data .myelin/miner2 --json"
    )]
    Status(Data),
    /// The scores of a miner's answers: each with its parts by name, as its validators report and sign them.
    #[command(after_help = "Examples:\n  \
        myelin miner scores --netuid 2 --hotkey miner1\n  \
        myelin miner scores --netuid 2 --hotkey miner1 --validator 0 --epoch 42 --json\n  \
        myelin miner scores --netuid 2 --hotkey miner1 --rounds 1 --texts ./judged\n  \
        myelin miner scores --netuid 2 --hotkey miner1 --epoch 42 --contest contest.json\n\n\
        Validators that were started with --evidence-ip tell; those that were not are named. Each score is checked: it must follow from \
        its parts by the rubric, and come from the validator's own hotkey. Beside a score that says that no answer came stands whether this \
        miner signed one, as far as its data folder is here.")]
    Scores(Box<Scores>),
    /// Fetches what a miner submitted: from the miner, or from a validator that judged it and hands it on. What is
    /// written is what the miner has committed to on the chain.
    #[command(after_help = "Examples:\n  \
        myelin miner artefact --netuid 2 --kind analysis --uid 3 --out program.wasm\n  \
        myelin miner artefact --netuid 2 --kind analysis --uid 3 --commitment 0x… --out before.wasm")]
    Artefact(Box<Artefact>),
}

/// Data folder of a miner.
#[derive(Args)]
pub struct Data {
    /// The data folder that the miner was started with.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/miner", value_name = "DIR")]
    data: PathBuf,
}

/// Settings of a miner.
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
    #[arg(long, env = "BT_AXON_PORT", default_value_t = 8091, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Address at which validators reach this machine; it is announced on the chain. On one machine use 127.0.0.2,
    /// because the chain refuses 127.0.0.1 as a forgotten setting.
    #[arg(
        long,
        env = "BT_AXON_EXTERNAL_IP",
        required_unless_present = "config",
        value_parser = super::axon::announceable
    )]
    ip: Option<IpAddr>,
    /// Submit an artefact instead of answering: its file, with MECHANISM= in front for another mechanism than 1. It is
    /// committed to on the chain, every validator runs it, and from then on everybody may have it.
    #[arg(long, value_name = "[MECHANISM=]FILE", value_parser = artefact)]
    submit: Vec<(u8, PathBuf)>,
    /// Most answers computed at the same time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: u16,
    /// Least part of the stake of all permit holders that makes a permit holder a validator. All others are strangers:
    /// a permit alone gives no access.
    #[arg(long, value_name = "PART", default_value_t)]
    validator_stake: StakePart,
    /// Also answer strangers, after this many milliseconds; by default they are refused.
    #[arg(long, value_name = "MS")]
    serve_strangers_after: Option<u64>,
    /// Folder for the answers given, so that no request gets two different signed answers across a restart; with
    /// --config one below it for each subnet.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/miner", value_name = "DIR")]
    data: PathBuf,
    /// Forget answers at once and sign anew, so that this miner may contradict itself; for tests and the demo.
    #[arg(long, hide = true)]
    forgetful: bool,
    #[command(flatten)]
    watching: Watching,
}

impl MinerCommand {
    /// Runs a miner until it is stopped, or shows a running one.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let run = match self {
            MinerCommand::Run(run) => run,
            MinerCommand::Status(data) => {
                return status::show(global, &data.data, "miner", MinerStatus::fields)
            }
            MinerCommand::Scores(scores) => return scores.run(global, kinds).await,
            MinerCommand::Artefact(artefact) => return artefact.run(global, kinds).await,
        };
        let (watching, file) = (run.watching.clone(), run.config.clone());
        let runs = Section::each(file.as_deref(), *run, |section| Run::of_section(section, kinds))?;
        let chain = connect(global).await?;
        let voice = Voice::of_process(global);
        let mut posts = Vec::new();
        for run in &runs {
            posts.push(run.start(&chain, global, kinds, runs.len() > 1).await?);
        }
        let source = || watch::source(posts.iter().map(|post| post.status.clone()).collect());
        watching.serve_metrics(&voice, source).await?;
        attend(posts, &chain, &watching, &voice, "stopped").await
    }
}

impl Run {
    fn of_section(section: &Section, kinds: &Kinds) -> Result<Self, Failure> {
        match crate::parse_again(kinds, section, &["miner", "run"])? {
            crate::Command::Miner(MinerCommand::Run(run)) => {
                Ok(Run { data: section.folder(run.data, run.netuid), ..*run })
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
    ) -> Result<Post, Failure> {
        let (Some(netuid), Some(ip)) = (self.netuid, self.ip) else {
            return fail("a section [[subnet]] says no `netuid` or no `ip`");
        };
        let uid = registered(global, chain, &self.keys, netuid).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let client = chain;
        let chain = NodeChain::new(chain.clone(), hotkey.clone());
        let kind = kinds.find(&self.choice.kind)?;
        if let Some(id) = self.model.published()? {
            if !kind.serves_weights() {
                return fail(format!(
                    "miners of the kind `{}` serve no weights of a file; leave --weights out",
                    kind.name()
                ));
            }
            warn_of_marks(client, &id).await?;
        }
        let (subnet, model) = kind.miner(&MinerSetup {
            model: &self.model,
            options: self.choice.options(),
            hotkey: &hotkey,
            chain: &chain,
            netuid,
        })?;
        ensure_kind(client, netuid, &subnet).await?;

        let mut options = MinerOptions::new(netuid, SocketAddr::new(listen_on(ip), self.port));
        options.announce = Some(SocketAddr::new(ip, self.port));
        options.workers = self.workers.into();
        options.submit.clone_from(&self.submit);
        options.state = Some(self.data.clone());
        options.least_stake = self.validator_stake;
        options.forgetful = self.forgetful;
        if let Some(delay) = self.serve_strangers_after {
            options.strangers = Strangers::Served { delay: Duration::from_millis(delay) };
        }
        status::make_folder(&self.data)?;
        let account = Account(hotkey.public());
        let judges = Judges::new(hotkey.clone(), client, netuid);
        let miner = subnet.mine(chain, hotkey, options).await?;
        let voice = Voice::of_subnet(global, netuid, several);
        let status = MinerStatus {
            netuid,
            uid,
            hotkey: address(&account),
            model: model.clone(),
            axon: miner.address().to_string(),
            ..MinerStatus::default()
        };
        let text =
            format!("mining subnet {netuid} with uid {uid}, model {model}, axon at {}", miner.address());
        Voice::of_subnet(global, netuid, false).say("started", &text, &status);
        let backing = Backing::read(client, netuid, None).await?;
        if !backing.is_backed(&account) {
            tell!(
                "subnet {netuid} requires {} of collateral, and its validators may ask nobody without it: \
                 `myelin collateral lock --netuid {netuid} --amount …` locks it",
                tao(backing.required.amount)
            );
        }
        Ok(Post {
            miner,
            voice,
            hotkey: account,
            backend: BackendWatch::new(self.server()),
            judges,
            folder: self.data.clone(),
            started: Instant::now(),
            status: Arc::new(Mutex::new(status)),
        })
    }

    /// The server that answers, if there is one.
    fn server(&self) -> Option<Server> {
        let Model { name, backend, backend_key, .. } = &self.model;
        let (url, model) = backend.clone().zip(name.clone())?;
        Some(Server { url, model, key: backend_key.clone() })
    }
}

/// `FILE` or `MECHANISM=FILE`.
fn artefact(text: &str) -> Result<(u8, PathBuf), std::convert::Infallible> {
    let numbered = text.split_once('=').and_then(|(number, path)| Some((number.parse().ok()?, path.into())));
    Ok(numbered.unwrap_or_else(|| (1, text.into())))
}

/// The address at which a validator shows its evidence. `None` for a validator that shows none, or at an address that
/// is not public unless any address may be asked.
pub(super) fn evidence_at(neuron: &Neuron, anywhere: bool) -> Option<Target> {
    let at = neuron.axon.filter(|at| neuron.tells_evidence && (anywhere || is_public(at.ip())))?;
    let target = Target::new(neuron.hotkey.0, at);
    Some(if neuron.signed_bodies { target.signing_bodies() } else { target })
}

/// The loopback address for an announced loopback address, every interface for any other.
pub(super) fn listen_on(announced: IpAddr) -> IpAddr {
    match announced {
        ip if ip.is_loopback() => ip,
        IpAddr::V4(_) => IpAddr::from([0; 4]),
        IpAddr::V6(_) => IpAddr::from([0; 16]),
    }
}

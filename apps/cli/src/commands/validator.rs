//! `myelin validator`: asks miners, judges, sets weights on time, and reports its work.

mod watch;
mod write;

use std::fs::File;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use myelin_abi::Account;
use myelin_chain_client::ChainClient;
use myelin_subnet::reach::is_local_chain;
use myelin_subnet::validator::KEEP_CUSTOMER_TEXTS;
use myelin_subnet::{Chain, EvidenceAxon, NodeChain, ValidatorOptions};
use myelin_wallet::Keypair;

use super::evidence::Replay;
use super::miner::listen_on;
use super::{connect, ensure_kind, registered};
use crate::keys::Keys;
use crate::output::{address, fail, Failure, Outcome};
use crate::sections::Section;
use crate::service::{attend, sole, status, Voice, Watching};
use crate::subnets::{
    secret_hash, secret_in, Choice, Chosen, Controls, Kinds, Opened, Purpose, Rules, ValidatorSetup,
};
use crate::Global;

pub use watch::averages_of;
use watch::{Follower, Post, Shared, ValidatorStatus};

/// Validators.
#[derive(Subcommand)]
pub enum ValidatorCommand {
    /// Judges a subnet until it is stopped; state and evidence are on disk, so it may be restarted at any time.
    #[command(after_help = "Examples:\n  \
        myelin validator run --netuid 2 --hotkey validator1\n  \
        myelin validator run --netuid 2 --hotkey validator1 --corpus ~/texts --phrases ~/phrases.toml\n  \
        myelin validator run --config validators.toml")]
    Run(Box<Run>),
    /// Rounds, averages, weights and trouble of a validator that runs on this machine.
    #[command(
        after_help = "Examples:\n  myelin validator status\n  myelin validator status --data .myelin/validator2 --json"
    )]
    Status(Data),
    /// Prints the rules by which this version judges, as a subnet's owner announces them with
    /// `myelin subnet rubric announce`.
    #[command(after_help = "Examples:\n  \
        myelin validator rules --kind analysis --mechanism 1 > rules.txt\n  \
        myelin validator rules --kind text --verifiable 0 --controls 2 > rules.txt")]
    Rules(Rules),
    /// The former name of `myelin evidence replay`.
    #[command(hide = true)]
    Replay(Box<Replay>),
    /// Lets a large language model write the sentences and texts of which tasks are made, so that no miner has seen
    /// them.
    #[command(after_help = "Examples:\n  \
        myelin validator write --kind text --backend http://localhost:8000/v1 --model NAME --out ~/words\n  \
        myelin validator run --netuid 2 --phrases ~/words/phrases.toml --corpus ~/words/texts")]
    Write(write::Write),
}

/// Data folder of a validator.
#[derive(Args)]
pub struct Data {
    /// The data folder that the validator was started with.
    #[arg(long, env = "MYELIN_DATA", default_value = ".myelin/validator", value_name = "DIR")]
    data: PathBuf,
}

/// Settings of a validator.
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
    /// Use public texts, words and phrases, instead of those that are made with the secret in the data folder. For
    /// trying out: a miner that has looked them up is paid more than one that runs a model.
    #[arg(long)]
    public_texts: bool,
    /// Existing folder in which customers leave requests (NAME.json), which are asked among the tasks of a round;
    /// answers come to NAME.answer.json.
    #[arg(long, value_name = "DIR")]
    organic: Option<PathBuf>,
    #[command(flatten)]
    controls: Controls,
    #[command(flatten)]
    chosen: Chosen,
    /// Address at which others reach this machine: serve the evidence there, and announce the address on the chain.
    /// Miners then see the reasons for their scores (`myelin miner scores`), and everybody can fetch submitted
    /// artefacts (`myelin miner artefact`). Everybody sees records, standings and weights once the weights are public.
    /// Where the subnet demands proof, other validators fetch the evidence there and attest that they hold it.
    /// Kinds to which miners submit need it; on a chain with short block times they use 127.0.0.2 with a free port. A
    /// hotkey has one address on a subnet, so a hotkey that also mines must not announce another one here.
    #[arg(long, value_name = "ADDRESS", value_parser = super::axon::announceable)]
    evidence_ip: Option<IpAddr>,
    /// Port of the evidence server.
    #[arg(long, value_name = "PORT", default_value_t = 8092, value_parser = clap::value_parser!(u16).range(1..))]
    evidence_port: u16,
    /// Serve no evidence, and hand on no artefacts.
    #[arg(long, conflicts_with = "evidence_ip")]
    no_evidence: bool,
    /// Most epochs of evidence that are kept; the oldest go first. Those of which proofs are due stay.
    #[arg(long, value_name = "EPOCHS", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    keep_epochs: u32,
    /// Epochs after which the texts of customers are deleted from the evidence, and what was answered from the folder
    /// of --organic. 0 deletes them as soon as the weights of their epoch are proved.
    #[arg(long, value_name = "EPOCHS", default_value_t = KEEP_CUSTOMER_TEXTS,
        value_parser = clap::value_parser!(u64).range(0..=100_000))]
    keep_customer_texts: u64,
    /// Most mebibytes of evidence that are kept beside the newest epoch; the oldest epochs go first. Those of which
    /// proofs are due stay.
    #[arg(long, value_name = "MIB", default_value_t = 16 << 10, value_parser = clap::value_parser!(u64).range(1..=1 << 30))]
    keep_mib: u64,
    /// Most mebibytes of evidence of other validators that are held where the subnet demands proof, shared equally by
    /// them; the oldest epochs go first. 0 holds nothing, and attests nothing.
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(0..=1 << 30))]
    hold_mib: u64,
    /// Mebibytes of tasks and answers that wait for their outcome, for kinds that judge some of them later; 1024 by
    /// default. Tasks of a round that find no room count for nobody.
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    deferred_mib: Option<u64>,
    /// Also ask miners at addresses of private networks; on a chain with short block times this is always so.
    #[arg(long)]
    allow_private: bool,
    #[command(flatten)]
    watching: Watching,
}

impl ValidatorCommand {
    /// Runs a validator until it is stopped, or another command.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let run = match self {
            ValidatorCommand::Run(run) => *run,
            ValidatorCommand::Status(data) => {
                return status::show(global, &data.data, "validator", ValidatorStatus::fields)
            }
            ValidatorCommand::Rules(rules) => return rules.show(global, kinds),
            ValidatorCommand::Replay(replay) => return replay.run(global, kinds).await,
            ValidatorCommand::Write(write) => return write.run(global, kinds).await,
        };
        let (watching, file) = (run.watching.clone(), run.config.clone());
        let runs = Section::each(file.as_deref(), run, |section| Run::of_section(section, kinds))?;
        runs.iter().try_for_each(Run::ensure_inbox)?;
        let chain = connect(global).await?;
        let voice = Voice::of_process(global);
        let mut posts = Vec::new();
        for run in &runs {
            posts.push(run.start(&chain, global, kinds, runs.len() > 1).await?);
        }
        let source = || watch::source(posts.iter().map(|post| post.follower.shared()).collect());
        watching.serve_metrics(&voice, source).await?;
        attend(posts, &chain, &watching, &voice, "stopped; start it again to go on where it was").await
    }
}

impl Run {
    fn of_section(section: &Section, kinds: &Kinds) -> Result<Self, Failure> {
        match crate::parse_again(kinds, section, &["validator", "run"])? {
            crate::Command::Validator(ValidatorCommand::Run(run)) => {
                Ok(Run { data: section.folder(run.data, run.netuid), ..*run })
            }
            _ => fail("the command line names another command"),
        }
    }

    /// Refuses a folder of customers' requests that does not exist. In a folder made for a mistyped path nobody would
    /// ever leave a request.
    fn ensure_inbox(&self) -> Outcome {
        match &self.organic {
            Some(folder) if !folder.is_dir() => fail(format!(
                "--organic: there is no folder {}; make it, or name the one in which customers leave requests",
                folder.display()
            )),
            _ => Ok(()),
        }
    }

    /// Marks that this machine judges the subnet with this hotkey, as long as the result is held.
    fn take_place(&self, chain: &ChainClient, global: &Global) -> Result<Option<File>, Failure> {
        let hotkey = self.keys.hotkey_account(global)?;
        let netuid = self.netuid.unwrap_or_default();
        sole::Seat { genesis: chain.genesis_hash().0, netuid, hotkey: &hotkey }.take(&self.data)
    }

    /// The address at which it shows its evidence. Validators of kinds to which miners submit hand on what they judge
    /// unless told otherwise, so that everybody has what is paid.
    async fn evidence_axon(
        &self,
        chain: &ChainClient,
        uid: u16,
        subnet: &Opened,
    ) -> Result<Option<EvidenceAxon>, Failure> {
        if let Some(ip) = self.evidence_ip {
            return Ok(Some(EvidenceAxon {
                listen: SocketAddr::new(listen_on(ip), self.evidence_port),
                announce: Some(SocketAddr::new(ip, self.evidence_port)),
            }));
        }
        let netuid = self.netuid.unwrap_or_default();
        let contests = !subnet.contests().is_empty();
        let demands = !contests && !self.no_evidence && self.proof_is_demanded(chain).await?;
        if self.no_evidence || !(contests || demands) {
            return Ok(None);
        }
        let graph = chain.metagraph(netuid, None).await?;
        let mines = graph
            .neurons
            .iter()
            .any(|neuron| neuron.uid == uid && neuron.axon.is_some() && !neuron.tells_evidence);
        let local = is_local_chain(chain.slot_duration_ms().await?);
        match (mines, local) {
            (false, true) => {
                Ok(Some(EvidenceAxon { listen: SocketAddr::from(([127, 0, 0, 2], 0)), announce: None }))
            }
            // The validator says what that costs.
            _ if demands => Ok(None),
            (false, false) => fail(format!(
                "validators of the kind `{}` hand on what miners submit, so that everybody has what is paid; say with --evidence-ip at which \
                 address others reach this machine, or judge without handing on: --no-evidence",
                self.choice.kind
            )),
            (true, _) => fail(format!(
                "uid {uid} announced the address of a miner, and validators of the kind `{}` announce where they hand on what miners submit; \
                 judge with another hotkey, announce another address in its place with --evidence-ip, or judge without handing on: --no-evidence",
                self.choice.kind
            )),
        }
    }

    /// Whether the subnet demands proof, or has announced that it will.
    async fn proof_is_demanded(&self, chain: &ChainClient) -> Result<bool, Failure> {
        let netuid = self.netuid.unwrap_or_default();
        let chain = NodeChain::new(chain.clone(), Arc::new(Keypair::random()));
        let demand = chain.evidence_demand(netuid).await.map_err(|fault| Failure::new(fault.to_string()))?;
        Ok(demand.answers > 0)
    }

    async fn start(
        &self,
        chain: &ChainClient,
        global: &Global,
        kinds: &Kinds,
        several: bool,
    ) -> Result<Post, Failure> {
        let place = self.take_place(chain, global)?;
        let Some(netuid) = self.netuid else { return fail("a section [[subnet]] says no `netuid`") };
        let uid = registered(global, chain, &self.keys, netuid).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let secret = if self.public_texts { None } else { Some(secret_in(&self.data)?) };
        let setup = ValidatorSetup {
            controls: &self.controls,
            purpose: Purpose::Judge,
            secret,
            data: Some(&self.data),
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
            tracing::info!(
                netuid,
                "no earlier requests of customers are asked again (--past and --controls), so a miner that serves them \
                 worse than tasks is not found"
            );
        }
        if self.deferred_mib.is_some() && !subnet.defers() {
            return fail(format!(
                "validators of the kind `{}` judge every answer at once; leave --deferred-mib out",
                self.choice.kind
            ));
        }
        let terms = self.chosen.terms(&subnet)?;
        ensure_kind(chain, netuid, &subnet).await?;
        let usual = ValidatorOptions::new(netuid, &self.data);
        let options = ValidatorOptions {
            organic: self.organic.clone(),
            terms,
            tasks_secret: secret.as_ref().map(secret_hash),
            axon: self.evidence_axon(chain, uid, &subnet).await?,
            keep_epochs: self.keep_epochs as usize,
            keep_customer_texts: self.keep_customer_texts,
            evidence_bytes: self.keep_mib << 20,
            hold_bytes: self.hold_mib << 20,
            deferred_bytes: self.deferred_mib.map_or(usual.deferred_bytes, |mib| mib << 20),
            ..usual
        };
        status::make_folder(&self.data)?;
        let account = Account(hotkey.public());
        let chain = NodeChain::new(chain.clone(), hotkey.clone()).for_asking(self.allow_private).await?;
        let validator = subnet.validate(chain, hotkey, options).await?;
        let also = if several { "also " } else { "" };
        let status = ValidatorStatus { netuid, uid, hotkey: address(&account), ..ValidatorStatus::default() };
        let text =
            format!("{also}validating subnet {netuid} with uid {uid}; state in {}", self.data.display());
        Voice::of_subnet(global, netuid, false).say("started", &text, &status);
        let voice = Voice::of_subnet(global, netuid, several);
        Ok(Post { validator, follower: Follower::new(voice, self.data.clone(), Shared::of(status)), place })
    }
}

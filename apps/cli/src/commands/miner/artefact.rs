//! `myelin miner artefact`: what a miner submitted, from the miner or from a validator that hands it on.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use myelin_chain_client::{ChainClient, Neuron};
use myelin_neuron::dendrite::Target;
use myelin_provenance::content_id;
use myelin_subnet::disclosure::{KeptArtefact, ReadError, Reader};
use myelin_subnet::reach::{is_local_chain, is_public};
use myelin_subnet::submission::{CommittedArtefact, Contest};
use myelin_subnet::validator::submissions::{from_miner, stranger};
use myelin_subnet::{Chain, NodeChain};
use myelin_wallet::Keypair;
use myelin_wire::hash::{from_hex, to_hex, Hash};
use serde_json::{json, Value};

use super::evidence_at;
use crate::commands::model::Known;
use crate::commands::{connect, ensure_kind};
use crate::output::{self, address, fail, plain, say, tell, Failure, Outcome};
use crate::subnets::{Choice, Kinds};
use crate::Global;

/// Time for a miner to hand its artefact out.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which artefact.
#[derive(Args)]
pub struct Artefact {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    choice: Choice,
    /// The miner that submitted it.
    #[arg(long, value_name = "UID")]
    uid: u16,
    /// A new file for it.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The mechanism; the first that takes submissions by default.
    #[arg(long)]
    mechanism: Option<u8>,
    /// An earlier commitment of the miner, in place of the one that the chain has now.
    #[arg(long, value_name = "HASH", value_parser = commitment)]
    commitment: Option<Hash>,
    /// Also ask at addresses of private networks; on a chain with short block times they always are.
    #[arg(long)]
    allow_private: bool,
}

fn commitment(text: &str) -> Result<Hash, &'static str> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    from_hex(digits).ok_or("a commitment has 64 hexadecimal digits")
}

/// Somebody that was asked in vain.
struct Refusal {
    who: String,
    why: String,
}

/// An artefact, and who handed it out: a validator, or the miner.
struct Obtained<'a> {
    bytes: Vec<u8>,
    validator: Option<&'a Neuron>,
    in_vain: Vec<Refusal>,
}

impl Artefact {
    /// Asks the miner, then one validator after the other, and writes what is the artefact.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        if self.out.exists() {
            return fail(format!("{} is there already; name a new file with --out", self.out.display()));
        }
        let chain = connect(global).await?;
        let subnet = self.choice.open_for_rules(kinds, 0)?;
        ensure_kind(&chain, self.netuid, &subnet).await?;
        let contest = self.contest(&subnet.contests())?;
        let graph = chain.metagraph(self.netuid, None).await?;
        let Some(miner) = graph.neurons.iter().find(|neuron| neuron.uid == self.uid) else {
            let Self { netuid, uid, .. } = self;
            return fail(format!(
                "subnet {netuid} has no uid {uid}; see `myelin metagraph --netuid {netuid}`"
            ));
        };
        let anywhere = self.allow_private || is_local_chain(chain.slot_duration_ms().await?);
        let validators: Vec<(&Neuron, Target)> = graph
            .neurons
            .iter()
            .filter_map(|neuron| Some((neuron, evidence_at(neuron, anywhere)?)))
            .collect();
        // Artefacts are public, so any key may ask.
        let reader = Reader::new(Arc::new(Keypair::random()), chain.genesis_hash().0, self.netuid);
        let stated = stated(&chain, self.netuid, miner, &contest).await?;
        let Some(commitment) = self.commitment.or(stated) else {
            let found =
                format!("uid {} has committed to no artefact on mechanism {}", self.uid, contest.mechanism);
            return fail(found + &judged(&reader, &validators, miner, None).await);
        };
        let wanted = CommittedArtefact {
            genesis: chain.genesis_hash().0,
            netuid: self.netuid,
            mechanism: contest.mechanism,
            hotkey: miner.hotkey.0,
            commitment,
            limit: contest.artefact_limit,
        };
        let at = miner.axon.filter(|at| !miner.tells_evidence && (anywhere || is_public(at.ip())));
        let synapse = subnet.artefact_synapse();
        let target = at.map(|at| Target::new(miner.hotkey.0, at));
        match obtain(&synapse, target, &reader, &validators, &wanted).await {
            Ok(obtained) => {
                // An artefact has the id that the registry would know it by.
                let model = Known::read(&chain, content_id(&obtained.bytes)).await;
                self.keep(global, &wanted, stated == Some(commitment), &obtained, &model)
            }
            Err(in_vain) => {
                in_vain.iter().for_each(|failed| tell!("{}: {}", failed.who, plain(&failed.why)));
                let none = match validators.is_empty() {
                    true => {
                        "; no validator hands artefacts on, which `myelin validator run --evidence-ip` does"
                    }
                    false => "",
                };
                let found =
                    format!("nobody hands out the artefact of commitment 0x{}{none}", to_hex(&commitment));
                fail(found + &judged(&reader, &validators, miner, Some(commitment)).await)
            }
        }
    }

    fn contest(&self, contests: &[Contest]) -> Result<Contest, Failure> {
        let found =
            contests.iter().find(|contest| self.mechanism.is_none_or(|number| contest.mechanism == number));
        found.copied().ok_or_else(|| match self.mechanism {
            Some(mechanism) => Failure::new(format!(
                "mechanism {mechanism} of the kind `{}` takes no submissions",
                self.choice.kind
            )),
            None => {
                Failure::new(format!("nothing is submitted on subnets of the kind `{}`", self.choice.kind))
            }
        })
    }

    /// Writes the file and says whose artefact it is, and who handed it out.
    fn keep(
        &self,
        global: &Global,
        wanted: &CommittedArtefact,
        current: bool,
        obtained: &Obtained<'_>,
        model: &Known,
    ) -> Outcome {
        let Obtained { bytes, validator, in_vain } = obtained;
        let written = std::fs::File::create_new(&self.out).and_then(|mut file| file.write_all(bytes));
        written.map_err(output::at(&self.out))?;
        let (file, length) = (self.out.display().to_string(), bytes.len());
        let commitment = format!("0x{}", to_hex(&wanted.commitment));
        if global.json {
            let refused: Vec<Value> =
                in_vain.iter().map(|failed| json!({ "who": failed.who, "why": failed.why })).collect();
            return output::json(&json!({
                "netuid": self.netuid, "uid": self.uid, "mechanism": wanted.mechanism, "commitment": commitment,
                "current": current, "bytes": length, "hash": format!("0x{}", to_hex(&content_id(bytes))), "file": file,
                "model": model.value(),
                "from": if validator.is_some() { "validator" } else { "miner" },
                "validator_uid": validator.map(|neuron| neuron.uid), "refused": refused
            }));
        }
        in_vain.iter().for_each(|failed| tell!("{}: {}", failed.who, plain(&failed.why)));
        let who = match validator {
            Some(validator) => format!("validator {}", named(validator)),
            None => "the miner itself".to_owned(),
        };
        let now = if current { "which the chain has now" } else { "which the chain does not have any more" };
        say!("{length} bytes written to {file}, handed out by {who}; they are what commitment {commitment} names, {now}");
        say!("model {}", model.line());
        Ok(())
    }
}

/// The miner's commitment in the last final block.
async fn stated(
    chain: &ChainClient,
    netuid: u16,
    miner: &Neuron,
    contest: &Contest,
) -> Result<Option<Hash>, Failure> {
    let chain = NodeChain::new(chain.clone(), Arc::new(Keypair::random()));
    let read = async {
        let block = chain.finalized().await?;
        chain.statements(netuid, chain.block_hash(block).await?).await
    };
    let statements = read.await.map_err(|fault| Failure::new(fault.to_string()))?;
    let own = statements.iter().find(|statement| statement.hotkey == miner.hotkey.0);
    Ok(own.and_then(|statement| contest.entered(statement)))
}

/// The artefact from whoever hands it out first, the miner before all others; whoever did not, otherwise.
async fn obtain<'a>(
    synapse: &str,
    miner: Option<Target>,
    reader: &Reader,
    validators: &[(&'a Neuron, Target)],
    wanted: &CommittedArtefact,
) -> Result<Obtained<'a>, Vec<Refusal>> {
    let asked = match miner {
        Some(miner) => {
            let handed = from_miner(&stranger(wanted.limit), synapse, miner, wanted, PATIENCE).await;
            handed.map_err(|refusal| refusal.why)
        }
        None => Err("it announced no address that can be asked".to_owned()),
    };
    let mut in_vain = match asked {
        Ok(bytes) => return Ok(Obtained { bytes, validator: None, in_vain: Vec::new() }),
        Err(why) => vec![Refusal { who: "the miner".into(), why }],
    };
    for (validator, target) in validators {
        match reader.artefact(*target, wanted).await {
            Ok(bytes) => return Ok(Obtained { bytes, validator: Some(*validator), in_vain }),
            Err(error) => {
                let who = format!("validator {}", named(validator));
                in_vain.push(Refusal { who, why: error.to_string() });
            }
        }
    }
    Err(in_vain)
}

/// A clause about what validators judge of a miner instead, if they judge something.
async fn judged(
    reader: &Reader,
    validators: &[(&Neuron, Target)],
    miner: &Neuron,
    but: Option<Hash>,
) -> String {
    let own = to_hex(&miner.hotkey.0);
    let but = but.map(|commitment| to_hex(&commitment));
    for (validator, target) in validators {
        let last = last_entries(reader, *target).await.unwrap_or_default();
        let of_miner =
            last.iter().filter(|entry| entry.miner.hotkey == own && Some(&entry.commitment) != but.as_ref());
        let shown: Vec<String> = of_miner
            .map(|entry| {
                format!(
                    "0x{} of block {} on mechanism {}",
                    plain(&entry.commitment),
                    entry.block,
                    entry.mechanism
                )
            })
            .collect();
        if !shown.is_empty() {
            let who = named(validator);
            return format!("; validator {who} judges {}, which --commitment fetches", shown.join(" and "));
        }
    }
    String::new()
}

/// The artefacts that a validator judged in the last round that it keeps.
async fn last_entries(reader: &Reader, validator: Target) -> Result<Vec<KeptArtefact>, ReadError> {
    let kept = reader.rounds(validator).await?;
    let last = kept.last().and_then(|kept| Some((kept.epoch, *kept.rounds.last()?)));
    match last {
        Some((epoch, round)) => reader.entries(validator, epoch, round).await,
        None => Ok(Vec::new()),
    }
}

fn named(neuron: &Neuron) -> String {
    format!("uid {}, {}", neuron.uid, address(&neuron.hotkey))
}

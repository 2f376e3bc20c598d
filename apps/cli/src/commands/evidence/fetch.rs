//! `myelin evidence fetch`: the public part of a validator's epoch, from whoever has it.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use myelin_chain_client::{ChainClient, Metagraph, Neuron};
use myelin_neuron::dendrite::Target;
use myelin_subnet::chain::CommittedRoot;
use myelin_subnet::disclosure::Reader;
use myelin_subnet::evidence::{CommittedEpoch, EvidenceFolder, PublicPart};
use myelin_subnet::reach::is_local_chain;
use myelin_subnet::{Chain, NodeChain};
use myelin_wallet::Keypair;
use myelin_wire::hash::to_hex;
use serde_json::json;

use crate::commands::look;
use crate::commands::miner::evidence_at;
use crate::output::{self, address, fail, plain, say, tell, Failure, Outcome};
use crate::Global;

/// Most bytes of an epoch, which is in memory while it is checked.
const MOST: u64 = 1 << 30;

/// The epoch, and where to look for it.
#[derive(Args)]
pub struct Fetch {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    /// The epoch. Its root must still be on the chain, and its weights must be public.
    #[arg(long)]
    epoch: u64,
    /// The validator whose evidence is fetched, by its uid.
    #[arg(long, value_name = "UID")]
    validator: u16,
    /// Ask this validator alone, by its uid. By default the validator itself is asked, then those that may hold it.
    #[arg(long, value_name = "UID")]
    from: Option<u16>,
    /// Folder for the evidence; a folder epoch-… is written into it.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Also ask validators at addresses of private networks; on a chain with short block times this is always so.
    #[arg(long)]
    allow_private: bool,
}

/// An epoch, and who sent it after who did not.
struct Fetched<'a> {
    part: PublicPart,
    from: &'a Neuron,
    in_vain: Vec<(u16, String)>,
}

impl Fetch {
    /// Asks one after the other, checks, and writes.
    pub async fn run(self, global: &Global) -> Outcome {
        let folder = EvidenceFolder { path: self.out.clone(), keep: usize::MAX };
        if folder.epochs().contains(&self.epoch) {
            return fail(format!(
                "{} has evidence of epoch {} already; name another folder with --out",
                self.out.display(),
                self.epoch
            ));
        }
        let chain = look(global).await?;
        let graph = chain.metagraph(self.netuid, None).await?;
        let Some(validator) = graph.neurons.iter().find(|neuron| neuron.uid == self.validator) else {
            let Self { netuid, validator, .. } = self;
            return fail(format!(
                "subnet {netuid} has no uid {validator}; see `myelin metagraph --netuid {netuid}`"
            ));
        };
        let by = self.root_of(&chain, validator).await?;
        let wanted = CommittedEpoch { netuid: self.netuid, epoch: self.epoch, by };
        let anywhere = self.allow_private || is_local_chain(chain.slot_duration_ms().await?);
        let sources = self.sources(&graph, anywhere)?;
        // The public part is for everybody, so any key may ask.
        let reader = Reader::new(Arc::new(Keypair::random()), chain.genesis_hash().0, self.netuid);
        match obtain(&reader, &sources, &wanted).await {
            Ok(fetched) => self.keep(global, &folder, &wanted, &fetched),
            Err(in_vain) => {
                in_vain.iter().for_each(|(uid, why)| tell!("uid {uid}: {}", plain(why)));
                fail(format!(
                    "nobody sent the evidence of uid {} of epoch {}, which has the root 0x{}; each line above says why",
                    self.validator,
                    self.epoch,
                    to_hex(&by.root)
                ))
            }
        }
    }

    async fn root_of(&self, chain: &ChainClient, validator: &Neuron) -> Result<CommittedRoot, Failure> {
        let chain = NodeChain::new(chain.clone(), Arc::new(Keypair::random()));
        let roots = chain.evidence_roots(self.netuid, self.epoch).await;
        let roots = roots.map_err(|fault| Failure::new(fault.to_string()))?;
        let own = roots.into_iter().find(|root| root.validator == validator.hotkey.0);
        own.ok_or_else(|| {
            Failure::new(format!(
                "the chain has no root of uid {} for epoch {}; it keeps those of the last epochs in which the subnet \
                 demanded proof, which `myelin subnet evidence show --netuid {}` lists",
                self.validator, self.epoch, self.netuid
            ))
        })
    }

    /// Validators to ask, the author first.
    fn sources<'a>(
        &self,
        graph: &'a Metagraph,
        anywhere: bool,
    ) -> Result<Vec<(&'a Neuron, Target)>, Failure> {
        let chosen = |neuron: &&Neuron| self.from.is_none_or(|from| neuron.uid == from);
        let telling = graph.neurons.iter().filter(chosen);
        let mut sources: Vec<(&Neuron, Target)> =
            telling.filter_map(|neuron| Some((neuron, evidence_at(neuron, anywhere)?))).collect();
        sources.sort_by_key(|(neuron, _)| neuron.uid != self.validator);
        match (sources.is_empty(), self.from) {
            (false, _) => Ok(sources),
            (true, Some(from)) => {
                fail(format!("uid {from} announced no address of evidence that can be asked"))
            }
            (true, None) => fail(format!(
                "no validator of subnet {} serves evidence; they do that with `myelin validator run --evidence-ip`",
                self.netuid
            )),
        }
    }

    fn keep(
        &self,
        global: &Global,
        folder: &EvidenceFolder,
        wanted: &CommittedEpoch,
        Fetched { part, from, in_vain }: &Fetched<'_>,
    ) -> Outcome {
        folder.write_public(self.epoch, part)?;
        let (rounds, bytes) = (part.records.len(), part.records.values().map(Vec::len).sum::<usize>());
        let root = to_hex(&wanted.by.root);
        let Self { netuid, epoch, validator, out, .. } = self;
        if global.json {
            let refused: Vec<_> =
                in_vain.iter().map(|(uid, why)| json!({ "uid": uid, "why": why })).collect();
            return output::json(&json!({
                "netuid": netuid, "epoch": epoch, "validator_uid": validator, "root": format!("0x{root}"),
                "rounds": rounds, "record_bytes": bytes, "from_uid": from.uid, "held": from.uid != *validator,
                "folder": out.display().to_string(), "refused": refused
            }));
        }
        in_vain.iter().for_each(|(uid, why)| tell!("uid {uid}: {}", plain(why)));
        let who = match from.uid == *validator {
            true => "the validator itself".to_owned(),
            false => format!("uid {}, {}, which holds it", from.uid, address(&from.hotkey)),
        };
        say!(
            "evidence of uid {validator} of epoch {epoch}, {rounds} rounds, written to {}; it came from {who}, and its \
             records are those under the root 0x{root} on the chain",
            out.display()
        );
        Ok(())
    }
}

/// The epoch from whoever sends it first; whoever did not, otherwise.
async fn obtain<'a>(
    reader: &Reader,
    sources: &[(&'a Neuron, Target)],
    wanted: &CommittedEpoch,
) -> Result<Fetched<'a>, Vec<(u16, String)>> {
    let mut in_vain = Vec::new();
    for (neuron, target) in sources {
        match reader.epoch(*target, wanted, MOST).await {
            Ok(part) => return Ok(Fetched { part, from: neuron, in_vain }),
            Err(error) => in_vain.push((neuron.uid, error.to_string())),
        }
    }
    Err(in_vain)
}

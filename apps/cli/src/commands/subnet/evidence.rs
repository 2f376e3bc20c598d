//! `myelin subnet evidence`: the proof that a subnet demands of its validators, and their last proofs.

use std::collections::{BTreeMap, VecDeque};

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::DemandEvidence;
use myelin_abi::{
    Account, EvidenceDemand, EvidenceHoldings, EvidenceRoot, EvidenceTimeline, OutvotedMark, ProofHistory,
};
use myelin_chain_client::{ChainClient, ChainError, Hash, Neuron};
use myelin_subnet::chain::Track;
use myelin_yuma::framing::Mark;
use myelin_yuma::proven::History;
use serde::Serialize;
use serde_json::{json, Value};

use crate::commands::{connect, look};
use crate::output::{self, address, fail, Failure, Outcome};
use crate::send::{to_hex, OnSubnet, Order};
use crate::Global;

const PALLET: &str = "SubtensorModule";

/// Proof of evaluation: show, demand.
#[derive(Subcommand)]
pub enum Evidence {
    /// The proof that the subnet demands, and the last proofs of its validators.
    Show(Show),
    /// Demands that validators prove that they asked the miners they pay, as the subnet's owner; with the chain's
    /// notice.
    #[command(after_help = "Examples:\n  \
            myelin subnet evidence demand --netuid 2 --wallet alice --answers 3\n  \
            myelin subnet evidence demand --netuid 2 --wallet alice --off")]
    Demand(Demand),
}

/// The subnet and the mechanism.
#[derive(Args)]
pub struct Show {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    /// The mechanism.
    #[arg(long, default_value_t = 0)]
    mechanism: u8,
}

/// The demand of a subnet.
#[derive(Args)]
pub struct Demand {
    #[command(flatten)]
    on: OnSubnet,
    #[command(flatten)]
    what: What,
    /// Mechanisms for which it is demanded; by default the first. Leave out those to which miners submit artefacts.
    #[arg(long = "mechanism", value_name = "MECHANISM", default_values_t = [0])]
    #[arg(value_parser = clap::value_parser!(u8).range(0..16))]
    mechanisms: Vec<u8>,
}

/// A number of answers, or nothing.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// Least number of answers that each miner with a weight must have signed for the validator in the epoch.
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..))]
    answers: Option<u16>,
    /// Demand nothing any longer.
    #[arg(long)]
    off: bool,
}

/// Said where weights are set in the clear.
const NO_EFFECT: &str =
    "Demands have no effect while commit-reveal is off: only committed weights can be proved. \
    `myelin subnet set --netuid N commit_reveal_weights_enabled on` turns it on.";

/// Proofs of one validator.
#[derive(Serialize)]
struct Row {
    uid: u16,
    hotkey: String,
    /// Whether its weights count as things stand.
    counts: bool,
    /// The last epoch with a proof that held.
    proven: Option<u64>,
    /// Failed proofs in the last sixteen epochs.
    failed: u32,
    /// The epoch before which it gets no permit.
    barred_until: Option<u64>,
    /// The last root that it committed to, and the epoch.
    root: Option<(u64, String)>,
    /// Miners on which it is outvoted, for the second epoch in a row or longer.
    outvoted_on: Vec<u16>,
    /// Other validators that state to hold its evidence of the last epoch that everybody may read.
    held_by: Vec<u16>,
}

impl Evidence {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Evidence::Show(show) => show.run(global).await,
            Evidence::Demand(demand) => demand.run(global).await,
        }
    }
}

impl Show {
    async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let graph = chain.metagraph(self.netuid, None).await?;
        let at = chain.block_hash(graph.block).await?;
        let timeline = timeline(&chain, self.netuid, at).await?;
        let (in_force, announced) = (timeline.in_force(graph.block), timeline.announced(graph.block));
        let epoch = chain.storage(PALLET, "SubnetEpochIndex", &[self.netuid.into()], Some(at)).await?;
        let epoch: u64 = epoch.unwrap_or_default();
        let barred: Option<Vec<(Account, u64)>> =
            chain.storage(PALLET, "BarredValidators", &[self.netuid.into()], Some(at)).await?;
        let barred = barred.unwrap_or_default();
        let index = Track { netuid: self.netuid, mechanism: self.mechanism }.storage_index();
        let marks: Option<Vec<OutvotedMark>> =
            chain.storage(PALLET, "OutvotedMarks", &[index.into()], Some(at)).await?;
        let marks = marks.unwrap_or_default();
        let opened = epoch.checked_sub(graph.reveal_period.saturating_add(1));
        let holdings = holdings(&chain, self.netuid, at).await?;
        let mut rows = Vec::new();
        for neuron in &graph.neurons {
            let until = barred.iter().find(|(hotkey, until)| *hotkey == neuron.hotkey && *until > epoch);
            if neuron.validator_permit || until.is_some() {
                let until = until.map(|bar| bar.1);
                let row = self.row(&chain, at, epoch, neuron.uid, &neuron.hotkey, until).await?;
                let holds = |other: &&Neuron| {
                    let stated = holdings.get(&other.hotkey).filter(|stated| Some(stated.epoch) == opened);
                    let holds =
                        stated.is_some_and(|stated| stated.held.iter().any(|(uid, _)| *uid == neuron.uid));
                    holds && other.uid != neuron.uid
                };
                let held_by = graph.neurons.iter().filter(holds).map(|other| other.uid).collect();
                rows.push(Row { outvoted_on: outvoted_on(&marks, neuron.uid), held_by, ..row });
            }
        }
        if global.json {
            let demand =
                |asked: EvidenceDemand| json!({ "answers": asked.answers, "mechanisms": mechanisms(asked) });
            return output::json(&json!({
                "netuid": self.netuid,
                "mechanism": self.mechanism,
                "block": graph.block,
                "epoch": epoch,
                "opened": opened,
                "in_force": demand(in_force),
                "has_effect": graph.commit_reveal,
                "announced": announced.map(|(next, from)| json!({ "demand": demand(next), "from": from })),
                "validators": rows,
            }));
        }
        let mut lines = vec![format!("in force: {}", said(in_force))];
        if !graph.commit_reveal && (in_force.answers > 0 || announced.is_some()) {
            lines.push(NO_EFFECT.into());
        }
        if let Some((next, from)) = announced {
            lines.push(format!("announced, in force {}: {}", chain.until(from).await?, said(next)));
        }
        lines.extend(rows.iter().map(told));
        output::report(global, &lines.join("\n"), Value::Null)
    }

    async fn row(
        &self,
        chain: &ChainClient,
        at: Hash,
        epoch: u64,
        uid: u16,
        hotkey: &Account,
        barred_until: Option<u64>,
    ) -> Result<Row, Failure> {
        let index = Track { netuid: self.netuid, mechanism: self.mechanism }.storage_index();
        let keys = &[index.into(), hotkey.into()];
        let kept: Option<ProofHistory> = chain.storage(PALLET, "ProofHistories", keys, Some(at)).await?;
        let history = History::from(kept.unwrap_or_default());
        let History { latest, proven, .. } = history;
        let roots: Option<VecDeque<EvidenceRoot<Account>>> =
            chain.storage(PALLET, "EvidenceRoots", keys, Some(at)).await?;
        let last = roots.and_then(|roots| roots.back().copied());
        Ok(Row {
            uid,
            hotkey: address(hotkey),
            counts: history.counts(epoch) && barred_until.is_none(),
            proven: (proven != 0).then(|| latest.saturating_sub(proven.trailing_zeros().into())),
            failed: history.at(epoch).failed.count_ones(),
            barred_until,
            root: last.map(|root| (root.epoch, to_hex(&root.root))),
            outvoted_on: Vec::new(),
            held_by: Vec::new(),
        })
    }
}

impl Demand {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        let answers = if self.what.off { 0 } else { self.what.answers.unwrap_or_default() };
        let named = self.mechanisms.iter().fold(0u16, |named, mechanism| named | 1 << mechanism);
        let demand = EvidenceDemand { answers, mechanisms: if answers == 0 { 0 } else { named } };
        let best = chain.best_block().await?;
        let (known, block) = (timeline(&chain, netuid, best.hash).await?, best.number);
        let same = known.in_force(block) == demand && known.announced(block).is_none();
        if same {
            return fail(format!("subnet {netuid} demands this already: {}", said(demand)));
        }
        let notice: u64 = chain.value(PALLET, "RubricNotice", &[]).await?;
        let when = chain.until(block.saturating_add(1).saturating_add(notice)).await?;
        let what =
            format!("announcing for subnet {netuid}, in force {when} at the earliest: {}", said(demand));
        let EvidenceDemand { answers, mechanisms } = demand;
        let call = DemandEvidence { netuid, answers, mechanisms };
        let order = Order::new(&call, what).by_owner_of(netuid);
        let Some(sent) = self.on.by.send(global, &chain, order).await? else { return Ok(()) };
        let event: Option<(u16, u16, u16, u64)> = sent.event(PALLET, "EvidenceDemanded");
        let from = event.map(|(.., from)| from);
        let done = match from {
            Some(block) => format!("announced; in force from block {block}"),
            None => "announced".into(),
        };
        let value =
            json!({ "netuid": netuid, "answers": answers, "mechanisms": self.mechanisms, "from": from });
        sent.report(global, &done, value)
    }
}

/// The miners that a validator is marked for.
fn outvoted_on(marks: &[OutvotedMark], validator: u16) -> Vec<u16> {
    let its = marks.iter().filter(|mark| mark.validator == validator && Mark::from(**mark).is_set());
    its.map(|mark| mark.miner).collect()
}

/// Evidence that validators state to hold, by holder. A chain without such statements has none.
async fn holdings(
    chain: &ChainClient,
    netuid: u16,
    at: Hash,
) -> Result<BTreeMap<Account, EvidenceHoldings>, Failure> {
    let found = chain.entries(PALLET, "EvidenceHeld", &netuid.to_le_bytes(), Some(at)).await;
    let found: Vec<(Vec<u8>, EvidenceHoldings)> = match found {
        Err(ChainError::NotFound(_)) => Vec::new(),
        found => found?,
    };
    let holder = |(key, held): (Vec<u8>, EvidenceHoldings)| Some((Account(*key.last_chunk()?), held));
    Ok(found.into_iter().filter_map(holder).collect())
}

async fn timeline(chain: &ChainClient, netuid: u16, at: Hash) -> Result<EvidenceTimeline, Failure> {
    Ok(chain.storage(PALLET, "EvidenceDemands", &[netuid.into()], Some(at)).await?.unwrap_or_default())
}

/// The numbers of the mechanisms that a demand names.
fn mechanisms(demand: EvidenceDemand) -> Vec<u8> {
    (0..16).filter(|mechanism| demand.on(*mechanism).is_some()).collect()
}

fn said(demand: EvidenceDemand) -> String {
    let named: Vec<String> = mechanisms(demand).iter().map(u8::to_string).collect();
    match named.as_slice() {
        [] => "no proof; weights count as validators set them".into(),
        [mechanism] => {
            format!("{} signed answers of each miner with a weight, on mechanism {mechanism}", demand.answers)
        }
        more => {
            format!(
                "{} signed answers of each miner with a weight, on mechanisms {}",
                demand.answers,
                more.join(", ")
            )
        }
    }
}

fn told(row: &Row) -> String {
    let mut line = format!("uid {:>3}  {}  ", row.uid, row.hotkey);
    line += match (row.barred_until, row.counts) {
        (Some(_), _) => "barred",
        (None, true) => "proven",
        (None, false) => "not proven",
    };
    if let Some(until) = row.barred_until {
        line += &format!(" before epoch {until}");
    }
    if let Some(epoch) = row.proven {
        line += &format!(", last proof in epoch {epoch}");
    }
    if row.failed > 0 {
        line += &format!(", {} failed of the last 16", row.failed);
    }
    if !row.held_by.is_empty() {
        let holders: Vec<String> = row.held_by.iter().map(u16::to_string).collect();
        line += &format!(", evidence also with {}", holders.join(", "));
    }
    if !row.outvoted_on.is_empty() {
        let miners: Vec<String> = row.outvoted_on.iter().map(u16::to_string).collect();
        line += &format!(", gives {} far less than the majority gives", miners.join(", "));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_are_told_with_their_mechanisms() {
        assert!(said(EvidenceDemand::default()).starts_with("no proof"));
        assert!(said(EvidenceDemand { answers: 3, mechanisms: 1 }).ends_with("on mechanism 0"));
        let two = EvidenceDemand { answers: 3, mechanisms: 0b101 };
        assert_eq!(mechanisms(two), [0, 2]);
        assert!(said(two).ends_with("on mechanisms 0, 2"));
    }

    #[test]
    fn a_validator_is_marked_from_the_second_epoch_on() {
        let mark = |miner, epochs| OutvotedMark { validator: 7, miner, epochs };
        let marks = [mark(3, 1), mark(4, 2), mark(9, 5)];
        assert_eq!(outvoted_on(&marks, 7), [4, 9]);
        assert!(outvoted_on(&marks, 8).is_empty());
    }
}

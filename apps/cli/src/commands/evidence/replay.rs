//! `myelin evidence replay`: judges a validator's evidence again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use myelin_abi::Account;
use myelin_chain_client::{ChainClient, ChainError};
use myelin_subnet::evidence::{
    audit_between, Audit, DeletedTask, EvidenceFolder, Redrawn, RoundStandings, Unjudged,
};
use myelin_wire::hash::to_hex;
use myelin_wire::AccountId;
use serde_json::json;

use super::evidence_folder;
use super::held::unjudged_value;
use crate::commands::look;
use crate::output::{address, fail, json, plain, say, tell, Failure, Outcome};
use crate::subnets::{
    secret_hash, secret_of, Audited, Choice, Controls, Kinds, Purpose, Redraw, ValidatorSetup,
};
use crate::Global;

/// Most faults of a round that are shown.
const SHOWN: usize = 10;

/// The evidence to judge.
#[derive(Args)]
pub struct Replay {
    /// Folder with the evidence: `evidence` in a validator's folder, or a copy of it.
    #[arg(value_name = "DIR")]
    evidence: PathBuf,
    /// Only the rounds of this epoch.
    #[arg(long)]
    epoch: Option<u64>,
    /// Print each score with its parts by name.
    #[arg(long)]
    show: bool,
    /// Print the scores of this uid only.
    #[arg(long, requires = "show")]
    uid: Option<u16>,
    /// Do not ask a node whether the blocks of the seeds are on the chain.
    #[arg(long)]
    offline: bool,
    /// File `tasks.secret` of the validator's data folder: draw the tasks again from their seeds. Its owner has it,
    /// and auditors to whom the owner gives it.
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// Earlier requests of customers, as many as with `myelin validator run`.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=64))]
    controls: u16,
}

impl Replay {
    /// Judges all rounds again and compares.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let folder = evidence_folder(&self.evidence)?;
        let epochs = folder.epochs();
        if let Some(epoch) = self.epoch.filter(|epoch| !epochs.is_empty() && !epochs.contains(epoch)) {
            let (first, last) = (epochs[0], epochs[epochs.len() - 1]);
            return fail(format!("no evidence of epoch {epoch} is kept, only of epochs {first} to {last}"));
        }
        let rounds: Vec<(u64, u16)> = epochs
            .into_iter()
            .filter(|epoch| self.epoch.is_none_or(|only| *epoch == only))
            .flat_map(|epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round)))
            .collect();
        if rounds.is_empty() {
            return fail(format!(
                "{} holds no judged rounds; name the folder `evidence` of a validator, in which epoch-… folders are",
                self.evidence.display()
            ));
        }

        ensure_whole(&folder, &rounds)?;

        let secret = self.secret.as_deref().map(secret_of).transpose()?;
        let redraw = secret.map(|secret| Redraw { secret: secret_hash(&secret), controls: self.controls });
        let controls = Controls { past: None, count: Some(self.controls) };
        let options = self.choice.options();
        let setup =
            ValidatorSetup { controls: &controls, purpose: Purpose::Replay, secret, data: None, options };
        let subnet = kinds.find(&self.choice.kind)?.validator(&setup)?;
        let chain = match self.offline {
            true => None,
            false => Some(look(global).await?),
        };
        let mut found = Found::default();
        for epoch in rounds.iter().map(|(epoch, _)| *epoch).collect::<BTreeSet<_>>() {
            found.deleted.push((epoch, folder.deleted(epoch)?));
        }
        let begun = Instant::now();
        subnet.audit(&folder, &rounds, redraw.as_ref(), &mut |audited| {
            let (epoch, round, mut audit) = match audited {
                Audited::Round(epoch, round, audit) => (epoch, round, *audit),
                Audited::Tasks(epoch, round, redrawn) => {
                    if !global.json {
                        show_tasks(epoch, round, &redrawn);
                    }
                    found.tasks.push((epoch, round, redrawn));
                    return;
                }
                Audited::OtherRules(epoch, what) => {
                    found.other_rules.push(format!("epoch {epoch} was not judged again: {what}"));
                    return;
                }
                Audited::Weights(epoch, compared, faults) => {
                    if !global.json {
                        show_weights(epoch, compared, &faults);
                    }
                    found.weights.push((epoch, compared, faults));
                    return;
                }
            };
            found.connect(&folder, epoch, &mut audit);
            let lines = audit.explained.iter().filter(|(uid, _)| self.uid.is_none_or(|only| only == *uid));
            let lines: Vec<String> = lines.filter(|_| self.show).map(|(_, line)| line.clone()).collect();
            if !global.json {
                // Each round is reported as soon as it is judged, so that the command does not seem to hang.
                show(epoch, round, &audit);
                lines.iter().for_each(|line| say!("    {}", plain(line)));
            }
            found.rounds.push((epoch, round, Audit { explained: Vec::new(), ..audit }));
            found.lines.push(lines);
        });
        found.took = begun.elapsed();
        let foreign = match &chain {
            Some(chain) => foreign_sources(chain, &found.blocks).await?,
            None => Foreign::default(),
        };
        found.tell(global, chain.is_some(), &foreign)
    }
}

/// A block that seeds name: its number and hash, and the beacon's value if seeds were drawn from it.
type SeedBlock = (u64, [u8; 32], Option<[u8; 32]>);

/// Sources of seeds that the node's chain has not.
#[derive(Default)]
struct Foreign {
    /// Numbers of blocks that it does not have.
    blocks: Vec<u64>,
    /// Numbers of blocks in which its beacon has another value, or none that seeds are drawn from.
    values: Vec<u64>,
    /// Blocks of which the node has forgotten the value.
    forgotten: usize,
}

/// Compares sources of seeds with the node's chain.
async fn foreign_sources(chain: &ChainClient, blocks: &BTreeSet<SeedBlock>) -> Result<Foreign, Failure> {
    let mut found = Foreign::default();
    for (number, hash, value) in blocks {
        match chain.block_hash(*number).await {
            Ok(block) if block.0 == *hash => {}
            Ok(_) | Err(ChainError::NotFound(_)) => {
                found.blocks.push(*number);
                continue;
            }
            Err(error) => return Err(error.into()),
        }
        match chain.seed_value(*number).await {
            Ok(known) if known == *value => {}
            Ok(_) => found.values.push(*number),
            Err(ChainError::NotFound(_)) => found.forgotten += 1,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(found)
}

/// Refuses epochs of which only the public part is here.
fn ensure_whole(folder: &EvidenceFolder, rounds: &[(u64, u16)]) -> Outcome {
    match rounds.iter().find(|(epoch, _)| folder.is_public_part(*epoch)) {
        None => Ok(()),
        Some((epoch, _)) => fail(format!(
            "epoch {epoch} in {} is the public part of the evidence: without tasks, seeds, signatures and texts no \
             score can be judged again; `myelin evidence verify` checks its root, standings and weights, and its \
             validator has the rest",
            folder.path.display()
        )),
    }
}

/// Findings of all rounds.
#[derive(Default)]
struct Found {
    rounds: Vec<(u64, u16, Audit)>,
    /// Lines about the scores of each round.
    lines: Vec<Vec<String>>,
    validator: Option<(AccountId, u16)>,
    last_block: Option<u64>,
    /// The epoch of the last round, and the standings around it.
    last_standings: Option<(u64, RoundStandings)>,
    /// Tasks that were drawn again, by epoch and round.
    tasks: Vec<(u64, u16, Redrawn)>,
    /// Tasks whose texts were deleted, by epoch.
    deleted: Vec<(u64, Vec<DeletedTask>)>,
    /// Epochs that were not judged, in words.
    other_rules: Vec<String>,
    /// Weights by epoch: the number of compared ones, and the errors.
    weights: Vec<(u64, usize, Vec<String>)>,
    /// Blocks that seeds name; block 0 names the chain.
    blocks: BTreeSet<SeedBlock>,
    /// Time that judging took, with seeds, signatures and weights.
    took: Duration,
}

impl Found {
    /// Adds the faults between rounds. One validator judges one subnet, draws each round from a later block, and begins
    /// it with the standings at the end of the last one.
    fn connect(&mut self, folder: &EvidenceFolder, epoch: u64, audit: &mut Audit) {
        if let Some(standings) = &audit.standings {
            if let Some((before, earlier)) = &self.last_standings {
                match audit_between(folder, (*before, earlier), (epoch, standings)) {
                    Ok(changed) => {
                        audit
                            .faults
                            .extend(changed.into_iter().map(|what| format!("before the round: {what}")));
                    }
                    Err(error) => audit.faults.push(error.to_string()),
                }
            }
        }
        self.last_standings = audit.standings.clone().map(|standings| (epoch, standings));
        if let Some(validator) = audit.validator {
            if *self.validator.get_or_insert(validator) != validator {
                audit.faults.push("another validator, or another subnet, than in the first round".into());
            }
        }
        if let Some((genesis, block, hash)) = audit.source {
            if self.last_block.is_some_and(|last| last >= block) {
                audit
                    .faults
                    .push(format!("drawn from block {block}, which is no later than the last round's"));
            }
            self.last_block = Some(block);
            self.blocks.extend([(0, genesis, None), (block, hash, audit.value)]);
        }
    }

    /// Records that could not be judged again, of all rounds.
    fn unjudged(&self) -> Unjudged {
        let mut all = Unjudged::default();
        self.rounds.iter().for_each(|(.., audit)| all.add(&audit.unjudged));
        all
    }

    /// Answers of all rounds that declare a model which this version does not hold, by model.
    fn unheld(&self) -> BTreeMap<[u8; 32], usize> {
        let mut all = BTreeMap::new();
        for (model, answers) in self.rounds.iter().flat_map(|(.., audit)| &audit.unheld) {
            *all.entry(*model).or_default() += answers;
        }
        all
    }

    /// Reasons why the evidence is not as the validator says.
    fn differences(&self, foreign: &Foreign) -> Vec<String> {
        let faulty = self.rounds.iter().filter(|(.., audit)| !audit.faults.is_empty()).count();
        let rounds = self.rounds.len();
        let mut why = self.other_rules.clone();
        if faulty > 0 {
            why.push(format!(
                "{faulty} of {rounds} rounds are not as the validator says; what the subnet remembered of rounds that \
                 are not kept may be missing, and kind and options must be the validator's"
            ));
        }
        let wrong: Vec<u64> =
            self.weights.iter().filter(|(.., faults)| !faults.is_empty()).map(|(epoch, ..)| *epoch).collect();
        if !wrong.is_empty() {
            why.push(format!("the weights of epochs {wrong:?} do not follow from the standings"));
        }
        let invented = self.tasks.iter().filter(|(.., redrawn)| !redrawn.faults.is_empty()).count();
        if invented > 0 {
            why.push(format!(
                "the tasks of {invented} rounds are not those that their seeds draw; secret, kind and options must be \
                 the validator's"
            ));
        }
        let Foreign { blocks, values, .. } = foreign;
        if !blocks.is_empty() {
            why.push(format!("seeds were drawn from blocks that the node's chain does not have: {blocks:?}"));
        }
        if !values.is_empty() {
            why.push(format!(
                "seeds were drawn from other bytes than the beacon's values of blocks {values:?}"
            ));
        }
        why
    }

    fn tell(self, global: &Global, looked_up: bool, foreign: &Foreign) -> Outcome {
        let Some((signer, netuid)) = self.validator else {
            return fail(match self.other_rules.is_empty() {
                true => "no round has a record: nobody was asked yet".into(),
                false => self.other_rules.join("; "),
            });
        };
        let validator = address(&Account(signer));
        let (rounds, blocks) = (self.rounds.len(), self.blocks.len());
        if global.json {
            let rounds = self.rounds.iter().zip(&self.lines);
            let rounds = rounds.map(|((epoch, round, audit), scores)| {
                let Audit { records, unsigned, by_verdict, excused, unjudged, faults, .. } = audit;
                let unheld: BTreeMap<String, usize> =
                    audit.unheld.iter().map(|(model, answers)| (to_hex(model), *answers)).collect();
                json!({
                    "epoch": epoch, "round": round, "records": records, "unsigned": unsigned, "by_verdict": by_verdict,
                    "excused": excused, "not_judged_again": unjudged_value(unjudged), "models_not_held": unheld,
                    "faults": faults, "scores": scores
                })
            });
            let tasks = self.tasks.iter().map(|(epoch, round, redrawn)| {
                let Redrawn { tasks, skipped, faults } = redrawn;
                json!({ "epoch": epoch, "round": round, "drawn": tasks, "skipped": skipped, "faults": faults })
            });
            let (foreign, values) =
                (looked_up.then_some(&foreign.blocks), looked_up.then_some(&foreign.values));
            let weights = self.weights.iter().map(
                |(epoch, compared, faults)| json!({"epoch": epoch, "compared": compared, "faults": faults}),
            );
            let deleted = self.deleted.iter().filter(|(_, tasks)| !tasks.is_empty());
            let deleted = deleted.map(|(epoch, tasks)| json!({ "epoch": epoch, "tasks": tasks }));
            json(&json!({
                "deleted": deleted.collect::<Vec<_>>(), "validator": validator, "netuid": netuid,
                "rounds": rounds.collect::<Vec<_>>(),
                "weights": weights.collect::<Vec<_>>(), "tasks": tasks.collect::<Vec<_>>(), "foreign_blocks": foreign,
                "foreign_values": values, "seconds": self.took.as_secs_f64()
            }))?;
        } else {
            let tasks = match self.tasks.is_empty() {
                true => "tasks and what they hide are taken from the validator",
                false => "tasks were drawn again from their seeds",
            };
            say!("{rounds} rounds of validator {validator} on subnet {netuid}; {tasks}");
            show_unjudged(&self.unjudged());
            show_unheld(&self.unheld());
        }
        let why = self.differences(foreign);
        if !why.is_empty() {
            return fail(why.join("; "));
        }
        if !global.json {
            let blocks = match looked_up {
                true if foreign.forgotten > 0 => format!(
                    "the chain has the {blocks} blocks that seeds name, and the node forgot the beacon's values of \
                     {}",
                    foreign.forgotten
                ),
                true => format!("the chain has the {blocks} blocks that seeds name"),
                false => "no block was looked up".to_owned(),
            };
            let all = if self.unjudged().deleted > 0 { "all others" } else { "all" };
            say!("{all} arrive at the same when judged again; {blocks}");
            let records: usize = self.rounds.iter().map(|(.., audit)| audit.records).sum();
            let seconds = self.took.as_secs_f64();
            say!("{records} records in {seconds:.1} s, {:.0} a second", records as f64 / seconds.max(1e-9));
        }
        Ok(())
    }
}

/// Says which records could not be judged again, and how much of each miner's score rests on them.
fn show_unjudged(unjudged: &Unjudged) {
    let Some(line) = unjudged.line() else { return };
    tell!("{line}");
    for (uid, miner) in unjudged.miners.iter().take(SHOWN) {
        let hundredths = miner.part() / 100;
        let (whole, rest) = (hundredths / 100, hundredths % 100);
        tell!("    uid {uid}: {} records, {whole}.{rest:02} % of the weight of its score", miner.records);
    }
    if unjudged.miners.len() > SHOWN {
        tell!("    and {} more miners", unjudged.miners.len() - SHOWN);
    }
}

/// Says which declared models this version could not run again.
fn show_unheld(unheld: &BTreeMap<[u8; 32], usize>) {
    for (model, answers) in unheld.iter().take(SHOWN) {
        tell!(
            "{answers} answers declare model {}, which this version does not hold, so a check by that model was not \
             repeated. Where an earlier version wrote the evidence, it may be an older id: built-in models had other \
             hashes then. That version judges them again.",
            to_hex(model)
        );
    }
    if unheld.len() > SHOWN {
        tell!("and {} more such models", unheld.len() - SHOWN);
    }
}

fn show_tasks(epoch: u64, round: u16, redrawn: &Redrawn) {
    let Redrawn { tasks, skipped, faults } = redrawn;
    let left = if *skipped > 0 { format!(", {skipped} of customers left out") } else { String::new() };
    let found =
        if faults.is_empty() { "all the same".to_owned() } else { format!("FAULTS: {}", faults.len()) };
    say!("epoch {epoch}, round {round}: {tasks} tasks drawn again{left}: {found}");
    show_faults(faults);
}

fn show_weights(epoch: u64, compared: usize, faults: &[String]) {
    match (compared, faults) {
        (0, []) => say!("epoch {epoch}: no weights were kept"),
        (weights, []) => say!("epoch {epoch}: {weights} weights follow from the standings"),
        (_, faults) => say!("epoch {epoch}: weights: FAULTS: {}", faults.len()),
    }
    show_faults(faults);
}

fn show(epoch: u64, round: u16, audit: &Audit) {
    let Audit { records, unsigned, by_verdict, excused, unjudged, faults, .. } = audit;
    let found = match faults.len() {
        0 => "all the same".to_owned(),
        faults => format!("FAULTS: {faults}"),
    };
    let mut seen = format!("{records} records");
    let counts = [
        (unsigned, "paid answers unsigned"),
        (by_verdict, "scored by kept verdicts of an endpoint, which cannot be recomputed"),
        (excused, "excused that can be judged"),
        (&unjudged.deleted, "of customers not judged again"),
    ];
    for (count, what) in counts {
        if *count > 0 {
            seen += &format!(", {count} {what}");
        }
    }
    say!("epoch {epoch}, round {round}: {seen}: {found}");
    show_faults(faults);
}

fn show_faults(faults: &[String]) {
    faults.iter().take(SHOWN).for_each(|fault| tell!("    {}", plain(fault)));
    if faults.len() > SHOWN {
        tell!("    and {} more", faults.len() - SHOWN);
    }
}

//! `myelin validator replay`: judges again what a validator kept as evidence.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use myelin_subnet::evidence::{Audit, EvidenceFolder};
use serde_json::json;

use super::look;
use crate::output::{fail, json, say, tell, Outcome};
use crate::subnets::{Choice, Controls, Kinds, Purpose, ValidatorSetup};
use crate::Global;

/// Most faults of a round that are shown.
const SHOWN: usize = 10;

/// Which evidence.
#[derive(Args)]
pub struct Replay {
    /// Folder with the evidence: `evidence` in a validator's folder, or a copy of it.
    #[arg(value_name = "DIR")]
    evidence: PathBuf,
    /// Only the rounds of this epoch.
    #[arg(long)]
    epoch: Option<u64>,
    /// Ask no node whether the blocks that seeds were drawn from are the chain's.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    choice: Choice,
    /// Earlier requests of customers, as many as with `myelin validator run`.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=64))]
    controls: u16,
}

impl Replay {
    /// Judges all rounds again and compares.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let folder = EvidenceFolder { path: self.evidence.clone(), keep: usize::MAX };
        let epochs = folder.epochs();
        if epochs.is_empty() {
            return fail(format!(
                "{} holds no evidence; name the folder `evidence` of a validator, in which epoch-… folders are",
                self.evidence.display()
            ));
        }
        if let Some(epoch) = self.epoch.filter(|epoch| !epochs.contains(epoch)) {
            let (first, last) = (epochs[0], epochs[epochs.len() - 1]);
            return fail(format!("no evidence of epoch {epoch} is kept, only of epochs {first} to {last}"));
        }
        let wanted = epochs.into_iter().filter(|epoch| self.epoch.is_none_or(|only| only == *epoch));
        let rounds: Vec<(u64, u16)> = wanted
            .flat_map(|epoch| folder.rounds(epoch).into_iter().map(move |round| (epoch, round)))
            .collect();

        let controls = Controls { past: None, count: self.controls };
        let options = self.choice.options();
        let setup = ValidatorSetup { controls: &controls, purpose: Purpose::Replay, options };
        let subnet = kinds.find(&self.choice.kind)?.validator(&setup)?;
        let mut blocks = BTreeSet::new();
        let mut told = Vec::new();
        let mut faulty = 0;
        subnet.audit(&folder, &rounds, &mut |epoch, round, audit| {
            if !global.json {
                show(epoch, round, &audit);
            }
            let Audit { records, seeds, signed, faults, blocks: named } = audit;
            faulty += usize::from(!faults.is_empty());
            blocks.extend(named);
            told.push(json!({"epoch": epoch, "round": round, "records": records, "seeds": seeds, "signed": signed, "faults": faults}));
        })?;

        let foreign = match self.offline {
            true => None,
            false => {
                let chain = look(global).await?;
                let mut foreign = Vec::new();
                for (number, hash) in &blocks {
                    if chain.block_hash(*number).await?.0 != *hash {
                        foreign.push(*number);
                    }
                }
                Some(foreign)
            }
        };
        let (rounds, checked) = (told.len(), blocks.len());
        if global.json {
            json(&json!({"rounds": told, "blocks": checked, "foreign_blocks": foreign}))?;
        }
        if faulty > 0 {
            return fail(format!(
                "{faulty} of {rounds} rounds come to something else than the validator says. If that began with the first rounds that are \
                 kept, what the subnet remembered of earlier ones may be missing; if all differ, see that kind and options are the validator's"
            ));
        }
        match foreign {
            Some(foreign) if !foreign.is_empty() => fail(format!(
                "seeds were drawn from blocks that this chain does not have: {foreign:?}; see that the node is one of the validator's chain"
            )),
            foreign if !global.json => {
                let blocks = foreign.map_or("no block was looked up".to_owned(), |_| {
                    format!("the chain has the {checked} blocks that seeds were drawn from")
                });
                say!("{rounds} rounds come to the same when judged again; {blocks}");
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn show(epoch: u64, round: u16, audit: &Audit) {
    let Audit { records, seeds, signed, faults, .. } = audit;
    let found = match faults.len() {
        0 => "all the same".to_owned(),
        faults => format!("{faults} FAULTS"),
    };
    say!("epoch {epoch}, round {round}: {records} records, {seeds} seeds, {signed} signatures: {found}");
    faults.iter().take(SHOWN).for_each(|fault| tell!("    {fault}"));
    if faults.len() > SHOWN {
        tell!("    and {} more", faults.len() - SHOWN);
    }
}

//! Models for people and programs: list, show, lineage.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::Args;
use myelin_abi::{Account, ModelView};
use myelin_provenance::lineage::MAX_GENERATIONS;
use myelin_provenance::{Hash, Model, ModelId, Statement};
use myelin_wire::hash::to_hex;
use serde_json::{json, Value};

use super::{hash, label, marks, percent, reward::Reward, Which};
use crate::commands::evidence::{epochs, results};
use crate::commands::look;
use crate::keys;
use crate::output::{self, address, brief, say, tao, Outcome};
use crate::subnets::Kinds;
use crate::Global;

/// Which models to list.
#[derive(Args)]
pub struct List {
    /// Only models of this owner.
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "by_parent")]
    owner: Option<String>,
    /// Only models that were made from this one.
    #[arg(long, value_name = "ID", value_parser = hash)]
    by_parent: Option<Hash>,
}

/// A model, and evidence about it.
#[derive(Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    /// Also the model's results by subnet, epoch and validator, from these folders of evidence: `evidence` in a
    /// validator's folder, or a copy of it.
    #[arg(long, value_name = "DIR", num_args = 1..=16)]
    evidence: Vec<PathBuf>,
    /// Only these epochs of the evidence; by default the last 64.
    #[arg(long, value_name = "FIRST..LAST", requires = "evidence", value_parser = epochs)]
    epochs: Option<RangeInclusive<u64>>,
}

/// A model, and how far upward.
#[derive(Args)]
pub struct Upward {
    #[command(flatten)]
    which: Which,
    /// Most generations.
    #[arg(long, default_value_t = MAX_GENERATIONS)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_GENERATIONS)))]
    generations: u32,
}

impl List {
    /// Lists models in the order of their publication.
    pub async fn run(self, global: &Global) -> Outcome {
        let chain = look(global).await?;
        let models = match (&self.owner, &self.by_parent) {
            (Some(owner), _) => chain.models_of(&keys::account(owner, global)?).await?,
            (_, Some(parent)) => chain.models_made_from(parent).await?,
            _ => chain.models().await?,
        };
        let mut table = output::table(&["model", "name", "kind", "licence", "owner", "marks", "bytes"], 6);
        for model in &models {
            let record = &model.record;
            table.add_row([
                to_hex(&record.model),
                label(&record.name),
                record.kind.word().to_owned(),
                label(&record.licence),
                brief(&model.owner),
                marks(model).join(", "),
                output::grouped(record.size),
            ]);
        }
        output::show(global, &models.iter().map(value).collect::<Vec<_>>(), &table)
    }
}

/// A model for programs.
pub fn value(model: &Model<Account>) -> Value {
    let record = &model.record;
    let contributor = |contributor: &myelin_provenance::Contributor<Account>| {
        json!({
            "account": address(&contributor.account), "share_millionths": contributor.share,
            "confirmed": model.is_confirmed_by(&contributor.account),
        })
    };
    let hashes = |hashes: &[Hash]| hashes.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>();
    json!({
        "model": to_hex(&record.model),
        "record": to_hex(&record.id()),
        "name": label(&record.name),
        "kind": record.kind.word(),
        "verifiable": record.kind.is_verifiable(),
        "size": record.size,
        "publisher": address(&record.publisher),
        "owner": address(&model.owner),
        "serial": model.serial,
        "since": model.since,
        "deposit_rao": model.deposit.to_rao(),
        "licence": label(&record.licence),
        "parents": hashes(&record.parents),
        "contributors": record.contributors.iter().map(contributor).collect::<Vec<_>>(),
        "run": record.run.map(|run| to_hex(&run)),
        "data": hashes(&record.data),
        "urls": record.urls.iter().map(|url| label(url)).collect::<Vec<_>>(),
        "aliases": hashes(&record.aliases),
        "withdrawn": model.withdrawn,
        "taken_down": model.taken_down.as_ref().map(said),
        "disputes_raised": model.disputes,
    })
}

fn said(statement: &Statement) -> Value {
    let Statement { block, hash, reference } = statement;
    json!({ "block": block, "hash": to_hex(hash), "reference": label(reference) })
}

impl Show {
    /// Shows a model with its disputes, and with its results if evidence is named.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let chain = look(global).await?;
        let view = chain.model(&self.which.id).await?;
        let reward = Reward::of(&chain, &self.which.id).await?;
        let found = match self.evidence.as_slice() {
            [] => None,
            folders => Some(results(&chain, kinds, &view.model, (folders, self.epochs.as_ref())).await?),
        };
        if global.json {
            let mut shown = value_of(&view);
            shown["reward"] = reward.value();
            if let Some(found) = &found {
                shown["results"] = serde_json::to_value(found)?;
            }
            return output::json(&shown);
        }
        print(&view, &reward);
        if let Some(found) = &found {
            found.print();
        }
        Ok(())
    }
}

/// A model with its disputes, for programs.
fn value_of(ModelView { model, disputes }: &ModelView<Account>) -> Value {
    let mut shown = value(model);
    let dispute = |dispute: &myelin_provenance::Dispute<Account>| {
        json!({
            "number": dispute.number, "by": address(&dispute.by), "deposit_rao": dispute.deposit.to_rao(),
            "raised": said(&dispute.raised), "answer": dispute.answer.as_ref().map(said),
            "closed": dispute.closed,
        })
    };
    shown["disputes"] = disputes.iter().map(dispute).collect();
    shown
}

/// Prints a model with its disputes.
fn print(ModelView { model, disputes }: &ModelView<Account>, reward: &Reward) {
    let record = &model.record;
    let mut table = output::table(&["field", "value"], 2);
    let mut row = |field: &str, value: String| {
        if !value.is_empty() {
            table.add_row([field.to_owned(), value]);
        }
    };
    row("model", to_hex(&record.model));
    row("name", label(&record.name));
    let unverifiable =
        if record.kind.is_verifiable() { "" } else { ": its weights are unknown, nobody can verify it" };
    row("kind", format!("{}{unverifiable}", record.kind.word()));
    row("bytes", output::grouped(record.size));
    row("licence", label(&record.licence));
    row("owner", address(&model.owner));
    row("publisher", format!("{} at block {}", address(&record.publisher), model.since));
    row("deposit", tao(model.deposit));
    row("record", to_hex(&record.id()));
    record.parents.iter().for_each(|parent| row("parent", to_hex(parent)));
    for contributor in &record.contributors {
        let state = if model.is_confirmed_by(&contributor.account) { "confirmed" } else { "not confirmed" };
        row(
            "contributor",
            format!("{} {} ({state})", address(&contributor.account), percent(contributor.share)),
        );
    }
    row("training run", record.run.map_or_else(String::new, |run| to_hex(&run)));
    record.data.iter().for_each(|data| row("data", to_hex(data)));
    record.urls.iter().for_each(|url| row("address", label(url)));
    record.aliases.iter().for_each(|alias| row("older id", to_hex(alias)));
    row("marks", marks(model).join(", "));
    reward.rows().into_iter().for_each(|(field, value)| row(field, value));
    for dispute in disputes {
        let state = match (&dispute.answer, dispute.closed) {
            (_, Some(block)) => format!("retracted at block {block}"),
            (Some(answer), None) => {
                format!("answered at block {}: {}", answer.block, label(&answer.reference))
            }
            (None, None) => "open".to_owned(),
        };
        let reference = label(&dispute.raised.reference);
        row("dispute", format!("number {} by {} ({state}) {reference}", dispute.number, brief(&dispute.by)));
    }
    output::print(&table);
}

impl Upward {
    /// Prints the tree upward, each model once.
    pub async fn run(self, global: &Global) -> Outcome {
        let id = self.which.id;
        let told = look(global).await?.model_lineage(&id, self.generations).await?;
        if global.json {
            let model = |(generation, model): &(u32, Model<Account>)| {
                let mut shown = value(model);
                shown["generation"] = (*generation).into();
                shown
            };
            let models: Vec<Value> = told.models.iter().map(model).collect();
            return output::json(&json!({ "models": models, "cut": told.cut }));
        }
        let models: BTreeMap<ModelId, &Model<Account>> =
            told.models.iter().map(|(_, model)| (model.record.model, model)).collect();
        let mut lines = Vec::new();
        tree(&models, &id, 0, &mut BTreeSet::new(), &mut lines);
        lines.iter().for_each(|line| say!("{line}"));
        if told.cut {
            say!("… there are more above; `myelin model lineage` of the last ones shows them");
        }
        Ok(())
    }
}

/// The lines of a model and of its parents below it. A model that was shown before is only named.
fn tree(
    models: &BTreeMap<ModelId, &Model<Account>>,
    id: &ModelId,
    depth: usize,
    shown: &mut BTreeSet<ModelId>,
    lines: &mut Vec<String>,
) {
    let indent = "  ".repeat(depth);
    let short: String = to_hex(id).chars().take(16).collect();
    let Some(model) = models.get(id) else {
        lines.push(format!("{indent}{short}… (further up)"));
        return;
    };
    let name = label(&model.record.name);
    if !shown.insert(*id) {
        lines.push(format!("{indent}{short}… {name} (shown above)"));
        return;
    }
    let shares: Vec<String> = model
        .record
        .contributors
        .iter()
        .map(|contributor| {
            let doubt = if model.is_confirmed_by(&contributor.account) { "" } else { " unconfirmed" };
            format!("{} {}{doubt}", brief(&contributor.account), percent(contributor.share))
        })
        .collect();
    let marks: String = marks(model).iter().map(|mark| format!(" [{mark}]")).collect();
    let licence = label(&model.record.licence);
    lines.push(format!("{indent}{short}… {name}, {licence}, {}{marks}", shares.join(", ")));
    for parent in &model.record.parents {
        tree(models, parent, depth + 1, shown, lines);
    }
}

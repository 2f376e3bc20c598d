//! `myelin model`: records of models on the chain, and the weights that they name.
//!
//! A model is named by the content hash of its weights, so everybody can check that a file is the published one. What
//! the publisher says of the model is in the record; what others say are marks and confirmations beside it.

mod fetch;
mod known;
mod publish;
mod pull;
mod reward;
mod show;
mod weights;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use myelin_abi::calls::provenance as calls;
use myelin_abi::{Account, ModelView};
use myelin_chain_client::{ChainClient, ChainError};
use myelin_provenance::dispute::DISPUTE_DEPOSIT;
use myelin_provenance::{content_id, Hash, ModelId};
use myelin_wire::hash::{from_hex, to_hex};
use serde_json::json;

pub use known::Known;

use super::connect;
use crate::keys;
use crate::output::{self, address, at, brief, fail, tao, tell, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::subnets::Kinds;
use crate::Global;

const PALLET: &str = "Provenance";

/// Records of models: publish, list, show, lineage, verify, pull, confirm, transfer, withdraw, dispute, takedown,
/// declare, share.
#[derive(Subcommand)]
pub enum Model {
    /// Registers a model by the content hash of its weights.
    #[command(after_help = "Examples:\n  \
        myelin model publish small.safetensors --name small --licence Apache-2.0 --wallet alice \
            --url https://models.example/small.safetensors\n  \
        myelin model publish ./large --name large --licence MIT --parent ID --contributor alice=60% \
            --contributor bob=40% --wallet alice")]
    Publish(publish::Publish),
    /// Published models.
    #[command(visible_alias = "ls")]
    List(show::List),
    /// A model: its record, its owner, its marks and its disputes; with evidence also its results.
    #[command(after_help = "Examples:\n  \
        myelin model show ID\n  \
        myelin model show ID --evidence .myelin/validator/evidence copy/of/another --json")]
    Show(show::Show),
    /// The models that a model was made from, upward.
    Lineage(show::Upward),
    /// Checks that a file or a directory is the published one; names the first difference.
    Verify(pull::Verify),
    /// Downloads weights, and verifies them before they get their name.
    #[command(after_help = "Example:\n  myelin model pull ID --out ./models")]
    Pull(pull::Pull),
    /// Confirms your share of a model.
    Confirm(Change),
    /// Gives a model to another owner; contributors and deposit stay as they are.
    Transfer(Transfer),
    /// Marks a model of yours as withdrawn, for good.
    Withdraw(Change),
    /// Disputes a model; a deposit is on hold until you retract the dispute.
    #[command(after_help = "Example:\n  \
        myelin model dispute ID --reason reason.txt --reference https://forum.example/8 --wallet bob")]
    Dispute(Dispute),
    /// Answers a dispute of a model of yours.
    Answer(Answer),
    /// Retracts a dispute of yours; its mark stays, and its deposit is free.
    Retract(Numbered),
    /// Marks a model as taken down, as root; there is no way back. Or prints the call, for a vote.
    #[command(after_help = "Examples:\n  \
        myelin model takedown ID --reason reason.txt --reference https://forum.example/9 --wallet root\n  \
        myelin model takedown ID --reason reason.txt --print-call")]
    Takedown(Takedown),
    /// Declares the model that your miner serves; its parents then get the subnet's share of each incentive.
    #[command(after_help = "Examples:\n  \
        myelin model declare ID --netuid 2 --wallet alice --hotkey miner1\n  \
        myelin model declare --off --netuid 2 --wallet alice --hotkey miner1")]
    Declare(reward::Declare),
    /// Divides the pot of a model among its parents; anybody may.
    #[command(after_help = "Examples:\n  \
        myelin model share ID --netuid 2 --wallet alice\n  \
        myelin model share ID --tao --wallet alice")]
    Share(reward::Share),
}

/// A model.
#[derive(Args)]
pub struct Which {
    /// The model, 64 hexadecimal digits.
    #[arg(value_name = "ID", value_parser = hash)]
    id: Hash,
}

/// A model and the sender.
#[derive(Args)]
pub struct Change {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    by: Sender,
}

/// A model and its next owner.
#[derive(Args)]
pub struct Transfer {
    #[command(flatten)]
    which: Which,
    /// Owner from now on.
    #[arg(long, value_name = "ACCOUNT")]
    to: String,
    #[command(flatten)]
    by: Sender,
}

/// A text that is published elsewhere.
#[derive(Args)]
pub struct Said {
    /// File with the text, or the content hash of it.
    #[arg(long, value_name = "HASH-OR-FILE")]
    reason: String,
    /// Place where people find the text.
    #[arg(long, default_value = "", value_name = "TEXT")]
    reference: String,
}

/// A model and a doubt.
#[derive(Args)]
pub struct Dispute {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    said: Said,
    #[command(flatten)]
    by: Sender,
}

/// A dispute of a model.
#[derive(Args)]
pub struct Numbered {
    #[command(flatten)]
    which: Which,
    /// Number of the dispute, as `myelin model show` has it.
    #[arg(long, value_name = "N")]
    number: u32,
    #[command(flatten)]
    by: Sender,
}

/// A dispute of a model, and the answer.
#[derive(Args)]
pub struct Answer {
    #[command(flatten)]
    dispute: Numbered,
    #[command(flatten)]
    said: Said,
}

/// A model that root takes down.
#[derive(Args)]
pub struct Takedown {
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    said: Said,
    /// Print the encoded call and its hash, which a proposal may carry; no key is needed, and nothing is sent.
    #[arg(long)]
    print_call: bool,
    #[command(flatten)]
    by: Sender,
}

impl Model {
    /// Runs the verb.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        match self {
            Model::Publish(publish) => publish.run(global).await,
            Model::List(list) => list.run(global).await,
            Model::Show(show) => show.run(global, kinds).await,
            Model::Lineage(upward) => upward.run(global).await,
            Model::Verify(verify) => verify.run(global).await,
            Model::Pull(pull) => pull.run(global).await,
            Model::Confirm(change) => change.confirm(global).await,
            Model::Transfer(transfer) => transfer.run(global).await,
            Model::Withdraw(change) => change.withdraw(global).await,
            Model::Dispute(dispute) => dispute.run(global).await,
            Model::Answer(answer) => answer.run(global).await,
            Model::Retract(numbered) => numbered.retract(global).await,
            Model::Takedown(takedown) => takedown.run(global).await,
            Model::Declare(declare) => declare.run(global).await,
            Model::Share(share) => share.run(global).await,
        }
    }
}

impl Change {
    async fn confirm(self, global: &Global) -> Outcome {
        let Change { which: Which { id }, by } = self;
        let chain = connect(global).await?;
        let model = chain.model(&id).await?.model;
        let who = by.account(global)?;
        let share = model.record.contributors.iter().find(|contributor| contributor.account == who);
        let Some(share) = share.map(|contributor| percent(contributor.share)) else {
            return fail(format!("{} is no contributor of {}", address(&who), label(&model.record.name)));
        };
        let what = format!("confirming the share of {share} in {}", label(&model.record.name));
        let call = calls::Confirm { model: id, record: model.record.id() };
        let value = json!({ "model": to_hex(&id), "share": share });
        by.carry_out(global, &chain, Order::new(&call, what), "confirmed", value).await
    }

    async fn withdraw(self, global: &Global) -> Outcome {
        let Change { which: Which { id }, by } = self;
        let chain = connect(global).await?;
        let name = label(&chain.model(&id).await?.model.record.name);
        let what = format!("withdrawing {name}: the mark stays for good, and so do record and deposit");
        let order = Order::new(&calls::Withdraw { model: id }, what);
        by.carry_out(global, &chain, order, "withdrawn", json!({ "model": to_hex(&id) })).await
    }
}

impl Transfer {
    async fn run(self, global: &Global) -> Outcome {
        let Transfer { which: Which { id }, to, by } = self;
        let chain = connect(global).await?;
        let to = keys::account(&to, global)?;
        let name = label(&chain.model(&id).await?.model.record.name);
        let what = format!("giving {name} to {}; only the new owner can give it back", address(&to));
        let order = Order::new(&calls::Transfer { model: id, to }, what);
        let value = json!({ "model": to_hex(&id), "owner": address(&to) });
        by.carry_out(global, &chain, order, &format!("{} owns it", brief(&to)), value).await
    }
}

impl Dispute {
    async fn run(self, global: &Global) -> Outcome {
        let Dispute { which: Which { id }, said, by } = self;
        let chain = connect(global).await?;
        let name = label(&chain.model(&id).await?.model.record.name);
        let deposit = tao(DISPUTE_DEPOSIT);
        let what = format!("disputing {name}: {deposit} are on hold until you retract the dispute");
        let reason = content(&said.reason)?;
        let call = calls::Dispute { model: id, reason, reference: said.reference.into_bytes() };
        let Some(sent) = by.send(global, &chain, Order::new(&call, what)).await? else { return Ok(()) };
        let event: Option<(ModelId, u32, Account, Hash)> = sent.event(PALLET, "Disputed");
        let number = event.map(|(_, number, ..)| number);
        let value = json!({ "model": to_hex(&id), "number": number, "reason": to_hex(&reason) });
        sent.report(global, &format!("disputed as number {}", number.unwrap_or_default()), value)
    }
}

impl Answer {
    async fn run(self, global: &Global) -> Outcome {
        let Answer { dispute: Numbered { which: Which { id }, number, by }, said } = self;
        let chain = connect(global).await?;
        let answer = content(&said.reason)?;
        let call = calls::Answer { model: id, number, answer, reference: said.reference.into_bytes() };
        let order = Order::new(&call, format!("answering dispute {number}; there is one answer for each"));
        let value = json!({ "model": to_hex(&id), "number": number, "answer": to_hex(&answer) });
        by.carry_out(global, &chain, order, "answered", value).await
    }
}

impl Numbered {
    async fn retract(self, global: &Global) -> Outcome {
        let Numbered { which: Which { id }, number, by } = self;
        let chain = connect(global).await?;
        let call = calls::Retract { model: id, number };
        let order = Order::new(&call, format!("retracting dispute {number}; its mark stays"));
        let value = json!({ "model": to_hex(&id), "number": number });
        by.carry_out(global, &chain, order, "retracted; the deposit is free", value).await
    }
}

impl Takedown {
    async fn run(self, global: &Global) -> Outcome {
        let Takedown { which: Which { id }, said, print_call, by } = self;
        let chain = connect(global).await?;
        let model = chain.model(&id).await?.model;
        let name = label(&model.record.name);
        if let Some(said) = &model.taken_down {
            return fail(format!("{name} was taken down at block {} already; nothing was sent", said.block));
        }
        let reason = content(&said.reason)?;
        let call = calls::Takedown { model: id, reason, reference: said.reference.into_bytes() };
        let value = json!({ "model": to_hex(&id), "reason": to_hex(&reason) });
        if print_call {
            let call = chain.encode(&(&call).into()).await?;
            let (bytes, hash) = (crate::send::to_hex(&call), crate::send::to_hex(&content_id(&call)));
            let mut value = value;
            (value["call"], value["call_hash"]) = (bytes.as_str().into(), hash.as_str().into());
            let text =
                format!("call  {bytes}\nhash  {hash}\nit takes {name} down where root or a vote makes it");
            return output::report(global, &text, value);
        }
        super::ensure_root(&chain, &by.account(global)?).await?;
        let what = format!("taking {name} down: the mark stays for good, and so does the record");
        let order = Order::new(chain.as_root(&call).await?, what);
        by.carry_out(global, &chain, order, "taken down", value).await
    }
}

/// Warns of a model that is to be served and that has no record on the chain, or a record with marks.
pub async fn warn_of_marks(chain: &ChainClient, id: &ModelId) -> Outcome {
    match chain.model(id).await {
        Ok(view) => {
            let marks = marks(&view.model);
            if !marks.is_empty() {
                tell!("warning: model {} was {}; see `myelin model show`", to_hex(id), marks.join(", "));
            }
        }
        Err(ChainError::NotFound(why)) => tell!("warning: {why}"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Reads a content hash.
fn hash(text: &str) -> Result<Hash, String> {
    from_hex(text).ok_or_else(|| format!("`{text}` is no content hash of 64 hexadecimal digits"))
}

/// A content hash in the words of the user: the hash, or a file or directory that has it.
fn content(text: &str) -> Result<Hash, Failure> {
    if let Some(hash) = from_hex(text) {
        return Ok(hash);
    }
    let path = PathBuf::from(text);
    let found = weights::read(&path).map_err(|why| {
        Failure::new(format!("`{text}` is neither 64 hexadecimal digits nor a file: {why}"))
    })?;
    Ok(found.id)
}

/// Reads a share in whole millionths.
pub fn millionths(text: &str) -> Result<u32, String> {
    let e9 = crate::output::proportion(text)?;
    let millionths = u32::try_from(e9 / 1_000).ok().filter(|_| e9 % 1_000 == 0);
    millionths.ok_or(format!("`{text}` is no share in whole millionths"))
}

/// A millionth part as a percentage.
pub fn percent(share: u32) -> String {
    let (whole, rest) = (share / 10_000, share % 10_000);
    match rest {
        0 => format!("{whole}%"),
        rest => format!("{whole}.{}%", format!("{rest:04}").trim_end_matches('0')),
    }
}

/// A publisher's text for a terminal, on one line and in the order in which it is written.
fn label(bytes: &[u8]) -> String {
    output::readable(&String::from_utf8_lossy(bytes), false)
}

/// Marks of a model in short words.
pub fn marks(model: &myelin_provenance::Model<Account>) -> Vec<String> {
    let mut marks = Vec::new();
    if let Some(said) = &model.taken_down {
        marks.push(format!("taken down at block {}", said.block));
    }
    if let Some(block) = model.withdrawn {
        marks.push(format!("withdrawn at block {block}"));
    }
    if model.disputes > 0 {
        marks.push(format!("disputed {} times", model.disputes));
    }
    marks
}

/// Refuses a model that was withdrawn or taken down.
fn ensure_unmarked(view: &ModelView<Account>, despite: bool) -> Outcome {
    let model = &view.model;
    if despite || (model.withdrawn.is_none() && model.taken_down.is_none()) {
        return Ok(());
    }
    fail(format!("the model was {}; --despite-marks goes on", marks(model).join(", ")))
}

/// Writes a small file.
fn write(path: &Path, bytes: &[u8]) -> Outcome {
    std::fs::write(path, bytes).map_err(at(path))
}

/// The manifest of a directory, if its text has this id.
fn manifest_of(id: &ModelId, bytes: &[u8]) -> Option<myelin_provenance::Manifest> {
    let text = std::str::from_utf8(bytes).ok().filter(|_| content_id(bytes) == *id)?;
    myelin_provenance::Manifest::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_shown_to_the_last_millionth() {
        let shown = [1_000_000, 600_000, 333_333, 1].map(percent);
        assert_eq!(shown, ["100%", "60%", "33.3333%", "0.0001%"]);
    }

    #[test]
    fn a_publishers_text_moves_no_cursor_and_turns_no_letters() {
        assert_eq!(label("précis 模型".as_bytes()), "précis 模型");
        assert_eq!(label("a\u{202e}b\nc\u{1b}[2J".as_bytes()), "a\\u{202e}b\\u{a}c\\u{1b}[2J");
    }

    #[test]
    fn content_is_a_hash_or_a_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a");
        std::fs::write(&path, b"abc").expect("written");
        let of_file = content(&path.display().to_string()).expect("a file");
        assert_eq!(content(&to_hex(&of_file)).expect("digits"), content_id(b"abc"));
        assert!(content("nothing").unwrap_err().to_string().contains("neither"));
    }
}

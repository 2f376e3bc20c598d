//! `myelin model publish`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use myelin_abi::calls::provenance::Publish as Call;
use myelin_abi::Account;
use myelin_provenance::manifest::FILE_NAME;
use myelin_provenance::model::deposit;
use myelin_provenance::record::SHARES;
use myelin_provenance::{endpoint_address, endpoint_id, Contributor, Hash, Record, WeightsKind};
use myelin_wire::hash::to_hex;
use serde_json::json;

use super::weights::{self, Weights};
use super::{connect, content, hash, percent};
use crate::keys;
use crate::output::{fail, tao, Failure, Outcome};
use crate::send::{Order, Sender};
use crate::Global;

/// The weights, and what their publisher says of them.
#[derive(Args)]
pub struct Publish {
    /// File or directory of the weights.
    #[arg(value_name = "FILE-OR-DIR", required_unless_present = "behind", conflicts_with = "behind")]
    path: Option<PathBuf>,
    /// A model behind this address instead of weights; nobody can verify it. Its --name is the one that the server has
    /// for it.
    #[arg(long, value_name = "URL")]
    behind: Option<String>,
    /// Name for people.
    #[arg(long)]
    name: String,
    /// SPDX licence expression, such as `Apache-2.0` or `LicenseRef-own`.
    #[arg(long, visible_alias = "license", value_name = "SPDX")]
    licence: String,
    /// Form of the weights; by default what their content shows.
    #[arg(long, value_enum)]
    kind: Option<Kind>,
    /// A model that it was made from; up to 8 times.
    #[arg(long = "parent", value_name = "ID", value_parser = hash)]
    parents: Vec<Hash>,
    /// A contributor and its share, such as `alice=60%`; up to 16 times. By default the publisher has all.
    #[arg(long = "contributor", value_name = "ACCOUNT=SHARE", value_parser = contributor)]
    contributors: Vec<(String, u32)>,
    /// Data that it was trained on, as a content hash or a file; up to 16 times.
    #[arg(long = "data", value_name = "HASH-OR-FILE")]
    data: Vec<String>,
    /// Content hash of the record of the training run.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    run: Option<Hash>,
    /// Address of the weights; up to 4 times. A directory is served with its manifest beside the files.
    #[arg(long = "url", value_name = "URL")]
    urls: Vec<String>,
    /// An id that an earlier version gave to the same model, as its evidence and receipts have it; up to 4 times.
    #[arg(long = "alias", value_name = "HASH", value_parser = hash)]
    aliases: Vec<Hash>,
    #[command(flatten)]
    by: Sender,
}

/// Form of weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A safetensors file.
    Safetensors,
    /// A GGUF file.
    Gguf,
    /// A file in a format of this network.
    Own,
    /// A WebAssembly program for the sandbox.
    Program,
}

impl From<Kind> for WeightsKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Safetensors => Self::Safetensors,
            Kind::Gguf => Self::Gguf,
            Kind::Own => Self::Own,
            Kind::Program => Self::Program,
        }
    }
}

/// Reads an account and its share in millionths.
fn contributor(text: &str) -> Result<(String, u32), String> {
    let (account, share) = text.split_once('=').ok_or(format!("`{text}` is not `ACCOUNT=SHARE`"))?;
    match super::millionths(share)? {
        0 => Err(format!("`{share}` is no share; leave the account out")),
        millionths => Ok((account.to_owned(), millionths)),
    }
}

impl Publish {
    /// Hashes, checks and registers the model.
    pub async fn run(self, global: &Global) -> Outcome {
        let publisher = self.by.account(global)?;
        let (record, weights) = self.record(global, publisher)?;
        // The chain would refuse it by name only; this says more.
        record.check().map_err(|error| Failure::new(format!("the record is refused: {error}")))?;
        let chain = connect(global).await?;
        for parent in &record.parents {
            chain.model(parent).await?;
        }
        if let (Some(Weights { manifest: Some(manifest), .. }), Some(path)) = (&weights, &self.path) {
            if self.by.acts_now() {
                super::write(&path.join(FILE_NAME), manifest.text().as_bytes())?;
            }
        }
        let (id, deposit) = (to_hex(&record.model), deposit(&record));
        let what = format!(
            "publishing {} as {id}: the record can never be deleted, and {} stay on hold for it",
            self.name,
            tao(deposit)
        );
        let value = json!({
            "model": id, "record": to_hex(&record.id()), "kind": record.kind.word(),
            "size": record.size, "deposit_rao": deposit.to_rao(),
        });
        let unverifiable = match record.kind.is_verifiable() {
            true => "",
            false => "; nobody can verify an endpoint, and the record says so",
        };
        let order = Order::new(&Call { record }, what);
        self.by.carry_out(global, &chain, order, &format!("published {id}{unverifiable}"), value).await
    }

    /// The record, and the weights if there are any.
    fn record(
        &self,
        global: &Global,
        publisher: Account,
    ) -> Result<(Record<Account>, Option<Weights>), Failure> {
        let bytes = |texts: &[String]| texts.iter().map(|text| text.clone().into_bytes()).collect::<Vec<_>>();
        let mut urls = bytes(&self.urls);
        let weights = self.path.as_ref().map(|path| weights::read(path)).transpose()?;
        let (model, kind, size) = match (&self.path, &weights, &self.behind) {
            (Some(path), Some(found), _) => {
                let kind = self.kind.map_or(found.kind, WeightsKind::from);
                if found.kind == WeightsKind::Directory && kind != found.kind {
                    return fail("a directory has no other form; leave --kind out");
                }
                weights::ensure_form(path, kind, found.kind)?;
                (found.id, kind, found.size)
            }
            (_, _, Some(url)) => {
                let url = endpoint_address(url).as_bytes();
                urls.insert(0, url.to_vec());
                (endpoint_id(url, self.name.as_bytes()), WeightsKind::Endpoint, 0)
            }
            _ => return fail("name a file, a directory or --behind"),
        };
        let data = self.data.iter().map(|text| content(text)).collect::<Result<_, _>>()?;
        let record = Record {
            publisher,
            model,
            kind,
            size,
            name: self.name.clone().into_bytes(),
            parents: self.parents.clone(),
            contributors: self.shares(global, publisher)?,
            run: self.run,
            licence: self.licence.clone().into_bytes(),
            data,
            urls,
            aliases: self.aliases.clone(),
        };
        Ok((record, weights))
    }

    fn shares(&self, global: &Global, publisher: Account) -> Result<Vec<Contributor<Account>>, Failure> {
        if self.contributors.is_empty() {
            return Ok(vec![Contributor { account: publisher, share: SHARES }]);
        }
        let sum: u64 = self.contributors.iter().map(|(_, share)| u64::from(*share)).sum();
        if sum != u64::from(SHARES) {
            let sum = percent(u32::try_from(sum).unwrap_or(u32::MAX));
            return fail(format!("the shares of the contributors add up to {sum} and not to 100%"));
        }
        let named = |(account, share): &(String, u32)| {
            Ok(Contributor { account: keys::account(account, global)?, share: *share })
        };
        self.contributors.iter().map(named).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_millionths() {
        assert_eq!(contributor("alice=60%"), Ok(("alice".into(), 600_000)));
        assert_eq!(contributor("//Bob=0.000001"), Ok(("//Bob".into(), 1)));
        for wrong in ["alice", "alice=", "alice=0", "alice=101%", "alice=0.0000001", "alice=-1"] {
            assert!(contributor(wrong).is_err(), "{wrong}");
        }
    }
}

//! `myelin evidence report`: statements about judged epochs for people who do not run the network, each with the
//! command that verifies it.
//!
//! [`folder`] counts the evidence, [`chain`] reads the chain at the epoch's blocks, [`gather`] brings both together,
//! [`compose`] makes statements of them, and [`html`] writes the page. The report holds no request, no answer and no
//! address of a machine. [`results`](mod@results) makes the rows of one model.

mod chain;
mod checks;
mod claims;
mod compose;
mod deleted;
mod document;
mod folder;
mod gather;
mod html;
mod results;

use std::io::Read;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use clap::Args;
use myelin_chain_client::{ChainClient, ChainError};
use myelin_subnet::chain::Track;
use myelin_subnet::evidence::{EvidenceFolder, KeepLimits};

use super::claims::named;
use super::evidence_folder;
use crate::commands::look;
use crate::output::{self, at, fail, is_there, say, write_new, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

use chain::Asking;
use checks::Checks;
use compose::Found;
use document::Known;
use gather::Gathering;

pub use results::results;

/// Most epochs of a report.
const MOST_EPOCHS: u64 = 64;
/// Most bytes of the text of rules.
const MOST_RULES: u64 = 64 << 10;

/// The evidence, and the form of the report.
#[derive(Args)]
pub struct Report {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    /// The mechanism.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..16))]
    mechanism: u8,
    /// The epoch; by default the last one that is over.
    #[arg(long, conflicts_with = "epochs")]
    epoch: Option<u64>,
    /// Several epochs, from the first to the last.
    #[arg(long, value_name = "FIRST..LAST", value_parser = epochs)]
    epochs: Option<RangeInclusive<u64>>,
    /// Folder with the evidence: `evidence` in a validator's folder, or a copy of it.
    #[arg(long, value_name = "DIR")]
    evidence: PathBuf,
    /// Folder with evidence of another validator, or of several: `held` of a validator, or what `myelin evidence fetch`
    /// wrote. Claims that miners gave no answer are compared with theirs. Several may be named.
    #[arg(long, value_name = "DIR")]
    others: Vec<PathBuf>,
    /// Text of the rubric, where the chain has its hash alone; `myelin validator rules` writes it.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// File for the HTML page. Without it the page goes to standard output, unless --json is given.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Report {
    /// Reads the evidence and the chain, and writes the report.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        if let Some(out) = self.out.as_ref().filter(|out| out.exists()) {
            return Err(is_there(out));
        }
        let given = self.rules.as_deref().map(text_of).transpose()?;
        let folder = filled(&self.evidence)?;
        let chain = look(global).await?;
        let found = self.found(&chain, kinds, &folder, given).await?;
        let document = found.document();
        if let Some(out) = &self.out {
            write_new(out, html::page(&document).as_bytes())?;
        }
        match (global.json, &self.out) {
            (true, _) => output::json(&document),
            (false, Some(out)) => {
                say!("{}: {}", out.display(), document.title);
                Ok(())
            }
            (false, None) => {
                output::write(&html::page(&document));
                Ok(())
            }
        }
    }

    async fn found(
        &self,
        chain: &ChainClient,
        kinds: &Kinds,
        folder: &EvidenceFolder,
        given: Option<String>,
    ) -> Result<Found, Failure> {
        let Report { netuid, mechanism, .. } = *self;
        let (asking, graph) = Asking::of(chain, Track { netuid, mechanism }).await?;
        let genesis = chain.genesis_hash().0;
        let gathering = Gathering { asking, folder, genesis, given: given.as_deref() };
        let mut beside = named(&self.others)?;
        if !beside.is_empty() {
            beside.insert(0, folder.clone());
        }
        let mut epochs = Vec::new();
        for number in self.chosen(&folder.epochs(), asking.now.1)? {
            let mut reported = gathering.epoch(number).await?;
            if !beside.is_empty() {
                reported.claims = Some(claims::compare(&beside, &asking, &graph, number).await?);
            }
            epochs.push(reported);
        }
        let text = epochs.iter().rev().find_map(|reported| reported.rules.as_deref());
        let kind = text.and_then(crate::commands::kind_of).filter(|kind| kinds.find(kind).is_ok());
        let checks = Checks::new(netuid, mechanism, kind);
        let models = match chain.models().await {
            Ok(models) => Ok(models),
            Err(ChainError::NotFound(why)) => Err(why),
            Err(error) => return Err(error.into()),
        };
        let (kept, limits) = (folder.epochs(), limits_in(folder));
        Ok(Found { checks, mechanism, genesis, graph, kept, limits, epochs, models })
    }

    /// The epochs of the report. Each must be in the folder and over on the chain.
    fn chosen(&self, kept: &[u64], now: u64) -> Result<Vec<u64>, Failure> {
        let (first, last) =
            (kept.first().copied().unwrap_or_default(), kept.last().copied().unwrap_or_default());
        let wanted = match (&self.epochs, self.epoch) {
            (Some(epochs), _) => epochs.clone().collect(),
            (None, Some(epoch)) => vec![epoch],
            (None, None) => kept.iter().rev().find(|epoch| **epoch < now).copied().into_iter().collect(),
        };
        if wanted.is_empty() {
            return fail(format!(
                "no epoch of the evidence is over: the chain is in epoch {now}; wait for its end"
            ));
        }
        if let Some(absent) = wanted.iter().find(|epoch| !kept.contains(epoch)) {
            return fail(format!(
                "no evidence of epoch {absent} is in {}; it has {} epochs from {first} to {last}",
                self.evidence.display(),
                kept.len()
            ));
        }
        match wanted.iter().find(|epoch| **epoch >= now) {
            Some(open) => {
                fail(format!("epoch {open} is not over: the chain is in epoch {now}; wait for its end"))
            }
            None => Ok(wanted),
        }
    }
}

/// A folder of evidence with at least one epoch.
fn filled(path: &Path) -> Result<EvidenceFolder, Failure> {
    let folder = evidence_folder(path)?;
    match folder.epochs().is_empty() {
        false => Ok(folder),
        true => fail(format!(
            "{} holds no evidence; name the folder `evidence` of a validator, in which epoch-… folders are",
            path.display()
        )),
    }
}

/// The limits that the validator of a folder states in it.
fn limits_in(folder: &EvidenceFolder) -> Known<KeepLimits> {
    let why = match folder.limits() {
        Ok(Some(limits)) => return Ok(limits),
        Ok(None) => "the folder does not say with which limits its validator runs",
        Err(_) => "the validator's statement of its limits in the folder cannot be read",
    };
    Err(format!("{why}; ask its operator for --keep-epochs, --keep-mib and --keep-customer-texts"))
}

/// Reads a range of epochs.
pub fn epochs(text: &str) -> Result<RangeInclusive<u64>, String> {
    let wrong = || format!("`{text}` is no range of epochs such as 40..42");
    let (first, last) = text.split_once("..").ok_or_else(wrong)?;
    let (first, last): (u64, u64) = (first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?);
    if first > last {
        return Err(format!("`{text}` begins after its end"));
    }
    match last - first < MOST_EPOCHS {
        true => Ok(first..=last),
        false => Err(format!("`{text}` has more than {MOST_EPOCHS} epochs; make several reports")),
    }
}

/// The text of a small file.
fn text_of(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(at(path))?;
    file.take(MOST_RULES + 1).read_to_string(&mut text).map_err(at(path))?;
    match text.len() as u64 > MOST_RULES {
        true => fail(format!(
            "{} has more than {MOST_RULES} bytes; the text of a rubric is shorter",
            path.display()
        )),
        false => Ok(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(epoch: Option<u64>, range: Option<RangeInclusive<u64>>) -> Report {
        Report {
            netuid: 2,
            mechanism: 0,
            epoch,
            epochs: range,
            evidence: "there".into(),
            others: Vec::new(),
            rules: None,
            out: None,
        }
    }

    #[test]
    fn ranges_of_epochs_are_read_or_refused() {
        assert_eq!(epochs("40..42"), Ok(40..=42));
        assert_eq!(epochs("7..7"), Ok(7..=7));
        for wrong in [
            "",
            "..",
            "3",
            "3..",
            "..3",
            "a..b",
            "-1..3",
            "3...4",
            "4..3",
            "0..64",
            "0..18446744073709551615",
        ] {
            assert!(epochs(wrong).is_err(), "{wrong}");
        }
        assert!(epochs("1..64").is_ok());
    }

    #[test]
    fn limits_are_those_that_the_folder_states_or_unknown() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = EvidenceFolder { path: temporary.path().to_owned(), keep: 1 };
        let unknown = |why: &str| limits_in(&folder).is_err_and(|said| said.contains(why));
        assert!(unknown("does not say with which limits"));
        let stated = KeepLimits { keep_epochs: 9, keep_bytes: 5 << 20, keep_customer_texts: 3 };
        folder.write_limits(stated).expect("written");
        assert_eq!(limits_in(&folder), Ok(stated));
        std::fs::write(temporary.path().join("limits.json"), "{}").expect("written");
        assert!(unknown("cannot be read"));
        // A report names no path.
        assert!(limits_in(&folder).is_err_and(|said| !said.contains(&temporary.path().display().to_string())));
    }

    #[test]
    fn an_epoch_that_is_not_kept_or_not_over_is_refused_by_name() {
        let kept = [3, 4, 6];
        let chosen =
            |epoch, range, now| report(epoch, range).chosen(&kept, now).map_err(|why| why.to_string());
        assert_eq!(chosen(None, None, 6), Ok(vec![4]));
        assert_eq!(chosen(None, None, 9), Ok(vec![6]));
        assert_eq!(chosen(None, Some(3..=4), 9), Ok(vec![3, 4]));
        assert!(
            chosen(Some(5), None, 9).is_err_and(|why| why.contains("epoch 5") && why.contains("from 3 to 6"))
        );
        assert!(chosen(None, Some(3..=6), 9).is_err_and(|why| why.contains("epoch 5")));
        assert!(chosen(Some(6), None, 6).is_err_and(|why| why.contains("not over")));
        assert!(chosen(None, None, 3).is_err_and(|why| why.contains("no epoch")));
    }
}

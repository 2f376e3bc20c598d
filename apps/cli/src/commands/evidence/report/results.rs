//! Results of one model by subnet, epoch and validator, for `myelin model show --evidence`.
//!
//! They come from validators' evidence and from the chain. The publisher of the model says none of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use myelin_abi::Account;
use myelin_chain_client::{ChainClient, ChainError};
use myelin_provenance::{Model, ModelId};
use myelin_subnet::chain::Track;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_wire::commitment::Submission;
use myelin_wire::hash::Hash;
use serde::Serialize;
use serde_json::Value;

use super::chain::Asking;
use super::checks::Checks;
use super::compose::{miner_row, Reported, MOST_ROWS};
use super::document::{Cell, Column, Row, Table, Unit};
use super::folder::{Epoch, Miner};
use super::gather::Gathering;
use super::{filled, MOST_EPOCHS};
use crate::output::{address, brief, Failure};
use crate::subnets::Kinds;

/// Columns of a row about a miner that [`miner_row`] fills.
const OF_MINER: [&str; 6] = ["uid", "hotkey", "asked", "score", "weight", "incentive"];

/// Results of a model.
#[derive(Debug, Serialize)]
pub struct Results {
    /// A row for each miner that named the model, in each epoch of each validator.
    table: Table,
    /// Epochs of the folders that say nothing of the model, with the reason.
    unread: Vec<String>,
}

/// The ids by which miners name a model.
#[derive(Clone, Copy, Debug)]
struct Names<'a> {
    model: ModelId,
    aliases: &'a [Hash],
}

/// The folder of evidence, its chain and its subnet.
#[derive(Clone, Copy, Debug)]
struct EvidenceOrigin<'a> {
    folder: &'a Path,
    genesis: Hash,
    track: Track,
}

/// The way in which a miner named a model in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Naming {
    word: &'static str,
    /// Signed answers that declare it; 0 for an artefact.
    answers: u64,
    /// Whether the miner named no other model.
    alone: bool,
}

impl Names<'_> {
    /// The way in which a miner named the model, if it did. A commitment to an artefact is one of the miner's own.
    fn of(&self, miner: &Miner, hotkey: Hash, origin: &EvidenceOrigin<'_>) -> Option<Naming> {
        let EvidenceOrigin { genesis, track: Track { netuid, mechanism }, .. } = *origin;
        let submission = Submission { genesis, netuid, mechanism, hotkey, artefact: self.model };
        if !miner.submitted.is_empty() {
            // Its records are about artefacts, whatever it declares in answers that it serves.
            let alone = miner.submitted.len() == 1;
            let naming = Naming { word: "submitted", answers: 0, alone };
            return miner.submitted.contains(&submission.commitment()).then_some(naming);
        }
        let alone = miner.models.len() == 1 && miner.more_models == 0;
        if let Some(answers) = miner.models.get(&self.model) {
            return Some(Naming { word: "declared", answers: *answers, alone });
        }
        // Zeros stand for no model, so a claim of them names none.
        let aliases = self.aliases.iter().filter(|alias| **alias != Hash::default());
        let answers: u64 = aliases.filter_map(|alias| miner.models.get(alias)).sum();
        (answers > 0).then_some(Naming { word: "declared an older id", answers, alone })
    }

    fn are_in(&self, epoch: &Epoch, origin: &EvidenceOrigin<'_>) -> bool {
        epoch.miners.iter().any(|((_, hotkey), miner)| self.of(miner, *hotkey, origin).is_some())
    }
}

/// Reads the folders and the chain. Of a folder the last [`MOST_EPOCHS`] epochs are read, or those of `epochs`. An
/// epoch that is not over is left out.
pub async fn results(
    chain: &ChainClient,
    kinds: &Kinds,
    model: &Model<Account>,
    (folders, epochs): (&[PathBuf], Option<&RangeInclusive<u64>>),
) -> Result<Results, Failure> {
    let names = Names { model: model.record.model, aliases: &model.record.aliases };
    let (mut rows, mut unread, mut nows) = (Vec::new(), Vec::new(), Nows::new());
    for path in folders {
        let folder = filled(path)?;
        let is_wanted = |epoch: &u64| epochs.is_none_or(|wanted| wanted.contains(epoch));
        let kept: Vec<u64> = folder.epochs().into_iter().filter(is_wanted).collect();
        for number in kept.iter().rev().take(MOST_EPOCHS as usize).rev() {
            let of_epoch = OfEpoch { chain, kinds, names, folder: &folder, number: *number };
            if let Some(why) = of_epoch.read(&mut rows, &mut nows).await? {
                unread.push(format!("epoch {number} of {}: {why}", path.display()));
            }
        }
    }
    Ok(Results { table: table(rows), unread })
}

/// Newest block and present epoch of each subnet that was asked about, read once.
type Nows = BTreeMap<u16, (u64, u64)>;

/// One epoch of one folder.
struct OfEpoch<'a> {
    chain: &'a ChainClient,
    kinds: &'a Kinds,
    names: Names<'a>,
    folder: &'a EvidenceFolder,
    number: u64,
}

impl OfEpoch<'_> {
    /// Adds the rows of every mechanism. Returns the reason why an epoch has none, so that damage of one epoch hides no
    /// other one.
    async fn read(&self, rows: &mut Vec<Row>, nows: &mut Nows) -> Result<Option<String>, Failure> {
        let Self { chain, folder, number, .. } = *self;
        let (netuid, mechanisms) = match tracks(folder, number) {
            Ok(found) => found,
            Err(why) => return Ok(Some(why.to_string())),
        };
        let now = match nows.get(&netuid) {
            Some(now) => *now,
            None => match Asking::of(chain, Track { netuid, mechanism: 0 }).await {
                Ok((asking, _)) => *nows.entry(netuid).or_insert(asking.now),
                Err(ChainError::NotFound(why)) => return Ok(Some(why)),
                Err(error) => return Err(error.into()),
            },
        };
        if number >= now.1 {
            return Ok(Some("it is not over on the chain".into()));
        }
        for mechanism in mechanisms {
            let (track, genesis) = (Track { netuid, mechanism }, chain.genesis_hash().0);
            let asking = Asking { chain, track, now };
            let gathering = Gathering { asking, folder, genesis, given: None };
            let rules = gathering.rules(number).await?;
            let evidence = match gathering.evidence(number, rules.as_deref()) {
                Ok(evidence) => evidence,
                Err(why) => return Ok(Some(why.to_string())),
            };
            if evidence.public {
                return Ok(Some("it is the public part, in which no answer names its model".into()));
            }
            let origin = EvidenceOrigin { folder: &folder.path, genesis, track };
            if !self.names.are_in(&evidence, &origin) {
                continue;
            }
            let told = asking.about(&evidence).await?;
            let kind = rules.as_deref().and_then(crate::commands::kind_of);
            let kind = kind.filter(|kind| self.kinds.find(kind).is_ok()).map(str::to_owned);
            let checks = Checks::new(netuid, mechanism, kind.as_deref());
            let reported = Reported { evidence, chain: told, rules, claims: None };
            rows.extend(rows_of(&checks, &origin, &reported, &self.names));
        }
        Ok(None)
    }
}

/// The subnet of an epoch and the mechanisms that it has weights of; mechanism 0 where it has none.
fn tracks(folder: &EvidenceFolder, number: u64) -> Result<(u16, Vec<u8>), Failure> {
    for round in folder.rounds(number) {
        if let Some(record) = folder.records(number, round)?.first() {
            let mut mechanisms: Vec<u8> = folder.weights(number)?.iter().map(|kept| kept.mechanism).collect();
            if mechanisms.is_empty() {
                mechanisms.push(0);
            }
            return Ok((record.netuid, mechanisms));
        }
    }
    Err(Failure::new("it has no record: nobody was asked".to_owned()))
}

/// The rows of a model in an epoch.
fn rows_of(checks: &Checks, origin: &EvidenceOrigin<'_>, reported: &Reported, names: &Names<'_>) -> Vec<Row> {
    let Reported { evidence, chain, rules, .. } = reported;
    let mut verify = vec![
        named(checks.replay(evidence.number), origin.folder),
        named(checks.again(evidence.number), origin.folder),
    ];
    if let Ok(end) = &chain.counted {
        verify.push(named(checks.verify(end.epoch), origin.folder));
    }
    let row = |((uid, hotkey), miner): (&(u16, Hash), &Miner)| {
        let naming = names.of(miner, *hotkey, origin)?;
        let mut cells = miner_row(reported, (*uid, *hotkey), miner, None);
        cells.retain(|id, _| OF_MINER.contains(id));
        let scope = if rules.is_some() { "of this mechanism" } else { "of all mechanisms" };
        cells.extend([
            ("netuid", origin.track.netuid.into()),
            ("mechanism", origin.track.mechanism.into()),
            ("epoch", evidence.number.into()),
            ("validator", address(&Account(evidence.validator)).into()),
            ("named", naming.word.into()),
            ("alone", naming.alone.into()),
            ("answers", naming.answers.into()),
            ("tasks", scope.into()),
        ]);
        Some(Row { cells, verify: verify.clone() })
    };
    evidence.miners.iter().filter_map(row).collect()
}

/// A command about this folder, if a shell reads its path as one word; else with the word EVIDENCE in its place.
fn named(command: String, folder: &Path) -> String {
    let path = folder.display().to_string();
    let is_plain = |letter: char| letter.is_alphanumeric() || "/._-".contains(letter);
    match path.chars().all(is_plain) {
        true => command.replace("EVIDENCE", &path),
        false => command,
    }
}

fn table(mut rows: Vec<Row>) -> Table {
    let left_out = rows.len().saturating_sub(MOST_ROWS);
    rows.truncate(MOST_ROWS);
    Table {
        id: "results",
        caption: "Miners that named the model, by subnet, epoch and validator. A miner's records and mean score are \
            of all its answers in the epoch, and `only` says whether it named no other model. The weight is the \
            validator's; the incentive is that of the whole subnet where the weights counted."
            .into(),
        columns: vec![
            Column::plain("netuid", "subnet"),
            Column::plain("mechanism", "mechanism"),
            Column::plain("epoch", "epoch"),
            Column::plain("validator", "validator"),
            Column::plain("uid", "uid"),
            Column::plain("hotkey", "miner"),
            Column::plain("named", "named it by"),
            Column::plain("alone", "only"),
            Column::plain("answers", "signed answers with it"),
            Column::plain("asked", "records"),
            Column::plain("tasks", "tasks"),
            Column::of("score", "mean score", Unit::Millionths),
            Column::of("weight", "weight", Unit::Of65535),
            Column::of("incentive", "incentive", Unit::Of65535),
        ],
        rows,
        left_out,
        verify: Vec::new(),
    }
}

impl Results {
    /// The results for people: a table, the commands that verify its rows, and what was not read.
    pub fn print(&self) {
        let Self { table, unread } = self;
        if table.rows.is_empty() {
            crate::output::say!("no miner of this evidence named the model");
        } else {
            let headers: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let mut shown = crate::output::table(&headers, headers.len()).least_important(&[
                "tasks",
                "signed answers with it",
                "mechanism",
            ]);
            for row in &table.rows {
                shown.add_row(table.columns.iter().map(|column| text_of(row, column)));
            }
            crate::output::print(&shown);
            crate::output::say!("verify by:");
            let commands: BTreeSet<&String> = table.rows.iter().flat_map(|row| &row.verify).collect();
            commands.iter().for_each(|command| crate::output::say!("  {command}"));
        }
        if table.left_out > 0 {
            crate::output::say!("{} more rows are left out", table.left_out);
        }
        unread.iter().for_each(|why| crate::output::tell!("not read: {}", crate::output::plain(why)));
    }
}

fn text_of(row: &Row, column: &Column) -> String {
    match row.cells.get(column.id) {
        Some(Cell::Value(Value::Number(number))) => match number.as_u64() {
            Some(value) => column.unit.show(value),
            None => number.to_string(),
        },
        Some(Cell::Value(Value::Bool(is_so))) => if *is_so { "yes" } else { "no" }.to_owned(),
        Some(Cell::Value(Value::String(text))) => match myelin_wire::ss58::decode(text) {
            Ok(account) => brief(&Account(account)),
            Err(_) => text.clone(),
        },
        Some(Cell::Value(other)) => other.to_string(),
        Some(Cell::Unknown(_)) | None => "unknown".into(),
    }
}

#[cfg(test)]
mod tests {
    use myelin_subnet::evidence::{KeptEntry, KeptMiner};
    use myelin_wire::hash::to_hex;
    use myelin_wire::sr25519::Signer;
    use serde_json::json;

    use super::super::chain::{Counted, Told};
    use super::super::compose::tests::told;
    use super::super::folder::tests::{folder, read, Key, GENESIS};
    use super::*;

    const ARTEFACT: Hash = [40; 32];

    /// The chain at the end of an epoch in which uid 4 was paid.
    fn paid() -> Told {
        let mut told = told();
        let mut hotkeys = vec![Account([0; 32]); 4];
        hotkeys.push(Account(Key::new(4).public()));
        if let Ok(end) = &mut told.counted {
            *end = Counted { incentive: vec![0, 0, 0, 0, 65_535], hotkeys, ..end.clone() };
        }
        told
    }

    fn rows_named(evidence: Epoch, model: Hash, aliases: &[Hash]) -> Vec<Value> {
        let checks = Checks::new(2, 0, Some("text"));
        let track = Track { netuid: 2, mechanism: 0 };
        let origin = EvidenceOrigin { folder: Path::new("kept/evidence"), genesis: GENESIS, track };
        let reported = Reported { evidence, chain: paid(), rules: None, claims: None };
        let rows = rows_of(&checks, &origin, &reported, &Names { model, aliases });
        rows.iter().map(|row| serde_json::to_value(row).expect("JSON")).collect()
    }

    #[test]
    fn a_models_results_are_those_of_the_miners_that_signed_it() {
        let (_guard, folder) = folder(|_, _| {});
        let epoch = || read(&folder, None).expect("an epoch");
        let rows = rows_named(epoch(), [30; 32], &[]);
        let [row] = rows.as_slice() else { panic!("one miner: {rows:?}") };
        let cell = |id: &str| row["cells"][id]["value"].clone();
        assert_eq!((cell("netuid"), cell("epoch"), cell("uid")), (2.into(), 3.into(), 4.into()));
        assert_eq!(cell("validator"), address(&Account(Key::new(8).public())));
        // Of two good answers and a worthless one.
        let mean = epoch().miners[&(4, Key::new(4).public())].tally.mean();
        assert_eq!((cell("asked"), cell("score")), (3.into(), json!(mean)));
        assert!(mean > Some(0));
        assert_eq!(
            (cell("named"), cell("alone"), cell("answers")),
            ("declared".into(), true.into(), 2.into())
        );
        assert_eq!(cell("incentive"), 65_535);
        assert!(row["cells"]["weight"]["unknown"].is_string(), "the folder has no weights: {row}");
        let verify: Vec<&str> =
            row["verify"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(verify[0].contains("evidence replay --kind text") && verify[0].ends_with("kept/evidence"));
        assert!(verify.iter().any(|command| command.contains("evidence verify --netuid 2 --epoch 8")));
        assert_eq!(rows_named(epoch(), [99; 32], &[]).len(), 0, "nobody named it");
        // An older id is the publisher's claim, and is called so.
        let rows = rows_named(epoch(), [99; 32], &[[31; 32]]);
        let shown = (&rows[0]["cells"]["uid"]["value"], &rows[0]["cells"]["named"]["value"]);
        assert_eq!(shown, (&5.into(), &"declared an older id".into()));
        assert_eq!(rows[0]["cells"]["score"]["value"], 0, "missing answers count as nothing");
    }

    #[test]
    fn a_claim_of_no_model_names_nobody() {
        let (_guard, folder) = folder(|_, _| {});
        let mut epoch = read(&folder, None).expect("an epoch");
        for miner in epoch.miners.values_mut() {
            miner.models = [(Hash::default(), 3)].into();
        }
        assert_eq!(rows_named(epoch, [99; 32], &[Hash::default()]).len(), 0);
    }

    #[test]
    fn an_artefact_is_named_by_its_own_miners_commitment_alone() {
        let commitment = |hotkey: Hash| {
            let submission =
                Submission { genesis: GENESIS, netuid: 2, mechanism: 0, hotkey, artefact: ARTEFACT };
            to_hex(&submission.commitment())
        };
        let (four, five) = (Key::new(4).public(), Key::new(5).public());
        let (_guard, folder) = folder(|evidence, _| {
            // Uid 5 repeats the commitment of uid 4, which is none of its own.
            evidence.tasks.entries = [(4, four), (5, five)]
                .map(|(uid, hotkey)| KeptEntry {
                    mechanism: 0,
                    miner: KeptMiner { uid, hotkey: to_hex(&hotkey) },
                    place: 0,
                    block: 90,
                    commitment: commitment(four),
                    missing: None,
                })
                .into();
        });
        let rows = rows_named(read(&folder, None).expect("an epoch"), ARTEFACT, &[]);
        assert_eq!(rows.len(), 1, "{rows:?}");
        let cell = |id: &str| rows[0]["cells"][id]["value"].clone();
        assert_eq!((cell("uid"), cell("named"), cell("alone")), (4.into(), "submitted".into(), true.into()));
    }

    #[test]
    fn the_subnet_of_a_folder_is_that_of_its_records() {
        let (_guard, folder) = folder(|_, _| {});
        assert_eq!(tracks(&folder, 3).map_err(|why| why.to_string()), Ok((2, vec![0])));
        assert!(tracks(&folder, 4).is_err_and(|why| why.to_string().contains("no record")));
    }

    #[test]
    fn a_path_that_a_shell_would_split_is_not_put_into_a_command() {
        let named = |path: &str| named("myelin x EVIDENCE".into(), Path::new(path));
        assert_eq!(named("a/b-1"), "myelin x a/b-1");
        for odd in ["a b", "a;rm", "a$(b)", "a'b", "a\u{202e}b"] {
            assert_eq!(named(odd), "myelin x EVIDENCE");
        }
    }
}

//! `myelin miner scores`: the reasons of a miner's scores, as its validators report them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use futures::future::join_all;
use myelin_abi::{Account, EvidenceRoot};
use myelin_chain_client::{ChainClient, Metagraph, Neuron};
use myelin_neuron::dendrite::Target;
use myelin_subnet::chain::Track;
use myelin_subnet::contest::denies_answer;
use myelin_subnet::disclosure::{KeptRounds, PageRequest, Part, ReadError, Reader};
use myelin_subnet::reach::is_local_chain;
use myelin_wire::hash::{blake2_256, to_hex, Hash};
use myelin_wire::record::{Reason, Record, Rubric};
use serde_json::{json, Map, Value};

use super::contest::{self, Own, ToldRound};
use super::{evidence_at, Data};
use crate::commands::{connect, ensure_kind, registered};
use crate::keys::Keys;
use crate::output::{self, address, at, fail, plain, say, tell, Failure, Outcome};
use crate::subnets::{Choice, Kinds};
use crate::Global;

/// The scores to show.
#[derive(Args)]
pub struct Scores {
    /// The subnet.
    #[arg(long, short = 'n', env = "MYELIN_NETUID")]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    choice: Choice,
    /// Ask this validator alone, by its uid.
    #[arg(long, value_name = "UID")]
    validator: Option<u16>,
    /// Only the rounds of this epoch.
    #[arg(long)]
    epoch: Option<u64>,
    /// Most of the latest rounds that are shown of each validator.
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=600))]
    rounds: u16,
    /// Folder for the questions and answers of the scores that are shown, each in a file named by its hash. Texts that
    /// are there already are not fetched again.
    #[arg(long, value_name = "DIR")]
    texts: Option<PathBuf>,
    #[command(flatten)]
    data: Data,
    /// Write an objection to the scores shown that say that no answer came, where this miner has one under its root on
    /// the chain: a new file that anybody checks by `myelin evidence contest`.
    #[arg(long, value_name = "FILE")]
    contest: Option<PathBuf>,
    /// Also ask validators at addresses of private networks; on a chain with short block times this is always so.
    #[arg(long)]
    allow_private: bool,
}

/// Roots on the chain over the evidence of a validator's epochs, by uid and epoch.
type Roots = BTreeMap<(u16, u64), Hash>;

/// Rounds of a validator with the miner's records, the latest first.
type Told = Vec<ToldRound>;

impl Scores {
    /// Fetches, checks and prints.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let chain = connect(global).await?;
        let uid = registered(global, &chain, &self.keys, self.netuid).await?;
        let hotkey = Arc::new(self.keys.hotkey(global)?);
        let subnet = self.choice.open_for_rules(kinds, 0)?;
        ensure_kind(&chain, self.netuid, &subnet).await?;
        let graph = chain.metagraph(self.netuid, None).await?;
        let (validators, silent) = self.validators(&chain, &graph).await?;
        let hotkey_id = hotkey.public();
        let reader = Reader::new(hotkey, chain.genesis_hash().0, self.netuid);
        let told = join_all(validators.iter().map(|(_, target)| self.fetch(&reader, *target))).await;
        let found: Vec<_> = validators.iter().map(|(neuron, _)| *neuron).zip(told).collect();
        let roots = self.roots(&chain, &validators).await?;
        let records =
            found.iter().flat_map(|(_, told)| told.iter().flatten()).flat_map(|(.., records)| records);
        let miner = Account(hotkey_id);
        let own = Own::read(&chain, self.netuid, &miner, &self.data.data, records).await?;
        let shown = Shown { rubric: subnet.rubric(), own: own.as_ref() };
        match global.json {
            true => self.print_json(uid, shown, &found, (&silent, &roots))?,
            false => self.print(shown, &found, (&silent, &roots)),
        }
        if let Some(folder) = &self.texts {
            for ((_, target), (_, told)) in validators.iter().zip(&found) {
                write_texts(folder, &reader, *target, told.as_deref().unwrap_or_default()).await?;
            }
        }
        if found.is_empty() {
            return fail(format!(
                "no validator of subnet {} reports its evidence; validators do that with `myelin validator run --evidence-ip`",
                self.netuid
            ));
        }
        if found.iter().all(|(_, told)| told.is_err()) {
            return fail("no validator told of its evidence; each line above says why");
        }
        if let Some(file) = &self.contest {
            let told = validators
                .iter()
                .zip(&found)
                .filter_map(|((_, at), (_, told))| Some((*at, told.as_deref().ok()?)));
            let told: Vec<_> = told.collect();
            match &own {
                Some(own) => own.contest(file, &reader, &chain, &miner, &told).await?,
                None => return fail(contest::none(&self.data.data)),
            }
        }
        let wrong =
            found.iter().flat_map(|(_, told)| told.iter().flatten()).flat_map(|(.., records)| records);
        match wrong.filter(|record| record.check(subnet.rubric()).is_err()).count() {
            0 => Ok(()),
            wrong => fail(format!(
                "{wrong} scores do not follow from their parts by the rubric of this version; `myelin subnet rubric show --netuid {}` says \
                 which rules are in force",
                self.netuid
            )),
        }
    }

    /// Validators that serve evidence, and hotkeys of those that do not.
    async fn validators<'a>(
        &self,
        chain: &ChainClient,
        graph: &'a Metagraph,
    ) -> Result<(Vec<(&'a Neuron, Target)>, Vec<&'a Neuron>), Failure> {
        let anywhere = self.allow_private || is_local_chain(chain.slot_duration_ms().await?);
        let chosen: Vec<&Neuron> = match self.validator {
            Some(uid) => graph.neurons.iter().filter(|neuron| neuron.uid == uid).collect(),
            // Validators are those that have set weights; unspent earnings give miners permits, too.
            None => graph
                .neurons
                .iter()
                .filter(|neuron| {
                    neuron.tells_evidence
                        || (neuron.validator_permit && neuron.last_update > neuron.registered_at)
                })
                .collect(),
        };
        if chosen.is_empty() {
            return fail(match self.validator {
                Some(uid) => format!(
                    "subnet {} has no uid {uid}; see `myelin metagraph --netuid {}`",
                    self.netuid, self.netuid
                ),
                None => format!("subnet {} has no validator with weights yet", self.netuid),
            });
        }
        let target = |neuron: &'a Neuron| Some((neuron, evidence_at(neuron, anywhere)?));
        let silent = chosen.iter().copied().filter(|&neuron| target(neuron).is_none()).collect();
        Ok((chosen.into_iter().filter_map(target).collect(), silent))
    }

    /// Roots that these validators committed to, as far as the chain keeps them.
    async fn roots(&self, chain: &ChainClient, validators: &[(&Neuron, Target)]) -> Result<Roots, Failure> {
        let index = Track { netuid: self.netuid, mechanism: 0 }.storage_index();
        let mut found = Roots::new();
        for (neuron, _) in validators {
            let keys = &[index.into(), (&neuron.hotkey).into()];
            // An official chain keeps none.
            let kept = chain.storage("SubtensorModule", "EvidenceRoots", keys, None).await.ok().flatten();
            let kept: VecDeque<EvidenceRoot<Account>> = kept.unwrap_or_default();
            found.extend(kept.iter().map(|root| ((neuron.uid, root.epoch), root.root)));
        }
        Ok(found)
    }

    async fn fetch(&self, reader: &Reader, validator: Target) -> Result<Told, ReadError> {
        let kept = reader.rounds(validator).await?;
        let of_epoch = |kept: &&KeptRounds| self.epoch.is_none_or(|epoch| kept.epoch == epoch);
        let rounds = kept.iter().rev().filter(of_epoch);
        let rounds = rounds.flat_map(|kept| kept.rounds.iter().rev().map(|round| (kept.epoch, *round)));
        let mut told = Vec::new();
        for (epoch, round) in rounds.take(self.rounds.into()) {
            told.push((epoch, round, reader.own_records(validator, epoch, round).await?));
        }
        Ok(told)
    }

    fn print(
        &self,
        shown: Shown<'_>,
        found: &[(&Neuron, Result<Told, ReadError>)],
        (silent, roots): (&[&Neuron], &Roots),
    ) {
        for (neuron, told) in found {
            let name = format!("validator uid {}, {}", neuron.uid, address(&neuron.hotkey));
            match told {
                Err(error) => tell!("{name}: {}", plain(&error.to_string())),
                Ok(told) if told.is_empty() => say!("{name}: it keeps no such round"),
                Ok(told) => {
                    say!("{name}:");
                    told.iter()
                        .for_each(|(epoch, round, records)| print_round(shown, (*epoch, *round), records));
                    let epochs: BTreeSet<u64> = told.iter().map(|(epoch, ..)| *epoch).collect();
                    for (epoch, root) in
                        epochs.iter().filter_map(|epoch| Some((epoch, roots.get(&(neuron.uid, *epoch))?)))
                    {
                        say!(
                            "  epoch {epoch}: root on the chain over these records and answers: {}",
                            to_hex(root)
                        );
                    }
                }
            }
        }
        for neuron in silent {
            tell!(
                "validator uid {}, {}: it tells nothing of its evidence",
                neuron.uid,
                address(&neuron.hotkey)
            );
        }
    }

    fn print_json(
        &self,
        uid: u16,
        shown: Shown<'_>,
        found: &[(&Neuron, Result<Told, ReadError>)],
        (silent, roots): (&[&Neuron], &Roots),
    ) -> Outcome {
        let of_validator = |(neuron, told): &(&Neuron, Result<Told, ReadError>)| {
            let name = (neuron.uid, address(&neuron.hotkey));
            match told {
                Ok(told) => {
                    let round = |(epoch, round, records): &ToldRound| {
                        let scores: Vec<Value> = records.iter().map(|record| shown.value(record)).collect();
                        let root = roots.get(&(neuron.uid, *epoch)).map(|root| to_hex(root));
                        json!({ "epoch": epoch, "round": round, "root": root, "scores": scores })
                    };
                    let rounds: Vec<Value> = told.iter().map(round).collect();
                    json!({ "uid": name.0, "hotkey": name.1, "rounds": rounds, "error": null })
                }
                Err(error) => {
                    json!({ "uid": name.0, "hotkey": name.1, "rounds": [], "error": error.to_string() })
                }
            }
        };
        let why = "it tells nothing of its evidence";
        let silent = silent.iter().map(|neuron| {
            json!({ "uid": neuron.uid, "hotkey": address(&neuron.hotkey), "rounds": [], "error": why })
        });
        let validators: Vec<Value> = found.iter().map(of_validator).chain(silent).collect();
        let rubric = to_hex(&shown.rubric.hash());
        output::json(
            &json!({ "netuid": self.netuid, "uid": uid, "rubric": rubric, "validators": validators }),
        )
    }
}

/// Writes the questions and answers that judged records name, each checked against its hash.
async fn write_texts(folder: &Path, reader: &Reader, validator: Target, told: &[ToldRound]) -> Outcome {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    for (epoch, round, records) in told {
        let judged = records.iter().filter(|record| record.reason != Reason::Counted);
        let named = judged.flat_map(|record| [record.request, record.answer]);
        for hash in named.filter(|hash| *hash != Hash::default()).collect::<BTreeSet<Hash>>() {
            let path = folder.join(to_hex(&hash));
            if path.exists() {
                continue;
            }
            let request = PageRequest::new(Part::Text, *epoch, *round).of_hash(&hash);
            let text = match reader.document(validator, request).await {
                Ok(text) if blake2_256(&text) == hash => text,
                Ok(_) => {
                    return fail(format!(
                        "the validator sent another text than {}; it is not kept",
                        to_hex(&hash)
                    ))
                }
                // Texts that were removed are no error; a busy validator is.
                Err(ReadError::Status(status)) if status != myelin_wire::status::Status::busy() => {
                    tell!("{}: {}", to_hex(&hash), plain(&status.message));
                    continue;
                }
                Err(error) => {
                    return fail(format!("fetching {}: {error}; ask again to go on", to_hex(&hash)))
                }
            };
            std::fs::write(&path, text).map_err(at(&path))?;
        }
    }
    Ok(())
}

fn print_round(Shown { rubric, own }: Shown<'_>, (epoch, round): (u64, u16), records: &[Record]) {
    let (judged, counted): (Vec<&Record>, Vec<&Record>) =
        records.iter().partition(|record| record.reason != Reason::Counted);
    if records.is_empty() {
        say!("  epoch {epoch}, round {round}: no record of yours");
    }
    for record in judged {
        let wrong = record.check(rubric).err().map(|error| format!("; NOT BELIEVED: {error}"));
        say!("  {}{}", record.explain(rubric), wrong.unwrap_or_default());
        if let Some(own) = own.filter(|_| denies_answer(record)) {
            say!("    {}", own.said(record));
        }
    }
    if !counted.is_empty() {
        let answers = counted.len();
        say!("  epoch {epoch} round {round}: {answers} more answers counted for how much was done, and were not judged");
    }
}

/// The rules by which records are shown, and the miner's own answers, if its data folder is here.
#[derive(Clone, Copy)]
struct Shown<'a> {
    rubric: &'a Rubric,
    own: Option<&'a Own>,
}

impl Shown<'_> {
    /// A record as JSON, with its parts by name.
    fn value(self, record: &Record) -> Value {
        let Self { rubric, own } = self;
        let parts = rubric.parts().iter().zip(&record.parts);
        let parts: Map<String, Value> =
            parts.map(|(rule, part)| (rule.name().into(), part.get().into())).collect();
        json!({
            "task": record.task,
            "record": record.hash().ok().map(|hash| to_hex(&hash)),
            "request": to_hex(&record.request),
            "answer": (record.answer != Hash::default()).then(|| to_hex(&record.answer)),
            "signed": record.signed,
            "reason": record.reason.word(),
            "latency_ms": record.latency.start_ms(),
            "parts": parts,
            "score": record.score.get(),
            "line": record.explain(rubric),
            "believed": record.check(rubric).is_ok(),
            "you_signed": own.filter(|_| denies_answer(record)).map(|own| own.value(record)),
        })
    }
}

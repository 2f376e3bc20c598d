//! The statements of a report, from counted evidence and the chain's answers.

use std::collections::{BTreeMap, BTreeSet};

use myelin_abi::Account;
use myelin_chain_client::Metagraph;
use myelin_provenance::Model;
use myelin_subnet::evidence::{KeepLimits, KeptSeat, KeptWeights};
use myelin_wire::hash::{to_hex, Hash};
use myelin_wire::record::Reason;
use myelin_yuma::proven::History;
use myelin_yuma::set_weights::max_upscale;
use serde_json::{json, Value};

use super::chain::{Counted, Told};
use super::checks::{self, Checks};
use super::claims;
use super::deleted;
use super::document::{
    cell, short, Annex, Cell, Column, Document, Fact, Known, Row, Section, Table, Unit, SCHEMA,
};
use super::folder::{self, Epoch, Miner};
use crate::commands::evidence::claims::Compared;
use crate::commands::model::marks;
use crate::output::{address, readable, utc};

/// Most rows of a table; more are counted.
pub const MOST_ROWS: usize = 4_096;

/// Everything that a report follows from.
pub struct Found {
    /// Commands of the subnet.
    pub checks: Checks,
    /// The mechanism.
    pub mechanism: u8,
    /// Hash of the chain's first block.
    pub genesis: Hash,
    /// The subnet in the newest block.
    pub graph: Metagraph,
    /// Epochs that the folder has.
    pub kept: Vec<u64>,
    /// Limits of the folder, by the statement of its validator.
    pub limits: Known<KeepLimits>,
    /// The epochs of the report.
    pub epochs: Vec<Reported>,
    /// Models with a record.
    pub models: Known<Vec<Model<Account>>>,
}

/// An epoch of the report.
pub struct Reported {
    /// The evidence.
    pub evidence: Epoch,
    /// The chain.
    pub chain: Told,
    /// Text of the rules that the validator weighed by, if it is known.
    pub rules: Option<String>,
    /// Claims of several validators beside each other, if evidence of others was named.
    pub claims: Option<Compared>,
}

impl Found {
    /// The report.
    pub fn document(&self) -> Document {
        let epochs: Vec<u64> = self.epochs.iter().map(|reported| reported.evidence.number).collect();
        let span = match epochs.as_slice() {
            [first, .., last] => format!("epochs {first} to {last}"),
            numbers => format!("epoch {}", numbers.first().copied().unwrap_or_default()),
        };
        let mut sections = vec![self.network(), self.subnet()];
        sections.extend(self.epochs.iter().map(|reported| self.epoch(reported)));
        sections.extend([self.models(), self.retention(), limits(), self.annexes()]);
        let Metagraph { netuid, .. } = self.graph;
        let title = format!("Evidence report: subnet {netuid}, {span}");
        Document { schema: SCHEMA, title, netuid, mechanism: self.mechanism, epochs, sections }
    }

    fn network(&self) -> Section {
        let node = [&self.checks.node];
        Section {
            id: "network".into(),
            title: "Network".into(),
            about: vec!["The genesis hash names the chain. Commands ask the node that `--endpoint` or \
            MYELIN_ENDPOINT names; use one that you trust."
                .into()],
            facts: vec![
                Fact::new("network.genesis", "Genesis hash", to_hex(&self.genesis), &node),
                Fact::new("network.block", "Block of this report", self.graph.block, &node)
                    .noted("Statements without another block are of this one."),
            ],
            ..Section::default()
        }
    }

    fn subnet(&self) -> Section {
        let Checks { subnet, metagraph, .. } = &self.checks;
        let Metagraph { netuid, name, owner, owner_hotkey, .. } = &self.graph;
        Section {
            id: "subnet".into(),
            title: "Subnet".into(),
            facts: vec![
                Fact::new("subnet.netuid", "Number", *netuid, &[subnet]),
                Fact::new("subnet.name", "Name", short(name), &[subnet]),
                Fact::new("subnet.mechanism", "Mechanism", self.mechanism, &[&self.checks.rubric]),
                Fact::new("subnet.owner", "Owner", address(owner), &[metagraph]),
                Fact::new("subnet.owner_hotkey", "Owner's hotkey", address(owner_hotkey), &[subnet]),
            ],
            ..Section::default()
        }
    }

    fn epoch(&self, reported: &Reported) -> Section {
        let number = reported.evidence.number;
        let mut facts = self.period(reported);
        facts.extend(self.validator(reported));
        facts.extend(self.rubric(reported));
        facts.extend(self.answers(reported));
        let (mut proof, mut miners) = (self.proof(reported), self.miners(reported));
        if let Ok(end) = &reported.chain.counted {
            // Both recompute from proved state what is read from the node here.
            let verify = self.checks.verify(end.epoch);
            proof.iter_mut().for_each(|fact| fact.verify.push(verify.clone()));
            miners.verify.push(verify);
        }
        facts.extend(proof);
        let counted = reported.chain.counted.as_ref().map_or(number, |end| end.epoch);
        let compared = reported.claims.as_ref();
        facts.extend(compared.into_iter().flat_map(|claims| claims::facts(claims, &self.checks, counted)));
        let alone = compared.and_then(|claims| claims::table(claims, vec![self.checks.claims(counted)]));
        let verify = vec![self.checks.replay(number), self.checks.again(number)];
        let deleted = deleted::table(&reported.evidence, verify);
        Section {
            id: format!("epoch-{number}"),
            title: format!("Epoch {number}"),
            about: reported.evidence.public.then(|| PUBLIC_PART.to_owned()).into_iter().collect(),
            facts,
            tables: std::iter::once(miners).chain(deleted).chain(alone).collect(),
            ..Section::default()
        }
    }

    fn period(&self, Reported { evidence, chain, .. }: &Reported) -> Vec<Fact> {
        let (replay, again) = (self.checks.replay(evidence.number), self.checks.again(evidence.number));
        let blocks = evidence.sources.len();
        let time = |known: &Known<u64>| cell(known, |ms| utc(ms / 1_000));
        vec![
            Fact::new(
                "period.first_block",
                "First block that questions were drawn from",
                match evidence.sources.keys().next() {
                    Some(block) => (*block).into(),
                    None => Cell::Unknown("the rounds name no block".into()),
                },
                &[&replay],
            ),
            Fact::new("period.first_time", "Its time", time(&chain.times.0), &[&again]),
            Fact::new("period.last_block", "Block of the weights", chain.block, &[&again]).noted(
                "The validator read the neurons in it. Statements about stakes and rubric are of this block.",
            ),
            Fact::new("period.last_time", "Its time", time(&chain.times.1), &[&again]),
            Fact::new(
                "period.epoch_on_chain",
                "Epoch on the chain in that block",
                cell(&chain.epoch, |epoch| *epoch),
                &[&again],
            ),
            Fact::new("period.rounds", "Judged rounds", evidence.rounds, &[&replay]),
            Fact::new("period.blocks", "Blocks that questions were drawn from", blocks, &[&replay]),
            Fact::new(
                "period.blocks_on_chain",
                "Of them on the chain",
                blocks - chain.foreign.len().min(blocks),
                &[&replay],
            ),
        ]
    }

    fn validator(&self, Reported { evidence, chain, .. }: &Reported) -> Vec<Fact> {
        let again = [&self.checks.metagraph, &self.checks.again(evidence.number)];
        let hotkey = Account(evidence.validator);
        let neuron = chain.graph.as_ref().map_err(Clone::clone).and_then(|graph| {
            let why = || format!("the hotkey had no uid in block {}", chain.block);
            graph.by_hotkey(&hotkey).ok_or_else(why)
        });
        let fact = |id, name, cell, unit| Fact::new(id, name, cell, &again).in_unit(unit);
        vec![
            fact("validator.hotkey", "Validator", address(&hotkey).into(), Unit::Plain)
                .noted("This hotkey signed the seeds of the questions, and each record names it."),
            fact("validator.uid", "Its uid", cell(&neuron, |neuron| neuron.uid), Unit::Plain),
            fact(
                "validator.permit",
                "It held a validator permit",
                cell(&neuron, |neuron| neuron.validator_permit),
                Unit::Plain,
            ),
            fact(
                "validator.alpha_stake_rao",
                "Its stake in alpha",
                cell(&neuron, |neuron| neuron.alpha_stake.to_rao()),
                Unit::Rao,
            ),
            fact(
                "validator.tao_stake_rao",
                "Its stake on root in TAO",
                cell(&neuron, |neuron| neuron.tao_stake.to_rao()),
                Unit::Rao,
            ),
            fact(
                "validator.total_stake_rao",
                "Its weighted stake in alpha",
                cell(&neuron, |neuron| neuron.total_stake.to_rao()),
                Unit::Rao,
            ),
        ]
    }

    fn rubric(&self, Reported { evidence, chain, .. }: &Reported) -> Vec<Fact> {
        let never =
            || "no rubric was in force in that block; then each validator judges by its own".to_owned();
        let in_force = chain.rubric.clone().and_then(|rubric| rubric.ok_or_else(never));
        let own = match &evidence.weights {
            Some(kept) => Ok(short(&kept.rules)),
            None => Err("the folder has no weights of this mechanism for the epoch".to_owned()),
        };
        let same = in_force.clone().and_then(|rubric| Ok(to_hex(&rubric.rubric.hash) == own.clone()?));
        let (rubric, replay) = (&self.checks.rubric, self.checks.replay(evidence.number));
        vec![
            Fact::new(
                "rubric.in_force",
                "Rubric in force, hash of its text",
                cell(&in_force, |dated| to_hex(&dated.rubric.hash)),
                &[rubric],
            )
            .noted("BLAKE2b-256 of the text, which is in the annex if it is known."),
            Fact::new("rubric.since", "In force since block", cell(&in_force, |dated| dated.from), &[rubric]),
            Fact::new(
                "rubric.weighed_by",
                "Rubric by which the validator weighed",
                cell(&own, Clone::clone),
                &[&self.checks.rules, &replay],
            ),
            Fact::new("rubric.same", "Both are the same", cell(&same, |same| *same), &[rubric, &replay]),
        ]
    }

    fn answers(&self, Reported { evidence, rules, .. }: &Reported) -> Vec<Fact> {
        let (replay, all) = (self.checks.replay(evidence.number), &evidence.all);
        let scope = match rules {
            Some(rules) => {
                let kinds = folder::kinds_in(rules).join(", ");
                format!("tasks of mechanism {}: {}", self.mechanism, short(&kinds))
            }
            None => {
                "tasks of all mechanisms, because the text of the rubric is not known; --rules FILE gives it"
                    .into()
            }
        };
        let fact = |id, name, number: u64| Fact::new(id, name, number, &[&replay]);
        let named = [
            Reason::Scored,
            Reason::Counted,
            Reason::Unreachable,
            Reason::Late,
            Reason::Refused,
            Reason::Excused,
        ];
        let faults: BTreeMap<&str, u64> = Reason::ALL
            .iter()
            .filter(|reason| !named.contains(reason) && all.of(**reason) > 0)
            .map(|reason| (reason.word(), all.of(*reason)))
            .collect();
        vec![
            Fact::new("answers.scope", "Counted below", scope, &[&self.checks.rules]),
            fact("answers.questions", "Questions", evidence.questions as u64),
            fact("answers.asked", "Asked, each miner counted", all.records()),
            fact("answers.came", "Answers", all.answers),
            fact("answers.signed", "Of them signed by their miner", all.signed),
            fact("answers.scored", "Judged by the rubric", all.of(Reason::Scored)),
            fact("answers.counted", "Counted as work and not judged", all.of(Reason::Counted)),
            fact("answers.absent", "Absent: no connection", all.of(Reason::Unreachable)),
            fact("answers.late", "Late", all.of(Reason::Late)),
            fact("answers.refused", "Refused by the miner", all.of(Reason::Refused)),
            fact("answers.excused", "Excused", all.of(Reason::Excused))
                .noted("The miner was away within its allowance, or the validator could not judge."),
            fact("answers.of_customers", "Of earlier requests of customers", all.customers.0),
            fact("answers.deleted", "Of them not to be judged again: texts deleted", all.customers.1).noted(
                "The validator deleted what customers asked. Hashes, signatures and scores are still under its root.",
            ),
            Fact::new("answers.faults", "Other faults by kind", json!(faults), &[&replay]),
        ]
    }

    fn proof(&self, Reported { evidence, chain, .. }: &Reported) -> Vec<Fact> {
        let (proofs, again) = (&self.checks.proofs, self.checks.again(evidence.number));
        let same = chain.root.as_ref().map(|root| root.root == evidence.root).map_err(Clone::clone);
        let demanded = cell(&chain.counted, |end| match end.demanded {
            Some(answers) => Value::from(answers),
            None => "nothing".into(),
        });
        let held = cell(&chain.counted, |end| {
            let History { proven, failed, .. } = end.history;
            let of_epoch = end.history.latest == end.epoch;
            match (of_epoch && proven & 1 == 1, of_epoch && failed & 1 == 1) {
                (true, _) => "a proof held",
                (false, true) => "a proof failed",
                (false, false) => "none was given",
            }
        });
        let on_chain = chain.counted.as_ref().map_err(Clone::clone).and_then(|end| {
            let kept = evidence.weights.as_ref().ok_or("the folder has no weights of this mechanism")?;
            Ok(is_same_row(kept, end))
        });
        let counts = chain.counted.as_ref().map_err(Clone::clone).and_then(|end| match end.demanded {
            Some(_) => Ok(end.history.counts(end.epoch)),
            None => Err("the subnet demanded no proof, so they counted without one".to_owned()),
        });
        vec![
            Fact::new("proof.root", "Root of the folder", to_hex(&evidence.root), &[&again])
                .noted("One hash over all answers, records, standings and other files of the epoch."),
            Fact::new(
                "proof.root_on_chain",
                "Root that the validator committed to",
                cell(&chain.root, |root| to_hex(&root.root)),
                &[proofs, &again],
            ),
            Fact::new(
                "proof.committed_in",
                "Block of that commitment",
                cell(&chain.root, |root| root.block),
                &[&again],
            ),
            Fact::new("proof.same_root", "The folder has that root", cell(&same, |same| *same), &[&again]),
            Fact::new(
                "proof.counted_in",
                "Block at whose epoch end the weights counted",
                cell(&chain.counted, |end| end.block),
                &[&again],
            ),
            Fact::new(
                "proof.demanded",
                "Signed answers that the subnet demanded of each miner",
                demanded,
                &[proofs],
            ),
            Fact::new("proof.held", "Proof that the miners were asked", held, &[proofs, &again]),
            Fact::new(
                "proof.weights_counted",
                "The weights counted as proven",
                cell(&counts, |counts| *counts),
                &[proofs, &again],
            )
            .noted("One epoch in sixteen may go without a proof."),
            Fact::new(
                "proof.same_weights",
                "The chain had the folder's weights",
                cell(&on_chain, |same| *same),
                &[&self.checks.weights, &again],
            ),
        ]
    }

    fn miners(&self, reported: &Reported) -> Table {
        let Reported { evidence, rules, .. } = reported;
        let parts = rules.as_ref().and_then(|rules| folder::parts_in(rules, &evidence.rubrics));
        let columns = vec![
            Column::plain("uid", "uid"),
            Column::plain("hotkey", "hotkey"),
            Column::plain("asked", "asked"),
            Column::plain("answers", "answers"),
            Column::of("score", "mean score", Unit::Millionths),
            Column::of("parts", "mean of its parts", Unit::Millionths),
            Column::plain("absent", "absent"),
            Column::plain("late", "late"),
            Column::plain("deleted", "texts deleted"),
            Column::of("deleted_part", "part of the score on them", Unit::Millionths),
            Column::plain("models", "declared models"),
            Column::of("weight", "weight", Unit::Of65535),
            Column::of("incentive", "incentive", Unit::Of65535),
        ];
        let rows = evidence.miners.iter().take(MOST_ROWS);
        let rows = rows.map(|((uid, hotkey), miner)| Row {
            cells: miner_row(reported, (*uid, *hotkey), miner, parts.as_deref()),
            verify: Vec::new(),
        });
        let number = evidence.number;
        Table {
            id: "miners",
            caption: format!(
                "Miners in epoch {number}. The mean is over all scores that count, and missing answers count as \
                0. The weight is \
                 this validator's; the incentive is that of the whole subnet where the weights counted."
            ),
            columns,
            rows: rows.collect(),
            left_out: evidence.miners.len().saturating_sub(MOST_ROWS),
            verify: vec![
                self.checks.replay(number),
                self.checks.scores(number),
                self.checks.weights.clone(),
                self.checks.metagraph.clone(),
                self.checks.again(number),
            ],
        }
    }

    fn models(&self) -> Section {
        let mut declared: BTreeMap<Hash, (u64, BTreeSet<u16>)> = BTreeMap::new();
        for ((uid, _), miner) in self.epochs.iter().flat_map(|reported| &reported.evidence.miners) {
            for (id, answers) in &miner.models {
                let entry = declared.entry(*id).or_default();
                entry.0 += answers;
                entry.1.insert(*uid);
            }
        }
        declared.remove(&Hash::default());
        let columns = vec![
            Column::plain("model", "declared id"),
            Column::plain("miners", "uids"),
            Column::plain("answers", "signed answers"),
            Column::plain("record", "record"),
            Column::plain("name", "name"),
            Column::plain("kind", "weights"),
            Column::plain("licence", "licence (SPDX)"),
            Column::plain("owner", "owner"),
            Column::plain("parents", "parents"),
            Column::plain("data", "data hashes"),
            Column::plain("marks", "marks"),
        ];
        let left_out = declared.len().saturating_sub(MOST_ROWS);
        let rows = declared.iter().take(MOST_ROWS).map(|(id, seen)| self.model_row(id, seen)).collect();
        let caption =
            "Models that miners declared in answers that they signed, with their records on the chain".into();
        Section {
            id: "models".into(),
            title: "Models, licences and data".into(),
            about: vec![
                "A miner declares the model that answers, and signs it with each answer. Only for declared \
                models that are run again does anybody check it.".into(),
                "A record is its publisher's word about name, licence, parents and data; the chain checks its \
                form and that parents have records. \
                 An id that a record names as an older id is a claim of the publisher, too.".into(),
                "Nobody states the data that a model sees in answers to customers. The data of questions is \
                under the root of each epoch.".into(),
            ],
            tables: vec![Table { id: "models", caption, columns, rows, left_out, verify: vec![checks::models()] }],
            ..Section::default()
        }
    }

    fn model_row(&self, id: &Hash, (answers, uids): &(u64, BTreeSet<u16>)) -> Row {
        let uids: Vec<u16> = uids.iter().copied().collect();
        let mut row = Row::default();
        row.cells.extend([
            ("model", to_hex(id).into()),
            ("miners", json!(uids).into()),
            ("answers", Cell::from(*answers)),
        ]);
        let record = self.models.as_ref().map_err(Clone::clone).and_then(|models| {
            let exact = models.iter().find(|model| model.record.model == *id);
            // Of several records that claim an id, the first one counts.
            let found = exact.or_else(|| models.iter().find(|model| model.record.aliases.contains(id)));
            found.ok_or_else(|| "no record names this id".to_owned())
        });
        let hashes = |hashes: &[Hash]| json!(hashes.iter().map(|hash| to_hex(hash)).collect::<Vec<_>>());
        let text = |bytes: &[u8]| short(&String::from_utf8_lossy(bytes));
        let of = |value: &dyn Fn(&Model<Account>) -> Value| cell(&record, |model| value(model));
        row.cells.extend([
            ("record", of(&|model| to_hex(&model.record.model).into())),
            ("name", of(&|model| text(&model.record.name).into())),
            (
                "kind",
                of(&|model| match model.record.kind.is_verifiable() {
                    true => model.record.kind.word().into(),
                    false => "endpoint: nobody can verify its weights".into(),
                }),
            ),
            ("licence", of(&|model| text(&model.record.licence).into())),
            ("owner", of(&|model| address(&model.owner).into())),
            ("parents", of(&|model| hashes(&model.record.parents))),
            ("data", of(&|model| hashes(&model.record.data))),
            (
                "marks",
                of(&|model| {
                    let mut marks = marks(model);
                    if model.record.model != *id {
                        marks.push("the declared id is an older id by the publisher's word".into());
                    }
                    json!(marks)
                }),
            ),
        ]);
        if let Ok(model) = record {
            row.verify = checks::of_model(&model.record.model, model.record.kind.is_verifiable());
        }
        row
    }

    fn retention(&self) -> Section {
        let again = self
            .epochs
            .first()
            .map(|reported| self.checks.again(reported.evidence.number))
            .unwrap_or_default();
        let (first, last) = (self.kept.first().copied(), self.kept.last().copied());
        let validator = self.epochs.first().map(|reported| Account(reported.evidence.validator));
        let neuron = validator.and_then(|hotkey| self.graph.by_hotkey(&hotkey));
        let served = neuron
            .map(|neuron| neuron.tells_evidence)
            .ok_or("the validator has no uid in this block".to_owned());
        let none = || Cell::Unknown("there is none".into());
        let texts = self.epochs.iter().map(|reported| reported.evidence.texts);
        let (named, kept) = texts.fold((0, 0), |(named, kept), (more, there)| (named + more, kept + there));
        Section {
            id: "retention".into(),
            title: "Retention".into(),
            about: vec![
                "A validator keeps its evidence until the most epochs or bytes that it was started with are \
                reached; the oldest epochs go first. The defaults are 200 epochs and 16 GiB.".into(),
                "Current requests of customers are in no evidence. Earlier ones that customers allowed to be \
                asked again are tasks like others, and only their hashes are counted here. Their texts are deleted \
                after 20 epochs by default; the root stays as it is.".into(),
            ],
            facts: vec![
                Fact::new("retention.epochs", "Epochs in this folder", self.kept.len(), &[&again]),
                Fact::new(
                    "retention.first",
                    "The first of them",
                    first.map_or_else(none, Cell::from),
                    &[&again],
                ),
                Fact::new(
                    "retention.last",
                    "The last of them",
                    last.map_or_else(none, Cell::from),
                    &[&again],
                ),
                self.keep_limits(),
                Fact::new(
                    "retention.served",
                    "The validator announced that it serves its evidence",
                    cell(&served, |served| *served),
                    &[&self.checks.metagraph],
                ),
                Fact::new(
                    "retention.texts",
                    "Different requests and answers that judged records name",
                    named,
                    &[&again],
                ),
                Fact::new("retention.texts_kept", "Of them in the folder", kept, &[&again])
                    .noted("The others were removed or never kept; their hashes stay in the records."),
            ],
            ..Section::default()
        }
    }

    fn keep_limits(&self) -> Fact {
        let limits = cell(&self.limits, |limits| {
            json!({
                "keep_epochs": limits.keep_epochs,
                "keep_mib": limits.keep_bytes >> 20,
                "keep_customer_texts": limits.keep_customer_texts,
            })
        });
        let fact = Fact::new("retention.limit", "Limits of this validator", limits, &[]);
        match &self.limits {
            Ok(_) => fact.noted(OWN_LIMITS),
            Err(_) => fact,
        }
    }

    fn annexes(&self) -> Section {
        let texts: BTreeSet<&String> =
            self.epochs.iter().filter_map(|reported| reported.rules.as_ref()).collect();
        let about = match texts.is_empty() {
            true => "The text of the rubric is not known: the chain has no text, and none was given with \
            --rules."
                .to_owned(),
            false => {
                "The text of the rubric, as its hash names it. Letters that change the display of others \
            are shown by their numbers."
                    .to_owned()
            }
        };
        let annex = |text: &&String| Annex {
            title: format!("Rubric {}", to_hex(&myelin_subnet::rules::rules_hash(text))),
            text: readable(text, true),
        };
        Section {
            id: "annex".into(),
            title: "Annex: text of the rubric".into(),
            about: vec![about],
            annexes: texts.iter().map(annex).collect(),
            ..Section::default()
        }
    }
}

/// Whether the chain had the weights of the folder. The chain scales weights so that the largest is 65,535.
fn is_same_row(kept: &KeptWeights, end: &Counted) -> bool {
    let of_folder = kept.weights.uids.iter().copied().zip(max_upscale(&kept.weights.values));
    let set = |row: &mut dyn Iterator<Item = (u16, u16)>| {
        row.filter(|(_, weight)| *weight > 0).collect::<BTreeSet<_>>()
    };
    set(&mut of_folder.into_iter()) == set(&mut end.row.iter().copied())
}

/// Cells about a miner in an epoch.
pub fn miner_row(
    Reported { evidence, chain, .. }: &Reported,
    (uid, hotkey): (u16, Hash),
    miner: &Miner,
    parts: Option<&[String]>,
) -> BTreeMap<&'static str, Cell> {
    let tally = &miner.tally;
    let means = tally.parts();
    let parts: serde_json::Map<String, Value> = (0..means.len())
        .map(|at| {
            let name = parts.and_then(|names| names.get(at)).map(|name| short(name));
            (name.unwrap_or_else(|| format!("part {}", at + 1)), means[at].into())
        })
        .collect();
    let mut models: Vec<String> = miner
        .models
        .keys()
        .map(|id| if *id == Hash::default() { "none".to_owned() } else { to_hex(id) })
        .collect();
    if miner.more_models > 0 {
        models.push(format!("others, in {} answers", miner.more_models));
    }
    let resting = tally.resting().ok_or_else(|| "no score of it counts".to_owned());
    let weight = match &evidence.weights {
        Some(kept) => Ok(weight_of(kept, uid, &to_hex(&hotkey))),
        None => Err("the folder has no weights of this mechanism".to_owned()),
    };
    let incentive = chain.counted.as_ref().map_err(Clone::clone).and_then(|end| {
        let at = usize::from(uid);
        match end.hotkeys.get(at) == Some(&Account(hotkey)) {
            true => Ok(end.incentive.get(at).copied().unwrap_or_default()),
            false => Err(format!("another hotkey had the uid in block {}", end.block)),
        }
    });
    let mean = tally.mean().ok_or("no score of it counts".to_owned());
    BTreeMap::from([
        ("uid", uid.into()),
        ("hotkey", address(&Account(hotkey)).into()),
        ("asked", tally.records().into()),
        ("answers", tally.answers.into()),
        ("score", cell(&mean, |mean| *mean)),
        ("parts", Cell::Value(Value::Object(parts))),
        ("absent", tally.of(Reason::Unreachable).into()),
        ("late", tally.of(Reason::Late).into()),
        ("deleted", tally.customers.1.into()),
        ("deleted_part", cell(&resting, |part| *part)),
        ("models", json!(models).into()),
        ("weight", cell(&weight, |weight| *weight)),
        ("incentive", cell(&incentive, |share| *share)),
    ])
}

/// The weight of a neuron; 0 for one that got none.
fn weight_of(kept: &KeptWeights, uid: u16, hotkey: &str) -> u16 {
    let is_seated = |seat: &KeptSeat| seat.uid == uid && seat.hotkey == hotkey;
    if !kept.seats.iter().any(is_seated) {
        return 0;
    }
    let row = kept.weights.uids.iter().zip(&kept.weights.values);
    row.into_iter().find(|(weighed, _)| **weighed == uid).map_or(0, |(_, weight)| *weight)
}

/// Source of the limits of a folder.
const OWN_LIMITS: &str =
    "The validator's own statement, by the options with which it last started. It is under no \
    root, and nobody can check it.";

/// Limits of an epoch that was fetched.
const PUBLIC_PART: &str = "The folder has the public part of this epoch: records, standings and weights, checked \
    against its root. Tasks, seeds, signatures, declared models and texts are not in it, so scores cannot be judged \
    again, and the tasks of all mechanisms are counted together.";

/// Limits of a report.
fn limits() -> Section {
    let about = [
        "The numbers of answers, scores and weights are the validator's, as its evidence has them. This report \
        judged nothing again; `myelin evidence replay` does.",
        "Values of the chain are those that a node gave, without proof. `myelin evidence verify` proves roots, weights \
        and incentives.",
        "The root on the chain shows that the evidence was fixed before its weights were revealed. It does not \
        show that questions were useful or scores fair.",
        "A proof that held covers a sample of twenty answers that nobody could choose.",
        "That a declared model is the one that answered is shown only where the kind of subnet runs declared \
        models again.",
        "Licences, parents and data hashes are statements of publishers. Nobody checked that a licence permits a use.",
        "Requests, answers and requests of customers are not in this report, and neither are addresses of machines.",
        "Weights of other validators shaped the incentive, too. Of their evidence this report has at most claims that \
        miners gave no answer.",
        "Answers that are judged epochs later are counted in the epoch in which they were judged.",
    ];
    Section {
        id: "limits".into(),
        title: "What this report does not show".into(),
        about: about.map(str::to_owned).to_vec(),
        ..Section::default()
    }
}

#[cfg(test)]
pub mod tests;

use clap::CommandFactory;
use myelin_abi::{EvidenceRoot, RubricChange, RubricSource};
use myelin_chain_client::Neuron;
use myelin_provenance::{Contributor, Record, Statement, WeightsKind};
use myelin_subnet::chain::WeightVector;
use myelin_subnet::evidence::{DeletedTask, KeepLimits};
use myelin_subnet::rules::{rules_hash, Terms};
use myelin_units::{AlphaBalance, TaoBalance};

use super::*;
use crate::subnets::Kinds;
use crate::Cli;

/// A text that would run a script if it were not escaped.
pub const HOSTILE: &str = "</td><script>alert('x')</script>\"&\u{202e}";

const VALIDATOR: [u8; 32] = [8; 32];

fn neuron(uid: u16, hotkey: [u8; 32]) -> Neuron {
    Neuron {
        uid,
        hotkey: Account(hotkey),
        coldkey: Account([3; 32]),
        axon: "203.0.113.77:8091".parse().ok(),
        signed_bodies: true,
        tells_evidence: uid == 0,
        active: true,
        validator_permit: uid == 0,
        last_update: 5,
        registered_at: 1,
        emission: AlphaBalance::from_rao(1),
        incentive: 9,
        dividends: 9,
        consensus: 9,
        alpha_stake: AlphaBalance::from_rao(1_500_000_000),
        tao_stake: TaoBalance::from_rao(7),
        total_stake: AlphaBalance::from_rao(1_500_000_001),
    }
}

fn graph() -> Metagraph {
    Metagraph {
        netuid: 2,
        name: HOSTILE.into(),
        block: 900,
        tempo: 100,
        last_epoch: 800,
        owner: Account([6; 32]),
        owner_hotkey: Account([7; 32]),
        commit_reveal: true,
        reveal_period: 1,
        weights_rate_limit: 0,
        tao_in: TaoBalance::from_rao(1),
        alpha_in: AlphaBalance::from_rao(1),
        alpha_out: AlphaBalance::from_rao(1),
        burn: TaoBalance::from_rao(1),
        neurons: vec![neuron(0, VALIDATOR), neuron(1, [11; 32]), neuron(2, [12; 32])],
    }
}

/// A record of a model with every mark.
pub fn model(id: u8, aliases: Vec<Hash>) -> Model<Account> {
    let record = Record {
        publisher: Account([6; 32]),
        model: [id; 32],
        kind: WeightsKind::Gguf,
        size: 5,
        name: HOSTILE.as_bytes().to_vec(),
        parents: vec![[70; 32]],
        contributors: vec![Contributor { account: Account([6; 32]), share: 1_000_000 }],
        run: None,
        licence: b"MIT OR Apache-2.0".to_vec(),
        data: vec![[71; 32]],
        urls: vec![b"https://models.example/secret-address".to_vec()],
        aliases,
    };
    Model {
        record,
        owner: Account([6; 32]),
        serial: 0,
        since: 4,
        confirmed: 1,
        deposit: TaoBalance::from_rao(1),
        disputes: 2,
        withdrawn: Some(50),
        taken_down: Some(Statement { block: 60, hash: [1; 32], reference: HOSTILE.as_bytes().to_vec() }),
    }
}

fn rules() -> String {
    "myelin/rubric/1 analysis 1\nshare <b>accuracy</b> 3\nmechanism 0 serve\ntask open<i> round 2 1 8000 4096 \
    4\n".into()
}

fn evidence() -> Epoch {
    let mut epoch = Epoch {
        number: 7,
        validator: VALIDATOR,
        rounds: 2,
        sources: BTreeMap::from([(700, [1; 32]), (750, [2; 32])]),
        genesis: Some([1; 32]),
        questions: 3,
        root: [44; 32],
        texts: (6, 4),
        ..Epoch::default()
    };
    let rubric = myelin_wire::hash::blake2_256(b"myelin/rubric/1 analysis 1\nshare <b>accuracy</b> 3\n");
    epoch.rubrics = BTreeSet::from([[rubric[0], rubric[1], rubric[2], rubric[3]]]);
    let mut miner = Miner::default();
    miner.tally.by_reason[usize::from(Reason::Scored.code())] = 2;
    miner.tally.by_reason[usize::from(Reason::Late.code())] = 1;
    miner.tally.answers = 2;
    miner.tally.scores = (3, 1_500_000);
    miner.tally.parts[0] = (1_500_000, 2);
    miner.models = BTreeMap::from([([50; 32], 1), ([51; 32], 1), ([52; 32], 1), ([0; 32], 1)]);
    miner.more_models = 5;
    (miner.tally.customers, miner.tally.resting) = ((2, 1), 1);
    epoch.deleted =
        vec![DeletedTask { round: 1, seed: "ab".repeat(32), number: 3, at: 951_782_400, named: true }];
    epoch.all = miner.tally.clone();
    epoch.all.by_reason[usize::from(Reason::Garbage.code())] = 4;
    epoch.miners = BTreeMap::from([((1, [11; 32]), miner), ((2, [13; 32]), Miner::default())]);
    let seat = |uid, hotkey: Hash| KeptSeat { uid, hotkey: to_hex(&hotkey) };
    epoch.weights = Some(KeptWeights {
        mechanism: 0,
        block: 760,
        rules: to_hex(&rules_hash(&rules())),
        terms: Terms::default(),
        standings: String::new(),
        seats: vec![seat(1, [11; 32]), seat(2, [13; 32])],
        weights: WeightVector { uids: vec![1, 2], values: vec![1, 0], version_key: 0 },
        silent: None,
        submitted: true,
    });
    epoch
}

/// A chain that knows everything about the epoch.
pub fn told() -> Told {
    let rubric = RubricChange { rubric: RubricSource::Text(rules().into_bytes()).into(), from: 12 };
    let history = History::default().prove(8);
    Told {
        block: 760,
        times: (Ok(951_782_400_000), Ok(951_782_500_000)),
        epoch: Ok(7),
        graph: Ok(graph()),
        rubric: Ok(Some(rubric)),
        foreign: vec![],
        root: Ok(EvidenceRoot {
            commit: [1; 32],
            root: [44; 32],
            signer: Account(VALIDATOR),
            epoch: 7,
            began: 699,
            block: 770,
        }),
        counted: Ok(Counted {
            epoch: 8,
            block: 880,
            incentive: vec![0, 32_768, 1],
            hotkeys: vec![Account(VALIDATOR), Account([11; 32]), Account([12; 32])],
            row: vec![(1, 65_535)],
            demanded: Some(3),
            history,
        }),
    }
}

/// Claims of three validators, of which one stands alone.
fn claims() -> Compared {
    let told = |denied| crate::commands::evidence::claims::Told::denying((1, [1; 16]), &[denied; 3]);
    let told = BTreeMap::from([(0, told(9)), (3, told(0)), (4, told(0))]);
    Compared::of(7, told, vec!["a stranger's folder".into()])
}

/// A report in which strangers' texts are hostile.
pub fn hostile() -> Found {
    Found {
        checks: Checks::new(2, 0, Some("analysis")),
        mechanism: 0,
        genesis: [1; 32],
        graph: graph(),
        kept: vec![5, 6, 7],
        limits: Ok(KeepLimits { keep_epochs: 90, keep_bytes: (5 << 20) + 1, keep_customer_texts: 3 }),
        epochs: vec![Reported {
            evidence: evidence(),
            chain: told(),
            rules: Some(rules()),
            claims: Some(claims()),
        }],
        models: Ok(vec![model(50, vec![]), model(60, vec![[51; 32]])]),
    }
}

/// The same on a node that has forgotten the state of the epoch, without the text of the rubric and without weights.
pub fn forgotten() -> Found {
    let mut found = hostile();
    found.checks = Checks::new(2, 0, None);
    found.models = Err("this chain keeps no records of models".into());
    found.limits = Err("the folder does not say with which limits its validator runs".into());
    let reported = &mut found.epochs[0];
    let why = || "the node no longer has the state of block 760".to_owned();
    let Told { times, epoch, graph, rubric, root, counted, .. } = &mut reported.chain;
    *times = (Err(why()), Err(why()));
    (*epoch, *graph, *rubric, *root, *counted) = (Err(why()), Err(why()), Err(why()), Err(why()), Err(why()));
    (reported.rules, reported.evidence.weights) = (None, None);
    found
}

/// The commands of a report.
fn commands(document: &Document) -> BTreeSet<&String> {
    let mut all = BTreeSet::new();
    for section in &document.sections {
        all.extend(section.facts.iter().flat_map(|fact| &fact.verify));
        for table in &section.tables {
            all.extend(table.verify.iter().chain(table.rows.iter().flat_map(|row| &row.verify)));
        }
    }
    all
}

fn fact<'a>(document: &'a Document, id: &str) -> &'a Fact {
    let mut facts = document.sections.iter().flat_map(|section| &section.facts);
    facts.find(|fact| fact.id == id).expect("a statement")
}

fn table<'a>(document: &'a Document, id: &str) -> &'a Table {
    document
        .sections
        .iter()
        .flat_map(|section| &section.tables)
        .find(|table| table.id == id)
        .expect("a table")
}

#[test]
fn every_command_of_a_report_is_one_of_this_command_line() {
    let mut seen = 0;
    for found in [hostile(), forgotten()] {
        let document = found.document();
        for command in commands(&document) {
            seen += 1;
            let line = Kinds::with(Vec::new()).describe(Cli::command());
            // The options of the validator are its own.
            let parsed = line.try_get_matches_from(command.replace(" OPTIONS", "").split(' '));
            assert!(parsed.is_ok(), "{command}: {}", parsed.expect_err("an error"));
        }
        // Commands within sentences, too.
        for said in document.sections.iter().flat_map(|section| &section.about) {
            for words in said.split('`').skip(1).step_by(2).filter(|code| code.starts_with("myelin ")) {
                let line = Kinds::with(Vec::new()).describe(Cli::command());
                let known = words.split(' ').skip(1).try_fold(&line, |line, word| line.find_subcommand(word));
                assert!(known.is_some(), "{words}");
            }
        }
    }
    assert!(seen > 20, "{seen}");
    let refused = Kinds::with(Vec::new()).describe(Cli::command());
    assert!(refused.try_get_matches_from(["myelin", "evidence", "report", "--nothing"]).is_err());
}

#[test]
fn every_statement_of_the_report_has_a_command_or_says_that_it_has_none() {
    let document = hostile().document();
    let without: Vec<&str> = document
        .sections
        .iter()
        .flat_map(|section| &section.facts)
        .filter(|fact| fact.verify.is_empty())
        .map(|fact| fact.id)
        .collect();
    assert_eq!(without, ["retention.limit"]);
}

#[test]
fn names_of_statements_are_unique_and_documented() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/evidence-report.md");
    let page = std::fs::read_to_string(page).expect("the page about the JSON");
    assert!(page.contains(SCHEMA));
    let document = hostile().document();
    let mut ids = BTreeSet::new();
    for section in &document.sections {
        ids.extend(section.facts.iter().map(|fact| fact.id));
        for table in &section.tables {
            assert!(page.contains(&format!("`{}`", table.id)), "{}", table.id);
            for row in &table.rows {
                assert!(row.cells.keys().eq(table
                    .columns
                    .iter()
                    .map(|column| column.id)
                    .collect::<BTreeSet<_>>()
                    .iter()));
            }
            for column in &table.columns {
                assert!(
                    page.contains(&format!("`{}.{}`", table.id, column.id)),
                    "{}.{}",
                    table.id,
                    column.id
                );
            }
        }
    }
    let facts: usize = document.sections.iter().map(|section| section.facts.len()).sum();
    assert_eq!(ids.len(), facts, "a name is used twice");
    for id in ids {
        assert!(page.contains(&format!("`{id}`")), "{id} is not on the page");
    }
}

#[test]
fn statements_say_what_evidence_and_chain_have() {
    let document = hostile().document();
    let value = |id: &str| serde_json::to_value(&fact(&document, id).cell).expect("JSON")["value"].clone();
    assert_eq!(value("validator.uid"), 0);
    assert_eq!(value("validator.alpha_stake_rao"), 1_500_000_000);
    assert_eq!(value("period.first_time"), "2000-02-29T00:00:00Z");
    assert_eq!(value("period.blocks_on_chain"), 2);
    assert_eq!((value("rubric.since"), value("rubric.same")), (12.into(), true.into()));
    assert_eq!((value("answers.asked"), value("answers.late")), (7.into(), 1.into()));
    assert_eq!((value("answers.of_customers"), value("answers.deleted")), (2.into(), 1.into()));
    let deleted = serde_json::to_value(&table(&document, "deleted").rows).expect("JSON");
    assert_eq!(deleted[0]["cells"]["at"]["value"], "2000-02-29T00:00:00Z", "{deleted}");
    assert_eq!(value("answers.faults"), json!({ "garbage": 4 }));
    assert_eq!((value("proof.same_root"), value("proof.held")), (true.into(), "a proof held".into()));
    assert_eq!((value("proof.weights_counted"), value("proof.same_weights")), (true.into(), true.into()));
    assert_eq!((value("retention.served"), value("retention.texts_kept")), (true.into(), 4.into()));
    let miners = serde_json::to_value(&table(&document, "miners").rows).expect("JSON");
    let (first, second) = (&miners[0]["cells"], &miners[1]["cells"]);
    assert_eq!(first["score"]["value"], 500_000);
    assert_eq!((&first["deleted"]["value"], &first["deleted_part"]["value"]), (&1.into(), &333_333.into()));
    assert_eq!(first["parts"]["value"], json!({ "<b>accuracy</b>": 750_000 }));
    assert_eq!((&first["weight"]["value"], &first["incentive"]["value"]), (&1.into(), &32_768.into()));
    assert!(second["incentive"]["unknown"].as_str().is_some_and(|why| why.contains("another hotkey")));
    assert!(second["score"]["unknown"].is_string());
}

#[test]
fn limits_of_retention_are_the_validators_own_statement() {
    let (stated, silent) = (hostile().document(), forgotten().document());
    let (stated, silent) = (fact(&stated, "retention.limit"), fact(&silent, "retention.limit"));
    let limits = json!({ "keep_epochs": 90, "keep_mib": 5, "keep_customer_texts": 3 });
    assert_eq!((&stated.cell, stated.note), (&Cell::Value(limits), OWN_LIMITS));
    assert!(matches!(&silent.cell, Cell::Unknown(why) if why.contains("does not say")), "{silent:?}");
    assert_eq!(silent.note, "");
}

#[test]
fn models_have_their_records_and_marks() {
    let document = hostile().document();
    let models = serde_json::to_value(&table(&document, "models").rows).expect("JSON");
    let rows = models.as_array().expect("rows");
    assert_eq!(rows.len(), 3, "the absent model is none");
    let cells = |at: usize| &rows[at]["cells"];
    assert_eq!(cells(0)["record"]["value"], to_hex(&[50; 32]));
    assert_eq!(cells(0)["licence"]["value"], "MIT OR Apache-2.0");
    assert_eq!(cells(0)["data"]["value"], json!([to_hex(&[71; 32])]));
    assert_eq!(
        cells(0)["marks"]["value"],
        json!(["taken down at block 60", "withdrawn at block 50", "disputed 2 times"])
    );
    assert_eq!(cells(1)["record"]["value"], to_hex(&[60; 32]));
    assert!(cells(1)["marks"]["value"][3].as_str().is_some_and(|mark| mark.contains("older id")));
    assert!(cells(2)["record"]["unknown"].as_str().is_some_and(|why| why.contains("no record")));
    assert!(rows[0]["verify"][0].as_str().is_some_and(|command| command.ends_with(&to_hex(&[50; 32]))));
    assert_eq!(rows[2]["verify"], json!([]));
}

#[test]
fn a_claim_of_anothers_id_gives_way_to_its_record_and_is_called_a_claim() {
    let mut found = hostile();
    // Somebody claimed the ids 50 and 51 before the author of model 50 published it.
    found.models = Ok(vec![model(60, vec![[50; 32], [51; 32]]), model(50, vec![])]);
    let document = found.document();
    let models = serde_json::to_value(&table(&document, "models").rows).expect("JSON");
    let record = |at: usize| models[at]["cells"]["record"]["value"].clone();
    assert_eq!((record(0), record(1)), (to_hex(&[50; 32]).into(), to_hex(&[60; 32]).into()));
    let is_claim =
        |at: usize| models[at]["cells"]["marks"]["value"].to_string().contains("by the publisher's word");
    assert_eq!((is_claim(0), is_claim(1)), (false, true), "{models}");
}

#[test]
fn what_a_node_has_forgotten_is_said_and_not_left_out() {
    let (full, document) = (hostile().document(), forgotten().document());
    let ids = |document: &Document| -> Vec<&'static str> {
        document.sections.iter().flat_map(|section| &section.facts).map(|fact| fact.id).collect()
    };
    assert_eq!(ids(&full), ids(&document));
    for id in ["validator.uid", "period.first_time", "rubric.since", "proof.root_on_chain", "proof.held"] {
        let cell = &fact(&document, id).cell;
        assert!(
            matches!(cell, Cell::Unknown(why) if why.contains("no longer has the state")),
            "{id}: {cell:?}"
        );
    }
    let scope = serde_json::to_value(&fact(&document, "answers.scope").cell).expect("JSON");
    assert!(scope["value"].as_str().is_some_and(|said| said.contains("--rules")), "{scope}");
}

#[test]
fn a_differing_root_or_row_is_said() {
    let mut found = hostile();
    found.epochs[0].evidence.root = [45; 32];
    if let Ok(end) = &mut found.epochs[0].chain.counted {
        end.row.push((2, 1));
        end.history = History::default().fail(8);
    }
    let document = found.document();
    let value = |id: &str| serde_json::to_value(&fact(&document, id).cell).expect("JSON")["value"].clone();
    assert_eq!((value("proof.same_root"), value("proof.same_weights")), (false.into(), false.into()));
    assert_eq!(
        (value("proof.held"), value("proof.weights_counted")),
        ("a proof failed".into(), false.into())
    );
}

#[test]
fn no_address_and_no_customer_is_in_a_report() {
    for found in [hostile(), forgotten()] {
        let text = serde_json::to_string(&found.document()).expect("JSON");
        for secret in ["203.0.113.77", "8091", "secret-address", "ws://"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

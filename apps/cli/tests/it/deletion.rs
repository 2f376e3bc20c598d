//! Texts of customers are deleted from the evidence that a real validator of the kind `analysis` has kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use myelin_analysis::miner::Backend;
use myelin_analysis::past::{Accepted, Past};
use myelin_analysis::protocol::{AnalysisRequest, AnalysisResponse};
use myelin_analysis::query::Query;
use myelin_analysis::task::Source;
use myelin_analysis::upload::{tables_from_csv, File, UploadLimits};
use myelin_analysis::{AnalysisConfig, AnalysisSubnet, Load};
use myelin_subnet::evidence::{EvidenceFolder, KeptTask};
use myelin_subnet::testkit::{overhear, NETUID};
use myelin_subnet::{AnswerContext, AnswerError, Subnet};
use serde_json::Value;

use super::harness::Network;
use super::text;

/// A word of customers, which nothing else contains.
const MARKER: &str = "quagga";
/// Earlier requests of customers among the tasks of each miner.
const CONTROLS: u16 = 2;

/// A miner that counts the rows, and repeats the question.
struct Counting;

impl Backend for Counting {
    fn answer(&self, _: &AnswerContext, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        let table = &request.schema.tables[0].name;
        let explanation = request.question.clone();
        Ok(AnalysisResponse { sql: format!("SELECT COUNT(*) FROM \"{table}\""), explanation })
    }
}

/// A question of a customer about a table with its word.
fn asked(number: usize) -> AnalysisRequest {
    let rows = (0..40).map(|row| format!("{row},{MARKER}{},{}\n", row * 7 % 5 % 3, row * 7 % 40));
    let csv = format!("id,animal,weight\n{}", rows.collect::<String>());
    let file = File { name: "herd", bytes: csv.as_bytes() };
    let upload = tables_from_csv(&[file], &UploadLimits::default()).expect("tables");
    upload.request(&format!("what does {MARKER} number {number} weigh?"))
}

/// Runs a validator with customers for two rounds. Its folder is `folder`.
fn judge(folder: &Path) {
    let accepted = format!("SELECT SUM(weight) FROM herd WHERE animal = '{MARKER}0'");
    let line = |number| Accepted { request: asked(number), answer: Query::read(&accepted).expect("a query") };
    let past = Past::new((0..40).map(line).collect()).expect("enough requests");
    let judging = AnalysisSubnet::open(AnalysisConfig {
        source: Some(Source::public().expect("words")),
        past: Some(Arc::new(past)),
        load: Load { control: CONTROLS, ..Load::default() },
        ..AnalysisConfig::default()
    });
    let miner = |_| {
        let backend: Arc<dyn Backend> = Arc::new(Counting);
        AnalysisSubnet::open(AnalysisConfig { backend: Some(backend), ..AnalysisConfig::default() })
    };
    let miners = (0..2).map(miner).collect::<Result<Vec<_>, _>>().expect("miners");
    let requests: Vec<Value> =
        (100..103).map(|number| serde_json::to_value(asked(number)).expect("JSON")).collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let heard = overhear(folder, judging.expect("a validator"), miners, &requests, (3_000, 1));
    let heard = runtime.block_on(heard).expect("two rounds");
    assert!(
        heard.iter().any(|request| request.body.to_string().contains(MARKER)),
        "nobody was asked for a customer"
    );
}

/// Files below a folder that contain some words.
fn finds(folder: &Path, words: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            found.extend(finds(&path, words));
        } else if std::fs::read(&path)
            .expect("a file")
            .windows(words.len())
            .any(|window| window == words.as_bytes())
        {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_customers_asked_is_deleted_and_the_rest_is_judged_again() {
    let place = tempfile::tempdir().expect("a folder");
    let validator = place.path().join("validator");
    judge(&validator);
    // No node is asked for anything here.
    let net = Network::at(place.path(), "ws://127.0.0.1:1".into());
    let evidence = validator.join("evidence").display().to_string();
    let folder = EvidenceFolder { path: validator.join("evidence"), keep: usize::MAX };
    let epoch = *folder.epochs().last().expect("an epoch");
    let signer = folder
        .rounds(epoch)
        .into_iter()
        .find_map(|round| folder.records(epoch, round).expect("records").first().map(|record| record.signer));
    let signer = signer.expect("a record");
    let fixed = || {
        let records =
            folder.rounds(epoch).into_iter().map(|round| folder.records(epoch, round).expect("records"));
        let records: Vec<_> = records.collect();
        (folder.tree(NETUID, epoch, signer).expect("a tree").tree.root(), records)
    };
    let number = epoch.to_string();
    let controls = CONTROLS.to_string();
    let options = ["--kind", "analysis", "--controls", &controls, "--epoch", &number, "--offline"];
    let replay = [&["evidence", "replay"][..], &options, &[&evidence]].concat();
    let judged = || net.ok(&[&replay[..], &["--json"]].concat());
    let sum = |found: &Value, field: &str| -> u64 {
        let rounds = found["rounds"].as_array().expect("rounds").iter();
        rounds.map(|round| round["not_judged_again"][field].as_u64().expect("a number")).sum()
    };
    let whole = judged();
    let of_customers = sum(&whole, "of_customers");
    assert!(of_customers > 0 && sum(&whole, "deleted") == 0, "{whole}");
    let before = fixed();
    assert!(!finds(&validator, MARKER).is_empty());

    let unasked = ["evidence", "redact", "--evidence", &evidence, "--epoch", &number];
    let redact = [&unasked[..], &["--yes"]].concat();
    refusals(&net, &folder, epoch, &redact);
    assert!(net.refused(&unasked).contains("nothing was done"));
    let inbox = validator.join("organic").display().to_string();
    let deleted = net.ok(&[&redact[..], &["--json"]].concat());
    assert!(
        deleted["deleted"].as_u64() > Some(0) && deleted["deleted"] == deleted["deleted_in_all"],
        "{deleted}"
    );
    let left = finds(&validator, MARKER);
    // The folder of customers is cleared by age.
    assert!(left.iter().all(|path| path.starts_with(&inbox)), "{left:?}");
    assert_eq!(fixed(), before);

    let rest = judged();
    assert_eq!((sum(&rest, "deleted"), sum(&rest, "of_customers")), (of_customers, of_customers), "{rest}");
    let rounds = rest["rounds"].as_array().expect("rounds");
    let parts =
        rounds.iter().flat_map(|round| round["not_judged_again"]["miners"].as_array().expect("miners"));
    assert!(parts.clone().count() > 0 && rounds.iter().all(|round| round["faults"] == serde_json::json!([])));
    assert!(
        parts.clone().all(|miner| miner["part_of_score_millionths"].as_u64() < Some(1_000_000)),
        "{rest}"
    );
    let shown = net.run(&replay);
    let said = format!("not judged again: {of_customers} of {of_customers} records of customers");
    assert!(text(&shown.stderr).contains(&said), "{}", text(&shown.stderr));
    assert!(text(&shown.stdout).contains("all others arrive at the same"), "{}", text(&shown.stdout));
    assert!(!text(&shown.stderr).contains("WARNING"));

    let again = net.ok(&[&redact[..], &["--customers", "--json"]].concat());
    assert_eq!((&again["deleted"], &again["files"]), (&0.into(), &0.into()), "{again}");
    // A record that is changed afterwards is found.
    let round = folder.rounds(epoch)[0];
    let mut records = folder.records(epoch, round).expect("records");
    records[0].score = myelin_wire::record::Ppm::new(records[0].score.get() ^ 1);
    folder.write_records(epoch, round, records.iter()).expect("written");
    let why = net.refused(&replay);
    assert!(why.contains("not as the validator says"), "{why}");
}

/// Nothing is deleted from an open epoch, from one that is not there, and of the validator's own tasks.
fn refusals(net: &Network<'_>, folder: &EvidenceFolder, epoch: u64, redact: &[&str]) {
    let why = net.refused(redact);
    assert!(why.contains("is the newest"), "{why}");
    std::fs::create_dir(folder.path.join(format!("epoch-{:06}", epoch + 1))).expect("the next epoch");
    let why = net.refused(&[&redact[..4], &["--epoch", "999999"]].concat());
    assert!(why.contains("no evidence of epoch 999999"), "{why}");
    let rounds = folder.rounds(epoch);
    let tasks = rounds.iter().flat_map(|round| folder.tasks(epoch, *round).expect("tasks").tasks);
    let (of_customers, own): (Vec<KeptTask>, Vec<KeptTask>) = tasks.partition(|task| task.customer.is_some());
    assert!(!of_customers.is_empty());
    let named = |task: &KeptTask| format!("{}:{}", task.seed, task.number);
    let why = net.refused(&[redact, &["--task", &named(&own[0])]].concat());
    assert!(why.contains("is the validator's own"), "{why}");
    let (customers, own) = (named(&of_customers[0]), named(&own[0]));
    let both = [redact, &["--task", &customers, "--task", &own]].concat();
    assert!(net.refused(&both).contains("nothing was deleted"));
    assert_eq!(folder.deleted(epoch).expect("a list"), Vec::new());
}

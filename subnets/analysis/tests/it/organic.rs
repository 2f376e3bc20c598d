//! Requests of customers stand among tasks, and a miner that receives both cannot tell them apart.
//!
//! The customers' tables are parts of public ones: every so many-th row of the examples of the crate `csv` (football
//! plays, cities, bus stops, American towns; `tables/`). Their questions were written by hand for this test
//! (`questions.jsonl`), not by the generator of tasks. Several customers ask the same question of different rows. Every
//! question has as many earlier customers as present ones; otherwise a learner could tell by chance which was asked
//! more often.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use myelin_analysis::{
    judge::Judge,
    miner::Backend,
    past::{Accepted, Past},
    protocol::{AnalysisRequest, AnalysisResponse},
    query::Query,
    task::control,
    upload::{tables_from_csv, File, UploadLimits},
    AnalysisConfig, AnalysisSubnet, Load,
};
use myelin_subnet::{
    past::UsedUp,
    testkit::{enough_of, overhear, sorted, Heard},
    AnswerContext, AnswerError, Subnet,
};
use myelin_wire::seed::{Seed, SeedRng};
use serde::Deserialize;
use serde_json::Value;

use super::public;

/// Customers of each question, the present ones among them, and the rows of each customer.
const CUSTOMERS: usize = 16;
const NOW: usize = 3;
const ROWS: usize = 60;
const MINERS: usize = 4;

#[derive(Deserialize)]
struct Line {
    table: String,
    question: String,
    sql: String,
}

/// Present and earlier questions about tables that exist, with right queries.
fn real() -> [Vec<Accepted>; 2] {
    let lines = include_str!("questions.jsonl").lines();
    let lines: Vec<Line> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut rng = Seed([8; 32]).rng();
    let (mut now, mut past) = (Vec::new(), Vec::new());
    let tables: BTreeSet<&str> = lines.iter().map(|line| line.table.as_str()).collect();
    for table in tables {
        let (head, rows) = rows_of(table);
        for line in lines.iter().filter(|line| line.table == table) {
            let mut asked = (0..CUSTOMERS).filter_map(|_| ask(line, head, &rows, &mut rng));
            now.extend(asked.by_ref().take(NOW));
            past.extend(asked);
        }
    }
    [now, past].map(|mut asked| {
        rng.shuffle(&mut asked);
        asked
    })
}

/// Head and rows of a table.
fn rows_of(table: &str) -> (&'static str, Vec<&'static str>) {
    let text = match table {
        "gtfs-mbta-stop-times" => include_str!("tables/gtfs-mbta-stop-times.csv"),
        "nfl" => include_str!("tables/nfl.csv"),
        "uspop" => include_str!("tables/uspop.csv"),
        "worldcitiespop" => include_str!("tables/worldcitiespop.csv"),
        other => panic!("no table {other}"),
    };
    let mut lines = text.lines();
    (lines.next().unwrap(), lines.collect())
}

fn ask(line: &Line, head: &str, rows: &[&str], rng: &mut SeedRng) -> Option<Accepted> {
    let mut part = rows.to_vec();
    rng.shuffle(&mut part);
    part.truncate(ROWS);
    let csv = part.iter().fold(format!("{head}\n"), |csv, row| csv + row + "\n");
    let file = File { name: &line.table, bytes: csv.as_bytes() };
    let upload = tables_from_csv(&[file], &UploadLimits::default()).ok()?;
    let mut request = upload.request(&line.question);
    request.ordered = is_ordered(&line.sql);
    request.check().ok()?;
    Some(Accepted { request, answer: Query::read(&line.sql).unwrap() })
}

/// Whether the result is sorted, not only a part of the query.
fn is_ordered(sql: &str) -> bool {
    let depth = |at: usize| sql[..at].matches('(').count() - sql[..at].matches(')').count();
    sql.match_indices(" ORDER BY ").any(|(at, _)| depth(at) == 0)
}

#[test]
fn queries_that_customers_accepted_judge_others_on_other_rows() {
    let [_, past] = real();
    let past = Past::new(past).unwrap();
    let (mut telling, count) = (0, 100);
    for number in 0..count {
        let task = control(&past, &UsedUp::default(), &Seed([5; 32]).derive(b"control", number)).unwrap();
        telling += u32::from(Judge::open(&task.hidden).unwrap().telling(4).unwrap() >= 4);
    }
    println!("{telling} of {count} controls say something on at least four hidden databases");
    assert!(telling > 95, "{telling} of {count}");
}

/// A backend that answers one request after the other, each in the same time.
struct Steady(Mutex<()>);

impl Backend for Steady {
    fn answer(&self, _: &AnswerContext, request: &AnalysisRequest) -> Result<AnalysisResponse, AnswerError> {
        let _one = self.0.lock();
        std::thread::sleep(Duration::from_millis(20));
        let table = &request.schema.tables[0].name;
        Ok(AnalysisResponse { sql: format!("SELECT COUNT(*) FROM \"{table}\""), ..Default::default() })
    }
}

/// The identity of a request, independent of its sender.
fn name_of(body: &Value) -> String {
    format!("{}{}{}", body["question"], body["schema"], body["examples"])
}

/// Messages that miners receive in a round with customers.
async fn a_round(past: &[Accepted], requests: &[Value]) -> Vec<Heard> {
    let judging = AnalysisSubnet::open(AnalysisConfig {
        source: Some(public()),
        past: Some(Arc::new(Past::new(past.to_vec()).unwrap())),
        load: Load { control: 4, ..Load::default() },
        ..AnalysisConfig::default()
    });
    let miner = |_| {
        let backend: Arc<dyn Backend> = Arc::new(Steady(Mutex::default()));
        AnalysisSubnet::open(AnalysisConfig { backend: Some(backend), ..AnalysisConfig::default() }).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let miners = (0..MINERS).map(miner).collect();
    overhear(folder.path(), judging.unwrap(), miners, requests, (3_000, 3)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn customers_requests_and_controls_cannot_be_told_apart() {
    let [now, past] = real();
    let json = |accepted: &Accepted| serde_json::to_value(&accepted.request).unwrap();
    let requests: Vec<Value> = now.iter().map(json).collect();
    let organic: BTreeSet<String> = requests.iter().map(name_of).collect();
    let known: BTreeSet<String> = past.iter().map(|accepted| name_of(&json(accepted))).collect();
    let round = async || sorted(&a_round(&past, &requests).await, &organic, &known, name_of);
    let samples = enough_of(round).await.expect("enough to tell");
    let told = samples.told_apart();
    println!("{told}");
    assert!(told.controls_are_hidden() && told.learner_learns(), "{told}");
}
